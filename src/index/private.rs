//! Whom a folder or a file of the cache belongs to: what somebody else may have written is not used.
//!
//! An index in the cache is believed without a look at its raster, so nobody but the user who runs civex may be
//! able to write it. Systems without owners and modes are trusted with that.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// A folder that is not used as a cache: nothing is read from it, and nothing written into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The folder.
    pub folder: PathBuf,
    /// What was found, and what is wanted.
    pub found: String,
    /// Whether a change of its mode is enough.
    pub is_mode: bool,
}

/// Whose choice a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The user named it: its mode is the user's business.
    Named,
    /// The place of civex itself: earlier versions left it open to readers.
    Own,
}

/// Looks at a folder; one that is not there yet is nobody's.
pub(super) fn check_folder(folder: &Path, place: Place) -> Result<(), Refused> {
    // What cannot be looked at cannot be used either, and says so when it is made.
    let Ok(facts) = fs::metadata(folder) else { return Ok(()) };
    let found = match is_open(&facts) {
        None => return Ok(()),
        Some(_) if place == Place::Own && is_closed(folder, &facts) => return Ok(()),
        Some(found) => found,
    };
    let is_mode = owned_by_another(&facts).is_none();
    Err(Refused { folder: folder.to_path_buf(), found, is_mode })
}

/// Makes a folder that is this user's alone, and all that are missing above it.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // Another may have made it meanwhile.
    check_folder(folder, Place::Named)
        .map_err(|refused| io::Error::new(io::ErrorKind::PermissionDenied, refused.found))
}

/// Why others can look into a folder or write into it, or put one like it in its place.
#[cfg(unix)]
fn is_open(facts: &Metadata) -> Option<String> {
    owned_by_another(facts).or_else(|| allowed_to_others(facts, 0o077, "get into it; wanted 700"))
}

/// Closes a folder of civex itself that others could read and not write; true if that was done.
#[cfg(unix)]
fn is_closed(folder: &Path, facts: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    // Behind a link lies a folder that somebody chose.
    let is_itself = fs::symlink_metadata(folder).is_ok_and(|facts| facts.is_dir());
    is_itself
        && written_by_others(facts).is_none()
        && fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).is_ok()
}

/// Why others may have written a file; `None` if only this user can have.
#[cfg(unix)]
pub(super) fn written_by_others(facts: &Metadata) -> Option<String> {
    owned_by_another(facts).or_else(|| allowed_to_others(facts, 0o022, "write it; wanted 600"))
}

#[cfg(unix)]
fn owned_by_another(facts: &Metadata) -> Option<String> {
    let (owner, user) =
        (std::os::unix::fs::MetadataExt::uid(facts), rustix::process::geteuid().as_raw());
    let found = || format!("it belongs to user {owner}; wanted one of user {user}, who runs civex");
    (owner != user).then(found)
}

/// What any of some bits of a mode allows others.
#[cfg(unix)]
fn allowed_to_others(facts: &Metadata, bits: u32, what: &str) -> Option<String> {
    let mode = std::os::unix::fs::MetadataExt::mode(facts) & 0o777;
    (mode & bits != 0).then(|| format!("its mode is {mode:03o}, so others can {what}"))
}

#[cfg(not(unix))]
fn is_open(_facts: &Metadata) -> Option<String> {
    None
}

#[cfg(not(unix))]
fn is_closed(_folder: &Path, _facts: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
pub(super) fn written_by_others(_facts: &Metadata) -> Option<String> {
    None
}

#[cfg(not(unix))]
fn owned_by_another(_facts: &Metadata) -> Option<String> {
    None
}

/// A temporary folder that is the user's alone.
#[cfg(test)]
pub(super) fn own_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    }
    folder
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn folder_of_mode(parent: &Path, name: &str, mode: u32) -> PathBuf {
        let folder = parent.join(name);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
        folder
    }

    #[test]
    fn a_folder_is_used_if_nobody_else_can_get_into_it() {
        let parent = tempfile::tempdir().unwrap();
        for (mode, is_used) in
            [(0o700, true), (0o500, true), (0o755, false), (0o770, false), (0o701, false)]
        {
            let folder = folder_of_mode(parent.path(), &format!("{mode:o}"), mode);
            let checked = check_folder(&folder, Place::Named);
            assert_eq!(checked.is_ok(), is_used, "{mode:o}");
            let left = mode_of(&folder);
            assert_eq!(left, mode, "the user's folder stays as it is");
            if let Err(refused) = checked {
                assert!(refused.is_mode && refused.found.contains(&format!("{mode:o}")));
            }
        }
        assert!(check_folder(&parent.path().join("none"), Place::Named).is_ok());
    }

    #[test]
    fn the_own_folder_is_closed_to_readers_and_refused_where_others_could_write() {
        let parent = tempfile::tempdir().unwrap();
        let readable = folder_of_mode(parent.path(), "readable", 0o755);
        assert!(check_folder(&readable, Place::Own).is_ok());
        assert_eq!(mode_of(&readable), 0o700);
        let shared = folder_of_mode(parent.path(), "shared", 0o775);
        assert!(check_folder(&shared, Place::Own).is_err());
        let elsewhere = folder_of_mode(parent.path(), "elsewhere", 0o755);
        let link = parent.path().join("link");
        std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
        assert!(check_folder(&link, Place::Own).is_err());
        assert_eq!((mode_of(&shared), mode_of(&elsewhere)), (0o775, 0o755));
    }

    fn mode_of(folder: &Path) -> u32 {
        fs::metadata(folder).unwrap().permissions().mode() & 0o777
    }
}
