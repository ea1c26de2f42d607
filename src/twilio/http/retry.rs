//! How long to wait between two tries of an idempotent request.

use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};

use crate::twilio::client::Backoff;
use crate::twilio::error::Error;

pub(super) use super::seconds as asked;

/// The pauses of one request.
pub(super) struct Pauses {
    backoff: Backoff,
    used: u32,
}

impl Pauses {
    pub(super) fn new(backoff: Backoff) -> Pauses {
        Pauses { backoff, used: 0 }
    }

    /// How many pauses there were.
    pub(super) fn used(&self) -> u32 {
        self.used
    }

    /// The pause before the next try, or nothing if there should be none. Twilio's wish counts; else a
    /// random part of a doubling time, so that clients which failed together do not come back together.
    pub(super) fn next(&mut self, error: &Error) -> Option<Duration> {
        let transient = matches!(error, Error::RateLimited { .. } | Error::NotSent { .. } | Error::Unknown { .. });
        if !transient || self.used + 1 >= self.backoff.tries {
            return None;
        }
        let ceiling = self.backoff.first.saturating_mul(1 << self.used.min(16)).min(self.backoff.longest);
        let pause = error.retry_after().unwrap_or_else(|| ceiling.mul_f64(random_part()));
        self.used += 1;
        (pause <= self.backoff.longest).then_some(pause)
    }
}

/// A number from 0 to 1.
fn random_part() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness the full pause is still a right one.
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_end_and_heed_twilio() {
        let backoff = Backoff { tries: 4, first: Duration::from_secs(1), longest: Duration::from_secs(3) };
        let lost = Error::Unknown { reason: String::new() };
        let mut pauses = Pauses::new(backoff);
        for ceiling in [1, 2, 3] {
            assert!(pauses.next(&lost).unwrap() <= Duration::from_secs(ceiling));
        }
        assert_eq!(pauses.next(&lost), None, "tries are used up");
        let limited = |seconds| Error::RateLimited { retry_after: Some(Duration::from_secs(seconds)) };
        assert_eq!(Pauses::new(backoff).next(&limited(2)), Some(Duration::from_secs(2)));
        assert_eq!(Pauses::new(backoff).next(&limited(60)), None, "too long to wait here");
        let refused = Error::Unauthorized { http: 401, code: 20003, message: String::new() };
        assert_eq!(Pauses::new(backoff).next(&refused), None);
    }
}
