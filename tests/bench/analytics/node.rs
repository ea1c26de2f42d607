//! A core over the store of the bench.

use std::path::Path;
use std::sync::Arc;

use switchboard::api::node::World;
use switchboard::api::{Caller, Reply, Request};
use switchboard::clock::Clock;
use switchboard::core::{Core, Settings, media};
use switchboard::domain::id::Sid;
use switchboard::domain::pricing::RateCard;
use switchboard::domain::time::{Span, Time};
use switchboard::store::intake;
use switchboard::store::redb::RedbStore;
use switchboard::twilio::signature::Token;
use switchboard::twilio::{Base, Client, Config, Credential};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const AUTH: &str = "00112233445566778899aabbccddeeff";

pub struct Node {
    core: Core,
}

impl Node {
    pub async fn start(dir: &Path, store: Arc<RedbStore>) -> Node {
        let account: Sid = ACCOUNT.parse().expect("a SID");
        // Nobody listens there: nothing is asked of Twilio.
        let nowhere = Base::At("http://127.0.0.1:9".parse().expect("a URL"));
        let credential = Credential::AuthToken(AUTH.to_owned().into());
        let client = Client::new(Config::new(nowhere, account, credential)).expect("a client");
        let settings = Settings {
            world: World::Sandbox,
            account,
            auth_tokens: vec![Token::new(AUTH)],
            client,
            sandbox: None,
            bound: None,
            session_token: None,
            public_url: None,
            trusted_proxies: Vec::new(),
            base: "http://127.0.0.1:9".into(),
            hold: Span::secs(5),
            rates: RateCard::ours().clone(),
            sender_pace: None,
            region: "US".into(),
            clock: Clock::simulated(Time::from_secs(1_772_470_800)),
            intake: intake::Options {
                path: dir.join("intake.redb"),
                cache: 1 << 20,
                backlog: 1000,
                guards: intake::Guards::default(),
            },
            media: media::Options::new(dir.join("media"), 100),
        };
        Node { core: Core::start(store, settings).await.expect("a core") }
    }

    /// Asks for something, which must succeed.
    pub async fn call(&self, request: Request) -> Reply {
        self.core.call(&Caller::local("bench"), request, None).await.expect("an answer")
    }

    pub async fn stop(&self) {
        self.core.stop().await;
    }
}
