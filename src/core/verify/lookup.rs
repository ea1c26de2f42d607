//! What kind of line a number is: asked for money, so the price is said first and the answer kept.

use super::recipient;
use super::refused::refused;
use super::send::Order;
use crate::api::verify::*;
use crate::api::{ApiError, Caller, Code, When};
use crate::core::change::{Change, LookedUp};
use crate::core::rows::verify::{Lookup, lookup_key};
use crate::core::{Core, read};
use crate::domain::id::Id;
use crate::domain::phone::Phone;
use crate::domain::pricing::Item;
use crate::domain::time::Span;
use crate::domain::verification::Channel;
use crate::twilio::lookups::Package;

/// How long an answer is good: numbers change their carrier seldom.
const KEPT: Span = Span::secs(30 * 86_400);

impl Core {
    pub(in crate::core) async fn look_up_number(
        &self,
        caller: &Caller,
        input: LookUpNumber,
    ) -> Result<LookupView, ApiError> {
        let business = self.business(caller, input.business)?.id;
        let (to, _) = recipient(&input.number, Some(Channel::Sms), &self.settings().region)
            .map_err(|e| ApiError { field: Some("number".into()), ..e })?;
        let phone = Phone::parse(to.as_str(), None).map_err(|e| ApiError::field("number", e.to_string()))?;
        if let Some(known) = self.looked_up(business, to.as_str())?
            && !input.again
        {
            return Ok(view(&phone, known, true));
        }
        let cost = self.settings().rates.rate(Item::Lookup, phone.region().as_deref());
        let price = cost.as_ref().map_or_else(|| "an unknown price".to_owned(), |cost| cost.fine());
        if input.confirm.as_deref() != Some(&price) {
            let detail = format!(
                "Twilio bills {price} for looking {to} up (line type and carrier): repeat with confirm `{price}`. The answer is kept for 30 days"
            );
            return Err(ApiError { confirm: Some(price), ..ApiError::new(Code::ConfirmationRequired, detail) });
        }
        let packages = [Package::LineType];
        let found = self.settings().client.lookup(to.as_str(), &packages, None).await.map_err(|e| refused(&e, None))?;
        let line = found.line_type_intelligence;
        let row = Lookup {
            business,
            number: to.to_string(),
            valid: found.valid,
            line_type: line.as_ref().and_then(|line| line.kind.clone()),
            carrier: line.and_then(|line| line.carrier_name),
            risk: found.sms_pumping_risk.and_then(|risk| risk.sms_pumping_risk_score),
            cost,
            at: self.now(),
            earlier: Vec::new(),
        };
        self.submit(&caller.agent, None, Change::LookedUp(LookedUp { row: row.clone() })).await?;
        Ok(view(&phone, row, false))
    }

    /// What is known of a number, if it was asked for lately.
    fn looked_up(&self, business: Id, number: &str) -> Result<Option<Lookup>, ApiError> {
        let row: Option<Lookup> = read(&*self.reader()?, &lookup_key(business, number))?;
        let now = self.now();
        Ok(row.filter(|row| now - row.at < KEPT))
    }

    /// What speaks against an SMS, as far as it is known for nothing.
    pub(super) fn landline(&self, order: &Order) -> Result<Option<String>, ApiError> {
        if order.wish.channel != Channel::Sms {
            return Ok(None);
        }
        let known = self.looked_up(order.business.id, order.to.as_str())?;
        Ok(known.and_then(|known| warning(&known)))
    }

    /// Asks before an SMS goes to what is known to be a landline.
    pub(super) fn warn_of_landline(&self, order: &Order) -> Result<(), ApiError> {
        let Some(why) = self.landline(order)? else { return Ok(()) };
        if order.confirm.as_deref() == Some("landline") {
            return Ok(());
        }
        let detail = format!("{why}. Choose `call`, or repeat with confirm `landline`");
        Err(ApiError { confirm: Some("landline".into()), ..ApiError::new(Code::ConfirmationRequired, detail) })
    }
}

fn warning(row: &Lookup) -> Option<String> {
    if !row.valid {
        return Some(format!("{} cannot exist, says Twilio", row.number));
    }
    let is_landline = row.line_type.as_deref() == Some("landline");
    is_landline.then(|| format!("{} is a landline: an SMS will not arrive and is billed all the same", row.number))
}

fn view(phone: &Phone, row: Lookup, is_cached: bool) -> LookupView {
    LookupView {
        national: phone.national(),
        country: phone.region(),
        warning: warning(&row),
        number: row.number,
        valid: row.valid,
        line_type: row.line_type,
        carrier: row.carrier,
        risk: row.risk,
        asked_at: When(row.at),
        is_cached,
        cost: row.cost,
    }
}
