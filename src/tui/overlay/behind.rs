//! What was asked behind something, as code in several languages, and what was answered.
//!
//! It shows [`Sheet`]s, wherever they come from: an action of the console, a row of a pane, a step of a
//! verification.

use ratatui::layout::Rect;

use super::{position, window};
use crate::api::code::Sheet;
use crate::domain::id::Id;
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Lines of an answer that are shown; all of it can be copied.
const ANSWER: usize = 400;
/// The name of the sheet with the answer.
const ANSWERED: &str = "answer";

/// What is behind something.
#[derive(Debug)]
pub struct Behind {
    /// The message whose request to Twilio belongs to it.
    pub message: Option<Id>,
    /// Which exchange of the trail it is (0 the newest); none for the row under the cursor.
    pub place: Option<usize>,
    title: Shown,
    said: Shown,
    beside: Shown,
    sheets: Vec<Sheet>,
    at: usize,
    top: usize,
}

impl Behind {
    /// What is behind something: `said` is the line over the code, `beside` stands at its end.
    pub fn new(title: Shown, said: Shown, beside: Shown, mut sheets: Vec<Sheet>, answer: String) -> Behind {
        sheets.push(Sheet { name: ANSWERED, text: answer });
        Behind { message: None, place: None, title, said, beside, sheets, at: 0, top: 0 }
    }

    /// More sheets, before the answer.
    pub fn add(&mut self, sheets: Vec<Sheet>) {
        let last = self.sheets.len().saturating_sub(1);
        self.at += if self.at == last { sheets.len() } else { 0 };
        self.sheets.splice(last..last, sheets);
    }

    /// Shows the sheet of a name, if there is one.
    pub fn show(&mut self, name: &str) {
        if let Some(at) = self.sheets.iter().position(|s| s.name == name) {
            (self.at, self.top) = (at, 0);
        }
    }

    /// The name of the sheet in view.
    pub fn shows(&self) -> &'static str {
        self.sheets.get(self.at).map_or("", |s| s.name)
    }

    /// Shows the next sheet, or the one before.
    pub fn turn(&mut self, by: isize) {
        let len = self.sheets.len().max(1) as isize;
        (self.at, self.top) = ((self.at as isize + by).rem_euclid(len) as usize, 0);
    }

    /// Shows the n-th sheet.
    pub fn point(&mut self, at: usize) {
        (self.at, self.top) = (at.min(self.sheets.len().saturating_sub(1)), 0);
    }

    /// Scrolls, from where it was drawn.
    pub fn step(&mut self, by: isize, drawn: Option<Listed>) {
        self.top = drawn.map_or(self.top, |d| d.top).saturating_add_signed(by);
    }

    /// The sheet in view, whole and raw.
    pub fn copy(&self) -> String {
        self.sheets.get(self.at).map(|s| s.text.clone()).unwrap_or_default()
    }

    /// Everything as text.
    pub fn text(&self) -> String {
        let sheets = self.sheets.iter().map(|s| format!("{}:\n{}", s.name, s.text)).collect::<Vec<_>>().join("\n");
        format!("{}. {}\n{sheets}", self.title, self.said)
    }

    fn lines(&self, width: usize, role: Role) -> Vec<Piece> {
        let wrapped = |text: &str| {
            let lines: Vec<Shown> = Shown::lines(text).iter().flat_map(|l| l.wrap(width)).collect();
            lines.into_iter().map(|l| (l, role))
        };
        let answer = self.sheets.last().map_or("", |s| s.text.as_str());
        let mut lines = Vec::new();
        if self.at + 1 < self.sheets.len() {
            lines.extend(wrapped(&self.copy()));
            lines.extend([(Shown::default(), role), (Shown::from("answered:"), Role::Dim)]);
        }
        let cut: Vec<&str> = answer.lines().take(ANSWER).collect();
        lines.extend(wrapped(&cut.join("\n")));
        let more = answer.lines().count().saturating_sub(ANSWER);
        if more > 0 {
            lines.push((shown!("… {more} lines more; a copy has them all"), Role::Dim));
        }
        lines
    }

    pub(super) fn draw(&self, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
        let width = if area.width >= 120 { 100 } else { 74 }.min(area.width.saturating_sub(4));
        // Under a mask all of it is somebody's text.
        let role = if ink.is_masked() { Role::Outgoing } else { Role::Text };
        let lines = self.lines(width.into(), role);
        let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height.saturating_sub(6));
        let inside = window(ink, area, map, &self.title, width, rows + 3);
        self.tabs(ink, line(inside, 0), map);
        let used = ink.right(line(inside, 1), &[(self.beside.clone(), Role::Dim)]);
        let left = Rect { width: inside.width.saturating_sub(used + 1), ..line(inside, 1) };
        ink.pieces(left, &[(self.said.clone(), Role::Dim)]);
        let height = usize::from(inside.height.saturating_sub(3));
        let fit = if lines.len() > height { height.saturating_sub(1) } else { height };
        let listed = Listed { top: self.top.min(lines.len().saturating_sub(fit)), fit };
        map.overlay = Some(listed);
        for (row, piece) in lines.iter().skip(listed.top).take(fit).enumerate() {
            ink.pieces(line(inside, row as u16 + 3), std::slice::from_ref(piece));
        }
        position(ink, inside, listed, lines.len());
    }

    /// The names of the sheets; where they do not fit, the one in view and its number.
    fn tabs(&self, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
        let label = |n: usize, sheet: &Sheet| {
            let bare = sheet.name.trim_start_matches("twilio-");
            if n == self.at { shown!("[{bare}]") } else { shown!(" {bare} ") }
        };
        let is_theirs = |sheet: &Sheet| sheet.name.starts_with("twilio-");
        let theirs = self.sheets.iter().position(is_theirs);
        let word = Shown::from(" Twilio:");
        let total: usize = self.sheets.iter().enumerate().map(|(n, s)| label(n, s).width()).sum();
        if total + theirs.map_or(0, |_| word.width()) > area.width.into() {
            let text = shown!("[{}] {} of {}", self.shows(), self.at + 1, self.sheets.len());
            ink.pieces(area, &[(text, Role::Accent)]);
            return;
        }
        let mut x = area.x;
        for (n, sheet) in self.sheets.iter().enumerate() {
            if Some(n) == theirs {
                x += ink.text(Rect { x, width: area.right().saturating_sub(x), ..area }, &word, Role::Dim);
            }
            let text = label(n, sheet);
            let rect = Rect { x, width: text.width() as u16, ..area };
            ink.text(rect, &text, if n == self.at { Role::Accent } else { Role::Text });
            map.hit(rect, Hit::FormField(n));
            x += rect.width;
        }
    }
}
