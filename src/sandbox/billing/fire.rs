//! A usage trigger fires: what its webhook says.

use rust_decimal::Decimal;

use super::triggers::Trigger;
use super::window::Stretch;
use crate::sandbox::account;
use crate::sandbox::clock::rfc2822;
use crate::sandbox::error::StoreError;
use crate::sandbox::webhook::{Delivery, Purpose, Target, idempotency_token};
use crate::sandbox::world::World;

/// Tells whoever a trigger is for that its value is reached.
pub fn tell(world: &mut World, trigger: &Trigger, current: Decimal, stretch: Stretch) -> Result<(), StoreError> {
    let default = || world.meta().webhooks.usage.clone();
    let url = if trigger.url.is_empty() { default() } else { Some(trigger.url.clone()) };
    let Some(target) = url.and_then(|url| Target::new(&url, &trigger.method)) else { return Ok(()) };
    let token = idempotency_token(world, &["usage trigger", &trigger.sid, &stretch.from.to_string()]);
    let mut params = Vec::new();
    let mut add = |name: &str, value: &str| params.push((name.to_owned(), value.to_owned()));
    add("AccountSid", &trigger.account);
    add("UsageTriggerSid", &trigger.sid);
    add("Recurring", trigger.recurring.as_deref().unwrap_or_default());
    add("UsageCategory", &trigger.category);
    add("TriggerBy", &trigger.by);
    add("TriggerValue", &trigger.value.to_string());
    add("CurrentValue", &current.to_string());
    add("UsageRecordUri", &trigger.record_uri());
    add("IdempotencyToken", &token);
    add("DateFired", &rfc2822(world.now()));
    let delivery = Delivery {
        id: 0,
        lane: trigger.sid.clone(),
        account: trigger.account.clone(),
        token: account::token(world, &trigger.account)?,
        target,
        fallback: None,
        params,
        body: None,
        idempotency: token,
        purpose: Purpose::Usage { trigger: trigger.sid.clone() },
        fault: None,
    };
    world.deliver(delivery).map(|_| ())
}
