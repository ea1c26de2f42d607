//! Parameters of a request: PascalCase names, repeated names for lists, `true` and `false` for flags.

use std::fmt::Display;

use super::wire::{Micros, iso};

/// Parameters in the order they are added. What is `None` is left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Params(Vec<(&'static str, String)>);

impl Params {
    pub(super) fn new() -> Params {
        Params::default()
    }

    /// One value.
    pub(super) fn set(mut self, name: &'static str, value: impl Display) -> Params {
        self.0.push((name, value.to_string()));
        self
    }

    /// One value, if there is one.
    pub(super) fn maybe(self, name: &'static str, value: Option<impl Display>) -> Params {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Text, if there is some; empty text is sent, for it clears a field.
    pub(super) fn text(self, name: &'static str, value: &Option<String>) -> Params {
        self.maybe(name, value.as_deref())
    }

    /// A moment as ISO 8601.
    pub(super) fn moment(self, name: &'static str, at: Option<Micros>) -> Params {
        self.maybe(name, at.map(iso))
    }

    /// A day, `YYYY-MM-DD`, in UTC.
    pub(super) fn day(self, name: &'static str, at: Option<Micros>) -> Params {
        self.maybe(name, at.map(|at| iso(at).chars().take(10).collect::<String>()))
    }

    /// The same name for every value.
    pub(super) fn each<T: Display>(mut self, name: &'static str, values: &[T]) -> Params {
        self.0.extend(values.iter().map(|value| (name, value.to_string())));
        self
    }

    pub(super) fn pairs(&self) -> &[(&'static str, String)] {
        &self.0
    }
}

/// A path segment that comes from outside (a phone number, an address, a unique name).
pub(super) fn segment(text: &str) -> String {
    // A form writes a space as plus; in a path that would be a plus.
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_values_are_left_out_and_empty_ones_sent() {
        let params = Params::new()
            .set("To", "+1")
            .maybe("Attempt", None::<u32>)
            .text("Body", &Some(String::new()))
            .maybe("SmartEncoded", Some(true))
            .each("MediaUrl", &["a", "b"])
            .moment("SendAt", Some(0))
            .day("StartDate", Some(0));
        let text = serde_urlencoded::to_string(params.pairs()).unwrap();
        assert_eq!(
            text,
            "To=%2B1&Body=&SmartEncoded=true&MediaUrl=a&MediaUrl=b&SendAt=1970-01-01T00%3A00%3A00Z&StartDate=1970-01-01"
        );
    }

    #[test]
    fn segments_cannot_leave_their_place() {
        assert_eq!(segment("+1415/../x y?z"), "%2B1415%2F..%2Fx%20y%3Fz");
    }
}
