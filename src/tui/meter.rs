//! The meter over the composer: what a text will be as a message, what makes it longer, what it will cost.

use super::ink::Piece;
use super::shown::{Shown, shown};
use super::theme::Role;
use crate::domain::address::{Address, AddressKind};
use crate::domain::pricing::RateCard;
use crate::domain::sms;

/// A text of more segments than this is worth a warning.
const LONG: usize = 10;

/// `48/GSM-7 · 1 seg · $0.0083` for a body; with a word of warning when it is long, or too long to be sent.
/// With files it is one message of another kind, whatever its text.
pub fn meter(body: &str, files: usize, to: &Address, rates: &RateCard) -> Vec<Piece> {
    let measured = sms::measure(body);
    let segments = u32::try_from(measured.segments).unwrap_or(u32::MAX);
    let mut text = match (files, to.kind()) {
        (0, AddressKind::Whatsapp) => format!("{} characters", measured.characters),
        (0, _) => format!("{}/{} · {} seg", measured.characters, measured.encoding, measured.segments),
        (1, _) => format!("{} characters · 1 file", measured.characters),
        (n, _) => format!("{} characters · {n} files", measured.characters),
    };
    if let Some(price) = rates.message(to, segments, files > 0) {
        text.push_str(&format!(" · {}", price.fine()));
    }
    let length = body.chars().count();
    if length > sms::LONGEST_BODY {
        let over = length - sms::LONGEST_BODY;
        return vec![(Shown::from(text), Role::Error), (shown!(" ✗ {over} too many"), Role::Error)];
    }
    if measured.segments > LONG && files == 0 && to.kind() != AddressKind::Whatsapp {
        return vec![(Shown::from(text), Role::Warn), (Shown::from(" ▲ long"), Role::Warn)];
    }
    vec![(Shown::from(text), Role::Text)]
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

/// The first of those in a text, if there is one: underlined it is seen, named it is read.
pub fn culprit(body: &str) -> Option<char> {
    let mut buffer = [0; 4];
    sms::culprits(body).into_iter().map(|(_, c)| c).find(|c| is_culprit(c.encode_utf8(&mut buffer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &str, to: &str) -> String {
        let pieces = meter(body, 0, &to.parse().unwrap(), RateCard::ours());
        pieces.iter().map(|(t, _)| t.as_str()).collect()
    }

    #[test]
    fn one_curly_quote_makes_two_segments_of_one() {
        let curly =
            "Hi Maria, you’re booked for Friday 10:30. Please arrive 10 minutes early and bring your insurance card.";
        assert_eq!(text(curly, "+14155550123"), "103/UCS-2 · 2 seg · $0.0166");
        assert_eq!(text(&plain(curly), "+14155550123"), "103/GSM-7 · 1 seg · $0.0083");
        assert_eq!((culprit(curly), culprit(&plain(curly)), culprit("您好")), (Some('’'), None, None));
        assert!(is_culprit("’") && !is_culprit("é") && !is_culprit("您"));
    }

    #[test]
    fn long_texts_are_warned_of() {
        let to = "+14155550123";
        assert_eq!(text(&"a".repeat(1530), to), "1530/GSM-7 · 10 seg · $0.0830");
        assert_eq!(text(&"a".repeat(1531), to), "1531/GSM-7 · 11 seg · $0.0913 ▲ long");
        assert_eq!(text(&"a".repeat(1603), to), "1603/GSM-7 · 11 seg · $0.0913 ✗ 3 too many");
        assert_eq!(text("Hello", "whatsapp:+14155550123"), "5 characters · $0.0147");
    }

    #[test]
    fn without_rates_there_is_no_price() {
        let pieces = meter("Hi", 0, &"+14155550123".parse().unwrap(), &RateCard::default());
        assert_eq!(pieces, [(Shown::from("2/GSM-7 · 1 seg"), Role::Text)]);
    }
}
