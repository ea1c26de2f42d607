//! The audit chain: each entry seals the one before it.
//!
//! What is hashed holds no personal data: ids and a digest. The digest is an HMAC of the payload
//! under a salt of this entry; payload and salt lie beside the chain and can be erased, after which
//! the chain still verifies.

use ring::{digest, hmac};
use serde::{Deserialize, Serialize};

use super::id::Id;
use super::time::Time;

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// The sealed part of an audited event. Its stored bytes are hashed as they are, never re-encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sealed {
    /// The lane it was committed in.
    pub lane: u16,
    /// Its number in the lane.
    pub number: u64,
    /// Hash of the lane's previous audited entry; zeros for the first.
    #[serde(with = "hex")]
    pub previous: Hash,
    /// Business time.
    pub at: Time,
    /// Who did it: an agent's handle, or a worker's name.
    pub actor: String,
    /// The tenant, if it concerns one.
    pub business: Option<Id>,
    /// What happened, e.g. `message.sendRequested`.
    pub kind: String,
    /// The conversation it concerns.
    pub conversation: Option<Id>,
    /// The message it concerns.
    pub message: Option<Id>,
    /// The flow of verifications it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Id>,
    /// HMAC-SHA-256 of the payload under the salt.
    #[serde(with = "hex")]
    pub digest: Hash,
}

/// The erasable part, kept in a table of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    /// Random, of this entry alone.
    #[serde(with = "hex")]
    pub salt: Hash,
    /// What was said, JSON as text.
    pub text: String,
}

impl Payload {
    /// The digest that the sealed part must carry.
    pub fn digest(&self) -> Hash {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.salt);
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&key, self.text.as_bytes()).as_ref());
        out
    }
}

/// The hash of stored bytes: what the next entry names as `previous`.
pub fn hash(stored: &[u8]) -> Hash {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, stored).as_ref());
    out
}

/// Writes bytes as lower-case hex digits.
pub fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8; 32], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&super::to_hex(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 32], D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        let mut out = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(D::Error::custom("64 hex digits expected"));
        }
        for (i, byte) in out.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(D::Error::custom)?;
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_payload_no_longer_fits_its_digest() {
        let payload = Payload { salt: [7; 32], text: r#"{"body":"hello"}"#.into() };
        let mut other = payload.clone();
        other.text.push(' ');
        assert_ne!(payload.digest(), other.digest());
        other = payload.clone();
        other.salt[0] ^= 1;
        assert_ne!(payload.digest(), other.digest());
    }

    #[test]
    fn sealed_bytes_survive_a_round_trip() {
        let sealed = Sealed {
            lane: 0,
            number: 4,
            previous: [1; 32],
            at: Time(5),
            actor: "agent1".into(),
            business: Some(Id(9)),
            kind: "message.sendRequested".into(),
            conversation: Some(Id(1)),
            message: Some(Id(2)),
            flow: None,
            digest: [2; 32],
        };
        let bytes = serde_json::to_vec(&sealed).unwrap();
        assert_eq!(serde_json::from_slice::<Sealed>(&bytes).unwrap(), sealed);
    }
}
