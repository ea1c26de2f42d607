//! `switchboard sandbox --scenario`: the world of a file, for the tests of other programs.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::node::Home;

/// A sandbox that ends with the test.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_begins_with_the_world_of_a_file_every_time() {
    let home = Home::new();
    let file = home.dir.path().join("world.toml");
    std::fs::write(&file, "paused = true\n[[number]]\nPhoneNumber = \"+14155550142\"\n").unwrap();
    // Another test of this process may have chosen the provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for epoch in [2, 3] {
        let args = ["sandbox", "--json", "--seed", "9", "--scenario", file.to_str().unwrap()];
        let mut started = Started(home.command(&args).stdout(Stdio::piped()).spawn().unwrap());
        let mut line = String::new();
        BufReader::new(started.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        assert!(said["authToken"].is_string(), "{said}");
        let url = format!("{}/sandbox/state", said["base"].as_str().unwrap());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let state: Value = runtime.block_on(async { client.get(url).send().await.unwrap().json().await.unwrap() });
        assert_eq!((&state["epoch"], &state["paused"], &state["seed"]), (&epoch.into(), &true.into(), &9.into()));
        assert_eq!(state["counts"]["numbers"], 3);
    }
}

#[test]
fn a_world_that_cannot_be_ends_with_2_and_a_sentence() {
    let home = Home::new();
    let file = home.dir.path().join("world.toml");
    for (text, said) in [
        ("number = ", "is no TOML"),
        ("colour = 1", "unknown field `colour`"),
        ("[[number]]\nPhoneNumber = \"12\"\n", "the scenario cannot be: "),
    ] {
        std::fs::write(&file, text).unwrap();
        let (code, out, error) = home.run(&["sandbox", "--json", "--scenario", file.to_str().unwrap()]);
        assert_eq!((code, out.as_str()), (2, ""), "{error}");
        assert!(error.contains(said), "{error}");
    }
    let (code, _, error) = home.run(&["sandbox", "--scenario", "nowhere/world.toml"]);
    assert!(code == 2 && error.contains("cannot be read"), "{error}");
    let (code, _, error) = home.run(&["sandbox", "--scenario", "gone"]);
    assert!(code == 2 && error.contains("known are fresh, senders"), "{error}");
}
