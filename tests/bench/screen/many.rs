//! A node in memory: as many conversations as wanted, in the node's order, and its answers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use switchboard::api::businesses::{BusinessList, EndpointList};
use switchboard::api::contacts::ContactDetail;
use switchboard::api::inbox::{ConversationPage, ConversationView, InboxCounts, ListConversations, ListMessages};
use switchboard::api::inbox::{MessagePage, MessageView};
use switchboard::api::node::{AgentList, World};
use switchboard::api::simulator::{PhoneList, PhoneMessage, PhoneView};
use switchboard::api::{Page, Reply, Request, When};
use switchboard::domain::conversation::Status;
use switchboard::domain::id::Id;
use switchboard::domain::message::Direction;
use switchboard::domain::time::{Span, Time};

use crate::world;

/// The first id of a conversation.
const FIRST: u64 = 1_000_000;
/// Messages in each thread.
const THREAD: u64 = 1000;
/// Seconds between the last messages of neighbours in the list.
const APART: i64 = 20;

const TEXTS: [&str; 5] = [
    "Hello, can I move my appointment to Friday please?",
    "Hola 👋 ¿aceptan mi seguro? Llevo dos semanas con dolor y no sé si esperar.",
    "您好，周三有空吗？",
    "Thanks!",
    "I am on my way, but the bridge is closed and the bus takes the long way round, so it will be a quarter past.",
];

type Key = (Reverse<Time>, Reverse<Id>);

fn key(view: &ConversationView) -> Key {
    (Reverse(view.active_at.0), Reverse(view.id))
}

/// The conversations of one business.
#[derive(Clone)]
pub struct Many {
    rows: BTreeMap<Key, Rc<ConversationView>>,
    keys: HashMap<Id, Key>,
}

impl Many {
    /// So many of them, of every kind.
    pub fn new(count: u64) -> Many {
        let mut many = Many { rows: BTreeMap::new(), keys: HashMap::new() };
        (0..count).for_each(|n| many.put(conversation(n)));
        many
    }

    /// Takes a conversation in, as it is now.
    pub fn put(&mut self, view: ConversationView) {
        if let Some(old) = self.keys.insert(view.id, key(&view)) {
            self.rows.remove(&old);
        }
        self.rows.insert(key(&view), Rc::new(view));
    }

    /// The n-th of those made at the beginning, as it is now.
    pub fn get(&self, n: u64) -> ConversationView {
        self.by_id(Id(FIRST + n % self.keys.len() as u64))
    }

    /// One by its id.
    pub fn by_id(&self, id: Id) -> ConversationView {
        (*self.rows[&self.keys[&id]]).clone()
    }

    /// How many stand in each tab.
    pub fn counts(&self) -> InboxCounts {
        InboxCounts { all: self.rows.len() as u64, waiting: self.rows.len() as u64 / 2, ..world::counts() }
    }

    /// What the node says.
    pub fn answer(&mut self, request: &Request) -> Reply {
        match request {
            Request::GetNode(_) => Reply::GetNode(world::node(World::Sandbox)),
            Request::ListBusinesses(_) => {
                Reply::ListBusinesses(BusinessList { items: world::businesses(), default: world::HARBOR })
            }
            Request::ListAgents(_) => Reply::ListAgents(AgentList { items: world::agents() }),
            Request::ListEndpoints(_) => Reply::ListEndpoints(EndpointList { items: vec![world::endpoint()] }),
            Request::ListConversations(list) => Reply::ListConversations(self.page(list)),
            Request::GetConversation(get) => Reply::GetConversation(self.by_id(get.id)),
            Request::ListMessages(list) => Reply::ListMessages(self.messages(list)),
            Request::MarkRead(read) => {
                let mut view = self.by_id(read.id);
                (view.unread, view.seen, view.version) = (0, read.arrival, view.version + 1);
                self.put(view.clone());
                Reply::MarkRead(view)
            }
            Request::ListPhones(_) => {
                let items = self.rows.values().take(20).map(|v| v.customer.to_string()).collect();
                Reply::ListPhones(PhoneList { items })
            }
            Request::GetPhone(get) => Reply::GetPhone(phone(&get.address)),
            Request::GetRates(_) => Reply::GetRates(switchboard::domain::pricing::RateCard::ours().clone()),
            Request::GetContact(get) => {
                let view = self.rows.values().find(|v| v.customer == get.address).expect("a customer of the list");
                Reply::GetContact(ContactDetail {
                    business: view.business,
                    address: view.customer.clone(),
                    name: view.name.clone(),
                    first_seen: view.active_at,
                    last_seen: Some(view.active_at),
                    last_agent: None,
                    incoming: 1,
                    outgoing: 0,
                    cost: view.cost.clone(),
                    conversations: vec![(**view).clone()],
                    notes: Vec::new(),
                })
            }
            Request::SetPresence(_) => Reply::SetPresence(switchboard::api::Done {}),
            other => panic!("a console at rest asks {other:?}"),
        }
    }

    fn page(&self, list: &ListConversations) -> ConversationPage {
        let after = list.after.as_deref().and_then(|a| {
            let (at, id) = a.split_once('/')?;
            Some((Reverse(Time(at.parse().ok()?)), Reverse(Id(id.parse().ok()?))))
        });
        let limit = list.limit.unwrap_or(50) as usize;
        let rest = self.rows.range(after.unwrap_or((Reverse(Time(i64::MAX)), Reverse(Id(u64::MAX))))..);
        let behind = rest.filter(|(key, _)| Some(**key) != after);
        let mut items: Vec<_> = behind.take(limit + 1).map(|(_, view)| (**view).clone()).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|view| format!("{}/{}", view.active_at.0.0, view.id.0));
        let page = Page { items, next, as_of: world::cursor() };
        ConversationPage { page, counts: self.counts(), business: world::HARBOR }
    }

    fn messages(&self, list: &ListMessages) -> MessagePage {
        let customer = self.by_id(list.id).customer;
        let before: u64 = list.after.as_deref().map_or(THREAD, |a| a.parse().unwrap());
        let from = before.saturating_sub(u64::from(list.limit.unwrap_or(50)));
        let one = |n: u64| {
            let direction = if n.is_multiple_of(3) { Direction::Out } else { Direction::In };
            let at = When(world::NOW - Span::secs((THREAD - n) as i64 * 600));
            world::message(n + 1, list.id, customer.as_str(), direction, text(n), at)
        };
        let items = (from..before).rev().map(one).collect();
        Page { items, next: (from > 0).then(|| from.to_string()), as_of: world::cursor() }
    }
}

fn text(n: u64) -> &'static str {
    TEXTS[n as usize % TEXTS.len()]
}

fn conversation(n: u64) -> ConversationView {
    let mut view = world::conversation(world::SAM);
    let at = When(world::NOW - Span::secs(n as i64 * APART));
    view.id = Id(FIRST + n);
    view.customer = format!("+1415{:07}", 2_000_000 + n).parse().unwrap();
    view.name = match n % 4 {
        0 => None,
        1 => Some(format!("李伟 {n}")),
        _ => Some(format!("Customer {n}")),
    };
    view.status = if n % 7 == 3 { Status::Resolved } else { Status::Open };
    view.assignee = (n % 5 == 1).then(|| "agent2".into());
    view.waiting_since = n.is_multiple_of(2).then_some(at);
    view.unread = n % 3;
    view.active_at = at;
    if let Some(last) = &mut view.last {
        (last.id, last.at, last.preview) = (Id(n + 1), at, text(n).into());
        last.direction = if n.is_multiple_of(2) { Direction::In } else { Direction::Out };
    }
    view
}

/// A conversation after its customer wrote, and what they wrote.
pub fn written(mut view: ConversationView, number: u64) -> (ConversationView, MessageView) {
    let at = When(world::NOW + Span(number as i64));
    let (id, body) = (Id(10_000_000 + number), text(number));
    let mut message = world::message(id.0, view.id, view.customer.as_str(), Direction::In, body, at);
    message.arrival = THREAD + number;
    view.version += 1;
    view.unread += 1;
    view.status = Status::Open;
    view.waiting_since.get_or_insert(at);
    view.active_at = at;
    if let Some(last) = &mut view.last {
        (last.id, last.at, last.direction, last.preview) = (id, at, Direction::In, body.into());
    }
    (view, message)
}

fn phone(address: &str) -> PhoneView {
    let one = |n: u64| PhoneMessage {
        direction: if n.is_multiple_of(2) { "in" } else { "out" }.into(),
        from: if n.is_multiple_of(2) { world::OURS.into() } else { address.into() },
        to: if n.is_multiple_of(2) { address.into() } else { world::OURS.into() },
        body: text(n).into(),
        media: Vec::new(),
        at: When(world::NOW - Span::secs((50 - n as i64) * 60)),
        sid: format!("SM{n:032x}"),
        medium: Default::default(),
    };
    PhoneView { address: address.to_owned(), messages: (0..50).map(one).collect() }
}
