//! Everybody allotted to those who serve them, once for all areas; and the people of one area.

use super::givers::Givers;
use super::near::Near;
use super::residents::{Cluster, Residents};
use crate::error::ReadError;
use crate::index::Run;
use crate::measure::sphere::Direction;
use crate::measure::{Fixed, Sum};
use crate::model::{Burden, Progress, Service, Window};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// D: who depends on each site, in people.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dependants {
    /// By the place of the site; sites that serve nobody are left out.
    of_site: BTreeMap<usize, Burden>,
    /// People beyond the ground on which sites were looked for, of whom the site is the nearest that is listed.
    beyond: BTreeMap<usize, f64>,
    /// The same without what somebody does not share, where there is anything of that.
    open: Option<Box<Self>>,
}

/// Sums of the low, best and high world, and of those beyond the mapped ground.
type Sums = [Sum; 4];

/// Numbers that are kept of a giver.
const NUMBERS: usize = 4;

/// What each giver of each service has got so far.
type Got = BTreeMap<(usize, usize), Sums>;

impl Dependants {
    /// D of a site: the people who depend on it with every site present (low), with those at least as likely as
    /// not (best), and with it and the certain ones alone (high).
    #[must_use]
    pub fn of(&self, site: usize) -> Burden {
        self.of_site.get(&site).copied().unwrap_or(Burden::ZERO)
    }

    /// People beyond the ground on which sites were looked for, of whom a site is the nearest that is listed: they
    /// belong to the high bound of D alone.
    #[must_use]
    pub fn beyond(&self, site: usize) -> f64 {
        self.beyond.get(&site).copied().unwrap_or(0.0)
    }

    /// D of sites without what somebody does not share; that of all where everything is shared.
    #[must_use]
    pub fn open(&self) -> &Self {
        self.open.as_deref().unwrap_or(self)
    }

    /// As numbers that can be kept: low, best and high of each giver.
    #[must_use]
    pub fn to_numbers(&self, givers: &Givers) -> Vec<f64> {
        let of = |giver: &super::givers::Giver| {
            let Burden { low, best, high } = self.of(giver.site);
            [low, best, high, self.beyond(giver.site)]
        };
        let mut numbers: Vec<f64> = givers.all().flat_map(of).collect();
        if let (Some(open), Some(givers)) = (&self.open, givers.apart()) {
            numbers.extend(open.to_numbers(givers));
        }
        numbers
    }

    /// How many numbers are kept of givers.
    #[must_use]
    pub fn count_of_numbers(givers: &Givers) -> usize {
        NUMBERS * (givers.count() + givers.apart().map_or(0, Givers::count))
    }

    /// From numbers that were kept of the same givers; `None` if they are of others.
    #[must_use]
    pub fn from_numbers(numbers: &[f64], givers: &Givers) -> Option<Self> {
        let (numbers, rest) = numbers.split_at_checked(NUMBERS * givers.count())?;
        let open = match (givers.apart(), rest) {
            (None, []) => None,
            (None, _) => return None,
            (Some(givers), rest) => Some(Box::new(Self::from_numbers(rest, givers)?)),
        };
        let burden = |of: &[f64]| Burden { low: of[0], best: of[1], high: of[2] };
        let all = || givers.all().zip(numbers.chunks_exact(NUMBERS));
        let of_site = all().map(|(giver, of)| (giver.site, burden(of))).collect();
        let beyond = all().map(|(giver, of)| (giver.site, of[3])).filter(|(_, of)| *of > 0.0);
        Some(Self { of_site, beyond: beyond.collect(), open }.with_caseloads(givers))
    }

    /// Adds those whom sites without a catchment say that they look after.
    fn with_caseloads(mut self, givers: &Givers) -> Self {
        let caseloads = givers.caseloads.iter();
        self.of_site.extend(caseloads.map(|(site, people)| (*site, Burden::exactly(*people))));
        self
    }
}

/// Allots everybody: one pass over the people within reach of some site.
///
/// # Formula
///
/// ```text
/// D_i = Σ_c a_ci · n_c    in three worlds, see [`Dependants::of`]
/// ```
///
/// n: people of a cell, a: the share of them that depends on the site by the rule of the scheme. People beyond the
/// ground on which sites of the service were looked for count in the high world alone. Sums are exact in steps of
/// 2⁻²⁸ persons, so no order of work changes them.
///
/// # Source
///
/// METHOD §1, *Dependants*.
///
/// # Errors
///
/// If a block of the raster cannot be read.
pub fn allot(
    residents: &Residents,
    givers: &Givers,
    progress: &dyn Progress,
) -> Result<Dependants, ReadError> {
    let windows = in_reach(residents, givers);
    progress.stage("allotting people to services", windows.len() as u64);
    let all: Mutex<Got> = Mutex::default();
    let in_window = |window: &Window| {
        let got = of_window(residents, givers, *window)?;
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, sums) in got {
            let of = all.entry(place).or_default();
            of.iter_mut().zip(sums).for_each(|(sum, more)| sum.add(more));
        }
        progress.advance(1);
        Ok(())
    };
    windows.par_iter().try_for_each(in_window)?;
    let all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (mut of_site, mut beyond) = (BTreeMap::new(), BTreeMap::new());
    for ((service, place), sums) in all {
        let [low, best, high, outside] = sums.map(Sum::people);
        let site = givers.services[service].givers[place].site;
        of_site.insert(site, Burden { low, best, high });
        beyond.extend((outside > 0.0).then_some((site, outside)));
    }
    let open = givers.apart().map(|givers| allot(residents, givers, progress).map(Box::new));
    Ok(Dependants { of_site, beyond, open: open.transpose()? }.with_caseloads(givers))
}

/// The share of a raster that will be looked at: what lies within reach of some site.
#[must_use]
pub fn share_in_reach(residents: &Residents, givers: &Givers) -> f64 {
    let cells = |window: &Window| window.width() as f64 * window.height() as f64;
    let wanted: f64 = in_reach(residents, givers).iter().map(cells).sum();
    wanted / cells(&residents.whole()).max(1.0)
}

/// Large windows are looked at first: of a raster of the world few are near the sites of a country.
const LARGE_TILES: usize = 16;

/// The windows of a raster within reach of some site, as far as can be told without reading them.
fn in_reach(residents: &Residents, givers: &Givers) -> Vec<Window> {
    let near = |windows: Vec<Window>| -> Vec<Window> {
        let is_near = |window: &Window| is_in_reach(residents, givers, *window);
        windows.into_par_iter().filter(is_near).collect()
    };
    let large = near(residents.windows(residents.whole(), LARGE_TILES));
    near(large.into_iter().flat_map(|window| residents.windows(window, 1)).collect())
}

/// Whether somebody serves some cell of a window, as far as can be told without reading it.
fn is_in_reach(residents: &Residents, givers: &Givers, window: Window) -> bool {
    let Some((center, radius)) = residents.ball(window) else { return true };
    givers.services.iter().any(|of| {
        of.reach.is_some_and(|reach| {
            let nearest = of.tree.nearest_neighbor_iter_with_distance_2(center).next();
            nearest.is_some_and(|(_, squared)| squared.sqrt() <= reach + radius)
        })
    })
}

/// What the people of a window give.
fn of_window(residents: &Residents, givers: &Givers, window: Window) -> Result<Got, ReadError> {
    let (first, last) = window.cols;
    let runs: Vec<Run> =
        (window.rows.0..window.rows.1).map(|row| Run { row, first, last, share: 1.0 }).collect();
    loop {
        let mut got = Got::new();
        let mut see = |cluster: &Cluster| {
            for service in Service::ALL {
                if let Some(near) = Near::new(givers, service, cluster) {
                    let is_mapped = givers.is_mapped(service, (cluster.center, cluster.radius));
                    add_cluster(&near, (service, &*is_mapped), cluster, &mut got);
                }
            }
        };
        match residents.visit(&runs, &mut see)? {
            Ok(()) => return Ok(got),
            // From here on everything is read from the raster.
            Err(_rotten) => residents.index.distrust(),
        }
    }
}

fn add_cluster(
    near: &Near,
    (service, is_mapped): (Service, &dyn Fn(Direction) -> bool),
    cluster: &Cluster,
    got: &mut Got,
) {
    let mut sums: Vec<Sums> = vec![Sums::default(); near.givers().len()];
    for cell in &cluster.cells {
        let is_mapped = is_mapped(cell.at);
        near.share(cell.at, |place, [low, best, high]| {
            let shares =
                if is_mapped { [low, best, high, 0.0] } else { [0.0, 0.0, high.max(best), best] };
            for (sum, share) in sums[place].iter_mut().zip(shares) {
                if share >= 1.0 {
                    sum.add_steps(cell.steps);
                } else {
                    sum.add_share(share, Fixed(cell.steps));
                }
            }
        });
    }
    for ((place, _), sums) in near.givers().iter().zip(sums) {
        let of = got.entry((service as usize, *place)).or_default();
        of.iter_mut().zip(sums).for_each(|(sum, more)| sum.add(more));
    }
}

/// Adds what counts of a cluster, given the sites that matter to it.
type AddCluster<'f> = &'f dyn Fn(Option<&Near>, &Cluster, &mut Sum);

/// The people of one area, asked where their services come from.
pub struct People<'a> {
    /// Where people live.
    pub residents: &'a Residents<'a>,
    /// Who serves them.
    pub givers: &'a Givers,
    /// The cells of the area and how much of each is inside, sorted by row.
    pub runs: &'a [Run],
}

impl People<'_> {
    /// How many of them depend on sites of a service, each site counted by `r` of its place, in the best world.
    ///
    /// # Formula
    ///
    /// ```text
    /// Σ_c f_c·n_c · Σ_i a_ci · r_i
    /// ```
    ///
    /// # Errors
    ///
    /// If a block of the raster cannot be read.
    pub fn served(&self, service: Service, r: &dyn Fn(usize) -> f64) -> Result<f64, ReadError> {
        self.sum(service, &|near, cluster, sum| {
            let Some(near) = near else { return };
            let r: Vec<f64> = near.givers().iter().map(|(_, giver)| r(giver.site)).collect();
            let is_mapped = self.givers.is_mapped(service, (cluster.center, cluster.radius));
            for cell in cluster.cells.iter().filter(|cell| is_mapped(cell.at)) {
                let mut part = 0.0;
                near.share(cell.at, |place, [_, best, _]| part += best * r[place]);
                sum.add_share(cell.share * part, Fixed(cell.steps));
            }
        })
    }

    /// How many of them have no site of a service within reach, in the best world.
    ///
    /// # Errors
    ///
    /// If a block of the raster cannot be read.
    pub fn unserved(&self, service: Service) -> Result<f64, ReadError> {
        self.sum(service, &|near, cluster, sum| {
            for cell in &cluster.cells {
                if !near.is_some_and(|near| near.is_served(cell.at)) {
                    sum.add_share(cell.share, Fixed(cell.steps));
                }
            }
        })
    }

    /// Sums what `add` adds of each cluster.
    fn sum(&self, service: Service, add: AddCluster) -> Result<f64, ReadError> {
        loop {
            let mut sum = Sum::default();
            let mut see = |cluster: &Cluster| {
                let near = Near::new(self.givers, service, cluster);
                add(near.as_ref(), cluster, &mut sum);
            };
            match self.residents.visit(self.runs, &mut see)? {
                Ok(()) => return Ok(sum.people()),
                Err(_rotten) => self.residents.index.distrust(),
            }
        }
    }
}
