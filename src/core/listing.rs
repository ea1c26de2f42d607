//! The lists of conversations: a tab, narrowed by a query.

use super::inbox::last_id;
use super::paging::{merged, page, rows};
use super::rows::{conversation_key, view};
use super::{Core, read, views};
use crate::api::inbox::{ConversationPage, ListConversations, Tab};
use crate::api::{ApiError, Caller, Page};
use crate::domain::audit::to_hex;
use crate::domain::conversation::Conversation;
use crate::domain::id::Id;
use crate::domain::query::{Facts, Query};
use crate::store::{Index, Order, Reader};

/// Conversations looked at for one page of a query. Beyond, the page ends early and says where to go on, so that
/// a rare label among a million conversations holds up nobody.
const LOOKED_AT: usize = 5000;
/// Conversations looked at in one go.
const CHUNK: u32 = 200;

/// The part of the inbox that a tab shows; "all" has several.
fn part_of(tab: Tab, agent: &str) -> Vec<u8> {
    match tab {
        Tab::All => Vec::new(),
        Tab::Unassigned => vec![view::UNASSIGNED],
        Tab::Waiting => vec![view::WAITING],
        Tab::Failed => vec![view::FAILED],
        Tab::Snoozed => vec![view::SNOOZED],
        Tab::Mine => view::assigned(agent),
    }
}

/// What a query can ask of a conversation.
fn facts(c: &Conversation) -> Facts<'_> {
    Facts {
        status: c.status,
        assignee: c.assignee.as_deref(),
        labels: &c.labels,
        waiting_since: c.waiting_since.filter(|_| c.needs_answer()),
        customer: c.customer.as_str(),
        ours: c.ours.as_str(),
        name: c.name.as_deref(),
        failed: c.failed,
        asking: c.asking().count() as u64,
    }
}

impl Core {
    pub(super) fn list_conversations(
        &self,
        caller: &Caller,
        input: &ListConversations,
    ) -> Result<ConversationPage, ApiError> {
        let query =
            Query::parse(input.query.as_deref().unwrap_or_default()).map_err(|e| ApiError::field("query", e))?;
        let business = self.business_of(caller, input.business)?;
        let as_of = self.cursor();
        let reader = self.reader()?;
        let (limit, now) = (rows(input.limit)?, self.now());
        let narrowed = !query.is_empty();
        let (mut items, mut after, mut looked_at) = (Vec::new(), input.after.clone(), 0);
        let next = loop {
            let asked = if narrowed { Some(CHUNK) } else { input.limit };
            let (keys, next) = self.keys(&*reader, caller, business, input.tab, &query, after.as_deref(), asked)?;
            let mut full = None;
            for (n, key) in keys.iter().enumerate() {
                // An index entry whose row is gone was written by a commit after this view began.
                let head: Option<Conversation> = read(&*reader, &conversation_key(business, last_id(key)))?;
                if let Some(head) = head.filter(|c| !narrowed || query.matches(&facts(c), &caller.agent, now)) {
                    items.push(views::conversation(&*reader, head, &caller.agent)?);
                }
                if items.len() == limit && (n + 1 < keys.len() || next.is_some()) {
                    full = Some(to_hex(key));
                    break;
                }
            }
            looked_at += keys.len();
            if full.is_some() || next.is_none() || !narrowed || looked_at >= LOOKED_AT {
                break full.or(next);
            }
            after = next;
        };
        let counts = views::counts(&*reader, business, &caller.agent)?;
        Ok(ConversationPage { page: Page { items, next, as_of }, counts, business })
    }

    /// A page of index entries of a tab. A query for what is out of sight looks there, too.
    #[allow(clippy::too_many_arguments)]
    fn keys(
        &self,
        reader: &dyn Reader,
        caller: &Caller,
        business: Id,
        tab: Tab,
        query: &Query,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> Result<(Vec<Vec<u8>>, Option<String>), ApiError> {
        let own = |part: &[u8]| [&business.to_key()[..], part].concat();
        let order = if matches!(tab, Tab::Waiting | Tab::Snoozed) { Order::Rising } else { Order::Falling };
        if tab != Tab::All {
            return page(reader, Index::Inbox, &own(&part_of(tab, &caller.agent)), order, after, limit);
        }
        let mut parts: Vec<Vec<u8>> = views::all(reader, business)?.iter().map(|part| own(part)).collect();
        if query.wants_snoozed() {
            parts.push(own(&[view::SNOOZED]));
        }
        merged(reader, &business.to_key(), &parts, order, after, limit)
    }
}
