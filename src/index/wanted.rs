//! Which parts of a raster some windows touch, without a table of the whole raster.
//!
//! A raster may be declared with more tiles than any memory holds, of which a few are wanted. So the
//! wanted ones are kept as bands of rows in which the same runs of columns are wanted; they number
//! as the windows do, whatever the raster's size. Places count through the wanted ones alone, band
//! by band, row by row, from left to right.

use crate::model::Window;
use std::collections::BTreeMap;

/// Columns that are wanted side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    first: usize,
    /// The column behind the last.
    last: usize,
    /// Wanted columns of the same row to the left of it.
    before: usize,
}

/// Rows in which the same columns are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Band {
    /// First row, and the one behind the last.
    rows: (usize, usize),
    /// From left to right, none touching another.
    runs: Vec<Run>,
    /// Wanted columns of a row.
    across: usize,
    /// The place of its first.
    first: usize,
}

/// Rectangles of a raster that are wanted: rows and columns of units, or of tiles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    bands: Vec<Band>,
    count: usize,
}

impl Wanted {
    /// The rows and columns of so many cells that some window of cells touches.
    pub(super) fn new((width, height): (usize, usize), windows: &[Window]) -> Self {
        /// The row behind the last, and columns.
        type Open = Vec<(usize, (usize, usize))>;
        let mut starts: BTreeMap<usize, Open> = BTreeMap::new();
        for window in windows.iter().filter(|window| window.width() > 0 && window.height() > 0) {
            let rows = (window.rows.0 / height, window.rows.1.div_ceil(height));
            let cols = (window.cols.0 / width, window.cols.1.div_ceil(width));
            starts.entry(rows.0).or_default().push((rows.1, cols));
            // Where rows end, too, other columns may be wanted.
            starts.entry(rows.1).or_default();
        }
        let mut wanted = Self::default();
        let mut open = Open::new();
        let edges: Vec<usize> = starts.keys().copied().collect();
        for (edge, (row, more)) in starts.into_iter().enumerate() {
            open.retain(|(end, _)| *end > row);
            open.extend(more);
            if let Some(next) = edges.get(edge + 1) {
                wanted.add((row, *next), runs(open.iter().map(|(_, cols)| *cols).collect()));
            }
        }
        wanted
    }

    /// Adds rows behind those it has, or lengthens the last band by them.
    fn add(&mut self, rows: (usize, usize), runs: Vec<Run>) {
        let across = runs.last().map_or(0, |run| run.before + run.last - run.first);
        if across == 0 {
            return;
        }
        let first = self.count;
        self.count += across * (rows.1 - rows.0);
        match self.bands.last_mut() {
            Some(band) if band.rows.1 == rows.0 && band.runs == runs => band.rows.1 = rows.1,
            _ => self.bands.push(Band { rows, runs, across, first }),
        }
    }

    /// How many are wanted.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Row and column of a place.
    pub(super) fn at(&self, place: usize) -> Option<(usize, usize)> {
        let behind = self.bands.partition_point(|band| band.first <= place);
        let band = self.bands.get(behind.checked_sub(1)?)?;
        let (row, col) = ((place - band.first) / band.across, (place - band.first) % band.across);
        let behind = band.runs.partition_point(|run| run.before <= col);
        let run = band.runs.get(behind.checked_sub(1)?)?;
        Some((band.rows.0 + row, run.first + col - run.before))
    }

    /// The place of a row and column, if they are wanted.
    pub(super) fn place(&self, row: usize, col: usize) -> Option<usize> {
        self.row(row)?.place(col)
    }

    /// What is wanted of a row, if anything is.
    pub(super) fn row(&self, row: usize) -> Option<Row<'_>> {
        let band = self.bands.get(self.bands.partition_point(|band| band.rows.1 <= row))?;
        let down = row.checked_sub(band.rows.0)?;
        Some(Row { first: band.first + down * band.across, runs: &band.runs })
    }

    /// The same with columns split into so many, of which there are `limit` in all.
    pub(super) fn split(&self, parts: usize, limit: usize) -> Self {
        let mut split = Self::default();
        for band in &self.bands {
            let cols = band.runs.iter();
            let cols = cols.map(|run| (run.first * parts, (run.last * parts).min(limit)));
            split.add(band.rows, runs(cols.collect()));
        }
        split
    }

    /// Wanted cells, where the last units end with a raster of that size.
    pub(super) fn cells(&self, unit: (usize, usize), size: (usize, usize)) -> u64 {
        let length = |first: usize, last: usize, unit: usize, size: usize| {
            ((last * unit).min(size) - first * unit) as u64
        };
        let of_band = |band: &Band| {
            let across = band.runs.iter().map(|run| length(run.first, run.last, unit.0, size.0));
            let down = length(band.rows.0, band.rows.1, unit.1, size.1);
            across.sum::<u64>().saturating_mul(down)
        };
        self.bands.iter().map(of_band).fold(0, u64::saturating_add)
    }
}

/// What is wanted of one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// The place of its first.
    first: usize,
    runs: &'a [Run],
}

impl Row<'_> {
    /// The place of a column, if it is wanted.
    pub(super) fn place(self, col: usize) -> Option<usize> {
        let run = self.runs.get(self.runs.partition_point(|run| run.last <= col))?;
        Some(self.first + run.before + col.checked_sub(run.first)?)
    }
}

/// Columns from left to right, those that meet made one.
fn runs(mut cols: Vec<(usize, usize)>) -> Vec<Run> {
    cols.sort_unstable();
    let mut runs: Vec<Run> = Vec::new();
    for (first, last) in cols {
        match runs.last_mut() {
            Some(run) if first <= run.last => run.last = run.last.max(last),
            _ => {
                let before = runs.last().map_or(0, |run| run.before + run.last - run.first);
                runs.push(Run { first, last, before });
            }
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(cols: (usize, usize), rows: (usize, usize)) -> Window {
        Window { cols, rows }
    }

    #[test]
    fn places_count_through_what_is_wanted_and_back() {
        let windows = [
            window((0, 3), (1, 4)),
            window((2, 5), (2, 6)),
            window((7, 8), (2, 3)),
            window((0, 0), (0, 9)),
        ];
        let wanted = Wanted::new((1, 1), &windows);
        let touches = |row: usize, col: usize| {
            windows
                .iter()
                .any(|w| (w.rows.0..w.rows.1).contains(&row) && (w.cols.0..w.cols.1).contains(&col))
        };
        let mut places = Vec::new();
        for row in 0..9 {
            for col in 0..9 {
                let place = wanted.place(row, col);
                assert_eq!(place.is_some(), touches(row, col), "{row} {col}");
                places.extend(place.map(|place| (place, (row, col))));
            }
        }
        assert_eq!(places.len(), wanted.count());
        for (expected, (place, at)) in places.into_iter().enumerate() {
            assert_eq!((place, wanted.at(place)), (expected, Some(at)));
        }
        assert_eq!(wanted.cells((1, 1), (9, 9)), wanted.count() as u64);
    }

    #[test]
    fn rows_that_want_the_same_are_one_band() {
        let side_by_side = [window((0, 2), (0, 4)), window((2, 4), (0, 2)), window((2, 4), (2, 4))];
        let wanted = Wanted::new((1, 1), &side_by_side);
        assert_eq!((wanted.bands.len(), wanted.count()), (1, 16));
        assert_eq!(wanted.bands[0].runs.len(), 1);
    }

    #[test]
    fn units_of_several_tiles_split_into_them_and_end_with_the_raster() {
        let wanted = Wanted::new((512, 64), &[window((600, 601), (0, 65))]);
        assert_eq!((wanted.count(), wanted.cells((512, 64), (700, 100))), (2, 188 * 100));
        let tiles = wanted.split(2, 3);
        assert_eq!((tiles.count(), tiles.at(0), tiles.at(1)), (2, Some((0, 2)), Some((1, 2))));
    }

    #[test]
    fn a_raster_without_end_costs_nothing_but_numbers() {
        let side = (1 << 31) - 1;
        let wanted = Wanted::new((256, 128), &[window((0, side), (0, side))]);
        assert_eq!(wanted.count(), 1 << (23 + 24));
        assert_eq!(wanted.cells((256, 128), (side, side)), (side * side) as u64);
        assert_eq!(wanted.at(wanted.count() - 1), Some(((1 << 24) - 1, (1 << 23) - 1)));
    }
}
