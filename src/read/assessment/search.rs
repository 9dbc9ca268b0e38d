//! Where the inputs of an assessment are: below the folder of the assessment, or below the one that the user
//! names, and nowhere else.
//!
//! A path in an assessment may lead anywhere on the machine of whoever reads it. It is followed only if, with all
//! links resolved, it ends below one of these folders; what is there must be a regular file, as long as it was,
//! and have the same SHA-256 before anything of it is parsed or quoted.

use super::super::network::into_archive;
use super::super::place::Place;
use super::super::provenance::{ContentFiles, digest};
use super::super::whole::irregular;
use super::embedded::{Beside, Input, Part};
use crate::error::{ReadError, grouped, shell_quoted};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// Bytes that a path may have on any system, and folders that inputs are below at most.
const LONGEST: usize = 4096;
const DEEPEST: usize = 64;
/// So many files are looked through for one of some name.
const MOST_LOOKED: usize = 100_000;

/// Where inputs are looked for, and what was found there.
pub(super) struct Search<'a> {
    /// The assessment, as written.
    written: &'a str,
    /// Its folder.
    home: PathBuf,
    /// That of the scenario's file, to which paths are relative.
    base: Option<PathBuf>,
    /// The folders that inputs may be in, links resolved, the most wanted first.
    roots: Vec<PathBuf>,
    /// The folder that holds all inputs that are not below the assessment's own, if there is such a one.
    common: Option<PathBuf>,
    /// Digests that were made.
    digests: BTreeMap<PathBuf, String>,
    /// Files that are what they were, links resolved.
    pub(super) found: BTreeSet<PathBuf>,
    /// The files below the folder that the user named by their names, once they are asked for.
    below: Option<BTreeMap<OsString, Vec<PathBuf>>>,
    /// The folder that the user named, as typed.
    given: Option<&'a Path>,
}

/// Why a path leads to no input, from the least telling on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Missing,
    Outside,
    Irregular(&'static str),
    Changed,
}

impl<'a> Search<'a> {
    /// Prepares to look for some inputs.
    ///
    /// # Errors
    ///
    /// If a folder is none.
    pub(super) fn new(
        place: &'a Place,
        folder: Option<&'a Path>,
        inputs: &[(Part, Input)],
    ) -> Result<Self, ReadError> {
        let written = &place.written;
        let home = plain(&place.resolved);
        let home = home.parent().unwrap_or(Path::new("/")).to_path_buf();
        let base = inputs.iter().find(|(part, _)| *part == Part::Scenario);
        let base = base.and_then(|(_, input)| {
            let at = match &input.relative_path {
                Some(relative) => plain(&home.join(relative)),
                None => plain(Path::new(&input.path)),
            };
            at.parent().map(Path::to_path_buf)
        });
        let mut roots = Vec::new();
        for root in folder.into_iter().chain([home.as_path()]) {
            let whole = root.canonicalize().ok().filter(|root| root.is_dir());
            let no_folder = || {
                let shown = root.display().to_string();
                let hint = format!("name the folder that holds the inputs of {written}");
                ReadError::unusable_hint(shown, "no such folder", hint)
            };
            roots.push(whole.ok_or_else(no_folder)?);
        }
        let mut search = Self {
            written,
            home,
            base,
            roots,
            common: None,
            digests: BTreeMap::new(),
            found: BTreeSet::new(),
            below: None,
            given: folder,
        };
        search.common = search.common_folder(inputs);
        Ok(search)
    }

    /// Where an input is, which is what it was.
    ///
    /// # Errors
    ///
    /// If it has no digest, is missing, lies elsewhere or has changed.
    pub(super) fn find(&mut self, input: &Input) -> Result<PathBuf, ReadError> {
        let Input { path, relative_path, sha256, bytes, .. } = input;
        let (Some(sha256), Some(bytes)) = (sha256, *bytes) else {
            let found = format!("its input \"{path}\" has no SHA-256, wanted that of every input");
            let hint = "keep it as a file on this machine, and assess with that";
            return Err(ReadError::unusable_hint(self.written, found, hint));
        };
        let wanted = (bytes, sha256.to_lowercase());
        let longest = relative_path.iter().chain([path]).map(String::len).max().unwrap_or(0);
        if longest > LONGEST {
            let found = format!(
                "the path of an input has {} bytes, wanted {LONGEST} at most",
                grouped(longest as u64)
            );
            let hint = "no file has such a path: see who wrote it";
            return Err(ReadError::unusable_hint(self.written, found, hint));
        }
        let parts = in_archive(path);
        let at = if parts.is_empty() {
            self.look_for(path, input.relative_path.as_deref(), &wanted)
        } else {
            self.find_in_archive(parts, &wanted)
        };
        let at = at.map_err(|why| self.refused(path, why))?;
        self.check_beside(&at, input)?;
        Ok(at)
    }

    /// A path within an archive, which is one of the first parts of it.
    fn find_in_archive(
        &mut self,
        parts: Vec<[&str; 3]>,
        wanted: &(u64, String),
    ) -> Result<PathBuf, Why> {
        let mut why = Why::Missing;
        for [before, archive, behind] in parts {
            match self.look_for(archive, None, wanted) {
                Ok(at) => return Ok(PathBuf::from(format!("{before}{}{behind}", at.display()))),
                Err(other) => why = why.max(other),
            }
        }
        Err(why)
    }

    /// Looks for a file of that length and digest in all places that a path may mean.
    fn look_for(
        &mut self,
        path: &str,
        relative: Option<&str>,
        wanted: &(u64, String),
    ) -> Result<PathBuf, Why> {
        let mut why = Why::Missing;
        for candidate in self.candidates(path, relative) {
            match self.look_at(&candidate, wanted) {
                Ok(()) => return Ok(candidate),
                Err(other) => why = why.max(other),
            }
        }
        // By its name anywhere below the folder that the user named: its digest tells whether it is the one.
        if self.given.is_some()
            && let Some(name) = Path::new(path).file_name()
        {
            for candidate in self.called(name) {
                if self.look_at(&candidate, wanted).is_ok() {
                    return Ok(candidate);
                }
            }
        }
        Err(why)
    }

    /// The files of a name below the first folder; links are not followed, and not all of a whole disk is looked through.
    fn called(&mut self, name: &OsStr) -> Vec<PathBuf> {
        let below = self.below.get_or_insert_with(|| files_below(&self.roots[..1]));
        below.get(name).cloned().unwrap_or_default()
    }

    /// Where a path may lead: by itself, then by its last parts below each folder.
    fn candidates(&self, path: &str, relative: Option<&str>) -> Vec<PathBuf> {
        let named = self.named(path, relative);
        let parts: Vec<Component> = Path::new(relative.unwrap_or(path)).components().collect();
        let is_name = |part: &&Component| matches!(part, Component::Normal(_));
        let last = parts.iter().rev().take_while(is_name).count();
        let tails = (parts.len() - last.min(DEEPEST)..parts.len())
            .map(|from| parts[from..].iter().collect());
        let tails: Vec<PathBuf> = tails.collect();
        let mut all = Vec::new();
        for root in &self.roots {
            let is_within = |at: &&PathBuf| at.canonicalize().is_ok_and(|at| at.starts_with(root));
            all.extend(named.iter().filter(is_within).cloned());
            all.extend(tails.iter().map(|tail| root.join(tail)));
        }
        // What lies elsewhere is not opened; that it does is told.
        all.extend(named);
        all
    }

    /// The places that a path names by itself.
    fn named(&self, path: &str, relative: Option<&str>) -> Vec<PathBuf> {
        let beside = relative.map(|relative| plain(&self.home.join(relative)));
        let base = self.base.as_ref().map(|base| plain(&base.join(path)));
        beside.into_iter().chain(base).chain([plain(Path::new(path))]).collect()
    }

    /// Whether a file that lies where it may is the one of that length and digest.
    fn look_at(&mut self, at: &Path, (bytes, sha256): &(u64, String)) -> Result<(), Why> {
        let Ok(whole) = at.canonicalize() else { return Err(Why::Missing) };
        if !self.roots.iter().any(|root| whole.starts_with(root)) {
            return Err(Why::Outside);
        }
        let Ok(facts) = whole.metadata() else { return Err(Why::Missing) };
        if let Some(kind) = irregular(facts.file_type()) {
            return Err(Why::Irregular(kind));
        }
        if facts.is_dir() {
            return Err(Why::Irregular("a folder"));
        }
        // So that no file is read that is longer than the one that is wanted.
        if facts.len() != *bytes {
            return Err(Why::Changed);
        }
        if !self.digests.contains_key(&whole) {
            let made = digest(&whole, self.written).map_err(|_unreadable| Why::Missing)?;
            self.digests.insert(whole.clone(), made.sha256);
        }
        if self.digests.get(&whole) != Some(sha256) {
            return Err(Why::Changed);
        }
        self.found.insert(whole);
        Ok(())
    }

    /// Refuses an input if a file that belongs to it is not one of those that did.
    fn check_beside(&mut self, at: &Path, input: &Input) -> Result<(), ReadError> {
        let name_of = |file: &Path| {
            file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let mut left: Vec<&Beside> = input.files_beside.iter().collect();
        for file in ContentFiles::of(at).files.iter().skip(1) {
            let name = name_of(file);
            let is_it = |search: &mut Self, of: &Beside| {
                of.name == name
                    && search.look_at(file, &(of.bytes, of.sha256.to_lowercase())).is_ok()
            };
            let Some(known) = left.iter().position(|of| is_it(self, of)) else {
                return Err(self.other_beside(&input.path, &name, "has changed or come since"));
            };
            left.remove(known);
        }
        match left.first() {
            Some(of) => Err(self.other_beside(&input.path, &of.name, "is missing")),
            None => Ok(()),
        }
    }

    fn other_beside(&self, path: &str, name: &str, what: &str) -> ReadError {
        let found = format!("\"{name}\", which belongs to its input \"{path}\", {what}");
        let hint =
            "assess again, or give the folder that holds the inputs as they were: `--inputs DIR`";
        ReadError::unusable_hint(self.written, found, hint)
    }

    fn refused(&self, path: &str, why: Why) -> ReadError {
        let found = match why {
            Why::Missing => format!("its input \"{path}\" is missing"),
            Why::Outside => match self.given {
                Some(given) => {
                    format!("its input \"{path}\", as it was, is not below {}", given.display())
                }
                None => {
                    format!("its input \"{path}\" lies outside of the folder of the assessment")
                }
            },
            Why::Irregular(kind) => format!("its input \"{path}\" is {kind}, wanted a file"),
            Why::Changed => format!("its input \"{path}\" has changed since (SHA-256)"),
        };
        let hint = match why {
            Why::Missing => "give the folder that holds its inputs: `--inputs DIR`".into(),
            Why::Outside if self.given.is_none() => self.way_in(),
            Why::Outside => {
                "give the folder that holds the inputs as they were: `--inputs DIR`".into()
            }
            Why::Irregular(_) => "put the file there that it was made from, or assess again".into(),
            Why::Changed => {
                "assess again, or give the folder that holds the inputs as they were: `--inputs DIR`"
                    .into()
            }
        };
        ReadError::unusable_hint(self.written, found, hint)
    }

    /// How inputs that lie elsewhere may be read.
    fn way_in(&self) -> String {
        let how =
            "inputs are read below the folder of the assessment, and below the one that you name";
        match &self.common {
            Some(common) => format!("{how}: `--inputs {}` holds all of them", shown(common)),
            None => format!("{how}: `--inputs DIR`"),
        }
    }

    /// The folder below which all inputs lie by their own paths that are not below that of the assessment; nothing
    /// where they have none in common. Nothing of the disk is asked for it.
    fn common_folder(&self, inputs: &[(Part, Input)]) -> Option<PathBuf> {
        let mut common: Option<PathBuf> = None;
        let is_read = |(part, input): &&(Part, Input)| {
            *part != Part::Scenario && !input.path.starts_with("/vsi")
        };
        for (_, input) in inputs.iter().filter(is_read) {
            let at = self.named(&input.path, input.relative_path.as_deref()).into_iter().next()?;
            if at.starts_with(&self.home) {
                continue;
            }
            let folder = at.parent()?.to_path_buf();
            common = Some(match common {
                None => folder,
                Some(other) => shared(&other, &folder),
            });
        }
        common.filter(|folder| folder.components().count() > 1)
    }
}

/// The files below some folders, by their names.
fn files_below(roots: &[PathBuf]) -> BTreeMap<OsString, Vec<PathBuf>> {
    let mut below: BTreeMap<OsString, Vec<PathBuf>> = BTreeMap::new();
    let (mut folders, mut looked) = (VecDeque::from(roots.to_vec()), 0);
    while let Some(folder) = folders.pop_front().filter(|_| looked < MOST_LOOKED) {
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            looked += 1;
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push_back(entry.path());
            } else if kind.is_file() {
                below.entry(entry.file_name()).or_default().push(entry.path());
            }
        }
    }
    below
}

/// The folder that two paths are both below.
fn shared(one: &Path, other: &Path) -> PathBuf {
    let parts = one.components().zip(other.components());
    parts.take_while(|(one, other)| one == other).map(|(part, _)| part).collect()
}

/// A folder as it is typed: from the working directory if it is below that.
fn shown(folder: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let short = folder.strip_prefix(&here).unwrap_or(folder).display().to_string();
    if short.is_empty() { ".".into() } else { shell_quoted(&short) }
}

/// A path made absolute, without `.` and `..`, as the writer of an assessment makes it.
fn plain(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The ways to part a path of an archive: what stands before its name, the name, and what is within; nothing for a
/// path of no archive.
fn in_archive(path: &str) -> Vec<[&str; 3]> {
    let Some((before, inside)) = into_archive(path) else { return Vec::new() };
    // GDAL takes braces around the archive's name.
    if let Some(close) = inside.strip_prefix('{').and_then(|inside| inside.find('}')) {
        let name = &inside[1..=close];
        return vec![[&path[..=before.len()], name, &inside[close + 1..]]];
    }
    let ends = inside.match_indices('/').map(|(at, _)| at).chain([inside.len()]);
    // Nobody packs deeper than that.
    let ends = ends.filter(|end| *end > 0).take(64);
    ends.map(|end| [before, &inside[..end], &inside[end..]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_an_archive_is_parted_at_each_of_its_names() {
        let parts = [
            ["/vsizip/", "a", "/b.zip/c.tif"],
            ["/vsizip/", "a/b.zip", "/c.tif"],
            ["/vsizip/", "a/b.zip/c.tif", ""],
        ];
        assert_eq!(in_archive("/vsizip/a/b.zip/c.tif"), parts);
        assert_eq!(in_archive("/vsizip/{a.zip}/c"), [["/vsizip/{", "a.zip", "}/c"]]);
        assert_eq!(in_archive("/vsicurl/http://a/b.zip"), Vec::<[&str; 3]>::new());
        assert_eq!(in_archive("a/vsizip/b.tif"), Vec::<[&str; 3]>::new());
    }
}
