//! What the console is told when it starts, and why it may not start.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::app::{Files, Settings};
use super::drafts::Drafts;
use super::keymap::{Fault, Keymap};
use super::msg::Msg;
use super::shown::Shown;
use super::theme::{self, BadTheme, Theme};
use super::widgets::chart::Marks;
use crate::config::{self, Charts, KeyProfile, Notify, NotifyWhen, Origins, QuietHours};
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
    /// A theme's name, the path of a .toml file, or `auto`: what suits the terminal. That too when absent.
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
    /// Queries of the inbox under keys of their own.
    pub views: Vec<String>,
    /// Spell delivery ticks out.
    pub words: bool,
    /// What charts are made of.
    pub charts: Charts,
    /// Mask numbers and message texts.
    pub privacy: bool,
    /// What opens files of messages, with its arguments; the system's own program when empty.
    pub opener: Vec<String>,
    /// Which keys there are to begin with.
    pub profile: KeyProfile,
    /// Where the values of the settings come from.
    pub origins: Origins,
    /// The settings file that the console may write.
    pub config: Option<PathBuf>,
    /// The file that holds what is kept of the lock's passphrase.
    pub lock: Option<PathBuf>,
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
            views: Vec::new(),
            words: false,
            charts: Charts::Braille,
            privacy: false,
            opener: Vec::new(),
            profile: KeyProfile::Default,
            origins: Origins::new(),
            config: None,
            lock: None,
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
        let told = |name: &str| std::env::var(name).ok();
        let auto_theme = theme::auto(told("NO_COLOR").as_deref(), told("COLORFGBG").as_deref());
        let chosen = self.theme.as_deref().filter(|name| *name != theme::AUTO);
        let (mut keymap, mut faults) = Keymap::of_profile(self.profile);
        let mut own_keys = String::new();
        if let Some(path) = &self.keymap {
            let file = path.display().to_string();
            match std::fs::read_to_string(path) {
                Ok(text) => {
                    faults.extend(keymap.lay_over(&file, &text));
                    own_keys = text;
                }
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => faults.push(Fault { file, line: 1, what: e.to_string() }),
            }
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros());
        let settings = Settings {
            keymap,
            theme: Theme::load(chosen.unwrap_or(auto_theme))?,
            is_auto_theme: chosen.is_none(),
            auto_theme,
            views: self.views.clone(),
            words: self.words,
            marks: self.marks(),
            mouse: self.mouse,
            bell: self.bell,
            notify: self.notify,
            notify_when: self.notify_when,
            quiet_hours: self.quiet_hours,
            hold_seconds: self.hold_seconds,
            privacy: self.privacy,
            opener: self.opener.clone(),
            profile: self.profile,
            own_keys,
            sealed: self.lock.as_deref().and_then(|path| std::fs::read_to_string(path).ok()),
            origins: self.origins.clone(),
            files: Files { config: self.config.clone(), keymap: self.keymap.clone(), lock: self.lock.clone() },
            first_run: self.is_first_run(),
            response_target: self.response_target,
            seed: format!("{:x}-{now:x}", std::process::id()),
        };
        Ok((settings, faults))
    }

    fn marks(&self) -> Marks {
        match self.charts {
            Charts::Auto => {
                let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
                let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| var(name)).unwrap_or_default();
                Marks::of_terminal(&var("TERM").unwrap_or_default(), &locale)
            }
            Charts::Braille => Marks::Braille,
            Charts::Blocks => Marks::Blocks,
            Charts::Ascii => Marks::Ascii,
        }
    }

    /// Whether this agent has written nothing here before: the file of drafts comes with the first.
    fn is_first_run(&self) -> bool {
        self.state_dir.as_ref().is_some_and(|dir| !Drafts::path(dir, &self.agent).exists())
    }
}

/// Seals the lock's passphrase and keeps it; an empty one takes it away. Blocks: it is dear on purpose.
pub(super) fn keep_lock(path: Option<&Path>, passphrase: &str) -> Msg {
    let sealed = if passphrase.is_empty() { None } else { config::lock::seal(passphrase) };
    if sealed.is_none() && !passphrase.is_empty() {
        return Msg::Trouble("the system gives no randomness: the passphrase was not set".into());
    }
    match path.map_or(Ok(()), |path| config::lock::keep(path, sealed.as_deref())) {
        Ok(()) => Msg::Sealed(sealed),
        Err(e) => Msg::Trouble(Shown::from(format!("the passphrase was not set: {e}"))),
    }
}
