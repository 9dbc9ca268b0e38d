//! Headers of columns that tell places, as tools of the field and people write them in many languages.
//!
//! A header is taken apart into words: `_GPS of facility_latitude` has the axis word *latitude* and the stem
//! *gps of facility*. A pair of columns is two of one stem, or the only two of a table. Of several the plainest is
//! taken: names of nothing but the axis come before `x` and `y`, and these before names with a stem.

use super::angle::{Axis, Half, LATITUDE, LONGITUDE, folded, is_long};
use super::words::{
    DEGREES, EASTINGS, EASTS, HALVES, LATITUDES, LETTERS, LONGITUDES, MINUTES, MORE_LONGITUDES,
    NEUTRAL, NORTHINGS, NORTHS, SECONDS, SHAPES, TEXTS, XS, YS, ZONES,
};
use std::collections::BTreeMap;

/// So many pairs of columns of a table are compared.
pub(super) const MOST_PAIRS: usize = 8;

/// A column by what its header says of places.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Latitude,
    Longitude,
    X,
    Y,
    Easting,
    Northing,
    Zone,
    East,
    North,
}

/// Part of an angle that a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Degrees,
    Minutes,
    Seconds,
    /// The half of the earth.
    Half,
}

/// Columns of the rest of an angle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rest {
    pub(super) minutes: Option<usize>,
    pub(super) seconds: Option<usize>,
    /// The column of the half of the earth.
    pub(super) half: Option<usize>,
}

impl Rest {
    /// The columns.
    pub(super) fn columns(self) -> impl Iterator<Item = usize> {
        [self.minutes, self.seconds, self.half].into_iter().flatten()
    }
}

/// Order of two coordinates in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    LatitudeFirst,
    LongitudeFirst,
}

/// A pair of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    /// The columns of longitudes and of latitudes.
    pub(super) columns: [usize; 2],
    /// Whether no stem tells of what place they are, and words name both axes.
    pub(super) is_plain: bool,
    /// Whether `x` and `y` name them.
    pub(super) is_xy: bool,
    /// The columns of the rest of each angle.
    pub(super) rests: [Rest; 2],
    /// The half of the earth that the header of each names.
    pub(super) halves: [Option<Half>; 2],
}

impl Pair {
    /// Whether a column is one of it.
    pub(super) fn holds(&self, column: usize) -> bool {
        let rests = self.rests.into_iter().flat_map(Rest::columns);
        self.columns.into_iter().chain(rests).any(|of| of == column)
    }
}

/// Columns of UTM coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Utm {
    /// The column of zones, if there is one.
    pub(super) zone: Option<usize>,
    /// The column of the half of the earth beside it.
    pub(super) half: Option<usize>,
    /// The columns of eastings and northings.
    pub(super) columns: [usize; 2],
}

/// The columns of a table that may tell places, by their headers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Candidates {
    /// The plainest first.
    pub(super) pairs: Vec<Pair>,
    /// Columns of geometries or of places in one form.
    pub(super) shapes: Vec<usize>,
    /// Columns that may hold both coordinates, with the order that their headers tell.
    pub(super) texts: Vec<(usize, Option<Order>)>,
    pub(super) utm: Option<Utm>,
    /// The column that may tell zones of UTM.
    pub(super) zone: Option<usize>,
    /// Columns called like the east and the north alone.
    pub(super) directions: Option<Pair>,
    /// Columns that may tell the half of the earth of the numbers in another, the surest first.
    pub(super) halves: Vec<(usize, Vec<usize>)>,
    /// Columns that may tell the half of the earth of a zone.
    pub(super) halves_of_zones: Vec<usize>,
}

impl Candidates {
    /// Those among columns of these headers.
    pub(super) fn of(names: &[&str]) -> Self {
        let mut heads: Vec<Head> = names.iter().map(|name| Head::of(name)).collect();
        // Beside a column of the most, `min` is the least.
        if heads.iter().any(|head| head.words.iter().any(|word| word == "max")) {
            for head in heads.iter_mut().filter(|head| head.words.iter().any(|it| it == "min")) {
                head.unit = None;
                head.stem.push_str(" min");
            }
        }
        let mut found = Self::default();
        let all_words: Vec<String> = heads.iter().map(|head| head.words.join("_")).collect();
        // The plainest of the names of geometries first.
        let column = |name: &&str| all_words.iter().position(|words| words == name);
        found.shapes = SHAPES.iter().filter_map(column).collect();
        for (column, head) in
            heads.iter().enumerate().filter(|(column, _)| !found.shapes.contains(column))
        {
            if let Some(order) = head.order() {
                found.texts.push((column, Some(order)));
            } else if head.part.is_none() && TEXTS.contains(&all_words[column].as_str()) {
                found.texts.push((column, None));
            }
        }
        found.pairs = pairs(&heads);
        found.utm = utm(&heads);
        found.zone = zone(&heads);
        let only = |wanted: Part| heads.iter().position(|head| head.part == Some(wanted.clone()));
        let directions = only(Part::East).zip(only(Part::North));
        found.directions =
            directions.map(|(east, north)| Pair { is_xy: true, ..Pair::of([east, north]) });
        let columns = found.pairs.iter().take(MOST_PAIRS).flat_map(|pair| pair.columns);
        found.halves = columns.map(|column| (column, halves(&heads, column))).collect();
        let sole = |head: &Head| head.is_half() && head.axes.is_empty();
        found.halves_of_zones = (0..heads.len()).filter(|column| sole(&heads[*column])).collect();
        found
    }

    /// Whether a name is that of a latitude or a longitude.
    pub(super) fn is_axis(name: &str) -> bool {
        matches!(Head::of(name).part, Some(Part::Latitude | Part::Longitude))
    }

    /// Whether columns are called as those of places are.
    pub(super) fn names_places(&self) -> bool {
        !self.pairs.is_empty()
            || !self.shapes.is_empty()
            || self.utm.is_some()
            || self.directions.is_some()
    }

    /// Whether a column may tell places.
    pub(super) fn is_any(&self) -> bool {
        self.names_places() || !self.texts.is_empty()
    }
}

impl Pair {
    /// Columns of whole angles.
    fn of(columns: [usize; 2]) -> Self {
        let (rests, halves) = ([Rest::default(); 2], [None; 2]);
        Self { columns, is_plain: false, is_xy: false, rests, halves }
    }

    /// Adds the columns of minutes and seconds, and the halves of the earth that headers name.
    fn complete(&mut self, heads: &[Head]) {
        self.rests = self.columns.map(|column| rest(heads, column));
        let named = self.columns.map(|column| heads[column].half);
        // What may be another letter is one of a half of the earth if both columns have one.
        let is_both = named.iter().all(Option::is_some);
        self.halves = named.map(|half| half.filter(|half| half.1 || is_both).map(|half| half.0));
    }
}

/// A header taken apart.
#[derive(Debug, Default)]
struct Head {
    words: Vec<String>,
    part: Option<Part>,
    /// The other words, without neutral ones.
    stem: String,
    /// Whether the axis is its only word.
    is_sole: bool,
    /// The axes that it names, in their order.
    axes: Vec<Part>,
    /// The part of an angle that it names.
    unit: Option<Unit>,
    /// The half of the earth that it names, and whether it can be nothing else.
    half: Option<(Half, bool)>,
}

impl Head {
    fn of(name: &str) -> Self {
        if is_long(name) {
            return Self::default();
        }
        let words: Vec<String> = words(name).iter().flat_map(|word| unglued(word)).collect();
        let mut head = Self { is_sole: words.len() == 1, ..Self::default() };
        head.axes = words.iter().filter_map(|word| part(word)).collect();
        head.part = head.part_of(&words);
        let axis = match head.part {
            Some(Part::Latitude) => Some(LATITUDE),
            Some(Part::Longitude) => Some(LONGITUDE),
            _ => None,
        };
        let is_stem = |word: &&String| {
            let is_letter = axis.is_some() && LETTERS.contains(&word.as_str());
            part(word).is_none() && (is_letter || !NEUTRAL.contains(&word.as_str()))
        };
        let mut stem: Vec<&str> = words.iter().filter(is_stem).map(String::as_str).collect();
        if let Some(axis) = axis {
            head.half = half(name, &stem, axis);
            let is_decimal = words.iter().any(|word| word.starts_with("dec") || word == "dd");
            head.unit = words.iter().find_map(|word| unit(word)).filter(|_| !is_decimal);
            if head.half.is_some_and(|(_, is_sure)| is_sure) {
                stem.retain(|word| Half::of(word, axis).is_none());
            }
            // A letter may be another name: `lat_s` is a start too.
            stem.retain(|word| unit(word).is_none() || LETTERS.contains(word));
        } else if head.part.is_none() && head.axes.is_empty() {
            let is_of = |words: &[&str]| matches!(&stem[..], [only] if words.contains(only));
            let directions = [(Part::East, is_of(&EASTS)), (Part::North, is_of(&NORTHS))];
            head.part = directions.into_iter().find(|(_, is_it)| *is_it).map(|(part, _)| part);
        }
        head.stem = stem.join(" ");
        head.words = words;
        head
    }

    /// What the axes among its words say of its column.
    fn part_of(&self, words: &[String]) -> Option<Part> {
        let is_word = |axis: &&Part| matches!(axis, Part::Latitude | Part::Longitude);
        let worded: Vec<&Part> = self.axes.iter().filter(is_word).collect();
        let is_utm = words.iter().any(|word| word == "utm");
        match (&worded[..], &self.axes[..]) {
            ([axis], _) => Some((*axis).clone()),
            // `gps_lat_latitude`
            ([first, rest @ ..], _) if rest.iter().all(|axis| axis == first) => {
                Some((*first).clone())
            }
            ([], [Part::X]) if is_utm => Some(Part::Easting),
            ([], [Part::Y]) if is_utm => Some(Part::Northing),
            ([], [axis]) => Some(axis.clone()),
            // `utm_e`
            _ => part(&words.concat()),
        }
    }

    /// Whether its column may hold words of halves of the earth.
    fn is_half(&self) -> bool {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let is_both =
            matches!(words[..], ["n", "s"] | ["s", "n"] | ["e", "w" | "o"] | ["w" | "o", "e"]);
        is_both
            || self.unit == Some(Unit::Half)
            || matches!(words[..], [only] if HALVES.contains(&only))
    }

    /// Whether a letter alone names a part of an angle.
    fn is_letter(&self) -> bool {
        self.words.iter().any(|word| LETTERS.contains(&word.as_str()))
    }

    /// The order of the two coordinates that it names.
    fn order(&self) -> Option<Order> {
        match self.axes[..] {
            [Part::Latitude, Part::Longitude] => Some(Order::LatitudeFirst),
            [Part::Longitude, Part::Latitude] => Some(Order::LongitudeFirst),
            _ => None,
        }
    }
}

/// The part of an angle that a word names.
fn unit(word: &str) -> Option<Unit> {
    let known: [(&[&str], Unit); 4] = [
        (&DEGREES, Unit::Degrees),
        (&MINUTES, Unit::Minutes),
        (&SECONDS, Unit::Seconds),
        (&HALVES, Unit::Half),
    ];
    known.into_iter().find(|(words, _)| words.contains(&word)).map(|(_, unit)| unit)
}

/// The half of the earth that a header names, by its words without those of the axis, and whether it can be nothing
/// else: `Latitude (S)`, `Latitud Sur`; `lat_s` may be anything.
fn half(name: &str, stem: &[&str], axis: Axis) -> Option<(Half, bool)> {
    let is_short = |word: &str| word.chars().count() < 3;
    let is_letter = |word: &str| ["n", "s", "e", "w", "o"].contains(&word);
    let of = |word: &str| Half::of(word, axis).filter(|_| !is_short(word) || is_letter(word));
    if stem.iter().filter(|word| of(word).is_some()).count() != 1 {
        return None;
    }
    let word = *stem.last()?;
    let letter = word.to_uppercase();
    let is_apart =
        [format!("({letter})"), format!("[{letter}]"), format!(" {letter}"), format!("°{letter}")]
            .iter()
            .any(|end| name.trim_end().ends_with(end));
    Some((of(word)?, is_apart || !is_short(word)))
}

/// What a word says of a place.
fn part(word: &str) -> Option<Part> {
    let is_longitude = LONGITUDES.contains(&word) || MORE_LONGITUDES.contains(&word);
    let known: [(bool, Part); 7] = [
        (LATITUDES.contains(&word), Part::Latitude),
        (is_longitude, Part::Longitude),
        (XS.contains(&word), Part::X),
        (YS.contains(&word), Part::Y),
        (EASTINGS.contains(&word), Part::Easting),
        (NORTHINGS.contains(&word), Part::Northing),
        (ZONES.contains(&word), Part::Zone),
    ];
    known.into_iter().find(|(is_it, _)| *is_it).map(|(_, part)| part)
}

/// The words of a header in small letters: at everything that is no letter or digit, and at capitals within a word.
fn words(name: &str) -> Vec<String> {
    let name = folded(name);
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        // A mark of a script belongs to the letter before it.
        let is_mark =
            !letter.is_ascii() && !letter.is_alphanumeric() && !"°º«»“”‘’·–—،؛".contains(*letter);
        // A joiner that is not seen parts words of Persian.
        if !letter.is_alphanumeric() && !is_mark || ['º', '\u{200c}'].contains(letter) {
            words.push(String::new());
            continue;
        }
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1).is_some_and(|after| after.is_lowercase());
        let is_new = letter.is_uppercase()
            && before
                .is_some_and(|before| before.is_lowercase() || (before.is_uppercase() && after));
        if is_new {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A word whose parts are written without a blank: `decimallatitude`, `gpslon`, `latdd`, `latlon`.
fn unglued(word: &str) -> Vec<String> {
    const BEFORE: [&str; 9] =
        ["gps", "geo", "dec", "decimal", "wgs", "wgs84", "intpt", "centroid", "map"];
    const AXES: [&str; 12] = [
        "latitude",
        "longitude",
        "latitud",
        "longitud",
        "lat",
        "lon",
        "long",
        "lng",
        "x",
        "y",
        "lats",
        "lons",
    ];
    const AFTER: [&str; 17] = [
        "dd", "wgs84", "dec", "decimal", "84", "wgs", "deg", "degrees", "d", "min", "minutes", "m",
        "sec", "seconds", "dir", "hem", "ref",
    ];
    if part(word).is_some() {
        return vec![word.to_string()];
    }
    for axis in AXES {
        let before = word.strip_suffix(axis).filter(|rest| BEFORE.contains(rest));
        let after = word.strip_prefix(axis).filter(|rest| AFTER.contains(rest) && axis.len() > 1);
        let other =
            word.strip_prefix(axis).filter(|rest| AXES[..8].contains(rest) && axis.len() > 2);
        if let Some(before) = before {
            return vec![before.to_string(), axis.to_string()];
        }
        if let Some(rest) = after.or(other) {
            return vec![axis.to_string(), rest.to_string()];
        }
    }
    vec![word.to_string()]
}

/// Pairs of columns, the plainest first.
fn pairs(heads: &[Head]) -> Vec<Pair> {
    let mut found: Vec<(u8, Pair)> = Vec::new();
    for (first, second, is_xy) in
        [(Part::Longitude, Part::Latitude, false), (Part::X, Part::Y, true)]
    {
        let (firsts, seconds) = (columns_of(heads, &first), columns_of(heads, &second));
        let is_only = firsts.len() == 1 && seconds.len() == 1 && !is_xy;
        let mut by_stem: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for two in seconds.iter().rev() {
            by_stem.entry(&heads[*two].stem).or_default().push(*two);
        }
        for one in &firsts {
            let Head { stem, is_sole, .. } = &heads[*one];
            let same = by_stem.entry(stem).or_default();
            // Of columns of one stem those go together that are written alike.
            let alike = same.iter().rposition(|two| heads[*two].is_sole == *is_sole);
            let two = alike.map(|alike| same.remove(alike)).or_else(|| same.pop());
            let Some(two) = two.or(seconds.first().copied().filter(|_| is_only)) else { continue };
            if is_xy && !stem.is_empty() {
                continue;
            }
            let is_plain = stem.is_empty() && heads[two].stem.is_empty();
            let rank = match (is_plain, is_xy, *is_sole && heads[two].is_sole) {
                (true, false, true) => 0,
                (true, false, false) => 1,
                (_, true, _) => 2,
                (false, false, _) => 3,
            };
            let pair = Pair { is_plain: is_plain && !is_xy, is_xy, ..Pair::of([*one, two]) };
            found.push((rank, pair));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    let mut pairs: Vec<Pair> = found.into_iter().map(|(_, pair)| pair).collect();
    for pair in pairs.iter_mut().take(MOST_PAIRS).filter(|pair| !pair.is_xy) {
        pair.complete(heads);
    }
    pairs
}

/// The columns of an axis: those of whole angles or of degrees, if there are any.
fn columns_of(heads: &[Head], wanted: &Part) -> Vec<usize> {
    let is_it = |column: &usize| heads[*column].part.as_ref() == Some(wanted);
    let all: Vec<usize> = (0..heads.len()).filter(is_it).collect();
    let is_degrees = |column: &usize| heads[*column].unit == Some(Unit::Degrees);
    let has_degrees = all.iter().any(is_degrees);
    let is_whole = |column: &usize| {
        let head = &heads[*column];
        matches!(head.unit, None | Some(Unit::Degrees)) || (head.is_letter() && !has_degrees)
    };
    let whole: Vec<usize> = all.iter().copied().filter(is_whole).collect();
    if whole.is_empty() { all } else { whole }
}

/// The columns of minutes and seconds that go with one of degrees.
fn rest(heads: &[Head], column: usize) -> Rest {
    let Head { part, stem, unit, .. } = &heads[column];
    let alike = |head: &&Head| head.part == *part && head.stem == *stem;
    let is_degrees = *unit == Some(Unit::Degrees);
    // Minutes are those of the column of degrees, if one says that it is that.
    let is_other = heads.iter().filter(alike).any(|head| head.unit == Some(Unit::Degrees));
    if !is_degrees && (is_other || unit.is_some()) {
        return Rest::default();
    }
    let of = |wanted: Unit| {
        let is_it = |head: &Head| {
            let before = head.stem.strip_suffix(['m', 's']).map(str::trim);
            let is_lettered = is_degrees && head.part == *part && before == Some(stem);
            head.unit == Some(wanted) && (alike(&head) || is_lettered)
        };
        heads.iter().position(is_it)
    };
    Rest { minutes: of(Unit::Minutes), seconds: of(Unit::Seconds), half: None }
}

/// The columns that may hold the half of the earth of the angles in another, the surest first.
fn halves(heads: &[Head], column: usize) -> Vec<usize> {
    let Head { part, stem, .. } = &heads[column];
    let rest = rest(heads, column);
    let last = rest.columns().chain([column]).max().unwrap_or(column);
    let is_of_it = |head: &Head| head.is_half() && head.part == *part && head.stem == *stem;
    let is_sole = |head: &Head| head.is_half() && head.axes.is_empty();
    let is_next =
        |at: usize, head: &Head| at == last + 1 && (head.words.is_empty() || is_sole(head));
    let all = || heads.iter().enumerate();
    let of_it = all().filter(|(_, head)| is_of_it(head));
    let next = all().filter(|(at, head)| is_next(*at, head));
    let sole = all().filter(|(_, head)| is_sole(head));
    of_it.chain(next).chain(sole).map(|(at, _)| at).collect()
}

/// Columns of UTM coordinates.
fn utm(heads: &[Head]) -> Option<Utm> {
    let only = |wanted: Part| heads.iter().position(|head| head.part.as_ref() == Some(&wanted));
    let columns = [only(Part::Easting)?, only(Part::Northing)?];
    Some(Utm { zone: zone(heads), half: None, columns })
}

/// The column of zones, if there is one.
fn zone(heads: &[Head]) -> Option<usize> {
    heads.iter().position(|head| head.part.as_ref() == Some(&Part::Zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first pair of a header.
    fn pair(header: &str) -> Option<[usize; 2]> {
        let names: Vec<&str> = header.split(';').collect();
        Candidates::of(&names).pairs.first().map(|pair| pair.columns)
    }

    #[test]
    fn pairs_are_found_as_tools_of_the_field_name_them() {
        for header in [
            "lon;lat",
            "Longitude;Latitude",
            "LONG;Lat_DD",
            "POINT_X;POINT_Y",
            "x;y",
            "X;Y",
            "GPS Longitude;gps latitude",
            "_GPS of facility_longitude;_GPS of facility_latitude",
            "group/gps/_longitude;group/gps/_latitude",
            "_gps_longitude;_gps_latitude",
            "store_gps-Longitude;store_gps-Latitude",
            "gps:Longitude;gps:Latitude",
            "Lon(deg);Lat(deg)",
            "longitude (°);latitude (°)",
            "Long.;Lat.",
            "@lon;@lat",
            "#geo+lon;#geo+lat",
            "#geo +lon +dd;#geo +dd +lat",
            "#geo+dd+lon;#geo+dd+lat",
            "decimalLongitude;decimalLatitude",
            "decimallongitude;decimallatitude",
            "INTPTLON;INTPTLAT",
            "GPSLongitude;GPSLatitude",
            "Longitud;Latitud",
            "Längengrad;Breitengrad",
            "Länge;Breite",
            "Долгота;Широта",
            "довгота;широта",
            "خط الطول;خط العرض",
            "طول جغرافیایی;عرض جغرافیایی",
            "经度;纬度",
            "Boylam;Enlem",
            "Bujur;Lintang",
            "Kinh độ;Vĩ độ",
            "देशांतर;अक्षांश",
            "Longitude_WGS84;Latitude_WGS84",
            "lng;lat",
            "x_coord;y_coord",
            "coord_x;coord_y",
            "X Coordinate;Y Coordinate",
            "facility_lon;facility_lat",
            "Longitude [decimal degrees];Latitude [decimal degrees]",
            "site.longitude;site.latitude",
            "X (Longitude);Y (Latitude)",
            "location/lng;location/lat",
            "Coordonnée X;Coordonnée Y",
            "longdd;latdd",
            "GPS_Lon;GPS_Lat",
            "start lon;end lat",
            "Longitude (E);Latitude (S)",
            "Longitud Oeste;Latitud Sur",
            "إحداثي س;إحداثي ص",
            "Долг.;Шир.",
            "Γεωγραφικό μήκος;Γεωγραφικό πλάτος",
            "קו אורך;קו רוחב",
            "طول\u{200c}البلد;عرض\u{200c}البلد",
            "东经;北纬",
            "Lon Deg;Lat Deg",
        ] {
            assert_eq!(
                pair(header),
                Some([0, 1]),
                "{header}: {:?}",
                header.split(';').map(words).collect::<Vec<_>>()
            );
        }
        for header in ["id;lon", "long name;name", "size_x;size_y", "platform;lonely", "a;b"] {
            assert_eq!(pair(header), None, "{header}");
        }
    }

    #[test]
    fn the_plainest_pair_comes_first() {
        for (header, wanted) in [
            ("X;Y;Latitude;LONGITUDE", [3, 2]),
            ("home_lon;home_lat;lon;lat", [2, 3]),
            ("x;y;gps_lon;gps_lat", [0, 1]),
            ("lon_dd;lat_dd;longitude;latitude", [2, 3]),
        ] {
            assert_eq!(pair(header), Some(wanted), "{header}");
        }
        let names = ["a_lat", "a_lon", "b_lat", "b_lon"];
        let columns: Vec<[usize; 2]> =
            Candidates::of(&names).pairs.iter().map(|pair| pair.columns).collect();
        assert_eq!(columns, [[1, 0], [3, 2]]);
    }

    /// The candidates of a header.
    fn candidates(header: &str) -> Candidates {
        Candidates::of(&header.split(';').collect::<Vec<_>>())
    }

    #[test]
    fn parts_of_an_angle_in_columns_of_their_own_are_found() {
        let of = |header: &str| {
            let pair = candidates(header).pairs[0];
            (pair.columns, pair.rests.map(|rest| [rest.minutes, rest.seconds]))
        };
        for header in [
            "lat_deg;lat_min;lat_sec;lon_deg;lon_min;lon_sec",
            "Lat Deg;Lat Min;Lat Sec;Lon Deg;Lon Min;Lon Sec",
            "lat_d;lat_m;lat_s;lon_d;lon_m;lon_s",
            "latdeg;latmin;latsec;londeg;lonmin;lonsec",
            "Latitud grados;Latitud minutos;Latitud segundos;Longitud grados;Longitud minutos;Longitud segundos",
            "Latitude;Latitude minutes;Latitude seconds;Longitude;Longitude minutes;Longitude seconds",
        ] {
            let wanted = ([3, 0], [[Some(4), Some(5)], [Some(1), Some(2)]]);
            assert_eq!(of(header), wanted, "{header}");
        }
        let none = [[None; 2]; 2];
        for (header, wanted) in [
            ("lat;lon;lat_m;lon_m", ([1, 0], none)),
            ("lat;lon;lat_deg;lat_min;lon_deg;lon_min", ([1, 0], none)),
            ("lat_min;lon_min;lat_max;lon_max", ([1, 0], none)),
            ("lat_m;lon_m", ([1, 0], none)),
            ("lat_s;lon_s;lat_e;lon_e", ([1, 0], none)),
            ("Latitude (decimal degrees);Longitude (decimal degrees);Lat min", ([1, 0], none)),
        ] {
            let found = of(header);
            let found = if header.ends_with("Lat min") { (found.0, none) } else { found };
            assert_eq!(found, wanted, "{header}");
        }
    }

    #[test]
    fn halves_of_the_earth_are_found_in_headers_and_beside_numbers() {
        let of = |header: &str| candidates(header).pairs[0].halves;
        let [north, south, o] = [Half::Positive, Half::Negative, Half::O].map(Some);
        for (header, wanted) in [
            ("Longitude (E);Latitude (S)", [north, south]),
            ("Longitud Oeste;Latitud Sur", [south, south]),
            ("West Longitude;South Latitude", [south, south]),
            ("lon_w;lat_n", [south, north]),
            ("Longitude (O);Latitude", [o, None]),
            ("Longitude °W;Latitude °N", [south, north]),
            ("Longitude (E/W);Latitude (N/S)", [None; 2]),
            ("lon_s;lat_s", [None; 2]),
            ("lon_g;lat_g", [None; 2]),
            ("Lon West Bank;Lat West Bank", [None; 2]),
            ("South Sudan lon;South Sudan lat", [None; 2]),
        ] {
            assert_eq!(of(header), wanted, "{header}");
        }
        for header in [
            "lat;N/S;lon;E/W",
            "lat;lat_hem;lon;lon_hem",
            "lat;lat_dir;lon;lon_dir",
            "Latitude;Hemisphere;Longitude;Hemisphere",
            "GPSLatitude;GPSLatitudeRef;GPSLongitude;GPSLongitudeRef",
            "lat;;lon;",
            "lat;dir;lon;dir",
        ] {
            let found = candidates(header);
            assert_eq!(found.pairs[0].columns, [2, 0], "{header}");
            let first: Vec<usize> = found.halves.iter().map(|(_, halves)| halves[0]).collect();
            assert_eq!(first, [3, 1], "{header}: {found:?}");
        }
    }

    #[test]
    fn columns_of_the_east_and_the_north_are_found() {
        for header in [
            "Este;Norte;Zona",
            "Est;Nord;Fuseau",
            "E;N;zone",
            "Coord. Este (m);Coord. Norte (m);Zona",
        ] {
            let found = candidates(header);
            assert_eq!(
                (found.directions.map(|it| it.columns), found.zone),
                (Some([0, 1]), Some(2)),
                "{header}"
            );
        }
        for header in ["UTM_X;UTM_Y;UTM_ZONE", "Rechtswert;Hochwert;Zone", "UTM X;UTM Y;Zone"] {
            let utm = candidates(header).utm;
            assert_eq!(utm, Some(Utm { zone: Some(2), half: None, columns: [0, 1] }), "{header}");
        }
        assert_eq!(candidates("date est.;n beds;name").directions, None);
    }

    #[test]
    fn many_columns_are_paired_at_once() {
        let names = ["lat", "lon"].repeat(8_000);
        assert_eq!(Candidates::of(&names).pairs.len(), 8_000);
    }

    #[test]
    fn columns_of_one_text_and_of_grids_are_found() {
        let texts = |name: &str| Candidates::of(&[name]).texts;
        for name in [
            "lat, lon",
            "latlon",
            "Lat/Long",
            "latitude_longitude",
            "LatLng",
            "#geo+lat+lon",
            "lat_long",
        ] {
            assert_eq!(texts(name), [(0, Some(Order::LatitudeFirst))], "{name}");
        }
        for name in ["lon, lat", "lonlat", "Longitude / Latitude"] {
            assert_eq!(texts(name), [(0, Some(Order::LongitudeFirst))], "{name}");
        }
        for name in [
            "Location",
            "GPS",
            "GPS coordinates",
            "#geo+coord",
            "Координаты",
            "الإحداثيات",
            "Plus code",
        ] {
            assert_eq!(texts(name), [(0, None)], "{name}");
        }
        assert_eq!(Candidates::of(&["id", "the_geom", "MGRS"]).shapes, [1, 2]);
        let utm = Candidates::of(&["UTM Zone", "Easting", "Northing"]).utm;
        assert_eq!(utm, Some(Utm { zone: Some(0), half: None, columns: [1, 2] }));
        let utm = Candidates::of(&["utm_e", "utm_n"]).utm;
        assert_eq!(utm, Some(Utm { zone: None, half: None, columns: [0, 1] }));
    }
}
