//! Verify services: the settings that their verifications have.

use serde_json::{Value, json};

use super::errors::invalid;
use super::rules;
use crate::sandbox::answer::{Outcome, Refusal};
use crate::sandbox::call::Params;
use crate::sandbox::carrier::send::nth;
use crate::sandbox::service::{self, Product, Setting};
use crate::sandbox::world::World;

/// The product that has them.
pub struct Verify;

/// A Verify service, `VA...`.
pub type Service = service::Service<Verify>;

/// How a setting is read. Empty text clears what may be cleared.
#[derive(Clone, Copy)]
pub enum Kind {
    Name,
    Text,
    Flag,
    Between(u64, u64),
    /// A SID with this prefix.
    Sid(&'static str),
    Word(&'static [&'static str]),
    /// Several, separated by commas.
    List,
    /// `whatsapp:+...`
    WhatsApp,
}

const SETTINGS: &[Setting<Kind>] = &[
    ("FriendlyName", "friendly_name", Kind::Name, "null"),
    ("CodeLength", "code_length", Kind::Between(rules::CODE.0, rules::CODE.1), "6"),
    ("LookupEnabled", "lookup_enabled", Kind::Flag, "false"),
    ("SkipSmsToLandlines", "skip_sms_to_landlines", Kind::Flag, "false"),
    ("DtmfInputRequired", "dtmf_input_required", Kind::Flag, "true"),
    ("TtsName", "tts_name", Kind::Text, "null"),
    ("Psd2Enabled", "psd2_enabled", Kind::Flag, "false"),
    ("DoNotShareWarningEnabled", "do_not_share_warning_enabled", Kind::Flag, "false"),
    ("CustomCodeEnabled", "custom_code_enabled", Kind::Flag, "false"),
    ("Push.IncludeDate", "push.include_date", Kind::Flag, "false"),
    ("Push.ApnCredentialSid", "push.apn_credential_sid", Kind::Sid("CR"), "null"),
    ("Push.FcmCredentialSid", "push.fcm_credential_sid", Kind::Sid("CR"), "null"),
    ("Totp.Issuer", "totp.issuer", Kind::Text, "null"),
    ("Totp.TimeStep", "totp.time_step", Kind::Between(20, 60), "null"),
    ("Totp.CodeLength", "totp.code_length", Kind::Between(3, 8), "null"),
    ("Totp.Skew", "totp.skew", Kind::Between(0, 2), "null"),
    ("DefaultTemplateSid", "default_template_sid", Kind::Sid("HJ"), "null"),
    ("Whatsapp.MsgServiceSid", "whatsapp.msg_service_sid", Kind::Sid("MG"), "null"),
    ("Whatsapp.From", "whatsapp.from", Kind::WhatsApp, "null"),
    ("Passkeys.RelyingParty.Id", "passkeys.relying_party.id", Kind::Text, "null"),
    ("Passkeys.RelyingParty.Name", "passkeys.relying_party.name", Kind::Text, "null"),
    ("Passkeys.RelyingParty.Origins", "passkeys.relying_party.origins", Kind::List, "null"),
    ("Passkeys.AuthenticatorAttachment", "passkeys.authenticator_attachment", Kind::Word(ATTACHMENT), "null"),
    ("Passkeys.DiscoverableCredentials", "passkeys.discoverable_credentials", Kind::Word(WANTED), "null"),
    ("Passkeys.UserVerification", "passkeys.user_verification", Kind::Word(WANTED), "null"),
    ("VerifyEventSubscriptionEnabled", "verify_event_subscription_enabled", Kind::Flag, "false"),
];

const ATTACHMENT: &[&str] = &["platform", "cross-platform", "any"];
const WANTED: &[&str] = &["required", "preferred", "discouraged"];

const LINKS: &[(&str, &str)] = &[
    ("verification_checks", "VerificationCheck"),
    ("verifications", "Verifications"),
    ("rate_limits", "RateLimits"),
    ("messaging_configurations", "MessagingConfigurations"),
    ("entities", "Entities"),
    ("webhooks", "Webhooks"),
    ("access_tokens", "AccessTokens"),
];

impl Product for Verify {
    type Kind = Kind;
    const ROW: &'static str = "verify-service";
    const INDEX: &'static str = "verify-services";
    const COUNTED: &'static str = "verifyServices";
    const VERSION: &'static str = "v2";
    const SETTINGS: &'static [Setting<Kind>] = SETTINGS;
    const LINKS: &'static [(&'static str, &'static str)] = LINKS;

    /// By name, so that services made side by side have the same SIDs in any order. Names need not be unique.
    fn sid(world: &mut World, account: &str, form: &Params) -> Outcome<String> {
        let name = form.text("FriendlyName").ok_or_else(|| invalid("FriendlyName"))?;
        let nth = nth(world, &["verify-service", account, name])?.to_string();
        Ok(world.seed().sid("VA", &[account, name, &nth]))
    }

    fn read(kind: Kind, name: &str, value: &str) -> Result<Value, Refusal> {
        let read = match kind {
            Kind::Name => is_name(value).then(|| json!(value)),
            Kind::Flag => Some(json!(value.eq_ignore_ascii_case("true"))),
            Kind::Between(low, high) => {
                value.parse::<u64>().ok().filter(|number| (low..=high).contains(number)).map(|number| json!(number))
            }
            _ if value.is_empty() => Some(Value::Null),
            Kind::Text => Some(json!(value)),
            Kind::Sid(prefix) => is_sid(value, prefix).then(|| json!(value)),
            Kind::Word(words) => words.contains(&value).then(|| json!(value)),
            Kind::List => Some(value.split(',').map(str::trim).collect()),
            Kind::WhatsApp => value.starts_with("whatsapp:+").then(|| json!(value)),
        };
        read.ok_or_else(|| invalid(name))
    }
}

impl Service {
    /// The name in its texts.
    pub fn name(&self) -> &str {
        self.text("friendly_name").unwrap_or_default()
    }

    /// Digits of a code.
    pub fn code_length(&self) -> usize {
        self.number("code_length").unwrap_or(6)
    }
}

/// Whether a text may name a sender of codes: it stands in texts, so nothing in it may look like a link, a
/// number or a code.
pub fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (1..=rules::LONGEST_NAME).contains(&text.chars().count()) && text.chars().all(fits) && digits <= rules::MOST_DIGITS
}

/// Whether a text is a SID with this prefix.
pub fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_more_digits_than_a_code() {
        assert!(is_name("Northwind Bank") && is_name("Kiosk_24-7") && is_name("银行") && is_name(&"x".repeat(30)));
        for wrong in ["", "Kiosk 12345", "shop.example", "+1 415", &"x".repeat(31)] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
