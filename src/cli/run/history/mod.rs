//! What businesses of a scenario have behind them: codes that were sent and typed, customers who texted and
//! were answered, spread over days or a year.
//!
//! It is played through operations and simulated phones, at the moments that the scenario tells. What comes
//! of it, its prices too, is what Twilio's rules make of it; nothing is written down here.

mod codes;
mod days;
mod talks;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use self::codes::{Codes, Planned};
use self::talks::{Talk, Talks};
use crate::api::simulator::AdvanceClock;
use crate::api::{ApiError, Code, When};
use crate::domain::address::Address;
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::link::Link;

/// What a scenario's businesses have behind them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    #[serde(default)]
    codes: Vec<Codes>,
    #[serde(default)]
    talks: Vec<Talks>,
}

/// A business of the scenario.
#[derive(Debug, Clone)]
pub struct Ours {
    /// Its id.
    pub id: Id,
    /// Its number.
    pub number: Option<Address>,
    /// Digits of its codes.
    pub digits: usize,
}

/// The way to everything that a history is played with.
struct Stage<'a> {
    link: &'a Link,
    sandbox: &'a Url,
    http: reqwest::Client,
    businesses: BTreeMap<String, Ours>,
}

/// What happens at one moment.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// A code is asked for.
    Send(usize),
    /// A code is typed.
    Check(usize),
    /// Twilio is asked what became of a code.
    Look(usize),
    /// A customer texts.
    Text(usize),
    /// An agent answers.
    Answer(usize),
    /// An agent is done with it.
    Resolve(usize),
}

impl History {
    /// How many verifications and conversations it tells of.
    pub fn told(&self) -> (u64, u64) {
        let codes = self.codes.iter().map(|codes| codes.count() as u64).sum();
        (codes, self.talks.iter().map(|talks| u64::from(talks.count)).sum())
    }

    /// Plays it in order of time, from where the standing clock is. The businesses are found by their names.
    pub async fn play(&self, link: &Link, sandbox: &Url, businesses: BTreeMap<String, Ours>) -> Result<(), ApiError> {
        let http = super::local_http().map_err(|e| ApiError::new(Code::Internal, e.sentence))?;
        let stage = Stage { link, sandbox, http, businesses };
        let (mut codes, mut talks) = (codes::plan(&self.codes), talks::plan(&self.talks));
        let mut now = None;
        for (at, act) in acts(&codes, &talks) {
            if now != Some(at) {
                stage.link.call(AdvanceClock { now: Some(When(at)), ..AdvanceClock::default() }).await?;
                now = Some(at);
            }
            match act {
                Act::Send(n) => codes[n].send(&stage).await?,
                Act::Check(n) => codes[n].check(&stage).await?,
                Act::Look(n) => codes[n].look(&stage).await?,
                Act::Text(n) => talks[n].text(&stage).await?,
                Act::Answer(n) => talks[n].answer(&stage).await?,
                Act::Resolve(n) => talks[n].resolve(&stage).await?,
            }
        }
        Ok(())
    }
}

/// All that happens, in order of time.
fn acts(codes: &[Planned], talks: &[Talk]) -> Vec<(Time, Act)> {
    let mut all = Vec::new();
    for (n, code) in codes.iter().enumerate() {
        all.push((code.at, Act::Send(n)));
        all.extend(code.typed().map(|at| (at, Act::Check(n))));
        all.extend(code.over().map(|at| (at, Act::Look(n))));
    }
    for (n, talk) in talks.iter().enumerate() {
        all.extend([(talk.at, Act::Text(n)), (talk.answered(), Act::Answer(n)), (talk.resolved(), Act::Resolve(n))]);
    }
    // A stable order: what happens at one moment happens as it is told.
    all.sort_by_key(|(at, _)| *at);
    all
}

impl Stage<'_> {
    fn business(&self, name: &str) -> Result<&Ours, ApiError> {
        self.businesses.get(name).ok_or_else(|| wrong(format!("there is no business `{name}`")))
    }

    /// Waits until what has happened so far is done: texts are in the inbox, answers at Twilio.
    async fn settle(&self) -> Result<(), ApiError> {
        self.link.call(AdvanceClock { advance_seconds: Some(0), ..AdvanceClock::default() }).await.map(drop)
    }

    /// Numbers beginning with these are blocked by Fraud Guard from now on.
    async fn block(&self, prefixes: &[&str]) -> Result<(), ApiError> {
        let gone = |e: reqwest::Error| ApiError::unavailable(format!("the sandbox does not answer: {e}"));
        let url = format!("{}/sandbox/fraud", self.sandbox.as_str().trim_end_matches('/'));
        let answer = self.http.post(url).json(&json!({ "prefixes": prefixes })).send().await.map_err(gone)?;
        answer.error_for_status().map_err(gone)?.json::<Value>().await.map(drop).map_err(gone)
    }
}

/// A scenario that tells what cannot be.
fn wrong(what: impl std::fmt::Display) -> ApiError {
    ApiError::new(Code::Internal, format!("the scenario cannot be played: {what}"))
}
