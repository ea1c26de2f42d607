//! A flow: what one person is asked for in one go. It stands above Twilio's verifications and may hold
//! several of them, such as an SMS that did not arrive and the email that did.

use serde::{Deserialize, Serialize};

use super::{LIFETIME, Status};
use crate::domain::address::Address;
use crate::domain::id::{Id, Sid};
use crate::domain::time::Time;

/// One verification at Twilio: the sends of one code to one recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// The recipient.
    pub to: Address,
    /// The Verify service.
    pub service: Sid,
    /// The verification (VE), once Twilio has named it.
    #[serde(default)]
    pub sid: Option<Sid>,
    /// Where it stands.
    pub status: Status,
    /// Sends that Twilio accepted.
    #[serde(default)]
    pub sends: u32,
    /// Checks that Twilio looked at.
    #[serde(default)]
    pub checks: u32,
    /// When it was begun.
    pub created_at: Time,
    /// When its code stops to hold.
    pub expires_at: Time,
    /// When it ended.
    #[serde(default)]
    pub ended_at: Option<Time>,
    /// Its sends, oldest first.
    #[serde(default)]
    pub attempts: Vec<Id>,
}

impl Leg {
    /// A leg whose first code is being asked for.
    pub fn begin(to: Address, service: Sid, now: Time) -> Leg {
        Leg {
            to,
            service,
            sid: None,
            status: Status::Starting,
            sends: 0,
            checks: 0,
            created_at: now,
            expires_at: now + LIFETIME,
            ended_at: None,
            attempts: Vec::new(),
        }
    }

    /// Whether another send belongs to it: Twilio sends the same code again while it waits.
    pub fn takes_sends(&self, to: &Address, service: Sid, now: Time) -> bool {
        let waits = self.status.is_open() || self.status == Status::MaxAttempts;
        waits && self.to == *to && self.service == service && now < self.expires_at
    }

    /// Goes on to `status`; `false` when that cannot follow.
    pub fn go_on(&mut self, status: Status, now: Time) -> bool {
        if !self.status.may_become(status) {
            return false;
        }
        self.status = status;
        self.ended_at = (!status.is_open()).then_some(now);
        true
    }
}

/// A flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// The tenant.
    pub business: Id,
    /// Our id.
    pub id: Id,
    /// Its verifications, oldest first; never empty.
    pub legs: Vec<Leg>,
    /// The place of the one it is about now: that of the latest send.
    #[serde(default)]
    pub at: usize,
    /// Who began it.
    pub actor: String,
    /// When.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// Rises with each change.
    #[serde(default)]
    pub version: u64,
}

impl Flow {
    /// The verification it is about now.
    pub fn current(&self) -> Option<&Leg> {
        self.legs.get(self.at)
    }

    /// Where it stands: approved as soon as one of its verifications is.
    pub fn status(&self) -> Status {
        if self.legs.iter().any(|leg| leg.status == Status::Approved) {
            return Status::Approved;
        }
        self.current().map_or(Status::Refused, |leg| leg.status)
    }

    /// When the next of its verifications runs out by itself.
    pub fn next_expiry(&self) -> Option<Time> {
        self.legs.iter().filter(|leg| leg.status == Status::Pending).map(|leg| leg.expires_at).min()
    }

    /// The place of the verification that a send to this recipient belongs to.
    pub fn leg_for(&self, to: &Address, service: Sid, now: Time) -> Option<usize> {
        self.legs.iter().rposition(|leg| leg.takes_sends(to, service, now))
    }

    /// The place of a verification by its SID.
    pub fn leg_of(&self, sid: Sid) -> Option<usize> {
        self.legs.iter().rposition(|leg| leg.sid == Some(sid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leg() -> Leg {
        let service = Sid { prefix: *b"VA", bytes: [1; 16] };
        Leg::begin("+14155550142".parse().unwrap(), service, Time::from_secs(1000))
    }

    #[test]
    fn a_code_holds_ten_minutes_and_sends_join_it_meanwhile() {
        let mut leg = leg();
        let (to, service) = (leg.to.clone(), leg.service);
        assert!(leg.go_on(Status::Pending, leg.created_at) && leg.ended_at.is_none());
        assert!(leg.takes_sends(&to, service, Time::from_secs(1599)));
        assert!(!leg.takes_sends(&to, service, Time::from_secs(1600)), "it has run out");
        assert!(!leg.takes_sends(&"+14155550143".parse().unwrap(), service, Time::from_secs(1001)));
        assert!(leg.go_on(Status::Approved, Time::from_secs(1020)));
        assert_eq!(leg.ended_at, Some(Time::from_secs(1020)));
        assert!(!leg.go_on(Status::Expired, Time::from_secs(1600)), "approved stays approved");
        assert!(!leg.takes_sends(&to, service, Time::from_secs(1021)));
    }

    #[test]
    fn a_flow_is_approved_when_one_of_its_codes_is() {
        let (mut first, second) = (leg(), leg());
        first.status = Status::Pending;
        let now = first.created_at;
        let mut flow = Flow {
            business: Id(1),
            id: Id(2),
            legs: vec![first, second],
            at: 1,
            actor: String::new(),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        assert_eq!((flow.status(), flow.next_expiry()), (Status::Starting, Some(now + LIFETIME)));
        flow.legs[0].go_on(Status::Approved, now);
        assert_eq!((flow.status(), flow.next_expiry()), (Status::Approved, None));
    }
}
