//! What a webhook means: the change it becomes, found by reading the directory.
//!
//! Decides nothing about the change itself: the rules apply it. What finds no place becomes a dead
//! letter or is parked; nothing is dropped.

use std::collections::HashMap;

use super::change::{Change, DeadLettered, Inbound, ReportParked, StatusReported};
use super::rows::{Parked, SidRow, business_key, message_key, route_key, sid_key};
use super::{Core, read};
use crate::api::ApiError;
use crate::domain::business::Business;
use crate::domain::deadletter::{DeadLetter, Reason};
use crate::domain::endpoint::Route;
use crate::domain::id::{Id, Sid};
use crate::domain::media::{Media, plain_type};
use crate::domain::message::{Direction, Message, Status};
use crate::domain::pace;
use crate::domain::sms::{self, Keyword};
use crate::store::Reader;
use crate::store::intake::Item;
use crate::twilio::webhook::{self, InboundMessage, OptOutType, Payload, StatusCallback};

/// What a webhook means. What finds no place becomes a dead letter or is parked; nothing is dropped.
pub(super) fn of(
    core: &Core,
    reader: &dyn Reader,
    sequence: u64,
    item: &Item,
    routes: &mut HashMap<(Sid, String), Option<(Id, Id)>>,
) -> Result<Change, ApiError> {
    placed(core, reader, item, routes)?.or_else(|(reason, detail)| dead(core, reader, sequence, item, reason, detail))
}

fn placed(
    core: &Core,
    reader: &dyn Reader,
    item: &Item,
    routes: &mut HashMap<(Sid, String), Option<(Id, Id)>>,
) -> Result<Placed, ApiError> {
    Ok(match webhook::parse(&item.body) {
        Ok(Payload::Inbound(message)) => inbound(core, reader, item, *message, routes)?,
        Ok(Payload::Status(report)) => status(core, reader, item, &report)?,
        Err(e) => Err((Reason::Malformed, e.to_string())),
    })
}

/// Why a webhook would find no place now, if that is so.
pub(super) fn no_place(core: &Core, reader: &dyn Reader, item: &Item) -> Result<Option<String>, ApiError> {
    Ok(match placed(core, reader, item, &mut HashMap::new())? {
        Ok(Change::ReportParked(parked)) => {
            Some(format!("no message sent from here has the SID {}", parked.report.sid))
        }
        Ok(_) => None,
        Err((_, why)) => Some(why),
    })
}

/// A change, or why there is no place for the webhook.
type Placed = Result<Change, (Reason, String)>;

fn inbound(
    core: &Core,
    reader: &dyn Reader,
    item: &Item,
    m: InboundMessage,
    routes: &mut HashMap<(Sid, String), Option<(Id, Id)>>,
) -> Result<Placed, ApiError> {
    let mut found = None;
    let service = m.messaging_service_sid.map(|s| s.to_string());
    for alias in std::iter::once(m.to.to_string()).chain(service) {
        let key = (m.account_sid, alias);
        found = match routes.get(&key) {
            Some(known) => *known,
            None => {
                let known = routed(reader, key.0, &key.1)?;
                routes.insert(key, known);
                known
            }
        };
        if found.is_some() {
            break;
        }
    }
    let Some((business, endpoint)) = found else {
        let detail = format!(
            "no endpoint answers to {} of account {}: route it to a business, then replay",
            m.to, m.account_sid
        );
        return Ok(Err((Reason::Unroutable, detail)));
    };
    // Advanced Opt-Out has words of its own for these; where it is on, Twilio says what was meant.
    let keyword = match &m.opt_out_type {
        Some(OptOutType::Stop) => Some(Keyword::Stop),
        Some(OptOutType::Start) => Some(Keyword::Start),
        Some(OptOutType::Help) => Some(Keyword::Help),
        Some(OptOutType::Other(_)) | None => sms::keyword(&m.body),
    };
    Ok(Ok(Change::Inbound(Box::new(Inbound {
        business,
        endpoint,
        sid: m.message_sid,
        keyword,
        from: m.from,
        to: m.to,
        body: m.body,
        segments: m.num_segments,
        media: m.media.into_iter().map(|m| Media::to_fetch(m.url, plain_type(&m.content_type), item.at)).collect(),
        profile_name: m.profile_name,
        sent: item.business_time,
        message: core.new_id(),
        conversation: core.new_id(),
    }))))
}

/// The business and endpoint that an alias leads to. A deleted business receives nothing.
pub(super) fn routed(reader: &dyn Reader, account: Sid, alias: &str) -> Result<Option<(Id, Id)>, ApiError> {
    let Some(route) = read::<Route>(reader, &route_key(account, alias))? else { return Ok(None) };
    let business: Option<Business> = read(reader, &business_key(route.business))?;
    Ok(business.filter(|b| b.deleted_at.is_none()).map(|b| (b.id, route.endpoint)))
}

fn status(core: &Core, reader: &dyn Reader, item: &Item, report: &StatusCallback) -> Result<Placed, ApiError> {
    let Some(status) = Status::from_twilio(report.status.as_str()) else {
        // A word that Twilio invented since: kept where a person finds it, the message stays as it is.
        let detail = format!("the status `{}` is not known to this version", report.status.as_str());
        return Ok(Err((Reason::Malformed, detail)));
    };
    let sid = report.message_sid;
    let mut owner = match named(&item.query) {
        Some(owner) => of_ours(reader, owner, sid)?,
        None => None,
    };
    if owner.is_none() {
        let row: Option<SidRow> = read(reader, &sid_key(sid))?;
        owner = match row {
            Some(row) => of_ours(reader, (row.business, row.message), sid)?,
            None => None,
        };
    }
    // Who holds the token of another account than the node's own reports on the messages of that account only.
    if let Some(m) = &owner
        && report.account_sid != core.settings().account
        && report.account_sid != core.account_of(reader, m.business, m.conversation)?
    {
        let detail = format!("{} reports on a message that another account has sent", report.account_sid);
        return Ok(Err((Reason::UnknownMessage, detail)));
    }
    let owner = owner.map(|m| (m.business, m.id));
    Ok(Ok(match owner {
        Some((business, message)) => {
            let error = report.error_code;
            if error.is_some_and(pace::is_too_fast) {
                too_fast(core, reader, business, message)?;
            }
            Change::StatusReported(StatusReported { business, message, sid, status, error, price: None })
        }
        None => parked(sid, status, report.error_code, item),
    }))
}

/// Twilio says that the sender of a message was too fast: it goes slower for a while.
pub(super) fn too_fast(core: &Core, reader: &dyn Reader, business: Id, message: Id) -> Result<(), ApiError> {
    if let Some(m) = read::<Message>(reader, &message_key(business, message))? {
        core.0.outbox.senders.chasten(&m.ours, core.now());
    }
    Ok(())
}

/// The message, if a report of `sid` can be about it: one that we sent, under that SID or under none yet.
fn of_ours(reader: &dyn Reader, (business, message): (Id, Id), sid: Sid) -> Result<Option<Message>, ApiError> {
    let row: Option<Message> = read(reader, &message_key(business, message))?;
    Ok(row.filter(|m| m.direction == Direction::Out && m.sid.is_none_or(|have| have == sid)))
}

/// Our ids in the callback's own query: `?b=BUSINESS&m=ID`. They are covered by the signature.
fn named(query: &str) -> Option<(Id, Id)> {
    let (mut business, mut message) = (None, None);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "b" => business = value.parse().ok(),
            "m" => message = value.parse().ok(),
            _ => {}
        }
    }
    Some((business?, message?))
}

/// A report that waits for its message to become known.
pub(super) fn parked(sid: Sid, status: Status, error: Option<u32>, item: &Item) -> Change {
    let body = String::from_utf8_lossy(&item.body).into_owned();
    Change::ReportParked(ReportParked { report: Parked { sid, status, error, body, since: item.at } })
}

/// A dead letter of a webhook in the intake. Its id follows from the webhook, so that one which is
/// applied again (after a crash, or because another lane failed) is the same letter.
pub(super) fn dead(
    core: &Core,
    reader: &dyn Reader,
    sequence: u64,
    item: &Item,
    reason: Reason,
    detail: String,
) -> Result<Change, ApiError> {
    let low = (sequence & 0x3f_ffff) as u32;
    let id = Id::from_parts(item.at.millis(), (low >> 12) as u16, (low & 0xfff) as u16);
    let letter = DeadLetter { id, ..letter(core, item, reason, detail) };
    let evict = core.0.ring.make_room(reader)?;
    Ok(Change::DeadLettered(Box::new(DeadLettered { letter, evict })))
}

/// A dead letter of a webhook.
pub(super) fn letter(core: &Core, item: &Item, reason: Reason, detail: String) -> DeadLetter {
    DeadLetter {
        id: core.new_id(),
        at: item.at,
        path: item.path.as_str().to_owned(),
        reason,
        detail,
        body: String::from_utf8_lossy(&item.body).into_owned(),
        query: item.query.clone(),
        business_time: Some(item.business_time),
        evidence: None,
        replayed_at: None,
    }
}
