//! Counts as people write them: `1,200 beds`, `1 200`, `1'200`, `~300`, `٣٠٠`, `200 lits`.
//!
//! A text is a count if it holds one number, and around it only words and marks that leave the number as it is:
//! a unit of people or places, *about*, *total*. A range, a bound (`300+`, `over 300`), a share and any other
//! unit (households, m²) are none, since nobody knows how many people they mean.
//!
//! A comma or a space before three digits sets thousands apart: `1,200` is 1200, since counts are whole. A single
//! point there may be a decimal one, so `1.200` is no number, unless a unit tells that it counts (`1.200 beds`) or
//! the whole part is 0. In front of any other number of digits a point or a comma is a decimal one. Where both
//! occur, the last is the decimal one.

/// The zeros of the decimal digits of scripts; nine digits follow each.
const ZEROS: [char; 26] = [
    '٠', '۰', '߀', '०', '০', '੦', '૦', '୦', '௦', '౦', '೦', '൦', '෦', '๐', '໐', '༠', '၀', '႐', '០',
    '᠐', '᥆', '᱐', '꣐', '꯰', '𞥐', '０',
];

/// Marks that set thousands apart and are never decimal ones; blanks too.
const APART: [char; 7] = ['\'', '’', 'ʼ', '`', '_', '٬', '˙'];

/// The Arabic decimal mark, which sets nothing apart.
const ARABIC_DECIMAL: char = '٫';

/// Words that leave a number as it is: *about*, *total*.
const BARE: [&str; 45] = [
    "about",
    "around",
    "approx",
    "approximately",
    "appr",
    "app",
    "circa",
    "ca",
    "c",
    "roughly",
    "some",
    "est",
    "estimated",
    "estimate",
    "total",
    "capacity",
    "env",
    "environ",
    "approximativement",
    "aprox",
    "aproximadamente",
    "cerca",
    "unos",
    "unas",
    "etwa",
    "ungefähr",
    "rund",
    "gesamt",
    "около",
    "примерно",
    "близько",
    "приблизно",
    "всего",
    "всього",
    "حوالي",
    "تقريبا",
    "حدود",
    "نحو",
    "yaklaşık",
    "toplam",
    "takriban",
    "kama",
    "约",
    "約",
    "sekitar",
];

/// What people and places for them are called.
const UNITS: [&str; 119] = [
    "bed",
    "beds",
    "person",
    "persons",
    "people",
    "pax",
    "ppl",
    "pers",
    "patient",
    "patients",
    "individual",
    "individuals",
    "ind",
    "inhabitant",
    "inhabitants",
    "resident",
    "residents",
    "pupil",
    "pupils",
    "student",
    "students",
    "child",
    "children",
    "learner",
    "learners",
    "place",
    "places",
    "seat",
    "seats",
    "detainee",
    "detainees",
    "inmate",
    "inmates",
    "prisoner",
    "prisoners",
    "staff",
    "occupant",
    "occupants",
    "refugee",
    "refugees",
    "idp",
    "idps",
    "lit",
    "lits",
    "personne",
    "personnes",
    "élève",
    "élèves",
    "eleves",
    "enfants",
    "habitants",
    "hab",
    "détenus",
    "réfugiés",
    "étudiants",
    "cama",
    "camas",
    "persona",
    "personas",
    "alumno",
    "alumnos",
    "estudiantes",
    "niños",
    "habitantes",
    "plazas",
    "leito",
    "leitos",
    "pessoa",
    "pessoas",
    "alunos",
    "crianças",
    "vagas",
    "letti",
    "posti",
    "persone",
    "bett",
    "betten",
    "personen",
    "schüler",
    "kinder",
    "plätze",
    "einwohner",
    "коек",
    "койки",
    "койка",
    "койко-мест",
    "мест",
    "место",
    "человек",
    "чел",
    "людей",
    "учеников",
    "детей",
    "ліжок",
    "ліжка",
    "місць",
    "осіб",
    "учнів",
    "дітей",
    "سرير",
    "أسرة",
    "اسرة",
    "سریر",
    "تخت",
    "شخص",
    "أشخاص",
    "نفر",
    "نسمة",
    "طالب",
    "تلميذ",
    "yatak",
    "kişi",
    "öğrenci",
    "vitanda",
    "watu",
    "wanafunzi",
    "床",
    "人",
    "张床位",
];

/// Words and letters that multiply.
const TIMES: [(&str, f64); 22] = [
    ("k", 1e3),
    ("thousand", 1e3),
    ("mille", 1e3),
    ("mil", 1e3),
    ("tausend", 1e3),
    ("тыс", 1e3),
    ("тысяч", 1e3),
    ("тис", 1e3),
    ("тисяч", 1e3),
    ("bin", 1e3),
    ("ألف", 1e3),
    ("الف", 1e3),
    ("هزار", 1e3),
    ("elfu", 1e3),
    ("lakh", 1e5),
    ("lakhs", 1e5),
    ("crore", 1e7),
    ("million", 1e6),
    ("millions", 1e6),
    ("млн", 1e6),
    ("万", 1e4),
    ("萬", 1e4),
];

/// The decimal digit that a letter of any script is, as ASCII.
pub(in crate::read) fn digit(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return letter.is_ascii_digit().then_some(letter);
    }
    let of = |zero: &char| u32::from(letter).checked_sub(u32::from(*zero)).filter(|n| *n < 10);
    ZEROS.iter().find_map(of).and_then(|value| char::from_digit(value, 10))
}

/// The number that a text gives as a count of people or of places for them; `None` if it gives none, or if nobody
/// knows which.
pub(in crate::read) fn amount(text: &str) -> Option<f64> {
    let text: String = text.trim().chars().map(plain).collect();
    let first = text.find(|letter: char| letter.is_ascii_digit())?;
    let end = text.rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let (before, number, after) = (text.get(..first)?, text.get(first..end)?, text.get(end..)?);
    if let (Some((mantissa, exponent)), "" | "-" | "+", "") =
        (split_exponent(number), before, after)
    {
        // As programs write it.
        decimal(mantissa, false)?;
        return text.parse().ok().filter(|number: &f64| number.is_finite() && exponent < 100);
    }
    let (sign, before) = match before.trim() {
        "-" => (-1.0, ""),
        "+" => (1.0, ""),
        before => (1.0, before),
    };
    // A point that begins a decimal.
    let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let (number, before) = match before.strip_suffix('.') {
        Some("") if is_digits => (format!("0.{number}"), ""),
        _ => (number.to_string(), before),
    };
    let around = around(before)?.and(around(after)?);
    Some(sign * decimal(&number, around.is_count)? * around.times)
}

/// A letter as it is compared: digits of any script, blanks and minus signs are made ASCII.
fn plain(letter: char) -> char {
    match letter {
        '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => '-',
        letter if letter.is_whitespace() => ' ',
        letter if APART.contains(&letter) => '\'',
        letter => digit(letter).unwrap_or(letter),
    }
}

/// The mantissa and the exponent of `1.2e3`.
fn split_exponent(number: &str) -> Option<(&str, u32)> {
    let (mantissa, exponent) = number.split_once(['e', 'E'])?;
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    Some((mantissa, exponent.parse().ok()?))
}

/// What stands around a number.
#[derive(Clone, Copy)]
struct Around {
    /// Whether a unit tells that it counts.
    is_count: bool,
    times: f64,
}

impl Around {
    fn and(self, other: Self) -> Self {
        Self { is_count: self.is_count || other.is_count, times: self.times * other.times }
    }
}

/// What a text before or after a number means for it; `None` if it may make another number of it.
fn around(text: &str) -> Option<Around> {
    let mut found = Around { is_count: false, times: 1.0 };
    let text = text.to_lowercase();
    for word in text.split([' ', '~', '≈', '∼', ':', '=', '(', ')', '[', ']', ';']) {
        let known = word.trim_matches('.').trim_end_matches(',');
        let word = if known.is_empty() { word.trim_matches('.') } else { known };
        if word.is_empty() || BARE.contains(&word) {
            continue;
        }
        if UNITS.contains(&word) {
            found.is_count = true;
        } else {
            let (_, times) = TIMES.iter().find(|(of, _)| *of == word)?;
            found.times *= times;
        }
    }
    Some(found)
}

/// A number of digits and of marks between them.
fn decimal(number: &str, is_count: bool) -> Option<f64> {
    let is_known = |letter: char| {
        letter.is_ascii_digit() || [' ', '\'', ',', '.', ARABIC_DECIMAL].contains(&letter)
    };
    if !number.chars().all(is_known) {
        return None;
    }
    let (whole, part) = match decimal_mark(number, is_count) {
        Decimal::At(at) => {
            let (whole, part) = number.split_at(at);
            (whole, part.trim_start_matches(['.', ',', ARABIC_DECIMAL]))
        }
        Decimal::None => (number, ""),
        Decimal::Unknown => return None,
    };
    let whole = whole_number(whole)?;
    let is_part = part.bytes().all(|byte| byte.is_ascii_digit());
    is_part.then(|| format!("{whole}.{part}0").parse().ok())?
}

/// The decimal mark of a number.
enum Decimal {
    At(usize),
    None,
    /// A mark may be it, or set thousands apart.
    Unknown,
}

/// Where the decimal mark of a number is.
fn decimal_mark(number: &str, is_count: bool) -> Decimal {
    if let Some(at) = number.find(ARABIC_DECIMAL) {
        return Decimal::At(at);
    }
    let Some(last) = number.rfind([',', '.']) else { return Decimal::None };
    let (whole, part) = (&number[..last], &number[last + 1..]);
    let is_point = number[last..].starts_with('.');
    let same = if is_point { '.' } else { ',' };
    if whole.contains(same) {
        return Decimal::None;
    }
    let is_grouped = whole.contains([',', '.', ' ', '\'']);
    let is_group = part.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
    match (is_grouped, is_group, is_point) {
        (false, true, true) if !is_count => Decimal::Unknown,
        (false, true, _) => Decimal::None,
        _ => Decimal::At(last),
    }
}

/// The digits of a whole number, whose thousands may be set apart by one kind of mark; lakhs too.
fn whole_number(text: &str) -> Option<String> {
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(mark) = text.chars().find(|letter| !letter.is_ascii_digit()) else {
        return (!text.is_empty()).then(|| text.to_string());
    };
    let groups: Vec<&str> = text.split(mark).collect();
    let (first, others) = groups.split_first()?;
    let (last, middle) = others.split_last()?;
    let is_thousands =
        (1..=3).contains(&first.len()) && middle.iter().all(|group| group.len() == 3);
    let is_lakhs = mark == ','
        && !middle.is_empty()
        && (1..=2).contains(&first.len())
        && middle.iter().all(|group| group.len() == 2);
    let is_sound = last.len() == 3 && groups.iter().all(|group| all_digits(group));
    (is_sound && (is_thousands || is_lakhs)).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_read_as_people_write_it() {
        for (text, number) in [
            (" 1200 ", 1200.0),
            ("1,200 beds", 1200.0),
            ("1 200", 1200.0),
            ("1\u{202f}200 lits", 1200.0),
            ("1'200’000", 1.2e6),
            ("1,200,000", 1.2e6),
            ("12,34,567", 1_234_567.0),
            ("12,200.5", 12_200.5),
            ("1.200,5", 1200.5),
            ("1.200.000", 1.2e6),
            ("1.200 Betten", 1200.0),
            ("1 200,50", 1200.5),
            ("120,0", 120.0),
            ("0,9", 0.9),
            ("0.125", 0.125),
            ("120.0", 120.0),
            ("1200.125", 1200.125),
            ("1.2e2", 120.0),
            (".5", 0.5),
            ("-99", -99.0),
            ("\u{2212}5", -5.0),
            ("+7", 7.0),
            ("~300", 300.0),
            ("approx. 300", 300.0),
            ("300 (est.)", 300.0),
            ("Environ 50 personnes", 50.0),
            ("Capacity: 40", 40.0),
            ("٣٠٠", 300.0),
            ("۱۲۰ تخت", 120.0),
            ("١٬٢٠٠٫٥", 1200.5),
            ("१,२०० ", 1200.0),
            ("120 коек", 120.0),
            ("120beds", 120.0),
            ("1.5 million people", 1.5e6),
            ("2,5 тыс. чел.", 2500.0),
            ("12k", 12_000.0),
            ("３０", 30.0),
        ] {
            assert_eq!(amount(text), Some(number), "{text}");
        }
    }

    #[test]
    fn what_may_mean_another_number_is_none() {
        for text in [
            "",
            "-",
            "none",
            "1.200",
            "120.000",
            "50-60",
            "50–60",
            "50 to 60",
            "100/150",
            "300+",
            ">300",
            "over 300",
            "less than 5",
            "40 families",
            "200 households",
            "25 %",
            "120 m2",
            "5 km",
            "Ward 3",
            "12 beds 3 cots",
            "1 20",
            "1,200 300",
            ",200,300",
            "1,200.5.5",
            "12e",
            "1e400",
            "nan",
            "inf",
            "1,2,3",
            "1200,300,1",
            "1/2",
            "2026-11-22",
            "10:30",
            "0x10",
        ] {
            assert_eq!(amount(text), None, "{text}");
        }
    }

    #[test]
    fn digits_of_a_script_count_from_its_zero() {
        for zero in ZEROS {
            let nine = char::from_u32(u32::from(zero) + 9).unwrap();
            assert_eq!((digit(zero), digit(nine)), (Some('0'), Some('9')), "{zero}");
        }
        assert_eq!((digit('a'), digit('Ⅳ'), digit('一')), (None, None, None));
    }
}
