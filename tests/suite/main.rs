//! The tests that look at the program from outside. One binary, so that it links once.

mod architecture;
mod cli;
mod config;
mod node;
mod readme;
mod scenario;
mod worlds;
