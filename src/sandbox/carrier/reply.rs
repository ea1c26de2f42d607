//! Carries out what a webhook's answer asks for: each `<Message>` becomes an outbound reply.

use super::message::Message;
use super::opt_out;
use super::send::{self, Outgoing};
use crate::domain::sms::LONGEST_BODY;
use crate::sandbox::error::StoreError;
use crate::sandbox::messaging;
use crate::sandbox::monitor::raise;
use crate::sandbox::number;
use crate::sandbox::webhook::twiml::Reply;
use crate::sandbox::world::World;

/// Sends the replies to an inbound message. What Twilio would refuse (a foreign sender, a customer who
/// opted out, a text too long) is left out, and only an alert tells of it.
pub fn carry_out(world: &mut World, sid: &str, replies: &[Reply]) -> Result<(), StoreError> {
    let Some(inbound) = world.get::<Message>(sid)? else { return Ok(()) };
    for reply in replies {
        let from = reply.from.clone().unwrap_or_else(|| inbound.to.clone());
        let Some(to) = reply.to.clone().or_else(|| inbound.from.clone()) else { continue };
        let owned = number::by_address(world, &from)?.is_some_and(|number| number.account == inbound.account);
        let allowed = owned || from == inbound.to;
        let blocked = opt_out::blocked(world, &inbound.account, &from, &to)?;
        let refused = if !allowed {
            Some(21606)
        } else if blocked {
            Some(21610)
        } else if reply.body.chars().count() > LONGEST_BODY {
            Some(21617)
        } else {
            None
        };
        if let Some(code) = refused {
            raise::reply(world, &inbound, code)?;
            continue;
        }
        let smart = match &inbound.service {
            Some(service) => {
                messaging::service::Service::get(world, service)?.is_some_and(|service| service.smart_encoding())
            }
            None => false,
        };
        let outgoing = Outgoing {
            direction: "outbound-reply",
            from: Some(from),
            media: reply.media.iter().map(|url| (super::media::guess(url), url.clone())).collect(),
            callback: reply.status_callback.clone(),
            smart,
            ..Outgoing::new(&inbound.account, &to, &reply.body)
        };
        send::accept(world, outgoing)?;
    }
    Ok(())
}
