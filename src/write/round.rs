//! Numbers rounded once, at the pen.

use super::json;

/// From here on a number has no decimals to round.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// A decimal number of up to 15 digits is the shortest that its nearest `f64` can be written as, since no
/// two such decimals have the same one. So the digits of the rounded number are those that are written.
const FIFTEEN_DIGITS: f64 = 1e15;

/// A number with so many decimals at most.
pub(super) fn rounded(value: f64, decimals: u32) -> f64 {
    let unit = 10f64.powi(decimals.cast_signed());
    let scaled = value * unit;
    if scaled.abs() >= WHOLE {
        return value;
    }
    // Not `-0`.
    scaled.round() / unit + 0.0
}

/// Writes a rounded number as JSON; what is unknown or not finite is null.
pub(super) fn number(out: &mut Vec<u8>, value: Option<f64>, decimals: u32) {
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return out.extend_from_slice(b"null");
    };
    let unit = 10f64.powi(decimals.cast_signed());
    let count = (value * unit).round();
    // Smaller ones are written with a power of ten.
    let is_plain = count.abs() < FIFTEEN_DIGITS && (count.abs() * 1000.0 >= unit || count == 0.0);
    if is_plain {
        return decimal(out, count as i64, decimals);
    }
    let _infallible = serde_json::to_writer(out, &rounded(value, decimals));
}

/// Writes so many of a unit that is a power of ten, with one decimal at least and none that is for nothing.
fn decimal(out: &mut Vec<u8>, count: i64, decimals: u32) {
    let left = count.unsigned_abs();
    // A division by a number that is known is a multiplication, and 7 is the usual one.
    let (whole, mut part) = match 10_u64.pow(decimals) {
        10_000_000 => (left / 10_000_000, left % 10_000_000),
        unit => (left / unit, left % unit),
    };
    let mut kept = decimals;
    while kept > 1 && part.is_multiple_of(10) {
        part /= 10;
        kept -= 1;
    }
    let mut text = [b'0'; 40];
    let mut start = digits(&mut text, part, 40, kept as usize) - 1;
    text[start] = b'.';
    start = digits(&mut text, whole, start, 1);
    if count < 0 {
        start -= 1;
        text[start] = b'-';
    }
    out.extend_from_slice(&text[start..]);
}

/// Writes the digits of a number in front of `end`, so many at least; the place of the first.
fn digits(text: &mut [u8; 40], mut number: u64, end: usize, least: usize) -> usize {
    let mut start = end;
    while number > 0 {
        start -= 1;
        text[start] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    // What is in front of them is zeros.
    start.min(end - least)
}

/// Writes a text as JSON, or null.
pub(super) fn text(out: &mut Vec<u8>, value: Option<&str>) {
    let _infallible = json::to_writer(out, &value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: Option<f64>, decimals: u32) -> String {
        let mut out = Vec::new();
        number(&mut out, value, decimals);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_number_is_rounded_and_what_is_unknown_is_null() {
        for (value, decimals, wanted) in [
            (70.035_61, 4, "70.0356"),
            (-1e-9, 3, "0.0"),
            (-0.5, 3, "-0.5"),
            (0.001, 3, "0.001"),
            (1e-7, 7, "1e-7"),
            (100.0, 7, "100.0"),
            (-179.999_999_95, 7, "-180.0"),
            (1e15, 3, "1000000000000000.0"),
            (1e300, 3, "1e+300"),
        ] {
            assert_eq!(written(Some(value), decimals), wanted);
        }
        for unknown in [None, Some(f64::NAN), Some(f64::INFINITY)] {
            assert_eq!(written(unknown, 3), "null");
        }
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_serde_writes_them_rounded(
            mantissa in -1e3..1e3_f64,
            power in -12..16_i32,
            decimals in prop::sample::select(vec![3_u32, 4, 6, 7, 9, 11, 13, 17]),
        ) {
            let value = mantissa * 10f64.powi(power);
            let wanted = serde_json::to_string(&rounded(value, decimals)).unwrap();
            prop_assert_eq!(written(Some(value), decimals), wanted);
        }

        #[test]
        fn so_are_numbers_of_few_digits(count in -20_000_i32..20_000, decimals in 1..14_u32) {
            let value = f64::from(count) / 10f64.powi(decimals.cast_signed());
            let wanted = serde_json::to_string(&rounded(value, decimals)).unwrap();
            prop_assert_eq!(written(Some(value), decimals), wanted);
        }
    }
}
