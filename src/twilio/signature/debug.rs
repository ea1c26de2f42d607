//! The signature debugger: which URL a refused signature was made for, and what hid it from us.
//!
//! A check tries the forms of the URL that are configured or told by a believed proxy. Here everything
//! is tried that any header names, believed or not, to say in words what to change. It decides nothing.

use super::urls::forms;
use super::{Body, Token, body_hash, push_params, sha256_hex};

/// What is known of the request.
#[derive(Clone, Copy)]
pub struct Heard<'a> {
    /// The configured public URL.
    pub public_url: Option<&'a str>,
    /// The raw path.
    pub path: &'a str,
    /// The raw query.
    pub query: &'a str,
    /// Its body.
    pub body: Body<'a>,
    /// The signature as it came.
    pub signature: Option<&'a str>,
    /// A header by its lower-case name.
    pub header: &'a dyn Fn(&str) -> Option<String>,
    /// Whether the neighbour is a listed proxy.
    pub is_trusted: bool,
}

/// One URL that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The URL.
    pub url: String,
    /// Where it comes from: a setting or a header.
    pub source: String,
    /// Whether the receiver tries it, too.
    pub is_used: bool,
    /// The whole string that was signed.
    pub signed: String,
    /// The signature it gives with each token.
    pub expected: Vec<String>,
    /// The token that gives the signature that came, if one does.
    pub token: Option<usize>,
}

/// What the investigation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the webhook is right by the present settings.
    pub is_right: bool,
    /// What was found, as sentences.
    pub found: String,
    /// What to change.
    pub fix: String,
}

struct Origin {
    source: String,
    text: String,
    path: String,
    is_used: bool,
}

/// Tries everything. The trial that fits, if there is one, explains the refusal.
pub fn investigate(tokens: &[Token], heard: &Heard<'_>) -> (Vec<Trial>, Verdict) {
    let mut params = String::new();
    if let Body::Form(pairs) = heard.body {
        push_params(&mut params, pairs);
    }
    let mut trials: Vec<Trial> = Vec::new();
    for origin in origins(heard) {
        for url in forms(&origin.text, &origin.path, heard.query) {
            if trials.iter().any(|t| t.url == url) {
                continue;
            }
            let signed = format!("{url}{params}");
            let expected: Vec<String> = tokens.iter().map(|token| token.sign(&signed)).collect();
            let token = expected.iter().position(|made| Some(made.as_str()) == heard.signature);
            trials.push(Trial { url, source: origin.source.clone(), is_used: origin.is_used, signed, expected, token });
        }
    }
    let verdict = judge(tokens, heard, &trials);
    (trials, verdict)
}

/// Scheme and host in every way that something names them.
fn origins(heard: &Heard<'_>) -> Vec<Origin> {
    let mut origins = Vec::new();
    let mut add = |source: &str, text: String, path: &str, is_used: bool| {
        origins.push(Origin { source: source.to_owned(), text, path: path.to_owned(), is_used });
    };
    let header = |name: &str| (heard.header)(name).map(|text| first(&text));
    if let Some(public) = heard.public_url {
        add("server.public_url", public.to_owned(), heard.path, true);
        let other = if heard.path.ends_with('/') {
            heard.path.trim_end_matches('/').to_owned()
        } else {
            format!("{}/", heard.path)
        };
        add("server.public_url, with the slash at its end turned", public.to_owned(), &other, false);
        if let Some(rest) = public.strip_prefix("https://") {
            add("server.public_url with http", format!("http://{rest}"), heard.path, false);
        } else if let Some(rest) = public.strip_prefix("http://") {
            add("server.public_url with https", format!("https://{rest}"), heard.path, false);
        }
    }
    let proto = header("x-forwarded-proto");
    let prefix = header("x-forwarded-prefix").unwrap_or_default();
    let port = header("x-forwarded-port");
    for (name, shown) in
        [("x-forwarded-host", "X-Forwarded-Host"), ("x-original-host", "X-Original-Host"), ("host", "Host")]
    {
        let Some(host) = header(name) else { continue };
        let is_first = name == "x-forwarded-host" || header("x-forwarded-host").is_none();
        for scheme in ["https", "http"] {
            let is_told = proto.as_deref().unwrap_or("https") == scheme;
            let source = match (&proto, is_told) {
                (Some(_), true) => format!("X-Forwarded-Proto and {shown}"),
                _ => format!("{shown} with {scheme}"),
            };
            let is_used = heard.is_trusted && is_told && is_first && name != "x-original-host";
            add(&source, format!("{scheme}://{host}"), heard.path, is_used);
            if !prefix.is_empty() {
                add(&format!("{source}, X-Forwarded-Prefix"), format!("{scheme}://{host}{prefix}"), heard.path, false);
            }
            if let Some(port) = &port {
                let bare = host.split(':').next().unwrap_or(&host).to_owned();
                add(&format!("{source}, X-Forwarded-Port"), format!("{scheme}://{bare}:{port}"), heard.path, false);
            }
        }
    }
    for (name, shown) in [("x-forwarded-uri", "X-Forwarded-Uri"), ("x-original-url", "X-Original-URL")] {
        let path = header(name).and_then(|uri| uri.split('?').next().map(str::to_owned)).filter(|p| p.starts_with('/'));
        let (Some(path), Some(base)) =
            (path, heard.public_url.map(str::to_owned).or_else(|| header("host").map(|h| format!("https://{h}"))))
        else {
            continue;
        };
        let base = base.split('/').take(3).collect::<Vec<_>>().join("/");
        add(&format!("{shown} (the proxy changed the path)"), base, &path, false);
    }
    if let Some((proto, host)) = header("forwarded").and_then(|text| standard(&text)) {
        add("Forwarded", format!("{proto}://{host}"), heard.path, false);
    }
    origins
}

/// `Forwarded: proto=https;host=shop.example` (RFC 7239).
fn standard(text: &str) -> Option<(String, String)> {
    let part = |name: &str| {
        text.split(';').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    Some((part("proto").unwrap_or_else(|| "https".into()), part("host")?))
}

fn first(list: &str) -> String {
    list.split(',').next().unwrap_or(list).trim().to_owned()
}

fn judge(tokens: &[Token], heard: &Heard<'_>, trials: &[Trial]) -> Verdict {
    let wrong = |found: &str, fix: &str| Verdict { is_right: false, found: found.to_owned(), fix: fix.to_owned() };
    let Some(signature) = heard.signature else {
        return wrong(
            "The request carries no X-Twilio-Signature.",
            "If it did come from Twilio, a proxy drops the header: let it pass. Otherwise it is a forgery.",
        );
    };
    if tokens.is_empty() {
        return wrong(
            "No auth token is known for the account that the webhook names.",
            "Make the account known, with its auth token, then replay.",
        );
    }
    if let Some(verdict) = changed_body(heard, trials) {
        return verdict;
    }
    if let Some(fits) = trials.iter().find(|t| t.token.is_some()) {
        let bare = fits.url.split('?').next().unwrap_or_default();
        let base = bare.strip_suffix(heard.path);
        if fits.is_used {
            let found = format!("The signature is right for {}, which the settings allow now.", fits.url);
            return Verdict { is_right: true, found, fix: "Replay it.".to_owned() };
        }
        let found = format!("The signature is right for {}, which {} names.", fits.url, fits.source);
        let fix = if fits.source.contains("slash") {
            "The URL at Twilio ends otherwise than ours: correct it there, character by character.".to_owned()
        } else if let Some(base) = base {
            // What a listed proxy says of scheme and host is believed; of ports and paths it never is.
            let believable = !heard.is_trusted && fits.source == "X-Forwarded-Proto and X-Forwarded-Host";
            let or = if believable { ", or list the proxy in server.trusted_proxies" } else { "" };
            format!("Set server.public_url = \"{base}\"{or}.")
        } else {
            format!(
                "Twilio asked for {bare}, but {} arrived: let the proxy pass the path unchanged, or set server.public_url to what stands in front of {}.",
                heard.path, heard.path
            )
        };
        return Verdict { is_right: false, found, fix };
    }
    let alone = |t: &&Trial| tokens.iter().any(|token| token.sign(&t.url) == signature);
    if let (Body::Form(_), Some(fits)) = (heard.body, trials.iter().find(alone)) {
        let found = format!(
            "The signature covers {} without the form: it was signed for a GET, or for another body.",
            fits.url
        );
        return wrong(
            &found,
            "A proxy turned a GET into a POST, or changed the body or its content type: let it pass unchanged.",
        );
    }
    wrong(
        "No URL that is configured or named by a header gives this signature with any token.",
        "Compare the URL at Twilio with server.public_url, character by character; check that the auth token is the account's primary one; and that no proxy changes the body.",
    )
}

/// For a body that is no form: what is wrong with its hash, if anything is.
fn changed_body(heard: &Heard<'_>, trials: &[Trial]) -> Option<Verdict> {
    let Body::Raw(raw) = heard.body else { return None };
    let in_url = trials.iter().find_map(|t| body_hash(&t.url).map(str::to_owned));
    let ours = sha256_hex(raw);
    let (found, fix) = match in_url {
        None => (
            "The body is not a form, and the URL carries no bodySHA256.".to_owned(),
            "A proxy cuts the query, or changes the content type of a form: let both pass unchanged.",
        ),
        Some(hash) if !hash.eq_ignore_ascii_case(&ours) => (
            format!("The URL says that the body has the SHA-256 {hash}, but what arrived has {ours}."),
            "Something between Twilio and here changes the body: let it pass unchanged.",
        ),
        Some(_) => return None,
    };
    Some(Verdict { is_right: false, found, fix: fix.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::form::Form;
    use crate::twilio::signature::sign;

    const FORM: &str = "From=%2B1&Body=hi";

    /// Signs for `url` and investigates what arrived with these headers.
    fn verdict(url: &str, public: Option<&str>, headers: &[(&str, &str)], is_trusted: bool) -> (Vec<Trial>, Verdict) {
        let form = Form::parse(FORM.as_bytes());
        let signature = sign("token", url, form.pairs().iter().map(|(n, v)| (n.as_ref(), v.as_ref())));
        let header = |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        let heard = Heard {
            public_url: public,
            path: "/sms",
            query: "",
            body: Body::Form(form.pairs()),
            signature: Some(&signature),
            header: &header,
            is_trusted,
        };
        investigate(&[Token::new("other"), Token::new("token")], &heard)
    }

    #[test]
    fn the_header_that_explains_it_is_named_with_the_fix() {
        let tunnel =
            [("host", "127.0.0.1:8484"), ("x-forwarded-host", "tunnel.example"), ("x-forwarded-proto", "https")];
        type Case<'a> = (&'a str, Option<&'a str>, &'a [(&'a str, &'a str)], &'a str, &'a str);
        let cases: &[Case<'_>] = &[
            ("https://tunnel.example/sms", None, &tunnel, "X-Forwarded-Proto and X-Forwarded-Host", "trusted_proxies"),
            (
                "https://tunnel.example/sms",
                Some("https://old.example"),
                &tunnel,
                "X-Forwarded-Host",
                "\"https://tunnel.example\"",
            ),
            ("http://shop.example/sms", Some("https://shop.example"), &[], "with http", "\"http://shop.example\""),
            ("https://shop.example/sms/", Some("https://shop.example"), &[], "slash", "character by character"),
            (
                "https://shop.example:8443/sms",
                None,
                &[("host", "shop.example"), ("x-forwarded-port", "8443")],
                "X-Forwarded-Port",
                ":8443",
            ),
            (
                "https://shop.example/hooks/sms",
                None,
                &[("host", "shop.example"), ("x-forwarded-prefix", "/hooks")],
                "X-Forwarded-Prefix",
                "\"https://shop.example/hooks\"",
            ),
            (
                "https://shop.example/desk/sms",
                Some("https://shop.example"),
                &[("x-forwarded-uri", "/desk/sms?x=1")],
                "X-Forwarded-Uri",
                "server.public_url",
            ),
            (
                "https://shop.example/sms",
                None,
                &[("forwarded", "for=1.2.3.4;proto=https;host=\"shop.example\"")],
                "Forwarded",
                "shop.example",
            ),
        ];
        for (url, public, headers, found, fix) in cases {
            let (trials, said) = verdict(url, *public, headers, false);
            assert!(!said.is_right && said.found.contains(found) && said.fix.contains(fix), "{url}: {said:?}");
            assert_eq!(trials.iter().filter(|t| t.token == Some(1)).count(), 1, "{url}");
        }
    }

    #[test]
    fn what_is_right_by_now_is_said_to_be() {
        let (_, said) = verdict("https://shop.example/sms", Some("https://shop.example"), &[], false);
        assert!(said.is_right, "{said:?}");
        let told = [("host", "shop.example"), ("x-forwarded-proto", "https")];
        assert!(verdict("https://shop.example/sms", None, &told, true).1.is_right);
        assert!(!verdict("https://shop.example/sms", None, &told, false).1.is_right, "nobody believes this neighbour");
    }

    #[test]
    fn a_forgery_is_explained_by_nothing() {
        let (trials, said) = verdict("https://elsewhere.example/sms", Some("https://shop.example"), &[], false);
        assert!(said.found.starts_with("No URL") && trials.iter().all(|t| t.token.is_none()));
        assert!(trials[0].signed.starts_with("https://shop.example/smsBodyhiFrom+1"), "{:?}", trials[0]);
    }

    #[test]
    fn a_changed_body_is_told_from_a_wrong_url() {
        let header = |_: &str| None;
        let heard = |query, body: &'static [u8]| Heard {
            public_url: Some("https://shop.example"),
            path: "/sms",
            query,
            body: Body::Raw(body),
            signature: Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            header: &header,
            is_trusted: false,
        };
        let said = investigate(&[Token::new("t")], &heard("", b"{}")).1;
        assert!(said.found.contains("no bodySHA256"), "{said:?}");
        let said = investigate(&[Token::new("t")], &heard("bodySHA256=00", b"{}")).1;
        assert!(said.found.contains("what arrived has 44136fa3"), "{said:?}");
    }
}
