//! Hours of an area: which share of its time is day.
//!
//! Day is from 6 to 18 o'clock in the time zone of the scenario, else by the mean sun at the area: an hour for
//! each 15 degrees of longitude. A day that is written without a time begins and ends at midnight.
//!
//! Source: METHOD §4.

use crate::model::Area;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

/// Day by the clock begins and ends at these hours.
const DAY: [i8; 2] = [6, 18];

/// Longer times are half day and half night.
const LONGEST_DAYS: i64 = 4000;

/// From when to when an area is used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hours {
    start: Moment,
    end: Moment,
}

/// A moment as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    /// With its offset.
    Absolute(Timestamp),
    /// By the clocks of the place.
    Local(DateTime),
}

impl Hours {
    /// The hours of an area; `None` if it does not tell both of its ends.
    ///
    /// # Errors
    ///
    /// A sentence on what is wrong with them.
    pub(super) fn of(area: &Area, zone: Option<&TimeZone>) -> Result<Option<Self>, String> {
        let (Some(start), Some(end)) = (&area.start, &area.end) else { return Ok(None) };
        let moment = |name: &str, text: &str| -> Result<(Moment, bool), String> {
            let text = text.trim();
            if let Ok(at) = text.parse::<Timestamp>() {
                return Ok((Moment::Absolute(at), false));
            }
            let is_day = text.len() == 10 && text.parse::<Date>().is_ok();
            let at = text.parse::<DateTime>();
            let at = at.map_err(|_no_time| {
                format!("`{name}` is \"{text}\", wanted a time as 2026-11-22T06:00:00Z")
            })?;
            Ok((Moment::Local(at), is_day))
        };
        let ((start, _), (end, ends_with_day)) = (moment("start", start)?, moment("end", end)?);
        let end = match end {
            // The day itself is part of it.
            Moment::Local(day) if ends_with_day => {
                Moment::Local(day.checked_add(1.day()).map_err(|error| error.to_string())?)
            }
            other => other,
        };
        let is_timed = |moment: Moment| matches!(moment, Moment::Local(at) if at.time() != jiff::civil::Time::midnight());
        if zone.is_none() && (is_timed(start) || is_timed(end)) {
            return Err(
                "`start` and `end` have no offset and the scenario no time zone, wanted a time as \
                        2026-11-22T06:00:00Z, or `timezone` under [scenario]"
                    .into(),
            );
        }
        let hours = Self { start, end };
        let [from, to] = hours.absolute(&zone.cloned().unwrap_or(TimeZone::UTC))?;
        if to < from {
            return Err(format!("it ends before it starts: {from} to {to}"));
        }
        Ok(Some(hours))
    }

    /// Start and end by the clocks of a zone.
    fn absolute(&self, zone: &TimeZone) -> Result<[Timestamp; 2], String> {
        let absolute = |moment| match moment {
            Moment::Absolute(at) => Ok(at),
            Moment::Local(at) => zone.to_timestamp(at).map_err(|error| error.to_string()),
        };
        Ok([absolute(self.start)?, absolute(self.end)?])
    }

    /// Start and end by the clocks of a zone, in seconds since 1970.
    pub(super) fn seconds(&self, zone: Option<&TimeZone>) -> Option<[i64; 2]> {
        let times = self.absolute(&zone.cloned().unwrap_or(TimeZone::UTC)).ok()?;
        Some(times.map(Timestamp::as_second))
    }

    /// So many hours later.
    pub(super) fn later(&self, hours: i64) -> Option<Self> {
        let later = |moment| {
            Some(match moment {
                Moment::Absolute(at) => Moment::Absolute(at.checked_add(hours.hours()).ok()?),
                Moment::Local(at) => Moment::Local(at.checked_add(hours.hours()).ok()?),
            })
        };
        Some(Self { start: later(self.start)?, end: later(self.end)? })
    }

    /// Whether it begins before another, and whether it ends after it, by the clocks of a zone.
    pub(super) fn beside(&self, other: &Self, zone: Option<&TimeZone>) -> [bool; 2] {
        let zone = zone.cloned().unwrap_or(TimeZone::UTC);
        match (self.absolute(&zone), other.absolute(&zone)) {
            (Ok(own), Ok(other)) => [own[0] < other[0], own[1] > other[1]],
            _ => [false, false],
        }
    }
}

/// The times of several hours as they follow each other, each moment once, by the clocks of a zone.
fn times(hours: &[Hours], zone: &TimeZone) -> Vec<[Timestamp; 2]> {
    let mut all: Vec<_> = hours.iter().filter_map(|hours| hours.absolute(zone).ok()).collect();
    all.sort_unstable();
    let mut times: Vec<[Timestamp; 2]> = Vec::with_capacity(all.len());
    for [from, to] in all {
        match times.last_mut() {
            Some(last) if from <= last[1] => last[1] = last[1].max(to),
            _ => times.push([from, to]),
        }
    }
    times
}

fn seconds([from, to]: [Timestamp; 2]) -> f64 {
    (to.as_second() - from.as_second()) as f64
}

/// How many days some hours take together, by the clocks of a zone; `None` without hours.
pub(super) fn days(hours: &[Hours], zone: Option<&TimeZone>) -> Option<f64> {
    let times = times(hours, &zone.cloned().unwrap_or(TimeZone::UTC));
    (!times.is_empty()).then(|| times.into_iter().map(seconds).sum::<f64>() / 86_400.0)
}

/// The share of some hours together that is day, 0..=1; a moment is day or it is not. `None` without hours.
pub(super) fn share_of_day(
    hours: &[Hours],
    zone: Option<&TimeZone>,
    longitude: f64,
) -> Option<f64> {
    if hours.is_empty() {
        return None;
    }
    // The sun is a clock that nobody sets.
    let of_the_sun = (longitude / 15.0 * 3600.0).round().clamp(-43_200.0, 43_200.0) as i32;
    let sun = || Offset::from_seconds(of_the_sun).map_or(TimeZone::UTC, TimeZone::fixed);
    let zone = zone.cloned().unwrap_or_else(sun);
    let times = times(hours, &zone);
    if times.is_empty() {
        return Some(1.0);
    }
    let all: f64 = times.iter().copied().map(seconds).sum();
    if all <= 0.0 {
        let by_day = times.iter().filter(|[at, _]| is_day(*at, &zone)).count();
        return Some(by_day as f64 / times.len() as f64);
    }
    let by_day = |of: [Timestamp; 2]| {
        let is_long = seconds(of) > 86_400.0 * LONGEST_DAYS as f64;
        if is_long { 0.5 * seconds(of) } else { day_seconds(of, &zone) }
    };
    Some(times.into_iter().map(by_day).sum::<f64>() / all)
}

/// When day begins and ends on a date.
fn day(date: Date, zone: &TimeZone) -> Option<[Timestamp; 2]> {
    let at = |hour| zone.to_timestamp(date.at(hour, 0, 0, 0)).ok();
    Some([at(DAY[0])?, at(DAY[1])?])
}

fn is_day(at: Timestamp, zone: &TimeZone) -> bool {
    day(zone.to_datetime(at).date(), zone).is_some_and(|[dawn, dusk]| (dawn..dusk).contains(&at))
}

/// How many seconds between two moments are day.
fn day_seconds([from, to]: [Timestamp; 2], zone: &TimeZone) -> f64 {
    let mut date = zone.to_datetime(from).date();
    let (mut by_day, last) = (0.0, zone.to_datetime(to).date());
    while date <= last {
        let share = day(date, zone).map(|[dawn, dusk]| seconds([dawn.max(from), dusk.min(to)]));
        by_day += share.map_or(0.0, |seconds| seconds.max(0.0));
        match date.tomorrow() {
            Ok(next) => date = next,
            Err(_last_of_all) => break,
        }
    }
    by_day
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(start: &str, end: &str, zone: Option<&str>, longitude: f64) -> Result<f64, String> {
        let zone = zone.map(|zone| TimeZone::get(zone).unwrap());
        let area = Area { start: Some(start.into()), end: Some(end.into()), ..Area::default() };
        let hours = Hours::of(&area, zone.as_ref())?.unwrap();
        Ok(share_of_day(&[hours], zone.as_ref(), longitude).unwrap())
    }

    #[test]
    fn the_share_of_day_is_that_of_the_hours_from_6_to_18() {
        for (start, end, wanted) in [
            ("2026-12-01T06:00:00Z", "2026-12-01T18:00:00Z", 1.0),
            ("2026-12-01T18:00:00Z", "2026-12-02T06:00:00Z", 0.0),
            ("2026-12-01T06:00:00Z", "2026-12-08T06:00:00Z", 0.5),
            ("2026-12-01T08:00:00Z", "2026-12-02T20:00:00Z", 22.0 / 36.0),
            ("2026-12-01T15:00:00Z", "2026-12-01T21:00:00Z", 0.5),
            ("2026-12-01T12:00:00Z", "2026-12-01T12:00:00Z", 1.0),
            ("2026-12-01", "2026-12-03", 0.5),
        ] {
            let found = share(start, end, Some("Atlantic/Reykjavik"), -22.0).unwrap();
            assert!((found - wanted).abs() < 1e-12, "{start} {end}: {found}");
        }
    }

    #[test]
    fn without_a_time_zone_the_sun_tells_the_hour() {
        let noon =
            |longitude| share("2026-12-01T05:00:00Z", "2026-12-01T07:00:00Z", None, longitude);
        assert_eq!(noon(90.0), Ok(1.0), "11 to 13 o'clock");
        assert_eq!(noon(-90.0), Ok(0.0), "23 to 1 o'clock");
        assert_eq!(noon(0.0), Ok(0.5));
    }

    #[test]
    fn clocks_of_the_place_need_its_time_zone() {
        let local = ["2026-07-01T06:00", "2026-07-01T18:00"];
        assert_eq!(share(local[0], local[1], Some("Europe/Kyiv"), 30.0), Ok(1.0));
        assert!(share(local[0], local[1], None, 30.0).unwrap_err().contains("no time zone"));
        let turned = share("2026-10-25T00:30Z", "2026-10-25T01:15Z", Some("Europe/Kyiv"), 30.0);
        assert_eq!(turned, Ok(0.0), "clocks are set back between the two");
        let summer = share("2026-07-01T03:00Z", "2026-07-01T15:00Z", Some("Europe/Kyiv"), 30.0);
        assert_eq!(summer, Ok(1.0), "three hours ahead in summer");
    }

    #[test]
    fn what_is_no_time_or_ends_before_it_starts_is_told() {
        let wrong = |start, end| share(start, end, None, 0.0).unwrap_err();
        assert!(wrong("soon", "2026-12-01").contains("`start` is \"soon\""));
        assert!(wrong("2026-12-02", "2026-11-01").contains("ends before it starts"));
    }

    #[test]
    fn hours_together_count_each_moment_once() {
        let hours = |start: &str, end: &str| {
            let area = Area { start: Some(start.into()), end: Some(end.into()), ..Area::default() };
            Hours::of(&area, None).unwrap().unwrap()
        };
        let night = hours("2026-12-01T18:00:00Z", "2026-12-02T06:00:00Z");
        let evening = hours("2026-12-01T15:00:00Z", "2026-12-01T21:00:00Z");
        let later = hours("2026-12-05T09:00:00Z", "2026-12-05T12:00:00Z");
        let together = [night.clone(), evening, later];
        assert_eq!(days(&together, None), Some(18.0 / 24.0));
        assert_eq!(share_of_day(&together, None, 0.0), Some(6.0 / 18.0));
        assert_eq!((days(&[], None), share_of_day(&[], None, 0.0)), (None, None));
        let moments = [
            hours("2026-12-01T12:00:00Z", "2026-12-01T12:00:00Z"),
            hours("2026-12-01T23:00:00Z", "2026-12-01T23:00:00Z"),
        ];
        assert_eq!(share_of_day(&moments, None, 0.0), Some(0.5));
        assert_eq!(share_of_day(&[night.later(12).unwrap()], None, 0.0), Some(1.0));
    }
}
