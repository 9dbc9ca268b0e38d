//! Any bytes as a table of sites, answers, links or areas: the first says of what, and by which ending.
//!
//! Nothing panics or hangs, and what is read has numbers that can be.

#![no_main]

use civex::model::{AnswersEntry, AreasEntry, LinksEntry, SitesEntry};
use civex::read::{
    Place, Remote, SitesFiles, Terms, answers, areas, is_answered, links, scheme, sites,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let endings = ["csv", "tsv", "geojson", "geojsonl"];
    let ending = endings[usize::from(first / 4) % endings.len()];
    let name = format!("civex-fuzz-{}.{ending}", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, bytes).expect("there is room");
    let place = Place::new(&path.to_string_lossy(), None);
    let scheme = scheme::built_in();
    let terms = Terms { scheme: &scheme, remote: Remote::Refused };
    match first % 4 {
        0 => {
            let entry = SitesEntry { class_field: Some("class".into()), ..SitesEntry::default() };
            let files = SitesFiles { entry, place, rules: None, covers: None };
            if let Ok(read) = sites(&[files], terms, &()) {
                for site in &read.sites.sites {
                    assert!((0.0..=1.0).contains(&site.confidence), "{site:?}");
                }
            }
        }
        1 => {
            if let Ok((answers, _)) = answers(&AnswersEntry::default(), &place, terms) {
                for answer in answers {
                    assert!((0.0..=1.0).contains(&answer.confidence), "{answer:?}");
                }
            }
            let _is_answered = is_answered(&path);
        }
        2 => {
            if let Ok(links) = links(&LinksEntry::default(), &place, Remote::Refused) {
                let shares = links.into_iter().filter_map(|told| Some(told.link.ok()?.2));
                shares.for_each(|theta| assert!((0.0..=1.0).contains(&theta)));
            }
        }
        _ => {
            let _read = areas(&AreasEntry::default(), &place, Remote::Refused);
        }
    }
});
