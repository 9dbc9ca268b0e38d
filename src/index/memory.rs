//! Tiles read when they are first asked for, each block of the file once, and kept in memory.

use super::blocks::{Blocks, Cells, Reader, Units};
use super::lattice::Lattice;
use super::tile::{Cut, Made, Maker, WIDTH, most_bytes};
use crate::error::{Large, ReadError};
use crate::model::{Budget, Window};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

/// What a worker holds of every cell of its unit and channel, in bytes: numbers, a mask, states, and
/// the tiles in the making.
const WORKER_BYTES: u64 = 40;

/// The tiles of a unit, from left to right.
pub(super) type Unit = Vec<Made>;

/// A unit that is being read, or was.
type Slot = Arc<OnceLock<Result<Arc<Unit>, ReadError>>>;

/// Readers of the rasters, one a channel.
type Readers = Vec<Box<dyn Reader>>;

/// Rasters of one grid, read side by side unit by unit.
pub(super) struct Stack<'b> {
    pub(super) channels: Vec<&'b dyn Blocks>,
    pub(super) units: Units,
    pub(super) size: (usize, usize),
    pub(super) lattice: Lattice,
    /// Readers that no worker uses at the moment.
    idle: Mutex<Vec<Readers>>,
}

/// Why not all units of a stack were gone through.
#[derive(Debug)]
pub(super) enum Stopped<E> {
    /// A raster cannot be read.
    Read(ReadError),
    /// One unit takes more memory than may be used.
    TooLarge,
    /// By whoever took the units.
    By(E),
}

/// With what all units are gone through.
#[derive(Clone, Copy)]
pub(super) struct Through<'a> {
    pub(super) budget: Budget,
    /// Told of cells read.
    pub(super) progress: &'a (dyn Fn(u64) + Sync),
}

/// A worker's readers and buffers.
pub(super) struct Worker<'s, 'b> {
    stack: &'s Stack<'b>,
    readers: Readers,
    cells: Vec<Cells>,
    maker: Maker<'s>,
}

impl<'b> Stack<'b> {
    /// Of rasters that have the same cells and units.
    pub(super) fn new(channels: Vec<&'b dyn Blocks>, lattice: Lattice) -> Self {
        let first = channels.first();
        let units = first.map_or(Units { width: WIDTH, height: 64 }, |blocks| blocks.units());
        let size = first.map_or((0, 0), |blocks| blocks.size());
        Self { channels, units, size, lattice, idle: Mutex::default() }
    }

    /// A worker, with readers of its own.
    pub(super) fn worker(&self) -> Result<Worker<'_, 'b>, ReadError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let open = || self.channels.iter().map(|blocks| blocks.reader()).collect();
        let readers = idle.map_or_else(open, Ok)?;
        let cells = self.channels.iter().map(|_| Cells::default()).collect();
        Ok(Worker { stack: self, readers, cells, maker: Maker::new(&self.lattice) })
    }

    /// Reads every unit once, in parallel and in the order of the grid, and hands its tiles on, with its
    /// row and column among the units and its window. Ends with the first unit, in that order, that fails.
    pub(super) fn each_unit<E: Send>(
        &self,
        through: Through,
        take: impl Fn((usize, usize), Window, &Unit) -> Result<(), E> + Sync,
    ) -> Result<(), Stopped<E>> {
        let Through { budget, progress } = through;
        if let Some(blocks) = self.channels.first() {
            super::survey::refuse_endless(*blocks).map_err(Stopped::Read)?;
        }
        let threads = rayon::current_num_threads() as u64;
        let workers = (budget.bytes / self.worker_bytes().max(1)).min(threads) as usize;
        if workers == 0 {
            return Err(Stopped::TooLarge);
        }
        let (down, across) = self.units.counts(self.size);
        let (next, stops) = (AtomicUsize::new(0), AtomicBool::new(false));
        let failed: Mutex<Option<(usize, Stopped<E>)>> = Mutex::default();
        let work = || -> Result<(), (usize, Stopped<E>)> {
            let mut worker = self.worker().map_err(|error| (0, Stopped::Read(error)))?;
            while !stops.load(Ordering::Relaxed) {
                let unit = next.fetch_add(1, Ordering::Relaxed);
                if unit >= down.saturating_mul(across) {
                    break;
                }
                let place = (unit / across, unit % across);
                let window = self.units.window(place, self.size);
                let tiles = worker.unit(window).map_err(|error| (unit, Stopped::Read(error)))?;
                take(place, window, &tiles).map_err(|failed| (unit, Stopped::By(failed)))?;
                progress((window.width() * window.height()) as u64);
            }
            Ok(())
        };
        rayon::broadcast(|context| {
            if context.index() < workers
                && let Err((unit, by)) = work()
            {
                stops.store(true, Ordering::Relaxed);
                let mut first = failed.lock().unwrap_or_else(PoisonError::into_inner);
                if first.as_ref().is_none_or(|(of, _)| unit < *of) {
                    *first = Some((unit, by));
                }
            }
        });
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, by)) => Err(by),
            None => Ok(()),
        }
    }

    /// Tiles across a unit.
    pub(super) const fn tiles_across(&self) -> usize {
        self.units.width.div_ceil(WIDTH)
    }

    /// What a worker holds at most while it reads, in bytes.
    pub(super) fn worker_bytes(&self) -> u64 {
        let Units { width, height } = self.units;
        let cells = width.min(self.size.0).saturating_mul(height.min(self.size.1)) as u64;
        let of_channel = |blocks: &&dyn Blocks| {
            cells.saturating_mul(WORKER_BYTES).saturating_add(blocks.block_bytes())
        };
        self.channels.iter().map(of_channel).fold(0, u64::saturating_add)
    }
}

impl Worker<'_, '_> {
    /// Reads a unit and makes its tiles, from left to right.
    pub(super) fn unit(&mut self, window: Window) -> Result<Unit, ReadError> {
        for (reader, cells) in self.readers.iter_mut().zip(&mut self.cells) {
            reader.read(window, cells)?;
        }
        let starts = (window.cols.0..window.cols.1).step_by(WIDTH);
        let cut =
            |start: usize| Cut { unit: window, cols: (start, (start + WIDTH).min(window.cols.1)) };
        Ok(starts.map(|start| self.maker.tile(&self.cells, cut(start))).collect())
    }
}

impl Drop for Worker<'_, '_> {
    /// Leaves its readers to the next.
    fn drop(&mut self) {
        let readers = std::mem::take(&mut self.readers);
        self.stack.idle.lock().unwrap_or_else(PoisonError::into_inner).push(readers);
    }
}

/// Units that were read.
pub(super) struct Memory {
    held: RwLock<BTreeMap<(usize, usize), Slot>>,
    cells: AtomicU64,
    allowance: Allowance,
}

/// The memory that several indexes may take together.
#[derive(Debug, Clone)]
pub struct Allowance {
    budget: Budget,
    taken: Arc<AtomicU64>,
}

impl From<Budget> for Allowance {
    fn from(budget: Budget) -> Self {
        Self { budget, taken: Arc::default() }
    }
}

/// The units under a window of cells.
pub(super) struct Under {
    units: Vec<Arc<Unit>>,
    /// Row and column of the first.
    first: (usize, usize),
    across: usize,
    tiles_across: usize,
}

impl Under {
    /// A tile by its row of tiles and its column; `None` beyond the window.
    pub(super) fn tile(&self, row: usize, col: usize) -> Option<&Made> {
        let down = row.checked_sub(self.first.0)?;
        let right = (col / self.tiles_across).checked_sub(self.first.1)?;
        if right >= self.across {
            return None;
        }
        self.units.get(down * self.across + right)?.get(col % self.tiles_across)
    }
}

impl Memory {
    pub(super) fn new(allowance: Allowance) -> Self {
        Self { held: RwLock::default(), cells: AtomicU64::new(0), allowance }
    }

    /// Cells that were read.
    pub(super) fn cells(&self) -> u64 {
        self.cells.load(Ordering::Relaxed)
    }

    /// The units under a window, read if they are not held. What one window takes must fit into the
    /// budget, whoever else works meanwhile; what nobody looks at any more goes where it gets scarce, and
    /// is read again when it is wanted.
    pub(super) fn under(&self, stack: &Stack, window: Window) -> Result<Under, ReadError> {
        let cells = self.admit(stack, window)?;
        let [rows, cols] = units_under(stack, window);
        let budget = self.allowance.budget.bytes;
        let (mut worker, mut own) = (None, 0);
        let mut units = Vec::with_capacity(rows.len() * cols.len());
        for row in rows.clone() {
            for col in cols.clone() {
                let unit = self.unit(stack, (row, col), &mut worker)?;
                own += bytes_of(&unit);
                // A raster whose faulty cells take more than people would.
                if own > budget {
                    return Err(too_large(stack, cells, own.saturating_mul(2), budget));
                }
                units.push(unit);
            }
        }
        let tiles_across = stack.tiles_across();
        Ok(Under { units, first: (rows.start, cols.start), across: cols.len(), tiles_across })
    }

    /// Refuses a window that may not fit; how many cells the units under it have.
    pub(super) fn admit(&self, stack: &Stack, window: Window) -> Result<u64, ReadError> {
        let [rows, cols] = units_under(stack, window);
        let budget = self.allowance.budget.bytes;
        let (needed, cells) = stack.most_bytes(rows.len().saturating_mul(cols.len()));
        if !rows.is_empty() && needed > budget {
            return Err(too_large(stack, cells, needed, budget));
        }
        Ok(cells)
    }

    /// One unit. Who reads it asks for nothing else meanwhile, so that whoever waits for it does not
    /// wait in a circle.
    fn unit<'s, 'b>(
        &self,
        stack: &'s Stack<'b>,
        place: (usize, usize),
        worker: &mut Option<Worker<'s, 'b>>,
    ) -> Result<Arc<Unit>, ReadError> {
        let known = self.held.read().unwrap_or_else(PoisonError::into_inner).get(&place).cloned();
        let slot = known.unwrap_or_else(|| {
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            held.entry(place).or_default().clone()
        });
        let unit = slot.get_or_init(|| {
            if worker.is_none() {
                *worker = Some(stack.worker()?);
            }
            let window = stack.units.window(place, stack.size);
            let unit =
                worker.as_mut().map_or_else(|| Ok(Unit::new()), |worker| worker.unit(window))?;
            self.cells.fetch_add((window.width() * window.height()) as u64, Ordering::Relaxed);
            self.allowance.taken.fetch_add(bytes_of(&unit), Ordering::Relaxed);
            Ok(Arc::new(unit))
        });
        let unit = unit.clone()?;
        if self.allowance.taken.load(Ordering::Relaxed) > self.allowance.budget.bytes {
            self.forget_unused();
        }
        Ok(unit)
    }

    /// Forgets the units that nobody looks at.
    fn forget_unused(&self) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, slot| {
            // Held here alone, and what it holds by it alone.
            let unit = slot.get().and_then(|read| read.as_ref().ok());
            let is_used = unit.is_none_or(|unit| Arc::strong_count(unit) > 1);
            let stays = is_used || Arc::strong_count(slot) > 1;
            if let (false, Some(unit)) = (stays, unit) {
                self.allowance.taken.fetch_sub(bytes_of(unit), Ordering::Relaxed);
            }
            stays
        });
    }
}

fn bytes_of(unit: &Unit) -> u64 {
    unit.iter().map(Made::bytes).sum()
}

/// Rows and columns of the units under a window; none under an empty one.
fn units_under(stack: &Stack, window: Window) -> [Range<usize>; 2] {
    let Units { width, height } = stack.units;
    if window.width() == 0 || window.height() == 0 {
        return [0..0, 0..0];
    }
    [
        window.rows.0 / height..window.rows.1.div_ceil(height),
        window.cols.0 / width..window.cols.1.div_ceil(width),
    ]
}

fn too_large(stack: &Stack, cells: u64, needed: u64, budget: u64) -> ReadError {
    let path = stack.channels.first().map_or_else(String::new, |blocks| blocks.name());
    ReadError::TooLarge { path, what: Large::Cells(cells), needed, budget }
}

impl Stack<'_> {
    /// What so many units take at worst, in bytes, with what a worker holds meanwhile; and their cells.
    pub(super) fn most_bytes(&self, units: usize) -> (u64, u64) {
        let Units { width, height } = self.units;
        let (width, height) = (width.min(self.size.0), height.min(self.size.1));
        let each = |of: usize| (of as u64).saturating_mul(units as u64);
        let tiles = self.tiles_across();
        let all = (self.size.0 as u64).saturating_mul(self.size.1 as u64);
        let cells = each(width.saturating_mul(height)).min(all);
        let channels = self.channels.len() as u64;
        let held = most_bytes(cells, each(tiles * height), each(tiles), channels);
        (held.saturating_add(self.worker_bytes()), cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::PopulationIndex;
    use crate::measure::{Frame, Reference};
    use crate::model::{CellState, Grid};

    /// Cells of which each holds another negative number.
    struct Negative;

    impl Blocks for Negative {
        fn size(&self) -> (usize, usize) {
            (10_240, 64)
        }

        fn units(&self) -> Units {
            Units { width: 256, height: 64 }
        }

        fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
            Ok(Box::new(Self))
        }
    }

    impl Reader for Negative {
        fn read(&mut self, window: Window, cells: &mut Cells) -> Result<(), ReadError> {
            let count = window.width() * window.height();
            cells.clear(count);
            (1..=count).for_each(|cell| cells.push(CellState::Faulty(-(cell as f64))));
            Ok(())
        }
    }

    #[test]
    fn what_may_take_more_than_the_budget_is_refused_before_or_on_the_way() {
        let frame = Frame { origin: [0.0; 2], size: [1.0, 1.0], cells: [10_240, 64] };
        let grid = Grid { frame, reference: Reference::from_definition("EPSG:3035").unwrap() };
        let whole = Window { cols: (0, 10_240), rows: (0, 64) };
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let read = |bytes| {
            let index = PopulationIndex::new(&grid, vec![&Negative], Budget { bytes }.into());
            let cells = index.view(whole).map(|_| index.cells_read());
            (cells.map_err(|error| error.kind()), index.cells_read())
        };
        alone.install(|| {
            let any = PopulationIndex::new(&grid, vec![&Negative], Budget::UNLIMITED.into());
            let most = any.most_bytes();
            assert!((6_500_000..7_500_000).contains(&most), "{most}");
            assert_eq!(read(most - 1), (Err("too_large"), 0));
            // Faulty cells take twice what people take.
            let (refused, cells) = read(most);
            assert_eq!(refused, Err("too_large"));
            assert!(cells > 200_000);
            assert_eq!(read(4 * most), (Ok(655_360), 655_360));
        });
    }
}
