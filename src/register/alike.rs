//! Whether two names may be of one thing.
//!
//! Names are compared word by word, whatever the order of their words. Each word that tells which thing it is needs
//! a partner in the other name; numbers, directions and words for sex or age must be the same in both; and where both
//! names say what the thing is, they must agree. To split one thing is the smaller fault.
//!
//! Source: METHOD §1 *Merging*.

use super::fold::{Kind, Token, Tokens, letters};
use super::words::{Meaning, Respect, Words};
use crate::model::Site;
use unicode_normalization::char::is_combining_mark;

/// Words of so many letters may differ in one.
const LEAST_EDIT: usize = 5;
/// The same in scripts that leave vowels out, where a word of five letters is a long one.
const LEAST_EDIT_ABJAD: usize = 6;
/// Words of so many letters may differ in double letters and umlauts.
const LEAST_PLAIN: usize = 4;
/// Words of so many letters may be the beginning of others.
const LEAST_STEM: usize = 6;
/// Letters that an inflection adds at most.
const MOST_ENDING: usize = 3;
/// Names with more words are compared by equal words only.
const MOST_WORDS: usize = 8;

/// A name as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folded {
    /// All its words.
    pub(super) whole: String,
    /// Its telling words and particles in one, as names are written with spaces and without.
    joined: String,
    /// The words that tell which thing it is, sorted.
    telling: Vec<String>,
    /// Numbers and single letters, in their order.
    numbers: Vec<String>,
    /// Words that tell things apart, sorted.
    apart: Vec<u16>,
    /// What the thing is in each respect, sorted.
    kinds: [Vec<u16>; 3],
    /// Words of the place names of its address.
    places: Vec<String>,
}

impl Folded {
    /// Folds the name of a site, if it has one.
    pub(super) fn of_site(site: &Site, words: &Words) -> Option<Self> {
        let mut folded = Self::of(site.name.as_deref()?, words);
        if let Some(address) = &site.address {
            folded.places = Self::of(address, words).telling;
        }
        Some(folded)
    }

    /// Folds a name.
    pub(super) fn of(name: &str, words: &Words) -> Self {
        let tokens = Tokens::of(name);
        let mut folded = Self {
            whole: tokens.whole(),
            joined: String::new(),
            telling: Vec::new(),
            numbers: Vec::new(),
            apart: Vec::new(),
            kinds: [const { Vec::new() }; 3],
            places: Vec::new(),
        };
        let mut plain = Vec::new();
        let mut run = String::new();
        let mut at = 0;
        while let Some(token) = tokens.tokens.get(at) {
            let length = match token.kind {
                Kind::Number => folded.number(token, &mut run),
                Kind::Run => {
                    run.push_str(&token.text);
                    1
                }
                Kind::Word => folded.word((&tokens, at), words, &mut plain),
            };
            at += length;
        }
        folded.run(run, words, &mut plain);
        if folded.kinds[Respect::Kind as usize].is_empty() {
            if plain.is_empty() && !folded.kinds[Respect::Level as usize].is_empty() {
                plain.push(Words::school());
            }
            folded.kinds[Respect::Kind as usize] = plain;
        }
        folded.telling.sort_unstable();
        folded.apart.sort_unstable();
        folded.apart.dedup();
        for kinds in &mut folded.kinds {
            kinds.sort_unstable();
            kinds.dedup();
        }
        folded
    }

    /// Takes a number.
    fn number(&mut self, token: &Token, run: &mut String) -> usize {
        self.numbers.push(token.text.clone());
        if !run.is_empty() {
            // Where it stands tells, too.
            run.push('#');
        }
        1
    }

    /// Takes the words at a place, and says how many.
    fn word(
        &mut self,
        (tokens, at): (&Tokens, usize),
        words: &Words,
        plain: &mut Vec<u16>,
    ) -> usize {
        let token = &tokens.tokens[at];
        let found = words.find(tokens, at);
        if token.is_letter() && found.is_none_or(|(_, length)| length == 1) {
            if !says_nothing(tokens, at, found.is_some()) {
                self.numbers.push(token.text.clone());
            }
            return 1;
        }
        let Some((meanings, length)) = found else {
            self.telling.push(token.text.clone());
            self.joined.push_str(&token.text);
            return 1;
        };
        self.take(meanings, plain);
        if meanings == [Meaning::Generic] && letters(&token.text) <= 3 {
            self.joined.push_str(&token.text);
        }
        length
    }

    /// Everything in scripts without spaces.
    fn run(&mut self, run: String, words: &Words, plain: &mut Vec<u16>) {
        if run.is_empty() {
            return;
        }
        match words.of_run(&run) {
            [] => {
                self.joined.push_str(&run);
                self.telling.push(run);
            }
            meanings => self.take(meanings, plain),
        }
    }

    /// Takes what a word means.
    fn take(&mut self, meanings: &[Meaning], plain: &mut Vec<u16>) {
        for meaning in meanings {
            match meaning {
                Meaning::Generic => {}
                Meaning::Kind(respect, kind) => self.kinds[*respect as usize].push(*kind),
                Meaning::Plain(kind) => plain.push(*kind),
                Meaning::Apart(word) => self.apart.push(*word),
                Meaning::Number(number) => self.numbers.push(number.to_string()),
            }
        }
    }
}

/// All words of a name, folded, a space between two.
pub(crate) fn whole(name: &str) -> String {
    Tokens::of(name).whole()
}

/// Whether a word of one letter is a particle such as "and", and not the letter of a block.
fn says_nothing(tokens: &Tokens, at: usize, is_listed: bool) -> bool {
    let token = &tokens.tokens[at];
    let next = tokens.tokens.get(at + 1);
    let is_before_number = next.is_some_and(|next| next.kind == Kind::Number);
    // N 5, S. Anna.
    let is_before_word = next.is_some_and(|next| next.kind == Kind::Word && !next.is_letter());
    if (token.text == "n" && is_before_number)
        || (token.text == "s" && token.has_stop && is_before_word)
    {
        return true;
    }
    let has_case = token.text.chars().any(char::is_lowercase);
    match (has_case, tokens.is_mixed) {
        (true, true) => is_listed && !token.is_upper,
        // Without the help of capital letters: in the middle.
        (true, false) => is_listed && at > 0 && next.is_some() && !is_before_number,
        (false, _) => is_listed,
    }
}

/// Whether the names of two records let them be of one thing across sources: alike, or one of the two has
/// none.
pub(super) fn fit(a: Option<&Folded>, b: Option<&Folded>) -> bool {
    let (a, b) = (a.filter(|name| !name.whole.is_empty()), b.filter(|name| !name.whole.is_empty()));
    match (a, b) {
        (Some(a), Some(b)) => are_alike(a, b),
        (None, None) => false,
        _ => true,
    }
}

/// Whether two names are alike.
pub(super) fn are_alike(a: &Folded, b: &Folded) -> bool {
    if a.whole == b.whole {
        return true;
    }
    if a.numbers != b.numbers || a.apart != b.apart || !kinds_agree(a, b) {
        return false;
    }
    if a.telling.is_empty() && b.telling.is_empty() {
        // Both say only what the thing is.
        let (of_a, of_b) = (&a.kinds[Respect::Kind as usize], &b.kinds[Respect::Kind as usize]);
        return !a.numbers.is_empty() || !a.apart.is_empty() || (!of_a.is_empty() && of_a == of_b);
    }
    if !a.joined.is_empty() && a.joined == b.joined {
        return true;
    }
    let (short, long) = if a.telling.len() <= b.telling.len() { (a, b) } else { (b, a) };
    // One that says only what the thing is may have left out the place.
    if short.telling.is_empty() && short.kinds[0] != long.kinds[0] {
        return false;
    }
    has_partners(&short.telling, &long.telling, &|word| {
        a.places.iter().chain(&b.places).any(|place| place == word)
    })
}

/// Whether two names say the same of what the thing is, or one of them says nothing.
fn kinds_agree(a: &Folded, b: &Folded) -> bool {
    let holds = |all: &[u16], some: &[u16]| some.iter().all(|one| all.contains(one));
    a.kinds.iter().zip(&b.kinds).enumerate().all(|(respect, (a, b))| {
        // The central hospital of a district is that of the district.
        let is_rank = respect == Respect::Rank as usize;
        a.is_empty() || b.is_empty() || a == b || (is_rank && (holds(a, b) || holds(b, a)))
    })
}

/// Whether each word of the shorter name has a partner of its own, and what is left over of the longer one may be.
fn has_partners(short: &[String], long: &[String], may_be_left: &dyn Fn(&str) -> bool) -> bool {
    let mut left: Vec<&str> = long.iter().map(String::as_str).collect();
    let mut open = Vec::new();
    for word in short {
        match left.iter().position(|other| other == word) {
            Some(place) => drop(left.remove(place)),
            None => open.push(word.as_str()),
        }
    }
    open.len() <= MOST_WORDS && left.len() <= MOST_WORDS && pairs(&open, &mut left, may_be_left)
}

/// Whether open words find partners among those left, so that no other word stays.
fn pairs(open: &[&str], left: &mut Vec<&str>, may_be_left: &dyn Fn(&str) -> bool) -> bool {
    let Some((word, rest)) = open.split_first() else {
        return left.iter().all(|word| may_be_left(word));
    };
    (0..left.len()).any(|place| {
        if !are_partners(word, left[place]) {
            return false;
        }
        let other = left.remove(place);
        let found = pairs(rest, left, may_be_left);
        left.insert(place, other);
        found
    })
}

/// Whether two words that differ may be one word, spelled or inflected in two ways.
fn are_partners(a: &str, b: &str) -> bool {
    let script = |word: &str| word.chars().next().map_or(Script::Other, Script::of);
    let (script, other) = (script(a), script(b));
    if script != other || script == Script::Spaceless {
        return false;
    }
    let (of_a, of_b) = (letters(a), letters(b));
    let least = of_a.min(of_b);
    let least_edit = if script == Script::Abjad { LEAST_EDIT_ABJAD } else { LEAST_EDIT };
    if least >= LEAST_PLAIN && script == Script::Latin && plainly(a) == plainly(b) {
        return true;
    }
    let (short, long) = if of_a <= of_b { (a, b) } else { (b, a) };
    (least >= least_edit && is_one_edit(short, long))
        || (least >= LEAST_STEM && long.starts_with(short) && of_a.abs_diff(of_b) <= MOST_ENDING)
}

/// A word without the letter that stands for an umlaut, and with one letter for two: Mueller is Müller, Adaamaa Adama.
fn plainly(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    for letter in word.chars() {
        let is_umlaut = letter == 'e' && plain.ends_with(['a', 'o', 'u']);
        if !is_umlaut && !plain.ends_with(letter) {
            plain.push(letter);
        }
    }
    plain
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    /// Arabic and Hebrew, which leave vowels out.
    Abjad,
    Spaceless,
    Other,
}

impl Script {
    fn of(letter: char) -> Self {
        match u32::from(letter) {
            0x41..=0x24f | 0x1e00..=0x1eff => Self::Latin,
            0x400..=0x52f => Self::Cyrillic,
            0x590..=0x8ff => Self::Abjad,
            0xe00..=0x109f | 0x1780..=0x17ff | 0x2e80..=0x9fff | 0xf900..=0xfaff | 0x20000.. => {
                Self::Spaceless
            }
            _ => Self::Other,
        }
    }
}

/// Whether one letter more, or one that sounds much like another, makes a word of the other.
fn is_one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    match (a, b) {
        ([of_a, a @ ..], [of_b, b @ ..]) if a == b => sound_alike(*of_a, *of_b),
        ([_, rest @ ..], _) if rest == b => true,
        (_, [_, rest @ ..]) if rest == a => true,
        _ => false,
    }
}

/// Whether two letters are written for one sound: Rampur and Rajpur are two towns, Dadaab and Dadaap one.
fn sound_alike(a: char, b: char) -> bool {
    const SOUNDS: [&str; 14] = [
        "aeiouyw",
        "bpvf",
        "vwfu",
        "dt",
        "gkqcxh",
        "sczx",
        "jgyz",
        "аеиоуыэюяіїєйү",
        "бп",
        "вф",
        "дт",
        "гкх",
        "зсц",
        "жшщч",
    ];
    const MORE: [&str; 3] = ["اوي", "αειουηω", "ծցձ"];
    let is_row = u32::from(a) & !7 == u32::from(b) & !7;
    let is_ethiopic = matches!(a, '\u{1200}'..='\u{137f}') && is_row;
    (is_combining_mark(a) && is_combining_mark(b))
        || is_ethiopic
        || SOUNDS.iter().chain(&MORE).any(|sound| sound.contains(a) && sound.contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NameWords;

    /// Pairs of names that are of one thing or of two: those that the rules were made with, and those that were
    /// written when the rules were done.
    const PAIRS: [&str; 2] = [
        include_str!("../../tests/data/names.csv"),
        include_str!("../../tests/data/names_held_out.csv"),
    ];

    fn alike(a: &str, b: &str) -> bool {
        let words = Words::of(&NameWords::default());
        let (a, b) = (Folded::of(a, &words), Folded::of(b, &words));
        let is_alike = fit(Some(&a), Some(&b));
        assert_eq!(is_alike, fit(Some(&b), Some(&a)), "{a:?} {b:?}");
        is_alike
    }

    /// Pairs of a table that come out otherwise than it says: (different and merged, same and split), of how many.
    fn faults(table: &str) -> ([Vec<String>; 2], [usize; 2], std::collections::BTreeSet<String>) {
        let mut faults = [Vec::new(), Vec::new()];
        let mut counts = [0, 0];
        let mut languages = std::collections::BTreeSet::new();
        for row in csv::Reader::from_reader(table.as_bytes()).records() {
            let row = row.unwrap();
            languages.insert(row[0].to_string());
            let is_same = match &row[3] {
                "same" => true,
                "different" => false,
                other => panic!("{other}"),
            };
            counts[usize::from(is_same)] += 1;
            if alike(&row[1], &row[2]) != is_same {
                faults[usize::from(is_same)]
                    .push(format!("{}: {} | {}", &row[0], &row[1], &row[2]));
            }
        }
        (faults, counts, languages)
    }

    #[test]
    fn no_two_different_things_are_one_in_any_language() {
        for (table, least_found) in PAIRS.iter().zip([1.0, 0.85]) {
            let ([merged, split], [different, same], languages) = faults(table);
            println!(
                "{} languages; {different} different: {} merged; {same} same: {} split",
                languages.len(),
                merged.len(),
                split.len()
            );
            assert!(languages.len() >= 50 && different >= 90 && same >= 50);
            assert!(merged.is_empty(), "{merged:#?}");
            let found = 1.0 - split.len() as f64 / same as f64;
            assert!(found >= least_found, "{split:#?}");
        }
    }

    #[test]
    fn case_accents_and_generic_words_do_not_matter() {
        assert!(alike("Landspítali", "LANDSPITALI"));
        assert!(alike("Hôpital Saint-Joseph", "Saint Joseph Hospital"));
        assert!(alike("Children's Hospital", "Childrens hospital"));
        assert!(alike("Hrafnista", "Hrafnista DAS"));
        assert!(!alike("Hrafnista", "Hrafnista Boðaþing"), "a word is left over");
        assert!(!alike("St. Anna Hospital", "General Hospital Lviv"));
        assert!(!alike("Melaskóli", "Hagaskóli"));
    }

    #[test]
    fn a_digit_or_a_single_letter_tells_things_apart() {
        assert!(!alike("School No. 5", "School No. 6"));
        assert!(!alike("School 12", "School"));
        assert!(!alike("Block A", "Block B"));
        assert!(!alike("Gymnasium II", "Gymnasium III"));
        assert!(alike("School No5", "School no. 5"));
        assert_eq!(whole("  St. Anna's  No5b "), "st anna no 5 b");
        assert_eq!(whole("Þórs-gata 7"), "thors gata 7");
    }

    #[test]
    fn words_are_partners_if_spelled_or_inflected_in_two_ways() {
        for (a, b) in [("kutupalong", "kutupalang"), ("mueller", "muller"), ("kirkuk", "kirkuki")] {
            assert!(are_partners(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("rampur", "rajpur"),
            ("omar", "amar"),
            ("kirkuk", "kirkukabad"),
            ("سلام", "سلاح"),
            ("सीतापुर", "गीतापुर"),
            ("孔子小学", "孔子中学"),
        ] {
            assert!(!are_partners(a, b), "{a} {b}");
        }
    }

    #[test]
    fn words_that_a_scheme_names_are_generic_or_tell_apart() {
        let of = |generic: &[&str], apart: &[&str]| {
            let texts = |words: &[&str]| words.iter().map(ToString::to_string).collect();
            let words = Words::of(&NameWords { generic: texts(generic), apart: texts(apart) });
            move |a: &str, b: &str| are_alike(&Folded::of(a, &words), &Folded::of(b, &words))
        };
        assert!(!of(&[], &[])("Feldscher Anna", "Anna"));
        assert!(of(&["Feldscher"], &[])("Feldscher Anna", "ANNA"));
        assert!(of(&[], &[])("Anna Pharmacy", "Anna"));
        assert!(!of(&[], &["pharmacy"])("Anna Pharmacy", "Anna"));
        assert!(!of(&["girls"], &[])("Girls School", "School"));
    }

    #[test]
    fn a_place_name_of_the_address_may_be_left_over() {
        let words = Words::of(&NameWords::default());
        let at = |name: &str, address: &str| {
            let mut folded = Folded::of(name, &words);
            folded.places = Folded::of(address, &words).telling;
            folded
        };
        let (long, short) = (at("Hospital Sultanah Aminah Johor", ""), "Hospital Sultanah Aminah");
        assert!(are_alike(&at(short, "Johor"), &long) && are_alike(&long, &at(short, "Johor")));
        assert!(!are_alike(&at(short, ""), &long) && !are_alike(&at(short, "Perak"), &long));
        assert!(are_alike(&at("Moyo District Hospital", "Moyo"), &at("District Hospital", "")));
        assert!(!are_alike(&at("Moyo District Hospital", "Moyo"), &at("Anna", "")));
        assert!(!are_alike(&at("Moyo Clinic", "Moyo"), &at("Hospital", "")));
        assert!(!are_alike(&at("Moyo School 1", "Moyo"), &at("School 2", "Moyo")));
    }

    #[test]
    fn one_of_two_may_have_no_name_and_generic_words_are_a_name() {
        let words = Words::of(&NameWords::default());
        let (named, none) = (Folded::of("St. Anna", &words), Folded::of(" - ", &words));
        assert!(fit(Some(&named), None) && fit(Some(&none), Some(&named)));
        assert!(!fit(None, None) && !fit(Some(&none), None));
        assert!(alike("Hospital", "HOSPITAL") && alike("Hôpital", "Hospital"));
        assert!(!alike("Hospital", "Pharmacy") && !alike("Hospital", "St. Anna"));
    }
}
