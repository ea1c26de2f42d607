//! Working in the audit log.

use crate::api::audit::AuditFormat;
use crate::api::{ApiError, Reply};
use crate::tui::app::{App, Focus};
use crate::tui::msg::{Effect, Part, Tag, ask};
use crate::tui::overlay::{Choice, Fill, Overlay, Page, Pick, Purpose, Value, page};
use crate::tui::panes::audit::{Question, detail};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Enter on an entry: it is shown whole.
pub fn open(app: &mut App) -> Vec<Effect> {
    app.focus = Focus::Audit;
    if let Some(entry) = app.rooms.audit.current() {
        let lines = detail(app, entry, page::WIDTH);
        app.overlay = Some(Overlay::Page(Page::new("Audit entry", lines)));
    }
    Vec::new()
}

/// The log of the business that is shown, or of all.
pub fn turn(app: &mut App) -> Vec<Effect> {
    let one = app.rooms.audit.business().is_none();
    let business = app.session.business.filter(|_| one);
    app.rooms.audit.turn(business, &app.clock)
}

/// Leaves the field, and what it narrowed.
pub fn widen(app: &mut App) -> Vec<Effect> {
    app.focus = Focus::Audit;
    app.rooms.audit.filter = None;
    app.rooms.audit.follow(&app.clock)
}

/// In which form the log shall be written.
pub fn formats(app: &mut App) -> Vec<Effect> {
    let choice = |label: &'static str, detail: &'static str, format| Choice {
        label: label.into(),
        detail: detail.into(),
        off: None,
        value: Value::Audit(format),
    };
    let rows = vec![
        choice("CSV", "a row for each entry", AuditFormat::Csv),
        choice("JSON lines", "each entry whole, for programs", AuditFormat::Jsonl),
    ];
    app.overlay = Some(Overlay::Pick(Pick::new("The audit log as it is narrowed, as", rows)));
    Vec::new()
}

/// Asks for the log as a file.
pub fn export(app: &App, format: AuditFormat) -> Vec<Effect> {
    vec![ask(Tag::AuditFile, app.rooms.audit.export(format))]
}

/// The log as a file came: it is written where a command of the agent's choice puts it.
pub fn exported(app: &mut App, result: Result<Reply, ApiError>) -> Vec<Effect> {
    match result {
        Ok(Reply::ExportAudit(export)) => {
            if export.next.is_some() {
                let said = shown!("these are the newest {}: older ones need a to: in the search", export.entries);
                app.say(said, Role::Warn);
            }
            // It stands in a command: nothing in it may mean anything to a shell.
            let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            let name: String = export.file_name.chars().filter(plain).collect();
            let command = format!("cat > {name}");
            app.overlay = Some(Overlay::Fill(Fill::new(Purpose::Pipe(export.text), &command)));
        }
        Err(e) => app.say(Shown::from(e.to_string()), Role::Error),
        // An answer of another operation than was asked: nothing to be done with it.
        Ok(_) => {}
    }
    Vec::new()
}

/// A page came.
pub fn answered(app: &mut App, question: &Question, part: Part, result: Result<Reply, ApiError>) -> Vec<Effect> {
    let page = match result {
        Ok(Reply::ListAudit(page)) => Ok(page),
        Ok(_) => return Vec::new(),
        Err(e) => Err(e),
    };
    app.rooms.audit.answered(question, part, page, &app.clock)
}

/// Something happened that stands in the log: it is read again while it is in view.
pub fn happened(app: &mut App) -> Vec<Effect> {
    let is_shown = matches!(app.focus, Focus::Audit | Focus::AuditFilter);
    if is_shown { app.rooms.audit.happened(&app.clock) } else { Vec::new() }
}
