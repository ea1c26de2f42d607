//! Test credentials: nothing is kept, nothing is sent, and magic numbers give each error on demand.

use serde_json::{Value, json};

use super::account::{self, Caller};
use super::answer::{Answer, Outcome, Refusal};
use super::api::messages::check;
use super::api::numbers;
use super::call::Call;
use super::clock::rfc2822;
use super::number::Number;
use super::router::not_found;
use super::world::World;
use crate::domain::phone::Phone;
use crate::domain::sms::measure;

const GOOD: &str = "+15005550006";

/// Routes a call made with the test credentials.
pub fn route(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let segments = call.route();
    let allowed = match (call.product.as_str(), call.method.as_str(), segments.as_slice()) {
        ("api", "POST", ["2010-04-01", "Accounts", sid, name @ ("Messages" | "IncomingPhoneNumbers")]) => {
            Some((*sid, *name))
        }
        _ => None,
    };
    let Some((sid, name)) = allowed else {
        return Err(Refusal::new(403, 20008, "Resource not accessible with Test Account Credentials").into());
    };
    if account::acting(world, caller, sid)?.is_none() {
        return Err(not_found(call));
    }
    if name == "Messages" { message(world, caller, call) } else { purchase(world, caller, call) }
}

fn message(world: &World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let form = &call.form;
    let to = form.text("To").ok_or_else(|| Refusal::bad(21604, "A 'To' phone number is required."))?;
    let from = form.text("From").ok_or_else(|| Refusal::bad(21603, "A 'From' phone number is required."))?;
    check::content(form)?;
    check::callback(form)?;
    check::validity(form)?;
    check::options(form)?;
    match from {
        GOOD => {}
        "+15005550001" => {
            let text =
                format!("The 'From' number {from} is not a valid phone number, shortcode, or alphanumeric sender ID.");
            return Err(Refusal::bad(21212, text).into());
        }
        "+15005550008" => {
            let text = "This 'From' number has exceeded the maximum number of queued messages";
            return Err(Refusal::bad(21611, text).into());
        }
        _ => {
            let text = format!(
                "The From phone number {from} is not a valid, SMS-capable inbound phone number or short code for your account."
            );
            return Err(Refusal::bad(21606, text).into());
        }
    }
    let to = match to {
        "+15005550001" => Err(Refusal::bad(21211, format!("The 'To' number {to} is not a valid phone number."))),
        "+15005550002" => {
            Err(Refusal::bad(21612, format!("The 'To' phone number {to} is not currently reachable via SMS")))
        }
        "+15005550003" => {
            let text = format!(
                "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}"
            );
            Err(Refusal::bad(21408, text))
        }
        "+15005550004" => Err(Refusal::bad(21610, "Attempt to send to unsubscribed recipient")),
        "+15005550009" => Err(Refusal::bad(21614, format!("'To' number {to} is not a valid mobile number"))),
        _ => check::receiver(Some(to)),
    }?;
    let body = form.text("Body").unwrap_or_default();
    let media = form.all("MediaUrl").count();
    let sid = world.seed().sid(if media > 0 { "MM" } else { "SM" }, &["magic", from, &to, body]);
    let uri = format!("/2010-04-01/Accounts/{}/Messages/{sid}", caller.account);
    let now = rfc2822(world.now());
    Ok(Answer::created(json!({
        "account_sid": caller.account,
        "api_version": "2010-04-01",
        "body": body,
        "date_created": now,
        "date_sent": Value::Null,
        "date_updated": now,
        "direction": "outbound-api",
        "error_code": Value::Null,
        "error_message": Value::Null,
        "from": from,
        "messaging_service_sid": Value::Null,
        "num_media": media.to_string(),
        "num_segments": measure(body).segments.max(1).to_string(),
        "price": Value::Null,
        "price_unit": "USD",
        "sid": sid,
        "status": "queued",
        "subresource_uris": { "media": format!("{uri}/Media.json") },
        "to": to,
        "uri": format!("{uri}.json"),
    })))
}

fn purchase(world: &World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let phone = match (call.form.text("PhoneNumber"), call.form.text("AreaCode")) {
        (Some(GOOD), _) | (None, Some("500")) => GOOD,
        (Some(phone @ "+15005550000"), _) => {
            return Err(Refusal::bad(21422, format!("{phone} is not available.")).into());
        }
        (Some(phone), _) => {
            let text = format!("Invalid Phone Number: {phone} is not a valid phone number");
            return Err(Refusal::bad(21421, text).into());
        }
        (None, Some(area)) => {
            return Err(Refusal::bad(21452, format!("No phone numbers found in area code {area}")).into());
        }
        (None, None) => return Err(Refusal::bad(21421, "PhoneNumber or AreaCode is required").into()),
    };
    let parsed = Phone::parse(phone, None).map_err(|error| Refusal::bad(21421, error.to_string()))?;
    let sid = world.seed().sid("PN", &["magic", phone]);
    let mut number = Number::new(&sid, &caller.account, &parsed, "local", world.now(), 0);
    numbers::apply(&mut number, &call.form)?;
    Ok(Answer::created(numbers::show(&number)))
}
