//! A stateful Twilio in this binary, reached only over HTTP, both ways.
//!
//! ```text
//! http -> control (clock, handsets, faults, journal)      engine: one thread, one file, one clock
//!      -> router -> api, messaging, verify ->  world  ->  store
//!                   carrier (delivery)     ->  webhook -> the customer's server
//! ```
//!
//! It stands alone: of ours it knows only how phone numbers are read and how texts are counted, so that a
//! mistake in the client cannot cancel out with the same mistake here. Everything is durable and
//! deterministic: a restart changes nothing, and the same seed gives the same SIDs, codes and timings.

mod account;
mod answer;
mod api;
mod billing;
mod call;
mod carrier;
mod clock;
mod content;
mod control;
mod engine;
mod error;
mod faults;
mod fixture;
mod http;
mod journal;
mod lookups;
mod magic;
mod messaging;
mod meta;
mod monitor;
mod number;
mod on_purpose;
mod paging;
mod pricing;
mod router;
mod scenario;
mod seed;
mod service;
mod store;
mod timer;
mod tokens;
mod verify;
mod webhook;
mod world;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use error::{SandboxError, StoreError};

use engine::Engine;
use store::Store;
use webhook::dispatch::{self, Waiting};
use world::{Memory, World};

/// How long open connections may take to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Where a sandbox keeps its state and listens.
#[derive(Debug, Clone)]
pub struct Config {
    /// The directory of its file; made when missing.
    pub state_dir: PathBuf,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The seed of a fresh state; a state that is there keeps its own.
    pub seed: u64,
}

/// A sandbox that runs until it is stopped.
pub struct Running {
    /// What all its URLs begin with, such as `http://127.0.0.1:4010`.
    pub base: String,
    /// Where it listens.
    pub addr: SocketAddr,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    engine: Option<thread::JoinHandle<()>>,
}

/// Starts a sandbox.
///
/// # Errors
/// When the address is taken, the state is open elsewhere or of a newer version, or the disk refuses.
pub async fn start(config: Config) -> Result<Running, SandboxError> {
    // Another part of the process may have chosen the provider already; either serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Config { state_dir, listen, seed } = config;
    let failed = |source| SandboxError::Listen { addr: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    let base = base_of(addr);
    let (base_there, thread_failed) =
        (base.clone(), |error: &dyn std::fmt::Display| SandboxError::Setup(error.to_string()));
    let opened = tokio::task::spawn_blocking(move || open(&state_dir, &base_there, seed)).await;
    let (store, memory) = opened.map_err(|error| thread_failed(&error))??;
    let (out, outgoing) = mpsc::unbounded_channel();
    let (engine, handle) = Engine::start(store, memory, out).map_err(|error| thread_failed(&error))?;
    let (stop, waiting) = (CancellationToken::new(), Waiting::default());
    let dispatcher = tokio::spawn(dispatch::run(outgoing, engine.clone(), waiting.clone(), stop.clone()));
    let resume = |world: &mut World| {
        world.resend()?;
        carrier::media::resume(world)
    };
    let resent = engine.run(resume).await;
    resent.map_err(|error| thread_failed(&error))?;
    let app = http::App::new(engine, waiting, stop.clone());
    let server = warp::serve(http::filter(app)).incoming(listener).graceful(stop.clone().cancelled_owned()).run();
    let deadline = stop.clone();
    let server = tokio::spawn(async move {
        let late = async {
            deadline.cancelled().await;
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! { () = server => {} () = late => {} }
    });
    Ok(Running { base, addr, stop, tasks: vec![server, dispatcher], engine: Some(handle) })
}

impl Running {
    /// Stops listening, keeps the clock, closes the file. Webhooks under way are sent again at the next start.
    pub async fn stop(mut self) {
        self.stop.cancel();
        for task in self.tasks.drain(..) {
            // A task that failed has nothing left to keep.
            let _ = task.await;
        }
        if let Some(engine) = self.engine.take() {
            let _ = tokio::task::spawn_blocking(move || engine.join()).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Opens the state, or makes a fresh one.
fn open(directory: &std::path::Path, base: &str, seed: u64) -> Result<(Store, Memory), SandboxError> {
    let store = Store::open(directory)?;
    let failed = |e: StoreError| e.at(directory.join("sandbox.redb"));
    if let Some(memory) = Memory::load(&store, base).map_err(failed)? {
        return Ok((store, memory));
    }
    let (meta, secrets) = fixture::instance(seed)?;
    let memory = fixture::memory(meta, base);
    let mut world = World::begin(&store, memory).map_err(failed)?;
    fixture::fill(&mut world, &secrets).map_err(failed)?;
    let (memory, committed) = world.commit();
    committed.map_err(failed)?;
    Ok((store, memory))
}

fn base_of(addr: SocketAddr) -> String {
    let ip = if addr.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { addr.ip() };
    format!("http://{}", SocketAddr::new(ip, addr.port()))
}
