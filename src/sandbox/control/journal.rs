//! The journal as a list.

use serde_json::json;

use super::{Refused, Result};
use crate::sandbox::call::Params;
use crate::sandbox::http::App;

/// `GET requests?after=N`: the calls and webhooks after a number, newest last.
pub async fn list(app: &App, query: &Params) -> Result {
    let after = after(query)?;
    let work = move |world: &mut crate::sandbox::world::World| Ok((world.entries(after)?, world.meta().entry));
    let (found, last) = app.engine.run(work).await?;
    let entries: Vec<_> = found.iter().map(AsRef::as_ref).filter(|entry| entry.travelled()).collect();
    Ok(json!({ "requests": entries, "last": last }))
}

/// The number that a reader has seen already.
pub fn after(query: &Params) -> std::result::Result<u64, Refused> {
    let text = query.text("after").unwrap_or("0");
    text.parse().map_err(|_| Refused::bad(format!("after={text:?} is no number: give the last one you have seen")))
}
