//! A row of numbers as one line of marks.

use super::Marks;
use crate::tui::shown::{Shown, shown};

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LETTERS: [char; 8] = ['_', '.', ',', '-', '~', '+', '*', '#'];

/// One mark for each number, from zero to the largest; a gap for each that is not known. When there are more
/// than fit, each mark stands for the sum of several.
pub fn spark(values: &[Option<u64>], cells: usize, marks: Marks) -> Shown {
    if cells == 0 || values.is_empty() {
        return Shown::default();
    }
    let each = values.len().div_ceil(cells);
    let sum = |part: &[Option<u64>]| part.iter().flatten().copied().reduce(u64::saturating_add);
    let sums: Vec<Option<u64>> = values.chunks(each).map(sum).collect();
    let most = sums.iter().flatten().copied().max().unwrap_or(0).max(1);
    let ramp = if marks == Marks::Ascii { LETTERS } else { BLOCKS };
    let mark = |value: Option<u64>| match value {
        None => ' ',
        Some(0) => ramp[0],
        // What is not nothing stands above the line of nothing.
        Some(n) => ramp[((u128::from(n) * 7).div_ceil(u128::from(most)) as usize).clamp(1, 7)],
    };
    shown!("{}", sums.into_iter().map(mark).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lower_than_little_and_a_gap_is_neither() {
        let values = [Some(0), Some(1), None, Some(50), Some(100)];
        assert_eq!(spark(&values, 10, Marks::Braille).as_str(), "▁▂ ▅█");
        assert_eq!(spark(&values, 10, Marks::Ascii).as_str(), "_. ~#");
        assert_eq!(spark(&[Some(1); 8], 4, Marks::Blocks).as_str(), "████");
        assert_eq!(spark(&[None, None], 4, Marks::Blocks).as_str(), "  ");
        assert!(spark(&[], 4, Marks::Blocks).is_empty() && spark(&values, 0, Marks::Blocks).is_empty());
    }
}
