//! Where a message or a note is written: the text editor and what it is for.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Style;
use tui_textarea::{CursorMove, Input, TextArea, WrapMode};

use crate::domain::id::Id;
use crate::tui::drafts::Draft;
use crate::tui::files::Attached;
use crate::tui::shown::editable;
use crate::tui::wrap;

/// The most lines it takes on the screen.
const MAX_LINES: usize = 10;

/// A text under way.
#[derive(Debug, Clone)]
pub struct Composer {
    editor: TextArea<'static>,
    /// A note instead of a message.
    pub note: bool,
    /// The files that go with it.
    pub files: Vec<Attached>,
    changing: Option<Changing>,
}

/// The text of a message that waits is being changed.
#[derive(Debug, Clone)]
struct Changing {
    message: Id,
    /// What was being written before.
    before: Draft,
}

impl Default for Composer {
    fn default() -> Composer {
        Composer::new(&Draft::default())
    }
}

impl Composer {
    /// Takes up a draft where it was left.
    pub fn new(draft: &Draft) -> Composer {
        let text = editable(&draft.text);
        let mut editor = TextArea::new(text.split('\n').map(str::to_owned).collect());
        editor.set_wrap_mode(WrapMode::WordOrGlyph);
        editor.set_cursor_line_style(Style::new());
        // The terminal's own cursor stands there, so that input methods follow it.
        editor.set_cursor_style(Style::new());
        let line = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        editor.move_cursor(CursorMove::Jump(line(draft.cursor.0), line(draft.cursor.1)));
        Composer { editor, note: draft.note, files: draft.files.clone(), changing: None }
    }

    /// The text.
    pub fn text(&self) -> String {
        self.editor.lines().join("\n")
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.editor.is_empty()
    }

    /// Takes the text of a message that waits, to be changed; what was being written comes back afterwards.
    pub fn change(&mut self, message: Id, text: &str) {
        let before = self.draft();
        *self = Composer::new(&Draft::of(text, false));
        self.changing = Some(Changing { message, before });
    }

    /// The message whose text is being changed.
    pub fn changing(&self) -> Option<Id> {
        self.changing.as_ref().map(|c| c.message)
    }

    /// Ends the change of a message that waits; answers the message and its new text.
    pub fn end_change(&mut self) -> Option<(Id, String)> {
        let Changing { message, before } = self.changing.take()?;
        let text = self.text();
        *self = Composer::new(&before);
        Some((message, text))
    }

    /// As a draft: of what a message that waits becomes none is kept.
    pub fn draft(&self) -> Draft {
        if let Some(changing) = &self.changing {
            return changing.before.clone();
        }
        let at = self.editor.cursor();
        Draft { text: self.text(), cursor: (at.0, at.1), note: self.note, files: self.files.clone() }
    }

    /// Replaces the text; the cursor goes to its end.
    pub fn set(&mut self, text: &str) {
        let (note, changing) = (self.note, self.changing.take());
        let files = std::mem::take(&mut self.files);
        *self = Composer::new(&Draft { files, ..Draft::of(text, note) });
        self.changing = changing;
    }

    /// Puts a text that came back before what has been typed since.
    pub fn put_back(&mut self, text: &str) {
        let typed = self.text();
        if typed.trim().is_empty() {
            self.set(text);
        } else {
            self.set(&format!("{text}\n{typed}"));
        }
    }

    /// Empties it and hands out the text.
    pub fn take(&mut self) -> String {
        let text = self.text();
        self.set("");
        text
    }

    /// Inserts pasted text.
    pub fn insert(&mut self, raw: &str) {
        self.editor.insert_str(editable(raw));
    }

    /// Begins a new line.
    pub fn newline(&mut self) {
        self.editor.insert_newline();
    }

    /// Takes an editing key. Whether it was one.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let moved = match key.code {
            KeyCode::Left if ctrl || alt => CursorMove::WordBack,
            KeyCode::Right if ctrl || alt => CursorMove::WordForward,
            KeyCode::Left => CursorMove::Back,
            KeyCode::Right => CursorMove::Forward,
            KeyCode::Up => CursorMove::Up,
            KeyCode::Down => CursorMove::Down,
            KeyCode::Home if ctrl => CursorMove::Top,
            KeyCode::End if ctrl => CursorMove::Bottom,
            KeyCode::Home => CursorMove::Head,
            KeyCode::End => CursorMove::End,
            KeyCode::Char('a') if ctrl => CursorMove::Head,
            KeyCode::Char('e') if ctrl => CursorMove::End,
            KeyCode::Char('w') if ctrl => return self.editor.delete_word(),
            KeyCode::Backspace if ctrl || alt => return self.editor.delete_word(),
            KeyCode::Char('k') if ctrl => return self.editor.delete_line_by_end(),
            KeyCode::Char('u') if ctrl => return self.editor.delete_line_by_head(),
            KeyCode::Char(_) if ctrl || alt => return false,
            KeyCode::Char(c) if c.is_control() => return false,
            KeyCode::Tab | KeyCode::Enter => return false,
            _ => return self.editor.input_without_shortcuts(Input::from(key)),
        };
        self.editor.move_cursor(moved);
        true
    }

    /// The editor, to be drawn.
    pub fn editor(&self) -> &TextArea<'static> {
        &self.editor
    }

    /// How many lines it wants at a width.
    pub fn lines(&self, cells: usize) -> usize {
        let lines: usize = self.editor.lines().iter().map(|l| wrap::height(l, cells.max(1))).sum();
        lines.clamp(1, MAX_LINES)
    }
}
