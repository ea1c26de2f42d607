//! Operations on what a business has at Twilio: which steps make it, and how they stand.

use super::change::{BusinessSaved, Change, Once, SeriesBegun, SeriesResumed};
use super::numbers::target;
use super::remote::new_nonce;
use super::rows::{business_key, route_key, series_key};
use super::{Core, read, views};
use crate::api::businesses::{BusinessView, CreateBusiness};
use crate::api::setup::*;
use crate::api::{ApiError, Caller, Code, When};
use crate::clock;
use crate::domain::address::Address;
use crate::domain::business::{self, Business};
use crate::domain::endpoint::{Endpoint, Route};
use crate::domain::id::{Id, Sid};
use crate::domain::remote::{Kind, Series, State, Step, Wish};

/// What a caller asks for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    verify: bool,
    messaging: bool,
    verify_name: Option<String>,
    code_length: Option<u32>,
    number: Option<Address>,
}

impl From<&StartSetup> for Asked {
    fn from(input: &StartSetup) -> Asked {
        Asked {
            verify: input.verify.unwrap_or(true),
            messaging: input.messaging.unwrap_or(true),
            verify_name: input.verify_name.clone(),
            code_length: input.code_length,
            number: input.number.clone(),
        }
    }
}

impl From<&CreateBusiness> for Asked {
    fn from(input: &CreateBusiness) -> Asked {
        let (verify_name, code_length, number) = (input.verify_name.clone(), input.code_length, input.number.clone());
        Asked { verify: true, messaging: true, verify_name, code_length, number }
    }
}

impl Core {
    pub(super) fn get_setup(&self, caller: &Caller, id: Id) -> Result<SetupView, ApiError> {
        let business = self.business(caller, id)?;
        Ok(match self.series_of(&business)? {
            Some(series) => setup_view(&series),
            None => SetupView {
                business: id,
                state: State::Pending,
                steps: Vec::new(),
                verify_name: String::new(),
                code_length: None,
                number: None,
            },
        })
    }

    pub(super) async fn start_setup(
        &self,
        caller: &Caller,
        input: StartSetup,
        once: Option<Once>,
    ) -> Result<SetupView, ApiError> {
        let business = self.business(caller, input.id)?;
        let asked = Asked::from(&input);
        let change = match self.series_of(&business)?.filter(|series| series.state() != State::Done) {
            Some(series) => {
                let series = self.changed(series, &business, &asked).await?;
                Change::SeriesResumed(Box::new(SeriesResumed { series, run: self.run() }))
            }
            None => {
                let series = self.series(caller, &business, &asked).await?;
                Change::SeriesBegun(Box::new(SeriesBegun { saved: None, series, run: self.run() }))
            }
        };
        self.submit(&caller.agent, once, change).await?;
        self.0.remote.bell.notify_one();
        self.get_setup(caller, input.id)
    }

    /// The change that makes a business together with the series that sets it up.
    pub(super) async fn with_setup(
        &self,
        caller: &Caller,
        input: &CreateBusiness,
        saved: BusinessSaved,
    ) -> Result<Change, ApiError> {
        let series = self.series(caller, &saved.business, &Asked::from(input)).await?;
        Ok(Change::SeriesBegun(Box::new(SeriesBegun { saved: Some(saved), series, run: self.run() })))
    }

    /// A business as callers see it.
    pub(super) fn business_view(&self, row: Business) -> Result<BusinessView, ApiError> {
        let setup = self.series_of(&row)?.map(|series| series.state());
        Ok(views::business(row, setup))
    }

    fn series_of(&self, business: &Business) -> Result<Option<Series>, ApiError> {
        let Some(id) = business.setup else { return Ok(None) };
        read(&*self.reader()?, &series_key(business.id, id))
    }

    /// The row of a business, whoever asks.
    pub(super) fn business_row(&self, id: Id) -> Result<Business, ApiError> {
        let row: Option<Business> = read(&*self.reader()?, &business_key(id))?;
        row.ok_or_else(|| ApiError::not_found(format!("business {id}")))
    }

    /// The steps that make what a business lacks of what is asked for.
    async fn series(&self, caller: &Caller, business: &Business, asked: &Asked) -> Result<Series, ApiError> {
        let endpoints = self.endpoints_of(business.id)?;
        let served = endpoints.iter().any(|e| e.messaging_service.is_some());
        let (verify, messaging) = (asked.verify && business.verify_service.is_none(), asked.messaging && !served);
        let mut kinds = Vec::new();
        if verify {
            kinds.push(Kind::VerifyService);
        }
        if messaging {
            kinds.push(Kind::MessagingService);
        }
        if verify {
            kinds.push(Kind::VerifySettings);
        }
        if messaging {
            kinds.push(Kind::Webhooks);
        }
        let name = match &asked.verify_name {
            Some(name) => name.clone(),
            None => business::suggested_service_name(&business.name),
        };
        let mut wish = Wish {
            verify_name: if verify { checked_name(&name)? } else { name },
            code_length: checked_length(asked.code_length)?.unwrap_or(6),
            number: None,
            number_sid: None,
            endpoint: self.new_id(),
        };
        if messaging {
            // What customers text to already gets the service; a new endpoint would tear it in two.
            let first = endpoints.first();
            let number = asked.number.clone().or_else(|| first.and_then(|e| e.addresses.first().cloned()));
            if let Some(number) = number {
                wish.number_sid = Some(self.free_number(business.id, &number).await?);
                wish.endpoint = holder(&endpoints, &number).map_or(wish.endpoint, |e| e.id);
                wish.number = Some(number);
                kinds.push(Kind::SenderPool);
            }
            kinds.push(Kind::Endpoint);
        }
        if kinds.is_empty() {
            let detail = format!("{} has what was asked for already: nothing is made twice", business.name);
            return Err(ApiError::new(Code::Conflict, detail));
        }
        let steps = kinds.into_iter().map(|kind| Ok(Step::new(kind, new_nonce()?)));
        Ok(Series {
            business: business.id,
            id: self.new_id(),
            wish,
            steps: steps.collect::<Result<_, ApiError>>()?,
            by: caller.agent.clone(),
            created_at: self.now(),
            given_up: false,
            version: 0,
        })
    }

    /// A series under way with another wish, as far as its steps are not done.
    async fn changed(&self, mut series: Series, business: &Business, asked: &Asked) -> Result<Series, ApiError> {
        let open = |series: &Series, kind: Kind| {
            series.steps.iter().any(|step| step.kind == kind && step.state != State::Done)
        };
        if let Some(name) = &asked.verify_name {
            series.wish.verify_name = checked_name(name)?;
            if !open(&series, Kind::VerifySettings) {
                return Err(ApiError::field("verifyName", "the Verify service has its name already: change it there"));
            }
        }
        if let Some(length) = checked_length(asked.code_length)? {
            series.wish.code_length = length;
            if !open(&series, Kind::VerifySettings) {
                return Err(ApiError::field("codeLength", "the Verify service is set up already: change it there"));
            }
        }
        let Some(number) = asked.number.clone().filter(|n| series.wish.number.as_ref() != Some(n)) else {
            return Ok(series);
        };
        let Some(at) = series.steps.iter().position(|s| s.kind == Kind::Endpoint && s.state != State::Done) else {
            let detail = "the endpoint is made already: add the number with `endpoints create`";
            return Err(ApiError::field("number", detail));
        };
        series.wish.number_sid = Some(self.free_number(business.id, &number).await?);
        series.wish.endpoint = holder(&self.endpoints_of(business.id)?, &number).map_or(series.wish.endpoint, |e| e.id);
        series.wish.number = Some(number);
        match series.steps.iter().position(|step| step.kind == Kind::SenderPool) {
            Some(pool) => series.steps[pool] = Step::new(Kind::SenderPool, new_nonce()?),
            None => series.steps.insert(at, Step::new(Kind::SenderPool, new_nonce()?)),
        }
        Ok(series)
    }

    /// A number of the account that no other business has; answers its SID.
    async fn free_number(&self, business: Id, number: &Address) -> Result<Sid, ApiError> {
        let route: Option<Route> = read(&*self.reader()?, &route_key(self.settings().account, &number.to_string()))?;
        if let Some(route) = route.filter(|route| route.business != business) {
            let owner = self.business_row(route.business)?;
            if owner.deleted_at.is_none() {
                let detail = format!("{number} already belongs to another business: release it there first");
                return Err(ApiError { field: Some("number".into()), ..ApiError::new(Code::Conflict, detail) });
            }
        }
        let in_number = |e: ApiError| ApiError { field: Some("number".into()), ..e };
        target::number_sid(&self.settings().client, number).await.map_err(in_number)
    }
}

/// The endpoint that answers to a number.
fn holder<'a>(endpoints: &'a [Endpoint], number: &Address) -> Option<&'a Endpoint> {
    endpoints.iter().find(|e| e.addresses.contains(number))
}

fn checked_name(name: &str) -> Result<String, ApiError> {
    business::service_name(name).map_err(|e| ApiError::field("verifyName", e.to_string()))
}

fn checked_length(length: Option<u32>) -> Result<Option<u32>, ApiError> {
    match length {
        Some(length) if !(4..=10).contains(&length) => Err(ApiError::field("codeLength", "a code has 4 to 10 digits")),
        length => Ok(length),
    }
}

fn setup_view(series: &Series) -> SetupView {
    let now = clock::wall();
    let steps = series.steps.iter().map(|step| StepView {
        step: step.kind,
        call: step.kind.call().to_owned(),
        state: step.state,
        sid: step.sid,
        milliseconds: step.millis,
        tries: step.tries,
        found: step.found,
        detail: step.why.clone(),
        twilio: step.code,
        again: step.due.filter(|due| *due > now).map(When),
    });
    SetupView {
        business: series.business,
        state: series.state(),
        steps: steps.collect(),
        verify_name: series.wish.verify_name.clone(),
        code_length: Some(series.wish.code_length),
        number: series.wish.number.clone(),
    }
}
