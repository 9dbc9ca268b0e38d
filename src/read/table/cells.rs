//! The kinds of cells: numbers, times, and texts.
//!
//! A number is what JSON writes as one and reads back to the same digits; a time is one of ISO 8601, with the offset
//! that its cell gives and no other. Everything else is a text.

/// The most digits of a number: so many survive as a floating point number, and more are a key.
const DIGITS: usize = 15;

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
