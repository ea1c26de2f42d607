//! Matrices of sends: kept under a name, read, dropped. How one runs is the matter of `cells`.

use std::collections::BTreeMap;
use std::time::Instant;

use super::recipient;
use crate::api::verify::*;
use crate::api::{ApiError, Caller, Done, When};
use crate::core::change::{Change, MatrixDeleted, MatrixRan, MatrixSaved, Once};
use crate::core::rows::verify::matrix_key;
use crate::core::{Core, broken, read};
use crate::domain::id::Id;
use crate::domain::verification::Channel;
use crate::domain::verification::matrix::{CELLS, Cell, Matrix, MatrixWish, Run, is_name};
use crate::store::{Index, Order, PageQuery};

/// Matrices of a business that are listed.
const LISTED: usize = 200;

impl Core {
    pub(in crate::core) async fn save_matrix(
        &self,
        caller: &Caller,
        input: SaveMatrix,
        once: Option<Once>,
    ) -> Result<MatrixView, ApiError> {
        let business = self.business(caller, input.business)?.id;
        let name = input.name.trim().to_owned();
        if !is_name(&name) {
            let detail = "a matrix's name has 1 to 40 letters, digits, `-`, `_` or `.`";
            return Err(ApiError::field("name", detail));
        }
        let wish = wish(input.matrix, &self.settings().region)?;
        let change = MatrixSaved { business, name: name.clone(), wish, expects: input.version };
        self.submit(&caller.agent, once, Change::MatrixSaved(Box::new(change))).await?;
        self.matrix(business, &name).map(view)
    }

    pub(in crate::core) fn list_matrices(&self, caller: &Caller, input: &ListMatrices) -> Result<MatrixList, ApiError> {
        self.business(caller, input.business)?;
        let reader = self.reader()?;
        let prefix = input.business.to_key();
        let query = PageQuery {
            index: Index::VerifyMatrices,
            prefix: &prefix,
            after: None,
            order: Order::Rising,
            limit: LISTED,
        };
        let mut items = Vec::new();
        for key in reader.page(&query).map_err(broken)? {
            let name = String::from_utf8_lossy(key.get(prefix.len()..).unwrap_or_default()).into_owned();
            items.extend(read::<Matrix>(&*reader, &matrix_key(input.business, &name))?.map(view));
        }
        Ok(MatrixList { items })
    }

    pub(in crate::core) fn get_matrix(&self, caller: &Caller, input: &GetMatrix) -> Result<MatrixView, ApiError> {
        let business = self.business(caller, input.business)?.id;
        self.matrix(business, &input.name).map(view)
    }

    pub(in crate::core) async fn delete_matrix(
        &self,
        caller: &Caller,
        input: DeleteMatrix,
        once: Option<Once>,
    ) -> Result<Done, ApiError> {
        let business = self.business(caller, input.business)?.id;
        let change = MatrixDeleted { business, name: input.name };
        self.submit(&caller.agent, once, Change::MatrixDeleted(change)).await?;
        Ok(Done {})
    }

    pub(in crate::core) async fn run_matrix(&self, caller: &Caller, input: RunMatrix) -> Result<MatrixRun, ApiError> {
        let (business, _) = self.verifying(caller, input.business)?;
        let matrix = self.matrix(business.id, &input.name)?;
        self.ask_when_live(input.confirm.as_deref())?;
        let run = self.run_cells(caller, business.id, &matrix.wish, matrix.version).await?;
        let change = MatrixRan { business: business.id, name: matrix.name, run: run.clone() };
        self.submit(&caller.agent, None, Change::MatrixRan(Box::new(change))).await?;
        Ok(run_view(run))
    }

    pub(in crate::core) async fn try_matrix(&self, caller: &Caller, input: TryMatrix) -> Result<MatrixRun, ApiError> {
        let (business, _) = self.verifying(caller, input.business)?;
        let wish = wish(input.matrix, &self.settings().region)?;
        self.ask_when_live(input.confirm.as_deref())?;
        self.run_cells(caller, business.id, &wish, 0).await.map(run_view)
    }

    fn matrix(&self, business: Id, name: &str) -> Result<Matrix, ApiError> {
        let row: Option<Matrix> = read(&*self.reader()?, &matrix_key(business, name))?;
        row.ok_or_else(|| ApiError::not_found(format!("matrix {name}: `switchboard verify matrices` lists them")))
    }

    /// One cell after the other: sends to one person at the same time would be one verification at Twilio.
    async fn run_cells(&self, caller: &Caller, business: Id, wish: &MatrixWish, version: u64) -> Result<Run, ApiError> {
        let at = self.now();
        let mut cells = Vec::with_capacity(wish.cells());
        for locale in &wish.locales {
            for (channel, to) in &wish.columns {
                let since = Instant::now();
                let mut cell = self.run_cell(caller, business, wish, (*channel, to), locale).await?;
                cell.took_micros = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
                cells.push(cell);
            }
        }
        Ok(Run { at, actor: caller.agent.clone(), version, cells })
    }
}

/// What is sent, checked as far as that is possible without asking Twilio.
fn wish(input: MatrixInput, region: &str) -> Result<MatrixWish, ApiError> {
    let locales = match parts(&input.locales) {
        none if none.is_empty() => vec!["en".to_owned()],
        some => some,
    };
    let named = |word: &str| {
        Channel::from_twilio(word).ok_or_else(|| {
            ApiError::field("channels", format!("`{word}` is no channel: give sms, call, whatsapp or email"))
        })
    };
    let mut own: BTreeMap<Channel, &str> = BTreeMap::new();
    for (word, address) in &input.addresses {
        own.insert(named(word.trim()).map_err(|e| ApiError { field: Some("addresses".into()), ..e })?, address);
    }
    let to = input.to.as_deref().map(str::trim).filter(|to| !to.is_empty());
    let address = |channel: Channel| own.get(&channel).copied().or(to.filter(|_| channel != Channel::Email));
    let channels = match parts(&input.channels) {
        none if none.is_empty() => Channel::ALL.into_iter().filter(|channel| address(*channel).is_some()).collect(),
        some => some.iter().map(|word| named(word)).collect::<Result<Vec<_>, _>>()?,
    };
    if channels.is_empty() {
        return Err(ApiError::field("to", "a matrix needs a recipient: give a number, or `addresses` by channel"));
    }
    let mut columns = Vec::with_capacity(channels.len());
    for channel in channels {
        let field = if own.contains_key(&channel) || channel == Channel::Email { "addresses" } else { "to" };
        let Some(given) = address(channel) else {
            let word = channel.word();
            let detail = format!("the channel `{word}` has no recipient: give its address in `addresses`");
            return Err(ApiError::field(field, detail));
        };
        let (to, _) =
            recipient(given, Some(channel), region).map_err(|e| ApiError { field: Some(field.into()), ..e })?;
        columns.push((channel, to.to_string()));
    }
    let substitutions = input.substitutions.into_iter().map(|(name, value)| (name.trim().to_owned(), value)).collect();
    let wish = MatrixWish { columns, locales, template: input.template, substitutions };
    if wish.cells() > CELLS {
        let detail = format!("a matrix has at most {CELLS} cells, and this one has {}", wish.cells());
        return Err(ApiError::field("locales", detail));
    }
    Ok(wish)
}

/// Words that stand alone or between commas, each once.
fn parts(texts: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for part in texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|part| !part.is_empty()) {
        if !all.iter().any(|have| have.eq_ignore_ascii_case(part)) {
            all.push(part.to_owned());
        }
    }
    all
}

fn view(m: Matrix) -> MatrixView {
    let MatrixWish { columns, locales, template, substitutions } = m.wish;
    MatrixView {
        name: m.name,
        version: m.version,
        actor: m.actor,
        saved_at: When(m.at),
        channels: columns.iter().map(|(channel, _)| *channel).collect(),
        addresses: columns.into_iter().map(|(channel, to)| (channel.word().to_owned(), to)).collect(),
        locales,
        template,
        substitutions,
        run: m.run.map(run_view),
    }
}

fn run_view(run: Run) -> MatrixRun {
    let passed = run.cells.iter().filter(|cell| cell.fate.is_green()).count();
    MatrixRun {
        ok: passed == run.cells.len(),
        passed,
        cells: run.cells.len(),
        at: When(run.at),
        actor: run.actor,
        version: run.version,
        items: run.cells.into_iter().map(cell_view).collect(),
    }
}

fn cell_view(c: Cell) -> CellView {
    CellView {
        cell: format!("{}/{}", c.channel.word(), c.locale),
        ok: c.fate.is_green(),
        outcome: c.fate,
        channel: c.channel,
        locale: c.locale,
        text: c.text,
        is_exact: c.is_exact,
        template: c.template,
        took_ms: c.took_micros / 1000,
        cost: c.cost,
        detail: c.detail,
        error: c.error,
        flow: c.flow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(to: &str, addresses: &[(&str, &str)], channels: &[&str]) -> MatrixInput {
        MatrixInput {
            to: (!to.is_empty()).then(|| to.to_owned()),
            addresses: addresses.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            channels: channels.iter().map(|c| (*c).to_owned()).collect(),
            locales: vec!["en, es".into(), "de,EN".into()],
            ..MatrixInput::default()
        }
    }

    #[test]
    fn each_channel_goes_to_its_address() {
        let email = ("email", "kim@example.com");
        let all = wish(input("(415) 555-0142", &[email, ("call", "+14155550143")], &[]), "US").unwrap();
        let columns: Vec<String> = all.columns.iter().map(|(c, to)| format!("{} {to}", c.word())).collect();
        assert_eq!(
            columns,
            ["sms +14155550142", "call +14155550143", "whatsapp +14155550142", "email kim@example.com"]
        );
        assert_eq!((all.locales.join(" "), all.cells()), ("en es de".to_owned(), 12));
        for (bad, field) in [
            (input("", &[], &[]), "to"),
            (input("(415) 555-0142", &[], &["sms,email"]), "addresses"),
            (input("(415) 555-0142", &[], &["pigeon"]), "channels"),
            (input("(415) 555-0142", &[("pigeon", "x")], &[]), "addresses"),
            (input("nobody", &[], &["sms"]), "to"),
        ] {
            assert_eq!(wish(bad, "US").unwrap_err().field.as_deref(), Some(field));
        }
    }
}
