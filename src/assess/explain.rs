//! One score taken apart, down to sites and blocks of people.
//!
//! The parts add up: dimensions to the score, sites to their two dimensions, blocks and occupants to people.
//!
//! Source: METHOD §3, *Contributions*; what may be told of sites is decided where it is written (§7).

use super::row::{Context, Detail, runs_of};
use super::tally::Part;
use super::weigh::{Known, LEAST_PEOPLE, Weighed};
use crate::error::ReadError;
use crate::index::{Lattice, PopulationIndex, Rotten, Run};
use crate::intersect::Footprint;
use crate::measure::{Fixed, Sum, to_wgs84};
use crate::model::{
    AssessedArea, Dimension, Explained, Grid, MadeOf, OfBlock, OfDimension, OfService, OfSite,
    Rest, Service, Without,
};
use crate::score::contributions::contributions;
use crate::score::{aggregate, normalize};
use geo::MultiPolygon;
use std::collections::BTreeMap;

/// A change of the boundary can spare sites up to so many meters from it.
const NEAR_M: f64 = 2_000.0;
/// And of so many it is told.
const MOST_NEAR: usize = 20;

/// Takes the score of an area apart.
///
/// # Errors
///
/// If a block of a raster cannot be read.
pub(super) fn explained(
    row: AssessedArea,
    detail: Option<Detail>,
    context: &Context,
) -> Result<Explained, ReadError> {
    let made_of = match detail {
        Some(detail) if detail.weighed.people.is_some() => Some(made_of(&row, &detail, context)?),
        _ => None,
    };
    Ok(Explained { row, made_of })
}

fn made_of(row: &AssessedArea, detail: &Detail, context: &Context) -> Result<MadeOf, ReadError> {
    let Detail { weighed, parts, .. } = detail;
    let scheme = context.scheme;
    let (best, scored) = (&weighed.bounds[1], &weighed.scored[1]);
    let phi = contributions(best, scheme);
    let weighted = aggregate::weigh(scored.dimensions, scheme.dimension_weights);
    let largest = weighted.into_iter().fold(0.0, f64::max);
    let rest = (weighted.iter().sum::<f64>() - largest) / 3.0;
    let dimensions = Dimension::ALL.map(|dimension| OfDimension {
        dimension,
        burden: burden_of(dimension, weighed),
        points: scored.dimensions[dimension as usize],
        weight: scheme.dimension_weights[dimension as usize],
        part: phi[dimension as usize],
    });
    let of_people = |people: f64| {
        let all = best.people;
        if all > 0.0 { phi[Dimension::People as usize] * people / all } else { 0.0 }
    };
    let (mut blocks, mut sparse) = (Vec::new(), Rest::default());
    for (center, people) in blocks_of(detail, context)? {
        let part = of_people(people);
        if people >= LEAST_PEOPLE {
            blocks.push(OfBlock { center, people, part });
        } else {
            sparse.count += 1;
            sparse.people += people;
            sparse.part += part;
        }
    }
    let uncounted = weighed.tally.uncounted.best;
    let is_uncounted = |part: &&Part| {
        part.in_raster == crate::model::InRaster::No && part.confidence >= scheme.existence.best
    };
    let uncounted = Rest {
        count: parts.iter().filter(is_uncounted).count(),
        people: uncounted,
        part: of_people(uncounted),
    };
    Ok(MadeOf {
        dimensions,
        largest,
        rest,
        floor: best.gravest.map(|tier| (tier, scheme.floors.of(Some(tier)))),
        services: services_of(weighed, phi[Dimension::Services as usize], context),
        driving: scored.service,
        sites: sites_of(parts, weighed, phi, context),
        blocks,
        sparse,
        uncounted,
        without: without(row, detail, context),
        expected_load: weighed.unknowns,
    })
}

fn burden_of(dimension: Dimension, weighed: &Weighed) -> crate::model::Burden {
    match dimension {
        Dimension::People => weighed.people.unwrap_or_default(),
        Dimension::Vulnerable => weighed.tally.vulnerable,
        Dimension::Sites => weighed.load(),
        Dimension::Services => weighed.scored[1]
            .service
            .map(|service| weighed.tally.dependants[service as usize])
            .unwrap_or_default(),
    }
}

fn services_of(weighed: &Weighed, phi: f64, context: &Context) -> Vec<OfService> {
    let driving = weighed.scored[1].service;
    let of = |service: Service| {
        let dependants = weighed.tally.dependants[service as usize];
        let goalpost = context.scheme.goalposts.dependants;
        (dependants.high > 0.0).then(|| OfService {
            service,
            dependants,
            first_order: weighed.tally.first_order[service as usize].best,
            points: context.scheme.service_weight(service)
                * normalize::logarithmic(dependants.best, goalpost),
            part: if driving == Some(service) { phi } else { 0.0 },
        })
    };
    Service::ALL.into_iter().filter_map(of).collect()
}

/// The sites of the best set with their parts of the score.
fn sites_of(parts: &[Part], weighed: &Weighed, phi: [f64; 4], context: &Context) -> Vec<OfSite> {
    let scheme = context.scheme;
    let there = || parts.iter().filter(|part| part.confidence >= scheme.existence.best);
    // Those that are measured weigh together no more than the cap.
    let measured: f64 = there().filter(|part| part.is_measured).map(|part| part.load).sum();
    let capped = if measured > 0.0 { measured.min(scheme.extent_load_cap) / measured } else { 1.0 };
    let (load, vulnerable) = (weighed.tally.load.best, weighed.tally.vulnerable.best);
    let share = |part: f64, of: f64| if of > 0.0 { part / of } else { 0.0 };
    let of = |part: &Part| {
        let own = if part.is_measured { part.load * capped } else { part.load };
        OfSite {
            place: part.place,
            load: own,
            part: phi[Dimension::Sites as usize] * share(own, load),
            occupants: part.occupants,
            occupants_part: phi[Dimension::Vulnerable as usize] * share(part.occupants, vulnerable),
            is_told: part.is_told,
        }
    };
    there().map(of).collect()
}

/// People of the area in each block of its primary source, with the middle of the block.
fn blocks_of(detail: &Detail, context: &Context) -> Result<Vec<([f64; 2], f64)>, ReadError> {
    let blocks = Blocks::of(context);
    let people = blocks.people(detail, context)?;
    Ok(people.into_iter().map(|(block, people)| (blocks.middle(block), people)).collect())
}

/// The blocks of the primary source's grid.
pub(super) struct Blocks<'a> {
    grid: &'a Grid,
    lattice: Lattice,
}

impl<'a> Blocks<'a> {
    pub(super) fn of(context: &Context<'a>) -> Self {
        let grid = context.populations.grids()[context.primary_grid()];
        Self { grid, lattice: Lattice::of(grid) }
    }

    /// The grid that they are of.
    pub(super) const fn grid(&self) -> &'a Grid {
        self.grid
    }

    /// The block of a cell.
    pub(super) fn of_cell(&self, cell: [usize; 2]) -> [usize; 2] {
        self.lattice.block(cell)
    }

    /// People of an area in each block where there are any.
    pub(super) fn people(
        &self,
        detail: &Detail,
        context: &Context,
    ) -> Result<BTreeMap<[usize; 2], f64>, ReadError> {
        let runs = runs_of(&detail.zone);
        let mut people: BTreeMap<[usize; 2], f64> = BTreeMap::new();
        for (source, weight) in &detail.weights {
            let Some((stack, channel)) = context.populations.of_source(*source) else { continue };
            // Of one grid: another has other blocks.
            if stack.grid != context.primary_grid() {
                continue;
            }
            let sums = loop {
                match sums_of((&stack.index, channel), detail, &runs, &self.lattice)? {
                    Ok(sums) => break sums,
                    Err(Rotten) => stack.index.distrust(),
                }
            };
            for (block, sum) in sums {
                *people.entry(block).or_default() += weight * sum.people();
            }
        }
        people.retain(|_, people| *people > 0.0);
        Ok(people)
    }

    /// The corners of a block in WGS 84, as far as the grid goes: north-west, north-east, south-east, south-west
    /// in a grid that is read from its north-west corner.
    pub(super) fn corners(&self, block: [usize; 2]) -> [[f64; 2]; 4] {
        let [[top, left], [bottom, right]] = self.ends(block);
        [[left, top], [right, top], [right, bottom], [left, bottom]].map(|at| self.carried(at))
    }

    /// The middle of a block in WGS 84.
    pub(super) fn middle(&self, block: [usize; 2]) -> [f64; 2] {
        let [[top, left], [bottom, right]] = self.ends(block);
        self.carried([f64::midpoint(left, right), f64::midpoint(top, bottom)])
    }

    /// The first row and column of a block, and those behind its last.
    fn ends(&self, [row, col]: [usize; 2]) -> [[f64; 2]; 2] {
        let [top, left] = self.lattice.first_cell([row, col]);
        let [bottom, right] = self.lattice.first_cell([row + 1, col + 1]);
        let (bottom, right) = (bottom.min(self.grid.rows()), right.min(self.grid.cols()));
        [[top as f64, left as f64], [bottom as f64, right as f64]]
    }

    fn carried(&self, at: [f64; 2]) -> [f64; 2] {
        let at = self.grid.to_plane(at);
        to_wgs84(&self.grid.reference, &[at]).first().copied().flatten().unwrap_or(at)
    }
}

/// People of the area in each block of one raster.
type Sums = BTreeMap<[usize; 2], Sum>;

fn sums_of(
    (index, channel): (&PopulationIndex, usize),
    detail: &Detail,
    runs: &[Run],
    lattice: &Lattice,
) -> Result<Result<Sums, Rotten>, ReadError> {
    let view = index.view(detail.zone.window())?;
    let mut sums = Sums::new();
    let told = view.populated(runs, channel, |row, col, share, steps| {
        let block = lattice.block([row, col]);
        sums.entry(block).or_default().add_share(share, Fixed(steps));
    });
    Ok(told.map(|()| sums))
}

/// What the score would be without each site of the best set near the boundary: its load, its occupants among
/// the vulnerable, its dependants and what it feeds leave; people stay.
fn without(row: &AssessedArea, detail: &Detail, context: &Context) -> Vec<Without> {
    let Detail { weighed, parts, counted, .. } = detail;
    let near = row.footprint.as_ref().map(|footprint| near(footprint, parts, context));
    let score = weighed.scored[1].score;
    let of = |(place, meters): (usize, f64)| {
        let gone = |part: &Part| {
            let confidence = if part.place == place { 0.0 } else { part.confidence };
            Part { confidence, ..part.clone() }
        };
        let parts: Vec<Part> = parts.iter().map(gone).collect();
        let known = Known {
            counted: *counted,
            people: weighed.people,
            parts: &parts,
            mapped: row.sites.as_ref().map(|sites| &sites.mapped),
            unmapped: row.sites.as_ref().map(|sites| &sites.unmapped),
            looked: &|_| false,
            surface_km2: row.surface_km2.unwrap_or_default(),
        };
        let then = Weighed::new(known, context).scored[1].score;
        Without { place, meters, points: score - then }
    };
    near.into_iter().flatten().map(of).collect()
}

/// The sites of the best set near the boundary, by place, each with its distance in meters; nearest first.
pub(super) fn near(
    footprint: &MultiPolygon<f64>,
    parts: &[Part],
    context: &Context,
) -> Vec<(usize, f64)> {
    let (Some(footprint), Some(worlds)) = (Footprint::new(footprint), context.sites) else {
        return Vec::new();
    };
    let there = parts.iter().filter(|part| part.confidence >= context.scheme.existence.best);
    let near = there.filter_map(|part| {
        let site = worlds.of(part)?;
        Some((part.place, footprint.apart_m(&site.geometry, NEAR_M)?))
    });
    let mut near: Vec<(usize, f64)> = near.collect();
    near.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    near.truncate(MOST_NEAR);
    near
}
