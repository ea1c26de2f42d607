//! The way to whichever node owns this machine's store: when it is gone, the next one is found or made.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Connection, Failure, Heard, Link};
use crate::api::events::Cursor;
use crate::api::{ApiError, Code, Reply, Request, Spec};

/// How long a node may be silent before another way is looked for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Finds the node that runs now, or becomes it; `None` when neither is possible yet.
pub type Find = Arc<dyn Fn() -> BoxFuture<'static, Option<Link>> + Send + Sync>;

/// A way that is replaced when its node is gone.
#[derive(Clone)]
pub struct Attached {
    now: Arc<RwLock<Link>>,
    find: Find,
}

impl Attached {
    /// Begins with `link`, a direct way; `find` is asked when its node has been gone for two seconds.
    pub fn new(link: Link, find: Find) -> Attached {
        Attached { now: Arc::new(RwLock::new(link)), find }
    }

    pub(super) fn current(&self) -> Link {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) async fn ask(&self, request: Request) -> Result<Reply, ApiError> {
        match self.current() {
            Link::Local(local) => local.ask(request).await,
            Link::Remote(remote) => remote.ask(request).await,
            Link::Attached(_) => Err(loops()),
        }
    }

    /// Carries out an operation that is known only at run time.
    pub async fn call_raw(&self, spec: &Spec, fields: Map<String, Value>) -> Result<Value, Failure> {
        match self.current() {
            Link::Local(local) => local.call_raw(spec, fields).await,
            Link::Remote(remote) => remote.call_raw(spec, fields).await,
            Link::Attached(_) => Err(Failure::Refused(loops())),
        }
    }

    /// Follows the events of the node of the moment.
    pub fn events(&self, after: Option<Cursor>) -> BoxStream<'static, Heard> {
        self.follow(after, false)
    }

    /// The same, with the webhooks that are answered meanwhile.
    pub fn watch(&self, after: Option<Cursor>) -> BoxStream<'static, Heard> {
        self.follow(after, true)
    }

    fn follow(&self, after: Option<Cursor>, webhooks: bool) -> BoxStream<'static, Heard> {
        let (heard, receiver) = mpsc::channel(256);
        tokio::spawn(follow(self.clone(), after, webhooks, heard));
        stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|h| (h, receiver)) }).boxed()
    }
}

pub(super) fn loops() -> ApiError {
    ApiError::new(Code::Internal, "a way to the node leads to itself")
}

/// Returns when a node that is gone since then is waited for no longer.
async fn passed(gone: Option<Instant>) {
    match gone {
        Some(since) => tokio::time::sleep_until(since + PATIENCE).await,
        None => std::future::pending().await,
    }
}

async fn follow(attached: Attached, mut after: Option<Cursor>, webhooks: bool, heard: mpsc::Sender<Heard>) {
    loop {
        let link = attached.current();
        let mut events = if webhooks { link.watch(after.clone()) } else { link.events(after.clone()) };
        let mut gone: Option<Instant> = None;
        loop {
            let next = tokio::select! {
                next = events.next() => next,
                () = passed(gone) => break,
                () = heard.closed() => return,
            };
            let Some(next) = next else {
                let why = "the node has ended, or begins a fresh world: it is looked for again";
                if heard.send(Heard::Connection(Connection::Stale(why.to_owned()))).await.is_err() {
                    return;
                }
                break;
            };
            match &next {
                Heard::Frame(frame) => {
                    gone = None;
                    after = frame.cursor().cloned().or(after.take());
                }
                Heard::Connection(Connection::Live) => gone = None,
                // A repeated failure must not put the moment off again and again.
                Heard::Connection(Connection::Stale(_)) if gone.is_some() => continue,
                Heard::Connection(_) => gone = Some(Instant::now()),
            }
            if heard.send(next).await.is_err() {
                return;
            }
        }
        match (attached.find)().await {
            Some(link) => *attached.now.write().unwrap_or_else(PoisonError::into_inner) = link,
            None => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    }
}
