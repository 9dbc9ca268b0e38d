//! People in a zone: sums over its coverage, and what is missing.

use super::{Coverage, Zone};
use crate::error::FaultyValues;
use crate::index::{Held, Rotten, View, pieces};
use crate::measure::{CellSurfaces, Fixed, Sum};
use crate::model::NodataMeans;

/// A share of missing surface below this is none.
const NO_GAP: f64 = 1e-6;

/// People of one source in one zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct People {
    /// Σ f·n: the best estimate, in people.
    pub best: f64,
    /// Σ n over cells wholly inside, in people.
    pub inner: f64,
    /// Σ n over cells inside at all, in people.
    pub outer: f64,
    /// Σ f: how many cells the zone covers.
    pub cells: f64,
    /// Share of the zone's surface without data (g), 0..=1: cells that mean unknown, and all that
    /// lies beyond the raster.
    pub missing: f64,
    /// Share of the zone's surface under cells that hold the nodata value, whatever it means.
    pub nodata: f64,
}

/// The cells of the sources of one grid, to be counted in a zone.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    /// The people of the sources.
    pub view: &'a View<'a>,
    /// The channels to count, and what a missing value means in each.
    pub channels: &'a [(usize, NodataMeans)],
    /// The surfaces of the cells.
    pub surfaces: &'a CellSurfaces,
    /// The surface of the whole area on the ellipsoid, in km².
    pub area_km2: f64,
}

/// Counts the people of the sources of a grid in a zone, one result a channel. The geometry is looked at
/// once, however many there are.
///
/// # Formula
///
/// ```text
/// best = Σ f_c·n_c    inner = Σ_{f_c = 1} n_c    outer = Σ_{f_c > 0} n_c
/// g = b + (1 − b) · Σ f_c·s_c [c missing] / Σ f_c·s_c
/// ```
///
/// f: fraction of a cell inside, n: its people, s: its surface in km², b: the share of the zone
/// beyond the grid. Sums of people are exact in steps of 2⁻²⁸ persons.
///
/// # Errors
///
/// [`Rotten`] if the cells cannot be told. [`FaultyValues`], channel by channel, if the zone covers a
/// cell that holds what is no number of people.
pub fn count(
    zone: &Zone,
    coverage: &Coverage,
    cells: Cells,
) -> Result<Vec<Result<People, FaultyValues>>, Rotten> {
    let mut tally = Tally::new(cells.channels.len());
    tally.add_cells(coverage, cells)?;
    tally.add_spans(coverage, cells)?;
    let shared =
        Shared { zone, covered: coverage.total(), km2: tally.km2, area_km2: cells.area_km2 };
    let of_channel = |of: OfChannel, (_, means): &(usize, NodataMeans)| of.people(&shared, *means);
    Ok(tally
        .channels
        .into_iter()
        .zip(cells.channels)
        .map(|(of, asked)| of_channel(of, asked))
        .collect())
}

/// What holds for all channels.
struct Shared<'a> {
    zone: &'a Zone,
    /// Cells that the zone covers.
    covered: f64,
    /// Their surface.
    km2: f64,
    /// The surface of the whole area.
    area_km2: f64,
}

/// Sums on the way.
struct Tally {
    km2: f64,
    channels: Vec<OfChannel>,
}

/// Sums of one channel.
#[derive(Clone, Default)]
struct OfChannel {
    best: Sum,
    inner: Sum,
    outer: Sum,
    unknown_km2: f64,
    nodata_km2: f64,
    faulty: FaultyValues,
}

impl Tally {
    fn new(channels: usize) -> Self {
        Self { km2: 0.0, channels: vec![OfChannel::default(); channels] }
    }

    /// Adds the cells that the boundary enters.
    fn add_cells(&mut self, coverage: &Coverage, cells: Cells) -> Result<(), Rotten> {
        let mut held = Held::default();
        for of_row in coverage.cells.chunk_by(|a, b| a.row == b.row) {
            let Some(row) = of_row.first().map(|cell| cell.row as usize) else { continue };
            let mut view = cells.view.row(row)?;
            for cell in of_row {
                let col = cell.col as usize;
                view.cell(col, &mut held)?;
                self.add_people(cell.fraction, &held, cells.channels);
                let km2 = cells.surfaces.cell_km2(row, col) * cell.fraction;
                self.km2 += km2;
                self.add_gaps((km2, 1), &held, cells.channels);
            }
        }
        Ok(())
    }

    /// Adds the cells between them, which are wholly inside.
    fn add_spans(&mut self, coverage: &Coverage, cells: Cells) -> Result<(), Rotten> {
        let mut held = Held::default();
        for of_row in coverage.spans.chunk_by(|a, b| a.row == b.row) {
            let Some(row) = of_row.first().map(|span| span.row as usize) else { continue };
            let mut view = cells.view.row(row)?;
            for span in of_row {
                let (first, last) = (span.first as usize, span.last as usize);
                view.span(first, last, &mut held)?;
                self.add_people(1.0, &held, cells.channels);
                let km2 = cells.surfaces.span_km2(row, first, last);
                self.km2 += km2;
                if !held.has_gaps() && held.faulty().is_empty() {
                    continue;
                }
                if cells.surfaces.are_even() {
                    self.add_gaps((km2, last - first), &held, cells.channels);
                    continue;
                }
                // Where cells of a row differ, it matters in which of them a value is missing.
                for (first, last) in pieces(first, last) {
                    view.span(first, last, &mut held)?;
                    let km2 = cells.surfaces.span_km2(row, first, last);
                    self.add_gaps((km2, last - first), &held, cells.channels);
                }
            }
        }
        Ok(())
    }

    /// Adds people of a cell of which some share is inside, or of cells that are wholly inside.
    fn add_people(&mut self, share: f64, held: &Held, channels: &[(usize, NodataMeans)]) {
        if !held.is_populated {
            return;
        }
        for (sums, (channel, _)) in self.channels.iter_mut().zip(channels) {
            sums.add(share, held.steps.get(*channel).copied().unwrap_or_default());
        }
    }

    /// Adds the surface of cells without a value, among so many that have so many km² inside; and the
    /// faulty ones.
    fn add_gaps(
        &mut self,
        (km2, cells): (f64, usize),
        held: &Held,
        channels: &[(usize, NodataMeans)],
    ) {
        if held.has_gaps() {
            let share = |part: usize| km2 * part as f64 / cells.max(1) as f64;
            for (sums, (channel, _)) in self.channels.iter_mut().zip(channels) {
                sums.nodata_km2 += share(held.nodata(*channel));
                sums.unknown_km2 += share(held.unknown(*channel));
            }
        }
        for (faulty, values) in held.faulty() {
            let asked = self.channels.iter_mut().zip(channels);
            for (sums, _) in asked.filter(|(_, (channel, _))| channel == faulty) {
                sums.faulty.add_all(values);
            }
        }
    }
}

impl OfChannel {
    fn add(&mut self, share: f64, steps: i128) {
        self.outer.add_steps(steps);
        if share >= 1.0 {
            self.best.add_steps(steps);
            self.inner.add_steps(steps);
        } else {
            // Of a single cell, which holds no more than fixed point does.
            self.best.add_share(share, Fixed(steps as i64));
        }
    }

    fn people(self, shared: &Shared, means: NodataMeans) -> Result<People, FaultyValues> {
        if self.faulty.cells > 0 {
            return Err(self.faulty);
        }
        let Shared { zone, covered, km2, area_km2 } = *shared;
        let beyond = zone.beyond_of_surface(km2, area_km2);
        let within = |part: f64| if km2 > 0.0 { (1.0 - beyond) * part / km2 } else { 0.0 };
        let missing_km2 = match means {
            NodataMeans::Zero => self.unknown_km2,
            NodataMeans::Unknown => self.unknown_km2 + self.nodata_km2,
        };
        // Nothing of the zone on the grid: all of it is missing.
        let missing = if covered > 0.0 { beyond + within(missing_km2) } else { 1.0 };
        let missing = if missing < NO_GAP { 0.0 } else { missing.min(1.0) };
        Ok(People {
            best: self.best.people(),
            inner: self.inner.people(),
            outer: self.outer.people(),
            cells: covered,
            missing: if missing > 1.0 - 1e-12 { 1.0 } else { missing },
            nodata: within(self.nodata_km2),
        })
    }
}
