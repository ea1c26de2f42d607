//! The forms a webhook URL may have had when Twilio signed it.
//!
//! Twilio's backend is not consistent about the port, and its own validators disagree about how a query
//! is escaped; each tries several forms. The order here puts the likely ones first, and a form is made
//! only when those before it did not fit.

use std::borrow::Cow;
use std::iter;

use url::{Url, form_urlencoded};

/// What a trusted proxy says about the request it received (`X-Forwarded-Proto`, `X-Forwarded-Host`).
#[derive(Debug, Clone, Copy)]
pub struct Forwarded<'a> {
    /// `http` or `https`; of a list the first counts.
    pub proto: &'a str,
    /// Host, with port if it has one; of a list the first counts.
    pub host: &'a str,
}

/// Scheme, authority and leading path in front of the requested path.
#[derive(Clone, Copy, PartialEq)]
struct Origin<'a> {
    scheme: &'a str,
    authority: &'a str,
    prefix: &'a str,
}

/// The forms of a requested URL, likeliest first: under the configured public URL, then as forwarded,
/// each with and without port; then the same with the query escaped anew.
///
/// `public_url` is scheme and host and perhaps a leading path that a proxy takes away. `path` and
/// `raw_query` (empty if none) are as requested, still percent-encoded.
pub fn candidates<'a>(
    public_url: Option<&'a str>,
    path: &'a str,
    raw_query: &'a str,
    forwarded: Option<Forwarded<'a>>,
) -> impl Iterator<Item = String> + Clone + 'a {
    let public = public_url.and_then(split);
    let forwarded = forwarded.map(|f| Origin { scheme: first(f.proto), authority: first(f.host), prefix: "" });
    let origins = [public, forwarded.filter(|f| Some(*f) != public && !f.authority.is_empty())];
    queries(raw_query).flat_map(move |query| {
        origins.into_iter().flatten().flat_map(move |origin| {
            let query = query.clone();
            [false, true].into_iter().map(move |other_port| origin.url(other_port, path, &query))
        })
    })
}

/// The forms of a URL at one origin (`https://host[:port]`, perhaps with a leading path): with the port as
/// written and the other way, and the query as it came and escaped anew.
pub(super) fn forms(origin: &str, path: &str, raw_query: &str) -> Vec<String> {
    candidates(Some(origin), path, raw_query, None).collect()
}

/// Splits `https://host:port/prefix/` and drops a query or fragment (connection overrides).
fn split(url: &str) -> Option<Origin<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.split(['?', '#']).next()?;
    let end = rest.find('/').unwrap_or(rest.len());
    Some(Origin { scheme, authority: &rest[..end], prefix: rest[end..].trim_end_matches('/') })
}

fn first(list: &str) -> &str {
    list.split(',').next().unwrap_or(list).trim()
}

impl Origin<'_> {
    /// The URL with the port as written or, if asked, the other way: an explicit port removed, or the
    /// scheme's own port added.
    fn url(self, other_port: bool, path: &str, query: &str) -> String {
        let Origin { scheme, authority, prefix } = self;
        let host_start = authority.rfind('@').map_or(0, |at| at + 1);
        let host_end = authority[host_start..].rfind(']').map_or(host_start, |end| host_start + end);
        let port_at = authority[host_end..].rfind(':').map(|colon| host_end + colon);
        let (host, port) = match (other_port, port_at) {
            (false, _) => (authority, ""),
            (true, Some(colon)) => (&authority[..colon], ""),
            (true, None) if scheme.eq_ignore_ascii_case("http") => (authority, ":80"),
            (true, None) => (authority, ":443"),
        };
        let mark = if query.is_empty() { "" } else { "?" };
        [scheme, "://", host, port, prefix, path, mark, query].concat()
    }
}

/// The query as it came, then as a browser's URL parser escapes it, then as Node's `querystring` does.
fn queries(raw: &str) -> impl Iterator<Item = Cow<'_, str>> + Clone {
    let whatwg = move || browser_escaped(raw).filter(|query| query != raw);
    let legacy = move || Some(node_escaped(raw)).filter(|query| query != raw && Some(query) != whatwg().as_ref());
    iter::once(Cow::Borrowed(raw))
        .chain(iter::once_with(whatwg).flatten().map(Cow::Owned))
        .chain(iter::once_with(legacy).flatten().map(Cow::Owned))
}

fn browser_escaped(raw: &str) -> Option<String> {
    let mut url = Url::parse("https://host/").ok()?;
    url.set_query(Some(raw).filter(|query| !query.is_empty()));
    Some(url.query().unwrap_or_default().to_owned())
}

/// `stringify(parse(query))`: values of one name are brought together, a space becomes `%20`, and
/// ``-_.!~*'()`` stay as they are.
fn node_escaped(raw: &str) -> String {
    let mut grouped: Vec<(Cow<'_, str>, Vec<Cow<'_, str>>)> = Vec::new();
    for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
        match grouped.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => grouped.push((name, vec![value])),
        }
    }
    let mut out = String::with_capacity(raw.len() + 16);
    for (name, values) in &grouped {
        for value in values {
            if !out.is_empty() {
                out.push('&');
            }
            push_escaped(&mut out, name);
            out.push('=');
            push_escaped(&mut out, value);
        }
    }
    out
}

fn push_escaped(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(public: Option<&str>, path: &str, query: &str, forwarded: Option<Forwarded<'_>>) -> Vec<String> {
        candidates(public, path, query, forwarded).collect()
    }

    #[test]
    fn the_public_url_comes_first_then_the_forwarded_one() {
        let forwarded = Forwarded { proto: "http", host: "inner:8080, proxy" };
        let found = list(Some("https://shop.example/hooks/#rc=3"), "/sms", "b=1&m=2", Some(forwarded));
        let expected = [
            "https://shop.example/hooks/sms?b=1&m=2",
            "https://shop.example:443/hooks/sms?b=1&m=2",
            "http://inner:8080/sms?b=1&m=2",
            "http://inner/sms?b=1&m=2",
        ];
        assert_eq!(found[..4], expected);
    }

    #[test]
    fn forms_that_are_the_same_are_tried_once() {
        let forwarded = Some(Forwarded { proto: "https", host: "shop.example" });
        assert_eq!(list(Some("https://shop.example"), "/sms", "", forwarded).len(), 2);
        assert_eq!(list(None, "/sms", "", None), Vec::<String>::new());
    }

    #[test]
    fn ports_of_any_host() {
        let second = |public| list(Some(public), "/x", "", None).swap_remove(1);
        assert_eq!(second("http://[::1]:8080"), "http://[::1]/x");
        assert_eq!(second("http://[::1]"), "http://[::1]:80/x");
        assert_eq!(second("https://a:b@shop.example"), "https://a:b@shop.example:443/x");
        assert_eq!(second("https://a:b@shop.example:9/"), "https://a:b@shop.example/x");
    }

    #[test]
    fn queries_are_escaped_anew_only_when_that_changes_them() {
        let forms: Vec<_> = queries("Body=It's+a").collect();
        assert_eq!(forms, ["Body=It's+a", "Body=It%27s+a", "Body=It's%20a"]);
        assert_eq!(queries("b=12&m=34").count(), 1);
    }
}
