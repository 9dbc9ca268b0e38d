//! `civex compare`: courses of action side by side.
//!
//! ```text
//! $ civex compare scenario.toml
//! $ civex compare assessment.geojson -o options.md -o options.json
//! $ civex compare yesterday.geojson today.geojson
//! ```

use super::cache::CacheArgs;
use super::open::{Opened, With, row_of, same_rows};
use super::outputs::{Overwrite, Reads, refuse_per_area, refuse_to_lose};
use super::progress::Shown;
use super::say::Say;
use super::scenario::{Inputs, Meant};
use super::screen::Screen;
use super::told::{ending, is_grave};
use super::work::Work;
use super::{Outcome, stdout_failed};
use civex::assess::{
    Inputs as Ready, Member, Progress, Remarks, RollUps, gaps_of_layers, roll_up, stream,
};
use civex::compare::versions::changes;
use civex::compare::{Draws, compare};
use civex::error::{Error, Notice, ReadError, Result, Tally, WriteError};
use civex::model::columns::Layout;
use civex::model::{AreaSource, AssessedArea, Budget, Coa, Comparison, Provenance, Unclear};
use civex::read::{Place, Remote, WrittenRow, assessment, is_assessment, version};
use civex::register::Records;
use civex::write::comparison::{self, With as Written};
use civex::write::folder_of;
use civex::write::sites::Precision;
use civex::write::versions as told;
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// Put courses of action side by side: which exposes fewest, why, how surely, and what would lower it.
///
/// Takes a scenario, or an assessment in GeoJSON, whose inputs are read again and must be what they were. Areas
/// of one course of action (`coa`) are taken together, each person and site once.
///
/// Examples:
///
/// - `civex compare scenario.toml`
///
/// - `civex compare assessment.geojson -o options.md -o options.json`
///
/// - `civex compare yesterday.geojson today.geojson`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// A later assessment of the same scenario: tells what changed in inputs, settings and numbers since the first,
    /// and why.
    #[arg(value_name = "NEW")]
    new: Option<String>,
    /// Where to write the comparison, by its ending: .txt, .md, .csv, .json. Repeatable.
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    #[command(flatten)]
    overwrite: Overwrite,
    /// What is written to standard output, where no file is.
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    format: Format,
    /// How often weights, sources and what is not known are drawn.
    #[arg(long, value_name = "N", default_value_t = Draws::default().count,
        value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    draws: u32,
    /// What the draws follow from: the same seed gives the same draws.
    #[arg(long, value_name = "N", default_value_t = Draws::default().seed)]
    seed: u64,
    /// The folder that holds the inputs of an assessment, at any depth; without it they are looked for in the folder
    /// of the assessment alone.
    #[arg(long = "inputs", value_name = "DIR")]
    inputs_dir: Option<PathBuf>,
    /// Tell sensitive sites by id, and the topics of trafficking and sexual violence.
    #[arg(long)]
    full_precision: bool,
    /// Keep every record of a site as a site of its own.
    #[arg(long)]
    no_merge: bool,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    work: Work,
}

/// How a comparison is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table and sentences.
    Text,
    /// The same as Markdown.
    Markdown,
    /// A row for each criterion.
    Csv,
    /// All of it.
    Json,
}

/// Reads, assesses, takes together, compares, and writes.
pub(crate) fn run(args: &Args, say: Say, out: &mut Screen) -> Result<Outcome> {
    let budget = args.work.begin(say)?;
    let outputs = outputs(args)?;
    let paths: Vec<PathBuf> = outputs.iter().map(|(path, _)| path.clone()).collect();
    let own = [args.inputs.scenario.as_deref(), args.new.as_deref()].into_iter().flatten();
    let own =
        own.fold(Reads::default(), |reads, path| reads.and(Path::new(path), "what is compared"));
    refuse_to_lose(&paths, &own, args.overwrite.replace())?;
    if let Some(new) = &args.new {
        return versions((args, new), &outputs, budget, out);
    }
    let shown = Shown::new(say, args.work.progress);
    let with = With { budget, say, shown: &shown };
    let (meant, mut opened, written) = open(args, with)?;
    refuse_per_area(&meant.scenario)?;
    let reads = Reads::default().and_inputs(&opened.loaded.provenance);
    let reads = reads.and_all_of(&meant.scenario, meant.file.as_ref(), meant.folder.as_deref());
    refuse_to_lose(&paths, &reads, args.overwrite.replace())?;
    let read = opened.sites.take();
    let sites = read.as_ref().map(|read| &read.sites);
    let Looked { comparison, layout, mut remarks, is_faulty } =
        opened.with(sites, with, |inputs| look(args, written.as_deref(), inputs, &shown))?;
    if let Some(read) = &read {
        remarks.notices.extend(read.notices.iter().cloned());
        remarks.problems.extend(read.problems.iter().cloned());
    }
    remarks.problems.retain_kinds(|kind| !matches!(kind, "ring" | "duplicate_area"));
    say.problems(&remarks.problems);
    say.notices(&remarks.notices);
    opened.digested()?;
    let provenance = &opened.loaded.provenance;
    let groups: Vec<_> = opened.loaded.people.groups.iter().map(|source| source.group).collect();
    let gaps = gaps_of_layers(&provenance.inputs, &groups, &opened.loaded.scheme);
    let telling = Telling {
        comparison: &comparison,
        with: Written {
            name: &provenance.name,
            sites,
            layout: &layout,
            gaps: &gaps,
            precision: if args.full_precision { Precision::Full } else { Precision::Generalized },
        },
        provenance,
        notices: &remarks.notices,
    };
    write(&outputs, args, &|format, folder| telling.bytes(format, folder), out)?;
    Ok(if is_faulty || is_grave(&remarks.problems) { Outcome::Problems } else { Outcome::Done })
}

/// What is found when all options have been looked at.
struct Looked {
    comparison: Comparison,
    layout: Layout,
    remarks: Remarks,
    is_faulty: bool,
}

/// Assesses all areas, takes them together and compares.
fn look(
    args: &Args,
    written: Option<&[WrittenRow]>,
    inputs: Ready<'_, &mut dyn AreaSource>,
    shown: &Shown,
) -> Result<Looked> {
    let layout = inputs.layout();
    let is_buffered = inputs.distances.is_buffered();
    let make = |rows: Vec<AssessedArea>| -> Vec<(Member, WrittenRow, bool)> {
        let of = |row: &AssessedArea| {
            (Member::of(row, is_buffered), row_of(row), row.status.is_without_polygon())
        };
        rows.iter().map(of).collect()
    };
    let (areas, inputs) = inputs.of(());
    let mut rows = Vec::new();
    let found = stream(inputs.of(areas).1, shown, &make, &mut |made| -> Result<()> {
        rows.extend(made);
        Ok(())
    })?;
    if let Some(written) = written {
        same_rows(scenario_of(args), written, rows.iter().map(|(_, row, _)| row))?;
    }
    let is_faulty = rows.iter().any(|(.., is_faulty)| *is_faulty);
    let members: Vec<Member> = rows.into_iter().map(|(member, ..)| member).collect();
    shown.stage("comparing options", 0);
    let RollUps { coas, unclear, notices } = roll_up(&members, &inputs, true)?;
    let options: Vec<&str> = coas.iter().map(|coa| &coa.name[..]).collect();
    refuse_few(inputs.file, &options, &members)?;
    let draws = Draws { count: args.draws, seed: args.seed };
    let comparison = side_by_side((coas, unclear), &inputs, draws);
    shown.done();
    let mut remarks = found.reading;
    remarks.append(found.assessing);
    remarks.notices.extend(notices);
    Ok(Looked { comparison, layout, remarks, is_faulty })
}

/// Puts options side by side that were assessed with these inputs.
pub(super) fn side_by_side(
    (coas, unclear): (Vec<Coa>, Unclear),
    inputs: &Ready<'_, ()>,
    draws: Draws,
) -> Comparison {
    let sources = inputs.people.layers.iter().map(|layer| layer.name.clone());
    let sources: Vec<String> = sources.collect();
    compare(coas, unclear, (&sources, inputs.people.primary), inputs.scheme, draws)
}

/// The scenario or the assessment, as typed.
fn scenario_of(args: &Args) -> &str {
    args.inputs.scenario.as_deref().unwrap_or_default()
}

/// Opens a scenario, or the inputs of an assessment; and the rows of the latter as they were written.
fn open(args: &Args, with: With) -> Result<(Meant, Opened, Option<Vec<WrittenRow>>)> {
    if !is_assessment(&Place::new(scenario_of(args), None)) {
        let meant = args.inputs.meant(with.budget)?;
        let records = if args.no_merge { Records::Kept } else { Records::Merged };
        let opened = Opened::new(&meant, records, &args.cache, with)?;
        return Ok((meant, opened, None));
    }
    if args.inputs.has_layers() || args.no_merge {
        let found = "an assessment has its layers and settings, wanted none beside it";
        let hint = "give the scenario that it was made from, or leave them out";
        return Err(ReadError::unusable_hint(scenario_of(args), found, hint).into());
    }
    let place = Place::new(scenario_of(args), None).within_budget(with.budget);
    let written = assessment(&place, args.inputs_dir.as_deref())?;
    let rows = written.rows.clone();
    let remote = if args.inputs.remote { Remote::Allowed } else { Remote::Refused };
    let (meant, opened) = Opened::again(scenario_of(args), written, remote, &args.cache, with)?;
    Ok((meant, opened, Some(rows)))
}

/// One option is not compared.
fn refuse_few(file: &str, options: &[&str], members: &[Member]) -> Result<()> {
    if options.len() > 1 {
        return Ok(());
    }
    let found = if members.iter().all(|member| member.coa().is_none()) {
        "no area tells its course of action, wanted a property `coa` with two values at least"
            .into()
    } else {
        format!("one course of action alone, \"{}\", wanted two at least", options.concat())
    };
    let hint = "the property of areas that tells it is `coa`, or what `coa = \"…\"` under [areas] names; what one option \
                amounts to is written by `civex assess … -o OUT.geojson --with options`";
    Err(ReadError::unusable_hint(file, found, hint).into())
}

/// A comparison, and what it is written with.
struct Telling<'t> {
    comparison: &'t Comparison,
    with: Written<'t>,
    provenance: &'t Provenance,
    notices: &'t Tally<Notice>,
}

impl Telling<'_> {
    fn bytes(&self, format: Format, folder: Option<&Path>) -> std::io::Result<Vec<u8>> {
        let Self { comparison, with, provenance, notices } = *self;
        Ok(match format {
            Format::Text => comparison::text(comparison, with).into_bytes(),
            Format::Markdown => comparison::markdown(comparison, with).into_bytes(),
            Format::Csv => comparison::csv(comparison, with)?,
            Format::Json => {
                let made = comparison::json(comparison, with, (provenance, notices), folder);
                pretty(&made)?
            }
        })
    }
}

fn pretty(made: &serde_json::Value) -> std::io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(made)?;
    text.push(b'\n');
    Ok(text)
}

/// Tells what changed from one assessment to a later one.
fn versions(
    (args, new): (&Args, &str),
    outputs: &[(PathBuf, Format)],
    budget: Budget,
    out: &mut Screen,
) -> Result<Outcome> {
    if args.inputs.has_layers() || args.no_merge || args.inputs_dir.is_some() {
        let found = "two assessments are compared as they were written, wanted no layers or settings beside them";
        return Err(ReadError::unusable(new, found).into());
    }
    let read = |written: &str| version(&Place::new(written, None).within_budget(budget));
    let (then, now) = (read(scenario_of(args))?, read(new)?);
    let changes = changes(&then, &now);
    if changes.areas.is_empty() && changes.same == 0 {
        let found = format!("it has no area in common with {}", then.file);
        let hint = "compare two assessments of one scenario: areas are known by course of action, phase and id";
        return Err(ReadError::unusable_hint(new, found, hint).into());
    }
    let both = [&then, &now];
    let bytes = |format, _: Option<&Path>| {
        Ok(match format {
            Format::Text => told::text(both, &changes).into_bytes(),
            Format::Markdown => told::markdown(both, &changes).into_bytes(),
            Format::Csv => told::csv(&changes)?,
            Format::Json => pretty(&told::json(both, &changes))?,
        })
    };
    write(outputs, args, &bytes, out)?;
    Ok(Outcome::Done)
}

/// Where to write, and how.
fn outputs(args: &Args) -> Result<Vec<(PathBuf, Format)>> {
    let of = |path: &PathBuf| {
        let format = match ending(path).as_deref() {
            Some("txt") => Format::Text,
            Some("md") => Format::Markdown,
            Some("csv") => Format::Csv,
            Some("json") => Format::Json,
            _ => {
                let found =
                    "no ending of a format of comparisons, which are .txt, .md, .csv and .json";
                let path = path.display().to_string();
                return Err(WriteError::Refused { path, found: found.into() }.into());
            }
        };
        Ok::<_, Error>((path.clone(), format))
    };
    args.output.iter().map(of).collect()
}

/// Makes the bytes of a format, for a folder if it becomes a file.
type Bytes<'b> = &'b dyn Fn(Format, Option<&Path>) -> std::io::Result<Vec<u8>>;

fn write(outputs: &[(PathBuf, Format)], args: &Args, bytes: Bytes, out: &mut Screen) -> Result<()> {
    if outputs.is_empty() {
        let bytes = bytes(args.format, None).map_err(stdout_failed)?;
        let is_data = matches!(args.format, Format::Csv | Format::Json);
        return out.of(is_data).write_all(&bytes).map_err(stdout_failed);
    }
    let mut complete = Vec::new();
    for (path, format) in outputs {
        let folder = folder_of(path);
        complete.push(civex::write::complete(path, |file| {
            file.write_all(&bytes(*format, Some(folder))?)
        })?);
    }
    Ok(civex::write::publish(complete, args.overwrite.replace())?)
}
