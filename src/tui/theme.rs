//! What colours mean: a theme gives each role a look over the terminal's own sixteen colours.
//!
//! Themes are data (`assets/themes/*.toml`). Nothing is told by colour alone: every role that carries
//! a meaning also has a glyph or a word beside it, so that `mono` loses nothing.

use std::path::Path;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::domain::business::Colour;

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident $key:literal;)*) => {
        /// What a piece of the screen means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Role { $($(#[$doc])* $name),* }
        const ROLES: &[(Role, &str)] = &[$((Role::$name, $key)),*];
    };
}

roles! {
    /// Ordinary text.
    Text "text";
    /// Less important text.
    Dim "dim";
    /// Text that stands out: names, titles.
    Strong "strong";
    /// Counts and things to notice.
    Accent "accent";
    /// The line under the cursor.
    Selection "selection";
    /// Went well.
    Ok "ok";
    /// Soon too late.
    Warn "warn";
    /// Went wrong, or too late.
    Error "error";
    /// A note among agents.
    Note "note";
    /// Lines between panes.
    Border "border";
    /// The line over the pane that has the focus.
    Focus "focus";
    /// A customer's text.
    Incoming "incoming";
    /// Our text.
    Outgoing "outgoing";
    /// The word SANDBOX.
    Sandbox "sandbox";
    /// The word LIVE.
    Live "live";
    /// A key in a hint.
    Key "key";
    /// The name of a business whose colour is blue.
    Blue "business-blue";
    /// Green.
    Green "business-green";
    /// Magenta.
    Magenta "business-magenta";
    /// Cyan.
    Cyan "business-cyan";
    /// Yellow.
    Yellow "business-yellow";
    /// Red.
    Red "business-red";
}

impl Role {
    /// The look of a business's name.
    pub fn of(colour: Colour) -> Role {
        match colour {
            Colour::Blue => Role::Blue,
            Colour::Green => Role::Green,
            Colour::Magenta => Role::Magenta,
            Colour::Cyan => Role::Cyan,
            Colour::Yellow => Role::Yellow,
            Colour::Red => Role::Red,
        }
    }
}

/// The name of no theme: it stands for the one that suits the terminal.
pub const AUTO: &str = "auto";

/// The theme that suits a terminal, by what it says of itself: `NO_COLOR` (no-color.org: anything but empty), and
/// `COLORFGBG` (`15;0`: the numbers of the foreground and, last, the background), which not every terminal sets.
pub fn auto(no_color: Option<&str>, fg_bg: Option<&str>) -> &'static str {
    if no_color.is_some_and(|told| !told.is_empty()) {
        return "mono";
    }
    let background = fg_bg.and_then(|told| told.rsplit(';').next()?.parse::<u8>().ok());
    // Of the sixteen colours white and the bright ones but grey.
    if background.is_some_and(|colour| colour == 7 || (9..16).contains(&colour)) { "light" } else { "dark" }
}

/// The themes that come with the console.
pub const NAMES: [&str; 4] = ["dark", "light", "high-contrast", "mono"];

const SOURCES: [&str; 4] = [
    include_str!("../../assets/themes/dark.toml"),
    include_str!("../../assets/themes/light.toml"),
    include_str!("../../assets/themes/high-contrast.toml"),
    include_str!("../../assets/themes/mono.toml"),
];

/// A look for every role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    styles: Vec<Style>,
}

/// Why a theme cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadTheme {
    /// Neither one of ours nor a file.
    #[error("there is no theme `{0}`: use dark, light, high-contrast, mono, or the path of a .toml file")]
    Unknown(String),
    /// The file is no theme.
    #[error("the theme {0} cannot be read: {1}")]
    Broken(String, String),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Look {
    fg: Option<String>,
    bg: Option<String>,
    add: Vec<String>,
}

impl Theme {
    /// One of ours by name, or a file's.
    pub fn load(name: &str) -> Result<Theme, BadTheme> {
        if let Some(i) = NAMES.iter().position(|n| *n == name) {
            return Theme::parse(name, SOURCES[i]);
        }
        if !name.ends_with(".toml") {
            return Err(BadTheme::Unknown(name.to_owned()));
        }
        let text =
            std::fs::read_to_string(Path::new(name)).map_err(|e| BadTheme::Broken(name.to_owned(), e.to_string()))?;
        Theme::parse(name, &text)
    }

    /// Reads a theme's text. Roles it does not name look like ordinary text.
    pub fn parse(name: &str, text: &str) -> Result<Theme, BadTheme> {
        let broken = |why: String| BadTheme::Broken(name.to_owned(), why);
        let mut looks: std::collections::BTreeMap<String, Look> =
            toml::from_str(text).map_err(|e| broken(e.to_string()))?;
        let mut styles = Vec::with_capacity(ROLES.len());
        for (_, key) in ROLES {
            let look = looks.remove(*key).unwrap_or_default();
            let color = |word: &Option<String>| match word.as_deref().map(str::parse::<Color>) {
                Some(Err(_)) => {
                    Err(broken(format!("`{}` is no colour (role `{key}`)", word.as_deref().unwrap_or_default())))
                }
                Some(Ok(color)) => Ok(Some(color)),
                None => Ok(None),
            };
            let mut style = Style { fg: color(&look.fg)?, bg: color(&look.bg)?, ..Style::new() };
            for word in &look.add {
                style = style.add_modifier(match word.as_str() {
                    "bold" => Modifier::BOLD,
                    "dim" => Modifier::DIM,
                    "italic" => Modifier::ITALIC,
                    "underline" => Modifier::UNDERLINED,
                    "reverse" => Modifier::REVERSED,
                    other => return Err(broken(format!("`{other}` is no attribute (role `{key}`)"))),
                });
            }
            styles.push(style);
        }
        match looks.into_keys().next() {
            Some(unknown) => Err(broken(format!("there is no role `{unknown}`"))),
            None => Ok(Theme { name: name.to_owned(), styles }),
        }
    }

    /// The look of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_themes_are_whole() {
        for name in NAMES {
            let theme = Theme::load(name).unwrap();
            for (role, key) in ROLES {
                let plain = matches!(role, Role::Text | Role::Incoming | Role::Outgoing | Role::Border | Role::Dim);
                assert!(plain || theme.style(*role) != Style::new(), "{name} says nothing of {key}");
                if name == "mono" {
                    assert_eq!((theme.style(*role).fg, theme.style(*role).bg), (None, None), "{key}");
                }
            }
        }
        assert!(Theme::load("pink").is_err());
        let told = [
            (None, None, "dark"),
            (Some(""), Some("15;0"), "dark"),
            (Some("1"), Some("0;15"), "mono"),
            (None, Some("0;15"), "light"),
            (None, Some("0;default;7"), "light"),
            (None, Some("12;8"), "dark"),
            (None, Some("nothing"), "dark"),
        ];
        for (no_color, fg_bg, want) in told {
            assert_eq!(auto(no_color, fg_bg), want, "{no_color:?} {fg_bg:?}");
        }
        assert!(Theme::parse("x", "[nothing]\nfg = 'red'").is_err());
    }
}
