//! Faults: adds, lists, clears.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refused, Result};
use crate::sandbox::faults::{Action, CallFault, HookFault, Lasts, Match, PriceFault, WebhookFault};
use crate::sandbox::http::App;
use crate::sandbox::world::World;

/// The longest that prices are late, in seconds: a year.
const LATEST: u64 = 366 * 86_400;

/// The body of `POST faults`: for API calls, for webhooks, or for prices.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    #[serde(rename = "match", default)]
    matching: Option<Match>,
    #[serde(default)]
    action: Option<Action>,
    #[serde(default)]
    webhook: Option<WebhookFault>,
    #[serde(default)]
    prices: Option<PriceFault>,
    #[serde(default)]
    times: Option<u32>,
    #[serde(default)]
    rate: Option<f64>,
}

/// `POST faults`.
pub async fn add(app: &App, fault: Fault) -> Result {
    if let Some(prices) = &fault.prices {
        checked(&fault, prices)?;
    }
    let lasts = match (fault.times, fault.rate) {
        (Some(0), _) => return Err(Refused::bad("times counts from 1")),
        (_, Some(rate)) if !(rate > 0.0 && rate <= 1.0) => {
            return Err(Refused::bad("a rate lies above 0 and is 1 at most"));
        }
        (Some(_), Some(_)) => return Err(Refused::bad("a fault has either times or a rate")),
        (times, None) => Lasts::Times(times.unwrap_or(1)),
        (None, Some(rate)) => Lasts::Rate(rate),
    };
    if fault.action.as_ref().and_then(|action| action.status).is_some_and(|status| !(400..=599).contains(&status)) {
        return Err(Refused::bad("a fault's status lies between 400 and 599"));
    }
    let work = move |world: &mut World| {
        let faults = &mut world.meta_mut().faults;
        match (fault.action, fault.webhook, fault.prices) {
            (None, None, Some(prices)) => faults.prices = Some(prices),
            (Some(action), None, None) => {
                let matching = fault.matching.unwrap_or_default();
                faults.calls.push(CallFault { matching, action, lasts });
            }
            (None, Some(webhook), None) if fault.matching.is_none() => faults.hooks.push(HookFault { webhook, lasts }),
            _ => return Ok(None),
        }
        Ok(Some(show(world)))
    };
    let added = app.engine.run(work).await?;
    added.ok_or_else(|| {
        Refused::bad(
            "a fault is {match, action} for API calls, {webhook} for webhooks, or {prices} for what things cost",
        )
    })
}

/// What prices may be like.
fn checked(fault: &Fault, prices: &PriceFault) -> Result<()> {
    if fault.matching.is_some() || fault.times.is_some() || fault.rate.is_some() {
        return Err(Refused::bad("a fault of prices lasts until it is cleared, for all records alike"));
    }
    if prices.delay_seconds.is_some_and(|seconds| seconds > LATEST) {
        return Err(Refused::bad("delaySeconds is a year at most"));
    }
    if prices.unit.as_ref().is_some_and(|unit| unit.len() != 3 || !unit.bytes().all(|b| b.is_ascii_uppercase())) {
        return Err(Refused::bad("unit is a currency of three capital letters, such as EUR"));
    }
    Ok(())
}

/// `GET faults`.
pub async fn list(app: &App) -> Result {
    Ok(app.engine.run(|world| Ok(show(world))).await?)
}

/// `DELETE faults`.
pub async fn clear(app: &App) -> Result {
    let work = |world: &mut World| {
        world.meta_mut().faults = crate::sandbox::faults::Faults::default();
        Ok(show(world))
    };
    Ok(app.engine.run(work).await?)
}

fn show(world: &World) -> Value {
    let faults = &world.meta().faults;
    json!({ "calls": faults.calls, "webhooks": faults.hooks, "prices": faults.prices })
}
