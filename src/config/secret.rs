//! Where secrets come from: the environment, a file, a command, or a config file that only its owner
//! can read. They are fetched when they are needed, so that a command which only asks a running node
//! does not wake a password store.

use std::path::Path;
use std::process::{Command, Stdio};

use secrecy::{ExposeSecret, SecretString};

use super::error::ConfigError;
use super::settings::Twilio;
use crate::domain::id::Sid;

/// What it takes to speak for a Twilio account. `Debug` never shows the secrets.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub account: Sid,
    /// Its auth token: proves webhooks, and calls too when there is no key.
    pub auth_token: SecretString,
    /// The token before or after a rotation, which may still or already sign webhooks.
    pub other_auth_token: Option<SecretString>,
    /// An API key with its secret, preferred for calls.
    pub api_key: Option<(Sid, SecretString)>,
}

impl Twilio {
    /// Fetches the credentials; `None` without an account. May read files and run commands.
    ///
    /// # Errors
    /// A sentence when a file or command does not give its secret, or one half of a pair is missing.
    pub fn credentials(&self) -> Result<Option<Credentials>, ConfigError> {
        self.check_pairs()?;
        let Some(account) = self.account_sid else { return Ok(None) };
        let token = fetch("twilio.auth_token", &self.auth_token, &self.auth_token_file, &self.auth_token_cmd)?;
        let Some(auth_token) = token else { return Err(no_token()) };
        let secret = fetch("twilio.api_secret", &self.api_secret, &self.api_secret_file, &self.api_secret_cmd)?;
        let other_auth_token = fetch(
            "twilio.other_auth_token",
            &self.other_auth_token,
            &self.other_auth_token_file,
            &self.other_auth_token_cmd,
        )?;
        Ok(Some(Credentials { account, auth_token, other_auth_token, api_key: self.api_key.zip(secret) }))
    }

    /// Looks for half-given credentials without fetching anything.
    pub(super) fn check_pairs(&self) -> Result<(), ConfigError> {
        let token = self.auth_token.is_some() || self.auth_token_file.is_some() || self.auth_token_cmd.is_some();
        let secret = self.api_secret.is_some() || self.api_secret_file.is_some() || self.api_secret_cmd.is_some();
        let missing = |key: &str, why: &str| Err(ConfigError::Secret { key: key.to_owned(), why: why.to_owned() });
        match (self.account_sid.is_some(), token, self.api_key.is_some(), secret) {
            (false, false, false, false) | (true, true, true, true) | (true, true, false, false) => Ok(()),
            (false, ..) => missing(
                "twilio.account_sid",
                "is missing, though other credentials are given: set TWILIO_ACCOUNT_SID, or take them all away to use the sandbox",
            ),
            (true, false, ..) => Err(no_token()),
            (_, _, true, false) => missing("twilio.api_secret", "is missing: an API key needs its secret"),
            (_, _, false, true) => missing("twilio.api_key", "is missing: an API secret needs the SID of its key"),
        }
    }
}

fn no_token() -> ConfigError {
    ConfigError::Secret {
        key: "twilio.auth_token".to_owned(),
        why: "is missing: set TWILIO_AUTH_TOKEN, `auth_token_file` or `auth_token_cmd`; an API key alone cannot prove that webhooks come from Twilio".to_owned(),
    }
}

/// A secret by the order file, command, text. One from the environment has already replaced these.
fn fetch(
    key: &str,
    text: &Option<SecretString>,
    file: &Option<std::path::PathBuf>,
    cmd: &Option<String>,
) -> Result<Option<SecretString>, ConfigError> {
    let secret = match (file, cmd, text) {
        (Some(file), ..) => from_file(key, file)?,
        (None, Some(cmd), _) => from_command(key, cmd)?,
        (None, None, Some(text)) => text.clone(),
        (None, None, None) => return Ok(None),
    };
    if secret.expose_secret().chars().any(|c| c.is_control() || c.is_whitespace()) {
        let why = "holds spaces, several lines or control characters: is it the secret alone?".to_owned();
        return Err(ConfigError::Secret { key: key.to_owned(), why });
    }
    Ok(Some(secret))
}

fn trimmed(key: &str, text: String) -> Result<SecretString, ConfigError> {
    let secret = SecretString::from(text.trim());
    drop(SecretString::from(text));
    if secret.expose_secret().is_empty() {
        return Err(ConfigError::Secret { key: key.to_owned(), why: "is empty".to_owned() });
    }
    Ok(secret)
}

fn from_file(key: &str, file: &Path) -> Result<SecretString, ConfigError> {
    let key = format!("{key}_file");
    let text = std::fs::read_to_string(file).map_err(|e| ConfigError::Secret {
        key: key.clone(),
        why: format!("names {}, which cannot be read: {e}", file.display()),
    })?;
    trimmed(&key, text)
}

/// Runs it by the shell. It may ask the person at the terminal for a passphrase.
fn from_command(key: &str, command: &str) -> Result<SecretString, ConfigError> {
    let key = format!("{key}_cmd");
    let failed = |why: String| ConfigError::Secret { key: key.clone(), why };
    let done = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::inherit())
        .output()
        .map_err(|e| failed(format!("cannot be run: {e}")))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let said: String = said.lines().next().unwrap_or("nothing").chars().filter(|c| !c.is_control()).collect();
        return Err(failed(format!("failed ({}); it said: {said}", done.status)));
    }
    let text = String::from_utf8(done.stdout).map_err(|_| failed("did not print text".to_owned()))?;
    trimmed(&key, text)
}

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

    /// Fetches the secret. May run a command, and wait for it.
    ///
    /// # Errors
    /// A sentence without anything of the secret.
    pub fn fetch(&self) -> Result<SecretString, ConfigError> {
        const KEY: &str = "auth_token";
        let (text, file, cmd) = match self {
            Reference::Variable(name) => {
                let missing = || ConfigError::Secret {
                    key: format!("the variable {name}"),
                    why: "is not set in the environment of the node: set it and restart the node".to_owned(),
                };
                let text = std::env::var(name).ok().filter(|text| !text.is_empty()).ok_or_else(missing)?;
                (Some(trimmed(KEY, text)?), None, None)
            }
            Reference::File(path) => (None, Some(path.clone()), None),
            Reference::Command(command) => (None, None, Some(command.clone())),
        };
        let missing = || ConfigError::Secret { key: KEY.to_owned(), why: "is missing".to_owned() };
        fetch(KEY, &text, &file, &cmd)?.ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
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
        assert!(Reference::Command("exit 3".into()).fetch().is_err());
        let unset = Reference::Variable("SWITCHBOARD_TEST_IS_NEVER_SET".into());
        assert!(unset.fetch().unwrap_err().to_string().contains("is not set"));
    }
}
