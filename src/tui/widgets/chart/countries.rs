//! Where countries stand on a map of the world: one table, `assets/countries.txt`.

use std::sync::LazyLock;

const TEXT: &str = include_str!("../../../../assets/countries.txt");

/// A country.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Country {
    /// Its two letters.
    pub code: &'static str,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Its name.
    pub name: &'static str,
}

static ALL: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let lines = TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut all: Vec<Country> = lines.filter_map(read).collect();
    all.sort_by_key(|country| country.code);
    all
});

fn read(line: &'static str) -> Option<Country> {
    let mut words = line.splitn(4, ' ');
    let (code, latitude, longitude) = (words.next()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(Country { code, latitude, longitude, name: words.next()? })
}

/// The country of two letters, if we know it.
pub fn country(code: &str) -> Option<&'static Country> {
    let at = ALL.binary_search_by_key(&code, |country| country.code).ok()?;
    ALL.get(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_country_of_its_own_on_the_globe() {
        let lines = TEXT.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
        assert_eq!(lines, ALL.len(), "a line cannot be read");
        for pair in ALL.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} stands there twice", pair[1].code);
        }
        for country in ALL.iter() {
            assert!(country.code.len() == 2 && !country.name.is_empty(), "{country:?}");
            assert!(country.latitude.abs() <= 90.0 && country.longitude.abs() <= 180.0, "{country:?}");
        }
        assert_eq!(country("DE").map(|c| c.name), Some("Germany"));
        assert_eq!((country("ZZ"), country("")), (None, None));
    }
}
