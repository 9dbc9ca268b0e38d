//! The laws of the score over random scenarios: people, sites of any sureness, services and supply links.
//!
//! Source: METHOD §3, *Laws*.

use crate::memory::{Memory, declared_on, polygon, unit_grid};
use civex::assess::{Inputs, assess};
use civex::depend::{Givers, Residents, Services, Supply, allot};
use civex::index::{Populations, Source};
use civex::measure::Reference;
use civex::model::{
    Area, AssessedArea, Budget, Burden, Distances, Grounds, Group, GroupSource, GroupTold,
    InRaster, Link, People, Scheme, Service, Shape, Shown, Site, SiteClass, SiteLayer, Sites,
};
use geo::{Geometry, MultiPolygon, Point};
use proptest::prelude::*;

const COLS: usize = 12;
const ROWS: usize = 10;

/// A scenario that anybody could have.
#[derive(Debug, Clone)]
struct World {
    people: Vec<f64>,
    sites: Vec<Site>,
    links: Vec<Link>,
    mapped: Vec<bool>,
    children: f64,
    /// How many women a raster of its own has, of all people.
    women: f64,
}

fn any_site() -> impl Strategy<Value = Site> {
    let place = (0.0..COLS as f64, 0.0..ROWS as f64);
    let class = prop::sample::select(SiteClass::ALL.to_vec());
    let sureness = prop::sample::select(vec![0.1, 0.4, 0.5, 0.8, 0.9, 1.0]);
    let in_raster = prop::sample::select(vec![None, Some(InRaster::Yes), Some(InRaster::No)]);
    let numbers = (prop::option::of(0.0..900.0_f64), prop::option::of(1.0..900.0_f64));
    (place, class, sureness, in_raster, numbers).prop_map(
        |((x, y), class, confidence, in_raster, (occupancy, capacity))| {
            let rule = civex::read::scheme::built_in().rule(class);
            Site {
                id: format!("{x:.6}"),
                name: None,
                address: None,
                class,
                tier: rule.tier,
                rank: rule.tier,
                service: class.service(),
                is_numbered: false,
                geometry: Geometry::Point(Point::new(x, y)),
                confidence,
                occupancy,
                usual_occupants: rule.occupants,
                capacity,
                in_raster,
                observed_on: None,
                expires_on: None,
                layer: 0,
                rule: "".into(),
                caveat: None,
                is_sensitive: class.is_sensitive(),
                merged: None,
                shown: Shown::AsItIs,
            }
        },
    )
}

fn any_world() -> impl Strategy<Value = World> {
    let cell = prop_oneof![2 => Just(0.0), 2 => 0.0..50.0_f64, 1 => 50.0..20_000.0_f64];
    let people = prop::collection::vec(cell, COLS * ROWS);
    let sites = prop::collection::vec(any_site(), 0..16);
    let links = prop::collection::vec((0..16_usize, 0..16_usize, 0.0..=1.0_f64), 0..8);
    let mapped = prop::collection::vec(any::<bool>(), SiteClass::ALL.len());
    (people, sites, links, mapped, (0.0..=1.0_f64, 0.0..=2.0_f64)).prop_map(
        |(people, sites, links, mapped, (children, women))| {
            let count = sites.len();
            let links = links
                .into_iter()
                .filter(|(from, to, _)| from != to && *from < count && *to < count)
                .map(|(from, to, theta)| Link { from, to, theta, is_restricted: false })
                .collect();
            World { people, sites, links, mapped, children, women }
        },
    )
}

/// A rectangle by two corners.
fn area(id: &str, [west, south, east, north]: [f64; 4]) -> Area {
    let shell = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    let shape = Shape::drawn(MultiPolygon(vec![polygon(&shell, &[])]));
    Area { feature: 1, id: id.into(), shape, ..Area::default() }
}

/// The rows of areas in a world.
fn assessed(world: &World, areas: &[Area], scheme: &Scheme) -> Vec<AssessedArea> {
    let source = |factor: f64| Source {
        declared: declared_on(unit_grid(COLS, ROWS, -1.0, "EPSG:4326")),
        blocks: std::sync::Arc::new(Memory::of_people(
            COLS,
            &world.people.iter().map(|people| people * factor).collect::<Vec<_>>(),
        )),
        files: Vec::new(),
        identity: None,
    };
    let sources = [source(1.0), source(world.women)];
    let populations = Populations::new(&sources, Budget::UNLIMITED);
    let mut mapped: std::collections::BTreeSet<SiteClass> =
        world.sites.iter().map(|site| site.class).collect();
    let others = SiteClass::ALL.into_iter().zip(&world.mapped).filter(|(_, is)| **is);
    mapped.extend(others.map(|(class, _)| class));
    let sites = Sites {
        layers: vec![SiteLayer { name: "sites".into(), register: None }],
        sites: world.sites.clone(),
        grounds: std::sync::Arc::new(Grounds::everywhere(mapped.clone())),
        mapped,
        links: world.links.clone(),
        ..Sites::default()
    };
    let told = GroupTold::Share(world.children);
    let women = GroupTold::Rasters(vec![(1, 1.0)]);
    let groups = vec![
        GroupSource { group: Group::Children, told },
        GroupSource { group: Group::WomenGirls, told: women },
    ];
    let people = People { groups, ..People::of_one(0) };
    let residents = Residents::new(&populations, 0).unwrap();
    let givers = Givers::new(&sites, scheme);
    let dependants = allot(&residents, &givers, &()).unwrap();
    let supply = Supply::new(&sites.links);
    let services = Services {
        residents: &residents,
        givers: &givers,
        dependants: &dependants,
        supply: &supply,
    };
    let inputs = Inputs {
        file: "areas",
        areas: areas.to_vec(),
        reference: &Reference::wgs84().unwrap(),
        distances: &Distances::default(),
        populations: &populations,
        people: &people,
        sites: Some(&sites),
        services: Some(&services),
        scheme,
        timezone: None,
    };
    assess(inputs, &()).unwrap().rows
}

/// Every burden of a row, and its score.
fn burdens(row: &AssessedArea) -> Vec<(String, Burden)> {
    let sites = row.sites.as_ref().unwrap();
    let score = &row.score;
    let score =
        Burden { low: score.low.unwrap(), best: score.best.unwrap(), high: score.high.unwrap() };
    let mut all = vec![
        ("people".to_string(), row.people.unwrap()),
        ("vulnerable".into(), sites.vulnerable.unwrap_or_default()),
        ("load".into(), sites.load.unwrap_or_default()),
        ("children".into(), row.groups[0].unwrap()),
        ("women".into(), row.groups[1].unwrap()),
        ("score".into(), score),
    ];
    for (service, burden) in Service::ALL.into_iter().zip(sites.dependants) {
        all.push((service.name().into(), burden.unwrap_or_default()));
    }
    all
}

/// A little more than rounding of sums in steps of fixed point.
const LITTLE: f64 = 1e-6;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_laws_of_the_score_hold_in_any_world(
        world in any_world(),
        west in 0..5_u8, south in 0..4_u8, width in 1..4_u8, height in 1..3_u8,
        radius in 60.0..400.0_f64,
    ) {
        let mut scheme = civex::read::scheme::built_in();
        // Cells are a degree wide.
        for reach in scheme.radius_km.iter_mut().flatten() {
            *reach += radius;
        }
        let [west, south] = [west, south].map(f64::from);
        let (east, north) = (west + f64::from(width) + 0.25, south + f64::from(height) + 0.75);
        let part = area("part", [west, south, east, north]);
        let whole = area("whole", [west, south, east + 2.5, north + 1.5]);
        let beside = area("beside", [east, south, east + 2.5, north]);
        let both = area("both", [west, south, east + 2.5, north]);
        let rows = assessed(&world, &[part.clone(), whole, beside, both], &scheme);
        let alone = assessed(&world, &[part], &scheme);
        prop_assert_eq!(burdens(&rows[0]), burdens(&alone[0]), "other areas change nothing");
        for row in &rows {
            for (name, Burden { low, best, high }) in burdens(row) {
                prop_assert!(low <= best + LITTLE && best <= high + LITTLE, "{} {} {} {}", name, low, best, high);
                prop_assert!(low >= 0.0 && high.is_finite());
            }
            let all = row.people.unwrap();
            for group in row.groups.iter().flatten() {
                prop_assert!(group.low <= all.low + LITTLE && group.best <= all.best + LITTLE);
                prop_assert!(group.high <= all.high + LITTLE, "{:?} of {:?}", group, all);
            }
            let score = row.score.best.unwrap();
            prop_assert!((0.0..=100.0).contains(&score));
            let parts = row.score.contributions.unwrap();
            let sum: f64 = parts.by_dimension().into_iter().flatten().sum();
            prop_assert!((sum - score).abs() < 1e-9, "{} {}", sum, score);
            prop_assert!(row.score.topics.iter().flatten().all(|topic| *topic <= score + LITTLE));
            let sites = row.sites.as_ref().unwrap();
            let most = sites.dependants.into_iter().flatten().map(|d| d.best).fold(0.0, f64::max);
            prop_assert!(sites.dependants_outside.unwrap() <= most + LITTLE);
            let width = row.score.high.unwrap() - row.score.low.unwrap();
            for gap in &row.gaps {
                let value = gap.value.unwrap_or(0.0);
                prop_assert!((0.0..=width + LITTLE).contains(&value), "{:?} of {}", gap, width);
            }
        }
        for ((name, part), (_, whole)) in burdens(&rows[0]).into_iter().zip(burdens(&rows[1])) {
            prop_assert!(part.low <= whole.low + LITTLE, "{} {:?} {:?}", name, part, whole);
            prop_assert!(part.best <= whole.best + LITTLE, "{} {:?} {:?}", name, part, whole);
            prop_assert!(part.high <= whole.high + LITTLE, "{} {:?} {:?}", name, part, whole);
        }
        // Sites on the border they share belong to both.
        // Of sensitive sites every place in their block does.
        let is_shared = |site: &Site| match &site.geometry {
            Geometry::Point(at) => {
                (at.x() - east).abs() < if site.is_sensitive { 1.0 / 119.0 } else { 1e-9 }
            }
            _ => true,
        };
        if !world.sites.iter().any(is_shared) {
            let of = |row: &AssessedArea| {
                let uncounted = burdens(row);
                (uncounted[0].1.best, uncounted[2].1.best)
            };
            let (one, two, both) = (of(&rows[0]), of(&rows[2]), of(&rows[3]));
            prop_assert!((one.0 + two.0 - both.0).abs() < 1e-4, "people add up");
            // But for what is measured, which has a cap.
            let is_measured = |site: &Site| site.class.counted() != civex::model::Counted::Each;
            if !world.sites.iter().any(is_measured) {
                prop_assert!((one.1 + two.1 - both.1).abs() < 1e-6, "load adds up");
            }
        }
    }
}
