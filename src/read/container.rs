//! Folders and zip archives of files: which of them is meant.
//!
//! Agencies send a Shapefile as five files in an archive, a survey as a folder of layers. A container is no format: it
//! leads to one file in it, which is then read as if it were named itself. Layers of maps come before tables, since a
//! table often lies beside a map as its legend; of several the user names one.

use super::archive;
use super::place::Place;
use super::vector::no_layer;
use crate::error::{ReadError, counted};
use std::path::Path;

/// Endings of files that hold maps, then of those that may be something else, then of tables.
const ENDINGS: [&[&str]; 3] = [
    &[
        "shp", "gpkg", "gdb", "fgb", "geojson", "geojsonl", "kml", "kmz", "tab", "mif", "gml",
        "gpx", "sqlite", "topojson",
    ],
    &["json"],
    &["csv", "tsv"],
];

/// Endings of other files that may hold places, and are named by themselves.
const OTHERS: [&str; 6] = ["xlsx", "xls", "ods", "pbf", "osm", "parquet"];

/// So many files that are not read are told by name.
const MOST_TOLD: usize = 3;

/// Endings of rasters, which a layer is not.
const RASTERS: [&str; 3] = ["tif", "tiff", "asc"];

/// A file in a container.
#[derive(Debug)]
pub(super) struct Inside {
    /// Where it is.
    pub(super) place: Place,
    /// The layer that is asked for in it.
    pub(super) layer: Option<String>,
    /// What is to be said of the other files.
    pub(super) remark: Option<String>,
}

/// The files of a container that hold layers.
struct Container<'a> {
    place: &'a Place,
    is_archive: bool,
    /// Their paths in it, sorted.
    files: Vec<String>,
    /// Other files that may hold places.
    others: Vec<String>,
    /// How many files it holds in all.
    count: usize,
    /// A raster in it.
    raster: Option<String>,
}

/// The file in a container that is meant; `None` for a place that is no container.
///
/// # Errors
///
/// If it cannot be read, holds no layer, none of that name, or several of which none is named.
pub(super) fn inside(place: &Place, layer: Option<&str>) -> Result<Option<Inside>, ReadError> {
    Container::of(place)?.map(|container| container.choose(layer)).transpose()
}

/// The names of the layers in a container, where it holds several files.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn layers(place: &Place) -> Result<Vec<String>, ReadError> {
    let Some(container) = Container::of(place)? else { return Ok(Vec::new()) };
    let files = container.first();
    Ok(if files.len() > 1 { container.names(&files) } else { Vec::new() })
}

impl<'a> Container<'a> {
    fn of(place: &'a Place) -> Result<Option<Self>, ReadError> {
        let is_folder = place.resolved.is_dir() && !place.ends("gdb");
        let is_archive = ["zip", "shz"].iter().any(|ending| place.ends(ending))
            && archive::is_zip(&place.resolved);
        let names = if is_folder {
            let entries = place.resolved.read_dir().map_err(|error| {
                ReadError::unusable(&place.written, format!("cannot be read: {error}"))
            })?;
            let names = entries.flatten().map(|entry| entry.file_name());
            names.map(|name| name.to_string_lossy().into_owned()).collect()
        } else if is_archive {
            archive::names(place)?
        } else {
            return Ok(None);
        };
        Ok(Some(Self::with(place, is_archive, names)))
    }

    fn with(place: &'a Place, is_archive: bool, mut names: Vec<String>) -> Self {
        // What a Mac puts beside files, and what is hidden.
        names.retain(|name| !name.starts_with("__MACOSX/") && !file_name(name).starts_with('.'));
        let count = names.len();
        let raster = names.iter().find(|name| RASTERS.contains(&ending(name).as_str())).cloned();
        let mut files: Vec<String> = names.iter().map(|name| whole_of(name)).collect();
        files.retain(|name| ENDINGS.iter().any(|kind| kind.contains(&ending(name).as_str())));
        files.sort_unstable();
        files.dedup();
        names.retain(|name| OTHERS.contains(&ending(name).as_str()));
        names.sort_unstable();
        Self { place, is_archive, files, others: names, count, raster }
    }

    /// Those of the first kind of which there are any.
    fn first(&self) -> Vec<&str> {
        let of = |kind: &&[&str]| -> Vec<&str> {
            let files = self.files.iter().map(String::as_str);
            files.filter(|name| kind.contains(&ending(name).as_str())).collect()
        };
        ENDINGS.iter().map(of).find(|files| !files.is_empty()).unwrap_or_default()
    }

    /// What files are called as layers: without their endings, or with their paths where that tells none apart.
    fn names(&self, files: &[&str]) -> Vec<String> {
        let name = |file: &&str| {
            let is_alone = self.files.iter().filter(|other| stem(other) == stem(file)).count() < 2;
            if is_alone { stem(file).to_string() } else { (*file).to_string() }
        };
        files.iter().map(name).collect()
    }

    fn choose(&self, layer: Option<&str>) -> Result<Inside, ReadError> {
        let first = self.first();
        let written = &self.place.written;
        let Some(layer) = layer else {
            return match first[..] {
                [] => Err(self.nothing()),
                [one] => Ok(Inside { remark: self.not_read(one), ..self.inside(one, None) }),
                _ => {
                    let files: Vec<&str> = self.files.iter().map(String::as_str).collect();
                    let names = self.names(&files);
                    let found = format!("it has {} layers: {}", names.len(), names.join(", "));
                    let hint = "name one: `layer = \"…\"`, or `,layer=…` behind the path";
                    Err(ReadError::unusable_hint(written, found, hint))
                }
            };
        };
        let all: Vec<&str> = self.files.iter().map(String::as_str).collect();
        let named =
            |is: &dyn Fn(&str) -> bool| first.iter().chain(&all).copied().find(|file| is(file));
        let named = named(&|file| file == layer)
            .or_else(|| named(&|file| file_name(file) == layer || stem(file) == layer));
        let is_of_layers =
            |file: &&&str| ["gpkg", "gdb", "sqlite", "kml", "kmz"].contains(&ending(file).as_str());
        let mut of_layers = first.iter().filter(is_of_layers);
        match (named, of_layers.next(), of_layers.next()) {
            (Some(file), ..) => Ok(self.inside(file, None)),
            (None, Some(one), None) => Ok(self.inside(one, Some(layer))),
            _ if all.is_empty() => Err(self.nothing()),
            _ => Err(no_layer(layer, &self.names(&first), written)),
        }
    }

    fn inside(&self, file: &str, layer: Option<&str>) -> Inside {
        let outer = &self.place.resolved;
        let resolved = if self.is_archive {
            let outer = std::path::absolute(outer).unwrap_or_else(|_| outer.clone());
            format!("/vsizip/{{{}}}/{file}", outer.display()).into()
        } else {
            outer.join(file)
        };
        // A path that this program takes, and those of GDAL.
        let system = if self.is_archive { "/vsizip/" } else { "" };
        let written = format!("{system}{}/{file}", self.place.written.trim_end_matches('/'));
        let place = Place { written, resolved, ..self.place.clone() };
        Inside { place, layer: layer.map(str::to_string), remark: None }
    }

    /// What is to be said of the files beside the one that is read.
    fn not_read(&self, file: &str) -> Option<String> {
        let others = self.files.iter().chain(&self.others).filter(|other| *other != file);
        let mut others: Vec<&str> = others.map(String::as_str).collect();
        let more = others.len().saturating_sub(MOST_TOLD);
        others.truncate(MOST_TOLD);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let told = format!("only {file} in it is read, not {}{more}", others.join(", "));
        (!others.is_empty()).then_some(told)
    }

    /// A container without a layer.
    fn nothing(&self) -> ReadError {
        if self.count == 0 && !self.is_archive {
            return super::directory(&self.place.written);
        }
        let files = counted(self.count as u64, "file");
        let what = if self.is_archive { "an archive" } else { "a directory" };
        let found = format!("{what} of {files}, none of which is a vector file");
        let hint = match &self.raster {
            Some(raster) if self.is_archive => {
                format!(
                    "a raster of people in it is named `/vsizip/{}/{raster}`",
                    self.place.written
                )
            }
            Some(raster) => format!("a raster of people is named by itself: {raster}"),
            None if self.is_archive => "unpack it, and name a file that was in it".to_string(),
            None => "name a file in it".to_string(),
        };
        ReadError::unusable_hint(&self.place.written, found, hint)
    }
}

/// A folder that is a dataset as a whole (.gdb), for a file in it.
fn whole_of(name: &str) -> String {
    let end = name.to_ascii_lowercase().find(".gdb/").map(|at| at + ".gdb".len());
    name[..end.unwrap_or(name.len())].to_string()
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn stem(path: &str) -> &str {
    let name = file_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn ending(path: &str) -> String {
    let ending = Path::new(path).extension().unwrap_or_default();
    ending.to_string_lossy().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &[&str], layer: Option<&str>) -> Result<(String, Option<String>), String> {
        let place = Place::new("a.zip", None);
        let names = names.iter().map(ToString::to_string).collect();
        let chosen = Container::with(&place, true, names).choose(layer);
        chosen.map(|inside| (inside.place.written, inside.layer)).map_err(|error| {
            assert!(error.hint().is_some());
            error.to_string()
        })
    }

    #[test]
    fn one_file_is_meant_and_maps_come_before_tables() {
        let shapefile =
            ["d/adm.shp", "d/adm.dbf", "d/adm.shx", "d/adm.prj", "legend.csv", "d/meta.json"];
        assert_eq!(chosen(&shapefile, None), Ok(("/vsizip/a.zip/d/adm.shp".into(), None)));
        assert_eq!(chosen(&shapefile, Some("adm")), Ok(("/vsizip/a.zip/d/adm.shp".into(), None)));
        assert_eq!(
            chosen(&shapefile, Some("legend")),
            Ok(("/vsizip/a.zip/legend.csv".into(), None))
        );
        let mac = ["a.geojson", "__MACOSX/._a.geojson", ".DS_Store", "._b.shp"];
        assert_eq!(chosen(&mac, None), Ok(("/vsizip/a.zip/a.geojson".into(), None)));
        let database = ["x.gdb/a00000001.gdbtable", "x.gdb/gdb", "readme.txt"];
        assert_eq!(
            chosen(&database, Some("roads")),
            Ok(("/vsizip/a.zip/x.gdb".into(), Some("roads".into())))
        );
    }

    #[test]
    fn of_several_files_one_is_named() {
        let two = ["north/a.shp", "south/a.shp", "b.SHP"];
        let told = "a.zip: it has 3 layers: b, north/a.shp, south/a.shp";
        assert_eq!(chosen(&two, None), Err(told.into()));
        assert_eq!(chosen(&two, Some("b")), Ok(("/vsizip/a.zip/b.SHP".into(), None)));
        assert_eq!(
            chosen(&two, Some("south/a.shp")),
            Ok(("/vsizip/a.zip/south/a.shp".into(), None))
        );
        assert!(chosen(&two, Some("c")).unwrap_err().contains("no layer \"c\""));
        assert!(chosen(&["a.txt"], None).unwrap_err().contains("an archive of 1 file, none"));
    }
}
