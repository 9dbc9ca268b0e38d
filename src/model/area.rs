//! An operation area as drawn: its key, its own columns and its shape.

use super::Status;
use crate::error::{Called, RingFault};
use geo::{Coord, LineString, MultiPolygon};
use serde_json::{Map, Value};

/// One area of the areas file, in its own reference system.
#[derive(Debug, Clone, Default)]
pub struct Area {
    /// Its place in the file, from 1.
    pub feature: usize,
    /// Its id, unique within course of action and phase.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The course of action it belongs to.
    pub coa: Option<String>,
    /// The phase it belongs to.
    pub phase: Option<String>,
    /// When it starts, as written.
    pub start: Option<String>,
    /// When it ends, as written.
    pub end: Option<String>,
    /// Its own columns, without those read as one of the above.
    pub properties: Map<String, Value>,
    /// Whether another area before it has the same key.
    pub duplicate: bool,
    /// Whether another area has the same name, or nobody knows.
    pub shares_name: bool,
    /// Its polygons, or why it has none.
    pub shape: Shape,
}

impl Area {
    /// Its key, as people write it: course of action, phase and id.
    #[must_use]
    pub fn key(&self) -> String {
        area_key(self.coa.as_deref(), self.phase.as_deref(), &self.id)
    }

    /// What people call it.
    #[must_use]
    pub fn called(&self) -> Called {
        let name = self.name.clone().filter(|name| !name.trim().is_empty());
        Called { id: self.id.clone(), name, is_shared: self.shares_name }
    }
}

/// The key of an area: course of action, phase and id, as far as there are any.
#[must_use]
pub fn area_key(coa: Option<&str>, phase: Option<&str>, id: &str) -> String {
    let parts = [coa, phase, Some(id)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("/")
}

/// The shape of an area, checked at the door.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Polygons that are valid: rings that neither cross nor overlap, parts apart.
    Polygons {
        /// In the reference system of the file.
        polygons: MultiPolygon<f64>,
        /// The faults that were repaired; empty if it was valid as drawn.
        repaired: Vec<RingFault>,
        /// Whether longitudes were unwrapped, moved by a turn, or split at ±180.
        wrapped: bool,
        /// Points and lines beside them: the ground around these belongs to the area.
        open: Open,
    },
    /// Points and lines: the ground around them is the area.
    Open(Open),
    /// Nothing to assess.
    Faulty {
        /// [`Status::NoGeometry`] or [`Status::Invalid`].
        status: Status,
        /// Why, as one sentence.
        reason: String,
    },
}

/// Points and lines, in the reference system of the file.
#[derive(Debug, Clone, Default)]
pub struct Open {
    /// Lines of two points or more.
    pub lines: Vec<LineString<f64>>,
    /// Points.
    pub points: Vec<Coord<f64>>,
}

impl Open {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.points.is_empty()
    }

    /// All their vertices.
    pub fn vertices(&self) -> impl Iterator<Item = Coord<f64>> {
        let of_lines = self.lines.iter().flat_map(|line| &line.0);
        of_lines.chain(&self.points).copied()
    }
}

impl Shape {
    /// Polygons as drawn.
    #[must_use]
    pub const fn drawn(polygons: MultiPolygon<f64>) -> Self {
        let open = Open { lines: Vec::new(), points: Vec::new() };
        Self::Polygons { polygons, repaired: Vec::new(), wrapped: false, open }
    }

    /// The points and lines that the ground of the area lies around.
    #[must_use]
    pub const fn open(&self) -> Option<&Open> {
        match self {
            Self::Polygons { open, .. } | Self::Open(open) if !open.is_empty() => Some(open),
            _ => None,
        }
    }
}

impl Default for Shape {
    fn default() -> Self {
        Self::drawn(MultiPolygon(Vec::new()))
    }
}
