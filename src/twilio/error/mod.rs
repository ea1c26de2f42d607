//! What Twilio's answers mean: the table of error codes.

mod table;

pub use table::{Charged, Entry, Retry, lookup, page};
