//! A handset texts in: the message is received, kept, acted upon and handed to the webhook.

use std::collections::BTreeMap;

use super::handset::{self, Text};
use super::message::{Fate, Message, Status};
use super::{geography, lifecycle, media, opt_out, price, send};
use crate::sandbox::account;
use crate::sandbox::clock::precise;
use crate::sandbox::error::StoreError;
use crate::sandbox::messaging;
use crate::sandbox::number::{self, Number, WHATSAPP_SHARED};
use crate::sandbox::webhook::{Delivery, Purpose, Target, idempotency_token};
use crate::sandbox::world::World;

/// What a handset sends.
#[derive(Debug, Clone, Default)]
pub struct Texted {
    /// The handset.
    pub from: String,
    /// The business number.
    pub to: String,
    /// The text.
    pub body: String,
    /// The name a WhatsApp user shows.
    pub profile_name: Option<String>,
    /// Media: type and bytes.
    pub media: Vec<(String, Vec<u8>)>,
    /// Parameters of its webhook beside the usual ones, as of [`super::extra`].
    pub extra: BTreeMap<String, String>,
}

/// What came of it.
pub struct Received {
    /// The message.
    pub sid: String,
    /// The webhook for it, if one is configured.
    pub webhook: Option<u64>,
}

/// Where an inbound message goes, and for which Messaging Service.
struct Route {
    account: String,
    service: Option<String>,
    target: Option<Target>,
    fallback: Option<Target>,
}

/// Receives a text; `None` when nobody has the number it was sent to.
pub fn receive(world: &mut World, texted: Texted) -> Result<Option<Received>, StoreError> {
    let Some(route) = route(world, &texted.to)? else { return Ok(None) };
    let natural = [route.account.as_str(), &texted.from, &texted.to];
    let nth = send::nth(world, &[&["message"], &natural[..]].concat())?;
    let prefix = if texted.media.is_empty() { "SM" } else { "MM" };
    let sid = world.seed().sid(prefix, &[&natural[..], &[nth.to_string().as_str()]].concat());
    let now = world.now();
    let mut message = Message {
        sid,
        account: route.account.clone(),
        direction: "inbound".into(),
        from: Some(texted.from.clone()),
        to: texted.to.clone(),
        body: texted.body.clone(),
        status: Status::Received,
        segments: 1,
        media: Vec::new(),
        service: route.service.clone(),
        callback: None,
        fate: Fate::default(),
        error: None,
        send_at: None,
        validity: None,
        due: None,
        created: now,
        updated: now,
        sent: Some(now),
        sequence: world.sequence(),
        nth,
        discard: false,
        price: None,
    };
    media::receive(world, &mut message, &texted.media)?;
    message.segments = send::parts(&message);
    price::charge(world, &mut message)?;
    message.add(world)?;
    world.count("messages", true);
    let text = Text {
        direction: "out".into(),
        from: texted.from.clone(),
        to: texted.to.clone(),
        body: texted.body.clone(),
        media: lifecycle::attachments(world, &message)?,
        at: precise(now),
        sid: message.sid.clone(),
    };
    // Between two numbers of the sandbox there is no handset, and nobody who opts out.
    let mut keyword = None;
    if number::by_address(world, &texted.from)?.is_none() {
        handset::keep(world, &texted.from, &text)?;
        keyword = opt_out::hear(world, &message)?;
    }
    let webhook = match route.target {
        Some(target) => {
            let mut delivery = webhook(world, &message, &texted, target, route.fallback)?;
            delivery.params.extend(keyword.map(|word| ("OptOutType".to_owned(), word.to_owned())));
            Some(world.deliver(delivery)?)
        }
        None => None,
    };
    Ok(Some(Received { sid: message.sid, webhook }))
}

/// A number in a Messaging Service goes to the service's URL, unless the service leaves it to the number;
/// what names no URL goes where the sandbox was told.
fn route(world: &World, to: &str) -> Result<Option<Route>, StoreError> {
    let default = world.meta().webhooks.sms.as_deref().and_then(|url| Target::new(url, "POST"));
    if to == WHATSAPP_SHARED {
        let account = world.meta().account.clone();
        return Ok(Some(Route { account, service: None, target: default, fallback: None }));
    }
    let Some(number) = number::by_address(world, to)? else { return Ok(None) };
    let service = match &number.service {
        Some(sid) => messaging::service::Service::get(world, sid)?,
        None => None,
    };
    let own = |number: &Number| (number.inbound().or_else(|| default.clone()), number.fallback());
    let (target, fallback) = match &service {
        Some(service) if !service.uses_number_webhook() => match service.inbound() {
            Some(target) => (Some(target), service.fallback()),
            None => (default, None),
        },
        _ => own(&number),
    };
    Ok(Some(Route { account: number.account, service: number.service, target, fallback }))
}

fn webhook(
    world: &World,
    message: &Message,
    texted: &Texted,
    target: Target,
    fallback: Option<Target>,
) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: 0,
        lane: format!("{} > {}", texted.from, texted.to),
        account: message.account.clone(),
        token: account::token(world, &message.account)?,
        target,
        fallback,
        params: params(world, message, texted)?,
        body: None,
        idempotency: idempotency_token(world, &["inbound", &message.sid]),
        purpose: Purpose::Inbound { message: message.sid.clone() },
        fault: None,
    })
}

fn params(world: &World, message: &Message, texted: &Texted) -> Result<Vec<(String, String)>, StoreError> {
    let mut params: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: &str| params.push((name.to_owned(), value.to_owned()));
    if let Some(phone) = texted.from.strip_prefix("whatsapp:") {
        add("ProfileName", texted.profile_name.as_deref().unwrap_or(phone));
        add("WaId", phone.trim_start_matches('+'));
        add("MessageType", message_type(texted));
    } else {
        for (side, address) in [("From", &texted.from), ("To", &texted.to)] {
            let place = geography::place(address);
            add(&format!("{side}Country"), &place.country);
            add(&format!("{side}State"), place.state);
            add(&format!("{side}City"), place.city);
            add(&format!("{side}Zip"), place.zip);
        }
    }
    add("SmsMessageSid", &message.sid);
    add("NumMedia", &message.media.len().to_string());
    add("SmsSid", &message.sid);
    add("SmsStatus", "received");
    add("Body", &message.body);
    add("To", &texted.to);
    if let Some(service) = &message.service {
        add("MessagingServiceSid", service);
    }
    add("NumSegments", &message.segments.to_string());
    add("ReferralNumMedia", "0");
    add("MessageSid", &message.sid);
    add("AccountSid", &message.account);
    add("From", &texted.from);
    add("ApiVersion", "2010-04-01");
    for (name, value) in &texted.extra {
        match params.iter_mut().find(|(known, _)| known == name) {
            Some((_, usual)) => usual.clone_from(value),
            None => params.push((name.clone(), value.clone())),
        }
    }
    let mut add = |name: &str, value: &str| params.push((name.to_owned(), value.to_owned()));
    for (n, media) in media::of(world, message)?.iter().enumerate() {
        add(&format!("MediaContentType{n}"), &media.content_type);
        add(&format!("MediaUrl{n}"), &media.url(world));
    }
    Ok(params)
}

fn message_type(texted: &Texted) -> &'static str {
    let kind = texted.media.first().map(|(kind, _)| kind.split('/').next().unwrap_or_default());
    match kind {
        None => "text",
        Some("image") => "image",
        Some("audio") => "audio",
        Some("video") => "video",
        Some(_) => "document",
    }
}
