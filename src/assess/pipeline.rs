//! The order of work: pieces are read and worked on by any thread, and come out in the order they
//! went in.
//!
//! The thread that calls asks for pieces, admits them in their order, and takes what was made of each, in
//! order again; between that they wait for nobody. What is under way is bounded by weight, so memory does
//! not grow with the file, and a piece that takes long holds up no other until that bound is reached.

use super::Progress;
use crate::error::ReadError;
use crate::model::{AreaSource, Piece, Unread};
use rayon::{ScopeFifo, Yield};
use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// What is under way may weigh so much together, in bytes of memory; one piece may weigh more.
const MOST_WEIGHT: u64 = 48 << 20;

/// How long a thread of the pool that has nothing to do waits before it looks again.
const A_MOMENT: Duration = Duration::from_micros(200);

/// What a worker has done with a piece; what it panicked with, if it did.
type Outcome<T> = Result<Result<T, ReadError>, Box<dyn Any + Send>>;

/// What workers tell, each with the place of its piece.
enum Told<T> {
    Read(usize, Outcome<Piece>),
    Made(usize, Outcome<T>),
}

/// A piece that is under way.
struct UnderWay {
    weight: u64,
    work: u64,
}

/// Works on all pieces of a source and takes what is made of them, in order.
///
/// # Errors
///
/// The first in the order of pieces, whichever was met first.
pub(super) fn run<T: Send, E: From<ReadError>>(
    source: &mut dyn AreaSource,
    progress: &dyn Progress,
    work: &(dyn Fn(Piece) -> Result<T, ReadError> + Sync),
    take: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let stop = AtomicBool::new(false);
    let done = rayon::in_place_scope_fifo(|scope| {
        let (tell, hear) = channel();
        let crew = Crew { scope, tell, hear, work, stop: &stop };
        let done = Line::default().run(source, progress, &crew, take);
        // Nobody waits for what is under way.
        stop.store(true, Ordering::Relaxed);
        done
    });
    done?;
    source.finish().map_err(E::from)
}

/// Those who read and work.
struct Crew<'c, 's, T> {
    scope: &'c ScopeFifo<'s>,
    tell: Sender<Told<T>>,
    hear: Receiver<Told<T>>,
    work: &'s (dyn Fn(Piece) -> Result<T, ReadError> + Sync),
    stop: &'s AtomicBool,
}

impl<'s, T: Send + 's> Crew<'_, 's, T> {
    fn read(&self, place: usize, unread: Unread<'static>) {
        let (tell, stop) = (self.tell.clone(), self.stop);
        self.scope.spawn_fifo(move |_| {
            if !stop.load(Ordering::Relaxed) {
                let read = catch_unwind(AssertUnwindSafe(unread.read));
                let _nobody_hears = tell.send(Told::Read(place, read));
            }
        });
    }

    fn make(&self, place: usize, piece: Piece) {
        let (tell, stop, work) = (self.tell.clone(), self.stop, self.work);
        self.scope.spawn_fifo(move |_| {
            if !stop.load(Ordering::Relaxed) {
                let made = catch_unwind(AssertUnwindSafe(|| work(piece)));
                let _nobody_hears = tell.send(Told::Made(place, made));
            }
        });
    }
}

/// The pieces under way, from the first that is not taken to the last that was asked for.
struct Line<T> {
    under_way: BTreeMap<usize, UnderWay>,
    weight: u64,
    /// Read and not admitted; made and not taken.
    read: BTreeMap<usize, Outcome<Piece>>,
    made: BTreeMap<usize, Outcome<T>>,
    /// The next to be asked for, admitted, taken.
    next: usize,
    admitted: usize,
    taken: usize,
    /// How many are being read.
    reading: usize,
    is_at_end: bool,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self {
            under_way: BTreeMap::new(),
            weight: 0,
            read: BTreeMap::new(),
            made: BTreeMap::new(),
            next: 0,
            admitted: 0,
            taken: 0,
            reading: 0,
            is_at_end: false,
        }
    }
}

impl<'s, T: Send + 's> Line<T> {
    fn run<E: From<ReadError>>(
        mut self,
        source: &mut dyn AreaSource,
        progress: &dyn Progress,
        crew: &Crew<'_, 's, T>,
        take: &mut dyn FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        // Enough are being read that nobody waits for one.
        let most_reading = rayon::current_num_threads() + 2;
        loop {
            while !self.is_at_end && self.reading < most_reading && self.weight < MOST_WEIGHT {
                self.ask(source, crew);
            }
            while let Some(read) = self.read.remove(&self.admitted) {
                self.admit(read, source, crew);
            }
            while let Some(made) = self.made.remove(&self.taken) {
                let made = made.unwrap_or_else(|panic| resume_unwind(panic))?;
                take(made)?;
                if let Some(UnderWay { weight, work }) = self.under_way.remove(&self.taken) {
                    self.weight -= weight;
                    progress.advance(work);
                }
                self.taken += 1;
            }
            let is_room = self.reading < most_reading && self.weight < MOST_WEIGHT;
            if self.is_at_end && self.taken == self.next {
                return Ok(());
            }
            if !self.is_at_end && is_room {
                continue;
            }
            match wait(&crew.hear) {
                Some(Told::Read(place, read)) => {
                    self.reading -= 1;
                    self.read.insert(place, read);
                }
                Some(Told::Made(place, made)) => {
                    self.made.insert(place, made);
                }
                // The crew lives as long as this.
                None => return Ok(()),
            }
        }
    }

    /// Asks for the next piece; an error waits for its turn.
    fn ask(&mut self, source: &mut dyn AreaSource, crew: &Crew<'_, 's, T>) {
        match source.next() {
            Ok(None) => self.is_at_end = true,
            Ok(Some(unread)) => {
                let (weight, work) = (unread.weight, unread.work);
                self.under_way.insert(self.next, UnderWay { weight, work });
                self.weight += weight;
                self.reading += 1;
                crew.read(self.next, unread);
                self.next += 1;
            }
            Err(error) => {
                self.read.insert(self.next, Ok(Err(error)));
                self.next += 1;
                self.is_at_end = true;
            }
        }
    }

    /// Admits the next piece and has it worked on.
    fn admit(&mut self, read: Outcome<Piece>, source: &mut dyn AreaSource, crew: &Crew<'_, 's, T>) {
        match read {
            Ok(Ok(mut piece)) => {
                source.admit(&mut piece);
                crew.make(self.admitted, piece);
            }
            Ok(Err(error)) => {
                self.made.insert(self.admitted, Ok(Err(error)));
            }
            Err(panic) => {
                self.made.insert(self.admitted, Err(panic));
            }
        }
        self.admitted += 1;
    }
}

/// What is told next. A thread of the pool works meanwhile: others may be too few.
fn wait<T>(hear: &Receiver<T>) -> Option<T> {
    loop {
        if let Ok(told) = hear.try_recv() {
            return Some(told);
        }
        match rayon::yield_now() {
            None => return hear.recv().ok(),
            Some(Yield::Executed) => {}
            Some(Yield::Idle) => {
                if let Ok(told) = hear.recv_timeout(A_MOMENT) {
                    return Some(told);
                }
            }
        }
    }
}
