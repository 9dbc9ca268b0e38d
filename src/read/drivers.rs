//! GDAL as a guest: which drivers open which file, and the settings that no environment changes.
//!
//! A file is known by what it holds, not by its ending: a virtual layer, a `SQLite` file and a netCDF file are
//! opened by their own drivers and no other file is. All other drivers are taken away from GDAL, since what it opens
//! on behalf of a file (a source, a mask, an overview) is opened by any driver that it has.

use super::network::{self, Remote};
use super::vrt;
use encoding_rs::Encoding;
use gdal::{Dataset, DatasetOptions, DriverManager, GdalOpenFlags, config};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// The role in which a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatasetType {
    /// A raster of people.
    Raster,
    /// Areas, sites, tables.
    Vector,
}

/// Content of a file, as far as it decides which driver may open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A GDAL virtual dataset of rasters or layers.
    Virtual(DatasetType),
    /// A `SQLite` file: a `GeoPackage`, or another.
    Sqlite,
    /// A netCDF or HDF5 file.
    NetCdf,
    /// A text in GML.
    Gml,
    /// On another machine, where nobody looks before GDAL does.
    Remote,
    /// Any other.
    Plain,
}

const RASTERS: [&str; 10] =
    ["GTiff", "AAIGrid", "AIG", "EHdr", "ENVI", "GRASSASCIIGrid", "HFA", "RST", "SAGA", "XYZ"];

/// Drivers of rasters on another machine, if the user allows them.
const REMOTE_RASTERS: [&str; 3] = ["GTiff", "VRT", "AAIGrid"];

const VECTORS: [&str; 15] = [
    "ESRI Shapefile",
    "FlatGeobuf",
    "LIBKML",
    "KML",
    "GeoJSON",
    "GeoJSONSeq",
    "TopoJSON",
    "ESRIJSON",
    "GPX",
    "CSV",
    "MapInfo File",
    "OpenFileGDB",
    "OSM",
    "ODS",
    "XLSX",
];

/// It opens nothing, and writes GeoTIFF for whoever shares GDAL with this library.
const WRITES: &str = "COG";
const VIRTUAL_RASTERS: &str = "VRT";
const VIRTUAL_LAYERS: &str = "OGR_VRT";
const SQLITE: [&str; 2] = ["GPKG", "SQLite"];
/// Drivers that GDAL has only while such a file is being opened: the first brings a client for other machines of its
/// own, the second writes beside what it opens unless it is told not to.
const GUARDED: [&str; 2] = ["netCDF", "GML"];

/// Settings that change what is read, or what is done for a file, as they are when nobody sets them.
const FIXED: [(&str, &str); 25] = [
    ("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO"),
    ("GDAL_DISABLE_READDIR_ON_OPEN", "FALSE"),
    ("GDAL_GEOREF_SOURCES", "PAM,INTERNAL,TABFILE,WORLDFILE"),
    ("GDAL_NETCDF_CENTERLONG_180", "YES"),
    ("GDAL_NETCDF_IGNORE_XY_AXIS_NAME_CHECKS", "NO"),
    ("GDAL_NETCDF_VERIFY_DIMS", "YES"),
    ("GDAL_PAM_ENABLED", "YES"),
    ("GDAL_XML_VALIDATION", "NO"),
    ("GDAL_VRT_ENABLE_PYTHON", "NO"),
    ("GML_DOWNLOAD_SCHEMA", "NO"),
    ("GML_SKIP_RESOLVE_ELEMS", "ALL"),
    ("GTIFF_HONOUR_NEGATIVE_SCALEY", "NO"),
    ("GTIFF_POINT_GEO_IGNORE", "FALSE"),
    ("GTIFF_REPORT_COMPD_CS", "NO"),
    ("LIBKML_RESOLVE_STYLE", "NO"),
    ("OGR_ARC_STEPSIZE", "0.1"),
    ("OGR_CT_FORCE_TRADITIONAL_GIS_ORDER", "NO"),
    ("OGR_ENABLE_PARTIAL_REPROJECTION", "NO"),
    ("OGR_GEOMETRY_ACCEPT_UNCLOSED_RING", "YES"),
    ("OGR_ORGANIZE_POLYGONS", "DEFAULT"),
    ("OGR_SQLITE_LOAD_EXTENSIONS", ""),
    ("OGR_STROKE_CURVE", "FALSE"),
    ("OSR_DEFAULT_AXIS_MAPPING_STRATEGY", "AUTHORITY_COMPLIANT"),
    ("SHAPE_RESTORE_SHX", "NO"),
    ("VRT_VIRTUAL_OVERVIEWS", "NO"),
];

/// Settings of `SQLite` when it reads for GDAL.
const SQLITE_PRAGMAS: (&str, &str) = ("OGR_SQLITE_PRAGMA", "trusted_schema=0,query_only=1");

/// State of GDAL in this process.
pub(super) struct Guest {
    /// Whether other machines may be reached.
    remote: Remote,
    /// Whether file systems of other machines are closed.
    is_closed: bool,
    /// Addresses of the guarded drivers; 0 where there is none.
    guarded: [usize; 2],
}

/// GDAL, made ready: quiet, with the drivers and settings of this module, and with or without ways to other machines.
/// That holds for the whole process: once they were refused, its file systems of other machines stay closed. What is
/// opened while it is held has nothing opened beside it.
pub(super) fn guest(remote: Remote) -> MutexGuard<'static, Guest> {
    let mut guest = guest_as_is();
    if remote == Remote::Refused && !guest.is_closed {
        network::close_file_systems();
        guest.is_closed = true;
    }
    if guest.remote != remote {
        network::open_client(remote);
        guest.remote = remote;
    }
    guest
}

/// The same, whatever was said of other machines before; nothing opens them here.
pub(super) fn guest_as_is() -> MutexGuard<'static, Guest> {
    static GUEST: LazyLock<Mutex<Guest>> = LazyLock::new(|| {
        config::set_error_handler(|_, _, _| {});
        let guarded = take_drivers();
        let temporary = std::env::temp_dir().to_string_lossy().into_owned();
        for (key, value) in FIXED.into_iter().chain([("CPL_TMPDIR", temporary.as_str())]) {
            let _set = config::set_config_option(key, value);
        }
        let remote = Remote::Refused;
        network::open_client(remote);
        Mutex::new(Guest { remote, is_closed: false, guarded })
    });
    GUEST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether other machines may be reached, as it was set last.
pub(super) fn remote() -> Remote {
    guest_as_is().remote
}

/// Takes all drivers from GDAL that open nothing here; the addresses of those that are guarded.
fn take_drivers() -> [usize; 2] {
    let mut guarded = [0; 2];
    let is_kept = |name: &str| {
        let own = [VIRTUAL_RASTERS, VIRTUAL_LAYERS, WRITES];
        RASTERS.iter().chain(&VECTORS).chain(&SQLITE).chain(&own).any(|kept| *kept == name)
    };
    let drivers: Vec<_> = DriverManager::all().collect();
    for driver in drivers.into_iter().filter(|driver| !is_kept(&driver.short_name())) {
        if let Some(place) = GUARDED.iter().position(|name| *name == driver.short_name()) {
            #[expect(unsafe_code, reason = "the safe bindings lose a driver that was taken away")]
            // SAFETY: the pointer is kept, not followed.
            let driver = unsafe { driver.c_driver() };
            guarded[place] = driver.expose_provenance();
        }
        DriverManager::deregister_driver(&driver);
    }
    guarded
}

impl Guest {
    /// Opens a file of some kind; GDAL is asked nothing else meanwhile.
    pub(super) fn open(
        &self,
        path: &Path,
        (role, kind): (DatasetType, Kind),
        options: &[&str],
    ) -> gdal::errors::Result<Dataset> {
        let (drivers, flags): (&[&str], _) = match role {
            DatasetType::Raster => (rasters(kind), GdalOpenFlags::GDAL_OF_RASTER),
            DatasetType::Vector => (vectors(kind), GdalOpenFlags::GDAL_OF_VECTOR),
        };
        let options = match kind {
            Kind::Sqlite => &["IMMUTABLE=YES", "LIST_ALL_TABLES=NO"],
            Kind::Gml => &["WRITE_GFS=NO", "DOWNLOAD_SCHEMA=NO"],
            _ => options,
        };
        let options = DatasetOptions {
            open_flags: flags | GdalOpenFlags::GDAL_OF_READONLY,
            allowed_drivers: Some(drivers),
            open_options: (!options.is_empty()).then_some(options),
            ..DatasetOptions::default()
        };
        match kind {
            Kind::Sqlite => {
                config::set_thread_local_config_option(SQLITE_PRAGMAS.0, SQLITE_PRAGMAS.1)?;
                let opened = Dataset::open_ex(path, options);
                config::clear_thread_local_config_option(SQLITE_PRAGMAS.0)?;
                opened
            }
            Kind::NetCdf => Self::with(self.guarded[0], || Dataset::open_ex(path, options)),
            Kind::Gml => Self::with(self.guarded[1], || Dataset::open_ex(path, options)),
            Kind::Virtual(_) | Kind::Remote | Kind::Plain => Dataset::open_ex(path, options),
        }
    }

    /// Does something while GDAL has the driver at an address, if there is one.
    fn with<T>(driver: usize, opened: impl FnOnce() -> T) -> T {
        if driver == 0 {
            return opened();
        }
        let driver = std::ptr::with_exposed_provenance_mut(driver);
        #[expect(unsafe_code, reason = "the safe bindings lose a driver that was taken away")]
        // SAFETY: GDAL never frees a driver that it made; the address is that of one.
        let _place = unsafe { gdal_sys::GDALRegisterDriver(driver) };
        let made = opened();
        #[expect(unsafe_code, reason = "as above")]
        // SAFETY: as above.
        unsafe {
            gdal_sys::GDALDeregisterDriver(driver);
        }
        made
    }
}

/// The files that a dataset is made of, as GDAL tells them.
pub(super) fn files(dataset: &Dataset, remote: Remote) -> Vec<PathBuf> {
    let _held = guest(remote);
    #[expect(unsafe_code, reason = "the safe bindings do not tell the files of a dataset")]
    // SAFETY: the dataset is open; the list is taken over.
    let list = unsafe { gdal_sys::GDALGetFileList(dataset.c_dataset()) };
    network::texts(list).into_iter().map(PathBuf::from).collect()
}

/// The drivers that open a raster.
const fn rasters(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Virtual(DatasetType::Raster) => &[VIRTUAL_RASTERS],
        Kind::NetCdf => &["netCDF"],
        Kind::Remote => &REMOTE_RASTERS,
        Kind::Virtual(DatasetType::Vector) | Kind::Sqlite | Kind::Gml | Kind::Plain => &RASTERS,
    }
}

/// The drivers that open a vector file.
const fn vectors(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Virtual(DatasetType::Vector) => &[VIRTUAL_LAYERS],
        Kind::Sqlite => &SQLITE,
        Kind::Gml => &["GML"],
        Kind::Virtual(DatasetType::Raster) | Kind::NetCdf | Kind::Remote | Kind::Plain => &VECTORS,
    }
}

/// Tells what a file is by its first bytes.
pub(super) fn kind(path: &Path) -> Kind {
    let start = beginning(path);
    let is_netcdf = start.starts_with(b"CDF") || start.starts_with(b"\x89HDF\r\n\x1a\n");
    if start.starts_with(b"SQLite format 3\0") {
        Kind::Sqlite
    } else if is_netcdf {
        Kind::NetCdf
    } else if is_gml(&start) {
        Kind::Gml
    } else {
        vrt::role(&start).map_or(Kind::Plain, Kind::Virtual)
    }
}

/// Whether a text is one in GML; a KML may name it too.
fn is_gml(start: &[u8]) -> bool {
    let has = |mark: &str| memchr::memmem::find(start, mark.as_bytes()).is_some();
    start.trim_ascii_start().starts_with(b"<") && has("opengis.net/gml") && !has("<kml")
}

/// Whether a text is one in KML, whatever it is called.
pub(super) fn is_kml(path: &Path) -> bool {
    let start = beginning(path);
    if Encoding::for_bom(&start).is_some_and(|(encoding, _)| encoding != encoding_rs::UTF_8) {
        let (text, ..) = encoding_rs::UTF_16LE.decode(&start);
        return text.contains("<kml");
    }
    let is_markup =
        start.trim_ascii_start().starts_with(b"<") || start.starts_with(b"\xef\xbb\xbf");
    is_markup && vrt::role(&start).is_none() && memchr::memmem::find(&start, b"<kml").is_some()
}

/// The first bytes of a regular file, at least as many as GDAL tells formats by; nothing of any other.
fn beginning(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if path.is_file()
        && let Ok(file) = std::fs::File::open(path)
    {
        let _what_could_be_read = file.take(1 << 16).read_to_end(&mut bytes);
    }
    bytes
}
