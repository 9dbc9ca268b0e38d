//! `civex batch`: many scenarios, one folder of results, one manifest.
//!
//! ```text
//! $ civex batch scenarios --out-dir results
//! $ civex batch scenarios --out-dir results --resume
//! ```

mod listed;
mod manifest;

use super::assess::Publish;
use super::cache::CacheArgs;
use super::files::form_of;
use super::open;
use super::outputs::{Overwrite, Reads, refuse_answered};
use super::progress::Shown;
use super::say::Say;
use super::screen::Screen;
use super::signals::Stop;
use super::work::Work;
use super::{BANDS, Ended, OfScenario, Outcome, With, one, stdout_failed};
use civex::assess::Progress;
use civex::error::{ReadError, Result, WriteError};
use civex::model::Budget;
use civex::read::{
    InputFiles, Layers, Place, hexadecimal, input_files, osm_table, scenario, scheme,
};
use civex::write::{Replace, relative_to};
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use listed::{Job, collision, jobs};
use manifest::{Manifest, Output, Record, Status};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Assess many scenarios into one folder, with a manifest; what is done and unchanged is not done again.
///
/// Each gives DIR/NAME.geojson, by the name of its file, or of its folder if the file is a scenario.toml. The
/// manifest DIR/runs.jsonl has a line for each: its digest, what became of it and why, seconds, outputs.
///
/// A scenario that cannot be assessed does not stop the others. Exit status: 0 all are done, 1 some have problems,
/// 2 some could not be assessed, or the run was interrupted.
///
/// Examples:
///
/// - `civex batch scenarios --out-dir results`
///
/// - `civex batch @list.txt --out-dir results --resume --with sites,gaps`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Scenario files; folders of them, or of folders with a scenario.toml each; lists of either, one path a line:
    /// `@list.txt`, or `-` for standard input.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    #[command(flatten)]
    folder: Folder,
    /// How areas are written.
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "geojson")]
    format: Format,
    /// More layers to write, beside each output.
    #[arg(long, value_name = "LAYER", value_enum, value_delimiter = ',')]
    pub(super) with: Vec<With>,
    /// Write sensitive sites with their place; without it they are counted only.
    #[arg(long)]
    pub(super) full_precision: bool,
    /// Keep every record of a site as a site of its own.
    #[arg(long)]
    pub(super) no_merge: bool,
    /// A scenario has problems if the high band of any of its areas is this one or above, or is not known.
    #[arg(long, value_name = "BAND", value_parser = PossibleValuesParser::new(BANDS))]
    pub(super) fail_on: Option<String>,
    /// Refuse inputs with any problem: nothing of such a scenario is repaired or written.
    #[arg(long)]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) cache: CacheArgs,
    #[command(flatten)]
    work: Work,
}

/// Where results go.
#[derive(Debug, clap::Args)]
struct Folder {
    /// The folder of results.
    #[arg(long, value_name = "DIR")]
    out_dir: PathBuf,
    /// Go on with a folder of results: what is done, and unchanged since, is left as it is.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    overwrite: Overwrite,
}

/// How areas are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// GeoJSON.
    Geojson,
    /// One feature a line.
    Geojsonl,
    /// All layers in one file, with their styles.
    Gpkg,
    /// FlatGeobuf.
    Fgb,
    /// Columns without geometry.
    Csv,
    /// GeoParquet.
    Parquet,
    /// For globes.
    Kml,
}

impl Format {
    /// The ending of its files.
    const fn ending(self) -> &'static str {
        match self {
            Self::Geojson => "geojson",
            Self::Geojsonl => "geojsonl",
            Self::Gpkg => "gpkg",
            Self::Fgb => "fgb",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Kml => "kml",
        }
    }
}

/// How many scenarios ended how.
#[derive(Default)]
struct Counts {
    ok: usize,
    problems: usize,
    failed: usize,
    /// Of all these, how many were done before.
    before: usize,
}

/// Assesses one scenario after another.
pub(crate) fn run(args: &Args, say: Say, out: &mut Screen) -> Result<Outcome> {
    let budget = args.work.begin(say)?;
    let all = jobs(&args.scenarios, &args.folder.out_dir, args.format.ending())?;
    // What is said of a scenario names it until the program ends.
    let jobs: &'static [Job] = all.leak();
    refuse_to_overwrite(args, jobs)?;
    let mut manifest = Manifest::open(&args.folder.out_dir)?;
    refuse_those_of_others(jobs, &args.folder.out_dir, &mut manifest)?;
    let stop = Stop::in_order(say, jobs.len());
    let shown = Shown::new(say, args.work.progress);
    shown.stage("assessing scenarios", jobs.len() as u64);
    shown.stays();
    let mut counts = Counts::default();
    let batch = Batch { args, say, budget, layers: Layers::default() };
    for job in jobs {
        if stop.is_asked() {
            shown.done();
            stop.tell();
            return Ok(Outcome::Failed);
        }
        let digest = batch.digest(job);
        let known = manifest.of(&job.path).zip(digest.as_deref());
        let digests = batch.layers.digests();
        let done = known
            .filter(|_| args.folder.resume)
            .filter(|(known, digest)| known.holds(digest, (&args.folder.out_dir, job), digests));
        let status = if let Some((known, _)) = done {
            counts.before += 1;
            known.status
        } else {
            let record = batch.one(job, digest, &mut manifest);
            let status = record.status;
            manifest.add(record)?;
            status
        };
        counts.add(status);
        stop.one_done();
        shown.advance(1);
    }
    let order: Vec<&str> = jobs.iter().map(|job| job.path.as_str()).collect();
    manifest.put_in_order(&order)?;
    shown.done();
    out.write_all(counts.text().as_bytes()).map_err(stdout_failed)?;
    Ok(counts.outcome())
}

/// What all scenarios of a batch are assessed with.
struct Batch<'a> {
    args: &'a Args,
    say: Say,
    budget: Budget,
    layers: Layers,
}

impl Args {
    /// Whether files of others may be replaced.
    pub(super) const fn overwrite(&self) -> Overwrite {
        self.folder.overwrite
    }
}

impl Batch<'_> {
    /// SHA-256 of all that the result of a scenario depends on: every file and where it is, the flags that change
    /// outputs or status, and civex itself; `None` if not all of it is known.
    fn digest(&self, job: &Job) -> Option<String> {
        let Args { folder, with, full_precision, no_merge, fail_on, strict, format, .. } =
            self.args;
        let InputFiles { files, is_whole } = inputs_of(&job.scenario);
        if !is_whole {
            return None;
        }
        let has = |layer: With| with.contains(&layer);
        let layers = [With::Sites, With::Gaps, With::Options].map(has);
        let mut text = format!("civex {}\n", env!("CARGO_PKG_VERSION"));
        text.push_str(&scheme::built_in().digest);
        text.push_str(osm_table());
        let flags = (format, layers, full_precision, no_merge, fail_on, strict);
        let _infallible = writeln!(text, "{flags:?} {} {}", job.scenario, job.output);
        for file in files {
            let made = self.layers.digests().of(&file, "").ok()?;
            // Outputs tell where inputs are from there.
            let place = relative_to(&file, &folder.out_dir).unwrap_or_default();
            let _infallible = writeln!(text, "{} {place}", made.sha256);
        }
        Some(hexadecimal(&Sha256::digest(text.as_bytes())))
    }

    /// Assesses a scenario, and tells what became of it.
    fn one(&self, job: &'static Job, digest: Option<String>, manifest: &mut Manifest) -> Record {
        let Self { args, budget, layers, .. } = self;
        let say = self.say.about(&job.scenario);
        let begun = Instant::now();
        let shown = Shown::unseen(say);
        let with = open::With { budget: *budget, say, shown: &shown };
        let output = args.folder.out_dir.join(&job.output);
        let typed = OfScenario::of_batch(&job.scenario, &output, args);
        let form = args.with.contains(&With::Gaps).then(|| form_of(&output));
        let digests = layers.digests();
        let replace = args.overwrite().replace();
        // What is there stays, if some of it must.
        let refused = refuse_answered(form.clone()).and_then(|()| match replace {
            Replace::Own => manifest.refuse_loss(job, |name| args.wants(job, name), digests),
            Replace::Any => Ok(()),
        });
        let mut is_new = false;
        let work = || {
            refused?;
            let publish: Publish = &mut |all| {
                // Somebody may have written on it while this was made.
                refuse_answered(form.clone())?;
                is_new = true;
                manifest.publish(all, replace, (job, digests))
            };
            one(&typed, with, Some(layers), (&mut std::io::sink(), publish))
        };
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        let fault = |_| {
            layers.clear();
            let found = "it cannot be assessed, by a fault of civex itself";
            Err(ReadError::unusable_hint(&*job.scenario, found, "report it").into())
        };
        let done = done.unwrap_or_else(fault).and_then(|ended| {
            if digest == self.digest(job) {
                return Ok(ended);
            }
            layers.clear();
            let found = "its inputs changed while it was assessed";
            let hint = "go on with `--resume` when nobody writes to them any more";
            Err(ReadError::unusable_hint(&*job.scenario, found, hint).into())
        });
        let (status, error, problems) = match done {
            Ok(Ended { outcome: Outcome::Done, problems }) => (Status::Ok, None, problems),
            Ok(Ended { problems, .. }) => (Status::Problems, None, problems),
            Err(error) => {
                say.error(&error);
                // What was there before stays; what was made of other inputs than are there now does not.
                let _removed = if is_new { manifest.remove(job, &[], digests) } else { Ok(()) };
                (Status::Failed, Some(error.to_string()), Vec::new())
            }
        };
        let outputs = manifest.outputs(job, digests);
        let seconds = (begun.elapsed().as_secs_f64() * 1e3).round() / 1e3;
        let (scenario, path) = (job.scenario.clone(), job.path.clone());
        Record { scenario, path, digest, status, error, problems, seconds, outputs }
    }
}

impl Args {
    /// Whether a file of this name is written: an output, or a layer beside it that is asked for.
    fn wants(&self, job: &Job, name: &str) -> bool {
        let layers =
            [(With::Sites, ".sites."), (With::Gaps, ".gaps."), (With::Options, ".options.")];
        let stem = job.output.rsplit_once('.').map_or("", |(stem, _)| stem);
        let behind = name.strip_prefix(stem).unwrap_or(name);
        let of = layers.into_iter().find(|(_, part)| behind.starts_with(part));
        of.is_none_or(|(layer, _)| self.with.contains(&layer))
    }
}

/// The files of a scenario; its own alone where it cannot be read.
fn inputs_of(written: &str) -> InputFiles {
    let place = Place::new(written, None);
    match scenario::read(&place) {
        Ok(scenario) => input_files(&scenario, Some(&place), place.resolved.parent()),
        Err(_) => InputFiles { files: vec![place.resolved], is_whole: false },
    }
}

/// No output may take the place of an input of any scenario or, where a batch begins, of what is there.
fn refuse_to_overwrite(args: &Args, jobs: &[Job]) -> Result<()> {
    let folder = &args.folder.out_dir;
    let names = jobs.iter().flat_map(|job| &job.names).map(String::as_str);
    let names = [manifest::NAME, manifest::LOCK].into_iter().chain(names);
    let there: Vec<PathBuf> = names
        .map(|name| folder.join(name))
        .filter(|path| path.symlink_metadata().is_ok())
        .collect();
    for job in jobs {
        let of = format!("an input of {}", job.scenario);
        let inputs = inputs_of(&job.scenario).files;
        let reads = inputs.iter().fold(Reads::default(), |reads, path| reads.and(path, &of));
        for path in &there {
            if let Some(what) = reads.at(path) {
                let found = format!("not written: it is {what}, which would be lost");
                let path = path.display().to_string();
                return Err(
                    ReadError::unusable_hint(path, found, "give another `--out-dir`").into()
                );
            }
        }
    }
    let mut taken = there.iter().filter(|path| !path.ends_with(manifest::LOCK));
    let Some(first) = taken.next().filter(|_| !args.folder.resume && !args.overwrite().overwrite)
    else {
        return Ok(());
    };
    let way = if first.ends_with(manifest::NAME) {
        "`--resume` goes on with it"
    } else {
        "`--overwrite` replaces it"
    };
    let (path, hint) = (first.display().to_string(), format!("{way}, or give another `--out-dir`"));
    Err(WriteError::Exists { path, hint }.into())
}

/// An output must not take the place of one that the manifest has of a scenario that is not among these; what it has
/// of scenarios that are gone is forgotten where its outputs are wanted.
fn refuse_those_of_others(jobs: &[Job], folder: &Path, manifest: &mut Manifest) -> Result<()> {
    let owners: BTreeMap<&str, &Job> = jobs
        .iter()
        .flat_map(|job| job.names.iter().map(move |name| (name.as_str(), job)))
        .collect();
    let wanted = |record: &Record| {
        let of = |output: &Output| Some((*owners.get(output.name.as_str())?, output.name.clone()));
        record.outputs.iter().filter_map(of).find(|(job, _)| job.path != record.path)
    };
    for record in manifest.records().filter(|record| folder.join(&record.path).exists()) {
        if let Some((job, output)) = wanted(record) {
            return Err(collision(&job.scenario, &record.scenario, &output));
        }
    }
    manifest.keep(|record| wanted(record).is_none())
}

impl Counts {
    fn add(&mut self, status: Status) {
        match status {
            Status::Ok => self.ok += 1,
            Status::Problems => self.problems += 1,
            Status::Failed => self.failed += 1,
        }
    }

    fn text(&self) -> String {
        let Self { ok, problems, failed, before } = self;
        let all = ok + problems + failed;
        let plural = if all == 1 { "" } else { "s" };
        let before =
            if *before > 0 { format!("; {before} of them done before") } else { String::new() };
        format!(
            "{all} scenario{plural}: {ok} ok, {problems} with problems, {failed} failed{before}\n"
        )
    }

    fn outcome(&self) -> Outcome {
        match self {
            Self { failed: 1.., .. } => Outcome::Failed,
            Self { problems: 1.., .. } => Outcome::Problems,
            _ => Outcome::Done,
        }
    }
}
