//! A typed client of Twilio's REST API, webhook signatures and payloads, and Twilio's error table.
//!
//! Owns what goes over the wire between us and Twilio, both ways, and nothing else: it never sees the
//! store, a business or a screen. Whoever calls decides what to do with an outcome; this room only
//! says exactly what the outcome was.

pub mod error;
pub mod form;
pub mod signature;
pub mod webhook;
pub mod wire;

pub use wire::MessageStatus;
