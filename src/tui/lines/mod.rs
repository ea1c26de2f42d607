//! The console without a screen: it prints lines and reads lines, for screen readers and for terminals
//! that cannot be drawn on.
//!
//! It is the same [`App`] and the same [`update()`](super::update()): a line is an action, a choice, or a
//! text; what came of it is said in sentences. Nothing is ever printed over.

mod said;
mod told;

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Instant;

use tokio::sync::mpsc;

use super::app::{App, Focus};
use super::drafts::Drafts;
use super::framemap::FrameMap;
use super::msg::{Effect, Msg};
use super::options::{Error, Options};
use super::panes::thread::Thread;
use super::pipe::pipe;
use super::run::files::Desk;
use super::runner::Runner;
use super::shown::Shown;
use super::update::update;
use crate::link::Link;

pub use said::{Said, said};
pub use told::Told;

/// Messages that may wait in the queue.
const QUEUE: usize = 1024;

/// Something came in.
enum In {
    Line(String),
    /// Nobody writes any more.
    End,
    Msg(Box<Msg>),
}

/// Runs until `quit`, or until nobody writes any more.
///
/// # Errors
/// When nothing can be printed any more.
pub async fn lines(link: Link, options: Options) -> Result<(), Error> {
    let (settings, faults) = options.settings()?;
    let files = Desk::new(&settings.opener, options.state_dir.clone());
    let (mut app, effects) = App::new(settings, options.agent.clone(), options.business, Drafts::default());
    for fault in faults {
        print(&[Shown::from(fault.to_string())])?;
    }
    let (sender, mut queue) = mpsc::channel(QUEUE);
    read_lines(sender.clone());
    let mut work = Work { runner: Runner::new(link, sender, |msg| In::Msg(Box::new(msg))), asked: 0, files };
    let (mut told, map, start) = (Told::default(), FrameMap::default(), Instant::now());
    if work.carry_out(effects) {
        return Ok(());
    }
    while let Some(next) = queue.recv().await {
        update(&mut app, &map, Msg::Now(start.elapsed()));
        let effects = match next {
            In::End => return Ok(()),
            In::Line(line) => match said(&mut app, &map, &line) {
                Said::Print(lines) => {
                    print(&lines)?;
                    Vec::new()
                }
                Said::Done(effects) => effects,
            },
            In::Msg(msg) => {
                work.asked -= usize::from(matches!(*msg, Msg::Answered(..)));
                print(&told.heard(&app, &msg))?;
                update(&mut app, &map, *msg)
            }
        };
        if work.carry_out(effects) {
            return Ok(());
        }
        print(&told.changed(&mut app, work.asked == 0))?;
        // What was read out is read.
        let reads = matches!(app.focus, Focus::Thread | Focus::Composer);
        let read = app.thread.as_mut().filter(|thread| reads && thread.loaded).map(Thread::mark_read);
        if work.carry_out(read.into_iter().flatten().collect()) {
            return Ok(());
        }
    }
    Ok(())
}

/// Lines are read by a thread of their own: a read from a terminal cannot be called off.
fn read_lines(sender: mpsc::Sender<In>) {
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.blocking_send(In::Line(line)).is_err() {
                return;
            }
        }
        let _ = sender.blocking_send(In::End);
    });
}

fn print(lines: &[Shown]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

struct Work {
    runner: Runner<In>,
    /// Questions that are not answered yet.
    asked: usize,
    /// Where files of messages are handled.
    files: Desk,
}

impl Drop for Work {
    fn drop(&mut self) {
        self.files.clear();
    }
}

impl Work {
    /// Does what was asked for, as far as it can be done without a screen. Whether to leave.
    fn carry_out(&mut self, effects: Vec<Effect>) -> bool {
        self.runner.tidy();
        for effect in effects {
            self.asked += usize::from(matches!(effect, Effect::Ask(..)));
            match self.runner.carry_out(effect) {
                Some(Effect::Bell) if io::stdout().is_terminal() => drop(io::stdout().write_all(b"\x07")),
                Some(Effect::Pipe(command, text)) => {
                    self.runner.report(async move { Msg::Piped(pipe(command, text).await) });
                }
                Some(Effect::File(task)) => {
                    let (link, desk) = (self.runner.link(), self.files.clone());
                    self.runner.report(async move { Msg::File(desk.carry_out(&link, task).await) });
                }
                Some(Effect::Quit) => return true,
                _ => {}
            }
        }
        false
    }
}
