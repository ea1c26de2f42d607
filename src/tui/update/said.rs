//! What can be read again: what the foot of the screen said, and which message failed.

use crate::api::inbox::MessageView;
use crate::tui::app::App;
use crate::tui::footer;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;

/// Shows what the foot of the screen said lately.
pub fn show(app: &mut App) -> Vec<Effect> {
    app.overlay = Some(Overlay::Page(footer::said(app)));
    Vec::new()
}

/// The message that failed: the one under the cursor; without a cursor, the newest that was not sent again.
pub fn what_failed(app: &App) -> Option<&MessageView> {
    app.thread.as_ref().and_then(|t| t.message_at_cursor()).filter(|m| m.status.is_failure())
}

/// Whether whoever writes can be told why something failed: what was sent last, or what the cursor is on.
pub fn has_just_failed(app: &App) -> bool {
    app.thread.as_ref().is_some_and(|thread| thread.has_just_failed())
}
