//! What the demo world looks like, as text. Review changes with `cargo insta review`, or set
//! INSTA_UPDATE=always once.

use crate::desk::Desk;

pub fn check(name: &str, desk: &Desk) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, desk.text()));
}

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (200, 60)];

#[test]
fn the_inbox_at_every_size() {
    for (width, height) in SIZES {
        check(&format!("inbox-{width}x{height}"), &Desk::open(width, height));
    }
}

#[test]
fn a_thread_at_every_size() {
    for (width, height) in SIZES {
        let mut desk = Desk::open(width, height);
        desk.keys("down enter");
        desk.answer_all();
        check(&format!("thread-{width}x{height}"), &desk);
    }
}

/// The looks on the screen: each line of text is followed by a line that names the look of each cell.
fn looks(desk: &Desk) -> String {
    use ratatui::style::Style;
    let area = desk.buffer.area;
    let mut known: Vec<Style> = Vec::new();
    let mut out = String::new();
    for y in 0..area.height {
        for x in 0..area.width {
            let style = desk.buffer[(x, y)].style();
            let at = known.iter().position(|k| *k == style).unwrap_or_else(|| {
                known.push(style);
                known.len() - 1
            });
            out.push(char::from_digit(at as u32, 36).unwrap_or('?'));
        }
        out.push('\n');
    }
    for (n, style) in known.iter().enumerate() {
        let n = char::from_digit(n as u32, 36).unwrap_or('?');
        out.push_str(&format!("{n} = fg {:?} bg {:?} {:?}\n", style.fg, style.bg, style.add_modifier));
    }
    out
}

fn themed(theme: &str) -> Desk {
    let mut desk = Desk::cold(80, 24, theme);
    desk.settle();
    desk.keys("down enter");
    desk.answer_all();
    desk
}

#[test]
fn every_theme_once() {
    for theme in switchboard::tui::theme::NAMES {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(format!("looks-{theme}"), looks(&themed(theme))));
    }
}

#[test]
fn without_colours_nothing_is_lost() {
    let desk = themed("mono");
    for cell in &desk.buffer.content {
        assert_eq!((cell.fg, cell.bg), (Default::default(), Default::default()));
    }
    // The words are the same in every theme.
    assert_eq!(desk.text(), themed("dark").text());
    desk.sees("SANDBOX");
}

#[test]
fn live_cannot_be_mistaken() {
    let mut desk = Desk::cold(80, 24, "dark");
    desk.world = switchboard::api::node::World::Live;
    desk.settle();
    desk.sees(" LIVE ");
    desk.sees_not("SANDBOX");
    desk.sees_not("Phones");
    check("live-80x24", &desk);
}

#[test]
fn overlays_and_other_panes() {
    for (name, keys, size) in [
        ("palette-80x24", "ctrl-p", (80, 24)),
        ("help-80x24", "?", (80, 24)),
        ("assign-80x24", "a", (80, 24)),
        ("snooze-80x24", "z", (80, 24)),
        ("outcome-60x16", "g p o", (60, 16)),
        ("phones-80x24", "g p", (80, 24)),
        ("businesses-80x24", "g b", (80, 24)),
        ("phones-120x40", "P", (120, 40)),
    ] {
        let mut desk = Desk::open(size.0, size.1);
        desk.keys(keys);
        check(name, &desk);
    }
}

/// The panes that take the whole screen, by name and key.
const ROOMS: [(&str, &str); 9] = [
    ("webhooks", "g w"),
    ("letters", "g x"),
    ("keeping", "g k"),
    ("numbers", "g n"),
    ("later", "g l"),
    ("held", "g a"),
    ("preferences", "g s"),
    ("keys", "g y"),
    ("events", "g e"),
];

fn room(width: u16, height: u16, theme: &str, keys: &str) -> Desk {
    let mut desk = Desk::cold(width, height, theme);
    desk.settle();
    crate::flows::maria_writes(&mut desk);
    desk.keys(keys);
    crate::rooms::furnish(&mut desk);
    desk
}

#[test]
fn the_rooms_at_every_size() {
    for (name, keys) in ROOMS {
        for (width, height) in SIZES {
            check(&format!("{name}-{width}x{height}"), &room(width, height, "dark", keys));
        }
    }
}

#[test]
fn the_rooms_without_colours() {
    for (name, keys) in ROOMS {
        let desk = room(80, 24, "mono", keys);
        for cell in &desk.buffer.content {
            assert_eq!((cell.fg, cell.bg), (Default::default(), Default::default()), "{name}");
        }
        if name != "preferences" {
            assert_eq!(desk.text(), room(80, 24, "dark", keys).text(), "{name}");
        }
    }
    check("letters-mono-80x24", &room(80, 24, "mono", "g x"));
}

#[test]
fn the_list_at_work() {
    let mut desk = Desk::open(80, 24);
    let mut view = crate::world::conversation(crate::world::SAM);
    view.labels = ["refund", "urgent", "vip"].map(str::to_owned).to_vec();
    view.version = 2;
    desk.heard(crate::world::event(9, "conversation.labelled", view, None, desk.counts));
    desk.keys("space space");
    check("marked-80x24", &desk);
    desk.keys("F");
    check("faults-80x24", &desk);
    desk.keys("esc T");
    check("clock-80x24", &desk);
    desk.keys("esc g z");
    check("locked-80x24", &desk);
}
