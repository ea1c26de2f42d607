//! Messaging Services: settings that messages inherit.

use serde_json::{Value, json};

use super::pool;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Params;
use crate::sandbox::carrier::send::nth;
use crate::sandbox::error::StoreError;
use crate::sandbox::service::{self, Product, Setting};
use crate::sandbox::webhook::Target;
use crate::sandbox::world::World;

/// The product that has them.
pub struct Messaging;

/// A Messaging Service, `MG...`.
pub type Service = service::Service<Messaging>;

/// How a setting is read.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    Url,
    Method,
    Flag,
    /// Seconds, 1 to 36,000.
    Validity,
    /// One of these words.
    Word(&'static [&'static str]),
}

const SETTINGS: &[Setting<Kind>] = &[
    ("FriendlyName", "friendly_name", Kind::Text, "null"),
    ("InboundRequestUrl", "inbound_request_url", Kind::Url, "null"),
    ("InboundMethod", "inbound_method", Kind::Method, "\"POST\""),
    ("FallbackUrl", "fallback_url", Kind::Url, "null"),
    ("FallbackMethod", "fallback_method", Kind::Method, "\"POST\""),
    ("StatusCallback", "status_callback", Kind::Url, "null"),
    ("StickySender", "sticky_sender", Kind::Flag, "true"),
    ("MmsConverter", "mms_converter", Kind::Flag, "true"),
    ("SmartEncoding", "smart_encoding", Kind::Flag, "true"),
    ("ScanMessageContent", "scan_message_content", Kind::Word(&["inherit", "enable", "disable"]), "\"inherit\""),
    ("FallbackToLongCode", "fallback_to_long_code", Kind::Flag, "true"),
    ("AreaCodeGeomatch", "area_code_geomatch", Kind::Flag, "true"),
    ("ValidityPeriod", "validity_period", Kind::Validity, "36000"),
    ("SynchronousValidation", "synchronous_validation", Kind::Flag, "false"),
    ("Usecase", "usecase", Kind::Word(USECASES), "\"undeclared\""),
    ("UseInboundWebhookOnNumber", "use_inbound_webhook_on_number", Kind::Flag, "false"),
];

const USECASES: &[&str] = &["notifications", "marketing", "verification", "discussion", "poll", "undeclared"];

const LINKS: &[(&str, &str)] = &[
    ("phone_numbers", "PhoneNumbers"),
    ("short_codes", "ShortCodes"),
    ("alpha_senders", "AlphaSenders"),
    ("messages", "Messages"),
    ("us_app_to_person", "Compliance/Usa2p"),
    ("us_app_to_person_usecases", "Compliance/Usa2p/Usecases"),
    ("channel_senders", "ChannelSenders"),
    ("destination_alpha_senders", "DestinationAlphaSenders"),
];

impl Product for Messaging {
    type Kind = Kind;
    const ROW: &'static str = "messaging-service";
    const INDEX: &'static str = "messaging-services";
    const COUNTED: &'static str = "messagingServices";
    const VERSION: &'static str = "v1";
    const SETTINGS: &'static [Setting<Kind>] = SETTINGS;
    const LINKS: &'static [(&'static str, &'static str)] = LINKS;

    fn sid(world: &mut World, account: &str, form: &Params) -> Outcome<String> {
        if form.text("FriendlyName").is_none() {
            return Err(Refusal::bad(20001, "Missing required parameter FriendlyName in the post body").into());
        }
        let nth = nth(world, &["messaging-service", account])?.to_string();
        Ok(world.seed().sid("MG", &[account, &nth]))
    }

    /// An empty URL clears.
    fn read(kind: Kind, name: &str, value: &str) -> Result<Value, Refusal> {
        let is_url = |text| url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let read = match kind {
            Kind::Text => (value.chars().count() <= 64).then(|| json!(value)),
            Kind::Url if value.is_empty() => Some(Value::Null),
            Kind::Url => is_url(value).then(|| json!(value)),
            Kind::Method => {
                let method = value.to_ascii_uppercase();
                matches!(method.as_str(), "GET" | "POST").then(|| json!(method))
            }
            Kind::Flag => Some(json!(value.eq_ignore_ascii_case("true"))),
            Kind::Validity => value.parse::<u32>().ok().filter(|s| (1..=36_000).contains(s)).map(|s| json!(s)),
            Kind::Word(words) => words.contains(&value).then(|| json!(value)),
        };
        read.ok_or_else(|| Refusal::bad(20001, format!("Invalid {name}: {value}")))
    }

    fn more(body: &mut Value) {
        body["us_app_to_person_registered"] = json!(false);
    }

    fn clear(world: &mut World, sid: &str) -> Result<(), StoreError> {
        pool::clear(world, sid)
    }
}

impl Service {
    /// Where inbound messages go.
    pub fn inbound(&self) -> Option<Target> {
        Target::new(self.text("inbound_request_url")?, self.text("inbound_method").unwrap_or("POST"))
    }

    /// Where they go when that fails.
    pub fn fallback(&self) -> Option<Target> {
        Target::new(self.text("fallback_url")?, self.text("fallback_method").unwrap_or("POST"))
    }

    /// Where statuses go.
    pub fn status_callback(&self) -> Option<String> {
        self.text("status_callback").map(str::to_owned)
    }

    /// Whether the number's webhook wins.
    pub fn uses_number_webhook(&self) -> bool {
        self.flag("use_inbound_webhook_on_number")
    }

    /// Whether look-alikes become GSM-7.
    pub fn smart_encoding(&self) -> bool {
        self.flag("smart_encoding")
    }

    /// Whether a customer keeps their sender.
    pub fn sticky_sender(&self) -> bool {
        self.flag("sticky_sender")
    }

    /// Whether a sender of the customer's area code is preferred.
    pub fn area_code_geomatch(&self) -> bool {
        self.flag("area_code_geomatch")
    }

    /// Whether a long code takes over where a short code is not taken.
    pub fn falls_back_to_long_code(&self) -> bool {
        self.flag("fallback_to_long_code")
    }

    /// How long its messages may wait, in seconds.
    pub fn validity(&self) -> Option<u32> {
        self.number("validity_period")
    }
}

/// `GET Services/Usecases`.
pub fn usecases() -> Answer {
    let all: Vec<Value> = USECASES
        .iter()
        .map(|word| json!({ "usecase": word, "description": format!("Messages for {word}"), "purpose": word }))
        .collect();
    Answer::ok(json!({ "usecases": all }))
}
