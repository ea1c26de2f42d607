//! Settles sends whose answer was lost: by the verification's own list of sends, and by Twilio's attempts.
//! Nothing is ever sent again by itself.

use super::send::accepted;
use crate::api::ApiError;
use crate::clock;
use crate::core::change::{AttemptAccepted, AttemptRefused, AttemptUnknown, Change};
use crate::core::inbox::last_id;
use crate::core::keeping::SKEW;
use crate::core::rows::verify::{attempt_key, series};
use crate::core::settling::look;
use crate::core::{Core, broken, read};
use crate::domain::id::{Id, Sid};
use crate::domain::time::Time;
use crate::domain::verification::{Attempt, Channel, Progress};
use crate::store::{Index, Order, PageQuery};
use crate::twilio::Error;
use crate::twilio::verify::attempts::AttemptFilter;
use crate::twilio::verify::{Checked as Which, Verification};

/// How many waiting sends are read at a time.
const CHUNK: usize = 256;

/// The worker. It sleeps as long as every send has its answer.
pub(in crate::core) async fn run(core: Core) {
    look(&core, "codes", &core.0.verify.doubt, |core| async move { round(&core).await }).await;
}

/// Looks once at all that are not settled. `true` when some still are not.
async fn round(core: &Core) -> Result<bool, ApiError> {
    let mut waiting = false;
    let mut after: Option<Vec<u8>> = None;
    loop {
        let keys = unanswered(core, after.as_deref())?;
        let Some(last) = keys.last() else { return Ok(waiting) };
        after = Some(last.clone());
        for key in &keys {
            let Some(business) = key.get(..8).and_then(|b| b.try_into().ok()).map(u64::from_be_bytes) else { continue };
            let id = last_id(key);
            // Asked before the row is read: a request that ends in between has recorded its answer by then.
            if core.0.verify.is_under_way(id) {
                continue;
            }
            let Some(attempt) = read::<Attempt>(&*core.reader()?, &attempt_key(Id(business), id))? else { continue };
            waiting |= !one(core, &attempt).await?;
        }
    }
}

fn unanswered(core: &Core, after: Option<&[u8]>) -> Result<Vec<Vec<u8>>, ApiError> {
    let query = PageQuery { index: Index::VerifyUnanswered, prefix: &[], after, order: Order::Rising, limit: CHUNK };
    core.reader()?.page(&query).map_err(broken)
}

/// Settles one send if that is possible.
async fn one(core: &Core, attempt: &Attempt) -> Result<bool, ApiError> {
    let (business, id) = (attempt.business, attempt.id);
    if attempt.progress == Progress::Starting {
        let text = "the node ended while Twilio was being asked; looking whether the code was sent".to_owned();
        core.submit_work(Change::AttemptUnknown(AttemptUnknown { business, attempt: id, text })).await?;
        return Ok(false);
    }
    let change = match find(core, attempt).await {
        Ok(Some(change)) => change,
        Ok(None) if clock::wall() - attempt.started > core.0.pace.settling => {
            let text =
                "Twilio has no record of it: the code was not sent. Send it again if it is still wanted".to_owned();
            Change::AttemptRefused(AttemptRefused { business, attempt: id, code: None, text })
        }
        Ok(None) => return Ok(false),
        Err(e) => {
            tracing::warn!(error = %e, "Twilio cannot be asked about a code; looking again soon");
            return Ok(false);
        }
    };
    core.submit_work(change).await?;
    Ok(true)
}

/// Looks at Twilio for a send to this recipient over this channel, not older than ours, that no send of
/// ours is bound to.
async fn find(core: &Core, attempt: &Attempt) -> Result<Option<Change>, Error> {
    let verify = core.settings().client.verify();
    let since = attempt.at - SKEW;
    let is_free = |sid: Sid| is_free(core, attempt.business, sid).unwrap_or(false);
    match verify.fetch(attempt.service, &Which::To(attempt.to.to_string())).await {
        Ok(mut found) => {
            if let Some(place) = place(&found, attempt, since, &is_free) {
                found.send_code_attempts.truncate(place + 1);
                let at = attempt.at;
                return Ok(Some(accepted(attempt.business, attempt.id, &found, at)));
            }
        }
        Err(e) if e.is_not_found() => {}
        Err(e) => return Err(e),
    }
    let filter = AttemptFilter {
        service: Some(attempt.service),
        to: Some(attempt.to.to_string()),
        after: Some(since.0),
        page_size: Some(200),
        ..AttemptFilter::default()
    };
    let page = verify.attempts(&filter).await?;
    let fits = |made: &&crate::twilio::verify::attempts::Attempt| {
        same_channel(made.channel.as_ref().map(|c| c.as_str()), attempt.wish.channel)
            && made.date_created.is_none_or(|at| Time(at) >= since)
            && made.channel_data.to.as_deref().is_none_or(|to| to == attempt.to.as_str())
            && is_free(made.sid)
    };
    // The oldest that nobody has: lists come newest first.
    let Some(made) = page.items.iter().rfind(fits) else { return Ok(None) };
    let Some(verification) = made.verification_sid else { return Ok(None) };
    Ok(Some(Change::AttemptAccepted(AttemptAccepted {
        business: attempt.business,
        attempt: attempt.id,
        verification,
        sid: Some(made.sid),
        sends: attempt.nth,
        at: attempt.at,
        carrier: made.channel_data.carrier.clone(),
    })))
}

/// Which send of a verification's list is ours: the oldest that fits and that nobody has.
fn place(found: &Verification, attempt: &Attempt, since: Time, is_free: &dyn Fn(Sid) -> bool) -> Option<usize> {
    found.send_code_attempts.iter().position(|sent| {
        same_channel(sent.channel.as_ref().map(|c| c.as_str()), attempt.wish.channel)
            && sent.time.is_none_or(|at| Time(at) >= since)
            && sent.attempt_sid.is_some_and(is_free)
    })
}

fn same_channel(word: Option<&str>, channel: Channel) -> bool {
    word.is_none_or(|word| Channel::from_twilio(word) == Some(channel))
}

/// Whether no send of this business is bound to an attempt of Twilio's.
fn is_free(core: &Core, business: Id, sid: Sid) -> Result<bool, ApiError> {
    let text = sid.to_string();
    let prefix = [&business.to_key()[..], &[series::BY_SID], text.as_bytes()].concat();
    let query = PageQuery { index: Index::VerifyLog, prefix: &prefix, after: None, order: Order::Rising, limit: 1 };
    Ok(core.reader()?.page(&query).map_err(broken)?.is_empty())
}
