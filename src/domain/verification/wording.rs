//! Which template a business's codes are worded by, with the values of its placeholders. Every save is
//! kept as a version.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::render::placeholders;
use crate::domain::id::{Id, Sid};
use crate::domain::time::Time;

/// A version of a business's wording. The present one is kept once more under the place 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The tenant.
    pub business: Id,
    /// Where it is kept: its version, or 0 for the present one.
    pub place: u64,
    /// Its version, from 1.
    pub version: u64,
    /// The template; none when the business has no wording of its own.
    #[serde(default)]
    pub template: Option<Sid>,
    /// Values of its placeholders.
    #[serde(default)]
    pub substitutions: BTreeMap<String, String>,
    /// Who saved it.
    pub actor: String,
    /// When.
    pub at: Time,
}

/// What is wrong with the values for a template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Misfit {
    /// Placeholders without a value, as `de/{{brand}}`.
    pub missing: Vec<String>,
    /// Values for which no text has a placeholder.
    pub unknown: Vec<String>,
}

/// Compares values with the texts of a template, by language.
pub fn misfit<'t>(texts: impl Iterator<Item = (&'t str, &'t str)>, given: &BTreeMap<String, String>) -> Misfit {
    let mut misfit = Misfit::default();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for (locale, text) in texts {
        for name in placeholders(text) {
            if name != "friendly_name" && !given.contains_key(&name) {
                misfit.missing.push(format!("{locale}/{{{{{name}}}}}"));
            }
            known.insert(name);
        }
    }
    misfit.unknown = given.keys().filter(|name| !known.contains(*name)).cloned().collect();
    misfit
}

/// What one version has that the other has not, a line each: `- brand = Old`, `+ brand = New`.
pub fn diff(before: Option<&Wording>, after: &Wording) -> Vec<String> {
    let lines = |w: &Wording| -> Vec<String> {
        let template = w.template.map(|sid| format!("template {sid}"));
        let values = w.substitutions.iter().map(|(name, value)| format!("{name} = {value}"));
        template.into_iter().chain(values).collect()
    };
    let (old, new) = (before.map(lines).unwrap_or_default(), lines(after));
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}"));
    let come = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn values_must_fit_every_language() {
        let texts = [("en", "Your {{brand}} code is {{code}}"), ("de", "{{brand}} {{ort}}: {{code}}")];
        let found = misfit(texts.into_iter(), &values(&[("brand", "Bank"), ("colour", "red")]));
        assert_eq!((found.missing, found.unknown), (vec!["de/{{ort}}".to_owned()], vec!["colour".to_owned()]));
        assert_eq!(misfit(texts.into_iter(), &values(&[("brand", "a"), ("ort", "b")])), Misfit::default());
    }

    #[test]
    fn a_difference_is_told_line_by_line() {
        let wording = |brand: &str| Wording {
            business: Id(1),
            place: 0,
            version: 1,
            template: Some(Sid { prefix: *b"HJ", bytes: [1; 16] }),
            substitutions: values(&[("brand", brand), ("town", "Bern")]),
            actor: String::new(),
            at: Time(0),
        };
        assert_eq!(diff(Some(&wording("Old")), &wording("New")), ["- brand = Old", "+ brand = New"]);
        assert_eq!(diff(None, &wording("New")).len(), 3);
    }
}
