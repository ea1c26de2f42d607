//! The Media resource of a message, and its bytes.

use serde_json::{Value, json};

use super::messages::list::window;
use crate::sandbox::answer::{Answer, Content, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::media::{self, Media};
use crate::sandbox::carrier::message::Message;
use crate::sandbox::clock::rfc2822;
use crate::sandbox::error::StoreError;
use crate::sandbox::paging::{Asked, Page};
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// Routes a call below a message's `Media`.
pub fn route(world: &mut World, call: &Call, message: &Message, rest: &[&str]) -> Outcome<Answer> {
    let all = media::of(world, message)?;
    let [sid] = rest else {
        return match (call.method.as_str(), rest, call.json) {
            ("GET", [], true) => {
                let (from, until) = window(call, "DateCreated")?;
                let fits = |media: &Media| from <= media.created && media.created < until;
                let found = all.into_iter().filter(fits).collect();
                Ok(Page::whole(found, Asked::read(call, 50, 1000)?).classic(call, "media_list", show))
            }
            _ => Err(not_found(call)),
        };
    };
    let found = all.into_iter().find(|media| media.sid == *sid).ok_or_else(|| not_found(call))?;
    match (call.method.as_str(), call.json) {
        ("GET", true) => Ok(Answer::ok(show(&found))),
        // The bytes are elsewhere and need no credentials, as on Twilio's content network.
        ("GET", false) => Ok(Answer {
            status: 307,
            body: Content::Empty,
            headers: vec![("Location", format!("{}{}", world.base(), found.file(world)))],
        }),
        ("DELETE", _) => {
            let mut message = message.clone();
            message.media.retain(|known| known != sid);
            world.put(&message.sid, &message)?;
            media::delete(world, &found)?;
            Ok(Answer::gone())
        }
        _ => Err(Refusal::method_not_allowed().into()),
    }
}

/// Removes all media of a message.
pub fn delete_all(world: &mut World, message: &Message) -> Result<(), StoreError> {
    media::of(world, message)?.iter().try_for_each(|media| media::delete(world, media))
}

/// The bytes behind a file's path, for who knows its secret.
pub fn file(world: &World, sid: &str, secret: &str) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    if media::secret(world, sid) != secret {
        return Ok(None);
    }
    let Some(found) = world.get::<Media>(sid)? else { return Ok(None) };
    Ok(media::bytes(world, &found)?.map(|bytes| (found.content_type, bytes)))
}

fn show(media: &Media) -> Value {
    let Media { account, parent, sid, .. } = media;
    json!({
        "account_sid": account,
        "content_type": media.content_type,
        "date_created": rfc2822(media.created),
        "date_updated": rfc2822(media.created),
        "parent_sid": parent,
        "sid": sid,
        "uri": format!("/2010-04-01/Accounts/{account}/Messages/{parent}/Media/{sid}.json"),
    })
}
