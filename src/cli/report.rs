//! `civex report`: an assessment as one page.
//!
//! ```text
//! $ civex report assessment.geojson -o page.html
//! ```

use super::assess::ADJACENT_M;
use super::cache::CacheArgs;
use super::compare::side_by_side;
use super::open::{Opened, With, row_of, same_rows};
use super::outputs::{Overwrite, Reads, refuse_to_lose};
use super::progress::Shown;
use super::say::Say;
use super::screen::Screen;
use super::told::{self, ending};
use super::work::Work;
use super::{Outcome, stdout_failed};
use civex::assess::{
    Inputs as Ready, Member, Progress, Remarks, RollUps, gaps_of_layers, picture, roll_up, stream,
    used_at,
};
use civex::compare::Draws;
use civex::error::{Result, WriteError};
use civex::model::columns::Layout;
use civex::model::{Area, AreaSource, AssessedArea, Coa, Comparison, Picture};
use civex::read::{Place, Remote, WrittenRow, assessment};
use civex::write::folder_of;
use civex::write::gaps;
use civex::write::report::{self, Report};
use civex::write::sites::{Precision, Register, of_area};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Make one page of an assessment: a map, options, areas, time, topics, the register, gaps, method and sources.
///
/// The page is a single file that opens in any browser, without a network. The inputs of the assessment are read
/// again; each must be what it was.
///
/// Example: civex report assessment.geojson -o assessment.html
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// An assessment in GeoJSON.
    #[arg(value_name = "ASSESSMENT")]
    assessment: String,
    /// Where to write the page (.html); `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: String,
    #[command(flatten)]
    overwrite: Overwrite,
    /// The folder that holds the inputs of an assessment, at any depth; without it they are looked for in the folder
    /// of the assessment alone.
    #[arg(long, value_name = "DIR")]
    inputs: Option<PathBuf>,
    /// Tell sensitive sites with their place, and the topics of trafficking and sexual violence.
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

/// What the page shows.
struct Looked {
    rows: Vec<AssessedArea>,
    layout: Layout,
    comparison: Option<Comparison>,
    coas: Vec<Coa>,
    picture: Picture,
    remarks: Remarks,
}

/// Reads the assessment and its inputs, assesses again, and writes the page.
pub(crate) fn run(args: &Args, say: Say, out: &mut Screen) -> Result<Outcome> {
    let out = out.data();
    let budget = args.work.begin(say)?;
    refuse_ending(&args.output)?;
    let place = Place::new(&args.assessment, None).within_budget(budget);
    let written = assessment(&place, args.inputs.as_deref())?;
    let rows = written.rows.clone();
    let remote = if args.remote { Remote::Allowed } else { Remote::Refused };
    let shown = Shown::new(say, args.work.progress);
    let with = With { budget, say, shown: &shown };
    let (meant, mut opened) = Opened::again(&args.assessment, written, remote, &args.cache, with)?;
    let output = PathBuf::from(&args.output);
    let reads = Reads::default().and(&place.resolved, "what the page is made of");
    let reads = reads.and_inputs(&opened.loaded.provenance);
    let reads = reads.and_all_of(&meant.scenario, meant.file.as_ref(), meant.folder.as_deref());
    refuse_to_lose(std::slice::from_ref(&output), &reads, args.overwrite.replace())?;
    opened.loaded.distances.adjacent_m = Some(ADJACENT_M);
    let read = opened.sites.take();
    let sites = read.as_ref().map(|read| &read.sites);
    let of = (&args.assessment[..], &rows[..]);
    let mut looked = opened.with(sites, with, |inputs| look(of, inputs, &shown))?;
    if let Some(read) = &read {
        looked.remarks.notices.extend(read.notices.iter().cloned());
        looked.remarks.problems.extend(read.problems.iter().cloned());
    }
    looked.remarks.problems.retain_kinds(|kind| !told::is_mended(kind));
    opened.digested()?;
    let loaded = &opened.loaded;
    let precision = if args.full_precision { Precision::Full } else { Precision::Generalized };
    let groups: Vec<_> = loaded.people.groups.iter().map(|source| source.group).collect();
    let gaps = gaps_of_layers(&loaded.provenance.inputs, &groups, &loaded.scheme);
    let requests = looked.rows.iter().flat_map(gaps::of_row).chain(gaps::of_layers(gaps.clone()));
    let requests: Vec<_> = requests.collect();
    let register = sites.map(|sites| {
        let mut register = Register::of_areas(sites, precision);
        looked.rows.iter().filter_map(of_area).for_each(|of_area| register.add(of_area));
        register
    });
    let timezone = meant.scenario.scenario.timezone.as_deref();
    let report = Report {
        rows: &looked.rows,
        layout: &looked.layout,
        comparison: looked.comparison.as_ref(),
        coas: &looked.coas,
        sites,
        register: register.as_ref(),
        requests: &requests,
        gaps: &gaps,
        picture: &looked.picture,
        times: &|area: &Area| used_at(area, timezone),
        scheme: &loaded.scheme,
        provenance: &loaded.provenance,
        notices: &looked.remarks.notices,
        problems: &looked.remarks.problems,
        precision,
    };
    shown.stage("writing", 0);
    write(&report, args, out)?;
    shown.done();
    let has_faulty = looked.rows.iter().any(|row| row.status.is_without_polygon());
    let is_faulty = has_faulty || told::is_grave(&looked.remarks.problems);
    Ok(if is_faulty { Outcome::Problems } else { Outcome::Done })
}

/// Assesses all areas again, takes them together, and compares options if there are two.
fn look(
    (file, written): (&str, &[WrittenRow]),
    inputs: Ready<'_, &mut dyn AreaSource>,
    shown: &Shown,
) -> Result<Looked> {
    let layout = inputs.layout();
    let is_buffered = inputs.distances.is_buffered();
    let (areas, inputs) = inputs.of(());
    let mut made: Vec<(AssessedArea, Member)> = Vec::new();
    let make = |rows: Vec<AssessedArea>| -> Vec<(AssessedArea, Member)> {
        let with_member = |row: AssessedArea| {
            let member = Member::of(&row, is_buffered);
            (row, member)
        };
        rows.into_iter().map(with_member).collect()
    };
    let found = stream(inputs.of(areas).1, shown, &make, &mut |more| -> Result<()> {
        made.extend(more);
        Ok(())
    })?;
    let (rows, members): (Vec<AssessedArea>, Vec<Member>) = made.into_iter().unzip();
    let now: Vec<WrittenRow> = rows.iter().map(row_of).collect();
    same_rows(file, written, now.iter())?;
    let mut remarks = found.reading;
    remarks.append(found.assessing);
    shown.stage("taking areas together", 0);
    let has_options = members.iter().any(|member| member.coa() != members[0].coa());
    let RollUps { mut coas, unclear, notices } = roll_up(&members, &inputs, has_options)?;
    remarks.notices.extend(notices);
    let mut comparison = None;
    if coas.len() > 1 {
        comparison =
            Some(side_by_side((std::mem::take(&mut coas), unclear), &inputs, Draws::default()));
    }
    shown.stage("drawing", 0);
    let picture = picture(&rows, &inputs)?;
    Ok(Looked { rows, layout, comparison, coas, picture, remarks })
}

fn refuse_ending(output: &str) -> Result<()> {
    if output == "-" || matches!(ending(output).as_deref(), Some("html" | "htm")) {
        return Ok(());
    }
    let found = "no ending of a page, which is .html".to_string();
    Err(WriteError::Refused { path: output.to_string(), found }.into())
}

fn write(page: &Report, args: &Args, out: &mut dyn Write) -> Result<()> {
    let output = args.output.as_str();
    if output == "-" {
        return report::write(page, None, out).map_err(stdout_failed);
    }
    let path = Path::new(output);
    let page = |file: &mut dyn Write| report::write(page, Some(folder_of(path)), file);
    Ok(civex::write::publish(vec![civex::write::complete(path, page)?], args.overwrite.replace())?)
}
