//! Form-encoded bodies as Twilio posts them: decoded pairs that borrow where they can.
//!
//! A name may stand more than once and unknown names are normal (Twilio adds some without notice), so
//! the pairs are kept as they came. Signatures and payloads are both read from here: decoded once.

use std::borrow::Cow;

use url::form_urlencoded;

/// One decoded parameter: name and value.
pub type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// A decoded form (or query), in the order it came.
#[derive(Debug, Clone, Default)]
pub struct Form<'a>(Vec<Pair<'a>>);

impl<'a> Form<'a> {
    /// Decodes a raw body or query string. Never fails: what is not UTF-8 gets replacement characters.
    pub fn parse(raw: &'a [u8]) -> Form<'a> {
        let mut pairs = Vec::with_capacity(32);
        pairs.extend(form_urlencoded::parse(raw));
        Form(pairs)
    }

    /// All pairs, in order.
    pub fn pairs(&self) -> &[Pair<'a>] {
        &self.0
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref())
    }
}
