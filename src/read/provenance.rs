//! Provenance: which bytes a result was made from.

use super::drivers::{self, DatasetType, Kind};
use super::place::Place;
use crate::error::ReadError;
use crate::model::{FileDigest, InputRecord, Role};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
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
    let files: Result<Vec<_>, _> = ContentFiles::of(&place.resolved)
        .files
        .par_iter()
        .map(|path| digest(path, &place.written))
        .collect();
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
        losses: None,
    }
}

/// Endings of files that belong to another of the same stem, by its ending: none for a format that is all in one
/// file, `None` for one that is not known here. A neighbor that only has the same stem does not belong to it.
const fn companions(ending: &str) -> Option<&'static [&'static str]> {
    Some(match ending.as_bytes() {
        b"shp" => &["shx", "dbf", "prj", "cpg", "sbn", "qix"],
        b"tif" | b"tiff" => &["tfw", "tifw", "wld", "aux.xml"],
        b"tab" => &["dat", "map", "id", "ind"],
        b"mif" => &["mid"],
        b"gml" => &["xsd", "gfs"],
        b"csv" | b"tsv" => &["prj", "csvt"],
        b"gpkg" => &["gpkg-wal"],
        b"img" => &["ige", "rrd", "hdr", "prj", "wld", "aux.xml"],
        b"asc" | b"bil" | b"bip" | b"bsq" | b"flt" | b"dat" => &["prj", "hdr", "wld", "aux.xml"],
        // All in one file, or told by what is in it.
        b"geojson" | b"json" | b"geojsonl" | b"geojsons" | b"geojsonseq" | b"jsonl" | b"ndjson"
        | b"fgb" | b"zip" | b"shz" | b"kml" | b"kmz" | b"gpx" | b"pbf" | b"osm" | b"parquet"
        | b"topojson" | b"gz" | b"bz2" | b"xlsx" | b"ods" | b"toml" | b"txt" | b"nc" | b"vrt" => {
            &[]
        }
        _ => return None,
    })
}

/// The companions of a file, by its ending where its content tells no format.
fn companions_of(path: &Path, kind: Kind) -> Option<&'static [&'static str]> {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    companions(if kind == Kind::Gml { "gml" } else { &ending })
}

/// The archive that a path of GDAL's virtual file systems goes through: `a.zip` of
/// `/vsizip/a.zip/b.tif`.
fn archive(path: &Path) -> Option<PathBuf> {
    let (_, inside) = super::network::into_archive(path.to_str()?)?;
    // GDAL takes braces around the archive's name.
    let name = inside.strip_prefix('{').and_then(|name| name.split_once('}'));
    let name = name.map_or(inside, |(name, _)| name);
    Path::new(name).ancestors().find(|part| part.is_file()).map(Path::to_path_buf)
}

/// The files that the content of a path is in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ContentFiles {
    /// The file itself first, or the archive around it; nothing for what is not a file.
    pub(super) files: Vec<PathBuf>,
    /// Whether these are all: each was read by one of our own readers, or its parts were told by GDAL.
    pub(super) is_whole: bool,
}

impl ContentFiles {
    /// Those of a path: what a VRT names at any depth, what GDAL says that a dataset is made of, and the companions
    /// that are known by their names.
    pub(super) fn of(path: &Path) -> Self {
        if let Some(archive) = archive(path) {
            return Self { files: vec![archive], is_whole: true };
        }
        let mut all = Self { files: Vec::new(), is_whole: true };
        if path.is_dir() {
            // A database that is a folder, or a folder of layers: any file in it may matter.
            let files = path.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
            all.files.extend(files.filter(|file| file.is_file()));
            all.files.sort_unstable();
            return all;
        }
        let (mut walked, mut left) = (BTreeSet::new(), vec![path.to_path_buf()]);
        while let Some(path) = left.pop() {
            if !walked.insert(path.clone()) {
                continue;
            }
            let kind = drivers::kind(&path);
            let parts = if path.is_file() { parts_of(&path, kind) } else { None };
            all.is_whole &= parts.is_some();
            all.files.push(path.clone());
            all.files.extend(companions_beside(&path, kind));
            let Parts { files, sources } = parts.unwrap_or_default();
            all.files.extend(files);
            // The last is looked at first, so that files are in the order of the text.
            left.extend(sources.into_iter().rev());
        }
        let mut seen = BTreeSet::new();
        all.files.retain(|file| file.is_file() && seen.insert(file.clone()));
        all
    }
}

/// What a file is made of beside itself.
#[derive(Default)]
struct Parts {
    /// Files that are read with it.
    files: Vec<PathBuf>,
    /// Files that it names, which may be made of others.
    sources: Vec<PathBuf>,
}

/// What a file is made of; `None` if nobody can tell.
fn parts_of(path: &Path, kind: Kind) -> Option<Parts> {
    let (place, remote) = (Place::new(&path.to_string_lossy(), None), drivers::remote());
    let listed = |role| {
        let dataset = place.open(role, &[], remote).ok()?;
        Some(drivers::files(&dataset, remote))
    };
    match kind {
        Kind::Virtual(_) => {
            let sources = super::vrt::read(path, remote).ok()?.sources;
            Some(Parts { files: Vec::new(), sources })
        }
        Kind::Sqlite | Kind::NetCdf | Kind::Remote => Some(Parts::default()),
        Kind::Gml | Kind::Plain => {
            // A raster may be called anything; what is no raster is read as its ending says.
            let is_alone = companions_of(path, kind).is_some_and(<[_]>::is_empty);
            let files = match listed(DatasetType::Raster) {
                Some(files) => files,
                None if is_alone => Vec::new(),
                None => listed(DatasetType::Vector)?,
            };
            Some(Parts { files, sources: Vec::new() })
        }
    }
}

/// What may belong to a file of some kind, whether it is there or not; endings in small letters or, where there is
/// none, in large ones.
fn companions_beside(path: &Path, kind: Kind) -> impl Iterator<Item = PathBuf> {
    let beside = companions_of(path, kind).unwrap_or_default().iter();
    let beside = beside.map(|ending| {
        let small = path.with_extension(ending);
        if small.is_file() { small } else { path.with_extension(ending.to_uppercase()) }
    });
    let behind = [".aux.xml", ".msk", ".hdr"].map(|behind| {
        let mut name = path.as_os_str().to_os_string();
        name.push(behind);
        PathBuf::from(name)
    });
    beside.chain(behind)
}

/// What tells a raster from any other: where it is, and where in an archive. `None` if not all of its files are known.
pub(super) fn identity(place: &Place, content: &ContentFiles) -> Option<String> {
    let main = content.files.first().filter(|_| content.is_whole)?;
    let whole = main.canonicalize().ok()?.to_string_lossy().into_owned();
    let is_inside = *main != place.resolved;
    Some(if is_inside { format!("{whole} {}", place.resolved.display()) } else { whole })
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
    use gdal::DriverManager;
    use gdal::vector::{Geometry, LayerAccess, LayerOptions, OGRwkbGeometryType};

    #[test]
    fn a_part_of_an_archive_is_known_by_its_archive() {
        let folder = tempfile::tempdir().unwrap();
        let zip = folder.path().join("a.zip");
        std::fs::write(&zip, "x").unwrap();
        for name in [
            format!("/vsizip/{}/b/c.tif", zip.display()),
            format!("/vsizip/{{{}}}/c.tif", zip.display()),
        ] {
            assert_eq!(ContentFiles::of(Path::new(&name)).files, std::slice::from_ref(&zip));
        }
        assert_eq!(ContentFiles::of(Path::new("/vsizip/none.zip/b.tif")), ContentFiles::default());
    }

    /// A point layer of a Shapefile.
    fn shapefile(path: &Path) {
        let driver = DriverManager::get_driver_by_name("ESRI Shapefile").unwrap();
        let mut file = driver.create_vector_only(path).unwrap();
        let options = LayerOptions { ty: OGRwkbGeometryType::wkbPoint, ..LayerOptions::default() };
        let mut layer = file.create_layer(options).unwrap();
        layer.create_feature(Geometry::from_wkt("POINT (1 2)").unwrap()).unwrap();
    }

    fn names(content: &ContentFiles, folder: &Path) -> Vec<String> {
        let below = |file: &PathBuf| file.strip_prefix(folder).unwrap().display().to_string();
        content.files.iter().map(below).collect()
    }

    #[test]
    fn the_files_of_a_dataset_are_those_that_gdal_tells_at_any_depth_and_the_companions_that_are_known()
     {
        drop(drivers::guest(super::super::Remote::Refused));
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let told = |name: &str| {
            let content = ContentFiles::of(&path(name));
            (names(&content, folder.path()), content.is_whole)
        };
        shapefile(&path("a.shp"));
        for name in ["a.txt", "a.cpg", "c.unknown"] {
            std::fs::write(path(name), "x").unwrap();
        }
        let of_shapefile = ["a.shp", "a.shx", "a.dbf", "a.cpg"].map(str::to_string).to_vec();
        assert_eq!(told("a.shp"), (of_shapefile.clone(), true));
        assert_eq!(told("c.unknown"), (vec!["c.unknown".into()], false));
        // As GDAL takes them: letters of any size, and an `&` that begins nothing.
        let layer = |source: &str| {
            format!(
                "<OGRVRTDataSource><ogrvrtlayer name=\"a & b\"><srcdatasource relativetovrt=\"1\">{source}</srcdatasource></ogrvrtlayer></OGRVRTDataSource>"
            )
        };
        std::fs::write(path("inner.kml"), layer("a.shp")).unwrap();
        std::fs::write(path("outer.vrt"), layer("inner.kml")).unwrap();
        let wanted: Vec<String> = ["outer.vrt", "inner.kml"]
            .map(str::to_string)
            .into_iter()
            .chain(of_shapefile)
            .collect();
        assert_eq!(told("outer.vrt"), (wanted, true));
        for source in [
            "c.unknown",
            "gone.shp",
            "PG:dbname=x",
            ".",
            "../a.shp",
            "a.shp</srcdatasource><SrcSQL>x</SrcSQL><srcdatasource>a.shp",
        ] {
            std::fs::write(path("x.vrt"), layer(source)).unwrap();
            assert!(!told("x.vrt").1, "{source}");
        }
        std::fs::write(path("z.zip"), "x").unwrap();
        let inside = format!("/vsizip/{}/a.tif", path("z.zip").display());
        assert!(ContentFiles::of(Path::new(&inside)).is_whole);
    }

    #[test]
    fn the_file_that_places_a_raster_belongs_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("g.tif");
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        drop(driver.create(&path, 30, 24, 1).unwrap());
        let table = "!table\n!version 300\n!charset WindowsLatin1\nDefinition Table\n  File \"g.tif\"\n  Type \"RASTER\"\n\
                     (10,50) (0,0) Label \"1\",\n(10.25,50) (30,0) Label \"2\",\n(10.25,49.8) (30,24) Label \"3\",\n\
                     (10,49.8) (0,24) Label \"4\"\nCoordSys Earth Projection 1, 104\nUnits \"degree\"\n";
        std::fs::write(folder.path().join("g.tab"), table).unwrap();
        let content = ContentFiles::of(&path);
        assert_eq!(
            (names(&content, folder.path()), content.is_whole),
            (vec!["g.tif".into(), "g.tab".into()], true)
        );
    }
}
