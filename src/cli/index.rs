//! `civex index`: population indexes made ahead of time, listed, verified, removed.
//!
//! ```text
//! $ civex index population.tif
//! $ civex index --list
//! ```

use super::cache::{CacheArgs, beside_hint, proves, remove_hint, tell_found};
use super::outputs::{Overwrite, Reads, refuse_to_lose};
use super::progress::Shown;
use super::say::Say;
use super::scenario::is_scenario;
use super::screen::Screen;
use super::work::Work;
use super::{Outcome, stdout_failed};
use civex::assess::Progress;
use civex::error::{Error, ReadError, Result, bytes_text, grouped, shell_quoted, with_names};
use civex::index::{Built, Cache, Foreign, Kept, Populations, Source, is_index};
use civex::model::{Budget, PopulationEntry, Scenario};
use civex::read::sidecars::{
    Found, Goes, Verified, With, all_of, beside, find, make, remember_made, verify,
};
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
    /// Compare indexes with every cell of the rasters that are given; without any, look at the checksums of all
    /// in the cache.
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
    let budget = args.work.begin(say)?;
    let Some(cache) = args.cache.cache(say)? else {
        let found = "there is no folder for caches, or `--no-cache` is given";
        return Err(unusable("index", found, "name a folder: `--cache-dir DIR`"));
    };
    let sources = sources(args, budget)?;
    if args.rasters.is_empty() {
        let files = cache.list().into_iter().map(|path| (path, None));
        let outcome = each(args, files, say, out)?;
        others(args, ("who depends on which sites", cache.list_numbers()), out)?;
        others(args, ("indexes known beside rasters", cache.list_proven()), out)?;
        return Ok(outcome);
    }
    if args.list || args.remove || args.verify {
        // An index of several rasters is one of each of them.
        let alone = sources.chunks(1);
        if args.verify {
            let verifying = Verifying { args, cache: &cache, budget, say };
            let outcomes: Result<Vec<_>> = alone.map(|of_one| verifying.one(of_one, out)).collect();
            let is_sound = outcomes?.iter().all(|outcome| *outcome == Outcome::Done);
            return Ok(if is_sound { Outcome::Done } else { Outcome::Problems });
        }
        let mut files: Vec<(PathBuf, Option<(usize, usize)>)> = Vec::new();
        for of_one in alone {
            for stack in Populations::new(of_one, budget).stacks() {
                let all = all_of(stack, of_one, &cache);
                files.extend(
                    all.into_iter().filter(|file| !files.contains(file)).collect::<Vec<_>>(),
                );
            }
        }
        return each(args, files.into_iter(), say, out);
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
            let of_stack: Vec<&Source> =
                stack.sources.iter().map(|place| &sources[*place]).collect();
            let names: Vec<&str> =
                of_stack.iter().map(|source| source.declared.path.as_str()).collect();
            let names = names.join(", ");
            let near =
                of_stack.first().and_then(|source| source.files.first()).map(|it| beside(it));
            let (cols, rows) = stack.index.size();
            let cells = (cols as u64).saturating_mul(rows as u64);
            let progress = |cells: u64| shown.advance(cells);
            let with = With { digests: &digests, budget, progress: &progress };
            let is_there = match found {
                Found::Used(path) if !args.beside || near.as_ref() == Some(path) => Some(path),
                Found::Unproven(path) => {
                    shown.stage("comparing an index with its raster", cells);
                    proves(stack, sources, (cache, with), say)?.then_some(path)
                }
                Found::NoFile => return Err(no_file(&names)),
                _ => None,
            };
            if let Some(path) = is_there {
                shown.done();
                let line = format!("{names}: {} is there", path.display());
                writeln!(out, "{line}").map_err(stdout_failed)?;
                continue;
            }
            if let Some(near) = near.filter(|_| args.beside) {
                self.refuse_to_lose(near, of_stack.iter().copied())?;
            }
            let goes = if args.beside { Goes::Beside(cache) } else { Goes::Cache(cache) };
            shown.stage("indexing population", cells);
            let built = make(stack, sources, goes, with)?;
            shown.done();
            let path = saved(built, &names)?;
            if args.beside {
                remember_made(stack, sources, cache, &digests)
                    .map_err(|error| not_known(&path, &error))?;
            }
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
            let hint = "allow more (`--memory`), or write it with smaller blocks: `gdal_translate -co TILED=YES IN OUT.tif`";
            return Err(unusable(names, found, &with_names(hint, names)));
        }
    };
    saved.map_err(|error| {
        let found = format!("its index could not be written: {error}");
        unusable(names, found, "make room, or name another folder: `--cache-dir DIR`")
    })
}

/// An index beside a raster that the cache could not be told of.
fn not_known(path: &Path, error: &std::io::Error) -> Error {
    let found =
        format!("it is made, and the cache could not be told that it was made here: {error}");
    let hint = "name a cache that can be written: `--cache-dir DIR`";
    unusable(&path.display().to_string(), found, hint)
}

/// A raster of which not all files are known.
fn no_file(names: &str) -> Error {
    unusable(
        names,
        "not all files that it is made of are known, so nobody could tell whether its index still fits",
        &with_names(
            "write it as one file: `gdal_translate -co TILED=YES -co COMPRESS=DEFLATE IN OUT.tif`",
            names,
        ),
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

/// Lists, removes or looks at files: of the cache, or beside a raster of so many columns and rows.
fn each(
    args: &Args,
    files: impl Iterator<Item = (PathBuf, Option<(usize, usize)>)>,
    say: Say,
    out: &mut dyn Write,
) -> Result<Outcome> {
    let mut outcome = Outcome::Done;
    let mut all = (0u64, 0u64);
    for (path, size) in files {
        let bytes = path.metadata().map_or(0, |facts| facts.len());
        all = (all.0 + 1, all.1 + bytes);
        let shown = path.display().to_string();
        let said = if args.remove && !is_index(&path) {
            outcome = Outcome::Problems;
            "no index of civex: it stays".to_string()
        } else if args.remove {
            removed(&path)?;
            "removed".to_string()
        } else {
            match look(&path, size, args.verify) {
                Ok(said) => said,
                Err(foreign) => {
                    outcome = Outcome::Problems;
                    say.alert_of("index", (&shown, &foreign.found), remove_hint(&path));
                    continue;
                }
            }
        };
        writeln!(out, "{shown}: {said}").map_err(stdout_failed)?;
    }
    let indexes = if all.0 == 1 { "index" } else { "indexes" };
    writeln!(out, "{} {indexes}, {}", all.0, bytes_text(all.1)).map_err(stdout_failed)?;
    Ok(outcome)
}

fn removed(path: &Path) -> Result<()> {
    std::fs::remove_file(path).map_err(|error| {
        unusable(&path.display().to_string(), error.to_string(), "see who owns it")
    })
}

/// What else the cache keeps, listed in one line or removed.
fn others(args: &Args, (what, files): (&str, Vec<PathBuf>), out: &mut dyn Write) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let bytes = files.iter().filter_map(|path| path.metadata().ok()).map(|facts| facts.len()).sum();
    if args.remove {
        files.iter().try_for_each(|path| removed(path))?;
    }
    let (count, removed) = (files.len(), if args.remove { ", removed" } else { "" });
    let files = if count == 1 { "file" } else { "files" };
    let line = format!("{what}: {count} {files}, {}{removed}", bytes_text(bytes));
    writeln!(out, "{line}").map_err(stdout_failed)
}

/// What an index is.
fn look(
    path: &Path,
    beside: Option<(usize, usize)>,
    verifies: bool,
) -> std::result::Result<String, Foreign> {
    let unusable = || {
        let found = if beside.is_some() {
            "it is of other cells than the raster"
        } else {
            "it cannot be opened"
        };
        Foreign { path: path.to_path_buf(), found: found.into() }
    };
    let kept = match beside {
        Some(size) => Kept::open_beside(path, size)?,
        None => Kept::open(path)?,
    };
    let kept = kept.ok_or_else(unusable)?;
    if verifies {
        kept.verify()?;
    }
    let (cols, rows) = kept.size();
    let of_channel = |channel: &civex::index::ChannelFacts| {
        format!("{}, {} people", channel.path, grouped(channel.people.round().max(0.0) as u64))
    };
    let rasters: Vec<String> = kept.facts.channels.iter().map(of_channel).collect();
    // Whether what it says is true, its raster alone can tell.
    let whole = if verifies { "all checksums fit; " } else { "" };
    Ok(format!(
        "{whole}{cols} × {rows} cells, {}; {}",
        bytes_text(kept.bytes()),
        rasters.join("; ")
    ))
}

/// What comparing indexes with their rasters needs.
struct Verifying<'a> {
    args: &'a Args,
    cache: &'a Cache,
    budget: Budget,
    say: Say,
}

impl Verifying<'_> {
    /// Looks at every byte of a raster and of its indexes.
    fn one(&self, source: &[Source], out: &mut dyn Write) -> Result<Outcome> {
        let Self { args, cache, budget, say } = *self;
        let populations = Populations::new(source, budget);
        let digests = Digests::new(source);
        let shown = Shown::new(say, args.work.progress);
        let progress = |cells: u64| shown.advance(cells);
        let with = With { digests: &digests, budget, progress: &progress };
        let mut outcome = Outcome::Done;
        for stack in populations.stacks() {
            let name = source.first().map_or("", |source| source.declared.path.as_str());
            let (cols, rows) = stack.index.size();
            shown.stage(
                "comparing indexes with their raster",
                (cols as u64).saturating_mul(rows as u64),
            );
            let all = verify(stack, source, cache, with)?;
            shown.done();
            if all.is_empty() {
                outcome = Outcome::Problems;
                let hint = format!("`civex index {}` makes one", shell_quoted(name));
                say.alert_of("index", (name, "it has no index"), hint);
            }
            for Verified { path, is_beside, fault } in all {
                let shown = path.display().to_string();
                let Some(fault) = fault else {
                    let line = format!("{name}: {shown} is sound: it holds what the raster holds");
                    writeln!(out, "{line}").map_err(stdout_failed)?;
                    continue;
                };
                outcome = Outcome::Problems;
                let hint = if is_beside { beside_hint(name) } else { remove_hint(&path) };
                say.alert_of("index", (&shown, &fault), hint);
            }
        }
        Ok(outcome)
    }
}
