//! Looking at the newest of Twilio's list: as often as something happens where there is no public URL,
//! and now and then where there is one, for webhooks get lost without anybody noticing.

use std::time::Duration;

use super::super::Core;
use super::sweep::{self, Span};
use super::{Keeper, SKEW, Trouble, WRITE_DOWN, lock};
use crate::domain::keeping::Watch;

impl Keeper {
    /// Looks once, and decides how soon again.
    pub(super) async fn look(&mut self) -> Result<(), Trouble> {
        let core = self.core.clone();
        let now = core.now();
        let span = Span { from: self.watch.listed.min(now) - SKEW, until: now + SKEW };
        let found = sweep::whole(&core, span).await?;
        self.look_every = self.pause(found.is_news(), found.texts);
        if found.is_news() || now - self.watch.listed >= WRITE_DOWN {
            self.watch.listed = now;
            if !core.has_webhooks() {
                self.watch.heard = now;
            }
            core.move_watch(self.watch.clone()).await?;
        }
        Ok(())
    }

    fn pause(&self, is_news: bool, texts: u64) -> Duration {
        let pace = self.core.0.pace;
        if self.core.has_webhooks() {
            let mut told = lock(&self.core.0.keeping.told);
            // Webhooks that do not arrive are made up for, and said.
            told.unheard = if texts > 0 { told.unheard + texts } else { 0 };
            return if texts > 0 { pace.poll_at_most.min(pace.patrol) } else { pace.patrol };
        }
        if is_news { pace.poll } else { self.look_every.mul_f64(1.5).clamp(pace.poll, pace.poll_at_most) }
    }
}

impl Core {
    /// Whether anything was said here since the node was last known to listen.
    pub(super) fn is_busy_since(&self, watch: &Watch) -> bool {
        let newest = self.0.lanes.heads().borrow().iter().sum::<u64>();
        let before = self.0.keeping.beat_heads.swap(newest, std::sync::atomic::Ordering::Relaxed);
        newest != before || watch.heard.0 == 0
    }
}
