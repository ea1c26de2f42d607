//! The sandbox over real HTTP: what an application and its webhooks see of it.

mod support;

mod messages;
