//! Rings cut off at the borders of a box.

/// Cuts a closed ring off at the borders of a box, one border after another. What lies outside
/// collapses onto the border, where it has no surface.
///
/// # Source
///
/// Sutherland and Hodgman (1974), Reentrant Polygon Clipping.
#[must_use]
pub fn clip_ring(mut ring: Vec<[f64; 2]>, low: [f64; 2], high: [f64; 2]) -> Vec<[f64; 2]> {
    for axis in 0..2 {
        for (border, side) in [(low[axis], Side::Above), (high[axis], Side::Below)] {
            ring = clip_at(&ring, axis, border, side);
        }
    }
    ring
}

/// The side of a border that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Above,
    Below,
}

/// Cuts a closed ring off at one border.
fn clip_at(ring: &[[f64; 2]], axis: usize, border: f64, side: Side) -> Vec<[f64; 2]> {
    let inside = |p: [f64; 2]| match side {
        Side::Above => p[axis] >= border,
        Side::Below => p[axis] <= border,
    };
    let mut out = Vec::with_capacity(ring.len() + 8);
    for pair in ring.windows(2) {
        let &[a, b] = pair else { continue };
        if inside(a) {
            out.push(a);
        }
        if inside(a) != inside(b) {
            let other = 1 - axis;
            let share = (border - a[axis]) / (b[axis] - a[axis]);
            let mut cut = [border; 2];
            cut[other] = a[other] + share * (b[other] - a[other]);
            out.push(cut);
        }
    }
    out.extend(out.first().copied());
    out
}
