//! Pointing a number's (or a messaging service's) webhooks here, and giving them back.
//!
//! Owns what is remembered so that the old settings come back: it is written down before Twilio is
//! asked to change anything, so a crash at any moment leaves enough to put things right. A pointing
//! holds for good (`kept`) or as long as somebody holds it (`borrowed`), or both, one over the other.
//! What somebody else has set meanwhile is never overwritten when a pointing ends.

use serde::{Deserialize, Serialize};

use super::id::Sid;
use super::time::Time;

/// Where Twilio announces what happens at a number or a messaging service. Empty text means nothing is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hooks {
    /// Where inbound messages go.
    pub url: String,
    /// `GET` or `POST`.
    pub method: String,
    /// Where they go when that fails.
    pub fallback: String,
    /// `GET` or `POST`.
    pub fallback_method: String,
    /// Where message statuses go. Messaging services only: that of a number is about calls, and not touched.
    pub status: String,
    /// A TwiML application (`AP...`) that wins over the URLs. Numbers only.
    pub application: String,
}

impl Hooks {
    /// Whether inbound messages go nowhere.
    pub fn is_unset(&self) -> bool {
        self.url.is_empty() && self.application.is_empty()
    }
}

/// Somebody for whom a pointing lasts: until when, unless renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Made up by the holder, so that no other one ends it.
    pub session: String,
    /// What it asked for: a number may be in a messaging service, which then has the webhooks.
    #[serde(default)]
    pub named: String,
    /// Wall time.
    pub until: Time,
}

/// A pointing that ends with its holders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Borrowed {
    /// What comes back then.
    pub before: Hooks,
    /// For whom it lasts. None: it is to be given back.
    pub holders: Vec<Holder>,
}

/// What is known of a number or a messaging service that was pointed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointing {
    /// `PN...` or `MG...`.
    pub resource: Sid,
    /// The account that it is in; the node's own when absent.
    #[serde(default)]
    pub account: Option<Sid>,
    /// The number, or the service's name.
    pub label: String,
    /// What was set before it was pointed here for good.
    #[serde(default)]
    pub kept: Option<Hooks>,
    /// The pointing that ends with its holders.
    #[serde(default)]
    pub borrowed: Option<Borrowed>,
    /// Everything that was set from here: what is none of these was set by somebody else.
    #[serde(default)]
    pub ours: Vec<Hooks>,
    /// Who pointed it last.
    pub by: String,
    /// Wall time of that.
    pub since: Time,
    /// Rises with each change.
    #[serde(default)]
    pub version: u64,
}

/// Who points what, and to where.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    /// What is set now.
    pub now: &'a Hooks,
    /// What shall be.
    pub wanted: &'a Hooks,
    /// Who asks.
    pub by: &'a str,
    /// Wall time.
    pub at: Time,
}

impl Pointing {
    /// Nothing remembered yet.
    pub fn new(resource: Sid, account: Sid, label: String) -> Pointing {
        let (account, kept, borrowed, ours, by) = (Some(account), None, None, Vec::new(), String::new());
        Pointing { resource, account, label, kept, borrowed, ours, by, since: Time::default(), version: 0 }
    }

    /// Whether these settings were made from here.
    pub fn is_ours(&self, now: &Hooks) -> bool {
        self.ours.contains(now)
    }

    /// Whether this session holds it at that moment.
    pub fn is_held_by(&self, session: &str, named: &str, at: Time) -> bool {
        self.holders().iter().any(|h| h.session == session && h.named == named && h.until > at)
    }

    /// For whom it lasts.
    pub fn holders(&self) -> &[Holder] {
        self.borrowed.as_ref().map_or(&[], |b| &b.holders)
    }

    /// When the last holder's time runs out; `None` when nothing is borrowed.
    pub fn lapses_at(&self) -> Option<Time> {
        let borrowed = self.borrowed.as_ref()?;
        Some(borrowed.holders.iter().map(|h| h.until).max().unwrap_or_default())
    }

    /// Points it here for good.
    #[must_use]
    pub fn kept(mut self, wish: &Wish<'_>) -> Pointing {
        let now = if self.is_ours(wish.now) { None } else { Some(wish.now.clone()) };
        match (&mut self.borrowed, now) {
            // Under a loan lies what was there before it; when the loan ends, this one stays.
            (Some(borrowed), None) => {
                let before = std::mem::replace(&mut borrowed.before, wish.wanted.clone());
                self.kept.get_or_insert(before);
            }
            (Some(borrowed), Some(theirs)) => {
                borrowed.before = wish.wanted.clone();
                self.kept = Some(theirs);
            }
            (None, Some(theirs)) => self.kept = Some(theirs),
            (None, None) => {
                self.kept.get_or_insert_with(|| wish.now.clone());
            }
        }
        self.written(wish)
    }

    /// Points it here as long as `holder` holds it.
    #[must_use]
    pub fn borrowed(mut self, wish: &Wish<'_>, holder: Holder) -> Pointing {
        let known = self.is_ours(wish.now);
        let mut loan = match self.borrowed.take() {
            Some(loan) if known || loan.before == *wish.now => loan,
            _ => Borrowed { before: wish.now.clone(), holders: Vec::new() },
        };
        loan.holders.retain(|h| h.session != holder.session && h.until > wish.at);
        loan.holders.push(holder);
        self.borrowed = Some(loan);
        self.written(wish)
    }

    /// Lengthens a holder's time.
    #[must_use]
    pub fn renewed(mut self, session: &str, until: Time) -> Pointing {
        let holders = self.borrowed.iter_mut().flat_map(|b| &mut b.holders);
        holders.filter(|h| h.session == session).for_each(|h| h.until = until);
        self
    }

    /// Takes a holder away, and those whose time ran out.
    #[must_use]
    pub fn left(mut self, session: &str, at: Time) -> Pointing {
        if let Some(borrowed) = &mut self.borrowed {
            borrowed.holders.retain(|h| h.session != session && h.until > at);
        }
        self
    }

    /// What to set at the end of a loan when `now` is set; `None` leaves it as it is.
    pub fn restoration(&self, now: &Hooks) -> Option<&Hooks> {
        let before = &self.borrowed.as_ref()?.before;
        (self.is_ours(now) && before != now).then_some(before)
    }

    /// What remains when the loan has ended.
    pub fn without_loan(mut self) -> Option<Pointing> {
        self.borrowed = None;
        self.kept.is_some().then_some(self)
    }

    fn written(mut self, wish: &Wish<'_>) -> Pointing {
        if !self.is_ours(wish.wanted) {
            self.ours.push(wish.wanted.clone());
        }
        wish.by.clone_into(&mut self.by);
        self.since = wish.at;
        self
    }
}

/// A URL for showing: a password in it is not shown.
pub fn shown_url(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut url) if url.password().is_some() => {
            let _ = url.set_password(Some("***"));
            url.to_string()
        }
        _ => text.to_owned(),
    }
}

/// Whether two webhook URLs are one, apart from Twilio's connection overrides in the fragment.
pub fn is_same_url(a: &str, b: &str) -> bool {
    let bare = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
    bare(a) == bare(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hooks(url: &str) -> Hooks {
        Hooks { url: url.into(), method: "POST".into(), ..Hooks::default() }
    }

    fn wish<'a>(now: &'a Hooks, wanted: &'a Hooks, at: i64) -> Wish<'a> {
        Wish { now, wanted, by: "kim", at: Time::from_secs(at) }
    }

    fn holder(session: &str, until: i64) -> Holder {
        Holder { session: session.into(), named: "+14155550100".into(), until: Time::from_secs(until) }
    }

    fn fresh() -> Pointing {
        let [resource, account] = ["PN", "AC"].map(|kind| format!("{kind}{:032x}", 1).parse().unwrap());
        Pointing::new(resource, account, "+14155550100".into())
    }

    #[test]
    fn a_second_loan_keeps_what_was_there_before_the_first() {
        let (old, ours, moved) = (hooks("https://old"), hooks("https://ours"), hooks("https://moved"));
        let first = fresh().borrowed(&wish(&old, &ours, 10), holder("a", 20));
        // The first one was killed; the second comes with another address of ours.
        let second = first.borrowed(&wish(&ours, &moved, 30), holder("b", 40));
        assert_eq!(second.holders(), [holder("b", 40)]);
        assert_eq!(second.restoration(&moved), Some(&old));
        assert_eq!(second.restoration(&ours), Some(&old));
        assert_eq!(second.restoration(&old), None);
        assert_eq!(second.clone().without_loan(), None);
        // Nothing had been set yet when the first one was killed.
        let again = fresh().borrowed(&wish(&old, &ours, 10), holder("a", 20));
        assert_eq!(again.borrowed(&wish(&old, &ours, 12), holder("b", 22)).restoration(&ours), Some(&old));
    }

    #[test]
    fn what_somebody_else_set_is_left_and_comes_back_to_the_next_loan() {
        let (old, ours, theirs) = (hooks("https://old"), hooks("https://ours"), hooks("https://theirs"));
        let loan = fresh().borrowed(&wish(&old, &ours, 10), holder("a", 20));
        assert_eq!(loan.restoration(&theirs), None);
        let next = loan.borrowed(&wish(&theirs, &ours, 30), holder("b", 40));
        assert_eq!(next.restoration(&ours), Some(&theirs));
    }

    #[test]
    fn a_pointing_for_good_under_or_over_a_loan() {
        let (old, ours) = (hooks("https://old"), hooks("https://ours"));
        let over = fresh().borrowed(&wish(&old, &ours, 10), holder("a", 20)).kept(&wish(&ours, &ours, 11));
        assert_eq!((over.kept.as_ref(), over.restoration(&ours)), (Some(&old), None));
        assert!(over.without_loan().is_some());
        let under = fresh().kept(&wish(&old, &ours, 10)).borrowed(&wish(&ours, &ours, 11), holder("a", 20));
        assert_eq!((under.kept.as_ref(), under.restoration(&ours)), (Some(&old), None));
        let twice = fresh().kept(&wish(&old, &ours, 10)).kept(&wish(&ours, &ours, 12));
        assert_eq!(twice.kept.as_ref(), Some(&old));
        let after_theirs = twice.kept(&wish(&hooks("https://theirs"), &ours, 13));
        assert_eq!(after_theirs.kept.unwrap().url, "https://theirs");
    }

    #[test]
    fn a_loan_lapses_with_its_last_holder() {
        let (old, ours) = (hooks(""), hooks("https://ours"));
        let loan = fresh().borrowed(&wish(&old, &ours, 10), holder("a", 20));
        let loan = loan.borrowed(&wish(&ours, &ours, 11), holder("b", 30)).renewed("a", Time::from_secs(25));
        assert_eq!(loan.lapses_at(), Some(Time::from_secs(30)));
        assert!(loan.is_held_by("a", "+14155550100", Time::from_secs(24)));
        let loan = loan.left("b", Time::from_secs(24));
        assert_eq!(loan.lapses_at(), Some(Time::from_secs(25)));
        assert_eq!(loan.left("a", Time::from_secs(24)).lapses_at(), Some(Time::default()));
        assert_eq!(fresh().lapses_at(), None);
    }

    #[test]
    fn passwords_in_urls_are_not_shown() {
        assert_eq!(shown_url("https://kim:secret@h.example/x#rc=3"), "https://kim:***@h.example/x#rc=3");
        assert_eq!(shown_url("not a url"), "not a url");
        assert!(is_same_url("https://h/x#rc=3&rp=all", "https://h/x") && !is_same_url("https://h/x?a", "https://h/x"));
    }
}
