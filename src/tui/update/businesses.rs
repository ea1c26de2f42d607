//! Working with the businesses: the list, the wizard with its calls, changes that somebody else made first.

use super::answers::confirm;
use crate::api::businesses::{DeleteBusiness, GetBusiness, ListBusinesses, UpdateBusiness};
use crate::api::{ApiError, Code, Reply};
use crate::domain::id::Id;
use crate::domain::remote::State;
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::business::{self, Draft};
use crate::tui::overlay::{Choice, Fill, Overlay, Pick, Value};
use crate::tui::panes::businesses::look;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Why an action on businesses is not possible now.
pub fn refusal(app: &App, action: Action) -> Option<&'static str> {
    let row = (app.focus == Focus::Businesses).then(|| app.rooms.businesses.current(&app.session)).flatten();
    match (action, row) {
        (Action::NewBusiness, _) => None,
        (_, None) => Some("choose a business first"),
        (Action::SetUpBusiness, Some(row)) => match row.setup {
            Some(State::Running) => Some("its setup is under way"),
            Some(State::Unknown) => Some("it is being looked for"),
            _ => None,
        },
        _ => None,
    }
}

/// Carries out what concerns the business under the cursor.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    if action == Action::NewBusiness {
        app.overlay = Some(Overlay::Fill(Fill::business(Draft::New, business::new_business())));
        return Vec::new();
    }
    let Some(row) = app.rooms.businesses.current(&app.session).cloned() else { return Vec::new() };
    match action {
        Action::EditBusiness => {
            let draft = Draft::Change(row.id, row.version);
            app.overlay = Some(Overlay::Fill(Fill::business(draft, business::change(&row))));
            Vec::new()
        }
        Action::SetUpBusiness => {
            let setup = app.rooms.businesses.setup_of(row.id);
            let parts = business::set_up(&row, setup);
            app.overlay = Some(Overlay::Fill(Fill::business(Draft::SetUp(row.id), parts)));
            Vec::new()
        }
        Action::ActivateBusiness if row.active => {
            let choice = |label: Shown, value| Choice { label, detail: Shown::default(), off: None, value };
            let rows = vec![
                choice("keep it active".into(), Value::Stay),
                choice("deactivate: nothing is sent, what waits fails, logs stay".into(), Value::Deactivate(row.id)),
            ];
            app.overlay = Some(Overlay::Pick(Pick::new(shown!("Deactivate {}?", Shown::of(&row.name)), rows)));
            Vec::new()
        }
        Action::ActivateBusiness => set_active(row.id, true),
        Action::DeleteBusiness => vec![ask(Tag::BusinessDeleted(row.id), DeleteBusiness { id: row.id, confirm: None })],
        _ => Vec::new(),
    }
}

/// Lets a business send, or no longer.
pub fn set_active(id: Id, active: bool) -> Vec<Effect> {
    let update = UpdateBusiness { active: Some(active), ..UpdateBusiness::of(id) };
    vec![ask(Tag::BusinessChanged(Box::new(update.clone())), update)]
}

/// Whether an answer is for these.
pub fn asked(tag: &Tag) -> bool {
    matches!(
        tag,
        Tag::BusinessMade
            | Tag::BusinessChanged(_)
            | Tag::BusinessAgain(..)
            | Tag::BusinessDeleted(_)
            | Tag::Setup(_)
            | Tag::SetupStarted(_)
            | Tag::EndpointsOf(_)
    )
}

/// An answer.
pub fn answered(app: &mut App, tag: Tag, result: Result<Reply, ApiError>) -> Vec<Effect> {
    match (tag, result) {
        (Tag::BusinessMade, Ok(Reply::CreateBusiness(made))) => {
            app.overlay = None;
            app.say(shown!("{} is there; what it gets at Twilio is shown beside it", Shown::of(&made.name)), Role::Ok);
            app.focus = Focus::Businesses;
            app.rooms.businesses.wanted = Some(made.id);
            let mut effects = vec![ask(Tag::Businesses, ListBusinesses {})];
            effects.extend(look(made.id));
            effects
        }
        (Tag::BusinessChanged(_), Ok(Reply::UpdateBusiness(saved))) => {
            app.overlay = None;
            let said = if saved.active { "saved" } else { "saved; it is inactive and sends nothing" };
            app.say(shown!("{}: {said}", Shown::of(&saved.name)), Role::Ok);
            vec![ask(Tag::Businesses, ListBusinesses {})]
        }
        (Tag::BusinessChanged(typed), Err(e)) if e.code == Code::VersionMismatch => {
            let differences = e.differences.into_iter().map(|d| (d.field, d.now, d.yours)).collect();
            let id = typed.id;
            vec![ask(Tag::BusinessAgain(typed, differences), GetBusiness { id })]
        }
        (Tag::BusinessAgain(typed, differences), Ok(Reply::GetBusiness(now))) => {
            let draft = Draft::Change(now.id, now.version);
            let parts = business::change_again(&typed, &now, &differences);
            app.overlay = Some(Overlay::Fill(Fill::business(draft, parts)));
            Vec::new()
        }
        (Tag::BusinessDeleted(_), Ok(Reply::DeleteBusiness(_))) => {
            app.say("deleted; its logs stay", Role::Ok);
            vec![ask(Tag::Businesses, ListBusinesses {})]
        }
        (Tag::BusinessDeleted(id), Err(e)) if e.code == Code::ConfirmationRequired => {
            confirm(app, &e, DeleteBusiness { id, confirm: e.confirm.clone() }, Tag::BusinessDeleted(id));
            Vec::new()
        }
        (Tag::Setup(id) | Tag::SetupStarted(id), Ok(Reply::GetSetup(setup) | Reply::StartSetup(setup))) => {
            if matches!(&app.overlay, Some(Overlay::Fill(fill)) if fill.is_setup_of(id)) {
                app.overlay = None;
            }
            app.rooms.businesses.set_up(setup);
            Vec::new()
        }
        (Tag::EndpointsOf(id), Ok(Reply::ListEndpoints(listed))) => {
            app.rooms.businesses.endpoints = Some((id, listed.items));
            Vec::new()
        }
        // A form stays open, with what is wrong at its field.
        (_, Err(e)) => {
            match &mut app.overlay {
                Some(Overlay::Fill(fill)) => fill.refuse(&e),
                _ => app.say(Shown::from(e.to_string()), Role::Error),
            }
            Vec::new()
        }
        // An answer of another operation than was asked: nothing to be done with it.
        (_, Ok(_)) => Vec::new(),
    }
}

/// Something happened to a business: what is shown of it is read again.
pub fn happened(app: &App, kind: &str, business: Option<Id>) -> Vec<Effect> {
    let is_about = ["business.", "remote.", "endpoint."].iter().any(|group| kind.starts_with(group));
    if !is_about {
        return Vec::new();
    }
    let mut effects = vec![ask(Tag::Businesses, ListBusinesses {})];
    let shown = app.rooms.businesses.current(&app.session).map(|row| row.id);
    if app.focus == Focus::Businesses
        && let Some(id) = business.filter(|id| Some(*id) == shown || Some(*id) == app.rooms.businesses.wanted)
    {
        effects.extend(look(id));
    }
    effects
}
