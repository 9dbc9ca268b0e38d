//! Files written whole or not at all.

use crate::error::WriteError;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes a file under a temporary name beside its place, syncs it, and gives it its name. If
/// anything fails, what was there before is still there.
///
/// # Errors
///
/// If the folder cannot be written, or the disk is full.
pub fn whole(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), WriteError> {
    let fail = |source| WriteError::Io { path: path.display().to_string(), source };
    if path.is_dir() {
        return Err(fail(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if folder.exists() && !folder.is_dir() {
        return Err(fail(std::io::Error::from(std::io::ErrorKind::NotADirectory)));
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
    part.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}
