//! `civex index`: population indexes made ahead of time, listed, verified, removed.
//!
//! ```text
//! $ civex index population.tif
//! $ civex index --list
//! ```

use super::cache::{CacheArgs, tell_found};
use super::outputs::{Overwrite, Reads, refuse_to_lose};
use super::progress::Shown;
use super::say::Say;
use super::scenario::is_scenario;
use super::screen::Screen;
use super::work::Work;
use super::{Outcome, stdout_failed};
use civex::assess::Progress;
use civex::error::{Error, ReadError, Result, bytes_text, grouped};
use civex::index::{Built, Cache, Foreign, Kept, Populations, Source, is_index};
use civex::model::{Budget, PopulationEntry, Scenario};
use civex::read::sidecars::{Findings, Found, Goes, With, beside, find, make};
use civex::read::{Digests, Place, Remote, options, scenario, sources_of};
use civex::write::Replace;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Make population indexes ahead of time; list, verify or remove them.
///
/// Rasters that are given together and have the same cells get one index together. Whoever assesses areas on
/// them then reads no block of theirs.
///
/// Examples:
///
/// - `civex index population.tif`
///
/// - `civex index scenario.toml`
///
/// - `civex index --list`
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line are what they are")]
#[command(group = clap::ArgGroup::new("what").multiple(false))]
pub(crate) struct Args {
    /// Population rasters, with options behind the path as behind `--population`, or scenario files,
    /// whose population layers are meant.
    #[arg(value_name = "RASTER", required_unless_present_any = ["list", "verify", "remove"])]
    rasters: Vec<String>,
    /// List indexes: of the rasters that are given, else all in the cache.
    #[arg(long, group = "what")]
    list: bool,
    /// Look at every byte of indexes, and of the rasters that are given.
    #[arg(long, group = "what")]
    verify: bool,
    /// Remove indexes: of the rasters that are given, else all in the cache.
    #[arg(long, group = "what")]
    remove: bool,
    /// Put the index beside the raster, not into the cache.
    #[arg(long, group = "what")]
    beside: bool,
    #[command(flatten)]
    overwrite: Overwrite,
    /// Allow rasters of other machines. They get no index.
    #[arg(long)]
    remote: bool,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    work: Work,
}

/// Makes, lists, verifies or removes.
pub(crate) fn run(args: &Args, say: Say, out: &mut Screen) -> Result<Outcome> {
    let budget = args.work.begin(say);
    let Some(cache) = args.cache.cache() else {
        let found = "the system tells no folder for caches, or `--no-cache` is given";
        return Err(unusable("index", found, "name a folder: `--cache-dir DIR`"));
    };
    let sources = sources(args, budget)?;
    if args.rasters.is_empty() {
        let outcome = each(args, cache.list().into_iter(), out)?;
        dependants(args, &cache, out)?;
        return Ok(outcome);
    }
    if args.list || args.remove || args.verify {
        let mut populations = Populations::new(&sources, budget);
        let digests = Digests::new(&sources);
        if args.verify {
            return verify(&mut populations, (&cache, &digests), out);
        }
        let findings = find(&mut populations, Some(&cache), &digests);
        drop(populations);
        return each(args, used(&findings).into_iter().flatten(), out);
    }
    let making = Making { args, cache: &cache, budget, say };
    if args.beside {
        // One of several rasters would lie beside the first alone.
        sources.chunks(1).try_for_each(|alone| making.make(alone, out))?;
    } else {
        making.make(&sources, out)?;
    }
    Ok(Outcome::Done)
}

/// What making indexes needs.
struct Making<'a> {
    args: &'a Args,
    cache: &'a Cache,
    budget: Budget,
    say: Say,
}

impl Making<'_> {
    /// Makes the indexes of some rasters, those of one grid together.
    fn make(&self, sources: &[Source], out: &mut dyn Write) -> Result<()> {
        let Self { args, cache, budget, say } = *self;
        let mut populations = Populations::new(sources, budget);
        let digests = Digests::new(sources);
        let findings = find(&mut populations, Some(cache), &digests);
        tell_found(say, &findings);
        let shown = Shown::new(say, args.work.progress);
        for (stack, found) in populations.stacks_mut().iter_mut().zip(&findings.found) {
            let of_stack = || stack.sources.iter().map(|place| &sources[*place]);
            let names: Vec<&str> = of_stack().map(|source| source.declared.path.as_str()).collect();
            let names = names.join(", ");
            let near =
                of_stack().next().and_then(|source| source.files.first()).map(|it| beside(it));
            match found {
                Found::Used(path) if !args.beside || near.as_ref() == Some(path) => {
                    let line = format!("{names}: {} is there", path.display());
                    writeln!(out, "{line}").map_err(stdout_failed)?;
                    continue;
                }
                Found::NoFile => return Err(no_file(&names)),
                _ => {}
            }
            if let Some(near) = near.filter(|_| args.beside) {
                self.refuse_to_lose(near, of_stack())?;
            }
            let goes = if args.beside { Goes::Beside } else { Goes::Cache(cache) };
            let (cols, rows) = stack.index.size();
            shown.stage("indexing population", (cols as u64).saturating_mul(rows as u64));
            let progress = |cells: u64| shown.advance(cells);
            let with = With { digests: &digests, budget, progress: &progress };
            let built = make(stack, sources, goes, with)?;
            shown.done();
            let path = saved(built, &names)?;
            let bytes = path.metadata().map_or(0, |facts| facts.len());
            let line = format!("{names}: {}, {}", path.display(), bytes_text(bytes));
            writeln!(out, "{line}").map_err(stdout_failed)?;
        }
        Ok(())
    }

    /// An index beside its raster takes the place of an index alone.
    fn refuse_to_lose<'s>(
        &self,
        near: PathBuf,
        sources: impl Iterator<Item = &'s Source>,
    ) -> Result<()> {
        let files = sources.flat_map(|source| &source.files);
        let reads = files.fold(Reads::default(), |reads, file| {
            reads.and(file, "a file that a raster is made of")
        });
        let replace = if is_index(&near) { Replace::Any } else { self.args.overwrite.replace() };
        refuse_to_lose(&[near], &reads, replace)
    }
}

/// Gives an index its name, or says why there is none.
fn saved(built: Built, names: &str) -> Result<PathBuf> {
    let saved = match built {
        Built::Made(saving) => saving.save(),
        Built::NotWritten(error) => Err(error),
        Built::TooLarge => {
            let found = "one block of it takes more memory than may be used";
            let hint = "allow more (`--memory`), or write it with smaller blocks: `gdal_translate -co TILED=YES`";
            return Err(unusable(names, found, hint));
        }
    };
    saved.map_err(|error| {
        let found = format!("its index could not be written: {error}");
        unusable(names, found, "make room, or name another folder: `--cache-dir DIR`")
    })
}

/// A raster of which not all files are known.
fn no_file(names: &str) -> Error {
    unusable(
        names,
        "not all files that it is made of are known, so nobody could tell whether its index still fits",
        "write it as one file: `gdal_translate -co TILED=YES -co COMPRESS=DEFLATE IN OUT.tif`",
    )
}

fn unusable(path: &str, found: impl Into<String>, hint: &str) -> Error {
    ReadError::unusable_hint(path, found, hint).into()
}

/// The rasters that were given, open.
fn sources(args: &Args, budget: Budget) -> Result<Vec<Source>> {
    let remote = if args.remote { Remote::Allowed } else { Remote::Refused };
    let mut sources = Vec::new();
    for written in &args.rasters {
        let (scenario, folder) = if is_scenario(written) {
            let place = Place::new(written, None).within_budget(budget);
            (scenario::read(&place)?, place.resolved.parent().map(Path::to_path_buf))
        } else {
            let entry = PopulationEntry { from_here: true, ..options::population(written)? };
            (Scenario { population: vec![entry], ..Scenario::default() }, None)
        };
        for source in sources_of(&scenario, folder.as_deref(), remote, budget) {
            sources.push(source?);
        }
    }
    Ok(sources)
}

/// The index that each stack uses.
fn used(findings: &Findings) -> Vec<Option<PathBuf>> {
    let path = |found: &Found| match found {
        Found::Used(path) => Some(path.clone()),
        _ => None,
    };
    findings.found.iter().map(path).collect()
}

fn each(args: &Args, files: impl Iterator<Item = PathBuf>, out: &mut dyn Write) -> Result<Outcome> {
    let mut outcome = Outcome::Done;
    let mut all = (0u64, 0u64);
    for path in files {
        let bytes = path.metadata().map_or(0, |facts| facts.len());
        all = (all.0 + 1, all.1 + bytes);
        let said = if args.remove && !is_index(&path) {
            outcome = Outcome::Problems;
            "no index of civex: it stays".to_string()
        } else if args.remove {
            std::fs::remove_file(&path).map_err(|error| {
                unusable(&path.display().to_string(), error.to_string(), "see who owns it")
            })?;
            "removed".to_string()
        } else {
            match look(&path, args.verify) {
                Ok(said) => said,
                Err(foreign) => {
                    outcome = Outcome::Problems;
                    foreign.found
                }
            }
        };
        writeln!(out, "{}: {said}", path.display()).map_err(stdout_failed)?;
    }
    let indexes = if all.0 == 1 { "index" } else { "indexes" };
    writeln!(out, "{} {indexes}, {}", all.0, bytes_text(all.1)).map_err(stdout_failed)?;
    Ok(outcome)
}

/// What is kept of who depends on sites, listed in one line or removed.
fn dependants(args: &Args, cache: &Cache, out: &mut dyn Write) -> Result<()> {
    let files = cache.list_numbers();
    if files.is_empty() {
        return Ok(());
    }
    let bytes = files.iter().filter_map(|path| path.metadata().ok()).map(|facts| facts.len()).sum();
    if args.remove {
        for path in files.iter().filter(|path| is_index(path)) {
            std::fs::remove_file(path).map_err(|error| {
                unusable(&path.display().to_string(), error.to_string(), "see who owns it")
            })?;
        }
    }
    let (count, removed) = (files.len(), if args.remove { ", removed" } else { "" });
    let files = if count == 1 { "file" } else { "files" };
    let line =
        format!("who depends on which sites: {count} {files}, {}{removed}", bytes_text(bytes));
    writeln!(out, "{line}").map_err(stdout_failed)
}

/// What an index is.
fn look(path: &Path, verifies: bool) -> std::result::Result<String, Foreign> {
    let gone = || Foreign { path: path.to_path_buf(), found: "it cannot be opened".into() };
    let kept = Kept::open(path)?.ok_or_else(gone)?;
    if verifies {
        kept.verify()?;
    }
    let (cols, rows) = kept.size();
    let of_channel = |channel: &civex::index::ChannelFacts| {
        format!("{}, {} people", channel.path, grouped(channel.people.round().max(0.0) as u64))
    };
    let rasters: Vec<String> = kept.facts.channels.iter().map(of_channel).collect();
    let sound = if verifies { "sound; " } else { "" };
    Ok(format!(
        "{sound}{cols} × {rows} cells, {}; {}",
        bytes_text(kept.bytes()),
        rasters.join("; ")
    ))
}

/// Looks at every byte of the rasters and of their indexes.
fn verify(
    populations: &mut Populations,
    (cache, digests): (&Cache, &Digests),
    out: &mut dyn Write,
) -> Result<Outcome> {
    let sources = populations.sources();
    // Digested before the index can tell what they were.
    digests.make_all();
    let findings = find(populations, Some(cache), &Digests::new(sources));
    let mut outcome = Outcome::Done;
    for (stack, found) in populations.stacks().iter().zip(used(&findings)) {
        let name = stack.sources.first().map_or("", |place| sources[*place].declared.path.as_str());
        let said = match found {
            None => "no index fits it as it is today".to_string(),
            Some(path) => match look(&path, true) {
                Ok(_) if !tells(&path, stack, digests) => {
                    format!("{}: made from other bytes than the raster has today", path.display())
                }
                Ok(_) => {
                    writeln!(out, "{name}: {} is sound", path.display()).map_err(stdout_failed)?;
                    continue;
                }
                Err(foreign) => format!("{}: {}", path.display(), foreign.found),
            },
        };
        outcome = Outcome::Problems;
        writeln!(out, "{name}: {said}").map_err(stdout_failed)?;
    }
    Ok(outcome)
}

/// Whether an index tells the digests of the rasters of a stack.
fn tells(path: &Path, stack: &civex::index::Stacked, digests: &Digests) -> bool {
    let Ok(Some(kept)) = Kept::open(path) else { return false };
    stack.sources.iter().all(|place| {
        let files = digests.of(*place).unwrap_or_default();
        kept.facts.channels.iter().any(|channel| {
            channel.files.len() == files.len()
                && channel.files.iter().zip(&files).all(|(then, now)| then.sha256 == now.sha256)
        })
    })
}
