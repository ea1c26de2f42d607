//! `switchboard`, `switchboard console`: the console, on this machine's node or on one elsewhere.

use std::io::{IsTerminal, stdin, stdout};
use std::sync::Arc;

use super::super::{Context, Failure};
use super::attach::{Own, attach};
use super::node::agent;
use crate::{telemetry, tui};

/// Opens the console. With `--connect` on that node; else on the node that runs here; else this
/// process becomes the node. With `lines` it needs no terminal.
pub async fn console(ctx: Context, lines: bool) -> Result<(), Failure> {
    // Before anything is made or started: a console that cannot open leaves nothing behind.
    let is_terminal = stdin().is_terminal() && stdout().is_terminal();
    if !lines && !is_terminal {
        return Err(Failure::failed(tui::Error::NoTerminal.to_string()));
    }
    options(&ctx).settings().map_err(|e| Failure::usage(e.to_string()))?;
    ctx.setup.paths.create()?;
    let _log = telemetry::start(&ctx.setup.config.log, telemetry::Output::Files(&ctx.setup.paths.log))
        .map_err(|e| Failure::failed(e.to_string()))?;
    let (ctx, own) = (Arc::new(ctx), Own::default());
    let link = attach(&ctx, &own).await?;
    let shown = match lines {
        true => tui::lines::lines(link, options(&ctx)).await,
        false => tui::run(link, options(&ctx)).await,
    };
    own.stop().await;
    shown.map_err(|e| Failure::failed(e.to_string()))
}

fn options(ctx: &Context) -> tui::Options {
    let console = &ctx.setup.config.console;
    tui::Options {
        agent: agent(&ctx.setup),
        state_dir: Some(ctx.setup.paths.state.clone()),
        keymap: console.keymap.clone().or_else(|| Some(ctx.setup.paths.config.join("keymap.toml"))),
        theme: Some(console.theme.clone()),
        mouse: console.mouse,
        bell: console.bell,
        notify: console.notify,
        notify_when: console.notify_when,
        quiet_hours: console.quiet_hours,
        views: console.views.clone(),
        words: console.words,
        charts: console.charts,
        privacy: console.privacy,
        opener: console.opener.clone(),
        profile: console.keys,
        origins: ctx.setup.origins.clone(),
        config: ctx.setup.file.clone().or_else(|| Some(ctx.setup.paths.config.join("config.toml"))),
        lock: Some(ctx.setup.paths.config.join("lock")),
        hold_seconds: Some(ctx.setup.config.limits.hold_seconds),
        ..tui::Options::default()
    }
}
