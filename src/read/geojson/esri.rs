//! Esri JSON: the features that `ArcGIS` servers answer with, walked over like those of a collection.
//!
//! Attributes stand where GeoJSON has properties, and the kind of a geometry is told by its members. Outer rings run
//! clockwise and holes against the clock; a hole belongs to the smallest outer ring around it. Dates are milliseconds
//! since 1970, which the list of fields tells. The reference system is a code of EPSG or of Esri, or a text.
//! Where the answer has a `transform`, coordinates are whole steps of a grid, and those of a line or a ring are counted
//! from the one before.
//!
//! Source: `ArcGIS` REST APIs, *Geometry objects*, *Feature object* and *Query*, `quantizationParameters`.

use super::feature::{At, without_place};
use crate::error::ReadError;
use crate::measure::Reference;
use crate::read::features::{Drawn, Feature};
use gdal::spatial_ref::SpatialRef;
use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::{
    Area, BoundingRect, Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon, Rect,
};
use jiff::Timestamp;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Codes from here on are Esri's own.
const OWN_CODES: u64 = 32_768;

/// What stands around the features.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Head {
    #[serde(rename = "geometryType")]
    geometry_type: Option<String>,
    #[serde(rename = "spatialReference")]
    system: Option<System>,
    fields: Option<Vec<Field>>,
    #[serde(rename = "exceededTransferLimit")]
    is_cut: Option<bool>,
    transform: Option<Steps>,
}

/// The grid whose steps coordinates count.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Steps {
    origin_position: Option<String>,
    /// East, north, and perhaps more.
    scale: Vec<f64>,
    translate: Vec<f64>,
}

/// How features of an answer are written.
#[derive(Debug, Clone, Default)]
pub(super) struct Form {
    /// Names of columns whose values are dates.
    dates: Vec<String>,
    steps: Option<Steps>,
    /// The codes of the reference system of the answer.
    codes: Vec<u64>,
}

impl Steps {
    /// Where a count of steps leads to; nothing if the grid tells too little.
    fn place(&self, Coord { x, y }: Coord<f64>) -> Option<Coord<f64>> {
        let ([sx, sy, ..], [tx, ty, ..]) = (&*self.scale, &*self.translate) else { return None };
        // Rows count from the top unless the grid says otherwise.
        let is_from_below = self.origin_position.as_deref() == Some("lowerLeft");
        let y = if is_from_below { y * sy } else { -y * sy };
        Some(Coord { x: x * sx + tx, y: y + ty })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct System {
    wkid: Option<u64>,
    latest_wkid: Option<u64>,
    wkt: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl System {
    /// Its codes, the one in use before the one that it took the place of.
    fn codes(&self) -> Vec<u64> {
        let codes = [self.latest_wkid, self.wkid].into_iter().flatten();
        // Web Mercator has had several.
        codes.map(|code| if matches!(code, 102_100 | 102_113) { 3857 } else { code }).collect()
    }
}

impl Head {
    /// That of a text without its features; nothing of one that has another meaning.
    pub(super) fn of(skeleton: &[u8]) -> Self {
        serde_json::from_slice(skeleton).unwrap_or_default()
    }

    /// Whether features around which this stands are those of Esri.
    pub(super) const fn is_told(&self) -> bool {
        self.geometry_type.is_some() || self.system.is_some() || self.fields.is_some()
    }

    /// How the features are written.
    pub(super) fn form(&self) -> Form {
        let fields = self.fields.iter().flatten();
        let dates = fields.filter(|field| field.kind.as_deref() == Some("esriFieldTypeDate"));
        let dates = dates.map(|field| field.name.clone()).collect();
        let codes = self.system.as_ref().map(System::codes).unwrap_or_default();
        Form { dates, steps: self.transform.clone(), codes }
    }

    /// What is to be said of an answer that holds not all.
    pub(super) fn remark(&self) -> Option<String> {
        let is_cut = self.is_cut == Some(true);
        is_cut.then(|| {
            "the server sent only a part of its features (exceededTransferLimit): ask for the rest with resultOffset"
                .to_string()
        })
    }

    /// The reference system, if it is told.
    pub(super) fn reference(&self, written: &str) -> Result<Option<Reference>, ReadError> {
        let Some(system) = &self.system else { return Ok(None) };
        let codes = system.codes();
        let found = codes.iter().filter(|code| **code > 0).find_map(|&code| {
            let authorities = if code < OWN_CODES { ["EPSG", "ESRI"] } else { ["ESRI", "EPSG"] };
            let mut named = authorities.iter().map(|authority| format!("{authority}:{code}"));
            named.find_map(|name| Reference::from_definition(&name).ok())
        });
        let by_text = || {
            let text = system.wkt.as_deref()?;
            let system =
                SpatialRef::from_wkt(text).or_else(|_| SpatialRef::from_esri(text)).ok()?;
            Reference::from_gdal(&system).ok()
        };
        match found.or_else(by_text) {
            Some(reference) => Ok(Some(reference)),
            None if codes.is_empty() && system.wkt.is_none() => Ok(None),
            None => {
                let code = codes.first().map(ToString::to_string);
                let code = code.or_else(|| system.wkt.clone()).unwrap_or_default();
                Err(ReadError::unusable_hint(
                    written,
                    format!("its spatialReference {code} is not known to PROJ"),
                    "ask the server for longitude and latitude: `outSR=4326`",
                ))
            }
        }
    }
}

#[derive(Deserialize)]
struct Members<'t> {
    attributes: Option<Map<String, Value>>,
    #[serde(borrow)]
    geometry: Option<&'t RawValue>,
}

/// The feature of a text, written in that form; columns of dates hold milliseconds.
pub(super) fn feature(text: &str, form: &Form) -> Feature {
    match serde_json::from_str::<Members>(text) {
        Ok(members) => {
            let mut properties = members.attributes.unwrap_or_default();
            for name in &form.dates {
                let value = properties.get_mut(name);
                if let Some((value, at)) =
                    value.and_then(|value| value.as_i64().map(|at| (value, at)))
                    && let Ok(at) = Timestamp::from_millisecond(at)
                {
                    *value = at.to_string().into();
                }
            }
            let drawn = members.geometry.map_or(Drawn::Nothing, |raw| drawn(raw.get(), form));
            Feature { id: None, properties, layer: None, drawn }
        }
        Err(error) => {
            let why = format!("the feature cannot be read: {}", without_place(&error));
            let (properties, drawn) = (Map::new(), Drawn::Unreadable(why));
            Feature { id: None, properties, layer: None, drawn }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    x: Option<Value>,
    y: Option<Value>,
    points: Option<Vec<At>>,
    paths: Option<Vec<Vec<At>>>,
    rings: Option<Vec<Vec<At>>>,
    curve_rings: Option<Value>,
    curve_paths: Option<Value>,
    xmin: Option<f64>,
    ymin: Option<f64>,
    xmax: Option<f64>,
    ymax: Option<f64>,
    spatial_reference: Option<System>,
}

fn drawn(text: &str, form: &Form) -> Drawn {
    if text.trim() == "null" {
        return Drawn::Nothing;
    }
    let read = serde_json::from_str::<Shape>(text).map_err(|error| without_place(&error));
    match read.and_then(|shape| shape.drawn(form)) {
        Ok(Some(geometry)) => Drawn::Shape(geometry),
        Ok(None) => Drawn::Nothing,
        Err(why) => Drawn::Unreadable(format!("the geometry cannot be read: {why}")),
    }
}

impl Shape {
    /// What is drawn; nothing if it is empty.
    fn drawn(self, form: &Form) -> Result<Option<Geometry<f64>>, String> {
        let own = self.spatial_reference.as_ref().map(System::codes).unwrap_or_default();
        if let (Some(first), Some(code)) = (own.first(), form.codes.first())
            && !own.iter().any(|own| form.codes.contains(own))
        {
            return Err(format!("its spatialReference is {first}, and that of the file is {code}"));
        }
        if self.curve_rings.is_some() || self.curve_paths.is_some() {
            return Err("it is made of curves (curveRings, curvePaths); ask the server with \
                        `returnTrueCurves=false`"
                .into());
        }
        let drawn: Geometry<f64> = match self {
            Self { rings: Some(rings), .. } => polygons(form.lines(rings)?).into(),
            Self { paths: Some(paths), .. } => MultiLineString(form.lines(paths)?).into(),
            Self { points: Some(points), .. } => MultiPoint::from(form.line(points)?.0).into(),
            Self { x: Some(x), y: Some(y), .. } => match (x.as_f64(), y.as_f64()) {
                (Some(x), Some(y)) => Point(form.place(Coord { x, y })?).into(),
                // A place that is not known is null, or the text NaN.
                _ if x.is_null() || x == "NaN" => return Ok(None),
                _ => return Err(format!("found x {x} and y {y}, wanted numbers")),
            },
            Self { xmin: Some(w), ymin: Some(s), xmax: Some(e), ymax: Some(n), .. } => {
                let [from, to] = [Coord { x: w, y: s }, Coord { x: e, y: n }];
                Rect::new(form.place(from)?, form.place(to)?).to_polygon().into()
            }
            _ => return Ok(None),
        };
        Ok(Some(drawn).filter(|drawn| drawn.bounding_rect().is_some()))
    }
}

impl Form {
    /// A place as written, or as steps from the origin of the grid.
    fn place(&self, at: Coord<f64>) -> Result<Coord<f64>, String> {
        let Some(steps) = &self.steps else { return Ok(at) };
        let why = "its `transform` has no two numbers in `scale` and in `translate`; ask the server without \
                   `quantizationParameters`";
        steps.place(at).ok_or_else(|| why.to_string())
    }

    /// Places one behind the other; on a grid each tells its steps from the one before.
    fn line(&self, places: Vec<At>) -> Result<LineString<f64>, String> {
        let mut at = Coord::zero();
        let place = |step: At| {
            at = if self.steps.is_some() { at + step.0 } else { step.0 };
            self.place(at)
        };
        Ok(LineString(places.into_iter().map(place).collect::<Result<_, _>>()?))
    }

    fn lines(&self, lines: Vec<Vec<At>>) -> Result<Vec<LineString<f64>>, String> {
        let lines = lines.into_iter().filter(|line| !line.is_empty());
        lines.map(|line| self.line(line)).collect()
    }
}

/// The polygons of rings by their turn. Where none is an outer one all of them are.
fn polygons(rings: Vec<LineString<f64>>) -> MultiPolygon<f64> {
    let turned = |ring: &LineString<f64>| Polygon::new(ring.clone(), Vec::new()).signed_area();
    let (outer, inner): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| turned(ring) <= 0.0);
    let (outer, inner) = if outer.is_empty() { (inner, Vec::new()) } else { (outer, inner) };
    let mut parts: Vec<(f64, Polygon<f64>)> = outer
        .into_iter()
        .map(|ring| (turned(&ring).abs(), Polygon::new(ring, Vec::new())))
        .collect();
    let bounds = |(place, (_, part)): (usize, &(f64, Polygon<f64>))| {
        let bounds = part.bounding_rect().filter(|it| (it.width() + it.height()).is_finite())?;
        let bounds = Rectangle::from_corners(bounds.min().into(), bounds.max().into());
        Some(GeomWithData::<Rectangle<[f64; 2]>, usize>::new(bounds, place))
    };
    let near = RTree::bulk_load(parts.iter().enumerate().filter_map(bounds).collect());
    let mut alone = Vec::new();
    for hole in inner {
        // What lies around a ring lies around each of its vertices.
        let first = hole.0.first().map_or([f64::NAN; 2], |at| [at.x, at.y]);
        let near = near.locate_in_envelope_intersecting(AABB::from_point(first));
        let around =
            near.map(|near| near.data).filter(|near| holds(parts[*near].1.exterior(), &hole));
        match around.min_by(|a, b| parts[*a].0.total_cmp(&parts[*b].0).then(a.cmp(b))) {
            Some(place) => parts[place].1.interiors_push(hole),
            // Around nothing there is no hole: it is ground that is drawn the wrong way round.
            None => alone.push(Polygon::new(hole, Vec::new())),
        }
    }
    MultiPolygon(parts.into_iter().map(|(_, part)| part).chain(alone).collect())
}

/// Whether a ring lies around another: around the first vertex of it that is not on it.
fn holds(outer: &LineString<f64>, hole: &LineString<f64>) -> bool {
    let places = hole.0.iter().map(|at| coord_pos_relative_to_ring(*at, outer));
    let mut off = places.filter(|place| *place != CoordPos::OnBoundary);
    off.next().is_none_or(|place| place == CoordPos::Inside)
}
