//! Keys of areas: course of action, phase and id, by which a second area of the same key is found.

use crate::error::{Notice, NoticeKind, Problem};
use crate::model::{Area, Drawn, Piece};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The keys met so far: of each a digest, where it was met first, and how often. An area takes some 40
/// bytes, whatever it is called; no two keys of a file of any size have the same 128 bits.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<u128, (u32, u32)>);

/// The digest of a key, by an id that may be another than the area's.
pub(super) fn digest(area: &Area, id: &str) -> u128 {
    let mut hasher = Sha256::new();
    for part in [area.coa.as_deref(), area.phase.as_deref(), Some(id)] {
        hasher.update(part.map_or(0, |part| part.len() as u64 + 1).to_le_bytes());
        hasher.update(part.unwrap_or_default());
    }
    let bytes = hasher.finalize();
    bytes.iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte))
}

impl Keys {
    /// Gives the second of two areas with one key an id of its own.
    pub(super) fn admit(&mut self, file: &str, piece: &mut Piece) {
        for (drawn, key) in piece.areas.iter_mut().zip(&piece.keys) {
            let place = u32::try_from(drawn.area.feature).unwrap_or(u32::MAX);
            let (first, times) = match self.0.entry(*key) {
                Entry::Vacant(free) => {
                    free.insert((place, 1));
                    continue;
                }
                Entry::Occupied(mut taken) => {
                    taken.get_mut().1 += 1;
                    *taken.get()
                }
            };
            let id = self.free(&drawn.area, times, place);
            rename(file, drawn, id, first as usize);
        }
    }

    /// An id with a number behind it that no area has; one may be called `A~2` by its owner.
    fn free(&mut self, area: &Area, mut times: u32, place: u32) -> String {
        loop {
            let id = format!("{}~{times}", area.id);
            if let Entry::Vacant(free) = self.0.entry(digest(area, &id)) {
                free.insert((place, 1));
                return id;
            }
            times += 1;
        }
    }
}

/// Gives an area another id and says so.
fn rename(file: &str, drawn: &mut Drawn, id: String, first: usize) {
    let Drawn { area, problems, notices } = drawn;
    let feature = area.feature;
    let text = format!(
        "feature {feature} is called \"{id}\" from here on, since feature {first} has its key"
    );
    notices.push(Notice::of_area(NoticeKind::DuplicateId, &area.id, text));
    let (file, was) = (file.to_string(), std::mem::replace(&mut area.id, id));
    problems.push(Problem::DuplicateArea { file, area: was.into(), feature, first });
    area.duplicate = true;
}
