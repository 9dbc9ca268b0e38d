//! Whether two names may be of one thing.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Names at least so alike are of one thing, by Jaro and Winkler.
const ALIKE: f64 = 0.85;

/// Words that tell what a thing is and not which, in English, French, Spanish, Portuguese, German, Arabic in
/// Latin letters, Icelandic, Ukrainian and Russian; folded.
const GENERIC: [&str; 68] = [
    "the",
    "of",
    "and",
    "de",
    "la",
    "le",
    "les",
    "du",
    "des",
    "del",
    "el",
    "al",
    "der",
    "die",
    "das",
    "hospital",
    "hopital",
    "krankenhaus",
    "klinikum",
    "mustashfa",
    "sjukrahus",
    "likarnya",
    "лікарня",
    "больница",
    "clinic",
    "clinique",
    "clinica",
    "klinik",
    "medical",
    "health",
    "sante",
    "salud",
    "saude",
    "centre",
    "center",
    "centro",
    "zentrum",
    "post",
    "facility",
    "heilsugaesla",
    "pharmacy",
    "pharmacie",
    "farmacia",
    "apotheke",
    "apotek",
    "school",
    "ecole",
    "escuela",
    "escola",
    "schule",
    "madrasa",
    "skoli",
    "leikskoli",
    "grunnskoli",
    "школа",
    "kindergarten",
    "university",
    "universite",
    "college",
    "church",
    "eglise",
    "iglesia",
    "kirkja",
    "mosque",
    "museum",
    "musee",
    "library",
    "station",
];

/// A name as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folded {
    /// All its words in small letters without accents.
    pub(super) whole: String,
    /// The same without generic words; empty if it tells only what the thing is.
    telling: String,
    /// Its numbers and words of one letter, sorted: what tells school 5 from school 6, block A from block B.
    marks: Vec<String>,
}

/// All words of a name in small letters without accents, numbers apart, a space between two.
pub(super) fn whole(name: &str) -> String {
    let mut words = Words { text: String::with_capacity(name.len()), last: ' ' };
    if name.is_ascii() {
        // Letters without accents fold by themselves.
        name.bytes().for_each(|byte| words.push(byte.to_ascii_lowercase().into()));
    } else {
        name.chars().flat_map(folded).for_each(|letter| words.push(letter));
    }
    words.text.truncate(words.text.trim_end().len());
    words.text
}

/// Words that are written letter by letter.
struct Words {
    text: String,
    /// The last letter; a space between words.
    last: char,
}

impl Words {
    fn push(&mut self, letter: char) {
        let is_letter = letter.is_alphanumeric();
        let is_in_word = self.last != ' ';
        match letter {
            // Within a word: children's.
            '\'' | '’' | '`' => return,
            _ if !is_in_word => {}
            _ if !is_letter || self.last.is_numeric() != letter.is_numeric() => self.text.push(' '),
            _ => {}
        }
        self.last = if is_letter { letter } else { ' ' };
        self.text.extend(is_letter.then_some(letter));
    }
}

impl Folded {
    pub(super) fn of(name: &str) -> Self {
        let whole = whole(name);
        let words: Vec<&str> = whole.split(' ').filter(|word| !word.is_empty()).collect();
        let marks = words.iter().filter(|word| is_mark(word));
        let mut marks: Vec<String> = marks.map(|word| (*word).to_string()).collect();
        marks.sort_unstable();
        let telling = words.iter().filter(|word| !GENERIC.contains(word)).copied();
        let telling = telling.collect::<Vec<_>>().join(" ");
        Self { whole, telling, marks }
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
    // Where one tells only what the thing is, all of its words are compared.
    let is_telling = !a.telling.is_empty() && !b.telling.is_empty();
    let [a_words, b_words] =
        if is_telling { [&a.telling, &b.telling] } else { [&a.whole, &b.whole] };
    a.marks == b.marks && strsim::jaro_winkler(a_words, b_words) >= ALIKE
}

/// Whether a word is a number, by digits or Roman, or a single letter.
fn is_mark(word: &str) -> bool {
    let is_roman = word.chars().all(|letter| matches!(letter, 'i' | 'v' | 'x'));
    word.chars().count() == 1 || is_roman || word.chars().any(char::is_numeric)
}

/// A letter small and without accents.
fn folded(letter: char) -> impl Iterator<Item = char> {
    let plain = letter.is_ascii().then_some(letter.to_ascii_lowercase());
    let parts = (!letter.is_ascii()).then(|| letter.nfkd()).into_iter().flatten();
    let parts = parts.filter(|part| !is_combining_mark(*part));
    let parts = parts.flat_map(char::to_lowercase).flat_map(|letter| {
        // Letters of their own that Unicode does not take apart.
        let others: &[char] = match letter {
            'ð' | 'đ' => &['d'],
            'þ' => &['t', 'h'],
            'æ' => &['a', 'e'],
            'œ' => &['o', 'e'],
            'ø' => &['o'],
            'ß' => &['s', 's'],
            'ł' => &['l'],
            'ı' => &['i'],
            _ => &[],
        };
        let own = others.is_empty().then_some(letter);
        others.iter().copied().chain(own)
    });
    plain.into_iter().chain(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(a: &str, b: &str) -> bool {
        fit(Some(&Folded::of(a)), Some(&Folded::of(b)))
    }

    #[test]
    fn case_accents_and_generic_words_do_not_matter() {
        assert!(alike("Landspítali", "LANDSPITALI"));
        assert!(alike("Hôpital Saint-Joseph", "Saint Joseph Hospital"));
        assert!(alike("Children's Hospital", "Childrens hospital"));
        assert!(alike("Hrafnista", "Hrafnista DAS"));
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
        assert_eq!(whole("  St. Anna's  No5b "), "st annas no 5 b");
        assert_eq!(whole("Þórs-gata 7"), "thors gata 7");
    }

    #[test]
    fn one_of_two_may_have_no_name_and_generic_words_are_a_name() {
        let (named, none) = (Folded::of("St. Anna"), Folded::of(" - "));
        assert!(fit(Some(&named), None) && fit(Some(&none), Some(&named)));
        assert!(!fit(None, None) && !fit(Some(&none), None));
        assert!(alike("Hospital", "HOSPITAL") && alike("Hôpital", "Hospital"));
        assert!(!alike("Hospital", "Pharmacy") && !alike("Hospital", "St. Anna"));
    }
}
