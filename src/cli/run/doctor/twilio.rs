//! Credentials and clock: Twilio is asked.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::finding::Finding;
use crate::config::{Credentials, Setup, World};
use crate::twilio::accounts::{Account, AccountStatus};
use crate::twilio::{Base, Client, Config, Credential, Error};

const CREDENTIALS: &str = "credentials";
const CLOCK: &str = "clock";
/// A clock that is so many seconds wrong is told of; with the other, TLS and lists by date go wrong.
const NOTABLE: i64 = 10;
const HARMFUL: i64 = 300;

/// Asks Twilio, or the sandbox that stands in for it.
pub async fn look(setup: &Setup) -> Vec<Finding> {
    let base = match &setup.world {
        World::Sandbox => return Vec::new(),
        World::OtherSandbox { base, .. } => Base::At(base.clone()),
        World::Live { .. } => {
            Base::Live { edge: setup.config.twilio.edge.clone(), region: setup.config.twilio.region.clone() }
        }
    };
    let credentials = match setup.config.twilio.credentials() {
        Ok(Some(credentials)) => credentials,
        Ok(None) => return Vec::new(),
        Err(e) => return vec![Finding::error(CREDENTIALS, e.to_string())],
    };
    ask(base, &credentials).await
}

async fn ask(base: Base, c: &Credentials) -> Vec<Finding> {
    let mut findings = shape(c);
    let client = |credential| {
        let mut config = Config::new(base.clone(), c.account, credential);
        config.backoff.tries = 1;
        config.timeouts.total = Duration::from_secs(10);
        Client::new(config)
    };
    let token = match client(Credential::AuthToken(c.auth_token.clone())) {
        Ok(client) => client,
        Err(e) => return vec![Finding::error(CREDENTIALS, e.explain())],
    };
    let by_token = token.accounts().fetch().await;
    let by_key = match &c.api_key {
        Some((sid, secret)) => match client(Credential::ApiKey { sid: *sid, secret: secret.clone() }) {
            Ok(client) => Some(client.accounts().fetch().await),
            Err(e) => Some(Err(e)),
        },
        None => None,
    };
    findings.extend(verdict(c, &by_token, by_key.as_ref()));
    if !matches!(by_token, Err(Error::NotSent { .. })) {
        findings.extend(clock(&token).await);
    }
    findings
}

/// What can be seen without asking. Nothing of a secret is shown.
fn shape(c: &Credentials) -> Vec<Finding> {
    let mut findings = Vec::new();
    if c.account.kind() != "AC" {
        let text = format!("{} is no account: its SID begins with AC", c.account);
        findings.push(Finding::error(CREDENTIALS, text).remedy("copy the account SID from Twilio's console"));
    }
    let token = c.auth_token.expose_secret();
    if token.len() != 32 || !token.bytes().all(|b| b.is_ascii_hexdigit()) {
        let text = "the auth token has not the form of one (32 hexadecimal digits)";
        findings.push(Finding::warning(CREDENTIALS, text).remedy("was it copied whole, and is it not an API secret?"));
    }
    if let Some((key, _)) = c.api_key.as_ref().filter(|(key, _)| key.kind() != "SK") {
        let text = format!("{key} is no API key: its SID begins with SK");
        findings.push(Finding::error(CREDENTIALS, text).remedy("copy the key's SID from Twilio's console"));
    }
    findings
}

type Fetched = Result<Account, Error>;

/// Tells which of the credentials is wrong.
fn verdict(c: &Credentials, by_token: &Fetched, by_key: Option<&Fetched>) -> Vec<Finding> {
    let wrong = |fetched: &Fetched| match fetched {
        Err(e @ (Error::Unauthorized { .. } | Error::Refused { .. })) => Some(e.clone()),
        _ => None,
    };
    let unreachable = |e: &Error| {
        vec![
            Finding::error(CREDENTIALS, format!("Twilio cannot be asked: {e}"))
                .remedy("look at the network, its DNS and its proxy; then ask again"),
        ]
    };
    match (by_token, by_key) {
        (
            Err(e @ (Error::NotSent { .. } | Error::Unknown { .. } | Error::RateLimited { .. } | Error::Decode { .. })),
            _,
        ) => unreachable(e),
        (Err(e), _) if e.code() == Some(20008) => {
            vec![Finding::error(CREDENTIALS, "these are test credentials: they can send nothing and own no numbers")
                .remedy("use the live account SID and auth token; to try things out, take both away and use the sandbox")]
        }
        (Ok(account), None | Some(Ok(_))) => about(account),
        (Ok(account), Some(key)) => {
            let why = wrong(key).map_or_else(|| "it cannot be asked".to_owned(), |e| e.to_string());
            let text = format!("the auth token is right, and the API key or its secret is wrong: {why}");
            let remedy =
                "make a new key in Twilio's console, or take `api_key` away: the auth token then makes the calls";
            [about(account), vec![Finding::error(CREDENTIALS, text).remedy(remedy)]].concat()
        }
        (Err(e), Some(Ok(account))) => {
            let text = format!(
                "the account and the API key are right, and the auth token is wrong: webhooks would be refused ({e})"
            );
            let remedy = "set TWILIO_AUTH_TOKEN to the token of this account; was it rotated?";
            [about(account), vec![Finding::error(CREDENTIALS, text).remedy(remedy)]].concat()
        }
        (Err(e), _) => {
            let text = format!(
                "Twilio accepts neither {} with this auth token, nor the token with another account: {e}",
                c.account
            );
            let remedy =
                "copy both from Twilio's console: one of the two is of another account, or the token was rotated";
            vec![Finding::error(CREDENTIALS, text).remedy(remedy)]
        }
    }
}

fn about(account: &Account) -> Vec<Finding> {
    let name = account.friendly_name.as_deref().unwrap_or("without a name");
    let mut findings = vec![match &account.status {
        Some(AccountStatus::Active) | None => {
            Finding::info(CREDENTIALS, format!("the credentials are right: account {} ({name})", account.sid))
        }
        Some(status) => {
            Finding::error(CREDENTIALS, format!("the account {} ({name}) is {}", account.sid, status.as_str()))
                .remedy("look into Twilio's console; its support can say why")
        }
    }];
    if account.is_trial() {
        let text = "this is a trial account: it texts only numbers that were verified at Twilio";
        findings.push(Finding::warning(CREDENTIALS, text).remedy("verify the numbers you test with, or upgrade"));
    }
    findings
}

async fn clock(client: &Client) -> Option<Finding> {
    let before = Timestamp::now();
    let theirs = client.accounts().time().await.ok()??;
    let after = Timestamp::now();
    Some(skew(before.as_microsecond(), after.as_microsecond(), theirs))
}

/// The header has whole seconds, and the answer was made somewhere between asking and hearing.
fn skew(before: i64, after: i64, theirs: i64) -> Finding {
    let off = match theirs {
        early if early + 1_000_000 < before => before - early - 1_000_000,
        late if late > after => after - late,
        _ => 0,
    };
    let seconds = off / 1_000_000;
    let text = match seconds {
        0 => "this machine's clock agrees with Twilio's".to_owned(),
        ahead @ 1.. => format!("this machine's clock is {ahead} s ahead of Twilio's"),
        behind => format!("this machine's clock is {} s behind Twilio's", -behind),
    };
    let remedy = "set it by NTP (e.g. `timedatectl set-ntp true`): lost answers are looked for by date";
    match seconds.abs() {
        HARMFUL.. => Finding::error(CLOCK, text).remedy(remedy),
        NOTABLE.. => Finding::warning(CLOCK, text).remedy(remedy),
        _ => Finding::info(CLOCK, text),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    fn credentials(token: &str, key: Option<&str>) -> Credentials {
        let account = "AC00112233445566778899aabbccddeeff".parse().unwrap();
        let api_key = key.map(|key| (key.parse().unwrap(), "secret".into()));
        Credentials { account, auth_token: token.into(), other_auth_token: None, api_key }
    }

    fn account() -> Account {
        let row =
            serde_json::json!({ "sid": "AC00112233445566778899aabbccddeeff", "status": "active", "type": "Full" });
        serde_json::from_value(row).unwrap()
    }

    fn no() -> Error {
        Error::Unauthorized { http: 401, code: 20003, message: "Authenticate".into() }
    }

    #[test]
    fn it_says_which_one_is_wrong() {
        let both = credentials("x", Some("SK00112233445566778899aabbccddeeff"));
        let said = |by_token: Fetched, by_key: Option<Fetched>| {
            let found = verdict(&both, &by_token, by_key.as_ref());
            let worst = found.into_iter().max_by_key(|f| f.level).unwrap();
            assert!(worst.level == Level::Info || worst.remedy.is_some(), "{worst:?}");
            (worst.level, worst.text)
        };
        assert_eq!(said(Ok(account()), Some(Ok(account()))).0, Level::Info);
        assert!(said(Ok(account()), Some(Err(no()))).1.contains("API key or its secret is wrong"));
        assert!(said(Err(no()), Some(Ok(account()))).1.contains("the auth token is wrong"));
        assert!(said(Err(no()), Some(Err(no()))).1.contains("accepts neither"));
        assert!(said(Err(no()), None).1.contains("accepts neither"));
        assert!(said(Err(Error::NotSent { reason: "dns".into() }), None).1.contains("cannot be asked"));
        let test =
            Error::Refused { http: 403, code: 20008, message: String::new(), more_info: None, retry_after: None };
        assert!(said(Err(test), None).1.contains("test credentials"));
        let trial = Account { kind: Some("Trial".into()), ..account() };
        assert_eq!(said(Ok(trial), None).0, Level::Warning);
        let closed = Account { status: Some(AccountStatus::Suspended), ..account() };
        assert!(said(Ok(closed), None).1.ends_with("is suspended"));
    }

    #[test]
    fn shapes_are_judged_without_showing_a_secret() {
        assert!(shape(&credentials(&"0a".repeat(16), None)).is_empty());
        let found = shape(&credentials("hunter2", Some("AC00112233445566778899aabbccddeeff")));
        assert_eq!(found.len(), 2);
        assert!(!format!("{found:?}").contains("hunter2"));
    }

    #[test]
    fn a_clock_is_judged_within_what_can_be_known() {
        let second = 1_000_000;
        for (theirs, level, part) in [
            (0, Level::Info, "agrees"),
            (-second, Level::Info, "agrees"),
            (30 * second, Level::Warning, "29 s behind"),
            (-30 * second, Level::Warning, "29 s ahead"),
            (-900 * second, Level::Error, "ahead"),
        ] {
            let found = skew(0, second / 2, theirs);
            assert!(found.level == level && found.text.contains(part), "{theirs}: {found:?}");
        }
    }
}
