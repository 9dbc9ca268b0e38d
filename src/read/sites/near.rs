//! Tags that no rule holds for and that nearly name a site: `amenity=health_post`, `amenity=hosptial`.
//!
//! Such a feature is no site, and it is not foreign either: it counts as lost, and its tag is told with what it
//! probably means.

use super::super::osm::{Rules, members};
use super::geofabrik::FCLASS;
use super::kinds::class_of;
use crate::model::SiteClass;
use std::collections::BTreeMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// Keys whose values say what a thing is, in any words. The values of others, such as `building`, say it of a part.
const NAMING: [&str; 3] = ["amenity", "healthcare", FCLASS];

/// At most this many values of naming keys are kept with the class that their words mean.
const MOST_KNOWN: usize = 10_000;

static KNOWN: LazyLock<RwLock<BTreeMap<String, Option<SiteClass>>>> =
    LazyLock::new(RwLock::default);

/// Returns why a feature of these tags is lost, if one of them nearly names a site.
pub(super) fn near(rules: &Rules, tags: &[(&str, &str)]) -> Option<String> {
    tags.iter().find_map(|(key, value)| {
        let class = members(value).find_map(|member| {
            let by_words = || if NAMING.contains(key) { by_words(member) } else { None };
            rules.class_of_slip(key, member).or_else(by_words)
        })?;
        Some(format!("{key}={value} is of no class, did you mean `{}`?", class.name()))
    })
}

/// Returns the class that the words of a value mean.
fn by_words(value: &str) -> Option<SiteClass> {
    /// Bytes of the longest value that is looked at.
    const LONGEST: usize = 60;
    if value.len() > LONGEST {
        return None;
    }
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(value).copied();
    known.unwrap_or_else(|| {
        let class = class_of(&value.replace('_', " "));
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_KNOWN {
            known.insert(value.to_string(), class);
        }
        class
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::osm::built_in;
    use super::*;

    #[test]
    fn a_tag_that_nearly_names_a_site_is_told_and_no_other() {
        for (key, value, class) in [
            ("amenity", "health_post", "health_centre"),
            ("amenity", "hosptial", "hospital"),
            ("amenity", "Clinik", "health_centre"),
            ("amenity", "refugee_camp", "displacement_site"),
            ("healthcare", "dispensary", "health_centre"),
            ("social_facility", "soup_kitchn", "relief_site"),
            (FCLASS, "mosque", "place_of_worship"),
            ("amenity", "bench", ""),
            ("amenity", "restaurant", ""),
            ("amenity", "police", ""),
            ("amenity", "driving_school", ""),
            ("amenity", "community_centre", ""),
            ("amenity", "food_court", ""),
            ("healthcare", "dentist", ""),
            ("healthcare", "vaccination_centre", ""),
            ("building", "hospital", ""),
            ("building", "yes", ""),
            ("man_made", "water_tank", ""),
            ("highway", "primary", ""),
        ] {
            let found = near(&built_in(), &[(key, value)]);
            let wanted = (!class.is_empty())
                .then(|| format!("{key}={value} is of no class, did you mean `{class}`?"));
            assert_eq!(found, wanted, "{key}={value}");
        }
    }
}
