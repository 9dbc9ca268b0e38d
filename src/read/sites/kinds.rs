//! Words for kinds of places, in many languages, as classes: what a value of a class column probably means.
//!
//! The words and the classes of kinds are those by which names of sites are compared (`data/names.toml`); here is
//! which words say that a thing is none: *veterinary*, *former*, *driving school*. A value means a
//! class only if all of its kinds are of that class and one of them is its head. What is found is offered to people
//! and never used for them.

use crate::model::SiteClass;
use crate::register::{NAMES, folded};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Kinds of the table of words that mean no class by themselves, such as a college.
const VAGUE: [&str; 14] = [
    "college",
    "institute",
    "academy",
    "pump",
    "tank",
    "reservoir",
    "settlement",
    "shelter",
    "bus",
    "bus_stop",
    "train",
    "port",
    "court",
    "post_office",
];

/// Phrases that no kind has, each with its class.
const PHRASES: [(&str, SiteClass); 15] = [
    (
        "health centre, health center, health post, health unit, health hut, health house, health station, \
         health clinic, health point, medical centre, medical center, medical post, medical point, phc, phcc, phcu, \
         rhc, bhu, mch clinic, doctor, doctors, centre de santé, poste de santé, case de santé, csps, cscom, csi, \
         centro de salud, puesto de salud, posta de salud, centro de saúde, posto de saúde, unidade de saúde, \
         gesundheitszentrum, фап, медпункт, медицинский пункт, медичний пункт, مركز صحي, نقطة طبية, مرکز صحی, \
         sağlık merkezi, sağlık ocağı, puskesmas, kituo cha afya, trạm y tế, สถานีอนามัย, 卫生院, 卫生室",
        SiteClass::HealthCentre,
    ),
    (
        "medical school, nursing school, school of nursing, medical college, teacher training college",
        SiteClass::HigherEducation,
    ),
    ("lycée, liceo, école primaire, madrasa, madrassa, madrasah", SiteClass::School),
    ("fire brigade, civil defence station, civil protection", SiteClass::EmergencyService),
    (
        "idp site, refugee site, displacement site, idp settlement, refugee settlement, spontaneous site, \
         spontaneous settlement, site de déplacés, sitio de desplazados, مخيم",
        SiteClass::DisplacementSite,
    ),
    (
        "collective centre, collective center, collective shelter, evacuation centre, evacuation center, \
         centre collectif, centre d'hébergement, evakuierungszentrum",
        SiteClass::CollectiveCentre,
    ),
    (
        "bomb shelter, air raid shelter, civil defence shelter, бомбоубежище, бомбосховище, miklat",
        SiteClass::CivilShelter,
    ),
    (
        "pumping station, water pumping station, насосная станция, насосна станція",
        SiteClass::WaterWorks,
    ),
    (
        "water point, waterpoint, tap stand, tapstand, water tap, standpipe, water kiosk, borne fontaine, point d'eau, \
         punto de agua, ponto de água, hand pump",
        SiteClass::WaterPoint,
    ),
    (
        "wastewater plant, waste water plant, sewage plant, sewage treatment, sewage treatment plant, \
         wastewater treatment plant",
        SiteClass::Sanitation,
    ),
    (
        "gas station, petrol station, fuel station, filling station, station service, азс",
        SiteClass::FuelHeating,
    ),
    (
        "nuclear power plant, nuclear power station, атомная электростанция, аэс, аес",
        SiteClass::NuclearStation,
    ),
    (
        "bus station, bus terminal, train station, railway station, gare, gare routière, ferry terminal",
        SiteClass::MobilityLifeline,
    ),
    (
        "border crossing, border point, assembly point, muster point",
        SiteClass::EvacuationRouteCrossing,
    ),
    ("food bank, soup kitchen, food distribution point", SiteClass::ReliefSite),
];

/// Words of a value that means no class, whatever else it says: a thing that is gone or planned, for animals, for
/// sport, or for soldiers.
const NOT_SO: &str = "closed, former, formerly, ex, old, abandoned, disused, destroyed, demolished, ruined, planned, \
    proposed, future, construction, unknown, no, non, not, without, nonfunctional, inactive, \
    veterinary, vet, animal, animals, pet, livestock, cattle, \
    driving, dance, dancing, language, music, ski, surf, sailing, riding, flight, flying, cooking, swimming, prep, \
    training, military, army, police, summer, scout, holiday, base, mining, labour, labor, beauty, spa, golf, \
    parking, street, road, view, food court, \
    fermé, fermée, ancien, ancienne, détruit, détruite, vétérinaire, auto école, \
    cerrado, cerrada, antiguo, antigua, destruido, destruida, veterinario, veterinaria, autoescuela, \
    fechado, fechada, antigo, veterinário, veterinária, geschlossen, ehemalig, ehemalige, ehemaliges, ehemaliger, \
    tierarzt, tierklinik, fahrschule, chiuso, chiusa, закрыт, закрыта, закрыто, бывший, бывшая, бывшее, \
    разрушен, разрушена, ветеринарная, ветеринарный, автошкола, закритий, закрита, закрито, колишній, колишня, \
    зруйнований, зруйнована, ветеринарна, ветеринарний, مغلق, مغلقة, سابق, سابقا, مدمر, مدمرة, بيطري, بيطرية, \
    متعطل, kapalı, eski, yıkık, veteriner, tutup, bekas, hewan, zamknięty, zamknięta, dawny, dawna, weterynaryjny";

/// Meaning of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// A class.
    Class(SiteClass),
    /// A school, unless another word says what it is.
    School,
    /// A place of any kind: a center, a station.
    Place,
    /// A kind that is no class, or one of several.
    Other,
    /// A rank, a level, or a word that says nothing.
    More,
    /// That it is none.
    Not,
}

/// Phrases by their folded words, one blank between two.
static SAYS: LazyLock<BTreeMap<String, Says>> = LazyLock::new(|| {
    let mut all = BTreeMap::new();
    let mut add = |phrases: &str, says: Says| {
        for phrase in phrases.split(',') {
            all.entry(folded(phrase)).or_insert(says);
        }
    };
    add(NOT_SO, Says::Not);
    for (phrases, class) in &PHRASES {
        add(phrases, Says::Class(*class));
    }
    // The table is part of the program and a test reads it, so that there is no fault to hand on.
    let table: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>> =
        toml::from_str(NAMES).unwrap_or_default();
    // Kinds before ranks and words that say nothing.
    for role in ["kind", "plain", "people", "sort", "filler"] {
        for (topic, languages) in table.get(role).into_iter().flatten() {
            let says = match (role, topic.as_str()) {
                ("kind", topic) if VAGUE.contains(&topic) => Says::Other,
                ("kind", _) => usual(languages).map_or(Says::Other, Says::Class),
                ("plain", "school") => Says::School,
                ("plain", _) => Says::Place,
                _ => Says::More,
            };
            // The classes that a kind may have are no words of a language.
            let phrases = languages.iter().filter(|(language, _)| *language != "class");
            phrases.for_each(|(_, phrases)| add(phrases, says));
        }
    }
    all
});

/// The first of the classes that a kind may have.
fn usual(languages: &BTreeMap<String, String>) -> Option<SiteClass> {
    SiteClass::from_name(languages.get("class")?.split(',').next()?.trim())
}

/// Whether a word names a kind of site, or a place of any kind: *hospital*, *center*.
pub(super) fn is_known(word: &str) -> bool {
    let says = SAYS.get(&folded(word));
    says.is_some_and(|says| matches!(says, Says::Class(_) | Says::School | Says::Place))
}

/// Whether a text names a kind of site and nothing else: *Health center*, *Facility*.
pub(super) fn is_kind(text: &str) -> bool {
    const ANY: &str = "facility, health facility, medical facility, établissement, structure sanitaire, \
        formation sanitaire, instalación, fasilitas kesehatan, المرفق الصحي, المنشأة";
    let text = folded(text);
    let is_any = || ANY.split(',').any(|any| folded(any) == text);
    says_of(&text).iter().all(Option::is_some) && class_of_folded(&text).is_some() || is_any()
}

/// Returns the class that the words of a value probably mean.
pub(super) fn class_of(value: &str) -> Option<SiteClass> {
    class_of_folded(&folded(value))
}

/// Meanings of the phrases of a folded text, in their order; none of a word that nobody knows.
fn says_of(text: &str) -> Vec<Option<Says>> {
    /// Words of the longest phrase that is looked for.
    const LONGEST: usize = 5;
    let words: Vec<&str> = text.split(' ').collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let most = LONGEST.min(words.len() - at);
        let phrase = (1..=most)
            .rev()
            .find_map(|length| Some((*SAYS.get(&words[at..at + length].join(" "))?, length)));
        found.push(phrase.map(|(says, _)| says));
        at += phrase.map_or(1, |(_, length)| length);
    }
    found
}

fn class_of_folded(text: &str) -> Option<SiteClass> {
    let mut found = says_of(text);
    if found.iter().any(|says| matches!(says, Some(Says::Not | Says::Other))) {
        return None;
    }
    found.retain(|says| *says != Some(Says::More));
    // The head ends a phrase in most languages; where it begins one, every other word must be known.
    if found.last().is_none_or(Option::is_none) {
        return None;
    }
    let classes = found.iter().flatten().filter_map(|says| match says {
        Says::Class(class) => Some(*class),
        _ => None,
    });
    let classes: Vec<SiteClass> = classes.collect();
    let is_school = found.contains(&Some(Says::School));
    match classes[..] {
        [] => is_school.then_some(SiteClass::School),
        // "School hospital" may be either; a nursery school is a nursery.
        [first, ..] if is_school && first.family() != SiteClass::School.family() => None,
        [first, ref others @ ..] => others.iter().all(|class| *class == first).then_some(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_of_a_kind_is_found_by_a_word_of_it() {
        let table: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>> =
            toml::from_str(NAMES).unwrap();
        assert!(table["kind"].len() > 40 && SAYS.len() > 1000);
        assert!(VAGUE.iter().all(|kind| table["kind"].contains_key(*kind)));
        for (kind, languages) in &table["kind"] {
            assert_eq!(usual(languages).is_some(), languages.contains_key("class"), "{kind}");
        }
    }

    #[test]
    fn words_of_kinds_mean_classes_in_many_languages() {
        for (value, name) in [
            ("Primary School", "school"),
            ("École", "school"),
            ("Школа", "school"),
            ("مدرسة", "school"),
            ("General Hospital", "hospital"),
            ("مستشفى", "hospital"),
            ("Больница", "hospital"),
            ("Rumah sakit", "hospital"),
            ("Clinique", "health_centre"),
            ("Rural clinic", "health_centre"),
            ("Health Post", "health_centre"),
            ("Centre de santé", "health_centre"),
            ("Dispensary", "health_centre"),
            ("Refugee camp", "displacement_site"),
            ("IDP Camp", "displacement_site"),
            ("Mosque", "place_of_worship"),
            ("Iglesia", "place_of_worship"),
            ("Borehole", "water_point"),
            ("Well", "water_point"),
            ("Power Station", "power_supply"),
            ("Fire station", "emergency_service"),
            ("Bus Station", "mobility_lifeline"),
            ("Pharmacie", "medical_supply"),
            ("Nursery school", "early_childhood"),
            ("Nursing school", "higher_education"),
        ] {
            assert_eq!(class_of(value).map(SiteClass::name), Some(name), "{value}");
        }
    }

    #[test]
    fn what_is_gone_or_for_others_or_of_two_kinds_means_none() {
        for value in [
            "Police Station",
            "Hotel",
            "Water Supply",
            "1",
            "",
            "Training centre",
            "Veterinary clinic",
            "Clinique vétérinaire",
            "Closed",
            "Closed school",
            "Former hospital",
            "Driving school",
            "Школа закрыта",
            "School hospital",
            "Hospital laundry",
            "Church school",
            "Community centre",
            "Summer camp",
            "Camp site",
            "Military camp",
            "Food court",
            "Animal shelter",
            "Shelter",
            "Bus stop",
            "Market street",
            "Office",
            "yes",
            "Other",
            "Station",
            "Center",
        ] {
            assert_eq!(class_of(value), None, "{value}");
        }
    }
}
