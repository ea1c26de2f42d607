//! The console: an inbox for the terminal.
//!
//! A client of the contract like any other: it knows `api`, `link` and `domain`, never who executes an
//! operation. The map of its files:
//!
//! * [`update()`]: what a message does to the [`app::App`]; pure, all of it can be tested without a
//!   terminal. [`msg`] has the messages that come in and the effects that go out.
//! * [`draw()`]: the frame; it changes nothing and says where things landed ([`framemap`]).
//! * [`run()`]: the loop, the only place with I/O: one queue, no tick, one draw per drained queue.
//! * [`lines`]: the same without a screen, line by line.
//! * [`panes`], [`overlay`], [`widgets`]: what the frame is made of; each pane owns its state.
//! * [`shown`]: the only text that may reach the screen. [`ink`] is the only pen.
//! * [`action`] and [`keymap`]: everything that can be asked for, once; [`synonyms`]: what else people call it.
//!   [`manual`]: what there is to read.

pub mod action;
pub mod app;
pub mod clock;
pub mod drafts;
pub mod files;
pub mod framemap;
pub mod ink;
pub mod key;
pub mod keymap;
pub mod lines;
pub mod manual;
pub mod mask;
pub mod meter;
pub mod msg;
pub mod options;
pub mod outgoing;
pub mod overlay;
pub mod panes;
pub mod presence;
pub mod rooms;
pub mod session;
pub mod shown;
pub mod synonyms;
pub mod theirs;
pub mod theme;
pub mod trail;
pub mod until;
pub mod why;
pub mod widgets;
pub mod wrap;

mod draw;
mod footer;
mod input;
mod locked;
mod pipe;
mod run;
mod runner;
mod term;
mod update;

pub use draw::draw;
pub use options::{Error, Options};
pub use run::run;
pub use update::{refusal, update};
