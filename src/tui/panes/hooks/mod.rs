//! What Twilio told us: the webhooks that are answered, as they come, and those that are dead letters.
//!
//! Rows do not move under the cursor: away from the first row it stays on its webhook, and a dead letter
//! is chosen by its id. While the pane is open the node tells of every webhook; what came before is what
//! it remembers.

mod draw;
mod explained;
mod letters;

use std::collections::VecDeque;

pub use draw::{detail, draw};
pub use explained::page;
pub use letters::{Letters, reason};

use crate::api::ApiError;
use crate::api::events::Webhook;
use crate::api::webhooks::{ListWebhooks, WebhookLog};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::shown::Shown;
use crate::tui::widgets::{field::Field, list};

/// Webhooks held.
const KEPT: usize = 500;

/// The webhooks.
#[derive(Debug, Default)]
pub struct Hooks {
    /// The dead letters.
    pub letters: Letters,
    /// What narrows the log.
    pub filter: Option<Field>,
    /// The row of the log under the cursor, among those let through.
    pub at: usize,
    /// The first row in view.
    pub top: usize,
    /// Why the log could not be read.
    pub error: Option<Shown>,
    rows: VecDeque<Webhook>,
    answered: u64,
    refused: u64,
    loaded: bool,
}

impl Hooks {
    /// Reads both parts again.
    pub fn load(&mut self) -> Vec<Effect> {
        let mut effects = vec![ask(Tag::Webhooks, ListWebhooks { limit: Some(200) })];
        effects.extend(self.letters.load());
        effects
    }

    /// What the node remembers came. Its numbers begin anew when the node does.
    pub fn answered(&mut self, log: Result<WebhookLog, ApiError>) {
        match log {
            Ok(log) => {
                (self.answered, self.refused, self.loaded, self.error) = (log.answered, log.refused, true, None);
                self.rows.retain(|row| log.items.first().is_none_or(|newest| row.number > newest.number));
                self.rows.extend(log.items);
                self.at = self.at.min(self.rows.len().saturating_sub(1));
            }
            Err(e) => self.error = Some(Shown::from(e.to_string())),
        }
    }

    /// A webhook was answered just now. Whether it was refused.
    pub fn heard(&mut self, webhook: Webhook) -> bool {
        if self.rows.front().is_some_and(|newest| newest.number >= webhook.number) {
            return false;
        }
        let is_refused = webhook.reason.is_some();
        self.answered = self.answered.max(webhook.number);
        self.refused += u64::from(is_refused);
        if self.at > 0 && self.lets_through(&webhook) {
            self.at += 1;
        }
        self.rows.push_front(webhook);
        self.rows.truncate(KEPT);
        is_refused
    }

    /// The log's rows that the filter lets through, newest first.
    pub fn visible(&self) -> Vec<&Webhook> {
        self.rows.iter().filter(|w| self.lets_through(w)).collect()
    }

    fn lets_through(&self, webhook: &Webhook) -> bool {
        let wanted = self.filter.as_ref().map(|f| f.text().trim().to_lowercase()).unwrap_or_default();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        wanted.is_empty()
            || [&webhook.kind, &webhook.from, &webhook.to, &webhook.sid, &webhook.path].into_iter().any(|t| has(t))
            || webhook.status.to_string() == wanted
            || webhook.reason.is_some_and(|r| has(reason(r)))
    }

    /// The webhook under the cursor.
    pub fn current(&self) -> Option<&Webhook> {
        self.visible().get(self.at).copied()
    }

    /// Moves the cursor of the log.
    pub fn step(&mut self, by: isize) {
        self.at = list::step(self.at, by, self.visible().len());
    }

    /// How many were answered since the node started.
    pub fn total(&self) -> u64 {
        self.answered
    }

    /// How many of them were refused.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Whether the node has told what it remembers.
    pub fn is_loaded(&self) -> bool {
        self.loaded
    }
}
