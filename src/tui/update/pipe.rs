//! A message or a whole conversation through a command.

use crate::api::transcript::{Format, write};
use crate::tui::app::App;
use crate::tui::ink::Piece;
use crate::tui::msg::{Effect, Piped};
use crate::tui::overlay::page::WIDTH;
use crate::tui::overlay::{Fill, Overlay, Page, Purpose};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Lines of a command's output that are shown.
const LINES: usize = 2000;

/// Asks for the command: for the message under the cursor, or for all messages that are loaded.
pub fn open(app: &mut App) -> Vec<Effect> {
    let Some(thread) = &app.thread else { return Vec::new() };
    let chosen = thread.selected.is_some().then(|| thread.message_at_cursor()).flatten();
    let text = match chosen {
        Some(message) => message.body.clone(),
        None => match write(Format::Text, &thread.conversation, thread.held()) {
            Ok(text) => text,
            Err(why) => {
                app.say(shown!("the conversation cannot be written out: {}", Shown::of(&why)), Role::Error);
                return Vec::new();
            }
        },
    };
    app.overlay = Some(Overlay::Fill(Fill::new(Purpose::Pipe(text), &app.session.piped)));
    Vec::new()
}

/// A command has ended: what it printed is shown.
pub fn ended(app: &mut App, piped: Piped) -> Vec<Effect> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut say = |text: &str, role: Role| {
        // Tabs of a table would all become one sign.
        for line in Shown::lines(text.trim_end_matches('\n').replace('\t', "    ").as_str()) {
            lines.extend(line.wrap(WIDTH).into_iter().map(|part| vec![(part, role)]));
        }
    };
    if let Some(ended) = &piped.ended {
        say(&format!("✗ {ended}"), Role::Error);
    }
    if !piped.errors.is_empty() {
        say(&piped.errors, Role::Warn);
    }
    if !piped.output.is_empty() {
        // It may be a customer's text, or be made of it.
        say(&piped.output, Role::Incoming);
    }
    if lines.is_empty() {
        lines.push(vec![(Shown::from("it printed nothing"), Role::Dim)]);
    }
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    if piped.cut || more > 0 {
        lines.push(vec![(Shown::from("… it printed more than is shown here"), Role::Dim)]);
    }
    app.session.piped = piped.command.clone();
    if app.overlay.is_none() {
        app.overlay = Some(Overlay::Page(Page::new(shown!("| {}", Shown::of(&piped.command)), lines)));
    } else {
        app.say(shown!("the command has ended: {}", Shown::of(&piped.command)), Role::Text);
    }
    Vec::new()
}
