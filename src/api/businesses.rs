//! Operations on businesses and their endpoints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::When;
use crate::domain::address::Address;
use crate::domain::business::Colour;
use crate::domain::endpoint::Mode;
use crate::domain::id::{Id, Sid};
use crate::domain::remote::State;

/// A business, with the planned fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusinessView {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Whom to write to about it.
    pub contact_email: String,
    /// The business's own phone.
    pub phone_number: String,
    /// Its Verify service (VA...), or an empty text.
    pub verify_service_id: String,
    /// How many codes may be sent for it in a minute; no limit of its own when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verify_per_minute: Option<u32>,
    /// Whether a number was bought for it.
    pub has_custom_number: bool,
    /// That number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub custom_twilio_number: Option<String>,
    /// Its 10DLC brand (BN...).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub branding_sid: Option<String>,
    /// Inactive ones send nothing.
    pub active: bool,
    /// IANA time zone of its day.
    #[serde(default)]
    pub time_zone: String,
    /// The colour beside its name.
    #[serde(default)]
    pub colour: Colour,
    /// How its setup at Twilio stands; absent when none was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub setup: Option<State>,
    /// When it was made.
    pub created_at: When,
    /// When it last changed.
    pub updated_at: When,
    /// Rises with each change; give it as `If-Match`.
    pub version: u64,
}

/// Input: all businesses the caller may see.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListBusinesses {}

/// The businesses, by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusinessList {
    /// The rows.
    pub items: Vec<BusinessView>,
    /// The caller's default.
    pub default: Id,
}

/// Input: one business.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetBusiness {
    /// Its id.
    pub id: Id,
}

/// Input: a new business.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CreateBusiness {
    /// Its name: 1 to 120 characters.
    pub name: String,
    /// Whom to write to about it.
    pub contact_email: String,
    /// The business's own phone.
    pub phone_number: String,
    /// IANA time zone; UTC when empty.
    pub time_zone: String,
    /// The colour beside its name; one is chosen when absent.
    pub colour: Option<Colour>,
    /// Whether it gets a Verify service and a messaging service at Twilio at once; see its setup for how that goes.
    pub set_up: bool,
    /// The name in texts with codes (at most 30 letters, digits, spaces, `-`, `_`); made of its name when absent.
    pub verify_name: Option<String>,
    /// Digits of a code, 4 to 10; 6 when absent.
    pub code_length: Option<u32>,
    /// A number of the account that customers shall text to.
    pub number: Option<Address>,
    /// Its Verify service (VA...); none when empty.
    pub verify_service_id: String,
    /// How many codes may be sent for it in a minute; no limit of its own when absent or 0.
    pub verify_per_minute: Option<u32>,
}

/// Input: changes to a business; absent fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateBusiness {
    /// Its id.
    pub id: Id,
    /// A new name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// A new contact.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contact_email: Option<String>,
    /// A new phone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone_number: Option<String>,
    /// A new time zone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_zone: Option<String>,
    /// A new colour beside its name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub colour: Option<Colour>,
    /// Activate or deactivate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub active: Option<bool>,
    /// Another Verify service (VA...); an empty text takes it away.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verify_service_id: Option<String>,
    /// How many codes may be sent for it in a minute; 0 takes the limit away.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verify_per_minute: Option<u32>,
    /// The version that was read; refused when it is no longer the newest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u64>,
}

impl UpdateBusiness {
    /// Nothing changed yet.
    pub fn of(id: Id) -> UpdateBusiness {
        UpdateBusiness {
            id,
            name: None,
            contact_email: None,
            phone_number: None,
            time_zone: None,
            colour: None,
            active: None,
            verify_service_id: None,
            verify_per_minute: None,
            version: None,
        }
    }
}

/// Input: delete a business. Its name must be repeated in `confirm`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeleteBusiness {
    /// Its id.
    pub id: Id,
    /// Its name, as a yes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
}

/// What customers text to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointView {
    /// Its id.
    pub id: Id,
    /// The tenant.
    pub business: Id,
    /// The Twilio account.
    pub account: Sid,
    /// The addresses it answers to; the first is shown to customers.
    pub addresses: Vec<Address>,
    /// Its messaging service.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub messaging_service: Option<Sid>,
    /// Which product is the authority.
    pub mode: Mode,
    /// The pace it was given, in segments a second.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pace: Option<u32>,
    /// How many segments a second its first sender sends; what exceeds that waits in its line.
    #[serde(default)]
    pub segments_per_second: u32,
}

/// Input: changes to an endpoint; absent fields stay.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateEndpoint {
    /// Its id.
    pub id: Id,
    /// The business; the caller's default when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<Id>,
    /// Segments a second of each of its senders (1 to 1000); 0 for the usual pace of their kind.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pace: Option<u32>,
}

/// Input: the endpoints of a business.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListEndpoints {
    /// The business.
    pub id: Id,
}

/// The endpoints of a business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointList {
    /// The rows.
    pub items: Vec<EndpointView>,
}

/// Input: a new endpoint, so that texts to an address reach this business.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateEndpoint {
    /// The business.
    pub id: Id,
    /// The addresses; the first is shown to customers.
    pub addresses: Vec<Address>,
    /// The Twilio account; the node's own when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Sid>,
    /// The messaging service that holds them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub messaging_service: Option<Sid>,
    /// Which product is the authority.
    #[serde(default)]
    pub mode: Mode,
    /// Segments a second of each of its senders (1 to 1000); the usual pace of their kind when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pace: Option<u32>,
}
