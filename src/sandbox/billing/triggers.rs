//! `Usage/Triggers`: a URL is called when an account's usage passes a value, once per period.
//!
//! They are looked at on the next full minute after something was used, and only then: while nothing is
//! used, or there are no triggers, no timer is set. What a trigger says stops no traffic.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::window::{Stretch, month_of, year_of};
use super::{category, fire, records, tariff, usage};
use crate::sandbox::account::Account;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::{Call, Params};
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::{self, rfc2822};
use crate::sandbox::error::StoreError;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::store::Row;
use crate::sandbox::timer::Due;
use crate::sandbox::world::World;

/// The index of an account's triggers, and the counter of all there are.
const INDEX: &str = "usage-triggers";
const COUNTED: &str = "usageTriggers";
/// The most that one account has.
const MOST: usize = 1_000;
const MINUTE: u64 = 60_000_000;
const RECURRING: [&str; 4] = ["daily", "monthly", "yearly", "alltime"];
const BY: [&str; 3] = ["count", "usage", "price"];

/// A trigger.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Trigger {
    /// `UT...`
    pub sid: String,
    /// Whose usage it watches.
    pub account: String,
    name: String,
    /// Called when it fires; empty for where the sandbox was told.
    pub url: String,
    /// `POST` or `GET`.
    pub method: String,
    /// What is watched.
    pub category: String,
    /// `count`, `usage` or `price`.
    pub by: String,
    /// `daily`, `monthly`, `yearly`, `alltime`; none for once.
    pub recurring: Option<String>,
    /// The value it fires at.
    pub value: Decimal,
    /// When it fired last, simulated.
    pub fired: Option<u64>,
    created: u64,
    updated: u64,
    sequence: u64,
}

impl Row for Trigger {
    const KIND: &'static str = "usage-trigger";
}

/// Routes a call below `Triggers`.
pub fn route(world: &mut World, call: &Call, account: &Account, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(world, call, account),
        ("POST", []) => create(world, call, account),
        (method, [sid]) => {
            let found = world.get::<Trigger>(sid)?.filter(|trigger| trigger.account == account.sid);
            let mut trigger = found.ok_or_else(|| not_found(call))?;
            match method {
                "GET" => {}
                "POST" => {
                    trigger.apply(&call.form)?;
                    trigger.updated = world.now();
                    world.put(&trigger.sid, &trigger)?;
                }
                "DELETE" => {
                    world.unlink(INDEX, &trigger.place())?;
                    world.remove::<Trigger>(&trigger.sid)?;
                    world.count(COUNTED, false);
                    return Ok(Answer::gone());
                }
                _ => return Err(Refusal::method_not_allowed().into()),
            }
            Ok(Answer::ok(trigger.show(world, account)?))
        }
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn list(world: &World, call: &Call, account: &Account) -> Outcome<Answer> {
    let asked = Asked::read(call, 50, 1000)?;
    let query = &call.query;
    let recurring = word(query, "Recurring", &RECURRING)?;
    let (by, category) = (word(query, "TriggerBy", &BY)?, query.text("UsageCategory"));
    let page = paging::read(world, INDEX, &account.sid, asked, |world, sid| {
        let found = world.get::<Trigger>(sid)?.filter(|trigger| {
            recurring.as_ref().is_none_or(|wanted| trigger.recurring.as_ref() == Some(wanted))
                && by.as_ref().is_none_or(|wanted| trigger.by == *wanted)
                && category.is_none_or(|wanted| trigger.category == wanted)
        });
        Ok(match found {
            Some(trigger) => Some(trigger.show(world, account)?),
            None => None,
        })
    })?;
    Ok(page.classic(call, "usage_triggers", Value::clone))
}

/// One of these words, if one was given.
fn word(params: &Params, name: &str, words: &[&str]) -> Result<Option<String>, Refusal> {
    match params.text(name) {
        None => Ok(None),
        Some(given) if words.contains(&given) => Ok(Some(given.to_owned())),
        Some(_) => Err(invalid(name)),
    }
}

fn invalid(name: &str) -> Refusal {
    Refusal::bad(20001, format!("Invalid {name}"))
}

fn create(world: &mut World, call: &Call, account: &Account) -> Outcome<Answer> {
    let form = &call.form;
    let missing = |name: &str| Refusal::bad(20001, format!("Missing required parameter {name} in the post body"));
    let needed = |name: &str| form.text(name).ok_or_else(|| missing(name));
    if world.meta().webhooks.usage.is_none() {
        needed("CallbackUrl")?;
    }
    let (category, value) = (needed("UsageCategory")?, needed("TriggerValue")?);
    if !category::is_known(category) {
        return Err(invalid("UsageCategory").into());
    }
    let (low, high) = (format!("{}/", account.sid), format!("{}0", account.sid));
    if world.scan(INDEX, &low, &high, false, MOST)?.len() >= MOST {
        return Err(Refusal::bad(20001, format!("An account has {MOST} usage triggers at most")).into());
    }
    let nth = nth(world, &["usage trigger", &account.sid, category])?.to_string();
    let now = world.now();
    let mut trigger = Trigger {
        sid: world.seed().sid("UT", &[&account.sid, category, &nth]),
        account: account.sid.clone(),
        name: String::new(),
        url: String::new(),
        method: "POST".into(),
        category: category.to_owned(),
        by: word(form, "TriggerBy", &BY)?.unwrap_or_else(|| "usage".into()),
        recurring: word(form, "Recurring", &RECURRING)?,
        value: Decimal::ZERO,
        fired: None,
        created: now,
        updated: now,
        sequence: world.sequence(),
    };
    trigger.apply(form)?;
    trigger.value = wanted_value(world, account, &trigger, value)?;
    world.put(&trigger.sid, &trigger)?;
    world.link(INDEX, &trigger.place(), &trigger.sid)?;
    world.count(COUNTED, true);
    wake(world, &account.sid)?;
    Ok(Answer::created(trigger.show(world, account)?))
}

/// A positive number; with a plus before it, so much more than now.
fn wanted_value(world: &World, account: &Account, trigger: &Trigger, text: &str) -> Outcome<Decimal> {
    let text = text.trim();
    let number: Decimal = text.trim_start_matches('+').parse().map_err(|_| invalid("TriggerValue"))?;
    if number <= Decimal::ZERO || text.starts_with("++") {
        return Err(invalid("TriggerValue").into());
    }
    if !text.starts_with('+') {
        return Ok(number);
    }
    let now = trigger.current(world, account, world.now())?;
    Ok(now.checked_add(number).ok_or_else(|| invalid("TriggerValue"))?)
}

impl Trigger {
    fn place(&self) -> String {
        paging::key(&self.account, self.created, self.sequence)
    }

    /// What may be changed later, too.
    fn apply(&mut self, form: &Params) -> Result<(), Refusal> {
        if let Some(name) = form.get("FriendlyName") {
            if name.chars().count() > 64 {
                return Err(Refusal::bad(20002, "FriendlyName is longer than 64 characters"));
            }
            name.clone_into(&mut self.name);
        }
        if let Some(url) = form.text("CallbackUrl") {
            let fits = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            self.url = fits.then(|| url.to_owned()).ok_or_else(|| invalid("CallbackUrl"))?;
        }
        if let Some(method) = form.text("CallbackMethod").map(str::to_ascii_uppercase) {
            let fits = matches!(method.as_str(), "GET" | "POST");
            self.method = fits.then_some(method).ok_or_else(|| invalid("CallbackMethod"))?;
        }
        Ok(())
    }

    /// The stretch it counts in, of which a time is part.
    fn period(&self, world: &World, account: &Account, time: u64) -> Result<Stretch, StoreError> {
        let day = clock::day(time);
        let from = match self.recurring.as_deref() {
            Some("daily") => day,
            Some("monthly") => month_of(day),
            Some("yearly") => year_of(day),
            _ => records::opened(world, account, &usage::accounts(world, account, true)?)?,
        };
        Ok(Stretch { from, to: day })
    }

    /// What it is compared with at a time.
    fn current(&self, world: &World, account: &Account, time: u64) -> Result<Decimal, StoreError> {
        let stretch = self.period(world, account, time)?;
        let sums = usage::between(world, &usage::accounts(world, account, true)?, stretch.from, stretch.to)?;
        let sum = category::sum(&self.category, &sums);
        Ok(match self.by.as_str() {
            "count" => Decimal::from(sum.count),
            "usage" if self.category != category::TOTAL => Decimal::from(sum.usage),
            _ => tariff::amount(sum.nano).normalize(),
        })
    }

    /// Whether it has fired in the stretch it counts in now.
    fn is_spent(&self, stretch: Stretch) -> bool {
        // It may fire on the first minute after its period, for what was used in the last one.
        self.fired.is_some_and(|at| self.recurring.is_none() || clock::day(at.saturating_sub(1)) >= stretch.from)
    }

    /// Where its usage can be read.
    pub fn record_uri(&self) -> String {
        format!("/2010-04-01/Accounts/{}/Usage/Records.json?Category={}", self.account, self.category)
    }

    fn show(&self, world: &World, account: &Account) -> Result<Value, StoreError> {
        let current = self.current(world, account, world.now())?;
        Ok(json!({
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "callback_method": self.method,
            "callback_url": self.url,
            "current_value": current.to_string(),
            "date_created": rfc2822(self.created),
            "date_fired": self.fired.map(rfc2822),
            "date_updated": rfc2822(self.updated),
            "friendly_name": self.name,
            "recurring": self.recurring,
            "sid": self.sid,
            "trigger_by": self.by,
            "trigger_value": self.value.to_string(),
            "uri": format!("/2010-04-01/Accounts/{}/Usage/Triggers/{}.json", self.account, self.sid),
            "usage_category": self.category,
            "usage_record_uri": self.record_uri(),
        }))
    }
}

/// Something was used: the triggers of the account, and those of its parent, are looked at soon.
pub fn wake(world: &mut World, account: &str) -> Result<(), StoreError> {
    if world.meta().counts.get(COUNTED).is_none_or(|count| *count == 0) {
        return Ok(());
    }
    let owner = world.get::<Account>(account)?.map(|found| found.owner).filter(|owner| owner != account);
    let due = (world.now() / MINUTE + 1) * MINUTE;
    for account in owner.into_iter().chain([account.to_owned()]) {
        if !world.scan(INDEX, &format!("{account}/"), &format!("{account}0"), false, 1)?.is_empty() {
            world.schedule(due, &format!("usage {account}"), &Due::Usage { account })?;
        }
    }
    Ok(())
}

/// Fires those of an account whose value is reached.
pub fn look(world: &mut World, account: &str) -> Result<(), StoreError> {
    let Some(account) = world.get::<Account>(account)? else { return Ok(()) };
    let (low, high) = (format!("{}/", account.sid), format!("{}0", account.sid));
    // The minute that has just ended belongs to its own day.
    let ended = world.now().saturating_sub(1);
    for (_, sid) in world.scan(INDEX, &low, &high, true, MOST)? {
        let Some(mut trigger) = world.get::<Trigger>(&sid)? else { continue };
        let stretch = trigger.period(world, &account, ended)?;
        if trigger.is_spent(stretch) {
            continue;
        }
        let current = trigger.current(world, &account, ended)?;
        if current >= trigger.value {
            trigger.fired = Some(world.now());
            trigger.updated = world.now();
            world.put(&trigger.sid, &trigger)?;
            fire::tell(world, &trigger, current, stretch)?;
        }
    }
    Ok(())
}
