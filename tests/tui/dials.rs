//! The sandbox's dials, the settings, the lock, and what a newcomer sees.

use switchboard::api::simulator::{ClockView, FaultList, FaultView, Trouble};
use switchboard::api::{Done, Reply, Request, When};
use switchboard::config::{Origin, Set};
use switchboard::domain::time::Span;
use switchboard::tui::Options;
use switchboard::tui::msg::{Effect, Msg};

use crate::desk::Desk;
use crate::world::{self, NOW};

#[test]
fn the_next_message_fails_as_the_dial_says() {
    let mut desk = Desk::open(80, 24);
    desk.keys("down down F");
    let (tag, ()) = desk.question(|r| if let Request::ListFaults(_) = r { Some(()) } else { None });
    let items = vec![FaultView { what: "webhook: duplicate".into(), times: 1 }];
    desk.answer(tag, Ok(Reply::ListFaults(FaultList { items })));
    desk.type_text("30003");
    desk.sees("Next message to Sam Ortiz: 30003 unreachable handset");
    desk.keys("enter");
    let (tag, set) = desk.question(|r| if let Request::SetOutcome(o) = r { Some(o.clone()) } else { None });
    assert_eq!((set.address.as_str(), set.status.as_str()), ("+14155550111", "undelivered"));
    assert_eq!((set.error_code, set.times), (Some(30003), Some(1)));
    desk.answer(tag, Ok(Reply::SetOutcome(Done {})));
    desk.sees("the next message to Sam Ortiz: 30003");
    // A code that is not listed can be typed.
    desk.keys("F");
    desk.type_text("30410");
    desk.keys("enter");
    let (_, set) = desk.question(|r| if let Request::SetOutcome(o) = r { Some(o.clone()) } else { None });
    assert_eq!(set.error_code, Some(30410));
    desk.asked.clear();
    desk.keys("F");
    desk.type_text("webhook twice");
    desk.keys("enter");
    let (_, fault) = desk.question(|r| if let Request::AddFault(f) = r { Some(f.clone()) } else { None });
    assert_eq!(fault.trouble, Trouble::WebhookTwice);
}

#[test]
fn the_time_machine_has_presets_and_takes_what_is_typed() {
    let advance = |desk: &mut Desk| {
        let (tag, a) = desk.question(|r| if let Request::AdvanceClock(a) = r { Some(a.clone()) } else { None });
        let now = When(NOW + Span::secs(a.advance_seconds.unwrap_or(0) as i64));
        desk.answer(tag, Ok(Reply::AdvanceClock(ClockView { now, paused: a.paused.unwrap_or(false) })));
        a
    };
    for (keys, seconds) in [("enter", 600), ("down enter", 3600), ("down down enter", 86_400)] {
        let mut desk = Desk::open(80, 24);
        desk.keys("T");
        desk.keys(keys);
        assert_eq!(advance(&mut desk).advance_seconds, Some(seconds), "{keys}");
    }
    let mut desk = Desk::open(80, 24);
    // What is typed and understood comes before presets that it resembles.
    desk.keys("T");
    desk.type_text("2d");
    desk.keys("enter");
    assert_eq!(advance(&mut desk).advance_seconds, Some(2 * 86_400));
    desk.app.clock.set(NOW, false);
    desk.keys("T");
    desk.type_text("fri 14:30");
    desk.keys("enter");
    assert_eq!(advance(&mut desk).advance_seconds, Some(4 * 86_400 + 5 * 3600 + 1800));
    desk.keys("T");
    desk.type_text("whenever");
    desk.keys("enter");
    desk.sees("write a span or a moment");
    assert!(desk.asked.is_empty() || !desk.asked.iter().any(|(_, r)| matches!(r, Request::AdvanceClock(_))));
    desk.keys("esc T");
    desk.type_text("stop");
    desk.keys("enter");
    assert_eq!(advance(&mut desk).paused, Some(true));
    desk.sees("paused");
}

fn options(dir: &std::path::Path) -> Options {
    Options {
        config: Some(dir.join("config.toml")),
        keymap: Some(dir.join("keymap.toml")),
        lock: Some(dir.join("lock")),
        hold_seconds: Some(5),
        ..Options::default()
    }
}

fn kept(desk: &Desk) -> Vec<(String, String, Option<Set>)> {
    let kept = desk.done.iter().filter_map(|e| match e {
        Effect::Keep { section, name, to, .. } => Some((section.clone(), name.clone(), to.clone())),
        _ => None,
    });
    kept.collect()
}

#[test]
fn a_setting_is_changed_and_kept_and_says_where_it_comes_from() {
    let dir = tempfile::tempdir().unwrap();
    let mut given = options(dir.path());
    given.origins.insert("console.bell".into(), Origin::Environment("SWITCHBOARD_CONSOLE_BELL".into()));
    let mut desk = Desk::with(80, 24, given, Default::default());
    desk.settle();
    desk.keys("g s");
    desk.sees("environment: SWITCHBOARD_CONSOLE_BELL");
    desk.keys("enter");
    desk.type_text("light");
    desk.keys("enter");
    assert_eq!(desk.app.settings.theme.name, "light");
    assert_eq!(kept(&desk), [("console".to_owned(), "theme".to_owned(), Some(Set::Text("light".into())))]);
    desk.sees("your file");
    // What the environment says wins at the next start: that is said, and nothing is written.
    desk.keys("down down enter");
    assert!(!desk.app.settings.bell);
    desk.sees("bell: off, until the next start");
    assert_eq!(kept(&desk).len(), 1);
    desk.keys("down down down enter");
    desk.type_text("8-9");
    desk.keys("enter");
    desk.sees("this is two times such as 22:00-07:00");
    desk.keys("ctrl-u");
    desk.type_text("22:00-07:00");
    desk.keys("enter");
    assert!(desk.app.settings.quiet_hours.is_some());
    desk.keys("down enter ctrl-u");
    desk.type_text("12");
    desk.keys("enter");
    assert_eq!(kept(&desk).last().unwrap().2, Some(Set::Whole(12)));
    assert_eq!(desk.app.settings.hold_seconds, Some(12));
}

#[test]
fn the_theme_that_suits_the_terminal_can_be_chosen_again_and_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut desk = Desk::with(80, 24, options(dir.path()), Default::default());
    let here = desk.app.settings.auto_theme;
    desk.settle();
    desk.keys("g s");
    desk.sees(&format!("auto: {here}"));
    desk.keys("g t");
    desk.sees(&format!("in use: {here} here"));
    desk.type_text("high");
    desk.keys("enter");
    assert_eq!(desk.app.settings.theme.name, "high-contrast");
    desk.sees_not("auto: ");
    desk.keys("enter");
    desk.sees(&format!("{here} here"));
    desk.type_text("auto");
    desk.keys("enter");
    assert_eq!((desk.app.settings.theme.name.as_str(), desk.app.settings.is_auto_theme), (here, true));
    assert_eq!(kept(&desk).last().unwrap().2, Some(Set::Text("auto".into())));
    desk.sees(&format!("theme: auto: {here}"));
}

#[test]
fn a_key_is_given_to_an_action_unless_it_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let mut desk = Desk::with(120, 40, options(dir.path()), Default::default());
    desk.settle();
    desk.keys("g y");
    let rows = switchboard::tui::panes::preferences::bound(&desk.app.settings.keymap);
    let wanted = |r: &switchboard::tui::panes::preferences::Bound| {
        r.context == switchboard::tui::keymap::Context::Inbox && r.action == switchboard::tui::action::Action::Resolve
    };
    desk.app.rooms.preferences.key = rows.iter().position(wanted).unwrap();
    desk.keys("enter");
    desk.sees("Press the key for: resolve (in inbox)");
    desk.keys("a");
    desk.sees("`a` already does `assign` in [inbox]");
    desk.keys("ctrl-p");
    desk.sees("everywhere: it would be lost");
    desk.keys("w");
    desk.sees("w …  Enter takes it");
    desk.keys("enter");
    desk.sees("w: resolve");
    assert_eq!(
        kept(&desk),
        [("inbox".to_owned(), "resolve".to_owned(), Some(Set::List(vec!["w".into(), "e".into()])))]
    );
    // A second key in the same context leaves the first alone, and so does a change of the profile.
    desk.keys("enter W enter");
    desk.sees("W: resolve");
    desk.keys("esc w");
    desk.question(|r| if let Request::SetConversationStatus(s) = r { Some(s.status) } else { None });
    // It outlives a change of the profile.
    desk.keys("g s");
    for _ in 0..8 {
        desk.keys("down");
    }
    desk.keys("enter");
    desk.type_text("vim");
    desk.keys("enter esc :");
    desk.sees("Commands and conversations");
    desk.keys("esc");
    desk.sees("W resolve");
    assert!(
        desk.app
            .settings
            .keymap
            .label(switchboard::tui::action::Action::Resolve, &[switchboard::tui::keymap::Context::Inbox])
            .is_some()
    );
    // What a pane does with a key cannot be hidden by everywhere; the built-in keys come back.
    desk.keys("g y");
    desk.app.rooms.preferences.key = 0;
    desk.keys("enter e");
    desk.sees("`e` would not be heard there");
    desk.keys("esc");
    let rows = switchboard::tui::panes::preferences::bound(&desk.app.settings.keymap);
    desk.app.rooms.preferences.key = rows.iter().position(wanted).unwrap();
    desk.keys("x");
    assert_eq!(kept(&desk).last().unwrap().2, None);
    desk.keys("esc");
    desk.sees("e resolve");
}

#[test]
fn an_action_is_given_two_keys_in_a_row() {
    let dir = tempfile::tempdir().unwrap();
    let mut desk = Desk::with(120, 40, options(dir.path()), Default::default());
    desk.settle();
    desk.keys("g y");
    let rows = switchboard::tui::panes::preferences::bound(&desk.app.settings.keymap);
    let at = |context: &str, action: &str| {
        rows.iter().position(|r| r.context.id() == context && r.action.id() == action).unwrap()
    };
    // `g` begins `g i` and others: alone it cannot be taken, before another key it can.
    desk.app.rooms.preferences.key = at("global", "quit");
    desk.keys("enter g");
    desk.sees("g …  Enter takes it · another key: two in a row");
    desk.keys("enter");
    desk.sees("✗ `g` already does `");
    desk.keys("g i");
    desk.sees("`g i` already does `go-inbox` in [global]");
    desk.keys("g backspace g q");
    desk.sees("g q: quit");
    let all = ["g q", "q", "ctrl-c", "ctrl-q"].map(str::to_owned).to_vec();
    assert_eq!(kept(&desk).last().unwrap(), &("global".to_owned(), "quit".to_owned(), Some(Set::List(all))));
    desk.keys("g q");
    assert!(desk.done.iter().any(|e| matches!(e, Effect::Quit)));
    // A pane's single `g` would hide all of them there.
    desk.app.rooms.preferences.key = at("inbox", "resolve");
    desk.keys("enter g enter");
    desk.sees("everywhere: it would be lost in [inbox]");
    desk.keys("esc");
}

#[test]
fn privacy_masks_numbers_and_texts_everywhere() {
    let mut desk = Desk::open(120, 40);
    desk.sees("+14155550113");
    desk.sees("Is parking free");
    desk.keys("f9");
    desk.sees("numbers and texts are masked");
    let hidden = |desk: &Desk| {
        for told in ["4155550113", "4155550111", "parking", "Hola", "您好"] {
            assert!(!desk.text().contains(told), "{told} in:\n{}", desk.text());
        }
    };
    hidden(&desk);
    for keys in ["n", "esc g p", "g e", "g b", "ctrl-p"] {
        desk.keys(keys);
        desk.answer_all();
        hidden(&desk);
        desk.keys("esc");
    }
    desk.keys("f9");
    desk.keys("g i");
    desk.sees("+14155550113");
}

#[test]
fn a_locked_console_shows_nothing_and_takes_no_key() {
    let mut desk = Desk::open(80, 24);
    desk.keys("g z");
    desk.sees("Locked by agent1");
    desk.sees("Enter unlocks it: no passphrase is set.");
    desk.sees_not("Sam Ortiz");
    desk.keys("q e ctrl-c");
    assert!(!desk.done.iter().any(|e| matches!(e, Effect::Quit)));
    assert!(desk.asked.is_empty());
    crate::flows::maria_writes(&mut desk);
    desk.sees_not("Maria");
    desk.keys("enter");
    desk.sees("Sam Ortiz");
    // With a passphrase Enter alone does not.
    desk.take(Msg::Sealed(Some("sealed".into())));
    desk.keys("g z enter");
    desk.sees("Passphrase:");
    let asked = |desk: &Desk| desk.done.iter().filter(|e| matches!(e, Effect::Unlock { .. })).count();
    assert_eq!(asked(&desk), 1);
    desk.take(Msg::Unlocked(false));
    desk.sees("that is not it");
    desk.type_text("open sesame");
    desk.sees("•••••••••••");
    desk.sees_not("sesame");
    desk.keys("enter");
    let Some(Effect::Unlock { passphrase, .. }) = desk.done.last() else { panic!("{:?}", desk.done) };
    assert_eq!(passphrase, "open sesame");
    desk.take(Msg::Unlocked(true));
    desk.sees("Sam Ortiz");
}

#[test]
fn a_newcomer_is_told_what_to_try() {
    let dir = tempfile::tempdir().unwrap();
    let first = Options { state_dir: Some(dir.path().to_owned()), ..Options::default() };
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let mut desk = Desk::with(width, height, first.clone(), Default::default());
        desk.settle();
        desk.sees("Welcome. This is a sandbox");
        desk.sees("be the customer");
        // It takes no key.
        desk.keys("enter");
        desk.answer_all();
        desk.keys("esc esc");
        desk.sees("Sam Ortiz");
        desk.sees_not("Welcome");
    }
    Desk::open(120, 40).sees_not("Welcome");
    assert_eq!(world::counts().all, 5);
}
