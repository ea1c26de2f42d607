//! Switchboard: a terminal console for businesses that talk to their customers through Twilio.
//!
//! The map of the rooms. An arrow points at what is imported, and a test (`tests/suite/architecture.rs`)
//! fails on a wrong one:
//!
//! ```text
//! domain  <-  api  <-  core  <-  web
//!                      core  <-  link  <-  tui, cli
//! store, twilio  <-  core            sandbox stands alone: it speaks only HTTP
//! ```
//!
//! * [`domain`]: pure rules and values, and the rows that a store keeps.
//! * [`api`]: the contract: every operation that can be asked, and the events.
//! * [`store`]: durable state behind one small trait, and the intake.
//! * [`core`]: executes operations; the only writer; owns the background workers.
//! * [`twilio`]: a typed client of Twilio's REST API, webhook signatures, Twilio's error table.
//! * [`web`]: the warp server: webhooks, REST API, event stream.
//! * [`link`]: how a console or a command reaches a node.
//! * [`tui`]: the console.
//! * [`sandbox`]: a stateful Twilio in this binary, reached only over HTTP.

pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod core;
pub mod domain;
pub mod link;
pub mod sandbox;
pub mod store;
pub mod telemetry;
pub mod tui;
pub mod twilio;
pub mod web;
