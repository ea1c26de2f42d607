//! The settings as the program finds them: places, files, variables.

use std::os::unix::fs::PermissionsExt;

use crate::node::{Home, ended, text};

#[test]
fn the_file_in_the_usual_place_is_read_and_its_slips_are_named() {
    let home = Home::new();
    let dir = home.dir.path().join("conf/switchboard");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("config.toml"), "[console]\nthemes = \"dark\"\n").unwrap();
    let mut command = home.command(&["node"]);
    let (code, _, said) = ended(command.env("XDG_CONFIG_HOME", home.dir.path().join("conf")).output().unwrap());
    assert_eq!(code, 2);
    assert!(
        said.ends_with("config.toml, line 2: there is no setting `console.themes`; did you mean `console.theme`?\n"),
        "{said}"
    );
}

#[test]
fn a_file_named_by_variable_or_flag_must_be_there() {
    let home = Home::new();
    let none = home.dir.path().join("none.toml");
    let (code, _, said) = home.run(&["node", "--config", text(&none)]);
    assert!(code == 2 && said.contains("none.toml cannot be read"), "{said}");
    let (code, _, said) = ended(home.command(&["node"]).env("SWITCHBOARD_CONFIG", &none).output().unwrap());
    assert!(code == 2 && said.contains("none.toml cannot be read"), "{said}");
}

#[test]
fn an_open_file_with_a_secret_is_refused_and_the_secret_not_shown() {
    let home = Home::new();
    let file = home.dir.path().join("open.toml");
    std::fs::write(&file, "[twilio]\nauth_token = \"very-secret\"\n").unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let (code, out, said) = home.run(&["node", "--config", text(&file)]);
    assert_eq!(code, 2);
    assert!(said.contains("chmod 600") && !format!("{out}{said}").contains("very-secret"), "{said}");
}

#[test]
fn the_example_can_be_used_as_it_is() {
    let home = Home::new();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml");
    let (code, _, said) = home.run(&["node", "--config", example]);
    assert_eq!(code, 3, "only the node is missing: {said}");
}

#[test]
fn real_credentials_are_never_sent_to_a_sandbox() {
    let home = Home::new();
    let mut command = home.command(&["node"]);
    command.env("TWILIO_ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef").env("TWILIO_AUTH_TOKEN", "t");
    let (code, _, said) = ended(command.env("TWILIO_BASE_URL", "http://127.0.0.1:9").output().unwrap());
    assert_eq!(code, 2);
    assert!(said.contains("is a real account"), "{said}");
}
