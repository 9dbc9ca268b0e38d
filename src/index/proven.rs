//! Sidecars beside rasters that are known to hold what their rasters hold: made here, or proven here before.
//!
//! A file of the cache for each raster tells the SHA-256 of its sidecar, and which files of the raster it was
//! proven against. All that such a sidecar says of itself came with it, names and times too, so only what the
//! cache says is believed. What the file system said of a sidecar when it was digested spares digesting it again;
//! only on the file system that the cache is on, for whoever brings another along brings what it says, too.

use super::cache::{Cache, FileStamp, Kept, Part, digest, open_own};
use serde::{Deserialize, Serialize};
use std::fs::{self, Metadata};
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// The ending of these files.
pub(super) const ENDING: &str = "civexproven";

/// None of them is larger: 16 MiB.
const MOST_BYTES: u64 = 16 << 20;

/// A file that was changed so short a time ago may be changed again without looking changed: 3 s.
#[cfg(unix)]
const UNSETTLED_NS: i128 = 3_000_000_000;

/// What is known of the sidecar beside a raster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// SHA-256 of the sidecar, in hexadecimal.
    pub sha256: String,
    /// How the sidecar looked when it was digested, if that tells anything.
    pub seen: Option<Seen>,
    /// What tells the raster from any other.
    pub raster: String,
    /// The files of the raster as they were.
    pub files: Vec<FileStamp>,
}

/// How a file looks from outside, where nobody but the file system can have a say in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    device: u64,
    node: u64,
    bytes: u64,
    mtime_ns: i128,
    changed_ns: i128,
}

impl Seen {
    /// `None` where that tells nothing: on another file system than the cache, or of a file that was changed
    /// just now.
    #[cfg(unix)]
    fn of(file: &Metadata, cache: &Cache) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let ns = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        let device = fs::metadata(cache.folder()).ok()?.dev();
        let changed_ns = ns(file.ctime(), file.ctime_nsec());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
        let is_settled = now.as_nanos().cast_signed() - changed_ns > UNSETTLED_NS;
        (file.dev() == device && is_settled).then(|| Self {
            device,
            node: file.ino(),
            bytes: file.len(),
            mtime_ns: ns(file.mtime(), file.mtime_nsec()),
            changed_ns,
        })
    }

    #[cfg(not(unix))]
    fn of(_file: &Metadata, _cache: &Cache) -> Option<Self> {
        None
    }
}

impl Kept {
    /// How the file looked when it was opened, if that tells anything to this cache.
    #[must_use]
    pub fn seen(&self, cache: &Cache) -> Option<Seen> {
        Seen::of(self.sidecar.file(), cache)
    }
}

impl Cache {
    /// All that is known of sidecars beside rasters.
    #[must_use]
    pub fn proven(&self) -> Vec<Proven> {
        let read = |path: PathBuf| {
            let file = open_own(&path).ok()??;
            let mut text = Vec::new();
            file.take(MOST_BYTES).read_to_end(&mut text).ok()?;
            serde_json::from_slice(&text).ok()
        };
        self.list_proven().into_iter().filter_map(read).collect()
    }

    /// Keeps what is known of the sidecar beside a raster, in place of what was known of it.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn keep_proven(&self, proven: &Proven) -> io::Result<()> {
        let name = format!("{}.{ENDING}", digest(&[&proven.raster]));
        let mut part = Part::new(&self.folder().join(name), Some(self))?;
        part.file().write_all(&serde_json::to_vec(proven)?)?;
        part.save().map(drop)
    }

    /// The files of what is known, by name.
    #[must_use]
    pub fn list_proven(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder()).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        let is_one = |path: &PathBuf| {
            path.extension().is_some_and(|ending| ending == ENDING) && path.is_file()
        };
        let mut paths: Vec<PathBuf> = paths.filter(is_one).collect();
        paths.sort();
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_raster_makes_place_for_what_is_known_later() {
        let folder = super::super::private::own_folder();
        let cache = Cache::named(folder.path()).unwrap();
        let of = |raster: &str, sha256: &str| Proven {
            sha256: sha256.into(),
            seen: None,
            raster: raster.into(),
            files: Vec::new(),
        };
        for (raster, sha256) in [("a", "1"), ("b", "2"), ("a", "3")] {
            cache.keep_proven(&of(raster, sha256)).unwrap();
        }
        let mut known = cache.proven();
        known.sort_by(|one, other| one.raster.cmp(&other.raster));
        assert_eq!(known, [of("a", "3"), of("b", "2")]);
        assert!(cache.list().is_empty(), "no population index");
    }
}
