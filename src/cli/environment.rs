//! The environment that the program runs in, without what would change its numbers.

/// How settings of GDAL and its drivers begin; any driver may ask the environment for its own.
const SETTINGS: [&str; 24] = [
    "AAIGRID_", "CENTER_", "CPL_", "CSV_", "DBF_", "ESRI_", "GDAL_", "GEOTIFF_", "GML_", "GPX_",
    "GTIFF_", "HFA_", "KML_", "LIBKML_", "MITAB_", "NETCDF_", "OGR_", "OSM_", "OSR_", "SHAPE_",
    "SQLITE_", "TIFF_", "USE_", "VRT_",
];

/// Settings that tell where something is, or how another machine is reached where that is allowed.
const KEPT: [&str; 9] = [
    "CPL_AWS_",
    "CPL_AZURE_",
    "CPL_CURL_",
    "CPL_GS_",
    "CPL_MACHINE_IS_GCE",
    "CPL_VSIL_CURL_",
    "GDAL_DATA",
    "GDAL_DRIVER_PATH",
    "GDAL_HTTP_",
];

/// Forgets the settings of GDAL in the environment: a run gives the same numbers whoever begins it.
pub(super) fn forget_settings() {
    let is_forgotten = |name: &str| {
        let begins = |with: &&str| name.starts_with(with);
        SETTINGS.iter().any(begins) && !KEPT.iter().any(begins)
    };
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let names: Vec<String> = names.filter(|name| is_forgotten(name)).collect();
    #[expect(unsafe_code, reason = "other threads might read the environment; there are none yet")]
    // SAFETY: the program has one thread here.
    unsafe {
        for name in names {
            std::env::remove_var(name);
        }
        // In place of those of the user and the system.
        std::env::set_var("GDAL_CONFIG_FILE", if cfg!(windows) { "NUL" } else { "/dev/null" });
    }
}
