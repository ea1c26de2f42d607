//! What a start asks for: its parameters, read and checked one by one before anything happens.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::attempt::Channel;
use super::errors::{invalid, invalid_to, refuse};
use super::service::{Service, is_name, is_sid};
use super::{rules, templates, words};
use crate::domain::phone::Phone;
use crate::sandbox::answer::Refusal;
use crate::sandbox::call::Params;
use crate::sandbox::carrier::line;

/// The most tags, and the longest one.
const TAGS: (usize, usize) = (10, 128);

/// A send that is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// E.164, or an email address.
    pub to: String,
    /// How.
    pub channel: Channel,
    /// The language, if one is asked for.
    pub locale: Option<&'static str>,
    /// The name in the text instead of the service's.
    pub name: Option<String>,
    /// A code of the caller's own.
    pub code: Option<String>,
    /// The template.
    pub template: Option<String>,
    /// Its substitutions.
    pub substitutions: BTreeMap<String, String>,
    /// Of a payment.
    pub amount: Option<String>,
    /// Of a payment.
    pub payee: Option<String>,
    /// Dialled when the call is answered.
    pub send_digits: Option<String>,
    /// Lets an app read the SMS.
    pub app_hash: Option<String>,
    /// Values by the unique name of a rate limit.
    pub limits: BTreeMap<String, String>,
    /// The email channel's configuration; null when there is none.
    pub email: Value,
    /// What the caller wants to find again in events; null when there is none.
    pub tags: Value,
    /// Whether Fraud Guard and geo permissions are asked.
    pub guarded: bool,
}

impl Wanted {
    /// Reads the parameters of a start.
    pub fn read(form: &Params, service: &Service) -> Result<Self, Refusal> {
        let given = form.text("To").ok_or_else(|| invalid("To"))?;
        let channel = channel(form.text("Channel").unwrap_or_default(), given)?;
        let object = |name: &str| match form.text(name).map(serde_json::from_str::<Value>) {
            None => Ok(Value::Null),
            Some(Ok(value)) if value.is_object() => Ok(value),
            Some(_) => Err(invalid(name)),
        };
        let text = |name: &str| form.text(name).map(str::to_owned);
        let wanted = Self {
            to: recipient(channel, given)?,
            channel,
            locale: match form.text("Locale") {
                Some(name) => Some(words::locale(name).ok_or_else(|| invalid("Locale"))?),
                None => None,
            },
            name: text("CustomFriendlyName"),
            code: text("CustomCode"),
            template: text("TemplateSid"),
            substitutions: templates::substitutions(form.text("TemplateCustomSubstitutions"))?,
            amount: text("Amount"),
            payee: text("Payee"),
            send_digits: text("SendDigits"),
            app_hash: text("AppHash"),
            limits: limits(&object("RateLimits")?)?,
            email: object("ChannelConfiguration")?,
            tags: object("Tags")?,
            guarded: match form.text("RiskCheck") {
                None | Some("enable") => true,
                Some("disable") => false,
                Some(_) => return Err(invalid("RiskCheck")),
            },
        };
        if form.text("DeviceIp").is_some_and(|ip| ip.parse::<IpAddr>().is_err()) {
            return Err(invalid("DeviceIp"));
        }
        tags(&wanted.tags)?;
        wanted.check(service)?;
        Ok(wanted)
    }

    /// What depends on the channel and on the service.
    fn check(&self, service: &Service) -> Result<(), Refusal> {
        if self.name.as_deref().is_some_and(|name| !is_name(name)) {
            return Err(invalid("CustomFriendlyName"));
        }
        if let Some(code) = &self.code {
            if !service.flag("custom_code_enabled") {
                return Err(refuse(60204));
            }
            if !is_code(code, true) {
                return Err(invalid("CustomCode"));
            }
        }
        if self.template.as_deref().is_some_and(|sid| !is_sid(sid, "HJ")) {
            return Err(invalid("TemplateSid"));
        }
        if service.flag("psd2_enabled") {
            if self.amount.is_none() || self.payee.is_none() {
                return Err(refuse(60206));
            }
            if self.channel == Channel::Call {
                return Err(refuse(60214));
            }
        }
        if self.app_hash.is_some() && self.channel != Channel::Sms {
            return Err(refuse(60602));
        }
        let dialled = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | 'w' | 'W');
        if self.send_digits.as_deref().is_some_and(|digits| digits.len() > 32 || !digits.chars().all(dialled)) {
            return Err(invalid("SendDigits"));
        }
        let lands = self.channel == Channel::Sms && line::kind(&self.to) == line::Kind::Landline;
        if lands && service.flag("lookup_enabled") && service.flag("skip_sms_to_landlines") {
            return Err(refuse(60205));
        }
        Ok(())
    }
}

/// Whether a text can be a code: digits, letters too where codes are the caller's own.
pub fn is_code(text: &str, letters: bool) -> bool {
    let fits = |b: u8| b.is_ascii_digit() || (letters && b.is_ascii_alphabetic());
    (rules::CODE.0..=rules::CODE.1).contains(&(text.len() as u64)) && text.bytes().all(fits)
}

/// `auto` is a text message where one arrives, else a call; an email for an email address.
fn channel(name: &str, to: &str) -> Result<Channel, Refusal> {
    if let Some(channel) = Channel::ALL.into_iter().find(|channel| channel.word() == name) {
        return Ok(channel);
    }
    match name {
        "auto" if to.contains('@') => Ok(Channel::Email),
        "auto" if line::unassigned(to) => Err(refuse(60550)),
        "auto" if line::kind(to) == line::Kind::Landline => Ok(Channel::Call),
        "auto" => Ok(Channel::Sms),
        // Silent network authentication and RCS are not there, as for most accounts.
        _ => Err(invalid("Channel")),
    }
}

fn recipient(channel: Channel, given: &str) -> Result<String, Refusal> {
    let given = given.trim();
    if channel == Channel::Email {
        let (name, host) = given.rsplit_once('@').ok_or_else(|| invalid_to(given))?;
        let fits = !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
        let plain = given.len() <= 254 && !given.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/');
        return if fits && plain { Ok(given.to_owned()) } else { Err(invalid_to(given)) };
    }
    match Phone::parse(given, None) {
        Ok(phone) if given.starts_with('+') => Ok(phone.as_str().to_owned()),
        _ => Err(invalid_to(given)),
    }
}

fn limits(value: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let Some(map) = value.as_object() else { return Ok(BTreeMap::new()) };
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(invalid("RateLimits")),
    };
    map.iter().map(|(name, value)| Ok((name.clone(), text(value)?))).collect()
}

fn tags(value: &Value) -> Result<(), Refusal> {
    let Some(map) = value.as_object() else { return Ok(()) };
    let short = |text: &str| text.chars().count() <= TAGS.1;
    let fits = |(name, value): (&String, &Value)| short(name) && value.as_str().is_none_or(short);
    if map.len() <= TAGS.0 && map.iter().all(fits) { Ok(()) } else { Err(invalid("Tags")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_fits_its_channel() {
        assert_eq!(recipient(Channel::Sms, "+1 415 555 0142").unwrap(), "+14155550142");
        assert_eq!(recipient(Channel::Email, "kim@example.com").unwrap(), "kim@example.com");
        for (channel, to) in [
            (Channel::Sms, "4155550142"),
            (Channel::Call, "+1500"),
            (Channel::Sms, "kim@example.com"),
            (Channel::Email, "+14155550142"),
            (Channel::Email, "kim@example"),
            (Channel::Email, "a b@example.com"),
        ] {
            assert_eq!(recipient(channel, to).unwrap_err().code, 60200, "{to}");
        }
    }

    #[test]
    fn a_channel_may_be_chosen() {
        assert_eq!(channel("auto", "+14155550123").unwrap(), Channel::Sms);
        assert_eq!(channel("auto", "+14155550001").unwrap(), Channel::Call);
        assert_eq!(channel("auto", "kim@example.com").unwrap(), Channel::Email);
        assert_eq!(channel("auto", "+14155550000").unwrap_err().code, 60550);
        assert_eq!(channel("sna", "+14155550123").unwrap_err().message, "Invalid parameter: Channel");
    }
}
