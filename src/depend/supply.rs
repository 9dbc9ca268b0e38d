//! Supply links: a substation feeds a pump, which feeds a hospital. What stands still when some of them do.

use crate::measure::significant;
use crate::model::Link;
use std::collections::{BTreeMap, BinaryHeap};

/// Which site feeds which, and how much of what it gives depends on that.
#[derive(Debug, Default)]
pub struct Supply {
    /// By the place of the site that feeds.
    feeds: BTreeMap<usize, Vec<Feeds>>,
}

/// A site that is fed.
#[derive(Debug)]
struct Feeds {
    to: usize,
    /// θ, in one digit.
    theta: f64,
    is_restricted: bool,
}

/// A site and how much of it depends on what was begun with.
#[derive(PartialEq)]
struct Reached(f64, usize);

impl Eq for Reached {}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reached {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}

impl Supply {
    /// Of links, each with θ in 0..=1.
    ///
    /// θ counts in one digit, so that no sum, and no difference or ratio of sums, tells more of it.
    #[must_use]
    pub fn new(links: &[Link]) -> Self {
        let mut feeds: BTreeMap<usize, Vec<Feeds>> = BTreeMap::new();
        for Link { from, to, theta, is_restricted } in links {
            let theta = significant(*theta, 1);
            let fed = Feeds { to: *to, theta, is_restricted: *is_restricted };
            feeds.entry(*from).or_default().push(fed);
        }
        Self { feeds }
    }

    /// Whether nothing feeds anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.feeds.is_empty()
    }

    /// r of the sites that some sites feed and that are not among them, over one step or many, ascending by
    /// place. Only sites that `is_there` holds for take part, and restricted links of those that `is_told` holds
    /// for.
    ///
    /// # Formula
    ///
    /// ```text
    /// r_i = 1 for the sites begun with, else the least fixed point of r_i = max_j θ_ij · r_j
    /// ```
    ///
    /// θ is at most 1, so the largest r is settled first, and links may run in circles.
    ///
    /// # Source
    ///
    /// METHOD §1.
    #[must_use]
    pub fn reach(
        &self,
        from: &[usize],
        is_there: impl Fn(usize) -> bool,
        is_told: impl Fn(usize) -> bool,
    ) -> Vec<(usize, f64)> {
        let mut settled: BTreeMap<usize, f64> = BTreeMap::new();
        let begun = from.iter().filter(|site| self.feeds.contains_key(site) && is_there(**site));
        let mut next: BinaryHeap<Reached> = begun.map(|site| Reached(1.0, *site)).collect();
        while let Some(Reached(r, site)) = next.pop() {
            if settled.contains_key(&site) {
                continue;
            }
            settled.insert(site, r);
            for Feeds { to, theta, is_restricted } in self.feeds.get(&site).into_iter().flatten() {
                let acts = *theta > 0.0 && (!is_restricted || is_told(site));
                if acts && !settled.contains_key(to) && is_there(*to) {
                    next.push(Reached(r * theta, *to));
                }
            }
        }
        settled.retain(|site, _| from.binary_search(site).is_err());
        settled.into_iter().collect()
    }
}
