//! Whether a webhook is Twilio's: the token is found by the account it names, the URL by what is
//! configured and by what a believed proxy says. The same question is asked when a webhook comes, and
//! again before a refused one is replayed.

use std::net::IpAddr;

use super::Core;
use super::accounts::Tokens;
use crate::domain::deadletter::{Evidence, Reason};
use crate::domain::id::Sid;
use crate::twilio::form::Form;
use crate::twilio::signature::{self, Body, Forwarded, Refusal};

/// A webhook as it came.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Whether it came by GET: then its parameters are part of the URL.
    pub is_get: bool,
    /// The raw path.
    pub path: &'a str,
    /// The raw query.
    pub query: &'a str,
    /// The raw body.
    pub body: &'a [u8],
    /// A header by its lower-case name.
    pub header: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Who is at the other end of the connection.
    pub peer: Option<IpAddr>,
}

/// Headers that a signature debugger looks at.
const TELLING: &[&str] = &[
    "host",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-for",
    "x-forwarded-uri",
    "x-original-host",
    "x-original-url",
    "forwarded",
    "content-type",
    "user-agent",
    "via",
    "i-twilio-idempotency-token",
];
/// The longest header value that is kept.
const LONGEST_VALUE: usize = 1024;

impl<'a> Asked<'a> {
    /// What the signature covers besides the URL.
    pub(super) fn signed_body<'f>(&self, form: &'f Form<'_>) -> Body<'f>
    where
        'a: 'f,
    {
        let content_type = (self.header)("content-type");
        let is_form = content_type.is_none_or(|t| t.starts_with("application/x-www-form-urlencoded"));
        match (self.is_get, is_form) {
            (true, _) => Body::Empty,
            (false, true) => Body::Form(form.pairs()),
            (false, false) => Body::Raw(self.body),
        }
    }

    /// What is kept of it, should it be refused.
    pub fn evidence(&self) -> Evidence {
        let cut = |text: String| text.chars().take(LONGEST_VALUE).collect::<String>();
        let headers = TELLING.iter().filter_map(|name| Some(((*name).to_owned(), cut((self.header)(name)?))));
        Evidence {
            is_get: self.is_get,
            signature: (self.header)("x-twilio-signature").map(cut),
            headers: headers.collect(),
            peer: self.peer.map(|ip| ip.to_string()),
        }
    }
}

/// Why a webhook was refused.
#[derive(Debug)]
pub enum Refused {
    /// Its signature.
    Signature(Box<Refusal>),
    /// It names an account that is not ours.
    Account(String),
}

impl Refused {
    /// For the dead letter.
    pub fn reason(&self) -> Reason {
        match self {
            Refused::Account(_) => Reason::UnknownAccount,
            Refused::Signature(refusal) if refusal.reason == signature::Reason::MissingHeader => {
                Reason::MissingSignature
            }
            Refused::Signature(_) => Reason::BadSignature,
        }
    }

    /// A sentence for the dead letter, without anything that a forger could use.
    pub fn detail(&self) -> String {
        match self {
            Refused::Account(named) => {
                format!(
                    "the account named is {named}, and no token is known for it: add the account (`switchboard accounts add`), then replay"
                )
            }
            Refused::Signature(refusal) => {
                let mut tried: Vec<&str> = refusal.attempts.iter().map(|a| a.url.as_str()).collect();
                tried.dedup();
                format!("{refusal}. URLs tried: {}", tried.join(", "))
            }
        }
    }
}

impl Core {
    /// Whether a webhook is Twilio's. Fails closed.
    ///
    /// # Errors
    /// The refusal with all that was tried; not for the sender's eyes.
    pub fn judge(&self, asked: &Asked<'_>, form: &Form<'_>) -> Result<(), Refused> {
        let given = (asked.header)("x-twilio-signature");
        let signed = asked.signed_body(form);
        let named = account(asked, form, signed);
        let tokens = match &named {
            Some(named) => named.parse().map_or(Tokens::Own(&[]), |sid: Sid| self.tokens_of(sid)),
            // What names no account can only be meant for our own.
            None => self.tokens_of(self.settings().account),
        };
        if tokens.is_empty() && given.is_some() {
            return Err(Refused::Account(named.unwrap_or_default().chars().take(64).collect()));
        }
        let public = self.settings().public_url.as_ref().map(url::Url::as_str);
        let said = self.believed(asked);
        let forwarded = said.as_ref().map(|(proto, host)| Forwarded { proto, host });
        let urls = signature::candidates(public, asked.path, asked.query, forwarded);
        signature::verify(&tokens, urls, signed, given.as_deref()).map(|_| ()).map_err(Refused::Signature)
    }

    /// Whether what a neighbour says of a request is believed.
    pub(super) fn is_trusted(&self, peer: Option<IpAddr>) -> bool {
        let peer = peer.map(|ip| ip.to_canonical());
        peer.is_some_and(|peer| self.settings().trusted_proxies.iter().any(|net| net.contains(&peer)))
    }

    /// Scheme and host as a believed proxy says them.
    fn believed(&self, asked: &Asked<'_>) -> Option<(String, String)> {
        if !self.is_trusted(asked.peer) {
            return None;
        }
        let host = (asked.header)("x-forwarded-host").or_else(|| (asked.header)("host"))?;
        Some(((asked.header)("x-forwarded-proto").unwrap_or_else(|| "https".into()), host))
    }
}

/// The account a webhook names: in its form or query, or in the JSON that newer products send.
pub(super) fn account(asked: &Asked<'_>, form: &Form<'_>, body: Body<'_>) -> Option<String> {
    if let Body::Raw(raw) = body {
        let json: serde_json::Value = serde_json::from_slice(raw).unwrap_or_default();
        let named = json["AccountSid"].as_str().or_else(|| json["account_sid"].as_str());
        if let Some(named) = named {
            return Some(named.to_owned());
        }
    } else if let Some(named) = form.get("AccountSid") {
        return Some(named.to_owned());
    }
    Form::parse(asked.query.as_bytes()).get("AccountSid").map(str::to_owned)
}
