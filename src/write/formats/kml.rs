//! KML for globes: areas colored by band, each with a balloon of its main numbers, and all columns as data.
//!
//! The topics of trafficking and of sexual violence are left out unless full precision is asked (METHOD §7).

use super::columns::{Kind, Layer, Record, Shape, printable, text_of};
use super::style::alias;
use crate::model::{Band, Topic};
use crate::write::colors::{BANDS, Color, UNKNOWN};
use crate::write::sites::Precision;
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

/// Writes a layer of areas as KML; it is called `title`.
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
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_told = |name: &str| {
        let word = name.strip_prefix("topic_");
        let topic = word.and_then(|word| Topic::ALL.into_iter().find(|of| of.name() == word));
        topic.is_none_or(|topic| may_tell(topic, precision))
    };
    let columns: Vec<_> = layer
        .columns
        .iter()
        .filter(|column| is_told(&column.name) || column.about.is_none())
        .collect();
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.add_template("placemark", PLACEMARK).map_err(io::Error::other)?;
    templates.add_template("balloon", BALLOON).map_err(io::Error::other)?;
    let fields = columns.iter().map(|column| {
        let kind = match column.kind {
            Kind::Text => "string",
            // No type of KML holds all whole numbers.
            Kind::Integer | Kind::Real => "double",
            Kind::Truth => "bool",
        };
        json!({"name": printable(&column.name), "kind": kind, "alias": printable(&alias(&column.name))})
    });
    let styles = Band::ALL.iter().zip(BANDS).map(|(band, color)| style(band.name(), color));
    let styles: Vec<Value> = styles.chain([style("unknown", UNKNOWN)]).collect();
    let head = context! {
        title => printable(title),
        about => "Civilian exposure by civex: who and what civilian is there. Unknown is left out, never 0.",
        styles => Serde(styles),
        columns => Serde(fields.collect::<Vec<_>>()),
    };
    out.write_all(templates.render_str(HEAD, head).map_err(io::Error::other)?.as_bytes())?;
    layer.records.each(&mut |record| {
        let get = |name: &str| record.properties.get(name).unwrap_or(&Value::Null);
        let name = printable(&text_of(get("area_id")).unwrap_or_default());
        let lines =
            SHOWN.iter().filter_map(|column| Some((alias(column), shown(column, get(column))?)));
        let lines: Vec<_> = lines.collect();
        let balloon = templates.get_template("balloon").map_err(io::Error::other)?;
        let balloon = balloon.render(context! { name => &name, lines => Serde(lines) });
        let cells = columns.iter();
        let cells = cells.filter_map(|column| {
            let text = match get(&column.name) {
                // Truth is 1 for programs that know no other.
                Value::Bool(truth) => Some(u8::from(*truth).to_string()),
                value => text_of(value).map(|text| printable(&text)),
            };
            Some((printable(&column.name), text?))
        });
        let [begin, end] = ["start", "end"].map(|name| moment(get(name)));
        let span = begin.zip(end);
        let placemark = context! {
            name => name,
            begin => span.as_ref().map(|(begin, _)| begin),
            end => span.as_ref().map(|(_, end)| end),
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
        other => text_of(other).map(|text| printable(&text)),
    }
}

/// A moment that KML takes.
fn moment(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    let is_one =
        text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::Date>().is_ok();
    is_one.then(|| text.to_string())
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
