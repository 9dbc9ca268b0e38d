//! Any bytes as the text of a VRT: nothing panics or hangs, and the files that it is made of are there.

#![no_main]

use civex::model::{AreasEntry, Scenario};
use civex::read::{Place, Remote, areas, input_files};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = std::env::temp_dir().join(format!("civex-fuzz-vrt-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("there is room");
    let path = folder.join("plan.vrt");
    std::fs::write(folder.join("a.csv"), "lon,lat\n20,50\n").expect("there is room");
    std::fs::write(&path, bytes).expect("there is room");
    let place = Place::new(&path.to_string_lossy(), None);
    let entry = AreasEntry { path: place.written.clone(), ..AreasEntry::default() };
    let _read = areas(&entry, &place, Remote::Refused);
    let scenario = Scenario { areas: Some(entry), ..Scenario::default() };
    let files = input_files(&scenario, None, None).files;
    assert!(files.iter().all(|file| file.is_file()), "{files:?}");
    let mut there: Vec<_> = std::fs::read_dir(&folder)
        .expect("it is there")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    there.sort();
    assert_eq!(there, ["a.csv", "plan.vrt"], "nothing is written beside it");
});
