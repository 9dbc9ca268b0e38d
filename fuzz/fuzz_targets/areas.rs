//! Any bytes as a GeoJSON file of areas, and any JSON as a feature between two sound ones: read,
//! mended, and cut by a grid.
//!
//! Nothing panics or hangs, what is mended is valid and its fractions are such, and a faulty feature
//! costs no other.

#![no_main]

use civex::assess::mend;
use civex::intersect::{Zone, cover, faults};
use civex::measure::{Frame, Reference};
use civex::model::{Area, AreasEntry, Grid, Shape};
use civex::read::{Areas, areas_in};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use std::sync::OnceLock;

/// A square that is sound, before and behind whatever comes.
const SOUND: &str = r#"{"type":"Feature","properties":{"id":"sound"},"geometry":{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2],[1,2],[1,1]]]}}"#;

fuzz_target!(
    init: {
        // Panics that one area is shielded from are allowed; all others end the run.
        std::panic::set_hook(Box::new(|info| eprintln!("{info}")));
    },
    |bytes: &[u8]| {
        if let Ok(areas) = areas_in(bytes, &AreasEntry::default(), "any.geojson") {
            look_at(areas);
        }
        if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
            let text = String::from_utf8_lossy(bytes);
            let text =
                format!(r#"{{"type":"FeatureCollection","features":[{SOUND},{text},{SOUND}]}}"#);
            let areas = areas_in(text.as_bytes(), &AreasEntry::default(), "any.geojson");
            let areas = look_at(areas.expect("one faulty feature stops no other"));
            assert_eq!(areas.len(), 3);
            for sound in [&areas[0], &areas[2]] {
                assert!(matches!(&sound.shape, Shape::Polygons { repaired, .. } if repaired.is_empty()));
            }
        }
    }
);

/// The world in cells of 10°.
fn grid() -> &'static Grid {
    static GRID: OnceLock<Grid> = OnceLock::new();
    GRID.get_or_init(|| Grid {
        frame: Frame { origin: [-180.0, 90.0], size: [10.0, -10.0], cells: [36, 18] },
        reference: Reference::wgs84().expect("PROJ has its database"),
    })
}

/// Mends areas and cuts them by the grid.
fn look_at(areas: Areas) -> Vec<Area> {
    let mut all = areas.areas;
    let (problems, _notices) = mend(&areas.file, &mut all);
    for problem in problems.iter().chain(&areas.problems) {
        assert!(!problem.to_string().contains("fault of civex"), "{problem}");
    }
    for area in &all {
        let Shape::Polygons { polygons, .. } = &area.shape else { continue };
        assert!(faults(polygons).is_empty(), "mended, and faulty: {polygons:?}");
        let coverage = cover(&Zone::new(polygons, grid()));
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
    all
}
