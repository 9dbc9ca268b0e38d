//! An assessment as one page: a map, tables, charts and the method, in a single file that asks nobody for
//! anything.
//!
//! The page is a template that is filled with what the other formats hold; every text from an input is escaped.
//! Leaflet draws the map that moves; a still picture of the same stands in print and where no script runs. What
//! may be told is as everywhere (METHOD §7): rows in input order, sites by id, blocks of 30″ with ten people or
//! more, sensitive sites as counts, two of the topics only with full precision.

mod frame;
mod image;
mod map;
mod tables;

use super::comparison::{Sheet, With};
use super::gaps::Request;
use super::geojson::about;
use super::json::json_text;
use super::sites::{BANNER, Precision, Register};
use super::words::printable;
use crate::error::{Notice, Problem, Tally};
use crate::model::columns::Layout;
use crate::model::{Area, AssessedArea, Coa, Comparison, Gap, Picture, Provenance, Scheme, Sites};
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};
use std::io::{self, Write};
use std::path::Path;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Leaflet 1.9.4, as it is published: see `leaflet/README.md`.
/// So many problems of inputs are told.
const PROBLEMS: usize = 10;

const LEAFLET: &str = include_str!("leaflet/leaflet.js");
const LEAFLET_STYLE: &str = include_str!("leaflet/leaflet.css");
const LEAFLET_LICENCE: &str = include_str!("leaflet/LICENSE");

/// When an area is used, in seconds since 1970.
pub type Times<'r> = &'r dyn Fn(&Area) -> Option<[i64; 2]>;

/// What a page is made of.
#[derive(Clone, Copy)]
pub struct Report<'r> {
    /// The rows, in input order.
    pub rows: &'r [AssessedArea],
    /// Which columns they have.
    pub layout: &'r Layout,
    /// The courses of action side by side; `None` with fewer than two.
    pub comparison: Option<&'r Comparison>,
    /// Areas taken together, where there are no two options; empty where they are not.
    pub coas: &'r [Coa],
    /// The sites; `None` without a sites layer.
    pub sites: Option<&'r Sites>,
    /// Those in and near areas.
    pub register: Option<&'r Register<'r>>,
    /// What is to be asked.
    pub requests: &'r [Request],
    /// What whole layers do not tell.
    pub gaps: &'r [Gap],
    /// What the map shows beside them.
    pub picture: &'r Picture,
    /// When areas are used.
    pub times: Times<'r>,
    /// The value judgements.
    pub scheme: &'r Scheme,
    /// What it was made from.
    pub provenance: &'r Provenance,
    /// What limits it.
    pub notices: &'r Tally<Notice>,
    /// What is wrong with its inputs.
    pub problems: &'r Tally<Problem>,
    /// Whether sites and topics that are sensitive are told.
    pub precision: Precision,
}

impl Report<'_> {
    /// With what a comparison is written.
    const fn with(&self) -> With<'_> {
        With {
            name: self.provenance.name.as_str(),
            sites: self.sites,
            layout: self.layout,
            gaps: self.gaps,
            precision: self.precision,
        }
    }

    /// The courses of action, wherever they are.
    fn options(&self) -> Vec<&Coa> {
        match self.comparison {
            Some(comparison) => comparison.options.iter().map(|option| &option.coa).collect(),
            None => self.coas.iter().collect(),
        }
    }
}

/// Writes the page. `folder` is that of the output, to which the paths of inputs are made relative.
///
/// # Errors
///
/// What the writer returns, and what makes the image of people impossible.
pub fn write(report: &Report, folder: Option<&Path>, out: &mut dyn Write) -> io::Result<()> {
    let sites = report.register.map(Register::listed_sites).unwrap_or_default();
    let sheet = report.comparison.map(|comparison| Sheet::of(comparison, &report.with()));
    let map = map::map(report, &sites)?;
    let about = by_name(about(report.provenance, report.notices, folder), report.provenance);
    let page = context! {
        title => report.provenance.name.as_str(),
        date => report.provenance.date.as_deref(),
        version => env!("CARGO_PKG_VERSION"),
        banner => report.register.map(|_| BANNER),
        problems => Serde(problems(report)),
        summary => Serde(tables::summary(report, sheet.as_ref())),
        options => Serde(tables::options(sheet.as_ref())),
        areas => Serde(tables::areas(report)),
        groups => Serde(tables::groups(report)),
        rings => Serde(tables::rings(report)),
        timeline => Serde(tables::timeline(report)),
        parts => Serde(tables::parts(report)),
        topics => Serde(tables::topics(report)),
        register => Serde(tables::register(report, &sites)),
        requests => Serde(tables::requests(report)),
        scheme => Serde(tables::scheme(report.scheme)),
        about => Serde(about),
        still => Serde(map.still),
        legend => Serde(map.legend),
        data => Value::from_safe_string(in_a_script(&map.data)?),
        style => Value::from_safe_string(STYLE.into()),
        script => Value::from_safe_string(SCRIPT.into()),
        leaflet_licence => LEAFLET_LICENCE,
        leaflet => Value::from_safe_string(without_addresses(LEAFLET, "//# sourceMappingURL=", "\n")),
        leaflet_style => Value::from_safe_string(without_addresses(LEAFLET_STYLE, "url(", ")")),
    };
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    let template = templates.template_from_str(PAGE).map_err(io::Error::other)?;
    let page = template.render(page).map_err(io::Error::other)?;
    // Some of what is put in ends its lines in two letters.
    out.write_all(printable(&page.replace('\r', "")).as_bytes())?;
    out.write_all(b"\n")
}

/// What is wrong with the inputs, in sentences.
fn problems(report: &Report) -> Vec<String> {
    let all = report.problems.sentences(PROBLEMS).into_iter();
    all.map(|problem| with_names(&problem, report.provenance)).collect()
}

/// Files by their names: where they lie on one machine tells readers of a page nothing.
fn by_name(mut about: serde_json::Value, provenance: &Provenance) -> serde_json::Value {
    let texts = |list: Option<&mut serde_json::Value>, key: &str, of: &dyn Fn(&str) -> String| {
        for one in list.and_then(serde_json::Value::as_array_mut).into_iter().flatten() {
            if let Some(text) = one[key].as_str().map(of) {
                one[key] = text.into();
            }
        }
    };
    texts(about.pointer_mut("/notices/first"), "text", &|text| with_names(text, provenance));
    texts(about.get_mut("inputs"), "path", &name_of);
    about
}

/// A text with files by their names.
fn with_names(text: &str, provenance: &Provenance) -> String {
    let paths = provenance.inputs.iter().map(|input| &input.path);
    paths.fold(text.to_string(), |text, path| text.replace(path, &name_of(path)))
}

fn name_of(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_string()
}

/// JSON that no browser takes for markup.
fn in_a_script(data: &serde_json::Value) -> io::Result<String> {
    Ok(json_text(data)?.replace('<', "\\u003c"))
}

/// A text without the addresses that begin with `from` and end with `to`: a page asks nobody for anything.
fn without_addresses(text: &str, from: &str, to: &str) -> String {
    let mut pieces = text.split(from);
    let mut kept = pieces.next().unwrap_or_default().to_string();
    for piece in pieces {
        kept.push_str(if to == ")" { "none" } else { "" });
        kept.push_str(piece.split_once(to).map_or("", |(_, rest)| rest));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_is_left_in_what_is_bundled() {
        let style = without_addresses(LEAFLET_STYLE, "url(", ")");
        let script = without_addresses(LEAFLET, "//# sourceMappingURL=", "\n");
        assert!(style.len() > 10_000 && !style.contains("url("));
        assert!(script.len() > 100_000 && !script.contains("sourceMappingURL"));
    }

    #[test]
    fn a_text_cannot_end_its_script() {
        let text = in_a_script(&serde_json::json!(["</script><script>"])).unwrap();
        assert_eq!(text, r#"["\u003c/script>\u003cscript>"]"#);
        let back: Vec<String> = serde_json::from_str(&text).unwrap();
        assert_eq!(back, ["</script><script>"]);
    }
}
