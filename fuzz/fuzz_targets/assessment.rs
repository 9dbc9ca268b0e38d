//! Any bytes as the member `civex` of an assessment, or as the whole of one, in a folder with its inputs.
//!
//! Nothing panics or hangs; what is taken stands up to the checks of a scenario, and every path of it is that of a
//! file in the folder.

#![no_main]

use civex::model::Scenario;
use civex::read::{Place, assessment, scenario, version};
use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};

/// The folder of this process, with files that an assessment may name.
fn folder() -> &'static Path {
    thread_local! {
        static FOLDER: &'static Path = made();
    }
    return FOLDER.with(|folder| *folder);

    fn made() -> &'static Path {
        let folder = std::env::temp_dir().join(format!("civex-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("data")).expect("there is room");
        for name in ["a.geojson", "p.tif", "s.csv", "data/p.tif"] {
            std::fs::write(folder.join(name), "x").expect("there is room");
        }
        Box::leak(folder.canonicalize().expect("it is there").into_boxed_path())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let path = folder().join("any.geojson");
    let place = Place::new(&path.to_string_lossy(), None);
    let head = br#"{"type":"FeatureCollection","features":[],"civex":"#;
    for text in [[head, bytes, b"}"].concat(), bytes.to_vec()] {
        std::fs::write(&path, text).expect("there is room");
        let _told = version(&place);
        if let Ok(written) = assessment(&place, None) {
            assert!(scenario::check(&written.scenario).is_ok(), "{:?}", written.scenario);
            for path in paths(&written.scenario) {
                let whole = path.canonicalize().expect("it was found");
                assert!(whole.starts_with(folder()), "{path:?}");
            }
        }
    }
});

/// The paths of a scenario, but for those of groups.
fn paths(scenario: &Scenario) -> Vec<PathBuf> {
    let Scenario { areas, population, sites, answers, links, scheme, .. } = scenario;
    let areas = areas.iter().map(|of| &of.path);
    let people = population.iter().map(|of| &of.path);
    let rules = sites.iter().filter_map(|of| of.rules.as_ref());
    let sites = sites.iter().map(|of| &of.path).chain(rules);
    let told = answers.iter().map(|of| &of.path).chain(links.iter().map(|of| &of.path));
    let scheme = scheme.iter().map(|of| &of.path);
    areas.chain(people).chain(sites).chain(told).chain(scheme).map(PathBuf::from).collect()
}
