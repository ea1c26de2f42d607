//! How much Twilio's Fraud Guard blocks for a service.
//!
//! Twilio's console sets it, and no call of its API does or tells it. So it is a dial of the sandbox: there it
//! is asked for and set through the control API, and a node that talks to the real Twilio refuses.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use crate::api::verify::{FraudLevel, SetFraudGuard, VerifyServiceView};
use crate::api::{ApiError, Caller, Code};
use crate::core::Core;
use crate::domain::id::Sid;

impl Core {
    pub(in crate::core) async fn set_fraud_guard(
        &self,
        caller: &Caller,
        input: &SetFraudGuard,
    ) -> Result<VerifyServiceView, ApiError> {
        let (business, service) = self.verifying(caller, input.business)?;
        if !self.is_simulated() {
            let detail = "how much Fraud Guard blocks is set in Twilio's console, at the Verify service: its API has no setting for it. Only the sandbox can be told from here";
            return Err(ApiError::new(Code::Conflict, detail));
        }
        let sid = service.to_string();
        let body = json!({ "level": input.level.word() });
        self.control(Method::POST, &path(&sid), Some(body)).await?;
        let view = self.service(&business, service).await?;
        Ok(self.guarded(&view).await)
    }

    /// The settings of a service with how much Fraud Guard blocks, where that can be known.
    pub(super) async fn guarded(&self, view: &VerifyServiceView) -> VerifyServiceView {
        VerifyServiceView { fraud_guard: self.fraud_level(view.sid).await, ..view.clone() }
    }

    async fn fraud_level(&self, service: Sid) -> Option<FraudLevel> {
        if !self.is_simulated() {
            return None;
        }
        let sid = service.to_string();
        // Without it the settings are still right: that the sandbox is gone, the next call says.
        let answer = self.control(Method::GET, &path(&sid), None).await.ok()?;
        FraudLevel::deserialize(&answer["level"]).ok()
    }
}

fn path(service: &str) -> [&str; 4] {
    ["sandbox", "services", service, "fraud-guard"]
}
