//! What a send may bring beside recipient, channel and text: rate limits, a payment, keys to dial, an app's
//! hash, tags. Owns what each of them may be, and which of them a service refuses.
//!
//! The source is Twilio's description of `POST Verifications`; where it names no figure, a generous one keeps
//! out what can only be a mistake.

use std::collections::BTreeMap;

use super::{Channel, Wish};

/// The most rate limits of a service.
const LIMITS: usize = 5;
/// The longest name or value of a rate limit, amount, payee or hash, in characters.
const LONGEST: usize = 100;
/// The most tags, and the longest name or value of one, in characters.
const TAGS: (usize, usize) = (10, 128);
/// The most keys that are dialled.
const DIGITS: usize = 32;

/// What is wrong with a wish, and in which of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The field, as callers name it.
    pub field: &'static str,
    /// What is wrong, as a sentence.
    pub why: String,
}

fn misfit<T>(field: &'static str, why: impl Into<String>) -> Result<T, Misfit> {
    Err(Misfit { field, why: why.into() })
}

/// Whether Twilio could understand what a wish brings along.
///
/// # Errors
/// The first thing that it could not.
pub fn checked(wish: &Wish) -> Result<(), Misfit> {
    if wish.rate_limits.len() > LIMITS {
        return misfit("rateLimits", format!("a Verify service has at most {LIMITS} rate limits"));
    }
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some(name) = wish.rate_limits.keys().find(|name| name.is_empty() || !name.chars().all(named)) {
        let why = format!("`{name}` names no rate limit: they have letters, digits, `-`, `_` and `.`");
        return misfit("rateLimits", why);
    }
    fits("rateLimits", "a rate limit's value", &wish.rate_limits, LONGEST)?;
    match (&wish.amount, &wish.payee) {
        (Some(_), None) => return misfit("payee", "a payment needs both an amount and a payee: say who gets it"),
        (None, Some(_)) => return misfit("amount", "a payment needs both an amount and a payee: say how much it is"),
        _ => {}
    }
    for (field, text) in [("amount", &wish.amount), ("payee", &wish.payee), ("appHash", &wish.app_hash)] {
        if text.as_deref().is_some_and(|text| text.trim().is_empty() || text.chars().count() > LONGEST) {
            return misfit(field, format!("it has 1 to {LONGEST} characters; leave it out where there is none"));
        }
    }
    let dialled = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | 'w' | 'W');
    if let Some(keys) = &wish.send_digits {
        if keys.is_empty() || keys.len() > DIGITS || !keys.chars().all(dialled) {
            let why = format!("keys to dial are 1 to {DIGITS} of 0-9, `*`, `#`, and `w` or `W` for a pause");
            return misfit("sendDigits", why);
        }
        if wish.channel != Channel::Call {
            return misfit("sendDigits", "keys are dialled in a call only: choose the channel call, or leave them out");
        }
    }
    if let Some(hash) = &wish.app_hash {
        if hash.contains(char::is_whitespace) {
            return misfit("appHash", "an app's hash has no spaces");
        }
        if wish.channel != Channel::Sms {
            return misfit("appHash", "an app reads texts only (60602): choose the channel sms, or leave the hash out");
        }
    }
    if wish.tags.len() > TAGS.0 {
        return misfit("tags", format!("a send has at most {} tags", TAGS.0));
    }
    fits("tags", "a tag", &wish.tags, TAGS.1)
}

/// Whether all names and values are there, and short enough.
fn fits(field: &'static str, what: &str, all: &BTreeMap<String, String>, longest: usize) -> Result<(), Misfit> {
    let wrong = |text: &str| text.trim().is_empty() || text.chars().count() > longest;
    match all.iter().find(|(name, value)| wrong(name) || wrong(value)) {
        Some((name, _)) => {
            misfit(field, format!("`{name}`: {what} has a name, and a value of 1 to {longest} characters"))
        }
        None => Ok(()),
    }
}

/// What a service refuses of a wish by its settings, as sentences with Twilio's code.
pub fn refusals(wish: &Wish, confirms_payments: bool, takes_own_codes: bool) -> Vec<String> {
    let mut all = Vec::new();
    if confirms_payments && (wish.amount.is_none() || wish.payee.is_none()) {
        all.push("codes of this service confirm payments: without amount and payee it is refused (60206)".to_owned());
    }
    if confirms_payments && wish.channel == Channel::Call {
        all.push("codes of this service confirm payments, and a call cannot: it is refused (60214)".to_owned());
    }
    if wish.own_code && !takes_own_codes {
        all.push("this service takes no codes of your own: it is refused (60204)".to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn what_twilio_could_not_understand_is_said_at_its_field() {
        let text = |text: &str| Some(text.to_owned());
        let wish = Wish::default;
        let many: BTreeMap<String, String> = (0..11).map(|n| (n.to_string(), "x".to_owned())).collect();
        let good = Wish {
            rate_limits: map("end_user.ip", "203.0.113.7"),
            amount: text("49.90"),
            payee: text("Shoe Shop"),
            app_hash: text("FA+9qCX9VSu"),
            tags: map("order", "17"),
            ..wish()
        };
        assert_eq!(checked(&good), Ok(()));
        let call = Wish { channel: Channel::Call, send_digits: text("1ww22#"), ..wish() };
        assert_eq!(checked(&call), Ok(()));
        for (wish, field) in [
            (Wish { rate_limits: map("end user", "1"), ..wish() }, "rateLimits"),
            (Wish { rate_limits: map("ip", " "), ..wish() }, "rateLimits"),
            (Wish { rate_limits: many.clone(), ..wish() }, "rateLimits"),
            (Wish { amount: text("49.90"), ..wish() }, "payee"),
            (Wish { payee: text("Shoe Shop"), ..wish() }, "amount"),
            (Wish { amount: text(" "), payee: text("x"), ..wish() }, "amount"),
            (Wish { send_digits: text("1"), ..wish() }, "sendDigits"),
            (Wish { send_digits: text("call"), ..call }, "sendDigits"),
            (Wish { app_hash: text("a b"), ..wish() }, "appHash"),
            (Wish { app_hash: text("a"), channel: Channel::Email, ..wish() }, "appHash"),
            (Wish { tags: many, ..wish() }, "tags"),
            (Wish { tags: map("order", &"x".repeat(129)), ..wish() }, "tags"),
        ] {
            assert_eq!(checked(&wish).map_err(|misfit| misfit.field), Err(field), "{wish:?}");
        }
    }

    #[test]
    fn what_a_service_refuses_is_known_before() {
        let plain = Wish::default();
        assert!(refusals(&plain, false, false).is_empty());
        assert!(refusals(&plain, true, true)[0].contains("60206"));
        let paid = Wish { amount: Some("1".into()), payee: Some("x".into()), ..Wish::default() };
        assert!(refusals(&paid, true, true).is_empty());
        assert!(refusals(&Wish { channel: Channel::Call, ..paid }, true, true)[0].contains("60214"));
        let own = Wish { own_code: true, ..Wish::default() };
        assert!(refusals(&own, false, false)[0].contains("60204") && refusals(&own, false, true).is_empty());
    }
}
