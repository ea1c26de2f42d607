//! An alert: something of an account's went wrong.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Kept, window};
use crate::sandbox::account::Caller;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// Twilio's words for how bad it is.
const LEVELS: [&str; 4] = ["error", "warning", "notice", "debug"];

/// An alert.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Alert {
    /// `NO...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// What it is about.
    pub resource: String,
    /// The service that was used, if one was.
    pub service: Option<String>,
    /// Twilio's code.
    pub code: u32,
    /// How bad it is.
    pub level: String,
    /// What happened, form-encoded as at Twilio.
    pub text: String,
    /// The request that went wrong, if there was one: its method, URL, parameters and headers.
    pub method: Option<String>,
    /// See `method`.
    pub url: Option<String>,
    /// See `method`.
    pub variables: String,
    /// See `method`.
    pub request_headers: String,
    /// What it was answered.
    pub response_headers: String,
    /// What it was answered.
    pub response_body: String,
    /// Simulated time.
    pub at: u64,
    /// Order within one instant.
    pub sequence: u64,
}

impl Row for Alert {
    const KIND: &'static str = "alert";
}

impl Kept for Alert {
    const INDEX: &'static str = "alerts";

    fn place(&self) -> (&str, u64, u64) {
        (&self.account, self.at, self.sequence)
    }

    fn sid(&self) -> &str {
        &self.sid
    }
}

/// `GET Alerts`, `GET Alerts/{Sid}`.
pub fn route(world: &World, caller: &Caller, call: &Call, rest: &[&str]) -> Outcome<Answer> {
    match rest {
        [] => {
            let asked = Asked::read(call, 50, 1000)?;
            let level = call.query.text("LogLevel");
            if level.is_some_and(|level| !LEVELS.contains(&level)) {
                return Err(Refusal::bad(20001, "Invalid LogLevel: it is error, warning, notice or debug").into());
            }
            let (from, until) = window(call)?;
            let page = paging::read(world, Alert::INDEX, &caller.account, asked, |world, sid| {
                Ok(world.get::<Alert>(sid)?.filter(|alert| {
                    (from..until).contains(&alert.at) && level.is_none_or(|level| alert.level == level)
                }))
            })?;
            Ok(page.modern(call, "alerts", |alert| alert.show(call)))
        }
        [sid] => {
            let found = world.get::<Alert>(sid)?.filter(|alert| alert.account == caller.account);
            Ok(Answer::ok(found.ok_or_else(|| not_found(call))?.show_whole(call)))
        }
        _ => Err(not_found(call)),
    }
}

impl Alert {
    fn show(&self, call: &Call) -> Value {
        json!({
            "sid": self.sid,
            "account_sid": self.account,
            "service_sid": self.service,
            "resource_sid": self.resource,
            "error_code": self.code.to_string(),
            "log_level": self.level,
            "alert_text": self.text,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "api_version": "2010-04-01",
            "request_method": self.method,
            "request_url": self.url,
            "date_generated": rfc3339(self.at),
            "date_created": rfc3339(self.at),
            "date_updated": rfc3339(self.at),
            "url": format!("{}/v1/Alerts/{}", call.origin, self.sid),
        })
    }

    /// One alone shows the request, too.
    fn show_whole(&self, call: &Call) -> Value {
        let mut body = self.show(call);
        body["request_variables"] = json!(self.variables);
        body["request_headers"] = json!(self.request_headers);
        body["response_headers"] = json!(self.response_headers);
        body["response_body"] = json!(self.response_body);
        body
    }
}
