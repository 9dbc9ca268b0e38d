//! A folder of small inputs that a test makes for itself, and the program run in it.
//!
//! The usual raster has 10 × 10 cells of 0.01° from 20° E, 50° N, with ten people each; the usual area
//! covers nine of them.

use gdal::raster::{GdalType, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{FieldValue, Geometry, LayerAccess, LayerOptions, OGRFieldType};
use gdal::{Dataset, DriverManager};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// The usual area, as west, south, east, north.
pub(crate) const USUAL: [f64; 4] = [20.02, 49.92, 20.05, 49.95];

pub(crate) struct Scene {
    folder: tempfile::TempDir,
}

/// How a run of the program ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The first line of standard error.
    pub(crate) fn said(&self) -> &str {
        self.err.lines().next().unwrap_or_default()
    }

    /// The assessment on standard output.
    pub(crate) fn assessment(&self) -> Assessment {
        Assessment(serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}", self.err)))
    }
}

/// An assessment as a reader sees it.
pub(crate) struct Assessment(pub(crate) Value);

impl Assessment {
    pub(crate) fn features(&self) -> &Vec<Value> {
        self.0["features"].as_array().unwrap()
    }

    /// A column of a row.
    pub(crate) fn get(&self, row: usize, column: &str) -> &Value {
        let value = self.features()[row]["properties"].get(column);
        value.unwrap_or_else(|| panic!("no column {column}"))
    }

    pub(crate) fn number(&self, row: usize, column: &str) -> f64 {
        self.get(row, column).as_f64().unwrap_or_else(|| panic!("{column} is no number"))
    }

    pub(crate) fn text(&self, row: usize, column: &str) -> &str {
        self.get(row, column).as_str().unwrap_or_else(|| panic!("{column} is no text"))
    }

    /// A column of all rows.
    pub(crate) fn column(&self, column: &str) -> Vec<Value> {
        (0..self.features().len()).map(|row| self.get(row, column).clone()).collect()
    }
}

impl Scene {
    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with `areas.geojson`, `pop.tif` and a scenario of both, `plan.toml`.
    pub(crate) fn usual() -> Self {
        let scene = Self::empty();
        scene.write("areas.geojson", collection(&[area("A", &[USUAL])]).to_string());
        scene.raster("pop.tif", 10, &[10.0_f32; 100]);
        scene.write("plan.toml", PLAN);
        scene
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The names of all files in the folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Writes the first bytes of a file under another name.
    pub(crate) fn cut(&self, name: &str, bytes: usize, cut: &str) {
        let content = self.read(name);
        self.write(cut, content.get(..bytes).unwrap());
    }

    /// A raster of so many columns in WGS 84; what is set on it is written when it is dropped.
    pub(crate) fn raster<T: GdalType + Copy>(
        &self,
        name: &str,
        cols: usize,
        values: &[T],
    ) -> Dataset {
        let mut raster = self.bare_raster(name, cols, values, &[]);
        place(&mut raster);
        raster
    }

    /// A raster without a place and a reference system.
    pub(crate) fn bare_raster<T: GdalType + Copy>(
        &self,
        name: &str,
        cols: usize,
        values: &[T],
        options: &[&str],
    ) -> Dataset {
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let options = options.iter().copied().collect::<RasterCreationOptions>();
        let size = (cols, values.len() / cols);
        let raster = driver
            .create_with_band_type_with_options::<T, _>(
                self.path(name),
                size.0,
                size.1,
                1,
                &options,
            )
            .unwrap();
        let mut buffer = gdal::raster::Buffer::new(size, values.to_vec());
        raster.rasterband(1).unwrap().write((0, 0), size, &mut buffer).unwrap();
        raster
    }

    /// A vector file of any format with one text column `id`, from texts of geometries.
    pub(crate) fn layer(&self, name: &str, format: &str, epsg: Option<u32>, shapes: &[&str]) {
        self.layers(name, format, epsg, &[("shapes", shapes)]);
    }

    /// A vector file of several layers.
    pub(crate) fn layers(
        &self,
        name: &str,
        format: &str,
        epsg: Option<u32>,
        layers: &[(&str, &[&str])],
    ) {
        if format == "GML" {
            // The library takes this driver out of the process.
            self.layers("made.gpkg", "GPKG", epsg, layers);
            let paths = [self.path(name), self.path("made.gpkg")];
            let made =
                std::process::Command::new("ogr2ogr").args(["-f", format]).args(paths).status();
            assert!(made.unwrap().success());
            fs::remove_file(self.path("made.gpkg")).unwrap();
            return;
        }
        let driver = DriverManager::get_driver_by_name(format).unwrap();
        let mut file = driver.create_vector_only(self.path(name)).unwrap();
        let system = epsg.map(|epsg| {
            let mut system = SpatialRef::from_epsg(epsg).unwrap();
            system.set_axis_mapping_strategy(
                gdal::spatial_ref::AxisMappingStrategy::TraditionalGisOrder,
            );
            system
        });
        for (name, shapes) in layers {
            let kind = Geometry::from_wkt(shapes[0]).unwrap().geometry_type();
            let layer = file
                .create_layer(LayerOptions {
                    name,
                    srs: system.as_ref(),
                    ty: kind,
                    ..LayerOptions::default()
                })
                .unwrap();
            layer.create_defn_fields(&[("id", OGRFieldType::OFTString)]).unwrap();
            for (place, shape) in shapes.iter().enumerate() {
                let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
                feature.set_geometry(Geometry::from_wkt(shape).unwrap()).unwrap();
                let id = FieldValue::StringValue(format!("{}", place + 1));
                feature.set_field(0, &id).unwrap();
                feature.create(&layer).unwrap();
            }
        }
    }

    /// Runs the program with arguments that hold no blanks.
    pub(crate) fn run(&self, args: &str) -> Ran {
        self.run_with_input(args, "")
    }

    /// The same with variables of the environment.
    pub(crate) fn run_in(&self, args: &str, environment: &[(&str, &str)]) -> Ran {
        let mut command = self.command(args);
        self.ran(command.envs(environment.iter().copied()))
    }

    pub(crate) fn run_with_input(&self, args: &str, input: &str) -> Ran {
        self.ran(self.command(args).write_stdin(input))
    }

    fn ran(&self, command: &mut assert_cmd::Command) -> Ran {
        let output = command.output().unwrap();
        let folder = self.folder.path().canonicalize().unwrap();
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).expect("the program writes UTF-8");
            text.replace(&folder.display().to_string(), "[folder]")
        };
        Ran {
            code: output.status.code().expect("the program ended by itself"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    pub(crate) fn command(&self, args: &str) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_civex"));
        // The folder as the program itself sees it, where temporary folders are links.
        command.current_dir(self.folder.path().canonicalize().unwrap());
        command.args(args.split_whitespace()).env("RUST_BACKTRACE", "0");
        command.env_remove("no_proxy").env_remove("NO_PROXY");
        command.timeout(std::time::Duration::from_secs(120));
        command
    }

    /// Whole outcomes of runs one after another: standard output, standard error behind `! `, status.
    pub(crate) fn transcript(&self, runs: &[&str]) -> String {
        let mut text = String::new();
        for args in runs {
            let ran = self.run(args);
            write!(text, "$ civex {args}\n{}", ran.out).unwrap();
            for line in ran.err.lines() {
                writeln!(text, "! {line}").unwrap();
            }
            write!(text, "exit {}\n\n", ran.code).unwrap();
        }
        text
    }

    /// Assesses the usual area on a raster.
    pub(crate) fn assess(&self, population: &str) -> Ran {
        self.run(&format!("assess --areas areas.geojson --population {population} -o -"))
    }

    /// Runs what must stop with status 2, one error of one sentence, and no file; gives the sentence
    /// and the hint.
    pub(crate) fn refused(&self, args: &str) -> (String, String) {
        let before = self.files();
        let ran = self.run(&format!("{args} -o out.geojson"));
        assert_eq!(ran.code, 2, "{args}: {}", ran.err);
        assert_eq!(ran.out, "", "{args}");
        assert_eq!(self.files(), before, "{args} left something behind");
        let sentences = ran.err.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!(sentences, 1, "{args}: {}", ran.err);
        let line = |head: &str| {
            let found = ran.err.lines().find_map(|line| line.strip_prefix(head));
            found.unwrap_or_default().to_string()
        };
        (line("error: "), line("hint: "))
    }
}

/// A scenario of the usual areas and raster.
pub(crate) const PLAN: &str = "[areas]\npath = \"areas.geojson\"\n\n[[population]]\n\
    path = \"pop.tif\"\nnodata_means = \"zero\"\n";

/// Puts a raster at 20° E, 50° N in cells of 0.01°, in WGS 84.
pub(crate) fn place(raster: &mut Dataset) {
    raster.set_geo_transform(&[20.0, 0.01, 0.0, 50.0, 0.0, -0.01]).unwrap();
    raster.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
}

/// A closed ring about west, south, east, north.
pub(crate) fn ring([west, south, east, north]: [f64; 4]) -> Value {
    json!([[west, south], [east, south], [east, north], [west, north], [west, south]])
}

/// A polygon: a shell and its holes.
pub(crate) fn polygon(boxes: &[[f64; 4]]) -> Value {
    let rings: Vec<Value> = boxes.iter().map(|bounds| ring(*bounds)).collect();
    json!({"type": "Polygon", "coordinates": rings})
}

/// A polygon of several parts.
pub(crate) fn parts(boxes: &[[f64; 4]]) -> Value {
    let parts: Vec<Value> = boxes.iter().map(|bounds| json!([ring(*bounds)])).collect();
    json!({"type": "MultiPolygon", "coordinates": parts})
}

pub(crate) fn feature(geometry: &Value, properties: &Value) -> Value {
    json!({"type": "Feature", "properties": properties, "geometry": geometry})
}

/// An area of that id: a shell and its holes.
pub(crate) fn area(id: &str, boxes: &[[f64; 4]]) -> Value {
    feature(&polygon(boxes), &json!({"id": id}))
}

pub(crate) fn collection(features: &[Value]) -> Value {
    json!({"type": "FeatureCollection", "features": features})
}

pub(crate) fn point(at: [f64; 2], properties: &Value) -> Value {
    feature(&json!({"type": "Point", "coordinates": at}), properties)
}

/// A class column whose table has every class, so that all of them are mapped where the layer covers the ground.
pub(crate) fn of_every_class() -> String {
    let classes = civex::model::SiteClass::ALL.map(|class| format!("{0} = \"{0}\"", class.name()));
    format!("class_field = \"class\"\nclasses = {{ {} }}\n", classes.join(", "))
}
