//! Sites of an OpenStreetMap extract, of which only what some rule wants is read.

use super::super::pbf;
use super::draft::{Draft, is_place};
use super::heads::is_name;
use super::tags::Held;
use super::way::{Untold, Way, tell_tags, told};
use super::{Found, Reading};
use crate::error::{Notice, NoticeKind, ReadError, counted};
use crate::model::Progress;
use serde_json::{Map, Value};

/// Tags that say something of a site beside its class.
const SAID: [&str; 11] = [
    "name",
    "beds",
    "capacity:beds",
    "capacity",
    "capacity:persons",
    "occupancy",
    "confidence",
    "in_raster",
    "observed_on",
    "check_date",
    "expires_on",
];

impl Reading<'_> {
    /// Reads the objects of an extract that are of some class.
    pub(super) fn extract(&mut self, progress: &dyn Progress) -> Result<Found, ReadError> {
        let files = self.files;
        let (entry, place, written) = (&files.entry, &files.place, &files.place.written);
        if let Some(layer) = &entry.layer {
            let found = format!("`layer` is \"{layer}\", and an extract of OpenStreetMap has none");
            return Err(ReadError::unusable_hint(
                written,
                found,
                "leave it out: all of it is read",
            ));
        }
        let way = Way::of(entry, files.rules.as_ref(), true)?;
        let length = std::fs::metadata(&place.resolved).map_or(0, |metadata| metadata.len());
        progress.stage("reading sites", 2 * length);
        let tell = |tags: &[(&str, &str)]| -> Result<(Draft, u64), Untold> {
            let told = match &way {
                Way::Tags(rules) => tell_tags(rules, tags)?,
                Way::One(class) => told(*class, "layer"),
                Way::Column { .. } => {
                    way.tell(&properties(tags, |_| true), &mut Held::default())?
                }
            };
            let is_wanted = |key: &str| SAID.contains(&key) || is_name(key) || is_place(key);
            let said = properties(tags, is_wanted);
            // A value that cannot be used is kept to be told.
            let texts = said.values().filter_map(Value::as_str).map(str::len).sum::<usize>();
            let bytes = 4 * (told.rule.len() + texts);
            Ok((Draft::of(told, &said), bytes as u64))
        };
        let read = pbf::extract(place, &tell, &|bytes| progress.advance(bytes))?;
        let mapped = way.classes(None, &Held::default(), "");
        let mut found = Found { mapped, has_column: true, total: read.total, ..Found::default() };
        for (why, count) in read.unused {
            found.turn_away(why, count);
        }
        for (kind, count) in read.shapeless {
            found.leave_out(format!("a relation of type {kind} has no geometry of its own"), count);
        }
        let worker = self.worker()?;
        for (at, object) in read.found.into_iter().enumerate() {
            worker.finish(object.told, (Some(object.id), at + 1), object.drawn, &mut found);
        }
        let said =
            read.said.map(|said| Notice::of_file(NoticeKind::GeometryLeftOut, written, said));
        found.notices.extend(said);
        if read.incomplete > 0 {
            let text = format!(
                "{} cut off at the border of the extract, drawn from what is there",
                counted(read.incomplete, "object")
            );
            found.notices.push(Notice::of_file(NoticeKind::GeometryLeftOut, written, text));
        }
        Ok(found)
    }
}

/// Tags as properties, those of some keys.
fn properties(tags: &[(&str, &str)], is_wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    let wanted = tags.iter().filter(|(key, _)| is_wanted(key));
    wanted.map(|(key, value)| ((*key).to_string(), Value::from(*value))).collect()
}
