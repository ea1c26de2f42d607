//! The sandbox over real HTTP: what an application and its webhooks see of it.

mod support;

mod account;
mod client;
mod contents;
mod control;
mod durability;
mod faults;
mod magic;
mod media;
mod messages;
mod monitor;
mod opt_out;
mod paging;
mod proof;
mod refusals;
mod scenario;
mod senders;
mod services;
mod usage;
mod usage_client;
mod verify;
mod verify_client;
mod webhooks;
