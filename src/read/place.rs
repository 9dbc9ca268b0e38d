//! Places of files: a path as written, where it leads, whether it may be followed, and how much
//! memory what it holds may take.
//!
//! Paths of GDAL's virtual file systems are kept as they are. Those that reach beyond this machine
//! are refused unless the user allows them, inside a VRT too, whatever it is called.

use super::network;
pub use super::network::Remote;
use super::{directory, gdal_says, limit_gdal, quiet_gdal, vrt};
use crate::error::ReadError;
use crate::model::Budget;
use gdal::errors::GdalError;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use std::path::{Path, PathBuf};

/// A path as written, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As written.
    pub written: String,
    /// As looked for.
    pub resolved: PathBuf,
    /// The memory that reading it may take.
    pub budget: Budget,
}

impl Place {
    /// The place of a path written in a file of `folder`, or on the command line if there is none.
    #[must_use]
    pub fn new(written: &str, folder: Option<&Path>) -> Self {
        let absolute = written.starts_with('/') || written.contains("://") || written == "-";
        let resolved = match folder {
            Some(folder) if !absolute => folder.join(written),
            _ => PathBuf::from(written),
        };
        Self { written: written.to_string(), resolved, budget: Budget::UNLIMITED }
    }

    /// Whether it ends so, in letters of any size.
    #[must_use]
    pub(super) fn ends(&self, ending: &str) -> bool {
        self.resolved.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
    }

    /// The same with a limit to the memory that reading it may take.
    #[must_use]
    pub fn within_budget(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    /// Opens it with GDAL.
    ///
    /// # Errors
    ///
    /// If there is no such file, if it is remote and that is not allowed, or if GDAL cannot open it.
    pub(crate) fn open(
        &self,
        flags: GdalOpenFlags,
        options: &[&str],
        remote: Remote,
        wanted: &str,
    ) -> Result<Dataset, ReadError> {
        quiet_gdal();
        limit_gdal(self.budget);
        network::allow(remote);
        let resolved = self.resolved.to_string_lossy();
        self.refuse_remote(network::reach(&self.written), remote)?;
        self.refuse_remote(network::reach(&resolved), remote)?;
        if !resolved.starts_with("/vsi") && !resolved.contains("://") {
            self.check_file()?;
            self.refuse_remote_inside(remote)?;
        }
        let is_raster = flags.contains(GdalOpenFlags::GDAL_OF_RASTER);
        let open_options = (!options.is_empty()).then_some(options);
        let dataset = DatasetOptions {
            open_flags: flags | GdalOpenFlags::GDAL_OF_READONLY,
            open_options,
            ..DatasetOptions::default()
        };
        let dataset = Dataset::open_ex(&self.resolved, dataset).map_err(|error| {
            // Some folders are datasets (.gdb, .zarr); this one is none.
            if self.resolved.is_dir() {
                return directory(&self.written);
            }
            let found = format!("not {wanted} that GDAL can open{}", self.gdal_says(&error));
            let hint = if is_raster {
                "see that it is whole, and a raster of people: GeoTIFF, VRT or another format of GDAL"
            } else {
                "see that it is whole, and a vector file: GeoJSON, GeoPackage, KML, Shapefile or \
                 another format of GDAL; a raster of people is given as population"
            };
            ReadError::unusable_hint(&self.written, found, hint)
        })?;
        // A VRT that only GDAL can read, in an archive, tells its text.
        for text in dataset.metadata_domain("xml:VRT").unwrap_or_default() {
            self.refuse_remote_names(&vrt::names(&text, Path::new("")), remote)?;
        }
        Ok(dataset)
    }

    /// The place of a dataset within this one, by GDAL's name for it.
    pub(super) fn within(&self, name: &str) -> Self {
        Self { resolved: PathBuf::from(name), ..self.clone() }
    }

    /// What GDAL says of a failure, the file called as the user calls it.
    fn gdal_says(&self, error: &GdalError) -> String {
        let says = gdal_says(error);
        says.replace(self.resolved.to_string_lossy().as_ref(), &self.written)
    }

    /// A file that is there and holds something; GDAL's own words about these are no help.
    pub(super) fn check_file(&self) -> Result<(), ReadError> {
        let Ok(metadata) = std::fs::metadata(&self.resolved) else {
            // Names of subdatasets (`NETCDF:"file.nc":pop`) are no files.
            if self.resolved.to_string_lossy().contains(':') {
                return Ok(());
            }
            return Err(ReadError::not_found(&self.written, &self.resolved));
        };
        super::whole::refuse_irregular(self)?;
        if metadata.is_file() && metadata.len() == 0 {
            let hint = "fetch or write it again";
            return Err(ReadError::unusable_hint(&self.written, "the file is empty", hint));
        }
        if metadata.is_dir() && self.resolved.extension().is_none() {
            return Err(directory(&self.written));
        }
        Ok(())
    }

    /// Refuses what reaches beyond this machine, if that is not allowed.
    fn refuse_remote(&self, reach: Option<&str>, remote: Remote) -> Result<(), ReadError> {
        match reach {
            Some(reach) if remote == Remote::Refused => Err(ReadError::unusable_hint(
                &self.written,
                format!("reaches beyond this machine ({reach}), which is not allowed"),
                "allow it with `--remote`, or download the file first",
            )),
            _ => Ok(()),
        }
    }

    /// A text may name other files, or a service.
    fn refuse_remote_inside(&self, remote: Remote) -> Result<(), ReadError> {
        self.refuse_remote(network::service(&self.resolved), remote)?;
        self.refuse_remote_names(&vrt::sources(&self.resolved), remote)
    }

    fn refuse_remote_names(&self, names: &[PathBuf], remote: Remote) -> Result<(), ReadError> {
        let reach = |name: &PathBuf| network::reach(&name.to_string_lossy());
        names.iter().try_for_each(|name| self.refuse_remote(reach(name), remote))
    }
}
