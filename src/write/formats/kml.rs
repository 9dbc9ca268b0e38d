//! KML for globes: areas colored by band, each with a balloon of its main numbers, and all columns as data.
//!
//! The topics of trafficking and of sexual violence are left out unless full precision is asked (METHOD §7).

use super::columns::{Column, Kind, Layer, Record, Shape, distinct, for_xml, text_of};
use super::style::alias;
use crate::model::{Area, Band, Flag, Topic};
use crate::write::colors::{BANDS, Color, UNKNOWN};
use crate::write::sites::Precision;
use crate::write::table::at_least;
use crate::write::topics::may_tell;
use crate::write::words::spelled;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};
use serde_json::{Number, Value, json};
use std::io::{self, Write};

const HEAD: &str = include_str!("kml.kml");
const PLACEMARK: &str = include_str!("kml.placemark");
const BALLOON: &str = include_str!("kml.balloon");
const END: &[u8] = b"</Folder>\n</Document>\n</kml>\n";

/// The columns that a balloon shows.
const SHOWN: [&str; 14] = [
    "name",
    "coa",
    "phase",
    "band",
    "score",
    "pop_low",
    "pop_best",
    "pop_high",
    "vulnerable_best",
    "sites_t1",
    "sites_t2",
    "dependants_outside",
    "area_km2",
    "reason",
];

/// Columns that programs make of elements of a placemark.
const TAKEN: [&str; 11] = [
    "description",
    "timestamp",
    "begin",
    "end",
    "altitudemode",
    "tessellate",
    "extrude",
    "visibility",
    "draworder",
    "icon",
    "name",
];

/// When an area is used: from and to, in seconds since 1970; `None` if that cannot be told.
pub type UsedAt<'u> = &'u dyn Fn(&Area) -> Option<[i64; 2]>;

/// Writes a layer of areas as KML; it is called `title`.
///
/// Own columns of inputs whose names programs would take for others get a number; whole numbers that no double
/// holds are texts, since no type of KML has room for them.
///
/// # Source
///
/// OGC KML 2.2 (07-147r2).
///
/// # Errors
///
/// What the writer returns.
pub fn kml(
    layer: &Layer,
    title: &str,
    precision: Precision,
    used_at: UsedAt,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_told = |name: &str| {
        let word = name.strip_prefix("topic_");
        let topic = word.and_then(|word| Topic::ALL.into_iter().find(|of| of.name() == word));
        topic.is_none_or(|topic| may_tell(topic, precision))
    };
    let columns: Vec<(String, &Column)> = distinct(&layer.columns, &TAKEN)
        .into_iter()
        .zip(&layer.columns)
        .filter(|(_, column)| is_told(&column.name) || column.about.is_none())
        .collect();
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.add_template("placemark", PLACEMARK).map_err(io::Error::other)?;
    templates.add_template("balloon", BALLOON).map_err(io::Error::other)?;
    let fields = columns.iter().map(|(name, column)| {
        let kind = match column.kind {
            Kind::Text | Kind::Long => "string",
            Kind::Integer | Kind::Real => "double",
            Kind::Truth => "bool",
        };
        json!({"name": name, "kind": kind, "alias": for_xml(&alias(&column.name))})
    });
    let styles = Band::ALL.iter().zip(BANDS).map(|(band, color)| style(band.name(), color));
    let styles: Vec<Value> = styles.chain([style("unknown", UNKNOWN)]).collect();
    let head = context! {
        title => for_xml(title),
        about => "Civilian exposure by civex: who and what civilian is there. Unknown is left out, never 0.",
        styles => Serde(styles),
        columns => Serde(fields.collect::<Vec<_>>()),
    };
    out.write_all(templates.render_str(HEAD, head).map_err(io::Error::other)?.as_bytes())?;
    layer.records.each(&mut |record| {
        let get = |name: &str| record.properties.get(name).unwrap_or(&Value::Null);
        let name = for_xml(&text_of(get("area_id")).unwrap_or_default());
        let flags = text_of(get("flags")).unwrap_or_default();
        let line = |column: &&str| {
            let least = at_least(is_least(column, &flags));
            Some((alias(column), format!("{least}{}", shown(column, get(column))?)))
        };
        let lines = SHOWN.iter().filter_map(line);
        let lines: Vec<_> = lines.collect();
        let balloon = templates.get_template("balloon").map_err(io::Error::other)?;
        let balloon = balloon.render(context! { name => &name, lines => Serde(lines) });
        let cells = columns.iter();
        let cells = cells.filter_map(|(name, column)| {
            let text = match get(&column.name) {
                // Truth is 1 for programs that know no other.
                Value::Bool(truth) => Some(u8::from(*truth).to_string()),
                value => text_of(value).map(|text| for_xml(&text)),
            };
            Some((name, text?))
        });
        let span = span(["start", "end"].map(get), used_at);
        let placemark = context! {
            name => name,
            begin => span.as_ref().map(|[begin, _]| begin),
            end => span.as_ref().map(|[_, end]| end),
            style => get("band").as_str().unwrap_or("unknown"),
            balloon => balloon.map_err(io::Error::other)?,
            cells => Serde(cells.collect::<Vec<_>>()),
            parts => Serde(parts(&record)?),
        };
        let template = templates.get_template("placemark").map_err(io::Error::other)?;
        out.write_all(template.render(placemark).map_err(io::Error::other)?.as_bytes())?;
        out.write_all(b"\n")
    })?;
    out.write_all(END)
}

fn style(id: &str, [r, g, b]: Color) -> Value {
    json!({"id": id, "color": format!("a6{b:02x}{g:02x}{r:02x}")})
}

/// Whether more may be there than a number says, as far as the flags of its row tell.
fn is_least(column: &str, flags: &str) -> bool {
    let has = |flag: Flag| flags.split(' ').any(|of| of == flag.name());
    let lacks_sites = has(Flag::ClassesUnmapped) || has(Flag::NoSitesLayer);
    match column {
        "band" | "score" | "vulnerable_best" | "sites_t1" | "sites_t2" => lacks_sites,
        "dependants_outside" => lacks_sites || has(Flag::BeyondSites),
        "pop_high" => has(Flag::HighNotABound),
        _ => false,
    }
}

/// A value as a balloon shows it.
fn shown(column: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Number(number) if column == "score" || column == "area_km2" => {
            Some(format!("{:.1}", number.as_f64()?))
        }
        Value::Number(number) => Some(crate::write::words::whole(number.as_f64()?)),
        Value::String(text) if column == "band" => {
            Some(Band::from_name(text).map_or_else(|| text.clone(), spelled))
        }
        other => text_of(other).map(|text| for_xml(&text)),
    }
}

/// From when to when an area is used, as KML writes it: days as they are, moments by the clocks of UTC.
fn span(written: [&Value; 2], used_at: UsedAt) -> Option<[String; 2]> {
    let [start, end] = written.map(|value| value.as_str().map(|text| text.trim().to_string()));
    let area = Area { start, end, ..Area::default() };
    let [from, to] = used_at(&area)?;
    let is_day = |text: &String| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    let days = area.start.filter(is_day).zip(area.end.filter(is_day));
    let moment = |at| Some(jiff::Timestamp::from_second(at).ok()?.to_string());
    days.map_or_else(|| Some([moment(from)?, moment(to)?]), |(from, to)| Some([from, to]))
}

/// The rings of each part, as KML writes their coordinates.
fn parts(record: &Record) -> io::Result<Vec<Vec<String>>> {
    let parts = record.geometry.as_ref().map(Shape::parts::<Number>).transpose()?;
    let ring = |ring: &Vec<[Number; 2]>| {
        let at = ring.iter().map(|[x, y]| format!("{x},{y}"));
        at.collect::<Vec<_>>().join(" ")
    };
    let rings = |rings: &Vec<_>| rings.iter().map(ring).collect();
    Ok(parts.iter().flatten().map(rings).collect())
}
