//! The log: one file a day in the state directory, or JSON lines on stderr for a node without a
//! screen. Never stdout, which belongs to the console and to replies.
//!
//! Texts of customers, one-time codes and numbers are personal: wrap them in [`Body`], [`Code`] or
//! [`Number`] wherever they are logged. They come out masked unless `log.show_private` is set.

use std::fmt;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::Log;

/// Days of log that are kept.
pub const KEPT_FILES: usize = 7;

static SHOW_PRIVATE: AtomicBool = AtomicBool::new(false);

/// Where the log goes.
#[derive(Debug, Clone, Copy)]
pub enum Output<'a> {
    /// Into files of this directory (or the one file that the settings name).
    Files(&'a Path),
    /// As JSON lines to stderr (or into the file that the settings name).
    Stderr,
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be opened.
    #[error("the log cannot be written in {place}: {why}")]
    Unwritable {
        /// File or directory.
        place: String,
        /// The system's reason.
        why: String,
    },
    /// `log.level` is no filter.
    #[error("`log.level` is not right: {0}")]
    Level(String),
    /// This process logs already.
    #[error("the log was started twice")]
    Twice,
}

/// Keeps the log going; what is still in memory is written when it is dropped.
#[derive(Debug)]
#[must_use = "the log ends when this is dropped"]
pub struct Logging(#[allow(dead_code)] WorkerGuard);

/// Starts the log of this process.
///
/// # Errors
/// A sentence when the file cannot be opened or the level is not understood.
pub fn start(log: &Log, output: Output<'_>) -> Result<Logging, LogError> {
    // To warp a caller who hangs up in the middle is an error; to us it is not one, and callers do it often.
    let level = format!("{},warp::server::run=off", log.level);
    let filter: Targets = level.parse().map_err(|e: ParseError| LogError::Level(e.to_string()))?;
    SHOW_PRIVATE.store(log.show_private, Ordering::Relaxed);
    let unwritable = |place: &Path, why: String| LogError::Unwritable { place: place.display().to_string(), why };
    let (writer, guard) = match (&log.file, output) {
        (Some(path), _) => {
            let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
            tracing_appender::non_blocking(opened.map_err(|e| unwritable(path, e.to_string()))?)
        }
        (None, Output::Files(dir)) => {
            let daily = RollingFileAppender::builder()
                .rotation(Rotation::DAILY)
                .filename_prefix("switchboard")
                .filename_suffix("log")
                .max_log_files(KEPT_FILES)
                .build(dir);
            tracing_appender::non_blocking(daily.map_err(|e| unwritable(dir, e.to_string()))?)
        }
        (None, Output::Stderr) => tracing_appender::non_blocking(std::io::stderr()),
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let lines = match output {
        Output::Stderr => lines.json().boxed(),
        Output::Files(_) => lines.boxed(),
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(tracing_error::ErrorLayer::default())
        .try_init()
        .map_err(|_| LogError::Twice)?;
    Ok(Logging(guard))
}

/// A message's text: its length in characters is shown.
#[derive(Clone, Copy)]
pub struct Body<'a>(pub &'a str);

/// A one-time code: nothing of it is shown, not even its length.
#[derive(Clone, Copy)]
pub struct Code<'a>(pub &'a str);

/// A phone number or another address: its beginning and its last two characters are shown.
#[derive(Clone, Copy)]
pub struct Number<'a>(pub &'a str);

fn shown() -> bool {
    SHOW_PRIVATE.load(Ordering::Relaxed)
}

impl Body<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>, shown: bool) -> fmt::Result {
        if shown { write!(f, "{:?}", self.0) } else { write!(f, "<{} characters>", self.0.chars().count()) }
    }
}

impl Code<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>, shown: bool) -> fmt::Result {
        if shown { write!(f, "{:?}", self.0) } else { f.write_str("<code>") }
    }
}

impl Number<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>, shown: bool) -> fmt::Result {
        let count = self.0.chars().count();
        if shown {
            return write!(f, "{}", self.0.escape_debug());
        }
        // A channel's name (`whatsapp:`) is not personal; of the rest, too little stays to tell who it is.
        let (channel, rest) = self.0.split_at(self.0.find(':').map_or(0, |i| i + 1));
        let keep = if count > 8 { (3, 2) } else { (0, 0) };
        let rest_count = rest.chars().count();
        let head: String = rest.chars().take(keep.0).collect();
        let tail: String = rest.chars().skip(rest_count.saturating_sub(keep.1)).collect();
        write!(f, "{}{}…{}", channel.escape_debug(), head.escape_debug(), tail.escape_debug())
    }
}

macro_rules! masked {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.write(f, shown())
            }
        }
        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.write(f, shown())
            }
        }
    )*};
}

masked!(Body, Code, Number);

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes with a setting of its own, because the real one belongs to the process.
    struct With<T: Fn(&mut fmt::Formatter<'_>) -> fmt::Result>(T);

    impl<T: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for With<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (self.0)(f)
        }
    }

    #[test]
    fn private_text_is_masked_unless_told_otherwise() {
        assert_eq!(Body("Hi Maria 👋").to_string(), "<10 characters>");
        assert_eq!(format!("{:?}", Code("123456")), "<code>");
        assert_eq!(Number("+14155550123").to_string(), "+14…23");
        assert_eq!(Number("whatsapp:+14155550123").to_string(), "whatsapp:+14…23");
        assert_eq!(Number("72975").to_string(), "…");
        assert_eq!(With(|f| Body("a\u{1b}[2J").write(f, true)).to_string(), "\"a\\u{1b}[2J\"");
        assert_eq!(With(|f| Number("+1415\n").write(f, true)).to_string(), "+1415\\n");
        assert_eq!(With(|f| Code("12").write(f, true)).to_string(), "\"12\"");
    }

    #[test]
    fn the_log_of_today_has_what_was_said_and_not_who() {
        let dir = tempfile::tempdir().unwrap();
        let logging = start(&Log::default(), Output::Files(dir.path())).unwrap();
        tracing::info!(to = %Number("+14155550123"), "a text was sent");
        tracing::debug!("not at this level");
        drop(logging);
        let files: Vec<_> = std::fs::read_dir(dir.path()).unwrap().flatten().map(|f| f.path()).collect();
        let [file] = &files[..] else { panic!("{files:?}") };
        let name = file.file_name().unwrap().to_string_lossy();
        assert!(name.starts_with("switchboard.") && name.ends_with(".log"), "{name}");
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("a text was sent to=+14…23") && !text.contains("0123"), "{text}");
        assert!(!text.contains("not at this level"));
        assert!(matches!(start(&Log::default(), Output::Stderr), Err(LogError::Twice)));
    }

    #[test]
    fn an_error_names_the_file() {
        let log = Log { file: Some("/nowhere/at/all.log".into()), ..Log::default() };
        let said = start(&log, Output::Stderr).unwrap_err().to_string();
        assert!(said.starts_with("the log cannot be written in /nowhere/at/all.log"), "{said}");
    }
}
