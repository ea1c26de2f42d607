//! What a message is expected to cost: the rate card, and the running cost of a conversation.
//!
//! An estimate stands only until Twilio has said the price. It knows no messages and no screens.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minicbor::{Decode, Encode};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::address::{Address, AddressKind};
use super::money::{Money, Nanos};
use super::phone::Phone;

/// Rates of one country, or of all others; what is absent is as in the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// A segment sent.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms: Option<Decimal>,
    /// A message with pictures sent.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mms: Option<Decimal>,
    /// A WhatsApp message sent.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whatsapp: Option<Decimal>,
    /// A call that reads a code.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Decimal>,
    /// An email with a code.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Decimal>,
    /// A verification that succeeds.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<Decimal>,
    /// What kind of line a number is.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Decimal>,
}

/// What is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A segment of a text message.
    Sms,
    /// A message with pictures.
    Mms,
    /// A WhatsApp message.
    Whatsapp,
    /// A call that reads a code.
    Call,
    /// An email with a code.
    Email,
    /// A verification that succeeds.
    Verify,
    /// What kind of line a number is.
    Lookup,
}

impl Rates {
    fn of(&self, item: Item) -> Option<Decimal> {
        match item {
            Item::Sms => self.sms,
            Item::Mms => self.mms,
            Item::Whatsapp => self.whatsapp,
            Item::Call => self.call,
            Item::Email => self.email,
            Item::Verify => self.verify,
            Item::Lookup => self.lookup,
        }
    }

    fn over(self, below: Rates) -> Rates {
        Rates {
            sms: self.sms.or(below.sms),
            mms: self.mms.or(below.mms),
            whatsapp: self.whatsapp.or(below.whatsapp),
            call: self.call.or(below.call),
            email: self.email.or(below.email),
            verify: self.verify.or(below.verify),
            lookup: self.lookup.or(below.lookup),
        }
    }

    fn has_negative(&self) -> bool {
        let all = [self.sms, self.mms, self.whatsapp, self.call, self.email, self.verify, self.lookup];
        all.into_iter().flatten().any(|rate| rate.is_sign_negative() && !rate.is_zero())
    }
}

/// All rates.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateCard {
    /// The currency of all rates, ISO 4217.
    pub currency: String,
    /// Where no country says otherwise.
    #[serde(default)]
    pub default: Rates,
    /// By the two letters of a country.
    #[serde(default)]
    pub country: BTreeMap<String, Rates>,
}

/// A file of rates that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRates {
    /// It is no such file.
    #[error("line {line}: {why}")]
    Unreadable {
        /// Where.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// A price below nothing.
    #[error("a rate of {0} is negative: write what it costs without a minus")]
    Negative(String),
}

const OURS: &str = include_str!("../../assets/rates.toml");

impl RateCard {
    /// The built-in card: the sandbox's prices.
    pub fn ours() -> &'static RateCard {
        // The text is part of the program and a test reads it: it cannot fail here.
        static CARD: LazyLock<RateCard> = LazyLock::new(|| RateCard::read(OURS).unwrap_or_default());
        &CARD
    }

    /// Reads a card.
    ///
    /// # Errors
    /// Says which line is wrong.
    pub fn read(text: &str) -> Result<RateCard, BadRates> {
        let card: RateCard = toml::from_str(text).map_err(|e| BadRates::Unreadable {
            line: e.span().map_or(1, |s| text[..s.start.min(text.len())].matches('\n').count() + 1),
            why: e.message().to_owned(),
        })?;
        let negative = card.country.iter().find(|(_, rates)| rates.has_negative()).map(|(name, _)| name.clone());
        match negative.or_else(|| card.default.has_negative().then(|| "the default".to_owned())) {
            Some(name) => Err(BadRates::Negative(name)),
            None => Ok(card),
        }
    }

    /// This card over another one: rates of the same currency that it does not name stay.
    pub fn over(self, below: &RateCard) -> RateCard {
        if self.currency != below.currency {
            return self;
        }
        let mut country = below.country.clone();
        for (name, rates) in self.country {
            let merged = rates.over(country.get(&name).copied().unwrap_or_default());
            country.insert(name, merged);
        }
        RateCard { currency: self.currency, default: self.default.over(below.default), country }
    }

    /// What an item costs in a country (two letters); `None` when the card does not say.
    pub fn rate(&self, item: Item, country: Option<&str>) -> Option<Money> {
        let own = country.and_then(|c| self.country.get(c)).and_then(|rates| rates.of(item));
        own.or_else(|| self.default.of(item)).map(|amount| Money::new(amount, &self.currency))
    }

    /// What a message to an address is expected to cost; `None` when the card does not say.
    pub fn message(&self, to: &Address, segments: u32, has_media: bool) -> Option<Money> {
        let country = country_of(to);
        let rate = |item| self.rate(item, country.as_deref());
        match to.kind() {
            AddressKind::Whatsapp => rate(Item::Whatsapp),
            AddressKind::Email => rate(Item::Email),
            _ if has_media => rate(Item::Mms),
            _ => rate(Item::Sms).map(|segment| segment.times(segments)),
        }
    }
}

fn country_of(to: &Address) -> Option<String> {
    let number = to.as_str().strip_prefix("whatsapp:").unwrap_or(to.as_str());
    if !number.starts_with('+') {
        return None;
    }
    Phone::parse(number, None).ok().and_then(|phone| phone.region())
}

/// What the messages of a conversation have cost: what Twilio has said, and what is expected for those it
/// has said nothing of yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Cost {
    /// The sum of the prices that Twilio reported.
    #[n(0)]
    pub reported: Nanos,
    /// Their currency; empty before the first.
    #[n(1)]
    pub unit: String,
    /// The sum of what is expected for the others.
    #[n(2)]
    pub expected: Nanos,
    /// The currency of what is expected; empty before the first.
    #[n(3)]
    pub expected_unit: String,
    /// How many messages have no price yet.
    #[n(4)]
    pub unpriced: u64,
}

/// What one message adds to the cost of its conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Share {
    /// Nothing: it never went, or nobody knows.
    #[default]
    Nothing,
    /// What Twilio charged.
    Reported(Money),
    /// What is expected, if anything is.
    Expected(Option<Money>),
}

impl Cost {
    /// A message adds something else than before.
    pub fn replace(&mut self, before: &Share, after: &Share) {
        if before == after {
            return;
        }
        self.add(before, -1);
        self.add(after, 1);
    }

    /// Adds the cost of another conversation.
    pub fn join(&mut self, other: &Cost) {
        self.reported = self.reported.saturating_add(other.reported);
        self.expected = self.expected.saturating_add(other.expected);
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
        if !other.unit.is_empty() {
            self.unit.clone_from(&other.unit);
        }
        if !other.expected_unit.is_empty() {
            self.expected_unit.clone_from(&other.expected_unit);
        }
    }

    fn add(&mut self, share: &Share, sign: i64) {
        let moved = |sum: Nanos, by: &Money| sum.saturating_add(by.nanos().saturating_mul(sign)).max(0);
        match share {
            Share::Nothing => {}
            Share::Reported(price) => {
                self.reported = moved(self.reported, price);
                self.unit.clone_from(&price.unit);
            }
            Share::Expected(price) => {
                self.unpriced = self.unpriced.saturating_add_signed(sign);
                if let Some(price) = price {
                    self.expected = moved(self.expected, price);
                    self.expected_unit.clone_from(&price.unit);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Money {
        Money::parse(text, "USD").unwrap()
    }

    fn to(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn our_card_has_the_sandbox_s_prices() {
        let card = RateCard::read(OURS).unwrap();
        let prices = [
            (Item::Sms, "0.0083"),
            (Item::Mms, "0.022"),
            (Item::Call, "0.014"),
            (Item::Whatsapp, "0.0147"),
            (Item::Email, "0"),
            (Item::Verify, "0.05"),
        ];
        for (item, price) in prices {
            assert_eq!(card.rate(item, Some("US")), Some(usd(price)), "{item:?}");
        }
        assert_eq!(card.message(&to("+14155550123"), 2, false), Some(usd("0.0166")));
        assert_eq!(card.message(&to("whatsapp:+14155550123"), 2, false), Some(usd("0.0147")));
        assert_eq!(card.message(&to("+14155550123"), 1, true), Some(usd("0.022")));
    }

    #[test]
    fn a_card_of_one_s_own_is_laid_over_ours() {
        let own =
            RateCard::read("currency = \"USD\"\n[country.GB]\nsms = \"0.0524\"\n").unwrap().over(RateCard::ours());
        assert_eq!(own.message(&to("+447700900123"), 1, false), Some(usd("0.0524")));
        assert_eq!(own.message(&to("whatsapp:+447700900123"), 1, false), Some(usd("0.0147")));
        assert_eq!(own.message(&to("+14155550123"), 1, false), Some(usd("0.0083")));
        let euro = RateCard::read("currency = \"EUR\"\n[default]\nsms = \"0.07\"\n").unwrap().over(RateCard::ours());
        assert_eq!(euro.message(&to("+14155550123"), 1, false), Money::parse("0.07", "EUR"));
        assert_eq!(euro.message(&to("whatsapp:+14155550123"), 1, false), None);
    }

    #[test]
    fn a_wrong_file_is_named_by_its_line() {
        let wrong = RateCard::read("currency = \"USD\"\n[default]\nsmss = \"1\"\n").unwrap_err();
        assert!(matches!(&wrong, BadRates::Unreadable { line: 3, .. }), "{wrong}");
        let float = RateCard::read("currency = \"USD\"\n[default]\nsms = \"cheap\"\n").unwrap_err();
        assert!(float.to_string().starts_with("line 3: "), "{float}");
        let negative = RateCard::read("currency = \"USD\"\n[default]\nsms = \"-1\"\n").unwrap_err();
        assert_eq!(negative, BadRates::Negative("the default".into()));
    }

    #[test]
    fn the_cost_settles_on_the_price() {
        let mut cost = Cost::default();
        let expected = Share::Expected(Some(usd("0.0083")));
        cost.replace(&Share::Nothing, &expected);
        assert_eq!((cost.expected, cost.reported, cost.unpriced), (8_300_000, 0, 1));
        cost.replace(&expected, &Share::Reported(usd("0.0079")));
        assert_eq!((cost.expected, cost.reported, cost.unpriced), (0, 7_900_000, 0));
        cost.replace(&Share::Nothing, &Share::Expected(None));
        assert_eq!((cost.expected, cost.unpriced), (0, 1));
        cost.replace(&Share::Expected(None), &Share::Nothing);
        assert_eq!((cost.expected, cost.unpriced, cost.unit.as_str()), (0, 0, "USD"));
    }
}
