//! Whether a sidecar holds what its rasters hold: every number of it against every cell.
//!
//! Anybody can put a file beside a raster, with checksums that fit. Its tiles are compared with tiles made from
//! the rasters: cells, cells without a value, faulty ones, sums of blocks. All other words of its belts, the
//! bases among them, follow from its tiles, so they are made from these anew and compared word by word; the
//! facts tell the people of all cells. Nothing that a result may be read from is left out.

use super::build::{Done, belt_words};
use super::cache::Kept;
use super::memory::{Stack, Stopped, Through};
use super::sidecar::{Rotten, Sidecar};
use super::tile::{FaultyRun, Gaps, Made, Slot, Uniform, WIDTH};
use crate::error::ReadError;
use crate::measure::{Fixed, Sum};
use crate::model::Window;
use rayon::prelude::*;
use std::fmt;

/// The first place where a sidecar differs from its rasters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    /// The cells, if it is about some.
    pub cells: Option<Window>,
    /// What the sidecar holds.
    pub found: String,
    /// What the rasters hold.
    pub wanted: String,
}

impl fmt::Display for Differs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cells, found, wanted } = self;
        if let Some(Window { rows, cols }) = cells {
            let [right, down] = [cols, rows].map(|(_, behind)| behind.saturating_sub(1));
            write!(f, "in columns {} to {right}, rows {} to {down} ", cols.0, rows.0)?;
        }
        write!(f, "it holds {found}; wanted {wanted}, as in the raster")
    }
}

impl Differs {
    fn of_file(found: impl Into<String>, wanted: impl Into<String>) -> Self {
        Self { cells: None, found: found.into(), wanted: wanted.into() }
    }

    fn of_rotten(_rotten: Rotten) -> Self {
        Self::of_file("parts that are damaged or make no sense", "whole ones")
    }
}

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Every number is that of the rasters.
    Holds,
    /// Some is not.
    Fails(Differs),
    /// Reading one block takes more memory than may be used: nobody knows.
    TooLarge,
}

/// Compares a sidecar with rasters, of which each is the given one of its channels.
///
/// # Errors
///
/// If a raster cannot be read.
pub(super) fn prove(
    stack: &Stack,
    kept: &Kept,
    channels: &[usize],
    through: Through,
) -> Result<Proof, ReadError> {
    let sidecar = &kept.sidecar;
    let page = sidecar.page();
    let is_of_stack = page.size == stack.size
        && page.height == stack.units.height
        && channels.len() == stack.channels.len()
        && channels.iter().all(|stored| *stored < page.channels);
    if !is_of_stack {
        let cells = |(cols, rows): (usize, usize)| format!("{cols} × {rows} cells");
        let differs =
            Differs::of_file(cells(page.size), format!("{} in the same order", cells(stack.size)));
        return Ok(Proof::Fails(differs));
    }
    if let Err(rotten) = sidecar.verify() {
        return Ok(Proof::Fails(Differs::of_rotten(rotten)));
    }
    let compare = |(row, col): (usize, usize), window: Window, tiles: &Vec<Made>| {
        let belt = sidecar.belt(row).map_err(Differs::of_rotten)?;
        for (place, made) in tiles.iter().enumerate() {
            let tile = col * stack.tiles_across() + place;
            let found = sidecar.tile(&belt, tile).map_err(Differs::of_rotten)?;
            let first = window.cols.0 + place * WIDTH;
            let of_tile = Window { cols: (first, (first + WIDTH).min(window.cols.1)), ..window };
            let compared = Compared { found, channels, of: page.channels, made, cells: of_tile };
            compared.differ()?;
        }
        Ok(())
    };
    match stack.each_unit(through, compare) {
        Ok(()) => {}
        Err(Stopped::Read(error)) => return Err(error),
        Err(Stopped::TooLarge) => return Ok(Proof::TooLarge),
        Err(Stopped::By(differs)) => return Ok(Proof::Fails(differs)),
    }
    Ok(match belts(sidecar, kept) {
        Ok(()) => Proof::Holds,
        Err(differs) => Proof::Fails(differs),
    })
}

/// Compares the belts and the people of all cells with what follows from the tiles.
fn belts(sidecar: &Sidecar, kept: &Kept) -> Result<(), Differs> {
    let page = sidecar.page();
    let of_belt = |row: usize| -> Result<Vec<Sum>, Differs> {
        let belt = sidecar.belt(row).map_err(Differs::of_rotten)?;
        let rows = page.rows_of(row);
        let mut tiles = Vec::with_capacity(page.across());
        for tile in 0..page.across() {
            let slot = sidecar.tile(&belt, tile).map_err(Differs::of_rotten)?;
            let width = WIDTH.min(page.size.0 - tile * WIDTH);
            tiles.push(Done::of(slot, (rows, width), page.channels, belt.place_of(tile)));
        }
        if belt_words(page, row, &tiles).0 != belt.words() {
            let first = row * page.height;
            let cells = Window { cols: (0, page.size.0), rows: (first, first + rows) };
            return Err(Differs {
                cells: Some(cells),
                found: "other sums of whole rows than of their cells".into(),
                wanted: "the same sums".into(),
            });
        }
        let mut people = vec![Sum::default(); page.channels];
        for tile in &tiles {
            tile.add_to(&mut people);
        }
        Ok(people)
    };
    let of_belts: Vec<Result<_, _>> = (0..page.down()).into_par_iter().map(of_belt).collect();
    let mut all = vec![Sum::default(); page.channels];
    for of_belt in of_belts {
        all.iter_mut().zip(of_belt?).for_each(|(all, people)| all.add(people));
    }
    for (facts, people) in kept.facts.channels.iter().zip(all.into_iter().map(Sum::people)) {
        if facts.people.to_bits() != people.to_bits() {
            let text = |people: f64| format!("{people} people in all");
            return Err(Differs::of_file(text(facts.people), text(people)));
        }
    }
    Ok(())
}

/// A tile of a sidecar, beside one that was made from the rasters.
struct Compared<'a> {
    found: Slot<'a>,
    /// The stored channel of each channel of the rasters, and how many are stored.
    channels: &'a [usize],
    of: usize,
    made: &'a Made,
    cells: Window,
}

impl Compared<'_> {
    /// Fails where the two differ.
    fn differ(&self) -> Result<(), Differs> {
        let wanted = self.made.slot(self.channels.len());
        let has_same_channels = self.of == self.channels.len()
            && self.channels.iter().enumerate().all(|(a, b)| a == *b);
        let are_same = match (self.found, wanted) {
            (Slot::Uniform(found), Slot::Uniform(wanted)) => found == wanted,
            (Slot::Stored(found), Slot::Stored(wanted)) if has_same_channels => {
                found.words == wanted.words
            }
            _ => false,
        };
        if are_same {
            return Ok(());
        }
        for (channel, stored) in self.channels.iter().enumerate() {
            self.of_channel((self.found, *stored), (wanted, channel))?;
        }
        Ok(())
    }

    /// The same for one channel, number by number: other channels of the sidecar change how it is kept.
    fn of_channel(&self, found: (Slot, usize), wanted: (Slot, usize)) -> Result<(), Differs> {
        let (rows, width) = (self.cells.height(), self.cells.width());
        let fail =
            |found: String, wanted: String| Err(Differs { cells: Some(self.cells), found, wanted });
        let people = [found, wanted].map(|of| people_of(of, (rows, width)));
        if people[0] != people[1] {
            let [found, wanted] = people.map(|people| format!("{} people", people.people()));
            return fail(found, wanted);
        }
        let cells = (0..rows).flat_map(|row| (0..width).map(move |col| (row, col)));
        let mut cells = cells.filter(|cell| cell_of(found, *cell) != cell_of(wanted, *cell));
        if let Some((row, col)) = cells.next() {
            let text = |of: (Slot, usize)| {
                let (steps, gaps) = cell_of(of, (row, col));
                let people = Fixed(steps).people();
                let (nodata, unknown) = (gaps.nodata > 0, gaps.unknown > 0);
                let is_gap = if nodata {
                    ", no data"
                } else if unknown {
                    ", no number"
                } else {
                    ""
                };
                let (row, col) = (self.cells.rows.0 + row, self.cells.cols.0 + col);
                format!("{people} people{is_gap} in column {col}, row {row}")
            };
            return fail(text(found), text(wanted));
        }
        if faulty_of(found) != faulty_of(wanted) {
            return fail("other faulty cells".into(), "the same".into());
        }
        let block_rows = block_rows(found.0).max(block_rows(wanted.0));
        let of_blocks = |of: (Slot, usize), row: usize| blocks_of(of, row);
        if (0..block_rows).any(|row| of_blocks(found, row) != of_blocks(wanted, row)) {
            return fail("other sums of blocks".into(), "the same".into());
        }
        Ok(())
    }
}

/// People of all rows of a tile, as spans tell them.
fn people_of((slot, channel): (Slot, usize), (rows, width): (usize, usize)) -> Sum {
    let mut sum = Sum::default();
    if let Slot::Stored(tile) = slot {
        let of_row = |row| tile.before(row, width).get(channel).map_or(0, |sum| sum.cast_signed());
        (0..rows).for_each(|row| sum.add_steps(of_row(row)));
    }
    sum
}

/// What one cell holds: people in steps, and whether it tells none.
fn cell_of((slot, channel): (Slot, usize), (row, col): (usize, usize)) -> (i64, Gaps) {
    match slot {
        Slot::Uniform(Uniform::Nobody) => (0, Gaps::default()),
        Slot::Uniform(Uniform::Nodata) => (0, Gaps { nodata: 1, unknown: 0 }),
        Slot::Uniform(Uniform::Unknown) => (0, Gaps { nodata: 0, unknown: 1 }),
        Slot::Stored(tile) => {
            let of = |sums: &[u64]| sums.get(channel).map_or(0, |sum| sum.cast_signed());
            let cell = tile.cell(row, col);
            let steps = cell.map_or(0, |(with, before)| of(with).saturating_sub(of(before)));
            (steps, tile.gap_of(row, col, channel, cell.is_some()))
        }
    }
}

/// The faulty cells of a channel, in order: row, column, bits of the value.
fn faulty_of((slot, channel): (Slot, usize)) -> Vec<(usize, usize, u64)> {
    let Slot::Stored(tile) = slot else { return Vec::new() };
    let of_run =
        |run: FaultyRun| (run.first..run.last).map(move |col| (run.row, col, run.value.to_bits()));
    let runs = tile.faulty().filter(|run| run.channel == channel);
    let mut cells: Vec<_> = runs.flat_map(of_run).collect();
    cells.sort_unstable();
    cells
}

fn block_rows(slot: Slot) -> usize {
    match slot {
        Slot::Stored(tile) => tile.block_rows(),
        Slot::Uniform(_) => 0,
    }
}

/// People of a row of blocks, without the empty ones at its end.
fn blocks_of((slot, channel): (Slot, usize), row: usize) -> Vec<u64> {
    let Slot::Stored(tile) = slot else { return Vec::new() };
    let of_block = |block: &[u64]| block.get(channel).copied().unwrap_or_default();
    let mut sums: Vec<u64> = tile.blocks(row).chunks_exact(tile.channels).map(of_block).collect();
    sums.truncate(sums.iter().rposition(|sum| *sum > 0).map_or(0, |last| last + 1));
    sums
}
