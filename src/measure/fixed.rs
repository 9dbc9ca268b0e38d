//! Exact sums: numbers of people as integers in steps of 2⁻²⁸ persons.
//!
//! Integer addition is associative, so a sum is the same to the last bit whatever the order, the
//! number of threads or the size of a tile. A step is 4e-9 persons; one cell holds up to 3.4e10.

/// Steps in one person: 2²⁸.
const STEPS: f64 = 268_435_456.0;

/// A number of people in one cell, in steps of 2⁻²⁸.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Fixed(pub i64);

impl Fixed {
    /// The nearest fixed-point number, if it fits.
    #[must_use]
    pub fn from_people(people: f64) -> Option<Self> {
        let steps = people * STEPS;
        // 2⁶³ is exact in f64, so the comparison is too; NaN fails it.
        (steps.abs() < 9_223_372_036_854_775_808.0).then(|| Self(nearest(steps)))
    }

    /// In persons.
    #[must_use]
    pub fn people(self) -> f64 {
        self.0 as f64 / STEPS
    }
}

/// The nearest whole number of one below 2⁶³, halves away from zero. (`f64::round` is a call of a library on
/// processors that are taken for old.)
fn nearest(steps: f64) -> i64 {
    let whole = steps as i64;
    // From 2⁵² on numbers are whole, so nothing is lost below.
    let rest = steps - whole as f64;
    whole + i64::from(rest >= 0.5) - i64::from(rest <= -0.5)
}

/// A sum of fixed-point numbers, wide enough for every cell of the largest grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum(i128);

impl Sum {
    /// Adds a number that was summed already, in steps.
    pub fn add_steps(&mut self, steps: impl Into<i128>) {
        self.0 += steps.into();
    }

    /// Adds a share (0..=1) of a cell, rounded to a step.
    pub fn add_share(&mut self, share: f64, people: Fixed) {
        self.0 += i128::from(nearest(share * people.0 as f64));
    }

    /// Adds another sum.
    pub fn add(&mut self, other: Self) {
        self.0 += other.0;
    }

    /// The sum in persons.
    #[must_use]
    pub fn people(self) -> f64 {
        self.0 as f64 / STEPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_up_to_2_to_the_35_people() {
        assert!(Fixed::from_people(34_359_738_367.0).is_some());
        assert_eq!(Fixed::from_people(34_359_738_368.0), None);
        assert_eq!(Fixed::from_people(f64::NAN), None);
        assert_eq!(Fixed::from_people(f64::INFINITY), None);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for steps in [0.0, 0.499_999_999_999_999_94, 0.5, 1.5, 2.5, 1e15 + 0.5, -0.5, -2.5, 9.1e18]
        {
            assert_eq!(nearest(steps), steps.round() as i64, "{steps}");
        }
    }

    #[test]
    fn a_sum_does_not_depend_on_its_order() {
        let cells: Vec<_> =
            (0..1000).filter_map(|i| Fixed::from_people(f64::from(i) * 0.1)).collect();
        let (mut up, mut down) = (Sum::default(), Sum::default());
        for cell in &cells {
            up.add_share(1.0 / 3.0, *cell);
        }
        for cell in cells.iter().rev() {
            down.add_share(1.0 / 3.0, *cell);
        }
        assert_eq!(up, down);
    }
}
