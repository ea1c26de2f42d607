//! A call to Twilio, taken apart: which product, which path, which parameters, whose credentials.

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use url::form_urlencoded;

/// The products that live below the base URL, by Twilio's subdomains.
pub const PRODUCTS: [&str; 12] = [
    "api",
    "conversations",
    "verify",
    "messaging",
    "trusthub",
    "lookups",
    "pricing",
    "numbers",
    "content",
    "events",
    "monitor",
    "accounts",
];
/// Chat's media service, which has subdomains of its own.
pub const MEDIA: &str = "mcs";

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The HTTP method.
    pub method: String,
    /// The path, percent-encoded.
    pub path: String,
    /// The query, without `?`.
    pub query: String,
    /// The `Host` header.
    pub host: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// Parameters in the order they came.
#[derive(Debug, Clone, Default)]
pub struct Params(pub Vec<(String, String)>);

/// A call to one of Twilio's products.
#[derive(Debug, Clone)]
pub struct Call {
    /// The product's subdomain.
    pub product: String,
    /// The HTTP method.
    pub method: String,
    /// The path's decoded segments, `.json` taken off the last.
    pub segments: Vec<String>,
    /// Whether the path ended in `.json`.
    pub json: bool,
    /// The path without the product, percent-encoded.
    pub path: String,
    /// The query's parameters.
    pub query: Params,
    /// The form's parameters.
    pub form: Params,
    /// The JSON body, where a product takes one.
    pub json_body: Option<serde_json::Value>,
    /// What absolute links in answers begin with, product included.
    pub origin: String,
    /// User and password.
    pub credentials: Option<(String, String)>,
}

impl Params {
    /// Reads form encoding.
    pub fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of a name, if it was given at all.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name, if it is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All values of a name that are not empty.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A truth value; Twilio reads anything else as false.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.text(name).map(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The pairs as text slices.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Call {
    /// Takes a request apart; `None` when it is for no product of Twilio's.
    pub fn read(raw: &Raw) -> Option<Self> {
        let (product, path, origin) = by_host(raw).or_else(|| by_path(raw))?;
        let mut segments: Vec<String> = path.split('/').filter(|s| !s.is_empty()).map(decode).collect();
        let json = segments.last_mut().is_some_and(|last| match last.strip_suffix(".json") {
            Some(name) => {
                *last = name.to_owned();
                true
            }
            None => false,
        });
        let form = match raw.content_type.as_deref() {
            Some(kind) if kind.starts_with("application/x-www-form-urlencoded") => Params::parse(&raw.body),
            _ => Params::default(),
        };
        let json_body = match raw.content_type.as_deref() {
            Some(kind) if kind.starts_with("application/json") => serde_json::from_slice(&raw.body).ok(),
            _ => None,
        };
        Some(Self {
            json_body,
            product,
            method: raw.method.clone(),
            segments,
            json,
            path,
            query: Params::parse(raw.query.as_bytes()),
            form,
            origin,
            credentials: raw.authorization.as_deref().and_then(basic),
        })
    }

    /// The path as error messages name it: the 2010 API whole, the others without their version.
    pub fn named_path(&self) -> &str {
        if self.product == "api" {
            return &self.path;
        }
        let after_version = self.path.get(1..).and_then(|rest| rest.find('/')).and_then(|at| self.path.get(at + 1..));
        after_version.unwrap_or(&self.path)
    }

    /// The segments as text slices, to match on.
    pub fn route(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }
}

/// `verify.twilio.com`, `api.dublin.ie1.twilio.com`: the product is the first label.
fn by_host(raw: &Raw) -> Option<(String, String, String)> {
    let host = raw.host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let labels = host.strip_suffix(".twilio.com")?;
    let product = labels.split('.').next().filter(|product| known(product))?;
    Some((product.to_owned(), raw.path.clone(), format!("https://{host}")))
}

/// `/verify/v2/...` below the base; the 2010 API also without a product, where its relative links lead.
fn by_path(raw: &Raw) -> Option<(String, String, String)> {
    let rest = raw.path.strip_prefix('/')?;
    let (first, tail) = rest.split_once('/').unwrap_or((rest, ""));
    let origin = |product: &str| format!("http://{}/{product}", raw.host);
    if first == "2010-04-01" {
        return Some(("api".into(), raw.path.clone(), origin("api")));
    }
    known(first).then(|| (first.to_owned(), format!("/{tail}"), origin(first)))
}

fn known(product: &str) -> bool {
    PRODUCTS.contains(&product) || product == MEDIA
}

fn decode(segment: &str) -> String {
    // A plus is itself in a path, so it must not be read as a space.
    let pair = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(rest.trim()).ok()?).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(host: &str, path: &str) -> Raw {
        Raw {
            method: "GET".into(),
            path: path.into(),
            query: String::new(),
            host: host.into(),
            authorization: Some("Basic QUMxOnNlYzpyZXQ=".into()),
            content_type: None,
            body: Bytes::new(),
        }
    }

    #[test]
    fn finds_the_product_by_path_and_by_host() {
        let call = Call::read(&raw("127.0.0.1:4010", "/verify/v2/Services/VA1")).unwrap();
        assert_eq!((call.product.as_str(), call.route()), ("verify", vec!["v2", "Services", "VA1"]));
        assert_eq!((call.origin.as_str(), call.named_path()), ("http://127.0.0.1:4010/verify", "/Services/VA1"));
        assert_eq!(call.credentials, Some(("AC1".into(), "sec:ret".into())));
        let call = Call::read(&raw("api.dublin.ie1.twilio.com", "/2010-04-01/Accounts/AC1/Messages.json")).unwrap();
        assert_eq!((call.product.as_str(), call.json, call.segments[3].as_str()), ("api", true, "Messages"));
        assert_eq!(call.named_path(), "/2010-04-01/Accounts/AC1/Messages.json");
        assert_eq!(Call::read(&raw("127.0.0.1:1", "/2010-04-01/Accounts.json")).unwrap().product, "api");
        assert!(Call::read(&raw("127.0.0.1:1", "/sandbox/state")).is_none());
    }

    #[test]
    fn a_plus_in_a_path_is_a_plus() {
        let call = Call::read(&raw("h", "/lookups/v2/PhoneNumbers/+14155550142")).unwrap();
        assert_eq!(call.segments[2], "+14155550142");
        assert_eq!(Call::read(&raw("h", "/lookups/v2/PhoneNumbers/%2B1415")).unwrap().segments[2], "+1415");
    }
}
