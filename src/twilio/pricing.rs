//! Prices by country, as this account pays them: of messages and of numbers.
//!
//! Kinds of numbers are Twilio's words here (`local`, `mobile`, `toll free`, `shortcode`), which may gain new
//! ones. A current price holds for this account, discounts included; a base price is everybody's.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::{Params, segment};
use super::wire::{loose, or_default};

/// A country that has prices.
#[derive(Debug, Clone, Deserialize)]
pub struct PricedCountry {
    /// In English.
    #[serde(default, deserialize_with = "or_default")]
    pub country: String,
    /// Two letters.
    #[serde(default, deserialize_with = "or_default")]
    pub iso_country: String,
}

/// A price for a kind of number.
#[derive(Debug, Clone, Deserialize)]
pub struct KindPrice {
    /// Twilio's word for the kind of number.
    #[serde(default, deserialize_with = "or_default")]
    pub number_type: String,
    /// Everybody's price.
    #[serde(default, deserialize_with = "loose")]
    pub base_price: Option<Decimal>,
    /// This account's price.
    #[serde(default, deserialize_with = "loose")]
    pub current_price: Option<Decimal>,
}

/// What messages to one network of a country cost.
#[derive(Debug, Clone, Deserialize)]
pub struct CarrierPrices {
    /// The network's name.
    #[serde(default, deserialize_with = "loose")]
    pub carrier: Option<String>,
    /// The country's part of its code.
    #[serde(default, deserialize_with = "loose")]
    pub mcc: Option<String>,
    /// Its own part of it.
    #[serde(default, deserialize_with = "loose")]
    pub mnc: Option<String>,
    /// A segment, by the kind of the sender.
    #[serde(default, deserialize_with = "or_default")]
    pub prices: Vec<KindPrice>,
}

/// What messages cost in a country.
#[derive(Debug, Clone, Deserialize)]
pub struct MessagingPrices {
    /// In English.
    #[serde(default, deserialize_with = "or_default")]
    pub country: String,
    /// Two letters.
    #[serde(default, deserialize_with = "or_default")]
    pub iso_country: String,
    /// `USD`, ...
    #[serde(default, deserialize_with = "loose")]
    pub price_unit: Option<String>,
    /// To customers there, by network.
    #[serde(default, deserialize_with = "or_default")]
    pub outbound_sms_prices: Vec<CarrierPrices>,
    /// To numbers of one's own there.
    #[serde(default, deserialize_with = "or_default")]
    pub inbound_sms_prices: Vec<KindPrice>,
}

/// What numbers of a country cost each month.
#[derive(Debug, Clone, Deserialize)]
pub struct NumberPrices {
    /// In English.
    #[serde(default, deserialize_with = "or_default")]
    pub country: String,
    /// Two letters.
    #[serde(default, deserialize_with = "or_default")]
    pub iso_country: String,
    /// `USD`, ...
    #[serde(default, deserialize_with = "loose")]
    pub price_unit: Option<String>,
    /// A month, by the kind of number.
    #[serde(default, deserialize_with = "or_default")]
    pub phone_number_prices: Vec<KindPrice>,
}

/// Prices by country.
#[derive(Debug, Clone, Copy)]
pub struct Pricing<'a>(&'a Client);

impl Client {
    /// Prices by country.
    pub fn pricing(&self) -> Pricing<'_> {
        Pricing(self)
    }
}

impl Pricing<'_> {
    /// The countries that messages have prices in; go on with [`Client::rows`].
    ///
    /// # Errors
    /// As any read.
    pub async fn messaging_countries(&self) -> Result<Page<PricedCountry>, Error> {
        let query = Params::new().set("PageSize", 1000);
        self.0.first_page("pricing", "/v1/Messaging/Countries", query, "countries").await
    }

    /// What messages cost in a country of two letters.
    ///
    /// # Errors
    /// As any read.
    pub async fn messaging(&self, country: &str) -> Result<MessagingPrices, Error> {
        self.0.get("pricing", &format!("/v1/Messaging/Countries/{}", segment(country)), Params::new()).await
    }

    /// What numbers of a country of two letters cost each month.
    ///
    /// # Errors
    /// As any read.
    pub async fn numbers(&self, country: &str) -> Result<NumberPrices, Error> {
        self.0.get("pricing", &format!("/v1/PhoneNumbers/Countries/{}", segment(country)), Params::new()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::testing::{Server, ok, refuse};

    fn price(text: &str) -> Option<Decimal> {
        Some(text.parse().unwrap())
    }

    #[tokio::test]
    async fn prices_are_read_whatever_form_they_come_in() {
        let messaging = r#"{"country":"United Kingdom","iso_country":"GB","price_unit":"USD","outbound_sms_prices":[
            {"carrier":"Meadow","mcc":"234","mnc":"15","prices":[{"number_type":"moon","base_price":"0.0524","current_price":0.0499}]}],
            "inbound_sms_prices":null,"url":"x"}"#;
        let numbers = r#"{"country":"United Kingdom","iso_country":"GB","price_unit":"USD",
            "phone_number_prices":[{"number_type":"local","base_price":"1.15","current_price":null}]}"#;
        let countries =
            r#"{"countries":[{"country":"United Kingdom","iso_country":"GB"}],"meta":{"next_page_url":null}}"#;
        let replies = [messaging, numbers, countries].map(ok);
        let server = Server::start(Vec::from(replies)).await;
        let client = server.client();
        let prices = client.pricing().messaging("GB").await.unwrap();
        let sent = &prices.outbound_sms_prices[0].prices[0];
        assert_eq!((sent.base_price, sent.current_price), (price("0.0524"), price("0.0499")));
        assert_eq!((sent.number_type.as_str(), prices.inbound_sms_prices.len()), ("moon", 0));
        let prices = client.pricing().numbers("G/B").await.unwrap();
        let rent = &prices.phone_number_prices[0];
        assert_eq!((rent.base_price, rent.current_price), (price("1.15"), None));
        assert_eq!(client.pricing().messaging_countries().await.unwrap().items[0].iso_country, "GB");
        let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
        let expected = [
            "GET /pricing/v1/Messaging/Countries/GB",
            "GET /pricing/v1/PhoneNumbers/Countries/G%2FB",
            "GET /pricing/v1/Messaging/Countries?PageSize=1000",
        ];
        assert_eq!(lines, expected);
    }

    #[tokio::test]
    async fn a_price_is_asked_for_again_when_twilio_is_busy_and_no_more_when_it_refuses() {
        let one = r#"{"country":"Ghana","iso_country":"GH"}"#;
        let server = Server::start(vec![refuse(429, 20429), ok(one), refuse(404, 20404)]).await;
        let client = server.client();
        assert_eq!(client.pricing().messaging("GH").await.unwrap().country, "Ghana");
        assert!(client.pricing().messaging("XX").await.is_err());
        assert_eq!(server.seen().len(), 3);
    }
}
