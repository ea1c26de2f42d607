//! What survives a power cut, a full disk and a failing one: everything that was answered.
//!
//! `SWITCHBOARD_CRASH_ROUNDS` sets how many power cuts are tried.

mod disk;
mod full;
mod node;
mod power;
mod traffic;
