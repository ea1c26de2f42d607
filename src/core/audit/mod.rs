//! The audit log: its check, its list, its export.
//!
//! It reads what was sealed and believes the hashes. What writes events is elsewhere.

mod check;
mod list;
mod said;
mod upkeep;

pub use check::{Report, verify};
pub use upkeep::bring_up;
