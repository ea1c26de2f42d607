//! Remote steps: what is made at Twilio once, however often we crash or an answer is lost.
//!
//! A step is written down with its nonce before Twilio is asked. What it makes bears the nonce in its
//! name until it is known here by its SID; so whoever does not know what became of a request looks for
//! the nonce instead of asking again. A series is several steps in order, such as the setup of a
//! business.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::id::{Id, Sid};
use super::time::{Span, Time};

/// What one step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Makes the Verify service.
    VerifyService,
    /// Makes the messaging service.
    MessagingService,
    /// Gives the Verify service the name that customers read, and the length of codes.
    VerifySettings,
    /// Gives the messaging service its name and points its webhooks here.
    Webhooks,
    /// Puts the number into the messaging service's pool.
    SenderPool,
    /// Routes what customers text to the business. The only step that Twilio is not asked for.
    Endpoint,
}

impl Kind {
    /// Whether asking twice would make two.
    pub fn makes(self) -> bool {
        matches!(self, Kind::VerifyService | Kind::MessagingService)
    }

    /// What Twilio is asked.
    pub fn call(self) -> &'static str {
        match self {
            Kind::VerifyService => "POST verify /v2/Services",
            Kind::MessagingService => "POST messaging /v1/Services",
            Kind::VerifySettings => "POST verify /v2/Services/{VA}",
            Kind::Webhooks => "POST messaging /v1/Services/{MG}",
            Kind::SenderPool => "POST messaging /v1/Services/{MG}/PhoneNumbers",
            Kind::Endpoint => "here",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Kind::VerifyService => "Verify service",
            Kind::MessagingService => "Messaging service",
            Kind::VerifySettings => "Verify settings",
            Kind::Webhooks => "Webhooks",
            Kind::SenderPool => "Sender pool",
            Kind::Endpoint => "Endpoint",
        }
    }
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Its turn has not come.
    #[default]
    Pending,
    /// Twilio is being asked.
    Running,
    /// It is done.
    Done,
    /// It failed and made nothing.
    Failed,
    /// The answer was lost: it is being looked for.
    Unknown,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What it does.
    pub kind: Kind,
    /// What the thing it makes is found by: letters only, so that it can stand in any name at Twilio.
    pub nonce: String,
    /// How it stands.
    #[serde(default)]
    pub state: State,
    /// What it made or changed.
    #[serde(default)]
    pub sid: Option<Sid>,
    /// How often Twilio was asked.
    #[serde(default)]
    pub tries: u32,
    /// When it was asked last (wall clock).
    #[serde(default)]
    pub started: Option<Time>,
    /// How long the answer took, in milliseconds.
    #[serde(default)]
    pub millis: Option<u64>,
    /// Whether it was found by its nonce, for its answer was lost.
    #[serde(default)]
    pub found: bool,
    /// Why it failed, or what is not known, with what to do.
    #[serde(default)]
    pub why: Option<String>,
    /// Twilio's code for that.
    #[serde(default)]
    pub code: Option<u32>,
    /// When it goes on by itself (wall clock); none when it is done or waits for a person.
    #[serde(default)]
    pub due: Option<Time>,
}

/// What becomes of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Moved {
    /// Twilio is being asked from now on.
    Started,
    /// It is done; `millis` is how long the answer took, and none when it was found by its nonce.
    Done {
        /// What it made or changed.
        sid: Option<Sid>,
        /// How long the answer took.
        millis: Option<u64>,
    },
    /// It failed and made nothing. Without `again` it waits for a person.
    Failed {
        /// What happened and what to do.
        why: String,
        /// Twilio's code.
        code: Option<u32>,
        /// How long the answer took.
        millis: Option<u64>,
        /// When it is tried again by itself (wall clock).
        again: Option<Time>,
    },
    /// Its answer was lost.
    Unknown {
        /// What happened.
        why: String,
    },
    /// It was looked for long enough: it was never carried out.
    Absent,
}

impl Step {
    /// A step whose turn has not come.
    pub fn new(kind: Kind, nonce: String) -> Step {
        Step {
            kind,
            nonce,
            state: State::Pending,
            sid: None,
            tries: 0,
            started: None,
            millis: None,
            found: false,
            why: None,
            code: None,
            due: Some(Time::default()),
        }
    }

    /// The name under which what it makes is found again.
    pub fn label(&self) -> String {
        format!("setup {}", self.nonce)
    }

    /// Whether `moved` can come next. What is late (an answer of a run that ended) cannot.
    pub fn allows(&self, moved: &Moved) -> bool {
        match moved {
            Moved::Started if self.kind.makes() => matches!(self.state, State::Pending | State::Failed),
            Moved::Started => self.state != State::Done,
            Moved::Done { .. } | Moved::Failed { .. } => matches!(self.state, State::Running | State::Unknown),
            Moved::Unknown { .. } => self.state == State::Running,
            Moved::Absent => self.state == State::Unknown,
        }
    }

    /// The step after `moved`, which it allows.
    #[must_use]
    pub fn after(mut self, moved: &Moved, wall: Time) -> Step {
        (self.why, self.code, self.due) = (None, None, None);
        match moved {
            Moved::Started => {
                self.state = State::Running;
                self.tries += 1;
                self.started = Some(wall);
                self.millis = None;
                // Only a run that ended leaves it like this: the next one goes on at once.
                self.due = Some(wall);
            }
            Moved::Done { sid, millis } => {
                self.found = self.state == State::Unknown;
                self.state = State::Done;
                self.sid = *sid;
                self.millis = *millis;
            }
            Moved::Failed { why, code, millis, again } => {
                self.state = State::Failed;
                (self.why, self.code, self.millis, self.due) = (Some(why.clone()), *code, *millis, *again);
            }
            Moved::Unknown { why } => {
                self.state = State::Unknown;
                (self.why, self.due) = (Some(why.clone()), Some(wall));
            }
            Moved::Absent => {
                self.state = State::Pending;
                self.due = Some(wall);
            }
        }
        self
    }
}

/// What a business shall have at Twilio.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Wish {
    /// The name that customers read in texts with codes.
    pub verify_name: String,
    /// Digits of a code.
    pub code_length: u32,
    /// The number that customers text to.
    #[serde(default)]
    pub number: Option<Address>,
    /// That number at Twilio (PN...).
    #[serde(default)]
    pub number_sid: Option<Sid>,
    /// The endpoint's id, made before it is needed so that it is made once.
    pub endpoint: Id,
}

/// Steps that belong together, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The tenant.
    pub business: Id,
    /// Our id.
    pub id: Id,
    /// What for.
    pub wish: Wish,
    /// The steps.
    pub steps: Vec<Step>,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub created_at: Time,
    /// Set when its business was deleted: nothing of it goes on.
    #[serde(default)]
    pub given_up: bool,
    /// Rises with each change.
    #[serde(default)]
    pub version: u64,
}

impl Series {
    /// The step whose turn it is.
    pub fn next(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.state != State::Done)
    }

    /// When it goes on by itself; none when it is done or waits for a person.
    pub fn due(&self) -> Option<Time> {
        self.next().filter(|_| !self.given_up).and_then(|step| step.due)
    }

    /// What an earlier step made.
    pub fn made(&self, kind: Kind) -> Option<Sid> {
        self.steps.iter().find(|step| step.kind == kind).and_then(|step| step.sid)
    }

    /// How the whole stands: as its next step, or done; running as long as it goes on by itself.
    pub fn state(&self) -> State {
        match self.next() {
            None => State::Done,
            Some(step) if matches!(step.state, State::Pending | State::Failed) && self.due().is_some() => {
                State::Running
            }
            Some(step) => step.state,
        }
    }

    /// Lets what failed be tried again.
    pub fn resume(&mut self, wall: Time) {
        for step in self.steps.iter_mut().filter(|step| step.state == State::Failed) {
            step.due = Some(wall);
        }
    }
}

/// How long a step waits that Twilio had no room for, after so many tries: 2 seconds at first, a minute at
/// most.
pub fn pause(tries: u32) -> Span {
    Span::secs(1_i64.checked_shl(tries.clamp(1, 6)).unwrap_or(64).min(60))
}

/// The letters of a nonce: no vowels, so that it spells nothing, and no digits, for Verify allows four of
/// them in a name.
const LETTERS: &[u8; 16] = b"bcdfghjkmnpqrtvw";

/// A nonce of random bytes: two letters a byte.
pub fn nonce(random: [u8; 10]) -> String {
    let letters = random.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    letters.map(|n| char::from(LETTERS[usize::from(n)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(kind: Kind) -> Step {
        Step::new(kind, nonce([7; 10]))
    }

    #[test]
    fn what_makes_something_is_never_started_over_what_is_not_known() {
        let at = Time::from_secs(100);
        let started = step(Kind::VerifyService).after(&Moved::Started, at);
        assert!(!started.allows(&Moved::Started), "it may be under way");
        let lost = started.after(&Moved::Unknown { why: "cut off".into() }, at);
        assert!(!lost.allows(&Moved::Started) && lost.allows(&Moved::Absent));
        let again = lost.clone().after(&Moved::Absent, at);
        assert!(again.allows(&Moved::Started) && again.tries == 1);
        let found = lost.after(&Moved::Done { sid: None, millis: None }, at);
        assert!(found.found && found.due.is_none() && !found.allows(&Moved::Started));
        let repeatable = step(Kind::Webhooks).after(&Moved::Started, at);
        assert!(repeatable.allows(&Moved::Started), "setting the same twice changes nothing");
    }

    #[test]
    fn a_label_can_stand_in_every_name() {
        let label = step(Kind::VerifyService).label();
        assert_eq!(label, "setup bkbkbkbkbkbkbkbkbkbk");
        assert!(label.len() <= 30 && !label.chars().any(|c| c.is_ascii_digit()));
    }

    #[test]
    fn a_series_goes_on_at_its_first_step_that_is_not_done() {
        let at = Time::from_secs(100);
        let steps = vec![step(Kind::VerifyService), step(Kind::MessagingService)];
        let wish = Wish::default();
        let (business, id, by) = (Id(1), Id(2), "kim".to_owned());
        let mut series = Series { business, id, wish, steps, by, created_at: at, given_up: false, version: 0 };
        assert_eq!((series.state(), series.due()), (State::Running, Some(Time::default())));
        let done = Moved::Done { sid: None, millis: Some(3) };
        series.steps[0] = series.steps[0].clone().after(&Moved::Started, at).after(&done, at);
        assert_eq!(series.next().map(|s| s.kind), Some(Kind::MessagingService));
        let refused = Moved::Failed { why: "no".into(), code: Some(20003), millis: None, again: None };
        series.steps[1] = series.steps[1].clone().after(&Moved::Started, at).after(&refused, at);
        assert_eq!((series.state(), series.due()), (State::Failed, None));
        series.resume(at);
        assert_eq!(series.due(), Some(at));
    }

    #[test]
    fn pauses_grow_to_a_minute() {
        assert_eq!([1, 2, 5, 6, 99].map(pause), [2, 4, 32, 60, 60].map(Span::secs));
    }
}
