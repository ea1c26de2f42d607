//! The import of what was said before this store began: page by page from the newest to the oldest,
//! within bounds. What is here stays as it is, so it can be broken off, resumed and repeated.

use std::collections::HashSet;

use super::super::change::{Change, ImportSaved, Imported};
use super::super::rows::{SidRow, import_key, sid_key};
use super::super::world::decode;
use super::super::{Core, broken, read};
use super::Trouble;
use super::sweep::{self, Routes, Span, Sweep, media, submit, when};
use crate::api::ApiError;
use crate::api::node::World;
use crate::domain::address::Address;
use crate::domain::endpoint::Endpoint;
use crate::domain::id::Sid;
use crate::domain::keeping::{Import, ImportState};
use crate::domain::message::{Direction, Status};
use crate::store::{Reader, Table};
use crate::twilio::{Client, messages};

/// Whether there is more to do at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// One page is done, and there are more.
    More,
    /// There is nothing to import.
    Nothing,
}

/// Where the list of an account is, within a run.
#[derive(Default)]
pub(super) struct Reading {
    sweep: Option<(Sid, Sweep)>,
    /// Whose part was done last: one that fails does not hold up the others.
    last: Option<Sid>,
}

impl Core {
    /// The imports of all accounts, the node's own first.
    pub(super) fn imports(&self) -> Result<Vec<Import>, ApiError> {
        let reader = self.reader()?;
        let mut imports = Vec::new();
        for client in self.clients()? {
            imports.extend(read::<Import>(&*reader, &import_key(client.account()))?);
        }
        Ok(imports)
    }

    pub(super) async fn save_import(&self, actor: &str, import: Import) -> Result<(), ApiError> {
        self.submit(actor, None, Change::ImportSaved(ImportSaved { import })).await.map(|_| ())
    }
}

impl Reading {
    /// The import whose turn it is: the one that is being read, else the next one after the last.
    fn turn(&self, core: &Core) -> Result<Option<Import>, ApiError> {
        let mut running = core.imports()?;
        running.retain(|import| import.state == ImportState::Running && !core.is_resting(import.account));
        let at = |sid: Sid| running.iter().position(|import| import.account == sid);
        let next = match (&self.sweep, self.last.and_then(at)) {
            (Some((sid, _)), _) => at(*sid).unwrap_or(0),
            (None, Some(last)) => (last + 1) % running.len(),
            (None, None) => 0,
        };
        Ok((next < running.len()).then(|| running.swap_remove(next)))
    }
}

/// Begins the import of live accounts that are new here, as soon as there is an endpoint to import for. One that
/// was imported, or whose import was stopped, is left alone.
async fn begin_first(core: &Core) -> Result<(), Trouble> {
    if core.settings().world != World::Live {
        return Ok(());
    }
    let mut new: Vec<Sid> = core.clients()?.iter().map(Client::account).collect();
    {
        let reader = core.reader()?;
        for import in core.imports()? {
            new.retain(|account| *account != import.account);
        }
        if new.is_empty() {
            return Ok(());
        }
        let mut used = HashSet::new();
        let mut each = |key: &[u8], raw: &[u8]| used.extend(decode::<Endpoint>(key, raw).ok().map(|e| e.account));
        reader.scan(Table::Endpoints, &[], &mut each).map_err(broken)?;
        new.retain(|account| used.contains(account));
    }
    for account in new {
        let import = Import::begin(account, Import::DAYS, Import::LIMIT, core.now());
        tracing::info!(%account, days = Import::DAYS, limit = Import::LIMIT, "this account is new here: what was said before is imported; `switchboard keeping stop-import` ends it");
        core.save_import("", Import { by_itself: true, ..import }).await?;
    }
    Ok(())
}

/// Imports one page, if an import is under way. `reading` holds where the list is, within a run.
pub(super) async fn part(core: &Core, reading: &mut Reading) -> Result<Part, Trouble> {
    begin_first(core).await?;
    let Some(import) = reading.turn(core)? else {
        *reading = Reading::default();
        return Ok(Part::Nothing);
    };
    let account = import.account;
    let read = page_of(core, import, reading).await;
    core.noted(account, read).map(|_| Part::More)
}

/// Imports one page of an account.
async fn page_of(core: &Core, mut import: Import, reading: &mut Reading) -> Result<(), Trouble> {
    let (account, client) = (import.account, core.client_of(import.account));
    reading.last = Some(account);
    let span = Span { from: import.since, until: import.down_to };
    // Taken out: after a failure it begins anew at what was written down.
    let sweep = reading.sweep.take().filter(|(sid, _)| *sid == account).map(|(_, sweep)| sweep);
    let mut sweep = sweep.unwrap_or_else(|| Sweep::begin(client.clone(), span, None));
    let page = sweep.read().await?;
    let left = usize::try_from(import.limit.saturating_sub(import.listed)).unwrap_or(usize::MAX);
    let (items, mut is_last) = match &page {
        Some(page) => (&page.items[..page.items.len().min(left)], !page.has_next() || page.items.len() >= left),
        None => (&[][..], true),
    };
    import.imported += bring(core, &client, items).await?;
    import.listed += items.len() as u64;
    match items.last().and_then(when) {
        Some(down_to) => import.down_to = down_to.min(import.down_to),
        None => is_last = true,
    }
    if is_last {
        (import.state, import.ended_at) = (ImportState::Done, Some(core.now()));
        tracing::info!(%account, listed = import.listed, imported = import.imported, "the import of the history is done");
    }
    // An agent may have stopped it meanwhile.
    let now: Option<Import> = read(&*core.reader()?, &import_key(account))?;
    if now.is_some_and(|now| now.state == ImportState::Running && now.until == import.until) {
        core.save_import("", import).await?;
    }
    if let (Some(page), false) = (page, is_last) {
        reading.sweep = Some((account, sweep.after(page)));
    }
    Ok(())
}

/// Brings in what is not here. Answers how many that were.
async fn bring(core: &Core, client: &Client, items: &[messages::Message]) -> Result<u64, Trouble> {
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
            change.media = media(client, change.sid).await?;
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
