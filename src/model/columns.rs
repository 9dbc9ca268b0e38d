//! The columns of an assessment, in order: what files and scripts outside rely on.

use super::{Group, Service, SiteClass};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Columns before those of groups and rings.
const HEAD: [&str; 16] = [
    "area_id",
    "name",
    "coa",
    "phase",
    "start",
    "end",
    "status",
    "reason",
    "flags",
    "area_km2",
    "missing_share",
    "pop_low",
    "pop_best",
    "pop_high",
    "pop_density_km2",
    "pop_peak_km2",
];

/// Columns behind those of groups and rings.
const BURDENS: [&str; 10] = [
    "vulnerable_low",
    "vulnerable_best",
    "vulnerable_high",
    "sites_t1",
    "sites_t2",
    "sites_t3",
    "sites_t4",
    "site_load_low",
    "site_load_best",
    "site_load_high",
];

/// Columns behind those of site classes and services.
const TAIL: [&str; 21] = [
    "dependants_outside",
    "person_days",
    "score_low",
    "score",
    "score_high",
    "band_low",
    "band",
    "band_high",
    "profile",
    "driver",
    "contrib_p",
    "contrib_g",
    "contrib_s",
    "contrib_e",
    "topic_poc",
    "topic_cac",
    "topic_cpp",
    "topic_cthb",
    "topic_crsv",
    "topic_wps",
    "gaps",
];

/// Which columns an assessment has: it follows from the scenario, never from the data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// Whether there is a sites layer: then there are columns of site classes and services.
    pub has_sites: bool,
    /// The groups of people that are declared, in the order of [`Group::ALL`].
    pub groups: Vec<Group>,
    /// The distances of rings in meters, each with columns of its own.
    pub rings_m: Vec<u64>,
}

/// The columns of an assessment, in order.
#[must_use]
pub fn names(layout: &Layout) -> Vec<String> {
    let mut names: Vec<String> = HEAD.iter().map(ToString::to_string).collect();
    for group in &layout.groups {
        names.extend(["low", "best", "high"].map(|bound| format!("{}_{bound}", group.name())));
    }
    for meters in &layout.rings_m {
        names.push(format!("ring_{meters}m_pop_best"));
        names.extend((1..=4).map(|tier| format!("ring_{meters}m_sites_t{tier}")));
    }
    names.extend(BURDENS.iter().map(ToString::to_string));
    if layout.has_sites {
        names.extend(SiteClass::ALL.iter().map(|class| format!("sites_{}", class.name())));
        names.extend(Service::ALL.iter().map(|service| format!("dependants_{}", service.name())));
    }
    names.extend(TAIL.iter().map(ToString::to_string));
    names
}

/// Every column that an assessment may have, but for groups and rings.
pub fn every() -> &'static BTreeSet<String> {
    static NAMES: OnceLock<BTreeSet<String>> = OnceLock::new();
    let layout = Layout { has_sites: true, ..Layout::default() };
    NAMES.get_or_init(|| names(&layout).into_iter().collect())
}

/// Whether a name is that of a column of a group (`children_best`) or a ring (`ring_500m_sites_t1`).
#[must_use]
pub fn is_of_group_or_ring(name: &str) -> bool {
    let group = name.rsplit_once('_').is_some_and(|(group, bound)| {
        matches!(bound, "low" | "best" | "high") && Group::from_name(group).is_some()
    });
    let ring = name.strip_prefix("ring_").and_then(|rest| rest.split_once("m_"));
    let ring = ring.is_some_and(|(meters, what)| {
        meters.parse::<u64>().is_ok()
            && matches!(what, "pop_best" | "sites_t1" | "sites_t2" | "sites_t3" | "sites_t4")
    });
    group || ring
}
