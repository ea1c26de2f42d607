//! Twilio's categories of usage: which are counted, and which are sums of others.
//!
//! What happens is counted under a leaf. Parents overlap with their parts, and `totalprice` holds all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was used of one category.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// How much, in the category's own unit.
    pub usage: u64,
    /// What it cost, in billionths.
    pub nano: u64,
}

/// Sums by leaf.
pub type Sums = BTreeMap<String, Sum>;

/// The sum of everything, in money only.
pub const TOTAL: &str = "totalprice";

/// Leaves by what they are counted in: the unit of the count, the unit of the usage.
const LEAVES: &[(&str, &str, &[&str])] = &[
    (
        "messages",
        "segments",
        &[
            "sms-inbound-longcode",
            "sms-inbound-shortcode",
            "sms-inbound-tollfree",
            "sms-outbound-longcode",
            "sms-outbound-shortcode",
            "sms-outbound-tollfree",
        ],
    ),
    (
        "messages",
        "messages",
        &[
            "channels-whatsapp-inbound",
            "channels-whatsapp-outbound",
            "channels-whatsapp-service",
            "channels-whatsapp-template-authentication",
            "channels-whatsapp-template-marketing",
            "channels-whatsapp-template-utility",
            "failed-message-processing-fee",
            "mms-inbound-longcode",
            "mms-inbound-shortcode",
            "mms-inbound-toll-free",
            "mms-messages-carrierfees",
            "mms-outbound-longcode",
            "mms-outbound-shortcode",
            "mms-outbound-tollfree",
            "rcs-messages",
            "sms-messages-carrierfees",
            "sms-messages-features-message-redaction",
            "sms-messages-features-senderid",
            "sms-outbound-content-inspection",
            "sms-pumping-protection-non-usca",
            "sms-pumping-protection-usca",
            "sms-pumping-risk",
        ],
    ),
    (
        "verifications",
        "verifications",
        &["authy-phone-verifications", "authy-verify-email-verifications", "verify-push", "verify-sna", "verify-totp"],
    ),
    (
        "attempts",
        "attempts",
        &[
            "authy-calls-outbound",
            "authy-sms-outbound",
            "authy-verify-outbound-email",
            "verify-whatsapp-conversations-business-initiated",
        ],
    ),
    (
        "lookups",
        "lookups",
        &[
            "call-forwarding-lookups",
            "calleridlookups",
            "carrier-lookups",
            "enhanced-line-type-lookups",
            "fraud-lookups",
            "line-status-lookups",
            "lookup-identity-match",
            "lookup-identity-prefill-consumer",
            "number-format-lookups",
            "phone-quality-score-lookups",
            "reassigned-number",
            "sim-swap-lookups",
        ],
    ),
    (
        "numbers",
        "numbers",
        &[
            "phonenumbers-emergency",
            "phonenumbers-local",
            "phonenumbers-mobile",
            "phonenumbers-porting",
            "phonenumbers-setups",
            "phonenumbers-tollfree",
            "shortcodes-customerowned",
            "shortcodes-random",
            "shortcodes-setup-fees",
            "shortcodes-vanity",
        ],
    ),
    ("calls", "minutes", &["calls-inbound", "calls-outbound"]),
    ("bytes", "bytes", &["mediastorage"]),
    (
        "registrations",
        "registrations",
        &[
            "a2p-10dlc-registrationfees-brandregistration",
            "a2p-10dlc-registrationfees-bv",
            "a2p-10dlc-registrationfees-campaigncharges",
            "a2p-10dlc-registrationfees-campaignregistration",
            "a2p-10dlc-registrationfees-campaignvetting",
            "a2p-10dlc-registrationfees-monthly",
            "a2p-10dlc-registrationfees-onetime",
        ],
    ),
];

/// Sums of others: each the sum of what begins with one of these.
const PARENTS: &[(&str, &[&str])] = &[
    ("a2p-registration-fees", &["a2p-10dlc-registrationfees-"]),
    ("account-security", &["authy-", "verify-"]),
    ("calls", &["calls-"]),
    ("channels", &["channels-whatsapp-"]),
    ("channels-messaging-inbound", &["channels-whatsapp-inbound"]),
    ("channels-messaging-outbound", &["channels-whatsapp-outbound"]),
    ("channels-whatsapp", &["channels-whatsapp-"]),
    (
        "lookups",
        &[
            "call-forwarding-lookups",
            "calleridlookups",
            "carrier-lookups",
            "enhanced-line-type-lookups",
            "fraud-lookups",
            "line-status-lookups",
            "lookup-identity-",
            "number-format-lookups",
            "phone-quality-score-lookups",
            "reassigned-number",
            "sim-swap-lookups",
        ],
    ),
    ("mms", &["mms-inbound-", "mms-outbound-"]),
    ("mms-inbound", &["mms-inbound-"]),
    ("mms-outbound", &["mms-outbound-"]),
    ("phonenumbers", &["phonenumbers-"]),
    ("shortcodes", &["shortcodes-"]),
    ("sms", &["sms-inbound-", "sms-outbound-longcode", "sms-outbound-shortcode", "sms-outbound-tollfree"]),
    ("sms-inbound", &["sms-inbound-"]),
    ("sms-messages-features", &["sms-messages-features-"]),
    ("sms-outbound", &["sms-outbound-longcode", "sms-outbound-shortcode", "sms-outbound-tollfree"]),
    ("sms-pumping-protection", &["sms-pumping-protection-"]),
    (TOTAL, &[""]),
];

/// All categories, in the order of lists.
pub fn all() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&str> = leaves().chain(PARENTS.iter().map(|(name, _)| *name)).collect();
    names.sort_unstable();
    names.into_iter()
}

/// Whether there is such a category.
pub fn is_known(name: &str) -> bool {
    all().any(|known| known == name)
}

fn leaves() -> impl Iterator<Item = &'static str> {
    LEAVES.iter().flat_map(|(_, _, names)| names.iter().copied())
}

/// The sum of a category: its own, or that of its parts.
pub fn sum(name: &str, sums: &Sums) -> Sum {
    let Some((_, parts)) = PARENTS.iter().find(|(parent, _)| *parent == name) else {
        return sums.get(name).copied().unwrap_or_default();
    };
    let inside = |leaf: &str| parts.iter().any(|part| leaf.starts_with(part));
    sums.iter().filter(|(leaf, _)| inside(leaf)).fold(Sum::default(), |all, (_, one)| all.and(*one))
}

/// The units of a category: of its count, of its usage.
pub fn units(name: &str) -> (&'static str, &'static str) {
    if name == TOTAL {
        return ("", "usd");
    }
    let parts = PARENTS.iter().find(|(parent, _)| *parent == name).map(|(_, parts)| *parts);
    let first = parts.and_then(|parts| parts.first()).copied().unwrap_or(name);
    let holds = |names: &[&str]| names.iter().any(|leaf| leaf.starts_with(first));
    LEAVES.iter().find(|(_, _, names)| holds(names)).map_or(("", ""), |(count, usage, _)| (count, usage))
}

/// A category in words: `SMS Outbound Longcode`.
pub fn description(name: &str) -> String {
    const SHORT: &[&str] = &["sms", "mms", "rcs", "a2p", "10dlc", "totp", "sna", "bv", "usca"];
    let word = |word: &str| {
        if SHORT.contains(&word) {
            return word.to_ascii_uppercase();
        }
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    match name {
        TOTAL => "Total Price".to_owned(),
        "calleridlookups" => "Caller Name Lookups".to_owned(),
        _ => name.split('-').map(word).collect::<Vec<_>>().join(" "),
    }
}

impl Sum {
    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, usage: self.usage + other.usage, nano: self.nano + other.nano }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parent_has_parts_and_the_total_holds_all_once() {
        let one = Sum { count: 1, usage: 2, nano: 3 };
        let sums: Sums = leaves().map(|leaf| (leaf.to_owned(), one)).collect();
        assert_eq!(sums.len(), leaves().count(), "a leaf stands twice");
        for (parent, parts) in PARENTS {
            for part in *parts {
                assert!(leaves().any(|leaf| leaf.starts_with(part)), "{parent}: nothing begins with {part:?}");
            }
            assert!(!leaves().any(|leaf| leaf == *parent), "{parent} is a leaf, too");
        }
        let all = sums.len() as u64;
        assert_eq!(sum(TOTAL, &sums), Sum { count: all, usage: 2 * all, nano: 3 * all });
        let of = |name| sum(name, &sums).count;
        assert_eq!((of("sms"), of("sms-inbound") + of("sms-outbound"), of("sms-outbound-longcode")), (6, 6, 1));
        assert_eq!(of("nothing"), 0);
        assert!(all_sorted());
    }

    fn all_sorted() -> bool {
        all().collect::<Vec<_>>().is_sorted()
    }

    #[test]
    fn a_parent_is_counted_as_its_parts_are() {
        assert_eq!(units("sms"), ("messages", "segments"));
        assert_eq!(units("sms-outbound-shortcode"), ("messages", "segments"));
        assert_eq!((units("phonenumbers").0, units(TOTAL)), ("numbers", ("", "usd")));
        assert_eq!(description("sms-outbound-longcode"), "SMS Outbound Longcode");
        assert!(all().filter(|name| *name != TOTAL).all(|name| !units(name).0.is_empty()));
    }
}
