//! What waited too long to leave by itself: found at the start, listed, let go by a person.
//!
//! Time is business time, as for the undo hold: while no sandbox runs, nobody waits for its customers' texts.

use super::change::{Change, OldHeldBack, Once, SendReleased};
use super::inbox::last_id;
use super::paging::page;
use super::rows::{conversation_key, message_key, view};
use super::{Core, broken, read, views};
use crate::api::inbox::{ListHeld, MessagePage, MessageView, ReleaseMessage};
use crate::api::{ApiError, Caller, Page};
use crate::domain::conversation::Conversation;
use crate::domain::id::Id;
use crate::domain::message::Message;
use crate::domain::time::{Span, Time};
use crate::store::{Index, Order, PageQuery};

/// A text that a start finds waiting for longer asks a person before it goes.
const TOO_OLD: Span = Span::secs(600);
/// How many conversations are looked at in one go.
const CHUNK: usize = 1024;

/// What was said before this and has not left does not go by itself: its moment may have passed.
pub(super) fn too_old(core: &Core) -> Time {
    core.now() - TOO_OLD
}

/// What an earlier run left in the outbox asks before it goes, if it is old: what waits there, and what
/// waits behind a message of unknown outcome.
pub(super) async fn hold_old_back(core: &Core) -> Result<(), ApiError> {
    let before = too_old(core);
    for index in [Index::Outbox, Index::OutboxBulk, Index::Unsettled] {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let query = PageQuery { index, prefix: &[], after: after.as_deref(), order: Order::Rising, limit: CHUNK };
            let keys = core.reader()?.page(&query).map_err(broken)?;
            for key in &keys {
                let Some((business, conversation)) = conversation_of(core, index, key)? else { continue };
                if has_old(core, business, conversation, before)? {
                    let change = OldHeldBack { business, conversation, before };
                    core.submit_work(Change::OldHeldBack(change)).await?;
                }
            }
            match keys.into_iter().next_back() {
                Some(last) => after = Some(last),
                None => break,
            }
        }
    }
    Ok(())
}

fn conversation_of(core: &Core, index: Index, key: &[u8]) -> Result<Option<(Id, Id)>, ApiError> {
    // The outbox begins with the moment, what is not settled with the business.
    let waits = matches!(index, Index::Outbox | Index::OutboxBulk);
    let at = if waits { 8 } else { 0 };
    let Some(business) = key.get(at..at + 8).and_then(|b| b.try_into().ok()) else { return Ok(None) };
    let (business, last) = (Id(u64::from_be_bytes(business)), last_id(key));
    if waits {
        return Ok(Some((business, last)));
    }
    let message: Option<Message> = read(&*core.reader()?, &message_key(business, last))?;
    Ok(message.map(|m| (business, m.conversation)))
}

fn has_old(core: &Core, business: Id, conversation: Id, before: Time) -> Result<bool, ApiError> {
    let reader = core.reader()?;
    let head: Option<Conversation> = read(&*reader, &conversation_key(business, conversation))?;
    for pending in head.iter().flat_map(|head| &head.outbox).filter(|p| p.asks_since.is_none()) {
        let message: Option<Message> = read(&*reader, &message_key(business, pending.id))?;
        if message.is_some_and(|m| m.meant_for() < before) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Core {
    pub(super) fn list_held(&self, caller: &Caller, input: &ListHeld) -> Result<MessagePage, ApiError> {
        let business = self.business_of(caller, input.business)?;
        let as_of = self.cursor();
        let reader = self.reader()?;
        let prefix = [&business.to_key()[..], &[view::ASKING]].concat();
        let (keys, next) = page(&*reader, Index::Inbox, &prefix, Order::Rising, input.after.as_deref(), input.limit)?;
        let mut items = Vec::new();
        for key in keys {
            let head: Option<Conversation> = read(&*reader, &conversation_key(business, last_id(&key)))?;
            for pending in head.iter().flat_map(Conversation::asking) {
                items.extend(read::<Message>(&*reader, &message_key(business, pending.id))?.map(views::message));
            }
        }
        Ok(Page { items, next, as_of })
    }

    pub(super) async fn release_message(
        &self,
        caller: &Caller,
        input: ReleaseMessage,
        once: Option<Once>,
    ) -> Result<MessageView, ApiError> {
        let business = self.owner(caller, input.id, "message")?;
        self.ask_when_live(input.confirm.as_deref())?;
        let change = SendReleased { business, message: input.id, due: self.now() };
        let outcome = self.submit(&caller.agent, once, Change::SendReleased(change)).await?;
        self.message_of(business, outcome)
    }
}
