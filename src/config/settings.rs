//! The settings themselves. Every public field is a key of the file; its doc comment is its meaning.

use std::borrow::Cow;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::error::ConfigError;
use crate::domain::address::Address;
use crate::domain::id::Sid;
use crate::domain::pricing::RateCard;

/// All settings. `config.example.toml` explains each.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The Twilio account.
    pub twilio: Twilio,
    /// Where this node listens and how the outside reaches it.
    pub server: Server,
    /// The database.
    pub store: Store,
    /// The console on this terminal.
    pub console: Console,
    /// What messages are expected to cost.
    pub pricing: Pricing,
    /// Bounds.
    pub limits: Limits,
    /// The log.
    pub log: Log,
}

/// `[twilio]`. Without an account, the built-in sandbox is used.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Twilio {
    /// `AC...`: the account.
    #[serde(deserialize_with = "parsed")]
    #[schemars(with = "Option<String>")]
    pub account_sid: Option<Sid>,
    /// The account's auth token: it also proves that webhooks come from Twilio.
    #[schemars(with = "Option<String>")]
    pub auth_token: Option<SecretString>,
    /// A file that holds the auth token.
    pub auth_token_file: Option<PathBuf>,
    /// A shell command that prints the auth token.
    pub auth_token_cmd: Option<String>,
    /// The account's other auth token during a rotation: webhooks signed with it are accepted, too.
    #[schemars(with = "Option<String>")]
    pub other_auth_token: Option<SecretString>,
    /// A file that holds the other auth token.
    pub other_auth_token_file: Option<PathBuf>,
    /// A shell command that prints the other auth token.
    pub other_auth_token_cmd: Option<String>,
    /// `SK...`: an API key for calls, instead of the auth token.
    #[serde(deserialize_with = "parsed")]
    #[schemars(with = "Option<String>")]
    pub api_key: Option<Sid>,
    /// The API key's secret.
    #[schemars(with = "Option<String>")]
    pub api_secret: Option<SecretString>,
    /// A file that holds the API key's secret.
    pub api_secret_file: Option<PathBuf>,
    /// A shell command that prints the API key's secret.
    pub api_secret_cmd: Option<String>,
    /// The number that the default business texts from.
    #[serde(deserialize_with = "parsed")]
    #[schemars(with = "Option<String>")]
    pub phone_number: Option<Address>,
    /// `VA...`: the Verify service of the default business.
    #[serde(deserialize_with = "parsed")]
    #[schemars(with = "Option<String>")]
    pub verify_service_sid: Option<Sid>,
    /// Twilio edge, e.g. `dublin`.
    pub edge: Option<String>,
    /// Twilio region, e.g. `ie1`.
    pub region: Option<String>,
    /// A sandbox on this machine that stands in for Twilio.
    #[serde(deserialize_with = "parsed")]
    #[schemars(with = "Option<String>")]
    pub base_url: Option<Url>,
}

/// `[server]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port. Absent: in the sandbox a free port that is kept, live [`Server::LIVE_LISTEN`].
    #[serde(deserialize_with = "parsed")]
    #[schemars(with = "Option<String>")]
    pub listen: Option<SocketAddr>,
    /// How Twilio reaches this node. Absent: no webhooks; the console polls.
    #[serde(deserialize_with = "parsed")]
    #[schemars(with = "Option<String>")]
    pub public_url: Option<Url>,
    /// Ask Twilio now and then instead of being called, also where it could reach this node.
    pub polling: bool,
    /// Proxies whose `X-Forwarded-*` headers are believed.
    #[serde(deserialize_with = "networks")]
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpNet>,
}

impl Server {
    /// Where a live node listens when nothing is said: a fixed port, for a proxy to point at.
    pub const LIVE_LISTEN: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1)), 8484);
}

/// `[store]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// The database file. Absent: in the state directory.
    pub path: Option<PathBuf>,
    /// Memory for the database's pages, in MiB.
    pub cache_mb: u32,
}

impl Default for Store {
    fn default() -> Store {
        Store { path: None, cache_mb: 16 }
    }
}

/// `[console]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    /// Your handle: what colleagues see. Absent: your login name.
    pub agent: Option<String>,
    /// Name of a colour theme; `auto` goes by what the terminal says of itself (NO_COLOR, COLORFGBG).
    pub theme: String,
    /// Whether the mouse selects and scrolls (the terminal's own selection then needs Shift).
    pub mouse: bool,
    /// Whether a new message rings the terminal's bell.
    pub bell: bool,
    /// How desktop notifications are asked for.
    pub notify: Notify,
    /// When desktop notifications are asked for.
    pub notify_when: NotifyWhen,
    /// When bell and notifications are silent, as `22:00-07:00` in this machine's zone.
    #[serde(deserialize_with = "parsed")]
    #[schemars(with = "Option<String>")]
    pub quiet_hours: Option<QuietHours>,
    /// Which keys there are to begin with: `default`, `vim` or `emacs`.
    pub keys: KeyProfile,
    /// A file of key bindings laid over those.
    pub keymap: Option<PathBuf>,
    /// Queries of the inbox that the keys 7, 8 and 9 show.
    pub views: Vec<String>,
    /// Delivery ticks as words instead of glyphs.
    pub words: bool,
    /// What charts are made of: `auto` (by `TERM`), `braille`, `blocks` or `ascii`.
    pub charts: Charts,
    /// Whether numbers and message texts are masked on the screen, for when others look on.
    pub privacy: bool,
    /// The program that opens files of messages, with its arguments; the file comes last. Absent: the system's own.
    pub opener: Vec<String>,
}

impl Default for Console {
    fn default() -> Console {
        Console {
            agent: None,
            theme: "auto".into(),
            mouse: true,
            bell: true,
            notify: Notify::Off,
            notify_when: NotifyWhen::Unfocused,
            quiet_hours: None,
            keys: KeyProfile::Default,
            keymap: None,
            views: Vec::new(),
            words: false,
            charts: Charts::Auto,
            privacy: false,
            opener: Vec::new(),
        }
    }
}

/// Which keys there are to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyProfile {
    /// Letters and arrows.
    #[default]
    Default,
    /// As in vim.
    Vim,
    /// As in Emacs.
    Emacs,
}

/// What charts are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Charts {
    /// What the terminal can be trusted with.
    #[default]
    Auto,
    /// Braille dots.
    Braille,
    /// Blocks, for fonts without braille.
    Blocks,
    /// Letters and signs.
    Ascii,
}

/// How desktop notifications are asked for. The terminal shows them, also over SSH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Notify {
    /// None.
    #[default]
    Off,
    /// The sequence of iTerm2, WezTerm, Windows Terminal.
    Osc9,
    /// The sequence of rxvt-unicode, foot, Ghostty.
    Osc777,
}

/// When desktop notifications are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NotifyWhen {
    /// While another window has the focus, as far as the terminal tells.
    #[default]
    Unfocused,
    /// At every new message.
    Always,
}

/// A daily stretch of time, possibly over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// Its beginning, included.
    pub from: jiff::civil::Time,
    /// Its end, excluded.
    pub to: jiff::civil::Time,
}

impl QuietHours {
    /// Whether `now` lies in it.
    pub fn holds(self, now: jiff::civil::Time) -> bool {
        if self.from <= self.to { self.from <= now && now < self.to } else { self.from <= now || now < self.to }
    }
}

impl FromStr for QuietHours {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<QuietHours, &'static str> {
        let read = || {
            let (from, to) = text.split_once('-')?;
            let time = |t: &str| jiff::civil::Time::strptime("%H:%M", t.trim()).ok();
            Some(QuietHours { from: time(from)?, to: time(to)? })
        };
        read().ok_or("is two times such as 22:00-07:00")
    }
}

/// `[pricing]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Pricing {
    /// A file of rates laid over the built-in ones.
    pub rates: Option<PathBuf>,
}

impl Pricing {
    /// The rate card: the file's over the built-in one.
    ///
    /// # Errors
    /// A sentence that names the file and what is wrong with it.
    pub fn card(&self) -> Result<RateCard, ConfigError> {
        let Some(path) = &self.rates else { return Ok(RateCard::ours().clone()) };
        let text = std::fs::read_to_string(path)
            .map_err(|e| ConfigError::Unreadable { path: path.clone(), why: e.to_string() })?;
        let card =
            RateCard::read(&text).map_err(|e| ConfigError::Unreadable { path: path.clone(), why: e.to_string() })?;
        Ok(card.over(RateCard::ours()))
    }
}

/// `[limits]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Seconds in which a sent message can be taken back (0 to 30).
    #[schemars(range(min = 0, max = 30))]
    pub hold_seconds: u32,
    /// Segments a second of senders whose endpoint says nothing. Absent: what Twilio lets their kind send.
    #[schemars(range(min = 1, max = 1000))]
    pub pace: Option<u32>,
    /// Webhooks that may wait to be applied; more are answered 503 and Twilio tries again.
    #[schemars(range(min = 1000, max = 100_000_000))]
    pub intake_backlog: u64,
    /// MiB that pictures and other files of messages may take; the oldest make room (10 to 1000000).
    #[schemars(range(min = 10, max = 1_000_000))]
    pub media_mb: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { hold_seconds: 5, pace: None, intake_backlog: 1_000_000, media_mb: 1024 }
    }
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,switchboard::web=debug`.
    pub level: String,
    /// A file to write to instead of the state directory's own, which is changed daily.
    pub file: Option<PathBuf>,
    /// Write message texts, codes and numbers in full. Only for a test system.
    pub show_private: bool,
}

impl Default for Log {
    fn default() -> Log {
        Log { level: "info".into(), file: None, show_private: false }
    }
}

fn parsed<'de, D, T>(d: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = Cow::<'de, str>::deserialize(d)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

/// A lone address is a network of one.
fn networks<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(d)?;
    let read = |t: &String| {
        let net = t.parse().or_else(|_| t.parse::<std::net::IpAddr>().map(IpNet::from));
        net.map_err(|_| serde::de::Error::custom(format!("`{t}` is no address or network such as 10.0.0.0/8")))
    };
    texts.iter().map(read).collect()
}
