//! Coverage: which cells of a grid a zone covers, and how much of each.
//!
//! Every edge is walked once and cut at the borders of cells. A piece with height dy in cell
//! (row, col), whose middle lies at x̄ columns, covers `dy · (col + 1 − x̄)` of its own cell and `dy`
//! of every cell to its right in the row. Sorted by cell and summed from left to right, the pieces
//! give the exact fraction of each cell. Between two cells with pieces the sum does not change: the cells
//! there are wholly outside or inside, or the boundary runs level through all of them. Cost grows with
//! the boundary, not the inside.
//!
//! Fractions are planar in the grid's own coordinates. For a cell of height h at latitude φ they
//! differ from fractions of the surface by at most h·tan φ / 8.
//!
//! Source: Green's theorem on a step function; the idea of walking rings through cells is
//! exactextract's (Baston 2018), that of summing signed pieces along a row is known from the
//! rendering of outlines. The code is written anew.

use super::zone::{Zone, planar};

/// Fractions nearer to 0 or 1 than this are 0 or 1, unless that leaves the zone without a cell.
const SNAP: f64 = 1e-9;
/// Of a zone with smaller fractions alone, those below this share of its area are rounding of sums.
const ROUNDING: f64 = 1e-6;

/// A cell that the boundary enters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoveredCell {
    /// Row of the grid.
    pub row: u32,
    /// Column of the grid.
    pub col: u32,
    /// Share of the cell inside the zone, in (0, 1].
    pub fraction: f64,
}

/// Cells of one row that lie wholly inside: columns `first..last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoveredSpan {
    /// Row of the grid.
    pub row: u32,
    /// First column.
    pub first: u32,
    /// The column behind the last.
    pub last: u32,
}

/// The cells a zone covers, each once, by row and column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Coverage {
    /// Cells that the boundary enters and of which some part is inside.
    pub cells: Vec<CoveredCell>,
    /// Cells between them.
    pub spans: Vec<CoveredSpan>,
}

impl Coverage {
    /// Whether no cell is covered.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.spans.is_empty()
    }

    /// Sum of all fractions, in cells.
    #[must_use]
    pub fn total(&self) -> f64 {
        let parts: f64 = self.cells.iter().map(|cell| cell.fraction).sum();
        let wholes: u64 = self.spans.iter().map(|span| u64::from(span.last - span.first)).sum();
        parts + wholes as f64
    }
}

/// What one piece of an edge adds to its cell and to the cells right of it.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Row in the upper, column in the lower half.
    cell: u64,
    /// Covered in its own cell.
    own: f64,
    /// Covered in every cell to the right.
    right: f64,
}

/// The cells that a zone covers.
///
/// # Formula
///
/// ```text
/// f(row, col) = Σ own(row, col) + Σ_{c < col} right(row, c)
/// own = dy · (col + 1 − x̄),  right = dy
/// ```
///
/// # Limits
///
/// The zone's rings neither cross nor overlap. Exact but for rounding of 64-bit numbers; fractions
/// within 1e-9 of 0 or 1 are 0 or 1. A zone of which all fractions are smaller (some m² in cells of a degree)
/// keeps them.
#[must_use]
pub fn cover(zone: &Zone) -> Coverage {
    let mut cutter = Cutter { cols: zone.window().cols.1, pieces: Vec::new() };
    for ring in zone.rings() {
        for edge in ring.windows(2) {
            if let &[from, to] = edge {
                cutter.cut(from, to);
            }
        }
    }
    let pieces = by_cell(cutter.pieces, zone.window().rows);
    let mut coverage = sweep(&pieces, cutter.cols, SNAP);
    if coverage.is_empty() {
        coverage = sweep(&pieces, cutter.cols, ROUNDING * planar_of(zone));
    }
    debug_assert!(
        (coverage.total() - planar_of(zone)).abs() <= 1e-6 * planar_of(zone).abs().max(1.0),
        "the fractions do not add up to the area of the zone"
    );
    coverage
}

/// The planar area of a zone, in cells.
fn planar_of(zone: &Zone) -> f64 {
    zone.rings().iter().map(|ring| planar(ring)).sum()
}

/// Pieces in the order of their cells: by row in one pass, since rows have a few each, then by column.
fn by_cell(pieces: Vec<Piece>, rows: (usize, usize)) -> Vec<Piece> {
    let row = |piece: &Piece| ((piece.cell >> 32) as usize).clamp(rows.0, rows.1) - rows.0;
    let mut ends = vec![0; rows.1 - rows.0 + 2];
    for piece in &pieces {
        ends[row(piece) + 1] += 1;
    }
    for place in 1..ends.len() {
        ends[place] += ends[place - 1];
    }
    let mut sorted = vec![Piece { cell: 0, own: 0.0, right: 0.0 }; pieces.len()];
    let mut next = ends.clone();
    for piece in pieces {
        let place = &mut next[row(&piece)];
        sorted[*place] = piece;
        *place += 1;
    }
    for pair in ends.windows(2) {
        sorted[pair[0]..pair[1]].sort_by_key(|piece| piece.cell);
    }
    sorted
}

/// Cuts edges into pieces.
struct Cutter {
    /// The column behind the last that the zone touches.
    cols: usize,
    pieces: Vec<Piece>,
}

impl Cutter {
    /// Cuts an edge at rows. It is walked downwards whichever way it runs, so that the two zones on
    /// its sides see the same pieces.
    fn cut(&mut self, from: [f64; 2], to: [f64; 2]) {
        if from[1] == to[1] {
            return;
        }
        let (top, bottom, sign) = if from[1] < to[1] { (from, to, -1.0) } else { (to, from, 1.0) };
        let slope = (bottom[0] - top[0]) / (bottom[1] - top[1]);
        let (left, right) = (top[0].min(bottom[0]), top[0].max(bottom[0]));
        let mut here = top;
        let mut row = whole(top[1]);
        while here[1] < bottom[1] {
            let border = row + 1.0;
            let next = if border < bottom[1] {
                [(top[0] + (border - top[1]) * slope).clamp(left, right), border]
            } else {
                bottom
            };
            self.cut_in_row(here, next, row, sign);
            here = next;
            row = border;
        }
    }

    /// Cuts a piece that stays in one row at columns.
    fn cut_in_row(&mut self, upper: [f64; 2], lower: [f64; 2], row: f64, sign: f64) {
        let (left, right) = if upper[0] <= lower[0] { (upper, lower) } else { (lower, upper) };
        let height = sign * (lower[1] - upper[1]);
        let width = right[0] - left[0];
        let mut col = whole(left[0]);
        if right[0] <= col + 1.0 {
            self.push(row, col, height, f64::midpoint(left[0], right[0]));
            return;
        }
        let (mut x, mut done) = (left[0], 0.0);
        while x < right[0] {
            let next = right[0].min(col + 1.0);
            let up_to = if next < right[0] { height * ((next - left[0]) / width) } else { height };
            self.push(row, col, up_to - done, f64::midpoint(x, next));
            (x, done) = (next, up_to);
            col += 1.0;
        }
    }

    /// A piece of signed height dy in a cell, its middle at x̄ = `middle`.
    fn push(&mut self, row: f64, col: f64, dy: f64, middle: f64) {
        // What runs along the right border of the zone covers nothing to its right.
        if dy != 0.0 && (col as usize) < self.cols {
            let cell = ((row as u64) << 32) | col as u64;
            self.pieces.push(Piece { cell, own: dy * (col + 1.0 - middle), right: dy });
        }
    }
}

/// Sums sorted pieces from left to right in each row; fractions below the least are none.
fn sweep(pieces: &[Piece], cols: usize, least: f64) -> Coverage {
    let snap = |fraction: f64| match fraction {
        none if none < least || none <= 0.0 => 0.0,
        all if all > 1.0 - SNAP => 1.0,
        part => part,
    };
    let mut coverage = Coverage::default();
    let (mut row, mut right, mut next) = (u32::MAX, 0.0, 0u32);
    for group in pieces.chunk_by(|a, b| a.cell == b.cell) {
        let Some(first) = group.first() else { continue };
        let (this_row, col) = ((first.cell >> 32) as u32, first.cell as u32);
        if this_row != row {
            coverage.push_span(row, next, cols as u32, snap(right));
            (row, right) = (this_row, 0.0);
        } else if next < col {
            coverage.push_span(row, next, col, snap(right));
        }
        let own: f64 = group.iter().map(|piece| piece.own).sum();
        coverage.push_cell(row, col, snap(right + own));
        right += group.iter().map(|piece| piece.right).sum::<f64>();
        next = col + 1;
    }
    coverage.push_span(row, next, cols as u32, snap(right));
    coverage
}

impl Coverage {
    /// The cells between two that edges cut: whole, or in part where the boundary runs level through
    /// all of them.
    fn push_span(&mut self, row: u32, first: u32, last: u32, fraction: f64) {
        if fraction >= 1.0 {
            if first < last {
                self.spans.push(CoveredSpan { row, first, last });
            }
        } else if fraction > 0.0 {
            let cells = first..last.max(first);
            self.cells.extend(cells.map(|col| CoveredCell { row, col, fraction }));
        }
    }

    fn push_cell(&mut self, row: u32, col: u32, fraction: f64) {
        if fraction > 0.0 {
            self.cells.push(CoveredCell { row, col, fraction });
        }
    }
}

/// The whole number below a column or row, which is never negative in a zone.
fn whole(place: f64) -> f64 {
    // `floor` is a call of a library on processors that are taken for old.
    place as u64 as f64
}
