//! `switchboard`, `switchboard console`: the console, on this machine's node or on one elsewhere.

use std::io::{IsTerminal, stdin, stdout};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;

use super::super::{Context, Failure, node_file, reach};
use super::node::{Node, NotStarted, agent};
use crate::link::{Attached, Link};
use crate::{telemetry, tui};

/// The node that this process has become, if it has.
type Own = Arc<Mutex<Option<Node>>>;

/// Opens the console. With `--connect` on that node; else on the node that runs here; else this
/// process becomes the node.
pub async fn console(ctx: Context) -> Result<(), Failure> {
    // Before anything is made or started: a console that cannot open leaves nothing behind.
    if !(stdin().is_terminal() && stdout().is_terminal()) {
        return Err(Failure::failed(tui::Error::NoTerminal.to_string()));
    }
    options(&ctx).settings().map_err(|e| Failure::usage(e.to_string()))?;
    ctx.setup.paths.create()?;
    let _log = telemetry::start(&ctx.setup.config.log, telemetry::Output::Files(&ctx.setup.paths.log))
        .map_err(|e| Failure::failed(e.to_string()))?;
    let ctx = Arc::new(ctx);
    let own: Own = Arc::default();
    let link = match ctx.globals.connect {
        Some(_) => reach(&ctx).await?,
        None => {
            let first = find_or_become(&ctx, &own).await?;
            let (ctx, own) = (ctx.clone(), own.clone());
            Link::Attached(Attached::new(
                first,
                Arc::new(move || {
                    let (ctx, own) = (ctx.clone(), own.clone());
                    async move { find_or_become(&ctx, &own).await.ok() }.boxed()
                }),
            ))
        }
    };
    let shown = tui::run(link, options(&ctx)).await;
    let node = own.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(node) = node {
        node.stop().await;
    }
    shown.map_err(|e| Failure::failed(e.to_string()))
}

/// The running node, or this process as the node. Two consoles that race for it both end up on one.
async fn find_or_become(ctx: &Context, own: &Own) -> Result<Link, Failure> {
    let handle = agent(&ctx.setup);
    for _ in 0..50 {
        if let Some(node) = &*own.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(node.link(&handle));
        }
        if let Some(running) = node_file::find_running(&ctx.setup.paths, &handle).await? {
            return Ok(Link::Remote(running.remote));
        }
        match Node::start(ctx).await {
            Ok(node) => {
                let link = node.link(&handle);
                *own.lock().unwrap_or_else(PoisonError::into_inner) = Some(node);
                return Ok(link);
            }
            Err(NotStarted::Failed(failure)) => return Err(failure),
            // It is starting, or ending: ask again in a moment.
            Err(NotStarted::Owned) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    }
    Err(super::serve::owned(ctx).await)
}

fn options(ctx: &Context) -> tui::Options {
    let console = &ctx.setup.config.console;
    tui::Options {
        agent: agent(&ctx.setup),
        state_dir: Some(ctx.setup.paths.state.clone()),
        keymap: console.keymap.clone().or_else(|| Some(ctx.setup.paths.config.join("keymap.toml"))),
        theme: Some(console.theme.clone()).filter(|theme| theme != "auto"),
        mouse: console.mouse,
        bell: console.bell,
        notify: console.notify,
        notify_when: console.notify_when,
        quiet_hours: console.quiet_hours,
        hold_seconds: Some(ctx.setup.config.limits.hold_seconds),
        ..tui::Options::default()
    }
}
