//! References to secrets that are not settings: kept in the store, where no secret is.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::ConfigError;
use super::secret::{fetch, trimmed};

/// A command may take so long.
const PATIENCE: Duration = Duration::from_secs(30);
/// So many bytes of what a command prints are read.
const LONGEST: u64 = 4096;

/// Where a secret is found that is not a setting: `env:NAME`, `file:/PATH` or `cmd:COMMAND`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// An environment variable of the node.
    Variable(String),
    /// A file, by its whole path.
    File(std::path::PathBuf),
    /// A shell command that prints it.
    Command(String),
}

impl Reference {
    /// Reads a reference; fetches nothing.
    ///
    /// # Errors
    /// A sentence. It repeats nothing of what was given, which may have been the secret itself.
    pub fn read(text: &str) -> Result<Reference, String> {
        let (kind, rest) = text.split_once(':').unwrap_or_default();
        let rest = rest.trim();
        match kind {
            "env" if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
                Ok(Reference::Variable(rest.to_owned()))
            }
            "file" if rest.starts_with('/') => Ok(Reference::File(rest.into())),
            "file" => Err("a file is named by its whole path, such as file:/run/secrets/harbor_token".to_owned()),
            "cmd" if !rest.is_empty() => Ok(Reference::Command(rest.to_owned())),
            _ => {
                Err("say where the token is found, never the token itself: env:NAME, file:/PATH or cmd:COMMAND"
                    .to_owned())
            }
        }
    }

    /// Fetches the secret. May run a command, and wait for it, but not for ever.
    ///
    /// # Errors
    /// A sentence without anything of the secret.
    pub fn fetch(&self) -> Result<SecretString, ConfigError> {
        const KEY: &str = "auth_token";
        let (text, file) = match self {
            Reference::Variable(name) => {
                let missing = || ConfigError::Secret {
                    key: format!("the variable {name}"),
                    why: "is not set in the environment of the node: set it and restart the node".to_owned(),
                };
                let text = std::env::var(name).ok().filter(|text| !text.is_empty()).ok_or_else(missing)?;
                (Some(trimmed(KEY, text)?), None)
            }
            Reference::File(path) => (None, Some(path.clone())),
            Reference::Command(command) => (Some(printed(command, PATIENCE)?), None),
        };
        let missing = || ConfigError::Secret { key: KEY.to_owned(), why: "is missing".to_owned() };
        fetch(KEY, &text, &file, &None)?.ok_or_else(missing)
    }
}

/// What a command prints. It is given no terminal: whoever works at one would be asked in the midst of it.
fn printed(command: &str, patience: Duration) -> Result<SecretString, ConfigError> {
    let key = format!("the command `{command}`");
    let failed = |why: String| ConfigError::Secret { key: key.clone(), why };
    let shell = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut shell = shell.map_err(|e| failed(format!("cannot be run: {e}")))?;
    let end = Instant::now() + patience;
    let status = loop {
        match shell.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                // It is gone already, or cannot be stopped: then it is left behind.
                let _ = shell.kill();
                let _ = shell.wait();
                let seconds = patience.as_secs();
                return Err(failed(format!("did not end within {seconds} seconds: it must not wait for anybody")));
            }
            Err(e) => return Err(failed(format!("cannot be waited for: {e}"))),
        }
    };
    if !status.success() {
        return Err(failed(format!("failed ({status}): try it in a shell")));
    }
    let mut text = String::new();
    // What it has left running may hold its output open: no more is read than a token can have.
    let out = shell.stdout.take().map(|out| out.take(LONGEST));
    let read = out.map_or(Ok(0), |mut out| out.read_to_string(&mut text));
    read.map_err(|_| failed("did not print text".to_owned()))?;
    trimmed(&key, text)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_reference_names_a_place_and_never_repeats_a_secret() {
        assert_eq!(Reference::read("env:HARBOR_TOKEN"), Ok(Reference::Variable("HARBOR_TOKEN".into())));
        assert_eq!(Reference::read("file:/run/x"), Ok(Reference::File("/run/x".into())));
        assert_eq!(Reference::read("cmd:pass show x"), Ok(Reference::Command("pass show x".into())));
        let secret = "00112233445566778899aabbccddeeff";
        for wrong in [secret, "env:", "env:a b", "file:x", "cmd:", "https://x", &format!("env:{secret} ")] {
            match Reference::read(wrong) {
                Ok(found) => assert_eq!(found, Reference::Variable(secret.into())),
                Err(why) => assert!(!why.contains(secret), "{why}"),
            }
        }
    }

    #[test]
    fn what_cannot_be_fetched_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let reference = Reference::File(path.clone());
        assert!(reference.fetch().unwrap_err().to_string().contains("cannot be read"));
        std::fs::write(&path, " abc \n").unwrap();
        assert_eq!(reference.fetch().unwrap().expose_secret(), "abc");
        assert_eq!(Reference::Command("echo abc".into()).fetch().unwrap().expose_secret(), "abc");
        let why = Reference::Command("echo secret; exit 3".into()).fetch().unwrap_err().to_string();
        assert!(why.contains("exit 3") && why.contains("failed (exit status: 3)"), "{why}");
        let waits = printed("exec sleep 60", Duration::from_millis(200)).unwrap_err().to_string();
        assert!(waits.contains("did not end within"), "{waits}");
        let unset = Reference::Variable("SWITCHBOARD_TEST_IS_NEVER_SET".into());
        assert!(unset.fetch().unwrap_err().to_string().contains("is not set"));
    }
}
