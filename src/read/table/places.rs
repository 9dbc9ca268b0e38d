//! The columns that tell where rows are, and how their cells are read: decided once for a table.
//!
//! Headers and a sample of rows choose the columns ([`Placed`]). The walk over all rows then counts what only a whole
//! column can tell ([`Survey`]): whether latitude and longitude are exchanged, whether numbers are meters, which of
//! two coordinates in one text comes first. [`Places`] is what follows, and reads any row on any thread.
//!
//! Nothing is guessed silently: what a convention decided is a remark, and what nothing decides is an error.

use super::angle::{Angle, Axis, Half, LATITUDE, LONGITUDE, degrees, plain, shown};
use super::grids::Zone;
use super::joint::Told;
use super::names::{Candidates, MOST_PAIRS, Order, Pair, Rest, Utm};
use super::written::{self, Written};
use crate::error::ReadError;
use crate::measure::Reference;
use crate::read::amount::amount;
use crate::read::features::Drawn;
use geo::Point;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A longitude is below this, however often it goes around; a latitude far below.
const MOST_DEGREES: u32 = 540;

/// Two places are the same if they differ by less than this, in degrees.
const SAME: f64 = 1e-3;

/// Of pairs that tell one order by their range fewer than this part may tell the other by a slip of the pen.
const SLIPS: u64 = 10;

/// Numbers of degrees and minutes that are packed are below the first; meters of no plane are above the second.
const PACKED: f64 = 1e5;
const SCALED: f64 = 2.1e7;

/// The columns that tell places, as headers and a sample of rows tell them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Placed {
    /// Longitude and latitude, and what else tells places.
    Pair(Pair, Others),
    /// One text, with the order of two coordinates that its header tells.
    Text(usize, Option<Order>),
    /// Zone, easting and northing.
    Utm(Utm),
    Nowhere,
}

/// Columns of places beside those that are read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Others {
    pub(super) pairs: Vec<Pair>,
    /// Columns of a place in one text.
    pub(super) texts: Vec<usize>,
}

impl Pair {
    /// With the columns that hold the halves of the earth of its numbers.
    fn with_halves(
        mut self,
        candidates: &Candidates,
        holds: impl Fn(&usize, Axis) -> bool,
    ) -> Self {
        let axes = self.columns.into_iter().zip([LONGITUDE, LATITUDE]);
        for (rest, (column, axis)) in self.rests.iter_mut().zip(axes) {
            let mut all = candidates.halves.iter();
            let all = all.find(|(of, _)| *of == column).map_or(&[][..], |(_, halves)| halves);
            rest.half = all.iter().find(|half| holds(half, axis)).copied();
        }
        self
    }
}

impl Placed {
    /// The columns among candidates that hold places in a sample of rows.
    pub(super) fn of(
        candidates: &Candidates,
        sample: &[csv::StringRecord],
        columns: usize,
    ) -> Self {
        let cells = |column: usize| {
            let cells = sample.iter().filter_map(move |row| row.get(column)).map(str::trim);
            cells.filter(|cell| !cell.is_empty())
        };
        let is_read = |column: usize| cells(column).any(|cell| Written::of(cell).is_some());
        let is_ground = |column: &usize| cells(*column).next().is_some_and(written::is_ground);
        let mut shapes = candidates.shapes.iter();
        if let Some(ground) = shapes.find(|column| is_ground(column)) {
            return Self::Text(*ground, None);
        }
        let is_filled =
            |pair: &&Pair| pair.columns.iter().any(|column| cells(*column).next().is_some());
        let read_shape = candidates.shapes.iter().copied().find(|column| is_read(*column));
        let read_text = candidates.texts.iter().copied().find(|(column, _)| is_read(*column));
        let pair = candidates.pairs.iter().find(is_filled).or_else(|| {
            // An empty pair is no reason to overlook what is filled.
            let is_alone = read_shape.is_none() && read_text.is_none();
            candidates.pairs.first().filter(|_| is_alone)
        });
        let holds_halves = |column: &usize, axis: Axis| {
            let halves = cells(*column).filter(|cell| Half::of(cell, axis).is_some()).count();
            halves * 2 > cells(*column).count()
        };
        let mut halves = candidates.halves_of_zones.iter();
        let half = halves.find(|column| holds_halves(column, LATITUDE)).copied();
        // x and y beside a zone are meters of it.
        let is_zone = |column: &usize| {
            let is_known = |cell| Zone::of_cells(cell, half.map_or("", |_| "N")).is_some();
            cells(*column).next().is_some_and(is_known)
        };
        let zone = candidates.zone.filter(is_zone);
        if let (Some(pair), Some(_)) = (pair.filter(|pair| pair.is_xy), zone) {
            return Self::Utm(Utm { zone, half, columns: pair.columns });
        }
        if let Some(pair) = pair {
            let pair = pair.with_halves(candidates, holds_halves);
            let is_other = |other: &&Pair| other.columns != pair.columns && !other.is_xy;
            let pairs = candidates.pairs.iter().filter(is_other).take(MOST_PAIRS);
            let texts = candidates.texts.iter().map(|(column, _)| *column);
            let texts = texts.chain(candidates.shapes.iter().copied()).take(MOST_PAIRS);
            let others = Others { pairs: pairs.copied().collect(), texts: texts.collect() };
            return Self::Pair(pair, others);
        }
        if let Some(shape) = read_shape.or_else(|| candidates.shapes.first().copied()) {
            return Self::Text(shape, None);
        }
        let utm = candidates.utm.map(|utm| Utm { half, ..utm });
        let zoned = candidates.directions.zip(zone);
        let zoned = zoned.map(|(pair, zone)| Utm { zone: Some(zone), half, columns: pair.columns });
        if let Some(utm) = utm.or(zoned) {
            return Self::Utm(utm);
        }
        if let Some((column, order)) = read_text {
            return Self::Text(column, order);
        }
        if let Some(pair) = candidates.directions.filter(|pair| is_filled(&pair)) {
            return Self::Pair(pair, Others::default());
        }
        // Grid references, plus codes and geometries are known by themselves.
        let is_sure = |column: &usize| {
            let mut cells = cells(*column).peekable();
            cells.peek().is_some() && cells.all(written::is_sure)
        };
        let mut sure = (0..columns).filter(is_sure);
        match (sure.next(), sure.next()) {
            (Some(column), None) => Self::Text(column, None),
            _ => Self::Nowhere,
        }
    }

    /// Whether a column tells places.
    pub(super) fn holds(&self, column: usize) -> bool {
        match self {
            Self::Pair(pair, _) => pair.holds(column),
            Self::Text(text, _) => *text == column,
            Self::Utm(utm) => {
                utm.columns.contains(&column) || [utm.zone, utm.half].contains(&Some(column))
            }
            Self::Nowhere => false,
        }
    }
}

/// Counts of a walk over all rows.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Rows that tell a place, or a part of one.
    pub(super) filled: u64,
    /// Rows that are places as they are, or only with latitude and longitude exchanged.
    as_is: u64,
    exchanged: u64,
    /// Rows whose numbers are far beyond degrees, and the first of them.
    planar: u64,
    first_planar: Option<[String; 2]>,
    /// Rows whose numbers may be degrees.
    degrees: u64,
    /// Numbers with a minus, and without, among longitudes and among latitudes.
    signs: [[u64; 2]; 2],
    /// Rows of which another pair of columns tells another place, and the first such pair.
    other: Option<Pair>,
    /// Pairs of coordinates in one text that tell their order by range: latitude first, longitude first.
    by_range: [u64; 2],
    brackets: u64,
    undecided: u64,
    /// The codes of reference systems that texts name; 0 for a text that names none.
    systems: Vec<u32>,
    letters: Letters,
}

/// Words of halves of the earth that were met.
#[derive(Debug, Default)]
struct Letters(BTreeSet<String>);

impl Letters {
    fn add(&mut self, half: &str) {
        if !self.0.contains(half) {
            self.0.insert(half.to_string());
        }
    }

    fn has(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.0.contains(*word))
    }

    /// Whether E was met, or a word of a Romance language for it.
    fn has_east(&self) -> bool {
        self.has(&["e", "est", "este", "leste", "l"])
    }

    /// Whether O means east in columns of these names; `None` if nothing tells. German writes O for east and W for
    /// west, Romance languages E for east and O for west.
    fn is_o_east(&self, names: &[&str]) -> Option<bool> {
        let is_of = |starts: &[&str]| {
            let names = names.iter().map(|name| name.to_lowercase());
            let mut words = names.flat_map(|name| {
                let words = name.split(|letter: char| !letter.is_alphabetic());
                words.map(str::to_string).collect::<Vec<_>>()
            });
            words.any(|word| {
                starts.iter().any(|start| {
                    word.starts_with(start) && word != "longitude" && word != "latitude"
                })
            })
        };
        let german = ["läng", "laeng", "breite", "koordinat", "standort", "lengte", "breedte"];
        let romance = [
            "longitud",
            "latitud",
            "coordonn",
            "coordenad",
            "ubicaci",
            "localis",
            "localiz",
            "posizion",
        ];
        let (ost, ouest) =
            (self.has(&["ost", "ol", "öl", "ö"]), self.has(&["ouest", "oeste", "ovest"]));
        match (is_of(&german), is_of(&romance), ost, ouest) {
            (true, false, ..) | (false, false, true, false) => Some(true),
            (false, true, ..) | (false, false, false, true) => Some(false),
            (false, false, false, false) if self.has_east() && !self.has(&["w"]) => Some(false),
            _ => None,
        }
    }
}

impl Survey {
    /// Looks at a row.
    pub(super) fn add(&mut self, placed: &Placed, row: &csv::ByteRecord) {
        let cell = |column: usize| row.get(column).unwrap_or_default().trim_ascii();
        match placed {
            Placed::Pair(pair, others) => {
                let text = |column: usize| text_of(cell(column));
                let cells = angles_of((pair.columns, pair.rests), &text);
                let cells = [&*cells[0], &*cells[1]];
                self.pair(cells);
                if !others.pairs.is_empty() && self.other.is_none() {
                    let differs = |other: &&Pair| {
                        differ(cells, &angles_of((other.columns, other.rests), &text))
                    };
                    self.other = others.pairs.iter().find(differs).copied();
                }
            }
            Placed::Text(column, _) => self.text(text_of(cell(*column))),
            Placed::Utm(utm) => {
                self.filled +=
                    u64::from(utm.columns.iter().any(|column| !cell(*column).is_empty()));
            }
            Placed::Nowhere => {}
        }
    }

    /// A longitude and a latitude.
    fn pair(&mut self, cells: [&str; 2]) {
        if cells.iter().all(|cell| cell.is_empty()) {
            return;
        }
        self.filled += 1;
        for (signs, cell) in self.signs.iter_mut().zip(cells) {
            let is_any = cell.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
            signs[usize::from(!cell.starts_with(['-', '\u{2212}']))] += u64::from(is_any);
        }
        let [longitude, latitude] = match cells.map(|cell| whole(cell.as_bytes())) {
            [Some(longitude), Some(latitude)] => [longitude, latitude],
            _ => match self.angles(cells) {
                Some(sizes) => sizes,
                None => return,
            },
        };
        self.degrees += u64::from(longitude <= 180 && latitude <= 180);
        if longitude > MOST_DEGREES && latitude > MOST_DEGREES {
            self.planar += 1;
            self.first_planar.get_or_insert_with(|| cells.map(str::to_string));
        } else if latitude > 90 && longitude <= 90 {
            self.exchanged += 1;
        } else if longitude > 90 && latitude <= 90 {
            self.as_is += 1;
        }
    }

    /// The whole degrees of a longitude and a latitude that are no plain numbers, and what their letters tell.
    fn angles(&mut self, cells: [&str; 2]) -> Option<[u32; 2]> {
        let [longitude, latitude] = cells.map(Angle::of);
        for half in [&longitude, &latitude].into_iter().flatten().filter_map(Angle::half) {
            self.letters.add(half);
        }
        let [longitude, latitude] = [longitude?, latitude?];
        let is = |angle: &Angle, axis: Axis| angle.axis().is_some_and(|of| of.name == axis.name);
        if is(&longitude, LATITUDE) && is(&latitude, LONGITUDE) {
            self.exchanged += 1;
            self.degrees += 1;
            return None;
        }
        // Packed degrees and minutes are large.
        let is_packed = |angle: &Angle| angle.axis().is_some();
        if is_packed(&longitude) || is_packed(&latitude) {
            self.as_is += u64::from(is(&longitude, LONGITUDE) || is(&latitude, LATITUDE));
            self.degrees += 1;
            return None;
        }
        Some([longitude, latitude].map(|angle| angle.size() as u32))
    }

    /// A text of a place.
    fn text(&mut self, cell: &str) {
        if is_none(cell) {
            return;
        }
        self.filled += 1;
        match Written::of(cell) {
            Some(Written::Joint(joint)) => {
                joint.halves().for_each(|half| self.letters.add(half));
                let is_small = |at: [f64; 2]| at.iter().all(|it| it.abs() <= 180.0);
                self.degrees += u64::from(joint.numbers().is_none_or(is_small));
                match joint.told() {
                    Told::Written(_) => {}
                    Told::Range(Order::LatitudeFirst) => self.by_range[0] += 1,
                    Told::Range(Order::LongitudeFirst) => self.by_range[1] += 1,
                    Told::Brackets => self.brackets += 1,
                    Told::Nothing => self.undecided += 1,
                }
                let beyond = joint
                    .numbers()
                    .filter(|at| at.iter().all(|it| it.abs() > f64::from(MOST_DEGREES)));
                if let Some(at) = beyond {
                    self.planar += 1;
                    self.first_planar.get_or_insert_with(|| at.map(|it| it.to_string()));
                }
            }
            Some(Written::Shape(shape)) => {
                let system = shape.system().unwrap_or(0);
                if !self.systems.contains(&system) && self.systems.len() < 3 {
                    self.systems.push(system);
                }
            }
            Some(Written::Grid(_)) | None => {}
        }
    }
}

/// What a table says of itself beside its rows.
pub(super) struct Facts<'a> {
    /// What it is called.
    pub(super) file: &'a str,
    /// The names of its columns.
    pub(super) names: &'a [String],
    /// The reference system that is stated for it.
    pub(super) stated: Option<&'a Reference>,
}

impl Facts<'_> {
    fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", String::as_str)
    }

    fn is_plane(&self) -> bool {
        self.stated.is_some_and(|stated| !stated.is_geographic())
    }

    fn refused(&self, found: String, hint: String) -> ReadError {
        ReadError::unusable_hint(self.file, found, hint)
    }
}

/// How the place of a row is read.
#[derive(Debug)]
pub(super) enum Places {
    Degrees { columns: [usize; 2], rests: [Rest; 2], axes: [Axis; 2], others: Others },
    Plane { columns: [usize; 2] },
    Text { column: usize, order: Order, longitude: Axis, system: u32, is_plane: bool },
    Utm(Utm),
    Nowhere,
}

/// What a table's places follow from, once all rows were looked at.
pub(super) struct Settled {
    pub(super) places: Places,
    /// The reference system that its texts name.
    pub(super) named: Option<u32>,
    /// What a convention decided.
    pub(super) remarks: Vec<String>,
    /// What keeps its places from being read.
    pub(super) refused: Option<ReadError>,
}

impl Settled {
    /// What follows from the columns of a table and all of its rows.
    pub(super) fn of(placed: &Placed, survey: &Survey, facts: &Facts) -> Self {
        let mut settled =
            Self { places: Places::Nowhere, named: None, remarks: Vec::new(), refused: None };
        match placed {
            Placed::Pair(pair, others) => settled.pair(*pair, others, (survey, facts)),
            Placed::Text(column, order) => settled.text((*column, *order), survey, facts),
            Placed::Utm(utm) => settled.utm(*utm, facts),
            Placed::Nowhere => {}
        }
        settled
    }

    fn pair(&mut self, pair: Pair, others: &Others, (survey, facts): (&Survey, &Facts)) {
        let columns = pair.columns;
        let [x, y] = columns.map(|column| facts.name(column));
        if facts.is_plane() {
            self.places = Places::Plane { columns };
            let is_called = !pair.is_xy && survey.degrees * 2 > survey.filled;
            self.refused =
                is_called.then(|| no_degrees(facts, &format!("its columns `{x}` and `{y}` hold")));
            return;
        }
        let is_o_east = self.is_o_east(&[x, y], survey);
        let mut axes = [Axis { is_o_east, ..LONGITUDE }, LATITUDE];
        for (axis, (half, place)) in axes.iter_mut().zip(pair.halves.into_iter().zip([0, 1])) {
            match is_negative(half, survey.signs[place], is_o_east) {
                Ok(is_negative) => axis.is_negative = is_negative,
                Err((found, hint)) => {
                    let found = format!("its column `{}` {found}", [x, y][place]);
                    self.refused = Some(facts.refused(found, hint.into()));
                }
            }
        }
        let (rests, others) = (pair.rests, others.clone());
        self.places = Places::Degrees { columns, rests, axes, others };
        if self.refused.is_some() {
            return;
        }
        if survey.planar * 2 > survey.filled {
            self.refused = Some(planar(survey, facts, &format!("its columns `{x}` and `{y}`")));
        } else if survey.exchanged * 2 > survey.filled && survey.as_is == 0 {
            let found = format!(
                "its columns `{x}` and `{y}` are places only if latitude and longitude are exchanged"
            );
            let hint = format!(
                "give them their right names: call `{y}` `longitude`, and `{x}` `latitude`"
            );
            self.refused = Some(facts.refused(found, hint));
        } else if let Some(other) = survey.other {
            let [other_x, other_y] = other.columns.map(|column| facts.name(column));
            if pair.is_plain {
                self.remarks.push(format!(
                    "places are those of `{x}` and `{y}`; `{other_x}` and `{other_y}` differ and are not used"
                ));
            } else {
                let found = format!(
                    "its columns `{x}`, `{y}` and its columns `{other_x}`, `{other_y}` tell different places"
                );
                let hint =
                    "call those that are meant `longitude` and `latitude`, or leave the others out";
                self.refused = Some(facts.refused(found, hint.into()));
            }
        }
    }

    /// Whether O means east; a guess is told.
    fn is_o_east(&mut self, names: &[&str], survey: &Survey) -> Option<bool> {
        let Survey { letters, .. } = survey;
        let is_o_east = letters.is_o_east(names);
        if letters.has(&["o"]) && letters.has_east() && is_o_east == Some(false) {
            let name = names[0];
            self.remarks.push(format!(
                "O in `{name}` is read as west (Ouest, Oeste), since E stands for the east"
            ));
        }
        is_o_east
    }

    fn text(&mut self, (column, told): (usize, Option<Order>), survey: &Survey, facts: &Facts) {
        let name = facts.name(column);
        let is_plane = facts.is_plane();
        let system = survey.systems.first().copied().unwrap_or(0);
        self.named = Some(system).filter(|system| *system != 0);
        let order = if is_plane {
            Some(told.unwrap_or(Order::LongitudeFirst))
        } else {
            self.order((name, told), survey)
        };
        if order.is_none() {
            let found = format!(
                "nobody knows which of the two coordinates in its column `{name}` is the latitude"
            );
            let hint = format!(
                "tell it by the name of the column: call `{name}` `latlon`, or `lonlat` if the longitude comes first"
            );
            self.refused = Some(facts.refused(found, hint));
        }
        if !is_plane && survey.planar * 2 > survey.filled {
            self.refused = Some(planar(survey, facts, &format!("its column `{name}`")));
        }
        if is_plane && survey.degrees * 2 > survey.filled {
            self.refused = Some(no_degrees(facts, &format!("its column `{name}` holds")));
        }
        let order = order.unwrap_or(Order::LatitudeFirst);
        let longitude = Axis { is_o_east: self.is_o_east(&[name], survey), ..LONGITUDE };
        self.places = Places::Text { column, order, longitude, system, is_plane };
    }

    /// The order of two coordinates in one text, where the texts themselves do not tell it: that of most of them by
    /// their range, else that of the header, else that of a convention. A row that is against it may be a slip of the
    /// pen; several are told, or nobody knows.
    fn order(&mut self, (name, told): (&str, Option<Order>), survey: &Survey) -> Option<Order> {
        let [latitude_first, longitude_first] = survey.by_range;
        let all = latitude_first + longitude_first + survey.brackets + survey.undecided;
        let (by_range, votes, against) = if latitude_first >= longitude_first {
            (Order::LatitudeFirst, latitude_first, longitude_first)
        } else {
            (Order::LongitudeFirst, longitude_first, latitude_first)
        };
        let (usual, why) = convention(name, survey);
        let wanted = told.or(usual);
        if all == 0 {
            return told.or(Some(Order::LatitudeFirst));
        }
        if votes * 2 >= all && against * SLIPS <= votes {
            if wanted.is_some_and(|wanted| wanted != by_range) {
                let [first, _] = words(by_range);
                self.remarks.push(format!(
                    "by its numbers `{name}` holds the {first} first, whatever it is called"
                ));
            }
            return Some(by_range);
        }
        let wanted = wanted?;
        let against = if wanted == by_range { against } else { votes };
        let is_slip = (against < 2 && all > 3) || against * SLIPS <= all;
        let [first, second] = words(wanted);
        match told {
            Some(_) if is_slip => {}
            Some(_) => self.remarks.push(format!(
                "by their numbers {against} of {all} places in `{name}` hold the {second} first, which it is not called"
            )),
            None if is_slip => {
                let other = if wanted == Order::LatitudeFirst { "lonlat" } else { "latlon" };
                self.remarks.push(format!(
                    "`{name}` is read as {first} and {second}{why}; call it `{other}` if the {second} comes first"
                ));
            }
            None => return None,
        }
        Some(wanted)
    }

    fn utm(&mut self, utm: Utm, facts: &Facts) {
        self.places = Places::Utm(utm);
        let [x, y] = utm.columns.map(|column| facts.name(column));
        if facts.is_plane() {
            self.places = Places::Plane { columns: utm.columns };
        } else if utm.zone.is_none() {
            let found =
                format!("its columns `{x}` and `{y}` are of a zone that no column `zone` tells");
            self.refused =
                Some(facts.refused(found, declare("36N is EPSG:32636, 36S is EPSG:32736")));
        }
    }
}

/// The names of the first and the second of two coordinates.
const fn words(order: Order) -> [&'static str; 2] {
    match order {
        Order::LatitudeFirst => ["latitude", "longitude"],
        Order::LongitudeFirst => ["longitude", "latitude"],
    }
}

/// The order that is usual in a column of this name, and the reason.
fn convention(name: &str, survey: &Survey) -> (Option<Order>, &'static str) {
    // KoboToolbox writes `[latitude, longitude]` there.
    if name.trim_start_matches('_').eq_ignore_ascii_case("geolocation") {
        return (Some(Order::LatitudeFirst), "");
    }
    if survey.brackets > 0 && survey.undecided == 0 {
        return (Some(Order::LongitudeFirst), ", as JSON has them");
    }
    (is_usually_latitude_first(name).then_some(Order::LatitudeFirst), "")
}

/// Whether numbers without a letter are of the south or the west, in a column whose header names a half of the earth.
///
/// # Errors
///
/// What is wrong with the column, and the way out.
fn is_negative(
    half: Option<Half>,
    [minus, plain]: [u64; 2],
    is_o_east: Option<bool>,
) -> Result<bool, (&'static str, &'static str)> {
    let is_of_it = match half {
        None | Some(Half::Positive) => false,
        Some(Half::Negative) => true,
        Some(Half::O) => !is_o_east.ok_or((
            "may be of the east (Ost) or the west (Ouest, Oeste)",
            "write E or W for O in the name of the column",
        ))?,
    };
    match (is_of_it, minus > 0, plain > 0) {
        (true, true, true) => Err((
            "is of the south or the west, and holds numbers with a minus and without",
            "leave the half of the earth out of its name, and write a minus before each number south or west",
        )),
        (is_of_it, has_minus, _) => Ok(is_of_it && !has_minus),
    }
}

/// Degrees in a table whose reference system has none.
fn no_degrees(facts: &Facts, what: &str) -> ReadError {
    let system = facts.stated.map(|stated| stated.name().to_string()).unwrap_or_default();
    let found = format!("{what} degrees, and its reference system, {system}, has none");
    let hint = "take the system away (`crs`, or the .prj beside it) if they are degrees; call the columns `x` and `y` if they are not";
    facts.refused(found, hint.into())
}

/// Whether a text says that there is no place: `[null, null]`, `[]`.
fn is_none(cell: &str) -> bool {
    let is_void = |part: &str| ["", "null", "none", "nan"].contains(&part.to_lowercase().as_str());
    let is_short = cell.len() < 30;
    is_short
        && cell.trim_matches(['[', ']', '(', ')', '{', '}']).split(',').all(|it| is_void(it.trim()))
}

/// Whether people who head a column so write the latitude first.
fn is_usually_latitude_first(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = [
        "gps",
        "loc",
        "coord",
        "posi",
        "ubica",
        "коорд",
        "местопол",
        "إحداث",
        "احداث",
        "مختصات",
        "坐标",
        "座標",
        "koord",
        "standort",
    ];
    words.iter().any(|word| name.contains(word))
}

/// Numbers that are no degrees.
fn planar(survey: &Survey, facts: &Facts, columns: &str) -> ReadError {
    let [x, y] = survey.first_planar.clone().unwrap_or_default().map(|text| shown(&text));
    let found = format!(
        "{columns} hold {x} and {y}, which are no degrees, and its reference system is not declared"
    );
    let sizes = survey.first_planar.iter().flatten().filter_map(|text| plain(text));
    let sizes: Vec<f64> = sizes.map(f64::abs).collect();
    let declared = declare("UTM zone 36N is EPSG:32636");
    let is_packed = |size: &f64| *size < PACKED && size % 100.0 < 60.0;
    let hint = if sizes.iter().any(|size| *size > SCALED) {
        "divide them by the number that degrees were multiplied with, often 10,000,000".into()
    } else if sizes.len() == 2 && sizes.iter().all(is_packed) {
        format!(
            "write N, S, E or W after degrees and minutes in one number, `1950.4N`; of meters {declared}"
        )
    } else {
        declared
    };
    facts.refused(found, hint)
}

/// The way to declare a reference system.
fn declare(example: &str) -> String {
    format!(
        "declare it: `crs = \"EPSG:…\"` beside its path, or `,crs=EPSG:…` behind it ({example})"
    )
}

impl Places {
    /// The place of a row, from its cells without the blanks around them.
    pub(super) fn drawn<'r>(&self, cell: impl Fn(usize) -> &'r str) -> Drawn {
        match self {
            Self::Degrees { columns, rests, axes, others } => {
                let cells = angles_of((*columns, *rests), &cell);
                let cells = [&*cells[0], &*cells[1]];
                if cells.iter().all(|cell| cell.is_empty()) && others.is_any(&cell) {
                    let why = "its longitude and latitude are empty, and other columns that tell a place are not read";
                    return Drawn::Unreadable(why.into());
                }
                pair(cells, |[x, y]| Ok([degrees(x, axes[0])?, degrees(y, axes[1])?]))
            }
            Self::Plane { columns } => {
                pair(columns.map(&cell), |[x, y]| Ok([meters(x)?, meters(y)?]))
            }
            Self::Text { column, order, longitude, system, is_plane } => {
                text(cell(*column), (*order, *longitude), (*system, *is_plane))
            }
            Self::Utm(Utm { zone, half, columns }) => {
                let [zone, half] = [zone, half].map(|column| column.map_or("", &cell));
                pair(columns.map(&cell), |[x, y]| {
                    let known = Zone::of_cells(zone, half);
                    let known = known.ok_or_else(|| {
                        format!("zone \"{}\" is no zone of UTM such as 36N", shown(zone))
                    })?;
                    known.degrees([meters(x)?, meters(y)?]).map_err(Into::into)
                })
            }
            Self::Nowhere => Drawn::Nothing,
        }
    }
}

impl Others {
    /// Whether a row tells a place in one of them.
    fn is_any<'r>(&self, cell: &impl Fn(usize) -> &'r str) -> bool {
        let is_pair = |pair: &Pair| pair.columns.iter().all(|column| !cell(*column).is_empty());
        let is_text = |column: &usize| Written::of(cell(*column)).is_some();
        self.pairs.iter().any(is_pair) || self.texts.iter().any(is_text)
    }
}

/// A longitude and a latitude, each with what its other columns add.
fn angles_of<'r>(
    (columns, rests): ([usize; 2], [Rest; 2]),
    cell: &impl Fn(usize) -> &'r str,
) -> [Cow<'r, str>; 2] {
    [angle_of(cell(columns[0]), rests[0], cell), angle_of(cell(columns[1]), rests[1], cell)]
}

/// An angle of several cells as one text: `34° 31' 48" N`.
fn angle_of<'r>(degrees: &'r str, rest: Rest, cell: &impl Fn(usize) -> &'r str) -> Cow<'r, str> {
    if rest == Rest::default() {
        return Cow::Borrowed(degrees);
    }
    let of = |column: Option<usize>| column.map_or("", cell);
    let [minutes, seconds, half] = [of(rest.minutes), of(rest.seconds), of(rest.half)];
    if [degrees, minutes, seconds].iter().all(|part| part.is_empty()) {
        return Cow::Borrowed("");
    }
    let mut text = String::new();
    let parts = [(degrees, '°'), (minutes, '\''), (seconds, '"')];
    let last = parts.iter().rposition(|(part, _)| !part.is_empty());
    for (place, (part, mark)) in
        parts.into_iter().enumerate().filter(|(_, part)| !part.0.is_empty())
    {
        let part = part.trim_end_matches([mark, ' ']);
        // Programs write `34.0` for 34.
        let (whole, decimals) = part.split_once('.').unwrap_or((part, "0"));
        let is_whole = Some(place) != last && decimals.bytes().all(|byte| byte == b'0');
        text.push_str(if is_whole { whole } else { part });
        if last != Some(0) {
            text.extend([mark, ' ']);
        }
    }
    // Nobody knows the half of the earth of a number without one.
    let is_missing = rest.half.is_some() && half.is_empty() && !degrees.starts_with('-');
    let half = if is_missing { "?" } else { half };
    Cow::Owned(format!("{} {half}", text.trim()).trim().to_string())
}

/// A point from two cells.
fn pair<'c>(cells: [&'c str; 2], read: impl Fn([&'c str; 2]) -> Result<[f64; 2], String>) -> Drawn {
    match cells.map(str::is_empty) {
        [true, true] => return Drawn::Nothing,
        [true, false] if is_zero(cells[1]) => return Drawn::nowhere(),
        [false, true] if is_zero(cells[0]) => return Drawn::nowhere(),
        [true, false] => return Drawn::Unreadable("it has a latitude and no longitude".into()),
        [false, true] => return Drawn::Unreadable("it has a longitude and no latitude".into()),
        [false, false] => {}
    }
    match read(cells) {
        Ok(at) => point(at),
        Err(why) => unreadable(&why),
    }
}

/// A place in one text; `system` is the code of the reference system that texts of the table name.
fn text(cell: &str, (order, longitude): (Order, Axis), (system, is_plane): (u32, bool)) -> Drawn {
    if is_none(cell) {
        return Drawn::Nothing;
    }
    match Written::of(cell) {
        Some(Written::Joint(joint)) if is_plane => match joint.numbers() {
            Some([x, y]) if order == Order::LongitudeFirst => point([x, y]),
            Some([x, y]) => point([y, x]),
            None => no_place(cell),
        },
        Some(Written::Joint(joint)) => match joint.degrees(order, longitude) {
            Ok(at) => point(at),
            Err(why) => unreadable(&format!("\"{}\" {why}", shown(cell))),
        },
        Some(Written::Grid(_)) if is_plane || ![0, 4326].contains(&system) => {
            unreadable(&format!("\"{}\" is of WGS 84, and the table is not", shown(cell)))
        }
        Some(Written::Grid(Ok(at))) => point(at),
        Some(Written::Grid(Err(why))) => unreadable(&format!("\"{}\": {why}", shown(cell))),
        Some(Written::Shape(shape)) if shape.system().unwrap_or(0) != system => {
            let of = shape.system().map_or("none".to_string(), |system| system.to_string());
            unreadable(&format!("\"{}\" has the SRID {of}, and others have {system}", shown(cell)))
        }
        Some(Written::Shape(shape)) => match shape.drawn() {
            Some(Drawn::Shape(geo::Geometry::Point(at))) => point([at.x(), at.y()]),
            Some(drawn) => drawn,
            None => no_place(cell),
        },
        None => no_place(cell),
    }
}

fn unreadable(why: &str) -> Drawn {
    Drawn::Unreadable(format!("its place cannot be read: {why}"))
}

fn no_place(cell: &str) -> Drawn {
    unreadable(&format!(
        "\"{}\" is no geometry as text (WKT), coordinates or grid reference",
        shown(cell)
    ))
}

/// A point; 0, 0 stands for a place that nobody knows.
fn point([x, y]: [f64; 2]) -> Drawn {
    Drawn::Shape(Point::new(x, y).into()).placed()
}

fn is_zero(cell: &str) -> bool {
    plain(cell) == Some(0.0)
}

/// A coordinate of a plane.
fn meters(cell: &str) -> Result<f64, String> {
    let number = plain(cell).or_else(|| amount(cell));
    number.ok_or_else(|| format!("coordinate \"{}\" is no number", shown(cell)))
}

/// Whether two pairs of cells tell different places.
fn differ(one: [&str; 2], two: &[Cow<str>; 2]) -> bool {
    if two.iter().all(|cell| cell.is_empty()) {
        return false;
    }
    let read = |[x, y]: [&str; 2]| Some([degrees(x, LONGITUDE).ok()?, degrees(y, LATITUDE).ok()?]);
    match (read(one), read([&*two[0], &*two[1]])) {
        (Some(one), Some(two)) => one.iter().zip(two).any(|(one, two)| (one - two).abs() > SAME),
        (None, Some(_)) => true,
        _ => false,
    }
}

fn text_of(cell: &[u8]) -> &str {
    std::str::from_utf8(cell).unwrap_or_default().trim()
}

/// The size of the whole part of a plain decimal number; `None` for anything else.
fn whole(cell: &[u8]) -> Option<u32> {
    let digits = cell.strip_prefix(b"-").unwrap_or(cell);
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let rest = match digits[end..] {
        [b'.', ref rest @ ..] => rest,
        [] => &[],
        _ => return None,
    };
    let is_plain = end > 0 && end < 10 && rest.iter().all(u8::is_ascii_digit);
    let sum = || digits[..end].iter().fold(0_u32, |sum, byte| sum * 10 + u32::from(byte - b'0'));
    is_plain.then(sum)
}
