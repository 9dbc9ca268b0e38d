//! `civex explain`: one score taken apart.
//!
//! ```text
//! $ civex explain assessment.geojson A-1
//! $ civex explain assessment.geojson A/1-cordon/A-1
//! ```

use super::cache::CacheArgs;
use super::open::{Opened, With, same_score};
use super::progress::Shown;
use super::say::Say;
use super::screen::Screen;
use super::stdout_failed;
use super::work::Work;
use civex::assess::explain;
use civex::error::{Error, ReadError, Result};
use civex::model::{Area, area_key};
use civex::read::{Place, Remote, Written, WrittenRow, areas_of, assessment};
use civex::write::explain as text;
use civex::write::sites::Precision;
use std::io::Write;
use std::path::PathBuf;

/// Take the score of one area apart: band, score, dimensions, burdens, sites and blocks of people.
///
/// The inputs of the assessment are read again; each must be what it was. Sites whose place is sensitive are
/// counted, and who depends on a site is never told.
///
/// Examples:
///
/// - `civex explain assessment.geojson A-1`
///
/// - `civex explain assessment.geojson A/1-cordon/A-1`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// An assessment in GeoJSON.
    #[arg(value_name = "ASSESSMENT")]
    assessment: String,
    /// The area by its id, or by [COA/[PHASE/]]ID.
    #[arg(value_name = "AREA_ID")]
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
    let budget = args.work.begin(say);
    let place = Place::new(&args.assessment, None).within_budget(budget);
    let written = assessment(&place, args.inputs.as_deref())?;
    let wanted = row_of(&written, args)?.clone();
    let remote = if args.remote { Remote::Allowed } else { Remote::Refused };
    let shown = Shown::new(say, args.work.progress);
    let with = With { budget, say, shown: &shown };
    let (meant, mut opened) = Opened::again(&args.assessment, written, remote, &args.cache, with)?;
    let is_it = |area: &Area| {
        (&area.coa, &area.phase, &area.id) == (&wanted.key.0, &wanted.key.1, &wanted.key.2)
    };
    let Some(area) = areas_of(&meant.scenario, None, remote, budget)?.find(is_it)? else {
        return Err(refused(args, "its areas have no such area any more", "assess again"));
    };
    let sites = opened.sites.take();
    let sites = sites.as_ref().map(|read| &read.sites);
    let text = opened.with(sites, with, |inputs| {
        let (layout, scheme) = (inputs.layout(), inputs.scheme);
        let explained = explain(inputs.of(area).1)?;
        same_score(&args.assessment, wanted.score, explained.row.score.best)?;
        let precision = if args.full_precision { Precision::Full } else { Precision::Generalized };
        let with =
            text::With { scheme, sites, layout: &layout, precision, all_blocks: args.blocks };
        Ok(text::text(&explained, with))
    })?;
    out.write_all(text.as_bytes()).map_err(stdout_failed)
}

/// The row that is meant.
fn row_of<'w>(written: &'w Written, args: &Args) -> Result<&'w WrittenRow> {
    let key = |row: &WrittenRow| {
        let (coa, phase, id) = &row.key;
        area_key(coa.as_deref(), phase.as_deref(), id)
    };
    let is_meant = |row: &&WrittenRow| {
        let (coa, _, id) = &row.key;
        let with_coa = coa.as_ref().map(|coa| format!("{coa}/{id}"));
        args.area == *id || args.area == key(row) || with_coa.as_ref() == Some(&args.area)
    };
    let found: Vec<&WrittenRow> = written.rows.iter().filter(is_meant).collect();
    match found[..] {
        [row] => Ok(row),
        [] => {
            let keys: Vec<String> = written.rows.iter().take(20).map(key).collect();
            let hint = format!("it has {}", keys.join(", "));
            Err(refused(args, &format!("it has no area \"{}\"", args.area), &hint))
        }
        _ => {
            let keys: Vec<String> = found.into_iter().map(key).collect();
            let hint = format!("name one of {}", keys.join(", "));
            let text = format!("{} areas are called \"{}\"", keys.len(), args.area);
            Err(refused(args, &text, &hint))
        }
    }
}

fn refused(args: &Args, found: &str, hint: &str) -> Error {
    ReadError::unusable_hint(&args.assessment, found, hint).into()
}
