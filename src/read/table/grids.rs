//! Places by grid: UTM coordinates, grid references (MGRS, USNG), and plus codes.
//!
//! All are of WGS 84, and read to degrees. A grid reference and a plus code name a cell: its middle is meant, and one
//! of more than a kilometer names no place of a site. Polar references (zones A, B, Y, Z) are not read.
//!
//! Sources: NGA.STND.0037 (MGRS, UTM); Krüger (1912) as given by Karney (2011), *Transverse Mercator with an accuracy
//! of a few nanometers*, eq. 11, 36, to n⁴; *Open Location Code* specification, version 1.

/// Half axis of WGS 84 in meters, and its third flattening.
const A: f64 = 6_378_137.0;
const N: f64 = 0.001_679_220_386_383_705;
/// Scale on the central meridian, and the offsets of UTM in meters.
const SCALE: f64 = 0.9996;
const FALSE_EASTING: f64 = 500_000.0;
const FALSE_NORTHING: f64 = 10_000_000.0;

/// Letters of bands of latitude, 8° each from 80° south, with the least northing of each in meters.
const BANDS: [(char, f64); 20] = [
    ('C', 1.1e6),
    ('D', 2.0e6),
    ('E', 2.8e6),
    ('F', 3.7e6),
    ('G', 4.6e6),
    ('H', 5.5e6),
    ('J', 6.4e6),
    ('K', 7.3e6),
    ('L', 8.2e6),
    ('M', 9.1e6),
    ('N', 0.0),
    ('P', 0.8e6),
    ('Q', 1.7e6),
    ('R', 2.6e6),
    ('S', 3.5e6),
    ('T', 4.4e6),
    ('U', 5.3e6),
    ('V', 6.2e6),
    ('W', 7.0e6),
    ('X', 7.9e6),
];

/// Letters of columns of squares in three sets of zones, and of rows.
const COLUMNS: [&str; 3] = ["ABCDEFGH", "JKLMNPQR", "STUVWXYZ"];
const ROWS: &str = "ABCDEFGHJKLMNPQRSTUV";

/// Digits of plus codes.
const CODE: &str = "23456789CFGHJMPQRVWX";

/// A place in degrees, longitude first.
pub(super) type Degrees = [f64; 2];

/// A zone of UTM and the hemisphere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Zone {
    number: u8,
    is_south: bool,
    /// The letter S, which may be a band of the north.
    is_letter_s: bool,
}

impl Zone {
    /// The zone that a text names: `36N`, `36 S`, `36T`, `36 north`, `UTM zone 36N`, `32636`, `EPSG:32736`; a number
    /// alone tells no hemisphere.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let words =
            ["utm", "zone", "zona", "huso", "fuseau", "wgs84", "wgs 84", "epsg", "/", ":", "_"];
        let text = words.iter().fold(text, |text, word| text.replace(word, " "));
        // `37 (N)`, `37°N`, `37-N`
        let text = text.replace(['(', ')', '°', 'º', 'ª', '-', ',', '.'], " ");
        let text = text.trim();
        let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        let number: u16 = digits.parse().ok()?;
        let zone = |number: u16, is_south, is_letter_s| {
            let number = u8::try_from(number).ok().filter(|number| (1..=60).contains(number))?;
            Some(Self { number, is_south, is_letter_s })
        };
        let rest = rest.trim();
        match (number, rest) {
            (32_601..=32_660, "") => return zone(number - 32_600, false, false),
            (32_701..=32_760, "") => return zone(number - 32_700, true, false),
            (_, "s") => return zone(number, true, true),
            (_, "south" | "sud" | "sur" | "sul" | "southern") => return zone(number, true, false),
            (_, "n" | "north" | "nord" | "norte" | "northern") => {
                return zone(number, false, false);
            }
            _ => {}
        }
        let letter = rest.chars().next().filter(|_| rest.len() == 1)?.to_ascii_uppercase();
        let band = BANDS.iter().position(|(band, _)| *band == letter)?;
        zone(number, band < 10, false)
    }

    /// The zone of a cell, and of the half of the earth in another.
    pub(super) fn of_cells(zone: &str, half: &str) -> Option<Self> {
        if half.is_empty() { Self::of(zone) } else { Self::of(&format!("{zone} {half}")) }
    }

    /// The longitude and latitude of an easting and a northing in meters.
    ///
    /// # Errors
    ///
    /// The reason, if they are none of a zone or the letter S may mean two places.
    pub(super) fn degrees(self, [easting, northing]: [f64; 2]) -> Result<Degrees, &'static str> {
        if !(100_000.0..=900_000.0).contains(&easting)
            || !(0.0..=FALSE_NORTHING).contains(&northing)
        {
            return Err("its easting or northing is none of a zone of UTM");
        }
        // 32 to 40 degrees north: band S.
        if self.is_letter_s && (3.5e6..4.5e6).contains(&northing) {
            return Err("the letter S may be the south, or band S of the north");
        }
        let degrees = inverse(self.number, self.is_south, [easting, northing]);
        if !(-80.5..=84.5).contains(&degrees[1]) {
            return Err("its easting or northing is none of a zone of UTM");
        }
        Ok(degrees)
    }
}

/// Longitude and latitude of UTM coordinates, in degrees.
///
/// # Formula
///
/// ```text
/// ξ = (N − N₀)/(k₀·A₁), η = (E − E₀)/(k₀·A₁), ξ' = ξ − Σ βⱼ sin 2jξ cosh 2jη, η' = η − Σ βⱼ cos 2jξ sinh 2jη
/// τ' = sin ξ' / √(sinh² η' + cos² ξ'), λ = atan2(sinh η', cos ξ'), φ from τ' by Newton's method
/// ```
///
/// # Source
///
/// Karney (2011), eq. 11, 14, 19–21, 36.
fn inverse(zone: u8, is_south: bool, [easting, northing]: [f64; 2]) -> Degrees {
    let betas = [
        N / 2.0 - 2.0 / 3.0 * N.powi(2) + 37.0 / 96.0 * N.powi(3) - N.powi(4) / 360.0,
        N.powi(2) / 48.0 + N.powi(3) / 15.0 - 437.0 / 1440.0 * N.powi(4),
        17.0 / 480.0 * N.powi(3) - 37.0 / 840.0 * N.powi(4),
        4397.0 / 161_280.0 * N.powi(4),
    ];
    let radius = A / (1.0 + N) * (1.0 + N.powi(2) / 4.0 + N.powi(4) / 64.0);
    let south = if is_south { FALSE_NORTHING } else { 0.0 };
    let xi = (northing - south) / (SCALE * radius);
    let eta = (easting - FALSE_EASTING) / (SCALE * radius);
    let (mut xi1, mut eta1) = (xi, eta);
    for (place, beta) in betas.iter().enumerate() {
        let twice = 2.0 * (place as f64 + 1.0);
        xi1 -= beta * (twice * xi).sin() * (twice * eta).cosh();
        eta1 -= beta * (twice * xi).cos() * (twice * eta).sinh();
    }
    let wanted = xi1.sin() / eta1.sinh().hypot(xi1.cos());
    let e2 = 4.0 * N / (1.0 + N).powi(2);
    let e = e2.sqrt();
    let mut tau = wanted;
    for _ in 0..5 {
        let root = tau.hypot(1.0);
        let sigma = (e * (e * tau / root).atanh()).sinh();
        let here = tau * sigma.hypot(1.0) - sigma * root;
        let slope = (1.0 + (1.0 - e2) * tau * tau) / ((1.0 - e2) * root);
        tau += (wanted - here) / here.hypot(1.0) * slope;
    }
    let meridian = 6.0 * f64::from(zone) - 183.0;
    let longitude = meridian + eta1.sinh().atan2(xi1.cos()).to_degrees();
    [(longitude + 180.0).rem_euclid(360.0) - 180.0, tau.atan().to_degrees()]
}

/// The place of UTM coordinates in one text: `36N 500000 4000000`, `36 T 500000mE 4000000mN`; `None` if it is none.
pub(super) fn utm(text: &str) -> Option<Result<Degrees, &'static str>> {
    let text = text.to_ascii_lowercase().replace([',', ';'], " ");
    let words: Vec<&str> =
        text.split_whitespace().filter(|word| !["utm", "zone", "m"].contains(word)).collect();
    let (zone, rest) = match words[..] {
        [zone, half, ref rest @ ..]
            if rest.len() == 2 && !half.starts_with(|it: char| it.is_ascii_digit()) =>
        {
            (format!("{zone}{half}"), rest)
        }
        [zone, ref rest @ ..] if rest.len() == 2 => (zone.to_string(), rest),
        _ => return None,
    };
    let zone = Zone::of(&zone)?;
    let number = |text: &str| {
        let text = text.trim_end_matches(['e', 'n', 'm']);
        let digits = text.split('.').next().unwrap_or_default();
        let is_large = (5..=8).contains(&digits.len());
        text.parse::<f64>().ok().filter(|_| is_large)
    };
    Some(zone.degrees([number(rest[0])?, number(rest[1])?]))
}

/// The middle of the cell that a grid reference names; `None` if a text is no grid reference.
pub(super) fn mgrs(text: &str) -> Option<Result<Degrees, &'static str>> {
    let text: String = text.chars().filter(|letter| ![' ', '-'].contains(letter)).collect();
    let text = text.to_ascii_uppercase();
    let end =
        text.find(|letter: char| !letter.is_ascii_digit()).filter(|end| (1..=2).contains(end))?;
    let zone: u8 = text[..end].parse().ok().filter(|zone| (1..=60).contains(zone))?;
    let rest = &text[end..];
    let letters: Vec<char> = rest.chars().take(3).collect();
    let digits = rest.get(3..).filter(|_| rest.is_ascii())?;
    let [band, column, row] = letters[..] else { return None };
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_letter = |letter: char| letter.is_ascii_uppercase() && !['I', 'O'].contains(&letter);
    if !all_digits
        || digits.len() > 10
        || digits.len() % 2 == 1
        || !letters.iter().all(|it| is_letter(*it))
    {
        return None;
    }
    let Some(band) = BANDS.iter().position(|(letter, _)| *letter == band) else {
        return Some(Err("it has no band of latitude from C to X"));
    };
    let column = COLUMNS[usize::from((zone - 1) % 3)].find(column);
    let Some((column, row)) = column.zip(ROWS.find(row)) else {
        return Some(Err("it names no square of its zone"));
    };
    if digits.len() < 4 {
        return Some(Err("it names a square of 10 km or more"));
    }
    Some(square((zone, band), [column, row], digits))
}

/// The middle of a cell within a square of 100 km, by the number of its zone and band, its column and row.
fn square(
    (zone, band): (u8, usize),
    [column, row]: [usize; 2],
    digits: &str,
) -> Result<Degrees, &'static str> {
    let (east, north) = digits.split_at(digits.len() / 2);
    let cell = [1e5, 1e4, 1e3, 1e2, 1e1, 1.0][east.len()];
    let within = |digits: &str| (digits.parse::<f64>().unwrap_or(0.0) + 0.5) * cell;
    let easting = 1e5 * (column as f64 + 1.0) + within(east);
    let shift = if zone.is_multiple_of(2) { 15 } else { 0 };
    let mut northing = 1e5 * ((row + shift) % 20) as f64 + within(north);
    // Rows of squares repeat every 2,000 km.
    while northing < BANDS[band].1 {
        northing += 2e6;
    }
    let degrees = inverse(zone, band < 10, [easting, northing]);
    let south = 8.0 * band as f64 - 80.0;
    let north = if band == 19 { 84.0 } else { south + 8.0 };
    // Squares at the border of a band are cut by it; a cell may reach across.
    let is_in_band = (south - 1.0..=north + 1.0).contains(&degrees[1]);
    if is_in_band { Ok(degrees) } else { Err("its square is not in its band") }
}

/// The middle of the cell that a plus code names; `None` if a text is no plus code.
pub(super) fn plus_code(text: &str) -> Option<Result<Degrees, &'static str>> {
    let text = text.trim().to_ascii_uppercase();
    let word = text.split([' ', ',']).next()?;
    let (before, after) = word.split_once('+')?;
    let digit = |letter: char| CODE.find(letter);
    let is_code =
        |text: &str| !text.is_empty() && text.chars().all(|letter| digit(letter).is_some());
    if !is_code(before) || !is_code(after) || after.len() < 2 || after.len() > 7 {
        return None;
    }
    if before.len() != 8 {
        let is_short = [2, 4, 6].contains(&before.len());
        return is_short.then_some(Err("a short plus code, which only its town makes whole"));
    }
    let letters: Vec<f64> =
        (before.chars().chain(after.chars())).filter_map(digit).map(|value| value as f64).collect();
    let (mut latitude, mut longitude, mut size) = (-90.0, -180.0, 20.0);
    for pair in letters[..10].chunks(2) {
        latitude += pair[0] * size;
        longitude += pair[1] * size;
        size /= 20.0;
    }
    let mut cell = [size * 20.0, size * 20.0];
    for letter in &letters[10..] {
        cell = [cell[0] / 5.0, cell[1] / 4.0];
        latitude += (letter / 4.0).trunc() * cell[0];
        longitude += letter % 4.0 * cell[1];
    }
    let at = [longitude + cell[1] / 2.0, latitude + cell[0] / 2.0];
    Some(if at[1] <= 90.0 && at[0] <= 180.0 {
        Ok(at)
    } else {
        Err("it is a plus code of no place")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<Result<Degrees, &'static str>>, wanted: Degrees, within: f64) -> bool {
        let close =
            |found: Degrees| found.iter().zip(wanted).all(|(one, two)| (one - two).abs() < within);
        found.is_some_and(|found| found.is_ok_and(close))
    }

    #[test]
    fn grid_references_of_known_places_are_read() {
        // The Washington Monument, the Eiffel Tower, Honolulu, Sydney and others, as GEOTRANS gives them.
        for (text, wanted) in [
            ("18S UJ 23371 06519", [-77.036_537_282_1, 38.889_805_116_3]),
            ("18SUJ2337106519", [-77.036_537_282_1, 38.889_805_116_3]),
            ("31U-DQ-48251-11932", [2.294_495_998_1, 48.858_198_377_2]),
            ("4qfj1234567890", [-157.916_076_317_5, 21.409_801_157_8]),
            ("56HLH3436850932", [151.209_295_572_2, -33.868_942_820_3]),
            ("36RVU1234567890", [32.087_135_945_8, 30.439_947_271_2]),
            ("33XWG1234512345", [15.514_491_117_7, 77.587_108_509_8]),
            ("1CCV5000050000", [178.527_782_681_2, -72.497_385_284_4]),
            ("60LZK1234512345", [179.895_598_012_5, -14.343_335_346_2]),
        ] {
            let found = mgrs(text);
            assert!(near(found, wanted, 1e-9), "{text}: {found:?}");
        }
        let middle = mgrs("31NAA0000000000").unwrap().unwrap();
        assert!(middle[1] > 0.0 && middle[1] < 1e-5, "{middle:?}");
    }

    #[test]
    fn what_is_no_grid_reference_is_none_or_told() {
        for text in [
            "",
            "Kabul",
            "36R",
            "36RVU1",
            "0SUJ2337106519",
            "61SUJ2337106519",
            "18SUJ233710651",
            "12 Main",
            "36OVU1234",
        ] {
            assert_eq!(mgrs(text), None, "{text}");
        }
        for (text, why) in [
            ("18SUJ", "square of 10 km"),
            ("18SUJ20", "square of 10 km"),
            ("18SAJ2337106519", "no square of its zone"),
            ("18YUJ2337106519", "no band"),
            ("18CUJ2337106519", "not in its band"),
        ] {
            assert!(mgrs(text).unwrap().unwrap_err().contains(why), "{text}");
        }
    }

    #[test]
    fn utm_is_read_by_hemisphere_or_band() {
        // As PROJ gives them.
        let north = [33.0, 36.144_718_098_8];
        for (text, wanted) in [
            ("36N 500000 4000000", north),
            ("36 N 500000 4000000", north),
            ("36T 500000 4649776.22", [33.0, 41.999_999_98]),
            ("21 south 234567 1234567", [-69.230_038_213_0, -78.709_375_720_1]),
            ("36 north, 500000mE, 4000000mN", north),
            ("UTM 36S 500000 9000000", [33.0, -9.046_562_463_8]),
        ] {
            let found = utm(text);
            assert!(near(found, wanted, 1e-7), "{text}: {found:?}");
        }
        assert!(utm("36S 500000 4000000").unwrap().unwrap_err().contains("letter S"));
        assert_eq!(utm("36 500000 4000000"), None);
        assert!(utm("36N 50000 4000000").unwrap().is_err());
        assert_eq!(utm("14.5 121.0"), None);
        for (text, zone) in [
            ("32636", "36N"),
            ("EPSG:32736", "36 south"),
            ("UTM zone 36N", "36N"),
            ("36R", "36N"),
            ("36K", "36 south"),
            ("36 (N)", "36N"),
            ("36°N", "36N"),
            ("Zona 36-S", "36S"),
            ("36ª norte", "36N"),
        ] {
            assert_eq!(Zone::of(text), Zone::of(zone), "{text}");
        }
        assert_eq!((Zone::of("36"), Zone::of("61N"), Zone::of("")), (None, None, None));
    }

    #[test]
    fn plus_codes_are_read_to_the_middle_of_their_cells() {
        // Of the test data of the specification.
        for (code, wanted) in [
            ("7FG49Q00+", None),
            ("7FG49QCJ+2V", Some([2.782_187_5, 20.370_062_5])),
            ("7FG49QCJ+2VX", Some([2.782_234_375, 20.370_112_5])),
            ("8FVC2222+22GCCCC", Some([8.000_062_561_035, 47.000_062_5])),
            ("7FG49QCJ+2V Naajaat", Some([2.782_187_5, 20.370_062_5])),
        ] {
            match wanted {
                Some(wanted) => {
                    let found = plus_code(code);
                    assert!(near(found, wanted, 1e-9), "{code}: {found:?}");
                }
                None => assert_eq!(plus_code(code), None, "{code}"),
            }
        }
        assert!(plus_code("HXGC+5V Manila").unwrap().is_err());
        assert_eq!(
            (plus_code("A+"), plus_code("1 + 1"), plus_code("C+ grade")),
            (None, None, None)
        );
    }
}
