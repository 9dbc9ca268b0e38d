//! What burdens amount to: one score of 0 to 100, what drives it, and what each dimension adds.
//!
//! Three steps, one file each: [`normalize`] carries burdens to a common scale by fixed goalposts,
//! [`aggregate`] makes one number of the four dimensions so that the worst cannot be averaged away,
//! and [`band`] names it. [`contributions`] takes the number apart again.
//!
//! All functions see the burdens of one bound (low, best or high) of one area or course of action.
//! They never see where anything is, which layer it came from, or what other options there are: adding
//! an option cannot change the score of another. No site or area is ranked.
//!
//! Source: METHOD §2 and §3.

pub mod aggregate;
pub mod band;
pub mod contributions;
pub mod normalize;

use crate::model::dimension::Dimension;
use crate::model::scheme::Scheme;
use crate::model::taxonomy::{Service, SiteClass, Tier};

/// The burdens of one bound. No number is negative, and each is finite.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bound {
    /// P: people.
    pub people: f64,
    /// G: people in place-bound vulnerable situations.
    pub vulnerable: f64,
    /// U: load of the civilian sites.
    pub site_load: f64,
    /// D: dependants of each service, in the order of [`Service::ALL`].
    pub dependants: [f64; 9],
    /// The gravest tier among the sites of this bound.
    pub gravest: Option<Tier>,
}

/// What the burdens of one bound amount to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The score, 0..=100.
    pub score: f64,
    /// s: each dimension before its weight, 0..=100, in the order of [`Dimension::ALL`].
    pub dimensions: [f64; 4],
    /// The dimension that weighs most; none if none weighs anything.
    pub driver: Option<Dimension>,
    /// The service that the dimension of services stands for; none if nobody depends on any.
    pub service: Option<Service>,
}

/// The score of one bound, 0..=100.
///
/// # Formula
///
/// ```text
/// v_k = w_k · s_k,  M = max v_k,  R = mean of the other three
/// score = max( M + λ · (1 − M/100) · R , floor )
/// ```
///
/// # Source
///
/// METHOD §2 and §3; `s_k`: [`normalize`], the floor: [`Floors::of`](crate::model::scheme::Floors::of).
///
/// # Limits
///
/// A scale of attention: twice the score is not twice the people. The driver is that of the
/// dimensions, also where the floor is what holds.
#[must_use]
pub fn score(bound: &Bound, scheme: &Scheme) -> Scored {
    let dimensions = normalize::dimensions(bound, scheme);
    let weighted = aggregate::weigh(dimensions, scheme.dimension_weights);
    let floor = scheme.floors.of(bound.gravest);
    Scored {
        score: aggregate::aggregate(weighted, scheme.lambda, floor),
        dimensions,
        driver: first_largest(weighted).map(|place| Dimension::ALL[place]),
        service: normalize::driving_service(&bound.dependants, scheme),
    }
}

/// Load of the sites to be expected where nobody has looked for them, in units of load.
///
/// # Formula
///
/// ```text
/// Σ u_tier · rate · P_high   over all classes; P_high of the ground on which the class is not mapped
/// ```
///
/// # Source
///
/// METHOD §1, *Place-bound people and sites*; the rates are the scheme's.
///
/// # Limits
///
/// For the high bound of the site load alone. An expected site brings no floor, no occupants and no
/// dependants.
#[must_use]
pub fn expected_unknowns(unseen: impl Fn(SiteClass) -> f64, scheme: &Scheme) -> f64 {
    SiteClass::ALL
        .into_iter()
        .map(|class| scheme.class_load(class) * scheme.rule(class).rate * unseen(class))
        // Not `sum`, whose empty sum is -0.
        .fold(0.0, |sum, load| sum + load)
}

/// The place of the largest number, the first of equal ones; none if no number is above 0.
fn first_largest<const N: usize>(numbers: [f64; N]) -> Option<usize> {
    let mut largest = None;
    let mut most = 0.0;
    for (place, number) in numbers.into_iter().enumerate() {
        if number > most {
            (largest, most) = (Some(place), number);
        }
    }
    largest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::contributions::contributions;
    use super::*;
    use crate::model::burden::Burden;
    use crate::model::scheme::{Floors, Goalposts, of_the_method};

    /// The burdens of METHOD §5: P, G, U and the dependants of health care.
    fn bound(people: f64, vulnerable: f64, site_load: f64, health: f64) -> Bound {
        let mut dependants = [0.0; 9];
        dependants[Service::Health as usize] = health;
        let gravest = Tier::ALL.into_iter().find(|&tier| site_load >= of_the_method().load(tier));
        Bound { people, vulnerable, site_load, dependants, gravest }
    }

    /// Whether a number prints as the worked one, to its digits.
    fn prints(number: f64, wanted: &str) {
        let digits = wanted.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        assert_eq!(format!("{number:.digits$}"), wanted);
    }

    fn score_of(bound: &Bound) -> f64 {
        score(bound, &of_the_method()).score
    }

    #[test]
    fn worked_3_ten_thousand_people_and_a_hospital() {
        let scheme = of_the_method();
        let one = bound(10_000.0, 0.0, 100.0, 0.0);
        let scored = score(&one, &scheme);
        prints(scored.score, "70.04");
        for (dimension, wanted) in scored.dimensions.into_iter().zip(["66.7", "0.0", "60.7", "0.0"])
        {
            prints(dimension, wanted);
        }
        assert_eq!((scored.driver, scored.service), (Some(Dimension::People), None));
        let parts = contributions(&one, &scheme);
        for (part, wanted) in parts.into_iter().zip(["38.0", "0.0", "32.0", "0.0"]) {
            prints(part, wanted);
        }
        // With the default occupancy of 100, counted as people as well as vulnerable.
        prints(score_of(&bound(10_000.0, 100.0, 100.0, 0.0)), "72.27");
    }

    #[test]
    fn worked_4_three_options() {
        let scheme = of_the_method();
        prints(score_of(&bound(3_000.0, 0.0, 0.0, 3_000.0)), "62.0");
        prints(score_of(&bound(900.0, 200.0, 10.0, 900.0)), "59.98");
        let b = bound(1_200.0, 0.0, 130.0, 25_000.0);
        prints(score_of(&b), "78.36");
        let [people, vulnerable, sites, services] = contributions(&b, &scheme);
        prints(people, "18.8");
        prints(vulnerable, "0.0");
        prints(sites, "24.6");
        prints(sites * 100.0 / 130.0, "18.9");
        prints(sites * 30.0 / 130.0, "5.7");
        prints(services, "35.0");
        let scored = score(&b, &scheme);
        assert_eq!(scored.driver, Some(Dimension::Services));
        assert_eq!(scored.service, Some(Service::Health));
    }

    #[test]
    fn worked_5_a_change_of_boundary_that_spares_the_hospital() {
        prints(score_of(&bound(1_150.0, 0.0, 30.0, 1_500.0)), "60.5");
    }

    #[test]
    fn worked_6_an_unconfirmed_hospital() {
        let (without, with) = (bound(2_000.0, 0.0, 0.0, 0.0), bound(2_000.0, 0.0, 100.0, 0.0));
        prints(score_of(&without), "55.0");
        prints(score_of(&with), "64.3");
        prints(score_of(&with) - score_of(&without), "9.3");
    }

    #[test]
    fn worked_7_no_weight_hides_a_hospital() {
        let mut scheme = of_the_method();
        scheme.dimension_weights[Dimension::Sites as usize] = 0.5;
        let one = bound(100.0, 0.0, 100.0, 0.0);
        prints(score(&one, &scheme).score, "60");
        let [people, _, sites, _] = contributions(&one, &scheme);
        prints(people, "16.70");
        prints(sites, "43.30");
        scheme.dimension_weights = [0.0; 4];
        let unweighted = score(&one, &scheme);
        assert_eq!((unweighted.score.to_bits(), unweighted.driver), (60f64.to_bits(), None));
    }

    #[test]
    fn nothing_there_scores_nothing() {
        let nothing = score(&Bound::default(), &of_the_method());
        assert_eq!(
            nothing,
            Scored { score: 0.0, dimensions: [0.0; 4], driver: None, service: None }
        );
    }

    #[test]
    fn the_first_of_equal_dimensions_drives() {
        let scheme = Scheme {
            goalposts: Goalposts { vulnerable: 1e6, ..of_the_method().goalposts },
            ..of_the_method()
        };
        let driver = score(&bound(500.0, 500.0, 0.0, 500.0), &scheme).driver;
        assert_eq!(driver, Some(Dimension::People));
    }

    #[test]
    fn unmapped_classes_are_expected_at_their_rates() {
        let scheme = of_the_method();
        let all = 100.0 * 1e-5 + 30.0 * (1e-4 + 2.0 * 4e-4 + 2e-6 + 1e-4);
        prints(expected_unknowns(|_| 1e4, &scheme), &format!("{:.9}", all * 1e4));
        let of_schools = |class| if class == SiteClass::School { 1e4 } else { 0.0 };
        prints(expected_unknowns(of_schools, &scheme), "120.00");
        prints(expected_unknowns(|class| 0.25 * of_schools(class), &scheme), "30.00");
        prints(expected_unknowns(|_| 0.0, &scheme), "0");
    }

    /// 0, or a burden of any size.
    fn any_burden() -> impl Strategy<Value = f64> {
        prop_oneof![1 => Just(0.0), 4 => (-3.0..10.0f64).prop_map(|power| 10f64.powf(power))]
    }

    fn any_bound() -> impl Strategy<Value = Bound> {
        let dependants = prop::array::uniform9(any_burden());
        let tier = prop::sample::select(vec![
            None,
            Some(Tier::T4),
            Some(Tier::T3),
            Some(Tier::T2),
            Some(Tier::T1),
        ]);
        (any_burden(), any_burden(), any_burden(), dependants, tier).prop_map(
            |(people, vulnerable, site_load, dependants, gravest)| Bound {
                people,
                vulnerable,
                site_load,
                dependants,
                gravest,
            },
        )
    }

    fn any_goalposts() -> impl Strategy<Value = Goalposts> {
        let power = || (-1.0..8.0f64).prop_map(|power| 10f64.powf(power));
        (power(), power(), power(), power(), 0.001..=1.0f64, 1.001..1e4f64).prop_map(
            |(people, vulnerable, dependants, site_load, knee, top)| Goalposts {
                people,
                vulnerable,
                dependants,
                site_load,
                site_load_knee: site_load * knee,
                site_load_top: site_load * knee * top,
            },
        )
    }

    /// Any scheme that validates, in what the score depends on.
    fn any_scheme() -> impl Strategy<Value = Scheme> {
        let share = || 0.0..=1.0f64;
        let floors = (60.0..=100.0f64, share());
        (
            any_goalposts(),
            prop::array::uniform4(share()),
            prop::array::uniform9(share()),
            share(),
            floors,
        )
            .prop_map(
                |(goalposts, dimension_weights, service_weights, lambda, (t1, t2))| Scheme {
                    goalposts,
                    dimension_weights,
                    service_weights,
                    lambda,
                    floors: Floors { t1, t2: 40.0 + (t1 - 40.0) * t2 },
                    ..of_the_method()
                },
            )
    }

    /// Every burden of the one added to that of the other, the graver of both tiers.
    fn grown(bound: &Bound, more: &Bound) -> Bound {
        let mut dependants = bound.dependants;
        for (dependants, more) in dependants.iter_mut().zip(more.dependants) {
            *dependants += more;
        }
        Bound {
            people: bound.people + more.people,
            vulnerable: bound.vulnerable + more.vulnerable,
            site_load: bound.site_load + more.site_load,
            dependants,
            gravest: bound.gravest.max(more.gravest),
        }
    }

    proptest! {
        #[test]
        fn the_score_lies_between_the_largest_dimension_and_100(
            bound in any_bound(),
            scheme in any_scheme(),
        ) {
            let scored = score(&bound, &scheme);
            let weighted = aggregate::weigh(scored.dimensions, scheme.dimension_weights);
            prop_assert!(weighted.iter().all(|&v| v <= scored.score), "{scored:?}");
            prop_assert!((0.0..=100.0).contains(&scored.score), "{scored:?}");
            prop_assert!(scored.dimensions.iter().all(|s| (0.0..=100.0).contains(s)), "{scored:?}");
        }

        #[test]
        fn more_of_any_burden_never_lowers_the_score(
            bound in any_bound(),
            more in any_bound(),
            only in 0..5usize,
            scheme in any_scheme(),
        ) {
            let none = Bound::default();
            let more = match only {
                0 => Bound { people: more.people, ..none },
                1 => Bound { vulnerable: more.vulnerable, ..none },
                2 => Bound { site_load: more.site_load, gravest: more.gravest, ..none },
                3 => Bound { dependants: more.dependants, ..none },
                _ => more,
            };
            let before = score(&bound, &scheme);
            let after = score(&grown(&bound, &more), &scheme);
            prop_assert!(after.score >= before.score - 1e-9, "{before:?} {after:?}");
        }

        #[test]
        fn contributions_add_up_to_the_score(bound in any_bound(), scheme in any_scheme()) {
            let parts = contributions(&bound, &scheme);
            let sum: f64 = parts.iter().sum();
            prop_assert!((sum - score(&bound, &scheme).score).abs() < 1e-9, "{parts:?}");
            prop_assert!(parts.iter().all(|&part| part >= -1e-9), "{parts:?}");
        }

        #[test]
        fn scores_keep_the_order_of_their_bounds(
            low in any_bound(),
            more in any_bound(),
            most in any_bound(),
            scheme in any_scheme(),
        ) {
            let best = grown(&low, &more);
            let high = grown(&best, &most);
            let [low, best, high] = [low, best, high].map(|bound| score(&bound, &scheme).score);
            let scores = Burden { low, best, high };
            prop_assert!(low <= best + 1e-9 && best <= high + 1e-9, "{scores:?}");
        }
    }
}
