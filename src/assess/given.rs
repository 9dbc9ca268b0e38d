//! Areas that are read already, as a source of pieces.

use crate::error::ReadError;
use crate::model::{Area, AreaSource, Drawn, Piece, Shape, Unread};
use geo::CoordsIter;

/// A piece is full with so many vertices or areas.
const FULL: (u64, usize) = (1 << 14, 512);

/// Bytes of a vertex and of a row until it is taken, about.
const VERTEX: u64 = 64;
const ROW: u64 = 4096;

/// Areas in memory.
pub(super) struct Given {
    work: u64,
    areas: std::vec::IntoIter<Area>,
}

impl Given {
    pub(super) fn new(areas: Vec<Area>) -> Self {
        Self { work: areas.iter().map(vertices).sum(), areas: areas.into_iter() }
    }
}

/// How many vertices were drawn; at least one, since any row is work.
fn vertices(area: &Area) -> u64 {
    let drawn = match &area.shape {
        Shape::Polygons { polygons, open, .. } => polygons.coords_count() + open.vertices().count(),
        Shape::Open(open) => open.vertices().count(),
        Shape::Faulty { .. } => 0,
    };
    drawn.max(1) as u64
}

impl AreaSource for Given {
    fn work(&self) -> u64 {
        self.work
    }

    fn next(&mut self) -> Result<Option<Unread<'static>>, ReadError> {
        let (mut piece, mut work) = (Piece::default(), 0);
        for area in self.areas.by_ref() {
            work += vertices(&area);
            piece.areas.push(Drawn { area, problems: Vec::new(), notices: Vec::new() });
            if work >= FULL.0 || piece.areas.len() >= FULL.1 {
                break;
            }
        }
        if piece.areas.is_empty() {
            return Ok(None);
        }
        let weight = VERTEX * work + ROW * piece.areas.len() as u64;
        Ok(Some(Unread { weight, work, read: Box::new(|| Ok(piece)) }))
    }

    fn admit(&mut self, _: &mut Piece) {}

    fn finish(&mut self) -> Result<(), ReadError> {
        Ok(())
    }
}
