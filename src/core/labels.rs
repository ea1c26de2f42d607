//! Operations on labels.

use super::change::{Change, Labelled, Once};
use super::rows::counters;
use super::{Core, broken};
use crate::api::inbox::{ConversationView, LabelConversation, LabelList, LabelView, ListLabels};
use crate::api::{ApiError, Caller};

impl Core {
    pub(super) async fn label(
        &self,
        caller: &Caller,
        input: LabelConversation,
        once: Option<Once>,
    ) -> Result<ConversationView, ApiError> {
        let business = self.owner(caller, input.id, "conversation")?;
        let change = Labelled { business, conversation: input.id, add: input.add, remove: input.remove };
        self.submit(&caller.agent, once, Change::Labelled(change)).await?;
        self.get_conversation(caller, input.id)
    }

    /// The labels in use: each conversation counts its own, so the counts cannot drift.
    pub(super) fn list_labels(&self, caller: &Caller, input: &ListLabels) -> Result<LabelList, ApiError> {
        let business = self.business_of(caller, input.business)?;
        let prefix = [&business.to_key()[..], &[counters::LABELS]].concat();
        let mut items: Vec<LabelView> = Vec::new();
        for (key, count) in self.reader()?.counters(&prefix).map_err(broken)? {
            let name = key.get(prefix.len()..).and_then(|raw| std::str::from_utf8(raw).ok());
            if let (Some(name), Ok(conversations @ 1..)) = (name, u64::try_from(count)) {
                items.push(LabelView { name: name.to_owned(), conversations });
            }
        }
        items.sort_by(|a, b| b.conversations.cmp(&a.conversations).then_with(|| a.name.cmp(&b.name)));
        Ok(LabelList { items })
    }
}
