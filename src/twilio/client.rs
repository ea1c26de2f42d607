//! The client: where Twilio is, with which credentials, and how many requests run at a time.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Once};
use std::time::Duration;

use base64::Engine;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::error::Error;
use crate::domain::id::Sid;

/// Where Twilio's products are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// The real Twilio: `https://{product}[.{edge}][.{region}].twilio.com`.
    Live {
        /// An edge location such as `dublin`.
        edge: Option<String>,
        /// A region such as `ie1`; with an edge alone it is `us1`.
        region: Option<String>,
    },
    /// All products under one URL: `{url}/{product}/{path}`, as a sandbox serves them.
    At(Url),
}

/// How the client shows who it is.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The account's own token.
    AuthToken(SecretString),
    /// An API key of the account.
    ApiKey {
        /// `SK...`
        sid: Sid,
        /// Its secret.
        secret: SecretString,
    },
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until a connection stands, TLS included. Shorter than `total`, so that a request which never left
    /// is known as such.
    pub connect: Duration,
    /// For a whole request with its answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts { connect: Duration::from_secs(5), total: Duration::from_secs(20) }
    }
}

/// How reads and deletions are repeated. A POST never is.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// Tries altogether.
    pub tries: u32,
    /// The longest pause after the first failure; doubled after each further one.
    pub first: Duration,
    /// No pause is longer. A longer `Retry-After` is handed to the caller instead of waited for.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff { tries: 4, first: Duration::from_millis(300), longest: Duration::from_secs(10) }
    }
}

/// Requests of one account at the same time, unless said otherwise.
const CONCURRENT: usize = 30;

/// What a client is made from.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where Twilio is.
    pub base: Base,
    /// The account whose resources are meant.
    pub account_sid: Sid,
    /// Who we are.
    pub credential: Credential,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How reads are repeated.
    pub backoff: Backoff,
    /// Requests of this account at the same time; Twilio's own limit is about 100.
    pub max_concurrent: usize,
}

impl Config {
    /// A configuration with the usual times and 30 requests at a time.
    pub fn new(base: Base, account_sid: Sid, credential: Credential) -> Config {
        let (timeouts, backoff) = (Timeouts::default(), Backoff::default());
        Config { base, account_sid, credential, timeouts, backoff, max_concurrent: CONCURRENT }
    }
}

/// A client of one account. Cheap to clone; clones share connections and the limit on concurrency.
#[derive(Clone)]
pub struct Client {
    pub(super) http: reqwest::Client,
    pub(super) slots: Arc<Semaphore>,
    pub(super) authorization: HeaderValue,
    pub(super) backoff: Backoff,
    base: Arc<Base>,
    account: Sid,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base).field("account", &self.account).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client. Connects to nothing yet.
    ///
    /// # Errors
    /// [`Error::NotSent`] if TLS cannot be set up or the base URL is not http(s).
    pub fn new(config: Config) -> Result<Client, Error> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // An error means that a provider is installed already: then that one is used.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let Config { base, account_sid, credential, timeouts, backoff, max_concurrent } = config;
        let base = checked(base)?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            // A redirect could lead credentials elsewhere and turn a POST into a GET.
            .redirect(reqwest::redirect::Policy::none())
            // Whether a request may be repeated is decided here, by method; never by the transport.
            .retry(reqwest::retry::never())
            // As Twilio's own libraries speak. One lost connection then costs one request, not all of them.
            .http1_only()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            // Shorter than the other side's patience: a POST on a connection just closed there is unknown.
            .pool_idle_timeout(Duration::from_secs(20));
        if let Base::At(url) = &base
            && is_loopback(url)
        {
            builder = builder.no_proxy();
            if url.scheme() == "http" {
                // Without TLS the system's trust store serves nothing, and it is dear to load.
                builder = builder.tls_certs_only([]);
            }
        }
        let http = builder
            .build()
            .map_err(|error| Error::NotSent { reason: format!("the HTTP client could not be set up ({error})") })?;
        Ok(Client {
            http,
            slots: Arc::new(Semaphore::new(max_concurrent.max(1))),
            authorization: basic(account_sid, &credential)?,
            backoff,
            base: Arc::new(base),
            account: account_sid,
        })
    }

    /// The account whose resources this client means.
    pub fn account(&self) -> Sid {
        self.account
    }

    /// The same credentials on a subaccount's resources (2010 API only; other products take the account
    /// from the credentials).
    pub fn for_subaccount(&self, account: Sid) -> Client {
        Client { account, ..self.clone() }
    }

    /// A client of another account with its own token, at the same Twilio.
    ///
    /// # Errors
    /// [`Error::NotSent`] if the token cannot stand in a header.
    pub fn as_account(&self, account: Sid, auth_token: &SecretString) -> Result<Client, Error> {
        let authorization = basic(account, &Credential::AuthToken(auth_token.clone()))?;
        Ok(Client { account, authorization, slots: Arc::new(Semaphore::new(CONCURRENT)), ..self.clone() })
    }

    /// Whether this client talks to the real Twilio.
    pub fn is_live(&self) -> bool {
        matches!(*self.base, Base::Live { .. })
    }

    /// The URL of a product's path. `path` starts with a slash and may have a query.
    pub(super) fn url(&self, product: &str, path: &str) -> Result<Url, Error> {
        let text = match &*self.base {
            Base::At(base) => format!("{}/{product}{path}", base.as_str().trim_end_matches('/')),
            Base::Live { edge, region } => {
                let region = region.as_deref().or(edge.as_ref().map(|_| "us1"));
                let parts = [Some(product), edge.as_deref(), region, Some("twilio.com")];
                let host = parts.into_iter().flatten().collect::<Vec<_>>().join(".");
                format!("https://{host}{path}")
            }
        };
        Url::parse(&text).map_err(|error| Error::NotSent { reason: format!("`{text}` is not a URL ({error})") })
    }

    /// The path of something below the account in the 2010 API.
    pub(super) fn account_path(&self, rest: &str) -> String {
        format!("/2010-04-01/Accounts/{}{rest}", self.account)
    }

    /// Whether credentials may go to this URL: the configured base's own origin or, live, any host of
    /// twilio.com over TLS.
    pub(super) fn trusts(&self, url: &Url) -> bool {
        match &*self.base {
            Base::At(base) => base.origin() == url.origin(),
            Base::Live { .. } => {
                let at_twilio = url.host_str().is_some_and(|host| host.ends_with(".twilio.com"));
                url.scheme() == "https" && url.port().is_none() && at_twilio
            }
        }
    }

    /// Follows a link from an answer of `product`: absolute, or relative to the product or to the base.
    pub(super) fn link(&self, product: &str, link: &str) -> Result<Url, Error> {
        let url = if link.starts_with('/') {
            let root = self.url(product, "/")?;
            if link.starts_with(root.path()) {
                root.join(link).map_err(|error| Error::Decode { reason: format!("link `{link}`: {error}") })?
            } else {
                self.url(product, link)?
            }
        } else {
            Url::parse(link).map_err(|error| Error::Decode { reason: format!("link `{link}`: {error}") })?
        };
        if self.trusts(&url) {
            Ok(url)
        } else {
            Err(Error::Decode { reason: format!("a link leads away from Twilio, to `{link}`") })
        }
    }
}

/// Refuses a base that cannot work, and drops what does not belong to it.
fn checked(base: Base) -> Result<Base, Error> {
    let bad = |reason: String| Err(Error::NotSent { reason });
    match base {
        Base::At(mut url) => {
            if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
                return bad(format!("`{url}` is not the base of an API: it must start with http:// or https://"));
            }
            url.set_query(None);
            url.set_fragment(None);
            Ok(Base::At(url))
        }
        Base::Live { edge, region } => {
            let label = |text: &String| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            // Empty is what an environment variable that is set to nothing gives.
            let [edge, region] = [edge, region].map(|part| part.filter(|text| !text.is_empty()));
            match edge.iter().chain(&region).find(|text| !label(text)) {
                Some(text) => bad(format!("`{text}` is not an edge or region of Twilio, such as dublin or ie1")),
                None => Ok(Base::Live { edge, region }),
            }
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn basic(account: Sid, credential: &Credential) -> Result<HeaderValue, Error> {
    let (user, password) = match credential {
        Credential::AuthToken(token) => (account, token),
        Credential::ApiKey { sid, secret } => (*sid, secret),
    };
    let pair = format!("{user}:{}", password.expose_secret());
    let text = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| Error::NotSent { reason: "the credentials cannot be put into a header".to_owned() })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(base: Base) -> Client {
        let sid = "AC00112233445566778899aabbccddeeff".parse().unwrap();
        Client::new(Config::new(base, sid, Credential::AuthToken("secret".into()))).unwrap()
    }

    fn live(edge: Option<&str>, region: Option<&str>) -> Base {
        Base::Live { edge: edge.map(str::to_owned), region: region.map(str::to_owned) }
    }

    #[test]
    fn products_have_their_hosts() {
        let url = |base| client(base).url("verify", "/v2/Services").unwrap().to_string();
        assert_eq!(url(live(None, None)), "https://verify.twilio.com/v2/Services");
        assert_eq!(url(live(Some("dublin"), Some("ie1"))), "https://verify.dublin.ie1.twilio.com/v2/Services");
        assert_eq!(url(live(None, Some("ie1"))), "https://verify.ie1.twilio.com/v2/Services");
        assert_eq!(url(live(Some("dublin"), Some(""))), "https://verify.dublin.us1.twilio.com/v2/Services");
        let at = Base::At("http://127.0.0.1:9/".parse().unwrap());
        assert_eq!(url(at), "http://127.0.0.1:9/verify/v2/Services");
    }

    #[test]
    fn a_base_that_cannot_work_is_refused() {
        for base in [live(Some("a.evil.example/"), None), Base::At("file:///etc".parse().unwrap())] {
            assert!(checked(base).is_err());
        }
    }

    #[test]
    fn credentials_go_to_twilio_only() {
        let client_live = client(live(None, None));
        let trusts = |url: &str| client_live.trusts(&url.parse().unwrap());
        assert!(trusts("https://mcs.us1.twilio.com/v1/x") && trusts("https://api.twilio.com/x"));
        for url in ["http://api.twilio.com/x", "https://api.twilio.com.evil.example", "https://eviltwilio.com/"] {
            assert!(!trusts(url), "{url}");
        }
        let sandbox = client(Base::At("http://127.0.0.1:9/x".parse().unwrap()));
        assert!(sandbox.trusts(&"http://127.0.0.1:9/api/y".parse().unwrap()));
        assert!(!sandbox.trusts(&"http://127.0.0.1:10/api/y".parse().unwrap()));
        assert!(!sandbox.trusts(&"https://api.twilio.com/".parse().unwrap()));
    }

    #[test]
    fn links_of_answers_are_followed_only_home() {
        let sandbox = client(Base::At("http://127.0.0.1:9/".parse().unwrap()));
        let follow = |link: &str| sandbox.link("api", link).map(|url| url.to_string());
        let home = "http://127.0.0.1:9/api/2010-04-01/Accounts/x.json?Page=1";
        for link in ["/2010-04-01/Accounts/x.json?Page=1", "/api/2010-04-01/Accounts/x.json?Page=1", home] {
            assert_eq!(follow(link).as_deref(), Ok(home));
        }
        assert!(follow("https://evil.example/steal").is_err());
        assert!(follow("//evil.example/steal").unwrap().starts_with("http://127.0.0.1:9/"));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let shown = format!("{:?}", client(live(None, None)));
        assert!(!shown.contains("secret") && shown.contains("AC0011"), "{shown}");
    }
}
