//! Population rasters of every kind: what their cells mean, and what is refused.

use crate::scene::{Assessment, Scene, area, collection, place};
use gdal::raster::{ColorEntry, ColorInterpretation, ColorTable, GdalType, PaletteInterpretation};
use gdal::{Dataset, DriverManager};

/// A cell that the usual area covers, of the usual raster.
const INSIDE: usize = 5 * 10 + 3;

/// Ten people in every cell but one that the usual area covers.
fn with_one<T: Copy>(ten: T, other: T) -> Vec<T> {
    let mut values = vec![ten; 100];
    values[INSIDE] = other;
    values
}

fn assessed(scene: &Scene, population: &str) -> Assessment {
    let ran = scene.assess(population);
    assert_eq!(ran.code, 0, "{population}: {}", ran.err);
    ran.assessment()
}

/// Eighty people, and a ninth of the surface without data.
fn misses_a_ninth(scene: &Scene, population: &str) {
    let found = assessed(scene, population);
    assert_eq!(found.number(0, "pop_best"), 80.0, "{population}");
    assert!((found.number(0, "missing_share") - 1.0 / 9.0).abs() < 1e-4, "{population}");
    assert_eq!(found.text(0, "status"), "data_gap", "{population}");
    assert!(found.text(0, "flags").starts_with("high_not_a_bound"), "{population}");
}

/// All there, and so many people.
fn holds(scene: &Scene, population: &str, people: f64) {
    let found = assessed(scene, population);
    assert_eq!(found.number(0, "pop_best"), people, "{population}");
    assert_eq!(found.number(0, "missing_share"), 0.0, "{population}");
}

/// Every type of number holds 90 people, and 80 with a nodata value.
fn check_type<T: GdalType + Copy>(scene: &Scene, ten: T, nodata: T, tag: impl Fn(&mut Dataset)) {
    scene.raster("typed.tif", 10, &[ten; 100]);
    holds(scene, "typed.tif", 90.0);
    let mut tagged = scene.raster("tagged.tif", 10, &with_one(ten, nodata));
    tag(&mut tagged);
    drop(tagged);
    misses_a_ninth(scene, "tagged.tif");
    holds(scene, "tagged.tif,nodata_means=zero", 80.0);
}

#[test]
fn every_type_of_number_is_read_with_its_nodata() {
    let scene = Scene::usual();
    let tag = |value: f64| {
        move |raster: &mut Dataset| {
            raster.rasterband(1).unwrap().set_no_data_value(Some(value)).unwrap();
        }
    };
    check_type(&scene, 10_u8, 255, tag(255.0));
    check_type(&scene, 10_u16, 65_535, tag(65_535.0));
    check_type(&scene, 10_i16, -32_768, tag(-32_768.0));
    check_type(&scene, 10_u32, u32::MAX, tag(f64::from(u32::MAX)));
    check_type(&scene, 10_i32, -9999, tag(-9999.0));
    check_type(&scene, 10.0_f32, -3.4e38, tag(f64::from(-3.4e38_f32)));
    check_type(&scene, 10.0_f64, -1e300, tag(-1e300));
    check_type(&scene, 10_i64, -9999, |raster| {
        raster.rasterband(1).unwrap().set_no_data_value_i64(Some(-9999)).unwrap();
    });
    check_type(&scene, 10_u64, 999, |raster| {
        raster.rasterband(1).unwrap().set_no_data_value_u64(Some(999)).unwrap();
    });
}

#[test]
fn a_nan_is_missing_with_a_tag_and_without() {
    let scene = Scene::usual();
    scene.raster("nan.tif", 10, &with_one(10.0_f32, f32::NAN));
    misses_a_ninth(&scene, "nan.tif");
    // Nobody declared it, so it cannot mean zero.
    misses_a_ninth(&scene, "nan.tif,nodata_means=zero");
    let tagged = scene.raster("tagged.tif", 10, &with_one(10.0_f32, f32::NAN));
    tagged.rasterband(1).unwrap().set_no_data_value(Some(f64::NAN)).unwrap();
    drop(tagged);
    misses_a_ninth(&scene, "tagged.tif");
    holds(&scene, "tagged.tif,nodata_means=zero", 80.0);
}

#[test]
fn the_meaning_of_nodata_is_asked_for_where_it_matters() {
    let scene = Scene::usual();
    let raster = scene.raster("gap.tif", 10, &with_one(10.0_f32, -1.0));
    raster.rasterband(1).unwrap().set_no_data_value(Some(-1.0)).unwrap();
    drop(raster);
    let asked = "if nobody lives there, declare `nodata_means = \"zero\"`";
    assert!(scene.assess("gap.tif").err.contains(asked));
    assert!(!scene.assess("gap.tif,nodata_means=unknown").err.contains(asked));
}

#[test]
fn scale_offset_and_masks_are_applied() {
    let scene = Scene::usual();
    let scaled = scene.raster("scaled.tif", 10, &[10_i16; 100]);
    scaled.rasterband(1).unwrap().set_scale(0.5).unwrap();
    scaled.rasterband(1).unwrap().set_offset(1.0).unwrap();
    drop(scaled);
    holds(&scene, "scaled.tif", 54.0);
    let masked = scene.raster("masked.tif", 10, &[10.0_f32; 100]);
    let mut band = masked.rasterband(1).unwrap();
    band.create_mask_band(true).unwrap();
    let mask = with_one(255_u8, 0);
    let mut mask = gdal::raster::Buffer::new((10, 10), mask);
    band.open_mask_band().unwrap().write((0, 0), (10, 10), &mut mask).unwrap();
    drop(masked);
    misses_a_ninth(&scene, "masked.tif");
}

#[test]
fn a_raster_with_its_south_up_holds_the_same() {
    let scene = Scene::usual();
    let values: Vec<f32> = (0..100_u8).map(f32::from).collect();
    scene.raster("north.tif", 10, &values);
    let mirrored: Vec<f32> = values.chunks(10).rev().flatten().copied().collect();
    let mut south = scene.raster("south.tif", 10, &mirrored);
    south.set_geo_transform(&[20.0, 0.01, 0.0, 49.9, 0.0, 0.01]).unwrap();
    drop(south);
    let best = assessed(&scene, "north.tif").number(0, "pop_best");
    // Columns 2 to 4 of rows 5 to 7.
    assert_eq!(best, 3.0 * (52.0 + 53.0 + 54.0 + 30.0));
    assert_eq!(assessed(&scene, "south.tif").number(0, "pop_best"), best);
}

#[test]
fn the_samples_that_are_named_are_added_up() {
    let scene = Scene::usual();
    scene.write(
        "both.vrt",
        "<VRTDataset rasterXSize=\"10\" rasterYSize=\"10\"><SRS>EPSG:4326</SRS>\
         <GeoTransform>20,0.01,0,50,0,-0.01</GeoTransform>\
         <VRTRasterBand dataType=\"Float32\" band=\"1\"><SimpleSource>\
         <SourceFilename relativeToVRT=\"1\">pop.tif</SourceFilename></SimpleSource></VRTRasterBand>\
         <VRTRasterBand dataType=\"Float32\" band=\"2\"><ComplexSource>\
         <SourceFilename relativeToVRT=\"1\">pop.tif</SourceFilename><ScaleRatio>0.5</ScaleRatio>\
         </ComplexSource></VRTRasterBand></VRTDataset>",
    );
    for (population, people) in [
        ("both.vrt,samples=[1]", 90.0),
        ("both.vrt,samples=[2]", 45.0),
        ("both.vrt,samples=[1,2]", 135.0),
    ] {
        holds(&scene, population, people);
    }
}

#[test]
fn samples_that_miss_different_cells_keep_all_people_where_nodata_means_zero() {
    let scene = Scene::usual();
    // Each sample holds people in one cell of the area, and nodata elsewhere.
    let alone = |at: usize, people: f32| {
        let mut values = [-1.0_f32; 100];
        values[at] = people;
        values
    };
    scene.raster("one.tif", 10, &alone(INSIDE, 10.0));
    scene.raster("two.tif", 10, &alone(INSIDE + 1, 50.0));
    let band = |number: usize, file: &str| {
        format!(
            "<VRTRasterBand dataType=\"Float32\" band=\"{number}\"><NoDataValue>-1</NoDataValue>\
             <SimpleSource><SourceFilename relativeToVRT=\"1\">{file}</SourceFilename></SimpleSource>\
             </VRTRasterBand>"
        )
    };
    scene.write(
        "both.vrt",
        format!(
            "<VRTDataset rasterXSize=\"10\" rasterYSize=\"10\"><SRS>EPSG:4326</SRS>\
             <GeoTransform>20,0.01,0,50,0,-0.01</GeoTransform>{}{}</VRTDataset>",
            band(1, "one.tif"),
            band(2, "two.tif")
        ),
    );
    holds(&scene, "both.vrt,samples=[1,2],nodata_means=zero", 60.0);
    let unknown = assessed(&scene, "both.vrt,samples=[1,2],nodata_means=unknown");
    assert_eq!(unknown.number(0, "missing_share"), 1.0);
}

#[test]
fn a_value_that_nobody_declared_stops_the_run_only_under_an_area() {
    let scene = Scene::usual();
    scene.raster("under.tif", 10, &with_one(10.0_f32, -99999.0));
    let (sentence, hint) = scene.refused("assess --areas areas.geojson --population under.tif");
    assert_eq!(
        sentence,
        "under.tif: area \"A\" covers 1 cell with what is no number of people (smallest -99999)"
    );
    assert!(hint.contains("`nodata = -99999` under [[population]]"), "{hint}");
    misses_a_ninth(&scene, "under.tif,nodata=-99999");
    let mut away = vec![10.0_f32; 100];
    away[0] = -99999.0;
    scene.raster("away.tif", 10, &away);
    holds(&scene, "away.tif", 90.0);
    let checked = scene.run("check --areas areas.geojson --population away.tif");
    assert_eq!(checked.code, 1);
    let wanted = "problem: away.tif: 1 cell holds what is no number of people (smallest -99999)\n";
    assert!(checked.out.starts_with(wanted), "{}", checked.out);
}

#[test]
fn the_hint_for_a_very_small_number_can_be_followed() {
    let scene = Scene::usual();
    let raster = scene.raster("sea.tif", 10, &with_one(10.0_f32, -3.4e38));
    raster.rasterband(1).unwrap().set_no_data_value(Some(0.0)).unwrap();
    drop(raster);
    let (_, hint) = scene.refused("assess --areas areas.geojson --population sea.tif");
    let value = hint.split("`,").nth(1).unwrap().split('`').next().unwrap();
    assert!(value.starts_with("nodata=-3.39999"), "{value}");
    misses_a_ninth(&scene, &format!("sea.tif,{value}"));
    let toml = hint.split("`nodata = ").nth(1).unwrap().split('`').next().unwrap();
    scene.write(
        "sea.toml",
        format!("[areas]\npath = \"areas.geojson\"\n[[population]]\npath = \"sea.tif\"\nnodata = {toml}\n"),
    );
    assert_eq!(scene.run("assess sea.toml").code, 0);
    for (name, value) in [("inf.tif", f32::INFINITY), ("huge.tif", 1e30)] {
        scene.raster(name, 10, &with_one(10.0_f32, value));
        let (sentence, _) =
            scene.refused(&format!("assess --areas areas.geojson --population {name}"));
        assert!(sentence.len() < 120, "{sentence}");
    }
}

#[test]
fn a_density_becomes_people_with_the_surface_and_is_never_guessed() {
    let scene = Scene::usual();
    scene.raster("pop_density.tif", 10, &[10.0_f32; 100]);
    let (sentence, hint) =
        scene.refused("assess --areas areas.geojson --population pop_density.tif");
    assert_eq!(
        sentence,
        "pop_density.tif: its name speaks of a density (\"pop_density\") and `measure` is not given"
    );
    assert!(hint.contains("measure = \"density\""), "{hint}");
    holds(&scene, "pop_density.tif,measure=count", 90.0);
    let found = assessed(&scene, "pop_density.tif,measure=density");
    let (people, km2) = (found.number(0, "pop_best"), found.number(0, "area_km2"));
    assert!((people - 10.0 * km2).abs() < 0.001, "{people} people on {km2} km²");
    assert!((found.number(0, "pop_density_km2") - 10.0).abs() < 0.001);
}

#[test]
fn strips_and_tiles_give_the_same_features() {
    let scene = Scene::empty();
    let shape = area("A", &[[20.5, 47.0, 23.0, 49.5], [21.0, 48.0, 21.2, 48.3]]);
    scene.write("areas.geojson", collection(&[shape]).to_string());
    let cells =
        (0..400_u32 * 400).map(|cell| (cell.wrapping_mul(2_654_435_761) >> 20) as f32 / 97.0);
    let values: Vec<f32> = cells.collect();
    let layouts: [(&str, &[&str]); 4] = [
        ("rows.tif", &["BLOCKYSIZE=1"]),
        ("strips.tif", &["BLOCKYSIZE=7", "COMPRESS=DEFLATE"]),
        ("tiles.tif", &["TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=64", "COMPRESS=LZW"]),
        ("one.tif", &["BLOCKYSIZE=400"]),
    ];
    let mut features = Vec::new();
    for (name, layout) in layouts {
        place(&mut scene.bare_raster(name, 400, &values, layout));
        features.push(assessed(&scene, name).features().clone());
    }
    assert!(features.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn rasters_that_hold_no_people_are_refused_with_what_they_hold() {
    let scene = Scene::usual();
    let raster = scene.raster("palette.tif", 10, &[1_u8; 100]);
    let mut colors = ColorTable::new(PaletteInterpretation::Rgba);
    colors.set_color_entry(1, &ColorEntry::rgba(255, 0, 0, 255));
    raster.rasterband(1).unwrap().set_color_table(&colors);
    drop(raster);
    let picture = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = gdal::raster::RasterCreationOptions::from_iter(["PHOTOMETRIC=RGB"]);
    let create = |name: &str, bands: usize, options| {
        let path = scene.path(name);
        picture.create_with_band_type_with_options::<u8, _>(path, 10, 10, bands, &options).unwrap()
    };
    place(&mut create("rgb.tif", 3, options));
    let two = gdal::raster::RasterCreationOptions::from_iter(["PHOTOMETRIC=MINISBLACK"]);
    let mut two = create("two.tif", 2, two);
    place(&mut two);
    two.rasterband(2).unwrap().set_color_interpretation(ColorInterpretation::GrayIndex).unwrap();
    drop(two);
    scene.write(
        "complex.vrt",
        "<VRTDataset rasterXSize=\"10\" rasterYSize=\"10\"><SRS>EPSG:4326</SRS>\
         <GeoTransform>20,0.01,0,50,0,-0.01</GeoTransform><VRTRasterBand dataType=\"CFloat32\" band=\"1\"/>\
         </VRTDataset>",
    );
    let cases = [
        ("palette.tif", "sample 1 holds colors or classes (a palette), wanted numbers of people"),
        ("rgb.tif", "sample 1 is part of a picture, wanted numbers of people"),
        ("complex.vrt", "sample 1 holds complex numbers, wanted numbers of people"),
        ("two.tif", "it has 2 samples: 1, 2"),
        ("pop.tif,samples=[3]", "no sample 3; it has 1"),
    ];
    for (population, wanted) in cases {
        let args = format!("assess --areas areas.geojson --population {population}");
        let file = population.split(',').next().unwrap();
        assert_eq!(scene.refused(&args).0, format!("{file}: {wanted}"));
    }
    let (_, hint) = scene.refused("assess --areas areas.geojson --population two.tif");
    assert!(hint.contains("samples = [1]"), "{hint}");
}

#[test]
fn files_that_are_no_rasters_or_have_no_place_stop_the_run_with_one_sentence() {
    let scene = Scene::usual();
    scene.write("empty.tif", "");
    scene.write("text.tif", "hello");
    scene.write("folder/x", "");
    scene.write("folder.tif/x", "");
    scene.bare_raster("nowhere.tif", 10, &[1.0_f32; 100], &[]);
    let mut unnamed = scene.bare_raster("unnamed.tif", 10, &[1.0_f32; 100], &[]);
    unnamed.set_geo_transform(&[20.0, 0.01, 0.0, 50.0, 0.0, -0.01]).unwrap();
    drop(unnamed);
    let mut turned = scene.raster("turned.tif", 10, &[1.0_f32; 100]);
    turned.set_geo_transform(&[20.0, 0.01, 0.001, 50.0, 0.001, -0.01]).unwrap();
    drop(turned);
    scene.write(
        "remote.vrt",
        "<VRTDataset rasterXSize=\"1\" rasterYSize=\"1\"><VRTRasterBand band=\"1\"><SimpleSource>\
         <SourceFilename>/vsicurl/http://example.org/a.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
    );
    let cases = [
        ("gone.tif", "no such file (looked for [folder]/gone.tif)", ""),
        ("empty.tif", "the file is empty", ""),
        ("text.tif", "not a raster that GDAL can open", ""),
        ("areas.geojson", "not a raster that GDAL can open", ""),
        ("folder", "a directory, wanted a file", ""),
        ("folder.tif", "a directory, wanted a file", ""),
        (
            "nowhere.tif",
            "it has no place on earth (no geotransform)",
            "-a_ullr WEST NORTH EAST SOUTH nowhere.tif nowhere_new.tif",
        ),
        (
            "unnamed.tif",
            "no reference system is declared, so nobody knows where its cells are",
            "gdal_translate -a_srs EPSG:4326 unnamed.tif unnamed_new.tif",
        ),
        (
            "turned.tif",
            "its grid is rotated or sheared, wanted one with north up",
            "gdalwarp -r sum -ot Float64 -dstnodata -99999 turned.tif turned_new.tif",
        ),
        (
            "remote.vrt",
            "line 1, column 83: its source reaches beyond this machine (/vsicurl), which is not allowed",
            "--remote",
        ),
    ];
    for (population, wanted, way_out) in cases {
        let (sentence, hint) =
            scene.refused(&format!("assess --areas areas.geojson --population {population}"));
        assert_eq!(sentence, format!("{population}: {wanted}"));
        assert!(hint.contains(way_out), "{hint}");
    }
}

#[test]
fn nothing_is_fetched_from_another_machine_however_it_is_hidden() {
    let scene = Scene::usual();
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let url = format!("http://{}/a.tif", server.local_addr().unwrap());
    let vrt = |source: &str| {
        format!(
            "<VRTDataset rasterXSize=\"10\" rasterYSize=\"10\"><SRS>EPSG:4326</SRS>\
             <GeoTransform>20,0.01,0,50,0,-0.01</GeoTransform><VRTRasterBand dataType=\"Float32\" band=\"1\">\
             <SimpleSource><SourceFilename>{source}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
        )
    };
    scene.write("hidden.tif", vrt(&format!("/vsicurl/{url}")));
    scene.write("streamed.tif", vrt(&format!("/vsicurl_streaming/{url}")));
    scene.write("outer.tif", vrt(&scene.path("hidden.tif").to_string_lossy()));
    let part = |name: &str| format!("/vsisubfile/0,{}", scene.path(name).display());
    scene.write("nested.tif", vrt(&part("hidden.tif")));
    scene.write("twice.tif", vrt(&part("streamed.tif")));
    let service = format!(
        "<GDAL_WMS><Service name=\"TMS\"><ServerUrl>{url}</ServerUrl></Service><DataWindow>\
         <UpperLeftX>20</UpperLeftX><UpperLeftY>50</UpperLeftY><LowerRightX>20.1</LowerRightX>\
         <LowerRightY>49.9</LowerRightY><SizeX>10</SizeX><SizeY>10</SizeY></DataWindow>\
         <Projection>EPSG:4326</Projection><BandsCount>1</BandsCount></GDAL_WMS>"
    );
    scene.write("service.tif", &service);
    let told = "reaches beyond this machine";
    let cases = [
        ("hidden.tif".to_owned(), told),
        ("streamed.tif".to_owned(), told),
        ("outer.tif".to_owned(), told),
        (part("hidden.tif"), told),
        ("service.tif".to_owned(), "not a raster that GDAL can open"),
        ("PG:host=127.0.0.1".to_owned(), "no such file"),
        ("nested.tif".to_owned(), told),
        ("twice.tif".to_owned(), told),
        (part("service.tif"), told),
    ];
    for (population, wanted) in cases {
        let (sentence, _) =
            scene.refused(&format!("assess --areas areas.geojson --population {population}"));
        assert!(sentence.contains(wanted), "{sentence}");
        assert!(server.accept().is_err(), "{population} was fetched");
    }
}

#[test]
fn a_raster_that_is_cut_short_is_refused_where_it_is_needed() {
    let scene = Scene::usual();
    let whole = scene.read("pop.tif").len();
    scene.cut("pop.tif", whole - 200, "cut.tif");
    let (sentence, hint) = scene.refused("assess --areas areas.geojson --population cut.tif");
    assert!(sentence.starts_with("cut.tif: "), "{sentence}");
    assert!(!sentence.contains("NULL") && !sentence.contains("error number"), "{sentence}");
    assert!(
        sentence.contains("cannot be decoded at row ") && hint.contains("cut short"),
        "{sentence}\n{hint}"
    );
    let checked = scene.run("check --areas areas.geojson --population cut.tif");
    assert_eq!(checked.code, 1, "{}", checked.err);
}

#[test]
fn an_area_of_some_meters_in_a_cell_of_a_degree_has_people_data() {
    let scene = Scene::empty();
    let mut raster = scene.bare_raster("pop.tif", 2, &[4e6_f32, 8e6, 4e6, 8e6], &[]);
    raster.set_geo_transform(&[20.0, 1.0, 0.0, 51.0, 0.0, -1.0]).unwrap();
    raster.set_spatial_ref(&gdal::spatial_ref::SpatialRef::from_epsg(4326).unwrap()).unwrap();
    drop(raster);
    // A meter, a centimeter, and a meter on both sides of a cell's border.
    let areas = [(20.3, 1e-5), (20.3, 1e-7), (20.999_995, 1e-5)];
    let areas = areas.map(|(west, side)| area("m", &[[west, 50.3, west + side, 50.3 + side]]));
    scene.write("areas.geojson", collection(&areas).to_string());
    let found = assessed(&scene, "pop.tif,nodata_means=unknown");
    for row in 0..3 {
        assert_eq!((found.text(row, "status"), found.number(row, "missing_share")), ("ok", 0.0));
        assert!(found.text(row, "flags").contains("small_area"));
    }
    assert_eq!(found.number(0, "pop_best"), 0.0, "4e6 people · 1e-10, in three decimals");
    assert_eq!(found.number(0, "area_km2"), 1e-6);
}
