//! What Twilio refuses, with its codes and words.

use serde_json::{Value, json};

use crate::support::{MARIA, NUMBER, World};

type Form<'a> = &'a [(&'a str, &'a str)];

async fn refused(world: &World, form: &[(&str, &str)]) -> (u16, u64, String) {
    let (status, body) = world.post(&world.path("/Messages.json"), form).await;
    let code = body["code"].as_u64().unwrap_or_else(|| panic!("{form:?} gave {body}"));
    assert_eq!(body["status"], json!(status.as_u16()));
    assert_eq!(body["more_info"], json!(format!("https://www.twilio.com/docs/errors/{code}")));
    (status.as_u16(), code, body["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_bad_message_gets_twilios_code() {
    let world = World::new(42).await;
    let long = "a".repeat(1601);
    let cases: &[(Form, u64, &str)] = &[
        (&[("From", NUMBER), ("Body", "x")], 21604, "A 'To' phone number is required."),
        (&[("To", MARIA), ("Body", "x")], 21603, "A 'From' phone number is required."),
        (&[("To", MARIA), ("From", NUMBER)], 21602, "Message body is required."),
        (
            &[("To", MARIA), ("From", NUMBER), ("Body", &long)],
            21617,
            "The concatenated message body exceeds the 1600 character limit.",
        ),
        (
            &[("To", "+1500"), ("From", NUMBER), ("Body", "x")],
            21211,
            "The 'To' number +1500 is not a valid phone number.",
        ),
        (&[("To", "12345"), ("From", NUMBER), ("Body", "x")], 21265, "'To' number cannot be a Short Code: 12345"),
        (
            &[("To", MARIA), ("From", "+14155550177"), ("Body", "x")],
            21606,
            "The From phone number +14155550177 is not a valid, SMS-capable inbound phone number or short code for your account.",
        ),
        (&[("To", MARIA), ("From", "TWELVE LETTERS"), ("Body", "x")], 21212, ""),
        (
            &[("To", MARIA), ("From", NUMBER), ("Body", "x"), ("StatusCallback", "http://under_score.example/x")],
            21609,
            "",
        ),
        (&[("To", MARIA), ("From", NUMBER), ("Body", "x"), ("ValidityPeriod", "36001")], 21624, ""),
        (&[("To", MARIA), ("From", NUMBER), ("Body", "x"), ("MediaUrl", "no url")], 21620, ""),
        (&[("To", "whatsapp:+14155550123"), ("From", NUMBER), ("Body", "x")], 21910, ""),
        (
            &[
                ("To", MARIA),
                ("From", NUMBER),
                ("Body", "x"),
                ("ScheduleType", "fixed"),
                ("SendAt", "2026-03-02T18:00:00Z"),
            ],
            35118,
            "",
        ),
        (&[("To", MARIA), ("MessagingServiceSid", "MG123"), ("Body", "x")], 21705, ""),
        (&[("To", NUMBER), ("From", NUMBER), ("Body", "x")], 21266, ""),
    ];
    for (form, code, message) in cases {
        let (status, found, words) = refused(&world, form).await;
        assert_eq!((status, found), (400, *code), "{form:?}");
        assert!(message.is_empty() || words == *message, "{words}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_body_of_1600_characters_is_eleven_parts() {
    let world = World::new(42).await;
    let body = "a".repeat(1600);
    let sent = world.send(&[("To", MARIA), ("From", NUMBER), ("Body", &body)]).await;
    assert_eq!(sent["num_segments"], "11");
    for (body, smart, parts) in
        [("{".repeat(81), "false", "2"), ("’".repeat(71), "false", "2"), ("’".repeat(71), "true", "1")]
    {
        let form = [("To", MARIA), ("From", NUMBER), ("Body", body.as_str()), ("SmartEncoded", smart)];
        assert_eq!(world.send(&form).await["num_segments"], parts, "{body} {smart}");
    }
    world.end().await;
}

#[tokio::test]
async fn credentials_are_checked_in_both_forms() {
    let world = World::new(42).await;
    let url = format!("{}{}", world.base, world.path("/Messages.json"));
    let key = (world.state["apiKeySid"].as_str().unwrap(), world.state["apiKeySecret"].as_str().unwrap());
    let good = world.client.get(&url).basic_auth(key.0, Some(key.1)).send().await.unwrap();
    assert_eq!(good.status(), 200);
    for (user, password) in
        [(world.account.as_str(), "wrong"), (key.0, "wrong"), ("ACnobody", &world.token), (key.0, &world.token)]
    {
        let answer = world.client.get(&url).basic_auth(user, Some(password)).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{user}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!((&body["code"], &body["message"]), (&json!(20003), &json!("Authenticate")));
    }
    let none = world.client.get(&url).send().await.unwrap();
    assert_eq!(none.headers()["www-authenticate"], "Basic realm=\"Twilio API\"");
    let body: Value = none.json().await.unwrap();
    assert_eq!(body["message"], "Authentication Error - No credentials provided");
    assert_eq!(body["detail"], "Your AccountSid or AuthToken was incorrect.");
    world.end().await;
}

#[tokio::test]
async fn what_is_not_there_is_20404_by_the_path_twilio_names() {
    let world = World::new(42).await;
    let missing = world.path("/Messages/SM00000000000000000000000000000000.json");
    for (path, named) in [
        (missing.clone(), missing.trim_start_matches("/api").to_owned()),
        ("/studio/v2/Flows".to_owned(), String::new()),
        ("/messaging/v1/Services/MG1".to_owned(), "/Services/MG1".to_owned()),
        ("/trusthub/v1/CustomerProfiles".to_owned(), "/CustomerProfiles".to_owned()),
        (
            "/api/2010-04-01/Accounts/invalid_sid/Messages.json".to_owned(),
            "/2010-04-01/Accounts/invalid_sid/Messages.json".to_owned(),
        ),
    ] {
        let (status, body) = world.get(&path).await;
        assert_eq!(status, 404, "{path}");
        if !named.is_empty() {
            assert_eq!(body["code"], 20404, "{path}");
            assert_eq!(body["message"], json!(format!("The requested resource {named} was not found")));
        }
    }
    world.end().await;
}

#[tokio::test]
async fn answers_have_twilios_headers() {
    let world = World::new(42).await;
    let form = [("To", MARIA), ("From", NUMBER), ("Body", "Hi")];
    let answer = world.request("POST", &world.path("/Messages.json")).form(&form).send().await.unwrap();
    let headers = answer.headers().clone();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-home-region"], "us1");
    assert_eq!(headers["x-api-domain"], "api.twilio.com");
    assert!(headers.contains_key("twilio-concurrent-requests") && headers.contains_key("twilio-request-duration"));
    let id = headers["twilio-request-id"].to_str().unwrap().to_owned();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(id[2..], body["sid"].as_str().unwrap()[2..]);
    world.end().await;
}

#[tokio::test]
async fn the_plain_path_works_with_twilios_host_name() {
    let world = World::new(42).await;
    let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", world.base, world.account);
    let request = world.client.get(url).header("Host", "api.twilio.com").basic_auth(&world.account, Some(&world.token));
    assert_eq!(request.send().await.unwrap().status(), 200);
    let url = format!("{}/v1/Services", world.base);
    let request =
        world.client.get(url).header("Host", "messaging.twilio.com").basic_auth(&world.account, Some(&world.token));
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["meta"]["url"], "https://messaging.twilio.com/v1/Services?PageSize=50&Page=0");
    world.end().await;
}
