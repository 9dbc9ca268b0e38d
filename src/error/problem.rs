//! Problems: what is faulty in an input, each at its place.

use super::{At, Called};
use std::fmt;

/// A fault of one ring of an area, at its place.
///
/// Parts, rings and vertices count from 0 here and are printed from 0 as well, as GDAL does;
/// ring 0 of a part is its shell.
#[derive(Debug, Clone, PartialEq)]
pub struct RingFault {
    /// The polygon of the area's geometry.
    pub part: usize,
    /// The ring of that polygon: 0 is the shell, others are holes.
    pub ring: usize,
    /// The vertex at which the faulty edge starts.
    pub vertex: usize,
    /// Where, in the coordinates of the file (x, y): the point where the edges meet, or a vertex of
    /// the ring. Not a number for a ring without any vertex.
    pub at: [f64; 2],
    /// What is wrong.
    pub kind: RingFaultKind,
}

/// What can be wrong with a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RingFaultKind {
    /// Fewer than three distinct vertices, or no surface.
    TooFewVertices,
    /// An edge crosses another edge of the same ring or runs along it.
    CrossesItself,
    /// A vertex lies on another edge or vertex of the same ring.
    TouchesItself,
    /// An edge crosses an edge of another ring of the same part.
    CrossesRing {
        /// The other ring of the part.
        other: usize,
    },
    /// An edge shares a piece of an edge of another ring of the same part.
    RunsAlongRing {
        /// The other ring of the part.
        other: usize,
    },
    /// An edge crosses an edge of another part, or the part lies inside another.
    OverlapsPart {
        /// The other part.
        other: usize,
    },
    /// An edge shares a piece of an edge of another part.
    RunsAlongPart {
        /// The other part.
        other: usize,
    },
    /// A hole lies outside the shell of its part.
    HoleOutsideShell,
    /// A hole lies inside another hole of its part.
    HoleInsideHole {
        /// The other ring of the part.
        other: usize,
    },
}

impl fmt::Display for RingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x, y] = self.at.map(super::number_text);
        match (self.part, self.ring) {
            (0, 0) => write!(f, "the outer ring")?,
            (0, ring) => write!(f, "interior ring {ring}")?,
            (part, 0) => write!(f, "the outer ring of part {part}")?,
            (part, ring) => write!(f, "interior ring {ring} of part {part}")?,
        }
        match self.kind {
            RingFaultKind::TooFewVertices => f.write_str(" has no surface")?,
            RingFaultKind::CrossesItself => f.write_str(" crosses itself")?,
            RingFaultKind::TouchesItself => f.write_str(" touches itself")?,
            RingFaultKind::CrossesRing { other: 0 } => f.write_str(" crosses its outer ring")?,
            RingFaultKind::CrossesRing { other } => write!(f, " crosses interior ring {other}")?,
            RingFaultKind::RunsAlongRing { other: 0 } => {
                f.write_str(" runs along its outer ring")?;
            }
            RingFaultKind::RunsAlongRing { other } => {
                write!(f, " runs along interior ring {other}")?;
            }
            RingFaultKind::OverlapsPart { other } => write!(f, " overlaps part {other}")?,
            RingFaultKind::RunsAlongPart { other } => write!(f, " runs along part {other}")?,
            RingFaultKind::HoleOutsideShell => f.write_str(" lies outside its outer ring")?,
            RingFaultKind::HoleInsideHole { other } => {
                write!(f, " lies inside interior ring {other}")?;
            }
        }
        match self.kind {
            // An empty ring is nowhere.
            RingFaultKind::TooFewVertices if self.at[0].is_nan() => Ok(()),
            RingFaultKind::TooFewVertices
            | RingFaultKind::HoleOutsideShell
            | RingFaultKind::HoleInsideHole { .. } => write!(f, ", at [{x}, {y}]"),
            _ => write!(f, " on the edge from vertex {}, at [{x}, {y}]", self.vertex),
        }
    }
}

/// A fault of an input that does not stop the run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// An area has no polygon: a point, a line, nothing, or nothing that can be read.
    NoGeometry {
        /// The file, as written.
        file: String,
        /// The area.
        area: Called,
        /// Its place in the file, from 1.
        feature: usize,
        /// What was found instead.
        found: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// An area's polygon cannot be used.
    InvalidArea {
        /// The file, as written.
        file: String,
        /// The area.
        area: Called,
        /// Its place in the file, from 1.
        feature: usize,
        /// What is wrong.
        found: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A ring of an area is faulty; without `--strict` the area is repaired.
    Ring {
        /// The file, as written.
        file: String,
        /// The area.
        area: Called,
        /// Its place in the file, from 1.
        feature: usize,
        /// The fault.
        fault: RingFault,
    },
    /// Two areas have one key (course of action, phase, id).
    DuplicateArea {
        /// The file, as written.
        file: String,
        /// The area.
        area: Called,
        /// Its place in the file, from 1.
        feature: usize,
        /// The place of the one before it.
        first: usize,
    },
    /// The hours of an area cannot be told.
    Times {
        /// The file, as written.
        file: String,
        /// The area.
        area: Called,
        /// Its place in the file, from 1.
        feature: usize,
        /// What is wrong.
        found: String,
    },
    /// Every area lies outside every population source.
    OutsideEverything {
        /// Bounds of the areas: west, south, east, north.
        areas: [f64; 4],
        /// Bounds of the sources, by name.
        sources: Vec<(String, [f64; 4])>,
    },
    /// A layer of sites lies where no area is.
    SitesElsewhere {
        /// The layer, by name.
        layer: String,
        /// Bounds of its sites: west, south, east, north; `None` where a place must not be told.
        sites: Option<[f64; 4]>,
        /// Bounds of the areas.
        areas: [f64; 4],
        /// Whether its sites lie among the areas with longitude and latitude exchanged.
        is_exchanged: bool,
    },
    /// Cells of a population raster hold what cannot be a number of people.
    FaultyCells {
        /// The raster, as written.
        file: String,
        /// How many.
        cells: u64,
        /// The smallest value.
        smallest: f64,
        /// The way out.
        hint: String,
    },
    /// A site cannot be used.
    Site {
        /// The file, as written.
        file: String,
        /// The id of the site.
        site: String,
        /// Its place in the file, from 1.
        feature: usize,
        /// What is wrong.
        found: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A layer of sites has features, and not one could be read.
    SitesUnread {
        /// The file, as written.
        file: String,
        /// Features of the layer.
        features: u64,
        /// Why they are no sites, with counts.
        why: String,
        /// What to do about it.
        hint: String,
    },
    /// A supply link cannot be used.
    Link {
        /// The file, as written.
        file: String,
        /// Its row there, from 1.
        row: usize,
        /// What is wrong.
        found: String,
    },
    /// A place in a text file.
    File(super::FileFault),
    /// A file or layer that cannot be read: `check` lists it beside the others.
    Unreadable {
        /// The file, as written, if it is about one.
        file: Option<String>,
        /// The sentence of the error.
        found: String,
        /// Its way out.
        hint: Option<String>,
    },
}

impl Problem {
    /// The words of [`Problem::kind`].
    pub const KINDS: [&'static str; 13] = [
        "no_geometry",
        "invalid_area",
        "ring",
        "duplicate_area",
        "times",
        "outside_everything",
        "sites_elsewhere",
        "faulty_cells",
        "site",
        "sites_unread",
        "link",
        "file_fault",
        "unreadable",
    ];

    /// The word for its kind in messages for machines.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NoGeometry { .. } => "no_geometry",
            Self::InvalidArea { .. } => "invalid_area",
            Self::Ring { .. } => "ring",
            Self::DuplicateArea { .. } => "duplicate_area",
            Self::Times { .. } => "times",
            Self::OutsideEverything { .. } => "outside_everything",
            Self::SitesElsewhere { .. } => "sites_elsewhere",
            Self::FaultyCells { .. } => "faulty_cells",
            Self::Site { .. } => "site",
            Self::SitesUnread { .. } => "sites_unread",
            Self::Link { .. } => "link",
            Self::File(_) => "file_fault",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// Where it comes from.
    #[must_use]
    pub fn at(&self) -> At<'_> {
        match self {
            Self::NoGeometry { file, area, feature, .. }
            | Self::InvalidArea { file, area, feature, .. }
            | Self::Ring { file, area, feature, .. }
            | Self::DuplicateArea { file, area, feature, .. }
            | Self::Times { file, area, feature, .. } => {
                At { area: Some(&area.id), feature: Some(*feature), ..At::file(file) }
            }
            Self::Site { file, site, feature, .. } => {
                At { site: Some(site), feature: Some(*feature), ..At::file(file) }
            }
            Self::Link { file, row, .. } => At { feature: Some(*row), ..At::file(file) },
            Self::FaultyCells { file, .. } | Self::SitesUnread { file, .. } => At::file(file),
            Self::File(fault) => fault.at(),
            Self::Unreadable { file, .. } => At { file: file.as_deref(), ..At::default() },
            Self::OutsideEverything { .. } | Self::SitesElsewhere { .. } => At::default(),
        }
    }

    /// What is wrong with a feature, without the feature: what several problems may share.
    #[must_use]
    pub fn shared(&self) -> Option<(&str, usize, &str)> {
        match self {
            Self::Link { file, row, found } => Some((file, *row, found)),
            Self::Site { file, feature, found, .. }
            | Self::NoGeometry { file, feature, found, .. }
            | Self::Times { file, feature, found, .. } => Some((file, *feature, found)),
            _ => None,
        }
    }

    /// Names the area that it is about as people know it.
    pub fn name_area(&mut self, called: &Called) {
        match self {
            Self::NoGeometry { area, .. }
            | Self::InvalidArea { area, .. }
            | Self::Ring { area, .. }
            | Self::DuplicateArea { area, .. }
            | Self::Times { area, .. } => area.name_as(called),
            _ => {}
        }
    }

    /// The way out, if one is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let or = |hint: &Option<String>, usual: &str| {
            Some(hint.clone().unwrap_or_else(|| usual.to_string()))
        };
        match self {
            Self::NoGeometry { hint, .. } => {
                or(hint, "draw a polygon for it, or take the feature out of its file")
            }
            Self::InvalidArea { hint, .. } => {
                or(hint, "draw it anew; the other areas are assessed all the same")
            }
            // A table may hold many of them, and one notice counts them.
            Self::Site { hint, .. } | Self::Unreadable { hint, .. } => hint.clone(),
            Self::Ring { .. } => Some(
                "draw it anew; without `--strict` it is repaired by non-zero winding, with a notice"
                    .into(),
            ),
            Self::Times { .. } => Some(
                "write times as 2026-11-22T06:00+02:00, or name `timezone` under [scenario]; until then the area is \
                 taken to be used by day, when schools have their pupils"
                    .into(),
            ),
            Self::Link { .. } => Some(
                "ids are those of the sites layers (`civex sites` writes them), theta is the share \
                 of the fed site that stands still without; the other links are used"
                    .into(),
            ),
            Self::FaultyCells { hint, .. } | Self::SitesUnread { hint, .. } => Some(hint.clone()),
            Self::File(fault) => fault.hint.clone(),
            Self::SitesElsewhere { is_exchanged: true, .. } => Some(
                "exchanged, they lie among the areas: sites or areas have latitude before longitude"
                    .into(),
            ),
            Self::SitesElsewhere { .. } => Some(
                "check the order of longitude and latitude, and the reference system of the sites"
                    .into(),
            ),
            Self::OutsideEverything { areas, sources } => {
                let within = sources.iter().find(|(_, of)| meet(exchanged(*areas), *of));
                Some(within.map_or_else(
                    || {
                        "check the order of longitude and latitude, and the reference system of the \
                         areas"
                            .to_string()
                    },
                    |(name, _)| {
                        format!(
                            "exchanged, they lie within \"{name}\": the areas have latitude before \
                             longitude"
                        )
                    },
                ))
            }
            Self::DuplicateArea { .. } => Some(
                "give every area of one course of action and phase an id of its own, or another \
                 column: `id = \"…\"` under [areas]"
                    .into(),
            ),
        }
    }
}

/// Writes west, south, east, north as people read them.
pub(crate) fn bounds_text([west, south, east, north]: [f64; 4]) -> String {
    format!("{west:.4}…{east:.4} E, {south:.4}…{north:.4} N")
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGeometry { file, area, feature, found, .. }
            | Self::InvalidArea { file, area, feature, found, .. }
            | Self::Times { file, area, feature, found } => {
                write!(f, "{file}: {}: {found}", area.at_feature(*feature))
            }
            Self::Ring { file, area, feature, fault } => {
                write!(f, "{file}: {}: {fault}", area.at_feature(*feature))
            }
            Self::DuplicateArea { file, area, feature, first } => write!(
                f,
                "{file}: {}: feature {first} has the same course of action, phase and id",
                area.at_feature(*feature)
            ),
            Self::SitesElsewhere { layer, sites, areas, .. } => {
                write!(
                    f,
                    "no site of layer \"{layer}\" lies near any area, so it counts none: areas at "
                )?;
                write!(f, "{}", bounds_text(*areas))?;
                sites.map_or(Ok(()), |sites| write!(f, "; its sites at {}", bounds_text(sites)))
            }
            Self::OutsideEverything { areas, sources } => {
                write!(f, "every area lies outside every population source: areas at ")?;
                write!(f, "{}", bounds_text(*areas))?;
                for (name, bounds) in sources {
                    write!(f, "; \"{name}\" at {}", bounds_text(*bounds))?;
                }
                Ok(())
            }
            Self::FaultyCells { file, cells, smallest, .. } => write!(
                f,
                "{file}: {} {} what is no number of people (smallest {})",
                super::notice::counted(*cells, "cell"),
                if *cells == 1 { "holds" } else { "hold" },
                super::number_text(*smallest)
            ),
            Self::Site { file, site, feature, found, .. } => {
                write!(f, "{file}: site \"{site}\" (feature {feature}): {found}")
            }
            Self::SitesUnread { file, features, why, .. } => {
                let features = super::notice::counted(*features, "feature");
                write!(
                    f,
                    "{file}: no site could be read from it, so it counts for nothing: {features}, not used: {why}"
                )
            }
            Self::Link { file, row, found } => write!(f, "{file}: link (row {row}): {found}"),
            Self::File(fault) => fault.fmt(f),
            Self::Unreadable { found, .. } => f.write_str(found),
        }
    }
}
/// Whether places lie among others once their longitude and latitude are exchanged; both by their bounds (west, south,
/// east, north).
#[must_use]
pub fn lie_exchanged(places: [f64; 4], others: [f64; 4]) -> bool {
    meet(exchanged(places), others)
}

/// Bounds (west, south, east, north) of places whose longitude and latitude are exchanged.
const fn exchanged([west, south, east, north]: [f64; 4]) -> [f64; 4] {
    [south, west, north, east]
}

/// Whether two bounds share a place.
fn meet(one: [f64; 4], two: [f64; 4]) -> bool {
    one[0] <= two[2] && two[0] <= one[2] && one[1] <= two[3] && two[1] <= one[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanged_coordinates_are_known_as_such() {
        let sources = vec![("pop".to_string(), [20.0, 49.0, 21.0, 50.0])];
        let hint = |areas| {
            Problem::OutsideEverything { areas, sources: sources.clone() }
                .hint()
                .unwrap_or_default()
        };
        assert!(hint([49.2, 20.1, 49.3, 20.2]).starts_with("exchanged, they lie within \"pop\""));
        assert!(hint([30.0, 49.2, 30.1, 49.3]).starts_with("check the order"));
    }
}
