//! What happens to messages between Twilio and the handsets: delivery in simulated time, status callbacks,
//! texts that handsets send, opt-outs, and the answers that webhooks give.
//!
//! Knows messages, numbers and handsets; the REST resources over them are in [`super::api`].

pub mod callback;
pub mod extra;
pub mod geography;
pub mod handset;
pub mod inbound;
pub mod lifecycle;
pub mod line;
pub mod media;
pub mod message;
pub mod opt_out;
pub mod price;
pub mod reply;
pub mod send;
