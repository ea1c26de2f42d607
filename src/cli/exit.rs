//! How the program ends: stable exit codes, and one sentence with a remedy.

use crate::api::{ApiError, Code};
use crate::config::ConfigError;
use crate::domain::shown::shown;
use crate::link;

/// The exit codes. Scripts rely on them: they never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It was done.
    Done = 0,
    /// It was refused, or it failed.
    Failed = 1,
    /// The command line, the settings or an input are not right.
    Usage = 2,
    /// No node could be reached, or its answer was lost.
    Unreachable = 3,
    /// It needs a yes: repeat with `--yes`.
    NeedsYes = 4,
}

/// Why a command did not do what it should.
#[derive(Debug)]
pub struct Failure {
    /// How the program ends.
    pub exit: Exit,
    /// What happened.
    pub sentence: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// What the node said, for `--json`.
    pub error: Option<Box<ApiError>>,
}

impl Failure {
    /// It failed.
    pub fn failed(sentence: impl Into<String>) -> Failure {
        Failure { exit: Exit::Failed, sentence: sentence.into(), remedy: None, error: None }
    }

    /// The command line is not right.
    pub fn usage(sentence: impl Into<String>) -> Failure {
        Failure { exit: Exit::Usage, ..Failure::failed(sentence) }
    }

    /// No node could be reached.
    pub fn unreachable(sentence: impl Into<String>) -> Failure {
        Failure { exit: Exit::Unreachable, ..Failure::failed(sentence) }
    }

    /// With what to do about it.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Failure {
        Failure { remedy: Some(remedy.into()), ..self }
    }

    /// One line for stderr: a sentence, or JSON for programs.
    pub fn printed(&self, json: bool) -> String {
        if json {
            let mut line = serde_json::json!({ "exit": self.exit as u8, "detail": self.sentence });
            if let Some(error) = &self.error
                && let Ok(error) = serde_json::to_value(error)
            {
                line["error"] = error;
            }
            if let Some(remedy) = &self.remedy {
                line["remedy"] = remedy.as_str().into();
            }
            return line.to_string();
        }
        let sentence = shown(&self.sentence);
        match &self.remedy {
            Some(remedy) => format!("switchboard: {sentence}: {}", shown(remedy)),
            None => format!("switchboard: {sentence}"),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(e: ConfigError) -> Failure {
        Failure::usage(e.to_string())
    }
}

impl From<ApiError> for Failure {
    fn from(e: ApiError) -> Failure {
        let exit = match e.code {
            Code::ConfirmationRequired => Exit::NeedsYes,
            _ => Exit::Failed,
        };
        let remedy = match (&e.confirm, e.retry_after) {
            (Some(word), _) => Some(format!("repeat with --yes, or with --confirm {word:?}")),
            (None, Some(seconds)) => Some(format!("try again in {seconds} s")),
            (None, None) => None,
        };
        Failure { exit, sentence: e.to_string(), remedy, error: Some(Box::new(e)) }
    }
}

impl From<link::Failure> for Failure {
    fn from(failure: link::Failure) -> Failure {
        match failure {
            link::Failure::Refused(e) => e.into(),
            link::Failure::Lost(e) => Failure { exit: Exit::Unreachable, remedy: None, ..e.into() },
        }
    }
}

impl From<color_eyre::Report> for Failure {
    /// The chain of reasons as one sentence.
    fn from(report: color_eyre::Report) -> Failure {
        Failure::failed(report.chain().map(ToString::to_string).collect::<Vec<_>>().join(": "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_node_said_decides_the_exit_code() {
        let no = Failure::from(ApiError::new(Code::Conflict, "it is closed"));
        assert_eq!((no.exit, no.printed(false).as_str()), (Exit::Failed, "switchboard: it is closed"));
        let ask = ApiError { confirm: Some("Blue Kite".into()), ..ApiError::new(Code::ConfirmationRequired, "sure?") };
        let ask = Failure::from(ask);
        assert_eq!(ask.exit, Exit::NeedsYes);
        assert_eq!(ask.printed(false), "switchboard: sure?: repeat with --yes, or with --confirm \"Blue Kite\"");
        let lost = Failure::from(link::Failure::Lost(ApiError::unavailable("gone")));
        assert_eq!(lost.exit, Exit::Unreachable);
        let busy = Failure::from(link::Failure::Refused(ApiError::unavailable("full")));
        assert_eq!((busy.exit, busy.remedy.as_deref()), (Exit::Failed, Some("try again in 1 s")));
        let json: serde_json::Value = serde_json::from_str(&busy.printed(true)).unwrap();
        assert_eq!((&json["exit"], &json["error"]["code"]), (&1.into(), &"unavailable".into()));
    }

    #[test]
    fn a_hostile_sentence_reaches_no_terminal_as_it_is() {
        assert_eq!(Failure::failed("a\u{1b}]0;x\u{7}").printed(false), "switchboard: a␛]0;x␇");
    }
}
