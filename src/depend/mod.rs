//! Who depends on what: people allotted to the sites that serve them, and services that feed each other.
//!
//! [`Givers`] are the sites that give a service, where they are and how surely they are there.
//! [`allot()`] goes over all people once and finds D of every giver, the people who depend on it, in
//! three fixed worlds: it is a property of the site, whichever areas are asked later. [`People`] asks the
//! same of the people of one area, and [`Supply`] follows the links by which one site feeds another.
//!
//! Nothing here knows of areas, scores or files.
//!
//! Source: METHOD §1, *Dependants*.

mod allot;
mod givers;
mod near;
mod residents;
mod supply;
#[cfg(test)]
mod tests;

use crate::model::SiteClass;
use std::collections::BTreeSet;

pub use allot::{Dependants, People, allot, share_in_reach};
pub use givers::Givers;
pub use residents::Residents;
pub use supply::Supply;

/// Everything that is known of who depends on the sites of a scenario.
pub struct Services<'a> {
    /// Where people live.
    pub residents: &'a Residents<'a>,
    /// Who serves them.
    pub givers: &'a Givers,
    /// How many depend on each.
    pub dependants: &'a Dependants,
    /// Which site feeds which.
    pub supply: &'a Supply,
}

/// Whether sites of these classes can give a service at all: otherwise nobody is allotted.
#[must_use]
pub fn serve(mapped: &BTreeSet<SiteClass>) -> bool {
    // Of this class by the tags of a site.
    mapped.iter().any(|class| class.service().is_some() || *class == SiteClass::TelecomMediaAdmin)
}
