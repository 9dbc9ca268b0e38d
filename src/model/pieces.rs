//! Areas as they come: piece by piece, in the order of their file.

use super::Area;
use crate::error::{Notice, Problem, ReadError};

/// An area with what reading it found.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The area.
    pub area: Area,
    /// What was faulty.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub notices: Vec<Notice>,
}

/// Some areas that follow each other in their file.
#[derive(Debug, Clone, Default)]
pub struct Piece {
    /// In the order of the file.
    pub areas: Vec<Drawn>,
    /// A digest of the key of each, by which those are found that share one.
    pub keys: Vec<u128>,
}

/// How a piece is read: by any thread, while others read theirs.
pub type ReadPiece<'a> = Box<dyn FnOnce() -> Result<Piece, ReadError> + Send + 'a>;

/// A piece that is not read yet.
pub struct Unread<'a> {
    /// How many bytes of memory it takes until its rows are written, about.
    pub weight: u64,
    /// What part it is of the work of all.
    pub work: u64,
    /// Reads it.
    pub read: ReadPiece<'a>,
}

/// Where areas come from. One thread asks for pieces and admits them; any may read them in between.
pub trait AreaSource {
    /// The work of all pieces together.
    fn work(&self) -> u64;

    /// The next piece; `None` behind the last.
    ///
    /// # Errors
    ///
    /// If the file cannot be read any further.
    fn next(&mut self) -> Result<Option<Unread<'static>>, ReadError>;

    /// Tells areas of one key apart. Pieces are admitted in the order of the file.
    fn admit(&mut self, piece: &mut Piece);

    /// Called when the last piece is admitted.
    ///
    /// # Errors
    ///
    /// What only the whole file can tell: a column that no feature has.
    fn finish(&mut self) -> Result<(), ReadError>;
}
