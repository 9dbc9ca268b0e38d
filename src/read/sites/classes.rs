//! Values of a class column: which class each means, and which one was probably meant.
//!
//! A value is a class if it is the name of one, or a key of the layer's own table, whatever its case, accents, blanks,
//! hyphens, underscores, plural, and American or British spelling. Nothing else makes a class of it: a word of
//! OpenStreetMap, such as `clinic`, or a class that is part of a value, as in `Primary School`, is only suggested.

use super::super::osm;
use super::{discreet, kinds};
use crate::model::SiteClass;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// Keys, as they are and folded, with whether a value was met.
    met: BTreeMap<String, AtomicBool>,
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
        let keys = table.iter().flat_map(BTreeMap::keys).chain(by_folded.keys());
        let met = keys.map(|key| (key.clone(), AtomicBool::new(false))).collect();
        Self { table, folded: by_folded, met, unknown: Mutex::default() }
    }

    /// Keys of the table that named no value; a class by its own name only says that it was looked for.
    pub(super) fn unmet(&self) -> Vec<&str> {
        let is_met = |key: &str| self.met.get(key).is_none_or(|met| met.load(Ordering::Relaxed));
        let keys = self.table.iter().flatten().filter(|(key, class)| *key != class.name());
        keys.map(|(key, _)| key.as_str())
            .filter(|key| !is_met(key) && !is_met(&folded(key)))
            .collect()
    }

    fn meet(&self, key: &str) {
        if let Some(met) = self.met.get(key).filter(|met| !met.load(Ordering::Relaxed)) {
            met.store(true, Ordering::Relaxed);
        }
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
            self.meet(value);
            return Some(Meant { class, is_folded: false });
        }
        let value = folded(value);
        self.meet(&value);
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
        let near = nearest(value, keys).or_else(|| suggested(value).map(SiteClass::name));
        let near = near.map_or(String::new(), |near| format!(", did you mean `{near}`?"));
        let text: Arc<str> =
            format!("\"{}\" in column \"{column}\" is no class{near}", value.trim()).into();
        if known.len() < MOST_UNKNOWN {
            known.insert(key, Arc::clone(&text));
        }
        text
    }
}

/// What the reasons for which nothing could be used say to do: give the values of the column classes.
pub(super) fn way_out(unused: &BTreeMap<String, u64>) -> Option<String> {
    /// At most this many values are named.
    const NAMED: usize = 12;
    let value = |why: &str| -> Option<String> {
        let (value, _, rest) = discreet::quoted(why)?;
        rest.contains(" is no class").then(|| value.to_string())
    };
    let mut values: Vec<(String, u64)> =
        unused.iter().filter_map(|(why, count)| Some((value(why)?, *count))).collect();
    values.sort_by(|(a, some), (b, others)| others.cmp(some).then(a.cmp(b)));
    let is_quoted = |why: &String| !why.starts_with(discreet::OTHERS);
    let is_all = values.len() <= NAMED && unused.keys().all(is_quoted);
    values.truncate(NAMED);
    let quoted = |value: &str| toml::Value::String(value.to_string()).to_string();
    let pair = |value: &String, class: &str| format!("{} = \"{class}\"", quoted(value));
    let (known, others): (Vec<_>, Vec<_>) = values
        .iter()
        .map(|(value, _)| (value, suggested(value)))
        .partition(|(_, class)| class.is_some());
    let pairs = |values: &[(&String, Option<SiteClass>)]| {
        let pairs =
            values.iter().map(|(value, class)| pair(value, class.map_or("", SiteClass::name)));
        pairs.collect::<Vec<_>>().join(", ")
    };
    let more = if is_all { "" } else { "; `civex inspect` lists the other values" };
    if known.is_empty() {
        return (!others.is_empty()).then(|| {
            format!(
                "say what the values mean: `classes = {{ {} }}` beside `class_field`, a class of `civex taxonomy` \
                 between the quotes{more}",
                pairs(&others)
            )
        });
    }
    let others: Vec<String> = others.iter().map(|(value, _)| quoted(value)).collect();
    let others = match others.len() {
        0 => String::new(),
        _ => format!(
            "; add {} in the same way where it is of a class of `civex taxonomy`",
            others.join(", ")
        ),
    };
    Some(format!(
        "if this is what the values mean: `classes = {{ {} }}` beside `class_field`{others}{more}",
        pairs(&known)
    ))
}

/// The class that a value probably means: that of its words, else that of an OpenStreetMap value of that name, else
/// the one that is written nearly so.
pub(in crate::read) fn suggested(value: &str) -> Option<SiteClass> {
    let phrase = folded(value);
    // These values, as numbers, mean something with their key alone.
    let with_key =
        ["plant", "station", "exchange", "oil", "child", "orphan", "juvenile", "shelter"];
    let is_word = |word: &str| !with_key.contains(&word) && !word.contains(char::is_numeric);
    let is_value = |word: &str| is_word(word) && folded(word) == phrase;
    let of_osm = || osm::built_in().class_of_value(is_value);
    let by_words = || kinds::class_of(value).or_else(of_osm);
    let near =
        || SiteClass::from_name(nearest(value, SiteClass::ALL.into_iter().map(SiteClass::name))?);
    by_words().or_else(near)
}

/// The word that is written most like a value.
fn nearest<'w>(value: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    /// Similarity (Jaro-Winkler) from which a word is offered: one slip in a word of eight letters.
    const ALIKE: f64 = 0.92;
    let value = folded(value);
    let begins_alike = |word: &str| word.chars().next() == value.chars().next();
    let alike = words.map(|word| (strsim::jaro_winkler(&value, &folded(word)), word));
    let alike = alike.filter(|(likeness, word)| *likeness >= ALIKE && begins_alike(&folded(word)));
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
            ("water_well", "water_point"),
            ("Hosptial", "hospital"),
            ("School hospital", ""),
            ("Búð", ""),
            ("yes", ""),
            ("1", ""),
            ("Hotel", ""),
            ("Police Station", ""),
            ("Water Supply", ""),
            ("Training centre", ""),
        ] {
            let wanted = (!name.is_empty()).then_some(name);
            assert_eq!(suggested(value).map(SiteClass::name), wanted, "{value}");
        }
        let values = Values::default();
        let said = values.unknown("hospitl", "kind");
        assert_eq!(&*said, "\"hospitl\" in column \"kind\" is no class, did you mean `hospital`?");
    }
}
