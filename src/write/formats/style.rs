//! Styles by which GIS programs show layers colored: QML for QGIS, SLD for others.

use super::columns::Column;
use crate::model::{Band, Topic};
use crate::write::colors::{BANDS, Color, TIERS, UNKNOWN, hex};
use crate::write::topics::in_words;
use crate::write::words::spelled;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};
use serde_json::{Value, json};

const QML: &str = include_str!("style.qml");
const SLD: &str = include_str!("style.sld");

/// A layer that has a style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Styled {
    /// Areas and options, by band.
    Areas,
    /// Sites, by tier.
    Sites,
    /// Gaps.
    Gaps,
}

impl Styled {
    /// The style of a layer.
    #[must_use]
    pub fn of(layer: &str) -> Option<Self> {
        match layer {
            "areas" | "options" => Some(Self::Areas),
            "sites" => Some(Self::Sites),
            "gaps" => Some(Self::Gaps),
            _ => None,
        }
    }

    /// What is told apart, and how it is shown.
    fn symbols(self) -> Value {
        let symbol = |value: Value, label: String, color: Color, size: f64| {
            let [r, g, b] = color;
            json!({"value": value, "label": label, "rgb": format!("{r},{g},{b}"), "hex": hex(color), "size": size})
        };
        match self {
            Self::Areas => {
                let bands = Band::ALL.iter().zip(BANDS);
                let bands = bands
                    .map(|(band, color)| symbol(json!(band.name()), spelled(*band), color, 0.0));
                let unknown = symbol(Value::Null, "not known".into(), UNKNOWN, 0.0);
                bands.chain([unknown]).collect()
            }
            Self::Sites => {
                let tiers = TIERS.into_iter().enumerate();
                let tiers = tiers.map(|(place, color)| {
                    let (tier, size) = (place + 1, 4.0 - 0.6 * place as f64);
                    symbol(json!(tier), format!("tier {tier}"), color, size)
                });
                let context = symbol(Value::Null, "no tier".into(), [0xff, 0xff, 0xff], 1.6);
                tiers.chain([context]).collect()
            }
            Self::Gaps => {
                let one =
                    symbol(Value::Null, "request for information".into(), [0xff, 0xe1, 0x4d], 3.4);
                json!([one])
            }
        }
    }

    const fn column(self) -> &'static str {
        match self {
            Self::Areas => "band",
            Self::Sites => "tier",
            Self::Gaps => "",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Areas => "Areas by band of exposure",
            Self::Sites => "Civilian sites by tier",
            Self::Gaps => "Requests for information",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Areas => "area_id",
            Self::Sites | Self::Gaps => "",
        }
    }
}

/// The style for QGIS, with an alias for each column of ours.
#[must_use]
pub fn qml(styled: Styled, columns: &[Column]) -> String {
    let ours = columns.iter().filter(|column| column.about.is_some());
    let aliases: Vec<Value> =
        ours.map(|column| json!({"name": column.name, "alias": alias(&column.name)})).collect();
    filled(QML, styled, &aliases)
}

/// The style for programs that read SLD 1.0.
#[must_use]
pub fn sld(styled: Styled) -> String {
    filled(SLD, styled, &[])
}

fn filled(template: &str, styled: Styled, aliases: &[Value]) -> String {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    let about = context! {
        is_surface => styled == Styled::Areas,
        column => styled.column(),
        title => styled.title(),
        label => styled.label(),
        symbols => Serde(styled.symbols()),
        aliases => Serde(aliases),
    };
    let made = templates.render_str(template, about);
    // The template is ours, and a test fills it.
    made.unwrap_or_else(|error| format!("<!-- {error} -->"))
}

/// A column as people call it.
pub(super) fn alias(name: &str) -> String {
    let spaced = |text: &str| text.replace('_', " ");
    let parts = [("p", "people"), ("g", "vulnerable groups"), ("s", "sites"), ("e", "services")];
    if let Some(letter) = name.strip_prefix("contrib_") {
        let part = parts.iter().find(|(own, _)| *own == letter).map_or(letter, |(_, part)| part);
        return format!("points from {part}");
    }
    if let Some(word) = name.strip_prefix("topic_") {
        let topic = Topic::ALL.into_iter().find(|topic| topic.name() == word);
        return format!("topic: {}", topic.map_or(word, |topic| in_words(topic)));
    }
    if let Some((meters, what)) = name.strip_prefix("ring_").and_then(|of| of.split_once("m_")) {
        return match what.strip_prefix("sites_t") {
            Some(tier) => format!("sites of tier {tier}, to {meters} m outside"),
            None => format!("people, to {meters} m outside"),
        };
    }
    match name {
        "area_id" => "area".into(),
        "coa" => "course of action".into(),
        "area_km2" => "surface, km²".into(),
        "missing_share" => "share without population data".into(),
        "pop_density_km2" => "people per km²".into(),
        "pop_peak_km2" => "people per km², densest block".into(),
        "dependants_outside" => "dependants outside".into(),
        "voi" => "worth, points".into(),
        _ => match name.split_once('_') {
            Some(("pop", bound)) => format!("people, {bound}"),
            Some(("vulnerable", bound)) => format!("in vulnerable situations, {bound}"),
            Some(("sites", tier)) if ["t1", "t2", "t3", "t4"].contains(&tier) => {
                format!("sites of tier {}", tier.trim_start_matches('t'))
            }
            Some(("sites", class)) => format!("sites: {}", spaced(class)),
            Some(("dependants", service)) => format!("dependants: {}", spaced(service)),
            Some((what, bound @ ("low" | "best" | "high"))) => format!("{}, {bound}", spaced(what)),
            _ => match name.rsplit_once('_') {
                Some((what, bound @ ("low" | "best" | "high"))) => {
                    format!("{}, {bound}", spaced(what))
                }
                _ => spaced(name),
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Group;
    use crate::model::columns::{Layout, names};
    use std::collections::BTreeSet;

    #[test]
    fn every_style_is_well_formed() {
        for styled in [Styled::Areas, Styled::Sites, Styled::Gaps] {
            let column = Column {
                name: "pop_best".into(),
                kind: super::super::Kind::Real,
                about: Some(String::new()),
            };
            let made = qml(styled, &[column]);
            let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
            let tree = roxmltree::Document::parse_with_options(&made, options).unwrap();
            assert!(tree.descendants().any(|node| node.attribute("name") == Some("people, best")));
            let made = sld(styled);
            let tree = roxmltree::Document::parse(&made).unwrap();
            assert!(
                tree.descendants()
                    .any(|node| node.has_tag_name(("http://www.opengis.net/sld", "Rule")))
            );
        }
    }

    #[test]
    fn no_two_columns_have_one_alias() {
        let layout =
            Layout { has_sites: true, groups: Group::ALL.to_vec(), rings_m: vec![500, 1000] };
        let all = names(&layout);
        let aliases: BTreeSet<String> = all.iter().map(|name| alias(name)).collect();
        assert_eq!(aliases.len(), all.len());
        assert_eq!(alias("women_15_49_low"), "women 15 49, low");
    }
}
