//! The one shape of a refusal: `application/problem+json` with a stable code and a sentence.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::id::Id;

/// Stable names of what can go wrong. Programs compare these, people read the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A field is missing or wrong.
    InvalidInput,
    /// No token, or one that is not known or was revoked.
    Unauthenticated,
    /// The token is fine, the permission is missing.
    Forbidden,
    /// There is no such thing, or it belongs to another business.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The state does not allow it.
    Conflict,
    /// It changed meanwhile: read it again.
    VersionMismatch,
    /// The idempotency key was used for another body.
    KeyReused,
    /// It needs a yes: repeat with `confirm` set to what the answer names.
    ConfirmationRequired,
    /// The body is larger than allowed.
    TooLarge,
    /// Too much at once: wait `retryAfter` seconds.
    TooManyRequests,
    /// Twilio refused it; the sentence has its code.
    Upstream,
    /// The store, the queue or the sandbox cannot take it now; nothing was done.
    Unavailable,
    /// A fault of ours; nothing was done.
    Internal,
}

impl Code {
    /// All of them.
    pub const ALL: [Code; 14] = [
        Code::InvalidInput,
        Code::Unauthenticated,
        Code::Forbidden,
        Code::NotFound,
        Code::MethodNotAllowed,
        Code::Conflict,
        Code::VersionMismatch,
        Code::KeyReused,
        Code::ConfirmationRequired,
        Code::TooLarge,
        Code::TooManyRequests,
        Code::Upstream,
        Code::Unavailable,
        Code::Internal,
    ];

    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Code::InvalidInput => 400,
            Code::Unauthenticated => 401,
            Code::Forbidden => 403,
            Code::NotFound => 404,
            Code::MethodNotAllowed => 405,
            Code::Conflict | Code::ConfirmationRequired => 409,
            Code::VersionMismatch => 412,
            Code::TooLarge => 413,
            Code::KeyReused => 422,
            Code::TooManyRequests => 429,
            Code::Internal => 500,
            Code::Upstream => 502,
            Code::Unavailable => 503,
        }
    }

    /// Its name in JSON.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Why an operation was not carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiError {
    /// The stable name.
    pub code: Code,
    /// What happened and what to do, for a person.
    pub detail: String,
    /// The field at fault, in camelCase.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// Seconds to wait before trying again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after: Option<u32>,
    /// What to repeat in `confirm` to go ahead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
    /// Twilio's code behind it, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub twilio: Option<u32>,
    /// What it is about, such as the flow whose send was refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<Id>,
    /// Where what was to be saved differs from what somebody else saved meanwhile.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub differences: Vec<Difference>,
}

/// A field that two people changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Difference {
    /// The field, in camelCase.
    pub field: String,
    /// What is there now.
    pub now: String,
    /// What was to be saved.
    pub yours: String,
}

impl ApiError {
    /// A refusal with a sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> ApiError {
        ApiError {
            code,
            detail: detail.into(),
            field: None,
            retry_after: None,
            confirm: None,
            twilio: None,
            differences: Vec::new(),
            about: None,
        }
    }

    /// A refusal of one field.
    pub fn field(field: &str, detail: impl Into<String>) -> ApiError {
        ApiError { field: Some(field.to_owned()), ..ApiError::new(Code::InvalidInput, detail) }
    }

    /// There is no such thing, or the caller may not know of it.
    pub fn not_found(what: impl fmt::Display) -> ApiError {
        ApiError::new(Code::NotFound, format!("there is no {what}"))
    }

    /// The node cannot take it now.
    pub fn unavailable(detail: impl Into<String>) -> ApiError {
        ApiError { retry_after: Some(1), ..ApiError::new(Code::Unavailable, detail) }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)?;
        if let Some(field) = &self.field {
            write!(f, " (field `{field}`)")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}
