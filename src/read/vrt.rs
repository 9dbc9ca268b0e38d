//! GDAL's virtual datasets (VRT), read before GDAL opens them: what they name, and that they do nothing else.
//!
//! A VRT is an XML text that names other files, which may be VRTs again. GDAL runs the SQL and Python that stand in
//! one, and opens whatever one names. So its text is read here first: a raster may be made of files, layers of
//! files beside it or below it, with layers and fields by other names. What is more, or cannot be read, is refused.
//!
//! GDAL takes elements and attributes in letters of any size, and `&` that begins no reference; so does this module.

use super::drivers::DatasetType;
use super::network::{Remote, reach};
use crate::error::{ReadError, with_names};
use roxmltree::{Attribute, Document, Node};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// VRTs within VRTs are followed to this depth.
pub(super) const DEPTH: usize = 8;

/// A VRT of more bytes is not read.
const MOST_BYTES: u64 = 64 << 20;

/// The root elements of VRTs of rasters and of layers.
const ROOTS: [(&str, DatasetType); 2] =
    [("VRTDataset", DatasetType::Raster), ("OGRVRTDataSource", DatasetType::Vector)];

/// Elements that hold the name of a file.
const NAMES: [&str; 4] = ["SourceFilename", "SourceDataset", "SrcDataSource", "SourceDataSource"];

/// Elements that hold a reference system, which GDAL would fetch if it were an address.
const SYSTEMS: [&str; 4] = ["SRS", "LayerSRS", "SrcSRS", "SourceSRS"];

/// Elements that a VRT of rasters may have: bands made of files, and what is said of them.
const RASTER_ALLOWED: [&str; 74] = [
    "VRTDataset",
    "SRS",
    "GeoTransform",
    "GCPList",
    "GCP",
    "Metadata",
    "MDI",
    "BlockXSize",
    "BlockYSize",
    "VRTRasterBand",
    "MaskBand",
    "Description",
    "UnitType",
    "Offset",
    "Scale",
    "NoDataValue",
    "HideNoDataValue",
    "ColorInterp",
    "ColorTable",
    "Entry",
    "CategoryNames",
    "Category",
    "Histograms",
    "HistItem",
    "HistMin",
    "HistMax",
    "BucketCount",
    "IncludeOutOfRange",
    "Approximate",
    "HistCounts",
    "GDALRasterAttributeTable",
    "FieldDefn",
    "Name",
    "Type",
    "Usage",
    "Row",
    "F",
    "SimpleSource",
    "ComplexSource",
    "AveragedSource",
    "NoDataFromMaskSource",
    "SourceFilename",
    "SourceBand",
    "SourceProperties",
    "SrcRect",
    "DstRect",
    "NODATA",
    "ScaleOffset",
    "ScaleRatio",
    "ColorTableComponent",
    "LUT",
    "Exponent",
    "SrcMin",
    "SrcMax",
    "DstMin",
    "DstMax",
    "Clamp",
    "UseMaskBand",
    "MaskValueThreshold",
    "RemappedValue",
    "Resampling",
    "PixelFunctionType",
    "PixelFunctionArguments",
    "SourceTransferType",
    "SkipNonContributingSources",
    "ImageOffset",
    "PixelOffset",
    "LineOffset",
    "ByteOrder",
    "Overview",
    "LineUnitType",
    "DataAxisToSRSAxisMapping",
    "CoordinateEpoch",
    "RelativeToVRT",
];

/// Attributes that a VRT of rasters may not have: to GDAL they are elements.
const RASTER_REFUSED: [&str; 6] = [
    "PixelFunctionLanguage",
    "PixelFunctionCode",
    "OpenOptions",
    "OverviewList",
    "OverviewFilename",
    "GDALWarpOptions",
];

/// Kinds of datasets and bands that are made of nothing but the files that they name.
const SUBCLASSES: [&str; 4] =
    ["VRTSourcedRasterBand", "VRTDerivedRasterBand", "VRTRawRasterBand", "VRTRasterBand"];

/// Elements that a VRT of layers may have.
const LAYER_ALLOWED: [&str; 27] = [
    "OGRVRTDataSource",
    "OGRVRTLayer",
    "OGRVRTUnionLayer",
    "Metadata",
    "MDI",
    "SrcDataSource",
    "SrcLayer",
    "FID",
    "Style",
    "GeometryType",
    "LayerSRS",
    "GeometryField",
    "SRS",
    "SrcRegion",
    "ExtentXMin",
    "ExtentYMin",
    "ExtentXMax",
    "ExtentYMax",
    "XYTolerance",
    "ZTolerance",
    "MTolerance",
    "Field",
    "FeatureCount",
    "PreserveSrcFID",
    "FieldStrategy",
    "SourceLayerFieldName",
    "Description",
];

/// Attributes that a VRT of layers may have.
const LAYER_ATTRIBUTES: [&str; 24] = [
    "name",
    "relativeToVRT",
    "shared",
    "encoding",
    "field",
    "x",
    "y",
    "z",
    "m",
    "reportSrcColumn",
    "src",
    "type",
    "subtype",
    "width",
    "precision",
    "nullable",
    "unique",
    "default",
    "clip",
    "domain",
    "key",
    "format",
    "useSpatialSubquery",
    "alternativeName",
];

/// A VRT that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Virtual {
    /// What it is a VRT of.
    pub(super) role: DatasetType,
    /// The files that it names, each once, in the order of the text.
    pub(super) sources: Vec<PathBuf>,
    /// How often each is named.
    pub(super) times: BTreeMap<PathBuf, u64>,
    /// Whether any is named from where the VRT is.
    pub(super) is_relative: bool,
}

/// Why a VRT is refused.
#[derive(Debug)]
pub(super) struct Refused {
    found: String,
    hint: &'static str,
}

impl Refused {
    /// As an error of a file, which may be a VRT within it.
    pub(super) fn of(self, written: &str, inner: &Path, is_inner: bool) -> ReadError {
        let Self { mut found, hint } = self;
        if is_inner {
            found = format!("its source {}: {found}", inner.display());
        }
        let input = if is_inner { &inner.to_string_lossy() } else { written };
        ReadError::unusable_hint(written, found, with_names(hint, input))
    }
}

const WRITE_ANEW: &str = "write it anew with `gdalbuildvrt`, or make a file of it: `gdal_translate IN OUT.tif` for a raster, `ogr2ogr OUT.gpkg IN` for layers";
const ONLY_IF_TRUSTED: &str = "if you trust where it comes from, make a file of it, and give that: `gdal_translate IN OUT.tif` for a raster, `ogr2ogr OUT.gpkg IN` for layers";
const AS_COUNTED: &str = "give the raster that it was made from: to warp or resample a raster changes how many people its cells hold";
const UNPACK: &str =
    "name plain files: unpack archives first, and take layers of a file out with `gdal_translate`";
const MISSING: &str = "put it there, or make the VRT anew where its sources are";
const BESIDE: &str =
    "put its sources into its own folder and name them from there, with relativeToVRT=\"1\"";

/// What a text is a VRT of, by its beginning up to the first zero byte, as GDAL looks; `None` for any other.
pub(super) fn role(start: &[u8]) -> Option<DatasetType> {
    let end = memchr::memchr(0, start).unwrap_or(start.len());
    let start = start.get(..end).unwrap_or_default().to_ascii_lowercase();
    let has = |name: &str| {
        let mark = format!("<{}", name.to_ascii_lowercase());
        memchr::memmem::find(&start, mark.as_bytes())
    };
    let first = ROOTS
        .into_iter()
        .filter_map(|(name, role)| Some((has(name)?, role)))
        .min_by_key(|(at, _)| *at);
    first.map(|(_, role)| role)
}

/// Reads a VRT.
///
/// # Errors
///
/// If it is no XML, or does more than name files.
pub(super) fn read(path: &Path, remote: Remote) -> Result<Virtual, Refused> {
    let refused = |found: String| Refused { found, hint: WRITE_ANEW };
    let length = path.metadata().map_or(0, |facts| facts.len());
    if length > MOST_BYTES {
        return Err(refused(format!("a VRT of {length} bytes, wanted {MOST_BYTES} at most")));
    }
    let bytes = std::fs::read(path).map_err(|error| refused(format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        refused(format!(
            "a VRT that is not UTF-8 text from byte {} on",
            error.utf8_error().valid_up_to() + 1
        ))
    })?;
    let read = parse(&text, path.parent().unwrap_or(Path::new("")), remote)?;
    // Some programs look for sources from where the link is, others from where the file is.
    if read.is_relative && path.is_symlink() {
        let found = "a VRT behind a link, from which its sources cannot be told".to_string();
        return Err(Refused { found, hint: "name the file that the link leads to" });
    }
    Ok(read)
}

/// Reads the text of a VRT that lies in a folder.
///
/// # Errors
///
/// As those of [`read`].
pub(super) fn parse(text: &str, folder: &Path, remote: Remote) -> Result<Virtual, Refused> {
    let text = with_references(text.trim_start_matches('\u{feff}').trim_start());
    let document = is_shallow(&text).then(|| Document::parse(&text));
    let document = match document {
        Some(Ok(document)) => document,
        Some(Err(error)) => {
            return Err(Refused {
                found: format!("a VRT that is no XML: {error}"),
                hint: WRITE_ANEW,
            });
        }
        None => {
            let found = "a VRT whose elements are nested over 100 deep".to_string();
            return Err(Refused { found, hint: WRITE_ANEW });
        }
    };
    let root = document.root_element();
    let role = ROOTS.iter().find(|(name, _)| is(&root, name)).map(|(_, role)| *role);
    let Some(role) = role else {
        let found = format!("a VRT within an element {}", root.tag_name().name());
        return Err(Refused { found, hint: WRITE_ANEW });
    };
    let (mut sources, mut times, mut is_relative) = (Vec::new(), BTreeMap::new(), false);
    for node in root.descendants().filter(Node::is_element) {
        check(&node, role)?;
        if NAMES.iter().any(|name| is(&node, name)) {
            let relative = |of: Attribute| {
                of.name().eq_ignore_ascii_case("relativeToVRT") && of.value() == "1"
            };
            is_relative |= node.attributes().any(relative);
            let Some(source) = source(&node, (role, remote), folder)? else { continue };
            // A source that is named several times, once a sample, is one file.
            let named = times.entry(source.clone()).or_insert(0_u64);
            *named += 1;
            if *named == 1 {
                sources.push(source);
            }
        }
    }
    Ok(Virtual { role, sources, times, is_relative })
}

/// Whether an element is called so, in letters of any size.
fn is(node: &Node, name: &str) -> bool {
    node.tag_name().name().eq_ignore_ascii_case(name)
}

/// Whether elements are nested little enough to be followed.
pub(super) fn is_shallow(text: &str) -> bool {
    let (mut depth, mut rest) = (0_usize, text);
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        match rest.as_bytes().first() {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'!' | b'?') | None => {}
            Some(_) => {
                let end = rest.find('>').unwrap_or(0);
                depth += usize::from(!rest.get(..end).unwrap_or_default().ends_with('/'));
            }
        }
        if depth > 100 {
            return false;
        }
    }
    true
}

/// A text in which each `&` begins a reference.
pub(super) fn with_references(text: &str) -> String {
    let known = ["lt;", "gt;", "amp;", "apos;", "quot;", "#"];
    let mut parts = text.split('&');
    let mut whole = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let is_known = known.iter().any(|name| part.starts_with(name));
        whole.push_str(if is_known { "&" } else { "&amp;" });
        whole.push_str(part);
    }
    whole
}

/// Refuses an element that does more than name files.
fn check(node: &Node, role: DatasetType) -> Result<(), Refused> {
    let name = node.tag_name().name();
    let at = || place_of(node);
    let refused = match role {
        DatasetType::Raster => !RASTER_ALLOWED.iter().any(|allowed| is(node, allowed)),
        DatasetType::Vector => !LAYER_ALLOWED.iter().any(|allowed| is(node, allowed)),
    };
    if refused {
        let wanted = match role {
            DatasetType::Raster => "a raster made of files",
            DatasetType::Vector => "layers of files, with layers and fields by other names",
        };
        let found = format!("{}: a VRT with an element {name}, wanted {wanted}", at());
        let is_warped = ["GDALWarpOptions", "KernelFilteredSource"].iter().any(|of| is(node, of));
        return Err(Refused { found, hint: if is_warped { AS_COUNTED } else { ONLY_IF_TRUSTED } });
    }
    // To GDAL an attribute is as good as an element of its name.
    let is_refused = |of: &Attribute| {
        let is = |name: &&str| of.name().eq_ignore_ascii_case(name);
        let is_odd = is(&"subClass") && !SUBCLASSES.iter().any(|name| of.value() == *name);
        // Overviews of any name would be opened by any driver.
        let is_overview = is(&"key") && of.value().trim().eq_ignore_ascii_case("OVERVIEW_FILE");
        is_odd
            || is_overview
            || match role {
                DatasetType::Raster => NAMES.iter().chain(&RASTER_REFUSED).any(is),
                DatasetType::Vector => !LAYER_ATTRIBUTES.iter().any(is),
            }
    };
    if let Some(of) = node.attributes().find(is_refused) {
        let found = format!(
            "{}: a VRT with an attribute {}=\"{}\" of an element {name}, wanted one made of files alone",
            at(),
            of.name(),
            of.value().chars().take(40).collect::<String>()
        );
        let is_warped = of.name().eq_ignore_ascii_case("subClass");
        return Err(Refused { found, hint: if is_warped { AS_COUNTED } else { ONLY_IF_TRUSTED } });
    }
    let system = node.text().filter(|_| SYSTEMS.iter().any(|system| is(node, system)));
    if let Some(address) = system.and_then(reach) {
        let found = format!(
            "{}: a reference system at an address ({address}), wanted its name or text",
            at()
        );
        return Err(Refused { found, hint: ONLY_IF_TRUSTED });
    }
    Ok(())
}

/// Line and column of an element.
fn place_of(node: &Node) -> String {
    let place = node.document().text_pos_at(node.range().start);
    format!("line {}, column {}", place.row, place.col)
}

/// The file that an element names; `None` for one on another machine, where that is allowed.
fn source(
    node: &Node,
    (role, remote): (DatasetType, Remote),
    folder: &Path,
) -> Result<Option<PathBuf>, Refused> {
    // GDAL takes the first text without the blanks before it; one among other nodes is meant to be misread.
    let is_text = node.children().all(|child| child.is_text()) && node.children().count() == 1;
    let name = node.text().filter(|_| is_text).unwrap_or_default().trim_start();
    let attribute = node.attributes().find(|of| of.name().eq_ignore_ascii_case("relativeToVRT"));
    // Lines are counted from the beginning, so only where one is told.
    let refuse =
        |found: String, hint| Err(Refused { found: format!("{}: {found}", place_of(node)), hint });
    let relative = match attribute.map(|of| of.value()) {
        Some("1") => true,
        Some("0") | None => false,
        // Programs read other values in different ways.
        Some(other) => {
            return refuse(format!("relativeToVRT is \"{other}\", wanted 0 or 1"), WRITE_ANEW);
        }
    };
    if let Some(reach) = reach(name) {
        if remote == Remote::Allowed && role == DatasetType::Raster {
            return Ok(None);
        }
        return refuse(
            format!("its source reaches beyond this machine ({reach}), which is not allowed"),
            "allow it with `--remote`, or download the files first and make the VRT of them",
        );
    }
    // A part of a GeoTIFF is named by its number and the file.
    let file = name.strip_prefix("GTIFF_DIR:").and_then(|rest| rest.split_once(':'));
    let file = file.map_or(name, |(_, file)| file);
    let is_marked =
        node.document().input_text().get(node.range()).is_some_and(|text| text.contains("<!"));
    if is_marked
        || file.is_empty()
        || file.starts_with("/vsi")
        || file.contains([':', '<', '{', '\n'])
    {
        let shown: String = name.chars().take(80).collect();
        return refuse(format!("its source \"{shown}\" is no plain file"), UNPACK);
    }
    let path = if relative { folder.join(file) } else { PathBuf::from(file) };
    let is_beside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
    if role == DatasetType::Vector && is_beside && path.symlink_metadata().is_err() {
        return refuse(format!("its source {file} is not there"), MISSING);
    }
    if role == DatasetType::Vector && !is_below(&path, folder) {
        return refuse(format!("its source {file} lies outside of its folder"), BESIDE);
    }
    Ok(Some(path))
}

/// Whether a path leads to something in a folder or below it, links followed where there are any.
fn is_below(path: &Path, folder: &Path) -> bool {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match (path.canonicalize(), folder.canonicalize()) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        _ => {
            !path.components().any(|part| part == Component::ParentDir) && path.starts_with(folder)
        }
    }
}
