//! Numbers rounded to so many significant digits.

/// A number that is not negative, rounded to so many significant digits; a half goes up.
///
/// # Formula
///
/// ```text
/// u = 10^(⌊log10 x⌋ + 1 − digits)    x rounded = u · round(x / u)
/// ```
#[must_use]
pub fn significant(number: f64, digits: i32) -> f64 {
    multiple(number, unit(number, digits))
}

/// What the last of so many significant digits of a number counts; 1 of nothing.
#[must_use]
pub fn unit(number: f64, digits: i32) -> i32 {
    if number > 0.0 && number.is_finite() { number.log10().floor() as i32 + 1 - digits } else { 0 }
}

/// The multiple of a power of ten that is nearest to a number.
#[must_use]
pub fn multiple(number: f64, power: i32) -> f64 {
    // Whole powers of ten are exact, tenths are not.
    let unit = 10f64.powi(power.abs());
    if power >= 0 { (number / unit).round() * unit } else { (number * unit).round() / unit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_are_kept_and_a_half_goes_up() {
        let cases = [
            (7_045.998, 7_000.0),
            (7_050.0, 7_100.0),
            (149.5, 150.0),
            (144.9, 140.0),
            (995.0, 1_000.0),
            (99.5, 100.0),
            (99.4, 99.0),
            (10.0, 10.0),
            (9.96, 10.0),
            (4.567, 4.6),
            (0.0349, 0.035),
            (0.0, 0.0),
            (12_345_678.0, 12_000_000.0),
        ];
        for (number, wanted) in cases {
            assert_eq!(significant(number, 2), wanted, "{number}");
        }
    }

    #[test]
    fn one_digit_is_kept_of_a_share() {
        let cases = [(0.37, 0.4), (0.5, 0.5), (0.617, 0.6), (0.034, 0.03), (0.96, 1.0), (1.0, 1.0)];
        for (share, wanted) in cases {
            assert_eq!(significant(share, 1), wanted, "{share}");
        }
    }

    #[test]
    fn a_larger_number_is_never_rounded_to_less() {
        let mut before = 0.0;
        for step in 0..40_000 {
            let rounded = significant(1e-3 * 1.0007_f64.powi(step), 2);
            assert!(rounded >= before, "{rounded} after {before}");
            before = rounded;
        }
    }
}
