//! What stops reading.

use std::fmt;
use std::path::Path;

/// A fault at a place of a text file: a scenario, a scheme, an option behind a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// The file, as written.
    pub file: String,
    /// Line and column, from 1, if the place is known.
    pub place: Option<(usize, usize)>,
    /// The text of that line.
    pub line: Option<String>,
    /// What was found and what was wanted, one sentence.
    pub found: String,
    /// The way out.
    pub hint: Option<String>,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.found)?;
        if let (Some((number, column)), Some(line)) = (self.place, &self.line) {
            let gutter = number.to_string();
            let blank = " ".repeat(gutter.len());
            let (line, column) = shown_part(line, column);
            let caret = " ".repeat(column.saturating_sub(1));
            write!(f, "\n {gutter} | {line}\n {blank} | {caret}^")?;
        }
        Ok(())
    }
}

/// The part of a line around a column that a terminal shows, and the column in it.
fn shown_part(line: &str, column: usize) -> (String, usize) {
    const BEFORE: usize = 60;
    const MOST: usize = 120;
    if line.chars().count() <= MOST {
        return (line.to_string(), column);
    }
    let skipped = column.saturating_sub(BEFORE);
    (line.chars().skip(skipped).take(MOST).collect(), column - skipped)
}

/// A file or layer that cannot be read, or cannot be used at all.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no such file.
    #[error("{path}: no such file (looked for {resolved})")]
    NotFound {
        /// As written.
        path: String,
        /// As looked for.
        resolved: String,
    },
    /// The file is there and cannot be opened or is not what it should be.
    #[error("{path}: {found}")]
    Unusable {
        /// As written.
        path: String,
        /// What was found and what was wanted.
        found: String,
        /// The way out.
        hint: Option<String>,
    },
    /// Faults of a scenario, a scheme or the options of a layer; at least one.
    #[error("{}", sentences(.0))]
    Faults(Vec<FileFault>),
    /// An area covers cells that hold what is no number of people.
    #[error("{}", faulty_cells(path, area, *cells, *smallest))]
    FaultyCells {
        /// The raster, as written.
        path: String,
        /// The area that covers them.
        area: String,
        /// How many it covers.
        cells: u64,
        /// The smallest value.
        smallest: f64,
        /// The way out.
        hint: String,
    },
}

/// The sentences of several faults, one a line.
fn sentences(faults: &[FileFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The sentence about faulty cells under an area.
fn faulty_cells(path: &str, area: &str, cells: u64, smallest: f64) -> String {
    let (cells, smallest) = (super::notice::counted(cells, "cell"), super::number_text(smallest));
    format!(
        "{path}: area \"{area}\" covers {cells} with what is no number of people (smallest {smallest})"
    )
}

impl ReadError {
    /// A file that is not there, with the whole path that was looked for.
    pub fn not_found(written: impl Into<String>, resolved: &Path) -> Self {
        let whole = std::path::absolute(resolved).unwrap_or_else(|_| resolved.to_path_buf());
        Self::NotFound { path: written.into(), resolved: whole.display().to_string() }
    }

    /// A file that is there but cannot be used, without a way out.
    pub fn unusable(path: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Unusable { path: path.into(), found: found.into(), hint: None }
    }

    /// A file that is there but cannot be used, with a way out.
    pub fn unusable_hint(
        path: impl Into<String>,
        found: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Unusable { path: path.into(), found: found.into(), hint: Some(hint.into()) }
    }

    /// The way out, if one is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { .. } => None,
            Self::Unusable { hint, .. } => hint.clone(),
            Self::Faults(faults) => {
                let hints: Vec<_> = faults.iter().filter_map(|fault| fault.hint.clone()).collect();
                (!hints.is_empty()).then(|| hints.join("\nhint: "))
            }
            Self::FaultyCells { hint, .. } => Some(hint.clone()),
        }
    }
}
