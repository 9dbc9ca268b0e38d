//! The population index: what cells and spans of cells of the rasters of one grid hold.
//!
//! The grid is divided into tiles of 256 columns by as many rows as suit the blocks of the files. With a
//! sidecar file nothing is read but what is asked for; without one the blocks under an area are decoded
//! when it asks first, each once. Answers are the same, to the last bit.

use super::blocks::Blocks;
use super::build;
use super::cache::{Cache, Kept, Part, touch};
use super::lattice::Lattice;
use super::memory::{Allowance, Memory, Stack, Stopped, Through};
use super::prove::{self, Proof};
use super::sidecar::{Sidecar, Unusable};
use super::view::{Form, View};
use crate::error::ReadError;
use crate::model::{Budget, Grid, Window};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// People of rasters that have the same cells, one channel each.
pub struct PopulationIndex<'b> {
    stack: Stack<'b>,
    memory: Memory,
    sidecar: Option<Sidecar>,
    /// Whether the sidecar was found to be damaged.
    distrusted: AtomicBool,
    /// The channels as they are in memory, and as the sidecar has them.
    own: Vec<usize>,
    stored: Vec<usize>,
}

/// What became of building a sidecar.
#[derive(Debug)]
pub enum Built {
    /// It is in use; it gets its name by [`Saving::save`].
    Made(Saving),
    /// It could not be written: why. Nothing is lost but time.
    NotWritten(io::Error),
    /// Reading one block takes more memory than may be used.
    TooLarge,
}

/// A sidecar that is in use and has not got its name yet.
pub struct Saving {
    part: Part,
    cache: Option<Cache>,
}

impl std::fmt::Debug for Saving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Saving")
    }
}

impl Saving {
    /// Gives the file its name when all of it is on the disk, and keeps the cache within its limit.
    ///
    /// # Errors
    ///
    /// If the disk is full, or the folder cannot be written any more.
    pub fn save(self) -> io::Result<PathBuf> {
        let path = self.part.save()?;
        if let Some(cache) = self.cache {
            cache.tidy(&path);
        }
        Ok(path)
    }
}

impl<'b> PopulationIndex<'b> {
    /// The index of rasters that have the cells of a grid and the same units; at least one. Nothing is read
    /// yet.
    #[must_use]
    pub fn new(grid: &Grid, channels: Vec<&'b dyn Blocks>, allowance: Allowance) -> Self {
        let own: Vec<usize> = (0..channels.len()).collect();
        Self {
            stack: Stack::new(channels, Lattice::of(grid)),
            memory: Memory::new(allowance),
            sidecar: None,
            distrusted: AtomicBool::new(false),
            stored: own.clone(),
            own,
        }
    }

    /// Uses a sidecar, whose channels are given for each of the index. Refused if it is of other cells.
    pub fn attach(&mut self, kept: Kept, channels: Vec<usize>) -> bool {
        let page = kept.sidecar.page();
        let fits = page.size == self.stack.size
            && page.height == self.stack.units.height
            && channels.len() == self.own.len()
            && channels.iter().all(|stored| *stored < page.channels);
        if fits {
            if kept.is_cached {
                touch(kept.path());
            }
            self.sidecar = Some(kept.sidecar);
            self.stored = channels;
        }
        fits
    }

    /// Compares every number of a sidecar with the rasters; `channels` as for [`PopulationIndex::attach`], and
    /// `progress` is told of cells read.
    ///
    /// # Errors
    ///
    /// If a block of a raster cannot be read.
    pub fn prove(
        &self,
        kept: &Kept,
        channels: &[usize],
        budget: Budget,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Proof, ReadError> {
        prove::prove(&self.stack, kept, channels, Through { budget, progress })
    }

    /// SHA-256 of the sidecar that answers.
    #[must_use]
    pub fn sidecar_sha256(&self) -> Option<[u8; 32]> {
        self.sidecar().map(Sidecar::sha256)
    }

    /// Makes a sidecar and uses it at once. `facts` tells what it is made from, as JSON, given the people of
    /// each channel; `progress` is told of cells read.
    ///
    /// # Errors
    ///
    /// If a block of a raster cannot be read.
    pub fn build(
        &mut self,
        (path, cache): (&Path, Option<&Cache>),
        facts: &dyn Fn(&[f64]) -> Vec<u8>,
        budget: Budget,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Built, ReadError> {
        let mut part = match Part::new(path, cache) {
            Ok(part) => part,
            Err(error) => return Ok(Built::NotWritten(error)),
        };
        match build::build(&self.stack, part.file(), facts, Through { budget, progress }) {
            Ok(()) => {}
            Err(Stopped::Read(error)) => return Err(error),
            Err(Stopped::By(error)) => return Ok(Built::NotWritten(error)),
            Err(Stopped::TooLarge) => return Ok(Built::TooLarge),
        }
        match Sidecar::of_file(part.file(), path, None) {
            Ok(sidecar) => {
                self.sidecar = Some(sidecar);
                self.stored.clone_from(&self.own);
                Ok(Built::Made(Saving { part, cache: cache.cloned() }))
            }
            Err(Unusable::Unreadable | Unusable::Foreign(_) | Unusable::OfOtherCells) => {
                Ok(Built::NotWritten(io::ErrorKind::InvalidData.into()))
            }
        }
    }

    /// Refuses a window whose cells may take more memory than the budget has.
    ///
    /// # Errors
    ///
    /// As those of [`view`](Self::view), but nothing is read.
    pub fn admit(&self, window: Window) -> Result<(), ReadError> {
        if self.sidecar().is_none() {
            self.memory.admit(&self.stack, window)?;
        }
        Ok(())
    }

    /// The cells under a window. Without a sidecar, what is not held yet is read.
    ///
    /// # Errors
    ///
    /// If a block cannot be read, or if what is under the window may take more memory than the budget has:
    /// that is told before any of it is read, since at worst there are people in every cell. A raster whose
    /// faulty cells take more than people would is given up where the budget ends.
    pub fn view(&self, window: Window) -> Result<View<'_>, ReadError> {
        let (form, channels) = match self.sidecar() {
            Some(sidecar) => (Form::Sidecar(sidecar), &self.stored),
            None => (Form::Memory(self.memory.under(&self.stack, window)?), &self.own),
        };
        let Stack { lattice, size, units, .. } = &self.stack;
        Ok(View { lattice, size: *size, height: units.height, form, channels })
    }

    /// The sidecar, if it is to be trusted.
    fn sidecar(&self) -> Option<&Sidecar> {
        self.sidecar.as_ref().filter(|_| !self.distrusted.load(Ordering::Relaxed))
    }

    /// Whether a sidecar answers.
    #[must_use]
    pub fn has_sidecar(&self) -> bool {
        self.sidecar().is_some()
    }

    /// Leaves the sidecar alone from now on, since it is damaged: everything is read from the rasters.
    pub fn distrust(&self) {
        self.distrusted.store(true, Ordering::Relaxed);
    }

    /// The sidecar file that was found to be damaged.
    #[must_use]
    pub fn distrusted(&self) -> Option<&Path> {
        let path = self.sidecar.as_ref().map(Sidecar::path);
        path.filter(|_| self.distrusted.load(Ordering::Relaxed))
    }

    /// Asks the system to read all of the sidecar ahead.
    pub fn prefetch(&self) {
        if let Some(sidecar) = self.sidecar() {
            sidecar.prefetch();
        }
    }

    /// Cells that were read from the rasters to be asked; none with a sidecar.
    #[must_use]
    pub fn cells_read(&self) -> u64 {
        self.memory.cells()
    }

    /// What reading all cells into memory takes at worst, in bytes.
    #[must_use]
    pub fn most_bytes(&self) -> u64 {
        let (down, across) = self.stack.units.counts(self.stack.size);
        self.stack.most_bytes(down.saturating_mul(across)).0
    }

    /// Rows and columns of the units that a window touches.
    #[must_use]
    pub fn units_under(&self, window: Window) -> [(usize, usize); 2] {
        let units = self.stack.units;
        let cover = |(first, last): (usize, usize), of: usize| (first / of, last.div_ceil(of));
        [cover(window.rows, units.height), cover(window.cols, units.width)]
    }

    /// Rows of a unit and of its tiles.
    #[must_use]
    pub const fn unit_rows(&self) -> usize {
        self.stack.units.height
    }

    /// How many units there are.
    #[must_use]
    pub fn units(&self) -> u64 {
        let (down, across) = self.stack.units.counts(self.stack.size);
        (down as u64).saturating_mul(across as u64)
    }

    /// The blocks in which peaks are looked for.
    #[must_use]
    pub fn lattice(&self) -> &Lattice {
        &self.stack.lattice
    }

    /// Columns and rows.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        self.stack.size
    }
}
