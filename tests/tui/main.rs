//! The console without a terminal: flows through `update`, and what the screens look like.

mod desk;
mod desk_work;
mod flows;
mod hostile;
mod idle;
mod offers;
mod screens;
mod thread;
mod windows;
mod world;
