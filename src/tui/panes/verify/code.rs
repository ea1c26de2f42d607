//! The code on a simulated handset, as its owner would read it. An answer of the API never has it.

use crate::api::simulator::PhoneView;
use crate::domain::verification::Channel;

/// Where the sandbox keeps what came to a recipient by a channel.
pub fn handset(to: &str, channel: Channel) -> String {
    match channel {
        Channel::Whatsapp if !to.starts_with("whatsapp:") => format!("whatsapp:{to}"),
        _ => to.to_owned(),
    }
}

/// The newest code that came to a handset or into a mailbox, of `digits` digits.
pub fn newest(view: &PhoneView, digits: usize) -> Option<String> {
    let texts = view.messages.iter().filter(|m| m.direction == "in").map(|m| (m.at.0, written(&m.body, digits)));
    let calls = view.calls.iter().map(|c| (c.at.0, spoken(&c.transcript, digits)));
    let emails = view.emails.iter().map(|e| (e.at.0, written(&e.body, digits)));
    let found = texts.chain(calls).chain(emails).filter_map(|(at, code)| Some((at, code?)));
    found.max_by_key(|(at, _)| *at).map(|(_, code)| code)
}

/// A run of exactly so many digits.
fn written(text: &str, digits: usize) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == digits).map(str::to_owned)
}

/// So many single digits in a row: a call says one after the other.
fn spoken(text: &str, digits: usize) -> Option<String> {
    let mut run = String::new();
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        match bare.as_bytes() {
            [digit] if digit.is_ascii_digit() => run.push(char::from(*digit)),
            _ => run.clear(),
        }
        if run.len() == digits {
            return Some(run);
        }
    }
    None
}

/// A code of the same length that is not this one.
pub fn another(right: &str) -> String {
    let last = right.chars().last();
    let other = if last == Some('0') { '1' } else { '0' };
    let mut code: String = right.chars().take(right.chars().count().saturating_sub(1)).collect();
    code.push(other);
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::When;
    use crate::api::simulator::{PhoneCall, PhoneEmail, PhoneMessage};
    use crate::domain::time::Time;

    fn at(seconds: i64) -> When {
        When(Time::from_secs(seconds))
    }

    fn text(seconds: i64, direction: &str, body: &str) -> PhoneMessage {
        PhoneMessage {
            direction: direction.into(),
            from: "+14155550100".into(),
            to: "+14155550142".into(),
            body: body.into(),
            media: Vec::new(),
            at: at(seconds),
            sid: String::new(),
        }
    }

    fn view(messages: Vec<PhoneMessage>) -> PhoneView {
        PhoneView { address: "+14155550142".into(), messages, calls: Vec::new(), emails: Vec::new() }
    }

    #[test]
    fn the_newest_code_is_read_where_it_came() {
        let old = text(1, "in", "Your Bank 24 code is 111111");
        let sms = view(vec![old.clone(), text(2, "in", "Your Bank 24 code is 604512. Call 4155550100")]);
        let transcript = "Your Bank 7 verification code is: 6 0 4 5 1 2. Once more: 6 0 4 5 1 2. Goodbye.".to_owned();
        let call = PhoneCall { from: String::new(), transcript, at: at(2) };
        let call = PhoneView { calls: vec![call], ..view(vec![old.clone()]) };
        let body = "Your code is: 604512. It is valid for 10 minutes.".to_owned();
        let email = PhoneEmail { from: String::new(), subject: "Your code".into(), body, at: at(2) };
        let email = PhoneView { emails: vec![email], ..view(vec![old]) };
        for one in [sms, call, email] {
            assert_eq!(newest(&one, 6).as_deref(), Some("604512"), "{one:?}");
        }
        assert_eq!(newest(&view(vec![text(1, "out", "123456"), text(2, "in", "1234567")]), 6), None);
    }

    #[test]
    fn a_wrong_code_is_wrong() {
        for right in ["000000", "123450", "9999"] {
            let wrong = another(right);
            assert_ne!(wrong, right);
            assert_eq!(wrong.len(), right.len());
        }
    }
}
