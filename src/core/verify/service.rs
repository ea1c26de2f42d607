//! The settings of Verify services and the account's templates: read from Twilio once in a while, and again
//! after every change.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use serde_json::json;

use super::refused::refused;
use super::send::{Order, friendly_name, service_gone};
use crate::api::verify::*;
use crate::api::{ApiError, Caller};
use crate::core::Core;
use crate::core::call::for_all;
use crate::core::change::{Change, Once, VerifyServiceSet};
use crate::domain::business::Business;
use crate::domain::id::Sid;
use crate::domain::sms;
use crate::domain::verification::render::{self, Rendered};
use crate::domain::verification::{Channel, Wish};
use crate::twilio::verify::attempts::Template;
use crate::twilio::verify::{VerifyService, VerifyServiceSettings};

/// How long what Twilio said is believed: somebody may change it in Twilio's own console.
const KEPT: Duration = Duration::from_secs(300);
/// Services that are remembered.
const SERVICES: u64 = 10_000;
/// Templates that are read.
const TEMPLATES: usize = 1000;
/// Days of which their use is counted, unless the caller says otherwise.
const DAYS: u32 = 30;

/// What is remembered of Twilio's answers.
pub(super) struct Services {
    services: Cache<Sid, Arc<VerifyServiceView>>,
    templates: Cache<(), Arc<Vec<TemplateView>>>,
}

impl Services {
    pub fn new() -> Services {
        Services {
            services: Cache::builder().max_capacity(SERVICES).time_to_live(KEPT).build(),
            templates: Cache::builder().max_capacity(1).time_to_live(KEPT).build(),
        }
    }

    /// What is remembered of a service, without asking.
    pub fn known(&self, sid: Sid) -> Option<Arc<VerifyServiceView>> {
        self.services.get(&sid)
    }

    /// What was remembered of a service is not true any more.
    pub fn forget(&self, sid: Sid) {
        self.services.invalidate(&sid);
    }
}

impl Core {
    pub(in crate::core) async fn get_verify_service(
        &self,
        caller: &Caller,
        input: &GetVerifyService,
    ) -> Result<VerifyServiceView, ApiError> {
        let (business, service) = self.verifying(caller, input.business)?;
        if input.again {
            self.0.verify.services.forget(service);
        }
        let view = self.service(&business, service).await?;
        Ok(self.guarded(&view).await)
    }

    pub(in crate::core) async fn update_verify_service(
        &self,
        caller: &Caller,
        input: UpdateVerifyService,
        once: Option<Once>,
    ) -> Result<VerifyServiceView, ApiError> {
        let (business, service) = self.verifying(caller, input.business)?;
        if let Some(length) = input.code_length.filter(|length| !(4..=10).contains(length)) {
            return Err(ApiError::field("codeLength", format!("a code has 4 to 10 digits, not {length}")));
        }
        let set = json!({ "friendlyName": input.friendly_name, "codeLength": input.code_length });
        let settings = VerifyServiceSettings {
            friendly_name: input.friendly_name.map(|name| friendly_name(&name)).transpose()?,
            code_length: input.code_length,
            lookup_enabled: input.lookup_enabled,
            skip_sms_to_landlines: input.skip_sms_to_landlines,
            dtmf_input_required: input.dtmf_input_required,
            psd2_enabled: input.psd2_enabled,
            do_not_share_warning_enabled: input.do_not_share_warning_enabled,
            custom_code_enabled: input.custom_code_enabled,
            default_template_sid: input.default_template,
            ..VerifyServiceSettings::default()
        };
        let answer = self.settings().client.verify().update_service(service, &settings).await;
        // Also when the answer was lost: what is remembered may be wrong now.
        self.0.verify.services.forget(service);
        let made = answer.map_err(|e| self.service_refused(&business, service, &e))?;
        let view = Arc::new(view(made));
        self.0.verify.services.services.insert(service, view.clone());
        let change = VerifyServiceSet { business: business.id, service, set };
        self.submit(&caller.agent, once, Change::VerifyServiceSet(change)).await?;
        Ok(self.guarded(&view).await)
    }

    /// The settings of a service, from memory if they were read lately.
    pub(super) async fn service(&self, business: &Business, sid: Sid) -> Result<Arc<VerifyServiceView>, ApiError> {
        if let Some(known) = self.0.verify.services.known(sid) {
            return Ok(known);
        }
        let found = self.settings().client.verify().fetch_service(sid).await;
        let found = Arc::new(view(found.map_err(|e| self.service_refused(business, sid, &e))?));
        self.0.verify.services.services.insert(sid, found.clone());
        Ok(found)
    }

    fn service_refused(&self, business: &Business, sid: Sid, e: &crate::twilio::Error) -> ApiError {
        if e.is_not_found() {
            self.0.verify.services.forget(sid);
            return service_gone(business, sid);
        }
        refused(e, None)
    }

    pub(in crate::core) async fn list_templates(
        &self,
        caller: &Caller,
        input: &ListTemplates,
    ) -> Result<TemplateList, ApiError> {
        self.business(caller, input.business)?;
        if input.all {
            for_all(caller, "leave out `all`")?;
        }
        let days = input.days.unwrap_or(DAYS);
        if !(1..=366).contains(&days) {
            return Err(ApiError::field("days", format!("{days} days cannot be counted: give 1 to 366")));
        }
        if input.again {
            self.0.verify.services.templates.invalidate(&());
        }
        let mut items = self.templates().await?.to_vec();
        let sids: Vec<Sid> = items.iter().map(|template| template.sid).collect();
        let (since, mut own) = self.template_uses(caller, Some(input.business), days, &sids)?;
        let mut of_all = if input.all { self.template_uses(caller, None, days, &sids)?.1 } else { Default::default() };
        for template in &mut items {
            template.used = own.remove(&template.sid);
            template.used_by_all = of_all.remove(&template.sid);
        }
        Ok(TemplateList { items, since: Some(since) })
    }

    /// The account's templates, from memory if they were read lately.
    pub(super) async fn templates(&self) -> Result<Arc<Vec<TemplateView>>, ApiError> {
        let memory = &self.0.verify.services.templates;
        if let Some(known) = memory.get(&()) {
            return Ok(known);
        }
        let client = &self.settings().client;
        let mut page = client.verify().templates().await.map_err(|e| refused(&e, None))?;
        let mut all: Vec<TemplateView> = Vec::new();
        loop {
            let (more, items) = (page.has_next(), std::mem::take(&mut page.items));
            all.extend(items.into_iter().map(template));
            if !more || all.len() >= TEMPLATES {
                break;
            }
            match client.next_page(&page).await.map_err(|e| refused(&e, None))? {
                Some(next) => page = next,
                None => break,
            }
        }
        all.sort_by_key(|template| template.name.to_lowercase());
        let all = Arc::new(all);
        memory.insert((), all.clone());
        Ok(all)
    }

    /// The order with the business's own template where it names none, and nothing that Twilio would refuse
    /// for a placeholder.
    pub(super) async fn with_template(&self, order: Order) -> Result<Order, ApiError> {
        let order = self.worded(order)?;
        let Some(sid) = order.wish.template else { return Ok(order) };
        if order.wish.channel.in_templates().is_none() {
            let detail = format!("Twilio has no templates for {}: leave the template out", order.wish.channel.word());
            return Err(ApiError::field("template", detail));
        }
        // Where the templates cannot be read, Twilio itself refuses what is wrong.
        if let Ok(templates) = self.templates().await
            && let Some(text) = translation(&templates, sid, &order.wish)
        {
            let missing = render::missing(&text.text, &order.wish.substitutions);
            if !missing.is_empty() {
                return Err(no_value(&text.locale, &missing));
            }
        }
        Ok(order)
    }

    /// The order in the business's own wording, where it names no template and the channel has any.
    pub(super) fn worded(&self, mut order: Order) -> Result<Order, ApiError> {
        if order.wish.template.is_some() || order.wish.channel.in_templates().is_none() {
            return Ok(order);
        }
        if let Some(own) = self.wording(order.business.id, 0)?
            && let Some(template) = own.template
        {
            let mut values = own.substitutions;
            values.append(&mut order.wish.substitutions);
            order.wish.substitutions = values;
            (order.wish.template, order.wish.template_version) = (Some(template), Some(own.version));
        }
        Ok(order)
    }

    /// The text of an order, as far as it is known without asking.
    pub(super) fn rendered(&self, order: &Order) -> Rendered {
        let known = self.0.verify.services.known(order.service);
        let name = order.wish.name.clone().or_else(|| known.as_ref().map(|s| s.friendly_name.clone()));
        let name = name.unwrap_or_else(|| order.business.name.clone());
        let digits = known.as_ref().map_or(6, |s| s.code_length);
        let templates = self.0.verify.services.templates.get(&());
        let sid = order
            .wish
            .template
            .or_else(|| known.as_ref().and_then(|s| s.default_template).filter(|_| order.wish.channel == Channel::Sms));
        if let (Some(templates), Some(sid)) = (&templates, sid)
            && let Some(text) = translation(templates, sid, &order.wish)
        {
            return render::template(&text.text, &name, &order.wish.substitutions, digits);
        }
        // Of a payment's text only the sense is known: it names the amount and the payee, too.
        let warns = known.is_some_and(|s| s.do_not_share_warning_enabled) || order.wish.amount.is_some();
        render::usual(order.wish.channel, order.wish.locale.as_deref(), &name, digits, warns || sid.is_some())
    }

    /// Segments of an order's text.
    pub(super) fn segments_of(&self, order: &Order) -> u32 {
        u32::try_from(self.rendered(order).measure.segments).unwrap_or(1)
    }
}

/// What a placeholder without a value says: 60224 before it happens.
pub(super) fn no_value(locale: &str, missing: &[String]) -> ApiError {
    let names: Vec<String> = missing.iter().map(|name| format!("{locale}/{{{{{name}}}}}")).collect();
    let detail = format!("the template needs a value for {}: give it in `substitutions`", names.join(", "));
    ApiError { twilio: Some(60224), ..ApiError::field("substitutions", detail) }
}

/// The text of a template that a wish gets: in its language, else the default one.
pub(super) fn translation<'t>(templates: &'t [TemplateView], sid: Sid, wish: &Wish) -> Option<&'t TranslationView> {
    let template = templates.iter().find(|template| template.sid == sid)?;
    let exact = |locale: &String| template.translations.iter().find(|t| t.locale.eq_ignore_ascii_case(locale));
    match &wish.locale {
        Some(locale) => exact(locale),
        None => template.translations.iter().find(|t| t.is_default).or_else(|| template.translations.first()),
    }
}

fn view(s: VerifyService) -> VerifyServiceView {
    VerifyServiceView {
        sid: s.sid,
        friendly_name: s.friendly_name.unwrap_or_default(),
        code_length: s.code_length.unwrap_or(6),
        lookup_enabled: s.lookup_enabled.unwrap_or(false),
        skip_sms_to_landlines: s.skip_sms_to_landlines.unwrap_or(false),
        dtmf_input_required: s.dtmf_input_required.unwrap_or(true),
        psd2_enabled: s.psd2_enabled.unwrap_or(false),
        do_not_share_warning_enabled: s.do_not_share_warning_enabled.unwrap_or(false),
        custom_code_enabled: s.custom_code_enabled.unwrap_or(false),
        default_template: s.default_template_sid,
        fraud_guard: None,
    }
}

fn template(t: Template) -> TemplateView {
    let translations = t.translations.into_iter().map(|(locale, one)| TranslationView {
        placeholders: render::placeholders(&one.text),
        segments: sms::measure(&one.text).segments,
        status: one.status.unwrap_or_default(),
        is_default: one.is_default_translation,
        text: one.text,
        locale,
    });
    let translations: Vec<TranslationView> = translations.collect();
    TemplateView {
        sid: t.sid,
        name: t.friendly_name.unwrap_or_default(),
        channels: t.channels.iter().map(|channel| channel.as_str().to_owned()).collect(),
        status: standing(&translations).to_owned(),
        used: None,
        used_by_all: None,
        translations,
    }
}

/// Where a template stands as a whole: where its worst text stands.
fn standing(texts: &[TranslationView]) -> &'static str {
    let any = |status: &str| texts.iter().any(|text| text.status == status);
    match (any("rejected"), texts.iter().all(|text| text.status == "approved")) {
        (true, _) => "rejected",
        (false, true) => "approved",
        (false, false) => "pending",
    }
}
