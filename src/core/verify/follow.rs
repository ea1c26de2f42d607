//! What becomes of codes that were sent: delivery, price, conversion. Twilio tells it when it is asked.
//!
//! A send is asked about soon, then ever more seldom; one that has arrived and has its price rests until
//! its verification ends. Nothing waits: nothing is asked, and nobody wakes up.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::api::ApiError;
use crate::clock;
use crate::core::change::{AttemptSeen, Change, LegEnded};
use crate::core::inbox::last_id;
use crate::core::keeping::SKEW;
use crate::core::rows::verify::attempt_key;
use crate::core::{Core, broken, read};
use crate::domain::id::{Id, Sid};
use crate::domain::money::Money;
use crate::domain::time::{Span, Time};
use crate::domain::verification::{Attempt, Flow, Progress, Status};
use crate::store::{Index, Order, PageQuery};
use crate::twilio::Error;
use crate::twilio::verify::attempts::{self, AttemptFilter, Conversion};

/// How many are looked at in one round, the newest first.
const ROUND: usize = 500;
/// So many are asked about one by one; of more the list is read.
const ONE_BY_ONE: usize = 20;
/// Pages of Twilio's list in one round.
const PAGES: usize = 20;
/// The longest pause between two questions about the same send.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// After Twilio failed nothing is asked for so long.
const REST: Duration = Duration::from_secs(10);
/// After so long nothing new is expected of a send (wall time).
const SETTLED: Span = Span::secs(48 * 3600);
/// A step seen within this span of a question happened when it was seen; else Twilio's own time is nearer.
const PROMPT: Duration = Duration::from_secs(2);

/// Asks until the core stops.
pub(in crate::core) async fn run(core: Core) {
    let stop = core.stopping();
    let mut heads = core.0.lanes.heads();
    let mut told = core.clock().told();
    let mut asked = Asked::default();
    let mut due = Some(Instant::now());
    loop {
        let timer = async {
            match due {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = heads.changed() => if changed.is_err() { return },
            // Somebody moved the simulated clock: much may have happened at once.
            () = told.changed() => asked.hurry(),
            () = timer => {}
            () = stop.cancelled() => return,
        }
        heads.borrow_and_update();
        if core.0.verify.left_alone.load(Ordering::Relaxed) {
            due = None;
            continue;
        }
        due = tokio::select! {
            next = asked.round(&core) => next,
            () = stop.cancelled() => return,
        };
    }
}

/// When each send is asked about again. Kept in memory: a new run asks about all of them once.
#[derive(Default)]
struct Asked {
    by: HashMap<Id, Turn>,
    rests_until: Option<Instant>,
}

#[derive(Clone, Copy)]
struct Turn {
    /// How it stood: another standing begins anew.
    outcome: Status,
    since: Instant,
    last: Option<Instant>,
    next: Instant,
}

impl Asked {
    /// Everything is asked about at once.
    fn hurry(&mut self) {
        let now = Instant::now();
        for turn in self.by.values_mut() {
            *turn = Turn { since: now, next: now, ..*turn };
        }
    }

    /// Asks about those whose time has come; answers when the next one's comes.
    async fn round(&mut self, core: &Core) -> Option<Instant> {
        if self.rests_until.is_some_and(|until| until > Instant::now()) {
            return self.rests_until;
        }
        self.rests_until = None;
        let done = match self.due(core) {
            Ok(due) if due.is_empty() => Ok(()),
            Ok(due) => self.ask(core, due).await,
            Err(e) => Err(e.detail),
        };
        if let Err(why) = done {
            tracing::warn!(%why, "what became of codes could not be asked; trying again later");
            self.rests_until = Some(Instant::now() + REST);
            return self.rests_until;
        }
        self.by.values().map(|turn| turn.next).min()
    }

    /// Those whose time has come. What no longer waits is forgotten.
    fn due(&mut self, core: &Core) -> Result<Vec<Attempt>, ApiError> {
        let reader = core.reader()?;
        let query =
            PageQuery { index: Index::VerifyNews, prefix: &[], after: None, order: Order::Falling, limit: ROUND };
        let keys = reader.page(&query).map_err(broken)?;
        let (before, now) = (std::mem::take(&mut self.by), Instant::now());
        let mut due = Vec::new();
        for key in keys {
            let id = last_id(&key);
            let business = key.get(8..16).and_then(|b| b.try_into().ok()).map(u64::from_be_bytes);
            let row = business.map(|b| read::<Attempt>(&*reader, &attempt_key(Id(b), id))).transpose()?.flatten();
            let Some(row) = row.filter(|row| row.sid.is_some()) else { continue };
            let first = now + core.0.pace.codes;
            let known = before.get(&id).copied().filter(|turn| turn.outcome == row.outcome);
            let turn = known.unwrap_or(Turn { outcome: row.outcome, since: now, last: None, next: first });
            self.by.insert(id, turn);
            if turn.next <= now {
                due.push(row);
            }
        }
        Ok(due)
    }

    async fn ask(&mut self, core: &Core, mut due: Vec<Attempt>) -> Result<(), String> {
        let verify = core.settings().client.verify();
        if due.len() > ONE_BY_ONE {
            let found = recent(core, &due).await.map_err(|e| e.to_string())?;
            for attempt in due.extract_if(.., |a| a.sid.is_some_and(|sid| found.contains_key(&sid))) {
                if let Some(made) = attempt.sid.and_then(|sid| found.get(&sid)) {
                    self.tell(core, &attempt, made).await?;
                }
            }
        }
        due.truncate(ONE_BY_ONE);
        for attempt in due {
            let Some(sid) = attempt.sid else { continue };
            match verify.fetch_attempt(sid).await {
                Ok(made) => self.tell(core, &attempt, &made).await?,
                Err(e) if e.is_not_found() => self.missing(core, &attempt).await?,
                Err(e) => return Err(e.to_string()),
            }
        }
        Ok(())
    }

    async fn tell(&mut self, core: &Core, attempt: &Attempt, made: &attempts::Attempt) -> Result<(), String> {
        let prompt = self.by.get(&attempt.id).and_then(|t| t.last).is_none_or(|last| last.elapsed() <= PROMPT);
        tell(core, attempt, made, prompt).await.map_err(|e| e.detail)?;
        self.later(core, attempt.id);
        Ok(())
    }

    /// Twilio does not have it: its list lags, or it keeps nothing that old.
    async fn missing(&mut self, core: &Core, attempt: &Attempt) -> Result<(), String> {
        self.later(core, attempt.id);
        if clock::wall() - attempt.started <= SETTLED {
            return Ok(());
        }
        core.submit_work(Change::AttemptSeen(Box::new(nothing(attempt)))).await.map(drop).map_err(|e| e.detail)
    }

    fn later(&mut self, core: &Core, id: Id) {
        let now = Instant::now();
        if let Some(turn) = self.by.get_mut(&id) {
            // Half of its age again: often at first, seldom in the end.
            let pause = ((now - turn.since) / 2).clamp(core.0.pace.codes, LONGEST_PAUSE);
            (turn.last, turn.next) = (Some(now), now + pause);
        }
    }
}

/// Twilio's list of attempts since the oldest of those that are asked about.
async fn recent(core: &Core, due: &[Attempt]) -> Result<HashMap<Sid, attempts::Attempt>, Error> {
    let oldest = due.iter().map(|a| a.at).min().unwrap_or(core.now());
    let after = Some((oldest - SKEW).0);
    let filter = AttemptFilter { after, page_size: Some(1000), ..AttemptFilter::default() };
    let client = &core.settings().client;
    let mut page = client.verify().attempts(&filter).await?;
    let mut found = HashMap::new();
    for _ in 0..PAGES {
        found.extend(std::mem::take(&mut page.items).into_iter().map(|a| (a.sid, a)));
        match client.next_page(&page).await? {
            Some(next) => page = next,
            None => break,
        }
    }
    Ok(found)
}

/// Whether Twilio counts a send as converted.
pub(super) fn is_converted(made: &attempts::Attempt) -> bool {
    made.conversion_status == Some(Conversion::Converted)
}

/// Records what Twilio says of a send, and of its verification.
async fn tell(core: &Core, attempt: &Attempt, made: &attempts::Attempt, prompt: bool) -> Result<(), ApiError> {
    let data = &made.channel_data;
    let now = core.now();
    let word = data.message_status.as_deref().or(data.call_status.as_deref());
    let last = attempt.steps.last().map_or(attempt.at, |step| step.at);
    let told = made.date_updated.map(Time).filter(|_| !prompt);
    // Never before what came before it, never in the future.
    let at = told.unwrap_or(now).max(last).min(now.max(last));
    let progress = word.and_then(Progress::from_twilio);
    let price = made.price.value.map(|value| Money::new(value, made.price.currency.as_deref().unwrap_or("USD")));
    let error = data.error_code.filter(|_| progress.is_some_and(|p| p > Progress::Completed));
    let over = !attempt.outcome.is_open();
    let seen = AttemptSeen {
        progress: progress.map(|progress| (progress, at)),
        price,
        error,
        error_text: error.and_then(crate::core::views::explain),
        // While it waits, no conversion means nothing yet.
        converted: (over || is_converted(made)).then(|| is_converted(made)),
        country: data.country.clone(),
        carrier: data.carrier.clone(),
        gave_up: clock::wall() - attempt.started > SETTLED,
        ..nothing(attempt)
    };
    core.submit_work(Change::AttemptSeen(Box::new(seen))).await?;
    let ended = match data.status.as_deref() {
        Some("confirmed") => Some(Status::Approved),
        Some("expired") => Some(Status::Expired),
        _ => None,
    };
    if let Some(status) = ended.filter(|status| attempt.outcome.may_become(*status)) {
        // Somebody else's check, or a node that ended before it could write this down.
        let (business, flow, leg) = (attempt.business, attempt.flow, attempt.leg);
        core.submit_work(Change::LegEnded(LegEnded { business, flow, leg, status })).await?;
    }
    Ok(())
}

fn nothing(attempt: &Attempt) -> AttemptSeen {
    AttemptSeen {
        business: attempt.business,
        attempt: attempt.id,
        progress: None,
        price: None,
        error: None,
        error_text: None,
        converted: None,
        country: None,
        carrier: None,
        gave_up: true,
    }
}

impl Core {
    /// Asks Twilio about the sends of a flow now.
    pub(super) async fn ask_about(&self, flow: &Flow) -> Result<(), ApiError> {
        let attempts = super::views::attempts_of(&*self.reader()?, flow)?;
        for attempt in attempts.into_iter().filter(|a| !a.settled) {
            let Some(sid) = attempt.sid else { continue };
            match self.settings().client.verify().fetch_attempt(sid).await {
                Ok(made) => tell(self, &attempt, &made, false).await?,
                Err(e) if e.is_not_found() => {}
                Err(e) => return Err(super::refused::refused(&e, Some(flow.id))),
            }
        }
        Ok(())
    }
}
