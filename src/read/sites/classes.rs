//! Values of a class column: which class each means, and which one was probably meant.
//!
//! A value is a class if it is the name of one, or a key of the layer's own table, whatever its case, accents, blanks,
//! hyphens, underscores, plural, and American or British spelling. Nothing else makes a class of it: a word of
//! OpenStreetMap, such as `clinic`, or a class that is part of a value, as in `Primary School`, is only suggested.

use super::super::osm;
use crate::model::SiteClass;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use unicode_normalization::UnicodeNormalization;

/// So many values that are no class are remembered with what is said of them.
const MOST_UNKNOWN: usize = 1000;

/// The classes by their folded names.
static NAMES: LazyLock<BTreeMap<String, SiteClass>> = LazyLock::new(|| {
    SiteClass::ALL.into_iter().map(|class| (folded(class.name()), class)).collect()
});

/// What the values of a class column mean.
#[derive(Debug, Default)]
pub(in crate::read) struct Values {
    /// The layer's own table.
    table: Option<BTreeMap<String, SiteClass>>,
    /// The same by folded keys; none where two of them differ.
    folded: BTreeMap<String, Option<SiteClass>>,
    /// What is said of values that are no class, each found once.
    unknown: Mutex<BTreeMap<(String, String), Arc<str>>>,
}

/// The class of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::read) struct Meant {
    pub(in crate::read) class: SiteClass,
    /// Whether it is written another way than the class or the key of the table.
    pub(in crate::read) is_folded: bool,
}

impl Values {
    /// With the table of a layer, if it has one; what is no class in it is told elsewhere.
    pub(in crate::read) fn new(table: Option<&BTreeMap<String, String>>) -> Self {
        let known = |(value, class): (&String, &String)| {
            Some((value.clone(), SiteClass::from_name(class)?))
        };
        let table: Option<BTreeMap<String, SiteClass>> =
            table.map(|table| table.iter().filter_map(known).collect());
        let mut by_folded: BTreeMap<String, Option<SiteClass>> = BTreeMap::new();
        for (value, class) in table.iter().flatten() {
            let entry = by_folded.entry(folded(value)).or_insert(Some(*class));
            *entry = entry.filter(|other| other == class);
        }
        Self { table, folded: by_folded, unknown: Mutex::default() }
    }

    /// Whether there is a table.
    pub(super) const fn has_table(&self) -> bool {
        self.table.is_some()
    }

    /// The classes of the table.
    pub(super) fn of_table(&self) -> impl Iterator<Item = SiteClass> {
        self.table.iter().flat_map(BTreeMap::values).copied()
    }

    /// What a value means, if it is a class.
    pub(in crate::read) fn meaning(&self, value: &str) -> Option<Meant> {
        let of_table = self.table.as_ref().and_then(|table| table.get(value)).copied();
        if let Some(class) = of_table.or_else(|| SiteClass::from_name(value)) {
            return Some(Meant { class, is_folded: false });
        }
        let value = folded(value);
        let class = match self.folded.get(&value) {
            Some(of_table) => *of_table,
            None => NAMES.get(&value).copied(),
        };
        class.map(|class| Meant { class, is_folded: true })
    }

    /// That a value of a column is no class, with what was probably meant.
    pub(super) fn unknown(&self, value: &str, column: &str) -> Arc<str> {
        let mut known = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (value.to_string(), column.to_string());
        if let Some(text) = known.get(&key) {
            return Arc::clone(text);
        }
        let keys = self.table.iter().flat_map(BTreeMap::keys).map(String::as_str);
        let near = nearest(value, keys)
            .or_else(|| suggested(value).map(SiteClass::name))
            .or_else(|| nearest(value, SiteClass::ALL.into_iter().map(SiteClass::name)));
        let near = near.map_or(String::new(), |near| format!(", did you mean `{near}`?"));
        let text: Arc<str> =
            format!("\"{}\" in column \"{column}\" is no class{near}", value.trim()).into();
        if known.len() < MOST_UNKNOWN {
            known.insert(key, Arc::clone(&text));
        }
        text
    }
}

/// What the reasons for which nothing could be used say to do: give the value that most features have a class.
pub(super) fn way_out(unused: &BTreeMap<String, u64>) -> Option<String> {
    let value = |why: &str| -> Option<String> {
        let (value, rest) = why.strip_prefix('"')?.split_once("\" in column \"")?;
        rest.contains("\" is no class").then(|| value.to_string())
    };
    let told = unused.iter().filter_map(|(why, count)| Some((value(why)?, *count)));
    let (value, _) = told.max_by(|(a, some), (b, others)| some.cmp(others).then(b.cmp(a)))?;
    let class = suggested(&value).map_or("", SiteClass::name);
    let between =
        if class.is_empty() { ", a class of `civex taxonomy` between the quotes" } else { "" };
    let value = toml::Value::String(value);
    Some(format!(
        "say what the values mean: `classes = {{ {value} = \"{class}\" }}` beside `class_field`{between}"
    ))
}

/// The class that a value probably means: that of an OpenStreetMap value of that name, or of the most words of it
/// that are a class or such a value.
pub(in crate::read) fn suggested(value: &str) -> Option<SiteClass> {
    /// More words than a class has.
    const MOST_WORDS: usize = 6;
    let words: Vec<String> = words(value).collect();
    let rules = osm::built_in();
    let of = |words: &[String]| {
        let phrase = words.concat();
        let named = NAMES.get(&phrase).copied();
        named.or_else(|| rules.class_of_value(|word| folded(word) == phrase))
    };
    let longest = words.len().min(MOST_WORDS);
    (1..=longest).rev().find_map(|length| {
        let mut found = words.windows(length).filter_map(of);
        let first = found.next()?;
        // "School hospital" may be either.
        found.all(|class| class == first).then_some(first)
    })
}

/// The word that is written most like a value.
fn nearest<'w>(value: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    /// Similarity (Jaro-Winkler) from which a word is offered; one slip in a short word is about 0.85.
    const ALIKE: f64 = 0.8;
    let value = folded(value);
    let alike = words.map(|word| (strsim::jaro_winkler(&value, &folded(word)), word));
    let alike = alike.filter(|(likeness, _)| *likeness >= ALIKE);
    alike.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, word)| word)
}

/// A text without case, accents, blanks, marks and plural.
fn folded(text: &str) -> String {
    words(text).collect()
}

/// The words of a text, each without case, accents and plural.
fn words(text: &str) -> impl Iterator<Item = String> {
    let plain: String = text
        .nfd()
        // Accents of Latin, Greek and Cyrillic letters; the vowels of other scripts are no accents.
        .filter(|letter| !('\u{300}'..='\u{36f}').contains(letter))
        .flat_map(char::to_lowercase)
        .nfc()
        .collect();
    let is_mark =
        |letter: char| letter.is_whitespace() || (letter.is_ascii_punctuation() && letter != '&');
    let split: Vec<String> =
        plain.split(is_mark).filter(|word| !word.is_empty()).map(singular).collect();
    split.into_iter()
}

/// A word without the ending of a plural, and American as British. It is no word of any language: `churches` and
/// `church` become one, `pharmacies` and `pharmacy` too.
fn singular(word: &str) -> String {
    let word = match word {
        "center" | "centers" => "centre",
        "defense" => "defence",
        word => word,
    };
    let is_plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
    let stem = if is_plural { &word[..word.len() - 1] } else { word };
    let stem = if stem.len() > 3 { stem.strip_suffix('e').unwrap_or(stem) } else { stem };
    match stem.strip_suffix('y') {
        Some(start) if stem.len() > 3 => format!("{start}i"),
        _ => stem.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(values: &Values, value: &str) -> Option<&'static str> {
        values.meaning(value).map(|meant| meant.class.name())
    }

    #[test]
    fn a_class_is_known_without_case_blanks_and_plural() {
        let values = Values::default();
        for (value, name) in [
            ("hospital", "hospital"),
            ("HOSPITAL", "hospital"),
            (" Hospitals ", "hospital"),
            ("Hôpital", ""),
            ("Hospitál", "hospital"),
            ("Hospitales", "hospital"),
            ("Health Center", "health_centre"),
            ("health-centres", "health_centre"),
            ("HealthCentre", "health_centre"),
            ("Places of Worship", "place_of_worship"),
            ("Waterworks", "water_works"),
            ("Care institutions", "care_institution"),
            ("Power supplies", "power_supply"),
            ("UN/ICRC premises", "un_icrc_premises"),
            ("Primary School", ""),
            ("clinic", ""),
            ("scholl", ""),
            ("", ""),
        ] {
            let wanted = (!name.is_empty()).then_some(name);
            assert_eq!(class(&values, value), wanted, "{value}");
        }
        assert_eq!(values.meaning("school").map(|meant| meant.is_folded), Some(false));
        assert_eq!(values.meaning("School").map(|meant| meant.is_folded), Some(true));
        assert_eq!(NAMES.len(), SiteClass::ALL.len(), "no two classes are folded to one");
    }

    #[test]
    fn a_table_is_known_the_same_way_and_comes_first() {
        let table = |pairs: &[(&str, &str)]| {
            let own = |(value, class): &(&str, &str)| ((*value).to_string(), (*class).to_string());
            Values::new(Some(&pairs.iter().map(own).collect()))
        };
        let values =
            table(&[("Hopital", "hospital"), ("École", "school"), ("Clinic", "health_centre")]);
        for (value, name) in [
            ("Hôpital", "hospital"),
            ("HÔPITAL", "hospital"),
            ("ecoles", "school"),
            ("clinics", "health_centre"),
            ("Hospital", "hospital"),
        ] {
            assert_eq!(class(&values, value), Some(name), "{value}");
        }
        let values = table(&[
            ("Post", "health_centre"),
            ("post", "emergency_service"),
            ("School", "higher_education"),
        ]);
        assert_eq!(class(&values, "Post"), Some("health_centre"));
        assert_eq!(class(&values, "POST"), None, "either");
        assert_eq!(class(&values, "schools"), Some("higher_education"));
    }

    #[test]
    fn signs_of_other_scripts_are_kept() {
        assert_ne!(folded("कि"), folded("क"));
        assert_eq!(folded("Школа"), folded("школа"));
    }

    #[test]
    fn what_was_probably_meant_is_suggested_and_nothing_else() {
        for (value, name) in [
            ("Primary School", "school"),
            ("General Hospital", "hospital"),
            ("Clinics", "health_centre"),
            ("Rural clinic", "health_centre"),
            ("Pharmacy", "medical_supply"),
            ("Marketplace", "food_supply"),
            ("School hospital", ""),
            ("Skóli", ""),
            ("yes", ""),
        ] {
            let wanted = (!name.is_empty()).then_some(name);
            assert_eq!(suggested(value).map(SiteClass::name), wanted, "{value}");
        }
        let values = Values::default();
        let said = values.unknown("hospitl", "kind");
        assert_eq!(&*said, "\"hospitl\" in column \"kind\" is no class, did you mean `hospital`?");
    }
}
