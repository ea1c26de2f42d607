//! The assembled node over real HTTP, with a Twilio that does what a test says. One binary, so that it
//! links once.

mod access;
mod accounts;
mod applier;
mod chaos;
mod clock;
mod contents;
mod deadletters;
mod events;
mod files;
mod held;
mod hooks;
mod keeping;
mod later;
mod link;
mod media;
mod metrics;
mod node;
mod numbers;
mod operations;
mod outbox;
mod pace;
mod parked;
mod people;
mod prices;
mod rest;
mod settling;
mod setup;
mod storm;
mod stream;
mod triage;
mod trim;
mod twilio;
mod valve;
mod verify;
mod webhooks;
