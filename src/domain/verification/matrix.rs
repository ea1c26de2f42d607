//! A matrix: every channel in every language, tried together and kept under a name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Channel;
use crate::domain::id::{Id, Sid};
use crate::domain::money::Money;
use crate::domain::time::Time;

/// The most cells of a matrix: a run answers within one request.
pub const CELLS: usize = 40;
/// The longest name.
const LONGEST_NAME: usize = 40;

/// A matrix of sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// The tenant.
    pub business: Id,
    /// Its name.
    pub name: String,
    /// Rises with each save.
    pub version: u64,
    /// Who saved it.
    pub actor: String,
    /// When.
    pub at: Time,
    /// What is sent.
    pub wish: MatrixWish,
    /// How it went last, if it ever ran.
    #[serde(default)]
    pub run: Option<Run>,
}

/// What a matrix sends.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MatrixWish {
    /// The columns, each with the address that it goes to.
    pub columns: Vec<(Channel, String)>,
    /// The languages, one row each.
    pub locales: Vec<String>,
    /// The template of channels that have templates; the business's own wording when absent.
    #[serde(default)]
    pub template: Option<Sid>,
    /// Values of its placeholders: `brand` for all languages, `de/brand` for one.
    #[serde(default)]
    pub substitutions: BTreeMap<String, String>,
}

impl MatrixWish {
    /// How many cells it has.
    pub fn cells(&self) -> usize {
        self.columns.len() * self.locales.len()
    }

    /// The values for one language.
    pub fn values(&self, locale: &str) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        for (name, value) in &self.substitutions {
            match name.split_once('/') {
                None => drop(values.entry(name.clone()).or_insert_with(|| value.clone())),
                Some((own, name)) if own.eq_ignore_ascii_case(locale) => {
                    values.insert(name.to_owned(), value.clone());
                }
                Some(_) => {}
            }
        }
        values
    }
}

/// Whether a text can be the name of a matrix.
pub fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(fits)
}

/// How a matrix went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// When it began.
    pub at: Time,
    /// Who ran it.
    pub actor: String,
    /// The version of the matrix.
    pub version: u64,
    /// Its cells, language by language.
    pub cells: Vec<Cell>,
}

/// What became of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Fate {
    /// The code arrived, and the right one was approved.
    Approved,
    /// Twilio accepted it; on a real phone nobody can read along. It was canceled.
    Accepted,
    /// It did not arrive, or the right code was not approved.
    Failed,
    /// It was not sent: a value is missing, a limit is reached, Twilio refused it.
    Refused,
}

impl Fate {
    /// Whether it is as it should be.
    pub fn is_green(self) -> bool {
        matches!(self, Fate::Approved | Fate::Accepted)
    }
}

/// One cell of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The channel.
    pub channel: Channel,
    /// The language.
    pub locale: String,
    /// What became of it.
    pub fate: Fate,
    /// Why it is not green, in a sentence.
    #[serde(default)]
    pub detail: String,
    /// Twilio's code, if it refused.
    #[serde(default)]
    pub error: Option<u32>,
    /// The text with dots for the code, as far as it is known.
    #[serde(default)]
    pub text: String,
    /// Whether these are the very words.
    #[serde(default)]
    pub is_exact: bool,
    /// The name of the template, or `no template`.
    #[serde(default)]
    pub template: String,
    /// From the request to the end, in microseconds.
    #[serde(default)]
    pub took_micros: u64,
    /// What it cost, as far as known.
    #[serde(default)]
    pub cost: Option<Money>,
    /// Its flow, if one began.
    #[serde(default)]
    pub flow: Option<Id>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_its_own_values_over_those_of_all() {
        let pairs = [("brand", "Bank"), ("de/brand", "Die Bank"), ("es/town", "Madrid"), ("DE/town", "Bonn")];
        let substitutions = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let wish = MatrixWish { substitutions, ..MatrixWish::default() };
        let got = |locale: &str| {
            wish.values(locale).into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        assert_eq!(got("de"), ["brand=Die Bank", "town=Bonn"]);
        assert_eq!(got("es"), ["brand=Bank", "town=Madrid"]);
        assert_eq!(got("en"), ["brand=Bank"]);
    }

    #[test]
    fn a_name_can_stand_in_a_path() {
        assert!(is_name("nightly") && is_name("en-de_2.1"));
        for bad in ["", "a b", "a/b", "ä", &"x".repeat(41)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
