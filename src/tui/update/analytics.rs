//! Working in the dashboard: which part, which time, split by what; what stands behind a figure.

use crate::api::analytics::Outside;
use crate::api::businesses::{BusinessView, ListBusinesses};
use crate::api::inbox::GetConversation;
use crate::api::report::ReportFormat;
use crate::api::{ApiError, Reply};
use crate::domain::id::Id;
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::{Choice, Fill, Overlay, Pick, Purpose, Value};
use crate::tui::panes::analytics::{
    Asked, Figures, Filter, For, Narrowed, Part, Pivot, Question, Row, Source, Span, Target, as_rows, outside, view,
    words,
};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::chart::{Heat, Unit};
use crate::tui::widgets::field::Field;

/// Opens the dashboard.
pub fn open(app: &mut App) -> Vec<Effect> {
    app.focus = Focus::Dashboard;
    app.rooms.analytics.enter(&app.session, &app.clock)
}

/// Why something of the dashboard is not possible now.
pub fn refusal(app: &App, action: Action) -> Option<&'static str> {
    let analytics = &app.rooms.analytics;
    match (app.focus, action) {
        (Focus::Figures, _) => Some("go back to the dashboard first"),
        (Focus::Dashboard, Action::HeatNumbers) => {
            let has = analytics.part == Part::Messages;
            (!has).then_some("only where messages are counted by the hour")
        }
        (Focus::Dashboard, Action::SplitBy) => {
            let one = analytics.part.pivots(analytics.everyone).len() < 2;
            one.then_some("this part cannot be split otherwise")
        }
        (Focus::Dashboard, _) => None,
        _ => Some("only in the dashboard"),
    }
}

/// Carries out what only the dashboard knows.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let analytics = &mut app.rooms.analytics;
    match action {
        Action::SplitBy => {
            let before = analytics.source();
            analytics.turn();
            let source = analytics.source();
            drop_filter(app, source);
            return if source == before { Vec::new() } else { again(app) };
        }
        Action::AsTable => analytics.table = !analytics.table,
        Action::HeatNumbers => analytics.numbers = !analytics.numbers,
        Action::EveryBusiness => {
            let pivot = analytics.pivot();
            analytics.everyone = !analytics.everyone;
            analytics.split(pivot);
            return changed(app);
        }
        Action::Earlier | Action::LaterOn => {
            if !analytics.span.shift(if action == Action::Earlier { -1 } else { 1 }) {
                app.say("there is nothing to look at beyond now", Role::Text);
                return Vec::new();
            }
            return changed(app);
        }
        Action::LongerRange | Action::ShorterRange => {
            let before = analytics.span;
            analytics.span.resize(if action == Action::LongerRange { 1 } else { -1 });
            return if analytics.span == before { Vec::new() } else { changed(app) };
        }
        Action::ExportReport => formats(app),
        Action::OwnDates => app.overlay = Some(Overlay::Fill(Fill::new(Purpose::Dates, ""))),
        _ => {}
    }
    Vec::new()
}

/// In which form the report shall be written.
fn formats(app: &mut App) {
    let choice = |label: &'static str, detail: &'static str, format| Choice {
        label: label.into(),
        detail: detail.into(),
        off: None,
        value: Value::Report(format),
    };
    let rows = vec![
        choice("Markdown", "text with tables", ReportFormat::Markdown),
        choice("CSV", "one row for each figure", ReportFormat::Csv),
        choice("HTML", "a page to print", ReportFormat::Html),
        choice("JSON", "for programs", ReportFormat::Json),
    ];
    app.overlay = Some(Overlay::Pick(Pick::new("The report of this time as", rows)));
}

/// Asks for the report of what is shown: the whole of its time, without what it is narrowed to.
pub fn report(app: &App, format: ReportFormat) -> Vec<Effect> {
    let question = Question::of(&app.rooms.analytics, &app.session, &app.clock);
    question.map(|q| ask(Tag::Analytics(For::Report), q.report(format))).into_iter().collect()
}

/// Looks at dates of one's own.
pub fn dates(app: &mut App, span: Span) -> Vec<Effect> {
    app.rooms.analytics.span = span;
    changed(app)
}

/// Shows the next part, or the one before.
pub fn turn(app: &mut App, by: isize) -> Vec<Effect> {
    let next = app.rooms.analytics.part.next(by);
    show(app, next)
}

/// Shows the part of this place in the title.
pub fn part(app: &mut App, at: usize) -> Vec<Effect> {
    Part::ALL.get(at).map(|part| show(app, *part)).unwrap_or_default()
}

fn show(app: &mut App, part: Part) -> Vec<Effect> {
    let analytics = &mut app.rooms.analytics;
    analytics.part = part;
    let source = analytics.source();
    drop_filter(app, source);
    again(app)
}

/// A filter that the figures do not know would only seem to narrow them.
fn drop_filter(app: &mut App, source: Source) {
    let narrowed = &mut app.rooms.analytics.narrowed;
    let dropped: Vec<Shown> = narrowed.extract_if(.., |n| !n.to.suits(source)).map(|n| n.to.name).collect();
    if !dropped.is_empty() {
        let names: Vec<&str> = dropped.iter().map(Shown::as_str).collect();
        app.say(shown!("no longer only {}: these figures do not know it", names.join(", ")), Role::Text);
        // What was narrowed to it is not what is shown now.
        app.rooms.analytics.widen();
    }
}

fn changed(app: &mut App) -> Vec<Effect> {
    app.rooms.analytics.changed(&app.session, &app.clock)
}

fn again(app: &mut App) -> Vec<Effect> {
    app.rooms.analytics.ask(&app.session, &app.clock)
}

/// Moves the cursor.
pub fn step(app: &mut App, by: isize) -> Vec<Effect> {
    if let (Focus::Figures, Some(figures)) = (app.focus, &mut app.rooms.analytics.figures) {
        return figures.step(by);
    }
    if let Some(view) = view(app) {
        app.rooms.analytics.step(by, &view.chart);
    }
    Vec::new()
}

/// Back: from the rows to their figure, from what was narrowed to everything, else to the inbox.
pub fn back(app: &mut App) -> Option<Focus> {
    match app.focus {
        Focus::Figures => Some(Focus::Dashboard),
        _ => {
            let analytics = &mut app.rooms.analytics;
            let Some(last) = analytics.narrowed.pop() else { return Some(Focus::Inbox) };
            analytics.widen();
            // Back to the row from which it was narrowed.
            analytics.part = last.part;
            *analytics.spot_mut() = last.spot;
            Some(Focus::Dashboard)
        }
    }
}

/// Back from a conversation: to the row from which it was opened, else to the inbox.
pub fn back_to_row(app: &mut App) -> Focus {
    let analytics = &mut app.rooms.analytics;
    let shown = app.thread.as_ref().map(|thread| thread.id());
    let is_it = analytics.opened.take().is_some_and(|opened| Some(opened) == shown) && analytics.figures.is_some();
    if is_it { Focus::Figures } else { Focus::Inbox }
}

/// Enter on a mark: what stands behind it; on a row of that: its timeline, or its conversation.
pub fn open_row(app: &mut App) -> Vec<Effect> {
    if app.focus == Focus::Figures {
        return open_figure(app);
    }
    if app.rooms.analytics.source() == Source::Usage {
        app.say("Twilio is asked what was used", Role::Text);
        return app.rooms.analytics.ask_twilio(&app.session, &app.clock);
    }
    if let Some(outside) = outside(&app.rooms.analytics) {
        return from_first_to_last(app, outside);
    }
    let Some(shown) = view(app) else { return Vec::new() };
    let at = shown.chart.cursor(app.rooms.analytics.spot());
    let Some(target) = shown.target(at).cloned() else {
        app.say("nothing stands behind this mark", Role::Text);
        return Vec::new();
    };
    match target {
        Target::Narrow(by, key, name) => narrow(app, Filter { by, key, name }),
        Target::Business(id) => business(app, id),
        Target::Attempts(stage) => {
            behind(app, words(stage).into(), |q| Asked::Attempts(Box::new(q.attempts(stage, None))))
        }
        Target::Bucket(from, to) => {
            let title = shown!("requested from {} {}", app.clock.day(from.0), app.clock.minute(from.0));
            behind(app, title, |q| {
                Asked::Attempts(Box::new(q.attempts(crate::api::analytics::Stage::Requested, Some((from, to)))))
            })
        }
        Target::Took(from, to) => {
            let title = shown!("approved after {} to {}", seconds(from), seconds(to));
            behind(app, title, |q| Asked::Attempts(Box::new(q.took((from, to)))))
        }
        Target::Waited(from, to) => {
            let title = shown!("first answers after {} to {}", seconds(from), seconds(to));
            behind(app, title, |q| Asked::Messages(Box::new(q.waited((from, to)))))
        }
        Target::Hour(at) => {
            let title = shown!("messages in, {}", Heat::name(at));
            behind(app, title, |q| Asked::Messages(Box::new(q.hour(at))))
        }
        Target::Texts(from, to) => {
            let title = shown!("messages from {} {}", app.clock.day(from.0), app.clock.minute(from.0));
            behind(app, title, |q| Asked::Messages(Box::new(q.texts(Some((from, to))))))
        }
    }
}

fn seconds(millis: u64) -> Shown {
    Unit::Seconds.show(millis as f64 / 1000.0)
}

/// Of a time that holds nothing: the time that holds everything there is, as long as it is not too long.
fn from_first_to_last(app: &mut App, there: Outside) -> Vec<Effect> {
    match Span::over_all(there.first.0, there.last.0, app.clock.zone()) {
        Some(span) => dates(app, span),
        None => {
            app.say("from the first to the last are more than ten years: choose dates of your own", Role::Text);
            Vec::new()
        }
    }
}

/// Only those that have something in common, besides what holds already: of verifications their stages or how
/// long they took, of messages how many when.
fn narrow(app: &mut App, to: Filter) -> Vec<Effect> {
    let analytics = &mut app.rooms.analytics;
    let (source, pivot) = (analytics.source(), analytics.pivot());
    let (part, spot) = (analytics.part, analytics.spot());
    // What holds already is no second step that the way back would have to go.
    if !analytics.filters().any(|filter| *filter == to) {
        analytics.narrowed.push(Narrowed { to, part, spot });
    }
    match (source, pivot) {
        (Source::Messages, _) => {
            analytics.part = Part::Messages;
            analytics.split(Pivot::Volume);
        }
        (_, pivot) => {
            analytics.part = Part::Overview;
            analytics.split(if pivot == Pivot::Speed { Pivot::Durations } else { Pivot::Stages });
        }
    }
    changed(app)
}

/// Shows a business in the dashboard.
fn business(app: &mut App, id: Id) -> Vec<Effect> {
    let is_known = |row: &BusinessView| row.id == id;
    if !app.session.businesses.iter().any(is_known) {
        app.say("this business is not listed any more", Role::Warn);
        return vec![ask(Tag::Businesses, ListBusinesses {})];
    }
    let analytics = &mut app.rooms.analytics;
    (analytics.everyone, analytics.part) = (false, Part::Overview);
    analytics.split(Pivot::Stages);
    if app.session.business == Some(id) {
        return changed(app);
    }
    super::feed::show_business(app, id)
}

/// The rows behind a figure.
fn behind(app: &mut App, what: Shown, asked: impl Fn(&Question) -> Asked) -> Vec<Effect> {
    let analytics = &app.rooms.analytics;
    let Some(question) = Question::of(analytics, &app.session, &app.clock) else { return Vec::new() };
    let only: String = analytics.filters().map(|filter| format!("{} · ", filter.name)).collect();
    let (figures, effects) = Figures::new(shown!("{only}{what}"), asked(&question), analytics.generation());
    app.rooms.analytics.figures = Some(figures);
    app.focus = Focus::Figures;
    effects
}

fn open_figure(app: &mut App) -> Vec<Effect> {
    let row = app.rooms.analytics.figures.as_ref().and_then(Figures::current).cloned();
    match row {
        Some(Row::Attempt(attempt)) => {
            let (business, flow) = (attempt.business_id, attempt.flow);
            // A row of another business shows that one.
            let mut effects = super::feed::show_business(app, business);
            effects.extend(app.rooms.tester.open(business, app.drafts.test_of(business)));
            let tester = &mut app.rooms.tester;
            (tester.opened_from, tester.outcome, tester.code, tester.back) =
                (Some(Focus::Figures), None, Field::default(), 0);
            if tester.id() != Some(flow) {
                tester.followed = None;
            }
            app.focus = Focus::Tester;
            effects.extend(app.rooms.tester.follow(flow));
            effects
        }
        Some(Row::Message(message)) => {
            let id = message.conversation;
            app.rooms.analytics.opened = Some(id);
            vec![ask(Tag::Conversation(id), GetConversation { id })]
        }
        None => Vec::new(),
    }
}

/// The numbers of what is shown, as they can be pasted: titles and cells with tabs between them.
pub fn copy(app: &mut App) -> Vec<Effect> {
    let Some(shown) = view(app) else {
        app.say("there is nothing to copy yet", Role::Text);
        return Vec::new();
    };
    let table = shown.chart.table();
    let line = |cells: Vec<&str>| cells.join("\t");
    let mut lines = vec![line(table.columns.iter().map(|column| column.title.as_str()).collect())];
    lines.extend(table.rows.iter().map(|row| line(row.iter().map(Shown::as_str).collect())));
    app.say("the table was handed to the terminal's clipboard (OSC 52)", Role::Text);
    vec![Effect::Copy(lines.join("\n"))]
}

/// An answer.
pub fn answered(app: &mut App, what: For, result: Result<Reply, ApiError>) -> Vec<Effect> {
    let now = app.clock.now();
    let analytics = &mut app.rooms.analytics;
    match what {
        For::Answer(generation, source) => {
            let Some(is_old) = analytics.settle(generation) else { return Vec::new() };
            let has_twilio_answered = matches!(result, Ok(Reply::FetchUsage(_)));
            match (source, result) {
                (Source::Verify, Ok(Reply::GetVerifyAnalytics(answer))) => analytics.verify.take(Ok(answer), now),
                (Source::Messages, Ok(Reply::GetMessageAnalytics(answer))) => analytics.messages.take(Ok(answer), now),
                (Source::Overview, Ok(Reply::GetOverview(answer))) => analytics.overview.take(Ok(answer), now),
                (Source::Usage, Ok(Reply::ListUsage(answer) | Reply::FetchUsage(answer))) => {
                    analytics.usage.take(Ok(answer), now);
                }
                (Source::Usage, Err(e)) => analytics.usage.take(Err(e), now),
                (Source::Verify, Err(e)) => analytics.verify.take(Err(e), now),
                (Source::Messages, Err(e)) => analytics.messages.take(Err(e), now),
                (Source::Overview, Err(e)) => analytics.overview.take(Err(e), now),
                // An answer of another operation than was asked: nothing to be done with it.
                (_, Ok(_)) => {}
            }
            if has_twilio_answered {
                app.say("Twilio has answered", Role::Ok);
            }
            if is_old { again(app) } else { Vec::new() }
        }
        For::Report => {
            match result {
                // Written where a command of the agent's choice puts it.
                Ok(Reply::GetReport(report)) => {
                    // It stands in a command: nothing in it may mean anything to a shell.
                    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
                    let name: String = report.file_name.chars().filter(plain).collect();
                    let command = format!("cat > {name}");
                    app.overlay = Some(Overlay::Fill(Fill::new(Purpose::Pipe(report.text), &command)));
                }
                Err(e) => app.say(Shown::from(e.to_string()), Role::Error),
                Ok(_) => {}
            }
            Vec::new()
        }
        For::Figures(generation, part) => {
            let page = match result {
                Ok(Reply::ListAttemptsBehind(page)) => Ok(as_rows(page, Row::Attempt)),
                Ok(Reply::ListMessagesBehind(page)) => Ok(as_rows(page, Row::Message)),
                Err(e) => Err(e),
                Ok(_) => return Vec::new(),
            };
            let current = analytics.generation();
            if let Some(figures) = analytics.figures.as_mut().filter(|_| generation == current) {
                figures.answered(part, page);
            }
            Vec::new()
        }
    }
}

/// Something happened: if it may change the figures in view, they are read again when it is time.
pub fn happened(app: &mut App, kind: &str, business: Option<Id>) -> Vec<Effect> {
    let analytics = &app.rooms.analytics;
    let ours = analytics.everyone || analytics.part == Part::Businesses || business == app.session.business;
    let counts = match analytics.source() {
        Source::Verify => kind.starts_with("verification."),
        Source::Messages => kind.starts_with("message.") || kind.starts_with("conversation."),
        Source::Overview | Source::Usage => {
            ["verification.", "message.", "business."].iter().any(|group| kind.starts_with(group))
        }
    };
    if app.focus != Focus::Dashboard || !ours || !counts {
        return Vec::new();
    }
    app.rooms.analytics.heard(&app.session, &app.clock)
}
