//! Meanings of the words in names: a table by language, and what a scheme adds to it.
//!
//! A word or phrase says nothing, says what a thing is, or is one of several of one meaning. The table is
//! `data/names.toml`, which is compiled in; its head explains the meanings. Words of a scheme come on top. A word for
//! sex, age, a direction or a number tells things apart under every scheme, so that no scheme makes one site of two
//! schools.
//!
//! Names are compared in [`alike`](super::alike).

use super::fold::{Kind, Token, Tokens};
use crate::model::{NameWords, SiteClass};
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
    Filler,
    /// Nothing, in names with another word of its language.
    Particle,
    /// Nothing, next to a number.
    Sign,
    /// That there is no name.
    Unnamed,
    /// The same, if it is all of the name.
    Alone,
    /// For whom a thing is.
    People(u16),
    /// What a thing is.
    Kind(u16),
    /// What a thing is, unless another word of the name says so.
    Plain(u16),
    /// Of which sort it is.
    Sort(u16),
    /// A word that tells it apart under every scheme.
    Apart(u16),
    /// A saint.
    Saint(Saint),
    /// A number.
    Number(u32),
}

impl Meaning {
    /// Whether it is that of a word for what has no name.
    const fn is_unnamed(self) -> bool {
        matches!(self, Self::Unnamed | Self::Alone)
    }
}

/// Saints, as the word for them tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saint {
    Any,
    Male,
    Female,
}

/// Languages, one bit each.
pub(super) type Languages = u128;

/// Classes of sites, one bit each.
pub(super) type Classes = u64;

/// A word or phrase.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Meanings of the word by itself; none if it only begins phrases.
    pub(super) meanings: Vec<Meaning>,
    /// Languages of its meanings other than that of a particle.
    pub(super) languages: Languages,
    /// Languages in which it is a particle.
    pub(super) particle_in: Languages,
    /// Words of the longest phrase that begins with it.
    longest: usize,
    /// Whether a phrase that stands for an unknown name begins with it.
    begins_unnamed: bool,
}

impl Entry {
    /// Whether it means something as a part of a name, or as all of it.
    fn says(&self, is_all: bool) -> bool {
        self.meanings.iter().any(|meaning| is_all || *meaning != Meaning::Alone)
    }

    /// Whether it stands for a name that is unknown.
    pub(super) fn is_unnamed(&self) -> bool {
        self.meanings.iter().any(|meaning| meaning.is_unnamed())
    }
}

/// Words and phrases with their meanings.
#[derive(Debug, Default)]
struct Table {
    #[expect(clippy::disallowed_types, reason = "looked up, never walked")]
    entries: std::collections::HashMap<String, Entry>,
    /// Classes of the sites that are of a kind, by its number.
    classes: Vec<Classes>,
}

/// Words and phrases of the built-in table and of a scheme.
#[derive(Debug, Default)]
pub(super) struct Words {
    own: Table,
}

/// Lists of words, by role, topic and language.
type Lists = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

/// The built-in table.
static BUILT_IN: LazyLock<Table> = LazyLock::new(|| {
    let mut built_in = Table::default();
    // The table is part of the program and a test reads it, so that there is no fault to hand on.
    let lists: Lists = toml::from_str(TABLE).unwrap_or_default();
    let mut languages = Vec::new();
    let (short, long): (Vec<_>, Vec<_>) = lists.iter().partition(|(role, _)| *role == "short");
    for (role, topics) in long {
        for (topic, lists) in topics {
            let id = built_in.classes.len() as u16;
            let of_class = lists.get(CLASS).into_iter().flat_map(|list| list.split(", "));
            built_in.classes.push(of_class.filter_map(SiteClass::from_name).map(bit).sum());
            let meaning = meaning((role, topic), id);
            for (language, list) in lists.iter().filter(|(language, _)| *language != CLASS) {
                let language = language_of(language, &mut languages);
                list.split(',').for_each(|phrase| built_in.add(phrase, &[meaning], language));
            }
        }
    }
    for (language, phrases) in short.into_iter().flat_map(|(_, topics)| topics) {
        let language = language_of(language, &mut languages);
        for (phrase, list) in phrases {
            let meanings = built_in.meanings(phrase);
            list.split(',').for_each(|short| built_in.add(short, &meanings, language));
        }
    }
    built_in
});

/// The key of the classes of a kind, among those of languages.
const CLASS: &str = "class";

/// The bit of a class.
pub(super) const fn bit(class: SiteClass) -> Classes {
    1 << class as u32
}

/// The bit of a language, without its script.
fn language_of<'a>(language: &'a str, all: &mut Vec<&'a str>) -> Languages {
    let place = all.iter().position(|one| *one == language).unwrap_or_else(|| {
        all.push(language);
        all.len() - 1
    });
    1 << place
}

fn meaning((role, topic): (&str, &str), id: u16) -> Meaning {
    match (role, topic) {
        ("filler", "particle") => Meaning::Particle,
        ("filler", "sign") => Meaning::Sign,
        ("saint", "male") => Meaning::Saint(Saint::Male),
        ("saint", "female") => Meaning::Saint(Saint::Female),
        ("saint", _) => Meaning::Saint(Saint::Any),
        ("unnamed", "alone") => Meaning::Alone,
        ("unnamed", _) => Meaning::Unnamed,
        ("people", _) => Meaning::People(id),
        ("kind", _) => Meaning::Kind(id),
        ("plain", _) => Meaning::Plain(id),
        ("sort", _) => Meaning::Sort(id),
        ("apart", _) => Meaning::Apart(id),
        ("number", number) => Meaning::Number(number.parse().unwrap_or_default()),
        _ => Meaning::Filler,
    }
}

impl Table {
    fn add(&mut self, phrase: &str, meanings: &[Meaning], language: Languages) {
        let tokens = Tokens::of(phrase).list;
        let Some(first) = tokens.first() else { return };
        let begins = self.entries.entry(first.text.clone()).or_default();
        begins.longest = begins.longest.max(tokens.len());
        begins.begins_unnamed |= meanings.iter().any(|meaning| meaning.is_unnamed());
        let is_run = tokens.iter().all(|token| token.kind == Kind::Run);
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let key = texts.join(if is_run { "" } else { " " });
        let entry = self.entries.entry(key).or_default();
        for meaning in meanings {
            match meaning {
                Meaning::Alone => {}
                Meaning::Particle => entry.particle_in |= language,
                _ => entry.languages |= language,
            }
            if !entry.meanings.contains(meaning) {
                entry.meanings.push(*meaning);
            }
        }
    }

    /// The longest phrase that begins at a token, and how many tokens it has.
    fn find(&self, tokens: &Tokens, at: usize) -> Option<(&Entry, usize)> {
        let rest = &tokens.list[at..];
        let begins = self.entries.get(&rest.first()?.text)?;
        let mut key = String::new();
        for length in (2..=begins.longest.min(rest.len())).rev() {
            key.clear();
            for token in &rest[..length] {
                key.push_str(if key.is_empty() { "" } else { " " });
                key.push_str(&token.text);
            }
            let found =
                self.entries.get(&key).filter(|found| found.says(length == tokens.list.len()));
            if let Some(found) = found {
                return Some((found, length));
            }
        }
        begins.says(tokens.list.len() == 1).then_some((begins, 1))
    }

    /// All meanings of a phrase.
    fn meanings(&self, phrase: &str) -> Vec<Meaning> {
        let tokens = Tokens::of(phrase);
        let mut meanings = Vec::new();
        let mut at = 0;
        while let Some(token) = tokens.list.get(at) {
            let found = self.find(&tokens, at);
            let of_particle =
                |meaning: &Meaning| matches!(meaning, Meaning::Particle | Meaning::Filler);
            match found {
                Some((entry, _)) => {
                    meanings.extend(entry.meanings.iter().filter(|meaning| !of_particle(meaning)));
                }
                None => meanings.extend(token.text.parse().ok().map(Meaning::Number)),
            }
            at += found.map_or(1, |(_, length)| length);
        }
        meanings
    }

    /// What all that a name has in a script without spaces means.
    fn of_run(&self, run: &str) -> Option<&Entry> {
        self.entries.get(run).filter(|entry| !entry.meanings.is_empty())
    }
}

impl Words {
    /// The built-in words and those of a scheme.
    pub(super) fn of(names: &NameWords) -> Self {
        let mut own = Table::default();
        for word in &names.generic {
            own.add(word, &[Meaning::Filler], 0);
        }
        for (word, place) in names.apart.iter().zip(OWN..) {
            own.add(word, &[Meaning::Apart(place)], 0);
        }
        Self { own }
    }

    /// The longest phrase that begins at a token, and how many tokens it has.
    pub(super) fn find(&self, tokens: &Tokens, at: usize) -> Option<(&Entry, usize)> {
        let built_in = BUILT_IN.find(tokens, at);
        let Some(own) = self.own.find(tokens, at) else { return built_in };
        Some(
            built_in
                .filter(|built_in| built_in.1 > own.1 || outranks(built_in.0, own.0))
                .unwrap_or(own),
        )
    }

    /// What all that a name has in a script without spaces means.
    pub(super) fn of_run(&self, run: &str) -> Option<&Entry> {
        let (built_in, own) = (BUILT_IN.of_run(run), self.own.of_run(run));
        match (built_in, own) {
            (Some(built_in), Some(own)) if !outranks(built_in, own) => Some(own),
            _ => built_in.or(own),
        }
    }

    /// Whether a name has a word that may say that it is none.
    pub(super) fn may_be_unnamed(tokens: &Tokens) -> bool {
        let entry = |token: &Token| BUILT_IN.entries.get(&token.text);
        tokens.list.iter().filter_map(entry).any(|entry| entry.begins_unnamed)
    }

    /// Whether all sites of a kind are of some classes.
    pub(super) fn is_of(kind: u16, class: Classes) -> bool {
        BUILT_IN.classes.get(usize::from(kind)).is_some_and(|classes| classes & class != 0)
    }

    /// Whether sites of both classes may be of one kind.
    pub(super) fn may_be_one(a: Classes, b: Classes) -> bool {
        a == b || BUILT_IN.classes.iter().any(|classes| classes & a != 0 && classes & b != 0)
    }
}

/// Whether what the built-in table says of a word holds against a scheme.
fn outranks(built_in: &Entry, own: &Entry) -> bool {
    let tells = |meaning: &Meaning| matches!(meaning, Meaning::Apart(_) | Meaning::Number(_));
    built_in.meanings.iter().any(tells) && !own.meanings.iter().any(tells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_each_word_of_an_abbreviation_is_known() {
        let lists: Lists = toml::from_str(TABLE).unwrap();
        let roles = [
            "apart", "filler", "kind", "number", "people", "plain", "saint", "short", "sort",
            "unnamed",
        ];
        assert_eq!(lists.keys().collect::<Vec<_>>(), roles);
        assert!(lists["number"].keys().all(|number| number.parse::<u32>().is_ok()));
        let of_words = lists.iter().filter(|(role, _)| *role != "short");
        let languages: std::collections::BTreeSet<&String> =
            of_words.flat_map(|(_, topics)| topics.values()).flat_map(BTreeMap::keys).collect();
        assert!(languages.len() > 50 && languages.len() < Languages::BITS as usize);
        let topics = lists["kind"].values().chain(lists["people"].values());
        for class in topics.filter_map(|lists| lists.get(CLASS)) {
            assert!(
                class.split(", ").all(|class| SiteClass::from_name(class).is_some()),
                "{class}"
            );
        }
        for phrase in lists["short"].values().flat_map(BTreeMap::keys) {
            let tokens = Tokens::of(phrase);
            let mut at = 0;
            while let Some(token) = tokens.list.get(at) {
                let found = BUILT_IN.find(&tokens, at);
                assert!(found.is_some() || token.kind == Kind::Number, "{phrase}: {}", token.text);
                at += found.map_or(1, |(_, length)| length);
            }
        }
    }

    #[test]
    fn no_word_of_the_table_says_nothing_and_something() {
        let lists: Lists = toml::from_str(TABLE).unwrap();
        let fillers = lists["filler"]["always"].values().flat_map(|list| list.split(','));
        for word in fillers {
            let tokens = Tokens::of(word);
            let (entry, length) = BUILT_IN.find(&tokens, 0).unwrap();
            let says_nothing =
                |meaning: &Meaning| matches!(meaning, Meaning::Filler | Meaning::Particle);
            assert!(entry.meanings.iter().all(says_nothing), "{word}");
            assert_eq!(length, tokens.list.len(), "{word}");
        }
    }

    #[test]
    fn words_of_a_scheme_come_on_top_but_for_those_that_tell_things_apart() {
        let of = |text: &str| vec![text.to_string()];
        let words = Words::of(&NameWords { generic: of("girls"), apart: of("hospital") });
        let meanings = |word: &str| words.find(&Tokens::of(word), 0).unwrap().0.meanings.clone();
        assert!(matches!(meanings("Girls")[..], [Meaning::Apart(id)] if id < OWN));
        assert_eq!(meanings("Hospital"), [Meaning::Apart(OWN)]);
        let words =
            Words::of(&NameWords { generic: of("polyclinique de jour"), apart: Vec::new() });
        let found = words.find(&Tokens::of("Polyclinique de Jour Anna"), 0).unwrap();
        assert_eq!((&found.0.meanings[..], found.1), (&[Meaning::Filler][..], 3));
        let words = Words::of(&NameWords { generic: of("government"), apart: Vec::new() });
        let found = words.find(&Tokens::of("Government"), 0).unwrap();
        assert_eq!(found.0.meanings, [Meaning::Filler], "a sort of things may say nothing");
    }
}
