//! Where things of the earth stand on the still picture of a map: Web Mercator, north up.

use geo::{LineString, MultiPolygon, Simplify};
use std::fmt::Write;

/// Width of the picture, in its own units; it is as high as it needs, within bounds.
pub(super) const WIDTH: f64 = 960.0;
const HEIGHTS: [f64; 2] = [360.0, 1100.0];
/// The plane ends here.
const FARTHEST: f64 = 85.05;
/// Steps of the grid of meridians and parallels, in degrees.
const GRID: [f64; 11] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];
/// Lengths of the scale, in km.
const LENGTHS: [f64; 13] =
    [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
/// One degree of a meridian, in km.
const DEGREE_KM: f64 = 111.2;
/// So many vertices of areas are kept in all, about.
const MOST_VERTICES: usize = 120_000;

/// What of the earth is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    /// West, south, east, north in degrees.
    pub(super) bounds: [f64; 4],
    pub(super) height: f64,
}

/// Mercator's ordinate of a latitude, in degrees of the equator.
pub(super) fn ordinate(latitude: f64) -> f64 {
    let latitude = latitude.clamp(-FARTHEST, FARTHEST).to_radians();
    (std::f64::consts::FRAC_PI_4 + latitude / 2.0).tan().ln().to_degrees()
}

/// The latitude of an ordinate.
pub(super) fn latitude(ordinate: f64) -> f64 {
    (2.0 * ordinate.to_radians().exp().atan() - std::f64::consts::FRAC_PI_2).to_degrees()
}

impl Frame {
    /// The frame of some bounds (west, south, east, north), a little wider, on a map that begins at a meridian; as high
    /// as the picture may be.
    pub(super) fn around([west, south, east, north]: [f64; 4], from: f64) -> Self {
        let (bottom, top) = (ordinate(south), ordinate(north));
        let wide = ((east - west) * 1.1).max(0.02);
        let high = ((top - bottom) * 1.1).max(wide * HEIGHTS[0] / WIDTH);
        let wide = wide.max(high * WIDTH / HEIGHTS[1]);
        let (x, y) = (f64::midpoint(west, east), f64::midpoint(bottom, top));
        let bounds = [
            (x - wide / 2.0).max(from),
            latitude(y - high / 2.0),
            (x + wide / 2.0).min(from + 360.0),
            latitude(y + high / 2.0),
        ];
        let wide = bounds[2] - bounds[0];
        let high = ordinate(bounds[3]) - ordinate(bounds[1]);
        Self { bounds, height: (WIDTH * high / wide).round() }
    }

    /// Units of the picture for a degree of longitude.
    fn scale(&self) -> f64 {
        WIDTH / (self.bounds[2] - self.bounds[0])
    }

    /// Where a place stands.
    pub(super) fn at(&self, [longitude, latitude]: [f64; 2]) -> [f64; 2] {
        let scale = self.scale();
        let top = ordinate(self.bounds[3]);
        [(longitude - self.bounds[0]) * scale, (top - ordinate(latitude)) * scale]
    }

    /// The path of some outlines.
    pub(super) fn path<'p>(&self, lines: impl IntoIterator<Item = &'p LineString<f64>>) -> String {
        let mut path = String::new();
        for line in lines {
            for (place, at) in line.0.iter().enumerate() {
                let [x, y] = self.at([at.x, at.y]);
                // Writing into a string cannot fail.
                let _infallible =
                    write!(path, "{}{x:.1} {y:.1}", if place == 0 { "M" } else { "L" });
            }
        }
        path
    }

    /// The path of polygons.
    pub(super) fn path_of(&self, area: &MultiPolygon<f64>) -> String {
        self.path(rings(area))
    }

    /// Meridians and parallels: whether it is a meridian, where it stands, and its degrees.
    pub(super) fn grid(&self) -> Vec<(bool, f64, String)> {
        let [west, south, east, north] = self.bounds;
        let step = |span: f64| GRID.into_iter().find(|step| span / step <= 6.5).unwrap_or(60.0);
        let lines = |low: f64, high: f64, step: f64| {
            let first = (low / step).ceil() as i64;
            let last = (high / step).floor() as i64;
            (first..=last).map(move |line| line as f64 * step)
        };
        let (by_lon, by_lat) = (step(east - west), step(north - south));
        let named = |degrees: f64, step: f64, ends: [&str; 2]| {
            // Beyond 180 degrees east it is west.
            let degrees =
                if degrees.abs() > 180.0 { degrees - 360.0 * degrees.signum() } else { degrees };
            let decimals = if step >= 1.0 { 0 } else { 1 + usize::from(step < 0.1) };
            let end = ends[usize::from(degrees < 0.0)];
            format!("{:.decimals$}° {end}", degrees.abs())
        };
        let meridians = lines(west, east, by_lon)
            .map(|lon| (true, self.at([lon, south])[0], named(lon, by_lon, ["E", "W"])));
        let parallels = lines(south, north, by_lat)
            .map(|lat| (false, self.at([west, lat])[1], named(lat, by_lat, ["N", "S"])));
        meridians.chain(parallels).collect()
    }

    /// The scale at the middle of the picture: its length in units, and in words.
    pub(super) fn length(&self) -> (f64, String) {
        let middle = f64::midpoint(ordinate(self.bounds[1]), ordinate(self.bounds[3]));
        let km = DEGREE_KM * latitude(middle).to_radians().cos();
        let units = |length: f64| length / km * self.scale();
        let fitting = LENGTHS.into_iter().rev().find(|length| units(*length) <= WIDTH / 5.0);
        let length = fitting.unwrap_or(LENGTHS[0]);
        let text = if length < 1.0 {
            format!("{:.0} m", length * 1000.0)
        } else {
            format!("{length:.0} km")
        };
        (units(length), text)
    }
}

/// All rings of an area.
pub(super) fn rings(area: &MultiPolygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    area.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()))
}

/// Areas for a map: where they have very many vertices in all, without those that no screen shows.
pub(super) fn for_a_screen(
    areas: Vec<Option<MultiPolygon<f64>>>,
    frame: &Frame,
) -> Vec<Option<MultiPolygon<f64>>> {
    let count = |area: &MultiPolygon<f64>| rings(area).map(|ring| ring.0.len()).sum::<usize>();
    let vertices: usize = areas.iter().flatten().map(count).sum();
    if vertices <= MOST_VERTICES {
        return areas;
    }
    let tolerance = (frame.bounds[2] - frame.bounds[0]) / 8000.0;
    let simpler = |area: MultiPolygon<f64>| {
        let simple = area.simplify(tolerance);
        // What is smaller than a dot keeps its shape.
        let is_there = rings(&simple).next().is_some_and(|ring| ring.0.len() > 3);
        if is_there { simple } else { area }
    };
    areas.into_iter().map(|area| area.map(simpler)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latitudes_come_back_from_their_ordinates() {
        for degrees in [-80.0, -30.0, 0.0, 12.5, 64.1, 85.0] {
            assert!((latitude(ordinate(degrees)) - degrees).abs() < 1e-9);
        }
    }

    #[test]
    fn what_is_around_stands_within_the_picture() {
        let bounds = [-22.8, 63.8, -21.0, 64.2];
        let frame = Frame::around(bounds, -180.0);
        let [x, y] = frame.at([bounds[0], bounds[3]]);
        let [right, bottom] = frame.at([bounds[2], bounds[1]]);
        assert!(x > 0.0 && y > 0.0 && right < WIDTH && bottom < frame.height);
        assert!(frame.grid().len() >= 4);
        // At 64° north a degree of longitude is 48.7 km.
        let (units, text) = frame.length();
        let km: f64 = text.trim_end_matches(" km").parse().unwrap();
        assert!((units / frame.scale() * 48.7 - km).abs() < 0.02 * km, "{text}");
    }

    #[test]
    fn a_point_or_the_world_has_a_frame_too() {
        for bounds in [[10.0, 50.0, 10.0, 50.0], [-180.0, -89.0, 180.0, 89.0]] {
            let frame = Frame::around(bounds, -180.0);
            assert!(frame.height.is_finite() && frame.height >= 100.0, "{frame:?}");
        }
    }
}
