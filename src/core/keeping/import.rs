//! The import of what was said before this store began: page by page from the newest to the oldest,
//! within bounds. What is here stays as it is, so it can be broken off, resumed and repeated.

use super::super::change::{Change, ImportSaved, Imported};
use super::super::rows::{SidRow, import_key, sid_key};
use super::super::{Core, read};
use super::Trouble;
use super::sweep::{self, Routes, Span, Sweep, media, submit, when};
use crate::api::ApiError;
use crate::domain::address::Address;
use crate::domain::keeping::{Import, ImportState};
use crate::domain::message::{Direction, Status};
use crate::store::Reader;
use crate::twilio::messages;

/// Whether there is more to do at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// One page is done, and there are more.
    More,
    /// There is nothing to import.
    Nothing,
}

impl Core {
    pub(super) fn import(&self) -> Result<Option<Import>, ApiError> {
        read(&*self.reader()?, &import_key(self.settings().account))
    }

    pub(super) async fn save_import(&self, actor: &str, import: Import) -> Result<(), ApiError> {
        self.submit(actor, None, Change::ImportSaved(ImportSaved { import })).await.map(|_| ())
    }
}

/// Imports one page, if an import is under way. `reading` holds where the list is, within a run.
pub(super) async fn part(core: &Core, reading: &mut Option<Sweep>) -> Result<Part, Trouble> {
    let Some(mut import) = core.import()?.filter(|i| i.state == ImportState::Running) else {
        *reading = None;
        return Ok(Part::Nothing);
    };
    let span = Span { from: import.since, until: import.down_to };
    // Taken out: after a failure it begins anew at what was written down.
    let mut sweep = reading.take().unwrap_or_else(|| Sweep::begin(core.settings().client.clone(), span, None));
    let page = sweep.read().await?;
    let left = usize::try_from(import.limit.saturating_sub(import.listed)).unwrap_or(usize::MAX);
    let (items, mut is_last) = match &page {
        Some(page) => (&page.items[..page.items.len().min(left)], !page.has_next() || page.items.len() >= left),
        None => (&[][..], true),
    };
    import.imported += bring(core, items).await?;
    import.listed += items.len() as u64;
    match items.last().and_then(when) {
        Some(down_to) => import.down_to = down_to.min(import.down_to),
        None => is_last = true,
    }
    if is_last {
        (import.state, import.ended_at) = (ImportState::Done, Some(core.now()));
        tracing::info!(listed = import.listed, imported = import.imported, "the import of the history is done");
    }
    // An agent may have stopped it meanwhile.
    if core.import()?.is_some_and(|now| now.state == ImportState::Running && now.until == import.until) {
        core.save_import("", import).await?;
    }
    if let (Some(page), false) = (page, is_last) {
        *reading = Some(sweep.after(page));
    }
    Ok(Part::More)
}

/// Brings in what is not here. Answers how many that were.
async fn bring(core: &Core, items: &[messages::Message]) -> Result<u64, Trouble> {
    let mut new = Vec::new();
    {
        let reader = core.reader()?;
        let mut routes = Routes::default();
        for m in items {
            new.extend(history(core, &*reader, m, &mut routes)?.map(|change| (change, m.num_media.unwrap_or(0))));
        }
    }
    let mut changes = Vec::with_capacity(new.len());
    for (mut change, files) in new {
        if files > 0 {
            change.media = media(&core.settings().client, change.sid).await?;
        }
        changes.push(Change::Imported(change));
    }
    let moved = submit(core, changes).await?;
    Ok(moved.into_iter().filter(|moved| *moved).count() as u64)
}

/// A listed message as history; `None` for what is known or nobody's.
fn history(
    core: &Core,
    reader: &dyn Reader,
    m: &messages::Message,
    routes: &mut Routes,
) -> Result<Option<Box<Imported>>, ApiError> {
    if read::<SidRow>(reader, &sid_key(m.sid))?.is_some() {
        return Ok(None);
    }
    let inbound = m.direction == Some(messages::Direction::Inbound);
    let (customer, ours) = if inbound { (&m.from, &m.to) } else { (&m.to, &m.from) };
    let address = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Address>().ok());
    let Some((customer, ours)) = address(customer).zip(address(ours)) else { return Ok(None) };
    let account = m.account_sid.unwrap_or(core.settings().account);
    let Some((business, endpoint)) = routes.find(reader, account, ours.as_str(), m.messaging_service_sid)? else {
        return Ok(None);
    };
    let status = if inbound { Some(Status::Received) } else { Status::from_twilio(m.status.as_str()) };
    let (Some(status), Some(at)) = (status, sweep::when(m)) else { return Ok(None) };
    Ok(Some(Box::new(Imported {
        business,
        endpoint,
        sid: m.sid,
        direction: if inbound { Direction::In } else { Direction::Out },
        customer,
        ours,
        body: m.body.clone(),
        segments: m.num_segments.unwrap_or(0),
        media: Vec::new(),
        at,
        status,
        error: m.error_code.filter(|code| *code != 0),
        price: m.price.map(|p| p.to_string()).zip(m.price_unit.clone()),
        message: core.new_id(),
        conversation: core.new_id(),
    })))
}
