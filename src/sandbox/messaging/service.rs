//! A Messaging Service: settings that messages inherit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::sandbox::error::StoreError;
use crate::sandbox::store::Row;
use crate::sandbox::webhook::Target;
use crate::sandbox::world::World;

/// A Messaging Service. Its settings are kept by the names answers have.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Service {
    /// `MG...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// `friendly_name`, `inbound_request_url`, ...
    pub settings: BTreeMap<String, Value>,
    /// Simulated time.
    pub created: u64,
    /// Simulated time.
    pub updated: u64,
    /// Order within one instant.
    pub sequence: u64,
}

impl Row for Service {
    const KIND: &'static str = "messaging-service";
}

impl Service {
    /// Where inbound messages go.
    pub fn inbound(&self) -> Option<Target> {
        Target::new(self.text("inbound_request_url")?, self.text("inbound_method").unwrap_or("POST"))
    }

    /// Where they go when that fails.
    pub fn fallback(&self) -> Option<Target> {
        Target::new(self.text("fallback_url")?, self.text("fallback_method").unwrap_or("POST"))
    }

    /// Where statuses go.
    pub fn status_callback(&self) -> Option<String> {
        self.text("status_callback").map(str::to_owned)
    }

    /// Whether the number's webhook wins.
    pub fn uses_number_webhook(&self) -> bool {
        self.flag("use_inbound_webhook_on_number")
    }

    /// Whether look-alikes become GSM-7.
    pub fn smart_encoding(&self) -> bool {
        self.flag("smart_encoding")
    }

    /// Whether a customer keeps their sender.
    pub fn sticky_sender(&self) -> bool {
        self.flag("sticky_sender")
    }

    /// Whether a sender of the customer's area code is preferred.
    pub fn area_code_geomatch(&self) -> bool {
        self.flag("area_code_geomatch")
    }

    /// Whether a long code takes over where a short code is not taken.
    pub fn falls_back_to_long_code(&self) -> bool {
        self.flag("fallback_to_long_code")
    }

    /// How long its messages may wait, in seconds.
    pub fn validity(&self) -> Option<u32> {
        self.settings.get("validity_period").and_then(Value::as_u64).and_then(|seconds| u32::try_from(seconds).ok())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn flag(&self, name: &str) -> bool {
        self.settings.get(name).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// A service by its SID.
pub fn get(world: &World, sid: &str) -> Result<Option<Service>, StoreError> {
    world.get(sid)
}
