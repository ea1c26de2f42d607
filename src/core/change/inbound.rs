//! A customer's text arrived.

use serde_json::Value;

use super::later::they_replied;
use super::send::{both, finish};
use super::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::rows::{OwnerRow, SidRow, ThreadRow, contact_key, conversation_key, message_key, sid_key, thread_key};
use crate::core::world::{Stop, World};
use crate::domain::address::Address;
use crate::domain::contact::Contact;
use crate::domain::conversation::{Conversation, Last, Status, Woke, preview};
use crate::domain::id::{Id, Sid};
use crate::domain::media::{self, Media};
use crate::domain::message::{self, Consent, Direction, Message};
use crate::domain::pricing::Cost;
use crate::domain::sms::Keyword;
use crate::domain::time::{Span, Time};

/// A text as it came in, with the ids it will have if it is new.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// The tenant, found by the route of (account, To, messaging service).
    pub business: Id,
    /// Its endpoint.
    pub endpoint: Id,
    /// Twilio's SID: what makes a repeated webhook a duplicate.
    pub sid: Sid,
    /// The customer.
    pub from: Address,
    /// The address they texted to.
    pub to: Address,
    /// The text.
    pub body: String,
    /// Segments.
    pub segments: u32,
    /// Pictures and other media.
    pub media: Vec<Media>,
    /// The customer's name as their channel tells it (WhatsApp).
    pub profile_name: Option<String>,
    /// STOP, START or HELP, when the body is such a word alone.
    pub keyword: Option<Keyword>,
    /// Twilio's time of the message.
    pub sent: Time,
    /// The id of the message.
    pub message: Id,
    /// The id of the conversation, should there be none yet.
    pub conversation: Id,
}

impl Inbound {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        if let Some(known) = world.get::<SidRow>(&sid_key(self.sid))? {
            self.merge(world, &known)?;
            return Ok(Outcome::Duplicate);
        }
        let thread_key = thread_key(self.business, self.endpoint, &self.from);
        let mut head = match world.get::<ThreadRow>(&thread_key)? {
            Some(thread) => {
                let key = conversation_key(self.business, thread.conversation);
                match world.get::<Conversation>(&key)? {
                    Some(head) => (*head).clone(),
                    None => self.begin(world, envelope)?,
                }
            }
            None => self.begin(world, envelope)?,
        };
        head.incoming += 1;
        head.last_in = head.last_in.max(Some(self.sent));
        head.version += 1;
        if self.keyword == Some(Keyword::Stop) {
            // Twilio answers it, and from here on would refuse what we say: nobody waits for an answer.
            // One that is found late says nothing about what they wrote since.
            if head.waiting_since.is_none_or(|since| since <= self.sent) {
                head.rest();
            }
        } else {
            if !self.is_opt_in(&head) {
                head.waiting_since.get_or_insert(self.sent);
                head.rested = None;
            }
            if matches!(head.status, Status::Resolved | Status::Snoozed | Status::Pending) {
                if head.status == Status::Snoozed {
                    head.woke = Some(Woke { at: envelope.at, by_reply: true });
                }
                head.status = Status::Open;
                head.snoozed_until = None;
            }
        }
        head.came_in(&Last {
            id: self.message,
            at: self.sent,
            direction: Direction::In,
            preview: preview_of(&self.body, &self.media),
            status: message::Status::Received,
        });
        let consent = self.keyword.and_then(|word| consents(&mut head, word, &self.body, self.sent));
        if consent.is_some() {
            let payload = serde_json::json!({ "keyword": self.body.trim(), "address": self.from, "sid": self.sid });
            world.say(envelope.event(Kind::OptOut, self.business, Some(head.id), Some(self.message), payload));
        }
        if !head.outbox.is_empty() {
            they_replied(world, envelope, &mut head, self.sent)?;
        }
        world.insert(SidRow { sid: self.sid, business: self.business, message: self.message });
        if !self.media.is_empty() {
            // Its files are asked for by the message's id alone.
            world.insert(OwnerRow { id: self.message, business: self.business });
        }
        world.insert(Message {
            sid: Some(self.sid),
            // The alias of the endpoint that was texted to, which need not be the one replies come from.
            ours: self.to.clone(),
            arrived: envelope.at,
            arrival: head.incoming,
            segments: self.segments,
            media: self.media.clone(),
            consent,
            ..Message::said(&head, self.message, Direction::In, self.body.clone(), self.sent)
        });
        let (conversation, message) = (Some(head.id), Some(self.message));
        world.say(envelope.event(Kind::MessageReceived, self.business, conversation, message, Value::Null));
        world.put(head);
        Ok(Outcome::Message(self.message))
    }

    /// Whether it only says that messages are wanted (again): Twilio answers that, nobody else has to. A `YES`
    /// from someone who had not opted out answers a question of ours and is a text like any other.
    fn is_opt_in(&self, head: &Conversation) -> bool {
        let plain_yes = self.body.trim().eq_ignore_ascii_case("yes");
        self.keyword == Some(Keyword::Start) && (head.opted_out_at.is_some() || !plain_yes)
    }

    /// The first text of this customer at this endpoint.
    fn begin(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Conversation, Stop> {
        let profile = self.profile_name.clone().filter(|name| !name.trim().is_empty());
        let name = join_contact(world, envelope, self.business, &self.from, self.conversation, profile)?;
        world.put(ThreadRow {
            business: self.business,
            endpoint: self.endpoint,
            customer: self.from.clone(),
            conversation: self.conversation,
        });
        world.insert(OwnerRow { id: self.conversation, business: self.business });
        Ok(new_head(self.business, self.conversation, self.endpoint, &self.from, &self.to, name, envelope.at))
    }

    /// A text that a sweep found lacks what its webhook had, and the other way round: whatever comes
    /// second fills in what is missing.
    fn merge(&self, world: &mut World<'_>, known: &SidRow) -> Result<(), Stop> {
        let Some(have) = world.get::<Message>(&message_key(known.business, known.message))? else { return Ok(()) };
        let lacks_media = have.media.is_empty() && !self.media.is_empty();
        let lacks_segments = have.segments == 0 && self.segments > 0;
        if lacks_media || lacks_segments {
            let mut merged = (*have).clone();
            if lacks_media {
                merged.media = self.media.clone();
                world.insert(OwnerRow { id: merged.id, business: merged.business });
            }
            if lacks_segments {
                merged.segments = self.segments;
            }
            world.put(merged);
        }
        Ok(())
    }
}

/// Twilio's list dates a text whose webhook came late: it goes to its place in the thread.
#[derive(Debug, Clone)]
pub struct InboundDated {
    /// The tenant.
    pub business: Id,
    /// The text.
    pub message: Id,
    /// Twilio's time of it.
    pub sent: Time,
}

impl InboundDated {
    /// A webhook bears no date, so its text stands where it arrived. Clocks differ, and the list tells whole
    /// seconds: a smaller difference says nothing.
    pub const ADRIFT: Span = Span::secs(5);

    /// Whether a text stands elsewhere than where Twilio's list has it.
    pub fn is_adrift(have: Time, sent: Time) -> bool {
        have - sent > Self::ADRIFT || sent - have > Self::ADRIFT
    }

    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (mut message, mut head) = both(world, self.business, self.message)?;
        if message.direction != Direction::In || !InboundDated::is_adrift(message.at, self.sent) {
            return Ok(Outcome::Duplicate);
        }
        if head.waiting_since == Some(message.at) {
            head.waiting_since = Some(self.sent);
        }
        if let Some(last) = head.last.as_mut().filter(|last| last.id == message.id) {
            last.at = self.sent;
        }
        message.at = self.sent;
        head.version += 1;
        finish(world, envelope, Kind::MessageStatus, head, message, Value::Null)
    }
}

/// What a head shows of a message: the beginning of its text, or that it is a picture.
pub(super) fn preview_of(body: &str, media: &[Media]) -> String {
    if body.trim().is_empty() { media::in_words(media) } else { preview(body) }
}

/// Remembers STOP and START for this endpoint; Twilio enforces and answers them itself. `None` when the
/// word changes nothing, or when a newer one has decided already: texts may be found late.
pub(super) fn consents(head: &mut Conversation, word: Keyword, body: &str, at: Time) -> Option<Consent> {
    if word == Keyword::Help || head.consent_at.is_some_and(|newer| newer > at) {
        return None;
    }
    head.consent_at = Some(at);
    let is_out = head.opted_out_at.is_some();
    match word {
        Keyword::Stop if !is_out => {
            head.opted_out_at = Some(at);
            head.opted_out_by = Some(preview(body.trim()));
            Some(Consent::Out)
        }
        Keyword::Start if is_out => {
            head.opted_out_at = None;
            head.opted_out_by = None;
            Some(Consent::In)
        }
        _ => None,
    }
}

/// Adds a conversation to its contact, making the contact if needed. Answers the contact's name.
pub(super) fn join_contact(
    world: &mut World<'_>,
    envelope: &Envelope,
    business: Id,
    address: &Address,
    conversation: Id,
    profile_name: Option<String>,
) -> Result<Option<String>, Stop> {
    let mut contact = match world.get::<Contact>(&contact_key(business, address))? {
        Some(contact) => (*contact).clone(),
        None => Contact {
            business,
            address: address.clone(),
            name: None,
            conversations: Vec::new(),
            created_at: envelope.at,
            version: 0,
        },
    };
    if let (None, Some(name)) = (&contact.name, profile_name) {
        // Known from here on, also where they wrote before.
        for earlier in &contact.conversations {
            if let Some(head) = world.get::<Conversation>(&conversation_key(business, *earlier))? {
                let mut head = (*head).clone();
                head.name = Some(name.clone());
                head.version += 1;
                world.put(head);
            }
        }
        contact.name = Some(name);
    }
    contact.conversations.push(conversation);
    contact.version += 1;
    let name = contact.name.clone();
    world.put(contact);
    Ok(name)
}

/// The head of a conversation in which nothing has been said.
pub(super) fn new_head(
    business: Id,
    id: Id,
    endpoint: Id,
    customer: &Address,
    ours: &Address,
    name: Option<String>,
    at: Time,
) -> Conversation {
    Conversation {
        business,
        id,
        endpoint,
        customer: customer.clone(),
        ours: ours.clone(),
        name,
        status: Status::Open,
        assignee: None,
        labels: Vec::new(),
        snoozed_until: None,
        waiting_since: None,
        last: None,
        incoming: 0,
        outgoing: 0,
        failed: 0,
        outbox: Vec::new(),
        in_flight: None,
        begun: None,
        opted_out_at: None,
        consent_at: None,
        woke: None,
        rested: None,
        created_at: at,
        version: 0,
        cost: Cost::default(),
        opted_out_by: None,
        last_in: None,
        last_agent: None,
    }
}
