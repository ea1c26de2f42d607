//! Where other agents are, as the node tells it, and what was told of us.
//!
//! Typing is told again and again while somebody writes; a silence of a few seconds ends it. Nothing here
//! keeps the program awake once nobody types.

use std::collections::BTreeMap;
use std::time::Duration;

use super::msg::Effect;
use super::shown::{Shown, shown};
use crate::api::presence::{Doing, Presence, SetPresence};
use crate::domain::id::Id;

/// Somebody who was said to be typing is not any more after such a silence.
const SILENCE: Duration = Duration::from_secs(5);
/// While we type it is said at most so often.
const REPEAT: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy)]
struct Place {
    conversation: Id,
    /// Until when they count as typing (the loop's clock).
    typing_until: Option<Duration>,
}

impl Place {
    fn types(&self, conversation: Id, passed: Duration) -> bool {
        self.conversation == conversation && self.typing_until.is_some_and(|until| until > passed)
    }
}

/// Where everybody is.
#[derive(Debug, Default)]
pub struct Everybody {
    others: BTreeMap<String, Place>,
    /// What was said of us: where, and until when we need not say again that we type.
    said: Option<(Id, Option<Duration>)>,
    /// Who typed in a conversation when the agent was asked whether to send all the same.
    asked: Option<(Id, Vec<String>)>,
}

impl Everybody {
    /// The node told where an agent is. `passed` is the loop's clock.
    pub fn heard(&mut self, presence: &Presence, passed: Duration) {
        let Presence { agent, conversation, doing, .. } = presence;
        let goes_on = self.others.get(agent).is_some_and(|place| place.types(*conversation, passed));
        if let Some((_, asked)) = self.asked.as_mut().filter(|_| !goes_on || *doing != Doing::Typing) {
            asked.retain(|who| who != agent);
        }
        match doing {
            Doing::Gone => {
                self.others.remove(agent);
            }
            Doing::Viewing | Doing::Typing => {
                let typing_until = (*doing == Doing::Typing).then(|| passed + SILENCE);
                self.others.insert(agent.clone(), Place { conversation: *conversation, typing_until });
            }
        }
    }

    /// The way to the node was lost: nobody knows where anybody is, and nobody was told of us.
    pub fn forget(&mut self) {
        *self = Everybody::default();
    }

    /// The handles of the others in a conversation.
    pub fn viewing(&self, conversation: Id) -> impl Iterator<Item = &str> {
        self.others.iter().filter(move |(_, place)| place.conversation == conversation).map(|(who, _)| who.as_str())
    }

    /// Who types in a conversation or looks at it, in words; and when that changes by itself.
    pub fn line(&self, conversation: Id, passed: Duration) -> Option<(Shown, Option<Duration>)> {
        let here = || self.others.iter().filter(|(_, place)| place.conversation == conversation);
        let types = |place: &Place| place.typing_until.filter(|until| *until > passed);
        let until = here().filter_map(|(_, place)| types(place)).min();
        let typing: Vec<&str> = here().filter(|(_, p)| types(p).is_some()).map(|(who, _)| who.as_str()).collect();
        let viewing: Vec<&str> = here().map(|(who, _)| who.as_str()).collect();
        let said = |who: &[&str], one: &str, many: &str| match who {
            [only] => shown!("{} {one}", Shown::of(only)),
            _ => shown!("{} {many}", Shown::of(&who.join(", "))),
        };
        match (typing.is_empty(), viewing.is_empty()) {
            (false, _) => Some((said(&typing, "is typing", "are typing"), until)),
            (true, false) => Some((said(&viewing, "is here", "are here"), None)),
            (true, true) => None,
        }
    }

    /// Who else writes to the customer right now, if the agent has not been asked about them yet. Asked once
    /// for each of them, until nobody types there any more.
    pub fn ask_once(&mut self, conversation: Id, passed: Duration) -> Option<Shown> {
        let here = self.others.iter().filter(|(_, place)| place.types(conversation, passed));
        let now: Vec<String> = here.map(|(who, _)| who.clone()).collect();
        let before = self.asked.take_if(|(id, _)| *id == conversation).map(|(_, who)| who).unwrap_or_default();
        let fresh = now.iter().any(|who| !before.contains(who));
        if now.is_empty() {
            return None;
        }
        let writes = if now.len() == 1 { "writes" } else { "write" };
        let said = shown!(
            "{} {writes} to them right now: your text is still here; send it once more to send it all the same",
            Shown::of(&now.join(", "))
        );
        self.asked = Some((conversation, now));
        fresh.then_some(said)
    }

    /// Says where we are, if that was not said yet.
    pub fn go(&mut self, open: Option<Id>) -> Option<Effect> {
        let before = self.said.map(|(id, _)| id);
        if before == open {
            return None;
        }
        self.said = open.map(|id| (id, None));
        match (open, before) {
            (Some(id), _) => Some(Effect::Present(SetPresence { id, doing: Doing::Viewing })),
            (None, Some(id)) => Some(Effect::Present(SetPresence { id, doing: Doing::Gone })),
            (None, None) => None,
        }
    }

    /// A key was typed into a message.
    pub fn typed(&mut self, id: Id, passed: Duration) -> Option<Effect> {
        if self.said.is_some_and(|(at, until)| at == id && until.is_some_and(|until| until > passed)) {
            return None;
        }
        self.said = Some((id, Some(passed + REPEAT)));
        Some(Effect::Present(SetPresence { id, doing: Doing::Typing }))
    }

    /// What was typed is sent, or gone.
    pub fn rests(&mut self, id: Id) -> Option<Effect> {
        self.said.filter(|(at, until)| *at == id && until.is_some())?;
        self.said = Some((id, None));
        Some(Effect::Present(SetPresence { id, doing: Doing::Viewing }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Id = Id(1);

    fn presence(agent: &str, conversation: Id, doing: Doing) -> Presence {
        Presence { agent: agent.into(), business: Id(9), conversation, doing }
    }

    fn said(effect: Option<Effect>) -> Option<(Id, Doing)> {
        match effect {
            Some(Effect::Present(p)) => Some((p.id, p.doing)),
            _ => None,
        }
    }

    #[test]
    fn typing_ends_by_itself_and_an_agent_is_in_one_place() {
        let at = Duration::from_secs;
        let mut everybody = Everybody::default();
        everybody.heard(&presence("agent1", HERE, Doing::Viewing), at(0));
        assert_eq!(everybody.line(HERE, at(0)), Some(("agent1 is here".into(), None)));
        everybody.heard(&presence("agent1", HERE, Doing::Typing), at(1));
        assert_eq!(everybody.line(HERE, at(2)), Some(("agent1 is typing".into(), Some(at(6)))));
        assert_eq!(everybody.line(HERE, at(6)), Some(("agent1 is here".into(), None)));
        everybody.heard(&presence("agent3", HERE, Doing::Viewing), at(6));
        assert_eq!(everybody.line(HERE, at(7)), Some(("agent1, agent3 are here".into(), None)));
        everybody.heard(&presence("agent1", Id(2), Doing::Viewing), at(7));
        everybody.heard(&presence("agent3", HERE, Doing::Gone), at(7));
        assert_eq!(everybody.line(HERE, at(8)), None);
        assert_eq!(everybody.viewing(Id(2)).collect::<Vec<_>>(), ["agent1"]);
    }

    #[test]
    fn what_we_do_is_said_once() {
        let at = Duration::from_secs;
        let mut everybody = Everybody::default();
        assert_eq!(said(everybody.go(Some(HERE))), Some((HERE, Doing::Viewing)));
        assert_eq!(said(everybody.go(Some(HERE))), None);
        assert_eq!(said(everybody.typed(HERE, at(1))), Some((HERE, Doing::Typing)));
        assert_eq!(said(everybody.typed(HERE, at(2))), None);
        assert_eq!(said(everybody.typed(HERE, at(3))), Some((HERE, Doing::Typing)));
        assert_eq!(said(everybody.rests(HERE)), Some((HERE, Doing::Viewing)));
        assert_eq!(said(everybody.rests(HERE)), None);
        assert_eq!(said(everybody.go(None)), Some((HERE, Doing::Gone)));
        assert_eq!(said(everybody.go(None)), None);
    }
}
