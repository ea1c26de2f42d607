//! What must be known of a conversation before writing in it: opt-out, an address that cannot be
//! answered, WhatsApp's window, a snooze.

use crate::api::inbox::ConversationView;
use crate::domain::conversation::Status;
use crate::domain::time::Time;
use crate::tui::clock::Clock;
use crate::tui::ink::Piece;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Why nothing can be sent to this customer, if so.
pub fn refusal(view: &ConversationView, clock: &Clock) -> Option<Shown> {
    if view.opted_out_at.is_some() {
        return Some(Shown::from("cannot send: 21610, the customer has opted out; START from them clears it"));
    }
    if !view.customer.can_be_answered() {
        return Some(shown!("cannot send: {} is no address that can be answered", Shown::of(view.customer.as_str())));
    }
    if view.window_until.is_some_and(|until| is_over(until.0, clock)) {
        let why = "cannot send: 63016, WhatsApp's 24 hours after their last message are over; Enter chooses a template";
        return Some(Shown::from(why));
    }
    None
}

fn is_over(until: Time, clock: &Clock) -> bool {
    clock.now().is_some_and(|now| now >= until)
}

/// Whether nothing but an approved template reaches the customer now.
pub fn needs_template(view: &ConversationView, clock: &Clock) -> bool {
    let closed = view.window_until.is_some_and(|until| is_over(until.0, clock));
    closed && view.opted_out_at.is_none() && view.customer.can_be_answered()
}

/// The line over the thread, if there is something to say.
pub fn banner(view: &ConversationView, clock: &Clock) -> Option<(Shown, Role)> {
    if let Some(at) = view.opted_out_at {
        let ours = Shown::of(view.ours.as_str());
        let by = view.opted_out_by.as_deref().map(|word| format!(" by {}", Shown::of(word))).unwrap_or_default();
        let when = shown!("on {} {}", clock.full_day(at.0), clock.minute(at.0));
        return Some((shown!("⊘ opted out of {ours} {when}{by}"), Role::Error));
    }
    match (view.status, view.snoozed_until) {
        (Status::Snoozed, Some(at)) => {
            Some((shown!("z snoozed · wakes {} {}", clock.day(at.0), clock.minute(at.0)), Role::Warn))
        }
        (Status::Snoozed, None) => Some((Shown::from("z snoozed until they reply"), Role::Warn)),
        _ => None,
    }
}

/// How long anything but a template may still be written, on WhatsApp.
pub fn window(view: &ConversationView, clock: &Clock) -> Option<Piece> {
    let until = view.window_until?;
    let left = (until.0 - clock.now()?).whole_secs();
    if left <= 0 {
        return Some((Shown::from("24 h window closed"), Role::Error));
    }
    let minutes = left / 60;
    let role = if minutes < 60 { Role::Warn } else { Role::Dim };
    Some((shown!("window {}:{:02} h", minutes / 60, minutes % 60), role))
}

/// What the conversation has cost, without the word for it; `≈` marks what Twilio has not said yet.
pub fn cost(view: &ConversationView) -> Option<Piece> {
    let cost = &view.cost;
    let text = match (&cost.reported, &cost.expected) {
        (Some(said), None) if cost.unpriced == 0 => Shown::from(said.fine()),
        (Some(said), None) => shown!("{} + {} unpriced", said.fine(), cost.unpriced),
        (None, None) if cost.unpriced == 0 => return None,
        (None, None) => Shown::from("not known yet"),
        (None, Some(expected)) => shown!("≈{}", expected.fine()),
        (Some(said), Some(expected)) => match said.plus(expected) {
            Some(sum) => shown!("≈{}", sum.fine()),
            None => shown!("{} + ≈{}", said.fine(), expected.fine()),
        },
    };
    Some((text, Role::Dim))
}
