//! A place in one text: a geometry (WKT, EWKT, WKB in hexadecimal, `GeoJSON`), two coordinates, a grid reference.
//!
//! The text itself tells which it is. Geometries are parsed by GDAL; the code of a reference system that a text of
//! `PostGIS` brings is told apart from the geometry first.

use super::angle::is_long;
use super::grids::{self, Degrees};
use super::joint::{Joint, Told};
use crate::read::features::Drawn;
use crate::read::vector;
use gdal::vector::Geometry;

/// Words that geometries as text begin with.
const WORDS: [&str; 12] = [
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
    "CURVEPOLYGON",
    "COMPOUNDCURVE",
    "CIRCULARSTRING",
    "MULTICURVE",
    "MULTISURFACE",
];

/// Flags of the type of a geometry in the bytes of `PostGIS`: heights, measures, a code of a reference system.
const FLAGS: [u32; 3] = [0x8000_0000, 0x4000_0000, 0x2000_0000];

/// A place in one text.
#[derive(Debug)]
pub(super) enum Written<'c> {
    Shape(Text<'c>),
    Joint(Joint),
    /// A grid reference, UTM coordinates, or a plus code.
    Grid(Result<Degrees, &'static str>),
}

/// A geometry in a text.
#[derive(Debug)]
pub(super) enum Text<'c> {
    Wkt(Option<u32>, &'c str),
    Wkb(Option<u32>, Vec<u8>),
    Json(Option<u32>, &'c str),
}

impl<'c> Written<'c> {
    /// What a cell without blanks around it gives; `None` if it gives no place.
    pub(super) fn of(cell: &'c str) -> Option<Self> {
        if let Some(text) = Text::of(cell) {
            return Some(Self::Shape(text));
        }
        // Notes are longer than any coordinate, and addresses have a bound of their own.
        if is_long(cell) {
            return Joint::of(cell).map(Self::Joint);
        }
        let grid =
            grids::plus_code(cell).or_else(|| grids::mgrs(cell)).or_else(|| grids::utm(cell));
        grid.map(Self::Grid).or_else(|| Joint::of(cell).map(Self::Joint))
    }
}

/// Whether a cell is a line or a polygon.
pub(super) fn is_ground(cell: &str) -> bool {
    match Text::of(cell) {
        Some(Text::Wkt(_, text)) => !starts_with(text, "POINT"),
        Some(Text::Json(_, text)) => !text.contains("\"Point\""),
        Some(Text::Wkb(_, bytes)) => kind_of(&bytes).is_some_and(|kind| kind % 1000 != 1),
        None => false,
    }
}

/// Whether a cell can be nothing but a place.
pub(super) fn is_sure(cell: &str) -> bool {
    match Written::of(cell) {
        Some(Written::Shape(_) | Written::Grid(Ok(_))) => true,
        Some(Written::Joint(joint)) => matches!(joint.told(), Told::Written(_)),
        Some(Written::Grid(Err(_))) | None => false,
    }
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

impl<'c> Text<'c> {
    fn of(cell: &'c str) -> Option<Self> {
        if cell.starts_with('{') {
            let is_json = cell.contains("\"coordinates\"");
            return is_json.then(|| Self::Json(system_of_json(cell), cell));
        }
        if starts_with(cell, "SRID=") {
            let (system, text) = cell.get(5..)?.split_once(';')?;
            return Some(Self::Wkt(Some(system.trim().parse().ok()?), text.trim()));
        }
        let is_wkt = WORDS.iter().any(|word| starts_with(cell, word));
        if is_wkt && (cell.contains('(') || cell.to_ascii_uppercase().ends_with("EMPTY")) {
            return Some(Self::Wkt(None, cell));
        }
        let (system, bytes) = plain_wkb(bytes_of(cell)?)?;
        Some(Self::Wkb(system, bytes))
    }

    /// The code of the reference system that it names.
    pub(super) const fn system(&self) -> Option<u32> {
        match self {
            Self::Wkt(system, _) | Self::Wkb(system, _) | Self::Json(system, _) => *system,
        }
    }

    /// What it draws; `None` if it cannot be read.
    pub(super) fn drawn(&self) -> Option<Drawn> {
        let geometry = match self {
            Self::Wkt(_, text) => Geometry::from_wkt(text),
            Self::Wkb(_, bytes) => Geometry::from_wkb(bytes),
            Self::Json(_, text) => Geometry::from_geojson(text),
        };
        Some(vector::drawn(Some(&geometry.ok()?)))
    }
}

/// The code of the reference system that a member `crs` of `GeoJSON` names, as `urn:ogc:def:crs:EPSG::32636`.
fn system_of_json(text: &str) -> Option<u32> {
    let json: serde_json::Value =
        text.contains("\"crs\"").then(|| serde_json::from_str(text).ok())??;
    let name = json.get("crs")?.get("properties")?.get("name")?.as_str()?;
    let (_, code) =
        name.rsplit_once(':').filter(|(before, _)| before.to_uppercase().contains("EPSG"))?;
    code.parse().ok()
}

/// The bytes of a text in hexadecimal, which begin as those of a geometry do; `\x` may stand before it.
fn bytes_of(cell: &str) -> Option<Vec<u8>> {
    let text = cell.strip_prefix("\\x").or_else(|| cell.strip_prefix("0x")).unwrap_or(cell);
    let is_geometry = text.len() >= 18 && (text.starts_with("00") || text.starts_with("01"));
    if !is_geometry || text.len() % 2 == 1 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}

fn kind_of(bytes: &[u8]) -> Option<u32> {
    let kind: [u8; 4] = bytes.get(1..5)?.try_into().ok()?;
    Some(if bytes[0] == 0 { u32::from_be_bytes(kind) } else { u32::from_le_bytes(kind) })
}

/// Bytes of a geometry without the code of a reference system, and that code.
fn plain_wkb(mut bytes: Vec<u8>) -> Option<(Option<u32>, Vec<u8>)> {
    let flagged = kind_of(&bytes)?;
    let is_big = bytes[0] == 0;
    let [has_height, has_measure, has_system] = FLAGS.map(|flag| flagged & flag != 0);
    let plain = flagged & !(FLAGS[0] | FLAGS[1] | FLAGS[2]);
    if !(1..=17).contains(&(plain % 1000)) || plain > 3999 {
        return None;
    }
    let kind = plain + 1000 * u32::from(has_height) + 2000 * u32::from(has_measure);
    bytes.splice(1..5, if is_big { kind.to_be_bytes() } else { kind.to_le_bytes() });
    if !has_system {
        return Some((None, bytes));
    }
    let system: [u8; 4] = bytes.get(5..9)?.try_into().ok()?;
    bytes.drain(5..9);
    let system = if is_big { u32::from_be_bytes(system) } else { u32::from_le_bytes(system) };
    Some((Some(system), bytes))
}
