//! Ends the loans that nobody renews: their holder was killed, or lost its way to this node.

use std::time::Duration;

use crate::api::ApiError;
use crate::clock;
use crate::core::rows::pointing_key;
use crate::core::{Core, broken, read};
use crate::domain::id::Sid;
use crate::domain::pointing::Pointing;
use crate::store::{Index, Order, PageQuery};

/// More pointings than this are not looked at.
const MOST: usize = 1000;
/// The longest and the shortest time between two looks at what is borrowed.
const IDLE: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(100);

/// The worker.
pub async fn run(core: Core) {
    let stop = core.stopping();
    loop {
        let pause = match core.end_lapsed().await {
            Ok(pause) => {
                core.0.numbers.set_trouble(None);
                pause
            }
            Err(e) => {
                tracing::error!(error = %e, "a borrowed number could not be given back; trying again soon");
                core.0.numbers.set_trouble(Some(format!("a borrowed number could not be given back: {e}")));
                core.0.pace.again
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = core.0.numbers.bell.notified() => {}
            () = stop.cancelled() => return,
        }
    }
}

impl Core {
    /// Gives back what nobody holds any more; answers when to look again. One that fails does not hold up
    /// the others.
    async fn end_lapsed(&self) -> Result<Duration, ApiError> {
        let (mut failed, mut next) = (None, IDLE);
        for row in self.pointings()? {
            let Some(until) = row.lapses_at() else { continue };
            let now = clock::wall();
            if until > now {
                let left = u64::try_from((until - now).0).unwrap_or(0);
                next = next.min(Duration::from_micros(left)).max(SOON);
                continue;
            }
            let _turn = self.0.numbers.turn.lock().await;
            // It may have been renewed while others had their turn.
            let row = self.pointing(row.resource)?;
            let Some(row) = row.filter(|p| p.lapses_at().is_some_and(|until| until <= clock::wall())) else {
                next = SOON;
                continue;
            };
            match self.give_back("", &row, "").await {
                Ok(ended) => {
                    tracing::warn!(number = %row.label, ending = ?ended.ending, "nobody renewed a borrowed number");
                }
                Err(e) => failed = Some(e),
            }
        }
        failed.map_or(Ok(next), Err)
    }

    /// All that is remembered.
    pub(super) fn pointings(&self) -> Result<Vec<Pointing>, ApiError> {
        let reader = self.reader()?;
        let query = PageQuery { index: Index::Pointings, prefix: &[], after: None, order: Order::Rising, limit: MOST };
        let mut rows = Vec::new();
        for key in reader.page(&query).map_err(broken)? {
            if let Some(resource) = Sid::from_key(&key) {
                rows.extend(read::<Pointing>(&*reader, &pointing_key(resource))?);
            }
        }
        Ok(rows)
    }
}
