//! What a frame of the tester costs with many attempts stored: keys in the log and in the form over a real
//! node, beside ratatui's list of plain rows.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{List, ListState};
use switchboard::api::Request;
use switchboard::link::{Link, Remote};
use switchboard::tui::app::{App, Focus};
use switchboard::tui::drafts::Drafts;
use switchboard::tui::framemap::FrameMap;
use switchboard::tui::msg::{Effect, Msg, Tag};
use switchboard::tui::{Options, draw, update};

use crate::api::runtime;
use crate::home::Serve;
use crate::preload::{World, recipient};
use crate::quantile;

/// Columns and rows of the terminal.
const SIZE: (u16, u16) = (200, 60);
/// How many questions one key may lead to.
const QUESTIONS: usize = 100;

/// A console over a node, and a terminal in memory.
struct Desk {
    app: App,
    link: Link,
    map: FrameMap,
    terminal: Terminal<TestBackend>,
    asked: VecDeque<(Tag, Box<Request>)>,
    start: Instant,
    /// What the frames took that answers caused.
    answers: Vec<Duration>,
}

impl Desk {
    fn open(world: &World, link: Link) -> Desk {
        let options = Options { theme: Some("dark".into()), ..Options::default() };
        let (settings, _) = options.settings().unwrap();
        let (app, effects) = App::new(settings, "agent1".into(), Some(world.bank), Drafts::default());
        let mut desk = Desk {
            app,
            link,
            map: FrameMap::default(),
            terminal: Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap(),
            asked: VecDeque::new(),
            start: Instant::now(),
            answers: Vec::new(),
        };
        desk.keep(effects);
        desk.answer();
        desk.type_keys("gv");
        assert!(desk.app.focus.is_testing(), "g v opens the tester");
        desk
    }

    /// One message and its frame, as the loop does it; answers what deciding and drawing took.
    fn take(&mut self, msg: Msg) -> Duration {
        let start = Instant::now();
        update(&mut self.app, &self.map, Msg::Now(self.start.elapsed()));
        let mut effects = update(&mut self.app, &self.map, msg);
        let mut took = start.elapsed();
        let (app, map) = (&self.app, &mut self.map);
        self.terminal
            .draw(|frame| {
                let start = Instant::now();
                *map = draw(app, frame.buffer_mut());
                took += start.elapsed();
            })
            .unwrap();
        let settling = Instant::now();
        effects.extend(update(&mut self.app, &self.map, Msg::Drawn));
        took += settling.elapsed();
        self.keep(effects);
        took
    }

    fn press(&mut self, code: KeyCode) -> Duration {
        let took = self.take(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        self.answer();
        took
    }

    fn type_keys(&mut self, keys: &str) {
        for key in keys.chars() {
            self.press(KeyCode::Char(key));
        }
    }

    /// Asks the node until nothing is asked any more.
    fn answer(&mut self) {
        for _ in 0..QUESTIONS {
            let Some((tag, request)) = self.asked.pop_front() else { return };
            let reply = runtime().block_on(self.link.clone().ask(*request));
            let took = self.take(Msg::Answered(tag, Box::new(reply)));
            self.answers.push(took);
        }
        self.asked.clear();
    }

    fn keep(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Ask(tag, request) = effect {
                self.asked.push_back((tag, request));
            }
        }
    }
}

/// Measures and prints.
pub fn run(world: &World, samples: usize) {
    let serve = Serve::start(&world.home);
    let file = world.home.node_file().unwrap();
    let text = |name: &str| file[name].as_str().unwrap().to_owned();
    let link = || Link::Remote(Remote::new(text("base").parse().unwrap(), &text("token"), Some("agent1")).unwrap());
    let mut reference = Vec::new();
    list(samples, &mut reference);
    let slice = quantile(&reference, 0.5);
    println!("\nframe of the tester, {}x{}, {} attempts stored; update + draw, ms", SIZE.0, SIZE.1, world.count);
    println!("{:28} {:>8} {:>8} {:>8} {:>22}", "", "samples", "p50", "p99", "p50 / List of 50 rows");
    let print = |name: &str, times: &[Duration]| {
        let (p50, p99) = (quantile(times, 0.5), quantile(times, 0.99));
        println!("{name:28} {:>8} {p50:>8.3} {p99:>8.3} {:>21.2}x", times.len(), p50 / slice);
    };

    let mut desk = Desk::open(world, link());
    desk.press(KeyCode::Esc);
    desk.type_keys("gc");
    assert_eq!(desk.app.focus, Focus::Attempts, "g c opens the log");
    desk.answers.clear();
    for (name, codes) in
        [("log: down and up", [KeyCode::Down, KeyCode::Up]), ("log: a page", [KeyCode::PageDown, KeyCode::PageUp])]
    {
        // Forty forth, forty back: pages that are not there yet are asked for on the way.
        let times: Vec<Duration> = (0..samples).map(|n| desk.press(codes[n / 40 % 2])).collect();
        print(name, &times);
    }
    desk.type_keys("/");
    let digits: Vec<char> = recipient(7)[5..].chars().collect();
    let turn = 2 * digits.len();
    let times: Vec<Duration> = (0..samples.min(40 * turn))
        .map(|n| desk.press(digits.get(n % turn).map_or(KeyCode::Backspace, |c| KeyCode::Char(*c))))
        .collect();
    print("log: a letter searched", &times);
    print("(an answer of the node)", &desk.answers);

    let mut desk = Desk::open(world, link());
    let number: Vec<char> = "(415) 555-0142".chars().collect();
    let turn = 2 * number.len();
    let times: Vec<Duration> = (0..samples)
        .map(|n| desk.press(number.get(n % turn).map_or(KeyCode::Backspace, |c| KeyCode::Char(*c))))
        .collect();
    print("form: a letter typed", &times);
    print("List of 50 rows", &reference);
    println!("goal: update + draw <= 1 ms");
    drop(serve);
}

/// The reference: rows made beforehand, the widget made for each frame as its documentation has it.
fn list(samples: usize, times: &mut Vec<Duration>) {
    let rows: Vec<String> = (0..50).map(|n| format!("{:<w$}", format!("row {n}"), w = usize::from(SIZE.0))).collect();
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
    let mut state = ListState::default();
    for n in 0..samples {
        let mut drawn = Duration::ZERO;
        state.select(Some(n % rows.len()));
        terminal
            .draw(|frame| {
                let start = Instant::now();
                let list = List::new(rows.iter().map(String::as_str));
                let list = list.highlight_style(Style::new().add_modifier(Modifier::REVERSED));
                frame.render_stateful_widget(list, frame.area(), &mut state);
                drawn = start.elapsed();
            })
            .unwrap();
        times.push(drawn);
    }
}
