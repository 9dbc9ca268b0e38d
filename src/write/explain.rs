//! A score taken apart, in words and numbers.
//!
//! What may be told of sites (METHOD §7): each by id with its parts as a site and by its occupants, but those
//! whose place must not be told, and those of a class of which something is not to be shared: these are counted by
//! class. Who depends on a site is never told site by site. People are told by blocks of 30″ with ten of
//! them at least. Nothing is in the order of load, dependants or score.

use super::gaps::{self, group_in_words, in_words};
use super::sites::{BANNER, Precision};
use super::table::{at_least, band_of, lower_bound, not_mapped};
use super::topics;
use super::words::{UNKNOWN, bare, number, printable, right, whole};
use crate::error::grouped;
use crate::model::columns::Layout;
use crate::model::{
    AllotmentRule, AssessedArea, Burden, Dimension, Explained, Flag, MadeOf, Mapped, OfDimension,
    OfSite, Scheme, Service, Shown, Site, SiteClass, Sites, Tier, Topic,
};
use comfy_table::Table;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What an explanation is written with.
#[derive(Clone, Copy)]
pub struct With<'a> {
    /// The value judgements.
    pub scheme: &'a Scheme,
    /// The sites; `None` without a sites layer.
    pub sites: Option<&'a Sites>,
    /// Which columns the assessment has.
    pub layout: &'a Layout,
    /// Whether sites whose place is sensitive are told one by one.
    pub precision: Precision,
    /// Whether every block of people is told.
    pub all_blocks: bool,
}

/// So many blocks are told one by one unless all are asked for.
const FEW_BLOCKS: usize = 40;

/// The explanation as text.
#[must_use]
pub fn text(explained: &Explained, with: With) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _infallible = all(&mut out, explained, with);
    printable(&out)
}

fn all(out: &mut String, explained: &Explained, with: With) -> std::fmt::Result {
    head(out, explained)?;
    if let Some(made_of) = &explained.made_of {
        formula(out, explained, made_of, with.scheme)?;
        burdens(out, explained, made_of, with)?;
        services(out, explained, made_of, with.scheme)?;
        sites(out, (made_of, &explained.row), with)?;
        people(out, made_of, with)?;
        without(out, made_of, with)?;
        topics(out, explained, with.precision)?;
    }
    requests(out, explained)?;
    writeln!(
        out,
        "\nA score says how many people and civilian sites are exposed, not what would happen to them.\n\
         No band, not even the lowest, says that exposure is acceptable."
    )
}

fn head(out: &mut String, explained: &Explained) -> std::fmt::Result {
    let row = &explained.row;
    let area = &row.area;
    let key = area.key();
    match &area.name {
        Some(name) => writeln!(out, "{name} ({key})")?,
        None => writeln!(out, "{key}")?,
    }
    if let (Some(start), Some(end)) = (&area.start, &area.end) {
        writeln!(out, "{start} to {end}")?;
    }
    writeln!(out)?;
    match (row.score.low, row.score.best, row.score.high) {
        (Some(low), Some(best), Some(high)) => {
            let least = at_least(row.lacks_sites());
            writeln!(
                out,
                "Score {least}{best:.2}, between {low:.2} and {least}{high:.2}{}",
                bands(row)
            )?;
        }
        (Some(low), ..) => writeln!(out, "Score not known, at least {low:.2}")?,
        _ => writeln!(out, "No score")?,
    }
    if let Some(reason) = &row.reason {
        writeln!(out, "Status {}: {reason}", row.status.name().replace('_', " "))?;
    }
    if let Some(text) = not_mapped(std::slice::from_ref(row)) {
        writeln!(out, "≥ at least: {text}")?;
    }
    if !row.flags.is_empty() {
        let flags: Vec<String> =
            row.flags.iter().map(|flag| flag.name().replace('_', " ")).collect();
        writeln!(out, "To be kept in mind: {}", flags.join(", "))?;
    }
    Ok(())
}

fn bands(row: &AssessedArea) -> String {
    let is_one = row.score.bands[0] == row.score.bands[2];
    match [0, 1, 2].map(|bound| band_of(row, bound)) {
        [Some(_), Some(best), Some(_)] if is_one => format!(": band {best}"),
        [Some(low), Some(best), Some(high)] => format!(": band {best}, from {low} to {high}"),
        _ => ": no band".into(),
    }
}

/// The formula with its values filled in.
fn formula(
    out: &mut String,
    explained: &Explained,
    made_of: &MadeOf,
    scheme: &Scheme,
) -> std::fmt::Result {
    let MadeOf { dimensions, largest, rest, floor, .. } = made_of;
    let score = explained.row.score.best.unwrap_or_default();
    let of = if explained.row.lacks_sites() { "; of what is mapped" } else { "" };
    writeln!(out, "\nHow it comes about (best estimate{of})\n")?;
    let mut table =
        bare(["dimension", "burden", "points s", "weight w", "v = w·s", "part of score"], 2);
    let row = &explained.row;
    for of in dimensions {
        let known = |text: String| in_known(row, of.dimension, text);
        table.add_row([
            dimension_in_words(of.dimension).to_string(),
            known(amount(of.burden.best, of.dimension)),
            known(format!("{:.2}", of.points)),
            format!("{}", of.weight),
            known(format!("{:.2}", of.points * of.weight)),
            known(format!("{:.2}", of.part)),
        ]);
    }
    let sum: f64 = dimensions.iter().map(|of| of.part).sum();
    let together = format!("{}{sum:.2}", at_least(row.lacks_sites()));
    table.add_row(["together", "", "", "", "", &together]);
    right(&mut table, 1..6);
    lines(out, &table)?;
    writeln!(out, "\n  score = max( M + λ·(1 − M/100)·R , floor )")?;
    let lambda = scheme.lambda;
    let floor_text = match floor {
        Some((tier, least)) if *least > 0.0 => {
            format!("{least} for a site of tier {}", tier.number())
        }
        _ => "0".into(),
    };
    let worst = largest + lambda * (1.0 - largest / 100.0) * rest;
    writeln!(
        out,
        "        = max( {largest:.2} + {lambda}·(1 − {largest:.2}/100)·{rest:.2} , {floor_text} ) = max( {worst:.2} , {} ) = {score:.2}",
        floor.map_or(0.0, |(_, least)| least),
    )?;
    writeln!(out, "  M: the largest v; R: the mean of the other three; λ = {lambda}")?;
    writeln!(
        out,
        "  Parts are Shapley values: what each dimension adds, over all orders in which they may come."
    )?;
    writeln!(out)?;
    for of in dimensions {
        writeln!(out, "  {}", points_in_words(row, of, (made_of, scheme)))?;
    }
    Ok(())
}

/// A number of a dimension as it is known: unknown where nobody has looked, at least so much where somebody did in part.
fn in_known(row: &AssessedArea, dimension: Dimension, text: String) -> String {
    match row.known(dimension) {
        Mapped::All => text,
        Mapped::Part(_) => format!("≥ {text}"),
        Mapped::Nothing => UNKNOWN.into(),
    }
}

/// How a burden becomes points, with its numbers.
fn points_in_words(
    row: &AssessedArea,
    of: &OfDimension,
    (made_of, scheme): (&MadeOf, &Scheme),
) -> String {
    let known = row.known(of.dimension);
    if known == Mapped::Nothing {
        let name = dimension_in_words(of.dimension);
        return format!("s({name}) is unknown and adds nothing: no layer maps such sites here");
    }
    let goalposts = &scheme.goalposts;
    let x = of.burden.best;
    let log = |x: f64, goalpost: f64| {
        format!("100·ln(1 + {}) / ln(1 + {})", number(x), grouped(goalpost as u64))
    };
    match of.dimension {
        Dimension::People => format!("s(people) = {} = {:.2}", log(x, goalposts.people), of.points),
        Dimension::Vulnerable => {
            format!("s(vulnerable) = {} = {:.2}", log(x, goalposts.vulnerable), of.points)
        }
        Dimension::Sites if x <= goalposts.site_load_knee => {
            format!("s(site load) = {} = {:.2}", log(x, goalposts.site_load), of.points)
        }
        Dimension::Sites => {
            let knee = goalposts.site_load_knee;
            let at = 100.0 * knee.ln_1p() / goalposts.site_load.ln_1p();
            format!(
                "s(site load) = a + (100 − a)·ln({}/{knee}) / ln({}/{knee}) = {:.2}, a = {at:.2} at the knee of {knee}",
                number(x),
                grouped(goalposts.site_load_top as u64),
                of.points
            )
        }
        Dimension::Services => match made_of.driving {
            None if known == Mapped::All => {
                "s(services) = 0: nobody depends on a site inside".into()
            }
            None => "s(services) ≥ 0: nobody is known to depend on a site inside".into(),
            Some(service) => format!(
                "s(services) = ω·{} = {:.2}, ω = {} for {}, the service that weighs most",
                log(x, goalposts.dependants),
                of.points,
                scheme.service_weight(service),
                in_words(service)
            ),
        },
    }
}

/// What is there, at three bounds.
fn burdens(
    out: &mut String,
    explained: &Explained,
    made_of: &MadeOf,
    with: With,
) -> std::fmt::Result {
    let row = &explained.row;
    writeln!(out, "\nWhat is there\n")?;
    let mut table = bare(["burden", "low", "best", "high"], 2);
    let mut add = |name: &str, burden: Burden, dimension: Dimension| {
        let [low, best, high] = [burden.low, burden.best, burden.high];
        let mut cells = [low, best, high].map(|x| amount(x, dimension));
        // People may be missing, and with them those of a group.
        if dimension == Dimension::People && row.flags.contains(&Flag::HighNotABound) {
            cells[2] = format!("≥ {}", cells[2]);
        }
        cells = cells.map(|cell| in_known(row, dimension, cell));
        table.add_row([vec![name.to_string()], cells.to_vec()].concat());
    };
    for of in &made_of.dimensions {
        add(dimension_in_words(of.dimension), of.burden, of.dimension);
    }
    for (group, burden) in with.layout.groups.iter().zip(&row.groups) {
        if let Some(burden) = burden {
            add(group_in_words(*group), *burden, Dimension::People);
        }
    }
    right(&mut table, 1..4);
    lines(out, &table)?;
    writeln!(out)?;
    if let Some(km2) = row.surface_km2 {
        writeln!(out, "  Surface {km2:.3} km²")?;
    }
    if let Some(missing) = row.missing_share.filter(|share| *share > 0.0) {
        writeln!(out, "  {:.1} % of it without population data", 100.0 * missing)?;
    }
    if let Some(peak) = row.peak_km2 {
        writeln!(out, "  Densest block {} people/km²", number(peak))?;
    }
    if let Some(days) = row.person_days {
        writeln!(out, "  {} person-days over its time", number(days))?;
    }
    if made_of.expected_load > 0.0 {
        let load = number(made_of.expected_load);
        writeln!(out, "  High site load with {load} for sites to be expected that no layer maps")?;
    }
    Ok(())
}

/// Who depends on what, service by service.
fn services(
    out: &mut String,
    explained: &Explained,
    made_of: &MadeOf,
    scheme: &Scheme,
) -> std::fmt::Result {
    let counts = explained.row.sites.as_ref();
    let unknown = |service: &Service| {
        counts.is_none_or(|sites| sites.dependants[*service as usize].is_none())
    };
    let unknown: Vec<&str> = Service::ALL.into_iter().filter(unknown).map(in_words).collect();
    let known = explained.row.known(Dimension::Services);
    if made_of.services.is_empty() {
        return match known {
            Mapped::All => Ok(()),
            Mapped::Part(_) => {
                writeln!(out, "\nWho depends on sites inside: nobody who is known of")?;
                tell_unknown(out, &unknown)
            }
            Mapped::Nothing => {
                writeln!(
                    out,
                    "\nWho depends on sites inside: unknown, no layer maps sites that serve people"
                )
            }
        };
    }
    writeln!(out, "\nWho depends on sites inside, by service\n")?;
    let mut table = bare(
        ["service", "low", "best", "high", "of these by supply links", "ω·s", "part of score"],
        2,
    );
    for of in &made_of.services {
        let Burden { low, best, high } = of.dependants;
        let is_least = counts.is_some_and(|sites| sites.dependants_least[of.service as usize]);
        let known = |text: String| format!("{}{text}", at_least(is_least));
        table.add_row([
            in_words(of.service).to_string(),
            known(whole(low)),
            known(whole(best)),
            known(whole(high)),
            whole(best - of.first_order),
            known(format!("{:.2}", of.points)),
            known(format!("{:.2}", of.part)),
        ]);
    }
    right(&mut table, 1..7);
    lines(out, &table)?;
    let rule = match scheme.allotment {
        AllotmentRule::Nearest => "the nearest site of the service within reach",
        AllotmentRule::InverseSquare => {
            "the sites within reach, by capacity and the inverse square of their distance"
        }
    };
    writeln!(out, "\n  Everybody is allotted once, to {rule}.")?;
    tell_unknown(out, &unknown)?;
    let outside = explained.row.sites.as_ref().and_then(|sites| sites.dependants_outside);
    if let (Some(service), Some(outside)) = (made_of.driving, outside) {
        let service = in_words(service);
        writeln!(
            out,
            "  Of those who depend on it for {service}, {}{} live outside the area.",
            lower_bound(&explained.row, Dimension::Services),
            whole(outside)
        )?;
    }
    Ok(())
}

/// The services of which nobody has looked for sites.
fn tell_unknown(out: &mut String, services: &[&str]) -> std::fmt::Result {
    if services.is_empty() {
        return Ok(());
    }
    writeln!(out, "  Not known for {}: no layer maps such sites here.", services.join(", "))
}

/// Sites with their parts of the score.
fn sites(
    out: &mut String,
    (made_of, row): (&MadeOf, &AssessedArea),
    with: With,
) -> std::fmt::Result {
    let known = row.known(Dimension::Sites);
    let Some(all) = with.sites.filter(|_| known != Mapped::Nothing) else {
        return writeln!(out, "\nSites: unknown, no layer of civilian sites covers it");
    };
    let least = at_least(known != Mapped::All);
    if made_of.sites.is_empty() {
        let of = if known == Mapped::All { "" } else { " that is mapped" };
        return writeln!(out, "\nSites: none{of} lies in it by the best estimate");
    }
    writeln!(out, "\nSites in it, by id          {BANNER}\n")?;
    let mut table =
        bare(["id", "class", "name", "tier", "load", "as a site", "occupants", "by occupants"], 2);
    let (mut listed, mut by_class) = (Vec::new(), BTreeMap::new());
    let hidden = hidden(all);
    for of in &made_of.sites {
        let Some(site) = all.sites.get(of.place) else { continue };
        let known = site.open().unwrap_or(site);
        if is_by_id(site, of.is_told, with.precision, &hidden) {
            listed.push((known, of));
        } else {
            by_class.entry(known.class.name()).or_insert(Sum::default()).add(of);
        }
    }
    listed.sort_by(|(a, _), (b, _)| (&a.id, all.source(a)).cmp(&(&b.id, all.source(b))));
    for (site, of) in listed {
        table.add_row([
            site.id.clone(),
            site.class.name().to_string(),
            site.name.clone().unwrap_or_default(),
            site.tier.map_or("–".into(), |tier| Tier::number(tier).to_string()),
            number(of.load),
            format!("{:.2}", of.part),
            number(of.occupants),
            format!("{:.2}", of.occupants_part),
        ]);
    }
    for (class, sum) in by_class {
        table.add_row([
            format!("({} not told by id)", sum.count),
            class.to_string(),
            String::new(),
            String::new(),
            number(sum.load),
            format!("{:.2}", sum.part),
            number(sum.occupants),
            format!("{:.2}", sum.occupants_part),
        ]);
    }
    let of_people = lower_bound(row, Dimension::Vulnerable);
    let mut all = Sum::default();
    made_of.sites.iter().for_each(|of| all.add(of));
    table.add_row([
        "together".to_string(),
        String::new(),
        String::new(),
        String::new(),
        format!("{least}{}", number(all.load)),
        format!("{least}{:.2}", all.part),
        format!("{of_people}{}", number(all.occupants)),
        format!("{of_people}{:.2}", all.occupants_part),
    ]);
    right(&mut table, 3..8);
    lines(out, &table)
}

/// The class of a site as everybody knows it.
fn open_class(site: &Site) -> SiteClass {
    site.open().unwrap_or(site).class
}

/// The classes of which somebody does not share something.
fn hidden(all: &Sites) -> BTreeSet<SiteClass> {
    if all.links.iter().any(|link| link.is_restricted) {
        return SiteClass::ALL.into_iter().collect();
    }
    let is_hidden = |site: &&Site| !matches!(site.shown, Shown::AsItIs);
    all.sites.iter().filter(is_hidden).map(open_class).collect()
}

/// Whether a site is told by itself, not with others of its class. What somebody does not share could be told from
/// the sites of its class beside it, so none of them is.
fn is_by_id(
    site: &Site,
    is_told: bool,
    precision: Precision,
    hidden: &BTreeSet<SiteClass>,
) -> bool {
    (!site.is_sensitive || precision == Precision::Full)
        && !(is_told && hidden.contains(&open_class(site)))
}

/// Sites that are told together.
#[derive(Default)]
struct Sum {
    count: usize,
    load: f64,
    part: f64,
    occupants: f64,
    occupants_part: f64,
}

impl Sum {
    fn add(&mut self, of: &OfSite) {
        self.count += 1;
        self.load += of.load;
        self.part += of.part;
        self.occupants += of.occupants;
        self.occupants_part += of.occupants_part;
    }
}

/// Blocks of people with their parts of the score.
fn people(out: &mut String, made_of: &MadeOf, with: With) -> std::fmt::Result {
    let MadeOf { blocks, sparse, uncounted, .. } = made_of;
    if blocks.is_empty() && sparse.count == 0 && uncounted.count == 0 {
        return writeln!(out, "\nPeople: nobody is counted in it");
    }
    writeln!(out, "\nPeople in it, by blocks of 30″\n")?;
    let mut table = bare(["middle of block", "people", "part of score"], 2);
    let is_listed = with.all_blocks || blocks.len() <= FEW_BLOCKS;
    if is_listed {
        for block in blocks {
            let [lon, lat] = block.center;
            let place = format!("{lat:.4} {lon:.4}");
            table.add_row([place, number(block.people), format!("{:.2}", block.part)]);
        }
    } else {
        for (from, to) in [(10.0, 100.0), (100.0, 1000.0), (1000.0, f64::INFINITY)] {
            let of = blocks.iter().filter(|block| block.people >= from && block.people < to);
            let (mut count, mut people, mut part) = (0, 0.0, 0.0);
            for block in of {
                (count, people, part) = (count + 1, people + block.people, part + block.part);
            }
            let name = if to.is_finite() {
                format!("{count} blocks of {from} to {to} people")
            } else {
                format!("{count} blocks of {from} people or more")
            };
            if count > 0 {
                table.add_row([name, number(people), format!("{part:.2}")]);
            }
        }
    }
    if sparse.count > 0 {
        let name = format!("{} blocks of fewer than 10 people", sparse.count);
        table.add_row([name, number(sparse.people), format!("{:.2}", sparse.part)]);
    }
    if uncounted.people > 0.0 {
        let name = "occupants of sites that no raster counts".to_string();
        table.add_row([name, number(uncounted.people), format!("{:.2}", uncounted.part)]);
    }
    let people = sparse.people + uncounted.people + blocks.iter().map(|of| of.people).sum::<f64>();
    let part = sparse.part + uncounted.part + blocks.iter().map(|of| of.part).sum::<f64>();
    table.add_row(["together".to_string(), number(people), format!("{part:.2}")]);
    right(&mut table, 1..3);
    lines(out, &table)?;
    if !is_listed {
        writeln!(out, "  `--blocks` tells each of them")?;
    }
    Ok(())
}

/// What a change of the boundary could spare.
fn without(out: &mut String, made_of: &MadeOf, with: With) -> std::fmt::Result {
    let Some(all) = with.sites else { return Ok(()) };
    let is_told = |place: usize| made_of.sites.iter().any(|of| of.place == place && of.is_told);
    let hidden = hidden(all);
    let told = made_of.without.iter().filter_map(|of| {
        let site = all.sites.get(of.place)?;
        // How far a place is that must not be told would tell it.
        let is_by_id = is_by_id(site, is_told(of.place), Precision::Generalized, &hidden);
        is_by_id.then_some((site.open()?, of))
    });
    let mut told: Vec<_> = told.collect();
    if told.is_empty() {
        return Ok(());
    }
    told.sort_by(|(a, _), (b, _)| (&a.id, all.source(a)).cmp(&(&b.id, all.source(b))));
    writeln!(
        out,
        "\nIf the boundary spared one site (those within 2 km of it, the 20 nearest at most, by id)\n"
    )?;
    let mut table = bare(["id", "class", "from the boundary", "score"], 2);
    for (site, of) in told {
        let points = match of.points.round() {
            0.0 => "the same".to_string(),
            less => format!("{less} less"),
        };
        let meters = format!("{} m", grouped(of.meters.round() as u64));
        table.add_row([site.id.clone(), site.class.name().to_string(), meters, points]);
    }
    right(&mut table, 2..4);
    lines(out, &table)
}

/// The score as each topic sees it.
fn topics(out: &mut String, explained: &Explained, precision: Precision) -> std::fmt::Result {
    writeln!(out, "\nTopics: the same formula over the sites of each topic\n")?;
    let mut table = bare(["topic", "score", ""], 2);
    let row = &explained.row;
    for (topic, score) in Topic::ALL.into_iter().zip(row.score.topics) {
        let (name, of) = (topics::in_words(topic), people_of(topic));
        // Their sites are mostly those whose place must not be told.
        if !topics::may_tell(topic, precision) {
            table.add_row([name, "", "with `--full-precision` alone"]);
            continue;
        }
        let why = match score {
            Some(_) => of.to_string(),
            None if row.is_unmapped(topic) => "no layer maps its sites here".into(),
            None => format!("{of}: no source tells how many"),
        };
        let score = topics::score(row, topic, |score| format!("{score:.2}"));
        table.add_row([name.to_string(), score, why]);
    }
    right(&mut table, 1..2);
    lines(out, &table)
}

/// The people whom a topic is about.
const fn people_of(topic: Topic) -> &'static str {
    match topic {
        Topic::Poc => "the score itself",
        Topic::Cac => "people: children",
        Topic::Cpp => "no people of its own",
        Topic::Cthb | Topic::Crsv => "people: the displaced",
        Topic::Wps => "people: women and girls",
    }
}

/// What is not known, worth most first.
fn requests(out: &mut String, explained: &Explained) -> std::fmt::Result {
    if explained.row.gaps.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\nWhat is not known, and by how many points the range of the score would narrow\n"
    )?;
    let mut table = bare(["points", "question", "whom to ask"], 2);
    for request in gaps::of_row(&explained.row) {
        let value = request.value().map_or("–".into(), |value| format!("{value:.2}"));
        table.add_row([value, request.question(), request.ask().to_string()]);
    }
    right(&mut table, 0..1);
    lines(out, &table)
}

const fn dimension_in_words(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::People => "people",
        Dimension::Vulnerable => "vulnerable people in sites",
        Dimension::Sites => "site load",
        Dimension::Services => "dependants",
    }
}

fn amount(x: f64, dimension: Dimension) -> String {
    if dimension == Dimension::Sites { number(x) } else { whole(x) }
}

fn lines(out: &mut String, table: &Table) -> std::fmt::Result {
    for line in table.lines() {
        writeln!(out, "  {}", line.trim_end())?;
    }
    Ok(())
}
