//! Flows of verifications, sends and checks: keys, and the entries by which people find them.

use serde::{Deserialize, Serialize};

use super::json_row;
use crate::domain::address::{Address, AddressKind};
use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::time::Time;
use crate::domain::verification::matrix::Matrix;
use crate::domain::verification::wording::Wording;
use crate::domain::verification::{Attempt, Check, Flow, Meter, Status};
use crate::store::{Index, Key, Table};

/// The series of the log, as the second part of an index entry. A moment and an id end each entry.
pub mod series {
    /// Flows.
    pub const FLOWS: u8 = 1;
    /// All sends.
    pub const ATTEMPTS: u8 = 2;
    /// Sends by recipient; a zero byte ends the address.
    pub const BY_RECIPIENT: u8 = 3;
    /// Sends by VE and VL, as text.
    pub const BY_SID: u8 = 4;
    /// Sends by error code.
    pub const BY_ERROR: u8 = 5;
    /// Sends by template, as text.
    pub const BY_TEMPLATE: u8 = 6;
    /// Sends by how their verification ended.
    pub const BY_STATUS: u8 = 7;
    /// All checks.
    pub const CHECKS: u8 = 8;
    /// Checks by flow.
    pub const CHECKS_OF_FLOW: u8 = 9;
    /// Versions of the wording; the version stands for the id.
    pub const WORDINGS: u8 = 10;
}

/// The shortest part of an address that is searched for.
pub const SHORTEST_PART: usize = 3;
/// The longest address whose every ending is an entry.
const LONGEST_INDEXED: usize = 64;

/// Key of a flow.
pub fn flow_key(business: Id, id: Id) -> Key {
    Key::new(Table::Flows, &[&business.to_key(), &id.to_key()])
}

/// Key of a send.
pub fn attempt_key(business: Id, id: Id) -> Key {
    Key::new(Table::Attempts, &[&business.to_key(), &id.to_key()])
}

/// Key of a check.
pub fn check_key(business: Id, id: Id) -> Key {
    Key::new(Table::Checks, &[&business.to_key(), &id.to_key()])
}

/// Key of a recipient.
pub fn recipient_key(business: Id, to: &Address) -> Key {
    Key::new(Table::Recipients, &[&business.to_key(), to.as_str().as_bytes()])
}

/// Key of the count of codes sent lately.
pub fn meter_key(business: Id) -> Key {
    Key::new(Table::VerifyMeters, &[&business.to_key()])
}

/// Key of what is known of a number.
pub fn lookup_key(business: Id, number: &str) -> Key {
    Key::new(Table::Lookups, &[&business.to_key(), number.as_bytes()])
}

/// Key of a version of the wording; 0 is the present one.
pub fn wording_key(business: Id, place: u64) -> Key {
    Key::new(Table::Wordings, &[&business.to_key(), &place.to_be_bytes()])
}

/// Key of a matrix of sends.
pub fn matrix_key(business: Id, name: &str) -> Key {
    Key::new(Table::Matrices, &[&business.to_key(), name.as_bytes()])
}

/// Somebody codes were sent to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipient {
    /// The tenant.
    pub business: Id,
    /// The address.
    pub to: Address,
    /// Their latest flow.
    pub flow: Id,
}

/// What Twilio knows of a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lookup {
    /// The tenant that paid for it.
    pub business: Id,
    /// E.164.
    pub number: String,
    /// Whether it can exist.
    pub valid: bool,
    /// `mobile`, `landline`, ...
    #[serde(default)]
    pub line_type: Option<String>,
    /// The carrier.
    #[serde(default)]
    pub carrier: Option<String>,
    /// How likely texts to it are fraud, 0 to 100.
    #[serde(default)]
    pub risk: Option<u32>,
    /// What it cost, as far as known.
    #[serde(default)]
    pub cost: Option<Money>,
    /// When Twilio was asked (business time).
    pub at: Time,
    /// The earlier times it was asked the same, which were paid for, too.
    #[serde(default)]
    pub earlier: Vec<Paid>,
}

/// A lookup that was paid for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paid {
    /// What it cost by the rate card, as far as known.
    #[serde(default)]
    pub cost: Option<Money>,
    /// When (business time).
    pub at: Time,
}

impl Lookup {
    /// Each time that Twilio was asked.
    pub fn paid(&self) -> impl Iterator<Item = Paid> + '_ {
        self.earlier.iter().cloned().chain([Paid { cost: self.cost.clone(), at: self.at }])
    }
}

/// How an address is searched: a number by its digits, anything else in lower case.
pub fn searchable(to: &Address) -> String {
    if to.kind() == AddressKind::Email { to.as_str().to_lowercase() } else { to.digits() }
}

json_row!(Flow, Flows, |f| flow_key(f.business, f.id), |f, out| {
    let (business, id) = (f.business.to_key(), f.id.to_key());
    out.add(Index::VerifyLog, &[&business, &[series::FLOWS], &f.created_at.to_key(), &id]);
    if let Some(due) = f.next_expiry() {
        out.add(Index::VerifyDue, &[&due.to_key(), &business, &id]);
    }
});

json_row!(
    Attempt,
    Attempts,
    |a| attempt_key(a.business, a.id),
    |a, out| {
        let (business, at, id) = (a.business.to_key(), a.at.to_key(), a.id.to_key());
        let mut log = |series: u8, term: &[u8]| out.add(Index::VerifyLog, &[&business, &[series], term, &at, &id]);
        log(series::ATTEMPTS, &[]);
        log(series::BY_RECIPIENT, &recipient_term(&a.to));
        let sids = [a.verification, a.sid];
        for sid in sids.into_iter().flatten() {
            log(series::BY_SID, sid.to_string().as_bytes());
        }
        if let Some(code) = a.error {
            log(series::BY_ERROR, &code.to_be_bytes());
        }
        if let Some(template) = a.wish.template {
            log(series::BY_TEMPLATE, template.to_string().as_bytes());
        }
        log(series::BY_STATUS, &[status_byte(a.outcome)]);
        if a.progress.is_unanswered() {
            out.add(Index::VerifyUnanswered, &[&business, &id]);
        }
        if a.awaits_news() {
            out.add(Index::VerifyNews, &[&at, &business, &id]);
        }
    },
    super::facts::of_attempt
);

json_row!(Check, Checks, |c| check_key(c.business, c.id), |c, out| {
    let (business, at, id) = (c.business.to_key(), c.at.to_key(), c.id.to_key());
    out.add(Index::VerifyLog, &[&business, &[series::CHECKS], &at, &id]);
    out.add(Index::VerifyLog, &[&business, &[series::CHECKS_OF_FLOW], &c.flow.to_key(), &at, &id]);
});

json_row!(Recipient, Recipients, |r| recipient_key(r.business, &r.to), |r, out| {
    let text = searchable(&r.to);
    if text.len() <= LONGEST_INDEXED {
        for (start, _) in text.char_indices().filter(|(start, _)| text.len() - start >= SHORTEST_PART) {
            let (ending, to) = (&text.as_bytes()[start..], r.to.as_str().as_bytes());
            out.add(Index::VerifyRecipients, &[&r.business.to_key(), ending, &[0], to]);
        }
    }
});

json_row!(Wording, Wordings, |w| wording_key(w.business, w.place), |w, out| if w.place != 0 {
    let (at, version) = (w.at.to_key(), w.place.to_be_bytes());
    out.add(Index::VerifyLog, &[&w.business.to_key(), &[series::WORDINGS], &at, &version]);
});

json_row!(Matrix, Matrices, |m| matrix_key(m.business, &m.name), |m, out| out
    .add(Index::VerifyMatrices, &[&m.business.to_key(), m.name.as_bytes()]));

json_row!(Meter, VerifyMeters, |m| meter_key(m.business), |_m, _out| ());
json_row!(Lookup, Lookups, |l| lookup_key(l.business, &l.number), |_l, _out| ());

/// How a recipient stands in entries: the zero byte ends the address.
pub fn recipient_term(to: &Address) -> Vec<u8> {
    [to.as_str().as_bytes(), &[0]].concat()
}

/// The row that an entry of the log leads to.
pub fn behind(business: Id, series: u8, id: Id) -> Key {
    match series {
        series::FLOWS => flow_key(business, id),
        series::CHECKS | series::CHECKS_OF_FLOW => check_key(business, id),
        series::WORDINGS => wording_key(business, id.0),
        _ => attempt_key(business, id),
    }
}

/// The address at the end of an entry of recipients.
pub fn recipient_of(entry: &[u8]) -> Option<Address> {
    let start = entry.get(8..)?.iter().position(|b| *b == 0)? + 9;
    std::str::from_utf8(entry.get(start..)?).ok()?.parse().ok()
}

/// How a status stands in entries.
pub fn status_byte(status: Status) -> u8 {
    status as u8
}

/// Whether a text of a search is a SID of verifications or the beginning of one.
pub fn is_sid_part(text: &str) -> bool {
    let known = ["VE", "VL", "HJ"].iter().any(|kind| text.starts_with(kind));
    known && text.len() <= 34 && text[2..].bytes().all(|b| b.is_ascii_hexdigit())
}
