//! The node of this machine: the one that runs, or this process when there is none.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;

use super::super::{Context, Failure, node_file, reach};
use super::node::{Node, NotStarted, agent};
use crate::link::{Attached, Link};

/// The node that this process has become, if it has.
#[derive(Clone, Default)]
pub struct Own(Arc<Mutex<Option<Node>>>);

impl Own {
    /// The way into it, if it is there; waits while it makes a fresh world.
    async fn get(&self, handle: &str) -> Option<Link> {
        let way = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Node::way);
        way?.link(handle).await
    }

    fn set(&self, node: Node) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(node);
    }

    /// Ends it, if this process has become one.
    pub async fn stop(&self) {
        let node = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(node) = node {
            node.stop().await;
        }
    }
}

/// The way to the node that `--connect` names; else to the one that runs here, whichever it is at the
/// moment; else this process becomes it.
pub async fn attach(ctx: &Arc<Context>, own: &Own) -> Result<Link, Failure> {
    if ctx.globals.connect.is_some() {
        return reach(ctx).await;
    }
    let first = find_or_become(ctx, own).await?;
    let (ctx, own) = (ctx.clone(), own.clone());
    Ok(Link::Attached(Attached::new(
        first,
        Arc::new(move || {
            let (ctx, own) = (ctx.clone(), own.clone());
            async move { find_or_become(&ctx, &own).await.ok() }.boxed()
        }),
    )))
}

/// The running node, or this process as the node. Two that race for it both end up on one.
async fn find_or_become(ctx: &Context, own: &Own) -> Result<Link, Failure> {
    let handle = agent(&ctx.setup);
    for _ in 0..50 {
        if let Some(link) = own.get(&handle).await {
            return Ok(link);
        }
        if let Some(running) = node_file::find_running(&ctx.setup.paths, &handle).await? {
            return Ok(Link::Remote(running.remote));
        }
        match Node::start(ctx).await {
            Ok(node) => {
                own.set(node);
                if let Some(link) = own.get(&handle).await {
                    return Ok(link);
                }
            }
            Err(NotStarted::Failed(failure)) => return Err(failure),
            // It is starting, or ending: ask again in a moment.
            Err(NotStarted::Owned) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    Err(super::serve::owned(ctx).await)
}
