//! Ending a verification by hand, and asking Twilio how one stands.

use super::refused::refused;
use super::send::Order;
use crate::api::verify::*;
use crate::api::{ApiError, Caller, Code};
use crate::core::Core;
use crate::core::change::{Change, FlowExpired, LegEnded, Once};
use crate::domain::id::{Id, Sid};
use crate::domain::verification::{Flow, Leg, Status};
use crate::store::{Index, Order as Way, PageQuery};
use crate::twilio::verify::Checked as Which;

/// How many that have run out are ended in one go.
const CHUNK: usize = 256;

impl Core {
    pub(in crate::core) async fn cancel_verification(
        &self,
        caller: &Caller,
        input: CancelVerification,
        once: Option<Once>,
    ) -> Result<FlowView, ApiError> {
        self.end(caller, input.business, input.flow, Status::Canceled, once).await
    }

    pub(in crate::core) async fn approve_verification(
        &self,
        caller: &Caller,
        input: ApproveVerification,
        once: Option<Once>,
    ) -> Result<FlowView, ApiError> {
        self.end(caller, input.business, input.flow, Status::Approved, once).await
    }

    async fn end(
        &self,
        caller: &Caller,
        business: Id,
        flow: Id,
        status: Status,
        once: Option<Once>,
    ) -> Result<FlowView, ApiError> {
        self.business(caller, business)?;
        let flow = self.flow(business, flow)?;
        let leg = flow.current().ok_or_else(|| ApiError::not_found(format!("verification {}", flow.id)))?;
        // The same wish twice is one.
        if leg.status == status {
            return self.flow_view(caller, business, flow.id);
        }
        let Some(sid) = leg.sid.filter(|_| leg.status.may_become(status)) else {
            let detail =
                format!("this verification is {}: only a waiting one can be {}", leg.status.words(), status.words());
            return Err(ApiError { about: Some(flow.id), ..ApiError::new(Code::Conflict, detail) });
        };
        let verify = self.settings().client.verify();
        let which = Which::Verification(sid);
        let done = match status {
            Status::Approved => verify.approve(leg.service, &which).await,
            _ => verify.cancel(leg.service, &which).await,
        };
        if let Err(e) = done {
            // Doing it twice does no harm, so how it stands says whether it was done.
            let now = self.look(&flow, leg, sid).await;
            if now != Some(status) {
                if let Some(now) = now {
                    self.end_leg(&caller.agent, &flow, flow.at, now, None).await?;
                }
                return Err(refused(&e, Some(flow.id)));
            }
        }
        self.end_leg(&caller.agent, &flow, flow.at, status, once).await?;
        self.flow_view(caller, business, flow.id)
    }

    async fn end_leg(
        &self,
        actor: &str,
        flow: &Flow,
        leg: usize,
        status: Status,
        once: Option<Once>,
    ) -> Result<(), ApiError> {
        let change = LegEnded { business: flow.business, flow: flow.id, leg, status };
        self.submit(actor, once, Change::LegEnded(change)).await.map(drop)
    }

    /// Ends the waiting verification of the one a new code shall go to.
    pub(super) async fn cancel_waiting(&self, caller: &Caller, order: &Order) -> Result<(), ApiError> {
        let flow = match order.flow {
            Some(id) => Some(self.flow(order.business.id, id)?),
            None => self.latest_flow(order.business.id, &order.to)?,
        };
        let Some(flow) = flow else { return Ok(()) };
        let waits = flow.current().is_some_and(|leg| leg.status == Status::Pending);
        if waits {
            self.end(caller, order.business.id, flow.id, Status::Canceled, None).await?;
        }
        Ok(())
    }

    /// Asks Twilio how a verification stands; `None` when that cannot be known.
    async fn look(&self, flow: &Flow, leg: &Leg, sid: Sid) -> Option<Status> {
        match self.settings().client.verify().fetch(leg.service, &Which::Verification(sid)).await {
            Ok(found) => Status::from_twilio(found.status.as_str()),
            Err(e) if e.is_not_found() => self.how_it_ended(flow, leg, sid).await,
            Err(_) => None,
        }
    }

    /// A verification that Twilio no longer has ended somehow: its attempts tell whether by a right code.
    async fn how_it_ended(&self, flow: &Flow, leg: &Leg, sid: Sid) -> Option<Status> {
        let filter = crate::twilio::verify::attempts::AttemptFilter {
            verification: Some(sid),
            page_size: Some(20),
            ..Default::default()
        };
        let page = self.settings().client.verify().attempts(&filter).await.ok()?;
        let said = |word: &str| page.items.iter().any(|a| a.channel_data.status.as_deref() == Some(word));
        let converted = page.items.iter().any(super::follow::is_converted);
        if converted || said("confirmed") {
            return Some(Status::Approved);
        }
        let over = self.now() >= leg.expires_at;
        tracing::debug!(flow = %flow.id, over, "a verification is no longer at Twilio");
        over.then_some(Status::Expired)
    }

    /// Asks Twilio how the verifications of a flow stand that seem to wait.
    pub(super) async fn refresh(&self, caller: &Caller, flow: &Flow) -> Result<(), ApiError> {
        for (place, leg) in flow.legs.iter().enumerate() {
            let Some(sid) = leg.sid.filter(|_| leg.status == Status::Pending) else { continue };
            if let Some(status) = self.look(flow, leg, sid).await.filter(|status| *status != leg.status) {
                self.end_leg(&caller.agent, flow, place, status, None).await?;
            }
        }
        self.ask_about(flow).await
    }

    /// Ends what has run out. One that cannot be ended does not hold up the others.
    pub(in crate::core) async fn expire_due(&self) -> Result<(), ApiError> {
        loop {
            let due = self.run_out()?;
            if due.is_empty() {
                return Ok(());
            }
            let mut failed = None;
            for (business, flow) in due {
                let ended = self.submit_work(Change::FlowExpired(FlowExpired { business, flow })).await;
                failed = ended.err().or(failed);
            }
            if let Some(e) = failed {
                return Err(e);
            }
        }
    }

    fn run_out(&self) -> Result<Vec<(Id, Id)>, ApiError> {
        let now = self.now();
        let reader = self.reader()?;
        let query = PageQuery { index: Index::VerifyDue, prefix: &[], after: None, order: Way::Rising, limit: CHUNK };
        let keys = reader.page(&query).map_err(crate::core::broken)?;
        let due = keys.iter().filter_map(|key| {
            let at = crate::domain::time::Time::from_key(key.get(..8)?.try_into().ok()?);
            let business = Id(u64::from_be_bytes(key.get(8..16)?.try_into().ok()?));
            (at <= now).then_some((business, crate::core::inbox::last_id(key)))
        });
        Ok(due.collect())
    }
}
