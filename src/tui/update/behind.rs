//! What is behind an action or a row: the request, as code, and the answer.

use serde::Serialize;
use serde_json::Value;

use crate::api::code::{Call, masked, twilio};
use crate::api::deadletters::ExplainDeadLetter;
use crate::api::inbox::{AddNote, GetConversation, ListMessages, MessageView, RetryMessage, SendMessage};
use crate::api::numbers::ListNumbers;
use crate::api::simulator::TextFromPhone;
use crate::api::upstream::{ShowUpstream, UpstreamView};
use crate::api::verify::GetFlow;
use crate::api::webhooks::ListWebhooks;
use crate::api::{ApiError, Method, Operation, Reply, Request};
use crate::domain::id::Id;
use crate::domain::message::Direction;
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::FrameMap;
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::{Behind, Overlay};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::trail::Exchange;

/// What something is behind of.
struct Subject {
    call: Call,
    /// What became of the call, in a word or two.
    state: Shown,
    answer: Value,
    /// The message that it made or is about: what Twilio is asked for it belongs here.
    message: Option<Id>,
    /// A request to Twilio that is known already.
    upstream: Option<UpstreamView>,
}

impl Subject {
    fn row(request: Request, answer: &impl Serialize) -> Subject {
        Subject {
            call: Call::of(&request),
            state: Shown::from("this row"),
            answer: serde_json::to_value(answer).unwrap_or_default(),
            message: None,
            upstream: None,
        }
    }
}

/// Shows what is behind the last action while the notice of it stands, else behind the row under the cursor.
pub fn open(app: &mut App) -> Vec<Effect> {
    let row = chosen(app).is_some();
    let fresh = app.notice.is_some() && !app.trail.is_empty();
    let place = (!row || fresh).then_some(0);
    if !row && app.trail.is_empty() {
        app.say("nothing was asked of the node yet", Role::Text);
        return Vec::new();
    }
    show(app, place)
}

fn show(app: &mut App, place: Option<usize>) -> Vec<Effect> {
    let subject = match place {
        Some(n) => app.trail.get(n).map(exchanged),
        None => chosen(app),
    };
    let Some(subject) = subject else { return Vec::new() };
    let base = app.session.node.as_ref().map(|n| n.base.clone()).unwrap_or_default();
    let said = shown!("{} {} · {}", subject.call.method.as_str(), Shown::of(&subject.call.path), subject.state);
    let beside = match (place, app.trail.len()) {
        (Some(n), len) => shown!("{} of {len}", n + 1),
        (None, 0) => Shown::default(),
        (None, _) => Shown::from("← last action"),
    };
    let answer = serde_json::to_string_pretty(&masked(subject.answer)).unwrap_or_default();
    let title = shown!("Behind it: {}", Shown::of(&subject.call.name));
    let mut behind = Behind::new(title, said, beside, subject.call.sheets(&base), answer);
    if let Some(Overlay::Behind(before)) = &app.overlay {
        behind.show(before.shows());
    }
    (behind.place, behind.message) = (place, subject.message);
    if let Some(request) = &subject.upstream {
        behind.add(twilio::sheets(request, app.session.is_sandbox()));
    }
    app.overlay = Some(Overlay::Behind(behind));
    subject.message.map(|id| ask(Tag::Upstream(id), ShowUpstream { id })).into_iter().collect()
}

/// What an action does while it is open; `None` when it has no business there.
pub fn in_overlay(app: &mut App, map: &FrameMap, action: Action, by: Option<isize>) -> Option<Vec<Effect>> {
    let row = chosen(app).is_some();
    let Some(Overlay::Behind(behind)) = &mut app.overlay else { return None };
    let place = match (action, behind.place) {
        (Action::Older, None) => Some(0),
        (Action::Older, Some(n)) => Some((n + 1).min(app.trail.len().saturating_sub(1))),
        (Action::Newer, Some(0)) if row => None,
        (Action::Newer, Some(n)) => Some(n.saturating_sub(1)),
        (Action::NextField, _) | (Action::PreviousField, _) => {
            behind.turn(if action == Action::NextField { 1 } else { -1 });
            return Some(Vec::new());
        }
        (Action::Copy, _) => {
            let text = behind.copy();
            app.say("handed to the terminal's clipboard (OSC 52)", Role::Text);
            return Some(vec![Effect::Copy(text)]);
        }
        _ => {
            behind.step(by?, map.overlay);
            return Some(Vec::new());
        }
    };
    Some(show(app, place))
}

/// What Twilio is asked for a message came. Where it cannot be told, ours is all there is.
pub fn upstream(app: &mut App, id: Id, result: Result<Reply, ApiError>) {
    let sandbox = app.session.is_sandbox();
    if let (Some(Overlay::Behind(behind)), Ok(Reply::ShowUpstream(request))) = (&mut app.overlay, result)
        && behind.message.take_if(|m| *m == id).is_some()
    {
        behind.add(twilio::sheets(&request, sandbox));
    }
}

fn exchanged(exchange: &Exchange) -> Subject {
    let mut subject = Subject {
        call: Call::of(&exchange.request),
        state: Shown::from("no answer yet"),
        answer: Value::Null,
        message: None,
        upstream: None,
    };
    match &exchange.answer {
        Some((Ok(reply), took)) => {
            subject.state = shown!("200 in {} ms", took.as_millis());
            subject.answer = reply.to_json().unwrap_or_default();
            subject.message = match reply {
                Reply::SendMessage(m) | Reply::RetryMessage(m) | Reply::ReleaseMessage(m) | Reply::ChangeLater(m) => {
                    Some(m.id)
                }
                _ => None,
            };
        }
        Some((Err(e), took)) => {
            subject.state = shown!("{} {} in {} ms", e.code.status(), e.code.name(), took.as_millis());
            subject.answer = serde_json::to_value(e).unwrap_or_default();
        }
        None => {}
    }
    subject
}

/// The row under the cursor, where a pane has rows of that kind.
fn chosen(app: &App) -> Option<Subject> {
    let rooms = &app.rooms;
    match app.focus {
        Focus::Thread => {
            let thread = app.thread.as_ref().filter(|t| t.selected.is_some())?;
            Some(message(app, thread.message_at_cursor()?))
        }
        Focus::Events | Focus::EventFilter => {
            let (event, after) = rooms.log.current()?;
            let path = match after {
                Some(cursor) => format!("/api/events?after={}", cursor.encode()),
                None => "/api/events".to_owned(),
            };
            let request = Request::GetNode(Default::default());
            let mut subject = Subject::row(request, event);
            let cursor = after.map(|cursor| format!(" --after={}", cursor.encode())).unwrap_or_default();
            let command = format!("switchboard --json tail{cursor}");
            subject.call = Call { name: event.kind.clone(), method: Method::Get, path, body: None, command };
            Some(subject)
        }
        Focus::Audit | Focus::AuditFilter => {
            let entry = rooms.audit.current()?;
            Some(Subject::row(rooms.audit.request().into_request(), entry))
        }
        Focus::Letters => {
            let letter = rooms.hooks.letters.current()?;
            Some(Subject::row(ExplainDeadLetter { id: letter.id }.into_request(), letter))
        }
        Focus::Webhooks | Focus::WebhookFilter => {
            Some(Subject::row(ListWebhooks { limit: Some(200) }.into_request(), rooms.hooks.current()?))
        }
        Focus::Numbers => Some(Subject::row(ListNumbers {}.into_request(), rooms.upkeep.numbers.current()?)),
        Focus::Attempts => {
            let row = rooms.tester.log.current()?;
            let (business, flow) = (row.business_id, row.flow);
            Some(Subject::row(GetFlow { business, flow, refresh: false }.into_request(), row))
        }
        Focus::Later => Some(message(app, rooms.upkeep.later.current()?)),
        Focus::Held => Some(message(app, rooms.upkeep.held.current()?)),
        Focus::Inbox if app.trail.is_empty() => {
            let view = app.inbox.current()?;
            Some(Subject::row(GetConversation { id: view.id }.into_request(), view))
        }
        _ => None,
    }
}

/// What makes such a message, as far as one of ours does.
fn message(app: &App, m: &MessageView) -> Subject {
    let request = match m.direction {
        Direction::Note => AddNote { id: m.conversation, body: m.body.clone() }.into_request(),
        Direction::Out => match m.retry_of {
            Some(id) => RetryMessage { id, confirm: None }.into_request(),
            None => SendMessage {
                conversation: Some(m.conversation),
                body: m.body.clone(),
                client_ref: m.client_ref.clone(),
                send_at: m.send_at,
                unless_they_reply: m.send_at.map(|_| m.unless_they_reply),
                ..SendMessage::default()
            }
            .into_request(),
        },
        Direction::In if app.session.is_sandbox() => {
            let (address, to) = (m.from.as_str().to_owned(), m.to.as_str().to_owned());
            TextFromPhone { address, to, body: m.body.clone(), media: Vec::new() }.into_request()
        }
        Direction::In => ListMessages { id: m.conversation, after: None, limit: None }.into_request(),
    };
    let mut subject = Subject::row(request, m);
    match m.direction {
        Direction::Out => subject.message = Some(m.id),
        Direction::In => {
            let node = app.session.node.as_ref();
            subject.upstream =
                node.zip(m.sid).map(|(node, sid)| UpstreamView::of_message(node.account, sid, node.sandbox.as_deref()));
        }
        Direction::Note => {}
    }
    subject
}
