//! Where results may go: what cannot be written, and what must not, is said before any work is done.

use super::told::ending;
use civex::error::{ReadError, Result, WriteError};
use civex::model::{Overlap, Provenance, Scenario};
use civex::read::{Place, input_files, is_answered};
use civex::write::formats::Format;
use civex::write::{Replace, folder_of, is_passing, refuse_loss};
use std::path::{Path, PathBuf};

/// Where to write, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    /// `-` is standard output.
    pub(super) path: PathBuf,
    pub(super) format: Format,
}

impl Output {
    /// What was typed.
    pub(super) fn of(written: &str) -> Result<Self> {
        let path = PathBuf::from(written);
        let format = if written == "-" { Format::GeoJson } else { format_of(&path)? };
        Ok(Self { path, format })
    }

    /// Whether it is standard output.
    pub(super) fn is_stream(&self) -> bool {
        self.path.as_path() == Path::new("-")
    }
}

/// The format of an output that is written by this build.
pub(super) fn format_of(path: &Path) -> Result<Format> {
    let refuse = |found: String| WriteError::Format { path: path.display().to_string(), found };
    match Format::of(path) {
        Some(Format::Parquet) if !cfg!(feature = "parquet") => {
            let found =
                "GeoParquet is not in this build of civex (`cargo install … --features parquet`)";
            Err(refuse(found.into()).into())
        }
        Some(format) => Ok(format),
        None => {
            let endings = ".geojson (.json), .geojsonl, .gpkg, .fgb, .csv, .parquet and .kml";
            Err(refuse(format!("no ending of a format that is written, which are {endings}"))
                .into())
        }
    }
}

/// Refuses an output that is neither standard output nor of a format that is written.
pub(super) fn refuse_format(written: &str) -> Result<()> {
    if written == "-" || matches!(ending(written).as_deref(), Some("geojson" | "json")) {
        return Ok(());
    }
    let found = "no ending of a format that this version writes, which is .geojson".to_string();
    Err(WriteError::Format { path: written.to_string(), found }.into())
}

/// Where a file is or will be, however it is written.
pub(super) fn place_of(path: &Path) -> PathBuf {
    let folder = real(folder_of(path));
    path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name))
}

/// A path without links, as far as it leads to what is there.
pub(super) fn real(path: &Path) -> PathBuf {
    let is_last = path.file_name().is_none();
    let beyond = || if is_last { path.to_path_buf() } else { place_of(path) };
    path.canonicalize().unwrap_or_else(|_| beyond())
}

/// A form that somebody has filled in is not written over.
pub(super) fn refuse_answered(forms: impl IntoIterator<Item = PathBuf>) -> Result<()> {
    for form in forms {
        if form.exists() && is_answered(&form) {
            let path = form.display().to_string();
            let hint = "it has answers, which would be lost: move it, and name it under `[[answers]]` if they are to count";
            return Err(WriteError::Exists { path, hint: hint.into() }.into());
        }
    }
    Ok(())
}

/// Whether files of others may be replaced.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct Overwrite {
    /// Replace files that civex did not write, or that were changed since. Its own it replaces without being asked,
    /// inputs never.
    #[arg(long)]
    pub(super) overwrite: bool,
}

impl Overwrite {
    /// What an output may take the place of.
    pub(super) const fn replace(self) -> Replace {
        if self.overwrite { Replace::Any } else { Replace::Own }
    }
}

/// Files that are read, each with what it is.
#[derive(Debug, Default)]
pub(super) struct Reads(Vec<(Node, String)>);

/// What a file is, by whatever name.
#[cfg(unix)]
type Node = (u64, u64);
#[cfg(not(unix))]
type Node = PathBuf;

/// What is at a path, links followed; nothing if nothing is there.
#[cfg(unix)]
fn node(path: &Path) -> Option<Node> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|facts| (facts.dev(), facts.ino()))
}
#[cfg(not(unix))]
fn node(path: &Path) -> Option<Node> {
    path.canonicalize().ok()
}

/// The file that standard input comes from, if it is one.
#[cfg(unix)]
fn of_standard_input() -> Option<Node> {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;
    let input = std::io::stdin().as_fd().try_clone_to_owned().ok()?;
    let facts = std::fs::File::from(input).metadata().ok()?;
    facts.is_file().then(|| (facts.dev(), facts.ino()))
}
#[cfg(not(unix))]
fn of_standard_input() -> Option<Node> {
    None
}

impl Reads {
    /// A file that is read.
    pub(super) fn and(mut self, path: &Path, what: &str) -> Self {
        self.0.extend(node(path).map(|node| (node, what.to_string())));
        self
    }

    /// The inputs of a provenance.
    pub(super) fn and_inputs(mut self, provenance: &Provenance) -> Self {
        for input in &provenance.inputs {
            let what = format!("an input ({})", input.role.name());
            let of = if input.path == "-" { of_standard_input() } else { node(&input.resolved) };
            self.0.extend(of.map(|node| (node, what)));
        }
        self
    }

    /// Every file that the inputs of a scenario are made of.
    pub(super) fn and_all_of(
        mut self,
        scenario: &Scenario,
        file: Option<&Place>,
        folder: Option<&Path>,
    ) -> Self {
        for path in input_files(scenario, file, folder).files {
            self = self.and(&path, "a file that an input is made of");
        }
        self
    }

    /// What an output would take the place of.
    pub(super) fn at(&self, output: &Path) -> Option<&str> {
        let there = node(output).filter(|_| !is_passing(output))?;
        self.0.iter().find(|(node, _)| *node == there).map(|(_, what)| what.as_str())
    }
}

/// An output must not take the place of a file that is read, nor of what may not be replaced, nor be written twice.
pub(super) fn refuse_to_lose(outputs: &[PathBuf], reads: &Reads, replace: Replace) -> Result<()> {
    let is_file = |path: &&PathBuf| path.as_path() != Path::new("-");
    for (place, output) in outputs.iter().enumerate().filter(|(_, path)| is_file(path)) {
        let refuse = |found: String| {
            Err(WriteError::Refused { path: output.display().to_string(), found }.into())
        };
        if outputs.iter().take(place).any(|other| place_of(other) == place_of(output)) {
            return refuse("it is written twice".into());
        }
        if let Some(what) = reads.at(output) {
            return refuse(format!("it is {what}, which would be lost"));
        }
    }
    let files = outputs.iter().filter(is_file);
    Ok(files.filter(|path| !path.is_dir()).try_for_each(|path| refuse_loss(path, replace))?)
}

/// Options count each person once, which a scenario may have refused.
pub(super) fn refuse_per_area(scenario: &Scenario) -> Result<()> {
    let areas = scenario.areas.as_ref();
    let Some(areas) = areas.filter(|areas| areas.overlap == Some(Overlap::PerArea)) else {
        return Ok(());
    };
    let found = "`overlap = \"per-area\"` counts areas for themselves alone, and options count each person once";
    Err(ReadError::unusable_hint(&areas.path, found, "write `overlap = \"once\"`, or leave it out")
        .into())
}
