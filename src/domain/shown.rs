//! Text from outside, made safe for a terminal: what a terminal would obey becomes visible.
//!
//! Controls (C0, C1, DEL), line breaks and bidi overrides and isolates become visible signs; joiners and
//! variation selectors stay, because emoji and many scripts need them.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a terminal would obey it, or it would change the order in which others are read.
pub fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One line in which nothing is left that a terminal would obey; line breaks become `⏎`.
pub fn shown<'a>(raw: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    let raw = raw.into();
    let is_clean = raw.bytes().all(|b| (0x20..0x7f).contains(&b)) || !raw.chars().any(is_obeyed);
    if is_clean {
        return raw;
    }
    let mut out = String::with_capacity(raw.len() + 8);
    for c in raw.chars() {
        match c {
            '\n' | '\u{2028}' | '\u{2029}' => out.push('⏎'),
            '\u{7f}' => out.push('␡'),
            // The control pictures stand in the order of the controls.
            '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
            c if is_obeyed(c) => {
                // Writing into a string cannot fail.
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let cases = [
            ("a\u{1b}[31mb\tc\r\nd\u{7f}\u{9b}e\u{202e}f", "a␛[31mb␉c␍⏎d␡<U+009B>e<U+202E>f"),
            ("\u{1b}[2Jgone", "␛[2Jgone"),
            ("bell\u{7}\u{2029}", "bell␇⏎"),
            ("a\u{2066}b\u{2069}", "a<U+2066>b<U+2069>"),
        ];
        for (raw, want) in cases {
            assert_eq!(shown(raw), want);
        }
        let kept = "👩\u{200d}🚀 ❤\u{fe0f} नमस्ते שלום";
        assert!(matches!(shown(kept), Cow::Borrowed(same) if same == kept));
    }
}
