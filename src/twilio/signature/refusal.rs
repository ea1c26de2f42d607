//! Why a signature was refused, with the evidence a signature debugger shows.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Body, Token, body_hash, sha256_hex};

/// A refused signature. Contains valid signatures: show it to admins only, never in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// What is wrong.
    pub reason: Reason,
    /// The header as it came.
    pub received: Option<String>,
    /// What the body adds to the signed string: sorted names and values of a form.
    pub params: String,
    /// Every form of the URL with every token, in the order tried.
    pub attempts: Vec<Attempt>,
    /// For a raw body: its SHA-256 in hex.
    pub body_sha256: Option<String>,
}

/// One form of the URL and what its signature would have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The URL as signed.
    pub url: String,
    /// Index into the tokens given.
    pub token: usize,
    /// The signature this URL and token give.
    pub expected: String,
}

/// What is wrong with a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// The request has no `X-Twilio-Signature`.
    MissingHeader,
    /// The header is not 20 bytes in base64.
    NotBase64,
    /// No auth token is known for the account.
    NoToken,
    /// A body that is no form came without `bodySHA256` in the URL.
    BodyHashMissing,
    /// The URL was signed, but the body is not the one whose hash it carries.
    BodyHashMismatch,
    /// No form of the URL gives this signature with any token.
    Mismatch,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::MissingHeader => {
                "the request carries no X-Twilio-Signature: it did not come from Twilio, or a proxy dropped the header"
            }
            Reason::NotBase64 => {
                "X-Twilio-Signature is not 20 bytes in base64: it did not come from Twilio, or a proxy changed it"
            }
            Reason::NoToken => "no auth token is known for this account: add the account, or its token, and replay",
            Reason::BodyHashMissing => {
                "the body is not a form and the URL carries no bodySHA256: check the content type and that the proxy keeps the query"
            }
            Reason::BodyHashMismatch => {
                "the URL was signed but the body differs from its bodySHA256: something between Twilio and here changed the body"
            }
            Reason::Mismatch => {
                "no form of the URL gives this signature: compare the URL configured at Twilio with the public URL here, character by character, and check that the auth token is the account's primary one"
            }
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// The whole string that an attempt signed.
    pub fn signed(&self, attempt: &Attempt) -> String {
        format!("{}{}", attempt.url, self.params)
    }
}

/// Puts the evidence together. `altered`: some URL fitted, but its body hash did not.
pub(super) fn gather<U: AsRef<str>>(
    tokens: &[Token],
    urls: &[U],
    body: Body<'_>,
    params: String,
    received: Option<&str>,
    altered: bool,
) -> Refusal {
    let body_sha256 = if let Body::Raw(raw) = body { Some(sha256_hex(raw)) } else { None };
    let hash_in_url = urls.iter().any(|url| body_hash(url.as_ref()).is_some());
    let reason = match received {
        None => Reason::MissingHeader,
        Some(text) if super::decode(text).is_none() => Reason::NotBase64,
        Some(_) if tokens.is_empty() => Reason::NoToken,
        Some(_) if body_sha256.is_some() && !hash_in_url => Reason::BodyHashMissing,
        Some(_) if altered => Reason::BodyHashMismatch,
        Some(_) => Reason::Mismatch,
    };
    let mut attempts = Vec::with_capacity(urls.len() * tokens.len());
    for url in urls {
        for (index, token) in tokens.iter().enumerate() {
            let expected = token.sign(&format!("{}{params}", url.as_ref()));
            attempts.push(Attempt { url: url.as_ref().to_owned(), token: index, expected });
        }
    }
    Refusal { reason, received: received.map(str::to_owned), params, attempts, body_sha256 }
}
