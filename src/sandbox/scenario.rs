//! A world told as data: numbers, services, handsets, and what was said between them.
//!
//! Things are described by Twilio's own parameter names and made by the same rules as calls. Texts are
//! played through the carrier at their time, so what they leave behind (statuses, webhooks, opt-outs) is
//! what the same texts would leave behind without a scenario. The file is TOML; the control API takes the
//! same as JSON.
//!
//! ```toml
//! now = "2026-03-02T17:00:00Z"      # where the clock ends up; the start of the sandbox by default
//! paused = true
//! webhooks = { sms = "http://127.0.0.1:3000/sms" }
//! number = [{ PhoneNumber = "+14155550142", FriendlyName = "Front desk" }]
//! service = [{ FriendlyName = "Desk", numbers = ["+14155550142"], alphaSenders = ["Harbor"] }]
//! verify = [{ FriendlyName = "Northwind Bank", CodeLength = 6 }]
//! phone = [{ address = "+14155550123", status = "undelivered", errorCode = 30005, times = 2 }]
//! text = [{ at = "2026-03-01T09:00:00Z", from = "+14155550123", to = "+14155550142", body = "Hello" }]
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use super::answer::{Failure, Outcome, Refusal};
use super::api::numbers;
use super::billing::rent;
use super::call::Params;
use super::carrier::handset::{self, Handset};
use super::carrier::inbound::{self, Texted};
use super::carrier::message::Fate;
use super::carrier::send::{self, Outgoing};
use super::clock;
use super::error::StoreError;
use super::messaging::opt_out::{self, Advanced};
use super::messaging::{self, alpha, pool};
use super::meta::Defaults;
use super::number::{self, Number};
use super::world::World;
use super::{timer, verify};
use crate::domain::phone::Phone;

/// The scenarios that come with the program.
const NAMED: &[(&str, &str)] = &[("fresh", ""), ("senders", include_str!("../../assets/scenarios/senders.toml"))];

/// A world, as it is to be.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    now: Option<String>,
    paused: Option<bool>,
    webhooks: Option<Defaults>,
    number: Vec<Settings>,
    #[serde(rename = "shortCode")]
    short_code: Vec<Settings>,
    service: Vec<Service>,
    verify: Vec<Settings>,
    phone: Vec<Handed>,
    text: Vec<Text>,
}

/// Parameters by Twilio's names.
type Settings = BTreeMap<String, Given>;

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Given {
    Text(String),
    Flag(bool),
    Number(i64),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    #[serde(default)]
    numbers: Vec<String>,
    #[serde(default)]
    short_codes: Vec<String>,
    #[serde(default)]
    alpha_senders: Vec<String>,
    #[serde(default)]
    opt_out: Option<Advanced>,
    #[serde(flatten)]
    settings: Settings,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Handed {
    address: String,
    status: Fate,
    #[serde(default)]
    error_code: Option<u32>,
    #[serde(default)]
    times: Option<u32>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    at: String,
    from: String,
    to: String,
    body: String,
}

impl Scenario {
    /// One of those that come with the program.
    ///
    /// # Errors
    /// A sentence when there is none of that name.
    pub fn named(name: &str) -> Result<Self, String> {
        let known: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
        let found = NAMED.iter().find(|(known, _)| *known == name);
        let (_, text) =
            found.ok_or_else(|| format!("there is no scenario {name:?}: known are {}", known.join(", ")))?;
        Self::read(text)
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// A sentence that names what is wrong and where.
    pub fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| format!("the scenario cannot be read: {error}"))
    }

    /// Makes a fresh world this one. Answers what of it cannot be, as a sentence; the world is then half made.
    pub fn play(&self, world: &mut World) -> Result<Result<(), String>, StoreError> {
        match self.make(world) {
            Ok(()) => Ok(Ok(())),
            Err(Failure::Refused(refusal)) => Ok(Err(format!("the scenario cannot be: {}", refusal.message))),
            Err(Failure::Store(error)) => Err(error),
        }
    }

    fn make(&self, world: &mut World) -> Outcome<()> {
        let account = world.meta().account.clone();
        if let Some(webhooks) = &self.webhooks {
            world.meta_mut().webhooks = webhooks.clone();
        }
        for settings in &self.number {
            add_number(world, &account, &params(settings))?;
        }
        for settings in &self.short_code {
            add_short_code(world, &account, &params(settings))?;
        }
        for service in &self.service {
            add_service(world, &account, service)?;
        }
        for settings in &self.verify {
            verify::service::Service::make(world, &account, &params(settings))?;
        }
        for phone in &self.phone {
            let Handed { address, status, error_code, times } = phone.clone();
            let known = handset::get(world, &address)?;
            handset::put(world, &Handset { fate: status, error: error_code, times, ..known })?;
        }
        self.talk(world, &account)
    }

    /// Plays the texts in their order, then sets the clock.
    fn talk(&self, world: &mut World, account: &str) -> Outcome<()> {
        let read = |text: &str| clock::parse(text).ok_or_else(|| wrong(format!("{text:?} is no time")));
        let now = self.now.as_deref().map_or(Ok(clock::START), read)?;
        let mut texts: Vec<(u64, &Text)> =
            self.text.iter().map(|text| Ok((read(&text.at)?, text))).collect::<Outcome<_>>()?;
        texts.sort_by_key(|(at, _)| *at);
        if texts.last().is_some_and(|(at, _)| *at > now) {
            return Err(wrong("a text is later than `now`").into());
        }
        // Standing still, so that every text has exactly its time.
        world.clock_mut().pause(true);
        world.clock_mut().set(texts.first().map_or(now, |(at, _)| *at));
        for (at, text) in texts {
            timer::fire(world, at, usize::MAX)?;
            world.clock_mut().set(at);
            world.at(at);
            say(world, account, text)?;
        }
        timer::fire(world, now, usize::MAX)?;
        world.clock_mut().set(now);
        world.clock_mut().pause(self.paused.unwrap_or(false));
        world.at(now);
        Ok(())
    }
}

fn wrong(text: impl Into<String>) -> Refusal {
    Refusal::bad(20001, text)
}

fn params(settings: &Settings) -> Params {
    let text = |given: &Given| match given {
        Given::Text(text) => text.clone(),
        Given::Flag(flag) => flag.to_string(),
        Given::Number(number) => number.to_string(),
    };
    Params(settings.iter().map(|(name, given)| (name.clone(), text(given))).collect())
}

fn add_number(world: &mut World, account: &str, form: &Params) -> Outcome<()> {
    let text = form.text("PhoneNumber").ok_or_else(|| wrong("a number has no PhoneNumber"))?;
    let phone = Phone::parse(text, None).map_err(|error| wrong(format!("{text:?}: {error}")))?;
    let known = number::by_address(world, phone.as_str())?;
    let fresh = known.is_none();
    let mut number = match known {
        Some(known) => known,
        None => {
            let kind = if is_toll_free(&phone) { "toll-free" } else { "local" };
            let nth = send::nth(world, &["number", account, phone.as_str()])?.to_string();
            let sid = world.seed().sid("PN", &[account, phone.as_str(), &nth]);
            Number::new(&sid, account, &phone, kind, world.now(), world.sequence())
        }
    };
    numbers::apply(&mut number, form)?;
    if fresh {
        number::add(world, &number)?;
        rent::later(world, &number)?;
    } else {
        world.put(&number.sid, &number)?;
    }
    Ok(())
}

fn is_toll_free(phone: &Phone) -> bool {
    ["+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"].iter().any(|area| phone.as_str().starts_with(area))
}

fn add_short_code(world: &mut World, account: &str, form: &Params) -> Outcome<()> {
    let code = form.text("ShortCode").ok_or_else(|| wrong("a short code has no ShortCode"))?;
    if !(3..=8).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong(format!("{code:?} is no short code: it has 3 to 8 digits")).into());
    }
    let known = number::by_address(world, code)?;
    let fresh = known.is_none();
    let mut number = match known {
        Some(known) => known,
        None => {
            let sid = world.seed().sid("SC", &[account, code]);
            Number::short_code(&sid, account, code, world.now(), world.sequence())
        }
    };
    numbers::apply(&mut number, form)?;
    if fresh {
        number::add(world, &number)?
    } else {
        world.put(&number.sid, &number)?
    }
    Ok(())
}

fn add_service(world: &mut World, account: &str, told: &Service) -> Outcome<()> {
    let service = messaging::service::Service::make(world, account, &params(&told.settings))?;
    for address in told.numbers.iter().chain(&told.short_codes) {
        let missing = || wrong(format!("a service names {address}, which is no number of the scenario"));
        let mut number = number::by_address(world, address)?.ok_or_else(missing)?;
        if number.service.is_some() {
            return Err(wrong(format!("{address} is in two services")).into());
        }
        pool::join(world, &mut number, &service.sid)?;
    }
    for name in &told.alpha_senders {
        alpha::add(world, &service, name, None)?;
    }
    if let Some(advanced) = &told.opt_out {
        opt_out::set(world, &service.sid, advanced)?;
    }
    Ok(())
}

/// A customer texts a number of the account, or the account a customer.
fn say(world: &mut World, account: &str, text: &Text) -> Outcome<()> {
    let (from, to) = (text.from.as_str(), text.to.as_str());
    if number::by_address(world, from)?.is_some() {
        send::accept(world, Outgoing { from: Some(from.to_owned()), ..Outgoing::new(account, to, &text.body) })?;
        return Ok(());
    }
    let texted = Texted { from: from.into(), to: to.into(), body: text.body.clone(), ..Texted::default() };
    let nobody = || wrong(format!("neither {from} nor {to} is a number of the scenario"));
    inbound::receive(world, texted)?.ok_or_else(nobody)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_come_with_the_program_read() {
        for (name, _) in NAMED {
            Scenario::named(name).unwrap();
        }
        assert!(Scenario::named("gone").unwrap_err().contains("known are fresh, senders"));
    }

    #[test]
    fn a_wrong_key_is_named() {
        let error = Scenario::read("colour = 1").unwrap_err();
        assert!(error.contains("unknown field `colour`"), "{error}");
    }
}
