//! Files written whole or not at all.

use crate::error::WriteError;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file that is complete and synced, and has not got its name yet.
#[derive(Debug)]
pub struct Complete {
    part: NamedTempFile,
    path: PathBuf,
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
    let fail = |source| failed(path, &source);
    if path.is_dir() {
        return Err(fail(ErrorKind::IsADirectory.into()));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if folder.exists() && !folder.is_dir() {
        return Err(fail(ErrorKind::NotADirectory.into()));
    }
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".civex-").suffix(".part");
    #[cfg(unix)]
    {
        // As any program makes its files; the mask of the user takes away what it does not want.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut part = builder.tempfile_in(folder).map_err(fail)?;
    let mut out = BufWriter::with_capacity(1 << 18, part.as_file_mut());
    content(&mut out).and_then(|()| out.flush()).map_err(fail)?;
    drop(out);
    part.as_file().sync_all().map_err(fail)?;
    Ok(Complete { part, path: path.to_path_buf() })
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
