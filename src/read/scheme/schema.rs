//! The JSON Schema of a scheme, made from the list that reading follows.
//!
//! Descriptions are the comments of the built-in scheme, and defaults its values: no text stands
//! twice. What numbers must not pass each other is beyond a schema; reading checks it.

use super::keys::{Slot, Value as Held, slots};
use super::{BUILT_IN, built_in};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The JSON Schema (2020-12) of a scheme file, which holds only what differs from the built-in one.
#[must_use]
pub fn schema() -> Value {
    let comments = comments(BUILT_IN);
    let mut scheme = built_in();
    let mut sections: Map<String, Value> = Map::new();
    for Slot { key: (section, key), value } in slots(&mut scheme) {
        let mut about = match value {
            Held::Number(number, range) => {
                let mut about = json!({"type": "number", "default": *number});
                extend(&mut about, range.keywords());
                match section {
                    // A scheme may raise a floor and lower a bound of existence, never the other way.
                    "floors" => extend(&mut about, json!({"minimum": *number})),
                    "existence" if key != "default_confidence" => {
                        extend(&mut about, json!({"maximum": *number}));
                    }
                    _ => {}
                }
                about
            }
            Held::Rule(rule) => json!({
                "enum": crate::model::AllotmentRule::ALL.map(crate::model::AllotmentRule::name),
                "default": rule.name(),
            }),
            Held::Words(words) => json!({
                "type": "array",
                "items": {"type": "string", "pattern": "[\\p{L}\\p{N}]"},
                "default": *words,
            }),
            Held::Tier(tier) => json!({
                "enum": [1, 2, 3, 4],
                "default": tier.map(crate::model::Tier::number),
            }),
        };
        if let Some(comment) = comments.get(&(section, key)) {
            extend(&mut about, json!({"description": comment}));
        }
        let home = sections.entry(section).or_insert_with(|| {
            let mut home =
                json!({"type": "object", "additionalProperties": false, "properties": {}});
            if let Some(comment) = comments.get(&(section, "")) {
                extend(&mut home, json!({"description": comment}));
            }
            home
        });
        if let Some(properties) = home.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(key.into(), about);
        }
    }
    let name = json!({
        "type": "string", "pattern": "\\S",
        "description": "What assessments call it; the name of its file if not given.",
    });
    let mut properties = Map::from_iter([("name".to_string(), name)]);
    properties.append(&mut sections);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "civex scheme",
        "description": "The value judgements of an assessment, as far as they differ from the built-in ones.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn extend(object: &mut Value, more: Value) {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
}

/// The comments of a scheme: of a section those right above its heading, of a key the one behind it.
fn comments(text: &str) -> BTreeMap<(&str, &str), String> {
    let mut out = BTreeMap::new();
    let (mut section, mut above) = ("", Vec::new());
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix('#') {
            above.push(comment.trim());
        } else if let Some(heading) =
            line.strip_prefix('[').and_then(|line| line.trim_end().strip_suffix(']'))
        {
            section = heading;
            if !above.is_empty() {
                out.insert((section, ""), above.join(" "));
            }
            above.clear();
        } else {
            if let Some((key, comment)) = line
                .split_once('=')
                .and_then(|(key, rest)| Some((key.trim(), rest.split_once('#')?.1.trim())))
            {
                out.insert((section, key), comment.to_string());
            }
            above.clear();
        }
    }
    out
}
