//! Agents and customers who talk by chance: the same seed says the same things at the same steps.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::node::{NUMBER, Node};
use crate::numbers::Sandbox;

/// The number of the second business.
const SPARE: &str = "+14155550199";
/// Requests at the same time, as a busy desk makes them.
const AT_ONCE: usize = 16;

/// Numbers that look random (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// A text that an agent asked for and the node took.
pub struct Said {
    pub id: String,
    pub body: String,
}

pub struct Talk<'a> {
    node: &'a Node,
    sandbox: &'a Sandbox,
    chance: Chance,
    customers: Vec<String>,
    /// The businesses with their numbers; customers are dealt out to them in turn.
    pub desks: Vec<(String, &'static str)>,
    /// Who says something in one step, in a thousand.
    talkative: u64,
    said: u64,
    pub taken: Vec<Said>,
    /// Sends that were refused at once: too many waited.
    pub refused: u64,
    pub texts: Vec<JoinHandle<Value>>,
    pub on_purpose: BTreeMap<String, u64>,
    journal: u64,
}

impl<'a> Talk<'a> {
    pub async fn new(node: &'a Node, sandbox: &'a Sandbox, seed: u64, conversations: u64, steps: u64) -> Talk<'a> {
        let (bank, _) = node.add_business("Northwind Bank", &[SPARE], None).await;
        let customers: Vec<String> = (0..conversations).map(|n| format!("+1415600{n:04}")).collect();
        for unlucky in customers.iter().step_by(13) {
            let fate = json!({ "status": "undelivered", "errorCode": 30003 });
            sandbox.control(&format!("phones/{unlucky}/outcome"), fate).await;
        }
        Talk {
            node,
            sandbox,
            chance: Chance(seed),
            customers,
            desks: vec![(node.business.to_string(), NUMBER), (bank.to_string(), SPARE)],
            // About eight texts each way in a conversation, however long it takes.
            talkative: (8_000 / steps.max(1)).clamp(1, 300),
            said: 0,
            taken: Vec::new(),
            refused: 0,
            texts: Vec::new(),
            on_purpose: BTreeMap::new(),
            journal: 0,
        }
    }

    fn body(&mut self) -> String {
        self.said += 1;
        // The same words again and again are what settling by text finds hard.
        if self.chance.below(5) == 0 { "ok".to_owned() } else { format!("text number {}", self.said) }
    }

    /// One step: some agents write, some customers do.
    pub async fn step(&mut self) {
        let mut sends = Vec::new();
        for n in 0..self.customers.len() {
            let (customer, (business, number)) = (self.customers[n].clone(), self.desks[n % self.desks.len()].clone());
            if self.chance.below(1000) < self.talkative {
                let body = self.body();
                sends.push(json!({ "business": business, "to": customer, "body": body, "holdSeconds": 0 }));
            }
            if self.chance.below(1000) < self.talkative {
                let body = self.body();
                let text = self.sandbox.text(&customer, number, &body);
                // Not waited for: one that is held back comes when it comes.
                self.texts.push(tokio::spawn(text));
            }
        }
        let node = self.node;
        for some in sends.chunks(AT_ONCE) {
            let asked = some.iter().map(|send| async move {
                (send, node.call("POST", "/api/conversations/messages", Some(send.clone())).await)
            });
            for (send, answer) in join_all(asked).await {
                match answer.status {
                    200 => self.taken.push(Said {
                        id: answer.body["id"].as_str().unwrap().to_owned(),
                        body: send["body"].as_str().unwrap().to_owned(),
                    }),
                    429 => self.refused += 1,
                    other => panic!("{other}: {}", answer.body),
                }
            }
        }
    }

    /// Adds up what went wrong on purpose; the journal forgets in time.
    pub async fn count_faults(&mut self) {
        let journal = self.sandbox.shown(&format!("requests?after={}", self.journal)).await;
        self.journal = journal["last"].as_u64().unwrap();
        for entry in journal["requests"].as_array().unwrap() {
            if let Some(error) = entry["error"].as_str().filter(|error| error.contains("on purpose")) {
                let what = format!("{} {error}", entry["product"].as_str().unwrap_or_default());
                *self.on_purpose.entry(what).or_default() += 1;
            }
        }
    }

    pub fn customers(&self) -> &[String] {
        &self.customers
    }
}
