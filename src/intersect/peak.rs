//! The peak of density in a zone: where in it people live closest together.
//!
//! Blocks are looked at by the people of the whole block first, the densest first: no block can hold
//! more of the zone's people than people at all, so the search ends as soon as what was found is
//! denser than all that is left. Of most blocks no cell is looked at.

use super::Coverage;
use crate::index::{Held, Rotten, View};
use crate::measure::{CellSurfaces, Fixed, Sum};
use std::collections::BinaryHeap;

/// A block that may hold the peak.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    /// No more people live in it for each km², whether in the zone or not.
    density: f64,
    block: [usize; 2],
    km2: f64,
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // Ties in the order of the grid.
        self.density.total_cmp(&other.density).then(other.block.cmp(&self.block))
    }
}

/// People of one channel of a view, and the surfaces of its cells.
#[derive(Clone, Copy)]
pub struct Peaks<'a> {
    /// The people.
    pub view: &'a View<'a>,
    /// The channel to look at.
    pub channel: usize,
    /// The surfaces of the cells.
    pub surfaces: &'a CellSurfaces,
}

impl Peaks<'_> {
    /// The largest density of people in any block of a coverage, in people per km².
    ///
    /// # Formula
    ///
    /// ```text
    /// K = max over blocks of  Σ_{c in block} f_c·n_c / (surface of the whole block)
    /// ```
    ///
    /// f: fraction of a cell inside, n: its people. Blocks are those of the fixed global 30″ lattice; in
    /// grids of wider cells and in projected ones see [`Lattice`](crate::index::Lattice).
    ///
    /// # Errors
    ///
    /// [`Rotten`] if the cells cannot be told.
    pub fn density_km2(self, coverage: &Coverage) -> Result<f64, Rotten> {
        let mut best = 0.0_f64;
        let mut found = BinaryHeap::new();
        let mut sums = Vec::new();
        let (mut cells, mut spans) = (&coverage.cells[..], &coverage.spans[..]);
        while let Some(row) = first_row(cells, spans) {
            let block_row = self.view.lattice().block([row as usize, 0])[0];
            let behind = self.view.lattice().first_cell([block_row + 1, 0])[0] as u32;
            let (of_row, rest) = cells.split_at(cells.partition_point(|cell| cell.row < behind));
            let (spans_of_row, spans_rest) =
                spans.split_at(spans.partition_point(|span| span.row < behind));
            let touched = self.touched(of_row, spans_of_row);
            let most = self.add_candidates(block_row, &touched, best, (&mut sums, &mut found))?;
            // The densest of a row is looked at at once: it rules most of the others out.
            if let Some(most) = most {
                best = best.max(self.people(coverage, most.block)? / most.km2);
            }
            (cells, spans) = (rest, spans_rest);
        }
        while let Some(next) = found.pop() {
            if next.density <= best {
                break;
            }
            best = best.max(self.people(coverage, next.block)? / next.km2);
        }
        Ok(best)
    }

    /// The columns of blocks that cells and spans of one row of blocks touch, from left to right.
    fn touched(
        self,
        cells: &[super::CoveredCell],
        spans: &[super::CoveredSpan],
    ) -> Vec<(usize, usize)> {
        let lattice = self.view.lattice();
        let mut all: Vec<(usize, usize)> = Vec::new();
        let block = |col: u32| lattice.block([0, col as usize])[1];
        let mut add = |first: u32, last: u32| {
            let run = (block(first), block(last) + 1);
            match all.last_mut() {
                Some(before) if before.0 <= run.0 && run.0 <= before.1 => {
                    before.1 = before.1.max(run.1);
                }
                _ => all.push(run),
            }
        };
        for cell in cells {
            add(cell.col, cell.col);
        }
        for span in spans {
            add(span.first, span.last - 1);
        }
        all.sort_unstable();
        let mut touched: Vec<(usize, usize)> = Vec::new();
        for (first, last) in all {
            match touched.last_mut() {
                Some(run) if first <= run.1 => run.1 = run.1.max(last),
                _ => touched.push((first, last)),
            }
        }
        touched
    }

    /// Adds the blocks of a row that may be denser than the best so far; returns the densest of them.
    fn add_candidates(
        self,
        block_row: usize,
        touched: &[(usize, usize)],
        best: f64,
        (sums, found): (&mut Vec<i64>, &mut BinaryHeap<Candidate>),
    ) -> Result<Option<Candidate>, Rotten> {
        let mut most: Option<Candidate> = None;
        for (first, last) in touched {
            sums.clear();
            sums.resize(last - first, 0);
            self.add_sums(block_row, *first, sums)?;
            let mut even_km2 = None;
            for (place, steps) in sums.iter().enumerate().filter(|(_, steps)| **steps > 0) {
                let block = [block_row, first + place];
                let km2 = || self.view.lattice().km2(block, self.surfaces, self.view.size());
                let km2 = if self.surfaces.are_even() {
                    *even_km2.get_or_insert_with(km2)
                } else {
                    km2()
                };
                // More than fixed point holds bounds nothing.
                let is_known = *steps < i64::MAX;
                let density = if is_known { Fixed(*steps).people() / km2 } else { f64::INFINITY };
                if density > best {
                    let candidate = Candidate { density, block, km2 };
                    most = most.max(Some(candidate));
                    found.push(candidate);
                }
            }
        }
        Ok(most)
    }

    /// People of the blocks of a row from one on, in steps.
    fn add_sums(self, block_row: usize, first: usize, sums: &mut [i64]) -> Result<(), Rotten> {
        let lattice = self.view.lattice();
        let (cols, rows) = self.view.size();
        let top = lattice.first_cell([block_row, 0])[0];
        let behind = lattice.first_cell([block_row + 1, 0])[0].min(rows);
        if lattice.keeps_sums() {
            // The tiles of its first row, and those below if it reaches into them.
            let height = self.view.height();
            for belt in top / height..=(behind.max(top + 1) - 1) / height {
                let mut row = self.view.row(belt * height)?;
                row.add_blocks(block_row, first, self.channel, sums)?;
            }
            return Ok(());
        }
        let from = lattice.first_cell([0, first])[1];
        let to = lattice.first_cell([0, first + sums.len()])[1].min(cols);
        for row in top..behind {
            self.view.row(row)?.populated((from, to), self.channel, |col, steps| {
                let place = lattice.block([0, col])[1] - first;
                if let Some(sum) = sums.get_mut(place) {
                    *sum = sum.saturating_add(steps);
                }
            })?;
        }
        Ok(())
    }

    /// People of a coverage in one block.
    fn people(self, coverage: &Coverage, [row, col]: [usize; 2]) -> Result<f64, Rotten> {
        let lattice = self.view.lattice();
        let first = lattice.first_cell([row, col]);
        let behind = lattice.first_cell([row + 1, col + 1]);
        let cols = first[1] as u32..behind[1] as u32;
        let mut sum = Sum::default();
        let mut held = Held::default();
        let (mut cells, mut spans) = (&coverage.cells[..], &coverage.spans[..]);
        for row in first[0]..behind[0].min(self.view.size().1) {
            let wanted = row as u32;
            cells = cells
                .split_at(cells.partition_point(|cell| (cell.row, cell.col) < (wanted, cols.start)))
                .1;
            spans = spans
                .split_at(
                    spans.partition_point(|span| (span.row, span.last) <= (wanted, cols.start)),
                )
                .1;
            let of_row = cells.iter().take_while(|cell| cell.row == wanted && cell.col < cols.end);
            let spans_of_row =
                spans.iter().take_while(|span| span.row == wanted && span.first < cols.end);
            let (mut of_row, mut spans_of_row) = (of_row.peekable(), spans_of_row.peekable());
            if of_row.peek().is_none() && spans_of_row.peek().is_none() {
                continue;
            }
            let mut view = self.view.row(row)?;
            for cell in of_row {
                view.cell(cell.col as usize, &mut held)?;
                let steps = held.steps.get(self.channel).copied().unwrap_or_default();
                sum.add_share(cell.fraction, Fixed(steps as i64));
            }
            for span in spans_of_row {
                let (from, to) = (span.first.max(cols.start), span.last.min(cols.end));
                view.span(from as usize, to as usize, &mut held)?;
                sum.add_steps(held.steps.get(self.channel).copied().unwrap_or_default());
            }
        }
        Ok(sum.people())
    }
}

/// The first row of what is left.
fn first_row(cells: &[super::CoveredCell], spans: &[super::CoveredSpan]) -> Option<u32> {
    let rows = [cells.first().map(|cell| cell.row), spans.first().map(|span| span.row)];
    rows.into_iter().flatten().min()
}
