//! The tail on a terminal: lines scroll by above one line that says what the keys do.

use std::collections::VecDeque;
use std::io::{self, Write};

use crossterm::cursor::MoveToColumn;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use crossterm::queue;
use crossterm::style::Print;
use crossterm::terminal::{Clear, ClearType, disable_raw_mode, enable_raw_mode};

use super::line::cut;

/// How many lines are kept while it stands still; the oldest make room.
const WAITING: usize = 10_000;

/// What a key asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// The last line shows something else.
    Redraw,
    /// These waited.
    Print(Vec<String>),
    /// Enough.
    Quit,
}

/// What is shown and what waits.
#[derive(Debug, Default)]
pub struct Screen {
    paused: bool,
    waiting: VecDeque<String>,
    filter: String,
    typing: Option<String>,
}

impl Screen {
    /// A line that came: to be printed now, unless it waits or is filtered away.
    pub fn takes(&mut self, line: String) -> Option<String> {
        if !self.passes(&line) {
            return None;
        }
        if !self.paused {
            return Some(line);
        }
        if self.waiting.len() == WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(line);
        None
    }

    fn passes(&self, line: &str) -> bool {
        self.filter.is_empty() || line.to_lowercase().contains(&self.filter)
    }

    /// A key that was pressed.
    pub fn key(&mut self, key: KeyEvent) -> Step {
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        if is_control && matches!(key.code, KeyCode::Char('c' | 'd')) {
            return Step::Quit;
        }
        if let Some(text) = &mut self.typing {
            match key.code {
                KeyCode::Char(c) if !is_control => text.push(c),
                KeyCode::Backspace => drop(text.pop()),
                KeyCode::Esc => self.typing = None,
                KeyCode::Enter => {
                    self.filter = text.trim().to_lowercase();
                    self.typing = None;
                }
                _ => {}
            }
            return Step::Redraw;
        }
        match key.code {
            KeyCode::Char('q') => Step::Quit,
            KeyCode::Char(' ' | 'p') if self.paused => {
                self.paused = false;
                Step::Print(std::mem::take(&mut self.waiting).into())
            }
            KeyCode::Char(' ' | 'p') => {
                self.paused = true;
                Step::Redraw
            }
            KeyCode::Char('f' | '/') => {
                self.typing = Some(String::new());
                Step::Redraw
            }
            KeyCode::Esc => {
                self.filter.clear();
                Step::Redraw
            }
            _ => Step::Redraw,
        }
    }

    /// What the last line says.
    pub fn status(&self) -> String {
        if let Some(text) = &self.typing {
            return format!("only lines with: {text}_   (Enter takes it, Esc leaves it)");
        }
        let state = match (self.paused, self.waiting.len()) {
            (true, n) => format!("PAUSED, {n} waiting   Space goes on"),
            (false, _) => "following   Space pauses".to_owned(),
        };
        let filter = match self.filter.as_str() {
            "" => "f filters".to_owned(),
            filter => format!("only \"{filter}\" (Esc: all)"),
        };
        format!("{state}   {filter}   q ends")
    }
}

/// The terminal in raw mode; as it was when this is dropped.
pub struct Raw;

impl Raw {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it cannot be set.
    pub fn take() -> io::Result<Raw> {
        enable_raw_mode().map(|()| Raw)
    }

    /// Prints lines above the last one, and the last one anew.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn print(&self, lines: &[String], status: &str) -> io::Result<()> {
        let columns = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns)).max(20);
        let mut out = io::stdout().lock();
        queue!(out, MoveToColumn(0), Clear(ClearType::CurrentLine))?;
        for line in lines {
            queue!(out, Print(line), Print("\r\n"))?;
        }
        // One cell is left free: a full last line would scroll.
        queue!(out, Print(cut(status, columns - 1)))?;
        out.flush()
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = queue!(io::stdout(), MoveToColumn(0), Clear(ClearType::CurrentLine));
        let _ = io::stdout().flush();
        let _ = disable_raw_mode();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(screen: &mut Screen, keys: &str) -> Step {
        let mut step = Step::Redraw;
        for c in keys.chars() {
            let code = match c {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                c => KeyCode::Char(c),
            };
            step = screen.key(KeyEvent::new(code, KeyModifiers::NONE));
        }
        step
    }

    #[test]
    fn what_comes_while_it_stands_still_is_not_lost() {
        let mut screen = Screen::default();
        assert_eq!(screen.takes("one".into()), Some("one".into()));
        press(&mut screen, " ");
        assert_eq!((screen.takes("two".into()), screen.takes("three".into())), (None, None));
        assert!(screen.status().starts_with("PAUSED, 2 waiting"));
        assert_eq!(press(&mut screen, " "), Step::Print(vec!["two".into(), "three".into()]));
        press(&mut screen, "p");
        (0..=WAITING).for_each(|n| drop(screen.takes(n.to_string())));
        let Step::Print(lines) = press(&mut screen, "p") else { panic!("nothing waited") };
        assert_eq!((lines.len(), lines[0].as_str()), (WAITING, "1"));
    }

    #[test]
    fn a_filter_is_typed_and_taken_away() {
        let mut screen = Screen::default();
        press(&mut screen, "fFailed q");
        assert!(screen.status().starts_with("only lines with: Failed q_"), "{}", screen.status());
        screen.key(KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE));
        press(&mut screen, "\n");
        assert_eq!(screen.takes("sent".into()), None);
        assert_eq!(screen.takes("it FAILED".into()), Some("it FAILED".into()));
        press(&mut screen, "\u{1b}");
        assert_eq!(screen.takes("sent".into()), Some("sent".into()));
        press(&mut screen, "fx\u{1b}");
        assert_eq!(screen.takes("sent".into()), Some("sent".into()));
        assert_eq!(press(&mut screen, "q"), Step::Quit);
        assert_eq!(screen.key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)), Step::Quit);
    }
}
