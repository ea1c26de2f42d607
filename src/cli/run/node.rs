//! A node of this process: put together, kept, and put together again when its sandbox was reset.
//!
//! A reset sandbox is another world. The node then sets its store aside and begins a fresh one behind
//! the same address and the same token, so whoever is attached finds it again by itself.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::super::node_file::{self, Announced, NodeFile};
use super::super::{Context, Failure};
use super::furnish::furnish;
use super::parts::{self, Ports, Upstream};
use super::scenario::Scenario;
use crate::api::{Caller, When};
use crate::clock;
use crate::config::{Setup, World};
use crate::core::Core;
use crate::link::{Link, Local};
use crate::store::StoreError;
use crate::{sandbox, web};

/// A node of this process. It ends with [`Node::stop`].
pub struct Node {
    way: Way,
    base: String,
    sandbox_base: Option<String>,
    stop: CancellationToken,
    keeper: JoinHandle<Result<(), Failure>>,
}

/// Why no node was started.
pub enum NotStarted {
    /// Another process owns the store: attach to its node.
    Owned,
    /// It cannot be.
    Failed(Failure),
}

impl From<Failure> for NotStarted {
    fn from(failure: Failure) -> NotStarted {
        NotStarted::Failed(failure)
    }
}

impl From<StoreError> for NotStarted {
    fn from(e: StoreError) -> NotStarted {
        match e {
            StoreError::Locked { .. } => NotStarted::Owned,
            other => NotStarted::Failed(Failure::failed(other.to_string())),
        }
    }
}

/// The way into a node of this process, whichever core it has at the moment.
#[derive(Clone)]
pub struct Way(watch::Receiver<Option<Core>>);

impl Way {
    /// The way in for an agent; waits while a fresh world is being made. `None` when the node has ended.
    pub async fn link(mut self, agent: &str) -> Option<Link> {
        let core = self.0.wait_for(Option::is_some).await.ok()?.clone()?;
        (!core.stopping().is_cancelled()).then(|| Link::Local(Local::new(core, Caller::local(agent))))
    }
}

impl Node {
    /// Starts everything. On a fresh sandbox the newcomers' world is played.
    pub async fn start(ctx: &Context) -> Result<Node, NotStarted> {
        Node::start_with(ctx.setup.clone(), Scenario::newcomers().map_err(Failure::from)?).await
    }

    /// The same with another world to play.
    pub async fn start_with(setup: Setup, scenario: Scenario) -> Result<Node, NotStarted> {
        let running = Running::begin(setup, scenario).await?;
        let (base, url) = (running.base.clone(), running.sandbox_url.as_ref());
        let sandbox_base = url.map(|url| url.as_str().trim_end_matches('/').to_owned());
        let (now, way) = watch::channel(Some(running.core.clone()));
        let stop = CancellationToken::new();
        let keeper = tokio::spawn(running.keep(now, stop.clone()));
        Ok(Node { way: Way(way), base, sandbox_base, stop, keeper })
    }

    /// The way in.
    pub fn way(&self) -> Way {
        self.way.clone()
    }

    /// Where it listens.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where its sandbox listens.
    pub fn sandbox_base(&self) -> Option<&str> {
        self.sandbox_base.as_deref()
    }

    /// Waits until it ends by itself, which it does only when it cannot go on; answers why.
    pub async fn broke_off(&mut self) -> Failure {
        match (&mut self.keeper).await {
            Ok(Err(failure)) => failure,
            Ok(Ok(())) => Failure::failed("the node has ended"),
            Err(e) => Failure::failed(format!("the node broke off: {e}")),
        }
    }

    /// Ends it: what is under way is finished, what waits stays in the store.
    pub async fn stop(self) {
        self.stop.cancel();
        if !self.keeper.is_finished() {
            // What went wrong in the end is in the log.
            let _ = self.keeper.await;
        }
    }
}

/// Who sits here. In the sandbox a newcomer is the demo's first agent.
pub fn agent(setup: &Setup) -> String {
    match (&setup.config.console.agent, &setup.world) {
        (None, World::Sandbox) => "agent1".to_owned(),
        _ => setup.agent(),
    }
}

/// All that runs.
struct Running {
    setup: Setup,
    scenario: Scenario,
    core: Core,
    base: String,
    sandbox_url: Option<Url>,
    sandbox: Option<sandbox::Running>,
    // The server outlives a core: whoever calls in between is told so instead of being cut off.
    cores: watch::Sender<Core>,
    closing: CancellationToken,
    server: JoinHandle<()>,
    // Taken away last: as long as it is there, others believe in the node.
    announced: Option<Announced>,
}

impl Running {
    async fn begin(setup: Setup, scenario: Scenario) -> Result<Running, NotStarted> {
        setup.paths.create().map_err(Failure::from)?;
        let mut ports = Ports::read(&setup);
        let (sandbox, upstream) = parts::upstream(&setup, &mut ports).await?;
        let store = parts::open_store(&setup, &upstream)?;
        let listener = parts::listen(&setup, &mut ports, upstream.which).await?;
        let deaf = |e: std::io::Error| Failure::failed(format!("the server has no address: {e}"));
        let base = format!("http://{}", listener.local_addr().map_err(deaf)?);
        ports.write(&setup);
        let core = parts::start_core(&setup, &upstream, Arc::new(store), &base, None).await?;
        let (cores, served) = watch::channel(core.clone());
        let closing = CancellationToken::new();
        let server = tokio::spawn(web::serve(listener, served, closing.clone(), web::Options::default()));
        let sandbox_url = upstream.sandbox;
        let mut running =
            Running { setup, scenario, core, base, sandbox_url, sandbox, cores, closing, server, announced: None };
        let settled = running.settle_in().await;
        match settled.and_then(|()| running.announce()) {
            Ok(()) => Ok(running),
            Err(failure) => {
                // What was begun must not hold the store against the next try.
                running.end().await;
                Err(failure.into())
            }
        }
    }

    /// Lives until it is stopped, through as many resets of the sandbox as there are.
    async fn keep(mut self, now: watch::Sender<Option<Core>>, stop: CancellationToken) -> Result<(), Failure> {
        loop {
            let outlived = self.core.outlived();
            tokio::select! {
                () = outlived.cancelled() => {}
                () = stop.cancelled() => break,
            }
            now.send_replace(None);
            let old = self.core.settings().bound.clone();
            match self.begin_again().await {
                Ok(()) => {
                    now.send_replace(Some(self.core.clone()));
                }
                // It was reset once more while the fresh world was being made.
                Err(_) if self.core.settings().bound != old && self.core.outlived().is_cancelled() => {}
                Err(failure) => {
                    tracing::error!(error = %failure.sentence, "the sandbox was reset, and no fresh world could be made");
                    self.end().await;
                    return Err(failure);
                }
            }
        }
        self.end().await;
        Ok(())
    }

    /// The sandbox is another world now: keeps the old store beside, and begins a fresh one.
    async fn begin_again(&mut self) -> Result<(), Failure> {
        let Some(url) = self.sandbox_url.clone() else { return Ok(()) };
        tracing::warn!(sandbox = %url, "the sandbox was reset: this node begins a fresh world");
        self.core.stop().await;
        let upstream = parts::sandbox_upstream(url).await?;
        // The old core may still be held by a console, and its file locked: it is moved while it is open.
        parts::set_aside(&self.setup)?;
        self.core = self.open(&upstream).await.map_err(|e| match e {
            NotStarted::Failed(failure) => failure,
            NotStarted::Owned => Failure::failed("another process took the fresh store, and is the node now"),
        })?;
        self.core.refuse_guests(true);
        self.cores.send_replace(self.core.clone());
        self.settle_in().await?;
        self.core.refuse_guests(false);
        Ok(())
    }

    /// The core of the fresh world; consoles know its token already.
    async fn open(&self, upstream: &Upstream) -> Result<Core, NotStarted> {
        let store = Arc::new(parts::open_store(&self.setup, upstream)?);
        let token = Some(self.core.session_token().to_owned());
        parts::start_core(&self.setup, upstream, store, &self.base, token).await
    }

    /// What follows once webhooks can be taken.
    async fn settle_in(&self) -> Result<(), Failure> {
        if let Some(url) = &self.sandbox_url {
            let called = !self.setup.config.server.polling;
            parts::point_sandbox(url, called.then_some(&*self.base)).await?;
            self.core.follow_clock().await?;
            self.core.spawn_sandbox_follower();
        }
        furnish(&self.core, &self.setup, &self.scenario).await?;
        Ok(self.core.welcome(&agent(&self.setup)).await?)
    }

    fn announce(&mut self) -> Result<(), Failure> {
        let file = NodeFile {
            base: self.base.clone(),
            token: self.core.session_token().to_owned(),
            pid: std::process::id(),
            sandbox: self.sandbox_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
            started_at: When(clock::wall()),
        };
        self.announced = Some(node_file::write(&self.setup.paths, file)?);
        Ok(())
    }

    async fn end(self) {
        self.core.stop().await;
        self.closing.cancel();
        let _ = self.server.await;
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
        drop(self.announced);
    }
}
