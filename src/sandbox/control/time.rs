//! Moves the simulated clock. Timers due in between fire in order, and the webhooks they send are delivered,
//! before the answer.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::{Refused, Result, note};
use crate::sandbox::carrier::media;
use crate::sandbox::clock::{parse, precise};
use crate::sandbox::http::App;
use crate::sandbox::timer;
use crate::sandbox::world::World;

/// The longest that an answer waits for webhooks.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks whether media are there.
const LOOK: Duration = Duration::from_millis(5);
/// Ten years, in seconds.
const FARTHEST: f64 = 10.0 * 365.0 * 86_400.0;

/// The body of `POST clock`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Clock {
    #[serde(default)]
    advance_seconds: Option<f64>,
    #[serde(default)]
    paused: Option<bool>,
    #[serde(default)]
    now: Option<String>,
}

/// Media are fetched in real time: simulated time does not run past what is under way.
async fn fetched(app: &App) -> std::result::Result<(), Refused> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end && app.engine.run(|world| media::any_pending(world)).await? {
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

enum Moved {
    To(u64, Vec<tokio::sync::oneshot::Receiver<crate::sandbox::webhook::post::Report>>),
    Backward,
}

/// `POST clock`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to lie between 0 and ten years")]
pub async fn set(app: &App, body: Clock) -> Result {
    let advance = match body.advance_seconds {
        None => None,
        Some(seconds) if (0.0..=FARTHEST).contains(&seconds) => Some((seconds * 1e6).round() as u64),
        Some(_) => return Err(Refused::bad("advanceSeconds must lie between 0 and ten years: time cannot go back")),
    };
    let wanted =
        match &body.now {
            None => None,
            Some(text) => Some(parse(text).ok_or_else(|| {
                Refused::bad(format!("{text:?} is no time: give one such as 2026-03-02T09:00:00-08:00"))
            })?),
        };
    fetched(app).await?;
    let (waiting, paused) = (app.waiting.clone(), body.paused);
    let work = move |world: &mut World| {
        if let Some(paused) = paused {
            world.clock_mut().pause(paused);
        }
        let now = world.clock().now();
        let target = wanted.unwrap_or(now) + advance.unwrap_or(0);
        if target < now {
            if world.meta().happened {
                return Ok(Moved::Backward);
            }
            world.clock_mut().set(target);
            world.at(target);
            note(world, "clock", json!({ "paused": world.clock().paused() }));
            return Ok(Moved::To(target, Vec::new()));
        }
        let before = world.sent_webhooks().len();
        timer::fire(world, target, usize::MAX)?;
        if target > now {
            world.clock_mut().set(target);
        }
        world.at(target);
        note(world, "clock", json!({ "paused": world.clock().paused() }));
        let sent = world.sent_webhooks().split_off(before);
        Ok(Moved::To(target, sent.into_iter().map(|id| waiting.expect(id)).collect()))
    };
    match app.engine.run(work).await? {
        Moved::Backward => Err(Refused::conflict(
            "the clock goes back only before anything has happened: reset the sandbox first, then set the time",
        )),
        Moved::To(now, sent) => {
            // A reset in between, or a receiver that never answers, does not hold up the clock.
            let _ = tokio::time::timeout(PATIENCE, futures_util::future::join_all(sent)).await;
            let paused = app.engine.run(|world| Ok(world.clock().paused())).await?;
            Ok(json!({ "now": precise(now), "paused": paused }))
        }
    }
}
