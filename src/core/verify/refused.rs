//! What a refusal of Twilio's says to the caller: a sentence with the code, and the status that fits.

use crate::api::{ApiError, Code};
use crate::domain::id::Id;
use crate::domain::verification::codes;
use crate::twilio::Error;
use crate::twilio::error::lookup;

/// A call of Twilio's that failed, about a flow if there is one.
pub(super) fn refused(e: &Error, about: Option<Id>) -> ApiError {
    let retry_after = e.retry_after().and_then(|wait| u32::try_from(wait.as_secs()).ok());
    match e {
        Error::Refused { http, .. } => ApiError { retry_after, ..by_code(e.code(), *http, sentence(e), about) },
        Error::RateLimited { .. } => ApiError {
            twilio: e.code(),
            retry_after: retry_after.or(Some(1)),
            about,
            ..ApiError::new(Code::TooManyRequests, sentence(e))
        },
        Error::Unauthorized { .. } => {
            ApiError { twilio: e.code(), about, ..ApiError::new(Code::Upstream, sentence(e)) }
        }
        Error::NotSent { .. } | Error::Unknown { .. } | Error::Decode { .. } => {
            ApiError { about, retry_after: Some(5), ..ApiError::new(Code::Unavailable, sentence(e)) }
        }
    }
}

/// A refusal by its code, as it stands in a row or came just now.
pub(super) fn by_code(code: Option<u32>, http: u16, text: String, about: Option<Id>) -> ApiError {
    let kind = match (code, http) {
        (Some(codes::NOT_FOUND), _) | (_, 404) => Code::NotFound,
        (Some(codes::CHECKS_USED_UP | codes::SENDS_USED_UP), _) | (_, 429) => Code::TooManyRequests,
        (_, 400) => Code::InvalidInput,
        _ => Code::Upstream,
    };
    // Five sends are used up: the way on is to end the waiting one.
    let confirm = (code == Some(codes::SENDS_USED_UP)).then(|| "cancel".to_owned());
    ApiError { twilio: code, about, confirm, ..ApiError::new(kind, text) }
}

/// Twilio's own words, where they name something, with ours.
pub(super) fn sentence(e: &Error) -> String {
    // Of calls in general it is said that they are repeated by themselves: a code or a check is asked for once.
    if let Error::RateLimited { retry_after } = e {
        let wait = retry_after.map_or(1, |wait| wait.as_secs().max(1));
        return format!(
            "Too many requests (20429): Twilio has too many at a time, or a rate limit of the Verify service is used up. Nothing was done: try again in {wait} s."
        );
    }
    let Error::Refused { message, code, .. } = e else { return e.explain() };
    let ours = e.explain();
    // Ours are about the code; which parameter it was, only Twilio's say.
    if *code == 60200 && lookup(*code).is_some() && !message.is_empty() {
        return format!("{ours} Twilio says: {}", message.trim_end_matches('.'));
    }
    ours
}
