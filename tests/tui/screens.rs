//! What the demo world looks like, as text. Review changes with `cargo insta review`, or set
//! INSTA_UPDATE=always once.

use crate::desk::Desk;

fn check(name: &str, desk: &Desk) {
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
