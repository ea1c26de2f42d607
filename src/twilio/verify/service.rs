//! Verify services: the settings under which codes are sent.

use serde::Deserialize;

use super::Verify;
use crate::domain::id::Sid;
use crate::twilio::error::Error;
use crate::twilio::http::page::Page;
use crate::twilio::params::Params;
use crate::twilio::wire::{Micros, loose, loose_date};

/// A Verify service.
#[derive(Debug, Clone, Deserialize)]
pub struct VerifyService {
    /// `VA...`
    pub sid: Sid,
    /// Its account.
    #[serde(default, deserialize_with = "loose")]
    pub account_sid: Option<Sid>,
    /// The name in the texts.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
    /// Digits of a code, 4 to 10.
    #[serde(default, deserialize_with = "loose")]
    pub code_length: Option<u32>,
    /// Look up the carrier at each send.
    #[serde(default, deserialize_with = "loose")]
    pub lookup_enabled: Option<bool>,
    /// Do not send SMS to landlines.
    #[serde(default, deserialize_with = "loose")]
    pub skip_sms_to_landlines: Option<bool>,
    /// A key must be pressed before the code is spoken.
    #[serde(default, deserialize_with = "loose")]
    pub dtmf_input_required: Option<bool>,
    /// It confirms payments.
    #[serde(default, deserialize_with = "loose")]
    pub psd2_enabled: Option<bool>,
    /// The text warns not to share the code.
    #[serde(default, deserialize_with = "loose")]
    pub do_not_share_warning_enabled: Option<bool>,
    /// Codes of our own are allowed.
    #[serde(default, deserialize_with = "loose")]
    pub custom_code_enabled: Option<bool>,
    /// The template used when none is named.
    #[serde(default, deserialize_with = "loose")]
    pub default_template_sid: Option<Sid>,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it changed last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// What can be set on a Verify service; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct VerifyServiceSettings {
    /// The name in the texts, at most 30 characters; needed for a new one.
    pub friendly_name: Option<String>,
    /// Digits of a code, 4 to 10.
    pub code_length: Option<u32>,
    /// Look up the carrier at each send.
    pub lookup_enabled: Option<bool>,
    /// Do not send SMS to landlines.
    pub skip_sms_to_landlines: Option<bool>,
    /// A key must be pressed before the code is spoken.
    pub dtmf_input_required: Option<bool>,
    /// The voice of calls.
    pub tts_name: Option<String>,
    /// It confirms payments.
    pub psd2_enabled: Option<bool>,
    /// Warn in the text not to share the code.
    pub do_not_share_warning_enabled: Option<bool>,
    /// Allow codes of our own.
    pub custom_code_enabled: Option<bool>,
    /// The template used when none is named.
    pub default_template_sid: Option<Sid>,
    /// The messaging service for WhatsApp.
    pub whatsapp_messaging_service_sid: Option<Sid>,
    /// The WhatsApp sender, `whatsapp:+...`
    pub whatsapp_from: Option<String>,
}

impl VerifyServiceSettings {
    fn params(&self) -> Params {
        Params::new()
            .text("FriendlyName", &self.friendly_name)
            .maybe("CodeLength", self.code_length)
            .maybe("LookupEnabled", self.lookup_enabled)
            .maybe("SkipSmsToLandlines", self.skip_sms_to_landlines)
            .maybe("DtmfInputRequired", self.dtmf_input_required)
            .text("TtsName", &self.tts_name)
            .maybe("Psd2Enabled", self.psd2_enabled)
            .maybe("DoNotShareWarningEnabled", self.do_not_share_warning_enabled)
            .maybe("CustomCodeEnabled", self.custom_code_enabled)
            .maybe("DefaultTemplateSid", self.default_template_sid)
            .maybe("Whatsapp.MsgServiceSid", self.whatsapp_messaging_service_sid)
            .text("Whatsapp.From", &self.whatsapp_from)
    }
}

impl Verify<'_> {
    /// All services.
    ///
    /// # Errors
    /// As any read.
    pub async fn services(&self) -> Result<Page<VerifyService>, Error> {
        self.0.first_page("verify", "/v2/Services", Params::new(), "services").await
    }

    /// One service.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch_service(&self, sid: Sid) -> Result<VerifyService, Error> {
        self.0.get("verify", &format!("/v2/Services/{sid}"), Params::new()).await
    }

    /// Makes a service. Names need not be unique, so look for it before trying again.
    ///
    /// # Errors
    /// Code 60200 for a bad name or code length, 60248 for a restricted word.
    pub async fn create_service(&self, settings: &VerifyServiceSettings) -> Result<VerifyService, Error> {
        self.0.post("verify", "/v2/Services", settings.params()).await
    }

    /// Changes a service's settings.
    ///
    /// # Errors
    /// As for a new one.
    pub async fn update_service(&self, sid: Sid, settings: &VerifyServiceSettings) -> Result<VerifyService, Error> {
        self.0.post("verify", &format!("/v2/Services/{sid}"), settings.params()).await
    }

    /// Deletes a service with everything in it.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn delete_service(&self, sid: Sid) -> Result<(), Error> {
        self.0.delete("verify", &format!("/v2/Services/{sid}")).await
    }
}
