//! What stops reading.

use super::command::with_names;
use super::notice::{bytes_text, counted, number_text};
use super::{At, Called};
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

impl FileFault {
    /// Where it is.
    #[must_use]
    pub fn at(&self) -> At<'_> {
        At { place: self.place, ..At::file(&self.file) }
    }
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
            // A tab before the caret is as wide as the one above it.
            let above = line.chars().chain(std::iter::repeat(' ')).take(column.saturating_sub(1));
            let caret: String = above.map(|c| if c == '\t' { c } else { ' ' }).collect();
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
        area: Box<Called>,
        /// How many it covers.
        cells: u64,
        /// The smallest value.
        smallest: f64,
        /// The way out.
        hint: String,
    },
    /// It needs more memory than may be used; nothing of it was read.
    #[error("{}", too_large(path, *what, *needed, *budget))]
    TooLarge {
        /// The file, as written.
        path: String,
        /// What needs it.
        what: Large,
        /// How much it needs at worst, in bytes.
        needed: u64,
        /// How much may be used, in bytes.
        budget: u64,
    },
}

/// What may need more memory than there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Large {
    /// The text of a file, as a whole.
    Text,
    /// So many cells of a raster, which the bounds of the areas touch.
    Cells(u64),
    /// A block of this many cells, which is read as a whole.
    Blocks(u64),
    /// A block of an extract, by the byte at which it begins.
    Block(u64),
    /// What is wanted of an extract.
    Objects,
    /// A text of so many bytes, once it is read.
    Parsed(u64),
    /// This many features, or rows of a table, held in memory.
    Features(u64),
    /// A row of a table, by its line.
    Row(u64),
}

/// The sentences of several faults, one a line.
fn sentences(faults: &[FileFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The sentence about faulty cells under an area.
fn faulty_cells(path: &str, area: &Called, cells: u64, smallest: f64) -> String {
    let (cells, smallest) = (counted(cells, "cell"), number_text(smallest));
    format!("{path}: {area} covers {cells} with what is no number of people (smallest {smallest})")
}

/// The sentence about what is too large.
fn too_large(path: &str, what: Large, needed: u64, budget: u64) -> String {
    let (needed, budget) = (bytes_text(needed), bytes_text(budget));
    let found = match what {
        Large::Text => format!("it is a text of {needed}"),
        Large::Cells(cells) => {
            format!("the areas span {}, which may take {needed} of memory", counted(cells, "cell"))
        }
        Large::Blocks(cells) => format!(
            "it is read {} at a time, which may take {needed} of memory",
            counted(cells, "cell")
        ),
        Large::Block(at) => format!("its block at byte {at} may need {needed} of memory"),
        Large::Objects => format!("the objects that are wanted may need {needed} of memory"),
        Large::Parsed(bytes) => {
            format!("it is a text of {}, which may need {needed} of memory", bytes_text(bytes))
        }
        Large::Features(count) => {
            format!("it has {}, which need {needed} of memory", counted(count, "feature"))
        }
        Large::Row(line) => {
            format!("the row at line {line} is longer than a row may be; it may need {needed}")
        }
    };
    format!("{path}: {found}, and {budget} may be used")
}

/// The way out for what is too large.
fn smaller(what: Large, needed: u64) -> String {
    // No machine has more, so that only less work helps.
    const MOST: u64 = 1 << 42;
    let more = needed.saturating_add(needed / 2).div_ceil(1 << 30);
    let more =
        (needed < MOST).then(|| format!("allow more, if the machine has it: `--memory {more}G`"));
    let less = match what {
        Large::Text | Large::Parsed(_) | Large::Features(_) => "split the file",
        Large::Block(_) => "write it again in smaller blocks: `osmium cat IN -o OUT.osm.pbf`",
        Large::Objects => {
            "cut out the ground that matters: `osmium extract -b WEST,SOUTH,EAST,NORTH IN -o OUT.osm.pbf`"
        }
        Large::Row(_) => "see that each quote in it is closed",
        Large::Blocks(_) => "write it in small blocks: `gdal_translate -co TILED=YES IN OUT.tif`",
        Large::Cells(_) => {
            "assess fewer or smaller areas at a time, with fewer `--threads`, or write the raster in small blocks: \
             `gdal_translate -co TILED=YES IN OUT.tif`"
        }
    };
    more.map_or(less.to_string(), |more| format!("{more}; or {less}"))
}

impl ReadError {
    /// The words of [`ReadError::kind`].
    pub const KINDS: [&'static str; 5] =
        ["not_found", "unusable", "text_fault", "area_on_faulty_cells", "too_large"];

    /// The word for its kind in messages for machines.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::Unusable { .. } => "unusable",
            Self::Faults(_) => "text_fault",
            Self::FaultyCells { .. } => "area_on_faulty_cells",
            Self::TooLarge { .. } => "too_large",
        }
    }

    /// Where it comes from; of several faults, the first.
    #[must_use]
    pub fn at(&self) -> At<'_> {
        match self {
            Self::NotFound { path, .. }
            | Self::Unusable { path, .. }
            | Self::TooLarge { path, .. } => At::file(path),
            Self::Faults(faults) => faults.first().map(FileFault::at).unwrap_or_default(),
            Self::FaultyCells { path, area, .. } => At { area: Some(&area.id), ..At::file(path) },
        }
    }

    /// Names the area that it is about as people know it.
    #[must_use]
    pub fn naming_area(mut self, called: &Called) -> Self {
        if let Self::FaultyCells { area, .. } = &mut self {
            area.name_as(called);
        }
        self
    }

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
            Self::NotFound { .. } => Some(
                "paths in a scenario start where its file is, others in the working directory"
                    .into(),
            ),
            Self::TooLarge { path, what, needed, .. } => {
                Some(with_names(&smaller(*what, *needed), path))
            }
            Self::Unusable { hint, .. } => hint.clone(),
            Self::Faults(faults) => {
                let hints: Vec<_> = faults.iter().filter_map(|fault| fault.hint.clone()).collect();
                (!hints.is_empty()).then(|| hints.join("\nhint: "))
            }
            Self::FaultyCells { hint, .. } => Some(hint.clone()),
        }
    }
}
