//! The passphrase of the console's lock: what is kept of it, and whether one is the right one.

use std::io;
use std::num::NonZeroU32;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use ring::pbkdf2;
use ring::rand::{SecureRandom, SystemRandom};

/// Rounds of PBKDF2-HMAC-SHA256; OWASP's figure of 2023.
const ROUNDS: u32 = 600_000;
const NAME: &str = "pbkdf2-sha256";

/// What is kept of a passphrase: `pbkdf2-sha256:ROUNDS:SALT:HASH`. `None` when the system has no
/// randomness to give.
pub fn seal(passphrase: &str) -> Option<String> {
    let mut salt = [0; 16];
    SystemRandom::new().fill(&mut salt).ok()?;
    let mut hash = [0; 32];
    let rounds = NonZeroU32::new(ROUNDS)?;
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, passphrase.as_bytes(), &mut hash);
    let text = |bytes: &[u8]| BASE64_STANDARD_NO_PAD.encode(bytes);
    Some(format!("{NAME}:{ROUNDS}:{}:{}", text(&salt), text(&hash)))
}

/// Keeps what was made of a passphrase in a file of its own, for its owner alone; `None` takes it away.
///
/// # Errors
/// When the file cannot be written.
pub fn keep(path: &Path, sealed: Option<&str>) -> io::Result<()> {
    match sealed {
        Some(sealed) => super::save::replace(path, sealed.as_bytes(), 0o600),
        None => match std::fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        },
    }
}

/// Whether a passphrase is the one that was sealed.
pub fn opens(sealed: &str, passphrase: &str) -> bool {
    let Some((rounds, salt, hash)) = parts(sealed) else { return false };
    pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, passphrase.as_bytes(), &hash).is_ok()
}

fn parts(sealed: &str) -> Option<(NonZeroU32, Vec<u8>, Vec<u8>)> {
    let mut parts = sealed.split(':');
    let (name, rounds, salt, hash) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if name != NAME || parts.next().is_some() {
        return None;
    }
    // What a person wrote by hand must not hold the console up for minutes.
    let rounds = rounds.parse().ok().filter(|rounds: &NonZeroU32| rounds.get() <= 10 * ROUNDS)?;
    let bytes = |text: &str| BASE64_STANDARD_NO_PAD.decode(text).ok();
    Some((rounds, bytes(salt)?, bytes(hash)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passphrase_opens_it() {
        let sealed = seal("open sesame").unwrap();
        assert!(opens(&sealed, "open sesame") && !opens(&sealed, "open"));
        assert!(!sealed.contains("sesame"));
        assert_ne!(seal("open sesame").unwrap(), sealed);
        for bad in ["", "x", "pbkdf2-sha256:0:AA:AA", "pbkdf2-sha256:99999999:AA:AA", "md5:1:AA:AA"] {
            assert!(!opens(bad, ""), "{bad}");
        }
    }
}
