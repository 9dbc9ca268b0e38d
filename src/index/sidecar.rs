//! The sidecar: all tiles of a grid in one file, mapped into memory and read where it is touched.
//!
//! ```text
//! page      what it is, sizes, where the rest begins, checksums of it         (4096 bytes)
//! tiles     runs of words (see `tile`), in the order in which they were made
//! belts     for each row of tiles, behind the last of its tiles:
//!             counts and flags                                                (2 words)
//!             an entry for each tile, and one behind the last                 (4 words each)
//!             checksums of bases                                              (32 bits each)
//!             bases: for each stored tile, and for the end of the row, what lies left of it in each row
//!                    of cells: people, one word a channel; cells without a value, one word a gap set
//! table     where each belt is, and the checksum of its head                  (2 words each)
//! facts     which rasters, as JSON
//! ```
//!
//! Everything is little-endian, in words of 64 bits. Every part has a checksum (CRC-32), which is
//! looked at when the part is first touched: a page that rotted is noticed before a number of it is used.
//! A checksum says nothing about who made it, so places, counts and sums behind one are looked at as well:
//! none leads out of its part, and sums only grow. A file is never changed once it has its name.

use super::tile::{Gaps, HEAD, ROW, Slot, Tile, Uniform, WIDTH};
use memmap2::{Advice, Mmap};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

/// The first eight bytes.
pub(super) const MAGIC: u64 = u64::from_le_bytes(*b"civexpop");
/// Files of other versions are made anew.
pub(super) const VERSION: u32 = 1;
/// Words of the page.
pub(super) const PAGE: usize = 512;
/// Words of an entry.
pub(super) const ENTRY: usize = 4;
/// The kind of an entry whose tile is stored.
pub(super) const STORED: u32 = 3;
/// Words of a belt before its entries.
pub(super) const BELT_HEAD: usize = 2;
/// Flags of a belt.
pub(super) const HAS_BASES: u64 = 1;
pub(super) const IS_ALIKE: u64 = 2;
pub(super) const HAS_FAULTY: u64 = 4;

/// The most bytes of facts: 64 MiB.
const MOST_FACTS: usize = 64 << 20;

/// Whether a part was looked at.
const UNSEEN: u8 = 0;
const SOUND: u8 = 1;

/// What a file says is not what was written into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotten;

/// Why a file cannot be used as a sidecar.
#[derive(Debug)]
pub(super) enum Unusable {
    /// It cannot be opened or mapped: gone, or not allowed.
    Unreadable,
    /// It is of another version, cut short, or no sidecar at all.
    Foreign(&'static str),
    /// It is of a grid of other cells than the one that is wanted.
    OfOtherCells,
}

/// The words of a page, by what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    /// Bytes of the whole file.
    pub(super) bytes: u64,
    /// Columns and rows of the grid.
    pub(super) size: (usize, usize),
    /// Rows of a tile.
    pub(super) height: usize,
    pub(super) channels: usize,
    /// Where the table begins, in words.
    pub(super) table: usize,
    pub(super) table_crc: u32,
    /// Where the facts begin, in words, and how many bytes they have.
    pub(super) facts: (usize, usize),
    pub(super) facts_crc: u32,
}

impl Page {
    /// As the words of a file.
    pub(super) fn words(&self) -> Vec<u64> {
        let mut words = vec![0; PAGE];
        let parts = [
            self.bytes,
            self.size.0 as u64,
            self.size.1 as u64,
            self.height as u64,
            self.channels as u64,
            self.table as u64,
            u64::from(self.table_crc),
            self.facts.0 as u64,
            self.facts.1 as u64,
            u64::from(self.facts_crc),
        ];
        words[2..2 + parts.len()].copy_from_slice(&parts);
        words[0] = MAGIC;
        words[1] = u64::from(VERSION) | u64::from(crc(&words[2..])) << 32;
        words
    }

    /// From the words of a file.
    fn read(words: &[u64]) -> Result<Self, Unusable> {
        let page = words.get(..PAGE).ok_or(Unusable::Foreign("it is cut short"))?;
        if page[0] != MAGIC {
            return Err(Unusable::Foreign("it is no population index"));
        }
        if page[1] as u32 != VERSION {
            return Err(Unusable::Foreign("it was made by another version"));
        }
        if (page[1] >> 32) as u32 != crc(&page[2..]) {
            return Err(Unusable::Foreign("its first page is damaged"));
        }
        let read = Self {
            bytes: page[2],
            size: (page[3] as usize, page[4] as usize),
            height: page[5] as usize,
            channels: page[6] as usize,
            table: page[7] as usize,
            table_crc: page[8] as u32,
            facts: (page[9] as usize, page[10] as usize),
            facts_crc: page[11] as u32,
        };
        if read.bytes != words.len() as u64 * 8 {
            return Err(Unusable::Foreign("it is cut short"));
        }
        if read.fits(words.len()) {
            Ok(read)
        } else {
            Err(Unusable::Foreign("its sizes make no sense"))
        }
    }

    /// Whether a file of so many words can hold what it says, and what it says can take so many.
    fn fits(&self, words: usize) -> bool {
        let is_sound = (1..=4096).contains(&self.height)
            && (1..=usize::from(u16::MAX)).contains(&self.channels)
            && [self.size.0, self.size.1]
                .iter()
                .all(|cells| (1..=u32::MAX as usize).contains(cells));
        let entries = || self.down().checked_mul(ENTRY * (self.across() + 1));
        let facts = || self.facts.0.checked_mul(8)?.checked_add(self.facts.1);
        is_sound
            && entries().is_some_and(|entries| entries <= words)
            && facts().is_some_and(|end| end <= words * 8)
            && self.facts.1 <= MOST_FACTS
            && self.table <= words
            && words <= self.most_words()
    }

    /// Words that no file of such tiles exceeds: people, a set of gaps, a faulty run and a block in every cell.
    fn most_words(&self) -> usize {
        let (across, channels) = (self.across(), self.channels);
        let of_row = (4 * WIDTH + 2 * ROW).saturating_mul(channels) + ROW;
        let tile = of_row.saturating_mul(self.height).saturating_add(HEAD + channels);
        let bases = self.height.saturating_mul(2 * channels);
        let belt = across.saturating_mul(tile.saturating_add(bases).saturating_add(ENTRY + 1));
        let belt = belt.saturating_add(bases).saturating_add(BELT_HEAD + ENTRY + 4);
        self.down().saturating_mul(belt).saturating_add(PAGE + MOST_FACTS / 8)
    }

    /// Tiles of a row.
    pub(super) const fn across(&self) -> usize {
        self.size.0.div_ceil(WIDTH)
    }

    /// Rows of tiles.
    pub(super) const fn down(&self) -> usize {
        self.size.1.div_ceil(self.height)
    }

    /// Rows of cells in a row of tiles.
    pub(super) fn rows_of(&self, belt: usize) -> usize {
        self.height.min(self.size.1.saturating_sub(belt * self.height))
    }
}

/// The checksum of words, as bytes of a file.
pub(super) fn crc(words: &[u64]) -> u32 {
    crc32fast::hash(bytemuck::cast_slice(words))
}

/// Whether a file begins like a sidecar, of whatever version.
#[must_use]
pub fn is_sidecar(path: &Path) -> bool {
    let mut begin = [0; 8];
    let is_file = std::fs::metadata(path).is_ok_and(|facts| facts.is_file());
    let mut read = || File::open(path)?.read_exact(&mut begin);
    is_file && read().is_ok() && u64::from_le_bytes(begin) == MAGIC
}

/// A sidecar file that is open.
pub(super) struct Sidecar {
    map: Mmap,
    page: Page,
    path: PathBuf,
    /// Which belts, tiles and bases are known to be sound.
    seen: Vec<AtomicU8>,
    /// What the file system told of the file that is mapped.
    file: Metadata,
}

/// One row of tiles.
#[derive(Debug, Clone, Copy)]
pub(super) struct Belt<'s> {
    words: &'s [u64],
    place: usize,
    rows: usize,
    across: usize,
    channels: usize,
}

/// What lies left of a tile, in one row of cells.
pub(super) struct LeftOf<'s> {
    base: &'s [u64],
    uniform: Gaps,
    channels: usize,
    is_alike: bool,
}

impl LeftOf<'_> {
    /// People, in steps.
    pub(super) fn people(&self, channel: usize) -> i64 {
        self.base.get(channel).map_or(0, |steps| steps.cast_signed())
    }

    /// Cells that tell none.
    pub(super) fn gaps(&self, channel: usize) -> Gaps {
        let set = self.channels + if self.is_alike { 0 } else { channel };
        let gaps = self.base.get(set).copied().unwrap_or_default();
        Gaps {
            nodata: (gaps as u32).saturating_add(self.uniform.nodata),
            unknown: ((gaps >> 32) as u32).saturating_add(self.uniform.unknown),
        }
    }
}

impl Belt<'_> {
    fn flags(&self) -> u64 {
        self.words.get(1).copied().unwrap_or_default()
    }

    /// Whether it tells what lies left of each tile.
    pub(super) fn has_bases(&self) -> bool {
        self.flags() & HAS_BASES != 0
    }

    pub(super) fn has_faulty(&self) -> bool {
        self.flags() & HAS_FAULTY != 0
    }

    fn stored(&self) -> usize {
        (self.words.first().copied().unwrap_or_default() >> 32) as usize
    }

    fn entry(&self, tile: usize) -> &[u64] {
        let at = BELT_HEAD + ENTRY * tile;
        self.words.get(at..at + ENTRY).unwrap_or_default()
    }

    /// All of its words.
    pub(super) const fn words(&self) -> &[u64] {
        self.words
    }

    /// Where a tile is kept, in words, how many, and its checksum.
    pub(super) fn place_of(&self, tile: usize) -> (u64, u32, u32) {
        match *self.entry(tile) {
            [begin, counts, kind, _] if (kind >> 32) as u32 == STORED => {
                (begin, counts as u32, (counts >> 32) as u32)
            }
            _ => (0, 0, 0),
        }
    }

    /// Words of its bases: of all rows left of one tile.
    fn base_words(&self) -> usize {
        let sets = if self.flags() & IS_ALIKE != 0 { 1 } else { self.channels };
        self.rows * (self.channels + sets)
    }

    /// Whether its counts are those of its entries, and its words as many as they tell.
    fn is_sound(&self) -> bool {
        let mut stored = 0;
        let are_entries_sound = (0..=self.across).all(|tile| {
            let [_, _, place, before] = *self.entry(tile) else { return false };
            let (kind, is_last) = ((place >> 32) as u32, tile == self.across);
            let is_numbered = place as u32 as usize == stored;
            stored += usize::from(kind == STORED);
            let left = tile.saturating_mul(WIDTH);
            is_numbered
                && kind <= if is_last { 0 } else { STORED }
                && (before as u32 as usize) <= left
                && (before >> 32) as usize <= left
        });
        let bases =
            if self.has_bases() { (stored + 1).checked_mul(self.base_words()) } else { Some(0) };
        let wanted = bases.and_then(|bases| bases.checked_add(head_words(self.across, stored)));
        are_entries_sound
            && self.stored() == stored
            && self.words.first().is_some_and(|counts| *counts as u32 as usize == self.across)
            && wanted == Some(self.words.len())
    }
}

/// Words of the head of a belt: all but its bases.
pub(super) const fn head_words(across: usize, stored: usize) -> usize {
    BELT_HEAD + ENTRY * (across + 1) + (stored + 1).div_ceil(2)
}

impl Sidecar {
    /// Maps a file that is open and looks at its page, its table and its facts. With a size, a file of other
    /// cells is left alone after its page.
    pub(super) fn of_file(
        file: &File,
        path: &Path,
        size: Option<(usize, usize)>,
    ) -> Result<Self, Unusable> {
        let facts = file.metadata().map_err(|_any| Unusable::Unreadable)?;
        let length = facts.len();
        if length < PAGE as u64 * 8 || !length.is_multiple_of(8) {
            return Err(Unusable::Foreign("it is cut short"));
        }
        #[expect(
            unsafe_code,
            reason = "a map of a file is sound as long as nobody changes it: sidecars get their name when \
                      they are complete, are replaced and removed by name, and never written to again"
        )]
        // SAFETY: see the reason above.
        let map = unsafe { Mmap::map(file) }.map_err(|_any| Unusable::Unreadable)?;
        let words: &[u64] = bytemuck::try_cast_slice(&map)
            .map_err(|_uneven| Unusable::Foreign("it is cut short"))?;
        let page = Page::read(words)?;
        if size.is_some_and(|size| size != page.size) {
            return Err(Unusable::OfOtherCells);
        }
        let table = words.get(page.table..page.table.saturating_add(2 * page.down()));
        if table.map(crc) != Some(page.table_crc) {
            return Err(Unusable::Foreign("its table is damaged"));
        }
        let parts = page.down() * (2 * page.across() + 3);
        let seen = std::iter::repeat_with(|| AtomicU8::new(UNSEEN)).take(parts).collect();
        let sidecar = Self { map, page, path: path.to_path_buf(), seen, file: facts };
        if crc32fast::hash(sidecar.facts()) != page.facts_crc {
            return Err(Unusable::Foreign("its facts are damaged"));
        }
        Ok(sidecar)
    }

    fn words(&self) -> &[u64] {
        // The map was found to be whole words when it was opened.
        bytemuck::try_cast_slice(&self.map).unwrap_or_default()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn page(&self) -> &Page {
        &self.page
    }

    /// What the file system told of the file when it was mapped.
    pub(super) const fn file(&self) -> &Metadata {
        &self.file
    }

    /// SHA-256 of all of it.
    pub(super) fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.map).into()
    }

    pub(super) const fn channels(&self) -> usize {
        self.page.channels
    }

    /// The rasters it was made from, as JSON.
    pub(super) fn facts(&self) -> &[u8] {
        let (at, bytes) = self.page.facts;
        self.map.get(at * 8..(at * 8).saturating_add(bytes)).unwrap_or_default()
    }

    /// Asks the system to read all of it ahead.
    pub(super) fn prefetch(&self) {
        let _asked = self.map.advise(Advice::WillNeed);
    }

    /// Looks at the checksum of a part and whether it makes sense, once.
    fn check(
        &self,
        part: usize,
        (words, wanted): (&[u64], u32),
        is_sound: impl FnOnce() -> bool,
    ) -> Result<(), Rotten> {
        let seen = self.seen.get(part).ok_or(Rotten)?;
        if seen.load(Ordering::Relaxed) == SOUND {
            return Ok(());
        }
        if crc(words) != wanted || !is_sound() {
            return Err(Rotten);
        }
        seen.store(SOUND, Ordering::Relaxed);
        Ok(())
    }

    /// The first of the parts of a belt: its head, its tiles, its bases.
    const fn part(&self, belt: usize) -> usize {
        belt * (2 * self.page.across() + 3)
    }

    /// A row of tiles.
    pub(super) fn belt(&self, place: usize) -> Result<Belt<'_>, Rotten> {
        if place >= self.page.down() {
            return Err(Rotten);
        }
        let at = self.page.table + 2 * place;
        let [begin, counts] = *self.words().get(at..at + 2).ok_or(Rotten)? else {
            return Err(Rotten);
        };
        let across = self.page.across();
        let begin = begin as usize;
        let end = begin.checked_add(counts as u32 as usize).ok_or(Rotten)?;
        let words = self.words().get(begin..end).ok_or(Rotten)?;
        let rows = self.page.rows_of(place);
        let belt = Belt { words, place, rows, across, channels: self.page.channels };
        let head = words.get(..head_words(across, belt.stored())).ok_or(Rotten)?;
        self.check(self.part(place), (head, (counts >> 32) as u32), || belt.is_sound())?;
        Ok(belt)
    }

    /// A tile of a belt.
    pub(super) fn tile<'s>(&'s self, belt: &Belt<'s>, tile: usize) -> Result<Slot<'s>, Rotten> {
        let [begin, counts, kind, _] = *belt.entry(tile) else { return Err(Rotten) };
        let kind = (kind >> 32) as u32;
        if kind != STORED {
            return Ok(Slot::Uniform(Uniform::from_code(kind)));
        }
        let begin = begin as usize;
        let end = begin.checked_add(counts as u32 as usize).ok_or(Rotten)?;
        let words = self.words().get(begin..end).ok_or(Rotten)?;
        let stored = Tile { words, channels: belt.channels };
        let width = WIDTH.min(self.page.size.0.saturating_sub(tile * WIDTH));
        let is_sound = || stored.is_sound(belt.rows, width);
        self.check(self.part(belt.place) + 1 + tile, (words, (counts >> 32) as u32), is_sound)?;
        Ok(Slot::Stored(stored))
    }

    /// What lies left of a tile of a belt, in one of its rows of cells.
    pub(super) fn left_of<'s>(
        &self,
        belt: &Belt<'s>,
        tile: usize,
        row: usize,
    ) -> Result<LeftOf<'s>, Rotten> {
        let at = BELT_HEAD + ENTRY * tile;
        let entry = belt.words.get(at..at + ENTRY).ok_or(Rotten)?;
        let [_, _, ordinal, before] = *entry else { return Err(Rotten) };
        let ordinal = ordinal as u32 as usize;
        let is_alike = belt.flags() & IS_ALIKE != 0;
        let width = belt.channels + if is_alike { 1 } else { belt.channels };
        let head = head_words(belt.across, belt.stored());
        let begin = head + ordinal * belt.base_words();
        let bases = belt.words.get(begin..begin + belt.base_words()).ok_or(Rotten)?;
        let checksums = BELT_HEAD + ENTRY * (belt.across + 1);
        let word = belt.words.get(checksums + ordinal / 2).copied().ok_or(Rotten)?;
        let wanted = if ordinal.is_multiple_of(2) { word as u32 } else { (word >> 32) as u32 };
        let part = self.part(belt.place) + 2 + belt.across + ordinal;
        self.check(part, (bases, wanted), || true)?;
        Ok(LeftOf {
            base: bases.get(row * width..(row + 1) * width).ok_or(Rotten)?,
            uniform: Gaps { nodata: before as u32, unknown: (before >> 32) as u32 },
            channels: belt.channels,
            is_alike,
        })
    }

    /// Looks at every checksum.
    pub(super) fn verify(&self) -> Result<(), Rotten> {
        let belts = || (0..self.page.down()).into_par_iter();
        let across = self.page.across();
        // No two tiles share words, so looking at all of them is looking at the file once.
        let words_of = |place: usize| {
            let belt = self.belt(place)?;
            let tiles = (0..across).map(|tile| u64::from(belt.place_of(tile).1)).sum::<u64>();
            Ok(tiles.saturating_add(belt.words.len() as u64))
        };
        let together = |a: u64, b: u64| Ok(a.saturating_add(b));
        if belts().map(words_of).try_reduce(|| 0, together)? > self.words().len() as u64 {
            return Err(Rotten);
        }
        belts().try_for_each(|place| {
            let belt = self.belt(place)?;
            for tile in 0..across {
                self.tile(&belt, tile)?;
                if belt.has_bases() {
                    self.left_of(&belt, tile, 0)?;
                }
            }
            if belt.has_bases() {
                self.left_of(&belt, across, 0)?;
            }
            Ok(())
        })
    }
}
