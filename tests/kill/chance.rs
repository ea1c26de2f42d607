//! When to kill, and how often.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often each test kills.
pub fn rounds() -> u32 {
    std::env::var("KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(3)
}

/// Numbers that look random; the same seed gives the same ones.
pub struct Chance(u64);

impl Chance {
    /// From `KILL_SEED`, else from the clock. The seed is printed, to be used again.
    pub fn new() -> Chance {
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        let seed = std::env::var("KILL_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or_else(clock);
        println!("KILL_SEED={seed}");
        Chance(seed)
    }

    /// From a seed.
    pub fn of(seed: u64) -> Chance {
        Chance(seed)
    }

    /// Below `end` (SplitMix64).
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    pub fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}
