//! The loop over a terminal that only notes down what it is told.

use super::*;
use crate::link::Remote;
use crate::tui::drafts::Draft;
use ratatui::backend::TestBackend;
use std::sync::{Arc, Mutex};

/// Notes down what a terminal would be told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn note(&self, what: String) -> io::Result<()> {
        self.0.lock().unwrap().push(what);
        Ok(())
    }
}

impl Hands for Told {
    fn frame(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }
    fn title(&mut self, title: &Shown) -> io::Result<()> {
        self.note(format!("title {title}"))
    }
    fn bell(&mut self) -> io::Result<()> {
        self.note("bell".into())
    }
    fn write(&mut self, sequence: &str) -> io::Result<()> {
        self.note(format!("write {sequence}"))
    }
    fn lend(&mut self) -> io::Result<()> {
        self.note("lend".into())
    }
    fn suspend(&mut self) -> io::Result<()> {
        self.note("suspend".into())
    }
    fn copy(&mut self, raw: &str) -> io::Result<()> {
        self.note(format!("copy {raw}"))
    }
    fn mouse(&mut self, captured: bool) -> io::Result<()> {
        self.note(format!("mouse {captured}"))
    }
    fn take_again(&mut self, _: bool) -> io::Result<()> {
        self.note("take again".into())
    }
}

/// A link to a node that takes every question and says nothing; it lives as long as the listener.
async fn silent() -> (tokio::net::TcpListener, Link) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    (listener, Link::Remote(Remote::new(base, "token", None).unwrap()))
}

fn key(c: char) -> Msg {
    Msg::Key(crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Char(c)))
}

/// A console at work; what it was told, and the frames it had drawn, after each batch of messages.
async fn batches(options: Options, batches: Vec<Vec<Msg>>) -> (Vec<String>, Vec<u64>) {
    let (_listener, link) = silent().await;
    let (settings, _) = options.settings().unwrap();
    let (app, _) = App::new(settings, "agent1".into(), None, Drafts::default());
    let told = Told::default();
    let (sender, mut queue) = mpsc::channel(QUEUE);
    let terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut console = Console::new(terminal, Box::new(told.clone()), link, app, None, sender.clone());
    let mut frames = Vec::new();
    for batch in batches {
        for msg in batch {
            sender.send(msg).await.unwrap();
        }
        let Ok(first) = queue.try_recv() else { continue };
        console.turn(Some(first), &mut queue).unwrap();
        frames.push(console.frames);
    }
    let told = told.0.lock().unwrap().clone();
    (told, frames)
}

/// A node that takes the question and says nothing: the console must neither hang nor spin.
#[tokio::test]
async fn a_silent_node_costs_no_frames_and_leaving_saves_the_drafts() {
    let (_listener, link) = silent().await;
    let dir = tempfile::tempdir().unwrap();
    let path = Drafts::path(dir.path(), "agent1");
    let mut drafts = Drafts::default();
    drafts.put(crate::domain::id::Id(7), Draft { text: "Hi".into(), ..Draft::default() });
    let (settings, _) = Options::default().settings().unwrap();
    let (app, mut effects) = App::new(settings, "agent1".into(), None, drafts.clone());
    effects.push(Effect::SaveDrafts);
    let told = Told::default();
    let (sender, queue) = mpsc::channel(QUEUE);
    let terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut console = Console::new(terminal, Box::new(told.clone()), link, app, Some(path.clone()), sender.clone());
    console.draw().unwrap();
    let drive = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Drained together, drawn once.
        for c in ['2', '3', '?'] {
            sender.send(key(c)).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        sender.send(Msg::Leave).await.unwrap();
    };
    let (result, ()) = tokio::join!(console.work(queue, effects), drive);
    result.unwrap();
    assert_eq!(console.frames, 2, "one at the start, one for three keys, none while idle");
    assert_eq!(Drafts::load(&path).unwrap(), drafts);
    assert!(told.0.lock().unwrap().contains(&"title switchboard".to_owned()));
}

#[tokio::test]
async fn nothing_is_drawn_on_a_terminal_that_is_lent() {
    let (told, frames) = batches(
        Options::default(),
        vec![
            vec![key('2')],
            // Stopping waits its turn, and what comes with it is taken in without a frame.
            vec![key('3'), Msg::Suspended, key('?')],
            vec![key('2')],
            vec![Msg::Resumed],
        ],
    )
    .await;
    assert_eq!(frames, [1, 1, 1, 2]);
    let lent: Vec<&str> = told.iter().map(String::as_str).filter(|t| matches!(*t, "suspend" | "take again")).collect();
    assert_eq!(lent, ["suspend", "take again"]);
}

#[tokio::test]
async fn quiet_hours_silence_bell_and_notification_by_this_machines_clock() {
    use crate::config::{Notify, QuietHours};
    let now = jiff::Zoned::now().time();
    let hour = jiff::Span::new().hours(1);
    let around = QuietHours { from: now.wrapping_sub(hour), to: now.wrapping_add(hour) };
    let others = QuietHours { from: around.to, to: around.from };
    for (quiet_hours, heard) in [(None, 2), (Some(others), 2), (Some(around), 0)] {
        let (_listener, link) = silent().await;
        let options = Options { notify: Notify::Osc777, quiet_hours, ..Options::default() };
        let (app, _) = App::new(options.settings().unwrap().0, "agent1".into(), None, Drafts::default());
        let told = Told::default();
        let terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let (sender, _queue) = mpsc::channel(QUEUE);
        let mut console = Console::new(terminal, Box::new(told.clone()), link, app, None, sender);
        console.carry_out(vec![Effect::Bell, Effect::Notify(shown!("Maria wrote"))]).unwrap();
        let told = told.0.lock().unwrap().clone();
        assert_eq!(told.len(), heard, "{told:?}");
        if heard > 0 {
            assert_eq!(told, ["bell", "write \u{1b}]777;notify;switchboard;Maria wrote\u{7}"]);
        }
    }
}
