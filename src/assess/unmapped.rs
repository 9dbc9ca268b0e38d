//! The ground of an area on which nobody has looked for sites, class by class, and how many people may live on it.
//!
//! Source: METHOD §1, *Place-bound people and sites*: unknowns are expected among the people of that ground.

use super::people::{self, Asked};
use super::prepare::Beyond;
use super::row::{Context, Remarks};
use crate::error::ReadError;
use crate::model::{Burden, SiteClass, Unmapped};

/// The unmapped ground of each class, in the order of [`SiteClass::ALL`].
pub(super) type UnmappedClasses = [Unmapped; SiteClass::ALL.len()];

/// Finds the unmapped ground of each class in an area with so many people.
///
/// # Formula
///
/// ```text
/// share of people = P_high of the ground / P_high of the area, 1 at most
/// ```
///
/// # Errors
///
/// Those of [`people::people`].
pub(super) fn unmapped(
    area: &Asked,
    (beyond, people): (&[Beyond], Option<Burden>),
    context: &Context,
) -> Result<UnmappedClasses, ReadError> {
    let whole = Unmapped { km2: area.surface_km2, share_of_people: 1.0 };
    let mut unmapped = [whole; SiteClass::ALL.len()];
    let by_class = context.sites.map_or(&[][..], |worlds| &worlds.sites.grounds.by_class);
    for ((_, classes), beyond) in by_class.iter().zip(beyond) {
        let Beyond::Rest { surface_km2, zones } = beyond else { continue };
        let ground = Asked { zones, surface_km2: *surface_km2, ..*area };
        let of_ground = if zones.is_empty() {
            None
        } else {
            // What limits it limits the area and is told there.
            people::people(&ground, context, &mut Remarks::default())?.people
        };
        let high = |people: Option<Burden>| people.map_or(0.0, |people| people.high);
        let share = high(of_ground) / high(people).max(f64::MIN_POSITIVE);
        let of_class = Unmapped { km2: *surface_km2, share_of_people: share.min(1.0) };
        for class in classes {
            unmapped[*class as usize] = of_class;
        }
    }
    Ok(unmapped)
}
