//! Reference systems, and the carrying of coordinates from one to another through PROJ.
//!
//! Coordinates are always x, y: longitude before latitude, whatever the axis order of an authority.
//! A [`Reference`] is plain text and goes anywhere; a [`Carrier`] belongs to one thread.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use std::cell::{OnceCell, RefCell};

/// A text that PROJ does not take for a reference system, or two between which it knows no way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ReferenceError(String);

impl ReferenceError {
    /// A plane that cannot be counted in.
    pub(super) fn interrupted(reference: &Reference) -> Self {
        Self(format!(
            "{} is an interrupted projection, in which areas are torn apart",
            reference.name()
        ))
    }
}

const WGS84: &str = "EPSG:4326";

/// What is wrong if PROJ knows no reference system at all.
const NO_DATABASE: &str = "PROJ cannot read its database of reference systems (proj.db): it is missing, or this \
                           process may use too little memory (`ulimit -v`)";

/// A coordinate reference system.
#[derive(Debug, Clone)]
pub struct Reference {
    wkt: String,
    name: String,
    geographic: bool,
    unit_m: f64,
}

impl Reference {
    /// WGS 84, longitude and latitude in degrees.
    ///
    /// # Errors
    ///
    /// If PROJ cannot find its database.
    pub fn wgs84() -> Result<Self, ReferenceError> {
        Self::from_definition(WGS84)
    }

    /// From anything GDAL understands: `EPSG:32627`, WKT, a PROJ string, an OGC name.
    ///
    /// # Errors
    ///
    /// If GDAL does not understand it.
    pub fn from_definition(definition: &str) -> Result<Self, ReferenceError> {
        let system = SpatialRef::from_definition(definition).map_err(|_none| {
            // Where not even this one is known, it is no fault of the definition.
            match SpatialRef::from_definition(WGS84) {
                Ok(_) => ReferenceError(format!("\"{definition}\" is not known to PROJ")),
                Err(_) => ReferenceError(NO_DATABASE.into()),
            }
        })?;
        Self::from_gdal(&system)
    }

    /// From a GDAL object.
    ///
    /// # Errors
    ///
    /// If it cannot be written as WKT.
    pub fn from_gdal(system: &SpatialRef) -> Result<Self, ReferenceError> {
        let wkt = system.to_wkt().map_err(|error| ReferenceError(error.to_string()))?;
        let name = system.name().unwrap_or_else(|| "unnamed".into());
        let name = match system.authority() {
            Ok(authority) => format!("{authority} ({name})"),
            Err(_) => name,
        };
        Ok(Self { wkt, name, geographic: system.is_geographic(), unit_m: system.linear_units() })
    }

    /// Its name for people, with the code of its authority if it has one.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Meters in one unit of a projected system.
    #[must_use]
    pub const fn unit_m(&self) -> f64 {
        self.unit_m
    }

    /// Its definition as WKT.
    #[must_use]
    pub fn wkt(&self) -> &str {
        &self.wkt
    }

    /// Whether coordinates are degrees of longitude and latitude.
    #[must_use]
    pub const fn is_geographic(&self) -> bool {
        self.geographic
    }

    /// Whether both are the same system but for the order of axes.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.wkt == other.wkt
            || matches!((self.to_gdal(), other.to_gdal()), (Ok(one), Ok(two)) if one == two)
    }

    /// The geographic system that a projected one is a plane of; itself if it is geographic.
    ///
    /// # Errors
    ///
    /// If PROJ cannot tell.
    pub fn base(&self) -> Result<Self, ReferenceError> {
        if self.geographic {
            return Ok(self.clone());
        }
        let base = self.to_gdal()?.geog_cs().map_err(|error| ReferenceError(error.to_string()))?;
        Self::from_gdal(&base)
    }

    /// The meridian in the middle of a projected system, in degrees: it is torn half a turn from there.
    #[must_use]
    pub fn central_meridian(&self) -> f64 {
        let text = self.to_gdal().ok().and_then(|system| system.to_proj4().ok());
        let text = text.unwrap_or_default();
        let parameter = |name: &str| {
            let value = text.split_whitespace().find_map(|word| word.strip_prefix(name))?;
            value.parse::<f64>().ok().filter(|value| value.is_finite())
        };
        let of_zone = || parameter("+zone=").map(|zone| zone * 6.0 - 183.0);
        parameter("+lon_0=").or_else(of_zone).unwrap_or(0.0)
    }

    /// Whether its plane is torn in several places, so that ground between them is nowhere near.
    #[must_use]
    pub(super) fn is_interrupted(&self) -> bool {
        let text = self.to_gdal().ok().and_then(|system| system.to_proj4().ok());
        let interrupted =
            ["igh", "igh_o", "imoll", "imoll_o", "isea", "healpix", "rhealpix", "qsc"];
        text.is_some_and(|text| {
            let name = text.split_whitespace().find_map(|word| word.strip_prefix("+proj="));
            name.is_some_and(|name| interrupted.contains(&name))
        })
    }

    /// The unit of a geographic system's angles, if it is another than the degree.
    #[must_use]
    pub fn odd_angles(&self) -> Option<String> {
        let system = self.to_gdal().ok().filter(|_| self.geographic)?;
        let is_degree = (system.angular_units() / 1_f64.to_radians() - 1.0).abs() < 1e-9;
        (!is_degree).then(|| system.angular_units_name().unwrap_or_else(|| "another unit".into()))
    }

    /// The GDAL object, x before y.
    fn to_gdal(&self) -> Result<SpatialRef, ReferenceError> {
        let mut system =
            SpatialRef::from_wkt(&self.wkt).map_err(|error| ReferenceError(error.to_string()))?;
        system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        Ok(system)
    }
}

/// Carries coordinates from one reference system to another; belongs to one thread.
pub struct Carrier {
    transform: CoordTransform,
    from: Reference,
    to: Reference,
    /// The way back, made when it is asked for.
    back: OnceCell<Option<CoordTransform>>,
}

impl Carrier {
    /// The way from one system to the other that PROJ holds for best.
    ///
    /// # Errors
    ///
    /// If PROJ knows none.
    pub fn new(from: &Reference, to: &Reference) -> Result<Self, ReferenceError> {
        let transform = transform(from, to)?;
        Ok(Self { transform, from: from.clone(), to: to.clone(), back: OnceCell::new() })
    }

    /// Carries points; `None` where PROJ cannot.
    #[must_use]
    pub fn carry(&self, points: &[[f64; 2]]) -> Vec<Option<[f64; 2]>> {
        carry(&self.transform, points)
    }

    /// Carries a point the other way; `None` where PROJ cannot.
    #[must_use]
    pub fn carry_back(&self, point: [f64; 2]) -> Option<[f64; 2]> {
        let back = self.back.get_or_init(|| transform(&self.to, &self.from).ok());
        carry(back.as_ref()?, &[point]).first().copied().flatten()
    }
}

/// Carries points to WGS 84 by a carrier that the thread keeps; `None` where PROJ cannot.
#[must_use]
pub fn to_wgs84(reference: &Reference, points: &[[f64; 2]]) -> Vec<Option<[f64; 2]>> {
    thread_local! {
        static KEPT: RefCell<Option<(Reference, Carrier)>> = const { RefCell::new(None) };
    }
    KEPT.with_borrow_mut(|kept| {
        if kept.as_ref().is_none_or(|(of, _)| of.wkt() != reference.wkt()) {
            let made = Reference::wgs84().and_then(|wgs84| Carrier::new(reference, &wgs84));
            *kept = made.ok().map(|carrier| (reference.clone(), carrier));
        }
        kept.as_ref().map_or_else(|| vec![None; points.len()], |(_, carrier)| carrier.carry(points))
    })
}

fn transform(from: &Reference, to: &Reference) -> Result<CoordTransform, ReferenceError> {
    CoordTransform::new(&from.to_gdal()?, &to.to_gdal()?)
        .map_err(|error| ReferenceError(error.to_string()))
}

fn carry(transform: &CoordTransform, points: &[[f64; 2]]) -> Vec<Option<[f64; 2]>> {
    let mut x: Vec<f64> = points.iter().map(|point| point[0]).collect();
    let mut y: Vec<f64> = points.iter().map(|point| point[1]).collect();
    // The status tells of any failure; the points that failed are infinite.
    if transform.transform_coords(&mut x, &mut y, &mut []).is_err() && points.len() == 1 {
        return vec![None];
    }
    let carried = x.into_iter().zip(y);
    carried.map(|(x, y)| (x.is_finite() && y.is_finite()).then_some([x, y])).collect()
}
