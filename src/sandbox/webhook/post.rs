//! Makes a webhook's requests: signed, retried as the URL's overrides say, then the fallback, then
//! whatever TwiML redirects to. Touches no state; what happened comes back as a [`Report`].

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode, redirect};
use url::form_urlencoded;

use super::overrides::{self, Overrides};
use super::twiml::{self, Reply};
use super::{Delivery, Purpose, Target, signature};
use crate::sandbox::carrier::media;
use crate::sandbox::journal::{self, Entry};

/// What came of a webhook.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// One entry per attempt.
    pub entries: Vec<Entry>,
    /// The messages that the answer asks for.
    pub replies: Vec<Reply>,
    /// The last answer: URL, status (none without an answer), body.
    pub answer: Option<(String, Option<u16>, String)>,
    /// The last answer's headers, form-encoded.
    pub headers: String,
    /// Twilio's error code, when it failed in the end.
    pub code: Option<u32>,
}

/// Makes requests; one HTTP client per pair of time limits, since those belong to the client, and one more
/// for each that needs no TLS.
#[derive(Default)]
pub struct Poster {
    clients: Mutex<HashMap<(Duration, Duration, bool), Client>>,
}

struct Answer {
    status: StatusCode,
    content_type: Option<String>,
    headers: String,
    body: String,
}

/// Redirects and fallbacks one webhook may go through.
const STEPS: usize = 10;
/// Longest TwiML that Twilio reads.
const LONGEST_ANSWER: usize = 64 * 1024;
const LONGEST_FETCH: Duration = Duration::from_secs(15);
/// Connections kept open to one receiver between webhooks.
const IDLE: usize = 16;
/// What every request of a webhook says of itself.
pub const USER_AGENT: &str = "TwilioProxy/1.1";

impl Poster {
    /// Delivers one webhook.
    pub async fn deliver(&self, delivery: &Delivery) -> Report {
        let mut report = Report::default();
        let mut params = delivery.params.clone();
        let mut target = delivery.target.clone();
        let mut fallback = delivery.fallback.clone();
        for step in 0..STEPS {
            let token =
                if step == 0 { delivery.idempotency.clone() } else { format!("{}-{step}", delivery.idempotency) };
            let result = self.try_target(delivery, &target, &params, &token, &mut report).await;
            let failure = match result.and_then(|answer| understood(&delivery.purpose, &answer)) {
                Ok(script) => {
                    report.replies.extend(script.replies);
                    report.code = script.warning;
                    let next = script.redirect.and_then(|(url, method)| resolve(&target.url, &url, &method));
                    match next {
                        Some(next) => {
                            target = next;
                            continue;
                        }
                        None => return report,
                    }
                }
                Err(code) => code,
            };
            report.code = Some(failure);
            let Some(second) = fallback.take() else { return report };
            params.push(("ErrorCode".into(), failure.to_string()));
            params.push(("ErrorUrl".into(), target.url.clone()));
            target = second;
        }
        report.code = Some(11215);
        report
    }

    /// Fetches a message's media; answers its type and bytes.
    pub async fn fetch(&self, url: &str) -> Result<(String, Vec<u8>), String> {
        let client = self.client(&Overrides::default(), url).map_err(|failure| failure.text)?;
        let answer = client.get(url).timeout(LONGEST_FETCH).send().await;
        let mut response = answer.and_then(reqwest::Response::error_for_status).map_err(|error| error.to_string())?;
        let kind = response.headers().get("content-type").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| error.to_string())? {
            bytes.extend_from_slice(&chunk);
            // More than is sent: how much more does not matter.
            if bytes.len() > media::LARGEST {
                break;
            }
        }
        Ok((kind.unwrap_or_default(), bytes))
    }

    /// Requests one URL as often as its overrides allow.
    async fn try_target(
        &self,
        delivery: &Delivery,
        target: &Target,
        params: &[(String, String)],
        token: &str,
        report: &mut Report,
    ) -> Result<Answer, u32> {
        let (url, overrides) = overrides::split(&target.url)?;
        let begun = Instant::now();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let left = overrides.total.saturating_sub(begun.elapsed());
            let at = Instant::now();
            let request = self.request(delivery, url, &target.method, params, token, &overrides);
            let result = match tokio::time::timeout(left, request).await {
                Ok(result) => result,
                Err(_) => Err(Failure { code: 11200, text: "no answer in time".into(), kind: Kind::Read }),
            };
            let mut entry = describe(delivery, url, &target.method, params, attempt);
            entry.took_ms = u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX);
            let (retry, outcome) = match result {
                Ok(answer) => {
                    entry.status = Some(answer.status.as_u16());
                    entry.response = journal::body(answer.body.as_bytes());
                    report.headers.clone_from(&answer.headers);
                    report.answer = Some((url.to_owned(), entry.status, answer.body.clone()));
                    let policy = overrides.policy;
                    let status = answer.status;
                    let retry =
                        (status.is_client_error() && policy.client) || (status.is_server_error() && policy.server);
                    let failed = status.is_client_error() || status.is_server_error();
                    entry.code = failed.then_some(11200);
                    (retry, if failed { Err(11200) } else { Ok(answer) })
                }
                Err(failure) => {
                    entry.code = Some(failure.code);
                    entry.error = Some(failure.text);
                    report.answer = Some((url.to_owned(), None, String::new()));
                    report.headers.clear();
                    let retry = match failure.kind {
                        Kind::Connect => overrides.policy.connect,
                        Kind::Read => overrides.policy.read,
                        Kind::Final => false,
                    };
                    (retry, Err(failure.code))
                }
            };
            report.entries.push(entry);
            if outcome.is_ok() || !retry || attempt > overrides.retries || begun.elapsed() >= overrides.total {
                return outcome;
            }
        }
    }

    async fn request(
        &self,
        delivery: &Delivery,
        url: &str,
        method: &str,
        params: &[(String, String)],
        token: &str,
        overrides: &Overrides,
    ) -> Result<Answer, Failure> {
        let client = self.client(overrides, url)?;
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let request = if let Some(body) = &delivery.body {
            // JSON is not part of what is signed; its digest is, in the URL.
            let text = body.to_string();
            let joint = if url.contains('?') { '&' } else { '?' };
            let full = format!("{}{joint}bodySHA256={}", without_default_port(url), signature::digest(&text));
            let sign = signature::sign(&delivery.token, &full, &[]);
            client.post(full).header("Content-Type", "application/json").header("X-Twilio-Signature", sign).body(text)
        } else if method == "GET" {
            let joint = if url.contains('?') { '&' } else { '?' };
            let full = format!("{}{joint}{form}", without_default_port(url));
            let sign = signature::sign(&delivery.token, &full, &[]);
            client.get(full).header("X-Twilio-Signature", sign)
        } else {
            let sign = signature::sign(&delivery.token, &without_default_port(url), params);
            client
                .post(url)
                .header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
                .header("X-Twilio-Signature", sign)
                .body(form)
        };
        let mut response = request.header("I-Twilio-Idempotency-Token", token).send().await.map_err(Failure::of)?;
        let status = response.status();
        let content_type = response.headers().get("content-type").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let said = response.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let headers = form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish();
        let mut body = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| Failure { kind: Kind::Final, ..Failure::of(error) })?
        {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                return Err(Failure {
                    code: 11750,
                    text: "the answer is longer than 64 KiB".into(),
                    kind: Kind::Final,
                });
            }
        }
        Ok(Answer { status, content_type, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }

    fn client(&self, overrides: &Overrides, url: &str) -> Result<Client, Failure> {
        let plain = is_plain(url);
        let key = (overrides.connect, overrides.read, plain);
        let mut clients = self.clients.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let mut builder = Client::builder();
        if plain {
            // The system's trust store is dear to load, and serves nothing then.
            builder = builder.tls_certs_only([]);
        }
        let client = builder
            .user_agent(USER_AGENT)
            .connect_timeout(overrides.connect)
            .read_timeout(overrides.read)
            .pool_max_idle_per_host(IDLE)
            .redirect(redirect::Policy::limited(STEPS))
            .no_proxy()
            .build()
            .map_err(Failure::of)?;
        clients.insert(key, client.clone());
        Ok(client)
    }
}

enum Kind {
    Connect,
    Read,
    Final,
}

struct Failure {
    code: u32,
    text: String,
    kind: Kind,
}

impl Failure {
    fn of(error: reqwest::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text = inner.to_string();
            cause = inner.source();
        }
        let (code, kind) = if error.is_redirect() {
            (11215, Kind::Final)
        } else if error.is_builder() {
            (11100, Kind::Final)
        } else if error.is_timeout() && !error.is_connect() {
            (11200, Kind::Read)
        } else if error.is_connect() && text.contains("lookup") {
            (11210, Kind::Connect)
        } else if error.is_connect() {
            (11205, Kind::Connect)
        } else {
            (11200, Kind::Final)
        };
        Self { code, text, kind }
    }
}

/// What an answer means: TwiML for inbound messages, nothing for statuses.
fn understood(purpose: &Purpose, answer: &Answer) -> Result<twiml::Script, u32> {
    match purpose {
        Purpose::Inbound { .. } => twiml::read(answer.content_type.as_deref(), &answer.body),
        Purpose::Status { .. } | Purpose::Usage { .. } | Purpose::Event { .. } => Ok(twiml::Script::default()),
    }
}

fn resolve(base: &str, url: &str, method: &str) -> Option<Target> {
    let absolute = url::Url::parse(base).and_then(|base| base.join(url)).map(|url| url.to_string());
    Target::new(absolute.as_deref().unwrap_or(url), method)
}

fn describe(delivery: &Delivery, url: &str, method: &str, params: &[(String, String)], attempt: u32) -> Entry {
    let form = || journal::object(params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    Entry {
        kind: "webhook".into(),
        product: delivery.purpose.word().into(),
        method: method.to_owned(),
        path: url.to_owned(),
        account_sid: delivery.account.clone(),
        request: delivery.body.clone().unwrap_or_else(form),
        sid: Some(delivery.purpose.sid().to_owned()),
        attempt: Some(attempt),
        ..Entry::default()
    }
}

/// Whether a URL leads to this machine without TLS.
fn is_plain(url: &str) -> bool {
    let host = url::Url::parse(url).ok().filter(|url| url.scheme() == "http");
    match host.as_ref().and_then(url::Url::host) {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Twilio signs without `:443` of https and `:80` of http.
fn without_default_port(url: &str) -> String {
    let (scheme, port) = if url.starts_with("https://") { ("https://", ":443") } else { ("http://", ":80") };
    let Some(rest) = url.strip_prefix(scheme) else { return url.to_owned() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, tail) = rest.split_at(end);
    format!("{scheme}{}{tail}", host.strip_suffix(port).unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_the_default_port_off() {
        assert_eq!(without_default_port("https://h.example:443/x?y=:443"), "https://h.example/x?y=:443");
        assert_eq!(without_default_port("http://h.example:80?a=1"), "http://h.example?a=1");
        assert_eq!(without_default_port("http://127.0.0.1:8080/x"), "http://127.0.0.1:8080/x");
        assert_eq!(without_default_port("https://h.example:80/"), "https://h.example:80/");
    }

    #[test]
    fn a_redirect_may_be_relative() {
        let target = resolve("http://127.0.0.1:9/a/b?c=1#rc=2", "next?d=2", "get").unwrap();
        assert_eq!((target.url.as_str(), target.method.as_str()), ("http://127.0.0.1:9/a/next?d=2", "GET"));
    }
}
