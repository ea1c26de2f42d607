//! Receiving: what the web server asks before and after it takes a webhook.

use super::change::{Change, DeadLettered};
use super::rows::dead_letter_key;
use super::{Core, applier, broken, read};
use crate::api::ApiError;
use crate::clock;
use crate::domain::deadletter::{DeadLetter, Reason};
use crate::domain::id::Sid;
use crate::domain::time::Time;
use crate::store::intake::Item;
pub use crate::store::intake::{NotTaken, Path};
use crate::store::{Index, Order, PageQuery};
use crate::twilio::signature;

/// How many dead letters are kept; the oldest make room.
const RING: usize = 10_000;

impl Core {
    /// The tokens with which webhooks of an account may be signed; none for a foreign account.
    pub fn tokens_of(&self, account: Sid) -> &[signature::Token] {
        if account == self.settings().account { &self.settings().auth_tokens } else { &[] }
    }

    /// Makes a verified webhook durable.
    pub async fn take(&self, path: Path, query: String, body: Vec<u8>) -> Result<(), NotTaken> {
        let item = Item { at: clock::wall(), business_time: self.now(), path, query, body };
        self.intake().append(item).await
    }

    /// Keeps a refused webhook with its reason, for a person to look at.
    pub async fn set_aside(
        &self,
        path: Path,
        query: String,
        body: Vec<u8>,
        reason: Reason,
        detail: String,
    ) -> Result<(), ApiError> {
        let item = Item { at: clock::wall(), business_time: Time::default(), path, query, body };
        let letter = applier::letter(self, &item, reason, detail);
        let evict = self.oldest_over_the_bound()?;
        self.submit_work(Change::DeadLettered(Box::new(DeadLettered { letter, evict }))).await?;
        Ok(())
    }

    fn oldest_over_the_bound(&self) -> Result<Option<DeadLetter>, ApiError> {
        let reader = self.reader()?;
        let query =
            PageQuery { index: Index::DeadLetters, prefix: &[], after: None, order: Order::Rising, limit: RING };
        let keys = reader.page(&query).map_err(broken)?;
        match keys.first() {
            Some(oldest) if keys.len() >= RING => read(&*reader, &dead_letter_key(super::inbox::last_id(oldest))),
            _ => Ok(None),
        }
    }
}
