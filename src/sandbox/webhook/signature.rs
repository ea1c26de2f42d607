//! `X-Twilio-Signature`, as Twilio makes it.
//!
//! The text that is signed is the URL exactly as requested (no fragment) and, for forms, every parameter's
//! name and decoded value in order of names, equal values once. The key is the account's auth token; an API
//! key's secret never signs.

use base64::prelude::{BASE64_STANDARD, Engine};
use ring::{digest, hmac};

use crate::sandbox::seed::hex;

/// What stands as `bodySHA256` in the URL of a request whose body is no form.
pub fn digest(body: &str) -> String {
    hex(digest::digest(&digest::SHA256, body.as_bytes()).as_ref())
}

/// The signature of a request with a form (`params`; none for GET).
pub fn sign(token: &str, url: &str, params: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = params.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut text = url.to_owned();
    for (name, value) in sorted {
        text.push_str(name);
        text.push_str(value);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    BASE64_STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Published vectors of Twilio's SDKs (auth token `12345`).
    #[test]
    fn agrees_with_the_published_vectors() {
        let caller = pairs(&[
            ("To", "+18005551212"),
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
        ]);
        assert_eq!(sign("12345", URL, &caller), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        let repeated = pairs(&[
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ]);
        assert_eq!(sign("12345", URL, &repeated), "IK+Dwps556ElfBT0I3Rgjkr1wJU=");
        assert_eq!(sign("12345", URL, &[]), "zYQTYrRWXE7LtzbG4PfP7/bkkGo=");
        let cases = pairs(&[("callSid", "lowercase"), ("CallSid", "uppercase"), ("CALLSID", "allcaps")]);
        assert_eq!(sign("12345", URL, &cases), "jDK7WKT8wiNrwggd4ceTv4e1MJ4=");
        let mut prefix = caller;
        prefix.extend(pairs(&[("ReasonConferenceEnded", "test"), ("Reason", "Participant")]));
        assert_eq!(sign("12345", URL, &prefix), "vOEb5UThFn24KEfnOFLQY2AE5FY=");
    }
}
