//! Features as they come: batch by batch, in the order of their file, whatever its format.

use super::features::{Feature, Features, is_projected};
use super::geojson::Remark;
use super::memory::Room;
use super::place::Place;
use super::{geojson, geopackage, table, vector};
use crate::error::{Large, ReadError};
use crate::measure::Reference;
use crate::model::Budget;
use rayon::prelude::*;

/// So many names of columns are told.
const MOST_NAMES: usize = 20;

/// A vector file whose features are still to be read.
pub(super) struct Opened {
    /// Their reference system, if the file tells.
    pub(super) reference: Option<Reference>,
    /// Whether the file is an assessment of ours.
    pub(super) is_assessment: bool,
    /// Whether it is features one behind the other.
    pub(super) is_lines: bool,
    /// Whether its properties are tags of OpenStreetMap, whoever asks.
    pub(super) is_osm: bool,
    /// How many features it has.
    pub(super) count: u64,
    /// What tells how far reading has come: bytes of a text, features of anything else.
    pub(super) work: u64,
    /// What is to be said of how it was read.
    pub(super) remark: Option<String>,
    /// The system of its format, of a file that names none.
    pub(super) implied: Option<Reference>,
    /// The classes that a register of ours maps, by name.
    pub(super) mapped: Vec<String>,
    /// What may be kept of it.
    pub(super) budget: Budget,
    batches: Batches,
}

/// Where batches come from.
enum Batches {
    Text(geojson::Collection),
    Table(table::Table),
    Layers(Box<vector::Layers>),
    Rows(geopackage::Table),
    /// Read already.
    Given(Given),
}

/// Features that are read already.
struct Given {
    left: std::vec::IntoIter<Feature>,
    before: u64,
    /// The first names of columns.
    names: Vec<String>,
}

/// So many features that were read already are a batch.
const AT_ONCE: usize = 512;

/// Features that follow each other, and how many are before them in the file.
pub(super) enum Batch {
    Text(geojson::Unread),
    Table(table::Unread),
    Rows(geopackage::Unread),
    Read { before: u64, features: Vec<Feature> },
}

impl From<geojson::Collection> for Opened {
    fn from(text: geojson::Collection) -> Self {
        Self {
            reference: text.reference.clone(),
            is_assessment: text.is_assessment,
            is_lines: text.is_lines,
            is_osm: false,
            count: text.count,
            work: text.bytes,
            remark: text.remark.clone(),
            implied: text.reference.clone().filter(|_| text.is_implied),
            mapped: text.mapped.clone(),
            budget: Budget::UNLIMITED,
            batches: Batches::Text(text),
        }
    }
}

impl From<table::Table> for Opened {
    fn from(mut table: table::Table) -> Self {
        Self {
            reference: table.reference.clone(),
            is_assessment: false,
            is_lines: false,
            is_osm: false,
            count: table.count,
            work: table.count,
            remark: table.remark.take(),
            implied: None,
            mapped: Vec::new(),
            budget: Budget::UNLIMITED,
            batches: Batches::Table(table),
        }
    }
}

impl From<vector::Layers> for Opened {
    fn from(mut layers: vector::Layers) -> Self {
        Self {
            reference: layers.reference.clone(),
            is_assessment: false,
            is_lines: false,
            is_osm: false,
            count: layers.count,
            work: layers.count,
            remark: layers.remark.take(),
            implied: None,
            mapped: Vec::new(),
            budget: Budget::UNLIMITED,
            batches: match layers.rows() {
                Some(rows) => Batches::Rows(rows),
                None => Batches::Layers(Box::new(layers)),
            },
        }
    }
}

impl From<Features> for Opened {
    fn from(features: Features) -> Self {
        let names = features.column_names(MOST_NAMES).into_iter().map(ToString::to_string);
        let names = names.collect();
        let Features { reference, rows, is_assessment, remark } = features;
        let count = rows.len() as u64;
        let batches = Batches::Given(Given { left: rows.into_iter(), before: 0, names });
        let mapped = Vec::new();
        Self {
            reference,
            is_assessment,
            is_lines: false,
            is_osm: false,
            count,
            work: count,
            remark,
            implied: None,
            mapped,
            budget: Budget::UNLIMITED,
            batches,
        }
    }
}

impl Opened {
    /// The same where no feature need have a place.
    pub(super) fn placeless(mut self) -> Self {
        if let Batches::Layers(layers) = &mut self.batches {
            layers.may_be_placeless();
        }
        self
    }

    /// The same of which no more is kept than the budget of its place allows.
    pub(super) fn within(mut self, place: &Place) -> Self {
        self.budget = place.budget;
        self
    }

    /// The same, whose properties are tags of OpenStreetMap.
    pub(super) fn osm(mut self) -> Self {
        self.is_osm = true;
        self
    }

    /// The same, whose reference system is the one of its format.
    pub(super) fn implied(mut self) -> Self {
        self.implied.clone_from(&self.reference);
        self
    }

    /// Whether its first features show that its coordinates are no degrees, if its format alone says that they are.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub(super) fn is_projected(&mut self) -> Result<bool, ReadError> {
        match &mut self.batches {
            _ if self.implied.is_none() => Ok(false),
            Batches::Text(text) => {
                let first = text.next().map(geojson::Unread::read).transpose()?;
                text.rewind();
                Ok(first.is_some_and(|(features, _)| is_projected(&features)))
            }
            Batches::Given(given) => Ok(is_projected(given.left.as_slice())),
            _ => Ok(false),
        }
    }

    /// The next batch; `None` behind the last.
    ///
    /// # Errors
    ///
    /// If the file cannot be read any further, or at its end, if nothing in a table within an archive
    /// had a place.
    pub(super) fn next(&mut self) -> Result<Option<Batch>, ReadError> {
        match &mut self.batches {
            Batches::Text(text) => Ok(text.next().map(Batch::Text)),
            Batches::Table(table) => Ok(table.next().map(Batch::Table)),
            Batches::Layers(layers) => layers.next(),
            Batches::Rows(rows) => Ok(rows.next().map(Batch::Rows)),
            Batches::Given(given) => {
                let before = given.before;
                let features: Vec<Feature> = given.left.by_ref().take(AT_ONCE).collect();
                given.before += features.len() as u64;
                Ok((!features.is_empty()).then_some(Batch::Read { before, features }))
            }
        }
    }

    /// The names of all columns that its features can have, if the format tells.
    pub(super) fn columns(&self) -> Option<Vec<String>> {
        match &self.batches {
            Batches::Table(table) => Some(table.columns().map(ToString::to_string).collect()),
            Batches::Rows(rows) => Some(rows.columns().map(ToString::to_string).collect()),
            Batches::Layers(layers) => Some(layers.columns.clone()),
            Batches::Text(_) | Batches::Given(..) => None,
        }
    }

    /// The names of its columns, in the order they are met, twenty at most. A text is read again.
    ///
    /// # Errors
    ///
    /// If it cannot be read again.
    pub(super) fn column_names(&mut self) -> Result<Vec<String>, ReadError> {
        match &mut self.batches {
            Batches::Given(given) => Ok(given.names.clone()),
            Batches::Table(table) => {
                Ok(table.columns().take(MOST_NAMES).map(ToString::to_string).collect())
            }
            Batches::Rows(rows) => {
                Ok(rows.columns().take(MOST_NAMES).map(ToString::to_string).collect())
            }
            Batches::Layers(layers) => {
                Ok(layers.columns.iter().take(MOST_NAMES).cloned().collect())
            }
            Batches::Text(text) => {
                text.rewind();
                let mut names: Vec<String> = Vec::new();
                while let Some(unread) = text.next().filter(|_| names.len() < MOST_NAMES) {
                    add_names(&unread.read()?.0, &mut names);
                }
                Ok(names)
            }
        }
    }

    /// All features, read on all threads; `written` is what the file is called.
    ///
    /// # Errors
    ///
    /// The first that stops reading, or that they take more than half of the budget.
    pub(super) fn all(mut self, written: &str) -> Result<Features, ReadError> {
        let mut rows = Vec::new();
        let room = Room::of(self.budget);
        let at_once = rayon::current_num_threads();
        loop {
            let few = std::iter::from_fn(|| self.next().transpose()).take(at_once);
            let batches: Vec<Batch> = few.collect::<Result<_, _>>()?;
            if batches.is_empty() {
                break;
            }
            let read: Result<Vec<_>, _> = batches.into_par_iter().map(Batch::read).collect();
            for features in read? {
                if room.keep(features.iter().map(Feature::bytes).sum()) {
                    rows.extend(features);
                } else {
                    // The rest is counted, so that what all of it needs can be told.
                    rows = Vec::new();
                }
            }
        }
        let Self { reference, is_assessment, remark, budget, count, .. } = self;
        refuse_more(&room, written, (count, budget))?;
        Ok(Features { reference, rows, is_assessment, remark })
    }
}

/// Refuses so many features that there was no room for.
pub(super) fn refuse_more(
    room: &Room,
    written: &str,
    (count, budget): (u64, Budget),
) -> Result<(), ReadError> {
    let Some(needed) = room.needed() else { return Ok(()) };
    let (path, what) = (written.to_string(), Large::Features(count));
    Err(ReadError::TooLarge { path, what, needed, budget: budget.bytes })
}

/// Adds the names of columns that are not among those met before, up to the most.
fn add_names(features: &[Feature], names: &mut Vec<String>) {
    for key in features.iter().flat_map(|feature| feature.properties.keys()) {
        if names.len() < MOST_NAMES && !names.contains(key) {
            names.push(key.clone());
        }
    }
}

impl Batch {
    /// How many features are before it.
    pub(super) const fn before(&self) -> u64 {
        match self {
            Self::Text(text) => text.before(),
            Self::Table(rows) => rows.before(),
            Self::Rows(rows) => rows.before(),
            Self::Read { before, .. } => *before,
        }
    }

    /// How many features it has.
    pub(super) const fn features(&self) -> u64 {
        match self {
            Self::Text(text) => text.features(),
            Self::Table(rows) => rows.features(),
            Self::Rows(rows) => rows.features(),
            Self::Read { features, .. } => features.len() as u64,
        }
    }

    /// How many bytes its geometries take, about.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            // What is made of a text takes several times its bytes.
            Self::Text(text) => text.bytes().saturating_mul(4),
            Self::Table(rows) => rows.bytes(),
            Self::Rows(rows) => rows.bytes(),
            Self::Read { features, .. } => 16 * features.iter().map(Feature::vertices).sum::<u64>(),
        }
    }

    /// What part it is of the work.
    pub(super) const fn work(&self) -> u64 {
        match self {
            Self::Text(text) => text.bytes(),
            Self::Table(_) | Self::Rows(_) | Self::Read { .. } => self.features(),
        }
    }

    /// Reads it, on any thread.
    ///
    /// # Errors
    ///
    /// If the file cannot be read there.
    pub(super) fn read(self) -> Result<Vec<Feature>, ReadError> {
        Ok(self.read_told()?.0)
    }

    /// Reads it; also what is to be said of features, each by its place among these.
    ///
    /// # Errors
    ///
    /// If the file cannot be read there.
    pub(super) fn read_told(self) -> Result<(Vec<Feature>, Vec<Remark>), ReadError> {
        let features = match self {
            Self::Text(text) => return text.read(),
            Self::Table(rows) => rows.read()?,
            Self::Rows(rows) => rows.read()?,
            Self::Read { features, .. } => features,
        };
        Ok((features, Vec::new()))
    }
}
