//! One verb on several conversations: those that are marked, or the one that an action is about.
//!
//! Each is asked for by itself; one sentence says what came of all of them, and one key takes all of it
//! back.

use super::feed;
use crate::api::inbox::{AssignConversation, ConversationView, LabelConversation, SetConversationStatus};
use crate::api::{ApiError, Reply};
use crate::domain::conversation::Status;
use crate::domain::id::Id;
use crate::tui::app::{App, Focus, UNDO, Undo};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::panes::inbox::{Bulk, Verb};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// What stands behind a sentence that can be undone.
const UNDO_HINT: &str = " (u undo)";

/// The conversations that an action is about: the marked ones, else the one under the cursor.
pub fn targets(app: &App) -> Vec<Id> {
    if app.is_in_inbox() && !app.inbox.marked.is_empty() {
        return app.inbox.marked.iter().copied().collect();
    }
    app.target().map(|view| view.id).into_iter().collect()
}

/// What is known of a conversation here.
pub fn known(app: &App, id: Id) -> Option<&ConversationView> {
    let open = app.thread.as_ref().map(|t| &t.conversation).filter(|c| c.id == id);
    open.or_else(|| app.inbox.window.rows().iter().map(|r| &r.view).find(|v| v.id == id))
}

/// The effect that does it with one of them.
pub fn operation(id: Id, verb: Verb, tag: Tag) -> Effect {
    match verb {
        Verb::Status(status, until) => ask(tag, SetConversationStatus { id, status, until }),
        Verb::Assign(assignee, hand_over) => ask(tag, AssignConversation { id, assignee, hand_over }),
        Verb::Label(label, on) => {
            let (add, remove) = if on { (vec![label], vec![]) } else { (vec![], vec![label]) };
            ask(tag, LabelConversation { id, add, remove })
        }
    }
}

/// Does it with one conversation or several. `said` tells it of one, `of_many` behind a number of several.
pub fn start(app: &mut App, ids: &[Id], verb: &Verb, said: Shown, of_many: &str) -> Vec<Effect> {
    if let [id] = ids {
        app.inbox.marked.clear();
        return vec![operation(*id, verb.clone(), Tag::Change(said))];
    }
    if app.inbox.bulk.is_some() {
        app.say("the last one is not done yet: try again in a moment", Role::Warn);
        return Vec::new();
    }
    let undoable = matches!(verb, Verb::Status(..));
    let before: Vec<Undo> = match undoable {
        true => ids.iter().filter_map(|id| known(app, *id).map(Undo::of)).collect(),
        false => Vec::new(),
    };
    app.inbox.bulk = Some(Bulk { said: Shown::of(of_many), left: ids.len(), done: 0, before, failed: None });
    ids.iter().map(|id| operation(*id, verb.clone(), Tag::Bulk(*id))).collect()
}

/// One of them was answered.
pub fn answered(app: &mut App, id: Id, result: Result<Reply, ApiError>) -> Vec<Effect> {
    let mut effects = Vec::new();
    let failed = match result {
        Ok(Reply::SetConversationStatus(view) | Reply::AssignConversation(view) | Reply::LabelConversation(view)) => {
            effects.extend(feed::conversation(app, &view));
            app.inbox.marked.remove(&id);
            None
        }
        Ok(_) => None,
        Err(e) => Some(Shown::from(e.to_string())),
    };
    let Some(bulk) = &mut app.inbox.bulk else { return effects };
    bulk.left = bulk.left.saturating_sub(1);
    match failed {
        Some(why) => {
            bulk.before.retain(|undo| undo.id != id);
            bulk.failed.get_or_insert(why);
        }
        None => bulk.done += 1,
    }
    if bulk.left > 0 {
        return effects;
    }
    let Some(bulk) = app.inbox.bulk.take() else { return effects };
    let undo = if bulk.before.is_empty() { "" } else { UNDO_HINT };
    match &bulk.failed {
        None => app.say(shown!("{} {}{undo}", bulk.done, bulk.said), Role::Ok),
        Some(why) => app.say(shown!("{} {}{undo}, not all: {why}", bulk.done, bulk.said), Role::Warn),
    }
    if let Some(notice) = app.notice.as_mut().filter(|_| !bulk.before.is_empty()) {
        notice.until = app.clock.passed() + UNDO;
        notice.undo = bulk.before;
    }
    effects
}

/// Brings back what was before the last change of status, while its notice is there.
pub fn undo(app: &mut App) -> Vec<Effect> {
    let before = app.notice.take().map(|n| n.undo).unwrap_or_default();
    let (said, count) = (Shown::from("as they were"), before.len());
    if let [one] = before.as_slice() {
        return vec![operation(one.id, Verb::Status(one.status, one.until), Tag::Change("as it was".into()))];
    }
    app.inbox.bulk = Some(Bulk { said, left: count, done: 0, before: Vec::new(), failed: None });
    let back = |undo: Undo| operation(undo.id, Verb::Status(undo.status, undo.until), Tag::Bulk(undo.id));
    before.into_iter().map(back).collect()
}

/// What can be undone is said only where that is seen, and where its key does it: over the list, or over that
/// conversation itself. Whoever went on is not told of it any more; an answer that finds them elsewhere says
/// what was done.
pub fn forget_undo(app: &mut App, by_person: bool) {
    let open = app.thread.as_ref().map(|t| t.id());
    let Some(notice) = app.notice.as_mut().filter(|notice| !notice.undo.is_empty()) else { return };
    let is_seen = match app.focus {
        Focus::Inbox => true,
        Focus::Thread | Focus::Composer => notice.undo.iter().any(|undo| Some(undo.id) == open),
        _ => false,
    };
    if is_seen {
        return;
    }
    notice.undo.clear();
    notice.text = Shown::of(&notice.text.as_str().replacen(UNDO_HINT, "", 1));
    if by_person {
        app.notice = None;
    }
}

/// Resolves them; the cursor goes on to a row that is not among them.
pub fn resolve(app: &mut App) -> Vec<Effect> {
    let ids = targets(app);
    let open = app.thread.as_ref().map(|t| t.id());
    if open.is_some_and(|id| ids.contains(&id)) {
        app.thread = None;
        app.focus = if app.is_in_inbox() { app.focus } else { Focus::Inbox };
    }
    let mut effects = move_on(app, &ids);
    effects.extend(start(app, &ids, &Verb::Status(Status::Resolved, None), "resolved (u undo)".into(), "resolved"));
    effects
}

/// Puts the cursor on the next row that is none of these.
pub fn move_on(app: &mut App, ids: &[Id]) -> Vec<Effect> {
    if let [id] = ids {
        app.inbox.selected = Some(*id);
    }
    let visible = app.inbox.visible();
    let at = visible.iter().position(|id| Some(*id) == app.inbox.selected).unwrap_or(0);
    let free = |id: &&Id| !ids.contains(id);
    let behind = visible.get(at..).unwrap_or_default().iter().find(free);
    let next = behind.or_else(|| visible.get(..at).unwrap_or_default().iter().rev().find(free)).copied();
    app.inbox.select(next.or(app.inbox.selected))
}
