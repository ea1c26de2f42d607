//! What Twilio refuses before it accepts a message, in its order and its words.

use crate::domain::phone::Phone;
use crate::domain::sms::LONGEST_BODY;
use crate::sandbox::answer::{Outcome, Refusal};
use crate::sandbox::call::Params;
use crate::sandbox::clock;
use crate::sandbox::messaging::alpha;
use crate::sandbox::number::{self, WHATSAPP_SHARED};
use crate::sandbox::world::World;

const MINUTE: u64 = 60_000_000;
const DAY: u64 = 24 * 60 * MINUTE;

/// Receivers must be phone numbers; a channel prefix stays.
pub fn receiver(text: Option<&str>) -> Result<String, Refusal> {
    let text = text.ok_or_else(|| Refusal::bad(21604, "A 'To' phone number is required."))?;
    let (prefix, number) = channel(text);
    if prefix.is_empty() && short(number) {
        return Err(Refusal::bad(21265, format!("'To' number cannot be a Short Code: {number}")));
    }
    match Phone::parse(number, Some("US")) {
        Ok(phone) if prefix.is_empty() || number.starts_with('+') => Ok(format!("{prefix}{phone}")),
        _ => Err(Refusal::bad(21211, format!("The 'To' number {text} is not a valid phone number."))),
    }
}

/// A body, media or content there must be, and not too much of it.
pub fn content(form: &Params) -> Result<(), Refusal> {
    let media = form.all("MediaUrl").count();
    if form.text("Body").is_none() && media == 0 && form.text("ContentSid").is_none() {
        return Err(Refusal::bad(21602, "Message body is required."));
    }
    if form.text("Body").is_some_and(|body| body.chars().count() > LONGEST_BODY) {
        return Err(Refusal::bad(21617, "The concatenated message body exceeds the 1600 character limit."));
    }
    if form.text("ContentVariables").is_some() && form.text("ContentSid").is_none() {
        return Err(Refusal::bad(21654, "ContentSid is required"));
    }
    if media > 10 {
        return Err(Refusal::bad(21623, "Number of media files exceeds allowed limit"));
    }
    match form.all("MediaUrl").find(|url| !http_url(url)) {
        Some(url) => Err(Refusal::bad(21620, format!("Invalid media URL(s): {url}"))),
        None => Ok(()),
    }
}

/// A sender must belong to the account and fit the receiver's channel.
pub fn sender(world: &World, account: &str, from: &str, to: &str) -> Outcome<String> {
    let (prefix, plain) = channel(from);
    if prefix != channel(to).0 {
        return Err(Refusal::bad(21910, "Invalid From and To pair. From and To should be of the same channel").into());
    }
    if from == WHATSAPP_SHARED {
        return Ok(from.to_owned());
    }
    let not_ours = || {
        let text = format!(
            "The From phone number {from} is not a valid, SMS-capable inbound phone number or short code for your account."
        );
        Refusal::bad(21606, text)
    };
    if prefix.is_empty() && plain.bytes().any(|b| b.is_ascii_alphabetic()) {
        return alphanumeric(plain, to).map_err(Into::into);
    }
    if prefix.is_empty() && short(plain) {
        let code = number::by_address(world, plain)?.filter(|code| code.account == account).ok_or_else(not_ours)?;
        return if code.country() == number::country(to) { Ok(code.phone) } else { Err(out_of_reach(to).into()) };
    }
    let Ok(phone) = Phone::parse(plain, Some("US")) else {
        let text =
            format!("The 'From' number {from} is not a valid phone number, shortcode, or alphanumeric sender ID.");
        return Err(Refusal::bad(21212, text).into());
    };
    let owned = number::by_address(world, phone.as_str())?.is_some_and(|number| number.account == account);
    if !owned {
        return Err(not_ours().into());
    }
    let from = format!("{prefix}{phone}");
    if from == to {
        return Err(Refusal::bad(21266, format!("'To' and 'From' number cannot be the same: {to}")).into());
    }
    Ok(from)
}

/// Names work in many countries, not in the United States and Canada.
fn alphanumeric(name: &str, to: &str) -> Result<String, Refusal> {
    if !alpha::is_name(name) {
        let text =
            format!("The 'From' number {name} is not a valid phone number, shortcode, or alphanumeric sender ID.");
        return Err(Refusal::bad(21212, text));
    }
    if !number::country(to).is_some_and(|country| alpha::takes_names(&country)) {
        return Err(out_of_reach(to));
    }
    Ok(name.to_owned())
}

fn out_of_reach(to: &str) -> Refusal {
    Refusal::bad(21612, format!("The 'To' phone number {to} is not currently reachable via SMS"))
}

/// Three to eight digits.
fn short(address: &str) -> bool {
    (3..=8).contains(&address.len()) && address.bytes().all(|b| b.is_ascii_digit())
}

/// A status callback must be a URL whose host has no underscore.
pub fn callback(form: &Params) -> Result<Option<String>, Refusal> {
    let Some(url) = form.text("StatusCallback") else { return Ok(None) };
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    if !http_url(url) || host.is_none_or(|host| host.contains('_')) {
        return Err(Refusal::bad(21609, format!("The 'StatusCallback' URL {url} is not a valid URL.")));
    }
    Ok(Some(url.to_owned()))
}

/// How long a message may wait, in seconds.
pub fn validity(form: &Params) -> Result<Option<u32>, Refusal> {
    match form.text("ValidityPeriod").map(str::parse::<u32>) {
        None => Ok(None),
        Some(Ok(seconds @ 1..=36_000)) => Ok(Some(seconds)),
        _ => Err(Refusal::bad(21624, "Invalid validity period: it must be an integer from 1 to 36000")),
    }
}

/// Words and numbers that only Twilio's own machinery reads: they must be of the right form.
pub fn options(form: &Params) -> Result<(), Refusal> {
    const WORDS: &[(&str, &[&str])] = &[
        ("ContentRetention", &["retain", "discard"]),
        ("AddressRetention", &["retain", "obfuscate"]),
        ("TrafficType", &["free"]),
        ("RiskCheck", &["enable", "disable"]),
        ("ProvideFeedback", FLAG),
        ("ForceDelivery", FLAG),
        ("SmartEncoded", FLAG),
        ("ShortenUrls", FLAG),
        ("SendAsMms", FLAG),
    ];
    const FLAG: &[&str] = &["true", "false"];
    let wrong = |name: &str| Refusal::bad(20422, format!("Invalid parameter: {name}"));
    for (name, words) in WORDS {
        if form.text(name).is_some_and(|value| !words.iter().any(|word| word.eq_ignore_ascii_case(value))) {
            return Err(wrong(name));
        }
    }
    if form.text("Attempt").is_some_and(|value| !value.parse::<u32>().is_ok_and(|attempt| attempt > 0)) {
        return Err(wrong("Attempt"));
    }
    let object = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok_and(|value| value.is_object());
    if form.text("Tags").is_some_and(|tags| !object(tags)) {
        return Err(wrong("Tags"));
    }
    if form.text("ContentVariables").is_some_and(|variables| !object(variables)) {
        return Err(Refusal::bad(21656, "The ContentVariables parameter is invalid"));
    }
    let of_service = form.flag("ShortenUrls") == Some(true) || form.text("FallbackFrom").is_some();
    if of_service && form.text("MessagingServiceSid").is_none() {
        return Err(Refusal::bad(21701, "The messaging service is required"));
    }
    Ok(())
}

/// When a message is to be sent, if it is scheduled: 5 minutes to 35 days ahead, by a Messaging Service.
pub fn schedule(form: &Params, now: u64) -> Result<Option<u64>, Refusal> {
    let (kind, at) = (form.text("ScheduleType"), form.text("SendAt"));
    if kind.is_none() && at.is_none() {
        return Ok(None);
    }
    if form.text("MessagingServiceSid").is_none() {
        return Err(Refusal::bad(35118, "MessagingServiceSid is required to schedule a message"));
    }
    let at = at.ok_or_else(|| Refusal::bad(35111, "SendAt parameter is required to schedule a message"))?;
    if kind != Some("fixed") {
        return Err(Refusal::bad(20422, "Invalid parameter: ScheduleType"));
    }
    let at = clock::parse(at).ok_or_else(|| Refusal::bad(20422, "Invalid parameter: SendAt"))?;
    if !(now + 5 * MINUTE..=now + 35 * DAY).contains(&at) {
        return Err(Refusal::bad(35114, "SendAt must be between 300 seconds and 35 days in the future"));
    }
    Ok(Some(at))
}

/// `whatsapp:` and the like, and what follows.
fn channel(address: &str) -> (&str, &str) {
    match address.find(':') {
        Some(at) => address.split_at(at + 1),
        None => ("", address),
    }
}

fn http_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
