//! Areas: from any vector file, each with its key, its own columns and its polygons as drawn.
//!
//! They come piece by piece, so that a file of any size takes little memory. What only the whole file
//! can tell, whether a key was met before and whether a column is there, is kept on the way.

mod keys;
mod names;
pub(super) mod shape;

use super::batches::{Batch, Opened, refuse_more};
use super::features::{Feature, Features, column, member_bytes, polygons_bytes, text_of};
use super::geojson::Remark;
use super::memory::Room;
use super::place::{Place, Remote};
use super::provenance::record;
use super::{geojson, vector};
use crate::error::{Notice, NoticeKind, Problem, ReadError};
use crate::measure::Reference;
use crate::model::{
    Area, AreaSource, AreasEntry, Drawn, InputRecord, Piece, Role, Shape, Unread, columns,
};
use geo::MultiPolygon;
use keys::Keys;
use names::Names;
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What a row takes until it is written, beside its vertices, in bytes.
const ROW: u64 = 4096;

/// The areas of a file.
#[derive(Debug, Clone)]
pub struct Areas {
    /// The file, as written.
    pub file: String,
    /// The reference system their coordinates are in.
    pub reference: Reference,
    /// In the order of the file.
    pub areas: Vec<Area>,
    /// What was faulty.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub notices: Vec<Notice>,
}

/// The areas of a file, which come piece by piece.
pub struct AreaStream {
    /// The file, as written.
    pub file: String,
    /// The reference system their coordinates are in.
    pub reference: Reference,
    maker: Arc<Maker>,
    opened: Opened,
    /// The first piece, read ahead; what it weighs, and its work.
    ahead: Option<(Piece, u64, u64)>,
    keys: Keys,
    names: Names,
    record: Option<InputRecord>,
}

/// Makes areas of features, on any thread.
struct Maker {
    file: String,
    reference: Reference,
    entry: AreasEntry,
    is_assessment: bool,
    /// Which of the columns that the scenario names some feature has, one bit each.
    seen: AtomicU8,
}

/// Opens the areas of a scenario. Polygons are as drawn: whether their rings are valid is decided later.
///
/// # Errors
///
/// If the file or its layer cannot be read, holds no feature, or has no reference system. A faulty
/// feature is a [`Problem`] and keeps its row.
pub fn area_stream(
    entry: &AreasEntry,
    place: &Place,
    remote: Remote,
) -> Result<AreaStream, ReadError> {
    let (opened, record) = rayon::join(
        || vector::open(&place.in_system(entry.crs.as_ref()), entry.layer.as_deref(), remote),
        || record(Role::Areas, place),
    );
    let stream = stream(entry, opened?, &place.written)?;
    Ok(AreaStream { record: Some(record?), ..stream })
}

/// Reads the areas of a scenario, as [`area_stream`] does, all of them.
///
/// # Errors
///
/// As those of [`area_stream`], and what stops reading further on.
pub fn areas(entry: &AreasEntry, place: &Place, remote: Remote) -> Result<Areas, ReadError> {
    let declared = place.in_system(entry.crs.as_ref());
    stream(entry, vector::open(&declared, entry.layer.as_deref(), remote)?, &place.written)?
        .gather()
}

/// Reads areas from the bytes of a GeoJSON file that is called `written`, as [`areas`] does.
///
/// # Errors
///
/// As those of [`areas`].
pub fn areas_in(bytes: &[u8], entry: &AreasEntry, written: &str) -> Result<Areas, ReadError> {
    stream(entry, geojson::in_memory(bytes, written)?.into(), written)?.gather()
}

/// Areas of features that are read already.
pub(super) fn of(entry: &AreasEntry, read: Features, written: &str) -> Result<Areas, ReadError> {
    stream(entry, read.into(), written)?.gather()
}

/// Areas of a file that is open.
fn stream(entry: &AreasEntry, mut opened: Opened, written: &str) -> Result<AreaStream, ReadError> {
    // Where a format says which system it is in, each area that cannot be there says so by itself.
    let Some(reference) = opened.reference.clone().or(opened.implied.clone()) else {
        // What to do about it depends on all coordinates.
        opened.all(written)?.reference_of(written)?;
        return Err(ReadError::unusable(written, "no reference system is declared"));
    };
    super::in_degrees(&reference, written)?;
    let Some(first) = opened.next()? else {
        return Err(ReadError::unusable(written, "it holds no feature, wanted areas"));
    };
    let (weight, work) = (weight(&first), first.work());
    let (features, remarks) = first.read_told()?;
    let is_assessment = opened.is_assessment || looks_like_assessment(&features);
    let maker = Maker {
        file: written.to_string(),
        reference: reference.clone(),
        entry: entry.clone(),
        is_assessment,
        seen: AtomicU8::new(0),
    };
    let is_all = features.len() as u64 == opened.count;
    let mut piece = maker.piece(0, features, remarks);
    let names = Names::of(&piece, is_all);
    if let (true, Some(first)) = (is_assessment, piece.areas.first_mut()) {
        let text = "an assessment; its columns are left out and made anew";
        first.notices.insert(0, Notice::of_file(NoticeKind::OldColumns, written, text));
    }
    if let (Some(remark), Some(first)) = (opened.remark.take(), piece.areas.first_mut()) {
        first.notices.insert(0, Notice::of_file(NoticeKind::EncodingGuessed, written, remark));
    }
    let mut stream = AreaStream {
        file: written.to_string(),
        reference,
        maker: Arc::new(maker),
        opened,
        ahead: Some((piece, weight, work)),
        keys: Keys::default(),
        names,
        record: None,
    };
    if is_all {
        stream.check_columns()?;
    }
    Ok(stream)
}

/// How much memory a batch takes until its rows are written, about.
fn weight(batch: &Batch) -> u64 {
    2 * batch.bytes() + ROW * batch.features()
}

/// How many bytes of memory an area takes, about.
fn bytes(area: &Area) -> u64 {
    let members = area.properties.iter().map(|(key, value)| member_bytes(key, value));
    let ground = match &area.shape {
        Shape::Polygons { polygons, open, .. } => {
            polygons_bytes(polygons) + 16 * open.vertices().count() as u64
        }
        Shape::Open(open) => 16 * open.vertices().count() as u64,
        Shape::Faulty { .. } => 0,
    };
    size_of::<Area>() as u64 + members.sum::<u64>() + ground
}

fn looks_like_assessment(features: &[Feature]) -> bool {
    let marks = ["area_id", "score_low", "band_high", "pop_best"];
    features
        .first()
        .is_some_and(|feature| marks.iter().all(|mark| feature.properties.contains_key(*mark)))
}

impl AreaStream {
    /// Whether they are features one a line, or one alone, without a collection around.
    #[must_use]
    pub const fn is_lines(&self) -> bool {
        self.opened.is_lines
    }

    /// How many areas there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.opened.count
    }

    /// The first areas, as drawn; none once pieces were asked for.
    pub fn sample(&self) -> impl Iterator<Item = &Area> {
        let areas = self.ahead.iter().flat_map(|(piece, ..)| &piece.areas);
        areas.map(|drawn| &drawn.area)
    }

    /// The files that it is read from.
    pub(super) const fn record(&self) -> Option<&InputRecord> {
        self.record.as_ref()
    }

    /// Reads all of them.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, the areas take more than half of the budget, or a named column is in no feature.
    pub fn gather(mut self) -> Result<Areas, ReadError> {
        let (file, reference) = (self.file.clone(), self.reference.clone());
        let (areas, problems, notices) = (Vec::new(), Vec::new(), Vec::new());
        let mut out = Areas { file, reference, areas, problems, notices };
        let room = Room::of(self.opened.budget);
        self.each(&mut |Drawn { area, problems, notices }| {
            if room.keep(bytes(&area)) {
                out.areas.push(area);
                out.problems.extend(problems);
                out.notices.extend(notices);
            } else {
                out.areas = Vec::new();
            }
        })?;
        refuse_more(&room, &self.file, (self.opened.count, self.opened.budget))?;
        Ok(out)
    }

    /// Those of them that it is, in the order of the file.
    ///
    /// # Errors
    ///
    /// What stops reading, and a column that no feature has.
    pub fn find_all(mut self, is_it: impl Fn(&Area) -> bool) -> Result<Vec<Area>, ReadError> {
        let mut found = Vec::new();
        self.each(&mut |drawn| found.extend(is_it(&drawn.area).then_some(drawn.area)))?;
        Ok(found)
    }

    /// Reads all of them on all threads, and gives them in the order of the file.
    pub(super) fn each(&mut self, take: &mut dyn FnMut(Drawn)) -> Result<(), ReadError> {
        let at_once = 4 * rayon::current_num_threads();
        loop {
            let few = std::iter::from_fn(|| self.next().transpose()).take(at_once);
            let unread: Vec<Unread> = few.collect::<Result<_, _>>()?;
            if unread.is_empty() {
                return self.finish();
            }
            let read: Result<Vec<Piece>, _> =
                unread.into_par_iter().map(|piece| (piece.read)()).collect();
            for mut piece in read? {
                self.admit(&mut piece);
                piece.areas.into_iter().for_each(&mut *take);
            }
        }
    }

    /// A column that the scenario names and no feature has is a mistake of the scenario.
    fn check_columns(&mut self) -> Result<(), ReadError> {
        let seen = self.maker.seen.load(Ordering::Relaxed);
        let missing = self.maker.named().find(|(bit, _)| seen & bit == 0);
        let Some((_, wanted)) = missing else { return Ok(()) };
        let has = self.opened.column_names()?;
        let has = if has.is_empty() { "none".to_string() } else { has.join(", ") };
        let found = format!("no column \"{wanted}\"; it has {has}");
        Err(ReadError::unusable(&self.file, found))
    }
}

impl AreaSource for AreaStream {
    fn work(&self) -> u64 {
        self.opened.work
    }

    fn next(&mut self) -> Result<Option<Unread<'static>>, ReadError> {
        if let Some((piece, weight, work)) = self.ahead.take() {
            return Ok(Some(Unread { weight, work, read: Box::new(|| Ok(piece)) }));
        }
        let Some(batch) = self.opened.next()? else { return Ok(None) };
        let (weight, work) = (weight(&batch), batch.work());
        let maker = Arc::clone(&self.maker);
        let read = move || {
            let before = batch.before();
            let (features, remarks) = batch.read_told()?;
            Ok(maker.piece(before, features, remarks))
        };
        Ok(Some(Unread { weight, work, read: Box::new(read) }))
    }

    fn admit(&mut self, piece: &mut Piece) {
        self.keys.admit(&self.file, piece);
        self.names.admit(piece);
    }

    fn finish(&mut self) -> Result<(), ReadError> {
        self.check_columns()
    }
}

impl Maker {
    /// The columns that the scenario names, each with its bit.
    fn named(&self) -> impl Iterator<Item = (u8, &str)> {
        let AreasEntry { id, name, coa, phase, start, end, .. } = &self.entry;
        let named = [id, name, coa, phase, start, end].into_iter().enumerate();
        named.filter_map(|(place, name)| Some((1 << place, name.as_deref()?)))
    }

    /// Features as areas, with what is to be said of them; so many are before them in the file.
    fn piece(&self, before: u64, features: Vec<Feature>, remarks: Vec<Remark>) -> Piece {
        let mut missing: Vec<(u8, &str)> = self.named().collect();
        let mut piece = Piece::default();
        for (place, feature) in (before as usize + 1..).zip(features) {
            missing.retain(|(bit, name)| {
                let is_there = column(&feature.properties, name).is_some();
                if is_there {
                    self.seen.fetch_or(*bit, Ordering::Relaxed);
                }
                !is_there
            });
            let drawn = self.area(place, feature);
            piece.keys.push(keys::digest(&drawn.area, &drawn.area.id));
            piece.areas.push(drawn);
        }
        for (place, text) in remarks {
            if let Some(Drawn { area, notices, .. }) = piece.areas.get_mut(place) {
                notices.push(Notice::of_area(NoticeKind::ValueNotUsed, &area.id, text));
            }
        }
        piece
    }

    /// One feature as an area; what is wrong with it becomes a problem.
    fn area(&self, place: usize, feature: Feature) -> Drawn {
        let Self { entry, is_assessment, .. } = self;
        let Feature { id: member, mut properties, layer, drawn } = feature;
        let id_column = match (&entry.id, is_assessment) {
            (Some(column), _) => column.as_str(),
            (None, true) if properties.contains_key("area_id") => "area_id",
            (None, _) => "id",
        };
        let id = column(&properties, id_column).and_then(|key| text_of(&properties[key]));
        let id = id.or(member).unwrap_or_else(|| place.to_string());
        let mut take = |named: &Option<String>, usual: &str| {
            let key = column(&properties, named.as_deref().unwrap_or(usual))?.to_string();
            // What is no text and not nothing, such as a list, stays a column of the area's own.
            let text = text_of(&properties[&key]);
            if text.is_some() || !matches!(properties[&key], Value::Array(_) | Value::Object(_)) {
                properties.shift_remove(&key);
            }
            text
        };
        let name = take(&entry.name, "name");
        let coa = take(&entry.coa, "coa").or(layer);
        let phase = take(&entry.phase, "phase");
        let (start, end) = (take(&entry.start, "start"), take(&entry.end, "end"));
        let [start, end] = [start, end].map(|time| time.map(vector::as_iso));
        let properties = own_columns(properties, *is_assessment);
        let area = Area {
            feature: place,
            id,
            name,
            coa,
            phase,
            start,
            end,
            properties,
            duplicate: false,
            shares_name: true,
            shape: Shape::drawn(MultiPolygon(Vec::new())),
        };
        let mut out = Drawn { area, problems: Vec::new(), notices: Vec::new() };
        out.area.shape = self.shape(drawn, &mut out);
        out
    }
}

/// The area's own columns: without those of an earlier assessment, clashing names set apart.
fn own_columns(properties: Map<String, Value>, is_assessment: bool) -> Map<String, Value> {
    let ours = columns::every();
    let clashes = |key: &str| ours.contains(key) || columns::is_of_group_or_ring(key);
    let kept: Vec<String> = properties.keys().filter(|key| !clashes(key)).cloned().collect();
    let mut own = Map::with_capacity(properties.len());
    for (key, value) in properties {
        if !clashes(&key) {
            own.insert(key, value);
        } else if !is_assessment {
            let name = format!("input_{key}");
            let numbered = (2..).map(|number| format!("{name}_{number}"));
            let mut names = std::iter::once(name.clone()).chain(numbered);
            let free = names.find(|name| !kept.contains(name));
            own.insert(free.unwrap_or(name), value);
        }
    }
    own
}
