//! Prices of calls: by country and for one number, in both versions, and for trunks, which cost the same.

use serde_json::{Value, json};

use super::{by_kind, countries, one};
use crate::domain::phone::Phone;
use crate::sandbox::account::Caller;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::billing::price;
use crate::sandbox::billing::tariff::{self, Country};
use crate::sandbox::call::Call;
use crate::sandbox::error::StoreError;
use crate::sandbox::number;
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// How a product of the second version names what it says.
pub struct Words {
    to_country: &'static str,
    from_country: &'static str,
    to_number: &'static str,
    to_own: &'static str,
    /// Whether a number's prices say which numbers they are for.
    has_destinations: bool,
}

/// Programmable Voice.
pub const VOICE: Words = Words {
    to_country: "outbound_prefix_prices",
    from_country: "inbound_call_prices",
    to_number: "outbound_call_prices",
    to_own: "inbound_call_price",
    has_destinations: false,
};

/// Elastic SIP Trunking.
pub const TRUNKING: Words = Words {
    to_country: "terminating_prefix_prices",
    from_country: "originating_call_prices",
    to_number: "terminating_prefix_prices",
    to_own: "originating_call_price",
    has_destinations: true,
};

/// Routes a call below `/v1/Voice`.
pub fn first(world: &World, caller: &Caller, call: &Call, rest: &[&str]) -> Outcome<Answer> {
    match rest {
        ["Countries"] => countries(call, |_| true),
        ["Countries", iso] => one(world, call, iso, |body, _, country| {
            let mut price = amounts(country);
            price["prefixes"] = json!(country.prefixes);
            price["friendly_name"] = json!(minute(country));
            body["outbound_prefix_prices"] = json!([price]);
            body["inbound_call_prices"] = inward(country);
        }),
        ["Numbers", number] => {
            let (phone, iso, country) = known(call, number)?;
            Ok(Answer::ok(json!({
                "number": phone.as_str(),
                "country": country.name,
                "iso_country": iso,
                "outbound_call_price": amounts(country),
                "inbound_call_price": own(world, caller, &phone, country)?,
                "price_unit": price::unit(world),
                "url": format!("{}{}", call.origin, call.path),
            })))
        }
        _ => Err(not_found(call)),
    }
}

/// Routes a call below `/v2/Voice` or `/v2/Trunking`.
pub fn second(world: &World, caller: &Caller, call: &Call, rest: &[&str], words: &Words) -> Outcome<Answer> {
    match rest {
        ["Countries"] => countries(call, |_| true),
        ["Countries", iso] => {
            let mut answer = one(world, call, iso, |_, _, _| {})?;
            if let Some(country) = tariff::table().country(&iso.to_ascii_uppercase())
                && let crate::sandbox::answer::Content::Json(body) = &mut answer.body
            {
                body[words.to_country] = json!([anywhere(country)]);
                body[words.from_country] = inward(country);
            }
            Ok(answer)
        }
        ["Numbers", number] => {
            let (phone, iso, country) = known(call, number)?;
            let origin = call.query.text("OriginationNumber");
            let origin = origin.map(|text| Phone::parse(text, None)).transpose();
            let origin = origin.map_err(|_| Refusal::bad(20001, "Invalid OriginationNumber"))?;
            let mut prices = anywhere(country);
            if !words.has_destinations {
                prices = amounts(country);
                prices["origination_prefixes"] = json!(["ALL"]);
            }
            let mut body = json!({
                "destination_number": phone.as_str(),
                "origination_number": origin.as_ref().map(Phone::as_str),
                "country": country.name,
                "iso_country": iso,
                "price_unit": price::unit(world),
                "url": format!("{}{}", call.origin, call.path),
            });
            body[words.to_number] = json!([prices]);
            body[words.to_own] = own(world, caller, &phone, country)?;
            Ok(Answer::ok(body))
        }
        _ => Err(not_found(call)),
    }
}

/// A number of a country that has prices.
fn known(call: &Call, number: &str) -> Outcome<(Phone, String, &'static Country)> {
    let phone = Phone::parse(number, None).map_err(|_| not_found(call))?;
    let iso = phone.region().unwrap_or_default();
    let country = tariff::table().country(&iso).ok_or_else(|| not_found(call))?;
    Ok((phone, iso, country))
}

/// A minute to any number of a country.
fn amounts(country: &Country) -> Value {
    let out = country.call.out.to_string();
    json!({ "base_price": out, "current_price": out })
}

/// The same, from wherever it comes.
fn anywhere(country: &Country) -> Value {
    let mut price = amounts(country);
    price["origination_prefixes"] = json!(["ALL"]);
    price["destination_prefixes"] = json!(country.prefixes);
    price["friendly_name"] = json!(minute(country));
    price
}

fn minute(country: &Country) -> String {
    format!("Outbound Minute - {}", country.name)
}

fn inward(country: &Country) -> Value {
    country.call.inward.iter().map(|(kind, minute)| by_kind(kind, *minute)).collect()
}

/// What a call to a number of the account's own costs it; null for a number of somebody else.
fn own(world: &World, caller: &Caller, phone: &Phone, country: &Country) -> Result<Value, StoreError> {
    let found = number::by_address(world, phone.as_str())?.filter(|number| number.account == caller.account);
    let kind = found.map(|number| tariff::kind_word(&number.kind));
    Ok(kind.and_then(|kind| Some(by_kind(kind, *country.call.inward.get(kind)?))).unwrap_or(Value::Null))
}
