//! The population index: what cells and spans of cells of one raster hold.
//!
//! The grid is divided into tiles of 256 columns by as many rows as suit the blocks of the file.
//! Only the tiles that some area's bounds touch are read, each block of the file once, in parallel.
//! Reading is behind the trait [`Blocks`], so that nothing here opens a file.

pub use super::tile::Span;
use super::tile::{Tile, WIDTH};
use crate::error::ReadError;
use crate::measure::{Fixed, Sum};
use crate::model::{CellState, PopulationSource, Window};
use rayon::prelude::*;

/// A block of more cells than this is taken in strips: 2048 × 2048.
const MOST_CELLS: usize = 1 << 22;

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
            low if low < 64 => low * 64_usize.div_ceil(low),
            // A whole raster in one block: GDAL keeps it decoded, the states are made in strips.
            high if high > 256 && block_width * high > MOST_CELLS => 256,
            fitting => fitting,
        };
        Self { width, height }
    }
}

/// A raster that can be read by windows; several workers may read at once.
pub trait Blocks: Sync {
    /// Columns and rows of the raster.
    fn size(&self) -> (usize, usize);

    /// How it is best read.
    fn units(&self) -> Units;

    /// Opens the raster for one worker.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened (any more).
    fn reader(&self) -> Result<Box<dyn Reader + '_>, ReadError>;
}

/// A population source: what the scenario says of it, and the way to its cells.
pub struct Source {
    /// What the scenario says of it.
    pub declared: PopulationSource,
    /// Its cells.
    pub blocks: Box<dyn Blocks>,
}

/// One worker's way into a raster.
pub trait Reader {
    /// The states of the cells of a window, row by row.
    ///
    /// # Errors
    ///
    /// If the file cannot be decoded there.
    fn read(&mut self, window: Window) -> Result<Vec<CellState>, ReadError>;
}

/// People of one raster, for the tiles that were asked for.
#[derive(Debug)]
pub struct PopulationIndex {
    across: usize,
    height: usize,
    tiles: Vec<Option<Tile>>,
}

impl PopulationIndex {
    /// Reads every tile that one of the windows touches; `progress` is told of cells read.
    ///
    /// # Errors
    ///
    /// If a block cannot be read.
    pub fn read(
        blocks: &dyn Blocks,
        windows: &[Window],
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Self, ReadError> {
        let (cols, rows) = blocks.size();
        let units = blocks.units();
        let wanted = wanted_units(units, (cols, rows), windows);
        let read: Vec<_> = wanted
            .into_par_iter()
            .map_init(
                || blocks.reader(),
                |reader, window| match reader {
                    Ok(reader) => {
                        let tiles = read_unit(reader.as_mut(), window)?;
                        progress((window.width() * window.height()) as u64);
                        Ok((window, tiles))
                    }
                    Err(error) => Err(error.clone()),
                },
            )
            .collect::<Result<_, ReadError>>()?;
        let across = cols.div_ceil(WIDTH);
        let down = rows.div_ceil(units.height);
        let mut tiles: Vec<Option<Tile>> = Vec::new();
        tiles.resize_with(across * down, || None);
        for (window, unit) in read {
            let first = (window.rows.0 / units.height) * across + window.cols.0 / WIDTH;
            for (place, tile) in unit.into_iter().enumerate() {
                if let Some(slot) = tiles.get_mut(first + place) {
                    *slot = Some(tile);
                }
            }
        }
        Ok(Self { across, height: units.height, tiles })
    }

    /// How many cells would be read for these windows.
    #[must_use]
    pub fn wanted_cells(blocks: &dyn Blocks, windows: &[Window]) -> u64 {
        let wanted = wanted_units(blocks.units(), blocks.size(), windows);
        wanted.iter().map(|unit| (unit.width() * unit.height()) as u64).sum()
    }

    /// What one cell holds; unknown where nothing was asked for.
    #[must_use]
    pub fn cell(&self, row: usize, col: usize) -> Span {
        self.tile(row, col / WIDTH)
            .map_or(Span::unknown(1), |tile| tile.cell(row % self.height, col % WIDTH))
    }

    /// What the columns `first..last` of a row hold, in pieces, each with its columns.
    pub fn spans(
        &self,
        row: usize,
        first: usize,
        last: usize,
    ) -> impl Iterator<Item = (usize, usize, Span)> {
        (first / WIDTH..last.div_ceil(WIDTH)).map(move |column| {
            let start = column * WIDTH;
            let (from, to) = (first.max(start), last.min(start + WIDTH));
            let held = self.tile(row, column).map_or(Span::unknown(to - from), |tile| {
                tile.span(row % self.height, from - start, to - start)
            });
            (from, to, held)
        })
    }

    fn tile(&self, row: usize, column: usize) -> Option<&Tile> {
        self.tiles.get(row / self.height * self.across + column)?.as_ref()
    }
}

/// Reads every cell of a raster once, in parallel, and tells what they hold together; `progress` is
/// told of cells read.
///
/// # Errors
///
/// If a block cannot be read.
pub fn survey(blocks: &dyn Blocks, progress: &(dyn Fn(u64) + Sync)) -> Result<Survey, ReadError> {
    let (cols, rows) = blocks.size();
    let whole = Window { cols: (0, cols), rows: (0, rows) };
    let parts = wanted_units(blocks.units(), (cols, rows), &[whole])
        .into_par_iter()
        .map_init(
            || blocks.reader(),
            |reader, window| {
                let states = match reader {
                    Ok(reader) => reader.read(window)?,
                    Err(error) => return Err(error.clone()),
                };
                progress(states.len() as u64);
                Ok(PartSurvey::of(&states))
            },
        )
        .try_reduce(PartSurvey::default, |one, other| Ok(one.with(other)))?;
    Ok(parts.whole())
}

/// What all cells of a raster hold together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Survey {
    /// Cells in all.
    pub cells: u64,
    /// People in all cells that tell them.
    pub people: Sum,
    /// Cells where people live.
    pub populated: u64,
    /// Cells that hold the nodata value, or are masked.
    pub nodata: u64,
    /// Cells that are not a number and not declared as nodata.
    pub unknown: u64,
    /// Cells that hold what is no number of people.
    pub faulty: u64,
    /// The smallest and the largest value of the faulty cells; `None` if there are none.
    pub faulty_range: Option<[f64; 2]>,
}

impl Survey {
    fn add_faulty(&mut self, value: f64) {
        self.faulty += 1;
        self.widen_faulty([value; 2]);
    }

    fn widen_faulty(&mut self, [a, b]: [f64; 2]) {
        let [least, most] = self.faulty_range.unwrap_or([a, b]);
        self.faulty_range = Some([least.min(a), most.max(b)]);
    }
}

/// What the cells of a part of a raster hold: people as sums that fit, the rest counted.
#[derive(Default)]
struct PartSurvey {
    counts: Survey,
    /// Of each but the last, adding another to it would not fit.
    steps: Vec<i64>,
}

impl PartSurvey {
    fn of(states: &[CellState]) -> Self {
        let counts = Survey { cells: states.len() as u64, ..Survey::default() };
        let mut part = Self { counts, steps: Vec::new() };
        for state in states {
            match *state {
                CellState::People(people) => match Fixed::from_people(people) {
                    None => part.counts.add_faulty(people),
                    Some(Fixed(people)) => {
                        part.counts.populated += u64::from(people > 0);
                        part.add(people);
                    }
                },
                CellState::Nodata => part.counts.nodata += 1,
                CellState::Unknown => part.counts.unknown += 1,
                CellState::Faulty(value) => part.counts.add_faulty(value),
            }
        }
        part
    }

    fn add(&mut self, steps: i64) {
        match self.steps.last_mut() {
            Some(last) if last.checked_add(steps).is_some() => *last += steps,
            _ => self.steps.push(steps),
        }
    }

    /// Together with another part; whole numbers, so in any order.
    fn with(mut self, other: Self) -> Self {
        let Self { counts, steps } = other;
        for steps in steps {
            self.add(steps);
        }
        self.counts.cells += counts.cells;
        self.counts.populated += counts.populated;
        self.counts.nodata += counts.nodata;
        self.counts.unknown += counts.unknown;
        self.counts.faulty += counts.faulty;
        if let Some(range) = counts.faulty_range {
            self.counts.widen_faulty(range);
        }
        self
    }

    /// All of it, its sums as one that every raster fits.
    fn whole(self) -> Survey {
        let mut people = Sum::default();
        for steps in self.steps {
            people.add_steps(steps);
        }
        Survey { people, ..self.counts }
    }
}

/// The units that some window touches, clipped to the raster, in the order of the file.
fn wanted_units(units: Units, (cols, rows): (usize, usize), windows: &[Window]) -> Vec<Window> {
    let (across, down) = (cols.div_ceil(units.width), rows.div_ceil(units.height));
    let mut wanted = vec![false; across * down];
    for window in windows {
        if window.width() == 0 || window.height() == 0 {
            continue;
        }
        for j in window.rows.0 / units.height..window.rows.1.div_ceil(units.height) {
            for i in window.cols.0 / units.width..window.cols.1.div_ceil(units.width) {
                if let Some(unit) = wanted.get_mut(j * across + i) {
                    *unit = true;
                }
            }
        }
    }
    let unit = |place: usize| {
        let (i, j) = (place % across, place / across);
        Window {
            cols: (i * units.width, ((i + 1) * units.width).min(cols)),
            rows: (j * units.height, ((j + 1) * units.height).min(rows)),
        }
    };
    wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(place, _)| unit(place)).collect()
}

/// Reads one unit and makes its tiles, from left to right.
fn read_unit(reader: &mut dyn Reader, window: Window) -> Result<Vec<Tile>, ReadError> {
    let states = reader.read(window)?;
    let width = window.width();
    if width <= WIDTH {
        return Ok(vec![Tile::from_states(&states, width)]);
    }
    let mut tiles = Vec::with_capacity(width.div_ceil(WIDTH));
    for start in (0..width).step_by(WIDTH) {
        let end = (start + WIDTH).min(width);
        let cells: Vec<CellState> = states
            .chunks_exact(width)
            .filter_map(|row| row.get(start..end))
            .flatten()
            .copied()
            .collect();
        tiles.push(Tile::from_states(&cells, end - start));
    }
    Ok(tiles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_end_where_blocks_and_tiles_end() {
        assert_eq!(Units::for_blocks((512, 512), 9000), Units { width: 512, height: 512 });
        assert_eq!(Units::for_blocks((128, 128), 9000), Units { width: 256, height: 128 });
        assert_eq!(Units::for_blocks((9000, 1), 9000), Units { width: 9000, height: 64 });
        assert_eq!(Units::for_blocks((384, 384), 9000), Units { width: 768, height: 384 });
        assert_eq!(Units::for_blocks((300, 7), 9000), Units { width: 9000, height: 70 });
        assert_eq!(Units::for_blocks((2048, 2048), 9000), Units { width: 2048, height: 2048 });
        assert_eq!(Units::for_blocks((9000, 8000), 9000), Units { width: 9000, height: 256 });
    }

    #[test]
    fn a_survey_keeps_what_is_known_apart_from_what_is_not() {
        use CellState::{Faulty, Nodata, People, Unknown};
        let large = 3e10;
        let states = [
            People(large),
            People(large),
            People(0.0),
            Nodata,
            Unknown,
            Faulty(-9.0),
            Faulty(-2.0),
        ];
        let part = || PartSurvey::of(&states);
        let survey = PartSurvey::default().with(part()).with(part()).whole();
        // Two such cells are more than one sum of a part can hold.
        assert_eq!(survey.people.people(), 4.0 * large);
        assert_eq!((survey.cells, survey.populated, survey.nodata), (14, 4, 2));
        assert_eq!((survey.unknown, survey.faulty), (2, 4));
        assert_eq!(survey.faulty_range, Some([-9.0, -2.0]));
    }

    #[test]
    fn only_units_under_windows_are_read() {
        let units = Units { width: 256, height: 64 };
        let window = Window { cols: (300, 301), rows: (60, 70) };
        let empty = Window { cols: (0, 0), rows: (0, 5) };
        let wanted = wanted_units(units, (600, 100), &[window, empty]);
        let cols = (256, 512);
        assert_eq!(wanted, [Window { cols, rows: (0, 64) }, Window { cols, rows: (64, 100) }]);
    }
}
