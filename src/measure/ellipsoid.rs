//! Surfaces on WGS 84: of cells between parallels, and of rings with edges straight in degrees.
//!
//! The surface between the equator and a parallel is known in closed form, so the surface of a ring
//! is the integral of that form over longitude along its edges. Differences of the closed form are
//! taken by addition theorems, never by subtracting two large numbers: a ring of a hundred meters
//! keeps ten digits.
//!
//! Edges are straight in longitude and latitude, as RFC 7946 draws them; they are not geodesics.

use geo::{Coord, LineString, MultiPolygon};

/// Semi-major axis of WGS 84, in km.
pub(super) const SEMI_MAJOR_KM: f64 = 6_378.137;

/// Flattening of WGS 84.
pub(super) const FLATTENING: f64 = 1.0 / 298.257_223_563;

/// Square of the eccentricity, e² = f (2 − f).
pub(super) const ECCENTRICITY_SQUARED: f64 = FLATTENING * (2.0 - FLATTENING);

/// Semi-minor axis, b = a (1 − f), in km.
pub(super) const SEMI_MINOR_KM: f64 = SEMI_MAJOR_KM * (1.0 - FLATTENING);

/// Longest piece of an edge that one quadrature covers, in degrees of latitude.
const PIECE_DEG: f64 = 2.0;

/// Nodes and weights of Gauss-Legendre quadrature on 0..1 with 4 points.
const FOUR_POINTS: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];

/// The same with 3 points: exact for the polynomials of a [`LowBand`].
const THREE_POINTS: [(f64, f64); 3] = [
    (0.112_701_665_379_258_31, 5.0 / 18.0),
    (0.5, 8.0 / 18.0),
    (0.887_298_334_620_741_7, 5.0 / 18.0),
];

/// Surface of a cell between two parallels and two meridians on WGS 84, in km².
///
/// # Formula
///
/// ```text
/// S = Δλ · b²/2 · [ sin φ / (1 − e² sin² φ) + atanh(e sin φ) / e ]   from φ₁ to φ₂
/// ```
///
/// Exact on the ellipsoid. With Δλ = 2π and φ from −90° to 90° it gives 510 065 621.7 km². The
/// difference of the brackets is taken by addition theorems, so that narrow cells lose no
/// digits. Negative if `north_deg` is south of `south_deg`.
///
/// # Source
///
/// Snyder (1987), Map Projections — A Working Manual, USGS PP 1395, eq. 3-12.
#[must_use]
pub fn cell_surface_km2(south_deg: f64, north_deg: f64, width_deg: f64) -> f64 {
    Parallel::at(south_deg).band_to(north_deg) * width_deg.to_radians()
}

/// Surface on WGS 84 of a ring whose edges are straight in longitude and latitude, in km².
///
/// Positive if the ring is counter-clockwise. Coordinates are degrees; the ring may be closed or
/// not. Longitudes are taken as written: a ring across ±180° must be unwrapped.
///
/// # Formula
///
/// ```text
/// S = −∮ F(φ) dλ,   F(φ) = surface between the ring's middle parallel and φ, per radian
/// ```
///
/// by Gauss-Legendre quadrature on pieces of at most 2° of latitude. In a ring that is no higher
/// than that, F is a polynomial of degree 5 through six of its values, exact to 4e-14.
///
/// # Limits
///
/// Relative error below 1e-10 unless the ring is a sliver whose sides nearly cancel.
#[must_use]
pub fn ring_surface_km2(ring: &[Coord]) -> f64 {
    let (Some(&first), Some(&last)) = (ring.first(), ring.last()) else { return 0.0 };
    let (south, north) = ring
        .iter()
        .fold((first.y, first.y), |(south, north), at| (south.min(at.y), north.max(at.y)));
    let middle = Parallel::at(south + (north - south) / 2.0);
    let edges =
        std::iter::once([last, first]).chain(ring.windows(2).map(|pair| [pair[0], pair[1]]));
    if north - south <= PIECE_DEG {
        let band = LowBand::around(&middle, (north - south) / 2.0);
        edges.map(|edge| edge_km2(edge, 1.0, &THREE_POINTS, |deg| band.to(deg))).sum()
    } else {
        edges
            .map(|edge| {
                let pieces = ((edge[1].y - edge[0].y).abs() / PIECE_DEG).ceil().clamp(1.0, 180.0);
                edge_km2(edge, pieces, &FOUR_POINTS, |deg| middle.band_to(deg))
            })
            .sum()
    }
}

/// Surface on WGS 84 of an area whose edges are straight in longitude and latitude, in km².
///
/// Holes are subtracted from their shells, whichever way rings are drawn. Rings must not overlap.
#[must_use]
pub fn surface_km2(area: &MultiPolygon<f64>) -> f64 {
    let ring_km2 = |ring: &LineString<f64>| ring_surface_km2(&ring.0).abs();
    area.iter()
        .map(|part| ring_km2(part.exterior()) - part.interiors().iter().map(ring_km2).sum::<f64>())
        .sum()
}

/// The surface between an edge and a parallel, negative for an eastward edge north of it.
///
/// `band_to` is the surface per radian from that parallel to a latitude.
fn edge_km2(
    [from, to]: [Coord; 2],
    pieces: f64,
    nodes: &[(f64, f64)],
    band_to: impl Fn(f64) -> f64,
) -> f64 {
    let width = to.x - from.x;
    if width == 0.0 {
        return 0.0;
    }
    let rise = (to.y - from.y) / pieces;
    let mut sum = 0.0;
    let mut piece = 0.0;
    while piece < pieces {
        for &(share, weight) in nodes {
            sum += weight * band_to(from.y + rise * (piece + share));
        }
        piece += 1.0;
    }
    -width.to_radians() * sum / pieces
}

/// Surfaces per radian of longitude around a parallel, as a polynomial in Newton's form.
struct LowBand {
    /// Latitudes at which the polynomial is exact: Chebyshev's.
    nodes: [f64; 6],
    factors: [f64; 6],
}

impl LowBand {
    /// The band that reaches so many degrees to either side of a parallel.
    fn around(middle: &Parallel, half_deg: f64) -> Self {
        // The factors are quotients of differences: nodes must not fall together.
        let half_deg = half_deg.max(1e-5);
        let mut nodes = [-11.0, 11.0, -3.0, 3.0, -7.0, 7.0_f64];
        for node in &mut nodes {
            *node = middle.deg + half_deg * (*node * std::f64::consts::PI / 24.0).sin();
        }
        let mut factors = nodes.map(|node| middle.band_to(node));
        for order in 1..6 {
            for k in (order..6).rev() {
                factors[k] = (factors[k] - factors[k - 1]) / (nodes[k] - nodes[k - order]);
            }
        }
        Self { nodes, factors }
    }

    /// The surface up to a latitude.
    fn to(&self, deg: f64) -> f64 {
        let [n0, n1, n2, n3, n4, _] = self.nodes.map(|node| deg - node);
        let [f0, f1, f2, f3, f4, f5] = self.factors;
        f0 + n0 * (f1 + n1 * (f2 + n2 * (f3 + n3 * (f4 + n4 * f5))))
    }
}

/// A parallel from which surfaces are measured.
struct Parallel {
    deg: f64,
    sin: f64,
    cos: f64,
    /// 1 − e² sin² φ
    flat: f64,
}

impl Parallel {
    fn at(deg: f64) -> Self {
        let (sin, cos) = deg.to_radians().sin_cos();
        Self { deg, sin, cos, flat: 1.0 - ECCENTRICITY_SQUARED * sin * sin }
    }

    /// Surface per radian of longitude up to another parallel, in km².
    ///
    /// # Formula
    ///
    /// With s = sin φ, t = sin φ′ and d = t − s = 2 cos((φ + φ′)/2) sin((φ′ − φ)/2),
    ///
    /// ```text
    /// t/(1−e²t²) − s/(1−e²s²)     = d · (1 + e² s t) / ((1−e²s²)(1−e²t²))
    /// atanh(e t) − atanh(e s)     = atanh(e d / (1 − e² s t))
    /// ```
    fn band_to(&self, deg: f64) -> f64 {
        let half = ((deg - self.deg) / 2.0).to_radians();
        let (half_sin, half_cos) = half.sin_cos();
        // cos(φ + h) by the addition theorem: the latitude of the middle is never rounded.
        let d = 2.0 * (self.cos * half_cos - self.sin * half_sin) * half_sin;
        let t = self.sin + d;
        let cross = ECCENTRICITY_SQUARED * self.sin * t;
        let flat = 1.0 - ECCENTRICITY_SQUARED * t * t;
        let eccentricity = ECCENTRICITY_SQUARED.sqrt();
        let ratio = d * (1.0 + cross) / (self.flat * flat);
        let arc = (eccentricity * d / (1.0 - cross)).atanh() / eccentricity;
        SEMI_MINOR_KM * SEMI_MINOR_KM / 2.0 * (ratio + arc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Densify, GeodesicArea, LineString, Polygon};
    use proptest::prelude::*;

    fn ratio(a: f64, b: f64) -> f64 {
        (a / b - 1.0).abs()
    }

    fn boxed(west: f64, south: f64, east: f64, north: f64) -> Vec<Coord> {
        [(west, south), (east, south), (east, north), (west, north), (west, south)]
            .map(|(x, y)| Coord { x, y })
            .to_vec()
    }

    /// b² ∫ cos φ / (1 − e² sin² φ)² dφ with the 4-point rule on 64 pieces.
    fn by_quadrature(south: f64, north: f64, width: f64) -> f64 {
        let step = (north - south) / 64.0;
        let mut sum = 0.0;
        for piece in 0..64 {
            for (share, weight) in FOUR_POINTS {
                let phi = (south + step * (f64::from(piece) + share)).to_radians();
                let flat = 1.0 - ECCENTRICITY_SQUARED * phi.sin().powi(2);
                sum += weight * phi.cos() / (flat * flat);
            }
        }
        SEMI_MINOR_KM.powi(2) * sum * step.to_radians() * width.to_radians()
    }

    #[test]
    fn the_globe_has_510_065_621_724_square_kilometers() {
        assert!((cell_surface_km2(-90.0, 90.0, 360.0) - 510_065_621.724).abs() < 5e-4);
    }

    #[test]
    fn cells_of_three_seconds_keep_twelve_digits() {
        let cell = 3.0 / 3600.0;
        for tenth in -899..899 {
            let south = f64::from(tenth) / 10.0;
            let exact = by_quadrature(south, south + cell, cell);
            assert!(ratio(cell_surface_km2(south, south + cell, cell), exact) < 1e-12, "{south}");
        }
    }

    #[test]
    fn bands_of_any_height_agree_with_quadrature() {
        for (south, north) in [(-90.0, 90.0), (0.0, 90.0), (48.0, 49.0), (-10.0, 70.0)] {
            let exact = by_quadrature(south, north, 1.0);
            assert!(ratio(cell_surface_km2(south, north, 1.0), exact) < 1e-11);
        }
    }

    #[test]
    fn a_box_is_a_cell() {
        for (west, south, width, height) in
            [(36.2, 49.9, 0.001, 0.001), (-180.0, -90.0, 360.0, 180.0), (10.0, 60.0, 20.0, 25.0)]
        {
            let cell = cell_surface_km2(south, south + height, (west + width) - west);
            let ring = boxed(west, south, west + width, south + height);
            assert!(ratio(ring_surface_km2(&ring), cell) < 1e-11);
            let open = &ring[..4];
            assert!(ratio(ring_surface_km2(open), cell) < 1e-11);
        }
    }

    #[test]
    fn an_area_has_its_surface_whichever_way_it_is_drawn() {
        let mut hole = boxed(1.0, 1.0, 2.0, 2.0);
        let shell = boxed(0.0, 0.0, 3.0, 3.0);
        let cells = cell_surface_km2(0.0, 3.0, 3.0) - cell_surface_km2(1.0, 2.0, 1.0);
        for _ in 0..2 {
            let holes = vec![LineString(hole.clone())];
            let area = MultiPolygon(vec![Polygon::new(LineString(shell.clone()), holes)]);
            assert!(ratio(surface_km2(&area), cells) < 1e-12);
            hole.reverse();
        }
    }

    #[test]
    fn a_densified_ring_agrees_with_the_geodesic_surface() {
        for (lon, lat, size) in [(36.2, 49.9, 0.5), (-70.0, -33.0, 0.01), (15.0, 78.0, 1.0)] {
            let ring: Vec<Coord> = (0..720)
                .map(|step| (f64::from(step) / 2.0).to_radians())
                .map(|angle| {
                    let radius = size * (1.0 + 0.2 * (5.0 * angle).sin());
                    Coord { x: lon + radius * angle.cos(), y: lat + radius * angle.sin() }
                })
                .collect();
            // Points every few meters, on the straight lines in degrees.
            let dense = geo::Euclidean.densify(&LineString(ring.clone()), size / 2000.0);
            let geodesic = Polygon::new(dense, vec![]).geodesic_area_signed() / 1e6;
            let own = ring_surface_km2(&ring);
            assert!(ratio(own, geodesic) < 2e-7, "{own} {geodesic}");
        }
    }

    #[test]
    fn halving_edges_changes_nothing() {
        let ring: Vec<Coord> = (0..1000)
            .map(|step| f64::from(step) * std::f64::consts::TAU / 1000.0)
            .map(|angle| Coord { x: 30.0 + 2.0 * angle.cos(), y: 60.0 + angle.sin() })
            .collect();
        let halved: Vec<Coord> = ring
            .iter()
            .zip(ring.iter().cycle().skip(1))
            .flat_map(|(&a, &b)| (0..8).map(move |k| a + (b - a) * (f64::from(k) / 8.0)))
            .collect();
        assert!(ratio(ring_surface_km2(&ring), ring_surface_km2(&halved)) < 1e-12);
    }

    proptest! {
        #[test]
        fn splitting_a_triangle_adds_up(
            lon in -179.0..179.0_f64, lat in -89.0..89.0_f64, size in -4.0..0.0_f64,
            turn in 0.0..6.0_f64,
        ) {
            let size = 10_f64.powf(size);
            let corner = |third: f64| {
                let (sin, cos) = (turn + third * std::f64::consts::TAU / 3.0).sin_cos();
                Coord { x: lon + size * cos, y: lat + size * sin }
            };
            let [a, b, c] = [corner(0.0), corner(1.0), corner(2.0)];
            let m = (b + c) / 2.0;
            let whole = ring_surface_km2(&[a, b, c]);
            let halves = ring_surface_km2(&[a, b, m]) + ring_surface_km2(&[a, m, c]);
            // Splitting moves the middle by half a unit in the last place of a degree.
            prop_assert!(ratio(halves, whole) < 1e-10_f64.max(1e-13 / size), "{halves} {whole}");
            prop_assert!(whole > 0.0);
            prop_assert!((ring_surface_km2(&[c, b, a]) + whole).abs() <= 1e-12 * whole);
        }
    }
}
