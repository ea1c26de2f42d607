//! What a node is put together from: the sandbox if there is no account, the store, the server's
//! address, the core. It knows how each is made, and nothing of how long they live.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::TcpListener;
use url::Url;

use super::super::Failure;
use super::node::NotStarted;
use crate::api::When;
use crate::api::node::World as WhichTwilio;
use crate::clock::{self, Clock};
use crate::config::{Server, Setup, World};
use crate::core::{Core, Settings, media};
use crate::domain::id::Sid;
use crate::domain::time::Span;
use crate::store::redb::{Binding, Options, RedbStore};
use crate::store::{StoreError, intake};
use crate::twilio::signature::Token;
use crate::twilio::{Base, Client, Config, Credential};
use crate::{sandbox, web};

/// What a Twilio, real or simulated, is spoken to with.
pub struct Upstream {
    /// The real one, or a sandbox.
    pub which: WhichTwilio,
    account: Sid,
    tokens: Vec<SecretString>,
    credential: Credential,
    base: Base,
    /// The sandbox's base URL.
    pub sandbox: Option<Url>,
    binding: Binding,
    clock: Clock,
}

/// The ports of earlier runs: kept, so that webhooks configured elsewhere stay right.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Ports {
    #[serde(default)]
    node: u16,
    #[serde(default)]
    sandbox: u16,
}

/// The Twilio that the settings mean; a sandbox is started if it is this binary's own.
pub async fn upstream(setup: &Setup, ports: &mut Ports) -> Result<(Option<sandbox::Running>, Upstream), NotStarted> {
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
    Ok((running, sandbox_upstream(url).await?))
}

/// The sandbox at an address, as it is now.
pub async fn sandbox_upstream(url: Url) -> Result<Upstream, Failure> {
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
    Ok(Upstream { which, account, tokens: vec![token], credential, base, sandbox, binding, clock })
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
pub async fn sandbox_state(base: &Url) -> Result<Value, Failure> {
    let state = super::local_http()?.get(format!("{}sandbox/state", slashed(base))).send().await;
    let gone = |e: reqwest::Error| Failure::failed(format!("the sandbox at {base} does not answer: {e}"));
    state.map_err(gone)?.json().await.map_err(gone)
}

/// Where the sandbox calls when a number names nothing else: the node, or nobody.
pub async fn point_sandbox(sandbox: &Url, node: Option<&str>) -> Result<(), Failure> {
    let at = |path: &str| node.map(|node| format!("{node}/api/webhooks/{path}#rc=3&rp=all"));
    let body = serde_json::json!({ "sms": at("twilio-sms"), "status": at("twilio-status") });
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

/// Opens the store of this world.
pub fn open_store(setup: &Setup, upstream: &Upstream) -> Result<RedbStore, NotStarted> {
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

/// Moves store, intake and files beside themselves: what they know is of another world.
pub fn set_aside(setup: &Setup) -> Result<(), Failure> {
    let stamp = clock::wall().millis();
    let old = |path: std::path::PathBuf, ending: &str| {
        let old = path.with_extension(format!("{stamp}.old{ending}"));
        (path, old)
    };
    let files = [old(setup.paths.store.clone(), ".redb"), old(intake_path(setup), ".redb"), old(media_dir(setup), "")];
    for (path, old) in &files {
        match std::fs::rename(path, old) {
            Ok(()) => tracing::warn!(kept = %old.display(), "the sandbox was reset; a fresh store begins"),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(Failure::failed(format!("{} cannot be set aside: {e}", path.display()))),
        }
    }
    Ok(())
}

/// The files of messages lie beside the store that knows them.
fn media_dir(setup: &Setup) -> std::path::PathBuf {
    setup.paths.store.with_file_name("media")
}

fn intake_path(setup: &Setup) -> std::path::PathBuf {
    setup.paths.store.with_file_name("intake.redb")
}

/// The address of the receiver and the API.
pub async fn listen(setup: &Setup, ports: &mut Ports, which: WhichTwilio) -> Result<TcpListener, NotStarted> {
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

/// Starts the core; `session_token` is the one to go on with, if there is one already.
pub async fn start_core(
    setup: &Setup,
    upstream: &Upstream,
    store: Arc<RedbStore>,
    base: &str,
    session_token: Option<String>,
) -> Result<Core, NotStarted> {
    let config = Config::new(upstream.base.clone(), upstream.account, upstream.credential.clone());
    let client = Client::new(config).map_err(|e| Failure::failed(e.to_string()))?;
    let own: Option<Url> = base.parse().ok();
    let public_url = match upstream.which {
        _ if setup.config.server.polling => None,
        WhichTwilio::Sandbox => own,
        WhichTwilio::Live => setup.config.server.public_url.clone(),
    };
    let settings = Settings {
        world: upstream.which,
        account: upstream.account,
        auth_tokens: upstream.tokens.iter().map(|token| Token::new(token.expose_secret())).collect(),
        client,
        sandbox: upstream.sandbox.clone(),
        bound: upstream.sandbox.is_some().then(|| (upstream.binding.world.clone(), upstream.binding.epoch)),
        session_token,
        public_url,
        trusted_proxies: setup.config.server.trusted_proxies.clone(),
        base: base.to_owned(),
        hold: Span::secs(i64::from(setup.config.limits.hold_seconds)),
        rates: setup.config.pricing.card().map_err(Failure::from)?,
        sender_pace: setup.config.limits.pace,
        region: "US".into(),
        clock: upstream.clock.clone(),
        intake: intake::Options {
            path: intake_path(setup),
            cache: 16 << 20,
            backlog: setup.config.limits.intake_backlog,
            guards: intake::Guards::default(),
        },
        media: media::Options::new(media_dir(setup), setup.config.limits.media_mb),
    };
    Ok(Core::start(store, settings).await?)
}

impl Ports {
    /// Those of the run before.
    pub fn read(setup: &Setup) -> Ports {
        let text = std::fs::read_to_string(setup.paths.state.join("ports.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Kept for the next run; without them it merely takes other ports.
    pub fn write(&self, setup: &Setup) {
        let path = setup.paths.state.join("ports.json");
        if let Err(e) = std::fs::write(&path, serde_json::to_string(self).unwrap_or_default()) {
            tracing::warn!(error = %e, path = %path.display(), "the ports of this run cannot be kept for the next");
        }
    }
}
