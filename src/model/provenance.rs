//! Provenance: what a result was made from.

use super::Losses;
use std::path::PathBuf;

/// What an input is to a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The scenario itself.
    Scenario,
    /// The scheme.
    Scheme,
    /// The areas.
    Areas,
    /// A population raster.
    Population,
    /// A sites layer.
    Sites,
    /// Rules for the tags of a sites layer.
    Rules,
    /// The ground that a sites layer covers.
    Covers,
    /// Answers about sites.
    Answers,
    /// Which site feeds which.
    Links,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Scenario,
        Self::Scheme,
        Self::Areas,
        Self::Population,
        Self::Sites,
        Self::Rules,
        Self::Covers,
        Self::Answers,
        Self::Links,
    ];

    /// Its word in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Scheme => "scheme",
            Self::Areas => "areas",
            Self::Population => "population",
            Self::Sites => "sites",
            Self::Rules => "rules",
            Self::Covers => "covers",
            Self::Answers => "answers",
            Self::Links => "links",
        }
    }
}

/// One file of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest {
    /// Its name, without folders.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// One input of a result.
#[derive(Debug, Clone)]
pub struct InputRecord {
    /// What it is to the scenario.
    pub role: Role,
    /// Its name in the scenario.
    pub name: Option<String>,
    /// Its path, as written.
    pub path: String,
    /// Its path, as looked for.
    pub resolved: PathBuf,
    /// Its files: the one named first, then those that belong to it.
    pub files: Vec<FileDigest>,
    /// The day or year it speaks of.
    pub date: Option<String>,
    /// How old that is on the day that ages refer to, in years.
    pub age_years: Option<f64>,
    /// Its licence.
    pub licence: Option<String>,
    /// Its source.
    pub attribution: Option<String>,
    /// Settings that can change a number, as key and value.
    pub settings: Vec<(&'static str, String)>,
    /// Features of a sites layer that were lost; `None` for other inputs, and until it is read.
    pub losses: Option<Losses>,
}

/// What a result was made from.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// What the scenario is called.
    pub name: String,
    /// The day that ages and expiry refer to.
    pub date: Option<String>,
    /// Name and digest of the scheme.
    pub scheme: (String, String),
    /// Every input, the scenario's file first if there is one.
    pub inputs: Vec<InputRecord>,
    /// Settings of the whole that can change a number, as key and value.
    pub settings: Vec<(&'static str, String)>,
}
