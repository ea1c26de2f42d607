//! The console without a terminal: flows through `update`, and what the screens look like.

mod bank;
mod behind;
mod businesses;
mod charts;
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
mod queries;
mod rooms;
mod screens;
mod templates;
mod tester;
mod thread;
mod titles;
mod why;
mod windows;
mod world;
