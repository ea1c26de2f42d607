//! Media with real bytes, and WhatsApp.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{MARIA, NUMBER, SPARE, Sink, World, statuses, text};

const PIXEL: &[u8] = b"\x89PNG not really";

#[tokio::test]
async fn a_picture_arrives_with_its_bytes() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(NUMBER, &[("SmsUrl", &sink.url("/sms"))]).await;
    let media = json!([{ "contentType": "image/png", "base64": BASE64_STANDARD.encode(PIXEL) }]);
    let sent = world.control("POST", &format!("phones/{MARIA}/send"), json!({ "to": NUMBER, "media": media })).await;
    let sid = text(&sent, "sid");
    assert!(sid.starts_with("MM"));
    let hooks = sink.take();
    assert_eq!(
        (hooks[0].get("NumMedia"), hooks[0].get("Body"), hooks[0].get("NumSegments")),
        (Some("1"), Some(""), Some("1"))
    );
    assert_eq!(hooks[0].get("MediaContentType0"), Some("image/png"));
    let url = hooks[0].get("MediaUrl0").unwrap().to_owned();
    assert!(url.starts_with(&world.base) && !url.ends_with(".json"));

    assert_eq!(world.client.get(&url).send().await.unwrap().status(), 401);
    let answer = world.client.get(&url).basic_auth(&world.account, Some(&world.token)).send().await.unwrap();
    assert_eq!(answer.status(), 307);
    let file = answer.headers()["location"].to_str().unwrap().to_owned();
    let answer = world.client.get(&file).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.bytes().await.unwrap(), PIXEL);

    let (_, list) = world.get(&world.path(&format!("/Messages/{sid}/Media.json"))).await;
    let media = &list["media_list"][0];
    assert_eq!((&media["content_type"], &media["parent_sid"]), (&json!("image/png"), &json!(sid)));
    let path = world.path(&format!("/Messages/{sid}/Media/{}.json", text(media, "sid")));
    assert_eq!(world.delete(&path).await, 204);
    assert_eq!(world.get(&path).await.0, 404);
    assert_eq!(world.client.get(&file).send().await.unwrap().status(), 404);
    assert_eq!(world.message(&sid).await["num_media"], "0");
    world.end().await;
}

#[tokio::test]
async fn a_sent_picture_is_fetched_and_shown_on_the_handset() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    sink.will_answer(&[(200, "image/gif", "GIF89a")]);
    let url = sink.url("/logo.gif");
    let sent = world.send(&[("To", MARIA), ("From", NUMBER), ("MediaUrl", &url)]).await;
    assert!(text(&sent, "sid").starts_with("MM"));
    assert_eq!((&sent["num_media"], &sent["num_segments"], &sent["body"]), (&json!("1"), &json!("1"), &json!("")));
    world.advance(2.0).await;
    let shown = &world.phone(MARIA).await[0]["media"][0];
    assert_eq!(shown["contentType"], "image/gif");
    assert!(text(shown, "url").starts_with(&world.base));
    assert_eq!(world.message(&text(&sent, "sid")).await["price"], "-0.02200");
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_fetched_fails_as_at_twilio() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.control("POST", "webhooks", json!({ "status": sink.url("/status") })).await;
    let large = "x".repeat(500 * 1024 + 200_000);
    for (answer, code) in [
        ((404, "image/png", "no"), 11200),
        ((200, "text/html", "<p>"), 12300),
        ((200, "application/octet-stream", "png"), 12300),
        ((200, "application/pdf", large.as_str()), 30019),
    ] {
        sink.will_answer(&[answer]);
        let form = [("To", MARIA), ("From", NUMBER), ("Body", "Look"), ("MediaUrl", &sink.url("/x"))];
        let sid = text(&world.send(&form).await, "sid");
        world.advance(2.0).await;
        let message = world.message(&sid).await;
        assert_eq!((&message["status"], &message["error_code"]), (&json!("failed"), &json!(code)), "{answer:?}");
        let hooks = sink.take();
        let last = hooks.last().unwrap();
        assert_eq!((last.get("MessageStatus"), last.get("ErrorCode")), (Some("failed"), Some(&*code.to_string())));
    }
    assert_eq!(world.phone(MARIA).await.len(), 0);
    world.end().await;
}

#[tokio::test]
async fn a_picture_from_one_number_to_another_comes_in_there() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(SPARE, &[("SmsUrl", &sink.url("/sms"))]).await;
    sink.will_answer(&[(200, "image/gif", "GIF89a")]);
    world.send(&[("To", SPARE), ("From", NUMBER), ("MediaUrl", &sink.url("/logo.gif"))]).await;
    world.advance(2.0).await;
    let hooks = sink.take();
    let came = hooks.iter().find(|hook| hook.get("NumMedia") == Some("1")).unwrap();
    let url = came.get("MediaUrl0").unwrap().to_owned();
    let answer = world.client.get(&url).basic_auth(&world.account, Some(&world.token)).send().await.unwrap();
    let file = world.client.get(answer.headers()["location"].to_str().unwrap()).send().await.unwrap();
    assert_eq!(file.bytes().await.unwrap(), "GIF89a");
    world.end().await;
}

#[tokio::test]
async fn a_message_waits_for_its_media_also_over_a_restart() {
    let mut world = World::new(42).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a.png", listener.local_addr().unwrap());
    world.control("POST", "clock", json!({ "paused": false })).await;
    let sid = text(&world.send(&[("To", MARIA), ("From", NUMBER), ("MediaUrl", &url)]).await, "sid");
    let (_silent, _) = listener.accept().await.unwrap();
    // Another message passes meanwhile.
    let other = text(&world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Hello")]).await, "sid");
    for _ in 0..2000 {
        if world.message(&other).await["status"] == "delivered" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(world.message(&other).await["status"], "delivered");
    assert_eq!(world.message(&sid).await["status"], "queued");
    world.restart().await;
    let (mut asked, _) = listener.accept().await.unwrap();
    let mut head = [0; 2048];
    assert!(asked.read(&mut head).await.unwrap() > 0);
    asked.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 3\r\n\r\npng").await.unwrap();
    world.advance(5.0).await;
    assert_eq!(world.message(&sid).await["status"], "delivered");
    assert_eq!(world.phone(MARIA).await[1]["media"][0]["contentType"], "image/png");
    world.end().await;
}

#[tokio::test]
async fn whatsapp_has_its_own_parameters_and_a_window() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let hooks = json!({ "sms": sink.url("/sms"), "status": sink.url("/status") });
    world.control("POST", "webhooks", hooks).await;
    let (customer, sender) = ("whatsapp:+14155550123", "whatsapp:+14155550100");
    let form = [("To", customer), ("From", sender), ("Body", "Hello")];
    let cold = text(&world.send(&form).await, "sid");
    world.advance(5.0).await;
    let message = world.message(&cold).await;
    assert_eq!((&message["status"], &message["error_code"]), (&json!("failed"), &json!(63016)));
    sink.take();

    let body = json!({ "to": sender, "body": "Hola 👋", "profileName": "Maria" });
    world.control("POST", &format!("phones/{customer}/send"), body).await;
    let hooks = sink.take();
    let expected = [
        ("From", customer),
        ("WaId", "14155550123"),
        ("ProfileName", "Maria"),
        ("Body", "Hola 👋"),
        ("NumSegments", "1"),
    ];
    for (name, value) in expected {
        assert_eq!(hooks[0].get(name), Some(value), "{name}");
    }
    assert_eq!(hooks[0].get("FromCountry"), None);
    assert!(hooks[0].signed_by(&world.token));

    let warm = text(&world.send(&form).await, "sid");
    world.advance(5.0).await;
    assert_eq!(world.message(&warm).await["status"], "delivered");
    let hooks = sink.take();
    assert_eq!(statuses(&hooks, &warm), ["sent", "delivered"]);
    assert_eq!(
        (hooks[1].get("ChannelPrefix"), hooks[1].get("ChannelToAddress")),
        (Some("whatsapp"), Some("+1415555XXXX"))
    );
    assert_eq!((hooks[1].get("EventType"), hooks[1].get("RawDlrDoneDate")), (Some("DELIVERED"), None));
    world.advance(25.0 * 3600.0).await;
    let late = text(&world.send(&form).await, "sid");
    world.advance(5.0).await;
    assert_eq!(world.message(&late).await["error_code"], 63016);
    world.end().await;
}
