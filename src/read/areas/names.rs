//! Names of areas: which of them two areas share.
//!
//! Of a file that is read at once every name is known before anything is told of an area. Of a longer one the names
//! that are still to come are not: there each name may be shared, and the id stands with it.

use crate::model::{Area, Piece};
use std::collections::BTreeMap;

/// How many areas have each name; nothing where names are still to come.
pub(super) struct Names(Option<BTreeMap<String, usize>>);

impl Names {
    /// Those of the first piece of a file, if it is all of it.
    pub(super) fn of(first: &Piece, is_all: bool) -> Self {
        let count = || {
            let mut names = BTreeMap::new();
            for name in first.areas.iter().filter_map(|drawn| drawn.area.name.as_ref()) {
                *names.entry(name.clone()).or_insert(0) += 1;
            }
            names
        };
        Self(is_all.then(count))
    }

    fn are_shared(&self, area: &Area) -> bool {
        let times =
            self.0.as_ref().zip(area.name.as_ref()).and_then(|(names, name)| names.get(name));
        times != Some(&1)
    }

    /// Names the areas of a piece in what was found about them.
    pub(super) fn admit(&self, piece: &mut Piece) {
        for drawn in &mut piece.areas {
            drawn.area.shares_name = self.are_shared(&drawn.area);
            let called = drawn.area.called();
            for problem in &mut drawn.problems {
                problem.name_area(&called);
            }
            for notice in &mut drawn.notices {
                notice.name_area(&called);
            }
        }
    }
}
