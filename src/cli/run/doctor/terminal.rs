//! Whether the console can be drawn well on this terminal.

use std::io::IsTerminal;

use super::finding::Finding;

const CHECK: &str = "terminal";
/// The console says that there is too little room below this.
const SMALLEST: (u16, u16) = (60, 16);

/// What is known of the terminal.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Columns and rows; `None` when there is no terminal.
    pub size: Option<(u16, u16)>,
    /// `TERM`.
    pub term: String,
    /// `COLORTERM`.
    pub colorterm: String,
    /// Whether `NO_COLOR` is set.
    pub no_color: bool,
    /// The locale for characters.
    pub locale: String,
}

impl Facts {
    /// Of this process.
    pub fn here() -> Facts {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        Facts {
            size: if is_terminal { crossterm::terminal::size().ok() } else { None },
            term: var("TERM").unwrap_or_default(),
            colorterm: var("COLORTERM").unwrap_or_default(),
            no_color: var("NO_COLOR").is_some(),
            locale: ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| var(name)).unwrap_or_default(),
        }
    }
}

/// Looks at the terminal.
pub fn look(facts: &Facts) -> Vec<Finding> {
    let Some((columns, rows)) = facts.size else {
        return vec![Finding::info(CHECK, "this is no terminal, so the console cannot open here; all else works")];
    };
    let mut findings = Vec::new();
    if columns < SMALLEST.0 || rows < SMALLEST.1 {
        let text = format!("{columns}x{rows} is too small for the console");
        findings.push(Finding::warning(CHECK, text).remedy(format!("make it {}x{} or larger", SMALLEST.0, SMALLEST.1)));
    }
    match facts.term.as_str() {
        "" => findings.push(
            Finding::warning(CHECK, "TERM is not set, so nobody knows what this terminal can do")
                .remedy("set it to what your terminal says, e.g. xterm-256color"),
        ),
        "dumb" => findings.push(
            Finding::error(CHECK, "TERM is `dumb`: the console cannot move the cursor")
                .remedy("open it in another terminal, or set TERM to what this one is"),
        ),
        _ => {}
    }
    let locale = facts.locale.to_ascii_lowercase();
    if !locale.contains("utf-8") && !locale.contains("utf8") {
        let named = if facts.locale.is_empty() { "no locale is set" } else { "the locale has no UTF-8" };
        let text = format!("{named}: names and texts of customers may look broken");
        findings.push(Finding::warning(CHECK, text).remedy("set LANG to one with UTF-8, e.g. C.UTF-8"));
    }
    let colours = match (facts.no_color, facts.colorterm.as_str(), facts.term.contains("256color")) {
        (true, ..) => "no colours, for NO_COLOR is set",
        (_, "truecolor" | "24bit", _) => "all colours",
        (_, _, true) => "256 colours",
        _ => "16 colours",
    };
    findings.push(Finding::info(CHECK, format!("{columns}x{rows}, {}, {colours}", facts.term)));
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn what_a_terminal_lacks_is_said() {
        let good = Facts {
            size: Some((120, 40)),
            term: "xterm-256color".into(),
            locale: "de_DE.UTF-8".into(),
            ..Facts::default()
        };
        let texts = |facts: &Facts| look(facts).into_iter().map(|f| (f.level, f.text)).collect::<Vec<_>>();
        assert_eq!(texts(&good), [(Level::Info, "120x40, xterm-256color, 256 colours".to_owned())]);
        let bad = Facts { size: Some((59, 16)), term: "dumb".into(), no_color: true, ..good.clone() };
        let levels: Vec<Level> = look(&bad).iter().map(|f| f.level).collect();
        assert_eq!(levels, [Level::Warning, Level::Error, Level::Info]);
        let latin = texts(&Facts { locale: "de_DE.ISO-8859-1".into(), ..good.clone() });
        assert!(latin[0].1.starts_with("the locale has no UTF-8"), "{latin:?}");
        assert_eq!(look(&Facts { size: None, ..good })[0].level, Level::Info);
    }
}
