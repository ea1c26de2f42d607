//! Labels of conversations: what an agent puts on them, or takes off.

use serde_json::json;

use super::{Envelope, Outcome};
use crate::api::ApiError;
use crate::core::event::Kind;
use crate::core::rows::conversation_key;
use crate::core::world::{Stop, World};
use crate::domain::conversation::Conversation;
use crate::domain::id::Id;

/// The most labels of one conversation.
const MOST: usize = 20;
/// The longest label, in characters.
const LONGEST: usize = 30;

/// Labels are put on a conversation and taken off it.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// The tenant.
    pub business: Id,
    /// The conversation.
    pub conversation: Id,
    /// Labels to put on.
    pub add: Vec<String>,
    /// Labels to take off.
    pub remove: Vec<String>,
}

impl Labelled {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let key = conversation_key(self.business, self.conversation);
        let missing = || ApiError::not_found(format!("conversation {}", self.conversation));
        let mut head: Conversation = (*world.need::<Conversation>(&key, missing)?).clone();
        let mut labels = head.labels.clone();
        let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
        labels.retain(|label| !self.remove.iter().any(|gone| same(gone.trim(), label)));
        for label in &self.add {
            let label = checked(label)?;
            if !labels.iter().any(|known| same(known, label)) {
                labels.push(label.to_owned());
            }
        }
        if labels.len() > MOST {
            let detail = format!("a conversation has at most {MOST} labels: take one off first");
            return Err(ApiError::field("add", detail).into());
        }
        labels.sort_unstable();
        if labels == head.labels {
            return Ok(Outcome::Conversation(head.id));
        }
        let payload = json!({ "from": head.labels, "to": labels });
        head.labels = labels;
        head.version += 1;
        world.say(envelope.event(Kind::ConversationLabelled, self.business, Some(head.id), None, payload));
        world.put(head);
        Ok(Outcome::Conversation(self.conversation))
    }
}

fn checked(label: &str) -> Result<&str, ApiError> {
    let label = label.trim();
    let length = label.chars().count();
    if length == 0 || length > LONGEST || label.chars().any(char::is_control) {
        return Err(ApiError::field("add", format!("a label has 1 to {LONGEST} characters on one line")));
    }
    Ok(label)
}
