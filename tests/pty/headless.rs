//! `switchboard serve`: a node without a screen.

use serde_json::Value;

use crate::api::{Api, MARIA, OURS, runtime};
use crate::console::Console;
use crate::home::{Home, Serve, signal, wait};

#[test]
fn it_says_where_it_is_and_commands_attach() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let base = serve.said["base"].as_str().unwrap();
    let file = home.node_file().unwrap();
    assert_eq!((file["base"].as_str(), file["pid"].as_u64()), (Some(base), Some(serve.child.id().into())));
    assert_eq!(file["sandbox"], serve.said["sandbox"]);
    let (code, out, said) = home.run(&["phones", "text", MARIA, "--to", OURS, "--body", "Hi, it is Maria"]);
    assert_eq!(code, 0, "{out}{said}");
    let (code, out, said) =
        home.run(&["send", "--to", MARIA, "--body", "Hello Maria", "--hold-seconds", "0", "--json"]);
    assert_eq!(code, 0, "{said}");
    let sent: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(sent["body"], "Hello Maria");
    let api = Api::of(&file);
    crate::home::until("Maria has it", || api.received(MARIA).contains(&"Hello Maria".to_owned()).then_some(()));
    let (code, out, _) = home.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, report["base"].as_str()), (0, Some(base)));
    assert!(serve.lines.try_recv().is_err(), "stdout is one line");
}

#[test]
fn a_console_attaches_and_leaves_it_running() {
    let home = Home::new();
    let mut serve = Serve::start(&home);
    let mut console = Console::open(&home, (80, 24));
    console.sees("Unassigned 3");
    console.keys("q");
    assert_eq!(console.wait().exit_code(), 0);
    assert!(serve.child.try_wait().unwrap().is_none(), "the node went with the console");
    assert_eq!(home.node_file().unwrap()["pid"], serve.child.id());
}

#[test]
fn it_ends_when_told_and_takes_its_file_along() {
    for name in ["INT", "TERM"] {
        let home = Home::new();
        let mut serve = Serve::start(&home);
        // An open stream of events must not hold it up.
        let api = home.api_of(serve.child.id());
        let cursor = api.get("/api/conversations")["asOf"].as_str().unwrap().to_owned();
        let _stream = runtime().block_on(api.stream(&cursor));
        signal(serve.child.id(), name);
        assert_eq!(wait(&mut serve.child).code(), Some(0), "{name}");
        assert!(home.node_file().is_none(), "{name}: node.json is still there");
    }
}

#[test]
fn a_kept_matrix_runs_by_its_name_alone() {
    let home = Home::new();
    let mut serve = Serve::start(&home);
    let wish = ["--to", "+14155550142", "--channels", "sms", "--locales", "en,de", "--business", "north"];
    let (code, _, said) = home.run(&[&["verify", "save-matrix", "nightly"], &wish[..]].concat());
    assert_eq!(code, 0, "{said}");
    signal(serve.child.id(), "TERM");
    assert!(wait(&mut serve.child).success());
    // No node runs, and it is no matrix of the usual business.
    let (code, out, said) = home.run(&["verify", "run", "nightly", "--json"]);
    assert_eq!(code, 0, "{out}{said}");
    let run: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((run["ok"].as_bool(), run["cells"].as_u64()), (Some(true), Some(2)), "{run}");
    let (code, _, said) = home.run(&["verify", "run", "daily", "--json"]);
    assert_eq!(code, 1, "{said}");
}
