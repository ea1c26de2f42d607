//! Faults on purpose: the next matching calls or webhooks go wrong, or one in so many of them.
//!
//! Owns which faults wait and what they match; carrying them out is the business of the server and of the
//! dispatcher. They are part of the saved state, so a restart changes nothing. Which calls meet a fault with
//! a rate is drawn from the seed and the number of draws before.

use serde::{Deserialize, Serialize};

use super::seed::Seed;

/// Which API calls a fault is for; what is absent matches all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// Twilio's subdomain, such as `api`.
    pub product: Option<String>,
    /// The HTTP method.
    pub method: Option<String>,
    /// Part of the path; `*` stands for anything.
    pub path: Option<String>,
}

/// What goes wrong with an API call.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Action {
    /// Answer this HTTP status, and do nothing.
    pub status: Option<u16>,
    /// Answer this error code of Twilio's, and do nothing.
    pub code: Option<u32>,
    /// Answer with a `Retry-After` of so many seconds.
    pub retry_after: Option<u32>,
    /// Wait before the call is carried out.
    pub delay_ms: Option<u64>,
    /// Carry the call out, then cut the connection instead of answering.
    pub drop_after_accept: bool,
    /// Cut the connection, and do nothing.
    pub reset: bool,
}

/// A fault of API calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CallFault {
    /// Which calls.
    #[serde(rename = "match", default)]
    pub matching: Match,
    /// What happens.
    pub action: Action,
    /// For how much longer.
    #[serde(flatten)]
    pub lasts: Lasts,
}

/// How long a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lasts {
    /// For so many more.
    Times(u32),
    /// For this share of all (0 to 1), until it is cleared.
    Rate(f64),
}

/// What goes wrong with a webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookFault {
    /// Deliver it twice.
    pub duplicate: bool,
    /// Deliver it after the next one of the same message; it waits for that one for `delay_ms`, or 3 s.
    pub reorder: bool,
    /// Never deliver it.
    pub drop: bool,
    /// Deliver it this much later, in wall time.
    pub delay_ms: Option<u64>,
}

/// What is odd about the prices of records from now on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct PriceFault {
    /// Prices are said so many simulated seconds after the sending.
    pub delay_seconds: Option<u64>,
    /// They are in this currency, ISO 4217; the figures stay those of the table.
    pub unit: Option<String>,
}

/// The faults that wait.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Faults {
    /// For API calls, oldest first.
    pub calls: Vec<CallFault>,
    /// For webhooks, oldest first.
    pub hooks: Vec<HookFault>,
    /// What is odd about prices, until it is cleared.
    pub prices: Option<PriceFault>,
    /// How often it was drawn whether a call or webhook meets a fault.
    pub drawn: u64,
}

/// A fault of webhooks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HookFault {
    /// What happens.
    pub webhook: WebhookFault,
    /// For how much longer.
    #[serde(flatten)]
    pub lasts: Lasts,
}

impl Lasts {
    /// Whether the next one meets it.
    fn meets(self, seed: &Seed, drawn: &mut u64) -> bool {
        let Lasts::Rate(rate) = self else { return true };
        *drawn += 1;
        // One in a million is fine enough for a rate.
        seed.between(0, 999_999, &["fault", &drawn.to_string()]) < (rate * 1e6) as u64
    }

    /// One more was met. `true` when it is over.
    fn is_used_up(&mut self) -> bool {
        match self {
            Lasts::Times(times) => {
                *times = times.saturating_sub(1);
                *times == 0
            }
            Lasts::Rate(_) => false,
        }
    }
}

impl Faults {
    /// The fault of a call, counted down.
    pub fn take_call(&mut self, seed: &Seed, product: &str, method: &str, path: &str) -> Option<Action> {
        let drawn = &mut self.drawn;
        let met = |fault: &CallFault| fault.matching.holds(product, method, path) && fault.lasts.meets(seed, drawn);
        let at = self.calls.iter().position(met)?;
        let action = self.calls[at].action.clone();
        if self.calls[at].lasts.is_used_up() {
            self.calls.remove(at);
        }
        Some(action)
    }

    /// The fault of the next webhook, counted down.
    pub fn take_webhook(&mut self, seed: &Seed) -> Option<WebhookFault> {
        let drawn = &mut self.drawn;
        let at = self.hooks.iter().position(|fault| fault.lasts.meets(seed, drawn))?;
        let webhook = self.hooks[at].webhook.clone();
        if self.hooks[at].lasts.is_used_up() {
            self.hooks.remove(at);
        }
        Some(webhook)
    }
}

impl Match {
    fn holds(&self, product: &str, method: &str, path: &str) -> bool {
        let same = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|w| w.eq_ignore_ascii_case(found));
        same(&self.product, product)
            && same(&self.method, method)
            && self.path.as_ref().is_none_or(|pattern| contains(path, pattern))
    }
}

/// Whether a path contains the parts of a pattern in order; `*` separates them.
fn contains(path: &str, pattern: &str) -> bool {
    let mut rest = path;
    pattern.split('*').all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_down_what_matches() {
        let matching = Match { path: Some("/Accounts/*/Messages".into()), method: Some("post".into()), product: None };
        let action = Action { status: Some(503), ..Action::default() };
        let lasts = Lasts::Times(2);
        let mut faults = Faults { calls: vec![CallFault { matching, action, lasts }], ..Faults::default() };
        let seed = Seed::new(42);
        let messages = "/2010-04-01/Accounts/AC1/Messages.json";
        assert!(faults.take_call(&seed, "api", "GET", messages).is_none());
        assert!(faults.take_call(&seed, "verify", "POST", "/v2/Services").is_none());
        for _ in 0..2 {
            let taken = faults.take_call(&seed, "api", "POST", messages);
            assert_eq!(taken.and_then(|action| action.status), Some(503));
        }
        assert!(faults.take_call(&seed, "api", "POST", messages).is_none());
    }

    #[test]
    fn a_rate_lasts_and_is_drawn_from_the_seed() {
        let drawn_by = |seed: u64| {
            let fault = |drop, rate| HookFault {
                webhook: WebhookFault { drop, duplicate: !drop, ..WebhookFault::default() },
                lasts: Lasts::Rate(rate),
            };
            let hooks = vec![fault(true, 0.1), fault(false, 0.3)];
            let mut faults = Faults { hooks, ..Faults::default() };
            let seed = Seed::new(seed);
            (0..1000).map(|_| faults.take_webhook(&seed).map(|fault| fault.drop)).collect::<Vec<_>>()
        };
        let first = drawn_by(1);
        let count = |what| first.iter().filter(|met| **met == what).count();
        assert!((70..130).contains(&count(Some(true))), "{}", count(Some(true)));
        // Three in ten of the nine in ten that the first one left.
        assert!((220..320).contains(&count(Some(false))), "{}", count(Some(false)));
        assert_eq!(drawn_by(1), first);
        assert_ne!(drawn_by(2), first);
    }
}
