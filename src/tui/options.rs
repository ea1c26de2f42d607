//! What the console is told when it starts, and why it may not start.

use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::app::Settings;
use super::keymap::{Fault, Keymap};
use super::theme::{BadTheme, Theme};
use crate::config::{Notify, NotifyWhen, QuietHours};
use crate::domain::id::Id;
use crate::domain::time::Span;

/// How the console shall be.
#[derive(Debug, Clone)]
pub struct Options {
    /// The agent's handle: names the file of drafts; the node has the last word on who calls.
    pub agent: String,
    /// The business to show first; the caller's default when absent.
    pub business: Option<Id>,
    /// Where drafts are kept; nowhere when absent.
    pub state_dir: Option<PathBuf>,
    /// The user's keymap, laid over ours; a missing file is no fault.
    pub keymap: Option<PathBuf>,
    /// A theme's name or the path of a .toml file; `mono` with NO_COLOR, else `dark`, when absent.
    pub theme: Option<String>,
    /// Capture the mouse.
    pub mouse: bool,
    /// Ring the bell when a customer writes.
    pub bell: bool,
    /// How to show a notification of the desktop when a customer writes.
    pub notify: Notify,
    /// When to show it.
    pub notify_when: NotifyWhen,
    /// When bell and notifications are silent, by this machine's clock.
    pub quiet_hours: Option<QuietHours>,
    /// Spell delivery ticks out.
    pub words: bool,
    /// Seconds in which a message can be taken back (0 to 30); the node's own when absent.
    pub hold_seconds: Option<u32>,
    /// How soon a customer should be answered: what the timers in the list count down to.
    pub response_target: Span,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            agent: "agent".to_owned(),
            business: None,
            state_dir: None,
            keymap: None,
            theme: None,
            mouse: true,
            bell: true,
            notify: Notify::Off,
            notify_when: NotifyWhen::Unfocused,
            quiet_hours: None,
            words: false,
            hold_seconds: None,
            response_target: Span::secs(15 * 60),
        }
    }
}

/// Why the console cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Input or output is a file or a pipe.
    #[error(
        "this is no terminal: run the console in one, or use a command such as `switchboard conversations list --json`"
    )]
    NoTerminal,
    /// The terminal failed.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
    /// The theme cannot be used.
    #[error(transparent)]
    Theme(#[from] BadTheme),
    /// Some part of the program panicked; the terminal was given back.
    #[error("a part of the program failed; what it said stands above. Nothing that was accepted is lost")]
    Panicked,
}

impl Options {
    /// The settings, and what is wrong in the user's keymap.
    pub fn settings(&self) -> Result<(Settings, Vec<Fault>), Error> {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let theme = self.theme.as_deref().unwrap_or(if no_color { "mono" } else { "dark" });
        let (mut keymap, mut faults) = Keymap::ours();
        if let Some(path) = &self.keymap {
            let file = path.display().to_string();
            match std::fs::read_to_string(path) {
                Ok(text) => faults.extend(keymap.lay_over(&file, &text)),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => faults.push(Fault { file, line: 1, what: e.to_string() }),
            }
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros());
        let settings = Settings {
            keymap,
            theme: Theme::load(theme)?,
            words: self.words,
            mouse: self.mouse,
            bell: self.bell,
            notify: self.notify,
            notify_when: self.notify_when,
            quiet_hours: self.quiet_hours,
            hold_seconds: self.hold_seconds,
            response_target: self.response_target,
            seed: format!("{:x}-{now:x}", std::process::id()),
        };
        Ok((settings, faults))
    }
}
