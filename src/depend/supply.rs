//! Supply links: a substation feeds a pump, which feeds a hospital. What stands still when some of them do.

use crate::model::Link;
use std::collections::{BTreeMap, BinaryHeap};

/// Which site feeds which, and how much of what it gives depends on that.
#[derive(Debug, Default)]
pub struct Supply {
    /// By the place of the site that feeds: the sites that it feeds, each with θ.
    feeds: BTreeMap<usize, Vec<(usize, f64)>>,
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
    #[must_use]
    pub fn new(links: &[Link]) -> Self {
        let mut feeds: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
        for Link { from, to, theta } in links {
            feeds.entry(*from).or_default().push((*to, *theta));
        }
        Self { feeds }
    }

    /// Whether nothing feeds anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.feeds.is_empty()
    }

    /// r of the sites that some sites feed and that are not among them, over one step or many, ascending by
    /// place. Only sites that `is_there` holds for take part.
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
    pub fn reach(&self, from: &[usize], is_there: impl Fn(usize) -> bool) -> Vec<(usize, f64)> {
        let mut settled: BTreeMap<usize, f64> = BTreeMap::new();
        let begun = from.iter().filter(|site| self.feeds.contains_key(site) && is_there(**site));
        let mut next: BinaryHeap<Reached> = begun.map(|site| Reached(1.0, *site)).collect();
        while let Some(Reached(r, site)) = next.pop() {
            if settled.contains_key(&site) {
                continue;
            }
            settled.insert(site, r);
            for (to, theta) in self.feeds.get(&site).into_iter().flatten() {
                if *theta > 0.0 && !settled.contains_key(to) && is_there(*to) {
                    next.push(Reached(r * theta, *to));
                }
            }
        }
        settled.retain(|site, _| from.binary_search(site).is_err());
        settled.into_iter().collect()
    }
}
