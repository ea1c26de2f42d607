//! What the console knows of the node, of the businesses and of who sits before it.

use std::time::Duration;

use super::msg::Tag;
use super::presence::Everybody;
use crate::api::businesses::{BusinessView, EndpointView};
use crate::api::inbox::InboxCounts;
use crate::api::node::{AgentView, NodeView, World};
use crate::domain::id::Id;
use crate::domain::pricing::RateCard;
use crate::domain::time::Time;
use crate::link::Connection;
use crate::tui::shown::Shown;
use crate::tui::theme::Role;
use crate::tui::widgets::field::Field;

/// The console is locked.
#[derive(Debug, Default)]
pub struct Lock {
    /// What has been typed of the passphrase.
    pub typed: Field,
    /// Whether it is being looked at.
    pub checking: bool,
    /// Whether the last one was wrong.
    pub wrong: bool,
}

/// A sentence that stood at the foot of the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Business time.
    pub at: Option<Time>,
    /// What it said.
    pub text: Shown,
    /// How it looked.
    pub role: Role,
}

/// An answer that takes longer is worth saying that it is waited for.
const SLOW: Duration = Duration::from_secs(2);

/// The most sentences that are kept.
const KEPT: usize = 50;

/// The node, the business shown, the agent.
#[derive(Debug)]
pub struct Session {
    /// How the node is; `None` until it said so.
    pub node: Option<NodeView>,
    /// The connection to it.
    pub connection: Connection,
    /// The agent's handle: what was asked for, then what the node says.
    pub me: String,
    /// All businesses.
    pub businesses: Vec<BusinessView>,
    /// The business shown.
    pub business: Option<Id>,
    /// The businesses shown before, the last one first.
    pub before: Vec<Id>,
    /// What its customers text to.
    pub endpoints: Vec<EndpointView>,
    /// The agents.
    pub agents: Vec<AgentView>,
    /// How many conversations each tab has.
    pub counts: InboxCounts,
    /// Whether what comes from the feed is new, not caught up.
    pub caught_up: bool,
    /// Whether the feed is being followed.
    pub followed: bool,
    /// The epoch of the node's store: another one is another world.
    pub epoch: Option<u64>,
    /// The newest incoming message heard of: what is newer rings.
    pub newest_in: Id,
    /// What messages are expected to cost; empty until the node has said it.
    pub rates: RateCard,
    /// Where other agents are.
    pub presence: Everybody,
    /// The command that a text was given to last.
    pub piped: String,
    /// Whether the contact panel is wanted.
    pub contact: bool,
    /// What is typed while the console is locked.
    pub lock: Option<Lock>,
    /// Whether the terminal window has the focus (as far as the terminal tells).
    pub focused: bool,
    /// What was said at the foot of the screen, the newest last.
    pub said: Vec<Said>,
    /// What was asked and is not answered yet, with when (the loop's clock).
    pub unanswered: Vec<(Tag, Duration)>,
    /// Whether a conversation is to be opened as soon as it is known which: any key calls that off.
    pub is_awaited: bool,
}

impl Session {
    /// Nothing known yet.
    pub fn new(me: String, business: Option<Id>) -> Session {
        Session {
            node: None,
            connection: Connection::Connecting,
            me,
            businesses: Vec::new(),
            business,
            before: Vec::new(),
            endpoints: Vec::new(),
            agents: Vec::new(),
            counts: InboxCounts::default(),
            caught_up: false,
            followed: false,
            epoch: None,
            newest_in: Id(0),
            rates: RateCard::default(),
            presence: Everybody::default(),
            piped: String::new(),
            contact: false,
            lock: None,
            focused: true,
            said: Vec::new(),
            unanswered: Vec::new(),
            is_awaited: false,
        }
    }

    /// Notes what is asked, to tell when an answer is long in coming that somebody waits for.
    pub fn asks(&mut self, tag: &Tag, passed: Duration) {
        let aside = matches!(tag, Tag::Read | Tag::Node | Tag::Phones | Tag::Phone(_) | Tag::Contact(_) | Tag::Rates);
        if !aside {
            self.unanswered.push((tag.clone(), passed));
        }
    }

    /// Something was answered.
    pub fn answered(&mut self, tag: &Tag) {
        if let Some(at) = self.unanswered.iter().position(|(asked, _)| asked == tag) {
            self.unanswered.remove(at);
        }
    }

    /// Since how many whole seconds an answer is due, once that is worth saying; and when (the loop's clock)
    /// that changes by itself.
    pub fn waits(&self, passed: Duration) -> Option<(Option<u64>, Duration)> {
        let since = self.unanswered.iter().map(|(_, at)| *at).min()?;
        let waited = passed.saturating_sub(since);
        if waited < SLOW {
            return Some((None, since + SLOW));
        }
        let seconds = waited.as_secs();
        Some((Some(seconds), since + Duration::from_secs(seconds + 1)))
    }

    /// Keeps a sentence, to be read again.
    pub fn keep_said(&mut self, said: Said) {
        if self.said.last().is_some_and(|last| last.text == said.text) {
            self.said.pop();
        }
        self.said.push(said);
        let over = self.said.len().saturating_sub(KEPT);
        self.said.drain(..over);
    }

    /// Forgets what belongs to a world that is over.
    pub fn forget_world(&mut self) {
        self.businesses.clear();
        self.business = None;
        self.before.clear();
        self.endpoints.clear();
        self.agents.clear();
        self.counts = InboxCounts::default();
        self.newest_in = Id(0);
        self.presence.forget();
    }

    /// Shows another business, and remembers which one was shown.
    pub fn show(&mut self, id: Id) {
        let shown = self.business.replace(id);
        self.before.retain(|b| *b != id && Some(*b) != shown);
        self.before.splice(0..0, shown);
    }

    /// The businesses in the order in which somebody wants them who switches: the last ones first, then by
    /// name, at the end the one that is shown.
    pub fn by_use(&self) -> Vec<&BusinessView> {
        let mut rows: Vec<&BusinessView> = self.businesses.iter().collect();
        rows.sort_by_key(|row| {
            let used = self.before.iter().position(|id| *id == row.id);
            (Some(row.id) == self.business, used.unwrap_or(usize::MAX))
        });
        rows
    }

    /// Which Twilio the node talks to, once known.
    pub fn world(&self) -> Option<World> {
        self.node.as_ref().map(|n| n.world)
    }

    /// Whether simulated phones and clock exist.
    pub fn is_sandbox(&self) -> bool {
        self.world() == Some(World::Sandbox)
    }

    /// The business shown, once its row is here.
    pub fn current(&self) -> Option<&BusinessView> {
        self.businesses.iter().find(|b| Some(b.id) == self.business)
    }

    /// The address that a customer of this business texts to.
    pub fn our_address(&self) -> Option<&str> {
        self.endpoints.iter().flat_map(|e| &e.addresses).map(|a| a.as_str()).next()
    }
}
