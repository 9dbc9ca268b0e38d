//! Schemes: TOML into the value judgements of an assessment, and back.
//!
//! A scheme file holds only what differs from the built-in scheme, `data/schemes/builtin.toml`, which
//! is compiled in. One list, `keys::slots`, says which keys there are, what each may hold and where it
//! goes; reading, checking and writing all follow it. Every fault of a file is found, not the first
//! alone.
//!
//! What a valid scheme can never do is let a score fall when a burden grows, lower a floor, or raise
//! the probability from which sites count. The floor of a class is that of its tier, so a class cannot
//! be moved to a tier with a lower floor.

mod keys;
mod schema;

pub use schema::schema;

use std::ops::Range as Span;
use std::path::Path;
use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};
use toml::de::{DeTable, DeValue};

use self::keys::{Key, ORDER, Order, Slot, Value, lines, sections, slots, toml_of};
use super::faults::{Source, did_you_mean};
use super::place::Place;
use super::provenance::hexadecimal;
use crate::error::{FileFault, ReadError};
use crate::model::scheme::{
    AllotmentRule, ClassRule, ExistenceRule, Floors, Goalposts, NameWords, PopulationRule, Scheme,
    StaleAfter,
};
use crate::model::taxonomy::{Service, SiteClass, Tier};

/// More faults than anybody reads about: none is looked for behind them.
const MOST_FAULTS: usize = 100;

const BUILT_IN: &str = include_str!("../../../data/schemes/builtin.toml");

/// The scheme that holds where no other is given.
#[must_use]
pub fn built_in() -> Scheme {
    USUAL.clone()
}

static USUAL: LazyLock<Scheme> = LazyLock::new(|| {
    // The text is part of the program and a test reads it, so that there is no fault to hand on.
    Reader::read(blank(), Source { file: "built-in scheme", text: BUILT_IN }).0
});

/// The tier of a class under the built-in scheme.
pub(super) fn usual_tier(class: SiteClass) -> Option<Tier> {
    USUAL.rule(class).tier
}

/// The scheme that a text makes of the built-in one by changing what it names.
///
/// A scheme that gives no `name` is called as its file, without folder and ending.
///
/// # Errors
///
/// All faults of the text, in the order of their places: what is no TOML, unknown keys, values of the
/// wrong kind or out of their range, and numbers that contradict each other.
pub fn read(text: &str, file: &str) -> Result<Scheme, Vec<FileFault>> {
    let (scheme, faults) = Reader::read(built_in(), Source { file, text });
    if faults.is_empty() { Ok(scheme) } else { Err(faults) }
}

/// The scheme of a file.
///
/// # Errors
///
/// If the file cannot be read, or holds faults.
pub fn open(place: &Place) -> Result<Scheme, ReadError> {
    read(&super::short_text(place)?, &place.written).map_err(ReadError::Faults)
}

/// The whole scheme as TOML, which reads back to the same digest.
#[must_use]
pub fn canonical_toml(scheme: &Scheme) -> String {
    toml_of(&scheme.name, &lines(scheme))
}

/// What differs from the built-in scheme as TOML, which reads back to the same digest.
#[must_use]
pub fn differences_toml(scheme: &Scheme) -> String {
    let built_in = lines(&built_in());
    let mut differing = lines(scheme);
    differing.retain(|line| !built_in.contains(line));
    toml_of(&scheme.name, &differing)
}

/// SHA-256 of the canonical text of the values, in hexadecimal.
fn digest(scheme: &Scheme) -> String {
    hexadecimal(&Sha256::digest(sections(&lines(scheme))))
}

/// A scheme before anything is read: no number is known but that unnamed occupants and rates are 0.
fn blank() -> Scheme {
    const UNREAD: f64 = f64::NAN;
    Scheme {
        name: String::new(),
        digest: String::new(),
        goalposts: Goalposts {
            people: UNREAD,
            vulnerable: UNREAD,
            dependants: UNREAD,
            site_load: UNREAD,
            site_load_knee: UNREAD,
            site_load_top: UNREAD,
        },
        tier_loads: [UNREAD; 4],
        extent_load_cap: UNREAD,
        dimension_weights: [UNREAD; 4],
        service_weights: [UNREAD; 9],
        radius_km: Service::ALL.map(|service| service.has_catchment().then_some(UNREAD)),
        allotment: AllotmentRule::Nearest,
        stale_after: StaleAfter { population: UNREAD, sites: UNREAD },
        lambda: UNREAD,
        floors: Floors { t1: UNREAD, t2: UNREAD },
        band_thresholds: [UNREAD; 4],
        population: PopulationRule {
            single_source_factor: UNREAD,
            left_out_margin: UNREAD,
            data_gap_share: UNREAD,
            not_assessable_share: UNREAD,
            small_area_cells: UNREAD,
        },
        existence: ExistenceRule { low: UNREAD, best: UNREAD, default_confidence: UNREAD },
        class_rules: [ClassRule::default(); 39],
        names: NameWords::default(),
    }
}

/// A scheme in the making, with what was wrong so far.
struct Reader<'t> {
    source: Source<'t>,
    base: Scheme,
    scheme: Scheme,
    /// Where each key that was read stands.
    places: Vec<(Key, Span<usize>)>,
    faults: Vec<FileFault>,
}

impl<'t> Reader<'t> {
    /// What a text makes of a scheme, and all faults, in the order of their places.
    fn read(base: Scheme, source: Source<'t>) -> (Scheme, Vec<FileFault>) {
        let (table, errors) = DeTable::parse_recoverable(source.text);
        let mut scheme = base.clone();
        scheme.name = stem(source.file);
        let mut reader = Self { source, base, scheme, places: Vec::new(), faults: Vec::new() };
        reader.read_top(table.get_ref());
        reader.check_order();
        reader.check_floors();
        reader.check_existence();
        reader.add_syntax_faults(&errors);
        reader.faults.sort_by_key(|fault| fault.place);
        reader.scheme.digest = digest(&reader.scheme);
        (reader.scheme, reader.faults)
    }

    fn fault(&mut self, span: Option<Span<usize>>, found: String, hint: Option<String>) {
        self.faults.push(self.source.fault(span, found, hint));
    }

    /// What is no TOML. Faults of values on the same lines follow from it and are dropped.
    fn add_syntax_faults(&mut self, errors: &[toml::de::Error]) {
        let syntax: Vec<_> = errors
            .iter()
            .take(MOST_FAULTS)
            .map(|error| self.source.fault(error.span(), error.message().replace('\n', ", "), None))
            .collect();
        let line = |fault: &FileFault| fault.place.map(|(line, _)| line);
        self.faults.retain(|fault| syntax.iter().all(|other| line(other) != line(fault)));
        self.faults.extend(syntax);
    }

    fn read_top(&mut self, table: &DeTable<'_>) {
        let mut sections: Vec<_> = slots(&mut self.scheme).iter().map(|slot| slot.key.0).collect();
        sections.dedup();
        for (key, value) in table {
            if self.faults.len() >= MOST_FAULTS {
                return;
            }
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("name", DeValue::String(name)) if !name.trim().is_empty() => {
                    name.trim().clone_into(&mut self.scheme.name);
                }
                ("name", other) => {
                    let found = format!("`name` is {}, wanted a text", described(other));
                    self.fault(Some(value.span()), found, None);
                }
                (section, DeValue::Table(table)) if sections.contains(&section) => {
                    self.read_section(section, table);
                }
                (section, other) if sections.contains(&section) => {
                    let found = format!("`{section}` is {}, wanted a section", described(other));
                    let hint = format!("write `[{section}]` and its keys below");
                    self.fault(Some(value.span()), found, Some(hint));
                }
                (unknown, _) => self.unknown_section(unknown, key.span(), &sections),
            }
        }
    }

    fn unknown_section(&mut self, unknown: &str, span: Span<usize>, sections: &[&'static str]) {
        let home = slots(&mut self.scheme).iter().find(|slot| slot.key.1 == unknown).map(home);
        let hint = home
            .or_else(|| did_you_mean(unknown, sections.iter().copied().chain(["name"])))
            .unwrap_or_else(|| format!("a scheme has {}", sections.join(", ")));
        self.fault(Some(span), format!("unknown key `{unknown}`"), Some(hint));
    }

    fn read_section(&mut self, section: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            if self.faults.len() >= MOST_FAULTS {
                return;
            }
            let name = key.get_ref().as_ref();
            let mut slots = slots(&mut self.scheme);
            let Some(slot) = slots.iter_mut().find(|slot| slot.key == (section, name)) else {
                let hint = unknown_key_hint(&slots, section, name);
                drop(slots);
                let found = format!("unknown key `{name}` under [{section}]");
                self.fault(Some(key.span()), found, Some(hint));
                continue;
            };
            let place = (slot.key, value.span());
            let wanted = slot.value.read(value);
            drop(slots);
            self.places.push(place);
            if let Err(wanted) = wanted {
                let found = described(value.get_ref());
                let found = format!("`{name}` under [{section}] is {found}, wanted {wanted}");
                self.fault(Some(value.span()), found, None);
            }
        }
    }

    /// Where a key stands, if this text has it.
    fn place(&self, key: Key) -> Option<Span<usize>> {
        self.places.iter().find(|(other, _)| *other == key).map(|(_, span)| span.clone())
    }

    /// Numbers that contradict each other.
    fn check_order(&mut self) {
        for (small, large, order) in ORDER {
            let (low, high) = (self.number(small), self.number(large));
            if low < high || (order == Order::AtMost && low <= high) {
                continue;
            }
            let wanted = match order {
                Order::AtMost => "at most",
                Order::Below => "less than",
            };
            let found = format!(
                "`{}` under [{}] is {low}, wanted {wanted} `{}`, which is {high}",
                small.1, small.0, large.1
            );
            self.fault(self.place(small).or_else(|| self.place(large)), found, None);
        }
    }

    /// The number under a key; NaN under none.
    fn number(&mut self, key: Key) -> f64 {
        let slots = slots(&mut self.scheme);
        slots.iter().find(|slot| slot.key == key).map_or(f64::NAN, |slot| match &slot.value {
            Value::Number(number, _) => **number,
            Value::Tier(_) | Value::Rule(_) | Value::Words(_) => f64::NAN,
        })
    }

    /// Bounds of existence that were raised: sites would vanish behind them.
    fn check_existence(&mut self) {
        let (was, is) = (self.base.existence, self.scheme.existence);
        for (key, was, is) in [("low", was.low, is.low), ("best", was.best, is.best)] {
            if is > was {
                let found = format!("`{key}` under [existence] is {is}, wanted at most {was}");
                let hint = "a scheme may lower it, never raise it: no scheme hides a hospital";
                self.fault(self.place(("existence", key)), found, Some(hint.to_owned()));
            }
        }
        if is.default_confidence < is.best {
            let (key, p, best) = ("default_confidence", is.default_confidence, is.best);
            let found =
                format!("`{key}` under [existence] is {p}, wanted at least {best} (`best`)");
            let hint = format!(
                "give it {best} or more: else every site whose layer states no confidence would vanish"
            );
            self.fault(self.place(("existence", key)), found, Some(hint));
        }
    }

    /// Floors that were lowered, of a tier or, by moving it to another tier, of a class.
    fn check_floors(&mut self) {
        let (was, is) = (self.base.floors, self.scheme.floors);
        for (key, was, is) in [("t1", was.t1, is.t1), ("t2", was.t2, is.t2)] {
            if is < was {
                let found = format!("`{key}` under [floors] is {is}, wanted at least {was}");
                let hint = "a scheme may raise a floor, never lower it".to_owned();
                self.fault(self.place(("floors", key)), found, Some(hint));
            }
        }
        for class in SiteClass::ALL {
            let Some(place) = self.place(("class_tiers", class.name())) else { continue };
            let (was_tier, is_tier) = (self.base.rule(class).tier, self.scheme.rule(class).tier);
            let (was, is) = (was.of(was_tier), is.of(is_tier));
            if is < was {
                let found = format!(
                    "`{}` under [class_tiers] is {}, whose floor is {is}, wanted a floor of at \
                     least {was}",
                    class.name(),
                    is_tier.map_or(0, Tier::number),
                );
                let hint = "a scheme may raise the floor of a class, never lower it".to_owned();
                self.fault(Some(place), found, Some(hint));
            }
        }
    }
}

/// A TOML value in a sentence.
fn described(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{text}\""),
        DeValue::Integer(integer) => integer.to_string(),
        DeValue::Float(float) => float.to_string(),
        DeValue::Boolean(word) => word.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a section".to_owned(),
    }
}

/// Where a key belongs, as a hint.
fn home(slot: &Slot<'_>) -> String {
    format!("`{}` belongs under [{}]", slot.key.1, slot.key.0)
}

/// What may have been meant by an unknown key of a section.
fn unknown_key_hint(slots: &[Slot<'_>], section: &str, unknown: &str) -> String {
    let here = || slots.iter().map(|slot| slot.key).filter(|key| key.0 == section);
    // A class that exists but not here, `water_works` under [occupants], is no slip of the pen.
    let is_class = SiteClass::from_name(unknown).is_some();
    did_you_mean(unknown, here().map(|key| key.1)).filter(|_| !is_class).unwrap_or_else(|| {
        let keys: Vec<_> = here().map(|key| key.1).collect();
        format!("[{section}] has {}", keys.join(", "))
    })
}

/// The name of a file without folder and ending.
fn stem(file: &str) -> String {
    Path::new(file).file_stem().map_or_else(|| file.into(), |stem| stem.to_string_lossy().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::scheme::of_the_method;

    /// The sentences of all faults of a text, with line and column.
    fn faults(text: &str) -> Vec<String> {
        let faults = read(text, "s.toml").err().unwrap_or_default();
        faults
            .iter()
            .map(|fault| {
                let (line, column) = fault.place.unwrap_or_default();
                let hint = fault.hint.as_ref().map(|hint| format!(" ({hint})"));
                format!("{line}:{column} {}{}", fault.found, hint.unwrap_or_default())
            })
            .collect()
    }

    fn digest_of(text: &str) -> Option<String> {
        read(text, "s.toml").ok().map(|scheme| scheme.digest)
    }

    #[test]
    fn the_built_in_scheme_has_the_numbers_of_the_method_and_no_fault() {
        let source = Source { file: "built-in scheme", text: BUILT_IN };
        let (scheme, faults) = Reader::read(blank(), source);
        assert_eq!(faults, []);
        let digest = scheme.digest.clone();
        assert_eq!(scheme, Scheme { digest, ..of_the_method() });
    }

    #[test]
    fn the_built_in_text_over_itself_changes_nothing() {
        assert_eq!(read(BUILT_IN, "s.toml"), Ok(built_in()));
    }

    #[test]
    fn a_scheme_changes_only_what_it_names() {
        let scheme = read("[floors]\nt1 = 70\n", "plans/strict.toml");
        let mut wanted = Scheme { name: "strict".into(), ..built_in() };
        wanted.floors.t1 = 70.0;
        wanted.digest = digest(&wanted);
        assert_eq!(scheme, Ok(wanted));
    }

    #[test]
    fn the_digest_sees_values_only() {
        let text = "name = 'a'\n[floors]\nt1 = 70 # why\nt2 = 4_5\n[aggregation]\nlambda = 0.25";
        let same = "aggregation = { lambda = 25e-2 }\nfloors.t2 = 45.0\nfloors.t1 = 70.0\n";
        assert!(digest_of(text).is_some());
        assert_eq!(digest_of(text), digest_of(same));
        assert_eq!(digest_of(""), Some(built_in().digest));
        assert_ne!(digest_of(""), digest_of(text));
        assert_eq!(digest_of("[floors]\nt1 = 60"), digest_of(""));
    }

    #[test]
    fn words_of_names_are_a_list_in_any_order() {
        let one = "[names]\ngeneric = ['Puskesmas', 'pos obat']\napart = ['blok']";
        let other =
            "names.apart = ['blok']\nnames.generic = ['pos obat', 'puskesmas', 'Puskesmas ']";
        let Ok(scheme) = read(one, "s.toml") else { unreachable!() };
        assert_eq!(scheme.names.generic, ["pos obat", "puskesmas"]);
        assert_eq!(digest_of(one), digest_of(other));
        assert_ne!(digest_of(one), digest_of(""));
        assert_eq!(digest_of("[names]\ngeneric = []"), digest_of(""));
        assert_eq!(read(&canonical_toml(&scheme), "s.toml"), Ok(scheme));
        for wrong in ["'clinic'", "['-']", "[1]"] {
            let found = faults(&format!("[names]\napart = {wrong}"));
            assert!(found[0].starts_with("2:9 `apart` under [names] is "), "{found:?}");
            assert!(
                found[0].ends_with("wanted a list of words, such as [\"puskesmas\"]"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn canonical_and_differing_text_read_back_to_the_same_scheme() {
        let text = "name = \"q\\\"uote\"\n[expected_per_person]\nhospital = 0\nsafe_house = 3e-7\n\
                    [class_tiers]\nschool = 1\n[goalposts]\npeople = 1e300\n";
        let scheme = read(text, "s.toml");
        let Ok(scheme) = scheme else { unreachable!("{scheme:?}") };
        assert_eq!(read(&canonical_toml(&scheme), "t.toml").as_ref(), Ok(&scheme));
        let differing = differences_toml(&scheme);
        assert_eq!(read(&differing, "t.toml").as_ref(), Ok(&scheme));
        assert_eq!(
            differing,
            "name = 'q\"uote'\n\n[goalposts]\npeople = 1e300\n\n[class_tiers]\nschool = 1\n\n\
             [expected_per_person]\nhospital = 0\nsafe_house = 3e-7\n"
        );
    }

    #[test]
    fn all_faults_are_found_each_at_its_place() {
        let text = "nmae = 'x'\nlambda = 0.4\n[aggregation]\nlambda = 1.5\n[floors]\nt1 = 'high'\n\
                    [class_tiers]\nhopsital = 1\nschool = 5\n[occupants]\nwater_works = 3\n\
                    [service_weights]\nfood = nan\nwater = -0.1\n";
        let found = faults(text);
        let wanted = [
            "1:1 unknown key `nmae` (did you mean `name`?)",
            "2:1 unknown key `lambda` (`lambda` belongs under [aggregation])",
            "4:10 `lambda` under [aggregation] is 1.5, wanted a number from 0 to 1",
            "6:6 `t1` under [floors] is the text \"high\", wanted a number from 0 to 100",
            "8:1 unknown key `hopsital` under [class_tiers] (did you mean `hospital`?)",
            "9:10 `school` under [class_tiers] is 5, wanted a tier: 1, 2, 3 or 4",
            "11:1 unknown key `water_works` under [occupants] ([occupants] has hospital, \
             care_institution, school, early_childhood, child_care_home, displacement_site, \
             collective_centre, safe_house, civil_shelter, detention_place)",
            "13:8 `food` under [service_weights] is nan, wanted a number from 0 to 1",
            "14:9 `water` under [service_weights] is -0.1, wanted a number from 0 to 1",
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_is_no_toml_is_a_fault_at_its_place_beside_the_others() {
        let found = faults("[floors]\nt1 =\nt2 = -1\n");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("2:"), "{found:?}");
        assert!(found[1].starts_with("3:6 `t2`"), "{found:?}");
    }

    #[test]
    fn a_floor_is_raised_and_never_lowered() {
        assert!(faults("[floors]\nt1 = 61\nt2 = 61").is_empty());
        let found = faults("[floors]\nt1 = 59\nt2 = 0");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("is 59, wanted at least 60"), "{found:?}");
    }

    #[test]
    fn the_probability_from_which_sites_count_is_lowered_and_never_raised() {
        assert!(faults("[existence]\nlow = 0.8\nbest = 0.4").is_empty());
        let found = faults("[existence]\nlow = 1\nbest = 0.6");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("2:7 `low` under [existence] is 1, wanted at most 0.9"));
        assert!(found[1].contains("is 0.6, wanted at most 0.5"), "{found:?}");
        let found = faults("[existence]\ndefault_confidence = 0.4");
        assert!(found[0].contains("is 0.4, wanted at least 0.5"), "{found:?}");
    }

    #[test]
    fn a_class_keeps_its_floor() {
        assert!(faults("[class_tiers]\nschool = 1\nsanitation = 4").is_empty());
        assert!(faults("[floors]\nt2 = 60\n[class_tiers]\nhospital = 2").is_empty());
        let found = faults("[class_tiers]\nhospital = 2\nschool = 3");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("whose floor is 40, wanted a floor of at least 60"), "{found:?}");
    }

    #[test]
    fn numbers_that_pass_each_other_are_faults() {
        for text in [
            "[bands]\nlow = 40",
            "[bands]\nhigh = 90",
            "[floors]\nt2 = 61",
            "[tier_loads]\nt2 = 200",
            "[goalposts]\nsite_load_knee = 3000",
            "[goalposts]\nsite_load_top = 100",
            "[existence]\nlow = 0.4",
            "[population]\ndata_gap_share = 0.5",
        ] {
            let found = faults(text);
            assert!(found.len() == 1 && found[0].starts_with("2:"), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_section_that_is_a_number_and_a_list_of_sections_are_faults() {
        assert_eq!(faults("floors = 60").len(), 1);
        assert_eq!(faults("[[floors]]\nt1 = 70").len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader_and_what_it_takes_reads_back(
            at in 0..BUILT_IN.len(),
            length in 0..20usize,
            inserted in "[a-z\\[\\]{}='\",.0-9\n é-]{0,8}",
        ) {
            let before: String = BUILT_IN.chars().take(at).collect();
            let after: String = BUILT_IN.chars().skip(at + length).collect();
            match read(&format!("{before}{inserted}{after}"), "s.toml") {
                Ok(scheme) => {
                    prop_assert_eq!(read(&canonical_toml(&scheme), "t.toml"), Ok(scheme));
                }
                Err(faults) => prop_assert!(!faults.is_empty()),
            }
        }
    }
}
