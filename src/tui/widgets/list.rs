//! Which rows of a list are in view: pure arithmetic, so that drawing changes nothing.

/// The first row to show so that `selected` is in view, moving as little as possible from `top`.
/// `fit` is how many rows fit, `len` how many there are.
pub fn follow(top: usize, selected: Option<usize>, fit: usize, len: usize) -> usize {
    let fit = fit.max(1);
    let top = top.min(len.saturating_sub(fit));
    match selected {
        Some(at) if at < top => at,
        Some(at) if at >= top + fit => at + 1 - fit,
        _ => top,
    }
}

/// The index `by` rows from `at`, held inside the list.
pub fn step(at: usize, by: isize, len: usize) -> usize {
    at.saturating_add_signed(by).min(len.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_as_little_as_possible() {
        let cases = [
            // top, selected, fit, len -> top
            (0, Some(0), 5, 10, 0),
            (0, Some(4), 5, 10, 0),
            (0, Some(5), 5, 10, 1),
            (6, Some(2), 5, 10, 2),
            (9, None, 5, 10, 5),
            (3, Some(1), 5, 2, 0),
            (0, Some(7), 0, 8, 7),
            (4, None, 5, 0, 0),
        ];
        for (top, selected, fit, len, want) in cases {
            assert_eq!(follow(top, selected, fit, len), want, "{top} {selected:?} {fit} {len}");
        }
        assert_eq!((step(0, -1, 3), step(2, 5, 3), step(0, 1, 0)), (0, 2, 0));
    }
}
