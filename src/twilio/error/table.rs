//! Twilio's error codes in plain words, from `assets/twilio-errors.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::failure::Failure;

#[derive(Default, Deserialize)]
struct Table {
    code: BTreeMap<String, Failure>,
    range: Vec<Range>,
}

#[derive(Deserialize)]
struct Range {
    from: u32,
    to: u32,
    #[serde(flatten)]
    entry: Failure,
}

const TEXT: &str = include_str!("../../../assets/twilio-errors.toml");

/// Exact codes, and ranges from the narrowest to the widest.
static TABLE: LazyLock<(BTreeMap<u32, Failure>, Vec<Range>)> = LazyLock::new(|| {
    // The text is part of the program and a test reads it: it cannot fail here.
    let Table { code, mut range } = toml::from_str(TEXT).unwrap_or_default();
    range.sort_by_key(|range| range.to - range.from);
    (code.into_iter().filter_map(|(code, entry)| Some((code.parse().ok()?, entry))).collect(), range)
});

/// The entry of a code, or of the narrowest range it lies in.
pub fn lookup(code: u32) -> Option<&'static Failure> {
    let (exact, ranges) = &*TABLE;
    let range = || ranges.iter().find(|range| (range.from..=range.to).contains(&code)).map(|range| &range.entry);
    exact.get(&code).or_else(range)
}

/// Twilio's own page about a code.
pub fn page(code: u32) -> String {
    format!("https://www.twilio.com/docs/errors/{code}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::{Fault, Retry};

    /// Codes that the product must be able to explain by an entry of their own.
    #[rustfmt::skip]
    const NEEDED: &[u32] = &[
        11200, 11201, 11202, 11203, 11205, 11206, 11210, 11215, 11220, 11235, 11236, 11237, 11240, 11241, 11243, 12100,
        12102, 12200, 12300, 14101, 14107, 14109, 14111, 18011, 18601, 18606, 20001, 20002, 20003, 20004, 20005, 20006,
        20007, 20008, 20009, 20010, 20403, 20404, 20409, 20410, 20413, 20422, 20423, 20426, 20429, 21210, 21211, 21212,
        21214, 21215, 21216, 21217, 21265, 21401, 21402, 21403, 21404, 21406, 21407, 21408, 21420, 21421, 21422, 21451,
        21452, 21457, 21458, 21470, 21474, 21475, 21476, 21477, 21479, 21480, 21481, 21601, 21602, 21603, 21604, 21605,
        21606, 21608, 21609, 21610, 21611, 21612, 21613, 21614, 21615, 21617, 21618, 21619, 21620, 21621, 21622, 21623,
        21624, 21628, 21629, 21630, 21631, 21649, 21650, 21651, 21654, 21655, 21656, 21701, 21702, 21703, 21704, 21705,
        21710, 21711, 21712, 21714, 21715, 21717, 21719, 21720, 21721, 21722, 21723, 21724, 21725, 21726, 21727, 21728,
        21729, 21730, 21910, 22214, 22215, 22216, 22217, 22218, 22219, 22300, 30001, 30002, 30003, 30004, 30005, 30006,
        30007, 30008, 30009, 30010, 30011, 30017, 30018, 30019, 30020, 30021, 30022, 30023, 30024, 30025, 30026, 30027,
        30029, 30030, 30032, 30033, 30034, 30035, 30036, 30037, 30126, 30409, 30410, 30440, 30441, 30442, 30443, 30444,
        30445, 30446, 30447, 30448, 30449, 30450, 30649, 30701, 30702, 30703, 30714, 30729, 30749, 30751, 30790, 30792,
        30795, 30799, 30801, 30879, 30880, 30881, 30882, 30883, 30884, 30885, 30886, 30887, 30888, 30889, 30890, 30891,
        30892, 30893, 30894, 30895, 30896, 30897, 30898, 30899, 30900, 30901, 30902, 30909, 30910, 30914, 30915, 30925,
        30930, 35111, 35114, 35115, 35117, 35118, 35125, 35126, 50056, 50201, 50211, 50303, 50304, 50361, 50374, 50375,
        50376, 50377, 50378, 50379, 50380, 50382, 50384, 50402, 50404, 50407, 50408, 50409, 50411, 50412, 50413, 50414,
        50415, 50416, 50417, 50418, 50422, 50426, 50432, 50433, 50436, 50437, 50438, 50439, 50451, 50452, 50500, 50503,
        50504, 57012, 60001, 60006, 60008, 60200, 60201, 60202, 60203, 60204, 60205, 60206, 60207, 60208, 60209, 60210,
        60211, 60212, 60213, 60214, 60215, 60216, 60217, 60218, 60219, 60220, 60221, 60222, 60223, 60224, 60225, 60226,
        60227, 60228, 60229, 60238, 60239, 60240, 60241, 60242, 60243, 60245, 60246, 60247, 60248, 60250, 60329, 60331,
        60333, 60334, 60335, 60408, 60409, 60410, 60411, 60412, 60413, 60500, 60519, 60532, 60550, 60600, 60602, 60603,
        60604, 60605, 60622, 60623, 60624, 60625, 60626, 63001, 63003, 63005, 63007, 63012, 63013, 63014, 63015, 63016,
        63018, 63024, 63027, 63028, 63032, 63033, 63040, 63041, 63042, 68008, 572005,
    ];

    #[test]
    fn every_needed_code_has_its_own_entry() {
        let missing: Vec<_> = NEEDED.iter().filter(|code| !TABLE.0.contains_key(code)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(NEEDED.is_sorted_by(|a, b| a < b), "each once, in order");
    }

    #[test]
    fn the_table_reads_without_loss() {
        let table: Table = toml::from_str(TEXT).unwrap();
        assert_eq!(table.code.len(), TABLE.0.len(), "every key is a number");
        assert!(table.range.iter().all(|range| range.from < range.to));
        assert_eq!(TEXT.matches("\n[code.").count(), TABLE.0.len(), "a code stands twice");
    }

    #[test]
    fn every_sentence_is_one() {
        let (exact, ranges) = &*TABLE;
        for entry in exact.values().chain(ranges.iter().map(|range| &range.entry)) {
            assert!(!entry.title.is_empty() && !entry.title.ends_with('.'), "{entry:?}");
            for sentence in [&entry.cause, &entry.remedy] {
                assert!(sentence.len() > 6 && sentence.ends_with('.'), "{entry:?}");
                assert!(sentence.starts_with(|c: char| c.is_uppercase()), "{entry:?}");
            }
        }
    }

    #[test]
    fn the_narrowest_range_answers_for_unlisted_codes() {
        assert_eq!(lookup(30003).map(|entry| entry.fault), Some(Fault::Customer));
        assert_eq!(lookup(20429).map(|entry| entry.retry), Some(Retry::Safe));
        assert_eq!(lookup(60233).map(|entry| entry.title.as_str()), Some("Sender name or email domain not accepted"));
        assert_eq!(lookup(50507).map(|entry| entry.title.as_str()), Some("Media not accepted"));
        assert_eq!(lookup(99_999), None);
    }
}
