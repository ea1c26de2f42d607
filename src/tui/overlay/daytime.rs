//! The moment that is written into a form, with a warning when it is night for the customer then.

use crate::domain::time::Time;
use crate::tui::clock::Clock;
use crate::tui::shown::Shown;
use crate::tui::theirs::Theirs;
use crate::tui::until;
use crate::tui::widgets::form::Form;

/// What is needed to warn of a moment in the customer's night, once.
pub(super) struct Daytime<'a> {
    pub theirs: Option<&'a Theirs>,
    pub warned: &'a mut Option<Time>,
}

/// The moment that was written; the form says what is wrong with it, or that it is night for them then.
pub(super) fn moment(form: &mut Form, when: &str, clock: &Clock, by_day: Daytime<'_>) -> Option<Time> {
    let why = match until::parse(when, clock) {
        Ok(Some(at)) => match by_day.theirs.and_then(|theirs| theirs.at_night(at, clock)) {
            // A span counts from now: a second later it is the same moment still.
            Some(_) if by_day.warned.is_some_and(|before| (at - before).whole_secs().abs() < 60) => return Some(at),
            Some(night) => {
                *by_day.warned = Some(at);
                form.refuse(night);
                return None;
            }
            None => return Some(at),
        },
        Ok(None) => "a text needs a time to go at: tomorrow 9, 2h, fri 14:30".to_owned(),
        Err(why) => why,
    };
    form.refuse(Shown::from(why));
    None
}
