//! Pencil worlds, and random ones beside an oracle that looks at every cell and every site.

use super::*;
use crate::error::ReadError;
use crate::index::{Blocks, Cells, Populations, Reader, Run, Source, Units};
use crate::measure::{CellSurfaces, Frame, Reference, significant};
use crate::model::scheme::of_the_method;
use crate::model::{
    AllotmentRule, Budget, Burden, CellState, Grid, Grounds, Link, NodataMeans, PopulationSource,
    Scheme, Service, Shown, Site, SiteClass, SiteLayer, Sites, Window,
};
use geo::{Geometry, Point};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A raster in memory.
#[derive(Clone)]
struct Raster {
    cols: usize,
    people: Vec<f64>,
}

impl Blocks for Raster {
    fn size(&self) -> (usize, usize) {
        (self.cols, self.people.len() / self.cols)
    }

    fn units(&self) -> Units {
        Units { width: 256, height: 64 }
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(self.clone()))
    }
}

impl Reader for Raster {
    fn read(&mut self, window: Window, cells: &mut Cells) -> Result<(), ReadError> {
        cells.clear(window.width() * window.height());
        for row in window.rows.0..window.rows.1 {
            for col in window.cols.0..window.cols.1 {
                cells.push(CellState::People(self.people[row * self.cols + col]));
            }
        }
        Ok(())
    }
}

/// Cells of a hundredth of a degree from a corner on.
fn source(origin: [f64; 2], cols: usize, people: Vec<f64>) -> Source {
    let rows = people.len() / cols;
    let frame = Frame { origin, size: [0.01, -0.01], cells: [cols, rows] };
    let grid = Grid { frame, reference: Reference::wgs84().unwrap() };
    let surfaces = CellSurfaces::of(grid.frame, &grid.reference).unwrap();
    let declared = PopulationSource {
        name: "people".into(),
        path: "people.tif".into(),
        grid,
        surfaces,
        nodata: Vec::new(),
        nodata_means: NodataMeans::Zero,
        nodata_means_declared: true,
    };
    let blocks = std::sync::Arc::new(Raster { cols, people });
    Source { declared, blocks, files: Vec::new(), identity: None }
}

/// A hospital unless told otherwise.
fn site(id: &str, at: [f64; 2], confidence: f64, capacity: Option<f64>) -> Site {
    Site {
        id: id.into(),
        name: None,
        address: None,
        class: SiteClass::Hospital,
        tier: None,
        rank: None,
        service: Some(Service::Health),
        is_numbered: false,
        geometry: Geometry::Point(Point::new(at[0], at[1])),
        confidence,
        occupancy: None,
        usual_occupants: 0.0,
        capacity,
        in_raster: None,
        observed_on: None,
        expires_on: None,
        layer: 0,
        rule: "".into(),
        caveat: None,
        is_sensitive: false,
        merged: None,
        shown: Shown::AsItIs,
    }
}

fn sites(all: Vec<Site>) -> Sites {
    let layers = vec![SiteLayer { name: "test".into(), register: None }];
    let grounds = std::sync::Arc::new(Grounds::everywhere(SiteClass::ALL.into()));
    Sites { layers, sites: all, grounds, ..Sites::default() }
}

fn allotted(source: &Source, sites: &Sites, scheme: &Scheme) -> Vec<Burden> {
    let sources = std::slice::from_ref(source);
    let populations = Populations::new(sources, Budget::UNLIMITED);
    let residents = Residents::new(&populations, 0).unwrap();
    let givers = Givers::new(sites, scheme);
    let dependants = allot(&residents, &givers, &()).unwrap();
    let kept = Dependants::from_numbers(&dependants.to_numbers(&givers), &givers).unwrap();
    let all = |of: &Dependants| (0..sites.sites.len()).map(|i| of.of(i)).collect::<Vec<_>>();
    assert_eq!(all(&kept), all(&dependants));
    all(&dependants)
}

/// km on the sphere of 6,371.0072 km, by another formula.
fn km(a: [f64; 2], b: [f64; 2]) -> f64 {
    let [lon, lat] = [(b[0] - a[0]).to_radians(), (b[1] - a[1]).to_radians()];
    let h = (lat / 2.0).sin().powi(2)
        + a[1].to_radians().cos() * b[1].to_radians().cos() * (lon / 2.0).sin().powi(2);
    2.0 * 6_371.007_180_9 * h.sqrt().asin()
}

/// D of every site in three worlds, by looking at every cell and site.
fn oracle(source: &Source, people: &[f64], sites: &Sites, scheme: &Scheme) -> Vec<Burden> {
    let grid = &source.declared.grid;
    let all = &sites.sites;
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|i| (&all[*i].id, *i));
    let mut known: Vec<f64> =
        all.iter().filter(|site| site.confidence > 0.0).filter_map(|site| site.capacity).collect();
    known.sort_by(f64::total_cmp);
    let median = match known.len() {
        0 => 1.0,
        n if n % 2 == 1 => known[n / 2],
        n => f64::midpoint(known[n / 2 - 1], known[n / 2]),
    };
    let radius = scheme.radius_km(Service::Health).unwrap();
    let share = |at: [f64; 2], i: usize, world: &dyn Fn(usize) -> bool| -> f64 {
        let place = |j: usize| match &all[j].geometry {
            Geometry::Point(at) => [at.x(), at.y()],
            _ => unreachable!(),
        };
        let near: Vec<usize> =
            order.iter().copied().filter(|j| world(*j) && km(at, place(*j)) <= radius).collect();
        if !near.contains(&i) {
            return 0.0;
        }
        let pull = |j: usize| all[j].capacity.unwrap_or(median) / km(at, place(j)).max(0.1).powi(2);
        match scheme.allotment {
            AllotmentRule::InverseSquare => pull(i) / near.iter().map(|j| pull(*j)).sum::<f64>(),
            AllotmentRule::Nearest => {
                let mut first = near[0];
                for j in near {
                    if km(at, place(j)) < km(at, place(first)) {
                        first = j;
                    }
                }
                if first == i { 1.0 } else { 0.0 }
            }
        }
    };
    let d = |i: usize, world: &dyn Fn(usize) -> bool| -> f64 {
        people
            .iter()
            .enumerate()
            .map(|(cell, people)| {
                let (row, col) = (cell / grid.cols(), cell % grid.cols());
                let at = grid.to_plane([col as f64 + 0.5, row as f64 + 0.5]);
                if *people > 0.0 { people * share(at, i, world) } else { 0.0 }
            })
            .sum()
    };
    let p = |j: usize| all[j].confidence;
    (0..all.len())
        .map(|i| Burden {
            low: if p(i) > 0.0 { d(i, &|j| p(j) > 0.0) } else { 0.0 },
            best: if p(i) >= 0.5 { d(i, &|j| p(j) >= 0.5) } else { 0.0 },
            high: if p(i) > 0.0 { d(i, &|j| p(j) >= 0.9 || j == i) } else { 0.0 },
        })
        .collect()
}

fn any_world() -> impl Strategy<Value = (Vec<f64>, Vec<Site>, Scheme, f64)> {
    let people = prop_oneof![2 => Just(0.0), 3 => 0.0..500.0_f64];
    let sureness = prop::sample::select(vec![0.0, 0.2, 0.4, 0.5, 0.7, 0.9, 1.0]);
    let place = (-0.05..0.65_f64, -0.35..0.05_f64);
    let one = (place, sureness, prop::option::of(1.0..500.0_f64));
    let sites = prop::collection::vec(one, 0..9);
    let rule = prop::sample::select(AllotmentRule::ALL.to_vec());
    let latitude = prop::sample::select(vec![0.2, 45.0, 64.0, -33.0]);
    let worlds = (prop::collection::vec(people, 60 * 30), sites, rule, 2.0..60.0_f64, latitude);
    worlds.prop_map(|(people, sites, rule, radius, latitude)| {
        let sites = sites.into_iter().enumerate();
        let sites = sites.map(|(i, ((x, y), p, capacity))| {
            site(&format!("s{}", (i * 7) % 10), [20.0 + x, latitude + y], p, capacity)
        });
        let mut scheme = of_the_method();
        scheme.allotment = rule;
        scheme.radius_km[Service::Health as usize] = Some(radius);
        (people, sites.collect(), scheme, latitude)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn everybody_is_allotted_as_the_slow_way_does((people, all, scheme, latitude) in any_world()) {
        let source = source([20.0, latitude], 60, people.clone());
        let sites = sites(all);
        let found = allotted(&source, &sites, &scheme);
        for (found, wanted) in found.iter().zip(oracle(&source, &people, &sites, &scheme)) {
            for (found, wanted) in [
                (found.low, wanted.low), (found.best, wanted.best), (found.high, wanted.high),
            ] {
                prop_assert!((found - wanted).abs() <= 1e-9 * wanted.max(1e3), "{found} {wanted}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn a_larger_set_of_sites_never_has_fewer_and_bounds_keep_their_order(
        people in prop::collection::vec(0.0..99.0_f64, 40),
        all in prop::collection::vec((20.0..20.1_f64, 44.95..45.0_f64, 0.01..=1.0_f64), 1..7),
        rule in prop::sample::select(AllotmentRule::ALL.to_vec()),
        inside in prop::collection::vec(any::<bool>(), 7),
        links in prop::collection::vec((0..7_usize, 0..7_usize, 0.0..=1.0_f64), 0..6),
    ) {
        let mut scheme = of_the_method();
        scheme.allotment = rule;
        let source = source([20.0, 45.0], 8, people.clone());
        let count = all.len();
        let all = all.into_iter().enumerate();
        let sites = sites(all.map(|(i, (x, y, p))| site(&format!("s{i}"), [x, y], p, None)).collect());
        let links: Vec<Link> = links
            .into_iter()
            .filter(|(from, to, _)| from != to && *from < count && *to < count)
            .map(|(from, to, theta)| Link { from, to, theta, is_restricted: false })
            .collect();
        let supply = Supply::new(&links);
        let d = allotted(&source, &sites, &scheme);
        let p = |i: usize| sites.sites[i].confidence;
        let total = |set: &[usize]| {
            let bound = |least: f64, of: &dyn Fn(&Burden) -> f64| {
                let is_there = |i: usize| p(i) >= least;
                let own = set.iter().filter(|i| is_there(**i)).map(|i| of(&d[*i])).sum::<f64>();
                own + supply.reach(set, is_there, |_| true).iter().map(|(i, r)| r * of(&d[*i])).sum::<f64>()
            };
            Burden {
                low: bound(0.9, &|d| d.low),
                best: bound(0.5, &|d| d.best),
                high: bound(0.0, &|d| d.high),
            }
        };
        let part: Vec<usize> = (0..count).filter(|i| inside[*i]).collect();
        let every: Vec<usize> = (0..count).collect();
        let (part, every) = (total(&part), total(&every));
        for of in [part, every] {
            prop_assert!(of.low <= of.best + 1e-6 && of.best <= of.high + 1e-6, "{of:?}");
        }
        prop_assert!(part.low <= every.low + 1e-6, "{part:?} {every:?}");
        prop_assert!(part.best <= every.best + 1e-6, "{part:?} {every:?}");
        prop_assert!(part.high <= every.high + 1e-6, "{part:?} {every:?}");
    }

    #[test]
    fn what_is_reached_is_the_least_fixed_point(
        links in prop::collection::vec((0..9_usize, 0..9_usize, 0.0..=1.0_f64), 0..25),
        from in prop::collection::btree_set(0..9_usize, 0..5),
        there in prop::collection::vec(any::<bool>(), 9),
    ) {
        let links: Vec<Link> = links
            .into_iter()
            .filter(|(from, to, _)| from != to)
            .map(|(from, to, theta)| Link { from, to, theta: significant(theta, 1), is_restricted: false })
            .collect();
        let mut r: Vec<f64> =
            (0..9).map(|i| if from.contains(&i) && there[i] { 1.0 } else { 0.0 }).collect();
        for _ in 0..9 {
            for Link { from, to, theta, .. } in &links {
                if there[*to] {
                    r[*to] = r[*to].max(theta * r[*from]);
                }
            }
        }
        let from: Vec<usize> = from.into_iter().collect();
        let reached: BTreeMap<usize, f64> =
            Supply::new(&links).reach(&from, |i| there[i], |_| true).into_iter().collect();
        for (i, r) in r.iter().enumerate().filter(|(i, _)| !from.contains(i)) {
            prop_assert!((reached.get(&i).copied().unwrap_or(0.0) - r).abs() < 1e-12, "{i}");
        }
    }
}

#[test]
fn cells_of_a_projected_grid_are_where_they_are_on_earth() {
    let reference = Reference::from_definition("EPSG:3057").unwrap();
    let frame = Frame { origin: [480_000.0, 520_000.0], size: [1000.0, -1000.0], cells: [40, 40] };
    let surfaces = CellSurfaces::of(frame, &reference).unwrap();
    let declared = PopulationSource {
        grid: Grid { frame, reference },
        surfaces,
        ..source([0.0, 0.0], 1, vec![0.0]).declared
    };
    let blocks = std::sync::Arc::new(Raster { cols: 40, people: vec![1.0; 1600] });
    let source = Source { declared, blocks, files: Vec::new(), identity: None };
    let mut scheme = of_the_method();
    scheme.radius_km[Service::Health as usize] = Some(8.0);
    // The corner of four cells in the middle, and a place far away.
    let middle = [-19.0, 65.0];
    let all = vec![site("a", middle, 1.0, None), site("b", [10.0, 50.0], 1.0, None)];
    let found = allotted(&source, &sites(all), &scheme);
    // So many halves and halves lie within 8 of the origin.
    assert_eq!(found[0], Burden::exactly(208.0));
    assert_eq!(found[1], Burden::ZERO);
}

/// Three settlements along a meridian, and hospitals so many km from them.
fn worked_2(with_second: bool, rule: AllotmentRule) -> f64 {
    // Each settlement by itself, so that its two distances are those of the method.
    let near = [[1.0, 3.0], [4.0, 1.0], [2.0, 6.0]];
    let mut scheme = of_the_method();
    scheme.allotment = rule;
    let degree = 6_371.007_180_9_f64.to_radians();
    let mut sum = 0.0;
    for ([first, second], people) in near.into_iter().zip([1000.0, 2000.0, 500.0]) {
        let source = source([20.0, 0.005], 1, vec![people]);
        let mut all = vec![site("H1", [20.005 + first / degree, 0.0], 1.0, Some(100.0))];
        if with_second {
            all.push(site("H2", [20.005 - second / degree, 0.0], 1.0, Some(300.0)));
        }
        sum += allotted(&source, &sites(all), &scheme)[0].best;
    }
    sum
}

#[test]
fn worked_number_2_of_the_method() {
    let shown = |number: f64| format!("{number:.1}");
    assert_eq!(shown(worked_2(true, AllotmentRule::InverseSquare)), "1165.8");
    assert_eq!(shown(worked_2(true, AllotmentRule::Nearest)), "1500.0");
    assert_eq!(shown(worked_2(false, AllotmentRule::InverseSquare)), "3500.0");
    // A substation feeds the only water works of 12,000 people.
    let reached = Supply::new(&[Link { from: 0, to: 1, theta: 0.6, is_restricted: false }]).reach(
        &[0],
        |_| true,
        |_| true,
    );
    assert_eq!(reached, [(1, 0.6)]);
    assert_eq!(shown(reached[0].1 * 12_000.0), "7200.0");
}

#[test]
fn an_area_knows_who_of_it_is_served_and_who_is_not() {
    let people = vec![10.0; 100];
    let source = source([20.0, 0.005], 100, people);
    let mut scheme = of_the_method();
    scheme.radius_km[Service::Health as usize] = Some(20.0);
    // One in the west, one in the middle that nobody is sure of; the east has none in reach.
    let all = vec![site("a", [20.1, 0.0], 1.0, None), site("b", [20.5, 0.0], 0.4, None)];
    let sites = sites(all);
    let sources = std::slice::from_ref(&source);
    let populations = Populations::new(sources, Budget::UNLIMITED);
    let residents = Residents::new(&populations, 0).unwrap();
    let givers = Givers::new(&sites, &scheme);
    let runs = [Run { row: 0, first: 5, last: 100, share: 1.0 }];
    let people = People { residents: &residents, givers: &givers, runs: &runs };
    // 20 km are 17.99 cells: of the cells behind the 5th those to the 27th.
    assert_eq!(people.served(Service::Health, &|_| 1.0).unwrap(), 230.0);
    assert_eq!(people.served(Service::Health, &|_| 0.5).unwrap(), 115.0);
    assert_eq!(people.served(Service::Health, &|_| 0.0).unwrap(), 0.0);
    assert_eq!(people.unserved(Service::Health).unwrap(), 720.0);
    assert_eq!(people.unserved(Service::Water).unwrap(), 950.0);
    let d = allot(&residents, &givers, &()).unwrap();
    assert_eq!(d.of(0), Burden { low: 280.0, best: 280.0, high: 280.0 });
    assert_eq!(d.of(1), Burden { low: 360.0, best: 0.0, high: 360.0 });
}
