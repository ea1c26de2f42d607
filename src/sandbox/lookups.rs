//! `lookups.twilio.com`: what is known of a number.
//!
//! What is said follows from the number: its country, its last digits (see [`line`]) and the seed. A number
//! that nobody can have is no error but an answer that says so. Packages that were not asked for are null.

use serde_json::{Value, json};

use super::account::Caller;
use super::answer::{Answer, Outcome, Refusal};
use super::billing::{tariff, usage};
use super::call::{Call, Params};
use super::carrier::line::{self, Kind};
use super::clock::rfc3339;
use super::router::not_found;
use super::world::World;
use crate::domain::phone::{Phone, PhoneError};

/// All packages, and the category each is billed under; `validation` is always answered. For call forwarding
/// and pre-fill no list of Twilio's has a category: those two are the sandbox's own.
const PACKAGES: [(&str, &str); 10] = [
    ("caller_name", "calleridlookups"),
    ("sim_swap", "sim-swap-lookups"),
    ("call_forwarding", "call-forwarding-lookups"),
    ("line_status", "line-status-lookups"),
    ("line_type_intelligence", "enhanced-line-type-lookups"),
    ("identity_match", "lookup-identity-match"),
    ("reassigned_number", "reassigned-number"),
    ("sms_pumping_risk", "fraud-lookups"),
    ("phone_number_quality_score", "phone-quality-score-lookups"),
    ("pre_fill", "lookup-identity-prefill-consumer"),
];
/// That of each look-up, which costs nothing.
const PLAIN: &str = "number-format-lookups";

/// Routes a call below `/v2`.
pub fn route(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let segments = call.route();
    let ["v2", "PhoneNumbers", number] = segments.as_slice() else { return Err(not_found(call)) };
    if call.method != "GET" {
        return Err(Refusal::method_not_allowed().into());
    }
    let fields: Vec<&str> = call.query.text("Fields").unwrap_or_default().split(',').map(str::trim).collect();
    let known =
        |name: &str| name.is_empty() || name == "validation" || PACKAGES.iter().any(|(known, _)| *known == name);
    if let Some(wrong) = fields.iter().find(|name| !known(name)) {
        return Err(Refusal::bad(20001, format!("Unknown parameters: Fields={wrong}")).into());
    }
    let mut body = json!({ "url": format!("{}{}", call.origin, call.path) });
    for (name, _) in PACKAGES {
        body[name] = Value::Null;
    }
    match Phone::parse(number, call.query.text("CountryCode").or(Some("US"))) {
        Ok(phone) => {
            describe(&mut body, &phone);
            for (name, leaf) in PACKAGES.iter().filter(|(name, _)| fields.contains(name)) {
                body[*name] = package(world, name, phone.as_str(), &call.query);
                let price = tariff::table().lookup.get(*name).copied().unwrap_or_default();
                usage::add(world, &caller.account, leaf, 1, 1, tariff::nano(price))?;
            }
        }
        Err(PhoneError::UnknownRegion(_)) => return Err(Refusal::bad(20001, "Unknown parameters: CountryCode").into()),
        Err(error) => {
            body["phone_number"] = json!(number);
            body["valid"] = json!(false);
            body["validation_errors"] = json!([reason(&error)]);
            for name in ["calling_country_code", "country_code", "national_format"] {
                body[name] = Value::Null;
            }
        }
    }
    usage::add(world, &caller.account, PLAIN, 1, 1, 0)?;
    Ok(Answer::ok(body))
}

fn describe(body: &mut Value, phone: &Phone) {
    let international = phone.international();
    let calling = international.trim_start_matches('+').split([' ', '-']).next().unwrap_or_default();
    let valid = !line::unassigned(phone.as_str());
    body["calling_country_code"] = json!(calling);
    body["country_code"] = json!(phone.region());
    body["phone_number"] = json!(phone.as_str());
    body["national_format"] = json!(phone.national());
    body["valid"] = json!(valid);
    body["validation_errors"] = if valid { json!([]) } else { json!(["INVALID_BUT_POSSIBLE"]) };
}

fn reason(error: &PhoneError) -> &'static str {
    match error {
        PhoneError::TooShort | PhoneError::NoAreaCode => "TOO_SHORT",
        PhoneError::TooLong => "TOO_LONG",
        PhoneError::UnknownCountry | PhoneError::NoCountry => "INVALID_COUNTRY_CODE",
        PhoneError::WrongLength => "INVALID_LENGTH",
        _ => "NOT_A_NUMBER",
    }
}

/// A package's answer.
fn package(world: &World, name: &str, phone: &str, query: &Params) -> Value {
    let seed = world.seed();
    let network = line::network(seed, phone);
    let drawn = |low: u64, high: u64| seed.between(low, high, &["lookup", name, phone]);
    let pumps = line::pumps(phone);
    match name {
        "line_type_intelligence" => json!({
            "mobile_country_code": network.mcc, "mobile_network_code": network.mnc, "carrier_name": network.carrier,
            "type": kind(phone), "error_code": null,
        }),
        "sms_pumping_risk" => {
            let score = if pumps { drawn(80, 99) } else { drawn(0, 25) };
            json!({
                "carrier_risk_category": category(score), "number_blocked": pumps,
                "number_blocked_date": pumps.then(|| rfc3339(world.now())), "number_blocked_last_3_months": pumps,
                "sms_pumping_risk_score": score, "error_code": null,
            })
        }
        "caller_name" => {
            let business = line::kind(phone) != Kind::Mobile;
            let who = if business { "SANDBOX OFFICE" } else { "SANDBOX PERSON" };
            let kind = if business { "BUSINESS" } else { "CONSUMER" };
            json!({ "caller_name": who, "caller_type": kind, "error_code": null })
        }
        "sim_swap" => json!({
            "last_sim_swap": { "last_sim_swap_date": null, "swapped_period": "PT48H", "swapped_in_period": false },
            "carrier_name": network.carrier, "mobile_country_code": network.mcc, "mobile_network_code": network.mnc,
            "error_code": null,
        }),
        "call_forwarding" => json!({ "call_forwarding_enabled": drawn(0, 9) == 0, "error_code": null }),
        "line_status" => {
            let status = if line::unassigned(phone) { "inactive" } else { "active" };
            json!({ "status": status, "error_code": null })
        }
        "identity_match" => identity(query),
        "reassigned_number" => json!({
            "last_verified_date": query.text("LastVerifiedDate"), "is_number_reassigned": "no", "error_code": null,
        }),
        "phone_number_quality_score" => {
            let risk = if pumps { drawn(80, 99) } else { drawn(0, 25) };
            json!({
                "quality_score": 100 - risk, "quality_category": category(100 - risk),
                "carrier_risk_score": risk, "carrier_risk_category": category(risk),
                "velocity_risk_score": risk, "velocity_risk_category": category(risk),
                "disposable_phone_risk_score": risk, "disposable_phone_risk_category": category(risk),
                "error_code": null,
            })
        }
        _ => json!({
            "first_name": null, "last_name": null, "address_line": null, "country_code": null, "state": null,
            "postal_code": null, "error_code": null,
        }),
    }
}

/// Twilio's word for the kind of a line.
fn kind(phone: &str) -> &'static str {
    match line::kind(phone) {
        Kind::Mobile => "mobile",
        Kind::Landline => "landline",
        Kind::Voip => "nonFixedVoip",
        Kind::TollFree => "tollFree",
    }
}

fn category(score: u64) -> &'static str {
    match score {
        0..=39 => "low",
        40..=74 => "moderate",
        _ => "high",
    }
}

/// Nothing is known of whoever has a number, so whatever is asked about has no data to compare with.
fn identity(query: &Params) -> Value {
    let answer = |names: &[&str]| names.iter().any(|name| query.text(name).is_some()).then_some("no_data_available");
    json!({
        "first_name_match": answer(&["FirstName"]),
        "last_name_match": answer(&["LastName"]),
        "address_lines_match": answer(&["AddressLine1", "AddressLine2"]),
        "city_match": answer(&["City"]),
        "state_match": answer(&["State"]),
        "postal_code_match": answer(&["PostalCode"]),
        "address_country_match": answer(&["AddressCountryCode"]),
        "national_id_match": answer(&["NationalId"]),
        "date_of_birth_match": answer(&["DateOfBirth"]),
        "summary_score": 0,
        "error_code": null,
        "error_message": null,
    })
}
