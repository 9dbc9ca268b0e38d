//! The tags of a feature, wherever a format keeps them: in columns, or packed into the value of one.
//!
//! GDAL packs what has no column into `other_tags`, osm2pgsql and `QuickOSM` into `tags`, as hstore or JSON; Overpass
//! Turbo and healthsites.io nest an object. All of them are put beside the columns, which come first. What is cut off
//! at the end, as in a shapefile, is read up to there.
//!
//! Names and ids are looked for here too, since they are tags: `name:fr` where there is no `name`, `@id`, `full_id`.

use super::super::features::{Feature, column, text_of};
use super::super::osm::Rules;
use super::geofabrik::{self, FCLASS};
use crate::model::{Family, SiteClass};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;
use unicode_normalization::char::is_combining_mark;

/// Columns whose value holds tags.
const PACKED: [&str; 5] = ["tags", "other_tags", "all_tags", "osm_tags", "attributes"];

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
    /// tells; `first` is one of them, `name` what the layer is called.
    pub(super) fn classes(
        rules: &Rules,
        columns: Option<&[String]>,
        first: Option<&Map<String, Value>>,
        name: &str,
    ) -> BTreeSet<SiteClass> {
        let no_feature = Map::new();
        let columns = columns.filter(|columns| !columns.iter().any(|name| is_packed(name)));
        let of_feature = first.into_iter().flat_map(Map::keys).map(String::as_str);
        let of_columns = columns.into_iter().flatten().map(String::as_str);
        match Self::of(of_feature.chain(of_columns), rules) {
            Some(Self::Geofabrik) => geofabrik::classes(name, first.unwrap_or(&no_feature), rules),
            Some(Self::Healthsites) => {
                let classes = rules.classes().into_iter();
                classes.filter(|class| class.family() == Family::Health).collect()
            }
            _ => columns.map_or_else(|| rules.classes(), |names| rules.classes_by_columns(names)),
        }
    }
}

/// The id of a feature: of a register its own column, else the member of the feature, else a column that is usually one.
pub(super) fn id_of(feature: &Feature, is_register: bool) -> Option<String> {
    let value = |name: &str| text_of(&feature.properties[column(&feature.properties, name)?]);
    let register = is_register.then(|| value("site_id")).flatten();
    let own = register.or_else(|| value("id")).or_else(|| feature.id.clone());
    own.or_else(|| IDS.into_iter().find_map(value))
}

/// The name of a feature: `name`, else in English, international or official, else in any one language.
pub(super) fn name_of(properties: &Map<String, Value>) -> Option<String> {
    let text = |key: &str| properties.get(key).and_then(text_of);
    let own = column(properties, "name").and_then(text);
    own.or_else(|| {
        let mut keys: Vec<(usize, &str)> =
            properties.keys().filter_map(|key| Some((name_rank(key)?, key.as_str()))).collect();
        keys.sort_unstable();
        keys.into_iter().find_map(|(_, key)| text(key))
    })
}

/// Whether a key is that of a name, `name` itself left out.
pub(super) fn is_name(key: &str) -> bool {
    name_rank(key).is_some()
}

/// Heads of the column of names in tables of the field, in small letters with a blank between words.
const HEADS: [&str; 39] = [
    "facility name",
    "name of facility",
    "health facility name",
    "hospital name",
    "school name",
    "site name",
    "location name",
    "loc name",
    "gis name",
    "place name",
    "camp name",
    "settlement name",
    "org unit name",
    "organisation unit name",
    "nom",
    "nombre",
    "nome",
    "название",
    "наименование",
    "назва",
    "назва закладу",
    "名称",
    "名稱",
    "名前",
    "이름",
    "الاسم",
    "اسم",
    "اسم الموقع",
    "نام",
    "نوم",
    "नाम",
    "নাম",
    "ชื่อ",
    "အမည်",
    "nama",
    "jina",
    "isim",
    "adı",
    "magaca",
];

/// A head in words: marks of forms and groups left out, a blank between words.
fn worded(key: &str) -> String {
    let own = key.rsplit(['/', ':']).next().unwrap_or(key);
    let words = own.split(|letter: char| !letter.is_alphanumeric() && !is_combining_mark(letter));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// How soon a key is taken for a name where there is no `name`.
fn name_rank(key: &str) -> Option<usize> {
    const FIRST: [&str; 4] = ["name:en", "name_en", "int_name", "official_name"];
    let key = key.to_lowercase();
    if let Some(rank) = FIRST.iter().position(|first| *first == key) {
        return Some(rank);
    }
    if HEADS.contains(&worded(&key).as_str()) {
        return Some(FIRST.len() + 1);
    }
    // A code of a language, which may be followed by that of a script or a country.
    let language = key.strip_prefix("name")?.strip_prefix([':', '_'])?;
    let mut parts = language.split(['-', '_', '@']);
    let code = parts.next().unwrap_or_default();
    let is_code = (2..=3).contains(&code.len())
        && code.bytes().all(|letter| letter.is_ascii_lowercase())
        && parts.next().is_none_or(|part| [2, 4].contains(&part.len()))
        && parts.next().is_none();
    // `name_alt` and `name_old` are no languages.
    let is_other = ["alt", "old", "loc", "int", "reg"].contains(&code);
    (is_code && !is_other).then_some(FIRST.len())
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
                other => tags.extend(text_of(other).map(|text| (key, text.into()))),
            }
        } else if name.eq_ignore_ascii_case(FCLASS)
            && let Some((key, value)) =
                value.as_str().and_then(|fclass| geofabrik::tag(properties, fclass.trim()))
        {
            tags.push((key, value.into()));
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
        _ => Vec::new(),
    }
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
        for text in ["health; rural", "{", "a => b", ""] {
            let properties = flat(json!({"tags": text}));
            assert_eq!(properties, flat(json!({"tags": text})), "no tags: {text}");
            assert_eq!(properties.get("tags"), Some(&json!(text)));
        }
    }

    #[test]
    fn a_name_is_found_in_whatever_language_there_is() {
        let name = |value: Value| name_of(&flat(value));
        let both = json!({"name:fr": "Hôpital", "name:en": "Hospital"});
        assert_eq!(name(both).as_deref(), Some("Hospital"));
        assert_eq!(name(json!({"name_ar": "مستشفى"})).as_deref(), Some("مستشفى"));
        assert_eq!(name(json!({"name": "", "official_name": "X"})).as_deref(), Some("X"));
        let script = json!({"name:zh-Hant": "醫院", "name_of_owner": "c"});
        assert_eq!(name(script).as_deref(), Some("醫院"));
        let no_name = json!({"name_alt": "a", "name_of_operator": "b", "name:etymology": "c"});
        assert_eq!(name(no_name), None);
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
