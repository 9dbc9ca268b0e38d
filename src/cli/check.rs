//! `civex check`: every problem of every input, with its place.
//!
//! ```text
//! $ civex check scenario.toml
//! areas.geojson: area "A-7" (feature 3): the outer ring crosses itself at vertex 14 [36.2311, 49.9902]
//! 1 problem
//! ```

use super::progress::Shown;
use super::scenario::{Inputs, Meant};
use super::{Outcome, stdout_failed};
use civex::assess::{Progress, mend, outside_everything};
use civex::error::{Error, Notice, NoticeKind, Problem, ReadError, Result};
use civex::index::{Source, survey};
use civex::model::Scheme;
use civex::read::{self, Areas};
use std::io::Write;

/// List every problem of every input, with places; computes nothing.
///
/// Reads everything: files, columns, rings, every cell of every raster. Ends with status 1 if there is
/// any problem.
///
/// Example: civex check scenario.toml
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Show no progress.
    #[arg(long)]
    quiet: bool,
}

/// Lists problems and notices on standard output.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<Outcome> {
    let found = match args.inputs.meant() {
        Ok(meant) => check(&meant, &Shown::new(args.quiet, false)),
        Err(Error::Read(ReadError::Faults(faults))) => {
            Found { problems: faults.into_iter().map(Problem::File).collect(), notices: Vec::new() }
        }
        Err(other) => return Err(other),
    };
    list(&found, out).map_err(stdout_failed)?;
    Ok(if found.problems.is_empty() { Outcome::Done } else { Outcome::Problems })
}

/// What was found.
#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    notices: Vec<Notice>,
}

impl Found {
    /// The value, or its error among the problems.
    fn take<T>(&mut self, read: std::result::Result<T, ReadError>) -> Option<T> {
        match read {
            Ok(value) => return Some(value),
            Err(ReadError::Faults(faults)) => {
                self.problems.extend(faults.into_iter().map(Problem::File));
            }
            Err(error) => {
                let (found, hint) = (error.to_string(), error.hint());
                self.problems.push(Problem::Unreadable { found, hint });
            }
        }
        None
    }
}

/// Opens every input and looks at all of it.
fn check(meant: &Meant, shown: &Shown) -> Found {
    let Meant { scenario, folder, remote, .. } = meant;
    let folder = folder.as_deref();
    let mut found = Found::default();
    let scheme: Scheme =
        found.take(read::scheme_of(scenario, folder)).unwrap_or_else(read::scheme::built_in);
    let areas = found.take(read::areas_of(scenario, folder, *remote));
    let mended = areas.map(|areas| check_areas(areas, &mut found));
    let sources: Vec<Option<Source>> = read::sources_of(scenario, folder, *remote)
        .into_iter()
        .map(|source| found.take(source))
        .collect();
    for source in sources.iter().flatten() {
        check_cells(source, shown, &mut found);
    }
    // A source that cannot be read may be the one that they lie in.
    let sources: Option<Vec<Source>> = sources.into_iter().collect();
    if let (Some(areas), Some(sources)) = (mended, sources) {
        found.problems.extend(outside_everything(&areas.areas, &areas.reference, &sources));
    }
    if let Some(Some(sites)) = found.take(read::sites_of(scenario, &scheme, folder, *remote)) {
        found.problems.extend(sites.problems);
        found.notices.extend(sites.notices);
    }
    shown.done();
    found
}

/// Looks at every ring of every area.
fn check_areas(mut areas: Areas, found: &mut Found) -> Areas {
    let (problems, _repairs) = mend(&areas.file, &mut areas.areas);
    found.problems.append(&mut areas.problems);
    found.problems.extend(problems);
    let told = areas.notices.drain(..);
    found.notices.extend(told.filter(|notice| notice.kind != NoticeKind::DuplicateId));
    areas
}

/// Reads every cell of a raster for those that hold what is no number of people.
fn check_cells(source: &Source, shown: &Shown, found: &mut Found) {
    let (cols, rows) = source.blocks.size();
    shown.stage("checking cells", (cols * rows) as u64);
    let survey = survey(source.blocks.as_ref(), &|cells| shown.advance(cells));
    let Some(survey) = found.take(survey) else { return };
    if let Some([smallest, _]) = survey.faulty_range {
        let cells = survey.faulty;
        let file = source.declared.path.clone();
        let hint = civex::assess::faulty_hint(smallest);
        found.problems.push(Problem::FaultyCells { file, cells, smallest, hint });
    }
}

fn list(found: &Found, out: &mut dyn Write) -> std::io::Result<()> {
    for problem in &found.problems {
        writeln!(out, "problem: {problem}")?;
        if let Some(hint) = problem.hint() {
            writeln!(out, "hint: {hint}")?;
        }
    }
    for notice in &found.notices {
        writeln!(out, "notice: {notice}")?;
    }
    match found.problems.len() {
        0 => writeln!(out, "no problems"),
        1 => writeln!(out, "1 problem"),
        count => writeln!(out, "{count} problems"),
    }
}
