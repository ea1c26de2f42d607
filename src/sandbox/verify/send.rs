//! The way of a code to the handset or the mailbox, step by step in simulated time.
//!
//! ```text
//! a message: queued -> sent -> delivered | undelivered         queued -> failed
//! a call:    queued -> ringing -> in-progress -> completed     ringing -> no-answer    queued -> failed
//! ```
//!
//! What becomes of it is the handset's outcome, as for ordinary messages; these are none, and no list of
//! messages or calls has them.

use serde_json::json;

use super::attempt::{Attempt, Channel, Content};
use super::service::Service;
use super::verification::Verification;
use super::{configurations, events};
use crate::sandbox::carrier::handset::{self, Text};
use crate::sandbox::carrier::line;
use crate::sandbox::carrier::message::Fate;
use crate::sandbox::clock::precise;
use crate::sandbox::error::StoreError;
use crate::sandbox::messaging::pool;
use crate::sandbox::monitor::raise;
use crate::sandbox::timer::Due;
use crate::sandbox::world::World;

/// Who sends when nothing is configured: a shared short code, a caller, a WhatsApp sender, a mailbox.
const SHORT_CODE: &str = "80274";
const CALLER: &str = "+14155550180";
const WHATSAPP: &str = "whatsapp:+14155238886";
const MAILBOX: &str = "no-reply@verify.example";

/// Errors of a fate that names none: unreachable, unknown; and a landline's.
const UNREACHABLE: u32 = 30003;
const UNKNOWN: u32 = 30008;
const LANDLINE: u32 = 30006;

/// Sends a code out; answers the attempt's SID.
pub fn begin(
    world: &mut World,
    service: &Service,
    verification: &Verification,
    content: Content,
    locale: &str,
) -> Result<String, StoreError> {
    let (channel, to) = (verification.channel, verification.to.as_str());
    let nth = (verification.sends.len() + 1).to_string();
    let (mut fate, mut error) = handset::take_fate(world, &channel.address(to))?;
    if channel == Channel::Sms && line::kind(to) == line::Kind::Landline {
        (fate, error) = (Fate::Undelivered, Some(LANDLINE));
    }
    let now = world.now();
    let mut attempt = Attempt {
        sid: world.seed().sid("VL", &[&verification.sid, &nth]),
        account: verification.account.clone(),
        service: service.sid.clone(),
        verification: verification.sid.clone(),
        to: to.to_owned(),
        channel,
        progress: "queued".into(),
        fate,
        error,
        content: Content { from: sender(world, service, channel, to, &content)?, ..content },
        locale: locale.to_owned(),
        code_length: verification.code.len(),
        state: "unconfirmed".into(),
        rated: false,
        price: None,
        created: now,
        updated: now,
        sequence: world.sequence(),
    };
    attempt.begin(world)?;
    plan(world, &mut attempt)?;
    Ok(attempt.sid)
}

/// The sender by channel: that of the messaging configuration of the recipient's country, of the service,
/// of the call, or a shared one.
fn sender(
    world: &mut World,
    service: &Service,
    channel: Channel,
    to: &str,
    content: &Content,
) -> Result<String, StoreError> {
    let fallback = match channel {
        Channel::Sms => {
            let chosen = match configurations::messaging_service(world, service, to)? {
                Some(messaging) => pool::choose(world, &messaging, to)?,
                None => None,
            };
            return Ok(chosen.unwrap_or_else(|| SHORT_CODE.to_owned()));
        }
        Channel::Call => CALLER,
        Channel::Whatsapp => service.text("whatsapp.from").unwrap_or(WHATSAPP),
        Channel::Email => {
            let from = content.email.as_ref().and_then(|email| email.get("from")).and_then(serde_json::Value::as_str);
            from.unwrap_or(MAILBOX)
        }
    };
    Ok(fallback.to_owned())
}

/// Sets the timer of the next step, if there is one, and saves the attempt.
fn plan(world: &mut World, attempt: &mut Attempt) -> Result<(), StoreError> {
    let wait = match (attempt.progress.as_str(), attempt.fate) {
        (_, Fate::Queued) => None,
        ("queued", _) => Some((150, 450)),
        ("sent" | "ringing", Fate::Stuck) => None,
        ("sent", _) => Some((400, 850)),
        ("ringing", _) => Some((2_000, 4_000)),
        ("in-progress", _) => Some((6_000, 9_000)),
        _ => None,
    };
    if let Some((low, high)) = wait {
        let drawn = world.seed().between(low * 1_000, high * 1_000, &["step", &attempt.sid, &attempt.progress]);
        world.schedule(world.now() + drawn, &attempt.sid, &Due::VerifyAttempt { sid: attempt.sid.clone() })?;
    }
    world.put(&attempt.sid, attempt)
}

/// The next step of an attempt, now.
pub fn step(world: &mut World, sid: &str) -> Result<(), StoreError> {
    let Some(mut attempt) = world.get::<Attempt>(sid)? else { return Ok(()) };
    let call = attempt.channel == Channel::Call;
    let next = match (attempt.progress.as_str(), attempt.fate) {
        ("queued", Fate::Failed) => "failed",
        ("queued", _) if call => "ringing",
        ("queued", _) => "sent",
        ("sent", Fate::Undelivered) => "undelivered",
        ("sent", _) => "delivered",
        ("ringing", Fate::Undelivered) => "no-answer",
        ("ringing", _) => "in-progress",
        ("in-progress", _) => "completed",
        _ => return Ok(()),
    };
    attempt.progress = next.to_owned();
    attempt.updated = world.now();
    match next {
        "failed" => attempt.error = attempt.error.or(Some(UNKNOWN)),
        "undelivered" | "no-answer" => attempt.error = attempt.error.or(Some(UNREACHABLE)),
        "sent" => attempt.charge(world)?,
        "delivered" => arrive(world, &attempt)?,
        "completed" => {
            arrive(world, &attempt)?;
            attempt.charge(world)?;
        }
        _ => {}
    }
    if matches!(next, "failed" | "undelivered" | "no-answer") {
        raise::attempt(world, &attempt)?;
    }
    events::message(world, &attempt)?;
    plan(world, &mut attempt)
}

/// Whatever is still to happen to an attempt happens now: the clock stands still, and what becomes of it is
/// the handset's outcome as ever. How it stands then, if there is such an attempt.
pub fn hurry(world: &mut World, sid: &str) -> Result<Option<Attempt>, StoreError> {
    // A call has the most steps: queued, ringing, in progress, completed.
    for _ in 0..4 {
        step(world, sid)?;
    }
    world.get::<Attempt>(sid)
}

/// The code is there.
fn arrive(world: &mut World, attempt: &Attempt) -> Result<(), StoreError> {
    let Attempt { sid, channel, to, content, .. } = attempt;
    let (at, address) = (precise(world.now()), channel.address(to));
    match channel {
        Channel::Sms | Channel::Whatsapp => {
            let text = Text {
                direction: "in".into(),
                from: content.from.clone(),
                to: address.clone(),
                body: content.text.clone(),
                media: Vec::new(),
                at,
                sid: sid.clone(),
            };
            handset::keep(world, &address, &text)
        }
        Channel::Call => {
            let call = json!({ "from": content.from, "transcript": content.text, "at": at, "sid": sid });
            handset::keep_as(world, "calls", &address, &call)
        }
        Channel::Email => {
            let mut email = json!({
                "from": content.from, "subject": content.subject, "body": content.text, "at": at, "sid": sid,
            });
            for (key, name) in
                [("from_name", "fromName"), ("template_id", "templateId"), ("substitutions", "substitutions")]
            {
                if let Some(value) = content.email.as_ref().and_then(|given| given.get(key)) {
                    email[name] = value.clone();
                }
            }
            handset::keep_as(world, "emails", &address, &email)
        }
    }
}
