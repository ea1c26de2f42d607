//! The audit log: who did what, when, to whose things, and how they were before.
//!
//! Every entry is one link of the chain that `VerifyAudit` checks. What was said in it can be erased by
//! receipt; who, when and of what kind stays.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::transcript::cell;
use super::{Page, When};
use crate::domain::id::Id;

/// Input: the entries of the audit log, newest first. What is given must all fit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ListAudit {
    /// The business; the caller's own, or all of them and the platform, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// Who did it, by handle; `-` for what the node did by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What happened: a kind such as `business.saved`, or the beginning of several, such as `business`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// A part of what an entry says: of its sentence, who did it, its business, its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<When>,
    /// Only before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<When>,
    /// Rows at most (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its lane and its number in it: `0-17`.
    pub id: String,
    /// Business time.
    pub at: When,
    /// Who did it; absent when the node did it by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<String>,
    /// What happened, in words that go on after who did it.
    pub said: String,
    /// What happened, e.g. `business.saved`.
    pub kind: String,
    /// What it is about: a name, an address, a step.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<String>,
    /// The business it concerns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<Id>,
    /// Its name as it is now, also of a deleted one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business_name: Option<String>,
    /// The conversation it concerns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub conversation: Option<Id>,
    /// The message it concerns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<Id>,
    /// The flow of verifications it concerns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub flow: Option<Id>,
    /// Which run of the node took this step at Twilio: it tells what happened before a restart from what
    /// happened after.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run: Option<String>,
    /// What is not as it was before.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub changes: Vec<AuditChange>,
    /// Whether what it said was erased.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub erased: bool,
    /// Whether what it says is what was sealed. If not, somebody changed it: `VerifyAudit` tells more.
    pub sound: bool,
    /// Hash of the entry: the next one of its lane names it. Lower-case hex of SHA-256.
    pub hash: String,
    /// Hash of the entry before it in its lane; zeros for the first.
    pub previous: String,
    /// All that was said, as it was sealed. Bodies of messages and notes only for those who may read them.
    #[serde(skip_serializing_if = "Value::is_null", default)]
    pub details: Value,
}

/// Something that an entry changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditChange {
    /// Its name.
    pub field: String,
    /// How it was; empty when it was not set.
    pub before: String,
    /// How it is since; empty when it is not set.
    pub after: String,
}

/// A page of the audit log. Where little fits, a page may have fewer rows than asked for, or none, and still a
/// `next`: only so many entries are looked at for one page.
pub type AuditPage = Page<AuditEntry>;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AuditFormat {
    /// A table, one entry a row; no cell is a formula to a spreadsheet.
    #[default]
    Csv,
    /// One entry a line, whole, as JSON.
    Jsonl,
}

/// Input: the audit log as a file.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ExportAudit {
    /// The business; the caller's own, or all of them and the platform, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// Who did it, by handle; `-` for what the node did by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What happened: a kind such as `business.saved`, or the beginning of several, such as `business`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// A part of what an entry says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<When>,
    /// Only before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<When>,
    /// How it is written; CSV when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<AuditFormat>,
    /// The `next` of the export before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The audit log as a file, newest entry first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditExport {
    /// How it is written.
    pub format: AuditFormat,
    /// The media type of the text.
    pub content_type: String,
    /// A name for its file.
    pub file_name: String,
    /// How many entries there are in it.
    pub entries: u64,
    /// The entries themselves.
    pub text: String,
    /// Give it as `after` to get what is older; absent when this is all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// Writes entries out.
///
/// # Errors
/// A sentence, when they cannot be written.
pub fn write(format: AuditFormat, entries: &[AuditEntry]) -> Result<String, String> {
    match format {
        AuditFormat::Csv => table(entries),
        AuditFormat::Jsonl => {
            let lines: Result<Vec<String>, _> = entries.iter().map(serde_json::to_string).collect();
            Ok(lines.map_err(|e| e.to_string())?.into_iter().map(|line| line + "\n").collect())
        }
    }
}

fn table(entries: &[AuditEntry]) -> Result<String, String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let names = ["id", "at", "actor", "business", "kind", "said", "subject", "before", "after", "run", "hash"];
    table.write_record(names).map_err(|e| e.to_string())?;
    for e in entries {
        let values = |one: fn(&AuditChange) -> &String| {
            let pairs: Vec<String> =
                e.changes.iter().map(|change| format!("{}: {}", change.field, one(change))).collect();
            pairs.join("; ")
        };
        let cells = [
            e.id.clone(),
            e.at.0.rfc3339(),
            e.actor.clone().unwrap_or_default(),
            e.business_name.clone().unwrap_or_default(),
            e.kind.clone(),
            e.said.clone(),
            e.subject.clone().unwrap_or_default(),
            values(|change| &change.before),
            values(|change| &change.after),
            e.run.clone().unwrap_or_default(),
            e.hash.clone(),
        ];
        table.write_record(cells.map(cell)).map_err(|e| e.to_string())?;
    }
    let bytes = table.into_inner().map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

impl ExportAudit {
    /// The page of the list that an export goes on with.
    pub fn page(&self, after: Option<String>) -> ListAudit {
        let ExportAudit { business, actor, kind, search, from, to, .. } = self.clone();
        ListAudit { business, actor, kind, search, from, to, limit: Some(200), after }
    }
}
