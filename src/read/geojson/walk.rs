//! One walk over the text of a GeoJSON file: where its features are, and all that is around them.
//!
//! Most of such a text is coordinates, which hold neither braces nor quotes: within a feature only these
//! are looked for. What stands between the features is checked here, the inside of each when it is read.
//! So a text is sound when the walk, the skeleton and every feature are.

use memchr::{memchr2, memchr3};
use std::io::{self, Read};

/// How much is read at once.
const BUFFER: usize = 1 << 18;

/// Features that follow each other in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Where the first begins.
    pub(super) offset: u64,
    /// Up to the end of the last, in bytes.
    pub(super) length: u64,
    /// How many.
    pub(super) features: u64,
    /// How many are before them in the file.
    pub(super) before: u64,
}

/// How large stretches get.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// No feature is added to so many bytes.
    pub(super) bytes: u64,
    /// Features at most.
    pub(super) features: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 18, features: 512 }
    }
}

/// What the walk found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// The features of a collection.
    pub(super) stretches: Vec<Stretch>,
    /// How many there are.
    pub(super) features: u64,
    /// The text without them.
    pub(super) skeleton: Vec<u8>,
    /// Whether it is not one object but several, one behind the other; then nothing else was found.
    pub(super) is_sequence: bool,
}

/// Stands before each object of a sequence (RFC 8142), if anything does.
pub(super) const RECORD: u8 = 0x1e;

/// Why a walk ended early.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file cannot be read.
    Io(io::Error),
    /// Not UTF-8, from this byte on, counted from 1 behind a byte order mark.
    NotUtf8(u64),
    /// It is no JSON.
    Syntax,
    /// Nothing but blanks.
    Empty,
    /// It does not begin as an object does.
    NoObject,
    /// It is a list.
    List,
    /// What is around the features takes more than so many bytes.
    TooLarge,
}

/// Walks over a text. `most` is how many bytes what is around its features may take.
pub(super) fn walk(from: impl Read, limits: Limits, most: u64) -> Result<Walked, Fault> {
    let mut walk = Walk {
        text: Text::new(from)?,
        limits,
        most,
        keeps: true,
        found: Walked::default(),
        open: None,
    };
    match walk.all() {
        Ok(()) => Ok(walk.found),
        // That it is no text is what is wrong first, wherever it ends.
        Err(fault) => Err(walk.text.rest().err().unwrap_or(fault)),
    }
}

/// Walks over the objects of a sequence: one a line, or each behind a record separator.
pub(super) fn sequence(from: impl Read, limits: Limits) -> Result<Walked, Fault> {
    let text = Text::new(from)?;
    let (found, most) = (Walked::default(), u64::MAX);
    let mut walk = Walk { text, limits, most, keeps: false, found, open: None };
    match walk.objects() {
        Ok(()) => Ok(Walked { is_sequence: true, ..walk.found }),
        Err(fault) => Err(walk.text.rest().err().unwrap_or(fault)),
    }
}

/// A text in a buffer, checked for UTF-8 as it is read.
struct Text<R> {
    from: R,
    buffer: Vec<u8>,
    /// What is not taken yet: from here to the end.
    at: usize,
    end: usize,
    /// Bytes of a letter whose end is not read yet, behind the end.
    held: usize,
    /// Where the buffer begins, from the start of the file.
    offset: u64,
    /// Bytes of a byte order mark.
    mark: u64,
}

impl<R: Read> Text<R> {
    fn new(from: R) -> Result<Self, Fault> {
        let buffer = vec![0; BUFFER];
        let mut text = Self { from, buffer, at: 0, end: 0, held: 0, offset: 0, mark: 0 };
        text.fill()?;
        if text.buffer[..text.end].starts_with(b"\xef\xbb\xbf") {
            (text.at, text.mark) = (3, 3);
        }
        Ok(text)
    }

    /// Reads on when all is taken; whether there is more.
    fn fill(&mut self) -> Result<bool, Fault> {
        self.offset += self.end as u64;
        self.buffer.copy_within(self.end..self.end + self.held, 0);
        let mut filled = self.held;
        (self.at, self.end) = (0, 0);
        loop {
            let read = match self.from.read(&mut self.buffer[filled..]) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Fault::Io(error)),
            };
            filled += read;
            let sound = match std::str::from_utf8(&self.buffer[..filled]) {
                Ok(_) => filled,
                // A letter that goes on in what is read next.
                Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
                Err(error) => {
                    let at = self.offset + error.valid_up_to() as u64 + 1;
                    return Err(Fault::NotUtf8(at - self.mark));
                }
            };
            (self.end, self.held) = (sound, filled - sound);
            // The first three bytes may be a mark, so that they are wanted together.
            let is_short = self.offset == 0 && filled < 3;
            if read == 0 || (sound > 0 && !is_short) {
                return Ok(sound > 0);
            }
        }
    }

    /// Reads to the end.
    fn rest(&mut self) -> Result<(), Fault> {
        while self.fill()? {}
        Ok(())
    }

    fn peek(&mut self) -> Result<Option<u8>, Fault> {
        if self.at == self.end && !self.fill()? {
            return Ok(None);
        }
        Ok(Some(self.buffer[self.at]))
    }

    /// Where the next byte is in the file.
    fn place(&self) -> u64 {
        self.offset + self.at as u64
    }
}

struct Walk<R> {
    text: Text<R>,
    limits: Limits,
    most: u64,
    /// Whether what is passed belongs to the skeleton.
    keeps: bool,
    found: Walked,
    /// The stretch that is being filled.
    open: Option<Stretch>,
}

impl<R: Read> Walk<R> {
    /// The object of the whole text and what is around it.
    fn all(&mut self) -> Result<(), Fault> {
        match self.blanks()? {
            None => return Err(Fault::Empty),
            Some(b'{') => self.take(1)?,
            Some(RECORD) => {
                self.found.is_sequence = true;
                return Ok(());
            }
            Some(b'[') => return Err(Fault::List),
            Some(_) => return Err(Fault::NoObject),
        }
        let mut is_closed = false;
        // Members one after another; serde judges the skeleton that is kept of them.
        loop {
            match self.blanks()? {
                Some(b'"') => {
                    let from = self.found.skeleton.len();
                    self.value(b'"')?;
                    let key: Option<String> =
                        serde_json::from_slice(&self.found.skeleton[from..]).ok();
                    if self.blanks()? == Some(b':') {
                        self.take(1)?;
                    }
                    if key.as_deref() == Some("features") && self.blanks()? == Some(b'[') {
                        self.features()?;
                    }
                }
                // Objects within are passed as values: here the whole ends, and another begins.
                Some(b'{' | RECORD) if is_closed => {
                    self.found = Walked { is_sequence: true, ..Walked::default() };
                    return Ok(());
                }
                Some(first) => {
                    self.value(first)?;
                    is_closed = first == b'}';
                }
                None => return Ok(()),
            }
        }
    }

    /// Objects one behind the other.
    fn objects(&mut self) -> Result<(), Fault> {
        loop {
            match self.blanks()? {
                None => break,
                Some(RECORD) => self.take(1)?,
                Some(b'{') => {
                    let start = self.text.place();
                    self.value(b'{')?;
                    self.add(start);
                }
                Some(_) => return Err(Fault::NoObject),
            }
        }
        self.found.stretches.extend(self.open.take());
        if self.found.features == 0 { Err(Fault::Empty) } else { Ok(()) }
    }

    /// The features of a collection, from the bracket that opens their list to the one that closes it.
    fn features(&mut self) -> Result<(), Fault> {
        self.take(1)?;
        self.keeps = false;
        let mut first = self.blanks()?;
        while let Some(byte) = first.filter(|byte| *byte != b']') {
            let start = self.text.place();
            self.value(byte)?;
            self.add(start);
            match self.blanks()? {
                Some(b',') => {
                    self.take(1)?;
                    first = self.blanks()?;
                    if first == Some(b']') {
                        return Err(Fault::Syntax);
                    }
                }
                Some(b']') => break,
                _ => return Err(Fault::Syntax),
            }
        }
        self.found.stretches.extend(self.open.take());
        self.keeps = true;
        if first.is_none() { Err(Fault::Syntax) } else { self.take(1) }
    }

    /// Adds the feature that began at `start` and ends here.
    fn add(&mut self, start: u64) {
        let end = self.text.place();
        let Limits { bytes, features } = self.limits;
        match &mut self.open {
            Some(open) if open.length < bytes && open.features < features => {
                open.length = end - open.offset;
                open.features += 1;
            }
            open => {
                let (length, before) = (end - start, self.found.features);
                let next = Stretch { offset: start, length, features: 1, before };
                self.found.stretches.extend(open.replace(next));
            }
        }
        self.found.features += 1;
    }

    /// Passes blanks; the first byte behind them.
    fn blanks(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            match self.text.peek()? {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.take(1)?,
                other => return Ok(other),
            }
        }
    }

    /// Passes a value, or a single byte that begins none.
    fn value(&mut self, first: u8) -> Result<(), Fault> {
        let mut nesting = Nesting::new(first);
        loop {
            if self.text.peek()?.is_none() {
                return if nesting.is_open() { Err(Fault::Syntax) } else { Ok(()) };
            }
            let (at, end) = (self.text.at, self.text.end);
            let passed = nesting.pass(&self.text.buffer[at..end]);
            self.take(passed.unwrap_or(end - at))?;
            if passed.is_some() {
                return Ok(());
            }
        }
    }

    /// Takes bytes that are in the buffer.
    fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        let (at, end) = (self.text.at, self.text.at + bytes);
        if self.keeps {
            if (self.found.skeleton.len() + bytes) as u64 > self.most {
                return Err(Fault::TooLarge);
            }
            self.found.skeleton.extend_from_slice(&self.text.buffer[at..end]);
        }
        self.text.at = end;
        Ok(())
    }
}

/// How deep in a value a text stands, which comes in pieces.
///
/// Of an object only braces are counted, of a list only brackets: where the others do not match it is no
/// JSON, as is found when it is read.
#[derive(Debug)]
pub(super) struct Nesting {
    open: u8,
    close: u8,
    depth: u64,
    in_text: bool,
    is_escaped: bool,
    has_begun: bool,
}

impl Nesting {
    /// Before a value that begins with a byte.
    pub(super) const fn new(first: u8) -> Self {
        let (open, close) = match first {
            b'{' => (b'{', b'}'),
            b'[' => (b'[', b']'),
            other => (other, other),
        };
        Self { open, close, depth: 0, in_text: false, is_escaped: false, has_begun: false }
    }

    /// Whether the value must go on.
    const fn is_open(&self) -> bool {
        self.depth > 0 || self.in_text
    }

    /// Passes a piece of a text; the place behind the value if it ends there.
    pub(super) fn pass(&mut self, text: &[u8]) -> Option<usize> {
        if !matches!(self.open, b'{' | b'[' | b'"') {
            return self.pass_word(text);
        }
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if self.is_escaped {
                self.is_escaped = false;
                at += 1;
            } else if self.in_text {
                at += memchr2(b'"', b'\\', rest)? + 1;
                self.is_escaped = text[at - 1] == b'\\';
                self.in_text = self.is_escaped;
            } else {
                at += memchr3(b'"', self.open, self.close, rest)? + 1;
                match text[at - 1] {
                    b'"' => self.in_text = true,
                    byte if byte == self.open => self.depth += 1,
                    _ => self.depth = self.depth.saturating_sub(1),
                }
            }
            if !self.is_open() {
                return Some(at);
            }
        }
        None
    }

    /// Passes a number or a word, up to what cannot belong to one; at least one byte.
    fn pass_word(&mut self, text: &[u8]) -> Option<usize> {
        let ends = |byte: &u8| b" \t\n\r,:]}\"[{\x1e".contains(byte);
        let from = usize::from(!self.has_begun);
        self.has_begun = true;
        let rest = text.get(from..)?;
        rest.iter().position(ends).map(|place| from + place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The features of a text, and its skeleton, whatever it is read by.
    fn check(text: &str, features: &[&str], skeleton: &str) {
        for bytes in [1, 2, 3, 7, 1 << 20] {
            let limits = Limits { bytes: 1, features: 1 };
            let walked = walk(Chunks(text.as_bytes(), bytes), limits, u64::MAX).unwrap();
            let found = walked.stretches.iter().map(|stretch| {
                let from = stretch.offset as usize;
                &text[from..from + stretch.length as usize]
            });
            assert_eq!(found.collect::<Vec<_>>(), features, "{text}");
            assert_eq!(String::from_utf8(walked.skeleton).unwrap(), skeleton);
        }
    }

    /// A text that is read by so many bytes at once.
    struct Chunks<'t>(&'t [u8], usize);

    impl Read for Chunks<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(buffer.len()).min(self.0.len());
            let (now, rest) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = rest;
            Ok(count)
        }
    }

    #[test]
    fn features_are_found_among_members_of_any_order() {
        check(
            r#"{"crs":{"a":[1,"]"]}, "features" : [ {"a":"}\"{"} , 7,null,[[1],"]"],"x" ],"z":"\\"}"#,
            &[r#"{"a":"}\"{"}"#, "7", "null", r#"[[1],"]"]"#, "\"x\""],
            r#"{"crs":{"a":[1,"]"]}, "features" : [],"z":"\\"}"#,
        );
        check("\u{feff}{\"fe\\u0061tures\":[{}]}", &["{}"], "{\"fe\\u0061tures\":[]}");
        check(r#"{"type":"Feature","features":"ü"}"#, &[], r#"{"type":"Feature","features":"ü"}"#);
    }

    #[test]
    fn stretches_hold_so_many_features_or_bytes() {
        let text = r#"{"features":[{"a":1},{"b":2},{"c":3},{"d":4},{"e":5}]}"#;
        let found = |bytes, features| {
            let walked = walk(text.as_bytes(), Limits { bytes, features }, u64::MAX).unwrap();
            let counts = walked.stretches.iter().map(|one| (one.before, one.features));
            counts.collect::<Vec<_>>()
        };
        assert_eq!(found(1000, 2), [(0, 2), (2, 2), (4, 1)]);
        assert_eq!(found(8, 1000), [(0, 2), (2, 2), (4, 1)]);
        assert_eq!(found(1000, 1000), [(0, 5)]);
    }

    #[test]
    fn what_is_no_list_of_features_is_told() {
        let fault = |text: &[u8]| walk(text, Limits::default(), 100).unwrap_err();
        for text in [r#"{"features":[{},]}"#, r#"{"features":[{} {}]}"#, r#"{"features":[{}"#] {
            assert!(matches!(fault(text.as_bytes()), Fault::Syntax), "{text}");
        }
        assert!(matches!(fault(b" \n"), Fault::Empty));
        assert!(matches!(fault(b"[]"), Fault::List));
        assert!(matches!(fault(b"7"), Fault::NoObject));
        assert!(matches!(fault(b"[] \xff"), Fault::NotUtf8(4)));
        assert!(matches!(fault(b"\xef\xbb\xbf{\"a\":\"\xc3"), Fault::NotUtf8(7)));
        assert!(matches!(fault(&[b"{\"a\":".as_slice(), &[b'1'; 200]].concat()), Fault::TooLarge));
    }
}
