//! Operations: how far we have kept up, looking now, importing the history.

use std::time::Instant;

use super::super::inbox::last_id;
use super::super::paging::page;
use super::super::rows::gap_key;
use super::super::{Core, broken, read};
use super::sweep::{self, Span};
use super::{SKEW, Trouble, lock};
use crate::api::keeping::*;
use crate::api::{ApiError, Caller, Code, Page, When};
use crate::domain::keeping::{Gap, Import, ImportState};
use crate::domain::time::Span as Time_;
use crate::store::{Index, Order, PageQuery};

/// The longest interval that is looked through on request, in days: Twilio keeps messages longer, but
/// that is what the import is for.
const LONGEST: i64 = 31;
const DAY: i64 = 86_400;
/// What is said of an import that nobody asked for.
const FIRST: &str = "what was said in the last 30 days is being imported, for this account is new here: nothing of it becomes unread, and nobody is told; `switchboard keeping stop-import` ends it";

impl Core {
    pub(in crate::core) fn keeping_view(&self) -> Result<KeepingView, ApiError> {
        let watch = self.watch()?;
        let told = lock(&self.0.keeping.told).clone();
        let open = PageQuery { index: Index::OpenGaps, prefix: &[], after: None, order: Order::Rising, limit: 1000 };
        let open_gaps = self.reader()?.page(&open).map_err(broken)?.len() as u64;
        let in_seconds = |at: Instant| at.saturating_duration_since(Instant::now()).as_secs();
        Ok(KeepingView {
            webhooks: self.has_webhooks(),
            heard_until: watch.as_ref().map(|w| When(w.heard)),
            listed_until: watch.as_ref().map(|w| When(w.listed)),
            next_look_seconds: told.next_look.map(in_seconds),
            open_gaps,
            import: overall(self.imports()?),
            counted_anew: Some(self.0.counted_anew).filter(|rows| *rows > 0),
            troubles: self.keeping_troubles(),
        })
    }

    pub(in crate::core) fn list_gaps(&self, input: &ListGaps) -> Result<GapPage, ApiError> {
        let as_of = self.cursor();
        let reader = self.reader()?;
        let (keys, next) = page(&*reader, Index::Gaps, &[], Order::Falling, input.after.as_deref(), input.limit)?;
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            items.extend(read::<Gap>(&*reader, &gap_key(last_id(&key)))?.map(|g| GapView {
                id: g.id,
                why: g.why,
                from: When(g.from),
                until: g.until.map(When),
                shed: g.shed,
                found: g.found,
                swept_at: g.swept_at.map(When),
            }));
        }
        Ok(Page { items, next, as_of })
    }

    pub(in crate::core) async fn sweep_now(&self, input: &Sweep) -> Result<Swept, ApiError> {
        let now = self.now();
        let until = input.until.map_or(now, |w| w.0);
        let from = input.from.map_or(until - Time_::secs(DAY), |w| w.0);
        if from >= until {
            return Err(ApiError::field("from", "the interval ends before it begins"));
        }
        if until - from > Time_::secs(LONGEST * DAY) {
            let detail = format!("at most {LONGEST} days are looked through at once: import what is older");
            return Err(ApiError::field("from", detail));
        }
        let found = sweep::whole(self, Span { from: from - SKEW, until: until + SKEW }).await.map_err(upstream)?;
        Ok(Swept { from: When(from), until: When(until), found })
    }

    pub(in crate::core) async fn start_import(
        &self,
        caller: &Caller,
        input: &StartImport,
    ) -> Result<ImportView, ApiError> {
        let days = match input.days.unwrap_or(Import::DAYS) {
            days @ 1..=400 => days,
            days => return Err(ApiError::field("days", format!("{days} days cannot be imported: give 1 to 400"))),
        };
        let limit = match input.limit.unwrap_or(Import::LIMIT) {
            limit @ 1..=1_000_000 => limit,
            limit => return Err(ApiError::field("limit", format!("{limit} is no limit: give 1 to 1000000"))),
        };
        let now = self.now();
        let have = self.imports()?;
        for client in self.clients()? {
            let account = client.account();
            // Pressed twice: it is under way.
            if have.iter().any(|i| i.account == account && i.state == ImportState::Running) {
                continue;
            }
            self.save_import(&caller.agent, Import::begin(account, days, limit, now)).await?;
        }
        self.0.keeping.bell.notify_one();
        overall(self.imports()?).ok_or_else(|| ApiError::unavailable("the import was not written down: try again"))
    }

    pub(in crate::core) async fn stop_import(&self, caller: &Caller) -> Result<ImportView, ApiError> {
        let none = || ApiError::new(Code::Conflict, "no import is under way");
        let running: Vec<Import> = self.imports()?.into_iter().filter(|i| i.state == ImportState::Running).collect();
        for mut import in running.iter().cloned() {
            (import.state, import.ended_at) = (ImportState::Stopped, Some(self.now()));
            self.save_import(&caller.agent, import).await?;
        }
        if running.is_empty() {
            return Err(none());
        }
        overall(self.imports()?).ok_or_else(none)
    }
}

fn upstream(trouble: Trouble) -> ApiError {
    let detail = format!("Twilio's list could not be read, or not be merged: {}", trouble.why);
    let retry_after = trouble.wait.and_then(|wait| u32::try_from(wait.as_secs()).ok());
    ApiError { retry_after, ..ApiError::new(Code::Upstream, detail) }
}

/// The imports of all accounts as one: it lasts until the last one ends.
fn overall(imports: Vec<Import>) -> Option<ImportView> {
    let running = imports.iter().find(|i| i.state == ImportState::Running);
    let now = running.or_else(|| imports.iter().max_by_key(|i| (i.until, i.state == ImportState::Stopped)))?;
    // Those of an earlier time say nothing of this one.
    let same = || imports.iter().filter(|i| i.until == now.until || i.state == ImportState::Running);
    Some(ImportView {
        state: now.state,
        since: When(now.since),
        limit: now.limit,
        down_to: When(now.down_to.min(now.until)),
        listed: same().map(|i| i.listed).sum(),
        imported: same().map(|i| i.imported).sum(),
        started_at: When(now.until),
        ended_at: now.ended_at.map(When),
        note: (now.by_itself && now.state == ImportState::Running).then(|| FIRST.to_owned()),
    })
}
