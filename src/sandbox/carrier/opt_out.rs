//! STOP, START and HELP: what Twilio does with them by itself.
//!
//! A customer opts out of a sender; when the sender is in a Messaging Service, of the whole service. The
//! keyword's message still reaches the webhook, and Twilio answers it in its own words.

use serde::{Deserialize, Serialize};

use super::message::Message;
use super::send::{self, Outgoing};
use crate::domain::sms::{Keyword, keyword};
use crate::sandbox::error::StoreError;
use crate::sandbox::number;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

const STOPPED: &str = "You have successfully been unsubscribed. You will not receive any more messages from this \
                       number. Reply START to resubscribe.";
const STARTED: &str = "You have successfully been re-subscribed to messages from this number. Reply HELP for help. \
                       Reply STOP to unsubscribe. Msg&Data Rates May Apply.";
const HELPED: &str = "Reply STOP to unsubscribe. Msg&Data Rates May Apply.";

#[derive(Serialize, Deserialize)]
struct OptOut {
    at: u64,
}

impl Row for OptOut {
    const KIND: &'static str = "opt-out";
}

fn key(account: &str, scope: &str, customer: &str) -> String {
    format!("{account}/{scope}/{customer}")
}

/// What a customer opts out of: the sender's Messaging Service, or the sender.
fn scope(world: &World, sender: &str) -> Result<String, StoreError> {
    let service = number::by_address(world, sender)?.and_then(|number| number.service);
    Ok(service.unwrap_or_else(|| sender.to_owned()))
}

/// Whether a customer has opted out of a sender, or of a Messaging Service by its SID.
pub fn blocked(world: &World, account: &str, sender: &str, customer: &str) -> Result<bool, StoreError> {
    let scope = if sender.starts_with("MG") { sender.to_owned() } else { scope(world, sender)? };
    Ok(world.get::<OptOut>(&key(account, &scope, customer))?.is_some())
}

/// Acts on an inbound message that is a keyword.
pub fn hear(world: &mut World, message: &Message) -> Result<(), StoreError> {
    let (Some(word), Some(customer)) = (keyword(&message.body), message.from.clone()) else { return Ok(()) };
    let key = key(&message.account, &scope(world, &message.to)?, &customer);
    let was_blocked = world.get::<OptOut>(&key)?.is_some();
    let answer = match word {
        Keyword::Stop => {
            world.put(&key, &OptOut { at: world.now() })?;
            STOPPED
        }
        Keyword::Start => {
            world.remove::<OptOut>(&key)?;
            STARTED
        }
        Keyword::Help => HELPED,
    };
    // A second STOP is not answered: nothing may be sent to who has stopped.
    if word == Keyword::Stop && was_blocked {
        return Ok(());
    }
    let outgoing = Outgoing {
        direction: "outbound-reply",
        from: Some(message.to.clone()),
        ..Outgoing::new(&message.account, &customer, answer)
    };
    send::accept(world, outgoing).map(|_| ())
}
