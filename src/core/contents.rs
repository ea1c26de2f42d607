//! Content templates: those that WhatsApp has approved, and a message that uses one.
//!
//! They stand at Twilio and are asked for when they are needed: nothing of them is kept here but what a
//! message was made of.

use std::collections::BTreeMap;

use futures_util::StreamExt;

use super::Core;
use crate::api::contents::{BlankView, ContentList, ContentView, ListContents};
use crate::api::{ApiError, Caller, Code};
use crate::domain::address::{Address, AddressKind};
use crate::domain::content::{LONGEST_VALUE, Used, blanks, filled, missing};
use crate::domain::endpoint::Endpoint;
use crate::domain::id::{Id, Sid};
use crate::twilio::contents::Content;
use crate::twilio::{Client, Error};

/// The most templates that are listed.
const MOST: usize = 500;

impl Core {
    pub(super) async fn list_contents(&self, caller: &Caller, input: &ListContents) -> Result<ContentList, ApiError> {
        let client = self.content_client(self.business_of(caller, input.business)?)?;
        let first = client.contents().with_approvals().await.map_err(upstream)?;
        let mut rows = std::pin::pin!(client.rows(first).take(MOST));
        let (mut items, mut others) = (Vec::new(), 0);
        while let Some(row) = rows.next().await {
            let row = row.map_err(upstream)?;
            match row.approval_requests.as_ref().filter(|approval| approval.is_given()) {
                Some(approval) => items.extend(view(&row, approval.category.clone())),
                None => others += 1,
            }
        }
        items.sort_by(|a, b| (&a.name, &a.language).cmp(&(&b.name, &b.language)));
        Ok(ContentList { items, others })
    }

    /// The client of the account whose templates a business uses: that of its WhatsApp sender.
    fn content_client(&self, business: Id) -> Result<Client, ApiError> {
        let endpoints = self.endpoints_of(business)?;
        let whatsapp = |e: &&Endpoint| e.addresses.iter().any(|address| address.kind() == AddressKind::Whatsapp);
        let endpoint = endpoints.iter().find(whatsapp).or(endpoints.first());
        Ok(self.client_of(endpoint.map_or(self.settings().account, |endpoint| endpoint.account)))
    }

    /// The text that a template becomes with these values, and how the message names it.
    pub(super) async fn use_content(
        &self,
        business: Id,
        sid: Sid,
        variables: BTreeMap<String, String>,
        to: &Address,
    ) -> Result<(String, Used), ApiError> {
        if &sid.prefix != b"HX" {
            return Err(ApiError::field("contentSid", format!("{sid} is no content template: its SID begins with HX")));
        }
        let client = self.content_client(business)?;
        let contents = client.contents();
        let content = contents.fetch(sid).await.map_err(|e| match e.code() {
            Some(20404) => ApiError::field("contentSid", format!("there is no content template {sid} (21655)")),
            _ => upstream(e),
        })?;
        if to.kind() == AddressKind::Whatsapp {
            let approval = contents.approval(sid).await.map_err(upstream)?;
            if !approval.as_ref().is_some_and(|approval| approval.is_given()) {
                let said = approval.as_ref().and_then(|a| a.status.as_ref()).map_or("unsubmitted", |s| s.as_str());
                let name = &content.friendly_name;
                let detail = format!("WhatsApp has not approved the template {name}: it is {said}. Choose another one");
                return Err(ApiError { twilio: Some(63016), ..ApiError::new(Code::Conflict, detail) });
            }
        }
        let Some((_, body)) = content.text() else {
            let detail =
                format!("the template {} has no text that could be shown before it is sent", content.friendly_name);
            return Err(ApiError::field("contentSid", detail));
        };
        check(body, &variables)?;
        Ok((filled(body, &variables), Used { sid, variables }))
    }
}

/// Refuses values that Twilio or WhatsApp would refuse.
fn check(body: &str, variables: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let refuse = |why: String| Err(ApiError::field("contentVariables", why));
    let open = missing(body, variables);
    if !open.is_empty() {
        return refuse(format!("nothing is given for {{{{{}}}}} (21656)", open.join("}}, {{")));
    }
    let known = blanks(body);
    if let Some(odd) = variables.keys().find(|name| !known.contains(&name.as_str())) {
        return refuse(format!("the template has no blank {{{{{odd}}}}} (21656)"));
    }
    // WhatsApp takes no line breaks and no tabs in a blank.
    let broken = |value: &String| value.contains(['\n', '\r', '\t']);
    match variables.iter().find(|(_, value)| broken(value) || value.chars().count() > LONGEST_VALUE) {
        Some((name, _)) => refuse(format!("{{{{{name}}}}} takes one line of at most {LONGEST_VALUE} characters")),
        None => Ok(()),
    }
}

fn view(content: &Content, category: Option<String>) -> Option<ContentView> {
    let (_, body) = content.text()?;
    let blank = |name: &str| BlankView { name: name.to_owned(), sample: content.sample(name) };
    Some(ContentView {
        sid: content.sid,
        name: content.friendly_name.clone(),
        language: content.language.clone(),
        category,
        blanks: blanks(body).into_iter().map(blank).collect(),
        body: body.to_owned(),
    })
}

fn upstream(e: Error) -> ApiError {
    let detail = format!("Twilio's content templates cannot be read: {}", e.explain());
    ApiError { twilio: e.code(), ..ApiError::new(Code::Upstream, detail) }
}
