//! The panes of the console. Each owns its state and draws it; they talk upward by effects.

pub mod businesses;
pub mod contact;
pub mod events;
pub mod inbox;
pub mod phones;
pub mod thread;
