//! Operations on businesses and endpoints.

use super::change::{BusinessDeleted, BusinessSaved, Change, EndpointSaved, Once, Outcome, RoutesClaimed, answered};
use super::inbox::last_id;
use super::rows::{business_key, endpoint_key, route_key};
use super::{Core, broken, read, views};
use crate::api::businesses::*;
use crate::api::{ApiError, Caller, Code, Done};
use crate::clock;
use crate::domain::business::{self, Business};
use crate::domain::endpoint::{Endpoint, Route};
use crate::domain::id::{Id, Sid};
use crate::domain::{pace, verification};
use crate::store::{Index, Order, PageQuery};

/// More businesses than this are paged by a later operation; lists answer at most so many.
const LISTED: usize = 1000;

impl Core {
    /// The oldest business: what a caller means who names none.
    pub(super) fn default_business(&self) -> Result<Id, ApiError> {
        let reader = self.reader()?;
        let query = PageQuery { index: Index::Businesses, prefix: &[], after: None, order: Order::Rising, limit: 1 };
        let first = reader.page(&query).map_err(broken)?;
        first.first().map(|key| last_id(key)).ok_or_else(|| {
            ApiError::new(Code::Conflict, "there is no business yet: make one with `switchboard businesses create`")
        })
    }

    fn rows(&self) -> Result<Vec<Business>, ApiError> {
        let reader = self.reader()?;
        let query =
            PageQuery { index: Index::Businesses, prefix: &[], after: None, order: Order::Rising, limit: LISTED };
        let keys = reader.page(&query).map_err(broken)?;
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            rows.extend(read::<Business>(&*reader, &business_key(last_id(&key)))?);
        }
        Ok(rows)
    }

    pub(super) fn list_businesses(&self, caller: &Caller) -> Result<BusinessList, ApiError> {
        let default = self.business_of(caller, None)?;
        let mut rows = self.rows()?;
        rows.retain(|b| self.allow(caller, b.id).is_ok());
        rows.sort_by_key(|b| b.name.to_lowercase());
        let items = rows.into_iter().map(|row| self.business_view(row)).collect::<Result<_, _>>()?;
        Ok(BusinessList { items, default })
    }

    pub(super) fn business(&self, caller: &Caller, id: Id) -> Result<Business, ApiError> {
        self.allow(caller, id)?;
        let row: Option<Business> = read(&*self.reader()?, &business_key(id))?;
        row.filter(|b| b.deleted_at.is_none()).ok_or_else(|| ApiError::not_found(format!("business {id}")))
    }

    pub(super) fn get_business(&self, caller: &Caller, id: Id) -> Result<BusinessView, ApiError> {
        self.business_view(self.business(caller, id)?)
    }

    pub(super) async fn create_business(
        &self,
        caller: &Caller,
        input: CreateBusiness,
        once: Option<Once>,
    ) -> Result<BusinessView, ApiError> {
        if caller.business.is_some() {
            return Err(ApiError::new(Code::Forbidden, "a token of one business cannot make another"));
        }
        let id = self.new_id();
        let name = business::name(&input.name).map_err(|e| ApiError::field("name", e.to_string()))?;
        let verify_service = self.free_service(id, &input.verify_service_id)?;
        let business = Business {
            id,
            name,
            contact_email: input.contact_email.clone(),
            phone_number: input.phone_number.clone(),
            verify_service,
            verify_per_minute: checked_rate(input.verify_per_minute)?,
            custom_number: None,
            branding: None,
            active: true,
            time_zone: input.time_zone.clone(),
            colour: input.colour,
            setup: None,
            updated_by: caller.agent.clone(),
            created_at: self.now(),
            updated_at: self.now(),
            version: 0,
            deleted_at: None,
        };
        let saved = BusinessSaved { business, expects: None };
        let change = match input.set_up {
            true => self.with_setup(caller, &input, saved).await?,
            false => Change::BusinessSaved(saved),
        };
        // Under a key that was used before, the business is the one that was made then.
        let made = self.submit(&caller.agent, once, change).await?;
        self.0.remote.bell.notify_one();
        self.get_business(caller, if let Outcome::Made(made) = made { made } else { id })
    }

    pub(super) async fn update_business(
        &self,
        caller: &Caller,
        input: UpdateBusiness,
        once: Option<Once>,
    ) -> Result<BusinessView, ApiError> {
        let mut business = self.business(caller, input.id)?;
        let expects = Some(input.version.unwrap_or(business.version));
        if let Some(service) = &input.verify_service_id {
            business.verify_service = self.free_service(business.id, service)?;
        }
        if input.verify_per_minute.is_some() {
            business.verify_per_minute = checked_rate(input.verify_per_minute)?;
        }
        let UpdateBusiness { name, contact_email, phone_number, time_zone, colour, active, .. } = input;
        business.name = name.unwrap_or(business.name);
        business.contact_email = contact_email.unwrap_or(business.contact_email);
        business.phone_number = phone_number.unwrap_or(business.phone_number);
        business.time_zone = time_zone.unwrap_or(business.time_zone);
        business.colour = colour.or(business.colour);
        business.active = active.unwrap_or(business.active);
        let closes = !business.active;
        self.submit(&caller.agent, once, Change::BusinessSaved(BusinessSaved { business, expects })).await?;
        if closes {
            self.0.outbox.closed();
        }
        self.get_business(caller, input.id)
    }

    pub(super) async fn delete_business(
        &self,
        caller: &Caller,
        input: DeleteBusiness,
        once: Option<Once>,
    ) -> Result<Done, ApiError> {
        let business = self.business(caller, input.id)?;
        if input.confirm.as_deref() != Some(&business.name) {
            let detail = format!(
                "deleting {} {}; its logs stay. Repeat with its name as `confirm`",
                business.name,
                self.what_goes(caller, &business)?
            );
            let refused = ApiError::new(Code::ConfirmationRequired, detail);
            return Err(ApiError { confirm: Some(business.name), ..refused });
        }
        self.submit(&caller.agent, once, Change::BusinessDeleted(BusinessDeleted { business: input.id })).await?;
        self.0.outbox.closed();
        Ok(Done {})
    }

    /// What a deletion ends and lets go, in words.
    fn what_goes(&self, caller: &Caller, business: &Business) -> Result<String, ApiError> {
        let counts = views::counts(&*self.reader()?, business.id, &caller.agent)?;
        let conversations = counts.all + counts.snoozed;
        let mut what = vec![match conversations {
            0 => "stops its sending".to_owned(),
            1 => "hides 1 conversation and stops its sending".to_owned(),
            n => format!("hides {n} conversations and stops its sending"),
        }];
        let (mut free, mut stay): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for endpoint in self.endpoints_of(business.id)? {
            free.extend(endpoint.addresses.iter().map(ToString::to_string));
            stay.extend(endpoint.messaging_service.map(|sid| format!("the messaging service {sid}")));
        }
        stay.extend(business.verify_service.map(|sid| format!("the Verify service {sid}")));
        if !free.is_empty() {
            what.push(format!("sets {} free for other businesses", free.join(", ")));
        }
        if !stay.is_empty() {
            what.push(format!("lets go of {}, which stay in the account at Twilio", stay.join(" and ")));
        }
        Ok(what.join(", "))
    }

    /// A Verify service that no other business has: its verifications are found by recipient, and the same
    /// person may be a customer of two.
    fn free_service(&self, business: Id, sid: &str) -> Result<Option<Sid>, ApiError> {
        let sid = sid.trim();
        if sid.is_empty() {
            return Ok(None);
        }
        let wrong = || ApiError::field("verifyServiceId", "a Verify service is named by its SID: VA and 32 hex digits");
        let sid: Sid = sid.parse().map_err(|_| wrong())?;
        if sid.kind() != "VA" {
            return Err(wrong());
        }
        match self.rows()?.into_iter().find(|other| other.id != business && other.verify_service == Some(sid)) {
            Some(other) => {
                let detail = format!("{} already has the Verify service {sid}: give each business its own", other.name);
                Err(ApiError { field: Some("verifyServiceId".into()), ..ApiError::new(Code::Conflict, detail) })
            }
            None => Ok(Some(sid)),
        }
    }

    pub(super) fn endpoints_of(&self, business: Id) -> Result<Vec<Endpoint>, ApiError> {
        let reader = self.reader()?;
        let prefix = business.to_key();
        let query =
            PageQuery { index: Index::Endpoints, prefix: &prefix, after: None, order: Order::Rising, limit: LISTED };
        let keys = reader.page(&query).map_err(broken)?;
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            rows.extend(read::<Endpoint>(&*reader, &endpoint_key(business, last_id(&key)))?);
        }
        Ok(rows)
    }

    pub(super) fn list_endpoints(&self, caller: &Caller, business: Id) -> Result<EndpointList, ApiError> {
        self.business(caller, business)?;
        Ok(EndpointList { items: self.endpoints_of(business)?.into_iter().map(|e| views::endpoint(self, e)).collect() })
    }

    pub(super) async fn create_endpoint(
        &self,
        caller: &Caller,
        input: CreateEndpoint,
        once: Option<Once>,
    ) -> Result<EndpointView, ApiError> {
        self.business(caller, input.id)?;
        if input.addresses.is_empty() {
            return Err(ApiError::field("addresses", "an endpoint needs at least one address to send from"));
        }
        let _turn = self.0.making_endpoint.lock().await;
        let before = match &once {
            Some(once) => answered(&*self.reader()?, once, clock::wall())?,
            None => None,
        };
        if let Some(Outcome::Made(id)) = before {
            let row: Option<Endpoint> = read(&*self.reader()?, &endpoint_key(input.id, id))?;
            return row
                .map(|row| views::endpoint(self, row))
                .ok_or_else(|| ApiError::not_found(format!("endpoint {id}")));
        }
        let account = input.account.unwrap_or(self.settings().account);
        let endpoint = Endpoint {
            business: input.id,
            id: self.new_id(),
            account,
            addresses: input.addresses,
            messaging_service: input.messaging_service,
            mode: input.mode,
            pace: checked_pace(input.pace)?,
            created_at: self.now(),
            version: 0,
        };
        let aliases = endpoint.addresses.iter().map(ToString::to_string);
        let aliases = aliases.chain(endpoint.messaging_service.map(|s| s.to_string()));
        let routes: Vec<Route> =
            aliases.map(|alias| Route { account, alias, business: input.id, endpoint: endpoint.id }).collect();
        self.check_free(&routes)?;
        self.submit(&caller.agent, None, Change::RoutesClaimed(RoutesClaimed { routes })).await?;
        let view = views::endpoint(self, endpoint.clone());
        self.submit(&caller.agent, once, Change::EndpointSaved(EndpointSaved { endpoint })).await?;
        self.0.keeping.ring();
        Ok(view)
    }

    pub(super) async fn update_endpoint(
        &self,
        caller: &Caller,
        input: UpdateEndpoint,
        once: Option<Once>,
    ) -> Result<EndpointView, ApiError> {
        let business = self.business_of(caller, input.business)?;
        let row: Option<Endpoint> = read(&*self.reader()?, &endpoint_key(business, input.id))?;
        let mut endpoint = row.ok_or_else(|| ApiError::not_found(format!("endpoint {}", input.id)))?;
        match input.pace {
            Some(0) => endpoint.pace = None,
            Some(pace) => endpoint.pace = checked_pace(Some(pace))?,
            None => {}
        }
        let view = views::endpoint(self, endpoint.clone());
        self.submit(&caller.agent, once, Change::EndpointSaved(EndpointSaved { endpoint })).await?;
        Ok(view)
    }

    /// Refuses what another endpoint of the business answers to: its conversations would be torn in two.
    pub(super) fn check_free(&self, routes: &[Route]) -> Result<(), ApiError> {
        let reader = self.reader()?;
        for route in routes {
            let have: Option<Route> = read(&*reader, &route_key(route.account, &route.alias))?;
            let Some(have) = have.filter(|have| have.business == route.business && have.endpoint != route.endpoint)
            else {
                continue;
            };
            // A claim whose endpoint was never saved is left from a crash, and taken over.
            let Some(other) = read::<Endpoint>(&*reader, &endpoint_key(have.business, have.endpoint))? else {
                continue;
            };
            let detail = format!("{} is already an address of this business (endpoint {})", route.alias, other.id);
            return Err(ApiError { field: Some("addresses".into()), ..ApiError::new(Code::Conflict, detail) });
        }
        Ok(())
    }
}

/// A number of codes a minute.
fn checked_rate(rate: Option<u32>) -> Result<Option<u32>, ApiError> {
    match rate {
        None | Some(0) => Ok(None),
        Some(rate) if rate > verification::MOST_A_MINUTE => {
            let detail = format!("a limit is from 1 to {} codes a minute", verification::MOST_A_MINUTE);
            Err(ApiError::field("verifyPerMinute", detail))
        }
        rate => Ok(rate),
    }
}

/// A pace that a sender can have.
fn checked_pace(pace: Option<u32>) -> Result<Option<u32>, ApiError> {
    match pace {
        Some(pace) if !(1..=pace::FASTEST).contains(&pace) => {
            let detail = format!("a pace is from 1 to {} segments a second", pace::FASTEST);
            Err(ApiError::field("pace", detail))
        }
        pace => Ok(pace),
    }
}
