//! What one row says of itself for analytics: when it was, what it was about, how much of what.

use crate::domain::id::Id;
use crate::domain::time::Time;

/// Quarters of an hour in a day of UTC.
pub const QUARTERS: i64 = 96;
const QUARTER_MICROS: i64 = 900_000_000;

/// The quarter of an hour of a moment, counted from the epoch. All zones that are in use differ from UTC by
/// whole quarters, so days and hours of any zone are made of these.
pub fn quarter_of(at: Time) -> i64 {
    at.0.div_euclid(QUARTER_MICROS)
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Family {
    /// Verifications and the sends of their codes.
    Verify = 1,
    /// Messages of conversations.
    Messages = 2,
    /// How long verifications took.
    VerifySpans = 3,
    /// How long first answers took.
    AnswerSpans = 4,
}

/// What figures are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Dim {
    /// How a code travels.
    Channel = 1,
    /// Two letters of the other side's country.
    Country = 2,
    /// The template of a code's text (HJ).
    Template = 3,
    /// Twilio's error code.
    Error = 4,
    /// Our side of a message.
    Sender = 5,
    /// The agent who wrote it.
    Agent = 6,
    /// Who carries a code to the recipient, as Twilio names them.
    Carrier = 7,
}

impl Dim {
    /// All of them.
    pub const ALL: [Dim; 7] =
        [Dim::Channel, Dim::Country, Dim::Template, Dim::Error, Dim::Sender, Dim::Agent, Dim::Carrier];

    /// The one of this number.
    pub fn from_byte(byte: u8) -> Option<Dim> {
        Dim::ALL.into_iter().find(|dim| *dim as u8 == byte)
    }
}

/// Everything, or what has one value, or two values, of dimensions. Two are in the order of [`Dim`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Series(Vec<(Dim, String)>);

impl Series {
    /// Of these values of different dimensions, in any order.
    pub fn of(mut values: Vec<(Dim, String)>) -> Series {
        values.sort_unstable();
        Series(values)
    }

    /// The values.
    pub fn values(&self) -> &[(Dim, String)] {
        &self.0
    }
}

/// One thing that is counted or summed; amounts of money by currency, in nano-units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Metric {
    /// One of [`kinds`].
    pub kind: u8,
    /// The currency of an amount; zeros for a count.
    pub unit: [u8; 3],
}

impl Metric {
    /// A count.
    pub const fn count(kind: u8) -> Metric {
        Metric { kind, unit: [0; 3] }
    }
}

/// The currency as it stands in a metric; what is none is `XXX`, as ISO 4217 has it.
pub fn unit_of(unit: &str) -> [u8; 3] {
    let capitals = |bytes: &&[u8; 3]| bytes.iter().all(u8::is_ascii_uppercase);
    unit.as_bytes().first_chunk::<3>().filter(capitals).filter(|_| unit.len() == 3).copied().unwrap_or(*b"XXX")
}

/// Kinds of metrics. Stored by number: never reuse one, only add.
pub mod kinds {
    /// Verifications asked for. They and what becomes of them count at their first send.
    pub const REQUESTED: u8 = 1;
    /// Not sent on purpose.
    pub const BLOCKED: u8 = 2;
    /// Twilio took the first send.
    pub const SENT: u8 = 3;
    /// A send arrived, or somebody gave a code.
    pub const DELIVERED: u8 = 4;
    /// Somebody gave a code.
    pub const CHECKED: u8 = 5;
    /// The right one.
    pub const APPROVED: u8 = 6;
    /// The time ran out.
    pub const EXPIRED: u8 = 7;
    /// Five checks were used up.
    pub const MAX_CHECKS: u8 = 8;
    /// Ended by us.
    pub const CANCELED: u8 = 9;
    /// Refused by Twilio.
    pub const FAILED: u8 = 10;
    /// Sends, the first ones included.
    pub const SENDS: u8 = 11;
    /// Sends but the first ones.
    pub const RESENDS: u8 = 12;
    /// Checks that were looked at.
    pub const CHECKS: u8 = 13;
    /// Those that were wrong.
    pub const WRONG: u8 = 14;
    /// Things that cost something, and Twilio has not said how much.
    pub const PENDING: u8 = 15;
    /// Approved, without a fee in the rate card.
    pub const FEES_UNKNOWN: u8 = 16;
    /// Approved within the time that is measured.
    pub const TIMED: u8 = 17;
    /// Amount: what Twilio charged.
    pub const REPORTED: u8 = 20;
    /// Amount: what is expected for things that are pending.
    pub const EXPECTED: u8 = 21;
    /// Amount: fees for right codes, by the rate card.
    pub const SUCCESS_FEES: u8 = 22;
    /// Amount: what blocked sends would have cost.
    pub const SAVED: u8 = 23;
    /// Segments of incoming messages.
    pub const SEGMENTS_IN: u8 = 24;
    /// Segments of outgoing messages.
    pub const SEGMENTS_OUT: u8 = 25;
    /// Incoming messages: the number of the status is added.
    pub const INCOMING: u8 = 32;
    /// Outgoing messages: the number of the status is added.
    pub const OUTGOING: u8 = 64;
    /// A bucket of a histogram: its number is added.
    pub const SPAN: u8 = 128;
}

/// What one row says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The tenant.
    pub business: Id,
    /// What it belongs to.
    pub family: Family,
    /// When it was.
    pub at: Time,
    /// Its value in each dimension that it has one in.
    pub dims: Vec<(Dim, String)>,
    /// What it adds.
    pub metrics: Vec<(Metric, i64)>,
    /// How long it took, in milliseconds, and what family of histograms that belongs to.
    pub span: Option<(Family, u64)>,
}

impl Facts {
    /// Whether it has these values.
    pub fn fits(&self, filter: &[(Dim, String)]) -> bool {
        filter.iter().all(|want| self.dims.contains(want))
    }
}
