//! A code as the owner of a handset reads it off a text, an email or a call.
//!
//! No answer of the API has it: whoever wants to know it reads the handset, which only a simulated one allows.

use super::Channel;

/// Where a recipient gets what comes by a channel.
pub fn address(to: &str, channel: Channel) -> String {
    match channel {
        Channel::Whatsapp if !to.starts_with("whatsapp:") => format!("whatsapp:{to}"),
        _ => to.to_owned(),
    }
}

/// A run of exactly so many digits.
pub fn written(text: &str, digits: usize) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == digits).map(str::to_owned)
}

/// So many single digits in a row: a call says one after the other.
pub fn spoken(text: &str, digits: usize) -> Option<String> {
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

/// The text with dots in place of a code, written or spoken.
pub fn masked(text: &str, code: &str) -> String {
    if code.is_empty() {
        return text.to_owned();
    }
    let apart = |text: &str| text.chars().map(String::from).collect::<Vec<_>>().join(" ");
    let dots = "•".repeat(code.chars().count());
    text.replace(code, &dots).replace(&apart(code), &apart(&dots))
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

    #[test]
    fn a_code_is_read_and_hidden_where_it_stands() {
        let text = "Your Bank 24 code is 604512. Call 4155550100";
        assert_eq!(written(text, 6).as_deref(), Some("604512"));
        assert_eq!(written("1234567", 6), None);
        assert_eq!(masked(text, "604512"), "Your Bank 24 code is ••••••. Call 4155550100");
        let call = "Your Bank 7 verification code is: 6 0 4 5 1 2. Once more: 6 0 4 5 1 2. Goodbye.";
        assert_eq!(spoken(call, 6).as_deref(), Some("604512"));
        let hidden = "Your Bank 7 verification code is: • • • • • •. Once more: • • • • • •. Goodbye.";
        assert_eq!(masked(call, "604512"), hidden);
        assert_eq!(masked("nothing", ""), "nothing");
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
