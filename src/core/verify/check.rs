//! Checking a code. A wrong one is an answer, not an error. The code goes to Twilio and nowhere else.

use std::time::Instant;

use secrecy::SecretString;

use super::recipient;
use super::refused::{by_code, refused, sentence};
use crate::api::verify::*;
use crate::api::{ApiError, Caller, Code};
use crate::clock;
use crate::core::change::{Change, CheckRecorded, Once, Outcome, answered};
use crate::core::rows::verify::check_key;
use crate::core::{Core, read};
use crate::domain::address::Address;
use crate::domain::id::{Id, Sid};
use crate::domain::verification::{CHECKS, Check, Flow, Leg, Status, Verdict, code, codes};
use crate::twilio::Error;
use crate::twilio::verify::{Checked as Which, VerificationStatus};

impl Core {
    pub(in crate::core) async fn check_verification(
        &self,
        caller: &Caller,
        input: CheckVerification,
        once: Option<Once>,
    ) -> Result<Checked, ApiError> {
        let (business, service) = self.verifying(caller, input.business)?;
        if let Some(once) = &once
            && let Some(Outcome::Made(id)) = answered(&*self.reader()?, once, clock::wall())?
        {
            return self.checked(caller, business.id, id, 0);
        }
        let (flow, to) = self.checked_flow(business.id, &input)?;
        let place = flow.at;
        let leg = flow.legs.get(place).ok_or_else(|| ApiError::not_found(format!("verification {}", flow.id)))?;
        let settings = self.0.verify.services.known(service);
        let length = settings.as_ref().map(|s| s.code_length);
        let is_own = settings.as_ref().is_none_or(|s| s.custom_code_enabled);
        let given = code(&input.code.0, length, is_own).map_err(|e| ApiError::field("code", e.to_string()))?;
        let payment = match (&input.amount, &input.payee) {
            (Some(amount), Some(payee)) => Some((amount.as_str(), payee.as_str())),
            (None, None) => None,
            _ => return Err(ApiError::field("payee", "a payment needs both `amount` and `payee`")),
        };
        // By its SID where it has one: another code to the same person must not be taken for this one.
        let which = leg.sid.map_or_else(|| Which::To(to.to_string()), Which::Verification);
        let begun = Instant::now();
        let client = &self.settings().client;
        let answer = client.verify().check(leg.service, &which, &SecretString::from(given.code), payment).await;
        let took_micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut check = Check {
            business: business.id,
            id: self.new_id(),
            flow: flow.id,
            leg: place,
            attempt: leg.attempts.last().copied(),
            to,
            verdict: Verdict::Unknown,
            error: None,
            error_text: None,
            actor: String::new(),
            at: self.now(),
            took_micros,
        };
        let (status, failure) = match answer {
            Ok(said) => {
                check.verdict = if said.valid { Verdict::Approved } else { Verdict::Pending };
                (Status::from_twilio(said.status.as_str()), None)
            }
            Err(e) => self.not_checked(&mut check, &flow, leg, e).await,
        };
        let id = check.id;
        let recorded = CheckRecorded { check, status };
        self.submit(&caller.agent, once, Change::CheckRecorded(Box::new(recorded))).await?;
        match failure {
            Some(failure) => Err(failure),
            None => self.checked(caller, business.id, id, given.left_out),
        }
    }

    /// The flow whose code is checked, and the recipient.
    fn checked_flow(&self, business: Id, input: &CheckVerification) -> Result<(Flow, Address), ApiError> {
        if let Some(id) = input.flow {
            let flow = self.flow(business, id)?;
            let to = flow.current().map(|leg| leg.to.clone());
            return to.map(|to| (flow, to)).ok_or_else(|| ApiError::not_found(format!("verification {id}")));
        }
        let to = input.to.as_deref().ok_or_else(|| ApiError::field("to", "say whose code it is: `to` or `flow`"))?;
        let (to, _) = recipient(to, None, &self.settings().region)?;
        let flow = self.latest_flow(business, &to)?.ok_or_else(|| {
            ApiError::new(Code::NotFound, format!("no code was sent to {to} from here: send one first"))
        })?;
        let place = flow.legs.iter().rposition(|leg| leg.to == to).unwrap_or(flow.at);
        Ok((Flow { at: place, ..flow }, to))
    }

    /// Twilio did not look at the code, or its answer was lost. Answers how the verification stands, if that
    /// is known now, and what the caller is told.
    async fn not_checked(
        &self,
        check: &mut Check,
        flow: &Flow,
        leg: &Leg,
        e: Error,
    ) -> (Option<Status>, Option<ApiError>) {
        check.verdict = Verdict::Refused;
        (check.error, check.error_text) = (e.code(), Some(sentence(&e)));
        if e.may_have_happened() {
            return self.lost(check, leg, &e).await;
        }
        if e.code() == Some(codes::CHECKS_USED_UP) {
            return (Some(Status::MaxAttempts), Some(refused(&e, Some(flow.id))));
        }
        if !e.is_not_found() {
            return (None, Some(refused(&e, Some(flow.id))));
        }
        // Twilio deletes what is over: how it ended is what we know, or our clock tells.
        let now = self.now();
        let ended = match leg.status {
            Status::Pending if now >= leg.expires_at => Status::Expired,
            status => status,
        };
        let text = match ended {
            Status::Pending | Status::Starting | Status::Unknown => {
                "there is no waiting verification any more (20404): it ended at Twilio, or its service was deleted. Send a new code".to_owned()
            }
            ended => format!(
                "this verification is already finished ({}): Twilio deletes finished ones and answers 20404. Send a new code",
                ended.words()
            ),
        };
        check.error_text = Some(text.clone());
        ((ended == Status::Expired).then_some(ended), Some(by_code(e.code(), 404, text, Some(flow.id))))
    }

    /// The answer was lost: whether the code was right, the verification tells. A right code deletes it.
    async fn lost(&self, check: &mut Check, leg: &Leg, e: &Error) -> (Option<Status>, Option<ApiError>) {
        check.verdict = Verdict::Unknown;
        let Some(sid) = leg.sid else { return (None, Some(refused(e, Some(check.flow)))) };
        let found = self.settings().client.verify().fetch(leg.service, &Which::Verification(sid)).await;
        let in_time = self.now() < leg.expires_at && leg.status == Status::Pending;
        match found {
            Ok(found) if found.status == VerificationStatus::Pending => {
                check.verdict = Verdict::Pending;
                check.error_text =
                    Some(format!("{e}; the verification still waits: the code was wrong or was not looked at"));
                (None, None)
            }
            Ok(found) => {
                let status = Status::from_twilio(found.status.as_str());
                check.verdict = if status == Some(Status::Approved) { Verdict::Approved } else { Verdict::Refused };
                (status, None)
            }
            Err(gone) if gone.is_not_found() && in_time && self.service_is_there(leg.service).await => {
                check.verdict = Verdict::Approved;
                (check.error, check.error_text) = (None, None);
                (Some(Status::Approved), None)
            }
            Err(_) => (None, Some(refused(e, Some(check.flow)))),
        }
    }

    async fn service_is_there(&self, service: Sid) -> bool {
        self.settings().client.verify().fetch_service(service).await.is_ok()
    }

    /// A recorded check as the caller is told of it.
    fn checked(&self, caller: &Caller, business: Id, id: Id, left_out: usize) -> Result<Checked, ApiError> {
        let row: Option<Check> = read(&*self.reader()?, &check_key(business, id))?;
        let check = row.ok_or_else(|| ApiError::not_found(format!("check {id}")))?;
        if check.verdict == Verdict::Refused {
            return Err(by_code(check.error, 502, check.error_text.unwrap_or_default(), Some(check.flow)));
        }
        let flow = self.flow_view(caller, business, check.flow)?;
        let left = u32::from(CHECKS).saturating_sub(flow.checks);
        let spaces = match left_out {
            0 => String::new(),
            1 => " A space or dash in it was left out.".to_owned(),
            n => format!(" {n} spaces or dashes in it were left out."),
        };
        let detail = match check.verdict {
            Verdict::Approved => format!("the code was right.{spaces}"),
            Verdict::Unknown => format!("Twilio's answer was lost: look at the flow before checking again.{spaces}"),
            _ if left == 0 => {
                format!("the code was wrong, and it was the last check: cancel and send a new one.{spaces}")
            }
            _ => format!("the code was wrong: {left} checks are left.{spaces}"),
        };
        let success = check.verdict == Verdict::Approved;
        Ok(Checked { success, status: check.verdict, detail, check: super::views::check(check), flow })
    }
}
