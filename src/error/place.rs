//! Where bad news comes from, in pieces that a machine can use.

/// Where bad news comes from, as far as it is known and applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct At<'a> {
    /// The file, as written.
    pub file: Option<&'a str>,
    /// The id of the area.
    pub area: Option<&'a str>,
    /// The id of the site.
    pub site: Option<&'a str>,
    /// The place of the feature in its file, from 1.
    pub feature: Option<usize>,
    /// Line and column of a text, from 1.
    pub place: Option<(usize, usize)>,
}

impl<'a> At<'a> {
    /// A file as a whole.
    pub(super) const fn file(file: &'a str) -> Self {
        Self { file: Some(file), area: None, site: None, feature: None, place: None }
    }
}
