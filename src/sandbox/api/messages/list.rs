//! Lists messages, newest first, by receiver, sender and day sent.

use crate::sandbox::account::Account;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::message::Message;
use crate::sandbox::clock;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::world::World;

const DAY: u64 = 24 * 3600 * 1_000_000;

/// `GET Messages`.
pub fn list(world: &World, call: &Call, account: &Account) -> Outcome<Answer> {
    let asked = Asked::read(call, 50, 1000)?;
    let (to, from) = (call.query.text("To"), call.query.text("From"));
    let window = window(call, "DateSent")?;
    let (index, parent) = match (to, from) {
        (Some(to), _) => ("messages/to", format!("{}/{to}", account.sid)),
        (None, Some(from)) => ("messages/from", format!("{}/{from}", account.sid)),
        (None, None) => ("messages", account.sid.clone()),
    };
    let page = paging::read(world, index, &parent, asked, |world, sid| {
        let found = world.get::<Message>(sid)?;
        Ok(found.filter(|message| {
            let at = message.sent.unwrap_or(message.created);
            from.is_none_or(|from| message.from.as_deref() == Some(from)) && window.0 <= at && at < window.1
        }))
    })?;
    Ok(page.classic(call, "messages", |message| message.show(world.now())))
}

/// From when until when: the field's name alone is a day, with `<` up to and with `>` from a day or a time.
pub fn window(call: &Call, field: &str) -> Outcome<(u64, u64)> {
    let read = |operator: &str| -> Outcome<Option<(u64, bool)>> {
        let name = format!("{field}{operator}");
        let Some(text) = call.query.text(&name) else { return Ok(None) };
        let bad = || Refusal::bad(20001, format!("Invalid {name}: give a date such as 2026-03-02"));
        let at = clock::parse(text).ok_or_else(bad)?;
        Ok(Some((at, text.trim().len() <= 10)))
    };
    let (mut low, mut high) = (0, u64::MAX);
    if let Some((at, _)) = read("")? {
        (low, high) = (at - at % DAY, at - at % DAY + DAY);
    }
    if let Some((at, _)) = read(">")? {
        low = low.max(at);
    }
    if let Some((at, whole_day)) = read("<")? {
        high = high.min(if whole_day { at + DAY } else { at + 1 });
    }
    Ok((low, high))
}
