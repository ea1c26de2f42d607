//! What must be known of a conversation before writing in it: opt-out, an address that cannot be
//! answered, a snooze.

use crate::api::inbox::ConversationView;
use crate::domain::conversation::Status;
use crate::tui::clock::Clock;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Why nothing can be sent to this customer, if so.
pub fn refusal(view: &ConversationView) -> Option<Shown> {
    if view.opted_out_at.is_some() {
        return Some(Shown::from("cannot send: 21610, the customer has opted out; START from them clears it"));
    }
    if !view.customer.can_be_answered() {
        return Some(shown!("cannot send: {} is no address that can be answered", Shown::of(view.customer.as_str())));
    }
    None
}

/// The line over the thread, if there is something to say.
pub fn banner(view: &ConversationView, clock: &Clock) -> Option<(Shown, Role)> {
    if let Some(at) = view.opted_out_at {
        let ours = Shown::of(view.ours.as_str());
        return Some((shown!("⊘ opted out of {ours} on {}", clock.full_day(at.0)), Role::Error));
    }
    match (view.status, view.snoozed_until) {
        (Status::Snoozed, Some(at)) => {
            Some((shown!("z snoozed · wakes {} {}", clock.day(at.0), clock.minute(at.0)), Role::Warn))
        }
        (Status::Snoozed, None) => Some((Shown::from("z snoozed until they reply"), Role::Warn)),
        _ => None,
    }
}
