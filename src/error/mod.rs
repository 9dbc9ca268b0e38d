//! Bad news, in three kinds: what stops a run, what is faulty in an input, and what limits a number.
//!
//! - [`Error`]: the run cannot go on (a file that cannot be read or written). Exit status 2.
//! - [`Problem`]: something in an input is wrong at a known place. `check` lists all of them;
//!   `assess` goes on with the rest. Exit status 1.
//! - [`Notice`]: a number is limited or an input was understood in a way worth knowing. It travels
//!   with the result.
//!
//! Every `Display` is one sentence, lower case, without a full stop: *where: found, wanted*. The way
//! out is a line of its own, [`Error::hint`] and [`Problem::hint`]. Nothing here prints or exits.

mod notice;
mod problem;
mod read;
mod write;

pub use notice::{Notice, NoticeKind, counted, grouped, number_text};
pub use problem::{Problem, RingFault, RingFaultKind};
pub use read::{FileFault, ReadError};
pub use write::WriteError;

/// What stops a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input could not be read, or could not be used at all.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An output could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Error {
    /// The way out, if one is known: what to do next, without the word `hint`.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read(error) => error.hint(),
            Self::Write(error) => error.hint(),
        }
    }
}

/// A result whose error stops the run.
pub type Result<T> = std::result::Result<T, Error>;
