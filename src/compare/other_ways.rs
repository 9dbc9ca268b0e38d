//! Other ways to make one number of four dimensions, and whether the order of options hangs on the way.
//!
//! Source: METHOD §4; OECD/JRC handbook on composite indicators (2008), §7, for the mean shift of ranks;
//! INFORM Risk methodology for the geometric mean.

use super::as_told;
use crate::model::{OtherWay, Scheme};
use crate::score::{Bound, aggregate, normalize};

/// A way to put weighted dimensions together; the weights come second.
type Way = fn([f64; 4], [f64; 4]) -> f64;

/// The ways beside worst-plus, with the names they have in outputs.
const WAYS: [(&str, Way); 3] =
    [("arithmetic", arithmetic), ("geometric", geometric), ("maximum", maximum)];

/// Scores and ranks of options by each other way; the floors hold in each.
pub(super) fn other_ways(
    bounds: &[Option<Bound>],
    own_ranks: &[Option<f64>],
    scheme: &Scheme,
) -> Vec<OtherWay> {
    let by = |(name, way): (&'static str, Way)| {
        let score = |bound: &Bound| {
            let dimensions = normalize::dimensions(bound, scheme);
            way(dimensions, scheme.dimension_weights).max(scheme.floors.of(bound.gravest))
        };
        let scores: Vec<Option<f64>> =
            bounds.iter().map(|bound| bound.as_ref().map(score)).collect();
        let ranks = ranks(&scores);
        let pairs = ranks.iter().zip(own_ranks);
        let shifts: Vec<f64> =
            pairs.filter_map(|(one, two)| Some(((*one)? - (*two)?).abs())).collect();
        let mean_shift = shifts.iter().sum::<f64>() / shifts.len().max(1) as f64;
        OtherWay { name, scores, ranks, mean_shift }
    };
    WAYS.into_iter().map(by).collect()
}

/// The rank of each score from the least, 1; scores that are told alike share the mean of their ranks.
#[must_use]
pub fn ranks(scores: &[Option<f64>]) -> Vec<Option<f64>> {
    let scores: Vec<Option<f64>> = scores.iter().map(|score| score.map(as_told)).collect();
    let rank = |own: f64| {
        let others = scores.iter().flatten();
        let less = others.clone().filter(|other| **other < own).count();
        let equal = others.filter(|other| **other == own).count();
        less as f64 + f64::midpoint(equal as f64, 1.0)
    };
    scores.iter().map(|score| score.map(rank)).collect()
}

/// The weighted mean.
fn arithmetic(dimensions: [f64; 4], weights: [f64; 4]) -> f64 {
    let all: f64 = weights.iter().sum();
    let sum: f64 = aggregate::weigh(dimensions, weights).iter().sum();
    if all > 0.0 { sum / all } else { 0.0 }
}

/// The weighted geometric mean of what is left to the top of a scale of 1 to 10, turned back: it leans to the
/// large dimensions, and one that is 0 does not make all 0.
///
/// # Formula
///
/// ```text
/// x = 10 − 9 · s/100,  score = 100 · (10 − Π x^(w/Σw)) / 9
/// ```
fn geometric(dimensions: [f64; 4], weights: [f64; 4]) -> f64 {
    let all: f64 = weights.iter().sum();
    if all <= 0.0 {
        return 0.0;
    }
    let logs = dimensions.iter().zip(weights).map(|(s, w)| w * (10.0 - 0.09 * s).ln());
    100.0 * (10.0 - (logs.sum::<f64>() / all).exp()) / 9.0
}

/// The largest.
fn maximum(dimensions: [f64; 4], weights: [f64; 4]) -> f64 {
    aggregate::weigh(dimensions, weights).into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVEN: [f64; 4] = [1.0; 4];

    #[test]
    fn equal_dimensions_are_themselves_in_any_way() {
        for (name, way) in WAYS {
            for s in [0.0, 37.5, 100.0] {
                assert!((way([s; 4], EVEN) - s).abs() < 1e-9, "{name} of {s}");
            }
        }
    }

    #[test]
    fn the_geometric_mean_lies_between_the_arithmetic_and_the_largest() {
        let dimensions = [80.0, 0.0, 20.0, 40.0];
        let (low, middle, high) =
            (arithmetic(dimensions, EVEN), geometric(dimensions, EVEN), maximum(dimensions, EVEN));
        assert_eq!((low, high), (35.0, 80.0));
        // ⁴√(2.8 · 10 · 8.2 · 6.4) = 6.1912…
        assert!((middle - 42.32).abs() < 0.01 && low < middle, "{middle}");
    }

    #[test]
    fn a_weight_of_nothing_leaves_a_dimension_out() {
        let weights = [1.0, 0.0, 1.0, 1.0];
        let dimensions = [30.0, 100.0, 30.0, 30.0];
        for (name, way) in WAYS {
            assert!((way(dimensions, weights) - 30.0).abs() < 1e-9, "{name}");
            assert_eq!(way(dimensions, [0.0; 4]), 0.0, "{name}");
        }
    }

    #[test]
    fn equal_scores_share_the_mean_of_their_ranks() {
        let scores = [Some(5.0), None, Some(2.0), Some(5.0), Some(9.0)];
        assert_eq!(ranks(&scores), [Some(2.5), None, Some(1.0), Some(2.5), Some(4.0)]);
    }
}
