//! Files for Twilio to fetch: public addresses that nobody can guess and that end by themselves.
//!
//! An address says which file of which message it is for and until when, and carries a seal over that
//! (HMAC-SHA-256, 256 bits, with the directory's key): nothing is listed, and nothing else is opened by it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::hmac;
use url::Url;

use super::{Content, content};
use crate::clock;
use crate::core::rows::message_key;
use crate::core::{Core, read};
use crate::domain::id::Id;
use crate::domain::message::{Direction, Message};
use crate::domain::time::Time;

/// Where they are served: below the webhooks, so that a proxy which lets those through lets these through.
pub const PATH: &str = "/api/webhooks/media/";

/// Bytes of what an address says: business, message, place, end (seconds of the Unix epoch).
const SAID: usize = 8 + 8 + 2 + 8;
const SEAL: usize = 32;

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ticket {
    business: Id,
    message: Id,
    index: u16,
    until: Time,
}

impl Ticket {
    fn sealed(self, key: &[u8; 32]) -> String {
        let until = self.until.0.div_euclid(1_000_000);
        let said =
            [&self.business.to_key()[..], &self.message.to_key(), &self.index.to_be_bytes(), &until.to_be_bytes()]
                .concat();
        let seal = hmac::sign(&mac(key), &said);
        BASE64_URL_SAFE_NO_PAD.encode([&said, seal.as_ref()].concat())
    }

    /// Reads an address; `None` for one that was not made with this key.
    fn read(text: &str, key: &[u8; 32]) -> Option<Ticket> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        if bytes.len() != SAID + SEAL {
            return None;
        }
        let (said, seal) = bytes.split_at(SAID);
        hmac::verify(&mac(key), said, seal).ok()?;
        let number = |at: usize| Some(u64::from_be_bytes(said.get(at..at + 8)?.try_into().ok()?));
        let index = u16::from_be_bytes(said.get(16..18)?.try_into().ok()?);
        let until = i64::try_from(number(18)?).ok()?.checked_mul(1_000_000)?;
        Some(Ticket { business: Id(number(0)?), message: Id(number(8)?), index, until: Time(until) })
    }
}

fn mac(key: &[u8; 32]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key)
}

/// The addresses of a message's media, for Twilio: its own for what lies elsewhere, public ones for files of
/// ours, which end some hours after the message left.
///
/// # Errors
/// A sentence when a file is not here any more, or when there is no way in from outside.
pub(in crate::core) fn addresses(core: &Core, m: &Message) -> Result<Vec<String>, String> {
    let until = m.started.unwrap_or_else(clock::wall) + core.0.pace.served;
    let one = |(index, media): (usize, &crate::domain::media::Media)| match media.file {
        Some(_) => {
            let public = core.settings().public_url.as_ref().ok_or_else(|| no_way_in().to_owned())?;
            let index = u16::try_from(index).map_err(|e| e.to_string())?;
            let ticket = Ticket { business: m.business, message: m.id, index, until };
            Ok(address(public, &ticket.sealed(core.0.media.shelf.key().map_err(|e| e.to_string())?)))
        }
        None if media.url.is_empty() => {
            Err("a file of this message is not here any more: it was not sent; send it anew".to_owned())
        }
        None => Ok(media.url.clone()),
    };
    m.media.iter().enumerate().map(one).collect()
}

fn address(public: &Url, ticket: &str) -> String {
    format!("{}{PATH}{ticket}", public.as_str().trim_end_matches('/'))
}

/// Why no file of ours can go out.
pub(super) fn no_way_in() -> &'static str {
    "Twilio fetches files from this node, and has no way in: set server.public_url \
     (SWITCHBOARD_SERVER_PUBLIC_URL), or give the URL of a file that is on the web"
}

impl Core {
    /// The file of a public address; `None` for one that was never given out, has ended, or whose file is
    /// gone: from outside these are the same.
    pub async fn served(&self, ticket: &str) -> Option<Content> {
        let key =
            self.0.media.shelf.key().inspect_err(|e| tracing::error!(error = %e, "no file can be served")).ok()?;
        let ticket = Ticket::read(ticket, key)?;
        if ticket.until <= clock::wall() {
            return None;
        }
        let message: Message = {
            let reader = self.reader().ok()?;
            read(&*reader, &message_key(ticket.business, ticket.message)).ok()??
        };
        if message.direction != Direction::Out {
            return None;
        }
        let index = usize::from(ticket.index);
        content(self, &message, index)
            .await
            .inspect_err(|e| tracing::error!(error = %e, "a file cannot be served"))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_is_read() {
        let key = [7; 32];
        let ticket = Ticket { business: Id(1), message: Id(u64::MAX), index: 9, until: Time::from_secs(1_772_470_800) };
        let text = ticket.sealed(&key);
        assert_eq!(Ticket::read(&text, &key), Some(ticket));
        assert_eq!(Ticket::read(&text, &[8; 32]), None);
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(Ticket::read(&changed, &key), None, "{at}");
        }
        for text in ["", "../key", "AAAA", &text[1..]] {
            assert_eq!(Ticket::read(text, &key), None);
        }
        let public: Url = "https://shop.example/desk/".parse().unwrap();
        assert_eq!(address(&public, "x"), "https://shop.example/desk/api/webhooks/media/x");
    }
}
