//! A program in a pseudo-terminal, read by a terminal emulator that remembers when what arrived.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::Parser;

/// Columns and rows: a common size, and the one at which other consoles were measured.
const SIZE: (u16, u16) = (120, 40);
/// What does not come in this time does not come.
const PATIENCE: Duration = Duration::from_secs(60);
/// The end of a frame.
const FRAME: &[u8] = b"\x1b[?2026l";
/// Which terminal are you?
const WHO: &[u8] = b"\x1b[c";

/// What has arrived.
pub struct Seen {
    parser: Parser,
    /// Bytes so far.
    pub bytes: usize,
    /// Frames so far.
    pub frames: usize,
    tail: Vec<u8>,
    last: Instant,
    wanted: Option<Wanted>,
    met: Option<Instant>,
    closed: bool,
}

type Wanted = Box<dyn Fn(&Seen) -> bool + Send>;

impl Seen {
    /// The lines of the screen.
    pub fn lines(&self) -> Vec<String> {
        self.parser.screen().rows(0, SIZE.0).collect()
    }

    /// Whether all of these stand on the screen.
    pub fn shows(&self, texts: &[&str]) -> bool {
        let contents = self.parser.screen().contents();
        texts.iter().all(|text| contents.contains(text))
    }

    fn check(&mut self) {
        if self.met.is_none() && self.wanted.as_ref().is_some_and(|wanted| wanted(self)) {
            self.met = Some(self.last);
        }
    }
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

/// A program at work; killed when it is dropped.
pub struct Running {
    shared: Shared,
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    /// Its process.
    pub pid: u32,
    /// When it was started.
    pub start: Instant,
}

impl Running {
    /// Starts a program with nothing but this in its environment.
    pub fn start(program: &str, args: &[&str], environment: &[(String, String)], dir: &Path) -> Running {
        let size = PtySize { rows: SIZE.1, cols: SIZE.0, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        environment.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(dir);
        let cells = |n| NonZeroU16::new(n).unwrap();
        let start = Instant::now();
        let seen = Seen {
            parser: Parser::new(cells(SIZE.1), cells(SIZE.0), 0),
            bytes: 0,
            frames: 0,
            tail: Vec::new(),
            last: start,
            wanted: None,
            met: None,
            closed: false,
        };
        let shared: Shared = Arc::new((Mutex::new(seen), Condvar::new()));
        let writer = Arc::new(Mutex::new(pty.master.take_writer().unwrap()));
        let reader = pty.master.try_clone_reader().unwrap();
        let (into, answer) = (shared.clone(), writer.clone());
        std::thread::spawn(move || read(reader, &into, &answer));
        let start = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        let pid = child.process_id().unwrap();
        Running { shared, writer, child, _master: pty.master, pid, start }
    }

    /// Types.
    pub fn keys(&self, text: &str) {
        let mut writer = self.writer.lock().unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Waits until what has arrived is as wanted; the moment at which it came.
    pub fn until(&self, what: &str, wanted: impl Fn(&Seen) -> bool + Send + 'static) -> Instant {
        let start = Instant::now();
        let mut seen = self.seen();
        seen.wanted = Some(Box::new(wanted));
        seen.met = None;
        seen.check();
        loop {
            if let Some(met) = seen.met {
                seen.wanted = None;
                return met;
            }
            let left = PATIENCE.saturating_sub(start.elapsed());
            if seen.closed || left.is_zero() {
                let screen = seen.lines().join("\n");
                drop(seen);
                panic!("waited in vain for {what}; the screen:\n{screen}");
            }
            seen = self.shared.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// What has arrived so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.shared.0.lock().unwrap()
    }

    /// Waits for its end.
    pub fn wait(mut self) {
        let start = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < PATIENCE, "the program does not end:\n{}", self.seen().lines().join("\n"));
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn read(mut from: Box<dyn Read + Send>, shared: &Shared, answer: &Mutex<Box<dyn Write + Send>>) {
    let mut buffer = [0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).unwrap_or(0);
        let at = Instant::now();
        let mut seen = shared.0.lock().unwrap();
        seen.last = at;
        seen.closed = read == 0;
        seen.bytes += read;
        seen.parser.process(&buffer[..read]);
        // A sequence may be cut in two by the reading.
        let mut text = std::mem::take(&mut seen.tail);
        let kept = text.len();
        text.extend_from_slice(&buffer[..read]);
        let ends = |what: &[u8]| {
            let all = text.windows(what.len()).enumerate();
            all.filter(|(at, window)| at + what.len() > kept && *window == what).count()
        };
        seen.frames += ends(FRAME);
        let asked = ends(WHO) > 0;
        seen.tail = text.split_off(text.len().saturating_sub(FRAME.len() - 1));
        seen.check();
        drop(seen);
        shared.1.notify_all();
        if read == 0 {
            return;
        }
        if asked {
            let mut writer = answer.lock().unwrap();
            let _ = writer.write_all(b"\x1b[?62;22c").and_then(|()| writer.flush());
        }
    }
}
