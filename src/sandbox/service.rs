//! What Messaging Services and Verify services have in common: a row of named settings, read from the
//! parameters of a call by a table, made, listed, changed and deleted alike.
//!
//! Each product says what its settings are and how one is read; nothing here knows which product it serves.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::Caller;
use super::answer::{Answer, Outcome, Refusal};
use super::call::{Call, Params};
use super::clock::rfc3339;
use super::error::StoreError;
use super::paging::{self, Asked};
use super::store::Row;
use super::world::World;

/// Parameter, its place in answers (`whatsapp.from`), how it is read, its default as JSON.
pub type Setting<K> = (&'static str, &'static str, K, &'static str);

/// A product that has services.
pub trait Product: Sized + 'static {
    /// How a setting is read.
    type Kind: Copy;
    /// The kind of its rows in the store.
    const ROW: &'static str;
    /// The index of an account's services.
    const INDEX: &'static str;
    /// The counter of services there are.
    const COUNTED: &'static str;
    /// The version in its paths.
    const VERSION: &'static str;
    /// Every setting.
    const SETTINGS: &'static [Setting<Self::Kind>];
    /// What hangs below a service: the name in links, the name in paths.
    const LINKS: &'static [(&'static str, &'static str)];

    /// A new service's SID, the same however unrelated requests arrive.
    fn sid(world: &mut World, account: &str, form: &Params) -> Outcome<String>;

    /// Reads one setting.
    fn read(kind: Self::Kind, name: &str, value: &str) -> Result<Value, Refusal>;

    /// What answers say beside the settings.
    fn more(_body: &mut Value) {}

    /// What goes with a service that is deleted.
    fn clear(_world: &mut World, _sid: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A service of a product.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Service<P> {
    /// `MG...`, `VA...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// By their places in answers.
    settings: BTreeMap<String, Value>,
    created: u64,
    updated: u64,
    sequence: u64,
    #[serde(skip)]
    product: PhantomData<P>,
}

impl<P: Product> Row for Service<P> {
    const KIND: &'static str = P::ROW;
}

impl<P: Product> Service<P> {
    /// A service by its SID.
    pub fn get(world: &World, sid: &str) -> Result<Option<Service<P>>, StoreError> {
        world.get(sid)
    }

    /// A setting that is text and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A setting that is on or off.
    pub fn flag(&self, name: &str) -> bool {
        self.settings.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A setting that is a number.
    pub fn number<N: TryFrom<u64>>(&self, name: &str) -> Option<N> {
        self.settings.get(name).and_then(Value::as_u64).and_then(|number| N::try_from(number).ok())
    }

    /// Makes a service of an account from the parameters of a call.
    pub fn make(world: &mut World, account: &str, form: &Params) -> Outcome<Service<P>> {
        let given = read::<P>(form)?;
        let sid = P::sid(world, account, form)?;
        let default = |value: &str| serde_json::from_str(value).unwrap_or(Value::Null);
        let mut settings: BTreeMap<String, Value> =
            P::SETTINGS.iter().map(|(_, place, _, value)| ((*place).to_owned(), default(value))).collect();
        settings.extend(given);
        let (now, sequence) = (world.now(), world.sequence());
        let account = account.to_owned();
        let service = Service { sid, account, settings, created: now, updated: now, sequence, product: PhantomData };
        world.put(&service.sid, &service)?;
        world.link(P::INDEX, &service.place(), &service.sid)?;
        world.count(P::COUNTED, true);
        Ok(service)
    }

    fn place(&self) -> String {
        paging::key(&self.account, self.created, self.sequence)
    }

    fn show(&self, call: &Call) -> Value {
        let url = format!("{}/{}/Services/{}", call.origin, P::VERSION, self.sid);
        let links: serde_json::Map<String, Value> =
            P::LINKS.iter().map(|(name, path)| ((*name).to_owned(), json!(format!("{url}/{path}")))).collect();
        let mut body = json!({
            "sid": self.sid,
            "account_sid": self.account,
            "date_created": rfc3339(self.created),
            "date_updated": rfc3339(self.updated),
            "url": url,
            "links": links,
        });
        P::more(&mut body);
        for (place, value) in &self.settings {
            let at = place.split('.').fold(&mut body, |at, part| &mut at[part]);
            *at = value.clone();
        }
        body
    }
}

/// Reads the settings that were given.
fn read<P: Product>(form: &Params) -> Result<BTreeMap<String, Value>, Refusal> {
    let given = |setting: &'static Setting<P::Kind>| form.get(setting.0).map(|value| (setting, value));
    let read = |((name, place, kind, _), value): (&Setting<P::Kind>, &str)| {
        P::read(*kind, name, value).map(|read| ((*place).to_owned(), read))
    };
    P::SETTINGS.iter().filter_map(given).map(read).collect()
}

/// `GET|POST Services`.
pub fn all<P: Product>(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    match call.method.as_str() {
        "GET" => {
            let asked = Asked::read(call, 50, 1000)?;
            let page = paging::read(world, P::INDEX, &caller.account, asked, Service::<P>::get)?;
            Ok(page.modern(call, "services", |service| service.show(call)))
        }
        "POST" => Ok(Answer::created(Service::<P>::make(world, &caller.account, &call.form)?.show(call))),
        _ => Err(Refusal::method_not_allowed().into()),
    }
}

/// `GET|POST|DELETE Services/{Sid}`.
pub fn one<P: Product>(world: &mut World, call: &Call, mut service: Service<P>) -> Outcome<Answer> {
    match call.method.as_str() {
        "GET" => Ok(Answer::ok(service.show(call))),
        "POST" => {
            service.settings.extend(read::<P>(&call.form)?);
            service.updated = world.now();
            world.put(&service.sid, &service)?;
            Ok(Answer::ok(service.show(call)))
        }
        "DELETE" => {
            P::clear(world, &service.sid)?;
            world.unlink(P::INDEX, &service.place())?;
            world.remove::<Service<P>>(&service.sid)?;
            world.count(P::COUNTED, false);
            Ok(Answer::gone())
        }
        _ => Err(Refusal::method_not_allowed().into()),
    }
}
