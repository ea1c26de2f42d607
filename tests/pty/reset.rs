//! The sandbox is reset under a running node: every console shows the fresh world, without a restart.

use serde_json::json;

use crate::api::{Api, SAM, runtime};
use crate::console::Console;
use crate::home::{Home, Serve, signal, until, wait};

/// How many stores were set aside.
fn kept(home: &Home, name: &str) -> usize {
    let files = std::fs::read_dir(home.state()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    files.filter(|f| f.starts_with(name) && f.ends_with(".old.redb")).count()
}

#[test]
fn both_consoles_show_the_fresh_world() {
    let home = Home::new();
    let mut first = Console::open(&home, (100, 30));
    first.sees("Unassigned 3");
    let second = Console::with(&home, (100, 30), &["--agent", "agent2"], &[]);
    second.sees("Unassigned 3");
    let api = home.api_of(first.pid);
    let before = home.node_file().unwrap();
    api.text_in(SAM, "Are you there on Sunday?");
    for console in [&first, &second] {
        console.sees("Are you there on Sunday?");
        console.keys("/sam");
        console.misses("Dana Brooks");
        console.keys("\r");
        console.sees("Is parking free at your office?");
    }
    second.keys("i");
    second.sees("Enter sends");
    second.keys("Half an ans");
    second.sees("Half an ans");

    api.post("/sandbox/reset", json!({}));
    for console in [&first, &second] {
        console.sees("● live");
        console.misses("Are you there on Sunday?");
        console.sees("Unassigned 3");
    }
    assert_eq!(home.node_file().unwrap(), before, "consoles elsewhere would lose the node");
    assert_eq!((kept(&home, "store."), kept(&home, "intake.")), (1, 1));

    // Both work on: the one in this process and the one over HTTP.
    Api::of(&before).text_in(SAM, "Still here?");
    for console in [&first, &second] {
        console.sees("Still here?");
        console.keys("/sam");
        console.misses("Dana Brooks");
        console.keys("\r");
        console.sees("Is parking free at your office?");
    }
    second.keys("i");
    second.sees("Enter sends");
    second.keys("We are.\r");
    first.sees("We are.");
    second.keys("\x1b");
    first.keys("\x1b\x1b");
    first.misses("Esc closes");
    first.keys("q");
    assert_eq!(first.wait().exit_code(), 0);
}

#[test]
fn a_node_without_a_screen_goes_on_and_starts_again_in_the_fresh_world() {
    let home = Home::new();
    let mut serve = Serve::start(&home);
    let api = Api::of(&home.node_file().unwrap());
    let old = api.get("/api/businesses")["default"].clone();
    // A picture of the old world goes with it.
    let picture = json!({ "contentType": "image/png", "base64": "iVBORw0KGgo=" });
    api.post(&format!("/sandbox/phones/{SAM}/send"), json!({ "to": "+14155550100", "media": [picture] }));
    until("the picture is kept", || home.state().join("media").exists().then_some(()));
    for round in 1..=3 {
        api.post("/sandbox/reset", json!({ "seed": round }));
        until("the fresh world is there", || {
            let answer = runtime().block_on(api.ask("GET", "/api/businesses", None)).unwrap();
            assert!(answer.0 == 200 || answer.0 == 503, "{answer:?}");
            if answer.0 == 503 {
                assert!(answer.1["detail"].as_str().unwrap().contains("again in a moment"), "{answer:?}");
            }
            (kept(&home, "store.") == round && answer.0 == 200).then_some(())
        });
    }
    let fresh = api.get("/api/businesses")["default"].clone();
    assert_ne!(fresh, old);
    signal(serve.child.id(), "TERM");
    assert!(wait(&mut serve.child).success());
    drop(serve);
    let _serve = Serve::start(&home);
    let api = Api::of(&home.node_file().unwrap());
    assert_eq!(api.get("/api/businesses")["default"], fresh, "the store is not the fresh world's");
    assert_eq!(kept(&home, "store."), 3);
    let names = std::fs::read_dir(home.state()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|n| n.starts_with("media.") && n.ends_with(".old")).count(), 1);
}
