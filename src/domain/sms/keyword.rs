//! The words by which a customer stops, resumes or asks for help. Carriers and Twilio act on them before
//! any program sees the message; the lists are Twilio's defaults (REVOKE and OPTOUT since April 2025).

use serde::{Deserialize, Serialize};

/// What a keyword asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Keyword {
    /// No more messages from this sender.
    Stop,
    /// Messages again.
    Start,
    /// Who is this?
    Help,
}

const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];
const HELP: [&str; 2] = ["HELP", "INFO"];

/// The keyword a body is, if the whole body is one; "please stop" is not.
pub fn keyword(body: &str) -> Option<Keyword> {
    let word = body.trim();
    let among = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    match () {
        () if among(&STOP) => Some(Keyword::Stop),
        () if among(&START) => Some(Keyword::Start),
        () if among(&HELP) => Some(Keyword::Help),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_body_counts() {
        for (body, expected) in [
            ("STOP", Some(Keyword::Stop)),
            ("  stop\n", Some(Keyword::Stop)),
            ("OptOut", Some(Keyword::Stop)),
            ("yes", Some(Keyword::Start)),
            ("Unstop", Some(Keyword::Start)),
            ("info", Some(Keyword::Help)),
            ("please stop", None),
            ("stop.", None),
            ("", None),
        ] {
            assert_eq!(keyword(body), expected, "{body:?}");
        }
    }
}
