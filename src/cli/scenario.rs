//! What was typed, as a scenario: a file, with the layers of the command line in place of its own.

use super::told::ending;
use civex::error::Result;
use civex::model::{
    AnswersEntry, AreasEntry, Budget, LinksEntry, PopulationEntry, Scenario, SchemeEntry,
    SitesEntry,
};
use civex::read::{Place, Remote, options, scenario};
use std::path::{Path, PathBuf};

/// Where the inputs come from.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Inputs {
    /// A scenario file (TOML, or the same in JSON); paths in it are relative to it.
    pub(super) scenario: Option<String>,
    /// Areas, in place of the scenario's: any vector file, with options behind the path
    /// (`plan.gpkg,layer=areas,id=ref,buffer_m=500`).
    #[arg(long, value_name = "FILE")]
    areas: Option<String>,
    /// A population raster, with options behind the path (`pop.tif,nodata_means=zero`); repeatable.
    /// Takes the place of all of the scenario's.
    #[arg(long, value_name = "FILE")]
    population: Vec<String>,
    /// A layer of sites, with options behind the path (`osm.gpkg,classify=osm`); repeatable. Takes the
    /// place of all of the scenario's.
    #[arg(long, value_name = "FILE")]
    sites: Vec<String>,
    /// A layer of partners' answers about sites, with options behind the path; repeatable. Takes the place of
    /// all of the scenario's.
    #[arg(long, value_name = "FILE")]
    answers: Vec<String>,
    /// A table of supply links between sites (`from`, `to`, `theta`), with options behind the path;
    /// repeatable. Takes the place of all of the scenario's.
    #[arg(long, value_name = "FILE")]
    links: Vec<String>,
    /// A scheme file that holds what differs from the built-in scheme.
    #[arg(long, value_name = "FILE")]
    scheme: Option<String>,
    /// Allow inputs of other machines (/vsicurl/, /vsis3/, https://).
    #[arg(long)]
    pub(super) remote: bool,
}

/// A scenario, and where its paths start.
pub(crate) struct Meant {
    pub(crate) scenario: Scenario,
    /// Its file, if there is one.
    pub(crate) file: Option<Place>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) remote: Remote,
}

impl Inputs {
    /// A scenario as its file says.
    pub(super) fn of_file(scenario: &str) -> Self {
        Self { scenario: Some(scenario.to_string()), ..Self::default() }
    }

    /// Whether any layer was typed.
    pub(super) fn has_layers(&self) -> bool {
        let Self { areas, population, sites, answers, links, scheme, .. } = self;
        let lists = [population, sites, answers, links];
        areas.is_some() || scheme.is_some() || lists.iter().any(|list| !list.is_empty())
    }

    /// Reads the scenario file, if there is one, and puts in what the command line says.
    pub(crate) fn meant(&self, budget: Budget) -> Result<Meant> {
        let place = |written: &str| Place::new(written, None).within_budget(budget);
        let file = self.scenario.as_deref().map(place);
        let mut scenario = match &file {
            Some(file) => scenario::read(file)?,
            None => Scenario::default(),
        };
        let folder = file.as_ref().and_then(|file| file.resolved.parent()).map(Path::to_path_buf);
        // Paths of the command line are relative to the working directory, not to the scenario.
        if let Some(areas) = &self.areas {
            scenario.areas = Some(AreasEntry { from_here: true, ..options::areas(areas)? });
        }
        if !self.population.is_empty() {
            scenario.population.clear();
        }
        for written in &self.population {
            let entry = PopulationEntry { from_here: true, ..options::population(written)? };
            scenario.population.push(entry);
        }
        if !self.sites.is_empty() {
            scenario.sites.clear();
        }
        for written in &self.sites {
            scenario.sites.push(SitesEntry { from_here: true, ..options::sites(written)? });
        }
        if !self.answers.is_empty() {
            scenario.answers.clear();
        }
        for written in &self.answers {
            scenario.answers.push(AnswersEntry { from_here: true, ..options::answers(written)? });
        }
        if !self.links.is_empty() {
            scenario.links.clear();
        }
        for written in &self.links {
            scenario.links.push(LinksEntry { from_here: true, ..options::links(written)? });
        }
        if let Some(path) = &self.scheme {
            scenario.scheme = Some(SchemeEntry { path: path.clone(), from_here: true });
        }
        scenario::check(&scenario)?;
        let remote = if self.remote { Remote::Allowed } else { Remote::Refused };
        Ok(Meant { scenario, file, folder, remote })
    }
}

/// Whether a path is that of a scenario, by its ending: no raster ends like one.
pub(crate) fn is_scenario(written: &str) -> bool {
    matches!(ending(written).as_deref(), Some("toml" | "json"))
}
