use futures_util::TryStreamExt;

use super::*;
use crate::domain::id::Sid;
use crate::twilio::client::{Base, Config, Credential, Timeouts};
use crate::twilio::media::FetchError;
use crate::twilio::messages::{MessageFilter, NewMessage};
use crate::twilio::testing::{Reply, Server, client_at, ok, refuse};

const SM: &str = "SM000000000000000000000000000000bb";

fn message(status: &str) -> String {
    format!(
        r#"{{"sid":"{SM}","status":"{status}","to":"+15558675310","from":null,"body":"Hi","num_segments":"1",
        "price":"-0.00750","price_unit":"USD","error_code":null,"date_created":"Thu, 24 Aug 2023 05:01:45 +0000",
        "messaging_service_sid":"","direction":"outbound-api","something_new":{{"a":[1]}}}}"#
    )
}

fn hello() -> NewMessage {
    NewMessage {
        to: "+15558675310".into(),
        from: Some("+14155550100".into()),
        body: Some("Hi & bye".into()),
        media_urls: vec!["https://a.example/1".into(), "https://a.example/2".into()],
        ..NewMessage::default()
    }
}

#[tokio::test]
async fn a_message_goes_out_as_a_form_with_credentials() {
    let server = Server::start(vec![Reply::Say(201, "", message("queued"))]).await;
    let sent = server.client().messages().create(&hello()).await.unwrap();
    assert_eq!(sent.sid.to_string(), SM);
    assert_eq!((sent.num_segments, sent.date_created), (Some(1), Some(1_692_853_305_000_000)));
    assert_eq!(sent.price.map(|price| price.to_string()).as_deref(), Some("-0.00750"));
    assert!(sent.from.is_none() && sent.messaging_service_sid.is_none() && sent.error_code.is_none());
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /api/2010-04-01/Accounts/AC000000000000000000000000000000aa/Messages.json");
    // base64 of AC000000000000000000000000000000aa:t0ken
    let pair = "QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDBhYTp0MGtlbg==";
    assert!(seen.head.contains(&format!("authorization: Basic {pair}")), "{}", seen.head);
    assert!(seen.head.contains("content-type: application/x-www-form-urlencoded"));
    assert_eq!(
        seen.body,
        "To=%2B15558675310&From=%2B14155550100&Body=Hi+%26+bye&MediaUrl=https%3A%2F%2Fa.example%2F1&MediaUrl=https%3A%2F%2Fa.example%2F2"
    );
}

#[tokio::test]
async fn without_a_listener_nothing_was_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = client_at(&base).messages().create(&hello()).await.unwrap_err();
    assert!(matches!(error, Error::NotSent { .. }), "{error:?}");
    assert!(error.is_safe_to_retry() && !error.may_have_happened());
    let error = client_at(&base).messages().fetch(SM.parse::<Sid>().unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::NotSent { .. }), "{error:?}");
}

#[tokio::test]
async fn a_post_whose_answer_is_lost_is_unknown_and_not_repeated() {
    let unreadable = Reply::Say(201, "", "<html>".to_owned());
    let no_sid = Reply::Say(201, "", "{}".to_owned());
    let failed = Reply::Say(503, "", "{}".to_owned());
    let redirect = Reply::Say(302, "Location: BASE/login\r\n", String::new());
    for reply in [Reply::HangUp, Reply::BreakOff, unreadable, no_sid, failed, redirect] {
        let server = Server::start(vec![reply]).await;
        let error = server.client().messages().create(&hello()).await.unwrap_err();
        assert!(matches!(error, Error::Unknown { .. }), "{error:?}");
        assert!(!error.is_safe_to_retry());
        assert_eq!(server.seen().len(), 1, "a POST goes out once");
    }
}

#[tokio::test]
async fn a_post_on_a_connection_that_dies_under_it_is_not_sent_twice() {
    let server = Server::start(vec![ok(&message("sent")), Reply::HangUp, ok(&message("sent"))]).await;
    let client = server.client();
    client.messages().fetch(SM.parse().unwrap()).await.unwrap();
    let error = client.messages().create(&hello()).await.unwrap_err();
    assert!(matches!(error, Error::Unknown { .. }), "{error:?}");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let server = Server::start((0..5).map(|_| ok(&message("sent"))).collect()).await;
    let client = server.client();
    for _ in 0..5 {
        client.messages().fetch(SM.parse().unwrap()).await.unwrap();
        // The connection goes back to the pool in a task of its own.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0; 5]);
}

#[tokio::test]
async fn an_account_has_no_more_requests_under_way_than_allowed() {
    let late = || Reply::Late(Duration::from_millis(15), message("sent"));
    for (allowed, least) in [(1, 1), (3, 2)] {
        let server = Server::start((0..12).map(|_| late()).collect()).await;
        let account = "AC000000000000000000000000000000aa".parse().unwrap();
        let base = Base::At(server.base.parse().unwrap());
        let credential = Credential::AuthToken("t".into());
        let client = Client::new(Config { max_concurrent: allowed, ..Config::new(base, account, credential) }).unwrap();
        let all = (0..12).map(|n| {
            // A clone shares the limit.
            let client = if n % 2 == 0 { client.clone() } else { client.for_subaccount(account) };
            async move { client.messages().create(&hello()).await.unwrap() }
        });
        futures_util::future::join_all(all).await;
        let most = server.seen().iter().map(|seen| seen.at_once).max().unwrap();
        assert!((least..=allowed).contains(&most), "{most} at once, {allowed} allowed");
        assert_eq!(server.seen().len(), 12);
    }
}

#[tokio::test]
async fn a_key_stands_for_its_account() {
    let server = Server::start(vec![ok(&message("sent"))]).await;
    let sid: Sid = "SK000000000000000000000000000000cc".parse().unwrap();
    let account = "AC000000000000000000000000000000aa".parse().unwrap();
    let base = Base::At(server.base.parse().unwrap());
    let config = Config::new(base, account, Credential::ApiKey { sid, secret: "s3cret".into() });
    Client::new(config).unwrap().messages().fetch(SM.parse().unwrap()).await.unwrap();
    let seen = server.seen().remove(0);
    assert!(seen.line.contains("/Accounts/AC000000000000000000000000000000aa/"), "{}", seen.line);
    let pair = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{sid}:s3cret"));
    assert!(seen.head.contains(&format!("authorization: Basic {pair}")), "{}", seen.head);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_unknown() {
    let server = Server::start(vec![Reply::Silence]).await;
    let account = "AC000000000000000000000000000000aa".parse().unwrap();
    let base = Base::At(server.base.parse().unwrap());
    let timeouts = Timeouts { total: Duration::from_millis(200), ..Timeouts::default() };
    let config = Config { timeouts, ..Config::new(base, account, Credential::AuthToken("t".into())) };
    let error = Client::new(config).unwrap().messages().create(&hello()).await.unwrap_err();
    assert_eq!(error, Error::Unknown { reason: "no answer in time".into() });
}

#[tokio::test]
async fn refusals_carry_their_code() {
    let retry = Reply::Say(429, "Retry-After: 7\r\n", r#"{"code":20429,"message":"Too many requests"}"#.into());
    let flood = Reply::Say(429, "Retry-After: 9\r\n", r#"{"code":"60203","message":"Max send attempts"}"#.into());
    let replies = vec![refuse(400, 21211), retry, flood, refuse(401, 20003), refuse(403, 20008)];
    let server = Server::start(replies).await;
    let client = server.client();
    let mut errors = Vec::new();
    for _ in 0..5 {
        errors.push(client.messages().create(&hello()).await.unwrap_err());
    }
    let codes: Vec<_> = errors.iter().map(Error::code).collect();
    assert_eq!(codes, [Some(21211), Some(20429), Some(60203), Some(20003), Some(20008)]);
    assert!(matches!(errors[0], Error::Refused { http: 400, .. }));
    assert_eq!(errors[1], Error::RateLimited { retry_after: Some(Duration::from_secs(7)) });
    assert!(matches!(errors[2], Error::Refused { retry_after: Some(wait), .. } if wait.as_secs() == 9));
    assert!(matches!(errors[3], Error::Unauthorized { .. }) && matches!(errors[4], Error::Refused { .. }));
}

#[tokio::test]
async fn reads_are_repeated_until_they_succeed_or_are_refused() {
    let limited = Reply::Say(429, "Retry-After: 0\r\n", "{}".to_owned());
    let server = Server::start(vec![Reply::HangUp, limited, ok(&message("sent"))]).await;
    server.client().messages().fetch(SM.parse().unwrap()).await.unwrap();
    assert_eq!(server.seen().len(), 3);

    let server = Server::start(vec![refuse(404, 20404)]).await;
    let error = server.client().messages().fetch(SM.parse().unwrap()).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(server.seen().len(), 1);

    let failed = || Reply::Say(500, "", String::new());
    let server = Server::start(vec![failed(), failed(), failed(), ok("{}")]).await;
    let error = server.client().messages().fetch(SM.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::Unknown { .. }));
    assert_eq!(server.seen().len(), 3, "bounded");
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_counts_when_the_resource_is_gone() {
    let server = Server::start(vec![Reply::HangUp, refuse(404, 20404)]).await;
    server.client().messages().delete(SM.parse().unwrap()).await.unwrap();
    assert!(server.seen()[1].line.starts_with("DELETE "));
    let server = Server::start(vec![refuse(404, 20404)]).await;
    assert!(server.client().messages().delete(SM.parse().unwrap()).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_list_is_followed_to_its_end() {
    let page = |next: &str| format!(r#"{{"messages":[{m},{m}],"next_page_uri":{next},"page":0}}"#, m = message("sent"));
    let link = "\"/2010-04-01/Accounts/AC000000000000000000000000000000aa/Messages.json?DateSent%3E=x&Page=1\"";
    let last = page("null").replace("next_page_uri", "something");
    let server = Server::start(vec![ok(&page(link)), ok(&last)]).await;
    let client = server.client();
    let filter = MessageFilter { sent_after: Some(0), page_size: Some(2), ..MessageFilter::default() };
    let stream = client.messages().stream(&filter).await.unwrap();
    let all: Vec<_> = stream.try_collect().await.unwrap();
    assert_eq!(all.len(), 4);
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    assert!(lines[0].ends_with("/Messages.json?DateSent%3E=1970-01-01T00%3A00%3A00Z&PageSize=2"), "{}", lines[0]);
    assert!(lines[1].ends_with("/Messages.json?DateSent%3E=x&Page=1"), "{}", lines[1]);
}

#[tokio::test]
async fn a_link_that_leads_away_gets_no_credentials() {
    let page = r#"{"messages":[],"meta":{"next_page_url":"https://evil.example/x"}}"#;
    let server = Server::start(vec![ok(page)]).await;
    let error = server.client().messages().list(&MessageFilter::default()).await.unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error:?}");
}

/// No media is waited for longer.
const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn media_credentials_stay_at_home() {
    let cdn = Server::start(vec![Reply::Say(200, "Content-Type: image/png\r\n", "PNG".into())]).await;
    let location = format!("Location: {}/file\r\n", cdn.base);
    let elsewhere = Reply::Say(307, Box::leak(location.into_boxed_str()), String::new());
    let server = Server::start(vec![Reply::Say(302, "Location: BASE/api/there\r\n", String::new()), elsewhere]).await;
    let client = server.client();
    let content = client.fetch_media(&format!("{}/api/here", server.base), 10, LONG).await.unwrap();
    assert_eq!((content.content_type.as_deref(), &content.bytes[..]), (Some("image/png"), &b"PNG"[..]));
    let with_credentials = |server: &Server| -> Vec<bool> {
        server.seen().iter().map(|seen| seen.head.contains("authorization:")).collect()
    };
    assert_eq!(with_credentials(&server), [true, true]);
    assert_eq!(with_credentials(&cdn), [false]);
    assert!(matches!(client.fetch_media("https://evil.example/x", 10, LONG).await, Err(FetchError::Foreign(_))));
}

#[tokio::test]
async fn media_larger_than_allowed_is_not_kept() {
    let server = Server::start(vec![ok("0123456789")]).await;
    let url = format!("{}/api/here", server.base);
    let fetched = server.client().fetch_media(&url, 9, LONG).await;
    assert!(matches!(fetched, Err(FetchError::TooLarge { limit: 9 })), "{fetched:?}");
}
