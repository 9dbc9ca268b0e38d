//! What all cells of a raster hold together.

use super::blocks::{Blocks, Cells, FAULTY, NODATA, UNKNOWN};
use crate::error::{FaultyValues, ReadError, counted, grouped, with_names};
use crate::measure::{CellSurfaces, Fixed, Sum};
use crate::model::Window;
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
    /// Surface of the cells that tell people, in 1e-9 km²: whole numbers, so in any order.
    surface: u128,
    /// Cells with more people per km² than live anywhere, and the highest density among them.
    dense: (u64, f64),
}

/// More people per km² than live anywhere, over a cell that is no single house.
const DENSEST: f64 = 200_000.0;

/// The surface from which on a cell is none, in km².
const NO_HOUSE_KM2: f64 = 0.01;

/// More people than live on earth.
const ALL_PEOPLE: f64 = 9e9;

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

/// Whether nobody lives so densely, in people per km².
#[must_use]
pub fn is_too_dense(people_km2: f64) -> bool {
    people_km2 > DENSEST
}

/// Reads every cell of a raster once, in parallel, and tells what they hold together, with the surfaces of its cells
/// where they are known; `progress` is told of cells read.
///
/// # Errors
///
/// If a block cannot be read, or there are more cells than on any grid of the earth.
pub fn survey(
    blocks: &dyn Blocks,
    surfaces: Option<&CellSurfaces>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Survey, ReadError> {
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
                let mut survey = Survey::of(cells);
                if let Some(surfaces) = surfaces {
                    survey.add_surfaces(cells, window, surfaces);
                }
                Ok(survey)
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

    /// Adds the surfaces of cells, and looks at how densely people live there.
    fn add_surfaces(&mut self, cells: &Cells, window: Window, surfaces: &CellSurfaces) {
        let width = window.width().max(1);
        let least = Fixed::from_people(DENSEST * NO_HOUSE_KM2).map_or(i64::MAX, |people| people.0);
        for (codes, row) in cells.codes().chunks(width).zip(window.rows.0..) {
            let told = codes.iter().filter(|code| **code >= 0).count();
            if told == 0 {
                continue;
            }
            // Cells of one row beside each other are as large.
            let km2 = surfaces.span_km2(row, window.cols.0, window.cols.0 + codes.len());
            self.surface += (km2 * told as f64 / codes.len() as f64 * 1e9) as u128;
            for (steps, col) in codes.iter().zip(window.cols.0..) {
                if *steps < least {
                    continue;
                }
                let km2 = surfaces.cell_km2(row, col);
                let density = Fixed(*steps).people() / km2;
                if km2 >= NO_HOUSE_KM2 && is_too_dense(density) {
                    self.dense = (self.dense.0 + 1, self.dense.1.max(density));
                }
            }
        }
    }

    /// People per km² of the surface that tells people, if it is known.
    #[must_use]
    pub fn people_km2(&self) -> Option<f64> {
        (self.surface > 0).then(|| self.people.people() / (self.surface as f64 / 1e9))
    }

    /// What cannot be so of people, in sentences.
    #[must_use]
    pub fn implausible(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let (cells @ 1.., most) = self.dense {
            let (cells, most) = (counted(cells, "cell"), grouped(most.round() as u64));
            let limit = grouped(DENSEST as u64);
            found.push(format!(
                "{cells} of {NO_HOUSE_KM2} km² and more with over {limit} people per km² (up to {most}), more than live anywhere: see `measure` and `samples`"
            ));
        }
        let people = self.people.people();
        if people > ALL_PEOPLE {
            let people = grouped(people.round() as u64);
            found.push(format!(
                "{people} people in all, more than live on earth: see `measure` and `samples`"
            ));
        }
        found
    }

    /// Together with another part; whole numbers, so in any order.
    fn with(mut self, other: Self) -> Self {
        self.cells += other.cells;
        self.people.add(other.people);
        self.populated += other.populated;
        self.nodata += other.nodata;
        self.unknown += other.unknown;
        self.faulty.add_all(&other.faulty);
        self.surface += other.surface;
        self.dense = (self.dense.0 + other.dense.0, self.dense.1.max(other.dense.1));
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
        assert_eq!(survey.faulty.others().collect::<Vec<_>>(), [-9.0, -2.0]);
    }
}
