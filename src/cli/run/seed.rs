//! `switchboard seed NAME`: a fresh, named world in the sandbox.

use super::super::{Context, Exit, Failure, node_file};
use super::node::{Node, NotStarted, agent};
use super::scenario::Scenario;

/// Replaces the sandbox's world. Asks first; refuses when live or while a node runs.
pub async fn seed(ctx: Context, name: String) -> Result<(), Failure> {
    if ctx.setup.world.is_live() {
        return Err(Failure::failed("a live account is never seeded")
            .remedy("take its credentials out of the environment and the config file to use the sandbox"));
    }
    let scenario = Scenario::named(&name)?;
    if let Some(running) = node_file::find_running(&ctx.setup.paths, &agent(&ctx.setup)).await? {
        return Err(Failure::failed(format!("a node runs here, process {}", running.file.pid))
            .remedy("quit its console or stop `switchboard serve`, then seed"));
    }
    if !ctx.globals.yes {
        return Err(Failure {
            exit: Exit::NeedsYes,
            ..Failure::failed(format!(
                "this sets the sandbox's present world in {} aside and begins `{name}` afresh",
                ctx.setup.paths.state.display()
            ))
        }
        .remedy("repeat with --yes"));
    }
    set_world_aside(&ctx)?;
    let node = match Node::start_with(&ctx, scenario).await {
        Ok(node) => node,
        Err(NotStarted::Failed(failure)) => return Err(failure),
        Err(NotStarted::Owned) => return Err(super::serve::owned(&ctx).await),
    };
    node.stop().await;
    ctx.out.line(&format!("the world `{name}` is ready: `switchboard` opens it"))
}

/// Moves the old world beside the new one; nothing is deleted.
fn set_world_aside(ctx: &Context) -> Result<(), Failure> {
    let state = &ctx.setup.paths.state;
    if !state.exists() {
        return Ok(());
    }
    let old = state.with_extension(format!("{}.old", crate::clock::wall().millis()));
    std::fs::rename(state, &old)
        .map_err(|e| Failure::failed(format!("{} cannot be moved to {}: {e}", state.display(), old.display())))
}
