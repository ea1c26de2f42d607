//! Content templates: texts with blanks that stand at Twilio, approved by WhatsApp for customers who have not
//! written for a day. Here is how their blanks are found and filled.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::id::Sid;

/// A template as a message uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub struct Used {
    /// `HX...`
    #[n(0)]
    pub sid: Sid,
    /// What stands in its blanks.
    #[n(1)]
    pub variables: BTreeMap<String, String>,
}

/// The most characters of a value in a blank: what is longer is a message of its own.
pub const LONGEST_VALUE: usize = 500;

/// A text in pieces: what stands there, and the names of blanks.
enum Piece<'a> {
    Text(&'a str),
    Blank(&'a str),
}

fn pieces(body: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find("{{") {
        let Some(end) = rest[at..].find("}}").map(|end| at + end) else { break };
        out.push(Piece::Text(&rest[..at]));
        out.push(Piece::Blank(rest[at + 2..end].trim()));
        rest = &rest[end + 2..];
    }
    out.push(Piece::Text(rest));
    out
}

/// The names of a text's blanks, each once, in their order.
pub fn blanks(body: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for piece in pieces(body) {
        if let Piece::Blank(name) = piece
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// The text with what is given in its blanks; one that nothing is given for stays visible. What is filled in is
/// never read as a blank itself.
pub fn filled(body: &str, values: &BTreeMap<String, String>) -> String {
    let one = |piece: Piece<'_>| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Blank(name) => {
            values.get(name).filter(|v| !v.is_empty()).cloned().unwrap_or_else(|| format!("{{{{{name}}}}}"))
        }
    };
    pieces(body).into_iter().map(one).collect()
}

/// The blanks that nothing is given for.
pub fn missing<'a>(body: &'a str, values: &BTreeMap<String, String>) -> Vec<&'a str> {
    let empty = |name: &&str| values.get(*name).is_none_or(|value| value.trim().is_empty());
    blanks(body).into_iter().filter(empty).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn blanks_are_found_and_filled_once() {
        let body = "Hi {{1}}, at {{ when }}; {{1}}! {{open";
        assert_eq!(blanks(body), ["1", "when"]);
        let given = values(&[("1", "{{when}}"), ("when", " ")]);
        assert_eq!(filled(body, &given), "Hi {{when}}, at  ; {{when}}! {{open");
        assert_eq!(missing(body, &given), ["when"]);
        assert_eq!(filled(body, &values(&[])), "Hi {{1}}, at {{when}}; {{1}}! {{open");
    }

    #[test]
    fn a_row_that_uses_one_is_read_again() {
        let used =
            Used { sid: "HX00000000000000000000000000000001".parse().unwrap(), variables: values(&[("1", "Ada")]) };
        assert_eq!(minicbor::decode::<Used>(&minicbor::to_vec(&used).unwrap()).unwrap(), used);
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart_and_put_together(body in "[a{} é]{0,40}") {
            let plain: String = pieces(&body).into_iter().map(|p| match p {
                Piece::Text(text) => text.to_owned(),
                Piece::Blank(name) => name.to_owned(),
            }).collect();
            prop_assert!(plain.len() <= body.len());
            prop_assert!(missing(&body, &BTreeMap::new()) == blanks(&body));
        }
    }
}
