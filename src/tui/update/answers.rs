//! What an answer does, by what was asked.

use super::{chat, feed, later, overlay};
use crate::api::businesses::ListEndpoints;
use crate::api::contacts::ContactDetail;
use crate::api::inbox::{GetConversation, MessageView, ReleaseMessage, RetryMessage, UndoMessage};
use crate::api::{ApiError, Code, Operation, Reply};
use crate::domain::id::Id;
use crate::link::Connection;
use crate::tui::app::{App, Focus, UNDO, Undo};
use crate::tui::drafts::Draft;
use crate::tui::framemap::FrameMap;
use crate::tui::msg::{Effect, Part, Tag, ask};
use crate::tui::overlay::{Fill, Overlay, Page, Purpose, page};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// An operation was answered.
pub fn answered(app: &mut App, map: &FrameMap, tag: Tag, result: Result<Reply, ApiError>) -> Vec<Effect> {
    if super::businesses::asked(&tag) {
        return super::businesses::answered(app, tag, result);
    }
    if super::rooms::asked(&tag) {
        return super::rooms::answered(app, tag, result);
    }
    if let Tag::Analytics(what) = tag {
        return super::analytics::answered(app, what, result);
    }
    if let Tag::Verify(what) = tag {
        return super::verify::answered(app, what, result);
    }
    match (tag, result) {
        (Tag::Audit(question, part), result) => super::audit::answered(app, &question, part, result),
        (Tag::AuditFile, result) => super::audit::exported(app, result),
        (Tag::Node, Ok(Reply::GetNode(node))) => {
            app.clock.set(node.now.0, node.paused);
            app.session.me.clone_from(&node.agent);
            let first = app.session.node.is_none();
            app.session.node = Some(node);
            if first && app.session.is_sandbox() { vec![app.phones.load()] } else { Vec::new() }
        }
        (Tag::Businesses, Ok(Reply::ListBusinesses(listed))) => {
            let before = app.rooms.businesses.current(&app.session).map(|row| row.id);
            app.session.businesses = listed.items;
            let is_gone = app.session.business.is_some()
                && app.session.business == app.drafts.business
                && app.session.current().is_none();
            let effects = if is_gone { feed::show_default(app) } else { Vec::new() };
            app.session.business.get_or_insert(listed.default);
            app.rooms.businesses.listed(before, &app.session);
            show_zone(app);
            effects
        }
        (Tag::Rates, Ok(Reply::GetRates(rates))) => {
            app.session.rates = rates;
            Vec::new()
        }
        (Tag::Contact(id), result) => {
            let detail = result.map(|reply| if let Reply::GetContact(detail) = reply { Some(detail) } else { None });
            contact(app, id, detail.transpose())
        }
        (Tag::Agents, Ok(Reply::ListAgents(listed))) => {
            app.session.agents = listed.items;
            Vec::new()
        }
        (Tag::Endpoints, Ok(Reply::ListEndpoints(listed))) => {
            if listed.items.first().is_none_or(|e| Some(e.business) == app.session.business) {
                app.session.endpoints = listed.items;
            }
            Vec::new()
        }
        (Tag::Inbox(generation, part), result) => inbox(app, generation, part, result),
        // Whoever has gone on meanwhile is not pulled away, and two presses do not skip one.
        (Tag::LongestWaiting, Ok(_)) if !std::mem::take(&mut app.session.is_awaited) => Vec::new(),
        (Tag::LongestWaiting, Ok(Reply::ListConversations(page))) => {
            let open = app.thread.as_ref().map(|t| t.id());
            let mut rows = page.page.items.into_iter();
            match rows.find(|v| Some(v.id) != open) {
                Some(view) => chat::open(app, view),
                None => {
                    app.say("nobody else waits for an answer", Role::Ok);
                    Vec::new()
                }
            }
        }
        (Tag::Conversation(id), Ok(Reply::GetConversation(view))) => {
            let effects = feed::conversation(app, &view);
            if app.thread.as_ref().is_some_and(|t| t.id() == id) && app.rooms.analytics.opened != Some(id) {
                return effects;
            }
            // A row of the dashboard may be of another business than the one that is shown.
            let mut effects = if app.rooms.analytics.opened == Some(id) {
                feed::show_business(app, view.business)
            } else {
                Vec::new()
            };
            effects.extend(chat::open(app, view));
            if app.drafts.writing == Some(id) {
                app.focus = Focus::Composer;
            }
            effects
        }
        (Tag::Conversation(id), Err(e)) if e.code == Code::NotFound && app.drafts.writing == Some(id) => {
            app.drafts.writing = None;
            Vec::new()
        }
        (Tag::Messages(id, part), result) => {
            let page = result.map(|reply| match reply {
                Reply::ListMessages(page) => Some(page),
                _ => None,
            });
            if let (Some(thread), Some(page)) = (app.thread.as_mut().filter(|t| t.id() == id), page.transpose()) {
                thread.answered(part, page);
            }
            Vec::new()
        }
        (Tag::Send(reference), result) => sent(app, map, reference, result),
        (Tag::SendNew, Ok(Reply::SendMessage(message))) => {
            let asked = match app.overlay.take() {
                Some(Overlay::Fill(fill)) => fill.asked,
                _ => None,
            };
            let id = message.conversation;
            let mut effects = feed::message(app, map, &message);
            if let (Some(send), Some(at)) = (asked, message.send_at) {
                later::say_when(app, id, at.0);
                effects.extend(later::taken(app, &send));
                return effects;
            }
            effects.push(ask(Tag::Conversation(id), GetConversation { id }));
            effects
        }
        (Tag::SendNew, Err(e)) => overlay::refused(app, e),
        (Tag::Undo(id), Ok(Reply::UndoMessage(message))) => taken_back(app, map, id, message),
        (Tag::Undo(_), Err(e)) => {
            app.say(shown!("too late to take it back: {}", Shown::from(e.to_string())), Role::Warn);
            Vec::new()
        }
        (Tag::Retry(_), Ok(Reply::RetryMessage(message) | Reply::ReleaseMessage(message))) => {
            feed::message(app, map, &message)
        }
        (Tag::Retry(id), Err(e)) if e.code == Code::ConfirmationRequired => {
            let message = app.thread.as_ref().and_then(|t| t.message(id));
            match message.is_some_and(|m| m.asks_since.is_some()) {
                true => confirm(app, &e, ReleaseMessage { id, confirm: e.confirm.clone() }, Tag::Retry(id)),
                false => confirm(app, &e, RetryMessage { id, confirm: e.confirm.clone() }, Tag::Retry(id)),
            }
            Vec::new()
        }
        (Tag::Contents(id), result) => {
            let listed = result.map(|reply| if let Reply::ListContents(listed) = reply { Some(listed) } else { None });
            super::contents::listed(app, id, listed.transpose());
            Vec::new()
        }
        (Tag::Media(id), Ok(Reply::RetryMedia(media))) => super::files::asked_again(app, id, media),
        (Tag::Note(reference), result) => match result {
            Ok(Reply::AddNote(message)) => {
                app.outgoing.take(&reference);
                feed::message(app, map, &message)
            }
            Ok(_) => Vec::new(),
            Err(e) => give_back(app, &reference, &e),
        },
        (Tag::Bulk(id), result) => super::bulk::answered(app, id, result),
        (Tag::Labels, Ok(Reply::ListLabels(listed))) => {
            super::labels::listed(app, listed);
            Vec::new()
        }
        (Tag::Change(said), result) => changed(app, said, result),
        (Tag::Read, Ok(Reply::MarkRead(view))) => feed::conversation(app, &view),
        (Tag::Read, Err(_)) => Vec::new(),
        (Tag::Phones, result) => {
            let listed = result.map(|reply| if let Reply::ListPhones(listed) = reply { Some(listed) } else { None });
            listed.transpose().map(|listed| app.phones.listed(listed)).unwrap_or_default()
        }
        (Tag::Phone(address), result) => {
            let view = result.map(|reply| if let Reply::GetPhone(view) = reply { Some(view) } else { None });
            view.transpose().map(|view| app.phones.answered(&address, view)).unwrap_or_default()
        }
        (Tag::TextIn(_), Ok(_)) => {
            let mut effects = app.phones.read();
            effects.push(app.phones.load());
            effects
        }
        (Tag::TextIn(body), Err(e)) => {
            if app.phones.typing.is_empty() {
                app.phones.typing.insert(&body);
            }
            app.say(Shown::from(e.to_string()), Role::Error);
            Vec::new()
        }
        (Tag::Clock, Ok(Reply::AdvanceClock(clock))) => {
            app.clock.set(clock.now.0, clock.paused);
            let now = shown!("it is {} {}", app.clock.day(clock.now.0), app.clock.minute(clock.now.0));
            app.say(now, Role::Text);
            vec![feed::ask_node()]
        }
        (Tag::Upstream(id), result) => {
            super::behind::upstream(app, id, result);
            Vec::new()
        }
        (Tag::Faults, Ok(Reply::ListFaults(listed))) => {
            super::sandbox::waiting(app, &listed);
            Vec::new()
        }
        (Tag::Sandbox(said), Ok(_)) => {
            app.say(said, Role::Text);
            Vec::new()
        }
        (_, Err(e)) => {
            app.say(Shown::from(e.to_string()), Role::Error);
            Vec::new()
        }
        // An answer of another operation than was asked: nothing to be done with it.
        (_, Ok(_)) => Vec::new(),
    }
}

/// What is known of the customer of a conversation came.
fn contact(app: &mut App, id: Id, result: Option<Result<ContactDetail, ApiError>>) -> Vec<Effect> {
    let Some(thread) = app.thread.as_mut().filter(|t| t.id() == id) else { return Vec::new() };
    if let Some(result) = result {
        thread.contact.answered(result);
    }
    if std::mem::take(&mut thread.contact.wanted)
        && app.overlay.is_none()
        && let Some(thread) = &app.thread
    {
        let lines = crate::tui::panes::contact::lines(app, thread, page::WIDTH);
        app.overlay = Some(Overlay::Page(Page::new("Contact", lines)));
    }
    Vec::new()
}

/// Asks a person for the yes that an operation needs; with it, it is asked for again.
pub fn confirm(app: &mut App, e: &ApiError, operation: impl Operation, tag: Tag) {
    let word = e.confirm.clone().unwrap_or_default();
    let purpose = Purpose::Confirm(word, Box::new(operation.into_request()), tag);
    app.overlay = Some(Overlay::Fill(Fill::new(purpose, &e.detail)));
}

fn show_zone(app: &mut App) {
    let zone = app.session.current().map(|b| b.time_zone.clone()).unwrap_or_default();
    app.clock.set_zone(&zone);
}

/// Whether the business that is shown is the one of the last time, and nobody has chosen it since.
fn is_of_last_time(app: &App) -> bool {
    app.session.business.is_some() && app.session.business == app.drafts.business && app.session.endpoints.is_empty()
}

fn inbox(app: &mut App, generation: u64, part: Part, result: Result<Reply, ApiError>) -> Vec<Effect> {
    let mut effects = Vec::new();
    let page = match result {
        Ok(Reply::ListConversations(page)) => {
            app.session.counts = page.counts;
            app.session.connection = Connection::Live;
            if app.session.business != Some(page.business) || app.session.endpoints.is_empty() {
                app.session.business = Some(page.business);
                effects.push(ask(Tag::Endpoints, ListEndpoints { id: page.business }));
                show_zone(app);
            }
            for view in &page.page.items {
                app.phones.learn(view);
            }
            app.session.epoch.get_or_insert(page.page.as_of.epoch);
            if !std::mem::replace(&mut app.session.followed, true) {
                effects.push(Effect::Follow(Some(page.page.as_of.clone())));
                effects.extend(take_up_writing(app));
            }
            Ok(page)
        }
        Ok(_) => return effects,
        Err(e) if e.code == Code::NotFound && is_of_last_time(app) => return feed::show_default(app),
        Err(e) => {
            if !std::mem::replace(&mut app.session.followed, true) {
                effects.push(Effect::Follow(None));
            }
            Err(e)
        }
    };
    effects.extend(app.inbox.answered(generation, part, page));
    effects
}

/// At the start: back into the text that was being written when the console ended.
fn take_up_writing(app: &mut App) -> Option<Effect> {
    let id = app.drafts.writing?;
    Some(ask(Tag::Conversation(id), GetConversation { id }))
}

fn sent(app: &mut App, map: &FrameMap, reference: String, result: Result<Reply, ApiError>) -> Vec<Effect> {
    match result {
        Ok(Reply::SendMessage(message)) => {
            let unwanted = app.outgoing.get_mut(&reference).is_some_and(|p| p.unwanted);
            let effects = feed::message(app, map, &message);
            if app.outgoing.take(&reference).is_some() && unwanted {
                // The node did not repeat our reference: take it back all the same.
                let id = message.id;
                return vec![ask(Tag::Undo(id), UndoMessage { id })];
            }
            effects
        }
        Ok(_) => Vec::new(),
        Err(e) if e.code == Code::ConfirmationRequired => {
            let Some(pending) = app.outgoing.get_mut(&reference).cloned() else { return Vec::new() };
            let send = chat::request(app, &pending, e.confirm.clone());
            confirm(app, &e, send, Tag::Send(reference));
            Vec::new()
        }
        Err(e) if matches!(e.code, Code::Unavailable | Code::Internal) => {
            // No answer is no refusal: it may have been taken. The bubble stays and says so.
            if let Some(pending) = app.outgoing.get_mut(&reference) {
                pending.lost = Some(e.detail);
            }
            Vec::new()
        }
        Err(e) => give_back(app, &reference, &e),
    }
}

/// A refused text goes back to where it was written.
fn give_back(app: &mut App, reference: &str, e: &ApiError) -> Vec<Effect> {
    app.say(shown!("not sent: {}", Shown::from(e.to_string())), Role::Error);
    match app.outgoing.take(reference) {
        Some(pending) => chat::put_back(app, pending.conversation, pending.back()),
        None => Vec::new(),
    }
}

fn taken_back(app: &mut App, map: &FrameMap, id: Id, message: MessageView) -> Vec<Effect> {
    let files = app.outgoing.files_of(id);
    let mut effects = feed::message(app, map, &message);
    app.say(
        match files.len() == message.media.len() {
            true => "taken back, nothing was sent",
            false => "taken back, nothing was sent; its files have to be attached again",
        },
        Role::Ok,
    );
    let back = message.content_sid.is_none().then(|| Draft { files, ..Draft::of(message.body, false) });
    effects.extend(chat::put_back(app, message.conversation, back));
    effects
}

fn changed(app: &mut App, said: Shown, result: Result<Reply, ApiError>) -> Vec<Effect> {
    let view = match result {
        Ok(Reply::AssignConversation(view) | Reply::SetConversationStatus(view) | Reply::LabelConversation(view)) => {
            view
        }
        Ok(_) => {
            app.say(said, Role::Ok);
            return Vec::new();
        }
        Err(e) => {
            app.say(Shown::from(e.to_string()), Role::Error);
            return Vec::new();
        }
    };
    let known = app.inbox.window.rows().iter().map(|r| &r.view).find(|v| v.id == view.id);
    let open = app.thread.as_ref().map(|t| &t.conversation).filter(|c| c.id == view.id);
    let before = known.or(open).map(Undo::of);
    let undo = said.as_str().ends_with("(u undo)").then_some(before).flatten();
    let effects = feed::conversation(app, &view);
    app.say(said, Role::Ok);
    if let (Some(notice), Some(before)) = (&mut app.notice, undo) {
        notice.until = app.clock.passed() + UNDO;
        // Its event may have come before the answer: then it stood open, as far as anybody knows.
        let told = before.status == view.status;
        notice.undo = vec![if told { Undo { status: Default::default(), until: None, ..before } } else { before }];
    }
    if app.focus == Focus::Thread && app.thread.is_none() {
        app.focus = Focus::Inbox;
    }
    effects
}
