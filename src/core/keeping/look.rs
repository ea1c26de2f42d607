//! Looking at the newest of Twilio's list: as often as something happens where there is no public URL,
//! and now and then where there is one, for webhooks get lost without anybody noticing.

use std::time::Duration;

use super::super::Core;
use super::sweep::{self, Span};
use super::{Keeper, SKEW, Trouble, WRITE_DOWN, lock};
use crate::domain::keeping::{Found, Watch};
use crate::domain::time::Time;
use crate::twilio::Client;

impl Keeper {
    /// Looks once at the lists of all accounts, and decides how soon again.
    pub(super) async fn look(&mut self) -> Result<(), Trouble> {
        let core = self.core.clone();
        let (mut found, before) = (Found::default(), self.watch.listed);
        for client in core.awake()? {
            let account = client.account();
            let looked = self.look_at_one(&core, client, before).await;
            found.add(core.noted(account, looked)?.unwrap_or_default());
        }
        self.look_every = self.pause(found.is_news(), found.texts);
        Ok(())
    }

    /// Looks at one account's list since it was last looked at; at the first time, since `before`.
    async fn look_at_one(&mut self, core: &Core, client: Client, before: Time) -> Result<Found, Trouble> {
        let (account, now) = (client.account(), core.now());
        let mut watch = match account == self.watch.account {
            true => self.watch.clone(),
            false => core.watch_of(account)?.unwrap_or(Watch { account, heard: before, listed: before }),
        };
        let span = Span { from: watch.listed.min(now) - SKEW, until: now + SKEW };
        let found = sweep::of_one(core, client, span).await?;
        if found.is_news() || now - watch.listed >= WRITE_DOWN {
            watch.listed = now;
            if !core.has_webhooks() {
                watch.heard = now;
            }
            core.move_watch(watch.clone()).await?;
            if account == self.watch.account {
                self.watch = watch;
            }
        }
        Ok(found)
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
