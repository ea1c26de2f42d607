//! Twilio's rules of one-time codes as a caller meets them, at a real sandbox.

use serde_json::{Value, json};

use crate::verify::{Bench, KIM, wrong};

const LEE: &str = "+14155550143";

/// The template whose texts name a brand.
async fn brand(bench: &Bench) -> String {
    let list = bench.get("templates").await;
    let row = list["items"].as_array().unwrap().iter().find(|t| t["name"] == "Brand").unwrap().clone();
    assert!(row["translations"].as_array().unwrap().iter().any(|t| t["locale"] == "fr" && t["status"] == "pending"));
    row["sid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_sent_is_shown_before_anything_is() {
    let bench = Bench::start().await;
    let template = brand(&bench).await;
    let named = json!({ "brand": "Northwind Bank" });
    let input = json!({ "to": "(415) 555-0142", "channel": "sms", "template": template, "substitutions": named });
    let shown = bench.ask("preview", input).await.ok();
    assert_eq!((&shown["to"], &shown["country"]), (&json!(KIM), &json!("US")));
    assert_eq!(shown["text"], "Your Northwind Bank code is ••••••");
    assert_eq!((&shown["measure"]["segments"], &shown["cost"]["amount"]), (&json!(1), &json!("0.0083")));
    assert_eq!((&shown["isExact"], &shown["successFee"]["amount"]), (&json!(true), &json!("0.05")));
    // A missing value is an error before anything is sent, and names language and placeholder.
    let german = json!({ "to": KIM, "template": template, "locale": "de" });
    assert_eq!(bench.ask("preview", german.clone()).await.ok()["missing"], json!(["brand"]));
    let refused = bench.ask("send", german).await.refused(400, "invalid_input");
    assert!(refused["detail"].as_str().unwrap().contains("de/{{brand}}"), "{refused}");
    // A language that is not approved is said in the preview, and refused by Twilio.
    let french = json!({ "to": KIM, "template": template, "locale": "fr", "substitutions": named });
    let warned = bench.ask("preview", french.clone()).await.ok();
    assert!(warned["warnings"][0].as_str().unwrap().contains("60201"), "{warned}");
    assert_eq!(bench.ask("send", french).await.refused(400, "invalid_input")["twilio"], 60201);
    let usual = bench.ask("preview", json!({ "to": KIM, "locale": "de" })).await.ok();
    assert_eq!(usual["isExact"], false, "Twilio words other languages by itself");
    assert_eq!(bench.sandbox.shown(&format!("phones/{}", KIM.replace('+', "%2B"))).await["messages"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_and_the_right_one_does_not_help_any_more() {
    let bench = Bench::start().await;
    let flow = bench.send(LEE).await;
    let code = bench.code(LEE).await;
    for nth in 1..=5 {
        let checked = bench.check(LEE, &wrong(&code)).await.ok();
        assert_eq!((&checked["flow"]["checks"], &checked["flow"]["checksLimit"]), (&json!(nth), &json!(5)));
    }
    let refused = bench.check(LEE, &code).await.refused(429, "too_many_requests");
    assert_eq!((&refused["twilio"], &refused["about"]), (&json!(60202), &flow["id"]));
    let detail = bench.detail(&flow).await;
    assert_eq!((&detail["flow"]["status"], &detail["flow"]["checks"]), (&json!("maxAttempts"), &json!(5)));
    let found = bench.get("attempts?status=maxAttempts").await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(bench.get("checks").await["items"].as_array().unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sixth_send_offers_to_cancel_the_waiting_one() {
    let bench = Bench::start().await;
    let first = bench.send(KIM).await;
    let code = bench.code(KIM).await;
    let resend = format!("flows/{}/resend", first["id"].as_str().unwrap());
    for nth in 2..=5 {
        let again = bench.ask(&resend, json!({})).await.ok();
        assert_eq!((&again["id"], &again["sid"], &again["sends"]), (&first["id"], &first["sid"], &json!(nth)));
    }
    assert_eq!(bench.code(KIM).await, code, "the same code each time");
    let refused = bench.ask(&resend, json!({})).await.refused(429, "too_many_requests");
    assert_eq!(
        (&refused["twilio"], &refused["confirm"], &refused["about"]),
        (&json!(60203), &json!("cancel"), &first["id"])
    );
    let flow = bench.ask(&format!("flows/{}/cancel", first["id"].as_str().unwrap()), json!({})).await.ok();
    assert_eq!(flow["status"], "canceled");
    let second = bench.send(KIM).await;
    assert_ne!((&second["sid"], &second["id"]), (&first["sid"], &first["id"]));
    // The same in one go.
    let other = bench.ask("send", json!({ "to": KIM, "confirm": "cancel" })).await.ok();
    assert_ne!(other["sid"], second["sid"]);
    assert_eq!(bench.detail(&second).await["flow"]["status"], "canceled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_runs_out_by_itself() {
    let bench = Bench::start().await;
    let flow = bench.send(KIM).await;
    let code = bench.code(KIM).await;
    bench.pass(590).await;
    assert_eq!(bench.detail(&flow).await["flow"]["status"], "pending");
    bench.pass(8).await;
    let detail = bench.detail(&flow).await;
    assert_eq!(detail["flow"]["status"], "expired", "by itself, before anybody checks: {detail}");
    let refused = bench.check(KIM, &code).await.refused(404, "not_found");
    assert_eq!(refused["twilio"], 20404);
    assert!(refused["detail"].as_str().unwrap().contains("expired"), "{refused}");
    let detail = bench.until(&flow, "Twilio counts it", |d| d["attempts"][0]["converted"] == false).await;
    assert_eq!(detail["timeline"].as_array().unwrap().last().unwrap()["what"], "checkRefused");
    // What is over makes room for a new one.
    assert_ne!(bench.send(KIM).await["id"], flow["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_blocked_falls_back_to_another_channel_in_one_flow() {
    let bench = Bench::start().await;
    let refused = bench.ask("send", json!({ "to": "+88213000001" })).await.refused(502, "upstream");
    assert_eq!(refused["twilio"], 60410);
    let flow = json!({ "id": refused["about"] });
    let detail = bench.detail(&flow).await;
    assert_eq!((&detail["flow"]["status"], &detail["flow"]["cost"]["total"]), (&json!("blocked"), &Value::Null));
    let line = detail["timeline"].as_array().unwrap().iter().find(|l| l["what"] == "blocked").unwrap().clone();
    assert_eq!((&line["error"], &line["saved"]["amount"]), (&json!(60410), &json!("0.0083")), "{line}");
    assert!(line["text"].as_str().unwrap().contains("nothing sent"), "{line}");
    let fallback = format!("flows/{}/fallback", refused["about"].as_str().unwrap());
    bench.ask(&fallback, json!({ "channel": "email" })).await.refused(400, "invalid_input");
    let sent = bench.ask(&fallback, json!({ "channel": "email", "to": "kim@example.com" })).await.ok();
    assert_eq!((&sent["id"], &sent["channel"], &sent["status"]), (&flow["id"], &json!("email"), &json!("pending")));
    bench.pass(3).await;
    let mailbox = bench.sandbox.shown("phones/kim@example.com").await;
    let mail = mailbox["emails"][0]["body"].as_str().unwrap().to_owned();
    let code = mail.split(|c: char| !c.is_ascii_digit()).find(|d| d.len() == 6).unwrap();
    let checked = bench.ask("check", json!({ "flow": flow["id"], "code": code })).await.ok();
    assert_eq!((&checked["success"], &checked["flow"]["status"]), (&json!(true), &json!("approved")));
    let legs = checked["flow"]["legs"].as_array().unwrap().clone();
    let statuses: Vec<&Value> = legs.iter().map(|leg| &leg["status"]).collect();
    assert_eq!(statuses, [&json!("blocked"), &json!("approved")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_channels_and_ends_by_hand() {
    let bench = Bench::start().await;
    let call = bench.ask("send", json!({ "to": KIM, "channel": "call" })).await.ok();
    let id = call["id"].as_str().unwrap().to_owned();
    let whatsapp = bench.ask(&format!("flows/{id}/fallback"), json!({ "channel": "whatsapp" })).await.ok();
    // Twilio goes on with the same verification, whatever the channel.
    assert_eq!(
        (&whatsapp["sid"], &whatsapp["sends"], &whatsapp["channel"]),
        (&call["sid"], &json!(2), &json!("whatsapp"))
    );
    bench.pass(30).await;
    let phone = bench.sandbox.shown(&format!("phones/{}", KIM.replace('+', "%2B"))).await;
    assert!(phone["calls"][0]["transcript"].as_str().unwrap().contains("Northwind Bank"), "{phone}");
    let detail = bench.until(&call, "both arrived", |d| {
        d["attempts"][0]["progress"] == "completed" && d["attempts"][1]["progress"] == "delivered"
    });
    let prices: Vec<Value> =
        detail.await["attempts"].as_array().unwrap().iter().map(|a| a["price"]["amount"].clone()).collect();
    assert_eq!(prices, [json!("0.014"), json!("0.0147")]);
    let approved = bench.ask(&format!("flows/{id}/approve"), json!({})).await.ok();
    assert_eq!(approved["status"], "approved");
    bench.ask(&format!("flows/{id}/cancel"), json!({})).await.refused(409, "conflict");
    // An own code goes where the service allows it, and stands nowhere.
    let set = json!({ "customCodeEnabled": true, "codeLength": 8 });
    let service = bench.node.put(&bench.at("service"), set).await;
    assert_eq!((&service["codeLength"], &service["customCodeEnabled"]), (&json!(8), &json!(true)));
    let own = bench.ask("send", json!({ "to": LEE, "customCode": "SESAME77" })).await.ok();
    assert!(!bench.detail(&own).await.to_string().contains("SESAME77"));
    assert_eq!(bench.check(LEE, "SESAME77").await.ok()["success"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_found_by_what_people_remember() {
    let bench = Bench::start().await;
    let kim = bench.send(KIM).await;
    bench.send(LEE).await;
    bench.ask("send", json!({ "to": "kim@example.com" })).await.ok();
    bench.ask("send", json!({ "to": "+88213000001" })).await.refused(502, "upstream");
    let template = brand(&bench).await;
    let branded = json!({ "to": "+14155550144", "template": template, "substitutions": { "brand": "Bank" } });
    bench.ask("send", branded).await.ok();
    let found = async |query: String| {
        let page = bench.get(&format!("attempts?{query}")).await;
        let rows = page["items"].as_array().unwrap();
        rows.iter().map(|r| r["phoneNumber"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("search=5550142".into()).await, [KIM]);
    assert_eq!(found("search=555-014".into()).await, ["+14155550144", LEE, KIM]);
    assert_eq!(found("search=KIM%40".into()).await, ["kim@example.com"]);
    let sid = kim["sid"].as_str().unwrap();
    assert_eq!(found(format!("search={sid}")).await, [KIM]);
    assert_eq!(found(format!("search={}", &sid[..10])).await, [KIM]);
    assert_eq!(found("search=60410".into()).await, ["+88213000001"]);
    assert_eq!(found("error=60410".into()).await, ["+88213000001"]);
    assert_eq!(found(format!("template={template}")).await, ["+14155550144"]);
    assert_eq!(found("channel=email".into()).await, ["kim@example.com"]);
    assert_eq!(found("status=blocked".into()).await, ["+88213000001"]);
    assert!(found("search=999999".into()).await.is_empty());
    // Page by page it is the same, without gaps and repeats.
    let (mut all, mut after) = (Vec::new(), String::new());
    for _ in 0..10 {
        let page = bench.get(&format!("attempts?limit=2&search=5550{after}")).await;
        all.extend(page["items"].as_array().unwrap().iter().map(|r| r["id"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(all.len(), 3, "{all:?}");
    bench.node.call("GET", &bench.at("attempts?search=ab"), None).await.refused(400, "invalid_input");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wording_is_checked_when_saved_and_every_version_is_kept() {
    let bench = Bench::start().await;
    let template = brand(&bench).await;
    let save = async |values: Value| {
        let body = json!({ "template": template, "substitutions": values });
        bench.node.call("PUT", &bench.at("wording"), Some(body)).await
    };
    let missing = save(json!({})).await.refused(400, "invalid_input");
    assert!(missing["detail"].as_str().unwrap().contains("de/{{brand}}"), "{missing}");
    let unknown = save(json!({ "brand": "Bank", "colour": "red" })).await.refused(400, "invalid_input");
    assert!(unknown["detail"].as_str().unwrap().contains("colour"), "{unknown}");
    assert_eq!(save(json!({ "brand": "Northwind" })).await.ok()["version"], 1);
    let second = save(json!({ "brand": "Northwind Bank" })).await.ok();
    assert_eq!(second["changes"], json!(["- brand = Northwind", "+ brand = Northwind Bank"]));
    let stale = json!({ "template": template, "substitutions": { "brand": "x" }, "version": 1 });
    bench.node.call("PUT", &bench.at("wording"), Some(stale)).await.refused(412, "version_mismatch");
    // It words what names no template, and the send says which version it was.
    let shown = bench.ask("preview", json!({ "to": KIM })).await.ok();
    assert_eq!((&shown["text"], &shown["templateVersion"]), (&json!("Your Northwind Bank code is ••••••"), &json!(2)));
    let sent = bench.send(KIM).await;
    bench.pass(3).await;
    let phone = bench.sandbox.shown(&format!("phones/{}", KIM.replace('+', "%2B"))).await;
    assert!(phone["messages"][0]["body"].as_str().unwrap().starts_with("Your Northwind Bank code is "), "{phone}");
    assert_eq!(bench.detail(&sent).await["attempts"][0]["templateVersion"], 2);
    let back = bench.ask("wordings/1/restore", json!({})).await.ok();
    assert_eq!((&back["version"], &back["substitutions"]["brand"]), (&json!(3), &json!("Northwind")));
    let versions = bench.get("wordings").await;
    let numbers: Vec<&Value> = versions["items"].as_array().unwrap().iter().map(|v| &v["version"]).collect();
    assert_eq!(numbers, [&json!(3), &json!(2), &json!(1)]);
    // WhatsApp has no templates: it goes in Twilio's words.
    bench.ask("send", json!({ "to": LEE, "channel": "whatsapp" })).await.ok();
}
