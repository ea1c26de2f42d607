//! Working in a conversation: open, read, write, send, take back, retry.

use crate::api::inbox::{AddNote, ConversationView, ReleaseMessage, RetryMessage, SendMessage, UndoMessage};
use crate::domain::id::Id;
use crate::domain::pace::Priority;
use crate::domain::sms::LONGEST_BODY;
use crate::tui::app::{App, BESIDE, Focus};
use crate::tui::drafts::Draft;
use crate::tui::framemap::{FrameMap, Viewed};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::outgoing::Pending;
use crate::tui::panes::thread::{Entry, Scene, Thread, refusal};
use crate::tui::shown::shown;
use crate::tui::theme::Role;

/// Opens a conversation.
pub fn open(app: &mut App, view: ConversationView) -> Vec<Effect> {
    app.focus = Focus::Thread;
    let mut effects = app.inbox.select(Some(view.id));
    if app.thread.as_ref().is_some_and(|t| t.id() == view.id) {
        return effects;
    }
    if let Some(at) = app.phones.handsets.iter().position(|h| h == view.customer.as_str()) {
        effects.extend(app.phones.choose(at));
    }
    let (thread, asked) = Thread::open(view.clone(), app.drafts.get(view.id));
    app.thread = Some(thread);
    effects.extend(asked);
    effects
}

/// The thread was in view: what it showed is read, and at its beginning older messages are due.
pub fn seen(app: &mut App, viewed: Viewed) -> Vec<Effect> {
    let focused = app.session.focused;
    let Some(thread) = &mut app.thread else { return Vec::new() };
    // Less than a screen above the view. Each message has two lines at least: its text and what became of it; the
    // frame has counted them, so that nothing is laid out a second time.
    let near_top = 2 * viewed.above < viewed.height;
    let mut effects = Vec::new();
    if near_top && thread.loaded {
        effects.extend(thread.load_older());
    }
    if focused {
        effects.extend(thread.mark_read());
    }
    effects
}

fn scene<'a>(app: &'a App, thread: &'a Thread, width: usize) -> Scene<'a> {
    Scene::new(thread, &app.outgoing, &app.clock, &app.session.me, app.settings.words, width)
}

/// Scrolls by lines.
pub fn scroll(app: &mut App, map: &FrameMap, by: isize) -> Vec<Effect> {
    let (Some(viewed), Some(thread)) = (map.thread, &app.thread) else { return Vec::new() };
    let scene = scene(app, thread, viewed.width);
    let blocks = scene.blocks();
    let foot = scene.spot(&thread.foot);
    let foot =
        if by < 0 { blocks.up(foot, by.unsigned_abs(), viewed.height) } else { blocks.down(foot, by.unsigned_abs()) };
    drop(blocks);
    let foot = scene.foot(foot);
    let Some(thread) = &mut app.thread else { return Vec::new() };
    if foot.is_none() {
        return thread.to_end();
    }
    thread.foot = foot;
    Vec::new()
}

/// Moves the cursor from message to message.
pub fn select(app: &mut App, map: &FrameMap, by: isize) -> Vec<Effect> {
    let (Some(viewed), Some(thread)) = (map.thread, &app.thread) else { return Vec::new() };
    let scene = scene(app, thread, viewed.width);
    let len = scene.entries.len();
    let at = thread.selected.as_ref().and_then(|k| scene.position(k));
    let next = match at {
        None if by < 0 => len.checked_sub(1),
        None => None,
        Some(at) if by > 0 && at + 1 >= len => None,
        Some(at) => Some(at.saturating_add_signed(by)),
    };
    let (selected, foot) = match next {
        Some(at) => {
            let foot = scene.blocks().reveal(scene.spot(&thread.foot), at, viewed.height);
            (scene.entries.get(at).map(Entry::key), scene.foot(foot))
        }
        None => (None, None),
    };
    let Some(thread) = &mut app.thread else { return Vec::new() };
    if selected.is_none() {
        return thread.to_end();
    }
    thread.selected = selected;
    thread.foot = foot;
    Vec::new()
}

/// Goes into the composer of the target, for a message or for a note.
pub fn write(app: &mut App, note: bool) -> Vec<Effect> {
    let mut effects = Vec::new();
    if app.is_in_inbox()
        && let Some(view) = app.inbox.current().cloned()
    {
        effects = open(app, view);
    }
    let Some(thread) = &mut app.thread else { return effects };
    app.focus = Focus::Composer;
    // Text keeps what it was meant for: a note never becomes a message by leaving and coming back.
    if note || thread.composer.is_empty() {
        thread.composer.note = note;
    }
    effects.extend(keep_draft(app));
    effects
}

/// A message becomes a note; a note becomes a message again only while it is empty, so that none is sent by
/// mistake.
pub fn toggle_note(app: &mut App) -> Vec<Effect> {
    let Some(thread) = &mut app.thread else { return Vec::new() };
    if thread.composer.changing().is_some() {
        return Vec::new();
    }
    if thread.composer.note && !thread.composer.is_empty() {
        app.say("a note stays a note: empty it first to write to the customer", Role::Warn);
        return Vec::new();
    }
    thread.composer.note = !thread.composer.note;
    keep_draft(app)
}

/// Whether nothing can be written to this customer now; then it says why.
pub fn is_locked(app: &mut App) -> bool {
    let Some(thread) = &app.thread else { return false };
    let why = if thread.composer.note { None } else { refusal(&thread.conversation, &app.clock) };
    let Some(why) = why else { return false };
    app.say(why, Role::Error);
    true
}

/// Something was typed into the composer: it is kept, and the others are told that somebody types.
pub fn typed(app: &mut App) -> Vec<Effect> {
    let mut effects = keep_draft(app);
    let Some(thread) = &app.thread else { return effects };
    let (id, passed) = (thread.id(), app.clock.passed());
    let writes = !thread.composer.note && !thread.composer.is_empty();
    let presence = &mut app.session.presence;
    effects.extend(if writes { presence.typed(id, passed) } else { presence.rests(id) });
    effects
}

/// Asks what is known of the customer, unless that was asked a moment ago.
pub fn ask_contact(app: &mut App) -> Option<Effect> {
    let thread = app.thread.as_mut()?;
    let notes = thread.notes();
    thread.contact.ask(&thread.conversation, notes)
}

/// Shows or hides what is known of the customer: beside the conversation where there is room, else over it.
pub fn show_contact(app: &mut App, map: &FrameMap) -> Vec<Effect> {
    let mut effects = Vec::new();
    if app.is_in_inbox()
        && let Some(view) = app.inbox.current().cloned()
    {
        effects = open(app, view);
    }
    let (width, height) = (map.area.width, map.area.height);
    if width < BESIDE {
        if let Some(thread) = &mut app.thread {
            thread.contact = Default::default();
            thread.contact.wanted = true;
        }
        effects.extend(ask_contact(app));
        return effects;
    }
    app.session.contact = !app.session.contact;
    if !app.session.contact && app.shows_contact(width, height) {
        app.say("there is room for it below the phones", Role::Text);
    }
    effects
}

/// Keeps what is being written. Saved by the loop.
pub fn keep_draft(app: &mut App) -> Vec<Effect> {
    let Some(thread) = &app.thread else { return Vec::new() };
    let (id, draft) = (thread.id(), thread.composer.draft());
    let writing = (app.focus == Focus::Composer && !draft.text.is_empty()).then_some(id);
    let moved = std::mem::replace(&mut app.drafts.writing, writing) != writing;
    if app.drafts.put(id, draft) || moved { vec![Effect::SaveDrafts] } else { Vec::new() }
}

/// Puts what came back into its conversation's composer, or among the drafts.
pub fn put_back(app: &mut App, conversation: Id, back: Option<Draft>) -> Vec<Effect> {
    let Some(Draft { text: body, note, files, .. }) = back else { return Vec::new() };
    match &mut app.thread {
        Some(thread) if thread.id() == conversation => {
            if thread.composer.is_empty() {
                thread.composer.note = note;
            }
            thread.composer.put_back(&body);
            thread.composer.files.splice(0..0, files);
            app.focus = Focus::Composer;
            keep_draft(app)
        }
        _ => {
            let mut draft = app.drafts.get(conversation).cloned().unwrap_or(Draft { note, ..Draft::default() });
            draft.text = if draft.text.is_empty() { body } else { format!("{body}\n{}", draft.text) };
            draft.cursor = (usize::MAX, usize::MAX);
            draft.files.splice(0..0, files);
            app.drafts.put(conversation, draft);
            vec![Effect::SaveDrafts]
        }
    }
}

/// Enter in the composer.
pub fn send(app: &mut App) -> Vec<Effect> {
    if let Some(effects) = super::later::changed(app) {
        return effects;
    }
    if super::contents::is_due(app) {
        return super::contents::open(app);
    }
    let Some(thread) = &mut app.thread else { return Vec::new() };
    let text = thread.composer.text();
    let length = text.chars().count();
    let note = thread.composer.note;
    let refused = if note { None } else { refusal(&thread.conversation, &app.clock) };
    if text.trim().is_empty() && (note || thread.composer.files.is_empty()) {
        return Vec::new();
    }
    if note && !thread.composer.files.is_empty() {
        app.say("a note takes no files: take them off first", Role::Warn);
        return Vec::new();
    }
    if let Some(why) = refused {
        app.say(why, Role::Error);
        return Vec::new();
    }
    if length > LONGEST_BODY {
        app.say(shown!("a message has at most {LONGEST_BODY} characters; this one has {length}"), Role::Error);
        return Vec::new();
    }
    let id = thread.id();
    if !note && let Some(asked) = app.session.presence.ask_once(id, app.clock.passed()) {
        app.say(asked, Role::Warn);
        return Vec::new();
    }
    let draft = Draft { files: std::mem::take(&mut thread.composer.files), ..Draft::of(text.trim_end(), note) };
    thread.composer.take();
    thread.composer.note = false;
    let mut effects = thread.to_end();
    thread.new_after = None;
    effects.extend(app.session.presence.rests(id));
    let pending = app.outgoing.start(id, draft, None, app.clock.now(), &app.settings.seed);
    effects.extend(keep_draft(app));
    effects.push(if note {
        app.focus = Focus::Thread;
        ask(Tag::Note(pending.reference), AddNote { id, body: pending.body })
    } else {
        ask(Tag::Send(pending.reference.clone()), request(app, &pending, None))
    });
    effects
}

/// The operation that sends what waits as a bubble.
pub fn request(app: &App, pending: &Pending, confirm: Option<String>) -> SendMessage {
    SendMessage {
        conversation: Some(pending.conversation),
        body: if pending.content.is_none() { pending.body.clone() } else { String::new() },
        content_sid: pending.content.as_ref().map(|content| content.sid),
        content_variables: pending.content.as_ref().map(|content| content.variables.clone()).unwrap_or_default(),
        media: pending.files.iter().map(|file| file.id.to_string()).collect(),
        client_ref: Some(pending.reference.clone()),
        hold_seconds: app.settings.hold_seconds,
        priority: Some(Priority::Chat),
        confirm,
        ..SendMessage::default()
    }
}

/// Takes the newest text back that has not left.
pub fn undo_send(app: &mut App) -> Vec<Effect> {
    let Some(id) = app.thread.as_ref().map(Thread::id) else { return Vec::new() };
    let newest = app.outgoing.of(id).filter(|p| !p.note).last().map(|p| (p.reference.clone(), p.lost.is_some()));
    match newest {
        // Nobody knows whether it was taken: the bubble goes, and the text is the agent's again.
        Some((reference, true)) => match app.outgoing.take(&reference) {
            Some(pending) => put_back(app, id, pending.back()),
            None => Vec::new(),
        },
        Some((reference, false)) => {
            if let Some(pending) = app.outgoing.get_mut(&reference) {
                pending.unwanted = true;
            }
            Vec::new()
        }
        None => match app.outgoing.newest_held(id, app.clock.now()).or(app.thread.as_ref().and_then(Thread::asking)) {
            Some(message) => vec![ask(Tag::Undo(message), UndoMessage { id: message })],
            None => Vec::new(),
        },
    }
}

/// Sends a failed message again, or one that asks whether it still shall go.
pub fn retry(app: &mut App) -> Vec<Effect> {
    let Some(thread) = &app.thread else { return Vec::new() };
    let lost = app.outgoing.of(thread.id()).find(|p| p.lost.is_some()).cloned();
    if let Some(lost) = lost {
        if let Some(pending) = app.outgoing.get_mut(&lost.reference) {
            pending.lost = None;
        }
        let send = request(app, &lost, None);
        return vec![ask(Tag::Send(lost.reference), send)];
    }
    if let Some(id) = thread.asking() {
        return vec![ask(Tag::Retry(id), ReleaseMessage { id, confirm: None })];
    }
    let failed = thread.message_at_cursor().filter(|m| m.status.is_failure());
    let Some(message) = failed else { return super::files::fetch(app) };
    if thread.is_retried(message) {
        app.say("it was sent again already", Role::Warn);
        return Vec::new();
    }
    let id = message.id;
    vec![ask(Tag::Retry(id), RetryMessage { id, confirm: None })]
}

/// Copies the message under the cursor, raw; without a cursor the newest.
pub fn copy(app: &mut App) -> Vec<Effect> {
    let Some(thread) = &app.thread else { return Vec::new() };
    let entries = thread.entries(&app.outgoing);
    let chosen = thread.selected.as_ref().and_then(|k| entries.iter().find(|e| e.key() == *k)).or(entries.last());
    let body = match chosen {
        Some(Entry::Message(m)) => m.body.clone(),
        Some(Entry::Pending(p)) => p.body.clone(),
        None => return Vec::new(),
    };
    app.say("handed to the terminal's clipboard (OSC 52)", Role::Text);
    vec![Effect::Copy(body)]
}

/// Replaces letters that make a text message longer.
pub fn plain_letters(app: &mut App) -> Vec<Effect> {
    let Some(thread) = &mut app.thread else { return Vec::new() };
    let text = thread.composer.text();
    let plain = crate::tui::meter::plain(&text);
    if plain == text {
        app.say("there is nothing to make shorter", Role::Text);
        return Vec::new();
    }
    thread.composer.set(&plain);
    typed(app)
}
