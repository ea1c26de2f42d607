//! Content templates: texts that WhatsApp approves, with blanks to fill in.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::Params;
use super::wire::{loose, or_default, words};
use crate::domain::id::Sid;

words! {
    /// Where a template stands with WhatsApp.
    ApprovalStatus {
        /// Nobody has asked for approval.
        Unsubmitted = "unsubmitted",
        /// Twilio has the request.
        Received = "received",
        /// WhatsApp looks at it.
        Pending = "pending",
        /// It may be sent.
        Approved = "approved",
        /// It may not.
        Rejected = "rejected",
        /// Not for now: customers complained.
        Paused = "paused",
        /// Not any more.
        Disabled = "disabled",
    }
}

/// What WhatsApp says of a template.
#[derive(Debug, Clone, Deserialize)]
pub struct Approval {
    /// Where it stands.
    #[serde(default)]
    pub status: Option<ApprovalStatus>,
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    #[serde(default, deserialize_with = "loose")]
    pub category: Option<String>,
    /// Why it was refused, in WhatsApp's words.
    #[serde(default, deserialize_with = "loose")]
    pub rejection_reason: Option<String>,
}

impl Approval {
    /// Whether it may be sent.
    pub fn is_given(&self) -> bool {
        self.status == Some(ApprovalStatus::Approved)
    }
}

/// A template.
#[derive(Debug, Clone, Deserialize)]
pub struct Content {
    /// `HX...`
    pub sid: Sid,
    /// What the account calls it.
    #[serde(default, deserialize_with = "or_default")]
    pub friendly_name: String,
    /// Two letters.
    #[serde(default, deserialize_with = "or_default")]
    pub language: String,
    /// Samples of what stands in its blanks.
    #[serde(default, deserialize_with = "or_default")]
    pub variables: BTreeMap<String, Value>,
    /// What it is on each kind of channel.
    #[serde(default, deserialize_with = "or_default")]
    pub types: Map<String, Value>,
    /// What WhatsApp says of it; only in lists that ask for it.
    #[serde(default)]
    pub approval_requests: Option<Approval>,
}

impl Content {
    /// Its first type with a text: the type's name and the text.
    pub fn text(&self) -> Option<(&str, &str)> {
        self.types.iter().find_map(|(kind, what)| Some((kind.as_str(), what["body"].as_str()?)))
    }

    /// A sample of what stands in a blank.
    pub fn sample(&self, name: &str) -> Option<String> {
        let value = self.variables.get(name)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}

#[derive(Deserialize)]
struct Approvals {
    #[serde(default)]
    whatsapp: Option<Approval>,
}

/// The content templates of an account.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a>(pub(super) &'a Client);

impl Client {
    /// The account's content templates.
    pub fn contents(&self) -> Contents<'_> {
        Contents(self)
    }
}

impl Contents<'_> {
    /// The first page of the templates with what WhatsApp says of each; go on with [`Client::rows`].
    ///
    /// # Errors
    /// As any read.
    pub async fn with_approvals(&self) -> Result<Page<Content>, Error> {
        let query = Params::new().set("PageSize", 100);
        self.0.first_page("content", "/v1/ContentAndApprovals", query, "contents").await
    }

    /// One template; without what WhatsApp says of it.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch(&self, sid: Sid) -> Result<Content, Error> {
        self.0.get("content", &format!("/v1/Content/{sid}"), Params::new()).await
    }

    /// What WhatsApp says of a template.
    ///
    /// # Errors
    /// As any read.
    pub async fn approval(&self, sid: Sid) -> Result<Option<Approval>, Error> {
        let path = format!("/v1/Content/{sid}/ApprovalRequests");
        self.0.get::<Approvals>("content", &path, Params::new()).await.map(|approvals| approvals.whatsapp)
    }
}
