//! `switchboard trigger`: a webhook as Twilio would send it, rightly signed, with its prerequisites made.

mod form;

use std::time::{Duration, Instant};

use clap::ValueEnum;
use serde_json::{Value, json};
use url::Url;

use self::form::Parts;
use super::super::{Context, Exit, Failure, reach};
use super::signed::{Form, Signer, made_up};
use crate::api::businesses::{CreateEndpoint, ListBusinesses, ListEndpoints};
use crate::api::inbox::{ListMessages, MessageView, SendMessage};
use crate::api::node::{GetNode, NodeView, World};
use crate::api::simulator::SetOutcome;
use crate::domain::id::Id;
use crate::domain::shown::shown;
use crate::link::Link;

/// A number that belongs to nobody: fictional by the rules of the numbering plan.
const CUSTOMER: &str = "+12025550142";
/// How long the message to report on may take to reach the simulated Twilio.
const ACCEPTED_WITHIN: Duration = Duration::from_secs(15);

/// What happens at Twilio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A customer texts
    Sms,
    /// A customer sends a picture
    Mms,
    /// A customer writes by WhatsApp
    Whatsapp,
    /// The status of a message that was sent changes
    Status,
    /// A customer does not want any more texts
    OptOut,
    /// A customer wants texts again
    OptIn,
    /// A customer asks for help with a keyword
    Help,
}

/// What has become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Status {
    /// Waits at Twilio
    Queued,
    /// Leaves Twilio
    Sending,
    /// The carrier has it
    Sent,
    /// The handset has it
    #[default]
    Delivered,
    /// The carrier could not deliver it
    Undelivered,
    /// Twilio could not send it
    Failed,
    /// The customer has read it (WhatsApp)
    Read,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Queued => "queued",
            Status::Sending => "sending",
            Status::Sent => "sent",
            Status::Delivered => "delivered",
            Status::Undelivered => "undelivered",
            Status::Failed => "failed",
            Status::Read => "read",
        }
    }
}

/// The webhook that is wanted.
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct Ask {
    /// What happens at Twilio
    pub kind: Kind,
    /// The sender: a customer, or for `status` your number
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// The receiver: your number, or for `status` the customer
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
    /// The text
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// What has become of the message
    #[arg(long, value_enum, default_value = "delivered")]
    pub status: Status,
    /// Twilio's code for a message that failed (30003 when absent)
    #[arg(long, value_name = "NUMBER")]
    pub error_code: Option<u32>,
    /// The message whose status changes; in the sandbox one is sent for it when absent
    #[arg(long, value_name = "SM...")]
    pub sid: Option<String>,
    /// A picture; may be repeated. In the sandbox one is made for `mms` when absent
    #[arg(long, value_name = "URL")]
    pub media_url: Vec<Url>,
    /// Where to send it, instead of to the running node's receiver
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
}

impl Ask {
    fn is_whatsapp(&self) -> bool {
        let named = |address: &Option<String>| address.as_deref().is_some_and(|a| a.starts_with("whatsapp:"));
        self.kind == Kind::Whatsapp || named(&self.from) || named(&self.to)
    }
}

/// Sends the webhook and prints the answer. Fails when the answer is no success.
pub async fn trigger(ctx: Context, ask: Ask) -> Result<(), Failure> {
    let link = reach(&ctx).await?;
    let view = link.call(GetNode {}).await?;
    if view.world == World::Live && ask.url.is_none() && !ctx.globals.yes {
        let text = "this puts something made up into the inbox of a live account";
        return Err(Failure { exit: Exit::NeedsYes, ..Failure::failed(text) }.remedy("repeat with --yes"));
    }
    if ask.kind == Kind::Mms && ask.media_url.is_empty() {
        return from_handset(&ctx, &link, &view, &ask).await;
    }
    let (path, query, form, about) = match ask.kind {
        Kind::Status => status(&link, &view, &ask).await?,
        _ => inbound(&ctx, &link, &view, &ask).await?,
    };
    let signer = Signer::of(&ctx, &view).await?;
    if signer.account != view.account.to_string() && ask.url.is_none() {
        let text =
            format!("the node has the account {}, and these credentials are of {}", view.account, signer.account);
        return Err(Failure::usage(text).remedy("use those of the node's account"));
    }
    let (known, url) = addresses(&ctx, &view, &ask, path, &query);
    let form = form.into_iter().map(|(name, value)| match name.as_str() {
        "AccountSid" => (name, signer.account.clone()),
        _ => (name, value),
    });
    let form: Form = form.collect();
    let start = Instant::now();
    let (status, body) = signer.post(&known, &url, &form).await?;
    let took = start.elapsed();
    say(&ctx, &ask, &url, status, &body, took, about)
}

fn say(
    ctx: &Context,
    ask: &Ask,
    url: &str,
    status: u16,
    body: &str,
    took: Duration,
    about: Value,
) -> Result<(), Failure> {
    let kind = ask.kind.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
    if ctx.out.json {
        let mut said = json!({ "kind": kind, "url": url, "status": status, "body": body, "tookMs": took.as_millis() });
        for (name, value) in about.as_object().into_iter().flatten() {
            said[name] = value.clone();
        }
        ctx.out.line(&said.to_string())?;
    } else {
        ctx.out.line(&format!("{kind} to {}: {status} in {} ms", shown(url), took.as_millis()))?;
        for (name, value) in about.as_object().into_iter().flatten() {
            ctx.out.line(&format!("{name}  {}", shown(value.as_str().unwrap_or_default())))?;
        }
        if !body.is_empty() {
            ctx.out.line(&shown(body))?;
        }
    }
    match status {
        200..=299 => Ok(()),
        _ => Err(Failure::failed(format!("the receiver answered {status}"))
            .remedy("`switchboard dead-letters` says why, if it was this node")),
    }
}

/// Path and query at the receiver, the form, and what to tell of it.
type Made = (&'static str, String, Form, Value);

async fn inbound(ctx: &Context, link: &Link, view: &NodeView, ask: &Ask) -> Result<Made, Failure> {
    let channel = if ask.is_whatsapp() { "whatsapp:" } else { "" };
    let with_channel = |address: &str| match address.starts_with(channel) {
        true => address.to_owned(),
        false => format!("{channel}{address}"),
    };
    let (business, number, service) = own(link).await?;
    let to = with_channel(ask.to.as_deref().unwrap_or(&number));
    let from = with_channel(ask.from.as_deref().unwrap_or(CUSTOMER));
    if ask.kind == Kind::Whatsapp && view.world == World::Sandbox && ask.url.is_none() {
        answer_to(ctx, link, business, &to).await?;
    }
    let sid = made_up(if ask.media_url.is_empty() { "SM" } else { "MM" })?;
    let service = service.as_deref().filter(|_| to == number);
    let parts = Parts { account: "", sid: &sid, from: &from, to: &to, service };
    let form = form::inbound(&parts, ask);
    Ok(("twilio-sms", String::new(), form, json!({ "sid": sid })))
}

/// The default business, its number and its messaging service.
async fn own(link: &Link) -> Result<(Id, String, Option<String>), Failure> {
    let id = link.call(ListBusinesses {}).await?.default;
    let endpoint = link.call(ListEndpoints { id }).await?.items.into_iter().next();
    let address = endpoint.as_ref().and_then(|e| e.addresses.first().map(ToString::to_string));
    let address = address.ok_or_else(|| {
        Failure::usage("the default business has no number yet").remedy("`switchboard endpoints create` gives it one")
    })?;
    Ok((id, address, endpoint.and_then(|e| e.messaging_service).map(|sid| sid.to_string())))
}

/// Makes sure that somebody answers to a WhatsApp sender: in the sandbox it costs nothing.
async fn answer_to(ctx: &Context, link: &Link, business: Id, to: &str) -> Result<(), Failure> {
    let address = to.parse().map_err(|e| Failure::usage(format!("{e}")))?;
    let endpoints = link.call(ListEndpoints { id: business }).await?.items;
    if endpoints.iter().any(|e| e.addresses.contains(&address)) {
        return Ok(());
    }
    let (account, messaging_service, mode) = (None, None, Default::default());
    let create =
        CreateEndpoint { id: business, addresses: vec![address], account, messaging_service, mode, pace: None };
    link.call(create).await?;
    super::note(ctx.out, &format!("{to} now belongs to the default business"));
    Ok(())
}

async fn status(link: &Link, view: &NodeView, ask: &Ask) -> Result<Made, Failure> {
    if let Some(sid) = &ask.sid {
        let (_, number, _) = own(link).await?;
        let from = ask.from.as_deref().unwrap_or(&number);
        let parts = Parts { account: "", sid, from, to: ask.to.as_deref().unwrap_or(CUSTOMER), service: None };
        let form = form::status(&parts, ask, jiff::Timestamp::now());
        return Ok(("twilio-status", String::new(), form, json!({ "sid": sid })));
    }
    if view.world == World::Live {
        return Err(Failure::usage("a status is about a message, and none is sent to try things out when live")
            .remedy("name one that was sent with --sid"));
    }
    let message = sent(link, ask).await?;
    let business = link.call(ListBusinesses {}).await?.default;
    let sid = message.sid.map(|sid| sid.to_string()).unwrap_or_default();
    let (from, to) = (message.from.to_string(), message.to.to_string());
    let parts = Parts { account: "", sid: &sid, from: &from, to: &to, service: None };
    let form = form::status(&parts, ask, jiff::Timestamp::now());
    let query = format!("?b={business}&m={}", message.id);
    Ok(("twilio-status", query, form, json!({ "sid": sid, "message": message.id.to_string() })))
}

/// A message that the simulated carrier then leaves alone, so that this report is the only one.
async fn sent(link: &Link, ask: &Ask) -> Result<MessageView, Failure> {
    let to = ask.to.clone().unwrap_or_else(|| CUSTOMER.to_owned());
    let stuck = SetOutcome { address: to.clone(), status: "stuck".into(), error_code: None, times: Some(1) };
    link.call(stuck).await?;
    let body = ask.body.clone().unwrap_or_else(|| "A text to report on".to_owned());
    let send = SendMessage { to: Some(to), body, hold_seconds: Some(0), ..SendMessage::default() };
    let asked = link.call(send).await?;
    let start = Instant::now();
    while start.elapsed() < ACCEPTED_WITHIN {
        let list = ListMessages { id: asked.conversation, after: None, limit: Some(20) };
        let page = link.call(list).await?.items;
        match page.into_iter().find(|m| m.id == asked.id) {
            Some(message) if message.sid.is_some() => return Ok(message),
            Some(message) if message.error.is_some() => {
                let why = message.error_text.unwrap_or_else(|| "it was refused".to_owned());
                return Err(Failure::failed(format!("the message to report on could not be sent: {why}")));
            }
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    Err(Failure::failed("the message to report on was not sent in time").remedy("`switchboard doctor` may know why"))
}

/// The sandbox has the handset send a picture: so there is one to be fetched.
async fn from_handset(ctx: &Context, link: &Link, view: &NodeView, ask: &Ask) -> Result<(), Failure> {
    let Some(sandbox) = view.sandbox.as_ref().filter(|_| ask.url.is_none()) else {
        return Err(Failure::usage("a picture must be somewhere to be fetched from").remedy("name it with --media-url"));
    };
    let (_, number, _) = own(link).await?;
    let from = ask.from.as_deref().unwrap_or(CUSTOMER);
    let mut url: Url = sandbox.parse().map_err(|e| Failure::failed(format!("{sandbox} is no address: {e}")))?;
    let strange = |()| Failure::failed(format!("{sandbox} is no address of a sandbox"));
    url.path_segments_mut().map_err(strange)?.pop_if_empty().extend(["sandbox", "phones", from, "send"]);
    let media = json!({ "contentType": "image/png", "base64": PICTURE });
    let body = ask.body.as_deref().unwrap_or("A picture for you");
    let body = json!({ "to": ask.to.as_deref().unwrap_or(&number), "body": body, "media": [media] });
    let gone = |e: reqwest::Error| Failure::failed(format!("the sandbox does not answer: {e}"));
    let start = Instant::now();
    let answer = super::local_http()?.post(url).json(&body).send().await.map_err(gone)?;
    let answer: Value = answer.json().await.map_err(gone)?;
    if let Some(refused) = ["message", "error"].iter().find_map(|name| answer[*name].as_str()) {
        return Err(Failure::failed(format!("the sandbox refused: {refused}")));
    }
    let webhook = &answer["webhook"];
    let text = |name: &str| webhook[name].as_str().unwrap_or_default().to_owned();
    let status = webhook["status"].as_u64().and_then(|s| u16::try_from(s).ok()).unwrap_or(0);
    let about = json!({ "sid": answer["sid"] });
    say(ctx, ask, &text("url"), status, &text("body"), start.elapsed(), about)
}

/// One dot.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";

/// The address as Twilio knows it, and the one it is posted to.
fn addresses(ctx: &Context, view: &NodeView, ask: &Ask, path: &str, query: &str) -> (String, String) {
    if let Some(url) = &ask.url {
        let url = url.as_str().split('#').next().unwrap_or_default().to_owned();
        return (url.clone(), url);
    }
    let base = ctx.globals.connect.as_ref().map_or(view.base.as_str(), Url::as_str).trim_end_matches('/');
    let public = ctx.setup.config.server.public_url.as_ref().filter(|_| view.world == World::Live);
    let known = public.map_or(base, Url::as_str).trim_end_matches('/');
    let rest = format!("/api/webhooks/{path}{query}");
    (format!("{known}{rest}"), format!("{base}{rest}"))
}
