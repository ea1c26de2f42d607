//! `switchboard sandbox`: the simulated Twilio by itself.

use super::super::{Context, Failure};
use crate::sandbox;

/// Runs the sandbox at `listen`, with `seed`, until SIGINT or SIGTERM. With `--json` it prints its
/// address and credentials on one line when it is ready.
pub async fn sandbox(ctx: Context, listen: String, seed: Option<u64>) -> Result<(), Failure> {
    let listen = listen
        .parse()
        .map_err(|_| Failure::usage(format!("`{listen}` is no address to listen on, such as 127.0.0.1:0")))?;
    // Its own directory: the sandbox inside a node has another.
    let state_dir = ctx.setup.paths.root.join("sandbox-alone");
    let running = sandbox::start(sandbox::Config { state_dir, listen, seed: seed.unwrap_or(42) })
        .await
        .map_err(|e| Failure::failed(e.to_string()))?;
    let url = format!("{}/sandbox/state", running.base);
    let gone = |e: reqwest::Error| Failure::failed(format!("the sandbox does not answer: {e}"));
    let state: serde_json::Value =
        super::local_http()?.get(url).send().await.map_err(gone)?.json().await.map_err(gone)?;
    let line = match ctx.out.json {
        true => serde_json::json!({
            "base": running.base,
            "accountSid": state["accountSid"],
            "authToken": state["authToken"],
            "apiKeySid": state["apiKeySid"],
            "apiKeySecret": state["apiKeySecret"],
        })
        .to_string(),
        false => format!(
            "sandbox at {}\naccount {}\nauth token {}\nCtrl-C ends it",
            running.base,
            state["accountSid"].as_str().unwrap_or("?"),
            state["authToken"].as_str().unwrap_or("?")
        ),
    };
    let printed = ctx.out.line(&line);
    if printed.is_ok() {
        super::ended().await;
    }
    running.stop().await;
    printed
}
