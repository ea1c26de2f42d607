//! What Twilio's own sources leave open or say in two ways, one entry each, and the counts they agree on.
//!
//! Change an entry here and everything follows; nothing else has these numbers.

/// How long a verification waits for its code, in simulated microseconds. Support may set 2 minutes to 24
/// hours; ten minutes is the default. A resend does not extend it: no source says that it would.
pub const LIFETIME: u64 = 600 * 1_000_000;

/// Sends to one recipient in the life of a verification; the next one is 60203.
pub const SENDS: usize = 5;

/// Checks of one verification, right or wrong; the next one is 60202.
pub const CHECKS: usize = 5;

/// A check where nothing is pending: 20404 by the documentation and most reports; one live report has 60200.
pub const NOTHING_TO_CHECK: u32 = 20_404;

/// A check, and a start, after the checks are used up and before the verification expires. An older post of
/// Twilio's has 20404.
pub const CHECKS_USED_UP: u32 = 60_202;

/// Whether a verification whose checks are used up can still be fetched: yes by a live test of 2026, no by
/// an older post of Twilio's.
pub const USED_UP_IS_KEPT: bool = true;

/// The last word of the event's type when the checks are used up: one page has underscores in it.
pub const USED_UP_EVENT: &str = "max-attempts-reached";

/// The HTTP status of a check that was carried out; the description lists 201 too.
pub const CHECKED: u16 = 200;

/// Characters of a service's name: 30 by the answers' text, 32 by the parameter's.
pub const LONGEST_NAME: usize = 30;

/// Digits in a service's name, by live reports.
pub const MOST_DIGITS: usize = 4;

/// The shortest and the longest code.
pub const CODE: (u64, u64) = (4, 10);

/// How often one verification may be fetched: times in so many seconds.
pub const POLLS: [(u64, u64); 3] = [(60, 60), (180, 3_600), (250, 86_400)];

/// Countries that Verify does not send to (60238).
pub const EMBARGOED: [&str; 3] = ["CU", "IR", "SY"];
