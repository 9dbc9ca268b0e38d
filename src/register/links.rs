//! Supply links, each between two sites that are known.

use super::answers::{Ids, site_named};
use crate::error::Problem;
use crate::model::{Link, SiteName, Sites, ToldLink};

/// Puts the links that were told in place; those that cannot be used are problems.
pub(super) fn add(sites: &mut Sites, told: Vec<ToldLink>) -> Vec<Problem> {
    let names = told.iter().filter_map(|told| told.link.as_ref().ok());
    let ids = Ids::of(sites, names.flat_map(|(from, to, _)| [from.0.as_str(), to.0.as_str()]));
    let mut problems = Vec::new();
    for ToldLink { file, row, link } in told {
        match link.and_then(|(from, to, theta)| between(sites, &ids, (&from, &to), theta)) {
            Ok(link) => sites.links.push(link),
            Err(found) => problems.push(Problem::Link { file: file.to_string(), row, found }),
        }
    }
    problems
}

/// The link between two sites by their names.
///
/// # Errors
///
/// A sentence if one of them is not known, or if both are one.
pub(super) fn between(
    sites: &Sites,
    ids: &Ids,
    (from, to): (&SiteName, &SiteName),
    theta: f64,
) -> Result<Link, String> {
    let (from, to) = (site_named(sites, ids, from)?, site_named(sites, ids, to)?);
    if from == to {
        return Err("it links a site to itself, wanted two sites".into());
    }
    Ok(Link { from, to, theta, is_restricted: false })
}
