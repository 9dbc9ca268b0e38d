//! What a window of cells holds: single cells, spans of a row, the populated cells among them, and the
//! sums of blocks.
//!
//! A view answers the same whether its tiles are in memory or in a sidecar. In a sidecar a span over
//! many tiles is the difference of what lies left of its two ends, so that the tiles between are not
//! touched; in memory the sums of whole rows of tiles are added up. Sums are whole numbers, so both are
//! the same.

use super::lattice::Lattice;
use super::memory::Under;
use super::sidecar::{Belt, Rotten};
use super::tile::{Gaps, Slot, Tile, Uniform, WIDTH};
use crate::error::FaultyValues;

/// What a cell or a span of cells holds, channel by channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Held {
    /// People, in fixed-point steps; one a channel.
    pub steps: Vec<i128>,
    /// Whether anybody lives there: otherwise all steps are 0.
    pub is_populated: bool,
    /// Cells that hold the nodata value, and cells that are not a number; one a channel.
    gaps: Vec<Gaps>,
    has_gaps: bool,
    /// Faulty cells, by channel.
    faulty: Vec<(usize, FaultyValues)>,
}

impl Held {
    /// Cells that hold the nodata value.
    #[must_use]
    pub fn nodata(&self, channel: usize) -> usize {
        self.gaps.get(channel).map_or(0, |gaps| gaps.nodata as usize)
    }

    /// Cells that are not a number and not declared as nodata.
    #[must_use]
    pub fn unknown(&self, channel: usize) -> usize {
        self.gaps.get(channel).map_or(0, |gaps| gaps.unknown as usize)
    }

    /// Whether any channel has cells that tell no people.
    #[must_use]
    pub const fn has_gaps(&self) -> bool {
        self.has_gaps
    }

    /// Faulty cells, by channel.
    #[must_use]
    pub fn faulty(&self) -> &[(usize, FaultyValues)] {
        &self.faulty
    }

    /// Nothing, of so many channels.
    fn clear(&mut self, channels: usize) {
        if self.steps.len() != channels {
            *self = Self {
                steps: vec![0; channels],
                gaps: vec![Gaps::default(); channels],
                ..Self::default()
            };
            return;
        }
        if self.is_populated {
            self.steps.fill(0);
            self.is_populated = false;
        }
        if self.has_gaps {
            self.gaps.fill(Gaps::default());
            self.has_gaps = false;
        }
        self.faulty.clear();
    }

    fn add_gaps(&mut self, channel: usize, more: Gaps) {
        if let Some(gaps) = self.gaps.get_mut(channel) {
            gaps.nodata += more.nodata;
            gaps.unknown += more.unknown;
            self.has_gaps |= more != Gaps::default();
        }
    }

    fn add_faulty(&mut self, channel: usize, cells: u64, value: f64) {
        let known = self.faulty.iter().position(|(of, _)| *of == channel);
        let place = known.unwrap_or(self.faulty.len());
        if known.is_none() {
            self.faulty.push((channel, FaultyValues::default()));
        }
        self.faulty[place].1.add(cells, value);
    }
}

/// The parts of a span that lie in one tile each.
pub fn pieces(first: usize, last: usize) -> impl Iterator<Item = (usize, usize)> {
    let tiles = first / WIDTH..last.div_ceil(WIDTH).max(first / WIDTH);
    tiles.map(move |tile| (first.max(tile * WIDTH), last.min((tile + 1) * WIDTH)))
}

/// The cells of a window, to be asked for.
pub struct View<'i> {
    pub(super) lattice: &'i Lattice,
    /// Columns and rows of the raster, and rows of a tile.
    pub(super) size: (usize, usize),
    pub(super) height: usize,
    pub(super) form: Form<'i>,
    /// The stored channel of each channel.
    pub(super) channels: &'i [usize],
}

/// Where the tiles are.
pub(super) enum Form<'i> {
    Memory(Under),
    Sidecar(&'i super::sidecar::Sidecar),
}

/// Columns `first..last` of a row, of which so large a share counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// Row of the grid.
    pub row: usize,
    /// First column.
    pub first: usize,
    /// The column behind the last.
    pub last: usize,
    /// The share of each cell that counts, 0..=1.
    pub share: f64,
}

/// Cells of one row.
pub struct Row<'v> {
    view: &'v View<'v>,
    belt: Option<Belt<'v>>,
    /// The row of tiles, and the row in it.
    place: (usize, usize),
    /// The tile that was asked last.
    kept: Option<(usize, Slot<'v>)>,
}

impl View<'_> {
    /// How many channels are asked.
    #[must_use]
    pub const fn channels(&self) -> usize {
        self.channels.len()
    }

    /// The blocks of its grid.
    #[must_use]
    pub const fn lattice(&self) -> &Lattice {
        self.lattice
    }

    /// Columns and rows of its raster.
    #[must_use]
    pub const fn size(&self) -> (usize, usize) {
        self.size
    }

    /// Rows of a tile.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// The cells of a row.
    ///
    /// # Errors
    ///
    /// [`Rotten`] if what a sidecar file says of it is not what was written.
    pub fn row(&self, row: usize) -> Result<Row<'_>, Rotten> {
        let height = self.height();
        let belt = match &self.form {
            Form::Memory(_) => None,
            Form::Sidecar(sidecar) => Some(sidecar.belt(row / height)?),
        };
        Ok(Row { view: self, belt, place: (row / height, row % height), kept: None })
    }

    /// The populated cells of some runs, which are sorted by row, of one channel: row, column, the share that
    /// counts, and all people of the cell in steps.
    ///
    /// # Errors
    ///
    /// [`Rotten`] if what a sidecar file says of them is not what was written.
    pub fn populated(
        &self,
        runs: &[Run],
        channel: usize,
        mut found: impl FnMut(usize, usize, f64, i64),
    ) -> Result<(), Rotten> {
        for of_row in runs.chunk_by(|a, b| a.row == b.row) {
            let Some(row) = of_row.first().map(|run| run.row) else { continue };
            let mut view = self.row(row)?;
            for run in of_row {
                view.populated((run.first, run.last), channel, |col, steps| {
                    found(row, col, run.share, steps);
                })?;
            }
        }
        Ok(())
    }

    fn stored_channels(&self) -> usize {
        match &self.form {
            Form::Memory(_) => self.channels.len(),
            Form::Sidecar(sidecar) => sidecar.channels(),
        }
    }
}

impl<'v> Row<'v> {
    /// A tile of the row.
    fn slot(&mut self, tile: usize) -> Result<Slot<'v>, Rotten> {
        if let Some((of, slot)) = self.kept
            && of == tile
        {
            return Ok(slot);
        }
        let slot = match (&self.view.form, &self.belt) {
            (Form::Memory(under), _) => {
                let channels = self.view.channels.len();
                // Beyond the window nothing is known.
                let unknown = Slot::Uniform(Uniform::Unknown);
                under.tile(self.place.0, tile).map_or(unknown, |made| made.slot(channels))
            }
            (Form::Sidecar(sidecar), Some(belt)) => sidecar.tile(belt, tile)?,
            (Form::Sidecar(_), None) => return Err(Rotten),
        };
        self.kept = Some((tile, slot));
        Ok(slot)
    }

    /// What one cell holds.
    ///
    /// # Errors
    ///
    /// [`Rotten`] if what a sidecar file says of it is not what was written.
    pub fn cell(&mut self, col: usize, held: &mut Held) -> Result<(), Rotten> {
        held.clear(self.view.channels.len());
        let (slot, row, col) = (self.slot(col / WIDTH)?, self.place.1, col % WIDTH);
        let tile = match slot {
            Slot::Uniform(uniform) => {
                held.add_uniform(uniform, 1);
                return Ok(());
            }
            Slot::Stored(tile) => tile,
        };
        let people = tile.cell(row, col);
        if let Some((with, before)) = people {
            held.add_steps(self.view.channels, with, before);
        }
        if tile.has_gaps() {
            held.add_gap_of(&tile, self.view.channels, (row, col, people.is_some()));
        }
        if tile.has_faulty() {
            held.add_faulty_of(&tile, self.view.channels, (row, col, col + 1));
        }
        Ok(())
    }

    /// What the columns `first..last` hold together.
    ///
    /// # Errors
    ///
    /// [`Rotten`] if what a sidecar file says of them is not what was written.
    pub fn span(&mut self, first: usize, last: usize, held: &mut Held) -> Result<(), Rotten> {
        held.clear(self.view.channels.len());
        if first >= last {
            return Ok(());
        }
        let (one, other) = (first / WIDTH, (last - 1) / WIDTH);
        if one < other
            && let Some(belt) = self.belt
            && belt.has_bases()
        {
            return self.across(&belt, (first, last), held);
        }
        for (from, to) in pieces(first, last) {
            let (tile, from) = (from / WIDTH, from % WIDTH);
            self.piece(tile, (from, to - tile * WIDTH), held)?;
        }
        Ok(())
    }

    /// Adds the columns `first..last` of one tile.
    fn piece(&mut self, tile: usize, cols: (usize, usize), held: &mut Held) -> Result<(), Rotten> {
        let (row, channels) = (self.place.1, self.view.channels);
        match self.slot(tile)? {
            Slot::Uniform(uniform) => held.add_uniform(uniform, (cols.1 - cols.0) as u32),
            Slot::Stored(tile) => {
                held.add_steps(channels, tile.before(row, cols.1), tile.before(row, cols.0));
                if tile.has_gaps() {
                    held.add_gaps_of(&tile, channels, (row, cols.0, cols.1));
                }
                if tile.has_faulty() {
                    held.add_faulty_of(&tile, channels, (row, cols.0, cols.1));
                }
            }
        }
        Ok(())
    }

    /// A span over several tiles: what lies left of its end without what lies left of its start.
    fn across(
        &mut self,
        belt: &Belt<'v>,
        (first, last): (usize, usize),
        held: &mut Held,
    ) -> Result<(), Rotten> {
        let (row, channels) = (self.place.1, self.view.channels);
        for (col, sign) in [(last, 1), (first, -1)] {
            let Form::Sidecar(sidecar) = &self.view.form else { return Err(Rotten) };
            let (tile, within) = (col / WIDTH, col % WIDTH);
            let left = sidecar.left_of(belt, tile, row)?;
            // An end on the border of a tile asks nothing of it.
            let slot = if within > 0 { Some(self.slot(tile)?) } else { None };
            let before = match &slot {
                Some(Slot::Stored(tile)) => tile.before(row, within),
                _ => &[],
            };
            for (channel, stored) in channels.iter().enumerate() {
                let of = |sums: &[u64]| sums.get(*stored).map_or(0, |sum| sum.cast_signed());
                let people = i128::from(left.people(*stored)) + i128::from(of(before));
                held.steps[channel] += sign * people;
                let mut gaps = left.gaps(*stored);
                let here = match &slot {
                    Some(Slot::Stored(tile)) => tile.gaps_before(row, within, *stored),
                    Some(Slot::Uniform(uniform)) => of_uniform(*uniform, within as u32),
                    None => Gaps::default(),
                };
                gaps.nodata = gaps.nodata.saturating_add(here.nodata);
                gaps.unknown = gaps.unknown.saturating_add(here.unknown);
                let end = &mut held.gaps[channel];
                if sign > 0 {
                    *end = gaps;
                } else {
                    end.nodata = end.nodata.saturating_sub(gaps.nodata);
                    end.unknown = end.unknown.saturating_sub(gaps.unknown);
                }
            }
        }
        // Bases that cannot be: they were looked at one by one, and never beside each other.
        let are_gaps_sound = held.gaps.iter().all(|gaps| {
            let most = last - first;
            gaps.nodata as usize <= most && gaps.unknown as usize <= most
        });
        if !are_gaps_sound || held.steps.iter().any(|steps| *steps < 0) {
            return Err(Rotten);
        }
        held.is_populated = held.steps.iter().any(|steps| *steps != 0);
        held.has_gaps = held.gaps.iter().any(|gaps| *gaps != Gaps::default());
        if belt.has_faulty() {
            for (from, to) in pieces(first, last) {
                let start = from / WIDTH * WIDTH;
                if let Slot::Stored(tile) = self.slot(from / WIDTH)? {
                    held.add_faulty_of(&tile, channels, (row, from - start, to - start));
                }
            }
        }
        Ok(())
    }

    /// The populated cells of the columns `first..last` of one channel, each with its people in steps.
    ///
    /// # Errors
    ///
    /// [`Rotten`] if what a sidecar file says of them is not what was written.
    pub fn populated(
        &mut self,
        (first, last): (usize, usize),
        channel: usize,
        mut found: impl FnMut(usize, i64),
    ) -> Result<(), Rotten> {
        let stored = self.view.channels.get(channel).copied().unwrap_or_default();
        for (from, to) in pieces(first, last) {
            let start = from / WIDTH * WIDTH;
            let row = self.place.1;
            let Slot::Stored(tile) = self.slot(from / WIDTH)? else { continue };
            let of = |sums: &[u64]| sums.get(stored).map_or(0, |sum| sum.cast_signed());
            tile.populated_in(row, (from - start, to - start), |col, with, before| {
                match of(with) - of(before) {
                    0 => {}
                    steps => found(start + col, steps),
                }
            });
        }
        Ok(())
    }

    /// Adds the people of a row of blocks, of one channel, as far as they lie in the tiles of this row and
    /// the blocks `first..first + sums.len()`.
    ///
    /// # Errors
    ///
    /// [`Rotten`] if what a sidecar file says of them is not what was written.
    pub fn add_blocks(
        &mut self,
        block_row: usize,
        first: usize,
        channel: usize,
        sums: &mut [i64],
    ) -> Result<(), Rotten> {
        let lattice = self.view.lattice();
        let (cols, _) = self.view.size();
        let stored = self.view.channels.get(channel).copied().unwrap_or_default();
        let stored_channels = self.view.stored_channels();
        let from = lattice.first_cell([0, first])[1].min(cols);
        let to = lattice.first_cell([0, first + sums.len()])[1].min(cols);
        let top = lattice.block([self.place.0 * self.view.height(), 0])[0];
        let Some(down) = block_row.checked_sub(top) else { return Ok(()) };
        for tile in from / WIDTH..to.div_ceil(WIDTH) {
            let Slot::Stored(stored_tile) = self.slot(tile)? else { continue };
            let left = lattice.block([0, tile * WIDTH])[1];
            let blocks = stored_tile.blocks(down).chunks_exact(stored_channels);
            for (block, people) in blocks.enumerate() {
                let place = (left + block).checked_sub(first);
                if let Some(sum) = place.and_then(|place| sums.get_mut(place)) {
                    let people = people.get(stored).map_or(0, |sum| sum.cast_signed());
                    *sum = sum.saturating_add(people);
                }
            }
        }
        Ok(())
    }
}

/// Cells without a value among so many of a uniform tile.
const fn of_uniform(uniform: Uniform, cells: u32) -> Gaps {
    match uniform {
        Uniform::Nobody => Gaps { nodata: 0, unknown: 0 },
        Uniform::Nodata => Gaps { nodata: cells, unknown: 0 },
        Uniform::Unknown => Gaps { nodata: 0, unknown: cells },
    }
}

impl Held {
    fn add_uniform(&mut self, uniform: Uniform, cells: u32) {
        if uniform != Uniform::Nobody {
            let gaps = of_uniform(uniform, cells);
            (0..self.gaps.len()).for_each(|channel| self.add_gaps(channel, gaps));
        }
    }

    /// Adds the people between two running sums.
    fn add_steps(&mut self, channels: &[usize], with: &[u64], before: &[u64]) {
        if with.is_empty() {
            return;
        }
        let of = |sums: &[u64], stored: usize| sums.get(stored).map_or(0, |sum| sum.cast_signed());
        for (steps, stored) in self.steps.iter_mut().zip(channels) {
            let people = of(with, *stored) - of(before, *stored);
            self.is_populated |= people != 0;
            *steps += i128::from(people);
        }
    }

    /// Adds a cell that may tell no people.
    fn add_gap_of(
        &mut self,
        tile: &Tile,
        channels: &[usize],
        (row, col, is_populated): (usize, usize, bool),
    ) {
        if tile.is_alike() {
            let gap = tile.gap_of(row, col, 0, is_populated);
            if gap != Gaps::default() {
                (0..self.gaps.len()).for_each(|channel| self.add_gaps(channel, gap));
            }
            return;
        }
        for (channel, stored) in channels.iter().enumerate() {
            self.add_gaps(channel, tile.gap_of(row, col, *stored, is_populated));
        }
    }

    fn add_gaps_of(
        &mut self,
        tile: &Tile,
        channels: &[usize],
        (row, first, last): (usize, usize, usize),
    ) {
        let between = |stored: usize| {
            let (one, two) =
                (tile.gaps_before(row, first, stored), tile.gaps_before(row, last, stored));
            Gaps { nodata: two.nodata - one.nodata, unknown: two.unknown - one.unknown }
        };
        if tile.is_alike() {
            let gaps = between(0);
            if gaps != Gaps::default() {
                (0..self.gaps.len()).for_each(|channel| self.add_gaps(channel, gaps));
            }
            return;
        }
        for (channel, stored) in channels.iter().enumerate() {
            self.add_gaps(channel, between(*stored));
        }
    }

    fn add_faulty_of(
        &mut self,
        tile: &Tile,
        channels: &[usize],
        (row, first, last): (usize, usize, usize),
    ) {
        for run in tile.faulty().filter(|run| run.row == row) {
            let (from, to) = (run.first.max(first), run.last.min(last));
            if from >= to {
                continue;
            }
            // Two channels may be one that is stored: a raster that is read twice.
            for (channel, _) in channels.iter().enumerate().filter(|(_, of)| **of == run.channel) {
                self.add_faulty(channel, (to - from) as u64, run.value);
            }
        }
    }
}
