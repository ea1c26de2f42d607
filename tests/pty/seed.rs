//! `switchboard seed`: worlds with a history, played through the sandbox and our own operations.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::home::{Home, Serve};

/// How many flows of each channel ended how.
fn ended(flows: &[Value]) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for flow in flows {
        let word = |name: &str| flow[name].as_str().unwrap().to_owned();
        *counts.entry((word("channel"), word("status"))).or_insert(0) += 1;
    }
    counts
}

#[test]
fn admin_200_is_two_hundred_verifications_that_end_as_told() {
    let home = Home::new();
    let (code, said, error) = home.run(&["seed", "admin-200", "--yes"]);
    assert_eq!(code, 0, "{said}{error}");
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let bank = api.get("/api/businesses")["default"].as_str().unwrap().to_owned();
    let flows = api.pages(&format!("/api/businesses/{bank}/verify/flows?limit=200"));
    let told = [
        ("call", "approved", 21),
        ("call", "expired", 9),
        ("email", "approved", 8),
        ("email", "expired", 2),
        ("sms", "approved", 119),
        ("sms", "blocked", 3),
        ("sms", "expired", 12),
        ("sms", "maxAttempts", 6),
        ("whatsapp", "approved", 17),
        ("whatsapp", "expired", 3),
    ];
    let told = told.map(|(channel, status, n)| ((channel.to_owned(), status.to_owned()), n));
    assert_eq!(ended(&flows), BTreeMap::from(told));
    let approved = flows.iter().filter(|flow| flow["status"] == "approved").count();
    assert_eq!((flows.len(), approved), (200, 165));
    assert!(flows.iter().all(|flow| flow["createdAt"].as_str().unwrap().starts_with("2026-03-01T")), "all on March 1");
    assert_eq!(api.get("/api/audit/verify")["ok"], true);
    assert!(api.get("/api/node")["now"].as_str().unwrap().starts_with("2026-03-02T17:0"));
}
