//! Rows of a GeoPackage, read by all threads.
//!
//! GDAL opens the file and says what is in it; rows of plain columns are then read from `SQLite` itself,
//! stretch by stretch and each by any thread: features of GDAL come one by one, on one thread. What is
//! not plain (a view, a column of dates, gaps between the numbers of rows) is left to GDAL.
//!
//! Source: OGC GeoPackage Encoding Standard 1.4, §2.1.3 *Geometry encoding*.

use super::curves;
use super::features::{Drawn, Feature};
use super::place::Place;
use super::vector::drawn;
use crate::error::{Large, ReadError, shell_quoted, with_names};
use crate::model::Budget;
use gdal::vector::{Geometry, LayerAccess, OGRFieldType, geometry_type_flatten};
use geo::Point;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row};
use serde_json::{Map, Number, Value};
use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A stretch has so many bytes, about, and rows at most.
const STRETCH: (u64, u64) = (1 << 20, 1 << 13);

/// A layer whose rows are read from `SQLite`.
pub(super) struct Table {
    rows: Arc<Rows>,
    /// The first and the last number of its rows.
    ids: (i64, i64),
    next: i64,
    /// Rows of a stretch.
    step: i64,
}

/// How rows are read.
struct Rows {
    path: PathBuf,
    written: String,
    sql: String,
    columns: Vec<(String, OGRFieldType::Type)>,
    /// Bytes of a row, about.
    bytes: u64,
    /// Memory that all rows that are read at a time may take.
    budget: Budget,
}

/// Rows that any thread may read.
pub(super) struct Unread {
    rows: Arc<Rows>,
    first: i64,
    ids: (i64, i64),
}

impl Table {
    /// The rows of a layer of a file; `None` if they are not plain.
    pub(super) fn of(place: &Place, layer: &impl LayerAccess) -> Option<Self> {
        let Place { resolved: path, written, budget, .. } = place;
        let fields = layer.defn().fields();
        let columns: Vec<_> = fields.map(|field| (field.name(), field.field_type())).collect();
        let is_plain = |(_, kind): &(String, OGRFieldType::Type)| {
            use OGRFieldType::{OFTInteger, OFTInteger64, OFTReal, OFTString};
            [OFTInteger, OFTInteger64, OFTReal, OFTString].contains(kind)
        };
        // A column of that name would hide the numbers of rows.
        let hides_rows =
            |(name, _): &(String, OGRFieldType::Type)| name.eq_ignore_ascii_case("rowid");
        // Arcs make many vertices of few bytes, which are counted where rows come one by one.
        let is_curved = curves::is_curved(geometry_type_flatten(layer.defn().geometry_type()));
        if is_curved || !columns.iter().all(is_plain) || columns.iter().any(hides_rows) {
            return None;
        }
        let file = open(path).ok()?;
        let name = layer.name();
        let sql = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?1";
        let geometry: String = file.query_row(sql, [&name], |row| row.get(0)).ok()?;
        let ids = format!("SELECT min(rowid), max(rowid), count(*) FROM {}", quoted(&name));
        let ids = file.query_row(&ids, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let (first, last, count): (i64, i64, i64) = ids.ok()?;
        if last.checked_sub(first)?.checked_add(1)? != count {
            return None;
        }
        let names = columns.iter().map(|(name, _)| quoted(name));
        let names: Vec<String> = std::iter::once(quoted(&geometry)).chain(names).collect();
        let sql = format!(
            "SELECT {} FROM {} WHERE rowid BETWEEN ?1 AND ?2 ORDER BY rowid",
            names.join(", "),
            quoted(&name)
        );
        file.prepare(&sql).ok()?;
        let bytes = std::fs::metadata(path).ok()?.len() / count.cast_unsigned().max(1);
        let step = (STRETCH.0 / bytes.max(1)).clamp(1, STRETCH.1).cast_signed();
        let (path, written, budget) = (path.clone(), written.clone(), *budget);
        let rows = Rows { path, written, sql, columns, bytes, budget };
        Some(Self { rows: Arc::new(rows), ids: (first, last), next: first, step })
    }

    /// The names of its columns, in their order.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.rows.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The next rows; `None` behind the last.
    pub(super) fn next(&mut self) -> Option<Unread> {
        let (first, last) = self.ids;
        if self.next > last {
            return None;
        }
        let to = self.next.saturating_add(self.step - 1).min(last);
        let ids = (self.next, to);
        self.next = to.saturating_add(1);
        Some(Unread { rows: Arc::clone(&self.rows), first, ids })
    }
}

impl Unread {
    /// How many rows are before them.
    pub(super) const fn before(&self) -> u64 {
        (self.ids.0 - self.first).cast_unsigned()
    }

    /// How many rows there are.
    pub(super) const fn features(&self) -> u64 {
        (self.ids.1 - self.ids.0 + 1).cast_unsigned()
    }

    /// How many bytes they take, about.
    pub(super) fn bytes(&self) -> u64 {
        self.features() * self.rows.bytes
    }

    /// Reads them.
    ///
    /// # Errors
    ///
    /// If the file cannot be read there.
    pub(super) fn read(&self) -> Result<Vec<Feature>, ReadError> {
        let Rows { written, budget, .. } = &*self.rows;
        // A row may be longer than the file: one may be the value of a column for all of them.
        let shares = 4 * rayon::current_num_threads() as u64;
        let room = budget.bytes / shares;
        let read = self.features_of(room);
        let (features, bytes) =
            read.map_err(|error| ReadError::unusable(written, format!("cannot be read: {error}")))?;
        if bytes <= room {
            return Ok(features);
        }
        let needed = bytes.saturating_mul(shares);
        let (path, what) = (written.clone(), Large::Features(self.features()));
        Err(ReadError::TooLarge { path, what, needed, budget: budget.bytes })
    }

    /// The features, and how many bytes of memory they take; none of them if that is more than there is.
    fn features_of(&self, room: u64) -> rusqlite::Result<(Vec<Feature>, u64)> {
        let file = open(&self.rows.path)?;
        let mut statement = file.prepare(&self.rows.sql)?;
        let mut rows = statement.query([self.ids.0, self.ids.1])?;
        let (mut features, mut bytes) = (Vec::with_capacity(self.features() as usize), 0);
        while let Some(row) = rows.next()? {
            let feature = self.feature(row)?;
            bytes += feature.bytes();
            if bytes > room {
                features = Vec::new();
            } else {
                features.push(feature);
            }
        }
        Ok((features, bytes))
    }

    fn feature(&self, row: &Row) -> rusqlite::Result<Feature> {
        let columns = &self.rows.columns;
        let mut properties = Map::with_capacity(columns.len());
        for (place, (name, kind)) in columns.iter().enumerate() {
            properties.insert(name.clone(), json(row.get_ref(place + 1)?, *kind));
        }
        let drawn = match row.get_ref(0)? {
            ValueRef::Blob(blob) => shape(blob),
            _ => Drawn::Nothing,
        };
        Ok(Feature { id: None, properties, layer: None, drawn })
    }
}

/// Tables in which a `SQLite` file says what its layers are.
const OF_THE_STANDARD: &str =
    "name LIKE 'gpkg\\_%' ESCAPE '\\' OR name IN ('geometry_columns', 'spatial_ref_sys')";

/// Refuses a `SQLite` file that would run something when it is opened, or has rows elsewhere.
///
/// # Errors
///
/// If its schema has what runs something, a layer or its catalog is no table, or rows wait in a log beside it.
pub(super) fn check(path: &Path, written: &str) -> Result<(), ReadError> {
    let mut log = path.as_os_str().to_os_string();
    log.push("-wal");
    if std::fs::metadata(&log).is_ok_and(|facts| facts.len() > 0) {
        let found = "its newest rows are in a log beside it (-wal), so another program has it open";
        let hint = format!(
            "close it there; if nobody has it open: `sqlite3 {} \"PRAGMA wal_checkpoint(TRUNCATE)\"`",
            shell_quoted(written)
        );
        return Err(ReadError::unusable_hint(written, found, hint));
    }
    let fail = |error: rusqlite::Error| broken(written, &error);
    let file = open(path).map_err(fail)?;
    let is_geopackage = check_schema(&file, written)?;
    if let Some(name) = made(&file, OF_THE_STANDARD).map_err(fail)? {
        let found = format!("its catalog {name} is a view or a virtual table, wanted a table");
        return Err(ReadError::unusable_hint(written, found, "fetch or write it again"));
    }
    // Without a catalog of the standard every view is a layer.
    if !is_geopackage && let Some(view) = made(&file, "type = 'view'").map_err(fail)? {
        return Err(no_rows(written, &view, "a view or a virtual table"));
    }
    // GDAL reads a row of every layer that it opens, whichever is asked for.
    for (catalog, column) in CATALOGS {
        let has = "SELECT count(*) FROM sqlite_master WHERE name = ?1 COLLATE NOCASE";
        let has: i64 = file.query_row(has, [catalog], |row| row.get(0)).map_err(fail)?;
        let layers = format!("lower(name) IN (SELECT lower({column}) FROM {catalog})");
        if has > 0
            && let Some(layer) = made(&file, &layers).map_err(fail)?
        {
            return Err(no_rows(written, &layer, "a view or a virtual table"));
        }
    }
    Ok(())
}

/// The first view or virtual table of which a condition holds.
fn made(file: &Connection, condition: &str) -> rusqlite::Result<Option<String>> {
    let sql = format!(
        "SELECT name FROM sqlite_master WHERE type IN ('view', 'table') AND ({condition}) \
         AND (type = 'view' OR sql LIKE 'CREATE VIRTUAL%') ORDER BY name LIMIT 1"
    );
    file.query_row(&sql, [], |row| row.get(0)).optional()
}

/// Refuses a `SQLite` file that GDAL opens for a VRT, without what it is told of a file that is opened by itself.
///
/// # Errors
///
/// As those of [`check`], and if it has any view, keeps a log, or has a layer that is no table of plain rows.
pub(super) fn check_source(path: &Path, written: &str) -> Result<(), ReadError> {
    check(path, written)?;
    let fail = |error: rusqlite::Error| broken(written, &error);
    let file = open(path).map_err(fail)?;
    if let Some(view) = made(&file, "type = 'view'").map_err(fail)? {
        return Err(no_rows(written, &view, "a view or a virtual table"));
    }
    // Both bytes are 2 in a file that is read beside a log.
    let mut head = [0; 20];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    if read.is_err() || head[18..] != [1, 1] {
        let found = format!("its source {} is kept beside a log (WAL)", path.display());
        let file = shell_quoted(&path.display().to_string());
        let hint = format!("`sqlite3 {file} \"PRAGMA journal_mode = DELETE\"` takes the log in");
        return Err(ReadError::unusable_hint(written, found, hint));
    }
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'";
    let mut tables = file.prepare(tables).map_err(fail)?;
    let names = tables.query_map([], |row| row.get::<_, String>(0)).map_err(fail)?;
    for name in names.collect::<rusqlite::Result<Vec<_>>>().map_err(fail)? {
        check_layer(path, written, &name)?;
    }
    Ok(())
}

/// Modules of virtual tables that have rows of their own and run nothing: indexes, and searches of texts.
const MODULES: [&str; 6] = ["rtree", "rtree_i32", "geopoly", "fts3", "fts4", "fts5"];

/// Refuses a schema in which anything but a table, an index, a view or a trigger is made, or a virtual table by an
/// unknown module: to look at such a table is to run the module. Whether it is that of a `GeoPackage`.
fn check_schema(file: &Connection, written: &str) -> Result<bool, ReadError> {
    let fail = |error: rusqlite::Error| broken(written, &error);
    let sql = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL OR type = 'table'";
    let mut statement = file.prepare(sql).map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    let mut is_geopackage = false;
    while let Some(row) = rows.next().map_err(fail)? {
        let text = |column| row.get::<_, Option<String>>(column).map(Option::unwrap_or_default);
        let [kind, name, sql] = [text(0), text(1), text(2)].map(|text| text.map_err(fail));
        let (kind, name, sql) = (kind?, name?, sql?);
        is_geopackage |= kind == "table" && name == "gpkg_contents";
        let is_known = match kind.as_str() {
            "table" => sql.starts_with("CREATE TABLE ") || module(&sql).is_some(),
            "index" => sql.starts_with("CREATE INDEX ") || sql.starts_with("CREATE UNIQUE INDEX "),
            "view" => sql.starts_with("CREATE VIEW "),
            "trigger" => sql.starts_with("CREATE TRIGGER "),
            _ => false,
        };
        if !is_known {
            let found = format!("its {kind} \"{name}\" would run something when it is looked at");
            let hint = "have its sender export the layer itself, as GeoPackage or GeoJSON";
            return Err(ReadError::unusable_hint(written, found, hint));
        }
    }
    Ok(is_geopackage)
}

/// The module of a virtual table, if it is a known one; no text that can be read in two ways has one.
fn module(sql: &str) -> Option<&'static str> {
    let rest = behind_name(sql.strip_prefix("CREATE VIRTUAL TABLE ")?.trim_start())?;
    let (using, rest) = rest.trim_start().split_at_checked("USING".len())?;
    let name = rest.trim_start();
    let is_using = using.eq_ignore_ascii_case("USING") && rest.starts_with(char::is_whitespace);
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let name = &name[..end.unwrap_or(name.len())];
    MODULES.into_iter().find(|module| is_using && module.eq_ignore_ascii_case(name))
}

/// What stands behind a name, quoted or of letters, digits and underscores.
fn behind_name(sql: &str) -> Option<&str> {
    let mut letters = sql.chars();
    let close = match letters.next()? {
        quote @ ('"' | '\'' | '`') => quote,
        '[' => ']',
        _ => {
            let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
            let end = sql.find(|letter: char| !is_of_name(letter)).filter(|end| *end > 0)?;
            return sql.get(end..).filter(|rest| rest.starts_with(char::is_whitespace));
        }
    };
    let mut rest = letters.as_str();
    loop {
        rest = rest.split_once(close)?.1;
        // A quote within a name stands twice.
        match rest.strip_prefix(close).filter(|_| close != ']') {
            Some(behind) => rest = behind,
            None => return Some(rest),
        }
    }
}

/// Tables that list layers, and their columns that name them.
const CATALOGS: [(&str, &str); 2] =
    [("gpkg_contents", "table_name"), ("geometry_columns", "f_table_name")];

/// A layer that has no rows of its own.
fn no_rows(written: &str, layer: &str, what: &str) -> ReadError {
    let found = format!("layer \"{layer}\" is {what}, wanted a table of plain rows");
    let hint = "if you trust where it comes from, make tables of its layers: `ogr2ogr OUT.gpkg IN`";
    let hint = with_names(hint, written);
    ReadError::unusable_hint(written, found, hint)
}

/// Refuses a layer of a `SQLite` file whose rows are made when they are read, or are more than its bytes can hold.
///
/// # Errors
///
/// If it is a view or a virtual table, has columns that are computed, or its rows cannot be counted.
pub(super) fn check_layer(path: &Path, written: &str, layer: &str) -> Result<(), ReadError> {
    let fail = |error: rusqlite::Error| broken(written, &error);
    let file = open(path).map_err(fail)?;
    let sql = "SELECT type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' FROM sqlite_master \
               WHERE type IN ('view', 'table') AND name = ?1 COLLATE NOCASE";
    let is_table = file.query_row(sql, [layer], |row| row.get(0)).optional().map_err(fail)?;
    let computed = "SELECT count(*) FROM pragma_table_xinfo(?1) WHERE hidden <> 0";
    let computed: i64 = match is_table {
        Some(true) => file.query_row(computed, [layer], |row| row.get(0)).map_err(fail)?,
        _ => 0,
    };
    if is_table != Some(true) || computed > 0 {
        let what = if computed > 0 {
            "a table with computed columns"
        } else {
            "a view or a virtual table"
        };
        return Err(no_rows(written, layer, what));
    }
    // Every row is passed, so pages that lead back to each other come to an end here.
    let rows = format!("SELECT total(1) FROM {} NOT INDEXED", quoted(layer));
    file.query_row(&rows, [], |row| row.get::<_, f64>(0)).map_err(fail)?;
    Ok(())
}

/// A `SQLite` file that cannot be read.
fn broken(written: &str, error: &rusqlite::Error) -> ReadError {
    let found = match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => {
            "it holds more rows than its bytes can".to_string()
        }
        _ => format!("cannot be read: {error}"),
    };
    ReadError::unusable_hint(written, found, "it may be damaged: fetch or write it again")
}

/// Opens a file that is neither written nor locked, whose own SQL may do nothing, and whose queries end: their
/// work is bounded by its bytes, of which a row takes some.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut address = String::from("file:");
    for byte in absolute.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => address.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(*byte)),
            byte => {
                let _infallible = write!(address, "%{byte:02X}");
            }
        }
    }
    address.push_str("?immutable=1");
    let file = Connection::open_with_flags(address, flags)?;
    file.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON;",
    )?;
    let bytes = std::fs::metadata(path).map_or(0, |facts| facts.len());
    let mut left: u64 = bytes.saturating_mul(8) / u64::from(STEPS.unsigned_abs()) + 1000;
    file.progress_handler(
        STEPS,
        Some(move || {
            left = left.saturating_sub(1);
            left == 0
        }),
    );
    Ok(file)
}

/// `SQLite` is asked after so many steps whether it should go on.
const STEPS: i32 = 1000;

/// A name as SQL has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A value as GDAL gives it for a column of a kind.
fn json(value: ValueRef, kind: OGRFieldType::Type) -> Value {
    let real = |number: f64| Number::from_f64(number).map_or(Value::Null, Value::Number);
    match value {
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number) if kind == OGRFieldType::OFTReal => real(number as f64),
        ValueRef::Integer(number) if kind == OGRFieldType::OFTString => number.to_string().into(),
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) if kind == OGRFieldType::OFTReal => real(number),
        ValueRef::Real(number) if kind == OGRFieldType::OFTString => number.to_string().into(),
        ValueRef::Real(number) => (number as i64).into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
    }
}

/// The geometry of a blob: a head of the standard's own, and well-known binary behind it.
fn shape(blob: &[u8]) -> Drawn {
    let faulty = || Drawn::Unreadable("its geometry is no GeoPackage geometry".into());
    let (Some([b'G', b'P', _, flags]), true) = (blob.first_chunk(), blob.len() >= 8) else {
        return faulty();
    };
    if flags & 0b1_0000 != 0 {
        return Drawn::Nothing;
    }
    let envelope = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return faulty(),
    };
    let Some(wkb) = blob.get(8 + envelope..) else { return faulty() };
    // A point in the order of bytes of nearly all machines.
    if let ([1, 1, 0, 0, 0, rest @ ..], Some([x, y])) = (wkb, numbers(wkb.get(5..))) {
        let is_empty = x.is_nan() && y.is_nan();
        return if rest.len() == 16 && !is_empty {
            Drawn::Shape(Point::new(x, y).into())
        } else {
            Drawn::Nothing
        };
    }
    Geometry::from_wkb(wkb).map_or_else(|_| faulty(), |geometry| drawn(Some(&geometry)))
}

/// Two numbers, the least byte first.
fn numbers(bytes: Option<&[u8]>) -> Option<[f64; 2]> {
    let (x, rest) = bytes?.split_first_chunk()?;
    Some([f64::from_le_bytes(*x), f64::from_le_bytes(*rest.first_chunk()?)])
}

#[cfg(test)]
mod tests {
    use super::super::{Place, Remote, vector};
    use super::*;
    use gdal::spatial_ref::SpatialRef;
    use gdal::vector::{Feature as Written, LayerOptions};
    use gdal::{DriverManager, vector::ToGdal};

    #[test]
    fn a_module_is_known_by_its_own_place_alone() {
        for sql in [
            "\"a\" USING rtree(id, x)",
            "\"a \"\" USING no \" USING rtree(id, x)",
            "[my txt] USING fts5(a)",
            "`a``b` using\nFTS4(a)",
            "plain_1\nUSING geopoly",
        ] {
            assert!(module(&format!("CREATE VIRTUAL TABLE {sql}")).is_some(), "{sql}");
        }
        for sql in [
            "evil/* USING rtree */USING VirtualText('/a')",
            "[a USING rtree] USING VirtualShape('/a')",
            "\"USING rtree(\" USING VirtualOGR('/a')",
            "'a' /* */ USING rtree(x)",
            "a USINGrtree",
            "a USING rtree2(x)",
            "a USING \"rtree\"(x)",
            "",
        ] {
            assert_eq!(module(&format!("CREATE VIRTUAL TABLE {sql}")), None, "{sql}");
        }
    }

    /// A file of one layer of plain columns and all kinds of geometry.
    fn written(path: &Path) {
        let driver = DriverManager::get_driver_by_name("GPKG").unwrap();
        let mut file = driver.create_vector_only(path).unwrap();
        let system = SpatialRef::from_epsg(4326).unwrap();
        let options = LayerOptions { name: "a \"b", srs: Some(&system), ..LayerOptions::default() };
        let layer = file.create_layer(options).unwrap();
        let fields = [
            ("name", OGRFieldType::OFTString),
            ("small", OGRFieldType::OFTInteger),
            ("big", OGRFieldType::OFTInteger64),
            ("share", OGRFieldType::OFTReal),
        ];
        layer.create_defn_fields(&fields).unwrap();
        let shapes = [
            "POINT (1.25 -2.5)",
            "LINESTRING (0 0, 1 1)",
            "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 1 2, 2 2, 1 1))",
            "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)))",
            "POINT Z (1 2 3)",
            "POINT EMPTY",
            "MULTIPOINT (1 2, 3 4)",
        ];
        for (shape, number) in shapes.iter().zip(0_i32..) {
            let mut feature = Written::new(layer.defn()).unwrap();
            feature.set_geometry(Geometry::from_wkt(shape).unwrap()).unwrap();
            feature.set_field_string(0, &format!("Þ{number}")).unwrap();
            feature.set_field_integer(1, number).unwrap();
            feature.set_field_integer64(2, i64::from(number) << 40).unwrap();
            if number != 3 {
                feature.set_field_double(3, f64::from(number) / 3.0).unwrap();
            }
            feature.create(&layer).unwrap();
        }
        Written::new(layer.defn()).unwrap().create(&layer).unwrap();
    }

    fn row(row: Feature) -> (Map<String, Value>, String) {
        let drawn = match &row.drawn {
            Drawn::Shape(geometry) => geometry.to_gdal().unwrap().wkt().unwrap(),
            Drawn::Nothing => "nothing".into(),
            Drawn::Unreadable(why) => why.clone(),
        };
        (row.properties, drawn)
    }

    #[test]
    fn rows_are_those_that_gdal_gives() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gpkg");
        written(&path);
        let place = Place::new(path.to_str().unwrap(), None);
        let mut layers = vector::open_layers(&place, None, Remote::Refused).unwrap();
        let mut table = layers.rows().unwrap();
        let fast = std::iter::from_fn(|| table.next()).flat_map(|some| some.read().unwrap());
        let fast: Vec<_> = fast.map(row).collect();
        let mut slow = Vec::new();
        while let Some(batch) = layers.next().unwrap() {
            slow.extend(batch.read().unwrap().into_iter().map(row));
        }
        assert_eq!(fast.len(), 8);
        assert_eq!(fast, slow);
    }

    #[test]
    fn what_is_no_geometry_is_told() {
        for blob in
            [&b""[..], b"GP", b"GP\0\x01\0\0\0\0", b"XX\0\0\0\0\0\0\x01", b"GP\0\x0f\0\0\0\0"]
        {
            assert!(matches!(shape(blob), Drawn::Unreadable(_)), "{blob:?}");
        }
    }
}
