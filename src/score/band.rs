//! Scores to bands, and dimensions to a profile.
//!
//! Bands are taken of unrounded scores: 59.98 is moderate although it prints as 60.0.
//!
//! Source: METHOD §3.

use crate::model::Mapped;
use crate::model::band::Band;
use crate::model::burden::Burden;
use crate::model::dimension::Dimension;
use crate::model::scheme::Scheme;

/// Whether everything was looked at, so that finding nothing means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The status is ok and a sites layer was given.
    Complete,
    /// Anything else.
    Limited,
}

/// The band of one score, from very low to very high; the lower end of a band belongs to it.
///
/// [`Band::NoneRecorded`] is a matter of all three bounds and of the evidence: see [`classify`].
#[must_use]
pub fn band(score: f64, scheme: &Scheme) -> Band {
    let [low, moderate, high, very_high] = scheme.band_thresholds;
    if score >= very_high {
        Band::VeryHigh
    } else if score >= high {
        Band::High
    } else if score >= moderate {
        Band::Moderate
    } else if score >= low {
        Band::Low
    } else {
        Band::VeryLow
    }
}

/// The bands of a score's low, best and high.
///
/// All are [`Band::NoneRecorded`] only if even the high score is 0 and the evidence is complete; any
/// other 0 is very low.
#[must_use]
pub fn classify(score: Burden, evidence: Evidence, scheme: &Scheme) -> [Band; 3] {
    let scores = [score.low, score.best, score.high];
    if evidence == Evidence::Complete && score.high <= 0.0 {
        return scores.map(|_| Band::NoneRecorded);
    }
    scores.map(|score| band(score, scheme))
}

/// The profile of four dimensions before their weights, such as `P4 G≥0 S4 E?`: each banded like a score, 1 to 5, and
/// 0 for 0; with ≥ where more may be there than was found, and ? where nobody has looked.
#[must_use]
pub fn profile(
    dimensions: [f64; 4],
    known: impl Fn(Dimension) -> Mapped,
    scheme: &Scheme,
) -> String {
    let digits = Dimension::ALL.map(|dimension| {
        let points = dimensions[dimension as usize];
        let band = if points > 0.0 { band(points, scheme) } else { Band::NoneRecorded };
        let (letter, digit) = (dimension.letter(), band.digit());
        match known(dimension) {
            Mapped::All => format!("{letter}{digit}"),
            Mapped::Part(_) => format!("{letter}≥{digit}"),
            Mapped::Nothing => format!("{letter}?"),
        }
    });
    digits.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scheme::of_the_method;

    #[test]
    fn a_band_holds_its_lower_end_and_is_taken_before_rounding() {
        let scheme = of_the_method();
        let bands: Vec<_> = [0.0, 19.999, 20.0, 59.98, 60.0, 79.999_999, 80.0, 100.0]
            .map(|score| band(score, &scheme).name())
            .into();
        let wanted =
            ["very_low", "very_low", "low", "moderate", "high", "high", "very_high", "very_high"];
        assert_eq!(bands, wanted);
    }

    #[test]
    fn nothing_is_recorded_only_where_everything_was_looked_at() {
        let scheme = of_the_method();
        let bands = |high, evidence| classify(Burden { high, ..Burden::ZERO }, evidence, &scheme);
        assert_eq!(bands(0.0, Evidence::Complete), [Band::NoneRecorded; 3]);
        assert_eq!(bands(0.0, Evidence::Limited), [Band::VeryLow; 3]);
        assert_eq!(bands(0.1, Evidence::Complete), [Band::VeryLow; 3]);
    }

    #[test]
    fn a_profile_tells_nothing_from_little() {
        let points = [66.7, 0.0, 0.001, 80.0];
        assert_eq!(profile(points, |_| Mapped::All, &of_the_method()), "P4 G0 S1 E5");
    }

    #[test]
    fn a_profile_marks_what_nobody_has_looked_for() {
        let known = |dimension| match dimension {
            Dimension::Vulnerable => Mapped::Part(0.5),
            Dimension::Sites => Mapped::Nothing,
            _ => Mapped::All,
        };
        assert_eq!(profile([66.7, 0.0, 0.0, 0.0], known, &of_the_method()), "P4 G≥0 S? E0");
    }
}
