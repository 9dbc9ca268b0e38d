//! Numbers and names as people read them, and tables of them.

use crate::error::{Called, grouped};
use crate::model::cells::is_shapeless;
use crate::model::{Band, Count, SiteClass};
use comfy_table::{CellAlignment, Table, TableComponent, presets};

/// Stands for what is not known.
pub(super) const UNKNOWN: &str = "–";

/// A text with names from inputs in it, without what would steer a terminal, change the order of letters or hide
/// among them; lines and tabs stay, and what joins letters of Persian and Indic names or keeps them apart.
#[must_use]
pub fn printable(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' | '\t' => letter,
        steering if is_steering(steering) => '\u{fffd}',
        other => other,
    };
    text.chars().map(shown).collect()
}

/// Areas as people know them.
pub(super) fn called(areas: &[Called]) -> String {
    areas.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether a letter steers a terminal, the order of letters or the eye: controls, marks of direction, breaks of
/// lines, letters without a width, tags.
#[must_use]
pub fn is_steering(letter: char) -> bool {
    let is_name = matches!(letter, '\u{ad}' | '\u{200c}' | '\u{200d}');
    letter.is_control() || (is_shapeless(letter) && !is_name)
}

/// Whole people.
pub(super) fn whole(people: f64) -> String {
    grouped(people.round().max(0.0) as u64)
}

/// So many people, in words.
pub(super) fn people(count: f64) -> String {
    match whole(count) {
        one if one == "1" => "one person".into(),
        many => format!("{many} people"),
    }
}

/// A number of sites; at least so many where more may be there.
pub(super) fn sites(count: Count) -> String {
    let least = if count.is_least { "≥ " } else { "" };
    count.found.map_or_else(|| UNKNOWN.into(), |found| format!("{least}{}", grouped(found)))
}

/// Names of classes, so many at most.
pub(super) fn classes(classes: &[SiteClass], most: usize) -> String {
    let names = classes.iter().take(most).map(|class| class.name().replace('_', " "));
    let names: Vec<String> = names.collect();
    match classes.len().saturating_sub(most) {
        0 => names.join(", "),
        1 => format!("{} and 1 class more", names.join(", ")),
        more => format!("{} and {more} classes more", names.join(", ")),
    }
}

/// A number: whole from 100 on, else with a decimal if it needs one.
pub(super) fn number(x: f64) -> String {
    if x >= 100.0 || (x - x.round()).abs() < 0.05 { whole(x) } else { format!("{x:.1}") }
}

/// Points of a score.
pub(super) fn points(score: f64) -> String {
    format!("{score:.1}")
}

/// km² with three digits or so.
pub(super) fn surface(km2: f64) -> String {
    match km2 {
        large if large >= 99.95 => grouped(large.round() as u64),
        middle if middle >= 0.995 => format!("{middle:.1}"),
        small => format!("{small:.3}"),
    }
}

/// A share in percent with a decimal, never `0 %` or `100 %` for what is not.
pub(super) fn share(share: f64) -> String {
    match share {
        none if none <= 0.0 => "0 %".into(),
        all if all >= 1.0 => "100 %".into(),
        little if little < 0.0005 => "<0.1 %".into(),
        most if most >= 0.9995 => ">99.9 %".into(),
        share => format!("{:.1} %", 100.0 * share),
    }
}

/// The name of a band.
pub(super) fn spelled(band: Band) -> String {
    band.name().replace('_', " ")
}

/// A table without lines but one under its heads.
pub(super) fn bare<T: ToString>(heads: impl IntoIterator<Item = T>, apart: u16) -> Table {
    let mut table = Table::new();
    let heads: Vec<String> = heads.into_iter().map(|head| head.to_string()).collect();
    table.load_preset(presets::NOTHING).set_header(heads);
    table.set_style(TableComponent::HeaderLines, '─');
    table.set_style(TableComponent::MiddleHeaderIntersections, '─');
    for column in table.column_iter_mut() {
        column.set_padding((0, apart));
    }
    table
}

/// Aligns columns to the right.
pub(super) fn right(table: &mut Table, columns: std::ops::Range<usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_a_terminal_is_not_handed_on() {
        assert_eq!(printable("A\u{1b}[2J\tß\r"), "A\u{fffd}[2J\tß\u{fffd}");
        for steering in "\u{7f}\u{9b}\u{202a}\u{202e}\u{2066}\u{2069}\u{200b}\u{200e}\u{200f}\u{61c}\u{2028}\u{feff}\u{e0041}"
            .chars()
        {
            assert_eq!(printable(&format!("a{steering}b")), "a\u{fffd}b", "{steering:?}");
        }
    }

    #[test]
    fn names_of_every_script_stay_as_they_are() {
        for name in
            ["مستشفى الشفاء", "בית חולים", "می\u{200c}خواهم", "क्\u{200d}ष", "医院", "Þórshöfn"]
        {
            assert_eq!(printable(name), name);
        }
    }
}
