//! `civex sites`: layers of civilian sites, classified and merged into one register.
//!
//! ```text
//! $ civex sites iceland.osm.pbf ministry.csv,class=hospital -o sites.geojson
//! $ civex sites sites.geojson --register
//! ```

use super::outputs::{Overwrite, Reads, refuse_format, refuse_to_lose};
use super::progress::Shown;
use super::say::Say;
use super::screen::Screen;
use super::settle::settle;
use super::work::Work;
use super::{Outcome, stdout_failed, told};
use civex::assess::Progress;
use civex::error::{Error, Notice, NoticeKind, ReadError, Result, Tally, counted, grouped};
use civex::model::{AnswersEntry, Budget, Scenario, Scheme, SiteClass, Sites, SitesEntry, Tier};
use civex::read::inspect::is_scenario;
use civex::read::{self, Opening, Place, Remote, SitesRead, options, scenario};
use civex::register::{Merging, Records};
use civex::write::folder_of;
use civex::write::sites::{BANNER, Precision, Register};
use comfy_table::{CellAlignment, Table, TableComponent, presets};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Classify and merge civilian sites of several sources into one layer.
///
/// Every record gets its class from OpenStreetMap tags, a column, or the layer; records of one thing become
/// one site, and which field came from which record is kept. What is not used is listed with the reason.
/// Without `-o` and `--register` a table of classes goes to standard output.
///
/// Examples:
///
/// - `civex sites iceland.osm.pbf ministry.csv,class=hospital -o sites.geojson`
///
/// - `civex sites scenario.toml --register`
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line are what they are")]
pub(crate) struct Args {
    /// Layers of sites, with options behind the path as behind `--sites`
    /// (`ministry.csv,class_field=kind,confidence=0.8`), or scenario files (.toml), whose layers of sites and
    /// answers are meant.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Where to write the register as GeoJSON; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
    #[command(flatten)]
    overwrite: Overwrite,
    /// Print the register as a table, by id.
    #[arg(long)]
    register: bool,
    /// Keep every record as a site of its own.
    #[arg(long)]
    no_merge: bool,
    /// Write sensitive sites with their place; without it they are counted only.
    #[arg(long)]
    full_precision: bool,
    /// A layer of partners' answers about sites; repeatable.
    #[arg(long, value_name = "FILE")]
    answers: Vec<String>,
    /// The day that expiry refers to; the scenario's if not given.
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Allow inputs of other machines (/vsicurl/, /vsis3/, https://).
    #[arg(long)]
    remote: bool,
    #[command(flatten)]
    work: Work,
}

/// Reads, merges, writes, and says what there is to be said.
pub(crate) fn run(args: &Args, say: Say, out: &mut Screen) -> Result<Outcome> {
    let budget = args.work.begin(say)?;
    let (scenario, folder) = meant(args, budget)?;
    let folder = folder.as_deref();
    let scheme = read::scheme_of(&scenario, folder, budget)?;
    let shown = Shown::new(say, args.work.progress);
    let remote = if args.remote { Remote::Allowed } else { Remote::Refused };
    let mut provenance = read::sites_provenance(&scenario, folder, &scheme)?;
    provenance.settings.extend(args.no_merge.then(|| ("no_merge", "true".into())));
    args.output.as_deref().map_or(Ok(()), refuse_format)?;
    let output = args.output.as_ref().map(PathBuf::from);
    let reads = reads(args, &scenario, folder).and_inputs(&provenance);
    refuse_to_lose(output.as_slice(), &reads, args.overwrite.replace())?;
    let opening = Opening { remote, budget, progress: &shown };
    let read = read::sites_of(&scenario, &scheme, folder, opening)?;
    let mut read = read.unwrap_or_default();
    told::sites(say, &scenario.sites, &read);
    let before = by_class(&read.sites);
    shown.stage("merging sites", 0);
    let records = if args.no_merge { Records::Kept } else { Records::Merged };
    let date = scenario.scenario.date.clone();
    let merging = settle(&mut read, &scenario, (&scheme, date.as_deref()), records, say);
    shown.stage("writing", 0);
    let precision = if args.full_precision { Precision::Full } else { Precision::Generalized };
    let is_listed = args.register || output.is_some();
    let register = is_listed.then(|| Register::of_all(&read.sites, precision));
    let mut notices = Tally::new(u64::MAX);
    notices.extend(read.notices.iter().cloned());
    if let (Some(register), Some(path)) = (&register, output.as_deref()) {
        notices.extend(hidden(register, path));
        let write = |beside: Option<&Path>, out: &mut dyn Write| {
            register.write(Some((&provenance, &notices, beside)), out)
        };
        if path == Path::new("-") {
            write(None, out.data()).map_err(stdout_failed)?;
        } else {
            let beside = Some(folder_of(path));
            let complete = civex::write::complete(path, |file| write(beside, file))?;
            civex::write::publish(vec![complete], args.overwrite.replace())?;
        }
    }
    shown.done();
    let text = match &register {
        Some(register) => args.register.then(|| register.table()),
        None => Some(table(&read, &before, merging, &scheme)),
    };
    if let Some(text) = text {
        out.write_all(text.as_bytes()).map_err(stdout_failed)?;
    }
    let mut problems = Tally::new(u64::MAX);
    problems.extend(read.problems.iter().cloned());
    say.problems(&problems);
    say.notices(&notices);
    // A layer that has features and gives no site is not what it was meant to be.
    let is_faulty = problems.count() > 0 && read.records.contains(&0);
    Ok(if is_faulty { Outcome::Problems } else { Outcome::Done })
}

/// Every file that is read.
fn reads(args: &Args, scenario: &Scenario, folder: Option<&Path>) -> Reads {
    let typed = args.files.iter().map(Path::new);
    let reads = typed.fold(Reads::default(), |reads, path| reads.and(path, "an input"));
    reads.and_all_of(scenario, None, folder)
}

/// What was typed, as a scenario, and where its paths start.
fn meant(args: &Args, budget: Budget) -> Result<(Scenario, Option<PathBuf>)> {
    let refuse = |written: &str, found: &str, hint: &str| {
        Error::from(ReadError::unusable_hint(written, found, hint))
    };
    if args.register && args.output.as_deref() == Some("-") {
        let hint = "give one of them, or a file: `-o sites.geojson --register`";
        return Err(refuse(
            "--register",
            "a table and GeoJSON would both go to standard output",
            hint,
        ));
    }
    let mut all = Scenario::default();
    let mut folder = None;
    for written in &args.files {
        let entry = options::sites(written);
        let place = Place::new(written, None).within_budget(budget);
        if entry.as_ref().is_ok_and(|entry| entry.path == *written) && is_scenario(&place) {
            if folder.is_some() {
                let hint = "its paths are relative to its folder; name their layers instead";
                return Err(refuse(written, "a second scenario, wanted one", hint));
            }
            let given = scenario::read(&place)?;
            all.scenario = given.scenario;
            all.sites.extend(given.sites);
            all.answers.extend(given.answers);
            all.scheme = given.scheme;
            folder = Some(place.resolved.parent().map(Path::to_path_buf).unwrap_or_default());
        } else {
            all.sites.push(SitesEntry { from_here: true, ..entry? });
        }
    }
    for written in &args.answers {
        all.answers.push(AnswersEntry { from_here: true, ..options::answers(written)? });
    }
    if args.date.is_some() {
        all.scenario.date.clone_from(&args.date);
    }
    scenario::check(&all)?;
    Ok((all, folder))
}

/// That some sites are only counted.
fn hidden(register: &Register, output: &Path) -> Option<Notice> {
    let (_, hidden) = register.counts();
    let text = format!(
        "{} of sensitive classes, or not to be shared, written as counts without a place; \
         `--full-precision` writes the sensitive ones: keep that file safe",
        counted(hidden, "site")
    );
    let file = output.to_string_lossy();
    (hidden > 0).then(|| Notice::of_file(NoticeKind::SitesGeneralized, &file, text))
}

/// How many there are of each class.
fn by_class(sites: &Sites) -> BTreeMap<SiteClass, u64> {
    let mut counts = BTreeMap::new();
    for site in &sites.sites {
        *counts.entry(site.class).or_default() += 1;
    }
    counts
}

/// How many records and sites of each class there are, in the order of the taxonomy, and what was not used.
fn table(
    read: &SitesRead,
    before: &BTreeMap<SiteClass, u64>,
    merging: Merging,
    scheme: &Scheme,
) -> String {
    let after = by_class(&read.sites);
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(["class", "tier", "records", "sites", "family"]);
    table.set_style(TableComponent::HeaderLines, '─');
    table.set_style(TableComponent::MiddleHeaderIntersections, '─');
    for class in SiteClass::ALL {
        let count = |counts: &BTreeMap<SiteClass, u64>| counts.get(&class).copied().unwrap_or(0);
        let (records, sites) = (count(before), count(&after));
        if records + sites > 0 {
            let tier = scheme
                .rule(class)
                .tier
                .map_or("–".into(), |tier| Tier::name(tier).to_uppercase());
            let class_name = class.name().to_string();
            let family = class.family().name().to_string();
            table.add_row([class_name, tier, grouped(records), grouped(sites), family]);
        }
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for column in [2, 3] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_string()).collect();
    lines.push(String::new());
    let (records, sites) = (counted(merging.records, "record"), counted(merging.sites, "site"));
    lines.push(format!("{records}, {sites}"));
    if !read.unused.is_empty() {
        lines.push(String::new());
        lines.push("not used".into());
        let mut unused: Vec<_> = read.unused.iter().collect();
        unused.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        lines.extend(unused.iter().map(|(why, count)| format!("{:>9}  {why}", grouped(**count))));
    }
    lines.push(String::new());
    lines.push(BANNER.into());
    lines.push(String::new());
    lines.join("\n")
}
