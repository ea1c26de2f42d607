//! Business time: the system's clock, or the sandbox's simulated one.
//!
//! Snoozes, schedules, expiry and the undo hold follow it. The simulated clock is fed from outside
//! and runs at the pace of a monotonic clock in between; while no sandbox feeds it, it stands still.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::domain::time::Time;

/// What business time is made of.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// The system's wall clock.
    Wall,
    /// A moment and when it was told; running on from there, or standing still.
    Simulated { told: Time, since: Instant, paused: bool },
}

/// A clock that is shared by all rooms. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clock(Arc<watch::Sender<Source>>);

/// The system's wall clock.
pub fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

impl Clock {
    /// Business time is wall time.
    pub fn live() -> Clock {
        Clock(Arc::new(watch::Sender::new(Source::Wall)))
    }

    /// Business time is told from outside; it stands still until then.
    pub fn simulated(now: Time) -> Clock {
        Clock(Arc::new(watch::Sender::new(Source::Simulated { told: now, since: Instant::now(), paused: true })))
    }

    /// Business time.
    pub fn now(&self) -> Time {
        match *self.0.borrow() {
            Source::Wall => wall(),
            Source::Simulated { told, paused: true, .. } => told,
            Source::Simulated { told, since, .. } => {
                Time(told.0.saturating_add(i64::try_from(since.elapsed().as_micros()).unwrap_or(i64::MAX)))
            }
        }
    }

    /// Whether it stands still.
    pub fn is_paused(&self) -> bool {
        matches!(*self.0.borrow(), Source::Simulated { paused: true, .. })
    }

    /// Tells a simulated clock what time it is. A live one is not moved.
    pub fn tell(&self, now: Time, paused: bool) {
        self.0.send_if_modified(|source| match source {
            Source::Wall => false,
            simulated => {
                *simulated = Source::Simulated { told: now, since: Instant::now(), paused };
                true
            }
        });
    }

    /// Rings when the clock was told a time.
    pub fn told(&self) -> Told {
        Told(self.0.subscribe())
    }

    /// Waits until business time is `due`, however the clock is moved meanwhile; for ever when `None`.
    pub async fn reached(&self, due: Option<Time>) {
        let mut told = self.told();
        loop {
            let now = self.now();
            let left = match due {
                Some(due) if due <= now => return,
                Some(due) if !self.is_paused() => Some(due - now),
                _ => None,
            };
            match left {
                // A millisecond more than left, so that rounding does not wake twice.
                Some(left) => {
                    let left = Duration::from_micros(u64::try_from(left.0).unwrap_or(0)) + Duration::from_millis(1);
                    let _ = tokio::time::timeout(left, told.changed()).await;
                }
                None => told.changed().await,
            }
        }
    }
}

/// Waits for the clock to be told a time.
#[derive(Debug)]
pub struct Told(watch::Receiver<Source>);

impl Told {
    /// Returns when the clock was told a time since the last call.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // The clock is gone: it will never be told again.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Span;

    #[tokio::test]
    async fn a_standing_clock_reaches_a_moment_only_when_told() {
        let start = Time::from_secs(1_772_470_800);
        let clock = Clock::simulated(start);
        let due = start + Span::secs(600);
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.reached(Some(due)).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(clock.now(), start);
        clock.tell(start + Span::secs(601), true);
        waiting.await.unwrap();
        assert_eq!(clock.now(), start + Span::secs(601));
    }

    #[test]
    fn a_live_clock_cannot_be_told() {
        let clock = Clock::live();
        clock.tell(Time(0), true);
        assert!(clock.now() > Time::from_secs(1_700_000_000) && !clock.is_paused());
    }
}
