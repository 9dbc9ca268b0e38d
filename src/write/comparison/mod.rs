//! Options side by side: a table for the terminal, Markdown, CSV, JSON.
//!
//! Criteria come before totals, options stay in input order, and a verdict says no more than its word. What
//! may be told of sites that a change of boundary spares is as in an explanation (METHOD §7): by id, in whole
//! points, and only those whose place may be told.

mod criteria;
mod data;
mod text;
mod verdict;

use super::sites::Precision;
use crate::model::columns::Layout;
use crate::model::{Change, Comparison, Gap, Lowering, Site, Sites};
pub use data::{csv, json};
pub(super) use text::{Cell as SheetCell, END, LOWERING_HEADS, Line as SheetLine, Sheet, escaped};
pub use text::{markdown, text};

/// What a comparison is written with.
#[derive(Clone, Copy)]
pub struct With<'a> {
    /// What the scenario is called.
    pub name: &'a str,
    /// The sites; `None` without a sites layer.
    pub sites: Option<&'a Sites>,
    /// Which columns an assessment has.
    pub layout: &'a Layout,
    /// What whole layers do not tell.
    pub gaps: &'a [Gap],
    /// Whether sites and topics that are sensitive are told.
    pub precision: Precision,
}

/// What would lower what an option exposes, as far as it may be told; and how many changes may not.
fn told<'c>(
    lowerings: &'c [Lowering],
    with: &With<'c>,
) -> (Vec<(&'c Lowering, Option<&'c Site>)>, usize) {
    let site = |lowering: &Lowering| match lowering.change {
        Change::Site(place, _) => with.sites.and_then(|sites| sites.sites.get(place)?.open()),
        _ => None,
    };
    let all: Vec<_> = lowerings.iter().map(|lowering| (lowering, site(lowering))).collect();
    // Of what must not be told the numbers of a change would tell, too.
    let is_full = with.precision == Precision::Full;
    let is_told = |(lowering, _): &(&Lowering, Option<&Site>)| is_full || !lowering.is_untold;
    let is_named = |(lowering, site): &(&Lowering, Option<&Site>)| match (&lowering.change, site) {
        (Change::Site(..), Some(site)) => !site.is_sensitive || with.precision == Precision::Full,
        (Change::Site(..), None) => false,
        _ => true,
    };
    let (told, untold): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| is_told(one) && is_named(one));
    (told, untold.len())
}

/// Whether any change is told that names a site.
fn names_sites(comparison: &Comparison, with: &With) -> bool {
    let mut all = comparison.options.iter().flat_map(|option| told(&option.coa.lowerings, with).0);
    all.any(|(_, site)| site.is_some())
}

/// By how many points a change lowers a score, as it may be told: in whole points where it spares a site, of which
/// the digits would tell who depends on it.
fn points_of(lowering: &Lowering) -> f64 {
    if lowering.sites > 0 { lowering.points.round() } else { lowering.points }
}
