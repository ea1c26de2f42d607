//! The loop: the only place of the console with I/O.
//!
//! Keys, answers, events and timers come in on one queue. The loop drains it, draws once, and sleeps
//! until there is input or something that is in view changes by itself. Nothing due: no wake-up.

mod editor;
pub(super) mod files;
mod saving;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use self::saving::Saving;
use super::app::App;
use super::drafts::Drafts;
use super::draw::draw;
use super::framemap::FrameMap;
use super::ink::Piece;
use super::input;
use super::msg::{Effect, Msg};
use super::options::{self, Error, Options};
use super::overlay::{Overlay, Page};
use super::pipe::pipe;
use super::runner::Runner;
use super::shown::{Shown, shown};
use super::term::{self, Hands};
use super::theme::Role;
use super::update::update;
use crate::config;
use crate::domain::id::Id;
use crate::link::Link;

/// Messages that may wait in the queue.
const QUEUE: usize = 1024;
/// What is under way when the console ends may take so long to finish.
const LAST_CALLS: Duration = Duration::from_millis(500);

/// Runs the console until the agent leaves. The terminal is given back whatever happens.
pub async fn run(link: Link, options: Options) -> Result<(), Error> {
    if !term::is_there() {
        return Err(Error::NoTerminal);
    }
    let (settings, faults) = options.settings()?;
    let mouse = settings.mouse;
    let path = options.state_dir.as_ref().map(|dir| Drafts::path(dir, &options.agent));
    let (drafts, trouble) = match path.as_deref().map(Drafts::load).transpose() {
        Ok(drafts) => (drafts.unwrap_or_default(), None),
        Err(e) => (Drafts::default(), Some(shown!("the drafts could not be read: {}", e.to_string()))),
    };
    let (mut app, effects) = App::new(settings, options.agent.clone(), options.business, drafts);
    if !faults.is_empty() {
        let line = |f: &super::keymap::Fault| -> Vec<Piece> { vec![(Shown::from(f.to_string()), Role::Error)] };
        app.overlay = Some(Overlay::Page(Page::new("Your keymap has faults", faults.iter().map(line).collect())));
    }
    if let Some(trouble) = trouble {
        app.say(trouble, Role::Error);
    }
    let (terminal, _guard) = term::take(mouse)?;
    let (sender, queue) = mpsc::channel(QUEUE);
    let mut console = Console::new(terminal, Box::new(term::Real), link, app, path, sender.clone());
    console.draw()?;
    // The first frame stands; only now is anything read.
    console.reader = Some(tokio::spawn(input::read_terminal(sender.clone())));
    let signals = tokio::spawn(input::read_signals(sender));
    let result = console.work(queue, effects).await;
    if let Some(reader) = console.reader.take() {
        reader.abort();
    }
    signals.abort();
    result
}

/// The console at work on some terminal.
pub struct Console<B: Backend> {
    terminal: Terminal<B>,
    hands: Box<dyn Hands>,
    /// What is shown.
    pub app: App,
    map: FrameMap,
    sender: mpsc::Sender<Msg>,
    runner: Runner<Msg>,
    saving: Saving,
    start: Instant,
    /// Whether the terminal is the shell's or an editor's for now: nothing is drawn then.
    lent: bool,
    /// Whether an editor has it.
    editing: bool,
    /// Who reads the terminal; nobody while an editor does.
    reader: Option<JoinHandle<()>>,
    /// Whether somebody shall read it again afterwards.
    reads: bool,
    /// Frames drawn so far.
    pub frames: u64,
    /// Where files of messages are handled.
    files: files::Desk,
}

impl<B: Backend> Console<B>
where
    B::Error: std::error::Error + Send + Sync + 'static,
{
    /// A console on a terminal; `sender` is the way into its queue.
    pub fn new(
        terminal: Terminal<B>,
        hands: Box<dyn Hands>,
        link: Link,
        app: App,
        drafts: Option<PathBuf>,
        sender: mpsc::Sender<Msg>,
    ) -> Console<B> {
        let state = drafts.as_deref().and_then(Path::parent).map(Path::to_owned);
        let files = files::Desk::new(&app.settings.opener, state);
        Console {
            files,
            terminal,
            hands,
            app,
            map: FrameMap::default(),
            runner: Runner::new(link, sender.clone(), |msg| msg),
            sender,
            saving: Saving::new(drafts),
            start: Instant::now(),
            lent: false,
            editing: false,
            reader: None,
            reads: false,
            frames: 0,
        }
    }

    /// Works until the agent leaves.
    pub async fn work(&mut self, mut queue: mpsc::Receiver<Msg>, effects: Vec<Effect>) -> Result<(), Error> {
        if self.carry_out(effects)? {
            return Ok(());
        }
        loop {
            let due = self.due();
            let sleep = async {
                match due {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            let first = tokio::select! {
                biased;
                msg = queue.recv() => match msg {
                    Some(msg) => Some(msg),
                    None => break,
                },
                () = sleep => None,
            };
            if !self.turn(first, &mut queue)? {
                break;
            }
        }
        self.end().await
    }

    /// Takes in what came and whatever else waits, then draws once. Whether to go on.
    fn turn(&mut self, first: Option<Msg>, queue: &mut mpsc::Receiver<Msg>) -> Result<bool, Error> {
        let mut dirty = self.screen_due().is_some_and(|at| at <= Instant::now());
        let mut next = first;
        let mut left = QUEUE;
        self.tell_time();
        while let Some(msg) = next {
            dirty = true;
            match &msg {
                Msg::Edited(..) => self.take_from_editor(),
                // Meant for the editor: it stands in the same group of processes.
                Msg::Interrupted | Msg::Suspended | Msg::Resumed if self.editing => {
                    next = queue.try_recv().ok();
                    continue;
                }
                _ => {}
            }
            let effects = update(&mut self.app, &self.map, msg);
            if self.carry_out(effects)? {
                return Ok(false);
            }
            left -= 1;
            next = if left > 0 { queue.try_recv().ok() } else { None };
        }
        if term::has_panicked() {
            return Err(Error::Panicked);
        }
        self.saving.work(&self.app.drafts, &self.sender);
        self.runner.tidy();
        if dirty && !self.lent {
            self.draw()?;
            let effects = update(&mut self.app, &self.map, Msg::Drawn);
            self.carry_out(effects)?;
        }
        Ok(true)
    }

    fn tell_time(&mut self) {
        let passed = self.start.elapsed();
        update(&mut self.app, &self.map, Msg::Now(passed));
    }

    /// Draws one frame.
    pub fn draw(&mut self) -> Result<(), Error> {
        let app = &self.app;
        let mut map = FrameMap::default();
        self.hands.frame(true)?;
        self.terminal
            .draw(|frame| {
                map = draw(app, frame.buffer_mut());
                if let Some(at) = map.cursor {
                    frame.set_cursor_position(at);
                }
            })
            .map_err(io::Error::other)?;
        self.hands.frame(false)?;
        self.map = map;
        self.frames += 1;
        Ok(())
    }

    /// When something in view changes by itself.
    fn screen_due(&self) -> Option<Instant> {
        if self.lent {
            return None;
        }
        let beat = self.app.clock.next(self.map.beat);
        [beat, self.map.until].into_iter().flatten().min().map(|passed| self.start + passed)
    }

    fn due(&self) -> Option<Instant> {
        [self.screen_due(), self.saving.due()].into_iter().flatten().min()
    }

    /// Whether nothing shall ring now. Quiet hours are the agent's, so they go by the wall clock of this machine.
    fn is_quiet(&self) -> bool {
        self.app.settings.quiet_hours.is_some_and(|hours| hours.holds(jiff::Zoned::now().time()))
    }

    /// Does what was asked for. Whether to leave.
    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<bool, Error> {
        for effect in effects {
            let Some(effect) = self.runner.carry_out(effect) else { continue };
            match effect {
                Effect::SaveDrafts => self.saving.want(),
                Effect::Keep { path, section, name, to } => self.runner.aside(move || {
                    let kept = config::save(&path, &section, &name, to.as_ref());
                    kept.err().map(|e| Msg::Trouble(Shown::from(e.to_string())))
                }),
                Effect::Seal(passphrase) => {
                    let path = self.app.settings.files.lock.clone();
                    self.runner.aside(move || Some(options::keep_lock(path.as_deref(), &passphrase)));
                }
                Effect::Unlock { sealed, passphrase } => {
                    self.runner.aside(move || Some(Msg::Unlocked(config::lock::opens(&sealed, &passphrase))));
                }
                Effect::Pipe(command, text) => {
                    self.runner.report(async move { Msg::Piped(pipe(command, text).await) });
                }
                Effect::File(task) => {
                    let (link, desk) = (self.runner.link(), self.files.clone());
                    self.runner.report(async move { Msg::File(desk.carry_out(&link, task).await) });
                }
                Effect::Edit(id, text) => self.lend_to_editor(id, text)?,
                // The terminal is not ours to write to.
                Effect::Title(_) | Effect::Bell | Effect::Notify(_) | Effect::Mouse(_) | Effect::Copy(_)
                    if self.lent => {}
                Effect::Title(title) => self.hands.title(&title)?,
                Effect::Bell | Effect::Notify(_) if self.is_quiet() => {}
                Effect::Bell => self.hands.bell()?,
                Effect::Notify(text) => self.hands.write(&term::notification(self.app.settings.notify, &text))?,
                Effect::Copy(raw) => self.hands.copy(&raw)?,
                Effect::Mouse(captured) => self.hands.mouse(captured)?,
                Effect::Redraw => {
                    // Not `clear`: that one asks the terminal where the cursor is, and the answer would
                    // have to be read from under the reader of the keys.
                    let size = self.terminal.size().map_err(io::Error::other)?;
                    self.terminal.resize(size.into()).map_err(io::Error::other)?;
                }
                Effect::Suspend => {
                    self.lent = true;
                    self.hands.suspend()?;
                }
                Effect::TakeTerminal(mouse) => {
                    self.hands.take_again(mouse)?;
                    self.lent = false;
                }
                Effect::Quit => return Ok(true),
                // The runner has done these.
                Effect::Ask(..) | Effect::Follow(_) | Effect::Watch(_) | Effect::Present(_) => {}
            }
        }
        Ok(false)
    }

    /// Gives the terminal to an editor: nobody reads or draws until it has ended.
    fn lend_to_editor(&mut self, id: Id, text: String) -> Result<(), Error> {
        if std::mem::replace(&mut self.editing, true) {
            return Ok(());
        }
        self.lent = true;
        self.hands.lend()?;
        let dir = self.saving.directory().map(ToOwned::to_owned);
        let reader = self.reader.take();
        let reads = reader.is_some();
        self.runner.report(async move {
            if let Some(reader) = reader {
                // Keys are the editor's only once this has really ended.
                reader.abort();
                let _ = reader.await;
            }
            Msg::Edited(id, editor::edit(dir, text).await)
        });
        self.reads = reads;
        Ok(())
    }

    fn take_from_editor(&mut self) {
        self.editing = false;
        if std::mem::take(&mut self.reads) {
            self.reader = Some(tokio::spawn(input::read_terminal(self.sender.clone())));
        }
    }

    /// Leaves in order: the drafts are written, what was asked may still be answered.
    async fn end(&mut self) -> Result<(), Error> {
        self.saving.end(&self.app.drafts).await?;
        self.runner.end(LAST_CALLS).await;
        self.files.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
