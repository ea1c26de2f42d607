//! The assembled node over real HTTP, with a Twilio that does what a test says. One binary, so that it
//! links once.

mod access;
mod accounts;
mod analytics;
mod applier;
mod businesses;
mod chaos;
mod clock;
mod contents;
mod deadletters;
mod events;
#[path = "../common/figures.rs"]
mod figures;
mod files;
mod held;
mod hooks;
mod isolation;
mod keeping;
mod later;
mod link;
mod media;
mod metrics;
mod node;
mod numbers;
mod operations;
mod operations_verify;
mod outbox;
mod pace;
mod parked;
mod people;
mod prices;
mod reports;
mod rest;
mod settling;
mod setup;
mod storm;
mod stream;
mod triage;
mod trim;
mod twilio;
mod two_hundred;
mod valve;
mod verify;
mod verify_bad;
mod verify_rules;
mod webhooks;
