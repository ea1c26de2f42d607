//! The sandbox's accounts are known on sight: the mark in their SIDs is the one that the settings look for.

use switchboard::config::is_sandbox_account;
use switchboard::sandbox;

#[tokio::test]
async fn every_account_of_a_sandbox_bears_the_mark() {
    let dir = tempfile::tempdir().unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let running = sandbox::start(sandbox::Config { state_dir: dir.path().into(), listen, seed: 7 }).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let state: serde_json::Value =
        client.get(format!("{}/sandbox/state", running.base)).send().await.unwrap().json().await.unwrap();
    for name in ["accountSid", "testAccountSid"] {
        let sid = state[name].as_str().unwrap().parse().unwrap();
        assert!(is_sandbox_account(&sid), "{name} is {sid}");
    }
    running.stop().await;
}
