//! The columns that tell where rows are, and how their cells are read: decided once for a table.
//!
//! Headers and a sample of rows choose the columns ([`Placed`]). The walk over all rows then counts what only a whole
//! column can tell ([`Survey`]): whether latitude and longitude are exchanged, whether numbers are meters, which of
//! two coordinates in one text comes first. [`Places`] is what follows, and reads any row on any thread.
//!
//! Nothing is guessed silently: what a convention decided is a remark, and what nothing decides is an error.

use super::angle::{Angle, Axis, LATITUDE, LONGITUDE, degrees, plain, shown};
use super::joint::Told;
use super::names::{Candidates, Order, Pair, Utm};
use super::written::{self, Written};
use crate::error::ReadError;
use crate::measure::Reference;
use crate::read::amount::amount;
use crate::read::features::Drawn;
use geo::Point;

/// A longitude is below this, however often it goes around; a latitude far below.
const MOST_DEGREES: u32 = 540;

/// Two places are the same if they differ by less than this, in degrees.
const SAME: f64 = 1e-3;

/// Of undecided pairs so many, of a hundred, have to agree that they tell the order by their range.
const TELLING: u64 = 10;

/// The columns that tell places, as headers and a sample of rows tell them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Placed {
    /// Longitude and latitude, and other such pairs of the table.
    Pair(Pair, Vec<Pair>),
    /// One text, with the order of two coordinates that its header tells.
    Text(usize, Option<Order>),
    /// Zone, easting and northing.
    Utm(Utm),
    Nowhere,
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
        // x and y beside a zone are meters of it.
        let is_zone = |column: &usize| {
            cells(*column).next().is_some_and(|cell| super::grids::Zone::of(cell).is_some())
        };
        if let (Some(pair), Some(zone)) =
            (pair.filter(|pair| pair.is_xy), candidates.zone.filter(is_zone))
        {
            return Self::Utm(Utm { zone: Some(zone), columns: pair.columns });
        }
        if let Some(pair) = pair {
            let others = candidates.pairs.iter().filter(|other| *other != pair && !other.is_xy);
            return Self::Pair(*pair, others.copied().collect());
        }
        if let Some(shape) = read_shape.or_else(|| candidates.shapes.first().copied()) {
            return Self::Text(shape, None);
        }
        if let Some(utm) = candidates.utm {
            return Self::Utm(utm);
        }
        if let Some((column, order)) = read_text {
            return Self::Text(column, order);
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
            Self::Pair(pair, _) => pair.columns.contains(&column),
            Self::Text(text, _) => *text == column,
            Self::Utm(utm) => utm.columns.contains(&column) || utm.zone == Some(column),
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
    /// Rows of which another pair of columns tells another place, and the first such pair.
    other: Option<Pair>,
    /// Pairs of coordinates in one text that tell their order by range: latitude first, longitude first.
    by_range: [u64; 2],
    brackets: u64,
    undecided: u64,
    /// The codes of reference systems that texts name; 0 for a text that names none.
    systems: Vec<u32>,
    has_o: bool,
    has_w: bool,
}

impl Survey {
    /// Looks at a row.
    pub(super) fn add(&mut self, placed: &Placed, row: &csv::ByteRecord) {
        let cell = |column: usize| row.get(column).unwrap_or_default().trim_ascii();
        match placed {
            Placed::Pair(pair, others) => {
                let cells = pair.columns.map(cell);
                self.pair(cells);
                if !others.is_empty() && self.other.is_none() {
                    let differs = |other: &&Pair| differ(cells, other.columns.map(cell));
                    self.other = others.iter().find(differs).copied();
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
    fn pair(&mut self, cells: [&[u8]; 2]) {
        if cells.iter().all(|cell| cell.is_empty()) {
            return;
        }
        self.filled += 1;
        let [longitude, latitude] = match cells.map(whole) {
            [Some(longitude), Some(latitude)] => [longitude, latitude],
            _ => match self.angles(cells.map(text_of)) {
                Some(sizes) => sizes,
                None => return,
            },
        };
        if longitude > MOST_DEGREES && latitude > MOST_DEGREES {
            self.planar += 1;
            self.first_planar.get_or_insert_with(|| cells.map(|cell| text_of(cell).to_string()));
        } else if latitude > 90 && longitude <= 90 {
            self.exchanged += 1;
        } else if longitude > 90 && latitude <= 90 {
            self.as_is += 1;
        }
    }

    /// The whole degrees of a longitude and a latitude that are no plain numbers, and what their letters tell.
    fn angles(&mut self, cells: [&str; 2]) -> Option<[u32; 2]> {
        let [longitude, latitude] = cells.map(Angle::of);
        if let Some(angle) = &longitude {
            self.has_o |= angle.has_o();
            self.has_w |= angle.has_w();
        }
        let [longitude, latitude] = [longitude?, latitude?];
        let is = |angle: &Angle, axis: Axis| angle.axis().is_some_and(|of| of.name == axis.name);
        if is(&longitude, LATITUDE) && is(&latitude, LONGITUDE) {
            self.exchanged += 1;
            return None;
        }
        // Packed degrees and minutes are large.
        let is_packed = |angle: &Angle| angle.axis().is_some();
        if is_packed(&longitude) || is_packed(&latitude) {
            self.as_is += u64::from(is(&longitude, LONGITUDE) || is(&latitude, LATITUDE));
            return None;
        }
        Some([longitude, latitude].map(|angle| angle.size() as u32))
    }

    /// A text of a place.
    fn text(&mut self, cell: &str) {
        if cell.is_empty() {
            return;
        }
        self.filled += 1;
        match Written::of(cell) {
            Some(Written::Joint(joint)) => {
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
    Degrees { columns: [usize; 2], axes: [Axis; 2] },
    Plane { columns: [usize; 2] },
    Text { column: usize, order: Order, system: u32, is_plane: bool },
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
            Placed::Pair(pair, _) => settled.pair(*pair, survey, facts),
            Placed::Text(column, order) => settled.text((*column, *order), survey, facts),
            Placed::Utm(utm) => settled.utm(*utm, facts),
            Placed::Nowhere => {}
        }
        settled
    }

    fn pair(&mut self, pair: Pair, survey: &Survey, facts: &Facts) {
        let columns = pair.columns;
        let [x, y] = columns.map(|column| facts.name(column));
        if facts.is_plane() {
            self.places = Places::Plane { columns };
            return;
        }
        // German writes O for east, and W for west.
        let is_german = ["länge", "laenge"].iter().any(|word| x.to_lowercase().contains(word));
        let is_o_east = survey.has_w || is_german;
        if survey.has_o && !is_o_east {
            self.remarks.push(format!(
                "O in `{x}` is read as west (Ouest, Oeste); write E where it means Ost"
            ));
        }
        self.places =
            Places::Degrees { columns, axes: [Axis { is_o_east, ..LONGITUDE }, LATITUDE] };
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
        let order = order.unwrap_or(Order::LatitudeFirst);
        self.places = Places::Text { column, order, system, is_plane };
    }

    /// The order of two coordinates in one text, where the texts themselves do not tell it.
    fn order(&mut self, (name, told): (&str, Option<Order>), survey: &Survey) -> Option<Order> {
        let [latitude_first, longitude_first] = survey.by_range;
        let undecided = latitude_first + longitude_first + survey.brackets + survey.undecided;
        let is_telling = |votes: u64| votes > 0 && votes * 100 >= undecided * TELLING;
        let by_range = match (is_telling(latitude_first), is_telling(longitude_first)) {
            (true, false) => Some(Order::LatitudeFirst),
            (false, true) => Some(Order::LongitudeFirst),
            _ => None,
        };
        let words = |order| match order {
            Order::LatitudeFirst => "latitude",
            Order::LongitudeFirst => "longitude",
        };
        match (by_range, told) {
            (Some(order), Some(told)) if order != told => {
                let first = words(order);
                self.remarks.push(format!(
                    "by its numbers `{name}` holds the {first} first, whatever it is called"
                ));
                Some(order)
            }
            (Some(order), _) => Some(order),
            (None, Some(told)) => Some(told),
            (None, None) if undecided == 0 => Some(Order::LatitudeFirst),
            (None, None) if survey.brackets > 0 && survey.undecided == 0 => {
                self.remarks.push(format!(
                    "`{name}` is read as longitude and latitude, as JSON has them; call it `latlon` if the latitude comes first"
                ));
                Some(Order::LongitudeFirst)
            }
            (None, None) if is_usually_latitude_first(name) => {
                self.remarks.push(format!(
                    "`{name}` is read as latitude and longitude; call it `lonlat` if the longitude comes first"
                ));
                Some(Order::LatitudeFirst)
            }
            (None, None) => None,
        }
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
    facts.refused(found, declare("UTM zone 36N is EPSG:32636"))
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
            Self::Degrees { columns, axes } => {
                pair(columns.map(&cell), |[x, y]| Ok([degrees(x, axes[0])?, degrees(y, axes[1])?]))
            }
            Self::Plane { columns } => {
                pair(columns.map(&cell), |[x, y]| Ok([meters(x)?, meters(y)?]))
            }
            Self::Text { column, order, system, is_plane } => {
                text(cell(*column), *order, (*system, *is_plane))
            }
            Self::Utm(Utm { zone, columns }) => {
                let zone = zone.map_or("", &cell);
                pair(columns.map(&cell), |[x, y]| {
                    let known = super::grids::Zone::of(zone);
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
fn text(cell: &str, order: Order, (system, is_plane): (u32, bool)) -> Drawn {
    if cell.is_empty() {
        return Drawn::Nothing;
    }
    match Written::of(cell) {
        Some(Written::Joint(joint)) if is_plane => match joint.numbers() {
            Some([x, y]) if order == Order::LongitudeFirst => point([x, y]),
            Some([x, y]) => point([y, x]),
            None => no_place(cell),
        },
        Some(Written::Joint(joint)) => match joint.degrees(order, LONGITUDE) {
            Ok(at) => point(at),
            Err(axis) => unreadable(&format!("\"{}\" has a {axis} that is none", shown(cell))),
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
fn differ(one: [&[u8]; 2], two: [&[u8]; 2]) -> bool {
    if two.iter().all(|cell| cell.is_empty()) {
        return false;
    }
    let read = |cells: [&[u8]; 2]| {
        let [x, y] = cells.map(text_of);
        Some([degrees(x, LONGITUDE).ok()?, degrees(y, LATITUDE).ok()?])
    };
    match (read(one), read(two)) {
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
