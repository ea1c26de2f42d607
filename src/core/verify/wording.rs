//! Which template a business's codes are worded by: checked when it is saved, kept version by version.

use crate::api::verify::*;
use crate::api::{ApiError, Caller, Page, When};
use crate::core::change::{Change, Once, WordingSaved};
use crate::core::inbox::last_id;
use crate::core::paging::page;
use crate::core::rows::verify::{series, wording_key};
use crate::core::{Core, read};
use crate::domain::id::Id;
use crate::domain::verification::wording::{Wording, diff, misfit};
use crate::store::{Index, Order};

impl Core {
    pub(in crate::core) fn get_wording(&self, caller: &Caller, input: &GetWording) -> Result<WordingView, ApiError> {
        self.business(caller, input.business)?;
        match self.wording(input.business, 0)? {
            Some(present) => self.wording_view(present),
            None => Ok(WordingView {
                version: 0,
                template: None,
                substitutions: Default::default(),
                actor: String::new(),
                at: None,
                changes: Vec::new(),
            }),
        }
    }

    pub(in crate::core) fn list_wordings(
        &self,
        caller: &Caller,
        input: &ListWordings,
    ) -> Result<WordingPage, ApiError> {
        self.business(caller, input.business)?;
        let as_of = self.cursor();
        let prefix = [&input.business.to_key()[..], &[series::WORDINGS]].concat();
        let after = input.after.as_deref();
        let (keys, next) = page(&*self.reader()?, Index::VerifyLog, &prefix, Order::Falling, after, input.limit)?;
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(row) = self.wording(input.business, last_id(&key).0)? {
                items.push(self.wording_view(row)?);
            }
        }
        Ok(Page { items, next, as_of })
    }

    pub(in crate::core) async fn save_wording(
        &self,
        caller: &Caller,
        input: SaveWording,
        once: Option<Once>,
    ) -> Result<WordingView, ApiError> {
        let business = self.business(caller, input.business)?.id;
        self.check_wording(&input).await?;
        let SaveWording { template, substitutions, version, .. } = input;
        let change = WordingSaved { business, template, substitutions, expects: version };
        self.submit(&caller.agent, once, Change::WordingSaved(change)).await?;
        self.get_wording(caller, &GetWording { business })
    }

    pub(in crate::core) async fn restore_wording(
        &self,
        caller: &Caller,
        input: RestoreWording,
        once: Option<Once>,
    ) -> Result<WordingView, ApiError> {
        let business = self.business(caller, input.business)?.id;
        let old = self.wording(business, input.version)?.filter(|old| old.place != 0);
        let old = old.ok_or_else(|| ApiError::not_found(format!("version {} of the wording", input.version)))?;
        let (template, substitutions) = (old.template, old.substitutions);
        self.save_wording(caller, SaveWording { business, template, substitutions, version: None }, once).await
    }

    /// Refuses what Twilio would refuse at each send: a template that is not there, a value that is missing.
    async fn check_wording(&self, input: &SaveWording) -> Result<(), ApiError> {
        let Some(sid) = input.template else {
            if input.substitutions.is_empty() {
                return Ok(());
            }
            return Err(ApiError::field("substitutions", "values need a template whose placeholders they fill"));
        };
        let templates = self.templates().await?;
        let template = templates.iter().find(|t| t.sid == sid).ok_or_else(|| {
            ApiError::field(
                "template",
                format!("Twilio has no template {sid}: `switchboard verify templates` lists them"),
            )
        })?;
        let texts = template.translations.iter().map(|t| (t.locale.as_str(), t.text.as_str()));
        let found = misfit(texts, &input.substitutions);
        if !found.missing.is_empty() {
            let detail = format!("the template needs a value for {}", found.missing.join(", "));
            return Err(ApiError { twilio: Some(60224), ..ApiError::field("substitutions", detail) });
        }
        if !found.unknown.is_empty() {
            let names = found.unknown.join(", ");
            let detail = format!("no text of the template {} has a placeholder for {names}", template.name);
            return Err(ApiError::field("substitutions", detail));
        }
        Ok(())
    }

    /// A version of a business's wording; 0 is the present one.
    pub(super) fn wording(&self, business: Id, place: u64) -> Result<Option<Wording>, ApiError> {
        read(&*self.reader()?, &wording_key(business, place))
    }

    fn wording_view(&self, w: Wording) -> Result<WordingView, ApiError> {
        let before = if w.version > 1 { self.wording(w.business, w.version - 1)? } else { None };
        Ok(WordingView {
            changes: diff(before.as_ref(), &w),
            version: w.version,
            template: w.template,
            substitutions: w.substitutions,
            actor: w.actor,
            at: Some(When(w.at)),
        })
    }
}
