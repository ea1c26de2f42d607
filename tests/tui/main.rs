//! The console without a terminal: flows through `update`, and what the screens look like.

mod behind;
mod composer;
mod desk;
mod desk_work;
mod dials;
mod files;
mod flows;
mod hostile;
mod hostile_thread;
mod idle;
mod inbox_work;
mod linear;
mod offers;
mod rooms;
mod screens;
mod templates;
mod thread;
mod windows;
mod world;
