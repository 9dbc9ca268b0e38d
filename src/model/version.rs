//! Versions of an assessment: what was written at two times, and what changed between them.

use super::area_key;
use std::collections::BTreeMap;

/// An assessment as it was written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Version {
    /// Its file, as typed.
    pub file: String,
    /// What its scenario is called.
    pub name: Option<String>,
    /// What its scheme is called.
    pub scheme: Option<String>,
    /// What it follows from as a whole, by name: version of civex, scheme, date, settings.
    pub settings: BTreeMap<String, String>,
    /// Its inputs, in order.
    pub inputs: Vec<VersionInput>,
    /// Its areas, in order.
    pub areas: Vec<VersionArea>,
}

impl Version {
    /// The setting that holds the version of civex.
    pub const CIVEX: &str = "version of civex";
    /// The setting that holds the digest of the scheme.
    pub const SCHEME: &str = "scheme";
    /// The setting that holds the date that ages and expiry refer to.
    pub const DATE: &str = "date";
}

/// One input of a version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VersionInput {
    /// What it is to the scenario: `population`, `sites` …
    pub role: String,
    /// Its name, else that of its file.
    pub name: String,
    /// SHA-256 of its files, in order.
    pub digests: Vec<String>,
    /// The day or year it speaks of, and its settings, by name.
    pub settings: BTreeMap<String, String>,
}

/// What an area of a version is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct AreaKey {
    /// Its course of action.
    pub coa: Option<String>,
    /// Its phase.
    pub phase: Option<String>,
    /// Its id.
    pub id: String,
}

impl AreaKey {
    /// All of it, in one text.
    #[must_use]
    pub fn text(&self) -> String {
        area_key(self.coa.as_deref(), self.phase.as_deref(), &self.id)
    }
}

/// One area of a version.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VersionArea {
    /// What it is known by.
    pub key: AreaKey,
    /// SHA-256 of its geometry, however it is spaced.
    pub geometry: String,
    /// Its columns, in order.
    pub columns: Vec<(String, Value)>,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not known, or not there.
    Unknown,
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// What changed from one version to another.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// What the whole follows from: which, then and now.
    pub settings: Vec<(String, Option<String>, Option<String>)>,
    /// Inputs, in the order of the later version.
    pub inputs: Vec<InputChange>,
    /// The keys of areas that only the later version has.
    pub added: Vec<AreaKey>,
    /// The keys of areas that only the earlier version has.
    pub gone: Vec<AreaKey>,
    /// Areas of which something changed, in the order of the later version.
    pub areas: Vec<AreaChange>,
    /// How many areas are the same in both.
    pub same: usize,
}

impl Changes {
    /// Whether nothing changed.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        let is_of_inputs = !self.settings.is_empty() || !self.inputs.is_empty();
        let come_or_gone = !self.added.is_empty() || !self.gone.is_empty();
        !is_of_inputs && !come_or_gone && self.areas.is_empty()
    }
}

/// What changed of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputChange {
    /// What it is to the scenario.
    pub role: String,
    /// Its name.
    pub name: String,
    /// What of it.
    pub what: WhatOfInput,
}

/// What of an input changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhatOfInput {
    /// It came.
    Added,
    /// It went.
    Gone,
    /// The bytes of its files.
    Content,
    /// Its name alone, of files with the same bytes: what it was.
    Name(String),
    /// A setting: which, then and now.
    Setting(String, Option<String>, Option<String>),
}

/// What changed of an area.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaChange {
    /// What it is known by.
    pub key: AreaKey,
    /// Whether it covers other ground.
    pub is_redrawn: bool,
    /// Whether it is used at other times.
    pub is_retimed: bool,
    /// Its columns that changed.
    pub columns: Vec<ColumnChange>,
    /// By how many points each dimension changed the score; `None` where that is not known.
    pub by_dimension: [Option<f64>; 4],
    /// Everything that changed and can have acted on its best numbers; where none of these changed, on any.
    pub causes: Vec<Cause>,
}

/// What changed of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnChange {
    /// Which.
    pub column: String,
    /// Its value then.
    pub then: Value,
    /// Its value now.
    pub now: Value,
    /// Everything that changed and can have acted on it.
    pub causes: Vec<Cause>,
}

/// What can change a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The area was drawn otherwise.
    Redrawn,
    /// It is used at other times.
    Retimed,
    /// An input changed: its role and name.
    Input(String, String),
    /// A setting of the whole changed, by name.
    Setting(String),
}
