//! Where everything "random" comes from: the seed and a natural key.
//!
//! A SID, a code or a delay is drawn from *what it belongs to* (account, from, to, the n-th between them),
//! never from the order in which unrelated requests arrive. So two runs with the same seed agree per
//! conversation, whatever happens around it.

use ring::hmac;

/// The source of SIDs, codes and timings.
#[derive(Clone)]
pub struct Seed(hmac::Key);

impl Seed {
    /// The source that belongs to a number.
    pub fn new(number: u64) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &number.to_be_bytes()))
    }

    /// Thirty-two bytes that only the seed and these parts decide.
    pub fn bytes(&self, parts: &[&str]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            // The length keeps ("a", "bc") and ("ab", "c") apart.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    /// A SID: two letters and 32 hexadecimal digits.
    pub fn sid(&self, prefix: &str, parts: &[&str]) -> String {
        let mut all = Vec::with_capacity(parts.len() + 2);
        all.extend(["sid", prefix]);
        all.extend(parts);
        format!("{prefix}{}", hex(&self.bytes(&all)[..16]))
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&self, low: u64, high: u64, parts: &[&str]) -> u64 {
        let bytes = self.bytes(parts);
        let mut eight = [0; 8];
        eight.copy_from_slice(&bytes[..8]);
        low + u64::from_be_bytes(eight) % (high.saturating_sub(low) + 1)
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_give_equal_sids_and_others_do_not() {
        let seed = Seed::new(42);
        let sid = seed.sid("SM", &["a", "bc"]);
        assert_eq!(sid.len(), 34);
        assert!(sid.starts_with("SM") && sid[2..].bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()));
        assert_eq!(sid, Seed::new(42).sid("SM", &["a", "bc"]));
        assert_ne!(sid, seed.sid("SM", &["ab", "c"]));
        assert_ne!(sid, Seed::new(43).sid("SM", &["a", "bc"]));
    }

    #[test]
    fn draws_stay_in_bounds() {
        let seed = Seed::new(1);
        let drawn: Vec<u64> = (0..200).map(|n| seed.between(5, 7, &[&n.to_string()])).collect();
        assert!((5..=7).all(|n| drawn.contains(&n)) && drawn.iter().all(|n| (5..=7).contains(n)));
    }
}
