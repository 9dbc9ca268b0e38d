//! The manifest of a batch, `runs.jsonl`: a record a line of each scenario that has been assessed.
//!
//! A record is appended in one write and synced when its outputs have their names, so a run that is killed
//! loses at most the scenario in hand; a line that was not written to its end is cut off when the run is
//! resumed. At the end of a run all records are written anew in the order of the scenarios.

use super::listed::Job;
use super::stop::remove_parts;
use civex::error::{Error, ReadError, Result};
use civex::read::FileDigests;
use civex::write::part_prefix;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// What the manifest is called.
pub(super) const NAME: &str = "runs.jsonl";

/// What tells others that a batch is under way, and how its temporary names begin: what it leaves when it is killed
/// is removed by the next, and what any other program begins in the folder is not.
const LOCK: &str = "runs.lock";

/// What became of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// Everything is as it should be.
    Ok,
    /// Inputs have problems, or `--fail-on` was reached.
    Problems,
    /// It could not be assessed.
    Failed,
}

/// One scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Its path, as written.
    pub(super) scenario: String,
    /// Its path from the folder, by which it is known wherever a run is begun.
    pub(super) path: String,
    /// SHA-256 of all that its result depends on; `None` if not all of it is known.
    pub(super) digest: Option<String>,
    pub(super) status: Status,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// What is wrong with its inputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) problems: Vec<String>,
    pub(super) seconds: f64,
    pub(super) outputs: Vec<Output>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Output {
    /// Its name in the folder.
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Output {
    /// Those of some names that are in a folder.
    pub(super) fn all(folder: &Path, names: &[String], digests: &FileDigests) -> Result<Vec<Self>> {
        let mut outputs = Vec::new();
        for name in names {
            let path = folder.join(name);
            if path.is_file() {
                let digest = digests.of(&path, &path.display().to_string())?;
                let (bytes, sha256) = (digest.bytes, digest.sha256);
                outputs.push(Self { name: name.clone(), bytes, sha256 });
            }
        }
        Ok(outputs)
    }
}

impl Record {
    /// Whether it tells of a result that is there, made from what there is today; a form of requests may have been
    /// filled in since.
    pub(super) fn holds(
        &self,
        digest: &str,
        (folder, job): (&Path, &Job),
        digests: &FileDigests,
    ) -> bool {
        let is_there = |output: &Output| {
            let path = folder.join(&output.name);
            let same_length = path.metadata().is_ok_and(|facts| facts.len() == output.bytes);
            (same_length && digests.of(&path, "").is_ok_and(|file| file.sha256 == output.sha256))
                || job.is_answered(&output.name, folder)
        };
        self.status != Status::Failed
            && self.digest.as_deref() == Some(digest)
            && self.outputs.iter().all(is_there)
    }

    fn line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// The manifest of a folder, which nobody else writes to.
pub(super) struct Manifest {
    path: PathBuf,
    file: File,
    lock: File,
    /// What it holds, the last record of each scenario, by its path from the folder.
    records: BTreeMap<String, Record>,
}

impl Manifest {
    /// Begins the manifest of a folder, or goes on with one that is there.
    ///
    /// # Errors
    ///
    /// If another batch writes to the folder, or if what it has is no manifest.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let fail = |source| failed(&path, &source);
        std::fs::create_dir_all(folder).map_err(fail)?;
        let lock = lock(folder)?;
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let mut file = file.map_err(fail)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(fail)?;
        let (records, whole) = read(&bytes, &path)?;
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(fail)?;
            file.sync_all().map_err(fail)?;
        }
        Ok(Self { path, file, lock, records })
    }

    /// The record of a scenario, by its path from the folder.
    pub(super) fn of(&self, path: &str) -> Option<&Record> {
        self.records.get(path)
    }

    /// All records.
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// Leaves out records that do not fit.
    pub(super) fn keep(&mut self, fits: impl Fn(&Record) -> bool) {
        self.records.retain(|_, record| fits(record));
    }

    /// Adds the record of a scenario, in place of the one it has.
    pub(super) fn add(&mut self, record: Record) -> Result<()> {
        let fail = |source| failed(&self.path, &source);
        self.file.write_all(&record.line()).map_err(fail)?;
        self.file.sync_data().map_err(fail)?;
        self.records.insert(record.path.clone(), record);
        Ok(())
    }

    /// Writes all records anew: those of some scenarios in their order, and behind them what it has of others.
    pub(super) fn put_in_order(mut self, paths: &[&str]) -> Result<()> {
        let mut records = std::mem::take(&mut self.records);
        let first: Vec<Record> = paths.iter().filter_map(|path| records.remove(*path)).collect();
        let complete = civex::write::complete(&self.path, |file| {
            first
                .iter()
                .chain(records.values())
                .try_for_each(|record| file.write_all(&record.line()))
        })?;
        Ok(complete.publish()?)
    }
}

impl Drop for Manifest {
    fn drop(&mut self) {
        // In order nothing is left behind; where that cannot be written, there is nothing to be removed.
        let _emptied = self.lock.set_len(0);
    }
}

/// The records of a text, and where the last one that is whole ends.
fn read(bytes: &[u8], path: &Path) -> Result<(BTreeMap<String, Record>, usize)> {
    let (mut records, mut end) = (BTreeMap::new(), 0);
    for (place, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let is_last = end + line.len() == bytes.len();
        match serde_json::from_slice::<Record>(line) {
            Ok(record) if line.ends_with(b"\n") => {
                records.insert(record.path.clone(), record);
            }
            _ if is_last => return Ok((records, end)),
            _ => {
                let found = format!("line {} is no record of a scenario", place + 1);
                let hint = "give another `--out-dir`, or take the line out";
                return Err(ReadError::unusable_hint(shown(path), found, hint).into());
            }
        }
        end += line.len();
    }
    Ok((records, end))
}

/// Holds off every other batch while the file is open, and removes what one before left when it was killed.
fn lock(folder: &Path) -> Result<File> {
    let path = &folder.join(LOCK);
    let fail = |source| failed(path, &source);
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let mut file = file.map_err(fail)?;
    match file.try_lock() {
        Ok(()) => (),
        Err(TryLockError::WouldBlock) => {
            let found = "another batch is writing to this folder";
            let hint = "wait until it ends, or give another `--out-dir`";
            return Err(ReadError::unusable_hint(shown(path), found, hint).into());
        }
        Err(TryLockError::Error(error)) => return Err(fail(error)),
    }
    let mut before = String::new();
    // A line that was not written to its end is of a run that had begun nothing.
    let is_text = file.read_to_string(&mut before).is_ok();
    let begun = before.strip_suffix('\n').filter(|prefix| is_text && prefix.starts_with(".civex-"));
    if let Some(prefix) = begun {
        remove_parts(folder, prefix);
    }
    file.set_len(0).map_err(fail)?;
    file.rewind().map_err(fail)?;
    writeln!(file, "{}", part_prefix()).map_err(fail)?;
    file.sync_data().map_err(fail)?;
    Ok(file)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn failed(path: &Path, source: &std::io::Error) -> Error {
    let found = format!("cannot be written: {source}");
    let hint = "give an `--out-dir` that can be written, with room on its disk";
    ReadError::unusable_hint(shown(path), found, hint).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(scenario: &str, seconds: f64) -> Record {
        let (digest, status, outputs) = (Some("0".into()), Status::Ok, Vec::new());
        let path = format!("../{scenario}");
        Record {
            scenario: scenario.into(),
            path,
            digest,
            status,
            error: None,
            problems: Vec::new(),
            seconds,
            outputs,
        }
    }

    #[test]
    fn of_a_manifest_that_was_cut_off_all_but_the_last_line_is_kept() {
        let lines = [record("a", 1.0), record("b", 2.0), record("a", 3.0)].map(|one| one.line());
        let (bytes, ends) = (lines.concat(), [lines[0].len(), lines[0].len() + lines[1].len()]);
        for cut in 0..bytes.len() {
            let (records, whole) = read(&bytes[..cut], Path::new("runs.jsonl")).unwrap();
            assert_eq!(records.len(), ends.iter().filter(|end| **end <= cut).count(), "{cut}");
            assert_eq!(whole, ends.into_iter().rfind(|end| *end <= cut).unwrap_or(0), "{cut}");
        }
        let (records, whole) = read(&bytes, Path::new("runs.jsonl")).unwrap();
        let records: Vec<_> = records.into_values().collect();
        assert_eq!((records, whole), (vec![record("a", 3.0), record("b", 2.0)], bytes.len()));
    }

    #[test]
    fn what_is_no_manifest_is_not_gone_on_with() {
        let found = read(b"{}\n{\"scenario\"", Path::new("x")).unwrap_err().to_string();
        assert_eq!(found, "x: line 1 is no record of a scenario");
    }
}
