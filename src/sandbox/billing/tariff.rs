//! The table of prices: what each thing costs, by country and by the kind of the business's number.
//!
//! The only place a price comes from, for what is charged and for what the pricing API says.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::sandbox::carrier::geography;
use crate::sandbox::error::StoreError;
use crate::sandbox::number;
use crate::sandbox::world::World;

const FILE: &str = include_str!("../../../assets/sandbox-prices.toml");
/// What a sender counts as that is no number of ours: a name.
const USUAL: &str = "local";
/// The shared senders of Verify are short codes.
const SHORT: &str = "shortcode";
/// Billionths of a unit of money, which counters are kept in.
const NANO: i64 = 1_000_000_000;

/// All prices, in whole units of money.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// ISO 4217.
    pub unit: String,
    /// What a fresh account has.
    pub balance: Decimal,
    /// A message that failed.
    pub failed: Decimal,
    /// A verification that succeeds.
    pub verified: Decimal,
    /// A message by WhatsApp.
    pub whatsapp: Ways,
    /// A package of Lookup, by its name.
    pub lookup: BTreeMap<String, Decimal>,
    default: Country,
    country: BTreeMap<String, Country>,
}

/// Both directions, seen from the account.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ways {
    /// Sent.
    pub out: Decimal,
    /// Received.
    #[serde(rename = "in")]
    pub inward: Decimal,
}

/// A country's prices.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// In English.
    #[serde(default)]
    pub name: String,
    /// What its numbers begin with, without plus.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// A segment, by the kind of the business's number: `local`, `mobile`, `toll free`, `shortcode`.
    pub sms: BTreeMap<String, Ways>,
    /// A message with media.
    pub mms: Ways,
    /// A month of a number, by its kind; empty where none can be had.
    #[serde(default)]
    pub rent: BTreeMap<String, Decimal>,
    /// A minute.
    pub call: Calls,
}

/// A minute of a call.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// To any number there.
    pub out: Decimal,
    /// To a number of one's own there, by its kind.
    #[serde(rename = "in", default)]
    pub inward: BTreeMap<String, Decimal>,
}

static TABLE: LazyLock<Tariff> = LazyLock::new(|| {
    // The file is part of the program, and a test reads it.
    toml::from_str(FILE).unwrap_or_default()
});

/// The table.
pub fn table() -> &'static Tariff {
    &TABLE
}

impl Tariff {
    /// The countries, by their two letters.
    pub fn countries(&self) -> impl Iterator<Item = (&str, &Country)> {
        self.country.iter().map(|(iso, country)| (iso.as_str(), country))
    }

    /// A country that is in the table.
    pub fn country(&self, iso: &str) -> Option<&Country> {
        self.country.get(iso)
    }

    /// The prices that hold in the country of an address.
    pub fn at(&self, address: &str) -> &Country {
        let plain = address.strip_prefix("whatsapp:").unwrap_or(address);
        self.country.get(&geography::place(plain).country).unwrap_or(&self.default)
    }
}

impl Country {
    /// A segment, for a kind of number.
    pub fn segment(&self, kind: &str) -> Ways {
        self.sms.get(kind).or_else(|| self.sms.get(USUAL)).copied().unwrap_or_default()
    }
}

/// The table's word for the kind of a sender or receiver of the account's.
pub fn kind_of(world: &World, address: &str) -> Result<&'static str, StoreError> {
    let found = number::by_address(world, address)?;
    let short = address.bytes().all(|b| b.is_ascii_digit());
    Ok(found.map_or(if short { SHORT } else { USUAL }, |number| kind_word(&number.kind)))
}

/// The table's word for a kind of number.
pub fn kind_word(kind: &str) -> &'static str {
    match kind {
        "toll-free" => "toll free",
        "mobile" => "mobile",
        "short-code" => SHORT,
        _ => USUAL,
    }
}

/// An amount of money in billionths; none below nothing.
pub fn nano(amount: Decimal) -> u64 {
    (amount * Decimal::from(NANO)).trunc().try_into().unwrap_or(0)
}

/// Billionths as an amount of money.
pub fn amount(nano: u64) -> Decimal {
    Decimal::from(nano) / Decimal::from(NANO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_says_something_of_each_country() {
        let table: Tariff = toml::from_str(FILE).unwrap();
        assert!(table.countries().count() > 20);
        for (iso, country) in table.countries() {
            assert!(iso.len() == 2 && !country.name.is_empty() && !country.prefixes.is_empty(), "{iso}");
            assert!(country.sms.contains_key(USUAL) && country.call.out > Decimal::ZERO, "{iso}");
            for price in country.sms.values().flat_map(|ways| [ways.out, ways.inward]) {
                assert!(price > Decimal::ZERO && price.scale() <= 5, "{iso}: {price} does not fit into five decimals");
            }
        }
        assert_eq!(table.at("+14155550123").segment("toll free").out.to_string(), "0.0083");
        assert_eq!(table.at("whatsapp:+442071838750").name, "United Kingdom");
        assert_eq!(table.at("+2611234567").name, "");
    }

    #[test]
    fn billionths_are_exact() {
        let price: Decimal = "0.0083".parse().unwrap();
        assert_eq!((nano(price), amount(8_300_000)), (8_300_000, price));
        assert_eq!(nano(-price), 0);
    }
}
