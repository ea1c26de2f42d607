//! What is known of the customer of the open conversation.

use ratatui::layout::Rect;

use crate::domain::conversation::Status;
use crate::tui::app::App;
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::panes::inbox::who;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Lines it takes.
pub const HEIGHT: u16 = 12;

/// Draws it; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect) {
    ink.rule(line(area, 0), false, &[(Shown::from("Contact"), Role::Strong)], &[]);
    let Some(thread) = &app.thread else { return };
    let view = &thread.conversation;
    let status = match view.status {
        Status::Open => "open",
        Status::Pending => "pending",
        Status::Snoozed => "snoozed",
        Status::Resolved => "resolved",
    };
    let day = |at| shown!("{} {}", app.clock.full_day(at), app.clock.minute(at));
    let mut rows: Vec<(&'static str, Piece)> = vec![
        ("name", (who(view), Role::Strong)),
        ("address", (Shown::of(view.customer.as_str()), Role::Text)),
        ("texts to", (Shown::of(view.ours.as_str()), Role::Text)),
        ("status", (Shown::from(status), Role::Text)),
        ("agent", (Shown::of(view.assignee.as_deref().unwrap_or("nobody")), Role::Text)),
    ];
    if !view.labels.is_empty() {
        rows.push(("labels", (Shown::from(view.labels.join(", ")), Role::Text)));
    }
    if let Some(since) = view.waiting_since {
        rows.push(("waits since", (day(since.0), Role::Warn)));
    }
    if let Some(at) = view.opted_out_at {
        rows.push(("opted out", (day(at.0), Role::Error)));
    }
    if view.failed > 0 {
        rows.push(("failed", (shown!("{} messages", view.failed), Role::Error)));
    }
    for (n, (label, (text, role))) in rows.into_iter().enumerate() {
        let row = indent(line(area, n as u16 + 1), 2);
        ink.text(row, &Shown::from(label), Role::Dim);
        let value = indent(row, 13);
        ink.text(value, &text.cut(usize::from(value.width)), role);
    }
}
