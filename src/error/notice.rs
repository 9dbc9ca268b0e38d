//! Notices: what limits a number, or was left out of an input.

use std::fmt;

/// Kinds of notices, in the order of their names; outputs count notices by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NoticeKind {
    /// Part of an area has no population data.
    PartialData,
    /// An area was repaired.
    Repaired,
    /// An area lies outside a source.
    OutsideSource,
    /// A source was left out of the bounds of an area.
    SourceLeftOut,
    /// Nodata covers much of an area and its meaning is not declared.
    NodataUndeclared,
    /// Members of a geometry that are not polygons were left out.
    GeometryLeftOut,
    /// Two areas have the same key.
    DuplicateId,
    /// Columns of an earlier assessment were left out.
    OldColumns,
    /// Features of a sites layer were not used.
    SitesNotUsed,
    /// A number of an input was not used.
    ValueNotUsed,
}

impl NoticeKind {
    /// The word for this kind in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PartialData => "partial_data",
            Self::Repaired => "repaired",
            Self::OutsideSource => "outside_source",
            Self::SourceLeftOut => "source_left_out",
            Self::NodataUndeclared => "nodata_undeclared",
            Self::GeometryLeftOut => "geometry_left_out",
            Self::DuplicateId => "duplicate_id",
            Self::OldColumns => "old_columns",
            Self::SitesNotUsed => "sites_not_used",
            Self::ValueNotUsed => "value_not_used",
        }
    }
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind.
    pub kind: NoticeKind,
    /// One sentence, lower case, with its place.
    pub text: String,
}

impl Notice {
    /// A notice of a kind.
    pub fn new(kind: NoticeKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A number with its noun in singular or plural: `1 cell`, `1,204 cells`.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A number of an input as people and TOML read it: `-99999`, `-3.4e38`, never 39 digits.
#[must_use]
pub fn number_text(number: f64) -> String {
    let plain = number == 0.0 || !number.is_finite() || (1e-6..1e15).contains(&number.abs());
    if plain { number.to_string() } else { format!("{number:e}") }
}

/// A whole number with a comma before every third digit: `1,204`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
