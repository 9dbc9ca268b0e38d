//! Features written as programs write them, read in one go, coordinates straight into their geometry.
//!
//! What is unusual in any way (members twice, escaped names, collections, texts among coordinates) is left
//! to the reader beside, as is every fault, so that there is one wording for each. Whatever is read here
//! is read there to the same value.

use crate::read::features::{Drawn, Feature, text_of};
use geo::{Coord, Geometry, LineString, MultiPolygon, Point, Polygon};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

/// Powers of ten that a number of 53 bits may be divided by without a second rounding.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Reads plain features of a text.
pub(super) struct Cursor<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Where a line grows until its length is known.
    line: Vec<Coord<f64>>,
}

impl<'t> Cursor<'t> {
    /// At the beginning of a text.
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, line: Vec::new() }
    }

    /// Reads the feature that begins at a place; also the place behind it.
    pub(super) fn feature_at(&mut self, at: usize) -> Option<(Feature, usize)> {
        self.at = at;
        let feature = self.feature()?;
        Some((feature, self.at))
    }

    fn feature(&mut self) -> Option<Feature> {
        let (mut id, mut properties, mut drawn) = (None, None, None);
        self.members(|cursor, key| {
            match key {
                "geometry" if drawn.is_none() => drawn = Some(cursor.drawn()?),
                "properties" if properties.is_none() => {
                    properties = Some(cursor.json::<Option<Map<String, Value>>>()?);
                }
                "id" if id.is_none() => id = Some(cursor.json::<Value>()?),
                "type" => (cursor.name()? == "Feature").then_some(())?,
                "geometry" | "properties" | "id" | "crs" => return None,
                _ => {
                    cursor.json::<IgnoredAny>()?;
                }
            }
            Some(())
        })?;
        Some(Feature {
            id: id.as_ref().and_then(text_of),
            properties: properties.flatten().unwrap_or_default(),
            layer: None,
            drawn: drawn.unwrap_or(Drawn::Nothing),
        })
    }

    /// A geometry of one of the usual types, or null.
    fn drawn(&mut self) -> Option<Drawn> {
        if self.bytes[self.at..].starts_with(b"null") {
            self.at += 4;
            return Some(Drawn::Nothing);
        }
        // Coordinates in front of their type are passed, and read when it is known.
        let (mut kind, mut shape, mut passed) = (None, None, None);
        self.members(|cursor, key| {
            match key {
                "type" if kind.is_none() => kind = Some(cursor.name()?),
                "coordinates" if shape.is_none() && passed.is_none() => {
                    if let Some(kind) = kind {
                        shape = Some(cursor.shape(kind)?);
                    } else {
                        let from = cursor.at;
                        cursor.pass_list()?;
                        passed = Some((from, cursor.at));
                    }
                }
                _ => return None,
            }
            Some(())
        })?;
        if let Some((from, to)) = passed {
            let mut again = Cursor { at: from, line: Vec::new(), ..*self };
            shape = Some(again.shape(kind?)?);
            (again.at == to).then_some(())?;
        }
        shape.map(Drawn::Shape)
    }

    fn shape(&mut self, kind: &str) -> Option<Geometry<f64>> {
        Some(match kind {
            "Point" => Geometry::Point(Point(self.position()?)),
            "LineString" => Geometry::LineString(self.line()?),
            "Polygon" => Geometry::Polygon(self.polygon()?),
            "MultiPolygon" => Geometry::MultiPolygon(MultiPolygon(self.list(Self::polygon)?)),
            _ => return None,
        })
    }

    fn polygon(&mut self) -> Option<Polygon<f64>> {
        let mut rings = self.list(Self::line)?.into_iter();
        let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Some(Polygon::new(shell, rings.collect()))
    }

    fn line(&mut self) -> Option<LineString<f64>> {
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        self.each(|cursor| {
            line.push(cursor.position()?);
            Some(())
        })?;
        let exact = LineString(line.clone());
        self.line = line;
        Some(exact)
    }

    /// The first two numbers of a list of numbers.
    fn position(&mut self) -> Option<Coord<f64>> {
        self.expect(b'[')?;
        self.blanks();
        let x = self.number()?;
        self.blanks();
        self.expect(b',')?;
        self.blanks();
        let y = self.number()?;
        self.blanks();
        while !self.eat(b']') {
            self.expect(b',')?;
            self.blanks();
            self.number()?;
            self.blanks();
        }
        Some(Coord { x, y })
    }

    /// A list of what `one` reads.
    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut list = Vec::new();
        self.each(|cursor| {
            list.push(one(cursor)?);
            Some(())
        })?;
        Some(list)
    }

    /// Reads each element of a list; stands behind it then.
    fn each(&mut self, mut one: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'[')?;
        self.blanks();
        if self.eat(b']') {
            return Some(());
        }
        loop {
            one(self)?;
            self.blanks();
            if self.eat(b']') {
                return Some(());
            }
            self.expect(b',')?;
            self.blanks();
        }
    }

    /// A number as JSON writes them, to the nearest that there is; none that is too large.
    fn number(&mut self) -> Option<f64> {
        let start = self.at;
        let is_negative = self.eat(b'-');
        let whole_at = self.at;
        let mut digits = 0_u64;
        self.digits(&mut digits);
        let whole = self.at - whole_at;
        if whole == 0 || (whole > 1 && self.bytes.get(whole_at) == Some(&b'0')) {
            return None;
        }
        let mut decimals = 0;
        if self.eat(b'.') {
            let from = self.at;
            self.digits(&mut digits);
            decimals = self.at - from;
            (decimals > 0).then_some(())?;
        }
        let has_power = self.eat(b'e') || self.eat(b'E');
        if has_power {
            let _sign = self.eat(b'+') || self.eat(b'-');
            let from = self.at;
            self.digits(&mut 0);
            (self.at > from).then_some(())?;
        }
        // Up to 19 digits fit; both numbers are exact then, and a quotient is rounded once.
        if !has_power && whole + decimals <= 19 && digits <= 1 << 53 {
            let number = digits as f64 / POWERS[decimals];
            return Some(if is_negative { -number } else { number });
        }
        let number: f64 = self.text.get(start..self.at)?.parse().ok()?;
        number.is_finite().then_some(number)
    }

    /// Passes digits, and adds them behind those of a number.
    fn digits(&mut self, number: &mut u64) {
        while let Some(eight) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk)
            && let Some(more) = eight_digits(*eight)
        {
            *number = number.wrapping_mul(100_000_000).wrapping_add(more);
            self.at += 8;
        }
        while let Some(digit) = self.bytes.get(self.at).map(|byte| byte.wrapping_sub(b'0'))
            && digit < 10
        {
            *number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
            self.at += 1;
        }
    }

    /// Reads the members of an object, each by its name; stands behind it then.
    fn members(&mut self, mut member: impl FnMut(&mut Self, &str) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        self.blanks();
        if self.eat(b'}') {
            return Some(());
        }
        loop {
            let key = self.name()?;
            self.blanks();
            self.expect(b':')?;
            self.blanks();
            member(self, key)?;
            self.blanks();
            if self.eat(b'}') {
                return Some(());
            }
            self.expect(b',')?;
            self.blanks();
        }
    }

    /// A text of letters and the like, without anything escaped.
    fn name(&mut self) -> Option<&'t str> {
        self.expect(b'"')?;
        let rest = self.text.get(self.at..)?;
        let end = rest
            .bytes()
            .position(|byte| !(byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'))?;
        self.at += end;
        self.expect(b'"')?;
        rest.get(..end)
    }

    /// Any value, by serde.
    fn json<T: DeserializeOwned>(&mut self) -> Option<T> {
        let rest = self.text.get(self.at..)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<T>();
        let value = values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(value)
    }

    fn pass_list(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let first = rest.first().filter(|first| **first == b'[')?;
        self.at += super::walk::Nesting::new(*first).pass(rest)?;
        Some(())
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }
}

/// The number that eight bytes write, if all are digits; all eight at once: pairs, fours, then the whole.
fn eight_digits(bytes: [u8; 8]) -> Option<u64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    let text = u64::from_le_bytes(bytes);
    // Digits are 0x30 to 0x39: they have that high half, and still have it when six is added.
    let high = (text & HIGH) | ((text.wrapping_add(0x0606_0606_0606_0606) & HIGH) >> 4);
    if high != 0x3333_3333_3333_3333 {
        return None;
    }
    let pairs = (text & 0x0f0f_0f0f_0f0f_0f0f).wrapping_mul(2561) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul(6_553_601) >> 16;
    Some((fours & 0x0000_ffff_0000_ffff).wrapping_mul(42_949_672_960_001) >> 32)
}
