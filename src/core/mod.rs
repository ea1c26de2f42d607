//! Executes operations. The only writer, and the owner of the background workers.
//!
//! Every change goes one way: a [`change::Change`] is queued, applied to a [`world::World`] without
//! any I/O, and saved with its events in one durable transaction by a [`lane::Lane`]. It must not
//! know warp or ratatui.

pub mod audit;
pub mod change;
pub mod event;
pub mod lane;
pub mod recount;
pub mod rows;
pub mod world;
