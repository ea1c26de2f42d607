//! Working in the matrix: running it, keeping it, opening one that is kept, walking over its cells.

use crate::api::verify::{RunMatrix, TryMatrix};
use crate::api::{ApiError, Code, Reply, Request};
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::msg::{Effect, Tag};
use crate::tui::overlay::{Choice, Fill, Overlay, Pick, Purpose, Value};
use crate::tui::panes::verify::For;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::update::answers::confirm;
use crate::tui::widgets::field::Field;

/// Opens it, from wherever one is: in the form until it ran.
pub fn open(app: &mut App) -> Vec<Effect> {
    let mut effects = if app.focus.is_testing() { Vec::new() } else { super::open(app) };
    let name = app.session.current().map(|b| b.name.clone()).unwrap_or_default();
    let tester = &mut app.rooms.tester;
    let Some(business) = tester.business else { return effects };
    app.focus = if tester.matrix.run.is_some() { Focus::Matrix } else { Focus::MatrixForm };
    let inputs = tester.test.inputs();
    effects.extend(tester.matrix.open(business, &inputs, tester.test.templates(), &name));
    effects
}

/// Carries out what only the matrix knows.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let tester = &mut app.rooms.tester;
    let Some(business) = tester.business else { return Vec::new() };
    match action {
        Action::RunMatrix => {
            let effects = tester.matrix.run(business);
            app.focus = if effects.is_empty() && !tester.matrix.busy { Focus::MatrixForm } else { Focus::Matrix };
            effects
        }
        Action::SaveMatrix => {
            match tester.matrix.keep(business) {
                Some(save) => {
                    let name = if save.name.is_empty() { "nightly".to_owned() } else { save.name.clone() };
                    app.overlay = Some(Overlay::Fill(Fill::new(Purpose::KeepMatrix(Box::new(save)), &name)));
                }
                None => app.focus = Focus::MatrixForm,
            }
            Vec::new()
        }
        Action::OpenMatrix => {
            let row = |view: &crate::api::verify::MatrixView| {
                let last = match &view.run {
                    Some(run) => shown!("{} of {} green", run.passed, run.cells),
                    None => Shown::from("never ran"),
                };
                let label = shown!("{} v{}", Shown::of(&view.name), view.version);
                Choice { label, detail: last, off: None, value: Value::Matrix(view.name.clone()) }
            };
            let rows: Vec<Choice> = tester.matrix.kept.iter().map(row).collect();
            if rows.is_empty() {
                app.say("no matrix is kept yet", Role::Warn);
            } else {
                app.overlay = Some(Overlay::Pick(Pick::new("Open which matrix", rows)));
            }
            Vec::new()
        }
        Action::CellLeft => {
            tester.matrix.go(-1);
            Vec::new()
        }
        Action::CellRight => {
            tester.matrix.go(1);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// One that is kept was chosen.
pub fn show(app: &mut App, name: &str) {
    let matrix = &mut app.rooms.tester.matrix;
    matrix.show(name);
    app.focus = if matrix.run.is_some() { Focus::Matrix } else { Focus::MatrixForm };
}

/// Enter on a cell: its flow; Escape leads back.
pub fn open_cell(app: &mut App) -> Vec<Effect> {
    let tester = &mut app.rooms.tester;
    let Some(flow) = tester.matrix.current().and_then(|cell| cell.flow) else { return Vec::new() };
    (tester.opened_from, tester.outcome, tester.code, tester.back) = (Some(Focus::Matrix), None, Field::default(), 0);
    app.focus = Focus::Tester;
    if tester.id() != Some(flow) {
        tester.followed = None;
    }
    tester.follow(flow)
}

/// An answer about matrices.
pub fn answered(app: &mut App, what: &For, result: Result<Reply, ApiError>) {
    let matrix = &mut app.rooms.tester.matrix;
    match (what, result) {
        (_, Ok(Reply::ListMatrices(list))) => matrix.kept = list.items,
        (_, Ok(Reply::RunMatrix(run) | Reply::TryMatrix(run))) => matrix.ran(run),
        (_, Ok(Reply::SaveMatrix(view))) => {
            app.say(
                shown!("kept as {}: switchboard verify run {}", Shown::of(&view.name), Shown::of(&view.name)),
                Role::Ok,
            );
            app.rooms.tester.matrix.kept_as(view);
        }
        (For::Ran, Err(e)) => {
            matrix.busy = false;
            if e.code == Code::ConfirmationRequired {
                return again(app, &e);
            }
            refused(app, &e);
        }
        (For::MatrixSaved, Err(e)) => refused(app, &e),
        (_, Err(e)) => app.say(Shown::from(e.to_string()), Role::Error),
        (_, Ok(_)) => {}
    }
}

fn refused(app: &mut App, e: &ApiError) {
    let matrix = &mut app.rooms.tester.matrix;
    let told = e.field.as_deref().is_some_and(|field| matrix.refuse(field, Shown::of(&e.detail)));
    match told {
        true => app.focus = Focus::MatrixForm,
        false => matrix.error = Some(Shown::from(e.to_string())),
    }
}

/// Asks for the yes that a run for real needs.
fn again(app: &mut App, e: &ApiError) {
    let requests = (0..app.trail.len()).filter_map(|n| app.trail.get(n)).map(|exchange| &*exchange.request);
    let last = requests.into_iter().find(|r| matches!(r, Request::RunMatrix(_) | Request::TryMatrix(_))).cloned();
    let (word, tag) = (e.confirm.clone(), Tag::Verify(For::Ran));
    match last {
        Some(Request::RunMatrix(run)) => confirm(app, e, RunMatrix { confirm: word, ..run }, tag),
        Some(Request::TryMatrix(run)) => confirm(app, e, TryMatrix { confirm: word, ..run }, tag),
        _ => app.say(Shown::from(e.to_string()), Role::Error),
    }
}
