//! The manifest of a batch, `runs.jsonl`: a record a line of each scenario that has been assessed.
//!
//! A record is appended in one write and synced when its outputs have their names, so a run that is killed
//! loses at most the scenario in hand; a line that was not written to its end is cut off when the run is
//! resumed. What is about to get its name is noted in `runs.lock` first. A file in the folder belongs to the batch
//! only if one of them tells its name and its SHA-256: no other is removed. At the end of a run all records are written anew in the order of the scenarios.

use super::listed::Job;
use civex::error::{Error, ReadError, Result, WriteError};
use civex::read::{FileDigests, hexadecimal};
use civex::write::{Complete, Replace, part_prefix, publish, whole};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// What the manifest is called.
pub(super) const NAME: &str = "runs.jsonl";

/// What tells others that a batch is under way, and how its temporary names begin: what it leaves when it is killed
/// is removed by the next, and what any other program begins in the folder is not.
pub(super) const LOCK: &str = "runs.lock";

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
    #[serde(default)]
    pub(super) bytes: u64,
    #[serde(default)]
    pub(super) sha256: String,
}

impl Output {
    /// That of a file that is complete.
    fn of(file: &Complete) -> Self {
        let name = file.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (bytes, sha256) = file.digest();
        Self { name, bytes, sha256: hexadecimal(&sha256) }
    }

    /// Whether the file of its name in a folder is what was written. A link is not.
    fn is_there(&self, folder: &Path, digests: &FileDigests) -> bool {
        let path = folder.join(&self.name);
        let facts = path.symlink_metadata();
        facts.is_ok_and(|facts| facts.is_file() && facts.len() == self.bytes)
            && digests.of(&path, "").is_ok_and(|file| file.sha256 == self.sha256)
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
            output.is_there(folder, digests) || job.is_answered(&output.name, folder)
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
    folder: PathBuf,
    path: PathBuf,
    file: File,
    lock: File,
    /// What it wrote and has no record of: it was killed in between, or the record was given up.
    left: Vec<Output>,
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
        let (lock, mut left) = lock(folder)?;
        refuse_link(&path)?;
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let mut file = file.map_err(fail)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(fail)?;
        let (records, whole) = read(&bytes, &path)?;
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(fail)?;
            file.sync_all().map_err(fail)?;
        }
        // A run may have been killed after it wrote a record, before it noted that there is one.
        left.retain(|left| !records.values().any(|record| record.outputs.contains(left)));
        let folder = folder.to_path_buf();
        let mut manifest = Self { folder, path, file, lock, left, records };
        manifest.note(part_prefix())?;
        Ok(manifest)
    }

    /// The output of a name, if the file is there as it was written.
    fn own<'m>(&'m self, name: &'m str, digests: &FileDigests) -> Option<&'m Output> {
        let recorded = self.records.values().flat_map(|record| &record.outputs);
        let mut known = recorded.chain(&self.left).filter(|output| output.name == name);
        known.find(|output| output.is_there(&self.folder, digests))
    }

    /// Refuses to write what is wanted where something is that the batch did not write, or that was changed since.
    pub(super) fn refuse_loss(
        &self,
        job: &Job,
        is_wanted: impl Fn(&str) -> bool,
        digests: &FileDigests,
    ) -> Result<()> {
        for name in job.names.iter().filter(|name| is_wanted(name)) {
            let path = self.folder.join(name);
            let is_foreign = path.symlink_metadata().is_ok()
                && !job.is_answered(name, &self.folder)
                && self.own(name, digests).is_none();
            if is_foreign {
                return Err(WriteError::Foreign { path: shown(&path) }.into());
            }
        }
        Ok(())
    }

    /// Removes what the batch wrote of a scenario, but for some names.
    pub(super) fn remove(&self, job: &Job, but: &[String], digests: &FileDigests) -> Result<()> {
        let all = job.names.iter().filter(|name| !but.contains(name));
        for name in all.filter(|name| self.own(name, digests).is_some()) {
            let path = self.folder.join(name);
            let fail = |source| WriteError::Io { path: shown(&path), source };
            std::fs::remove_file(&path).map_err(fail).map_err(Error::from)?;
        }
        Ok(())
    }

    /// Gives the outputs of a scenario their names, once it is noted what they are, in place of those that it has;
    /// what it has of other names is removed.
    pub(super) fn publish(
        &mut self,
        all: Vec<Complete>,
        replace: Replace,
        (job, digests): (&Job, &FileDigests),
    ) -> Result<()> {
        let outputs: Vec<Output> = all.iter().map(Output::of).collect();
        let names: Vec<String> = outputs.iter().map(|output| output.name.clone()).collect();
        if replace == Replace::Own {
            self.refuse_loss(job, |name| names.iter().any(|output| output == name), digests)?;
        }
        self.left.extend(outputs);
        self.note(part_prefix())?;
        publish(all, Replace::Any)?;
        self.remove(job, &names, digests)
    }

    /// What the batch wrote of a scenario and is there.
    pub(super) fn outputs(&self, job: &Job, digests: &FileDigests) -> Vec<Output> {
        job.names.iter().filter_map(|name| self.own(name, digests)).cloned().collect()
    }

    /// Writes down how temporary names begin, and what has no record yet.
    fn note(&mut self, prefix: &str) -> Result<()> {
        let path = self.folder.join(LOCK);
        let mut text =
            if prefix.is_empty() { Vec::new() } else { format!("{prefix}\n").into_bytes() };
        for output in &self.left {
            text.extend(serde_json::to_vec(output).unwrap_or_default());
            text.push(b'\n');
        }
        let fail = |source| failed(&path, &source);
        self.lock.rewind().map_err(fail)?;
        self.lock.write_all(&text).map_err(fail)?;
        self.lock.set_len(text.len() as u64).map_err(fail)?;
        self.lock.sync_data().map_err(fail)
    }

    /// The record of a scenario, by its path from the folder.
    pub(super) fn of(&self, path: &str) -> Option<&Record> {
        self.records.get(path)
    }

    /// All records.
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// Gives up records that do not fit; what they tell of files stays known.
    pub(super) fn keep(&mut self, fits: impl Fn(&Record) -> bool) -> Result<()> {
        for record in self.records.values().filter(|record| !fits(record)) {
            self.left.extend(record.outputs.iter().cloned());
        }
        self.records.retain(|_, record| fits(record));
        self.note(part_prefix())
    }

    /// Adds the record of a scenario, in place of the one it has.
    pub(super) fn add(&mut self, record: Record) -> Result<()> {
        let fail = |source| failed(&self.path, &source);
        whole(|| self.file.write_all(&record.line()).and_then(|()| self.file.sync_data()))
            .map_err(fail)?;
        let is_told = |left: &Output| record.outputs.contains(left);
        let folder = &self.folder;
        self.left.retain(|left| !is_told(left) && folder.join(&left.name).exists());
        self.records.insert(record.path.clone(), record);
        self.note(part_prefix())
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
        Ok(whole(|| complete.publish(Replace::Any))?)
    }
}

impl Drop for Manifest {
    fn drop(&mut self) {
        // In order no part is left behind; where that cannot be written, there is nothing to be removed.
        let _emptied = self.note("");
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
            _ if is_last && is_begun(line) => return Ok((records, end)),
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

/// Whether a line is the beginning of a record that was not written to its end, and nothing else.
fn is_begun(line: &[u8]) -> bool {
    let head = b"{\"scenario\":";
    let length = line.len().min(head.len());
    !line.ends_with(b"\n") && line.get(..length) == head.get(..length)
}

/// Refuses a link in place of a file that is written to.
fn refuse_link(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_ok_and(|facts| !facts.is_file()) {
        let found = "no plain file, and is not written to";
        let hint = "give another `--out-dir`, or move it away";
        return Err(ReadError::unusable_hint(shown(path), found, hint).into());
    }
    Ok(())
}

/// Removes files that a run began and did not end, whose temporary names begin so.
fn remove_parts(folder: &Path, prefix: &str) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(prefix) && name.contains(".part") {
            // One that cannot be removed is in nobody's way.
            let _removed = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether temporary names of a run of civex begin so.
fn is_prefix(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_number = |part: &&str| part.chars().all(|letter| letter.is_ascii_hexdigit());
    matches!(&parts[..], [".civex", run, moment, ""] if !run.is_empty() && !moment.is_empty()
        && [run, moment].into_iter().all(is_number))
}

/// Holds off every other batch while the file is open, and removes what one before left when it was killed. Gives
/// what that one wrote and did not record.
fn lock(folder: &Path) -> Result<(File, Vec<Output>)> {
    let path = &folder.join(LOCK);
    refuse_link(path)?;
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
    let is_text = file.read_to_string(&mut before).is_ok();
    if !is_text || !(before.is_empty() || before.starts_with(".civex-") || before.starts_with('{'))
    {
        let found = "no lock of a batch, and is not written over";
        let hint = "give another `--out-dir`, or move it away";
        return Err(ReadError::unusable_hint(shown(path), found, hint).into());
    }
    // A line that was not written to its end is of a run that had begun nothing.
    let whole = before.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    whole
        .clone()
        .take(1)
        .filter(|line| is_prefix(line))
        .for_each(|prefix| remove_parts(folder, prefix));
    let left = whole.filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok((file, left))
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
    fn what_a_killed_run_noted_is_forgotten_once_a_record_tells_it() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path();
        let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".to_string();
        let [told, untold] = ["told", "untold"].map(|name| {
            std::fs::write(folder.join(name), "").unwrap();
            Output { name: name.into(), bytes: 0, sha256: sha256.clone() }
        });
        let line = Record { outputs: vec![told.clone()], ..record("a", 1.0) }.line();
        std::fs::write(folder.join(NAME), line).unwrap();
        let noted = [&told, &untold].map(|output| serde_json::to_string(output).unwrap() + "\n");
        std::fs::write(folder.join(LOCK), noted.concat()).unwrap();
        drop(Manifest::open(folder).unwrap());
        assert_eq!(std::fs::read_to_string(folder.join(LOCK)).unwrap(), noted[1]);
    }

    #[test]
    fn what_is_no_manifest_is_not_gone_on_with() {
        let found = read(b"{}\n{\"scenario\"", Path::new("x")).unwrap_err().to_string();
        assert_eq!(found, "x: line 1 is no record of a scenario");
    }
}
