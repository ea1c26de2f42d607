//! Putting a node together: the sandbox if there is no account, the store, the core, the server.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::TcpListener;
use url::Url;

use super::super::node_file::{self, Announced, NodeFile};
use super::super::{Context, Failure};
use super::scenario::Scenario;
use crate::api::node::World as WhichTwilio;
use crate::api::{Caller, Code, When};
use crate::clock::{self, Clock};
use crate::config::{Server, Setup, World};
use crate::core::{Core, Settings};
use crate::domain::id::Sid;
use crate::domain::time::Span;
use crate::link::{Link, Local};
use crate::store::redb::{Binding, Options, RedbStore};
use crate::store::{StoreError, intake};
use crate::twilio::signature::Token;
use crate::twilio::{Base, Client, Config, Credential};
use crate::{sandbox, web};

/// A node of this process. It ends with [`Node::stop`].
pub struct Node {
    core: Core,
    base: String,
    sandbox_base: Option<String>,
    sandbox: Option<sandbox::Running>,
    server: tokio::task::JoinHandle<()>,
    // Taken away last: as long as it is there, others believe in the node.
    announced: Option<Announced>,
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

/// What a Twilio, real or simulated, is spoken to with.
struct Upstream {
    which: WhichTwilio,
    account: Sid,
    tokens: Vec<SecretString>,
    credential: Credential,
    base: Base,
    sandbox: Option<Url>,
    binding: Binding,
    clock: Clock,
}

/// The ports of earlier runs: kept, so that webhooks configured elsewhere stay right.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Ports {
    #[serde(default)]
    node: u16,
    #[serde(default)]
    sandbox: u16,
}

impl Node {
    /// Starts everything. On a fresh sandbox the newcomers' world is played.
    pub async fn start(ctx: &Context) -> Result<Node, NotStarted> {
        Node::start_with(ctx, Scenario::newcomers().map_err(Failure::from)?).await
    }

    /// The same with another world to play.
    pub async fn start_with(ctx: &Context, scenario: Scenario) -> Result<Node, NotStarted> {
        let setup = &ctx.setup;
        setup.paths.create().map_err(Failure::from)?;
        let mut ports = read_ports(setup);
        let (running, upstream) = upstream(setup, &mut ports).await?;
        let store = open_store(setup, &upstream)?;
        let listener = listen(setup, &mut ports, upstream.which).await?;
        let local = listener.local_addr().map_err(|e| Failure::failed(format!("the server has no address: {e}")))?;
        write_ports(setup, &ports);
        let base = format!("http://{local}");
        let core = start_core(setup, &upstream, Arc::new(store), &base).await?;
        let server = tokio::spawn(web::run(listener, core.clone(), web::Options::default()));
        let sandbox_base = upstream.sandbox.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
        let mut node = Node { core, base, sandbox_base, sandbox: running, server, announced: None };
        if let Some(url) = &upstream.sandbox {
            point_sandbox(url, &node.base).await?;
            node.core.follow_clock().await.map_err(Failure::from)?;
            node.core.spawn_clock_follower();
        }
        node.furnish(setup, &scenario).await?;
        node.core.welcome(&agent(setup)).await.map_err(Failure::from)?;
        node.announce(setup)?;
        Ok(node)
    }

    /// The way in for an agent.
    pub fn link(&self, agent: &str) -> Link {
        Link::Local(Local::new(self.core.clone(), Caller::local(agent)))
    }

    /// Where it listens.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where its sandbox listens.
    pub fn sandbox_base(&self) -> Option<&str> {
        self.sandbox_base.as_deref()
    }

    /// Ends it: what is under way is finished, what waits stays in the store.
    pub async fn stop(self) {
        self.core.stop().await;
        let _ = self.server.await;
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
        drop(self.announced);
    }

    /// A store without a business gets the scenario in the sandbox, or the configured number when live.
    async fn furnish(&self, setup: &Setup, scenario: &Scenario) -> Result<(), Failure> {
        let link = self.link("agent1");
        match link.call(crate::api::businesses::ListBusinesses {}).await {
            Ok(_) => return Ok(()),
            Err(e) if e.code == Code::Conflict => {}
            Err(e) => return Err(e.into()),
        }
        if self.sandbox_base.is_some() {
            let core = self.core.clone();
            let way = move |agent: &str| Link::Local(Local::new(core.clone(), Caller::local(agent)));
            return scenario.play(way).await.map_err(Failure::from);
        }
        let create = crate::api::businesses::CreateBusiness { name: "My business".into(), ..Default::default() };
        let business = link.call(create).await?;
        if let Some(number) = &setup.config.twilio.phone_number {
            let addresses = vec![number.clone()];
            let (account, messaging_service, mode) = (None, None, Default::default());
            let create =
                crate::api::businesses::CreateEndpoint { id: business.id, addresses, account, messaging_service, mode };
            link.call(create).await?;
        }
        Ok(())
    }

    fn announce(&mut self, setup: &Setup) -> Result<(), Failure> {
        let file = NodeFile {
            base: self.base.clone(),
            token: self.core.session_token().to_owned(),
            pid: std::process::id(),
            sandbox: self.sandbox_base.clone(),
            started_at: When(clock::wall()),
        };
        self.announced = Some(node_file::write(&setup.paths, file)?);
        Ok(())
    }
}

/// Who sits here. In the sandbox a newcomer is the demo's first agent.
pub fn agent(setup: &Setup) -> String {
    match (&setup.config.console.agent, &setup.world) {
        (None, World::Sandbox) => "agent1".to_owned(),
        _ => setup.agent(),
    }
}

async fn upstream(setup: &Setup, ports: &mut Ports) -> Result<(Option<sandbox::Running>, Upstream), NotStarted> {
    let credentials = setup.config.twilio.credentials().map_err(Failure::from)?;
    if let (World::Live { .. }, Some(c)) = (&setup.world, &credentials) {
        let (edge, region) = (setup.config.twilio.edge.clone(), setup.config.twilio.region.clone());
        let credential = match &c.api_key {
            Some((sid, secret)) => Credential::ApiKey { sid: *sid, secret: secret.clone() },
            None => Credential::AuthToken(c.auth_token.clone()),
        };
        let binding = Binding { world: "live".into(), account: c.account.to_string(), epoch: 0 };
        return Ok((
            None,
            Upstream {
                which: WhichTwilio::Live,
                account: c.account,
                tokens: std::iter::once(c.auth_token.clone()).chain(c.other_auth_token.clone()).collect(),
                credential,
                base: Base::Live { edge, region },
                sandbox: None,
                binding,
                clock: Clock::live(),
            },
        ));
    }
    let (running, url) = match &setup.world {
        World::OtherSandbox { base, .. } => (None, base.clone()),
        _ => {
            let running = start_sandbox(setup, ports).await?;
            let url: Url =
                running.base.parse().map_err(|e| Failure::failed(format!("the sandbox has no address: {e}")))?;
            (Some(running), url)
        }
    };
    let state = sandbox_state(&url).await?;
    let text = |name: &str| state[name].as_str().unwrap_or_default().to_owned();
    let strange = || Failure::failed(format!("what listens at {url} is no Switchboard sandbox"));
    // The workers begin with the core: by any other time than the sandbox's they would find held texts due.
    let now: When = serde_json::from_value(state["now"].clone()).map_err(|_| strange())?;
    let clock = Clock::simulated(now.0);
    let account: Sid = text("accountSid").parse().map_err(|_| strange())?;
    let token = SecretString::from(text("authToken"));
    let binding =
        Binding { world: text("instance"), account: account.to_string(), epoch: state["epoch"].as_u64().unwrap_or(0) };
    let credential = Credential::AuthToken(token.clone());
    let (which, base, sandbox) = (WhichTwilio::Sandbox, Base::At(url.clone()), Some(url));
    Ok((running, Upstream { which, account, tokens: vec![token], credential, base, sandbox, binding, clock }))
}

async fn start_sandbox(setup: &Setup, ports: &mut Ports) -> Result<sandbox::Running, NotStarted> {
    let config = |port: u16| sandbox::Config {
        state_dir: setup.paths.state.join("twilio"),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        seed: 42,
    };
    let mut started = sandbox::start(config(ports.sandbox)).await;
    if ports.sandbox != 0 && matches!(started, Err(sandbox::SandboxError::Listen { .. })) {
        started = sandbox::start(config(0)).await;
    }
    let running = started.map_err(|e| match e {
        sandbox::SandboxError::Locked { .. } => NotStarted::Owned,
        other => NotStarted::Failed(Failure::failed(other.to_string())),
    })?;
    ports.sandbox = running.addr.port();
    Ok(running)
}

/// What a sandbox says of itself.
pub(super) async fn sandbox_state(base: &Url) -> Result<Value, Failure> {
    let state = super::local_http()?.get(format!("{}sandbox/state", slashed(base))).send().await;
    let gone = |e: reqwest::Error| Failure::failed(format!("the sandbox at {base} does not answer: {e}"));
    state.map_err(gone)?.json().await.map_err(gone)
}

/// Where the sandbox calls when a number names nothing else.
async fn point_sandbox(sandbox: &Url, node: &str) -> Result<(), Failure> {
    let body = serde_json::json!({
        "sms": format!("{node}/api/webhooks/twilio-sms#rc=3&rp=all"),
        "status": format!("{node}/api/webhooks/twilio-status#rc=3&rp=all"),
    });
    let answer = super::local_http()?.post(format!("{}sandbox/webhooks", slashed(sandbox))).json(&body).send().await;
    match answer {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(Failure::failed(format!("the sandbox refused our webhooks with {}", answer.status()))),
        Err(e) => Err(Failure::failed(format!("the sandbox at {sandbox} does not answer: {e}"))),
    }
}

fn slashed(url: &Url) -> String {
    format!("{}/", url.as_str().trim_end_matches('/'))
}

fn open_store(setup: &Setup, upstream: &Upstream) -> Result<RedbStore, NotStarted> {
    let cache = (setup.config.store.cache_mb as usize) << 20;
    let options = Options { path: setup.paths.store.clone(), cache, binding: Some(upstream.binding.clone()) };
    match RedbStore::open(&options) {
        Err(StoreError::Foreign { .. }) if upstream.which == WhichTwilio::Sandbox => {
            // The sandbox was reset: what the store knows is of another world. Kept beside, never mixed.
            set_aside(setup)?;
            Ok(RedbStore::open(&options)?)
        }
        other => Ok(other?),
    }
}

fn set_aside(setup: &Setup) -> Result<(), Failure> {
    let stamp = clock::wall().millis();
    for path in [&setup.paths.store, &intake_path(setup)] {
        let old = path.with_extension(format!("{stamp}.old.redb"));
        match std::fs::rename(path, &old) {
            Ok(()) => tracing::warn!(kept = %old.display(), "the sandbox was reset; a fresh store begins"),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(Failure::failed(format!("{} cannot be set aside: {e}", path.display()))),
        }
    }
    Ok(())
}

fn intake_path(setup: &Setup) -> std::path::PathBuf {
    setup.paths.store.with_file_name("intake.redb")
}

async fn listen(setup: &Setup, ports: &mut Ports, which: WhichTwilio) -> Result<TcpListener, NotStarted> {
    let bound = match (setup.config.server.listen, which) {
        (Some(listen), _) => web::bind(listen).await,
        (None, WhichTwilio::Live) => web::bind(Server::LIVE_LISTEN).await,
        (None, WhichTwilio::Sandbox) => {
            let at = |port| web::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
            match at(ports.node).await {
                Ok(listener) => Ok(listener),
                Err(_) => at(0).await,
            }
        }
    };
    let listener = bound.map_err(Failure::failed)?;
    ports.node = listener.local_addr().map_or(0, |a| a.port());
    Ok(listener)
}

async fn start_core(setup: &Setup, upstream: &Upstream, store: Arc<RedbStore>, base: &str) -> Result<Core, NotStarted> {
    let config = Config::new(upstream.base.clone(), upstream.account, upstream.credential.clone());
    let client = Client::new(config).map_err(|e| Failure::failed(e.to_string()))?;
    let own: Option<Url> = base.parse().ok();
    let public_url = match upstream.which {
        WhichTwilio::Sandbox => own,
        WhichTwilio::Live => setup.config.server.public_url.clone(),
    };
    let settings = Settings {
        world: upstream.which,
        account: upstream.account,
        auth_tokens: upstream.tokens.iter().map(|token| Token::new(token.expose_secret())).collect(),
        client,
        sandbox: upstream.sandbox.clone(),
        public_url,
        trusted_proxies: setup.config.server.trusted_proxies.clone(),
        base: base.to_owned(),
        hold: Span::secs(i64::from(setup.config.limits.hold_seconds)),
        region: "US".into(),
        clock: upstream.clock.clone(),
        intake: intake::Options {
            path: intake_path(setup),
            cache: 16 << 20,
            backlog: setup.config.limits.intake_backlog,
            guards: intake::Guards::default(),
        },
    };
    Ok(Core::start(store, settings).await?)
}

fn read_ports(setup: &Setup) -> Ports {
    let text = std::fs::read_to_string(setup.paths.state.join("ports.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Kept for the next run; without them it merely takes other ports.
fn write_ports(setup: &Setup, ports: &Ports) {
    let path = setup.paths.state.join("ports.json");
    if let Err(e) = std::fs::write(&path, serde_json::to_string(ports).unwrap_or_default()) {
        tracing::warn!(error = %e, path = %path.display(), "the ports of this run cannot be kept for the next");
    }
}
