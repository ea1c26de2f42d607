//! Which time zone a number is likely to be in, by `assets/zones.toml`.
//!
//! A hint for people who choose when a text goes, never a rule: a mobile phone travels.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;

use super::address::Address;
use super::phone::Phone;

const TABLE: &str = include_str!("../../assets/zones.toml");

/// The file: names of zones with the areas, or the countries, that lie in them.
#[derive(Debug, Default, Deserialize)]
struct File {
    areas: BTreeMap<String, String>,
    countries: BTreeMap<String, String>,
}

/// Area codes and countries with their zones.
fn table() -> &'static HashMap<String, String> {
    static READ: OnceLock<HashMap<String, String>> = OnceLock::new();
    READ.get_or_init(|| {
        // A test reads the file: that it can be read is certain by then.
        let file: File = toml::from_str(TABLE).unwrap_or_default();
        let zones = file.areas.iter().chain(&file.countries);
        let each = |(zone, all): (&String, &String)| {
            all.split_whitespace().map(|one| (one.to_owned(), zone.clone())).collect::<Vec<_>>()
        };
        zones.flat_map(each).collect()
    })
}

/// The IANA name of the zone that an address is likely to be in; `None` where that is not known.
pub fn of(address: &Address) -> Option<&'static str> {
    let number = address.as_str().strip_prefix("whatsapp:").unwrap_or(address.as_str());
    let phone = Phone::parse(number, None).ok()?;
    let area = phone.as_str().strip_prefix("+1").and_then(|rest| rest.get(..3));
    let named = |key: &str| table().get(key).map(String::as_str);
    match area.and_then(named) {
        Some(zone) => Some(zone),
        // These two countries have several: without the area nothing is known.
        None => phone.region().filter(|region| !matches!(region.as_str(), "US" | "CA")).and_then(|r| named(&r)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_exists_and_nothing_is_named_twice() {
        let file: File = toml::from_str(TABLE).unwrap();
        let mut seen = std::collections::HashSet::new();
        for (zone, all) in file.areas.iter().chain(&file.countries) {
            assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
            for one in all.split_whitespace() {
                assert!(seen.insert(one.to_owned()), "{one} stands in two zones");
                let area = one.len() == 3 && one.bytes().all(|b| b.is_ascii_digit());
                assert!(area || (one.len() == 2 && one.bytes().all(|b| b.is_ascii_uppercase())), "{one}");
            }
        }
        assert_eq!(seen.len(), table().len());
    }

    #[test]
    fn a_number_is_where_its_area_or_its_country_is() {
        for (address, zone) in [
            ("+14155550123", Some("America/Los_Angeles")),
            ("whatsapp:+12125550123", Some("America/New_York")),
            ("+16045550123", Some("America/Vancouver")),
            ("+17875550123", Some("America/Puerto_Rico")),
            ("+442071838750", Some("Europe/London")),
            ("+81312345678", Some("Asia/Tokyo")),
            // Toll-free, an area of two zones, countries of several, no number at all.
            ("+18005550123", None),
            ("+18505550123", None),
            ("+61291234567", None),
            ("HARBOR", None),
            ("12345", None),
        ] {
            assert_eq!(of(&address.parse().unwrap()), zone, "{address}");
        }
    }
}
