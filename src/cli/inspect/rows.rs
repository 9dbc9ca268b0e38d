//! What is shown of a file: rows of a key and a value, each as text and as JSON.

use super::SurveyedRaster;
use civex::assess::mend;
use civex::error::{FaultyValues, Problem, ReadError, counted, grouped, nodata_text, number_text};
use civex::index::Survey;
use civex::measure::Reference;
use civex::model::{Measure, NodataMeans, Scenario};
use civex::read::inspect::{
    AreasFacts, CellFacts, Classes, ColumnFacts, Guess, IdFrom, KeyColumn, MeasureFacts,
    RasterFacts, Reading, Said, SampleFacts, SitesFacts, Stated, VectorFacts,
};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// So many columns, values or problems are shown in text; JSON has all.
const SHOWN: usize = 12;

/// All that is shown of one file or layer.
pub(super) struct Block {
    path: String,
    layer: Option<String>,
    rows: Vec<Row>,
    /// Sentences with their way out.
    problems: Vec<(String, Option<String>)>,
}

/// One key with its value.
struct Row {
    key: &'static str,
    /// As people read it; several lines are set below each other.
    text: String,
    /// As programs read it.
    value: Value,
}

impl Block {
    fn new(path: &str, layer: Option<&str>) -> Self {
        let layer = layer.map(str::to_string);
        Self { path: path.to_string(), layer, rows: Vec::new(), problems: Vec::new() }
    }

    fn row(&mut self, key: &'static str, text: impl Into<String>, value: Value) {
        self.rows.push(Row { key, text: text.into(), value });
    }

    /// A row of a text alone.
    fn plain(&mut self, key: &'static str, text: impl Into<String>) {
        let text = text.into();
        let value = Value::from(text.as_str());
        self.row(key, text, value);
    }

    fn said<T: std::fmt::Display + Clone + Into<Value>>(
        &mut self,
        key: &'static str,
        said: Option<&Said<T>>,
    ) {
        if let Some(said) = said {
            let value = json!({"value": said.value.clone().into(), "by": said.by});
            self.row(
                key,
                format!("{} (from its {})", said.value, said.by.trim_start_matches("its ")),
                value,
            );
        }
    }

    fn refused(&mut self, errors: &[ReadError]) {
        self.problems.extend(errors.iter().map(|error| (error.to_string(), error.hint())));
    }

    fn problems(&mut self, problems: &[Problem]) {
        self.problems.extend(problems.iter().map(|one| (one.to_string(), one.hint())));
    }

    /// Whether anything in it must be mended.
    pub(super) fn is_faulty(&self) -> bool {
        !self.problems.is_empty()
    }

    /// For people: keys and values aligned, problems below.
    pub(super) fn text(&self) -> String {
        let mut out = self.path.clone();
        if let Some(layer) = &self.layer {
            // Writing into a string cannot fail.
            let _ = write!(out, ", layer \"{layer}\"");
        }
        out.push('\n');
        let key = |row: &Row| row.key.replace('_', " ");
        let width = self.rows.iter().map(|row| row.key.len()).max().unwrap_or(0);
        for row in &self.rows {
            let mut key = key(row);
            for line in row.text.lines() {
                let _ = writeln!(out, "  {key:width$}  {line}");
                key.clear();
            }
        }
        for (problem, hint) in self.problems.iter().take(SHOWN) {
            let _ = writeln!(out, "  problem: {problem}");
            if let Some(hint) = hint {
                let _ = writeln!(out, "  hint: {hint}");
            }
        }
        if self.problems.len() > SHOWN {
            let more = counted((self.problems.len() - SHOWN) as u64, "more problem");
            let _ = writeln!(out, "  {more}; `civex check` lists all");
        }
        out
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let mut object = Map::new();
        object.insert("path".into(), self.path.as_str().into());
        object.insert("layer".into(), json!(self.layer));
        for row in &self.rows {
            object.insert(row.key.into(), row.value.clone());
        }
        let problem = |(text, hint): &(String, Option<String>)| json!({"text": text, "hint": hint});
        object.insert("problems".into(), self.problems.iter().map(problem).collect());
        Value::Object(object)
    }
}

/// What is shown of a scenario, before its files.
pub(super) fn scenario(path: &str, scenario: &Scenario) -> Block {
    let mut block = Block::new(path, None);
    block.plain("kind", "scenario");
    let head = &scenario.scenario;
    for (key, value) in [("name", &head.name), ("date", &head.date), ("timezone", &head.timezone)] {
        if let Some(value) = value {
            block.plain(key, value.as_str());
        }
    }
    let areas = scenario.areas.iter().map(|entry| ("areas", &entry.path));
    let population = scenario.population.iter().map(|entry| ("population", &entry.path));
    let sites = scenario.sites.iter().map(|entry| ("sites", &entry.path));
    let scheme = scenario.scheme.iter().map(|entry| ("scheme", &entry.path));
    let named: Vec<_> = areas.chain(population).chain(sites).chain(scheme).collect();
    let lines: Vec<String> = named.iter().map(|(role, path)| format!("{role}: {path}")).collect();
    let values = named.iter().map(|(role, path)| json!({"role": role, "path": path})).collect();
    block.row("names", if lines.is_empty() { "no file".into() } else { lines.join("\n") }, values);
    block
}

/// What is shown of a raster.
pub(super) fn raster(raster: &SurveyedRaster) -> Block {
    let SurveyedRaster { facts, surveys } = raster;
    let mut block = Block::new(&facts.path, facts.entry.layer.as_deref());
    block.plain("kind", "raster");
    block.plain("format", facts.format.as_str());
    reference(facts.reference.as_ref(), &mut block);
    if let Some(cells) = &facts.cells {
        extent(Some(cells.bounds), cells.degrees, facts.reference.as_ref(), &mut block);
    }
    let [cols, rows] = facts.size;
    let all = counted((cols * rows) as u64, "cell");
    let text = format!("{} columns × {} rows, {all}", grouped(cols as u64), grouped(rows as u64));
    block.row("size", text, json!({"columns": cols, "rows": rows}));
    if let Some(cells) = &facts.cells {
        cell_size(cells, facts.reference.as_ref(), &mut block);
    }
    samples(facts, &mut block);
    let first = surveys.iter().flatten().next();
    // Of what holds no people at all there is nothing to decide.
    if !facts.readings.is_empty() || facts.measure != MeasureFacts::NotSaid {
        measure(&facts.measure, &mut block);
    }
    people(facts, surveys, &mut block);
    if let Some(survey) = first {
        states(survey, &mut block);
    }
    nodata(facts, first, &mut block);
    year(facts, &mut block);
    stated(&facts.stated, &mut block);
    storage(facts, &mut block);
    block.refused(&facts.refused);
    if let Some(faulty) = first.map(|survey| survey.faulty).filter(|faulty| faulty.cells > 0) {
        let declared = facts.entry.nodata.as_ref().map_or(&[][..], |values| &values.0);
        let (file, hint) = (facts.path.clone(), faulty.hint(declared));
        let FaultyValues { cells, smallest, .. } = faulty;
        block.problems(&[Problem::FaultyCells { file, cells, smallest, hint }]);
    }
    block
}

fn reference(found: Option<&Reference>, block: &mut Block) {
    match found {
        Some(reference) => block.plain("reference_system", reference.name()),
        None => block.row("reference_system", "none declared", Value::Null),
    }
}

/// A number with so many decimals at most.
fn short(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".into() } else { text.to_string() }
}

/// Bounds in their own units, and in degrees where those are others.
fn extent(
    own: Option<[f64; 4]>,
    degrees: Option<[f64; 4]>,
    reference: Option<&Reference>,
    block: &mut Block,
) {
    let Some(own) = own else { return };
    let lonlat = |[west, south, east, north]: [f64; 4]| {
        let [west, south, east, north] = [west, south, east, north].map(|at| short(at, 5));
        format!("{west} … {east} E, {south} … {north} N")
    };
    let geographic = reference.is_some_and(Reference::is_geographic);
    if geographic {
        block.row("extent", lonlat(own), json!(own));
    } else {
        let [west, south, east, north] = own.map(|at| short(at, 2));
        block.row("extent", format!("x {west} … {east}, y {south} … {north}"), json!(own));
    }
    if let Some(degrees) = degrees.filter(|degrees| !geographic || *degrees != own) {
        block.row("in_degrees", lonlat(degrees), json!(degrees));
    }
}

fn cell_size(cells: &CellFacts, reference: Option<&Reference>, block: &mut Block) {
    let [width, height] = cells.size;
    let mut text = if reference.is_some_and(Reference::is_geographic) {
        let [x, y] = cells.size.map(|degrees| short(degrees * 3600.0, 3));
        format!("{} × {} degrees ({x}″ × {y}″)", short(width, 7), short(height, 7))
    } else {
        format!("{} × {} in its own units", short(width, 4), short(height, 4))
    };
    if let Some([x, y]) = cells.ground_m {
        let meters = |m: f64| if m < 100.0 { short(m, 1) } else { grouped(m.round() as u64) };
        // Writing into a string cannot fail.
        let _ = write!(text, ", {} × {} m on the ground in the middle", meters(x), meters(y));
    }
    block.row("cell_size", text, json!({"own": cells.size, "ground_m": cells.ground_m}));
}

fn samples(facts: &RasterFacts, block: &mut Block) {
    let line = |sample: &SampleFacts| {
        let name = sample.name.as_ref().map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let unit = sample.unit.as_ref().map(|unit| format!(", in {unit}")).unwrap_or_default();
        format!("{}{name}: {}{unit}", sample.number, sample.kind)
    };
    let mut lines: Vec<String> = facts.samples.iter().take(SHOWN).map(line).collect();
    if facts.samples.len() > SHOWN {
        lines.push(format!("and {} more", facts.samples.len() - SHOWN));
    }
    let value = |sample: &SampleFacts| {
        json!({
            "number": sample.number, "name": sample.name, "type": sample.kind, "unit": sample.unit,
            "nodata": sample.nodata, "masked": sample.masked,
        })
    };
    block.row("samples", lines.join("\n"), facts.samples.iter().map(value).collect());
}

fn measure(measure: &MeasureFacts, block: &mut Block) {
    let value = |measure: Option<&Measure>, by: Option<&str>| json!({"value": measure.map(|measure| measure.name()), "by": by});
    match measure {
        MeasureFacts::Given(given) => {
            block.row(
                "measure",
                format!("{}, as given", given.name()),
                value(Some(given), Some("given")),
            );
        }
        MeasureFacts::Speaks(measure, what, words) => {
            let text = format!("{}, since {what} says \"{words}\"", measure.name());
            block.row("measure", text, value(Some(measure), Some(what)));
        }
        MeasureFacts::OtherSurface(what, words) => {
            let text = format!(
                "density, but not per km²: {what} says \"{words}\"\n\
                 turn it into people per km² first (`gdal_calc`), then name `measure`"
            );
            block.row("measure", text, value(None, Some(what)));
        }
        MeasureFacts::NotSaid => {
            block.row(
                "measure",
                "not said: name `measure` (count if not given)",
                value(None, None),
            );
        }
    }
}

/// People of each reading, so that whoever decides sees what follows from it.
fn people(facts: &RasterFacts, surveys: &[Option<Survey>], block: &mut Block) {
    let read: Vec<(&Reading, &Survey)> = facts
        .readings
        .iter()
        .zip(surveys)
        .filter_map(|(reading, survey)| Some((reading, survey.as_ref()?)))
        .collect();
    let said = |reading: &Reading, survey: &Survey| {
        let people = grouped(survey.people.people().round().max(0.0) as u64);
        let density = survey.people_km2().map(|density| short(density, 2));
        let density = density.map(|density| format!(" ({density} per km² of surface with data)"));
        let density = density.unwrap_or_default();
        match reading.measure {
            Measure::Count => format!("{people} as counts{density}"),
            Measure::Density => format!("{people} as people per km²{density}"),
        }
    };
    let numbers = |samples: &[usize]| {
        let numbers: Vec<String> = samples.iter().map(ToString::to_string).collect();
        numbers.join(" + ")
    };
    let mut lines: Vec<String> = Vec::new();
    for chunk in read.chunk_by(|one, other| one.0.samples == other.0.samples) {
        let texts: Vec<String> =
            chunk.iter().map(|(reading, survey)| said(reading, survey)).collect();
        let which = chunk.first().map(|(reading, _)| numbers(&reading.samples)).unwrap_or_default();
        let apart = facts.samples.len() > 1;
        let some = if which.contains('+') { "samples" } else { "sample" };
        let head = if apart { format!("{some} {which}: ") } else { String::new() };
        let faulty = chunk.iter().any(|(_, survey)| survey.faulty.cells > 0);
        let sound = if faulty { " (cells without fault alone)" } else { "" };
        lines.push(format!("{head}{}{sound}", texts.join(", or ")));
    }
    if let Some(undecided) = &facts.undecided {
        lines.push(undecided.hint().unwrap_or_default());
    }
    if lines.is_empty() {
        return;
    }
    let value = |(reading, survey): &(&Reading, &Survey)| {
        json!({
            "measure": reading.measure.name(), "samples": reading.samples,
            "people": survey.people.people(), "people_km2": survey.people_km2(),
            "implausible": survey.implausible(),
        })
    };
    let implausible = read.iter().flat_map(|(reading, survey)| {
        let of = reading.measure.name();
        survey.implausible().into_iter().map(move |text| format!("as {of}: {text}"))
    });
    lines.extend(implausible);
    block.row("people", lines.join("\n"), read.iter().map(value).collect());
}

/// What the cells hold besides people.
fn states(survey: &Survey, block: &mut Block) {
    let share = |count: u64| match count {
        0 => "none".to_string(),
        count => {
            let percent = 100.0 * count as f64 / survey.cells.max(1) as f64;
            format!("{} ({} %)", grouped(count), short(percent, 1))
        }
    };
    block.row("populated_cells", share(survey.populated), json!(survey.populated));
    block.row("nodata_cells", share(survey.nodata), json!(survey.nodata));
    block.row("nan_cells", share(survey.unknown), json!(survey.unknown));
    block.row("faulty_cells", share(survey.faulty.cells), json!(survey.faulty.cells));
}

fn nodata(facts: &RasterFacts, survey: Option<&Survey>, block: &mut Block) {
    let mut declared: Vec<String> = Vec::new();
    for sample in &facts.samples {
        let text = match (sample.nodata, sample.masked) {
            // A value of single precision has no more digits than that.
            (Some(value), _) if sample.kind == "Float32" && value.is_finite() => {
                let single = format!("{:e}", value as f32);
                let plain = single.parse().map_or(value, |value: f64| value);
                format!("{}, declared", number_text(plain))
            }
            (Some(value), _) => format!("{}, declared", number_text(value)),
            (None, true) => "a mask".to_string(),
            (None, false) => "no value declared".to_string(),
        };
        if !declared.contains(&text) {
            declared.push(text);
        }
    }
    if let Some(given) = &facts.entry.nodata {
        declared.retain(|text| text != "no value declared");
        let may_be_people = given.0.iter().any(|value| *value >= 0.0 && value.is_finite());
        let doubt = if may_be_people { ", though it may be a number of people" } else { "" };
        declared.push(format!("{}, as given{doubt}", nodata_text(&given.0)));
    }
    let mut text = declared.join("; ");
    match (facts.entry.nodata_means, survey.map_or(0, |survey| survey.nodata)) {
        (Some(means), _) => {
            let _ = write!(text, "; it means {}, as given", means.name());
        }
        (None, 1..) => {
            text.push_str("; decide what it means: `nodata_means` (unknown if not given)");
        }
        (None, 0) => {}
    }
    let means = facts.entry.nodata_means.map(NodataMeans::name);
    block.row("nodata", text, json!({"declared": declared, "means": means}));
}

fn year(facts: &RasterFacts, block: &mut Block) {
    match (facts.entry.year, &facts.year, &facts.years[..]) {
        (Some(given), ..) => {
            block.row("year", format!("{given}, as given"), json!({"value": given, "by": "given"}));
        }
        (None, Some(said), _) => block.said("year", Some(said)),
        (None, None, []) => {}
        (None, None, years) => {
            let names: Vec<String> = years.iter().map(ToString::to_string).collect();
            let text = format!("not certain: the file names {}", names.join(" and "));
            block.row("year", text, Value::Null);
        }
    }
}

fn stated(stated: &Stated, block: &mut Block) {
    if stated.licence.is_none() && stated.attribution.is_none() {
        block.row("licence", "not stated in the file", Value::Null);
    }
    block.said("licence", stated.licence.as_ref());
    block.said("attribution", stated.attribution.as_ref());
    block.said("observed_on", stated.observed_on.as_ref());
}

fn storage(facts: &RasterFacts, block: &mut Block) {
    let Some((cols, rows)) = facts.samples.first().map(|sample| sample.block) else { return };
    let compression = facts.compression.as_deref();
    let text = format!(
        "blocks of {} × {}, {}",
        grouped(cols as u64),
        grouped(rows as u64),
        compression.unwrap_or("not compressed")
    );
    block.row("storage", text, json!({"block": [cols, rows], "compression": compression}));
}

/// What is shown of a layer of a vector file. Its areas are mended to find their faults.
pub(super) fn vector(facts: &mut VectorFacts) -> Block {
    let mut block = Block::new(&facts.path, facts.layer.as_deref());
    block.plain("kind", "vector");
    block.plain("format", facts.format.as_str());
    if let Some(remark) = &facts.remark {
        block.plain("remark", remark.as_str());
    }
    reference(facts.reference.as_ref(), &mut block);
    if facts.sensitive {
        block.row("extent", "not shown: the location of such sites is sensitive", Value::Null);
    }
    extent(facts.bounds, facts.degrees, facts.reference.as_ref(), &mut block);
    block.row("features", grouped(facts.features as u64), json!(facts.features));
    drawn(facts, &mut block);
    columns(&facts.columns, &mut block);
    let word = match facts.guess {
        Guess::Areas => "areas",
        Guess::Sites => "sites",
        Guess::Either => "areas or sites: only its owner can tell",
        Guess::Neither => "nothing: no feature is drawn",
    };
    block.plain("use_as", word);
    let mut problems = Vec::new();
    if let Some(areas) = &mut facts.areas {
        areas_rows(areas, facts.guess, &mut block, &mut problems);
    }
    if let Some(sites) = facts.sites.as_ref().filter(|_| facts.guess != Guess::Neither) {
        sites_rows(sites, &mut block);
    }
    stated(&facts.stated, &mut block);
    block.refused(&facts.refused);
    block.problems(&problems);
    block
}

fn drawn(facts: &VectorFacts, block: &mut Block) {
    let word = |(kind, count): &(&str, usize)| match *kind {
        "nothing" => format!("{} without geometry", grouped(*count as u64)),
        "unreadable" => format!("{} that cannot be read", grouped(*count as u64)),
        kind => counted(*count as u64, kind),
    };
    let kinds: Vec<String> = facts.drawn.iter().map(word).collect();
    let values: Map<String, Value> =
        facts.drawn.iter().map(|(kind, count)| ((*kind).to_string(), json!(count))).collect();
    block.row("drawn", kinds.join(", "), values.into());
}

fn columns(columns: &[ColumnFacts], block: &mut Block) {
    // The fullest tell most of a table of many columns.
    let mut by_filled: Vec<&ColumnFacts> = columns.iter().collect();
    if columns.len() > SHOWN {
        by_filled.sort_by_key(|column| std::cmp::Reverse(column.filled));
    }
    by_filled.truncate(SHOWN);
    // A name may be longer than any line.
    let width =
        by_filled.iter().map(|column| column.name.chars().count()).max().unwrap_or(0).min(60);
    let line = |column: &ColumnFacts| {
        let ColumnFacts { name, kind, filled, .. } = column;
        let examples = column.examples.join(" · ");
        let line = format!("{name:width$}  {kind:6}  {:>7}  {examples}", grouped(*filled as u64));
        line.trim_end().to_string()
    };
    let mut lines: Vec<String> = by_filled.into_iter().map(line).collect();
    if columns.is_empty() {
        lines.push("none".into());
    }
    if columns.len() > SHOWN {
        lines.push(format!("and {}", counted((columns.len() - SHOWN) as u64, "emptier column")));
    }
    let value = |column: &ColumnFacts| {
        json!({
            "name": column.name, "type": column.kind, "filled": column.filled,
            "tells_apart": column.tells_apart, "examples": column.examples,
        })
    };
    block.row("columns", lines.join("\n"), columns.iter().map(value).collect());
}

fn areas_rows(
    found: &mut AreasFacts,
    guess: Guess,
    block: &mut Block,
    problems: &mut Vec<Problem>,
) {
    let text = match (&found.id_from, found.could_be_id.first()) {
        (IdFrom::Column(column), _) => format!("column \"{column}\""),
        (IdFrom::Member, _) => "the member `id` of the features".into(),
        (IdFrom::Place, None) => "none: 1, 2, 3 in the order of the file".into(),
        (IdFrom::Place, Some(column)) => {
            format!("none: 1, 2, 3 in the order of the file; \"{column}\" would tell them apart")
        }
    };
    let column = match &found.id_from {
        IdFrom::Column(column) => Some(column),
        _ => None,
    };
    block.row("ids", text, json!({"column": column, "could_be": found.could_be_id}));
    let line = |key: &KeyColumn| {
        let values: Vec<&str> = key.values.iter().take(6).map(String::as_str).collect();
        let named = if key.key == key.column {
            String::new()
        } else {
            format!(" (column \"{}\")", key.column)
        };
        let more = if key.values.len() > 6 { " …" } else { "" };
        format!("{}{named}: {}{more}", key.key, values.join(", "))
    };
    let shown = found.keys.iter().filter(|key| key.key != "name");
    let lines: Vec<String> = shown.map(line).collect();
    if !lines.is_empty() {
        let value = |key: &KeyColumn| {
            (key.key.to_string(), json!({"column": key.column, "values": key.values}))
        };
        let values: Map<String, Value> = found.keys.iter().map(value).collect();
        block.row("key_columns", lines.join("\n"), values.into());
    }
    // What may be sites has no faults as areas yet.
    if let Some(areas) = found.areas.as_mut().filter(|_| guess == Guess::Areas) {
        problems.append(&mut areas.problems);
        let (faults, _repairs) = mend(&areas.file, &mut areas.areas, &areas.reference);
        problems.extend(faults);
        let text = match problems.len() {
            0 => "every area is valid".into(),
            count => counted(count as u64, "problem"),
        };
        block.row("validity", text, json!(problems.len()));
    }
}

fn sites_rows(found: &SitesFacts, block: &mut Block) {
    let counts = |classes: &Classes| {
        let mut counts: Vec<_> =
            classes.counts.iter().map(|(class, count)| (class.name(), *count)).collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    };
    let text = |classes: &Classes| {
        let counts = counts(classes);
        let mut lines: Vec<String> = Vec::new();
        for chunk in counts.chunks(4) {
            let named: Vec<String> = chunk
                .iter()
                .map(|(name, count)| format!("{name} {}", grouped(*count as u64)))
                .collect();
            lines.push(named.join(", "));
        }
        lines.join(",\n")
    };
    let value = |classes: &Classes| {
        let counts: Map<String, Value> = counts(classes)
            .into_iter()
            .map(|(name, count)| (name.to_string(), json!(count)))
            .collect();
        json!({"classified": classes.classified, "classes": counts, "no_class": classes.unknown})
    };
    match &found.osm {
        Some(told) => {
            let head = counted(told.classified as u64, "feature");
            let of = found.schema.map_or(String::new(), |schema| format!(", as {schema} has them"));
            let text = format!("tell the class of {head}{of}\n{}", text(told));
            block.row("osm_tags", text, value(told));
        }
        None => block.row("osm_tags", "none that tell a class", Value::Null),
    }
    if let Some((column, told)) = &found.column {
        let head = counted(told.classified as u64, "feature");
        let folded = match told.folded {
            0 => String::new(),
            count => format!(", {} of them written another way", grouped(count as u64)),
        };
        let listed: Vec<String> =
            told.listed.iter().map(|(value, _)| format!("\"{}\"", value.trim())).collect();
        let more = if told.unknown.len() > listed.len() { " …" } else { "" };
        let unknown = match told.unknown.len() {
            0 => String::new(),
            count => {
                let values = counted(count as u64, "value");
                format!("; {values} of no class: {}{more}", listed.join(", "))
            }
        };
        let text =
            format!("\"{column}\" tells the class of {head}{folded}{unknown}\n{}", text(told));
        let mut value = value(told);
        if let Some(object) = value.as_object_mut() {
            object.insert("column".into(), column.as_str().into());
        }
        block.row("class_column", text, value);
    }
    site_columns(found, block);
}

/// Columns that tell the name of a site or a number of people, and those that only look so.
fn site_columns(found: &SitesFacts, block: &mut Block) {
    let named = |(column, what): &(String, &'static str)| format!("{what}: \"{column}\"");
    let told_by: Vec<String> = found.told_by.iter().map(named).collect();
    let mut lines = if told_by.is_empty() { Vec::new() } else { vec![told_by.join(", ")] };
    if !found.not_used.is_empty() {
        let columns: Vec<String> =
            found.not_used.iter().map(|column| format!("\"{column}\"")).collect();
        lines.push(format!("not used, since nobody knows what they count: {}", columns.join(", ")));
    }
    if !lines.is_empty() {
        let pairs: Map<String, Value> =
            found.told_by.iter().map(|(column, what)| (column.clone(), json!(what))).collect();
        block.row(
            "site_columns",
            lines.join("\n"),
            json!({"used": pairs, "not_used": found.not_used}),
        );
    }
}
