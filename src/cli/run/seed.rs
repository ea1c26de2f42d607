//! `switchboard seed NAME`: a fresh, named world in the sandbox.

use std::path::Path;

use super::super::{Context, Exit, Failure, node_file};
use super::node::{Node, NotStarted, agent};
use super::scenario::Scenario;
use crate::config::{Paths, Setup};

/// Replaces the sandbox's world. Asks first; refuses when live or while a node runs. The new world is made
/// beside the old one, so a seed that is broken off changes nothing.
pub async fn seed(ctx: Context, name: String) -> Result<(), Failure> {
    if ctx.setup.world.is_live() {
        return Err(Failure::failed("a live account is never seeded")
            .remedy("take its credentials out of the environment and the config file to use the sandbox"));
    }
    let scenario = Scenario::named(&name)?;
    nobody_runs(&ctx).await?;
    let state = &ctx.setup.paths.state;
    if !ctx.globals.yes {
        return Err(Failure {
            exit: Exit::NeedsYes,
            ..Failure::failed(format!(
                "this sets the sandbox's present world in {} aside and begins `{name}` afresh",
                state.display()
            ))
        }
        .remedy("repeat with --yes"));
    }
    let (codes, talks) = scenario.told();
    if codes + talks > 0 {
        super::note(ctx.out, &format!("playing {codes} verifications and {talks} conversations"));
    }
    let setup = beside(&ctx.setup);
    set_aside(&setup.paths.state)?;
    let node = match Node::start_with(setup.clone(), scenario).await {
        Ok(node) => node,
        Err(NotStarted::Failed(failure)) => return Err(failure),
        Err(NotStarted::Owned) => return Err(super::serve::owned(&ctx).await),
    };
    node.stop().await;
    if setup.paths.state != *state {
        nobody_runs(&ctx).await?;
        set_aside(state)?;
        rename(&setup.paths.state, state)?;
    }
    ctx.out.line(&format!("the world `{name}` is ready: `switchboard` opens it"))
}

async fn nobody_runs(ctx: &Context) -> Result<(), Failure> {
    match node_file::find_running(&ctx.setup.paths, &agent(&ctx.setup)).await? {
        None => Ok(()),
        Some(running) => Err(Failure::failed(format!("a node runs here, process {}", running.file.pid))
            .remedy("quit its console or stop `switchboard serve`, then seed")),
    }
}

/// The same settings for a world beside the present one. A store that was put elsewhere by hand stays there:
/// such a world is made in place.
fn beside(setup: &Setup) -> Setup {
    let state = &setup.paths.state;
    let new = state.with_extension("seeding");
    let inside = |path: &Path| path.strip_prefix(state).map(|rest| new.join(rest));
    let (Ok(store), Ok(node_file)) = (inside(&setup.paths.store), inside(&setup.paths.node_file)) else {
        return setup.clone();
    };
    let log = inside(&setup.paths.log).unwrap_or_else(|_| setup.paths.log.clone());
    Setup { paths: Paths { state: new.clone(), store, node_file, log, ..setup.paths.clone() }, ..setup.clone() }
}

/// Moves an old world out of the way; nothing is deleted.
fn set_aside(state: &Path) -> Result<(), Failure> {
    if !state.exists() {
        return Ok(());
    }
    rename(state, &state.with_extension(format!("{}.old", crate::clock::wall().millis())))
}

fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::rename(from, to)
        .map_err(|e| Failure::failed(format!("{} cannot be moved to {}: {e}", from.display(), to.display())))
}
