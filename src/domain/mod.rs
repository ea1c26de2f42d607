//! Pure rules and values: what a conversation, a message, an address or an amount *is*.
//!
//! Owns the rules that every other room relies on and the rows that a store keeps. It does no I/O,
//! awaits nothing, has no clock of its own (times are carried in) and knows nothing of the other rooms.

pub mod access;
pub mod address;
pub mod analytics;
pub mod audit;
pub mod business;
pub mod contact;
pub mod content;
pub mod conversation;
pub mod deadletter;
pub mod endpoint;
pub mod failure;
pub mod id;
pub mod keeping;
pub mod media;
pub mod message;
pub mod money;
pub mod pace;
pub mod phone;
pub mod pointing;
pub mod pricing;
pub mod query;
pub mod remote;
pub mod shown;
pub mod sms;
pub mod time;
pub mod usage;
pub mod verification;
pub mod zone;
