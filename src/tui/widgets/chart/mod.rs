//! Charts: numbers in, cells out. They own no state, ask for nothing and know nothing of what is counted.
//!
//! Every chart begins at zero, says its unit, leaves a gap where there is no number, and has a twin: the
//! same numbers as a [`Table`], for those who would rather read them. Nothing is told by colour alone.

mod axis;
mod bars;
mod countries;
mod funnel;
mod heat;
mod histogram;
mod line;
mod map;
mod spark;
mod table;

pub use axis::{Unit, short};
pub use bars::{Bar, Bars};
pub use countries::{Country, country};
pub use funnel::{Funnel, Stage};
pub use heat::Heat;
pub use histogram::{Bin, Histogram};
pub use line::{Line, Series};
pub use map::{Place, Places};
pub use spark::spark;
pub use table::{Column, Table, padded};

use serde::{Deserialize, Serialize};

/// Which characters charts are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Marks {
    /// Braille dots: eight points in a cell.
    #[default]
    Braille,
    /// Block elements only: for fonts without braille.
    Blocks,
    /// Letters and signs only.
    Ascii,
}

impl Marks {
    /// All of them.
    pub const ALL: [Marks; 3] = [Marks::Braille, Marks::Blocks, Marks::Ascii];

    /// Its name in the settings.
    pub fn word(self) -> &'static str {
        match self {
            Marks::Braille => "braille",
            Marks::Blocks => "blocks",
            Marks::Ascii => "ascii",
        }
    }

    /// What a terminal can be trusted with, by the name it goes by (`TERM`) and the locale that is set, if any: the
    /// kernel's own console and the old ones have no braille in their fonts, some of them nothing but ASCII; a
    /// locale without UTF-8 says so itself.
    pub fn of_terminal(term: &str, locale: &str) -> Marks {
        let locale = locale.to_ascii_lowercase();
        if !locale.is_empty() && !locale.contains("utf-8") && !locale.contains("utf8") {
            return Marks::Ascii;
        }
        let is = |names: &[&str]| names.iter().any(|name| term == *name || term.starts_with(&format!("{name}-")));
        if is(&["dumb", "vt100", "vt102", "vt220", "ansi"]) {
            Marks::Ascii
        } else if is(&["linux", "cons25", "putty"]) {
            Marks::Blocks
        } else {
            Marks::Braille
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_what_its_font_has() {
        let cases = [
            ("xterm-256color", Marks::Braille),
            ("tmux-256color", Marks::Braille),
            ("linux", Marks::Blocks),
            ("linux-16color", Marks::Blocks),
            ("vt100", Marks::Ascii),
            ("dumb", Marks::Ascii),
            ("", Marks::Braille),
        ];
        for (term, want) in cases {
            assert_eq!(Marks::of_terminal(term, ""), want, "{term}");
            assert_eq!(Marks::of_terminal(term, "de_DE.UTF-8"), want, "{term}");
            assert_eq!(Marks::of_terminal(term, "C.utf8"), want, "{term}");
            assert_eq!(Marks::of_terminal(term, "C"), Marks::Ascii, "{term}");
            assert_eq!(Marks::of_terminal(term, "de_DE.ISO-8859-1"), Marks::Ascii, "{term}");
        }
    }
}
