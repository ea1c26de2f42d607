//! The console without a terminal: flows through `update`, and what the screens look like.

mod desk;
mod flows;
mod screens;
mod world;
