//! The code on a simulated handset, as its owner would read it. An answer of the API never has it.

use crate::api::simulator::{Medium, PhoneView};
use crate::domain::verification::Channel;

/// Where the sandbox keeps what came to a recipient by a channel.
pub fn handset(to: &str, channel: Channel) -> String {
    match channel {
        Channel::Whatsapp if !to.starts_with("whatsapp:") => format!("whatsapp:{to}"),
        _ => to.to_owned(),
    }
}

/// The newest code that came to a handset, of `digits` digits.
pub fn newest(view: &PhoneView, digits: usize) -> Option<String> {
    view.messages.iter().rev().filter(|m| m.direction == "in").find_map(|m| match m.medium {
        Medium::Call => spoken(&m.body, digits),
        Medium::Text | Medium::Email => written(&m.body, digits),
    })
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
    use crate::api::simulator::PhoneMessage;
    use crate::domain::time::Time;

    fn view(rows: &[(Medium, &str, &str)]) -> PhoneView {
        let message = |(medium, direction, body): &(Medium, &str, &str)| PhoneMessage {
            direction: (*direction).into(),
            from: "+14155550100".into(),
            to: "+14155550142".into(),
            body: (*body).into(),
            media: Vec::new(),
            at: When(Time::from_secs(1)),
            sid: String::new(),
            medium: *medium,
        };
        PhoneView { address: "+14155550142".into(), messages: rows.iter().map(message).collect() }
    }

    #[test]
    fn the_newest_code_is_read_where_it_came() {
        let old = (Medium::Text, "in", "Your Bank 24 code is 111111");
        let sms = (Medium::Text, "in", "Your Bank 24 code is 604512. Call 4155550100");
        let call =
            (Medium::Call, "in", "Your Bank 7 verification code is: 6 0 4 5 1 2. Once more: 6 0 4 5 1 2. Goodbye.");
        let email = (Medium::Email, "in", "Your code\nIt is: 604512. It is valid for 10 minutes.");
        for row in [sms, call, email] {
            assert_eq!(newest(&view(&[old, row]), 6).as_deref(), Some("604512"), "{row:?}");
        }
        assert_eq!(newest(&view(&[(Medium::Text, "out", "123456"), (Medium::Text, "in", "1234567")]), 6), None);
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
