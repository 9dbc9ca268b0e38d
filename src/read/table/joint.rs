//! Two coordinates in one text: `14.5, 121.0`, `(14,5; 121,0)`, `14°35'30"N 121°00'15"E`, `[121, 14.5]`.
//!
//! A text is parted at every mark at which both sides are angles; it is a pair if there is one way to part it. Which
//! comes first is told by letters, by the form (the address of a map, see [`maps`]; the geopoint of a form with altitude and accuracy:
//! latitude first), or by an angle between 90 and 180, which is a longitude. If nothing tells, the column decides.
//! A dash with a blank on both sides parts; any other is a sign.

use super::angle::{Angle, Axis, LATITUDE, LONGITUDE, Odd, folded, is_long, plain};
use super::maps;
use super::names::Order;

/// Words that say that a place follows.
const NAMES: [&str; 8] = [
    "gps",
    "coordinates",
    "coords",
    "coordonnées",
    "coordenadas",
    "koordinaten",
    "location",
    "position",
];

/// Two angles of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Joint {
    /// As written.
    angles: [Angle; 2],
    form: Form,
}

/// How two coordinates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In a form that has one order.
    Fixed(Order),
    /// In square brackets, as JSON has positions.
    Brackets,
    Plain,
}

/// What tells the order of two coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Letters, labels, or the form.
    Written(Order),
    /// An angle above 90.
    Range(Order),
    /// Nothing, and they are written as JSON has positions.
    Brackets,
    Nothing,
}

impl Joint {
    /// The two coordinates that a text gives.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(found) = maps::coordinates(text) {
            return found.iter().find_map(|(text, order)| {
                Self::parted(&folded(text), Form::Fixed(*order)).filter(|_| !is_long(text))
            });
        }
        if is_long(text) {
            return None;
        }
        let text = folded(text);
        let within = |open, close| text.strip_prefix(open)?.strip_suffix(close).map(str::trim);
        if let Some(within) = within('[', ']') {
            return Self::parted(within, Form::Brackets);
        }
        if let Some(within) = within('{', '}') {
            return Self::of_members(within).or_else(|| Self::parted(within, Form::Plain));
        }
        let text = within('(', ')').unwrap_or_else(|| unlabeled(&text));
        let signed = || Self::signed(text);
        Self::geopoint(text).or_else(signed).or_else(|| Self::parted(text, Form::Plain))
    }

    /// The members of a JSON object that are a latitude and a longitude.
    fn of_members(text: &str) -> Option<Self> {
        let text = text.replace(['"', '\''], "");
        let angles = text.split(',').filter_map(Angle::of);
        match &angles.filter(|angle| angle.axis().is_some()).collect::<Vec<_>>()[..] {
            [one, two] => Some(Self { angles: [one.clone(), two.clone()], form: Form::Plain }),
            _ => None,
        }
    }

    /// Degrees with their signs before them, as ISO 6709 writes them: `+14.5+121.0/`.
    fn signed(text: &str) -> Option<Self> {
        let rest = text.strip_suffix('/').unwrap_or(text);
        let second = rest.get(1..)?.find(['+', '-'])? + 1;
        let (first, rest) = rest.split_at(second);
        let third = rest.get(1..)?.find(['+', '-']).map_or(rest.len(), |third| third + 1);
        let second = rest.get(..third)?;
        // Two digits before the point are degrees, and three of a longitude; more hold minutes.
        let is_degrees = |text: &str, digits: usize| {
            let whole = text.split('.').next().unwrap_or_default();
            text.starts_with(['+', '-']) && whole.len() == digits + 1 && plain(text).is_some()
        };
        let is_any = is_degrees(first, 2) && is_degrees(second, 3);
        let form = Form::Fixed(Order::LatitudeFirst);
        is_any.then(|| Self::plain(&[first, second].join(","), form)).flatten()
    }

    /// Two or more plain numbers between commas, of which the first two count.
    fn plain(text: &str, form: Form) -> Option<Self> {
        let mut numbers = text.split([',', ' ']).filter(|part| !part.is_empty());
        let mut next = || {
            let text = numbers.next()?;
            plain(text).and_then(|_| Angle::of(text))
        };
        Some(Self { angles: [next()?, next()?], form })
    }

    /// Latitude, longitude, altitude and accuracy between blanks, as forms write a point.
    fn geopoint(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(' ').filter(|part| !part.is_empty()).collect();
        let is_point = (3..=4).contains(&parts.len())
            && parts.iter().all(|part| plain(part).is_some())
            && parts[..2].iter().all(|part| part.contains('.'));
        let form = Form::Fixed(Order::LatitudeFirst);
        is_point.then(|| Self::plain(&parts[..2].join(","), form)).flatten()
    }

    /// A text that is parted in one way into two angles; of three plain numbers between commas the last is a height.
    fn parted(text: &str, form: Form) -> Option<Self> {
        let commas: Vec<&str> = text.split(',').map(str::trim).collect();
        if commas.len() == 3
            && commas.iter().all(|part| part.contains('.') && plain(part).is_some())
        {
            return Self::plain(&commas[..2].join(","), form);
        }
        if let Some((first, second)) = dashed(text) {
            return Some(Self { angles: [Angle::of(first)?, Angle::of(second)?], form });
        }
        // Two single numbers are meant before anything with minutes: `14,5 1,0`.
        let (mut found, mut is_odd) = ([None, None], [false; 2]);
        let trimmed = |text: &str| text.trim_matches([' ', ',', ';', '/', '|']).to_string();
        for (at, letter) in text.char_indices() {
            let is_mark = [',', ';', '/', '|', ' '].contains(&letter);
            if !is_mark && !letter.is_alphabetic() {
                continue;
            }
            // Behind a letter, and before it.
            let behind = at + letter.len_utf8();
            let ends: &[usize] = if is_mark { &[at] } else { &[behind, at] };
            for end in ends {
                let (first, second) = text.split_at(*end);
                let (first, second) = (trimmed(first), trimmed(second));
                let (Some(one), Some(two)) = (Angle::of(&first), Angle::of(&second)) else {
                    continue;
                };
                // `14,5` is one number.
                let is_number = letter == ','
                    && !text.contains(' ')
                    && [&one, &two].iter().all(|angle| angle.is_bare())
                    && ![&first, &second].iter().any(|part| part.contains('.'));
                let kind = usize::from(!(one.is_bare() && two.is_bare()));
                let next = Self { angles: [one, two], form };
                match &found[kind] {
                    _ if is_number => {}
                    Some(found) if *found != next => is_odd[kind] = true,
                    _ => found[kind] = Some(next),
                }
            }
        }
        let kind = usize::from(found[0].is_none());
        found[kind].take().filter(|_| !is_odd[kind])
    }

    /// What tells the order.
    pub(super) fn told(&self) -> Told {
        if let Form::Fixed(order) = self.form {
            return Told::Written(order);
        }
        let [one, two] = &self.angles;
        let is = |angle: &Angle, axis: Axis| angle.axis().is_some_and(|of| of.name == axis.name);
        if is(one, LATITUDE) || is(two, LONGITUDE) {
            return Told::Written(Order::LatitudeFirst);
        }
        if is(one, LONGITUDE) || is(two, LATITUDE) {
            return Told::Written(Order::LongitudeFirst);
        }
        // A number above 180 is a slip of the pen, and tells nothing.
        let is_longitude = |angle: &Angle| angle.size() > 90.0 && angle.size() <= 180.0;
        match ([one, two].map(is_longitude), self.form) {
            ([true, false], _) if two.size() <= 90.0 => Told::Range(Order::LongitudeFirst),
            ([false, true], _) if one.size() <= 90.0 => Told::Range(Order::LatitudeFirst),
            (_, Form::Brackets) => Told::Brackets,
            _ => Told::Nothing,
        }
    }

    /// The longitude and the latitude; `order` is that of the column, which holds where nothing else tells.
    const fn axes(&self, order: Order) -> [&Angle; 2] {
        let [one, two] = &self.angles;
        match order {
            Order::LatitudeFirst => [two, one],
            Order::LongitudeFirst => [one, two],
        }
    }

    /// Longitude and latitude in degrees; `order` is that of the column, which holds where nothing else tells.
    ///
    /// # Errors
    ///
    /// The reason, as a message tells it.
    pub(super) fn degrees(&self, order: Order, longitude: Axis) -> Result<[f64; 2], String> {
        let order = match self.told() {
            Told::Written(order) => order,
            Told::Range(_) | Told::Brackets | Told::Nothing => order,
        };
        let [x, y] = self.axes(order);
        let on = |angle: &Angle, axis: Axis| {
            angle.on(axis).map_err(|odd| match odd {
                Odd::EitherWay => format!("has a {} that {}", axis.name, odd.why(axis)),
                _ => format!("has a {} that is none", axis.name),
            })
        };
        Ok([on(x, longitude)?, on(y, LATITUDE)?])
    }

    /// The words of halves of the earth that it has.
    pub(super) fn halves(&self) -> impl Iterator<Item = &str> {
        self.angles.iter().filter_map(Angle::half)
    }

    /// The numbers as written, of a plane.
    pub(super) fn numbers(&self) -> Option<[f64; 2]> {
        let [one, two] = &self.angles;
        let is_plain = one.is_bare() && two.is_bare();
        is_plain.then(|| Some([one.on(LONGITUDE).ok()?, two.on(LONGITUDE).ok()?])).flatten()
    }
}

/// A text without a word before it that says what it is: `GPS: 14.5, 121.0`.
fn unlabeled(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let is_label = NAMES.contains(&word.to_lowercase().as_str());
    if is_label { rest.trim_start_matches([' ', ':', '=']) } else { text }
}

/// The two sides of the only dash that has a blank on both sides and something before it that no sign would follow.
fn dashed(text: &str) -> Option<(&str, &str)> {
    let mut dashes = text.match_indices(" - ").filter(|(at, _)| {
        let before = text[..*at].trim_end();
        !before.is_empty() && !before.ends_with([',', ';', '/', '|', '-'])
    });
    let (at, dash) = dashes.next().filter(|_| dashes.next().is_none())?;
    Some((text[..at].trim(), text[at + dash.len()..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: Option<&Result<[f64; 2], String>>, wanted: [f64; 2]) -> bool {
        let close =
            |found: &[f64; 2]| found.iter().zip(wanted).all(|(one, two)| (one - two).abs() < 1e-9);
        found.is_some_and(|found| found.as_ref().is_ok_and(close))
    }

    #[test]
    fn two_coordinates_are_read_as_people_write_them() {
        for text in [
            "14.5, 121.0",
            "14.5,121.0",
            "14.5 121.0",
            "(14.5, 121)",
            "14,5; 121,0",
            "14,5 121,0",
            "14,5, 121,0",
            "14.5 121.0 0 5",
            "14.5 121.0 0.0 4.9",
            "14.5° 121.0°",
            "(14.5°, 121.0°)",
            "14°30'00\"N 121°00'00\"E",
            "14°30'N, 121°00'E",
            "N14°30' E121°00'",
            "N 14 30 00 E 121 00 00",
            "14 30 00 N 121 00 00 E",
            "14.5N121E",
            "14.5 N / 121.0 E",
            "geo:14.5,121.0",
            "geo:14.5,121.0;u=35",
            "lat: 14.5, lon: 121.0",
            "Lat 14.5 Long 121",
            "https://www.google.com/maps/@14.5,121.0,17z",
            "https://maps.google.com/?q=14.5,121.0",
            "https://www.google.com/maps/place/X/@1.5,2.0,17z/data=!3m1!4b1!4m5!3d14.5!4d121.0",
            "https://www.openstreetmap.org/?mlat=14.5&mlon=121.0#map=17/1.5/2.0",
            "https://www.openstreetmap.org/#map=17/14.5/121.0",
            "14.5، 121.0",
            "١٤٫٥، ١٢١٫٠",
            "14°30'00\" 121°00'00\"",
            "14.5|121.0",
            "14.5, 121.0, 33.0",
        ] {
            let joint = Joint::of(text);
            let found = joint.as_ref().map(|joint| joint.degrees(Order::LatitudeFirst, LONGITUDE));
            assert!(near(found.as_ref(), [121.0, 14.5]), "{text}: {joint:?}");
            let told = joint.unwrap().told();
            assert!(
                matches!(
                    told,
                    Told::Written(Order::LatitudeFirst) | Told::Range(Order::LatitudeFirst)
                ),
                "{text}"
            );
        }
        for text in [
            "121.0, 14.5",
            "[121, 14.5]",
            "[121.0, 14.5, 0.5]",
            "121°E 14°30'N",
            "E121 N14.5",
            "121.0,14.5,0.0",
        ] {
            let joint = Joint::of(text);
            let found = joint.as_ref().map(|joint| joint.degrees(Order::LongitudeFirst, LONGITUDE));
            assert!(near(found.as_ref(), [121.0, 14.5]), "{text}: {joint:?}");
        }
    }

    #[test]
    fn addresses_of_maps_are_read_by_what_they_mark_before_what_they_show() {
        for text in [
            "https://www.google.com/maps/place/5th+Avenue+Clinic/@14.5,121.0,17z",
            "https://www.google.com/maps/place/14%C2%B030'00.0%22N+121%C2%B000'00.0%22E/@1.5,2.0,17z",
            "https://www.google.com/maps/search/14.5,+121.0?entry=tts",
            "https://www.google.com/maps/search/?api=1&query=14.5%2C121.0",
            "https://www.google.co.uk/maps?faq=1,2&q=14.5,121.0",
            "https://maps.google.com/maps?q=loc:14.5,121.0(Clinic+2)&ll=1.5,2.0",
            "http://maps.google.com/?q=Clinic&ll=14.5,121.0",
            "maps.google.com/?q=14.5,121.0",
            "https://www.openstreetmap.org/node/5?mlat=14.5&mlon=121.0#map=17/1.5/2.0",
            "https://osm.org/#map=17/14.5/121.0&layers=N",
            "https://yandex.ru/maps/?ll=2.0,1.5&pt=121.0,14.5,pm2rdm&z=16",
            "https://yandex.com/maps/10/x/?ll=121.0%2C14.5&z=16",
            "https://yandex.com/maps/?text=14.5,121.0",
            "https://maps.apple.com/?ll=14.5,121.0&q=Clinic",
            "https://www.bing.com/maps?cp=14.5~121.0&lvl=17",
            "https://waze.com/ul?ll=14.5,121.0&navigate=yes",
            "https://share.here.com/l/14.5,121.0,Clinic",
            "http://wikimapia.org/#lang=en&lat=14.5&lon=121.0&z=12",
            "geo:0,0?q=14.5,121.0(Clinic)",
            "GEO:14.5,121.0,30?z=17",
        ] {
            let found =
                Joint::of(text).map(|joint| joint.degrees(Order::LongitudeFirst, LONGITUDE));
            assert!(near(found.as_ref(), [121.0, 14.5]), "{text}: {found:?}");
        }
        for text in [
            "https://example.org/?q=14.5,121.0",
            "https://example.org/@14.5,121.0",
            "https://www.google.com/search?q=14.5,121.0",
            "https://google.example.org/maps/@14.5,121.0,17z",
            "https://www.google.com/maps?faq=14.5,121.0",
            "https://www.google.com/maps/dir/14.5,121.0/14.6,121.1/@14.5,121.0,12z",
            "https://www.google.com/maps/dir/?api=1&origin=1.5,2.5&destination=14.5,121.0",
            "https://www.google.com/maps/x/data=!3d14.5!4d121.0!3d14.6!4d121.1",
            "https://yandex.ru/maps/?pt=121.0,14.5~121.1,14.6",
            "https://maps.app.goo.gl/a1,2",
            "geo:323482,4306480;crs=EPSG:32618",
            "ftp://14.5,121.0",
        ] {
            assert_eq!(Joint::of(text), None, "{text}");
        }
    }

    #[test]
    fn a_dash_with_blanks_on_both_sides_parts() {
        for text in [
            "14.5 - 121.0",
            "14.5 – 121.0",
            "14.5 — 121.0",
            "14,5 - 121,0",
            "14°30' - 121°00'",
            "14.5N - 121.0E",
            "N 14.5 - E 121.0",
            "14°30'00\" N - 121°00'00\" E",
        ] {
            let found = Joint::of(text).map(|joint| joint.degrees(Order::LatitudeFirst, LONGITUDE));
            assert!(near(found.as_ref(), [121.0, 14.5]), "{text}: {found:?}");
        }
        for (text, wanted) in [
            ("14.5 -121.0", [-121.0, 14.5]),
            ("-14.5 - 121.0", [121.0, -14.5]),
            ("14.5 - -121.0", [-121.0, 14.5]),
            ("14.5, - 121.0", [-121.0, 14.5]),
            ("- 14.5 / - 121.0", [-121.0, -14.5]),
        ] {
            let found = Joint::of(text).map(|joint| joint.degrees(Order::LatitudeFirst, LONGITUDE));
            assert!(near(found.as_ref(), wanted), "{text}: {found:?}");
        }
    }

    #[test]
    fn labels_members_and_iso_6709_are_read() {
        for text in [
            "Long: 121.0, Lat: 14.5",
            "{\"lat\": 14.5, \"lng\": 121.0}",
            "{'longitude': 121.0, 'latitude': 14.5, 'accuracy': 5.0}",
            "+14.5+121.0/",
            "+14.5+121.0",
            "+14.5+121.0+30.0/",
            "GPS: 14.5, 121.0",
            "Coordinates 14.5, 121.0",
            "39°00'K 32°00'D",
        ] {
            let wanted = if text.ends_with('D') { [32.0, 39.0] } else { [121.0, 14.5] };
            let found = Joint::of(text).map(|joint| joint.degrees(Order::LatitudeFirst, LONGITUDE));
            assert!(near(found.as_ref(), wanted), "{text}: {found:?}");
        }
        // Degrees and minutes without a mark between them.
        assert_eq!(Joint::of("+1430+12100/"), None);
    }

    #[test]
    fn the_letter_o_is_east_or_west_only_where_it_is_told() {
        let joint = Joint::of("48°12'N 16°22'O").unwrap();
        let why = joint.degrees(Order::LatitudeFirst, LONGITUDE).unwrap_err();
        assert!(why.starts_with("has a longitude that may be east (Ost) or west"), "{why}");
        assert_eq!(joint.halves().collect::<Vec<_>>(), ["n", "o"]);
    }

    #[test]
    fn no_text_of_any_length_takes_long() {
        for text in ["1 ".repeat(40_000), "1,".repeat(40_000), "a ".repeat(40_000)] {
            assert_eq!(Joint::of(&text), None);
            assert_eq!(Joint::of(&format!("https://www.google.com/maps?q={text}")), None);
        }
    }

    #[test]
    fn what_is_no_pair_is_none() {
        for text in [
            "",
            "Kabul",
            "14.5",
            "14,5",
            "14 35 12 30",
            "a, b",
            "12 Main St, 4",
            "1,2,3,4",
            "2026-11-22",
            "Ward 3, 12",
            "https://example.org/a,b",
        ] {
            assert_eq!(Joint::of(text), None, "{text}");
        }
    }

    #[test]
    fn the_order_is_told_by_what_is_written_and_by_range() {
        for (text, wanted) in [
            ("10.5, 20.5", Told::Nothing),
            ("[10.5, 20.5]", Told::Brackets),
            ("10.5, 120.5", Told::Range(Order::LatitudeFirst)),
            ("120.5, 10.5", Told::Range(Order::LongitudeFirst)),
            ("905, 44.1", Told::Nothing),
            ("120.5, 95.0", Told::Nothing),
            ("10.5 E, 20.5", Told::Written(Order::LongitudeFirst)),
            ("10.5 20.5 0 5", Told::Written(Order::LatitudeFirst)),
        ] {
            assert_eq!(Joint::of(text).unwrap().told(), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_pair_is_read_as_it_was_written(
            latitude in -90_000_i32..=90_000,
            longitude in -180_000_i32..=180_000,
            form in 0..6_usize,
        ) {
            let [x, y] = [longitude, latitude].map(|at| f64::from(at) / 1000.0);
            let (n, e) = (if y < 0.0 { 'S' } else { 'N' }, if x < 0.0 { 'W' } else { 'E' });
            let text = match form {
                0 => format!("{y:.3}, {x:.3}"),
                1 => format!("({y:.3};{x:.3})"),
                2 => format!("{:.3}°{n} {:.3}°{e}", y.abs(), x.abs()),
                3 => format!("{y:.3} {x:.3} 12 5"),
                4 => format!("{y:.3} {x:.3}").replace('.', ","),
                _ => format!("geo:{y:.3},{x:.3}"),
            };
            let found = Joint::of(&text).map(|joint| joint.degrees(Order::LatitudeFirst, LONGITUDE));
            prop_assert!(near(found.as_ref(), [x, y]), "{}: {:?}", text, found);
        }

        #[test]
        fn no_text_is_too_odd_for_a_pair(text in "[0-9NSEW°'\":.,; \\[\\]()-]{0,20}|\\PC{0,10}") {
            let _any = Joint::of(&text);
        }
    }
}
