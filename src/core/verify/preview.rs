//! What would be sent and what it would cost, before anything is.

use super::recipient;
use super::send::{Order, friendly_name};
use super::service::translation;
use crate::api::verify::*;
use crate::api::{ApiError, Caller};
use crate::core::Core;
use crate::domain::phone::Phone;
use crate::domain::pricing::Item;
use crate::domain::verification::{Channel, Wish, extras, render};

impl Core {
    pub(in crate::core) async fn preview_verification(
        &self,
        caller: &Caller,
        input: PreviewVerification,
    ) -> Result<Preview, ApiError> {
        let (business, service) = self.verifying(caller, input.business)?;
        let (to, channel) = recipient(&input.to, input.channel, &self.settings().region)?;
        let settings = self.service(&business, service).await?;
        let templates = self.templates().await?;
        let wish = Wish {
            channel,
            locale: input.locale.filter(|locale| !locale.trim().is_empty()),
            template: input.template,
            substitutions: input.substitutions,
            name: input.friendly_name.map(|name| friendly_name(&name)).transpose()?,
            amount: input.amount,
            payee: input.payee,
            own_code: input.own_code,
            ..Wish::default()
        };
        let order = Order { business, service, to, wish, own_code: None, flow: None, confirm: None };
        let mut order = self.worded(order)?;
        let mut warnings = extras::refusals(&order.wish, settings.psd2_enabled, settings.custom_code_enabled);
        if channel == Channel::Sms && order.wish.template.is_none() {
            order.wish.template = settings.default_template;
        }
        let mut missing = Vec::new();
        let mut template_name = "no template".to_owned();
        if let Some(sid) = order.wish.template {
            match (channel.in_templates(), templates.iter().find(|t| t.sid == sid)) {
                (None, _) => {
                    warnings.push(format!("Twilio has no templates for {}: it is refused (60227)", channel.word()))
                }
                (_, None) => warnings.push(format!("Twilio has no template {sid}: it is refused (60228)")),
                (Some(word), Some(template)) => {
                    template_name.clone_from(&template.name);
                    if !template.channels.iter().any(|c| c == word) {
                        warnings.push(format!("the template is not for {word}: it is refused (60227)"));
                    }
                    match translation(&templates, sid, &order.wish) {
                        None => warnings.push(format!(
                            "the template has no text in {}: it is refused (60229)",
                            order.wish.locale.as_deref().unwrap_or("its default language")
                        )),
                        Some(text) => {
                            missing = render::missing(&text.text, &order.wish.substitutions);
                            if text.status != "approved" {
                                warnings.push(format!(
                                    "its text in {} is {}: it is refused (60201)",
                                    text.locale, text.status
                                ));
                            }
                            missing.iter().for_each(|name| {
                                warnings.push(format!(
                                    "{}/{{{{{name}}}}} has no value: it is refused (60224)",
                                    text.locale
                                ));
                            });
                        }
                    }
                }
            }
        }
        let known = self.landline(&order)?;
        warnings.extend(known);
        let rendered = self.rendered(&order);
        let phone = Phone::parse(order.to.as_str(), None).ok().filter(|_| channel != Channel::Email);
        let country = phone.as_ref().and_then(Phone::region);
        let rates = &self.settings().rates;
        let fee = rates.rate(channel.item(), country.as_deref());
        let measure = (channel == Channel::Sms).then_some(rendered.measure);
        let segments = measure.map_or(1, |m| u32::try_from(m.segments).unwrap_or(1));
        Ok(Preview {
            to: order.to.to_string(),
            national: phone.as_ref().map(Phone::national),
            cost: fee.map(|fee| fee.times(segments)),
            success_fee: rates.rate(Item::Verify, country.as_deref()),
            country,
            channel,
            text: rendered.text,
            is_exact: rendered.is_exact,
            template: order.wish.template.filter(|_| channel.in_templates().is_some()),
            template_name,
            template_version: order.wish.template_version,
            measure,
            warnings,
            missing,
        })
    }
}
