//! `pricing.twilio.com`: what messages, numbers and calls cost, by country.
//!
//! It reads the one table of prices, so what it says is what is charged. A base price is before discounts,
//! a current price after them; there are none here.

mod voice;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::account::Caller;
use super::answer::{Answer, Outcome, Refusal};
use super::billing::price;
use super::billing::tariff::{self, Country};
use super::call::Call;
use super::carrier::line;
use super::paging::{Asked, Page};
use super::router::not_found;
use super::world::World;

/// Routes a call below `/v1` and `/v2`.
pub fn route(world: &World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let segments = call.route();
    if call.method != "GET" {
        return Err(Refusal::method_not_allowed().into());
    }
    match segments.as_slice() {
        ["v1", "Messaging", "Countries"] => countries(call, |_| true),
        ["v1", "Messaging", "Countries", iso] => one(world, call, iso, messaging),
        ["v1", "PhoneNumbers", "Countries"] => countries(call, |country| !country.rent.is_empty()),
        ["v1", "PhoneNumbers", "Countries", iso] => one(world, call, iso, numbers),
        ["v1", "Voice", rest @ ..] => voice::first(world, caller, call, rest),
        ["v2", "Voice", rest @ ..] => voice::second(world, caller, call, rest, &voice::VOICE),
        ["v2", "Trunking", rest @ ..] => voice::second(world, caller, call, rest, &voice::TRUNKING),
        _ => Err(not_found(call)),
    }
}

/// The list of countries.
fn countries(call: &Call, wanted: impl Fn(&Country) -> bool) -> Outcome<Answer> {
    let asked = Asked::read(call, 50, 1000)?;
    let rows = tariff::table().countries().filter(|(_, country)| wanted(country)).collect();
    Ok(Page::whole(rows, asked).modern(call, "countries", |(iso, country)| {
        json!({ "country": country.name, "iso_country": iso, "url": format!("{}{}/{iso}", call.origin, call.path) })
    }))
}

/// A country, with what a product says of it.
fn one(world: &World, call: &Call, iso: &str, fill: fn(&mut Value, &str, &Country)) -> Outcome<Answer> {
    let iso = iso.to_ascii_uppercase();
    let country = tariff::table().country(&iso).ok_or_else(|| not_found(call))?;
    let mut body = json!({
        "country": country.name,
        "iso_country": iso,
        "price_unit": price::unit(world),
        "url": format!("{}{}", call.origin, call.path),
    });
    fill(&mut body, &iso, country);
    Ok(Answer::ok(body))
}

/// A price for a kind of number; texts, as in Twilio's own examples.
fn by_kind(kind: &str, amount: Decimal) -> Value {
    json!({ "number_type": kind, "base_price": amount.to_string(), "current_price": amount.to_string() })
}

fn messaging(body: &mut Value, iso: &str, country: &Country) {
    let out: Vec<Value> = country.sms.iter().map(|(kind, ways)| by_kind(kind, ways.out)).collect();
    let networks = line::networks(iso).into_iter();
    let carriers: Vec<Value> = networks
        .map(|network| json!({ "carrier": network.carrier, "mcc": network.mcc, "mnc": network.mnc, "prices": out }))
        .collect();
    body["outbound_sms_prices"] = json!(carriers);
    body["inbound_sms_prices"] = country.sms.iter().map(|(kind, ways)| by_kind(kind, ways.inward)).collect();
}

fn numbers(body: &mut Value, _: &str, country: &Country) {
    body["phone_number_prices"] = country.rent.iter().map(|(kind, rent)| by_kind(kind, *rent)).collect();
}
