//! Numbers rounded once, at the pen.

use serde_json::{Number, Value};

/// A number with so many decimals at most.
pub(super) fn rounded(value: f64, decimals: u32) -> f64 {
    let unit = 10f64.powi(decimals.cast_signed());
    let scaled = value * unit;
    // Numbers this large have no such decimals.
    if scaled.abs() >= 9_007_199_254_740_992.0 {
        return value;
    }
    // Not `-0`.
    scaled.round() / unit + 0.0
}

/// A rounded number as JSON; what is unknown or not finite is null.
pub(super) fn number(value: Option<f64>, decimals: u32) -> Value {
    let rounded = value.map(|value| rounded(value, decimals));
    rounded.and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}

/// A text as JSON, or null.
pub(super) fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_rounded_and_what_is_unknown_is_null() {
        assert_eq!(number(Some(70.035_61), 4).to_string(), "70.0356");
        assert_eq!(number(Some(-1e-9), 3).to_string(), "0.0");
        assert_eq!(number(None, 3), Value::Null);
        assert_eq!(number(Some(f64::NAN), 3), Value::Null);
    }
}
