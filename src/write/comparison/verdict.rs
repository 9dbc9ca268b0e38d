//! The verdict in words: which exposes fewest, how surely, and why not more can be said.

use crate::error::{counted, grouped};
use crate::model::{
    Compared, Comparison, Dimension, Flag, Lack, Losses, Mapped, Mapping, NotRanked, Pair,
    SiteClass, Sites, Status, Unclear, Verdict,
};
use crate::write::table::parts;
use crate::write::words::{called, classes, share};

/// At most so many classes are named in a line.
const MOST_CLASSES: usize = 6;
/// At most so many reasons of a loss are named.
const MOST_REASONS: usize = 5;

/// The name of an option, in quotes.
fn name(comparison: &Comparison, place: usize) -> String {
    comparison.options.get(place).map_or_else(String::new, |of| format!("\"{}\"", of.coa.name))
}

/// Names in a row: `"A"`, `"A" and "B"`, `"A", "B" and "C"`.
fn names(comparison: &Comparison, places: &[usize]) -> String {
    let names: Vec<String> = places.iter().map(|place| name(comparison, *place)).collect();
    match &names[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The bottom line.
pub(super) fn bottom_line(comparison: &Comparison) -> String {
    let first = |option: &Compared| option.acceptability.first().copied();
    let ranked = comparison.options.iter().enumerate();
    let ranked = ranked.filter_map(|(place, option)| Some((place, first(option)?)));
    // Where several are alike they share first ranks: an option that a pair puts behind another leads nobody.
    let is_behind = |place: usize| {
        let mut pairs = comparison.pairs.iter();
        pairs.any(|pair| pair.verdict >= Verdict::Leaning && pair.less_first().1 == place)
    };
    let most = |one: (usize, f64), two: (usize, f64)| if two.1 > one.1 { two } else { one };
    let ahead = ranked.clone().filter(|(place, _)| !is_behind(*place)).reduce(most);
    let leader = ahead.or_else(|| ranked.clone().reduce(most));
    let Some((leader, _)) = leader else {
        return "No option can be ranked.".into();
    };
    let others: Vec<usize> = ranked.map(|(place, _)| place).filter(|of| *of != leader).collect();
    if others.is_empty() {
        return format!("{} alone can be ranked.", name(comparison, leader));
    }
    let verdict = |other: usize| {
        let pair = comparison.pairs.iter().find(|pair| pair.is_of(leader, other));
        let pair = pair.filter(|pair| pair.less_first().0 == leader);
        pair.map_or(Verdict::Indistinguishable, |pair| pair.verdict)
    };
    let with = |wanted: &[Verdict]| -> Vec<usize> {
        others.iter().copied().filter(|other| wanted.contains(&verdict(*other))).collect()
    };
    let alike = with(&[Verdict::Indistinguishable]);
    let withheld = with(&[Verdict::Withheld]);
    let mut group = vec![leader];
    group.extend(&alike);
    group.sort_unstable();
    let text = if alike.is_empty() {
        let least = others.iter().map(|other| verdict(*other)).min();
        match least {
            Some(Verdict::Robust) => {
                format!("{} exposes fewest, robustly.", name(comparison, leader))
            }
            Some(Verdict::Likely) => format!("{} likely exposes fewest.", name(comparison, leader)),
            Some(Verdict::Leaning) => {
                format!("{} exposes fewest by a leaning, no more.", name(comparison, leader))
            }
            _ => format!("{} exposes fewest by what is known.", name(comparison, leader)),
        }
    } else if group.len() == comparison.options.len() {
        format!("{} are indistinguishable.", names(comparison, &group))
    } else {
        let rest: Vec<usize> =
            others.iter().copied().filter(|other| !group.contains(other)).collect();
        let (all, more) = (names(comparison, &group), names(comparison, &rest));
        if more.is_empty() {
            format!("{all} are indistinguishable.")
        } else {
            format!("{all} are indistinguishable; more are exposed by {more}.")
        }
    };
    let text = if comparison.has_sites() {
        let not_mapped = not_mapped(comparison, leader);
        not_mapped.map_or_else(|| text.clone(), |not_mapped| format!("{text} {not_mapped}"))
    } else {
        format!("{text} By people alone: no layer of civilian sites covers these areas.")
    };
    if withheld.is_empty() {
        return text;
    }
    let unknown = unknown_of(comparison, leader, &withheld);
    let (leader, others) = (name(comparison, leader), names(comparison, &withheld));
    format!("{text} But not all of {leader} is known: {unknown}, so it is not put before {others}.")
}

/// How many classes of sites are not mapped in all of an option.
fn not_mapped(comparison: &Comparison, place: usize) -> Option<String> {
    let mapped = comparison.options.get(place)?.coa.whole.row.sites.as_ref()?.mapped;
    let loaded = || SiteClass::ALL.into_iter().filter(|class| class.has_load());
    let open = loaded().filter(|class| mapped[*class as usize] != Mapped::All).count();
    let (all, name) = (loaded().count(), name(comparison, place));
    (open > 0).then(|| {
        format!("But {open} of {all} classes of civilian sites are not mapped in all of {name}.")
    })
}

/// What may be missing in an option that is not put before others.
fn unknown_of(comparison: &Comparison, place: usize, others: &[usize]) -> &'static str {
    let coa = |place: usize| comparison.options.get(place).map(|option| &option.coa);
    let lack = |other: &usize| coa(place)?.lacks_beside(coa(*other)?);
    match others.iter().find_map(lack) {
        Some(Lack::Ground) => "civilian sites may be there that no layer lists",
        Some(Lack::Features) => "a layer of sites near it lost more of its features",
        Some(Lack::Users) => {
            "more people may use its sites, who live where nobody has looked for other sites"
        }
        None => "more people may be there than are counted",
    }
}

/// What can be said of a pair.
pub(super) fn of_pair(comparison: &Comparison, pair: &Pair) -> String {
    let (less, more, of_draws) = pair.less_first();
    let missing = |place: usize| {
        let option = comparison.options.get(place);
        option.and_then(|option| option.coa.whole.row.missing_share).unwrap_or(0.0)
    };
    let unseen = (missing(less) > missing(more)).then(|| missing(less));
    let unknown = unknown_of(comparison, less, &[more]);
    let (less, more) = (name(comparison, less), name(comparison, more));
    let of_draws = share(of_draws);
    let said = match pair.verdict {
        Verdict::Robust => {
            format!("{less} robustly exposes fewer than {more}: in {of_draws} of the draws")
        }
        Verdict::Likely => {
            format!("{less} likely exposes fewer than {more}: in {of_draws} of the draws")
        }
        Verdict::Leaning => {
            format!("it leans to {less} before {more}: in {of_draws} of the draws")
        }
        Verdict::Indistinguishable => format!(
            "{less} and {more} are indistinguishable: {less} exposes fewer in {of_draws} of the draws"
        ),
        Verdict::Withheld => {
            return format!(
                "{less} and {more}: not told apart; {less} exposes fewer in {of_draws} of the draws, but {unknown}"
            );
        }
    };
    match unseen {
        Some(unseen) => {
            format!(
                "{said}, as far as is known: nobody counted {} of the surface of {less}",
                share(unseen)
            )
        }
        None => said,
    }
}

/// Burdens beside people.
const BURDENS: [(&str, Dimension); 3] = [
    ("vulnerable", Dimension::Vulnerable),
    ("site load", Dimension::Sites),
    ("dependants of each service", Dimension::Services),
];

/// Options that are worse by every criterion.
pub(super) fn dominance(comparison: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    if comparison.ranked() < 2 {
        return lines;
    }
    let ranked = || comparison.options.iter().filter(|of| of.not_ranked.is_none());
    let states = |dimension| ranked().map(move |option| option.coa.whole.row.known(dimension));
    let with = |holds: &dyn Fn(Mapped) -> bool| -> Vec<&str> {
        let of = BURDENS.iter().filter(|(_, dimension)| states(*dimension).any(holds));
        of.map(|(name, _)| *name).collect()
    };
    let known = with(&|of| of != Mapped::Nothing);
    let least = with(&|of| matches!(of, Mapped::Part(_)));
    let burdens = match known.len() {
        0 => "people, the one burden that is known".into(),
        3 => format!("any burden (people, {})", known.join(", ")),
        _ => format!("people and {}, the burdens that are known", known.join(", ")),
    };
    for (place, option) in comparison.options.iter().enumerate() {
        for dominance in &option.dominated_by {
            let (own, by) = (name(comparison, place), name(comparison, dominance.by));
            let sources = if dominance.under_every_source {
                "under every population source"
            } else {
                "under the primary population source alone"
            };
            lines.push(format!("{own} exposes no fewer than {by} in {burdens}, {sources}"));
        }
    }
    if lines.is_empty() && least.is_empty() {
        let text =
            "no option is the better one in every burden, so it depends on how they are weighed";
        lines.push(text.into());
    } else if lines.is_empty() {
        lines.push(format!(
            "no option can be told to be the better one in every burden: of {} more may be there than was found",
            least.join(", ")
        ));
    }
    lines
}

/// What drives the score of an option, with the parts of its dimensions.
pub(super) fn why(option: &Compared) -> Option<String> {
    let row = &option.coa.whole.row;
    let driver = row.score.driver?;
    row.score.contributions?;
    let parts = Dimension::ALL.iter().zip(parts(row));
    let parts: Vec<String> =
        parts.map(|(dimension, part)| format!("{} {part}", dimension.name())).collect();
    Some(format!("\"{}\": {} weigh most ({})", option.coa.name, driver.name(), parts.join(", ")))
}

/// What is not known alike of all options.
pub(super) fn not_alike(comparison: &Comparison, sites: Option<&Sites>) -> Vec<String> {
    let options = &comparison.options;
    let mut lines = Vec::new();
    if !comparison.has_sites() {
        lines.push(
            "no layer of civilian sites covers these areas: nobody knows who is in vulnerable situations, which sites are \
             there and who depends on them, and any option may be the worse one by them"
                .into(),
        );
    }
    lines.extend(sites.into_iter().flat_map(lost));
    lines.extend(unmapped(options));
    let far = options.iter().filter(|of| of.coa.whole.row.flags.contains(&Flag::BeyondSites));
    lines.extend(far.map(|option| {
        format!(
            "many who use the sites of \"{}\" live beyond the ground on which sites were looked for, and count in the \
             high number alone",
            option.coa.name
        )
    }));
    lines.extend(alike(options));
    let Unclear { of_none, hours } = &comparison.unclear;
    let unclear = [
        ("areas without an option (`coa`), in which nobody is counted", of_none),
        ("areas whose hours cannot be told, taken to be used by day", hours),
    ];
    let unclear = unclear.into_iter().filter(|(_, areas)| !areas.is_empty());
    lines.extend(unclear.map(|(what, areas)| format!("{what}: {}", called(areas))));
    for option in options {
        let (row, own) = (&option.coa.whole.row, format!("\"{}\"", option.coa.name));
        if let Some(why) = option.not_ranked {
            lines.push(format!("{own} is not ranked: {}", why_not(why)));
            continue;
        }
        let missing = row.missing_share.filter(|share| *share > 0.0);
        if let Some(missing) = missing {
            let gap =
                if row.status == Status::Ok { "" } else { ", and is not put before others for it" };
            lines.push(format!(
                "{own} has no population data on {} of its surface: more people may be there than are counted{gap}",
                share(missing)
            ));
        }
        let left_out = &option.coa.whole.left_out;
        if !left_out.is_empty() {
            lines.push(format!(
                "{own} is counted without {}, which {} no usable polygon",
                called(left_out),
                if left_out.len() == 1 { "has" } else { "have" }
            ));
        }
    }
    if options.iter().any(|option| !option.less_known_than.is_empty()) {
        lines.push(
            "an option in which people or sites may be missing is not ranked before another; its rank by score is by what \
             was counted"
                .into(),
        );
    }
    if !comparison.sources_left_out.is_empty() {
        lines.push(format!(
            "no draw takes people from {}, which {} no number for some option",
            comparison.sources_left_out.join(", "),
            if comparison.sources_left_out.len() == 1 { "has" } else { "have" }
        ));
    }
    lines
}

/// Layers of sites that lost features.
fn lost(sites: &Sites) -> Vec<String> {
    let of = |mapping: &Mapping| {
        let Losses { features, by_reason } = &mapping.losses;
        let lost = mapping.losses.lost();
        let reasons = by_reason.iter().map(|(why, count)| format!("{} ({why})", grouped(*count)));
        let reasons: Vec<String> = reasons.take(MOST_REASONS).collect();
        (lost > 0).then(|| {
            format!(
                "{} lost {} of {}: {}",
                mapping.layer,
                grouped(lost),
                counted(*features, "feature"),
                reasons.join(", ")
            )
        })
    };
    sites.mappings.iter().filter_map(of).collect()
}

/// Classes of sites that are not mapped in all of some option; those that are mapped nowhere as one.
fn unmapped(options: &[Compared]) -> Vec<String> {
    let mapped = |option: &Compared| option.coa.whole.row.sites.as_ref().map(|sites| sites.mapped);
    let loaded = || SiteClass::ALL.into_iter().filter(|class| class.has_load());
    let is_nowhere = |class: &SiteClass| {
        options.iter().filter_map(mapped).all(|of| of[*class as usize] == Mapped::Nothing)
    };
    if options.iter().all(|option| mapped(option).is_none()) {
        return Vec::new();
    }
    let nowhere: Vec<SiteClass> = loaded().filter(is_nowhere).collect();
    let mut lines = Vec::new();
    if !nowhere.is_empty() && nowhere.len() < loaded().count() {
        lines.push(format!(
            "no layer maps {} in any option: such sites may be there",
            classes(&nowhere, MOST_CLASSES)
        ));
    }
    for option in options {
        let Some(of) = mapped(option) else { continue };
        let in_part: Vec<SiteClass> = loaded()
            .filter(|class| of[*class as usize] != Mapped::All && !nowhere.contains(class))
            .collect();
        if !in_part.is_empty() {
            lines.push(format!(
                "\"{}\" reaches beyond the mapped ground of {}: more may be there",
                option.coa.name,
                classes(&in_part, MOST_CLASSES)
            ));
        }
    }
    lines
}

/// Options whose names are hardly told apart, so that they may be meant as one.
fn alike(options: &[Compared]) -> Vec<String> {
    let meant = options.iter().map(|option| option.coa.name.trim().to_lowercase());
    let meant: Vec<String> = meant.collect();
    let mut lines = Vec::new();
    for (place, one) in options.iter().enumerate() {
        let others = options.iter().zip(&meant).skip(place + 1);
        let others = others.filter(|(_, other)| **other == meant[place]);
        lines.extend(others.map(|(two, _)| {
            let (one, two) = (&one.coa.name, &two.coa.name);
            format!("\"{one}\" and \"{two}\" differ by capitals or blanks alone, and are taken as two options")
        }));
    }
    lines
}

/// Why an option is not ranked.
pub(super) fn why_not(why: NotRanked) -> String {
    match why {
        NotRanked::NoPeople => "nobody knows how many people are there".into(),
        NotRanked::TooLittleData(missing) => {
            format!("{} of its surface has no population data, too much to tell", share(missing))
        }
        NotRanked::NoFootprint => "its areas have no usable polygon".into(),
    }
}

/// Whether the order hangs on how dimensions are put together.
pub(super) fn other_ways(comparison: &Comparison) -> Vec<String> {
    if comparison.ranked() < 2 {
        return Vec::new();
    }
    let own: Vec<Option<f64>> = comparison.options.iter().map(|option| option.rank).collect();
    let differing = comparison.other_ways.iter().filter(|way| way.ranks != own);
    let mut lines: Vec<String> = differing
        .map(|way| {
            let ranks = comparison.options.iter().zip(&way.ranks).filter_map(|(option, rank)| {
                Some(format!("\"{}\" {}", option.coa.name, rank_text((*rank)?)))
            });
            let ranks: Vec<String> = ranks.collect();
            format!(
                "put together by {} the ranks are {}: {:.1} ranks apart on average",
                way_in_words(way.name),
                ranks.join(", "),
                way.mean_shift
            )
        })
        .collect();
    if lines.is_empty() {
        lines.push(
            "the order is the same with an arithmetic mean, a geometric mean and the largest dimension alone"
                .into(),
        );
    }
    lines
}

fn way_in_words(name: &str) -> &str {
    match name {
        "arithmetic" => "an arithmetic mean",
        "geometric" => "a geometric mean",
        "maximum" => "the largest dimension alone",
        other => other,
    }
}

/// A rank: `2`, or `1–2` where two share it.
pub(super) fn rank_text(rank: f64) -> String {
    if rank.fract() == 0.0 { format!("{rank:.0}") } else { format!("{rank:.1}") }
}
