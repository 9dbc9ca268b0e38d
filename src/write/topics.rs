//! Topics in words, and which of them may be told where.

use super::sites::Precision;
use super::table::at_least;
use super::words::UNKNOWN;
use crate::model::{AssessedArea, Topic};

/// Whether a topic may be told on pages and in KML (METHOD §7).
pub(super) fn may_tell(topic: Topic, precision: Precision) -> bool {
    precision == Precision::Full || !matches!(topic, Topic::Cthb | Topic::Crsv)
}

/// The score of a row as a topic sees it; at least so much where some class of it is not mapped.
pub(super) fn score(row: &AssessedArea, topic: Topic, points: impl Fn(f64) -> String) -> String {
    let text = |score| format!("{}{}", at_least(row.is_least(topic)), points(score));
    row.score.topics[topic as usize].map_or_else(|| UNKNOWN.into(), text)
}

/// A topic in words.
pub(super) const fn in_words(topic: Topic) -> &'static str {
    match topic {
        Topic::Poc => "protection of civilians",
        Topic::Cac => "children and armed conflict",
        Topic::Cpp => "cultural property",
        Topic::Cthb => "trafficking in human beings",
        Topic::Crsv => "conflict-related sexual violence",
        Topic::Wps => "women, peace and security",
    }
}
