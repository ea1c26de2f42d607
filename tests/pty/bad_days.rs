//! What goes wrong on other people's machines: a sentence that says what to do, and an exit code.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::console::Console;
use crate::home::{Home, PROGRAM, Serve, ended, signal, wait};

/// Runs `serve`, which must refuse; answers its exit code and its sentence.
fn refused(home: &Home, args: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let mut command = home.command(&[&["serve"], args].concat());
    let (code, out, said) = ended(command.envs(variables.iter().copied()).output().unwrap());
    assert_eq!(out, "", "{said}");
    assert!(said.starts_with("switchboard: "), "{said}");
    assert_eq!(said.lines().count(), 1, "more than a sentence: {said}");
    assert!(!said.contains("panicked"), "{said}");
    (code, said)
}

#[test]
fn an_unknown_setting_is_named_with_its_line_and_the_nearest() {
    let home = Home::new();
    let dir = home.dir.path().join(".config/switchboard");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("config.toml"), "# ours\n[server]\nlissen = \"127.0.0.1:0\"\n").unwrap();
    let (code, said) = refused(&home, &[], &[]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("config.toml, line 3: there is no setting `server.lissen`; did you mean `server.listen`?"),
        "{said}"
    );
    let mut console = Console::open(&home, (100, 24));
    assert_eq!(console.wait().exit_code(), 2);
    assert!(console.screen().contains("config.toml, line 3"), "{}", console.screen());
}

#[test]
fn real_credentials_do_not_go_to_a_sandbox() {
    let home = Home::new();
    let account = "AC00112233445566778899aabbccddeeff";
    let variables = [
        ("TWILIO_ACCOUNT_SID", account),
        ("TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef"),
        ("TWILIO_BASE_URL", "http://127.0.0.1:9"),
    ];
    let (code, said) = refused(&home, &[], &variables);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains(account) && said.contains("is a real account") && said.contains("take `base_url` away"),
        "{said}"
    );
    assert!(!said.contains("0123456789abcdef"), "the token is in the sentence: {said}");
}

#[test]
fn a_taken_port_is_named() {
    let home = Home::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().to_string();
    let (code, said) = refused(&home, &["--listen", &taken], &[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&format!("{taken} is in use")) && said.contains("--listen"), "{said}");
    assert!(home.node_file().is_none());
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_alone() {
    const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("meta/numbers");
    let home = Home::new();
    let mut serve = Serve::start(&home);
    signal(serve.child.id(), "TERM");
    wait(&mut serve.child);
    let path = home.state().join("store.redb");
    let newer = {
        let db = Database::open(&path).unwrap();
        let tx = db.begin_write().unwrap();
        let newer = {
            let mut numbers = tx.open_table(NUMBERS).unwrap();
            let newer = numbers.get("min_writer").unwrap().unwrap().value() + 1;
            numbers.insert("min_writer", newer).unwrap();
            newer
        };
        tx.commit().unwrap();
        newer
    };
    let (code, said) = refused(&home, &[], &[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("store.redb") && said.contains("newer"), "{said}");
    let mut console = Console::open(&home, (100, 24));
    assert_eq!(console.wait().exit_code(), 1);
    console.look(|screen, _| assert!(!screen.alternate_screen()));
    let db = Database::open(&path).unwrap();
    let tx = db.begin_read().unwrap();
    assert_eq!(tx.open_table(NUMBERS).unwrap().get("min_writer").unwrap().unwrap().value(), newer);
}

#[test]
fn a_second_node_is_refused_by_name() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let (code, said) = refused(&home, &[], &[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("a node runs here already") && said.contains(&serve.child.id().to_string()), "{said}");
    assert_eq!(home.node_file().unwrap()["pid"], serve.child.id(), "the first one's file was touched");
}

#[test]
fn a_state_directory_that_cannot_be_written_is_named() {
    let home = Home::new();
    let file = home.dir.path().join("state");
    std::fs::write(&file, "a file where a directory should be").unwrap();
    let (code, said) = refused(&home, &["--state-dir", file.to_str().unwrap()], &[]);
    assert!(code == 1 || code == 2, "{code}: {said}");
    assert!(said.contains(file.to_str().unwrap()), "{said}");

    if std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
        eprintln!("the rest is skipped: root may write everywhere");
        return;
    }
    let closed = home.dir.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, PermissionsExt::from_mode(0o500)).unwrap();
    let (code, said) = refused(&home, &["--state-dir", closed.to_str().unwrap()], &[]);
    assert!(code == 1 || code == 2, "{code}: {said}");
    assert!(said.contains(closed.to_str().unwrap()), "{said}");
}

#[test]
fn a_damaged_store_is_called_damaged() {
    let home = Home::new();
    let mut serve = Serve::start(&home);
    signal(serve.child.id(), "TERM");
    wait(&mut serve.child);
    let path = home.state().join("store.redb");
    std::fs::write(&path, vec![7; 200_000]).unwrap();
    let (code, said) = refused(&home, &[], &[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("store.redb") && said.contains("damaged"), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), vec![7; 200_000], "the file was touched");
}

#[test]
fn a_limit_on_the_size_of_files_is_a_sentence_and_not_a_dead_process() {
    for blocks in [8, 200] {
        let home = Home::new();
        let script = format!("ulimit -f {blocks}; exec {PROGRAM} seed demo --yes");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script]).env_clear().envs(home.environment());
        let (code, out, said) = ended(command.output().unwrap());
        assert_eq!((code, out.as_str()), (1, ""), "{blocks}: {said}");
        let last = said.lines().last().unwrap_or_default();
        assert!(last.starts_with("switchboard: ") && !said.contains("panicked"), "{blocks}: {said}");
        assert!(last.contains(".redb") && last.contains("room") || last.contains("too large"), "{blocks}: {said}");
        // Nothing is broken: without the limit the world is made.
        let (code, _, said) = home.run(&["seed", "demo", "--yes"]);
        assert_eq!(code, 0, "{blocks}: {said}");
    }
}

#[test]
fn a_node_that_hangs_is_named_and_one_that_was_killed_is_succeeded() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let pid = serve.child.id();
    signal(pid, "STOP");
    let named = |said: &str| {
        assert!(said.contains(&format!("process {pid} at ")) && said.contains("does not answer"), "{said}");
        assert!(said.contains(&format!("kill {pid}")), "{said}");
    };
    let (code, said) = refused(&home, &[], &[]);
    assert_eq!(code, 1, "{said}");
    named(&said);
    let (code, out, said) = home.run(&["conversations", "list"]);
    assert_eq!((code, out.as_str()), (3, ""), "{said}");
    named(&said);
    serve.kill();
    let next = Serve::start(&home);
    assert_eq!(home.node_file().unwrap()["pid"], next.child.id());
}
