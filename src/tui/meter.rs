//! The meter over the composer: what a text will be as a text message, and what makes it longer.

use super::shown::{Shown, shown};
use crate::domain::sms;

/// `48/GSM-7 · 1 seg` for a body.
pub fn meter(body: &str) -> Shown {
    let measured = sms::measure(body);
    shown!("{}/{} · {} seg", measured.characters, measured.encoding, measured.segments)
}

/// The text with the letters replaced that make it longer than it need be.
pub fn plain(body: &str) -> String {
    sms::smart_encode(body)
}

/// Whether this piece of text forces UCS-2 although a twin in GSM-7 exists: worth pointing at.
pub fn is_culprit(grapheme: &str) -> bool {
    !grapheme.is_ascii()
        && !sms::culprits(grapheme).is_empty()
        && sms::culprits(&sms::smart_encode(grapheme)).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_curly_quote_makes_two_segments_of_one() {
        let curly =
            "Hi Maria, you’re booked for Friday 10:30. Please arrive 10 minutes early and bring your insurance card.";
        assert_eq!(meter(curly).as_str(), "103/UCS-2 · 2 seg");
        assert_eq!(meter(&plain(curly)).as_str(), "103/GSM-7 · 1 seg");
        assert!(is_culprit("’") && !is_culprit("é") && !is_culprit("您"));
    }
}
