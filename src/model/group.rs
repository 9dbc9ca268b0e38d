//! Groups of people that a population source may tell apart.

/// A group of people; a group's place here is its place in columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Under 18.
    Children,
    /// Women and girls.
    WomenGirls,
    /// Women of 15 to 49.
    Women1549,
    /// 60 and older.
    Older60,
    /// Displaced people.
    Displaced,
    /// People with disabilities.
    Disabled,
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 6] = [
        Self::Children,
        Self::WomenGirls,
        Self::Women1549,
        Self::Older60,
        Self::Displaced,
        Self::Disabled,
    ];

    /// The word for this group in scenarios and outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Children => "children",
            Self::WomenGirls => "women_girls",
            Self::Women1549 => "women_15_49",
            Self::Older60 => "older_60",
            Self::Displaced => "displaced",
            Self::Disabled => "disabled",
        }
    }

    /// The group of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.name() == name)
    }
}
