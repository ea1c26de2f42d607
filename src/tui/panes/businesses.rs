//! The businesses: which there are, and of the one under the cursor what it has at Twilio and how that came
//! about, call by call.
//!
//! ```text
//! ━ Businesses 3 ━━━━━━━━━━━━━┬━ Blue Kite Tours ━━━━━━━━━━━━━━━━━━━━━━━━━
//! ▌ Blue Kite Tours           │ at Twilio: running
//!   active · blue             │ ✓ Verify service      VA0123…  12 ms
//!   Harbor Dental · shown     │ ◐ Messaging service   POST messaging /v1/Services
//! ```

use ratatui::layout::Rect;

use crate::api::businesses::{BusinessView, EndpointView, ListEndpoints};
use crate::api::setup::{GetSetup, SetupView, StepView};
use crate::domain::id::Id;
use crate::domain::remote::State;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::session::Session;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// From this width on the detail stands beside the list.
const BESIDE: u16 = 100;

/// The cursor of the list, whose rows are the session's, and what is known of the business under it.
#[derive(Debug, Default)]
pub struct Businesses {
    /// The row under the cursor.
    pub at: usize,
    /// The first row in view.
    pub top: usize,
    /// A business just made: the cursor goes to it once it is listed.
    pub wanted: Option<Id>,
    /// What the business under the cursor is reached at.
    pub endpoints: Option<(Id, Vec<EndpointView>)>,
    setup: Option<SetupView>,
}

impl Businesses {
    /// The business under the cursor.
    pub fn current<'a>(&self, session: &'a Session) -> Option<&'a BusinessView> {
        session.businesses.get(self.at)
    }

    /// How the setup of a business stands, as far as it is known.
    pub fn setup_of(&self, id: Id) -> Option<&SetupView> {
        self.setup.as_ref().filter(|setup| setup.business == id)
    }

    /// How a setup stands now.
    pub fn set_up(&mut self, setup: SetupView) {
        self.setup = Some(setup);
    }

    /// The cursor goes to a row: what is shown of it is asked for.
    pub fn look(&self, session: &Session) -> Vec<Effect> {
        self.current(session).map(|row| look(row.id)).unwrap_or_default()
    }

    /// Other rows came: the cursor stays on the business it was on.
    pub fn listed(&mut self, before: Option<Id>, session: &Session) {
        let wanted = self.wanted.or(before);
        let at = session.businesses.iter().position(|row| Some(row.id) == wanted);
        if at.is_some() {
            self.wanted = None;
        }
        self.at = at.unwrap_or(self.at).min(session.businesses.len().saturating_sub(1));
    }
}

/// Asks for what the detail of a business shows.
pub fn look(id: Id) -> Vec<Effect> {
    vec![ask(Tag::Setup(id), GetSetup { id }), ask(Tag::EndpointsOf(id), ListEndpoints { id })]
}

/// Draws the list and the detail; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    if area.width >= BESIDE {
        let width = area.width * 40 / 100;
        rows(app, ink, Rect { width, ..area }, map);
        let right = Rect { x: area.x + width + 1, width: area.width - width - 1, ..area };
        detail(app, ink, right);
        ink.upright(Rect { x: area.x + width, width: 1, ..area });
        return;
    }
    let lines = u16::try_from(detail_lines(app).len()).unwrap_or(u16::MAX).saturating_add(1);
    let below = lines.min(area.height.saturating_sub(5));
    rows(app, ink, Rect { height: area.height - below, ..area }, map);
    detail(app, ink, Rect { y: area.bottom() - below, height: below, ..area });
}

fn rows(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let rows = &app.session.businesses;
    let title = [(Shown::from("Businesses"), Role::Strong), (shown!(" {}", rows.len()), Role::Dim)];
    ink.rule(line(area, 0), app.focus == Focus::Businesses, &title, &[]);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let fit = usize::from(body.height / 2);
    let at = app.rooms.businesses.at;
    let listed = Listed { top: list::follow(app.rooms.businesses.top, Some(at), fit, rows.len()), fit };
    map.list = Some(listed);
    if rows.is_empty() {
        ink.text(indent(line(body, 1), 2), &Shown::from("loading…"), Role::Dim);
    }
    for (n, row) in rows.iter().enumerate().skip(listed.top).take(fit.max(1)) {
        let rect = Rect { y: body.y + ((n - listed.top) * 2) as u16, height: 2, ..body };
        if rect.bottom() > body.bottom() {
            break;
        }
        map.hit(rect, Hit::Row(n));
        let shown_now = Some(row.id) == app.session.business;
        ink.text(line(rect, 0), &Shown::from(if n == at { "▌" } else { " " }), Role::Focus);
        let mut pieces = vec![(Shown::of(&row.name), Role::of(row.colour))];
        if shown_now {
            pieces.push((Shown::from(" · shown"), Role::Ok));
        }
        if !row.active {
            pieces.push((Shown::from(" · inactive"), Role::Warn));
        }
        match row.setup {
            Some(State::Failed) => pieces.push((Shown::from(" · setup failed"), Role::Error)),
            Some(State::Running | State::Unknown) => pieces.push((Shown::from(" · being set up"), Role::Accent)),
            _ => {}
        }
        ink.pieces(indent(line(rect, 0), 2), &pieces);
        let verify =
            if row.verify_service_id.is_empty() { "no Verify service" } else { row.verify_service_id.as_str() };
        let more = shown!("{} · {} · {}", Shown::of(&row.phone_number), Shown::of(verify), Shown::of(&row.time_zone));
        ink.text(indent(line(rect, 1), 4), &more.cut(usize::from(rect.width.saturating_sub(5))), Role::Dim);
        if n == at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}

fn detail(app: &App, ink: &mut Ink, area: Rect) {
    let Some(row) = app.rooms.businesses.current(&app.session) else { return };
    ink.rule(line(area, 0), false, &[(Shown::of(&row.name), Role::of(row.colour))], &[]);
    let width = usize::from(area.width.saturating_sub(2));
    let mut at = 1;
    for pieces in detail_lines(app) {
        // A sentence that is too long for one line goes on below.
        if let [(text, role)] = &pieces[..] {
            for text in text.wrap(width.max(1)) {
                ink.text(indent(line(area, at), 1), &text, *role);
                at += 1;
            }
            continue;
        }
        ink.pieces(indent(line(area, at), 1), &pieces);
        at += 1;
    }
}

fn detail_lines(app: &App) -> Vec<Vec<Piece>> {
    let Some(row) = app.rooms.businesses.current(&app.session) else { return Vec::new() };
    let field = |name: &'static str, value: Shown| vec![(shown!("{name:<10}"), Role::Dim), (value, Role::Text)];
    let mut lines = vec![field("colour", Shown::from(row.colour.name()))];
    if !row.contact_email.is_empty() {
        lines.push(field("contact", Shown::of(&row.contact_email)));
    }
    if let Some((_, endpoints)) = app.rooms.businesses.endpoints.as_ref().filter(|(id, _)| *id == row.id) {
        for endpoint in endpoints {
            let addresses: Vec<&str> = endpoint.addresses.iter().map(|a| a.as_str()).collect();
            let service = endpoint.messaging_service.map(|sid| sid.to_string()).unwrap_or_default();
            lines.push(field("endpoint", shown!("{} {}", Shown::of(&addresses.join(", ")), Shown::of(&service))));
        }
    }
    match app.rooms.businesses.setup_of(row.id) {
        Some(setup) if !setup.steps.is_empty() => {
            let (word, role) = state(setup.state);
            lines.push(vec![(Shown::from("at Twilio  "), Role::Dim), (Shown::from(word), role)]);
            lines.extend(setup.steps.iter().flat_map(step));
        }
        Some(_) if row.verify_service_id.is_empty() => {
            // Under a form the key does something else, and has no name here.
            let text = match app.key_of(crate::tui::action::Action::SetUpBusiness) {
                Some(key) => shown!("Nothing was set up for it at Twilio: {key} does."),
                None => Shown::from("Nothing was set up for it at Twilio."),
            };
            lines.push(vec![(text, Role::Dim)]);
        }
        _ => {}
    }
    lines
}

fn state(state: State) -> (&'static str, Role) {
    match state {
        State::Pending => ("waits", Role::Dim),
        State::Running => ("running", Role::Accent),
        State::Done => ("done", Role::Ok),
        State::Failed => ("failed", Role::Error),
        State::Unknown => ("not known: looking for it", Role::Warn),
    }
}

/// One call: its state, what it made or what is asked, how long it took; below that why it failed.
fn step(step: &StepView) -> Vec<Vec<Piece>> {
    let (glyph, role) = match step.state {
        State::Pending => ("·", Role::Dim),
        State::Running => ("◐", Role::Accent),
        State::Done => ("✓", Role::Ok),
        State::Failed => ("✗", Role::Error),
        State::Unknown => ("?", Role::Warn),
    };
    let what = match step.sid {
        Some(sid) => shown!("{sid}"),
        None => Shown::of(&step.call),
    };
    let mut pieces = vec![
        (shown!("{glyph} "), role),
        (shown!("{:<18}", step.step.title()), if step.state == State::Pending { Role::Dim } else { Role::Text }),
        (what, Role::Dim),
    ];
    if let Some(millis) = step.milliseconds {
        pieces.push((shown!(" {millis} ms"), Role::Text));
    }
    if step.found {
        pieces.push((Shown::from(" found at Twilio"), Role::Ok));
    }
    if step.tries > 1 {
        pieces.push((shown!(" try {}", step.tries), Role::Warn));
    }
    let why = step.detail.as_ref().map(|why| vec![(shown!("  {}", Shown::of(why)), role)]);
    std::iter::once(pieces).chain(why).collect()
}
