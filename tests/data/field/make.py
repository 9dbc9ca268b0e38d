"""Writes every file of this folder, `expected.toml` and `README.md`.

    python make.py            # Python packages and npm packages: see README.md, "Make it again"

Real tools are run where they can be had; other files follow the documented format of their tool.
"""

import bz2
import csv
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

from truth import AREAS, SITES, areas_geojson, carried, km2, osm_tags, site_rows, sites_geojson
from shapely import set_srid, to_wkb
from shapely.geometry import Point, mapping, shape

HERE = Path(__file__).parent
WORK = Path(os.environ.get("FIELD_WORK", "/tmp/field-work"))
NODE = os.environ.get("FIELD_NODE", "/tmp/field-node")
ENTRIES = []
ALL = [s.id for s in SITES]
TYPE = ",class_field=type"
# GPX has five layers, most of them empty.
WAYPOINTS = ",layer=waypoints,class_field=type"
AREA_COLUMNS = ["id", "name", "coa", "phase", "start", "end"]
GDAL = subprocess.run(["ogr2ogr", "--version"], capture_output=True, text=True, check=True).stdout.split(",")[0]


def at(path):
    made = HERE / path
    made.parent.mkdir(parents=True, exist_ok=True)
    return made


def text(path, content, encoding="utf-8"):
    at(path).write_bytes(content.encode(encoding))


def sites(path, tool, how, options=TYPE, **more):
    ENTRIES.append({"path": path, "kind": "sites", "options": options, "tool": tool, "how": how, **more})


def areas(path, tool, how, options="", **more):
    ENTRIES.append({"path": path, "kind": "areas", "options": options, "tool": tool, "how": how, **more})


def pip(name):
    return f"{name} {version(name)}"


def npm(name):
    package = json.loads((Path(NODE) / "node_modules" / name / "package.json").read_text())
    return f"{name} {package['version']} (npm)"


def node(script, *args):
    subprocess.run(["node", "-e", script, *map(str, args)], check=True, env={**os.environ, "NODE_PATH": f"{NODE}/node_modules"})


def ogr(path, source, *options, config=()):
    """ogr2ogr; the command as README shows it."""
    made = at(path)
    companions = {".shp": "shp shx dbf prj cpg", ".tab": "tab dat map id ind", ".mif": "mif mid", ".gml": "gml xsd"}
    for ending in companions.get(made.suffix, made.suffix[1:]).split():
        old = made.with_suffix("." + ending)
        shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
    configs = [word for pair in config for word in ("--config", *pair)]
    subprocess.run(["ogr2ogr", *configs, *options, str(made), str(source)], check=True)
    return " ".join(["`ogr2ogr", *configs, *options, Path(path).name, Path(source).name + "`"])


def there(site, place):
    """Longitude and latitude of a site: place A, or B in the south and west."""
    return (site.lon, site.lat) if place == "A" else (round(site.lon - 161, 4), round(site.lat - 32.1, 4))


def table(path, heads, rows, delimiter=",", encoding="utf-8", end="\n", extra=(), quoting=csv.QUOTE_MINIMAL):
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(heads)
    writer.writerows(extra)
    writer.writerows(rows)
    text(path, made.getvalue(), encoding)


def blank(value):
    return "" if value is None else value


# --------------------------------------------------------------------------------- sources

WORK.mkdir(parents=True, exist_ok=True)


def source(name, content):
    path = WORK / name
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def moved(language, place):
    """Sites as GeoJSON in a language at a place."""
    made = sites_geojson(language)
    for feature, site in zip(made["features"], SITES):
        feature["geometry"]["coordinates"] = list(there(site, place))
    return made


SITES_SOURCE = source("sites.geojson", sites_geojson())
SITES_ES = source("sites_es.geojson", moved("es", "B"))
AREAS_SOURCE = source("areas.geojson", areas_geojson())
SMALL = (("OGR_SQLITE_PRAGMA", "page_size=512"),)
NO_INDEX = ("-lco", "SPATIAL_INDEX=NO")
NUMBERS = ["beds", "capacity", "occupancy"]


def with_ogr():
    every = {"numbers": NUMBERS, "ids": True}
    full = {"columns": AREA_COLUMNS}
    for ending, driver, more in [("gpkg", "GPKG", NO_INDEX), ("fgb", "FlatGeobuf", ()), ("gml", "GML", ()), ("mif", "MapInfo File", ("-dsco", "FORMAT=MIF")),
                                 ("tab", "MapInfo File", ()), ("kmz", "LIBKML", ()), ("geojsons", "GeoJSONSeq", ()), ("gdb", "OpenFileGDB", ("-lco", "CREATE_SHAPE_AREA_AND_LENGTH_FIELDS=NO", "-nlt", "MULTIPOLYGON")), ("kml", "KML", ())]:
        config = SMALL if ending == "gpkg" else ()
        # MapInfo writes integers in units of 5e-7 degrees to .tab.
        loose = {"tolerance": 2e-6} if ending == "tab" else {}
        more_sites = tuple(word for word in more if word not in ("-nlt", "MULTIPOLYGON"))
        # MapInfo has no null: a number that is not known is written as 0.
        if ending in ("mif", "tab"):
            more_sites += ("-select", "id,name,type,beds")
        how = ogr(f"ogr/sites.{ending}", SITES_SOURCE, "-f", driver, *more_sites, config=config)
        sites(f"ogr/sites.{ending}", GDAL, how, **(every if ending not in ("mif", "tab") else {"numbers": ["beds"], "ids": True}), **loose)
        how = ogr(f"ogr/areas.{ending}", AREAS_SOURCE, "-f", driver, *more, config=config)
        # MapInfo's hours have no time zone, so nobody can tell them without one.
        held = full if ending not in ("mif", "tab") else {"columns": AREA_COLUMNS[:4]}
        areas(f"ogr/areas.{ending}", GDAL, how, **held, **({"tolerance": 2e-4} if ending == "tab" else {}))
    # A geodatabase as portals hand it out: its folder in a zip.
    with zipfile.ZipFile(at("ogr/sites_gdb.zip"), "w", zipfile.ZIP_DEFLATED) as made:
        for part in sorted((HERE / "ogr/sites.gdb").iterdir()):
            made.write(part, f"sites.gdb/{part.name}")
    shutil.rmtree(HERE / "ogr/sites.gdb")
    entry = next(entry for entry in ENTRIES if entry["path"] == "ogr/sites.gdb")
    entry.update(path="ogr/sites_gdb.zip", how=entry["how"] + ", then `zip -r sites_gdb.zip sites.gdb`")
    how = ogr("ogr/sites_libkml.kml", SITES_SOURCE, "-f", "LIBKML")
    sites("ogr/sites_libkml.kml", GDAL, how, **every)
    how = ogr("ogr/areas_libkml.kml", AREAS_SOURCE, "-f", "LIBKML")
    areas("ogr/areas_libkml.kml", GDAL, how, **full)
    how = ogr("ogr/sites_utf8.shp", SITES_SOURCE, "-lco", "ENCODING=UTF-8")
    sites("ogr/sites_utf8.shp", GDAL, how, **every)
    how = ogr("ogr/sites_latin1.shp", SITES_ES, "-lco", "ENCODING=ISO-8859-1")
    sites("ogr/sites_latin1.shp", GDAL, how, language="es", place="B", **every)
    how = ogr("ogr/areas_web.shp", AREAS_SOURCE, "-t_srs", "EPSG:3857", "-lco", "ENCODING=UTF-8")
    # A shapefile has days, no hours.
    dated = {"columns": AREA_COLUMNS[:4]}
    areas("ogr/areas_web.shp", GDAL, how, epsg=3857, **dated)
    how = ogr("ogr/areas_utm.gpkg", AREAS_SOURCE, "-t_srs", "EPSG:32646", *NO_INDEX, config=SMALL)
    areas("ogr/areas_utm.gpkg", GDAL, how, epsg=32646, **full)
    how = ogr("ogr/areas_curve.gpkg", AREAS_SOURCE, "-nlt", "MULTISURFACE", *NO_INDEX, config=SMALL)
    areas("ogr/areas_curve.gpkg", GDAL, how, **full)
    how = ogr("ogr/sites_gpx.gpx", SITES_SOURCE, "-f", "GPX", "-dsco", "GPX_USE_EXTENSIONS=YES", "-sql", "SELECT name, type, beds, capacity, occupancy, id FROM sites")
    sites("ogr/sites_gpx.gpx", GDAL, how, options=WAYPOINTS)
    how = ogr("ogr/sites_wkt.csv", SITES_SOURCE, "-lco", "GEOMETRY=AS_WKT")
    sites("ogr/sites_wkt.csv", GDAL, how, **every)
    how = ogr("ogr/sites_xy.csv", SITES_SOURCE, "-lco", "GEOMETRY=AS_XY", "-lco", "SEPARATOR=SEMICOLON")
    sites("ogr/sites_xy.csv", GDAL, how, **every)
    how = ogr("ogr/areas_wkt.csv", AREAS_SOURCE, "-lco", "GEOMETRY=AS_WKT")
    areas("ogr/areas_wkt.csv", GDAL, how, **full)
    xy = HERE / "ogr/sites_xy.csv"
    for ending, driver in (("xlsx", "XLSX"), ("ods", "ODS")):
        how = ogr(f"ogr/sites_{ending}.{ending}", xy, "-f", driver, "-oo", "AUTODETECT_TYPE=YES", "-oo", "X_POSSIBLE_NAMES=none")
        sites(f"ogr/sites_{ending}.{ending}", GDAL, how, **every)
    # A folder of shapefiles, and a zip of one.
    folder = at("ogr/folder/areas.shp").parent
    for old in folder.glob("*"):
        old.unlink()
    how = ogr("ogr/folder/areas.shp", AREAS_SOURCE, "-lco", "ENCODING=UTF-8")
    areas("ogr/folder", GDAL, how + ", read as a folder", **dated)
    with zipfile.ZipFile(at("ogr/areas_shp.zip"), "w", zipfile.ZIP_DEFLATED) as made:
        for part in sorted(folder.glob("areas.*")):
            made.write(part, part.name)
    areas("ogr/areas_shp.zip", GDAL, how + ", then `zip areas_shp.zip areas.*`", **dated)


def with_python():
    import fiona
    import geopandas
    import pandas
    import shapefile

    geo = f"{pip('geopandas')}, {pip('pyogrio')}"
    frame = geopandas.read_file(SITES_SOURCE)
    drawn = geopandas.read_file(AREAS_SOURCE)
    os.environ["OGR_SQLITE_PRAGMA"] = "page_size=512"
    frame.to_file(at("geopandas/sites.gpkg"), driver="GPKG", SPATIAL_INDEX="NO")
    sites("geopandas/sites.gpkg", geo, "`frame.to_file(\"sites.gpkg\")`", numbers=NUMBERS, ids=True)
    frame.to_crs(32646).to_file(at("geopandas/sites_utm.geojson"), driver="GeoJSON")
    sites("geopandas/sites_utm.geojson", geo, "`frame.to_crs(32646).to_file(\"sites_utm.geojson\")`", numbers=NUMBERS, ids=True)
    frame.to_file(at("geopandas/sites.shp"))
    sites("geopandas/sites.shp", geo, "`frame.to_file(\"sites.shp\")`", numbers=NUMBERS, ids=True)
    drawn.to_crs(32646).to_file(at("geopandas/areas.gpkg"), driver="GPKG", SPATIAL_INDEX="NO")
    areas("geopandas/areas.gpkg", geo, "`frame.to_crs(32646).to_file(\"areas.gpkg\")`", epsg=32646, columns=AREA_COLUMNS)
    # Python's json writes NaN for what a column of numbers does not hold.
    text("geopandas/sites_nan.geojson", json.dumps(frame.__geo_interface__))
    sites("geopandas/sites_nan.geojson", geo, "`json.dump(frame.__geo_interface__, file)`, which writes NaN", numbers=NUMBERS, ids=True)
    wide = drawn[["id", "name", "coa", "phase", "geometry"]].assign(priority=[1.0, float("nan"), 2.5, float("nan")])
    text("geopandas/areas_nan.geojson", json.dumps(wide.__geo_interface__))
    areas("geopandas/areas_nan.geojson", geo, "a column with NaN, written by Python's `json`", columns=["id", "name", "coa", "phase"])

    projected = fiona.crs.CRS.from_epsg(32646)
    schema = {"geometry": "Unknown", "properties": {"id": "str", "name": "str", "coa": "str", "phase": "str"}}
    with fiona.open(at("fiona/areas_utm.geojson"), "w", driver="GeoJSON", crs=projected, schema=schema) as made:
        for area in AREAS:
            made.write({"geometry": mapping(carried(area.shape, 32646)), "properties": {key: getattr(area, key) for key in schema["properties"]}})
    areas("fiona/areas_utm.geojson", pip("fiona"), "`fiona.open(…, \"w\", driver=\"GeoJSON\", crs=32646)`: a member `crs`", epsg=32646, columns=["id", "name", "coa", "phase"])

    plain = pandas.DataFrame(site_rows()).assign(latitude=[s.lat for s in SITES], longitude=[s.lon for s in SITES])
    table_tools = f"{pip('pandas')}, {pip('openpyxl')}"
    plain.to_excel(at("pandas/sites.xlsx"), index=False)
    sites("pandas/sites.xlsx", table_tools, "`frame.to_excel(\"sites.xlsx\", index=False)`", numbers=NUMBERS, ids=True)
    plain.to_csv(at("pandas/sites_index.csv"))
    sites("pandas/sites_index.csv", pip("pandas"), "`frame.to_csv(\"sites_index.csv\")`, an index without a head", numbers=NUMBERS, ids=True)
    with pandas.ExcelWriter(at("pandas/workbook.xlsx")) as book:
        pandas.DataFrame({"Read me": ["Exercise list", "Invented places"]}).to_excel(book, sheet_name="Notes", index=False)
        plain.rename(columns={"latitude": "Lat", "longitude": "Long", "name": "Name", "type": "Type"}).to_excel(book, sheet_name="Facilities", index=False)
    sites("pandas/workbook.xlsx", table_tools, "two sheets by `ExcelWriter`", options=",layer=Facilities,class_field=Type", numbers=NUMBERS, ids=True)
    texts = plain.astype({"latitude": str, "longitude": str})
    texts.to_excel(at("pandas/sites_text.xlsx"), index=False, engine="xlsxwriter")
    sites("pandas/sites_text.xlsx", f"{pip('pandas')}, {pip('xlsxwriter')}", "coordinates as text cells", numbers=NUMBERS, ids=True)
    plain.to_excel(at("pandas/sites.ods"), index=False, engine="odf")
    sites("pandas/sites.ods", f"{pip('pandas')}, {pip('odfpy')}", "`frame.to_excel(\"sites.ods\", engine=\"odf\")`", numbers=NUMBERS, ids=True)
    wkt = pandas.DataFrame([{key: getattr(a, key) for key in ("id", "name", "coa", "phase")} | {"geometry": a.shape.wkt} for a in AREAS])
    wkt.to_csv(at("pandas/areas_geometry.csv"), index=False)
    areas("pandas/areas_geometry.csv", geo, "`GeoDataFrame.to_csv(\"areas_geometry.csv\", index=False)`: WKT in a column `geometry`", columns=["id", "name", "coa", "phase"])

    # pyshp, with the encodings of offices that write no .cpg.
    prj = 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
    for name, language, encoding, place in (("cp1256", "ar", "cp1256", "A"), ("cp1251", "ru", "cp1251", "A"), ("gbk", "zh", "gbk", "A"), ("latin1", "fr", "latin-1", "B")):
        with shapefile.Writer(str(at(f"pyshp/{name}.shp")), shapefile.POINT, encoding=encoding) as made:
            made.field("name", "C", size=60)
            made.field("type", "C", size=30)
            for site in SITES:
                made.point(*there(site, place))
                made.record(site.names[language], site.kind)
        text(f"pyshp/{name}.prj", prj)
        sites(f"pyshp/{name}.shp", pip("pyshp"), f"`shapefile.Writer(…, encoding=\"{encoding}\")`; no .cpg", language=language, place=place)


def with_kml():
    import simplekml

    tool = pip("simplekml")

    def build():
        book = simplekml.Kml(name="Exercise sites")
        for group in ("Health", "Other"):
            folder = book.newfolder(name=group)
            for site in SITES:
                if (group == "Health") == site.klass.startswith("h"):
                    made = folder.newpoint(name=site.names["en"], coords=[(site.lon, site.lat)])
                    made.extendeddata.newdata(name="type", value=site.kind)
                    if site.beds:
                        made.extendeddata.newdata(name="beds", value=str(site.beds))
        return book

    build().save(str(at("simplekml/sites.kml")))
    sites("simplekml/sites.kml", tool, "folders, `extendeddata.newdata`", numbers=["beds"])
    build().savekmz(str(at("simplekml/sites.kmz")))
    sites("simplekml/sites.kmz", tool, "the same by `savekmz`", numbers=["beds"])

    def build_areas(nested):
        book = simplekml.Kml(name="Options")
        folders = {}
        for area in AREAS:
            folder = folders.setdefault(area.coa, None) or folders.update({area.coa: book.newfolder(name=area.coa)}) or folders[area.coa]
            if nested:
                key = (area.coa, area.phase)
                folder = folders.setdefault(key, None) or folders.update({key: folder.newfolder(name=area.phase)}) or folders[key]
            multi = area.shape.geom_type == "MultiPolygon"
            holder = folder.newmultigeometry(name=area.name) if multi else folder
            for part in (area.shape.geoms if multi else [area.shape]):
                made = holder.newpolygon(name=area.name, outerboundaryis=list(part.exterior.coords), innerboundaryis=[list(ring.coords) for ring in part.interiors])
            if not nested:
                (holder if multi else made).extendeddata.newdata(name="id", value=area.id)
                (holder if multi else made).extendeddata.newdata(name="phase", value=area.phase)
        return book

    build_areas(False).save(str(at("simplekml/areas.kml")))
    areas("simplekml/areas.kml", tool, "a folder for each option, id and phase as ExtendedData", columns=["id", "name", "coa", "phase"])
    build_areas(False).savekmz(str(at("simplekml/areas.kmz")))
    areas("simplekml/areas.kmz", tool, "the same by `savekmz`", columns=["id", "name", "coa", "phase"])
    build_areas(True).savekmz(str(at("simplekml/areas_nested.kmz")))
    areas("simplekml/areas_nested.kmz", tool, "folders of phases in folders of options", columns=["name", "coa", "phase"])


def with_npm():
    out = at("npm/x").parent
    script = """
const fs = require('fs'); const [sites, areas, out] = process.argv.slice(1); const read = p => JSON.parse(fs.readFileSync(p));
const write = (n, t) => fs.writeFileSync(out + '/' + n, typeof t == 'string' ? t : JSON.stringify(t));
const {topology} = require('topojson-server'); write('sites.topojson', topology({sites: read(sites)})); write('areas.topojson', topology({areas: read(areas)}));
write('areas_quantized.topojson', topology({areas: read(areas)}, 1e6));
const {geojsonToArcGIS} = require('@terraformer/arcgis');
const fields = [['OBJECTID', 'esriFieldTypeOID'], ...['id', 'name', 'coa', 'phase', 'start', 'end', 'type'].map(n => [n, 'esriFieldTypeString']), ...['beds', 'capacity', 'occupancy'].map(n => [n, 'esriFieldTypeInteger'])].map(([name, type]) => ({name, type, alias: name}));
const set = (source, kind) => ({objectIdFieldName: 'OBJECTID', geometryType: kind, spatialReference: {wkid: 4326, latestWkid: 4326}, fields,
  features: geojsonToArcGIS(read(source)).map((f, i) => ({attributes: {...f.attributes, OBJECTID: i + 1}, geometry: f.geometry}))});
write('sites_esri.json', set(sites, 'esriGeometryPoint')); write('areas_esri.json', set(areas, 'esriGeometryPolygon'));
write('sites_tokml.kml', require('tokml')(read(sites), {name: 'name', description: 'type'})); write('areas_tokml.kml', require('tokml')(read(areas)));
const togpx = require('togpx'); write('sites_togpx.gpx', togpx(read(sites), {featureTitle: p => p.name, featureDescription: p => p.type}));
const XLSX = require('xlsx'); const rows = read(sites).features.map(f => ({...f.properties, Longitude: f.geometry.coordinates[0], Latitude: f.geometry.coordinates[1]}));
for (const kind of ['xlsx', 'ods', 'csv']) { const b = XLSX.utils.book_new(); XLSX.utils.book_append_sheet(b, XLSX.utils.json_to_sheet(rows), 'Sites'); XLSX.writeFile(b, out + '/sheetjs.' + kind, {bookType: kind, compression: true}); }
const w = require('@mapbox/shp-write');
(async () => fs.writeFileSync(out + '/sites_shp_write.zip', await w.zip(read(sites), {outputType: 'nodebuffer', compression: 'DEFLATE', types: {point: 'sites'}})))();
"""
    node(script, SITES_SOURCE, AREAS_SOURCE, out)
    topo, arc, kml = npm("topojson-server"), npm("@terraformer/arcgis"), npm("tokml")
    every = {"numbers": NUMBERS, "ids": True}
    sites("npm/sites.topojson", topo, "`topology({sites})`", **every)
    areas("npm/areas.topojson", topo, "`topology({areas})`", columns=AREA_COLUMNS)
    areas("npm/areas_quantized.topojson", topo, "`topology({areas}, 1e6)`, quantized", columns=AREA_COLUMNS, tolerance=1e-5)
    sites("npm/sites_esri.json", arc, "`geojsonToArcGIS` in a feature set of the ArcGIS REST API", numbers=NUMBERS, ids=True)
    areas("npm/areas_esri.json", arc, "`geojsonToArcGIS` in a feature set of the ArcGIS REST API", columns=["id", "name", "coa", "phase", "start", "end"])
    sites("npm/sites_tokml.kml", kml, "`tokml(sites, {name: 'name', description: 'type'})`", **every)
    areas("npm/areas_tokml.kml", kml, "`tokml(areas)`", columns=AREA_COLUMNS)
    sites("npm/sites_togpx.gpx", npm("togpx"), "`togpx(sites, {featureDescription: p => p.type})`", options=",layer=waypoints,class_field=desc")
    for kind in ("xlsx", "ods", "csv"):
        sites(f"npm/sheetjs.{kind}", npm("xlsx"), f"`XLSX.writeFile(book, \"sheetjs.{kind}\")`", **every)
    sites("npm/sites_shp_write.zip", npm("@mapbox/shp-write"), "`shpwrite.zip(sites)`", numbers=NUMBERS, ids=True)
    import topojson
    text("topojson/areas.json", topojson.Topology(areas_geojson(), prequantize=False).to_json())
    areas("topojson/areas.json", pip("topojson"), "`Topology(areas, prequantize=False).to_json()`", columns=AREA_COLUMNS)
    # The same feature set in web Mercator, as a server answers by default.
    fields = [{"name": "OBJECTID", "type": "esriFieldTypeOID", "alias": "OBJECTID"}] + [{"name": key, "type": "esriFieldTypeString", "alias": key, "length": 80} for key in ("id", "name", "coa", "phase")]
    features = []
    for number, area in enumerate(AREAS, 1):
        drawn = carried(area.shape, 3857)
        rings = []
        for part in drawn.geoms if drawn.geom_type == "MultiPolygon" else [drawn]:
            turned = lambda ring, ccw: [list(p) for p in (ring.coords if ring.is_ccw == ccw else list(ring.coords)[::-1])]
            rings += [turned(part.exterior, False)] + [turned(ring, True) for ring in part.interiors]
        features.append({"attributes": {"OBJECTID": number, **{key: getattr(area, key) for key in ("id", "name", "coa", "phase")}}, "geometry": {"rings": rings}})
    text("documented/arcgis_rest_102100.json", json.dumps({"objectIdFieldName": "OBJECTID", "globalIdFieldName": "", "geometryType": "esriGeometryPolygon", "spatialReference": {"wkid": 102100, "latestWkid": 3857}, "fields": fields, "features": features}))
    areas("documented/arcgis_rest_102100.json", "ArcGIS REST API 10.9", "answer of `query?f=json`, web Mercator", epsg=3857, columns=["id", "name", "coa", "phase"])


def osm_elements(language="en", square=True):
    """Nodes and, for S3, a closed way around its place."""
    nodes, corners, ways = [], [], []
    for number, site in enumerate(SITES, 101):
        if site.id == "S3" and square:
            for i, (dx, dy) in enumerate([(-3, -3), (3, -3), (3, 3), (-3, 3)]):
                corners.append((900 + i, round(site.lon + dx * 1e-4, 7), round(site.lat + dy * 1e-4, 7)))
            ways.append((number, [900, 901, 902, 903, 900], {**osm_tags(site, language), "building": "school"}, site))
        else:
            nodes.append((number, site.lon, site.lat, osm_tags(site, language)))
    return nodes, corners, ways


def with_osm():
    import osmium

    nodes, corners, ways = osm_elements()
    OSM = {"options": ",classify=osm", "numbers": ["beds", "capacity"]}
    for ending in ("osm", "osm.pbf", "osm.bz2"):
        path = at(f"osmium/sites.{ending}")
        path.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(path)) as made:
            for number, lon, lat, tags in nodes:
                made.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat), tags=tags, version=1))
            for number, lon, lat in corners:
                made.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat), version=1))
            for number, refs, tags, _ in ways:
                made.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags, version=1))
        sites(f"osmium/sites.{ending}", pip("osmium"), f"`osmium.SimpleWriter(\"sites.{ending}\")`", **OSM)
    how = ogr("osmium/from_osm.gpkg", HERE / "osmium/sites.osm", *NO_INDEX, config=SMALL)
    sites("osmium/from_osm.gpkg", GDAL, how + ": `other_tags`", options=",layer=points,classify=osm", numbers=["beds"], sites=[i for i in ALL if i != "S3"])
    # Overpass: JSON as its manual shows it.
    head = {"version": 0.6, "generator": "Overpass API 0.7.62.5 1bd436f1", "osm3s": {"timestamp_osm_base": "2026-01-15T10:00:00Z", "copyright": "The data included in this document is from www.openstreetmap.org. The data is made available under ODbL."}}
    element = lambda number, lon, lat, tags: {"type": "node", "id": number, "lat": lat, "lon": lon, **({"tags": tags} if tags else {})}
    plain = [element(*node) for node in nodes]
    by_node = {number: {"lat": lat, "lon": lon} for number, lon, lat in corners}
    center = [{"type": "way", "id": number, "center": {"lat": site.lat, "lon": site.lon}, "nodes": refs, "tags": tags} for number, refs, tags, site in ways]
    lats, lons = [at["lat"] for at in by_node.values()], [at["lon"] for at in by_node.values()]
    geom = [{"type": "way", "id": number, "bounds": {"minlat": min(lats), "minlon": min(lons), "maxlat": max(lats), "maxlon": max(lons)}, "nodes": refs, "geometry": [by_node[i] for i in refs], "tags": tags} for number, refs, tags, _ in ways]
    body = [{"type": "way", "id": number, "nodes": refs, "tags": tags} for number, refs, tags, _ in ways] + [element(*corner, None) for corner in corners]
    documented = "Overpass API 0.7.62"
    for name, more in (("center", center), ("geom", geom), ("body", body)):
        text(f"overpass/out_{name}.json", json.dumps({**head, "elements": plain + more}, ensure_ascii=False, indent=1))
        sites(f"overpass/out_{name}.json", documented, f"`[out:json]; … out {name};`" if name != "body" else "`[out:json]; (…; >;); out body;`", **OSM)
    keys = sorted({key for site in SITES for key in osm_tags(site)})
    rows = [[n, "node", lat, lon] + [tags.get(key, "") for key in keys] for n, lon, lat, tags in nodes]
    rows += [[n, "way", site.lat, site.lon] + [tags.get(key, "") for key in keys] for n, _, tags, site in ways]
    table("overpass/out.csv", ["@id", "@type", "@lat", "@lon"] + keys, rows, delimiter="\t")
    sites("overpass/out.csv", documented, "`[out:csv(::id, ::type, ::lat, ::lon, name, amenity, …)]; … out center;`", **OSM)
    # Overpass Turbo makes its files with osmtogeojson, tokml and togpx.
    script = """
const fs = require('fs'); const [source, out] = process.argv.slice(1); const json = JSON.parse(fs.readFileSync(source)); const convert = require('osmtogeojson');
const nested = convert(json, {flatProperties: false}); fs.writeFileSync(out + '/osmtogeojson_nested.geojson', JSON.stringify(nested));
fs.writeFileSync(out + '/osmtogeojson_flat.geojson', JSON.stringify(convert(json, {flatProperties: true})));
const turbo = {...nested, generator: 'overpass-turbo', copyright: json.osm3s.copyright, timestamp: json.osm3s.timestamp_osm_base, features: nested.features.map(f => ({type: 'Feature', properties: {'@id': f.properties.type + '/' + f.properties.id, ...f.properties.tags}, geometry: f.geometry, id: f.properties.type + '/' + f.properties.id}))};
fs.writeFileSync(out + '/turbo.geojson', JSON.stringify(turbo, null, 2));
fs.writeFileSync(out + '/turbo.kml', require('tokml')(turbo, {documentName: 'overpass-turbo.eu export', name: 'name', description: 'description'}));
fs.writeFileSync(out + '/turbo.gpx', require('togpx')(turbo, {creator: 'overpass-turbo', metadata: {desc: 'Filtered OSM data converted to GPX by overpass turbo', time: json.osm3s.timestamp_osm_base}, featureTitle: p => p.name, featureDescription: p => Object.entries(p).map(([k, v]) => k + '=' + v).join('\\n')}));
"""
    node(script, HERE / "overpass/out_body.json", at("overpass/x").parent)
    conv = npm("osmtogeojson")
    sites("overpass/osmtogeojson_nested.geojson", conv, "`osmtogeojson(json, {flatProperties: false})`", **OSM)
    sites("overpass/osmtogeojson_flat.geojson", conv, "`osmtogeojson(json, {flatProperties: true})`", **OSM)
    sites("overpass/turbo.geojson", conv, "as Overpass Turbo's export: `@id` and flat tags", **OSM)
    sites("overpass/turbo.kml", npm("tokml"), "Overpass Turbo's export as KML", **OSM)
    sites("overpass/turbo.gpx", npm("togpx"), "Overpass Turbo's export as GPX: tags in `desc`; one class told for all", options=",layer=waypoints,class=school", **{"class": "school"}, sites=[i for i in ALL if i != "S3"])
    # Files of services that hand out OpenStreetMap.
    features = []
    for number, site in enumerate(SITES, 101):
        tags = osm_tags(site)
        features.append((number, site, tags))
    column = ["name", "name:en", "amenity", "man_made", "religion", "healthcare", "building", "beds", "capacity:persons", "addr:full", "source"]
    hot = source("hot.geojson", {"type": "FeatureCollection", "name": "hotosm_xyz_points_of_interest_points_geojson", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, "features": [
        {"type": "Feature", "properties": {**{key: tags.get(key) for key in column}, "osm_id": number, "osm_type": "nodes"}, "geometry": {"type": "Point", "coordinates": [s.lon, s.lat]}} for number, s, tags in features]})
    shutil.copy(hot, at("documented/hot_export.geojson"))
    doc = {"options": ",classify=osm"}
    sites("documented/hot_export.geojson", "HOT Export Tool 3 (HDX)", "points of interest as GeoJSON", **doc, numbers=["beds"])
    how = ogr("documented/hot_export.gpkg", hot, *NO_INDEX, config=SMALL)
    sites("documented/hot_export.gpkg", f"HOT Export Tool 3 (HDX), by {GDAL}", how, **doc, numbers=["beds"])
    how = ogr("documented/hot_export.shp", hot, "-lco", "ENCODING=UTF-8")
    sites("documented/hot_export.shp", f"HOT Export Tool 3 (HDX), by {GDAL}", how + ": heads cut to ten letters", **doc, numbers=["beds"])
    fclass = {"S1": (2110, "hospital"), "S2": (2111, "clinic"), "S3": (2082, "school"), "S4": (2082, "school"), "S5": (2962, "water_well"), "S7": (2016, "market_place")}
    for name, classes in (("gis_osm_pois_free_1", fclass), ("gis_osm_pofw_free_1", {"S8": (3100, "christian")})):
        made = source(f"{name}.geojson", {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"osm_id": str(n), "code": classes[s.id][0], "fclass": classes[s.id][1], "name": s.names["en"]}, "geometry": {"type": "Point", "coordinates": [s.lon, s.lat]}} for n, s, _ in features if s.id in classes]})
        how = ogr(f"documented/{name}.shp", made, "-lco", "ENCODING=UTF-8")
        sites(f"documented/{name}.shp", f"Geofabrik free shapefiles 0.7, by {GDAL}", how, **doc, sites=list(classes))
    quick = source("quick.geojson", {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"full_id": f"n{n}", "osm_id": str(n), "osm_type": "node", **{key: tags.get(key) for key in ("amenity", "man_made", "religion", "beds", "capacity", "name")}}, "geometry": {"type": "Point", "coordinates": [s.lon, s.lat]}} for n, s, tags in features]})
    how = ogr("documented/quickosm.gpkg", quick, *NO_INDEX, config=SMALL)
    sites("documented/quickosm.gpkg", f"QuickOSM 2.2, by {GDAL}", how, **doc, numbers=["beds", "capacity"])
    hstore = lambda tags: ", ".join(f'"{key}"=>"{value}"' for key, value in tags.items())
    flex = source("osm_point.geojson", {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"osm_id": n, "tags": hstore(tags)}, "geometry": {"type": "Point", "coordinates": [s.lon, s.lat]}} for n, s, tags in features]})
    how = ogr("documented/osm2pgsql_hstore.gpkg", flex, "-t_srs", "EPSG:3857", *NO_INDEX, config=SMALL)
    sites("documented/osm2pgsql_hstore.gpkg", f"osm2pgsql 1.8 (`--hstore-all`), by {GDAL}", how, **doc, numbers=["beds", "capacity"])
    web = lambda s: to_wkb(set_srid(Point(*carried_point(s, 3857)), 3857), hex=True, include_srid=True)
    table("documented/osm2pgsql_copy.csv", ["osm_id", "tags", "way"], [[n, json.dumps(tags, ensure_ascii=False), web(s)] for n, s, tags in features])
    sites("documented/osm2pgsql_copy.csv", "osm2pgsql 1.8 flex output (jsonb), psql 15", "`\\copy (select osm_id, tags, way from pois) to 'x.csv' csv header`: EWKB in EPSG:3857", **doc, numbers=["beds", "capacity"])
    health = ["osm_id", "osm_type", "completeness", "amenity", "healthcare", "name", "operator", "source", "speciality", "operator_type", "operational_status", "opening_hours", "beds", "staff_doctors", "staff_nurses", "health_amenity_type", "dispensing", "wheelchair", "emergency", "insurance", "water_source", "electricity", "is_in_health_area", "is_in_health_zone", "url", "addr_housenumber", "addr_street", "addr_postcode", "addr_city", "changeset_id", "changeset_version", "changeset_timestamp", "uuid"]
    only = ["S1", "S2"]
    row = lambda n, tags: {key: tags.get(key) for key in health} | {"osm_id": n, "osm_type": "node", "completeness": 9.0, "uuid": f"{n:032x}"}
    listed = [(n, s, row(n, tags)) for n, s, tags in features if s.id in only]
    table("documented/healthsites.csv", ["X", "Y"] + health, [[s.lon, s.lat] + [blank(r[key]) for key in health] for _, s, r in listed])
    sites("documented/healthsites.csv", "healthsites.io (HDX, 2024)", "CSV", **doc, sites=only, numbers=["beds"])
    made = source("healthsites.geojson", {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": r, "geometry": {"type": "Point", "coordinates": [s.lon, s.lat]}} for _, s, r in listed]})
    shutil.copy(made, at("documented/healthsites.geojson"))
    sites("documented/healthsites.geojson", "healthsites.io (HDX, 2024)", "GeoJSON", **doc, sites=only, numbers=["beds"])
    how = ogr("documented/healthsites.shp", made, "-lco", "ENCODING=UTF-8")
    sites("documented/healthsites.shp", f"healthsites.io (HDX, 2024), by {GDAL}", how, **doc, sites=only, numbers=["beds"])


def carried_point(site, epsg):
    return carried_pair(site.lon, site.lat, epsg)


def carried_pair(lon, lat, epsg):
    from pyproj import Transformer
    return Transformer.from_crs(4326, epsg, always_xy=True).transform(lon, lat)


def with_forms():
    """Tables of survey tools, lists of organizations."""
    tool = "KoboToolbox 2.024"
    heads = ["start", "end", "Facility name", "Facility type", "beds", "Location of the facility", "_Location of the facility_latitude", "_Location of the facility_longitude", "_Location of the facility_altitude", "_Location of the facility_precision", "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__", "_tags", "_index"]
    rows = []
    for number, s in enumerate(SITES, 1):
        rows.append(["2026-01-10T09:00:00.000+06:00", "2026-01-10T09:05:00.000+06:00", s.names["en"], s.kind, blank(s.beds), f"{s.lat} {s.lon} 14.2 4.9", s.lat, s.lon, 14.2, 4.9, 5000 + number, f"uuid-{number}", "2026-01-10T03:10:00", "", "", "submitted_via_web", "", "vA1", "", number])
    unplaced = ["2026-01-11T09:00:00.000+06:00", "2026-01-11T09:05:00.000+06:00", "Not visited yet", "School", "", "", "", "", "", "", 5009, "uuid-9", "2026-01-11T03:10:00", "", "", "submitted_via_web", "", "vA1", "", 9]
    table("documented/kobo.csv", heads, rows + [unplaced], delimiter=";", quoting=csv.QUOTE_ALL)
    sites("documented/kobo.csv", tool, "CSV with labels, one submission without a place", options=",class_field=Facility type", numbers=["beds"], lost=1)
    import pandas
    pandas.DataFrame(rows, columns=heads).to_excel(at("documented/kobo.xlsx"), index=False, sheet_name="Facility survey")
    sites("documented/kobo.xlsx", tool, "XLSX with labels", options=",class_field=Facility type", numbers=["beds"])
    xml = ["start", "end", "facility_name", "facility_type", "GPS", "_GPS_latitude", "_GPS_longitude", "_GPS_altitude", "_GPS_precision", "_id"]
    table("documented/kobo_xml_names.csv", xml, [["", "", s.names["es"], s.kind.lower().replace(" ", "_"), f"{there(s, 'B')[1]} {there(s, 'B')[0]} 0 0", there(s, "B")[1], there(s, "B")[0], 0, 0, n] for n, s in enumerate(SITES, 1)], delimiter=";")
    sites("documented/kobo_xml_names.csv", tool, "CSV with XML values and heads, south and west", options=",class_field=facility_type", language="es", place="B")
    table("documented/kobo_geolocation.csv", ["name", "type", "_geolocation"], [[s.names["en"], s.kind, f"[{s.lat}, {s.lon}]"] for s in SITES])
    sites("documented/kobo_geolocation.csv", "KoboToolbox 2.024 (API v2)", "JSON list flattened: `_geolocation` as [latitude, longitude]")
    table("documented/odk_central.csv", ["SubmissionDate", "start", "end", "facility-name", "facility-type", "location-Latitude", "location-Longitude", "location-Altitude", "location-Accuracy", "meta-instanceID", "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "ReviewState", "DeviceID", "Edits", "FormVersion"],
          [["2026-01-10T03:10:00.000Z", "", "", s.names["en"], s.kind, s.lat, s.lon, 14.2, 4.9, f"uuid:{n}", f"uuid:{n}", 5, "Team 1", 0, "", "", 0, 1] for n, s in enumerate(SITES, 1)])
    sites("documented/odk_central.csv", "ODK Central 2024.1", "CSV with group names", options=",class_field=facility-type")
    table("documented/survey123.csv", ["ObjectID", "GlobalID", "Facility name", "Facility type", "CreationDate", "Creator", "EditDate", "Editor", "x", "y"],
          [[n, f"00000000-0000-0000-0000-{n:012d}", s.names["en"], s.kind, "1/10/2026 3:10:00 AM", "team", "1/10/2026 3:10:00 AM", "team", s.lon, s.lat] for n, s in enumerate(SITES, 1)], encoding="utf-8-sig")
    sites("documented/survey123.csv", "ArcGIS Survey123 3.19", "CSV", options=",class_field=Facility type")
    units = [{"type": "Feature", "id": f"Orgunit{n:04d}", "geometry": {"type": "Point", "coordinates": [s.lon, s.lat]}, "properties": {"code": f"OU_{n}", "name": s.names["bn"], "level": "4", "parent": "Upazila0001", "parentGraph": "Country0001/Upazila0001", "groups": s.kind}} for n, s in enumerate(SITES, 1)]
    text("documented/dhis2.geojson", json.dumps({"type": "FeatureCollection", "features": units}, ensure_ascii=False))
    sites("documented/dhis2.geojson", "DHIS2 2.40", "`/api/organisationUnits.geojson`", options=",class_field=groups", language="bn")
    head = ["name", "uid", "code", "parent", "shortName", "description", "openingDate", "closedDate", "comment", "featureType", "coordinates"]
    table("documented/dhis2.csv", head, [[s.names["bn"], f"Orgunit{n:04d}", f"OU_{n}", "Upazila0001", f"U{n}", s.kind, "1970-01-01", "", "", "POINT", f"[{s.lon},{s.lat}]"] for n, s in enumerate(SITES, 1)], quoting=csv.QUOTE_ALL)
    sites("documented/dhis2.csv", "DHIS2 2.30 (CSV of organisation units)", "`coordinates` as [longitude,latitude]", options=",class_field=description", language="bn")
    table("documented/dhis2_geometry.csv", ["id", "name", "groups", "geometry"], [[f"Orgunit{n:04d}", s.names["en"], s.kind, json.dumps({"type": "Point", "coordinates": [s.lon, s.lat]})] for n, s in enumerate(SITES, 1)])
    sites("documented/dhis2_geometry.csv", "DHIS2 2.40 (`organisationUnits.csv?fields=id,name,geometry`)", "GeoJSON in a cell", options=",class_field=groups")
    table("documented/hxl.csv", ["Facility", "Type", "Latitude", "Longitude", "Beds"], [[s.names["en"], s.kind, s.lat, s.lon, blank(s.beds)] for s in SITES], extra=[["#loc+name", "#loc+type", "#geo+lat", "#geo+lon", "#capacity+beds"]])
    sites("documented/hxl.csv", "HXL 1.1 (HDX)", "hashtags below the heads", options=",class_field=Type", numbers=["beds"])
    table("documented/hxl_tags_tell.csv", ["Établissement", "Catégorie", "Position N-S", "Position E-O"], [[s.names["fr"], s.kind, there(s, "B")[1], there(s, "B")[0]] for s in SITES], extra=[["#loc+facility+name", "#loc+type", "#geo+lat", "#geo+lon"]])
    sites("documented/hxl_tags_tell.csv", "HXL 1.1 (HDX)", "heads that say nothing, hashtags that do", options=",class_field=Catégorie", language="fr", place="B")
    dtm = ["SSID", "Site Name", "Site Type", "Longitude", "Latitude", "Total Households", "Total Individuals"]
    frame = pandas.DataFrame([["#loc+code", "#loc+site+name", "#loc+type", "#geo+lon", "#geo+lat", "#affected+hh", "#affected+ind"]] + [[f"XX_S{n:03d}", s.names["en"], "Camp", s.lon, s.lat, 100 * n, 500 * n] for n, s in enumerate(SITES, 1)], columns=dtm)
    frame.to_excel(at("documented/dtm_sites.xlsx"), index=False, sheet_name="Site list")
    sites("documented/dtm_sites.xlsx", "IOM DTM site assessment (HDX, 2024)", "XLSX with hashtags below the heads", options=",class=displacement_site", **{"class": "displacement_site"})
    table("documented/unhcr.csv", ["gis_name", "iso3", "pcode", "loc_type", "lat", "long"], [[s.names["en"], "XXX", f"XXXs{n:06d}", s.kind, s.lat, s.lon] for n, s in enumerate(SITES, 1)])
    sites("documented/unhcr.csv", "UNHCR locations (HDX, 2024)", "CSV", options=",class_field=loc_type")
    cod = source("cod.geojson", {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"ADM2_EN": a.name, "ADM2_PCODE": f"XX01{n:02d}", "ADM2_REF": None, "ADM1_EN": "Province", "ADM1_PCODE": "XX01", "ADM0_EN": "Exercise", "ADM0_PCODE": "XX", "date": "2024-01-01", "validOn": "2024-02-01", "validTo": None, "AREA_SQKM": 1.0}, "geometry": mapping(a.shape)} for n, a in enumerate(AREAS, 1)]})
    how = ogr("documented/xxx_admbnda_adm2.shp", cod, "-lco", "ENCODING=UTF-8")
    areas("documented/xxx_admbnda_adm2.shp", f"OCHA COD-AB 2024, by {GDAL}", how, options=",id=ADM2_PCODE,name=ADM2_EN", columns=["name"])


def google_kml(placemarks, layer):
    body = "".join(placemarks)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2">
  <Document>
    <name>Exercise</name>
    <description/>
    <Style id="icon-1899-0288D1-nodesc-normal"><IconStyle><color>ffd18802</color><scale>1</scale></IconStyle><BalloonStyle><text><![CDATA[<h3>$[name]</h3>]]></text></BalloonStyle></Style>
    <Folder>
      <name>{layer}</name>{body}
    </Folder>
  </Document>
</kml>
"""


def kml_polygon(shape, pad="\n                "):
    def ring(coords):
        return "<LinearRing><tessellate>1</tessellate><coordinates>" + pad + pad.join(f"{x},{y},0" for x, y in coords) + "\n</coordinates></LinearRing>"
    made = ""
    for part in shape.geoms if shape.geom_type == "MultiPolygon" else [shape]:
        inner = "".join(f"<innerBoundaryIs>{ring(r.coords)}</innerBoundaryIs>" for r in part.interiors)
        made += f"<Polygon><outerBoundaryIs>{ring(part.exterior.coords)}</outerBoundaryIs>{inner}</Polygon>"
    return f"<MultiGeometry>{made}</MultiGeometry>" if shape.geom_type == "MultiPolygon" else made


def with_globes():
    data = lambda pairs: "<ExtendedData>" + "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in pairs) + "</ExtendedData>"
    marks = [f"""
      <Placemark>
        <name>{s.names['en']}</name>
        <description><![CDATA[type: {s.kind}<br>beds: {blank(s.beds)}]]></description>
        <styleUrl>#icon-1899-0288D1</styleUrl>
        {data([('type', s.kind), ('beds', blank(s.beds))])}
        <Point>
          <coordinates>
            {s.lon},{s.lat},0
          </coordinates>
        </Point>
      </Placemark>""" for s in SITES]
    text("documented/mymaps_sites.kml", google_kml(marks, "sites.csv"))
    sites("documented/mymaps_sites.kml", "Google My Maps 2024", "KML", numbers=["beds"])
    with zipfile.ZipFile(at("documented/mymaps_areas.kmz"), "w", zipfile.ZIP_DEFLATED) as made:
        marks = [f"<Placemark><name>{a.name}</name><styleUrl>#poly-000000-1200-77</styleUrl>{data([('id', a.id), ('coa', a.coa), ('phase', a.phase)])}{kml_polygon(a.shape)}</Placemark>" for a in AREAS]
        made.writestr("doc.kml", google_kml(marks, "Untitled layer"))
        made.writestr("images/icon-1.png", b"\x89PNG\r\n\x1a\n")
    areas("documented/mymaps_areas.kmz", "Google My Maps 2024", "KMZ with an icon; a layer without a title", columns=["id", "name", "coa", "phase"])
    table("documented/mymaps.csv", ["WKT", "name", "description", "type"], [[f"POINT ({s.lon} {s.lat})", s.names["en"], "", s.kind] for s in SITES])
    sites("documented/mymaps.csv", "Google My Maps 2024", "CSV with a column WKT")
    folders = ""
    for coa in ("A", "B"):
        inner = ""
        for a in [a for a in AREAS if a.coa == coa]:
            inner += f"""<Folder><name>{a.phase}</name><open>1</open><Placemark id="0{a.id.replace('-', '')}"><name>{a.name}</name><LookAt><longitude>92.14</longitude><latitude>21.08</latitude><altitude>0</altitude><heading>0</heading><tilt>0</tilt><gx:fovy>35</gx:fovy><range>9000</range><altitudeMode>absolute</altitudeMode></LookAt><TimeSpan><begin>{a.start}</begin><end>{a.end}</end></TimeSpan><styleUrl>#__managed_style</styleUrl><gx:balloonVisibility>1</gx:balloonVisibility>{kml_polygon(a.shape, ' ')}</Placemark></Folder>"""
        folders += f"<Folder><name>{coa}</name><open>1</open>{inner}</Folder>"
    text("documented/google_earth.kml", f"""<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2" xmlns:kml="http://www.opengis.net/kml/2.2" xmlns:atom="http://www.w3.org/2005/Atom"><Document><name>Options.kml</name><gx:CascadingStyle kml:id="__managed_style_1"><Style><PolyStyle><color>40ffffff</color></PolyStyle></Style></gx:CascadingStyle><StyleMap id="__managed_style"><Pair><key>normal</key><styleUrl>#__managed_style_1</styleUrl></Pair></StyleMap>{folders}</Document></kml>
""")
    areas("documented/google_earth.kml", "Google Earth Pro 7.3.6", "KML: gx elements, folders of options and phases, TimeSpan", columns=["name", "coa", "phase", "start", "end"])
    schema = '<Schema name="plan" id="plan"><SimpleField name="id" type="string"/><SimpleField name="coa" type="string"/><SimpleField name="phase" type="string"/></Schema>'
    marks = "".join(f'<Placemark id="plan.{n}"><name>{a.name}</name><Style><LineStyle><color>ff0000ff</color></LineStyle><PolyStyle><fill>0</fill></PolyStyle></Style><ExtendedData><SchemaData schemaUrl="#plan"><SimpleData name="id">{a.id}</SimpleData><SimpleData name="coa">{a.coa}</SimpleData><SimpleData name="phase">{a.phase}</SimpleData></SchemaData></ExtendedData>{kml_polygon(a.shape, " ")}</Placemark>' for n, a in enumerate(AREAS, 1))
    text("documented/qgis.kml", f'<?xml version="1.0" encoding="utf-8" ?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document id="root_doc">{schema}<Folder><name>plan</name>{marks}</Folder></Document></kml>\n')
    areas("documented/qgis.kml", "QGIS 3.34", "Save Features As, KML: one folder by the layer's name, attributes as SimpleData", columns=["id", "name", "coa", "phase"])
    garmin = "".join(f'<wpt lat="{s.lat}" lon="{s.lon}"><ele>14.2</ele><time>2026-01-10T03:10:00Z</time><name>{s.names["en"]}</name><cmt>{s.kind}</cmt><desc>{s.kind}</desc><sym>Flag, Blue</sym><type>{s.kind}</type><extensions><gpxx:WaypointExtension><gpxx:DisplayMode>SymbolAndName</gpxx:DisplayMode></gpxx:WaypointExtension></extensions></wpt>' for s in SITES)
    text("documented/garmin.gpx", f'<?xml version="1.0" encoding="UTF-8" standalone="no" ?><gpx xmlns="http://www.topografix.com/GPX/1/1" xmlns:gpxx="http://www.garmin.com/xmlschemas/GpxExtensions/v3" creator="GPSMAP 66st" version="1.1"><metadata><link href="http://www.garmin.com"><text>Garmin International</text></link></metadata>{garmin}</gpx>')
    sites("documented/garmin.gpx", "Garmin GPSMAP 66st", "waypoints", options=WAYPOINTS)
    osmand = "".join(f'<wpt lat="{s.lat}" lon="{s.lon}"><name>{s.names["ar"]}</name><type>{s.kind}</type><extensions><osmand:icon>special_star</osmand:icon><osmand:background>circle</osmand:background><osmand:color>#eecc22</osmand:color></extensions></wpt>' for s in SITES)
    text("documented/osmand.gpx", f"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<gpx version=\"1.1\" creator=\"OsmAnd 4.6\" xmlns=\"http://www.topografix.com/GPX/1/1\" xmlns:osmand=\"https://osmand.net/docs/technical/osmand-file-formats/osmand-gpx\"><metadata><name>favorites</name></metadata>{osmand}</gpx>")
    sites("documented/osmand.gpx", "OsmAnd 4.6", "favorites", options=WAYPOINTS, language="ar")
    import gpxpy.gpx
    book = gpxpy.gpx.GPX()
    for s in SITES:
        book.waypoints.append(gpxpy.gpx.GPXWaypoint(s.lat, s.lon, name=s.names["en"], type=s.kind))
    text("gpxpy/sites.gpx", book.to_xml())
    sites("gpxpy/sites.gpx", pip("gpxpy"), "`GPX.to_xml()`", options=WAYPOINTS)
    from fastkml import KML, Document, Placemark, ExtendedData, Data
    document = Document(name="Exercise")
    for s in SITES:
        document.append(Placemark(name=s.names["ru"], geometry=Point(s.lon, s.lat), extended_data=ExtendedData(elements=[Data(name="type", value=s.kind)])))
    text("fastkml/sites.kml", KML(features=[document]).to_string())
    sites("fastkml/sites.kml", pip("fastkml"), "`KML(features=[document]).to_string()`", language="ru")


def dms(value, marks, places=2, letters=None, minutes_only=False):
    sign, value = (letters[0] if value >= 0 else letters[1]) if letters else ("-" if value < 0 else ""), abs(round(value, 4))
    degrees = int(value)
    minutes = round((value - degrees) * 60, 8)
    if minutes_only:
        body = marks.format(degrees, minutes)
    else:
        whole = int(minutes + 1e-9)
        body = marks.format(degrees, whole, abs((minutes - whole) * 60))
    return body, sign


def with_tables():
    """Ways in which people write a place into a table."""
    import mgrs
    import utm
    from openlocationcode import openlocationcode as plus

    hand = "by hand"
    head = ["name", "type", "Latitude", "Longitude"]

    def both(path, how, latitude, longitude, place="A", language="en", heads=head, **more):
        table(path, heads, [[s.names[language], s.kind, latitude(there(s, place)[1]), longitude(there(s, place)[0])] for s in SITES])
        sites(path, hand, how, language=language, place=place, **more)

    def spelled(marks, letters, after=True, **more):
        def say(value):
            body, sign = dms(value, marks, letters=letters, **more)
            return body + sign if after else sign + body
        return say

    both("tables/dms.csv", "degrees, minutes, seconds with marks and letters", spelled("{}°{:02}'{:05.2f}\"", "NS"), spelled("{}°{:02}'{:05.2f}\"", "EW"))
    both("tables/dms_primes_west.csv", "typographic marks, Spanish letters (O for west)", spelled("{}° {:02}′ {:05.2f}″ ", "NS"), spelled("{}° {:02}′ {:05.2f}″ ", "EO"), place="B", language="es", heads=["nombre", "type", "Latitud", "Longitud"])
    both("tables/dms_letters_first.csv", "letter first, blanks for marks", spelled(" {} {:02} {:05.2f}", "NS", after=False), spelled(" {} {:02} {:05.2f}", "EW", after=False), place="B")
    both("tables/degrees_minutes.csv", "degrees and decimal minutes", spelled("{}° {:.3f}' ", "NS", minutes_only=True), spelled("{}° {:.3f}' ", "EW", minutes_only=True))
    both("tables/decimal_letters.csv", "decimal degrees with a letter", lambda v: f"{abs(v):.4f}° {'N' if v >= 0 else 'S'}", lambda v: f"{abs(v):.4f}° {'E' if v >= 0 else 'W'}", place="B")
    table("tables/dms_one_column.csv", ["name", "type", "coordinates"], [[s.names["en"], s.kind, spelled("{}°{:02}'{:05.2f}\"", "NS")(s.lat) + " " + spelled("{}°{:02}'{:05.2f}\"", "EW")(s.lon)] for s in SITES])
    sites("tables/dms_one_column.csv", "Google Maps (copied)", "both in one column as degrees, minutes, seconds")
    table("tables/lat_lon_one_column.csv", ["name", "type", "location"], [[s.names["en"], s.kind, f"{s.lat}, {s.lon}"] for s in SITES])
    sites("tables/lat_lon_one_column.csv", "Google Maps (copied)", "\"latitude, longitude\" in one column")
    table("tables/lon_lat_one_column.csv", ["name", "type", "location"], [[s.names["en"], s.kind, f"{s.lon} {s.lat}"] for s in SITES])
    sites("tables/lon_lat_one_column.csv", hand, "\"longitude latitude\" in one column; the range tells the order")
    m = mgrs.MGRS()
    table("tables/mgrs.csv", ["name", "type", "MGRS"], [[s.names["en"], s.kind, m.toMGRS(s.lat, s.lon)] for s in SITES])
    sites("tables/mgrs.csv", pip("mgrs"), "`MGRS().toMGRS`, a meter", tolerance=1.5e-5)
    spaced = lambda code: f"{code[:3]} {code[3:5]} {code[5:10]} {code[10:]}"
    table("tables/mgrs_blanks.csv", ["name", "type", "Grid reference"], [[s.names["es"], s.kind, spaced(m.toMGRS(there(s, "B")[1], there(s, "B")[0]))] for s in SITES])
    sites("tables/mgrs_blanks.csv", pip("mgrs"), "the same with blanks, in the south", tolerance=1.5e-5, language="es", place="B")
    rows = []
    for s in SITES:
        east, north, zone, _ = utm.from_latlon(s.lat, s.lon)
        rows.append([s.names["en"], s.kind, f"{zone}N", f"{east:.2f}", f"{north:.2f}"])
    table("tables/utm.csv", ["name", "type", "UTM zone", "Easting", "Northing"], rows)
    sites("tables/utm.csv", pip("utm"), "`utm.from_latlon`; N for north")
    rows = []
    for s in SITES:
        lon, lat = there(s, "B")
        east, north, zone, band = utm.from_latlon(lat, lon)
        rows.append([s.names["es"], s.kind, f"{zone}{band}", f"{east:.2f}", f"{north:.2f}"])
    table("tables/utm_band_south.csv", ["name", "type", "zone", "x", "y"], rows)
    sites("tables/utm_band_south.csv", pip("utm"), "zone and band (19L) in the south", language="es", place="B")
    pairs = [(s, carried_point(s, 32646)) for s in SITES]
    table("tables/utm_crs.csv", ["name", "type", "x", "y"], [[s.names["en"], s.kind, f"{x:.2f}", f"{y:.2f}"] for s, (x, y) in pairs])
    sites("tables/utm_crs.csv", hand, "meters of UTM 46N, the system told behind the path", options=TYPE + ",crs=EPSG:32646")
    table("tables/plus_codes.csv", ["name", "type", "Plus code"], [[s.names["en"], s.kind, plus.encode(s.lat, s.lon, 11)] for s in SITES])
    sites("tables/plus_codes.csv", pip("openlocationcode"), "`encode(lat, lon, 11)`", tolerance=2e-5)
    table("tables/postgis_ewkb.csv", ["gid", "name", "type", "geom"], [[n, s.names["en"], s.kind, to_wkb(set_srid(Point(s.lon, s.lat), 4326), hex=True, include_srid=True)] for n, s in enumerate(SITES, 1)])
    sites("tables/postgis_ewkb.csv", "PostGIS 3.4, psql 15", "`\\copy sites to 'x.csv' csv header`: EWKB")
    table("tables/postgis_ewkt.csv", ["gid", "name", "type", "st_asewkt"], [[n, s.names["en"], s.kind, f"SRID=32646;POINT({x:.3f} {y:.3f})"] for n, (s, (x, y)) in enumerate(pairs, 1)])
    sites("tables/postgis_ewkt.csv", "PostGIS 3.4, psql 15", "`select …, ST_AsEWKT(geom)` in UTM")
    table("tables/postgis_areas.csv", ["id", "name", "coa", "phase", "geom"], [[a.id, a.name, a.coa, a.phase, to_wkb(set_srid(a.shape, 4326), hex=True, include_srid=True)] for a in AREAS])
    areas("tables/postgis_areas.csv", "PostGIS 3.4, psql 15", "`\\copy areas to 'x.csv' csv header`: EWKB", columns=["id", "name", "coa", "phase"])
    table("tables/areas_geojson_cell.csv", ["id", "name", "coa", "phase", "st_asgeojson"], [[a.id, a.name, a.coa, a.phase, json.dumps(mapping(a.shape))] for a in AREAS])
    areas("tables/areas_geojson_cell.csv", "PostGIS 3.4, psql 15", "`select …, ST_AsGeoJSON(geom)`", columns=["id", "name", "coa", "phase"])
    comma = lambda value: f"{value:.4f}".replace(".", ",")
    table("tables/decimal_comma.csv", ["name", "type", "beds", "Breite", "Länge"], [[s.names["fr"], s.kind, blank(s.beds), comma(there(s, "B")[1]), comma(there(s, "B")[0])] for s in SITES], delimiter=";", encoding="cp1252", end="\r\n")
    sites("tables/decimal_comma.csv", "Excel 365 (German)", "CSV: semicolons, decimal commas, Windows-1252", language="fr", place="B", numbers=["beds"])
    made = io.StringIO()
    csv.writer(made, delimiter="\t", lineterminator="\r\n").writerows([head] + [[s.names["bn"], s.kind, s.lat, s.lon] for s in SITES])
    at("tables/unicode_text.txt").write_bytes(b"\xff\xfe" + made.getvalue().encode("utf-16-le"))
    sites("tables/unicode_text.txt", "Excel 365", "Unicode Text: UTF-16, tabs", language="bn")
    for name, language in (("windows1256", "ar"), ("windows1251", "ru"), ("gbk", "zh")):
        table(f"tables/{name}.csv", head, [[s.names[language], s.kind, s.lat, s.lon] for s in SITES], encoding={"windows1256": "cp1256", "windows1251": "cp1251"}.get(name, name), end="\r\n")
        sites(f"tables/{name}.csv", "Excel 2016", f"CSV in {name}", language=language)
    own = {"ar": ["الاسم", "النوع", "خط العرض", "خط الطول"], "ru": ["Название", "Тип", "Широта", "Долгота"], "zh": ["名称", "类型", "纬度", "经度"], "fr": ["Nom", "Type", "Latitude", "Longitude"]}
    for language, heads in own.items():
        place = "B" if language == "fr" else "A"
        table(f"tables/heads_{language}.csv", heads, [[s.names[language], s.kind, there(s, place)[1], there(s, place)[0]] for s in SITES], encoding="utf-8-sig")
        sites(f"tables/heads_{language}.csv", "LibreOffice 7.4", f"CSV with heads in its language ({language})", options=f",class_field={heads[1]}", language=language, place=place)
    words = {"S1": "120 beds", "S3": "450"}
    people = {"S6": "2,300 persons"}
    table("tables/amounts.csv", ["name", "type", "lat", "lon", "beds", "occupancy", "capacity"], [[s.names["en"], s.kind.upper() + ("S" if s.id == "S1" else ""), s.lat, s.lon, words["S1"] if s.id == "S1" else "", people.get(s.id, ""), "450 " if s.id == "S3" else ""] for s in SITES] + [["Nowhere", "School", 0, 0, "", "", ""]])
    sites("tables/amounts.csv", hand, "units and separators in numbers, classes in capitals and plural, a row at 0/0", numbers=NUMBERS, lost=1)


def quoted(value):
    if isinstance(value, list):
        return "[" + ", ".join(quoted(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def write_expected():
    lines = ["# What each file holds; written by make.py from truth.py.", ""]
    for s in SITES:
        lines += ["[[sites]]", f"id = {quoted(s.id)}", f"class = {quoted(s.klass)}", f"A = {quoted(list(there(s, 'A')))}", f"B = {quoted(list(there(s, 'B')))}"]
        lines += [f"{key} = {value}" for key, value in (("beds", s.beds), ("capacity", s.capacity), ("occupancy", s.occupancy)) if value]
        lines += ["names = { " + ", ".join(f"{k} = {quoted(v)}" for k, v in s.names.items()) + " }", ""]
    for a in AREAS:
        lines += ["[[areas]]"] + [f"{key} = {quoted(getattr(a, key))}" for key in AREA_COLUMNS]
        lines += ["# Surface by the system in which its edges are straight.", "km2 = { " + ", ".join(f"{epsg} = {km2(a.shape, epsg):.9f}" for epsg in (4326, 32646, 3857)) + " }", ""]
    for entry in ENTRIES:
        lines += ["[[files]]"] + [f"{key} = {quoted(value)}" for key, value in entry.items() if key not in ("tool", "how")] + [""]
    text("expected.toml", "\n".join(lines))


README = """# Files as the tools of the field write them

Eight sites and four areas, the same in every file, so that equality across formats is the test (`tests/it/field.rs`, with [expected.toml](expected.toml)).
Names and places are invented, no person is named. Place A lies at 92° E, 21° N, place B at 69° W, 11° S.
Surfaces were computed by pyproj from [truth.py](truth.py), not by civex: each edge straight in the system of its file, cut into 2,000 pieces.

- Folders `documented`, `tables` and the JSON and CSV of `overpass` follow the documented format of the tool in the version named. In them the tool itself was run only where its line says `by`, shows a command of ogr2ogr, or names a package of Python.
- All other files were written by the tool itself.
- GeoPackages have small pages (`OGR_SQLITE_PRAGMA=page_size=512`) and no spatial index, to be small.
- Two classes of civex are known in OpenStreetMap by tags alone: `amenity=refugee_site`, `man_made=water_well`.

## Make it again

```sh
pip install {pips}
npm install {npms}
FIELD_NODE=folder-of-node_modules python tests/data/field/make.py   # GDAL's ogr2ogr and node have to be on the path
```

## The files

| file | options | tool | how |
| --- | --- | --- | --- |
{rows}
"""


def write_readme():
    bar = lambda value: value.replace("|", "\\|")
    rows = "\n".join(f"| `{e['path']}` | `{e['options'] or '-'}` | {bar(e['tool'])} | {bar(e['how'])} |" for e in ENTRIES)
    pips = " ".join(f"{name}=={version(name)}" for name in ("geopandas", "pyogrio", "fiona", "pyproj", "shapely", "pandas", "openpyxl", "xlsxwriter", "odfpy", "simplekml", "fastkml", "gpxpy", "topojson", "osmium", "pyshp", "mgrs", "utm", "openlocationcode"))
    npms = " ".join(npm(name).replace(" (npm)", "").replace(" ", "@") for name in ("topojson-server", "@terraformer/arcgis", "tokml", "togpx", "osmtogeojson", "xlsx", "@mapbox/shp-write"))
    text("README.md", README.format(pips=pips, npms=npms, rows=rows))


if __name__ == "__main__":
    for part in (with_ogr, with_python, with_kml, with_npm, with_osm, with_forms, with_globes, with_tables):
        part()
    write_expected()
    write_readme()
    size = sum(p.stat().st_size for p in HERE.rglob("*") if p.is_file())
    print(f"{len(ENTRIES)} files, {size} bytes in all", file=sys.stderr)
