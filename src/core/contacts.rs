//! What is known of a person: gathered from their conversations.

use super::inbox::last_id;
use super::rows::{contact_key, conversation_key, message_key};
use super::{Core, broken, read, views};
use crate::api::contacts::{ContactDetail, GetContact};
use crate::api::{ApiError, Caller, When};
use crate::domain::contact::Contact;
use crate::domain::conversation::Conversation;
use crate::domain::message::Message;
use crate::domain::pricing::Cost;
use crate::store::{Index, Order, PageQuery};

/// How many notes are shown.
const NOTES: usize = 20;

impl Core {
    pub(super) fn get_contact(&self, caller: &Caller, input: &GetContact) -> Result<ContactDetail, ApiError> {
        let business = self.business_of(caller, input.business)?;
        let reader = self.reader()?;
        let contact: Contact = read(&*reader, &contact_key(business, &input.address))?
            .ok_or_else(|| ApiError::not_found(format!("contact {}", input.address)))?;
        let mut heads = Vec::new();
        let mut notes: Vec<Message> = Vec::new();
        for id in &contact.conversations {
            heads.extend(read::<Conversation>(&*reader, &conversation_key(business, *id))?);
            let prefix = [business.to_key(), id.to_key()].concat();
            let query =
                PageQuery { index: Index::Notes, prefix: &prefix, after: None, order: Order::Falling, limit: NOTES };
            for key in reader.page(&query).map_err(broken)? {
                notes.extend(read::<Message>(&*reader, &message_key(business, last_id(&key)))?);
            }
        }
        notes.sort_by_key(|note| std::cmp::Reverse((note.at, note.id)));
        notes.truncate(NOTES);
        let mut cost = Cost::default();
        heads.iter().for_each(|head| cost.join(&head.cost));
        let newest = heads.iter().filter(|head| head.last_agent.is_some()).max_by_key(|head| head.active_at());
        Ok(ContactDetail {
            business,
            address: contact.address,
            name: contact.name,
            first_seen: contact.created_at.into(),
            last_seen: heads.iter().filter_map(|head| head.last_in).max().map(When),
            last_agent: newest.and_then(|head| head.last_agent.clone()),
            incoming: heads.iter().map(|head| head.incoming).sum(),
            outgoing: heads.iter().map(|head| head.outgoing).sum(),
            cost: views::cost(&cost),
            conversations: heads
                .into_iter()
                .map(|head| views::conversation(&*reader, head, &caller.agent))
                .collect::<Result<_, _>>()?,
            notes: notes.into_iter().map(views::message).collect(),
        })
    }
}
