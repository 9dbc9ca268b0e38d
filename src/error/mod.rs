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
//!
//! For machines each has a word that stays, its `kind`, and its whereabouts in pieces, [`At`].

mod called;
mod command;
mod faulty;
mod notice;
mod place;
mod problem;
mod read;
mod tally;
mod write;

pub use called::Called;
pub use command::with_names;
pub use faulty::{Clearing, FaultyValues, nodata_text};
pub use notice::{Notice, NoticeKind, bytes_text, counted, grouped, number_text, shell_quoted};
pub use place::At;
pub(crate) use problem::bounds_text;
pub use problem::{Problem, RingFault, RingFaultKind, lie_exchanged};
pub use read::{FileFault, Large, ReadError};
pub use tally::{OfKind, Tally};
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
    /// The word for its kind in messages for machines.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Read(error) => error.kind(),
            Self::Write(error) => error.kind(),
        }
    }

    /// Where it comes from.
    #[must_use]
    pub fn at(&self) -> At<'_> {
        match self {
            Self::Read(error) => error.at(),
            Self::Write(error) => error.at(),
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        let mut kinds: Vec<&str> = NoticeKind::ALL.iter().map(|kind| kind.name()).collect();
        kinds.extend(Problem::KINDS.iter().chain(&ReadError::KINDS).chain(&WriteError::KINDS));
        for kind in &kinds {
            let is_snake = kind.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
            assert!(is_snake && !kind.starts_with('_') && !kind.ends_with('_'), "{kind}");
        }
        let count = kinds.len();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), count);
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        for (bytes, wanted) in [
            (512, "512 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (1 << 20, "1 MiB"),
            ((1 << 20) - 1, "1 MiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(bytes_text(bytes), wanted);
        }
    }
}
