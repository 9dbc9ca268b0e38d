//! Every hint that the program prints, followed: the input that caused it is made, the hint is applied, and the fault
//! that it belonged to is gone, whatever comes next.
//!
//! [`CASES`] is the table. The test of the inventory reads the sources for texts of hints: one without a case fails,
//! unless `NOT_FOLLOWED` says why no test can follow it.

use crate::dialects::{PLACES, VECTORS};
use crate::ground::HINTS as GROUND;
use crate::inventory::{NOT_FOLLOWED, Template, templates};
use crate::scene::{PLAN, Scene, USUAL, area, collection, feature, point, polygon};
use gdal::spatial_ref::SpatialRef;
use serde_json::{Value, json};

/// How a hint is followed before the program runs again.
pub(crate) enum Follow {
    /// The command in the hint that begins so is run, then the program with these arguments.
    Command(&'static str, &'static str),
    /// The program is run with other arguments, which the hint names.
    Run(&'static str),
    /// The hint says what to change in a file, then the program is run as before.
    Edit(fn(&Scene)),
}

use Follow::{Command, Edit, Run};

/// The arguments, a piece of the hint that they must print, and how it is followed.
pub(crate) type Case = (&'static str, &'static str, Follow);

const AREAS: &str = "check --areas areas.geojson --population";

const RASTERS: [Case; 24] = [
    (
        "@ nowhere.tif",
        "give a copy its corners in longitude and latitude",
        Command("gdal_translate", "@ nowhere_new.tif"),
    ),
    ("@ located.tif", "give a copy its corners: ", Command("gdal_translate", "@ located_new.tif")),
    ("@ flat.vrt", "give a copy its corners", Command("gdal_translate", "@ flat_new.tif")),
    (
        "@ beyond.tif",
        "or give a copy the corners",
        Command("gdal_translate -a_ullr", "@ beyond_new.tif"),
    ),
    ("@ bare.tif", "declare it in a copy", Command("gdal_translate", "@ bare_new.tif")),
    ("@ bare.asc", "declare it in a copy", Command("gdal_translate", "@ bare_new.tif")),
    ("@ bare.nc", "declare it in a copy", Command("gdal_translate", "@ bare_new.tif")),
    ("@ bare.xyz", "declare it in a copy", Command("gdal_translate", "@ bare_new.tif")),
    (
        "@ meters.tif",
        "declare the system that its corners are in",
        Command("gdal_translate", "@ meters_new.tif"),
    ),
    ("@ turned.tif", "-dstnodata -99999", Command("gdalwarp", "@ turned_new.tif")),
    (
        "@ gaps.tif",
        "turn it in a copy, keeping its people: `gdalwarp -r sum gaps",
        Command("gdalwarp", "@ gaps_new.tif"),
    ),
    ("@ grads.tif", "carry it over", Command("gdalwarp", "@ grads_new.tif")),
    ("@ below.tif", "`nodata = -99999`", Run("@ below.tif,nodata=-99999")),
    ("@ noise.tif", "`clamp_below = 0.005`", Run("@ noise.tif,clamp_below=0.005")),
    (
        "@ mixed.tif",
        "`,nodata=-99999,clamp_below=0.005`",
        Run("@ mixed.tif,nodata=-99999,clamp_below=0.005"),
    ),
    ("@ spoiled.tif", "their values differ", Run("@ pop.tif")),
    ("@ below.tif,nodata=-1", "`,nodata=[-1,-99999]`", Run("@ below.tif,nodata=[-1,-99999]")),
    ("@ two.vrt", "name those that hold people", Run("@ two.vrt,samples=[1]")),
    ("@ pop.tif,samples=[3]", "samples count from 1", Run("@ pop.tif,samples=[1]")),
    (
        "@ pop_density.tif",
        "say which: `measure = \"density\"`",
        Run("@ pop_density.tif,measure=density"),
    ),
    ("@ two.nc", "name one by the last part of its name", Run("@ two.nc,layer=Band1")),
    ("@ two.nc,layer=Bend1", "name one of them", Run("@ two.nc,layer=Band1")),
    ("@ picture.tif", "give the raster of people itself", Run("@ pop.tif")),
    ("@ areas.geojson", "give it as areas or as sites", Run("@ pop.tif")),
];

const BROKEN: [Case; 10] = [
    ("@ text.tif", "see that it is whole, and a raster of people", Run("@ pop.tif")),
    (
        "@ empty.tif",
        "fetch or write it again",
        Edit(|scene| scene.write("empty.tif", scene.read("pop.tif"))),
    ),
    (
        "@ cut.tif",
        "it may be damaged or cut short",
        Edit(|scene| scene.write("cut.tif", scene.read("pop.tif"))),
    ),
    ("@ folder", "name a file in it", Run("@ folder/pop.tif")),
    ("@ gone.tif", "paths in a scenario start where its file is", Run("@ pop.tif")),
    ("@ endless.vrt", "cut out the ground that matters", Run("@ pop.tif")),
    ("@ /vsicurl/http://localhost:1/pop.tif", "download the file first", Run("@ pop.tif")),
    ("assess plan.toml --memory 100", "`--memory", Run("assess plan.toml --memory 1G")),
    ("check latin.toml", "save it as UTF-8", Edit(|scene| scene.write("latin.toml", PLAN))),
    ("inspect text.tif", "see that it is whole; ", Run("inspect pop.tif")),
];

const PROBLEMS: [Case; 12] = [
    (
        "& none.geojson --population pop.tif",
        "draw a polygon for it",
        Edit(|scene| scene.write("none.geojson", scene.read("areas.geojson"))),
    ),
    (
        "assess --areas bow.geojson --population pop.tif --strict",
        "without `--strict` it is repaired",
        Run("assess --areas bow.geojson --population pop.tif"),
    ),
    (
        "& twice.geojson --population pop.tif",
        "or another column: `id",
        Run("& twice.geojson,id=ref --population pop.tif"),
    ),
    (
        "assess --areas soon.geojson --population pop.tif",
        "write times as 2026-11-22T06:00+02:00",
        Edit(|scene| scene.write("soon.geojson", scene.read("areas.geojson"))),
    ),
    (
        "& far.geojson --population pop.tif",
        "check the order of longitude and latitude",
        Run("& areas.geojson --population pop.tif"),
    ),
    (
        "& turned.geojson --population pop.tif",
        "exchanged, they lie within \"pop\"",
        Run("& areas.geojson --population pop.tif"),
    ),
    (
        "@ pop.tif --sites exchanged.geojson,class=hospital",
        "exchanged, they lie among the areas",
        Run("@ pop.tif --sites sites.geojson,class=hospital"),
    ),
    (
        "@ pop.tif --sites elsewhere.geojson,class=hospital",
        "the reference system of the sites",
        Run("@ pop.tif --sites sites.geojson,class=hospital"),
    ),
    (
        "@ pop.tif --sites sites.geojson,class=hospital --links links.csv",
        "ids are those of the sites layers",
        Edit(|scene| scene.write("links.csv", "from,to,theta\n")),
    ),
    (
        "@ pop.tif --sites plain.geojson",
        "`class = \"hospital\"` for all",
        Run("@ pop.tif --sites plain.geojson,class=hospital"),
    ),
    (
        "@ pop.tif --sites plain.geojson,class_field=kidn",
        "did you mean `kind`?",
        Run("@ pop.tif --sites plain.geojson,class_field=kind"),
    ),
    (
        "@ pop.tif --sites plain.geojson,class=hopsital",
        "did you mean `hospital`?",
        Run("@ pop.tif --sites plain.geojson,class=hospital"),
    ),
];

const SETTINGS: [Case; 16] = [
    (
        "check areas.geojson",
        "to assess layers without a scenario",
        Run("assess --areas areas.geojson --population pop.tif"),
    ),
    (
        "assess --population pop.tif",
        "add a section [areas]",
        Run("assess --population pop.tif --areas areas.geojson"),
    ),
    (
        "assess --areas areas.geojson",
        "add a section [[population]]",
        Run("assess --areas areas.geojson --population pop.tif"),
    ),
    ("@ pop.tif,measur=count", "did you mean `measure`?", Run("@ pop.tif,measure=count")),
    ("@ pop.tif,measure=count,coverz=all", "known: name", Run("@ pop.tif,measure=count")),
    ("@ pop.tif,year=2020,year=2021", "give it once", Run("@ pop.tif,year=2020")),
    ("@ pop.tif,primary", "write `key=value`", Run("@ pop.tif,primary=true")),
    (
        "check date.toml",
        "write the date as year-month-day",
        Edit(|scene| scene.write("date.toml", format!("[scenario]\ndate = 2026-11-22\n{PLAN}"))),
    ),
    (
        "check bare.toml",
        "put a text in quotes: `path = 'areas.geojson'`",
        Edit(|scene| scene.write("bare.toml", PLAN)),
    ),
    ("check slashes.toml", "single quotes", Edit(|scene| scene.write("slashes.toml", PLAN))),
    (
        "check colon.toml",
        "a line is a head such as [areas]",
        Edit(|scene| scene.write("colon.toml", PLAN)),
    ),
    ("check double.toml", "keep one of them", Edit(|scene| scene.write("double.toml", PLAN))),
    (
        "check zone.toml",
        "write it as Europe/Kyiv",
        Edit(|scene| {
            scene.write("zone.toml", format!("[scenario]\ntimezone = \"Europe/Kyiv\"\n{PLAN}"));
        }),
    ),
    (
        "check day.toml",
        "write it as 2026-11-22",
        Edit(|scene| scene.write("day.toml", format!("[scenario]\ndate = \"2026-11-22\"\n{PLAN}"))),
    ),
    (
        "check single.toml",
        "head each layer with [[population]]",
        Edit(|scene| scene.write("single.toml", PLAN)),
    ),
    (
        "check same.toml",
        "keep one of them: one source",
        Edit(|scene| scene.write("same.toml", PLAN)),
    ),
];

const COMMANDS: [Case; 10] = [
    ("explain out.geojson nobody", "it has A", Run("explain out.geojson A")),
    ("explain options.geojson 1", "name one of X/1", Run("explain options.geojson X/1")),
    ("explain areas.geojson A", "give one that `civex assess", Run("explain out.geojson A")),
    (
        "assess plan.toml -o out.shp",
        "convert it with ogr2ogr",
        Run("assess plan.toml -o out2.geojson"),
    ),
    (
        "assess plan.toml -o out.html",
        "of which `civex report` makes a page",
        Run("assess plan.toml -o out3.geojson"),
    ),
    (
        "assess plan.toml -o notours.geojson",
        "`--overwrite` replaces it",
        Run("assess plan.toml -o notours.geojson --overwrite"),
    ),
    (
        "assess plan.toml -o areas.geojson",
        "give `-o` another name",
        Run("assess plan.toml -o out4.geojson"),
    ),
    (
        "assess plan.toml -o folder.geojson",
        "a folder that can be written",
        Run("assess plan.toml -o out5.geojson"),
    ),
    ("new started", "name another folder", Run("new other")),
    (
        "compare plan.toml",
        "the property of areas that tells it is `coa`",
        Edit(|scene| scene.write("areas.geojson", options().to_string())),
    ),
];

/// Settings that make no sense, and tables of other columns.
const TEXTS: [Case; 22] = [
    (
        "check share.toml",
        "a quarter of all people is 0.25",
        Edit(|scene| children(scene, "share.toml", "share = 0.25, source = \"UN\"")),
    ),
    (
        "check nosource.toml",
        "write it as { share = 0.25",
        Edit(|scene| children(scene, "nosource.toml", "share = 0.25, source = \"UN WPP 2024\"")),
    ),
    (
        "check pattern.toml",
        "give the group as a share otherwise",
        Edit(|scene| children(scene, "pattern.toml", "share = 0.25, source = \"UN\"")),
    ),
    (
        "check layers.toml",
        "a layer given twice would count each of its sites twice",
        Edit(|scene| scene.write("layers.toml", PLAN)),
    ),
    ("check areas.toml", "in single brackets", Edit(|scene| scene.write("areas.toml", PLAN))),
    (
        "@ pop.tif --sites sites.geojson,class=zzz",
        "`civex taxonomy` lists all 39",
        Run("@ pop.tif --sites sites.geojson,class=hospital"),
    ),
    (
        "& quote.csv --population pop.tif",
        "a quote within a cell is written twice",
        Edit(|scene| scene.write("quote.csv", "id,lon,lat,note\n1,20.03,49.93,\"a \"\"b\"\"\"\n")),
    ),
    (
        "& columns.csv --population pop.tif",
        "leave out those that nobody needs",
        Edit(|scene| scene.write("columns.csv", "id,lon,lat\n1,20.03,49.93\n")),
    ),
    (
        "@ pop.tif --sites sites.geojson,class=hospital --answers empty.csv",
        "and a `site_id`",
        Edit(|scene| scene.write("empty.csv", "answer,site_id,value\noccupancy,H,40\n")),
    ),
    (
        "@ pop.tif --sites sites.geojson,class=hospital --links columns_of_links.csv",
        "supply links have the columns from, to",
        Edit(|scene| scene.write("columns_of_links.csv", "from,to,theta\n")),
    ),
    (
        "@ pop.tif --sites nothing.geojson",
        "if nobody looked, leave the layer out",
        Run("@ pop.tif"),
    ),
    (
        "@ pop.tif --scheme floors.toml",
        "a scheme may raise a floor, never lower it",
        Edit(|scene| scene.write("floors.toml", "[floors]\nt1 = 70\n")),
    ),
    (
        "@ pop.tif --scheme low.toml",
        "a scheme may lower it, never raise it",
        Edit(|scene| scene.write("low.toml", "[existence]\nlow = 0.8\n")),
    ),
    (
        "@ pop.tif --scheme confidence.toml",
        "give it 0.5 or more",
        Edit(|scene| scene.write("confidence.toml", "[existence]\ndefault_confidence = 0.5\n")),
    ),
    (
        "@ pop.tif --scheme flat.toml",
        "and its keys below",
        Edit(|scene| scene.write("flat.toml", "[floors]\nt1 = 70\n")),
    ),
    (
        "@ pop.tif --sites tagged.geojson,classify=osm,rules=rules.toml",
        "`civex taxonomy --osm` prints the rules",
        Run("@ pop.tif --sites tagged.geojson,classify=osm"),
    ),
    (
        "& lines.geojson --population pop.tif",
        "write one whole feature a line",
        Edit(|scene| scene.write("lines.geojson", scene.read("areas.geojson"))),
    ),
    (
        "& link.geojson --population pop.tif",
        "remove the member",
        Edit(|scene| scene.write("link.geojson", scene.read("areas.geojson"))),
    ),
    (
        "@ pop.tif --sites map.osm.pbf",
        "see that it is whole; from another format",
        Run("@ pop.tif --sites sites.geojson,class=hospital"),
    ),
    (
        "& map.osm.pbf --population pop.tif",
        "take its layer out: `ogr2ogr map_new.gpkg map.osm.pbf multipolygons`",
        Run("& areas.geojson --population pop.tif"),
    ),
    (
        "@ pop.tif --sites map.osm.pbf,layer=x",
        "leave it out: all of it is read",
        Run("@ pop.tif --sites map.osm.pbf"),
    ),
    (
        "compare alone.toml",
        "write `overlap = \"once\"`",
        Edit(|scene| scene.write("alone.toml", PLAN)),
    ),
];

/// Files that have more done than be read, and what was assessed before.
const FILES: [Case; 19] = [
    ("@ /vsizip//vsizip/outer.zip/pop.zip/pop.tif", "unpack the outer one", Run("@ pop.tif")),
    (
        "& /vsizip/a.zip/x.gpkg --population pop.tif",
        "unpack the archive first",
        Run("& one.gpkg --population pop.tif"),
    ),
    (
        "@ pop.tif --sites /vsizip/a.zip/map.osm.pbf",
        "download or unpack it first",
        Run("@ pop.tif --sites map.osm.pbf"),
    ),
    ("@ warped.vrt", "give the raster that it was made from", Run("@ pop.tif")),
    (
        "@ relative.vrt",
        "write it anew with `gdalbuildvrt`",
        Edit(|scene| shell(scene, "gdalbuildvrt -q -overwrite relative.vrt pop.tif")),
    ),
    (
        "& sql.vrt --population pop.tif",
        "if you trust where it comes from, make a file of it",
        Command("ogr2ogr", "& sql_new.gpkg --population pop.tif"),
    ),
    (
        "& view.gpkg --population pop.tif",
        "make tables of its layers",
        Command("ogr2ogr", "& view_new.gpkg,layer=one --population pop.tif"),
    ),
    (
        "& log.gpkg --population pop.tif",
        "if nobody has it open",
        Edit(|scene| std::fs::remove_file(scene.path("log.gpkg-wal")).unwrap()),
    ),
    (
        "explain moved/out.geojson A",
        "and below the one that you name",
        Run("explain moved/out.geojson A --inputs ."),
    ),
    (
        "explain moved/out.geojson A --inputs nofolder",
        "name the folder that holds the inputs",
        Run("explain moved/out.geojson A --inputs ."),
    ),
    (
        "explain moved/out.geojson A --inputs folder",
        "give the folder that holds the inputs as they were",
        Run("explain moved/out.geojson A --inputs ."),
    ),
    ("explain edited.geojson A", "it is not to be edited", Run("explain out.geojson A")),
    (
        "explain changed/out.geojson A",
        "assess again, or give the folder",
        Edit(|scene| {
            assert_eq!(
                scene.run("assess changed/plan.toml -o changed/out.geojson --overwrite").code,
                0
            );
        }),
    ),
    (
        "index pop.tif --verify --cache-dir cache",
        "makes one",
        Run("index pop.tif --cache-dir cache"),
    ),
    (
        "sites plan.toml plan.toml -o -",
        "name their layers instead",
        Run("sites sites.geojson,class=hospital -o -"),
    ),
    (
        "sites sites.geojson,class=hospital -o - --register",
        "give one of them, or a file",
        Run("sites sites.geojson,class=hospital -o register.geojson --register"),
    ),
    (
        "batch folder --out-dir o1",
        "`civex new` writes a scenario",
        Run("batch plan.toml --out-dir o1"),
    ),
    (
        "batch plan.toml plan.toml --out-dir o2",
        "give every scenario once",
        Run("batch plan.toml --out-dir o2"),
    ),
    (
        "batch plan.toml --out-dir pop.tif",
        "give an `--out-dir` that can be written",
        Run("batch plan.toml --out-dir o3"),
    ),
];

/// What lies around the files, and what is compared.
const AROUND: [Case; 7] = [
    (
        "& pipe --population pop.tif",
        "write what it gives to a file",
        Run("& areas.geojson --population pop.tif"),
    ),
    ("@ link.vrt", "name the file that the link leads to", Run("@ plain.vrt")),
    (
        "@ masked.tif",
        "move it away",
        Edit(|scene| std::fs::remove_file(scene.path("masked.tif.msk")).unwrap()),
    ),
    (
        "check countries.toml",
        "write the code of the country in place of {iso}",
        Edit(|scene| children(scene, "countries.toml", "pattern = \"AAA_{f|m}_{age}_2020.tif\"")),
    ),
    (
        "compare out.geojson --population pop.tif",
        "give the scenario that it was made from",
        Run("compare plan.toml --population pop.tif"),
    ),
    (
        "compare out.geojson others.geojson",
        "compare two assessments of one scenario",
        Run("compare out.geojson out.geojson"),
    ),
    (
        "assess --areas broken.geojson --population pop.tif",
        "`civex check` lists all",
        Run("check --areas broken.geojson --population pop.tif"),
    ),
];

/// Two areas of two options.
fn options() -> Value {
    let of = |coa: &str, bounds| feature(&polygon(&[bounds]), &json!({"id": "1", "coa": coa}));
    collection(&[of("X", USUAL), of("Y", [20.06, 49.92, 20.08, 49.95])])
}

/// A scenario that tells of children so.
fn children(scene: &Scene, name: &str, how: &str) {
    scene.write(name, format!("{PLAN}[population.groups]\nchildren = {{ {how} }}\n"));
}

/// A folder with the inputs of all cases.
fn scene() -> Scene {
    let scene = Scene::usual();
    rasters(&scene);
    vectors(&scene);
    settings(&scene);
    scene.write("folder/pop.tif", scene.read("pop.tif"));
    scene.write("folder.geojson/x", "");
    scene.write("started/scenario.toml", PLAN);
    scene.write("notours.geojson", "{}");
    scene.write("coas.geojson", options().to_string());
    assert_eq!(scene.run("assess plan.toml -o out.geojson").code, 0);
    texts(&scene);
    files(&scene);
    around(&scene);
    assert_eq!(scene.run("assess plan.toml --areas coas.geojson -o options.geojson").code, 0);
    scene
}

/// Runs a line of a shell in the folder.
fn shell(scene: &Scene, line: &str) {
    let ran =
        std::process::Command::new("sh").arg("-c").arg(line).current_dir(scene.path("")).output();
    let ran = ran.unwrap();
    assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
}

fn rasters(scene: &Scene) {
    let ten = [10.0_f32; 100];
    let system = |epsg| SpatialRef::from_epsg(epsg).unwrap();
    let with = |name: &str, transform: Option<[f64; 6]>, epsg: Option<u32>| {
        let mut raster = scene.bare_raster(name, 10, &ten, &[]);
        if let Some(transform) = transform {
            raster.set_geo_transform(&transform).unwrap();
        }
        if let Some(epsg) = epsg {
            raster.set_spatial_ref(&system(epsg)).unwrap();
        }
        raster
    };
    let usual = [20.0, 0.01, 0.0, 50.0, 0.0, -0.01];
    drop(with("nowhere.tif", None, None));
    drop(with("located.tif", None, Some(4326)));
    drop(with("bare.tif", Some(usual), None));
    drop(with("meters.tif", Some([5e5, 100.0, 0.0, 5.5e6, 0.0, -100.0]), None));
    drop(with("beyond.tif", Some([5e5, 100.0, 0.0, 5.5e6, 0.0, -100.0]), Some(4326)));
    drop(with("turned.tif", Some([20.0, 0.01, 0.001, 50.0, 0.001, -0.01]), Some(4326)));
    let gaps = with("gaps.tif", Some([20.0, 0.01, 0.001, 50.0, 0.001, -0.01]), Some(4326));
    gaps.rasterband(1).unwrap().set_no_data_value(Some(-1.0)).unwrap();
    drop(gaps);
    drop(with("grads.tif", Some(usual), Some(4807)));
    drop(scene.raster("below.tif", 10, &[-99_999.0_f32; 100]));
    drop(scene.raster("pop_density.tif", 10, &ten));
    let of = |name: &str, values: &[f32]| {
        let mut all = ten;
        all[44..44 + values.len()].copy_from_slice(values);
        drop(scene.raster(name, 10, &all));
    };
    of("noise.tif", &[-0.002, -0.000_1]);
    of("mixed.tif", &[-0.002, -99_999.0]);
    of("spoiled.tif", &[-7.25, -99_999.0]);
    scene.write("text.tif", "hello");
    scene.write("empty.tif", "");
    scene.cut("pop.tif", scene.read("pop.tif").len() - 200, "cut.tif");
    let flat = "<VRTDataset rasterXSize=\"10\" rasterYSize=\"10\"><GeoTransform>20,0,0,50,0,0</GeoTransform>\
                <VRTRasterBand dataType=\"Float32\" band=\"1\"/></VRTDataset>";
    scene.write("flat.vrt", flat);
    let most = i32::MAX;
    let endless = format!(
        "<VRTDataset rasterXSize=\"{most}\" rasterYSize=\"{most}\"><SRS>EPSG:4326</SRS><GeoTransform>-180,{},0,90,0,{}\
         </GeoTransform><VRTRasterBand dataType=\"Float32\" band=\"1\"/></VRTDataset>",
        360.0 / f64::from(most),
        -180.0 / f64::from(most)
    );
    scene.write("endless.vrt", endless);
    for line in [
        "gdal_translate -q -of AAIGrid bare.tif bare.asc && rm -f bare.prj",
        "gdal_translate -q -of netCDF bare.tif bare.nc",
        "gdal_translate -q -of XYZ bare.tif bare.xyz",
        "gdal_translate -q -of VRT -b 1 -b 1 pop.tif two.vrt",
        "gdal_translate -q -ot Byte -b 1 -b 1 -b 1 -colorinterp red,green,blue pop.tif picture.tif",
        "gdal_translate -q -of netCDF two.vrt two.nc",
    ] {
        shell(scene, line);
    }
}

fn vectors(scene: &Scene) {
    let shape = "POLYGON ((20.02 49.92,20.05 49.92,20.05 49.95,20.02 49.95,20.02 49.92))";
    let meters =
        "POLYGON ((500000 5500000,500900 5500000,500900 5500900,500000 5500900,500000 5500000))";
    scene.layer("bare.shp", "ESRI Shapefile", None, &[shape]);
    scene.layer("meters.shp", "ESRI Shapefile", None, &[meters]);
    scene.layer("grads.shp", "ESRI Shapefile", Some(4807), &[shape]);
    scene.layer("one.gpkg", "GPKG", Some(4326), &[shape]);
    scene.layer("whole.fgb", "FlatGeobuf", Some(4326), &[shape]);
    scene.layers("layers.gpkg", "GPKG", Some(4326), &[("north", &[shape]), ("south", &[shape])]);
    scene.write("text.gpkg", "hello");
    scene.write("places.csv", "id,where\n1,here\n");
    scene.write("filled.csv", "id,lon,lat\n1,,\n");
    scene.write("commas.csv", "id,lat,lon\n1,49,93,20,03\n2,49,94,20,04\n");
    scene.write("degrees.csv", "id,lat,lon\n1,49.93,20.03\n");
    shell(scene, "ogr2ogr -f 'ESRI Shapefile' -lco SHPT=NULL table.dbf places.csv");
    scene.cut("areas.geojson", 90, "cut.geojson");
    let write =
        |name: &str, features: &[Value]| scene.write(name, collection(features).to_string());
    let [west, south, east, north] = USUAL;
    let hours = json!({"id": "soon", "start": "2026-12-01T06:00", "end": "2026-12-02T06:00"});
    let bow = json!({"type": "Polygon", "coordinates":
        [[[west, south], [east, north], [east, south], [west, north], [west, south]]]});
    write("meters.geojson", &[area("M", &[[2e6, 6e6, 2.1e6, 6.1e6]])]);
    write("meters_sites.geojson", &[point([5e5, 5.5e6], &json!({}))]);
    scene.write("list.json", json!([area("A", &[USUAL])]).to_string());
    scene.cut("whole.fgb", 60, "cut.fgb");
    write("swapped.geojson", &[area("A", &[[49.92, 120.02, 49.95, 120.05]])]);
    write("point.geojson", &[point([20.03, 49.93], &json!({"id": "P"}))]);
    write("none.geojson", &[area("B", &[USUAL]), feature(&Value::Null, &json!({"id": "A"}))]);
    write("bow.geojson", &[feature(&bow, &json!({"id": "bow"}))]);
    let twice = |of: &str| feature(&polygon(&[USUAL]), &json!({"id": "A", "ref": of}));
    write("twice.geojson", &[twice("1"), twice("2")]);
    write("soon.geojson", &[feature(&polygon(&[USUAL]), &hours)]);
    write("far.geojson", &[area("F", &[[30.0, 49.0, 31.0, 50.0]])]);
    write("turned.geojson", &[area("T", &[[south, west, north, east]])]);
    write("sites.geojson", &[point([20.03, 49.93], &json!({"id": "H"}))]);
    let spot = point([20.03, 49.93], &json!({"id": "P"}));
    write("ground.geojson", &[area("A", &[USUAL]), spot]);
    write("exchanged.geojson", &[point([49.93, 20.03], &json!({"id": "H"}))]);
    write("elsewhere.geojson", &[point([70.0, 10.0], &json!({"id": "H"}))]);
    write("plain.geojson", &[point([20.03, 49.93], &json!({"kind": "hospital"}))]);
    scene.write("links.csv", "from,to,theta\nH,X,0.5\n");
    let mut crs = collection(&[area("A", &[USUAL])]);
    crs["crs"] = json!({"type": "name", "properties": {"name": "mine"}});
    scene.write("crs.geojson", crs.to_string());
}

fn settings(scene: &Scene) {
    scene.write("latin.toml", b"name = \"\xe9\"\n");
    scene.write("date.toml", format!("[scenario]\ndate = 22.11.2026\n{PLAN}"));
    scene.write("day.toml", format!("[scenario]\ndate = \"22.11.2026\"\n{PLAN}"));
    scene.write("zone.toml", format!("[scenario]\ntimezone = \"Kyiv\"\n{PLAN}"));
    scene.write("bare.toml", PLAN.replace("\"areas.geojson\"", "areas.geojson"));
    scene.write("slashes.toml", PLAN.replace("areas.geojson", "C:\\plans\\areas.geojson"));
    scene.write("colon.toml", PLAN.replace("path = \"areas", "path: \"areas"));
    scene.write(
        "double.toml",
        PLAN.replace("path = \"pop.tif\"", "path = \"pop.tif\"\npath = \"pop.tif\""),
    );
    scene.write("single.toml", PLAN.replace("[[population]]", "[population]"));
    let second = "[[population]]\npath = \"pop.tif\"\nnodata_means = \"zero\"\n";
    scene.write("same.toml", format!("{PLAN}{second}"));
}

fn texts(scene: &Scene) {
    children(scene, "share.toml", "share = 25, source = \"UN\"");
    children(scene, "nosource.toml", "share = 0.25");
    children(scene, "pattern.toml", "pattern = \"{iso}_{f|m}_{age}.tif\"");
    let sites = "[[sites]]\npath = \"sites.geojson\"\nclass = \"hospital\"\n";
    scene.write("layers.toml", format!("{PLAN}{sites}{sites}"));
    scene.write("areas.toml", PLAN.replace("[areas]", "[[areas]]"));
    scene.write("quote.csv", "id,lon,lat,note\n1,20.03,49.93,\"a b\n2,20.03,49.93,x\n");
    scene.write("columns.csv", format!("id{}\n", ",x".repeat(20_000)));
    scene.write("empty.csv", "site_id,value\nH,1\n");
    scene.write("columns_of_links.csv", "a,b\nH,1\n");
    scene.write("nothing.geojson", collection(&[]).to_string());
    let tagged = json!({"id": "H", "amenity": "hospital"});
    scene.write("tagged.geojson", collection(&[point([20.03, 49.93], &tagged)]).to_string());
    scene.write("floors.toml", "[floors]\nt1 = 50\n");
    scene.write("low.toml", "[existence]\nlow = 1.0\n");
    scene.write("confidence.toml", "[existence]\ndefault_confidence = 0.1\n");
    scene.write("flat.toml", "floors = 3\n");
    scene.write("rules.toml", "x = 1\n");
    scene.write("lines.geojson", format!("{}\n{{\"type\":\n", area("A", &[USUAL])));
    let mut link = collection(&[area("A", &[USUAL])]);
    link["crs"] = json!({"type": "link"});
    scene.write("link.geojson", link.to_string());
    scene.write("map.osm.pbf", "hello");
    let alone = "areas.geojson\"\noverlap = \"per-area\"";
    scene.write("alone.toml", PLAN.replace("areas.geojson\"", alone));
}

fn files(scene: &Scene) {
    scene.write(
        "warped.vrt",
        "<VRTDataset rasterXSize=\"9\" rasterYSize=\"9\" subClass=\"VRTWarpedDataset\"/>",
    );
    scene.write(
        "relative.vrt",
        "<VRTDataset rasterXSize=\"9\" rasterYSize=\"9\"><VRTRasterBand dataType=\"Float32\" band=\"1\">\
         <SimpleSource><SourceFilename relativeToVRT=\"2\">pop.tif</SourceFilename></SimpleSource>\
         </VRTRasterBand></VRTDataset>",
    );
    scene.write(
        "sql.vrt",
        "<OGRVRTDataSource><OGRVRTLayer name=\"areas\"><SrcDataSource>areas.geojson</SrcDataSource>\
         <SrcSQL>select * from areas</SrcSQL></OGRVRTLayer></OGRVRTDataSource>",
    );
    for line in [
        "ogr2ogr view.gpkg areas.geojson -nln one",
        "ogrinfo -q view.gpkg -sql 'CREATE VIEW two AS SELECT * FROM one'",
        "ogrinfo -q view.gpkg -sql \"INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) \
         VALUES ('two', 'features', 'two', 4326)\"",
    ] {
        shell(scene, line);
    }
    scene.write("log.gpkg", scene.read("one.gpkg"));
    scene.write("log.gpkg-wal", "x");
    scene.write("moved/out.geojson", scene.read("out.geojson"));
    let edited = String::from_utf8(scene.read("out.geojson")).unwrap();
    scene.write("edited.geojson", edited.replace("\"sha256\"", "\"sha255\""));
    for name in ["plan.toml", "areas.geojson", "pop.tif"] {
        scene.write(&format!("changed/{name}"), scene.read(name));
    }
    assert_eq!(scene.run("assess changed/plan.toml -o changed/out.geojson").code, 0);
    scene.write(
        "changed/areas.geojson",
        collection(&[area("A", &[USUAL]), area("B", &[USUAL])]).to_string(),
    );
}

fn around(scene: &Scene) {
    shell(
        scene,
        "mkfifo pipe masked.tif.msk && gdalbuildvrt -q plain.vrt pop.tif && ln -s plain.vrt link.vrt",
    );
    for name in ["masked.tif", "AAA_f_0_2020.tif", "BBB_f_0_2020.tif"] {
        scene.write(name, scene.read("pop.tif"));
    }
    children(scene, "countries.toml", "pattern = \"{iso}_{f|m}_{age}_2020.tif\"");
    scene.write("other_areas.geojson", collection(&[area("other", &[USUAL])]).to_string());
    assert_eq!(scene.run("assess plan.toml --areas other_areas.geojson -o others.geojson").code, 0);
    let broken: Vec<Value> =
        (0..1200).map(|id| feature(&Value::Null, &json!({"id": id.to_string()}))).collect();
    scene.write("broken.geojson", collection(&broken).to_string());
}

/// Arguments with the short forms written out.
fn args(short: &str) -> String {
    let short = short.replacen("% ", "@ pop.tif --sites sites.geojson,class=hospital,", 1);
    short.replacen("@ ", &format!("{AREAS} "), 1).replacen("& ", "check --areas ", 1)
}

/// What a run says, without colors: sentences of errors and problems, and hints.
fn said(scene: &Scene, typed: &str) -> (Vec<String>, Vec<String>) {
    let ran = scene.run(&args(typed));
    let all = format!("{}{}", ran.out, ran.err);
    let of = |heads: &[&str]| -> Vec<String> {
        let line = |line: &str| {
            let line = line.trim_start();
            heads.iter().find_map(|head| line.strip_prefix(head)).map(str::to_string)
        };
        all.lines().filter_map(line).collect()
    };
    (of(&["error: ", "problem: "]), of(&["hint: "]))
}

/// The fault of a sentence: what stands behind the file.
fn fault(sentence: &str) -> &str {
    sentence.split_once(": ").map_or(sentence, |(_, fault)| fault)
}

/// The first command of a hint that begins so, with what only the user knows filled in.
fn command_of(hint: &str, begins: &str) -> String {
    let quoted = hint.split('`').skip(1).step_by(2);
    let command = quoted.into_iter().find(|command| command.starts_with(begins));
    let command = command.unwrap_or_else(|| panic!("no command {begins} in {hint}"));
    let corners = "20 50 20.1 49.9";
    command.replace("WEST NORTH EAST SOUTH", corners).replace("CODE", "32634")
}

/// Follows the hint of a case.
fn follow((typed, piece, how): &Case, scene: &Scene) {
    let (faults, hints) = said(scene, typed);
    let hint = hints.iter().find(|hint| hint.contains(piece));
    let hint =
        hint.unwrap_or_else(|| panic!("{typed}: no hint with {piece} in {hints:?}; {faults:?}"));
    let next = match how {
        Command(begins, next) => {
            shell(scene, &command_of(hint, begins));
            next
        }
        Run(next) => next,
        Edit(edit) => {
            edit(scene);
            typed
        }
    };
    let (later, again) = said(scene, next);
    let before = fault(faults.first().map_or("", String::as_str)).to_string();
    assert!(
        !later.iter().any(|sentence| fault(sentence) == before),
        "{typed}: {hint} leads back to {before}"
    );
    assert!(
        !again.iter().any(|other| other == hint),
        "{typed}: {hint} is printed again: {later:?}"
    );
}

#[test]
fn who_follows_a_hint_of_a_raster_gets_further() {
    let scene = scene();
    for case in RASTERS.iter().chain(&BROKEN) {
        follow(case, &scene);
    }
}

#[test]
fn who_follows_a_hint_of_features_gets_further() {
    let scene = scene();
    for case in VECTORS.iter().chain(&PROBLEMS) {
        follow(case, &scene);
    }
}

#[test]
fn who_follows_a_hint_of_settings_gets_further() {
    let scene = scene();
    for case in SETTINGS.iter().chain(&COMMANDS) {
        follow(case, &scene);
    }
}

#[test]
fn who_follows_a_hint_of_texts_and_files_gets_further() {
    let scene = scene();
    for case in TEXTS.iter().chain(&FILES).chain(&AROUND).chain(&GROUND).chain(&PLACES) {
        follow(case, &scene);
    }
}

#[test]
fn a_hint_without_a_case_fails() {
    let scene = scene();
    let all = [
        &RASTERS[..],
        &BROKEN,
        &VECTORS,
        &PROBLEMS,
        &SETTINGS,
        &COMMANDS,
        &TEXTS,
        &FILES,
        &AROUND,
        &GROUND,
        &PLACES,
    ];
    let printed: Vec<String> =
        all.iter().flat_map(|cases| cases.iter()).flat_map(|case| said(&scene, case.0).1).collect();
    let excused = |template: &Template| {
        let text = template.pieces.join(" ");
        NOT_FOLLOWED.iter().any(|(piece, _)| text.contains(piece))
    };
    let mut missing: Vec<String> = templates()
        .iter()
        .filter(|template| !printed.iter().any(|hint| template.makes(hint)) && !excused(template))
        .map(|template| format!("{}: {}", template.file, template.pieces.join(" … ")))
        .collect();
    missing.sort();
    assert!(missing.is_empty(), "hints without a case:\n{}", missing.join("\n"));
}

#[test]
fn no_hint_changes_the_file_that_it_is_about() {
    let scene = scene();
    for (typed, piece, how) in RASTERS.iter().chain(&VECTORS) {
        let Command(begins, _) = how else { continue };
        let (_, hints) = said(&scene, typed);
        let hint = hints.iter().find(|hint| hint.contains(piece)).unwrap();
        let name = typed.split(' ').nth(1).unwrap();
        let before = scene.read(name);
        shell(&scene, &command_of(hint, begins));
        assert_eq!(scene.read(name), before, "{hint}");
    }
}

#[test]
fn commands_take_names_as_they_are() {
    for name in ["a b.tif", "it's.tif", "-dash.tif", "$HOME `x`.tif", "ä;b.tif"] {
        let scene = Scene::usual();
        let mut raster = scene.bare_raster(name, 10, &[10.0_f32; 100], &[]);
        raster.set_geo_transform(&[20.0, 0.01, 0.0, 50.0, 0.0, -0.01]).unwrap();
        drop(raster);
        let mut run = scene.command("check --areas areas.geojson");
        let output = run.arg(format!("--population={name}")).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let hint = text.lines().find(|line| line.contains("gdal_translate")).unwrap();
        let command = hint.split_once('`').unwrap().1.rsplit_once('`').unwrap().0;
        let before = scene.files().len();
        shell(&scene, command);
        assert_eq!(scene.files().len(), before + 1, "{command}");
        assert!(scene.has(&name.replace(".tif", "_new.tif")), "{command}");
    }
}
