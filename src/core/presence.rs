//! Who looks at which conversation, and who writes there: kept in memory as long as they follow the feed.
//!
//! An agent is in one conversation at a time. Nobody has to say that they still are there: whoever follows
//! the feed is, and whoever follows it no longer has left. So nothing wakes when nothing happens.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::Core;
use crate::api::presence::{Doing, Presence, SetPresence};
use crate::api::{ApiError, Caller, Done};

/// How many presences a slow follower may lag behind; it then hears who is where all over again.
const TOLD: usize = 256;

/// Where everybody is.
pub(super) struct Presences {
    places: Mutex<Places>,
    told: broadcast::Sender<Presence>,
}

#[derive(Default)]
struct Places {
    /// How many feeds each agent follows.
    followers: HashMap<String, usize>,
    /// Where each of them is.
    here: HashMap<String, Presence>,
}

impl Default for Presences {
    fn default() -> Presences {
        Presences { places: Mutex::default(), told: broadcast::Sender::new(TOLD) }
    }
}

impl Presences {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn everybody(&self) -> Vec<Presence> {
        self.places().here.values().cloned().collect()
    }

    fn tell(&self, presence: Presence) {
        // An error says that nobody listens.
        let _ = self.told.send(presence);
    }
}

/// One agent who follows the feed. When the last of an agent's ends, they have left.
pub(super) struct Attending {
    core: Core,
    agent: String,
    ear: broadcast::Receiver<Presence>,
}

impl Attending {
    /// Those who are somewhere now.
    pub fn everybody(&self) -> Vec<Presence> {
        self.core.0.presences.everybody()
    }

    /// What changes next.
    pub async fn next(&mut self) -> Vec<Presence> {
        match self.ear.recv().await {
            Ok(presence) => vec![presence],
            Err(RecvError::Lagged(_)) => self.everybody(),
            // The sender lives as long as the core that this holds.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl Drop for Attending {
    fn drop(&mut self) {
        let presences = &self.core.0.presences;
        let mut places = presences.places();
        let left = places.followers.get_mut(&self.agent).map(|count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left != Some(0) {
            return;
        }
        places.followers.remove(&self.agent);
        let was = places.here.remove(&self.agent);
        drop(places);
        if let Some(was) = was {
            presences.tell(Presence { doing: Doing::Gone, ..was });
        }
    }
}

impl Core {
    /// An agent begins to follow the feed.
    pub(super) fn attend(&self, agent: &str) -> Attending {
        let presences = &self.0.presences;
        let ear = presences.told.subscribe();
        *presences.places().followers.entry(agent.to_owned()).or_default() += 1;
        Attending { core: self.clone(), agent: agent.to_owned(), ear }
    }

    pub(super) fn set_presence(&self, caller: &Caller, input: &SetPresence) -> Result<Done, ApiError> {
        let business = self.owner(caller, input.id, "conversation")?;
        let (agent, conversation, doing) = (caller.agent.clone(), input.id, input.doing);
        let presence = Presence { agent, business, conversation, doing };
        let mut places = self.0.presences.places();
        let is_there = places.here.get(&caller.agent).is_some_and(|p| p.conversation == conversation);
        match doing {
            // They may have gone on to another one already.
            Doing::Gone if !is_there => return Ok(Done {}),
            Doing::Gone => drop(places.here.remove(&caller.agent)),
            // Whoever follows nothing cannot be seen to leave, so nobody remembers where they are.
            Doing::Viewing | Doing::Typing if places.followers.contains_key(&caller.agent) => {
                places.here.insert(caller.agent.clone(), presence.clone());
            }
            Doing::Viewing | Doing::Typing => {}
        }
        drop(places);
        self.0.presences.tell(presence);
        Ok(Done {})
    }
}
