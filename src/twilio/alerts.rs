//! Monitor's alerts: what Twilio noticed going wrong, such as a webhook that could not be fetched. Kept by
//! Twilio for 30 days. They hold what customers wrote and what our own server answered: hostile text.

use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::Params;
use super::wire::{Micros, loose, loose_date, words};
use crate::domain::id::Sid;

words! {
    /// How bad it is.
    LogLevel {
        /// It failed.
        Error = "error",
        /// It was carried out all the same.
        Warning = "warning",
        /// Worth to know.
        Notice = "notice",
        /// For those who look for something.
        Debug = "debug",
    }
}

/// An alert. The request's own fields are in one that was fetched, not in those of a list.
#[derive(Debug, Clone, Deserialize)]
pub struct Alert {
    /// `NO...`
    pub sid: Sid,
    /// What it is about: a message, a number, ...
    #[serde(default, deserialize_with = "loose")]
    pub resource_sid: Option<String>,
    /// The messaging or Verify service, if one was used.
    #[serde(default, deserialize_with = "loose")]
    pub service_sid: Option<String>,
    /// Twilio's code.
    #[serde(default, deserialize_with = "loose")]
    pub error_code: Option<u32>,
    /// How bad it is.
    #[serde(default, deserialize_with = "loose_level")]
    pub log_level: Option<LogLevel>,
    /// What happened, form-encoded.
    #[serde(default, deserialize_with = "loose")]
    pub alert_text: Option<String>,
    /// The request that went wrong.
    #[serde(default, deserialize_with = "loose")]
    pub request_method: Option<String>,
    /// Its URL.
    #[serde(default, deserialize_with = "loose")]
    pub request_url: Option<String>,
    /// Its parameters, form-encoded.
    #[serde(default, deserialize_with = "loose")]
    pub request_variables: Option<String>,
    /// What it was answered: headers, form-encoded.
    #[serde(default, deserialize_with = "loose")]
    pub response_headers: Option<String>,
    /// What it was answered.
    #[serde(default, deserialize_with = "loose")]
    pub response_body: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_generated: Option<Micros>,
}

/// Which alerts to list.
#[derive(Debug, Clone, Default)]
pub struct AlertFilter {
    /// Only this level.
    pub level: Option<LogLevel>,
    /// From this moment on; older than 30 days is not to be had.
    pub from: Option<Micros>,
    /// Up to this moment.
    pub to: Option<Micros>,
    /// Rows a page, at most 1000.
    pub page_size: Option<u32>,
}

/// The account's alerts.
#[derive(Debug, Clone, Copy)]
pub struct Alerts<'a>(&'a Client);

impl Client {
    /// The account's alerts.
    pub fn alerts(&self) -> Alerts<'_> {
        Alerts(self)
    }
}

impl Alerts<'_> {
    /// The first page of those that fit, newest first; go on with [`Client::rows`].
    ///
    /// # Errors
    /// As any read.
    pub async fn list(&self, filter: &AlertFilter) -> Result<Page<Alert>, Error> {
        let query = Params::new()
            .maybe("LogLevel", filter.level.as_ref())
            .moment("StartDate", filter.from)
            .moment("EndDate", filter.to)
            .maybe("PageSize", filter.page_size);
        self.0.first_page("monitor", "/v1/Alerts", query, "alerts").await
    }

    /// One, with the request that went wrong.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch(&self, sid: Sid) -> Result<Alert, Error> {
        self.0.get("monitor", &format!("/v1/Alerts/{sid}"), Params::new()).await
    }
}

fn loose_level<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<LogLevel>, D::Error> {
    Ok(loose::<String, D>(d)?.map(|word| LogLevel::from(word.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::testing::{Server, ok};

    #[tokio::test]
    async fn alerts_are_listed_by_level_and_time_and_read_whole() {
        let sid = "NO000000000000000000000000000000bb";
        let row = format!(
            r#"{{"sid":"{sid}","error_code":"11200","log_level":"ERROR","request_url":"https://desk.example/sms",
            "request_method":"POST","date_generated":"2026-03-02T17:00:00Z","service_sid":null,"resource_sid":"SM1"}}"#
        );
        let odd = r#"{"sid":"NO000000000000000000000000000000cc","error_code":null,"log_level":"loud"}"#;
        let whole = row.replace("\"SM1\"", "\"SM1\",\"response_body\":\"out of order\"");
        let list = format!(r#"{{"alerts":[{row},{odd}],"meta":{{"next_page_url":null,"key":"alerts"}}}}"#);
        let server = Server::start(vec![ok(&list), ok(&whole)]).await;
        let client = server.client();
        let filter = AlertFilter { level: Some(LogLevel::Error), from: Some(0), ..AlertFilter::default() };
        let page = client.alerts().list(&filter).await.unwrap();
        let [first, second] = &page.items[..] else { panic!("two") };
        assert_eq!((first.error_code, first.log_level.as_ref()), (Some(11200), Some(&LogLevel::Error)));
        assert_eq!((second.error_code, second.log_level.as_ref().map(LogLevel::as_str)), (None, Some("loud")));
        let found = client.alerts().fetch(sid.parse().unwrap()).await.unwrap();
        assert_eq!(found.response_body.as_deref(), Some("out of order"));
        let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
        let asked = "GET /monitor/v1/Alerts?LogLevel=error&StartDate=1970-01-01T00%3A00%3A00Z";
        assert_eq!(lines, [asked.to_owned(), format!("GET /monitor/v1/Alerts/{sid}")]);
    }
}
