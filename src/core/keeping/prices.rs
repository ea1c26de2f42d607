//! What messages have cost: Twilio knows it some time after they have arrived, and tells nobody by itself.
//!
//! After something has happened, those that have arrived without a price are asked for: the first time soon,
//! then ever more seldom. Nothing happens, or the clock stands: nothing is asked.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::super::inbox::last_id;
use super::super::rows::message_key;
use super::super::{Core, broken, read};
use super::sweep::{self, Span as Stretch};
use super::{SKEW, Trouble};
use crate::api::ApiError;
use crate::domain::id::{Id, Sid};
use crate::domain::message::Message;
use crate::domain::time::{Span, Time};
use crate::store::{Index, Order, PageQuery};

/// How many are looked at in one round, the newest first.
const ROUND: usize = 500;
/// So many are asked for one by one; of more recent ones the list is read.
const ONE_BY_ONE: usize = 20;
/// The first pause between two questions about the same message; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// After the list was read, or Twilio failed, nothing is asked for so long.
const REST: Duration = Duration::from_secs(15);
/// What is older than this and has no price when it is asked for gets none any more.
const SETTLED: Span = Span::secs(48 * 3600);

/// Asks for prices until the core stops.
pub(in crate::core) async fn run(core: Core) {
    let stop = core.stopping();
    let mut heads = core.0.lanes.heads();
    let mut told = core.clock().told();
    let mut asked = Asked::default();
    let mut due = Some(Instant::now());
    loop {
        let timer = async {
            match due {
                Some(at) => {
                    tokio::time::sleep_until(at.into()).await;
                    // While a sandbox's clock stands, no price comes.
                    if core.clock().is_paused() {
                        told.changed().await;
                    }
                }
                None => std::future::pending().await,
            }
        };
        let rest = tokio::select! {
            changed = heads.changed() => match changed {
                // Statuses of several messages come close together.
                Ok(()) => core.0.pace.prices,
                Err(_) => return,
            },
            () = timer => Duration::ZERO,
            () = stop.cancelled() => return,
        };
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            () = stop.cancelled() => return,
        }
        heads.borrow_and_update();
        if asked.rests_until.is_some_and(|until| until > Instant::now()) {
            due = asked.rests_until;
            continue;
        }
        due = tokio::select! {
            next = asked.round(&core) => next,
            () = stop.cancelled() => return,
        };
    }
}

/// When each message is asked for again. Kept in memory: a new run asks for all of them once.
#[derive(Default)]
struct Asked {
    by: HashMap<Id, (Option<Instant>, Duration)>,
    rests_until: Option<Instant>,
}

struct Unpriced {
    id: Id,
    sid: Sid,
    account: Sid,
    at: Time,
}

impl Asked {
    /// Asks for those whose time has come; answers when the next one's comes.
    async fn round(&mut self, core: &Core) -> Option<Instant> {
        let result = match self.due(core) {
            Ok(unpriced) => self.ask(core, unpriced).await,
            Err(e) => Err(e.into()),
        };
        if let Err(Trouble { why, .. }) = result {
            tracing::warn!(%why, "prices could not be asked for; trying again later");
            self.rests_until = Some(Instant::now() + REST);
            return self.rests_until;
        }
        let next = self.by.values().filter_map(|(next, _)| *next).min();
        next.into_iter().chain(self.rests_until).max()
    }

    async fn ask(&mut self, core: &Core, mut unpriced: Vec<Unpriced>) -> Result<(), Trouble> {
        self.rests_until = None;
        let settled = core.now() - SETTLED;
        let recent: Vec<Time> = unpriced.iter().map(|m| m.at).filter(|at| *at >= settled).collect();
        if recent.len() > ONE_BY_ONE {
            let from = recent.iter().min().copied().unwrap_or(settled);
            let stretch = Stretch { from: from - SKEW, until: core.now() + SKEW };
            sweep::whole(core, stretch).await?;
            self.rests_until = Some(Instant::now() + REST);
            for m in unpriced.extract_if(.., |m| m.at >= settled) {
                self.ask_later(m.id, false);
            }
        }
        unpriced.truncate(ONE_BY_ONE);
        for m in unpriced {
            let is_asked = sweep::one(core, m.account, m.sid).await?;
            self.ask_later(m.id, is_asked && m.at < settled);
        }
        Ok(())
    }

    fn ask_later(&mut self, id: Id, is_settled: bool) {
        let pause = self.by.get(&id).map_or(FIRST_PAUSE, |(_, pause)| (*pause * 2).min(LONGEST_PAUSE));
        self.by.insert(id, ((!is_settled).then(|| Instant::now() + pause), pause));
    }

    fn due(&mut self, core: &Core) -> Result<Vec<Unpriced>, ApiError> {
        let reader = core.reader()?;
        let query = PageQuery { index: Index::Unpriced, prefix: &[], after: None, order: Order::Falling, limit: ROUND };
        let before = std::mem::take(&mut self.by);
        let mut due = Vec::new();
        for key in reader.page(&query).map_err(broken)? {
            let id = last_id(&key);
            let business = key.get(8..16).and_then(|b| b.try_into().ok()).map(u64::from_be_bytes);
            let row = business.map(|b| read::<Message>(&*reader, &message_key(Id(b), id))).transpose()?.flatten();
            let Some((m, sid)) = row.and_then(|m| m.sid.map(|sid| (m, sid))) else { continue };
            let asked = before.get(&id).copied();
            if let Some(asked) = asked {
                self.by.insert(id, asked);
            }
            if asked.is_none_or(|(next, _)| next.is_some_and(|next| next <= Instant::now())) {
                let account = core.account_of(&*reader, m.business, m.conversation)?;
                due.push(Unpriced { id, sid, account, at: m.at });
            }
        }
        Ok(due)
    }
}
