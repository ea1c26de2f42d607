//! Messages of ours whose callback did not come: Twilio is asked what became of them, ever more seldom.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::super::inbox::last_id;
use super::super::rows::message_key;
use super::super::{Core, broken, read};
use super::sweep::{self, Span};
use super::{SKEW, Trouble};
use crate::api::ApiError;
use crate::domain::id::{Id, Sid};
use crate::domain::message::Message;
use crate::domain::time::{Span as Time_, Time};
use crate::store::{Index, Order, PageQuery};

/// Twilio keeps a message ten hours at most, and carriers report within a day or never.
const EXPECTED: Time_ = Time_::secs(48 * 3600);
/// How many are looked at in one round.
const ROUND: usize = 1000;
/// So many are asked for one by one; of more the list is read.
const ONE_BY_ONE: usize = 20;
/// The longest pause between two questions about the same message.
const SELDOM: Duration = Duration::from_secs(3600);

/// When each message is asked for again. Kept in memory: a new run asks for all of them once.
#[derive(Default)]
pub(super) struct Behind {
    has_begun: bool,
    asked: HashMap<Id, (Instant, Duration)>,
}

/// A message to be asked for.
struct Late {
    id: Id,
    sid: Sid,
    account: Sid,
    at: Time,
}

impl Behind {
    /// Asks for those whose time has come.
    pub async fn round(&mut self, core: &Core) -> Result<(), Trouble> {
        let late = self.late(core)?;
        let Some(oldest) = late.iter().map(|m| m.at).min() else {
            self.has_begun = true;
            return Ok(());
        };
        if late.len() > ONE_BY_ONE {
            sweep::whole(core, Span { from: oldest - SKEW, until: core.now() + SKEW }).await?;
            late.iter().for_each(|m| self.ask_later(core, m.id));
        } else {
            for m in late {
                sweep::one(core, m.account, m.sid).await?;
                self.ask_later(core, m.id);
            }
        }
        self.has_begun = true;
        Ok(())
    }

    fn ask_later(&mut self, core: &Core, message: Id) {
        let first = core.0.pace.behind;
        let pause = self.asked.get(&message).map_or(first, |(_, pause)| (*pause * 2).min(SELDOM));
        self.asked.insert(message, (Instant::now() + pause, pause));
    }

    fn late(&mut self, core: &Core) -> Result<Vec<Late>, ApiError> {
        let now = core.now();
        let reader = core.reader()?;
        let after = (now - EXPECTED).to_key();
        let query =
            PageQuery { index: Index::AtTwilio, prefix: &[], after: Some(&after), order: Order::Rising, limit: ROUND };
        let keys = reader.page(&query).map_err(broken)?;
        let asked = std::mem::take(&mut self.asked);
        let mut late = Vec::new();
        for key in keys {
            let id = last_id(&key);
            let business = key.get(8..16).and_then(|b| b.try_into().ok()).map(u64::from_be_bytes);
            let Some(m) = business.map(|b| read::<Message>(&*reader, &message_key(Id(b), id))).transpose()?.flatten()
            else {
                continue;
            };
            if let Some(before) = asked.get(&id) {
                self.asked.insert(id, *before);
            }
            let is_due = match asked.get(&id) {
                Some((next, _)) => *next <= Instant::now(),
                // A callback takes a moment; without a public URL none will come. A run asks at its start.
                None => !core.has_webhooks() || !self.has_begun || now - m.at >= patience(core),
            };
            if let Some(sid) = m.sid.filter(|_| is_due) {
                let account = core.account_of(&*reader, m.business, m.conversation)?;
                late.push(Late { id, sid, account, at: m.at });
            }
        }
        Ok(late)
    }
}

fn patience(core: &Core) -> Time_ {
    Time_::millis(i64::try_from(core.0.pace.behind.as_millis()).unwrap_or(i64::MAX / 1000))
}
