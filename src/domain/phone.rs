//! A phone number: read from what people type, kept as E.164, shown in readable form.
//!
//! Owns the one place where a typed number becomes comparable. It knows nothing of short codes, WhatsApp
//! prefixes or sender names (those are addresses), and decides nothing about who may be texted.
//!
//! Numbers are checked by length and country code, not by the list of assigned ranges: the ranges of the
//! library are always older than the carriers', and the fictional `555-01xx` numbers must work in tests.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{LazyLock, RwLock};

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, Region, ValidationError,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A phone number in E.164 form: `+` and up to 15 digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(Box<str>);

/// Why a text is no phone number; each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing was given.
    #[error("a phone number is missing: give one such as +14155550100")]
    Empty,
    /// No `+`, and no region to complete it with.
    #[error("the number has no country code: begin with + and the country code, such as +1 415 555 0100")]
    NoCountry,
    /// A country code that nobody has.
    #[error("no country has this country code: check the digits after the +")]
    UnknownCountry,
    /// The default region is not a country.
    #[error("{0:?} is no country: give two letters such as US")]
    UnknownRegion(String),
    /// Letters and signs, not a number.
    #[error("this is not a phone number: give one such as +14155550100")]
    NotANumber,
    /// Fewer digits than the country's numbers have.
    #[error("the number is too short for its country: digits are missing")]
    TooShort,
    /// Only the part one dials within a town.
    #[error("the number lacks its area code")]
    NoAreaCode,
    /// More digits than the country's numbers have.
    #[error("the number is too long for its country: there are digits too many")]
    TooLong,
    /// A length between the shortest and the longest that no number of the country has.
    #[error("no number of this country has this many digits")]
    WrongLength,
    /// A number with an extension, which a text cannot reach.
    #[error("the number has an extension, which a text cannot reach: leave it out")]
    Extension,
}

impl Phone {
    /// Reads a typed number. `default_region` (ISO alpha-2, such as `US`) completes numbers without `+`.
    ///
    /// # Errors
    /// [`PhoneError`] when the text cannot be a phone number.
    pub fn parse(text: &str, default_region: Option<&str>) -> Result<Self, PhoneError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        let region = match default_region {
            Some(name) => Some(
                Region::from_str(&name.to_ascii_uppercase()).map_err(|_| PhoneError::UnknownRegion(name.to_owned()))?,
            ),
            None => None,
        };
        let number = PHONE_NUMBER_UTIL.parse(text, region).map_err(|error| match error {
            ParseError::InvalidCountryCode if region.is_none() && !text.starts_with('+') => PhoneError::NoCountry,
            ParseError::InvalidCountryCode => PhoneError::UnknownCountry,
            ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneError::TooShort,
            ParseError::TooLongNsn => PhoneError::TooLong,
            _ => PhoneError::NotANumber,
        })?;
        if number.extension.as_deref().is_some_and(|extension| !extension.is_empty()) {
            return Err(PhoneError::Extension);
        }
        match number.is_possible_with_reason() {
            Ok(NumberLengthType::IsPossible) => {}
            Ok(NumberLengthType::IsPossibleLocalOnly) => return Err(PhoneError::NoAreaCode),
            Err(ValidationError::InvalidCountryCode) => return Err(PhoneError::UnknownCountry),
            Err(ValidationError::TooShort) => return Err(PhoneError::TooShort),
            Err(ValidationError::TooLong) => return Err(PhoneError::TooLong),
            Err(_) => return Err(PhoneError::WrongLength),
        }
        Ok(Self(number.format_as(PhoneNumberFormat::E164).into()))
    }

    /// The E.164 text, such as `+14155550100`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its digits rule out that anybody has it, however new the carrier's ranges are: in North America
    /// neither an area code nor an exchange begins with 0 or 1.
    pub fn is_impossible(&self) -> bool {
        let Some(national) = self.0.strip_prefix("+1") else { return false };
        let low = |at: usize| matches!(national.as_bytes().get(at), Some(b'0' | b'1') | None);
        low(0) || low(3)
    }

    /// The country as ISO alpha-2 (`US`), or `None` for numbers of no country, such as satellite phones.
    ///
    /// A number outside the assigned ranges of a shared country code belongs to its main country.
    pub fn region(&self) -> Option<String> {
        let number = self.number()?;
        let main = || PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code);
        let name = number.get_region_code().or_else(main)?.to_string();
        (name.len() == 2 && name != "ZZ").then_some(name)
    }

    /// The country of a number by its first digits alone, which suffice for all but a few islands that share
    /// a code: remembered, for analytics asks for each message. `None` for what is no number.
    pub fn region_by_prefix(number: &str) -> Option<String> {
        type Known = RwLock<HashMap<Box<str>, Option<String>>>;
        static KNOWN: LazyLock<Known> = LazyLock::new(Known::default);
        let digits = number.strip_prefix('+')?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        // An area of the North American plan; elsewhere a country code has three digits at most.
        let prefix = digits.get(..if digits.starts_with('1') { 4 } else { 3 })?;
        if let Some(known) = KNOWN.read().ok().and_then(|known| known.get(prefix).cloned()) {
            return known;
        }
        let likely = if prefix.starts_with('1') { format!("+{prefix}2345678") } else { format!("+{prefix}12345678") };
        let region = Phone::parse(&likely, None).ok().and_then(|phone| phone.region());
        let region = region.or_else(|| {
            let code = (1..=3).find_map(|n| {
                let code = prefix.get(..n)?.parse().ok()?;
                PHONE_NUMBER_UTIL.get_region_for_country_code(code)
            });
            code.map(|region| region.to_string()).filter(|name| name.len() == 2 && name != "ZZ")
        });
        if let Ok(mut known) = KNOWN.write() {
            known.insert(prefix.into(), region.clone());
        }
        region
    }

    /// Readable with the country code: `+1 415-555-0100`.
    pub fn international(&self) -> String {
        self.formatted(PhoneNumberFormat::International)
    }

    /// Readable as people of the country write it: `(415) 555-0100`.
    pub fn national(&self) -> String {
        self.formatted(PhoneNumberFormat::National)
    }

    fn number(&self) -> Option<PhoneNumber> {
        PHONE_NUMBER_UTIL.parse(&*self.0, None).ok()
    }

    fn formatted(&self, format: PhoneNumberFormat) -> String {
        self.number().map_or_else(|| self.0.to_string(), |number| number.format_as(format).into_owned())
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        Self::parse(text, None)
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_digits_tell_the_country() {
        for (number, region) in [
            ("+14155550123", Some("US")),
            ("+16045550123", Some("CA")),
            ("+18765550123", Some("JM")),
            ("+447700900123", Some("GB")),
            ("+4915112345678", Some("DE")),
            ("+77011234567", Some("KZ")),
            ("+79261234567", Some("RU")),
            ("+85291234567", Some("HK")),
            ("+88213000001", None),
            ("72975", None),
            ("HARBOR", None),
        ] {
            assert_eq!(Phone::region_by_prefix(number).as_deref(), region, "{number}");
            assert_eq!(Phone::region_by_prefix(number).as_deref(), region, "{number}, remembered");
        }
    }

    #[test]
    fn reads_what_people_type() {
        let read = |text| Phone::parse(text, Some("US")).map(|phone| phone.as_str().to_owned());
        assert_eq!(read("(415) 555-0142"), Ok("+14155550142".into()));
        assert_eq!(read(" 415.555.0142 "), Ok("+14155550142".into()));
        assert_eq!(read("1 415 555 0142"), Ok("+14155550142".into()));
        assert_eq!(read("+44 20 7183 8750"), Ok("+442071838750".into()));
        assert_eq!(read("+15005550006"), Ok("+15005550006".into()));
        assert_eq!(read("+88213000001"), Ok("+88213000001".into()));
        assert_eq!(Phone::parse("020 7183 8750", Some("gb")).unwrap().as_str(), "+442071838750");
    }

    #[test]
    fn says_what_is_wrong() {
        let read = |text, region| Phone::parse(text, region).unwrap_err();
        assert_eq!(read("", None), PhoneError::Empty);
        assert_eq!(read("4155550142", None), PhoneError::NoCountry);
        assert_eq!(read("+999123456789", None), PhoneError::UnknownCountry);
        assert_eq!(read("hello", Some("US")), PhoneError::NotANumber);
        assert_eq!(read("5550142", Some("US")), PhoneError::NoAreaCode);
        assert_eq!(read("+14155", None), PhoneError::TooShort);
        assert_eq!(read("+1415555014299", None), PhoneError::TooLong);
        assert_eq!(read("+14155550142 ext. 12", None), PhoneError::Extension);
        assert_eq!(read("4155550142", Some("Mars")), PhoneError::UnknownRegion("Mars".into()));
    }

    #[test]
    fn shows_region_and_readable_forms() {
        let phone = Phone::parse("+14155550142", None).unwrap();
        assert_eq!(phone.region().as_deref(), Some("US"));
        assert_eq!(phone.international(), "+1 415-555-0142");
        assert_eq!(phone.national(), "(415) 555-0142");
        assert_eq!(Phone::parse("+442071838750", None).unwrap().region().as_deref(), Some("GB"));
        assert_eq!(Phone::parse("+88213000001", None).unwrap().region(), None);
    }
}
