//! Pictures and other files of messages, in and out.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard::api::Code;
use switchboard::api::node::World;
use switchboard::core::Pace;
use switchboard::domain::audit::{hash, to_hex};
use switchboard::domain::time::Span;
use switchboard::link::{Failure, Sending};

use crate::files::{Files, Then};
use crate::hooks::{SMS, but, text};
use crate::node::{Answer, MARIA, NUMBER, Node, SAM, Setup, answer, until, until_some};
use crate::numbers::Sandbox;
use crate::twilio::File;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and what makes a picture \x00\xff";
const PDF: &[u8] = b"%PDF-1.7 the menu";

impl Node {
    /// A customer sends a picture that Twilio has.
    async fn picture_in(&self, n: u64, from: &str) {
        let form = [("NumMedia", "1"), ("MediaContentType0", "image/png"), ("Body", "")];
        let form = form.iter().fold(text(n, from, "look"), |form, (name, value)| but(form, name, value));
        let form = but(form, "MediaUrl0", &format!("{}/media/{n}", self.twilio.base));
        assert_eq!(self.webhook(SMS, &form).await.status, 200);
        self.applied().await;
    }

    /// The newest message of a customer once its first file is in this state; the file.
    async fn until_media(&self, customer: &str, state: &str) -> (String, Value) {
        let look = || async {
            let newest = self.thread(customer).await.into_iter().next()?;
            let media = newest["media"][0].clone();
            (media["state"] == state).then(|| (newest["id"].as_str().unwrap().to_owned(), media))
        };
        until_some(&format!("the file of {customer} is {state}"), look).await
    }

    async fn upload(&self, name: &str, bytes: &[u8]) -> Answer {
        let request = self.request("POST", "/api/media").query(&[("name", name)]);
        answer(request.bearer_auth(self.core.session_token()).body(bytes.to_vec())).await
    }

    async fn uploaded(&self, name: &str, bytes: &[u8]) -> String {
        self.upload(name, bytes).await.ok()["id"].as_str().unwrap().to_owned()
    }

    /// The bytes of a message's file, with the headers.
    async fn content(&self, message: &str, index: usize) -> reqwest::Response {
        let path = format!("/api/messages/{message}/media/{index}/content");
        self.request("GET", &path).bearer_auth(self.core.session_token()).send().await.unwrap()
    }

    /// Sends files to Maria at once; answers the message's id.
    async fn send_files(&self, files: Value) -> String {
        let send = json!({ "to": MARIA, "media": files, "holdSeconds": 0 });
        self.post("/api/conversations/messages", send).await["id"].as_str().unwrap().to_owned()
    }

    /// The address that Twilio was given for the only file of the only message.
    async fn public_address(&self) -> String {
        self.twilio.until_posted(1).await;
        self.twilio.posts("MediaUrl").remove(0)
    }
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

/// A node whose public address is its own, as in a sandbox.
fn reachable() -> Setup {
    Setup { public_is_own: true, ..Setup::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_from_a_phone_is_kept_and_one_from_here_arrives_there() {
    let sandbox = Sandbox::start().await;
    let node = sandbox.node_with(reachable()).await;
    sandbox.points_to(&node.base).await;
    node.core.follow_clock().await.unwrap();
    let picture = node.uploaded("car.png", PNG).await;
    let texting = json!({ "to": NUMBER, "media": [picture] });
    let path = format!("/api/simulator/phones/{MARIA}/send");
    assert_eq!(node.post(&path, texting).await["webhookStatus"], 200);
    node.applied().await;
    let (id, media) = node.until_media(MARIA, "kept").await;
    assert_eq!((&media["size"], &media["contentType"]), (&json!(PNG.len()), &json!("image/png")));
    assert_eq!(media["digest"], to_hex(&hash(PNG)));
    assert_eq!(node.conversation(MARIA).await["last"]["preview"], "(a picture)");
    let listed = node.get(&format!("/api/messages/{id}/media")).await;
    assert_eq!((&listed["items"][0], listed["items"].as_array().unwrap().len()), (&media, 1));
    let content = node.content(&id, 0).await;
    assert_eq!((content.status().as_u16(), header(&content, "content-type")), (200, "image/png"));
    assert_eq!(header(&content, "content-disposition"), format!("attachment; filename=\"media-{id}-0.png\""));
    assert_eq!(header(&content, "x-content-type-options"), "nosniff");
    assert_eq!(header(&content, "content-length"), PNG.len().to_string());
    assert_eq!(content.bytes().await.unwrap(), PNG);

    let menu = node.uploaded("menu.pdf", PDF).await;
    let id = node.send_files(json!([picture, menu])).await;
    node.until_status(MARIA, &id, "delivered").await;
    let phone = node.get(&format!("/api/simulator/phones/{MARIA}")).await;
    let arrived = phone["messages"].as_array().unwrap().last().unwrap();
    let types: Vec<_> = arrived["media"].as_array().unwrap().iter().map(|m| m["contentType"].clone()).collect();
    assert_eq!(types, ["image/png", "application/pdf"]);
    for (media, bytes) in arrived["media"].as_array().unwrap().iter().zip([PNG, PDF]) {
        assert_eq!(sandbox.file(media["url"].as_str().unwrap()).await, bytes);
    }
    assert_eq!(node.message(MARIA, &id).await["segments"], 1);
    // What cannot be fetched is told in Twilio's words, and in ours.
    let nowhere = format!("{}/nothing.png", sandbox.base());
    let lost = node.send_files(json!([nowhere])).await;
    let failed = node.until_status(MARIA, &lost, "failed").await;
    assert_eq!(failed["error"], 11200);
    assert!(failed["errorText"].as_str().unwrap().contains("could not be fetched"), "{failed}");
    let page = Files::start([Then::Send("text/html", b"<p>no picture".to_vec())]).await;
    let wrong = node.send_files(json!([format!("{}/x.png", page.base)])).await;
    assert_eq!(node.until_status(MARIA, &wrong, "failed").await["error"], 12300);
    // Sent again with its files, and byte for byte.
    let outcome = json!({ "status": "failed", "errorCode": 30003, "times": 1 });
    node.post(&format!("/api/simulator/phones/{MARIA}/outcome"), outcome).await;
    let failed = node.send_files(json!([picture])).await;
    node.until_status(MARIA, &failed, "failed").await;
    let again = node.post(&format!("/api/messages/{failed}/retry"), json!({})).await;
    node.until_status(MARIA, again["id"].as_str().unwrap(), "delivered").await;
    let phone = node.get(&format!("/api/simulator/phones/{MARIA}")).await;
    let arrived = phone["messages"].as_array().unwrap().last().unwrap()["media"][0]["url"].clone();
    assert_eq!(sandbox.file(arrived.as_str().unwrap()).await, PNG);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_another_origin_takes_no_credentials_along() {
    let node = Node::start().await;
    let elsewhere = Files::start([Then::Send("image/png; charset=binary", PNG.to_vec())]).await;
    node.twilio.files([File::At(format!("{}/file", elsewhere.base))]);
    let mut live = node.events(None).await;
    live.caught_up().await;
    node.picture_in(1, MARIA).await;
    let (id, _) = node.until_media(MARIA, "kept").await;
    assert_eq!(node.content(&id, 0).await.bytes().await.unwrap(), PNG);
    let asked = node.twilio.asked_for_files();
    assert!(asked.len() == 1 && asked[0].contains("authorization: Basic"), "{asked:?}");
    let there = elsewhere.asked();
    assert!(there.len() == 1 && !there[0].contains("authorization"), "{there:?}");
    // Consoles hear of it, with the message as it is now.
    let event = live.event("message.media").await;
    assert_eq!(event["message"]["media"][0]["state"], "kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_comes_twice_brings_its_file_once() {
    let node = Node::start().await;
    let elsewhere = Files::start([Then::Send("image/png", PNG.to_vec())]).await;
    node.twilio.files([File::At(format!("{}/file", elsewhere.base))]);
    node.picture_in(1, MARIA).await;
    node.picture_in(1, MARIA).await;
    node.until_media(MARIA, "kept").await;
    node.picture_in(1, MARIA).await;
    assert_eq!((node.thread(MARIA).await.len(), node.twilio.asked_for_files().len()), (1, 1));
    assert_eq!(node.files().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_for_now_is_tried_again() {
    let pace = Pace { fetch: Duration::from_millis(300), fetch_again: Duration::from_millis(20), ..Pace::default() };
    let node = Node::with(Setup { pace, ..Setup::default() }).await;
    // An error of a server, a file that never comes, and then the file.
    let elsewhere = Files::start([Then::Silence, Then::Send("image/png", PNG.to_vec())]).await;
    let at = || File::At(format!("{}/file", elsewhere.base));
    node.twilio.files([File::Refused(503), at(), at()]);
    node.picture_in(1, MARIA).await;
    let (id, media) = node.until_media(MARIA, "kept").await;
    assert_eq!((node.twilio.asked_for_files().len(), &media["detail"]), (3, &Value::Null));
    assert_eq!(node.content(&id, 0).await.bytes().await.unwrap(), PNG);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_not_come_is_said_and_not_asked_for_again_by_itself() {
    let node = Node::with(Setup { largest: 100, ..Setup::default() }).await;
    let elsewhere = Files::start([Then::Send("image/png", vec![7; 101])]).await;
    node.twilio.files([File::Refused(404), File::At(format!("{}/big", elsewhere.base))]);
    node.picture_in(1, MARIA).await;
    let (gone, media) = node.until_media(MARIA, "gone").await;
    assert!(media["detail"].as_str().unwrap().contains("ask the customer"), "{media}");
    let refused = answer(
        node.request("GET", &format!("/api/messages/{gone}/media/0/content")).bearer_auth(node.core.session_token()),
    )
    .await;
    assert!(refused.refused(409, "conflict")["detail"].as_str().unwrap().contains("gone"));
    node.picture_in(2, SAM).await;
    let (_, media) = node.until_media(SAM, "failed").await;
    assert!(media["detail"].as_str().unwrap().contains("larger than the 100 bytes"), "{media}");
    // Credentials go to Twilio only, whatever a webhook says.
    let foreign = but(text(3, SAM, "x"), "NumMedia", "1");
    let foreign = but(foreign, "MediaUrl0", &format!("{}/steal", elsewhere.base));
    node.webhook(SMS, &foreign).await;
    node.applied().await;
    let (_, media) = node.until_media(SAM, "failed").await;
    assert!(media["detail"].as_str().unwrap().contains("credentials go to Twilio only"), "{media}");
    assert_eq!((node.twilio.asked_for_files().len(), elsewhere.asked().len()), (2, 1));
    // A person may ask again.
    let small = Files::start([Then::Send("image/png", PNG.to_vec())]).await;
    node.twilio.files([File::At(format!("{}/small", small.base))]);
    let asked = node.post(&format!("/api/messages/{gone}/media/0/retry"), json!({})).await;
    assert_eq!((&asked["state"], &asked["tries"]), (&json!("waiting"), &json!(0)));
    node.until_media(MARIA, "kept").await;
    let again = node.call("POST", &format!("/api/messages/{gone}/media/0/retry"), Some(json!({}))).await;
    again.refused(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_and_a_crash_go_on_where_it_was() {
    let node = Node::start().await;
    let elsewhere = Files::start([Then::Silence, Then::Silence, Then::Send("image/png", PNG.to_vec())]).await;
    node.twilio.files(std::iter::repeat_n(File::At(format!("{}/file", elsewhere.base)), 3));
    node.picture_in(1, MARIA).await;
    until("it is being fetched", || elsewhere.asked().len() == 1).await;
    let node = node.restart().await;
    until("it is being fetched again", || elsewhere.asked().len() == 2).await;
    let after = node.crash().await;
    let (id, _) = after.until_media(MARIA, "kept").await;
    assert_eq!(after.content(&id, 0).await.bytes().await.unwrap(), PNG);
    // A file without a row is what a crash leaves between the two: the next start takes it away.
    let orphan = after.media_dir().join(after.business.to_string()).join("77");
    std::fs::write(&orphan, "left over").unwrap();
    let after = after.restart().await;
    until("what belongs to nothing is gone", || !orphan.exists()).await;
    assert_eq!(after.content(&id, 0).await.bytes().await.unwrap(), PNG);
    // Its own file lost, it can be fetched again.
    let kept = after.files().remove(0);
    std::fs::remove_file(kept).unwrap();
    let refused = after.content(&id, 0).await;
    assert_eq!(refused.status().as_u16(), 409);
    let back = Files::start([Then::Send("image/png", PNG.to_vec())]).await;
    after.twilio.files([File::At(format!("{}/file", back.base))]);
    after.post(&format!("/api/messages/{id}/media/0/retry"), json!({})).await;
    after.until_media(MARIA, "kept").await;
    assert_eq!(after.content(&id, 0).await.bytes().await.unwrap(), PNG);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_nothing_is_a_sentence_until_it_does() {
    let node = Node::start().await;
    // A file stands where the directory would be.
    std::fs::write(node.media_dir(), "in the way").unwrap();
    let elsewhere = Files::start(std::iter::repeat_n(Then::Send("image/png", PNG.to_vec()), 9)).await;
    node.twilio.files(std::iter::repeat_n(File::At(format!("{}/file", elsewhere.base)), 9));
    node.picture_in(1, MARIA).await;
    let told = until_some("it is told", || async {
        let media = node.thread(MARIA).await[0]["media"][0].clone();
        media["detail"].is_string().then_some(media)
    });
    let told = told.await;
    assert_eq!(told["state"], "waiting");
    assert!(told["detail"].as_str().unwrap().contains("check the disk"), "{told}");
    let troubles = node.get("/api/node").await["troubles"].to_string();
    assert!(troubles.contains("files of messages: "), "{troubles}");
    std::fs::remove_file(node.media_dir()).unwrap();
    node.until_media(MARIA, "kept").await;
    assert_eq!(node.get("/api/node").await["troubles"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_make_room_and_what_is_needed_stays() {
    let node = Node::with(Setup { media_limit: 100, ..reachable() }).await;
    let elsewhere = Files::start(std::iter::repeat_n(Then::Send("image/png", vec![1; 60]), 9)).await;
    node.twilio.files(std::iter::repeat_n(File::At(format!("{}/file", elsewhere.base)), 9));
    node.picture_in(1, MARIA).await;
    node.until_media(MARIA, "kept").await;
    node.picture_in(2, SAM).await;
    node.until_media(SAM, "kept").await;
    let (_, old) = node.until_media(MARIA, "gone").await;
    assert!(old["detail"].as_str().unwrap().contains("limits.media_mb"), "{old}");
    assert_eq!(node.files().len(), 1);
    // The file of a message that has not left yet stays, and whoever comes is told.
    let mine = node.uploaded("mine.png", PNG).await;
    let send = json!({ "to": MARIA, "media": [mine], "sendAt": "2027-03-02T17:00:00Z" });
    let later = node.post("/api/conversations/messages", send).await;
    node.upload("more.txt", &[b'x'; 80]).await.refused(409, "conflict");
    let message = node.message(MARIA, later["id"].as_str().unwrap()).await;
    assert_eq!(message["media"][0]["state"], "kept");
    assert_eq!(node.files().len(), 1, "only what nobody needs made room");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_ours_is_served_to_whoever_knows_its_address_and_nothing_else_is() {
    let node = Node::with(reachable()).await;
    let file = node.uploaded("car photo.png", PNG).await;
    let id = node.send_files(json!([file])).await;
    let url = node.public_address().await;
    assert_eq!(node.twilio.posts("Body"), [""], "no empty text is sent along");
    let path = url.strip_prefix(&node.base).expect("it lies under the public URL");
    let fetched = node.http.get(&url).send().await.unwrap();
    assert_eq!((fetched.status().as_u16(), header(&fetched, "content-type")), (200, "image/png"));
    assert_eq!(header(&fetched, "x-content-type-options"), "nosniff");
    assert_eq!(fetched.bytes().await.unwrap(), PNG);
    let head = node.http.head(&url).send().await.unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, PNG.len().to_string().as_str()));
    assert_eq!(head.bytes().await.unwrap().len(), 0);
    // 256 bits of seal: a guess, a neighbour, a list, a way up.
    let ticket = path.rsplit('/').next().unwrap();
    let flipped = format!("{}{}", if ticket.starts_with('A') { 'B' } else { 'A' }, &ticket[1..]);
    let other = if ticket.ends_with('A') { "B" } else { "A" };
    let ending = format!("{}{other}", &ticket[..ticket.len() - 1]);
    for guess in [flipped.as_str(), &ending, "", ".", "key", "..%2fkey", "../key", "%2e%2e/key", &id, &file] {
        let answer = answer(node.request("GET", &format!("/api/webhooks/media/{guess}"))).await;
        assert!([404, 401].contains(&answer.status), "{guess}: {answer:?}");
    }
    answer(node.request("POST", path)).await.refused(405, "method_not_allowed");
    answer(node.request("DELETE", path)).await.refused(405, "method_not_allowed");
    // It holds over a restart, and ends by itself.
    let node = node.restart().await;
    assert_eq!(node.request("GET", path).send().await.unwrap().bytes().await.unwrap(), PNG);
    let ended = Node::with(Setup { pace: Pace { served: Span::secs(0), ..Pace::default() }, ..reachable() }).await;
    let file = ended.uploaded("car.png", PNG).await;
    ended.send_files(json!([file])).await;
    let url = ended.public_address().await;
    answer(ended.http.get(&url)).await.refused(404, "not_found");
    answer(ended.http.head(&url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_ends_after_the_sending_not_after_the_upload() {
    let node = Node::with(reachable()).await;
    let file = node.uploaded("news.pdf", PDF).await;
    let send = json!({ "to": MARIA, "body": "our news", "media": [file], "sendAt": "2026-03-12T17:00:00Z" });
    let id = node.post("/api/conversations/messages", send).await["id"].as_str().unwrap().to_owned();
    node.pass(11 * 86_400);
    node.until_status(MARIA, &id, "queued").await;
    assert_eq!(node.http.get(node.public_address().await).send().await.unwrap().bytes().await.unwrap(), PDF);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tenants_and_roles_see_nothing() {
    let node = Node::with(reachable()).await;
    let (other, _) = node.add_business("Blue Kite", &["+14155550199"], None).await;
    let file = node.uploaded("car.png", PNG).await;
    let id = node.send_files(json!([file])).await;
    let make = |business: &str| json!({ "label": "x", "kind": "secret", "business": business, "role": "agent" });
    let (_, own) = node.token(make(&node.business.to_string())).await;
    let (_, stranger) = node.token(make(&other.to_string())).await;
    let content = format!("/api/messages/{id}/media/0/content");
    assert_eq!(node.call_as(&own, "GET", &content, None).await.status, 200);
    for path in [content.as_str(), &format!("/api/messages/{id}/media"), &format!("/api/messages/{id}/media/0")] {
        node.call_as(&stranger, "GET", path, None).await.refused(404, "not_found");
    }
    let retry = format!("/api/messages/{id}/media/0/retry");
    node.call_as(&stranger, "POST", &retry, Some(json!({}))).await.refused(404, "not_found");
    let steal = json!({ "to": MARIA, "media": [file], "body": "x" });
    let refused = node.call_as(&stranger, "POST", "/api/conversations/messages", Some(steal)).await;
    assert_eq!(refused.refused(400, "invalid_input")["field"], "media");
    let upload = |token: String| {
        let request = node.request("POST", &format!("/api/media?business={}", node.business));
        answer(request.bearer_auth(token).body(PNG))
    };
    upload(stranger).await.refused(404, "not_found");
    upload(own).await.ok();
    node.put("/api/agents/kim", json!({ "name": "Kim" })).await;
    let (_, auditor) = node.token(json!({ "label": "y", "kind": "secret", "agent": "kim", "role": "auditor" })).await;
    node.call_as(&auditor, "GET", &content, None).await.refused(403, "forbidden");
    upload(auditor).await.refused(403, "forbidden");
    answer(node.request("GET", &content)).await.refused(401, "unauthenticated");
    answer(node.request("POST", "/api/media").body(PNG)).await.refused(401, "unauthenticated");
    for path in ["..%2f..%2fkey", "x", "-1", "99", "0%2f..%2f..%2fkey"] {
        let path = format!("/api/messages/{id}/media/{path}/content");
        node.call("GET", &path, None).await.refused(404, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilio_would_not_take_is_refused_before_it_is_asked() {
    let node = Node::with(reachable()).await;
    node.upload("page.png", b"<!DOCTYPE html><html>").await.refused(400, "invalid_input");
    node.upload("unknown", b"\x00\x01\x02").await.refused(400, "invalid_input");
    node.upload("empty.png", b"").await.refused(400, "invalid_input");
    let pdf = [PDF, &vec![b' '; 500_000]].concat();
    let refused = node.upload("long.pdf", &pdf).await.refused(413, "too_large");
    assert!(refused["detail"].as_str().unwrap().contains("500 KB"), "{refused}");
    node.upload("long.png", &[PNG, &vec![0; 5_000_000]].concat()).await.refused(413, "too_large");
    let taken = node.upload("../../etc/pass wd.png", &[PNG, &vec![0; 600_000]].concat()).await.ok();
    assert_eq!((&taken["name"], &taken["contentType"]), (&json!("pass_wd.png"), &json!("image/png")));
    let send = async |fields: Value| {
        let mut send = json!({ "to": MARIA });
        for (name, value) in fields.as_object().unwrap() {
            send[name] = value.clone();
        }
        node.call("POST", "/api/conversations/messages", Some(send)).await.refused(400, "invalid_input")
    };
    assert_eq!(send(json!({ "media": ["99"] })).await["field"], "media");
    assert_eq!(send(json!({ "mediaUrl": ["file:///etc/passwd"] })).await["field"], "mediaUrl");
    assert_eq!(send(json!({ "mediaUrl": vec!["https://x.example/a.png"; 11] })).await["field"], "media");
    assert_eq!(send(json!({ "body": " " })).await["field"], "body");
    let ten = json!({ "to": MARIA, "mediaUrl": vec!["https://x.example/a.png"; 10], "holdSeconds": 0 });
    node.post("/api/conversations/messages", ten).await;
    node.twilio.until_posted(1).await;
    assert_eq!(node.twilio.all_of_post(0, "MediaUrl"), vec!["https://x.example/a.png"; 10]);

    let deaf = Node::with(Setup { public: None, world: World::Live, sandbox: false, ..Setup::default() }).await;
    let refused = deaf.upload("car.png", PNG).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("server.public_url"), "{refused}");
    let url = json!({ "to": MARIA, "mediaUrl": ["https://x.example/a.png"], "confirm": "live" });
    deaf.post("/api/conversations/messages", url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_to_a_node_carry_files() {
    let node = Node::with(reachable()).await;
    for link in crate::link::ways(&node) {
        let file = Sending { business: None, name: Some("car.png".into()), bytes: PNG.into() };
        let file = link.upload(file).await.unwrap();
        assert_eq!((file.content_type.as_str(), file.size), ("image/png", PNG.len() as u64));
        let id = node.send_files(json!([file.id])).await;
        let content = link.content(id.parse().unwrap(), 0).await.unwrap();
        assert_eq!((content.name.as_str(), content.content_type.as_str()), ("car.png", "image/png"));
        assert_eq!(content.bytes, PNG);
        let refused = link.content(id.parse().unwrap(), 1).await.unwrap_err();
        assert!(matches!(refused, Failure::Refused(ref e) if e.code == Code::NotFound), "{refused}");
        let page = Sending { business: None, name: Some("x.html".into()), bytes: b"<html>".as_slice().into() };
        let refused = link.upload(page).await.unwrap_err();
        assert!(matches!(refused, Failure::Refused(ref e) if e.code == Code::InvalidInput), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_twice_with_one_key_is_one_file() {
    let node = Node::start().await;
    let upload = |key: &str, name: &str, bytes: &'static [u8]| {
        let request = node.request("POST", "/api/media").query(&[("name", name)]).header("idempotency-key", key);
        answer(request.bearer_auth(node.core.session_token()).body(bytes))
    };
    let first = upload("k1", "menu.pdf", PDF).await.ok();
    assert_eq!(upload("k1", "menu.pdf", PDF).await.ok(), first);
    assert_ne!(upload("k2", "menu.pdf", PDF).await.ok()["id"], first["id"]);
    // Another file, or another name, under the same key is a mistake.
    upload("k1", "menu.pdf", b"%PDF-1.7 another menu").await.refused(422, "key_reused");
    upload("k1", "card.pdf", PDF).await.refused(422, "key_reused");
    upload("", "menu.pdf", PDF).await.refused(400, "invalid_input");
    // Several at the same moment leave one file, too, and nothing beside it.
    let before = node.files().len();
    let (a, b, c) = tokio::join!(upload("k3", "a.png", PNG), upload("k3", "a.png", PNG), upload("k3", "a.png", PNG));
    let (a, b, c) = (a.ok(), b.ok(), c.ok());
    assert!(a == b && b == c, "{a} {b} {c}");
    assert_eq!(node.files().len(), before + 1);
    // And after a start.
    let node = node.restart().await;
    let request = node.request("POST", "/api/media").query(&[("name", "a.png")]).header("idempotency-key", "k3");
    assert_eq!(answer(request.bearer_auth(node.core.session_token()).body(PNG)).await.ok(), a);
}
