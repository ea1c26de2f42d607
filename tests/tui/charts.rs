//! The charts by themselves: numbers in, cells out.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use switchboard::tui::framemap::{FrameMap, Hit};
use switchboard::tui::ink::Ink;
use switchboard::tui::shown::Shown;
use switchboard::tui::theme::{Role, Theme};
use switchboard::tui::widgets::chart::{
    Bar, Bars, Bin, Funnel, Heat, Histogram, Line, Marks, Place, Places, Series, Stage, Table, Unit,
};

use crate::desk::text;

fn drawn<T>(
    size: (u16, u16),
    theme: &str,
    draw: impl FnOnce(&mut Ink, Rect, &mut FrameMap) -> T,
) -> (Buffer, FrameMap) {
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buffer = Buffer::empty(area);
    let mut map = FrameMap::default();
    let theme = Theme::load(theme).unwrap();
    draw(&mut Ink::new(&mut buffer, &theme), area, &mut map);
    if theme.name == "mono" {
        for cell in &buffer.content {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
        }
    }
    (buffer, map)
}

fn check(name: &str, buffer: &Buffer) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("chart-{name}"), text(buffer)));
}

/// Two weeks; in the second of them nothing is known of two days.
fn days() -> Line {
    let asked = [12, 18, 25, 31, 22, 4, 3, 14, 20, 0, 0, 36, 27, 6];
    let point = |n: usize, v: u64| (n != 9 && n != 10).then_some(v as f64);
    let points = |part: f64| asked.iter().enumerate().map(|(n, v)| point(n, *v).map(|v| (v * part).floor())).collect();
    Line {
        unit: Unit::Count,
        moments: (1..=14).map(|day| Shown::from(format!("{day} Mar"))).collect(),
        series: vec![
            Series { name: "requested".into(), role: Role::Accent, points: points(1.0) },
            Series { name: "approved".into(), role: Role::Ok, points: points(0.8) },
        ],
        at: Some(11),
    }
}

fn channels() -> Bars {
    let row = |name: &'static str, part: f64, said: &'static str| Bar {
        label: name.into(),
        value: Some(part),
        said: vec![(said.into(), Role::Text)],
        role: Role::Accent,
    };
    Bars {
        rows: vec![
            row("SMS", 85.0, "85.0 % (86.9 % excl. blocked)"),
            row("call", 70.0, "70.0 %"),
            row("WhatsApp", 85.0, "85.0 %"),
            row("email", 80.0, "80.0 %"),
        ],
        end: Some(100.0),
        at: Some(1),
        top: 0,
    }
}

fn week(numbers: bool) -> Heat {
    let hour = |n: u64| (n != 100).then_some(if (n % 24) < 7 { 0 } else { (n * 37) % 113 });
    Heat { hours: (0..168).map(hour).collect(), at: Some(33), numbers }
}

fn times() -> Histogram {
    let bounds = [0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0, 600.0];
    let counts = [0, 3, 48, 70, 31, 9, 4, 0];
    let bin = |(n, pair): (usize, &[f64])| Bin { from: pair[0], until: Some(pair[1]), n: counts[n] };
    Histogram {
        unit: Unit::Seconds,
        bins: bounds.windows(2).enumerate().map(bin).collect(),
        marks: vec![("p50", 7.4), ("p95", 48.0)],
    }
}

fn funnel() -> Funnel {
    let stage = |name: &'static str, n, is_aside| Stage { name: name.into(), n, is_aside };
    Funnel {
        stages: vec![
            stage("requested", 200, false),
            stage("blocked", 3, true),
            stage("sent", 197, false),
            stage("delivered", 190, false),
            stage("checked", 171, false),
            stage("approved", 165, false),
        ],
    }
}

fn world() -> Places {
    let place =
        |code: &str, n: u64| Place { code: code.into(), n, said: vec![(Shown::from(format!("{n:>5}")), Role::Text)] };
    Places {
        places: vec![
            place("US", 1200),
            place("DE", 640),
            place("BR", 300),
            place("IN", 90),
            place("ZA", 41),
            place("AU", 12),
            place("ZZ", 4),
        ],
        at: Some(1),
        top: 0,
    }
}

const SIZES: [(u16, u16); 3] = [(58, 12), (80, 20), (198, 40)];

#[test]
fn every_chart_at_every_size() {
    for size in SIZES {
        let name = |kind: &str| format!("{kind}-{}x{}", size.0, size.1);
        let marks = Marks::Braille;
        check(&name("line"), &drawn(size, "mono", |ink, area, map| days().draw(ink, area, marks, map)).0);
        check(&name("bars"), &drawn(size, "mono", |ink, area, map| channels().draw(ink, area, marks, map)).0);
        check(&name("heat"), &drawn(size, "mono", |ink, area, map| week(false).draw(ink, area, marks, map)).0);
        check(&name("heat-numbers"), &drawn(size, "mono", |ink, area, map| week(true).draw(ink, area, marks, map)).0);
        check(&name("world"), &drawn(size, "mono", |ink, area, map| world().draw(ink, area, marks, map)).0);
        let bars = |bars: Bars| drawn(size, "mono", |ink, area, map| bars.draw(ink, area, marks, map)).0;
        check(&name("times"), &bars(times().bars()));
        check(&name("funnel"), &bars(funnel().bars()));
    }
}

#[test]
fn without_braille_or_without_blocks_the_same_is_told() {
    let size = (80, 20);
    for marks in [Marks::Blocks, Marks::Ascii] {
        let name = |kind: &str| format!("{kind}-{}", marks.word());
        let line = drawn(size, "mono", |ink, area, map| days().draw(ink, area, marks, map)).0;
        let heat = drawn(size, "mono", |ink, area, map| week(false).draw(ink, area, marks, map)).0;
        let bars = drawn(size, "mono", |ink, area, map| channels().draw(ink, area, marks, map)).0;
        let map = drawn(size, "mono", |ink, area, map| world().draw(ink, area, marks, map)).0;
        for buffer in [&line, &heat, &bars, &map] {
            let braille =
                |cell: &ratatui::buffer::Cell| cell.symbol().chars().any(|c| ('\u{2800}'..='\u{28ff}').contains(&c));
            assert!(!buffer.content.iter().any(braille), "{}", text(buffer));
        }
        check(&name("line"), &line);
        check(&name("heat"), &heat);
        check(&name("bars"), &bars);
        check(&name("world"), &map);
    }
}

fn tabled(table: &Table, size: (u16, u16)) -> Buffer {
    drawn(size, "mono", |ink, area, map| table.draw(ink, area, Some(2), 0, map)).0
}

#[test]
fn every_chart_has_a_twin_with_the_same_numbers() {
    check("twins-line", &tabled(&days().table(), (80, 16)));
    check("twins-heat", &tabled(&week(false).table(), (80, 26)));
    check("twins-funnel", &tabled(&funnel().table(), (80, 8)));
    check("twins-times", &tabled(&times().table(), (80, 8)));
    // What does not fit is left out whole, and told.
    check("twins-narrow", &tabled(&week(false).table(), (30, 6)));
    let said: Vec<String> = days().table().sentences().iter().map(ToString::to_string).collect();
    assert_eq!(said[0], "1 Mar: requested 12, approved 9.");
    assert_eq!(said[9], "10 Mar: requested –, approved –.");
}

#[test]
fn a_click_on_a_mark_finds_its_number() {
    let (buffer, map) = drawn((80, 20), "dark", |ink, area, map| days().draw(ink, area, Marks::Braille, map));
    let x = (0..80).find(|x| buffer[(*x, 18)].symbol() == "▲").unwrap();
    assert_eq!(map.at(x, 10).next(), Some(&Hit::Row(11)));
    let (_, map) = drawn((80, 20), "dark", |ink, area, map| week(false).draw(ink, area, Marks::Braille, map));
    assert_eq!(map.at(5 + 3 * 9, 2).next(), Some(&Hit::Row(33)));
}

#[test]
fn nothing_and_too_much_panic_nowhere() {
    let none = Line { unit: Unit::Count, moments: Vec::new(), series: Vec::new(), at: Some(9) };
    let odd = Line {
        unit: Unit::Money("USD".into()),
        moments: vec!["now".into()],
        series: vec![Series {
            name: "x".into(),
            role: Role::Ok,
            points: vec![Some(f64::INFINITY), Some(1.0), Some(f64::NAN)],
        }],
        at: Some(0),
    };
    let much = Places {
        places: vec![Place { code: "\u{1b}[2J".into(), n: u64::MAX, said: Vec::new() }],
        at: Some(7),
        top: 99,
    };
    let heat = Heat { hours: vec![Some(u64::MAX); 400], at: Some(999), numbers: true };
    for marks in Marks::ALL {
        for size in [(1, 1), (5, 5), (20, 9), (300, 80)] {
            drawn(size, "mono", |ink, area, map| {
                none.draw(ink, area, marks, map);
                odd.draw(ink, area, marks, map);
                much.draw(ink, area, marks, map);
                heat.draw(ink, area, marks, map);
                Bars::default().draw(ink, area, marks, map);
                Funnel::default().bars().draw(ink, area, marks, map);
                Table::default().draw(ink, area, Some(4), 2, map);
            });
        }
    }
    let (buffer, _) = drawn((80, 24), "mono", |ink, area, map| much.draw(ink, area, Marks::Braille, map));
    assert!(!text(&buffer).contains('\u{1b}'));
}
