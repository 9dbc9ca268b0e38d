//! Areas carried to another reference system, their edges densified.
//!
//! An edge is straight in the system it was drawn in. Carried, it bends; so it is halved until the
//! chord of each piece is within a tolerance of the carried edge. The halving is the same for a→b
//! and b→a, so neighbors that share an edge share it still: no slivers.

use super::reference::Carrier;
use geo::{Coord, LineString, MultiPolygon, Polygon};

/// How often an edge may be halved: 2¹⁶ pieces.
const DEPTH: u32 = 16;

/// A vertex that PROJ cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("[{}, {}] cannot be carried to the reference system of the grid", .at[0], .at[1])]
pub struct NotCarried {
    /// The point, in the system it came from.
    pub at: [f64; 2],
}

/// The area in the carrier's target system; chords stay within `tolerance` (x, y, in units of the
/// target) of the carried edges.
///
/// # Errors
///
/// [`NotCarried`] names the first vertex that PROJ cannot carry.
pub fn carry(
    area: &MultiPolygon<f64>,
    carrier: &Carrier,
    tolerance: [f64; 2],
) -> Result<MultiPolygon<f64>, NotCarried> {
    let edge = Edges { carrier, tolerance };
    let mut parts = Vec::with_capacity(area.0.len());
    for part in &area.0 {
        let shell = edge.carry_ring(part.exterior())?;
        let holes: Result<_, _> =
            part.interiors().iter().map(|hole| edge.carry_ring(hole)).collect();
        parts.push(Polygon::new(shell, holes?));
    }
    Ok(MultiPolygon(parts))
}

/// What every edge of an area shares.
struct Edges<'a> {
    carrier: &'a Carrier,
    tolerance: [f64; 2],
}

impl Edges<'_> {
    fn carry_ring(&self, ring: &LineString<f64>) -> Result<LineString<f64>, NotCarried> {
        let points: Vec<[f64; 2]> = ring.0.iter().map(|c| [c.x, c.y]).collect();
        let carried = self.carrier.carry(&points);
        let mut ends = Vec::with_capacity(points.len());
        for (point, carried) in points.iter().zip(carried) {
            ends.push((*point, carried.ok_or(NotCarried { at: *point })?));
        }
        let mut out = Vec::with_capacity(points.len());
        out.extend(ends.first().map(|end| coord(end.1)));
        for pair in ends.windows(2) {
            if let [from, to] = pair {
                self.halve(*from, *to, 0, &mut out)?;
                out.push(coord(to.1));
            }
        }
        Ok(LineString(out))
    }

    /// Pushes the vertices strictly between two ends, if the chord is too far from the edge.
    fn halve(
        &self,
        from: ([f64; 2], [f64; 2]),
        to: ([f64; 2], [f64; 2]),
        depth: u32,
        out: &mut Vec<Coord<f64>>,
    ) -> Result<(), NotCarried> {
        if depth == DEPTH || self.within(from.1, to.1) {
            return Ok(());
        }
        let middle = halfway(from.0, to.0);
        let probes = [middle, halfway(from.0, middle), halfway(middle, to.0)];
        let carried = self.carrier.carry(&probes);
        let [Some(half), Some(first), Some(last)] = carried[..] else {
            return Err(NotCarried { at: middle });
        };
        let chord = halfway(from.1, to.1);
        let straight = self.within(half, chord)
            && self.within(first, halfway(from.1, chord))
            && self.within(last, halfway(chord, to.1));
        if straight {
            return Ok(());
        }
        self.halve(from, (middle, half), depth + 1, out)?;
        out.push(coord(half));
        self.halve((middle, half), to, depth + 1, out)
    }

    fn within(&self, a: [f64; 2], b: [f64; 2]) -> bool {
        (a[0] - b[0]).abs() <= self.tolerance[0] && (a[1] - b[1]).abs() <= self.tolerance[1]
    }
}

/// The middle of two points; the same whichever comes first.
fn halfway(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])]
}

const fn coord([x, y]: [f64; 2]) -> Coord<f64> {
    Coord { x, y }
}
