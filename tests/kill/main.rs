//! The program is killed at any moment and started again: what was answered is there, once.
//!
//! Out of process: the machine is the real one, and so are the files and the signal. `KILL_ROUNDS` says
//! how often each test kills (3 when absent), `KILL_SEED` repeats the moments of an earlier run.

#[path = "../common/api.rs"]
mod api;
#[path = "../common/home.rs"]
mod home;

mod chance;
mod feed;
mod listen;
mod sends;
mod setup;
mod verify;
mod webhooks;
