//! Robustness: how often each option exposes fewest, over all that is left open.
//!
//! Stochastic multicriteria acceptability analysis: weights, λ, goalposts, the source of people, the edge of
//! areas, which sites are there and how many depend on them are drawn together, the same for all options, so
//! that what they share cannot tell them apart. Floors hold in every draw.
//!
//! One generator gives the draws one after another, and each draw a seed of its own for the coins of its sites:
//! draws are scored by any thread, some at a time, and each option is counted by one thread in the order of draws.
//!
//! Source: METHOD §4; Tervonen and Lahdelma (2007), Implementing stochastic multicriteria acceptability analysis.

use super::{Draws, as_told};
use crate::model::{Coa, InRaster, Presence, Scheme, Spread, Tier};
use crate::score::{Bound, aggregate, normalize};
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Binomial, Distribution, Exp1};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// λ is drawn between these.
const LAMBDA: [f64; 2] = [0.25, 0.75];
/// Burdens are divided by ten to a power between minus and plus this, dimension by dimension.
const DECADES: f64 = 0.3;
/// So many scores, of options in draws, are held at a time.
const AT_A_TIME: usize = 100_000;

/// What the draws tell of some options.
pub(super) struct Robust {
    /// b: the share of draws in which each option has each rank.
    pub(super) acceptability: Vec<Vec<f64>>,
    /// The share of draws in which the first exposes fewer than the second; ties count one half.
    pub(super) less: Vec<Vec<f64>>,
}

/// Draws, and counts how often each option has each rank and exposes fewer than each other; people come from one
/// of the heard sources in each draw.
///
/// # Formula
///
/// ```text
/// w ~ Dirichlet(1,1,1,1) / max    λ ~ U(.25, .75)    s taken of burden ÷ 10^U(−.3, .3)
/// P = P⁻ + u · (P⁺ − P⁻) of one source    D = D_low + v · (D_high − D_low)    a site is there with p
/// ```
pub(super) fn robust(coas: &[&Coa], heard: &[usize], scheme: &Scheme, draws: Draws) -> Robust {
    let mut chooser = Pcg64::seed_from_u64(draws.seed);
    let mut next = || Draw::new(&mut chooser, heard.len().max(1));
    let spreads: Vec<&Spread> = coas.iter().map(|coa| &coa.spread).collect();
    let sites = Sites::of(&spreads);
    let score = |draw: &Draw| -> Vec<f64> {
        let standing = sites.standing(draw.coins);
        let of_options = spreads.iter().zip(&standing);
        of_options.map(|(spread, standing)| draw.score(spread, standing, heard, scheme)).collect()
    };
    let mut counts = Counts::new(coas.len());
    let at_a_time = (AT_A_TIME / coas.len().max(1)).max(1);
    let mut left = draws.count as usize;
    while left > 0 {
        let some: Vec<Draw> = (0..left.min(at_a_time)).map(|_| next()).collect();
        left -= some.len();
        counts.add(&some.par_iter().map(score).collect::<Vec<_>>());
    }
    counts.shares(f64::from(draws.count.max(1)))
}

/// How often each option has each rank, and exposes fewer than each other.
struct Counts(Vec<Count>);

/// Of one option.
#[derive(Clone)]
struct Count {
    ranks: Vec<f64>,
    less: Vec<f64>,
}

impl Counts {
    fn new(options: usize) -> Self {
        Self(vec![Count { ranks: vec![0.0; options], less: vec![0.0; options] }; options])
    }

    /// Adds some draws, each with the scores of all options; ranks of equal scores are shared out evenly.
    fn add(&mut self, draws: &[Vec<f64>]) {
        let as_told = |scores: &Vec<f64>| scores.iter().copied().map(as_told).collect();
        let draws: Vec<Vec<f64>> = draws.iter().map(as_told).collect();
        self.0.par_iter_mut().enumerate().for_each(|(option, count)| {
            for scores in &draws {
                count.add(option, scores);
            }
        });
    }

    fn shares(self, of: f64) -> Robust {
        let share = |counts: Vec<f64>| counts.into_iter().map(|count| count / of).collect();
        let (acceptability, less) =
            self.0.into_iter().map(|count| (share(count.ranks), share(count.less))).unzip();
        Robust { acceptability, less }
    }
}

impl Count {
    fn add(&mut self, option: usize, scores: &[f64]) {
        let own = scores[option];
        let (mut below, mut equal) = (0, 0);
        for (less, other) in self.less.iter_mut().zip(scores) {
            if *other < own {
                below += 1;
            } else if *other > own {
                *less += 1.0;
            } else {
                equal += 1;
                *less += 0.5;
            }
        }
        for rank in &mut self.ranks[below..below + equal] {
            *rank += 1.0 / f64::from(equal as u32);
        }
    }
}

/// One draw of all that is left open, but for the coins of sites.
#[derive(Debug, Clone, Copy)]
struct Draw {
    /// w, the largest 1.
    weights: [f64; 4],
    lambda: f64,
    /// Burdens are divided by these.
    factors: [f64; 4],
    /// The source of people, by its place among those that are heard.
    source: usize,
    /// u: where between inner and outer the edge is.
    edge: f64,
    /// v: where between low and high dependants are.
    services: f64,
    /// The seed of the coins.
    coins: u64,
}

impl Draw {
    fn new(chooser: &mut impl Rng, sources: usize) -> Self {
        // Exponential numbers over their sum are a Dirichlet of ones; over their largest, the same over its.
        let parts: [f64; 4] = std::array::from_fn(|_| Exp1.sample(chooser));
        let largest = parts.into_iter().fold(f64::MIN_POSITIVE, f64::max);
        let mut even = || chooser.random::<f64>();
        Self {
            weights: parts.map(|part| part / largest),
            lambda: LAMBDA[0] + even() * (LAMBDA[1] - LAMBDA[0]),
            factors: std::array::from_fn(|_| 10f64.powf(DECADES * (2.0 * even() - 1.0))),
            source: ((even() * sources as f64) as usize).min(sources - 1),
            edge: even(),
            services: even(),
            coins: chooser.random(),
        }
    }

    /// The score of an option in this draw; beyond 100 where a burden lies beyond its goalpost, so that such
    /// options are told apart.
    fn score(&self, spread: &Spread, there: &Standing, heard: &[usize], scheme: &Scheme) -> f64 {
        let [of_people, of_vulnerable, of_sites, of_services] = self.factors;
        let source = heard.get(self.source).copied().unwrap_or_default();
        let at = |time: &crate::model::AtTime| {
            let counted = time.layers.get(source).copied().flatten().unwrap_or_default();
            let edge = |low: f64, high: f64| low + self.edge * (high - low);
            let uncounted = there.not_in_raster.at(time.by_day);
            let perhaps = there.perhaps_in_raster.at(time.by_day);
            edge(counted.low, counted.high) + uncounted + edge(0.0, perhaps)
        };
        let by_day = spread.times.iter().map(|time| time.by_day).fold(0.0, f64::max);
        let dependants = |of: crate::model::Burden| of.low + self.services * (of.high - of.low);
        let measured = there.measured.min(scheme.extent_load_cap);
        let bound = Bound {
            people: spread.times.iter().map(at).fold(0.0, f64::max) / of_people,
            vulnerable: there.vulnerable.at(by_day) / of_vulnerable,
            site_load: (there.load + measured) / of_sites,
            dependants: spread.dependants.map(|of| dependants(of) / of_services),
            gravest: there.gravest,
        };
        let weighted = aggregate::weigh(normalize::unclipped(&bound, scheme), self.weights);
        let floor = scheme.floors.of(bound.gravest);
        aggregate::unclipped(weighted, self.lambda, floor)
    }
}

/// People in sites: those who are always there, and those who are there by day.
#[derive(Debug, Clone, Copy, Default)]
struct Occupants {
    always: f64,
    day: f64,
}

impl Occupants {
    fn add(&mut self, site: &Presence, times: f64) {
        if site.is_day {
            self.day += times * site.occupants;
        } else {
            self.always += times * site.occupants;
        }
    }

    fn at(self, by_day: f64) -> f64 {
        self.always + by_day * self.day
    }
}

/// What the sites of an option that are there amount to.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    load: f64,
    measured: f64,
    vulnerable: Occupants,
    not_in_raster: Occupants,
    perhaps_in_raster: Occupants,
    gravest: Option<Tier>,
}

impl Standing {
    /// Adds a site so many times.
    fn add(&mut self, site: &Presence, times: f64) {
        if site.is_measured {
            self.measured += times * site.load;
        } else {
            self.load += times * site.load;
        }
        self.vulnerable.add(site, times);
        match site.in_raster {
            InRaster::No => self.not_in_raster.add(site, times),
            InRaster::Unknown => self.perhaps_in_raster.add(site, times),
            InRaster::Yes => {}
        }
        self.gravest = self.gravest.max(site.tier);
    }
}

/// The sites of all options.
struct Sites {
    /// What those amount to that are there for sure, of each option.
    sure: Vec<Standing>,
    /// Those that may be there.
    perhaps: Vec<Alike>,
}

/// Sites that may be there and are alike to every option: how many of them are is drawn at once, which is the same
/// as a coin for each.
struct Alike {
    count: u64,
    probable: f64,
    how_many: Binomial,
    /// What each of them is to which option.
    of: Vec<(usize, Presence)>,
}

/// What tells sites apart in a draw.
type Likeness = (u64, Vec<(usize, [u64; 2], Option<Tier>, [bool; 2], InRaster)>);

impl Sites {
    fn of(spreads: &[&Spread]) -> Self {
        let mut sure = vec![Standing::default(); spreads.len()];
        let mut perhaps: BTreeMap<usize, Vec<(usize, Presence)>> = BTreeMap::new();
        for (option, spread) in spreads.iter().enumerate() {
            for site in &spread.sites {
                if site.confidence >= 1.0 {
                    sure[option].add(site, 1.0);
                } else if site.confidence > 0.0 {
                    perhaps.entry(site.place).or_default().push((option, *site));
                }
            }
        }
        let mut alike: BTreeMap<Likeness, (u64, Vec<(usize, Presence)>)> = BTreeMap::new();
        for of in perhaps.into_values() {
            alike.entry(likeness(&of)).or_insert((0, of)).0 += 1;
        }
        let alike = alike.into_values().filter_map(|(count, of)| {
            let probable = of.first()?.1.confidence;
            let how_many = Binomial::new(count, probable).ok()?;
            Some(Alike { count, probable, how_many, of })
        });
        Self { sure, perhaps: alike.collect() }
    }

    /// What is there in one draw, of each option: a site is there for all options that it is in, or for none.
    fn standing(&self, coins: u64) -> Vec<Standing> {
        let mut standing = self.sure.clone();
        let mut coins = Pcg64::seed_from_u64(coins);
        for Alike { count, probable, how_many, of } in &self.perhaps {
            let there = match count {
                1 => u64::from(coins.random::<f64>() < *probable),
                _ => how_many.sample(&mut coins),
            };
            for (option, site) in of.iter().filter(|_| there > 0) {
                standing[*option].add(site, there as f64);
            }
        }
        standing
    }
}

fn likeness(of: &[(usize, Presence)]) -> Likeness {
    let confidence = of.first().map_or(0.0, |(_, site)| site.confidence);
    let alike = of.iter().map(|(option, site)| {
        let amounts = [site.load, site.occupants].map(f64::to_bits);
        (*option, amounts, site.tier, [site.is_measured, site.is_day], site.in_raster)
    });
    (confidence.to_bits(), alike.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scheme::of_the_method;
    use crate::model::{AtTime, Burden, Service};

    /// An option with burdens that are known; sites by tier.
    fn option(people: f64, vulnerable: f64, sites: &[(Tier, f64)], health: f64) -> Spread {
        let layers = vec![Some(Burden::exactly(people))];
        let site = |(place, (tier, load)): (usize, &(Tier, f64))| Presence {
            place: 100 * people as usize + place,
            tier: Some(*tier),
            confidence: 1.0,
            load: *load,
            is_measured: false,
            occupants: if place == 0 { vulnerable } else { 0.0 },
            is_day: false,
            in_raster: InRaster::Yes,
        };
        let mut dependants = [Burden::ZERO; 9];
        dependants[Service::Health as usize] = Burden::exactly(health);
        let sites = sites.iter().enumerate().map(site).collect();
        Spread { times: vec![AtTime { by_day: 1.0, layers }], sites, dependants }
    }

    /// The three options of METHOD §5 number 4.
    fn options() -> [Spread; 3] {
        [
            option(3_000.0, 0.0, &[], 3_000.0),
            option(1_200.0, 0.0, &[(Tier::T1, 100.0), (Tier::T2, 30.0)], 25_000.0),
            option(900.0, 200.0, &[(Tier::T3, 10.0)], 900.0),
        ]
    }

    /// Draws of weights and λ alone.
    fn counted(spreads: &[&Spread], count: u32, seed: u64) -> Robust {
        let scheme = of_the_method();
        let mut chooser = Pcg64::seed_from_u64(seed);
        let sites = Sites::of(spreads);
        let mut counts = Counts::new(spreads.len());
        let scores = (0..count).map(|_| -> Vec<f64> {
            let draw = Draw { factors: [1.0; 4], ..Draw::new(&mut chooser, 1) };
            let standing = sites.standing(draw.coins);
            let scores = spreads.iter().zip(&standing);
            scores.map(|(spread, there)| draw.score(spread, there, &[0], &scheme)).collect()
        });
        counts.add(&scores.collect::<Vec<_>>());
        counts.shares(f64::from(count))
    }

    #[test]
    fn worked_4_weights_and_lambda_alone_do_not_tell_a_from_c() {
        let options = options();
        let Robust { acceptability, less } = counted(&options.each_ref(), 100_000, 7);
        let first: Vec<String> = acceptability.iter().map(|b| format!("{:.2}", b[0])).collect();
        assert_eq!(first, ["0.41", "0.00", "0.59"]);
        assert!(acceptability[1][2] > 0.95, "B is robustly worst: {acceptability:?}");
        assert!(less[0][1] > 0.95 && less[2][1] > 0.95, "{less:?}");
        assert!((less[0][2] - acceptability[0][0]).abs() < 0.01);
    }

    #[test]
    fn shares_of_ranks_and_of_options_add_up() {
        let options = options();
        let Robust { acceptability, less } = counted(&options.each_ref(), 2_000, 3);
        for place in 0..3 {
            let of_option: f64 = acceptability[place].iter().sum();
            let of_rank: f64 = acceptability.iter().map(|ranks| ranks[place]).sum();
            assert!((of_option - 1.0).abs() < 1e-9 && (of_rank - 1.0).abs() < 1e-9);
            assert_eq!(less[place][place], 0.5);
            for (other, share) in less[place].iter().enumerate() {
                assert!((share + less[other][place] - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_same_option_twice_ties_in_every_draw() {
        let [one, _, _] = options();
        let Robust { acceptability, less } = counted(&[&one, &one.clone()], 500, 5);
        assert_eq!(less[0][1], 0.5);
        assert_eq!(acceptability, [[0.5, 0.5], [0.5, 0.5]]);
    }

    #[test]
    fn what_differs_by_rounding_alone_ties() {
        let [one, _, _] = options();
        let mut other = one.clone();
        other.times[0].layers[0] = Some(Burden::exactly(3_000.0 * (1.0 + 1e-12)));
        let Robust { less, .. } = counted(&[&one, &other], 500, 5);
        assert_eq!(less[0][1], 0.5);
    }

    #[test]
    fn beyond_a_goalpost_the_larger_is_still_the_larger() {
        let (many, more) = (option(2e6, 0.0, &[], 0.0), option(3e6, 0.0, &[], 0.0));
        let Robust { less, .. } = counted(&[&many, &more], 500, 5);
        assert_eq!(less[0][1], 1.0);
    }

    #[test]
    fn floors_hold_in_every_draw() {
        let hospital = option(10.0, 0.0, &[(Tier::T1, 100.0)], 0.0);
        let scheme = of_the_method();
        let mut chooser = Pcg64::seed_from_u64(1);
        let sites = Sites::of(&[&hospital]);
        for _ in 0..1_000 {
            let draw = Draw::new(&mut chooser, 1);
            let standing = sites.standing(draw.coins);
            assert!(draw.score(&hospital, &standing[0], &[0], &scheme) >= 60.0);
        }
    }

    #[test]
    fn weights_are_even_over_the_simplex_and_the_largest_is_one() {
        let mut chooser = Pcg64::seed_from_u64(11);
        let draws: Vec<Draw> = (0..40_000).map(|_| Draw::new(&mut chooser, 3)).collect();
        let count = draws.len() as f64;
        let mean = |of: &dyn Fn(&Draw) -> f64| draws.iter().map(of).sum::<f64>() / count;
        for k in 0..4 {
            let share = mean(&|draw| draw.weights[k] / draw.weights.iter().sum::<f64>());
            assert!((share - 0.25).abs() < 0.005, "{share}");
            // The variance of one of four parts of a flat Dirichlet is 3/80.
            let square =
                mean(&|draw| (draw.weights[k] / draw.weights.iter().sum::<f64>() - 0.25).powi(2));
            assert!((square - 3.0 / 80.0).abs() < 0.001, "{square}");
            let decades = mean(&|draw| draw.factors[k].log10());
            assert!(decades.abs() < 0.005);
        }
        assert!(draws.iter().all(|draw| draw.weights.contains(&1.0)));
        assert!((mean(&|draw| draw.lambda) - 0.5).abs() < 0.005);
        assert!((mean(&|draw| draw.source as f64) - 1.0).abs() < 0.02);
    }

    #[test]
    fn sites_that_are_alike_are_drawn_at_once_as_coins_would_be() {
        let site = |place: usize| Presence {
            place,
            tier: Some(Tier::T2),
            confidence: 0.9,
            load: 30.0,
            is_measured: false,
            occupants: 4.0,
            is_day: false,
            in_raster: InRaster::Unknown,
        };
        let spread = Spread { sites: (0..40).map(site).collect(), ..Spread::default() };
        let sites = Sites::of(&[&spread]);
        assert_eq!(sites.perhaps.len(), 1);
        let loads = (0..20_000).map(|coins| sites.standing(coins)[0].load / 30.0);
        let (mut sum, mut squares) = (0.0, 0.0);
        for count in loads {
            sum += count;
            squares += count * count;
        }
        let (mean, square) = (sum / 20_000.0, squares / 20_000.0);
        assert!((mean - 36.0).abs() < 0.05, "{mean}");
        assert!((square - mean * mean - 3.6).abs() < 0.15, "n·p·(1 − p): {}", square - mean * mean);
    }

    #[test]
    fn one_coin_a_site_for_all_options_with_its_probability() {
        let site = Presence {
            place: 4,
            tier: Some(Tier::T1),
            confidence: 0.3,
            load: 100.0,
            is_measured: false,
            occupants: 10.0,
            is_day: true,
            in_raster: InRaster::No,
        };
        let spread =
            |load: f64| Spread { sites: vec![Presence { load, ..site }], ..Spread::default() };
        let (one, two) = (spread(100.0), spread(7.0));
        let sites = Sites::of(&[&one, &two]);
        let mut there = 0;
        for coins in 0..10_000 {
            let standing = sites.standing(coins);
            assert_eq!(standing[0].load > 0.0, standing[1].load > 0.0);
            there += u32::from(standing[0].load > 0.0);
        }
        assert!((f64::from(there) / 10_000.0 - 0.3).abs() < 0.015, "{there}");
    }
}
