//! `civex check`: every problem of every input, with its place.
//!
//! ```text
//! $ civex check scenario.toml
//! areas.geojson: area "A-7" (feature 3): the outer ring crosses itself at vertex 14 [36.2311, 49.9902]
//! 1 problem
//! ```

use super::progress::Shown;
use super::say::{OF_A_KIND, Say};
use super::scenario::{Inputs, Meant};
use super::screen::Screen;
use super::settle::{date_of, expires, settle};
use super::summed::{self, Line};
use super::work::Work;
use super::{Outcome, stdout_failed, told};
use civex::assess::{Progress, far_apart, faulty_hours, mend};
use civex::error::{
    Error, FaultyValues, Notice, NoticeKind, Problem, ReadError, Result, Tally, counted, grouped,
    number_text,
};
use civex::index::{Source, survey};
use civex::model::{AreasEntry, Budget, PopulationEntry, Scenario, Scheme};
use civex::read::scenario::named_in;
use civex::read::{self, AreaStream, Areas, Opening, Place};
use civex::register::Records;
use std::collections::BTreeSet;
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
    #[command(flatten)]
    work: Work,
}

/// Lists problems and notices on standard output; for machines on standard error too, as they are told
/// everywhere.
pub(crate) fn run(args: &Args, say: Say, out: &mut Screen) -> Result<Outcome> {
    let budget = args.work.begin(say)?;
    let found = match args.inputs.meant(budget) {
        Ok(meant) => check(&meant, budget, say, &Shown::new(say, args.work.progress)),
        Err(Error::Read(ReadError::Faults(faults))) => {
            Found { problems: faults.into_iter().map(Problem::File).collect(), ..Found::default() }
        }
        Err(other) => return Err(other),
    };
    out.write_all(list(&found).as_bytes()).map_err(stdout_failed)?;
    if say.is_json() {
        found.problems.iter().for_each(|problem| say.problem(problem));
        let mut notices = Tally::new(u64::MAX);
        notices.extend(found.notices.iter().cloned());
        say.notices(&notices);
    }
    Ok(if found.problems.is_empty() { Outcome::Done } else { Outcome::Problems })
}

/// What was found.
#[derive(Default)]
struct Found {
    /// The scenario that names the files.
    scenario: Option<Place>,
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
                if let (ReadError::NotFound { path, .. }, Some(scenario)) = (&error, &self.scenario)
                    && let Some(fault) = named_in(scenario, path, &error)
                {
                    self.problems.push(Problem::File(fault));
                    return None;
                }
                let file = error.at().file.map(str::to_string);
                let (found, hint) = (error.to_string(), error.hint());
                self.problems.push(Problem::Unreadable { file, found, hint });
            }
        }
        None
    }
}

/// Opens every input and looks at all of it.
fn check(meant: &Meant, budget: Budget, say: Say, shown: &Shown) -> Found {
    let Meant { scenario, folder, remote, .. } = meant;
    let folder = folder.as_deref();
    let mut found = Found { scenario: meant.file.clone(), ..Found::default() };
    let scheme: Scheme = found
        .take(read::scheme_of(scenario, folder, budget))
        .unwrap_or_else(read::scheme::built_in);
    told::scheme(say, &scheme);
    shown.stage("reading areas", 0);
    let areas = read::areas_of(scenario, folder, *remote, budget).and_then(AreaStream::gather);
    let areas = found.take(areas);
    if let Some(Areas { file, areas, reference, .. }) = &areas {
        told::areas(say, scenario.areas.as_ref(), file, (areas.len() as u64, reference));
    }
    let timezone = scenario.scenario.timezone.as_deref();
    let mended = areas.map(|areas| check_areas(areas, timezone, &mut found));
    let sources: Vec<Option<Source>> = read::sources_of(scenario, folder, *remote, budget)
        .into_iter()
        .map(|source| found.take(source))
        .collect();
    tell_population(say, scenario, &sources);
    check_overrides(meant, budget, &sources, shown, &mut found);
    let opened = sources.iter().all(Option::is_some);
    let groups = opened.then(|| read::group_sources_of(scenario, folder, *remote, budget));
    let groups = groups.and_then(|groups| found.take(groups)).unwrap_or_default();
    // What several of them read alike is looked at once.
    let mut seen = BTreeSet::new();
    for source in sources.iter().flatten().chain(&groups) {
        if seen.insert((source.declared.path.clone(), source.blocks.reading())) {
            check_cells(source, shown, &mut found);
        }
    }
    shown.stage("reading sites", 0);
    let opening = Opening { remote: *remote, budget, progress: shown };
    let mut sites = found.take(read::sites_of(scenario, &scheme, folder, opening)).flatten();
    if let Some(sites) = &mut sites {
        let date = found.take(date_of(expires(Some(sites)), meant, budget)).flatten();
        settle(sites, scenario, (&scheme, date.as_deref()), Records::Merged, say);
        told::sites(say, &scenario.sites, sites);
        found.problems.extend(sites.problems.iter().cloned());
        found.notices.extend(sites.notices.iter().cloned());
    }
    // A source that cannot be read may be the one that they lie in.
    let sources: Option<Vec<Source>> = sources.into_iter().collect();
    if let (Some(areas), Some(sources)) = (mended, sources) {
        let distances = scenario.areas.as_ref().map(AreasEntry::distances).unwrap_or_default();
        let areas = (&areas.areas[..], &areas.reference);
        let sites = sites.as_ref().map(|read| &read.sites);
        found.problems.extend(far_apart(areas, &distances, &sources, sites));
    }
    shown.done();
    found
}

/// Tells of every population source that could be opened.
fn tell_population(say: Say, scenario: &Scenario, sources: &[Option<Source>]) {
    let named = scenario.population.iter().position(|entry| entry.primary == Some(true));
    for (place, (entry, source)) in scenario.population.iter().zip(sources).enumerate() {
        if let Some(source) = source {
            told::population(say, entry, source, place == named.unwrap_or(0));
        }
    }
}

/// Tells how much of a raster is nodata only because the scenario says so of a number that may be one of people.
fn check_overrides(
    meant: &Meant,
    budget: Budget,
    sources: &[Option<Source>],
    shown: &Shown,
    found: &mut Found,
) {
    let Meant { scenario, folder, remote, .. } = meant;
    for (entry, source) in scenario.population.iter().zip(sources) {
        let (Some(value), Some(source)) = (told::doubtful_nodata(entry), source) else { continue };
        let plain = PopulationEntry { nodata: None, ..entry.clone() };
        let plain = Scenario { population: vec![plain], ..scenario.clone() };
        let plain = read::sources_of(&plain, folder.as_deref(), *remote, budget).pop();
        let Some(Ok(plain)) = plain else { continue };
        shown.stage("checking nodata", 0);
        let nodata = |source: &Source| {
            survey(source.blocks.as_ref(), None, &|_| ()).ok().map(|survey| survey.nodata)
        };
        let (Some(without), Some(with)) = (nodata(&plain), nodata(source)) else { continue };
        if with > without {
            let (cols, rows) = source.blocks.size();
            let (more, cells) = (
                counted(with - without, "cell"),
                grouped((cols as u64).saturating_mul(rows as u64)),
            );
            let text = format!(
                "{more} of {cells} have no data only because of `nodata = {}`, which may be a number of people",
                number_text(value)
            );
            found.notices.push(Notice::of_file(NoticeKind::Implausible, &entry.path, text));
        }
    }
}

/// Looks at every ring of every area, and at its hours.
fn check_areas(mut areas: Areas, timezone: Option<&str>, found: &mut Found) -> Areas {
    // What was read into longitudes is worth a look; a repair is told as the problem that it mends.
    let (problems, notices) = mend(&areas.file, &mut areas.areas, &areas.reference);
    found.problems.append(&mut areas.problems);
    found.problems.extend(problems);
    found.problems.extend(faulty_hours(&areas.file, &areas.areas, timezone));
    let wrapped = notices.into_iter().filter(|notice| notice.kind == NoticeKind::Wrapped);
    areas.notices.extend(wrapped);
    let told = areas.notices.drain(..);
    found.notices.extend(told.filter(|notice| notice.kind != NoticeKind::DuplicateId));
    areas
}

/// Reads every cell of a raster for those that hold what is no number of people.
fn check_cells(source: &Source, shown: &Shown, found: &mut Found) {
    let (cols, rows) = source.blocks.size();
    shown.stage("checking cells", (cols * rows) as u64);
    let survey = {
        let surfaces = Some(&source.declared.surfaces);
        survey(source.blocks.as_ref(), surfaces, &|cells| shown.advance(cells))
    };
    let Some(survey) = found.take(survey) else { return };
    let declared = &source.declared;
    let implausible = survey.implausible().into_iter();
    let kind = NoticeKind::Implausible;
    found.notices.extend(implausible.map(|text| Notice::of_file(kind, &declared.path, text)));
    let FaultyValues { cells, smallest, .. } = survey.faulty;
    if cells > 0 {
        let (file, hint) = (declared.path.clone(), survey.faulty.hint(&declared.nodata));
        found.problems.push(Problem::FaultyCells { file, cells, smallest, hint });
    }
    if !declared.nodata_means_declared && survey.nodata > 0 {
        let (nodata, cells) = (grouped(survey.nodata), counted(survey.cells, "cell"));
        let text = format!(
            "{nodata} of {cells} have no data, taken as unknown; if nobody lives there, declare `nodata_means = \"zero\"`"
        );
        found.notices.push(Notice::of_file(NoticeKind::NodataUndeclared, &declared.path, text));
    }
}

fn list(found: &Found) -> String {
    let mut lines = Vec::new();
    for Line { text, hint, .. } in summed::lines(&found.problems) {
        lines.push(format!("problem: {text}\n"));
        lines.extend(hint.map(|hint| format!("hint: {hint}\n")));
    }
    let mut notices = Tally::new(OF_A_KIND as u64);
    notices.extend(found.notices.iter().cloned());
    lines.extend(notices.kept().iter().map(|notice| format!("notice: {notice}\n")));
    for (kind, count) in notices.counts() {
        let more = count.saturating_sub(OF_A_KIND as u64);
        lines.extend((more > 0).then(|| {
            format!(
                "notice: {} more such notices ({kind}); `--log-format json` gives all\n",
                grouped(more)
            )
        }));
    }
    lines.push(match found.problems.len() {
        0 => "no problems\n".into(),
        1 => "1 problem\n".into(),
        count => format!("{count} problems\n"),
    });
    lines.concat()
}
