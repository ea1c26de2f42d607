//! The IncomingPhoneNumber resource: numbers in use, bought, configured, released.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::available;
use crate::domain::phone::Phone;
use crate::sandbox::account::{self, Account, Caller};
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::billing::rent;
use crate::sandbox::call::{Call, Params};
use crate::sandbox::clock::rfc2822;
use crate::sandbox::messaging::pool;
use crate::sandbox::number::{self, Number};
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// Settings that a text message does not touch: parameter, name in answers.
const OTHERS: &[(&str, &str)] = &[
    ("SmsApplicationSid", "sms_application_sid"),
    ("StatusCallbackMethod", "status_callback_method"),
    ("VoiceUrl", "voice_url"),
    ("VoiceMethod", "voice_method"),
    ("VoiceFallbackUrl", "voice_fallback_url"),
    ("VoiceFallbackMethod", "voice_fallback_method"),
    ("VoiceApplicationSid", "voice_application_sid"),
    ("VoiceCallerIdLookup", "voice_caller_id_lookup"),
    ("VoiceReceiveMode", "voice_receive_mode"),
    ("TrunkSid", "trunk_sid"),
    ("EmergencyStatus", "emergency_status"),
    ("EmergencyAddressSid", "emergency_address_sid"),
    ("IdentitySid", "identity_sid"),
    ("AddressSid", "address_sid"),
    ("BundleSid", "bundle_sid"),
];

/// Routes a call below `IncomingPhoneNumbers`.
pub fn route(world: &mut World, caller: &Caller, call: &Call, account: &Account, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(world, call, account, None),
        ("POST", []) => buy(world, call, account, None),
        ("GET", [kind @ ("Local" | "TollFree" | "Mobile")]) => list(world, call, account, Some(kind)),
        ("POST", [kind @ ("Local" | "TollFree" | "Mobile")]) => buy(world, call, account, Some(kind)),
        (method, [sid]) => {
            let found = world.get::<Number>(sid)?.filter(|number| number.account == account.sid && !number.is_short());
            let number = found.ok_or_else(|| not_found(call))?;
            match method {
                "GET" => Ok(Answer::ok(show(&number))),
                "POST" => update(world, call, caller, number),
                "DELETE" => release(world, number),
                _ => Err(Refusal::method_not_allowed().into()),
            }
        }
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn list(world: &World, call: &Call, account: &Account, kind: Option<&str>) -> Outcome<Answer> {
    let asked = Asked::read(call, 50, 1000)?;
    let (phone, name) = (call.query.text("PhoneNumber"), call.query.text("FriendlyName"));
    // Every number here is Twilio's own. `Beta` leaves new numbers out, and there are none.
    let origin = call.query.text("Origin").is_none_or(|origin| origin == "twilio");
    let page = paging::read(world, "numbers", &account.sid, asked, |world, sid| {
        Ok(world.get::<Number>(sid)?.filter(|number| {
            origin
                && phone.is_none_or(|pattern| partly(&number.phone, pattern))
                && name.is_none_or(|name| number.friendly_name == name)
                && kind.is_none_or(|kind| number.kind == available::kind_word(kind))
        }))
    })?;
    Ok(page.classic(call, "incoming_phone_numbers", |number| shown(number, kind)))
}

/// Whether a number contains a pattern; `*` is any digit.
pub fn partly(phone: &str, pattern: &str) -> bool {
    let (phone, pattern) = (phone.as_bytes(), pattern.as_bytes());
    let fits = |part: &[u8]| part.iter().zip(pattern).all(|(have, want)| *want == b'*' || have == want);
    !pattern.is_empty() && phone.windows(pattern.len()).any(fits)
}

fn buy(world: &mut World, call: &Call, account: &Account, kind: Option<&str>) -> Outcome<Answer> {
    let (form, asked) = (&call.form, kind);
    let (phone, kind) = match (form.text("PhoneNumber"), form.text("AreaCode")) {
        (Some(text), _) => {
            let bad = || Refusal::bad(21421, format!("Invalid Phone Number: {text} is not a valid phone number"));
            let phone = Phone::parse(text, None).map_err(|_| bad())?;
            let offered = available::offered(world, &phone)?;
            let gone = || Refusal::bad(21422, format!("{phone} is not available."));
            let fits = |offered: &String| asked.is_none_or(|kind| available::kind_word(kind) == offered);
            (phone.clone(), offered.filter(fits).ok_or_else(gone)?)
        }
        (None, Some(area)) => {
            let local = kind.is_none_or(|kind| kind == "Local");
            let found = if local { available::first_in_area(world, area)? } else { None };
            let none = || Refusal::bad(21452, format!("No phone numbers found in area code {area}"));
            (found.ok_or_else(none)?, "local".to_owned())
        }
        (None, None) => return Err(Refusal::bad(21421, "PhoneNumber or AreaCode is required").into()),
    };
    let (now, sequence) = (world.now(), world.sequence());
    let nth = crate::sandbox::carrier::send::nth(world, &["number", &account.sid, phone.as_str()])?;
    let sid = world.seed().sid("PN", &[&account.sid, phone.as_str(), &nth.to_string()]);
    let mut number = Number::new(&sid, &account.sid, &phone, &kind, now, sequence);
    apply(&mut number, form)?;
    number::add(world, &number)?;
    rent::begin(world, &number)?;
    Ok(Answer::created(shown(&number, asked)))
}

fn update(world: &mut World, call: &Call, caller: &Caller, mut number: Number) -> Outcome<Answer> {
    apply(&mut number, &call.form)?;
    if let Some(sid) = call.form.text("AccountSid").filter(|sid| *sid != number.account) {
        let target = account::acting(world, caller, sid)?;
        let target = target.ok_or_else(|| Refusal::bad(21470, format!("Invalid AccountSid: {sid}")))?;
        // A sender pool belongs to the old account, so the number leaves it.
        pool::leave(world, &mut number)?;
        number::release(world, &number)?;
        number.account = target.sid;
        number::add(world, &number)?;
    }
    number.updated = world.now();
    world.put(&number.sid, &number)?;
    Ok(Answer::ok(show(&number)))
}

fn release(world: &mut World, mut number: Number) -> Outcome<Answer> {
    pool::leave(world, &mut number)?;
    number::release(world, &number)?;
    Ok(Answer::gone())
}

/// Settings given replace those there; an empty one clears.
pub fn apply(number: &mut Number, form: &Params) -> Result<(), Refusal> {
    for name in ["SmsMethod", "SmsFallbackMethod", "StatusCallbackMethod"] {
        if form.text(name).is_some_and(|method| !matches!(method.to_ascii_uppercase().as_str(), "GET" | "POST")) {
            return Err(Refusal::bad(21403, format!("{name} must be GET or POST")));
        }
    }
    for name in ["SmsUrl", "SmsFallbackUrl", "StatusCallback", "VoiceUrl"] {
        let url = |text: &str| url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if form.text(name).is_some_and(|text| !url(text)) {
            return Err(Refusal::bad(21402, format!("{name} is not a valid URL")));
        }
    }
    if form.text("FriendlyName").is_some_and(|name| name.chars().count() > 64) {
        return Err(Refusal::bad(20002, "FriendlyName is longer than 64 characters"));
    }
    let set = |field: &mut String, name: &str| {
        if let Some(value) = form.get(name) {
            value.clone_into(field);
        }
    };
    set(&mut number.friendly_name, "FriendlyName");
    set(&mut number.sms_url, "SmsUrl");
    set(&mut number.sms_fallback_url, "SmsFallbackUrl");
    set(&mut number.status_callback, "StatusCallback");
    set(&mut number.sms_method, "SmsMethod");
    set(&mut number.sms_fallback_method, "SmsFallbackMethod");
    for method in [&mut number.sms_method, &mut number.sms_fallback_method] {
        *method = if method.is_empty() { "POST".into() } else { method.to_ascii_uppercase() };
    }
    let others: BTreeMap<String, String> =
        OTHERS.iter().filter_map(|(name, key)| Some(((*key).to_owned(), form.get(name)?.to_owned()))).collect();
    number.others.extend(others);
    Ok(())
}

/// What an answer shows of a number asked for below its kind: there its type goes without saying.
fn shown(number: &Number, kind: Option<&str>) -> Value {
    let mut body = show(number);
    if kind.is_some()
        && let Some(fields) = body.as_object_mut()
    {
        fields.remove("type");
    }
    body
}

/// What an API answer shows.
pub fn show(number: &Number) -> Value {
    let other = |key: &str| number.others.get(key).map(String::as_str).filter(|value| !value.is_empty());
    let texting = true;
    json!({
        "account_sid": number.account,
        "address_requirements": "none",
        "address_sid": other("address_sid"),
        "api_version": "2010-04-01",
        "beta": false,
        "bundle_sid": other("bundle_sid"),
        "capabilities": { "voice": true, "sms": texting, "mms": texting, "fax": false },
        "date_created": rfc2822(number.created),
        "date_updated": rfc2822(number.updated),
        "emergency_address_sid": other("emergency_address_sid"),
        "emergency_address_status": "unregistered",
        "emergency_status": other("emergency_status").unwrap_or("Active"),
        "friendly_name": number.friendly_name,
        "identity_sid": other("identity_sid"),
        "origin": "twilio",
        "phone_number": number.phone,
        "sid": number.sid,
        "sms_application_sid": other("sms_application_sid").unwrap_or_default(),
        "sms_fallback_method": number.sms_fallback_method,
        "sms_fallback_url": number.sms_fallback_url,
        "sms_method": number.sms_method,
        "sms_url": number.sms_url,
        "status": "in-use",
        "status_callback": number.status_callback,
        "status_callback_method": other("status_callback_method").unwrap_or("POST"),
        "trunk_sid": other("trunk_sid"),
        "type": number.kind,
        "uri": format!("/2010-04-01/Accounts/{}/IncomingPhoneNumbers/{}.json", number.account, number.sid),
        "voice_application_sid": other("voice_application_sid").unwrap_or_default(),
        "voice_caller_id_lookup": other("voice_caller_id_lookup").is_some_and(|v| v.eq_ignore_ascii_case("true")),
        "voice_fallback_method": other("voice_fallback_method").unwrap_or("POST"),
        "voice_fallback_url": other("voice_fallback_url"),
        "voice_method": other("voice_method").unwrap_or("POST"),
        "voice_receive_mode": other("voice_receive_mode").unwrap_or("voice"),
        "voice_url": other("voice_url"),
    })
}
