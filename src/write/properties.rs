//! The properties of a row: the area's own columns, then those of the assessment in their order.

use super::json;
use super::round;
use crate::model::columns::{self, Layout};
use crate::model::{AssessedArea, Band, Burden, Service, SiteClass};
use std::collections::BTreeSet;

/// Decimals of people, loads and densities.
const AMOUNT: u32 = 3;
/// Decimals of scores and contributions.
const POINTS: u32 = 4;
/// Decimals of shares and km².
const SHARE: u32 = 6;

/// The columns of an assessment, made ready to be written row by row.
pub(super) struct Heads {
    layout: Layout,
    names: BTreeSet<String>,
    /// Each name in quotes with its colon, in order.
    texts: Vec<Vec<u8>>,
}

impl Heads {
    pub(super) fn new(layout: &Layout) -> Self {
        let names = columns::names(layout);
        let head = |name: &String| format!("\"{name}\":").into_bytes();
        let texts = names.iter().map(head).collect();
        Self { layout: layout.clone(), texts, names: names.into_iter().collect() }
    }
}

/// Writes all properties of a row, an object.
pub(super) fn write(out: &mut Vec<u8>, row: &AssessedArea, heads: &Heads) {
    out.push(b'{');
    // A column stands once, and the assessment's own is the one that counts.
    for (key, value) in row.area.properties.iter().filter(|(key, _)| !heads.names.contains(*key)) {
        round::text(out, Some(key));
        out.push(b':');
        let _infallible = json::to_writer(&mut *out, value);
        out.push(b',');
    }
    let mut pen = Pen { out, heads: heads.texts.iter(), is_first: true };
    pen.area(row);
    pen.rings(row, heads.layout.rings_m.len());
    pen.burdens(row);
    if heads.layout.has_sites {
        pen.classes(row);
    }
    pen.score(row);
    debug_assert!(pen.heads.next().is_none(), "a column without a value");
    out.push(b'}');
}

/// Writes values, each behind the head of its column.
struct Pen<'p> {
    out: &'p mut Vec<u8>,
    heads: std::slice::Iter<'p, Vec<u8>>,
    is_first: bool,
}

impl Pen<'_> {
    fn head(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(b',');
        }
        match self.heads.next() {
            Some(head) => self.out.extend_from_slice(head),
            None => debug_assert!(false, "a value without a column"),
        }
    }

    fn text(&mut self, value: Option<&str>) {
        self.head();
        round::text(self.out, value);
    }

    fn number(&mut self, value: Option<f64>, decimals: u32) {
        self.head();
        round::number(self.out, value, decimals);
    }

    fn count(&mut self, value: Option<u64>) {
        self.head();
        let _infallible = serde_json::to_writer(&mut *self.out, &value);
    }

    fn triple(&mut self, burden: Option<Burden>) {
        self.number(burden.map(|burden| burden.low), AMOUNT);
        self.number(burden.map(|burden| burden.best), AMOUNT);
        self.number(burden.map(|burden| burden.high), AMOUNT);
    }

    fn area(&mut self, row: &AssessedArea) {
        let area = &row.area;
        self.text(Some(&area.id));
        for text in [&area.name, &area.coa, &area.phase, &area.start, &area.end] {
            self.text(text.as_deref());
        }
        self.text(Some(row.status.name()));
        self.text(row.reason.as_deref());
        self.head();
        self.out.push(b'"');
        for (place, flag) in row.flags.iter().enumerate() {
            self.out.extend_from_slice(if place > 0 { b" " } else { b"" });
            self.out.extend_from_slice(flag.name().as_bytes());
        }
        self.out.push(b'"');
        self.number(row.surface_km2, SHARE);
        self.number(row.missing_share, SHARE);
        self.triple(row.people);
        self.number(row.density_km2, AMOUNT);
        self.number(row.peak_km2, AMOUNT);
        for group in &row.groups {
            self.triple(*group);
        }
    }

    /// People and sites of each ring.
    fn rings(&mut self, row: &AssessedArea, rings: usize) {
        for place in 0..rings {
            let ring = row.rings.get(place).copied().unwrap_or_default();
            self.number(ring.people, AMOUNT);
            for tier in 0..4 {
                self.count(ring.sites.and_then(|of| of[tier].found));
            }
        }
    }

    fn burdens(&mut self, row: &AssessedArea) {
        let sites = row.sites.as_ref();
        self.triple(sites.and_then(|sites| sites.vulnerable));
        for tier in 0..4 {
            self.count(sites.and_then(|sites| sites.tiers[tier].found));
        }
        let load = sites.and_then(|sites| sites.load);
        self.number(load.map(|load| load.low), AMOUNT);
        self.number(load.map(|load| load.best), AMOUNT);
        // More sites are to be expected where more people are; how many, nobody knows without people.
        self.number(load.filter(|_| row.people.is_some()).map(|load| load.high), AMOUNT);
    }

    /// Counts by class, and dependants by service.
    fn classes(&mut self, row: &AssessedArea) {
        for class in 0..SiteClass::ALL.len() {
            self.count(row.sites.as_ref().and_then(|sites| sites.classes[class].found));
        }
        for service in Service::ALL {
            let dependants =
                row.sites.as_ref().and_then(|sites| sites.dependants[service as usize]);
            self.number(dependants.map(|of| of.best), AMOUNT);
        }
    }

    fn score(&mut self, row: &AssessedArea) {
        let score = &row.score;
        self.number(row.sites.as_ref().and_then(|sites| sites.dependants_outside), AMOUNT);
        self.number(row.person_days, AMOUNT);
        for points in [score.low, score.best, score.high] {
            self.number(points, POINTS);
        }
        for band in score.bands {
            self.text(band.map(Band::name));
        }
        self.text(score.profile.as_deref());
        self.text(score.driver.map(crate::model::Dimension::name));
        for part in score.contributions.map_or([None; 4], |parts| parts.by_dimension()) {
            self.number(part, POINTS);
        }
        for topic in score.topics {
            self.number(topic, POINTS);
        }
        self.count(row.footprint.as_ref().map(|_| row.gaps.len() as u64));
    }
}
