//! Any bytes as a GeoJSON file of areas, and any JSON as a feature between two sound ones: read, mended,
//! carried, buffered and assessed on a grid of the world and one around the pole.
//!
//! Nothing panics or hangs, what is mended is valid and its fractions are such, and a faulty feature
//! costs no other.

#![no_main]

use civex::assess::{Inputs, assess, mend};
use civex::error::{Problem, ReadError};
use civex::index::{Blocks, Cells, Populations, Reader, Source, Units};
use civex::intersect::{Zone, cover, faults};
use civex::measure::{CellSurfaces, Frame, Reference};
use civex::model::{
    Area, AreasEntry, AssessedArea, Budget, CellState, Distances, Grid, NodataMeans, People,
    PopulationSource, Shape, Window,
};
use civex::read::{Areas, areas_in, scheme};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

/// A square that is sound, before and behind whatever comes.
const SOUND: &str = r#"{"type":"Feature","properties":{"id":"sound"},"geometry":{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2],[1,2],[1,1]]]}}"#;

/// How the reason begins where civex itself failed.
const FAULT: &str = "civex failed on it";

fuzz_target!(
    init: {
        // Panics that one area is shielded from are allowed; all others end the run.
        std::panic::set_hook(Box::new(|info| eprintln!("{info}")));
    },
    |bytes: &[u8]| {
        // How far around areas is looked, by how many bytes there are.
        let distances = match bytes.len() % 4 {
            0 => Distances {
                buffer_m: 500.0,
                buffer_lines_m: Some(50.0),
                rings_m: vec![1000, 200_000],
                ..Distances::default()
            },
            1 => Distances {
                rings_m: vec![5000],
                adjacent_m: Some(500.0),
                ..Distances::default()
            },
            2 => Distances { buffer_m: 50_000.0, ..Distances::default() },
            _ => Distances::default(),
        };
        let entry = AreasEntry {
            buffer_m: Some(distances.buffer_m),
            buffer_lines_m: distances.buffer_lines_m,
            ..AreasEntry::default()
        };
        if let Ok(areas) = areas_in(bytes, &entry, "any.geojson") {
            look_at(areas, &distances);
        }
        if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
            let text = String::from_utf8_lossy(bytes);
            let text =
                format!(r#"{{"type":"FeatureCollection","features":[{SOUND},{text},{SOUND}]}}"#);
            let areas = areas_in(text.as_bytes(), &entry, "any.geojson");
            let rows = look_at(areas.expect("one faulty feature stops no other"), &distances);
            assert_eq!(rows.len(), 3);
            for sound in [&rows[0], &rows[2]] {
                assert!(sound.people.is_some(), "{:?}", sound.reason);
            }
        }
    }
);

/// One person in each cell.
struct Even([usize; 2]);

impl Blocks for Even {
    fn size(&self) -> (usize, usize) {
        (self.0[0], self.0[1])
    }

    fn units(&self) -> Units {
        Units { width: self.0[0], height: 64 }
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(Even(self.0)))
    }
}

impl Reader for Even {
    fn read(&mut self, window: Window, cells: &mut Cells) -> Result<(), ReadError> {
        cells.clear(window.width() * window.height());
        (0..window.width() * window.height()).for_each(|_| cells.push(CellState::People(1.0)));
        Ok(())
    }
}

/// The world in cells of 10°, and a square around the North Pole in cells of 100 km.
fn sources() -> &'static [Source] {
    thread_local! {
        static SOURCES: &'static [Source] = made();
    }
    return SOURCES.with(|sources| *sources);

    fn made() -> &'static [Source] {
        let world = Frame { origin: [-180.0, 90.0], size: [10.0, -10.0], cells: [36, 18] };
        let pole = Frame { origin: [-4e6, 4e6], size: [1e5, -1e5], cells: [80, 80] };
        let source = |(frame, system): (Frame, &str)| {
            let reference = Reference::from_definition(system).expect("PROJ has its database");
            let surfaces = CellSurfaces::of(frame, &reference).expect("PROJ knows the way");
            let declared = PopulationSource {
                name: system.into(),
                path: system.into(),
                grid: Grid { frame, reference },
                surfaces,
                nodata: Vec::new(),
                nodata_means: NodataMeans::Zero,
                nodata_means_declared: true,
            };
            Source { declared, blocks: std::sync::Arc::new(Even(frame.cells)), files: Vec::new(), identity: None }
        };
        Box::leak(Box::new([(world, "EPSG:4326"), (pole, "EPSG:3413")].map(source)))
    }
}

/// Mends areas, cuts them by the grid of the world, and assesses them.
fn look_at(areas: Areas, distances: &Distances) -> Vec<AssessedArea> {
    let mut all = areas.areas.clone();
    let (problems, _notices) = mend(&areas.file, &mut all, &areas.reference);
    for problem in problems.iter().chain(&areas.problems) {
        if let Problem::InvalidArea { found, .. } = problem {
            assert!(!found.starts_with(FAULT), "{problem}");
        }
    }
    if areas.reference.is_geographic() {
        all.iter().for_each(cut);
    }
    let inputs = Inputs {
        file: &areas.file,
        areas: areas.areas,
        reference: &areas.reference,
        distances,
        populations: &Populations::new(sources(), Budget { bytes: 1 << 30 }),
        people: &People::of_one(0),
        sites: None,
        services: None,
        scheme: &scheme::built_in(),
        timezone: None,
    };
    let rows = assess(inputs, &()).expect("no block fails").rows;
    for row in &rows {
        let reason = row.reason.as_deref().unwrap_or_default();
        assert!(!reason.starts_with(FAULT), "{reason}");
        if let Some(footprint) = &row.footprint {
            assert!(faults(footprint).is_empty(), "assessed, and faulty: {footprint:?}");
        }
        let missing = row.missing_share.unwrap_or(0.0);
        assert!((0.0..=1.0).contains(&missing), "{missing}");
    }
    rows
}

/// Cuts a mended area by the grid of the world.
fn cut(area: &Area) {
    let Shape::Polygons { polygons, .. } = &area.shape else { return };
    assert!(faults(polygons).is_empty(), "mended, and faulty: {polygons:?}");
    let coverage = cover(&Zone::new(polygons, &sources()[0].declared.grid));
    let mut last = None;
    for cell in &coverage.cells {
        assert!(cell.fraction > 0.0 && cell.fraction <= 1.0, "{cell:?}");
        assert!(cell.row < 18 && cell.col < 36, "{cell:?}");
        assert!(last < Some((cell.row, cell.col)), "{cell:?}");
        last = Some((cell.row, cell.col));
    }
    for span in &coverage.spans {
        assert!(span.row < 18 && span.first < span.last && span.last <= 36, "{span:?}");
    }
}
