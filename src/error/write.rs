//! What stops writing.

use super::At;
use std::io::ErrorKind;

/// An output that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The operating system refused.
    #[error("{path}: cannot be written: {source}")]
    Io {
        /// The file, as written.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It would do harm.
    #[error("{path}: not written: {found}")]
    Refused {
        /// The file, as written.
        path: String,
        /// Why.
        found: String,
    },
    /// A file that people write on would be lost.
    #[error("{path}: not written: it is there already")]
    Exists {
        /// The file, as written.
        path: String,
        /// The way out.
        hint: String,
    },
    /// A file would be lost that civex did not write, or that somebody changed since.
    #[error(
        "{path}: not written: a file is there that civex did not write, or that was changed or copied since"
    )]
    Foreign {
        /// The file, as written.
        path: String,
    },
    /// No writer for this ending.
    #[error("{path}: {found}")]
    Format {
        /// The file, as written.
        path: String,
        /// What was found and what is wanted.
        found: String,
    },
}

impl WriteError {
    /// The words of [`WriteError::kind`].
    pub const KINDS: [&'static str; 4] = ["not_writable", "refused", "exists", "no_such_format"];

    /// The word for its kind in messages for machines.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Io { .. } => "not_writable",
            Self::Refused { .. } => "refused",
            Self::Exists { .. } | Self::Foreign { .. } => "exists",
            Self::Format { .. } => "no_such_format",
        }
    }

    /// Where it comes from.
    #[must_use]
    pub fn at(&self) -> At<'_> {
        match self {
            Self::Io { path, .. }
            | Self::Refused { path, .. }
            | Self::Exists { path, .. }
            | Self::Foreign { path }
            | Self::Format { path, .. } => At::file(path),
        }
    }

    /// The way out, if one is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                    Some("make room on the disk, or write elsewhere: `-o`".into())
                }
                ErrorKind::BrokenPipe => None,
                _ => Some("give `-o` a file in a folder that can be written".into()),
            },
            Self::Exists { hint, .. } => Some(hint.clone()),
            Self::Refused { .. } => Some("give `-o` another name".into()),
            Self::Foreign { .. } => Some("`--overwrite` replaces it, or give another name".into()),
            Self::Format { path, .. } if is_page(path) => Some(
                "write GeoJSON (`-o out.geojson`), of which `civex report` makes a page".into(),
            ),
            Self::Format { .. } => {
                Some("write GeoJSON (`-o out.geojson`) and convert it with ogr2ogr".into())
            }
        }
    }
}

fn is_page(path: &str) -> bool {
    let ending = std::path::Path::new(path).extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("html"))
}
