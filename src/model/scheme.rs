//! The scheme: every value judgement of an assessment, in one place.
//!
//! Plain data, complete and valid once [read](crate::read::scheme): nothing here has a default of its
//! own. The names of the fields are those of METHOD; the numbers of the built-in scheme are in
//! `data/schemes/builtin.toml`.

use super::taxonomy::{Service, SiteClass, Tier};

/// The value judgements of an assessment.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheme {
    /// What it is called.
    pub name: String,
    /// SHA-256 of its values in their canonical text, in hexadecimal: the same for the same values,
    /// whatever the name and however they were written.
    pub digest: String,
    /// Where burdens reach 100.
    pub goalposts: Goalposts,
    /// Load of one site, by tier from the gravest.
    pub tier_loads: [f64; 4],
    /// The most that sites counted by length or surface weigh together in one area, in units of load.
    pub extent_load_cap: f64,
    /// w: weight of each dimension, 0..1.
    pub dimension_weights: [f64; 4],
    /// ω: weight of each service, 0..1.
    pub service_weights: [f64; 9],
    /// How far people go for each service, in km; none for a service without catchment.
    pub radius_km: [Option<f64>; 9],
    /// How people are allotted to the sites that serve them.
    pub allotment: AllotmentRule,
    /// Layers older than this are stale.
    pub stale_after: StaleAfter,
    /// λ: how much the other dimensions add to the largest, 0..1.
    pub lambda: f64,
    /// Least scores that sites bring about.
    pub floors: Floors,
    /// Lower ends of the bands low, moderate, high and very high.
    pub band_thresholds: [f64; 4],
    /// How population sources become bounds and a status.
    pub population: PopulationRule,
    /// Which sites count in which bound.
    pub existence: ExistenceRule,
    /// What is judged of each class.
    pub class_rules: [ClassRule; 39],
    /// Words in names of sites, in addition to the built-in table.
    pub names: NameWords,
}

/// Words in names of sites, in addition to the built-in table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameWords {
    /// Words and phrases that say nothing of which site it is.
    pub generic: Vec<String>,
    /// Words and phrases that tell sites apart.
    pub apart: Vec<String>,
}

/// Where burdens reach 100 on the logarithmic scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goalposts {
    /// P: people.
    pub people: f64,
    /// G: people in place-bound vulnerable situations.
    pub vulnerable: f64,
    /// D: dependants of one service.
    pub dependants: f64,
    /// U: where the steep part of the scale of site load would reach 100.
    pub site_load: f64,
    /// U: where the steep part ends.
    pub site_load_knee: f64,
    /// U: where the flat part reaches 100.
    pub site_load_top: f64,
}

/// Least scores that sites bring about, whatever the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Floors {
    /// With one site of tier 1.
    pub t1: f64,
    /// With one site of tier 2 and none of tier 1.
    pub t2: f64,
}

/// How population sources become bounds and a status.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PopulationRule {
    /// With one source only: low is at most best ÷ this, high at least best × this.
    pub single_source_factor: f64,
    /// A source that misses more of an area than the primary one by this share is left out there.
    pub left_out_margin: f64,
    /// Missing share above which the status is `data_gap`.
    pub data_gap_share: f64,
    /// Missing share above which the status is `not_assessable`.
    pub not_assessable_share: f64,
    /// Fewer cells than this make an area small.
    pub small_area_cells: f64,
}

/// Which sites count in which bound, by the probability p that they exist. High counts p > 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExistenceRule {
    /// Low counts p of at least this.
    pub low: f64,
    /// Best counts p of at least this.
    pub best: f64,
    /// p of a record whose layer states no confidence.
    pub default_confidence: f64,
}

/// How people are allotted to the sites of a service within reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllotmentRule {
    /// All to the nearest.
    Nearest,
    /// To each by its capacity and the inverse square of its distance.
    InverseSquare,
}

impl AllotmentRule {
    /// All rules.
    pub const ALL: [Self; 2] = [Self::Nearest, Self::InverseSquare];

    /// Its word in a scheme.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::InverseSquare => "inverse_square",
        }
    }

    /// The rule of a word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

/// From which age on a layer is stale, in years.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StaleAfter {
    /// A population source.
    pub population: f64,
    /// A layer of sites.
    pub sites: f64,
}

/// What is judged of one class of sites.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClassRule {
    /// Its tier; none for a class that is context.
    pub tier: Option<Tier>,
    /// People inside one such site that states no number; 0 for classes without place-bound people.
    pub occupants: f64,
    /// Sites per person to be expected where no layer maps the class.
    pub rate: f64,
}

impl Scheme {
    /// What is judged of a class.
    #[must_use]
    pub const fn rule(&self, class: SiteClass) -> ClassRule {
        self.class_rules[class as usize]
    }

    /// Load of one site of a tier, or of one km or km² of it.
    #[must_use]
    pub const fn load(&self, tier: Tier) -> f64 {
        self.tier_loads[tier as usize]
    }

    /// Load of one site of a class, 0 for context.
    #[must_use]
    pub fn class_load(&self, class: SiteClass) -> f64 {
        self.rule(class).tier.map_or(0.0, |tier| self.load(tier))
    }

    /// ω of a service.
    #[must_use]
    pub const fn service_weight(&self, service: Service) -> f64 {
        self.service_weights[service as usize]
    }

    /// How far people go for a service, in km; none if it has no catchment.
    #[must_use]
    pub const fn radius_km(&self, service: Service) -> Option<f64> {
        self.radius_km[service as usize]
    }
}

impl Floors {
    /// The least score that the gravest tier present brings about.
    #[must_use]
    pub const fn of(&self, gravest: Option<Tier>) -> f64 {
        match gravest {
            Some(Tier::T1) => self.t1,
            Some(Tier::T2) => self.t2,
            Some(Tier::T3 | Tier::T4) | None => 0.0,
        }
    }
}

/// The numbers of METHOD as a scheme, for tests of stages that open no file; a test of
/// `read::scheme` holds it equal to the built-in scheme.
#[cfg(test)]
pub(crate) fn of_the_method() -> Scheme {
    Scheme {
        name: "built-in".into(),
        digest: String::new(),
        goalposts: Goalposts {
            people: 1e6,
            vulnerable: 1e5,
            dependants: 1e6,
            site_load: 2000.0,
            site_load_knee: 100.0,
            site_load_top: 50_000.0,
        },
        tier_loads: [100.0, 30.0, 10.0, 1.0],
        extent_load_cap: 30.0,
        dimension_weights: [1.0; 4],
        service_weights: [1.0, 1.0, 1.0, 0.8, 0.8, 0.8, 0.6, 0.6, 0.6],
        radius_km: [50, 20, 50, 20, 20, 0, 10, 30, 30].map(|km| (km > 0).then(|| f64::from(km))),
        allotment: AllotmentRule::Nearest,
        stale_after: StaleAfter { population: 5.0, sites: 2.0 },
        lambda: 0.5,
        floors: Floors { t1: 60.0, t2: 40.0 },
        band_thresholds: [20.0, 40.0, 60.0, 80.0],
        population: PopulationRule {
            single_source_factor: 1.5,
            left_out_margin: 0.05,
            data_gap_share: 0.05,
            not_assessable_share: 0.2,
            small_area_cells: 10.0,
        },
        existence: ExistenceRule { low: 0.9, best: 0.5, default_confidence: 0.9 },
        class_rules: SiteClass::ALL.map(class_rule_of_the_method),
        names: NameWords::default(),
    }
}

/// Tier, occupants and rate of a class in METHOD §6.
#[cfg(test)]
fn class_rule_of_the_method(class: SiteClass) -> ClassRule {
    // One digit a class, in METHOD's order, the families apart; 0 is context.
    let tiers = "121221 2231 1111120 2332343 1124 112233 11233".replace(' ', "");
    let tier = Tier::from_number(tiers.as_bytes()[class as usize] - b'0');
    let (occupants, rate) = match class {
        SiteClass::Hospital => (100.0, 1e-5),
        SiteClass::HealthCentre | SiteClass::PowerSupply => (0.0, 1e-4),
        SiteClass::CareInstitution => (50.0, 0.0),
        SiteClass::School => (300.0, 4e-4),
        SiteClass::EarlyChildhood => (60.0, 4e-4),
        SiteClass::ChildCareHome => (30.0, 0.0),
        SiteClass::DisplacementSite => (500.0, 0.0),
        SiteClass::CollectiveCentre | SiteClass::DetentionPlace => (150.0, 0.0),
        SiteClass::SafeHouse => (10.0, 0.0),
        SiteClass::WaterWorks => (0.0, 2e-6),
        _ => (0.0, 0.0),
    };
    ClassRule { tier, occupants, rate }
}
