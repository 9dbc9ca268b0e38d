//! Burdens to a common scale of 0 to 100, by goalposts that never move.
//!
//! Logarithms, since what matters is how many times more: ten times the people is about 16.7 points.
//! The goalposts are the scheme's, never taken from the options at hand.
//!
//! Source: METHOD §2; goalposts as in the OECD/JRC handbook on composite indicators (2008), §5.

use super::{Bound, first_largest};
use crate::model::scheme::{Goalposts, Scheme};
use crate::model::taxonomy::Service;

/// s: the four dimensions of one bound, in points, 0..=100, before their weights.
///
/// # Formula
///
/// ```text
/// s = ( s(P), s(G), s(U), E ),  E = max over services of ω · s(D)
/// ```
///
/// # Source
///
/// METHOD §2.
///
/// # Limits
///
/// Beyond a goalpost all burdens look alike. E is the largest service, not a sum: people who depend
/// on several are not counted several times.
#[must_use]
pub fn dimensions(bound: &Bound, scheme: &Scheme) -> [f64; 4] {
    let goalposts = &scheme.goalposts;
    [
        logarithmic(bound.people, goalposts.people),
        logarithmic(bound.vulnerable, goalposts.vulnerable),
        site_load(bound.site_load, goalposts),
        service_points(&bound.dependants, scheme).into_iter().fold(0.0, f64::max),
    ]
}

/// The four dimensions as [`dimensions`] has them, without their end at 100: what lies beyond a goalpost is told
/// apart. For comparing options only.
///
/// # Source
///
/// METHOD §4.
#[must_use]
pub fn unclipped(bound: &Bound, scheme: &Scheme) -> [f64; 4] {
    let goalposts = &scheme.goalposts;
    let services = Service::ALL.map(|service| {
        let points = endless(bound.dependants[service as usize], goalposts.dependants);
        scheme.service_weight(service) * points
    });
    [
        endless(bound.people, goalposts.people),
        endless(bound.vulnerable, goalposts.vulnerable),
        endless_load(bound.site_load, goalposts),
        services.into_iter().fold(0.0, f64::max),
    ]
}

/// s(x): a burden on the logarithmic scale, in points, 0..=100.
///
/// # Formula
///
/// ```text
/// s(x) = min(100, 100 · ln(1 + x) / ln(1 + x_ref))
/// ```
///
/// # Source
///
/// METHOD §2.
///
/// # Limits
///
/// `x` ≥ 0, `x_ref` > 0. Under one person the scale is nearly linear.
#[must_use]
pub fn logarithmic(burden: f64, goalpost: f64) -> f64 {
    endless(burden, goalpost).min(100.0)
}

fn endless(burden: f64, goalpost: f64) -> f64 {
    100.0 * burden.ln_1p() / goalpost.ln_1p()
}

/// s(U): site load in points, 0..=100, steep up to the knee and flat beyond.
///
/// # Formula
///
/// ```text
/// s(U) = 100 · ln(1 + U) / ln(1 + U_ref)                           for U ≤ U_knee
/// s(U) = min(100, a + (100 − a) · ln(U / U_knee) / ln(U_top / U_knee)),  a = s(U_knee)
/// ```
///
/// # Source
///
/// METHOD §2: `U_ref` 2,000, `U_knee` 100, `U_top` 50,000 in the built-in scheme.
///
/// # Limits
///
/// Needs `U_knee` ≤ `U_ref` and `U_knee` < `U_top`, as every valid scheme has it.
#[must_use]
pub fn site_load(load: f64, goalposts: &Goalposts) -> f64 {
    endless_load(load, goalposts).min(100.0)
}

fn endless_load(load: f64, goalposts: &Goalposts) -> f64 {
    let Goalposts { site_load, site_load_knee: knee, site_load_top: top, .. } = *goalposts;
    if load <= knee {
        return logarithmic(load, site_load);
    }
    let at_knee = logarithmic(knee, site_load);
    at_knee + (100.0 - at_knee) * (load / knee).ln() / (top / knee).ln()
}

/// The service that E stands for: the largest weighted one, the first of equal ones; none if nobody
/// depends on any service that has a weight.
#[must_use]
pub fn driving_service(dependants: &[f64; 9], scheme: &Scheme) -> Option<Service> {
    first_largest(service_points(dependants, scheme)).map(|place| Service::ALL[place])
}

/// ω · s(D) of each service, in points.
fn service_points(dependants: &[f64; 9], scheme: &Scheme) -> [f64; 9] {
    Service::ALL.map(|service| {
        let points = logarithmic(dependants[service as usize], scheme.goalposts.dependants);
        scheme.service_weight(service) * points
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scheme::of_the_method;

    #[test]
    fn people_read_as_in_the_method() {
        let cases = [
            (0.0, "0.0"),
            (10.0, "17.4"),
            (80.0, "31.8"),
            (100.0, "33.4"),
            (275.0, "40.7"),
            (600.0, "46.3"),
            (1_000.0, "50.0"),
            (10_000.0, "66.7"),
            (1e6, "100.0"),
            (1e9, "100.0"),
        ];
        for (people, wanted) in cases {
            assert_eq!(format!("{:.1}", logarithmic(people, 1e6)), wanted, "{people}");
        }
    }

    #[test]
    fn dependants_read_as_in_worked_number_2() {
        let cases = [(1_165.8, "51.1"), (1_500.0, "52.9"), (3_500.0, "59.1"), (7_200.0, "64.3")];
        for (dependants, wanted) in cases {
            let bound = Bound { dependants: [dependants; 9], ..Bound::default() };
            let [.., services] = dimensions(&bound, &of_the_method());
            assert_eq!(format!("{services:.1}"), wanted, "{dependants}");
        }
    }

    #[test]
    fn site_load_reads_as_in_the_method() {
        let goalposts = of_the_method().goalposts;
        let cases = [
            (0.0, "0.00"),
            (1.0, "9.12"),
            (10.0, "31.55"),
            (30.0, "45.18"),
            (100.0, "60.71"),
            (50_000.0, "100.00"),
            (1e9, "100.00"),
        ];
        for (load, wanted) in cases {
            assert_eq!(format!("{:.2}", site_load(load, &goalposts)), wanted, "{load}");
        }
        assert!(site_load(100.000_001, &goalposts) - site_load(100.0, &goalposts) < 1e-6);
    }

    #[test]
    fn the_weight_of_a_service_can_change_which_one_drives() {
        let scheme = of_the_method();
        let mut dependants = [0.0; 9];
        assert_eq!(driving_service(&dependants, &scheme), None);
        dependants[Service::Education as usize] = 10_000.0;
        assert_eq!(driving_service(&dependants, &scheme), Some(Service::Education));
        dependants[Service::Water as usize] = 1_000.0;
        assert_eq!(driving_service(&dependants, &scheme), Some(Service::Water));
        dependants[Service::Health as usize] = 1_000.0;
        assert_eq!(driving_service(&dependants, &scheme), Some(Service::Health));
    }
}
