//! What goes wrong on purpose in the sandbox: words for people, faults for its control API.

use reqwest::Method;
use serde_json::{Value, json};

use super::Core;
use crate::api::ApiError;
use crate::api::simulator::{AddFault, FaultList, FaultView, Trouble};

const PATH: [&str; 2] = ["sandbox", "faults"];

impl Core {
    pub(super) async fn list_faults(&self) -> Result<FaultList, ApiError> {
        self.control(Method::GET, &PATH, None).await.map(|answer| listed(&answer))
    }

    pub(super) async fn add_fault(&self, input: &AddFault) -> Result<FaultList, ApiError> {
        if input.times == Some(0) {
            return Err(ApiError::field("times", "how often counts from 1"));
        }
        let mut body = fault(input.trouble, input.codes);
        body["times"] = json!(input.times.unwrap_or(1));
        self.control(Method::POST, &PATH, Some(body)).await.map(|answer| listed(&answer))
    }

    pub(super) async fn clear_faults(&self) -> Result<FaultList, ApiError> {
        self.control(Method::DELETE, &PATH, None).await.map(|answer| listed(&answer))
    }
}

fn fault(trouble: Trouble, codes: bool) -> Value {
    let path = if codes { "/Verifications" } else { "/Messages" };
    let send = |action: Value| json!({ "match": { "method": "POST", "path": path }, "action": action });
    let webhook = |what: Value| json!({ "webhook": what });
    match trouble {
        Trouble::Throttled => send(json!({ "status": 429, "code": 20429 })),
        Trouble::Unavailable => send(json!({ "status": 503 })),
        Trouble::LostAnswer => send(json!({ "dropAfterAccept": true })),
        Trouble::Cut => send(json!({ "reset": true })),
        Trouble::Slow => send(json!({ "delayMs": 3000 })),
        Trouble::WebhookTwice => webhook(json!({ "duplicate": true })),
        Trouble::WebhookOutOfOrder => webhook(json!({ "reorder": true })),
        Trouble::WebhookLate => webhook(json!({ "delayMs": 5000 })),
        Trouble::WebhookLost => webhook(json!({ "drop": true })),
    }
}

/// Faults may also have been made by others, with actions that have no word here: those are told as they are.
fn listed(answer: &Value) -> FaultList {
    let rows = |name: &str| answer[name].as_array().cloned().unwrap_or_default();
    let calls = rows("calls").into_iter().map(|row| {
        let wanted = |name: &str| row["match"][name].as_str().unwrap_or("any").to_owned();
        let what = format!("{} {}: {}", wanted("method"), wanted("path"), set(&row["action"]));
        FaultView { what, times: row["times"].as_u64().unwrap_or(0) }
    });
    let webhooks = rows("webhooks").into_iter().map(|row| FaultView {
        what: format!("webhook: {}", set(&row["webhook"])),
        times: row["times"].as_u64().unwrap_or(0),
    });
    FaultList { items: calls.chain(webhooks).collect() }
}

/// What an action does: its fields that say something.
fn set(action: &Value) -> String {
    let fields = action.as_object().into_iter().flatten();
    let said = fields.filter_map(|(name, value)| match value {
        Value::Null | Value::Bool(false) => None,
        Value::Bool(true) => Some(name.clone()),
        value => Some(format!("{name} {value}")),
    });
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_words() {
        let answer = json!({
            "calls": [{ "match": { "method": "POST", "path": "/Messages" }, "times": 2,
                "action": { "status": 429, "code": null, "reset": false } }],
            "webhooks": [{ "webhook": { "duplicate": true, "delayMs": null }, "times": 1 }],
        });
        let told: Vec<(String, u64)> = listed(&answer).items.into_iter().map(|f| (f.what, f.times)).collect();
        assert_eq!(told, [("POST /Messages: status 429".to_owned(), 2), ("webhook: duplicate".to_owned(), 1)]);
    }
}
