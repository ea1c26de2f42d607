//! Text from outside, made safe for a terminal: what it would obey becomes visible.

use std::borrow::Cow;

/// Controls (C0, C1, DEL), line breaks and bidi overrides and isolates become visible signs; joiners
/// and variation selectors stay, because emoji and many scripts need them. The answer is one line.
pub fn shown(raw: &str) -> Cow<'_, str> {
    if raw.chars().any(is_obeyed) { Cow::Owned(raw.chars().map(visible).collect()) } else { Cow::Borrowed(raw) }
}

fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn visible(c: char) -> Cow<'static, str> {
    match c {
        '\n' | '\u{2028}' | '\u{2029}' => "⏎".into(),
        '\u{7f}' => "␡".into(),
        // The control pictures stand in the order of the controls.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}').to_string().into(),
        c if is_obeyed(c) => format!("<U+{:04X}>", u32::from(c)).into(),
        c => c.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(shown("a\u{1b}[31mb\tc\r\nd\u{7f}\u{9b}e\u{202e}f"), "a␛[31mb␉c␍⏎d␡<U+009B>e<U+202E>f");
        let kept = "👩‍🚀 ❤️ नमस्ते שלום";
        assert!(matches!(shown(kept), Cow::Borrowed(same) if same == kept));
    }
}
