//! Everything that can be asked for is listed, with its key, and with the reason when not now.

use switchboard::tui::action::Action;
use switchboard::tui::keymap::{Context, Keymap};
use switchboard::tui::overlay::{Overlay, Value};
use switchboard::tui::{Options, refusal};

use crate::desk::Desk;

#[test]
fn the_palette_lists_every_action_and_the_conversations() {
    let mut desk = Desk::open(120, 40);
    desk.keys("ctrl-p");
    let Some(Overlay::Pick(pick)) = &desk.app.overlay else { panic!("no palette") };
    let listed = |action: Action| pick.rows().find(|c| c.value == Value::Act(action));
    for action in Action::ALL {
        // These belong to the palette itself and to forms.
        if matches!(action, Action::Palette | Action::NextField | Action::PreviousField) {
            continue;
        }
        let row = listed(*action).unwrap_or_else(|| panic!("{} is not in the palette", action.id()));
        assert!(!row.detail.is_empty(), "{} shows no key", action.id());
    }
    assert_eq!(listed(Action::Retry).unwrap().off.as_ref().unwrap().as_str(), "no failed message here");
    assert!(listed(Action::Assign).unwrap().off.is_none());
    desk.type_text("sam or");
    let Some(Overlay::Pick(pick)) = &desk.app.overlay else { panic!("no palette") };
    assert_eq!(pick.chosen().unwrap().label.as_str(), "Sam Ortiz");
    desk.keys("enter");
    desk.answer_all();
    assert_eq!(desk.app.thread.as_ref().unwrap().id(), crate::world::SAM);
    // What is not possible now says why, by key as well.
    desk.keys("r");
    desk.sees("no failed message here");
}

#[test]
fn the_help_lists_every_action() {
    let mut desk = Desk::open(120, 40);
    desk.keys("?");
    let Some(Overlay::Page(page)) = &desk.app.overlay else { panic!("no help") };
    for action in Action::ALL {
        assert!(page.text().contains(action.title()), "{} is not in the help", action.id());
    }
    desk.keys("end");
    desk.sees("stop or start the clock");
}

#[test]
fn the_palette_knows_other_words_for_things() {
    let first = |word: &str| {
        let mut desk = Desk::open(80, 24);
        desk.keys("ctrl-p");
        desk.type_text(word);
        let Some(Overlay::Pick(pick)) = &desk.app.overlay else { panic!("no palette") };
        pick.rows().take(3).map(|c| c.value.clone()).collect::<Vec<_>>()
    };
    for (word, action) in [
        ("attempts", Action::GoAttempts),
        ("verif", Action::GoTester),
        ("verification log", Action::GoAttempts),
        ("otp", Action::GoTester),
        ("dark", Action::ChooseTheme),
        ("theme", Action::ChooseTheme),
        ("COLOUR", Action::ChooseTheme),
        ("shortcuts", Action::GoKeys),
        ("scheduled", Action::GoLater),
        ("wizard", Action::SetUpBusiness),
        ("audit", Action::GoEvents),
        ("30003", Action::Faults),
        ("cost", Action::GoDashboard),
        ("usage", Action::GoDashboard),
        ("exit", Action::Quit),
        ("tag", Action::Label),
        ("quit", Action::Quit),
    ] {
        let found = first(word);
        assert!(found.contains(&Value::Act(action)), "{word}: {found:?}");
    }
    for word in ["code", "price", "upkeep"] {
        assert!(!first(word).is_empty(), "{word}");
    }
    assert_eq!(first("zzqx"), []);
    // A word that only happens to be spelled in the letters of a title comes behind those that are meant.
    assert_eq!(first("otp")[0], Value::Act(Action::GoTester));
}

#[test]
fn the_help_opens_at_what_belongs_to_the_pane() {
    for (keys, heading) in [
        ("", "Inbox"),
        ("enter", "Conversation"),
        ("enter i", "Writing"),
        ("g b", "Businesses"),
        ("g k", "Webhooks and upkeep"),
        ("g p", "Sandbox"),
    ] {
        let mut desk = Desk::open(80, 24);
        desk.keys(keys);
        desk.answer_all();
        desk.keys("f1");
        let Some((_, y)) = desk.find(heading) else { panic!("{keys}: no {heading} in:\n{}", desk.text()) };
        // At the top, or as near as the end of the page lets it come.
        let last = ["Businesses", "Sandbox"].contains(&heading);
        assert!(y <= 2 || last, "{keys}: {heading} at {y} in:\n{}", desk.text());
        // From there it goes up and down.
        desk.keys("home");
        desk.sees("Everywhere");
        desk.keys("end up");
        desk.sees("In an empty message");
    }
}

#[test]
fn a_key_of_the_users_own_is_shown_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keymap.toml");
    std::fs::write(&path, "[global]\npalette = [\"ctrl-o\"]\n[inbox]\nassign = [\"A\"]\n").unwrap();
    let options = Options { keymap: Some(path), ..Options::default() };
    let mut desk = Desk::with(120, 40, options, Default::default());
    desk.settle();
    desk.sees("Ctrl-O commands");
    desk.sees("A assign");
    desk.keys("ctrl-p");
    desk.sees_not("Commands and conversations");
    desk.keys("ctrl-o");
    desk.sees("Commands and conversations");
}

#[test]
fn faults_in_the_users_keymap_name_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keymap.toml");
    std::fs::write(&path, "[global]\nfly = [\"x\"]\n").unwrap();
    let (_, faults) = Options { keymap: Some(path.clone()), ..Options::default() }.settings().unwrap();
    assert_eq!(faults[0].to_string(), format!("{}:2: there is no action `fly`", path.display()));
    let missing = Options { keymap: Some(dir.path().join("none.toml")), ..Options::default() };
    assert!(missing.settings().unwrap().1.is_empty());
}

#[test]
fn hints_are_possible_and_every_pane_has_some() {
    for keys in ["g i", "g p", "g b", "g e", "/", "enter"] {
        let mut desk = Desk::open(120, 40);
        desk.keys(keys);
        desk.answer_all();
        desk.sees("commands");
        desk.sees("help");
    }
    let desk = Desk::open(120, 40);
    assert_eq!(refusal(&desk.app, Action::Assign), None);
    let (keymap, _) = Keymap::ours();
    for context in Context::ALL.iter().filter(|c| c.is_text()) {
        for binding in keymap.bindings().iter().filter(|b| b.context == *context) {
            assert!(!binding.keys[0].is_text(), "{} takes a letter away from {}", binding.action.id(), context.id());
        }
    }
}
