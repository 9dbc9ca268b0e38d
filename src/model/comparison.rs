//! Courses of action side by side: which exposes fewest, and how surely.

use super::{Coa, Mapped};
use crate::error::Called;

/// Options side by side.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The options, in input order.
    pub options: Vec<Compared>,
    /// Areas that are counted in none of them, or at no hours.
    pub unclear: Unclear,
    /// Each pair of options that can be told apart at all, by their places, the first before the second.
    pub pairs: Vec<Pair>,
    /// Whether the order of options hangs on how dimensions are put together.
    pub other_ways: Vec<OtherWay>,
    /// How many draws were made.
    pub draws: u32,
    /// What they follow from.
    pub seed: u64,
    /// The names of the population sources that draws choose from.
    pub sources: Vec<String>,
    /// Those that are left out, since some option has no number from them.
    pub sources_left_out: Vec<String>,
}

/// Areas of which it is not clear where they belong; their ids are their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unclear {
    /// Those that belong to no option, so that nobody in them is counted.
    pub of_none: Vec<Called>,
    /// Those whose hours cannot be told, so that they are taken to be used by day.
    pub hours: Vec<Called>,
}

impl Comparison {
    /// Whether some class of civilian sites is mapped in some option; without one vulnerable people, sites and
    /// dependants are not known.
    #[must_use]
    pub fn has_sites(&self) -> bool {
        let rows = self.options.iter().map(|option| &option.coa.whole.row);
        let mut sites = rows.filter_map(|row| row.sites.as_ref());
        sites.any(|sites| sites.mapped.iter().any(|of| *of != Mapped::Nothing))
    }

    /// How many options are ranked.
    #[must_use]
    pub fn ranked(&self) -> usize {
        self.options.iter().filter(|option| option.not_ranked.is_none()).count()
    }
}

/// One option.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The option.
    pub coa: Coa,
    /// Why it is not ranked.
    pub not_ranked: Option<NotRanked>,
    /// The ranked options that it cannot be put before, by place: people may be missing here.
    pub less_known_than: Vec<usize>,
    /// Options that expose no more by any criterion and less by one, by place.
    pub dominated_by: Vec<Dominance>,
    /// b: in which share of all draws it has rank 1 (fewest exposed), 2 and so on, among those that are ranked;
    /// empty if it is not.
    pub acceptability: Vec<f64>,
    /// Its rank by the best score; options with the same score share the mean of their ranks.
    pub rank: Option<f64>,
}

/// Why an option is not ranked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NotRanked {
    /// Nobody knows its people.
    NoPeople,
    /// So large a share of its surface has no population data, too much to tell.
    TooLittleData(f64),
    /// None of its areas has a usable polygon, or they cannot be taken together.
    NoFootprint,
}

/// What makes an option the worse one by every criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dominance {
    /// The other option, by place.
    pub by: usize,
    /// Whether under every source of people that tells of both, or under the primary but not all of them.
    pub under_every_source: bool,
}

/// Two options.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The first, by place.
    pub one: usize,
    /// The second, by place.
    pub two: usize,
    /// In which share of all draws the first exposes fewer; ties count one half.
    pub one_less: f64,
    /// What can be said.
    pub verdict: Verdict,
}

impl Pair {
    /// The one that exposes fewer in more draws, the other, and in which share of them.
    #[must_use]
    pub fn less_first(&self) -> (usize, usize, f64) {
        if self.one_less >= 0.5 {
            (self.one, self.two, self.one_less)
        } else {
            (self.two, self.one, 1.0 - self.one_less)
        }
    }

    /// Whether it is about these two options.
    #[must_use]
    pub fn is_of(&self, a: usize, b: usize) -> bool {
        (self.one, self.two) == (a, b) || (self.one, self.two) == (b, a)
    }
}

/// What can be said of which of two options exposes fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing: in the one that exposes fewer by what is known, people may be missing.
    Withheld,
    /// They cannot be told apart.
    Indistinguishable,
    /// In 65 of 100 draws or more.
    Leaning,
    /// In 80 or more.
    Likely,
    /// In 95 or more.
    Robust,
}

impl Verdict {
    /// Its word in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Withheld => "withheld",
            Self::Indistinguishable => "indistinguishable",
            Self::Leaning => "leaning",
            Self::Likely => "likely",
            Self::Robust => "robust",
        }
    }
}

/// The ranks of options where dimensions are put together in another way.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherWay {
    /// Its name.
    pub name: &'static str,
    /// The score of each option, in points; `None` if it is not ranked.
    pub scores: Vec<Option<f64>>,
    /// The rank of each option.
    pub ranks: Vec<Option<f64>>,
    /// By how many ranks options move, on average.
    pub mean_shift: f64,
}
