//! What all cells of a raster hold together.

use super::blocks::{Blocks, Cells, FAULTY, NODATA, UNKNOWN};
use crate::error::{FaultyValues, ReadError, grouped, with_names};
use crate::measure::Sum;
use rayon::prelude::*;

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
    pub faulty: FaultyValues,
}

/// So many cells are read one by one: more than there are squares of a second of arc on earth.
const MOST_CELLS: u64 = 1 << 40;

/// Refuses to read every cell of a raster that has more than any of the earth: a file of a kilobyte can say
/// that it has 2⁶².
pub(super) fn refuse_endless(blocks: &dyn Blocks) -> Result<(), ReadError> {
    let (cols, rows) = blocks.size();
    let cells = (cols as u64).saturating_mul(rows as u64);
    if cells <= MOST_CELLS {
        return Ok(());
    }
    let (name, [cells, most]) = (blocks.name(), [cells, MOST_CELLS].map(grouped));
    let found = format!("it has {cells} cells, wanted {most} at most where each is read");
    let hint = "cut out the ground that matters: `gdal_translate -projwin WEST NORTH EAST SOUTH IN OUT.tif`";
    let hint = with_names(hint, &name);
    Err(ReadError::unusable_hint(name, found, hint))
}

/// Reads every cell of a raster once, in parallel, and tells what they hold together; `progress` is
/// told of cells read.
///
/// # Errors
///
/// If a block cannot be read, or there are more cells than on any grid of the earth.
pub fn survey(blocks: &dyn Blocks, progress: &(dyn Fn(u64) + Sync)) -> Result<Survey, ReadError> {
    refuse_endless(blocks)?;
    let (units, size) = (blocks.units(), blocks.size());
    let (down, across) = units.counts(size);
    (0..down.saturating_mul(across))
        .into_par_iter()
        .map_init(
            || (blocks.reader(), Cells::default()),
            |(reader, cells), place| {
                let window = units.window((place / across, place % across), size);
                match reader {
                    Ok(reader) => reader.read(window, cells)?,
                    Err(error) => return Err(error.clone()),
                }
                progress(cells.len() as u64);
                Ok(Survey::of(cells))
            },
        )
        .try_reduce(Survey::default, |one, other| Ok(one.with(other)))
}

impl Survey {
    /// What the cells of a part of a raster hold.
    pub(super) fn of(cells: &Cells) -> Self {
        let mut survey = Self { cells: cells.len() as u64, ..Self::default() };
        for code in cells.codes() {
            match *code {
                NODATA => survey.nodata += 1,
                UNKNOWN => survey.unknown += 1,
                FAULTY => {}
                steps => {
                    survey.populated += u64::from(steps > 0);
                    survey.people.add_steps(steps);
                }
            }
        }
        for (_, value) in cells.faulty() {
            survey.faulty.add(1, *value);
        }
        survey
    }

    /// Together with another part; whole numbers, so in any order.
    fn with(mut self, other: Self) -> Self {
        self.cells += other.cells;
        self.people.add(other.people);
        self.populated += other.populated;
        self.nodata += other.nodata;
        self.unknown += other.unknown;
        self.faulty.add_all(&other.faulty);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CellState;

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
        let mut cells = Cells::default();
        for state in &states {
            cells.push(*state);
        }
        let survey = Survey::default().with(Survey::of(&cells)).with(Survey::of(&cells));
        // Two such cells are more than one sum of a part can hold.
        assert_eq!(survey.people.people(), 4.0 * large);
        assert_eq!((survey.cells, survey.populated, survey.nodata), (14, 4, 2));
        assert_eq!((survey.unknown, survey.faulty.cells), (2, 4));
        assert_eq!(survey.faulty.others(), Some([-9.0, -2.0]));
    }
}
