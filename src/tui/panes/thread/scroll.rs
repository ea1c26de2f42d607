//! Scroll arithmetic over blocks of unequal height, without adding up all of them.
//!
//! A view is held by its last visible line, its *foot*: what comes in below does not move it, and
//! only blocks that are crossed or seen are ever measured. `None` as a foot means the end, followed
//! as it grows.

/// A line of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The block.
    pub block: usize,
    /// The line in it.
    pub line: usize,
}

/// Blocks that can be measured.
pub struct Blocks<F> {
    /// How many there are.
    pub len: usize,
    /// The height of each, at least 1.
    pub height: F,
}

impl<F: Fn(usize) -> usize> Blocks<F> {
    fn height(&self, block: usize) -> usize {
        (self.height)(block).max(1)
    }

    /// The last line of all.
    pub fn end(&self) -> Option<Spot> {
        let block = self.len.checked_sub(1)?;
        Some(Spot { block, line: self.height(block) - 1 })
    }

    /// The line `n` lines above, or the first of all.
    pub fn above(&self, spot: Spot, mut n: usize) -> Spot {
        let mut at = Spot { line: spot.line.min(self.height(spot.block) - 1), ..spot };
        while n > at.line {
            if at.block == 0 {
                return Spot { block: 0, line: 0 };
            }
            n -= at.line + 1;
            at.block -= 1;
            at.line = self.height(at.block) - 1;
        }
        Spot { line: at.line - n, ..at }
    }

    /// The line `n` lines below, or the last of all.
    pub fn below(&self, spot: Spot, mut n: usize) -> Spot {
        let mut at = spot;
        loop {
            let rest = self.height(at.block).saturating_sub(at.line + 1);
            if n <= rest {
                return Spot { line: at.line + n, ..at };
            }
            if at.block + 1 >= self.len {
                return Spot { line: at.line + rest, ..at };
            }
            n -= rest + 1;
            at = Spot { block: at.block + 1, line: 0 };
        }
    }

    /// The foot of a view of `view` lines after scrolling up by `n`: the first line of all never
    /// comes below the view's top.
    pub fn up(&self, foot: Option<Spot>, n: usize, view: usize) -> Option<Spot> {
        let foot = foot.or_else(|| self.end())?;
        let lowest = self.below(Spot { block: 0, line: 0 }, view.saturating_sub(1));
        self.or_end(self.above(foot, n).max(lowest))
    }

    /// The foot after scrolling down by `n`.
    pub fn down(&self, foot: Option<Spot>, n: usize) -> Option<Spot> {
        self.or_end(self.below(foot?, n))
    }

    /// The foot that brings a whole block into view, moving as little as possible. Of a block higher
    /// than the view, its beginning.
    pub fn reveal(&self, foot: Option<Spot>, block: usize, view: usize) -> Option<Spot> {
        let end = self.end()?;
        let now = foot.unwrap_or(end);
        let first = Spot { block, line: 0 };
        let last = Spot { block, line: self.height(block) - 1 };
        let top = self.above(now, view.saturating_sub(1));
        let wanted = if first < top {
            self.below(first, view.saturating_sub(1))
        } else if last > now {
            last.min(self.below(first, view.saturating_sub(1)))
        } else {
            now
        };
        self.or_end(wanted)
    }

    fn or_end(&self, spot: Spot) -> Option<Spot> {
        (Some(spot) < self.end()).then_some(spot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEIGHTS: [usize; 5] = [3, 1, 4, 2, 1]; // 11 lines

    fn blocks() -> Blocks<impl Fn(usize) -> usize> {
        Blocks { len: HEIGHTS.len(), height: |i: usize| HEIGHTS[i] }
    }

    fn spot(line: usize) -> Spot {
        let mut rest = line;
        for (block, h) in HEIGHTS.iter().enumerate() {
            if rest < *h {
                return Spot { block, line: rest };
            }
            rest -= h;
        }
        panic!("line {line}")
    }

    #[test]
    fn moving_is_the_same_as_counting_lines() {
        for from in 0..11 {
            for n in 0..14usize {
                assert_eq!(blocks().above(spot(from), n), spot(from.saturating_sub(n)), "{from} up {n}");
                assert_eq!(blocks().below(spot(from), n), spot((from + n).min(10)), "{from} down {n}");
            }
        }
    }

    #[test]
    fn a_view_keeps_within_the_lines() {
        // (foot line or end, up by, view) -> foot line or end
        let cases = [
            (None, 1, 4, Some(9)),
            (None, 100, 4, Some(3)),
            (Some(5), 2, 4, Some(3)),
            (None, 3, 11, None),
            (None, 3, 40, None),
        ];
        for (foot, n, view, want) in cases {
            assert_eq!(blocks().up(foot.map(spot), n, view), want.map(spot), "{foot:?} {n} {view}");
        }
        assert_eq!(blocks().down(Some(spot(8)), 2), None);
        assert_eq!(blocks().down(Some(spot(3)), 2), Some(spot(5)));
        assert_eq!(blocks().down(None, 2), None);
        let none = Blocks { len: 0, height: |_: usize| 1 };
        assert_eq!((none.up(None, 3, 5), none.down(None, 1), none.reveal(None, 0, 3)), (None, None, None));
    }

    #[test]
    fn a_block_is_revealed_whole() {
        // Lines of block 2 are 4..=7.
        let cases = [
            (Some(3), 2, 5, Some(7)),
            (None, 2, 4, Some(7)),
            (None, 0, 4, Some(3)),
            (Some(3), 4, 4, None),
            (Some(7), 2, 2, Some(5)),
        ];
        for (foot, block, view, want) in cases {
            assert_eq!(blocks().reveal(foot.map(spot), block, view), want.map(spot), "{foot:?} {block} {view}");
        }
    }
}
