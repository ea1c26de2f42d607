//! What keeping up with Twilio writes down: intervals without webhooks, how far the list was read, the
//! import and what it brings.

use serde_json::Value;

use super::inbound::{consents, join_contact, new_head, preview_of};
use super::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::rows::{
    OwnerRow, SidRow, ThreadRow, conversation_key, gap_key, import_key, sid_key, thread_key, watch_key,
};
use crate::core::world::{Stop, World};
use crate::domain::address::Address;
use crate::domain::conversation::{Conversation, Last, Status as Standing};
use crate::domain::id::{Id, Sid};
use crate::domain::keeping::{Gap, Import, Watch, Why};
use crate::domain::media::Media;
use crate::domain::message::{Direction, Message, Status};
use crate::domain::pricing::Share;
use crate::domain::sms::{self, Keyword};
use crate::domain::time::Time;

/// An interval is made known, closed, or looked through a part further. One worker writes them.
#[derive(Debug, Clone)]
pub struct GapSaved {
    /// The row.
    pub gap: Gap,
    /// An old one that makes room.
    pub evict: Option<Id>,
}

impl GapSaved {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        if let Some(old) = self.evict
            && world.get::<Gap>(&gap_key(old))?.is_some()
        {
            world.remove(gap_key(old));
        }
        let have = world.get::<Gap>(&gap_key(self.gap.id))?;
        if have.as_deref() == Some(&self.gap) {
            return Ok(Outcome::Duplicate);
        }
        // An ordinary restart in which nothing was missed is no news to anybody.
        if self.gap.why == Why::Shed || self.gap.found.is_news() {
            world.say(envelope.platform_event(Kind::Gap, Value::Null));
        }
        world.put(self.gap.clone());
        Ok(Outcome::Made(self.gap.id))
    }
}

/// We have kept up with an account until here. Never moves back.
#[derive(Debug, Clone)]
pub struct WatchMoved {
    /// The row.
    pub watch: Watch,
}

impl WatchMoved {
    pub(super) fn apply(&self, world: &mut World<'_>, _: &Envelope) -> Result<Outcome, Stop> {
        let mut watch = self.watch.clone();
        if let Some(have) = world.get::<Watch>(&watch_key(watch.account))? {
            watch.heard = watch.heard.max(have.heard);
            watch.listed = watch.listed.max(have.listed);
            if watch == *have {
                return Ok(Outcome::Duplicate);
            }
        }
        world.put(watch);
        Ok(Outcome::Done)
    }
}

/// The import of an account's history begins, goes on or ends.
#[derive(Debug, Clone)]
pub struct ImportSaved {
    /// The row.
    pub import: Import,
}

impl ImportSaved {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let have = world.get::<Import>(&import_key(self.import.account))?;
        if have.as_deref() == Some(&self.import) {
            return Ok(Outcome::Duplicate);
        }
        world.say(envelope.platform_event(Kind::Import, Value::Null));
        world.put(self.import.clone());
        Ok(Outcome::Done)
    }
}

/// A message from before this store began. It is history: nothing becomes unread, failed or due by it,
/// nobody is told, and a conversation that it makes is a resolved one.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The tenant.
    pub business: Id,
    /// Its endpoint.
    pub endpoint: Id,
    /// Twilio's SID.
    pub sid: Sid,
    /// Which way it went: in or out.
    pub direction: Direction,
    /// The customer.
    pub customer: Address,
    /// Our side.
    pub ours: Address,
    /// The text.
    pub body: String,
    /// Segments.
    pub segments: u32,
    /// Pictures and other media.
    pub media: Vec<Media>,
    /// Twilio's time of it.
    pub at: Time,
    /// What became of it.
    pub status: Status,
    /// Twilio's error code.
    pub error: Option<u32>,
    /// Its price, as Twilio's decimal text, and the currency.
    pub price: Option<(String, String)>,
    /// The id of the message.
    pub message: Id,
    /// The id of the conversation, should there be none yet.
    pub conversation: Id,
}

impl Imported {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        if world.get::<SidRow>(&sid_key(self.sid))?.is_some() {
            return Ok(Outcome::Duplicate);
        }
        let thread = world.get::<ThreadRow>(&thread_key(self.business, self.endpoint, &self.customer))?;
        let head = match thread {
            Some(thread) => world.get::<Conversation>(&conversation_key(self.business, thread.conversation))?,
            None => None,
        };
        let mut head = match head {
            Some(head) => (*head).clone(),
            None => self.begin(world, envelope)?,
        };
        let out = self.direction == Direction::Out;
        if out && head.in_flight.is_some() {
            // It may be the very message whose answer was lost: settling must find its SID free.
            return Ok(Outcome::Duplicate);
        }
        head.version += 1;
        head.outgoing += u64::from(out);
        head.came_in(&Last {
            id: self.message,
            at: self.at,
            direction: self.direction,
            preview: preview_of(&self.body, &self.media),
            status: self.status,
        });
        let word = if out { None } else { sms::keyword(&self.body) };
        let consent = word.and_then(|word: Keyword| consents(&mut head, word, &self.body, self.at));
        if consent.is_some() {
            let payload = serde_json::json!({ "keyword": self.body.trim(), "address": self.customer, "sid": self.sid });
            world.say(envelope.event(Kind::OptOut, self.business, Some(head.id), Some(self.message), payload));
        }
        world.insert(SidRow { sid: self.sid, business: self.business, message: self.message });
        if out || !self.media.is_empty() {
            world.insert(OwnerRow { id: self.message, business: self.business });
        }
        if !out {
            head.last_in = head.last_in.max(Some(self.at));
        }
        let row = Message { consent, ..self.row(&head, envelope) };
        head.cost.replace(&Share::Nothing, &row.share());
        world.insert(row);
        let (conversation, message) = (Some(head.id), Some(self.message));
        world.say(envelope.event(Kind::MessageImported, self.business, conversation, message, Value::Null));
        world.put(head);
        Ok(Outcome::Message(self.message))
    }

    fn begin(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Conversation, Stop> {
        let (business, id, endpoint) = (self.business, self.conversation, self.endpoint);
        let name = join_contact(world, envelope, business, &self.customer, id, None)?;
        world.put(ThreadRow { business, endpoint, customer: self.customer.clone(), conversation: id });
        world.insert(OwnerRow { id, business });
        let mut head = new_head(business, id, endpoint, &self.customer, &self.ours, name, self.at);
        head.status = Standing::Resolved;
        Ok(head)
    }

    fn row(&self, head: &Conversation, envelope: &Envelope) -> Message {
        let (price, price_unit) = self.price.clone().unzip();
        Message {
            sid: Some(self.sid),
            // The alias of the endpoint that it went through.
            ours: self.ours.clone(),
            arrived: envelope.at,
            status: self.status,
            error: self.error,
            segments: self.segments,
            media: self.media.clone(),
            price,
            price_unit,
            imported: true,
            send_at: None,
            ..Message::said(head, self.message, self.direction, self.body.clone(), self.at)
        }
    }
}
