//! `civex explain`: scores taken apart, of one area or of all areas of an option.
//!
//! ```text
//! $ civex explain assessment.geojson "Old town"
//! $ civex explain assessment.geojson A/1-cordon/A-1
//! $ civex explain assessment.geojson A
//! ```

use super::cache::CacheArgs;
use super::open::{Opened, With, same_score};
use super::progress::Shown;
use super::say::Say;
use super::screen::Screen;
use super::stdout_failed;
use super::work::Work;
use civex::assess::explain;
use civex::error::{Error, ReadError, Result, counted, shell_quoted};
use civex::model::{Area, area_key};
use civex::read::{
    Place, Remote, Written, WrittenRow, areas_of, assessment, is_same_word, nearest,
};
use civex::write::explain as text;
use civex::write::sites::Precision;
use std::io::Write;
use std::path::PathBuf;

/// Take the score of an area apart, or of each area of an option: band, score, dimensions, burdens, sites and blocks of people.
///
/// The inputs of the assessment are read again; each must be what it was. Sites whose place is sensitive are
/// counted, and who depends on a site is never told.
///
/// Examples:
///
/// - `civex explain assessment.geojson "Old town"`
///
/// - `civex explain assessment.geojson A/1-cordon/A-1`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// An assessment in GeoJSON.
    #[arg(value_name = "ASSESSMENT")]
    assessment: String,
    /// The area by its name, its id or [COA/[PHASE/]]ID; or an option (COA), for each of its areas.
    #[arg(value_name = "AREA")]
    area: String,
    /// The folder that holds the inputs of an assessment, at any depth; without it they are looked for in the folder
    /// of the assessment alone.
    #[arg(long, value_name = "DIR")]
    inputs: Option<PathBuf>,
    /// Tell every block of people.
    #[arg(long)]
    blocks: bool,
    /// Tell sensitive sites by id; without it they are counted only.
    #[arg(long)]
    full_precision: bool,
    /// Allow inputs of other machines (/vsicurl/, /vsis3/, https://).
    #[arg(long)]
    remote: bool,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    work: Work,
}

/// Reads the assessment, finds its inputs, and tells how one score comes about.
pub(crate) fn run(args: &Args, say: Say, out: &mut Screen) -> Result<()> {
    let budget = args.work.begin(say)?;
    let place = Place::new(&args.assessment, None).within_budget(budget);
    let written = assessment(&place, args.inputs.as_deref())?;
    let wanted = rows_of(&written, args)?;
    let remote = if args.remote { Remote::Allowed } else { Remote::Refused };
    let shown = Shown::new(say, args.work.progress);
    let with = With { budget, say, shown: &shown };
    let (meant, mut opened) = Opened::again(&args.assessment, written, remote, &args.cache, with)?;
    let stream = areas_of(&meant.scenario, None, remote, budget)?;
    let areas = stream.find_all(|area| place_of(area, &wanted).is_some())?;
    if areas.len() < wanted.len() {
        return Err(refused(args, "its areas have no such area any more", "assess again"));
    }
    let sites = opened.sites.take();
    let sites = sites.as_ref().map(|read| &read.sites);
    let texts = opened.with(sites, with, |inputs| {
        let (layout, scheme) = (inputs.layout(), inputs.scheme);
        let precision = if args.full_precision { Precision::Full } else { Precision::Generalized };
        let with =
            text::With { scheme, sites, layout: &layout, precision, all_blocks: args.blocks };
        let inputs = inputs.of(()).1;
        let mut texts = Vec::with_capacity(areas.len());
        for area in areas {
            let then = place_of(&area, &wanted).and_then(|place| wanted[place].score);
            let explained = explain(inputs.of(area).1)?;
            same_score(&args.assessment, then, explained.row.score.best)?;
            texts.push(text::text(&explained, with));
        }
        Ok(texts)
    })?;
    out.write_all(texts.join("\n").as_bytes()).map_err(stdout_failed)
}

/// Which of the rows that are meant an area is.
fn place_of(area: &Area, wanted: &[WrittenRow]) -> Option<usize> {
    wanted.iter().position(|row| {
        let (coa, phase, id) = &row.key;
        (&area.coa, &area.phase, &area.id) == (coa, phase, id)
    })
}

/// The key of a row.
fn key_of(row: &WrittenRow) -> String {
    let (coa, phase, id) = &row.key;
    area_key(coa.as_deref(), phase.as_deref(), id)
}

/// How a row is called in a list: its name with its key, or its key.
fn listed(row: &WrittenRow) -> String {
    match &row.name {
        Some(name) => format!("{} (\"{name}\")", key_of(row)),
        None => key_of(row),
    }
}

/// The rows that are meant: the one of that id, key or name, or all of an option.
fn rows_of(written: &Written, args: &Args) -> Result<Vec<WrittenRow>> {
    let typed = &args.area;
    let find = |is_meant: &dyn Fn(&WrittenRow) -> bool| -> Vec<WrittenRow> {
        written.rows.iter().filter(|row| is_meant(row)).cloned().collect()
    };
    let by_key = find(&|row| {
        let (coa, _, id) = &row.key;
        let with_coa = coa.as_ref().map(|coa| format!("{coa}/{id}"));
        typed == id || *typed == key_of(row) || with_coa.as_ref() == Some(typed)
    });
    let by_name = find(&|row| row.name.as_ref().is_some_and(|name| is_same_word(name, typed)));
    let of_option = find(&|row| {
        let (coa, phase, _) = &row.key;
        let with_phase = coa.as_ref().zip(phase.as_ref());
        let with_phase = with_phase.map(|(coa, phase)| format!("{coa}/{phase}"));
        coa.as_ref() == Some(typed) || with_phase.as_ref() == Some(typed)
    });
    let found = [by_key, by_name].into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    let is_of_option = |row: &WrittenRow| of_option.contains(row);
    match &found[..] {
        [] if of_option.is_empty() => {
            let found = format!("it has no area and no option \"{typed}\"");
            Err(refused(args, &found, &near(&written.rows, args)))
        }
        [] => Ok(of_option),
        [_] if of_option.is_empty() || found.iter().all(is_of_option) => Ok(found),
        _ => {
            let others = of_option.iter().filter(|row| !found.contains(row));
            let keys: Vec<String> = found.iter().chain(others).map(listed).collect();
            let text = format!("{} areas may be meant by \"{typed}\"", keys.len());
            let more = match keys.len().saturating_sub(MOST_CHOICES) {
                0 => String::new(),
                more => format!(" and {}", counted(more as u64, "more area")),
            };
            let choices: Vec<String> = keys.into_iter().take(MOST_CHOICES).collect();
            let hint = format!("name one of {}{more}", choices.join(", "));
            Err(refused(args, &text, &hint))
        }
    }
}

/// At most so many areas are listed that one word may mean.
const MOST_CHOICES: usize = 20;
/// At most so many areas are listed.
const MOST_LISTED: usize = 3;

/// The areas and options that were probably meant, else the first few; and how to ask for one of them.
fn near(rows: &[WrittenRow], args: &Args) -> String {
    let option = |row: &WrittenRow| row.key.0.clone();
    let words = rows.iter().flat_map(|row| {
        let words = [row.name.clone(), Some(row.key.2.clone()), Some(key_of(row)), option(row)];
        words.into_iter().flatten().map(move |word| (word, row))
    });
    let words: Vec<(String, &WrittenRow)> = words.collect();
    let mut meant: Vec<&WrittenRow> = Vec::new();
    for (_, row) in nearest(&args.area, &words, |(word, _)| word) {
        if meant.len() < MOST_LISTED && !meant.contains(row) {
            meant.push(row);
        }
    }
    let (what, end) = if meant.is_empty() { ("it has ", "") } else { ("did you mean ", "?") };
    if meant.is_empty() {
        meant.extend(rows.iter().take(MOST_LISTED));
    }
    let list: Vec<String> = meant.iter().map(|row| listed(row)).collect();
    let more = match rows.len() - meant.len() {
        0 => String::new(),
        more => format!(" (and {})", counted(more as u64, "more area")),
    };
    // Where all are named there is nothing to add.
    let try_it = meant.first().filter(|_| !(end.is_empty() && more.is_empty())).map(|row| {
        let [file, key] = [&args.assessment, &key_of(row)].map(|text| shell_quoted(text));
        format!(" `civex explain {file} {key}`")
    });
    format!("{what}{}{more}{end}{}", list.join(", "), try_it.unwrap_or_default())
}

fn refused(args: &Args, found: &str, hint: &str) -> Error {
    ReadError::unusable_hint(&args.assessment, found, hint).into()
}
