//! Sites as areas may count them.
//!
//! What a single area says of one site must not be what nobody may know. A site whose place is sensitive is
//! counted by every area that touches its *ground*, the 30″ blocks in which it lies, and so is one whose place
//! somebody does not share: more is shown than is there,
//! never less, and no row of small areas finds the site. What somebody does not share changes an area only by
//! classes of which it has three sites or more that everybody knows of; else the area counts what everybody knows.
//!
//! Source: METHOD §7.

use super::tally::Part;
use crate::index::SiteIndex;
use crate::measure::margin_degrees;
use crate::model::{Shown, Site, SiteClass, Sites};
use geo::{BoundingRect, Coord, Geometry, Rect};
use std::collections::BTreeMap;

/// So many blocks of 30″ make a degree.
const BLOCKS: f64 = 120.0;
/// So many sites of a class hide what somebody told of one.
pub(super) const ENOUGH: usize = 3;

/// The sites of a scenario, with what somebody does not share and without.
pub(super) struct Worlds<'a> {
    /// What everybody may know.
    pub(super) open: World<'a>,
    /// All that is known, if that is more.
    pub(super) all: Option<World<'a>>,
    pub(super) sites: &'a Sites,
}

/// Sites as they are known to some.
pub(super) struct World<'a> {
    sites: &'a Sites,
    /// What stands in the place of sites that are not counted as they are; `None` for one that is not known.
    instead: BTreeMap<usize, Option<Site>>,
    pub(super) index: SiteIndex,
}

impl<'a> Worlds<'a> {
    pub(super) fn new(sites: &'a Sites) -> Self {
        let is_hidden = |site: &Site| !matches!(site.shown, Shown::AsItIs);
        let is_any =
            sites.sites.iter().any(is_hidden) || sites.links.iter().any(|link| link.is_restricted);
        Self {
            open: World::new(sites, &Site::open),
            all: is_any.then(|| World::new(sites, &|site| Some(site))),
            sites,
        }
    }

    /// The class by which it is decided how a site is counted: that which everybody knows, if there is one.
    pub(super) fn class(&self, place: usize) -> Option<SiteClass> {
        let all = || self.all.as_ref().and_then(|all| all.site(place));
        self.open.site(place).or_else(all).map(|site| site.class)
    }

    /// The site of a part, as it is counted there.
    pub(super) fn of(&self, part: &Part) -> Option<&Site> {
        let world = self.all.as_ref().filter(|_| part.is_told).unwrap_or(&self.open);
        world.site(part.place)
    }
}

impl<'a> World<'a> {
    fn new(sites: &'a Sites, known: &dyn Fn(&Site) -> Option<&Site>) -> Self {
        let other = |(place, site): (usize, &'a Site)| match known(site) {
            None => Some((place, None)),
            Some(known) if known.is_sensitive || site.is_sensitive || is_placed(site, known) => {
                let geometry = ground(&known.geometry);
                Some((place, Some(Site { geometry, shown: Shown::AsItIs, ..known.clone() })))
            }
            Some(known) if std::ptr::eq(known, site) => None,
            Some(known) => Some((place, Some(known.clone()))),
        };
        let instead: BTreeMap<usize, Option<Site>> =
            sites.sites.iter().enumerate().filter_map(other).collect();
        let places = 0..sites.sites.len();
        let index = {
            let site = |place: usize| Some((place, site_of(sites, &instead, place)?));
            SiteIndex::new(places.filter_map(site))
        };
        Self { sites, instead, index }
    }

    /// A site by its place.
    pub(super) fn site(&self, place: usize) -> Option<&Site> {
        site_of(self.sites, &self.instead, place)
    }

    /// The sites whose bounds come within so many meters of these, ascending.
    pub(super) fn near(&self, bounds: impl Iterator<Item = [f64; 4]>, meters: f64) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for [west, south, east, north] in bounds {
            let [lon, lat] = margin_degrees(meters, [south, north]);
            let (west, east) = (west - lon, east + lon);
            // What lies near ±180 may lie on the other side.
            let beyond = [(360.0, west < -180.0), (-360.0, east > 180.0)];
            let turns =
                beyond.into_iter().filter(|(_, is_beyond)| *is_beyond).map(|(turn, _)| turn);
            for turn in turns.chain([0.0]) {
                let window = [west + turn, south - lat, east + turn, north + lat];
                found.append(&mut self.index.find(window));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn site_of<'s>(
    sites: &'s Sites,
    instead: &'s BTreeMap<usize, Option<Site>>,
    place: usize,
) -> Option<&'s Site> {
    match instead.get(&place) {
        Some(other) => other.as_ref(),
        None => sites.sites.get(place),
    }
}

/// Whether only a restricted answer tells where the site is.
fn is_placed(site: &Site, known: &Site) -> bool {
    site.open().is_none_or(|open| open.geometry != known.geometry)
}

/// The 30″ blocks in which something lies.
fn ground(geometry: &Geometry<f64>) -> Geometry<f64> {
    let Some(bounds) = geometry.bounding_rect() else { return geometry.clone() };
    let low = |degrees: f64| (degrees * BLOCKS).floor();
    // What lies on the border of two blocks lies in the one east or north of it.
    let high = |from: f64, degrees: f64| (degrees * BLOCKS).ceil().max(from + 1.0) / BLOCKS;
    let (west, south) = (low(bounds.min().x), low(bounds.min().y));
    let east_north =
        Coord { x: high(west, bounds.max().x), y: high(south, bounds.max().y).min(90.0) };
    let west_south = Coord { x: west / BLOCKS, y: south / BLOCKS };
    Geometry::Polygon(Rect::new(west_south, east_north).to_polygon())
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Point, line_string};

    fn bounds(geometry: &Geometry<f64>) -> [f64; 4] {
        let of = ground(geometry).bounding_rect().unwrap();
        [of.min().x, of.min().y, of.max().x, of.max().y].map(|degrees| degrees * BLOCKS)
    }

    #[test]
    fn every_place_of_a_block_has_one_ground() {
        let of = |x: f64, y: f64| bounds(&Geometry::Point(Point::new(x / BLOCKS, y / BLOCKS)));
        for (x, y) in [(12.0, -7.0), (12.5, -6.5), (12.999, -6.001)] {
            let found = of(x, y);
            for (found, wanted) in found.into_iter().zip([12.0, -7.0, 13.0, -6.0]) {
                assert!((found - wanted).abs() < 1e-9, "{x} {y}: {found} is not {wanted}");
            }
        }
        let line =
            line_string![(x: 1.2 / BLOCKS, y: 3.0 / BLOCKS), (x: 2.5 / BLOCKS, y: 3.5 / BLOCKS)];
        let found = bounds(&Geometry::LineString(line));
        assert!((found[0] - 1.0).abs() < 1e-9 && (found[2] - 3.0).abs() < 1e-9, "{found:?}");
    }
}
