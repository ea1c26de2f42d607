//! Reports: the figures of a range written out for people and programs, as CSV, JSON, Markdown or HTML.
//!
//! All forms are written from one document, so that they say the same to the last digit.

mod document;
mod html;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::analytics::{Ledger, MessageAnalytics, VerifyAnalytics};
use crate::domain::id::Id;
pub use document::{Document, Table};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ReportFormat {
    /// Text with tables, for mail and for reading.
    #[default]
    Markdown,
    /// One row for each figure; no cell is a formula to a spreadsheet.
    Csv,
    /// What the operations of analytics answer.
    Json,
    /// A page to print, with its charts inside and nothing outside.
    Html,
}

/// Input: a report on a range.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GetReport {
    /// The business; the caller's own, or the default one, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// All businesses together, deleted ones included.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// From this day (`2026-03-01`) or moment on; six days before the end when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Up to this day or moment, which does not belong to it; the end of today when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The last whole week, Monday to Sunday, instead of `from` and `to`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub week: bool,
    /// The last whole month, instead of `from` and `to`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub month: bool,
    /// The time zone whose days are meant, by its IANA name; the business's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How it is written; Markdown when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<ReportFormat>,
}

/// A report. Over HTTP it is a file: the text with its media type and its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// How it is written.
    pub format: ReportFormat,
    /// The media type of the text.
    pub content_type: String,
    /// A name for its file.
    pub file_name: String,
    /// The report itself.
    pub text: String,
}

impl ReportFormat {
    const ALL: [ReportFormat; 4] = [ReportFormat::Markdown, ReportFormat::Csv, ReportFormat::Json, ReportFormat::Html];

    /// The media type, and how a file of it ends.
    pub fn media_type(self) -> (&'static str, &'static str) {
        match self {
            ReportFormat::Markdown => ("text/markdown; charset=utf-8", "md"),
            ReportFormat::Csv => ("text/csv; charset=utf-8", "csv"),
            ReportFormat::Json => ("application/json", "json"),
            ReportFormat::Html => ("text/html; charset=utf-8", "html"),
        }
    }
}

impl Report {
    /// How it is named as a file over HTTP. The name holds no character that a header or a shell minds.
    pub fn disposition(&self) -> String {
        format!("attachment; filename=\"{}\"", self.file_name)
    }

    /// Reads it back from a file over HTTP: its media type, its disposition and its text. `None` when that is no
    /// report.
    pub fn of_file(content_type: &str, disposition: &str, text: String) -> Option<Report> {
        let format = ReportFormat::ALL.into_iter().find(|format| format.media_type().0 == content_type)?;
        let file_name = disposition.strip_prefix("attachment; filename=\"")?.strip_suffix('"')?.to_owned();
        Some(Report { format, content_type: content_type.to_owned(), file_name, text })
    }
}

/// What a report is made of, and what it is as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReportFigures")]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// The verifications.
    pub verifications: VerifyAnalytics,
    /// The messages.
    pub messages: MessageAnalytics,
    /// The ledger; of all businesses, each by itself.
    pub ledger: Ledger,
}

/// Writes a report.
///
/// # Errors
/// When a value cannot be written in that format.
pub fn write(format: ReportFormat, figures: &Figures) -> Result<Report, String> {
    let (content_type, ending) = format.media_type();
    let document = Document::of(figures);
    let text = match format {
        ReportFormat::Markdown => document.markdown(),
        ReportFormat::Csv => document.csv()?,
        ReportFormat::Json => serde_json::to_string_pretty(figures).map_err(|e| e.to_string())? + "\n",
        ReportFormat::Html => html::page(&document, figures),
    };
    let file_name = format!("switchboard-{}-to-{}.{ending}", document.from, document.to);
    Ok(Report { format, content_type: content_type.to_owned(), file_name, text })
}
