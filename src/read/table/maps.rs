//! Places in the addresses of maps: `https://www.google.com/maps/@14.5,121.0,17z`, `geo:14.5,121.0`.
//!
//! Only services that show maps are read, each by the parameters it has; any other address is no place. What is marked
//! on the map comes before what the map shows. An address of a route, or of several marks, is no place.

use super::names::Order;

/// Bytes that an address has at most.
const LONGEST: usize = 4096;

/// Parts of a domain before the name that was registered: `co.uk`, `com.tr`.
const SECOND: [&str; 4] = ["com", "co", "org", "net"];

/// Two coordinates as an address writes them, and their order.
pub(super) type Coordinates = (String, Order);

/// The texts of an address that may be two coordinates, the surest first; `None` if a text is no address.
pub(super) fn coordinates(text: &str) -> Option<Vec<Coordinates>> {
    if let Some(rest) = text.get(..4).filter(|start| start.eq_ignore_ascii_case("geo:")) {
        return Some(of_geo(text.get(rest.len()..).unwrap_or_default()));
    }
    let address = match text.split_once("://") {
        Some((scheme, rest)) if scheme.to_ascii_lowercase().starts_with("http") => rest,
        Some(_) => return Some(Vec::new()),
        None if Service::of(text).is_some() => text,
        None => return None,
    };
    let service = Service::of(address).filter(|_| address.len() <= LONGEST);
    Some(service.and_then(|service| of_map(address, service)).unwrap_or_default())
}

/// The coordinates of a `geo:` address; those of its parameter `q`, a mark, come first.
fn of_geo(rest: &str) -> Vec<Coordinates> {
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut parts = place.split(';');
    let numbers = parts.next().unwrap_or_default();
    let is_other = |part: &str| {
        part.to_ascii_lowercase().strip_prefix("crs=").is_some_and(|name| name != "wgs84")
    };
    if parts.any(is_other) {
        return Vec::new();
    }
    let mark = parameters(query).into_iter().find(|(name, _)| name == "q");
    let mark = mark.map(|(_, value)| unlabeled(&value));
    mark.into_iter().chain([two(numbers)]).map(|text| (text, Order::LatitudeFirst)).collect()
}

/// A service that shows maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    /// Longitudes come first in most of its parameters.
    Yandex,
    Other,
}

impl Service {
    /// The service of an address without its scheme.
    fn of(address: &str) -> Option<Self> {
        let end = address.find(['/', '?', '#']).unwrap_or(address.len());
        let (host, rest) = address.split_at(end);
        let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let mut labels: Vec<&str> = host.split('.').collect();
        labels.pop().filter(|last| last.bytes().all(|byte| byte.is_ascii_lowercase()))?;
        let _second = labels.pop_if(|label| SECOND.contains(label));
        let name = labels.pop()?;
        let is_of_maps = labels.contains(&"maps") || rest.starts_with("/maps");
        match name {
            "openstreetmap" | "osm" | "waze" | "here" | "wikimapia" => Some(Self::Other),
            "google" | "bing" | "apple" | "goo" if is_of_maps => Some(Self::Other),
            "yandex" if is_of_maps || rest.starts_with("/harita") => Some(Self::Yandex),
            _ => None,
        }
    }
}

/// The coordinates of the address of a map; `None` for a route and for several marks.
fn of_map(address: &str, service: Service) -> Option<Vec<Coordinates>> {
    let (address, fragment) = address.split_once('#').unwrap_or((address, ""));
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let path: Vec<String> = path.split('/').skip(1).map(decoded).collect();
    let mut parameters = parameters(query);
    parameters.extend(self::parameters(fragment));
    let value = |name: &str| parameters.iter().find(|(of, _)| of == name).map(|(_, value)| value);
    let is_route = path.iter().skip_while(|part| *part != "dir").skip(1).any(|it| !it.is_empty())
        || ["origin", "saddr", "rtext"].iter().any(|name| value(name).is_some());
    let marks = if service == Service::Yandex {
        value("pt").or_else(|| value("whatshere[point]"))
    } else {
        None
    };
    let in_data = marks_of(&path, address);
    if is_route || in_data.len() > 1 || marks.is_some_and(|marks| marks.contains('~')) {
        return None;
    }
    let of_service = match service {
        Service::Yandex => Order::LongitudeFirst,
        Service::Other => Order::LatitudeFirst,
    };
    let mut found: Vec<Coordinates> = Vec::new();
    let mut add = |text: Option<String>, order| found.extend(text.map(|text| (text, order)));
    add(in_data.into_iter().next(), Order::LatitudeFirst);
    add(marks.map(|mark| two(mark)), Order::LongitudeFirst);
    for name in ["q", "query", "destination", "daddr", "text"] {
        add(value(name).map(|value| unlabeled(value)), Order::LatitudeFirst);
    }
    for [latitude, longitude] in [["mlat", "mlon"], ["lat", "lon"]] {
        let both = value(latitude).zip(value(longitude));
        add(both.map(|(first, second)| format!("{first},{second}")), Order::LatitudeFirst);
    }
    for word in ["place", "search", "l"] {
        let after = path.iter().skip_while(|part| *part != word).nth(1);
        add(
            after.map(|text| if word == "l" { two(text) } else { text.clone() }),
            Order::LatitudeFirst,
        );
    }
    for name in ["ll", "center", "cp"] {
        add(value(name).map(|value| two(&value.replace('~', ","))), of_service);
    }
    let shown = path.iter().find_map(|part| part.strip_prefix('@'));
    add(shown.map(two), Order::LatitudeFirst);
    let map = value("map").map(|map| match map.split_once('/') {
        Some((_zoom, rest)) => two(&rest.replace('/', ",")),
        None => two(map),
    });
    add(map, Order::LatitudeFirst);
    Some(found)
}

/// The coordinates of the marks in the data of an address, `!3d14.5!4d121.0`.
fn marks_of(path: &[String], address: &str) -> Vec<String> {
    let data = path.iter().find(|part| part.starts_with("data=")).map_or(address, String::as_str);
    let parts: Vec<&str> = data.split('!').collect();
    let pair = |parts: &[&str]| match parts {
        [first, second] => Some([first.strip_prefix("3d")?, second.strip_prefix("4d")?].join(",")),
        _ => None,
    };
    let mut marks: Vec<String> = parts.windows(2).filter_map(pair).collect();
    marks.dedup();
    marks
}

/// The first two of the parts between commas.
fn two(text: &str) -> String {
    text.split(',').take(2).collect::<Vec<_>>().join(",")
}

/// A mark without its label: `loc:14.5,121.0 (Clinic)`.
fn unlabeled(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("loc:").unwrap_or(text);
    text.split('(').next().unwrap_or_default().trim().to_string()
}

/// The parameters of an address, with their names in small letters.
fn parameters(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=')?;
        Some((decoded(name).to_ascii_lowercase(), decoded(value)))
    };
    query.split('&').filter_map(pair).collect()
}

/// A text of an address with its letters in place of their codes: `%2C` is a comma, `+` a blank.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        found.push(match (escaped, byte) {
            (Some(escaped), _) => escaped,
            (None, b'+') => b' ',
            (None, byte) => *byte,
        });
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&found).into_owned()
}
