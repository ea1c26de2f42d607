//! How a call to Twilio can fail, and what Twilio's codes mean.
//!
//! The kinds answer the one question that matters after a POST: may it be made again? A message that
//! was refused or never left may; one whose answer was lost must be looked up first.

mod table;

use std::time::Duration;

use crate::domain::failure::{Failure, Retry};

pub use table::{lookup, page};

/// What became of a call that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Twilio understood the request and said no. Nothing was created.
    #[error("Twilio refused: {message} (code {code}, HTTP {http})")]
    Refused {
        /// The HTTP status.
        http: u16,
        /// Twilio's code; 0 if the answer had none.
        code: u32,
        /// Twilio's sentence. May hold phone numbers.
        message: String,
        /// Twilio's page about the code.
        more_info: Option<String>,
        /// How long to wait before the next try, if Twilio said so.
        retry_after: Option<Duration>,
    },
    /// Too many requests at a time (429, code 20429). It was not processed at all.
    #[error("Twilio has too many requests of this account at a time")]
    RateLimited {
        /// How long to wait before the next try, if Twilio said so.
        retry_after: Option<Duration>,
    },
    /// The request never left: no connection, or it could not be made. Nothing happened at Twilio.
    #[error("Twilio could not be reached: {reason}")]
    NotSent {
        /// What went wrong.
        reason: String,
    },
    /// The request went out, but what became of it is not known.
    #[error("the answer of Twilio was lost: {reason}")]
    Unknown {
        /// What went wrong.
        reason: String,
    },
    /// The credentials are wrong or may not do this.
    #[error("Twilio did not accept the credentials: {message} (code {code}, HTTP {http})")]
    Unauthorized {
        /// The HTTP status.
        http: u16,
        /// Twilio's code; 0 if the answer had none.
        code: u32,
        /// Twilio's sentence.
        message: String,
    },
    /// Twilio answered a read with something this version cannot read.
    #[error("an answer of Twilio cannot be read: {reason}")]
    Decode {
        /// What was expected and what came.
        reason: String,
    },
}

impl Error {
    /// Twilio's code, if it gave one.
    pub fn code(&self) -> Option<u32> {
        match self {
            Error::Refused { code, .. } | Error::Unauthorized { code, .. } => Some(*code).filter(|code| *code != 0),
            Error::RateLimited { .. } => Some(20429),
            Error::NotSent { .. } | Error::Unknown { .. } | Error::Decode { .. } => None,
        }
    }

    /// Whether the same request, even a POST, may be made again without the risk of doing it twice *and*
    /// with a chance to succeed. Wait for [`Error::retry_after`], or longer at each try.
    pub fn is_safe_to_retry(&self) -> bool {
        match self {
            Error::RateLimited { .. } | Error::NotSent { .. } => true,
            Error::Refused { code, .. } => lookup(*code).is_some_and(|entry| entry.retry != Retry::Never),
            Error::Unknown { .. } | Error::Unauthorized { .. } | Error::Decode { .. } => false,
        }
    }

    /// Whether something may have been created at Twilio although the call failed.
    pub fn may_have_happened(&self) -> bool {
        matches!(self, Error::Unknown { .. } | Error::Decode { .. })
    }

    /// How long Twilio asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Refused { retry_after, .. } | Error::RateLimited { retry_after } => *retry_after,
            _ => None,
        }
    }

    /// Whether the resource does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::Refused { http: 404, .. })
    }

    /// What happened and what to do, for a person.
    pub fn explain(&self) -> String {
        if let Some((code, entry)) = self.code().and_then(|code| Some((code, lookup(code)?))) {
            let Failure { title, cause, remedy, .. } = entry;
            return format!("{title} ({code}): {cause} {remedy}");
        }
        match self {
            Error::Refused { message, more_info, .. } => match more_info {
                Some(more) => format!("{self}. See {more}."),
                None if message.is_empty() => {
                    "Twilio refused the request without a reason; try again later.".to_owned()
                }
                None => format!("{self}. Correct what the message names."),
            },
            Error::Unauthorized { .. } => format!("{self}. Check account SID and token in the configuration."),
            Error::NotSent { .. } => {
                format!("{self}. Check the network; nothing was sent and it is safe to try again.")
            }
            Error::Unknown { .. } => format!("{self}. It may have been carried out; look before trying again."),
            Error::RateLimited { .. } | Error::Decode { .. } => format!("{self}. Try again later."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u32) -> Error {
        Error::Refused { http: 400, code, message: "no".into(), more_info: None, retry_after: None }
    }

    #[test]
    fn only_what_cannot_happen_twice_is_safe_to_retry() {
        assert!(refused(21611).is_safe_to_retry(), "a full queue empties");
        assert!(!refused(21610).is_safe_to_retry(), "opted out");
        assert!(!refused(99_999).is_safe_to_retry());
        assert!(Error::RateLimited { retry_after: None }.is_safe_to_retry());
        assert!(Error::NotSent { reason: String::new() }.is_safe_to_retry());
        let unknown = Error::Unknown { reason: "timed out".into() };
        assert!(!unknown.is_safe_to_retry() && unknown.may_have_happened());
    }

    #[test]
    fn explanations_say_what_to_do() {
        assert!(refused(21610).explain().starts_with("Customer opted out (21610): "));
        assert!(refused(99_999).explain().contains("Correct what the message names."));
        assert!(Error::Unknown { reason: "timed out".into() }.explain().contains("look before trying again"));
    }
}
