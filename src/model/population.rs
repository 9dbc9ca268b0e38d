//! A population source: a grid of people, and what its values mean.

use super::Grid;
use crate::measure::CellSurfaces;
use schemars::JsonSchema;
use serde::Deserialize;

/// What a value of a population raster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// People in the cell.
    #[default]
    Count,
    /// People per km².
    Density,
}

impl Measure {
    /// Its word in a scenario.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Density => "density",
        }
    }
}

/// What a cell without a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodataMeans {
    /// Nobody lives there.
    Zero,
    /// Nobody counted there.
    #[default]
    Unknown,
}

impl NodataMeans {
    /// Its word in a scenario.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Unknown => "unknown",
        }
    }
}

/// What one cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CellState {
    /// People, 0 or more.
    People(f64),
    /// The declared nodata value, or masked.
    Nodata,
    /// Not a number, and not declared as nodata.
    Unknown,
    /// What cannot be a number of people: negative, infinite, or beyond fixed point.
    Faulty(f64),
}

/// A population source as the scenario declares it.
#[derive(Debug, Clone)]
pub struct PopulationSource {
    /// Its name.
    pub name: String,
    /// Its file, as written.
    pub path: String,
    /// Where its cells are.
    pub grid: Grid,
    /// The surfaces of its cells.
    pub surfaces: CellSurfaces,
    /// The values that the scenario declares as nodata.
    pub nodata: Vec<f64>,
    /// What a missing value means.
    pub nodata_means: NodataMeans,
    /// Whether that was declared.
    pub nodata_means_declared: bool,
}
