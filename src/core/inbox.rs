//! Operations of the inbox: lists, threads, sending, triage.

use super::change::{
    Assigned, Change, ContactSaved, NoteAdded, Once, Outcome, Read, SendRequested, SendUndone, StatusSet, Target,
};
use super::media::Picked;
use super::paging::page;
use super::rows::{OwnerRow, contact_key, conversation_key, message_key};
use super::{Core, read, views};
use crate::api::contacts::{ContactView, SaveContact};
use crate::api::inbox::*;
use crate::api::node::World as WhichTwilio;
use crate::api::{ApiError, Caller, Code, Page};
use crate::domain::address::Address;
use crate::domain::contact::Contact;
use crate::domain::conversation::{Conversation, Later};
use crate::domain::endpoint::Endpoint;
use crate::domain::failure::{OPTED_OUT, Retry};
use crate::domain::id::Id;
use crate::domain::message::Message;
use crate::domain::money::Money;
use crate::domain::phone::Phone;
use crate::domain::sms;
use crate::domain::time::Span;
use crate::store::{Index, Order, Reader};

/// The longest hold that a caller may ask for, in seconds.
const MAX_HOLD: u32 = 30;

impl Core {
    pub(super) fn get_conversation(&self, caller: &Caller, id: Id) -> Result<ConversationView, ApiError> {
        let reader = self.reader()?;
        let head = self.conversation(&*reader, caller, id)?;
        views::conversation(&*reader, head, &caller.agent)
    }

    pub(super) fn list_messages(&self, caller: &Caller, input: &ListMessages) -> Result<MessagePage, ApiError> {
        let as_of = self.cursor();
        let reader = self.reader()?;
        let head = self.conversation(&*reader, caller, input.id)?;
        let prefix = [head.business.to_key(), head.id.to_key()].concat();
        let (keys, next) = page(&*reader, Index::Thread, &prefix, Order::Falling, input.after.as_deref(), input.limit)?;
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(m) = read::<Message>(&*reader, &message_key(head.business, last_id(&key)))? {
                items.push(views::message(m));
            }
        }
        Ok(Page { items, next, as_of })
    }

    pub(super) async fn send_message(
        &self,
        caller: &Caller,
        input: SendMessage,
        once: Option<Once>,
    ) -> Result<MessageView, ApiError> {
        let (business, target, to) = self.target(caller, &input)?;
        self.ask_when_live(input.confirm.as_deref())?;
        let hold = match input.hold_seconds {
            Some(secs) if secs > MAX_HOLD => {
                return Err(ApiError::field("holdSeconds", format!("a message is held {MAX_HOLD} seconds at most")));
            }
            Some(secs) => Span::secs(i64::from(secs)),
            None => self.settings().hold,
        };
        let due = match input.send_at {
            Some(at) => self.later_moment(at)?,
            None if input.unless_they_reply.is_some() => {
                return Err(ApiError::field("unlessTheyReply", "it takes a moment to wait for: give `sendAt`, too"));
            }
            None => self.now() + hold,
        };
        let once = once.or_else(|| once_by_ref(caller, business, &input));
        let media = self.pick(business, &Picked { media: &input.media, urls: &input.media_url })?;
        let (body, content) = match input.content_sid {
            None if !input.content_variables.is_empty() => {
                return Err(ApiError::field(
                    "contentSid",
                    "variables need the template whose blanks they fill (21654)",
                ));
            }
            None => (input.body, None),
            Some(_) if !input.body.is_empty() || !media.is_empty() => {
                return Err(ApiError::field(
                    "contentSid",
                    "a template brings its own text: send no text or files with it",
                ));
            }
            Some(sid) => {
                let (body, used) = self.use_content(business, sid, input.content_variables, &to).await?;
                (body, Some(used))
            }
        };
        let message = self.new_id();
        let request = SendRequested {
            business,
            target,
            message,
            segments: if media.is_empty() { segments(&body) } else { 1 },
            estimate: self.estimate(&to, &body, !media.is_empty()),
            body,
            content,
            media,
            due,
            later: input.send_at.map(|_| Later { unless_they_reply: input.unless_they_reply.unwrap_or(false) }),
            priority: input.priority,
            client_ref: input.client_ref,
            retry_of: None,
        };
        let outcome = self.submit(&caller.agent, once, Change::SendRequested(Box::new(request))).await?;
        self.message_of(business, outcome)
    }

    /// The first live send of a run asks: a sandbox and the real thing must not be mixed up.
    pub(super) fn ask_when_live(&self, confirm: Option<&str>) -> Result<(), ApiError> {
        if self.settings().world == WhichTwilio::Live && !self.is_confirmed() {
            if confirm != Some("live") {
                let detail = "this reaches a real person and costs money: repeat with confirm `live`, once in this run";
                let refused = ApiError::new(Code::ConfirmationRequired, detail);
                return Err(ApiError { confirm: Some("live".into()), ..refused });
            }
            self.confirm();
        }
        Ok(())
    }

    /// The business, the target, and the address it leads to.
    fn target(&self, caller: &Caller, input: &SendMessage) -> Result<(Id, Target, Address), ApiError> {
        match (&input.conversation, &input.to) {
            (Some(id), None) => {
                let reader = self.reader()?;
                let head = self.conversation(&*reader, caller, *id)?;
                Ok((head.business, Target::Conversation(*id), head.customer))
            }
            (None, Some(to)) => {
                let business = self.business_of(caller, input.business)?;
                let to: Address = match to.starts_with("whatsapp:") {
                    true => to.parse().map_err(|e| ApiError::field("to", format!("{e}")))?,
                    false => Phone::parse(to, Some(&self.settings().region))
                        .map_err(|e| ApiError::field("to", e.to_string()))?
                        .as_str()
                        .parse()
                        .map_err(|e| ApiError::field("to", format!("{e}")))?,
                };
                let endpoints = self.endpoints_of(business)?;
                let fits = |e: &&Endpoint| e.addresses.iter().any(|address| address.is_on_channel_of(&to));
                let endpoint = endpoints.iter().find(fits).or(endpoints.first()).map(|e| e.id).ok_or_else(|| {
                    ApiError::new(Code::Conflict, "this business has no number to send from: give it an endpoint first")
                })?;
                Ok((business, Target::Address { endpoint, to: to.clone(), conversation: self.new_id() }, to))
            }
            _ => Err(ApiError::field("to", "give either `conversation` or `to`")),
        }
    }

    pub(super) async fn undo_message(
        &self,
        caller: &Caller,
        id: Id,
        once: Option<Once>,
    ) -> Result<MessageView, ApiError> {
        let business = self.owner(caller, id, "message")?;
        let change = Change::SendUndone(SendUndone { business, message: id });
        let outcome = self.submit(&caller.agent, once, change).await?;
        self.message_of(business, outcome)
    }

    pub(super) async fn retry_message(
        &self,
        caller: &Caller,
        input: RetryMessage,
        once: Option<Once>,
    ) -> Result<MessageView, ApiError> {
        let id = input.id;
        let business = self.owner(caller, id, "message")?;
        self.ask_when_live(input.confirm.as_deref())?;
        let old: Message = read(&*self.reader()?, &message_key(business, id))?
            .ok_or_else(|| ApiError::not_found(format!("message {id}")))?;
        // Whether a customer who had opted out still is, the conversation knows.
        let error = old.error.filter(|code| *code != OPTED_OUT);
        if let Some(entry) = error.and_then(crate::twilio::error::lookup)
            && matches!(entry.retry, Retry::Never)
        {
            let detail = format!("sending it again would fail the same way: {} {}", entry.cause, entry.remedy);
            return Err(ApiError { twilio: old.error, ..ApiError::new(Code::Conflict, detail) });
        }
        let request = SendRequested {
            business,
            target: Target::Conversation(old.conversation),
            message: self.new_id(),
            estimate: self.estimate(&old.customer, &old.body, !old.media.is_empty()),
            media: self.pick_again(&old)?,
            segments: if old.media.is_empty() { segments(&old.body) } else { 1 },
            body: old.body,
            content: old.content,
            due: self.now(),
            later: None,
            priority: None,
            client_ref: None,
            retry_of: Some(id),
        };
        let outcome = self.submit(&caller.agent, once, Change::SendRequested(Box::new(request))).await?;
        self.message_of(business, outcome)
    }

    pub(super) async fn add_note(
        &self,
        caller: &Caller,
        input: AddNote,
        once: Option<Once>,
    ) -> Result<MessageView, ApiError> {
        let business = self.owner(caller, input.id, "conversation")?;
        let note = NoteAdded { business, conversation: input.id, message: self.new_id(), body: input.body };
        let outcome = self.submit(&caller.agent, once, Change::NoteAdded(note)).await?;
        self.message_of(business, outcome)
    }

    pub(super) async fn assign(
        &self,
        caller: &Caller,
        input: AssignConversation,
        once: Option<Once>,
    ) -> Result<ConversationView, ApiError> {
        let business = self.owner(caller, input.id, "conversation")?;
        let note = hand_over(&input)?;
        let change = Assigned { business, conversation: input.id, assignee: input.assignee };
        let once_more = once.as_ref().map(|once| Once { key: format!("{}\nhandOver", once.key), ..once.clone() });
        self.submit(&caller.agent, once, Change::Assigned(change)).await?;
        if let Some(body) = note {
            let note = NoteAdded { business, conversation: input.id, message: self.new_id(), body };
            self.submit(&caller.agent, once_more, Change::NoteAdded(note)).await?;
        }
        self.get_conversation(caller, input.id)
    }

    pub(super) async fn set_status(
        &self,
        caller: &Caller,
        input: SetConversationStatus,
        once: Option<Once>,
    ) -> Result<ConversationView, ApiError> {
        let business = self.owner(caller, input.id, "conversation")?;
        let until = input.until.map(|w| w.0);
        let change = StatusSet { business, conversation: input.id, status: input.status, until };
        self.submit(&caller.agent, once, Change::StatusSet(change)).await?;
        self.get_conversation(caller, input.id)
    }

    pub(super) async fn mark_read(&self, caller: &Caller, input: &MarkRead) -> Result<ConversationView, ApiError> {
        let business = self.owner(caller, input.id, "conversation")?;
        let agent = caller.agent.clone();
        let change = Read { business, conversation: input.id, agent, arrival: input.arrival };
        self.submit(&caller.agent, None, Change::Read(change)).await?;
        self.get_conversation(caller, input.id)
    }

    pub(super) async fn save_contact(
        &self,
        caller: &Caller,
        input: SaveContact,
        once: Option<Once>,
    ) -> Result<ContactView, ApiError> {
        let business = self.business_of(caller, input.business)?;
        let name = Some(input.name.trim().to_owned()).filter(|n| !n.is_empty());
        let change = ContactSaved { business, address: input.address.clone(), name };
        self.submit(&caller.agent, once, Change::ContactSaved(change)).await?;
        let contact: Contact = read(&*self.reader()?, &contact_key(business, &input.address))?
            .ok_or_else(|| ApiError::not_found("contact"))?;
        let Contact { business, address, name, conversations, .. } = contact;
        Ok(ContactView { business, address, name, conversations })
    }

    /// What a text to an address is expected to cost.
    pub(super) fn estimate(&self, to: &Address, body: &str, has_media: bool) -> Option<Money> {
        self.settings().rates.message(to, segments(body), has_media)
    }

    /// The head of a conversation that the caller may see.
    pub(super) fn conversation(&self, reader: &dyn Reader, caller: &Caller, id: Id) -> Result<Conversation, ApiError> {
        let business = self.owner(caller, id, "conversation")?;
        read(reader, &conversation_key(business, id))?.ok_or_else(|| ApiError::not_found(format!("conversation {id}")))
    }

    /// The business of a conversation or outgoing message that the caller may see.
    pub(super) fn owner(&self, caller: &Caller, id: Id, what: &str) -> Result<Id, ApiError> {
        let not_found = || ApiError::not_found(format!("{what} {id}"));
        let row: OwnerRow = read(&*self.reader()?, &OwnerRow::key_of(id))?.ok_or_else(not_found)?;
        match self.business(caller, row.business) {
            Ok(business) => Ok(business.id),
            Err(e) if e.code == Code::NotFound => Err(not_found()),
            Err(e) => Err(e),
        }
    }

    pub(super) fn message_of(&self, business: Id, outcome: Outcome) -> Result<MessageView, ApiError> {
        let Outcome::Message(id) = outcome else {
            return Err(ApiError::new(Code::Internal, "the change did not answer with a message"));
        };
        let row: Option<Message> = read(&*self.reader()?, &message_key(business, id))?;
        row.map(views::message).ok_or_else(|| ApiError::not_found(format!("message {id}")))
    }
}

/// The note that a hand-over becomes. It begins with whom it is for, so that they see it as a mention.
fn hand_over(input: &AssignConversation) -> Result<Option<String>, ApiError> {
    let line = input.hand_over.as_deref().map(str::trim).filter(|line| !line.is_empty());
    match (line, &input.assignee) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(ApiError::field("handOver", "a hand-over needs an agent who takes it over")),
        (Some(line), Some(agent)) => Ok(Some(format!("@{agent} {line}"))),
    }
}

/// A sender who names a message and asks again, because the answer was lost, means the same message.
fn once_by_ref(caller: &Caller, business: Id, input: &SendMessage) -> Option<Once> {
    let name = input.client_ref.as_ref()?;
    let files = [&input.media[..], &input.media_url].concat().join("\n");
    let content = input.content_sid.map(|sid| format!("\n{sid}\n{:?}", input.content_variables)).unwrap_or_default();
    let said = format!("{:?}\n{:?}\n{}\n{files}{content}", input.conversation, input.to, input.body);
    let body = crate::domain::audit::to_hex(&crate::domain::audit::hash(said.as_bytes()));
    Some(Once { key: format!("{}\n{business}\nclientRef\n{name}", caller.agent), body })
}

pub(super) fn segments(body: &str) -> u32 {
    u32::try_from(sms::measure(body).segments).unwrap_or(u32::MAX)
}

/// The id at the end of an index entry.
pub(super) fn last_id(key: &[u8]) -> Id {
    Id(key.iter().skip(key.len().saturating_sub(8)).fold(0, |n, b| n << 8 | u64::from(*b)))
}
