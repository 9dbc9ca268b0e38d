//! Problems summed up for people: those of many features of one file that differ only in the feature.
//!
//! ```text
//! problem: clinics.csv: 176 features: unknown class "clinc" (features 2, 3, 4, 5, 6 and 171 more)
//! ```
//!
//! What stands in quotes and the digits of a value may differ. Programs get each problem by itself.

use civex::error::{Problem, grouped};
use std::collections::BTreeMap;

/// From so many on, problems that are alike are summed up.
const MANY: usize = 6;

/// So many features are named.
const NAMED: usize = 5;

/// One line for people: the sentence, and the way out.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) hint: Option<String>,
    /// Where its first problem stands.
    pub(super) first: usize,
}

/// The lines of problems, in the order of the first of each.
pub(super) fn lines(problems: &[Problem]) -> Vec<Line> {
    let mut alike: BTreeMap<(&str, &str, String), Vec<usize>> = BTreeMap::new();
    let mut single = Vec::new();
    for (place, problem) in problems.iter().enumerate() {
        match problem.shared() {
            Some((file, _, found)) => {
                alike.entry((problem.kind(), file, pattern(found))).or_default().push(place);
            }
            None => single.push(place),
        }
    }
    let mut lines = Vec::new();
    for places in alike.into_values() {
        if places.len() < MANY {
            single.extend(places);
        } else {
            lines.extend(summed(problems, &places));
        }
    }
    let one = |place: usize| {
        let problem = problems.get(place)?;
        Some(Line { text: problem.to_string(), hint: problem.hint(), first: place })
    };
    lines.extend(single.into_iter().filter_map(one));
    lines.sort_by_key(|line| line.first);
    lines
}

/// One line for all problems at some places, which are alike.
fn summed(problems: &[Problem], places: &[usize]) -> Option<Line> {
    let first = *places.first()?;
    let of = |place: &usize| problems.get(*place)?.shared();
    let (file, _, found) = of(&first)?;
    let features: Vec<String> = places.iter().filter_map(of).map(|of| of.1.to_string()).collect();
    let are_same = places.iter().filter_map(of).all(|of| of.2 == found);
    let more = features.len().saturating_sub(NAMED) as u64;
    let named = features.get(..NAMED.min(features.len()))?.join(", ");
    let others = if are_same { "" } else { ", and others like it" };
    let text = format!(
        "{file}: {} features: {found}{others} (features {named} and {} more)",
        grouped(places.len() as u64),
        grouped(more)
    );
    Some(Line { text, hint: problems.get(first)?.hint(), first })
}

/// A sentence without what differs from feature to feature.
fn pattern(found: &str) -> String {
    let quoted =
        found.split('"').enumerate().map(|(place, text)| if place % 2 == 0 { text } else { "" });
    let text: String = quoted.collect::<Vec<_>>().join("\"");
    text.chars().filter(|letter| !letter.is_numeric() && !"+-.,".contains(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_that_are_alike_are_one_line_and_the_others_stay() {
        let site = |feature: usize, found: &str| Problem::Site {
            file: "s.csv".into(),
            site: feature.to_string(),
            feature,
            found: found.into(),
            hint: None,
        };
        let mut problems: Vec<Problem> =
            (1..=9).map(|place| site(place, &format!("no place \"{place}\""))).collect();
        problems.insert(3, site(20, "another fault"));
        let texts: Vec<String> = lines(&problems).into_iter().map(|line| line.text).collect();
        assert_eq!(
            texts,
            [
                "s.csv: 9 features: no place \"1\", and others like it (features 1, 2, 3, 4, 5 and 4 more)",
                "s.csv: site \"20\" (feature 20): another fault",
            ]
        );
    }
}
