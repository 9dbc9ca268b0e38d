//! What reaches beyond this machine: told by names and first bytes, and cut off in GDAL itself.
//!
//! Names can hide: a text in an archive names a text that names a server. So the names are looked at
//! for a good message, and GDAL is made unable for certain: without the drivers of services, with no
//! remote file that it may open, and with a proxy that nobody answers.

use gdal::{DriverManager, config};
use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Whether files of other machines may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Remote {
    /// They may not.
    #[default]
    Refused,
    /// They may.
    Allowed,
}

/// Virtual file systems and schemes that reach beyond this machine, wherever they stand in a name.
const ANYWHERE: [&str; 13] = [
    "/vsicurl",
    "/vsis3",
    "/vsigs",
    "/vsiaz",
    "/vsiadls",
    "/vsioss",
    "/vsiswift",
    "/vsihdfs",
    "/vsiwebhdfs",
    "http://",
    "https://",
    "ftp://",
    "ftps://",
];

/// What names of databases and services begin with.
const CONNECTIONS: [&str; 29] = [
    "pg:",
    "postgresql:",
    "mysql:",
    "mssql:",
    "odbc:",
    "oci:",
    "georaster:",
    "hana:",
    "wfs:",
    "wms:",
    "wcs:",
    "wmts:",
    "csw:",
    "oapif:",
    "oapif_collection:",
    "ogcapi:",
    "es:",
    "couchdb:",
    "cloudant:",
    "mongodbv3:",
    "carto:",
    "amigocloud:",
    "ngw:",
    "eeda:",
    "eedai:",
    "daas:",
    "plscenes:",
    "plmosaic:",
    "gpsbabel:",
];

/// What texts that describe a service hold at their beginning.
const SERVICES: [&str; 9] = [
    "<GDAL_WMS",
    "<GDAL_WMTS",
    "<WCS_GDAL",
    "<WMS_Tile_Service",
    "<WMS_Capabilities",
    "<WMT_MS_Capabilities",
    "<Capabilities xmlns=\"http://www.opengis.net/wmts",
    "<OGRWFSDataSource",
    "<OGCAPI",
];

/// GDAL's drivers of databases and services, and those whose files name files of others.
const DRIVERS: [&str; 37] = [
    "WMS",
    "WMTS",
    "WCS",
    "WFS",
    "OAPIF",
    "OGCAPI",
    "CSW",
    "HTTP",
    "STACTA",
    "STACIT",
    "EEDA",
    "EEDAI",
    "DAAS",
    "NGW",
    "PLMOSAIC",
    "PLSCENES",
    "PostgreSQL",
    "PostGISRaster",
    "MySQL",
    "MSSQLSpatial",
    "ODBC",
    "OCI",
    "GeoRaster",
    "HANA",
    "DB2ODBC",
    "Carto",
    "AmigoCloud",
    "Elasticsearch",
    "CouchDB",
    "Cloudant",
    "MongoDBv3",
    "GPSBabel",
    "GMLAS",
    "OGR_OGDI",
    "OGR_DODS",
    "DODS",
    "JPIPKAK",
];

/// Settings that leave GDAL no way out: one file may be opened remotely, which does not exist, through
/// a proxy on a port where nobody listens.
const CUT_OFF: [(&str, &str); 3] = [
    ("CPL_VSIL_CURL_ALLOWED_FILENAME", "/vsicurl/none"),
    ("GDAL_HTTP_PROXY", "http://127.0.0.1:1"),
    ("GDAL_HTTPS_PROXY", "http://127.0.0.1:1"),
];

/// What in a name reaches beyond this machine, if anything does.
pub(super) fn reach(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let anywhere = ANYWHERE.into_iter().find(|part| name.contains(part));
    anywhere.or_else(|| CONNECTIONS.into_iter().find(|start| name.starts_with(start)))
}

/// What a file that describes a service begins with; nothing for any other file.
pub(super) fn service(path: &Path) -> Option<&'static str> {
    let start = beginning(path);
    SERVICES.into_iter().find(|mark| start.contains(mark))
}

/// The first bytes of a file as text, as many as GDAL tells formats by; nothing if it cannot be read.
pub(super) fn beginning(path: &Path) -> String {
    let mut bytes = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        let _what_could_be_read = file.take(4096).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Makes GDAL unable to reach other machines, or able again. It holds for the whole process, so what
/// is said last counts.
pub(super) fn allow(remote: Remote) {
    static SAID: Mutex<Option<Remote>> = Mutex::new(None);
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    let before = said.replace(remote);
    match remote {
        Remote::Refused if before != Some(remote) => {
            for (key, value) in CUT_OFF {
                let _set = config::set_config_option(key, value);
            }
            for driver in DRIVERS.into_iter().map(DriverManager::get_driver_by_name) {
                let _gone = driver.map(|driver| DriverManager::deregister_driver(&driver));
            }
        }
        Remote::Allowed if before == Some(Remote::Refused) => {
            for (key, _) in CUT_OFF {
                let _cleared = config::clear_config_option(key);
            }
            DriverManager::register_all();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_reach_beyond_this_machine_are_told() {
        for (name, wanted) in [
            ("/vsizip//vsicurl/http://a/b.zip/c.tif", "/vsicurl"),
            ("HTTPS://example.org/a.tif", "https://"),
            ("PG:dbname=x", "pg:"),
            ("MYSQL:x", "mysql:"),
        ] {
            assert_eq!(reach(name), Some(wanted));
        }
        for local in ["C:\\a.tif", "/vsizip/a.zip/b.tif", "NETCDF:\"a.nc\":pop", "maps:1.tif"] {
            assert_eq!(reach(local), None, "{local}");
        }
    }
}
