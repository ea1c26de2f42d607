//! A typed client of Twilio's REST API, webhook signatures and payloads, and Twilio's error table.
//!
//! Owns what goes over the wire between us and Twilio, both ways, and nothing else: it never sees the
//! store, a business or a screen. Whoever calls decides what to do with an outcome; this room only
//! says exactly what the outcome was.

pub mod accounts;
pub mod addresses;
pub mod alerts;
pub mod asked;
mod client;
pub mod contents;
pub mod conversations;
pub mod error;
pub mod form;
mod http;
pub mod keys;
pub mod lookups;
pub mod media;
pub mod messages;
pub mod messaging;
pub mod numbers;
mod params;
pub mod pricing;
pub mod senders;
pub mod short_codes;
pub mod signature;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod usage;
pub mod verify;
pub mod webhook;
pub mod wire;

pub use client::{Backoff, Base, Client, Config, Credential, Timeouts};
pub use error::Error;
pub use http::page::Page;
pub use wire::{MessageStatus, Micros};
