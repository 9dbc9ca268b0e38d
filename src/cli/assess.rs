//! `civex assess`: the main job.
//!
//! ```text
//! $ civex assess scenario.toml -o assessment.geojson
//! $ civex assess --areas areas.geojson --population pop.tif,nodata_means=zero
//! ```

use super::cache::CacheArgs;
use super::files::{Writing, form_of, paths_beside};
use super::open::{self, Opened};
use super::outputs::{
    Output, Overwrite, Reads, place_of, refuse_answered, refuse_per_area, refuse_to_lose,
};
use super::progress::Shown;
use super::rows::{Beside, Maker, Rows, Seen, Styles};
use super::say::Say;
use super::scenario::{Inputs, Meant};
use super::screen::Screen;
use super::work::Work;
use super::{Outcome, batch, told};
use civex::assess::{Findings, Progress, Remarks, gaps_of_layers, roll_up};
use civex::error::{Error, NoticeKind, ReadError, Result};
use civex::model::{Band, Scenario};
use civex::read::{Layers, SitesRead};
use civex::register::Records;
use civex::write::formats::Format;
use civex::write::sites::{Precision, Register};
use civex::write::{Complete, Replace, gaps};
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

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
    /// Where to write, by its ending: .geojson; .geojsonl, one feature a line; .gpkg, all layers in one file with
    /// their styles; .fgb, .csv, .parquet, .kml. `-` is GeoJSON on standard output, one feature a
    /// line where areas come as lines. Repeatable.
    #[arg(short, long, value_name = "FILE")]
    output: Vec<String>,
    /// More layers to write, inside of a GeoPackage, else beside the output: OUT.sites.geojson; OUT.gaps.geojson
    /// and, as a form to be filled in and given to `--answers`, OUT.gaps.csv; OUT.options.geojson.
    #[arg(long, value_name = "LAYER", value_enum, value_delimiter = ',')]
    with: Vec<With>,
    #[command(flatten)]
    overwrite: Overwrite,
    #[command(flatten)]
    look: Look,
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

/// What outputs have beside their values.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
struct Look {
    /// Write styles beside GeoJSON, by which QGIS (.qml) and other programs (.sld) show it colored.
    #[arg(long)]
    style: bool,
    /// Write a row of HXL hashtags under the heads of CSV.
    #[arg(long)]
    hxl: bool,
}

/// Sites up to so many meters outside of an area are listed with it.
pub(super) const ADJACENT_M: f64 = 500.0;

/// The names of the bands, lowest first.
pub(super) const BANDS: [&str; 6] =
    ["none_recorded", "very_low", "low", "moderate", "high", "very_high"];

/// A layer beside the areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum With {
    /// The sites in areas and up to 500 m around them.
    Sites,
    /// What is not known of areas, and whom to ask.
    Gaps,
    /// Phases and courses of action, each person and site once.
    Options,
}

/// Reads, assesses, writes, and says what there is to be said.
pub(crate) fn run(args: &Args, say: Say, out: &mut Screen) -> Result<Outcome> {
    let budget = args.work.begin(say)?;
    let shown = Shown::new(say, args.work.progress);
    let out = out.of(!args.output.is_empty());
    let publish: Publish = &mut |all| Ok(civex::write::publish(all, args.overwrite.replace())?);
    Ok(one(args, open::With { budget, say, shown: &shown }, None, (out, publish))?.outcome)
}

/// So many problems are kept in sentences.
const MOST_PROBLEMS: usize = 20;

/// How an assessment ended.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    /// The problems that were told, in sentences.
    pub(super) problems: Vec<String>,
}

/// Gives files their names.
pub(super) type Publish<'p> = &'p mut dyn FnMut(Vec<Complete>) -> Result<()>;

/// Assesses one scenario, with the layers that scenarios before have opened.
pub(super) fn one(
    args: &Args,
    with: open::With,
    shared: Option<&Layers>,
    (out, publish): (&mut dyn Write, Publish<'_>),
) -> Result<Ended> {
    let open::With { budget, say, shown } = with;
    let meant = args.inputs.meant(budget)?;
    let mut outputs = outputs(args, &meant.scenario)?;
    let records = if args.no_merge { Records::Kept } else { Records::Merged };
    let mut opened = Opened::sharing(&meant, records, &args.cache, with, shared)?;
    // Rows leave as areas come, so that it works as a filter.
    if let Some(stream) = outputs.iter_mut().find(|output| output.is_stream())
        && opened.loaded.areas.is_lines()
    {
        stream.format = Format::Lines;
    }
    let beside = Beside {
        sites: args.with.contains(&With::Sites),
        gaps: args.with.contains(&With::Gaps),
        options: args.with.contains(&With::Options),
        styles: if args.look.style { Styles::Beside } else { Styles::No },
    };
    opened.loaded.distances.adjacent_m = beside.sites.then_some(ADJACENT_M);
    tell_inputs(say, &meant.scenario, &opened);
    refuse_losses(&outputs, beside, (&meant, &opened), args.overwrite.replace())?;
    let sites = opened.sites.take();
    let listed = sites.as_ref().map(|read| &read.sites);
    let of_layers = of_layers(&opened);
    let (found, rows) = opened.with(listed, with, |inputs| {
        let layout = inputs.layout();
        let touched = listed.filter(|_| beside.sites);
        let touched = touched.map(|sites| Register::of_areas(sites, precision(args)));
        let limit = args.fail_on.as_deref().and_then(Band::from_name);
        let is_buffered = inputs.distances.is_buffered();
        let maker = Maker::new((&layout, is_buffered), !outputs.is_empty(), beside, limit);
        let requests = beside.gaps.then_some(of_layers);
        let listed = listed.map(|sites| (sites, inputs.scheme.existence.best));
        let layers = (touched, requests);
        let mut rows = Rows::begin(&outputs, (&layout, listed), layers, args.strict, out)?;
        let make = |rows| maker.make(rows);
        let (areas, inputs) = inputs.of(());
        let found: Result<Findings> =
            civex::assess::stream(inputs.of(areas).1, shown, &make, &mut |made| rows.take(made));
        let mut found = found?;
        if beside.options {
            shown.stage("taking areas together", 0);
            let options = roll_up(&std::mem::take(&mut rows.members), &inputs, false)?;
            found.assessing.notices.extend(options.notices.iter().cloned());
            rows.options = Some(options);
        }
        shown.done();
        Ok((found, rows))
    })?;
    let mut found = with_what_reading_found(found, sites.as_deref());
    found.notices.extend(told::doubts(&meant.scenario));
    let problems = tell(args, say, &found);
    if args.strict && found.problems.count() > 0 {
        let text = "inputs have problems and `--strict` is given: nothing is written";
        say.refusal("strict", text, None);
        return Ok(Ended { outcome: Outcome::Problems, problems });
    }
    let seen = rows.seen;
    shown.stage("writing", 0);
    opened.digested()?;
    let writing = Writing {
        beside,
        hxl: args.look.hxl,
        precision: precision(args),
        timezone: opened.timezone.as_deref(),
    };
    publish(rows.end(&opened.loaded.provenance, &found.notices, writing)?)?;
    shown.done();
    if shared.is_none() {
        // The program ends: a million sites are not given back one by one.
        std::mem::forget(sites);
    }
    Ok(ended((args, say), seen, &found, problems))
}

/// Refuses outputs that would take the place of what must not be lost.
fn refuse_losses(
    outputs: &[Output],
    beside: Beside,
    (meant, opened): (&Meant, &Opened),
    replace: Replace,
) -> Result<()> {
    let files = outputs.iter().filter(|output| !output.is_stream());
    // Outputs that differ by their ending alone share what stands beside them.
    let layers = files.clone().flat_map(|of| paths_beside(&of.path, of.format, beside));
    let layers: BTreeMap<PathBuf, PathBuf> = layers.map(|path| (place_of(&path), path)).collect();
    let written = outputs.iter().map(|of| of.path.clone()).chain(layers.into_values());
    let Meant { scenario, file, folder, .. } = meant;
    let reads = Reads::default().and_inputs(&opened.loaded.provenance);
    let reads = reads.and_all_of(scenario, file.as_ref(), folder.as_deref());
    refuse_answered(files.filter(|_| beside.gaps).map(|output| form_of(&output.path)))?;
    refuse_to_lose(&written.collect::<Vec<_>>(), &reads, replace)
}

impl Args {
    /// Those of one scenario of a batch.
    pub(super) fn of_batch(scenario: &str, output: &Path, batch: &batch::Args) -> Self {
        Self {
            inputs: Inputs::of_file(scenario),
            output: vec![output.display().to_string()],
            with: batch.with.clone(),
            overwrite: batch.overwrite(),
            look: Look::default(),
            full_precision: batch.full_precision,
            no_merge: batch.no_merge,
            fail_on: batch.fail_on.clone(),
            strict: batch.strict,
            cache: batch.cache.clone(),
            work: Work::default(),
        }
    }
}

/// What whole layers do not tell.
fn of_layers(opened: &Opened) -> Vec<gaps::Request> {
    let loaded = &opened.loaded;
    let inputs = &loaded.provenance.inputs;
    let groups: Vec<_> = loaded.people.groups.iter().map(|source| source.group).collect();
    gaps::of_layers(gaps_of_layers(inputs, &groups, &loaded.scheme))
}

fn precision(args: &Args) -> Precision {
    if args.full_precision { Precision::Full } else { Precision::Generalized }
}

/// Tells what was decided of the inputs.
fn tell_inputs(say: Say, scenario: &Scenario, opened: &Opened) {
    let loaded = &opened.loaded;
    told::scheme(say, &loaded.scheme);
    let areas = &loaded.areas;
    let count = areas.count();
    told::areas(say, scenario.areas.as_ref(), &areas.file, (count, &areas.reference));
    for (place, (entry, source)) in scenario.population.iter().zip(&loaded.sources).enumerate() {
        let layer = loaded.people.layers.get(loaded.people.primary);
        let is_primary =
            layer.is_some_and(|layer| [layer.any, layer.day, layer.night].contains(&Some(place)));
        told::population(say, entry, source, is_primary);
    }
    if let Some(sites) = &opened.sites {
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
fn outputs(args: &Args, scenario: &Scenario) -> Result<Vec<Output>> {
    let outputs = args.output.iter().map(|written| Output::of(written));
    let outputs = outputs.collect::<Result<Vec<_>>>()?;
    let has = |format: Format| outputs.iter().any(|output| output.format == format);
    for (is_typed, flag, format, wanted) in [
        (args.look.hxl, "--hxl", Format::Csv, "no output is CSV, wanted `-o out.csv`"),
        (
            args.look.style,
            "--style",
            Format::GeoJson,
            "no output is GeoJSON, wanted `-o out.geojson`",
        ),
    ] {
        if is_typed && !has(format) {
            return Err(ReadError::unusable(flag, wanted).into());
        }
    }
    if !args.with.is_empty() {
        let to_file = args.output.iter().any(|written| written != "-");
        let refuse = |found: &str| {
            let with = args.with.iter().map(|with| match with {
                With::Sites => "sites",
                With::Gaps => "gaps",
                With::Options => "options",
            });
            let with: Vec<&str> = with.collect();
            Error::from(ReadError::unusable(format!("--with {}", with.join(",")), found))
        };
        if !to_file {
            return Err(refuse(
                "needs an output file, which it is written beside: `-o out.geojson`",
            ));
        }
        if args.with.contains(&With::Options) {
            refuse_per_area(scenario)?;
        }
        if scenario.sites.is_empty() && args.with.contains(&With::Sites) {
            return Err(refuse("there is no sites layer, wanted `--sites` or [[sites]]"));
        }
    }
    Ok(outputs)
}

/// Problems and notices on standard error; the problems in sentences. A repair is told once, as a notice, unless it is
/// refused.
fn tell(args: &Args, say: Say, found: &Remarks) -> Vec<String> {
    let mut problems = found.problems.clone();
    if !args.strict {
        problems.retain_kinds(|kind| !told::is_mended(kind));
    }
    say.problems(&problems);
    // Nothing is repaired where nothing is written.
    let refused = args.strict && found.problems.count() > 0;
    let mut notices = found.notices.clone();
    notices.retain_kinds(|kind| !(refused && kind == NoticeKind::Repaired.name()));
    say.notices(&notices);
    problems.sentences(MOST_PROBLEMS)
}

/// Whether areas had problems that a script must see, or a band was reached.
fn ended(
    (args, say): (&Args, Say),
    seen: Seen,
    found: &Remarks,
    mut problems: Vec<String>,
) -> Ended {
    let is_faulty =
        told::is_grave(&found.problems) || found.problems.counts().contains_key("times");
    if let (true, Some(limit)) = (seen.reached, &args.fail_on) {
        let text = format!(
            "`--fail-on {limit}`: the high band of some area is that or above, or not known"
        );
        problems.push(text.clone());
        say.alert("fail_on", text);
    }
    let has_problems = seen.faulty || is_faulty || seen.reached;
    let outcome = if has_problems { Outcome::Problems } else { Outcome::Done };
    Ended { outcome, problems }
}
