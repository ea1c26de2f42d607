//! Twilio's usage records beside what is counted here: asked for once a day and on request, kept in the store.
//!
//! Nothing is asked while a sandbox's clock stands. When Twilio does not answer, what it said before stays, with
//! its date. What is compared with what, and which reasons are known, says `domain::usage`.

mod fetch;
mod ours;
mod strangers;
mod view;

use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use self::fetch::Failed;
use super::rows::usage_key;
use super::{Core, read, read_all};
use crate::api::ApiError;
use crate::domain::id::Sid;
use crate::domain::time::Span;
use crate::domain::usage::UsageDay;
use crate::store::Reader;

/// Days before today that are asked about again each day: prices come late.
const AGAIN: u32 = 7;
/// Days that are asked about at the first time, and the most that a node that was away catches up on.
const FIRST: u32 = 30;
/// The pause after Twilio did not answer; each is twice the one before.
const PAUSE: Duration = Duration::from_secs(60);
/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// The list of a day is not asked for in its first moments: the day before still grows.
const LAG: Span = Span::secs(3600);

/// What the worker and the operations share.
#[derive(Default)]
pub(super) struct Desk {
    /// One question at a time.
    turn: tokio::sync::Mutex<()>,
    /// Why the last one was not answered.
    trouble: Mutex<Option<String>>,
}

impl Desk {
    fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// Asks once a day until the core stops.
pub(super) async fn run(core: Core) {
    let stop = core.stopping();
    tokio::select! {
        () = daily(&core) => {}
        () = stop.cancelled() => {}
    }
}

async fn daily(core: &Core) {
    let (clock, mut pause) = (core.clock(), PAUSE);
    // Not while a node starts: there is more urgent work.
    tokio::time::sleep(core.0.pace.usage).await;
    loop {
        let last = match last_asked(core) {
            Ok(last) => last,
            Err(e) => {
                tracing::error!(error = %e, "the kept records of usage cannot be read; trying again later");
                tokio::time::sleep(LONGEST_PAUSE).await;
                continue;
            }
        };
        clock.reached(last.map(|day| UsageDay::start(day.saturating_add(1)) + LAG).or(Some(clock.now()))).await;
        let mut told = clock.told();
        while clock.is_paused() {
            told.changed().await;
        }
        let today = UsageDay::of(core.now());
        let from = today.saturating_sub(last.map_or(FIRST, |last| (today.saturating_sub(last) + AGAIN).min(FIRST)));
        match core.ask_usage(from..=today, Whom::NotToday).await {
            Ok(()) => pause = PAUSE,
            Err(Failed(why)) => {
                tracing::warn!(%why, "Twilio's usage could not be read; trying again later");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Which accounts are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    /// Those that have not been asked today.
    NotToday,
    /// All of them.
    Everyone,
}

/// The last day that every account was asked about.
fn last_asked(core: &Core) -> Result<Option<u32>, ApiError> {
    let reader = core.reader()?;
    let mut last: Option<Option<u32>> = None;
    for client in core.clients()? {
        let of_one = last_asked_of(&*reader, client.account())?;
        last = Some(match last {
            Some(before) => before.min(of_one),
            None => of_one,
        });
    }
    Ok(last.flatten())
}

/// The last day that an account was asked about. One of the past that somebody asked about by hand is not the end
/// of what is to be caught up on.
fn last_asked_of(reader: &dyn Reader, account: Sid) -> Result<Option<u32>, ApiError> {
    let rows: Vec<UsageDay> = read_all(reader, &account.to_key())?;
    Ok(rows.iter().map(|row| row.day).max())
}

/// What is kept of an account's days, oldest first.
pub(super) fn kept(reader: &dyn Reader, account: Sid, days: RangeInclusive<u32>) -> Result<Vec<UsageDay>, ApiError> {
    let rows = days.map(|day| read::<UsageDay>(reader, &usage_key(account, day)));
    rows.filter_map(Result::transpose).collect()
}

impl Core {
    /// Asks all accounts about these days. One that does not answer hinders no other, and is told of.
    async fn ask_usage(&self, days: RangeInclusive<u32>, whom: Whom) -> Result<(), Failed> {
        let _turn = self.0.usage.turn.lock().await;
        let (mut failed, mut unlisted, today) = (None, None, UsageDay::of(self.now()));
        for client in self.clients()? {
            if whom == Whom::NotToday && last_asked_of(&*self.reader()?, client.account())? == Some(today) {
                continue;
            }
            match fetch::fetch(self, &client, *days.start(), *days.end()).await {
                Ok(why) => unlisted = unlisted.or(why),
                Err(Failed(why)) => failed = failed.or(Some((client.account(), why))),
            }
        }
        let why = failed.map(|(account, why)| format!("Twilio's usage of {account} could not be read: {why}"));
        let unlisted = unlisted.map(|why| {
            format!("what Twilio lists on a day could not be read, so differences may lack their reason: {why}")
        });
        self.0.usage.set_trouble(why.clone().or(unlisted));
        why.map_or(Ok(()), |why| Err(Failed(why)))
    }
}
