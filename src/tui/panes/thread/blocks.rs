//! A message as lines: what stands above it, its text, its media, what became of it.
//!
//! The height of a block depends on its text, its width and its neighbours, never on the time, so
//! that a countdown moves nothing.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::scroll::{Blocks, Spot};
use super::{Entry, Key, Thread};
use crate::api::media::MediaView;
use crate::domain::message::{Direction, Status};
use crate::domain::time::Time;
use crate::tui::clock::Clock;
use crate::tui::files;
use crate::tui::ink::Piece;
use crate::tui::outgoing::Outgoing;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// One line of the thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Cells before its text.
    pub indent: usize,
    /// Its text.
    pub pieces: Vec<Piece>,
    /// A look for the whole line from `indent` on, so many cells wide.
    pub wash: Option<(Role, usize)>,
    /// Whether it belongs to the message itself, not to what separates it.
    pub body: bool,
}

/// Everything that the lines of a thread depend on.
pub struct Scene<'a> {
    /// What is shown, oldest first.
    pub entries: Vec<Entry<'a>>,
    pub(super) thread: &'a Thread,
    pub(super) clock: &'a Clock,
    me: &'a str,
    pub(super) words: bool,
    width: usize,
    first_new: Option<usize>,
    /// The blocks that were made: a frame measures each and then draws it.
    made: RefCell<FxHashMap<usize, Rc<Vec<Line>>>>,
}

/// Text wider than this is hard to read, however wide the screen.
const MAX_TEXT: usize = 72;

impl<'a> Scene<'a> {
    /// A thread at a width. `words` spells the ticks out.
    pub fn new(
        thread: &'a Thread,
        outgoing: &'a Outgoing,
        clock: &'a Clock,
        me: &'a str,
        words: bool,
        width: usize,
    ) -> Scene<'a> {
        let entries = thread.entries(outgoing);
        let is_new = |e: &Entry| matches!((e, thread.new_after), (Entry::Message(m), Some(after)) if m.arrival > after);
        let first_new = entries.iter().position(is_new);
        Scene { entries, thread, clock, me, words, width, first_new, made: RefCell::default() }
    }

    /// The blocks, to scroll over.
    pub fn blocks(&self) -> Blocks<impl Fn(usize) -> usize> {
        Blocks { len: self.entries.len(), height: |i: usize| self.block(i).len() }
    }

    /// The line that a foot names, as far as its entry is still there.
    pub fn spot(&self, foot: &Option<(Key, usize)>) -> Option<Spot> {
        let (key, line) = foot.as_ref()?;
        Some(Spot { block: self.position(key)?, line: *line })
    }

    /// The foot of a line.
    pub fn foot(&self, spot: Option<Spot>) -> Option<(Key, usize)> {
        let spot = spot?;
        Some((self.entries.get(spot.block)?.key(), spot.line))
    }

    /// Where an entry stands.
    pub fn position(&self, key: &Key) -> Option<usize> {
        self.entries.iter().position(|e| e.key() == *key)
    }

    /// The lines of an entry.
    pub fn block(&self, index: usize) -> Rc<Vec<Line>> {
        if let Some(made) = self.made.borrow().get(&index) {
            return made.clone();
        }
        let block = Rc::new(self.make(index));
        self.made.borrow_mut().insert(index, block.clone());
        block
    }

    fn make(&self, index: usize) -> Vec<Line> {
        let Some(entry) = self.entries.get(index) else { return Vec::new() };
        let mut lines = Vec::new();
        self.separators(index, entry, &mut lines);
        match entry {
            Entry::Message(m) if m.direction == Direction::Note => {
                self.note(&m.body, m.author.as_deref(), m.at.0, &mut lines);
            }
            Entry::Pending(p) if p.note => {
                self.note(&p.body, Some(self.me), p.at.unwrap_or_default(), &mut lines);
            }
            Entry::Message(m) => {
                let out = m.direction == Direction::Out;
                let media: Vec<Piece> = m.media.iter().flat_map(chip).collect();
                self.bubble(&m.body, media, out, self.meta(m), &mut lines);
                if let Some((text, role)) = self.consent(m) {
                    lines.push(self.middle(&text, role));
                }
            }
            Entry::Pending(p) => {
                let files = p.files.iter().map(|file| (file.chip(), Role::Outgoing)).collect();
                self.bubble(&p.body, files, true, self.pending_meta(p), &mut lines);
            }
        }
        lines
    }

    fn separators(&self, index: usize, entry: &Entry, lines: &mut Vec<Line>) {
        let before = index.checked_sub(1).and_then(|i| self.entries.get(i));
        let day = |e: &Entry| self.clock.day_number(self.at(e));
        let mut parted = false;
        if is_later(entry) {
            // It is not said yet: it stands behind everything, whatever the day of its time.
            if !before.is_some_and(is_later) {
                lines.push(self.middle(&Shown::from("later"), Role::Dim));
            }
            return;
        }
        if before.is_none_or(|b| day(b) != day(entry)) {
            lines.push(self.middle(&self.clock.full_day(self.at(entry)), Role::Dim));
            parted = true;
        }
        if self.first_new == Some(index) {
            lines.push(self.middle(&Shown::from("— new —"), Role::Accent));
            parted = true;
        }
        if let (false, Some(before)) = (parted, before)
            && direction(before) != direction(entry)
        {
            lines.push(Line { indent: 0, pieces: Vec::new(), wash: None, body: false });
        }
    }

    fn at(&self, entry: &Entry) -> Time {
        match entry {
            Entry::Message(m) => m.at.0,
            Entry::Pending(p) => p.at.or(self.clock.now()).unwrap_or_default(),
        }
    }

    fn middle(&self, text: &Shown, role: Role) -> Line {
        let text = text.cut(self.width.saturating_sub(2));
        let side = self.width.saturating_sub(text.width() + 2) / 2;
        let rule = |n: usize| (Shown::from("─".repeat(n)), Role::Border);
        let rest = self.width.saturating_sub(side + text.width() + 2);
        let pieces = vec![rule(side), (shown!(" {text} "), role), rule(rest)];
        Line { indent: 0, pieces, wash: None, body: false }
    }

    fn bubble(&self, body: &str, media: Vec<Piece>, out: bool, meta: Vec<Piece>, lines: &mut Vec<Line>) {
        let room = self.width.saturating_sub(4).max(1);
        // Narrow threads give a text nearly all they have.
        let cells = (self.width * 4 / 5).max(self.width.min(60).saturating_sub(8)).min(MAX_TEXT).clamp(1, room);
        let role = if out { Role::Outgoing } else { Role::Incoming };
        let mut text: Vec<Piece> = Vec::new();
        if !body.is_empty() || media.is_empty() {
            text = Shown::lines(body).iter().flat_map(|l| l.wrap(cells)).map(|line| (line, role)).collect();
        }
        text.extend(media.into_iter().flat_map(|(m, of)| {
            // Why a file is missing is read to its end; what it is stays on one line.
            let lines = if of == Role::Error { m.wrap(cells) } else { vec![m.cut(cells)] };
            lines.into_iter().map(move |line| (line, if of == Role::Error { of } else { role }))
        }));
        let widest = text.iter().map(|(line, _)| line.width()).max().unwrap_or(0);
        for (line, role) in text {
            if out {
                let indent = self.width.saturating_sub(widest + 2);
                let pad = widest - line.width();
                let pieces =
                    vec![(line, role), (Shown::from(" ".repeat(pad)), role), (Shown::from(" ▕"), Role::Border)];
                lines.push(Line { indent, pieces, wash: None, body: true });
            } else {
                let pieces = vec![(Shown::from("▏ "), Role::Border), (line, role)];
                lines.push(Line { indent: 1, pieces, wash: None, body: true });
            }
        }
        let used: usize = meta.iter().map(|(t, _)| t.width()).sum();
        let indent = if out { self.width.saturating_sub(used + 2) } else { 3 };
        lines.push(Line { indent, pieces: meta, wash: None, body: true });
    }

    fn note(&self, body: &str, author: Option<&str>, at: Time, lines: &mut Vec<Line>) {
        let cells = self.width.saturating_sub(4).clamp(1, MAX_TEXT);
        let who = self.author(author);
        let mut text = vec![shown!("NOTE · {who} · {}", self.clock.minute(at)).cut(cells)];
        text.extend(Shown::lines(body).iter().flat_map(|l| l.wrap(cells)));
        let widest = text.iter().map(Shown::width).max().unwrap_or(0).max(24).min(cells);
        for line in text {
            let pieces = vec![(shown!(" {line}"), Role::Note)];
            lines.push(Line { indent: 1, pieces, wash: Some((Role::Note, widest + 2)), body: true });
        }
    }

    pub(super) fn author(&self, author: Option<&str>) -> Shown {
        match author {
            Some(a) if a == self.me => shown!("{} (you)", Shown::of(a)),
            Some(a) => Shown::of(a),
            None => Shown::from("?"),
        }
    }

    /// When (the loop's clock) an entry changes by itself.
    pub fn changes_at(&self, index: usize) -> Option<Duration> {
        match self.entries.get(index) {
            Some(Entry::Message(m)) if m.status == Status::Held && m.send_at.is_none() && !m.in_line => {
                m.due.and_then(|due| self.clock.countdown(due.0)).and_then(|(_, at)| at)
            }
            _ => None,
        }
    }
}

/// A file of a message, and why it is not here if it should be.
fn chip(media: &MediaView) -> Vec<Piece> {
    let why = files::reason(media).map(|why| (why, Role::Error));
    std::iter::once((files::chip_of(media), Role::Text)).chain(why).collect()
}

fn is_later(entry: &Entry) -> bool {
    matches!(entry, Entry::Message(m) if super::is_later(m))
}

fn direction(entry: &Entry) -> Direction {
    match entry {
        Entry::Message(m) => m.direction,
        Entry::Pending(p) if p.note => Direction::Note,
        Entry::Pending(_) => Direction::Out,
    }
}
