//! How population is best read: from a sidecar, from the blocks under the areas, or by making a sidecar
//! first. A choice of speed: no number depends on it.

use super::contained;
use super::prepare::{Places, Prepared, Ways};
use crate::index::{PopulationIndex, Populations};
use crate::measure::Reference;
use crate::model::{Area, Budget, Distances, People, Window};
use std::collections::BTreeSet;

/// A raster of fewer cells is read in hundredths of a second: 2048 × 2048.
const FEW_CELLS: u64 = 1 << 22;
/// A raster of more cells is not read as a whole: some hours.
const MANY_CELLS: u64 = 1 << 40;
/// Where areas want a larger share of a raster than this, making a sidecar costs little more than reading
/// what they want, and the next run is spared both.
const LARGE_SHARE: f64 = 0.25;
/// So many units are told apart.
const MOST_UNITS: usize = 200_000;

/// How a stack of rasters is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plan {
    /// From its sidecar, of which so large a share will be wanted.
    Sidecar(f64),
    /// From a sidecar that is made first: so large a share is wanted.
    Build(f64),
    /// From the blocks under the areas: so large a share is wanted.
    Blocks(f64),
}

/// How each stack of rasters is best read for so many areas in all, of which some are at hand.
#[must_use]
pub fn plans(
    (sample, reference): (&[&Area], &Reference),
    all: u64,
    distances: &Distances,
    (populations, people): (&Populations, &People),
    budget: Budget,
) -> Vec<Plan> {
    let places = Places::new(populations, distances, people);
    let ways = Ways::new(reference, &places);
    // As drawn, not mended yet: what cannot be made of one that way is not missed in an estimate.
    let prepared = |area: &&Area| contained(|| Prepared::new(area, &ways, &places)).ok();
    let prepared: Vec<Prepared> = sample.iter().filter_map(prepared).collect();
    let plan = |stack: &crate::index::Stacked| {
        let index = &stack.index;
        let windows = prepared.iter().flat_map(|one| one.windows(stack.grid));
        let share =
            share_of_all(units_wanted(index, windows) / index.units() as f64, sample.len(), all);
        let (cols, rows) = index.size();
        let cells = (cols as u64).saturating_mul(rows as u64);
        let needed = index.most_bytes() as f64 * share;
        if index.has_sidecar() {
            Plan::Sidecar(share)
        } else if !(FEW_CELLS..=MANY_CELLS).contains(&cells) {
            Plan::Blocks(share)
        } else if share >= LARGE_SHARE || needed > budget.bytes as f64 {
            Plan::Build(share)
        } else {
            Plan::Blocks(share)
        }
    };
    populations.stacks().iter().map(plan).collect()
}

impl Plan {
    /// The share of the raster that will be wanted.
    #[must_use]
    pub const fn share(self) -> f64 {
        match self {
            Self::Sidecar(share) | Self::Build(share) | Self::Blocks(share) => share,
        }
    }

    /// The same where so large a share of the raster is wanted before any area.
    #[must_use]
    pub fn with_share(self, share: f64, index: &PopulationIndex) -> Self {
        let (cols, rows) = index.size();
        let cells = (cols as u64).saturating_mul(rows as u64);
        let is_worth_it = share >= LARGE_SHARE && (FEW_CELLS..=MANY_CELLS).contains(&cells);
        match self {
            Self::Blocks(_) if is_worth_it => Self::Build(share),
            other => other,
        }
    }
}

/// How many units some windows touch.
fn units_wanted(index: &PopulationIndex, windows: impl Iterator<Item = Window>) -> f64 {
    let mut units = BTreeSet::new();
    for window in windows.filter(|window| window.width() > 0 && window.height() > 0) {
        let [rows, cols] = index.units_under(window);
        let count = (rows.1 - rows.0).saturating_mul(cols.1 - cols.0);
        if units.len().saturating_add(count) > MOST_UNITS {
            return count.max(units.len()) as f64;
        }
        units.extend((rows.0..rows.1).flat_map(|row| (cols.0..cols.1).map(move |col| (row, col))));
    }
    units.len() as f64
}

/// The share that all areas want, if some of them want this one and the others are spread like them.
fn share_of_all(share: f64, some: usize, all: u64) -> f64 {
    let share = share.min(1.0);
    if some == 0 || all <= some as u64 {
        return share;
    }
    1.0 - (1.0 - share).powf(all as f64 / some as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_areas_want_is_more_than_what_some_want_and_never_more_than_all() {
        assert_eq!(share_of_all(0.3, 10, 10), 0.3);
        assert!((share_of_all(0.5, 10, 20) - 0.75).abs() < 1e-12);
        assert_eq!(share_of_all(1.0, 10, 1000), 1.0);
        assert_eq!(share_of_all(0.0, 0, 0), 0.0);
    }
}
