//! Answers what is asked about many verifications or messages at once.
//!
//! Owns how figures are gathered and named. What counts as what is said by the rows
//! ([`super::rows::facts`]) and read off sums by `domain::analytics`.

mod asked;
mod cells;
mod gather;
mod ledger;
mod messages;
mod other;
mod outside;
mod overview;
mod rolled;
mod templates;
#[cfg(test)]
mod tests;
mod upkeep;
mod verify;

pub use upkeep::bring_up;

use crate::api::ApiError;
use crate::domain::analytics::BadRange;

/// Which field a bad range stands in.
fn bad(e: &BadRange) -> ApiError {
    let field = match e {
        BadRange::Zone(_) => "zone",
        BadRange::TooFine(_) => "grain",
        BadRange::Moment(_) => "from",
        BadRange::Backwards | BadRange::TooLong => "to",
    };
    ApiError::field(field, e.to_string())
}
