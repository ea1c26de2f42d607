//! What a frame costs: keys and events in a long list, beside ratatui's list of plain rows.

use std::time::{Duration, Instant};

use crossterm::event::KeyCode;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{List, ListState};
use switchboard::tui::app::Focus;
use switchboard::tui::msg::Msg;

use crate::desk::{Desk, SIZE, Took};
use crate::many::{Many, written};
use crate::{quantile, world};

/// The order rotates from round to round, so that none always runs on a warm or a tired machine.
const ROUNDS: usize = 5;
/// The longest that each may run in a round: what is slow takes fewer samples.
const PATIENCE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 200 } else { 400 });

/// Something that makes frames.
struct Contender {
    name: &'static str,
    frame: Box<dyn FnMut() -> Took>,
    took: Vec<Took>,
}

/// Measures and prints.
pub fn run(conversations: u64, samples: usize) {
    let many = Many::new(conversations);
    let rows: Vec<String> =
        (0..conversations).map(|n| format!("{:<w$}", format!("row {n}"), w = usize::from(SIZE.0))).collect();
    let answers = std::rc::Rc::default();
    let mut contenders = [
        contender("key: down", keys(Desk::open(many.clone()), [KeyCode::Down, KeyCode::Up], &answers)),
        contender("key: page down", keys(Desk::open(many.clone()), [KeyCode::PageDown, KeyCode::PageUp], &answers)),
        contender("key: a letter typed", letters(Desk::open(many.clone()))),
        contender("event: a message", messages(Desk::open(many), &answers)),
        contender("List of 50 rows", list(rows[..rows.len().min(50)].to_vec())),
        contender("List of all rows", list(rows)),
    ];
    for round in 0..ROUNDS {
        for turn in 0..contenders.len() {
            let at = (turn + round) % contenders.len();
            let Contender { frame, took, .. } = &mut contenders[at];
            let start = Instant::now();
            let enough = samples * (round + 1) / ROUNDS;
            while took.len() < enough && start.elapsed() < PATIENCE {
                took.push(frame());
            }
        }
    }
    let build = if cfg!(debug_assertions) { ", a DEBUG build" } else { "" };
    println!("frame: {}x{}, {conversations} conversations{build}; {ROUNDS} rounds in rotated order", SIZE.0, SIZE.1);
    println!("{:22} {:>7}   {:>30}   {:>22}", "", "", "update + draw, ms", "with the diff, ms");
    println!("{:22} {:>7}   {:>8} {:>8} {:>12}   {:>8} {:>8}", "", "samples", "p50", "p99", "of 50 rows", "p50", "p99");
    let slice = quantile(&sorted(&contenders[4].took, |t| t.app), 0.5);
    for Contender { name, took, .. } in &contenders {
        print(name, took, slice);
    }
    print("(an answer of the node)", &answers.borrow(), slice);
    println!("goal: update + draw <= 1 ms; the key on the screen <= 8 ms at p99\n");
}

fn contender(name: &'static str, frame: impl FnMut() -> Took + 'static) -> Contender {
    Contender { name, frame: Box::new(frame), took: Vec::new() }
}

fn sorted(took: &[Took], part: fn(&Took) -> Duration) -> Vec<Duration> {
    let mut times: Vec<_> = took.iter().map(part).collect();
    times.sort_unstable();
    times
}

fn print(name: &str, took: &[Took], slice: f64) {
    let (app, whole) = (sorted(took, |t| t.app), sorted(took, |t| t.whole));
    let p50 = quantile(&app, 0.5);
    println!(
        "{name:22} {:>7}   {p50:>8.3} {:>8.3} {:>11.2}x   {:>8.3} {:>8.3}",
        took.len(),
        quantile(&app, 0.99),
        p50 / slice,
        quantile(&whole, 0.5),
        quantile(&whole, 0.99),
    );
}

type Answers = std::rc::Rc<std::cell::RefCell<Vec<Took>>>;

/// One key through the whole list; at an end, the other one back.
fn keys(mut desk: Desk, codes: [KeyCode; 2], answers: &Answers) -> impl FnMut() -> Took + 'static {
    let (mut way, answers) = (0, answers.clone());
    move || {
        let before = desk.app.inbox.selected;
        let took = desk.press(codes[way]);
        if desk.app.inbox.selected == before {
            way = 1 - way;
        }
        answers.borrow_mut().append(&mut desk.answers);
        took
    }
}

/// A text typed beside a long thread, and deleted again.
fn letters(mut desk: Desk) -> impl FnMut() -> Took + 'static {
    const LENGTH: usize = 160;
    desk.press(KeyCode::Char('i'));
    assert_eq!(desk.app.focus, Focus::Composer);
    let text: Vec<char> = "Friday at nine is free, shall I book it? ".chars().cycle().take(LENGTH).collect();
    let mut n = 0;
    move || {
        let at = n % (2 * LENGTH);
        n += 1;
        desk.press(text.get(at).map_or(KeyCode::Backspace, |c| KeyCode::Char(*c)))
    }
}

/// Customers all over the list write; every tenth text is for the thread that is open.
fn messages(mut desk: Desk, answers: &Answers) -> impl FnMut() -> Took + 'static {
    desk.press(KeyCode::Enter);
    let open = desk.app.thread.as_ref().map(|t| t.id()).unwrap();
    let (mut number, answers) = (0, answers.clone());
    move || {
        number += 1;
        let view = if number % 10 == 0 { desk.many.by_id(open) } else { desk.many.get(number * 7919) };
        let (view, message) = written(view, number);
        desk.many.put(view.clone());
        let took =
            desk.take(Msg::Heard(world::event(number, "message.received", view, Some(message), desk.many.counts())));
        desk.answer();
        answers.borrow_mut().append(&mut desk.answers);
        took
    }
}

/// The reference: rows made beforehand, the widget made for each frame as its documentation has it.
fn list(rows: Vec<String>) -> impl FnMut() -> Took + 'static {
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
    let mut state = ListState::default();
    let mut n = 0;
    move || {
        let (start, mut drawn) = (Instant::now(), Duration::ZERO);
        state.select(Some(n % rows.len()));
        n += 1;
        let draw = |frame: &mut ratatui::Frame<'_>| {
            let start = Instant::now();
            let list = List::new(rows.iter().map(String::as_str));
            let list = list.highlight_style(Style::new().add_modifier(Modifier::REVERSED));
            frame.render_stateful_widget(list, frame.area(), &mut state);
            drawn = start.elapsed();
        };
        terminal.draw(draw).unwrap();
        Took { app: drawn, whole: start.elapsed() }
    }
}
