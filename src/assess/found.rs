//! What a run finds beside its rows: notices, problems, and where the areas lie, in bounded memory.

use super::prepare::{Places, Prepared, bounds, bounds_wgs84, together};
use super::row::Row;
use crate::error::{Notice, NoticeKind, Problem, Tally, grouped, lie_exchanged};
use crate::index::{Source, is_too_dense};
use crate::model::{AssessedArea, Shape, Shown, SiteLayer, Sites, Status};

/// Notices and problems.
#[derive(Debug, Clone)]
pub struct Remarks {
    /// What limits the numbers.
    pub notices: Tally<Notice>,
    /// What was faulty in the inputs.
    pub problems: Tally<Problem>,
}

impl Remarks {
    /// None yet; so many of a kind will be kept.
    #[must_use]
    pub const fn new(most: u64) -> Self {
        Self { notices: Tally::new(most), problems: Tally::new(most) }
    }

    /// Adds those of another behind these.
    pub fn append(&mut self, other: Self) {
        self.notices.append(other.notices);
        self.problems.append(other.problems);
    }
}

/// Where areas lie, all together.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    bounds: Option<[f64; 4]>,
    /// Whether some area has a footprint, and some of these lies on a source.
    is_placed: bool,
    is_on_source: bool,
}

impl Extent {
    pub(super) fn of(prepared: &Prepared, places: &Places) -> Self {
        let is_placed = prepared.footprint.is_ok();
        Self {
            bounds: prepared.footprint.as_ref().ok().and_then(bounds),
            is_placed,
            is_on_source: is_placed && !prepared.is_outside(places),
        }
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self {
            bounds: self.bounds.into_iter().chain(other.bounds).reduce(together),
            is_placed: self.is_placed || other.is_placed,
            is_on_source: self.is_on_source || other.is_on_source,
        }
    }

    /// The extents of areas and sources, if no area that has a footprint lies on any source.
    pub(super) fn outside_everything(&self, sources: &[&Source]) -> Option<Problem> {
        if !self.is_placed || self.is_on_source {
            return None;
        }
        let sources = sources.iter().map(|source| {
            let declared = &source.declared;
            (declared.name.clone(), bounds_wgs84(&declared.grid))
        });
        Some(Problem::OutsideEverything { areas: self.bounds?, sources: sources.collect() })
    }

    /// The layers of which no site lies within the bounds of all areas.
    pub(super) fn sites_elsewhere(&self, sites: &Sites) -> Vec<Problem> {
        let Some(areas) = self.bounds else { return Vec::new() };
        let elsewhere = |(place, layer): (usize, &SiteLayer)| {
            let of_layer = || sites.sites.iter().filter(move |site| site.layer == place);
            let of_sites = of_layer().filter_map(|site| bounds(&site.geometry));
            let of_sites = of_sites.reduce(together)?;
            let near = |turn: f64| {
                of_sites[0] + turn <= areas[2]
                    && of_sites[2] + turn >= areas[0]
                    && of_sites[1] <= areas[3]
                    && of_sites[3] >= areas[1]
            };
            if [-360.0, 0.0, 360.0].into_iter().any(near) {
                return None;
            }
            let is_told =
                !of_layer().any(|site| site.is_sensitive || !matches!(site.shown, Shown::AsItIs));
            let (layer, sites) = (layer.name.to_string(), is_told.then_some(of_sites));
            let is_exchanged = lie_exchanged(of_sites, areas);
            Some(Problem::SitesElsewhere { layer, sites, areas, is_exchanged })
        };
        sites.layers.iter().enumerate().filter_map(elsewhere).collect()
    }
}

/// What rows that follow each other found, sorted as it is told.
pub(super) struct Found {
    reading: Remarks,
    /// By mending, and then what could not be carried.
    mended: Remarks,
    not_carried: Tally<Problem>,
    /// Of areas outside of sources.
    outside: Tally<Notice>,
    /// Notices of rows that are not ok come first: of many the last are not read.
    not_ok: Tally<Notice>,
    ok: Tally<Notice>,
    extent: Extent,
}

impl Found {
    /// Nothing yet; so many of a kind will be kept.
    pub(super) fn new(most: u64) -> Self {
        Self {
            reading: Remarks::new(most),
            mended: Remarks::new(most),
            not_carried: Tally::new(most),
            outside: Tally::new(most),
            not_ok: Tally::new(most),
            ok: Tally::new(most),
            extent: Extent::default(),
        }
    }

    /// Takes what a row found, and leaves the row.
    pub(super) fn take(&mut self, file: &str, row: Row) -> AssessedArea {
        let Row { assessed, mut notices, reading, mended, outside, extent } = row;
        let called = assessed.area.called();
        for notice in &mut notices {
            notice.name_area(&called);
        }
        notices.extend(implausible(&assessed));
        self.reading.problems.extend(reading.0);
        self.reading.notices.extend(reading.1);
        self.mended.problems.extend(mended.problems);
        self.mended.notices.extend(mended.notices);
        self.outside.extend(outside);
        let is_ok = assessed.status == Status::Ok;
        if is_ok { &mut self.ok } else { &mut self.not_ok }.extend(notices);
        self.not_carried.extend(not_carried(file, &assessed));
        self.extent = self.extent.with(extent);
        assessed
    }

    /// Adds what later rows found.
    pub(super) fn append(&mut self, later: Self) {
        self.reading.append(later.reading);
        self.mended.append(later.mended);
        self.not_carried.append(later.not_carried);
        self.outside.append(later.outside);
        self.not_ok.append(later.not_ok);
        self.ok.append(later.ok);
        self.extent = self.extent.with(later.extent);
    }

    /// What reading found, and what assessing found, as it is told when all rows are there.
    pub(super) fn told(self, sources: &[&Source], sites: Option<&Sites>) -> (Remarks, Remarks) {
        let Self { reading, mut mended, not_carried, outside, not_ok, ok, extent } = self;
        let elsewhere = sites.into_iter().flat_map(|sites| extent.sites_elsewhere(sites));
        mended.problems.extend(elsewhere);
        match extent.outside_everything(sources) {
            Some(problem) => mended.problems.push(problem),
            None => mended.notices.append(outside),
        }
        mended.problems.append(not_carried);
        mended.notices.append(not_ok);
        mended.notices.append(ok);
        (reading, mended)
    }
}

/// A density of people in an area that is higher than anywhere.
fn implausible(row: &AssessedArea) -> Option<Notice> {
    let peak = row.peak_km2.filter(|peak| is_too_dense(*peak))?;
    let text = format!(
        "the population source has {} people per km² at its densest, more than live anywhere: see `measure` and `samples`",
        grouped(peak.round() as u64)
    );
    Some(Notice::of_area(NoticeKind::Implausible, row.area.called(), text))
}

/// The problem of an area whose polygons are sound and cannot be carried to WGS 84.
fn not_carried(file: &str, row: &AssessedArea) -> Option<Problem> {
    let (Shape::Polygons { .. }, Status::Invalid) = (&row.area.shape, row.status) else {
        return None;
    };
    Some(Problem::InvalidArea {
        file: file.to_string(),
        area: row.area.called(),
        feature: row.area.feature,
        found: row.reason.clone().unwrap_or_default(),
        hint: None,
    })
}
