//! What has the webhooks of a number at Twilio, read and written: the number, or its messaging service.

use futures_util::TryStreamExt;

use crate::api::{ApiError, Code};
use crate::domain::address::Address;
use crate::domain::id::Sid;
use crate::domain::pointing::Hooks;
use crate::twilio::messaging::{MessagingService, ServiceSettings};
use crate::twilio::numbers::{IncomingPhoneNumber, NumberFilter, NumberSettings};
use crate::twilio::{Client, Error};

/// Something that has webhooks.
#[derive(Debug, Clone)]
pub struct Target {
    /// `PN...` or `MG...`.
    pub resource: Sid,
    /// The number, or the service's name.
    pub label: String,
    /// What is set.
    pub hooks: Hooks,
}

/// A number with what has its webhooks.
#[derive(Debug, Clone)]
pub struct Held {
    /// E.164.
    pub number: String,
    /// Its name at Twilio.
    pub name: String,
    /// What has its webhooks.
    pub target: Target,
}

fn text(field: &Option<String>) -> String {
    field.clone().unwrap_or_default()
}

fn method(field: &Option<String>) -> String {
    field.as_deref().filter(|m| !m.is_empty()).unwrap_or("POST").to_ascii_uppercase()
}

fn of_number(number: &IncomingPhoneNumber) -> Target {
    let hooks = Hooks {
        url: text(&number.sms_url),
        method: method(&number.sms_method),
        fallback: text(&number.sms_fallback_url),
        fallback_method: method(&number.sms_fallback_method),
        status: String::new(),
        application: number.sms_application_sid.map(|sid| sid.to_string()).unwrap_or_default(),
    };
    Target { resource: number.sid, label: number.phone_number.clone(), hooks }
}

fn of_service(service: &MessagingService) -> Target {
    let hooks = Hooks {
        url: text(&service.inbound_request_url),
        method: method(&service.inbound_method),
        fallback: text(&service.fallback_url),
        fallback_method: method(&service.fallback_method),
        status: text(&service.status_callback),
        application: String::new(),
    };
    let name = service.friendly_name.clone().filter(|name| !name.is_empty());
    Target { resource: service.sid, label: name.unwrap_or_else(|| service.sid.to_string()), hooks }
}

/// What has the webhooks of what a caller named: a number, or the SID of a number or messaging service.
pub async fn find(client: &Client, named: &str) -> Result<Target, ApiError> {
    let number = match named.parse::<Sid>() {
        Ok(sid) if sid.kind() == "MG" || sid.kind() == "PN" => match read(client, sid).await? {
            Some(target) if sid.kind() == "MG" => return Ok(target),
            Some(target) => target,
            None => return Err(ApiError::not_found(format!("{named} in this account"))),
        },
        Ok(_) => return Err(ApiError::field("number", format!("{named} is neither a number (PN) nor a service (MG)"))),
        Err(_) => {
            let address = named.parse::<Address>().map_err(|e| ApiError::field("number", e.to_string()))?;
            of_number(&number_of(client, &address).await?)
        }
    };
    // A number in a messaging service: the service's addresses win, unless it leaves them to its numbers.
    let services = client.messaging_services();
    let mut rows = std::pin::pin!(client.rows(services.list().await.map_err(refused)?));
    while let Some(service) = rows.try_next().await.map_err(refused)? {
        if service.use_inbound_webhook_on_number == Some(true) {
            continue;
        }
        let mut pool = std::pin::pin!(client.rows(services.numbers(service.sid).await.map_err(refused)?));
        while let Some(member) = pool.try_next().await.map_err(refused)? {
            if member.sid == number.resource {
                return Ok(of_service(&service));
            }
        }
    }
    Ok(number)
}

/// The account's numbers, at most `most`, and whether there are more.
pub async fn all(client: &Client, most: usize) -> Result<(Vec<Held>, bool), ApiError> {
    let services = client.messaging_services();
    let mut pools: Vec<(Target, Vec<Sid>)> = Vec::new();
    let mut rows = std::pin::pin!(client.rows(services.list().await.map_err(refused)?));
    while let Some(service) = rows.try_next().await.map_err(refused)? {
        if service.use_inbound_webhook_on_number != Some(true) {
            let pool = client.rows(services.numbers(service.sid).await.map_err(refused)?);
            let pool: Vec<Sid> = pool.map_ok(|member| member.sid).try_collect().await.map_err(refused)?;
            pools.push((of_service(&service), pool));
        }
    }
    let filter = NumberFilter { page_size: Some(1000), ..NumberFilter::default() };
    let mut numbers = std::pin::pin!(client.rows(client.numbers().list(&filter).await.map_err(refused)?));
    let mut held = Vec::new();
    while let Some(number) = numbers.try_next().await.map_err(refused)? {
        if held.len() == most {
            return Ok((held, true));
        }
        let service = pools.iter().find(|(_, pool)| pool.contains(&number.sid)).map(|(service, _)| service.clone());
        let name = number.friendly_name.clone().unwrap_or_default();
        let target = service.unwrap_or_else(|| of_number(&number));
        held.push(Held { number: number.phone_number, name, target });
    }
    Ok((held, false))
}

/// What is set at a number or service; `None` when it is gone.
pub async fn read(client: &Client, resource: Sid) -> Result<Option<Target>, ApiError> {
    let read = match resource.kind() {
        "MG" => client.messaging_services().fetch(resource).await.map(|s| of_service(&s)),
        _ => client.numbers().fetch(resource).await.map(|n| of_number(&n)),
    };
    match read {
        Ok(target) => Ok(Some(target)),
        Err(e) if e.is_not_found() => Ok(None),
        Err(e) => Err(refused(e)),
    }
}

/// The settings of a messaging service with these webhooks.
pub fn of_hooks(hooks: &Hooks, others: ServiceSettings) -> ServiceSettings {
    let given = |text: &str| Some(text.to_owned());
    ServiceSettings {
        inbound_request_url: given(&hooks.url),
        inbound_method: given(&hooks.method),
        fallback_url: given(&hooks.fallback),
        fallback_method: given(&hooks.fallback_method),
        status_callback: given(&hooks.status),
        ..others
    }
}

/// The SID of a number of the account.
pub async fn number_sid(client: &Client, number: &Address) -> Result<Sid, ApiError> {
    number_of(client, number).await.map(|found| found.sid)
}

async fn number_of(client: &Client, number: &Address) -> Result<IncomingPhoneNumber, ApiError> {
    let filter = NumberFilter { phone_number: Some(number.to_string()), ..NumberFilter::default() };
    let page = client.numbers().list(&filter).await.map_err(refused)?;
    let found = page.items.into_iter().find(|n| n.phone_number == number.as_str());
    found.ok_or_else(|| ApiError::not_found(format!("number {number} in this account")))
}

/// Sets all of it. When the answer is lost, what is set is read again.
pub async fn write(client: &Client, resource: Sid, hooks: &Hooks) -> Result<(), ApiError> {
    let given = |text: &str| Some(text.to_owned());
    let written = match resource.kind() {
        "MG" => {
            let settings = of_hooks(hooks, ServiceSettings::default());
            client.messaging_services().update(resource, &settings).await.map(drop)
        }
        _ => {
            let settings = NumberSettings {
                sms_url: given(&hooks.url),
                sms_method: given(&hooks.method),
                sms_fallback_url: given(&hooks.fallback),
                sms_fallback_method: given(&hooks.fallback_method),
                sms_application_sid: given(&hooks.application),
                ..NumberSettings::default()
            };
            client.numbers().update(resource, &settings).await.map(drop)
        }
    };
    match written {
        Ok(()) => Ok(()),
        Err(e @ Error::Unknown { .. }) => match read(client, resource).await {
            Ok(Some(target)) if target.hooks == *hooks => Ok(()),
            _ => Err(refused(e)),
        },
        Err(e) => Err(refused(e)),
    }
}

/// What a call that failed at Twilio says to the caller.
fn refused(e: Error) -> ApiError {
    let code = match e {
        Error::Refused { .. } | Error::Unauthorized { .. } => Code::Upstream,
        _ => Code::Unavailable,
    };
    ApiError { twilio: e.code(), ..ApiError::new(code, e.explain()) }
}
