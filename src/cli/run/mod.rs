//! The commands that start something: the one place in the command line that may know every room.
//!
//! Each takes what it needs and runs until it is done or told to stop; what it answers is the
//! program's exit code.

mod console;
mod doctor;
mod sandbox;
mod seed;
mod serve;

pub use console::console;
pub use doctor::doctor;
pub use sandbox::sandbox;
pub use seed::seed;
pub use serve::serve;
