//! Privacy: what others who look on shall not read.
//!
//! The pen masks numbers in everything it writes, so that no pane can forget it; message texts are
//! masked by what they mean. Copies and what is sent stay as they are.

use unicode_segmentation::UnicodeSegmentation;

use super::shown::{Shown, width};
use super::theme::Role;

/// From so many digits on a run of them is a number of somebody.
const NUMBER: usize = 7;
/// Digits of a number that stay, so that two of them can be told apart.
const TAIL: usize = 2;

/// Whether a role is that of a message's text.
fn is_said(role: Role) -> bool {
    matches!(role, Role::Incoming | Role::Outgoing | Role::Note)
}

/// A text as others may see it.
pub fn masked(text: &Shown, role: Role) -> Shown {
    if is_said(role) { hidden(text) } else { numbers(text) }
}

/// Every letter and digit replaced; spaces and signs stay, so that the shape is there.
pub fn hidden(text: &Shown) -> Shown {
    let dot = |grapheme: &str| match grapheme.chars().next() {
        Some(c) if c.is_alphanumeric() => "•".repeat(width(grapheme).max(1)),
        _ if width(grapheme) > 1 => "•".repeat(width(grapheme)),
        _ => grapheme.to_owned(),
    };
    Shown::from(text.as_str().graphemes(true).map(dot).collect::<String>())
}

/// Long runs of digits replaced but for their end.
fn numbers(text: &Shown) -> Shown {
    let chars: Vec<char> = text.as_str().chars().collect();
    let mut out: Vec<char> = chars.clone();
    let mut start = 0;
    while start < chars.len() {
        let end = chars.iter().skip(start).position(|c| !c.is_ascii_digit()).map_or(chars.len(), |n| start + n);
        if end - start >= NUMBER {
            let hidden = out.get_mut(start..end - TAIL).unwrap_or_default();
            hidden.fill('•');
        }
        start = end.max(start + 1);
    }
    if out == chars { text.clone() } else { Shown::from(out.into_iter().collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_all_but_their_end_and_texts_everything() {
        let cases = [
            ("+14155550123 Maria", Role::Text, "+•••••••••23 Maria"),
            ("09:00 30003", Role::Text, "09:00 30003"),
            ("Call me: 42!", Role::Incoming, "•••• ••: ••!"),
            ("您好 👋 hi", Role::Outgoing, "•••• •• ••"),
        ];
        for (text, role, want) in cases {
            let shown = masked(&Shown::of(text), role);
            assert_eq!(shown.as_str(), want);
            assert_eq!(shown.width(), Shown::of(text).width(), "{text}");
        }
    }
}
