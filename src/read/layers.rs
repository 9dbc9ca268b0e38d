//! Layers that several scenarios share, kept between one and the next, and digests of files made once.
//!
//! What is kept is known by all that it follows from: the entry of the scenario, where its path leads, and
//! the SHA-256 of every file. So a file that changes is another layer, and nothing here changes a result.
//! Kept are what opening a raster found out (not its cells), registers of sites, settled, and who depends on
//! them.

use super::SitesRead;
use super::groups::{From, places};
use super::load::place_of;
use super::place::{Place, Remote};
use super::provenance::{ContentFiles, digest};
use crate::error::ReadError;
use crate::index::Source;
use crate::model::{Budget, FileDigest, PopulationEntry, Scenario};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// So many rasters stay open.
const MOST_SOURCES: usize = 64;

/// Registers are kept while all of them together hold no more sites; the last one always is.
const MOST_SITES: usize = 2_000_000;

/// Numbers are kept while there are no more.
const MOST_NUMBERS: usize = 10_000_000;

/// A file that was changed so short a time ago may be changed again without looking changed.
const UNSETTLED: Duration = Duration::from_secs(3);

/// Layers of the scenarios before.
#[derive(Default)]
pub struct Layers {
    digests: Arc<FileDigests>,
    sources: Mutex<Vec<(String, Source)>>,
    registers: Mutex<Vec<(String, Kept)>>,
    numbers: Arc<Numbers>,
}

/// A register of sites that is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its sites, settled, and what is to be said of their files.
    pub read: Arc<SitesRead>,
    /// Whether anything in it, or any answer, expires.
    pub expires: bool,
    /// The day it was settled for.
    pub date: Option<String>,
}

impl Kept {
    /// Whether it is the same on another day.
    #[must_use]
    pub fn serves(&self, date: Option<&str>) -> bool {
        !self.expires || self.date.as_deref() == date
    }
}

impl Layers {
    /// Digests of files.
    #[must_use]
    pub const fn digests(&self) -> &Arc<FileDigests> {
        &self.digests
    }

    /// Numbers that were found out.
    #[must_use]
    pub const fn numbers(&self) -> &Arc<Numbers> {
        &self.numbers
    }

    /// Gives back all that is kept.
    pub fn clear(&self) {
        if let Ok(mut sources) = self.sources.lock() {
            sources.clear();
        }
        if let Ok(mut registers) = self.registers.lock() {
            registers.clear();
        }
    }

    /// A raster, opened by `open` unless it is open.
    pub(super) fn source(
        &self,
        (entry, place): (&PopulationEntry, &Place),
        open: impl FnOnce() -> Result<Source, ReadError>,
    ) -> Result<Source, ReadError> {
        let key = self.digests.key(&[&place.resolved]);
        let Some(key) = key.map(|key| format!("{entry:?} {:?} {key}", place.budget)) else {
            return open();
        };
        let Ok(mut sources) = self.sources.lock() else { return open() };
        if let Some(at) = sources.iter().position(|(of, _)| *of == key) {
            let known = sources.remove(at);
            let source = known.1.clone();
            sources.push(known);
            return Ok(source);
        }
        let source = open()?;
        // Of other formats not all files are known, so nobody can tell whether they changed.
        if source.identity.is_some() {
            if sources.len() == MOST_SOURCES {
                sources.remove(0);
            }
            sources.push((key, source.clone()));
        }
        Ok(source)
    }

    /// What the register of a scenario follows from, beside a day and the way records are merged; `None` without
    /// sites, or if not all of its files are known.
    #[must_use]
    pub fn sites_key(&self, scenario: &Scenario, folder: Option<&Path>) -> Option<String> {
        let Scenario { sites, answers, links, scheme, .. } = scenario;
        if sites.is_empty() {
            return None;
        }
        let mut paths: Vec<(&str, bool)> = Vec::new();
        for entry in sites {
            paths.push((&entry.path, entry.from_here));
            let files = entry.rules.as_deref().into_iter().chain(entry.covers_file());
            paths.extend(files.map(|file| (file, entry.from_here)));
        }
        paths.extend(answers.iter().map(|entry| (entry.path.as_str(), entry.from_here)));
        paths.extend(links.iter().map(|entry| (entry.path.as_str(), entry.from_here)));
        paths.extend(scheme.iter().map(|entry| (entry.path.as_str(), entry.from_here)));
        let resolved = paths.iter().map(|(path, here)| place_of(path, *here, folder).resolved);
        let resolved: Vec<PathBuf> = resolved.collect();
        let key = self.digests.key(&resolved.iter().collect::<Vec<_>>())?;
        Some(format!("{sites:?} {answers:?} {links:?} {scheme:?} {key}"))
    }

    /// A register of the scenarios before.
    #[must_use]
    pub fn register(&self, key: &str) -> Option<Kept> {
        let registers = self.registers.lock().ok()?;
        registers.iter().find(|(of, _)| of == key).map(|(_, kept)| kept.clone())
    }

    /// Keeps a register for the scenarios that follow.
    pub fn keep(&self, key: String, kept: Kept) {
        let Ok(mut registers) = self.registers.lock() else { return };
        registers.retain(|(of, _)| *of != key);
        registers.push((key, kept));
        let count = |(_, kept): &(String, Kept)| kept.read.sites.sites.len();
        while registers.len() > 1 && registers.iter().map(count).sum::<usize>() > MOST_SITES {
            registers.remove(0);
        }
    }
}

/// Numbers under the digest of all that they follow from.
#[derive(Debug, Default)]
pub struct Numbers(Mutex<BTreeMap<[u8; 32], Vec<f64>>>);

impl Numbers {
    /// Those of a digest.
    #[must_use]
    pub fn of(&self, key: &[u8; 32]) -> Option<Vec<f64>> {
        self.0.lock().ok()?.get(key).cloned()
    }

    /// Keeps numbers, in place of all others where those are many.
    pub fn keep(&self, key: [u8; 32], numbers: Vec<f64>) {
        let Ok(mut kept) = self.0.lock() else { return };
        if kept.values().map(Vec::len).sum::<usize>() > MOST_NUMBERS {
            kept.clear();
        }
        kept.insert(key, numbers);
    }
}

/// Digests of files, each made once while the file stays as it is.
#[derive(Debug, Default)]
pub struct FileDigests(Mutex<BTreeMap<PathBuf, (Looks, FileDigest)>>);

/// What a file looks like from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Looks {
    bytes: u64,
    modified: Option<SystemTime>,
    /// The file system's own number for it, and when it last touched that.
    node: [i64; 3],
}

impl Looks {
    fn of(facts: &Metadata) -> Self {
        #[cfg(unix)]
        let node = {
            use std::os::unix::fs::MetadataExt;
            [facts.ino().cast_signed(), facts.ctime(), facts.ctime_nsec()]
        };
        #[cfg(not(unix))]
        let node = [0; 3];
        Self { bytes: facts.len(), modified: facts.modified().ok(), node }
    }

    /// Whether a change from now on would show.
    fn is_settled(&self) -> bool {
        let since = |then: SystemTime| SystemTime::now().duration_since(then).ok();
        let touched =
            SystemTime::UNIX_EPOCH + Duration::from_secs(self.node[1].max(0).cast_unsigned());
        // The file system counts its own times in steps, and rounds them down here.
        let is_old = |then| since(then).is_some_and(|age| age > UNSETTLED);
        self.modified.is_some_and(is_old) && is_old(touched)
    }
}

impl FileDigests {
    /// That of one file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn of(&self, path: &Path, written: &str) -> Result<FileDigest, ReadError> {
        let Ok(looks) = path.metadata().map(|facts| Looks::of(&facts)) else {
            return digest(path, written);
        };
        let known = self.0.lock().ok().and_then(|known| known.get(path).cloned());
        if let Some((_, digest)) = known.filter(|(then, _)| *then == looks) {
            return Ok(digest);
        }
        let is_settled = looks.is_settled();
        let made = digest(path, written)?;
        if let (true, Ok(mut known)) = (is_settled, self.0.lock()) {
            known.insert(path.to_path_buf(), (looks, made.clone()));
        }
        Ok(made)
    }

    /// Where paths lead and what their files hold; `None` if the files of one are not known.
    fn key(&self, paths: &[&PathBuf]) -> Option<String> {
        let mut key = String::new();
        for path in paths {
            let content = ContentFiles::of(path);
            if !content.is_whole {
                return None;
            }
            let place = path.canonicalize().unwrap_or_else(|_| (*path).clone());
            let _infallible = write!(key, " {}", place.display());
            for file in content.files {
                let made = self.of(&file, "").ok()?;
                let _infallible = write!(key, " {:?} {}", made.name, made.sha256);
            }
        }
        Some(key)
    }
}

/// The files that a result depends on.
#[derive(Debug, Clone)]
pub struct InputFiles {
    /// In the order of the scenario, its own first; of a folder all files in it.
    pub files: Vec<PathBuf>,
    /// Whether all of them are known: no input is missing, standard input, on another machine, or a dataset whose files
    /// nobody can tell.
    pub is_whole: bool,
}

/// Every file that the result of a scenario depends on.
#[must_use]
pub fn input_files(scenario: &Scenario, file: Option<&Place>, folder: Option<&Path>) -> InputFiles {
    let mut places: Vec<Place> = file.cloned().into_iter().collect();
    let mut add = |path: &str, from_here| places.push(place_of(path, from_here, folder));
    if let Some(entry) = &scenario.scheme {
        add(&entry.path, entry.from_here);
    }
    if let Some(entry) = &scenario.areas {
        add(&entry.path, entry.from_here);
    }
    for entry in &scenario.population {
        add(&entry.path, entry.from_here);
    }
    for entry in &scenario.sites {
        add(&entry.path, entry.from_here);
        for file in entry.rules.as_deref().into_iter().chain(entry.covers_file()) {
            add(file, entry.from_here);
        }
    }
    for entry in &scenario.answers {
        add(&entry.path, entry.from_here);
    }
    for entry in &scenario.links {
        add(&entry.path, entry.from_here);
    }
    let from = From { folder, remote: Remote::Refused, budget: Budget::UNLIMITED, layers: None };
    places.extend(self::places(scenario, from));
    let mut all = InputFiles { files: Vec::new(), is_whole: true };
    for place in places {
        let before = all.files.len();
        if place.resolved.is_dir() {
            within(&place.resolved, &mut all.files);
            all.is_whole &= all.files.len() > before;
        } else {
            let content = ContentFiles::of(&place.resolved);
            all.is_whole &= content.is_whole;
            all.files.extend(content.files);
        }
    }
    all
}

/// All files below a folder, by name.
fn within(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = folder.read_dir() else { return };
    // A link to a folder may lead back: it is told as what it is, of which there is no digest.
    let is_folder = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let mut paths: Vec<(PathBuf, bool)> =
        entries.flatten().map(|entry| (entry.path(), is_folder(&entry))).collect();
    paths.sort();
    for (path, is_folder) in paths {
        if is_folder {
            within(&path, files);
        } else {
            files.push(path);
        }
    }
}
