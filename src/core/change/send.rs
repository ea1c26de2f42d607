//! A message is asked for and held in the outbox of its conversation, from which it can be taken back.
//!
//! Sending is not idempotent at Twilio: what happens once a message's turn has come is in
//! [`sent`](super::sent).

use serde_json::{Value, json};

use super::content::{check_content, check_opted_in};
use super::inbound::{join_contact, new_head, preview_of};
use super::{Envelope, Outcome};
use crate::api::{ApiError, Code};
use crate::core::event::Kind;
use crate::core::rows::{
    OwnerRow, ThreadRow, business_key, conversation_key, endpoint_key, file_key, message_key, thread_key,
};
use crate::core::world::{Stop, World};
use crate::domain::address::Address;
use crate::domain::business::Business;
use crate::domain::content::Used;
use crate::domain::conversation::{Conversation, Last, Later, OUTBOX_LIMIT, Pending};
use crate::domain::endpoint::Endpoint;
use crate::domain::id::Id;
use crate::domain::media::{File, Media};
use crate::domain::message::{Direction, Message, Status};
use crate::domain::money::Money;
use crate::domain::pace::Priority;
use crate::domain::time::{Span, Time};

/// Whoever writes to a customer so long after their last text answers them.
const ANSWERING: Span = Span::secs(24 * 3600);

/// Where a message goes.
#[derive(Debug, Clone)]
pub enum Target {
    /// Into a conversation.
    Conversation(Id),
    /// To an address, from an endpoint; the conversation is made if needed.
    Address {
        /// The sender.
        endpoint: Id,
        /// The customer.
        to: Address,
        /// The conversation's id, should there be none.
        conversation: Id,
    },
}

/// An agent asks for a message to be sent.
#[derive(Debug, Clone)]
pub struct SendRequested {
    /// The tenant.
    pub business: Id,
    /// Where it goes.
    pub target: Target,
    /// The message's id.
    pub message: Id,
    /// The text.
    pub body: String,
    /// The content template that the text was made of.
    pub content: Option<Used>,
    /// Its pictures and other media: files that are kept here, and what Twilio fetches elsewhere.
    pub media: Vec<Media>,
    /// Segments it will take.
    pub segments: u32,
    /// What it is expected to cost.
    pub estimate: Option<Money>,
    /// When it may leave.
    pub due: Time,
    /// Set when it is put off to `due` by choice.
    pub later: Option<Later>,
    /// What goes first when messages wait for the same sender. When absent an answer to a customer who wrote
    /// lately is chat, and anything else goes out in bulk.
    pub priority: Option<Priority>,
    /// What the sender calls it.
    pub client_ref: Option<String>,
    /// The failed message it retries.
    pub retry_of: Option<Id>,
}

impl SendRequested {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        check_content(&self.body, &self.media)?;
        let business: std::rc::Rc<Business> =
            world.need(&business_key(self.business), || ApiError::not_found(format!("business {}", self.business)))?;
        if !business.may_send() {
            let detail = format!("{} is not active and sends nothing: activate it first", business.name);
            return Err(ApiError::new(Code::Conflict, detail).into());
        }
        let mut head = self.head(world, envelope)?;
        if !head.customer.can_be_answered() {
            let detail = format!("{} is a sender name or an email address: no text can be sent to it", head.customer);
            return Err(ApiError::field("to", detail).into());
        }
        check_opted_in(&head)?;
        if head.outbox.len() >= OUTBOX_LIMIT {
            let detail = format!("{OUTBOX_LIMIT} messages already wait in this conversation: let them leave first");
            return Err(ApiError::new(Code::TooManyRequests, detail).into());
        }
        if let Some(old) = self.retry_of {
            self.check_retry(world, head.id, old)?;
        }
        self.take_files(world)?;
        let message = self.message(&head, envelope);
        let answers = head.last_in.is_some_and(|at| envelope.at - at <= ANSWERING);
        let priority = self.priority.unwrap_or(if answers { Priority::Chat } else { Priority::Bulk });
        let pending = |waiting_since, last| Pending {
            id: self.message,
            due: self.due,
            waiting_since,
            last,
            asks_since: None,
            later: self.later,
            priority,
        };
        if self.later.is_some() {
            // Nothing is said yet: the customer goes on waiting, and lists show what was said last.
            head.queue(pending(None, None));
        } else {
            let pending = pending(head.waiting_since.take(), head.last.clone());
            head.queue(pending);
            self.hurry(world, &mut head, priority)?;
            head.woke = None;
            head.last = Some(Last {
                id: self.message,
                at: message.at,
                direction: Direction::Out,
                preview: preview_of(&self.body, &self.media),
                status: Status::Held,
            });
        }
        head.version += 1;
        let payload = json!({ "to": head.customer, "from": head.ours, "body": self.body, "media": described(&self.media), "retryOf": self.retry_of, "sendAt": message.send_at });
        let (conversation, id) = (Some(head.id), Some(self.message));
        world.say(envelope.event(Kind::SendRequested, self.business, conversation, id, payload));
        world.insert(OwnerRow { id: self.message, business: self.business });
        world.insert(message);
        world.put(head);
        Ok(Outcome::Message(self.message))
    }

    /// What stands in its sender's line before this one must not hold it up: it stands with the more urgent
    /// from here on.
    fn hurry(&self, world: &mut World<'_>, head: &mut Conversation, priority: Priority) -> Result<(), Stop> {
        let waits = |p: &&mut Pending| p.priority > priority && p.due > self.due && p.asks_since.is_none();
        let Some(first) = head.outbox.first_mut().filter(waits) else { return Ok(()) };
        if let Some(message) = world.get::<Message>(&message_key(self.business, first.id))?
            && message.in_line
        {
            first.due = self.due;
            world.put(Message { due: Some(self.due), in_line: false, ..(*message).clone() });
        }
        Ok(())
    }

    fn head(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Conversation, Stop> {
        match &self.target {
            Target::Conversation(id) => {
                let key = conversation_key(self.business, *id);
                let head = world.need::<Conversation>(&key, || ApiError::not_found(format!("conversation {id}")))?;
                Ok((*head).clone())
            }
            Target::Address { endpoint, to, conversation } => {
                if let Some(thread) = world.get::<ThreadRow>(&thread_key(self.business, *endpoint, to))? {
                    let key = conversation_key(self.business, thread.conversation);
                    if let Some(head) = world.get::<Conversation>(&key)? {
                        return Ok((*head).clone());
                    }
                }
                let endpoint: std::rc::Rc<Endpoint> = world.need(&endpoint_key(self.business, *endpoint), || {
                    ApiError::not_found(format!("endpoint {endpoint}"))
                })?;
                let fits = |address: &&Address| address.is_on_channel_of(to);
                let ours = endpoint.addresses.iter().find(fits).cloned().ok_or_else(|| {
                    let detail = format!("nothing here sends to {to}: add a number, or a WhatsApp sender, of its kind");
                    ApiError::new(Code::Conflict, detail)
                })?;
                let name = join_contact(world, envelope, self.business, to, *conversation, None)?;
                world.put(ThreadRow {
                    business: self.business,
                    endpoint: endpoint.id,
                    customer: to.clone(),
                    conversation: *conversation,
                });
                world.insert(OwnerRow { id: *conversation, business: self.business });
                Ok(new_head(self.business, *conversation, endpoint.id, to, &ours, name, envelope.at))
            }
        }
    }

    fn check_retry(&self, world: &mut World<'_>, conversation: Id, old: Id) -> Result<(), Stop> {
        let key = message_key(self.business, old);
        let failed = world.need::<Message>(&key, || ApiError::not_found(format!("message {old}")))?;
        if failed.conversation != conversation {
            let detail = "a message is sent again in its own conversation only";
            return Err(ApiError::field("retryOf", detail).into());
        }
        if !failed.status.is_failure() {
            let detail = "only a message that failed can be sent again";
            return Err(ApiError::new(Code::Conflict, detail).into());
        }
        if let Some(newer) = failed.retried_by {
            let detail = format!("this message was sent again already, as message {newer}");
            return Err(ApiError::new(Code::Conflict, detail).into());
        }
        // Linked at once, so that pressing twice does not send twice; undone if the retry is.
        let mut linked = (*failed).clone();
        linked.retried_by = Some(self.message);
        world.put(linked);
        Ok(())
    }

    /// The files that it shows are its own from here on: none of them is thrown away as unused.
    fn take_files(&self, world: &mut World<'_>) -> Result<(), Stop> {
        for id in self.media.iter().filter_map(|media| media.file) {
            let file = world.need::<File>(&file_key(self.business, id), || {
                ApiError::field("media", format!("the file {id} is not here any more: upload it again"))
            })?;
            if !file.messages.contains(&self.message) {
                let mut file = (*file).clone();
                file.messages.push(self.message);
                world.put(file);
            }
        }
        Ok(())
    }

    fn message(&self, head: &Conversation, envelope: &Envelope) -> Message {
        let (estimate, estimate_unit) = as_text(self.estimate.as_ref());
        Message {
            estimate,
            estimate_unit,
            unless_they_reply: self.later.is_some_and(|later| later.unless_they_reply),
            status: Status::Held,
            segments: self.segments,
            media: self.media.clone(),
            content: self.content.clone(),
            author: Some(envelope.actor.clone()).filter(|a| !a.is_empty()),
            due: Some(self.due),
            send_at: self.later.map(|_| self.due),
            retry_of: self.retry_of,
            client_ref: self.client_ref.clone(),
            ..Message::said(head, self.message, Direction::Out, self.body.clone(), envelope.at)
        }
    }
}

/// An amount as rows keep it: its decimal text and its currency.
pub(super) fn as_text(money: Option<&Money>) -> (Option<String>, Option<String>) {
    money.map(|m| (m.amount.to_string(), m.unit.clone())).unzip()
}

/// What the audit log keeps of media.
fn described(media: &[Media]) -> Vec<Value> {
    let one = |m: &Media| json!({ "contentType": m.content_type, "sha256": m.digest, "url": m.url });
    media.iter().map(one).collect()
}

/// A held message is taken back.
#[derive(Debug, Clone)]
pub struct SendUndone {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
}

impl SendUndone {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (message, mut head) = both(world, self.business, self.message)?;
        if !head.take_back(self.message) {
            let detail = "this message has left already and cannot be taken back";
            return Err(ApiError::new(Code::Conflict, detail).into());
        }
        head.version += 1;
        if let Some(old) = message.retry_of {
            unlink(world, self.business, old, self.message)?;
        }
        let (conversation, id) = (Some(head.id), Some(self.message));
        world.say(envelope.event(Kind::SendUndone, self.business, conversation, id, json!({ "body": message.body })));
        let mut canceled = message;
        canceled.status = Status::Canceled;
        canceled.due = None;
        canceled.send_at = None;
        canceled.asks_since = None;
        world.put(canceled);
        world.put(head);
        Ok(Outcome::Message(self.message))
    }
}

/// A message and the head of its conversation.
pub(super) fn both(world: &mut World<'_>, business: Id, message: Id) -> Result<(Message, Conversation), Stop> {
    let key = message_key(business, message);
    let message = world.need::<Message>(&key, || ApiError::not_found(format!("message {message}")))?;
    let key = conversation_key(business, message.conversation);
    let id = message.conversation;
    let head = world.need::<Conversation>(&key, || ApiError::not_found(format!("conversation {id}")))?;
    Ok(((*message).clone(), (*head).clone()))
}

/// The retry did not happen: the failed message can be sent again.
pub(super) fn unlink(world: &mut World<'_>, business: Id, old: Id, retry: Id) -> Result<(), Stop> {
    if let Some(failed) = world.get::<Message>(&message_key(business, old))?
        && failed.retried_by == Some(retry)
    {
        let mut failed = (*failed).clone();
        failed.retried_by = None;
        world.put(failed);
    }
    Ok(())
}

/// Puts a message and its head, and says what happened.
pub(super) fn finish(
    world: &mut World<'_>,
    envelope: &Envelope,
    kind: Kind,
    mut head: Conversation,
    message: Message,
    payload: Value,
) -> Result<Outcome, Stop> {
    head.restate(message.id, message.status);
    let id = message.id;
    world.say(envelope.event(kind, message.business, Some(head.id), Some(id), payload));
    world.put(message);
    world.put(head);
    Ok(Outcome::Message(id))
}
