//! Working in the tester of verifications: sending, checking, resending, and what the answers mean there.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::answers::confirm;
use crate::api::simulator::GetPhone;
use crate::api::verify::{
    ApproveVerification, CancelVerification, CheckVerification, FallBackVerification, FlowView, LookUpNumber,
    OneTimeCode, ResendVerification, SendVerification,
};
use crate::api::{ApiError, Code, Operation, Reply, Request};
use crate::domain::id::Id;
use crate::domain::verification::{Channel, Status};
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::msg::{Effect, Tag};
use crate::tui::overlay::{Choice, Fill, Overlay, Page, Pick, Purpose, Value};
use crate::tui::panes::verify::{For, Outcome, ask_for, code, explained};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::field::Field;

/// Opens the tester: in the form while nobody is to be sent a code, else at what became of the last one.
pub fn open(app: &mut App) -> Vec<Effect> {
    let Some(business) = app.session.business else {
        app.say("the business is not known yet", Role::Warn);
        return Vec::new();
    };
    let effects = app.rooms.tester.open(business, app.drafts.test_of(business));
    let tester = &app.rooms.tester;
    app.focus = if tester.followed.is_some() { Focus::Tester } else { Focus::TesterForm };
    effects
}

/// Back: from a field to the flow, from a flow of the log to its row, else to the inbox.
pub fn back(app: &mut App) -> Option<Focus> {
    let tester = &mut app.rooms.tester;
    match app.focus {
        Focus::TesterForm if tester.followed.is_none() => Some(Focus::Inbox),
        Focus::TesterForm | Focus::TesterCode => {
            app.focus = Focus::Tester;
            None
        }
        Focus::Tester if std::mem::take(&mut tester.from_log) => {
            app.focus = Focus::Attempts;
            None
        }
        Focus::AttemptFilter => {
            tester.log.search = None;
            Some(Focus::Attempts)
        }
        Focus::Attempts if tester.log.search.take().is_some() => Some(Focus::Attempts),
        Focus::Attempts => Some(Focus::Tester),
        _ => Some(Focus::Inbox),
    }
}

/// Enter on a row of the log: its flow.
pub fn open_row(app: &mut App) -> Vec<Effect> {
    let tester = &mut app.rooms.tester;
    let Some(flow) = tester.log.current().map(|row| row.flow) else { return Vec::new() };
    (tester.from_log, tester.outcome, tester.code, tester.back) = (true, None, Field::default(), 0);
    app.focus = Focus::Tester;
    if tester.id() != Some(flow) {
        tester.followed = None;
    }
    tester.follow(flow)
}

/// Why something is not possible in the tester now.
pub fn refusal(app: &App, action: Action) -> Option<&'static str> {
    let tester = &app.rooms.tester;
    if action == Action::GoTester {
        return app.session.business.is_none().then_some("the business is not known yet");
    }
    if !app.focus.is_testing() {
        return Some("only in the tester");
    }
    if matches!(app.focus, Focus::Attempts | Focus::AttemptFilter) {
        return Some("open an attempt first");
    }
    let sandbox = || (!app.session.is_sandbox()).then_some("only in the sandbox: the code is on a real phone");
    let status = tester.flow().map(|flow| flow.status);
    match action {
        Action::EditTest => None,
        Action::SendCode | Action::LookUp => (!tester.test.is_begun()).then_some("say whom to send it to first"),
        _ if status.is_none() => Some("send a code first"),
        Action::RightCode | Action::WrongCode => sandbox(),
        Action::CancelCode | Action::ApproveCode => match status {
            Some(Status::Pending) => None,
            Some(Status::MaxAttempts) if action == Action::CancelCode => None,
            _ => Some("nothing is pending"),
        },
        _ => None,
    }
}

/// Carries out what only the tester knows.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let tester = &mut app.rooms.tester;
    let Some(business) = tester.business else { return Vec::new() };
    if tester.busy.is_some() && !matches!(action, Action::EditTest | Action::TypeCode) {
        // One thing after the other: a second Enter must not be a second send.
        return Vec::new();
    }
    let flow = tester.id();
    match (action, flow) {
        (Action::EditTest, _) => {
            app.focus = Focus::TesterForm;
            Vec::new()
        }
        (Action::TypeCode, _) => {
            app.focus = Focus::TesterCode;
            Vec::new()
        }
        (Action::SendCode, _) => {
            let Some(send) = tester.test.send(business) else {
                app.focus = Focus::TesterForm;
                return Vec::new();
            };
            let mut effects = keep(app);
            effects.extend(under_way(app, "sending…", For::Sent, send));
            effects
        }
        (Action::CheckCode, Some(flow)) => check(app, business, flow),
        (Action::ResendCode, Some(flow)) => {
            under_way(app, "sending again…", For::Sent, ResendVerification { business, flow, confirm: None })
        }
        (Action::CancelCode, Some(flow)) => {
            let said = "canceled: the next send makes a new verification";
            under_way(app, "canceling…", For::Ended(said), CancelVerification { business, flow })
        }
        (Action::ApproveCode, Some(flow)) => {
            let said = "approved by hand, without a code";
            under_way(app, "approving…", For::Ended(said), ApproveVerification { business, flow })
        }
        (Action::RightCode | Action::WrongCode, Some(_)) => {
            let Some(address) = tester.flow().map(|flow| code::handset(&flow.to, flow.channel)) else {
                return Vec::new();
            };
            under_way(app, "looking at the phone…", For::Code(action == Action::RightCode), GetPhone { address })
        }
        (Action::FallBack, Some(_)) => channels(app),
        (Action::LookUp, _) => look_up(app, None),
        _ => Vec::new(),
    }
}

fn under_way(app: &mut App, busy: &'static str, what: For, operation: impl Operation) -> Vec<Effect> {
    let tester = &mut app.rooms.tester;
    (tester.busy, tester.asked) = (Some(busy), Some(Box::new(operation.clone().into_request())));
    vec![ask_for(what, operation)]
}

/// Checks the code in the box; without one the box is opened.
fn check(app: &mut App, business: Id, flow: Id) -> Vec<Effect> {
    let typed = app.rooms.tester.code.text().trim().to_owned();
    if typed.is_empty() {
        app.focus = Focus::TesterCode;
        return Vec::new();
    }
    app.focus = Focus::Tester;
    let check =
        CheckVerification { business, code: OneTimeCode(typed), to: None, flow: Some(flow), amount: None, payee: None };
    under_way(app, "checking…", For::Checked, check)
}

/// Over which other channel the flow shall go on.
fn channels(app: &mut App) -> Vec<Effect> {
    let Some(flow) = app.rooms.tester.flow() else { return Vec::new() };
    let is_email = flow.channel == Channel::Email;
    let row = |channel: Channel| {
        let fits = is_email != (channel == Channel::Email) || channel != flow.channel;
        let off = match channel {
            _ if channel == flow.channel => Some(Shown::from("it went that way")),
            Channel::Email => None,
            _ if is_email => Some(Shown::from("an email address has no number")),
            _ => None,
        };
        let detail = Shown::from(if channel == Channel::Email && fits { "asks for the address" } else { "" });
        Choice { label: Shown::from(channel.word()), detail, off, value: Value::FallBack(channel) }
    };
    let rows = Channel::ALL.into_iter().map(row).collect();
    app.overlay = Some(Overlay::Pick(Pick::new("Fall back to which channel", rows)));
    Vec::new()
}

/// A channel was chosen: an email needs an address, the others go to the same number.
pub fn fall_back(app: &mut App, channel: Channel) -> Vec<Effect> {
    let tester = &app.rooms.tester;
    let (Some(business), Some(flow)) = (tester.business, tester.id()) else { return Vec::new() };
    if channel == Channel::Email {
        app.overlay = Some(Overlay::Fill(Fill::new(Purpose::FallBack(business, flow), "")));
        return Vec::new();
    }
    // What was blocked or sent to a number stays with that number.
    let fallback = FallBackVerification { business, flow, channel, to: None, confirm: None };
    under_way(app, "sending…", For::Sent, fallback)
}

/// Asks what kind of line the number is; the price is said first.
pub fn look_up(app: &mut App, confirm: Option<String>) -> Vec<Effect> {
    let tester = &app.rooms.tester;
    let Some(business) = tester.business else { return Vec::new() };
    let number = match &tester.preview {
        Some(Ok(preview)) => preview.to.clone(),
        _ => tester.test.inputs().to,
    };
    vec![ask_for(For::LookedUp, LookUpNumber { business, number, again: false, confirm })]
}

/// Whether a key is a digit of a code, typed where digits mean nothing else.
pub fn is_digit(app: &App, key: KeyEvent) -> bool {
    let plain = key.modifiers.is_empty() || key.modifiers == KeyModifiers::SHIFT;
    let digit = matches!(key.code, KeyCode::Char(c) if c.is_ascii_digit());
    digit && plain && app.overlay.is_none() && app.focus == Focus::Tester && app.rooms.tester.followed.is_some()
}

/// A digit was typed outside the box: it begins a code.
pub fn begin_code(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    app.focus = Focus::TesterCode;
    app.rooms.tester.code = Field::default();
    app.rooms.tester.code.key(key);
    Vec::new()
}

/// A key for the focused field.
pub fn edit(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    match app.focus {
        Focus::TesterForm if app.rooms.tester.test.form.key(key) => changed(app),
        Focus::TesterCode => {
            app.rooms.tester.code.key(key);
            Vec::new()
        }
        Focus::AttemptFilter => {
            let log = &mut app.rooms.tester.log;
            let before = log.search.as_ref().map(|field| field.text().to_owned());
            if let Some(search) = &mut log.search {
                search.key(key);
            }
            let after = app.rooms.tester.log.search.as_ref().map(|field| field.text().to_owned());
            if before == after { Vec::new() } else { app.rooms.tester.load_log() }
        }
        _ => Vec::new(),
    }
}

/// Something was pasted: into the focused field; at a flow it is a code.
pub fn pasted(app: &mut App, text: &str) -> Vec<Effect> {
    match app.focus {
        Focus::TesterForm => {
            app.rooms.tester.test.form.insert(text);
            changed(app)
        }
        Focus::Tester | Focus::TesterCode if app.rooms.tester.followed.is_some() => {
            if app.focus == Focus::Tester {
                app.rooms.tester.code = Field::default();
            }
            app.focus = Focus::TesterCode;
            app.rooms.tester.code.insert(text.trim());
            Vec::new()
        }
        Focus::AttemptFilter => {
            if let Some(search) = &mut app.rooms.tester.log.search {
                search.insert(text.trim());
            }
            app.rooms.tester.load_log()
        }
        _ => Vec::new(),
    }
}

fn changed(app: &mut App) -> Vec<Effect> {
    let name = app.session.current().map(|b| b.name.clone()).unwrap_or_default();
    app.rooms.tester.test.propose_values(&name);
    let mut effects = app.rooms.tester.ask_preview();
    effects.extend(keep(app));
    effects
}

/// The inputs are remembered for the next test of this business.
fn keep(app: &mut App) -> Vec<Effect> {
    let Some(business) = app.rooms.tester.business else { return Vec::new() };
    let inputs = app.rooms.tester.test.inputs();
    if app.drafts.keep_test(business, inputs) { vec![Effect::SaveDrafts] } else { Vec::new() }
}

/// What the last outcome means.
pub fn why(app: &mut App) -> Option<Vec<Effect>> {
    if !app.focus.is_testing() {
        return None;
    }
    let lines = explained(&app.rooms.tester)?;
    app.overlay = Some(Overlay::Page(Page::new("What it means", lines)));
    Some(Vec::new())
}

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
        effects.extend(app.phones.came_to(&code::handset(&flow.to, flow.channel)));
    }
    effects
}

/// An answer to what the tester asked.
pub fn answered(app: &mut App, what: For, result: Result<Reply, ApiError>) -> Vec<Effect> {
    let business = app.rooms.tester.business;
    let tester = &mut app.rooms.tester;
    match (what, result) {
        (For::Service, Ok(Reply::GetVerifyService(service))) => tester.service = Some(Ok(service)),
        (For::Service, Err(e)) => tester.service = Some(Err(Shown::from(e.to_string()))),
        (For::Templates, Ok(Reply::ListTemplates(listed))) => {
            tester.test.offer(listed.items);
            return tester.ask_preview();
        }
        // A service without templates still sends: what is wrong is said by the service itself.
        (For::Templates, _) => {}
        (For::Preview, Ok(Reply::PreviewVerification(preview))) => return tester.previewed(Ok(preview)),
        (For::Preview, Err(e)) => return tester.previewed(Err(Shown::from(e.to_string()))),
        (For::Sent, Ok(Reply::SendVerification(flow)))
        | (For::Sent, Ok(Reply::ResendVerification(flow)))
        | (For::Sent, Ok(Reply::FallBackVerification(flow))) => return sent(app, flow),
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
            let Some(found) = code::newest(&view, tester.digits()) else {
                app.say(shown!("no code has come to {} yet", Shown::of(&view.address)), Role::Warn);
                return Vec::new();
            };
            tester.code = Field::new(&if right { found } else { code::another(&found) });
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
    (tester.busy, tester.outcome, tester.asked) = (None, None, None);
    (tester.from_log, tester.back) = (false, 0);
    let handset = code::handset(&flow.to, flow.channel);
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
    let asked = tester.asked.take();
    if e.code == Code::ConfirmationRequired {
        let word = e.confirm.clone();
        let tag = Tag::Verify(For::Sent);
        match asked.map(|request| *request) {
            Some(Request::SendVerification(send)) => {
                confirm(app, e, SendVerification { confirm: word, ..send }, tag);
            }
            Some(Request::ResendVerification(send)) => {
                confirm(app, e, ResendVerification { confirm: word, ..send }, tag);
            }
            Some(Request::FallBackVerification(send)) => {
                confirm(app, e, FallBackVerification { confirm: word, ..send }, tag);
            }
            _ => app.say(Shown::from(e.to_string()), Role::Error),
        }
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
