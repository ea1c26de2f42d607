//! One cell of a matrix: a real send through every rule, read off the simulated handset where there is one,
//! and ended again.

use serde_json::Value;

use crate::api::simulator::PhoneMessage;
use crate::api::verify::*;
use crate::api::{ApiError, Caller, Code};
use crate::core::Core;
use crate::domain::id::Id;
use crate::domain::verification::matrix::{Cell, Fate, MatrixWish};
use crate::domain::verification::{Channel, Verdict, handset};

impl Core {
    /// Sends a cell and ends it again. Only what keeps the node itself from working is an error.
    pub(super) async fn run_cell(
        &self,
        caller: &Caller,
        business: Id,
        wish: &MatrixWish,
        (channel, to): (Channel, &str),
        locale: &str,
    ) -> Result<Cell, ApiError> {
        let mut cell = Cell {
            channel,
            locale: locale.to_owned(),
            fate: Fate::Refused,
            detail: String::new(),
            error: None,
            text: String::new(),
            is_exact: false,
            template: String::new(),
            took_micros: 0,
            cost: None,
            flow: None,
        };
        if let Err(e) = self.try_cell(caller, business, wish, to, &mut cell).await {
            // A node that cannot go on must not look like a text that is wrong.
            if matches!(e.code, Code::Internal) {
                return Err(e);
            }
            cell.flow = cell.flow.or(e.about);
            (cell.detail, cell.error) = (e.detail, e.twilio);
        }
        Ok(cell)
    }

    async fn try_cell(
        &self,
        caller: &Caller,
        business: Id,
        wish: &MatrixWish,
        to: &str,
        cell: &mut Cell,
    ) -> Result<(), ApiError> {
        // A template goes along where the channel has templates.
        let templated = cell.channel.in_templates().is_some();
        let (template, substitutions) = match templated {
            true => (wish.template, wish.values(&cell.locale)),
            false => (None, Default::default()),
        };
        let locale = Some(cell.locale.clone());
        let preview = PreviewVerification {
            business,
            to: to.to_owned(),
            channel: Some(cell.channel),
            locale: locale.clone(),
            template,
            substitutions: substitutions.clone(),
            ..PreviewVerification::default()
        };
        let shown = self.preview_verification(caller, preview).await?;
        (cell.text, cell.is_exact, cell.template) = (shown.text, shown.is_exact, shown.template_name);
        let send = SendVerification {
            business,
            to: to.to_owned(),
            channel: Some(cell.channel),
            locale,
            template,
            substitutions,
            // What waits for this person is ended first: a cell is a code of its own.
            confirm: Some("cancel".into()),
            ..SendVerification::default()
        };
        let flow = self.send_verification(caller, send, None).await?;
        (cell.flow, cell.fate) = (Some(flow.id), Fate::Failed);
        let Some(_) = flow.sid else {
            let detail = "Twilio's answer was lost: it is being looked up whether the code was sent";
            return Err(ApiError { about: Some(flow.id), ..ApiError::unavailable(detail) });
        };
        let done = match self.settings().sandbox.is_some() {
            true => self.read_and_check(caller, &flow, cell).await,
            false => {
                cell.fate = Fate::Accepted;
                Ok(())
            }
        };
        let flow = self.end_cell(caller, business, flow.id).await;
        cell.cost = flow.and_then(|flow| flow.cost).and_then(|cost| cost.total);
        done
    }

    /// Reads the code off the handset and checks it.
    async fn read_and_check(&self, caller: &Caller, flow: &FlowView, cell: &mut Cell) -> Result<(), ApiError> {
        let sent = self.flow(flow.business, flow.id)?.current().and_then(|leg| leg.attempts.last().copied());
        let sid = sent.map(|id| self.attempt_row(flow.business, id)).transpose()?.and_then(|attempt| attempt.sid);
        let Some(sid) = sid.map(|sid| sid.to_string()) else {
            return Err(ApiError::unavailable("Twilio named no attempt (VL...): what it sent cannot be found"));
        };
        let arrived = self.control(reqwest::Method::POST, &["sandbox", "codes", &sid, "arrive"], None).await?;
        let address = handset::address(&flow.to, cell.channel);
        let phone = self.get_phone(&address).await?;
        let Some(message) = phone.messages.into_iter().rev().find(|message| message.sid == sid) else {
            return Err(not_arrived(&address, &arrived));
        };
        let Some(code) = message.code(self.digits_of(flow)) else {
            cell.text = message.body;
            let detail = format!("what came to {address} holds no code of {} digits", self.digits_of(flow));
            return Err(ApiError::new(Code::Upstream, detail));
        };
        (cell.text, cell.is_exact) = (text(&message, &code), true);
        let check = CheckVerification {
            business: flow.business,
            code: OneTimeCode(code),
            to: None,
            flow: Some(flow.id),
            amount: None,
            payee: None,
        };
        let checked = self.check_verification(caller, check, None).await?;
        if checked.status != Verdict::Approved {
            return Err(ApiError::new(Code::Upstream, checked.detail));
        }
        cell.fate = Fate::Approved;
        Ok(())
    }

    fn digits_of(&self, flow: &FlowView) -> usize {
        self.0.verify.services.known(flow.service).map_or(6, |service| service.code_length as usize)
    }

    /// Nobody waits for the code of a cell; and Twilio is asked for its price.
    async fn end_cell(&self, caller: &Caller, business: Id, flow: Id) -> Option<FlowView> {
        let waits = self.flow(business, flow).ok()?.status().is_open();
        if waits && let Err(e) = self.cancel_verification(caller, CancelVerification { business, flow }, None).await {
            tracing::warn!(error = %e, "a code of a matrix could not be canceled; it runs out by itself");
        }
        let seen = self.get_flow(caller, &GetFlow { business, flow, refresh: true }).await;
        match seen {
            Ok(detail) => Some(detail.flow),
            Err(_) => self.flow_view(caller, business, flow).ok(),
        }
    }
}

fn text(message: &PhoneMessage, code: &str) -> String {
    handset::masked(message.body.trim(), code)
}

/// A code that is not on the handset, by what the sandbox says of it.
fn not_arrived(address: &str, arrived: &Value) -> ApiError {
    let progress = arrived["progress"].as_str().unwrap_or("unknown");
    let error = arrived["error"].as_u64().and_then(|code| u32::try_from(code).ok());
    let why = error.and_then(crate::core::views::explain).map(|why| format!(": {why}")).unwrap_or_default();
    let detail = format!("the code did not arrive at {address}; it is {progress}{why}");
    ApiError { twilio: error, ..ApiError::new(Code::Upstream, detail) }
}
