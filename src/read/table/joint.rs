//! Two coordinates in one text: `14.5, 121.0`, `(14,5; 121,0)`, `14°35'30"N 121°00'15"E`, `[121, 14.5]`.
//!
//! A text is parted at every mark at which both sides are angles; it is a pair if there is one way to part it. Which
//! comes first is told by letters, by the form (`geo:`, the address of a map, the geopoint of a form with altitude and
//! accuracy: latitude first), or by an angle above 90, which is a longitude. If nothing tells, the column decides.

use super::angle::{Angle, Axis, LATITUDE, LONGITUDE, folded, plain};
use super::names::Order;

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
        let text = folded(text);
        let lower = text.to_ascii_lowercase();
        if let Some(rest) = lower.strip_prefix("geo:") {
            let end = rest.find([';', '?']).unwrap_or(rest.len());
            return Self::plain(&rest[..end], Form::Fixed(Order::LatitudeFirst));
        }
        if lower.contains("://") || lower.starts_with("maps.") || lower.starts_with("www.") {
            return Self::of_address(&lower);
        }
        let within = |open, close| text.strip_prefix(open)?.strip_suffix(close).map(str::trim);
        if let Some(within) = within('[', ']') {
            return Self::parted(within, Form::Brackets);
        }
        let text = within('(', ')').or_else(|| within('{', '}')).unwrap_or(&text);
        Self::geopoint(text).or_else(|| Self::parted(text, Form::Plain))
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

    /// The place of the address of a map: `@14.5,121.0,17z`, `?q=14.5,121.0`, `!3d14.5!4d121.0`,
    /// `mlat=14.5&mlon=121.0`, `#map=17/14.5/121.0`.
    fn of_address(address: &str) -> Option<Self> {
        let form = Form::Fixed(Order::LatitudeFirst);
        let address = address.replace("%2c", ",").replace("%20", "");
        let after = |mark: &str| address.split_once(mark).map(|(_, rest)| rest);
        let number = |rest: &str| {
            let end = rest.find(|it: char| !(it.is_ascii_digit() || "+-.".contains(it)));
            let text = &rest[..end.unwrap_or(rest.len())];
            plain(text).and_then(|_| Angle::of(text))
        };
        for (first, second) in [("!3d", "!4d"), ("mlat=", "mlon=")] {
            if let (Some(first), Some(second)) = (after(first), after(second)) {
                return Some(Self { angles: [number(first)?, number(second)?], form });
            }
        }
        let pair = |rest: &str, between: char| {
            let (first, second) = rest.split_once(between)?;
            Some(Self { angles: [number(first)?, number(second)?], form })
        };
        let marks = ["q=", "query=", "ll=", "destination=", "place/", "search/", "@"];
        let found = marks.iter().find_map(|mark| after(mark).and_then(|rest| pair(rest, ',')));
        found.or_else(|| pair(after("map=")?.split_once('/')?.1, '/'))
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
        match (one.size() > 90.0, two.size() > 90.0, self.form) {
            (true, false, _) => Told::Range(Order::LongitudeFirst),
            (false, true, _) => Told::Range(Order::LatitudeFirst),
            (_, _, Form::Brackets) => Told::Brackets,
            _ => Told::Nothing,
        }
    }

    /// Longitude and latitude; `order` is that of the column, which holds where nothing else tells.
    ///
    /// # Errors
    ///
    /// The name of the axis of which a coordinate is none.
    pub(super) fn degrees(&self, order: Order, o_is: Axis) -> Result<[f64; 2], &'static str> {
        let order = match self.told() {
            Told::Written(order) => order,
            Told::Range(_) | Told::Brackets | Told::Nothing => order,
        };
        let [one, two] = &self.angles;
        let [longitude, latitude] = match order {
            Order::LatitudeFirst => [two, one],
            Order::LongitudeFirst => [one, two],
        };
        let longitude = longitude.on(o_is).map_err(|_odd| "longitude")?;
        let latitude = latitude.on(LATITUDE).map_err(|_odd| "latitude")?;
        Ok([longitude, latitude])
    }

    /// The numbers as written, of a plane.
    pub(super) fn numbers(&self) -> Option<[f64; 2]> {
        let [one, two] = &self.angles;
        let is_plain = one.is_bare() && two.is_bare();
        is_plain.then(|| Some([one.on(LONGITUDE).ok()?, two.on(LONGITUDE).ok()?])).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: Option<Result<[f64; 2], &'static str>>, wanted: [f64; 2]) -> bool {
        let close =
            |found: [f64; 2]| found.iter().zip(wanted).all(|(one, two)| (one - two).abs() < 1e-9);
        found.is_some_and(|found| found.is_ok_and(close))
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
            assert!(near(found, [121.0, 14.5]), "{text}: {joint:?}");
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
            assert!(near(found, [121.0, 14.5]), "{text}: {joint:?}");
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
            prop_assert!(near(found, [x, y]), "{}: {:?}", text, found);
        }

        #[test]
        fn no_text_is_too_odd_for_a_pair(text in "[0-9NSEW°'\":.,; \\[\\]()-]{0,20}|\\PC{0,10}") {
            let _any = Joint::of(&text);
        }
    }
}
