//! `civex assess`: the main job.
//!
//! ```text
//! $ civex assess scenario.toml -o assessment.geojson
//! $ civex assess --areas areas.geojson --population pop.tif,nodata_means=zero
//! ```

use super::cache::{CacheArgs, Making, finish, follow, tell_found};
use super::progress::Shown;
use super::say::Say;
use super::scenario::{Inputs, Meant};
use super::work::Work;
use super::{Outcome, stdout_failed, told};
use civex::assess::Progress;
use civex::error::{Error, Notice, NoticeKind, Problem, ReadError, Result, WriteError};
use civex::index::Populations;
use civex::model::{Assessment, Band, Provenance, Scenario, Sites, Status};
use civex::read::sidecars::find;
use civex::read::{Areas, Digests, Loaded, SitesRead, load};
use civex::write::sites::{self, Precision};
use civex::write::table::table;
use civex::write::{Complete, complete, geojson};
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

/// The names of the bands, lowest first.
const BANDS: [&str; 6] = ["none_recorded", "very_low", "low", "moderate", "high", "very_high"];

/// A layer beside the areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum With {
    /// The sites that areas touch.
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
    let mut loaded = load(scenario, file.as_ref(), folder.as_deref(), *remote, budget)?;
    shown.done();
    tell_inputs(say, scenario, &loaded);
    let files = outputs.iter().filter(|path| path.as_path() != Path::new("-"));
    let beside = files.filter(|_| !args.with.is_empty()).map(|path| sites_beside(path));
    let written: Vec<PathBuf> = outputs.iter().cloned().chain(beside).collect();
    refuse_to_overwrite(&written, &loaded.provenance)?;
    let sites = loaded.sites.take();
    let left = budget.less(budget.cache_bytes());
    let mut populations = Populations::new(&loaded.sources, left);
    let digests = Arc::new(Digests::new(&loaded.sources));
    let cache = args.cache.cache();
    tell_found(say, &find(&mut populations, cache.as_ref(), &digests));
    let digesting = Arc::clone(&digests);
    std::thread::spawn(move || digesting.make_all());
    let sample =
        (&loaded.areas.areas[..loaded.areas.areas.len().min(SAMPLE)], &loaded.areas.reference);
    let all = loaded.areas.areas.len();
    let plans =
        civex::assess::plans(sample, all, &loaded.distances, (&populations, loaded.primary), left);
    let making = Making { cache: cache.as_ref(), digests: &digests, budget: left };
    let savings = follow(&plans, &mut populations, &making, say, &shown)?;
    let inputs = civex::assess::Inputs {
        file: &loaded.areas.file,
        areas: std::mem::take(&mut loaded.areas.areas),
        reference: &loaded.areas.reference,
        distances: &loaded.distances,
        populations: &populations,
        primary: loaded.primary,
        sites: sites.as_ref().map(|read| &read.sites),
        scheme: &loaded.scheme,
    };
    let assessed = civex::assess(inputs, &shown);
    shown.done();
    finish(savings, &populations, say);
    drop(populations);
    loaded.digest(&digests)?;
    let assessment = with_what_reading_found(assessed?, loaded.areas, sites.as_ref());
    tell(args, say, &assessment);
    if args.strict && !assessment.problems.is_empty() {
        let text = "inputs have problems and `--strict` is given: nothing is written";
        say.refusal("strict", text, None);
        return Ok(Outcome::Problems);
    }
    let result = Written {
        assessment: &assessment,
        provenance: &loaded.provenance,
        sites: sites.as_ref().map(|read| &read.sites).filter(|_| args.with.contains(&With::Sites)),
        precision: if args.full_precision { Precision::Full } else { Precision::Generalized },
    };
    shown.stage("writing", 0);
    result.write(&outputs, out)?;
    if outputs.is_empty() {
        out.write_all(table(&assessment).as_bytes()).map_err(stdout_failed)?;
    }
    shown.done();
    Ok(outcome(args, say, &assessment))
}

/// Tells what was decided of the inputs.
fn tell_inputs(say: Say, scenario: &Scenario, loaded: &Loaded) {
    told::scheme(say, &loaded.scheme);
    told::areas(say, scenario.areas.as_ref(), &loaded.areas);
    for (place, (entry, source)) in scenario.population.iter().zip(&loaded.sources).enumerate() {
        told::population(say, entry, source, place == loaded.primary);
    }
    if let Some(sites) = &loaded.sites {
        told::sites(say, &scenario.sites, sites);
    }
}

/// The assessment with what reading its areas and sites found, in the order of reading.
fn with_what_reading_found(
    mut assessment: Assessment,
    areas: Areas,
    sites: Option<&SitesRead>,
) -> Assessment {
    let (mut notices, mut problems) = (areas.notices, areas.problems);
    notices.extend(sites.into_iter().flat_map(|read| read.notices.clone()));
    problems.extend(sites.into_iter().flat_map(|read| read.problems.clone()));
    notices.append(&mut assessment.notices);
    problems.append(&mut assessment.problems);
    Assessment { notices, problems, ..assessment }
}

/// Where to write; what cannot be written is said before any work is done.
fn outputs(args: &Args, no_sites: bool) -> Result<Vec<PathBuf>> {
    for written in &args.output {
        let ending =
            Path::new(written).extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if written != "-" && !matches!(ending.as_deref(), Some("geojson" | "json")) {
            let found =
                "no ending of a format that this version writes, which is .geojson".to_string();
            return Err(WriteError::Format { path: written.clone(), found }.into());
        }
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
fn tell(args: &Args, say: Say, assessment: &Assessment) {
    for problem in &assessment.problems {
        if args.strict || !matches!(problem, Problem::Ring { .. } | Problem::DuplicateArea { .. }) {
            say.problem(problem);
        }
    }
    // Nothing is repaired where nothing is written.
    let refused = args.strict && !assessment.problems.is_empty();
    let said = |notice: &&Notice| !(refused && notice.kind == NoticeKind::Repaired);
    let notices: Vec<Notice> = assessment.notices.iter().filter(said).cloned().collect();
    say.notices(&notices);
}

/// What goes into an output.
struct Written<'a> {
    assessment: &'a Assessment,
    provenance: &'a Provenance,
    /// The sites, if they are to be written too.
    sites: Option<&'a Sites>,
    precision: Precision,
}

impl Written<'_> {
    /// Writes every output; files get their names when all of them are complete.
    fn write(&self, outputs: &[PathBuf], out: &mut dyn Write) -> Result<()> {
        let is_stream = |path: &&PathBuf| path.as_path() == Path::new("-");
        let mut complete = Vec::new();
        for path in outputs.iter().filter(|path| !is_stream(path)) {
            complete.extend(self.files(path)?);
        }
        for _ in outputs.iter().filter(is_stream) {
            let mut out = std::io::BufWriter::new(&mut *out);
            geojson::write(self.assessment, self.provenance, None, &mut out)
                .and_then(|()| out.flush())
                .map_err(stdout_failed)?;
        }
        complete.into_iter().try_for_each(Complete::publish)?;
        Ok(())
    }

    /// The file of an output, and the one beside it.
    fn files(&self, path: &Path) -> Result<Vec<Complete>> {
        let Self { assessment, provenance, sites, precision } = *self;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let mut files = vec![complete(path, |file| {
            geojson::write(assessment, provenance, Some(folder), file)
        })?];
        if let Some(sites) = sites {
            files.push(complete(&sites_beside(path), |file| {
                sites::write(assessment, sites, precision, file)
            })?);
        }
        Ok(files)
    }
}

/// Where the sites of an output go.
fn sites_beside(output: &Path) -> PathBuf {
    output.with_extension("sites.geojson")
}

/// An output must not take the place of an input.
fn refuse_to_overwrite(outputs: &[PathBuf], provenance: &Provenance) -> Result<()> {
    let real = |path: &Path| path.canonicalize().ok();
    for (place, output) in outputs.iter().enumerate() {
        if outputs.iter().take(place).any(|other| other == output) {
            let found = "it is written twice".to_string();
            return Err(WriteError::Refused { path: output.display().to_string(), found }.into());
        }
        let Some(place) = real(output) else { continue };
        if let Some(input) =
            provenance.inputs.iter().find(|input| real(&input.resolved) == Some(place.clone()))
        {
            let found = format!("it is an input ({}), which would be lost", input.role.name());
            return Err(WriteError::Refused { path: output.display().to_string(), found }.into());
        }
    }
    Ok(())
}

/// Whether the inputs had problems that a script must see, or a band was reached.
fn outcome(args: &Args, say: Say, assessment: &Assessment) -> Outcome {
    let faulty = assessment
        .rows
        .iter()
        .any(|row| matches!(row.status, Status::Invalid | Status::NoGeometry));
    let outside = assessment
        .problems
        .iter()
        .any(|problem| matches!(problem, Problem::OutsideEverything { .. }));
    let limit = args.fail_on.as_deref().and_then(Band::from_name);
    let reached = limit.is_some_and(|limit| {
        assessment.rows.iter().any(|row| row.score.bands[2].is_none_or(|band| band >= limit))
    });
    if let (true, Some(limit)) = (reached, &args.fail_on) {
        let text = format!(
            "`--fail-on {limit}`: the high band of some area is that or above, or not known"
        );
        say.alert("fail_on", text);
    }
    if faulty || outside || reached { Outcome::Problems } else { Outcome::Done }
}
