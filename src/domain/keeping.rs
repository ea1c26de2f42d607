//! Keeping up with Twilio: when nobody listened here, how far its list was read, and the first import.

use serde::{Deserialize, Serialize};

use super::id::{Id, Sid};
use super::time::{Span, Time};

/// Why an interval has to be looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// No node ran.
    Away,
    /// Webhooks were answered 503: the backlog was full, or the disk took nothing.
    Shed,
}

/// What looking through a part of Twilio's list came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Found {
    /// Messages that were listed.
    pub listed: u64,
    /// Texts of customers that were not here.
    pub texts: u64,
    /// Messages of ours whose status moved.
    pub reports: u64,
    /// Messages that are none of our businesses': to or from a number without an endpoint, or sent by another program.
    pub strangers: u64,
}

impl Found {
    /// Adds what another part came to.
    pub fn add(&mut self, more: Found) {
        self.listed += more.listed;
        self.texts += more.texts;
        self.reports += more.reports;
        self.strangers += more.strangers;
    }

    /// Whether anything was not here before.
    pub fn is_news(&self) -> bool {
        self.texts + self.reports > 0
    }
}

/// An interval in which webhooks may have been lost. All times are business time: Twilio's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Our id.
    pub id: Id,
    /// Why.
    pub why: Why,
    /// Since when nothing certain is known.
    pub from: Time,
    /// Until when; open while it lasts.
    pub until: Option<Time>,
    /// Webhooks that were answered 503 in it, as far as they were counted.
    #[serde(default)]
    pub shed: u64,
    /// What the sweep found so far.
    #[serde(default)]
    pub found: Found,
    /// How far each account's list was read.
    #[serde(default)]
    pub reached: Vec<Reached>,
    /// When all of them had been read.
    #[serde(default)]
    pub swept_at: Option<Time>,
}

/// How far an account's list was read in an interval. Twilio lists the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    /// The account.
    pub account: Sid,
    /// It was read down to here.
    #[serde(default)]
    pub down_to: Option<Time>,
    /// Whether that was all.
    #[serde(default)]
    pub is_done: bool,
}

impl Gap {
    /// How far the list of an account was read.
    pub fn reached(&self, account: Sid) -> Option<&Reached> {
        self.reached.iter().find(|reached| reached.account == account)
    }

    /// Notes what a part of an account's list came to.
    pub fn read(&mut self, part: Reached, found: Found) {
        self.found.add(found);
        match self.reached.iter_mut().find(|reached| reached.account == part.account) {
            Some(reached) => *reached = Reached { down_to: part.down_to.or(reached.down_to), ..part },
            None => self.reached.push(part),
        }
    }
}

/// How far a node has kept up with an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// The account.
    pub account: Sid,
    /// Until here somebody listened, as far as it was written down.
    pub heard: Time,
    /// Twilio's list was merged up to here.
    pub listed: Time,
}

/// How an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ImportState {
    /// Under way; a restart goes on with it.
    Running,
    /// All within its bounds is here.
    Done,
    /// Ended by an agent; it can be started again.
    Stopped,
}

/// The import of what was said before this store began. It goes from the newest to the oldest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// The account.
    pub account: Sid,
    /// How it stands.
    pub state: ImportState,
    /// Nothing older.
    pub since: Time,
    /// Nothing newer: when it was started.
    pub until: Time,
    /// No more messages than this.
    pub limit: u64,
    /// It has come down to here.
    pub down_to: Time,
    /// Messages that Twilio listed so far.
    pub listed: u64,
    /// Messages that were not here before.
    pub imported: u64,
    /// When it ended.
    #[serde(default)]
    pub ended_at: Option<Time>,
    /// Whether nobody asked for it: a live account that is new here is imported by itself.
    #[serde(default)]
    pub by_itself: bool,
}

impl Import {
    /// How far back it goes when nobody says otherwise.
    pub const DAYS: u32 = 30;
    /// How many messages of an account it brings at most when nobody says otherwise.
    pub const LIMIT: u32 = 10_000;

    /// One that begins now.
    pub fn begin(account: Sid, days: u32, limit: u32, now: Time) -> Import {
        Import {
            account,
            state: ImportState::Running,
            since: now - Span::secs(i64::from(days) * 86_400),
            until: now,
            limit: u64::from(limit),
            // Twilio's clock may be ahead of ours.
            down_to: now + Span::secs(120),
            listed: 0,
            imported: 0,
            ended_at: None,
            by_itself: false,
        }
    }
}
