//! What the sandbox is, and back to the start.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refused, Result, note};
use crate::sandbox::account::{Account, Key};
use crate::sandbox::clock::precise;
use crate::sandbox::error::StoreError;
use crate::sandbox::fixture;
use crate::sandbox::http::App;
use crate::sandbox::scenario::Scenario;
use crate::sandbox::world::World;

/// `GET state`.
pub async fn state(app: &App) -> Result {
    Ok(app.engine.run(|world| show(world)).await?)
}

fn show(world: &World) -> std::result::Result<Value, StoreError> {
    let meta = world.meta();
    let account = world.get::<Account>(&meta.account)?;
    let test = world.get::<Account>(&meta.test_account)?;
    let key = world.get::<Key>(&meta.key)?;
    Ok(json!({
        "instance": meta.instance,
        "accountSid": meta.account,
        "authToken": account.map(|account| account.auth_token),
        "apiKeySid": meta.key,
        "apiKeySecret": key.map(|key| key.secret),
        "testAccountSid": meta.test_account,
        "testAuthToken": test.map(|account| account.auth_token),
        "now": precise(world.now()),
        "epoch": meta.epoch,
        "seed": meta.seed,
        "paused": world.clock().paused(),
        "webhooks": meta.webhooks,
        "counts": meta.counts,
    }))
}

/// The body of `POST reset`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    #[serde(default)]
    seed: Option<u64>,
    #[serde(default)]
    scenario: Option<Told>,
}

/// A scenario by its name, or told on the spot.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Name(String),
    Here(serde_json::Map<String, Value>),
}

impl Told {
    fn scenario(self) -> Result<Scenario> {
        match self {
            Told::Name(name) => Scenario::named(&name).map_err(Refused::bad),
            // A second step, for an untagged form says nothing of what was wrong.
            Told::Here(map) => serde_json::from_value(map.into())
                .map_err(|error| Refused::bad(format!("the scenario is not understood: {error}"))),
        }
    }
}

/// `POST reset`.
pub async fn reset(app: &App, body: Reset) -> Result {
    let scenario = body.scenario.map(Told::scenario).transpose()?.unwrap_or_default();
    let work = move |world: &mut World| {
        let webhooks = world.meta().webhooks.clone();
        fixture::reset(world, body.seed)?;
        let played = match scenario.play(world)? {
            Ok(()) => Ok(()),
            Err(wrong) => {
                // What was half made is not left behind.
                fixture::reset(world, body.seed)?;
                world.meta_mut().webhooks = webhooks;
                Err(wrong)
            }
        };
        note(world, "reset", json!({ "seed": world.meta().seed }));
        Ok(match played {
            Ok(()) => Ok(show(world)?),
            Err(wrong) => Err(format!("{wrong}; the world is a fresh one now")),
        })
    };
    app.engine.run(work).await?.map_err(Refused::bad)
}

/// The body of `POST webhooks`: what is given is set, null clears, the rest stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    #[serde(default, deserialize_with = "given")]
    sms: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    status: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    conversations: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    events: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    usage: Option<Option<String>>,
}

/// Tells null from absent.
fn given<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(from).map(Some)
}

/// `POST webhooks`.
pub async fn webhooks(app: &App, body: Webhooks) -> Result {
    let all = [&body.sms, &body.status, &body.conversations, &body.events, &body.usage];
    for url in all.into_iter().flatten().flatten() {
        if !url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err(Refused::bad(format!("{url:?} is no http or https URL")));
        }
    }
    let work = move |world: &mut World| {
        let webhooks = &mut world.meta_mut().webhooks;
        let fields = [
            (&mut webhooks.sms, body.sms),
            (&mut webhooks.status, body.status),
            (&mut webhooks.conversations, body.conversations),
            (&mut webhooks.events, body.events),
            (&mut webhooks.usage, body.usage),
        ];
        for (field, value) in fields {
            if let Some(value) = value {
                *field = value;
            }
        }
        let webhooks = json!(webhooks);
        note(world, "webhooks", webhooks.clone());
        Ok(webhooks)
    };
    Ok(app.engine.run(work).await?)
}
