//! Local frames: planes in meters about a point, in which distances are those on the ellipsoid.
//!
//! A point is given by its distance from the center and the direction in which it lies, as in the azimuthal
//! equidistant projection. It is worked out in closed form, there and back, instead of by solving for the
//! geodesic: some forty times faster, and as good wherever the plane is used for what it can do.

use super::carry::{End, Way};
use super::ellipsoid::{ECCENTRICITY_SQUARED, SEMI_MAJOR_KM, SEMI_MINOR_KM};
use super::wrap::near;

const A: f64 = SEMI_MAJOR_KM * 1000.0;
const B: f64 = SEMI_MINOR_KM * 1000.0;

/// Points farther away than this, seen from the middle of the earth, are not in the frame: 60 degrees.
const FARTHEST: f64 = std::f64::consts::FRAC_PI_3;

/// A plane about a point on WGS 84; x is east and y north of it, in meters.
///
/// # Formula
///
/// With the point P at (e, n) east and north of the center in the plane that touches the ellipsoid there, and κ
/// the curvature of the ellipsoid at the center in the direction of P (Euler),
///
/// ```text
/// κ = (n²/M + e²/N) / (e² + n²),   s = asin(κ √(e² + n²)) / κ,   (x, y) = (e, n) · s / √(e² + n²)
/// ```
///
/// Back, the point of the ellipsoid above (e, n) is the root of a square equation.
///
/// # Source
///
/// The osculating sphere of a normal section; Snyder (1987), Map Projections — A Working Manual, USGS PP 1395,
/// p. 191, on the azimuthal equidistant projection.
///
/// # Limits
///
/// The distance of a point from the center differs from the geodesic by less than 2e-6 of itself to 300 km and
/// 2e-5 to 1150 km. That between two points of which the line runs past the center at h is too long by
/// (h/R)²/6: 1e-4 at 156 km. Up to 60 degrees away from the center.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalFrame {
    /// Longitude of the center, in degrees.
    lon: f64,
    sin: f64,
    cos: f64,
    /// The center: distance from the axis of the earth, and from the plane of the equator.
    axis: f64,
    up: f64,
    /// Curvatures 1/M and 1/N along the meridian and across it.
    along: f64,
    across: f64,
}

impl LocalFrame {
    /// The frame about the middle of points in longitude and latitude: the mean of their verticals. None if
    /// they have no middle.
    #[must_use]
    pub fn about(points: &[[f64; 2]]) -> Option<Self> {
        let mut sum = [0.0; 3];
        for &[lon, lat] in points {
            let ((sin, cos), (east, west)) =
                (lat.to_radians().sin_cos(), lon.to_radians().sin_cos());
            let vertical = [cos * west, cos * east, sin];
            sum = [sum[0] + vertical[0], sum[1] + vertical[1], sum[2] + vertical[2]];
        }
        let level = sum[0].hypot(sum[1]);
        let length = level.hypot(sum[2]);
        if length.is_nan() || length <= 1e-9 * points.len() as f64 {
            return None;
        }
        let lat = sum[2].atan2(level).to_degrees();
        Some(Self::at(sum[1].atan2(sum[0]).to_degrees(), lat))
    }

    /// The frame about a point, in degrees.
    #[must_use]
    pub fn at(lon: f64, lat: f64) -> Self {
        let (sin, cos) = lat.to_radians().sin_cos();
        let flat = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
        let across = flat.sqrt() / A;
        let along = across * flat / (1.0 - ECCENTRICITY_SQUARED);
        let (axis, up) = (cos / across, (1.0 - ECCENTRICITY_SQUARED) * sin / across);
        Self { lon, sin, cos, axis, up, along, across }
    }

    /// Latitude of the center, in degrees.
    #[must_use]
    pub fn lat(&self) -> f64 {
        self.sin.atan2(self.cos).to_degrees()
    }

    /// Distance of a point of the frame from its center, in meters; infinite beyond the frame.
    #[must_use]
    pub fn radius(&self, point: [f64; 2]) -> f64 {
        self.plane(point).map_or(f64::INFINITY, |[x, y]| x.hypot(y))
    }

    /// From longitude and latitude to the plane.
    #[must_use]
    pub fn plane(&self, [lon, lat]: [f64; 2]) -> Option<[f64; 2]> {
        let (sin, cos) = lat.to_radians().sin_cos();
        let (turn_sin, turn_cos) = (lon - self.lon).to_radians().sin_cos();
        let normal = A / (1.0 - ECCENTRICITY_SQUARED * sin * sin).sqrt();
        let outward = normal * cos * turn_cos - self.axis;
        let east = normal * cos * turn_sin;
        let upward = normal * (1.0 - ECCENTRICITY_SQUARED) * sin - self.up;
        let north = self.cos * upward - self.sin * outward;
        let above = self.cos * outward + self.sin * upward;
        let square = east * east + north * north;
        let curvature = self.curvature(east, north, square);
        let bent = curvature * square.sqrt();
        // Below the horizon of 60 degrees, or on the far side of the earth.
        let is_near = above * curvature > FARTHEST.cos() - 1.0 && bent < 1.0;
        if !is_near {
            return None;
        }
        let stretch = if bent > 1e-9 { bent.asin() / bent } else { 1.0 };
        Some([east * stretch, north * stretch])
    }

    /// From the plane to longitude and latitude; longitudes are within half a turn of the center.
    #[must_use]
    pub fn earth(&self, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        let square = x * x + y * y;
        let bent = self.curvature(x, y, square) * square.sqrt();
        if bent.is_nan() || bent >= FARTHEST {
            return None;
        }
        let shrink = if bent > 1e-9 { bent.sin() / bent } else { 1.0 };
        let (east, north) = (x * shrink, y * shrink);
        // The vertical through (east, north), and how far down it the ellipsoid is.
        let axis = self.axis - self.sin * north;
        let up = self.up + self.cos * north;
        let (a, b) = (1.0 / (A * A), 1.0 / (B * B));
        let square = a * self.cos * self.cos + b * self.sin * self.sin;
        let half = a * self.cos * axis + b * self.sin * up;
        let rest = a * (axis * axis + east * east) + b * up * up - 1.0;
        let above = -rest / (half + (half * half - square * rest).max(0.0).sqrt());
        let (axis, up) = (axis + self.cos * above, up + self.sin * above);
        let lat = up.atan2((1.0 - ECCENTRICITY_SQUARED) * axis.hypot(east)).to_degrees();
        Some([self.lon + east.atan2(axis).to_degrees(), lat])
    }

    fn curvature(&self, east: f64, north: f64, square: f64) -> f64 {
        if square > 0.0 {
            (north * north * self.along + east * east * self.across) / square
        } else {
            self.across
        }
    }

    /// The farthest that an edge straight in one plane may be from the one straight in the other, in meters.
    fn sag(&self, plane: [[f64; 2]; 2], earth: [[f64; 2]; 2]) -> f64 {
        let length = (plane[1][0] - plane[0][0]).hypot(plane[1][1] - plane[0][1]);
        let away = plane.iter().map(|[x, y]| x.abs().max(y.abs())).fold(0.0, f64::max) + length;
        let lat = earth.iter().map(|at| at[1].abs()).fold(0.0, f64::max);
        let lat = lat + (length * self.across).to_degrees();
        if lat >= 89.0 || near(earth[0][0], earth[1][0]) - earth[1][0] > 90.0 {
            return f64::INFINITY;
        }
        // A line straight in degrees turns by sin α (1 + cos² α) tan φ / N a meter, of which the largest is
        // 1.0887 tan φ / N; a straight line of the frame by 2h/3R² at most.
        let turns = (1.09 * lat.to_radians().tan() + away * self.across) * self.across;
        length * length / 8.0 * turns
    }
}

/// The way from longitude and latitude into a frame, for which chords may be so many meters off.
#[derive(Debug, Clone, Copy)]
pub struct IntoFrame<'a>(pub &'a LocalFrame, pub f64);

impl Way for IntoFrame<'_> {
    fn carry(&self, points: &[[f64; 2]]) -> Vec<Option<[f64; 2]>> {
        points.iter().map(|at| self.0.plane(*at)).collect()
    }

    fn back(&self, point: [f64; 2]) -> Option<[f64; 2]> {
        self.0.earth(point)
    }

    fn is_straight(&self, from: End, to: End) -> bool {
        self.0.sag([from.1, to.1], [from.0, to.0]) <= self.1
    }
}

/// The way from a frame to longitude and latitude, for which chords may be so many meters off.
#[derive(Debug, Clone, Copy)]
pub struct OutOfFrame<'a>(pub &'a LocalFrame, pub f64);

impl Way for OutOfFrame<'_> {
    fn carry(&self, points: &[[f64; 2]]) -> Vec<Option<[f64; 2]>> {
        points.iter().map(|at| self.0.earth(*at)).collect()
    }

    fn back(&self, point: [f64; 2]) -> Option<[f64; 2]> {
        self.0.plane(point)
    }

    fn is_straight(&self, from: End, to: End) -> bool {
        self.0.sag([from.0, to.0], [from.1, to.1]) <= self.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Bearing, Destination, Distance, Geodesic, Point};

    const CENTERS: [[f64; 2]; 8] = [
        [0.0, 0.0],
        [36.2, 49.9],
        [-70.0, -33.0],
        [179.99, 65.0],
        [15.0, 80.0],
        [-100.0, 89.9],
        [20.0, 90.0],
        [20.0, -90.0],
    ];

    /// Calls with a center and a point at a distance from it, in all directions.
    fn around(meters: f64, mut check: impl FnMut(&LocalFrame, [f64; 2], f64)) {
        for [lon, lat] in CENTERS {
            for step in 0..36 {
                let bearing = f64::from(step) * 10.0 + 1.0;
                let to = Geodesic.destination(Point::new(lon, lat), bearing, meters);
                check(&LocalFrame::at(lon, lat), [to.x(), to.y()], bearing);
            }
        }
    }

    #[test]
    fn distances_from_the_center_are_geodesic() {
        let bounds = [(1.0, 1e-8), (1e3, 1e-9), (2e4, 1e-8), (3e5, 2e-6), (1.15e6, 2e-5)];
        for (meters, bound) in bounds {
            let mut worst = 0.0_f64;
            around(meters, |frame, at, _| {
                let [x, y] = frame.plane(at).unwrap();
                worst = worst.max((x.hypot(y) / meters - 1.0).abs());
            });
            println!("{meters} m: {worst:e}");
            assert!(worst < bound, "{meters} m: {worst:e}");
        }
    }

    #[test]
    fn directions_from_the_center_are_geodesic() {
        for (meters, bound) in [(1e3, 1e-9), (3e5, 1e-5), (1.15e6, 1e-4)] {
            around(meters, |frame, at, bearing| {
                // At a pole a bearing is one from a meridian.
                if frame.cos > 1e-9 {
                    let [x, y] = frame.plane(at).unwrap();
                    let off = x.atan2(y).to_degrees() - bearing;
                    let off = (off + 540.0).rem_euclid(360.0) - 180.0;
                    assert!(off.to_radians().abs() < bound, "{meters} m: {off}");
                }
            });
        }
    }

    #[test]
    fn the_way_back_leads_to_the_same_point() {
        for meters in [0.0, 1e-3, 1.0, 1e3, 1e5, 1.2e6, 6e6] {
            around(meters, |frame, at, _| {
                let [lon, lat] = frame.earth(frame.plane(at).unwrap()).unwrap();
                let there = Geodesic.distance(Point::new(lon, lat), Point::new(at[0], at[1]));
                assert!(there < 2e-8, "{there} m off at {meters} m");
            });
        }
    }

    #[test]
    fn transverse_distances_are_too_long_by_a_sixth_of_the_square() {
        // Both ends 150 km from the center, 10 km from each other.
        around(150e3, |frame, at, bearing| {
            let from = Point::new(at[0], at[1]);
            let across = Geodesic.bearing(from, Point::new(frame.lon, frame.lat())) + 90.0;
            let to = Geodesic.destination(from, across, 10e3);
            let (a, b) = (frame.plane(at).unwrap(), frame.plane([to.x(), to.y()]).unwrap());
            let error = (a[0] - b[0]).hypot(a[1] - b[1]) / 10e3 - 1.0;
            let sixth = (150e3_f64 / 6.371e6).powi(2) / 6.0;
            assert!((error / sixth - 1.0).abs() < 0.1, "{error:e} at {bearing}");
        });
    }

    #[test]
    fn the_far_side_of_the_earth_is_not_in_the_frame() {
        let frame = LocalFrame::at(10.0, 50.0);
        for at in [[190.0, -50.0], [190.0, 50.0], [10.0, -60.0], [100.0, 0.0]] {
            assert_eq!(frame.plane(at), None, "{at:?}");
        }
        assert_eq!(frame.earth([7e6, 0.0]), None);
        assert_eq!(frame.earth([f64::NAN, 0.0]), None);
    }

    #[test]
    fn an_edge_that_is_called_straight_is() {
        for (index, length) in [100.0, 3e3, 5e4].into_iter().enumerate() {
            around(1e5 * index as f64, |frame, at, bearing| {
                let to = Geodesic.destination(Point::new(at[0], at[1]), bearing * 7.0, length);
                let to = [near(to.x(), at[0]), to.y()];
                let (a, b) = (frame.plane(at).unwrap(), frame.plane(to).unwrap());
                let sag = frame.sag([a, b], [at, to]);
                let middle = [f64::midpoint(at[0], to[0]), f64::midpoint(at[1], to[1])];
                let middle = frame.plane(middle).unwrap();
                let across = [(b[1] - a[1]) / length, (a[0] - b[0]) / length];
                let off = (middle[0] - a[0]) * across[0] + (middle[1] - a[1]) * across[1];
                assert!(off.abs() <= sag * 1.02 + 1e-6, "{off} m, said {sag} m");
            });
        }
    }
}
