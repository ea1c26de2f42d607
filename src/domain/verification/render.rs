//! What a recipient will read: a template with its placeholders filled, the code as dots.
//!
//! Only templates and the usual English SMS are known word for word; the rest is worded by Twilio and said
//! to be so.

use std::collections::BTreeMap;

use super::Channel;
use crate::domain::sms::{self, Segments};

/// Stands for a digit of the code.
const DOT: char = '•';

/// A rendered text.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The text, the code as dots.
    pub text: String,
    /// Whether Twilio sends these very words.
    pub is_exact: bool,
    /// How an SMS of it is counted.
    pub measure: Segments,
}

/// The names between double braces, each once, in order; `code` is none of them.
pub fn placeholders(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(name, _)| name.trim())) {
        if name != "code" && !name.is_empty() && !found.iter().any(|have| have == name) {
            found.push(name.to_owned());
        }
    }
    found
}

/// The placeholders of a template that have no value. The service's name fills one by itself.
pub fn missing(text: &str, given: &BTreeMap<String, String>) -> Vec<String> {
    placeholders(text).into_iter().filter(|name| name != "friendly_name" && !given.contains_key(name)).collect()
}

/// A template's text with its placeholders filled; those without a value stay.
pub fn template(text: &str, name: &str, given: &BTreeMap<String, String>, digits: u32) -> Rendered {
    let fill = |code: &str| {
        let mut out = text.replace("{{code}}", code);
        for (key, value) in given {
            out = out.replace(&format!("{{{{{key}}}}}"), value);
        }
        out.replace("{{friendly_name}}", name)
    };
    finish(fill, digits, true)
}

/// What Twilio says when no template is named. The source of the English SMS is Twilio's documentation; of
/// other languages and channels only the sense is known.
pub fn usual(channel: Channel, locale: Option<&str>, name: &str, digits: u32, extras: bool) -> Rendered {
    let english = locale.is_none_or(|locale| locale == "en" || locale.starts_with("en-"));
    let fill = |code: &str| match channel {
        Channel::Whatsapp => format!("{code} is your verification code."),
        _ => format!("Your {name} verification code is: {code}"),
    };
    finish(fill, digits, english && channel == Channel::Sms && !extras)
}

fn finish(fill: impl Fn(&str) -> String, digits: u32, is_exact: bool) -> Rendered {
    let digits = digits as usize;
    // Dots are not in the alphabet of SMS: what is measured has digits.
    let measure = sms::measure(&fill(&"0".repeat(digits)));
    Rendered { text: fill(&DOT.to_string().repeat(digits)), is_exact, measure }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_template_is_filled_and_measured_with_digits() {
        let text = "Your {{brand}} code is {{code}}";
        let out = template(text, "Northwind", &given(&[("brand", "Northwind Bank")]), 6);
        assert_eq!(out.text, "Your Northwind Bank code is ••••••");
        assert_eq!((out.measure.segments, out.measure.encoding, out.is_exact), (1, sms::Encoding::Gsm7, true));
        assert_eq!(missing(text, &given(&[])), ["brand"]);
        assert_eq!(missing("{{friendly_name}}: {{code}} {{code}}", &given(&[])), Vec::<String>::new());
    }

    #[test]
    fn only_what_is_known_word_for_word_is_called_exact() {
        let exact = |channel, locale| usual(channel, locale, "Bank", 6, false).is_exact;
        assert!(exact(Channel::Sms, None) && exact(Channel::Sms, Some("en")));
        assert!(!exact(Channel::Sms, Some("de")) && !exact(Channel::Call, None));
        assert!(!usual(Channel::Sms, None, "Bank", 6, true).is_exact, "the service adds a warning");
        assert_eq!(usual(Channel::Sms, None, "Bank", 4, false).text, "Your Bank verification code is: ••••");
    }
}
