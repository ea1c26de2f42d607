//! The one-way table of delivery statuses. Stored by number: only add.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// What became of a message. `Held`, `Sending` and `Unknown` are ours, the rest Twilio's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Encode, Decode, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[cbor(index_only)]
pub enum Status {
    /// In our outbox: inside the undo hold, or waiting for its turn.
    #[n(0)]
    Held,
    /// The request to Twilio has begun; its answer is not here yet.
    #[n(1)]
    Sending,
    /// The answer was lost: it may or may not have been accepted. Being settled.
    #[n(2)]
    Unknown,
    /// Taken by a messaging service that has not chosen a sender yet.
    #[n(3)]
    Accepted,
    /// Waiting at Twilio for its time.
    #[n(4)]
    Scheduled,
    /// Queued at Twilio.
    #[n(5)]
    Queued,
    /// Handed to the carrier.
    #[n(6)]
    Sent,
    /// The carrier says it arrived.
    #[n(7)]
    Delivered,
    /// Read by the customer (WhatsApp, RCS).
    #[n(8)]
    Read,
    /// The carrier says it did not arrive.
    #[n(9)]
    Undelivered,
    /// Refused, by us, by Twilio or by the carrier.
    #[n(10)]
    Failed,
    /// Taken back before it went.
    #[n(11)]
    Canceled,
    /// An incoming message, here.
    #[n(12)]
    Received,
}

impl Status {
    /// All there are.
    pub const ALL: [Status; 13] = [
        Status::Held,
        Status::Sending,
        Status::Unknown,
        Status::Accepted,
        Status::Scheduled,
        Status::Queued,
        Status::Sent,
        Status::Delivered,
        Status::Read,
        Status::Undelivered,
        Status::Failed,
        Status::Canceled,
        Status::Received,
    ];

    /// Reads Twilio's word. `sending` and `receiving` are steps that we do not tell apart.
    pub fn from_twilio(word: &str) -> Option<Status> {
        Some(match word {
            "accepted" => Status::Accepted,
            "scheduled" => Status::Scheduled,
            "queued" | "sending" => Status::Queued,
            "sent" => Status::Sent,
            "delivered" | "partially_delivered" => Status::Delivered,
            "read" => Status::Read,
            "undelivered" => Status::Undelivered,
            "failed" => Status::Failed,
            "canceled" => Status::Canceled,
            "received" | "receiving" => Status::Received,
            _ => return None,
        })
    }

    /// Whether nothing more is expected, `read` after `delivered` apart.
    pub fn is_terminal(self) -> bool {
        use Status::*;
        matches!(self, Delivered | Read | Undelivered | Failed | Canceled | Received)
    }

    /// Whether the customer did not get it.
    pub fn is_failure(self) -> bool {
        matches!(self, Status::Undelivered | Status::Failed)
    }

    /// Whether it still waits in our outbox or at Twilio's door.
    pub fn is_ours(self) -> bool {
        matches!(self, Status::Held | Status::Sending | Status::Unknown)
    }

    fn rank(self) -> u8 {
        use Status::*;
        match self {
            Held => 0,
            Sending => 1,
            Unknown => 2,
            Accepted => 3,
            Scheduled => 4,
            Queued => 5,
            Sent => 6,
            Delivered | Undelivered | Failed | Canceled | Received => 7,
            Read => 8,
        }
    }
}

/// What a report of a status does to the status we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It moves us forward.
    Advance,
    /// We are there already, or past it: a late or repeated report.
    Stale,
    /// It contradicts a terminal state. The first one wins; the conflict is kept and shown.
    Conflict,
}

/// Compares a reported status with ours. Callbacks may come late, twice and out of order, so the
/// order of arrival decides nothing: only a higher rank moves, and only `read` moves past `delivered`.
pub fn step(have: Status, reported: Status) -> Step {
    if have == reported {
        return Step::Stale;
    }
    if have.is_terminal() {
        return match (have, reported) {
            (Status::Delivered, Status::Read) => Step::Advance,
            (Status::Read, Status::Delivered) => Step::Stale,
            (_, next) if next.is_terminal() => Step::Conflict,
            _ => Step::Stale,
        };
    }
    if reported.rank() > have.rank() { Step::Advance } else { Step::Stale }
}

#[cfg(test)]
mod tests {
    use super::Status::*;
    use super::*;

    #[test]
    fn late_reports_never_regress() {
        let cases = [
            (Queued, Sent, Step::Advance),
            (Sent, Queued, Step::Stale),
            (Delivered, Sent, Step::Stale),
            (Delivered, Read, Step::Advance),
            (Read, Delivered, Step::Stale),
            (Delivered, Failed, Step::Conflict),
            (Undelivered, Delivered, Step::Conflict),
            (Unknown, Delivered, Step::Advance),
            (Sending, Queued, Step::Advance),
            (Failed, Failed, Step::Stale),
        ];
        for (have, reported, want) in cases {
            assert_eq!(step(have, reported), want, "{have:?} <- {reported:?}");
        }
    }

    #[test]
    fn any_order_of_reports_ends_in_the_same_state_unless_terminals_disagree() {
        let reports = [Queued, Sent, Delivered];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for order in orders {
            let mut have = Sending;
            for i in order {
                if step(have, reports[i]) == Step::Advance {
                    have = reports[i];
                }
            }
            assert_eq!(have, Delivered, "{order:?}");
        }
    }
}
