//! The criteria of a comparison: one a row, a value for each option.

use super::With;
use crate::model::{AssessedArea, Burden, Compared, Comparison, Dimension, Mapped, Status, Topic};
use crate::write::topics::may_tell;
use crate::write::words::{UNKNOWN, number, points, share, surface, whole};

/// What a value is of, and so how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    People,
    /// People in sites, whom no raster tells of.
    Occupants,
    /// People who depend on sites.
    Dependants,
    Count,
    Load,
    Surface,
    Share,
    Points,
}

/// One criterion.
pub(super) struct Criterion {
    /// Its column in an assessment.
    pub(super) key: String,
    /// What it is called.
    pub(super) label: String,
    pub(super) kind: Kind,
    /// The value of each option.
    pub(super) values: Vec<Option<f64>>,
    /// Its bounds, if it has any.
    pub(super) bounds: Option<Vec<Option<Burden>>>,
    /// Whether each option has the least of all, where they differ and that can be told.
    pub(super) is_least: Vec<bool>,
    /// Whether more may be there of each option than its value says.
    pub(super) is_bound: Vec<bool>,
}

/// How a criterion is told of one option.
type Of<'o> = &'o dyn Fn(&AssessedArea) -> Option<f64>;

/// All criteria, before any total.
pub(super) fn criteria(comparison: &Comparison, with: &With) -> Vec<Criterion> {
    let table = Table { comparison };
    let mut all = vec![table.triple("pop", "people", &|row| row.people)];
    for (place, group) in with.layout.groups.iter().enumerate() {
        let label = group.name().replace('_', " ");
        let of = |row: &AssessedArea| row.groups.get(place).copied().flatten();
        all.push(table.triple(group.name(), &format!("  {label}"), &of));
    }
    if with.layout.has_sites {
        let vulnerable = |row: &AssessedArea| row.sites.as_ref()?.vulnerable;
        let triple = table.triple("vulnerable", "vulnerable", &vulnerable);
        let is_bound = table.lower_bounds(Dimension::Vulnerable);
        all.push(Criterion { kind: Kind::Occupants, is_bound, ..triple });
        for tier in 0..4 {
            let of = |row: &AssessedArea| Some(row.sites.as_ref()?.tiers[tier].found? as f64);
            let name = format!("sites_t{}", tier + 1);
            let is_least =
                |row: &AssessedArea| row.sites.as_ref().is_some_and(|of| of.tiers[tier].is_least);
            let one = table.one(&name, &format!("sites t{}", tier + 1), Kind::Count, &of);
            all.push(Criterion { is_bound: table.each(&is_least), ..one });
        }
        let load = |row: &AssessedArea| row.sites.as_ref()?.load;
        let triple = table.triple("site_load", "site load", &load);
        let is_bound = table.lower_bounds(Dimension::Sites);
        all.push(Criterion { kind: Kind::Load, is_bound, ..triple });
        let outside = |row: &AssessedArea| row.sites.as_ref()?.dependants_outside;
        let is_bound = table.lower_bounds(Dimension::Services);
        let one = table.one("dependants_outside", "dependants", Kind::Dependants, &outside);
        all.push(Criterion { is_bound, ..one });
    }
    all.push(table.one("person_days", "person-days", Kind::People, &|row| row.person_days));
    for topic in Topic::ALL.into_iter().filter(|topic| may_tell(*topic, with.precision)) {
        let label = match topic {
            // The score itself.
            Topic::Poc => continue,
            Topic::Cac => "topic children",
            Topic::Cpp => "topic culture",
            Topic::Cthb => "topic trafficking",
            Topic::Crsv => "topic sexual violence",
            Topic::Wps => "topic women",
        };
        let of = |row: &AssessedArea| row.score.topics[topic as usize];
        let one = table.one(&format!("topic_{}", topic.name()), label, Kind::Points, &of);
        all.push(Criterion { is_bound: table.each(&|row| row.is_least(topic)), ..one });
    }
    let gaps = |row: &AssessedArea| row.footprint.as_ref().map(|_| row.gaps.len() as f64);
    all.push(table.one("gaps", "gaps", Kind::Count, &gaps));
    let missing = |row: &AssessedArea| row.missing_share;
    all.push(table.one("missing_share", "no population data", Kind::Share, &missing));
    let surface = |row: &AssessedArea| row.surface_km2;
    all.push(Criterion {
        is_least: vec![false; comparison.options.len()],
        ..table.one("area_km2", "km²", Kind::Surface, &surface)
    });
    all.retain(|criterion| criterion.values.iter().any(Option::is_some));
    all.into_iter().map(without_stars_of_bounds).collect()
}

/// No option has the least by a number that may be larger.
fn without_stars_of_bounds(criterion: Criterion) -> Criterion {
    let both = criterion.is_least.iter().zip(&criterion.is_bound);
    let is_least = both.map(|(is_least, is_bound)| *is_least && !is_bound).collect();
    Criterion { is_least, ..criterion }
}

/// The score, with its bounds.
pub(super) fn score(comparison: &Comparison) -> Criterion {
    let score = |row: &AssessedArea| {
        let score = &row.score;
        Some(Burden { low: score.low?, best: score.best?, high: score.high? })
    };
    let triple = Table { comparison }.triple("score", "score", &score);
    let is_bound = Table { comparison }.each(&AssessedArea::lacks_sites);
    without_stars_of_bounds(Criterion { kind: Kind::Points, is_bound, ..triple })
}

struct Table<'c> {
    comparison: &'c Comparison,
}

impl Table<'_> {
    fn rows(&self) -> impl Iterator<Item = &AssessedArea> {
        self.comparison.options.iter().map(|option| &option.coa.whole.row)
    }

    /// Whether something holds for each option.
    fn each(&self, holds: &dyn Fn(&AssessedArea) -> bool) -> Vec<bool> {
        self.rows().map(holds).collect()
    }

    /// Whether more may be there of each option than is known of a dimension.
    fn lower_bounds(&self, dimension: Dimension) -> Vec<bool> {
        self.each(&|row| row.known(dimension) != Mapped::All)
    }

    fn one(&self, key: &str, label: &str, kind: Kind, of: Of) -> Criterion {
        let values: Vec<Option<f64>> = self.rows().map(of).collect();
        let is_least = self.least(&values, kind);
        let (key, label) = (key.to_string(), label.to_string());
        let is_bound = vec![false; values.len()];
        Criterion { key, label, kind, values, bounds: None, is_least, is_bound }
    }

    fn triple(
        &self,
        key: &str,
        label: &str,
        of: &dyn Fn(&AssessedArea) -> Option<Burden>,
    ) -> Criterion {
        let bounds: Vec<Option<Burden>> = self.rows().map(of).collect();
        let best = |row: &AssessedArea| of(row).map(|burden| burden.best);
        Criterion { bounds: Some(bounds), ..self.one(key, label, Kind::People, &best) }
    }

    /// Which options have the least, where all that are ranked have a number: none in which people may be missing, where
    /// people are counted, and none of which less is known of sites than of another, where sites are.
    fn least(&self, values: &[Option<f64>], kind: Kind) -> Vec<bool> {
        let all = &self.comparison.options;
        let least = values.iter().flatten().copied().reduce(f64::min);
        let most = values.iter().flatten().copied().reduce(f64::max);
        let is_known = |(option, value): (&Compared, &Option<f64>)| {
            option.not_ranked.is_some() || value.is_some()
        };
        let differ = least < most && all.iter().zip(values).all(is_known);
        let has_all_people = |option: &Compared| {
            let whole = &option.coa.whole;
            whole.row.status == Status::Ok && whole.left_out.is_empty()
        };
        let has_all_sites =
            |option: &Compared| !all.iter().any(|of| option.coa.lacks_beside(&of.coa).is_some());
        let is_known = |option: &Compared| match kind {
            Kind::People => has_all_people(option),
            Kind::Points | Kind::Dependants => has_all_people(option) && has_all_sites(option),
            _ => has_all_sites(option),
        };
        let is_least = |(option, value): (&Compared, &Option<f64>)| {
            differ && value.is_some() && *value == least && is_known(option)
        };
        all.iter().zip(values).map(is_least).collect()
    }
}

impl Kind {
    /// A value as people read it.
    pub(super) fn text(self, value: Option<f64>) -> String {
        let Some(value) = value else { return UNKNOWN.into() };
        match self {
            Self::People | Self::Occupants | Self::Dependants | Self::Count => whole(value),
            Self::Load => number(value),
            Self::Surface => surface(value),
            Self::Share => share(value),
            Self::Points => points(value),
        }
    }

    /// Decimals in machine formats.
    pub(super) const fn decimals(self) -> u32 {
        match self {
            Self::People | Self::Occupants | Self::Dependants | Self::Load => 3,
            Self::Count => 0,
            Self::Surface | Self::Share => 6,
            Self::Points => 4,
        }
    }
}
