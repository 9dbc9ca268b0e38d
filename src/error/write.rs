//! What stops writing.

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
    /// The way out, if one is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io { .. } => None,
            Self::Exists { hint, .. } => Some(hint.clone()),
            Self::Refused { .. } => Some("give `-o` another name".into()),
            Self::Format { .. } => {
                Some("write GeoJSON (`-o out.geojson`) and convert it with ogr2ogr".into())
            }
        }
    }
}
