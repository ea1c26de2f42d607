//! Where a number is, as far as an inbound webhook says: a few area codes, and the country of the rest.

use crate::domain::phone::Phone;

/// City, state and ZIP of area codes of the United States; unknown ones have a country only.
const AREAS: &[(&str, &str, &str, &str)] = &[
    ("206", "SEATTLE", "WA", "98101"),
    ("212", "NEW YORK", "NY", "10001"),
    ("213", "LOS ANGELES", "CA", "90012"),
    ("214", "DALLAS", "TX", "75201"),
    ("303", "DENVER", "CO", "80202"),
    ("305", "MIAMI", "FL", "33101"),
    ("312", "CHICAGO", "IL", "60601"),
    ("404", "ATLANTA", "GA", "30303"),
    ("408", "SAN JOSE", "CA", "95112"),
    ("415", "SAN FRANCISCO", "CA", "94103"),
    ("503", "PORTLAND", "OR", "97201"),
    ("510", "OAKLAND", "CA", "94607"),
    ("512", "AUSTIN", "TX", "78701"),
    ("602", "PHOENIX", "AZ", "85003"),
    ("617", "BOSTON", "MA", "02108"),
    ("619", "SAN DIEGO", "CA", "92101"),
    ("646", "NEW YORK", "NY", "10001"),
    ("650", "PALO ALTO", "CA", "94301"),
    ("702", "LAS VEGAS", "NV", "89101"),
    ("713", "HOUSTON", "TX", "77002"),
    ("808", "HONOLULU", "HI", "96813"),
];

/// A place, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// In capitals, as webhooks have it.
    pub city: &'static str,
    /// Two letters.
    pub state: &'static str,
    /// Five digits.
    pub zip: &'static str,
    /// ISO alpha-2.
    pub country: String,
}

/// Where a number is.
pub fn place(address: &str) -> Place {
    if let Some(area) = address.strip_prefix("+1").and_then(|rest| rest.get(..3))
        && let Some((_, city, state, zip)) = AREAS.iter().find(|(code, ..)| *code == area)
    {
        return Place { city, state, zip, country: "US".into() };
    }
    // The short codes of a sandbox are American ones.
    let short = !address.starts_with('+') && address.bytes().all(|b| b.is_ascii_digit());
    let country = Phone::parse(address, None).ok().and_then(|phone| phone.region());
    let country = country.unwrap_or_else(|| if short { "US".to_owned() } else { String::new() });
    Place { country, ..Place::default() }
}

/// The area codes that are known, with city and state.
pub fn areas() -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)> {
    AREAS.iter().copied()
}
