//! Asks and listens for a console: what it wants of the node goes out over the link, and comes back as a message
//! on its queue. The console with a screen and the one with lines share it; neither blocks for it.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use super::msg::{Effect, Msg};
use crate::api::events::Frame;
use crate::link::{Heard, Link};

/// The way to the node and back; `In` is what the console's queue holds.
pub struct Runner<In> {
    link: Link,
    sender: mpsc::Sender<In>,
    wrap: fn(Msg) -> In,
    work: JoinSet<()>,
    feed: Option<AbortHandle>,
    watch: Option<AbortHandle>,
}

impl<In: Send + 'static> Runner<In> {
    /// A runner for a queue whose messages are made by `wrap`.
    pub fn new(link: Link, sender: mpsc::Sender<In>, wrap: fn(Msg) -> In) -> Runner<In> {
        Runner { link, sender, wrap, work: JoinSet::new(), feed: None, watch: None }
    }

    /// The way to the node.
    pub fn link(&self) -> Link {
        self.link.clone()
    }

    /// Does what concerns the node; what does not comes back.
    pub fn carry_out(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Ask(tag, request) => {
                let link = self.link.clone();
                self.report(async move {
                    let answer = link.ask(*request).await;
                    Msg::Answered(tag, Box::new(answer))
                });
            }
            Effect::Follow(after) => {
                let heard = self.link.events(after);
                let feed = self.listen(heard, |_| true);
                replace(&mut self.feed, Some(feed));
            }
            Effect::Watch(on) => {
                // The events come on their own way.
                let is_webhook = |heard: &Heard| matches!(heard, Heard::Frame(Frame::Webhook(_)));
                let watch = on.then(|| self.listen(self.link.watch(None), is_webhook));
                replace(&mut self.watch, watch);
            }
            Effect::Present(presence) => {
                let link = self.link.clone();
                self.work.spawn(async move {
                    // Nothing depends on it: what is lost is told again with the next key.
                    let _ = link.call(presence).await;
                });
            }
            other => return Some(other),
        }
        None
    }

    /// Work whose outcome is a message.
    pub fn report(&mut self, work: impl Future<Output = Msg> + Send + 'static) {
        let (sender, wrap) = (self.sender.clone(), self.wrap);
        self.work.spawn(async move {
            let _ = sender.send(wrap(work.await)).await;
        });
    }

    /// Work that would hold up the loop: files, passphrases. The end waits for it a little.
    pub fn aside(&mut self, work: impl FnOnce() -> Option<Msg> + Send + 'static) {
        let (sender, wrap) = (self.sender.clone(), self.wrap);
        self.work.spawn(async move {
            if let Ok(Some(msg)) = tokio::task::spawn_blocking(work).await {
                let _ = sender.send(wrap(msg)).await;
            }
        });
    }

    fn listen(&self, mut heard: BoxStream<'static, Heard>, wanted: fn(&Heard) -> bool) -> AbortHandle {
        let (sender, wrap) = (self.sender.clone(), self.wrap);
        let listen = async move {
            while let Some(heard) = heard.next().await {
                if wanted(&heard) && sender.send(wrap(Msg::Heard(heard))).await.is_err() {
                    return;
                }
            }
        };
        tokio::spawn(listen).abort_handle()
    }

    /// Forgets what has ended.
    pub fn tidy(&mut self) {
        while self.work.try_join_next().is_some() {}
    }

    /// Listens no longer; what is under way may still finish within `time`.
    pub async fn end(&mut self, time: Duration) {
        replace(&mut self.feed, None);
        replace(&mut self.watch, None);
        let work = &mut self.work;
        let _ = tokio::time::timeout(time, async { while work.join_next().await.is_some() {} }).await;
        self.work.abort_all();
    }
}

fn replace(listening: &mut Option<AbortHandle>, by: Option<AbortHandle>) {
    if let Some(old) = std::mem::replace(listening, by) {
        old.abort();
    }
}

impl<In> Drop for Runner<In> {
    fn drop(&mut self) {
        replace(&mut self.feed, None);
        replace(&mut self.watch, None);
    }
}
