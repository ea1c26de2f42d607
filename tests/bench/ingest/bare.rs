//! One webhook at a time needs one durable write: what that costs bare, in redb and in a file.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

const LOG: redb::TableDefinition<u64, &[u8]> = redb::TableDefinition::new("log");
/// About what the form of a webhook has.
const BYTES: usize = 700;

/// Medians of so many durable writes of the same bytes: a redb commit, and an append with its sync.
pub fn run(dir: &Path, writes: u64) -> (Duration, Duration) {
    let bytes = [7u8; BYTES];
    let db = redb::Database::create(dir.join("bare.redb")).unwrap();
    let committed = median(writes, |n| {
        let write = db.begin_write().unwrap();
        write.open_table(LOG).unwrap().insert(n, &bytes[..]).unwrap();
        write.commit().unwrap();
    });
    let mut file = std::fs::File::create(dir.join("bare.log")).unwrap();
    let appended = median(writes, |_| {
        file.write_all(&bytes).unwrap();
        file.sync_data().unwrap();
    });
    (committed, appended)
}

fn median(count: u64, mut write: impl FnMut(u64)) -> Duration {
    let mut times: Vec<Duration> = (0..count)
        .map(|n| {
            let t = Instant::now();
            write(n);
            t.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
