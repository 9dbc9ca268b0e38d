//! The way to the cells of a raster: by windows, several workers at once.
//!
//! Reading is behind the trait [`Blocks`], so that nothing here opens a raster. What a worker reads
//! comes as [`Cells`]: one whole number a cell, people in fixed point or a word for why there are none.

use super::tile::WIDTH;
use crate::error::ReadError;
use crate::measure::Fixed;
use crate::model::{CellState, PopulationSource, Window};
use std::path::PathBuf;
use std::sync::Arc;

/// A block of more cells than this is taken in strips: 2048 × 2048.
const MOST_CELLS: usize = 1 << 22;

/// Units are at least so many rows high: low blocks are taken together.
const LEAST_ROWS: usize = 64;

/// The rectangles in which a raster is read without decoding a block twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units {
    /// Columns of a unit: a multiple of 256, or all columns.
    pub width: usize,
    /// Rows of a unit and of its tiles.
    pub height: usize,
}

impl Units {
    /// Units that suit blocks of a size on a grid with so many columns.
    #[must_use]
    pub fn for_blocks(block: (usize, usize), cols: usize) -> Self {
        let (block_width, block_height) = (block.0.max(1), block.1.max(1));
        let width = match block_width {
            part if WIDTH.is_multiple_of(part) => WIDTH,
            // Where blocks and tiles end together next; if that is far off, whole rows.
            other => {
                let ends = (other..=other.max(4096)).step_by(other);
                ends.into_iter().find(|end| end.is_multiple_of(WIDTH)).unwrap_or(cols.max(1))
            }
        };
        let height = match block_height {
            low if low < LEAST_ROWS => low * LEAST_ROWS.div_ceil(low),
            // A whole raster in one block: GDAL keeps it decoded, the tiles are made in strips.
            high if high > 256 && block_width * high > MOST_CELLS => 256,
            // Of a raster of few columns; a tile counts its rows in 16 bits.
            high if high > 4096 => 256,
            fitting => fitting,
        };
        Self { width, height }
    }

    /// The unit of a row and column of units, clipped to a raster of so many columns and rows.
    pub(super) fn window(self, (row, col): (usize, usize), size: (usize, usize)) -> Window {
        Window {
            cols: (col * self.width, ((col + 1) * self.width).min(size.0)),
            rows: (row * self.height, ((row + 1) * self.height).min(size.1)),
        }
    }

    /// Rows and columns of units in a raster of so many columns and rows.
    pub(super) const fn counts(self, size: (usize, usize)) -> (usize, usize) {
        (size.1.div_ceil(self.height), size.0.div_ceil(self.width))
    }
}

/// A raster that can be read by windows; several workers may read at once.
pub trait Blocks: Send + Sync {
    /// Columns and rows of the raster.
    fn size(&self) -> (usize, usize);

    /// How it is best read.
    fn units(&self) -> Units;

    /// What it is called in messages: the file, as written.
    fn name(&self) -> String {
        "raster".into()
    }

    /// Bytes of one decoded block of the file, which every worker may hold.
    fn block_bytes(&self) -> u64 {
        0
    }

    /// What its cells hold follows from this text and the bytes of its files: the samples and how their
    /// numbers become people.
    fn reading(&self) -> String {
        String::new()
    }

    /// Opens the raster for one worker.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened (any more).
    fn reader(&self) -> Result<Box<dyn Reader>, ReadError>;
}

/// A population source: what the scenario says of it, and the way to its cells.
#[derive(Clone)]
pub struct Source {
    /// What the scenario says of it.
    pub declared: PopulationSource,
    /// Its cells.
    pub blocks: Arc<dyn Blocks>,
    /// The files of its dataset, the main one first; none if it is no file of this machine.
    pub files: Vec<PathBuf>,
    /// What tells it from any other raster of this machine; `None` if not all of its files are known, so
    /// that nobody could tell whether it changed.
    pub identity: Option<String>,
}

/// One worker's way into a raster.
pub trait Reader: Send {
    /// Replaces `cells` by those of a window, row by row.
    ///
    /// # Errors
    ///
    /// If the file cannot be decoded there.
    fn read(&mut self, window: Window, cells: &mut Cells) -> Result<(), ReadError>;
}

/// What the cells of a window hold, row by row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cells {
    /// People in steps of 2⁻²⁸, or one of the negative words below.
    codes: Vec<i64>,
    /// Where the faulty ones are, ascending, and their values.
    faulty: Vec<(usize, f64)>,
}

/// A cell that holds the nodata value, or is masked.
pub(super) const NODATA: i64 = -1;
/// A cell that is not a number, and not declared as nodata.
pub(super) const UNKNOWN: i64 = -2;
/// A cell that holds what is no number of people.
pub(super) const FAULTY: i64 = -3;

impl Cells {
    /// Makes it empty, and room for so many cells.
    pub fn clear(&mut self, room: usize) {
        self.codes.clear();
        self.faulty.clear();
        self.codes.reserve(room);
    }

    /// Appends so many people.
    pub fn push_people(&mut self, people: Fixed) {
        self.codes.push(people.0.max(0));
    }

    /// Appends so many cells that hold the nodata value.
    pub fn push_nodata(&mut self, cells: usize) {
        self.codes.resize(self.codes.len() + cells, NODATA);
    }

    /// Appends a cell of any state.
    pub fn push(&mut self, state: CellState) {
        let faulty = |value| (FAULTY, Some(value));
        let (code, value) = match state {
            CellState::People(people) => match Fixed::from_people(people) {
                Some(Fixed(steps)) if steps >= 0 => (steps, None),
                _ => faulty(people),
            },
            CellState::Nodata => (NODATA, None),
            CellState::Unknown => (UNKNOWN, None),
            CellState::Faulty(value) => faulty(value),
        };
        self.faulty.extend(value.map(|value| (self.codes.len(), value)));
        self.codes.push(code);
    }

    /// How many cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Steps of people, or words.
    pub(super) fn codes(&self) -> &[i64] {
        &self.codes
    }

    /// Places and values of the faulty ones.
    pub(super) fn faulty(&self) -> &[(usize, f64)] {
        &self.faulty
    }

    /// Adds another sample of the same cells. What is missing in one is missing in the sum, but for
    /// nodata where that means nobody: it adds nobody to the people of the other.
    pub fn add(&mut self, other: &Self, nodata_is_nobody: bool) {
        let mut faulty = Vec::new();
        let value_of = |cells: &Self, place: usize| {
            let found = cells.faulty.binary_search_by_key(&place, |(place, _)| *place);
            found.ok().and_then(|at| cells.faulty.get(at)).map(|(_, value)| *value)
        };
        for (place, other_code) in other.codes.iter().enumerate() {
            let Some(code) = self.codes.get(place).copied() else { break };
            let sum = together(code, *other_code, nodata_is_nobody);
            let sum = match (code, *other_code) {
                // Two cells whose sum does not fit are one that does not.
                (a, b) if a >= 0 && b >= 0 && sum < 0 => {
                    faulty.push((place, Fixed(a).people() + Fixed(b).people()));
                    FAULTY
                }
                _ => sum,
            };
            if code == FAULTY || *other_code == FAULTY {
                let values = [value_of(self, place), value_of(other, place)];
                let smallest = values.into_iter().flatten().fold(f64::INFINITY, f64::min);
                faulty.push((place, smallest));
            }
            if let Some(slot) = self.codes.get_mut(place) {
                *slot = sum;
            }
        }
        self.faulty = faulty;
    }
}

/// Two samples of one cell added up; negative where people do not fit.
fn together(one: i64, two: i64, nodata_is_nobody: bool) -> i64 {
    match (one, two) {
        (FAULTY, _) | (_, FAULTY) => FAULTY,
        (UNKNOWN, _) | (_, UNKNOWN) => UNKNOWN,
        (NODATA, people) | (people, NODATA) if nodata_is_nobody => people,
        (NODATA, _) | (_, NODATA) => NODATA,
        (one, two) => one.checked_add(two).unwrap_or(FAULTY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CellState::{Faulty, Nodata, People, Unknown};

    #[test]
    fn units_end_where_blocks_and_tiles_end() {
        assert_eq!(Units::for_blocks((512, 512), 9000), Units { width: 512, height: 512 });
        assert_eq!(Units::for_blocks((128, 128), 9000), Units { width: 256, height: 128 });
        assert_eq!(Units::for_blocks((9000, 1), 9000), Units { width: 9000, height: 64 });
        assert_eq!(Units::for_blocks((384, 384), 9000), Units { width: 768, height: 384 });
        assert_eq!(Units::for_blocks((300, 7), 9000), Units { width: 9000, height: 70 });
        assert_eq!(Units::for_blocks((2048, 2048), 9000), Units { width: 2048, height: 2048 });
        assert_eq!(Units::for_blocks((9000, 8000), 9000), Units { width: 9000, height: 256 });
        assert_eq!(Units::for_blocks((10, 90_000), 10), Units { width: 1280, height: 256 });
    }

    fn cells(states: &[CellState]) -> Cells {
        let mut cells = Cells::default();
        for state in states {
            cells.push(*state);
        }
        cells
    }

    #[test]
    fn nodata_of_one_sample_adds_nobody_to_another_only_where_it_means_zero() {
        let both = |one, two| {
            [true, false].map(|nobody| {
                let mut sum = cells(&[one]);
                sum.add(&cells(&[two]), nobody);
                sum
            })
        };
        assert_eq!(both(People(10.0), Nodata), [People(10.0), Nodata].map(|one| cells(&[one])));
        assert_eq!(both(Nodata, People(50.0)), [People(50.0), Nodata].map(|one| cells(&[one])));
        assert_eq!(both(Nodata, Nodata), [Nodata; 2].map(|one| cells(&[one])));
        assert_eq!(both(Nodata, Unknown), [Unknown; 2].map(|one| cells(&[one])));
        assert_eq!(both(Faulty(-1.0), Nodata), [Faulty(-1.0); 2].map(|one| cells(&[one])));
        let two = both(Faulty(-1.0), Faulty(-2.0));
        assert_eq!(two, [Faulty(-2.0); 2].map(|one| cells(&[one])));
    }

    #[test]
    fn samples_whose_sum_does_not_fit_are_a_faulty_cell() {
        let mut sum = cells(&[People(1.0), People(3e10)]);
        sum.add(&cells(&[People(2.0), People(3e10)]), false);
        assert_eq!(sum, cells(&[People(3.0), Faulty(6e10)]));
    }
}
