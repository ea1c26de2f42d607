//! The two hundred verifications of one day that an admin's figures are shown on.

use std::sync::Arc;

use switchboard::core::change::{BusinessSaved, Change, Envelope};
use switchboard::core::lane::Lanes;
use switchboard::domain::time::{Span, Time};
use switchboard::domain::verification::Channel;
use switchboard::store::Store;
use switchboard::store::memory::MemoryStore;

use crate::figures::{End, MORNING, bank, story};

/// The two hundred: by channel, how many of each end.
pub fn two_hundred() -> Vec<(Channel, End)> {
    use Channel::*;
    use End::*;
    let kinds = [
        (Sms, Approved, 119),
        (Sms, Expired, 12),
        (Sms, Spent, 6),
        (Sms, Blocked, 3),
        (Call, Approved, 21),
        (Call, Expired, 9),
        (Whatsapp, Approved, 17),
        (Whatsapp, Expired, 3),
        (Email, Approved, 8),
        (Email, Expired, 2),
    ];
    kinds.into_iter().flat_map(|(channel, end, count)| std::iter::repeat_n((channel, end), count)).collect()
}

/// Carries changes out on a store, in order.
pub async fn tell(store: &Arc<dyn Store>, changes: Vec<(Time, Change)>) {
    let lanes = Lanes::start(store.clone()).unwrap();
    for (at, change) in changes {
        lanes.submit(Envelope::by_worker(change, at, at)).await.unwrap();
    }
    // Joins threads.
    tokio::task::spawn_blocking(move || drop(lanes)).await.unwrap();
}

/// A store with the two hundred, four minutes apart.
pub async fn store() -> Arc<dyn Store> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(8));
    let mut changes = vec![(Time(0), Change::BusinessSaved(BusinessSaved { business: bank(), expects: None }))];
    for (n, (channel, end)) in (0_u64..).zip(two_hundred()) {
        changes.extend(story(n, channel, end, MORNING + Span::secs(i64::try_from(n).unwrap() * 240)));
    }
    tell(&store, changes).await;
    store
}
