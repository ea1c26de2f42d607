//! Runs a history on a store through its lanes: one by one, or in batches.

use std::sync::Arc;

use futures_util::future::join_all;
use proptest::test_runner::Config;
use redb::backends::InMemoryBackend;
use switchboard::core::change::{Envelope, lane_of};
use switchboard::core::lane::{Answer, Lanes};
use switchboard::store::Store;
use switchboard::store::redb::{Options, RedbStore};

/// So many random cases, unless the environment says otherwise.
pub fn cases(count: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(count);
    Config { cases, failure_persistence: None, max_shrink_time: 20_000, ..Config::default() }
}

/// redb over memory: its own code, without a disk to wait for.
pub fn redb() -> Arc<dyn Store> {
    let options = Options { path: "memory".into(), cache: 1 << 20, binding: None };
    Arc::new(RedbStore::open_on(|| Ok(InMemoryBackend::new()), &options).unwrap())
}

/// A store with its lanes running.
pub struct Run {
    pub store: Arc<dyn Store>,
    lanes: Lanes,
    runtime: tokio::runtime::Runtime,
}

impl Run {
    /// Starts the lanes and lays the foundation.
    pub fn new(store: Arc<dyn Store>) -> Run {
        let lanes = Lanes::start(store.clone()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let run = Run { store, lanes, runtime };
        for answer in crate::foundation::foundation().into_iter().map(|e| run.one(e)) {
            answer.unwrap();
        }
        run
    }

    /// One change, in a commit of its own.
    pub fn one(&self, envelope: Envelope) -> Answer {
        self.batch(vec![envelope]).remove(0)
    }

    /// One batch: each lane's part in one commit, the lanes side by side. Answers as they were asked.
    pub fn batch(&self, envelopes: Vec<Envelope>) -> Vec<Answer> {
        let mut parts: Vec<(Vec<usize>, Vec<Envelope>)> = vec![Default::default(); usize::from(self.lanes.count())];
        let count = envelopes.len();
        for (n, envelope) in envelopes.into_iter().enumerate() {
            let part = &mut parts[usize::from(lane_of(envelope.change.business(), self.lanes.count()))];
            part.0.push(n);
            part.1.push(envelope);
        }
        let mut answers: Vec<Option<Answer>> = vec![None; count];
        let work = (0..).zip(parts).filter(|(_, (places, _))| !places.is_empty());
        let work = work.map(|(lane, (places, envelopes))| async move {
            (places, self.lanes.submit_all(lane, envelopes).await.unwrap())
        });
        for (places, found) in self.runtime.block_on(join_all(work)) {
            assert_eq!(places.len(), found.len());
            places.into_iter().zip(found).for_each(|(place, answer)| answers[place] = Some(answer));
        }
        answers.into_iter().map(Option::unwrap).collect()
    }

    /// A whole history, cut into batches of these sizes (again and again).
    pub fn batches(&self, history: &[Envelope], sizes: &[usize], mut after: impl FnMut(&Run)) -> Vec<Answer> {
        let mut answers = Vec::new();
        let mut rest = history;
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (batch, behind) = rest.split_at((*size).clamp(1, rest.len()));
            answers.extend(self.batch(batch.to_vec()));
            after(self);
            rest = behind;
        }
        answers
    }
}
