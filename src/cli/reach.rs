//! Finds the node that a command talks to.

use std::io::Write;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::node_file::{self, NodeFile};
use super::{Context, Failure};
use crate::config::World;
use crate::link::{Link, Remote};

/// The node that `--connect` names, else the one that runs on this machine in this world.
///
/// # Errors
/// A failure with the exit code for "no node reached", or a usage failure when the token is missing.
pub async fn reach(ctx: &Context) -> Result<Link, Failure> {
    if let Some(base) = &ctx.globals.connect {
        let token = token(ctx)?;
        return Ok(Link::Remote(connect(base, &token, ctx.setup.config.console.agent.as_deref())?));
    }
    match node_file::find_running(&ctx.setup.paths, &ctx.setup.agent()).await? {
        Some(running) => Ok(Link::Remote(running.remote)),
        None => Err(match node_file::find_hanging(&ctx.setup.paths).await {
            Some(file) => hanging(&file),
            None => none_runs(ctx),
        }),
    }
}

/// Says which process has the store and does not answer.
pub(super) fn hanging(file: &NodeFile) -> Failure {
    Failure::unreachable(format!("the node here, process {} at {}, does not answer", file.pid, file.base)).remedy(
        format!(
            "give it a moment; if it hangs, end it with `kill {}` and start again: what was accepted is kept",
            file.pid
        ),
    )
}

fn none_runs(ctx: &Context) -> Failure {
    Failure::unreachable(match &ctx.setup.world {
        World::Sandbox => "no node runs here in the sandbox".to_owned(),
        World::OtherSandbox { base, .. } => format!("no node runs here for the sandbox at {base}"),
        World::Live { account } => format!("no node runs here for {account}"),
    })
    .remedy("start one with `switchboard` or `switchboard serve`, or name one with --connect")
}

/// The way to a node elsewhere.
///
/// # Errors
/// A usage failure when the address cannot be a node's.
pub fn connect(base: &Url, token: &SecretString, agent: Option<&str>) -> Result<Remote, Failure> {
    if !["http", "https"].contains(&base.scheme()) || base.host().is_none() {
        return Err(Failure::usage(format!("{base} is no address of a node: it looks like https://desk.example.com")));
    }
    let here = base.host_str().is_some_and(|h| h == "localhost" || h.starts_with("127.") || h == "[::1]");
    if base.scheme() == "http" && !here {
        let warning = format!("switchboard: the token goes to {base} unencrypted: use https, or a tunnel to it");
        let _ = writeln!(std::io::stderr(), "{warning}");
    }
    Ok(Remote::new(base.clone(), token.expose_secret(), agent)?)
}

/// The token for `--connect`: from `--token-file`, else `SWITCHBOARD_TOKEN`. Never a flag, for others
/// can read those.
pub fn token(ctx: &Context) -> Result<SecretString, Failure> {
    let text = match &ctx.globals.token_file {
        Some(file) => std::fs::read_to_string(file)
            .map_err(|e| Failure::usage(format!("the token file {} cannot be read: {e}", file.display())))?,
        None => std::env::var("SWITCHBOARD_TOKEN").unwrap_or_default(),
    };
    let token = SecretString::from(text.trim());
    if token.expose_secret().is_empty() {
        return Err(Failure::usage("there is no token for --connect")
            .remedy("set SWITCHBOARD_TOKEN or give --token-file; `switchboard token create` makes one"));
    }
    Ok(token)
}
