//! The status callback of a message we sent.

use super::{BadPayload, address, essential, filled, sid};
use crate::domain::address::Address;
use crate::domain::id::Sid;
use crate::twilio::form::Form;
use crate::twilio::wire::{MessageStatus, Micros};

/// A new status of a message of ours. Callbacks come in any order and may come twice.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusCallback {
    /// The message.
    pub message_sid: Sid,
    /// Its account.
    pub account_sid: Sid,
    /// What became of it.
    pub status: MessageStatus,
    /// Why it failed; only with `failed` and `undelivered`.
    pub error_code: Option<u32>,
    /// What the channel says about a failure (WhatsApp, RCS).
    pub channel_message: Option<String>,
    /// The messaging service, if one was used; Twilio does not always say.
    pub messaging_service_sid: Option<Sid>,
    /// When the carrier was done, as it came: `YYMMDDhhmm` in an unnamed zone, usually UTC.
    pub raw_dlr_done_date: Option<String>,
    /// The sender chosen.
    pub from: Option<Address>,
    /// The customer; masked on some channels.
    pub to: Option<Address>,
}

impl StatusCallback {
    /// Reads the pairs of a status callback.
    ///
    /// # Errors
    /// `MessageSid`, `AccountSid` or `MessageStatus` missing or unreadable.
    pub fn read(form: &Form<'_>) -> Result<StatusCallback, BadPayload> {
        let (mut message_sid, mut old_sid, mut account_sid, mut status) = (None, None, None, None);
        let (mut error_code, mut channel_message, mut service, mut done) = (None, None, None, None);
        let (mut from, mut to) = (None, None);
        for (name, value) in form.pairs() {
            let value = value.as_ref();
            match name.as_ref() {
                "MessageSid" => message_sid = Some(value),
                "SmsSid" => old_sid = Some(value),
                "AccountSid" => account_sid = Some(value),
                "MessageStatus" => status = Some(value),
                "ErrorCode" => error_code = value.parse().ok().filter(|code| *code != 0),
                "ChannelStatusMessage" => channel_message = filled(value),
                "MessagingServiceSid" => service = value.parse().ok(),
                "RawDlrDoneDate" => done = filled(value),
                "From" => from = Some(value),
                "To" => to = Some(value),
                _ => {}
            }
        }
        Ok(StatusCallback {
            message_sid: sid("MessageSid", message_sid.or(old_sid))?,
            account_sid: sid("AccountSid", account_sid)?,
            status: essential("MessageStatus", status)?.into(),
            error_code,
            channel_message,
            messaging_service_sid: service,
            raw_dlr_done_date: done,
            from: address("From", from).ok(),
            to: address("To", to).ok(),
        })
    }

    /// When the carrier was done, to the minute, taking its date for UTC.
    pub fn done_at(&self) -> Option<Micros> {
        let raw = self.raw_dlr_done_date.as_deref().filter(|raw| raw.len() == 10 && raw.is_ascii())?;
        let [year, month, day, hour, minute] = [0, 2, 4, 6, 8].map(|at| &raw[at..at + 2]);
        super::super::wire::date(&format!("20{year}-{month}-{day}T{hour}:{minute}:00Z"))
    }
}
