//! The webhook of an inbound SMS, MMS or WhatsApp message.

use super::{BadPayload, address, filled, sid};
use crate::domain::address::Address;
use crate::domain::id::Sid;
use crate::twilio::form::Form;
use crate::twilio::wire::words;

words! {
    /// What Advanced Opt-Out recognised. Absent when only the default opt-out handling is on.
    OptOutType {
        /// The customer wants no more messages.
        Stop = "STOP",
        /// The customer wants messages again.
        Start = "START",
        /// The customer asks who this is.
        Help = "HELP",
    }
}

/// One attached file. The URL needs credentials and redirects to a CDN.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Media {
    /// Where Twilio keeps it.
    pub url: String,
    /// Its MIME type, as the sender's carrier said.
    pub content_type: String,
}

/// Where a number was registered; any part may be unknown. Says nothing of where the person is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// Two-letter country.
    pub country: Option<String>,
}

/// A place the customer shared (WhatsApp).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    /// Degrees north, as text.
    pub latitude: String,
    /// Degrees east, as text.
    pub longitude: String,
    /// Postal address, if the customer chose a known place.
    pub address: Option<String>,
    /// Name of the place.
    pub label: Option<String>,
}

/// A message from a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// The message, `SM...` or `MM...`; the same on every repetition of the webhook.
    pub message_sid: Sid,
    /// The account it came to.
    pub account_sid: Sid,
    /// Who wrote.
    pub from: Address,
    /// Our number, short code or channel sender.
    pub to: Address,
    /// The text; empty when only media came.
    pub body: String,
    /// SMS segments, billed one by one; 1 if not said.
    pub num_segments: u32,
    /// Attached files, in order.
    pub media: Vec<Media>,
    /// Set when the receiving number is in a messaging service.
    pub messaging_service_sid: Option<Sid>,
    /// The name the customer gave themselves (WhatsApp). Hostile text, like the body.
    pub profile_name: Option<String>,
    /// The customer's WhatsApp id: digits without a plus.
    pub wa_id: Option<String>,
    /// What Advanced Opt-Out made of it.
    pub opt_out_type: Option<OptOutType>,
    /// `text`, `image`, `interactive`, ... (WhatsApp).
    pub message_type: Option<String>,
    /// The label of the button the customer pressed.
    pub button_text: Option<String>,
    /// The payload behind that button.
    pub button_payload: Option<String>,
    /// The message this one answers, if the customer quoted one of the last seven days.
    pub replied_to: Option<Sid>,
    /// A shared place.
    pub location: Option<Location>,
    /// Where the customer's number was registered.
    pub from_place: Place,
    /// The other members of a group MMS.
    pub other_recipients: Vec<Address>,
    /// On a call to the fallback URL: why the first URL failed.
    pub fallback_error: Option<u32>,
}

impl InboundMessage {
    /// Reads the pairs of an inbound webhook.
    ///
    /// # Errors
    /// `MessageSid`, `AccountSid`, `From` or `To` missing or unreadable.
    pub fn read(form: &Form<'_>) -> Result<InboundMessage, BadPayload> {
        let (mut message_sid, mut old_sid, mut account_sid, mut from, mut to) = (None, None, None, None, None);
        let (mut latitude, mut longitude, mut place_address, mut place_label) = (None, None, None, None);
        let mut rest = Rest::default();
        for (name, value) in form.pairs() {
            let value = value.as_ref();
            match name.as_ref() {
                "MessageSid" => message_sid = Some(value),
                "SmsMessageSid" | "SmsSid" => old_sid = Some(value),
                "AccountSid" => account_sid = Some(value),
                "From" => from = Some(value),
                "To" => to = Some(value),
                "Latitude" => latitude = filled(value),
                "Longitude" => longitude = filled(value),
                "Address" => place_address = filled(value),
                "Label" => place_label = filled(value),
                name => rest.take(name, value),
            }
        }
        let location = latitude.zip(longitude).map(|(latitude, longitude)| Location {
            latitude,
            longitude,
            address: place_address,
            label: place_label,
        });
        rest.media.retain(|media| !media.url.is_empty());
        Ok(InboundMessage {
            message_sid: sid("MessageSid", message_sid.or(old_sid))?,
            account_sid: sid("AccountSid", account_sid)?,
            from: address("From", from)?,
            to: address("To", to)?,
            body: rest.body,
            num_segments: rest.num_segments.unwrap_or(1),
            media: rest.media,
            messaging_service_sid: rest.messaging_service_sid,
            profile_name: rest.profile_name,
            wa_id: rest.wa_id,
            opt_out_type: rest.opt_out_type,
            message_type: rest.message_type,
            button_text: rest.button_text,
            button_payload: rest.button_payload,
            replied_to: rest.replied_to,
            location,
            from_place: rest.from_place,
            other_recipients: rest.other_recipients,
            fallback_error: rest.fallback_error,
        })
    }
}

/// What a message may have beyond the essential.
#[derive(Default)]
struct Rest {
    body: String,
    num_segments: Option<u32>,
    media: Vec<Media>,
    messaging_service_sid: Option<Sid>,
    profile_name: Option<String>,
    wa_id: Option<String>,
    opt_out_type: Option<OptOutType>,
    message_type: Option<String>,
    button_text: Option<String>,
    button_payload: Option<String>,
    replied_to: Option<Sid>,
    from_place: Place,
    other_recipients: Vec<Address>,
    fallback_error: Option<u32>,
}

impl Rest {
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "Body" => value.clone_into(&mut self.body),
            "NumSegments" => self.num_segments = value.parse().ok(),
            "MessagingServiceSid" => self.messaging_service_sid = value.parse().ok(),
            "ProfileName" => self.profile_name = filled(value),
            "WaId" => self.wa_id = filled(value),
            "OptOutType" => self.opt_out_type = filled(value).map(|word| word.as_str().into()),
            "MessageType" => self.message_type = filled(value),
            "ButtonText" => self.button_text = filled(value),
            "ButtonPayload" => self.button_payload = filled(value),
            "OriginalRepliedMessageSid" => self.replied_to = value.parse().ok(),
            "FromCity" => self.from_place.city = filled(value),
            "FromState" => self.from_place.state = filled(value),
            "FromZip" => self.from_place.zip = filled(value),
            "FromCountry" => self.from_place.country = filled(value),
            "ErrorCode" => self.fallback_error = value.parse().ok(),
            _ => self.take_numbered(name, value),
        }
    }

    /// `MediaUrl0`, `MediaContentType0`, `OtherRecipients0`, ...
    fn take_numbered(&mut self, name: &str, value: &str) {
        if let Some(number) = name.strip_prefix("MediaUrl") {
            if let Some(media) = self.media_at(number) {
                value.clone_into(&mut media.url);
            }
        } else if let Some(number) = name.strip_prefix("MediaContentType") {
            if let Some(media) = self.media_at(number) {
                value.clone_into(&mut media.content_type);
            }
        } else if name.starts_with("OtherRecipients") && self.other_recipients.len() < 64 {
            self.other_recipients.extend(value.parse::<Address>());
        }
    }

    /// The medium of that number. Twilio allows ten; the bound keeps a forged number from costing memory.
    fn media_at(&mut self, number: &str) -> Option<&mut Media> {
        let index: usize = number.parse().ok().filter(|index| *index < 32)?;
        if self.media.len() <= index {
            self.media.resize_with(index + 1, Media::default);
        }
        self.media.get_mut(index)
    }
}
