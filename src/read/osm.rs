//! OpenStreetMap tags into classes of civilian sites.
//!
//! The rules are a table, `data/osm.toml`, compiled in; a layer may put rules of its own before them. A feature gets the class of the rule that
//! holds for it; if several hold, of the one with the gravest tier, and among those of the first in
//! the table, which stands in the order of the taxonomy but where a special rule precedes a general
//! one. Tiers are compared as the built-in scheme has them, so that the class of a feature is the same
//! under every scheme.
//!
//! Keys behind a prefix such as `disused:` name what is no longer, or not yet, there: they make no
//! site, nor does anything in use by people that says `disused=yes` of itself. No tag ever says that a site has lost its protection.
//!
//! A column spells a key as its format can: `social_facility_for`, `AMENITY`, or the ten letters of a shapefile.
//!
//! Source: METHOD §6, <https://wiki.openstreetmap.org/wiki/Map_features>.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::place::Place;
use crate::error::ReadError;
use crate::model::taxonomy::{Family, Service, SiteClass, Tier};

const TABLE: &str = include_str!("../../data/osm.toml");

static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| {
    // The text is part of the program and a test reads it, so that there is no fault to hand on.
    Arc::new(Rules::read(&[TABLE]).unwrap_or_default())
});

/// Before a key: what it says held once, or will hold.
const LIFECYCLE: [&str; 6] =
    ["disused:", "abandoned:", "razed:", "demolished:", "proposed:", "construction:"];

/// Keys that tell of faith, origin or persons: their values are never shown. The first word of a key
/// counts, `contact` of `contact:phone`.
const PRIVATE: [&str; 15] = [
    "religion",
    "religious",
    "denomination",
    "faith",
    "ethnicity",
    "ethnic",
    "operator",
    "owner",
    "contact",
    "phone",
    "telephone",
    "mobile",
    "fax",
    "email",
    "person",
];

/// What the tags of a feature make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Classified {
    /// Its class.
    pub(super) class: SiteClass,
    /// Its tier, where the rule departs from that of the class.
    pub(super) tier: Option<Tier>,
    /// The service it gives, by its class or by the rule.
    pub(super) service: Option<Service>,
    /// The tags that the rule used, of a list of values only the one it asks for: nothing else of
    /// the feature is ever shown.
    pub(super) rule_tags: Vec<(String, String)>,
}

/// Why a feature is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NotUsed {
    /// No rule holds for its tags.
    NoRule,
    /// It would be of this class, but a prefix says that it is no longer, or not yet, there.
    NotPresent {
        /// The prefix, with its colon.
        prefix: &'static str,
        /// What was, or will be, there.
        class: SiteClass,
    },
}

impl fmt::Display for NotUsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRule => f.write_str("its tags are of no class"),
            Self::NotPresent { prefix, class } => {
                write!(f, "{} is not present (`{prefix}`)", class.name())
            }
        }
    }
}

/// The text of the table that is compiled in.
#[must_use]
pub const fn table() -> &'static str {
    TABLE
}

/// The rules that are compiled in.
pub(super) fn built_in() -> Arc<Rules> {
    Arc::clone(&RULES)
}

/// The rules of a file, and behind them those that are compiled in.
///
/// # Errors
///
/// If it cannot be read, or is no table of rules.
pub(super) fn extended(place: &Place) -> Result<Rules, ReadError> {
    let text = super::short_text(place)?;
    Rules::read(&[&text, TABLE]).map_err(|found| {
        let hint = "`civex taxonomy --osm` prints the rules that are built in, which are written the same way";
        ReadError::unusable_hint(&place.written, format!("no table of rules: {found}"), hint)
    })
}

/// Whether the values of a key, or of a column of that name, are never shown.
pub(super) fn is_private(key: &str) -> bool {
    let first = key.trim().split([':', '_', '-', '.', ' ']).next().unwrap_or(key);
    PRIVATE.iter().any(|private| private.eq_ignore_ascii_case(first))
}

/// The table, made ready.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// In the order of the table.
    list: Vec<Rule>,
    /// The rules that ask for a key before any other, by that key.
    by_key: BTreeMap<String, Vec<usize>>,
    /// Every key that matters, by each of its spellings.
    spelled: BTreeMap<String, String>,
    /// Words that rules ask for, by their keys: those in which one slip leaves no other word.
    words: BTreeMap<String, Vec<(String, SiteClass)>>,
}

/// One rule.
#[derive(Debug)]
struct Rule {
    class: SiteClass,
    tier: Option<Tier>,
    service: Option<Service>,
    /// Tier by the rule or by the class: the gravest rule is taken.
    rank: Option<Tier>,
    /// Every key that must be there, with the values that will do; at least one.
    wanted: Vec<(String, Vec<Wanted>)>,
}

/// A value that will do.
#[derive(Debug)]
enum Wanted {
    Anything,
    Word(String),
    Meters(f64),
}

/// The table as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    rules: Vec<Row>,
}

/// A rule as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    class: String,
    tier: Option<u8>,
    service: Option<String>,
    tags: BTreeMap<String, Vec<String>>,
}

impl Rules {
    /// The rules of tables that follow each other, or what is wrong with one.
    fn read(texts: &[&str]) -> Result<Self, String> {
        let mut all = Self::default();
        for text in texts {
            let table: Table = toml::from_str(text).map_err(|error| {
                let before = error.span().and_then(|span| text.get(..span.start));
                let line = before.map_or(1, |before| before.matches('\n').count() + 1);
                format!("line {line}: {}", error.message())
            })?;
            for row in table.rules {
                let mut rule = row.rule()?;
                rule.rank = rule.tier.or(super::scheme::usual_tier(rule.class));
                let (key, _) = rule.wanted.first().ok_or("a rule without tags")?;
                all.by_key.entry(key.clone()).or_default().push(all.list.len());
                all.list.push(rule);
            }
        }
        all.spelled = spellings(all.list.iter().flat_map(Rule::keys));
        for rule in &all.list {
            for (key, word) in rule.words() {
                all.words.entry(key.clone()).or_default().push((singular(word), rule.class));
            }
        }
        Ok(all)
    }

    /// The key of a tag that a column name spells; `None` if no rule asks for it.
    ///
    /// Colons may be underscores, letters of any case, and a name of ten letters the beginning of a longer one,
    /// as in shapefiles.
    pub(super) fn key(&self, name: &str) -> Option<&str> {
        let found = self.spelled.get(name).or_else(|| {
            let has_capitals = name.bytes().any(|letter| letter.is_ascii_uppercase());
            has_capitals.then(|| self.spelled.get(&name.to_ascii_lowercase())).flatten()
        });
        found.map(String::as_str)
    }

    /// The classes that they can yield.
    pub(super) fn classes(&self) -> BTreeSet<SiteClass> {
        self.list.iter().map(|rule| rule.class).collect()
    }

    /// The classes that they can yield of features that have no more than some columns or keys.
    pub(super) fn classes_by_columns<'n>(
        &self,
        columns: impl IntoIterator<Item = &'n String>,
    ) -> BTreeSet<SiteClass> {
        let keys: BTreeSet<&str> = columns.into_iter().filter_map(|name| self.key(name)).collect();
        let rules = self.list.iter().filter(|rule| rule.keys().all(|key| keys.contains(key)));
        rules.map(|rule| rule.class).collect()
    }

    /// Returns the class of the rules that ask for a word one slip away from a value of a key; `None` if there is no
    /// such word, or several classes have one.
    pub(super) fn class_of_slip(&self, key: &str, value: &str) -> Option<SiteClass> {
        let words = self.words.get(key)?;
        let first = |text: &str| text.bytes().next().map(|letter| letter.to_ascii_lowercase());
        // A word as it stands lacks another tag: a shelter from the rain.
        let is_slip = |word: &str| {
            first(word) == first(value) && strsim::osa_distance(word, &singular(value)) == 1
        };
        let mut classes = words.iter().filter(|(word, _)| is_slip(word)).map(|(_, class)| *class);
        let found = classes.next()?;
        classes.all(|class| class == found).then_some(found)
    }

    /// The class of a value by the one tag that makes it a class whatever else there is: `clinic` of
    /// `amenity=clinic`; `None` if its classes differ.
    pub(super) fn class_of_value(&self, is_value: impl Fn(&str) -> bool) -> Option<SiteClass> {
        let of_one_tag = |rule: &&Rule| match &rule.wanted[..] {
            [(_, values)] => values.iter().any(|wanted| match wanted {
                Wanted::Word(word) => is_value(word),
                Wanted::Anything | Wanted::Meters(_) => false,
            }),
            _ => false,
        };
        let mut classes = self.list.iter().filter(of_one_tag).map(|rule| rule.class);
        let first = classes.next()?;
        classes.all(|class| class == first).then_some(first)
    }

    /// The class of a feature by its tags, keys with their values in any order.
    ///
    /// # Errors
    ///
    /// Why it has none.
    pub(super) fn classify(&self, tags: &[(&str, &str)]) -> Result<Classified, NotUsed> {
        let found = self.find(tags).ok_or_else(|| self.why_not_used(tags))?;
        // A dam out of use still holds water, and ruins are abandoned.
        if matches!(found.class.family(), Family::Environment | Family::Culture) {
            return Ok(found);
        }
        let says = |prefix: &&str| {
            let word = prefix.trim_end_matches(':');
            tags.iter().any(|(key, value)| *key == word && *value == "yes")
        };
        match LIFECYCLE.into_iter().find(says) {
            Some(prefix) => Err(NotUsed::NotPresent { prefix, class: found.class }),
            None => Ok(found),
        }
    }

    fn find(&self, tags: &[(&str, &str)]) -> Option<Classified> {
        let candidates = tags.iter().filter_map(|(key, _)| self.by_key.get(*key)).flatten();
        let (place, rule_tags) = candidates
            .filter_map(|&place| Some((place, self.list[place].holds(tags)?)))
            .max_by_key(|(place, _)| (self.list[*place].rank, std::cmp::Reverse(*place)))?;
        let Rule { class, tier, service, .. } = self.list[place];
        Some(Classified { class, tier, service: service.or(class.service()), rule_tags })
    }

    /// Why tags that no rule holds for are not used.
    fn why_not_used(&self, tags: &[(&str, &str)]) -> NotUsed {
        for prefix in LIFECYCLE {
            if !tags.iter().any(|(key, _)| key.starts_with(prefix)) {
                continue;
            }
            let bare: Vec<_> = tags
                .iter()
                .map(|(key, value)| (key.strip_prefix(prefix).unwrap_or(key), *value))
                .collect();
            if let Some(Classified { class, .. }) = self.find(&bare) {
                return NotUsed::NotPresent { prefix, class };
            }
        }
        NotUsed::NoRule
    }
}

impl Row {
    /// The rule of a row, its rank not yet known.
    fn rule(self) -> Result<Rule, String> {
        let class = SiteClass::from_name(&self.class)
            .ok_or_else(|| format!("no class \"{}\"", self.class))?;
        let tier = match self.tier {
            Some(number) => {
                Some(Tier::from_number(number).ok_or_else(|| format!("no tier {number}"))?)
            }
            None => None,
        };
        let service = match self.service {
            Some(name) => {
                Some(Service::from_name(&name).ok_or_else(|| format!("no service \"{name}\""))?)
            }
            None => None,
        };
        let wanted = self
            .tags
            .into_iter()
            .map(|(key, values)| {
                Ok((key, values.into_iter().map(Wanted::read).collect::<Result<_, String>>()?))
            })
            .collect::<Result<_, String>>()?;
        Ok(Rule { class, tier, service, rank: None, wanted })
    }
}

/// Keys by their spellings: as they are, with underscores for colons, and cut to what a shapefile holds, where
/// one key alone begins so, or begins all that do; the other of two such keys ends in `_1`, as GDAL tells them apart. Prefixes and words such as `disused` are among them.
fn spellings<'k>(keys: impl Iterator<Item = &'k str>) -> BTreeMap<String, String> {
    /// Letters of a name in a shapefile.
    const SHORT: usize = 10;
    let bare: BTreeSet<&str> = keys.collect();
    let words = LIFECYCLE.map(|prefix| prefix.trim_end_matches(':'));
    let prefixed =
        LIFECYCLE.iter().flat_map(|prefix| bare.iter().map(move |key| format!("{prefix}{key}")));
    let mut all: Vec<String> = bare.iter().map(ToString::to_string).chain(prefixed).collect();
    all.extend(words.map(str::to_string));
    let mut cut: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut spelled: BTreeMap<String, String> = BTreeMap::new();
    for key in &all {
        let flat = key.replace(':', "_");
        for name in [key.as_str(), &flat] {
            if let Some(short) = name.get(..SHORT).filter(|short| short.len() < name.len()) {
                cut.entry(short.to_string()).or_default().insert(key);
            }
        }
        spelled.entry(flat).or_insert_with(|| key.clone());
    }
    for (short, keys) in cut {
        // The first of two that begin alike is the shorter, since they are sorted.
        let (first, second) = match keys.into_iter().collect::<Vec<_>>()[..] {
            [only] => (only, None),
            [first, second] if second.starts_with(first) => (first, Some(second)),
            _ => continue,
        };
        if let Some(second) = second {
            let apart = format!("{}_1", short.get(..SHORT - 2).unwrap_or(&short));
            spelled.entry(apart).or_insert_with(|| second.to_string());
        }
        spelled.entry(short).or_insert_with(|| first.to_string());
    }
    // A key is itself before it is the spelling of another.
    spelled.extend(all.iter().map(|key| (key.clone(), key.clone())));
    spelled
}

impl Rule {
    /// The keys that must be there.
    fn keys(&self) -> impl Iterator<Item = &str> {
        self.wanted.iter().map(|(key, _)| key.as_str())
    }

    /// Words that it asks for, with their keys, if they have letters enough to be known with a slip.
    fn words(&self) -> impl Iterator<Item = (&String, &str)> {
        /// Letters of the shortest such word.
        const SHORTEST: usize = 5;
        let open = self.wanted.iter().filter(|(key, _)| !is_private(key));
        let words = open.flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
        words.filter_map(|(key, wanted)| match wanted {
            Wanted::Word(word) if word.len() >= SHORTEST => Some((key, word.as_str())),
            _ => None,
        })
    }

    /// The tags that fulfil this rule, if it holds.
    fn holds(&self, tags: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        let fulfils = |(key, values): &(String, Vec<Wanted>)| {
            let (_, found) = tags.iter().find(|(other, _)| other == key)?;
            let used = values.iter().find_map(|wanted| match wanted {
                Wanted::Anything => members(found).next().map(|_| *found),
                Wanted::Word(_) => members(found).find(|value| wanted.is(value)),
                // A comma may be that of a number.
                Wanted::Meters(_) => found.split(';').map(str::trim).find(|value| wanted.is(value)),
            });
            used.map(|used| (key.clone(), used.to_owned()))
        };
        self.wanted.iter().map(fulfils).collect()
    }
}

impl Wanted {
    /// A value as the table writes it.
    fn read(text: String) -> Result<Self, String> {
        match text.strip_prefix(">=") {
            Some(number) => {
                let no_number = |error| format!("\"{text}\" is no length: {error}");
                number.trim().parse().map(Self::Meters).map_err(no_number)
            }
            None if text == "*" => Ok(Self::Anything),
            None => Ok(Self::Word(text)),
        }
    }

    /// Whether a value will do.
    fn is(&self, value: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Word(word) => word.eq_ignore_ascii_case(value) || is_form_of(value, word),
            Self::Meters(least) => meters(value).is_some_and(|length| length >= *least),
        }
    }
}

/// The members of a value: of a list as tools write it (`clinic;doctors`, `clinic, doctors`, `clinic|doctors`,
/// `["clinic"]`, `{clinic,doctors}`), or the value alone.
pub(super) fn members(value: &str) -> impl Iterator<Item = &str> {
    let is_mark = |letter: char| letter.is_whitespace() || "[]{}\"'".contains(letter);
    let members = value.split([';', ',', '|', '/']).map(move |member| member.trim_matches(is_mark));
    members.filter(|member| !member.is_empty())
}

/// Whether a value is a word in another form: with blanks or hyphens for underscores, the ending of a plural, or the
/// American spelling of *centre*.
fn is_form_of(value: &str, word: &str) -> bool {
    // Most values differ from a word in their first letter.
    let first = |text: &str| text.bytes().next().map(|letter| letter.to_ascii_lowercase());
    first(value) == first(word) && singular(value) == singular(word)
}

/// A value in small letters, with underscores between words, and without the ending of a plural.
fn singular(value: &str) -> String {
    let plain = value.to_ascii_lowercase().replace([' ', '-'], "_").replace("center", "centre");
    plain.strip_suffix('s').map_or_else(|| plain.clone(), str::to_string)
}

/// A length as OpenStreetMap writes it, in meters: `15`, `15 m`, `15.5m`, `50 ft`, `50'`.
fn meters(text: &str) -> Option<f64> {
    const METERS_PER_FOOT: f64 = 0.3048;
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let number: f64 = number.parse().ok()?;
    match unit.trim() {
        "" | "m" => Some(number),
        "ft" | "'" => Some(number * METERS_PER_FOOT),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Class, tier override and service of tags written `key=value key=value`.
    fn of(text: &str) -> Result<(SiteClass, Option<Tier>, Option<Service>), NotUsed> {
        let tags: Vec<_> = text.split(' ').filter_map(|tag| tag.split_once('=')).collect();
        RULES.classify(&tags).map(|found| (found.class, found.tier, found.service))
    }

    fn class(text: &str) -> Option<&'static str> {
        of(text).ok().map(|(class, ..)| class.name())
    }

    #[test]
    fn the_table_reads_and_leaves_out_only_what_no_tag_can_tell() {
        let rules = Rules::read(&[TABLE]);
        let Ok(rules) = rules else { unreachable!("{rules:?}") };
        let mut absent = SiteClass::ALL.to_vec();
        absent.retain(|class| rules.list.iter().all(|rule| rule.class != *class));
        assert_eq!(
            absent,
            [SiteClass::SafeHouse, SiteClass::ProtectedZone, SiteClass::CulturalEnhanced]
        );
    }

    /// Every class with its tags, as the table of METHOD §6 has them: values after `/` are others of the same key, a
    /// number in front is a tier of its own.
    const METHOD: [(&str, &str); 66] = [
        ("hospital", "amenity=hospital"),
        ("hospital", "healthcare=hospital"),
        ("health_centre", "amenity=clinic/doctors"),
        ("health_centre", "healthcare=clinic/centre/doctor"),
        ("maternal_gbv_service", "healthcare=midwife/birthing_centre"),
        ("medical_supply", "healthcare=blood_bank/laboratory"),
        ("medical_supply", "T3 amenity=pharmacy"),
        ("emergency_service", "emergency=ambulance_station"),
        ("emergency_service", "amenity=fire_station"),
        ("care_institution", "amenity=nursing_home"),
        (
            "care_institution",
            "amenity=social_facility social_facility=nursing_home/assisted_living/group_home",
        ),
        ("school", "amenity=school"),
        ("early_childhood", "amenity=kindergarten/childcare"),
        ("higher_education", "amenity=university/college"),
        ("child_care_home", "social_facility:for=child/orphan/juvenile"),
        ("displacement_site", "amenity=refugee_site"),
        ("collective_centre", "social_facility=shelter social_facility:for=refugee/displaced"),
        (
            "civil_shelter",
            "building=bunker bunker_type=bomb_shelter/personnel_shelter/civil_defence",
        ),
        (
            "civil_shelter",
            "amenity=shelter shelter_type=civil_defence/civil_defense/bomb_shelter/air_raid_shelter/personnel_shelter",
        ),
        ("detention_place", "amenity=prison"),
        ("dwelling_area", "landuse=residential"),
        ("dwelling_area", "building=house/apartments/residential"),
        ("water_works", "man_made=water_works/pumping_station"),
        ("water_point", "man_made=water_well/water_tower/reservoir_covered"),
        ("water_point", "amenity=drinking_water/water_point"),
        ("sanitation", "man_made=wastewater_plant"),
        ("power_supply", "power=plant/substation"),
        ("food_supply", "amenity=marketplace"),
        ("food_supply", "shop=bakery/supermarket"),
        ("food_supply", "man_made=silo"),
        ("farmland_irrigation", "landuse=farmland/orchard"),
        ("farmland_irrigation", "waterway=canal"),
        ("fuel_heating", "amenity=fuel"),
        ("fuel_heating", "man_made=storage_tank"),
        ("dam_dyke", "name=* waterway=dam"),
        ("dam_dyke", "ref=* waterway=dam"),
        ("dam_dyke", "height=>=15 waterway=dam"),
        ("dam_dyke", "T2 waterway=dam"),
        ("dam_dyke", "T2 man_made=dyke"),
        ("nuclear_station", "plant:source=nuclear power=plant"),
        ("hazardous_facility", "industrial=chemical/refinery/oil"),
        ("hazardous_facility", "man_made=gasometer/tailings_pond"),
        ("protected_nature", "boundary=protected_area"),
        ("protected_nature", "leisure=nature_reserve"),
        ("world_heritage", "heritage=1"),
        ("world_heritage", "ref:whc=*"),
        ("world_heritage", "heritage:operator=whc"),
        ("monument_site", "heritage=2/3/4/5/6/7/8/9/10/11"),
        ("monument_site", "historic=monument/castle/archaeological_site/ruins"),
        ("monument_site", "T3 historic=memorial"),
        ("museum_library_archive", "tourism=museum"),
        ("museum_library_archive", "amenity=library/archive"),
        ("place_of_worship", "amenity=place_of_worship"),
        ("burial_site", "landuse=cemetery"),
        ("burial_site", "amenity=grave_yard"),
        ("relief_site", "social_facility=food_bank/soup_kitchen"),
        ("un_icrc_premises", "office=* operator=…"),
        ("evacuation_route_crossing", "barrier=border_control"),
        ("evacuation_route_crossing", "emergency=assembly_point"),
        ("mobility_lifeline", "man_made=bridge"),
        ("mobility_lifeline", "railway=station"),
        ("mobility_lifeline", "amenity=bus_station/ferry_terminal"),
        ("mobility_lifeline", "aeroway=aerodrome"),
        ("telecom_media_admin", "telecom=exchange"),
        ("telecom_media_admin", "man_made=communications_tower"),
        ("telecom_media_admin", "amenity=courthouse/townhall"),
    ];

    #[test]
    fn the_table_has_the_tags_of_the_method_and_no_others() {
        let value = |wanted: &Wanted| match wanted {
            Wanted::Anything => "*".to_string(),
            Wanted::Word(word) => word.clone(),
            Wanted::Meters(least) => format!(">={least}"),
        };
        let tag = |(key, values): &(String, Vec<Wanted>)| {
            let values: Vec<String> = values.iter().map(value).collect();
            let many = if key == "operator" { "…".to_string() } else { values.join("/") };
            format!("{key}={many}")
        };
        let text = |rule: &Rule| {
            let tier = rule.tier.map(|tier| format!("T{}", tier.number()));
            let parts = tier.into_iter().chain(rule.wanted.iter().map(tag));
            (rule.class.name(), parts.collect::<Vec<_>>().join(" "))
        };
        let ours: BTreeSet<(&str, String)> = RULES.list.iter().map(text).collect();
        let method: BTreeSet<_> =
            METHOD.iter().map(|(class, tags)| (*class, (*tags).to_string())).collect();
        assert_eq!(ours.difference(&method).collect::<Vec<_>>(), Vec::<&(&str, String)>::new());
        assert_eq!(method.difference(&ours).collect::<Vec<_>>(), Vec::<&(&str, String)>::new());
    }

    #[test]
    fn special_rules_win_over_general_ones() {
        assert_eq!(class("power=plant"), Some("power_supply"));
        assert_eq!(class("power=plant plant:source=nuclear"), Some("nuclear_station"));
        assert_eq!(class("amenity=clinic healthcare=midwife"), Some("maternal_gbv_service"));
        let home = "amenity=social_facility social_facility=group_home";
        assert_eq!(class(home), Some("care_institution"));
        assert_eq!(class(&format!("{home} social_facility:for=juvenile")), Some("child_care_home"));
        assert_eq!(class("amenity=social_facility social_facility=food_bank"), Some("relief_site"));
        assert_eq!(class("office=ngo"), None);
        assert_eq!(class("office=ngo operator=Unhcr"), Some("un_icrc_premises"));
        assert_eq!(class("building=residential amenity=kindergarten"), Some("early_childhood"));
    }

    #[test]
    fn the_gravest_tier_is_taken_and_the_order_of_the_taxonomy_among_equals() {
        assert_eq!(class("amenity=place_of_worship historic=ruins"), Some("monument_site"));
        assert_eq!(class("amenity=place_of_worship historic=memorial"), Some("monument_site"));
        assert_eq!(class("amenity=school historic=monument"), Some("school"));
        assert_eq!(class("historic=monument heritage=1 tourism=museum"), Some("world_heritage"));
    }

    #[test]
    fn a_member_of_a_list_is_enough() {
        assert_eq!(class("amenity=cafe;school"), Some("school"));
        assert_eq!(class("amenity=preschool"), None);
    }

    #[test]
    fn rules_may_change_the_tier_and_give_a_service() {
        use SiteClass::{MedicalSupply, MonumentSite, TelecomMediaAdmin};
        assert_eq!(of("amenity=pharmacy"), Ok((MedicalSupply, Some(Tier::T3), None)));
        assert_eq!(of("historic=memorial"), Ok((MonumentSite, Some(Tier::T3), None)));
        assert_eq!(of("historic=memorial;ruins"), Ok((MonumentSite, None, None)));
        assert_eq!(of("amenity=townhall"), Ok((TelecomMediaAdmin, None, None)));
        let tower = of("amenity=townhall man_made=communications_tower");
        assert_eq!(tower, Ok((TelecomMediaAdmin, None, Some(Service::Telecom))));
    }

    #[test]
    fn dams_without_name_number_and_height_are_of_tier_two() {
        let tier = |text: &str| of(text).ok().map(|(_, tier, _)| tier);
        assert_eq!(tier("waterway=dam"), Some(Some(Tier::T2)));
        assert_eq!(tier("waterway=dam height=14.9"), Some(Some(Tier::T2)));
        assert_eq!(tier("waterway=dam height=unknown"), Some(Some(Tier::T2)));
        assert_eq!(tier("man_made=dyke name=Markarfljót"), Some(Some(Tier::T2)));
        assert_eq!(tier("waterway=dam height=15"), Some(None));
        assert_eq!(tier("waterway=dam name=Elliðavatnsstífla"), Some(None));
        assert_eq!(tier("waterway=dam ref=7"), Some(None));
        assert_eq!(meters("15 m"), Some(15.0));
        assert_eq!(meters("50'").map(|m| (m * 100.0).round()), Some(1524.0));
        assert_eq!(meters("-20"), None);
    }

    #[test]
    fn shelters_and_bunkers_count_only_as_civil_defense() {
        assert_eq!(class("amenity=shelter"), None);
        assert_eq!(class("amenity=shelter shelter_type=public_transport"), None);
        assert_eq!(class("amenity=shelter shelter_type=civil_defence"), Some("civil_shelter"));
        assert_eq!(class("building=bunker"), None);
        assert_eq!(class("building=bunker bunker_type=pillbox"), None);
        assert_eq!(class("building=bunker bunker_type=personnel_shelter"), Some("civil_shelter"));
    }

    #[test]
    fn what_is_no_longer_or_not_yet_there_makes_no_site() {
        let school = SiteClass::School;
        let not_present = |prefix, class| Err(NotUsed::NotPresent { prefix, class });
        assert_eq!(of("disused:amenity=school"), not_present("disused:", school));
        assert_eq!(of("proposed:amenity=school"), not_present("proposed:", school));
        assert_eq!(
            of("abandoned:power=plant plant:source=nuclear"),
            not_present("abandoned:", SiteClass::NuclearStation)
        );
        assert_eq!(class("disused:amenity=school tourism=museum"), Some("museum_library_archive"));
        assert_eq!(of("amenity=school disused=yes"), not_present("disused:", school));
        assert_eq!(class("amenity=school disused=no"), Some("school"));
        assert_eq!(class("waterway=dam name=Big abandoned=yes"), Some("dam_dyke"));
        assert_eq!(class("historic=ruins abandoned=yes"), Some("monument_site"));
        assert_eq!(of("disused:shop=kiosk"), Err(NotUsed::NoRule));
        assert_eq!(of(""), Err(NotUsed::NoRule));
    }

    #[test]
    fn own_rules_stand_before_those_that_are_built_in() {
        let own = "rules = [{ class = \"health_centre\", tags = { amenity = [\"health_post\"] } },\
             { class = \"higher_education\", tier = 2, tags = { amenity = [\"school\"] } }]";
        let rules = Rules::read(&[own, TABLE]).unwrap();
        let class = |key, value| rules.classify(&[(key, value)]).map(|found| found.class);
        assert_eq!(class("amenity", "health_post"), Ok(SiteClass::HealthCentre));
        assert_eq!(class("amenity", "school"), Ok(SiteClass::HigherEducation), "of one tier");
        assert_eq!(class("amenity", "hospital"), Ok(SiteClass::Hospital));
        let wrong = "rules = [{ class = \"hospitl\", tags = { amenity = [\"x\"] } }]";
        assert_eq!(Rules::read(&[wrong, TABLE]).unwrap_err(), "no class \"hospitl\"");
    }

    #[test]
    fn only_the_tags_of_the_rule_are_kept() {
        let found = RULES.classify(&[
            ("operator", "someone"),
            ("amenity", "hospital"),
            ("phone", "112"),
            ("name", "Landspítali"),
        ]);
        let tags = found.map(|found| found.rule_tags);
        assert_eq!(tags, Ok(vec![("amenity".to_owned(), "hospital".to_owned())]));
    }

    #[test]
    fn of_a_list_only_what_the_rule_asks_for_is_kept() {
        let found = RULES.classify(&[("office", "ngo"), ("operator", "Jane Doe;UNHCR; Jan Nowak")]);
        let mut tags = found.map(|found| found.rule_tags).unwrap_or_default();
        tags.sort();
        let wanted = [("office", "ngo"), ("operator", "UNHCR")];
        assert_eq!(tags, wanted.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_value_is_known_in_lists_and_in_other_forms() {
        for (value, wanted) in [
            ("hospital, clinic", Some("hospital")),
            ("bank|clinic", Some("health_centre")),
            ("clinic/pharmacy", Some("health_centre")),
            (r#"["hospital"]"#, Some("hospital")),
            ("{bank,school}", Some("school")),
            ("['school', 'kindergarten']", Some("school")),
            ("Hospitals", Some("hospital")),
            ("doctor", Some("health_centre")),
            ("Fire Station", Some("emergency_service")),
            ("nursing-home", Some("care_institution")),
            ("hospital_ship", None),
            ("schooling", None),
        ] {
            let found = RULES.classify(&[("amenity", value)]).ok().map(|found| found.class.name());
            assert_eq!(found, wanted, "{value}");
        }
        let center = RULES.classify(&[("healthcare", "Center")]).map(|found| found.class);
        assert_eq!(center, Ok(SiteClass::HealthCentre));
        let tier = |height| {
            let found = RULES.classify(&[("waterway", "dam"), ("height", height)]);
            found.map(|found| found.tier)
        };
        assert_eq!(tier("12,20"), Ok(Some(Tier::T2)), "a comma in a number parts no list");
    }

    #[test]
    fn a_key_is_known_by_the_spellings_of_columns() {
        for (name, key) in [
            ("amenity", "amenity"),
            ("AMENITY", "amenity"),
            ("social_facility_for", "social_facility:for"),
            ("Plant_Source", "plant:source"),
            ("plant:sour", "plant:source"),
            ("bunker_typ", "bunker_type"),
            ("social_fac", "social_facility"),
            ("social_f_1", "social_facility:for"),
            ("disused_amenity", "disused:amenity"),
            ("abandoned", "abandoned"),
        ] {
            assert_eq!(RULES.key(name), Some(key), "{name}");
        }
        for name in ["abandoned_", "heritag", "addr:street", "name:en", "constructi", "tags"] {
            assert_eq!(RULES.key(name), None, "{name}");
        }
    }

    #[test]
    fn columns_tell_which_classes_there_can_be() {
        let classes = |columns: &[&str]| {
            let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
            let classes = RULES.classes_by_columns(&columns);
            classes.into_iter().map(SiteClass::name).collect::<Vec<_>>()
        };
        let health = ["hospital", "health_centre", "maternal_gbv_service", "medical_supply"];
        assert_eq!(classes(&["osm_id", "name", "healthcare"]), health);
        assert_eq!(classes(&["shelter_type"]), Vec::<&str>::new());
        assert_eq!(classes(&["plant_source", "Power"]), ["power_supply", "nuclear_station"]);
    }

    #[test]
    fn faith_origin_and_persons_are_private_under_any_spelling_of_the_key() {
        for key in ["religion", "Religion", "contact:phone", "contact_phone", "operator:wikidata"] {
            assert!(is_private(key), "{key}");
        }
        for key in ["class", "amenity", "kind", "heritage:operator", "personnel"] {
            assert!(!is_private(key), "{key}");
        }
    }
}
