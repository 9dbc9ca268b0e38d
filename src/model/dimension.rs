//! The four dimensions of a score.

/// What a score is made of; a dimension's place here is its place in every array of four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// P: people.
    People,
    /// G: people in place-bound vulnerable situations.
    Vulnerable,
    /// S: civilian sites.
    Sites,
    /// E: essential services, through the people who depend on them.
    Services,
}

impl Dimension {
    /// All dimensions.
    pub const ALL: [Self; 4] = [Self::People, Self::Vulnerable, Self::Sites, Self::Services];

    /// The word for this dimension in outputs, as in `driver`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Vulnerable => "vulnerable",
            Self::Sites => "sites",
            Self::Services => "services",
        }
    }

    /// Its letter in a profile and in the names of the contributions.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::People => 'P',
            Self::Vulnerable => 'G',
            Self::Sites => 'S',
            Self::Services => 'E',
        }
    }
}
