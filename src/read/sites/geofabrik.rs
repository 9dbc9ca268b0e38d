//! Feature classes of Geofabrik's shapefiles as the OpenStreetMap tags that they stand for.
//!
//! The files keep no tags but `fclass`, with a number for it in `code`, one theme a file. Buildings keep theirs in
//! `type`. Only feature classes that may be civilian sites are here; which of them are, the rules for tags say.
//! A file of one theme tells nothing of the classes of another.
//!
//! Source: Geofabrik, OpenStreetMap Data in Layered GIS Format, free shapefiles, 2022-04-29.

use super::super::features::{column, text_of};
use super::super::osm::Rules;
use crate::model::SiteClass;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The column of feature classes.
pub(super) const FCLASS: &str = "fclass";

/// Themes by the words in the names of their files, with the hundreds of their codes.
const THEMES: [(&str, std::ops::Range<u64>); 8] = [
    ("pois", 20..30),
    ("pofw", 30..39),
    ("traffic", 52..54),
    ("transport", 56..57),
    ("landuse", 72..73),
    ("waterways", 81..82),
    ("buildings", 15..16),
    ("roads", 51..52),
];

/// Feature classes, each with its theme, a key and a value.
const TABLE: [(&str, &str, &str, &str); 37] = [
    ("fire_station", "pois", "amenity", "fire_station"),
    ("library", "pois", "amenity", "library"),
    ("town_hall", "pois", "amenity", "townhall"),
    ("courthouse", "pois", "amenity", "courthouse"),
    ("prison", "pois", "amenity", "prison"),
    ("nursing_home", "pois", "amenity", "nursing_home"),
    ("graveyard", "pois", "amenity", "grave_yard"),
    ("market_place", "pois", "amenity", "marketplace"),
    ("university", "pois", "amenity", "university"),
    ("school", "pois", "amenity", "school"),
    ("kindergarten", "pois", "amenity", "kindergarten"),
    ("college", "pois", "amenity", "college"),
    ("pharmacy", "pois", "amenity", "pharmacy"),
    ("hospital", "pois", "amenity", "hospital"),
    ("clinic", "pois", "amenity", "clinic"),
    ("doctors", "pois", "amenity", "doctors"),
    ("supermarket", "pois", "shop", "supermarket"),
    ("bakery", "pois", "shop", "bakery"),
    ("museum", "pois", "tourism", "museum"),
    ("monument", "pois", "historic", "monument"),
    ("memorial", "pois", "historic", "memorial"),
    ("castle", "pois", "historic", "castle"),
    ("ruins", "pois", "historic", "ruins"),
    ("archaeological", "pois", "historic", "archaeological_site"),
    ("drinking_water", "pois", "amenity", "drinking_water"),
    ("water_tower", "pois", "man_made", "water_tower"),
    ("wastewater_plant", "pois", "man_made", "wastewater_plant"),
    ("water_well", "pois", "man_made", "water_well"),
    ("water_works", "pois", "man_made", "water_works"),
    ("fuel", "traffic", "amenity", "fuel"),
    ("dam", "traffic", "waterway", "dam"),
    ("railway_station", "transport", "railway", "station"),
    ("bus_station", "transport", "amenity", "bus_station"),
    ("airport", "transport", "aeroway", "aerodrome"),
    ("ferry_terminal", "transport", "amenity", "ferry_terminal"),
    ("canal", "waterways", "waterway", "canal"),
    ("nature_reserve", "landuse", "leisure", "nature_reserve"),
];

/// Land use, whose feature classes are the values of the tag.
const LAND: [&str; 4] = ["residential", "cemetery", "orchard", "farmland"];

/// Faiths, which begin the feature classes of places of worship. They are never shown.
const FAITHS: [&str; 8] =
    ["christian", "jewish", "muslim", "buddhist", "hindu", "taoist", "shintoist", "sikh"];

/// The tag that a feature class stands for, if it may be a site.
pub(super) fn tag<'p>(
    properties: &'p Map<String, Value>,
    fclass: &str,
) -> Option<(&'static str, &'p str)> {
    let fclass = &*fclass.to_lowercase().replace([' ', '-'], "_");
    let is_of = |theme: &str| theme_by_code(properties).is_none_or(|of| of == theme);
    if is_faith(fclass) {
        return is_of("pofw").then_some(("amenity", "place_of_worship"));
    }
    if let Some(land) = LAND.into_iter().find(|land| *land == fclass) {
        // A residential road is no residential land.
        let is_road = column(properties, "oneway").is_some();
        return (is_of("landuse") && !is_road).then_some(("landuse", land));
    }
    if fclass == "building" {
        let kind = properties.get(column(properties, "type")?)?.as_str()?.trim();
        return (!kind.is_empty()).then_some(("building", kind));
    }
    let (_, _, key, value) = TABLE.iter().find(|(of, theme, ..)| *of == fclass && is_of(theme))?;
    Some((key, value))
}

/// Whether a feature class tells of a faith.
pub(in crate::read) fn is_faith(fclass: &str) -> bool {
    let first = fclass.trim().split('_').next().unwrap_or_default();
    FAITHS.iter().any(|faith| faith.eq_ignore_ascii_case(first))
}

/// The theme of a feature by its code.
fn theme_by_code(properties: &Map<String, Value>) -> Option<&'static str> {
    let code: u64 = text_of(properties.get(column(properties, "code")?)?)?.trim().parse().ok()?;
    let (theme, _) = THEMES.iter().find(|(_, codes)| codes.contains(&(code / 100)))?;
    Some(theme)
}

/// The classes that a file can yield, by its theme: that in its name, else that of its features.
pub(super) fn classes(
    name: &str,
    first: &Map<String, Value>,
    rules: &Rules,
) -> BTreeSet<SiteClass> {
    let by_name = || THEMES.iter().map(|(theme, _)| *theme).find(|theme| name.contains(theme));
    let Some(theme) = theme_by_code(first).or_else(by_name) else { return BTreeSet::new() };
    let of_table =
        TABLE.iter().filter(|(_, of, ..)| *of == theme).map(|(_, _, key, value)| (*key, *value));
    let land = LAND.map(|value| ("landuse", value));
    let land = land.into_iter().filter(|_| theme == "landuse");
    let worship = (theme == "pofw").then_some(("amenity", "place_of_worship"));
    let tags = of_table.chain(land).chain(worship);
    let classes = tags.filter_map(|tag| Some(rules.classify(&[tag]).ok()?.class));
    let of_buildings = || rules.classes_by_columns(&["building".to_string()]);
    classes.chain((theme == "buildings").then(of_buildings).into_iter().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::osm::built_in;
    use super::*;
    use serde_json::json;

    fn tag_of(value: Value) -> Option<(String, String)> {
        let Value::Object(properties) = value else { return None };
        let fclass = properties.get(FCLASS)?.as_str()?;
        let (key, value) = tag(&properties, fclass)?;
        Some((key.to_string(), value.to_string()))
    }

    /// What `tag_of` gives for a tag.
    fn owned(key: &str, value: &str) -> (String, String) {
        (key.to_string(), value.to_string())
    }

    #[test]
    fn every_feature_class_is_of_some_class() {
        for (fclass, _, key, value) in TABLE {
            assert!(built_in().classify(&[(key, value)]).is_ok(), "{fclass}");
        }
    }

    #[test]
    fn the_code_tells_what_a_word_of_two_themes_means() {
        let land = json!({"fclass": "residential", "code": 7203});
        assert_eq!(tag_of(land), Some(owned("landuse", "residential")));
        assert_eq!(tag_of(json!({"fclass": "residential", "code": 5122})), None);
        assert_eq!(tag_of(json!({"fclass": "residential", "oneway": "B"})), None);
        let worship = Some(owned("amenity", "place_of_worship"));
        assert_eq!(tag_of(json!({"fclass": "muslim_shia", "code": "3302"})), worship);
        let school = json!({"fclass": "building", "code": 1500, "type": "school"});
        assert_eq!(tag_of(school), Some(owned("building", "school")));
        assert_eq!(tag_of(json!({"fclass": "bench", "code": 2902})), None);
    }

    #[test]
    fn a_file_of_one_theme_tells_nothing_of_the_classes_of_another() {
        let none = Map::new();
        let of = |name: &str| classes(name, &none, &built_in());
        assert!(of("gis_osm_pois_free_1").contains(&SiteClass::Hospital));
        assert!(!of("gis_osm_pois_free_1").contains(&SiteClass::DamDyke));
        assert_eq!(of("gis_osm_pofw_a_free_1"), [SiteClass::PlaceOfWorship].into());
        assert_eq!(of("gis_osm_buildings_a_free_1"), [SiteClass::DwellingArea].into());
        assert_eq!(of("renamed"), BTreeSet::new());
    }
}
