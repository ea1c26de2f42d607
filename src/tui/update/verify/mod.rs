//! Working in the tester of verifications: sending, checking, resending, going to another channel.

mod answered;
mod matrix;
mod typed;

pub use answered::{answered, happened};
pub use matrix::{open_cell, show as show_matrix};
pub use typed::{begin_code, changed, edit, is_digit, pasted};

use typed::keep;

use crate::api::Operation;
use crate::api::simulator::GetPhone;
use crate::api::verify::{
    ApproveVerification, CancelVerification, CheckVerification, FallBackVerification, FraudLevel, ListTemplates,
    LookUpNumber, OneTimeCode, ResendVerification, SetFraudGuard,
};
use crate::domain::id::Id;
use crate::domain::verification::{Channel, Status, handset};
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::msg::Effect;
use crate::tui::overlay::{Choice, Fill, Overlay, Page, Pick, Purpose, Value};
use crate::tui::panes::verify::{For, ask_for, explained};
use crate::tui::shown::Shown;
use crate::tui::theme::Role;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::form::Form;

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

/// Opens the log of every code that was sent.
pub fn open_log(app: &mut App) -> Vec<Effect> {
    let mut effects = open(app);
    if app.focus.is_testing() {
        app.focus = Focus::Attempts;
        effects.extend(app.rooms.tester.load_log());
    }
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
        Focus::Tester if tester.opened_from.is_some() => {
            app.focus = tester.opened_from.take().unwrap_or(Focus::Attempts);
            if let Some(business) = app.session.business.filter(|_| tester.log.everyone) {
                tester.turn_to(business, app.drafts.test_of(business));
            }
            None
        }
        Focus::MatrixForm if tester.matrix.run.is_some() => {
            app.focus = Focus::Matrix;
            None
        }
        Focus::Matrix | Focus::MatrixForm => {
            app.focus = if tester.followed.is_some() { Focus::Tester } else { Focus::TesterForm };
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
    let Some((business, flow)) = tester.log.current().map(|row| (row.business_id, row.flow)) else {
        return Vec::new();
    };
    // In the log of all it may be another's.
    tester.turn_to(business, app.drafts.test_of(business));
    (tester.opened_from, tester.outcome, tester.code, tester.back) = (Some(Focus::Attempts), None, Field::default(), 0);
    app.focus = Focus::Tester;
    if tester.id() != Some(flow) {
        tester.followed = None;
    }
    tester.follow(flow)
}

/// The form that has the keys: of the matrix, or of the test.
pub fn form(app: &mut App) -> &mut Form {
    match app.focus {
        Focus::Matrix | Focus::MatrixForm => &mut app.rooms.tester.matrix.form,
        _ => &mut app.rooms.tester.test.form,
    }
}

/// Why something is not possible in the tester now.
pub fn refusal(app: &App, action: Action) -> Option<&'static str> {
    let tester = &app.rooms.tester;
    if matches!(action, Action::GoTester | Action::GoAttempts) || action == Action::Matrix && !app.focus.is_testing() {
        return app.session.business.is_none().then_some("the business is not known yet");
    }
    if !app.focus.is_testing() {
        return Some("only in the tester");
    }
    if action == Action::Rehearse {
        return (!app.session.is_sandbox()).then_some("only in the sandbox: a burst on real phones is no rehearsal");
    }
    if action == Action::ShowTemplates {
        return tester.business.is_none().then_some("the business is not known yet");
    }
    if matches!(app.focus, Focus::Attempts | Focus::AttemptFilter) && action != Action::Matrix {
        return Some("open an attempt first");
    }
    let in_matrix = matches!(app.focus, Focus::Matrix | Focus::MatrixForm);
    match action {
        Action::Matrix => return in_matrix.then_some("it is open"),
        Action::RunMatrix if tester.matrix.busy => return Some("it is running"),
        Action::RunMatrix | Action::SaveMatrix | Action::OpenMatrix => {
            return (!in_matrix).then_some("open the matrix first");
        }
        Action::CellLeft | Action::CellRight => {
            return tester.matrix.run.is_none().then_some("the matrix has not run yet");
        }
        Action::EditTest => {}
        _ if in_matrix => return Some("go back to the test first"),
        _ => {}
    }
    let sandbox = || (!app.session.is_sandbox()).then_some("only in the sandbox: the code is on a real phone");
    let status = tester.flow().map(|flow| flow.status);
    match action {
        Action::EditTest | Action::MoreFields => None,
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
    match action {
        Action::Matrix => return matrix::open(app),
        Action::ShowTemplates => return templates(app, true),
        Action::EditTest if matches!(app.focus, Focus::Matrix | Focus::MatrixForm) => {
            app.focus = Focus::MatrixForm;
            return Vec::new();
        }
        Action::RunMatrix | Action::SaveMatrix | Action::OpenMatrix | Action::CellLeft | Action::CellRight => {
            return matrix::act(app, action);
        }
        _ => {}
    }
    let tester = &mut app.rooms.tester;
    let Some(business) = tester.business else { return Vec::new() };
    if tester.busy.is_some() && !matches!(action, Action::EditTest | Action::MoreFields | Action::TypeCode) {
        // One thing after the other: a second Enter must not be a second send.
        return Vec::new();
    }
    let flow = tester.id();
    match (action, flow) {
        (Action::EditTest, _) => {
            app.focus = Focus::TesterForm;
            Vec::new()
        }
        (Action::MoreFields, _) => {
            let pays = tester.confirms_payments();
            tester.test.toggle(pays);
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
            let Some(address) = tester.flow().map(|flow| handset::address(&flow.to, flow.channel)) else {
                return Vec::new();
            };
            under_way(app, "looking at the phone…", For::Code(action == Action::RightCode), GetPhone { address })
        }
        (Action::Rehearse, _) => {
            let Some(burst) = tester.test.burst(business) else {
                app.focus = Focus::TesterForm;
                return Vec::new();
            };
            app.overlay = Some(Overlay::Fill(Fill::new(Purpose::Rehearse(Box::new(burst)), "")));
            Vec::new()
        }
        (Action::FallBack, Some(_)) => channels(app),
        (Action::LookUp, _) => look_up(app, None),
        _ => Vec::new(),
    }
}

/// Asks how the templates are used, by all businesses too where that may be known.
pub fn templates(app: &App, all: bool) -> Vec<Effect> {
    let Some(business) = app.rooms.tester.business else { return Vec::new() };
    vec![ask_for(For::TemplateUse(all), ListTemplates { business, again: false, all, days: None })]
}

fn under_way(app: &mut App, busy: &'static str, what: For, operation: impl Operation) -> Vec<Effect> {
    app.rooms.tester.busy = Some(busy);
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
    // A payment is confirmed as it was shown.
    let payment = Some(&app.rooms.tester).filter(|tester| tester.confirms_payments());
    let (amount, payee) = payment.and_then(|tester| tester.test.payment()).unzip();
    let check = CheckVerification { business, code: OneTimeCode(typed), to: None, flow: Some(flow), amount, payee };
    under_way(app, "checking…", For::Checked, check)
}

/// Over which other channel the flow shall go on.
fn channels(app: &mut App) -> Vec<Effect> {
    let Some(flow) = app.rooms.tester.flow() else { return Vec::new() };
    let is_email = flow.channel == Channel::Email;
    let row = |channel: Channel| {
        let off = match channel {
            _ if channel == flow.channel => Some(Shown::from("it went that way")),
            Channel::Email => None,
            _ if is_email => Some(Shown::from("an email address has no number")),
            _ => None,
        };
        let detail = Shown::from(if channel == Channel::Email { "asks for the address" } else { "" });
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

/// Sets how much Fraud Guard blocks in the sandbox.
pub fn guard(app: &App, level: FraudLevel) -> Vec<Effect> {
    let Some(business) = app.rooms.tester.business else { return Vec::new() };
    vec![ask_for(For::Guarded, SetFraudGuard { business, level })]
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
