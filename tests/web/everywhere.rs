//! What concerns all businesses at once: every send, and how templates are used, at a real sandbox.

use serde_json::{Value, json};

use crate::verify::{Bench, KIM};

const LEE: &str = "+14155550143";
const ANA: &str = "+14155550144";

/// A second business with a Verify service of its own; answers its id.
async fn kite(bench: &Bench) -> String {
    let made = [("FriendlyName", "Blue Kite Tours"), ("CodeLength", "6")];
    let service = bench.sandbox.ask("POST", "verify/v2/Services", &made).await["sid"].clone();
    let business = json!({ "name": "Blue Kite Tours", "verifyServiceId": service });
    bench.node.post("/api/businesses", business).await["id"].as_str().unwrap().to_owned()
}

async fn send(bench: &Bench, business: &str, body: Value) -> Value {
    let path = format!("/api/businesses/{business}/verify/send");
    let flow = bench.node.call("POST", &path, Some(body)).await.ok();
    bench.pass(1).await;
    flow
}

/// All sends, page by page.
async fn all(bench: &Bench, query: &str, limit: u32) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page = bench.get(&format!("attempts?all=true&limit={limit}{query}{after}")).await;
        rows.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return rows,
        }
    }
}

fn column(rows: &[Value], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sends_of_all_businesses_are_one_log_in_order() {
    let bench = Bench::start().await;
    let kite = kite(&bench).await;
    let (bank, tours) = ("Northwind Bank", "Blue Kite Tours");
    for (business, to) in [(&bench.bank, KIM), (&kite, KIM), (&kite, LEE), (&bench.bank, LEE), (&kite, ANA)] {
        send(&bench, business, json!({ "to": to })).await;
    }
    let whole = all(&bench, "", 200).await;
    assert_eq!(column(&whole, "phoneNumber"), [ANA, LEE, LEE, KIM, KIM]);
    assert_eq!(column(&whole, "businessName"), [tours, bank, tours, tours, bank]);
    for limit in [1, 2, 3, 4] {
        assert_eq!(column(&all(&bench, "", limit).await, "id"), column(&whole, "id"), "pages of {limit}");
    }
    // What is remembered of a send is found in all of them.
    assert_eq!(column(&all(&bench, "&search=0143", 1).await, "businessName"), [bank, tours]);
    let sid = whole[3]["verification"].as_str().unwrap();
    assert_eq!(column(&all(&bench, &format!("&search={sid}"), 5).await, "businessName"), [tours]);
    assert_eq!(all(&bench, &format!("&search={}", &sid[..12]), 5).await.len(), 1, "by the beginning of a SID too");
    assert_eq!(all(&bench, "&status=pending", 2).await.len(), 5);
    assert!(all(&bench, "&channel=call", 2).await.is_empty());
    let from = whole[2]["createdAt"].as_str().unwrap();
    assert_eq!(column(&all(&bench, &format!("&from={from}"), 2).await, "id"), column(&whole[..3], "id"));
    // One business has its own, and says nothing of the name.
    let own = bench.get("attempts").await["items"].as_array().unwrap().clone();
    assert_eq!((column(&own, "phoneNumber"), &own[0]["businessName"]), (vec![LEE.into(), KIM.into()], &Value::Null));
    let bad = bench.node.call("GET", &bench.at("attempts?all=true&after=zz"), None).await;
    bad.refused(400, "invalid_input");
    // A deleted one keeps its log.
    let path = format!("/api/businesses/{kite}?confirm=Blue%20Kite%20Tours");
    bench.node.call("DELETE", &path, None).await.ok();
    assert_eq!(column(&all(&bench, "", 2).await, "id"), column(&whole, "id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_template_is_used_is_told_of_one_business_and_of_all() {
    let bench = Bench::start().await;
    let kite = kite(&bench).await;
    let brand = |list: &Value| list["items"].as_array().unwrap().iter().find(|t| t["name"] == "Brand").unwrap().clone();
    let before = brand(&bench.get("templates").await);
    assert_eq!(before["used"], json!({ "sends": 0, "verifications": 0, "approved": 0 }));
    assert_eq!((&before["status"], &before["usedByAll"]), (&json!("pending"), &Value::Null), "French is pending");
    let template = before["sid"].clone();
    let with = |to: &str| json!({ "to": to, "template": template, "substitutions": { "brand": "Northwind Bank" } });
    send(&bench, &bench.bank, with(KIM)).await;
    let code = bench.code(KIM).await;
    assert_eq!(bench.check(KIM, &code).await.ok()["success"], true);
    let last = send(&bench, &bench.bank, with(LEE)).await["createdAt"].clone();
    send(&bench, &bench.bank, json!({ "to": ANA })).await;
    let by_kite = send(&bench, &kite, with(ANA)).await["createdAt"].clone();

    let list = bench.get("templates?all=true").await;
    let used = json!({ "sends": 2, "verifications": 2, "approved": 1, "conversion": "50.0", "lastUsed": last });
    assert_eq!(brand(&list)["used"], used);
    let of_all = json!({ "sends": 3, "verifications": 3, "approved": 1, "conversion": "33.3", "lastUsed": by_kite });
    assert_eq!(brand(&list)["usedByAll"], of_all);
    let others = list["items"].as_array().unwrap().iter().filter(|t| t["name"] != "Brand");
    assert!(others.clone().count() > 0 && others.clone().all(|t| t["used"]["sends"] == 0), "{list}");
    // The figures are those of the dashboard.
    let figures = bench.node.get(&format!("/api/analytics/verifications?business={}", bench.bank)).await;
    let slice = figures["byTemplate"].as_array().unwrap().iter().find(|s| s["key"] == template).unwrap().clone();
    assert_eq!((&slice["funnel"]["sends"], &slice["funnel"]["approvedOfUnblocked"]), (&json!(2), &json!("50.0")));
    // Sends of long ago are not counted, but when it was used last is known.
    bench.pass(40 * 86_400).await;
    let later = brand(&bench.get("templates").await)["used"].clone();
    assert_eq!(later, json!({ "sends": 0, "verifications": 0, "approved": 0, "lastUsed": last }));
    assert_eq!(brand(&bench.get("templates?days=60").await)["used"], used);
    for days in [0, 367] {
        let bad = bench.node.call("GET", &bench.at(&format!("templates?days={days}")), None).await;
        bad.refused(400, "invalid_input");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_limited_to_one_business_is_told_nothing_of_all() {
    let bench = Bench::start().await;
    let kite = kite(&bench).await;
    send(&bench, &kite, json!({ "to": KIM })).await;
    for role in ["business", "admin"] {
        let fields = json!({ "label": "bank", "kind": "secret", "business": bench.bank, "role": role });
        let (_, token) = bench.node.token(fields).await;
        for path in ["attempts?all=true", "attempts?all=true&search=0142", "templates?all=true"] {
            let refused = bench.node.call_as(&token, "GET", &bench.at(path), None).await;
            let told = refused.refused(403, "forbidden").to_string();
            assert!(!told.contains("Kite") && !told.contains(KIM), "{path}: {told}");
        }
        let own = bench.node.call_as(&token, "GET", &bench.at("attempts"), None).await.ok();
        assert_eq!(own["items"], json!([]));
        let theirs = format!("/api/businesses/{kite}/verify/attempts?all=true");
        bench.node.call_as(&token, "GET", &theirs, None).await.refused(404, "not_found");
    }
}
