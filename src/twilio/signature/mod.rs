//! `X-Twilio-Signature`: making one, and checking one with the evidence a person needs when it fails.
//!
//! The signed string is the URL as Twilio requested it, followed (for a form) by every name and value
//! in the order of names. Which URL that was is not certain behind a proxy, so a check goes through the
//! forms from [`candidates`]. Owns no token and no policy: the caller finds the tokens by `AccountSid`
//! and answers 403 when this refuses.

mod debug;
mod refusal;
mod urls;
#[cfg(test)]
mod vectors;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac};

pub use debug::{Heard, Trial, Verdict, investigate};
pub use refusal::{Attempt, Reason, Refusal};
pub use urls::{Forwarded, candidates};

use super::form::Pair;

/// An auth token prepared for checking signatures. Make it once per account and keep it.
///
/// API key secrets never sign webhooks; only auth tokens do.
#[derive(Clone)]
pub struct Token(hmac::Key);

impl Token {
    /// Prepares the key from the text of an auth token.
    pub fn new(auth_token: &str) -> Token {
        Token(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth_token.as_bytes()))
    }

    fn sign(&self, text: &str) -> String {
        STANDARD.encode(hmac::sign(&self.0, text.as_bytes()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// What came as the body of the request.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// No body: a GET, whose parameters are part of the URL.
    Empty,
    /// A form: its decoded pairs are part of the signed string.
    Form(&'a [Pair<'a>]),
    /// Anything else, such as JSON: the URL must carry its SHA-256 as `bodySHA256`.
    Raw(&'a [u8]),
}

/// Which token and which form of the URL a good signature was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Index into the tokens given.
    pub token: usize,
    /// Index into the URLs given.
    pub url: usize,
}

/// Signs a URL and form parameters as Twilio does. `url` is taken exactly as it is.
pub fn sign<'a>(token: &str, url: &str, params: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<Pair<'a>> = params.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    let mut text = url.to_owned();
    push_params(&mut text, &pairs);
    Token::new(token).sign(&text)
}

/// Checks a signature against every token and every form of the URL, in the order given; the first
/// that fits wins. All comparisons take constant time.
///
/// # Errors
/// A [`Refusal`] with everything that was tried. It holds signatures that would have been valid, so it
/// must never be put into the answer to the request.
pub fn verify<U>(tokens: &[Token], urls: U, body: Body<'_>, signature: Option<&str>) -> Result<Match, Box<Refusal>>
where
    U: IntoIterator,
    U::Item: AsRef<str>,
{
    let given = signature.and_then(decode);
    let mut params = String::new();
    if let Body::Form(pairs) = body {
        push_params(&mut params, pairs);
    }
    let mut text = String::with_capacity(params.len() + 256);
    let mut tried = Vec::new();
    let mut altered = false;
    for (url_index, url) in urls.into_iter().enumerate() {
        if let Some(tag) = &given {
            text.clear();
            text.push_str(url.as_ref());
            text.push_str(&params);
            let fits = |token: &Token| hmac::verify(&token.0, text.as_bytes(), tag).is_ok();
            if let Some(token) = tokens.iter().position(fits) {
                if body_is_the_signed_one(url.as_ref(), body) {
                    return Ok(Match { token, url: url_index });
                }
                altered = true;
            }
        }
        tried.push(url);
    }
    Err(Box::new(refusal::gather(tokens, &tried, body, params, signature, altered)))
}

/// The 20 bytes of a signature, or nothing if the text cannot be one.
fn decode(signature: &str) -> Option<[u8; 20]> {
    let mut bytes = [0; 24];
    let signature = signature.as_bytes();
    let length = (signature.len() == 28).then(|| STANDARD.decode_slice(signature, &mut bytes).ok())??;
    (length == 20).then(|| bytes[..20].try_into().ok())?
}

/// Appends names and values in the order of names (by bytes); a pair that stands twice counts once.
fn push_params(text: &mut String, pairs: &[Pair<'_>]) {
    let mut sorted: Vec<&Pair<'_>> = pairs.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    text.reserve(sorted.iter().map(|(name, value)| name.len() + value.len()).sum());
    for (name, value) in sorted {
        text.push_str(name);
        text.push_str(value);
    }
}

/// For a raw body, whether the hash in the (signed) URL is the hash of what arrived.
fn body_is_the_signed_one(url: &str, body: Body<'_>) -> bool {
    match body {
        Body::Empty | Body::Form(_) => true,
        Body::Raw(raw) => body_hash(url).is_some_and(|hash| hash.eq_ignore_ascii_case(&sha256_hex(raw))),
    }
}

/// The value of `bodySHA256` in a URL.
fn body_hash(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("bodySHA256="))
}

/// The SHA-256 of a body in lower-case hex, as it stands in `bodySHA256`.
pub fn sha256_hex(body: &[u8]) -> String {
    use fmt::Write;
    let mut hex = String::with_capacity(64);
    for byte in digest::digest(&digest::SHA256, body).as_ref() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
