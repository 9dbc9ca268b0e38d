//! Notices: what limits a number, or was left out of an input.

use super::Called;
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
    /// Longitudes of an area were read across ±180 or around a pole.
    Wrapped,
    /// Features of a sites layer were not used.
    SitesNotUsed,
    /// Classes of a sites layer are written another way than the taxonomy has them.
    ClassReadAs,
    /// A number of an input was not used.
    ValueNotUsed,
    /// A partner's answer is applied.
    AnswerAccepted,
    /// A partner's answer is not applied.
    AnswerRejected,
    /// Sites are written as counts, without their places.
    SitesGeneralized,
    /// Something expires, and no date tells whether it has.
    ExpiryUnknown,
    /// The encoding of a text was guessed.
    EncodingGuessed,
    /// A group has more people than there are.
    GroupClipped,
    /// An area belongs to no course of action, or cannot be taken together with others.
    AreaLeftOut,
    /// How many depend on the sites of an area is told by class.
    DependantsByClass,
    /// Restricted answers count in an area for some classes alone.
    RestrictedAnswers,
    /// Many who use the sites of an area live beyond the ground that sites layers cover.
    BeyondSites,
    /// A number of an input cannot be one of people.
    Implausible,
    /// Sites of a layer lie far from its others.
    SitesApart,
}

impl NoticeKind {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::PartialData,
        Self::Repaired,
        Self::OutsideSource,
        Self::SourceLeftOut,
        Self::NodataUndeclared,
        Self::GeometryLeftOut,
        Self::DuplicateId,
        Self::OldColumns,
        Self::Wrapped,
        Self::SitesNotUsed,
        Self::ClassReadAs,
        Self::ValueNotUsed,
        Self::AnswerAccepted,
        Self::AnswerRejected,
        Self::SitesGeneralized,
        Self::ExpiryUnknown,
        Self::EncodingGuessed,
        Self::GroupClipped,
        Self::AreaLeftOut,
        Self::DependantsByClass,
        Self::RestrictedAnswers,
        Self::BeyondSites,
        Self::Implausible,
        Self::SitesApart,
    ];

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
            Self::Wrapped => "wrapped",
            Self::SitesNotUsed => "sites_not_used",
            Self::ClassReadAs => "class_read_as",
            Self::ValueNotUsed => "value_not_used",
            Self::AnswerAccepted => "answer_accepted",
            Self::AnswerRejected => "answer_rejected",
            Self::SitesGeneralized => "sites_generalized",
            Self::ExpiryUnknown => "expiry_unknown",
            Self::EncodingGuessed => "encoding_guessed",
            Self::GroupClipped => "group_clipped",
            Self::AreaLeftOut => "area_left_out",
            Self::DependantsByClass => "dependants_by_class",
            Self::RestrictedAnswers => "restricted_answers",
            Self::BeyondSites => "beyond_sites",
            Self::Implausible => "implausible",
            Self::SitesApart => "sites_apart",
        }
    }
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind.
    pub kind: NoticeKind,
    /// One sentence, lower case, without the area or file that it is about.
    found: String,
    /// The file that it is about, as written.
    pub file: Option<String>,
    /// The area that it is about.
    pub area: Option<Called>,
    /// The id of the site that it is about.
    pub site: Option<String>,
}

impl Notice {
    /// A notice about an area.
    pub fn of_area(kind: NoticeKind, area: impl Into<Called>, found: impl fmt::Display) -> Self {
        let (found, area) = (found.to_string(), Some(area.into()));
        Self { kind, found, file: None, area, site: None }
    }

    /// Names the area that it is about as people know it.
    pub fn name_area(&mut self, called: &Called) {
        if let Some(area) = &mut self.area {
            area.name_as(called);
        }
    }

    /// A notice about a file.
    pub fn of_file(kind: NoticeKind, file: &str, found: impl fmt::Display) -> Self {
        let (found, file) = (found.to_string(), Some(file.to_string()));
        Self { kind, found, file, area: None, site: None }
    }

    /// A notice about a site of a file.
    pub fn of_site(kind: NoticeKind, file: &str, site: &str, found: impl fmt::Display) -> Self {
        let notice = Self::of_file(kind, file, format_args!("site \"{site}\": {found}"));
        Self { site: Some(site.to_string()), ..notice }
    }

    /// Where it comes from.
    #[must_use]
    pub fn at(&self) -> super::At<'_> {
        super::At {
            file: self.file.as_deref(),
            area: self.area.as_ref().map(|area| area.id.as_str()),
            site: self.site.as_deref(),
            ..super::At::default()
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, file, area, .. } = self;
        match (area, file) {
            (Some(area), _) => write!(f, "{area}: {found}"),
            (None, Some(file)) => write!(f, "{file}: {found}"),
            (None, None) => f.write_str(found),
        }
    }
}

/// A number with its noun in singular or plural: `1 cell`, `1,204 cells`.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A path as a shell takes it, for a command that may be copied: a name may have anything in it.
#[must_use]
pub fn shell_quoted(path: &str) -> String {
    let is_plain = |letter: char| {
        letter.is_alphanumeric()
            || "/._-+:,=@".contains(letter)
            || (cfg!(windows) && letter == '\\')
    };
    // A command takes what begins with a dash for an option.
    let path = if path.starts_with('-') { format!("./{path}") } else { path.to_string() };
    if !path.is_empty() && path.chars().all(is_plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

/// A number of bytes as people read it: `512 B`, `1.5 MiB`, `4 EiB`.
#[must_use]
pub fn bytes_text(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let (mut number, mut unit) = (bytes as f64, 0);
    // From here on it is written as 1 of the next unit.
    while number >= 1023.95 && unit + 1 < UNITS.len() {
        number /= 1024.0;
        unit += 1;
    }
    let tenths = format!("{number:.1}");
    format!("{} {}", tenths.strip_suffix(".0").unwrap_or(&tenths), UNITS[unit])
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
