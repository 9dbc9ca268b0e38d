//! Headers of columns that tell places, as tools of the field and people write them in many languages.
//!
//! A header is taken apart into words: `_GPS of facility_latitude` has the axis word *latitude* and the stem
//! *gps of facility*. A pair of columns is two of one stem, or the only two of a table. Of several the plainest is
//! taken: names of nothing but the axis come before `x` and `y`, and these before names with a stem.

use super::angle::folded;
use std::collections::BTreeSet;

/// Words for latitude and longitude in many languages; a header has one of them as a whole word.
const LATITUDES: [&str; 35] = [
    "lat",
    "lats",
    "latitude",
    "latitudes",
    "latitud",
    "latitudine",
    "latitudo",
    "latdd",
    "latwgs84",
    "breite",
    "breitengrad",
    "breedtegraad",
    "breddegrad",
    "bredde",
    "leveyspiiri",
    "широта",
    "enlem",
    "szerokość",
    "szerokosc",
    "šířka",
    "szélesség",
    "lintang",
    "العرض",
    "عرض",
    "纬度",
    "緯度",
    "위도",
    "vĩ",
    "ละติจูด",
    "अक्षांश",
    "অক্ষাংশ",
    "γεωγραφικό",
    "ኬክሮስ",
    "latituudi",
    "latiduid",
];
const LONGITUDES: [&str; 38] = [
    "lon",
    "lons",
    "long",
    "lng",
    "longs",
    "longitude",
    "longitudes",
    "longitud",
    "longitudine",
    "longitudo",
    "londd",
    "longdd",
    "lonwgs84",
    "länge",
    "laenge",
    "längengrad",
    "laengengrad",
    "lengtegraad",
    "lengdegrad",
    "længdegrad",
    "pituuspiiri",
    "долгота",
    "довгота",
    "boylam",
    "długość",
    "dlugosc",
    "délka",
    "hosszúság",
    "bujur",
    "الطول",
    "طول",
    "经度",
    "經度",
    "経度",
    "경도",
    "kinh",
    "ลองจิจูด",
    "ኬንትሮስ",
];
const MORE_LONGITUDES: [&str; 3] = ["देशांतर", "देशान्तर", "দ্রাঘিমাংশ"];

/// Letters and words for coordinates whose axis only the letter tells.
const XS: [&str; 7] =
    ["x", "xcoord", "xcoordinate", "coordx", "coordonneex", "coordenadax", "pointx"];
const YS: [&str; 7] =
    ["y", "ycoord", "ycoordinate", "coordy", "coordonneey", "coordenaday", "pointy"];

/// Words for distances to the east and the north in meters.
const EASTINGS: [&str; 6] = ["easting", "eastings", "utme", "utmx", "utmeasting", "estes"];
const NORTHINGS: [&str; 6] = ["northing", "northings", "utmn", "utmy", "utmnorthing", "nortes"];
const ZONES: [&str; 7] = ["zone", "utmzone", "zona", "huso", "fuseau", "utmzona", "zoneutm"];

/// Words that say how a coordinate is written, and not of what.
const NEUTRAL: [&str; 45] = [
    "coordonnée",
    "coordonnees",
    "coordonnées",
    "coordenada",
    "coordenadas",
    "deg",
    "degs",
    "degree",
    "degrees",
    "degre",
    "degres",
    "degrés",
    "grados",
    "graus",
    "grad",
    "dd",
    "ddd",
    "dec",
    "decimal",
    "decimals",
    "decimale",
    "decimales",
    "wgs",
    "84",
    "wgs84",
    "epsg",
    "4326",
    "geo",
    "coord",
    "coords",
    "coordinate",
    "coordinates",
    "point",
    "in",
    "of",
    "the",
    "خط",
    "دائرة",
    "جغرافیایی",
    "geographic",
    "độ",
    "num",
    "value",
    "geographische",
    "y2",
];

/// Columns of a geometry, and of texts that name a place in one form.
const SHAPES: [&str; 22] = [
    "wkt",
    "ewkt",
    "wkb",
    "ewkb",
    "geom",
    "the_geom",
    "geometry",
    "geometrie",
    "geometria",
    "geometría",
    "wkt_geom",
    "geom_wkt",
    "wkb_geometry",
    "wkt_geometry",
    "shape",
    "geog",
    "geography",
    "geojson",
    "geo_json",
    "mgrs",
    "usng",
    "st_astext",
];

/// Columns that may hold both coordinates, and may hold the name of a town.
const TEXTS: [&str; 56] = [
    "geo_coord",
    "location",
    "locations",
    "position",
    "positions",
    "coordinate",
    "coordinates",
    "coords",
    "coord",
    "coordonnées",
    "coordonnees",
    "coordenadas",
    "coordenada",
    "koordinaten",
    "koordinate",
    "coordinate_gps",
    "coordinates_gps",
    "координаты",
    "координати",
    "الإحداثيات",
    "الاحداثيات",
    "احداثيات",
    "مختصات",
    "坐标",
    "座標",
    "좌표",
    "koordinat",
    "kuratibu",
    "gps",
    "gps_coordinates",
    "gps_location",
    "gps_point",
    "gps_position",
    "geopoint",
    "geo_point",
    "geolocation",
    "geo",
    "point",
    "points",
    "xy",
    "ubicación",
    "ubicacion",
    "localisation",
    "localização",
    "standort",
    "posizione",
    "местоположение",
    "plus_code",
    "pluscode",
    "plus_codes",
    "olc",
    "grid_reference",
    "grid_ref",
    "gridref",
    "grid",
    "map_link",
];

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
}

/// Columns of UTM coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Utm {
    /// The column of zones, if there is one.
    pub(super) zone: Option<usize>,
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
}

impl Candidates {
    /// Those among columns of these headers.
    pub(super) fn of(names: &[&str]) -> Self {
        let heads: Vec<Head> = names.iter().map(|name| Head::of(name)).collect();
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
        found
    }

    /// Whether a column may tell places.
    pub(super) fn is_any(&self) -> bool {
        !self.pairs.is_empty()
            || !self.shapes.is_empty()
            || !self.texts.is_empty()
            || self.utm.is_some()
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
}

impl Head {
    fn of(name: &str) -> Self {
        let words: Vec<String> = words(name).iter().flat_map(|word| unglued(word)).collect();
        let mut head = Self { is_sole: words.len() == 1, ..Self::default() };
        let mut stem = Vec::new();
        for word in &words {
            let axis = part(word);
            match axis {
                Some(axis) => head.axes.push(axis),
                None if NEUTRAL.contains(&word.as_str()) => {}
                None => stem.push(word.as_str()),
            }
        }
        let is_word = |axis: &&Part| matches!(axis, Part::Latitude | Part::Longitude);
        let worded: Vec<&Part> = head.axes.iter().filter(is_word).collect();
        head.part = match (&worded[..], &head.axes[..]) {
            ([axis], _) => Some((*axis).clone()),
            // `gps_lat_latitude`
            ([first, rest @ ..], _) if rest.iter().all(|axis| axis == first) => {
                Some((*first).clone())
            }
            ([], [axis]) => Some(axis.clone()),
            // `utm_e`
            _ => part(&words.concat()),
        };
        head.stem = stem.join(" ");
        head.words = words;
        head
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
        if !letter.is_alphanumeric() && !is_mark || *letter == 'º' {
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
    const AFTER: [&str; 7] = ["dd", "wgs84", "deg", "dec", "decimal", "84", "wgs"];
    if part(word).is_some() {
        return vec![word.to_string()];
    }
    for axis in AXES {
        let before = word.strip_suffix(axis).filter(|rest| BEFORE.contains(rest));
        let after = word.strip_prefix(axis).filter(|rest| AFTER.contains(rest));
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
    let of = |wanted: Part| -> Vec<usize> {
        (0..heads.len()).filter(|column| heads[*column].part.as_ref() == Some(&wanted)).collect()
    };
    let mut found: Vec<(u8, Pair)> = Vec::new();
    for (first, second, is_xy) in
        [(Part::Longitude, Part::Latitude, false), (Part::X, Part::Y, true)]
    {
        let (firsts, seconds) = (of(first), of(second));
        let is_only = firsts.len() == 1 && seconds.len() == 1 && !is_xy;
        let mut taken = BTreeSet::new();
        for one in &firsts {
            let stem = &heads[*one].stem;
            let is_same = |two: &&usize| heads[**two].stem == *stem && !taken.contains(*two);
            // Of columns of one stem those go together that are written alike.
            let alike = |two: &&usize| heads[**two].is_sole == heads[*one].is_sole;
            let same: Vec<&usize> = seconds.iter().filter(is_same).collect();
            let two = same.iter().copied().find(alike).or(same.first().copied());
            let Some(two) = two.or(seconds.first().filter(|_| is_only)) else { continue };
            if is_xy && !stem.is_empty() {
                continue;
            }
            taken.insert(*two);
            let is_plain = stem.is_empty() && heads[*two].stem.is_empty();
            let rank = match (is_plain, is_xy, heads[*one].is_sole && heads[*two].is_sole) {
                (true, false, true) => 0,
                (true, false, false) => 1,
                (_, true, _) => 2,
                (false, false, _) => 3,
            };
            found.push((rank, Pair { columns: [*one, *two], is_plain: is_plain && !is_xy, is_xy }));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, pair)| pair).collect()
}

/// Columns of UTM coordinates.
fn utm(heads: &[Head]) -> Option<Utm> {
    let only = |wanted: Part| heads.iter().position(|head| head.part.as_ref() == Some(&wanted));
    let columns = [only(Part::Easting)?, only(Part::Northing)?];
    Some(Utm { zone: zone(heads), columns })
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
        assert_eq!(utm, Some(Utm { zone: Some(0), columns: [1, 2] }));
        let utm = Candidates::of(&["utm_e", "utm_n"]).utm;
        assert_eq!(utm, Some(Utm { zone: None, columns: [0, 1] }));
    }
}
