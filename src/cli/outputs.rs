//! Where results may go: what cannot be written, and what must not, is said before any work is done.

use super::told::ending;
use civex::error::{ReadError, Result, WriteError};
use civex::model::{Overlap, Provenance, Scenario};
use civex::read::is_answered;
use civex::write::folder_of;
use civex::write::formats::Format;
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

/// An output must not take the place of an input, nor be written twice.
pub(super) fn refuse_to_overwrite(outputs: &[PathBuf], provenance: &Provenance) -> Result<()> {
    let inputs = provenance.inputs.iter();
    let inputs = inputs.map(|of| (of.resolved.as_path(), format!("an input ({})", of.role.name())));
    refuse_to_lose(outputs, inputs)
}

/// An output must not take the place of a file that is read, nor be written twice; each file is told by what it is.
pub(super) fn refuse_to_lose<'r>(
    outputs: &[PathBuf],
    read: impl Iterator<Item = (&'r Path, String)>,
) -> Result<()> {
    let real = |path: &Path| path.canonicalize().ok();
    let read: Vec<(PathBuf, String)> =
        read.filter_map(|(path, what)| Some((real(path)?, what))).collect();
    for (place, output) in outputs.iter().enumerate() {
        let refuse = |found: String| {
            Err(WriteError::Refused { path: output.display().to_string(), found }.into())
        };
        if outputs.iter().take(place).any(|other| place_of(other) == place_of(output)) {
            return refuse("it is written twice".into());
        }
        let Some(place) = real(output) else { continue };
        if let Some((_, what)) = read.iter().find(|(path, _)| *path == place) {
            return refuse(format!("it is {what}, which would be lost"));
        }
    }
    Ok(())
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
