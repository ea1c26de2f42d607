//! Faults on purpose: the next matching calls, or the next webhooks, go wrong.
//!
//! Owns which faults wait and what they match; carrying them out is the business of the server and of the
//! dispatcher. They are part of the saved state, so a restart changes nothing.

use serde::{Deserialize, Serialize};

/// Which API calls a fault is for; what is absent matches all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// Twilio's subdomain, such as `api`.
    pub product: Option<String>,
    /// The HTTP method.
    pub method: Option<String>,
    /// Part of the path; `*` stands for anything.
    pub path: Option<String>,
}

/// What goes wrong with an API call.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Action {
    /// Answer this HTTP status, and do nothing.
    pub status: Option<u16>,
    /// Answer this error code of Twilio's, and do nothing.
    pub code: Option<u32>,
    /// Answer with a `Retry-After` of so many seconds.
    pub retry_after: Option<u32>,
    /// Wait before the call is carried out.
    pub delay_ms: Option<u64>,
    /// Carry the call out, then cut the connection instead of answering.
    pub drop_after_accept: bool,
    /// Cut the connection, and do nothing.
    pub reset: bool,
}

/// A fault of API calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CallFault {
    /// Which calls.
    #[serde(rename = "match", default)]
    pub matching: Match,
    /// What happens.
    pub action: Action,
    /// How many calls it is still for.
    pub times: u32,
}

/// What goes wrong with a webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookFault {
    /// Deliver it twice.
    pub duplicate: bool,
    /// Deliver it after the next one of the same message.
    pub reorder: bool,
    /// Never deliver it.
    pub drop: bool,
    /// Deliver it this much later, in wall time.
    pub delay_ms: Option<u64>,
}

/// The faults that wait.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Faults {
    /// For API calls, oldest first.
    pub calls: Vec<CallFault>,
    /// For webhooks, oldest first, with the number each is still for.
    pub webhooks: Vec<(WebhookFault, u32)>,
}

impl Faults {
    /// The fault of a call, counted down.
    pub fn take_call(&mut self, product: &str, method: &str, path: &str) -> Option<Action> {
        let at = self.calls.iter().position(|fault| fault.matching.holds(product, method, path))?;
        let fault = &mut self.calls[at];
        let action = fault.action.clone();
        fault.times = fault.times.saturating_sub(1);
        if fault.times == 0 {
            self.calls.remove(at);
        }
        Some(action)
    }

    /// The fault of the next webhook, counted down.
    pub fn take_webhook(&mut self) -> Option<WebhookFault> {
        let (fault, times) = self.webhooks.first_mut()?;
        let fault = fault.clone();
        *times = times.saturating_sub(1);
        if *times == 0 {
            self.webhooks.remove(0);
        }
        Some(fault)
    }
}

impl Match {
    fn holds(&self, product: &str, method: &str, path: &str) -> bool {
        let same = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|w| w.eq_ignore_ascii_case(found));
        same(&self.product, product)
            && same(&self.method, method)
            && self.path.as_ref().is_none_or(|pattern| contains(path, pattern))
    }
}

/// Whether a path contains the parts of a pattern in order; `*` separates them.
fn contains(path: &str, pattern: &str) -> bool {
    let mut rest = path;
    pattern.split('*').all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_down_what_matches() {
        let matching = Match { path: Some("/Accounts/*/Messages".into()), method: Some("post".into()), product: None };
        let action = Action { status: Some(503), ..Action::default() };
        let mut faults = Faults { calls: vec![CallFault { matching, action, times: 2 }], webhooks: vec![] };
        assert!(faults.take_call("api", "GET", "/2010-04-01/Accounts/AC1/Messages.json").is_none());
        assert!(faults.take_call("verify", "POST", "/v2/Services").is_none());
        for _ in 0..2 {
            let taken = faults.take_call("api", "POST", "/2010-04-01/Accounts/AC1/Messages.json");
            assert_eq!(taken.and_then(|action| action.status), Some(503));
        }
        assert!(faults.take_call("api", "POST", "/2010-04-01/Accounts/AC1/Messages.json").is_none());
    }
}
