//! The scenarios of a batch: files, folders and lists of them, each with the names of its outputs.

use super::super::{
    files::{form_of, paths_beside},
    outputs::{format_of, place_of, real},
    rows::{Beside, Styles},
    told::ending,
};
use civex::error::{ReadError, Result};
use civex::read::{Place, is_answered, short_text};
use civex::write::formats::Format;
use civex::write::relative_to;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// A file of more bytes is no scenario, and not looked into.
const MOST_BYTES: u64 = 1 << 20;

/// A list of paths is shorter.
const MOST_OF_LIST: u64 = 16 << 20;

/// A scenario to be assessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    /// Its path, as written.
    pub(super) scenario: String,
    /// Its path from the folder.
    pub(super) path: String,
    /// Its output in the folder.
    pub(super) output: String,
    /// Every name that it may give to a file in the folder.
    pub(super) names: Vec<String>,
}

impl Job {
    /// Whether one of its outputs is a form of requests that has been filled in.
    pub(super) fn is_answered(&self, name: &str, folder: &Path) -> bool {
        let path = folder.join(name);
        name != self.output
            && Path::new(name) == form_of(Path::new(&self.output))
            && path.exists()
            && is_answered(&path)
    }
}

/// The scenarios that were typed, in order, each with outputs of its own.
pub(super) fn jobs(typed: &[String], out_dir: &Path, ending: &str) -> Result<Vec<Job>> {
    let mut scenarios = Vec::new();
    for written in typed {
        match list_of(written)? {
            None => add(written, &mut scenarios)?,
            Some(list) => {
                let lines = list.lines().map(str::trim);
                for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
                    add(line, &mut scenarios)?;
                }
            }
        }
    }
    // Where nothing that was typed is there, it was typed wrong, and no folder is begun.
    if let Some(first) = scenarios.first()
        && !scenarios.iter().any(|scenario| Path::new(scenario).exists())
    {
        return Err(ReadError::not_found(first, Path::new(first)).into());
    }
    let format = format_of(Path::new(&format!("areas.{ending}")))?;
    let of = |scenario| job(scenario, out_dir, (ending, format));
    let jobs: Vec<Job> = scenarios.into_iter().map(of).collect();
    let mut owners: BTreeMap<String, &Job> = BTreeMap::new();
    for job in &jobs {
        for name in &job.names {
            // On some systems names are the same in letters of any size.
            if let Some(other) = owners.insert(name.to_lowercase(), job) {
                return Err(collision(&job.scenario, &other.scenario, name));
            }
        }
    }
    if jobs.is_empty() {
        let hint = "name a scenario file, a folder of them, or a list: `@list.txt`";
        return Err(ReadError::unusable_hint(typed.join(" "), "no scenario in it", hint).into());
    }
    Ok(jobs)
}

/// Two scenarios want one file.
pub(super) fn collision(scenario: &str, other: &str, name: &str) -> civex::error::Error {
    let found = if scenario == other {
        "it is given twice".to_string()
    } else {
        format!("its output {name} would be that of {other}, too")
    };
    let hint = "give every scenario once, and rename one of two that share a name or run them with two `--out-dir`";
    ReadError::unusable_hint(scenario, found, hint).into()
}

/// The text of a list of paths, if it is one.
fn list_of(written: &str) -> Result<Option<String>> {
    if written == "-" {
        let mut text = String::new();
        let read = std::io::stdin().take(MOST_OF_LIST).read_to_string(&mut text);
        if text.len() as u64 == MOST_OF_LIST {
            let hint = "run several batches, each with a part of it";
            return Err(ReadError::unusable_hint("-", "the list has 16 MiB or more", hint).into());
        }
        return Ok(read.map(|_| Some(text)).map_err(|error| unreadable("-", &error))?);
    }
    let Some(path) = written.strip_prefix('@') else { return Ok(None) };
    Ok(Some(short_text(&Place::new(path, None))?))
}

fn unreadable(path: &str, error: &std::io::Error) -> ReadError {
    let hint = "a list is a text with a path in each line, relative to the working directory";
    ReadError::unusable_hint(path, format!("cannot be read: {error}"), hint)
}

/// Adds a scenario, or those of a folder.
fn add(written: &str, scenarios: &mut Vec<String>) -> Result<()> {
    let path = plain(written);
    if !path.is_dir() {
        scenarios.push(path.display().to_string());
        return Ok(());
    }
    let fail = |error| {
        let found = format!("cannot be read: {error}");
        ReadError::unusable_hint(written, found, "give a folder that may be read")
    };
    let entries = path.read_dir().map_err(fail)?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let before = scenarios.len();
    for path in paths {
        let inside = ["scenario.toml", "scenario.json"].map(|name| path.join(name));
        let inside = inside.into_iter().filter(|path| path.is_file());
        let own = Some(path).filter(|path| path.is_file() && is_scenario(path));
        scenarios.extend(own.into_iter().chain(inside).map(|path| path.display().to_string()));
    }
    if scenarios.len() == before {
        let found = "no scenario in it, wanted .toml or .json files that name areas, or folders \
                     with a scenario.toml";
        let hint = "`civex new` writes a scenario";
        return Err(ReadError::unusable_hint(written, found, hint).into());
    }
    Ok(())
}

/// Whether a file of a folder is a scenario: it names areas, or its faults keep that from being known.
fn is_scenario(path: &Path) -> bool {
    let ending = ending(path);
    let is_small = path.metadata().is_ok_and(|facts| facts.is_file() && facts.len() <= MOST_BYTES);
    if !is_small || !matches!(ending.as_deref(), Some("toml" | "json")) {
        return false;
    }
    let Ok(text) = std::fs::read_to_string(path) else { return true };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if ending.as_deref() == Some("json") {
        let value = serde_json::from_str::<serde_json::Value>(text);
        value.map_or(true, |value| value.get("areas").is_some())
    } else {
        let table = text.parse::<toml::Table>();
        table.map_or(true, |table| table.contains_key("areas"))
    }
}

/// A path without what leads nowhere, so that it is known however it is written.
fn plain(written: &str) -> PathBuf {
    let parts = Path::new(written).components().filter(|part| *part != Component::CurDir);
    let path: PathBuf = parts.collect();
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

/// A scenario with the names of its outputs: those of its file, or of its folder if the file has the usual name.
fn job(scenario: String, out_dir: &Path, (ending, format): (&str, Format)) -> Job {
    let path = Path::new(&scenario);
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let folder = || {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(parent.file_name()?.to_string_lossy().into_owned())
    };
    let stem = match stem {
        Some(stem) if stem == "scenario" => folder().unwrap_or(stem),
        Some(stem) => stem,
        None => "scenario".into(),
    };
    let output = format!("{stem}.{ending}");
    let beside = Beside { sites: true, gaps: true, options: true, styles: Styles::No };
    let layers = paths_beside(Path::new(&output), format, beside);
    let layers = layers.iter().map(|path| path.display().to_string());
    let names = std::iter::once(output.clone()).chain(layers).collect();
    // A scenario may be the same file as another by a link.
    let from_there = relative_to(&place_of(path), &real(out_dir));
    let path = from_there.unwrap_or_else(|| scenario.clone());
    Job { scenario, path, output, names }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_called_after_the_file_or_its_folder() {
        let of = |path: &str| job(path.to_string(), Path::new("out"), ("geojson", Format::GeoJson));
        let output = |path: &str| of(path).output;
        assert_eq!(output("a/plan.toml"), "plan.geojson");
        assert_eq!(output("plan.v2.json"), "plan.v2.geojson");
        assert_eq!(output("src/scenario.toml"), "src.geojson");
        assert_eq!(of("a/x.toml").names.len(), 5);
        assert_eq!(of("a/x.toml").path, "../a/x.toml");
    }

    #[test]
    fn a_path_is_known_however_it_is_written() {
        for written in ["a/b.toml", "./a/b.toml", "a//b.toml", "a/./b.toml"] {
            assert_eq!(plain(written), Path::new("a/b.toml"));
        }
        assert_eq!(plain("."), Path::new("."));
        assert_eq!(plain("../b.toml"), Path::new("../b.toml"));
    }
}
