//! Customers of a history who text, are answered, and are done with.

use serde::Deserialize;

use super::days::Days;
use super::{Ours, Stage, wrong};
use crate::api::ApiError;
use crate::api::inbox::{MarkRead, SendMessage, SetConversationStatus};
use crate::api::simulator::TextFromPhone;
use crate::domain::conversation::Status;
use crate::domain::id::Id;
use crate::domain::time::{Span, Time};

/// The least time to an answer, and how much longer it takes some.
const ANSWER: i64 = 45;
const LONGER: i64 = 839;
/// How long after its answer a conversation is resolved.
const RESOLVED: Span = Span::secs(1200);
/// How many customers a business has; their numbers end in 10 and upward.
const PEOPLE: u32 = 90;

/// Conversations of a business with its customers, spread over days.
#[derive(Debug, Clone, Deserialize)]
pub struct Talks {
    /// The business's name; it needs a number.
    business: String,
    #[serde(flatten)]
    days: Days,
    /// How many there are.
    pub count: u32,
    /// What the customers' numbers begin with, two digits short.
    prefix: String,
    /// What is asked, and what is answered, in turn.
    lines: Vec<[String; 2]>,
}

/// One question and its answer.
#[derive(Debug, Clone)]
pub struct Talk {
    /// When the customer texts.
    pub at: Time,
    business: String,
    from: String,
    lines: [String; 2],
    nth: u32,
    /// Once it is answered.
    conversation: Option<Id>,
}

/// All of them.
pub fn plan(groups: &[Talks]) -> Vec<Talk> {
    let one = |group: &Talks, n: u32| {
        Some(Talk {
            at: group.days.moment(n, group.count),
            business: group.business.clone(),
            // Seven has no divisor in common with ninety: everybody comes once before anybody comes again.
            from: format!("{}{}", group.prefix, 10 + n * 7 % PEOPLE),
            lines: group.lines.get(n as usize % group.lines.len().max(1))?.clone(),
            nth: n,
            conversation: None,
        })
    };
    groups.iter().flat_map(|group| (0..group.count).filter_map(move |n| one(group, n))).collect()
}

impl Talk {
    /// When it is answered.
    pub fn answered(&self) -> Time {
        self.at + Span::secs(ANSWER + i64::from(self.nth) * 61 % LONGER)
    }

    /// When it is resolved.
    pub fn resolved(&self) -> Time {
        self.answered() + RESOLVED
    }

    /// The customer texts.
    pub async fn text(&self, stage: &Stage<'_>) -> Result<(), ApiError> {
        let Ours { number, .. } = stage.business(&self.business)?;
        let to = number.as_ref().ok_or_else(|| wrong(format!("{} has no number", self.business)))?.to_string();
        let (address, body) = (self.from.clone(), self.lines[0].clone());
        stage.link.call(TextFromPhone { address, to, body, media: Vec::new() }).await?;
        stage.settle().await
    }

    /// An agent answers.
    pub async fn answer(&mut self, stage: &Stage<'_>) -> Result<(), ApiError> {
        let send = SendMessage {
            business: Some(stage.business(&self.business)?.id),
            to: Some(self.from.clone()),
            body: self.lines[1].clone(),
            hold_seconds: Some(0),
            ..SendMessage::default()
        };
        let id = stage.link.call(send).await?.conversation;
        stage.link.call(MarkRead { id, arrival: u64::MAX }).await?;
        self.conversation = Some(id);
        // It has left before the clock goes on.
        stage.settle().await
    }

    /// An agent is done with it.
    pub async fn resolve(&self, stage: &Stage<'_>) -> Result<(), ApiError> {
        let id = self.conversation.ok_or_else(|| wrong("a conversation is resolved before it is answered"))?;
        stage.link.call(SetConversationStatus { id, status: Status::Resolved, until: None }).await.map(drop)
    }
}
