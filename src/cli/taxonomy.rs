//! `civex taxonomy`: the classes of civilian sites, as a table or as JSON.
//!
//! ```text
//! $ civex taxonomy
//!  class          tier  load  basis                          topics       service  remarks
//!  hospital       T1    100   GC I 19; GC IV 18; AP I 8(e)…  poc cac wps  health   place-bound
//! ```

use super::screen::Screen;
use std::io::Write;

use civex::error::{Result, WriteError};
use civex::model::Scheme;
use civex::model::{Counted, Service, SiteClass, Tier, Topic};
use civex::read::{osm_table, scheme};
use comfy_table::{Table, presets};
use serde_json::json;

/// List the classes of civilian sites, with their tier and legal basis.
///
/// The load is that of one site (or one km, or one km²) under the built-in scheme. The basis is for
/// counsel: it says why a site is protected, and decides nothing.
///
/// Example: civex taxonomy --json
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// Print the rules by which OpenStreetMap tags become classes; rules of your own are written the same
    /// way (`rules` of a layer of sites).
    #[arg(long, conflicts_with = "json")]
    osm: bool,
}

/// Prints the taxonomy.
pub(crate) fn run(args: &Args, out: &mut Screen) -> Result<()> {
    let scheme = scheme::built_in();
    let text = match (args.osm, args.json) {
        (true, _) => osm_table().trim_end().to_owned(),
        (_, true) => json_of(&scheme),
        _ => table_of(&scheme),
    };
    writeln!(out, "{text}").map_err(|source| WriteError::Io { path: "-".to_owned(), source }.into())
}

/// The classes as a table.
fn table_of(scheme: &Scheme) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(["class", "tier", "load", "basis", "topics", "service", "remarks"]);
    for class in SiteClass::ALL {
        let tier = scheme.rule(class).tier;
        table.add_row([
            class.name().to_owned(),
            tier.map_or("–".to_owned(), |tier| tier.name().to_uppercase()),
            tier.map_or("–".to_owned(), |tier| scheme.load(tier).to_string()),
            class.basis().to_owned(),
            topics(class).join(" "),
            class.service().map_or("", Service::name).to_owned(),
            remarks(class).join(", "),
        ]);
    }
    table.trim_fmt()
}

/// The classes as a JSON array.
fn json_of(scheme: &Scheme) -> String {
    let classes: Vec<_> = SiteClass::ALL
        .into_iter()
        .map(|class| {
            let rule = scheme.rule(class);
            json!({
                "class": class.name(),
                "family": class.family().name(),
                "tier": rule.tier.map(Tier::number),
                "load": rule.tier.map(|tier| scheme.load(tier)),
                "counted": class.counted().name(),
                "basis": class.basis(),
                "topics": topics(class),
                "service": class.service().map(Service::name),
                "place_bound": class.is_place_bound(),
                "by_day": class.is_day(),
                "sensitive": class.is_sensitive(),
                "occupants": class.is_place_bound().then_some(rule.occupants),
                "expected_per_person": rule.rate,
            })
        })
        .collect();
    format!("{:#}", json!(classes))
}

/// The topics of a class by name.
fn topics(class: SiteClass) -> Vec<&'static str> {
    class.topics().iter().copied().map(Topic::name).collect()
}

/// What else is to be known of a class.
fn remarks(class: SiteClass) -> Vec<&'static str> {
    let people = match (class.is_place_bound(), class.is_day()) {
        (true, true) => Some("place-bound by day"),
        (true, false) => Some("place-bound"),
        (false, _) => None,
    };
    let counted = match class.counted() {
        Counted::Each => None,
        other => Some(other.name()),
    };
    let sensitive = class.is_sensitive().then_some("location sensitive");
    [people, counted, sensitive].into_iter().flatten().collect()
}
