//! Faults of text files at their places, and guesses at what was meant.

use std::ops::Range;

use crate::error::FileFault;
use unicode_normalization::UnicodeNormalization;

/// A text with the name it is known by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'t> {
    /// The file, as written.
    pub(crate) file: &'t str,
    /// All of its text.
    pub(crate) text: &'t str,
}

impl Source<'_> {
    /// A fault at a range of bytes of the text, or of the file as a whole.
    pub(crate) fn fault(
        &self,
        span: Option<Range<usize>>,
        found: impl Into<String>,
        hint: Option<String>,
    ) -> FileFault {
        let at = span.and_then(|span| self.text.get(..span.start));
        let line_start = |before: &str| before.rfind('\n').map_or(0, |newline| newline + 1);
        let place = at.map(|before| {
            let line = before.matches('\n').count() + 1;
            (line, before[line_start(before)..].chars().count() + 1)
        });
        let line = at.and_then(|before| self.text[line_start(before)..].lines().next());
        let line = line.map(str::to_owned);
        FileFault { file: self.file.to_owned(), place, line, found: found.into(), hint }
    }
}

/// The word that was probably meant, as a hint.
pub(crate) fn did_you_mean<'w>(
    word: &str,
    known: impl IntoIterator<Item = &'w str>,
) -> Option<String> {
    /// Similarity (Jaro-Winkler) from which a word is offered; one slip in a short word is about 0.85.
    const ALIKE: f64 = 0.8;
    let word = word.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&word, known);
    known
        .into_iter()
        .filter(|known| likeness(known) >= ALIKE)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .map(|known| format!("did you mean `{known}`?"))
}

/// A text without case, accents and blanks around it.
fn plain(text: &str) -> String {
    let accent = |letter: &char| ('\u{300}'..='\u{36f}').contains(letter);
    let letters = text.trim().nfd().filter(|letter| !accent(letter));
    letters.flat_map(char::to_lowercase).nfc().collect()
}

/// Whether two texts differ by case, accents and blanks around them alone.
#[must_use]
pub fn is_same_word(one: &str, two: &str) -> bool {
    plain(one) == plain(two)
}

/// Those of some things whose words are written most like a word, or hold it or are held by it; the most like first.
pub fn nearest<'k, T>(word: &str, known: &'k [T], of: impl Fn(&T) -> &str) -> Vec<&'k T> {
    /// Similarity (Jaro-Winkler) from which a word is offered.
    const ALIKE: f64 = 0.8;
    /// That of a word that is part of another, of so many letters and more.
    const PART: (f64, usize) = (0.9, 3);
    let word = plain(word);
    let is_part = |one: &str, two: &str| one.chars().count() >= PART.1 && two.contains(one);
    let likeness = |thing: &T| {
        let known = plain(of(thing));
        let likeness = strsim::jaro_winkler(&word, &known);
        let is_held = is_part(&word, &known) || is_part(&known, &word);
        if is_held { likeness.max(PART.0) } else { likeness }
    };
    let all = known.iter().map(|thing| (likeness(thing), thing));
    let mut near: Vec<(f64, &T)> = all.filter(|(likeness, _)| *likeness >= ALIKE).collect();
    near.sort_by(|(one, _), (two, _)| two.total_cmp(one));
    near.into_iter().map(|(_, thing)| thing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let source = Source { file: "a.toml", text: "x = 1\nñ = y\n" };
        let at = source.text.find('y').map(|y| y..y + 1);
        let fault = source.fault(at, "found y", None);
        assert_eq!(fault.place, Some((2, 5)));
        assert_eq!(fault.line.as_deref(), Some("ñ = y"));
    }

    #[test]
    fn the_end_of_the_text_is_a_place() {
        let source = Source { file: "a.toml", text: "x = [\n" };
        assert_eq!(source.fault(Some(6..6), "", None).place, Some((2, 1)));
    }

    #[test]
    fn a_slip_finds_its_word_and_nonsense_finds_none() {
        let known = ["hospital", "school"];
        let names = ["Húsavík", "Old town", "Keflavík"];
        assert!(is_same_word(" HUSAVIK ", names[0]));
        assert_eq!(nearest("town", &names, |name| name), [&"Old town"]);
        assert_eq!(nearest("keflavic", &names, |name| name), [&"Keflavík"]);
        assert!(nearest("Xyz", &names, |name| name).is_empty());
        assert_eq!(did_you_mean("Hopsital", known).as_deref(), Some("did you mean `hospital`?"));
        assert_eq!(did_you_mean("zebra", known), None);
    }
}
