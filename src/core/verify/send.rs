//! Sending a code: durable before Twilio is asked, asked for once, and its answer kept.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;

use super::refused::{by_code, refused, sentence};
use super::{UnderWay, recipient};
use crate::api::verify::*;
use crate::api::{ApiError, Caller, Code};
use crate::clock;
use crate::core::change::{
    AttemptAccepted, AttemptRefused, AttemptStarted, AttemptUnknown, Change, Once, Outcome, answered,
};
use crate::core::rows::verify::attempt_key;
use crate::core::{Core, read};
use crate::domain::address::Address;
use crate::domain::business::Business;
use crate::domain::id::{Id, Sid};
use crate::domain::phone::Phone;
use crate::domain::pricing::Item;
use crate::domain::verification::{Attempt, Channel, Journey, Progress, Status, Wish, codes, extras};
use crate::twilio::Error;
use crate::twilio::verify::{self as upstream, NewVerification};

/// The longest name Twilio takes in place of the service's.
const LONGEST_NAME: usize = 30;

/// What is to be sent, once it is known to whom.
pub(super) struct Order {
    pub business: Business,
    pub service: Sid,
    pub to: Address,
    pub wish: Wish,
    pub own_code: Option<SecretString>,
    pub flow: Option<Id>,
    pub confirm: Option<String>,
}

impl Core {
    pub(in crate::core) async fn send_verification(
        &self,
        caller: &Caller,
        input: SendVerification,
        once: Option<Once>,
    ) -> Result<FlowView, ApiError> {
        let (to, channel) = recipient(&input.to, input.channel, &self.settings().region)?;
        let mut confirm = input.confirm;
        let (business, service) = self.serviced(caller, input.business, &mut confirm).await?;
        let own_code = input.custom_code.map(|code| own_code(&code.0)).transpose()?;
        let wish = Wish {
            channel,
            locale: input.locale.filter(|locale| !locale.trim().is_empty()),
            template: input.template,
            template_version: None,
            substitutions: input.substitutions,
            name: input.friendly_name.map(|name| friendly_name(&name)).transpose()?,
            rate_limits: input.rate_limits,
            amount: input.amount,
            payee: input.payee,
            send_digits: input.send_digits,
            app_hash: input.app_hash,
            risk_check: input.risk_check,
            tags: input.tags,
            own_code: own_code.is_some(),
        };
        extras::checked(&wish).map_err(|misfit| ApiError::field(misfit.field, misfit.why))?;
        self.send_code(caller, Order { business, service, to, wish, own_code, flow: None, confirm }, once).await
    }

    pub(in crate::core) async fn resend_verification(
        &self,
        caller: &Caller,
        input: ResendVerification,
        once: Option<Once>,
    ) -> Result<FlowView, ApiError> {
        let (business, service) = self.verifying(caller, input.business)?;
        let (to, wish) = self.last_wish(business.id, input.flow)?;
        let (flow, confirm) = (Some(input.flow), input.confirm);
        self.send_code(caller, Order { business, service, to, wish, own_code: None, flow, confirm }, once).await
    }

    pub(in crate::core) async fn fall_back_verification(
        &self,
        caller: &Caller,
        input: FallBackVerification,
        once: Option<Once>,
    ) -> Result<FlowView, ApiError> {
        let (business, service) = self.verifying(caller, input.business)?;
        let (before, wish) = self.last_wish(business.id, input.flow)?;
        let to = input.to.unwrap_or_else(|| before.to_string());
        let (to, channel) = recipient(&to, Some(input.channel), &self.settings().region)?;
        // What belongs to one channel stays with it.
        let wish = Wish {
            send_digits: wish.send_digits.filter(|_| channel == Channel::Call),
            app_hash: wish.app_hash.filter(|_| channel == Channel::Sms),
            ..wish
        };
        // A template goes along where the channel has templates.
        let wish = match channel.in_templates() {
            Some(_) => Wish { channel, ..wish },
            None => Wish { channel, template: None, template_version: None, substitutions: BTreeMap::new(), ..wish },
        };
        let (flow, confirm) = (Some(input.flow), input.confirm);
        self.send_code(caller, Order { business, service, to, wish, own_code: None, flow, confirm }, once).await
    }

    /// Recipient and wish of a flow's latest send.
    fn last_wish(&self, business: Id, flow: Id) -> Result<(Address, Wish), ApiError> {
        let flow = self.flow(business, flow)?;
        let leg = flow.current().ok_or_else(|| ApiError::not_found(format!("verification {}", flow.id)))?;
        let last: Option<Attempt> = match leg.attempts.last() {
            Some(id) => read(&*self.reader()?, &attempt_key(business, *id))?,
            None => None,
        };
        let last = last.ok_or_else(|| ApiError::not_found(format!("send of verification {}", flow.id)))?;
        Ok((leg.to.clone(), Wish { own_code: false, ..last.wish }))
    }

    async fn send_code(&self, caller: &Caller, order: Order, once: Option<Once>) -> Result<FlowView, ApiError> {
        // Under a key that was used before, nothing is sent and nothing is asked.
        if let Some(once) = &once
            && let Some(Outcome::Made(id)) = answered(&*self.reader()?, once, clock::wall())?
        {
            return self.replayed(caller, order.business.id, id);
        }
        // A tenant's own program has said yes by having its key.
        if caller.business.is_none() {
            self.ask_when_live(order.confirm.as_deref())?;
        }
        let order = self.with_template(order).await?;
        self.warn_of_landline(&order)?;
        if order.confirm.as_deref() == Some("cancel") {
            self.cancel_waiting(caller, &order).await?;
        }
        let attempt = self.attempt(&order);
        let (business, id, new_flow) = (attempt.business, attempt.id, self.new_id());
        // Noted first: from the commit on, others may see it as begun.
        let under_way = UnderWay::begin(self, id);
        let start = AttemptStarted { attempt, flow: order.flow, new_flow };
        let made = self.submit(&caller.agent, once, Change::AttemptStarted(Box::new(start))).await?;
        if let Outcome::Made(made) = made
            && made != id
        {
            return self.replayed(caller, business, made);
        }
        let answer = self.settings().client.verify().start(order.service, &request(&order)).await;
        let (change, failed) = self.outcome(business, id, answer);
        self.record(change).await;
        drop(under_way);
        let flow = self.attempt_row(business, id)?.flow;
        match failed {
            Some(e) if !matches!(e, Error::Unknown { .. } | Error::Decode { .. }) => {
                if e.is_not_found() {
                    self.0.verify.services.forget(order.service);
                    return Err(ApiError { about: Some(flow), ..service_gone(&order.business, order.service) });
                }
                Err(refused(&e, Some(flow)))
            }
            _ => self.flow_view(caller, business, flow),
        }
    }

    /// The send before Twilio knows of it.
    pub(super) fn attempt(&self, order: &Order) -> Attempt {
        let channel = order.wish.channel;
        let country = Phone::parse(order.to.as_str(), None).ok().and_then(|phone| phone.region());
        let segments = if channel == Channel::Sms { self.segments_of(order) } else { 0 };
        let rates = &self.settings().rates;
        let price = rates.rate(channel.item(), country.as_deref());
        let fee = rates.rate(Item::Verify, country.as_deref());
        Attempt {
            business: order.business.id,
            id: self.new_id(),
            flow: Id(0),
            leg: 0,
            nth: 0,
            to: order.to.clone(),
            service: order.service,
            estimate: price.map(|price| if channel == Channel::Sms { price.times(segments.max(1)) } else { price }),
            wish: order.wish.clone(),
            verification: None,
            sid: None,
            progress: Progress::Starting,
            outcome: Status::Starting,
            error: None,
            error_text: None,
            segments,
            price: None,
            converted: None,
            country,
            carrier: None,
            actor: String::new(),
            at: self.now(),
            steps: Vec::new(),
            started: clock::wall(),
            settled: false,
            journey: Journey { fee, ..Journey::default() },
        }
    }

    pub(super) fn attempt_row(&self, business: Id, id: Id) -> Result<Attempt, ApiError> {
        let row: Option<Attempt> = read(&*self.reader()?, &attempt_key(business, id))?;
        row.ok_or_else(|| ApiError::not_found(format!("send {id}")))
    }

    /// The answer that an earlier call under the same key got, or gets.
    fn replayed(&self, caller: &Caller, business: Id, attempt: Id) -> Result<FlowView, ApiError> {
        let row = self.attempt_row(business, attempt)?;
        if self.0.verify.is_under_way(attempt) {
            let detail = "a call with this Idempotency-Key is still under way: ask again in a moment";
            return Err(ApiError { retry_after: Some(1), ..ApiError::new(Code::Conflict, detail) });
        }
        if row.progress.is_refusal() {
            let http = if row.error.is_some() { 502 } else { 503 };
            return Err(by_code(row.error, http, row.error_text.unwrap_or_default(), Some(row.flow)));
        }
        self.flow_view(caller, business, row.flow)
    }

    /// What Twilio's answer means, and the failure for the caller if it is one.
    fn outcome(
        &self,
        business: Id,
        attempt: Id,
        answer: Result<upstream::Verification, Error>,
    ) -> (Change, Option<Error>) {
        match answer {
            Ok(made) => (accepted(business, attempt, &made, self.now()), None),
            Err(e) if e.may_have_happened() => {
                let text = e.explain();
                (Change::AttemptUnknown(AttemptUnknown { business, attempt, text }), Some(e))
            }
            Err(e) => {
                let refused = AttemptRefused { business, attempt, code: e.code(), text: sentence(&e) };
                (Change::AttemptRefused(refused), Some(e))
            }
        }
    }

    /// The answer of Twilio must not be lost: it is offered until the store takes it.
    pub(super) async fn record(&self, change: Change) {
        let mut wait = Duration::from_millis(100);
        while let Err(e) = self.submit_work(change.clone()).await {
            if e.code != Code::Unavailable || self.stopping().is_cancelled() {
                tracing::error!(error = %e, "what Twilio said to a code could not be recorded; it will be looked up");
                return;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(5));
        }
    }
}

/// Twilio has accepted a send: the newest of the verification's list.
pub(super) fn accepted(
    business: Id,
    attempt: Id,
    made: &upstream::Verification,
    at: crate::domain::time::Time,
) -> Change {
    let sends = u32::try_from(made.send_code_attempts.len()).unwrap_or(u32::MAX);
    Change::AttemptAccepted(AttemptAccepted {
        business,
        attempt,
        verification: made.sid,
        sid: made.send_code_attempts.last().and_then(|sent| sent.attempt_sid),
        sends,
        at,
        carrier: made.lookup.carrier.as_ref().and_then(|carrier| carrier.name.clone()),
    })
}

/// What Twilio is asked.
pub(super) fn request(order: &Order) -> NewVerification {
    let wish = &order.wish;
    let object = |map: &BTreeMap<String, String>| (!map.is_empty()).then(|| json!(map).to_string());
    NewVerification {
        to: order.to.to_string(),
        channel: Some(upstream::Channel::from(wish.channel.word())),
        locale: wish.locale.clone(),
        custom_friendly_name: wish.name.clone(),
        custom_code: order.own_code.clone(),
        amount: wish.amount.clone(),
        payee: wish.payee.clone(),
        rate_limits: object(&wish.rate_limits),
        template_sid: wish.template,
        template_custom_substitutions: object(&wish.substitutions),
        send_digits: wish.send_digits.clone(),
        app_hash: wish.app_hash.clone(),
        risk_check: wish.risk_check.map(|check| check.word().to_owned()),
        tags: object(&wish.tags),
        ..NewVerification::default()
    }
}

/// A code of the caller's own.
fn own_code(code: &str) -> Result<SecretString, ApiError> {
    let code = code.trim();
    if !(4..=10).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(ApiError::field("customCode", "a code of your own has 4 to 10 digits or letters"));
    }
    Ok(SecretString::from(code.to_owned()))
}

/// A name in place of the service's: it stands in people's texts, so Twilio is strict.
pub(super) fn friendly_name(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let fits = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(fits) {
        let detail = format!(
            "a friendly name has 1 to {LONGEST_NAME} letters, digits, spaces, dashes or underscores, for it stands in people's texts"
        );
        return Err(ApiError::field("friendlyName", detail));
    }
    if name.chars().filter(char::is_ascii_digit).count() > 4 {
        return Err(ApiError::field("friendlyName", "a friendly name has at most 4 digits: more look like a code"));
    }
    Ok(name.to_owned())
}

/// The service is not there any more.
pub(super) fn service_gone(business: &Business, service: Sid) -> ApiError {
    let detail = format!(
        "the Verify service {service} of {} is not there any more (20404): it was deleted at Twilio. Give the business another one with `verifyServiceId`",
        business.name
    );
    ApiError { twilio: Some(codes::NOT_FOUND), ..ApiError::new(Code::Conflict, detail) }
}
