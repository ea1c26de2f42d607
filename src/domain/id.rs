//! Identifiers: our own 64-bit ids and Twilio's SIDs.
//!
//! Ours hold 41 bits of milliseconds, 10 bits of writer and 12 of counter, so they sort by time of
//! creation and two writers never collide. In JSON they are strings, because a JavaScript number
//! cannot hold them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The moment our id clock counts from: 2020-01-01T00:00:00Z, in milliseconds of the Unix epoch.
pub const ID_EPOCH_MS: u64 = 1_577_836_800_000;

/// One of our own ids. Zero is never given out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct Id(#[n(0)] pub u64);

impl Id {
    /// Builds an id from its parts. `ms` counts from the Unix epoch.
    pub fn from_parts(ms: u64, writer: u16, counter: u16) -> Id {
        let time = ms.saturating_sub(ID_EPOCH_MS) & ((1 << 41) - 1);
        Id((time << 22) | (u64::from(writer & 0x3ff) << 12) | u64::from(counter & 0xfff))
    }

    /// Milliseconds of the Unix epoch at which this id was made.
    pub fn millis(self) -> u64 {
        (self.0 >> 22) + ID_EPOCH_MS
    }

    /// Big-endian bytes, so that keys sort as ids do.
    pub fn to_key(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.0)
    }
}

/// What is wrong with a text that should have been an id or a SID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not {1}")]
pub struct BadId(pub String, pub &'static str);

impl FromStr for Id {
    type Err = BadId;
    fn from_str(s: &str) -> Result<Id, BadId> {
        match s.parse::<u64>() {
            Ok(n) if n > 0 => Ok(Id(n)),
            _ => Err(BadId(s.to_owned(), "an id (a positive whole number)")),
        }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Id, D::Error> {
        let text = Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Id {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[1-9][0-9]*$" })
    }
}

/// Makes ids of one writer, strictly rising even when the clock steps back.
#[derive(Debug)]
pub struct IdMaker {
    writer: u16,
    last: AtomicU64,
}

impl IdMaker {
    /// `writer` (0..1024) must be leased from the store, so that no two live makers share it.
    pub fn new(writer: u16) -> IdMaker {
        IdMaker { writer, last: AtomicU64::new(0) }
    }

    /// The next id at `now_ms` (Unix epoch). When the clock went backwards or 4096 ids were made in
    /// this millisecond, the id borrows from the next one instead of waiting.
    pub fn next(&self, now_ms: u64) -> Id {
        let wanted = now_ms.saturating_sub(ID_EPOCH_MS) << 12;
        let step = |last: u64| Some(wanted.max(last + 1));
        let last = match self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) {
            Ok(last) | Err(last) => last,
        };
        let slot = wanted.max(last + 1);
        Id(((slot >> 12) << 22) | (u64::from(self.writer & 0x3ff) << 12) | (slot & 0xfff))
    }
}

/// A Twilio SID: two capital letters and 16 bytes (32 hex digits on the wire).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid {
    /// The two letters, e.g. `SM`.
    pub prefix: [u8; 2],
    /// The 16 bytes behind the hex digits.
    pub bytes: [u8; 16],
}

impl Sid {
    /// The 18 bytes used in keys.
    pub fn to_key(self) -> [u8; 18] {
        let mut key = [0; 18];
        key[..2].copy_from_slice(&self.prefix);
        key[2..].copy_from_slice(&self.bytes);
        key
    }

    /// Reads what [`Sid::to_key`] wrote.
    pub fn from_key(key: &[u8]) -> Option<Sid> {
        let prefix = key.get(..2)?.try_into().ok()?;
        let bytes = key.get(2..18)?.try_into().ok()?;
        Some(Sid { prefix, bytes })
    }

    /// The two letters as text.
    pub fn kind(&self) -> &str {
        std::str::from_utf8(&self.prefix).unwrap_or("??")
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0u8; 34];
        text[..2].copy_from_slice(&self.prefix);
        for (i, byte) in self.bytes.iter().enumerate() {
            text[2 + 2 * i] = HEX[usize::from(byte >> 4)];
            text[3 + 2 * i] = HEX[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or("invalid sid"))
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Sid {
    type Err = BadId;
    fn from_str(s: &str) -> Result<Sid, BadId> {
        let bad = || BadId(s.chars().take(64).collect(), "a Twilio SID (two capital letters and 32 hex digits)");
        let raw = s.as_bytes();
        if raw.len() != 34 || !raw[..2].iter().all(u8::is_ascii_uppercase) {
            return Err(bad());
        }
        let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8).ok_or_else(bad);
        let mut bytes = [0; 16];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = digit(raw[2 + 2 * i])? << 4 | digit(raw[3 + 2 * i])?;
        }
        Ok(Sid { prefix: [raw[0], raw[1]], bytes })
    }
}

impl Serialize for Sid {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sid {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Sid, D::Error> {
        let text = Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Sid {
    fn schema_name() -> Cow<'static, str> {
        "Sid".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[A-Z]{2}[0-9a-fA-F]{32}$" })
    }
}

impl<C> minicbor::Encode<C> for Sid {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.to_key())?;
        Ok(())
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Sid {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Sid, minicbor::decode::Error> {
        Sid::from_key(d.bytes()?).ok_or_else(|| minicbor::decode::Error::message("a SID is 18 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_steps_back() {
        let maker = IdMaker::new(7);
        let mut last = Id(0);
        for ms in [1_800_000_000_000u64, 1_800_000_000_000, 1_799_999_999_000, 1_800_000_000_001] {
            for _ in 0..5000 {
                let id = maker.next(ms);
                assert!(id > last);
                assert_eq!((id.0 >> 12) & 0x3ff, 7);
                last = id;
            }
        }
    }

    #[test]
    fn an_id_tells_its_time() {
        let maker = IdMaker::new(1023);
        assert_eq!(maker.next(1_900_000_000_123).millis(), 1_900_000_000_123);
    }

    #[test]
    fn sids_survive_text_and_key() {
        let text = "SM0123456789abcdef0123456789abcdef";
        let sid: Sid = text.parse().unwrap();
        assert_eq!(sid.to_string(), text);
        assert_eq!(Sid::from_key(&sid.to_key()), Some(sid));
        for bad in ["", "SM", "sm0123456789abcdef0123456789abcdef", "SM0123456789abcdef0123456789abcdeg", "SM0é"] {
            assert!(bad.parse::<Sid>().is_err(), "{bad}");
        }
    }
}
