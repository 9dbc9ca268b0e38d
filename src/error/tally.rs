//! A tally: the first notices or problems of each kind, and how many of it there are.

use super::{Notice, Problem, grouped};
use std::collections::BTreeMap;
use std::fmt::Display;

/// What comes in kinds.
pub trait OfKind {
    /// The word for its kind.
    fn word(&self) -> &'static str;
}

impl OfKind for Notice {
    fn word(&self) -> &'static str {
        self.kind.name()
    }
}

impl OfKind for Problem {
    fn word(&self) -> &'static str {
        self.kind()
    }
}

/// The first of each kind, and how many there are: what a run of any length may remember.
#[derive(Debug, Clone)]
pub struct Tally<T> {
    most: u64,
    kept: Vec<T>,
    counts: BTreeMap<&'static str, u64>,
}

impl<T: OfKind> Tally<T> {
    /// Keeps so many of each kind.
    #[must_use]
    pub const fn new(most: u64) -> Self {
        Self { most, kept: Vec::new(), counts: BTreeMap::new() }
    }

    /// Adds one behind the others.
    pub fn push(&mut self, one: T) {
        let count = self.counts.entry(one.word()).or_default();
        *count += 1;
        if *count <= self.most {
            self.kept.push(one);
        }
    }

    /// Adds all of another behind the others.
    pub fn append(&mut self, mut other: Self) {
        for one in other.kept {
            if let Some(count) = other.counts.get_mut(one.word()) {
                *count -= 1;
            }
            self.push(one);
        }
        for (kind, more) in other.counts {
            *self.counts.entry(kind).or_default() += more;
        }
    }

    /// Leaves out those that do not hold; such kinds as a whole, so that the counts stay right.
    pub fn retain_kinds(&mut self, holds: impl Fn(&str) -> bool) {
        self.kept.retain(|one| holds(one.word()));
        self.counts.retain(|kind, _| holds(kind));
    }

    /// The first in sentences, and how many more there are.
    #[must_use]
    pub fn sentences(&self, most: usize) -> Vec<String>
    where
        T: Display,
    {
        let mut all: Vec<String> = self.kept.iter().take(most).map(ToString::to_string).collect();
        let more = self.count().saturating_sub(all.len() as u64);
        all.extend((more > 0).then(|| format!("and {} more", grouped(more))));
        all
    }

    /// Those that were kept, in their order.
    #[must_use]
    pub fn kept(&self) -> &[T] {
        &self.kept
    }

    /// Those that were kept.
    #[must_use]
    pub fn into_kept(self) -> Vec<T> {
        self.kept
    }

    /// How many there are of each kind.
    #[must_use]
    pub const fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }
}

impl<T: OfKind> Extend<T> for Tally<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, more: I) {
        more.into_iter().for_each(|one| self.push(one));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::NoticeKind;

    #[test]
    fn tallies_put_together_are_the_tally_of_all() {
        let notice = |number: usize| {
            let kind = NoticeKind::ALL[number * number % 3];
            Notice::of_file(kind, "file", number)
        };
        let of = |numbers: std::ops::Range<usize>| {
            let mut tally = Tally::new(4);
            tally.extend(numbers.map(notice));
            tally
        };
        for cut in 0..30 {
            let mut both = of(0..cut);
            both.append(of(cut..30));
            assert_eq!(both.kept(), of(0..30).kept());
            assert_eq!(both.counts(), of(0..30).counts());
            assert_eq!(both.count(), 30);
        }
    }
}
