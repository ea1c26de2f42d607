//! The numbers of all accounts: where each one's webhooks go, and in which account one is.

use super::LISTED;
use super::target::{self, Held, Target};
use crate::api::numbers::{NumberList, NumberView, Points};
use crate::api::{ApiError, Code};
use crate::core::Core;
use crate::domain::id::Sid;
use crate::domain::pointing::{is_same_url, shown_url};
use crate::twilio::Client;

impl Core {
    pub(in crate::core) async fn list_numbers(&self) -> Result<NumberList, ApiError> {
        let mut list = NumberList::default();
        for client in self.clients()? {
            let account = client.account();
            let (held, cut) = match target::all(&client, LISTED.saturating_sub(list.items.len())).await {
                Ok(all) => all,
                Err(e) if account == self.settings().account => return Err(e),
                Err(e) => {
                    list.troubles.push(format!("the numbers of {account} cannot be listed: {e}"));
                    continue;
                }
            };
            list.cut |= cut;
            for Held { number, name, target } in held {
                list.items.push(self.number_view(Some(number), name, account, &target)?);
            }
        }
        Ok(list)
    }

    /// What has the webhooks of what a caller named, in whichever account that is, and how to ask there.
    pub(super) async fn whereabouts(&self, named: &str) -> Result<(Client, Target), ApiError> {
        let mut refused: Option<ApiError> = None;
        for client in self.clients()? {
            match target::find(&client, named).await {
                Ok(found) => return Ok((client, found)),
                // An account that cannot be asked may be the one.
                Err(e) if refused.as_ref().is_none_or(|before| before.code == Code::NotFound) => refused = Some(e),
                Err(_) => {}
            }
        }
        Err(refused.unwrap_or_else(|| ApiError::not_found(named.to_owned())))
    }

    /// Refuses to point webhooks here that would be refused when they come.
    pub(super) fn check_heard(&self, account: Sid) -> Result<(), ApiError> {
        if account == self.settings().account || !self.tokens_of(account).is_empty() {
            return Ok(());
        }
        let detail = format!(
            "it is in {account}, whose auth token is not known here: its webhooks would be refused. Make it known first: `switchboard accounts add {account} --auth-token env:NAME` (or file:, cmd:)"
        );
        Err(ApiError::new(Code::Conflict, detail))
    }

    pub(super) fn number_view(
        &self,
        number: Option<String>,
        name: String,
        account: Sid,
        target: &Target,
    ) -> Result<NumberView, ApiError> {
        let row = self.pointing(target.resource)?;
        let ours = self.wanted(target.resource).ok();
        let hooks = &target.hooks;
        let points = match hooks {
            h if !h.application.is_empty() => Points::Application,
            h if h.url.is_empty() => Points::Nowhere,
            h if ours.is_some_and(|ours| is_same_url(&ours.url, &h.url)) => Points::Here,
            _ => Points::Elsewhere,
        };
        Ok(NumberView {
            number,
            name,
            sid: target.resource,
            account: (account != self.settings().account).then_some(account),
            points,
            url: shown_url(&hooks.url),
            fallback: shown_url(&hooks.fallback),
            status_callback: shown_url(&hooks.status),
            previous: row.as_ref().and_then(|p| p.kept.as_ref()).map(|h| shown_url(&h.url)),
            after_loan: row.and_then(|p| p.borrowed).map(|b| shown_url(&b.before.url)),
        })
    }
}
