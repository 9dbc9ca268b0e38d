//! A tile: up to 256 columns of some rows, with running sums of people.
//!
//! Population grids are 80 to 99 % empty, so a tile keeps one bit a cell for *somebody lives here*, and
//! running sums for the populated cells alone. The sum up to any column is the running sum at the rank
//! of that column among the bits; the sum of a span is one subtraction of integers. Cells without a
//! value and faulty cells are kept apart from the sums, so what nodata means is decided later.
//!
//! Several channels (the people of several sources) share the bits; their running sums lie side by side,
//! so that a crossing reads one place. A tile is a run of 64-bit words, the same in memory and in a
//! sidecar file:
//!
//! ```text
//! 0        populated cells (32 bits), rows (16), flags (16; bit 0: one gap set for all channels)
//! 1        faulty runs (32), where they begin (32)
//! 2        where sums of blocks begin (32), blocks across (32)
//! 3…       a gap word a channel, or one for all: set of nodata (32), set of unknown (32)
//! …        5 words a row: 256 bits of populated cells; where its sums start (32), ranks (3 × 8)
//! …        running sums, one word a channel for each populated cell
//! …        sets that need bits: 5 words a row, as above
//! …        faulty runs: row (16), channel (16), first column (16), the one behind the last (16); value
//! …        people of each block, one word a channel
//! ```

use super::blocks::{Cells, FAULTY, NODATA, UNKNOWN};
use super::lattice::Lattice;
use crate::measure::Fixed;
use crate::model::Window;

/// Columns of a tile.
pub(super) const WIDTH: usize = 256;

/// Words of a row of a set of cells: 4 of bits, one of ranks.
pub(super) const ROW: usize = 5;
/// Words before those of gaps.
pub(super) const HEAD: usize = 3;

/// Sets that need no bits: no cell, every cell, all that are not populated.
const NONE: u32 = 0;
const ALL: u32 = 1;
const REST: u32 = 2;

/// What every cell of a tile holds that keeps nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Uniform {
    /// Nobody.
    Nobody = 0,
    /// The nodata value.
    Nodata = 1,
    /// No number.
    Unknown = 2,
}

impl Uniform {
    pub(super) const fn from_code(code: u32) -> Self {
        match code {
            0 => Self::Nobody,
            1 => Self::Nodata,
            _ => Self::Unknown,
        }
    }
}

/// A tile as it is made.
#[derive(Debug, PartialEq)]
pub(super) enum Made {
    Uniform(Uniform),
    Stored(Box<[u64]>),
}

impl Made {
    /// What it takes of memory, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        let words = match self {
            Self::Uniform(_) => 0,
            Self::Stored(words) => words.len() * 8,
        };
        (size_of::<Self>() + words) as u64
    }

    /// As it is asked.
    pub(super) fn slot(&self, channels: usize) -> Slot<'_> {
        match self {
            Self::Uniform(uniform) => Slot::Uniform(*uniform),
            Self::Stored(words) => Slot::Stored(Tile { words, channels }),
        }
    }
}

/// A tile as it is asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot<'a> {
    Uniform(Uniform),
    Stored(Tile<'a>),
}

/// A tile of 64-bit words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tile<'a> {
    pub(super) words: &'a [u64],
    pub(super) channels: usize,
}

/// Cells of a channel that tell no people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Gaps {
    pub(super) nodata: u32,
    pub(super) unknown: u32,
}

/// A run of equal faulty values in one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FaultyRun {
    pub(super) row: usize,
    pub(super) channel: usize,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) value: f64,
}

/// Set bits before a column.
fn rank(row: &[u64], col: usize) -> usize {
    let [a, b, c, d, ranks] = *row else { return 0 };
    let (word, before) = match col / 64 {
        0 => (a, 0),
        1 => (b, ranks >> 32 & 0xff),
        2 => (c, ranks >> 40 & 0xff),
        3 => (d, ranks >> 48 & 0xff),
        _ => return (ranks >> 48 & 0xff) as usize + d.count_ones() as usize,
    };
    before as usize + (word & ((1 << (col % 64)) - 1)).count_ones() as usize
}

/// Whether the ranks of a row are those of its bits, and none of these lies behind its last column.
fn is_ranked(row: &[u64], width: usize) -> bool {
    let [a, b, c, d, ranks] = *row else { return false };
    let behind = |(word, bits): (usize, u64)| match width.saturating_sub(64 * word) {
        0 => bits,
        64.. => 0,
        held => bits >> held,
    };
    ranked([a, b, c, d], ranks as u32)[4] == ranks
        && [a, b, c, d].into_iter().enumerate().all(|bits| behind(bits) == 0)
}

/// Whether the running sums of a row are numbers of people of which none is less than the one before.
fn grows(sums: &[u64], channels: usize) -> bool {
    let first = sums.get(..channels).unwrap_or_default();
    first.iter().all(|sum| sum.cast_signed() >= 0)
        && sums
            .iter()
            .zip(sums.iter().skip(channels))
            .all(|(a, b)| a.cast_signed() <= b.cast_signed())
}

/// A row of bits with its ranks, and where its sums start.
fn ranked(bits: [u64; 4], start: u32) -> [u64; ROW] {
    let [a, b, c, d] = bits;
    let one = u64::from(a.count_ones());
    let two = one + u64::from(b.count_ones());
    let three = two + u64::from(c.count_ones());
    [a, b, c, d, u64::from(start) | one << 32 | two << 40 | three << 48]
}

const fn high(word: u64) -> u32 {
    (word >> 32) as u32
}

const fn both(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}

impl<'a> Tile<'a> {
    fn word(&self, at: usize) -> u64 {
        self.words.get(at).copied().unwrap_or_default()
    }

    /// Whether a tile of so many rows and columns can be what it says: every part lies within its words, bits
    /// and ranks agree, and running sums only grow. So whatever is asked of it is a number of its own.
    pub(super) fn is_sound(&self, rows: usize, width: usize) -> bool {
        self.rows() == rows
            && self.are_people_sound(width)
            && self.are_gaps_sound(width)
            && self.are_faulty_sound(width)
            && self.are_blocks_sound(width)
    }

    fn are_people_sound(&self, width: usize) -> bool {
        let populated = self.populated();
        if populated == 0 {
            return true;
        }
        let begin = self.people_at();
        let sums_at = begin + ROW * self.rows();
        let end = populated.checked_mul(self.channels).and_then(|sums| sums.checked_add(sums_at));
        let (Some(rows), Some(sums)) =
            (self.words.get(begin..sums_at), end.and_then(|end| self.words.get(sums_at..end)))
        else {
            return false;
        };
        let mut before = 0;
        let are_rows_sound = rows.chunks_exact(ROW).all(|row| {
            let held = rank(row, WIDTH);
            let is_next = row.last().is_some_and(|ranks| *ranks as u32 as usize == before);
            let of_row = sums.get(before * self.channels..);
            before += held;
            let of_row = of_row.and_then(|of_row| of_row.get(..held * self.channels));
            is_next
                && is_ranked(row, width)
                && of_row.is_some_and(|sums| grows(sums, self.channels))
        });
        are_rows_sound && before == populated
    }

    fn are_gaps_sound(&self, width: usize) -> bool {
        let sets = if self.is_alike() { 1 } else { self.channels };
        let is_set = |set: u32| {
            let at = set as usize;
            let rows = || self.words.get(at..at + ROW * self.rows());
            matches!(set, NONE | ALL | REST)
                || rows()
                    .is_some_and(|rows| rows.chunks_exact(ROW).all(|row| is_ranked(row, width)))
        };
        let words = self.words.get(HEAD..HEAD + sets);
        words.is_some_and(|words| {
            words.iter().all(|sets| is_set(*sets as u32) && is_set(high(*sets)))
        })
    }

    fn are_faulty_sound(&self, width: usize) -> bool {
        let (count, at) = (self.word(1) as u32 as usize, high(self.word(1)) as usize);
        let is_run = |run: FaultyRun| {
            run.row < self.rows()
                && run.channel < self.channels
                && run.first < run.last
                && run.last <= width
        };
        count == 0 || (at + 2 * count <= self.words.len() && self.faulty().all(is_run))
    }

    fn are_blocks_sound(&self, width: usize) -> bool {
        let (at, across) = (self.word(2) as u32 as usize, high(self.word(2)) as usize);
        let Some(sums) = self.words.get(at..) else { return false };
        across == 0
            || (across <= width
                && sums.len().is_multiple_of(across * self.channels)
                && sums.len() / (across * self.channels) <= self.rows()
                && sums.iter().all(|sum| sum.cast_signed() >= 0))
    }

    /// Rows of blocks whose sums are kept.
    pub(super) fn block_rows(&self) -> usize {
        let (at, across) = (self.word(2) as u32 as usize, high(self.word(2)) as usize);
        match across * self.channels {
            0 => 0,
            words => self.words.len().saturating_sub(at) / words,
        }
    }

    fn rows(&self) -> usize {
        (high(self.word(0)) & 0xffff) as usize
    }

    /// Whether all channels have the same cells without a value.
    pub(super) fn is_alike(&self) -> bool {
        self.word(0) >> 48 & 1 == 1
    }

    fn populated(&self) -> usize {
        self.word(0) as u32 as usize
    }

    /// The bits and ranks of a row; `None` if nobody lives in the tile.
    fn row(&self, row: usize) -> Option<&'a [u64]> {
        if self.populated() == 0 {
            return None;
        }
        let at = self.people_at() + ROW * row;
        self.words.get(at..at + ROW)
    }

    fn people_at(&self) -> usize {
        HEAD + if self.is_alike() { 1 } else { self.channels }
    }

    /// The running sums at a rank of a row, one a channel.
    fn sums(&self, row: &[u64], rank: usize) -> &'a [u64] {
        let start = row.get(4).copied().unwrap_or_default() as u32 as usize;
        let at = self.people_at() + ROW * self.rows() + (start + rank) * self.channels;
        self.words.get(at..at + self.channels).unwrap_or_default()
    }

    /// People of a row before a column, in steps, one a channel; empty if there is nobody.
    pub(super) fn before(&self, row: usize, col: usize) -> &'a [u64] {
        let Some(bits) = self.row(row) else { return &[] };
        match rank(bits, col) {
            0 => &[],
            rank => self.sums(bits, rank - 1),
        }
    }

    /// The sums with and before a cell, if somebody lives there; the latter empty if it is the first.
    pub(super) fn cell(&self, row: usize, col: usize) -> Option<(&'a [u64], &'a [u64])> {
        let bits = self.row(row)?;
        if bits.get(col / 64)? >> (col % 64) & 1 == 0 {
            return None;
        }
        let rank = rank(bits, col);
        let before = if rank == 0 { &[][..] } else { self.sums(bits, rank - 1) };
        Some((self.sums(bits, rank), before))
    }

    /// The populated columns of `first..last` of a row, each with the sums with and before it.
    pub(super) fn populated_in(
        &self,
        row: usize,
        (first, last): (usize, usize),
        mut found: impl FnMut(usize, &[u64], &[u64]),
    ) {
        let Some(bits) = self.row(row) else { return };
        let mut at = rank(bits, first);
        let mut before = if at == 0 { &[][..] } else { self.sums(bits, at - 1) };
        for word in first / 64..last.div_ceil(64) {
            let mut left = bits.get(word).copied().unwrap_or_default();
            if word == first / 64 {
                left &= !0 << (first % 64);
            }
            while left != 0 {
                let col = word * 64 + left.trailing_zeros() as usize;
                if col >= last {
                    return;
                }
                let with = self.sums(bits, at);
                found(col, with, before);
                (before, at, left) = (with, at + 1, left & (left - 1));
            }
        }
    }

    /// Cells of a row before a column that tell no people, of a channel.
    pub(super) fn gaps_before(&self, row: usize, col: usize, channel: usize) -> Gaps {
        let channel = if self.is_alike() { 0 } else { channel };
        let sets = self.word(HEAD + channel);
        let count = |set: u32| match set {
            NONE => 0,
            ALL => col as u32,
            REST => col as u32 - self.row(row).map_or(0, |bits| rank(bits, col)) as u32,
            at => {
                let at = at as usize + ROW * row;
                self.words.get(at..at + ROW).map_or(0, |bits| rank(bits, col)) as u32
            }
        };
        Gaps { nodata: count(sets as u32), unknown: count(high(sets)) }
    }

    /// Whether a cell tells no people, of a channel; `is_populated` if somebody lives there.
    pub(super) fn gap_of(
        &self,
        row: usize,
        col: usize,
        channel: usize,
        is_populated: bool,
    ) -> Gaps {
        let channel = if self.is_alike() { 0 } else { channel };
        let sets = self.word(HEAD + channel);
        let holds = |set: u32| match set {
            NONE => false,
            ALL => true,
            REST => !is_populated,
            at => self.word(at as usize + ROW * row + col / 64) >> (col % 64) & 1 == 1,
        };
        Gaps { nodata: holds(sets as u32).into(), unknown: holds(high(sets)).into() }
    }

    /// Whether some channel has cells that tell no people.
    pub(super) fn has_gaps(&self) -> bool {
        let sets = if self.is_alike() { 1 } else { self.channels };
        (HEAD..HEAD + sets).any(|at| self.word(at) != 0)
    }

    /// Whether it has faulty cells.
    pub(super) fn has_faulty(&self) -> bool {
        self.word(1) as u32 > 0
    }

    /// Its faulty runs, by row and column.
    pub(super) fn faulty(&self) -> impl Iterator<Item = FaultyRun> {
        let (count, at) = (self.word(1) as u32 as usize, high(self.word(1)) as usize);
        let part = |word: u64, place: u32| (word >> (16 * place) & 0xffff) as usize;
        (0..count).map(move |run| {
            let (word, value) = (self.word(at + 2 * run), self.word(at + 2 * run + 1));
            FaultyRun {
                row: part(word, 0),
                channel: part(word, 1),
                first: part(word, 2),
                last: part(word, 3),
                value: f64::from_bits(value),
            }
        })
    }

    /// People of a row of blocks, counted from the tile's first, in steps: one word a channel for each
    /// block; empty if nobody lives there.
    pub(super) fn blocks(&self, row: usize) -> &'a [u64] {
        let (at, across) = (self.word(2) as u32 as usize, high(self.word(2)) as usize);
        let words = across * self.channels;
        let at = at + row * words;
        if words == 0 { &[] } else { self.words.get(at..at + words).unwrap_or_default() }
    }
}

/// What tiles take at worst, in bytes: people in every cell, every set of cells kept bit by bit, and the
/// sums of blocks. `rows` are those of all tiles together.
pub(super) const fn most_bytes(cells: u64, rows: u64, tiles: u64, channels: u64) -> u64 {
    let row = 8 * ROW as u64 * (1 + 2 * channels);
    // The tile itself, twice while they are put together, and what the allocator adds.
    let tile = 16 * size_of::<Made>() as u64 + 8 * channels;
    (cells.saturating_mul(9 * channels))
        .saturating_add(rows.saturating_mul(row))
        .saturating_add(tiles.saturating_mul(tile))
}

/// Makes tiles of what was read; keeps its buffers.
pub(super) struct Maker<'l> {
    lattice: &'l Lattice,
    people: Vec<[u64; ROW]>,
    sums: Vec<u64>,
    /// Bits of nodata and unknown cells, a channel after the other.
    gaps: Vec<[Vec<[u64; 4]>; 2]>,
    faulty: Vec<FaultyRun>,
    blocks: Vec<u64>,
    row_sums: Vec<i64>,
}

/// Where a tile lies: the unit it is cut from, and its columns.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    pub(super) unit: Window,
    pub(super) cols: (usize, usize),
}

impl<'l> Maker<'l> {
    pub(super) fn new(lattice: &'l Lattice) -> Self {
        Self {
            lattice,
            people: Vec::new(),
            sums: Vec::new(),
            gaps: Vec::new(),
            faulty: Vec::new(),
            blocks: Vec::new(),
            row_sums: Vec::new(),
        }
    }

    /// A tile cut from a unit of which the cells of every channel were read.
    pub(super) fn tile(&mut self, cells: &[Cells], cut: Cut) -> Made {
        if let Some(uniform) = uniform(cells, cut) {
            return Made::Uniform(uniform);
        }
        self.clear(cells.len(), cut.unit.height());
        let (corner, across) = self.blocks_of(cells.len(), cut);
        let width = cut.unit.width();
        let (first, last) = (cut.cols.0 - cut.unit.cols.0, cut.cols.1 - cut.unit.cols.0);
        let block_cols: Vec<usize> = (cut.cols.0..cut.cols.1)
            .map(|col| if across > 0 { self.lattice.block([0, col])[1] - corner[1] } else { 0 })
            .collect();
        for row in 0..cut.unit.height() {
            let codes: Vec<&[i64]> = cells
                .iter()
                .map(|of| of.codes().get(row * width + first..row * width + last))
                .map(Option::unwrap_or_default)
                .collect();
            let block_row = if across > 0 {
                self.lattice.block([cut.unit.rows.0 + row, 0])[0] - corner[0]
            } else {
                0
            };
            let blocks = (across > 0).then_some((block_row * across, &block_cols[..]));
            self.row(row, &codes, blocks);
        }
        for (channel, of) in cells.iter().enumerate() {
            self.add_faulty(of, channel, (width, first, last));
        }
        self.faulty.sort_by_key(|run| (run.row, run.channel, run.first));
        Made::Stored(self.words(across, (last - first) * cut.unit.height()))
    }

    fn clear(&mut self, channels: usize, height: usize) {
        self.people.clear();
        self.sums.clear();
        self.faulty.clear();
        self.gaps.resize_with(channels, Default::default);
        for set in self.gaps.iter_mut().flatten() {
            set.clear();
            set.resize(height, [0; 4]);
        }
    }

    /// Makes room for the blocks of a tile; its first one, and how many lie across: none if sums of
    /// blocks are not kept.
    fn blocks_of(&mut self, channels: usize, cut: Cut) -> ([usize; 2], usize) {
        self.blocks.clear();
        if !self.lattice.keeps_sums() || cut.unit.height() == 0 {
            return ([0, 0], 0);
        }
        let corner = self.lattice.block([cut.unit.rows.0, cut.cols.0]);
        let end = self.lattice.block([cut.unit.rows.1 - 1, cut.cols.1 - 1]);
        let across = end[1] - corner[1] + 1;
        self.blocks.resize((end[0] - corner[0] + 1) * across * channels, 0);
        (corner, across)
    }

    /// Adds a row of cells; `blocks` has the place of its first block, and that of each column in it.
    fn row(&mut self, row: usize, codes: &[&[i64]], blocks: Option<(usize, &[usize])>) {
        let channels = codes.len();
        let start = (self.sums.len() / channels) as u32;
        let mut bits = [0u64; 4];
        self.row_sums.clear();
        self.row_sums.resize(channels, 0);
        for (word, bits) in bits.iter_mut().enumerate() {
            let mut populated = 0;
            for (channel, codes) in codes.iter().enumerate() {
                let end = codes.len().min(64 * (word + 1));
                let [people, nodata, unknown] =
                    masks(codes.get(64 * word..end).unwrap_or_default());
                populated |= people;
                self.gaps[channel][0][row][word] = nodata;
                self.gaps[channel][1][row][word] = unknown;
            }
            while populated != 0 {
                let col = 64 * word + populated.trailing_zeros() as usize;
                if self.cell((row, col), codes, blocks) {
                    *bits |= 1 << (col % 64);
                }
                populated &= populated - 1;
            }
        }
        self.people.push(ranked(bits, start));
    }

    /// Adds a cell where somebody lives; false if there are more than fixed point holds in the row.
    fn cell(
        &mut self,
        (row, col): (usize, usize),
        codes: &[&[i64]],
        blocks: Option<(usize, &[usize])>,
    ) -> bool {
        let mut is_added = false;
        for (channel, codes) in codes.iter().enumerate() {
            let steps = codes[col].max(0);
            let Some(sum) = self.row_sums[channel].checked_add(steps) else {
                self.push_faulty(row, channel, col, Fixed(steps).people());
                continue;
            };
            self.row_sums[channel] = sum;
            is_added |= steps > 0;
            if let Some((first, cols)) = blocks {
                let block = &mut self.blocks[(first + cols[col]) * self.row_sums.len() + channel];
                *block = block.cast_signed().saturating_add(steps).cast_unsigned();
            }
        }
        if is_added {
            self.sums.extend(self.row_sums.iter().map(|sum| sum.cast_unsigned()));
        }
        is_added
    }

    /// Adds the faulty cells of a channel of a unit that lie in some of its columns.
    fn add_faulty(&mut self, cells: &Cells, channel: usize, unit: (usize, usize, usize)) {
        let (width, first, last) = unit;
        for (place, value) in cells.faulty() {
            let (row, col) = (place / width.max(1), place % width.max(1));
            if (first..last).contains(&col) {
                self.push_faulty(row, channel, col - first, *value);
            }
        }
    }

    /// Lengthens the last run or starts another.
    fn push_faulty(&mut self, row: usize, channel: usize, col: usize, value: f64) {
        match self.faulty.last_mut() {
            Some(run)
                if (run.row, run.channel, run.last) == (row, channel, col)
                    && run.value.to_bits() == value.to_bits() =>
            {
                run.last += 1;
            }
            _ => self.faulty.push(FaultyRun { row, channel, first: col, last: col + 1, value }),
        }
    }

    /// The words of a tile of so many cells.
    fn words(&self, across: usize, cells: usize) -> Box<[u64]> {
        let channels = self.gaps.len();
        let populated = self.sums.len() / channels.max(1);
        let is_alike = self.gaps.windows(2).all(|pair| pair[0] == pair[1]);
        let gaps = if is_alike { self.gaps.get(..1).unwrap_or_default() } else { &self.gaps[..] };
        let mut words = vec![0; HEAD + gaps.len()];
        if populated > 0 {
            words.extend(self.people.iter().flatten());
            words.extend(&self.sums);
        }
        for (channel, [nodata, unknown]) in gaps.iter().enumerate() {
            let mut set = |set: &[[u64; 4]]| -> u32 {
                let held: u32 = set.iter().flatten().map(|word| word.count_ones()).sum();
                if held == 0 {
                    return NONE;
                } else if held as usize == cells {
                    return ALL;
                } else if held as usize + populated == cells && self.is_rest(set) {
                    return REST;
                }
                let at = words.len() as u32;
                words.extend(set.iter().flat_map(|bits| ranked(*bits, 0)));
                at
            };
            let sets = both(set(nodata), set(unknown));
            words[HEAD + channel] = sets;
        }
        words[0] = populated as u64 | (self.people.len() as u64) << 32 | u64::from(is_alike) << 48;
        words[1] = both(self.faulty.len() as u32, words.len() as u32);
        for run in &self.faulty {
            let parts = [run.row, run.channel, run.first, run.last].map(|part| part as u64);
            words.push(parts[0] | parts[1] << 16 | parts[2] << 32 | parts[3] << 48);
            words.push(run.value.to_bits());
        }
        if populated > 0 && across > 0 {
            words[2] = both(words.len() as u32, across as u32);
            words.extend(&self.blocks);
        }
        words.into()
    }

    /// Whether no populated cell is in a set.
    fn is_rest(&self, set: &[[u64; 4]]) -> bool {
        let rows = self.people.iter().zip(set);
        rows.flat_map(|(people, set)| people.iter().zip(set)).all(|(a, b)| a & b == 0)
    }
}

/// Which of up to 64 cells hold people, the nodata value, no number.
fn masks(codes: &[i64]) -> [u64; 3] {
    let mut masks = [0; 3];
    for (bit, code) in codes.iter().enumerate() {
        masks[0] |= u64::from(*code > 0) << bit;
        masks[1] |= u64::from(*code == NODATA) << bit;
        masks[2] |= u64::from(*code == UNKNOWN) << bit;
    }
    masks
}

/// What all cells of all channels hold, if that is one thing and nobody.
fn uniform(cells: &[Cells], cut: Cut) -> Option<Uniform> {
    let width = cut.unit.width();
    let (first, last) = (cut.cols.0 - cut.unit.cols.0, cut.cols.1 - cut.unit.cols.0);
    let code = *cells.first()?.codes().get(first)?;
    let uniform = match code {
        0 => Uniform::Nobody,
        NODATA => Uniform::Nodata,
        UNKNOWN => Uniform::Unknown,
        _ => return None,
    };
    debug_assert_ne!(code, FAULTY);
    let is_same = |codes: &[i64]| codes.iter().all(|other| *other == code);
    let rows = cells.iter().flat_map(|of| of.codes().chunks_exact(width.max(1)));
    rows.map(|row| row.get(first..last).unwrap_or_default()).all(is_same).then_some(uniform)
}
