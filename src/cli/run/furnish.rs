//! What a fresh store is given, so that nobody opens an empty console.

use super::super::Failure;
use super::scenario::Scenario;
use crate::api::businesses::{BusinessList, CreateBusiness, CreateEndpoint, ListBusinesses, UpdateBusiness};
use crate::api::numbers::ListNumbers;
use crate::api::{Caller, Code};
use crate::config::Setup;
use crate::core::Core;
use crate::link::{Link, Local};

/// A store without a business gets the scenario in the sandbox; live, or in a sandbox where something
/// has happened already, a business with the account's number.
pub async fn furnish(core: &Core, setup: &Setup, scenario: &Scenario) -> Result<(), Failure> {
    let way = |agent: &str| Link::Local(Local::new(core.clone(), Caller::local(agent)));
    let link = way("agent1");
    let configured = setup.config.twilio.verify_service_sid.map(|sid| sid.to_string());
    match link.call(ListBusinesses {}).await {
        Ok(all) => return verify_by_default(&link, &all, configured).await,
        Err(e) if e.code == Code::Conflict => {}
        Err(e) => return Err(e.into()),
    }
    let mut number = setup.config.twilio.phone_number.clone();
    if core.settings().sandbox.is_some() {
        match scenario.play(core, way).await {
            // The very first thing that is asked: the clock does not go back to the scenario's beginning.
            Err(e) if e.code == Code::Conflict && link.call(ListBusinesses {}).await.is_err() => {
                tracing::warn!(reason = %e, "the sandbox is in use: no scenario is played");
            }
            played => return played.map_err(Failure::from),
        }
        if number.is_none() {
            let listed = link.call(ListNumbers::default()).await?.items;
            number = listed.into_iter().find_map(|n| n.number?.parse().ok());
        }
    }
    let business = link
        .call(CreateBusiness {
            name: "My business".into(),
            verify_service_id: configured.clone().unwrap_or_default(),
            ..CreateBusiness::default()
        })
        .await?;
    if let Some(number) = number {
        let (account, messaging_service, mode) = (None, None, Default::default());
        let addresses = vec![number];
        link.call(CreateEndpoint { id: business.id, addresses, account, messaging_service, mode, pace: None }).await?;
    }
    Ok(())
}

/// The configured Verify service is that of the default business, unless it has one.
async fn verify_by_default(link: &Link, all: &BusinessList, service: Option<String>) -> Result<(), Failure> {
    let has_none = all.items.iter().any(|b| b.id == all.default && b.verify_service_id.is_empty());
    let Some(service) = service.filter(|_| has_none) else { return Ok(()) };
    let update = UpdateBusiness { verify_service_id: Some(service), ..UpdateBusiness::of(all.default) };
    if let Err(e) = link.call(update).await {
        tracing::warn!(reason = %e, "the configured Verify service is not given to the default business");
    }
    Ok(())
}
