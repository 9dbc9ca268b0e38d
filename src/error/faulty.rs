//! Values of cells that are no number of people, and the one way out that clears all of them.
//!
//! Resampling leaves small negative numbers around zero, each another one: `clamp_below` clears these. A value
//! that many cells share is a nodata value that nobody declared: `nodata` clears it. Other values have no key:
//! the raster itself is spoiled.

use super::number_text;

/// Negative values nearer to zero than this are noise of resampling.
const NOISE: f64 = 0.1;

/// What faulty cells hold together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaultyValues {
    /// How many cells there are.
    pub cells: u64,
    /// The smallest value.
    pub smallest: f64,
    /// The largest distance from zero among the noise; 0 without any.
    noise: f64,
    /// The smallest and the largest value besides the noise.
    others: Option<[f64; 2]>,
}

/// The keys that clear faulty values.
#[derive(Debug, Clone, PartialEq)]
pub struct Clearing {
    /// All values of `nodata`; empty if it is not needed.
    pub nodata: Vec<f64>,
    /// The value of `clamp_below`, if it is needed.
    pub clamp_below: Option<f64>,
}

impl Default for FaultyValues {
    fn default() -> Self {
        Self { cells: 0, smallest: f64::INFINITY, noise: 0.0, others: None }
    }
}

impl FaultyValues {
    /// Adds cells that hold one value.
    pub fn add(&mut self, cells: u64, value: f64) {
        let is_noise = -NOISE < value && value < 0.0;
        self.add_all(&Self {
            cells,
            smallest: value,
            noise: if is_noise { -value } else { 0.0 },
            others: (!is_noise).then_some([value; 2]),
        });
    }

    /// Adds what other cells hold.
    pub fn add_all(&mut self, other: &Self) {
        self.cells += other.cells;
        self.smallest = self.smallest.min(other.smallest);
        self.noise = self.noise.max(other.noise);
        self.others = match (self.others, other.others) {
            (Some([a, b]), Some([c, d])) => Some([a.min(c), b.max(d)]),
            (one, two) => one.or(two),
        };
    }

    /// The smallest and the largest value besides small negative ones, if there are any.
    #[must_use]
    pub const fn others(&self) -> Option<[f64; 2]> {
        self.others
    }

    /// The keys that clear all of them, beside the nodata values that the scenario declares already; `None` if no
    /// key does.
    #[must_use]
    pub fn clearing(&self, declared: &[f64]) -> Option<Clearing> {
        let clamp_below = (self.noise > 0.0).then(|| above(self.noise));
        match self.others {
            Some([least, most]) if least == most => {
                let nodata = declared.iter().copied().chain([least]).collect();
                Some(Clearing { nodata, clamp_below })
            }
            Some(_) => None,
            None => Some(Clearing { nodata: Vec::new(), clamp_below }),
        }
    }

    /// The way out.
    #[must_use]
    pub fn hint(&self, declared: &[f64]) -> String {
        let Some(Clearing { nodata, clamp_below }) = self.clearing(declared) else {
            return "their values differ, as where a raster was resampled and its nodata value not declared: fetch it \
                    again, or make it again from the original with that value declared"
                .into();
        };
        let value = self.others.map(|[value, _]| number_text(value)).unwrap_or_default();
        let nodata = nodata_text(&nodata);
        let places = "under [[population]]";
        match clamp_below.map(number_text) {
            None => format!(
                "if {value} means no data, declare it: `nodata = {nodata}` {places}, or in the table of its group, or \
                 `,nodata={nodata}` behind its path"
            ),
            Some(clamp) if value.is_empty() => format!(
                "resampling leaves such values around zero; take them for zero: `clamp_below = {clamp}` {places}, or \
                 `,clamp_below={clamp}` behind its path"
            ),
            Some(clamp) => format!(
                "if {value} means no data and resampling left the others around zero: `nodata = {nodata}` and \
                 `clamp_below = {clamp}` {places}, or `,nodata={nodata},clamp_below={clamp}` behind its path"
            ),
        }
    }
}

/// Nodata values as the key takes them: one, or a list.
#[must_use]
pub fn nodata_text(values: &[f64]) -> String {
    let texts: Vec<String> = values.iter().map(|value| number_text(*value)).collect();
    match &texts[..] {
        [one] => one.clone(),
        _ => format!("[{}]", texts.join(",")),
    }
}

/// The next number above of 1, 2 or 5 times a power of ten: few digits, and little that is cleared without need.
fn above(noise: f64) -> f64 {
    let steps = (-12..=0).flat_map(|power| [1, 2, 5].map(|digit| format!("{digit}e{power}")));
    let mut steps = steps.filter_map(|text| text.parse::<f64>().ok());
    steps.find(|step| *step > noise).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> FaultyValues {
        let mut all = FaultyValues::default();
        values.iter().for_each(|value| all.add(1, *value));
        all
    }

    #[test]
    fn one_way_out_clears_all_of_them() {
        let keys = |values: &[f64]| {
            of(values).clearing(&[]).map(|keys| (nodata_text(&keys.nodata), keys.clamp_below))
        };
        assert_eq!(keys(&[-0.002, -1e-5]), Some(("[]".into(), Some(0.005))));
        assert_eq!(keys(&[-0.05]), Some(("[]".into(), Some(0.1))));
        assert_eq!(keys(&[-99999.0, -99999.0]), Some(("-99999".into(), None)));
        assert_eq!(keys(&[-99999.0, -0.01]), Some(("-99999".into(), Some(0.02))));
        assert_eq!(keys(&[f64::INFINITY]), Some(("inf".into(), None)));
        assert_eq!(keys(&[-1.0, -2.0]), None);
    }

    #[test]
    fn values_that_are_declared_are_kept_beside() {
        let hint = of(&[-2.0]).hint(&[-1.0]);
        assert!(hint.contains("`,nodata=[-1,-2]` behind"), "{hint}");
    }

    #[test]
    fn parts_put_together_are_the_whole() {
        let mut both = of(&[-3.0, -0.01]);
        both.add_all(&of(&[-0.02, 1e12]));
        assert_eq!(both, of(&[-3.0, -0.01, -0.02, 1e12]));
        assert_eq!((both.cells, both.smallest), (4, -3.0));
    }
}
