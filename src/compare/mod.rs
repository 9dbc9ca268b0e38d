//! Which option exposes fewer: dominance, robustness, verdicts.
//!
//! Criteria come before totals: an option that exposes no more by any burden and less by one is the better
//! one whatever the weights. What is left is a matter of value judgements and of what is not known, so both
//! are drawn many times over, the same for all options, and it is counted how often each exposes fewer. A
//! verdict is a word for that share and nothing more.
//!
//! Options of which less is known are not ranked as if all were known: an option in which nobody looked at
//! some ground may seem to expose fewer because of that alone.
//!
//! Source: METHOD §4; SMAA-2 (Lahdelma and Salminen 2001), Tervonen and Lahdelma (2007).

mod dominance;
mod other_ways;
mod robust;
pub mod versions;

use crate::model::{
    Burden, Coa, Compared, Comparison, InRaster, NotRanked, Pair, Presence, Scheme, Status,
    Unclear, Verdict,
};
use crate::score::{self, Bound};
pub use other_ways::ranks;

/// From which share of draws on which word is said.
const WORDS: [(f64, Verdict); 3] =
    [(0.95, Verdict::Robust), (0.80, Verdict::Likely), (0.65, Verdict::Leaning)];

/// Amounts that differ by less than this share of them are the same.
const SAME: f64 = 1e-6;
/// Decimals of scores, in points: what they do not tell apart is no difference of options.
const DECIMALS: i32 = 4;

/// How often value judgements and what is not known are drawn, and what the draws follow from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    /// How many.
    pub count: u32,
    /// The same seed gives the same draws, on any number of threads.
    pub seed: u64,
}

impl Default for Draws {
    fn default() -> Self {
        Self { count: 20_000, seed: 1 }
    }
}

/// Puts options side by side; `unclear` are areas of which it is not clear where they belong. `sources` are the names of the declared population sources, and the place of
/// the primary among them.
#[must_use]
pub fn compare(
    coas: Vec<Coa>,
    unclear: Unclear,
    (sources, primary): (&[String], usize),
    scheme: &Scheme,
    draws: Draws,
) -> Comparison {
    let not_ranked: Vec<Option<NotRanked>> = coas.iter().map(why_not_ranked).collect();
    let ranked: Vec<usize> = (0..coas.len()).filter(|place| not_ranked[*place].is_none()).collect();
    let of_ranked: Vec<&Coa> = ranked.iter().map(|place| &coas[*place]).collect();
    let is_heard = |source: &usize| of_ranked.iter().all(|coa| is_told(coa, *source));
    let (heard, left_out): (Vec<usize>, Vec<usize>) = (0..sources.len()).partition(is_heard);
    let robust = robust::robust(&of_ranked, &heard, scheme, draws);
    let mut pairs = Vec::new();
    for (at, one) in ranked.iter().enumerate() {
        for (other, two) in ranked.iter().enumerate().skip(at + 1) {
            let one_less = robust.less[at][other];
            let pair = Pair { one: *one, two: *two, one_less, verdict: Verdict::Withheld };
            pairs.push(Pair { verdict: verdict(&pair, &coas), ..pair });
        }
    }
    let bounds: Vec<Option<Bound>> = coas
        .iter()
        .zip(&not_ranked)
        .map(|(coa, why)| why.is_none().then(|| best(coa, scheme)).flatten())
        .collect();
    let scores: Vec<Option<f64>> = bounds
        .iter()
        .map(|bound| bound.as_ref().map(|bound| score::score(bound, scheme).score))
        .collect();
    let own_ranks = ranks(&scores);
    let other_ways = other_ways::other_ways(&bounds, &own_ranks, scheme);
    let dominated = dominance::dominated(&coas, &ranked, primary, scheme);
    let less_known_than = |place: usize| -> Vec<usize> {
        let is_less =
            |other: &usize| ranked.contains(&place) && is_less_known(&coas[place], &coas[*other]);
        ranked.iter().copied().filter(is_less).collect()
    };
    let less_known: Vec<Vec<usize>> = (0..coas.len()).map(less_known_than).collect();
    let mut acceptability = robust.acceptability.into_iter();
    let told = not_ranked.into_iter().zip(less_known).zip(dominated).zip(own_ranks);
    let options = coas.into_iter().zip(told);
    let options =
        options.map(|(coa, (((not_ranked, less_known_than), dominated_by), rank))| Compared {
            acceptability: match not_ranked {
                None => acceptability.next().unwrap_or_default(),
                Some(_) => Vec::new(),
            },
            coa,
            not_ranked,
            less_known_than,
            dominated_by,
            rank,
        });
    let named = |places: Vec<usize>| places.into_iter().map(|of| sources[of].clone()).collect();
    Comparison {
        options: options.collect(),
        unclear,
        pairs,
        other_ways,
        draws: draws.count,
        seed: draws.seed,
        sources: named(heard),
        sources_left_out: named(left_out),
    }
}

/// Why an option is not ranked, if it is not.
fn why_not_ranked(coa: &Coa) -> Option<NotRanked> {
    let row = &coa.whole.row;
    match row.status {
        Status::NoGeometry | Status::Invalid => Some(NotRanked::NoFootprint),
        Status::NotAssessable => Some(NotRanked::TooLittleData(row.missing_share.unwrap_or(1.0))),
        _ if row.people.is_none() || coa.spread.times.is_empty() => Some(NotRanked::NoPeople),
        _ => None,
    }
}

/// Whether a source tells of an option at all of its times.
fn is_told(coa: &Coa, source: usize) -> bool {
    coa.spread.times.iter().all(|time| time.layers.get(source).copied().flatten().is_some())
}

/// Whether people or sites may be missing in one option such that it cannot be put before another.
fn is_less_known(one: &Coa, other: &Coa) -> bool {
    lacks_people(one, other) || one.lacks_beside(other).is_some()
}

/// Whether people may be missing in one option such that it cannot be put before another: areas that could not
/// be counted, whatever the other lacks; or more of its ground without data, by share or by surface, than a result
/// may have unsaid and than the other has.
fn lacks_people(one: &Coa, other: &Coa) -> bool {
    let share = |coa: &Coa| coa.whole.row.missing_share.unwrap_or(1.0);
    let km2 = |coa: &Coa| coa.whole.row.surface_km2.map_or(f64::INFINITY, |km2| km2 * share(coa));
    let is_more = |of: &dyn Fn(&Coa) -> f64| is_less(of(other), of(one));
    let has_gap = one.whole.row.status != Status::Ok && (is_more(&share) || is_more(&km2));
    has_gap || !one.whole.left_out.is_empty()
}

/// Whether one amount is less than another by more than what sums of the same people over other rings differ.
fn is_less(one: f64, other: f64) -> bool {
    one < other - SAME * other.abs()
}

/// A score in the least units that are told.
fn as_told(score: f64) -> f64 {
    (score * 10f64.powi(DECIMALS)).round()
}

/// The word for a pair.
fn verdict(pair: &Pair, coas: &[Coa]) -> Verdict {
    let (less, more, share) = pair.less_first();
    let word = WORDS.into_iter().find(|(least, _)| share >= *least).map(|(_, word)| word);
    match word {
        Some(_) if is_less_known(&coas[less], &coas[more]) => Verdict::Withheld,
        Some(word) => word,
        None => Verdict::Indistinguishable,
    }
}

/// The best burdens of an option; `None` where nobody knows its people.
fn best(coa: &Coa, scheme: &Scheme) -> Option<Bound> {
    let (row, spread) = (&coa.whole.row, &coa.spread);
    let there = spread.sites.iter().filter(|site| site.confidence >= scheme.existence.best);
    Some(Bound {
        people: row.people?.best,
        vulnerable: row
            .sites
            .as_ref()
            .map_or(0.0, |sites| sites.vulnerable.map_or(0.0, |of| of.best)),
        site_load: row.sites.as_ref().map_or(0.0, |sites| sites.load.map_or(0.0, |of| of.best)),
        dependants: spread.dependants.map(|of| of.best),
        gravest: there.filter_map(|site| site.tier).max(),
    })
}

/// People whom no raster counts of some sites, at a share of day: for sure, and as far as nobody says.
fn uncounted<'s>(sites: impl Iterator<Item = &'s Presence>, by_day: f64) -> Burden {
    let mut uncounted = Burden::ZERO;
    for site in sites {
        let occupants = if site.is_day { by_day * site.occupants } else { site.occupants };
        match site.in_raster {
            InRaster::No => uncounted = uncounted.map(|sum| sum + occupants),
            InRaster::Unknown => uncounted.high += occupants,
            InRaster::Yes => {}
        }
    }
    uncounted
}
