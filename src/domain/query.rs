//! The one-line query of the inbox: `is:open label:refund waiting:>10m via:+1415… assignee:me maria`.
//!
//! Words narrow one another. A word without a field is part of a name or of a number; a dash before a word with a
//! field turns it round. A word that is not finished yet (`label:`) says nothing, so that a list can follow while
//! it is typed.

use super::conversation::Status;
use super::time::{Span, Time};

/// The most characters of a query.
pub const LONGEST: usize = 300;

/// What a query can ask of a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Where it stands.
    pub status: Status,
    /// Whose it is.
    pub assignee: Option<&'a str>,
    /// Its labels.
    pub labels: &'a [String],
    /// Since when the customer waits.
    pub waiting_since: Option<Time>,
    /// The customer's address.
    pub customer: &'a str,
    /// Our address.
    pub ours: &'a str,
    /// The customer's name.
    pub name: Option<&'a str>,
    /// Messages that failed.
    pub failed: u64,
    /// Messages that ask whether they still shall go.
    pub asking: u64,
}

/// A query that was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    terms: Vec<(bool, Term)>,
    words: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Status(Status),
    Waiting,
    Failed,
    Asking,
    Unassigned,
    Mine,
    Assignee(String),
    Label(String),
    Longer(Span),
    Shorter(Span),
    Via(String),
}

/// What can stand behind `is:`.
const STATES: [(&str, Term); 9] = [
    ("open", Term::Status(Status::Open)),
    ("pending", Term::Status(Status::Pending)),
    ("snoozed", Term::Status(Status::Snoozed)),
    ("resolved", Term::Status(Status::Resolved)),
    ("waiting", Term::Waiting),
    ("failed", Term::Failed),
    ("asking", Term::Asking),
    ("unassigned", Term::Unassigned),
    ("mine", Term::Mine),
];

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// A sentence that says which word is wrong and what can stand there.
    pub fn parse(text: &str) -> Result<Query, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("a query has at most {LONGEST} characters"));
        }
        let mut query = Query::default();
        for word in text.split_whitespace() {
            let (not, bare) = match word.strip_prefix('-') {
                Some(bare) if bare.contains(':') => (true, bare),
                _ => (false, word),
            };
            match bare.split_once(':') {
                // An address such as `whatsapp:+1...` is a word like others.
                Some((field @ ("is" | "label" | "waiting" | "via" | "assignee"), value)) => {
                    query.terms.extend(term(field, value)?.map(|term| (not, term)));
                }
                _ => query.words.push(word.to_lowercase()),
            }
        }
        Ok(query)
    }

    /// Whether it asks for more than a part of a name or number.
    pub fn has_fields(&self) -> bool {
        !self.terms.is_empty()
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.words.is_empty()
    }

    /// Whether it asks for what is out of sight.
    pub fn wants_snoozed(&self) -> bool {
        self.terms.contains(&(false, Term::Status(Status::Snoozed)))
    }

    /// Whether a name decides, too.
    pub fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// Whether a conversation is meant. `me` is who asks, `now` business time.
    pub fn matches(&self, facts: &Facts<'_>, me: &str, now: Time) -> bool {
        self.terms.iter().all(|(not, term)| term.holds(facts, me, now) != *not)
            && self.words.iter().all(|word| {
                let digits: String = word.chars().filter(char::is_ascii_digit).collect();
                let in_number = facts.customer.to_lowercase().contains(word.as_str())
                    || (!digits.is_empty() && digits.len() == word.len() && facts.customer.contains(&digits));
                in_number || facts.name.is_some_and(|name| name.to_lowercase().contains(word.as_str()))
            })
    }
}

impl Term {
    fn holds(&self, facts: &Facts<'_>, me: &str, now: Time) -> bool {
        match self {
            Term::Status(status) => facts.status == *status,
            Term::Waiting => facts.waiting_since.is_some(),
            Term::Failed => facts.failed > 0,
            Term::Asking => facts.asking > 0,
            Term::Unassigned => facts.assignee.is_none(),
            Term::Mine => facts.assignee == Some(me),
            Term::Assignee(handle) => facts.assignee == Some(handle),
            Term::Label(label) => facts.labels.iter().any(|l| l.to_lowercase() == *label),
            Term::Longer(span) => facts.waiting_since.is_some_and(|since| now - *span > since),
            Term::Shorter(span) => facts.waiting_since.is_some_and(|since| now - *span < since),
            Term::Via(beginning) => facts.ours.starts_with(beginning),
        }
    }
}

/// A word with a field; `None` while its value is not there yet.
fn term(field: &str, value: &str) -> Result<Option<Term>, String> {
    if value.is_empty() || (field == "waiting" && matches!(value, ">" | "<")) {
        return Ok(None);
    }
    match field {
        "is" => match STATES.iter().find(|(word, _)| *word == value) {
            Some((_, term)) => Ok(Some(term.clone())),
            None => {
                let all: Vec<&str> = STATES.iter().map(|(word, _)| *word).collect();
                Err(format!("`is:{value}` is not known: after `is:` stands {}", all.join(", ")))
            }
        },
        "label" => Ok(Some(Term::Label(value.to_lowercase()))),
        "assignee" => Ok(Some(match value {
            "me" => Term::Mine,
            "nobody" => Term::Unassigned,
            handle => Term::Assignee(handle.to_owned()),
        })),
        "via" => Ok(Some(Term::Via(value.trim_end_matches(['…', '*']).to_owned()))),
        _ => {
            let wrong = || format!("`waiting:{value}` is no span: write waiting:>10m, waiting:>2h or waiting:<1d");
            let (longer, span) = match value.split_at_checked(1) {
                Some((">", span)) => (true, span),
                Some(("<", span)) => (false, span),
                _ => (true, value),
            };
            let span = span_of(span).ok_or_else(wrong)?;
            Ok(Some(if longer { Term::Longer(span) } else { Term::Shorter(span) }))
        }
    }
}

/// `90s`, `10m`, `2h`, `1d`; a bare number is minutes.
fn span_of(text: &str) -> Option<Span> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: i64 = digits.parse().ok().filter(|n| (0..=1_000_000).contains(n))?;
    let unit = match text.get(digits.len()..)? {
        "s" => 1,
        "" | "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    Some(Span::secs(count * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_secs(1_772_470_800);

    fn meant(query: &str, change: impl FnOnce(&mut Facts<'_>)) -> bool {
        let labels = ["Refund".to_owned(), "vip".to_owned()];
        let mut facts = Facts {
            status: Status::Open,
            assignee: Some("kim"),
            labels: &labels,
            waiting_since: Some(NOW - Span::secs(900)),
            customer: "+14155550123",
            ours: "+14155550100",
            name: Some("Maria Lopez"),
            failed: 0,
            asking: 1,
        };
        change(&mut facts);
        Query::parse(query).unwrap().matches(&facts, "kim", NOW)
    }

    #[test]
    fn words_narrow_one_another() {
        let yes = [
            "",
            "is:open label:refund waiting:>10m via:+1415…",
            "assignee:me is:mine assignee:kim",
            "maria 0123 is:asking",
            "-is:resolved -label:spam",
            "waiting:<1h waiting:>10",
            "label: is: waiting:> assignee:",
            "-x:y",
        ];
        for query in &yes[..7] {
            assert!(meant(query, |_| {}), "{query}");
        }
        assert!(!meant(yes[7], |_| {}), "a word with a strange field is looked for as it is");
        for query in
            ["is:resolved", "label:spam", "waiting:>16m", "via:+44", "assignee:nobody", "sam", "-is:open", "is:failed"]
        {
            assert!(!meant(query, |_| {}), "{query}");
        }
        assert!(!meant("waiting:>1m", |f| f.waiting_since = None));
        assert!(meant("whatsapp:+1", |f| f.customer = "whatsapp:+14155550123"));
        assert!(meant("is:unassigned", |f| f.assignee = None));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, part) in [
            ("is:opne", "after `is:` stands open,"),
            ("waiting:>soon", "is no span"),
            ("waiting:>9999999m", "is no span"),
        ] {
            let said = Query::parse(query).unwrap_err();
            assert!(said.contains(part), "{said}");
        }
        assert!(Query::parse(&"x".repeat(301)).is_err());
        let query = Query::parse("is:snoozed maria").unwrap();
        assert!(query.wants_snoozed() && query.has_fields() && query.has_words() && !query.is_empty());
        assert!(!Query::parse("label: x").unwrap().has_fields());
    }
}
