//! The webhooks that are answered, for those who want to look on: told as they come, and the latest of
//! them remembered. Nothing of it is stored.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;

use super::Core;
use crate::api::events::Webhook;
use crate::api::webhooks::{ListWebhooks, WebhookLog};
use crate::api::{ApiError, Caller, Code};
use crate::domain::access::Permission;

/// What is told of the webhooks that are answered. Nobody has to listen.
pub type Tap = broadcast::Receiver<Arc<Webhook>>;

/// How many webhooks a slow listener may lag behind.
const TOLD: usize = 1024;
/// How many are remembered.
const REMEMBERED: usize = 200;
/// How many bytes of a remembered one's form are kept.
pub const FORM_KEPT: usize = 2000;

/// Where those listen who want to see every webhook, and what they have missed.
pub(super) struct Ears {
    told: broadcast::Sender<Arc<Webhook>>,
    latest: Mutex<Latest>,
}

#[derive(Default)]
struct Latest {
    ring: VecDeque<Arc<Webhook>>,
    answered: u64,
    refused: u64,
}

impl Default for Ears {
    fn default() -> Ears {
        Ears { told: broadcast::Sender::new(TOLD), latest: Mutex::default() }
    }
}

impl Core {
    /// Listens to the webhooks that are answered from now on.
    ///
    /// # Errors
    /// When the caller may not see them: they concern all businesses.
    pub fn tap(&self, caller: &Caller) -> Result<Tap, ApiError> {
        caller.need(Permission::Audit)?;
        caller.need(Permission::InboxRead)?;
        match caller.business {
            None => Ok(self.0.ears.told.subscribe()),
            Some(_) => Err(ApiError::new(Code::Forbidden, "webhooks are of all businesses: use a token of an agent")),
        }
    }

    /// Whether anybody listens to webhooks: then their forms are told whole.
    pub fn is_tapped(&self) -> bool {
        self.0.ears.told.receiver_count() > 0
    }

    /// Remembers a webhook that was answered, and tells those who listen.
    pub fn tell(&self, mut webhook: Webhook) {
        let mut latest = self.0.ears.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.answered += 1;
        latest.refused += u64::from(webhook.reason.is_some());
        webhook.number = latest.answered;
        let webhook = Arc::new(webhook);
        if latest.ring.len() >= REMEMBERED {
            latest.ring.pop_front();
        }
        let kept = match webhook.form.len() > FORM_KEPT {
            true => Arc::new(Webhook { form: cut(&webhook.form).to_owned(), ..(*webhook).clone() }),
            false => webhook.clone(),
        };
        latest.ring.push_back(kept);
        // An error says that nobody listens. Told under the lock: numbers come in order.
        let _ = self.0.ears.told.send(webhook);
    }

    pub(super) fn list_webhooks(&self, caller: &Caller, input: &ListWebhooks) -> Result<WebhookLog, ApiError> {
        caller.need(Permission::InboxRead)?;
        let limit = match input.limit.unwrap_or(50) {
            limit @ 1..=200 => limit as usize,
            _ => return Err(ApiError::field("limit", "a page has 1 to 200 rows")),
        };
        let latest = self.0.ears.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let items = latest.ring.iter().rev().take(limit).map(|webhook| (**webhook).clone()).collect();
        Ok(WebhookLog { items, answered: latest.answered, refused: latest.refused })
    }
}

/// The beginning of a form that is remembered, cut between two characters.
pub fn cut(form: &str) -> &str {
    let end = (0..=FORM_KEPT.min(form.len())).rev().find(|at| form.is_char_boundary(*at)).unwrap_or(0);
    &form[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        let long = format!("{}é", "a".repeat(FORM_KEPT - 1));
        assert_eq!(cut(&long).len(), FORM_KEPT - 1);
    }
}
