//! Sections of a scenario drafted from what files are: keys that are certain, and keys to decide.

use civex::error::{counted, grouped, nodata_text, number_text};
use civex::index::Survey;
use civex::model::{AreasEntry, Measure, PopulationEntry, SiteClass, SitesEntry};
use civex::read::inspect::{Classes, IdFrom, MeasureFacts, RasterFacts, Said, VectorFacts};
use std::fmt::Write;

/// Comments begin here, or behind the longest line if that is shorter.
const COMMENTS_AT: usize = 44;

/// A section of a scenario.
pub(super) struct Draft {
    /// `[areas]`, `[[population]]` or `[[sites]]`.
    pub(super) head: &'static str,
    /// What is to be said above it.
    pub(super) notes: Vec<String>,
    /// Its keys.
    pub(super) lines: Vec<Line>,
    /// Whether a scenario can use it as it is; else all of it is a comment.
    pub(super) usable: bool,
}

/// A key with its value.
pub(super) struct Line {
    pub(super) key: &'static str,
    /// As TOML.
    pub(super) value: String,
    /// Whether it holds; else it is a comment, for someone to decide.
    pub(super) holds: bool,
    /// Why, or what is to be decided.
    pub(super) why: String,
}

/// A text as TOML.
pub(super) fn text(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

impl Draft {
    fn new(head: &'static str, path: &str) -> Self {
        let mut draft = Self { head, notes: Vec::new(), lines: Vec::new(), usable: true };
        draft.set("path", text(path), "");
        draft
    }

    /// A key that is certain.
    fn set(&mut self, key: &'static str, value: String, why: impl Into<String>) {
        self.lines.push(Line { key, value, holds: true, why: why.into() });
    }

    /// A key that somebody must decide.
    fn decide(&mut self, key: &'static str, value: String, why: impl Into<String>) {
        self.lines.push(Line { key, value, holds: false, why: why.into() });
    }

    /// A key that was given, if it was.
    fn given(&mut self, key: &'static str, value: Option<String>) {
        if let Some(value) = value {
            self.set(key, value, "");
        }
    }

    /// A key that was given; else what the file says.
    fn given_or_said(
        &mut self,
        key: &'static str,
        given: Option<&String>,
        said: Option<&Said<String>>,
    ) {
        match (given, said) {
            (Some(given), _) => self.set(key, text(given), ""),
            (None, Some(said)) => self.set(key, text(&said.value), format!("from its {}", said.by)),
            (None, None) => {}
        }
    }

    /// The section with no more keys than there are to say.
    pub(super) fn short(&self) -> String {
        let mut out = String::new();
        for note in &self.notes {
            // Writing into a string cannot fail.
            let _ = writeln!(out, "# {note}");
        }
        let mark = if self.usable { "" } else { "# " };
        let _ = writeln!(out, "{mark}{}", self.head);
        let shown = |line: &Line| {
            let decide = if line.holds { "" } else { "# " };
            format!("{mark}{decide}{} = {}", line.key, line.value)
        };
        let explained = self.lines.iter().filter(|line| !line.why.is_empty());
        let widest = explained.map(|line| shown(line).chars().count());
        let widest = widest.filter(|width| *width <= COMMENTS_AT).max().unwrap_or(0);
        for line in &self.lines {
            let left = shown(line);
            let _ = if line.why.is_empty() {
                writeln!(out, "{left}")
            } else {
                writeln!(out, "{left:<widest$}  # {}", line.why)
            };
        }
        out
    }
}

/// `[[population]]` of a raster; a survey for each of its readings.
pub(super) fn population(facts: &RasterFacts, surveys: &[Option<Survey>], path: &str) -> Draft {
    let PopulationEntry { primary, time, share, .. } = &facts.entry;
    let mut draft = Draft::new("[[population]]", path);
    let stem = stem(&facts.path);
    let name = facts.entry.name.clone().or(facts.entry.layer.clone()).unwrap_or(stem);
    draft.set("name", text(&name), "");
    draft.given("layer", facts.entry.layer.as_deref().map(text));
    samples(facts, &mut draft);
    measure(facts, &mut draft);
    let survey = surveys.iter().flatten().next();
    nodata(facts, survey, &mut draft);
    draft.given("primary", primary.map(|primary| primary.to_string()));
    draft.given("time", time.as_deref().map(text));
    match (facts.entry.year, &facts.year, &facts.years[..]) {
        (Some(year), ..) => draft.set("year", year.to_string(), ""),
        (None, Some(said), _) => {
            draft.set("year", said.value.to_string(), format!("from {}", said.by));
        }
        (None, None, [first, .., last]) => {
            draft.decide("year", first.to_string(), format!("the file names {first} and {last}"));
        }
        _ => {}
    }
    draft.given("share", share.as_deref().map(text));
    draft.given_or_said("licence", facts.entry.licence.as_ref(), facts.stated.licence.as_ref());
    let attribution = facts.stated.attribution.as_ref();
    draft.given_or_said("attribution", facts.entry.attribution.as_ref(), attribution);
    if !facts.refused.is_empty() {
        draft.usable = false;
        draft.notes.push(format!("{}: its problems must be mended first.", facts.path));
    }
    if facts.undecided.is_some() {
        draft.notes.push(format!("{}: say which `samples` hold people.", facts.path));
    }
    draft
}

fn samples(facts: &RasterFacts, draft: &mut Draft) {
    if let Some(given) = &facts.entry.samples {
        draft.set("samples", format!("{given:?}"), "");
    } else if facts.undecided.is_some() {
        let named = facts.samples.iter().filter_map(|sample| {
            Some(format!("{} is \"{}\"", sample.number, sample.name.as_ref()?))
        });
        let named: Vec<String> = named.take(6).collect();
        let names =
            if named.is_empty() { String::new() } else { format!(": {}", named.join(", ")) };
        let count = facts.samples.len();
        let why = format!("which of 1 … {count} hold people; several are added up{names}");
        draft.decide("samples", "[1]".into(), why);
    }
}

fn measure(facts: &RasterFacts, draft: &mut Draft) {
    let word = |measure: &Measure| text(measure.name());
    match &facts.measure {
        MeasureFacts::Given(given) => draft.set("measure", word(given), ""),
        MeasureFacts::Speaks(measure, what, words) => {
            draft.set("measure", word(measure), format!("{what} says \"{words}\""));
        }
        MeasureFacts::OtherSurface(what, words) => draft.decide(
            "measure",
            word(&Measure::Density),
            format!("people per km² only; {what} says \"{words}\""),
        ),
        MeasureFacts::NotSaid => draft.decide(
            "measure",
            word(&Measure::Count),
            "nothing says so; \"count\" (if not given): people in each cell, \"density\": people per km²",
        ),
    }
}

fn nodata(facts: &RasterFacts, survey: Option<&Survey>, draft: &mut Draft) {
    let given = facts.entry.nodata.as_ref().map_or(&[][..], |values| &values.0);
    let faulty = survey.map(|survey| survey.faulty).filter(|faulty| faulty.cells > 0);
    let clearing = faulty.and_then(|faulty| faulty.clearing(given));
    let why = || {
        let cells = counted(faulty.map_or(0, |faulty| faulty.cells), "cell");
        format!("{cells} hold what is no number of people, and this clears them")
    };
    match &clearing {
        Some(keys) if keys.nodata.len() > given.len() => {
            draft.decide("nodata", nodata_text(&keys.nodata), why());
        }
        _ if !given.is_empty() => draft.set("nodata", nodata_text(given), ""),
        _ => {}
    }
    if let Some(clamp) = clearing.and_then(|keys| keys.clamp_below) {
        draft.decide("clamp_below", number_text(clamp), why());
    } else if let Some(clamp) = facts.entry.clamp_below {
        draft.set("clamp_below", number_text(clamp), "");
    }
    let cells = survey.map_or(0, |survey| survey.nodata);
    if let Some(given) = facts.entry.nodata_means {
        draft.set("nodata_means", text(given.name()), "");
    } else if cells > 0 {
        let of = grouped(survey.map_or(0, |survey| survey.cells));
        let why = format!(
            "{} of {of} cells have no data; \"zero\": nobody lives there, \"unknown\" (if not given): nobody counted",
            grouped(cells)
        );
        draft.decide("nodata_means", text("zero"), why);
    }
}

/// `[areas]` of a vector layer.
pub(super) fn areas(facts: &VectorFacts, path: &str) -> Option<Draft> {
    let found = facts.areas.as_ref()?;
    let AreasEntry { buffer_m, buffer_lines_m, rings_m, overlap, attribution, licence, .. } =
        &found.entry;
    let mut draft = Draft::new("[areas]", path);
    draft.given("layer", found.entry.layer.as_deref().map(text));
    draft.given("crs", found.entry.crs.as_deref().map(text));
    match (&found.entry.id, &found.id_from, found.could_be_id.first()) {
        (Some(given), ..) => draft.set("id", text(given), ""),
        (None, IdFrom::Place, Some(column)) => {
            draft.decide("id", text(column), "its values are all different; if not given, 1, 2, 3");
        }
        _ => {}
    }
    let named = [
        ("name", &found.entry.name),
        ("coa", &found.entry.coa),
        ("phase", &found.entry.phase),
        ("start", &found.entry.start),
        ("end", &found.entry.end),
    ];
    for (key, column) in named {
        draft.given(key, column.as_deref().map(text));
    }
    let flat = |kind: &str| kind.contains("point") || kind.contains("line");
    let flat: usize =
        facts.drawn.iter().filter(|(kind, _)| flat(kind)).map(|(_, count)| count).sum();
    draft.given("buffer_m", buffer_m.map(number_text));
    match buffer_lines_m {
        Some(given) => draft.set("buffer_lines_m", number_text(*given), ""),
        None if flat > 0 && buffer_m.is_none() => {
            let of = counted(facts.features as u64, "feature");
            let why =
                format!("meters: {} of {of} are points or lines, no areas", grouped(flat as u64));
            draft.decide("buffer_lines_m", "500".into(), why);
        }
        None => {}
    }
    let meters = |rings: &Vec<f64>| {
        let rings: Vec<String> = rings.iter().map(|meters| number_text(*meters)).collect();
        format!("[{}]", rings.join(", "))
    };
    draft.given("rings_m", rings_m.as_ref().map(meters));
    draft.given("overlap", overlap.map(|overlap| text(overlap.name())));
    draft.given_or_said("licence", licence.as_ref(), facts.stated.licence.as_ref());
    draft.given_or_said("attribution", attribution.as_ref(), facts.stated.attribution.as_ref());
    mark_refused(facts, &mut draft);
    Some(draft)
}

fn mark_refused(facts: &VectorFacts, draft: &mut Draft) {
    if !facts.refused.is_empty() {
        draft.usable = false;
        draft.notes.push(format!("{}: its problems must be mended first.", facts.path));
    }
}

/// `[[sites]]` of a vector layer.
pub(super) fn sites(facts: &VectorFacts, path: &str) -> Option<Draft> {
    let found = facts.sites.as_ref()?;
    let SitesEntry { confidence, occupancy, capacity, in_raster, .. } = &found.entry;
    let mut draft = Draft::new("[[sites]]", path);
    let layer = facts.layer.as_deref().or(found.entry.layer.as_deref());
    let name = found.entry.name.clone().or(layer.map(str::to_string));
    draft.set("name", text(&name.unwrap_or_else(|| stem(&facts.path))), "");
    draft.given("layer", layer.map(text));
    draft.given("crs", found.entry.crs.as_deref().map(text));
    classes(facts, &mut draft);
    draft.given("confidence", confidence.map(number_text));
    let observed_on = facts.stated.observed_on.as_ref();
    match (&found.entry.observed_on, observed_on) {
        (Some(given), _) => draft.set("observed_on", date(given), ""),
        (None, Some(said)) => {
            draft.set("observed_on", date(&said.value), format!("from its {}", said.by));
        }
        (None, None) => {}
    }
    draft.given("expires_on", found.entry.expires_on.as_deref().map(date));
    draft.given("occupancy", occupancy.map(number_text));
    draft.given("capacity", capacity.map(number_text));
    draft.given("in_raster", in_raster.map(|in_raster| text(in_raster.name())));
    draft.given("covers", found.entry.covers.as_deref().map(text));
    draft.given("share", found.entry.share.as_deref().map(text));
    draft.given_or_said("licence", found.entry.licence.as_ref(), facts.stated.licence.as_ref());
    let attribution = facts.stated.attribution.as_ref();
    draft.given_or_said("attribution", found.entry.attribution.as_ref(), attribution);
    mark_refused(facts, &mut draft);
    Some(draft)
}

/// The way in which classes are told, if one is certain.
fn classes(facts: &VectorFacts, draft: &mut Draft) {
    let Some(found) = &facts.sites else { return };
    let SitesEntry { classify, class, class_field, classes, .. } = &found.entry;
    let total = facts.features as u64;
    let of = |classes: &Classes| {
        format!(
            "{} of {} have a class",
            grouped(classes.classified as u64),
            counted(total, "feature")
        )
    };
    let given = [("classify", classify), ("class", class), ("class_field", class_field)];
    if let Some((key, Some(value))) = given.iter().find(|(_, value)| value.is_some()) {
        draft.set(key, text(value), "");
    } else {
        match (&found.column, &found.osm, found.schema) {
            (Some((column, told)), ..) => draft.set("class_field", text(column), of(told)),
            (None, Some(osm), _) => draft.set("classify", text("osm"), of(osm)),
            (None, None, Some(_)) => draft.set("classify", text("osm"), of(&Classes::default())),
            _ => {
                let why = "one class for all, or class_field = \"…\": a column that tells it";
                draft.decide("class", text(""), why);
                draft.usable = false;
                draft.notes.push(format!(
                    "{}: as sites, once their class is decided (`civex taxonomy` lists all 39).",
                    facts.path
                ));
            }
        }
    }
    if let Some(table) = classes {
        let pairs: Vec<String> = table
            .iter()
            .map(|(value, class)| format!("{} = {}", text(value), text(class)))
            .collect();
        draft.set("classes", format!("{{ {} }}", pairs.join(", ")), "");
    } else if let Some((_, told)) = &found.column
        && !told.listed.is_empty()
        && draft.lines.iter().any(|line| line.key == "class_field")
    {
        let name = |class: &Option<SiteClass>| text(class.map_or("", SiteClass::name));
        let pairs: Vec<String> = told
            .listed
            .iter()
            .map(|(value, class)| format!("{} = {}", text(value), name(class)))
            .collect();
        let values = counted(told.unknown.len() as u64, "value");
        let features = counted(told.unknown.values().sum::<usize>() as u64, "feature");
        let why = format!(
            "{values} of no class yet, in {features}: see that each means that, fill in \"\""
        );
        draft.decide("classes", format!("{{ {} }}", pairs.join(", ")), why);
    }
}

/// A date bare, as TOML knows dates; what is none, as text.
fn date(written: &str) -> String {
    let bare = written.parse::<toml::value::Datetime>();
    bare.map_or_else(|_no_date| text(written), |date| date.to_string())
}

/// The last part of a path without its ending, as layers are called that have no name.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = std::path::Path::new(name).file_stem();
    stem.map_or_else(|| path.to_string(), |stem| stem.to_string_lossy().into_owned())
}
