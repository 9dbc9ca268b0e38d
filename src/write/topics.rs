//! Topics in words, and which of them may be told where.

use super::sites::Precision;
use crate::model::Topic;

/// Whether a topic may be told on pages and in KML (METHOD §7).
pub(super) fn may_tell(topic: Topic, precision: Precision) -> bool {
    precision == Precision::Full || !matches!(topic, Topic::Cthb | Topic::Crsv)
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
