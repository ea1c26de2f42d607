//! Matrices of sends, at a real sandbox: every channel in every language, red and green.

use serde_json::{Value, json};

use crate::verify::{Bench, KIM};

/// The template whose texts name a brand.
async fn brand(bench: &Bench) -> Value {
    let list = bench.get("templates").await;
    list["items"].as_array().unwrap().iter().find(|t| t["name"] == "Brand").unwrap()["sid"].clone()
}

fn cell(run: &Value, name: &str) -> Value {
    run["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["cell"] == name)
        .unwrap_or_else(|| panic!("{name}: {run}"))
        .clone()
}

/// All four channels in three languages.
fn twelve(template: &Value, values: Value) -> Value {
    json!({
        "to": "(415) 555-0142", "addresses": { "email": "kim@example.com" }, "locales": ["en,es", "de"],
        "template": template, "substitutions": values,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_channel_is_tried_in_every_language() {
    let bench = Bench::start().await;
    let matrix = twelve(&brand(&bench).await, json!({ "brand": "Northwind Bank" }));
    let saved = bench.node.put(&bench.at("matrices/nightly"), matrix).await;
    assert_eq!((&saved["version"], saved["channels"].as_array().unwrap().len()), (&json!(1), 4), "{saved}");
    let before = bench.node.get("/api/node").await["now"].clone();
    let run = bench.ask("matrices/nightly/run", json!({})).await.ok();
    assert_eq!((&run["ok"], &run["passed"], &run["cells"]), (&json!(true), &json!(12), &json!(12)), "{run}");
    assert!(run["items"].as_array().unwrap().iter().all(|c| c["outcome"] == "approved"), "{run}");
    // What stood on the phone, without the code.
    assert_eq!(cell(&run, "sms/en")["text"], "Your Northwind Bank code is ••••••");
    assert_eq!(cell(&run, "sms/de")["text"], "Dein Northwind Bank-Code lautet ••••••");
    let said = cell(&run, "call/en")["text"].clone();
    assert!(said.as_str().unwrap().contains("• • • • • •"), "{said}");
    for name in ["whatsapp/de", "email/es"] {
        assert_eq!(cell(&run, name)["template"], "no template");
    }
    assert_eq!(cell(&run, "sms/es")["cost"]["amount"], "0.0583");
    // Each is a flow of its own, over now; the clock of the world did not move.
    assert_eq!(bench.get("attempts?status=approved").await["items"].as_array().unwrap().len(), 12);
    assert_eq!(bench.get("attempts?status=pending").await["items"], json!([]));
    let detail = bench.detail(&json!({ "id": cell(&run, "whatsapp/es")["flow"] })).await;
    assert_eq!(detail["flow"]["status"], "approved");
    assert_eq!(bench.node.get("/api/node").await["now"], before);
    // It is kept with the matrix.
    let kept = bench.get("matrices/nightly").await;
    assert_eq!(kept["run"]["items"], run["items"]);
    assert_eq!(bench.get("matrices").await["items"][0]["name"], "nightly");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_red_cell_says_why() {
    let bench = Bench::start().await;
    let template = brand(&bench).await;
    let left_out = twelve(&template, json!({ "en/brand": "Bank", "es/brand": "Banco" }));
    let run = bench.ask("matrix", left_out).await.ok();
    assert_eq!((&run["ok"], &run["passed"], &run["version"]), (&json!(false), &json!(10), &json!(0)), "{run}");
    for name in ["sms/de", "call/de"] {
        let red = cell(&run, name);
        assert_eq!((&red["outcome"], &red["error"]), (&json!("refused"), &json!(60224)), "{red}");
        assert!(red["detail"].as_str().unwrap().contains("de/{{brand}}"), "{red}");
    }
    // A language that is not approved, and a phone that is switched off.
    let outcome = json!({ "status": "undelivered", "errorCode": 30003, "times": 1 });
    let phone = format!("/api/simulator/phones/{}/outcome", KIM.replace('+', "%2B"));
    bench.node.post(&phone, outcome).await;
    let some = json!({
        "to": KIM, "channels": ["sms"], "locales": ["en", "fr"], "template": template,
        "substitutions": { "brand": "Bank" },
    });
    let run = bench.ask("matrix", some).await.ok();
    let (off, french) = (cell(&run, "sms/en"), cell(&run, "sms/fr"));
    assert_eq!((&off["outcome"], &off["error"]), (&json!("failed"), &json!(30003)), "{off}");
    assert!(off["detail"].as_str().unwrap().contains("did not arrive at +14155550142; it is undelivered"), "{off}");
    assert_eq!((&french["outcome"], &french["error"]), (&json!("refused"), &json!(60201)), "{french}");
    // A code that is on a real person's screen is ended, so that the cell is one of its own.
    let waiting = bench.send(KIM).await;
    let only = json!({ "to": KIM, "channels": ["sms"] });
    assert_eq!(bench.ask("matrix", only).await.ok()["ok"], true);
    assert_eq!(bench.detail(&waiting).await["flow"]["status"], "canceled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_matrix_has_versions_and_every_change_is_audited() {
    let bench = Bench::start().await;
    let path = bench.at("matrices/nightly");
    let one = json!({ "to": KIM, "channels": ["sms"] });
    let save = async |version: u64| {
        let mut body = one.clone();
        body["version"] = json!(version);
        bench.node.call("PUT", &path, Some(body)).await
    };
    assert_eq!(save(0).await.ok()["version"], 1);
    save(0).await.refused(412, "version_mismatch");
    assert_eq!(save(1).await.ok()["version"], 2);
    bench.ask("matrices/nightly/run", json!({})).await.ok();
    bench.node.call("DELETE", &path, None).await.ok();
    bench.node.call("GET", &path, None).await.refused(404, "not_found");
    bench.ask("matrices/nightly/run", json!({})).await.refused(404, "not_found");
    bench.node.call("PUT", &bench.at("matrices/a%20b"), Some(one.clone())).await.refused(400, "invalid_input");
    let many: Vec<String> = (0..21).map(|n| format!("x{n}")).collect();
    let big = json!({ "to": KIM, "channels": ["sms", "call"], "locales": many });
    assert_eq!(bench.ask("matrix", big).await.refused(400, "invalid_input")["field"], "locales");
    assert_eq!(bench.node.get("/api/audit/verify").await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_the_business_holds_for_a_matrix_too() {
    let bench = Bench::start().await;
    bench.node.put(&format!("/api/businesses/{}", bench.bank), json!({ "verifyPerMinute": 2 })).await;
    let three = json!({ "to": KIM, "channels": ["sms"], "locales": ["en", "es", "de"] });
    let run = bench.ask("matrix", three).await.ok();
    assert_eq!(run["passed"], 2, "{run}");
    assert!(cell(&run, "sms/de")["detail"].as_str().unwrap().contains("by its own limit"), "{run}");
}
