//! Status callbacks: Twilio tells what has become of an outbound message.

use super::message::{Message, Status};
use crate::sandbox::account;
use crate::sandbox::clock::formatted;
use crate::sandbox::error::StoreError;
use crate::sandbox::messaging;
use crate::sandbox::webhook::{Delivery, Purpose, Target, idempotency_token};
use crate::sandbox::world::World;

/// Sends the callback of a message's present status, if anybody wants it.
pub fn send(world: &mut World, message: &Message) -> Result<(), StoreError> {
    let service = match &message.service {
        Some(sid) => messaging::service::Service::get(world, sid)?.and_then(|service| service.status_callback()),
        None => None,
    };
    let own = message.callback.clone();
    let url = own.or(service).or_else(|| world.meta().webhooks.status.clone());
    let Some(target) = url.and_then(|url| Target::new(&url, "POST")) else { return Ok(()) };
    let delivery = Delivery {
        id: 0,
        lane: message.sid.clone(),
        account: message.account.clone(),
        token: account::token(world, &message.account)?,
        target,
        fallback: None,
        params: params(world, message),
        body: None,
        idempotency: idempotency_token(world, &["status", &message.sid, message.status.word()]),
        purpose: Purpose::Status { message: message.sid.clone() },
        fault: None,
    };
    world.deliver(delivery).map(|_| ())
}

fn params(world: &World, message: &Message) -> Vec<(String, String)> {
    let mut params = Vec::new();
    let mut add = |name: &str, value: &str| params.push((name.to_owned(), value.to_owned()));
    add("SmsSid", &message.sid);
    add("SmsStatus", message.status.word());
    add("MessageStatus", message.status.word());
    add("To", &message.to);
    add("MessageSid", &message.sid);
    add("AccountSid", &message.account);
    add("From", message.from.as_deref().unwrap_or_default());
    add("ApiVersion", "2010-04-01");
    if let Some(service) = &message.service {
        add("MessagingServiceSid", service);
    }
    let failed = matches!(message.status, Status::Failed | Status::Undelivered);
    if let Some(code) = message.error.filter(|_| failed) {
        add("ErrorCode", &code.to_string());
    }
    let final_report = matches!(message.status, Status::Delivered | Status::Undelivered);
    if message.whatsapp() {
        add("ChannelPrefix", "whatsapp");
        add("ChannelInstallSid", &world.seed().sid("XE", &[&message.account, "whatsapp"]));
        add("ChannelToAddress", &masked(&message.to));
        if failed && let Some(text) = message.error.and_then(super::price::error_text) {
            add("ChannelStatusMessage", text);
        }
        if final_report || message.status == Status::Read {
            add("EventType", &message.status.word().to_ascii_uppercase());
        }
    } else if final_report {
        add("RawDlrDoneDate", &formatted(message.updated, "%y%m%d%H%M"));
    }
    params
}

/// `+5435152812345` becomes `+543515281XXXX`.
fn masked(address: &str) -> String {
    let plain = address.strip_prefix("whatsapp:").unwrap_or(address);
    let keep = plain.chars().count().saturating_sub(4);
    plain.chars().take(keep).chain("XXXX".chars()).collect()
}
