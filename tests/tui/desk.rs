//! A console without a terminal: messages go in, frames and effects come out, and questions are
//! answered from the demo world where a test does not answer them itself.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use switchboard::api::businesses::{BusinessList, EndpointList};
use switchboard::api::contacts::ContactDetail;
use switchboard::api::events::Frame;
use switchboard::api::inbox::{ConversationPage, ConversationView, InboxCounts, MessageView};
use switchboard::api::node::{AgentList, World};
use switchboard::api::simulator::{PhoneList, PhoneMessage, PhoneView};
use switchboard::api::{ApiError, Page, Reply, Request, When};
use switchboard::domain::id::Id;
use switchboard::domain::message::Direction;
use switchboard::domain::pricing::RateCard;
use switchboard::domain::remote::State;
use switchboard::link::{Connection, Heard};
use switchboard::tui::app::App;
use switchboard::tui::drafts::Drafts;
use switchboard::tui::framemap::FrameMap;
use switchboard::tui::msg::{Effect, Msg, Tag};
use switchboard::tui::{Options, draw, update};

use crate::world;

pub struct Desk {
    pub app: App,
    pub map: FrameMap,
    pub buffer: Buffer,
    pub world: World,
    pub counts: InboxCounts,
    /// Questions that nobody has answered.
    pub asked: Vec<(Tag, Request)>,
    /// Everything else that was to be done.
    pub done: Vec<Effect>,
    /// What happened since the start: rows as they are now.
    pub views: Vec<ConversationView>,
    pub messages: Vec<MessageView>,
    passed: Duration,
}

impl Desk {
    /// A console that has heard nothing yet.
    pub fn cold(width: u16, height: u16, theme: &str) -> Desk {
        Desk::with(width, height, Options { theme: Some(theme.into()), ..Options::default() }, Drafts::default())
    }

    pub fn with(width: u16, height: u16, options: Options, drafts: Drafts) -> Desk {
        let (mut settings, faults) = options.settings().unwrap();
        assert_eq!(faults, []);
        settings.seed = "run".into();
        let (app, effects) = App::new(settings, "agent1".into(), None, drafts);
        let mut desk = Desk {
            app,
            map: FrameMap::default(),
            buffer: Buffer::empty(Rect::new(0, 0, width, height)),
            world: World::Sandbox,
            counts: world::counts(),
            asked: Vec::new(),
            done: Vec::new(),
            views: Vec::new(),
            messages: Vec::new(),
            passed: Duration::ZERO,
        };
        desk.keep(effects);
        desk.draw();
        desk
    }

    /// A console that shows the demo world, connected and caught up.
    pub fn open(width: u16, height: u16) -> Desk {
        let mut desk = Desk::cold(width, height, "dark");
        desk.settle();
        desk
    }

    /// Answers everything from the demo world until nothing is asked, then connects the feed.
    pub fn settle(&mut self) {
        self.answer_all();
        self.heard(Heard::Connection(Connection::Live));
        self.heard(Heard::Frame(Frame::CaughtUp { cursor: world::cursor() }));
        self.answer_all();
        self.draw();
    }

    pub fn answer_all(&mut self) {
        for _ in 0..50 {
            if self.asked.is_empty() {
                return;
            }
            let asked = std::mem::take(&mut self.asked);
            let mut open = Vec::new();
            for (tag, request) in asked {
                match self.demo(&request) {
                    Some(reply) => self.answer(tag, Ok(reply)),
                    None => open.push((tag, request)),
                }
            }
            let stuck = self.asked.is_empty();
            self.asked.extend(open);
            if stuck {
                return;
            }
        }
        panic!("the console asks without end");
    }

    /// What the demo world answers; `None` for what a test answers itself.
    fn demo(&self, request: &Request) -> Option<Reply> {
        Some(match request {
            Request::GetNode(_) => Reply::GetNode(world::node(self.world)),
            Request::GetRates(_) => Reply::GetRates(RateCard::ours().clone()),
            Request::ListBusinesses(_) => {
                Reply::ListBusinesses(BusinessList { items: world::businesses(), default: world::HARBOR })
            }
            Request::ListAgents(_) => Reply::ListAgents(AgentList { items: world::agents() }),
            Request::ListEndpoints(_) => Reply::ListEndpoints(EndpointList { items: vec![world::endpoint()] }),
            Request::GetSetup(get) => Reply::GetSetup(world::setup(get.id, State::Pending, Vec::new())),
            Request::ListConversations(list) => {
                let items =
                    if list.business.is_none_or(|b| b == world::HARBOR) { world::conversations() } else { vec![] };
                let belongs = |c: &_| switchboard::tui::panes::inbox::belongs(c, list.tab, "agent1");
                let mut items: Vec<_> = items.into_iter().filter(belongs).collect();
                if list.tab == switchboard::api::inbox::Tab::Waiting {
                    items.sort_by_key(|c| c.waiting_since);
                }
                Reply::ListConversations(ConversationPage {
                    page: Page { items, next: None, as_of: world::cursor() },
                    counts: self.counts,
                    business: list.business.unwrap_or(world::HARBOR),
                })
            }
            Request::GetConversation(get) => Reply::GetConversation(self.view(get.id)),
            Request::ListMessages(list) => {
                let mut items = world::messages(list.id);
                items.extend(self.messages.iter().filter(|m| m.conversation == list.id).cloned());
                Reply::ListMessages(Page { items, next: None, as_of: world::cursor() })
            }
            Request::GetContact(get) => {
                let all = world::conversations();
                let view = all.iter().find(|c| c.customer == get.address).map(|c| self.view(c.id))?;
                let mut notes = self.messages.clone();
                notes.retain(|m| m.conversation == view.id && m.direction == Direction::Note);
                Reply::GetContact(ContactDetail {
                    business: view.business,
                    address: view.customer.clone(),
                    name: view.name.clone(),
                    first_seen: world::minutes_ago(90_000),
                    last_seen: view.waiting_since,
                    last_agent: Some("agent2".into()),
                    incoming: 2,
                    outgoing: 1,
                    cost: view.cost.clone(),
                    conversations: vec![view],
                    notes,
                })
            }
            Request::MarkRead(read) => {
                let mut view = self.view(read.id);
                view.unread = 0;
                view.seen = read.arrival;
                Reply::MarkRead(view)
            }
            Request::ListPhones(_) => Reply::ListPhones(PhoneList {
                items: world::conversations().iter().map(|c| c.customer.as_str().to_owned()).collect(),
            }),
            Request::GetPhone(get) => {
                let one = |direction: &str, body: &str, at: When| PhoneMessage {
                    direction: direction.into(),
                    from: if direction == "out" { get.address.clone() } else { world::OURS.into() },
                    to: if direction == "out" { world::OURS.into() } else { get.address.clone() },
                    body: body.into(),
                    media: Vec::new(),
                    at,
                    sid: "SM00000000000000000000000000000009".into(),
                    medium: Default::default(),
                };
                let all = world::conversations();
                let c = all.iter().find(|c| c.customer.as_str() == get.address)?;
                let last = c.last.clone()?;
                let direction =
                    if last.direction == switchboard::domain::message::Direction::In { "out" } else { "in" };
                let messages = vec![
                    one("in", "Reminder: your cleaning is due.", world::minutes_ago(3000)),
                    one(direction, &last.preview, last.at),
                ];
                Reply::GetPhone(PhoneView { address: get.address.clone(), messages })
            }
            _ => return None,
        })
    }

    fn view(&self, id: Id) -> ConversationView {
        self.views.iter().find(|v| v.id == id).cloned().unwrap_or_else(|| world::conversation(id))
    }

    pub fn keep(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(tag, request) => self.asked.push((tag, *request)),
                other => self.done.push(other),
            }
        }
    }

    /// One message, then a frame, as the loop does it.
    pub fn take(&mut self, msg: Msg) {
        let effects = update(&mut self.app, &self.map, msg);
        self.keep(effects);
        self.draw();
    }

    pub fn draw(&mut self) {
        self.buffer = Buffer::empty(self.buffer.area);
        self.map = draw(&self.app, &mut self.buffer);
        let effects = update(&mut self.app, &self.map, Msg::Drawn);
        self.keep(effects);
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.buffer = Buffer::empty(Rect::new(0, 0, width, height));
        self.take(Msg::Resize);
    }

    pub fn answer(&mut self, tag: Tag, result: Result<Reply, ApiError>) {
        self.take(Msg::Answered(tag, Box::new(result)));
    }

    pub fn heard(&mut self, heard: Heard) {
        if let Heard::Frame(Frame::Event(event)) = &heard {
            if let Some(view) = &event.conversation {
                self.views.retain(|v| v.id != view.id);
                self.views.push(view.clone());
            }
            if let Some(message) = &event.message {
                self.messages.retain(|m| m.id != message.id);
                self.messages.push(message.clone());
            }
        }
        self.take(Msg::Heard(heard));
    }

    /// Time passes; the frame is drawn again.
    pub fn wait(&mut self, time: Duration) {
        self.passed += time;
        self.take(Msg::Now(self.passed));
    }

    /// Presses keys: words as in the keymap, one blank between them.
    pub fn keys(&mut self, keys: &str) {
        for word in keys.split_whitespace() {
            self.take(Msg::Key(key(word)));
        }
    }

    /// Types a text letter by letter.
    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.take(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
        }
    }

    pub fn click(&mut self, x: u16, y: u16) {
        let kind = MouseEventKind::Down(MouseButton::Left);
        self.take(Msg::Mouse(MouseEvent { kind, column: x, row: y, modifiers: KeyModifiers::NONE }));
    }

    pub fn wheel(&mut self, x: u16, y: u16, up: bool) {
        let kind = if up { MouseEventKind::ScrollUp } else { MouseEventKind::ScrollDown };
        self.take(Msg::Mouse(MouseEvent { kind, column: x, row: y, modifiers: KeyModifiers::NONE }));
    }

    /// The only open question of a kind; it is taken out.
    pub fn question<T>(&mut self, pick: impl Fn(&Request) -> Option<T>) -> (Tag, T) {
        let found: Vec<usize> =
            self.asked.iter().enumerate().filter(|(_, (_, r))| pick(r).is_some()).map(|(i, _)| i).collect();
        assert_eq!(found.len(), 1, "asked: {:?}", self.asked);
        let (tag, request) = self.asked.remove(found[0]);
        (tag, pick(&request).unwrap())
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        text(&self.buffer)
    }

    /// Where a text stands on the screen.
    pub fn find(&self, what: &str) -> Option<(u16, u16)> {
        for y in 0..self.buffer.area.height {
            for x in 0..self.buffer.area.width {
                let mut rest = what;
                let mut at = x;
                while !rest.is_empty() && at < self.buffer.area.width {
                    let symbol = self.buffer[(at, y)].symbol();
                    let Some(tail) = rest.strip_prefix(symbol) else { break };
                    rest = tail;
                    at += (switchboard::tui::shown::width(symbol) as u16).max(1);
                }
                if rest.is_empty() {
                    return Some((x, y));
                }
            }
        }
        None
    }

    #[track_caller]
    pub fn sees(&self, what: &str) {
        assert!(self.find(what).is_some(), "no {what:?} in:\n{}", self.text());
    }

    #[track_caller]
    pub fn sees_not(&self, what: &str) {
        assert!(self.find(what).is_none(), "{what:?} in:\n{}", self.text());
    }
}

pub fn key(word: &str) -> KeyEvent {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = word;
    for (prefix, modifier) in
        [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT), ("shift-", KeyModifiers::SHIFT)]
    {
        if let Some(tail) = rest.strip_prefix(prefix) {
            modifiers |= modifier;
            rest = tail;
        }
    }
    let code = match rest {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "space" => KeyCode::Char(' '),
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        "backspace" => KeyCode::Backspace,
        f if f.len() > 1 && f.starts_with('f') => KeyCode::F(f[1..].parse().unwrap()),
        one => KeyCode::Char(one.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut row = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            row.push_str(symbol);
            x += (switchboard::tui::shown::width(symbol) as u16).max(1);
        }
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}
