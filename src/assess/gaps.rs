//! Gaps of knowledge of an area, and what closing each is worth.
//!
//! The value of asking is how much the range from low to high score narrows if that one thing is known and
//! is as the best estimate has it; everything else stays as it is.
//!
//! Source: METHOD §5 number 6, §7.

use super::row::{Context, Runs};
use super::sites::MappedClasses;
use super::tally::Part;
use super::weigh::{Known, Weighed, is_uncertain, resolved};
use crate::depend::People;
use crate::error::ReadError;
use crate::measure::sphere::{chord_squared, direction};
use crate::model::{
    Burden, Gap, GapKind, Group, InputRecord, Mapped, Role, Scheme, Service, Shown, SiteClass,
};
use geo::{CoordsIter, MultiPolygon};
use std::collections::BTreeMap;

/// Fewer people than this are nobody to ask about.
const LEAST_PEOPLE: f64 = 1.0;

/// What gaps of an area are looked for in.
pub(super) struct Asked<'a> {
    pub(super) known: Known<'a>,
    pub(super) weighed: &'a Weighed,
    /// Whether one population source alone tells of it.
    pub(super) is_single_source: bool,
    /// The share of its surface without population data.
    pub(super) missing: Option<f64>,
    /// Services of which many users live beyond the ground on which sites were looked for.
    pub(super) beyond: &'a [Service],
    pub(super) footprint: &'a MultiPolygon<f64>,
    /// Its cells of the primary source.
    pub(super) runs: &'a Runs<'a>,
}

/// The gaps of an area, those worth most first.
///
/// # Formula
///
/// ```text
/// value = (high − low) now − (high − low) with that one thing as in the best estimate
/// ```
///
/// # Errors
///
/// If a block of the primary raster cannot be read.
pub(super) fn gaps(asked: &Asked, context: &Context) -> Result<Vec<Gap>, ReadError> {
    let now = asked.weighed.width();
    let value = |known: Known| {
        let then = Weighed::new(known, context).width();
        Some((now? - then?).max(0.0))
    };
    let known = asked.known;
    let mut gaps = Vec::new();
    let mut add = |kind, value| gaps.push(Gap { kind, value });
    match known.mapped {
        Some(mapped) if mapped.iter().any(|of| *of != Mapped::Nothing) => {
            for class in unmapped(mapped, context.scheme) {
                let is_known = |other| other == class;
                let value = value(Known { looked: &is_known, ..known });
                add(GapKind::UnmappedClass(class), value);
            }
        }
        _ => {
            let every = |_| true;
            add(GapKind::NoSitesLayer, value(Known { looked: &every, ..known }));
        }
    }
    for service in asked.beyond {
        add(GapKind::BeyondSites(*service), None);
    }
    let rule = &context.scheme.existence;
    // What somebody does not share is asked of nobody else.
    let is_shared = |part: &&Part| {
        let site = context.sites.and_then(|worlds| worlds.sites.sites.get(part.place));
        !part.is_told || site.is_some_and(|site| matches!(site.shown, Shown::AsItIs))
    };
    let uncertain = known.parts.iter().filter(|part| is_uncertain(part, rule));
    let uncertain = uncertain.filter(is_shared);
    let mut by_class: BTreeMap<SiteClass, Vec<usize>> = BTreeMap::new();
    for part in uncertain {
        by_class.entry(part.class).or_default().push(part.place);
    }
    for (class, places) in by_class {
        let parts = resolved(known.parts, &places, rule);
        let value = value(Known { parts: &parts, ..known });
        add(GapKind::UncertainSites(class, places), value);
    }
    if asked.is_single_source {
        let counted = known.counted.map(|people| Burden::exactly(people.best));
        // At several times people in all are known otherwise than by adding up.
        let people = known.people.zip(known.counted).map(|(all, counted)| {
            all.zip(counted, |all, counted| all - counted).map(|rest| rest + counted.best)
        });
        add(GapKind::SingleSource, value(Known { counted, people, ..known }));
    }
    if let Some(share) = asked.missing.filter(|share| *share > 0.0) {
        add(GapKind::MissingPopulation(share), None);
    }
    for (service, people) in unserved(asked, context)? {
        add(GapKind::Unserved(service, people), None);
    }
    let worth = |gap: &Gap| gap.value.unwrap_or(-1.0);
    // Of those worth as much the order of kinds stays.
    gaps.sort_by(|one, two| worth(two).total_cmp(&worth(one)));
    Ok(gaps)
}

/// The classes of which sites are to be expected and that are not mapped in all of an area.
fn unmapped(mapped: &MappedClasses, scheme: &Scheme) -> Vec<SiteClass> {
    let is_expected = |class: &SiteClass| {
        scheme.rule(*class).rate > 0.0 && mapped[*class as usize] != Mapped::All
    };
    SiteClass::ALL.into_iter().filter(is_expected).collect()
}

/// The services that are mapped and that some people of an area have no site of within reach.
fn unserved(asked: &Asked, context: &Context) -> Result<Vec<(Service, f64)>, ReadError> {
    let Some((services, worlds)) = context.services.zip(context.sites) else {
        return Ok(Vec::new());
    };
    let margin = services.residents.half_cell();
    let Some(ball) = ball(asked.footprint, margin) else { return Ok(Vec::new()) };
    let is_mapped = |service: &Service| {
        worlds.sites.mapped.iter().any(|class| class.service() == Some(*service))
            && context.scheme.radius_km(*service).is_some()
    };
    let givers = services.givers.open();
    let is_open = |service: &Service| !givers.serves_all(*service, ball.0, ball.1);
    let open: Vec<Service> = Service::ALL.into_iter().filter(is_mapped).filter(is_open).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let people = People { residents: services.residents, givers, runs: asked.runs.all() };
    let mut found = Vec::new();
    for service in open {
        let count = people.unserved(service)?;
        if count >= LEAST_PEOPLE {
            found.push((service, count));
        }
    }
    Ok(found)
}

/// A ball on the sphere that holds a footprint and the cells of which a part lies in it: a point in its middle,
/// and how far its farthest vertex and so much more is, along the chord.
fn ball(footprint: &MultiPolygon<f64>, margin: f64) -> Option<([f64; 3], f64)> {
    let bounds = super::prepare::bounds(footprint)?;
    let middle = [f64::midpoint(bounds[0], bounds[2]), f64::midpoint(bounds[1], bounds[3])];
    let center = direction(middle);
    let far = |at: geo::Coord<f64>| chord_squared(center, direction([at.x, at.y]));
    let farthest = footprint.coords_iter().map(far).fold(0.0, f64::max).sqrt();
    // Edges bulge.
    Some((center, farthest * 1.1 + margin))
}

/// What whole layers do not tell: those that are stale, and groups that none tells of.
#[must_use]
pub fn of_layers(inputs: &[InputRecord], groups: &[Group], scheme: &Scheme) -> Vec<Gap> {
    let stale = |input: &InputRecord| {
        let limit = match input.role {
            Role::Population => scheme.stale_after.population,
            Role::Sites => scheme.stale_after.sites,
            _ => return None,
        };
        let age = input.age_years?;
        let name = input.name.clone().unwrap_or_else(|| input.path.clone());
        (age > limit).then_some(Gap { kind: GapKind::StaleLayer(name, age), value: None })
    };
    // Those that a topic is about.
    let wanted = [Group::Children, Group::WomenGirls, Group::Displaced];
    let missing = wanted.into_iter().filter(|group| !groups.contains(group));
    let missing = missing.map(|group| Gap { kind: GapKind::MissingGroup(group), value: None });
    let mut gaps: Vec<Gap> = inputs.iter().filter_map(stale).collect();
    // Several rasters of one layer are one gap.
    gaps.dedup();
    gaps.extend(missing);
    gaps
}

/// How many years lie between two days; a year alone is its middle.
#[must_use]
pub fn age_years(from: &str, to: &str) -> Option<f64> {
    let day = |text: &str| -> Option<jiff::civil::Date> {
        let year = text.parse::<i16>().ok().filter(|_| text.len() == 4);
        let middle = year.and_then(|year| jiff::civil::Date::new(year, 7, 1).ok());
        middle.or_else(|| text.get(..10)?.parse().ok())
    };
    let days = (day(to)? - day(from)?).get_days();
    Some((f64::from(days) / 365.25).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_counted_in_years() {
        let age = |from, to| age_years(from, to).map(|years| format!("{years:.2}"));
        assert_eq!(age("2019-05-09", "2026-11-22").as_deref(), Some("7.54"));
        assert_eq!(age("2020", "2026-07-01").as_deref(), Some("6.00"));
        assert_eq!(age("2027", "2026-07-01").as_deref(), Some("0.00"));
        assert_eq!(age("soon", "2026-07-01"), None);
    }
}
