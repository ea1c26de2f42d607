//! The ground: stores keep what they were told, changes mean the same on each of them, and what is
//! derived from rows never drifts.
//!
//! `PROPTEST_CASES` sets how many random histories are tried.

mod audit;
mod dump;
#[path = "../common/figures.rs"]
mod figures;
mod foundation;
mod history;
mod invariants;
mod model;
mod poison;
mod recount;
mod rollups;
mod runs;
mod sends;
mod steps;
mod story;
mod undo;
