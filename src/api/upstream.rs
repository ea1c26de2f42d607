//! What was asked of Twilio behind something of ours.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::id::{Id, Sid};

/// Input: the request to Twilio that sends a message.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ShowUpstream {
    /// The outgoing message.
    pub id: Id,
}

/// A request to Twilio as it goes over the wire, but for its credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpstreamView {
    /// HTTP method.
    pub method: String,
    /// Twilio's product: `api`, `verify`.
    pub product: String,
    /// The path below the product.
    pub path: String,
    /// The whole address.
    pub url: String,
    /// The parameters in their order; a name may come more than once.
    pub params: Vec<UpstreamParam>,
}

/// A parameter of a request to Twilio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpstreamParam {
    /// Its name, as Twilio has it.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl UpstreamView {
    /// The request that reads a message at Twilio. `sandbox` is the simulator's base; Twilio itself when absent.
    pub fn of_message(account: Sid, sid: Sid, sandbox: Option<&str>) -> UpstreamView {
        let path = format!("/2010-04-01/Accounts/{account}/Messages/{sid}.json");
        let url = match sandbox {
            Some(base) => format!("{}/api{path}", base.trim_end_matches('/')),
            None => format!("https://api.twilio.com{path}"),
        };
        UpstreamView { method: "GET".to_owned(), product: "api".to_owned(), path, url, params: Vec::new() }
    }
}
