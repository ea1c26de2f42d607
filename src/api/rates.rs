//! The rate card: what messages are expected to cost here, before Twilio has said a price.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::pricing::RateCard;

/// Input: the rate card.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetRates {}

/// The rates that hold here.
pub type RatesView = RateCard;
