//! Indexes on the disk by the way of a user: made, used, listed, removed; rotten, stale, cut short; two
//! processes at once, one that is killed, a disk that is full. The assessment is the same to the byte.

use crate::scene::{Scene, area, collection};
use crate::seal::{bytes_of, seal, words_of};
use gdal::raster::RasterCreationOptions;
use gdal::{Dataset, DriverManager};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

/// Enough cells for an index to be worth it.
const SIDE: usize = 2100;

/// A large raster of 0.01° from 20° E, 50° N, people on its diagonals and in a town, and areas all over it.
fn large() -> Scene {
    let scene = Scene::empty();
    let value = |place: usize| {
        let (row, col) = (place / SIDE, place % SIDE);
        match (row + col) % 37 {
            0 => (1 + place % 11) as f32,
            1 if row > 1000 => 0.0,
            _ if row.abs_diff(700) < 90 && col.abs_diff(800) < 90 => 2.5,
            _ => -99999.0,
        }
    };
    let values: Vec<f32> = (0..SIDE * SIDE).map(value).collect();
    let raster = scene.raster("pop.tif", SIDE, &values);
    raster.rasterband(1).unwrap().set_no_data_value(Some(-99999.0)).unwrap();
    drop(raster);
    let corner = |place: usize| [20.3 + (place % 6) as f64 * 3.3, 30.0 + (place / 6) as f64 * 3.1];
    let areas: Vec<Value> = (0..36)
        .map(|place| {
            let [x, y] = corner(place);
            let size = 0.013 + 0.08 * place as f64;
            area(&format!("A{place}"), &[[x, y, x + size, y + size / 2.0]])
        })
        .collect();
    scene.write("areas.geojson", collection(&areas).to_string());
    scene
}

const ASSESS: &str = "assess --areas areas.geojson --population pop.tif,nodata_means=zero -o -";

/// The sidecars in a folder.
fn indexes(scene: &Scene, folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(scene.path(folder)).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn only_index(scene: &Scene) -> PathBuf {
    let found = indexes(scene, "cache");
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn threads_cache_and_memory_change_no_byte() {
    let scene = large();
    let wanted = scene.run(&format!("{ASSESS} --no-cache --threads 1"));
    assert_eq!(wanted.code, 0, "{}", wanted.err);
    assert!(wanted.assessment().number(35, "pop_best") > 1000.0);
    for threads in [1, 2, 8] {
        for memory in ["300M", "4G"] {
            let cache = format!("--cache-dir cache{threads}{memory}");
            let cold = "an index is made first";
            let ways =
                [("--no-cache", "its own blocks"), (&cache, cold), (&cache, "from its index")];
            for (way, said) in ways {
                let ran = scene.run(&format!(
                    "{ASSESS} {way} --threads {threads} --memory {memory} --verbose"
                ));
                assert!(ran.err.contains(said), "{way}: {}", ran.err);
                assert!(ran.out == wanted.out, "{threads} threads, {memory}, {way}");
            }
        }
    }
}

#[test]
fn few_areas_read_their_own_blocks_and_what_does_not_fit_into_memory_gets_an_index() {
    let scene = large();
    let few = collection(&[area("A", &[[27.0, 42.0, 29.0, 44.0]])]).to_string();
    scene.write("areas.geojson", few);
    let wanted = scene.run(&format!("{ASSESS} --cache-dir cache --verbose"));
    assert!(wanted.err.contains("its own blocks are read"), "{}", wanted.err);
    assert!(indexes(&scene, "cache").is_empty());
    // The whole raster may take more than there is, so it is not read into memory.
    let whole = collection(&[area("A", &[[20.0, 29.0, 41.0, 50.0]])]).to_string();
    scene.write("areas.geojson", whole);
    let refused = scene.run(&format!("{ASSESS} --no-cache --memory 40M --threads 1"));
    assert_eq!(refused.code, 2, "{}", refused.err);
    let indexed = scene.run(&format!("{ASSESS} --cache-dir cache --memory 40M --threads 1"));
    assert_eq!(indexed.code, 0, "{}", indexed.err);
    assert_eq!(indexed.out, scene.run(&format!("{ASSESS} --no-cache")).out);
}

#[test]
fn an_index_is_made_ahead_listed_verified_and_removed() {
    let scene = large();
    let index = "index pop.tif,nodata_means=zero --cache-dir cache";
    let made = scene.run(index);
    assert_eq!((made.code, made.err.as_str()), (0, ""));
    let path = only_index(&scene);
    let name = path.file_name().unwrap().to_str().unwrap().to_string();
    assert!(made.out.contains(&name) && made.out.contains("MiB"), "{}", made.out);
    assert!(scene.run(index).out.contains("is there"));
    // What nodata means is decided when people are counted.
    let used =
        scene.run(&format!("{} --cache-dir cache --verbose", ASSESS.replace("zero", "unknown")));
    assert!(used.err.contains("from its index"), "{}", used.err);
    let listed = scene.run("index --list --cache-dir cache");
    assert!(
        listed.out.contains("2100 × 2100 cells") && listed.out.contains("pop.tif, 793,052 people"),
        "{}",
        listed.out
    );
    assert!(listed.out.contains("1 index, "), "{}", listed.out);
    let verified = scene.run("index --verify --cache-dir cache");
    assert!(verified.out.contains("all checksums fit"), "{}", verified.out);
    assert!(scene.run(&format!("{index} --verify")).out.contains("is sound"));
    let removed = scene.run(&format!("{index} --remove"));
    assert!(removed.out.contains("removed"), "{}", removed.out);
    assert!(indexes(&scene, "cache").is_empty());
    assert_eq!(scene.run(&format!("{index} --verify")).code, 1);
    let beside = scene.run(&format!("{index} --beside"));
    assert_eq!(beside.code, 0, "{}", beside.err);
    assert!(scene.has("pop.tif.civexpop"));
    let known = only_index(&scene);
    assert!(known.extension().is_some_and(|ending| ending == "civexproven"), "{known:?}");
    // Beside a raster it goes along with it.
    fs::create_dir(scene.path("moved")).unwrap();
    fs::rename(scene.path("pop.tif"), scene.path("moved/pop.tif")).unwrap();
    fs::rename(scene.path("pop.tif.civexpop"), scene.path("moved/pop.tif.civexpop")).unwrap();
    let assess = ASSESS.replace("pop.tif", "moved/pop.tif");
    let moved = scene.run(&format!("{assess} --cache-dir cache --verbose"));
    assert!(moved.err.contains("from its index"), "{}", moved.err);
}

#[test]
fn nothing_to_do_and_nowhere_to_do_it_are_told() {
    let scene = Scene::usual();
    assert_eq!(scene.run("index").code, 2);
    assert_eq!(scene.run("index --list --remove").code, 2);
    let nowhere = scene.run("index pop.tif --no-cache");
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.err.contains("hint: name a folder: `--cache-dir DIR`"), "{}", nowhere.err);
    assert_eq!(scene.run("index gone.tif --cache-dir cache").code, 2);
    assert_eq!(scene.run("index plan.toml --cache-dir cache").code, 0);
    assert_eq!(indexes(&scene, "cache").len(), 1);
    let no_folder = scene.run("index pop.tif --cache-dir pop.tif/cache");
    assert_eq!(no_folder.code, 2, "{}", no_folder.err);
    assert!(no_folder.err.contains("could not be written"), "{}", no_folder.err);
}

#[test]
fn an_index_of_other_contents_is_not_used_and_one_of_a_touched_raster_is() {
    let scene = large();
    let ran = || scene.run(&format!("{ASSESS} --cache-dir cache --verbose"));
    let first = ran();
    let touched = fs::File::options().append(true).open(scene.path("pop.tif")).unwrap();
    touched.set_modified(SystemTime::now() + Duration::from_secs(5)).unwrap();
    drop(touched);
    let again = ran();
    assert!(again.err.contains("from its index"), "{}", again.err);
    assert_eq!(again.out, first.out);
    // One value in the middle, the length as before.
    let mut bytes = scene.read("pop.tif");
    let middle = bytes.len() / 2;
    let one = 1.0_f32.to_le_bytes();
    let at = middle + bytes[middle..].windows(4).position(|four| four == one).unwrap();
    bytes[at..at + 4].copy_from_slice(&1e6_f32.to_le_bytes());
    // Its time of change is set back, as by who unpacks an archive.
    let before = fs::metadata(scene.path("pop.tif")).unwrap().modified().unwrap();
    scene.write("pop.tif", bytes);
    let file = fs::File::options().append(true).open(scene.path("pop.tif")).unwrap();
    file.set_modified(before).unwrap();
    let changed = ran();
    assert!(changed.err.contains("of other contents than the raster has today"), "{}", changed.err);
    assert!(changed.err.contains("an index is made first"), "{}", changed.err);
    assert_eq!(changed.out, scene.run(&format!("{ASSESS} --no-cache")).out);
    assert_ne!(changed.out, first.out);
    assert_eq!(indexes(&scene, "cache").len(), 1, "the old one has made place");
}

#[test]
fn what_rotted_is_told_and_the_raster_read_in_its_place() {
    let scene = large();
    let run = || scene.run(&format!("{ASSESS} --cache-dir cache"));
    let wanted = run().out;
    let path = only_index(&scene);
    let sound = fs::read(&path).unwrap();
    let put = |bytes: &[u8]| {
        let _gone = fs::remove_file(&path);
        fs::write(&path, bytes).unwrap();
    };
    let ends = [8, 100, 4096, sound.len() / 3, sound.len() - 1];
    for length in ends {
        put(&sound[..length]);
        let ran = run();
        assert!(ran.err.contains("cannot be used as a population index"), "{length}: {}", ran.err);
        assert!(ran.out == wanted, "{length} bytes");
    }
    for part in 1..30 {
        let mut bytes = sound.clone();
        let at = part * sound.len() / 30;
        bytes[at..at + 64].fill(0x5a);
        put(&bytes);
        let ran = run();
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out == wanted, "part {part}");
        if ran.err.contains("damaged") && ran.err.contains("read instead") {
            assert!(!path.exists(), "{}", ran.err);
        }
    }
    let mut other = sound.clone();
    other[8] = 99;
    put(&other);
    let ran = run();
    assert!(ran.err.contains("made by another version"), "{}", ran.err);
    assert!(ran.out == wanted && run().err.is_empty(), "it was made anew");
}

#[test]
fn a_cache_that_cannot_be_written_costs_nothing_but_time() {
    let scene = large();
    let wanted = scene.run(&format!("{ASSESS} --no-cache")).out;
    let ran = scene.run(&format!("{ASSESS} --cache-dir pop.tif/cache"));
    assert_eq!((ran.code, ran.out == wanted), (0, true), "{}", ran.err);
    assert!(ran.err.contains("its index could not be written"), "{}", ran.err);
}

/// The program behind a limit of the shell.
#[cfg(unix)]
fn limited(scene: &Scene, limit: &str, args: &str) -> std::process::Output {
    let line = format!("ulimit {limit}; exec \"$0\" {args}");
    Command::new("sh")
        .args(["-c", &line, env!("CARGO_BIN_EXE_civex")])
        .current_dir(scene.path("."))
        .output()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_while_an_index_is_made_leaves_the_assessment_whole() {
    let scene = large();
    let wanted = scene.run(&format!("{ASSESS} --no-cache")).out;
    // Blocks of 512 or 1024 bytes.
    for blocks in [1, 16, 256] {
        let ran = limited(&scene, &format!("-f {blocks}"), &format!("{ASSESS} --cache-dir cache"));
        let err = String::from_utf8(ran.stderr).unwrap();
        assert!(ran.status.success(), "{err}");
        assert!(err.contains("its index could not be written"), "{blocks}: {err}");
        assert!(String::from_utf8(ran.stdout).unwrap() == wanted);
        assert!(indexes(&scene, "cache").is_empty(), "nothing half made is left");
    }
    let refused = limited(&scene, "-f 16", "index pop.tif --cache-dir cache");
    let err = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{err}");
    assert!(err.contains("hint: make room"), "{err}");
}

#[test]
fn a_build_that_is_killed_leaves_nothing_that_is_trusted() {
    let scene = large();
    let wanted = scene.run(&format!("{ASSESS} --no-cache")).out;
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_civex"))
            .args(["index", "pop.tif,nodata_means=zero", "--cache-dir", "cache"])
            .current_dir(scene.path("."))
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let begun = std::time::Instant::now();
    assert!(start().wait().unwrap().success());
    let whole = begun.elapsed();
    let mut left = 0;
    for part in 1..12 {
        for path in indexes(&scene, "cache") {
            if path.extension().is_some_and(|ending| ending == "civexpop") {
                fs::remove_file(path).unwrap();
            }
        }
        let mut building = start();
        std::thread::park_timeout(whole * part / 10);
        let _ended = building.kill();
        building.wait().unwrap();
        left = left.max(indexes(&scene, "cache").len());
        let ran = scene.run(&format!("{ASSESS} --cache-dir cache --quiet"));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert!(ran.out == wanted, "killed after {part} tenths");
    }
    let found = indexes(&scene, "cache");
    assert_eq!(found.len(), 1, "what was left behind is removed: {found:?}");
}

#[test]
fn two_that_build_at_once_both_succeed() {
    let scene = large();
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_civex"))
            .args(ASSESS.split(' '))
            .args(["--cache-dir", "cache"])
            .current_dir(scene.path("."))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let running = [start(), start(), start()];
    let ended = running.map(|process| process.wait_with_output().unwrap());
    for output in &ended {
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(output.stdout == ended[0].stdout);
    }
    only_index(&scene);
}

#[test]
fn strips_tiles_and_cogs_give_the_same_features() {
    let scene = large();
    let original = Dataset::open(scene.path("pop.tif")).unwrap();
    let layouts: [(&str, &str, &[&str]); 6] = [
        ("strips", "GTiff", &["COMPRESS=DEFLATE", "BLOCKYSIZE=1"]),
        ("high_strips", "GTiff", &["COMPRESS=DEFLATE", "BLOCKYSIZE=37"]),
        ("one_block", "GTiff", &["COMPRESS=DEFLATE", "BLOCKYSIZE=2100"]),
        ("tiles", "GTiff", &["TILED=YES", "COMPRESS=DEFLATE", "BLOCKXSIZE=128", "BLOCKYSIZE=64"]),
        ("wide_tiles", "GTiff", &["TILED=YES", "BLOCKXSIZE=384", "BLOCKYSIZE=384"]),
        ("cog", "COG", &["COMPRESS=DEFLATE"]),
    ];
    let features = |text: &str| {
        let mut all: Value = serde_json::from_str(text).unwrap();
        all["features"].take()
    };
    let wanted = features(&scene.run(&format!("{ASSESS} --no-cache")).out);
    for (name, format, options) in layouts {
        let driver = DriverManager::get_driver_by_name(format).unwrap();
        let options = options.iter().copied().collect::<RasterCreationOptions>();
        drop(original.create_copy(&driver, scene.path(&format!("{name}.tif")), &options).unwrap());
        for way in ["--no-cache", "--cache-dir cache", "--cache-dir cache"] {
            let ran =
                scene.run(&format!("{} {way}", ASSESS.replace("pop.tif", &format!("{name}.tif"))));
            assert_eq!(ran.code, 0, "{}", ran.err);
            assert!(features(&ran.out) == wanted, "{name} {way}");
        }
    }
}

/// A zip archive of files that are not compressed.
pub(crate) fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let (at, size) = (zip.len() as u32, bytes.len() as u32);
        let mut facts = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        facts.extend(crc32fast::hash(bytes).to_le_bytes());
        facts.extend([size.to_le_bytes(), size.to_le_bytes()].as_flattened());
        facts.extend((name.len() as u16).to_le_bytes());
        facts.extend([0, 0]);
        zip.extend(b"PK\x03\x04");
        zip.extend(&facts);
        zip.extend(name.as_bytes());
        zip.extend(bytes);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&facts);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, count) = (zip.len() as u32, files.len() as u16);
    zip.extend(&directory);
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([count.to_le_bytes(), count.to_le_bytes()].as_flattened());
    zip.extend((directory.len() as u32).to_le_bytes());
    zip.extend(at.to_le_bytes());
    zip.extend([0, 0]);
    zip
}

/// A small scene with a raster where each cell holds so many people, for each of some names.
fn even(rasters: &[(&str, f32)]) -> Scene {
    let scene = Scene::usual();
    for (name, people) in rasters {
        fs::create_dir_all(scene.path(name).parent().unwrap()).unwrap();
        drop(scene.raster(name, 10, &[*people; 100]));
    }
    scene
}

/// People of the usual area on a raster, with the cache and without: must be the same.
fn people(scene: &Scene, population: &str) -> f64 {
    let assess = format!("assess --areas areas.geojson {population} -o -");
    let found = scene.run(&format!("{assess} --cache-dir cache"));
    let wanted = scene.run(&format!("{assess} --no-cache"));
    assert_eq!((found.code, wanted.code), (0, 0), "{} {}", found.err, wanted.err);
    assert_eq!(found.out, wanted.out);
    found.assessment().number(0, "pop_best")
}

#[test]
fn two_rasters_of_one_archive_are_two() {
    let scene = even(&[("day.tif", 1.0), ("night.tif", 2.0)]);
    let inside = ["day.tif", "night.tif"].map(|name| (name, scene.read(name)));
    scene.write("both.zip", archive(&inside));
    let of = |name: &str| format!("--population /vsizip/both.zip/{name}");
    assert_eq!(scene.run("index /vsizip/both.zip/day.tif --cache-dir cache").code, 0);
    assert_eq!(people(&scene, &of("day.tif")), 9.0);
    assert_eq!(people(&scene, &of("night.tif")), 18.0);
    assert_eq!(people(&scene, &format!("{} {}", of("night.tif"), of("day.tif"))), 18.0);
}

#[test]
fn of_two_grids_in_one_archive_one_may_have_its_index_before_the_other() {
    let scene = large();
    drop(scene.raster("small.tif", 10, &[1.0_f32; 100]));
    let inside = ["small.tif", "pop.tif"].map(|name| (name, scene.read(name)));
    scene.write("both.zip", archive(&inside));
    assert_eq!(scene.run("index /vsizip/both.zip/small.tif --cache-dir cache").code, 0);
    // The digest of the archive is known from the one index, and the other is made with it.
    let both = "--population /vsizip/both.zip/small.tif \
        --population /vsizip/both.zip/pop.tif,nodata_means=zero,primary=true";
    people(&scene, both);
    assert_eq!(indexes(&scene, "cache").len(), 2);
}

#[test]
fn a_vrt_has_an_index_only_if_all_that_it_names_is_known() {
    let scene = even(&[("one.tif", 1.0)]);
    let vrt = |source: &str| {
        format!(
            "<VRTDataset rasterXSize=\"10\" rasterYSize=\"10\"><SRS>EPSG:4326</SRS>\
             <GeoTransform>20, 0.01, 0, 50, 0, -0.01</GeoTransform><VRTRasterBand dataType=\"Float32\" \
             band=\"1\"><SimpleSource><SourceFilename relativeToVRT=\"0\">{source}</SourceFilename>\
             <SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
        )
    };
    scene.write("plain.vrt", vrt("one.tif"));
    scene.write("part.vrt", vrt("GTIFF_DIR:1:one.tif"));
    assert_eq!(scene.run("index plain.vrt --cache-dir cache").code, 0);
    assert_eq!(scene.run("index part.vrt --cache-dir cache").code, 0);
    scene.write("gone.vrt", vrt("two.tif"));
    let refused = scene.run("index gone.vrt --cache-dir cache");
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(refused.err.contains("its source two.tif is not there"), "{}", refused.err);
    assert_eq!(people(&scene, "--population plain.vrt"), 9.0);
    // The source changes and its length does not.
    drop(scene.raster("one.tif", 10, &[3.0_f32; 100]));
    assert_eq!(people(&scene, "--population plain.vrt"), 27.0);
    assert_eq!(people(&scene, "--population part.vrt"), 27.0);
}

#[test]
fn an_index_beside_a_raster_is_that_of_this_one_alone() {
    let scene = even(&[("day/pop.tif", 1.0), ("night/pop.tif", 2.0)]);
    let made = scene.run("index --beside day/pop.tif night/pop.tif --cache-dir cache");
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(scene.has("day/pop.tif.civexpop") && scene.has("night/pop.tif.civexpop"));
    let both = "--population day/pop.tif,name=d --population night/pop.tif,name=n,primary=true";
    assert_eq!(people(&scene, both), 18.0);
    // One that lies beside a raster that it was not made from.
    scene.write("night/pop.tif.civexpop", scene.read("day/pop.tif.civexpop"));
    let same_time = fs::metadata(scene.path("day/pop.tif")).unwrap().modified().unwrap();
    let night = fs::File::options().append(true).open(scene.path("night/pop.tif")).unwrap();
    night.set_modified(same_time).unwrap();
    assert_eq!(people(&scene, "--population night/pop.tif"), 18.0);
}

#[test]
fn a_raster_that_is_read_twice_tells_its_faulty_cells_twice() {
    let scene = Scene::usual();
    let mut values = [10.0_f32; 100];
    // Beside the area, within the ring around it.
    values[4 * 10 + 6] = -9.0;
    drop(scene.raster("pop.tif", 10, &values));
    fs::create_dir(scene.path("same")).unwrap();
    let twice = "assess --areas areas.geojson,rings_m=2000 --population pop.tif,name=a \
        --population same/../pop.tif,name=b,nodata_means=zero,primary=true -o -";
    let wanted = scene.run(&format!("{twice} --no-cache"));
    assert_eq!(wanted.code, 2, "{}", wanted.err);
    assert_eq!(scene.run("index pop.tif --cache-dir cache").code, 0);
    let found = scene.run(&format!("{twice} --cache-dir cache"));
    assert_eq!((found.code, found.err), (2, wanted.err));
}

#[test]
fn little_memory_is_enough_where_no_area_needs_more() {
    let scene = large();
    let small: Vec<Value> = (0..400)
        .map(|place| {
            let [x, y] = [20.1 + f64::from(place % 20), 30.1 + f64::from(place / 20) * 0.9];
            area(&format!("A{place}"), &[[x, y, x + 0.3, y + 0.3]])
        })
        .collect();
    scene.write("areas.geojson", collection(&small).to_string());
    let wanted = scene.run(&format!("{ASSESS} --no-cache"));
    assert_eq!(wanted.code, 0, "{}", wanted.err);
    for threads in [1, 4] {
        let ran = scene.run(&format!("{ASSESS} --no-cache --memory 24M --threads {threads}"));
        assert_eq!(ran.code, 0, "{threads} threads: {}", ran.err);
        assert!(ran.out == wanted.out);
    }
}

/// An index that an attacker sends along with a raster: of the people of another, with the facts of the one that
/// was made from the raster, and every checksum right.
fn forged(other: &[u8], honest: &[u8]) -> Vec<u8> {
    let (mut words, honest) = (words_of(other), words_of(honest));
    words.truncate(words[9] as usize);
    words[10] = honest[10];
    words.extend(&honest[honest[9] as usize..]);
    words[2] = 8 * words.len() as u64;
    seal(&mut words);
    bytes_of(&words)
}

/// A raster of one person a cell with the index of another beside it, of which two people are in a cell; what the
/// cache `made` knows of the honest one stays.
fn beside_forged() -> Scene {
    let scene = even(&[("pop.tif", 1.0), ("other.tif", 2.0)]);
    let made = scene.run("index --beside pop.tif other.tif --cache-dir made");
    assert_eq!(made.code, 0, "{}", made.err);
    let index = |name: &str| scene.read(&format!("{name}.tif.civexpop"));
    let forged = forged(&index("other"), &index("pop"));
    fs::remove_file(scene.path("pop.tif.civexpop")).unwrap();
    scene.write("pop.tif.civexpop", forged);
    scene
}

#[test]
fn a_forged_index_beside_a_raster_is_not_believed() {
    let scene = beside_forged();
    let forged = scene.read("pop.tif.civexpop");
    let assess = "assess --areas areas.geojson --population pop.tif -o -";
    let wanted = scene.run(&format!("{assess} --no-cache"));
    assert_eq!((wanted.code, wanted.err.as_str()), (0, ""));
    // A cache that knows nothing, one that knows another index of the raster, and once more.
    for cache in ["fresh", "made", "made"] {
        let ran = scene.run(&format!("{assess} --cache-dir {cache}"));
        assert!(ran.code == 0 && ran.out == wanted.out, "{}", ran.err);
        let said = "pop.tif.civexpop: not used, since in columns 0 to 9, rows 0 to 9 it holds 200 people; \
             wanted 100 people, as in the raster";
        assert!(ran.err.contains(said), "{}", ran.err);
        assert!(ran.err.contains("hint: `civex index pop.tif --remove`"), "{}", ran.err);
    }
    assert_eq!(scene.read("pop.tif.civexpop"), forged, "it is the user's to remove");
}

#[test]
fn verifying_compares_values_and_its_hints_work() {
    let scene = beside_forged();
    let run = |more: &str| scene.run(&format!("index pop.tif {more} --cache-dir cache"));
    let verified = run("--verify");
    assert_eq!(verified.code, 1, "{}", verified.out);
    assert!(verified.err.contains("it holds 200 people; wanted 100 people"), "{}", verified.err);
    assert!(
        verified.err.contains("`civex index pop.tif --beside` makes it again"),
        "{}",
        verified.err
    );
    assert!(run("--list").out.contains("1 index"));
    assert_eq!(run("--beside").code, 0);
    let sound = run("--verify");
    assert_eq!((sound.code, sound.err.as_str()), (0, ""));
    assert!(sound.out.contains("is sound: it holds what the raster holds"), "{}", sound.out);
    assert!(run("--remove").out.contains("removed") && !scene.has("pop.tif.civexpop"));
    let none = run("--verify");
    assert_eq!(none.code, 1);
    assert!(none.err.contains("hint: `civex index pop.tif` makes one"), "{}", none.err);
    // In the cache, and the index of another raster in its place.
    fs::remove_file(scene.path("other.tif.civexpop")).unwrap();
    assert_eq!(run("").code, 0);
    assert_eq!(scene.run("index other.tif --cache-dir others").code, 0);
    let of = |folder: &str| {
        let mut found = indexes(&scene, folder).into_iter();
        found.find(|path| path.extension().is_some_and(|it| it == "civexpop")).unwrap()
    };
    let (own, other) = (of("cache"), of("others"));
    let forged = forged(&fs::read(other).unwrap(), &fs::read(&own).unwrap());
    fs::remove_file(&own).unwrap();
    fs::write(&own, forged).unwrap();
    assert_eq!(scene.run("index --verify --cache-dir cache").code, 0, "its checksums fit");
    let verified = run("--verify");
    assert_eq!(verified.code, 1, "{}", verified.out);
    assert!(verified.err.contains("it holds 200 people; wanted 100"), "{}", verified.err);
    let name = own.file_name().unwrap().to_str().unwrap();
    let hint = format!("hint: remove it: `rm cache/{name}`");
    assert!(verified.err.contains(&hint), "{}", verified.err);
}

#[test]
fn an_index_beside_a_raster_is_compared_once_and_known_then() {
    let scene = large();
    let raster = "pop.tif,nodata_means=zero";
    assert_eq!(scene.run(&format!("index {raster} --beside --cache-dir made")).code, 0);
    let run = |more: &str| scene.run(&format!("{ASSESS} --verbose {more}"));
    let wanted = run("--no-cache");
    assert!(
        wanted.err.contains("its own blocks"),
        "without a cache nobody knows it: {}",
        wanted.err
    );
    let (compared, used) = ("pop.tif.civexpop: compared with the raster", "pop.tif.civexpop: used");
    for (cache, is_known) in [("made", true), ("fresh", false), ("fresh", true)] {
        let ran = run(&format!("--cache-dir {cache}"));
        assert_eq!(ran.out, wanted.out);
        assert!(ran.err.contains("from its index"), "{cache}: {}", ran.err);
        assert_eq!([used, compared].map(|said| ran.err.contains(said)), [is_known, !is_known]);
        assert!(!ran.err.contains("an index is made"), "{}", ran.err);
    }
    // A raster that changed has another index, whatever is known of this one.
    let touched = fs::metadata(scene.path("pop.tif")).unwrap().modified().unwrap();
    let mut bytes = scene.read("pop.tif");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4].copy_from_slice(&77.0_f32.to_le_bytes());
    scene.write("pop.tif", bytes);
    let file = fs::File::options().append(true).open(scene.path("pop.tif")).unwrap();
    file.set_modified(touched).unwrap();
    let changed = run("--cache-dir made");
    assert!(changed.err.contains("of other contents than the raster has today"), "{}", changed.err);
    assert_eq!(changed.out, run("--no-cache").out);
    assert_ne!(changed.out, wanted.out);
}

#[test]
fn a_rotten_index_beside_a_raster_stays_where_it_is() {
    let scene = even(&[("pop.tif", 1.0)]);
    assert_eq!(scene.run("index pop.tif --beside --cache-dir cache").code, 0);
    let path = scene.path("pop.tif.civexpop");
    let mut bytes = fs::read(&path).unwrap();
    bytes[4200] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let ran = scene.run("assess --areas areas.geojson --population pop.tif -o - --cache-dir cache");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.assessment().number(0, "pop_best"), 9.0);
    assert!(ran.err.contains("it holds parts that are damaged or make no sense"), "{}", ran.err);
    assert!(path.exists());
}

#[test]
fn what_is_no_index_is_not_replaced_by_one() {
    let scene = even(&[("pop.tif", 1.0)]);
    scene.write("pop.tif.civexpop", "notes of mine");
    let refused = scene.run("index pop.tif --beside --cache-dir cache");
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(refused.err.contains("civex did not write") && refused.err.contains("hint:"));
    assert_eq!(scene.run("index pop.tif --remove --cache-dir cache").code, 0);
    assert_eq!(scene.read("pop.tif.civexpop"), b"notes of mine");
    let archive = archive(&[("pop.tif", scene.read("pop.tif"))]);
    scene.write("all.zip", archive);
    let refused = scene.run("index /vsizip/all.zip/pop.tif --beside --cache-dir cache");
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(refused.err.contains("part of an archive") && !scene.has("all.zip.civexpop"));
}

/// Whom files belong to and who may use them.
#[cfg(unix)]
mod others {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

    const RUN: &str = "assess --areas areas.geojson --population pop.tif -o -";

    fn set_mode(path: &std::path::Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: &std::path::Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_cache_is_made_for_its_user_alone() {
        let scene = even(&[("pop.tif", 1.0)]);
        assert_eq!(scene.run("index pop.tif --cache-dir new/cache").code, 0);
        assert_eq!(mode(&scene.path("new/cache")), 0o700);
        assert_eq!(mode(&indexes(&scene, "new/cache")[0]), 0o600);
    }

    #[test]
    fn a_folder_that_others_can_get_into_is_no_cache() {
        let scene = even(&[("pop.tif", 1.0)]);
        fs::create_dir(scene.path("cache")).unwrap();
        for open in [0o755, 0o770, 0o777, 0o1777] {
            set_mode(&scene.path("cache"), open);
            for run in [RUN, "index pop.tif", "index --list"] {
                let refused = scene.run(&format!("{run} --cache-dir cache"));
                assert_eq!(refused.code, 2, "{run}: {}", refused.err);
                let said = format!("cache: not used as a cache: its mode is {:03o}", open & 0o777);
                assert!(refused.err.contains(&said), "{}", refused.err);
                assert!(
                    refused.err.contains("hint: `chmod 700 cache` closes it"),
                    "{}",
                    refused.err
                );
            }
            assert!(
                indexes(&scene, "cache").is_empty() && mode(&scene.path("cache")) == open & 0o777
            );
        }
        set_mode(&scene.path("cache"), 0o700);
        assert_eq!(scene.run("index pop.tif --cache-dir cache").code, 0);
    }

    /// The program with a home of its own.
    fn at_home(scene: &Scene, args: &str) -> (i32, String, String) {
        let ran = Command::new(env!("CARGO_BIN_EXE_civex"))
            .args(args.split(' '))
            .current_dir(scene.path("."))
            .env("XDG_CACHE_HOME", scene.path("caches"))
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (ran.status.code().unwrap(), text(ran.stdout), text(ran.stderr))
    }

    #[test]
    fn the_own_folder_of_an_earlier_version_is_closed_and_one_that_others_can_write_left_alone() {
        let scene = even(&[("pop.tif", 1.0)]);
        let own = scene.path("caches/civex");
        fs::create_dir_all(&own).unwrap();
        set_mode(&own, 0o755);
        assert_eq!(at_home(&scene, "index pop.tif").0, 0);
        assert_eq!((mode(&own), indexes(&scene, "caches/civex").len()), (0o700, 1));
        set_mode(&own, 0o777);
        let wanted = scene.run(&format!("{RUN} --no-cache")).out;
        let (code, out, err) = at_home(&scene, RUN);
        assert_eq!((code, out), (0, wanted), "{err}");
        assert!(err.contains("not used as a cache: its mode is 777"), "{err}");
        assert!(err.contains(&format!("hint: `chmod 700 {}`", own.display())), "{err}");
        assert_eq!((mode(&own), indexes(&scene, "caches/civex").len()), (0o777, 1));
        assert_eq!(at_home(&scene, "index pop.tif").0, 2, "there is nowhere to put it");
    }

    #[test]
    fn a_file_of_the_cache_that_others_can_write_is_not_used() {
        let scene = large();
        let wanted = scene.run(&format!("{ASSESS} --cache-dir cache"));
        let path = only_index(&scene);
        set_mode(&path, 0o666);
        let ran = scene.run(&format!("{ASSESS} --cache-dir cache"));
        assert_eq!((ran.code, ran.out == wanted.out), (0, true), "{}", ran.err);
        assert!(ran.err.contains("its mode is 666, so others can write it"), "{}", ran.err);
        let name = path.file_name().unwrap().to_str().unwrap();
        let hint = format!("hint: remove it: `rm cache/{name}`");
        assert!(ran.err.contains(&hint), "{}", ran.err);
        assert_eq!(mode(&only_index(&scene)), 0o600, "it was made again");
        // What is known of an index beside a raster is no better.
        let scene = beside_forged();
        let known = indexes(&scene, "made");
        let sha256 = sha2_of(&scene.read("pop.tif.civexpop"));
        for path in &known {
            let text = fs::read_to_string(path).unwrap();
            let mut text: Value = serde_json::from_str(&text).unwrap();
            text["sha256"] = sha256.clone().into();
            fs::write(path, text.to_string()).unwrap();
            set_mode(path, 0o622);
        }
        let ran = scene.run(&format!("{RUN} --cache-dir made"));
        assert_eq!(ran.assessment().number(0, "pop_best"), 9.0, "{}", ran.err);
    }

    fn sha2_of(bytes: &[u8]) -> String {
        use sha2::{Digest, Sha256};
        civex::read::hexadecimal(&Sha256::digest(bytes))
    }

    #[test]
    fn what_belongs_to_another_is_no_cache() {
        let scene = even(&[("pop.tif", 1.0)]);
        let (theirs, link) = (scene.path("theirs"), scene.path("link"));
        fs::create_dir(&theirs).unwrap();
        set_mode(&theirs, 0o700);
        // Only the superuser can give files away.
        if chown(&theirs, Some(12_345), None).is_err() {
            return;
        }
        symlink(&theirs, &link).unwrap();
        for cache in ["theirs", "link"] {
            let refused = scene.run(&format!("{RUN} --cache-dir {cache}"));
            assert_eq!(refused.code, 2, "{}", refused.err);
            assert!(refused.err.contains("it belongs to user 12345"), "{}", refused.err);
            assert!(refused.err.contains("hint: name a folder of your own"), "{}", refused.err);
        }
        assert!(indexes(&scene, "theirs").is_empty());
        assert_eq!(scene.run("index pop.tif --cache-dir cache").code, 0);
        chown(only_index(&scene), Some(12_345), None).unwrap();
        let ran = scene.run(&format!("{RUN} --cache-dir cache"));
        assert!(ran.code == 0 && ran.err.contains("it belongs to user 12345"), "{}", ran.err);
    }
}
