//! Numbers that can be bought: a stock that the seed decides, the same for a search and the purchase
//! after it, until a number is taken.
//!
//! The stock has twenty numbers in each known area code, all fictional (`555-01xx`), and toll-free ones.

use serde_json::{Value, json};

use crate::domain::phone::Phone;
use crate::sandbox::account::Account;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::geography;
use crate::sandbox::error::StoreError;
use crate::sandbox::number;
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

const PER_AREA: u64 = 20;
const TOLL_FREE: [&str; 4] = ["800", "833", "844", "888"];
/// The most that one search answers.
const MOST: usize = 30;

/// A number on offer.
struct Offer {
    phone: Phone,
    kind: &'static str,
    city: &'static str,
    state: &'static str,
    zip: &'static str,
}

/// The word of a resource's type, from its path.
pub fn kind_word(path: &str) -> &'static str {
    match path {
        "TollFree" => "toll-free",
        "Mobile" => "mobile",
        _ => "local",
    }
}

/// Routes a call below `AvailablePhoneNumbers`.
pub fn route(world: &World, call: &Call, account: &Account, rest: &[&str]) -> Outcome<Answer> {
    if call.method != "GET" {
        return Err(Refusal::method_not_allowed().into());
    }
    let uri = |tail: &str| format!("/2010-04-01/Accounts/{}/AvailablePhoneNumbers{tail}.json", account.sid);
    let country = json!({
        "country_code": "US",
        "country": "United States",
        "beta": false,
        "uri": uri("/US"),
        "subresource_uris": { "local": uri("/US/Local"), "toll_free": uri("/US/TollFree") },
    });
    match rest {
        [] => Ok(Answer::ok(json!({ "countries": [country], "uri": uri("") }))),
        ["US"] => Ok(Answer::ok(country)),
        ["US", kind @ ("Local" | "TollFree" | "Mobile" | "National" | "Voip" | "SharedCost" | "MachineToMachine")] => {
            let offers = search(world, call, kind)?;
            let list: Vec<Value> = offers.iter().map(show).collect();
            Ok(Answer::ok(json!({ "available_phone_numbers": list, "uri": uri(&format!("/US/{kind}")) })))
        }
        _ => Err(not_found(call)),
    }
}

fn search(world: &World, call: &Call, kind: &str) -> Outcome<Vec<Offer>> {
    let query = &call.query;
    let area = query.text("AreaCode");
    if area.is_some_and(|area| area.len() != 3 || !area.bytes().all(|b| b.is_ascii_digit())) {
        return Err(Refusal::bad(21451, "Invalid area code").into());
    }
    let same = |wanted: Option<&str>, found: &str| wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(found));
    let wanted = |offer: &Offer| {
        let national = offer.phone.as_str().trim_start_matches("+1");
        area.is_none_or(|area| national.starts_with(area))
            && query.text("Contains").is_none_or(|pattern| contains(offer.phone.as_str(), pattern))
            && same(query.text("InRegion"), offer.state)
            && same(query.text("InLocality"), offer.city)
            && same(query.text("InPostalCode"), offer.zip)
    };
    let most = query.text("PageSize").and_then(|size| size.parse().ok()).unwrap_or(MOST).min(MOST);
    let mut found = Vec::new();
    for offer in stock(world, kind).into_iter().filter(wanted) {
        if number::by_address(world, offer.phone.as_str())?.is_none() {
            found.push(offer);
        }
        if found.len() == most {
            break;
        }
    }
    Ok(found)
}

/// All numbers of a type, taken or not, in the seed's order.
fn stock(world: &World, kind: &str) -> Vec<Offer> {
    let number = |area: &str, n: u64| Phone::parse(&format!("+1{area}55501{n:02}"), None).ok();
    let first = |area: &str| world.seed().between(0, 79, &["stock", area]);
    match kind {
        "Local" => geography::areas()
            .flat_map(|(area, city, state, zip)| {
                let start = first(area);
                (0..PER_AREA).filter_map(move |n| {
                    Some(Offer { phone: number(area, start + n)?, kind: "local", city, state, zip })
                })
            })
            .collect(),
        "TollFree" => TOLL_FREE
            .iter()
            .flat_map(|area| {
                let start = first(area);
                (0..PER_AREA).filter_map(move |n| {
                    let phone = number(area, start + n)?;
                    Some(Offer { phone, kind: "toll-free", city: "", state: "", zip: "" })
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The type of a number that is on offer and not taken.
pub fn offered(world: &World, phone: &Phone) -> Result<Option<String>, StoreError> {
    if number::by_address(world, phone.as_str())?.is_some() {
        return Ok(None);
    }
    let found =
        ["Local", "TollFree"].into_iter().flat_map(|kind| stock(world, kind)).find(|offer| offer.phone == *phone);
    Ok(found.map(|offer| offer.kind.to_owned()))
}

/// The first number of an area code that is not taken.
pub fn first_in_area(world: &World, area: &str) -> Result<Option<Phone>, StoreError> {
    let prefix = format!("+1{area}");
    for offer in stock(world, "Local").into_iter().filter(|offer| offer.phone.as_str().starts_with(&prefix)) {
        if number::by_address(world, offer.phone.as_str())?.is_none() {
            return Ok(Some(offer.phone));
        }
    }
    Ok(None)
}

/// Whether a number contains a pattern: digits, `*` for any, letters as on a keypad.
fn contains(phone: &str, pattern: &str) -> bool {
    let keypad = |c: u8| match c.to_ascii_uppercase() {
        c @ b'A'..=b'O' => b'2' + (c - b'A') / 3,
        b'P'..=b'S' => b'7',
        b'T'..=b'V' => b'8',
        b'W'..=b'Z' => b'9',
        other => other,
    };
    let pattern: Vec<u8> = pattern.bytes().map(keypad).collect();
    let fits = |part: &[u8]| part.iter().zip(&pattern).all(|(have, want)| *want == b'*' || have == want);
    pattern.is_empty() || phone.as_bytes().windows(pattern.len()).any(fits)
}

fn show(offer: &Offer) -> Value {
    let some = |text: &'static str| (!text.is_empty()).then_some(text);
    json!({
        "friendly_name": offer.phone.national(),
        "phone_number": offer.phone.as_str(),
        "lata": null,
        "locality": some(offer.city),
        "rate_center": some(offer.city),
        "latitude": null,
        "longitude": null,
        "region": some(offer.state),
        "postal_code": some(offer.zip),
        "iso_country": "US",
        "address_requirements": "none",
        "beta": false,
        "capabilities": { "voice": true, "SMS": true, "MMS": true, "fax": false },
    })
}
