//! STOP, START and HELP: what Twilio does with them by itself.
//!
//! A customer opts out of a sender; when the sender is in a Messaging Service, of the whole service. The
//! keyword's message still reaches the webhook, and Twilio answers it: in its own words, or in those of a
//! service with Advanced Opt-Out. For toll-free numbers the network does it, number by number.

use serde::{Deserialize, Serialize};

use super::message::Message;
use super::send::{self, Outgoing};
use crate::domain::sms::{Keyword, keyword};
use crate::sandbox::error::StoreError;
use crate::sandbox::messaging::opt_out::{self as advanced, Advanced};
use crate::sandbox::number::{self, Number};
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

const STOPPED: &str = "You have successfully been unsubscribed. You will not receive any more messages from this \
                       number. Reply START to resubscribe.";
const STARTED: &str = "You have successfully been re-subscribed to messages from this number. Reply HELP for help. \
                       Reply STOP to unsubscribe. Msg&Data Rates May Apply.";
const HELPED: &str = "Reply STOP to unsubscribe. Msg&Data Rates May Apply.";
const NETWORK_STOPPED: &str = "NETWORK MSG: You replied with the word \"stop\" which blocks all texts sent from this \
                               number. Text back \"unstop\" to receive messages again.";
const NETWORK_STARTED: &str = "NETWORK MSG: You have replied \"unstop\" and will begin receiving messages again from \
                               this number.";

#[derive(Serialize, Deserialize)]
struct OptOut {
    at: u64,
    /// What was sent before it may still arrive.
    #[serde(default)]
    sequence: u64,
}

impl Row for OptOut {
    const KIND: &'static str = "opt-out";
}

fn key(account: &str, scope: &str, customer: &str) -> String {
    format!("{account}/{scope}/{customer}")
}

/// The network's scope: the toll-free number alone.
fn network(sender: &str) -> String {
    format!("network {sender}")
}

fn toll_free(number: &Number) -> bool {
    number.kind == "toll-free"
}

/// Whether Twilio refuses what a sender, or a Messaging Service by its SID, sends to a customer.
pub fn blocked(world: &World, account: &str, sender: &str, customer: &str) -> Result<bool, StoreError> {
    let scope = if sender.starts_with("MG") {
        sender.to_owned()
    } else {
        let service = number::by_address(world, sender)?.and_then(|number| number.service);
        service.unwrap_or_else(|| sender.to_owned())
    };
    Ok(world.get::<OptOut>(&key(account, &scope, customer))?.is_some())
}

/// Whether the network keeps a message back because its receiver told the toll-free number to stop.
pub fn kept_back(world: &World, message: &Message) -> Result<bool, StoreError> {
    let Some(from) = &message.from else { return Ok(false) };
    let found = world.get::<OptOut>(&key(&message.account, &network(from), &message.to))?;
    Ok(found.is_some_and(|opt_out| opt_out.sequence < message.sequence))
}

/// Acts on an inbound message that is a keyword. Answers what the webhook says of it: only a service with
/// Advanced Opt-Out tells.
pub fn hear(world: &mut World, message: &Message) -> Result<Option<&'static str>, StoreError> {
    let Some(customer) = message.from.clone() else { return Ok(None) };
    let number = number::by_address(world, &message.to)?;
    if number.as_ref().is_some_and(toll_free) {
        return hear_in_network(world, message, &customer).map(|()| None);
    }
    let service = number.and_then(|number| number.service);
    let own = match &service {
        Some(service) => advanced::get(world, service)?,
        None => None,
    };
    let Some(word) = own.as_ref().map_or_else(|| keyword(&message.body), |own| own.hear(&message.body)) else {
        return Ok(None);
    };
    let scope = service.unwrap_or_else(|| message.to.clone());
    let again = record(world, &key(&message.account, &scope, &customer), word)?;
    if !again {
        let standard = match word {
            Keyword::Stop => STOPPED,
            Keyword::Start => STARTED,
            Keyword::Help => HELPED,
        };
        let text = own.as_ref().and_then(|own| own.reply(word)).unwrap_or(standard);
        answer(world, message, &customer, text)?;
    }
    let told = match word {
        Keyword::Stop => "STOP",
        Keyword::Start => "START",
        Keyword::Help => "HELP",
    };
    Ok(own.as_ref().map(|_: &Advanced| told))
}

/// The network knows two words and no help.
fn hear_in_network(world: &mut World, message: &Message, customer: &str) -> Result<(), StoreError> {
    let said = message.body.trim().to_ascii_uppercase();
    let (word, text) = match said.as_str() {
        "STOP" => (Keyword::Stop, NETWORK_STOPPED),
        "UNSTOP" | "START" => (Keyword::Start, NETWORK_STARTED),
        _ => return Ok(()),
    };
    let key = key(&message.account, &network(&message.to), customer);
    let stopped = world.get::<OptOut>(&key)?.is_some();
    // The network's own answer goes out before the door is shut.
    if !(stopped && word == Keyword::Stop) {
        answer(world, message, customer, text)?;
    }
    record(world, &key, word).map(|_| ())
}

/// Keeps or forgets the opt-out. Answers whether it is a second STOP, which is not answered: nothing may be
/// sent to who has stopped.
fn record(world: &mut World, key: &str, word: Keyword) -> Result<bool, StoreError> {
    let stopped = world.get::<OptOut>(key)?.is_some();
    match word {
        Keyword::Stop => {
            let sequence = world.sequence();
            world.put(key, &OptOut { at: world.now(), sequence })?;
        }
        Keyword::Start => world.remove::<OptOut>(key)?,
        Keyword::Help => {}
    }
    Ok(stopped && word == Keyword::Stop)
}

fn answer(world: &mut World, message: &Message, customer: &str, text: &str) -> Result<(), StoreError> {
    let outgoing = Outgoing {
        direction: "outbound-reply",
        from: Some(message.to.clone()),
        ..Outgoing::new(&message.account, customer, text)
    };
    send::accept(world, outgoing).map(|_| ())
}
