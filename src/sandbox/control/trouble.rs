//! Faults: adds, lists, clears.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refused, Result};
use crate::sandbox::faults::{Action, CallFault, HookFault, Lasts, Match, WebhookFault};
use crate::sandbox::http::App;
use crate::sandbox::world::World;

/// The body of `POST faults`: for API calls, or for webhooks.
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
    times: Option<u32>,
    #[serde(default)]
    rate: Option<f64>,
}

/// `POST faults`.
pub async fn add(app: &App, fault: Fault) -> Result {
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
        match (fault.action, fault.webhook) {
            (Some(action), None) => {
                let matching = fault.matching.unwrap_or_default();
                faults.calls.push(CallFault { matching, action, lasts });
            }
            (None, Some(webhook)) if fault.matching.is_none() => faults.hooks.push(HookFault { webhook, lasts }),
            _ => return Ok(None),
        }
        Ok(Some(show(world)))
    };
    let added = app.engine.run(work).await?;
    added.ok_or_else(|| Refused::bad("a fault is either {match, action} for API calls or {webhook} for webhooks"))
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
    json!({ "calls": faults.calls, "webhooks": faults.hooks })
}
