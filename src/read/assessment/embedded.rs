//! The scenario that is embedded in an assessment, from the member `civex`: settings are texts there.
//!
//! Each input becomes the entry that it was, through the same types and the same checks as those of a scenario
//! file, and every fault is told by its member. A setting that its role does not have is a fault: one that is
//! called `path` would lead past the digest.

use super::super::scenario::senseless;
use super::super::text::{Step, known_keys, plain};
use crate::error::{FileFault, ReadError, grouped};
use crate::model::{
    AreasEntry, COVERS_OPTIONS, GroupEntry, Overlap, PopulationEntry, Role, Scenario, ScenarioHead,
    SchemeEntry, SitesEntry,
};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// More inputs than a scenario can have.
const MOST_INPUTS: usize = 2048;

/// More files than belong to any input: those of a mosaic.
const MOST_BESIDE: usize = 10_000;

/// The way out of faults of an assessment.
pub(super) const HINT: &str =
    "get the assessment as civex wrote it, or assess its scenario again: it is not to be edited";

/// The member `civex`, but for its notices.
#[derive(Debug, Deserialize)]
pub(in crate::read) struct About {
    pub(in crate::read) version: Option<String>,
    #[serde(default)]
    pub(in crate::read) scenario: Head,
    #[serde(default)]
    pub(in crate::read) scheme: SchemeHead,
    #[serde(default)]
    pub(in crate::read) settings: Settings,
    inputs: Vec<Input>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::read) struct Head {
    pub(in crate::read) name: Option<String>,
    pub(in crate::read) date: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::read) struct SchemeHead {
    pub(in crate::read) name: Option<String>,
    pub(in crate::read) digest: Option<String>,
}

/// Settings by their keys.
pub(in crate::read) type Settings = BTreeMap<String, Texts>;

/// One input.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::read) struct Input {
    pub(in crate::read) role: String,
    pub(in crate::read) name: Option<String>,
    pub(in crate::read) path: String,
    pub(super) relative_path: Option<String>,
    pub(super) bytes: Option<u64>,
    pub(in crate::read) sha256: Option<String>,
    pub(in crate::read) date: Option<String>,
    #[serde(default, rename = "age_years")]
    _age_years: IgnoredAny,
    licence: Option<String>,
    attribution: Option<String>,
    #[serde(default)]
    pub(in crate::read) settings: Settings,
    #[serde(default)]
    pub(in crate::read) files_beside: Vec<Beside>,
    #[serde(default, rename = "features")]
    _features: IgnoredAny,
    #[serde(default, rename = "lost")]
    _lost: IgnoredAny,
}

/// A file that belongs to an input.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::read) struct Beside {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(in crate::read) sha256: String,
}

/// The value of a setting: one text, or several.
#[derive(Debug, Clone)]
pub(in crate::read) enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Texts {
    fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

impl fmt::Display for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(text) => f.write_str(text),
            Self::Many(texts) => write!(f, "{}", serde_json::Value::from(texts.clone())),
        }
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Texts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }
            fn visit_str<E>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts::One(text.to_string()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element()? {
                    texts.push(text);
                }
                Ok(Texts::Many(texts))
            }
        }
        from.deserialize_any(OneOrMany)
    }
}

/// What an input is to the scenario: with its place in the list of its kind where there may be several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::read) enum Part {
    Scenario,
    Scheme,
    Areas,
    Population(usize),
    /// A raster of a group; the entry of a source names it.
    OfGroup,
    Sites(usize),
    /// Of the sites at that place.
    Rules(usize),
    Covers(usize),
    Answers(usize),
    Links(usize),
}

/// An assessment's scenario, with paths as they are recorded.
#[derive(Debug)]
pub(in crate::read) struct Embedded {
    scenario: Scenario,
    pub(in crate::read) version: Option<String>,
    pub(in crate::read) head: Head,
    pub(in crate::read) scheme: SchemeHead,
    pub(in crate::read) settings: Settings,
    /// Its inputs, each with what it is.
    pub(in crate::read) inputs: Vec<(Part, Input)>,
}

impl Embedded {
    /// Reads and checks what an assessment says.
    ///
    /// # Errors
    ///
    /// All faults, each with its member.
    pub(super) fn of(about: About, written: &str) -> Result<Self, Vec<FileFault>> {
        let About { version, scenario: head, scheme, settings, inputs } = about;
        let mut maker = Maker::default();
        maker.head(&head, &settings);
        maker.inputs(&inputs);
        let Maker { scenario, parts, mut faults } = maker;
        if faults.is_empty() {
            let told = |steps: &[Step], found: &str, _: Option<String>| {
                fault(&member_of(steps, &parts), found)
            };
            faults = senseless(&scenario, &told);
        }
        if faults.is_empty() {
            let inputs = parts.into_iter().zip(inputs).collect();
            return Ok(Self { scenario, version, head, scheme, settings, inputs });
        }
        for fault in &mut faults {
            written.clone_into(&mut fault.file);
        }
        // One way out is that of all.
        if let Some(last) = faults.last_mut() {
            last.hint = Some(HINT.into());
        }
        Err(faults)
    }

    /// Whether records of one thing were kept apart.
    pub(super) fn no_merge(&self) -> bool {
        self.settings.contains_key("no_merge")
    }

    /// The scenario with paths that lead to where each input was found.
    ///
    /// # Errors
    ///
    /// If a group is told by files that are none of the inputs.
    pub(super) fn scenario_at(
        mut self,
        places: &[PathBuf],
        written: &str,
    ) -> Result<Scenario, ReadError> {
        self.lead_groups(places, written)?;
        let Self { mut scenario, inputs, .. } = self;
        for ((part, _), place) in inputs.iter().zip(places) {
            let path = place.to_string_lossy().into_owned();
            match *part {
                Part::Scenario | Part::OfGroup => {}
                Part::Scheme => scenario.scheme = Some(SchemeEntry { path, from_here: true }),
                Part::Areas => {
                    scenario.areas.iter_mut().for_each(|of| {
                        path.clone_into(&mut of.path);
                        of.from_here = true;
                    });
                }
                Part::Population(at) => {
                    let of = &mut scenario.population[at];
                    (of.path, of.from_here) = (path, true);
                }
                Part::Sites(at) => {
                    let of = &mut scenario.sites[at];
                    (of.path, of.from_here) = (path, true);
                }
                Part::Rules(at) => scenario.sites[at].rules = Some(path),
                Part::Covers(at) => {
                    let of = &mut scenario.sites[at];
                    of.covers = of.covers_at(&path);
                }
                Part::Answers(at) => {
                    let of = &mut scenario.answers[at];
                    (of.path, of.from_here) = (path, true);
                }
                Part::Links(at) => {
                    let of = &mut scenario.links[at];
                    (of.path, of.from_here) = (path, true);
                }
            }
        }
        Ok(scenario)
    }

    /// Makes the paths of groups lead to where their rasters were found.
    fn lead_groups(&mut self, places: &[PathBuf], written: &str) -> Result<(), ReadError> {
        let Self { scenario, inputs, .. } = self;
        let rasters: Vec<Raster> = inputs
            .iter()
            .zip(places)
            .filter(|((part, _), _)| *part == Part::OfGroup)
            .map(|((_, input), place)| (input, place))
            .collect();
        let mut told = BTreeMap::<String, usize>::new();
        for (name, _) in scenario.population.iter().flat_map(|of| of.groups.iter().flatten()) {
            *told.entry(name.clone()).or_default() += 1;
        }
        for groups in scenario.population.iter_mut().filter_map(|of| of.groups.as_mut()) {
            let unread: Vec<(String, String)> = groups
                .iter_mut()
                .filter_map(|(name, group)| Some((name.clone(), lead(name, group, &rasters)?)))
                .collect();
            for (name, path) in unread {
                // Of two entries that tell of one group, one is read.
                let others = told.get_mut(&name).filter(|entries| **entries > 1);
                let Some(others) = others else {
                    let found = format!(
                        "its group {name} is told by \"{path}\", which is none of its inputs"
                    );
                    return Err(ReadError::unusable_hint(written, found, HINT));
                };
                *others -= 1;
                groups.remove(&name);
            }
        }
        Ok(())
    }
}

/// A raster of groups, and where it was found.
type Raster<'i> = (&'i Input, &'i PathBuf);

/// Makes the path of a group lead to where its raster was found; the path if it was not.
fn lead(name: &str, group: &mut GroupEntry, rasters: &[Raster]) -> Option<String> {
    let folder = |path: &str| Path::new(path).parent().map(Path::to_path_buf);
    let is_of = |input: &Input| {
        input.settings.get("group").is_some_and(|of| of.all().iter().any(|of| of == name))
    };
    let found = |is_it: &dyn Fn(&str) -> bool| {
        rasters.iter().find(|(input, _)| is_of(input) && is_it(&input.path)).map(|(_, at)| *at)
    };
    let (path, place) = if let Some(pattern) = &mut group.pattern {
        let beside = folder(pattern);
        let own = Path::new(pattern.as_str()).file_name().unwrap_or_default().to_os_string();
        let at = found(&|path| folder(path) == beside).map(|at| at.with_file_name(own));
        (pattern, at)
    } else {
        let path = group.path.as_mut()?;
        let at = found(&|other| other == path).cloned();
        (path, at)
    };
    let Some(place) = place else { return Some(path.clone()) };
    *path = place.to_string_lossy().into_owned();
    None
}

/// A scenario in the making.
#[derive(Default)]
struct Maker {
    scenario: Scenario,
    /// What each input is.
    parts: Vec<Part>,
    faults: Vec<FileFault>,
}

impl Maker {
    fn fault(&mut self, member: &str, found: &str) {
        self.faults.push(fault(member, found));
    }

    /// What is said of the whole.
    fn head(&mut self, head: &Head, settings: &Settings) {
        let text = |key: &str| settings.get(key).map(|texts| Value::from(texts.to_string()));
        let overlap = text("overlap").map(Overlap::deserialize).transpose();
        let overlap = overlap.unwrap_or_else(|error| {
            self.fault("settings.overlap", &plain(error.message()));
            None
        });
        let known = ["overlap", "timezone", "no_merge"];
        self.unknown_keys("settings", settings, &known);
        if settings.get("no_merge").is_some_and(|texts| texts.to_string() != "true") {
            self.fault("settings.no_merge", "it is no truth, wanted true or nothing");
        }
        self.scenario.scenario = ScenarioHead {
            name: head.name.clone(),
            date: head.date.clone(),
            timezone: settings.get("timezone").map(Texts::to_string),
        };
        self.scenario.areas =
            overlap.map(|overlap| AreasEntry { overlap: Some(overlap), ..AreasEntry::default() });
    }

    fn inputs(&mut self, inputs: &[Input]) {
        if inputs.len() > MOST_INPUTS {
            let [found, most] = [inputs.len(), MOST_INPUTS].map(|count| grouped(count as u64));
            return self.fault("inputs", &format!("{found} inputs, wanted {most} at most"));
        }
        for (at, input) in inputs.iter().enumerate() {
            let member = format!("inputs[{at}]");
            self.digests(&member, input);
            let part = self.part(&member, input);
            // It has its place, for those behind it, and its fault.
            self.parts.push(part.unwrap_or(Part::Scenario));
        }
        let none = |part: &dyn Fn(&Part) -> bool| !self.parts.iter().any(part);
        let (no_areas, no_people) =
            (none(&|part| *part == Part::Areas), none(&|part| matches!(part, Part::Population(_))));
        if no_areas {
            self.fault("inputs", "none is that of areas, wanted one");
        }
        if no_people {
            self.fault("inputs", "none is one of population, wanted one at least");
        }
    }

    /// Refuses digests that are none.
    fn digests(&mut self, member: &str, input: &Input) {
        match (&input.sha256, input.bytes) {
            (Some(sha256), Some(_)) => self.digest(member, sha256),
            // What is no file of this machine has none; it is not read again.
            (None, None) if is_elsewhere(&input.path) => {}
            (None, _) => self.fault(
                &format!("{member}.sha256"),
                &format!("\"{}\" has no SHA-256, wanted that of every input", input.path),
            ),
            (Some(_), None) => {
                self.fault(
                    &format!("{member}.bytes"),
                    &format!("\"{}\" has no length", input.path),
                );
            }
        }
        let beside = &input.files_beside;
        if beside.len() > MOST_BESIDE {
            let [found, most] = [beside.len(), MOST_BESIDE].map(|count| grouped(count as u64));
            let found = format!("{found} files, wanted {most} at most");
            return self.fault(&format!("{member}.files_beside"), &found);
        }
        for (at, file) in beside.iter().enumerate() {
            self.digest(&format!("{member}.files_beside[{at}]"), &file.sha256);
        }
    }

    fn digest(&mut self, member: &str, sha256: &str) {
        if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let found = format!("found \"{sha256}\", wanted 64 hexadecimal digits");
            self.fault(&format!("{member}.sha256"), &found);
        }
    }

    /// What an input is; its entry goes into the scenario.
    fn part(&mut self, member: &str, input: &Input) -> Option<Part> {
        let Some(role) = Role::ALL.into_iter().find(|role| role.name() == input.role) else {
            let known = Role::ALL.map(Role::name).join(", ");
            let found = format!("found \"{}\", wanted one of {known}", input.role);
            self.fault(&format!("{member}.role"), &found);
            return None;
        };
        let once = match role {
            Role::Scenario => Some(Part::Scenario),
            Role::Scheme => Some(Part::Scheme),
            Role::Areas => Some(Part::Areas),
            _ => None,
        };
        if once.is_some_and(|once| self.parts.contains(&once)) {
            let found = format!("a second input of the role {}, wanted one", input.role);
            self.fault(&format!("{member}.role"), &found);
            return None;
        }
        match role {
            Role::Scenario => {
                self.unknown_keys(&format!("{member}.settings"), &input.settings, &[]);
                Some(Part::Scenario)
            }
            Role::Scheme => {
                self.scenario.scheme = self.entry(member, input, &[], &[]);
                Some(Part::Scheme)
            }
            Role::Areas => self.areas(member, input),
            Role::Population => self.population(member, input),
            Role::Sites => self.sites(member, input),
            Role::Rules => self.rules(member, input),
            Role::Covers => self.covers(member, input),
            Role::Answers => {
                let more = [("name", &input.name)];
                let entry = self.entry(member, input, &["layer", "confidence"], &more)?;
                self.scenario.answers.push(entry);
                Some(Part::Answers(self.scenario.answers.len() - 1))
            }
            Role::Links => {
                let entry = self.entry(member, input, &["layer"], &[])?;
                self.scenario.links.push(entry);
                Some(Part::Links(self.scenario.links.len() - 1))
            }
        }
    }

    fn areas(&mut self, member: &str, input: &Input) -> Option<Part> {
        let keys = [
            "layer",
            "crs",
            "id",
            "name",
            "coa",
            "phase",
            "start",
            "end",
            "buffer_m",
            "buffer_lines_m",
            "rings_m",
        ];
        let overlap = self.scenario.areas.as_ref().and_then(|of| of.overlap);
        let entry: AreasEntry = self.entry(member, input, &keys, &[])?;
        self.scenario.areas = Some(AreasEntry { overlap, ..entry });
        Some(Part::Areas)
    }

    fn population(&mut self, member: &str, input: &Input) -> Option<Part> {
        if input.settings.contains_key("group") {
            let keys = ["group", "weight"];
            self.unknown_keys(&format!("{member}.settings"), &input.settings, &keys);
            return Some(Part::OfGroup);
        }
        let keys = [
            "measure",
            "nodata_means",
            "nodata",
            "clamp_below",
            "samples",
            "primary",
            "layer",
            "time",
            "groups",
        ];
        let more = [("name", &input.name), ("year", &input.date)];
        let entry: PopulationEntry = self.entry(member, input, &keys, &more)?;
        self.scenario.population.push(entry);
        Some(Part::Population(self.scenario.population.len() - 1))
    }

    fn sites(&mut self, member: &str, input: &Input) -> Option<Part> {
        let keys = [
            "expires_on",
            "layer",
            "crs",
            "classify",
            "class",
            "class_field",
            "classes",
            "confidence",
            "occupancy",
            "capacity",
            "in_raster",
            "covers",
        ];
        let more = [("name", &input.name), ("observed_on", &input.date)];
        let entry: SitesEntry = self.entry(member, input, &keys, &more)?;
        if entry.covers_file().is_some() {
            let found = "`covers` is none of \"all\", \"bounds\" and \"hull\", and a file is an input of its own";
            self.fault(&format!("{member}.settings"), found);
        }
        self.scenario.sites.push(entry);
        Some(Part::Sites(self.scenario.sites.len() - 1))
    }

    /// Rules are those of the sites before them.
    fn rules(&mut self, member: &str, input: &Input) -> Option<Part> {
        self.unknown_keys(&format!("{member}.settings"), &input.settings, &[]);
        let at = self.scenario.sites.len().checked_sub(1);
        let of = self.scenario.sites.last_mut().filter(|of| of.rules.is_none());
        let Some((of, at)) = of.zip(at) else {
            let found = "rules without sites before them that have none yet";
            self.fault(&format!("{member}.role"), found);
            return None;
        };
        of.rules = Some(input.path.clone());
        Some(Part::Rules(at))
    }

    /// The ground that the sites before it cover.
    fn covers(&mut self, member: &str, input: &Input) -> Option<Part> {
        self.unknown_keys(&format!("{member}.settings"), &input.settings, &COVERS_OPTIONS);
        let at = self.scenario.sites.len().checked_sub(1);
        let option = |key: &str| match input.settings.get(key) {
            Some(Texts::One(value)) => format!(",{key}={value}"),
            _ => String::new(),
        };
        let covers = format!("{}{}", input.path, COVERS_OPTIONS.map(option).concat());
        let of = self.scenario.sites.last_mut().filter(|of| of.covers.is_none());
        let Some((of, at)) = of.zip(at) else {
            let found = "covered ground without sites before it that have none yet";
            self.fault(&format!("{member}.role"), found);
            return None;
        };
        of.covers = Some(covers);
        // What is read is what the digest is of.
        if of.covers_file() != Some(&input.path) {
            let found = format!("\"{}\" is no path of a file of ground", input.path);
            self.fault(&format!("{member}.path"), &found);
            return None;
        }
        Some(Part::Covers(at))
    }

    /// The entry of an input, from its settings and what else is known of it.
    fn entry<T: DeserializeOwned>(
        &mut self,
        member: &str,
        input: &Input,
        keys: &[&str],
        more: &[(&str, &Option<String>)],
    ) -> Option<T> {
        let settings = format!("{member}.settings");
        self.unknown_keys(&settings, &input.settings, keys);
        let own = input.settings.iter().filter(|(key, _)| keys.contains(&key.as_str()));
        let mut table: Table = own.map(|(key, texts)| (key.clone(), typed(key, texts))).collect();
        table.insert("path".into(), Value::from(input.path.as_str()));
        let known = known_keys::<T>();
        let more = more.iter().copied();
        let texts = more.chain([("licence", &input.licence), ("attribution", &input.attribution)]);
        for (key, text) in texts.filter(|(key, _)| known.contains(key)) {
            let value = text.as_ref().map(|text| typed(key, &Texts::One(text.clone())));
            table.extend(value.map(|value| (key.to_string(), value)));
        }
        match T::deserialize(Value::Table(table)) {
            Ok(entry) => Some(entry),
            Err(error) => {
                self.fault(&settings, &plain(error.to_string().trim_end()));
                None
            }
        }
    }

    fn unknown_keys(&mut self, member: &str, settings: &Settings, known: &[&str]) {
        for key in settings.keys().filter(|key| !known.contains(&key.as_str())) {
            self.fault(member, &format!("unknown key `{key}`"));
        }
    }
}

/// Whether a path is that of no file of this machine: a stream, another machine, a part of a dataset.
fn is_elsewhere(path: &str) -> bool {
    path == "-" || path.starts_with("/vsi") || path.contains(':')
}

/// A fault at a member of `civex`; its file is told later.
fn fault(member: &str, found: &str) -> FileFault {
    let found = format!("`civex.{member}`: {found}");
    FileFault { file: String::new(), place: None, line: None, found, hint: None }
}

/// The member that holds the value to which steps of a scenario lead.
fn member_of(steps: &[Step], parts: &[Part]) -> String {
    let (section, place, rest) = match steps {
        [Step::Key("scenario"), Step::Key("timezone")] => return "settings.timezone".into(),
        [Step::Key("scenario"), Step::Key(key)] => return format!("scenario.{key}"),
        [Step::Key(section), Step::Place(place), rest @ ..] => (*section, *place, rest),
        [Step::Key(section), rest @ ..] => (*section, 0, rest),
        _ => return "inputs".into(),
    };
    let part = match section {
        "areas" => Part::Areas,
        "population" => Part::Population(place),
        "sites" => Part::Sites(place),
        "answers" => Part::Answers(place),
        "links" => Part::Links(place),
        _ => Part::Scheme,
    };
    let Some(at) = parts.iter().position(|of| *of == part) else { return "inputs".into() };
    let member = |key: &str| match key {
        "path" | "licence" | "attribution" => format!(".{key}"),
        "name" if part != Part::Areas => ".name".into(),
        "year" | "observed_on" => ".date".into(),
        _ => format!(".settings.{key}"),
    };
    let key =
        |step: &Step| if let Step::Key(key) = step { (*key).to_string() } else { String::new() };
    let rest = match rest {
        [] => String::new(),
        [first] => member(&key(first)),
        [first, second, ..] => format!("{}.{}", member(&key(first)), key(second)),
    };
    format!("inputs[{at}]{rest}")
}

/// Settings that are numbers, and lists of numbers; all others are texts, but for those below.
const NUMBERS: [&str; 7] =
    ["buffer_m", "buffer_lines_m", "clamp_below", "confidence", "occupancy", "capacity", "year"];
const LISTS: [&str; 3] = ["rings_m", "samples", "nodata"];

/// The value of a setting as its key wants it; one that cannot be had stays a text, and a fault.
fn typed(key: &str, texts: &Texts) -> Value {
    let number = |text: &str| {
        let whole = text.parse::<i64>().map(Value::from);
        let number = whole.or_else(|_| text.parse::<f64>().map(Value::from));
        number.unwrap_or_else(|_| Value::from(text))
    };
    let all = texts.all();
    let written = || Value::from(texts.to_string());
    match (key, texts) {
        _ if LISTS.contains(&key) => {
            Value::Array(all.iter().flat_map(|text| text.split_whitespace()).map(number).collect())
        }
        (_, Texts::One(text)) if NUMBERS.contains(&key) => number(text),
        ("primary", Texts::One(text)) if text == "true" => Value::from(true),
        ("groups", _) => {
            let groups = toml::from_str::<Table>(&all.join("\n"));
            groups.map_or_else(|_no_table| written(), Value::Table)
        }
        ("classes", _) => {
            let pair = |pair: &String| {
                let (value, class) = pair.rsplit_once(" = ")?;
                Some((value.to_string(), Value::from(class)))
            };
            let pairs: Option<Table> = all.iter().map(pair).collect();
            pairs.map_or_else(written, Value::Table)
        }
        _ => written(),
    }
}
