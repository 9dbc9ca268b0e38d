//! Where sidecar files are kept: found by the grid and the rasters, stored whole or not at all, the
//! least recently used removed when they grow too many. The folder is this user's alone, and so is every file
//! in it: what somebody else may have written is not used.

use super::private::{Place, Refused, check_folder, make_folder, written_by_others};
use super::sidecar::{Sidecar, Unusable};
use crate::unnamed::{Over, Unnamed};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File, FileTimes, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The ending of sidecar files.
pub const ENDING: &str = "civexpop";
/// What files are called while they are made, where they cannot be without a name.
const BUILDING: &str = ".civexpop-building-";
/// Letters behind that.
const BUILDING_LETTERS: usize = 6;
/// A cache holds so many bytes at most: 20 GB.
const MOST_BYTES: u64 = 20_000_000_000;

/// A file of a raster as it was when its index was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Its name, without folders.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// When it was changed last: nanoseconds since 1970.
    pub mtime_ns: i64,
    /// When anything of it was changed last; 0 where nobody can tell.
    #[serde(default)]
    pub ctime_ns: i64,
    /// SHA-256 of its first and last 64 KiB, in hexadecimal.
    pub ends: String,
    /// SHA-256 of all of it, in hexadecimal.
    pub sha256: String,
}

/// One raster of an index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelFacts {
    /// Where its main file was.
    pub path: String,
    /// How its numbers become people.
    pub reading: String,
    /// All files of its dataset.
    pub files: Vec<FileStamp>,
    /// People in all its cells.
    pub people: f64,
}

/// What a sidecar was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The version of civex that made it.
    pub civex: String,
    /// Where its cells are.
    pub grid: String,
    /// Its rasters.
    pub channels: Vec<ChannelFacts>,
}

impl Facts {
    fn read(sidecar: &Sidecar) -> Option<Self> {
        serde_json::from_slice(sidecar.facts()).ok()
    }
}

/// A sidecar file that is open, and what it was made from.
pub struct Kept {
    pub(super) sidecar: Sidecar,
    /// Whether it lies in a cache, where only this user can have put it.
    pub(super) is_cached: bool,
    /// What it was made from.
    pub facts: Facts,
}

/// A file that cannot be used as a sidecar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub found: String,
}

/// Opens a file for reading, if it is one: no folder, no pipe, no device.
fn open_file(path: &Path) -> Option<(File, Metadata)> {
    let is_file = fs::metadata(path).is_ok_and(|facts| facts.is_file());
    let file = is_file.then(|| File::open(path).ok()).flatten()?;
    let facts = file.metadata().ok().filter(Metadata::is_file)?;
    Some((file, facts))
}

/// Opens a file of the cache; `None` if there is none.
pub(super) fn open_own(path: &Path) -> Result<Option<File>, Foreign> {
    let Some((file, facts)) = open_file(path) else { return Ok(None) };
    match written_by_others(&facts) {
        Some(found) => Err(Foreign { path: path.to_path_buf(), found }),
        None => Ok(Some(file)),
    }
}

impl Kept {
    /// Opens a sidecar file of a cache; `None` if there is none that can be read.
    ///
    /// # Errors
    ///
    /// [`Foreign`] if the file is no sidecar, of another version, damaged, or may have been written by
    /// somebody else.
    pub fn open(path: &Path) -> Result<Option<Self>, Foreign> {
        match open_own(path)? {
            Some(file) => Self::of_file(&file, path, None),
            None => Ok(None),
        }
    }

    /// Opens a sidecar file that anybody may have put beside a raster of so many columns and rows; `None` if
    /// there is none that can be read, or it is of other cells. Nothing in it is to be believed before
    /// it is proven.
    ///
    /// # Errors
    ///
    /// [`Foreign`] if the file is no sidecar, of another version, or damaged.
    pub fn open_beside(path: &Path, size: (usize, usize)) -> Result<Option<Self>, Foreign> {
        match open_file(path) {
            Some((file, _)) => Self::of_file(&file, path, Some(size)),
            None => Ok(None),
        }
    }

    fn of_file(
        file: &File,
        path: &Path,
        size: Option<(usize, usize)>,
    ) -> Result<Option<Self>, Foreign> {
        let foreign = |found: &str| Foreign { path: path.to_path_buf(), found: found.to_string() };
        let sidecar = match Sidecar::of_file(file, path, size) {
            Ok(sidecar) => sidecar,
            Err(Unusable::Unreadable | Unusable::OfOtherCells) => return Ok(None),
            Err(Unusable::Foreign(found)) => return Err(foreign(found)),
        };
        match Facts::read(&sidecar) {
            Some(facts) if facts.channels.len() == sidecar.channels() => {
                Ok(Some(Self { sidecar, is_cached: size.is_none(), facts }))
            }
            _ => Err(foreign("its facts cannot be read")),
        }
    }

    /// SHA-256 of all of it.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sidecar.sha256()
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.sidecar.path()
    }

    /// Its length in bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.sidecar.page().bytes
    }

    /// Columns and rows of its grid.
    #[must_use]
    pub const fn size(&self) -> (usize, usize) {
        self.sidecar.page().size
    }

    /// Looks at every checksum: whether it is what was written, not whether that was true.
    ///
    /// # Errors
    ///
    /// [`Foreign`] if some part is not what was written.
    pub fn verify(&self) -> Result<(), Foreign> {
        let found = || Foreign { path: self.path().to_path_buf(), found: "it is damaged".into() };
        self.sidecar.verify().map_err(|_rotten| found())
    }
}

/// Whether a file begins as an index, or as numbers kept beside one.
#[must_use]
pub fn is_index(path: &Path) -> bool {
    let mut head = [0; 8];
    let read = File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut head));
    let is_one = head == super::sidecar::MAGIC.to_le_bytes() || head == super::numbers::MARK;
    read.is_ok() && is_one && path.symlink_metadata().is_ok_and(|facts| facts.is_file())
}

/// A folder of sidecar files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
    most_bytes: u64,
}

/// A sidecar file that is being made: it is removed unless it is saved.
pub(super) struct Part {
    unnamed: Unnamed,
    path: PathBuf,
    is_cached: bool,
}

impl Cache {
    /// The cache in a folder that the user named. It may be made later, and is the user's alone then.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it is there, and others own it or can get into it.
    pub fn named(folder: impl Into<PathBuf>) -> Result<Self, Refused> {
        Self::new(folder.into(), Place::Named)
    }

    /// The cache in the place of civex itself, which is closed to others if they could only read it.
    ///
    /// # Errors
    ///
    /// [`Refused`] if others own it or could write into it.
    pub fn own(folder: impl Into<PathBuf>) -> Result<Self, Refused> {
        Self::new(folder.into(), Place::Own)
    }

    fn new(folder: PathBuf, place: Place) -> Result<Self, Refused> {
        check_folder(&folder, place)?;
        Ok(Self { folder, most_bytes: MOST_BYTES })
    }

    /// The same with another limit.
    #[must_use]
    pub fn holding(self, most_bytes: u64) -> Self {
        Self { most_bytes, ..self }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files of a grid, the smallest first, then by name.
    #[must_use]
    pub fn of_grid(&self, grid: &str) -> Vec<PathBuf> {
        let head = format!("{}-", digest(&[grid]));
        let mut found = self.files();
        found.retain(|(path, ..)| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&head))
        });
        found.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        found.into_iter().map(|(path, ..)| path).collect()
    }

    /// Where the sidecar of rasters on a grid goes: each raster by where it is and how it is read.
    #[must_use]
    pub fn place(&self, grid: &str, rasters: &[(String, String)]) -> PathBuf {
        let parts: Vec<&str> =
            rasters.iter().flat_map(|(path, reading)| [&path[..], reading]).collect();
        self.folder.join(format!("{}-{}.{ENDING}", digest(&[grid]), digest(&parts)))
    }

    /// All sidecar files, by name. What a run that was killed left behind is removed.
    #[must_use]
    pub fn list(&self) -> Vec<PathBuf> {
        remove_left_behind(&self.folder);
        let files = self.files().into_iter().map(|(path, ..)| path);
        let mut files: Vec<PathBuf> = files.filter(|path| !super::numbers::is_one(path)).collect();
        files.sort();
        files
    }

    /// Sidecar files, and files of numbers, with their length and when they were used last.
    pub(super) fn files(&self) -> Vec<(PathBuf, u64, SystemTime)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let of_file = |entry: fs::DirEntry| {
            let path = entry.path();
            let is_ours = path.extension().is_some_and(|ending| ending == ENDING)
                || super::numbers::is_one(&path);
            let facts = entry.metadata().ok().filter(|facts| is_ours && facts.is_file())?;
            let used = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            Some((path, facts.len(), used))
        };
        entries.filter_map(of_file).collect()
    }

    /// Removes the least recently used files until all fit, but for one.
    pub(super) fn tidy(&self, keep: &Path) {
        let mut files = self.files();
        files.sort_by(|a, b| (a.2, &a.0).cmp(&(b.2, &b.0)));
        let mut bytes: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (path, length, _) in files {
            if bytes <= self.most_bytes {
                return;
            }
            if path != keep && is_index(&path) && fs::remove_file(&path).is_ok() {
                bytes = bytes.saturating_sub(length);
            }
        }
    }
}

/// Removes files in the making that nobody makes any more: whoever makes one holds a lock on it.
fn remove_left_behind(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let letters = name.to_str().and_then(|name| name.strip_prefix(BUILDING));
        let is_part = letters.is_some_and(|letters| {
            letters.len() == BUILDING_LETTERS && letters.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        if is_part && entry.metadata().is_ok_and(|facts| facts.is_file()) {
            let opened = OpenOptions::new().write(true).open(entry.path());
            if opened.is_ok_and(|file| file.try_lock().is_ok()) {
                let _gone_anyway = fs::remove_file(entry.path());
            }
        }
    }
}

impl Part {
    /// An empty file beside the place that it will take: in the folder of a cache, which is made, or beside a
    /// raster.
    pub(super) fn new(path: &Path, cache: Option<&Cache>) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        if cache.is_some() {
            make_folder(folder)?;
        }
        remove_left_behind(folder);
        let (path, is_cached) = (path.to_path_buf(), cache.is_some());
        loop {
            let part = Unnamed::begin(folder, BUILDING, 0o600)?;
            // Where files cannot be locked, nobody takes this one for left behind either.
            let _locked = part.file().try_lock();
            // Another may have found it before it was locked.
            if part.temporary().is_none_or(Path::exists) {
                return Ok(Self { unnamed: part, path, is_cached });
            }
        }
    }

    pub(super) fn file(&mut self) -> &mut File {
        self.unnamed.file_mut()
    }

    /// Gives the file its name, when all of it is on the disk. Beside a raster others may read it.
    pub(super) fn save(self) -> io::Result<PathBuf> {
        self.unnamed.file().sync_all()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = if self.is_cached { 0o600 } else { 0o644 };
            self.unnamed.file().set_permissions(fs::Permissions::from_mode(mode))?;
        }
        self.unnamed.publish(&self.path, Over::Anything)?;
        Ok(self.path)
    }
}

/// Notes that a file was used.
pub(super) fn touch(path: &Path) {
    let opened = OpenOptions::new().append(true).open(path);
    if let Ok(file) = opened {
        let _not_ours = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
    }
}

/// A short digest of texts.
pub(super) fn digest(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    let head =
        hasher.finalize().iter().take(8).fold(0u64, |head, byte| head << 8 | u64::from(*byte));
    format!("{head:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A file of so many bytes that was used so many seconds after the epoch.
    fn file(folder: &Path, name: &str, bytes: usize, used: u64) -> PathBuf {
        let path = folder.join(name);
        let mut content = super::super::sidecar::MAGIC.to_le_bytes().to_vec();
        content.resize(bytes, 0);
        fs::write(&path, content).unwrap();
        let used = SystemTime::UNIX_EPOCH + Duration::from_secs(used);
        File::options().append(true).open(&path).unwrap().set_modified(used).unwrap();
        path
    }

    #[test]
    fn the_least_recently_used_go_until_the_others_fit() {
        let folder = super::super::private::own_folder();
        let cache = Cache::named(folder.path()).unwrap().holding(250);
        let old = file(folder.path(), "a-1.civexpop", 100, 1000);
        let kept = file(folder.path(), "b-1.civexpop", 100, 500);
        let recent = file(folder.path(), "c-1.civexpop", 100, 3000);
        let other = file(folder.path(), "notes.txt", 1000, 1);
        touch(&old);
        let older = file(folder.path(), "d-1.civexpop", 100, 2000);
        cache.tidy(&kept);
        assert_eq!(
            [&old, &kept, &recent, &older].map(|path| path.exists()),
            [true, true, false, false]
        );
        assert!(other.exists(), "what is not ours stays");
    }

    #[test]
    fn what_a_killed_run_left_goes_and_what_another_makes_stays() {
        let folder = super::super::private::own_folder();
        let left = file(folder.path(), ".civexpop-building-aB3eft", 10, 1000);
        let others = [".civexpop-building-plan.txt", ".civexpop-building-", ".building-abcdef"];
        let others = others.map(|name| file(folder.path(), name, 10, 1000));
        let mut part = Part::new(&folder.path().join("a-1.civexpop"), None).unwrap();
        let making = part.unnamed.temporary().map(Path::to_path_buf);
        let is_there = || making.as_deref().is_none_or(Path::exists);
        assert!(!left.exists());
        let left = file(folder.path(), ".civexpop-building-again1", 10, 1000);
        assert!(Cache::named(folder.path()).unwrap().list().is_empty());
        assert!(!left.exists() && is_there());
        assert!(others.iter().all(|other| other.exists()), "what is not ours stays");
        io::Write::write_all(part.file(), b"whole").unwrap();
        assert_eq!(fs::read(part.save().unwrap()).unwrap(), b"whole");
        assert!(making.is_none_or(|making| !making.exists()));
    }

    #[test]
    fn a_grid_finds_its_own_files_the_smallest_first() {
        let folder = super::super::private::own_folder();
        let cache = Cache::named(folder.path()).unwrap();
        let raster = |name: &str| vec![(name.to_string(), String::new())];
        let place = |grid: &str, name: &str| cache.place(grid, &raster(name));
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_string();
        let large = file(folder.path(), &name(&place("one", "a")), 20, 1);
        let small = file(folder.path(), &name(&place("one", "b")), 10, 1);
        file(folder.path(), &name(&place("two", "a")), 5, 1);
        assert_eq!(cache.of_grid("one"), [small, large]);
        assert_eq!(cache.list().len(), 3);
    }
}
