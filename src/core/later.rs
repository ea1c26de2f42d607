//! Operations on messages that are put off: listed by when they go, and changed. `UndoMessage` takes one
//! back, `ReleaseMessage` lets one go that asks.

use super::change::{Change, LaterChanged, Once};
use super::inbox::{last_id, segments};
use super::paging::page;
use super::rows::message_key;
use super::{Core, read, views};
use crate::api::inbox::{ChangeLater, ListLater, MessagePage, MessageView};
use crate::api::{ApiError, Caller, Page, When};
use crate::domain::message::Message;
use crate::domain::time::{Span, Time};
use crate::store::{Index, Order};

/// The furthest moment to which a message can be put off, in days.
const FURTHEST: i64 = 366;

impl Core {
    pub(super) fn list_later(&self, caller: &Caller, input: &ListLater) -> Result<MessagePage, ApiError> {
        let business = self.business_of(caller, input.business)?;
        let as_of = self.cursor();
        let reader = self.reader()?;
        let prefix = business.to_key();
        let (keys, next) = page(&*reader, Index::Later, &prefix, Order::Rising, input.after.as_deref(), input.limit)?;
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            items.extend(read::<Message>(&*reader, &message_key(business, last_id(&key)))?.map(views::message));
        }
        Ok(Page { items, next, as_of })
    }

    pub(super) async fn change_later(
        &self,
        caller: &Caller,
        input: ChangeLater,
        once: Option<Once>,
    ) -> Result<MessageView, ApiError> {
        let business = self.owner(caller, input.id, "message")?;
        let body = match input.body {
            Some(body) => {
                let row: Option<Message> = read(&*self.reader()?, &message_key(business, input.id))?;
                let estimate = row.and_then(|m| self.estimate(&m.customer, &body, !m.media.is_empty()));
                Some((body.clone(), segments(&body), estimate))
            }
            None => None,
        };
        let change = LaterChanged {
            business,
            message: input.id,
            due: input.send_at.map(|at| self.later_moment(at)).transpose()?,
            body,
            unless_they_reply: input.unless_they_reply,
        };
        let outcome = self.submit(&caller.agent, once, Change::LaterChanged(change)).await?;
        self.message_of(business, outcome)
    }

    /// A moment to which a message can be put off.
    pub(super) fn later_moment(&self, at: When) -> Result<Time, ApiError> {
        let now = self.now();
        if at.0 <= now {
            return Err(ApiError::field(
                "sendAt",
                format!("{} has passed: it is {} now", at.0.rfc3339(), now.rfc3339()),
            ));
        }
        if at.0 - now > Span::secs(FURTHEST * 86_400) {
            return Err(ApiError::field("sendAt", format!("a message is put off {FURTHEST} days at most")));
        }
        Ok(at.0)
    }
}
