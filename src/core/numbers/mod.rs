//! Operations on the account's numbers: where their webhooks go, pointed here and given back.
//!
//! What was set before is durable before Twilio is asked to change anything. Whoever borrows a number
//! renews it; a loan that nobody renews is ended by [`run`], also one that a crash left behind.

mod lapse;
pub(super) mod target;
mod view;

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Notify;

pub(super) use lapse::run;

use self::target::Target;
use super::change::{Change, Once, PointingSet};
use super::event::Kind;
use super::rows::pointing_key;
use super::{Core, read};
use crate::api::numbers::*;
use crate::api::{ApiError, Caller, Code, When};
use crate::clock;
use crate::domain::id::Sid;
use crate::domain::pointing::{Holder, Hooks, Pointing, Wish, shown_url};
use crate::domain::time::Span;

/// More numbers than this are not listed.
const LISTED: usize = 1000;
/// Twilio tries again as often as it can, whatever went wrong: by default it does so once, and only when
/// it could not connect.
const OVERRIDES: &str = "#rc=3&rp=all";

/// What the operations share.
#[derive(Default)]
pub(super) struct Desk {
    /// One at a time: each reads, remembers, and writes at Twilio.
    turn: tokio::sync::Mutex<()>,
    /// Rung when something was borrowed.
    bell: Notify,
    trouble: Mutex<Option<String>>,
}

impl Desk {
    /// What stands in the way of giving numbers back.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

impl Core {
    pub(super) async fn point_number(
        &self,
        caller: &Caller,
        input: PointNumber,
        once: Option<Once>,
    ) -> Result<NumberView, ApiError> {
        let _turn = self.0.numbers.turn.lock().await;
        let (client, found) = self.whereabouts(&input.number).await?;
        self.check_heard(client.account())?;
        let wanted = self.wanted(found.resource)?;
        let have = self.pointing(found.resource)?;
        let is_ours = have.as_ref().is_some_and(|p| p.is_ours(&found.hooks)) || found.hooks == wanted;
        if !is_ours && serves_others(&found.hooks) && input.confirm.as_deref() != Some(&input.number) {
            let whose = match found.hooks.application.as_str() {
                "" => shown_url(&found.hooks.url),
                application => format!("the application {application}"),
            };
            let detail = format!("the texts to {} go to {whose}, which would get no more of them", found.label);
            let asked = ApiError::new(Code::ConfirmationRequired, detail);
            return Err(ApiError { confirm: Some(input.number), ..asked });
        }
        let row = have.clone().unwrap_or_else(|| Pointing::new(found.resource, client.account(), found.label.clone()));
        let wish = Wish { now: &found.hooks, wanted: &wanted, by: &caller.agent, at: clock::wall() };
        let said = told(Kind::NumberPointed, &found.label, &found.hooks, &wanted, "for good");
        self.remember(&caller.agent, once, have.as_ref(), found.resource, Some(row.kept(&wish)), Some(said)).await?;
        if found.hooks != wanted {
            target::write(&client, found.resource, &wanted).await?;
        }
        let number = (found.resource.kind() == "PN").then(|| found.label.clone());
        self.number_view(number, found.label.clone(), client.account(), &Target { hooks: wanted, ..found })
    }

    pub(super) async fn unpoint_number(
        &self,
        caller: &Caller,
        input: UnpointNumber,
        once: Option<Once>,
    ) -> Result<Ended, ApiError> {
        let _turn = self.0.numbers.turn.lock().await;
        let (client, found) = self.whereabouts(&input.number).await?;
        let have = self.pointing(found.resource)?;
        let Some(kept) = have.as_ref().and_then(|p| p.kept.clone()) else {
            let detail = format!("{} was not pointed here for good, so there is nothing to bring back", found.label);
            return Err(ApiError::new(Code::Conflict, detail));
        };
        let is_ours = have.as_ref().is_some_and(|p| p.is_ours(&found.hooks));
        let mut row = have.clone().map(|p| Pointing { kept: None, ..p });
        if let Some(loan) = row.as_mut().and_then(|p| p.borrowed.as_mut()) {
            loan.before = kept;
            self.remember(&caller.agent, once, have.as_ref(), found.resource, row, None).await?;
            return Ok(ended(&found.label, Ending::StillHeld, &found.hooks));
        }
        let (ending, now) = match is_ours {
            false => (Ending::LeftAlone, found.hooks.clone()),
            true if kept == found.hooks => (Ending::Unchanged, kept),
            true => {
                target::write(&client, found.resource, &kept).await?;
                (Ending::Restored, kept)
            }
        };
        let said = told(Kind::NumberReturned, &found.label, &found.hooks, &now, word(ending));
        self.remember(&caller.agent, once, have.as_ref(), found.resource, None, Some(said)).await?;
        Ok(ended(&found.label, ending, &now))
    }

    pub(super) async fn borrow_number(&self, caller: &Caller, input: BorrowNumber) -> Result<Loan, ApiError> {
        if input.session.is_empty() || input.session.len() > 100 {
            return Err(ApiError::field("session", "a session is a word of 1 to 100 characters"));
        }
        let seconds = input.seconds.unwrap_or(20);
        if !(5..=3600).contains(&seconds) {
            return Err(ApiError::field("seconds", "a loan lasts 5 to 3600 seconds without renewal"));
        }
        let _turn = self.0.numbers.turn.lock().await;
        let at = clock::wall();
        let until = at + Span::secs(i64::from(seconds));
        // Renewed without asking Twilio: what somebody else has set meanwhile is not overwritten.
        if let Some(have) = self.held(&input)?.filter(|_| input.renew) {
            let (resource, row) = (have.resource, have.clone().renewed(&input.session, until));
            self.remember(&caller.agent, None, Some(&have), resource, Some(row.clone()), None).await?;
            return loan(&row, until);
        }
        let (client, found) = self.whereabouts(&input.number).await?;
        self.check_heard(client.account())?;
        let wanted = self.wanted(found.resource)?;
        let have = self.pointing(found.resource)?;
        let row = have.clone().unwrap_or_else(|| Pointing::new(found.resource, client.account(), found.label.clone()));
        let wish = Wish { now: &found.hooks, wanted: &wanted, by: &caller.agent, at };
        let holder = Holder { session: input.session.clone(), named: input.number.clone(), until };
        let row = row.borrowed(&wish, holder);
        let said = told(Kind::NumberPointed, &found.label, &found.hooks, &wanted, "for a while");
        self.remember(&caller.agent, None, have.as_ref(), found.resource, Some(row.clone()), Some(said)).await?;
        self.0.numbers.bell.notify_one();
        if found.hooks != wanted
            && let Err(e) = target::write(&client, found.resource, &wanted).await
        {
            // Whatever became of it, the loan is over: if it was set after all, it is given back.
            let _ = self.give_back(&caller.agent, &row, &input.session).await;
            return Err(e);
        }
        loan(&row, until)
    }

    pub(super) async fn return_number(&self, caller: &Caller, input: &ReturnNumber) -> Result<Ended, ApiError> {
        let _turn = self.0.numbers.turn.lock().await;
        let is_theirs =
            |p: &Pointing| p.holders().iter().any(|h| h.session == input.session && h.named == input.number);
        let mut rows = self.pointings()?;
        let at = rows.iter().position(is_theirs).or_else(|| rows.iter().position(|p| names(p, &input.number)));
        let row = at.map(|at| rows.swap_remove(at));
        let Some(row) = row.filter(|p| p.borrowed.is_some()) else {
            let detail = format!("{} is not borrowed, so there is nothing to give back", input.number);
            return Err(ApiError::new(Code::Conflict, detail));
        };
        self.give_back(&caller.agent, &row, &input.session).await
    }

    /// Ends a session's part in a loan; with the last one the old settings come back. Needs the turn.
    async fn give_back(&self, actor: &str, row: &Pointing, session: &str) -> Result<Ended, ApiError> {
        // The row may have been written since it was read.
        let row = self.pointing(row.resource)?.unwrap_or_else(|| row.clone());
        let left = row.clone().left(session, clock::wall());
        if !left.holders().is_empty() {
            self.remember(actor, None, Some(&row), row.resource, Some(left.clone()), None).await?;
            let now = left.ours.last().cloned().unwrap_or_default();
            return Ok(ended(&row.label, Ending::StillHeld, &now));
        }
        let client = self.client_of(row.account.unwrap_or(self.settings().account));
        let found = target::read(&client, row.resource).await?;
        let now = found.map(|found| found.hooks).unwrap_or_default();
        let (ending, after) = match left.restoration(&now) {
            Some(before) => {
                target::write(&client, row.resource, before).await?;
                (Ending::Restored, before.clone())
            }
            None if left.is_ours(&now) || left.borrowed.as_ref().is_some_and(|b| b.before == now) => {
                (Ending::Unchanged, now.clone())
            }
            None => (Ending::LeftAlone, now.clone()),
        };
        let said = told(Kind::NumberReturned, &row.label, &now, &after, word(ending));
        let rest = left.without_loan();
        self.remember(actor, None, Some(&row), row.resource, rest, Some(said)).await?;
        Ok(ended(&row.label, ending, &after))
    }

    async fn remember(
        &self,
        actor: &str,
        once: Option<Once>,
        have: Option<&Pointing>,
        resource: Sid,
        row: Option<Pointing>,
        said: Option<(Kind, Value)>,
    ) -> Result<(), ApiError> {
        let set = PointingSet { resource, row, expects: have.map_or(0, |p| p.version), said };
        self.submit(actor, once, Change::PointingSet(Box::new(set))).await.map(drop)
    }

    /// Where webhooks shall go.
    pub(super) fn wanted(&self, resource: Sid) -> Result<Hooks, ApiError> {
        let Some(public) = &self.settings().public_url else {
            let detail = "Twilio cannot reach this node, for `server.public_url` is not set: set it to the https address that leads here (of your proxy, or of a tunnel to this machine) and restart the node";
            return Err(ApiError::new(Code::Conflict, detail));
        };
        let public = public.as_str().trim_end_matches('/');
        let url = format!("{public}/api/webhooks/twilio-sms{OVERRIDES}");
        let status = match resource.kind() {
            "MG" => format!("{public}/api/webhooks/twilio-status{OVERRIDES}"),
            _ => String::new(),
        };
        let (method, application) = ("POST".to_owned(), String::new());
        // The fallback is this node again: it gets a time of its own at Twilio.
        Ok(Hooks { fallback: url.clone(), url, fallback_method: method.clone(), method, status, application })
    }

    fn pointing(&self, resource: Sid) -> Result<Option<Pointing>, ApiError> {
        read(&*self.reader()?, &pointing_key(resource))
    }

    /// The row that this session holds, if what it names is that one.
    fn held(&self, input: &BorrowNumber) -> Result<Option<Pointing>, ApiError> {
        let at = clock::wall();
        let held = self.pointings()?.into_iter().find(|p| p.is_held_by(&input.session, &input.number, at));
        Ok(held)
    }
}

/// Whether somebody gets the texts now. Twilio's own demonstration is nobody.
fn serves_others(hooks: &Hooks) -> bool {
    let demo = url::Url::parse(&hooks.url).is_ok_and(|url| url.host_str() == Some("demo.twilio.com"));
    !hooks.is_unset() && (!demo || !hooks.application.is_empty())
}

fn names(row: &Pointing, named: &str) -> bool {
    row.label == named || row.resource.to_string() == named
}

fn loan(row: &Pointing, until: crate::domain::time::Time) -> Result<Loan, ApiError> {
    let over = || ApiError::new(Code::Conflict, "the loan has just ended: borrow the number again");
    let before = &row.borrowed.as_ref().ok_or_else(over)?.before;
    let url = row.ours.last().map(|h| h.url.clone()).unwrap_or_default();
    let (name, sid) = (row.label.clone(), row.resource);
    Ok(Loan { name, sid, before: shown_url(&before.url), url, until: When(until) })
}

fn ended(label: &str, ending: Ending, now: &Hooks) -> Ended {
    Ended { name: label.to_owned(), ending, url: shown_url(&now.url) }
}

fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Restored => "restored",
        Ending::Unchanged => "unchanged",
        Ending::LeftAlone => "left alone: somebody else changed it",
        Ending::StillHeld => "still held",
    }
}

/// What the audit log is told.
fn told(kind: Kind, label: &str, before: &Hooks, after: &Hooks, how: &str) -> (Kind, Value) {
    (kind, json!({ "name": label, "before": before, "after": after, "how": how }))
}
