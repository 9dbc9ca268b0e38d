//! Bands: the named classes of a score.

/// A class of scores, from nothing recorded to very high. Not even the lowest says that anything is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Nothing was found although everything was looked at.
    NoneRecorded,
    /// The lowest fifth under the built-in scheme.
    VeryLow,
    /// The second fifth.
    Low,
    /// The third fifth.
    Moderate,
    /// The fourth fifth.
    High,
    /// The highest fifth.
    VeryHigh,
}

impl Band {
    /// All bands, lowest first.
    pub const ALL: [Self; 6] =
        [Self::NoneRecorded, Self::VeryLow, Self::Low, Self::Moderate, Self::High, Self::VeryHigh];

    /// The word for this band in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoneRecorded => "none_recorded",
            Self::VeryLow => "very_low",
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
            Self::VeryHigh => "very_high",
        }
    }

    /// The band of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.name() == name)
    }

    /// The digit of this band in a profile: 0 for nothing recorded, 1 to 5.
    #[must_use]
    pub const fn digit(self) -> u8 {
        self as u8
    }
}
