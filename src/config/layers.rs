//! The layers in their order: the file, then the environment, then flags, each checked by itself so
//! that a complaint names the line or the variable at fault.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::de::DeTable;
use toml::{Table, Value};

use super::error::ConfigError;
use super::keys::{Key, Kind, keys, nearest};
use super::origin::{self, Origins};
use super::paths::Places;
use super::settings::Config;
use super::{Env, Flags};

/// The file to read: the one named by flag or `SWITCHBOARD_CONFIG`, which must be there, else the
/// usual one if it is.
pub(super) fn find_file(flags: &Flags, env: Env<'_>, places: &Places) -> Result<Option<PathBuf>, ConfigError> {
    if let Some(named) = flags.config.clone().or_else(|| env("SWITCHBOARD_CONFIG").map(PathBuf::from)) {
        return Ok(Some(named));
    }
    let usual = places.config.join("config.toml");
    match usual.try_exists() {
        Ok(there) => Ok(there.then_some(usual)),
        Err(e) => Err(ConfigError::Unreadable { path: usual, why: e.to_string() }),
    }
}

/// Reads all layers into one.
pub(super) fn merge(file: Option<&Path>, flags: &Flags, env: Env<'_>) -> Result<(Config, Origins), ConfigError> {
    let mut all = match file {
        Some(path) => read_file(path, env)?,
        None => Table::new(),
    };
    let origins = origin::origins(&all, flags, env);
    for secret in keys().iter().filter(|k| k.is_secret()) {
        take_secret_from_env(&mut all, secret, env)?;
    }
    for key in keys().iter().filter(|k| k.secret_of().is_none()) {
        let name = key.env();
        if let Some(text) = env(&name) {
            put(&mut all, key, from_text(key, &text, &name)?, &name)?;
        }
    }
    for (section, name, value, flag) in
        [("console", "agent", &flags.agent, "--agent"), ("server", "listen", &flags.listen, "--listen")]
    {
        let key = keys().iter().find(|k| k.section == section && k.name == name);
        if let (Some(key), Some(text)) = (key, value) {
            put(&mut all, key, from_text(key, text, flag)?, flag)?;
        }
    }
    let config = Config::deserialize(Value::Table(all)).map_err(|e| ConfigError::BadValue {
        place: "the settings".to_owned(),
        key: "config".to_owned(),
        why: format!("cannot be put together: {}", e.message()),
    })?;
    Ok((config, origins))
}

/// However the environment gives a secret, it wins over every way a file gives it; within the
/// environment the secret itself wins over a file, and a file over a command.
fn take_secret_from_env(all: &mut Table, secret: &Key, env: Env<'_>) -> Result<(), ConfigError> {
    let mut ways = keys().iter().filter(|k| k.secret_of().as_deref() == Some(&secret.name)).collect::<Vec<_>>();
    ways.sort_by_key(|k| [k.is_secret(), k.name.ends_with("_file")].map(std::cmp::Reverse));
    let Some((key, text)) = ways.iter().find_map(|key| Some((key, env(&key.env())?))) else { return Ok(()) };
    if let Some(section) = all.get_mut(&secret.section).and_then(Value::as_table_mut) {
        section.retain(|name, _| !ways.iter().any(|way| way.name == *name));
    }
    put(all, key, Value::String(text.trim().to_owned()), &key.env())
}

fn read_file(path: &Path, env: Env<'_>) -> Result<Table, ConfigError> {
    let unreadable = |e: std::io::Error| ConfigError::Unreadable { path: path.to_owned(), why: e.to_string() };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let line = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let syntax = |e: &toml::de::Error| ConfigError::Syntax {
        path: path.to_owned(),
        line: e.span().map_or(1, |s| line(s.start)),
        why: e.message().lines().next().unwrap_or_default().to_owned(),
    };
    let spans = DeTable::parse(&text).map_err(|e| syntax(&e))?;
    let values: Table = toml::from_str(&text).map_err(|e| syntax(&e))?;
    let unknown = |offset: usize, key: String, hint| ConfigError::UnknownKey {
        path: path.to_owned(),
        line: line(offset),
        key,
        hint,
    };
    let mut all = Table::new();
    for (section, inner) in spans.get_ref().iter() {
        let section_name = section.get_ref().as_ref();
        let (Some(inner), true) = (inner.get_ref().as_table(), keys().iter().any(|k| k.section == section_name)) else {
            let sections = keys().iter().map(|k| k.section.clone());
            let full = keys().iter().map(Key::full);
            let hint = nearest(section_name, sections).or_else(|| nearest(section_name, full));
            return Err(unknown(section.span().start, section_name.to_owned(), hint));
        };
        for name in inner.keys() {
            let full = format!("{section_name}.{}", name.get_ref());
            let Some(key) = keys().iter().find(|k| k.full() == full) else {
                let here = keys().iter().filter(|k| k.section == section_name).map(Key::full);
                let hint = nearest(&full, here).or_else(|| nearest(&full, keys().iter().map(Key::full)));
                return Err(unknown(name.span().start, full, hint));
            };
            let Some(value) = values.get(section_name).and_then(|s| s.get(name.get_ref().as_ref())) else { continue };
            if key.is_secret() {
                refuse_open_file(path, key)?;
            }
            let place = format!("{}, line {}", path.display(), line(name.span().start));
            put(&mut all, key, located(key, value, path, env), &place)?;
        }
    }
    Ok(all)
}

/// Whoever can read the file can send in the business's name: only its owner may.
fn refuse_open_file(path: &Path, key: &Key) -> Result<(), ConfigError> {
    let meta =
        std::fs::metadata(path).map_err(|e| ConfigError::Unreadable { path: path.to_owned(), why: e.to_string() })?;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o177 == 0 {
        return Ok(());
    }
    Err(ConfigError::OpenFile { path: path.to_owned(), mode, key: key.full() })
}

/// A path in a file counts from that file; `~/` is the home directory.
fn located(key: &Key, value: &Value, file: &Path, env: Env<'_>) -> Value {
    let (true, Some(text)) = (key.is_path(), value.as_str()) else { return value.clone() };
    let path = match (text.strip_prefix("~/"), env("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => file.parent().unwrap_or(Path::new("")).join(text),
    };
    Value::String(path.to_string_lossy().into_owned())
}

fn from_text(key: &Key, text: &str, place: &str) -> Result<Value, ConfigError> {
    let bad = |why: &str| ConfigError::BadValue { place: place.to_owned(), key: key.full(), why: why.to_owned() };
    Ok(match key.kind {
        Kind::Text => Value::String(text.to_owned()),
        Kind::Whole => Value::Integer(text.trim().parse().map_err(|_| bad(Kind::Whole.expected()))?),
        Kind::YesNo => match text.trim().to_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Value::Boolean(true),
            "0" | "false" | "no" | "off" => Value::Boolean(false),
            _ => return Err(bad(Kind::YesNo.expected())),
        },
        Kind::List => Value::Array(
            text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(|t| Value::String(t.to_owned())).collect(),
        ),
    })
}

/// Checks one value by itself and lays it over what is there.
fn put(all: &mut Table, key: &Key, value: Value, place: &str) -> Result<(), ConfigError> {
    let bad = |why: String| ConfigError::BadValue { place: place.to_owned(), key: key.full(), why };
    let fits = match key.kind {
        Kind::Text => value.is_str(),
        Kind::Whole => value.is_integer(),
        Kind::YesNo => value.is_bool(),
        Kind::List => value.as_array().is_some_and(|a| a.iter().all(Value::is_str)),
    };
    if !fits {
        return Err(bad(key.kind.expected().to_owned()));
    }
    let alone =
        Table::from_iter([(key.section.clone(), Value::Table(Table::from_iter([(key.name.clone(), value.clone())])))]);
    let config = Config::deserialize(Value::Table(alone)).map_err(|e| bad(format!("is not right: {}", e.message())))?;
    check(key, &config).map_err(|why| bad(why.to_owned()))?;
    let section = all.entry(key.section.clone()).or_insert_with(|| Value::Table(Table::new()));
    if let Some(section) = section.as_table_mut() {
        section.insert(key.name.clone(), value);
    }
    Ok(())
}

/// What the types alone do not say.
fn check(key: &Key, config: &Config) -> Result<(), &'static str> {
    let has = |sid: Option<crate::domain::id::Sid>, prefix: &[u8; 2]| sid.is_none_or(|s| &s.prefix == prefix);
    let web = |url: &Option<url::Url>| {
        url.as_ref().is_none_or(|u| {
            ["http", "https"].contains(&u.scheme())
                && u.host().is_some()
                && u.query().is_none()
                && u.fragment().is_none()
                && u.username().is_empty()
                && u.password().is_none()
        })
    };
    let ok = match key.full().as_str() {
        "twilio.account_sid" if !has(config.twilio.account_sid, b"AC") => "takes an account SID: it begins with AC",
        "twilio.api_key" if !has(config.twilio.api_key, b"SK") => "takes an API key's SID: it begins with SK",
        "twilio.verify_service_sid" if !has(config.twilio.verify_service_sid, b"VA") => {
            "takes a Verify service's SID: it begins with VA"
        }
        "twilio.base_url" if !web(&config.twilio.base_url) => "takes an address such as http://127.0.0.1:4010",
        "server.public_url" if !web(&config.server.public_url) => "takes an address such as https://desk.example.com",
        "limits.hold_seconds" if config.limits.hold_seconds > 30 => "is from 0 to 30 seconds",
        "limits.pace" if !config.limits.pace.is_none_or(|pace| (1..=1000).contains(&pace)) => {
            "is from 1 to 1000 segments a second"
        }
        "limits.media_mb" if !(10..=1_000_000).contains(&config.limits.media_mb) => "is from 10 to 1000000 MiB",
        "limits.intake_backlog" if !(1_000..=100_000_000).contains(&config.limits.intake_backlog) => {
            "is from 1000 to 100000000 webhooks"
        }
        "store.cache_mb" if !(1..=65_536).contains(&config.store.cache_mb) => "is from 1 to 65536 MiB",
        "console.agent" if !config.console.agent.as_deref().is_some_and(is_handle) => {
            "takes a handle: 1 to 32 lower-case letters, digits, `-`, `_` or `.`"
        }
        "log.level" if config.log.level.parse::<tracing_subscriber::filter::Targets>().is_err() => {
            "takes error, warn, info, debug, trace, or directives such as info,switchboard::web=debug"
        }
        _ => return Ok(()),
    };
    Err(ok)
}

fn is_handle(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
}
