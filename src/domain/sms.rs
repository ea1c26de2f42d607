//! How a text becomes SMS: its alphabet, its parts, and the words carriers act upon.
//!
//! Owns the counting that a price depends on, so it must equal what Twilio bills: GSM-7 holds 160 units in
//! one part and 153 in each of several, UCS-2 70 and 67. It knows nothing of prices or senders.

mod alphabet;
mod keyword;
mod smart;

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

pub use keyword::{Keyword, keyword};
pub use smart::smart_encode;

/// The most characters a message body may have at Twilio (error 21617 above it).
pub const LONGEST_BODY: usize = 1600;

/// The alphabet a whole message is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
pub enum Encoding {
    /// Seven bits a unit; letters of western Europe, digits, signs.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// Sixteen bits a unit; everything else, such as emoji and curly quotes.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl Encoding {
    /// Units that fit a message of one part.
    pub fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units that fit each part of a longer message; a header of six bytes takes the rest.
    pub fn part(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        })
    }
}

/// The measure of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Segments {
    /// The alphabet it needs.
    pub encoding: Encoding,
    /// What a reader would count as characters; an emoji of several code points is one.
    pub characters: usize,
    /// Septets (GSM-7) or UTF-16 code units (UCS-2).
    pub units: usize,
    /// Parts it is sent and billed in; 0 for an empty body.
    pub segments: usize,
}

/// Measures a body as Twilio bills it.
pub fn measure(body: &str) -> Segments {
    if body.chars().all(|c| alphabet::septets(c).is_some()) {
        let sizes = body.chars().map(|c| alphabet::septets(c).unwrap_or(1));
        let (units, segments) = fill(Encoding::Gsm7, sizes);
        return Segments { encoding: Encoding::Gsm7, characters: body.chars().count(), units, segments };
    }
    let (units, segments) = fill(Encoding::Ucs2, body.graphemes(true).flat_map(pieces));
    let characters = body.graphemes(true).map(|g| if g == "\r\n" { 2 } else { 1 }).sum();
    Segments { encoding: Encoding::Ucs2, characters, units, segments }
}

/// The characters, with their byte ranges, that force a body into UCS-2. Empty when it fits GSM-7.
pub fn culprits(body: &str) -> Vec<(Range<usize>, char)> {
    body.char_indices()
        .filter(|(_, c)| alphabet::septets(*c).is_none())
        .map(|(at, c)| (at..at + c.len_utf8(), c))
        .collect()
}

/// The sizes of what may not be torn apart: a grapheme, or its characters when it fills a part by itself.
fn pieces(grapheme: &str) -> impl Iterator<Item = usize> {
    let whole = grapheme.encode_utf16().count();
    let torn = whole > Encoding::Ucs2.part();
    let chars = torn.then(|| grapheme.chars().map(char::len_utf16)).into_iter().flatten();
    (!torn).then_some(whole).into_iter().chain(chars)
}

/// Fills parts in order; a piece that does not fit goes whole into the next part.
fn fill(encoding: Encoding, sizes: impl Iterator<Item = usize>) -> (usize, usize) {
    let (mut units, mut parts, mut used) = (0, 1, 0);
    for size in sizes {
        units += size;
        used += size;
        if used > encoding.part() {
            parts += 1;
            used = size;
        }
    }
    let segments = match units {
        0 => 0,
        units if units <= encoding.single() => 1,
        _ => parts,
    };
    (units, segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str) -> usize {
        measure(body).segments
    }

    #[test]
    fn counts_gsm_parts() {
        let a = |n| "a".repeat(n);
        for (n, expected) in [(1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (1600, 11)] {
            assert_eq!(parts(&a(n)), expected, "{n} letters");
        }
        assert_eq!(parts(&"{".repeat(80)), 1);
        assert_eq!(parts(&"{".repeat(81)), 2);
        let torn = format!("{}{{{}{{", a(152), a(152));
        assert_eq!(measure(&torn), Segments { encoding: Encoding::Gsm7, characters: 306, units: 308, segments: 3 });
        assert_eq!(measure(""), Segments { encoding: Encoding::Gsm7, characters: 0, units: 0, segments: 0 });
    }

    #[test]
    fn counts_ucs2_parts() {
        for (n, expected) in [(70, 1), (71, 2), (134, 2), (135, 3)] {
            assert_eq!(parts(&"ж".repeat(n)), expected, "{n} letters");
        }
        assert_eq!(parts(&"😜".repeat(35)), 1);
        assert_eq!(parts(&"😜".repeat(36)), 2);
        let torn = format!("{}😜{}", "ж".repeat(66), "ж".repeat(66));
        assert_eq!((measure(&torn).units, parts(&torn)), (134, 3));
        assert_eq!(parts(&format!("😜{}", "1".repeat(68))), 1);
        let two = format!("😜{}", "1".repeat(69));
        assert_eq!(measure(&two), Segments { encoding: Encoding::Ucs2, characters: 70, units: 71, segments: 2 });
        let flag = format!("🏳️‍🌈{}", "1".repeat(64));
        assert_eq!((measure(&flag).units, parts(&flag)), (70, 1));
        assert_eq!(measure("It’s").encoding, Encoding::Ucs2);
    }

    #[test]
    fn a_grapheme_stays_in_one_part_unless_it_is_longer_than_one() {
        let flag_at_the_edge = format!("{}🏳️‍🌈{}", "ж".repeat(64), "ж".repeat(64));
        assert_eq!((measure(&flag_at_the_edge).units, parts(&flag_at_the_edge)), (134, 3));
        let endless = format!("e{}", "\u{301}".repeat(134));
        assert_eq!((measure(&endless).units, parts(&endless)), (135, 3));
    }

    #[test]
    fn line_breaks_count_as_typed() {
        assert_eq!(measure("a\r\nb").units, 4);
        assert_eq!(measure("ж\r\nb").characters, 4);
    }

    #[test]
    fn names_the_characters_that_cost() {
        assert_eq!(culprits("plain {text}"), vec![]);
        assert_eq!(culprits("you’re ✓"), vec![(3..6, '’'), (9..12, '✓')]);
    }

    #[test]
    fn the_acceptance_sentence_shrinks_by_smart_encoding() {
        let body =
            "Hi Maria, you’re booked for Friday 10:30. Please arrive 10 minutes early and bring your insurance card.";
        let (before, after) = (measure(body), measure(&smart_encode(body)));
        assert_eq!((before.encoding, before.characters, before.segments), (Encoding::Ucs2, 103, 2));
        assert_eq!((after.encoding, after.characters, after.segments), (Encoding::Gsm7, 103, 1));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_into_as_few_parts_as_can_be(body in "[ -~éж😜\\u{200d}{}\\r\\n]{0,400}") {
            let measure = measure(&body);
            let (limit, single) = (measure.encoding.part(), measure.encoding.single());
            proptest::prop_assert_eq!(measure.segments == 0, body.is_empty());
            proptest::prop_assert_eq!(measure.segments <= 1, measure.units <= single);
            if measure.segments > 1 {
                proptest::prop_assert!(measure.segments * limit >= measure.units);
            }
            proptest::prop_assert_eq!(culprits(&body).is_empty(), measure.encoding == Encoding::Gsm7);
            let smart = smart_encode(&body);
            proptest::prop_assert_eq!(&smart_encode(&smart), &smart);
        }
    }
}
