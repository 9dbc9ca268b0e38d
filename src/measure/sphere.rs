//! Distances on the authalic sphere: quick, and good to 0.6 %, where many millions are wanted.
//!
//! The sphere has the surface of the ellipsoid; longitudes and latitudes are taken over as they are. Points
//! are unit vectors, so that no meridian and no pole is special, and the nearest of points is the nearest
//! along the chord.

use super::ellipsoid::{ECCENTRICITY_SQUARED, SEMI_MAJOR_KM, SEMI_MINOR_KM};

/// A point of the sphere as a unit vector.
pub type Direction = [f64; 3];

/// Radius of the sphere that has the surface of the ellipsoid, in km: 6,371.007.
///
/// # Formula
///
/// ```text
/// R = √( (a² + b² · artanh(e)/e) / 2 )
/// ```
#[must_use]
pub fn authalic_radius_km() -> f64 {
    let e = ECCENTRICITY_SQUARED.sqrt();
    let (a, b) = (SEMI_MAJOR_KM, SEMI_MINOR_KM);
    f64::midpoint(a * a, b * b * e.atanh() / e).sqrt()
}

/// The direction of a longitude and a latitude, in degrees.
#[must_use]
pub fn direction([lon, lat]: [f64; 2]) -> Direction {
    let ((sin_lon, cos_lon), (sin_lat, cos_lat)) =
        (lon.to_radians().sin_cos(), lat.to_radians().sin_cos());
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
}

/// The square of the chord between two directions, in squared radii.
#[must_use]
#[inline]
pub fn chord_squared(a: Direction, b: Direction) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The chord of an arc of so many km, in radii; that of half the earth for all that is longer.
#[must_use]
pub fn chord_of_km(km: f64) -> f64 {
    2.0 * (km / (2.0 * authalic_radius_km())).min(std::f64::consts::FRAC_PI_2).sin()
}

/// The arc of a chord in radii, in km.
#[must_use]
#[inline]
pub fn km_of_chord(chord: f64, radius_km: f64) -> f64 {
    2.0 * radius_km * (chord / 2.0).min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_sphere() {
        let radius = authalic_radius_km();
        assert!((radius - 6_371.007_181).abs() < 1e-6, "{radius}");
        let km = |a, b| km_of_chord(chord_squared(direction(a), direction(b)).sqrt(), radius);
        let degree = radius.to_radians();
        for (a, b, wanted) in [
            ([0.0, 0.0], [1.0, 0.0], degree),
            ([179.5, 0.0], [-179.5, 0.0], degree),
            ([10.0, 89.5], [-170.0, 89.5], degree),
            ([0.0, 0.0], [180.0, 0.0], 180.0 * degree),
            ([5.0, 60.0], [5.0, 60.0], 0.0),
        ] {
            assert!((km(a, b) - wanted).abs() < 1e-6, "{a:?} {b:?}: {}", km(a, b));
        }
        assert!((km_of_chord(chord_of_km(50.0), radius) - 50.0).abs() < 1e-9);
    }
}
