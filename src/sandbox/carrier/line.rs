//! What kind of line a number is, and whose network it is on: by its last digits, so that a test can
//! choose, and by the seed.
//!
//! A number that ends in `0000` cannot be dialled, `0001` is a landline, `0002` an internet telephone, and
//! `0003` is one that pumps traffic; all others are mobile, toll-free numbers apart. The carriers are
//! invented; the country codes of networks are the real ones.

use serde_json::{Value, json};

use super::geography;
use crate::sandbox::seed::Seed;

/// A kind of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A mobile phone.
    Mobile,
    /// A wired phone, which gets no SMS.
    Landline,
    /// An internet phone at no fixed place.
    Voip,
    /// The called party pays.
    TollFree,
}

/// Mobile country codes by country.
const MOBILE_COUNTRIES: &[(&str, &str)] = &[
    ("AR", "722"),
    ("AT", "232"),
    ("AU", "505"),
    ("BE", "206"),
    ("BR", "724"),
    ("CA", "302"),
    ("CH", "228"),
    ("CL", "730"),
    ("CN", "460"),
    ("CO", "732"),
    ("DE", "262"),
    ("DK", "238"),
    ("ES", "214"),
    ("FR", "208"),
    ("GB", "234"),
    ("IE", "272"),
    ("IN", "404"),
    ("IT", "222"),
    ("JP", "440"),
    ("MX", "334"),
    ("NL", "204"),
    ("NO", "242"),
    ("NZ", "530"),
    ("PE", "716"),
    ("PL", "260"),
    ("PT", "268"),
    ("SE", "240"),
    ("US", "310"),
];

/// The network of a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The mobile country code; none where it is not known, and for lines that are not mobile.
    pub mcc: Option<String>,
    /// The mobile network code.
    pub mnc: Option<String>,
    /// Who runs it.
    pub carrier: Option<String>,
}

/// The kind of a number in E.164 form.
pub fn kind(phone: &str) -> Kind {
    const TOLL_FREE: [&str; 7] = ["+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"];
    match phone {
        _ if phone.ends_with("0001") => Kind::Landline,
        _ if phone.ends_with("0002") => Kind::Voip,
        _ if TOLL_FREE.iter().any(|area| phone.starts_with(area)) => Kind::TollFree,
        _ => Kind::Mobile,
    }
}

/// Whether nobody can have a number.
pub fn unassigned(phone: &str) -> bool {
    phone.ends_with("0000")
}

/// Whether a number is one that pumps traffic.
pub fn pumps(phone: &str) -> bool {
    phone.ends_with("0003")
}

/// The two invented networks for mobile phones: name and network code.
const MOBILE_NETWORKS: [(&str, &str); 2] = [("Harbor Wireless", "040"), ("Meadow Mobile", "120")];

/// The networks for mobile phones that a country has.
pub fn networks(country: &str) -> Vec<Network> {
    let mcc = MOBILE_COUNTRIES.iter().find(|(known, _)| *known == country).map(|(_, mcc)| (*mcc).to_owned());
    let network = |(carrier, mnc): (&str, &str)| Network {
        mcc: mcc.clone(),
        mnc: mcc.as_ref().map(|_| mnc.to_owned()),
        carrier: Some(carrier.to_owned()),
    };
    MOBILE_NETWORKS.map(network).into()
}

/// The network of a number.
pub fn network(seed: &Seed, phone: &str) -> Network {
    let country = geography::place(phone).country;
    // Of the two the seed chooses one.
    let drawn = usize::from(seed.between(0, 1, &["network", phone]) == 1);
    let carrier = match kind(phone) {
        Kind::Mobile => return networks(&country).swap_remove(drawn),
        Kind::Landline => "Old Town Telephone",
        Kind::Voip => "Cloudline",
        Kind::TollFree => "Freeline",
    };
    Network { carrier: Some(carrier.to_owned()), ..Network::default() }
}

/// What a verification's lookup says.
pub fn carrier(seed: &Seed, phone: &str) -> Value {
    let Network { mcc, mnc, carrier } = network(seed, phone);
    let kind = match kind(phone) {
        Kind::Mobile => "mobile",
        Kind::Landline => "landline",
        Kind::Voip | Kind::TollFree => "voip",
    };
    json!({ "carrier": {
        "mobile_country_code": mcc, "mobile_network_code": mnc, "name": carrier, "type": kind, "error_code": null,
    } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digits_choose_the_kind() {
        assert_eq!(kind("+14155550123"), Kind::Mobile);
        assert_eq!((kind("+14155550001"), kind("+14155550002")), (Kind::Landline, Kind::Voip));
        assert_eq!(kind("+18005550123"), Kind::TollFree);
        let seed = Seed::new(1);
        assert_eq!(network(&seed, "+14155550123").mcc.as_deref(), Some("310"));
        assert_eq!(network(&seed, "+14155550001").mcc, None);
        assert!(MOBILE_COUNTRIES.is_sorted_by(|a, b| a.0 < b.0));
    }
}
