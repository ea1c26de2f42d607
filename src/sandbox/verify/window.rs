//! Counts within spans of simulated time: so many in so many seconds, from the first one on.

use serde::{Deserialize, Serialize};

use crate::sandbox::answer::Refusal;
use crate::sandbox::error::StoreError;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

#[derive(Default, Serialize, Deserialize)]
struct Window {
    since: u64,
    count: u64,
}

impl Row for Window {
    const KIND: &'static str = "verify-window";
}

/// A bound: what is counted, how many may be, in how many seconds.
pub struct Bound {
    /// What is counted.
    pub key: String,
    /// At most.
    pub most: u64,
    /// In so many seconds.
    pub seconds: u64,
}

/// Counts one more under every bound; or, when one has no room, nothing, and answers the seconds until it
/// has.
pub fn take(world: &mut World, bounds: &[Bound]) -> Result<Option<u64>, StoreError> {
    let now = world.now();
    let mut windows = Vec::with_capacity(bounds.len());
    let mut wait = None;
    for bound in bounds {
        let span = bound.seconds.saturating_mul(1_000_000);
        let known = world.get::<Window>(&bound.key)?.filter(|window| now < window.since.saturating_add(span));
        let window = known.unwrap_or(Window { since: now, count: 0 });
        if window.count >= bound.most {
            let left = window.since.saturating_add(span).saturating_sub(now).div_ceil(1_000_000);
            wait = wait.max(Some(left));
        }
        windows.push(Window { count: window.count + 1, ..window });
    }
    if wait.is_none() {
        for (bound, window) in bounds.iter().zip(&windows) {
            world.put(&bound.key, window)?;
        }
    }
    Ok(wait)
}

/// The refusal with the seconds to wait, and the name of what was reached.
pub fn too_many(refusal: Refusal, wait: u64, reached: &str) -> Refusal {
    let headers = vec![("Retry-After", wait.to_string()), ("Twilio-Reached-Rate-Limit", reached.to_owned())];
    Refusal { headers, ..refusal }
}
