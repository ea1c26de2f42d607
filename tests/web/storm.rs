//! Many webhooks at the same moment, repeats and slow clients among them.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Barrier;

use crate::hooks::{SMS, encode, signature, text};
use crate::node::{AUTH, MARIA, Node, PUBLIC, until};

const TEXTS: u64 = 250;

/// One webhook on a connection of its own; a slow client rests before the end of the body.
async fn webhook(base: &str, n: u64, is_slow: bool, ready: &Barrier) -> String {
    let form = text(n, &format!("+1415555{:04}", n % 40), &format!("text {n}"));
    let (body, signature) = (encode(&form), signature(AUTH, &format!("{PUBLIC}{SMS}"), &form));
    let head = format!(
        "POST {SMS} HTTP/1.1\r\nhost: shop.example\r\nx-twilio-signature: {signature}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).await.unwrap();
    ready.wait().await;
    let (first, last) = body.split_at(body.len() - 10);
    stream.write_all(format!("{head}{first}").as_bytes()).await.unwrap();
    if is_slow {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    stream.write_all(last.as_bytes()).await.unwrap();
    let mut answer = [0; 512];
    let have = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..have]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_at_the_same_moment_is_answered_and_stored_once() {
    let node = Node::start().await;
    let ready = Barrier::new(2 * TEXTS as usize);
    let all = (0..2 * TEXTS).map(|n| webhook(&node.base, n % TEXTS, n % 20 == 0, &ready));
    for answer in join_all(all).await {
        assert_eq!(answer, "HTTP/1.1 200 OK");
    }
    node.applied().await;
    let mut sids = Vec::new();
    for customer in 0..40 {
        for message in node.thread(&format!("+1415555{customer:04}")).await {
            sids.push(message["sid"].as_str().unwrap().to_owned());
        }
    }
    sids.sort();
    let all = sids.len();
    sids.dedup();
    assert_eq!((all, sids.len() as u64), (TEXTS as usize, TEXTS));
    until("the counters agree", || node.core.gauges().applied == 2 * TEXTS).await;
}

/// A client that never says the rest of its body keeps nobody else from being heard.
#[tokio::test(flavor = "multi_thread")]
async fn clients_that_stall_hold_up_nobody() {
    let node = Node::start().await;
    let mut stalled = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(node.base.trim_start_matches("http://")).await.unwrap();
        stream
            .write_all(format!("POST {SMS} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nFrom").as_bytes())
            .await
            .unwrap();
        stalled.push(stream);
    }
    node.text_in(1, MARIA, "heard all the same").await;
    assert_eq!(node.thread(MARIA).await.len(), 1);
}
