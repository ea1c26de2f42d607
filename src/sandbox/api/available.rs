//! Numbers that can be bought: a stock that the seed decides, the same for a search and the purchase
//! after it, until a number is taken.
//!
//! The stock has twenty numbers in each known area code, all fictional (`555-01xx`), and toll-free ones.

use serde_json::{Value, json};

use crate::domain::phone::Phone;
use crate::sandbox::account::Account;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::geography::{self, Area};
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
    /// Where it is; toll-free numbers are nowhere.
    area: Option<&'static Area>,
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
    let same = |name: &str, found: Option<&str>| {
        query.text(name).is_none_or(|wanted| found.is_some_and(|found| wanted.eq_ignore_ascii_case(found)))
    };
    let near = near(call)?;
    // No number here can fax; every one can do the rest, and none asks for an address.
    let fax = query.flag("FaxEnabled") == Some(true);
    let lacking = ["SmsEnabled", "MmsEnabled", "VoiceEnabled"].iter().any(|name| query.flag(name) == Some(false));
    let wanted = |offer: &Offer| {
        let national = offer.phone.as_str().trim_start_matches("+1");
        let place = |part: fn(&Area) -> &'static str| offer.area.map(part);
        !fax && !lacking
            && area.is_none_or(|area| national.starts_with(area))
            && query.text("Contains").is_none_or(|pattern| contains(offer.phone.as_str(), pattern))
            && same("InRegion", place(|area| area.state))
            && same("InLocality", place(|area| area.city))
            && same("InRateCenter", place(|area| area.city))
            && same("InPostalCode", place(|area| area.zip))
            && same("InLata", place(|area| area.lata))
            && near.is_none_or(|(at, most)| offer.area.is_some_and(|area| geography::miles(at, area.at) <= most))
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

/// A point to be near to, and how near in miles: `NearLatLong` or `NearNumber`, with `Distance`.
fn near(call: &Call) -> Outcome<Option<((f64, f64), f64)>> {
    let bad = |name: &str| Refusal::bad(20001, format!("Invalid {name}"));
    let distance = call.query.text("Distance").map(str::parse::<f64>).transpose().map_err(|_| bad("Distance"))?;
    let distance = distance.unwrap_or(25.0);
    if !(0.0..=500.0).contains(&distance) {
        return Err(bad("Distance").into());
    }
    if let Some(text) = call.query.text("NearLatLong") {
        let point =
            text.split_once(',').and_then(|(lat, long)| Some((lat.trim().parse().ok()?, long.trim().parse().ok()?)));
        return Ok(Some((point.ok_or_else(|| bad("NearLatLong"))?, distance)));
    }
    let Some(phone) = call.query.text("NearNumber") else { return Ok(None) };
    let area = geography::area_of(phone).ok_or_else(|| bad("NearNumber"))?;
    Ok(Some((area.at, distance)))
}

/// All numbers of a type, taken or not, in the seed's order.
fn stock(world: &World, kind: &str) -> Vec<Offer> {
    let number = |area: &str, n: u64| Phone::parse(&format!("+1{area}55501{n:02}"), None).ok();
    let first = |area: &str| world.seed().between(0, 79, &["stock", area]);
    match kind {
        "Local" => geography::areas()
            .flat_map(|area| {
                let start = first(area.code);
                (0..PER_AREA).filter_map(move |n| {
                    Some(Offer { phone: number(area.code, start + n)?, kind: "local", area: Some(area) })
                })
            })
            .collect(),
        "TollFree" => TOLL_FREE
            .iter()
            .flat_map(|area| {
                let start = first(area);
                (0..PER_AREA).filter_map(move |n| {
                    let phone = number(area, start + n)?;
                    Some(Offer { phone, kind: "toll-free", area: None })
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
    let area = offer.area;
    json!({
        "friendly_name": offer.phone.national(),
        "phone_number": offer.phone.as_str(),
        "lata": area.map(|area| area.lata),
        "locality": area.map(|area| titled(area.city)),
        "rate_center": area.map(|area| area.city),
        "latitude": area.map(|area| format!("{:.6}", area.at.0)),
        "longitude": area.map(|area| format!("{:.6}", area.at.1)),
        "region": area.map(|area| area.state),
        "postal_code": area.map(|area| area.zip),
        "iso_country": "US",
        "address_requirements": "none",
        "beta": false,
        "capabilities": { "voice": true, "SMS": true, "MMS": true, "fax": false },
    })
}

/// `SAN JOSE` as a locality is written: `San Jose`.
fn titled(city: &str) -> String {
    let words = city.split(' ').map(|word| match word.split_at_checked(1) {
        Some((first, rest)) => format!("{first}{}", rest.to_lowercase()),
        None => String::new(),
    });
    words.collect::<Vec<_>>().join(" ")
}
