//! Cells of delimited text: what a spreadsheet would run is quoted as text, and read back as it was.
//!
//! Spreadsheets take a cell for a formula by its first letter, whoever wrote it, and a formula can send what stands
//! beside it to a stranger. The usual way to say that it is text is an apostrophe before it.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// What says that a cell is text.
const QUOTE: char = '\'';

/// A text as a cell that no spreadsheet runs.
#[must_use]
pub fn quoted(text: &str) -> Cow<'_, str> {
    // One that looks as if it were quoted is quoted once more, so that reading gives it back.
    if acts(text.trim_start_matches(QUOTE)) {
        Cow::Owned(format!("{QUOTE}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text of a cell, whoever quoted it.
#[must_use]
pub fn unquoted(cell: &str) -> &str {
    match cell.strip_prefix(QUOTE) {
        Some(text) if acts(text.trim_start_matches(QUOTE)) => text,
        _ => cell,
    }
}

/// Whether a spreadsheet would run a cell: it begins with the sign of a formula, in any width, behind blanks and
/// letters that nobody sees, or with a tab or the end of a line. A number is none.
fn acts(text: &str) -> bool {
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    let begun = text.trim_start_matches(is_unseen);
    let is_sign = |letter: char| matches!(letter, '=' | '+' | '-' | '@');
    let first = begun.chars().next().and_then(|first| std::iter::once(first).nfkc().next());
    first.is_some_and(is_sign) && !is_number(text)
}

/// Blanks, and letters without a shape.
fn is_unseen(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || is_shapeless(letter)
}

/// Letters that have no shape of their own and are none: marks of direction, joiners, tags and the like.
#[must_use]
pub const fn is_shapeless(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a text is a number as programs write them.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_plain =
        |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | 'e' | 'E' | '-' | '+');
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.chars().all(is_plain)
        && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_quoted() {
        for text in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3+cmd",
            "@SUM(1)",
            "\t=1",
            "\r=1",
            "\nx",
            "  =1",
            "\u{a0}=1",
            "\u{200b}=1",
            "\u{feff}@x",
            "\u{202e}=1",
            "\u{ff1d}1+1",
            "\u{ff0b}1+x",
            "\u{ff0d}x",
            "\u{ff20}x",
            "-",
            "+354 555",
            "''=1",
        ] {
            assert_eq!(quoted(text), format!("'{text}"), "{text:?}");
            assert_eq!(unquoted(&quoted(text)), text);
        }
    }

    #[test]
    fn names_and_numbers_stay_as_they_are() {
        for text in [
            "",
            "A-1",
            "'Eua",
            "''",
            "a=b",
            "-12.5",
            "+3",
            "-1e-7",
            "مستشفى",
            "\u{200d}x",
            "1-2",
            "#x",
            "it's",
        ] {
            assert_eq!(quoted(text), text);
            assert_eq!(unquoted(text), text);
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "['=+@\\-\t a1\u{200b}＝]{0,6}") {
            let cell = quoted(&text);
            prop_assert_eq!(unquoted(&cell), &text);
            prop_assert!(!acts(&cell));
        }
    }
}
