//! Names taken apart into words that can be compared.
//!
//! Letters are written small, without accents, and in one way where a script knows several: Arabic letters that
//! carry a hamza, Persian and Urdu forms of Arabic letters, Ethiopic letters of one sound, Chinese characters of both
//! standards. Signs that are vowels, as in the scripts of India, Thailand or Myanmar, tell words apart and stay.
//! Digits of all scripts, Chinese and Roman numerals are numbers.
//!
//! Scripts that put no space between words are kept together: everything of them in a name is one run.
//!
//! Which words say nothing is not known here; see [`words`](super::words).

use std::iter::Peekable;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A word of a name, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Its letters, or the digits of a number without leading zeros.
    pub(super) text: String,
    pub(super) kind: Kind,
    pub(super) case: Case,
    /// Whether it lost the s of an owner: Mary's.
    pub(super) is_owner: bool,
    /// The accents it lost.
    pub(super) marks: String,
    joint: Joint,
    /// Whether a full stop follows.
    pub(super) has_stop: bool,
}

/// Which letters of a word were capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Case {
    /// Not the first.
    Small,
    /// The first.
    Capital,
    /// All.
    Upper,
}

/// What stands between a token and the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Joint {
    /// Nothing, or a stop.
    #[default]
    Attached,
    /// A hyphen.
    Hyphen,
    /// Anything else, or no token is before it.
    Apart,
}

/// Kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word of a script that puts spaces between words.
    Word,
    /// A number.
    Number,
    /// Letters of a script without spaces.
    Run,
}

impl Token {
    /// Whether nothing but a hyphen or a stop stands between it and the token before.
    fn is_attached(&self) -> bool {
        self.joint != Joint::Apart
    }

    /// Whether it is a word of one letter.
    pub(super) fn is_letter(&self) -> bool {
        self.kind == Kind::Word && letters(&self.text) == 1
    }
}

/// A name as its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tokens {
    /// The tokens in their order.
    pub(super) list: Vec<Token>,
    /// Whether the name has capital and small letters, so that a capital letter says something.
    pub(super) is_mixed: bool,
    /// Whether the name has accents by which Vietnamese tells words apart.
    pub(super) has_tones: bool,
}

impl Tokens {
    /// Takes a name apart.
    pub(super) fn of(name: &str) -> Self {
        let mut reader = Reader::default();
        if name.is_ascii() {
            reader.read(name.chars().peekable());
        } else {
            reader.read(name.nfc().peekable());
        }
        reader.close();
        let Reader { tokens, has_upper, has_lower, has_tones, .. } = reader;
        let mut tokens = Self { list: tokens, is_mixed: has_upper && has_lower, has_tones };
        tokens.join_initials();
        tokens.drop_endings_of_ordinals();
        tokens.read_roman();
        tokens
    }

    /// Whether a token is an Arabic article that took the sound of the word after it: ash-Shifa, ez-Zor.
    pub(super) fn is_article(&self, at: usize, next: &Token) -> bool {
        let sound = self.list[at].text.strip_prefix(['a', 'e']).filter(|sound| !sound.is_empty());
        next.joint == Joint::Hyphen && sound.is_some_and(|sound| next.text.starts_with(sound))
    }

    /// All tokens in one text, a space between two.
    pub(super) fn whole(&self) -> String {
        let texts: Vec<&str> = self.list.iter().map(|token| token.text.as_str()).collect();
        texts.join(" ")
    }

    /// C.S. is one word.
    fn join_initials(&mut self) {
        let mut joined: Vec<Token> = Vec::with_capacity(self.list.len());
        let mut are_initials = false;
        for token in self.list.drain(..) {
            match joined.last_mut() {
                Some(last)
                    if are_initials
                        && last.has_stop
                        && token.is_attached()
                        && token.is_letter() =>
                {
                    last.text.push_str(&token.text);
                    last.has_stop = token.has_stop;
                    last.case = last.case.min(token.case);
                }
                _ => {
                    are_initials = token.is_letter();
                    joined.push(token);
                }
            }
        }
        self.list = joined;
    }

    /// 1st, 2ème, 5-й школа are numbers; the letters of block 5a, № 5-а stay.
    fn drop_endings_of_ordinals(&mut self) {
        let is_ending: Vec<bool> =
            (0..self.list.len()).map(|at| self.is_ending_of_ordinal(at)).collect();
        let mut is_ending = is_ending.into_iter();
        self.list.retain(|_| !is_ending.next().unwrap_or_default());
    }

    fn is_ending_of_ordinal(&self, at: usize) -> bool {
        let (token, next) = (&self.list[at], self.list.get(at + 1));
        let before = |by: usize| at.checked_sub(by).map(|at| &self.list[at]);
        if !token.is_attached() || before(1).is_none_or(|before| before.kind != Kind::Number) {
            return false;
        }
        if !ENDINGS.contains(&token.text.as_str()) {
            return false;
        }
        if !token.is_letter() {
            return token.case != Case::Upper || !self.is_mixed;
        }
        let follows_sign = before(2).is_some_and(|sign| SIGNS.contains(&sign.text.as_str()));
        let is_before_word = next.is_some_and(|next| {
            next.kind == Kind::Word && !next.is_letter() && !next.is_attached()
        });
        let is_greek = matches!(token.text.as_str(), "ο" | "η");
        (is_greek || (token.joint == Joint::Hyphen && token.case != Case::Upper))
            && is_before_word
            && !follows_sign
    }

    /// Turns Roman numerals to numbers: in capital letters, or where a name has letters of one size only.
    fn read_roman(&mut self) {
        let is_mixed = self.is_mixed;
        for token in &mut self.list {
            // A single small letter is a word such as "and".
            let is_one = token.text.chars().count() == 1;
            if token.kind != Kind::Word || !(token.case == Case::Upper || (!is_mixed && !is_one)) {
                continue;
            }
            if let Some(number) = roman(&token.text) {
                token.text = number.to_string();
                token.kind = Kind::Number;
            }
        }
    }
}

/// How many letters a word has; signs on letters are not counted.
pub(super) fn letters(word: &str) -> usize {
    word.chars().filter(|letter| !is_combining_mark(*letter)).count()
}

/// Signs after which a number is no ordinal. The sign № is spelled by its two letters.
const SIGNS: [&str; 5] = ["no", "nr", "num", "n", "номер"];

/// What follows a number that says its place: 1st, 2ème, 3-я.
const ENDINGS: [&str; 49] = [
    "st", "nd", "rd", "th", "er", "ere", "re", "e", "eme", "ieme", "me", "o", "ra", "ro", "da",
    "do", "ta", "to", "ma", "mo", "va", "vo", "na", "no", "я", "й", "ая", "ой", "ый", "ий", "ое",
    "го", "а", "ша", "та", "га", "тя", "ші", "шы", "інші", "inci", "nci", "uncu", "ncu", "ffaa",
    "ο", "η", "ος", "ң",
];

/// The number of a Roman numeral up to 39, in Latin letters or in the Cyrillic ones that look the same.
fn roman(word: &str) -> Option<u32> {
    let digit = |letter: char| match letter {
        'i' | 'і' => Some(1),
        'v' => Some(5),
        'x' | 'х' => Some(10),
        _ => None,
    };
    let digits: Vec<u32> = word.chars().map(digit).collect::<Option<_>>()?;
    let value = |at: usize| match digits.get(at + 1) {
        Some(next) if *next > digits[at] => -i64::from(digits[at]),
        _ => i64::from(digits[at]),
    };
    let number = u32::try_from((0..digits.len()).map(value).sum::<i64>()).ok()?;
    // Written back, so that IIX is none.
    let ones = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    let back = "x".repeat(number as usize / 10) + ones[number as usize % 10];
    let latin = word.replace('і', "i").replace('х', "x");
    (number > 0 && number < 40 && back == latin).then_some(number)
}

/// Tokens in the making.
#[derive(Default)]
struct Reader {
    tokens: Vec<Token>,
    /// The token that is open.
    open: Option<Token>,
    /// What came since the last token was closed.
    joint: Joint,
    has_upper: bool,
    has_lower: bool,
    has_tones: bool,
    /// Bytes of the open word before its last apostrophe, 0 for none.
    own: usize,
}

impl Reader {
    fn read(&mut self, mut letters: Peekable<impl Iterator<Item = char>>) {
        while let Some(letter) = letters.next() {
            if let Some(number) = numeral(letter, &mut letters) {
                self.number(&number);
                continue;
            }
            match letter {
                'a'..='z' | 'A'..='Z' => self.letter(letter.to_ascii_lowercase(), letter),
                _ if is_silent(letter) => {}
                '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | '`' | '´' | 'ʿ' | 'ʾ' | '′' => {
                    self.apostrophe();
                }
                '"' if self.is_in_hebrew() => {}
                _ if letter.is_ascii() => self.separator(letter),
                _ => self.other(letter),
            }
        }
    }

    /// What is not ASCII.
    fn other(&mut self, letter: char) {
        if let Some(plain) = one_way(letter) {
            for plain in plain {
                self.letter(*plain, letter);
            }
            return;
        }
        if is_raised(letter) && self.is_in_number() {
            return;
        }
        let keeps = matches!(letter, 'й' | 'Й' | 'ї' | 'Ї' | 'ў' | 'Ў' | '가'..='힣');
        let mut marks = 0;
        let mut push = |part: char| {
            if is_silent(part) {
                return;
            }
            if is_accent(part) {
                marks += 1;
                self.accent(part, marks);
                return;
            }
            for part in part.to_lowercase().filter(|part| !is_accent(*part)) {
                match one_way(part) {
                    Some(plain) => plain.iter().for_each(|plain| self.letter(*plain, letter)),
                    None if part.is_ascii_digit() => self.number(&part.to_string()),
                    None => self.letter(part, letter),
                }
            }
        };
        if keeps {
            push(letter);
        } else {
            std::iter::once(letter).nfkd().for_each(push);
        }
    }

    fn letter(&mut self, letter: char, written: char) {
        let is_sign = is_combining_mark(letter);
        if !letter.is_alphanumeric() && !is_sign {
            self.separator(written);
            return;
        }
        self.has_upper |= written.is_uppercase();
        self.has_lower |= written.is_lowercase();
        let kind = if is_spaceless(letter) { Kind::Run } else { Kind::Word };
        let goes_on = self.open.as_ref().is_some_and(|open| open.kind == kind || is_sign);
        if !goes_on {
            self.begin(kind);
        }
        if let Some(open) = &mut self.open {
            if !written.is_uppercase() && !is_sign {
                open.case =
                    if open.text.is_empty() { Case::Small } else { open.case.min(Case::Capital) };
            }
            open.text.push(letter);
        }
    }

    /// An accent on the last letter, which has so many by now.
    fn accent(&mut self, accent: char, count: usize) {
        // Horn and hook are of Vietnamese alone, and so are two accents on one letter.
        self.has_tones |= matches!(accent, '\u{31b}' | '\u{309}') || count > 1;
        if let Some(open) = self.open.as_mut().filter(|open| open.kind == Kind::Word) {
            open.marks.push(accent);
        }
    }

    /// Whether the last letter was a digit.
    fn is_in_number(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.kind == Kind::Number)
    }

    /// Digits of a number.
    fn number(&mut self, digits: &str) {
        if self.open.as_ref().is_none_or(|open| open.kind != Kind::Number) {
            self.begin(Kind::Number);
        }
        if let Some(open) = &mut self.open {
            open.text.push_str(digits);
        }
    }

    fn begin(&mut self, kind: Kind) {
        self.close();
        let joint = std::mem::take(&mut self.joint);
        self.open = Some(Token {
            text: String::new(),
            kind,
            case: Case::Upper,
            is_owner: false,
            marks: String::new(),
            joint: if self.tokens.is_empty() { Joint::Apart } else { joint },
            has_stop: false,
        });
    }

    fn close(&mut self) {
        let own = std::mem::take(&mut self.own);
        let Some(mut token) = self.open.take() else { return };
        match token.kind {
            Kind::Number => {
                let digits = token.text.trim_start_matches('0');
                token.text = if digits.is_empty() { "0" } else { digits }.to_string();
            }
            Kind::Word => {
                if own > 1 && token.text.get(own..) == Some("s") {
                    token.text.truncate(own);
                    token.is_owner = true;
                }
                if let Some(bare) = without_article(&token.text) {
                    token.text = bare.to_string();
                }
            }
            Kind::Run => {}
        }
        self.tokens.push(token);
    }

    /// Between two words, or within one.
    fn separator(&mut self, written: char) {
        self.close();
        if written == '.' {
            if let Some(last) = self.tokens.last_mut() {
                last.has_stop |= self.joint != Joint::Apart;
            }
        } else if matches!(written, '-' | '‐' | '‑' | '–') {
            self.joint = self.joint.max(Joint::Hyphen);
        } else {
            self.joint = Joint::Apart;
        }
    }

    /// L'espoir has an article, Mary's ends in what is no part of the name, N'Djamena is one word.
    fn apostrophe(&mut self) {
        let Some(open) = &self.open else { return };
        self.own = open.text.len();
        if matches!(open.text.as_str(), "l" | "d") {
            self.open = None;
            self.joint = Joint::Apart;
        }
    }

    /// Whether a quotation mark would stand in a Hebrew abbreviation.
    fn is_in_hebrew(&self) -> bool {
        let last = self.open.as_ref().and_then(|open| open.text.chars().last());
        last.is_some_and(|last| matches!(last, 'א'..='ת'))
    }
}

/// An Arabic word without its article and what is written with it, if enough is left to be a word.
fn without_article(word: &str) -> Option<&str> {
    let prefixes = ["وال", "بال", "كال", "فال", "ولل", "ال", "لل"];
    let bare = prefixes.iter().find_map(|prefix| word.strip_prefix(prefix))?;
    (letters(bare) >= 3).then_some(bare)
}

/// Signs that are not seen, and those that only stretch or tell how to order.
fn is_silent(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{640}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{34f}' | '״' | '׳' | 'º' | 'ª' | '°' | '\u{17b4}' | '\u{17b5}'
    )
}

/// Whether a letter is written small and high: 2ᵉ, 5ᵗʰ.
fn is_raised(letter: char) -> bool {
    matches!(letter, 'ª' | 'º' | 'ⁿ' | '\u{2b0}'..='\u{2b8}' | '\u{1d2c}'..='\u{1d6a}')
}

/// Signs on letters that do not tell words apart: accents, Arabic and Hebrew vowels, the dot that writes a foreign
/// sound in the scripts of India.
fn is_accent(sign: char) -> bool {
    matches!(
        sign,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
            | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}' | '\u{135d}'..='\u{135f}'
            | '\u{93c}' | '\u{9bc}' | '\u{a3c}' | '\u{abc}' | '\u{b3c}' | '\u{1dc0}'..='\u{1dff}'
    ) && !matches!(sign, '\u{6de}' | '\u{6e9}')
}

/// Whether a letter is of a script that puts no space between words.
fn is_spaceless(letter: char) -> bool {
    matches!(
        letter,
        '\u{e00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}' | '\u{19e0}'..='\u{19ff}'
            | '\u{1a20}'..='\u{1aaf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a9e0}'..='\u{a9ff}'
            | '\u{aa60}'..='\u{aa7f}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
    )
}

/// The number that begins at a letter: one digit of any script, a numeral in Chinese or Ethiopic letters.
fn numeral(letter: char, rest: &mut Peekable<impl Iterator<Item = char>>) -> Option<String> {
    if letter.is_ascii() {
        return letter.is_ascii_digit().then(|| letter.to_string());
    }
    if let Some(digit) = digit(letter) {
        return Some(digit.to_string());
    }
    if let 'Ⅰ'..='Ⅻ' | 'ⅰ'..='ⅻ' = letter {
        return Some(((u32::from(letter) & 0xf) + 1).to_string());
    }
    let is_chinese = chinese(letter).is_some();
    let value = |letter| if is_chinese { chinese(letter) } else { ethiopic(letter) };
    let mut parts = vec![value(letter)?];
    while let Some(part) = rest.peek().copied().and_then(value) {
        parts.push(part);
        rest.next();
    }
    // Without a ten or a hundred they are digits in a row: 二〇三.
    if parts.iter().all(|part| *part < 10) {
        return Some(parts.iter().map(ToString::to_string).collect());
    }
    let (mut sum, mut open) = (0_u64, 0_u64);
    for part in parts {
        match part {
            // 三十 is three tens, ፴ is thirty.
            10 | 100 if is_chinese => {
                sum += part * open.max(1);
                open = 0;
            }
            100 => sum = sum.max(1).saturating_mul(100),
            _ if is_chinese => open = part,
            _ => sum += part,
        }
    }
    Some((sum + open).to_string())
}

/// The value of a digit, in any script that counts by ten digits in a row.
fn digit(letter: char) -> Option<u32> {
    const ZEROS: [u32; 38] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
        0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
        0xff10, 0x104a0, 0x1e950,
    ];
    let letter = u32::from(letter);
    let zero = ZEROS.partition_point(|zero| *zero <= letter).checked_sub(1)?;
    Some(letter - ZEROS[zero]).filter(|value| *value < 10)
}

fn chinese(letter: char) -> Option<u64> {
    const PLAIN: &str = "零一二三四五六七八九";
    const FORMAL: &str = "〇壹貳參肆伍陸柒捌玖";
    let place = |all: &str| all.chars().position(|one| one == letter);
    match letter {
        '十' | '拾' => Some(10),
        '百' | '佰' => Some(100),
        '贰' => Some(2),
        '叁' => Some(3),
        '陆' => Some(6),
        _ => place(PLAIN).or_else(|| place(FORMAL)).map(|value| value as u64),
    }
}

fn ethiopic(letter: char) -> Option<u64> {
    let letter = u64::from(u32::from(letter));
    match letter {
        0x1369..=0x1371 => Some(letter - 0x1368),
        0x1372..=0x137a => Some((letter - 0x1371) * 10),
        0x137b => Some(100),
        _ => None,
    }
}

/// A letter in the one way in which it is compared, where Unicode does not take it apart by itself.
fn one_way(letter: char) -> Option<&'static [char]> {
    let plain: &[char] = match letter {
        'ð' | 'đ' | 'ɗ' | 'Ð' | 'Đ' | 'Ɗ' => &['d'],
        'þ' | 'Þ' => &['t', 'h'],
        'æ' | 'Æ' => &['a', 'e'],
        'œ' | 'Œ' => &['o', 'e'],
        'ø' | 'Ø' => &['o'],
        'ß' | 'ẞ' => &['s', 's'],
        'ł' | 'Ł' => &['l'],
        'ı' => &['i'],
        'ə' | 'Ə' => &['e'],
        'ɓ' | 'Ɓ' => &['b'],
        'ƙ' | 'Ƙ' => &['k'],
        'ŋ' | 'Ŋ' => &['n'],
        'ς' => &['σ'],
        'ґ' | 'Ґ' => &['г'],
        // Arabic: seats of a hamza, and the letters of Persian, Urdu, Pashto and Kurdish of the same use.
        'ء' => &[],
        'أ' | 'إ' | 'آ' | 'ٱ' | 'ٲ' | 'ٳ' => &['ا'],
        'ؤ' => &['و'],
        'ئ' | 'ى' | 'ی' | 'ے' | 'ې' | 'ۍ' | 'ۓ' => &['ي'],
        'ک' | 'ڪ' => &['ك'],
        'ګ' => &['گ'],
        'ة' | 'ہ' | 'ھ' | 'ە' | 'ۀ' | 'ۃ' | 'ۂ' => &['ه'],
        // Hebrew letters at the end of a word.
        'ך' => &['כ'],
        'ם' => &['מ'],
        'ן' => &['נ'],
        'ף' => &['פ'],
        'ץ' => &['צ'],
        // India: one sign of the nasal.
        'ँ' => &['ं'],
        'ঁ' => &['ং'],
        _ => return ethiopic_sound(letter).or_else(|| simplified(letter)),
    };
    Some(plain)
}

/// Ethiopic letters that Amharic speaks as others.
fn ethiopic_sound(letter: char) -> Option<&'static [char]> {
    const ROWS: [(u32, &[char; 7]); 4] = [
        (0x1200, &['ሀ', 'ሁ', 'ሂ', 'ሀ', 'ሄ', 'ህ', 'ሆ']),
        (0x1230, &['ሰ', 'ሱ', 'ሲ', 'ሳ', 'ሴ', 'ስ', 'ሶ']),
        (0x12a0, &['አ', 'ኡ', 'ኢ', 'አ', 'ኤ', 'እ', 'ኦ']),
        (0x1338, &['ጸ', 'ጹ', 'ጺ', 'ጻ', 'ጼ', 'ጽ', 'ጾ']),
    ];
    // Labials of a sound and o are written for each other.
    match letter {
        'ጐ' => return Some(&['ጎ']),
        'ቈ' => return Some(&['ቆ']),
        'ኰ' => return Some(&['ኮ']),
        'ኈ' => return Some(&['ሆ']),
        _ => {}
    }
    let row = match u32::from(letter) & !7 {
        0x1200 | 0x1210 | 0x1280 | 0x12b8 => 0,
        0x1220 => 1,
        0x12a0 | 0x12d0 => 2,
        0x1340 => 3,
        _ => return None,
    };
    let place = (u32::from(letter) & 7) as usize;
    ROWS[row].1.get(place..=place)
}

/// Characters that are frequent in names, of the traditional standard and of the simplified one.
const TRADITIONAL: &str = "醫學國東門華聖廣灣縣鄉鎮區衛診療藥愛橋島龍馬園會館圖書車場機關長陽義寧臺雲濟漢韓興樂萬溫開發羅師黃張陳劉楊趙鄭許葉蘇呂蔣韋賈鄒龐顧孫後門電發婦兒幼護養實驗總職業術廟禮堂監獄務廳處護聯農業園綠紅藍銀鐵鋼麗順榮慶豐賢達強勝進遠運鴻鳳鵬鶴鷺龜點體壽頭頂項領題額類願風飛飯館駐驛體";
const SIMPLIFIED: &str = "医学国东门华圣广湾县乡镇区卫诊疗药爱桥岛龙马园会馆图书车场机关长阳义宁台云济汉韩兴乐万温开发罗师黄张陈刘杨赵郑许叶苏吕蒋韦贾邹庞顾孙后门电发妇儿幼护养实验总职业术庙礼堂监狱务厅处护联农业园绿红蓝银铁钢丽顺荣庆丰贤达强胜进远运鸿凤鹏鹤鹭龟点体寿头顶项领题额类愿风飞饭馆驻驿体";

fn simplified(letter: char) -> Option<&'static [char]> {
    static PAIRS: std::sync::LazyLock<Vec<(char, [char; 1])>> = std::sync::LazyLock::new(|| {
        let pairs = TRADITIONAL.chars().zip(SIMPLIFIED.chars().map(|plain| [plain]));
        let mut pairs: Vec<_> = pairs.filter(|(full, plain)| *full != plain[0]).collect();
        pairs.sort_unstable();
        pairs.dedup_by_key(|(full, _)| *full);
        pairs
    });
    if !matches!(letter, '\u{4e00}'..='\u{9fff}') {
        return None;
    }
    let at = PAIRS.binary_search_by_key(&letter, |(full, _)| *full).ok()?;
    Some(&PAIRS[at].1)
}
