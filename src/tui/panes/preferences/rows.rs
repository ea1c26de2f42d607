//! The settings: what each is called, what it is now, what else it can be.

use crate::config::{self, KeyProfile, Notify, NotifyWhen, QuietHours, Set};
use crate::tui::app::Settings;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::{AUTO, NAMES, Theme};

/// A setting that can be changed in the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The colour theme.
    Theme,
    /// Whether the mouse is captured.
    Mouse,
    /// Whether a new message rings.
    Bell,
    /// How desktop notifications are asked for.
    Notify,
    /// When they are.
    NotifyWhen,
    /// When nothing rings.
    QuietHours,
    /// How long a message can be taken back.
    UndoSeconds,
    /// Ticks as words.
    Words,
    /// Which keys there are to begin with.
    Keys,
    /// Whether numbers and texts are masked.
    Privacy,
    /// The passphrase of the lock.
    Lock,
}

/// How a setting is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// To the other of two.
    Toggle,
    /// To one of several.
    Choose(Vec<String>),
    /// To what is typed.
    Type,
}

impl Row {
    /// All of them, in order.
    pub const ALL: [Row; 11] = [
        Row::Theme,
        Row::Mouse,
        Row::Bell,
        Row::Notify,
        Row::NotifyWhen,
        Row::QuietHours,
        Row::UndoSeconds,
        Row::Words,
        Row::Keys,
        Row::Privacy,
        Row::Lock,
    ];

    /// What it is called on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Row::Theme => "theme",
            Row::Mouse => "mouse",
            Row::Bell => "bell",
            Row::Notify => "desktop notifications",
            Row::NotifyWhen => "notify when",
            Row::QuietHours => "quiet hours",
            Row::UndoSeconds => "undo seconds",
            Row::Words => "ticks as words",
            Row::Keys => "key profile",
            Row::Privacy => "privacy mode",
            Row::Lock => "lock passphrase",
        }
    }

    /// Its section and name in the settings file; none for what is kept elsewhere.
    pub fn key(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Row::Theme => ("console", "theme"),
            Row::Mouse => ("console", "mouse"),
            Row::Bell => ("console", "bell"),
            Row::Notify => ("console", "notify"),
            Row::NotifyWhen => ("console", "notify_when"),
            Row::QuietHours => ("console", "quiet_hours"),
            Row::UndoSeconds => ("limits", "hold_seconds"),
            Row::Words => ("console", "words"),
            Row::Keys => ("console", "keys"),
            Row::Privacy => ("console", "privacy"),
            Row::Lock => return None,
        })
    }

    /// What it means, as the settings file's own description says it.
    pub fn meaning(self) -> &'static str {
        let Some((section, name)) = self.key() else {
            return "What unlocks the console after it was locked. Empty: any press of Enter does.";
        };
        let key = config::keys().iter().find(|key| key.section == section && key.name == name);
        key.map_or("", |key| key.meaning.as_str())
    }

    /// How it is changed.
    pub fn change(self) -> Change {
        let words = |words: &[&str]| Change::Choose(words.iter().map(|word| (*word).to_owned()).collect());
        match self {
            Row::Theme => Change::Choose([AUTO].iter().chain(&NAMES).map(|name| (*name).to_owned()).collect()),
            Row::Notify => words(&["off", "osc9", "osc777"]),
            Row::NotifyWhen => words(&["unfocused", "always"]),
            Row::Keys => words(&["default", "vim", "emacs"]),
            Row::Mouse | Row::Bell | Row::Words | Row::Privacy => Change::Toggle,
            Row::QuietHours | Row::UndoSeconds | Row::Lock => Change::Type,
        }
    }

    /// What it is now, as it would be typed.
    pub fn value(self, settings: &Settings) -> String {
        let yes_no = |yes: bool| if yes { "on" } else { "off" }.to_owned();
        match self {
            Row::Theme if settings.is_auto_theme => AUTO.to_owned(),
            Row::Theme => settings.theme.name.clone(),
            Row::Mouse => yes_no(settings.mouse),
            Row::Bell => yes_no(settings.bell),
            Row::Words => yes_no(settings.words),
            Row::Privacy => yes_no(settings.privacy),
            Row::Notify => match settings.notify {
                Notify::Off => "off",
                Notify::Osc9 => "osc9",
                Notify::Osc777 => "osc777",
            }
            .to_owned(),
            Row::NotifyWhen => match settings.notify_when {
                NotifyWhen::Unfocused => "unfocused",
                NotifyWhen::Always => "always",
            }
            .to_owned(),
            Row::QuietHours => settings.quiet_hours.map_or_else(String::new, |hours| {
                format!("{}-{}", hours.from.strftime("%H:%M"), hours.to.strftime("%H:%M"))
            }),
            Row::UndoSeconds => settings.hold_seconds.map_or_else(String::new, |seconds| seconds.to_string()),
            Row::Keys => match settings.profile {
                KeyProfile::Default => "default",
                KeyProfile::Vim => "vim",
                KeyProfile::Emacs => "emacs",
            }
            .to_owned(),
            Row::Lock => String::new(),
        }
    }

    /// The same for the screen.
    pub fn shown(self, settings: &Settings) -> Shown {
        match self {
            Row::Theme if settings.is_auto_theme => shown!("{AUTO}: {}", settings.auto_theme),
            Row::Lock => Shown::from(if settings.sealed.is_some() { "set" } else { "none" }),
            Row::QuietHours if settings.quiet_hours.is_none() => Shown::from("none"),
            Row::UndoSeconds if settings.hold_seconds.is_none() => Shown::from("the node's own"),
            row => Shown::of(&row.value(settings)),
        }
    }

    /// Takes a value in, and answers what is to be written.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn set(self, settings: &mut Settings, text: &str) -> Result<Option<Set>, String> {
        let text = text.trim();
        let yes = text == "on";
        match self {
            Row::Theme => {
                let is_auto = text == AUTO;
                let name = if is_auto { settings.auto_theme } else { text };
                settings.theme = Theme::load(name).map_err(|e| e.to_string())?;
                settings.is_auto_theme = is_auto;
            }
            Row::Mouse => settings.mouse = yes,
            Row::Bell => settings.bell = yes,
            Row::Words => settings.words = yes,
            Row::Privacy => settings.privacy = yes,
            Row::Notify => {
                settings.notify = match text {
                    "osc9" => Notify::Osc9,
                    "osc777" => Notify::Osc777,
                    _ => Notify::Off,
                };
            }
            Row::NotifyWhen => {
                settings.notify_when = if text == "always" { NotifyWhen::Always } else { NotifyWhen::Unfocused };
            }
            Row::QuietHours if text.is_empty() => {
                settings.quiet_hours = None;
                return Ok(None);
            }
            Row::QuietHours => {
                settings.quiet_hours = Some(text.parse::<QuietHours>().map_err(|why| format!("this {why}"))?);
            }
            Row::UndoSeconds => {
                let seconds: u32 = text.parse().ok().filter(|s| *s <= 30).ok_or("a whole number from 0 to 30")?;
                settings.hold_seconds = Some(seconds);
                return Ok(Some(Set::Whole(i64::from(seconds))));
            }
            Row::Keys => {
                settings.profile = match text {
                    "vim" => KeyProfile::Vim,
                    "emacs" => KeyProfile::Emacs,
                    _ => KeyProfile::Default,
                };
                settings.rebuild_keymap();
            }
            Row::Lock => {}
        }
        Ok(Some(match self.change() {
            Change::Toggle => Set::YesNo(yes),
            _ => Set::Text(text.to_owned()),
        }))
    }
}
