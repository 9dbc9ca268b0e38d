//! Faults of text files at their places, and guesses at what was meant.

use std::ops::Range;

use crate::error::FileFault;

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
        assert_eq!(did_you_mean("Hopsital", known).as_deref(), Some("did you mean `hospital`?"));
        assert_eq!(did_you_mean("zebra", known), None);
    }
}
