//! A Verify service: the settings that its verifications have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::sandbox::error::StoreError;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// A Verify service. Its settings are kept by their place in answers (`whatsapp.from`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Service {
    /// `VA...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// `friendly_name`, `push.include_date`, ...
    pub settings: BTreeMap<String, Value>,
    /// Simulated time.
    pub created: u64,
    /// Simulated time.
    pub updated: u64,
    /// Order within one instant.
    pub sequence: u64,
}

impl Row for Service {
    const KIND: &'static str = "verify-service";
}

impl Service {
    /// The name in its texts.
    pub fn name(&self) -> &str {
        self.text("friendly_name").unwrap_or_default()
    }

    /// Digits of a code.
    pub fn code_length(&self) -> usize {
        let length = self.settings.get("code_length").and_then(Value::as_u64);
        length.and_then(|length| usize::try_from(length).ok()).unwrap_or(6)
    }

    /// A setting that is text and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A setting that is on or off.
    pub fn flag(&self, name: &str) -> bool {
        self.settings.get(name).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// A service by its SID.
pub fn get(world: &World, sid: &str) -> Result<Option<Service>, StoreError> {
    world.get(sid)
}
