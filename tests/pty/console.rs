//! A console in a pseudo-terminal, read by a terminal emulator.
//!
//! Nothing here waits for a time: it waits for what stands on the screen, and shows the screen when
//! that does not come.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use vt100::{Callbacks, Parser, Screen};

use crate::home::{Home, PATIENCE, PROGRAM, signal, until};

/// What the terminal was told beside text.
#[derive(Default)]
pub struct Told {
    pub title: String,
    pub bells: usize,
}

impl Callbacks for Told {
    fn set_window_title(&mut self, _: &mut Screen, title: &[u8]) {
        self.title = String::from_utf8_lossy(title).into_owned();
    }
    fn audible_bell(&mut self, _: &mut Screen) {
        self.bells += 1;
    }
}

struct State {
    parser: Parser<Told>,
    raw: Vec<u8>,
    closed: bool,
}

#[derive(Clone)]
struct Terminal(Arc<(Mutex<State>, Condvar)>);

impl Terminal {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap()
    }
}

/// A console at work; killed when it is dropped.
pub struct Console {
    terminal: Terminal,
    master: Box<dyn MasterPty + Send>,
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn Child + Send + Sync>,
    /// Its process.
    pub pid: u32,
}

fn size((columns, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

impl Console {
    /// `switchboard` on a terminal of columns and rows.
    pub fn open(home: &Home, at: (u16, u16)) -> Console {
        Console::with(home, at, &[], &[])
    }

    /// The same with arguments and variables.
    pub fn with(home: &Home, at: (u16, u16), args: &[&str], variables: &[(&str, &str)]) -> Console {
        let pty = native_pty_system().openpty(size(at)).unwrap();
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(args);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        home.environment().iter().for_each(|(name, value)| command.env(name, value));
        variables.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(home.dir.path());
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let parser = Parser::new_with_callbacks(cells(at.1), cells(at.0), 0, Told::default());
        let state = State { parser, raw: Vec::new(), closed: false };
        let terminal = Terminal(Arc::new((Mutex::new(state), Condvar::new())));
        let writer = Arc::new(Mutex::new(pty.master.take_writer().unwrap()));
        let reader = pty.master.try_clone_reader().unwrap();
        let (read_into, answer_with) = (terminal.clone(), writer.clone());
        std::thread::spawn(move || read(reader, &read_into, &answer_with));
        let pid = child.process_id().unwrap();
        Console { terminal, master: pty.master, writer, child, pid }
    }

    /// Types; control characters are keys.
    pub fn keys(&self, text: &str) {
        let mut writer = self.writer.lock().unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Waits until the screen is as it should be.
    pub fn until(&self, what: &str, is: impl Fn(&Screen, &Told) -> bool) {
        let start = Instant::now();
        let mut state = self.terminal.lock();
        while !is(state.parser.screen(), state.parser.callbacks()) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            if state.closed || left.is_zero() {
                let (screen, title) = (framed(state.parser.screen()), state.parser.callbacks().title.clone());
                let why = if state.closed { "the program ended" } else { "it did not come" };
                let raw = state.raw[state.raw.len().saturating_sub(300)..].escape_ascii().to_string();
                drop(state);
                panic!("waiting for {what}: {why}. Title {title:?}, screen:\n{screen}Last bytes: {raw}");
            }
            state = self.terminal.0.1.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Waits until a text stands on the screen.
    #[track_caller]
    pub fn sees(&self, text: &str) {
        self.until(&format!("{text:?}"), |screen, _| screen.contents().contains(text));
    }

    /// Waits until a text is gone from the screen.
    pub fn misses(&self, text: &str) {
        self.until(&format!("{text:?} to go"), |screen, _| !screen.contents().contains(text));
    }

    /// Waits until nothing has been written for half a second.
    pub fn rests(&self) {
        let start = Instant::now();
        let mut state = self.terminal.lock();
        loop {
            let before = state.raw.len();
            let (next, waited) = self.terminal.0.1.wait_timeout(state, Duration::from_millis(500)).unwrap();
            state = next;
            if waited.timed_out() && state.raw.len() == before {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "it draws without end");
        }
    }

    /// The line of the screen that holds a text.
    pub fn line(&self, text: &str) -> String {
        self.sees(text);
        self.screen().lines().find(|l| l.contains(text)).unwrap_or_default().to_owned()
    }

    /// What stands on the screen now.
    pub fn screen(&self) -> String {
        self.terminal.lock().parser.screen().contents()
    }

    /// Everything that was written to the terminal.
    pub fn raw(&self) -> Vec<u8> {
        self.terminal.lock().raw.clone()
    }

    /// How often the bell rang.
    pub fn bells(&self) -> usize {
        self.terminal.lock().parser.callbacks().bells
    }

    /// Gives the terminal another size.
    pub fn resize(&self, at: (u16, u16)) {
        self.terminal.lock().parser.screen_mut().set_size(cells(at.1), cells(at.0));
        self.master.resize(size(at)).unwrap();
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        signal(self.pid, name);
    }

    /// SIGKILL: nothing is put in order.
    pub fn kill(mut self) {
        self.signal("KILL");
        self.wait();
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        let child = &mut self.child;
        let status = until("the console ends", || child.try_wait().unwrap());
        until("its last words are read", || self.terminal.lock().closed.then_some(()));
        status
    }

    /// Whether echo and lines work as in a shell again.
    pub fn is_cooked(&self) -> bool {
        use nix_flags::{ECHO, ICANON};
        let modes = stty(self.master.tty_name().as_deref());
        modes.contains(ECHO) && modes.contains(ICANON)
    }

    /// The state of the terminal, to be looked at.
    pub fn look<T>(&self, at: impl FnOnce(&Screen, &Told) -> T) -> T {
        let state = self.terminal.lock();
        at(state.parser.screen(), state.parser.callbacks())
    }
}

/// What `stty -a` calls the modes of a shell; switched off they have a `-` before them.
mod nix_flags {
    pub const ECHO: &str = " echo ";
    pub const ICANON: &str = " icanon ";
}

fn stty(tty: Option<&std::path::Path>) -> String {
    let tty = std::fs::File::open(tty.unwrap()).unwrap();
    let output = std::process::Command::new("stty").arg("-a").stdin(tty).output().unwrap();
    String::from_utf8_lossy(&output.stdout).replace('\n', " ")
}

impl Drop for Console {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            signal(self.pid, "KILL");
            let _ = self.child.wait();
        }
    }
}

/// Feeds the emulator, and answers what programs ask a terminal.
fn read(mut from: Box<dyn Read + Send>, terminal: &Terminal, answer: &Mutex<Box<dyn Write + Send>>) {
    let mut buffer = [0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).unwrap_or(0);
        let asked = {
            let mut state = terminal.lock();
            let before = state.raw.len().saturating_sub(3);
            state.raw.extend_from_slice(&buffer[..read]);
            state.parser.process(&buffer[..read]);
            state.closed = read == 0;
            let asked = state.raw[before..].windows(3).any(|w| w == b"\x1b[c");
            terminal.0.1.notify_all();
            asked
        };
        if read == 0 {
            return;
        }
        if asked {
            let mut writer = answer.lock().unwrap();
            let _ = writer.write_all(b"\x1b[?62;22c").and_then(|()| writer.flush());
        }
    }
}

/// The screen with a frame around, so that its blanks are seen.
fn framed(screen: &Screen) -> String {
    let width = screen.size().1.get();
    let rows = screen.rows(0, width).map(|row| format!("|{row}\n"));
    let bar = format!("+{}\n", "-".repeat(usize::from(width)));
    format!("{bar}{}{bar}", rows.collect::<String>())
}
