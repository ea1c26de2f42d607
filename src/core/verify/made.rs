//! The Verify service that a business gets when its first code is asked for, if somebody says yes to that.

use std::time::{Duration, Instant};

use crate::api::setup::StartSetup;
use crate::api::{ApiError, Caller, Code};
use crate::core::Core;
use crate::domain::access::Permission;
use crate::domain::business::{Business, suggested_service_name};
use crate::domain::id::{Id, Sid};
use crate::domain::remote::State;

/// The word of the yes.
const YES: &str = "service";
/// How long Twilio may take to make it.
const PATIENCE: Duration = Duration::from_secs(20);

impl Core {
    /// A business with its Verify service. One without is asked about, and gets one after a yes, which is then
    /// taken out of `confirm`. Who may not change businesses is only told.
    pub(super) async fn serviced(
        &self,
        caller: &Caller,
        id: Id,
        confirm: &mut Option<String>,
    ) -> Result<(Business, Sid), ApiError> {
        let business = self.business(caller, id)?;
        let may = caller.permissions.has(Permission::BusinessWrite);
        if let (Some(_), _) | (_, false) = (business.verify_service, may) {
            return self.verifying(caller, id);
        }
        if confirm.as_deref() != Some(YES) {
            let detail = format!(
                "{} has no Verify service: with a yes one is made at Twilio, named `{}` in texts, and the code is sent with it",
                business.name,
                suggested_service_name(&business.name)
            );
            return Err(ApiError { confirm: Some(YES.into()), ..ApiError::new(Code::ConfirmationRequired, detail) });
        }
        *confirm = None;
        let (verify_name, code_length, number) = (None, None, None);
        let start = StartSetup { id, verify: Some(true), messaging: Some(false), verify_name, code_length, number };
        self.start_setup(caller, start, None).await?;
        self.until_made(caller, id).await
    }

    async fn until_made(&self, caller: &Caller, id: Id) -> Result<(Business, Sid), ApiError> {
        let (mut heads, end) = (self.0.lanes.heads(), Instant::now() + PATIENCE);
        loop {
            heads.borrow_and_update();
            if self.business(caller, id)?.verify_service.is_some() {
                return self.verifying(caller, id);
            }
            let setup = self.get_setup(caller, id)?;
            if setup.state == State::Failed {
                let why = setup.steps.into_iter().find_map(|step| step.detail).unwrap_or_default();
                let detail = format!("the Verify service could not be made, and no code was sent: {why}");
                return Err(ApiError::new(Code::Conflict, detail));
            }
            if tokio::time::timeout_at(end.into(), heads.changed()).await.is_err() {
                let detail = "Twilio has not made the Verify service yet, and no code was sent: it goes on by itself, send again in a moment";
                return Err(ApiError::unavailable(detail));
            }
        }
    }
}
