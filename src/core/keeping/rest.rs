//! Accounts besides the node's own whose lists cannot be read: each rests by itself, ever longer, and holds up
//! no other.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::super::Core;
use super::{LONGEST_PAUSE, Trouble, lock};
use crate::api::ApiError;
use crate::domain::id::Sid;
use crate::twilio::Client;

/// The accounts that rest.
#[derive(Default)]
pub(super) struct Resting(Mutex<HashMap<Sid, Rest>>);

struct Rest {
    until: Instant,
    failures: u32,
    why: String,
}

impl Resting {
    /// What is wrong with each.
    pub fn troubles(&self) -> Vec<String> {
        let mut troubles: Vec<String> = lock(&self.0)
            .iter()
            .map(|(account, rest)| format!("the messages of {account} cannot be read: {}", rest.why))
            .collect();
        troubles.sort();
        troubles
    }

    /// How long until the first of them is tried again; `None` when none rests.
    pub fn wakes_in(&self) -> Option<Duration> {
        let first = lock(&self.0).values().map(|rest| rest.until).min();
        first.map(|until| until.saturating_duration_since(Instant::now()))
    }
}

impl Core {
    /// Whether an account is not to be read now.
    pub(super) fn is_resting(&self, account: Sid) -> bool {
        lock(&self.0.keeping.resting.0).get(&account).is_some_and(|rest| rest.until > Instant::now())
    }

    /// The clients of all accounts that do not rest.
    pub(super) fn awake(&self) -> Result<Vec<Client>, ApiError> {
        let mut clients = self.clients()?;
        // One that nobody names any more troubles nobody.
        lock(&self.0.keeping.resting.0).retain(|account, _| clients.iter().any(|client| client.account() == *account));
        clients.retain(|client| !self.is_resting(client.account()));
        Ok(clients)
    }

    /// Notes how an account was read: another one than the node's own that fails rests, and `None` is answered.
    pub(super) fn noted<T>(&self, account: Sid, read: Result<T, Trouble>) -> Result<Option<T>, Trouble> {
        if account == self.settings().account {
            return read.map(Some);
        }
        let mut resting = lock(&self.0.keeping.resting.0);
        match read {
            Ok(read) => {
                resting.remove(&account);
                Ok(Some(read))
            }
            Err(trouble) => {
                let failures = resting.get(&account).map_or(1, |rest| (rest.failures + 1).min(10));
                let grown = self.0.pace.poll.saturating_mul(1 << failures).min(LONGEST_PAUSE);
                let pause = trouble.wait.map_or(grown, |wait| wait.max(grown));
                tracing::warn!(%account, why = %trouble.why, "the messages of an account cannot be read; trying again later");
                resting.insert(account, Rest { until: Instant::now() + pause, failures, why: trouble.why });
                Ok(None)
            }
        }
    }
}
