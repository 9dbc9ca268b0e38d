//! What is written when all rows are there: formats with columns, and what stands beside an output.

use super::outputs::place_of;
use super::rows::{Beside, Styles};
use civex::assess::used_at;
use civex::error::{Notice, Result, Tally, WriteError};
use civex::model::columns::Layout;
use civex::model::{Area, Assessment, Provenance, Sites};
use civex::write::formats::{self, Format, Layer, Styled};
use civex::write::gaps::{self, Request};
use civex::write::sites::{Precision, Register};
use civex::write::{Complete, complete, folder_of, geojson};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Everything that is known at the end.
pub(super) struct All<'a> {
    pub(super) provenance: &'a Provenance,
    pub(super) notices: &'a Tally<Notice>,
    pub(super) layout: &'a Layout,
    pub(super) sites: Option<&'a Sites>,
    pub(super) touched: Option<&'a Register<'a>>,
    pub(super) requests: Option<&'a [Request]>,
    pub(super) options: Option<&'a Assessment>,
    pub(super) writing: Writing<'a>,
}

/// How outputs are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writing<'a> {
    pub(super) beside: Beside,
    /// Whether CSV has a row of HXL hashtags.
    pub(super) hxl: bool,
    pub(super) precision: Precision,
    /// Whose clocks hours without an offset are by.
    pub(super) timezone: Option<&'a str>,
}

/// What is written beside an output, and where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Provenance,
    Style(Styled, Style, &'static str),
    Sites,
    Gaps,
    Form,
    Options,
}

/// A form of a style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Qml,
    Sld,
}

/// What stands beside an output.
fn beside(output: &Path, format: Format, beside: Beside) -> Vec<(What, PathBuf)> {
    let at = |ending: &str| output.with_extension(ending);
    let mut all = Vec::new();
    if format.has_provenance_beside() {
        all.push((What::Provenance, at("civex.json")));
    }
    let is_inside = format == Format::GeoPackage;
    let mut layers = vec![("areas", "")];
    if beside.sites {
        layers.push(("sites", "sites."));
        all.extend((!is_inside).then(|| (What::Sites, at("sites.geojson"))));
    }
    if beside.gaps {
        layers.push(("gaps", "gaps."));
        all.extend((!is_inside).then(|| (What::Gaps, at("gaps.geojson"))));
        // A form to be filled in is a file of its own.
        all.push((What::Form, form_of(output)));
    }
    if beside.options {
        layers.push(("options", "options."));
        all.extend((!is_inside).then(|| (What::Options, at("options.geojson"))));
    }
    if beside.styles == Styles::Beside && format == Format::GeoJson {
        for (layer, stem) in layers {
            let Some(styled) = Styled::of(layer) else { continue };
            all.push((What::Style(styled, Style::Qml, layer), at(&format!("{stem}qml"))));
            all.push((What::Style(styled, Style::Sld, layer), at(&format!("{stem}sld"))));
        }
    }
    all
}

/// Where the form of requests of an output goes.
pub(super) fn form_of(output: &Path) -> PathBuf {
    output.with_extension("gaps.csv")
}

/// Where what stands beside an output goes.
pub(super) fn paths_beside(output: &Path, format: Format, with: Beside) -> Vec<PathBuf> {
    beside(output, format, with).into_iter().map(|(_, path)| path).collect()
}

impl All<'_> {
    /// Writes what stands beside an output, but for what is there already.
    pub(super) fn beside(
        &self,
        output: &Path,
        format: Format,
        written: &mut BTreeSet<PathBuf>,
    ) -> Result<Vec<Complete>> {
        let mut all = beside(output, format, self.writing.beside);
        all.retain(|(_, path)| written.insert(place_of(path)));
        let write = |(what, path): (What, PathBuf)| {
            complete(&path, |file| file.write_all(&self.bytes(what, folder_of(output))?))
        };
        Ok(all.into_iter().map(write).collect::<std::result::Result<Vec<_>, _>>()?)
    }

    fn bytes(&self, what: What, folder: &Path) -> io::Result<Vec<u8>> {
        let Self { provenance, notices, sites, .. } = *self;
        let mut out = Vec::new();
        match what {
            What::Provenance => geojson::beside(provenance, notices, Some(folder), &mut out)?,
            What::Style(styled, Style::Sld, _) => out = formats::sld(styled).into_bytes(),
            What::Style(styled, Style::Qml, layer) => {
                out = formats::qml(styled, &formats::columns_of(layer, self.layout)).into_bytes();
            }
            What::Sites => {
                if let Some(touched) = self.touched {
                    touched.write(None, &mut out)?;
                }
            }
            What::Gaps => {
                let requests = self.requests.unwrap_or_default();
                let told = (provenance, notices);
                gaps::layer(requests, sites, told, Some(folder), &mut out)?;
            }
            What::Form => {
                gaps::form(self.requests.unwrap_or_default(), sites, provenance, &mut out)?;
            }
            What::Options => {
                if let Some(options) = self.options {
                    geojson::write(options, provenance, Some(folder), &mut out)?;
                }
            }
        }
        Ok(out)
    }

    /// Writes an output of a format that has columns, from the layer of all rows.
    pub(super) fn output(&self, output: &Path, format: Format, areas: &Layer) -> Result<Complete> {
        let made = match format {
            Format::GeoPackage => self.geopackage(output, areas)?,
            Format::FlatGeobuf => formats::flatgeobuf(output, areas)?,
            Format::Csv => complete(output, |file| formats::csv(areas, self.writing.hxl, file))?,
            Format::Kml => complete(output, |file| {
                let Writing { precision, timezone, .. } = self.writing;
                let used_at = |area: &Area| used_at(area, timezone);
                formats::kml(areas, &self.provenance.name, precision, &used_at, file)
            })?,
            #[cfg(feature = "parquet")]
            Format::Parquet => formats::parquet(output, areas)?,
            _ => {
                let found = "it is written as rows come".to_string();
                return Err(WriteError::Format { path: output.display().to_string(), found }.into());
            }
        };
        Ok(made)
    }

    fn geopackage(&self, output: &Path, areas: &Layer) -> Result<Complete> {
        let folder = folder_of(output);
        let fail = |source| WriteError::Io { path: output.display().to_string(), source };
        let bytes = |what| self.bytes(what, folder).map_err(fail);
        let with = self.writing.beside;
        let sites = with.sites.then(|| bytes(What::Sites)).transpose()?;
        let gaps = with.gaps.then(|| bytes(What::Gaps)).transpose()?;
        let options = with.options.then(|| bytes(What::Options)).transpose()?;
        let layout = Layout { rings_m: Vec::new(), ..self.layout.clone() };
        let options = options.as_ref().map(|made| Layer::areas("options", &layout, made));
        let made = [
            options,
            sites.as_ref().map(|made| Layer::sites(made)),
            gaps.as_ref().map(|made| Layer::gaps(made)),
        ];
        let made = made.into_iter().flatten().collect::<io::Result<Vec<_>>>().map_err(fail)?;
        let layers: Vec<&Layer> = std::iter::once(areas).chain(&made).collect();
        let mut about = Vec::new();
        geojson::beside(self.provenance, self.notices, Some(folder), &mut about).map_err(fail)?;
        let about = String::from_utf8_lossy(&about);
        Ok(formats::geopackage(output, &layers, about.trim_end())?)
    }
}
