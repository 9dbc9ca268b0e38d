//! Files written whole or not at all.

use crate::error::WriteError;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;
use tempfile::NamedTempFile;

/// A file without a name, which nobody sees and which is gone with the run.
///
/// # Errors
///
/// If there is no place for temporary files.
pub fn nameless() -> std::io::Result<std::fs::File> {
    tempfile::tempfile()
}

/// How the temporary names of this run begin, unlike those of any other.
pub fn part_prefix() -> &'static str {
    static PREFIX: OnceLock<String> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        format!(".civex-{:x}-{:x}-", std::process::id(), since.as_nanos())
    })
}

/// A file that is complete and synced, and has not got its name yet.
#[derive(Debug)]
pub struct Complete {
    part: NamedTempFile,
    path: PathBuf,
}

/// A file that is being written under a temporary name beside its place.
pub struct Part {
    out: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl Part {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn begin(path: &Path) -> Result<Self, WriteError> {
        let part = begun(path, ".part")?;
        Ok(Self { out: BufWriter::with_capacity(1 << 18, part), path: path.to_path_buf() })
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
        content: impl FnOnce(&mut (dyn Write + Send)) -> std::io::Result<()>,
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
        let part = out.into_inner().map_err(|error| fail(error.into_error()))?;
        part.as_file().sync_all().map_err(fail)?;
        Ok(Complete { part, path })
    }
}

/// Writes a file under a temporary name beside its place, and syncs it.
///
/// # Errors
///
/// If the folder cannot be written, or the disk is full.
pub fn complete(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<Complete, WriteError> {
    let mut part = Part::begin(path)?;
    part.write(|file| content(file))?;
    part.complete()
}

/// Has a file written by a library that opens it by its name: it gets a temporary one with such an ending, beside its
/// place.
///
/// # Errors
///
/// If the folder cannot be written, and those of `content`.
pub(super) fn complete_by(
    path: &Path,
    ending: &str,
    content: &dyn Fn(&Path) -> Result<(), WriteError>,
) -> Result<Complete, WriteError> {
    let fail = |source| failed(path, &source);
    let place = begun(path, &format!(".part{ending}"))?.into_temp_path();
    // Libraries want to make it themselves.
    std::fs::remove_file(&place).map_err(fail)?;
    content(&place)?;
    let file = std::fs::File::options().read(true).write(true).open(&place).map_err(fail)?;
    file.sync_all().map_err(fail)?;
    Ok(Complete { part: NamedTempFile::from_parts(file, place), path: path.to_path_buf() })
}

/// The folder of a file.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// An empty file under a temporary name with such an ending, beside its place.
fn begun(path: &Path, ending: &str) -> Result<NamedTempFile, WriteError> {
    let fail = |source| failed(path, &source);
    if path.is_dir() {
        return Err(fail(ErrorKind::IsADirectory.into()));
    }
    let folder = folder_of(path);
    if folder.exists() && !folder.is_dir() {
        return Err(fail(ErrorKind::NotADirectory.into()));
    }
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(part_prefix()).suffix(ending);
    #[cfg(unix)]
    {
        // As any program makes its files; the mask of the user takes away what it does not want.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(fail)
}

impl Complete {
    /// Gives the file its name; what was there before is replaced.
    ///
    /// # Errors
    ///
    /// If the folder does not allow it.
    pub fn publish(self) -> Result<(), WriteError> {
        let Self { part, path } = self;
        part.persist(&path).map_err(|error| failed(&path, &error.error))?;
        Ok(())
    }
}

/// A failure, told without the temporary name, which differs from run to run.
fn failed(path: &Path, source: &std::io::Error) -> WriteError {
    let plain = source.raw_os_error().or_else(|| inner_os_error(source));
    let source = plain.map_or_else(|| source.kind().into(), std::io::Error::from_raw_os_error);
    WriteError::Io { path: path.display().to_string(), source }
}

/// The number of the operating system's error inside of one that names a path.
fn inner_os_error(error: &std::io::Error) -> Option<i32> {
    let mut inner = error.get_ref().and_then(std::error::Error::source);
    while let Some(error) = inner {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return error.raw_os_error();
        }
        inner = error.source();
    }
    None
}
