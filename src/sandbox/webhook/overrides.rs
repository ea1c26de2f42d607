//! Connection overrides: the fragment of a webhook URL (`#rc=3&rp=all`) says how often and how long Twilio
//! tries. It never goes over the wire and is not signed.

use std::time::Duration;

/// How a webhook is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overrides {
    /// Longest wait for the connection (`ct`, 100 to 10,000 ms).
    pub connect: Duration,
    /// Longest wait between packets (`rt`, 100 to 15,000 ms).
    pub read: Duration,
    /// Longest time in all, retries included (`tt`, 100 to 15,000 ms).
    pub total: Duration,
    /// Retries (`rc`, 0 to 5).
    pub retries: u32,
    /// Which failures are retried (`rp`).
    pub policy: Policy,
}

/// Which failures are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// No connection, or TLS failed.
    pub connect: bool,
    /// No answer in time.
    pub read: bool,
    /// An answer from 400 to 499.
    pub client: bool,
    /// An answer from 500 to 599.
    pub server: bool,
}

/// Twilio's error for a fragment it does not understand.
pub const INVALID: u32 = 11243;
/// Its error for an edge that there is not.
pub const NO_EDGE: u32 = 11240;

/// Where Twilio's requests can come from; `-ix` after one is its private interconnect.
const EDGES: [&str; 8] = ["ashburn", "dublin", "frankfurt", "sao-paulo", "singapore", "sydney", "tokyo", "umatilla"];

impl Default for Overrides {
    /// One retry, and only when no connection came about.
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(5_000),
            read: Duration::from_millis(15_000),
            total: Duration::from_millis(15_000),
            retries: 1,
            policy: Policy { connect: true, read: false, client: false, server: false },
        }
    }
}

/// Splits a configured URL into what is requested and how.
///
/// # Errors
/// [`INVALID`] when the fragment names an unknown key or a value out of range, [`NO_EDGE`] for an edge.
pub fn split(url: &str) -> Result<(&str, Overrides), u32> {
    let Some((url, fragment)) = url.split_once('#') else { return Ok((url, Overrides::default())) };
    let mut overrides = Overrides::default();
    for pair in fragment.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or(INVALID)?;
        match key {
            "ct" => overrides.connect = millis(value, 10_000)?,
            "rt" => overrides.read = millis(value, 15_000)?,
            "tt" => overrides.total = millis(value, 15_000)?,
            "rc" => overrides.retries = value.parse().ok().filter(|n| *n <= 5).ok_or(INVALID)?,
            "rp" => overrides.policy = policy(value)?,
            // The name in TLS, and which edge asks: nothing of it can be seen in a sandbox.
            "sni" if matches!(value, "y" | "n") => {}
            "e" => {
                let known = |edge: &str| EDGES.contains(&edge.strip_suffix("-ix").unwrap_or(edge));
                if !value.split(',').all(known) {
                    return Err(NO_EDGE);
                }
            }
            _ => return Err(INVALID),
        }
    }
    Ok((url, overrides))
}

fn millis(value: &str, most: u64) -> Result<Duration, u32> {
    value.parse().ok().filter(|ms| (100..=most).contains(ms)).map(Duration::from_millis).ok_or(INVALID)
}

fn policy(value: &str) -> Result<Policy, u32> {
    let mut policy = Policy { connect: false, read: false, client: false, server: false };
    for name in value.split(',') {
        match name {
            "ct" => policy.connect = true,
            "rt" => policy.read = true,
            "4xx" => policy.client = true,
            "5xx" => policy.server = true,
            "all" => policy = Policy { connect: true, read: true, client: true, server: true },
            _ => return Err(INVALID),
        }
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_fragment_and_takes_it_off() {
        assert_eq!(split("https://h/x?q=1"), Ok(("https://h/x?q=1", Overrides::default())));
        let (url, overrides) = split("https://h/x?q=1#rc=2&rp=ct,rt,5xx&ct=200").unwrap();
        assert_eq!((url, overrides.retries, overrides.connect.as_millis()), ("https://h/x?q=1", 2, 200));
        assert_eq!(overrides.policy, Policy { connect: true, read: true, client: false, server: true });
        let (_, all) = split("https://h/x#rc=3&rp=all").unwrap();
        assert!(all.policy.client && all.policy.server && all.retries == 3);
    }

    #[test]
    fn refuses_what_twilio_refuses() {
        assert_eq!(split("https://h/x#e=dublin,tokyo-ix&sni=n").map(|(url, _)| url), Ok("https://h/x"));
        assert_eq!(split("https://h/x#e=dublin,atlantis"), Err(NO_EDGE));
        for fragment in ["sni=maybe", "rc=6", "ct=50", "rp=sometimes", "colour=red", "rc"] {
            assert_eq!(split(&format!("https://h/x#{fragment}")), Err(INVALID), "{fragment}");
        }
    }
}
