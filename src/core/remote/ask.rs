//! What each step asks of Twilio, and how what it made is found again.

use futures_util::TryStreamExt;

use crate::api::{ApiError, Code};
use crate::core::change::{Change, EndpointSaved, RoutesClaimed};
use crate::core::numbers::target;
use crate::core::rows::endpoint_key;
use crate::core::{Core, read};
use crate::domain::endpoint::{Endpoint, Mode, Route};
use crate::domain::id::Sid;
use crate::domain::remote::{Kind, Series, Step};
use crate::twilio::Error;
use crate::twilio::messaging::ServiceSettings;
use crate::twilio::verify::VerifyServiceSettings;

/// Twilio's code for a number that is in the pool already.
const IN_POOL: u32 = 21710;

/// Why a step was not carried out.
pub enum Failed {
    /// What Twilio said, or did not.
    Twilio(Error),
    /// What stands in the way here.
    Here(ApiError),
}

impl From<Error> for Failed {
    fn from(e: Error) -> Failed {
        Failed::Twilio(e)
    }
}

impl From<ApiError> for Failed {
    fn from(e: ApiError) -> Failed {
        Failed::Here(e)
    }
}

/// Carries a step out; answers what it made or changed.
pub async fn carry_out(core: &Core, series: &Series, step: &Step) -> Result<Option<Sid>, Failed> {
    let client = &core.settings().client;
    let wish = &series.wish;
    Ok(match step.kind {
        Kind::VerifyService => {
            // Nobody gets a text under this name: the business knows the service once it has its own.
            let settings = VerifyServiceSettings {
                friendly_name: Some(step.label()),
                code_length: Some(wish.code_length),
                ..VerifyServiceSettings::default()
            };
            Some(client.verify().create_service(&settings).await?.sid)
        }
        Kind::MessagingService => {
            let settings = ServiceSettings { friendly_name: Some(step.label()), ..ServiceSettings::default() };
            Some(client.messaging_services().create(&settings).await?.sid)
        }
        Kind::VerifySettings => {
            let sid = made(series, Kind::VerifyService)?;
            let settings = VerifyServiceSettings {
                friendly_name: Some(wish.verify_name.clone()),
                code_length: Some(wish.code_length),
                ..VerifyServiceSettings::default()
            };
            Some(client.verify().update_service(sid, &settings).await?.sid)
        }
        Kind::Webhooks => {
            let sid = made(series, Kind::MessagingService)?;
            let settings = core.messaging_settings(series, sid)?;
            Some(client.messaging_services().update(sid, &settings).await?.sid)
        }
        Kind::SenderPool => {
            let sid = made(series, Kind::MessagingService)?;
            let number = wish.number_sid.ok_or_else(|| missing("the number's SID"))?;
            match client.messaging_services().add_number(sid, number).await {
                Ok(_) => {}
                Err(e) if e.code() == Some(IN_POOL) => {}
                Err(e) => return Err(e.into()),
            }
            Some(number)
        }
        Kind::Endpoint => {
            core.set_up_endpoint(series).await?;
            None
        }
    })
}

/// Looks for what a step made, by the nonce in its name.
pub async fn find(core: &Core, step: &Step) -> Result<Option<Sid>, Error> {
    let client = &core.settings().client;
    let label = step.label();
    match step.kind {
        Kind::VerifyService => {
            let first = client.verify().services().await?;
            let mut rows = std::pin::pin!(client.rows(first));
            while let Some(service) = rows.try_next().await? {
                if service.friendly_name.as_deref() == Some(&*label) {
                    return Ok(Some(service.sid));
                }
            }
        }
        Kind::MessagingService => {
            let first = client.messaging_services().list().await?;
            let mut rows = std::pin::pin!(client.rows(first));
            while let Some(service) = rows.try_next().await? {
                if service.friendly_name.as_deref() == Some(&*label) {
                    return Ok(Some(service.sid));
                }
            }
        }
        Kind::VerifySettings | Kind::Webhooks | Kind::SenderPool | Kind::Endpoint => {}
    }
    Ok(None)
}

fn missing(what: &str) -> ApiError {
    let detail = format!("an earlier step of this setup did not leave {what}: begin the setup again");
    ApiError::new(Code::Internal, detail)
}

fn made(series: &Series, kind: Kind) -> Result<Sid, ApiError> {
    series.made(kind).ok_or_else(|| missing(kind.title()))
}

impl Core {
    /// The messaging service's own name, and its webhooks where Twilio can reach us.
    fn messaging_settings(&self, series: &Series, sid: Sid) -> Result<ServiceSettings, ApiError> {
        let name = self.business_row(series.business)?.name;
        let settings =
            ServiceSettings { friendly_name: Some(name.chars().take(64).collect()), ..ServiceSettings::default() };
        // Without a public address messages are fetched; nothing is to be called then.
        if self.settings().public_url.is_none() {
            return Ok(settings);
        }
        Ok(target::of_hooks(&self.wanted(sid)?, settings))
    }

    /// Routes the messaging service and the number to the business. Doing it twice changes nothing.
    async fn set_up_endpoint(&self, series: &Series) -> Result<(), ApiError> {
        let business = series.business;
        let account = self.settings().account;
        let _turn = self.0.making_endpoint.lock().await;
        let id = series.wish.endpoint;
        let aliases = series.wish.number.iter().map(ToString::to_string);
        let service = series.made(Kind::MessagingService);
        let aliases = aliases.chain(service.map(|sid| sid.to_string()));
        let routes: Vec<Route> = aliases.map(|alias| Route { account, alias, business, endpoint: id }).collect();
        self.check_free(&routes)?;
        self.submit_work(Change::RoutesClaimed(RoutesClaimed { routes })).await?;
        let have: Option<Endpoint> = read(&*self.reader()?, &endpoint_key(business, id))?;
        let mut endpoint = have.clone().unwrap_or_else(|| Endpoint {
            business,
            id,
            account,
            addresses: Vec::new(),
            messaging_service: None,
            mode: Mode::default(),
            pace: None,
            created_at: self.now(),
            version: 0,
        });
        endpoint.messaging_service = endpoint.messaging_service.or(service);
        let new = series.wish.number.iter().filter(|number| !endpoint.addresses.contains(number));
        let new: Vec<_> = new.cloned().collect();
        endpoint.addresses.extend(new);
        if have.as_ref() == Some(&endpoint) {
            return Ok(());
        }
        self.submit_work(Change::EndpointSaved(EndpointSaved { endpoint })).await.map(drop)
    }
}
