//! Where a number is, as far as an inbound webhook says: a few area codes, and the country of the rest.

use crate::domain::phone::Phone;

/// An area code of the United States, and the city it is known for.
#[derive(Debug)]
pub struct Area {
    /// Three digits.
    pub code: &'static str,
    /// In capitals.
    pub city: &'static str,
    /// Two letters.
    pub state: &'static str,
    /// Five digits.
    pub zip: &'static str,
    /// The local access and transport area.
    pub lata: &'static str,
    /// Latitude and longitude of the city, in degrees.
    pub at: (f64, f64),
}

/// The area codes that are known; numbers of others have a country only.
const AREAS: &[Area] = &[
    area("206", "SEATTLE", "WA", "98101", "674", (47.6062, -122.3321)),
    area("212", "NEW YORK", "NY", "10001", "132", (40.7128, -74.0060)),
    area("213", "LOS ANGELES", "CA", "90012", "730", (34.0522, -118.2437)),
    area("214", "DALLAS", "TX", "75201", "552", (32.7767, -96.7970)),
    area("303", "DENVER", "CO", "80202", "656", (39.7392, -104.9903)),
    area("305", "MIAMI", "FL", "33101", "460", (25.7617, -80.1918)),
    area("312", "CHICAGO", "IL", "60601", "358", (41.8781, -87.6298)),
    area("404", "ATLANTA", "GA", "30303", "438", (33.7490, -84.3880)),
    area("408", "SAN JOSE", "CA", "95112", "722", (37.3382, -121.8863)),
    area("415", "SAN FRANCISCO", "CA", "94103", "722", (37.7749, -122.4194)),
    area("503", "PORTLAND", "OR", "97201", "672", (45.5152, -122.6784)),
    area("510", "OAKLAND", "CA", "94607", "722", (37.8044, -122.2712)),
    area("512", "AUSTIN", "TX", "78701", "558", (30.2672, -97.7431)),
    area("602", "PHOENIX", "AZ", "85003", "666", (33.4484, -112.0740)),
    area("617", "BOSTON", "MA", "02108", "128", (42.3601, -71.0589)),
    area("619", "SAN DIEGO", "CA", "92101", "732", (32.7157, -117.1611)),
    area("646", "NEW YORK", "NY", "10001", "132", (40.7128, -74.0060)),
    area("650", "PALO ALTO", "CA", "94301", "722", (37.4419, -122.1430)),
    area("702", "LAS VEGAS", "NV", "89101", "721", (36.1699, -115.1398)),
    area("713", "HOUSTON", "TX", "77002", "560", (29.7604, -95.3698)),
    area("808", "HONOLULU", "HI", "96813", "834", (21.3069, -157.8583)),
];

const fn area(
    code: &'static str,
    city: &'static str,
    state: &'static str,
    zip: &'static str,
    lata: &'static str,
    at: (f64, f64),
) -> Area {
    Area { code, city, state, zip, lata, at }
}

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
    if let Some(Area { city, state, zip, .. }) = area_of(address) {
        return Place { city, state, zip, country: "US".into() };
    }
    // The short codes of a sandbox are American ones.
    let short = !address.starts_with('+') && address.bytes().all(|b| b.is_ascii_digit());
    let country = Phone::parse(address, None).ok().and_then(|phone| phone.region());
    let country = country.unwrap_or_else(|| if short { "US".to_owned() } else { String::new() });
    Place { country, ..Place::default() }
}

/// The area a number belongs to, if it is known.
pub fn area_of(address: &str) -> Option<&'static Area> {
    let code = address.strip_prefix("+1").and_then(|rest| rest.get(..3))?;
    AREAS.iter().find(|area| area.code == code)
}

/// The area codes that are known.
pub fn areas() -> impl Iterator<Item = &'static Area> {
    AREAS.iter()
}

/// Miles between two places on the globe, each by latitude and longitude in degrees.
pub fn miles(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (north, south) = (from.0.to_radians(), to.0.to_radians());
    let (rise, turn) = ((south - north) / 2.0, (to.1 - from.1).to_radians() / 2.0);
    let haversine = rise.sin().powi(2) + north.cos() * south.cos() * turn.sin().powi(2);
    2.0 * 3958.8 * haversine.sqrt().min(1.0).asin()
}
