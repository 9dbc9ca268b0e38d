//! The inputs of a scenario opened, and ready to be asked about areas.

use super::cache::{CacheArgs, Making, finish, follow, tell_found};
use super::progress::Shown;
use super::say::Say;
use super::scenario::Meant;
use super::services::{Served, Serving};
use super::settle::{date_of, expires, settle};
use civex::assess::{Inputs, Plan, Progress, age_years};
use civex::depend::Residents;
use civex::error::{ReadError, Result};
use civex::index::{Cache, Populations};
use civex::model::{AreaSource, AssessedArea, Budget, Role, Sites};
use civex::read::sidecars::find;
use civex::read::{
    Digests, Kept, Layers, Loaded, Numbers, Opening, Remote, Sharing, SitesRead, Written,
    WrittenRow, load_sharing,
};
use civex::register::Records;
use std::sync::Arc;

/// So many areas tell how much of a raster all of them will want.
const SAMPLE: usize = 200;

/// With what inputs are opened.
#[derive(Clone, Copy)]
pub(super) struct With<'a> {
    pub(super) budget: Budget,
    pub(super) say: Say,
    pub(super) shown: &'a Shown,
}

/// Everything that stays as it is while areas are assessed.
pub(super) struct Opened {
    pub(super) loaded: Loaded,
    /// The sites, settled; `None` without a sites layer.
    pub(super) sites: Option<Arc<SitesRead>>,
    pub(super) timezone: Option<String>,
    digests: Arc<Digests>,
    cache: Option<Cache>,
    /// Who depends on sites, as scenarios before have found out.
    numbers: Option<Arc<Numbers>>,
}

impl Opened {
    /// Opens all inputs and settles what is read of sites.
    pub(super) fn new(
        meant: &Meant,
        records: Records,
        cache: &CacheArgs,
        with: With,
    ) -> Result<Self> {
        Self::sharing(meant, records, cache, with, None)
    }

    /// The same, but for what scenarios before have opened.
    pub(super) fn sharing(
        meant: &Meant,
        records: Records,
        cache: &CacheArgs,
        with: With,
        layers: Option<&Layers>,
    ) -> Result<Self> {
        let With { budget, say, shown } = with;
        shown.stage("opening inputs", 0);
        let Meant { scenario, file, folder, remote } = meant;
        let key = layers.and_then(|layers| layers.sites_key(scenario, folder.as_deref()));
        let key = key.map(|key| format!("{records:?} {key}"));
        let kept = layers.zip(key.as_ref()).and_then(|(layers, key)| layers.register(key));
        let kept = kept.map(|kept| for_its_day(kept, meant, budget)).transpose()?.flatten();
        let opening = Opening { remote: *remote, budget, progress: shown };
        let places = (file.as_ref(), folder.as_deref());
        let sharing = Sharing { layers, reads_sites: kept.is_none() };
        let mut loaded = load_sharing(scenario, places, opening, sharing)?;
        let read = loaded.sites.take();
        let expires = expires(read.as_ref());
        let (kept, date) = match kept {
            Some((kept, date)) => (Some(kept), date),
            None => (None, date_of(expires, meant, budget)?),
        };
        let provenance = &mut loaded.provenance;
        for input in &mut provenance.inputs {
            let days = input.date.as_deref().zip(date.as_deref());
            input.age_years = days.and_then(|(from, to)| age_years(from, to));
        }
        provenance.date.clone_from(&date);
        let layers_read = provenance.inputs.iter_mut().filter(|input| input.role == Role::Sites);
        let losses = read.iter().chain(kept.iter().map(|kept| kept.read.as_ref()));
        for (input, losses) in layers_read.zip(losses.flat_map(|read| &read.losses)) {
            input.losses = Some(losses.clone());
        }
        let settled = read.map(|mut sites| {
            shown.stage("merging sites", 0);
            settle(&mut sites, scenario, (&loaded.scheme, date.as_deref()), records, say);
            Kept { read: Arc::new(sites), expires, date: date.clone() }
        });
        if let (Some(layers), Some(key), Some(settled)) = (layers, key, &settled) {
            layers.keep(key, settled.clone());
        }
        let sites = kept.or(settled).map(|kept| kept.read);
        let is_kept = sites.is_some() && records == Records::Kept;
        loaded.provenance.settings.extend(is_kept.then(|| ("no_merge", "true".into())));
        shown.done();
        let digests = Digests::new(&loaded.sources);
        let digests = Arc::new(match layers {
            Some(layers) => digests.sharing(Arc::clone(layers.digests())),
            None => digests,
        });
        let (cache, timezone) = (cache.cache(say)?, scenario.scenario.timezone.clone());
        let numbers = layers.map(|layers| Arc::clone(layers.numbers()));
        Ok(Self { loaded, sites, timezone, digests, cache, numbers })
    }

    /// Opens the inputs of an assessment, which are what they were; and its scenario.
    pub(super) fn again(
        assessment: &str,
        written: Written,
        remote: Remote,
        cache: &CacheArgs,
        with: With,
    ) -> Result<(Meant, Self)> {
        let Written { scenario, no_merge, scheme, .. } = written;
        let meant = Meant { scenario, file: None, folder: None, remote };
        let records = if no_merge { Records::Kept } else { Records::Merged };
        let opened = Self::new(&meant, records, cache, with)?;
        if opened.loaded.scheme.digest != scheme {
            let found = "it was made under another scheme, or by another version of civex";
            return Err(ReadError::unusable_hint(assessment, found, "assess again").into());
        }
        Ok((meant, opened))
    }

    /// Makes everything ready and hands it to `work`; the sites are those of [`Opened::sites`].
    pub(super) fn with<T>(
        &mut self,
        sites: Option<&Sites>,
        with: With,
        work: impl FnOnce(Inputs<'_, &mut dyn AreaSource>) -> Result<T>,
    ) -> Result<T> {
        let With { budget, say, shown } = with;
        let Self { loaded, digests, cache, numbers, timezone, .. } = self;
        let (cache, shared) = (cache.as_ref(), numbers.as_deref());
        let left = budget.less(budget.cache_bytes());
        let mut populations = Populations::new(&loaded.sources, left);
        let findings = find(&mut populations, cache, digests);
        tell_found(say, &findings);
        let digesting = Arc::clone(digests);
        std::thread::spawn(move || digesting.make_all());
        let mut plans = plans(loaded, &populations, left);
        let serving = {
            let (populations, digests) = (&populations, digests.as_ref());
            let source = loaded.people.residents();
            let served = Served { populations, source, digests, cache, shared };
            let serving = Serving::new(sites, &loaded.scheme, served, say)?;
            if let Some(serving) = &serving {
                serving.plan(served, &mut plans)?;
            }
            serving
        };
        let making = Making { cache, digests, budget: left, found: &findings.found };
        let savings = follow(&plans, &mut populations, &making, say, shown)?;
        let residents = Residents::new(&populations, loaded.people.residents())?;
        let dependants = serving
            .as_ref()
            .map(|serving| serving.dependants(&residents, (cache, shared), (say, shown)))
            .transpose()?;
        let services = serving.as_ref().zip(dependants.as_ref());
        let services =
            services.map(|(serving, dependants)| serving.services(&residents, dependants));
        let (file, reference) = (loaded.areas.file.clone(), loaded.areas.reference.clone());
        let done = work(Inputs {
            file: &file,
            areas: &mut loaded.areas as &mut dyn AreaSource,
            reference: &reference,
            distances: &loaded.distances,
            populations: &populations,
            people: &loaded.people,
            sites,
            services: services.as_ref(),
            scheme: &loaded.scheme,
            timezone: timezone.as_deref(),
        });
        finish(savings, &populations, cache, say);
        done
    }

    /// Adds the digests of rasters to the provenance.
    pub(super) fn digested(&mut self) -> Result<()> {
        Ok(self.digests.add_to(&mut self.loaded.provenance)?)
    }
}

/// A register of scenarios before and the day of this one, if it is the same on that day.
fn for_its_day(
    kept: Kept,
    meant: &Meant,
    budget: Budget,
) -> Result<Option<(Kept, Option<String>)>> {
    let date = date_of(kept.expires, meant, budget)?;
    Ok(kept.serves(date.as_deref()).then_some((kept, date)))
}

/// Refuses an assessment of which a score comes out otherwise than it was written.
pub(super) fn same_score(assessment: &str, then: Option<f64>, now: Option<f64>) -> Result<()> {
    let differs = |(then, now): (f64, f64)| (then - now).abs() > 1e-3;
    if then.is_some() == now.is_some() && !then.zip(now).is_some_and(differs) {
        return Ok(());
    }
    let found =
        "a score comes out otherwise today, which is a fault of civex or another version of it";
    Err(ReadError::unusable_hint(assessment, found, "assess again").into())
}

/// What is compared of a row with what was written.
pub(super) fn row_of(row: &AssessedArea) -> WrittenRow {
    let area = &row.area;
    let key = (area.coa.clone(), area.phase.clone(), area.id.clone());
    WrittenRow { key, name: area.name.clone(), score: row.score.best }
}

/// Refuses an assessment whose rows come out otherwise.
pub(super) fn same_rows<'r>(
    assessment: &str,
    written: &[WrittenRow],
    rows: impl ExactSizeIterator<Item = &'r WrittenRow>,
) -> Result<()> {
    if rows.len() != written.len() {
        let found = format!("it has {} areas, and its areas file {}", written.len(), rows.len());
        return Err(ReadError::unusable_hint(assessment, found, "assess again").into());
    }
    for (then, now) in written.iter().zip(rows) {
        if then.key != now.key {
            let found = "its areas are others than those of its areas file";
            return Err(ReadError::unusable_hint(assessment, found, "assess again").into());
        }
        same_score(assessment, then.score, now.score)?;
    }
    Ok(())
}

/// How each raster is best read, from the first areas.
fn plans(loaded: &Loaded, populations: &Populations, budget: Budget) -> Vec<Plan> {
    let sample: Vec<_> = loaded.areas.sample().take(SAMPLE).collect();
    let sample = (&sample[..], &loaded.areas.reference);
    let populations = (populations, &loaded.people);
    civex::assess::plans(sample, loaded.areas.count(), &loaded.distances, populations, budget)
}
