//! Files of messages: opened, saved, asked for again, brought along for a message of one's own.

use std::path::Path;

use super::chat;
use crate::api::inbox::MessageView;
use crate::api::media::{MediaView, RetryMedia};
use crate::domain::id::Id;
use crate::domain::media::{MOST, State, ending, safe_name};
use crate::tui::app::{App, Focus};
use crate::tui::files::{Attached, Done, Task, can_be_fetched, chip_of, size};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::{Choice, Fill, Overlay, Pick, Purpose, Value};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// The message whose files are meant: the one under the cursor; without a cursor, the newest that has any.
fn meant(app: &App) -> Option<&MessageView> {
    app.thread.as_ref()?.with_files()
}

/// Why none of its files can be opened or saved.
pub fn refusal(app: &App) -> Option<&'static str> {
    match meant(app) {
        None => Some("no file here"),
        Some(m) if m.media.iter().any(|media| media.state == State::Kept) => None,
        Some(_) => Some("the file is not here"),
    }
}

/// The message whose files are not here although they should be.
pub fn missing(app: &App) -> Option<&MessageView> {
    meant(app).filter(|m| m.media.iter().any(can_be_fetched))
}

/// Opens a file of the message; with several it asks which.
pub fn open(app: &mut App) -> Vec<Effect> {
    match which(app, "Open which file?", Value::OpenFile) {
        Some((message, index)) => vec![Effect::File(Task::Open { message, index })],
        None => Vec::new(),
    }
}

/// Saves a file of the message; with several it asks which.
pub fn save(app: &mut App) -> Vec<Effect> {
    match which(app, "Save which file?", Value::SaveFile) {
        Some((message, index)) => ask_where(app, message, index),
        None => Vec::new(),
    }
}

/// The only file of the message that is here; with several a list is shown.
fn which(app: &mut App, title: &'static str, value: fn(Id, u32) -> Value) -> Option<(Id, u32)> {
    let message = meant(app)?;
    let here: Vec<&MediaView> = message.media.iter().filter(|media| media.state == State::Kept).collect();
    if let [only] = here[..] {
        return Some((message.id, only.index));
    }
    let row = |media: &&MediaView| Choice {
        label: chip_of(media),
        detail: Shown::default(),
        off: None,
        value: value(message.id, media.index),
    };
    let rows = here.iter().map(row).collect();
    app.overlay = Some(Overlay::Pick(Pick::new(title, rows)));
    None
}

/// Asks where a file shall be written.
pub fn ask_where(app: &mut App, message: Id, index: u32) -> Vec<Effect> {
    let media = app.thread.as_ref().and_then(|t| t.message(message)).and_then(|m| m.media.get(index as usize));
    let name = media.map(|media| {
        let usual = || format!("media-{message}-{index}.{}", ending(&media.content_type));
        media.name.as_deref().and_then(safe_name).unwrap_or_else(usual)
    });
    let proposed = format!("~/{}", name.unwrap_or_default());
    app.overlay = Some(Overlay::Fill(Fill::new(Purpose::SaveFile(message, index), &proposed)));
    Vec::new()
}

/// Asks the node to fetch again what is missing of the message.
pub fn fetch(app: &mut App) -> Vec<Effect> {
    let Some(message) = missing(app) else { return Vec::new() };
    let id = message.id;
    let missing = message.media.iter().filter(|media| can_be_fetched(media));
    missing.map(|media| ask(Tag::Media(id), RetryMedia { id, index: media.index })).collect()
}

/// The node tries again.
pub fn asked_again(app: &mut App, message: Id, media: MediaView) -> Vec<Effect> {
    if let Some(thread) = &mut app.thread {
        thread.file_changed(message, media);
    }
    app.say("it is fetched again", Role::Text);
    Vec::new()
}

/// Asks for a file to be sent.
pub fn attach(app: &mut App) -> Vec<Effect> {
    if chat::is_locked(app) {
        return Vec::new();
    }
    let Some(thread) = &app.thread else { return Vec::new() };
    if thread.composer.note {
        app.say("a note takes no files", Role::Warn);
        return Vec::new();
    }
    if thread.composer.changing().is_some() {
        app.say("a text that waits takes no files", Role::Warn);
        return Vec::new();
    }
    if thread.composer.files.len() >= MOST {
        app.say(shown!("a message takes {MOST} files at most"), Role::Warn);
        return Vec::new();
    }
    let purpose = Purpose::Attach(thread.id(), thread.conversation.business);
    app.overlay = Some(Overlay::Fill(Fill::new(purpose, "~/")));
    Vec::new()
}

/// Takes the file off that was attached last.
pub fn detach(app: &mut App) -> Vec<Effect> {
    let Some(thread) = &mut app.thread else { return Vec::new() };
    if let Some(file) = thread.composer.files.pop() {
        app.say(shown!("{} does not go with it", file.chip()), Role::Text);
    }
    chat::keep_draft(app)
}

/// Something was done with a file, or was not.
pub fn done(app: &mut App, done: Done) -> Vec<Effect> {
    match done {
        Done::Opened(Ok(said)) => app.say(said, Role::Text),
        Done::Opened(Err(why)) => app.say(why, Role::Error),
        Done::Saved(result) => saved(app, result.map(|(path, bytes)| sentence(&path, bytes))),
        Done::Attached(conversation, Ok(file)) => return attached(app, conversation, file),
        Done::Attached(_, Err(why)) => refuse(app, |purpose| matches!(purpose, Purpose::Attach(..)), why),
        Done::Completed(asked, certain, others) => complete(app, &asked, &certain, &others),
    }
    Vec::new()
}

fn sentence(path: &Path, bytes: u64) -> Shown {
    shown!("saved as {},{}", Shown::of(&path.to_string_lossy()), size(bytes))
}

fn saved(app: &mut App, result: Result<Shown, Shown>) {
    let is_save = |purpose: &Purpose| matches!(purpose, Purpose::SaveFile(..));
    match result {
        Ok(said) => {
            app.overlay.take_if(|overlay| matches!(overlay, Overlay::Fill(fill) if is_save(fill.purpose())));
            app.say(said, Role::Ok);
        }
        Err(why) => refuse(app, is_save, why),
    }
}

/// Says what is wrong in the form that asked, or at the foot when that was closed meanwhile.
fn refuse(app: &mut App, is_it: impl Fn(&Purpose) -> bool, why: Shown) {
    match &mut app.overlay {
        Some(Overlay::Fill(fill)) if is_it(fill.purpose()) => fill.form.refuse(why),
        _ => app.say(why, Role::Error),
    }
}

fn attached(app: &mut App, conversation: Id, file: Attached) -> Vec<Effect> {
    let is_it = |purpose: &Purpose| matches!(purpose, Purpose::Attach(id, _) if *id == conversation);
    app.overlay.take_if(|overlay| matches!(overlay, Overlay::Fill(fill) if is_it(fill.purpose())));
    match app.thread.as_mut().filter(|thread| thread.id() == conversation) {
        Some(thread) => {
            thread.composer.files.push(file);
            app.focus = Focus::Composer;
            chat::keep_draft(app)
        }
        None => {
            let mut draft = app.drafts.get(conversation).cloned().unwrap_or_default();
            draft.files.push(file);
            app.drafts.put(conversation, draft);
            vec![Effect::SaveDrafts]
        }
    }
}

/// A path goes on as far as that is certain; what is possible then is shown under it.
fn complete(app: &mut App, asked: &str, certain: &str, others: &[String]) {
    let Some(Overlay::Fill(fill)) = &mut app.overlay else { return };
    if fill.form.path() != Some(asked) {
        return;
    }
    fill.form.replace(certain);
    if others.is_empty() && certain == asked {
        fill.form.remark(Shown::from("nothing goes on like this"));
    } else if !others.is_empty() {
        fill.form.remark(Shown::of(&others.join("  ")));
    }
}
