//! TOML documents that remember where everything stands, and the keys that serde knows.

use super::faults::{Source, did_you_mean};
use crate::error::FileFault;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// More unknown keys of a table than anybody reads about.
const MOST_UNKNOWN: usize = 100;

/// A step on the way to a value of a document: a key, or a place in an array.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    /// A key of a table.
    Key(&'a str),
    /// A place in an array, from 0.
    Place(usize),
}

/// A TOML document that remembers where everything stands.
pub(crate) struct Document<'t> {
    source: Source<'t>,
    pub(crate) table: DeTable<'t>,
}

impl<'t> Document<'t> {
    /// Parses a text; a fault of syntax is the only one then.
    pub(crate) fn parse(source: Source<'t>) -> Result<Self, FileFault> {
        match DeTable::parse(source.text) {
            Ok(table) => Ok(Self { source, table: table.into_inner() }),
            Err(error) => {
                let hint = error.span().and_then(|span| hint_of_syntax(source.text, span.start));
                let is_twice = error.message().contains("duplicate key");
                let hint = if is_twice { Some(ONCE.to_string()) } else { hint };
                Err(source.fault(error.span(), plain(error.message()), hint))
            }
        }
    }

    /// A fault at a span of the text.
    pub(crate) fn fault(&self, span: Range<usize>, found: &str, hint: Option<String>) -> FileFault {
        self.source.fault(Some(span), plain(found), hint)
    }

    /// A fault at the value that the steps lead to, or at the file if there is none.
    pub(crate) fn fault_of(&self, steps: &[Step], found: &str, hint: Option<String>) -> FileFault {
        self.source.fault(self.span_of(steps), found, hint)
    }

    fn span_of(&self, steps: &[Step]) -> Option<Range<usize>> {
        let (Step::Key(first), rest) = steps.split_first()? else { return None };
        let mut here = self.table.get(*first)?;
        for step in rest {
            here = match step {
                Step::Key(key) => here.get_ref().get(*key)?,
                Step::Place(place) => here.get_ref().get(*place)?,
            };
        }
        Some(here.span())
    }

    /// Takes the unknown keys out of a table and makes a fault of each.
    pub(crate) fn take_unknown(
        &self,
        table: &mut DeTable<'t>,
        section: &str,
        known: &[&str],
        faults: &mut Vec<FileFault>,
    ) {
        let unknown: Vec<_> = table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .take(MOST_UNKNOWN)
            .map(|key| (key.get_ref().to_string(), key.span()))
            .collect();
        for (key, span) in unknown {
            let found = format!("unknown key `{key}` in {section}");
            faults.push(self.fault(span, &found, Some(known_or_near(&key, known))));
            table.remove(key.as_str());
        }
    }

    /// Reads a table as `T`; a wrong type is a fault at its place.
    pub(crate) fn read_table<T: DeserializeOwned>(
        &self,
        table: Spanned<DeTable<'t>>,
        faults: &mut Vec<FileFault>,
    ) -> Option<T> {
        let span = table.span();
        let value = Spanned::new(span.clone(), DeValue::Table(table.into_inner()));
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(read) => Some(read),
            Err(error) => {
                let span = error.span().unwrap_or(span);
                faults.push(self.fault(span, error.message(), None));
                None
            }
        }
    }
}

/// What to do about a key that is there twice.
const ONCE: &str =
    "keep one of them; another layer begins with a head of its own, such as [[population]]";

/// What was probably meant in the line of a text that is no TOML.
fn hint_of_syntax(text: &str, at: usize) -> Option<String> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(start..)?.lines().next()?;
    let Some((key, value)) = line.split_once('=') else {
        let is_blank =
            line.trim().is_empty() || line.trim_start().starts_with(['[', '#', '"', '\'']);
        let hint =
            "a line is a head such as [areas], or a key and its value: `path = \"areas.geojson\"`";
        return (!is_blank).then(|| hint.to_string());
    };
    let (key, value) = (key.trim(), value.split('#').next().unwrap_or_default().trim());
    let parts: Vec<&str> = value.split(['.', '/', '-']).collect();
    let is_number =
        |part: &&str| !part.is_empty() && part.chars().all(|digit| digit.is_ascii_digit());
    if parts.len() == 3 && parts.iter().all(is_number) {
        return Some(format!("write the date as year-month-day: `{key} = 2026-11-22`"));
    }
    if value.starts_with('"') && value.contains('\\') {
        return Some(format!(
            "put a text with backslashes in single quotes: `{key} = '{}'`",
            value.trim_matches('"')
        ));
    }
    let is_bare = value.starts_with(|first: char| first.is_alphabetic() || "/.~\\".contains(first));
    is_bare.then(|| format!("put a text in quotes: `{key} = '{value}'`"))
}

/// A message of a parser, which may have several lines and speaks of Rust's types, as one plain
/// sentence: *found, wanted*.
pub(super) fn plain(message: &str) -> String {
    const WORDS: [(&str, &str); 23] = [
        (" as i128", ""),
        (" as u128", ""),
        ("missing field `", "missing key `"),
        ("invalid type: ", "found "),
        ("invalid value: ", "found "),
        ("unknown variant ", "found "),
        ("invalid length ", "found a list of length "),
        (", expected ", ", wanted "),
        ("string \"", "the text \""),
        ("integer `", "the number `"),
        ("floating point `", "the number `"),
        ("boolean `", "the word `"),
        ("found sequence", "found a list"),
        ("found map", "found a table"),
        ("wanted a sequence", "wanted a list"),
        ("wanted a map", "wanted a table of keys"),
        ("wanted a string", "wanted a text"),
        ("wanted a boolean", "wanted true or false"),
        ("wanted f64", "wanted a number"),
        ("wanted i64", "wanted a whole number"),
        ("wanted u64", "wanted a whole number, 0 or more"),
        ("wanted usize", "wanted a whole number, 0 or more"),
        ("wanted struct ", "wanted a table of keys, "),
    ];
    let sentence = message.lines().collect::<Vec<_>>().join(", ");
    WORDS.iter().fold(sentence, |text, (theirs, ours)| text.replace(theirs, ours))
}

/// Did you mean …, or the whole list of what is known.
pub(crate) fn known_or_near(word: &str, known: &[&str]) -> String {
    did_you_mean(word, known.iter().copied())
        .unwrap_or_else(|| format!("known: {}", known.join(", ")))
}

/// The keys that a struct is read from, as serde knows them.
pub(crate) fn known_keys<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut keys: &'static [&'static str] = &[];
    // Always an error: the names are all that is wanted.
    let _asked = T::deserialize(KeysOf(&mut keys));
    keys
}

/// A deserializer that only notes which fields a struct asks for.
struct KeysOf<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for KeysOf<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("no struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        Err(de::Error::custom("names only"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
