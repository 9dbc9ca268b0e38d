//! What a cell says: a number, a time, an angle in degrees, or a text.

/// The most digits of a number: so many survive as a floating point number, and more are a key.
const DIGITS: usize = 15;

/// Letters of a cell that a message shows.
const SHOWN: usize = 40;

/// Longitude or latitude.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    /// What it is called.
    pub(super) name: &'static str,
    /// The letters of its halves, positive and negative.
    halves: [char; 2],
}

/// East is positive.
pub(super) const LONGITUDE: Axis = Axis { name: "longitude", halves: ['E', 'W'] };
/// North is positive.
pub(super) const LATITUDE: Axis = Axis { name: "latitude", halves: ['N', 'S'] };

/// An angle in decimal degrees, with a decimal point or comma, with or without a degree sign and the
/// letter of its half of the earth: `20.03`, `20,03`, `20.03°`, `W 20.03`, `20.03° W`.
///
/// # Errors
///
/// What was found, and what is wanted.
pub(super) fn degrees(cell: &str, axis: Axis) -> Result<f64, String> {
    let cell = cell.trim();
    if let Some(number) = plain(cell) {
        return Ok(number);
    }
    let (rest, half) = without_half(cell, axis);
    let number = rest.trim_end_matches(['°', 'º', '˚']).trim();
    let number = number.replace('\u{2212}', "-");
    let number = if number.contains('.') { number } else { number.replacen(',', ".", 1) };
    match (plain(&number), half) {
        (Some(number), None) => Ok(number),
        (Some(number), Some(sign)) if number >= 0.0 => Ok(sign * number),
        _ if is_sexagesimal(rest) => Err(format!(
            "{} \"{}\" is in degrees and minutes, wanted decimal degrees such as 64.1417",
            axis.name,
            shown(cell)
        )),
        _ => Err(format!("{} \"{}\" is no number", axis.name, shown(cell))),
    }
}

/// A number as programs write it; neither infinite nor a word.
fn plain(text: &str) -> Option<f64> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let number: f64 = text.bytes().all(is_plain).then(|| text.parse().ok())??;
    number.is_finite().then_some(number)
}

/// An angle without the letter of its half of the earth, and the sign that the letter stands for.
fn without_half(cell: &str, axis: Axis) -> (&str, Option<f64>) {
    for (half, sign) in axis.halves.into_iter().zip([1.0, -1.0]) {
        for letter in [half, half.to_ascii_lowercase()] {
            let rest = cell.strip_suffix(letter).or_else(|| cell.strip_prefix(letter));
            if let Some(rest) = rest {
                return (rest.trim(), Some(sign));
            }
        }
    }
    (cell, None)
}

/// Whether a text looks like degrees, minutes and seconds: `64°08'30"`, `64:08:30`, `64 08.5`.
fn is_sexagesimal(text: &str) -> bool {
    const MARKS: [char; 10] = ['°', 'º', '\'', '′', '’', '"', '″', '”', ':', ' '];
    let is_part = |byte: u8| byte.is_ascii_digit() || b"-.,".contains(&byte);
    let parts: Vec<&str> = text.split(MARKS).filter(|part| !part.is_empty()).collect();
    (2..=3).contains(&parts.len()) && parts.iter().all(|part| part.bytes().all(is_part))
}

/// A cell as a message shows it.
pub(super) fn shown(cell: &str) -> String {
    if cell.chars().count() <= SHOWN {
        return cell.to_string();
    }
    cell.chars().take(SHOWN - 1).chain(['…']).collect()
}

/// Whether a cell is a number as JSON writes it, of no more digits than survive. What begins with a
/// zero, as a postal code may, is none.
pub(super) fn is_number(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match cell.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
        }
        None => (cell, "0"),
    };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole)
        && digits(part)
        && digits(exponent)
        && exponent.len() <= 2
        && (whole == "0" || !whole.starts_with('0'))
        && mantissa.bytes().filter(u8::is_ascii_digit).count() <= DIGITS
}

/// A day, or a day and a time, as ISO 8601; `None` for anything else. An offset is kept, and none is
/// made up.
pub(super) fn iso_time(cell: &str) -> Option<String> {
    let bytes = cell.as_bytes();
    let number = |from: usize, to: usize| -> Option<u32> {
        let digits = cell.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let mark = bytes.get(4).filter(|mark| b"-/".contains(mark))?;
    let (_year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let is_day = bytes.get(7) == Some(mark) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let date = cell.get(..10).filter(|_| is_day)?.replace('/', "-");
    let Some(rest) = cell.get(10..).filter(|rest| !rest.is_empty()) else { return Some(date) };
    let time = rest.strip_prefix([' ', 'T'])?;
    let (clock, offset) = time.split_at(time.find(['+', '-', 'Z']).unwrap_or(time.len()));
    Some(format!("{date}T{}{}", iso_clock(clock)?, iso_offset(offset)?))
}

/// `23:00` and `23:00:00.5` with seconds.
fn iso_clock(clock: &str) -> Option<String> {
    let mut parts = clock.split(':');
    let (hour, minute) = (two(parts.next(), 23)?, two(parts.next(), 59)?);
    let second = parts.next().unwrap_or("00");
    let (whole, part) = second.split_once('.').unwrap_or((second, "0"));
    two(Some(whole), 60)?;
    let is_whole = parts.next().is_none() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| format!("{hour}:{minute}:{second}"))
}

/// Two digits, if they are there and no more than the most.
fn two(part: Option<&str>, most: u32) -> Option<&str> {
    let part = part.filter(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))?;
    part.parse::<u32>().is_ok_and(|number| number <= most).then_some(part)
}

/// Nothing, `Z`, `+02`, `+0200` and `+02:00` with a colon.
fn iso_offset(offset: &str) -> Option<String> {
    let digits: String = offset.chars().skip(1).filter(|letter| *letter != ':').collect();
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    match (offset, digits.len()) {
        ("", _) => Some(String::new()),
        ("Z", _) => Some("+00:00".into()),
        (_, 2) if is_number => Some(format!("{}{digits}:00", offset.get(..1)?)),
        (_, 4) if is_number => {
            Some(format!("{}{}:{}", offset.get(..1)?, &digits[..2], &digits[2..]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_read_as_people_write_them() {
        for (cell, wanted) in [
            ("20.03", 20.03),
            (" 20,03 ", 20.03),
            ("-20,03", -20.03),
            ("\u{2212}20.03", -20.03),
            ("20.03°", 20.03),
            ("20.03 ° E", 20.03),
            ("W20.03", -20.03),
            ("20,03w", -20.03),
            ("2.003e1", 20.03),
        ] {
            assert_eq!(degrees(cell, LONGITUDE), Ok(wanted), "{cell}");
        }
        assert_eq!(degrees("S 64.1", LATITUDE), Ok(-64.1));
    }

    #[test]
    fn what_is_no_decimal_degrees_is_told() {
        for cell in ["abc", "nan", "inf", "1,200.5", "-20 W", "20 N", "E", "20.03.1", "1,2,3,4"] {
            let found = degrees(cell, LONGITUDE);
            assert_eq!(found, Err(format!("longitude \"{cell}\" is no number")));
        }
        for cell in ["64°08'30\"N", "64 08 30", "64:08.5", "N 64° 8′ 30,5″"] {
            let found = degrees(cell, LATITUDE).unwrap_err();
            assert!(found.contains("is in degrees and minutes, wanted decimal degrees"), "{found}");
        }
        assert!(degrees(&"x".repeat(99), LATITUDE).unwrap_err().len() < 80);
    }

    #[test]
    fn numbers_are_those_of_json_that_are_no_keys() {
        for cell in ["0", "-1", "12.50", "0.7", "1e5", "-2.5E-3", "123456789012345"] {
            assert!(is_number(cell), "{cell}");
        }
        let keys =
            ["", "-", "007", "+1", ".5", "5.", "1,5", "1e", "1e400", "1234567890123456", "x1"];
        for cell in keys {
            assert!(!is_number(cell), "{cell}");
        }
    }

    #[test]
    fn a_time_has_the_offset_that_its_cell_gives_and_no_other() {
        for (cell, wanted) in [
            ("2026/11/22", "2026-11-22"),
            ("2026-11-22 23:00", "2026-11-22T23:00:00"),
            ("2026-11-22T23:00:00.5Z", "2026-11-22T23:00:00.5+00:00"),
            ("2026/11/22 23:00:00+0530", "2026-11-22T23:00:00+05:30"),
            ("2026-11-22T23:00:00-03", "2026-11-22T23:00:00-03:00"),
        ] {
            assert_eq!(iso_time(cell).as_deref(), Some(wanted));
        }
        for cell in
            ["2026", "2026-13-01", "2026-1-1", "22.11.2026", "2026-11-22 25:00", "2026-11-22x"]
        {
            assert_eq!(iso_time(cell), None, "{cell}");
        }
    }
}
