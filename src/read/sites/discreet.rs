//! Reasons for which features are not used, without what may be about persons.
//!
//! A class column of a list that people fill in may hold free text. A value is quoted only if it looks like a word for a
//! kind of thing: it is short, and several features have it or it is almost the name of a class. All others are counted
//! together.

use std::collections::BTreeMap;

/// How the reason for values that are not quoted begins.
pub(super) const OTHERS: &str = "other values in column ";

/// A value has so many letters and words at most, to be quoted.
const SHORT: (usize, usize) = (40, 4);
/// The same of one that a single feature has and that a class was suggested for.
const SINGLE: (usize, usize) = (30, 2);

/// Counts reasons that quote a value of a column which is not to be told as one reason for each column.
pub(super) fn without_rare_values(reasons: &mut BTreeMap<String, u64>) {
    for (why, count) in std::mem::take(reasons) {
        let why = match quoted(&why) {
            Some((value, column, rest)) if !may_be_told(value, (count, rest)) => {
                format!("{OTHERS}\"{column}\" are no class")
            }
            _ => why,
        };
        *reasons.entry(why).or_default() += count;
    }
}

/// The value and the column that a reason quotes, and what it says of them.
pub(super) fn quoted(why: &str) -> Option<(&str, &str, &str)> {
    let (value, rest) = why.strip_prefix('"')?.split_once("\" in column \"")?;
    let (column, rest) = rest.split_once('"')?;
    Some((value, column, rest))
}

fn may_be_told(value: &str, (count, rest): (u64, &str)) -> bool {
    let is_within = |(letters, words): (usize, usize)| {
        value.chars().count() <= letters && value.split_whitespace().count() <= words
    };
    let is_near = rest.contains("did you mean");
    is_within(SHORT) && count > 1 || is_near && is_within(SINGLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_quoted_if_it_is_a_word_for_a_kind() {
        let no_class =
            |value: &str, rest: &str| format!("\"{value}\" in column \"kind\" is no class{rest}");
        let meant = ", did you mean `hospital`?";
        let mut reasons = BTreeMap::from([
            (no_class("Búð", ""), 2),
            (no_class("hospitl", meant), 1),
            (no_class("Maria K., born 1980, room 4", ""), 1),
            (no_class("Ali", ""), 1),
            (no_class("hospital where Ali hides", meant), 1),
            (no_class("she asked that nobody be told where her children go to school", ""), 3),
            ("it has no place".to_string(), 1),
        ]);
        without_rare_values(&mut reasons);
        let wanted = BTreeMap::from([
            (no_class("Búð", ""), 2),
            (no_class("hospitl", meant), 1),
            ("other values in column \"kind\" are no class".to_string(), 6),
            ("it has no place".to_string(), 1),
        ]);
        assert_eq!(reasons, wanted);
    }
}
