//! Where a line breaks: at words, by grapheme, measured in terminal cells.
//!
//! Pure; it is given clean text and knows nothing of what draws it.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::shown::width;

/// Byte ranges of the lines that a text takes when it is at most `cells` wide. Spaces at a break
/// belong to no line; a word longer than a line is split between graphemes. At least one range.
pub fn ranges(text: &str, cells: usize) -> Vec<Range<usize>> {
    let cells = cells.max(1);
    let mut out = Vec::new();
    let mut start = 0; // first byte of the line
    let mut used = 0; // its width so far
    let mut fit = None; // where the last word that fits ends
    let mut word = (0, 0); // first byte of the word under way, and the width before it
    for (at, grapheme) in text.grapheme_indices(true) {
        let space = grapheme.chars().all(char::is_whitespace);
        let w = width(grapheme);
        if space {
            fit = Some(if at == word.0 { fit.unwrap_or(at) } else { at });
            used += w;
            word = (at + grapheme.len(), used);
            continue;
        }
        if used + w > cells && at > start {
            match fit {
                Some(end) if word.0 > start => {
                    out.push(start..end);
                    start = word.0;
                    used -= word.1;
                }
                _ => {}
            }
            // The word alone is still too long: it breaks here.
            if used + w > cells && at > start {
                out.push(start..at);
                start = at;
                used = 0;
            }
            fit = None;
            word = (start, 0);
        }
        used += w;
    }
    let tail = if word.0 == text.len() && word.0 > start { fit.unwrap_or(text.len()).max(start) } else { text.len() };
    if tail > start || out.is_empty() {
        out.push(start..tail);
    }
    out
}

/// How many lines a text with line breaks takes at `cells`; at least one.
pub fn height(text: &str, cells: usize) -> usize {
    text.split('\n').map(|line| if width(line) <= cells { 1 } else { ranges(line, cells).len() }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, cells: usize) -> Vec<&str> {
        ranges(text, cells).into_iter().map(|r| &text[r]).collect()
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        let cases: [(&str, usize, &[&str]); 8] = [
            ("", 5, &[""]),
            ("hello world", 11, &["hello world"]),
            ("hello world", 8, &["hello", "world"]),
            ("hello  big   world", 6, &["hello", "big", "world"]),
            ("abcdefghij", 4, &["abcd", "efgh", "ij"]),
            ("to abcdefghij x", 4, &["to", "abcd", "efgh", "ij x"]),
            ("您好周三", 5, &["您好", "周三"]),
            ("héllo 👩‍👩‍👧", 8, &["héllo 👩‍👩‍👧"]),
        ];
        for (text, cells, want) in cases {
            assert_eq!(lines(text, cells), want, "{text:?} at {cells}");
        }
        assert_eq!(height("a\n\nbb bb", 3), 4);
    }
}
