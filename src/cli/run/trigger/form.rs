//! The parameters of a webhook, as Twilio's guides to inbound messages and status callbacks list them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::signed::Form;
use super::{Ask, Kind};

/// What both kinds are made of.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    /// The account.
    pub account: &'a str,
    /// The message.
    pub sid: &'a str,
    /// The sender.
    pub from: &'a str,
    /// The receiver.
    pub to: &'a str,
    /// The messaging service, if the number is in one.
    pub service: Option<&'a str>,
}

struct Filling(Form);

impl Filling {
    fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }
}

/// An inbound message.
pub fn inbound(parts: &Parts<'_>, ask: &Ask) -> Form {
    let body = ask.body.as_deref().unwrap_or(match ask.kind {
        Kind::OptOut => "STOP",
        Kind::OptIn => "START",
        Kind::Help => "HELP",
        Kind::Mms => "A picture for you",
        _ => "A text to try things out",
    });
    let mut form = Filling(Vec::with_capacity(24));
    if let Some(phone) = parts.from.strip_prefix("whatsapp:") {
        form.add("ProfileName", "Somebody");
        form.add("WaId", phone.trim_start_matches('+'));
        form.add("MessageType", "text");
    } else {
        for name in ["From", "To"] {
            for (part, value) in [("Country", "US"), ("State", ""), ("City", ""), ("Zip", "")] {
                form.add(&format!("{name}{part}"), value);
            }
        }
    }
    form.add("SmsMessageSid", parts.sid);
    form.add("NumMedia", &ask.media_url.len().to_string());
    form.add("SmsSid", parts.sid);
    form.add("SmsStatus", "received");
    form.add("Body", body);
    form.add("NumSegments", "1");
    form.add("ReferralNumMedia", "0");
    common(&mut form, parts);
    for (n, url) in ask.media_url.iter().enumerate() {
        form.add(&format!("MediaContentType{n}"), content_type(url.path()));
        form.add(&format!("MediaUrl{n}"), url.as_str());
    }
    form.0
}

/// A status callback.
pub fn status(parts: &Parts<'_>, ask: &Ask, now: Timestamp) -> Form {
    let word = ask.status.word();
    let mut form = Filling(Vec::with_capacity(12));
    form.add("SmsSid", parts.sid);
    form.add("SmsStatus", word);
    form.add("MessageStatus", word);
    common(&mut form, parts);
    let failed = matches!(word, "failed" | "undelivered");
    if failed {
        // Carriers name no reason more often than this one: the handset is unknown or switched off.
        form.add("ErrorCode", &ask.error_code.unwrap_or(30003).to_string());
    }
    if parts.to.starts_with("whatsapp:") {
        form.add("ChannelPrefix", "whatsapp");
        if !matches!(word, "queued" | "sending" | "sent" | "failed") {
            form.add("EventType", &word.to_ascii_uppercase());
        }
    } else if matches!(word, "delivered" | "undelivered") {
        let at = now.to_zoned(TimeZone::UTC).strftime("%y%m%d%H%M").to_string();
        form.add("RawDlrDoneDate", &at);
    }
    form.0
}

fn common(form: &mut Filling, parts: &Parts<'_>) {
    if let Some(service) = parts.service {
        form.add("MessagingServiceSid", service);
    }
    form.add("To", parts.to);
    form.add("MessageSid", parts.sid);
    form.add("AccountSid", parts.account);
    form.add("From", parts.from);
    form.add("ApiVersion", "2010-04-01");
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("png") => "image/png",
        Some("gif") => "image/gif",
        Some("pdf") => "application/pdf",
        Some("mp4") => "video/mp4",
        Some("vcf") => "text/vcard",
        _ => "image/jpeg",
    }
}
