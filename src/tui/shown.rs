//! Text that may reach the screen.
//!
//! Bodies, names and error texts come from outside and may hold escape sequences. A [`Shown`] is the
//! only text that drawing, the window title and notifications accept: control characters, bidi
//! overrides and isolates have become visible in it; joiners and variation selectors stay, because
//! emoji and many scripts need them. It knows nothing of what the text is for. The raw text stays
//! where it was, for copying and sending.

use std::borrow::Cow;
use std::fmt;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::wrap;
use crate::domain::shown::{self as rule, is_obeyed};

/// One line of text without anything that a terminal would obey.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Shown(Cow<'static, str>);

impl Shown {
    /// One line; line breaks become `⏎`.
    pub fn new(raw: impl Into<Cow<'static, str>>) -> Shown {
        Shown(rule::shown(raw))
    }

    /// One line from a borrowed text.
    pub fn of(raw: &str) -> Shown {
        Shown(Cow::Owned(rule::shown(raw).into_owned()))
    }

    /// The lines of a text, broken where it breaks (LF, CR LF, U+2028, U+2029); at least one.
    pub fn lines(raw: &str) -> Vec<Shown> {
        raw.split(['\n', '\u{2028}', '\u{2029}']).map(|l| Shown::of(l.strip_suffix('\r').unwrap_or(l))).collect()
    }

    /// The clean text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Terminal cells it takes.
    pub fn width(&self) -> usize {
        width(&self.0)
    }

    /// At most `cells` wide: the rest is replaced by `…`.
    pub fn cut(&self, cells: usize) -> Shown {
        if self.width() <= cells {
            return self.clone();
        }
        if cells == 0 {
            return Shown::default();
        }
        let mut used = 0;
        let mut out = String::new();
        for grapheme in self.0.graphemes(true) {
            let w = width(grapheme);
            if used + w > cells - 1 {
                break;
            }
            used += w;
            out.push_str(grapheme);
        }
        out.push('…');
        Shown(Cow::Owned(out))
    }

    /// Broken into lines of at most `cells`, at words where possible.
    pub fn wrap(&self, cells: usize) -> Vec<Shown> {
        if self.width() <= cells {
            return vec![self.clone()];
        }
        wrap::ranges(&self.0, cells).into_iter().map(|r| Shown(Cow::Owned(self.0[r].to_owned()))).collect()
    }
}

/// Cells of a text, grapheme by grapheme, as the terminal buffer counts them.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Text for an editor: line breaks stay, a tab becomes a space, what a terminal would obey is dropped.
pub fn editable(raw: &str) -> String {
    let unix = raw.replace("\r\n", "\n").replace('\r', "\n");
    unix.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| *c == '\n' || !is_obeyed(*c)).collect()
}

impl From<&'static str> for Shown {
    fn from(text: &'static str) -> Shown {
        Shown::new(text)
    }
}

impl From<String> for Shown {
    fn from(text: String) -> Shown {
        Shown::new(text)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A [`Shown`] from a format string.
macro_rules! shown {
    ($($arg:tt)*) => { $crate::tui::shown::Shown::from(format!($($arg)*)) };
}
pub(super) use shown;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_obeys_becomes_visible() {
        let cases = [
            ("\u{1b}[2Jgone", "␛[2Jgone"),
            ("a\nb", "a⏎b"),
            ("bell\u{7}\u{7f}", "bell␇␡"),
            ("\u{9b}31m", "<U+009B>31m"),
            ("abc\u{202e}cba", "abc<U+202E>cba"),
            ("👩\u{200d}👧 ☎\u{fe0f}", "👩\u{200d}👧 ☎\u{fe0f}"),
        ];
        for (raw, want) in cases {
            assert_eq!(Shown::of(raw).as_str(), want);
        }
        assert_eq!(Shown::lines("a\r\nb\n").len(), 3);
    }

    #[test]
    fn cuts_fall_between_graphemes() {
        assert_eq!(Shown::from("héllo wörld").cut(6).as_str(), "héllo…");
        assert_eq!(Shown::from("您好，周三").cut(5).as_str(), "您好…");
        assert_eq!(Shown::from("👩‍👩‍👧👩‍👩‍👧").cut(3).as_str(), "👩‍👩‍👧…");
        assert_eq!(Shown::from("abc").cut(0).as_str(), "");
    }

    proptest! {
        #[test]
        fn nothing_obeyed_survives(raw in any::<String>(), cells in 0usize..40) {
            let shown = Shown::of(&raw);
            prop_assert!(!shown.as_str().chars().any(is_obeyed));
            prop_assert!(shown.cut(cells).width() <= cells.max(shown.width().min(cells)));
            for line in shown.wrap(cells.max(2)) {
                // One grapheme may be wider than the whole line; it is never cut.
                prop_assert!(line.width() <= cells.max(2) || line.as_str().graphemes(true).count() == 1);
            }
            prop_assert!(!editable(&raw).chars().any(|c| c != '\n' && is_obeyed(c)));
        }

        #[test]
        fn wrapping_loses_only_spaces(raw in "[a-z 您é👋\u{301}]{0,80}", cells in 2usize..20) {
            let text = Shown::of(&raw);
            let joined: String = text.wrap(cells).iter().map(Shown::as_str).collect();
            let bare = |s: &str| s.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(bare(&joined), bare(text.as_str()));
        }
    }
}
