//! Rows as callers see them.

use super::rows::{counters, read_key, view};
use super::{Core, media, read};
use crate::api::businesses::{BusinessView, EndpointView};
use crate::api::inbox::{ConversationView, CostView, InboxCounts, LastMessage, MessageView, WokeView};
use crate::api::{ApiError, When};
use crate::domain::business::Business;
use crate::domain::conversation::{Conversation, ReadMark};
use crate::domain::endpoint::Endpoint;
use crate::domain::id::Id;
use crate::domain::message::{Direction, Message};
use crate::domain::money::Money;
use crate::domain::pricing::Cost;
use crate::domain::remote::State;
use crate::store::Reader;

/// A conversation with what `agent` has read of it.
pub(super) fn conversation(reader: &dyn Reader, c: Conversation, agent: &str) -> Result<ConversationView, ApiError> {
    let mark: Option<ReadMark> = read(reader, &read_key(c.business, c.id, agent))?;
    let (seen, mentions) = mark.map_or((0, 0), |m| (m.seen, m.mentions));
    let asking = c.asking().count() as u64;
    Ok(ConversationView {
        active_at: c.active_at().into(),
        window_until: c.window_until().map(When),
        cost: cost(&c.cost),
        opted_out_by: c.opted_out_by,
        last_agent: c.last_agent,
        mentions,
        id: c.id,
        business: c.business,
        customer: c.customer,
        ours: c.ours,
        name: c.name,
        status: c.status,
        assignee: c.assignee,
        labels: c.labels,
        snoozed_until: c.snoozed_until.map(When),
        woke: c.woke.map(|woke| WokeView { at: When(woke.at), by_reply: woke.by_reply }),
        waiting_since: c.waiting_since.map(When),
        last: c.last.map(|last| LastMessage {
            id: last.id,
            at: last.at.into(),
            direction: last.direction,
            preview: last.preview,
            status: last.status,
        }),
        unread: c.incoming.saturating_sub(seen),
        seen,
        failed: c.failed,
        asking,
        opted_out_at: c.opted_out_at.map(When),
        version: c.version,
    })
}

/// What messages have cost.
pub(super) fn cost(cost: &Cost) -> CostView {
    let money = |nanos, unit: &str| (!unit.is_empty()).then(|| Money::of_nanos(nanos, unit));
    CostView {
        reported: money(cost.reported, &cost.unit),
        expected: money(cost.expected, &cost.expected_unit).filter(|m| !m.is_zero()),
        unpriced: cost.unpriced,
    }
}

/// A message; who is sender and who receiver follows from its direction.
pub(super) fn message(m: Message) -> MessageView {
    let (price, expected_price) = (m.reported_price(), m.expected_price());
    let (from, to) = match m.direction {
        Direction::In => (m.customer, m.ours),
        Direction::Out | Direction::Note => (m.ours, m.customer),
    };
    MessageView {
        price,
        expected_price,
        failure: m.error.filter(|_| m.status.is_failure()).and_then(crate::twilio::error::lookup).cloned(),
        id: m.id,
        conversation: m.conversation,
        direction: m.direction,
        sid: m.sid,
        from,
        to,
        body: m.body,
        at: m.at.into(),
        arrival: m.arrival,
        status: m.status,
        error_text: m.error_text.or_else(|| m.error.and_then(explain)),
        error: m.error,
        mentions: m.mentions,
        consent: m.consent,
        unless_they_reply: m.unless_they_reply,
        segments: m.segments,
        media: media::views(&m.media),
        author: m.author,
        due: m.due.filter(|_| m.asks_since.is_none()).map(When),
        asks_since: m.asks_since.map(When),
        send_at: m.send_at.map(When),
        in_line: m.in_line && m.due.is_some(),
        content_sid: m.content.map(|content| content.sid),
        retry_of: m.retry_of,
        retried_by: m.retried_by,
        client_ref: m.client_ref,
    }
}

/// What a code of Twilio means and what to do, from the table.
pub(super) fn explain(code: u32) -> Option<String> {
    crate::twilio::error::lookup(code).map(|e| format!("{}: {} {}", e.title, e.cause, e.remedy))
}

/// Whether this view is a part of "all": each conversation that is not snoozed stands in one of them.
fn is_part_of_all(view: &[u8]) -> bool {
    matches!(view, [view::UNASSIGNED | view::RESOLVED] | [view::ASSIGNED, ..])
}

/// The views that "all" is made of, for a business: those that hold something.
pub(super) fn all(reader: &dyn Reader, business: Id) -> Result<Vec<Vec<u8>>, ApiError> {
    let prefix = [&business.to_key()[..], &[counters::INBOX]].concat();
    let counted = reader.counters(&prefix).map_err(super::broken)?;
    let views = counted.into_iter().filter_map(|(key, _)| key.get(prefix.len()..).map(<[u8]>::to_vec));
    Ok(views.filter(|view| is_part_of_all(view)).collect())
}

/// The counts of an inbox, from derived counters.
pub(super) fn counts(reader: &dyn Reader, business: Id, agent: &str) -> Result<InboxCounts, ApiError> {
    let mut out = InboxCounts::default();
    let prefix = [&business.to_key()[..], &[counters::INBOX]].concat();
    let mine = view::assigned(agent);
    for (key, value) in reader.counters(&prefix).map_err(super::broken)? {
        let count = u64::try_from(value).unwrap_or(0);
        let Some(rest) = key.get(prefix.len()..) else { continue };
        if is_part_of_all(rest) {
            out.all += count;
        }
        match rest {
            [view::UNASSIGNED] => out.unassigned = count,
            [view::WAITING] => out.waiting = count,
            [view::FAILED] => out.failed = count,
            [view::SNOOZED] => out.snoozed = count,
            rest if rest == mine => out.mine = count,
            _ => {}
        }
    }
    Ok(out)
}

/// A business with the planned names.
pub(super) fn business(b: Business, setup: Option<State>) -> BusinessView {
    BusinessView {
        colour: b.colour(),
        setup,
        id: b.id,
        name: b.name,
        contact_email: b.contact_email,
        phone_number: b.phone_number,
        verify_service_id: b.verify_service.map(|s| s.to_string()).unwrap_or_default(),
        verify_per_minute: b.verify_per_minute,
        has_custom_number: b.custom_number.is_some(),
        custom_twilio_number: b.custom_number,
        branding_sid: b.branding.map(|s| s.to_string()),
        active: b.active,
        time_zone: b.time_zone,
        created_at: b.created_at.into(),
        updated_at: b.updated_at.into(),
        version: b.version,
    }
}

/// An endpoint, with the pace of its first sender.
pub(super) fn endpoint(core: &Core, e: Endpoint) -> EndpointView {
    let segments_per_second = e.addresses.first().map_or(0, |sender| core.pace_of(&e, sender));
    EndpointView {
        id: e.id,
        business: e.business,
        account: e.account,
        messaging_service: e.messaging_service,
        mode: e.mode,
        pace: e.pace,
        segments_per_second,
        addresses: e.addresses,
    }
}
