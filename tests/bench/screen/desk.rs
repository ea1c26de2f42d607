//! The console over a node in memory and a terminal in memory: one message in, one frame out, timed.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use switchboard::api::Request;
use switchboard::api::events::Frame;
use switchboard::link::{Connection, Heard};
use switchboard::tui::app::App;
use switchboard::tui::drafts::Drafts;
use switchboard::tui::framemap::FrameMap;
use switchboard::tui::msg::{Effect, Msg, Tag};
use switchboard::tui::{Options, draw, update};

use crate::many::Many;
use crate::world;

/// Columns and rows of the terminal.
pub const SIZE: (u16, u16) = (200, 60);

/// How long one frame took.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    /// To decide and to draw into the frame's buffer.
    pub app: Duration,
    /// The same with what ratatui does to bring the difference to the terminal.
    pub whole: Duration,
}

/// A console.
pub struct Desk {
    /// What it shows.
    pub app: App,
    /// Where it is answered from.
    pub many: Many,
    /// What the frames took that answers caused.
    pub answers: Vec<Took>,
    map: FrameMap,
    terminal: Terminal<TestBackend>,
    asked: VecDeque<(Tag, Box<Request>)>,
    start: Instant,
}

impl Desk {
    /// A console that shows the beginning of the list, connected and caught up.
    pub fn open(many: Many) -> Desk {
        let options = Options { theme: Some("dark".into()), ..Options::default() };
        let (settings, _) = options.settings().unwrap();
        let (app, effects) = App::new(settings, "agent1".into(), None, Drafts::default());
        let mut desk = Desk {
            app,
            many,
            answers: Vec::new(),
            map: FrameMap::default(),
            terminal: Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap(),
            asked: VecDeque::new(),
            start: Instant::now(),
        };
        desk.keep(effects);
        desk.answer();
        desk.take(Msg::Heard(Heard::Connection(Connection::Live)));
        desk.take(Msg::Heard(Heard::Frame(Frame::CaughtUp { cursor: world::cursor() })));
        desk.answer();
        desk.answers.clear();
        desk
    }

    /// One message and its frame, as the loop does it.
    pub fn take(&mut self, msg: Msg) -> Took {
        let start = Instant::now();
        update(&mut self.app, &self.map, Msg::Now(self.start.elapsed()));
        let mut effects = update(&mut self.app, &self.map, msg);
        let updated = start.elapsed();
        let (app, map, mut drawn) = (&self.app, &mut self.map, Duration::ZERO);
        let draw_into = |frame: &mut ratatui::Frame<'_>| {
            let start = Instant::now();
            *map = draw(app, frame.buffer_mut());
            drawn = start.elapsed();
            if let Some(at) = map.cursor {
                frame.set_cursor_position(at);
            }
        };
        self.terminal.draw(draw_into).unwrap();
        let settling = Instant::now();
        effects.extend(update(&mut self.app, &self.map, Msg::Drawn));
        let took = Took { app: updated + drawn + settling.elapsed(), whole: start.elapsed() };
        self.keep(effects);
        took
    }

    /// One key and its frame. What it asked for is answered after that.
    pub fn press(&mut self, code: KeyCode) -> Took {
        let took = self.take(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        self.answer();
        took
    }

    /// Answers until nothing is asked.
    pub fn answer(&mut self) {
        for _ in 0..1000 {
            let Some((tag, request)) = self.asked.pop_front() else { return };
            let reply = self.many.answer(&request);
            let took = self.take(Msg::Answered(tag, Box::new(Ok(reply))));
            self.answers.push(took);
        }
        panic!("the console asks without end");
    }

    fn keep(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Ask(tag, request) = effect {
                self.asked.push_back((tag, request));
            }
        }
    }
}
