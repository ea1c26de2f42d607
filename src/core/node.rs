//! Operations on the node itself: its state, agents, tokens, the audit chain.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};

use super::change::{AgentSaved, Change, Once, Outcome, TokenCreated, TokenRevoked};
use super::inbox::last_id;
use super::rows::{HashRow, agent_key, token_key};
use super::simulator::was_reset;
use super::{Core, broken, read};
use crate::api::node::*;
use crate::api::{ApiError, Caller, Code, Done, When};
use crate::domain::access::{Agent, Permission, Permissions, Token, TokenKind};
use crate::domain::audit::to_hex;
use crate::domain::id::Id;
use crate::store::{Index, Order, PageQuery, StoreError};

/// The text of a new token: 256 random bits, so its hash needs no salt.
pub(super) fn new_token() -> Result<String, StoreError> {
    let mut raw = [0; 32];
    let failed = |_| StoreError::Rejected("the system gives no random bytes".into());
    SystemRandom::new().fill(&mut raw).map_err(failed)?;
    Ok(format!("swb_{}", BASE64_URL_SAFE_NO_PAD.encode(raw)))
}

fn hash(text: &str) -> String {
    to_hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

impl Core {
    /// Names this run of the node, and tells nothing else: who asks through a proxy knows whom they reached.
    pub fn run(&self) -> String {
        hash(&format!("run of {}", self.session_token()))[..16].to_owned()
    }

    /// Whom a token speaks for. `agent` names the person behind the node's session token.
    pub fn authenticate(&self, token: &str, agent: Option<&str>) -> Result<Caller, ApiError> {
        // Digests are compared, so that the time taken tells nothing of the token.
        if hash(token) == hash(self.session_token()) {
            return Ok(Caller::local(agent.unwrap_or("agent1")));
        }
        let unknown =
            || ApiError::new(Code::Unauthenticated, "this token is not known here or was revoked: make a new one");
        let reader = self.reader()?;
        let row: HashRow = read(&*reader, &HashRow::key_of(&hash(token)))?.ok_or_else(unknown)?;
        let token: Token = read(&*reader, &token_key(row.token))?.ok_or_else(unknown)?;
        if token.revoked_at.is_some() {
            return Err(unknown());
        }
        let who = token.agent.clone().unwrap_or_else(|| format!("token:{}", token.id));
        let Token { permissions, business, .. } = token;
        Ok(Caller { agent: who, permissions, business, is_at_the_machine: false })
    }

    /// Whom a token speaks for, as [`Core::authenticate`] says; an agent who comes with the session token
    /// for the first time is made known, so that conversations can be given to them.
    pub async fn admit(&self, token: &str, agent: Option<&str>) -> Result<Caller, ApiError> {
        let caller = self.authenticate(token, agent)?;
        if self.0.guests_wait.load(Ordering::Relaxed) {
            return Err(was_reset());
        }
        let is_guest = agent.is_some_and(|agent| agent == caller.agent) && caller.permissions == Permissions::ALL;
        if !is_guest || self.has_met(&caller.agent, false) {
            return Ok(caller);
        }
        match self.welcome(&caller.agent).await {
            Ok(()) => {
                self.has_met(&caller.agent, true);
            }
            // Reading goes on while nothing can be saved.
            Err(e) if e.code == Code::Unavailable => tracing::warn!(error = %e, "an agent cannot be made known now"),
            Err(e) => return Err(ApiError { field: Some("x-switchboard-agent".into()), ..e }),
        }
        Ok(caller)
    }

    /// Whether an agent was seen in this run; `now` notes that they were.
    fn has_met(&self, handle: &str, now: bool) -> bool {
        let mut met = self.0.met.lock().unwrap_or_else(PoisonError::into_inner);
        if now { !met.insert(handle.to_owned()) } else { met.contains(handle) }
    }

    pub(super) fn node_view(&self, caller: &Caller) -> NodeView {
        let settings = self.settings();
        NodeView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            world: settings.world,
            account: settings.account,
            now: When(self.now()),
            paused: settings.clock.is_paused(),
            agent: caller.agent.clone(),
            backlog: self.intake().backlog(),
            catching_up: self.intake().is_replaying(),
            base: settings.base.clone(),
            sandbox: settings.sandbox.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
            troubles: self
                .intake()
                .trouble()
                .into_iter()
                .chain(self.0.waiting.trouble())
                .chain(self.0.outbox.trouble())
                .chain(self.keeping_troubles())
                .chain(self.0.numbers.trouble())
                .chain(self.0.media.trouble())
                .collect(),
        }
    }

    pub(super) fn list_agents(&self) -> Result<AgentList, ApiError> {
        let reader = self.reader()?;
        let query = PageQuery { index: Index::Agents, prefix: &[], after: None, order: Order::Rising, limit: 1000 };
        let mut items = Vec::new();
        for key in reader.page(&query).map_err(broken)? {
            let handle = String::from_utf8_lossy(&key).into_owned();
            let row: Option<Agent> = read(&*reader, &agent_key(&handle))?;
            items.extend(row.map(|a| AgentView { handle: a.handle, name: a.name }));
        }
        Ok(AgentList { items })
    }

    pub(super) async fn save_agent(
        &self,
        caller: &Caller,
        input: SaveAgent,
        once: Option<Once>,
    ) -> Result<AgentView, ApiError> {
        let role = input.role.as_deref().unwrap_or("agent");
        let agent = Agent {
            handle: input.handle,
            name: input.name,
            permissions: permissions(role)?,
            created_at: self.now(),
            version: 0,
        };
        let view = AgentView { handle: agent.handle.clone(), name: agent.name.clone() };
        self.submit(&caller.agent, once, Change::AgentSaved(AgentSaved { agent, only_new: false })).await?;
        Ok(view)
    }

    /// Makes an agent known who opens a console here for the first time.
    pub async fn welcome(&self, handle: &str) -> Result<(), ApiError> {
        let agent = Agent {
            handle: handle.to_owned(),
            name: handle.to_owned(),
            permissions: Permissions::ALL,
            created_at: self.now(),
            version: 0,
        };
        self.submit(handle, None, Change::AgentSaved(AgentSaved { agent, only_new: true })).await.map(|_| ())
    }

    pub(super) fn list_tokens(&self) -> Result<TokenList, ApiError> {
        let reader = self.reader()?;
        let query = PageQuery { index: Index::Tokens, prefix: &[], after: None, order: Order::Falling, limit: 1000 };
        let mut items = Vec::new();
        for key in reader.page(&query).map_err(broken)? {
            let row: Option<Token> = read(&*reader, &token_key(last_id(&key)))?;
            items.extend(row.map(|t| token_view(t, None)));
        }
        Ok(TokenList { items })
    }

    pub(super) async fn create_token(
        &self,
        caller: &Caller,
        input: CreateToken,
        once: Option<Once>,
    ) -> Result<TokenView, ApiError> {
        let role = match (&input.role, &input.agent, input.business) {
            (Some(role), _, _) => role.clone(),
            (None, Some(_), _) => "agent".to_owned(),
            (None, None, Some(_)) => "business".to_owned(),
            (None, None, None) => return Err(ApiError::field("agent", "a token belongs to an agent or to a business")),
        };
        if input.kind == TokenKind::Session {
            return Err(ApiError::field("kind", "session tokens are made by the node alone"));
        }
        if let Some(business) = input.business {
            self.business(caller, business)?;
        }
        let permissions = match input.kind {
            TokenKind::Publishable if input.business.is_none() || role != "business" => {
                let detail = "what may stand in a web page belongs to one business and has no other role";
                return Err(ApiError::field("kind", detail));
            }
            // Everybody can read it there, so it can do what a visitor needs and nothing else.
            TokenKind::Publishable => Permissions::of(&[Permission::Verify]),
            TokenKind::Secret | TokenKind::Session => permissions(&role)?,
        };
        let secret = new_token().map_err(broken)?;
        let token = Token {
            id: self.new_id(),
            hash: hash(&secret),
            kind: input.kind,
            agent: input.agent,
            business: input.business,
            permissions,
            label: input.label,
            created_at: self.now(),
            revoked_at: None,
        };
        let new = token.clone();
        match self.submit(&caller.agent, once, Change::TokenCreated(TokenCreated { token })).await? {
            // Made before under the same key: its text was shown then, and is not kept.
            Outcome::Made(id) if id != new.id => {
                let row: Option<Token> = read(&*self.reader()?, &token_key(id))?;
                row.map(|t| token_view(t, None)).ok_or_else(|| ApiError::not_found(format!("token {id}")))
            }
            _ => Ok(token_view(new, Some(secret))),
        }
    }

    pub(super) async fn revoke_token(&self, caller: &Caller, id: Id) -> Result<Done, ApiError> {
        self.submit(&caller.agent, None, Change::TokenRevoked(TokenRevoked { token: id })).await?;
        Ok(Done {})
    }

    /// Reads the whole chain, so it runs where it holds up nobody.
    pub(super) async fn verify_audit(&self) -> Result<AuditReport, ApiError> {
        let core = self.clone();
        let check = move || {
            let reader = core.reader()?;
            super::audit::verify(&*reader, core.0.lanes.count()).map_err(broken)
        };
        let broke_off = |_| ApiError::new(Code::Internal, "the check broke off inside the node; its log says where");
        let report = tokio::task::spawn_blocking(check).await.map_err(broke_off)??;
        Ok(AuditReport { ok: report.is_sound(), entries: report.entries, erased: report.erased, faults: report.faults })
    }
}

fn permissions(role: &str) -> Result<Permissions, ApiError> {
    Permissions::named(role).ok_or_else(|| {
        ApiError::field("role", format!("there is no role `{role}`: agent, operator, admin, auditor and business are"))
    })
}

fn token_view(t: Token, secret: Option<String>) -> TokenView {
    TokenView {
        id: t.id,
        label: t.label,
        kind: t.kind,
        agent: t.agent,
        business: t.business,
        created_at: When(t.created_at),
        revoked_at: t.revoked_at.map(When),
        secret,
    }
}
