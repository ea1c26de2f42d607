//! Answers and refusals, in Twilio's form.

use serde_json::{Value, json};

use super::error::StoreError;

/// What goes back to the caller.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Content,
    /// Headers beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
}

/// A body.
#[derive(Debug, Clone)]
pub enum Content {
    /// Nothing.
    Empty,
    /// JSON.
    Json(Value),
    /// Bytes of a type.
    Bytes(String, Vec<u8>),
}

/// An error of Twilio's.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Twilio's code.
    pub code: u32,
    /// Twilio's words.
    pub message: String,
    /// What some errors add (`detail` or `details`).
    pub extra: Option<(&'static str, Value)>,
    /// Headers some errors have.
    pub headers: Vec<(&'static str, String)>,
}

/// Why a call has no ordinary answer.
#[derive(Debug)]
pub enum Failure {
    /// Twilio refuses.
    Refused(Refusal),
    /// The sandbox's file fails.
    Store(StoreError),
}

/// The result of carrying out a call.
pub type Outcome<T> = Result<T, Failure>;

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Answer {
    /// 200 with JSON.
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body: Content::Json(body), headers: Vec::new() }
    }

    /// 201 with JSON.
    pub fn created(body: Value) -> Self {
        Self { status: 201, ..Self::ok(body) }
    }

    /// 204.
    pub fn gone() -> Self {
        Self { status: 204, body: Content::Empty, headers: Vec::new() }
    }
}

impl Refusal {
    /// Any error.
    pub fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), extra: None, headers: Vec::new() }
    }

    /// The usual 400.
    pub fn bad(code: u32, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// 404 for a path as Twilio names it.
    pub fn not_found(path: &str) -> Self {
        Self::new(404, 20404, format!("The requested resource {path} was not found"))
    }

    /// 401: wrong credentials, or none.
    pub fn unauthorized(given: bool) -> Self {
        let message = if given { "Authenticate" } else { "Authentication Error - No credentials provided" };
        let detail = if given { "" } else { "Your AccountSid or AuthToken was incorrect." };
        Self {
            extra: Some(("detail", Value::from(detail))),
            headers: vec![("WWW-Authenticate", "Basic realm=\"Twilio API\"".into())],
            ..Self::new(401, 20003, message)
        }
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::new(405, 20004, "Method not allowed")
    }

    /// The body Twilio sends.
    pub fn body(&self) -> Value {
        let more = format!("https://www.twilio.com/docs/errors/{}", self.code);
        let mut body = json!({ "code": self.code, "message": self.message, "more_info": more, "status": self.status });
        if let Some((name, value)) = &self.extra {
            body[*name] = value.clone();
        }
        body
    }

    /// The whole answer.
    pub fn answer(&self) -> Answer {
        Answer { status: self.status, body: Content::Json(self.body()), headers: self.headers.clone() }
    }
}
