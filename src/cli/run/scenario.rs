//! Scenarios: a small world told as data, and played through operations, simulated phones and webhooks.
//!
//! Nothing is written into a store behind its back: a played world has gone every way that a real one
//! goes, so it cannot show what the program cannot do.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::history::{History, Ours};
use crate::api::businesses::{CreateBusiness, CreateEndpoint};
use crate::api::contacts::SaveContact;
use crate::api::inbox::{
    AssignConversation, ConversationView, ListConversations, MarkRead, SendMessage, SetConversationStatus,
};
use crate::api::keeping::Sweep;
use crate::api::node::SaveAgent;
use crate::api::simulator::{AdvanceClock, TextFromPhone};
use crate::api::verify::{ListTemplates, SaveWording};
use crate::api::{ApiError, Code, When};
use crate::core::Core;
use crate::domain::address::Address;
use crate::domain::business::Colour;
use crate::domain::conversation::Status;
use crate::domain::id::Id;
use crate::link::Link;
use crate::twilio::Client;
use crate::twilio::verify::VerifyServiceSettings;

/// The scenarios that come with the program, by name. The first one is what a newcomer finds.
const NAMED: &[(&str, &str)] = &[
    ("demo", include_str!("../../../assets/demo.toml")),
    ("admin-200", include_str!("../../../assets/worlds/admin-200.toml")),
    ("tenants", include_str!("../../../assets/worlds/tenants.toml")),
];

/// A world to play.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    start: When,
    end: When,
    #[serde(default)]
    agent: Vec<Agent>,
    #[serde(default)]
    business: Vec<Business>,
    #[serde(default)]
    contact: Vec<Contact>,
    #[serde(default)]
    step: Vec<Step>,
    /// What its businesses have behind them; it is played after the steps.
    #[serde(default)]
    history: History,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agent {
    handle: String,
    name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Business {
    name: String,
    #[serde(default)]
    contact_email: String,
    #[serde(default)]
    number: Option<Address>,
    #[serde(default)]
    time_zone: String,
    /// The colour beside its name.
    #[serde(default)]
    colour: Option<Colour>,
    /// The Verify service that is made for it at Twilio.
    #[serde(default)]
    verify: Option<Service>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    friendly_name: String,
    code_length: u32,
    /// The name of the template that its codes are worded by.
    #[serde(default)]
    template: Option<String>,
    #[serde(default)]
    substitutions: BTreeMap<String, String>,
}

impl Service {
    async fn make(&self, twilio: &Client) -> Result<String, ApiError> {
        let settings = VerifyServiceSettings {
            friendly_name: Some(self.friendly_name.clone()),
            code_length: Some(self.code_length),
            ..VerifyServiceSettings::default()
        };
        let made = twilio.verify().create_service(&settings).await;
        made.map(|service| service.sid.to_string()).map_err(|e| ApiError::new(Code::Upstream, e.explain()))
    }

    async fn word(self, link: &Link, business: Id) -> Result<(), ApiError> {
        let Some(name) = self.template else { return Ok(()) };
        let all = link.call(ListTemplates { business, again: false, all: false, days: None }).await?.items;
        let found = all.into_iter().find(|template| template.name == name);
        let template = found.ok_or_else(|| ApiError::not_found(format!("template `{name}`")))?.sid;
        let substitutions = self.substitutions;
        link.call(SaveWording { business, template: Some(template), substitutions, version: None }).await.map(drop)
    }
}

/// A contact of the first business.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    address: Address,
    name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    at: When,
    /// A customer texts in.
    #[serde(default)]
    from: Option<Address>,
    #[serde(default)]
    text: Option<String>,
    /// An agent acts in the conversation with this customer.
    #[serde(default)]
    to: Option<Address>,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    send: Option<String>,
    #[serde(default)]
    assign: Option<String>,
    #[serde(default)]
    resolve: bool,
}

impl Scenario {
    /// One of those that come with the program.
    pub fn named(name: &str) -> Result<Scenario, ApiError> {
        let known: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
        let text = NAMED.iter().find(|(have, _)| *have == name).map(|(_, text)| *text).ok_or_else(|| {
            ApiError::field("name", format!("there is no scenario `{name}`: known are {}", known.join(", ")))
        })?;
        Scenario::read(name, text)
    }

    /// What a newcomer finds.
    pub fn newcomers() -> Result<Scenario, ApiError> {
        let (name, text) = NAMED[0];
        Scenario::read(name, text)
    }

    fn read(name: &str, text: &str) -> Result<Scenario, ApiError> {
        toml::from_str(text)
            .map_err(|e| ApiError::new(Code::Internal, format!("the scenario `{name}` cannot be read: {e}")))
    }

    /// How many verifications and conversations its history has.
    pub fn told(&self) -> (u64, u64) {
        self.history.told()
    }

    /// Plays it in the fresh world of a sandbox. `as_agent` gives the way in for an agent's handle.
    pub async fn play(&self, core: &Core, as_agent: impl Fn(&str) -> Link) -> Result<(), ApiError> {
        let twilio = &core.settings().client;
        let first = self.agent.first().map_or("agent1", |a| &a.handle);
        let link = as_agent(first);
        // A standing clock gives every row the very moment that the scenario tells.
        link.call(AdvanceClock { now: Some(self.start), paused: Some(true), ..AdvanceClock::default() }).await?;
        for Agent { handle, name } in &self.agent {
            let (handle, name, role) = (handle.clone(), name.clone(), Some("admin".to_owned()));
            link.call(SaveAgent { handle, name, role }).await?;
        }
        let (mut ours, mut all) = (None, BTreeMap::new());
        for Business { name, contact_email, number, time_zone, colour, verify } in self.business.clone() {
            let verify_service_id = match &verify {
                Some(service) => service.make(twilio).await?,
                None => String::new(),
            };
            let digits = verify.as_ref().map_or(0, |service| service.code_length as usize);
            let create = CreateBusiness {
                name: name.clone(),
                contact_email,
                time_zone,
                colour,
                verify_service_id,
                ..CreateBusiness::default()
            };
            let business = link.call(create).await?;
            if let Some(service) = verify {
                service.word(&link, business.id).await?;
            }
            all.insert(name, Ours { id: business.id, number: number.clone(), digits });
            if let Some(number) = number {
                let addresses = vec![number.clone()];
                let (account, messaging_service, mode) = (None, None, Default::default());
                link.call(CreateEndpoint { id: business.id, addresses, account, messaging_service, mode, pace: None })
                    .await?;
                ours.get_or_insert((business.id, number));
            }
        }
        let mut now = self.start;
        if let Some((business, number)) = ours {
            for Contact { address, name } in &self.contact {
                let (address, name) = (address.clone(), name.clone());
                link.call(SaveContact { business: Some(business), address, name }).await?;
            }
            for step in &self.step {
                advance(&link, &mut now, step.at).await?;
                step.play(&as_agent, &link, business, &number).await?;
            }
        }
        if let (Some(sandbox), true) = (&core.settings().sandbox, self.told() != (0, 0)) {
            // At the moments that are told, not whenever this machine comes to it.
            core.ask_about_codes(false);
            self.history.play(&link, sandbox, all).await?;
            core.ask_about_codes(true);
        }
        advance(&link, &mut now, self.end).await?;
        link.call(AdvanceClock { paused: Some(false), ..AdvanceClock::default() }).await?;
        Ok(())
    }
}

async fn advance(link: &Link, now: &mut When, to: When) -> Result<(), ApiError> {
    if to > *now {
        link.call(AdvanceClock { now: Some(to), ..AdvanceClock::default() }).await?;
        *now = to;
    }
    Ok(())
}

impl Step {
    async fn play(
        &self,
        as_agent: &impl Fn(&str) -> Link,
        link: &Link,
        business: Id,
        number: &Address,
    ) -> Result<(), ApiError> {
        if let (Some(from), Some(body)) = (&self.from, &self.text) {
            let (address, to, body) = (from.to_string(), number.to_string(), body.clone());
            let before = messages(link, business, from).await?;
            let texted = link.call(TextFromPhone { address, to, body, media: Vec::new() }).await?;
            if texted.webhook_status.is_none() {
                // Nobody is called: it is fetched.
                link.call(Sweep::default()).await?;
            }
            // The answer to the webhook says that it is durable; the inbox has it a moment later.
            for _ in 0..500 {
                if messages(link, business, from).await? != before {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(4)).await;
            }
            return Err(ApiError::unavailable(
                "a text of the scenario did not reach the inbox: is the receiver running?",
            ));
        }
        let (Some(to), Some(by)) = (&self.to, &self.by) else {
            return Err(ApiError::new(Code::Internal, "a step of the scenario says neither who texts nor who acts"));
        };
        let link = as_agent(by);
        let conversation = find(&link, business, to).await?;
        let conversation = conversation.ok_or_else(|| ApiError::not_found(format!("conversation with {to}")))?;
        let id = conversation.id;
        link.call(MarkRead { id, arrival: conversation.seen + conversation.unread }).await?;
        if let Some(body) = &self.send {
            let send = SendMessage {
                conversation: Some(id),
                body: body.clone(),
                hold_seconds: Some(0),
                ..SendMessage::default()
            };
            link.call(send).await?;
            // What an agent answered, the other agents have seen too: the demo begins with a clean slate.
            for other in ["agent1", "agent2"] {
                as_agent(other).call(MarkRead { id, arrival: conversation.seen + conversation.unread }).await?;
            }
        }
        if let Some(assignee) = &self.assign {
            link.call(AssignConversation { id, assignee: Some(assignee.clone()), hand_over: None }).await?;
        }
        if self.resolve {
            link.call(SetConversationStatus { id, status: Status::Resolved, until: None }).await?;
        }
        Ok(())
    }
}

async fn find(link: &Link, business: Id, customer: &Address) -> Result<Option<ConversationView>, ApiError> {
    let list = ListConversations { business: Some(business), limit: Some(200), ..ListConversations::default() };
    let page = link.call(list).await?.page;
    Ok(page.items.into_iter().find(|c| c.customer == *customer))
}

/// The id of the newest message with a customer, to see the next one come.
async fn messages(link: &Link, business: Id, customer: &Address) -> Result<Option<Id>, ApiError> {
    Ok(find(link, business, customer).await?.and_then(|c| c.last).map(|last| last.id))
}
