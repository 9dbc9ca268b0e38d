//! The nouns: plain data that goes in, travels through and comes out. Nothing here opens a file.

mod answer;
mod area;
mod assessment;
pub(crate) mod band;
mod budget;
pub(crate) mod burden;
pub mod cells;
pub mod columns;
mod comparison;
pub(crate) mod dimension;
mod explained;
mod gap;
mod grid;
mod ground;
mod group;
mod link;
mod option;
mod people;
mod picture;
mod pieces;
mod population;
mod progress;
mod provenance;
mod scenario;
pub(crate) mod scheme;
mod site;
pub(crate) mod taxonomy;
mod values;
mod version;

pub use answer::{Answer, Claim};
pub use area::{Area, Open, Shape, area_key};
pub use assessment::{
    AssessedArea, Assessment, Contributions, Count, Flag, RingCounts, ScoreTriple, SiteCounts,
    Status,
};
pub use band::Band;
pub use budget::Budget;
pub use burden::Burden;
pub use comparison::{
    Compared, Comparison, Dominance, NotRanked, OtherWay, Pair, Unclear, Verdict,
};
pub use dimension::Dimension;
pub use explained::{Explained, MadeOf, OfBlock, OfDimension, OfService, OfSite, Rest, Without};
pub use gap::{ASKED, Gap, GapKind};
pub use grid::{Grid, Window};
pub use ground::{Covers, DrawnGround, Grounds, Losses, Mapped, Mapping, Unmapped};
pub use group::Group;
pub use link::{Link, SiteName, ToldLink};
pub use option::{AtTime, Change, Coa, Lack, Level, Lowering, Presence, RollUp, Spread};
pub use people::{GroupSource, GroupTold, Mix, People, PeopleLayer};
pub use picture::{Picture, PictureBlock};
pub use pieces::{AreaSource, Drawn, Piece, ReadPiece, Unread};
pub use population::{CellState, Measure, NodataMeans, PopulationSource};
pub use progress::Progress;
pub use provenance::{FileDigest, InputRecord, Provenance, Role};
pub use scenario::{
    AnswersEntry, AreasEntry, COVERS, COVERS_OPTIONS, Distances, GroupEntry, LinksEntry, Overlap,
    PopulationEntry, Scenario, ScenarioHead, SchemeEntry, SitesEntry,
};
pub use scheme::{
    AllotmentRule, ClassRule, ExistenceRule, Floors, Goalposts, NameWords, PopulationRule, Scheme,
    StaleAfter,
};
pub use site::{Field, InRaster, Merged, Record, Shown, Site, SiteLayer, Sites};
pub use taxonomy::{Counted, Family, Service, SiteClass, Tier, Topic};
pub use values::Values;
pub use version::{
    AreaChange, AreaKey, Cause, Changes, ColumnChange, InputChange, Value, Version, VersionArea,
    VersionInput, WhatOfInput,
};
