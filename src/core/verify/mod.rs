//! Operations on verifications: codes sent once, checked, sent again, ended; the log; what Twilio tells of
//! them later.
//!
//! A send is durable before Twilio is asked and is asked for once; where the answer is lost, it is looked
//! up. Codes pass through and are kept nowhere.

mod cells;
mod check;
mod end;
mod everywhere;
mod follow;
mod guard;
mod lists;
mod lookup;
mod made;
mod matrix;
mod preview;
mod refused;
mod rehearse;
mod send;
mod service;
mod settle;
mod timeline;
mod views;
mod wording;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

pub(super) use follow::run as follow;
pub(super) use settle::run as settle;
pub(super) use views::attempt as attempt_view;

use super::rows::verify::{flow_key, recipient_key};
use super::{Core, read};
use crate::api::node::World;
use crate::api::{ApiError, Caller, Code};
use crate::domain::access::Permission;
use crate::domain::address::{Address, AddressKind};
use crate::domain::business::Business;
use crate::domain::id::{Id, Sid};
use crate::domain::phone::Phone;
use crate::domain::verification::{Channel, Flow};

/// What the operations and workers share.
pub(super) struct Desk {
    services: service::Services,
    /// Sends whose request is under way in this run.
    under_way: Mutex<HashSet<Id>>,
    /// Rings when a send may be left without an answer.
    doubt: Notify,
    /// Somebody else asks what becomes of codes.
    left_alone: AtomicBool,
}

impl Default for Desk {
    fn default() -> Desk {
        Desk {
            services: service::Services::new(),
            under_way: Mutex::default(),
            doubt: Notify::new(),
            left_alone: AtomicBool::new(false),
        }
    }
}

impl Desk {
    /// A lock whose holder panicked still holds true values: every change under it is one step.
    fn under_way(&self) -> MutexGuard<'_, HashSet<Id>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request for this send is under way in this run.
    fn is_under_way(&self, attempt: Id) -> bool {
        self.under_way().contains(&attempt)
    }
}

/// A send on its way; when this is dropped, also by a panic, it no longer is.
struct UnderWay {
    core: Core,
    attempt: Id,
}

impl UnderWay {
    fn begin(core: &Core, attempt: Id) -> UnderWay {
        core.0.verify.under_way().insert(attempt);
        UnderWay { core: core.clone(), attempt }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.core.0.verify.under_way().remove(&self.attempt);
        self.core.0.verify.doubt.notify_one();
    }
}

impl Core {
    /// Whether the worker asks Twilio what becomes of codes. Who plays a history asks at the history's own
    /// moments, and moves the clock when the worker shall begin again.
    pub fn ask_about_codes(&self, ask: bool) {
        self.0.verify.left_alone.store(!ask, Ordering::Relaxed);
    }

    /// A business with its Verify service.
    fn verifying(&self, caller: &Caller, business: Id) -> Result<(Business, Sid), ApiError> {
        let business = self.business(caller, business)?;
        match business.verify_service {
            Some(service) => Ok((business, service)),
            None => {
                let detail = format!(
                    "{} has no Verify service: set one with `switchboard businesses update {} --verify-service-id VA...`",
                    business.name, business.id
                );
                Err(ApiError::new(Code::Conflict, detail))
            }
        }
    }

    /// Whether Twilio is the sandbox, which can be asked and told what the real one cannot.
    fn is_simulated(&self) -> bool {
        self.settings().sandbox.is_some() && self.settings().world == World::Sandbox
    }

    /// A flow of a business.
    fn flow(&self, business: Id, id: Id) -> Result<Flow, ApiError> {
        let row: Option<Flow> = read(&*self.reader()?, &flow_key(business, id))?;
        row.ok_or_else(|| ApiError::not_found(format!("verification {id}")))
    }

    /// The latest flow of a recipient.
    fn latest_flow(&self, business: Id, to: &Address) -> Result<Option<Flow>, ApiError> {
        let reader = self.reader()?;
        let row: Option<super::rows::verify::Recipient> = read(&*reader, &recipient_key(business, to))?;
        row.map_or(Ok(None), |row| read(&*reader, &flow_key(business, row.flow)))
    }
}

/// Whether a caller may see what is not for visitors: the log, the money.
fn sees_log(caller: &Caller) -> bool {
    caller.permissions.has(Permission::Verifications)
}

/// The recipient as Twilio is given it, and the channel that fits: a number in E.164, or an email address.
fn recipient(to: &str, channel: Option<Channel>, region: &str) -> Result<(Address, Channel), ApiError> {
    let bad = |detail: String| ApiError::field("to", detail);
    let to = to.trim();
    let is_email = to.contains('@');
    let channel = channel.unwrap_or(if is_email { Channel::Email } else { Channel::Sms });
    if (channel == Channel::Email) != is_email {
        let detail = match channel {
            Channel::Email => "the channel `email` needs an email address: give one, or choose sms, call or whatsapp",
            _ => "an email address takes the channel `email`: choose it, or give a phone number",
        };
        return Err(ApiError::field(if is_email { "channel" } else { "to" }, detail));
    }
    if is_email {
        return email(to).map(|to| (to, channel)).map_err(bad);
    }
    let number = to.strip_prefix("whatsapp:").unwrap_or(to);
    let phone = Phone::parse(number, Some(region)).map_err(|e| bad(e.to_string()))?;
    if phone.is_impossible() {
        let detail = format!(
            "nobody has the number {phone}: there no area code and no exchange begins with 0 or 1; check its digits"
        );
        return Err(bad(detail));
    }
    let address = phone.as_str().parse().map_err(|e: crate::domain::address::BadAddress| bad(e.to_string()))?;
    Ok((address, channel))
}

fn email(text: &str) -> Result<Address, String> {
    let wrong = || "this is no email address: give one such as kim@example.com".to_owned();
    let (name, host) = text.split_once('@').ok_or_else(wrong)?;
    let fits = |part: &str| !part.is_empty() && !part.contains(['@', ' ', ',', ';', '<', '>']);
    if !fits(name) || !fits(host) || !host.contains('.') || host.starts_with('.') || host.ends_with('.') {
        return Err(wrong());
    }
    let address: Address = text.parse().map_err(|e: crate::domain::address::BadAddress| e.to_string())?;
    if address.kind() == AddressKind::Email { Ok(address) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_read_as_people_write_them() {
        let read = |to, channel| recipient(to, channel, "US").map(|(to, channel)| (to.to_string(), channel));
        assert_eq!(read("(415) 555-0142", None).unwrap(), ("+14155550142".to_owned(), Channel::Sms));
        assert_eq!(read("whatsapp:+14155550142", Some(Channel::Whatsapp)).unwrap().0, "+14155550142");
        assert_eq!(read(" kim@example.com ", None).unwrap(), ("kim@example.com".to_owned(), Channel::Email));
        for (to, channel, field) in [
            ("kim@example.com", Some(Channel::Sms), "channel"),
            ("+14155550142", Some(Channel::Email), "to"),
            ("kim@", None, "to"),
            ("a b@example.com", None, "to"),
            ("call me", None, "to"),
            ("0123456789", None, "to"),
            ("+14150550142", None, "to"),
            ("", None, "to"),
        ] {
            let refused = recipient(to, channel, "US").unwrap_err();
            assert_eq!(refused.field.as_deref(), Some(field), "{to}: {refused}");
        }
    }
}
