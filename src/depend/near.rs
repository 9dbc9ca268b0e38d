//! The givers that matter to a cluster of cells, and how the people of a cell are shared among them.

use super::givers::{Giver, Givers, OfService, Sureness};
use super::residents::Cluster;
use crate::measure::sphere::{Direction, chord_squared, km_of_chord};
use crate::model::{AllotmentRule, Service};

/// People nearer than this are as near as this, in km.
const NEAREST_KM: f64 = 0.1;

/// The givers of one service that may serve some cell of a cluster, in the order of ties.
pub(super) struct Near<'g> {
    givers: Vec<(usize, &'g Giver)>,
    /// Square of the chord of the service's reach.
    reach: f64,
    rule: AllotmentRule,
    radius_km: f64,
}

/// What share of a cell's people depends on a giver, in the low, best and high world.
pub(super) type Shares = [f64; 3];

impl<'g> Near<'g> {
    /// The givers that matter to a cluster; `None` if none does.
    pub(super) fn new(givers: &'g Givers, service: Service, cluster: &Cluster) -> Option<Self> {
        let of = &givers.services[service as usize];
        let reach = of.reach.filter(|_| !of.givers.is_empty())?;
        let places = match givers.rule {
            AllotmentRule::Nearest => nearest(of, reach, cluster),
            AllotmentRule::InverseSquare => within(of, reach + cluster.radius, cluster.center),
        };
        let givers_near: Vec<(usize, &Giver)> =
            places.into_iter().map(|place| (place, &of.givers[place])).collect();
        (!givers_near.is_empty()).then_some(Self {
            givers: givers_near,
            reach: reach * reach,
            rule: givers.rule,
            radius_km: givers.radius_km,
        })
    }

    /// The givers, each by its place among those of its service.
    pub(super) fn givers(&self) -> &[(usize, &'g Giver)] {
        &self.givers
    }

    /// Shares the people of a place: calls back with the place of a giver in [`Near::givers`] and its shares.
    ///
    /// # Formula
    ///
    /// ```text
    /// nearest:         a = 1 for the nearest within reach, the smaller id of two as near, else 0
    /// inverse square:  a_i = Q_i·k(d_i) / Σ_j Q_j·k(d_j),  k = d⁻², d ≥ 0.1 km, j within reach
    /// low: every site present; best: p ≥ 0.5; high: p ≥ 0.9 and the site itself
    /// ```
    pub(super) fn share(&self, at: Direction, mut give: impl FnMut(usize, Shares)) {
        match self.rule {
            AllotmentRule::Nearest => self.share_to_nearest(at, &mut give),
            AllotmentRule::InverseSquare => self.share_by_distance(at, &mut give),
        }
    }

    /// Whether somebody serves a place in the best world.
    pub(super) fn is_served(&self, at: Direction) -> bool {
        self.givers.iter().any(|(_, giver)| {
            giver.sureness >= Sureness::Likely && chord_squared(giver.at, at) <= self.reach
        })
    }

    fn share_to_nearest(&self, at: Direction, give: &mut dyn FnMut(usize, Shares)) {
        // The nearest of those at least so sure; the first of two as near, in the order of ties.
        let mut nearest = [(f64::INFINITY, usize::MAX); 3];
        for (place, (_, giver)) in self.givers.iter().enumerate() {
            let far = chord_squared(giver.at, at);
            if far > self.reach {
                continue;
            }
            for of in nearest[..=giver.sureness as usize].iter_mut().filter(|of| far < of.0) {
                *of = (far, place);
            }
        }
        let [possible, likely, certain] = nearest;
        if possible.1 == usize::MAX {
            return;
        }
        let is = |place: usize, of: (f64, usize)| if place == of.1 { 1.0 } else { 0.0 };
        if possible.1 == certain.1 {
            return give(certain.1, [1.0; 3]);
        }
        for (place, (_, giver)) in self.givers.iter().enumerate() {
            let far = chord_squared(giver.at, at);
            let is_first = far <= self.reach && (far, place) <= certain;
            if is_first {
                // The only one that is not certain in a world of certain ones, or the first of these.
                let high =
                    if giver.sureness < Sureness::Certain { 1.0 } else { is(place, certain) };
                give(place, [is(place, possible), is(place, likely), high]);
            }
        }
    }

    fn share_by_distance(&self, at: Direction, give: &mut dyn FnMut(usize, Shares)) {
        // Σ Q·k over those at least so sure.
        let mut sums = [0.0; 3];
        let pull = |giver: &Giver| {
            let far = chord_squared(giver.at, at);
            let km = km_of_chord(far.sqrt(), self.radius_km).max(NEAREST_KM);
            (far <= self.reach).then(|| giver.capacity / (km * km))
        };
        for (_, giver) in &self.givers {
            if let Some(pull) = pull(giver) {
                sums[..=giver.sureness as usize].iter_mut().for_each(|sum| *sum += pull);
            }
        }
        let [possible, likely, certain] = sums;
        let part = |pull: f64, of: f64| if of > 0.0 { pull / of } else { 0.0 };
        for (place, (_, giver)) in self.givers.iter().enumerate() {
            let Some(pull) = pull(giver) else { continue };
            let is_likely = giver.sureness >= Sureness::Likely;
            let best = if is_likely { part(pull, likely) } else { 0.0 };
            let is_certain = giver.sureness == Sureness::Certain;
            let high = if is_certain { certain } else { certain + pull };
            give(place, [part(pull, possible), best, part(pull, high)]);
        }
    }
}

impl Givers {
    /// Whether a site that is at least as likely as not serves every place within `radius` of `center` (both on
    /// the sphere, the radius along the chord), so that nobody there need be asked.
    #[must_use]
    pub fn serves_all(&self, service: Service, center: Direction, radius: f64) -> bool {
        let of = &self.services[service as usize];
        let within_chord = of.reach.map_or(-1.0, |reach| reach - radius);
        within_chord >= 0.0
            && within(of, within_chord, center)
                .into_iter()
                .any(|place| of.givers[place].sureness >= Sureness::Likely)
    }
}

/// The givers that may be the nearest to some cell of a cluster in some world, in the order of ties.
fn nearest(of: &OfService, reach: f64, cluster: &Cluster) -> Vec<usize> {
    let Cluster { center, radius, .. } = *cluster;
    let mut places = Vec::new();
    // Behind a certain giver nobody matters who is farther from every cell than it is.
    let mut limit = reach + radius;
    for (point, squared) in of.tree.nearest_neighbor_iter_with_distance_2(center) {
        let far = squared.sqrt();
        if far > limit {
            break;
        }
        let place = point.data as usize;
        let is_certain = of.givers[place].sureness == Sureness::Certain;
        // It serves no cell unless it is in reach of all of them.
        if is_certain && far + radius <= reach {
            limit = limit.min(far + 2.0 * radius + 1e-12);
        }
        places.push(place);
    }
    places.sort_unstable();
    places
}

/// The givers within a chord of a place, in the order of ties.
fn within(of: &OfService, chord: f64, center: Direction) -> Vec<usize> {
    let found = of.tree.locate_within_distance(center, chord * chord);
    let mut places: Vec<usize> = found.map(|point| point.data as usize).collect();
    places.sort_unstable();
    places
}
