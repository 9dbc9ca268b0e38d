//! Reference systems, and the carrying of coordinates from one to another through PROJ.
//!
//! Coordinates are always x, y: longitude before latitude, whatever the axis order of an authority.
//! A [`Reference`] is plain text and goes anywhere; a [`Carrier`] belongs to one thread.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};

/// A text that PROJ does not take for a reference system, or two between which it knows no way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ReferenceError(String);

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
        Self::from_definition("EPSG:4326")
    }

    /// From anything GDAL understands: `EPSG:32627`, WKT, a PROJ string, an OGC name.
    ///
    /// # Errors
    ///
    /// If GDAL does not understand it.
    pub fn from_definition(definition: &str) -> Result<Self, ReferenceError> {
        let system = SpatialRef::from_definition(definition)
            .map_err(|_none| ReferenceError(format!("\"{definition}\" is not known to PROJ")))?;
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
    pub(super) const fn unit_m(&self) -> f64 {
        self.unit_m
    }

    /// Its definition as WKT.
    #[must_use]
    pub(super) fn wkt(&self) -> &str {
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
}

impl Carrier {
    /// The way from one system to the other that PROJ holds for best.
    ///
    /// # Errors
    ///
    /// If PROJ knows none.
    pub fn new(from: &Reference, to: &Reference) -> Result<Self, ReferenceError> {
        let transform = CoordTransform::new(&from.to_gdal()?, &to.to_gdal()?)
            .map_err(|error| ReferenceError(error.to_string()))?;
        Ok(Self { transform })
    }

    /// Carries points; `None` where PROJ cannot.
    #[must_use]
    pub fn carry(&self, points: &[[f64; 2]]) -> Vec<Option<[f64; 2]>> {
        let mut x: Vec<f64> = points.iter().map(|point| point[0]).collect();
        let mut y: Vec<f64> = points.iter().map(|point| point[1]).collect();
        // The status tells of any failure; the points that failed are infinite.
        if self.transform.transform_coords(&mut x, &mut y, &mut []).is_err() && points.len() == 1 {
            return vec![None];
        }
        let carried = x.into_iter().zip(y);
        carried.map(|(x, y)| (x.is_finite() && y.is_finite()).then_some([x, y])).collect()
    }
}
