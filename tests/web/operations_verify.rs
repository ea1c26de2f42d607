//! The operations of verification, each once good and once bad; a part of the walk over the whole table.

use serde_json::json;

use crate::operations::Walk;
use crate::verify::{Bench, KIM};

const LEE: &str = "+14155550143";

/// Walks over them, at the bank of a bench.
pub async fn verifications(walk: &mut Walk<'_>, bench: &Bench) {
    let at = |path: &str| bench.at(path);
    let to = || Some(json!({ "to": KIM }));
    walk.good("PreviewVerification", &at("preview"), to()).await;
    let flow = walk.good("SendVerification", &at("send"), to()).await["id"].as_str().unwrap().to_owned();
    let of = |what: &str| bench.at(&format!("flows/{flow}/{what}"));
    walk.good("ResendVerification", &of("resend"), Some(json!({}))).await;
    walk.good("FallBackVerification", &of("fallback"), Some(json!({ "channel": "call" }))).await;
    walk.good("CheckVerification", &at("check"), Some(json!({ "to": KIM, "code": "000000" }))).await;
    walk.good("CancelVerification", &of("cancel"), Some(json!({}))).await;
    let lee = walk.good("SendVerification", &at("send"), Some(json!({ "to": LEE }))).await;
    let approve = at(&format!("flows/{}/approve", lee["id"].as_str().unwrap()));
    walk.good("ApproveVerification", &approve, Some(json!({}))).await;
    walk.good("GetFlow", &at(&format!("flows/{flow}")), None).await;
    for (name, path) in [
        ("ListFlows", "flows"),
        ("ListAttempts", "attempts"),
        ("ListChecks", "checks"),
        ("ListTemplates", "templates"),
        ("GetVerifyService", "service"),
    ] {
        let list = walk.good(name, &at(path), None).await;
        assert!(list["items"].as_array().is_none_or(|items| !items.is_empty()), "{name}: {list}");
        walk.bad(name, &format!("/api/businesses/99/verify/{path}"), None, 404, "not_found").await;
    }
    walk.good("UpdateVerifyService", &at("service"), Some(json!({ "codeLength": 8 }))).await;
    walk.good("LookUpNumber", &at("lookup"), Some(json!({ "number": KIM, "confirm": "$0.0080" }))).await;
    let templates = bench.get("templates").await;
    let brand = templates["items"].as_array().unwrap().iter().find(|t| t["name"] == "Brand").unwrap()["sid"].clone();
    let wording = json!({ "template": brand, "substitutions": { "brand": "Northwind" } });
    walk.good("SaveWording", &at("wording"), Some(wording)).await;
    walk.good("GetWording", &at("wording"), None).await;
    walk.good("ListWordings", &at("wordings"), None).await;
    walk.good("RestoreWording", &at("wordings/1/restore"), Some(json!({}))).await;
    let one = json!({ "to": "+14155550149", "channels": ["sms"] });
    walk.good("SaveMatrix", &at("matrices/nightly"), Some(one.clone())).await;
    walk.good("ListMatrices", &at("matrices"), None).await;
    assert_eq!(walk.good("RunMatrix", &at("matrices/nightly/run"), Some(json!({}))).await["ok"], true);
    assert_eq!(walk.good("TryMatrix", &at("matrix"), Some(one)).await["passed"], 1);
    walk.good("GetMatrix", &at("matrices/nightly"), None).await;
    walk.good("DeleteMatrix", &at("matrices/nightly"), None).await;

    let max = walk.good("SetFraudGuard", &at("fraud-guard"), Some(json!({ "level": "max" }))).await;
    assert_eq!(max["fraudGuard"], "max");
    let burst = walk.good("RehearseVerifications", &at("rehearsal"), Some(json!({ "sends": 3 }))).await;
    assert_eq!(burst["accepted"], 3);

    let nobody = Some(json!({ "to": "nobody" }));
    walk.bad("PreviewVerification", &at("preview"), nobody.clone(), 400, "invalid_input").await;
    walk.bad("SendVerification", &at("send"), nobody, 400, "invalid_input").await;
    let short = Some(json!({ "to": KIM, "code": "1" }));
    walk.bad("CheckVerification", &at("check"), short, 400, "invalid_input").await;
    walk.bad("LookUpNumber", &at("lookup"), Some(json!({ "number": LEE })), 409, "confirmation_required").await;
    for (name, path, body) in [
        ("ResendVerification", "flows/7/resend", json!({})),
        ("FallBackVerification", "flows/7/fallback", json!({ "channel": "call" })),
        ("CancelVerification", "flows/7/cancel", json!({})),
        ("ApproveVerification", "flows/7/approve", json!({})),
        ("RestoreWording", "wordings/9/restore", json!({})),
        ("RunMatrix", "matrices/none/run", json!({})),
    ] {
        walk.bad(name, &at(path), Some(body), 404, "not_found").await;
    }
    walk.bad("GetFlow", &at("flows/7"), None, 404, "not_found").await;
    walk.bad("GetMatrix", &at("matrices/none"), None, 404, "not_found").await;
    walk.bad("DeleteMatrix", &at("matrices/none"), None, 404, "not_found").await;
    walk.bad("ListMatrices", "/api/businesses/99/verify/matrices", None, 404, "not_found").await;
    walk.bad("TryMatrix", &at("matrix"), Some(json!({})), 400, "invalid_input").await;
    walk.bad("SaveMatrix", &at("matrices/nightly"), Some(json!({ "to": "x" })), 400, "invalid_input").await;
    walk.bad("SetFraudGuard", &at("fraud-guard"), Some(json!({ "level": "most" })), 400, "invalid_input").await;
    walk.bad("RehearseVerifications", &at("rehearsal"), Some(json!({ "sends": 0 })), 400, "invalid_input").await;
    walk.bad("UpdateVerifyService", &at("service"), Some(json!({ "codeLength": 3 })), 400, "invalid_input").await;
    let empty = Some(json!({ "template": brand, "substitutions": {} }));
    walk.bad("SaveWording", &at("wording"), empty, 400, "invalid_input").await;
    for (name, path) in [("GetWording", "wording"), ("ListWordings", "wordings")] {
        walk.bad(name, &format!("/api/businesses/99/verify/{path}"), None, 404, "not_found").await;
    }
}
