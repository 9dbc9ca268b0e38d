//! A tile: up to 256 columns of some rows, with running sums of people.
//!
//! Population grids are 80 to 99 % empty, so a tile keeps one bit a cell for *people live here* and
//! one running sum a populated cell. The sum up to any column is the running sum at the rank of
//! that column among the bits; the sum of a span is one subtraction of integers. Cells without a
//! value and faulty cells are kept apart from the sums, so what nodata means is decided later.

use crate::measure::Fixed;
use crate::model::CellState;

/// Columns of a tile.
pub(super) const WIDTH: usize = 256;

/// One bit for each column of one row of a tile.
type Bits = [u64; WIDTH / 64];

/// Bits before a column.
fn rank(bits: &Bits, col: usize) -> usize {
    let (word, bit) = (col / 64, col % 64);
    let whole: u32 = bits.iter().take(word).map(|word| word.count_ones()).sum();
    let part = bits.get(word).map_or(0, |word| (word & ((1 << bit) - 1)).count_ones());
    (whole + part) as usize
}

fn set(bits: &mut Bits, col: usize) {
    if let Some(word) = bits.get_mut(col / 64) {
        *word |= 1 << (col % 64);
    }
}

/// A set of cells of a tile: none, all, or one bit each.
#[derive(Debug)]
enum CellSet {
    None,
    All,
    Some(Box<[Bits]>),
}

impl CellSet {
    fn from_bits(bits: Vec<Bits>, cells: usize) -> Self {
        let count: usize = bits.iter().map(|row| rank(row, WIDTH)).sum();
        match count {
            0 => Self::None,
            all if all == cells => Self::All,
            _ => Self::Some(bits.into()),
        }
    }

    /// How many of the columns `first..last` of a row are in the set.
    fn count(&self, row: usize, first: usize, last: usize) -> usize {
        match self {
            Self::None => 0,
            Self::All => last - first,
            Self::Some(rows) => {
                rows.get(row).map_or(0, |bits| rank(bits, last) - rank(bits, first))
            }
        }
    }

    fn holds(&self, row: usize, col: usize) -> bool {
        self.count(row, col, col + 1) > 0
    }
}

/// A run of equal faulty values in one row.
#[derive(Debug)]
struct FaultyRun {
    row: u32,
    first: u32,
    last: u32,
    value: f64,
}

/// People of the populated cells of a tile.
#[derive(Debug)]
struct People {
    /// Which cells are populated.
    rows: Box<[Bits]>,
    /// Where the running sums of a row start; one more than rows.
    starts: Box<[u32]>,
    /// Sum of the populated cells of the row up to and with this one, in steps.
    running: Box<[i64]>,
}

/// A tile of the index.
#[derive(Debug)]
pub(super) struct Tile {
    people: Option<People>,
    nodata: CellSet,
    unknown: CellSet,
    faulty: Vec<FaultyRun>,
}

/// What a span of cells holds, without the meaning of nodata.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Span {
    /// People, in fixed-point steps.
    pub steps: i64,
    /// Cells that hold the nodata value.
    pub nodata: usize,
    /// Cells that are not a number and not declared as nodata.
    pub unknown: usize,
    /// Faulty cells.
    pub faulty: u64,
    /// The smallest value of the faulty cells; infinite if there are none.
    pub smallest_faulty: f64,
}

impl Span {
    /// So many cells of which nothing is known.
    pub(super) fn unknown(cells: usize) -> Self {
        Self { unknown: cells, smallest_faulty: f64::INFINITY, ..Self::default() }
    }
}

/// What tiles take at worst, in bytes: people in every cell, and every set of cells kept bit by bit.
/// `rows` are those of all tiles together.
pub(super) const fn most_bytes(cells: u64, rows: u64, tiles: u64) -> u64 {
    const ROW: u64 = 3 * size_of::<Bits>() as u64 + 4;
    // The tile itself, twice while they are put together, and what the allocator adds.
    const TILE: u64 = 3 * size_of::<Tile>() as u64;
    (cells.saturating_mul(8))
        .saturating_add(rows.saturating_mul(ROW))
        .saturating_add(tiles.saturating_mul(TILE))
}

impl Tile {
    /// What it takes of memory.
    pub(super) fn bytes(&self) -> u64 {
        let set = |set: &CellSet| match set {
            CellSet::Some(rows) => size_of_val::<[Bits]>(rows),
            CellSet::None | CellSet::All => 0,
        };
        let people = self.people.as_ref().map_or(0, |people| {
            size_of_val::<[Bits]>(&people.rows)
                + size_of_val::<[u32]>(&people.starts)
                + size_of_val::<[i64]>(&people.running)
        });
        let faulty = self.faulty.capacity() * size_of::<FaultyRun>();
        (size_of::<Self>() + people + set(&self.nodata) + set(&self.unknown) + faulty) as u64
    }

    /// From the states of its cells, row by row, `width` a row (256 at most).
    pub(super) fn from_states(states: &[CellState], width: usize) -> Self {
        let height = states.len() / width.max(1);
        let blank = || vec![Bits::default(); height];
        let (mut populated, mut nodata, mut unknown) = (blank(), blank(), blank());
        let mut starts = vec![0u32];
        let mut running = Vec::new();
        let mut faulty: Vec<FaultyRun> = Vec::new();
        for (row, cells) in states.chunks_exact(width.max(1)).enumerate() {
            let mut sum = 0i64;
            for (col, state) in cells.iter().enumerate() {
                match *state {
                    CellState::People(people) => match add(sum, people) {
                        Some(next) if next != sum => {
                            sum = next;
                            set(&mut populated[row], col);
                            running.push(sum);
                        }
                        Some(_) => {}
                        None => push_faulty(&mut faulty, row, col, people),
                    },
                    CellState::Nodata => set(&mut nodata[row], col),
                    CellState::Unknown => set(&mut unknown[row], col),
                    CellState::Faulty(value) => push_faulty(&mut faulty, row, col, value),
                }
            }
            starts.push(running.len() as u32);
        }
        let people = (!running.is_empty()).then(|| People {
            rows: populated.into(),
            starts: starts.into(),
            running: running.into(),
        });
        let cells = width * height;
        faulty.shrink_to_fit();
        Self {
            people,
            nodata: CellSet::from_bits(nodata, cells),
            unknown: CellSet::from_bits(unknown, cells),
            faulty,
        }
    }

    /// What the columns `first..last` of a row hold.
    pub(super) fn span(&self, row: usize, first: usize, last: usize) -> Span {
        let (faulty, smallest_faulty) = self.faulty_in(row, first, last);
        Span {
            steps: self.people.as_ref().map_or(0, |people| people.steps(row, first, last)),
            nodata: self.nodata.count(row, first, last),
            unknown: self.unknown.count(row, first, last),
            faulty,
            smallest_faulty,
        }
    }

    /// What one cell holds.
    pub(super) fn cell(&self, row: usize, col: usize) -> Span {
        if self.people.is_none() && self.faulty.is_empty() {
            return Span {
                nodata: usize::from(self.nodata.holds(row, col)),
                unknown: usize::from(self.unknown.holds(row, col)),
                smallest_faulty: f64::INFINITY,
                ..Span::default()
            };
        }
        self.span(row, col, col + 1)
    }

    fn faulty_in(&self, row: usize, first: usize, last: usize) -> (u64, f64) {
        let start = self.faulty.partition_point(|run| (run.row as usize) < row);
        let runs = self.faulty.iter().skip(start).take_while(|run| run.row as usize == row);
        let mut found = (0, f64::INFINITY);
        for run in runs {
            let (from, to) = ((run.first as usize).max(first), (run.last as usize).min(last));
            if from < to {
                found.0 += (to - from) as u64;
                found.1 = found.1.min(run.value);
            }
        }
        found
    }
}

impl People {
    fn steps(&self, row: usize, first: usize, last: usize) -> i64 {
        let (Some(bits), Some(start)) = (self.rows.get(row), self.starts.get(row)) else {
            return 0;
        };
        let up_to = |col: usize| match rank(bits, col) {
            0 => 0,
            rank => self.running.get(*start as usize + rank - 1).copied().unwrap_or(0),
        };
        up_to(last) - up_to(first)
    }
}

/// The running sum with one cell more, if the cell and the sum fit.
fn add(sum: i64, people: f64) -> Option<i64> {
    Fixed::from_people(people).and_then(|Fixed(steps)| sum.checked_add(steps))
}

/// Lengthens the last run or starts another.
fn push_faulty(runs: &mut Vec<FaultyRun>, row: usize, col: usize, value: f64) {
    let (row, first) = (row as u32, col as u32);
    match runs.last_mut() {
        Some(run)
            if run.row == row && run.last == first && run.value.to_bits() == value.to_bits() =>
        {
            run.last += 1;
        }
        _ => runs.push(FaultyRun { row, first, last: first + 1, value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CellState::{Faulty, Nodata, People, Unknown};

    const STATES: [CellState; 10] = [
        People(1.0),
        People(0.0),
        Nodata,
        People(2.5),
        Unknown,
        Nodata,
        Faulty(-9999.0),
        Faulty(-9999.0),
        Faulty(-1.0),
        People(4.0),
    ];

    #[test]
    fn a_span_tells_people_and_gaps_apart() {
        let tile = Tile::from_states(&STATES, 5);
        let people = |span: Span| span.steps as f64 / f64::from(1 << 28);
        let whole = tile.span(0, 0, 5);
        assert_eq!((people(whole), whole.nodata, whole.unknown, whole.faulty), (3.5, 1, 1, 0));
        let part = tile.span(0, 1, 4);
        assert_eq!((people(part), part.nodata, part.unknown), (2.5, 1, 0));
        let second = tile.span(1, 2, 5);
        assert_eq!((people(second), second.faulty, second.smallest_faulty), (4.0, 2, -9999.0));
    }

    #[test]
    fn a_cell_is_a_span_of_one() {
        let tile = Tile::from_states(&STATES, 5);
        for row in 0..2 {
            for col in 0..5 {
                assert_eq!(tile.cell(row, col), tile.span(row, col, col + 1));
            }
        }
    }

    #[test]
    fn sums_cross_the_words_of_a_full_row() {
        let states: Vec<_> = (0..256).map(|col| People(f64::from(col))).collect();
        let tile = Tile::from_states(&states, 256);
        assert_eq!(tile.span(0, 60, 200).steps >> 28, (60..200).sum::<i64>());
        assert_eq!(tile.span(0, 0, 256).steps >> 28, (0..256).sum::<i64>());
    }
}
