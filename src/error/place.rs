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

    /// Where a sentence begins that says where: `area "A-7": …`, `file: …`.
    pub(super) fn of_sentence(sentence: &'a str) -> Self {
        if let Some(named) = sentence.strip_prefix("area \"") {
            let ends = ["\": ", "\" (feature "].into_iter().filter_map(|end| named.find(end));
            let area = ends.min().and_then(|end| named.get(..end));
            return Self { area, ..Self::default() };
        }
        Self { file: sentence.split_once(": ").map(|(file, _)| file), ..Self::default() }
    }
}
