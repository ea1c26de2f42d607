//! What Twilio's console does to a Messaging Service and its API does not.

use serde_json::json;

use super::{Refused, Result, note};
use crate::sandbox::http::App;
use crate::sandbox::messaging::opt_out::{self, Advanced};
use crate::sandbox::messaging::service;
use crate::sandbox::world::World;

/// `POST services/{sid}/opt-out`.
pub async fn opt_out(app: &App, sid: &str, body: Advanced) -> Result {
    let all = [&body.stop, &body.start, &body.help];
    if all.iter().any(|words| words.keywords.iter().any(|word| word.trim().is_empty())) {
        return Err(Refused::bad("a keyword is empty"));
    }
    let sid = sid.to_owned();
    let unknown = Refused::missing(format!("there is no Messaging Service {sid}"));
    let work = move |world: &mut World| {
        if service::Service::get(world, &sid)?.is_none() {
            return Ok(None);
        }
        opt_out::set(world, &sid, &body)?;
        note(world, "opt-out", json!({ "service": sid }));
        Ok(Some(json!({ "messagingServiceSid": sid, "stop": body.stop, "start": body.start, "help": body.help })))
    };
    app.engine.run(work).await?.ok_or(unknown)
}
