//! A sidecar file in the making: every block of the rasters is read once, in parallel, in the order of
//! the grid, and what is done is written behind what was written before.
//!
//! Memory holds a unit a worker, and for rows of tiles that are not complete yet what each of their tiles
//! adds to those right of it; never the raster, never the index.

use super::memory::{Stack, Stopped, Through, Unit};
use super::sidecar::{
    BELT_HEAD, ENTRY, HAS_BASES, HAS_FAULTY, IS_ALIKE, PAGE, Page, STORED, crc, head_words,
};
use super::tile::{Gaps, Slot, Tile, WIDTH};
use crate::measure::Sum;
use crate::model::Window;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a tile is in its belt, and what it adds to the tiles right of it.
pub(super) struct Done {
    kind: u32,
    /// Where it is, in words, and how many; its checksum.
    at: (u64, u32, u32),
    has_faulty: bool,
    is_alike: bool,
    /// People of each row, one word a channel.
    people: Vec<i64>,
    /// Cells without a value of each row, one a gap set.
    gaps: Vec<Gaps>,
}

impl Done {
    /// A tile of so many rows and columns that is kept at some place.
    pub(super) fn of(
        slot: Slot,
        (rows, width): (usize, usize),
        channels: usize,
        at: (u64, u32, u32),
    ) -> Self {
        let tile = match slot {
            Slot::Uniform(uniform) => {
                return Self {
                    kind: uniform as u32,
                    at: (0, 0, 0),
                    has_faulty: false,
                    is_alike: true,
                    people: Vec::new(),
                    gaps: Vec::new(),
                };
            }
            Slot::Stored(tile) => tile,
        };
        let sets = if tile.is_alike() { 1 } else { channels };
        let mut people = Vec::with_capacity(rows * channels);
        let mut gaps = Vec::with_capacity(rows * sets);
        for row in 0..rows {
            let sums = tile.before(row, width);
            people.extend((0..channels).map(|c| sums.get(c).map_or(0, |sum| sum.cast_signed())));
            gaps.extend((0..sets).map(|set| tile.gaps_before(row, width, set)));
        }
        let (has_faulty, is_alike) = (tile.has_faulty(), tile.is_alike());
        Self { kind: STORED, at, has_faulty, is_alike, people, gaps }
    }

    /// Adds its people to those of each channel.
    pub(super) fn add_to(&self, people: &mut [Sum]) {
        for sums in self.people.chunks_exact(people.len().max(1)) {
            people.iter_mut().zip(sums).for_each(|(all, steps)| all.add_steps(*steps));
        }
    }
}

/// A row of tiles of which not all are done.
struct Open {
    /// Units that are missing.
    missing: usize,
    tiles: Vec<Option<Done>>,
}

/// What all workers share.
struct Building<'s, 'b> {
    stack: &'s Stack<'b>,
    page: Page,
    out: Mutex<Out<'s>>,
    open: Mutex<BTreeMap<usize, Open>>,
    /// For each belt, where it is, how many words, and the checksum of its head; people of each channel.
    closed: Mutex<(Vec<[u64; 2]>, Vec<Sum>)>,
}

/// The file, and how many words it has.
struct Out<'f> {
    file: &'f mut File,
    words: u64,
}

impl Out<'_> {
    /// Writes words behind the last; returns where.
    fn append(&mut self, words: &[u64]) -> io::Result<u64> {
        self.file.write_all(bytemuck::cast_slice(words))?;
        let at = self.words;
        self.words += words.len() as u64;
        Ok(at)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes the sidecar of a stack into an empty file; `facts` makes its facts from the people of each
/// channel.
pub(super) fn build(
    stack: &Stack,
    file: &mut File,
    facts: &dyn Fn(&[f64]) -> Vec<u8>,
    through: Through,
) -> Result<(), Stopped<io::Error>> {
    file.write_all(&[0; PAGE * 8]).map_err(Stopped::By)?;
    let page = Page {
        bytes: 0,
        size: stack.size,
        height: stack.units.height,
        channels: stack.channels.len(),
        table: 0,
        table_crc: 0,
        facts: (0, 0),
        facts_crc: 0,
    };
    let people = vec![Sum::default(); page.channels];
    let building = Building {
        stack,
        page,
        out: Mutex::new(Out { file, words: PAGE as u64 }),
        open: Mutex::default(),
        closed: Mutex::new((vec![[0; 2]; page.down()], people)),
    };
    stack.each_unit(through, |place, window, tiles| building.take(place, window, tiles))?;
    building.finish(facts).map_err(Stopped::By)
}

impl Building<'_, '_> {
    /// Writes the tiles of a unit.
    fn take(&self, (row, col): (usize, usize), window: Window, tiles: &Unit) -> io::Result<()> {
        let channels = self.page.channels;
        let mut words = Vec::new();
        let mut done = Vec::with_capacity(tiles.len());
        for (place, made) in tiles.iter().enumerate() {
            let slot = made.slot(channels);
            let size = (window.height(), (window.width() - place * WIDTH).min(WIDTH));
            let stored = match slot {
                Slot::Stored(Tile { words, .. }) => words,
                Slot::Uniform(_) => &[],
            };
            let at = (words.len() as u64, stored.len() as u32, crc(stored));
            words.extend(stored);
            done.push(Done::of(slot, size, channels, at));
        }
        let at = lock(&self.out).append(&words)?;
        for stored in done.iter_mut().filter(|done| done.kind == STORED) {
            stored.at.0 += at;
        }
        self.add(row, col * self.stack.tiles_across(), done)
    }

    /// Adds the tiles of a unit to their belt, and closes the belt if they were the last.
    fn add(&self, row: usize, first: usize, done: Vec<Done>) -> io::Result<()> {
        let across = self.page.across();
        let complete = {
            let mut all = lock(&self.open);
            let units = self.stack.units.counts(self.stack.size).1;
            let open = all.entry(row).or_insert_with(|| Open {
                missing: units,
                tiles: std::iter::repeat_with(|| None).take(across).collect(),
            });
            for (slot, tile) in open.tiles.iter_mut().skip(first).zip(done) {
                *slot = Some(tile);
            }
            open.missing -= 1;
            if open.missing == 0 { all.remove(&row) } else { None }
        };
        match complete {
            Some(open) => self.close(row, &open.tiles.into_iter().flatten().collect::<Vec<_>>()),
            None => Ok(()),
        }
    }

    /// Writes a complete belt.
    fn close(&self, row: usize, tiles: &[Done]) -> io::Result<()> {
        let (words, head) = belt_words(&self.page, row, tiles);
        let head_crc = crc(words.get(..head).unwrap_or_default());
        let at = lock(&self.out).append(&words)?;
        let mut closed = lock(&self.closed);
        closed.0[row] = [at, words.len() as u64 | u64::from(head_crc) << 32];
        for tile in tiles {
            tile.add_to(&mut closed.1);
        }
        Ok(())
    }

    /// Writes what closes the file: the table, the facts, and at last the page that makes it one.
    fn finish(self, facts: &dyn Fn(&[f64]) -> Vec<u8>) -> io::Result<()> {
        let (table, people) = self.closed.into_inner().unwrap_or_else(PoisonError::into_inner);
        let people: Vec<f64> = people.into_iter().map(Sum::people).collect();
        let facts = facts(&people);
        let mut out = self.out.into_inner().unwrap_or_else(PoisonError::into_inner);
        let table: Vec<u64> = table.into_iter().flatten().collect();
        let mut page = self.page;
        page.table = out.append(&table)? as usize;
        page.table_crc = crc(&table);
        page.facts = (out.words as usize, facts.len());
        page.facts_crc = crc32fast::hash(&facts);
        let mut padded = facts.clone();
        padded.resize(facts.len().next_multiple_of(8), b' ');
        out.file.write_all(&padded)?;
        page.bytes = out.words * 8 + padded.len() as u64;
        out.file.seek(SeekFrom::Start(0))?;
        out.file.write_all(bytemuck::cast_slice(&page.words()))?;
        out.file.flush()
    }
}

/// The words of a belt of tiles, and how many of them are its head. They follow from the tiles and where these
/// are kept.
pub(super) fn belt_words(page: &Page, row: usize, tiles: &[Done]) -> (Vec<u64>, usize) {
    let rows = page.rows_of(row);
    let channels = page.channels;
    let is_alike = tiles.iter().all(|tile| tile.is_alike);
    let sets = if is_alike { 1 } else { channels };
    let stored = tiles.iter().filter(|tile| tile.kind == STORED).count();
    let head = head_words(page.across(), stored);
    let mut words = vec![0; head];
    words[0] = tiles.len() as u64 | (stored as u64) << 32;
    words[1] = if is_alike { IS_ALIKE } else { 0 };
    if tiles.iter().any(|tile| tile.has_faulty) {
        words[1] |= HAS_FAULTY;
    }
    add_entries(page, tiles, &mut words);
    let mut left = Left::new(rows, channels, sets);
    let mut fits = true;
    let stored_ones = tiles.iter().filter(|tile| tile.kind == STORED).map(Some);
    for (ordinal, tile) in stored_ones.chain([None]).enumerate() {
        let begin = words.len();
        left.append(&mut words);
        let checksum = u64::from(crc(&words[begin..]));
        words[BELT_HEAD + ENTRY * (page.across() + 1) + ordinal / 2] |=
            checksum << (32 * (ordinal % 2));
        fits &= tile.is_none_or(|tile| left.add(tile));
    }
    if fits {
        words[1] |= HAS_BASES;
    } else {
        words.truncate(head);
    }
    (words, head)
}

/// Fills in the entries of a belt.
fn add_entries(page: &Page, tiles: &[Done], words: &mut [u64]) {
    let (mut ordinal, mut before) = (0u64, Gaps::default());
    let (cols, across) = (page.size.0, page.across());
    for place in 0..=across {
        let Some(entry) =
            words.get_mut(BELT_HEAD + ENTRY * place..).and_then(|w| w.get_mut(..ENTRY))
        else {
            return;
        };
        entry[3] = u64::from(before.nodata) | u64::from(before.unknown) << 32;
        entry[2] = ordinal;
        let Some(tile) = tiles.get(place) else { continue };
        entry[0] = tile.at.0;
        entry[1] = u64::from(tile.at.1) | u64::from(tile.at.2) << 32;
        entry[2] |= u64::from(tile.kind) << 32;
        let width = (cols - place * WIDTH).min(WIDTH) as u32;
        match tile.kind {
            STORED => ordinal += 1,
            1 => before.nodata += width,
            2 => before.unknown += width,
            _ => {}
        }
    }
}

/// What lies left of the next stored tile, in each row.
struct Left {
    people: Vec<i64>,
    gaps: Vec<Gaps>,
    channels: usize,
    sets: usize,
}

impl Left {
    fn new(rows: usize, channels: usize, sets: usize) -> Self {
        let gaps = vec![Gaps::default(); rows * sets];
        Self { people: vec![0; rows * channels], gaps, channels, sets }
    }

    fn append(&self, words: &mut Vec<u64>) {
        for (people, gaps) in
            self.people.chunks_exact(self.channels).zip(self.gaps.chunks_exact(self.sets))
        {
            words.extend(people.iter().map(|steps| steps.cast_unsigned()));
            words.extend(
                gaps.iter().map(|gaps| u64::from(gaps.nodata) | u64::from(gaps.unknown) << 32),
            );
        }
    }

    /// Adds a tile; false if people do not fit.
    fn add(&mut self, tile: &Done) -> bool {
        let mut fits = true;
        for (sum, steps) in self.people.iter_mut().zip(&tile.people) {
            let (next, is_over) = sum.overflowing_add(*steps);
            (*sum, fits) = (next, fits && !is_over);
        }
        let of_tile = tile.gaps.len() * self.sets / self.gaps.len().max(1);
        for (place, sum) in self.gaps.iter_mut().enumerate() {
            let (row, set) = (place / self.sets, place % self.sets);
            let more = tile.gaps.get(row * of_tile + if of_tile == 1 { 0 } else { set });
            if let Some(more) = more {
                sum.nodata += more.nodata;
                sum.unknown += more.unknown;
            }
        }
        fits
    }
}
