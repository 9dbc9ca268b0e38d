//! `civex assess`: the main job.
//!
//! ```text
//! $ civex assess scenario.toml -o assessment.geojson
//! $ civex assess --areas areas.geojson --population pop.tif,nodata_means=zero
//! ```

use super::cache::{CacheArgs, Making, finish, follow, tell_found};
use super::outputs::{refuse_format, refuse_to_overwrite};
use super::progress::Shown;
use super::rows::{Maker, Rows, Seen, sites_beside};
use super::say::Say;
use super::scenario::{Inputs, Meant};
use super::settle::{date_of, settle};
use super::work::Work;
use super::{Outcome, told};
use civex::assess::{Findings, Plan, Progress, Remarks};
use civex::error::{Error, NoticeKind, ReadError, Result};
use civex::index::Populations;
use civex::model::{AreaSource, Band, Budget, Scenario};
use civex::read::sidecars::find;
use civex::read::{Digests, Loaded, Opening, SitesRead, load};
use civex::register::Records;
use civex::write::sites::{Precision, Register};
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Count people and civilian sites inside areas, and score every area.
///
/// Without `-o` a readable table goes to standard output.
///
/// Examples:
///
/// - `civex assess scenario.toml -o assessment.geojson`
///
/// - `civex assess --areas areas.geojson --population pop.tif,nodata_means=zero`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Where to write GeoJSON; `-` is standard output. Repeatable.
    #[arg(short, long, value_name = "FILE")]
    output: Vec<String>,
    /// More layers to write, beside the output: OUT.sites.geojson.
    #[arg(long, value_name = "LAYER", value_enum)]
    with: Vec<With>,
    /// Write sensitive sites with their place; without it they are counted only.
    #[arg(long)]
    full_precision: bool,
    /// Keep every record of a site as a site of its own.
    #[arg(long)]
    no_merge: bool,
    /// End with status 1 if the high band of any area is this one or above, or is not known.
    #[arg(long, value_name = "BAND", value_parser = PossibleValuesParser::new(BANDS))]
    fail_on: Option<String>,
    /// Refuse inputs with any problem: nothing is repaired, nothing is written.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    work: Work,
}

/// So many areas tell how much of a raster all of them will want.
const SAMPLE: usize = 200;

/// Sites up to so many meters outside of an area are listed with it.
const ADJACENT_M: f64 = 500.0;

/// The names of the bands, lowest first.
const BANDS: [&str; 6] = ["none_recorded", "very_low", "low", "moderate", "high", "very_high"];

/// A layer beside the areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum With {
    /// The sites in areas and up to 500 m around them.
    Sites,
}

/// Reads, assesses, writes, and says what there is to be said.
pub(crate) fn run(args: &Args, say: Say, out: &mut dyn Write) -> Result<Outcome> {
    let budget = args.work.begin(say);
    let meant = args.inputs.meant(budget)?;
    let outputs = outputs(args, meant.scenario.sites.is_empty())?;
    let shown = Shown::new(say, args.work.progress);
    shown.stage("opening inputs", 0);
    let Meant { scenario, file, folder, remote } = &meant;
    let opening = Opening { remote: *remote, budget, progress: &shown };
    let mut loaded = load(scenario, file.as_ref(), folder.as_deref(), opening)?;
    settled(args, &meant, &mut loaded, (budget, say, &shown))?;
    shown.done();
    loaded.distances.adjacent_m = (!args.with.is_empty()).then_some(ADJACENT_M);
    tell_inputs(say, scenario, &loaded);
    let files = outputs.iter().filter(|path| path.as_path() != Path::new("-"));
    let beside = files.filter(|_| !args.with.is_empty()).map(|path| sites_beside(path));
    let written: Vec<PathBuf> = outputs.iter().cloned().chain(beside).collect();
    refuse_to_overwrite(&written, &loaded.provenance)?;
    let sites = loaded.sites.take();
    let (file, reference) = (loaded.areas.file.clone(), loaded.areas.reference.clone());
    let left = budget.less(budget.cache_bytes());
    let digests = Arc::new(Digests::new(&loaded.sources));
    let mut populations = Populations::new(&loaded.sources, left);
    let cache = args.cache.cache();
    tell_found(say, &find(&mut populations, cache.as_ref(), &digests));
    let digesting = Arc::clone(&digests);
    std::thread::spawn(move || digesting.make_all());
    let plans = plans(&loaded, &populations, left);
    let making = Making { cache: cache.as_ref(), digests: &digests, budget: left };
    let savings = follow(&plans, &mut populations, &making, say, &shown)?;
    let inputs = civex::assess::Inputs {
        file: &file,
        areas: &mut loaded.areas as &mut dyn AreaSource,
        reference: &reference,
        distances: &loaded.distances,
        populations: &populations,
        primary: loaded.primary,
        sites: sites.as_ref().map(|read| &read.sites),
        scheme: &loaded.scheme,
        timezone: scenario.scenario.timezone.as_deref(),
    };
    let layout = inputs.layout();
    let precision = if args.full_precision { Precision::Full } else { Precision::Generalized };
    let touched = inputs.sites.filter(|_| args.with.contains(&With::Sites));
    let touched = touched.map(|sites| Register::of_areas(sites, precision));
    let listed = inputs.sites.map(|sites| (sites, loaded.scheme.existence.best));
    let limit = args.fail_on.as_deref().and_then(Band::from_name);
    let maker = Maker::new(&layout, !outputs.is_empty(), touched.is_some(), limit);
    let mut rows = Rows::begin(&outputs, &layout, (touched, listed), args.strict, out)?;
    let make = |rows| maker.make(rows);
    let found: Result<Findings> =
        civex::assess::stream(inputs, &shown, &make, &mut |made| rows.take(made));
    shown.done();
    finish(savings, &populations, say);
    let found = with_what_reading_found(found?, sites.as_ref());
    tell(args, say, &found);
    if args.strict && found.problems.count() > 0 {
        let text = "inputs have problems and `--strict` is given: nothing is written";
        say.refusal("strict", text, None);
        return Ok(Outcome::Problems);
    }
    let seen = rows.seen;
    shown.stage("writing", 0);
    digests.add_to(&mut loaded.provenance)?;
    rows.end(&loaded.provenance, &found.notices)?;
    shown.done();
    // The program ends: a million sites are not given back one by one.
    std::mem::forget(sites);
    Ok(outcome(args, say, seen, &found))
}

/// Settles what was read of sites.
fn settled(
    args: &Args,
    meant: &Meant,
    loaded: &mut Loaded,
    (budget, say, shown): (Budget, Say, &Shown),
) -> Result<()> {
    let Some(sites) = &mut loaded.sites else { return Ok(()) };
    shown.stage("merging sites", 0);
    let records = if args.no_merge { Records::Kept } else { Records::Merged };
    let date = date_of(sites, meant, budget)?;
    settle(sites, &meant.scenario, (&loaded.scheme, date.as_deref()), records, say);
    loaded.provenance.settings.extend(args.no_merge.then(|| ("no_merge", "true".into())));
    Ok(())
}

/// How each raster is best read, from the first areas.
fn plans(loaded: &Loaded, populations: &Populations, budget: Budget) -> Vec<Plan> {
    let sample: Vec<_> = loaded.areas.sample().take(SAMPLE).collect();
    let sample = (&sample[..], &loaded.areas.reference);
    let populations = (populations, loaded.primary);
    civex::assess::plans(sample, loaded.areas.count(), &loaded.distances, populations, budget)
}

/// Tells what was decided of the inputs.
fn tell_inputs(say: Say, scenario: &Scenario, loaded: &Loaded) {
    told::scheme(say, &loaded.scheme);
    let areas = &loaded.areas;
    let count = areas.count();
    told::areas(say, scenario.areas.as_ref(), &areas.file, (count, &areas.reference));
    for (place, (entry, source)) in scenario.population.iter().zip(&loaded.sources).enumerate() {
        told::population(say, entry, source, place == loaded.primary);
    }
    if let Some(sites) = &loaded.sites {
        told::sites(say, &scenario.sites, sites);
    }
}

/// What was found, in the order of reading and assessing.
fn with_what_reading_found(found: Findings, sites: Option<&SitesRead>) -> Remarks {
    let Findings { mut reading, assessing } = found;
    if let Some(read) = sites {
        reading.notices.extend(read.notices.iter().cloned());
        reading.problems.extend(read.problems.iter().cloned());
    }
    reading.append(assessing);
    reading
}

/// Where to write; what cannot be written is said before any work is done.
fn outputs(args: &Args, no_sites: bool) -> Result<Vec<PathBuf>> {
    for written in &args.output {
        refuse_format(written)?;
    }
    if !args.with.is_empty() {
        let to_file = args.output.iter().any(|written| written != "-");
        let refuse = |found: &str| Error::from(ReadError::unusable("--with sites", found));
        if !to_file {
            return Err(refuse(
                "needs an output file, which it is written beside: `-o out.geojson`",
            ));
        }
        if no_sites {
            return Err(refuse("there is no sites layer, wanted `--sites` or [[sites]]"));
        }
    }
    Ok(args.output.iter().map(PathBuf::from).collect())
}

/// Problems and notices on standard error. A repair is told once, as a notice, unless it is refused.
fn tell(args: &Args, say: Say, found: &Remarks) {
    let mut problems = found.problems.clone();
    if !args.strict {
        problems.retain_kinds(|kind| !matches!(kind, "ring" | "duplicate_area"));
    }
    say.problems(&problems);
    // Nothing is repaired where nothing is written.
    let refused = args.strict && found.problems.count() > 0;
    let mut notices = found.notices.clone();
    notices.retain_kinds(|kind| !(refused && kind == NoticeKind::Repaired.name()));
    say.notices(&notices);
}

/// Whether the inputs had problems that a script must see, or a band was reached.
fn outcome(args: &Args, say: Say, seen: Seen, found: &Remarks) -> Outcome {
    let outside = found.problems.counts().contains_key("outside_everything");
    if let (true, Some(limit)) = (seen.reached, &args.fail_on) {
        let text = format!(
            "`--fail-on {limit}`: the high band of some area is that or above, or not known"
        );
        say.alert("fail_on", text);
    }
    if seen.faulty || outside || seen.reached { Outcome::Problems } else { Outcome::Done }
}
