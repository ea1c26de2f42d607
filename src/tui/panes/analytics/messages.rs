//! Messages: how many, how fast they were answered, by whom, and when customers write.

use super::overview::{name, percentiles, target, times};
use super::view::{Chart, Target, View, moments};
use super::{Length, Pivot, twin};
use crate::api::analytics::{AgentLoad, MessageAnalytics, MessageBucket, MessageCounts, MessageSlice};
use crate::tui::app::App;
use crate::tui::ink::Piece;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::chart::{Bar, Bars, Heat, Line, Marks, Series, Unit, short, spark};

/// The chart of what is drawn.
pub fn view(app: &App, answer: &MessageAnalytics) -> View {
    let analytics = &app.rooms.analytics;
    match analytics.pivot() {
        Pivot::Hours => hours(answer, analytics.numbers),
        Pivot::Agent => agents(&answer.by_agent),
        Pivot::Durations => times(&answer.first_response, Target::Waited),
        Pivot::Sender => slices(Pivot::Sender, &answer.by_sender),
        Pivot::Country => slices(Pivot::Country, &answer.by_country),
        Pivot::Error => slices(Pivot::Error, &answer.by_error),
        Pivot::Business => slices(Pivot::Business, &answer.by_business),
        _ => volume(app, answer),
    }
}

fn volume(app: &App, answer: &MessageAnalytics) -> View {
    let now = app.clock.now();
    let is_ahead = |b: &MessageBucket| now.is_some_and(|now| b.from.0 > now);
    let line = |name: &'static str, role, number: fn(&MessageCounts) -> u64| Series {
        name: Shown::from(name),
        role,
        points: answer.series.iter().map(|b| (!is_ahead(b)).then(|| number(&b.counts) as f64)).collect(),
    };
    let series = vec![line("in", Role::Accent, |c| c.incoming), line("out", Role::Ok, |c| c.outgoing)];
    let moments = moments(app.clock.zone(), answer.range.grain, answer.series.iter().map(|b| b.from));
    let any = |b: &MessageBucket| b.counts.incoming + b.counts.outgoing > 0;
    let targets = answer.series.iter().map(|b| any(b).then_some(Target::Texts(b.from, b.to))).collect();
    View { chart: Chart::Line(Line { unit: Unit::Count, moments, series, at: None }), targets }
}

/// When customers write.
pub fn heat(answer: &MessageAnalytics, numbers: bool) -> Heat {
    let hours = answer.incoming_by_hour.iter().flatten().map(|n| Some(*n)).collect();
    Heat { hours, at: None, numbers }
}

/// The same, with the messages behind each hour.
fn hours(answer: &MessageAnalytics, numbers: bool) -> View {
    let lead = |(at, n): (usize, &u64)| (*n > 0).then_some(Target::Hour(at));
    let targets = answer.incoming_by_hour.iter().flatten().enumerate().map(lead).collect();
    View { chart: Chart::Heat(heat(answer, numbers)), targets }
}

/// How much each agent did.
pub fn agents(rows: &[AgentLoad]) -> View {
    let bar = |row: &AgentLoad| {
        let answers = percentiles(&row.first_response).map(|p| shown!("  {p}"));
        let mut said = vec![
            (shown!("{:>5} written", short(row.counts.outgoing).as_str()), Role::Strong),
            (shown!("  {} open now", row.open_now), Role::Text),
        ];
        said.extend(answers.map(|text| (text, Role::Dim)));
        Bar { label: Shown::of(&row.agent), value: Some(row.counts.outgoing as f64), said, role: Role::Accent }
    };
    let bars = Bars { rows: rows.iter().map(bar).collect(), ..Bars::default() };
    let narrow = |row: &AgentLoad| Some(Target::Narrow(Pivot::Agent, row.agent.clone(), Shown::of(&row.agent)));
    View { chart: Chart::Bars(bars, twin::agents(rows)), targets: rows.iter().map(narrow).collect() }
}

fn slices(pivot: Pivot, rows: &[MessageSlice]) -> View {
    let bar = |row: &MessageSlice| {
        let counts = &row.counts;
        let n = counts.incoming + counts.outgoing;
        let mut said = vec![
            (shown!("{:>5}", short(n).as_str()), Role::Strong),
            (shown!("  in {} · out {}", short(counts.incoming), short(counts.outgoing)), Role::Text),
        ];
        if let Some(part) = counts.failed_of_outgoing.filter(|_| counts.failed > 0) {
            said.push((shown!(" · failed {} ({part})", short(counts.failed)), Role::Warn));
        }
        said.extend(row.costs.currencies.iter().map(|c| (shown!(" · {}", c.total), Role::Dim)));
        Bar { label: name(pivot, &row.key, &row.name), value: Some(n as f64), said, role: Role::Accent }
    };
    let bars = Bars { rows: rows.iter().map(bar).collect(), ..Bars::default() };
    let targets = rows.iter().map(|row| target(pivot, &row.key, name(pivot, &row.key, &row.name))).collect();
    View { chart: Chart::Bars(bars, twin::messages(pivot, rows)), targets }
}

/// The two lines that everything else explains.
pub fn headline(answer: &MessageAnalytics) -> [Vec<Piece>; 2] {
    let counts = &answer.counts;
    let mut first = vec![(shown!("{} in · {} out", counts.incoming, counts.outgoing), Role::Strong)];
    first.push((shown!(" · {} delivered", counts.delivered), Role::Text));
    match counts.failed_of_outgoing {
        Some(part) if counts.failed > 0 => first.push((shown!(" · {} failed ({part})", counts.failed), Role::Warn)),
        _ => first.push((Shown::from(" · none failed"), Role::Dim)),
    }
    let answers = percentiles(&answer.first_response);
    let mut second = vec![match answers {
        Some(text) => (shown!("first answers {text}"), Role::Accent),
        None => (Shown::from("no first answer in this time"), Role::Dim),
    }];
    second.extend(answer.costs.currencies.iter().map(|c| (shown!(" · {}", c.total), Role::Text)));
    if answer.costs.pending > 0 {
        second.push((shown!(" · {} pending", answer.costs.pending), Role::Warn));
    }
    [first, second]
}

/// When customers write, hour by hour; and how the time before was.
pub fn rates(answer: &MessageAnalytics, marks: Marks, length: Length) -> Vec<Vec<Piece>> {
    let mut lines = Vec::new();
    let of_hour = |hour: usize| answer.incoming_by_hour.iter().filter_map(|day| day.get(hour)).sum::<u64>();
    let hours: Vec<Option<u64>> = (0..24).map(|hour| Some(of_hour(hour))).collect();
    let busiest = heat(answer, false).busiest();
    if let Some((hour, n)) = busiest.first() {
        let text = shown!(" 24:00, busiest {hour} ({})", short(*n));
        let line = spark(&hours, 24, marks);
        lines.push(vec![(Shown::from("customers write 0:00 "), Role::Dim), (line, Role::Accent), (text, Role::Dim)]);
    }
    if let Some(before) = &answer.before {
        let answers = percentiles(&before.first_response).map(|p| format!(", first answers {p}")).unwrap_or_default();
        let (was, now) = (&before.counts, &answer.counts);
        let (glyph, role) = match (now.incoming + now.outgoing).cmp(&(was.incoming + was.outgoing)) {
            std::cmp::Ordering::Greater => ("▲ ", Role::Text),
            std::cmp::Ordering::Less => ("▼ ", Role::Text),
            std::cmp::Ordering::Equal => ("= ", Role::Dim),
        };
        let text = shown!("{}: {} in, {} out{answers}", length.before(), was.incoming, was.outgoing);
        lines.push(vec![(Shown::from(glyph), role), (text, Role::Dim)]);
    }
    lines
}
