//! Provenance: which bytes a result was made from.

use super::place::Place;
use crate::error::ReadError;
use crate::model::{FileDigest, InputRecord, Role};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A record of a place, its files digested.
pub(super) fn record(role: Role, place: &Place) -> Result<InputRecord, ReadError> {
    record_with(role, place, &|path, written| digest(path, written))
}

/// The same with another way to the digest of a file.
pub(super) fn record_with(
    role: Role,
    place: &Place,
    digest: &(dyn Fn(&Path, &str) -> Result<FileDigest, ReadError> + Sync),
) -> Result<InputRecord, ReadError> {
    let files: Result<Vec<_>, _> =
        files_of(&place.resolved).par_iter().map(|path| digest(path, &place.written)).collect();
    Ok(InputRecord { files: files?, ..undigested(role, place) })
}

/// A record of a place without its files.
pub(super) fn undigested(role: Role, place: &Place) -> InputRecord {
    InputRecord {
        role,
        name: None,
        path: place.written.clone(),
        resolved: place.resolved.clone(),
        files: Vec::new(),
        date: None,
        age_years: None,
        licence: None,
        attribution: None,
        settings: Vec::new(),
    }
}

/// Endings of files that belong to another of the same stem, by its ending. A neighbor that only has
/// the same stem does not belong to it.
const fn companions(ending: &str) -> &'static [&'static str] {
    match ending.as_bytes() {
        b"shp" => &["shx", "dbf", "prj", "cpg", "sbn", "qix"],
        b"tif" | b"tiff" => &["tfw", "tifw", "wld", "aux.xml"],
        b"tab" => &["dat", "map", "id", "ind"],
        b"csv" | b"tsv" => &["prj"],
        b"gpkg" => &["gpkg-wal"],
        b"asc" | b"bil" | b"bip" | b"bsq" | b"flt" | b"img" | b"dat" => {
            &["prj", "hdr", "wld", "aux.xml"]
        }
        _ => &[],
    }
}

/// The archive that a path of GDAL's virtual file systems goes through: `a.zip` of
/// `/vsizip/a.zip/b.tif`.
fn archive(path: &Path) -> Option<PathBuf> {
    let mut inside = path.to_str()?;
    let prefixes = ["/vsizip/", "/vsitar/", "/vsigzip/", "/vsi7z/", "/vsirar/"];
    while let Some(rest) = prefixes.iter().find_map(|prefix| inside.strip_prefix(prefix)) {
        inside = rest;
    }
    if inside.len() == path.as_os_str().len() {
        return None;
    }
    // GDAL takes braces around the archive's name.
    let name = inside.strip_prefix('{').and_then(|name| name.split_once('}'));
    let name = name.map_or(inside, |(name, _)| name);
    Path::new(name).ancestors().find(|part| part.is_file()).map(Path::to_path_buf)
}

/// A file and those beside it that belong to it, or the archive around it; nothing for what is not a
/// file.
pub(super) fn files_of(path: &Path) -> Vec<PathBuf> {
    if let Some(archive) = archive(path) {
        return vec![archive];
    }
    if !path.is_file() {
        return Vec::new();
    }
    let mut files = vec![path.to_path_buf()];
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let beside = companions(ending.as_deref().unwrap_or_default());
    files.extend(beside.iter().map(|ending| path.with_extension(ending)));
    for behind in [".aux.xml", ".msk"] {
        let mut name = path.as_os_str().to_os_string();
        name.push(behind);
        files.push(PathBuf::from(name));
    }
    for source in super::vrt::sources(path) {
        for behind in ["", ".aux.xml", ".msk"] {
            let mut name = source.as_os_str().to_os_string();
            name.push(behind);
            files.push(PathBuf::from(name));
        }
        files.push(source.with_extension("tfw"));
    }
    files.retain(|file| file.is_file());
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    files
}

/// What tells a raster of some format and files from any other: where it is, and where in an archive.
/// `None` for formats that may keep numbers in files of other names, and for VRTs with a source that is
/// no plain file.
pub(super) fn identity(place: &Place, format: &str, files: &[PathBuf]) -> Option<String> {
    let main = files.first()?;
    let whole = main.canonicalize().ok()?.to_string_lossy().into_owned();
    let is_inside = *main != place.resolved;
    let is_known = match format {
        "GTiff" | "COG" | "AAIGrid" | "netCDF" => true,
        "VRT" => !is_inside && super::vrt::is_whole(files),
        _ => false,
    };
    let of_archive = || format!("{whole} {}", place.resolved.display());
    is_known.then(|| if is_inside { of_archive() } else { whole.clone() })
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn digest(path: &Path, written: &str) -> Result<FileDigest, ReadError> {
    let fail = |error: std::io::Error| {
        ReadError::unusable(written, format!("{} cannot be read: {error}", path.display()))
    };
    let mut file = std::fs::File::open(path).map_err(fail)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer).map_err(fail)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
    let sha256 = hexadecimal(&hasher.finalize());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(FileDigest { name, bytes, sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_an_archive_is_known_by_its_archive() {
        let folder = tempfile::tempdir().unwrap();
        let zip = folder.path().join("a.zip");
        std::fs::write(&zip, "x").unwrap();
        for name in [
            format!("/vsizip/{}/b/c.tif", zip.display()),
            format!("/vsizip/{{{}}}/c.tif", zip.display()),
        ] {
            assert_eq!(files_of(Path::new(&name)), std::slice::from_ref(&zip));
        }
        assert!(files_of(Path::new("/vsizip/none.zip/b.tif")).is_empty());
    }
}
