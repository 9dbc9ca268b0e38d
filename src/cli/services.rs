//! Who depends on the sites of a scenario: kept from an earlier run, or found out now.

use super::cache::tell_foreign;
use super::progress::Shown;
use super::say::Say;
use civex::assess::Plan;
use civex::depend::{
    Dependants, Givers, Residents, Services, Supply, allot, serve, share_in_reach,
};
use civex::error::{Result, grouped};
use civex::index::{Cache, Populations};
use civex::model::{Scheme, Sites};
use civex::read::sidecars::people_digest;
use civex::read::{Digests, Numbers};
use std::time::{Duration, Instant};

/// What takes less long than this is not kept.
const A_MOMENT: Duration = Duration::from_millis(200);

/// The sites that serve people, and what was kept of an earlier run.
pub(super) struct Serving {
    givers: Givers,
    supply: Supply,
    key: Option<[u8; 32]>,
    kept: Option<Dependants>,
}

/// The people who are served: the source of those who live there.
#[derive(Clone, Copy)]
pub(super) struct Served<'a> {
    pub(super) populations: &'a Populations<'a>,
    pub(super) source: usize,
    pub(super) digests: &'a Digests,
    pub(super) cache: Option<&'a Cache>,
    /// What scenarios before have found out.
    pub(super) shared: Option<&'a Numbers>,
}

impl Serving {
    /// `None` without sites of a class that serves.
    ///
    /// # Errors
    ///
    /// If a file of the raster of the people cannot be read.
    pub(super) fn new(
        sites: Option<&Sites>,
        scheme: &Scheme,
        served: Served,
        say: Say,
    ) -> Result<Option<Self>> {
        let Some(sites) = sites.filter(|sites| serve(&sites.mapped)) else { return Ok(None) };
        let (givers, supply) = (Givers::new(sites, scheme), Supply::new(&sites.links));
        let Served { populations, source, digests, cache, shared } = served;
        let mut serving = Self { givers, supply, key: None, kept: None };
        if (cache.is_some() || shared.is_some()) && !serving.givers.is_empty() {
            let people = people_digest(populations, source, digests)?;
            serving.key = people.map(|people| serving.givers.digest(&people));
            let of_cache = |key: &[u8; 32]| {
                let count = Dependants::count_of_numbers(&serving.givers);
                cache?.numbers(key, count).unwrap_or_else(|foreign| {
                    tell_foreign(say, "dependants", &foreign);
                    None
                })
            };
            let numbers = serving.key.and_then(|key| {
                let shared = shared.and_then(|shared| shared.of(&key));
                shared.or_else(|| of_cache(&key))
            });
            let kept = numbers.map(|numbers| Dependants::from_numbers(&numbers, &serving.givers));
            serving.kept = kept.flatten();
        }
        Ok(Some(serving))
    }

    /// Changes the plan of the raster of the people if much of it will be looked at.
    ///
    /// # Errors
    ///
    /// If nothing leads from the raster to longitudes and latitudes.
    pub(super) fn plan(&self, served: Served, plans: &mut [Plan]) -> Result<()> {
        let Some((of_people, _)) = served.populations.of_source(served.source) else {
            return Ok(());
        };
        if self.givers.is_empty() || self.kept.is_some() {
            return Ok(());
        }
        let residents = Residents::new(served.populations, served.source)?;
        let share = share_in_reach(&residents, &self.givers);
        for (stack, plan) in served.populations.stacks().iter().zip(plans) {
            if std::ptr::eq(stack, of_people) {
                *plan = plan.with_share(share, &stack.index);
            }
        }
        Ok(())
    }

    /// Who depends on each site: as it was kept, else found out now and kept for the next run.
    ///
    /// # Errors
    ///
    /// If the raster of the people cannot be read.
    pub(super) fn dependants(
        &self,
        residents: &Residents,
        (cache, shared): (Option<&Cache>, Option<&Numbers>),
        (say, shown): (Say, &Shown),
    ) -> Result<Dependants> {
        let sites = || grouped(self.givers.count() as u64);
        if let Some(kept) = &self.kept {
            say.note("dependants", || format!("of {} sites: kept from an earlier run", sites()));
            return Ok(kept.clone());
        }
        let begun = Instant::now();
        let dependants = allot(residents, &self.givers, shown)?;
        shown.done();
        if let (Some(key), Some(shared)) = (self.key, shared) {
            shared.keep(key, dependants.to_numbers(&self.givers));
        }
        if let (Some(key), Some(cache)) = (self.key, cache)
            && begun.elapsed() > A_MOMENT
        {
            match cache.keep_numbers(&key, &dependants.to_numbers(&self.givers)) {
                Ok(path) => say.note("dependants", || format!("{}: made", path.display())),
                Err(error) => {
                    say.note("dependants", || format!("they could not be kept ({error})"));
                }
            }
        }
        say.note("dependants", || format!("of {} sites: found out now", sites()));
        Ok(dependants)
    }

    /// All of it together.
    pub(super) const fn services<'a>(
        &'a self,
        residents: &'a Residents<'a>,
        dependants: &'a Dependants,
    ) -> Services<'a> {
        Services { residents, givers: &self.givers, dependants, supply: &self.supply }
    }
}
