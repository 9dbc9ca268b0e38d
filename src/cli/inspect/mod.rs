//! `civex inspect`: what a file is, and the lines of a scenario that would use it.
//!
//! ```text
//! $ civex inspect population.tif
//! population.tif
//!   kind              raster, GeoTIFF
//!   reference system  EPSG:4326 (WGS 84)
//!   extent            -23 … -21 E, 63 … 65 N
//! ```

mod rows;

use super::draft::{self, Draft};
use super::progress::Shown;
use super::say::Say;
use super::screen::Screen;
use super::work::Work;
use super::{Outcome, stdout_failed};
use civex::assess::Progress;
use civex::error::{Error, ReadError, Result};
use civex::index::{Survey, survey};
use civex::model::Scenario;
use civex::read::inspect::{
    Asked, Guess, Inspected, RasterFacts, VectorFacts, inspect, raster, vector,
};
use civex::read::{Place, Remote};
use rows::Block;
use serde_json::{Value, json};
use std::path::Path;

/// Show what files are, and the lines of a scenario that would use them.
///
/// Takes rasters, vector files and scenarios, with options behind the path as everywhere. Reads every
/// cell and every feature. Ends with status 1 if there are faults, 2 if a file cannot be read.
///
/// Examples:
///
/// - `civex inspect population.tif areas.geojson facilities.gpkg`
///
/// - `civex inspect population.tif,measure=density --json`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Rasters, vector files and scenarios.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
    /// Allow inputs of other machines (/vsicurl/, /vsis3/, https://).
    #[arg(long)]
    remote: bool,
    #[command(flatten)]
    work: Work,
}

/// A raster with what its cells hold, one survey a reading; `None` where they cannot be read.
pub(super) struct SurveyedRaster {
    pub(super) facts: RasterFacts,
    pub(super) surveys: Vec<Option<Survey>>,
}

impl SurveyedRaster {
    /// Reads every cell; what cannot be read is among what refuses the raster.
    pub(super) fn new(mut facts: RasterFacts, shown: &Shown) -> Self {
        let mut surveys = Vec::with_capacity(facts.readings.len());
        for reading in &facts.readings {
            shown.stage("reading cells", (facts.size[0] * facts.size[1]) as u64);
            let surfaces = facts.surfaces.as_ref();
            let read = survey(&reading.raster, surfaces, &|cells| shown.advance(cells));
            surveys.push(read.map_err(|error| facts.refused.push(error)).ok());
        }
        shown.done();
        Self { facts, surveys }
    }
}

/// What was found in all files.
#[derive(Default)]
struct Found {
    blocks: Vec<Block>,
    drafts: Vec<Draft>,
    errors: Vec<(String, ReadError)>,
}

/// Inspects file by file; one that cannot be read does not keep the others from being shown.
pub(crate) fn run(args: &Args, say: Say, out: &mut Screen) -> Result<Outcome> {
    let budget = args.work.begin(say)?;
    let remote = if args.remote { Remote::Allowed } else { Remote::Refused };
    let shown = Shown::new(say, args.work.progress);
    let mut found = Found::default();
    for written in &args.files {
        match inspect(written, remote, budget) {
            Err(error) => found.errors.push((written.clone(), error)),
            Ok(Inspected::Rasters(facts)) => found.add_rasters(facts, &shown),
            Ok(Inspected::Vectors(facts)) => found.add_vectors(facts),
            Ok(Inspected::Scenario(scenario)) => {
                found.add_scenario(
                    &Place::new(written, None).within_budget(budget),
                    &scenario,
                    remote,
                    &shown,
                );
            }
        }
    }
    found.keep_one_areas();
    let text = if args.json { format!("{:#}\n", found.json()) } else { found.text() };
    out.of(args.json).write_all(text.as_bytes()).map_err(stdout_failed)?;
    let faulty = found.blocks.iter().any(Block::is_faulty);
    let mut errors: Vec<Error> =
        found.errors.into_iter().map(|(_, error)| Error::from(error)).collect();
    let last = errors.pop();
    for error in &errors {
        say.error(error);
    }
    match last {
        Some(last) => Err(last),
        None if faulty => Ok(Outcome::Problems),
        None => Ok(Outcome::Done),
    }
}

impl Found {
    fn add_rasters(&mut self, facts: Vec<RasterFacts>, shown: &Shown) {
        for facts in facts {
            let raster = SurveyedRaster::new(facts, shown);
            let SurveyedRaster { facts, surveys } = &raster;
            // What holds no people at all, such as a picture, has no place in a scenario.
            if !facts.readings.is_empty() || facts.undecided.is_some() {
                self.drafts.push(draft::population(facts, surveys, &facts.path));
            }
            self.blocks.push(rows::raster(&raster));
        }
    }

    fn add_vectors(&mut self, layers: Vec<VectorFacts>) {
        for mut facts in layers {
            let (areas, sites) =
                (draft::areas(&facts, &facts.path), draft::sites(&facts, &facts.path));
            match facts.guess {
                Guess::Areas => self.drafts.extend(areas),
                Guess::Sites => self.drafts.extend(sites),
                Guess::Neither => {}
                Guess::Either => self.add_either(&facts, areas, sites),
            }
            self.blocks.push(rows::vector(&mut facts));
        }
    }

    /// Both sections as comments: only the owner of a file knows what it is.
    fn add_either(&mut self, facts: &VectorFacts, areas: Option<Draft>, sites: Option<Draft>) {
        for (mut draft, what) in areas
            .map(|draft| (draft, "areas"))
            .into_iter()
            .chain(sites.map(|draft| (draft, "sites")))
        {
            draft.usable = false;
            if draft.notes.is_empty() {
                draft.notes.push(format!("{}: if it is a layer of {what}.", facts.path));
            }
            self.drafts.push(draft);
        }
    }

    /// Every file that a scenario names, as what the scenario uses it for.
    fn add_scenario(&mut self, file: &Place, scenario: &Scenario, remote: Remote, shown: &Shown) {
        self.blocks.push(rows::scenario(&file.written, scenario));
        let drafts = self.drafts.len();
        let folder = file.resolved.parent().map(Path::to_path_buf);
        let place = |path: &str| Place::new(path, folder.as_deref()).within_budget(file.budget);
        if let Some(entry) = &scenario.areas {
            let asked = Asked { areas: Some(entry.clone()), sites: None };
            match vector(&asked, &place(&entry.path), remote) {
                Ok(facts) => self.add_vectors(facts),
                Err(error) => self.errors.push((entry.path.clone(), error)),
            }
        }
        for entry in &scenario.population {
            match raster(entry, &place(&entry.path), remote) {
                Ok(facts) => self.add_rasters(facts, shown),
                Err(error) => self.errors.push((entry.path.clone(), error)),
            }
        }
        for entry in &scenario.sites {
            let asked = Asked { areas: None, sites: Some(entry.clone()) };
            match vector(&asked, &place(&entry.path), remote) {
                Ok(facts) => self.add_vectors(facts),
                Err(error) => self.errors.push((entry.path.clone(), error)),
            }
        }
        // What is decided is written already; the classes of values may not be.
        let is_open =
            |draft: &Draft| draft.lines.iter().any(|line| line.key == "classes" && !line.holds);
        let read = self.drafts.split_off(drafts);
        self.drafts.extend(read.into_iter().filter(is_open));
    }

    /// A scenario has one `[areas]`: further ones become comments.
    fn keep_one_areas(&mut self) {
        let areas = self.drafts.iter_mut().filter(|draft| draft.head == "[areas]" && draft.usable);
        for other in areas.skip(1) {
            other.usable = false;
            other.notes.push("a scenario has one [areas]: this one, or the one above.".into());
        }
        // In the order of a scenario; sorting keeps the order of files within a kind.
        let order = ["[areas]", "[[population]]", "[[sites]]"];
        self.drafts.sort_by_key(|draft| order.iter().position(|head| *head == draft.head));
    }

    /// Lines to paste into a scenario; nothing without any.
    fn toml(&self) -> String {
        if self.drafts.is_empty() {
            return String::new();
        }
        let sections: Vec<String> = self.drafts.iter().map(Draft::short).collect();
        format!(
            "# For a scenario; paths are relative to its file. Lines behind # wait for a decision.\n\n{}",
            sections.join("\n")
        )
    }

    fn text(&self) -> String {
        let blocks: Vec<String> = self.blocks.iter().map(Block::text).collect();
        let (blocks, toml) = (blocks.join("\n"), self.toml());
        if blocks.is_empty() || toml.is_empty() {
            blocks + &toml
        } else {
            format!("{blocks}\n{toml}")
        }
    }

    fn json(&self) -> Value {
        let unreadable = |(path, error): &(String, ReadError)| json!({"path": path, "error": error.to_string(), "hint": error.hint()});
        let files: Vec<Value> = self.blocks.iter().map(Block::json).collect();
        let errors: Vec<Value> = self.errors.iter().map(unreadable).collect();
        json!({"files": files, "unreadable": errors, "scenario": self.toml()})
    }
}
