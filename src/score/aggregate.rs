//! Four dimensions to one number, worst-plus: the largest counts in full, the others close part of the
//! gap to 100, and a floor holds whatever the weights.
//!
//! A mean would let an empty area around a hospital hide it, a pure maximum would not see that a second
//! burden came on top; this does neither.
//!
//! Source: METHOD §3.

use super::first_largest;

/// v: dimensions times their weights, in points, 0..=100.
#[must_use]
pub fn weigh(dimensions: [f64; 4], weights: [f64; 4]) -> [f64; 4] {
    std::array::from_fn(|place| dimensions[place] * weights[place])
}

/// The score of four weighted dimensions, 0..=100.
///
/// # Formula
///
/// ```text
/// M = max v,  R = mean of the other three
/// score = max( M + λ · (1 − M/100) · R , floor )
/// ```
///
/// # Source
///
/// METHOD §3.
///
/// # Limits
///
/// v and floor in 0..=100 and λ in 0..=1; then the score never falls when a v grows, since its slope is
/// 1 − λ·R/100 in M and λ·(1 − M/100)/3 in the others.
#[must_use]
pub fn aggregate(weighted: [f64; 4], lambda: f64, floor: f64) -> f64 {
    // The last bit may round above 100.
    unclipped(weighted, lambda, floor).min(100.0)
}

/// The score of dimensions that run on beyond 100, as [`unclipped`](super::normalize::unclipped) has them: from
/// there on the largest alone counts.
#[must_use]
pub fn unclipped(weighted: [f64; 4], lambda: f64, floor: f64) -> f64 {
    let largest = first_largest(weighted).unwrap_or(0);
    let most = weighted[largest];
    let others: f64 =
        weighted.iter().enumerate().filter(|(place, _)| *place != largest).map(|(_, v)| v).sum();
    (most + lambda * (1.0 - most / 100.0).max(0.0) * others / 3.0).max(floor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(weighted: [f64; 4], lambda: f64, floor: f64, wanted: f64) {
        let score = aggregate(weighted, lambda, floor);
        assert!((score - wanted).abs() < 1e-12, "{weighted:?}: {score}, wanted {wanted}");
    }

    #[test]
    fn the_others_close_part_of_the_gap() {
        check([60.0, 0.0, 0.0, 0.0], 0.5, 0.0, 60.0);
        check([60.0, 30.0, 0.0, 0.0], 0.5, 0.0, 62.0);
        check([0.0, 30.0, 60.0, 30.0], 0.5, 0.0, 64.0);
        check([60.0, 60.0, 60.0, 60.0], 1.0, 0.0, 84.0);
        check([60.0, 60.0, 60.0, 60.0], 0.0, 0.0, 60.0);
        check([100.0, 100.0, 100.0, 100.0], 1.0, 0.0, 100.0);
    }

    #[test]
    fn the_floor_holds_below_it_and_adds_nothing_above() {
        check([0.0; 4], 0.5, 60.0, 60.0);
        check([70.0, 0.0, 0.0, 0.0], 0.5, 60.0, 70.0);
    }
}
