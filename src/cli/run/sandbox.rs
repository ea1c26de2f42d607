//! `switchboard sandbox`: the simulated Twilio by itself.

use super::super::{Context, Failure};
use crate::sandbox;

/// Runs the sandbox at `listen`, with `seed`, until SIGINT or SIGTERM. With `--json` it prints its
/// address and credentials on one line when it is ready. A `scenario` replaces the world that was kept.
pub async fn sandbox(ctx: Context, listen: String, seed: Option<u64>, scenario: Option<String>) -> Result<(), Failure> {
    let scenario = scenario.as_deref().map(told).transpose()?;
    let listen = listen
        .parse()
        .map_err(|_| Failure::usage(format!("`{listen}` is no address to listen on, such as 127.0.0.1:0")))?;
    // Its own directory: the sandbox inside a node has another.
    let state_dir = ctx.setup.paths.root.join("sandbox-alone");
    let running = sandbox::start(sandbox::Config { state_dir, listen, seed: seed.unwrap_or(42) })
        .await
        .map_err(|e| Failure::failed(e.to_string()))?;
    let gone = |e: reqwest::Error| Failure::failed(format!("the sandbox does not answer: {e}"));
    let http = super::local_http()?;
    let asked = match scenario {
        Some(scenario) => {
            let body = match seed {
                Some(seed) => serde_json::json!({ "seed": seed, "scenario": scenario }),
                None => serde_json::json!({ "scenario": scenario }),
            };
            http.post(format!("{}/sandbox/reset", running.base)).json(&body)
        }
        None => http.get(format!("{}/sandbox/state", running.base)),
    };
    let state: serde_json::Value = asked.send().await.map_err(gone)?.json().await.map_err(gone)?;
    if let Some(wrong) = state["error"].as_str() {
        running.stop().await;
        return Err(Failure::usage(wrong.to_owned()));
    }
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

/// A scenario's name, or what stands in its file.
fn told(scenario: &str) -> Result<serde_json::Value, Failure> {
    let is_name = scenario.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_name && !std::path::Path::new(scenario).exists() {
        return Ok(scenario.into());
    }
    let text = std::fs::read_to_string(scenario)
        .map_err(|e| Failure::usage(format!("the scenario file {scenario} cannot be read: {e}")))?;
    toml::from_str(&text).map_err(|e| Failure::usage(format!("the scenario file {scenario} is no TOML: {e}")))
}
