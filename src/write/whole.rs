//! Files written whole or not at all, and what they may replace.

use crate::error::WriteError;
use crate::unnamed::{Over, Scratch, Sha, Unnamed, note};
pub use crate::unnamed::{give_up, is_own, part_prefix, whole};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};

/// A file without a name, which nobody sees and which is gone with the run.
///
/// # Errors
///
/// If there is no place for temporary files.
pub fn nameless() -> io::Result<File> {
    tempfile::tempfile()
}

/// What a file may take the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Of one that civex wrote and nobody changed since.
    Own,
    /// Of any.
    Any,
}

/// A file that is complete and synced, and has not got its name yet.
#[derive(Debug)]
pub struct Complete {
    content: Content,
    path: PathBuf,
    bytes: u64,
    sha256: Sha,
}

/// Where the content is until it has its name.
#[derive(Debug)]
enum Content {
    /// On its disk.
    File(Unnamed),
    /// In a temporary file, from where it goes into a pipe or a device.
    Passing(File),
}

/// A file that is being written and has no name yet.
pub struct Part {
    out: BufWriter<Digesting>,
    path: PathBuf,
}

/// Counts and digests what is written.
struct Digesting {
    content: Content,
    bytes: u64,
    sha256: Sha256,
}

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.content {
            Content::File(file) => file.file_mut().write(bytes)?,
            Content::Passing(file) => file.write(bytes)?,
        };
        self.bytes += written as u64;
        self.sha256.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Part {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn begin(path: &Path) -> Result<Self, WriteError> {
        let digesting = Digesting { content: begun(path)?, bytes: 0, sha256: Sha256::new() };
        Ok(Self { out: BufWriter::with_capacity(1 << 18, digesting), path: path.to_path_buf() })
    }

    /// Where it will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes something.
    ///
    /// # Errors
    ///
    /// If the disk is full.
    pub fn write(
        &mut self,
        content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        content(&mut self.out).map_err(|source| failed(&self.path, &source))
    }

    /// Ends it, and syncs it.
    ///
    /// # Errors
    ///
    /// If the disk is full.
    pub fn complete(self) -> Result<Complete, WriteError> {
        let Self { out, path } = self;
        let fail = |source| failed(&path, &source);
        let made = out.into_inner().map_err(|error| fail(error.into_error()))?;
        let Digesting { content, bytes, sha256 } = made;
        let sha256 = sha256.finalize().into();
        if let Content::File(file) = &content {
            note(file.file(), &sha256);
            file.file().sync_all().map_err(fail)?;
        }
        Ok(Complete { content, path, bytes, sha256 })
    }
}

/// Writes a file that has no name yet, and syncs it.
///
/// # Errors
///
/// If the folder cannot be written, or the disk is full.
pub fn complete(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Complete, WriteError> {
    let mut part = Part::begin(path)?;
    part.write(|file| content(file))?;
    part.complete()
}

/// Has a file written by a library that opens it by its name: it does so with such an ending in a temporary folder,
/// where it may also keep files of its own.
///
/// # Errors
///
/// If the folder cannot be written, and those of `content`.
pub(super) fn complete_by(
    path: &Path,
    ending: &str,
    content: &dyn Fn(&Path) -> Result<(), WriteError>,
) -> Result<Complete, WriteError> {
    let mut part = Part::begin(path)?;
    let scratch = Scratch::new().map_err(|source| {
        let path = std::env::temp_dir();
        failed(&path, &source)
    })?;
    let made = scratch.path().join(format!("made{ending}"));
    content(&made)?;
    part.write(|out| io::copy(&mut File::open(&made)?, out).map(drop))?;
    part.complete()
}

/// The folder of a file.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Whether a path leads to a pipe or a device, which is written into and never replaced.
#[must_use]
pub fn is_passing(path: &Path) -> bool {
    path.metadata().is_ok_and(|facts| !facts.is_file() && !facts.is_dir())
}

/// An empty file for a path.
fn begun(path: &Path) -> Result<Content, WriteError> {
    let fail = |source| failed(path, &source);
    if path.is_dir() {
        return Err(fail(ErrorKind::IsADirectory.into()));
    }
    if is_passing(path) {
        return Ok(Content::Passing(nameless().map_err(fail)?));
    }
    let folder = folder_of(path);
    if folder.exists() && !folder.is_dir() {
        return Err(fail(ErrorKind::NotADirectory.into()));
    }
    std::fs::create_dir_all(folder).map_err(fail)?;
    // As any program makes its files; the mask of the user takes away what it does not want.
    Unnamed::begin(folder, part_prefix(), 0o666).map(Content::File).map_err(fail)
}

impl Complete {
    /// Where it will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its length and the SHA-256 of its content.
    #[must_use]
    pub const fn digest(&self) -> (u64, [u8; 32]) {
        (self.bytes, self.sha256)
    }

    /// Gives the file its name, in place of what may be replaced.
    ///
    /// # Errors
    ///
    /// If what is there may not be replaced, or the folder does not allow it.
    pub fn publish(self, replace: Replace) -> Result<(), WriteError> {
        self.refuse_loss(replace)?;
        let Self { content, path, .. } = self;
        let fail = |source| failed(&path, &source);
        match content {
            Content::File(file) => {
                let there = path.symlink_metadata();
                let over = if there.is_ok() { Over::Anything } else { Over::Nothing };
                // Who may read the one that is replaced may read this one, and nobody else.
                if let Some(before) = there.ok().filter(std::fs::Metadata::is_file) {
                    file.file().set_permissions(before.permissions()).map_err(fail)?;
                }
                file.publish(&path, over).map_err(|source| match source.kind() {
                    ErrorKind::AlreadyExists => foreign(&path),
                    _ => fail(source),
                })
            }
            Content::Passing(mut file) => {
                file.rewind().map_err(fail)?;
                let mut device = File::options().write(true).open(&path).map_err(fail)?;
                io::copy(&mut file, &mut device).map(drop).map_err(fail)
            }
        }
    }

    fn refuse_loss(&self, replace: Replace) -> Result<(), WriteError> {
        match self.content {
            Content::File(_) => refuse_loss(&self.path, replace),
            Content::Passing(_) => Ok(()),
        }
    }
}

/// Gives files their names if all of them may have them; no signal comes in between.
///
/// # Errors
///
/// As for [`Complete::publish`].
pub fn publish(all: Vec<Complete>, replace: Replace) -> Result<(), WriteError> {
    all.iter().try_for_each(|one| one.refuse_loss(replace))?;
    // Who reads a pipe may take a while.
    let (files, passing): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| matches!(one.content, Content::File(_)));
    whole(|| files.into_iter().try_for_each(|one| one.publish(replace)))?;
    passing.into_iter().try_for_each(|one| one.publish(replace))
}

/// Refuses a path at which something is that may not be replaced.
///
/// # Errors
///
/// [`WriteError::Foreign`].
pub fn refuse_loss(path: &Path, replace: Replace) -> Result<(), WriteError> {
    refuse_logs(path)?;
    let is_there = path.symlink_metadata().is_ok();
    if !is_there || replace == Replace::Any || is_passing(path) || is_own(path) {
        return Ok(());
    }
    Err(foreign(path))
}

/// Refuses the name of a database beside which something of another is that had this name: it would be taken for a
/// part of the new one.
fn refuse_logs(path: &Path) -> Result<(), WriteError> {
    if !path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gpkg")) {
        return Ok(());
    }
    for behind in ["-wal", "-journal", "-shm"] {
        let mut beside = path.as_os_str().to_os_string();
        beside.push(behind);
        if Path::new(&beside).symlink_metadata().is_ok() {
            let beside = beside.display();
            let found = format!(
                "{beside} is there, which would be taken for a part of it: a program has it open, or was killed"
            );
            let path = path.display().to_string();
            return Err(WriteError::Refused { path, found });
        }
    }
    Ok(())
}

fn foreign(path: &Path) -> WriteError {
    WriteError::Foreign { path: path.display().to_string() }
}

/// A failure, told without the temporary name, which differs from run to run.
fn failed(path: &Path, source: &io::Error) -> WriteError {
    let plain = source.raw_os_error().or_else(|| inner_os_error(source));
    let source = plain.map_or_else(|| source.kind().into(), io::Error::from_raw_os_error);
    WriteError::Io { path: path.display().to_string(), source }
}

/// The number of the operating system's error inside of one that names a path.
fn inner_os_error(error: &io::Error) -> Option<i32> {
    let mut inner = error.get_ref().and_then(std::error::Error::source);
    while let Some(error) = inner {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.raw_os_error();
        }
        inner = error.source();
    }
    None
}
