//! A burden: what is there in natural units, as low, best and high.

/// A number with its bounds, `low ≤ best ≤ high`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Burden {
    /// What is there at least.
    pub low: f64,
    /// The best estimate.
    pub best: f64,
    /// What may be there at most.
    pub high: f64,
}

impl Burden {
    /// Nothing there, for certain.
    pub const ZERO: Self = Self { low: 0.0, best: 0.0, high: 0.0 };

    /// One number for all three.
    #[must_use]
    pub const fn exactly(value: f64) -> Self {
        Self { low: value, best: value, high: value }
    }

    /// The same function of each bound.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self { low: f(self.low), best: f(self.best), high: f(self.high) }
    }

    /// Each bound with its counterpart.
    #[must_use]
    pub fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            low: f(self.low, other.low),
            best: f(self.best, other.best),
            high: f(self.high, other.high),
        }
    }
}
