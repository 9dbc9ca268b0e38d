//! The tags of a feature, wherever a format keeps them: in columns, or packed into the value of one.
//!
//! GDAL packs what has no column into `other_tags`, osm2pgsql and `QuickOSM` into `tags`, as hstore or JSON; Overpass
//! Turbo and healthsites.io nest an object. All of them are put beside the columns, which come first. What is cut off
//! at the end, as in a shapefile, is read up to there.
//!
//! Ids are looked for here too, since they are tags: `@id`, `full_id`.

use super::super::features::{Feature, column, text_of};
use super::super::osm::Rules;
use super::geofabrik::{self, FCLASS};
use crate::model::SiteClass;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Columns whose value holds tags.
const PACKED: [&str; 9] = [
    "tags",
    "other_tags",
    "all_tags",
    "osm_tags",
    "attributes",
    "hstore",
    "tags_hstore",
    "tags_json",
    "hstore_tags",
];

/// Columns that are usually an id, the surest first.
const IDS: [&str; 8] = ["id", "@id", "full_id", "osm_id", "osm_way_id", "@osmid", "osmid", "fid"];

/// What wrote a file, by its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::read) enum Schema {
    /// Geofabrik's shapefiles.
    Geofabrik,
    /// healthsites.io.
    Healthsites,
    /// Anything else that keeps OpenStreetMap tags.
    Tags,
}

impl Schema {
    /// What the names of columns tell, if they are those of OpenStreetMap data.
    pub(in crate::read) fn of<'n>(
        names: impl Iterator<Item = &'n str>,
        rules: &Rules,
    ) -> Option<Self> {
        let names: BTreeSet<String> = names.map(str::to_ascii_lowercase).collect();
        let has = |name: &str| names.contains(name);
        let is_of_osm = ["osm_id", "osm_type", "osm_way_id", "@id", "full_id", "@osmid", "osmid"]
            .into_iter()
            .any(has);
        let has_key = || names.iter().any(|name| !rules.classes_by_columns([name]).is_empty());
        if has(FCLASS) {
            Some(Self::Geofabrik)
        } else if has("completeness") && (has("amenity") || has("healthcare")) {
            Some(Self::Healthsites)
        } else if has("other_tags") || (is_of_osm && (has("tags") || has_key())) {
            Some(Self::Tags)
        } else {
            None
        }
    }

    /// What wrote the file, in words.
    pub(in crate::read) const fn name(self) -> &'static str {
        match self {
            Self::Geofabrik => "Geofabrik",
            Self::Healthsites => "healthsites.io",
            Self::Tags => "OpenStreetMap",
        }
    }

    /// The classes that a layer can yield by its tags. `columns` are all that its features can have, if the format
    /// tells; `held` is what they turned out to have, `name` what the layer is called.
    ///
    /// A file of which every feature is of some class was selected by class: it maps those that it holds, since who
    /// asked for hospitals has not looked for schools. Any other maps what its keys can tell.
    pub(super) fn classes(
        rules: &Rules,
        columns: Option<&[String]>,
        held: &Held,
        name: &str,
    ) -> BTreeSet<SiteClass> {
        let no_feature = Map::new();
        let columns = columns.filter(|columns| !columns.iter().any(|name| is_packed(name)));
        let of_feature = held.first.iter().flat_map(Map::keys).map(String::as_str);
        let of_columns = columns.into_iter().flatten().map(String::as_str);
        match (Self::of(of_feature.chain(of_columns), rules), columns) {
            (Some(Self::Geofabrik), _) => {
                geofabrik::classes(name, held.first.as_ref().unwrap_or(&no_feature), rules)
            }
            (Some(Self::Healthsites), _) => {
                let tags =
                    HEALTHSITES.iter().filter_map(|tag| Some(rules.classify(&[*tag]).ok()?.class));
                tags.chain(rules.classes_by_columns(&["healthcare".to_string()])).collect()
            }
            (_, None) if held.first.is_none() => rules.classes(),
            (_, Some(columns)) if held.first.is_none() => rules.classes_by_columns(columns),
            _ if !held.is_mixed => BTreeSet::new(),
            _ => rules.classes_by_columns(columns.into_iter().flatten().chain(&held.keys)),
        }
    }
}

/// What healthsites.io collects, beside all of the key `healthcare`.
const HEALTHSITES: [(&str, &str); 4] = [
    ("amenity", "hospital"),
    ("amenity", "clinic"),
    ("amenity", "doctors"),
    ("amenity", "pharmacy"),
];

/// Columns and tags that features turned out to have.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The properties of one feature.
    pub(super) first: Option<Map<String, Value>>,
    /// The keys of all tags that some rule may ask for.
    keys: BTreeSet<String>,
    /// Whether a feature is of no class at all.
    pub(super) is_mixed: bool,
}

impl Held {
    /// Notes the tags of a feature.
    pub(super) fn note(&mut self, tags: &[(&str, &str)]) {
        for (key, _) in tags {
            if !self.keys.contains(*key) {
                self.keys.insert((*key).to_string());
            }
        }
    }

    /// Takes what later features have.
    pub(super) fn append(&mut self, mut later: Self) {
        self.first = self.first.take().or(later.first);
        self.keys.append(&mut later.keys);
        self.is_mixed |= later.is_mixed;
    }
}

/// The id of a feature: of a register its own column, else the member of the feature, else a column that is usually one.
pub(super) fn id_of(feature: &Feature, is_register: bool) -> Option<String> {
    let value = |name: &str| text_of(&feature.properties[column(&feature.properties, name)?]);
    let register = is_register.then(|| value("site_id")).flatten();
    let own = register.or_else(|| value("id")).or_else(|| feature.id.clone());
    own.or_else(|| IDS.into_iter().find_map(value))
}

/// The tags of a feature that some rule may ask for, by their keys in OpenStreetMap.
pub(in crate::read) fn tags<'p>(
    properties: &'p Map<String, Value>,
    rules: &'p Rules,
) -> Vec<(&'p str, Cow<'p, str>)> {
    let mut tags: Vec<(&str, Cow<str>)> = Vec::new();
    for (name, value) in properties {
        if value.is_null() {
            continue;
        }
        if let Some(key) = rules.key(name) {
            match value {
                Value::String(text) if text.trim().is_empty() => {}
                Value::String(text) => tags.push((key, text.into())),
                Value::Array(members) => {
                    let members: Vec<String> = members.iter().filter_map(text_of).collect();
                    tags.push((key, members.join(";").into()));
                }
                other => tags.extend(text_of(other).map(|text| (key, text.into()))),
            }
        } else if name.eq_ignore_ascii_case(FCLASS)
            && let Some(fclass) = value.as_str().map(str::trim)
        {
            // No rule asks for what is no tag; it is kept to be told if it nearly is one.
            let own = (!geofabrik::is_faith(fclass)).then_some((FCLASS, fclass));
            tags.extend(
                geofabrik::tag(properties, fclass).or(own).map(|(key, value)| (key, value.into())),
            );
        }
    }
    tags
}

/// Whether a column of that name may hold tags packed into its values.
pub(in crate::read) fn is_packed(name: &str) -> bool {
    PACKED.iter().any(|packed| packed.eq_ignore_ascii_case(name))
}

/// The same properties with the tags that are packed into one of them beside the others.
pub(in crate::read) fn unpacked(properties: &Map<String, Value>) -> Cow<'_, Map<String, Value>> {
    if !properties.keys().any(|name| is_packed(name)) {
        return Cow::Borrowed(properties);
    }
    let mut own = properties.clone();
    unpack(&mut own);
    Cow::Owned(own)
}

/// Puts the tags that are packed into a value beside the others. A property that says something stays as it is.
pub(in crate::read) fn unpack(properties: &mut Map<String, Value>) {
    let mut pairs: Vec<(String, Value)> = Vec::new();
    for (name, value) in properties.iter_mut() {
        if !value.is_null() && is_packed(name) {
            pairs.extend(take_pairs(value));
        }
    }
    for (key, value) in pairs {
        let is_blank = |value: &Value| text_of(value).is_none();
        match properties.get_mut(&key) {
            None => {
                properties.insert(key, value);
            }
            Some(old) if is_blank(old) => *old = value,
            Some(_) => {}
        }
    }
}

/// The pairs of a value, taken out of it, if it has any.
fn take_pairs(value: &mut Value) -> Vec<(String, Value)> {
    let found = match value {
        Value::String(text) => pairs_of_text(text),
        Value::Object(_) | Value::Array(_) => pairs_of_json(std::mem::take(value)),
        _ => Vec::new(),
    };
    if !found.is_empty() {
        *value = Value::Null;
    }
    found
}

/// The pairs of a text: JSON, hstore, or a map as databases and Python print it.
fn pairs_of_text(text: &str) -> Vec<(String, Value)> {
    let text = text.trim();
    match text.bytes().next() {
        Some(b'{' | b'[') => {
            serde_json::from_str(text).map_or_else(|_no_json| written_pairs(text), pairs_of_json)
        }
        Some(b'"') if text.contains("=>") => written_pairs(text),
        _ => bare_pairs(text),
    }
}

/// The pairs of a text without quotes, `amenity=hospital,beds=20` or `amenity=>hospital|beds=>20`, if all of it is
/// pairs whose keys are written as those of OpenStreetMap.
fn bare_pairs(text: &str) -> Vec<(String, Value)> {
    let is_of_key = |letter: char| letter.is_ascii_alphanumeric() || ":_-.".contains(letter);
    let pair = |piece: &str| {
        let (key, value) = piece.trim().split_once('=')?;
        let value = value.strip_prefix('>').unwrap_or(value).trim().trim_matches('"');
        let is_pair = !key.is_empty()
            && key.chars().all(is_of_key)
            && !value.is_empty()
            && !value.contains('=');
        is_pair.then(|| (key.to_string(), value.into()))
    };
    let of =
        |mark: char| text.split(mark).filter(|piece| !piece.trim().is_empty()).map(pair).collect();
    let found: Option<Vec<(String, Value)>> = ['|', ';', ','].into_iter().find_map(of);
    found.unwrap_or_default()
}

/// The pairs of an object; of a list of pairs, `[["amenity", "school"]]` or `[{"k": "amenity", "v": "school"}]`.
fn pairs_of_json(value: Value) -> Vec<(String, Value)> {
    let pair = |value: Value| match value {
        Value::Array(mut pair) if pair.len() == 2 => {
            let value = pair.pop()?;
            Some((pair.pop()?.as_str()?.to_string(), value))
        }
        Value::Object(mut pair) => {
            let key = pair.remove("k").or_else(|| pair.remove("key"))?;
            let value = pair.remove("v").or_else(|| pair.remove("value"))?;
            Some((key.as_str()?.to_string(), value))
        }
        _ => None,
    };
    match value {
        Value::Object(members) => members.into_iter().collect(),
        Value::Array(pairs) => pairs.into_iter().filter_map(pair).collect(),
        _ => Vec::new(),
    }
}

/// The pairs of a text such as `"amenity"=>"school", "beds"=>NULL`, `{amenity=school, name=St. Anna}` or
/// `{'amenity': 'school'}`, up to where it is cut off.
fn written_pairs(text: &str) -> Vec<(String, Value)> {
    let mut pairs = Vec::new();
    let mut rest = text.strip_prefix('{').unwrap_or(text);
    while let Some((key, value, after)) = written_pair(rest) {
        if let Some(value) = value {
            pairs.push((key, value.into()));
        }
        rest = after;
    }
    pairs
}

/// The first pair of a text, and what follows it; a value may be none.
fn written_pair(text: &str) -> Option<(String, Option<String>, &str)> {
    let text = text.trim_start_matches([' ', ',']);
    let (key, after) = if text.starts_with(['"', '\'']) {
        quoted(text)?
    } else {
        // `name:en=…` has a colon in its key.
        let first = text.split(',').next().unwrap_or_default();
        let end = first.find('=').or_else(|| first.find(':')).filter(|end| *end > 0)?;
        (text[..end].trim().to_string(), &text[end..])
    };
    let after = after.trim_start();
    let after = after.strip_prefix("=>").or_else(|| after.strip_prefix(['=', ':']))?.trim_start();
    if after.starts_with(['"', '\'']) {
        let (value, after) = quoted(after)?;
        return Some((key, Some(value), after));
    }
    let end = end_of_bare(after)?;
    let value = after[..end].trim();
    let is_none = ["null", "none", "nan", ""].iter().any(|none| none.eq_ignore_ascii_case(value));
    Some((key, (!is_none).then(|| value.to_string()), &after[end..]))
}

/// A text in quotes, and what follows it; `None` if it is cut off.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut letters = text.char_indices();
    let (_, quote) = letters.next()?;
    let mut word = String::new();
    let mut is_escaped = false;
    for (at, letter) in letters {
        match letter {
            '\\' if !is_escaped => is_escaped = true,
            _ if letter == quote && !is_escaped => {
                return Some((word, &text[at + quote.len_utf8()..]));
            }
            _ => {
                word.push(letter);
                is_escaped = false;
            }
        }
    }
    None
}

/// Where a value without quotes ends: at the brace, or at a comma before the next key.
fn end_of_bare(text: &str) -> Option<usize> {
    let end = text.rfind('}').or_else(|| text.contains("=>").then_some(text.len()))?;
    let is_key = |text: &str| {
        let text = text.trim_start();
        let key = text.split(['=', '"', '\'', ',', ' ']).next().unwrap_or_default();
        let follows = text.get(key.len()..).unwrap_or_default();
        text.starts_with(['"', '\'']) || (!key.is_empty() && follows.starts_with('='))
    };
    let mut commas = text[..end].match_indices(',').map(|(at, _)| at);
    Some(commas.find(|at| is_key(&text[at + 1..end])).unwrap_or(end))
}

#[cfg(test)]
mod tests {
    use super::super::super::osm::built_in;
    use super::*;
    use serde_json::json;

    /// Properties with everything unpacked.
    fn flat(value: Value) -> Map<String, Value> {
        let Value::Object(mut properties) = value else { return Map::new() };
        unpack(&mut properties);
        properties
    }

    #[test]
    fn tags_are_unpacked_however_they_are_written() {
        for packed in [
            json!(
                r#""amenity"=>"hospital","name"=>"St. \"Anna\", Reykjavik","beds"=>"30","x"=>NULL"#
            ),
            json!(
                r#"{"amenity":"hospital","name":"St. \"Anna\", Reykjavik","beds":"30","x":null}"#
            ),
            json!({"amenity": "hospital", "name": "St. \"Anna\", Reykjavik", "beds": "30"}),
            json!([["amenity", "hospital"], ["name", "St. \"Anna\", Reykjavik"], ["beds", "30"]]),
            json!([{"k": "amenity", "v": "hospital"}, {"k": "name", "v": "St. \"Anna\", Reykjavik"}, {"k": "beds", "v": "30"}]),
            json!(r#"{amenity=hospital, name=St. "Anna", Reykjavik, name:en=X, beds=30}"#),
            json!(
                r#"{'amenity': 'hospital', 'name': 'St. "Anna", Reykjavik', 'beds': '30', 'x': None}"#
            ),
            json!(
                r#""amenity"=>"hospital", "x"=>NULL, "name"=>"St. \"Anna\", Reykjavik", "beds"=>"30""#
            ),
        ] {
            let properties = flat(json!({"id": 7, "tags": packed}));
            let text = |key: &str| properties.get(key).and_then(text_of);
            assert_eq!(text("amenity").as_deref(), Some("hospital"), "{packed}");
            assert_eq!(text("name").as_deref(), Some("St. \"Anna\", Reykjavik"), "{packed}");
            assert_eq!(text("beds").as_deref(), Some("30"), "{packed}");
            assert_eq!(text("x"), None, "{packed}");
        }
    }

    #[test]
    fn what_is_cut_off_is_read_up_to_there() {
        for packed in [r#""amenity"=>"hospital","beds"=>"3"#, r#"{"amenity":"hospital","beds":"3"#]
        {
            let properties = flat(json!({"other_tags": packed}));
            assert_eq!(properties.get("amenity"), Some(&json!("hospital")));
            assert_eq!(properties.get("beds"), None);
        }
    }

    #[test]
    fn a_column_that_says_something_comes_first() {
        let packed = r#""name"=>"packed","amenity"=>"hospital""#;
        let properties = flat(json!({"name": "own", "amenity": "", "other_tags": packed}));
        assert_eq!(properties.get("name"), Some(&json!("own")));
        assert_eq!(properties.get("amenity"), Some(&json!("hospital")));
        for (text, amenity) in [
            ("amenity=hospital,beds=20", "hospital"),
            ("amenity=>clinic, name=>St Anna", "clinic"),
            ("name=A|amenity=school", "school"),
            ("amenity=hospital;clinic|beds=3", "hospital;clinic"),
        ] {
            assert_eq!(
                flat(json!({"hstore": text})).get("amenity"),
                Some(&json!(amenity)),
                "{text}"
            );
        }
        for text in ["health; rural", "{", "a => b", "beds = many", "1=2=", ""] {
            let properties = flat(json!({"tags": text}));
            assert_eq!(properties, flat(json!({"tags": text})), "no tags: {text}");
            assert_eq!(properties.get("tags"), Some(&json!(text)));
        }
    }

    #[test]
    fn columns_tell_what_wrote_the_file() {
        let of = |names: &[&str]| Schema::of(names.iter().copied(), &built_in());
        assert_eq!(of(&["osm_id", "code", "fclass", "name"]), Some(Schema::Geofabrik));
        let sites = ["amenity", "healthcare", "completeness", "osm_type"];
        assert_eq!(of(&sites), Some(Schema::Healthsites));
        assert_eq!(of(&["osm_id", "name", "other_tags"]), Some(Schema::Tags));
        assert_eq!(of(&["@id", "amenity"]), Some(Schema::Tags));
        assert_eq!(of(&["full_id", "osm_id", "tags"]), Some(Schema::Tags));
        assert_eq!(of(&["id", "name", "building", "tags"]), None);
    }
}
