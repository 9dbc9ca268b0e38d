//! The population sources of a scenario, those of one grid side by side in one index.

use super::blocks::{Blocks, Source};
use super::memory::Allowance;
use super::population::PopulationIndex;
use crate::model::{Budget, Grid};

/// The population sources of a scenario, ready to be asked.
pub struct Populations<'s> {
    sources: &'s [Source],
    stacks: Vec<Stacked<'s>>,
    grids: Vec<&'s Grid>,
}

/// Sources of one grid that are read in the same units, one channel each.
pub struct Stacked<'s> {
    /// What they hold.
    pub index: PopulationIndex<'s>,
    /// Which sources they are, by place; the first is channel 0.
    pub sources: Vec<usize>,
    /// Which grid they are on, by place in [`Populations::grids`].
    pub grid: usize,
}

impl<'s> Populations<'s> {
    /// Of sources that may take so much memory together. Nothing is read yet.
    #[must_use]
    pub fn new(sources: &'s [Source], budget: Budget) -> Self {
        let mut grids: Vec<&Grid> = Vec::new();
        let mut places: Vec<(usize, Vec<usize>)> = Vec::new();
        for (place, source) in sources.iter().enumerate() {
            let grid = &source.declared.grid;
            let known = grids.iter().position(|known| known.is_same(grid)).unwrap_or_else(|| {
                grids.push(grid);
                grids.len() - 1
            });
            let fits = |(of, others): &&mut (usize, Vec<usize>)| {
                let first = others.first().and_then(|first| sources.get(*first));
                *of == known
                    && first.is_some_and(|first| first.blocks.units() == source.blocks.units())
            };
            match places.iter_mut().find(fits) {
                Some((_, others)) => others.push(place),
                None => places.push((known, vec![place])),
            }
        }
        let allowance = Allowance::from(budget);
        let stacked = |(grid, of): (usize, Vec<usize>)| {
            let channels: Vec<&dyn Blocks> =
                of.iter().filter_map(|place| Some(sources.get(*place)?.blocks.as_ref())).collect();
            let index = PopulationIndex::new(grids[grid], channels, allowance.clone());
            Stacked { index, sources: of, grid }
        };
        let stacks = places.into_iter().map(stacked).collect();
        Self { sources, stacks, grids }
    }

    /// The sources, in the order of the scenario.
    #[must_use]
    pub const fn sources(&self) -> &'s [Source] {
        self.sources
    }

    /// The grids that differ.
    #[must_use]
    pub fn grids(&self) -> &[&'s Grid] {
        &self.grids
    }

    /// Sources of one grid, one after the other.
    #[must_use]
    pub fn stacks(&self) -> &[Stacked<'s>] {
        &self.stacks
    }

    /// The same, to be given sidecars.
    pub fn stacks_mut(&mut self) -> &mut [Stacked<'s>] {
        &mut self.stacks
    }

    /// The index and channel of a source.
    #[must_use]
    pub fn of_source(&self, source: usize) -> Option<(&Stacked<'s>, usize)> {
        self.stacks.iter().find_map(|stack| {
            let channel = stack.sources.iter().position(|of| *of == source)?;
            Some((stack, channel))
        })
    }
}
