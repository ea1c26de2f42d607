//! The funnel, the rates, how long it took, and how the time before was.

use super::view::{Chart, Target, View};
use super::{Analytics, Length, Pivot, twin};
use crate::api::analytics::{Funnel, Histogram, HistogramBucket, Stage, VerifyAnalytics, VerifySlice};
use crate::tui::ink::Piece;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::chart::{self, Bar, Bars, Bin, Unit, country, short};

/// The bars of what the part is split by.
pub fn view(analytics: &Analytics, answer: &VerifyAnalytics) -> View {
    match analytics.pivot() {
        Pivot::Durations => times(&answer.time_to_verify, Target::Took),
        Pivot::Speed => speed(answer),
        Pivot::Stages => stages(&answer.funnel),
        pivot => slices(pivot, answer),
    }
}

/// Stages in order; then how those ended that were not approved.
pub fn stages(funnel: &Funnel) -> View {
    let all = [
        ("requested", funnel.requested, false, Stage::Requested),
        ("blocked", funnel.blocked, true, Stage::Blocked),
        ("sent", funnel.sent, false, Stage::Sent),
        ("delivered", funnel.delivered, false, Stage::Delivered),
        ("checked", funnel.checked, false, Stage::Checked),
        ("approved", funnel.approved, false, Stage::Approved),
        ("expired", funnel.expired, true, Stage::Expired),
        ("max checks", funnel.max_checks, true, Stage::MaxChecks),
        ("canceled", funnel.canceled, true, Stage::Canceled),
        ("refused", funnel.failed, true, Stage::Failed),
        ("waiting", funnel.waiting, true, Stage::Waiting),
    ];
    // Of how they ended otherwise only what there is.
    let kept = |(_, n, is_aside, stage): &(&str, u64, bool, Stage)| !is_aside || *n > 0 || *stage == Stage::Expired;
    let all: Vec<_> = all.into_iter().filter(kept).collect();
    let stage = |(name, n, is_aside, _): &(&'static str, u64, bool, Stage)| chart::Stage {
        name: Shown::from(*name),
        n: *n,
        is_aside: *is_aside,
    };
    let drawn = chart::Funnel { stages: all.iter().map(stage).collect() };
    let targets = all.iter().map(|(_, n, _, stage)| (*n > 0).then_some(Target::Attempts(*stage))).collect();
    View { chart: Chart::Bars(drawn.bars(), drawn.table()), targets }
}

/// The rows of a pivot.
pub fn of(pivot: Pivot, answer: &VerifyAnalytics) -> &[VerifySlice] {
    match pivot {
        Pivot::Country => &answer.by_country,
        Pivot::Carrier => &answer.by_carrier,
        Pivot::Template => &answer.by_template,
        Pivot::Error => &answer.by_error,
        Pivot::Business => &answer.by_business,
        _ => &answer.by_channel,
    }
}

/// The name of a row for people.
pub fn name(pivot: Pivot, key: &str, name: &str) -> Shown {
    match (pivot, key) {
        (Pivot::Channel, "sms") => Shown::from("SMS"),
        (Pivot::Channel, "whatsapp") => Shown::from("WhatsApp"),
        (Pivot::Channel, key) => Shown::of(key),
        (Pivot::Country, code) => country(code).map_or_else(|| Shown::of(name), |known| Shown::from(known.name)),
        (Pivot::Error, key) if !name.is_empty() && !name.starts_with(key) => {
            shown!("{} {}", Shown::of(key), Shown::of(name))
        }
        _ if name.is_empty() => Shown::of(key),
        _ => Shown::of(name),
    }
}

/// What a row leads to.
pub fn target(pivot: Pivot, key: &str, name: Shown) -> Option<Target> {
    match pivot {
        Pivot::Business => key.parse().ok().map(Target::Business),
        _ => Some(Target::Narrow(pivot, key.to_owned(), name)),
    }
}

/// `85.0 % (86.9 % excl. blocked)  119/140`.
pub fn conversion(funnel: &Funnel) -> Vec<Piece> {
    let Some(all) = funnel.approved_of_all else {
        return vec![(Shown::from("nothing asked for"), Role::Dim)];
    };
    let mut said = vec![(shown!("{:>7}", all.to_string()), Role::Strong)];
    let unblocked = funnel.approved_of_unblocked.filter(|_| funnel.blocked > 0);
    said.extend(unblocked.map(|percent| (shown!(" ({percent} excl. blocked)"), Role::Text)));
    said.push((shown!("  {}/{}", short(funnel.approved), short(funnel.requested)), Role::Dim));
    said
}

/// The rows of a pivot, by how many of them were approved.
pub fn slices(pivot: Pivot, answer: &VerifyAnalytics) -> View {
    let rows = of(pivot, answer);
    let bar = |row: &VerifySlice| Bar {
        label: name(pivot, &row.key, &row.name),
        value: row.funnel.approved_of_all.map(number),
        said: conversion(&row.funnel),
        role: Role::Accent,
    };
    let bars = Bars { rows: rows.iter().map(bar).collect(), end: Some(100.0), ..Bars::default() };
    let targets = rows.iter().map(|row| target(pivot, &row.key, name(pivot, &row.key, &row.name))).collect();
    View { chart: Chart::Bars(bars, twin::conversions(pivot, rows)), targets }
}

/// A percentage as the length of a bar.
pub fn number(percent: crate::api::analytics::Percent) -> f64 {
    f64::try_from(percent.0).unwrap_or(0.0)
}

/// How long things took, with the marks below which half and nearly all of them lie.
pub fn durations(histogram: &Histogram) -> Chart {
    let seconds = |millis: u64| millis as f64 / 1000.0;
    let bin = |b: &crate::api::analytics::HistogramBucket| Bin {
        from: seconds(b.from_millis),
        until: Some(seconds(b.to_millis)),
        n: b.count,
    };
    // The end of its bucket is what is said: it lies just before the next one.
    let mark = |name, at: Option<u64>| at.map(|at| (name, seconds(at.saturating_sub(1))));
    let marks = [mark("p50", histogram.p50_millis), mark("p95", histogram.p95_millis)];
    let drawn = chart::Histogram {
        unit: Unit::Seconds,
        bins: histogram.buckets.iter().map(bin).collect(),
        marks: marks.into_iter().flatten().collect(),
    };
    Chart::Bars(drawn.bars(), drawn.table())
}

/// The same, with what stands behind each bar.
pub fn times(histogram: &Histogram, target: fn(u64, u64) -> Target) -> View {
    // A chart leaves out the empty bars at both ends, and there are none: only bars that hold something come.
    let lead = |b: &HistogramBucket| Some(target(b.from_millis, b.to_millis));
    View { chart: durations(histogram), targets: histogram.buckets.iter().map(lead).collect() }
}

/// How long it took by channel, and whether it was faster before.
fn speed(answer: &VerifyAnalytics) -> View {
    let held = |row: &&VerifySlice| row.time_to_verify.as_ref().is_some_and(|h| h.count > 0);
    let rows: Vec<VerifySlice> = answer.by_channel.iter().filter(held).cloned().collect();
    let seconds = |millis: Option<u64>| millis.map(|millis| millis as f64 / 1000.0);
    let bar = |row: &VerifySlice| {
        let now = row.time_to_verify.clone().unwrap_or_default();
        let mut said = vec![(shown!("{}", percentiles(&now).unwrap_or_default()), Role::Strong)];
        let was = twin::earlier(row, answer.before.as_ref()).and_then(|was| Some((percentiles(was)?, was.p95_millis)));
        if let Some((text, p95)) = was {
            let (glyph, role) = match now.p95_millis.cmp(&p95) {
                std::cmp::Ordering::Greater => ("▲", Role::Warn),
                std::cmp::Ordering::Less => ("▼", Role::Ok),
                std::cmp::Ordering::Equal => ("=", Role::Dim),
            };
            said.push((shown!("  {glyph} before {text}"), role));
        }
        said.push((shown!("  of {}", short(now.count)), Role::Dim));
        let label = name(Pivot::Channel, &row.key, &row.name);
        Bar { label, value: seconds(now.p95_millis), said, role: Role::Accent }
    };
    let bars = Bars { rows: rows.iter().map(bar).collect(), ..Bars::default() };
    let lead = |row: &VerifySlice| target(Pivot::Channel, &row.key, name(Pivot::Channel, &row.key, &row.name));
    let targets = rows.iter().map(lead).collect();
    View { chart: Chart::Bars(bars, twin::speed(&rows, answer.before.as_ref())), targets }
}

/// `p50 4.1 s · p95 48 s`.
pub fn percentiles(histogram: &Histogram) -> Option<Shown> {
    let say = |millis: u64| Unit::Seconds.show(millis as f64 / 1000.0);
    let (p50, p95) = (histogram.p50_millis?, histogram.p95_millis?);
    Some(shown!("p50 {} · p95 {}", say(p50), say(p95)))
}

/// The two lines that everything else explains.
pub fn headline(funnel: &Funnel) -> [Vec<Piece>; 2] {
    let word = if funnel.requested == 1 { "verification" } else { "verifications" };
    let first = shown!("{} {word} · {} approved", funnel.requested, funnel.approved);
    let second = match (funnel.approved_of_all, funnel.approved_of_unblocked) {
        (Some(all), Some(unblocked)) if funnel.blocked > 0 => {
            shown!("{all} of all · {unblocked} excluding {} blocked", funnel.blocked)
        }
        (Some(all), _) if funnel.blocked > 0 => shown!("{all} of all · all {} were blocked", funnel.blocked),
        (Some(all), _) => shown!("{all} of all · none blocked"),
        (None, _) => Shown::from("nothing was asked for"),
    };
    [vec![(first, Role::Strong)], vec![(second, Role::Accent)]]
}

/// The rates, and how the time before was.
pub fn rates(answer: &VerifyAnalytics, length: Length) -> Vec<Vec<Piece>> {
    let funnel = &answer.funnel;
    let mut said = Vec::new();
    said.extend(funnel.resent_of_sends.map(|p| format!("resent {p}")));
    said.extend(funnel.wrong_of_checks.map(|p| format!("wrong codes {p}")));
    said.extend(percentiles(&answer.time_to_verify).map(|p| format!("time to verify {p}")));
    let saved: Vec<String> = answer.saved.iter().filter(|m| !m.is_zero()).map(ToString::to_string).collect();
    if !saved.is_empty() {
        said.push(format!("blocking saved about {}", saved.join(" + ")));
    }
    // What became worse comes first: on a small screen it is what there is room for.
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    for why in answer.before.iter().flat_map(|before| &before.worse) {
        lines.push(vec![(Shown::from("! "), Role::Warn), (Shown::of(why), Role::Warn)]);
    }
    if !said.is_empty() {
        lines.push(vec![(Shown::from(said.join(" · ")), Role::Text)]);
    }
    if let Some(before) = &answer.before {
        let points = funnel.approved_of_all.zip(before.funnel.approved_of_all).map(|(now, then)| now.points_over(then));
        let (glyph, role) = match points {
            Some(points) if points.is_sign_negative() && !points.is_zero() => ("▼ ", Role::Warn),
            Some(points) if !points.is_zero() => ("▲ ", Role::Ok),
            _ => ("= ", Role::Dim),
        };
        let mut then = vec![match before.funnel.requested {
            0 => "no verifications".to_owned(),
            1 => "1 verification".to_owned(),
            n => format!("{n} verifications"),
        }];
        then.extend(before.funnel.approved_of_all.map(|p| format!("{p} of all")));
        then.extend(
            before.time_to_verify.p95_millis.map(|p95| format!("p95 {}", Unit::Seconds.show(p95 as f64 / 1000.0))),
        );
        then.extend(before.costs.currencies.iter().map(|c| c.total.to_string()));
        let by = points.map(|points| format!(" · now {points:+.1} points")).unwrap_or_default();
        let text = shown!("{}: {}{by}", length.before(), then.join(", "));
        lines.push(vec![(Shown::from(glyph), role), (text, Role::Dim)]);
    }
    lines
}
