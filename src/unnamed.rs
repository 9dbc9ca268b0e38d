//! Files that have no name until they are complete, and how a run knows its own again.
//!
//! On Linux such a file is in no folder while it is written: whatever ends the program, nothing of it is left.
//! Where the system or the file system has no such files, it has a temporary name beside its place. Those names,
//! and temporary folders for libraries that open files by name, are listed here: the program removes them when a
//! signal ends it ([`give_up`]).
//!
//! A complete file carries the SHA-256 of its content in an extended attribute. A file whose content has that digest
//! is one that civex wrote and nobody changed since; a copy without the attribute is not known.

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;
use tempfile::{NamedTempFile, TempDir};

/// Temporary names and folders of this run that are on the disk.
static LISTED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Held while something is done that must be whole.
static WHOLE: Mutex<()> = Mutex::new(());

/// A SHA-256.
pub(crate) type Sha = [u8; 32];

/// How the temporary names of this run begin, unlike those of any other.
pub fn part_prefix() -> &'static str {
    static PREFIX: OnceLock<String> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        format!(".civex-{:x}-{:x}-", std::process::id(), since.as_nanos())
    })
}

/// Does something that no signal cuts short. It must not be called within itself.
pub fn whole<T>(work: impl FnOnce() -> T) -> T {
    let _held = WHOLE.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// Removes all that is not complete. For a program that ends at once: no file is begun or gets its name afterward.
pub fn give_up() {
    std::mem::forget(WHOLE.lock());
    let listed = LISTED.lock().unwrap_or_else(PoisonError::into_inner);
    for path in listed.iter() {
        // Other threads are at work still, and may put one more file into a folder.
        for _ in 0..20 {
            let gone = match path.symlink_metadata() {
                Err(_) => break,
                Ok(facts) if facts.is_dir() => std::fs::remove_dir_all(path),
                Ok(_) => std::fs::remove_file(path),
            };
            if gone.is_ok() {
                break;
            }
        }
    }
    std::mem::forget(listed);
}

/// A temporary name, listed while it lives.
#[derive(Debug)]
struct Listed(PathBuf);

impl Listed {
    /// Lists what `make` puts on the disk, so that no signal comes in between.
    fn of<T>(make: impl FnOnce() -> io::Result<(T, PathBuf)>) -> io::Result<(T, Self)> {
        let mut listed = LISTED.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, path) = make()?;
        listed.insert(path.clone());
        Ok((made, Self(path)))
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        LISTED.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// A temporary folder, for libraries that open files by their names.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    _listed: Listed,
}

impl Scratch {
    /// Makes one where the system keeps temporary files.
    pub(crate) fn new() -> io::Result<Self> {
        let make = || {
            let folder = tempfile::Builder::new().prefix("civex-").tempdir()?;
            let path = folder.path().to_path_buf();
            Ok((folder, path))
        };
        let (folder, listed) = Listed::of(make)?;
        Ok(Self { folder, _listed: listed })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A file that has no name yet.
#[derive(Debug)]
pub(crate) struct Unnamed(Content);

#[derive(Debug)]
enum Content {
    /// It is in no folder.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "no other system has such files")
    )]
    Nowhere(File),
    /// It has a temporary name.
    Aside(NamedTempFile, Listed),
}

/// What the name of a file may take the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// Of nothing: if the name is taken, that is an error.
    Nothing,
    /// Of anything.
    Anything,
}

impl Unnamed {
    /// Begins a file in a folder, with such permissions. Where it must have a temporary name, that begins so.
    pub(crate) fn begin(folder: &Path, prefix: &str, mode: u32) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = nowhere::begin(folder, mode) {
            return Ok(Self(Content::Nowhere(file)));
        }
        Self::begin_aside(folder, prefix, mode)
    }

    fn begin_aside(folder: &Path, prefix: &str, mode: u32) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix).suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(mode));
        }
        #[cfg(not(unix))]
        let _every_file_is_alike = mode;
        let make = || {
            let file = builder.tempfile_in(folder)?;
            let path = file.path().to_path_buf();
            Ok((file, path))
        };
        let (file, listed) = Listed::of(make)?;
        Ok(Self(Content::Aside(file, listed)))
    }

    pub(crate) fn file(&self) -> &File {
        match &self.0 {
            Content::Nowhere(file) => file,
            Content::Aside(file, _) => file.as_file(),
        }
    }

    pub(crate) fn file_mut(&mut self) -> &mut File {
        match &mut self.0 {
            Content::Nowhere(file) => file,
            Content::Aside(file, _) => file.as_file_mut(),
        }
    }

    /// The temporary name, if it has one.
    pub(crate) fn temporary(&self) -> Option<&Path> {
        match &self.0 {
            Content::Nowhere(_) => None,
            Content::Aside(file, _) => Some(file.path()),
        }
    }

    /// Gives the file its name.
    pub(crate) fn publish(self, path: &Path, over: Over) -> io::Result<()> {
        match (self.0, over) {
            #[cfg(target_os = "linux")]
            (Content::Nowhere(file), Over::Nothing) => nowhere::name(&file, path),
            #[cfg(target_os = "linux")]
            (Content::Nowhere(file), Over::Anything) => {
                // A file without a name cannot take the place of another at once.
                let aside = aside(path);
                let link = || Ok((nowhere::name(&file, &aside)?, aside.clone()));
                let ((), _listed) = Listed::of(link)?;
                std::fs::rename(&aside, path).inspect_err(|_| {
                    let _removed = std::fs::remove_file(&aside);
                })
            }
            #[cfg(not(target_os = "linux"))]
            (Content::Nowhere(_), _) => Err(ErrorKind::Unsupported.into()),
            (Content::Aside(file, _listed), Over::Nothing) => {
                file.persist_noclobber(path).map(drop).map_err(|error| error.error)
            }
            (Content::Aside(file, _listed), Over::Anything) => {
                file.persist(path).map(drop).map_err(|error| error.error)
            }
        }
    }
}

/// A temporary name beside a path.
#[cfg(target_os = "linux")]
fn aside(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!("{}{count}.part", part_prefix()))
}

/// Notes in a file what its content is. Where attributes cannot be kept, it is not known again.
pub(crate) fn note(file: &File, sha256: &Sha) {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    let _kept = attribute::set(file, sha256);
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    let _nowhere = (file, sha256);
}

/// Whether civex wrote a file, and nobody changed it since. A link is none.
#[must_use]
pub fn is_own(path: &Path) -> bool {
    let is_file = path.symlink_metadata().is_ok_and(|facts| facts.is_file());
    let Some(mut file) = is_file.then(|| File::open(path).ok()).flatten() else { return false };
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    let noted = attribute::of(&file);
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    let noted: Option<Sha> = None;
    // Most files of others have none, and need not be read.
    noted.is_some_and(|noted| sha256_of(&mut file).is_ok_and(|made| made == noted))
}

fn sha256_of(file: &mut File) -> io::Result<Sha> {
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().into()),
            Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod attribute {
    use super::Sha;
    use rustix::fs::{XattrFlags, fgetxattr, fsetxattr};
    use std::fs::File;
    use std::io;

    const NAME: &str = "user.civex.sha256";

    pub(super) fn set(file: &File, sha256: &Sha) -> io::Result<()> {
        Ok(fsetxattr(file, NAME, sha256, XattrFlags::empty())?)
    }

    pub(super) fn of(file: &File) -> Option<Sha> {
        let mut sha256 = [0; 32];
        let length = fgetxattr(file, NAME, &mut sha256[..]).ok()?;
        (length == sha256.len()).then_some(sha256)
    }
}

#[cfg(target_os = "linux")]
mod nowhere {
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::Path;

    /// A file in no folder; `None` where there cannot be one.
    pub(super) fn begin(folder: &Path, mode: u32) -> Option<File> {
        // Through it the file gets its name.
        if !Path::new("/proc/self/fd").exists() {
            return None;
        }
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        open(folder, flags, Mode::from_raw_mode(mode)).ok().map(File::from)
    }

    /// Gives it a name that is not taken.
    pub(super) fn name(file: &File, path: &Path) -> io::Result<()> {
        let own = format!("/proc/self/fd/{}", file.as_raw_fd());
        Ok(linkat(CWD, own, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// A file of either kind with some content.
    fn unnamed(folder: &Path, is_aside: bool) -> Unnamed {
        let begin = if is_aside { Unnamed::begin_aside } else { Unnamed::begin };
        let mut file = begin(folder, ".civex-1-1-", 0o600).unwrap();
        file.file_mut().write_all(b"whole").unwrap();
        file
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = folder.read_dir().unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_name_is_taken_only_where_that_is_meant() {
        for is_aside in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("out");
            unnamed(folder.path(), is_aside).publish(&path, Over::Nothing).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"whole");
            std::fs::write(&path, "theirs").unwrap();
            let error = unnamed(folder.path(), is_aside).publish(&path, Over::Nothing).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
            unnamed(folder.path(), is_aside).publish(&path, Over::Anything).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"whole");
            drop(unnamed(folder.path(), is_aside));
            assert_eq!(names(folder.path()), ["out"]);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_in_the_making_is_in_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = unnamed(folder.path(), false);
        assert!(file.temporary().is_none() && names(folder.path()).is_empty());
        let aside = unnamed(folder.path(), true);
        assert!(LISTED.lock().unwrap().contains(aside.temporary().unwrap()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_is_known_until_it_is_changed_copied_or_linked_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let made = unnamed(folder.path(), false);
        note(made.file(), &Sha256::digest(b"whole").into());
        made.publish(&path("out"), Over::Nothing).unwrap();
        assert!(is_own(&path("out")));
        std::os::unix::fs::symlink("out", path("link")).unwrap();
        std::fs::write(path("copy"), "whole").unwrap();
        assert!(!is_own(&path("link")) && !is_own(&path("copy")) && !is_own(&path("gone")));
        std::fs::rename(path("out"), path("moved")).unwrap();
        assert!(is_own(&path("moved")));
        std::fs::write(path("moved"), "wholE").unwrap();
        assert!(!is_own(&path("moved")));
    }
}
