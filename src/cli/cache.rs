//! Population indexes on the disk: where they are kept, whether one is used or made, and what is said
//! of it. Nothing here changes a number.

use super::say::Say;
use super::work::machine_cache;
use civex::assess::{Plan, Progress};
use civex::error::{ReadError, Result, shell_quoted};
use civex::index::{Built, Cache, Foreign, Populations, Refused, Saving, Source, Stacked};
use civex::model::Budget;
use civex::read::Digests;
use civex::read::sidecars::{
    Compared, Findings, Found, Goes, With, is_quickly_proven, make, prove_beside,
};
use std::path::{Path, PathBuf};

/// Where population indexes are kept.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct CacheArgs {
    /// The folder of population indexes; if not given, `civex` in the user's cache folder.
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    cache_dir: Option<PathBuf>,
    /// Use no population index of an earlier run, and keep none.
    #[arg(long)]
    no_cache: bool,
}

impl CacheArgs {
    /// The cache; `None` if none is wanted, the system tells no folder for one, or the folder there is not this
    /// user's alone, which is said.
    ///
    /// # Errors
    ///
    /// If a folder is named that is not this user's alone.
    pub(crate) fn cache(&self, say: Say) -> Result<Option<Cache>> {
        if self.no_cache {
            return Ok(None);
        }
        if let Some(folder) = &self.cache_dir {
            let named = Cache::named(folder).map_err(|refused| {
                let (text, hint) = said_of(&refused);
                ReadError::unusable_hint(refused.folder.display().to_string(), text, hint)
            });
            return Ok(Some(named?));
        }
        let Some(folder) = machine_cache() else { return Ok(None) };
        let refused = match Cache::own(folder) {
            Ok(cache) => return Ok(Some(cache)),
            Err(refused) => refused,
        };
        let (text, hint) = said_of(&refused);
        say.remark_of("cache", (&refused.folder.display().to_string(), &text), hint);
        Ok(None)
    }
}

/// Why a folder is not used, and the way out.
fn said_of(Refused { folder, found, is_mode }: &Refused) -> (String, String) {
    let hint = if *is_mode {
        let folder = shell_quoted(&folder.display().to_string());
        format!("`chmod 700 {folder}` closes it; or name another folder: `--cache-dir DIR`")
    } else {
        "name a folder of your own: `--cache-dir DIR`".to_string()
    };
    (format!("not used as a cache: {found}"), hint)
}

/// Tells of what was found.
pub(crate) fn tell_found(say: Say, findings: &Findings) {
    for foreign in &findings.foreign {
        tell_foreign(say, "index", foreign);
    }
    for found in &findings.found {
        match found {
            Found::Used(path) => say.note("index", || format!("{}: used", path.display())),
            Found::Stale(path) => say.remark(
                "index",
                format!(
                    "{}: of other contents than the raster has today; not used",
                    path.display()
                ),
            ),
            Found::NoFile => {
                say.note("index", || "not all files of a raster are known: it has no index".into());
            }
            Found::Unproven(_) | Found::Nothing => {}
        }
    }
}

/// Tells of a file that looks like one of ours and is not used, and what to do about it.
pub(crate) fn tell_foreign(say: Say, kind: &str, Foreign { path, found }: &Foreign) {
    let what = if kind == "index" { "cannot be used as a population index" } else { "not used" };
    let text = format!("{what}: {found}");
    say.remark_of(kind, (&path.display().to_string(), &text), remove_hint(path));
}

/// How a file that is not used is removed.
pub(crate) fn remove_hint(path: &Path) -> String {
    let path = shell_quoted(&path.display().to_string());
    format!("remove it: `rm {path}`; it is made again where it is wanted")
}

/// Tells that the index beside a raster does not hold what the raster holds, and what to do about it.
pub(crate) fn tell_differs(
    say: Say,
    (path, raster): (&Path, &str),
    differs: &civex::index::Differs,
) {
    let text = format!("not used, since {differs}");
    say.remark_of("index", (&path.display().to_string(), &text), beside_hint(raster));
}

/// What to do about an index beside a raster that does not hold what the raster holds.
pub(crate) fn beside_hint(raster: &str) -> String {
    let raster = shell_quoted(raster);
    format!(
        "`civex index {raster} --remove` removes it, `civex index {raster} --beside` makes it again"
    )
}

/// Compares the index beside a raster with that; true if it is used.
///
/// # Errors
///
/// If the raster cannot be read.
pub(crate) fn proves(
    stack: &mut Stacked,
    sources: &[Source],
    (cache, with): (&Cache, With),
    say: Say,
) -> Result<bool> {
    let first = stack.sources.first().and_then(|place| sources.get(*place));
    let name = first.map_or("", |source| source.declared.path.as_str());
    match prove_beside(stack, sources, cache, with)? {
        Compared::Used(path) => {
            let text = || format!("{}: compared with the raster; used", path.display());
            say.note("index", text);
            Ok(true)
        }
        Compared::Fails(path, differs) => {
            tell_differs(say, (&path, name), &differs);
            Ok(false)
        }
        Compared::Unknown => Ok(false),
    }
}

/// What making indexes needs.
pub(crate) struct Making<'a> {
    pub(crate) cache: Option<&'a Cache>,
    pub(crate) digests: &'a Digests,
    pub(crate) budget: Budget,
    /// What was found of each stack.
    pub(crate) found: &'a [Found],
}

/// Follows the plans: makes the indexes that are worth it, and asks for others to be read ahead.
///
/// # Errors
///
/// If a raster cannot be read.
pub(crate) fn follow(
    plans: &[Plan],
    populations: &mut Populations,
    making: &Making,
    say: Say,
    shown: &dyn Progress,
) -> Result<Vec<Saving>> {
    let sources = populations.sources();
    let mut savings = Vec::new();
    for ((plan, stack), found) in plans.iter().zip(populations.stacks_mut()).zip(making.found) {
        let first = stack.sources.first().and_then(|place| sources.get(*place));
        let name = first.map_or("", |source| source.declared.path.as_str());
        let percent = |share: f64| format!("{:.0} % of its blocks are wanted", 100.0 * share);
        let (cols, rows) = stack.index.size();
        let channels = stack.sources.len() as u64;
        let cells = (cols as u64).saturating_mul(rows as u64).saturating_mul(channels);
        let progress = |read: u64| shown.advance(read.saturating_mul(channels));
        let with = With { digests: making.digests, budget: making.budget, progress: &progress };
        let mut plan = *plan;
        if let (Found::Unproven(path), Some(cache)) = (found, making.cache) {
            if matches!(plan, Plan::Build(_)) || is_quickly_proven(stack) {
                shown.stage("comparing an index with its raster", cells);
                if proves(stack, sources, (cache, with), say)? {
                    plan = Plan::Sidecar(plan.share());
                }
            } else {
                let text = "nobody here has compared it with the raster; not used";
                say.note("index", || format!("{}: {text}", path.display()));
            }
        }
        match (plan, making.cache) {
            (Plan::Sidecar(share), _) => {
                say.note_of(name, || format!("read from its index; {}", percent(share)));
                if share > 0.5 {
                    stack.index.prefetch();
                }
            }
            (Plan::Build(share), Some(cache)) => {
                say.note_of(name, || format!("an index is made first; {}", percent(share)));
                shown.stage("indexing population", cells);
                match make(stack, sources, Goes::Cache(cache), with)? {
                    Built::Made(saving) => savings.push(saving),
                    Built::NotWritten(error) => tell_not_written(say, name, &error),
                    Built::TooLarge => say.note_of(name, || {
                        "no index is made: a block takes more memory than may be used".into()
                    }),
                }
            }
            (Plan::Build(share) | Plan::Blocks(share), _) => {
                say.note_of(name, || {
                    format!("its own blocks are read for each area; {}", percent(share))
                });
            }
        }
    }
    Ok(savings)
}

/// Says that an index could not be written: the run goes on without.
pub(crate) fn tell_not_written(say: Say, name: &str, error: &std::io::Error) {
    // A folder that may not be written is a choice of its owner.
    let is_choice = matches!(
        error.kind(),
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem
    );
    let text = || format!("its index could not be written ({error}); the raster is read without");
    if is_choice {
        say.note_of(name, text);
    } else {
        say.remark("index", format!("{name}: {}", text()));
    }
}

/// Gives the indexes that were made their names, and tells of those that were found to be damaged. Only what
/// lies in the cache is removed.
pub(crate) fn finish(
    savings: Vec<Saving>,
    populations: &Populations,
    cache: Option<&Cache>,
    say: Say,
) {
    for saving in savings {
        match saving.save() {
            Ok(path) => say.note("index", || format!("{}: made", path.display())),
            Err(error) => say.remark("index", format!("an index could not be kept ({error})")),
        }
    }
    for stack in populations.stacks() {
        let Some(path) = stack.index.distrusted() else { continue };
        let is_cached = cache.is_some_and(|cache| path.parent() == Some(cache.folder()));
        let text = "damaged; the raster was read instead";
        if is_cached && std::fs::remove_file(path).is_ok() {
            say.remark("index", format!("{}: {text}, and it is removed", path.display()));
        } else {
            say.remark_of("index", (&path.display().to_string(), text), remove_hint(path));
        }
    }
}
