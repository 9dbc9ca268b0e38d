//! Supply links: a table of which site feeds which.

use super::super::features::{Feature, column, number_of, text_of};
use super::super::place::{Place, Remote};
use super::super::vector;
use crate::error::ReadError;
use crate::model::{LinksEntry, SiteName, ToldLink};
use std::sync::Arc;

/// Names that the column of θ may have.
const THETA: [&str; 3] = ["theta", "θ", "share"];

/// Reads the supply links of a file, a row each: `from`, `to` (ids of sites), `theta` (0 to 1), and
/// `from_source`, `to_source` where an id alone is not enough.
///
/// # Errors
///
/// If the file cannot be read, or lacks one of its columns.
pub fn links(
    entry: &LinksEntry,
    place: &Place,
    remote: Remote,
) -> Result<Vec<ToldLink>, ReadError> {
    let written = &place.written;
    let mut opened = vector::open_placeless(place, entry.layer.as_deref(), remote)?;
    let file: Arc<str> = Arc::from(written.as_str());
    let mut links = Vec::new();
    while let Some(batch) = opened.next()? {
        let before = batch.before() as usize;
        for (at, feature) in batch.read()?.into_iter().enumerate() {
            if links.is_empty() {
                wanted_columns(&feature, written)?;
            }
            let link = told(&feature);
            links.push(ToldLink { file: Arc::clone(&file), row: before + at + 1, link });
        }
    }
    Ok(links)
}

/// Refuses a file without the columns of links.
fn wanted_columns(feature: &Feature, written: &str) -> Result<(), ReadError> {
    let has = |name: &&str| column(&feature.properties, name).is_some();
    let missing = match (has(&"from"), has(&"to"), THETA.iter().any(has)) {
        (false, ..) => "from",
        (_, false, _) => "to",
        (.., false) => "theta",
        _ => return Ok(()),
    };
    let names: Vec<&str> = feature.properties.keys().take(12).map(String::as_str).collect();
    let found = format!("no column \"{missing}\"; it has {}", names.join(", "));
    let hint = "supply links have the columns from, to (ids of sites) and theta (0 to 1)";
    Err(ReadError::unusable_hint(written, found, hint))
}

/// The link of a row, or what is wrong with it.
fn told(feature: &Feature) -> Result<(SiteName, SiteName, f64), String> {
    let value = |name: &str| {
        column(&feature.properties, name).and_then(|name| feature.properties.get(name))
    };
    let text = |name: &str| value(name).and_then(text_of);
    let site = |name: &str| -> Result<SiteName, String> {
        let id = text(name).ok_or_else(|| format!("`{name}` is empty, wanted the id of a site"))?;
        Ok((id, text(&format!("{name}_source"))))
    };
    let (from, to) = (site("from")?, site("to")?);
    let theta = THETA.iter().find_map(|name| value(name));
    let written = theta.and_then(text_of).unwrap_or_default();
    let theta = theta.and_then(number_of).filter(|theta| (0.0..=1.0).contains(theta));
    let theta = theta.ok_or_else(|| format!("theta is \"{written}\", wanted 0 to 1"))?;
    Ok((from, to, theta))
}
