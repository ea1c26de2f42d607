//! Lists over several pages, in both envelopes.

use serde_json::{Value, json};

use crate::support::{MARIA, NUMBER, SAM, SPARE, World, escape, text};

fn keys(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn messages_are_read_page_by_page_newest_first() {
    let world = World::new(42).await;
    let mut sent = Vec::new();
    for n in 0..7 {
        let to = if n % 2 == 0 { MARIA } else { SAM };
        sent.push(text(&world.send(&[("To", to), ("From", NUMBER), ("Body", &n.to_string())]).await, "sid"));
    }
    sent.reverse();

    let (_, page) = world.get(&world.path("/Messages.json?PageSize=3")).await;
    assert_eq!(
        keys(&page),
        [
            "end",
            "first_page_uri",
            "messages",
            "next_page_uri",
            "page",
            "page_size",
            "previous_page_uri",
            "start",
            "uri"
        ]
    );
    let root = world.path("/Messages.json").trim_start_matches("/api").to_owned();
    assert_eq!(page["first_page_uri"], json!(format!("{root}?PageSize=3&Page=0")));
    assert_eq!((&page["previous_page_uri"], &page["start"], &page["end"]), (&Value::Null, &json!(0), &json!(2)));
    // A message that comes in between moves nothing on the pages still to be read.
    world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "late")]).await;
    let mut found: Vec<String> = sids(&page);
    let mut page = page;
    while let Some(next) = page["next_page_uri"].as_str().map(str::to_owned) {
        page = world.get(&format!("/api{next}")).await.1;
        found.extend(sids(&page));
    }
    assert_eq!(found, sent);
    assert_eq!((&page["page"], &page["start"], &page["end"]), (&json!(2), &json!(6), &json!(6)));
    // Relative links also work from the base itself.
    let before = text(&page, "previous_page_uri");
    let (_, back) = world.get(&before).await;
    assert_eq!(sids(&back), sent[3..6]);

    let (_, only) = world.get(&world.path(&format!("/Messages.json?To={}&PageSize=2", escape(SAM)))).await;
    let next = text(&only, "next_page_uri");
    assert!(next.contains(&format!("To={}", escape(SAM))) && next.contains("PageToken=PA"));
    let (_, rest) = world.get(&format!("/api{next}")).await;
    assert_eq!((sids(&only).len(), sids(&rest).len(), &rest["next_page_uri"]), (2, 1, &Value::Null));
    world.end().await;
}

fn sids(page: &Value) -> Vec<String> {
    page["messages"].as_array().unwrap().iter().map(|message| text(message, "sid")).collect()
}

#[tokio::test]
async fn messages_are_filtered() {
    let world = World::new(42).await;
    world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "a")]).await;
    world.send(&[("To", MARIA), ("From", SPARE), ("Body", "b")]).await;
    world.advance(2.0 * 86_400.0).await;
    world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "c")]).await;
    world.advance(5.0).await;
    let count = async |query: &str| sids(&world.get(&world.path(&format!("/Messages.json?{query}"))).await.1).len();
    assert_eq!(count("").await, 3);
    assert_eq!(count(&format!("From={}", escape(SPARE))).await, 1);
    assert_eq!(count(&format!("To={}&From={}", escape(MARIA), escape(NUMBER))).await, 2);
    assert_eq!(count("DateSent=2026-03-02").await, 2);
    assert_eq!(count("DateSent%3E=2026-03-03").await, 1);
    assert_eq!(count("DateSent%3C=2026-03-03").await, 2);
    let (status, body) = world.get(&world.path("/Messages.json?PageSize=1001")).await;
    assert_eq!((status.as_u16(), &body["code"]), (400, &json!(20007)));
    let (_, body) = world.get(&world.path("/Messages.json?PageToken=nonsense")).await;
    assert_eq!(body["code"], 21481);
    let (_, empty) = world.get(&world.path(&format!("/Messages.json?To={}", escape(SAM)))).await;
    assert_eq!((&empty["start"], &empty["end"], &empty["messages"]), (&json!(0), &json!(0), &json!([])));
    world.end().await;
}

#[tokio::test]
async fn the_newer_hosts_have_absolute_links_that_lead_back_here() {
    let world = World::new(42).await;
    for n in 0..5 {
        world.post("/messaging/v1/Services", &[("FriendlyName", &format!("Service {n}"))]).await;
    }
    let (_, page) = world.get("/messaging/v1/Services?PageSize=2").await;
    assert_eq!(
        keys(&page["meta"]),
        ["first_page_url", "key", "next_page_url", "page", "page_size", "previous_page_url", "url"]
    );
    assert_eq!(page["meta"]["key"], "services");
    let mut names = Vec::new();
    let mut next = Some(page["meta"]["url"].as_str().unwrap().to_owned());
    while let Some(url) = next {
        assert!(url.starts_with(&world.base), "{url}");
        let page: Value = {
            let request = world.client.get(&url).basic_auth(&world.account, Some(&world.token));
            request.send().await.unwrap().json().await.unwrap()
        };
        names.extend(page["services"].as_array().unwrap().iter().map(|service| text(service, "friendly_name")));
        next = page["meta"]["next_page_url"].as_str().map(str::to_owned);
    }
    assert_eq!(names, ["Service 4", "Service 3", "Service 2", "Service 1", "Service 0"]);
    world.end().await;
}
