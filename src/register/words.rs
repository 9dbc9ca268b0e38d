//! Meanings of the words in names: a table by language, and what a scheme adds to it.
//!
//! A word or phrase says nothing, says what a thing is, or tells things apart. The table is `data/names.toml`, which
//! is compiled in; its head explains the meanings. Words of a scheme come on top. A word that tells things apart in
//! the table does so under every scheme, so that no scheme makes one site of two schools.
//!
//! Names are compared in [`alike`](super::alike).

use super::fold::{Kind, Tokens};
use crate::model::NameWords;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The table of words.
pub(crate) const TABLE: &str = include_str!("../../data/names.toml");

/// Words of a scheme that tell things apart are numbered from here.
const OWN: u16 = 10_000;

/// Meaning of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing.
    Generic,
    /// What a thing is, in one respect.
    Kind(Respect, u16),
    /// What a thing is, unless another word of the name says so.
    Plain(u16),
    /// A word that tells it apart.
    Apart(u16),
    /// A number.
    Number(u32),
}

/// Respects in which names say what a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Respect {
    /// A hospital, a mosque.
    Kind,
    /// Primary, secondary.
    Level,
    /// Of a town, of a province.
    Rank,
}

/// Phrases that begin with one word.
#[derive(Debug, Default)]
struct Entry {
    /// Meanings of the word by itself.
    meanings: Vec<Meaning>,
    /// Words of the longest phrase.
    longest: usize,
}

/// Words and phrases with their meanings.
#[derive(Debug, Default)]
struct Table {
    #[expect(clippy::disallowed_types, reason = "looked up, never walked")]
    entries: std::collections::HashMap<String, Entry>,
    /// The plain kind of a school.
    school: u16,
}

/// Words and phrases of the built-in table and of a scheme.
#[derive(Debug, Default)]
pub(super) struct Words {
    own: Table,
}

/// The built-in table.
static BUILT_IN: LazyLock<Table> = LazyLock::new(|| {
    let mut built_in = Table::default();
    // The table is part of the program and a test reads it, so that there is no fault to hand on.
    let table: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>> =
        toml::from_str(TABLE).unwrap_or_default();
    let topics = table
        .iter()
        .flat_map(|(role, topics)| topics.iter().map(move |topic| (role.as_str(), topic)));
    for ((role, (topic, languages)), id) in topics.zip(0..) {
        if (role, topic.as_str()) == ("plain", "school") {
            built_in.school = id;
        }
        let meaning = match role {
            "kind" => Meaning::Kind(Respect::Kind, id),
            "level" => Meaning::Kind(Respect::Level, id),
            "rank" => Meaning::Kind(Respect::Rank, id),
            "plain" => Meaning::Plain(id),
            "apart" => Meaning::Apart(id),
            "number" => Meaning::Number(topic.parse().unwrap_or_default()),
            _ => Meaning::Generic,
        };
        let phrases = languages.values().flat_map(|list| list.split(','));
        phrases.for_each(|phrase| built_in.add(phrase, meaning));
    }
    built_in
});

impl Table {
    fn add(&mut self, phrase: &str, meaning: Meaning) {
        let tokens = Tokens::of(phrase).tokens;
        let Some(first) = tokens.first() else { return };
        let begins = self.entries.entry(first.text.clone()).or_default();
        begins.longest = begins.longest.max(tokens.len());
        let is_run = tokens.iter().all(|token| token.kind == Kind::Run);
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let key = texts.join(if is_run { "" } else { " " });
        let meanings = &mut self.entries.entry(key).or_default().meanings;
        if !meanings.contains(&meaning) {
            meanings.push(meaning);
        }
    }

    /// The meanings of the longest phrase that begins at a token, and how many tokens it has.
    fn find(&self, tokens: &Tokens, at: usize) -> Option<(&[Meaning], usize)> {
        let rest = &tokens.tokens[at..];
        let begins = self.entries.get(&rest.first()?.text)?;
        for length in (2..=begins.longest.min(rest.len())).rev() {
            let texts: Vec<&str> = rest[..length].iter().map(|token| token.text.as_str()).collect();
            let found = self.entries.get(&texts.join(" "));
            if let Some(found) = found.filter(|found| !found.meanings.is_empty()) {
                return Some((&found.meanings, length));
            }
        }
        (!begins.meanings.is_empty()).then_some((&begins.meanings[..], 1))
    }

    /// The meanings of all that a name has in a script without spaces.
    fn of_run(&self, run: &str) -> &[Meaning] {
        self.entries.get(run).map_or(&[], |entry| &entry.meanings)
    }
}

impl Words {
    /// The built-in words and those of a scheme.
    pub(super) fn of(names: &NameWords) -> Self {
        let mut own = Table::default();
        for word in &names.generic {
            own.add(word, Meaning::Generic);
        }
        for (word, place) in names.apart.iter().zip(OWN..) {
            own.add(word, Meaning::Apart(place));
        }
        Self { own }
    }

    /// The meanings of the longest phrase that begins at a token, and how many tokens it has.
    pub(super) fn find(&self, tokens: &Tokens, at: usize) -> Option<(&[Meaning], usize)> {
        let built_in = BUILT_IN.find(tokens, at);
        let Some(own) = self.own.find(tokens, at) else { return built_in };
        Some(
            built_in
                .filter(|built_in| built_in.1 > own.1 || outranks(built_in.0, own.0))
                .unwrap_or(own),
        )
    }

    /// The meanings of all that a name has in a script without spaces.
    pub(super) fn of_run(&self, run: &str) -> &[Meaning] {
        let (built_in, own) = (BUILT_IN.of_run(run), self.own.of_run(run));
        if own.is_empty() || outranks(built_in, own) { built_in } else { own }
    }

    /// The plain kind of a school.
    pub(super) fn school() -> u16 {
        BUILT_IN.school
    }
}

/// Whether what the built-in table says of a word holds against a scheme.
fn outranks(built_in: &[Meaning], own: &[Meaning]) -> bool {
    let tells = |meaning: &Meaning| matches!(meaning, Meaning::Apart(_) | Meaning::Number(_));
    built_in.iter().any(tells) && !own.iter().any(tells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_no_word_says_nothing_and_something() {
        let table: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>> =
            toml::from_str(TABLE).unwrap();
        let roles = ["apart", "generic", "kind", "level", "number", "plain", "rank"];
        assert_eq!(table.keys().collect::<Vec<_>>(), roles);
        assert!(table["number"].keys().all(|number| number.parse::<u32>().is_ok()));
        assert!(BUILT_IN.entries.len() > 2000 && BUILT_IN.school > 0);
        for list in table["generic"].values().flat_map(BTreeMap::values) {
            for word in list.split(',') {
                let tokens = Tokens::of(word);
                let (meanings, length) = BUILT_IN.find(&tokens, 0).unwrap();
                assert_eq!(
                    (meanings, length),
                    (&[Meaning::Generic][..], tokens.tokens.len()),
                    "{word}"
                );
            }
        }
    }

    #[test]
    fn words_of_a_scheme_come_on_top_but_for_those_that_tell_things_apart() {
        let of = |text: &str| vec![text.to_string()];
        let words = Words::of(&NameWords { generic: of("girls"), apart: of("hospital") });
        let meanings = |word: &str| words.find(&Tokens::of(word), 0).unwrap().0.to_vec();
        assert!(matches!(meanings("Girls")[..], [Meaning::Apart(id)] if id < OWN));
        assert_eq!(meanings("Hospital"), [Meaning::Apart(OWN)]);
        let words =
            Words::of(&NameWords { generic: of("polyclinique de jour"), apart: Vec::new() });
        let found = words.find(&Tokens::of("Polyclinique de Jour Anna"), 0).unwrap();
        assert_eq!(found, (&[Meaning::Generic][..], 3));
    }
}
