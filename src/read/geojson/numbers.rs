//! Words that are no JSON and stand for numbers: `NaN`, `Infinity`, as scripts write what they could not compute.
//!
//! Python and GDAL write them, and GDAL reads them, so files have them. In a property such a word is nothing, which is
//! told; among coordinates it makes the geometry of its feature faulty, and of no other.

use serde::de::IgnoredAny;
use std::borrow::Cow;

/// The words, the longest first.
const WORDS: [&str; 6] = ["-Infinity", "Infinity", "-NaN", "NaN", "-nan", "nan"];

/// A text of JSON in which each such word is null, and what is to be said of it; nothing if it is no JSON even so.
pub(super) fn json(text: &str) -> Option<(Cow<'_, str>, Option<String>)> {
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        return Some((text.into(), None));
    }
    let (plain, word) = replaced(text);
    let word = word?;
    serde_json::from_str::<IgnoredAny>(&plain).ok()?;
    Some((plain.into(), Some(format!("{word}, which is no number; read as nothing"))))
}

/// The same for what stands around features.
pub(super) fn without_odd(text: Vec<u8>) -> Vec<u8> {
    if serde_json::from_slice::<IgnoredAny>(&text).is_ok() {
        return text;
    }
    let plain = std::str::from_utf8(&text).ok().map(|text| replaced(text).0.into_bytes());
    plain.unwrap_or(text)
}

/// A text with null for each of the words outside of texts; the first of them, behind the name of its member.
fn replaced(text: &str) -> (String, Option<String>) {
    let (mut plain, mut first) = (String::with_capacity(text.len()), None);
    let (mut in_text, mut rest) = (false, text);
    // Where the last text begins and ends among what is written.
    let mut last = [0; 2];
    while let Some(letter) = rest.chars().next() {
        let word = WORDS.into_iter().find(|word| !in_text && rest.starts_with(word));
        if let Some(word) = word {
            let name = plain.get(last[0]..last[1]).unwrap_or_default();
            first = first.or_else(|| Some(format!("{name} is {word}")));
            plain.push_str("null");
            rest = &rest[word.len()..];
            continue;
        }
        let is_escape = in_text && letter == '\\';
        let length = letter.len_utf8();
        let after = rest[length..].chars().next().map_or(0, char::len_utf8);
        let taken = if is_escape { length + after } else { length };
        plain.push_str(&rest[..taken]);
        if letter == '"' {
            in_text = !in_text;
            last = if in_text { [plain.len() - 1; 2] } else { [last[0], plain.len()] };
        }
        rest = &rest[taken..];
    }
    (plain, first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_no_number_are_null_outside_of_texts() {
        let text = r#"{"a": NaN, "NaN": "Infinity \"NaN", "b": [-Infinity, 1]}"#;
        let (plain, said) = json(text).unwrap();
        assert_eq!(plain, r#"{"a": null, "NaN": "Infinity \"NaN", "b": [null, 1]}"#);
        assert_eq!(said.unwrap(), "\"a\" is NaN, which is no number; read as nothing");
        assert_eq!(json("{\"a\": 1}").unwrap().1, None);
        assert!(json("{\"a\": Nan}").is_none() && json("{\"a\": NaN").is_none());
        assert_eq!(without_odd(b"{\"bbox\": [NaN]}".to_vec()), b"{\"bbox\": [null]}");
    }
}
