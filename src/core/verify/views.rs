//! Flows, sends and checks as callers see them.

use super::sees_log;
use crate::api::verify::*;
use crate::api::{ApiError, Caller, When};
use crate::core::rows::verify::{attempt_key, flow_key};
use crate::core::{Core, read};
use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::pricing::{Item, RateCard};
use crate::domain::verification::{Attempt, CHECKS, Channel, Check, Flow, Leg, Progress, SENDS, Status};
use crate::store::Reader;

impl Core {
    /// A flow as a caller sees it.
    pub(super) fn flow_view(&self, caller: &Caller, business: Id, flow: Id) -> Result<FlowView, ApiError> {
        let reader = self.reader()?;
        let view = self.flow_now(&*reader, business, flow)?;
        let mut view = view.ok_or_else(|| ApiError::not_found(format!("verification {flow}")))?;
        if !sees_log(caller) {
            (view.cost, view.actor) = (None, String::new());
        }
        Ok(view)
    }

    /// A flow as those see it who may see everything.
    pub(in crate::core) fn flow_now(
        &self,
        reader: &dyn Reader,
        business: Id,
        flow: Id,
    ) -> Result<Option<FlowView>, ApiError> {
        let Some(flow) = read::<Flow>(reader, &flow_key(business, flow))? else { return Ok(None) };
        let attempts = attempts_of(reader, &flow)?;
        Ok(Some(view(&self.settings().rates, flow, &attempts)))
    }
}

/// The sends of a flow, oldest first.
pub(super) fn attempts_of(reader: &dyn Reader, flow: &Flow) -> Result<Vec<Attempt>, ApiError> {
    let mut all = Vec::new();
    for id in flow.legs.iter().flat_map(|leg| &leg.attempts) {
        all.extend(read::<Attempt>(reader, &attempt_key(flow.business, *id))?);
    }
    all.sort_by_key(|attempt| (attempt.at, attempt.id));
    Ok(all)
}

/// A flow with what its sends add to it.
pub(super) fn view(rates: &RateCard, flow: Flow, attempts: &[Attempt]) -> FlowView {
    let (status, latest) = (flow.status(), attempts.last());
    let cost = Some(cost(rates, &flow, attempts));
    let leg = flow.current();
    let fallback = flow.created_at;
    FlowView {
        to: leg.map(|leg| leg.to.to_string()).unwrap_or_default(),
        channel: latest.map_or(Channel::Sms, |a| a.wish.channel),
        status,
        service: leg.map_or(crate::domain::id::Sid { prefix: *b"VA", bytes: [0; 16] }, |leg| leg.service),
        sid: leg.and_then(|leg| leg.sid),
        sends: leg.map_or(0, |leg| leg.sends),
        sends_limit: u32::from(SENDS),
        checks: leg.map_or(0, |leg| leg.checks),
        checks_limit: u32::from(CHECKS),
        progress: latest.map_or(Progress::Starting, |a| a.progress),
        error: latest.and_then(|a| a.error),
        error_text: latest.and_then(|a| a.error_text.clone()),
        locale: latest.and_then(|a| a.wish.locale.clone()),
        template: latest.and_then(|a| a.wish.template),
        cost,
        converted: latest.and_then(|a| a.converted),
        expires_at: When(leg.map_or(fallback, |leg| leg.expires_at)),
        ended_at: leg.and_then(|leg| leg.ended_at).map(When),
        created_at: When(flow.created_at),
        version: flow.version,
        actor: flow.actor,
        id: flow.id,
        business: flow.business,
        legs: flow.legs.into_iter().map(leg_view).collect(),
    }
}

fn leg_view(leg: Leg) -> LegView {
    LegView {
        to: leg.to.to_string(),
        service: leg.service,
        sid: leg.sid,
        status: leg.status,
        sends: leg.sends,
        checks: leg.checks,
        created_at: leg.created_at.into(),
        expires_at: leg.expires_at.into(),
        ended_at: leg.ended_at.map(When),
    }
}

/// The fee for a right code; Twilio never says it for one verification alone.
pub(super) fn success_fee(rates: &RateCard, attempts: &[Attempt]) -> Option<Money> {
    rates.rate(Item::Verify, attempts.last().and_then(|a| a.country.as_deref()))
}

fn cost(rates: &RateCard, flow: &Flow, attempts: &[Attempt]) -> FlowCost {
    let sum = |a: Option<Money>, b: Option<Money>| match (a, b) {
        (Some(a), Some(b)) => a.plus(&b),
        (a, b) => a.or(b),
    };
    let costs: Vec<(Money, bool)> = attempts.iter().filter_map(Attempt::cost).collect();
    let sends = costs.iter().fold(None, |all, (money, _)| sum(all, Some(money.clone())));
    let is_approved = flow.status() == Status::Approved;
    let success = is_approved.then(|| success_fee(rates, attempts)).flatten();
    let is_estimate = success.is_some() || costs.iter().any(|(_, estimate)| *estimate);
    FlowCost { total: sum(sends.clone(), success.clone()), sends, success, is_estimate }
}

/// A send.
pub(in crate::core) fn attempt(a: Attempt) -> AttemptView {
    let expected = if a.price.is_none() { a.cost().map(|(money, _)| money) } else { None };
    AttemptView {
        failure: a.error.and_then(crate::twilio::error::lookup).cloned(),
        error_text: a.error_text.or_else(|| a.error.and_then(crate::core::views::explain)),
        error: a.error,
        id: a.id,
        business_id: a.business,
        business_name: None,
        flow: a.flow,
        phone_number: a.to.to_string(),
        channel: a.wish.channel,
        progress: a.progress,
        status: a.outcome,
        sid: a.sid,
        verification: a.verification,
        service: a.service,
        nth: a.nth,
        locale: a.wish.locale,
        template: a.wish.template,
        template_version: a.wish.template_version,
        segments: a.segments,
        price: a.price,
        expected_price: expected,
        converted: a.converted,
        country: a.country,
        carrier: a.carrier,
        actor: a.actor,
        created_at: a.at.into(),
    }
}

/// A check.
pub(super) fn check(c: Check) -> CheckView {
    CheckView {
        id: c.id,
        attempt_id: c.attempt,
        business_id: c.business,
        flow: c.flow,
        phone_number: c.to.to_string(),
        success: c.verdict == crate::domain::verification::Verdict::Approved,
        status: c.verdict,
        error: c.error,
        error_text: c.error_text,
        actor: c.actor,
        created_at: c.at.into(),
        took_micros: c.took_micros,
    }
}
