//! Places of files: a path as written, where it leads, whether it may be followed, and how much
//! memory what it holds may take.
//!
//! This is the one place that opens datasets. A file is looked at before GDAL opens it: what would have more done
//! than be read (SQL, code, other machines) is refused, inside a VRT too, whatever it is called.

use super::drivers::{self, DatasetType, Kind};
pub use super::network::Remote;
use super::whole::irregular;
use super::{archive, directory, gdal_says, geopackage, limit_gdal, network, vrt};
use crate::error::{ReadError, grouped, shell_quoted, with_names};
use crate::measure::Reference;
use crate::model::Budget;
use gdal::Dataset;
use gdal::errors::GdalError;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
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
    /// The reference system that the user declares for it.
    pub crs: Option<String>,
}

/// Opens while GDAL has an option on this thread.
fn with_option(
    key: &str,
    value: &str,
    open: impl FnOnce() -> Result<Dataset, GdalError>,
) -> Result<Dataset, GdalError> {
    gdal::config::set_thread_local_config_option(key, value)?;
    let opened = open();
    gdal::config::clear_thread_local_config_option(key)?;
    opened
}

/// Whether a mask, overviews or metadata beside a raster have GDAL open anything by any driver.
fn is_more_than_a_raster(name: &str, path: &Path) -> bool {
    if !name.ends_with(".aux.xml") {
        return drivers::kind(path) != Kind::Plain;
    }
    let mut text = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(16 << 20).read_to_end(&mut text));
    text.make_ascii_lowercase();
    read.is_err() || memchr::memmem::find(&text, b"overview_file").is_some()
}

/// VRTs within VRTs may have GDAL open so many rasters, where they are wanted, and so many layers, all of them at once.
const MOST_OPENED: [u64; 2] = [1 << 20, 1 << 12];

/// How often GDAL opens a file for a VRT, each as often as it is named at any depth; no more is counted than may be.
fn opened(
    path: &Path,
    named: &BTreeMap<PathBuf, BTreeMap<PathBuf, u64>>,
    (depth, most): (usize, u64),
) -> u64 {
    let Some(sources) = named.get(path).filter(|_| depth <= vrt::DEPTH) else { return 0 };
    let mut sum = if depth == 0 { 0 } else { sources.values().sum::<u64>() };
    for (source, times) in sources {
        if sum > most {
            break;
        }
        sum = sum.saturating_add(times.saturating_mul(opened(source, named, (depth + 1, most))));
    }
    sum
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
        Self { written: written.to_string(), resolved, budget: Budget::UNLIMITED, crs: None }
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

    /// The same with the reference system that its entry declares.
    pub(super) fn in_system(&self, crs: Option<&String>) -> Self {
        Self { crs: crs.cloned(), ..self.clone() }
    }

    /// The reference system that is declared for it.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub(super) fn declared(&self) -> Result<Option<Reference>, ReadError> {
        let declared = self.crs.as_deref().map(Reference::from_definition).transpose();
        declared.map_err(|error| {
            let found = format!("its `crs` is no reference system: {error}");
            let code = self.crs.as_deref().unwrap_or_default().trim();
            let hint = if !code.is_empty() && code.bytes().all(|digit| digit.is_ascii_digit()) {
                format!("did you mean `EPSG:{code}`?")
            } else {
                "write the code of one: `EPSG:4326` for degrees, `EPSG:32636` for UTM zone 36N"
                    .into()
            };
            ReadError::unusable_hint(&self.written, found, hint)
        })
    }

    /// Refuses to declare another reference system than the file itself does.
    pub(super) fn declares_another(&self, declared: &Reference, own: &Reference) -> ReadError {
        let found =
            format!("`crs` says {}, and the file itself says {}", declared.name(), own.name());
        ReadError::unusable_hint(&self.written, found, "leave `crs` out: the file declares its own")
    }

    /// Refuses to declare another reference system than WGS 84.
    pub(super) fn check_wgs84(&self) -> Result<(), ReadError> {
        match (self.declared()?, Reference::wgs84()) {
            (Some(declared), Ok(own)) if !declared.is_same(&own) => {
                Err(self.declares_another(&declared, &own))
            }
            _ => Ok(()),
        }
    }

    /// Opens it with GDAL.
    ///
    /// # Errors
    ///
    /// If there is no such file, if it is remote and that is not allowed, if it would have more done than it be read,
    /// or if GDAL cannot open it.
    pub(super) fn open(
        &self,
        role: DatasetType,
        options: &[&str],
        remote: Remote,
    ) -> Result<Dataset, ReadError> {
        limit_gdal(self.budget);
        let (path, kind) = self.check(role, remote)?;
        archive::check(self, role)?;
        let open = || drivers::guest(remote).open(&path, (role, kind), options);
        let opened = match archive::name_encoding(self) {
            None => open(),
            Some(encoding) => with_option("CPL_ZIP_ENCODING", encoding, open),
        };
        opened.map_err(|error| self.not_opened(role, &error))
    }

    fn not_opened(&self, role: DatasetType, error: &GdalError) -> ReadError {
        // Some folders are datasets (.gdb); this one is none.
        if self.resolved.is_dir() {
            return directory(&self.written);
        }
        let wanted = match role {
            DatasetType::Raster => "a raster",
            DatasetType::Vector => "a vector file",
        };
        if let Some((found, hint)) = self.known_obstacle(role) {
            return ReadError::unusable_hint(&self.written, found, hint);
        }
        let found = format!("not {wanted} that GDAL can open{}", self.gdal_says(error));
        let hint = match role {
            DatasetType::Raster => {
                "see that it is whole, and a raster of people: GeoTIFF, VRT, netCDF, Esri grid, ENVI, ERDAS or XYZ; \
                 `gdal_translate IN OUT.tif` makes a GeoTIFF of others"
            }
            DatasetType::Vector => {
                "see that it is whole, and a vector file: GeoJSON, GeoPackage, KML, Shapefile, FlatGeobuf, GML, GPX, \
                 MapInfo, geodatabase or table; `ogr2ogr OUT.gpkg IN` makes a GeoPackage of others; a raster of \
                 people is given as population"
            }
        };
        ReadError::unusable_hint(&self.written, found, with_names(hint, &self.written))
    }

    /// What keeps a file of a known ending from being opened, and the way out; nothing if that is not known.
    fn known_obstacle(&self, role: DatasetType) -> Option<(String, String)> {
        const PACKED: [(&str, &str); 7] = [
            ("gz", "gunzip -k"),
            ("bz2", "bunzip2 -k"),
            ("xz", "unxz -k"),
            ("tar", "tar -xf"),
            ("tgz", "tar -xf"),
            ("7z", "7z x"),
            ("rar", "unar"),
        ];
        const LAYERS: [&str; 10] =
            ["csv", "tsv", "xlsx", "ods", "geojson", "json", "kml", "kmz", "shp", "fgb"];
        let file = shell_quoted(&self.written);
        if let Some((_, unpack)) = PACKED.iter().find(|(ending, _)| self.ends(ending)) {
            let hint = format!("unpack it, `{unpack} {file}`, and name what was in it");
            return Some(("a packed file, which is not read as it is".to_string(), hint));
        }
        if role == DatasetType::Raster {
            let is_layer = LAYERS.iter().any(|ending| self.ends(ending));
            let hint = "it is a table or a layer: give it as areas or as sites; people are counted on a raster, as GeoTIFF, VRT or netCDF";
            let found = "not a raster that GDAL can open";
            return is_layer.then(|| (found.into(), hint.into()));
        }
        if self.ends("parquet") {
            let hint = format!(
                "make a GeoPackage of it, in Python with GeoPandas: \
                 `geopandas.read_parquet({:?}).to_file(\"areas.gpkg\")`, or with a GDAL that reads Parquet",
                self.written
            );
            return Some(("GeoParquet, which this GDAL cannot read".into(), hint));
        }
        if self.ends("pbf") {
            let found = "an extract of OpenStreetMap in an archive or on another machine";
            let hint = "download or unpack it first, and name the file itself";
            return Some((found.into(), hint.into()));
        }
        let has_index = archive::beside(self, "shx").is_ok_and(|index| index.is_some());
        (self.ends("shp") && !has_index).then(|| {
            let found = "its index (.shx) is not beside it: a Shapefile is several files of one name";
            let hint = if self.resolved.starts_with("/vsizip") {
                "unpack the archive, and name the .shp that was in it: its index can be made anew there".to_string()
            } else {
                format!(
                    "fetch the .shx too; if there is none, `ogr2ogr --config SHAPE_RESTORE_SHX YES areas.gpkg {file}` makes it anew and a GeoPackage of both"
                )
            };
            (found.to_string(), hint)
        })
    }

    /// What GDAL is to open, and what it is by its content: a regular file, a folder, or a file in an archive.
    fn check(&self, role: DatasetType, remote: Remote) -> Result<(PathBuf, Kind), ReadError> {
        let resolved = self.resolved.to_string_lossy();
        let reach = network::reach(&self.written).or_else(|| network::reach(&resolved));
        if let Some(reach) = reach {
            return match remote {
                Remote::Allowed => Ok((self.resolved.clone(), Kind::Remote)),
                Remote::Refused => Err(self.beyond(&reach)),
            };
        }
        if resolved.starts_with("/vsi") {
            let ending =
                ["vrt", "gpkg", "sqlite", "db", "gml"].iter().find(|ending| self.ends(ending));
            if let Some(ending) = ending {
                let found = format!(
                    "a .{ending} file in an archive, which cannot be checked before it is opened"
                );
                return Err(ReadError::unusable_hint(
                    &self.written,
                    found,
                    "unpack the archive first",
                ));
            }
            return Ok((self.resolved.clone(), Kind::Plain));
        }
        let file = self.file();
        self.check_file_at(&file)?;
        let kind = self.check_content(&file, (role, remote))?;
        // GDAL takes the names of some files for more than a path: `NETCDF:…`, `<VRTDataset…`, `{"type"…`.
        let is_path = file == self.resolved && resolved.contains([':', '<', '{']);
        let path = if is_path { std::path::absolute(&file).ok() } else { None };
        Ok((path.unwrap_or_else(|| self.resolved.clone()), kind))
    }

    /// The file of this machine that it names: itself, or the file of a dataset within one.
    fn file(&self) -> PathBuf {
        let resolved = self.resolved.to_string_lossy();
        if self.resolved.exists() {
            return self.resolved.clone();
        }
        let netcdf = resolved.strip_prefix("NETCDF:").map(|rest| match rest.strip_prefix('"') {
            Some(rest) => rest.split('"').next().unwrap_or_default(),
            None => rest.rsplit_once(':').map_or(rest, |(file, _)| file),
        });
        let part = resolved.strip_prefix("GTIFF_DIR:").and_then(|rest| rest.split_once(':'));
        netcdf.or(part.map(|(_, file)| file)).map_or_else(|| self.resolved.clone(), PathBuf::from)
    }

    /// What a file is by its content. Refuses what would have more done than be read: a VRT that names what it may
    /// not, or so much that nobody waits for it, views of `SQLite`, and what lies beside a file and is no plain one.
    fn check_content(
        &self,
        file: &Path,
        (role, remote): (DatasetType, Remote),
    ) -> Result<Kind, ReadError> {
        let kind = drivers::kind(file);
        let mut seen = BTreeSet::from([file.to_path_buf()]);
        let mut left = vec![(file.to_path_buf(), kind, 0)];
        let (mut named, mut listed) = (BTreeMap::new(), BTreeMap::new());
        while let Some((path, kind, depth)) = left.pop() {
            self.check_beside(&path, &mut listed)?;
            match kind {
                Kind::Virtual(_) => {
                    let read = vrt::read(&path, remote);
                    let read = read.map_err(|why| why.of(&self.written, &path, depth > 0))?;
                    for source in read.sources.into_iter().filter(|of| seen.insert(of.clone())) {
                        let kind = self.check_source(&source, role, depth + 1)?;
                        left.push((source, kind, depth + 1));
                    }
                    named.insert(path, read.times);
                }
                Kind::Sqlite if depth > 0 => geopackage::check_source(&path, &self.written)?,
                Kind::Sqlite if role == DatasetType::Vector => {
                    geopackage::check(&path, &self.written)?;
                }
                Kind::Sqlite | Kind::NetCdf | Kind::Gml | Kind::Remote | Kind::Plain => {}
            }
        }
        let most = MOST_OPENED[usize::from(role == DatasetType::Vector)];
        if opened(file, &named, (0, most)) > most {
            let found = format!("VRTs within it name over {} files", grouped(most));
            let hint = match role {
                DatasetType::Raster => "make a file of it: `gdal_translate IN OUT.tif`",
                DatasetType::Vector => "make a file of it: `ogr2ogr OUT.gpkg IN`",
            };
            let hint = with_names(hint, &self.written);
            return Err(ReadError::unusable_hint(&self.written, found, hint));
        }
        Ok(kind)
    }

    /// Refuses a file beside which, by a name that begins as its own, is a pipe or a device, or a mask or overviews
    /// that are more than a raster: GDAL opens what belongs to a file, each by any driver.
    fn check_beside(
        &self,
        path: &Path,
        listed: &mut BTreeMap<PathBuf, Vec<(String, PathBuf)>>,
    ) -> Result<(), ReadError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let beside = listed.entry(folder.to_path_buf()).or_insert_with(|| {
            let entries = folder.read_dir().into_iter().flatten().flatten();
            let told = |entry: std::fs::DirEntry| {
                let name = entry.file_name().to_string_lossy().to_lowercase();
                let belongs =
                    [".msk", ".ovr", ".aux.xml"].iter().any(|ending| name.ends_with(ending));
                // A link may lead to anything.
                let is_odd = entry.file_type().is_ok_and(|kind| !kind.is_file() && !kind.is_dir());
                (belongs || is_odd).then(|| (name, entry.path()))
            };
            let mut told: Vec<(String, PathBuf)> = entries.filter_map(told).collect();
            told.sort_unstable();
            told
        });
        let [stem, name] = [path.file_stem(), path.file_name()]
            .map(|text| text.unwrap_or_default().to_string_lossy().to_lowercase());
        // A folder of tiles has as many of these as tiles.
        let from = beside.partition_point(|(beside, _)| *beside < stem);
        for (beside, at) in beside[from..].iter().take_while(|(of, _)| of.starts_with(&stem)) {
            let is_near = |of: &str| {
                beside.strip_prefix(of).is_some_and(|rest| rest.starts_with(['.', '-', '_']))
            };
            let kind = std::fs::metadata(at).ok().and_then(|facts| irregular(facts.file_type()));
            let found = match kind {
                Some(kind) if is_near(&stem) => format!("{} beside it is {kind}", at.display()),
                None if is_near(&name) && is_more_than_a_raster(beside, at) => {
                    format!("{} beside it is more than a raster", at.display())
                }
                _ => continue,
            };
            return Err(ReadError::unusable_hint(&self.written, found, "move it away"));
        }
        Ok(())
    }

    /// What a source of a VRT is. Refuses what GDAL could open only by a driver that it does not have then, and
    /// what is no file.
    fn check_source(
        &self,
        source: &Path,
        role: DatasetType,
        depth: usize,
    ) -> Result<Kind, ReadError> {
        let (kind, shown) = (drivers::kind(source), source.display());
        let (found, hint) = match kind {
            _ if depth > vrt::DEPTH => {
                let found = format!("VRTs within it are nested over {} deep", vrt::DEPTH);
                let file = match role {
                    DatasetType::Raster => {
                        "make a file of the inner one: `gdal_translate IN OUT.tif`"
                    }
                    DatasetType::Vector => "make a file of the inner one: `ogr2ogr OUT.gpkg IN`",
                };
                (found, file)
            }
            Kind::NetCdf => (
                format!("its source {shown} is a netCDF file"),
                "make a GeoTIFF of it, and name that in the VRT: `gdal_translate IN OUT.tif`",
            ),
            Kind::Sqlite if role == DatasetType::Raster => (
                format!("its source {shown} is a GeoPackage or another SQLite file"),
                "make a GeoTIFF of it, and name that in the VRT: `gdal_translate IN OUT.tif`",
            ),
            Kind::Gml => (
                format!("its source {shown} is a text in GML"),
                "make a GeoPackage of it, and name that in the VRT: `ogr2ogr OUT.gpkg IN`",
            ),
            _ if source.metadata().is_err() && network::reach(&shown.to_string()).is_none() => (
                format!("its source {shown} is not there"),
                "put it there, or make the VRT anew where its sources are",
            ),
            _ if source.metadata().is_ok_and(|facts| !facts.is_file()) => {
                (format!("its source {shown} is a folder, a pipe or a device"), "name a file")
            }
            _ => return Ok(kind),
        };
        let hint = with_names(hint, &shown.to_string());
        Err(ReadError::unusable_hint(&self.written, found, hint))
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
        self.check_file_at(&self.resolved)
    }

    fn check_file_at(&self, file: &Path) -> Result<(), ReadError> {
        let Ok(metadata) = std::fs::metadata(file) else {
            return Err(ReadError::not_found(&self.written, file));
        };
        super::whole::refuse_irregular(&self.written, file)?;
        if metadata.is_file() && metadata.len() == 0 {
            let hint = "fetch or write it again";
            return Err(ReadError::unusable_hint(&self.written, "the file is empty", hint));
        }
        if metadata.is_dir() && self.resolved.extension().is_none() {
            return Err(directory(&self.written));
        }
        Ok(())
    }

    /// What reaches beyond this machine, where that is not allowed.
    fn beyond(&self, reach: &str) -> ReadError {
        ReadError::unusable_hint(
            &self.written,
            format!("reaches beyond this machine ({reach}), which is not allowed"),
            "allow it with `--remote`, or download the file first",
        )
    }
}
