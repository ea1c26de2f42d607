//! What one record costs: fixed when it is rated, said some time later.
//!
//! Twilio knows a price only after the message has arrived. Here it shows after a second or so that the seed
//! draws, always behind the delivery; a fault makes it later, or in another currency.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::tariff;
use crate::sandbox::world::World;

/// The bounds of the usual delay, in microseconds: longer than any delivery takes after the sending.
const DELAY: (u64, u64) = (900_000, 1_400_000);

/// The price of a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Price {
    /// Billionths.
    pub nano: u64,
    /// ISO 4217.
    pub unit: String,
    /// From when on it is said, simulated.
    pub at: u64,
}

impl Price {
    /// A price that is fixed now, for the record of a SID.
    pub fn fix(world: &World, sid: &str, nano: u64) -> Self {
        let dial = world.meta().faults.prices.as_ref();
        let usual = || world.seed().between(DELAY.0, DELAY.1, &["price", sid]);
        let delay = dial.and_then(|dial| dial.delay_seconds).map_or_else(usual, |seconds| seconds * 1_000_000);
        Self { nano, unit: unit(world), at: world.now() + delay }
    }

    /// The amount, once it is said.
    pub fn said(&self, now: u64) -> Option<Decimal> {
        (self.at <= now).then(|| tariff::amount(self.nano))
    }
}

/// The currency that prices are in from now on.
pub fn unit(world: &World) -> String {
    let dial = world.meta().faults.prices.as_ref().and_then(|dial| dial.unit.clone());
    dial.unwrap_or_else(|| tariff::table().unit.clone())
}

/// An amount as text, with two decimals at least.
pub fn text(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}
