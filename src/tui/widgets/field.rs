//! A one-line text field: text, a cursor between graphemes, and the usual editing keys.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Position, Rect};
use unicode_segmentation::UnicodeSegmentation;

use crate::tui::ink::Ink;
use crate::tui::shown::{Shown, editable, width};
use crate::tui::theme::Role;

/// What was typed, and where the cursor stands (a byte between two graphemes).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    text: String,
    cursor: usize,
    /// Nobody has typed yet: the text is a proposal, and the first letter takes its place.
    proposed: bool,
}

impl Field {
    /// A field that already holds a text; the cursor is at its end.
    pub fn new(text: &str) -> Field {
        let mut field = Field::default();
        field.insert(text);
        field
    }

    /// A field that holds a proposal: typing replaces it, moving in it keeps it.
    pub fn proposing(text: &str) -> Field {
        Field { proposed: true, ..Field::new(text) }
    }

    /// What it holds.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Empties it and hands out what it held.
    pub fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    /// Inserts typed or pasted text at the cursor; line breaks become spaces.
    pub fn insert(&mut self, raw: &str) {
        if std::mem::take(&mut self.proposed) {
            self.remove(0, self.text.len());
        }
        let line = editable(raw).replace('\n', " ");
        self.text.insert_str(self.cursor, &line);
        self.cursor += line.len();
    }

    /// Takes an editing key. Whether it was one.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char(c) if !ctrl && !alt => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Char('a') if ctrl => self.cursor = 0,
            KeyCode::Char('e') if ctrl => self.cursor = self.text.len(),
            KeyCode::Char('u') if ctrl => self.remove(0, self.cursor),
            KeyCode::Char('k') if ctrl => self.remove(self.cursor, self.text.len()),
            KeyCode::Char('w') if ctrl => self.remove(self.word_start(), self.cursor),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            KeyCode::Backspace if self.proposed => self.remove(0, self.text.len()),
            KeyCode::Backspace => self.remove(self.before(), self.cursor),
            KeyCode::Delete => self.remove(self.cursor, self.after()),
            _ => return false,
        }
        self.proposed = false;
        true
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |g| self.cursor + g.len())
    }

    fn word_start(&self) -> usize {
        let head = self.text[..self.cursor].trim_end();
        head.rfind(' ').map_or(0, |at| at + 1)
    }

    /// Draws it on one line, scrolled so that the cursor is in view; answers where the cursor is.
    pub fn draw(&self, ink: &mut Ink, area: Rect, role: Role) -> Option<Position> {
        if area.is_empty() {
            return None;
        }
        let room = usize::from(area.width.saturating_sub(1));
        let mut start = 0;
        while width(&self.text[start..self.cursor]) > room {
            start += self.text[start..].graphemes(true).next().map_or(1, str::len);
        }
        ink.text(area, &Shown::of(&self.text[start..]), role);
        let x = width(&self.text[start..self.cursor]).min(usize::from(area.width) - 1);
        Some(Position { x: area.x + u16::try_from(x).unwrap_or(0), y: area.y })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(field: &mut Field, code: KeyCode) {
        field.key(KeyEvent::new(code, KeyModifiers::NONE));
    }

    #[test]
    fn editing_goes_by_grapheme() {
        let mut field = Field::new("a👩‍👩‍👧b\n\u{1b}c");
        assert_eq!(field.text(), "a👩‍👩‍👧b c");
        for _ in 0..3 {
            press(&mut field, KeyCode::Left);
        }
        press(&mut field, KeyCode::Backspace);
        assert_eq!(field.text(), "ab c");
        press(&mut field, KeyCode::Delete);
        press(&mut field, KeyCode::End);
        field.key(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(field.take(), "a ");
    }

    #[test]
    fn a_proposal_gives_way_to_the_first_letter_and_stays_when_it_is_moved_in() {
        let mut field = Field::proposing("tomorrow 9");
        press(&mut field, KeyCode::Char('2'));
        press(&mut field, KeyCode::Char('h'));
        assert_eq!(field.text(), "2h");
        let mut field = Field::proposing("tomorrow 9");
        press(&mut field, KeyCode::Left);
        press(&mut field, KeyCode::Char('1'));
        assert_eq!(field.text(), "tomorrow 19");
        let mut field = Field::proposing("tomorrow 9");
        press(&mut field, KeyCode::Backspace);
        assert!(field.is_empty());
    }
}
