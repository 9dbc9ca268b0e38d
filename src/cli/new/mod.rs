//! `civex new`: a commented scenario to start from, filled in from the files it is to use.
//!
//! ```text
//! $ civex new exercise --areas areas.geojson --population population.tif
//! exercise/scenario.toml
//! to decide: `nodata_means` of [[population]] population
//! next: civex check exercise/scenario.toml
//! ```

mod keys;

use super::draft::{self, Draft, Line};
use super::inspect::SurveyedRaster;
use super::progress::Shown;
use super::say::Say;
use super::screen::Screen;
use super::stdout_failed;
use super::work::Work;
use civex::error::{ReadError, Result, WriteError, shell_quoted};
use civex::read::inspect::{Asked, raster, vector};
use civex::read::{Place, Remote, options};
use civex::write::{Replace, complete, publish, relative_to};
use keys::Key;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write a commented scenario to start from.
///
/// Every key is explained in its line. What the files tell is filled in, what they cannot tell is
/// left to decide, and `civex check` finds what is wrong with the files. A scenario that is there is never
/// overwritten.
///
/// Examples:
///
/// - `civex new exercise`
///
/// - `civex new exercise --areas areas.geojson --population pop.tif --sites facilities.gpkg`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder for `scenario.toml`; it is made if it is not there.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// The areas, with options behind the path.
    #[arg(long, value_name = "FILE")]
    areas: Option<String>,
    /// A population raster, with options behind the path; repeatable.
    #[arg(long, value_name = "FILE")]
    population: Vec<String>,
    /// A layer of sites, with options behind the path; repeatable.
    #[arg(long, value_name = "FILE")]
    sites: Vec<String>,
    /// Allow inputs of other machines (/vsicurl/, /vsis3/, https://).
    #[arg(long)]
    remote: bool,
    #[command(flatten)]
    work: Work,
}

/// Inspects the files, writes the scenario, and says what comes next.
pub(crate) fn run(args: &Args, say: Say, out: &mut Screen) -> Result<()> {
    let path = args.folder.join("scenario.toml");
    let path = path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path);
    let shown_path = path.display().to_string();
    if path.symlink_metadata().is_ok() {
        let hint = "name another folder, `civex new FOLDER`, or move it away first".to_string();
        return Err(WriteError::Exists { path: shown_path, hint }.into());
    }
    let drafts = Drafts::new(args, say)?;
    let text = drafts.text();
    let complete = complete(&path, |file| file.write_all(text.as_bytes()))?;
    publish(vec![complete], Replace::Own)?;
    let decisions = drafts.decisions();
    let mut said = format!("{shown_path}\n");
    for decision in &decisions {
        // Writing into a string cannot fail.
        let _ = writeln!(said, "to decide: {decision}");
    }
    let _ = writeln!(said, "next: civex check {}", shell_quoted(&shown_path));
    out.write_all(said.as_bytes()).map_err(stdout_failed)
}

/// The sections that files gave.
struct Drafts {
    areas: Option<Draft>,
    population: Vec<Draft>,
    sites: Vec<Draft>,
}

impl Drafts {
    /// Inspects every file as what it was named for.
    fn new(args: &Args, say: Say) -> std::result::Result<Self, ReadError> {
        let budget = args.work.begin(say)?;
        let remote = if args.remote { Remote::Allowed } else { Remote::Refused };
        let shown = Shown::new(say, args.work.progress);
        let from_folder = |written: &str| path_from(written, &args.folder);
        let mut areas = None;
        if let Some(written) = &args.areas {
            let entry = options::areas(written)?;
            let place = Place::new(&entry.path, None).within_budget(budget);
            let layers = vector(&Asked { areas: Some(entry), sites: None }, &place, remote)?;
            if layers.len() > 1 {
                let names = layers.iter().filter_map(|facts| facts.layer.as_deref());
                let names = names.collect::<Vec<_>>().join(", ");
                return Err(ReadError::unusable_hint(
                    &place.written,
                    format!("it has {} layers: {names}", layers.len()),
                    "name the one of the areas: `,layer=…` behind the path",
                ));
            }
            let path = from_folder(&place.written);
            areas = layers.first().and_then(|facts| draft::areas(facts, &path));
        }
        let mut population = Vec::new();
        for written in &args.population {
            let entry = options::population(written)?;
            let place = Place::new(&entry.path, None).within_budget(budget);
            let path = from_folder(&place.written);
            for facts in raster(&entry, &place, remote)? {
                let SurveyedRaster { facts, surveys } = SurveyedRaster::new(facts, &shown);
                population.push(draft::population(&facts, &surveys, &path));
            }
        }
        let mut sites = Vec::new();
        for written in &args.sites {
            let entry = options::sites(written)?;
            let place = Place::new(&entry.path, None).within_budget(budget);
            let path = from_folder(&place.written);
            let layers = vector(&Asked { areas: None, sites: Some(entry) }, &place, remote)?;
            sites.extend(layers.iter().filter_map(|facts| draft::sites(facts, &path)));
        }
        Ok(Self { areas, population, sites })
    }

    /// The whole file.
    fn text(&self) -> String {
        let mut out = String::from(
            "# A scenario for civex: which areas, which population, which civilian sites.\n\
             #\n\
             # Each key is explained behind it. A key behind # is not set, and shows an example or what\n\
             # counts anyway: take the # away to set it. Paths are relative to this file.\n",
        );
        out.push_str(&section("[scenario]", &keys::SCENARIO, None, Placeholder::Keys));
        let areas = section("[areas]", &keys::AREAS, self.areas.as_ref(), Placeholder::Path);
        out.push_str(&areas);
        out.push_str(&sections(
            "[[population]]",
            &keys::POPULATION,
            &self.population,
            Placeholder::Path,
        ));
        out.push_str(&sections("[[sites]]", &keys::SITES, &self.sites, Placeholder::Nothing));
        out.push_str(&sections("[[answers]]", &keys::ANSWERS, &[], Placeholder::Nothing));
        out.push_str(&sections("[[links]]", &keys::LINKS, &[], Placeholder::Nothing));
        out.push_str(&section("[scheme]", &keys::SCHEME, None, Placeholder::Nothing));
        out
    }

    /// What is left to decide, a sentence a section.
    fn decisions(&self) -> Vec<String> {
        let all = self.areas.iter().chain(&self.population).chain(&self.sites);
        let of = |draft: &Draft| {
            let open = draft.lines.iter().filter(|line| !line.holds);
            let keys: Vec<String> = open.map(|line| format!("`{}`", line.key)).collect();
            let name = draft.lines.iter().find(|line| line.key == "name" && line.holds);
            let name = name.filter(|_| draft.head != "[areas]");
            let name = name.map(|line| format!(" {}", line.value)).unwrap_or_default();
            (!keys.is_empty()).then(|| format!("{} of {}{name}", keys.join(", "), draft.head))
        };
        all.filter_map(of).collect()
    }
}

/// A path of the command line as the scenario in a folder names it; what is no file of this file
/// system stays as it is.
fn path_from(written: &str, folder: &Path) -> String {
    let is_file = !written.starts_with("/vsi") && Path::new(written).exists();
    let relative = is_file.then(|| relative_to(Path::new(written), folder)).flatten();
    relative.unwrap_or_else(|| written.to_string())
}

/// What a section without a file shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    /// Its heading; every key is a comment.
    Keys,
    /// Its heading and an example of a path, which `check` will not find.
    Path,
    /// Nothing but comments.
    Nothing,
}

/// A section for each draft: the keys are explained in the first.
fn sections(head: &str, keys: &[Key], drafts: &[Draft], placeholder: Placeholder) -> String {
    let mut out = section(head, keys, drafts.first(), placeholder);
    for draft in drafts.iter().skip(1) {
        out.push('\n');
        out.push_str(&Draft::short(draft));
    }
    out
}

/// A section with every key, set or as a comment.
fn section(head: &str, keys: &[Key], draft: Option<&Draft>, placeholder: Placeholder) -> String {
    let mut out = String::from("\n");
    // What a file says of itself must not become a line of its own.
    let in_line = |text: &str| text.replace(char::is_control, "\u{fffd}");
    for note in draft.iter().flat_map(|draft| &draft.notes) {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "# {}", in_line(note));
    }
    let nothing = draft.is_none() && placeholder == Placeholder::Nothing;
    let _ = writeln!(out, "{}{head}", if nothing { "# " } else { "" });
    for (key, example, about) in keys {
        let line = draft.and_then(|draft| draft.lines.iter().find(|line| line.key == *key));
        let mut about = (*about).to_string();
        let left = match line {
            Some(Line { value, holds: true, why, .. }) => {
                if !why.is_empty() {
                    let _ = write!(about, "; here: {}", in_line(why));
                }
                format!("{key} = {value}")
            }
            Some(Line { value, why, .. }) => {
                let _ = writeln!(out, "# to decide: {}", in_line(why));
                format!("# {key} = {value}")
            }
            None if *key == "path" && placeholder == Placeholder::Path => {
                format!("{key} = {example}")
            }
            None => format!("# {key} = {example}"),
        };
        let _ = writeln!(out, "{left:<36}  # {about}");
    }
    out
}
