//! Compares what the node has with what the sandbox has, message by message.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::follow;
use super::talk::Talk;
use crate::node::Node;
use crate::numbers::Sandbox;

/// Requests at the same time.
const AT_ONCE: usize = 16;

/// What was told in the end, on both sides the same.
#[derive(Debug, Default)]
#[allow(dead_code, reason = "printed")]
pub struct Told {
    /// Texts that agents asked for and the node took.
    pub taken: usize,
    /// Texts that it refused at once, for too many waited.
    pub refused: u64,
    /// Customers' texts.
    pub texts: usize,
    /// Messages, each on both sides with the same SID.
    pub equal: usize,
    /// Of ours, those that failed before Twilio had them, with the reason.
    pub failed_here: usize,
    /// Texts that asked a person, and were let go.
    pub asked_a_person: usize,
    /// On handsets, each once.
    pub on_phones: usize,
    /// How often something went wrong on purpose, by what.
    pub on_purpose: BTreeMap<String, u64>,
    pub talked: Duration,
    pub settled: Duration,
}

/// What is not the same.
#[derive(Debug)]
#[allow(dead_code, reason = "told by a failing test")]
pub struct Fault(Vec<String>);

/// One message, on either side.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    sid: String,
    is_ours: bool,
    from: String,
    to: String,
    body: String,
    status: String,
}

/// What the node has.
struct Ours {
    /// The threads in their order, without what has no SID.
    threads: BTreeMap<(String, String), Vec<Line>>,
    /// Every message of ours: id, SID, status, error text, whether it asks.
    sent: Vec<Value>,
}

/// Waits until both sides agree, `patience` at most; for a doubled message not at all. Each round moves the
/// simulated clock on.
pub async fn reach(sandbox: &Sandbox, node: &Node, talk: &mut Talk<'_>, patience: Duration) -> Result<Told, Fault> {
    let began = Instant::now();
    let mut told = Told { taken: talk.taken.len(), refused: talk.refused, ..Told::default() };
    for text in join_all(talk.texts.drain(..)).await {
        assert!(text.unwrap()["sid"].is_string());
        told.texts += 1;
    }
    let mut asked = BTreeSet::new();
    loop {
        follow(sandbox, node, 10).await;
        let ours = ours(node, talk).await;
        let asking = ours.sent.iter().filter(|m| m["asksSince"].is_string()).map(id);
        for id in asking.collect::<Vec<_>>() {
            node.post(&format!("/api/messages/{id}/release"), json!({})).await;
            asked.insert(id);
        }
        let theirs = theirs(sandbox).await;
        let differences = compare(&ours, &theirs, talk);
        let is_hopeless = differences.iter().any(|d| d.starts_with("doubled"));
        if differences.is_empty() {
            talk.count_faults().await;
            told.on_purpose = std::mem::take(&mut talk.on_purpose);
            told.equal = theirs.len();
            told.failed_here = ours.sent.iter().filter(|m| m["sid"].is_null()).count();
            told.asked_a_person = asked.len();
            told.on_phones = phones(sandbox, talk, &theirs).await?;
            told.settled = began.elapsed();
            return Ok(told);
        }
        if is_hopeless || began.elapsed() > patience {
            let (count, mut some) = (differences.len(), differences);
            some.truncate(8);
            some.push(format!("{count} differences in all"));
            return Err(Fault(some));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn id(message: &Value) -> String {
    message["id"].as_str().unwrap().to_owned()
}

fn field(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

async fn ours(node: &Node, talk: &Talk<'_>) -> Ours {
    let mut ours = Ours { threads: BTreeMap::new(), sent: Vec::new() };
    for (business, _) in &talk.desks {
        let mut conversations = Vec::new();
        let mut after = String::new();
        loop {
            let page = node.get(&format!("/api/conversations?business={business}&limit=200{after}")).await;
            conversations.extend(page["items"].as_array().unwrap().iter().map(|c| field(c, "id")));
            let Some(next) = page["next"].as_str() else { break };
            let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            after = format!("&after={next}");
        }
        for some in conversations.chunks(AT_ONCE) {
            let threads = some.iter().map(|id| async move {
                // Some eight each way: far below one page.
                let page = node.get(&format!("/api/conversations/{id}/messages?limit=200")).await;
                assert!(page["next"].is_null(), "more than a page");
                page["items"].as_array().unwrap().clone()
            });
            for thread in join_all(threads).await {
                for message in thread.iter().rev() {
                    let is_ours = message["direction"] == "out";
                    let line = Line {
                        sid: field(message, "sid"),
                        is_ours,
                        from: field(message, "from"),
                        to: field(message, "to"),
                        body: field(message, "body"),
                        status: field(message, "status"),
                    };
                    if is_ours {
                        ours.sent.push(message.clone());
                    }
                    if !line.sid.is_empty() {
                        let parties = (line.from.clone(), line.to.clone());
                        ours.threads.entry(parties).or_default().push(line);
                    }
                }
            }
        }
    }
    ours
}

/// What the sandbox has, oldest first.
async fn theirs(sandbox: &Sandbox) -> Vec<Line> {
    let mut all = Vec::new();
    let mut path = "api/2010-04-01/Accounts/ACCOUNT/Messages.json?PageSize=1000".to_owned();
    loop {
        let page = sandbox.ask("GET", &path, &[]).await;
        all.extend(page["messages"].as_array().unwrap().iter().map(|m| Line {
            sid: field(m, "sid"),
            is_ours: m["direction"] == "outbound-api",
            from: field(m, "from"),
            to: field(m, "to"),
            body: field(m, "body"),
            status: field(m, "status"),
        }));
        let Some(next) = page["next_page_uri"].as_str() else { break };
        path = format!("api/{}", next.trim_start_matches("/api").trim_start_matches('/'));
    }
    all.reverse();
    all
}

/// What differs; empty when all is told alike.
fn compare(ours: &Ours, theirs: &[Line], talk: &Talk<'_>) -> Vec<String> {
    let mut differences = Vec::new();
    let mut here: HashMap<&str, &Line> = HashMap::new();
    for line in ours.threads.values().flatten() {
        if here.insert(&line.sid, line).is_some() {
            differences.push(format!("doubled here: {line:?}"));
        }
    }
    let mut there: BTreeMap<(String, String), Vec<&Line>> = BTreeMap::new();
    for line in theirs {
        match here.remove(line.sid.as_str()) {
            None if line.is_ours => differences.push(format!("at Twilio, and no message of ours is it: {line:?}")),
            None => differences.push(format!("lost: {line:?}")),
            Some(mine) if mine != line => differences.push(format!("not the same: {mine:?}, at Twilio {line:?}")),
            Some(_) => {}
        }
        there.entry((line.from.clone(), line.to.clone())).or_default().push(line);
    }
    differences.extend(here.values().map(|line| format!("not at Twilio: {line:?}")));
    for (parties, lines) in &there {
        let order: Vec<&str> = lines.iter().map(|line| line.sid.as_str()).collect();
        let mine: Vec<&str> = ours.threads.get(parties).into_iter().flatten().map(|line| line.sid.as_str()).collect();
        if order != mine {
            differences
                .push(format!("another order from {} to {}: {mine:?}, at Twilio {order:?}", parties.0, parties.1));
        }
    }
    let by_id: HashMap<String, &Value> = ours.sent.iter().map(|m| (id(m), m)).collect();
    for said in &talk.taken {
        match by_id.get(&said.id) {
            Some(m) if m["body"] == said.body.as_str() => {}
            _ => differences.push(format!("vanished: {} {:?}", said.id, said.body)),
        }
    }
    for m in ours.sent.iter().filter(|m| m["sid"].is_null()) {
        // What has no SID must say why.
        if m["status"] != "failed" || !m["errorText"].is_string() {
            differences.push(format!("not settled: {m}"));
        }
    }
    differences
}

/// Every text that was delivered is on its handset, once.
async fn phones(sandbox: &Sandbox, talk: &Talk<'_>, theirs: &[Line]) -> Result<usize, Fault> {
    let mut wanted: BTreeSet<String> =
        theirs.iter().filter(|line| line.is_ours && line.status == "delivered").map(|line| line.sid.clone()).collect();
    let mut count = 0;
    for customer in talk.customers() {
        let phone = sandbox.shown(&format!("phones/{customer}")).await;
        for message in phone["messages"].as_array().unwrap().iter().filter(|m| m["direction"] == "in") {
            count += 1;
            if !wanted.remove(message["sid"].as_str().unwrap()) {
                return Err(Fault(vec![format!("on a handset twice, or never delivered: {message}")]));
            }
        }
    }
    match wanted.first() {
        None => Ok(count),
        Some(sid) => Err(Fault(vec![format!("delivered, and on no handset: {sid}")])),
    }
}
