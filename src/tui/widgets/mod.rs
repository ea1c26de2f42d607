//! Pieces that several panes are made of. They hold what was typed or chosen and know nothing of
//! conversations.

pub mod chart;
pub mod field;
pub mod form;
pub mod list;
