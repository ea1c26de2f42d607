//! The text being written, lent to an editor outside: `$VISUAL`, `$EDITOR` or `vi`.

use super::chat;
use crate::domain::id::Id;
use crate::tui::app::{App, Focus};
use crate::tui::msg::Effect;
use crate::tui::shown::Shown;
use crate::tui::theme::Role;

/// Gives the text of the composer to the editor.
pub fn edit(app: &mut App) -> Vec<Effect> {
    if chat::is_locked(app) {
        return Vec::new();
    }
    let Some(thread) = &app.thread else { return Vec::new() };
    vec![Effect::Edit(thread.id(), thread.composer.text())]
}

/// The editor has ended: its text is the composer's, or a draft when another conversation is open by now.
pub fn edited(app: &mut App, id: Id, text: Result<String, Shown>) -> Vec<Effect> {
    let mut effects = vec![Effect::TakeTerminal(app.settings.mouse), Effect::Redraw, Effect::Title(app.title())];
    let text = match text {
        Ok(text) => text.trim_end().to_owned(),
        Err(why) => {
            app.say(why, Role::Error);
            return effects;
        }
    };
    match app.thread.as_mut().filter(|t| t.id() == id) {
        Some(thread) => {
            thread.composer.set(&text);
            app.focus = Focus::Composer;
            effects.extend(chat::typed(app));
        }
        None => {
            let mut draft = app.drafts.get(id).cloned().unwrap_or_default();
            (draft.text, draft.cursor) = (text, (usize::MAX, usize::MAX));
            app.drafts.put(id, draft);
            effects.push(Effect::SaveDrafts);
        }
    }
    effects
}
