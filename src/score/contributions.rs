//! A score taken apart: what each dimension adds to it.
//!
//! Shapley values: the mean, over all orders in which the four dimensions may come in, of what each
//! adds when it comes. They add up to the score, treat equal dimensions alike and give nothing to a
//! dimension that changes nothing. The floor comes with the sites, since sites bring it.
//!
//! Source: METHOD §3, *Contributions*; Shapley (1953), A value for n-person games.

use super::{Bound, aggregate, normalize};
use crate::model::dimension::Dimension;
use crate::model::scheme::Scheme;

/// φ: what each dimension adds to the score, in points, in the order of [`Dimension::ALL`].
///
/// # Formula
///
/// ```text
/// φ_k = Σ over K ∌ k of |K|! · (3 − |K|)! / 4! · ( score(K ∪ k) − score(K) )
/// ```
///
/// score(K) is the score with the dimensions outside K at 0, without the floor if sites are not in K.
///
/// # Source
///
/// METHOD §3.
///
/// # Limits
///
/// Parts of this score, not of another: without a dimension the score falls by more than its φ where
/// dimensions stand in for each other.
#[must_use]
pub fn contributions(bound: &Bound, scheme: &Scheme) -> [f64; 4] {
    let dimensions = normalize::dimensions(bound, scheme);
    let weighted = aggregate::weigh(dimensions, scheme.dimension_weights);
    let scores: [f64; 16] = std::array::from_fn(|coalition| {
        let members =
            Dimension::ALL.map(|k| if holds(coalition, k) { weighted[k as usize] } else { 0.0 });
        let floor =
            if holds(coalition, Dimension::Sites) { scheme.floors.of(bound.gravest) } else { 0.0 };
        aggregate::aggregate(members, scheme.lambda, floor)
    });
    Dimension::ALL.map(|k| {
        (0..scores.len())
            .filter(|&coalition| !holds(coalition, k))
            .map(|coalition| {
                share_of_orders(coalition) * (scores[with(coalition, k)] - scores[coalition])
            })
            .sum()
    })
}

/// Whether a dimension is in a coalition, a set of bits.
const fn holds(coalition: usize, dimension: Dimension) -> bool {
    coalition & (1 << dimension as usize) != 0
}

/// A coalition with a dimension more.
const fn with(coalition: usize, dimension: Dimension) -> usize {
    coalition | (1 << dimension as usize)
}

/// |K|! · (3 − |K|)! / 4!: in how many of all orders exactly these come before a given other one.
const fn share_of_orders(coalition: usize) -> f64 {
    match coalition.count_ones() {
        0 | 3 => 1.0 / 4.0,
        _ => 1.0 / 12.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scheme::of_the_method;
    use crate::model::taxonomy::Tier;

    #[test]
    fn a_lone_dimension_is_the_whole_score() {
        let people = Bound { people: 1_000.0, ..Bound::default() };
        let [p, g, s, e] = contributions(&people, &of_the_method());
        assert_eq!(format!("{p:.2} {g} {s} {e}"), "50.01 0 0 0");
    }

    #[test]
    fn the_floor_belongs_to_the_sites() {
        let mut scheme = of_the_method();
        scheme.dimension_weights = [0.0; 4];
        let site =
            Bound { people: 1e4, site_load: 100.0, gravest: Some(Tier::T1), ..Bound::default() };
        assert_eq!(format!("{:?}", contributions(&site, &scheme)), "[0.0, 0.0, 60.0, 0.0]");
    }
}
