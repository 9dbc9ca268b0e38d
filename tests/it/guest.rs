//! What a file makes GDAL do, beside being read: nothing.

use crate::scene::{Scene, USUAL, area, collection};
use gdal::raster::RasterCreationOptions;
use gdal::spatial_ref::SpatialRef;
use gdal::{DriverManager, Metadata};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpListener;

/// Every file of a scene with its content.
fn content(scene: &Scene) -> BTreeMap<String, Vec<u8>> {
    scene
        .files()
        .into_iter()
        .filter(|name| scene.path(name).is_file())
        .map(|name| (name.clone(), scene.read(&name)))
        .collect()
}

/// Shows a file to every command that reads, as a raster, as areas and as sites; none leaves anything behind. The
/// messages of all.
fn shown(scene: &Scene, file: &str) -> String {
    let before = content(scene);
    let mut said = String::new();
    for args in [
        format!("inspect {file}"),
        format!("check --areas {file} --population pop.tif"),
        format!("assess --areas {file} --population pop.tif --no-cache -o -"),
        format!("assess --areas areas.geojson --population {file} --no-cache -o -"),
        format!("assess plan.toml --sites {file},class=hospital --no-cache -o -"),
        format!("sites {file},class=hospital -o -"),
    ] {
        let ran = scene.run(&args);
        assert!([0, 1, 2].contains(&ran.code), "{args}: {}", ran.err);
        said.push_str(&ran.err);
        said.push_str(&ran.out);
        assert!(content(scene) == before, "{args} left {:?}", scene.files());
    }
    said
}

/// A VRT of one layer of a source, with more elements.
fn layers(source: &str, more: &str) -> String {
    format!(
        "<OGRVRTDataSource><OGRVRTLayer name=\"areas\"><SrcDataSource relativeToVRT=\"1\">{source}</SrcDataSource>\
         {more}</OGRVRTLayer></OGRVRTDataSource>"
    )
}

/// A VRT of one sample of a source, with more elements in the sample.
fn raster(source: &str, more: &str) -> String {
    format!(
        "<VRTDataset rasterXSize=\"10\" rasterYSize=\"10\"><SRS>EPSG:4326</SRS>\
         <GeoTransform>20,0.01,0,50,0,-0.01</GeoTransform><VRTRasterBand dataType=\"Float32\" band=\"1\">{more}\
         <SimpleSource><SourceFilename relativeToVRT=\"1\">{source}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
}

/// A `GeoPackage` of one square, whose table is called `base`.
fn geopackage(scene: &Scene, name: &str) -> Connection {
    scene.layers(
        name,
        "GPKG",
        Some(4326),
        &[(
            "base",
            &["POLYGON ((20.02 49.92, 20.05 49.92, 20.05 49.95, 20.02 49.95, 20.02 49.92))"],
        )],
    );
    Connection::open(scene.path(name)).unwrap()
}

#[test]
fn a_vrt_of_layers_that_does_more_than_name_them_is_refused_whatever_it_is_called() {
    let scene = Scene::usual();
    drop(geopackage(&scene, "areas.gpkg"));
    let inline = "{\"type\":\"FeatureCollection\",\"features\":[]}";
    let writes = "<SrcSQL dialect=\"SQLite\">VACUUM INTO 'written.db'</SrcSQL>";
    let as_attribute = "<OGRVRTDataSource><OGRVRTLayer name=\"areas\" srcsql=\"VACUUM INTO 'written.db'\"><SrcDataSource>areas.gpkg</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>";
    for (text, wanted) in [
        (layers("areas.gpkg", writes), "a VRT with an element SrcSQL"),
        (
            layers("areas.gpkg", &writes.to_lowercase().replace("sqlite", "SQLite")),
            "a VRT with an element srcsql",
        ),
        (as_attribute.to_string(), "a VRT with an attribute srcsql"),
        (
            layers(
                "areas.gpkg",
                "<OpenOptions><OOI key=\"PRELUDE_STATEMENTS\">x</OOI></OpenOptions>",
            ),
            "a VRT with an element OpenOptions",
        ),
        (layers(inline, ""), "is no plain file"),
        (layers("areas.gpkg<![CDATA[x]]>", ""), "is no plain file"),
        (layers("../../etc/passwd", ""), "lies outside of its folder"),
        (layers("/etc/passwd", ""), "lies outside of its folder"),
        (layers("/vsizip/a.zip/a.gpkg", ""), "is no plain file"),
        (
            layers("areas.gpkg", "<LayerSRS>http://127.0.0.1:1/4326</LayerSRS>"),
            "a reference system at an address",
        ),
        (layers("areas.gpkg", "").replace("</OGRVRTLayer>", ""), "a VRT that is no XML"),
        (layers("hidden.txt", ""), "its source"),
    ] {
        scene.write("hidden.txt", layers("areas.gpkg", writes));
        for name in ["plan.vrt", "plan.kml", "plan.shp"] {
            scene.write(name, &text);
            let said = shown(&scene, name);
            assert!(said.contains(wanted) && said.contains("hint: "), "{name}: {text}\n{said}");
            std::fs::remove_file(scene.path(name)).unwrap();
        }
    }
    // What only gives names is read.
    scene.write("plan.vrt", layers("areas.gpkg", "<SrcLayer>base</SrcLayer><LayerSRS>EPSG:4326</LayerSRS><Field name=\"ref\" src=\"id\"/>"));
    let ran = scene.run("assess --areas plan.vrt --population pop.tif,nodata_means=zero -o -");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.assessment().number(0, "pop_best"), 90.0);
}

#[test]
fn a_vrt_of_rasters_that_runs_something_is_refused() {
    let scene = Scene::usual();
    for more in [
        "<PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionCode>open('written','w')</PixelFunctionCode>",
        "<pixelfunctioncode>open('written','w')</pixelfunctioncode>",
    ] {
        scene.write("sum.vrt", raster("pop.tif", more));
        let said = shown(&scene, "sum.vrt");
        assert!(said.to_lowercase().contains("a vrt with an element pixelfunction"), "{said}");
    }
    scene.write("inner.tif", raster("pop.tif", "<PixelFunctionCode>x</PixelFunctionCode>"));
    scene.write("outer.vrt", raster("inner.tif", ""));
    let (sentence, _) = scene.refused("assess --areas areas.geojson --population outer.vrt");
    assert!(
        sentence.contains("inner.tif: ") && sentence.contains("PixelFunctionCode"),
        "{sentence}"
    );
    // As GDAL takes it: letters of any size, and an `&` that begins nothing.
    let text = raster("pop.tif", "<Description>a & b</Description>")
        .replace("SourceFilename", "sourcefilename");
    scene.write("loose.vrt", text);
    let ran =
        scene.run("assess --areas areas.geojson --population loose.vrt,nodata_means=zero -o -");
    assert_eq!(ran.assessment().number(0, "pop_best"), 90.0, "{}", ran.err);
}

/// Writes a file for each way in which a format may lead to an address.
fn write_ways_out(scene: &Scene, url: &str) {
    let kml = |inside: &str| {
        format!("<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>{inside}</Document></kml>")
    };
    scene.write("overlay.kml", kml(&format!("<GroundOverlay><Icon><href>{url}.tif</href></Icon><LatLonBox><north>50</north><south>49</south><east>21</east><west>20</west></LatLonBox></GroundOverlay>")));
    scene.write(
        "link.kml",
        kml(&format!("<NetworkLink><Link><href>{url}.kml</href></Link></NetworkLink>")),
    );
    scene.write("style.kml", kml(&format!("<Placemark><styleUrl>{url}.kml#s</styleUrl><Point><coordinates>20.03,49.93</coordinates></Point></Placemark>")));
    scene.write("entity.kml", format!("<?xml version=\"1.0\"?><!DOCTYPE kml SYSTEM \"{url}.dtd\" [<!ENTITY e SYSTEM \"{url}\">]><kml><Document><Placemark><name>&e;</name></Placemark></Document></kml>"));
    scene.write("schema.gml", format!("<ogr:FeatureCollection xmlns:ogr=\"http://ogr.maptools.org/\" xmlns:gml=\"http://www.opengis.net/gml\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"http://ogr.maptools.org/ {url}.xsd\"><gml:featureMember><ogr:a fid=\"1\"><ogr:geometryProperty><gml:Point srsName=\"{url}\"><gml:coordinates>20.03,49.93</gml:coordinates></gml:Point></ogr:geometryProperty></ogr:a></gml:featureMember></ogr:FeatureCollection>"));
}

/// The same, for archives, virtual rasters and what belongs to a raster.
fn write_rasters_out(scene: &Scene, url: &str) {
    let mut linked = collection(&[area("A", &[USUAL])]);
    linked["crs"] = json!({"type": "link", "properties": {"href": url, "type": "ogcwkt"}});
    scene.write(
        "linked.zip",
        crate::sidecar::archive(&[("linked.geojson", linked.to_string().into_bytes())]),
    );
    let netcdf = format!("NETCDF:\"{url}.nc\":pop");
    scene.write(
        "deep.zip",
        crate::sidecar::archive(&[
            ("deep.vrt", raster("inner.vrt", "").into_bytes()),
            ("inner.vrt", raster(&netcdf, "").into_bytes()),
            ("deep.tif", raster(&netcdf, "").into_bytes()),
        ]),
    );
    scene.write("streamed.vrt", raster(&format!("/vsicurl_streaming/{url}.tif"), ""));
    scene.write("netcdf.vrt", raster(&netcdf, ""));
    // A mask and an overview are opened on behalf of a raster that names them.
    drop(scene.raster("masked.tif", 10, &[10.0_f32; 100]));
    scene.write("masked.tif.msk", raster(&netcdf, ""));
    let mut overview = scene.raster("overview.tif", 10, &[10.0_f32; 100]);
    overview.set_metadata_item("OVERVIEW_FILE", &netcdf, "OVERVIEWS").unwrap();
    drop(overview);
}

#[test]
fn nothing_leaves_this_machine_by_any_format_whatever_the_environment_says() {
    let scene = Scene::usual();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let address = server.local_addr().unwrap();
    let url = format!("http://{address}/a");
    let netcdf = format!("NETCDF:\"{url}.nc\":pop");
    write_ways_out(&scene, &url);
    write_rasters_out(&scene, &url);
    let environment = [
        ("NO_PROXY", "*"),
        ("GML_DOWNLOAD_SCHEMA", "YES"),
        ("LIBKML_RESOLVE_STYLE", "YES"),
        ("PROJ_NETWORK", "ON"),
        ("GDAL_VRT_ENABLE_PYTHON", "YES"),
    ];
    for file in [
        "overlay.kml",
        "link.kml",
        "style.kml",
        "entity.kml",
        "schema.gml",
        "/vsizip/linked.zip/linked.geojson",
        "/vsizip/deep.zip/deep.vrt",
        "/vsizip/deep.zip/deep.tif",
        "streamed.vrt",
        "netcdf.vrt",
        "masked.tif",
        "overview.tif",
        &netcdf,
        &format!("/vsicurl/{url}"),
        &format!("vrt://{url}"),
        &url,
    ] {
        let before = content(&scene);
        for args in [
            format!("inspect {file}"),
            format!("assess --areas {file} --population pop.tif --no-cache -o -"),
            format!(
                "assess --areas areas.geojson --population {file},nodata_means=zero --no-cache -o -"
            ),
            format!("index {file} --cache-dir cache"),
            format!("sites {file},class=hospital -o -"),
        ] {
            let ran = scene.run_in(&args, &environment);
            assert!([0, 1, 2].contains(&ran.code), "{args}: {}", ran.err);
            assert!(server.accept().is_err(), "{args} asked another machine");
        }
        assert!(content(&scene) == before, "{file} left {:?}", scene.files());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_needs_no_network_at_all() {
    let scene = Scene::usual();
    let program = env!("CARGO_BIN_EXE_civex");
    let run = |args: &str| {
        let mut command = std::process::Command::new("unshare");
        command.args(["--map-root-user", "--net", program]).args(args.split_whitespace());
        command.current_dir(scene.path(".")).output()
    };
    match run("--version") {
        Ok(output) if output.status.success() => {}
        // Namespaces are not allowed everywhere.
        _ => return,
    }
    let output = run("assess plan.toml --no-cache -o -").unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"pop_best\":90.0"));
    // The ways out end there as they do where there is a network: nobody waits for an answer.
    write_ways_out(&scene, "http://127.0.0.1:9/a");
    write_rasters_out(&scene, "http://127.0.0.1:9/a");
    let names = scene.files().into_iter().filter(|name| {
        [".kml", ".gml", ".vrt", ".tif"].iter().any(|ending| name.ends_with(ending))
    });
    for name in names {
        let args = format!("inspect {name}");
        let (inside, outside) = (run(&args).unwrap(), scene.run(&args));
        assert_eq!(inside.status.code(), Some(outside.code), "{name}");
        assert_eq!(String::from_utf8_lossy(&inside.stderr), outside.err, "{name}");
    }
}

#[test]
fn no_file_is_written_beside_what_is_read() {
    let scene = Scene::usual();
    let square = "POLYGON ((20.02 49.92, 20.05 49.92, 20.05 49.95, 20.02 49.95, 20.02 49.92))";
    scene.layer("areas.shp", "ESRI Shapefile", Some(4326), &[square]);
    scene.layer("bare.shp", "ESRI Shapefile", Some(4326), &[square]);
    std::fs::remove_file(scene.path("bare.shx")).unwrap();
    scene.write(
        "areas.gml",
        "<ogr:FeatureCollection xmlns:ogr=\"http://ogr.maptools.org/\" xmlns:gml=\"http://www.opengis.net/gml\">\
         <gml:featureMember><ogr:a fid=\"1\"><ogr:geometryProperty><gml:Point srsName=\"EPSG:4326\">\
         <gml:coordinates>20.03,49.93</gml:coordinates></gml:Point></ogr:geometryProperty></ogr:a>\
         </gml:featureMember></ogr:FeatureCollection>",
    );
    let log = geopackage(&scene, "areas.gpkg");
    log.pragma_update(None, "journal_mode", "wal").unwrap();
    drop(log);
    for file in ["areas.shp", "bare.shp", "areas.gml", "areas.gpkg", "pop.tif"] {
        shown(&scene, file);
    }
    let ran = scene.run("assess --areas areas.gpkg --population pop.tif,nodata_means=zero -o -");
    assert_eq!(ran.assessment().number(0, "pop_best"), 90.0, "{}", ran.err);
}

#[test]
fn a_geopackage_whose_rows_are_made_when_they_are_read_is_refused() {
    for (sql, wanted) in [
        (
            "CREATE VIEW endless AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n AS fid, (SELECT geom FROM base) AS geom FROM r",
            "is a view or a virtual table",
        ),
        (
            "CREATE VIEW endless AS SELECT fid, geom, hex(zeroblob(400000000)) AS id FROM base",
            "is a view or a virtual table",
        ),
        ("CREATE VIRTUAL TABLE endless USING rtree(fid, a, b)", "is a view or a virtual table"),
        (
            "CREATE TABLE endless (fid INTEGER PRIMARY KEY, geom BLOB, id TEXT GENERATED ALWAYS AS (hex(zeroblob(400000000))))",
            "is a table with computed columns",
        ),
    ] {
        let scene = Scene::usual();
        let file = geopackage(&scene, "made.gpkg");
        file.execute_batch(&format!(
            "{sql}; UPDATE gpkg_contents SET table_name = 'endless', identifier = 'endless';
             UPDATE gpkg_geometry_columns SET table_name = 'endless';"
        ))
        .unwrap();
        drop(file);
        let said = shown(&scene, "made.gpkg");
        assert!(said.contains(wanted) && said.contains("hint: "), "{sql}: {said}");
    }
}

#[test]
fn a_database_whose_schema_runs_something_is_refused_before_it_does() {
    let scene = Scene::usual();
    scene.write("secret.csv", "id,lon,lat,word\na,20.03,49.93,SECRET\n");
    let vrt = |more: &str| {
        format!(
            "<OGRVRTDataSource><OGRVRTLayer name=\"secret\"><SrcDataSource>{}</SrcDataSource>{more}</OGRVRTLayer></OGRVRTDataSource>",
            scene.path("secret.csv").display()
        )
    };
    let written = scene.path("written.db");
    let vacuum =
        format!("<SrcSQL dialect=\"SQLite\">VACUUM INTO ''{}''</SrcSQL>", written.display());
    for sql in [
        format!("CREATE VIRTUAL TABLE vo USING VirtualOGR('{}')", vrt(&vacuum)),
        format!("CREATE VIRTUAL TABLE \"USING rtree(\" USING VirtualOGR('{}')", vrt(&vacuum)),
        format!(
            "CREATE/**/VIRTUAL TABLE vo USING VirtualOGR('{}')",
            scene.path("secret.csv").display()
        ),
        format!(
            "CREATE VIRTUAL TABLE vo USING VirtualOGR('{}')",
            scene.path("secret.csv").display()
        ),
    ] {
        let file = Connection::open(scene.path("evil.db")).unwrap();
        file.execute_batch("CREATE TABLE t (a); PRAGMA writable_schema = ON").unwrap();
        let row = "INSERT INTO sqlite_master VALUES ('table', 'vo', 'vo', 0, ?1)";
        file.execute(row, [&sql]).unwrap();
        drop(file);
        std::fs::copy(scene.path("evil.db"), scene.path("evil.kml")).unwrap();
        scene.write("evil.vrt", layers("evil.db", "<SrcLayer>vo</SrcLayer>"));
        for name in ["evil.db", "evil.kml", "evil.vrt"] {
            let said = shown(&scene, name);
            let is_refused = said.contains("\"vo\" would run something")
                || said.contains("malformed database schema (vo)");
            assert!(is_refused, "{name} {sql}: {said}");
            assert!(!said.contains("SECRET") && !written.exists(), "{name} {sql}: {said}");
        }
        std::fs::remove_file(scene.path("evil.db")).unwrap();
    }
}

#[test]
fn a_view_is_no_layer_however_it_is_reached() {
    const ENDLESS: &str = "CREATE VIEW endless AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r";
    let scene = Scene::usual();
    Connection::open(scene.path("plain.db")).unwrap().execute_batch(ENDLESS).unwrap();
    geopackage(&scene, "made.gpkg").execute_batch(ENDLESS).unwrap();
    scene.write("plain.vrt", layers("plain.db", "<SrcLayer>endless</SrcLayer>"));
    scene.write("made.vrt", layers("made.gpkg", "<SrcLayer>endless</SrcLayer>"));
    scene.write("raster.vrt", raster("made.gpkg", ""));
    for name in ["plain.db", "plain.vrt", "made.vrt"] {
        let said = shown(&scene, name);
        assert!(said.contains("layer \"endless\" is a view"), "{name}: {said}");
    }
    let said = shown(&scene, "raster.vrt");
    assert!(said.contains("is a GeoPackage or another SQLite file"), "{said}");
    // Nobody names it: the layer beside it is read.
    let ran = scene.run("assess --areas made.gpkg --population pop.tif,nodata_means=zero -o -");
    assert_eq!(ran.assessment().number(0, "pop_best"), 90.0, "{}", ran.err);
}

#[test]
fn a_row_that_is_longer_than_its_file_does_not_take_all_memory() {
    let scene = Scene::usual();
    let file = geopackage(&scene, "long.gpkg");
    file.execute_batch(&format!(
        "DROP TRIGGER IF EXISTS rtree_base_geom_insert;
         WITH RECURSIVE r(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM r WHERE n < 2000)
         INSERT INTO base (fid) SELECT n FROM r;
         ALTER TABLE base ADD COLUMN note TEXT DEFAULT '{}'",
        "x".repeat(900_000)
    ))
    .unwrap();
    drop(file);
    let (sentence, hint) =
        scene.refused("assess --areas long.gpkg --population pop.tif --memory 256M");
    assert!(sentence.contains("features, which need "), "{sentence}");
    assert!(hint.contains("`--memory"), "{hint}");
}

#[test]
fn vrts_that_name_each_other_many_times_are_refused() {
    let scene = Scene::usual();
    for level in 0..5 {
        let below = if level == 0 { "pop.tif".into() } else { format!("l{}.vrt", level - 1) };
        let source = format!(
            "<SimpleSource><SourceFilename relativeToVRT=\"1\">{below}</SourceFilename></SimpleSource>"
        );
        scene.write(&format!("l{level}.vrt"), raster(&below, &source.repeat(29)));
    }
    let (sentence, _) = scene.refused("assess --areas areas.geojson --population l4.vrt");
    assert!(sentence.contains("VRTs within it name over 1,048,576 files"), "{sentence}");
    assert_eq!(scene.run("inspect l1.vrt").code, 0);
}

#[test]
fn a_name_that_is_longer_than_any_line_is_told() {
    let scene = Scene::usual();
    let name = "a".repeat(70_000);
    scene.write(
        "areas.geojson",
        json!({"type": "Feature", "properties": {&name: 1}, "geometry": null}).to_string(),
    );
    let ran = scene.run("inspect areas.geojson");
    assert!(ran.code < 2 && ran.out.contains(&name[..50]), "{}", ran.err);
}

#[test]
fn a_block_that_does_not_fit_is_refused_before_it_is_decoded() {
    let scene = Scene::usual();
    // One block of 4,000 × 4,000 cells.
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options =
        ["BLOCKYSIZE=4000", "COMPRESS=DEFLATE"].into_iter().collect::<RasterCreationOptions>();
    let mut block = driver
        .create_with_band_type_with_options::<f32, _>(
            scene.path("block.tif"),
            4000,
            4000,
            1,
            &options,
        )
        .unwrap();
    crate::scene::place(&mut block);
    drop(block);
    let ran = scene.run("inspect block.tif --memory 48M");
    assert!(ran.out.contains("cells at a time, which may take 129"), "{}{}", ran.out, ran.err);
}

#[test]
fn what_belongs_to_a_raster_is_no_more_than_a_raster() {
    const OVERVIEW: &str = "<PAMDataset><Metadata domain=\"OVERVIEWS\"><MDI key=\"Overview_File\">/a</MDI></Metadata></PAMDataset>";
    for (behind, content) in [
        (".msk", raster("other.tif", "").into_bytes()),
        (".MSK", raster("other.tif", "").into_bytes()),
        (".ovr", b"SQLite format 3\0".to_vec()),
        (".ovr.msk", raster("other.tif", "").into_bytes()),
        (".aux.xml", OVERVIEW.into()),
    ] {
        let scene = Scene::usual();
        drop(scene.raster("other.tif", 10, &[10.0_f32; 100]));
        scene.write(&format!("pop.tif{behind}"), content);
        scene.write("population.msk", raster("other.tif", ""));
        let (sentence, hint) = scene.refused("assess --areas areas.geojson --population pop.tif");
        let wanted = format!("pop.tif{behind} beside it is more than a raster");
        assert!(sentence.ends_with(&wanted) && hint == "move it away", "{sentence}");
    }
}

#[test]
fn a_vrt_that_programs_read_in_different_ways_is_refused() {
    let scene = Scene::usual();
    std::fs::create_dir(scene.path("there")).unwrap();
    scene.write("there/v.vrt", raster("pop.tif", ""));
    std::fs::copy(scene.path("pop.tif"), scene.path("there/pop.tif")).unwrap();
    #[cfg(unix)]
    {
        let absolute = raster(&scene.path("pop.tif").display().to_string(), "");
        scene.write("there/absolute.vrt", absolute.replace("VRT=\"1\"", "VRT=\"0\""));
        std::os::unix::fs::symlink("there/absolute.vrt", scene.path("absolute.vrt")).unwrap();
        assert_eq!(scene.run("inspect absolute.vrt").code, 0);
        std::os::unix::fs::symlink("there/v.vrt", scene.path("link.vrt")).unwrap();
        let (sentence, hint) = scene.refused("assess --areas areas.geojson --population link.vrt");
        assert!(sentence.contains("a VRT behind a link"), "{sentence}");
        assert!(hint.contains("name the file that the link leads to"), "{hint}");
    }
    assert_eq!(scene.run("inspect there/v.vrt").code, 0);
    for value in ["2", "01", "yes", "1x"] {
        let text = raster("pop.tif", "").replace("VRT=\"1\"", &format!("VRT=\"{value}\""));
        scene.write("odd.vrt", text);
        let (sentence, _) = scene.refused("assess --areas areas.geojson --population odd.vrt");
        assert!(sentence.contains(&format!("relativeToVRT is \"{value}\"")), "{sentence}");
    }
    let warped =
        "<VRTDataset rasterXSize=\"10\" rasterYSize=\"10\" subClass=\"VRTWarpedDataset\"/>";
    scene.write("warped.vrt", warped);
    let (sentence, _) = scene.refused("assess --areas areas.geojson --population warped.vrt");
    assert!(sentence.contains("a VRT with an attribute subClass"), "{sentence}");
    for element in ["GDALWarpOptions", "KernelFilteredSource", "VRTProcessedDataset"] {
        scene.write("odd.vrt", raster("pop.tif", &format!("<{element}/>")));
        let (sentence, _) = scene.refused("assess --areas areas.geojson --population odd.vrt");
        assert!(sentence.contains(&format!("a VRT with an element {element}")), "{sentence}");
    }
}

#[test]
fn a_geopackage_whose_catalog_is_a_view_or_whose_rows_wait_elsewhere_is_refused() {
    let scene = Scene::usual();
    let file = geopackage(&scene, "catalog.gpkg");
    file.execute_batch(
        "ALTER TABLE gpkg_contents RENAME TO kept; CREATE VIEW gpkg_contents AS SELECT * FROM kept",
    )
    .unwrap();
    drop(file);
    let (sentence, _) = scene.refused("assess --areas catalog.gpkg --population pop.tif");
    assert!(
        sentence
            .ends_with("its catalog gpkg_contents is a view or a virtual table, wanted a table"),
        "{sentence}"
    );
    let file = geopackage(&scene, "open.gpkg");
    file.pragma_update(None, "journal_mode", "wal").unwrap();
    file.execute_batch("PRAGMA wal_autocheckpoint = 0; CREATE TABLE later (a)").unwrap();
    let (sentence, hint) = scene.refused("assess --areas open.gpkg --population pop.tif");
    assert!(sentence.contains("its newest rows are in a log beside it"), "{sentence}");
    assert!(hint.contains("PRAGMA wal_checkpoint(TRUNCATE)"), "{hint}");
    // The way out works.
    file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    assert_eq!(scene.run("assess --areas open.gpkg --population pop.tif -o -").code, 0);
}

#[test]
fn pages_of_a_geopackage_that_lead_back_to_each_other_come_to_an_end() {
    let scene = Scene::usual();
    let file = geopackage(&scene, "wheel.gpkg");
    let triggers = "SELECT group_concat('DROP TRIGGER \"' || name || '\"', ';') FROM sqlite_master WHERE type = 'trigger'";
    let triggers: String = file.query_row(triggers, [], |row| row.get(0)).unwrap();
    file.execute_batch(&triggers).unwrap();
    file.execute_batch(
        "WITH RECURSIVE r(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM r WHERE n < 4000)
         INSERT INTO base (fid, geom) SELECT n, (SELECT geom FROM base LIMIT 1) FROM r",
    )
    .unwrap();
    let root: usize = file
        .query_row("SELECT rootpage FROM sqlite_master WHERE name = 'base'", [], |row| row.get(0))
        .unwrap();
    let size: usize = file.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
    drop(file);
    let mut bytes = scene.read("wheel.gpkg");
    let page = &mut bytes[(root - 1) * size..root * size];
    assert_eq!(page[0], 5, "an inner page of a table");
    // Every child is the page itself.
    let cells = usize::from(u16::from_be_bytes([page[3], page[4]]));
    let own = u32::try_from(root).unwrap().to_be_bytes();
    for cell in 0..cells {
        let at = 12 + 2 * cell;
        let at = usize::from(u16::from_be_bytes([page[at], page[at + 1]]));
        page[at..at + 4].copy_from_slice(&own);
    }
    scene.write("wheel.gpkg", bytes);
    let begun = std::time::Instant::now();
    let (sentence, hint) = scene.refused("assess --areas wheel.gpkg --population pop.tif");
    assert!(sentence.starts_with("wheel.gpkg: ") && !hint.is_empty(), "{sentence}");
    assert!(begun.elapsed().as_secs() < 10);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for_wherever_it_is_named() {
    let scene = Scene::usual();
    let pipe = |name: &str| {
        let made = std::process::Command::new("mkfifo").arg(scene.path(name)).status();
        assert!(made.unwrap().success());
    };
    pipe("pipe");
    drop(scene.raster("masked.tif", 10, &[10.0_f32; 100]));
    pipe("masked.tif.msk");
    scene.write("raw.dat", "x");
    pipe("raw.sgrd");
    // Of another, whose name only begins as well.
    pipe("population.csv");
    scene.write("areas.shp", "x");
    pipe("AREAS.DBF");
    scene.write("areas.vrt", layers("pipe", ""));
    scene.write("pop.vrt", raster("pipe", ""));
    for args in [
        "--areas areas.vrt --population pop.tif",
        "--areas pipe --population pop.tif",
        "--areas areas.geojson --population pop.vrt",
        "--areas areas.geojson --population pipe",
        "--areas areas.geojson --population GTIFF_DIR:1:pipe",
        "--areas areas.geojson --population masked.tif",
        "--areas areas.geojson --population raw.dat",
        "--areas areas.shp --population pop.tif",
    ] {
        let (sentence, hint) = scene.refused(&format!("assess {args}"));
        assert!(sentence.contains("a pipe") && !hint.is_empty(), "{args}: {sentence}");
    }
}

#[test]
fn no_setting_of_the_environment_changes_a_number() {
    let scene = Scene::usual();
    // A raster whose values are those of points: its corner is that of the first cell, or its middle.
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = ["PROFILE=GeoTIFF"].into_iter().collect::<RasterCreationOptions>();
    let mut points = driver
        .create_with_band_type_with_options::<f32, _>(scene.path("points.tif"), 10, 10, 1, &options)
        .unwrap();
    points.set_geo_transform(&[20.0, 0.01, 0.0, 50.0, 0.0, -0.01]).unwrap();
    points.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
    points.set_metadata_item("AREA_OR_POINT", "Point", "").unwrap();
    let values: Vec<f32> = (0..100_u8).map(f32::from).collect();
    points
        .rasterband(1)
        .unwrap()
        .write((0, 0), (10, 10), &mut gdal::raster::Buffer::new((10, 10), values))
        .unwrap();
    drop(points);
    let args =
        "assess --areas areas.geojson --population points.tif,nodata_means=zero --no-cache -o -";
    let wanted: Value = scene.run(args).assessment().get(0, "pop_best").clone();
    // The order of longitude and latitude is asked of the environment by this format alone.
    scene.write("areas.gml", "<ogr:FeatureCollection xmlns:ogr=\"http://ogr.maptools.org/\" xmlns:gml=\"http://www.opengis.net/gml\"><gml:featureMember><ogr:a fid=\"1\"><ogr:geometryProperty><gml:Polygon srsName=\"EPSG:4326\"><gml:outerBoundaryIs><gml:LinearRing><gml:coordinates>20.02,49.92 20.05,49.92 20.05,49.95 20.02,49.95 20.02,49.92</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs></gml:Polygon></ogr:geometryProperty></ogr:a></gml:featureMember></ogr:FeatureCollection>");
    let drawn =
        "assess --areas areas.gml --population points.tif,nodata_means=zero --no-cache -o -";
    let before = scene.run(drawn);
    for setting in [
        ("GML_SWAP_COORDINATES", "YES"),
        ("GML_CONSIDER_EPSG_AS_URN", "YES"),
        ("GML_INVERT_AXIS_ORDER_IF_LAT_LONG", "NO"),
        ("GDAL_SKIP", "GTiff"),
        ("OGR_SKIP", "GML"),
    ] {
        let ran = scene.run_in(drawn, &[setting]);
        assert_eq!(
            (ran.code, ran.out),
            (before.code, before.out.clone()),
            "{setting:?}: {}",
            ran.err
        );
    }
    for setting in [
        ("GTIFF_POINT_GEO_IGNORE", "TRUE"),
        ("GTIFF_HONOUR_NEGATIVE_SCALEY", "YES"),
        ("GDAL_GEOREF_SOURCES", "NONE"),
        ("GDAL_PAM_ENABLED", "NO"),
        ("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR"),
        ("OGR_ENABLE_PARTIAL_REPROJECTION", "YES"),
        ("OSR_DEFAULT_AXIS_MAPPING_STRATEGY", "TRADITIONAL_GIS_ORDER"),
    ] {
        let ran = scene.run_in(args, &[setting]);
        assert_eq!(ran.code, 0, "{setting:?}: {}", ran.err);
        assert_eq!(*ran.assessment().get(0, "pop_best"), wanted, "{setting:?}");
    }
}

#[cfg(unix)]
#[test]
fn no_settings_of_the_user_change_a_number() {
    let scene = Scene::usual();
    let rows = "1.7 ".repeat(10) + "\n";
    let head = "ncols 10\nnrows 10\nxllcorner 20\nyllcorner 49.9\ncellsize 0.01\n";
    scene.write("people.asc", format!("{head}{}", rows.repeat(10)));
    scene.write("people.prj", "GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]]");
    scene.write("home/.gdal/gdalrc", "[configoptions]\nAAIGRID_DATATYPE=Int32\n");
    let args =
        "assess --areas areas.geojson --population people.asc,nodata_means=zero --no-cache -o -";
    let home = scene.path("home").display().to_string();
    let ran = scene.run_in(args, &[("HOME", &home)]);
    let best = ran.assessment().number(0, "pop_best");
    assert!((best - 15.3).abs() < 1e-3, "{best}: {}", ran.err);
}

#[cfg(target_os = "linux")]
#[test]
fn too_little_memory_is_not_called_a_fault_of_a_reference_system() {
    let scene = Scene::usual();
    for kilobytes in [150_000, 200_000, 217_500, 250_000, 400_000] {
        let line = format!(
            "ulimit -v {kilobytes}; exec {} assess plan.toml --no-cache -o -",
            env!("CARGO_BIN_EXE_civex")
        );
        // The trace of a panic allocates, and where it cannot it waits for itself.
        let ran = std::process::Command::new("sh")
            .env("RUST_BACKTRACE", "0")
            .args(["-c", &line])
            .current_dir(scene.path("."))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(!said.contains("\"EPSG:4326\" is not known"), "{kilobytes}: {said}");
    }
}
