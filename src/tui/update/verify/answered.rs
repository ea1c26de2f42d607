//! What an answer and the feed mean to the tester.

use super::act;
use crate::api::verify::{FallBackVerification, FlowView, FraudLevel, ResendVerification, SendVerification};
use crate::api::{ApiError, Code, Reply, Request};
use crate::domain::verification::handset;
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::msg::{Effect, Tag};
use crate::tui::overlay::{Choice, Overlay, Page, Pick, Value};
use crate::tui::panes::verify::{For, Outcome, rehearsal, templates};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::update::answers::confirm;
use crate::tui::widgets::field::Field;

/// The feed told of a flow.
pub fn happened(app: &mut App, flow: &FlowView) -> Vec<Effect> {
    if app.rooms.tester.business != Some(flow.business) || !app.focus.is_testing() {
        return Vec::new();
    }
    let id = flow.id;
    let mut effects = if app.rooms.tester.heard(flow) { app.rooms.tester.follow(id) } else { Vec::new() };
    if matches!(app.focus, Focus::Attempts | Focus::AttemptFilter) && app.rooms.tester.log.top == 0 {
        effects.extend(app.rooms.tester.load_log());
    }
    if app.session.is_sandbox() && app.rooms.tester.id() == Some(id) {
        app.phones.came_to(&handset::address(&flow.to, flow.channel));
    }
    effects
}

/// An answer to what the tester asked.
pub fn answered(app: &mut App, what: For, result: Result<Reply, ApiError>) -> Vec<Effect> {
    let business = app.rooms.tester.business;
    let tester = &mut app.rooms.tester;
    match (what, result) {
        (For::Service, Ok(Reply::GetVerifyService(service))) => {
            tester.test.arrange(service.psd2_enabled);
            tester.service = Some(Ok(service));
        }
        (For::Service, Err(e)) => tester.service = Some(Err(Shown::from(e.to_string()))),
        (For::Templates, Ok(Reply::ListTemplates(listed))) => {
            tester.matrix.offer(listed.items.clone());
            tester.test.offer(listed.items);
            return tester.ask_preview();
        }
        (For::TemplateUse(_), Ok(Reply::ListTemplates(listed))) => {
            let lines = templates::lines(&listed, &app.clock);
            app.overlay = Some(Overlay::Page(Page::new("Templates", lines)));
        }
        // A token of one business is told of that one.
        (For::TemplateUse(true), Err(e)) if e.code == Code::Forbidden => return super::templates(app, false),
        (For::TemplateUse(_), Err(e)) => app.say(Shown::from(e.to_string()), Role::Error),
        // A service without templates still sends: what is wrong is said by the service itself.
        (For::Templates, _) => {}
        (For::Preview, Ok(Reply::PreviewVerification(preview))) => return tester.previewed(Ok(preview)),
        (For::Preview, Err(e)) => return tester.previewed(Err(Shown::from(e.to_string()))),
        (For::Sent, Ok(Reply::SendVerification(flow))) | (For::Sent, Ok(Reply::ResendVerification(flow))) => {
            return sent(app, flow);
        }
        (For::Sent, Ok(Reply::FallBackVerification(flow))) => {
            // Whoever sends again means the way that worked.
            tester.test.turn(&flow.to, flow.channel);
            let mut effects = tester.ask_preview();
            effects.extend(sent(app, flow));
            return effects;
        }
        (For::Sent, Err(e)) => return not_sent(app, &e),
        (For::Flow(id), Ok(Reply::GetFlow(detail))) => return tester.read(id, Some(detail)),
        (For::Flow(id), Err(e)) => {
            let effects = tester.read(id, None);
            app.say(Shown::from(e.to_string()), Role::Error);
            return effects;
        }
        (For::Checked, Ok(Reply::CheckVerification(checked))) => {
            (tester.busy, tester.outcome) = (None, Some(Outcome::checked(&checked)));
            return tester.begin(checked.flow);
        }
        (For::Checked, Err(e)) => {
            tester.busy = None;
            if e.field.as_deref() == Some("code") {
                app.focus = Focus::TesterCode;
            }
            return refused(app, &e);
        }
        (For::Ended(said), Ok(Reply::CancelVerification(flow) | Reply::ApproveVerification(flow))) => {
            (tester.busy, tester.outcome) = (None, Some(Outcome::of(said, Role::Ok)));
            return tester.begin(flow);
        }
        (For::Ended(_), Err(e)) => {
            tester.busy = None;
            return refused(app, &e);
        }
        (For::Code(right), Ok(Reply::GetPhone(view))) => {
            tester.busy = None;
            let Some(found) = view.newest_code(tester.digits()) else {
                app.say(shown!("no code has come to {} yet", Shown::of(&view.address)), Role::Warn);
                return Vec::new();
            };
            tester.code = Field::new(&if right { found } else { handset::another(&found) });
            return act(app, Action::CheckCode);
        }
        (For::Code(_), Err(e)) => {
            tester.busy = None;
            app.say(Shown::from(e.to_string()), Role::Error);
        }
        (For::LookedUp, Ok(Reply::LookUpNumber(known))) => {
            tester.lookup = Some(known);
            return tester.ask_preview();
        }
        (For::LookedUp, Err(e)) => priced(app, &e),
        (what @ (For::Ran | For::Matrices | For::MatrixSaved), result) => super::matrix::answered(app, &what, result),
        (For::Rehearsed, Ok(Reply::RehearseVerifications(rehearsal))) => {
            let lines = rehearsal::lines(&rehearsal, app.settings.marks);
            app.overlay = Some(Overlay::Page(Page::new("Rehearsal", lines)));
        }
        (For::Guarded, Ok(Reply::SetFraudGuard(service))) => {
            let level = service.fraud_guard.map_or("unknown", FraudLevel::word);
            tester.service = Some(Ok(service));
            app.say(shown!("Fraud Guard is at {level}"), Role::Text);
        }
        (For::Rehearsed | For::Guarded, Err(e)) => app.say(Shown::from(e.to_string()), Role::Error),
        (For::Attempts(wanted, part), result) => {
            let page = result.map(|reply| if let Reply::ListAttempts(page) = reply { Some(page) } else { None });
            if let (Some(business), Some(page)) = (business, page.transpose()) {
                return tester.log.answered(business, &wanted, part, page);
            }
        }
        // An answer of another operation than was asked: nothing to be done with it.
        (_, Ok(_)) => tester.busy = None,
    }
    Vec::new()
}

/// A code is on its way: letters are commands now, digits begin the code.
fn sent(app: &mut App, flow: FlowView) -> Vec<Effect> {
    let tester = &mut app.rooms.tester;
    (tester.busy, tester.outcome) = (None, None);
    (tester.opened_from, tester.back) = (None, 0);
    let handset = handset::address(&flow.to, flow.channel);
    let mut effects = tester.begin(flow);
    if app.focus.is_testing() {
        app.focus = Focus::Tester;
    }
    if app.session.is_sandbox() {
        effects.extend(app.phones.show(&handset));
    }
    effects
}

/// It was not sent: a yes is needed, a field is wrong, or Twilio refused it.
fn not_sent(app: &mut App, e: &ApiError) -> Vec<Effect> {
    let tester = &mut app.rooms.tester;
    tester.busy = None;
    if e.code == Code::ConfirmationRequired {
        again(app, e);
        return Vec::new();
    }
    if let (Some(field), None) = (&e.field, e.about) {
        tester.test.refuse(field, Shown::of(&e.detail));
        app.focus = Focus::TesterForm;
        return Vec::new();
    }
    if app.focus.is_testing() && (e.about.is_some() || tester.followed.is_some()) {
        app.focus = Focus::Tester;
    }
    refused(app, e)
}

/// Asks for the yes that the last send needs.
fn again(app: &mut App, e: &ApiError) {
    let requests = (0..app.trail.len()).filter_map(|n| app.trail.get(n)).map(|exchange| &*exchange.request);
    let sends = |r: &&Request| {
        matches!(r, Request::SendVerification(_) | Request::ResendVerification(_) | Request::FallBackVerification(_))
    };
    let last = requests.into_iter().find(sends).cloned();
    let (word, tag) = (e.confirm.clone(), Tag::Verify(For::Sent));
    match last {
        Some(Request::SendVerification(send)) => confirm(app, e, SendVerification { confirm: word, ..send }, tag),
        Some(Request::ResendVerification(send)) => confirm(app, e, ResendVerification { confirm: word, ..send }, tag),
        Some(Request::FallBackVerification(send)) => {
            confirm(app, e, FallBackVerification { confirm: word, ..send }, tag);
        }
        _ => app.say(Shown::from(e.to_string()), Role::Error),
    }
}

/// Something was refused: the outcome says it, and the flow that it is about is read.
fn refused(app: &mut App, e: &ApiError) -> Vec<Effect> {
    let tester = &mut app.rooms.tester;
    let about = e.about.or(tester.id());
    let flow = tester.flow().filter(|flow| Some(flow.id) == about);
    tester.outcome = Some(Outcome::refused(e, flow));
    if !app.focus.is_testing() {
        app.say(Shown::from(e.to_string()), Role::Error);
    }
    let tester = &mut app.rooms.tester;
    match about {
        Some(id) => {
            if tester.id() != Some(id) {
                (tester.followed, tester.code) = (None, Field::default());
            }
            tester.follow(id)
        }
        None => Vec::new(),
    }
}

/// The price of a look-up was said: go ahead or not.
fn priced(app: &mut App, e: &ApiError) {
    let Some(price) = e.confirm.clone().filter(|_| e.code == Code::ConfirmationRequired) else {
        app.say(Shown::from(e.to_string()), Role::Error);
        return;
    };
    let choice = |label: Shown, detail: &'static str, value| Choice { label, detail: detail.into(), off: None, value };
    let rows = vec![
        choice(shown!("look it up for {}", Shown::of(&price)), "kept for 30 days", Value::LookUp(price)),
        choice(Shown::from("leave it"), "", Value::Stay),
    ];
    app.overlay = Some(Overlay::Pick(Pick::new("What kind of line it is, and whose", rows)));
}
