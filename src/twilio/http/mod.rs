//! One request and its outcome: sending, reading the answer, telling the kinds of failure apart.
//!
//! Reads and deletions are repeated with a growing pause; a POST goes out once, and what is not known
//! about it is said to be unknown. Paging stands in [`page`], the pauses in [`retry`].

pub mod page;
mod retry;

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::client::Client;
use super::error::Error;
use super::params::Params;
use super::wire::Micros;

/// No answer in JSON is larger: a page of 1000 rows is about a megabyte.
const MAX_ANSWER: usize = 32 << 20;

/// An answer that was read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Client {
    /// Reads a resource.
    pub(super) async fn get<T: DeserializeOwned>(&self, product: &str, path: &str, query: Params) -> Result<T, Error> {
        let mut url = self.url(product, path)?;
        if !query.pairs().is_empty() {
            url.query_pairs_mut().extend_pairs(query.pairs());
        }
        self.get_url(url).await
    }

    /// Reads what a URL of Twilio holds. The caller has made sure that credentials may go there.
    pub(super) async fn get_url<T: DeserializeOwned>(&self, url: Url) -> Result<T, Error> {
        let answer = self.repeated(Method::GET, url).await?;
        decode(&answer.body).map_err(|reason| Error::Decode { reason })
    }

    /// Creates or changes a resource. Sent once; the caller decides about another try.
    pub(super) async fn post<T: DeserializeOwned>(&self, product: &str, path: &str, form: Params) -> Result<T, Error> {
        let request = self.http.post(self.url(product, path)?).form(form.pairs());
        let answer = judge(&Method::POST, self.attempt(request).await?)?;
        // It was carried out, but its SID cannot be read: the same as an answer that was lost.
        decode(&answer.body).map_err(|reason| Error::Unknown { reason })
    }

    /// Deletes a resource. One that is gone at a second try counts as deleted.
    pub(super) async fn delete(&self, product: &str, path: &str) -> Result<(), Error> {
        self.repeated(Method::DELETE, self.url(product, path)?).await.map(drop)
    }

    /// The moment that the answer to a read bears, whatever it says.
    pub(super) async fn date_of(&self, product: &str, path: &str) -> Result<Option<Micros>, Error> {
        let answer = self.attempt(self.http.get(self.url(product, path)?)).await?;
        Ok(answer.headers.get(DATE).and_then(|date| super::wire::date(date.to_str().ok()?)))
    }

    /// Sends an idempotent request until it succeeds, is refused, or the tries are used up.
    async fn repeated(&self, method: Method, url: Url) -> Result<Answer, Error> {
        let mut pauses = retry::Pauses::new(self.backoff);
        loop {
            let outcome = self.attempt(self.http.request(method.clone(), url.clone())).await;
            let error = match outcome.and_then(|answer| judge(&method, answer)) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if method == Method::DELETE && pauses.used() > 0 && error.is_not_found() {
                return Ok(Answer { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Vec::new() });
            }
            match pauses.next(&error) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// Sends a request once, in one of the account's slots, with credentials.
    async fn attempt(&self, request: RequestBuilder) -> Result<Answer, Error> {
        let request = request.header(AUTHORIZATION, self.authorization.clone()).header(ACCEPT, "application/json");
        self.exchange(request, MAX_ANSWER).await
    }

    /// Sends a request as it is and reads at most `limit` bytes of the answer.
    pub(super) async fn exchange(&self, request: RequestBuilder, limit: usize) -> Result<Answer, Error> {
        let _slot = self.slots.acquire().await.map_err(|_| Error::NotSent { reason: "the client is closed".into() })?;
        let mut response = request.send().await.map_err(lost)?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > limit {
                return Err(Error::Unknown { reason: format!("the answer is larger than {limit} bytes") });
            }
            body.extend_from_slice(&chunk);
        }
        tracing::debug!(
            status = status.as_u16(),
            bytes = body.len(),
            request_id = headers.get("twilio-request-id").and_then(|id| id.to_str().ok()),
            "twilio answered"
        );
        Ok(Answer { status, headers, body })
    }
}

/// Whether a request that failed ever left.
pub(super) fn lost(error: reqwest::Error) -> Error {
    let never_left = error.is_connect() || error.is_builder();
    let reason = if error.is_timeout() && !never_left {
        "no answer in time".to_owned()
    } else {
        // The URL may hold a phone number, and the outermost text says little else.
        let error = error.without_url();
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        text
    };
    if never_left { Error::NotSent { reason } } else { Error::Unknown { reason } }
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    // As one of a list is read: the program is smaller with one decoder for each resource.
    let json = serde_json::from_slice::<Value>(body);
    json.and_then(serde_json::from_value).map_err(|error| format!("it is not the JSON expected ({error})"))
}

/// What Twilio says when it refuses; newer products use `title` and `detail`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    #[serde(deserialize_with = "super::wire::loose")]
    code: Option<u32>,
    #[serde(deserialize_with = "super::wire::loose")]
    message: Option<String>,
    #[serde(deserialize_with = "super::wire::loose")]
    detail: Option<String>,
    #[serde(deserialize_with = "super::wire::loose")]
    title: Option<String>,
    #[serde(deserialize_with = "super::wire::loose")]
    more_info: Option<String>,
}

/// Tells an answer from a refusal.
pub(super) fn judge(method: &Method, answer: Answer) -> Result<Answer, Error> {
    let http = answer.status.as_u16();
    if answer.status.is_success() {
        return Ok(answer);
    }
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = refusal.code.unwrap_or(0);
    let retry_after = retry::asked(&answer.headers);
    let silent = || format!("HTTP {http} without a reason; does a proxy answer in Twilio's place?");
    let message = refusal.message.or(refusal.detail).or(refusal.title).unwrap_or_else(silent);
    Err(match http {
        _ if code == 20003 || http == 401 => Error::Unauthorized { http, code, message },
        429 if code == 0 || code == 20429 => Error::RateLimited { retry_after },
        // A server or gateway that failed may have passed the request on before.
        408 | 500.. => Error::Unknown { reason: format!("HTTP {http}, {message}") },
        400.. => Error::Refused { http, code, message, more_info: refusal.more_info, retry_after },
        _ if method == Method::POST => Error::Unknown { reason: silent() },
        _ => Error::Decode { reason: silent() },
    })
}

/// The header as seconds, for tests and for [`retry`].
fn seconds(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let at = super::wire::date(text)?;
    let wait = at - jiff::Timestamp::now().as_microsecond();
    Some(Duration::from_micros(u64::try_from(wait).unwrap_or(0)))
}

#[cfg(test)]
mod tests;
