//! Gaps of knowledge as requests for information: a layer, and a form to be filled in and read back.
//!
//! One request a gap: what is asked, why, what knowing it is worth, whom to ask, by when, and which answers
//! are understood. The form is a table in which each row is a question, with the columns that `--answers`
//! reads: whoever knows fills in `answer` and sends it back. Sites whose place must not be told are asked
//! about by class and number alone.

use super::geojson::about;
use super::json;
use super::round;
use super::sites::BANNER;
use super::words;
use crate::error::{Notice, Tally};
use crate::model::cells::quoted;
use crate::model::{
    ASKED, AssessedArea, Claim, Family, Gap, GapKind, Group, Provenance, Service, Site, SiteClass,
    Sites,
};
use geo::{InteriorPoint, MultiPolygon, Point};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::path::Path;

/// The columns of the form behind those of the request, for answers; the last is a heading without cells: a table has no
/// other place for it.
const FOR_ANSWERS: [&str; 9] = [
    "answer",
    "value",
    "longitude",
    "latitude",
    "confidence",
    "observed_on",
    "expires_on",
    "use_restriction",
    BANNER,
];

/// A gap of an area, or of all of them.
#[derive(Debug, Clone)]
pub struct Request {
    /// The key of the area; `None` for what whole layers do not tell.
    area: Option<String>,
    /// A point in it.
    at: Option<Point<f64>>,
    needed_by: Option<String>,
    gap: Gap,
}

/// The requests of a row.
#[must_use]
pub fn of_row(row: &AssessedArea) -> Vec<Request> {
    let area = &row.area;
    let key = area.key();
    let at = row.footprint.as_ref().and_then(MultiPolygon::interior_point);
    let request = |gap: &Gap| Request {
        area: Some(key.clone()),
        at,
        needed_by: area.start.clone(),
        gap: gap.clone(),
    };
    row.gaps.iter().map(request).collect()
}

/// The requests about whole layers.
#[must_use]
pub fn of_layers(gaps: Vec<Gap>) -> Vec<Request> {
    gaps.into_iter().map(Request::about).collect()
}

impl Request {
    /// What is asked of a gap, wherever it is.
    pub(super) const fn about(gap: Gap) -> Self {
        Self { area: None, at: None, needed_by: None, gap }
    }

    /// Its area, if it is about one.
    pub(super) fn area(&self) -> Option<&str> {
        self.area.as_deref()
    }

    /// By when it is needed.
    pub(super) fn needed_by(&self) -> Option<&str> {
        self.needed_by.as_deref()
    }

    /// What knowing it is worth, in points.
    pub(super) const fn value(&self) -> Option<f64> {
        self.gap.value
    }

    /// What is asked.
    pub(super) fn question(&self) -> String {
        match &self.gap.kind {
            GapKind::NoSitesLayer => "which civilian sites are in the area?".into(),
            GapKind::UnmappedClass(class) => {
                format!("which sites of class {} are in the area?", class.name())
            }
            GapKind::UncertainSites(class, places) => match places.len() {
                1 => format!("is the site of class {} there, and in use?", class.name()),
                count => {
                    format!("are the {count} sites of class {} there, and in use?", class.name())
                }
            },
            GapKind::SingleSource => "how many people are in the area?".into(),
            GapKind::MissingPopulation(share) => format!(
                "how many people are in the part of the area without data, {:.1} % of its surface?",
                100.0 * share
            ),
            GapKind::BeyondSites(service) => format!(
                "which sites give {} to people around the area, beyond the mapped ground?",
                in_words(*service)
            ),
            GapKind::Unserved(service, people) => {
                format!(
                    "where do {} in the area get {} from?",
                    words::people(*people),
                    in_words(*service)
                )
            }
            GapKind::StaleLayer(name, years) => {
                format!("is there a newer source than \"{name}\", which is {years:.1} years old?")
            }
            GapKind::MissingGroup(group) => {
                format!("how many of the people are {}?", group_in_words(*group))
            }
        }
    }

    /// Why it is asked.
    pub(super) fn why(&self) -> String {
        match &self.gap.kind {
            GapKind::NoSitesLayer => {
                "no layer of civilian sites covers it: none is counted, and what is to be expected \
                 widens the high score"
                    .into()
            }
            GapKind::UnmappedClass(_) => {
                "no layer maps this class in all of the area: what is to be expected widens the high \
                 score"
                    .into()
            }
            GapKind::BeyondSites(_) => {
                "no layer of sites covers where they live: sites that are nearer to them may not be \
                 listed"
                    .into()
            }
            GapKind::UncertainSites(..) => {
                "it is not sure whether they are there: the high score counts them, the low one does not"
                    .into()
            }
            GapKind::SingleSource => {
                "one population source alone: its number is taken to be off by half, both ways".into()
            }
            GapKind::MissingPopulation(_) => {
                "nobody counted there: the high number of people is no bound".into()
            }
            GapKind::Unserved(..) => {
                "no mapped site is within reach: either one is missing from the layers, or nobody \
                 serves them"
                    .into()
            }
            GapKind::StaleLayer(..) => "people move, and sites open and close".into(),
            GapKind::MissingGroup(_) => {
                "the score of the topics that are about them cannot be told".into()
            }
        }
    }

    /// Whom to ask.
    pub(super) fn ask(&self) -> &'static str {
        match &self.gap.kind {
            GapKind::NoSitesLayer | GapKind::SingleSource => {
                "host nation liaison, OCHA, statistical office"
            }
            GapKind::MissingPopulation(_) | GapKind::StaleLayer(..) => {
                "statistical office, UNFPA, publisher of the layer"
            }
            GapKind::UnmappedClass(class) | GapKind::UncertainSites(class, _) => {
                of_family(class.family())
            }
            GapKind::BeyondSites(service) | GapKind::Unserved(service, _) => match service {
                Service::Health => of_family(Family::Health),
                Service::Education => of_family(Family::Children),
                Service::Relief => of_family(Family::Relief),
                _ => of_family(Family::Essential),
            },
            GapKind::MissingGroup(group) => match group {
                Group::Children => "statistical office, UNICEF",
                Group::Displaced => "UNHCR, IOM (Displacement Tracking Matrix)",
                Group::Disabled => "organizations of persons with disabilities, statistical office",
                _ => "statistical office, UN Women, UNFPA",
            },
        }
    }

    /// Which answers are understood.
    fn answers(&self) -> Vec<&'static str> {
        match &self.gap.kind {
            GapKind::NoSitesLayer
            | GapKind::UnmappedClass(_)
            | GapKind::BeyondSites(_)
            | GapKind::Unserved(..) => {
                vec!["exists", "capacity"]
            }
            GapKind::UncertainSites(class, _) => {
                let mut words = vec!["exists", "absent", "closed", "moved"];
                words.extend(class.is_place_bound().then_some("occupancy"));
                words.extend(class.service().is_some().then_some("capacity"));
                words
            }
            // A number of people, or a raster.
            _ => Vec::new(),
        }
    }

    /// What an answer is to be, in words.
    fn wanted(&self) -> String {
        match &self.gap.kind {
            GapKind::SingleSource => "a second population source: [[population]]".into(),
            GapKind::MissingPopulation(_) => {
                "a population source that covers all of it: [[population]]".into()
            }
            GapKind::StaleLayer(..) => "a newer layer in its place".into(),
            GapKind::MissingGroup(group) => {
                format!("a share or a raster: {} under [population.groups]", group.name())
            }
            _ => format!("a row of --answers: {}", self.answers().join(" | ")),
        }
    }

    /// The sites that it is about and that may be named, each by id and source.
    fn named<'s>(&self, sites: Option<&'s Sites>) -> Vec<(&'s str, &'s str)> {
        let GapKind::UncertainSites(_, places) = &self.gap.kind else { return Vec::new() };
        let Some(sites) = sites else { return Vec::new() };
        let of = places.iter().filter_map(|place| sites.sites.get(*place));
        let told = of.filter(|site| !site.is_sensitive).filter_map(Site::open);
        let mut named: Vec<_> = told.map(|site| (site.id.as_str(), sites.source(site))).collect();
        named.sort_unstable();
        named
    }
}

/// Writes the layer: a point in its area for each request, and what whole layers do not tell without one.
///
/// # Errors
///
/// What the writer returns.
pub fn layer(
    requests: &[Request],
    sites: Option<&Sites>,
    (provenance, notices): (&Provenance, &Tally<Notice>),
    folder: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let day = provenance.date.as_deref();
    let feature = |(place, request): (usize, &Request)| {
        let coordinate = |number: f64| round::rounded(number, 5);
        let geometry = request.at.map(
            |at| json!({"type": "Point", "coordinates": [coordinate(at.x()), coordinate(at.y())]}),
        );
        let gap = &request.gap;
        let named = request.named(sites);
        let ids: Vec<&str> = named.iter().map(|(id, _)| *id).collect();
        let mut properties = Map::new();
        let value = gap.value.map(|value| round::rounded(value, 4));
        for (key, value) in [
            ("request", json!(place + 1)),
            ("area", json!(request.area)),
            ("kind", json!(gap.kind.name())),
            ("class", json!(gap.kind.class().map(SiteClass::name))),
            ("service", json!(gap.kind.service().map(Service::name))),
            ("question", json!(request.question())),
            ("why", json!(request.why())),
            ("voi", json!(value)),
            ("ask", json!(request.ask())),
            ("needed_by", json!(request.needed_by.as_deref().or(day))),
            ("answers", json!(request.answers().join(" | "))),
            ("wanted", json!(request.wanted())),
            ("site_ids", json!(ids.join(" "))),
        ] {
            properties.insert(key.into(), value);
        }
        json!({"type": "Feature", "geometry": geometry, "properties": properties})
    };
    let features: Vec<Value> = requests.iter().enumerate().map(feature).collect();
    let mut about = about(provenance, notices, folder);
    if let Some(about) = about.as_object_mut() {
        about.insert("banner".into(), BANNER.into());
        about.insert("answer_schema".into(), answer_schema());
    }
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[\n")?;
    for (place, feature) in features.iter().enumerate() {
        out.write_all(if place > 0 { b",\n" } else { b"" })?;
        json::to_writer(&mut *out, feature)?;
    }
    out.write_all(b"\n],\"civex\":")?;
    json::to_writer(&mut *out, &about)?;
    out.write_all(b"}\n")
}

/// Writes the form: a row for each site that is asked about, else one for the request. Rows whose `answer` is
/// left empty are no answers.
///
/// # Errors
///
/// What the writer returns.
pub fn form(
    requests: &[Request],
    sites: Option<&Sites>,
    provenance: &Provenance,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(ASKED.iter().chain(&FOR_ANSWERS))?;
    for (place, request) in requests.iter().enumerate() {
        let named = request.named(sites);
        let rows = if named.is_empty() { vec![("", "")] } else { named };
        for (id, source) in rows {
            let needed_by = request.needed_by.as_deref().or(provenance.date.as_deref());
            let cells: [String; ASKED.len()] = [
                (place + 1).to_string(),
                request.area.clone().unwrap_or_default(),
                request.question(),
                request.why(),
                request.ask().into(),
                needed_by.unwrap_or_default().into(),
                id.into(),
                source.into(),
                request
                    .gap
                    .kind
                    .class()
                    .filter(|_| id.is_empty())
                    .map_or("", SiteClass::name)
                    .into(),
            ];
            let cells = cells.iter().map(|cell| quoted(cell).into_owned());
            table.write_record(cells.chain(FOR_ANSWERS.map(|_| String::new())))?;
        }
    }
    table.flush()
}

/// The JSON Schema of an answer: a row of a table, or a feature's properties.
#[must_use]
pub fn answer_schema() -> Value {
    let text = |about: &str| json!({"description": about, "type": ["string", "null"]});
    let day =
        |about: &str| json!({"description": about, "type": ["string", "null"], "format": "date"});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "civex answer",
        "description": "What a partner says about a site: a row of a table, or the properties of a feature.",
        "type": "object",
        "required": ["answer"],
        "properties": {
            "answer": {
                "description": "What is said. `exists` without `site_id` tells of a new site by class and place.",
                "enum": Claim::WORDS,
            },
            "site_id": text("The site it is about, by its id; for a supply link the one that feeds."),
            "source": text("The layer of that site, where ids are not enough."),
            "class": text("Class of a new site."),
            "value": {
                "description": "People (occupancy, capacity), or for a supply link the share of the fed site, 0 to 1.",
                "type": ["number", "null"], "minimum": 0,
            },
            "feeds": text("The site that is fed, by its id, for a supply link."),
            "longitude": {"type": ["number", "null"], "minimum": -180, "maximum": 180},
            "latitude": {"type": ["number", "null"], "minimum": -90, "maximum": 90},
            "confidence": {
                "description": "How sure it is.",
                "type": ["number", "null"], "minimum": 0, "maximum": 1,
            },
            "observed_on": day("The day it speaks of."),
            "expires_on": day("The day from which it no longer counts."),
            "use_restriction": text("`none`, or anything else: counted, and never passed on."),
        },
    })
}

const fn of_family(family: Family) -> &'static str {
    match family {
        Family::Health => "ministry of health, WHO (Health Cluster), ICRC",
        Family::Children => "ministry of education, UNICEF (Education Cluster)",
        Family::Displacement => {
            "UNHCR, IOM (camp coordination), national Red Cross or Red Crescent"
        }
        Family::Essential => "operators of utilities, municipality, UNICEF (WASH Cluster)",
        Family::Environment => "operators, civil protection authority",
        Family::Culture => "ministry of culture, UNESCO, Blue Shield",
        Family::Relief => "OCHA (access working group), municipality",
    }
}

/// A service in the middle of a sentence.
pub(super) const fn in_words(service: Service) -> &'static str {
    match service {
        Service::Health => "health care",
        Service::Water => "water",
        Service::Power => "power",
        Service::Food => "food",
        Service::Sanitation => "sanitation",
        Service::Relief => "relief",
        Service::Education => "education",
        Service::Mobility => "a way to travel",
        Service::Telecom => "telecommunication",
    }
}

/// A group in the middle of a sentence.
pub(super) const fn group_in_words(group: Group) -> &'static str {
    match group {
        Group::Children => "children (under 18)",
        Group::WomenGirls => "women and girls",
        Group::Women1549 => "women of 15 to 49",
        Group::Older60 => "60 or older",
        Group::Displaced => "displaced",
        Group::Disabled => "persons with disabilities",
    }
}
