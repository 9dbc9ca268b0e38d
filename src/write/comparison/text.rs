//! A comparison for people: on the terminal, and as Markdown.

use super::criteria::{Criterion, Kind, criteria, score};
use super::verdict;
use super::{With, names_sites, points_of, told};
use crate::model::{
    Burden, Change, Coa, Compared, Comparison, Flag, Gap, GapKind, Lowering, Site, Status,
};
use crate::write::gaps::Request;
use crate::write::sites::BANNER;
use crate::write::table::{at_least, band_of};
use crate::write::words::{UNKNOWN, bare, called, points, printable, right, share, surface, whole};
use std::fmt::Write;

/// So many gaps of each option are told.
const MOST_GAPS: usize = 2;

/// What is told, before it is known how it is set.
pub(in crate::write) struct Sheet {
    title: String,
    pub(in crate::write) options: Vec<String>,
    /// Criteria, and behind them totals; each with its label and a cell for each option.
    pub(in crate::write) tables: Vec<Vec<Line>>,
    /// Headings and what stands under them.
    pub(in crate::write) notes: Vec<(&'static str, Vec<String>)>,
    /// What would lower what is exposed: heads and rows; and what stands under it.
    pub(in crate::write) lowerings: Vec<Vec<String>>,
    untold: usize,
    with_sites: bool,
}

pub(in crate::write) struct Line {
    pub(in crate::write) label: String,
    pub(in crate::write) cells: Vec<Cell>,
}

pub(in crate::write) struct Cell {
    pub(in crate::write) text: String,
    /// Whether it is the least of its row.
    pub(in crate::write) is_least: bool,
    /// What it stands for, where a bar can show it.
    pub(in crate::write) burden: Option<Burden>,
}

impl Cell {
    const fn of(text: String) -> Self {
        Self { text, is_least: false, burden: None }
    }
}

/// The last line.
pub(in crate::write) const END: &str =
    "Not even the option that exposes fewest is thereby acceptable.";

/// Heads of the table of what would lower what is exposed.
pub(in crate::write) const LOWERING_HEADS: [&str; 9] = [
    "option",
    "change",
    "km²",
    "sites",
    "people",
    "vulnerable",
    "points",
    "people/km²",
    "points/km²",
];

/// The comparison for the terminal.
#[must_use]
pub fn text(comparison: &Comparison, with: With) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _infallible = as_text(&mut out, &Sheet::of(comparison, &with));
    printable(&out)
}

/// The comparison as Markdown.
#[must_use]
pub fn markdown(comparison: &Comparison, with: With) -> String {
    let mut out = String::new();
    let _infallible = as_markdown(&mut out, &Sheet::of(comparison, &with));
    printable(&out)
}

fn as_text(out: &mut String, sheet: &Sheet) -> std::fmt::Result {
    // A name may hold a line break.
    let on_one_line = |text: &str| text.replace(['\n', '\r'], " ");
    writeln!(out, "{}\n", on_one_line(&sheet.title))?;
    let options = sheet.options.iter().map(|option| on_one_line(option));
    let heads = std::iter::once(String::new()).chain(options);
    let mut table = bare(heads, 2);
    for (place, lines) in sheet.tables.iter().enumerate() {
        if place > 0 {
            table.add_row(vec![""; sheet.options.len() + 1]);
        }
        for Line { label, cells } in lines {
            let cell = |cell: &Cell| {
                let mark = if cell.is_least { "* " } else { "" };
                format!("{mark}{}", cell.text)
            };
            table.add_row(std::iter::once(label.clone()).chain(cells.iter().map(cell)));
        }
    }
    right(&mut table, 1..sheet.options.len() + 1);
    lines_of(out, &table)?;
    writeln!(out, "\n*  the least of its row")?;
    for (heading, lines) in &sheet.notes {
        writeln!(out, "\n{heading}")?;
        for line in lines {
            writeln!(out, "  {}", on_one_line(line))?;
        }
    }
    writeln!(out, "\nWhat would lower it")?;
    if !sheet.lowerings.is_empty() {
        let mut table = bare(LOWERING_HEADS, 2);
        for row in &sheet.lowerings {
            table.add_row(row.iter().map(|cell| on_one_line(cell)));
        }
        right(&mut table, 2..LOWERING_HEADS.len());
        for line in table.lines() {
            writeln!(out, "  {}", line.trim_end())?;
        }
    }
    for line in sheet.under_lowerings() {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "\n{END}")
}

fn lines_of(out: &mut String, table: &comfy_table::Table) -> std::fmt::Result {
    table.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

fn as_markdown(out: &mut String, sheet: &Sheet) -> std::fmt::Result {
    writeln!(out, "# {}\n", escaped(&sheet.title))?;
    let row = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> = cells.collect();
        format!("| {} |", cells.join(" | "))
    };
    let options = sheet.options.iter().map(|option| escaped(option));
    writeln!(out, "{}", row(&mut std::iter::once(String::new()).chain(options)))?;
    let rules = std::iter::once("---").chain(sheet.options.iter().map(|_| "---:"));
    writeln!(out, "{}", row(&mut rules.map(ToString::to_string)))?;
    for Line { label, cells } in sheet.tables.iter().flatten() {
        let cell = |cell: &Cell| {
            let text = escaped(&cell.text);
            if cell.is_least { format!("**{text}**") } else { text }
        };
        let label = label.trim();
        writeln!(
            out,
            "{}",
            row(&mut std::iter::once(label.to_string()).chain(cells.iter().map(cell)))
        )?;
    }
    writeln!(out, "\n**Bold**: the least of its row.")?;
    for (heading, lines) in &sheet.notes {
        writeln!(out, "\n## {heading}\n")?;
        for line in lines {
            writeln!(out, "- {}", escaped(line))?;
        }
    }
    writeln!(out, "\n## What would lower it\n")?;
    if !sheet.lowerings.is_empty() {
        writeln!(out, "{}", row(&mut LOWERING_HEADS.iter().map(ToString::to_string)))?;
        let rules = LOWERING_HEADS.iter().enumerate();
        let rules = rules.map(|(place, _)| if place < 2 { "---" } else { "---:" });
        writeln!(out, "{}", row(&mut rules.map(ToString::to_string)))?;
        for cells in &sheet.lowerings {
            writeln!(out, "{}", row(&mut cells.iter().map(|cell| escaped(cell))))?;
        }
        writeln!(out)?;
    }
    for line in sheet.under_lowerings() {
        writeln!(out, "{}\n", escaped(&line))?;
    }
    writeln!(out, "{END}")
}

/// A text that is no markup, on one line.
pub(in crate::write) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '~' | '!' => {
                out.extend(['\\', letter]);
            }
            '\n' | '\r' => out.push(' '),
            // What would become a link by itself.
            '/' if out.ends_with(':') => out.push_str("\\/"),
            '.' if out.to_lowercase().ends_with("www") => out.push_str("\\."),
            other => out.push(other),
        }
    }
    out
}

impl Sheet {
    pub(in crate::write) fn of(comparison: &Comparison, with: &With) -> Self {
        let options: Vec<String> =
            comparison.options.iter().map(|option| option.coa.name.clone()).collect();
        let title = format!("{}: {} options side by side", with.name, options.len());
        let criteria = criteria(comparison, with);
        let mut of_criteria: Vec<Line> =
            criteria.iter().flat_map(|of| lines(of, comparison)).collect();
        of_criteria.push(dominated(comparison));
        let (lowerings, untold) = lowerings(comparison, with);
        Self {
            title,
            options,
            tables: vec![of_criteria, totals(comparison)],
            notes: notes(comparison, &criteria, with),
            lowerings,
            untold,
            with_sites: names_sites(comparison, with),
        }
    }

    pub(in crate::write) fn under_lowerings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.lowerings.is_empty() {
            lines.push("nothing was found that lowers one dimension and raises none".into());
        } else {
            lines.extend([
                "km² are given up; so many fewer sites, people, people in vulnerable situations and points; no dimension rises"
                    .into(),
                "a site is left out with 50 m around it and the way to the boundary; the five changes worth most, sites \
                 by id, blocks by place; points are whole where a site is spared"
                    .into(),
            ]);
        }
        if self.untold > 0 {
            let sites = crate::error::counted(self.untold as u64, "change");
            lines.push(format!(
                "{sites} of sites not shown: location sensitive, or not to be shared"
            ));
        }
        if self.with_sites {
            lines.push(BANNER.into());
        }
        lines
    }
}

/// The lines of a criterion: its best values, and under them its bounds.
fn lines(criterion: &Criterion, comparison: &Comparison) -> Vec<Line> {
    let Criterion { label, kind, values, bounds, is_least, is_bound, .. } = criterion;
    let cells = values.iter().zip(is_least);
    let least = |place: usize, value: Option<f64>| {
        at_least(value.is_some() && is_bound.get(place).is_some_and(|is_bound| *is_bound))
    };
    let of_place = |place: usize| bounds.as_ref().and_then(|bounds| bounds[place]);
    let cells = cells.enumerate().map(|(place, (value, is_least))| Cell {
        text: format!("{}{}", least(place, *value), kind.text(*value)),
        is_least: *is_least,
        burden: of_place(place).or_else(|| value.map(Burden::exactly)),
    });
    let mut lines = vec![Line { label: label.clone(), cells: cells.collect() }];
    if let Some(bounds) = bounds {
        let cells = bounds.iter().zip(&comparison.options);
        let is_bound = |place: usize| is_bound.get(place).is_some_and(|is_bound| *is_bound);
        let cells = cells.enumerate().map(|(place, (burden, option))| {
            Cell::of(range(*burden, (*kind, is_bound(place)), option))
        });
        let indent = label.len() - label.trim_start().len();
        let label = format!("{}  low–high", " ".repeat(indent));
        lines.push(Line { label, cells: cells.collect() });
    }
    lines
}

fn range(burden: Option<Burden>, (kind, is_bound): (Kind, bool), option: &Compared) -> String {
    let Some(Burden { low, high, .. }) = burden else { return UNKNOWN.into() };
    let is_open = option.coa.whole.row.flags.contains(&Flag::HighNotABound);
    let least = at_least(is_bound || (is_open && kind == Kind::People));
    format!("{}–{least}{}", kind.text(Some(low)), kind.text(Some(high)))
}

/// Which options are better in every burden.
fn dominated(comparison: &Comparison) -> Line {
    let by = |option: &Compared| {
        let by = option.dominated_by.iter().map(|dominance| {
            let name = &comparison.options[dominance.by].coa.name;
            if dominance.under_every_source { name.clone() } else { format!("({name})") }
        });
        let names: Vec<String> = by.collect();
        let text = if names.is_empty() { UNKNOWN.into() } else { names.join(", ") };
        Cell::of(text)
    };
    Line { label: "dominated by".into(), cells: comparison.options.iter().map(by).collect() }
}

/// What options amount to: score, band, how often each rank, and ranks by other ways.
fn totals(comparison: &Comparison) -> Vec<Line> {
    let row = |label: &str, of: &dyn Fn(usize, &Compared) -> String| {
        let options = comparison.options.iter().enumerate();
        let cell = |(place, option)| Cell::of(of(place, option));
        Line { label: label.into(), cells: options.map(cell).collect() }
    };
    let mut rows = lines(&score(comparison), comparison);
    rows.push(row("band", &|_, option| {
        let row = &option.coa.whole.row;
        let band = band_of(row, 1).unwrap_or_else(|| UNKNOWN.into());
        let gap = if row.status == Status::DataGap { ", data gap" } else { "" };
        format!("{band}{gap}")
    }));
    rows.push(row("driver", &|_, option| {
        let driver = option.coa.whole.row.score.driver;
        driver.map_or_else(|| UNKNOWN.into(), |driver| driver.name().to_string())
    }));
    for rank in 0..comparison.ranked() {
        let label = match rank {
            0 => "fewest in draws".to_string(),
            rank => format!("  rank {}", rank + 1),
        };
        rows.push(row(&label, &|_, option| {
            option.acceptability.get(rank).map_or_else(|| UNKNOWN.into(), |of| share(*of))
        }));
    }
    let rank = |rank: Option<f64>| rank.map_or_else(|| UNKNOWN.into(), verdict::rank_text);
    rows.push(row("rank by score", &|_, option| rank(option.rank)));
    for way in &comparison.other_ways {
        rows.push(row(&format!("  {}", way.name), &|place, _| rank(way.ranks[place])));
    }
    rows
}

/// By which criteria each option has the least.
fn least_by(comparison: &Comparison, criteria: &[Criterion]) -> Vec<String> {
    // How well an option is known is no reason why it exposes fewer.
    let is_reason =
        |criterion: &&Criterion| !["gaps", "missing_share"].contains(&&criterion.key[..]);
    let of = |(place, option): (usize, &Compared)| {
        let reasons = criteria.iter().filter(is_reason);
        let least = reasons.filter(|criterion| criterion.is_least[place]);
        let labels: Vec<&str> = least.map(|criterion| criterion.label.trim()).collect();
        (!labels.is_empty())
            .then(|| format!("\"{}\" has the least by {}", option.coa.name, labels.join(", ")))
    };
    comparison.options.iter().enumerate().filter_map(of).collect()
}

fn notes(
    comparison: &Comparison,
    criteria: &[Criterion],
    with: &With,
) -> Vec<(&'static str, Vec<String>)> {
    let mut which = vec![verdict::bottom_line(comparison)];
    which.extend(comparison.pairs.iter().map(|pair| verdict::of_pair(comparison, pair)));
    which.extend(verdict::dominance(comparison));
    let mut why = least_by(comparison, criteria);
    why.extend(comparison.options.iter().filter_map(verdict::why));
    let mut sure = drawn(comparison);
    sure.extend(verdict::other_ways(comparison));
    sure.extend(verdict::not_alike(comparison, with.sites));
    let gaps = to_ask(comparison, with);
    let notes = [
        ("Which exposes fewest", which),
        ("Why", why),
        ("How sure", sure),
        ("What to ask first", gaps),
    ];
    notes.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
}

/// What was drawn, and at which hours options are looked at; nothing where there are no two to be ranked.
fn drawn(comparison: &Comparison) -> Vec<String> {
    if comparison.ranked() < 2 {
        return Vec::new();
    }
    let of_sites = ", which sites are there and who depends on them";
    let mut lines = vec![format!(
        "{} draws (seed {}) of weights, λ, goalposts, source of people ({}), edge{}, the same for all options",
        crate::error::grouped(u64::from(comparison.draws)),
        comparison.seed,
        comparison.sources.join(", "),
        if comparison.has_sites() { of_sites } else { "" },
    )];
    if comparison.options.iter().any(|option| option.coa.spread.times.len() > 1) {
        lines.push(
            "an option is looked at on all of its ground at the hours of each of its phases, and the largest number \
             counts: so it may hold more people than its areas at their own hours"
                .into(),
        );
    }
    lines
}

/// The gaps of options that are worth most, each question once; and what whole layers do not tell.
fn to_ask(comparison: &Comparison, with: &With) -> Vec<String> {
    let mut asked: Vec<(Request, Vec<String>)> = Vec::new();
    for option in &comparison.options {
        let gaps = &option.coa.whole.row.gaps;
        // Where nobody counted, nobody knows what it is worth.
        let is_unseen = |gap: &&Gap| matches!(gap.kind, GapKind::MissingPopulation(_));
        let unseen = gaps.iter().filter(is_unseen);
        let unseen = unseen.map(|gap| (gap, format!("not known for \"{}\"", option.coa.name)));
        let worth =
            gaps.iter().filter(|gap| !is_unseen(gap)).filter_map(|gap| Some((gap, gap.value?)));
        let worth = worth.filter(|(_, value)| *value >= 0.05).take(MOST_GAPS);
        let worth = worth
            .map(|(gap, value)| (gap, format!("{} for \"{}\"", points(value), option.coa.name)));
        for (gap, worth) in unseen.chain(worth) {
            let request = Request::about(gap.clone());
            let of_it = asked.iter_mut().find(|(other, _)| other.question() == request.question());
            match of_it {
                Some((_, worths)) => worths.push(worth),
                None => asked.push((request, vec![worth])),
            }
        }
    }
    let line = |(request, worth): &(Request, Vec<String>)| {
        let worth = worth.join(", ");
        format!("{} (ask: {}; worth in points: {worth})", request.question(), request.ask())
    };
    let mut lines: Vec<String> = asked.iter().map(line).collect();
    lines.extend(with.gaps.iter().map(|gap| {
        let request = Request::about(gap.clone());
        format!("{} (ask: {})", request.question(), request.ask())
    }));
    lines
}

/// What would lower what each option exposes, a row each; and how many changes are not told.
fn lowerings(comparison: &Comparison, with: &With) -> (Vec<Vec<String>>, usize) {
    let (mut rows, mut untold) = (Vec::new(), 0);
    for option in &comparison.options {
        let (of_option, not_told) = told(&option.coa.lowerings, with);
        untold += not_told;
        let row =
            |(lowering, site): (&Lowering, Option<&Site>)| lowering_row(option, lowering, site);
        rows.extend(of_option.into_iter().map(row));
    }
    (rows, untold)
}

fn lowering_row(option: &Compared, lowering: &Lowering, site: Option<&Site>) -> Vec<String> {
    let Lowering { km2, sites, people, vulnerable, .. } = *lowering;
    let spared = points_of(lowering);
    let points_text = if lowering.sites > 0 { whole(spared) } else { points(spared) };
    let by_km2 = |amount: f64| if km2 > 0.0 { whole(amount / km2) } else { UNKNOWN.into() };
    vec![
        option.coa.name.clone(),
        change_in_words(&option.coa, lowering, site),
        if km2 > 0.0 { surface(km2) } else { UNKNOWN.into() },
        sites.to_string(),
        whole(people),
        whole(vulnerable),
        points_text,
        by_km2(people),
        by_km2(spared),
    ]
}

/// A change, and where.
pub(super) fn change_in_words(coa: &Coa, lowering: &Lowering, site: Option<&Site>) -> String {
    let at = called(&lowering.areas);
    let at = if at.is_empty() { "its ground".to_string() } else { at };
    match &lowering.change {
        Change::Site(_, meters) => {
            let (class, id) = site.map_or(("site", ""), |site| (site.class.name(), &site.id));
            format!("without {class} {id}, {} m inside {at}", whole(*meters))
        }
        Change::Block([lon, lat]) => {
            format!("without the block at {lat:.4}, {lon:.4}, at the edge of {at}")
        }
        Change::Hours(phase, later) => {
            let (what, s) = match phase {
                Some(phase) => (format!("phase {phase}"), "s"),
                None if coa.phases.is_empty() => ("all of it".into(), "s"),
                None => ("the areas without a phase".into(), ""),
            };
            let hours = if *later == 1 { "hour" } else { "hours" };
            format!("{what} begin{s} and end{s} {later} {hours} later")
        }
    }
}
