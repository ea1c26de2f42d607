//! The real program in a real terminal, and at the command line: what a person would see.

#[path = "../common/api.rs"]
mod api;
#[path = "../common/home.rs"]
mod home;
#[path = "../bench/screen/process.rs"]
#[allow(dead_code)]
mod process;

mod agent;
mod alerts;
mod bad_days;
mod console;
mod crash;
mod doctor;
mod export;
mod figures;
mod headless;
mod hostile;
mod idle;
mod narrow;
mod reset;
mod seed;
mod tail;
mod terminal;
mod trigger;
mod two;
mod verify;
mod wizard;
