//! `switchboard serve`: a node without a screen.

use super::super::{Context, Exit, Failure, node_file, reach};
use super::node::{Node, NotStarted, agent};
use crate::telemetry;

/// Runs the receiver, the API and the workers until SIGINT or SIGTERM. With `--json` it prints
/// `{"base","sandbox"}` on one line when it is ready.
pub async fn serve(ctx: Context) -> Result<(), Failure> {
    let _log = telemetry::start(&ctx.setup.config.log, telemetry::Output::Stderr)
        .map_err(|e| Failure::failed(e.to_string()))?;
    let mut node = match Node::start(&ctx).await {
        Ok(node) => node,
        Err(NotStarted::Failed(failure)) => return Err(failure),
        Err(NotStarted::Owned) => return Err(owned(&ctx).await),
    };
    let line = match ctx.out.json {
        true => serde_json::json!({ "base": node.base(), "sandbox": node.sandbox_base() }).to_string(),
        false => match node.sandbox_base() {
            Some(sandbox) => format!("listening on {} (SANDBOX at {sandbox}); Ctrl-C ends it", node.base()),
            None => format!("listening on {} (LIVE); Ctrl-C ends it", node.base()),
        },
    };
    let mut done = ctx.out.line(&line);
    if done.is_ok() {
        done = tokio::select! {
            () = super::ended() => Ok(()),
            failure = node.broke_off() => Err(failure),
        };
    }
    node.stop().await;
    done
}

/// Says who has the store.
pub(super) async fn owned(ctx: &Context) -> Failure {
    match node_file::find_running(&ctx.setup.paths, &agent(&ctx.setup)).await {
        Ok(Some(running)) => {
            Failure::failed(format!("a node runs here already, process {} at {}", running.file.pid, running.file.base))
                .remedy("`switchboard` opens a console on it; stop it first to start another")
        }
        _ => match node_file::find_hanging(&ctx.setup.paths).await {
            Some(file) => Failure { exit: Exit::Failed, ..reach::hanging(&file) },
            None => Failure::failed(format!(
                "{} is in use by another process that does not answer",
                ctx.setup.paths.store.display()
            ))
            .remedy("wait for it to end, or stop it"),
        },
    }
}
