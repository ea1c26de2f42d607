//! A check: somebody gave a code, and what Twilio said to it. The code is not kept.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::address::Address;
use crate::domain::id::Id;
use crate::domain::time::Time;

/// What Twilio said to a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It was wrong; the verification goes on waiting.
    Pending,
    /// It was right.
    Approved,
    /// It was not looked at: the verification is over, or its checks are used up.
    Refused,
    /// Twilio's answer was lost.
    Unknown,
}

/// One check of a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The tenant.
    pub business: Id,
    /// Our id.
    pub id: Id,
    /// Its flow.
    pub flow: Id,
    /// Which of the flow's verifications, from 0.
    pub leg: usize,
    /// The latest send before it.
    pub attempt: Option<Id>,
    /// The recipient.
    pub to: Address,
    /// What Twilio said.
    pub verdict: Verdict,
    /// Twilio's code, when it was not looked at.
    #[serde(default)]
    pub error: Option<u32>,
    /// What it said.
    #[serde(default)]
    pub error_text: Option<String>,
    /// Who asked.
    pub actor: String,
    /// When.
    pub at: Time,
    /// How long Twilio took to answer, in microseconds.
    pub took_micros: u64,
}

/// Why a text is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCode {
    /// Nothing was given.
    #[error("a code is missing: give the digits from the message")]
    Empty,
    /// Letters or signs where the service makes digits.
    #[error("a code has digits only: give it as it stands in the message")]
    NotDigits,
    /// Too few or too many, where the service's length is known, or for any service.
    #[error("this service's codes have {wanted} digits, and {given} were given: nothing was checked")]
    Length {
        /// How many there should be, such as `6` or `4 to 10`.
        wanted: String,
        /// How many there are.
        given: usize,
    },
}

/// A code as it goes to Twilio, and whether something was left out that people type along.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    /// The code.
    pub code: String,
    /// How many spaces and dashes were left out.
    pub left_out: usize,
}

/// Shows no code.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("left_out", &self.left_out).finish_non_exhaustive()
    }
}

/// Reads a code as people paste it. `length` is the service's, when it is known; `own` allows letters, as
/// codes of one's own may have.
///
/// # Errors
/// [`BadCode`]: Twilio would refuse it (60200), and a check would be spent for nothing.
pub fn code(text: &str, length: Option<u32>, own: bool) -> Result<Given, BadCode> {
    let is_filler = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{200b}');
    let code: String = text.chars().filter(|c| !is_filler(*c)).collect();
    let left_out = text.trim().chars().filter(|c| is_filler(*c)).count();
    let given = code.chars().count();
    if given == 0 {
        return Err(BadCode::Empty);
    }
    if !own && !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(BadCode::NotDigits);
    }
    match length {
        Some(length) if !own && given != length as usize => Err(BadCode::Length { wanted: length.to_string(), given }),
        _ if !(4..=10).contains(&given) => Err(BadCode::Length { wanted: "4 to 10".into(), given }),
        _ => Ok(Given { code, left_out }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_paste_them() {
        let read = |text| code(text, Some(6), false).map(|given| (given.code, given.left_out));
        assert_eq!(read(" 123 456\n"), Ok(("123456".into(), 1)));
        assert_eq!(read("123-456"), Ok(("123456".into(), 1)));
        assert_eq!(read("12345"), Err(BadCode::Length { wanted: "6".into(), given: 5 }));
        assert_eq!((read(""), read("12a456")), (Err(BadCode::Empty), Err(BadCode::NotDigits)));
        assert_eq!(code("abcd", None, true).map(|given| given.code), Ok("abcd".into()));
        assert_eq!(code("123", None, false), Err(BadCode::Length { wanted: "4 to 10".into(), given: 3 }));
    }
}
