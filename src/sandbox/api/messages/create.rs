//! Creates a message.

use super::check;
use crate::sandbox::account::Account;
use crate::sandbox::answer::{Answer, Failure, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::message::Fate;
use crate::sandbox::carrier::send::{self, Outgoing};
use crate::sandbox::carrier::{media, opt_out};
use crate::sandbox::content;
use crate::sandbox::messaging::{alpha, pool, service};
use crate::sandbox::number;
use crate::sandbox::paging;
use crate::sandbox::world::World;

/// How long a WhatsApp customer may be answered in free words after they wrote.
const WINDOW: u64 = 24 * 3600 * 1_000_000;

/// `POST Messages`.
pub fn create(world: &mut World, call: &Call, account: &Account) -> Outcome<Answer> {
    let outgoing = checked(world, call, account)?;
    let message = send::accept(world, outgoing)?;
    let mut answer = Answer::created(message.show(world.now()));
    // Twilio gives the request that made a message the message's own digits.
    answer.headers.push(("Twilio-Request-Id", format!("RQ{}", &message.sid[2..])));
    Ok(answer)
}

fn checked(world: &mut World, call: &Call, account: &Account) -> Outcome<Outgoing> {
    let form = &call.form;
    let to = form.text("To").ok_or_else(|| Refusal::bad(21604, "A 'To' phone number is required."))?;
    let (from, service) = (form.text("From"), form.text("MessagingServiceSid"));
    if from.is_none() && service.is_none() {
        return Err(Refusal::bad(21603, "A 'From' phone number is required.").into());
    }
    check::content(form)?;
    let to = check::receiver(Some(to))?;
    let settings = service.map(|sid| known_service(world, account, sid)).transpose()?;
    let from = from.map(|from| check::sender(world, &account.sid, from, &to)).transpose()?;
    if let (Some(from), Some(sid)) = (&from, service) {
        of_pool(world, from, sid)?;
    }
    let callback = check::callback(form)?;
    let validity = check::validity(form)?.or_else(|| settings.as_ref().and_then(service::Service::validity));
    check::options(form)?;
    let send_at = check::schedule(form, world.now())?;
    let sender = service.or(from.as_deref()).unwrap_or_default();
    if opt_out::blocked(world, &account.sid, sender, &to)? {
        return Err(Refusal::bad(21610, "Attempt to send to unsubscribed recipient").into());
    }
    let variables = form.text("ContentVariables");
    let content =
        form.text("ContentSid").map(|sid| content::chosen(world, &account.sid, sid, variables)).transpose()?;
    let closed = to.starts_with("whatsapp:") && !window_open(world, account, &to)?;
    let refused = closed.then(|| content.as_ref().map_or(Some(63016), |content| content.refused)).flatten();
    let (text, media) = content.map_or_else(Default::default, |content| (Some(content.text), content.media));
    let media = form.all("MediaUrl").map(str::to_owned).chain(media);
    let smart = form.flag("SmartEncoded").unwrap_or_else(|| settings.as_ref().is_some_and(|s| s.smart_encoding()));
    Ok(Outgoing {
        from,
        media: media.map(|url| (media::guess(&url), url)).collect(),
        service: service.map(str::to_owned),
        callback,
        smart,
        send_at,
        validity,
        fate: refused.map(|code| (Fate::Failed, code)),
        discard: form.text("ContentRetention") == Some("discard"),
        ..Outgoing::new(&account.sid, &to, text.as_deref().or(form.text("Body")).unwrap_or_default())
    })
}

fn known_service(world: &World, account: &Account, sid: &str) -> Outcome<service::Service> {
    if !(sid.len() == 34 && sid.starts_with("MG")) {
        return Err(Refusal::bad(21705, "The Messaging Service SID is invalid").into());
    }
    let found = service::Service::get(world, sid)?.filter(|service| service.account == account.sid);
    let service = found.ok_or_else(|| Failure::from(Refusal::bad(21701, "The Messaging Service does not exist")))?;
    if pool::is_empty(world, sid)? {
        return Err(Refusal::bad(21704, "The Messaging Service contains no phone numbers").into());
    }
    Ok(service)
}

/// A sender that is named beside a service must be in its pool.
fn of_pool(world: &World, from: &str, sid: &str) -> Outcome<()> {
    let service = number::by_address(world, from)?.and_then(|number| number.service);
    if service.as_deref() == Some(sid) || alpha::has(world, sid, from)? {
        return Ok(());
    }
    let (code, text) = match service {
        Some(_) => (21712, format!("The phone number {from} is associated with another Messaging Service")),
        None => (21711, format!("The phone number {from} is not associated with the Messaging Service")),
    };
    Err(Refusal::bad(code, text).into())
}

/// Whether a WhatsApp customer wrote to this account within a day.
fn window_open(world: &World, account: &Account, customer: &str) -> Outcome<bool> {
    let parent = format!("{}/{customer}", account.sid);
    let until = paging::key(&parent, world.now().saturating_sub(WINDOW), u64::MAX);
    let found = world.scan("messages/from", &format!("{parent}/"), &until, false, 1)?;
    Ok(!found.is_empty())
}
