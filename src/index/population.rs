//! The population index: what cells and spans of cells of one raster hold.
//!
//! The grid is divided into tiles of 256 columns by as many rows as suit the blocks of the file.
//! Only the tiles that some area's bounds touch are read, each block of the file once, in parallel.
//! Reading is behind the trait [`Blocks`], so that nothing here opens a file.

pub use super::tile::Span;
use super::tile::{Tile, WIDTH, most_bytes};
use super::wanted::Wanted;
use crate::error::{Large, ReadError};
use crate::measure::{Fixed, Sum};
use crate::model::{Budget, CellState, PopulationSource, Window};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// A block of more cells than this is taken in strips: 2048 × 2048.
const MOST_CELLS: usize = 1 << 22;

/// What a worker holds of every cell of its unit, in bytes: numbers, a mask, states, and the tiles in
/// the making.
const WORKER_BYTES: u64 = 48;

/// A faulty cell that differs from its neighbor takes so many bytes.
const FAULTY_BYTES: u64 = 24;

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

    /// What it is called in messages: the file, as written.
    fn name(&self) -> String {
        "raster".into()
    }

    /// Bytes of one decoded block of the file, which every worker may hold.
    fn block_bytes(&self) -> u64 {
        0
    }

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
    height: usize,
    wanted: Wanted,
    /// By their place among the wanted ones.
    tiles: Vec<Tile>,
    bytes: u64,
}

impl PopulationIndex {
    /// Reads every tile that one of the windows touches; `progress` is told of cells read.
    ///
    /// # Errors
    ///
    /// If a block cannot be read, or if all of it may take more memory than the budget has: that is
    /// told before anything is read, since at worst there are people in every cell. A raster whose
    /// faulty cells take more than people would is given up where the budget ends.
    pub fn read(
        blocks: &dyn Blocks,
        windows: &[Window],
        budget: Budget,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Self, ReadError> {
        let (units, size) = (blocks.units(), blocks.size());
        let wanted = Wanted::new((units.width, units.height), windows);
        let cells = wanted.cells((units.width, units.height), size);
        let tiles = tiles_of(&wanted, units, size);
        let too_large = |needed| {
            let (path, what, budget) = (blocks.name(), Large::Cells(cells), budget.bytes);
            ReadError::TooLarge { path, what, needed, budget }
        };
        let needed = most_bytes_of(blocks, &wanted, &tiles);
        if needed > budget.bytes {
            return Err(too_large(needed));
        }
        let taken = AtomicU64::new(0);
        let read: Vec<Vec<Tile>> = units_of(wanted, units, size)
            .map_init(
                || blocks.reader(),
                |reader, window| match reader {
                    Ok(reader) => {
                        let tiles = read_unit(reader.as_mut(), window)?;
                        let bytes: u64 = tiles.iter().map(Tile::bytes).sum();
                        if taken.fetch_add(bytes, Ordering::Relaxed) + bytes > budget.bytes {
                            return Err(too_large(cells.saturating_mul(FAULTY_BYTES)));
                        }
                        progress((window.width() * window.height()) as u64);
                        Ok(tiles)
                    }
                    Err(error) => Err(error.clone()),
                },
            )
            .collect::<Result<_, ReadError>>()?;
        // The tiles of a unit lie side by side, so both are in the same order.
        let held = read.into_iter().flatten().collect();
        Ok(Self { height: units.height, wanted: tiles, tiles: held, bytes: taken.into_inner() })
    }

    /// How many cells would be read for these windows.
    #[must_use]
    pub fn wanted_cells(blocks: &dyn Blocks, windows: &[Window]) -> u64 {
        let units = blocks.units();
        Wanted::new((units.width, units.height), windows)
            .cells((units.width, units.height), blocks.size())
    }

    /// How many bytes of memory reading these windows takes at worst, people in every cell, with what
    /// the workers hold meanwhile.
    #[must_use]
    pub fn most_bytes(blocks: &dyn Blocks, windows: &[Window]) -> u64 {
        let units = blocks.units();
        let wanted = Wanted::new((units.width, units.height), windows);
        most_bytes_of(blocks, &wanted, &tiles_of(&wanted, units, blocks.size()))
    }

    /// How many bytes of memory it takes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
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
        let wanted = self.wanted.row(row / self.height);
        (first / WIDTH..last.div_ceil(WIDTH)).map(move |column| {
            let start = column * WIDTH;
            let (from, to) = (first.max(start), last.min(start + WIDTH));
            let tile = wanted.and_then(|wanted| self.tiles.get(wanted.place(column)?));
            let held = tile.map_or(Span::unknown(to - from), |tile| {
                tile.span(row % self.height, from - start, to - start)
            });
            (from, to, held)
        })
    }

    fn tile(&self, row: usize, column: usize) -> Option<&Tile> {
        self.tiles.get(self.wanted.place(row / self.height, column)?)
    }
}

/// What the wanted units and their tiles take at worst, in bytes.
fn most_bytes_of(blocks: &dyn Blocks, wanted: &Wanted, tiles: &Wanted) -> u64 {
    let (units, size) = (blocks.units(), blocks.size());
    let cells = wanted.cells((units.width, units.height), size);
    let rows = tiles.cells((1, units.height), (size.0.div_ceil(WIDTH), size.1));
    let held = most_bytes(cells, rows, tiles.count() as u64);
    let workers = rayon::current_num_threads().min(wanted.count()) as u64;
    let unit = units.width.min(size.0).saturating_mul(units.height.min(size.1)) as u64;
    let of_worker = unit.saturating_mul(WORKER_BYTES).saturating_add(blocks.block_bytes());
    held.saturating_add(workers.saturating_mul(of_worker))
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
    wanted_units(blocks.units(), (cols, rows), &[whole])
        .map_init(
            || blocks.reader(),
            |reader, window| {
                let states = match reader {
                    Ok(reader) => reader.read(window)?,
                    Err(error) => return Err(error.clone()),
                };
                progress(states.len() as u64);
                Ok(Survey::of(&states))
            },
        )
        .try_reduce(Survey::default, |one, other| Ok(one.with(other)))
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
    /// What the cells of a part of a raster hold.
    fn of(states: &[CellState]) -> Self {
        let mut survey = Self { cells: states.len() as u64, ..Self::default() };
        for state in states {
            match *state {
                CellState::People(people) => match Fixed::from_people(people) {
                    None => survey.add_faulty(1, [people; 2]),
                    Some(Fixed(steps)) => {
                        survey.populated += u64::from(steps > 0);
                        survey.people.add_steps(steps);
                    }
                },
                CellState::Nodata => survey.nodata += 1,
                CellState::Unknown => survey.unknown += 1,
                CellState::Faulty(value) => survey.add_faulty(1, [value; 2]),
            }
        }
        survey
    }

    fn add_faulty(&mut self, cells: u64, [a, b]: [f64; 2]) {
        let [least, most] = self.faulty_range.unwrap_or([a, b]);
        self.faulty += cells;
        self.faulty_range = Some([least.min(a), most.max(b)]);
    }

    /// Together with another part; whole numbers, so in any order.
    fn with(mut self, other: Self) -> Self {
        self.cells += other.cells;
        self.people.add(other.people);
        self.populated += other.populated;
        self.nodata += other.nodata;
        self.unknown += other.unknown;
        if let Some(range) = other.faulty_range {
            self.add_faulty(other.faulty, range);
        }
        self
    }
}

/// The units that some window touches, clipped to the raster, in the order of the file; they are made
/// one by one, since a raster may have more than any memory holds.
fn wanted_units(
    units: Units,
    size: (usize, usize),
    windows: &[Window],
) -> impl IndexedParallelIterator<Item = Window> {
    units_of(Wanted::new((units.width, units.height), windows), units, size)
}

/// Wanted units, each as the window of its cells.
fn units_of(
    wanted: Wanted,
    units: Units,
    (cols, rows): (usize, usize),
) -> impl IndexedParallelIterator<Item = Window> {
    (0..wanted.count()).into_par_iter().map(move |place| {
        let (row, col) = wanted.at(place).unwrap_or_default();
        Window {
            cols: (col * units.width, ((col + 1) * units.width).min(cols)),
            rows: (row * units.height, ((row + 1) * units.height).min(rows)),
        }
    })
}

/// The tiles of wanted units.
fn tiles_of(wanted: &Wanted, units: Units, (cols, _): (usize, usize)) -> Wanted {
    wanted.split(units.width.div_ceil(WIDTH), cols.div_ceil(WIDTH))
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

    /// Cells of which each holds another negative number.
    struct Negative;

    impl Blocks for Negative {
        fn size(&self) -> (usize, usize) {
            (10_240, 64)
        }

        fn units(&self) -> Units {
            Units { width: 256, height: 64 }
        }

        fn reader(&self) -> Result<Box<dyn Reader + '_>, ReadError> {
            Ok(Box::new(Self))
        }
    }

    impl Reader for Negative {
        fn read(&mut self, window: Window) -> Result<Vec<CellState>, ReadError> {
            let cells = window.width() * window.height();
            Ok((1..=cells).map(|cell| CellState::Faulty(-(cell as f64))).collect())
        }
    }

    #[test]
    fn what_may_take_more_than_the_budget_is_refused_before_or_on_the_way() {
        let windows = [Window { cols: (0, 10_240), rows: (0, 64) }];
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let read = |bytes| {
            let read = PopulationIndex::read(&Negative, &windows, Budget { bytes }, &|_| ());
            read.map(|index| index.bytes()).map_err(|error| error.kind())
        };
        alone.install(|| {
            let most = PopulationIndex::most_bytes(&Negative, &windows);
            assert!((6_000_000..6_500_000).contains(&most), "{most}");
            assert_eq!(read(most - 1), Err("too_large"));
            // Faulty cells take three times what people take.
            assert_eq!(read(most), Err("too_large"));
            assert!(read(4 * most).unwrap() > 2 * most);
        });
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
        let part = || Survey::of(&states);
        let survey = Survey::default().with(part()).with(part());
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
        let wanted: Vec<Window> = wanted_units(units, (600, 100), &[window, empty]).collect();
        let cols = (256, 512);
        assert_eq!(wanted, [Window { cols, rows: (0, 64) }, Window { cols, rows: (64, 100) }]);
    }
}
