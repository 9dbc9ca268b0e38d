//! Population indexes on the disk: where they are kept, whether one is used or made, and what is said
//! of it. Nothing here changes a number.

use super::say::Say;
use super::work::machine_cache;
use civex::assess::{Plan, Progress};
use civex::error::Result;
use civex::index::{Built, Cache, Populations, Saving};
use civex::model::Budget;
use civex::read::Digests;
use civex::read::sidecars::{Findings, Found, Goes, With, make};
use std::path::PathBuf;

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
    /// The cache; `None` if none is wanted, or the system tells no folder for one.
    pub(crate) fn cache(&self) -> Option<Cache> {
        let folder = || self.cache_dir.clone().or_else(machine_cache);
        (!self.no_cache).then(folder).flatten().map(Cache::new)
    }
}

/// Tells of what was found.
pub(crate) fn tell_found(say: Say, findings: &Findings) {
    for foreign in &findings.foreign {
        let path = foreign.path.display();
        say.remark(
            "index",
            format!("{path}: cannot be used as a population index: {}", foreign.found),
        );
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
            Found::Nothing => {}
        }
    }
}

/// What making indexes needs.
pub(crate) struct Making<'a> {
    pub(crate) cache: Option<&'a Cache>,
    pub(crate) digests: &'a Digests,
    pub(crate) budget: Budget,
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
    for (plan, stack) in plans.iter().zip(populations.stacks_mut()) {
        let first = stack.sources.first().and_then(|place| sources.get(*place));
        let name = first.map_or("", |source| source.declared.path.as_str());
        let percent = |share: f64| format!("{:.0} % of its blocks are wanted", 100.0 * share);
        match (*plan, making.cache) {
            (Plan::Sidecar(share), _) => {
                say.note_of(name, || format!("read from its index; {}", percent(share)));
                if share > 0.5 {
                    stack.index.prefetch();
                }
            }
            (Plan::Build(share), Some(cache)) => {
                say.note_of(name, || format!("an index is made first; {}", percent(share)));
                let (cols, rows) = stack.index.size();
                shown.stage("indexing population", (cols * rows * stack.sources.len()) as u64);
                let cells = stack.sources.len() as u64;
                let progress = |read: u64| shown.advance(read * cells);
                let with =
                    With { digests: making.digests, budget: making.budget, progress: &progress };
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

/// Gives the indexes that were made their names, and tells of those that were found to be damaged.
pub(crate) fn finish(savings: Vec<Saving>, populations: &Populations, say: Say) {
    for saving in savings {
        match saving.save() {
            Ok(path) => say.note("index", || format!("{}: made", path.display())),
            Err(error) => say.remark("index", format!("an index could not be kept ({error})")),
        }
    }
    for stack in populations.stacks() {
        if let Some(path) = stack.index.distrusted() {
            let removed = std::fs::remove_file(path).is_ok();
            let then = if removed { "it is removed" } else { "remove it" };
            say.remark(
                "index",
                format!("{}: damaged; the raster was read instead, and {then}", path.display()),
            );
        }
    }
}
