//! Values of cells that are no number of people, and the one way out that clears all of them.
//!
//! Resampling leaves small negative numbers around zero, each another one: `clamp_below` clears these. A value
//! that many cells share is a nodata value that nobody declared: `nodata` clears it. Other values have no key:
//! the raster itself is spoiled.

use super::number_text;

/// Negative values nearer to zero than this are noise of resampling.
const NOISE: f64 = 0.1;

/// More different values than these are no nodata values that somebody forgot to declare.
const MOST: usize = 3;

/// What faulty cells hold together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaultyValues {
    /// How many cells there are.
    pub cells: u64,
    /// The smallest value.
    pub smallest: f64,
    /// The largest distance from zero among the noise; 0 without any.
    noise: f64,
    /// The different values besides the noise, from the smallest; of more than these the smallest.
    others: [Option<f64>; MOST],
    /// Whether there are more.
    are_many: bool,
    /// Whether any of them is no whole number.
    has_fraction: bool,
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
        Self {
            cells: 0,
            smallest: f64::INFINITY,
            noise: 0.0,
            others: [None; MOST],
            are_many: false,
            has_fraction: false,
        }
    }
}

impl FaultyValues {
    /// Adds cells that hold one value.
    pub fn add(&mut self, cells: u64, value: f64) {
        // Of a raster most faulty cells hold one value.
        if self.others.contains(&Some(value)) {
            self.cells += cells;
            return;
        }
        let is_noise = -NOISE < value && value < 0.0;
        let mut others = [None; MOST];
        if let Some(first) = others.first_mut().filter(|_| !is_noise) {
            *first = Some(value);
        }
        self.add_all(&Self {
            cells,
            smallest: value,
            noise: if is_noise { -value } else { 0.0 },
            others,
            are_many: false,
            has_fraction: !is_noise && value.is_finite() && value.fract() != 0.0,
        });
    }

    /// Adds what other cells hold.
    pub fn add_all(&mut self, other: &Self) {
        self.cells += other.cells;
        self.smallest = self.smallest.min(other.smallest);
        self.noise = self.noise.max(other.noise);
        let mut values: Vec<f64> = self.others().chain(other.others()).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        self.are_many |= other.are_many || values.len() > MOST;
        self.has_fraction |= other.has_fraction;
        let mut values = values.into_iter();
        self.others = [(); MOST].map(|()| values.next());
    }

    /// The values besides small negative ones, from the smallest; of many the first few.
    pub fn others(&self) -> impl Iterator<Item = f64> {
        self.others.into_iter().flatten()
    }

    /// The keys that clear all of them, beside the nodata values that the scenario declares already; `None` if no
    /// key does.
    #[must_use]
    pub fn clearing(&self, declared: &[f64]) -> Option<Clearing> {
        let clamp_below = (self.noise > 0.0).then(|| above(self.noise));
        let mut nodata: Vec<f64> = self.others().collect();
        if !nodata.is_empty() {
            nodata.splice(0..0, declared.iter().copied());
        }
        // Several that are no whole numbers are what resampling made of one.
        let are_odd = self.are_many || (self.has_fraction && self.others().count() > 1);
        (!are_odd).then_some(Clearing { nodata, clamp_below })
    }

    /// The way out.
    #[must_use]
    pub fn hint(&self, declared: &[f64]) -> String {
        let Some(Clearing { nodata, clamp_below }) = self.clearing(declared) else {
            return "their values differ, as where a raster was resampled and its nodata value not declared: fetch it \
                    again, or make it again from the original with that value declared"
                .into();
        };
        let values: Vec<String> = self.others().map(number_text).collect();
        let means = if values.len() == 1 { "means" } else { "mean" };
        let value = values.join(" and ");
        let nodata = nodata_text(&nodata);
        let places = "under [[population]]";
        match clamp_below.map(number_text) {
            None => format!(
                "if {value} {means} no data, declare that: `nodata = {nodata}` {places}, or in the table of its group, or \
                 `,nodata={nodata}` behind its path"
            ),
            Some(clamp) if value.is_empty() => format!(
                "resampling leaves such values around zero; take them for zero: `clamp_below = {clamp}` {places}, or \
                 `,clamp_below={clamp}` behind its path"
            ),
            Some(clamp) => format!(
                "if {value} {means} no data and resampling left the others around zero: `nodata = {nodata}` and \
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
        for value in values {
            all.add(1, *value);
        }
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
        assert_eq!(keys(&[-9999.0, -99999.0]), Some(("[-99999,-9999]".into(), None)));
        assert_eq!(keys(&[-1.0, -2.0, -3.0, -4.0]), None);
        assert_eq!(keys(&[-99999.0, -4512.7]), None);
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
