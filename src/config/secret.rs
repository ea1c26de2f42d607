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
pub(super) fn fetch(
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

pub(super) fn trimmed(key: &str, text: String) -> Result<SecretString, ConfigError> {
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
