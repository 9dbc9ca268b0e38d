//! Angles as people write them: decimal degrees, degrees and minutes, degrees, minutes and seconds.
//!
//! `20.03`, `20,03°`, `W 20.03`, `64°08'30"N`, `64 08.5`, `36-12-30N`, `36d12m30s`, `361230N`, in digits of any
//! script, with the letters or words for north, south, east and west of many languages before or after. Minutes and
//! seconds are below 60, and only the last number has decimals; anything else is no angle. A number above 90 or 180
//! that a letter follows is in packed degrees, minutes and seconds.
//!
//! Dashes part them only where a letter follows: `12-05-24` is a date too. No text of more than [`LONGEST`] letters is
//! an angle.
//!
//! The letter O means west in Romance languages and east in German: the column decides, see [`Axis`].

use crate::read::amount::digit;

/// Letters of a cell that a message shows.
const SHOWN: usize = 40;

/// Letters that an angle, or two, have at most.
pub(super) const LONGEST: usize = 200;

/// Longitude or latitude.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether the letter O means east, as in German, or west; `None` if nothing tells.
    pub(super) is_o_east: Option<bool>,
    /// Whether numbers without a letter are of the south or the west.
    pub(super) is_negative: bool,
}

/// East is positive.
pub(super) const LONGITUDE: Axis = Axis { name: "longitude", is_o_east: None, is_negative: false };
/// North is positive.
pub(super) const LATITUDE: Axis = Axis { name: "latitude", is_o_east: None, is_negative: false };

/// Words of the halves of the earth, each with the axis and the sign; `ش` begins both *north* and *east* in Arabic.
const HALVES: [(&str, Axis, f64); 103] = [
    ("n", LATITUDE, 1.0),
    ("north", LATITUDE, 1.0),
    ("nord", LATITUDE, 1.0),
    ("norte", LATITUDE, 1.0),
    ("nb", LATITUDE, 1.0),
    ("lu", LATITUDE, 1.0),
    ("utara", LATITUDE, 1.0),
    ("kuzey", LATITUDE, 1.0),
    ("k", LATITUDE, 1.0),
    ("с", LATITUDE, 1.0),
    ("сш", LATITUDE, 1.0),
    ("север", LATITUDE, 1.0),
    ("пн", LATITUDE, 1.0),
    ("пнш", LATITUDE, 1.0),
    ("північ", LATITUDE, 1.0),
    ("ش", LATITUDE, 1.0),
    ("شمال", LATITUDE, 1.0),
    ("شمالا", LATITUDE, 1.0),
    ("شمالي", LATITUDE, 1.0),
    ("شمالی", LATITUDE, 1.0),
    ("北", LATITUDE, 1.0),
    ("北纬", LATITUDE, 1.0),
    ("北緯", LATITUDE, 1.0),
    ("s", LATITUDE, -1.0),
    ("south", LATITUDE, -1.0),
    ("sud", LATITUDE, -1.0),
    ("sur", LATITUDE, -1.0),
    ("sul", LATITUDE, -1.0),
    ("süd", LATITUDE, -1.0),
    ("sb", LATITUDE, -1.0),
    ("zb", LATITUDE, -1.0),
    ("ls", LATITUDE, -1.0),
    ("selatan", LATITUDE, -1.0),
    ("güney", LATITUDE, -1.0),
    ("g", LATITUDE, -1.0),
    ("ю", LATITUDE, -1.0),
    ("юш", LATITUDE, -1.0),
    ("юг", LATITUDE, -1.0),
    ("пд", LATITUDE, -1.0),
    ("пдш", LATITUDE, -1.0),
    ("південь", LATITUDE, -1.0),
    ("ج", LATITUDE, -1.0),
    ("جنوب", LATITUDE, -1.0),
    ("جنوبا", LATITUDE, -1.0),
    ("جنوبي", LATITUDE, -1.0),
    ("جنوبی", LATITUDE, -1.0),
    ("南", LATITUDE, -1.0),
    ("南纬", LATITUDE, -1.0),
    ("南緯", LATITUDE, -1.0),
    ("e", LONGITUDE, 1.0),
    ("east", LONGITUDE, 1.0),
    ("est", LONGITUDE, 1.0),
    ("este", LONGITUDE, 1.0),
    ("leste", LONGITUDE, 1.0),
    ("l", LONGITUDE, 1.0),
    ("ost", LONGITUDE, 1.0),
    ("ol", LONGITUDE, 1.0),
    ("öl", LONGITUDE, 1.0),
    ("ö", LONGITUDE, 1.0),
    ("bt", LONGITUDE, 1.0),
    ("timur", LONGITUDE, 1.0),
    ("doğu", LONGITUDE, 1.0),
    ("d", LONGITUDE, 1.0),
    ("в", LONGITUDE, 1.0),
    ("вд", LONGITUDE, 1.0),
    ("восток", LONGITUDE, 1.0),
    ("сх", LONGITUDE, 1.0),
    ("схд", LONGITUDE, 1.0),
    ("схід", LONGITUDE, 1.0),
    ("ش", LONGITUDE, 1.0),
    ("ق", LONGITUDE, 1.0),
    ("شرق", LONGITUDE, 1.0),
    ("شرقا", LONGITUDE, 1.0),
    ("شرقي", LONGITUDE, 1.0),
    ("شرقی", LONGITUDE, 1.0),
    ("东", LONGITUDE, 1.0),
    ("東", LONGITUDE, 1.0),
    ("东经", LONGITUDE, 1.0),
    ("東経", LONGITUDE, 1.0),
    ("w", LONGITUDE, -1.0),
    ("west", LONGITUDE, -1.0),
    ("ouest", LONGITUDE, -1.0),
    ("oeste", LONGITUDE, -1.0),
    ("ovest", LONGITUDE, -1.0),
    ("wl", LONGITUDE, -1.0),
    ("bb", LONGITUDE, -1.0),
    ("barat", LONGITUDE, -1.0),
    ("batı", LONGITUDE, -1.0),
    ("b", LONGITUDE, -1.0),
    ("з", LONGITUDE, -1.0),
    ("зд", LONGITUDE, -1.0),
    ("запад", LONGITUDE, -1.0),
    ("зх", LONGITUDE, -1.0),
    ("зхд", LONGITUDE, -1.0),
    ("захід", LONGITUDE, -1.0),
    ("غ", LONGITUDE, -1.0),
    ("غرب", LONGITUDE, -1.0),
    ("غربا", LONGITUDE, -1.0),
    ("غربي", LONGITUDE, -1.0),
    ("غربی", LONGITUDE, -1.0),
    ("西", LONGITUDE, -1.0),
    ("西经", LONGITUDE, -1.0),
    ("西経", LONGITUDE, -1.0),
];

/// Half of the earth that a word names on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// North or east.
    Positive,
    /// South or west.
    Negative,
    /// The letter O.
    O,
}

impl Half {
    /// The half that a word names on an axis.
    pub(super) fn of(word: &str, axis: Axis) -> Option<Self> {
        let word = word.trim().trim_end_matches('.').to_lowercase();
        if word == "o" {
            return (axis.name == LONGITUDE.name).then_some(Self::O);
        }
        let found = HALVES.iter().find(|(half, of, _)| *half == word && of.name == axis.name)?;
        Some(if found.2 < 0.0 { Self::Negative } else { Self::Positive })
    }
}

/// Words that name the axis of the number after them.
const LABELS: [(&str, Axis); 8] = [
    ("lat", LATITUDE),
    ("latitude", LATITUDE),
    ("latitud", LATITUDE),
    ("lon", LONGITUDE),
    ("long", LONGITUDE),
    ("lng", LONGITUDE),
    ("longitude", LONGITUDE),
    ("longitud", LONGITUDE),
];

/// Letters that no angle shows and that programs put around text of both directions.
const UNSEEN: [char; 13] = [
    '\u{200b}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
];

/// An angle, before anybody knows of which axis it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Angle {
    /// Degrees without the sign that a half of the earth gives.
    number: f64,
    /// Whether a minus stands before it.
    is_signed: bool,
    /// The word of a half of the earth.
    half: Option<String>,
    /// The axis that a label names.
    label: Option<Axis>,
    /// Whether it is a single number without a mark, which may be packed.
    is_bare: bool,
    /// Digits of its whole part, if it may be packed.
    whole: usize,
}

/// Reasons why an angle is none of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    /// It has the letter, or the label, of the other axis.
    OtherAxis,
    /// It has a sign and a letter.
    Signed,
    /// It is a number of more digits than an angle has.
    Large,
    /// Its letter O may mean east or west.
    EitherWay,
}

impl Odd {
    /// The reason, as a message tells it.
    pub(super) const fn why(self, axis: Axis) -> &'static str {
        match self {
            Self::OtherAxis if axis.is_latitude() => "is a longitude",
            Self::OtherAxis => "is a latitude",
            Self::Signed => "has a sign and a letter",
            Self::Large => "is no angle in degrees",
            Self::EitherWay => "may be east (Ost) or west (Ouest, Oeste): write E or W for O",
        }
    }
}

impl Axis {
    const fn is_latitude(self) -> bool {
        matches!(self.name.as_bytes()[1], b'a')
    }

    /// A number without a letter.
    fn signed(self, number: f64) -> f64 {
        // A zero has no sign.
        if self.is_negative { 0.0 - number } else { number }
    }
}

/// An angle of an axis in degrees.
///
/// # Errors
///
/// The reason, as a message tells it.
pub(super) fn degrees(cell: &str, axis: Axis) -> Result<f64, String> {
    if let Some(number) = plain(cell.trim()) {
        return Ok(axis.signed(number));
    }
    let read = Angle::of(cell).ok_or("is no angle in degrees");
    let degrees = read.and_then(|angle| angle.on(axis).map_err(|odd| odd.why(axis)));
    degrees.map_err(|why| format!("{} \"{}\" {why}", axis.name, shown(cell.trim())))
}

/// Whether a text has more letters than angles have.
pub(super) fn is_long(text: &str) -> bool {
    text.len() > LONGEST && text.chars().nth(LONGEST).is_some()
}

/// A number as programs write it; neither infinite nor a word.
pub(super) fn plain(text: &str) -> Option<f64> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let number: f64 = text.bytes().all(is_plain).then(|| text.parse().ok())??;
    number.is_finite().then_some(number)
}

/// A cell as a message shows it.
pub(super) fn shown(cell: &str) -> String {
    if cell.chars().count() <= SHOWN {
        return cell.to_string();
    }
    cell.chars().take(SHOWN - 1).chain(['…']).collect()
}

/// A text with digits, minus signs and blanks as ASCII has them, and nothing that is not seen.
pub(super) fn folded(text: &str) -> String {
    let seen = text.chars().filter(|letter| !UNSEEN.contains(letter));
    let letter = |letter: char| match letter {
        '\u{2212}' | '\u{fe63}' | '\u{ff0d}' | '–' | '—' | '‐' | '‑' => '-',
        '٫' => '.',
        '،' | '，' | '、' => ',',
        '；' | '؛' => ';',
        letter if letter.is_whitespace() => ' ',
        letter => digit(letter).unwrap_or(letter),
    };
    seen.map(letter).collect::<String>().trim().to_string()
}

/// A mark after a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Degree,
    Minute,
    Second,
    /// A colon or a dash, which only part.
    Colon,
    Dash,
}

/// A piece of an angle.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Number(String),
    Mark(Mark),
    Word(String),
    Sign(f64),
}

impl Angle {
    /// The angle that a text gives.
    pub(super) fn of(text: &str) -> Option<Self> {
        if is_long(text) {
            return None;
        }
        let text = folded(text);
        if let Some(number) = plain(&text) {
            let whole = text.trim_start_matches(['+', '-']).split('.').next().map_or(0, str::len);
            let is_signed = number < 0.0;
            return Some(Self { number, is_signed, half: None, label: None, is_bare: true, whole });
        }
        let mut pieces = pieces(&text)?;
        let label = match pieces.first() {
            Some(Piece::Word(word)) => LABELS.iter().find(|(label, _)| label == word),
            _ => None,
        };
        if label.is_some() {
            pieces.remove(0);
            if pieces.first() == Some(&Piece::Mark(Mark::Colon)) {
                pieces.remove(0);
            }
        }
        let half = take_half(&mut pieces).ok()?;
        let sign = match pieces.first() {
            Some(Piece::Sign(sign)) => Some(*sign),
            _ => None,
        };
        let numbers = &pieces[usize::from(sign.is_some())..];
        let (number, is_bare, whole) = sum(numbers, half.is_some())?;
        let is_signed = sign == Some(-1.0);
        let number = sign.unwrap_or(1.0) * number;
        Some(Self { number, is_signed, half, label: label.map(|(_, axis)| *axis), is_bare, whole })
    }

    /// The axis that its letter or its label tells.
    pub(super) fn axis(&self) -> Option<Axis> {
        let of_half = || {
            let half = self.half.as_deref()?;
            let known: Vec<Axis> = HALVES
                .iter()
                .filter(|(word, ..)| *word == half)
                .map(|(_, axis, _)| *axis)
                .collect();
            match known[..] {
                [axis] => Some(axis),
                [] if half == "o" => Some(LONGITUDE),
                _ => None,
            }
        };
        self.label.or_else(of_half)
    }

    /// The word of the half of the earth that it has, in small letters.
    pub(super) fn half(&self) -> Option<&str> {
        self.half.as_deref()
    }

    /// Whether nothing but digits and a sign tells it.
    pub(super) const fn is_bare(&self) -> bool {
        self.is_bare && self.half.is_none()
    }

    /// Its degrees as written, whatever half of the earth it names.
    pub(super) const fn size(&self) -> f64 {
        self.number.abs()
    }

    /// Its degrees on an axis.
    ///
    /// # Errors
    ///
    /// The reason why it has none.
    pub(super) fn on(&self, axis: Axis) -> Result<f64, Odd> {
        if self.label.is_some_and(|label| label.name != axis.name) {
            return Err(Odd::OtherAxis);
        }
        let Some(half) = self.half.as_deref() else { return Ok(axis.signed(self.number)) };
        let is_east = match Half::of(half, axis).ok_or(Odd::OtherAxis)? {
            Half::Positive => true,
            Half::Negative => false,
            Half::O => axis.is_o_east.ok_or(Odd::EitherWay)?,
        };
        let sign = if is_east { 1.0 } else { -1.0 };
        if self.is_signed {
            return Err(Odd::Signed);
        }
        let most = if axis.name == LATITUDE.name { 90.0 } else { 180.0 };
        let degrees = if self.is_bare && self.number > most && self.whole >= 4 {
            unpacked(self.number, self.whole, axis).ok_or(Odd::Large)?
        } else {
            self.number
        };
        Ok(sign * degrees)
    }
}

/// Degrees of a number that packs degrees and minutes, or degrees, minutes and seconds: `361230`, `3612.5`.
fn unpacked(number: f64, whole: usize, axis: Axis) -> Option<f64> {
    let has_seconds = match (whole, axis.name == LATITUDE.name) {
        (4, _) | (5, false) => false,
        (6, _) | (7, false) => true,
        _ => return None,
    };
    let (degrees, minutes, seconds) = if has_seconds {
        let (degrees, rest) = ((number / 1e4).trunc(), number % 1e4);
        (degrees, (rest / 100.0).trunc(), rest % 100.0)
    } else {
        ((number / 100.0).trunc(), number % 100.0, 0.0)
    };
    (minutes < 60.0 && seconds < 60.0).then_some(degrees + minutes / 60.0 + seconds / 3600.0)
}

/// Whether a word tells a half of the earth.
fn is_half(word: &str) -> bool {
    word == "o" || HALVES.iter().any(|(half, ..)| *half == word)
}

/// A word that is part of no angle.
struct OddWord;

/// Takes the word of a half of the earth from the beginning or the end.
///
/// # Errors
///
/// If it is another word, or other words are left.
fn take_half(pieces: &mut Vec<Piece>) -> Result<Option<String>, OddWord> {
    let mut half = None;
    if let Some(Piece::Word(_)) = pieces.first() {
        half = Some(pieces.remove(0));
    } else if let Some(Piece::Word(_)) = pieces.last() {
        half = pieces.pop();
    }
    let is_word = |piece: &Piece| matches!(piece, Piece::Word(_));
    if pieces.iter().any(is_word) {
        return Err(OddWord);
    }
    match half {
        None => Ok(None),
        Some(Piece::Word(word)) if is_half(&word) => Ok(Some(word)),
        Some(_) => Err(OddWord),
    }
}

/// The sum of degrees, minutes and seconds, whether it is a single number without a mark, and the digits of its whole
/// part.
fn sum(pieces: &[Piece], has_half: bool) -> Option<(f64, bool, usize)> {
    let mut parts: Vec<(&str, Option<Mark>)> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Number(number) => parts.push((number, None)),
            Piece::Mark(mark) => match parts.last_mut()? {
                (_, unmarked @ None) => *unmarked = Some(*mark),
                _ => return None,
            },
            Piece::Word(_) | Piece::Sign(_) => return None,
        }
    }
    let has_dash = parts.iter().any(|(_, mark)| *mark == Some(Mark::Dash));
    if parts.len() > 3 || (has_dash && !has_half) {
        return None;
    }
    let last = parts.len().checked_sub(1)?;
    let wanted = [Mark::Degree, Mark::Minute, Mark::Second];
    let mut sum = 0.0;
    for (place, (number, mark)) in parts.iter().enumerate() {
        let is_fitting = match mark {
            None => true,
            Some(Mark::Colon | Mark::Dash) => place < last,
            Some(mark) => *mark == wanted[place],
        };
        let is_whole = number.bytes().all(|byte| byte.is_ascii_digit());
        let value: f64 = number.replace(',', ".").parse().ok()?;
        let is_small = if place == 0 { last == 0 || value <= 360.0 } else { value <= 60.0 };
        if !(is_fitting && is_small && (is_whole || place == last)) {
            return None;
        }
        sum += value / [1.0, 60.0, 3600.0][place];
    }
    let whole = parts[0].0.split(['.', ',']).next().map_or(0, str::len);
    Some((sum, last == 0 && parts[0].1.is_none(), whole))
}

/// The pieces of an angle; `None` if some letter is part of none.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    let letters: Vec<char> = text.chars().collect();
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut at, mut is_lettered) = (0, false);
    while let Some(letter) = letters.get(at) {
        let next = letters.get(at + 1);
        let is_minute = |letter: &char| "'′’‘ʹ´`ʼ＇".contains(*letter);
        match letter {
            ' ' | '=' => {}
            letter if letter.is_ascii_digit() => {
                let end = number_end(&letters, at);
                pieces.push(Piece::Number(letters[at..end].iter().collect()));
                at = end;
                continue;
            }
            '°' | 'º' | '˚' | '∘' | '⁰' => pieces.push(Piece::Mark(Mark::Degree)),
            letter if is_minute(letter) && next.is_some_and(is_minute) => {
                pieces.push(Piece::Mark(Mark::Second));
                at += 1;
            }
            letter if is_minute(letter) => pieces.push(Piece::Mark(Mark::Minute)),
            '"' | '″' | '”' | '“' | '„' | 'ʺ' | '˝' | '〃' => {
                pieces.push(Piece::Mark(Mark::Second));
            }
            ':' | '∶' | '：' => pieces.push(Piece::Mark(Mark::Colon)),
            '-' | '+' if !matches!(pieces.last(), Some(Piece::Number(_) | Piece::Mark(_))) => {
                pieces.push(Piece::Sign(if *letter == '-' { -1.0 } else { 1.0 }));
            }
            '-' => pieces.push(Piece::Mark(Mark::Dash)),
            // After a mark a comma only parts.
            ',' if matches!(pieces.last(), Some(Piece::Mark(_))) => {}
            letter if letter.is_alphabetic() => {
                let is_word = |letter: &char| letter.is_alphabetic() || *letter == '.';
                let end = at + letters[at..].iter().take_while(|letter| is_word(letter)).count();
                let word: String = letters[at..end].iter().filter(|it| **it != '.').collect();
                let is_last = letters[end..].iter().all(|letter| *letter == ' ');
                is_lettered |= push_word(&mut pieces, &word, (is_lettered, is_last));
                at = end;
                continue;
            }
            _ => return None,
        }
        at += 1;
    }
    Some(pieces)
}

/// Where a number that begins at a place ends: digits, and a decimal mark with digits after it.
fn number_end(letters: &[char], from: usize) -> usize {
    let digits =
        |at: usize| letters[at..].iter().take_while(|letter| letter.is_ascii_digit()).count() + at;
    let end = digits(from);
    let is_mark = letters.get(end).is_some_and(|mark| [',', '.'].contains(mark));
    let is_decimal = is_mark && letters.get(end + 1).is_some_and(char::is_ascii_digit);
    if is_decimal { digits(end + 1) } else { end }
}

/// Adds a word: a unit as its mark, anything else as a word, which may be joined to the one before. Tells whether it
/// was a unit of letters.
fn push_word(pieces: &mut Vec<Piece>, word: &str, (is_lettered, is_last): (bool, bool)) -> bool {
    let lower = word.to_lowercase();
    if let Some(Piece::Number(_)) = pieces.last() {
        if let Some(mark) = unit(word, &lower, (is_lettered, is_last)) {
            pieces.push(Piece::Mark(mark));
            return true;
        }
        // A unit may touch the half of the earth: `30sE`.
        let glued = ["sec", "min", "deg", "s", "m", "d"].iter().find_map(|unit| {
            let rest = lower.strip_prefix(unit).filter(|rest| is_half(rest))?;
            (!is_half(&lower)).then_some((unit, rest))
        });
        if let Some((unit, half)) = glued {
            let mark = match unit.as_bytes()[0] {
                b's' => Mark::Second,
                b'm' => Mark::Minute,
                _ => Mark::Degree,
            };
            pieces.push(Piece::Mark(mark));
            pieces.push(Piece::Word(half.to_string()));
            return true;
        }
    }
    match pieces.last_mut() {
        // Of abbreviations: `с. ш.`
        Some(Piece::Word(before)) => before.push_str(&lower),
        _ => pieces.push(Piece::Word(lower)),
    }
    false
}

/// The mark that a word after a number stands for.
fn unit(word: &str, lower: &str, (is_lettered, is_last): (bool, bool)) -> Option<Mark> {
    match lower {
        "d" | "deg" | "degs" | "degree" | "degrees" | "град" | "градусов" | "درجة" | "度" => {
            Some(Mark::Degree)
        }
        // A letter that looks like the sign of a degree.
        "o" if !is_last => Some(Mark::Degree),
        "m" | "min" | "mins" | "minute" | "minutes" | "мин" | "хв" | "دقيقة" | "分" => {
            Some(Mark::Minute)
        }
        "sec" | "secs" | "second" | "seconds" | "сек" | "ثانية" | "秒" => {
            Some(Mark::Second)
        }
        // A capital one is the south.
        "s" if is_lettered && word == "s" => Some(Mark::Second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimal_degrees_are_read_as_people_write_them() {
        for (cell, wanted) in [
            ("20.03", 20.03),
            (" 20,03 ", 20.03),
            ("-20,03", -20.03),
            ("\u{2212}20.03", -20.03),
            ("20.03°", 20.03),
            ("20.03 ° E", 20.03),
            ("W20.03", -20.03),
            ("20,03w", -20.03),
            ("2.003e1", 20.03),
            ("\u{200e}20.03\u{200e}", 20.03),
            ("٢٠٫٠٣", 20.03),
            ("20.03 deg E", 20.03),
            ("longitude: 20.03", 20.03),
            ("20.03 Ouest", -20.03),
            ("20.03° в.д.", 20.03),
            ("20.03 غ", -20.03),
            ("20.03 ش", 20.03),
        ] {
            assert_eq!(degrees(cell, LONGITUDE), Ok(wanted), "{cell}");
        }
        assert_eq!(degrees("S 64.1", LATITUDE), Ok(-64.1));
        assert_eq!(degrees("64.1 ش", LATITUDE), Ok(64.1));
        assert_eq!(degrees("64.1° ю. ш.", LATITUDE), Ok(-64.1));
        for (is_o_east, wanted) in [(true, 20.0), (false, -20.0)] {
            let axis = Axis { is_o_east: Some(is_o_east), ..LONGITUDE };
            assert_eq!(degrees("20 O", axis), Ok(wanted));
        }
        let south = Axis { is_negative: true, ..LATITUDE };
        assert_eq!(degrees("20.5", south), Ok(-20.5));
        assert_eq!(degrees("20 30", south), Ok(-20.5));
        assert_eq!(degrees("20.5 N", south), Ok(20.5));
        assert!(degrees("0", south).unwrap().is_sign_positive());
    }

    #[test]
    fn degrees_minutes_and_seconds_are_read_in_their_many_spellings() {
        let wanted = 36.0 + 12.0 / 60.0 + 30.0 / 3600.0;
        for cell in [
            "36°12'30\"N",
            "36° 12' 30\" N",
            "N36°12'30\"",
            "36º12′30″N",
            "36˚12’30”N",
            "36°12'30''",
            "36 12 30 N",
            "36 12 30",
            "36:12:30",
            "36-12-30N",
            "361230N",
            "N361230",
            "361230.0N",
            "36d12m30s",
            "36d12m30sN",
            "36d 12m 30s N",
            "36deg12min30secN",
            "36o12'30\"N",
            "36°12.5'N",
            "36° 12,5' N",
            "36 12.5",
            "3612.5N",
            "+36 12 30",
            "36°12'30,0\"N",
            "36° 12' 30\" Nord",
            "36°12'30\" с.ш.",
            "۳۶°۱۲'۳۰\" ش",
            "٣٦°١٢'٣٠\" شمالا",
            "36 degrees 12 minutes 30 seconds north",
            "北緯36度12分30秒",
            "36°12′30″ LU",
            "Lat 36 12 30",
        ] {
            let found = degrees(cell, LATITUDE);
            assert!(
                found.as_ref().is_ok_and(|found| (found - wanted).abs() < 1e-12),
                "{cell}: {found:?}"
            );
        }
        for cell in
            ["30°30'00.0\"W", "-30 30 00", "-30:30", "0303000W", "30d30m0sW", "W030-30-00", "3030W"]
        {
            assert_eq!(degrees(cell, LONGITUDE), Ok(-30.5), "{cell}");
        }
        assert_eq!(degrees("1d30m0sS", LATITUDE), Ok(-1.5));
        assert_eq!(degrees("1 30 0 S", LATITUDE), Ok(-1.5));
        assert_eq!(degrees("-0 30 0", LATITUDE), Ok(-0.5));
    }

    #[test]
    fn what_is_no_angle_is_told() {
        for cell in [
            "abc",
            "nan",
            "inf",
            "1,200.5",
            "E",
            "20.03.1",
            "1,2,3,4",
            "50-60",
            "12-05-24",
            "36-12-30",
            "20 70",
            "20.5 30",
            "1 2 3 4",
            "20'",
            "20\" 30",
            "12°30°",
            "20 N E",
            "20x",
            "2026-11-22",
            "12/30",
            "",
            "20 30 61",
            "99999999W",
        ] {
            let found = degrees(cell, LONGITUDE);
            assert_eq!(found, Err(format!("longitude \"{cell}\" is no angle in degrees")));
        }
        assert_eq!(degrees("20 N", LONGITUDE).unwrap_err(), "longitude \"20 N\" is a latitude");
        assert_eq!(
            degrees("20 O", LONGITUDE).unwrap_err(),
            "longitude \"20 O\" may be east (Ost) or west (Ouest, Oeste): write E or W for O"
        );
        assert_eq!(degrees("20 O", LATITUDE).unwrap_err(), "latitude \"20 O\" is a longitude");
        assert_eq!(
            degrees("-20 W", LONGITUDE).unwrap_err(),
            "longitude \"-20 W\" has a sign and a letter"
        );
        assert!(degrees(&"x".repeat(99), LATITUDE).unwrap_err().len() < 80);
    }

    /// An angle in seconds, written in some way.
    fn written(seconds: u32, form: usize) -> String {
        let (d, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let minutes = f64::from(seconds % 3600) / 60.0;
        match form {
            0 => format!("{d}°{m:02}'{s:02}\""),
            1 => format!("{d} {m} {s}"),
            2 => format!("{d}:{m:02}:{s:02}"),
            3 => format!("{d}d{m}m{s}s"),
            4 => format!("{d}º {m}′ {s},0″"),
            5 => format!("{d}°{minutes:.9}'"),
            6 => format!("{d}-{m:02}-{s:02}"),
            7 => format!("{:.12}", f64::from(seconds) / 3600.0),
            _ => format!("{:.12}°", f64::from(seconds) / 3600.0).replace('.', ","),
        }
    }

    proptest! {
        #[test]
        fn an_angle_is_read_as_it_was_written(
            seconds in 0..648_000_u32,
            form in 0..9_usize,
            half in 0..6_usize,
        ) {
            // Without a letter dashes may be those of a date.
            let half = if form == 6 { half.max(2) } else { half };
            let text = written(seconds, form);
            let (text, sign) = match half {
                0 => (text, 1.0),
                1 => (format!("-{text}"), -1.0),
                2 => (format!("{text}E"), 1.0),
                3 => (format!("W {text}"), -1.0),
                4 => (format!("{text} Ouest"), -1.0),
                _ => (format!("{text} в. д."), 1.0),
            };
            let found = degrees(&text, LONGITUDE);
            let wanted = sign * f64::from(seconds) / 3600.0;
            prop_assert!(found.as_ref().is_ok_and(|it| (it - wanted).abs() < 1e-9), "{}: {:?}", text, found);
        }

        #[test]
        fn no_text_is_too_odd_for_an_angle(text in "[0-9NSEWOdms°'\":., -]{0,14}|\\PC{0,8}") {
            if let Ok(found) = degrees(&text, LONGITUDE) {
                prop_assert!(found.is_finite());
            }
        }
    }
}
