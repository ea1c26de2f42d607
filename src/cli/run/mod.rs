//! The commands that start something: the one place in the command line that may know every room.
//!
//! Each takes what it needs and runs until it is done or told to stop; what it answers is the
//! program's exit code.

mod attach;
mod console;
mod doctor;
mod forward;
mod furnish;
mod history;
mod listen;
pub mod node;
mod parts;
mod sandbox;
pub mod scenario;
mod seed;
mod serve;
mod session;
mod signed;
mod tail;
mod trigger;

pub use console::console;
pub use doctor::doctor;
pub use listen::{Ask as ListenAsk, listen};
pub use sandbox::sandbox;
pub use seed::seed;
pub use serve::serve;
pub use tail::{Ask as TailAsk, tail};
pub use trigger::{Ask as TriggerAsk, trigger};

use std::io::Write;

use super::{Failure, Out};
use crate::api::When;
use crate::domain::shown::shown;

/// Waits for SIGINT or SIGTERM.
async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

/// The time of day of a moment, where this machine stands.
fn local_time(at: When) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0.0).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// Says on stderr what is no reply: a sentence, or JSON for programs.
fn note(out: Out, text: &str) {
    let line = match out.json {
        true => serde_json::json!({ "note": text }).to_string(),
        false => format!("switchboard: {}", shown(text)),
    };
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Why a request failed, down to the first cause; the outermost words say little.
fn reasons(e: &reqwest::Error) -> String {
    let mut said = Vec::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(e);
    while let Some(inner) = cause {
        said.push(inner.to_string());
        cause = inner.source();
    }
    said.pop().unwrap_or_else(|| e.to_string())
}

/// A client for addresses anywhere. It follows no redirects: what answers is what was asked.
fn outside_http(timeout: std::time::Duration) -> Result<reqwest::Client, Failure> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(std::time::Duration::from_secs(5).min(timeout))
        .timeout(timeout)
        .build()
        .map_err(|e| Failure::failed(format!("the HTTP client cannot be set up: {e}")))
}

/// A client for the sandbox on this machine: no proxy stands in between.
fn local_http() -> Result<reqwest::Client, Failure> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let timeout = std::time::Duration::from_secs(30);
    reqwest::Client::builder()
        .no_proxy()
        // Loopback without TLS: the system's trust store is dear to load and serves nothing here.
        .tls_certs_only([])
        .timeout(timeout)
        .build()
        .map_err(|e| Failure::failed(format!("the HTTP client cannot be set up: {e}")))
}
