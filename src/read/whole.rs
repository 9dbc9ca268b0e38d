//! Whole files in memory: regular ones only, and no more of them than their reader allows.
//!
//! A pipe has no end that anybody knows of, a device none at all, and opening a pipe waits for whoever
//! writes to it. So the kind of a file is looked at before it is opened, and again when it is open, and
//! no more is read than the length that it had then.

use super::place::Place;
use super::{directory, not_utf8, too_large};
use crate::error::{ReadError, bytes_text};
use std::fs::{File, FileType};
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The longest text that is written by hand: a scenario, a scheme, rules, a list of paths.
pub(super) const LONGEST: u64 = 16 << 20;

/// Opens a regular file, and tells its length.
///
/// # Errors
///
/// If there is none, if it is a folder, a pipe or a device, or if it cannot be opened.
pub(super) fn open(place: &Place) -> Result<(File, u64), ReadError> {
    let Place { written, resolved, .. } = place;
    let fail = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => ReadError::not_found(written, resolved),
        _ => ReadError::unusable(written, format!("cannot be read: {error}")),
    };
    refuse_irregular(written, resolved)?;
    let file = File::open(resolved).map_err(fail)?;
    let facts = file.metadata().map_err(fail)?;
    if facts.is_dir() {
        return Err(directory(written));
    }
    match irregular(facts.file_type()) {
        Some(kind) => Err(refused(written, kind)),
        None => Ok((file, facts.len())),
    }
}

/// Refuses what is there and is neither a file nor a folder, without opening it.
///
/// # Errors
///
/// If it is a pipe, a device or a socket.
pub(super) fn refuse_irregular(written: &str, path: &Path) -> Result<(), ReadError> {
    let facts = std::fs::metadata(path).ok();
    match facts.and_then(|facts| irregular(facts.file_type())) {
        Some(kind) => Err(refused(written, kind)),
        None => Ok(()),
    }
}

/// A file whose reading failed.
pub(super) fn unreadable(written: &str, error: &std::io::Error) -> ReadError {
    ReadError::unusable(written, format!("cannot be read: {error}"))
}

/// The word for what is neither a file nor a folder.
pub(super) fn irregular(kind: FileType) -> Option<&'static str> {
    if kind.is_file() || kind.is_dir() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    Some("a device")
}

fn refused(written: &str, kind: &str) -> ReadError {
    let hint = "write what it gives to a file, and name that";
    ReadError::unusable_hint(written, format!("{kind}, wanted a file"), hint)
}

/// All bytes of a file; one that is larger than the budget is not read.
pub(super) fn bytes(place: &Place) -> Result<Vec<u8>, ReadError> {
    let (file, length) = within_budget(place)?;
    all(file, length, &place.written)
}

fn within_budget(place: &Place) -> Result<(File, u64), ReadError> {
    let (file, length) = open(place)?;
    if length > place.budget.bytes {
        return Err(too_large(&place.written, length, place.budget));
    }
    Ok((file, length))
}

/// So many bytes of a file, which has no more.
fn all(file: File, length: u64, written: &str) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::with_capacity(length as usize);
    // Files that the kernel makes up have no length, and some of them no end.
    let most = if length == 0 { 0 } else { length + 1 };
    let read = file.take(most).read_to_end(&mut bytes);
    read.map_err(|error| ReadError::unusable(written, format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > length {
        let hint = "run again when nobody writes to it any more";
        return Err(ReadError::unusable_hint(written, "it grew while it was read", hint));
    }
    Ok(bytes)
}

/// The text of a file, without a byte order mark.
pub(super) fn text(place: &Place) -> Result<String, ReadError> {
    text_of(bytes(place)?, &place.written)
}

/// The text of a file that people write by hand, without a byte order mark.
///
/// # Errors
///
/// If it is no regular file, larger than 16 MiB, or not UTF-8.
pub fn short_text(place: &Place) -> Result<String, ReadError> {
    let (file, length) = within_budget(place)?;
    if length > LONGEST {
        let (found, most) = (bytes_text(length), bytes_text(LONGEST));
        let found = format!("it has {found}, wanted a text of {most} at most");
        let hint =
            "a text of settings names layers by their paths; see that it is the file that is meant";
        return Err(ReadError::unusable_hint(&place.written, found, hint));
    }
    text_of(all(file, length, &place.written)?, &place.written)
}

fn text_of(bytes: Vec<u8>, written: &str) -> Result<String, ReadError> {
    let text = String::from_utf8(bytes)
        .map_err(|error| not_utf8(written, error.utf8_error().valid_up_to() as u64 + 1))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text))
}
