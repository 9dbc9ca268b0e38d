"""Small sound inputs of every kind that civex reads, to be mutated: see mutate.py.

All lie on one raster of 10 x 10 cells of 0.01 degrees from 20 E, 50 N, with ten people each. What civex
writes itself (GeoPackage, FlatGeobuf, assessments, indexes, a manifest) is made by running the program.
"""

import json
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

SQUARES = {"A-1": (20.02, 49.92, 20.05, 49.95), "A-2": (20.06, 49.92, 20.09, 49.94), "B-1": (20.01, 49.96, 20.04, 49.99)}
SITES = [("s1", "Central Hospital", "hospital", 20.03, 49.93), ("s2", "North School", "school", 20.07, 49.93),
         ("s3", "Water Works", "water_works", 20.02, 49.97), ("s4", "Clinic", "health_centre", 20.045, 49.945)]
WGS84 = ('GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
         'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]')
PLAN = """[scenario]
name = "Exercise"
date = 2026-11-22
timezone = "Europe/Berlin"

[areas]
path = "{areas}"

[[population]]
name = "grid"
path = "{population}"
measure = "count"
nodata_means = "zero"
year = 2020

[population.groups]
children = {{ share = 0.25, source = "census" }}

[[sites]]
name = "list"
path = "{sites}"
{class}
confidence = 0.8
"""


def ring(box):
    """The outline of a square, closed and counterclockwise."""
    west, south, east, north = box
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def features():
    """Areas of two courses of action, one with hours."""
    made = []
    for number, (name, box) in enumerate(SQUARES.items()):
        told = {"id": name, "name": f"Area {name}", "coa": name[0], "phase": f"{number + 1}-move", "note": "x"}
        if number == 0:
            told.update(start="2026-11-22T08:00:00Z", end="2026-11-23T20:00:00Z")
        made.append({"type": "Feature", "properties": told, "geometry": {"type": "Polygon", "coordinates": [ring(box)]}})
    return made


def collection(of):
    return json.dumps({"type": "FeatureCollection", "features": of})


def kml():
    marks = "".join(
        f"<Placemark><name>{name}</name><ExtendedData><Data name=\"coa\"><value>{name[0]}</value></Data></ExtendedData>"
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
        + " ".join(f"{x},{y},0" for x, y in ring(box))
        + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for name, box in SQUARES.items())
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
            f"<name>areas</name>{marks}</Folder></Document></kml>\n")


def osm_xml():
    nodes = "".join(f'<node id="{n}" lat="{y}" lon="{x}" version="1"><tag k="amenity" v="{kind}"/><tag k="name" v="{name}"/></node>'
                    for n, (_, name, kind, x, y) in enumerate(SITES, 1))
    return f'<?xml version="1.0"?>\n<osm version="0.6" generator="hand">{nodes}</osm>\n'


def vrt_of_raster():
    return ('<VRTDataset rasterXSize="10" rasterYSize="10"><SRS>EPSG:4326</SRS>'
            "<GeoTransform>20.0, 0.01, 0.0, 50.0, 0.0, -0.01</GeoTransform>"
            '<VRTRasterBand dataType="Float32" band="1"><NoDataValue>-99999</NoDataValue><SimpleSource>'
            '<SourceFilename relativeToVRT="1">pop.tif</SourceFilename><SourceBand>1</SourceBand>'
            '<SourceProperties RasterXSize="10" RasterYSize="10" DataType="Float32" BlockXSize="10" BlockYSize="5"/>'
            '<SrcRect xOff="0" yOff="0" xSize="10" ySize="10"/><DstRect xOff="0" yOff="0" xSize="10" ySize="10"/>'
            "</SimpleSource></VRTRasterBand></VRTDataset>\n")


def vrt_of_layer():
    fields = "".join(f'<Field name="{name}" src="{name}" type="String"/>' for name in ("id", "coa"))
    return ('<OGRVRTDataSource><OGRVRTLayer name="areas"><SrcDataSource relativeToVRT="1">areas.shp</SrcDataSource>'
            f"<SrcLayer>areas</SrcLayer><GeometryType>wkbPolygon</GeometryType><LayerSRS>EPSG:4326</LayerSRS>{fields}"
            "</OGRVRTLayer></OGRVRTDataSource>\n")


def grid_text():
    rows = "\n".join(" ".join(["10.0"] * 10) for _ in range(10))
    return f"ncols 10\nnrows 10\nxllcorner 20.0\nyllcorner 49.9\ncellsize 0.01\nNODATA_value -99999\n{rows}\n"


def tiff(tile=0, packed=False, tags=None, cell=0.01, west=20.0, north=50.0, cells=None):
    """A GeoTIFF of float32 in strips of 5 rows, or in tiles; `tags` replace or add some, as (type, values)."""
    cells = cells or [10.0] * 100
    if tile:
        blank = [-99999.0] * (tile * tile)
        for row in range(10):
            blank[row * tile:row * tile + 10] = cells[row * 10:row * 10 + 10]
        pieces = [blank]
    else:
        pieces = [cells[:50], cells[50:]]
    pieces = [struct.pack(f"<{len(of)}f", *of) for of in pieces]
    pieces = [zlib.compress(of) for of in pieces] if packed else pieces
    at, offsets = 8, []
    for of in pieces:
        offsets.append(at)
        at += len(of)
    layout = {322: (3, [tile]), 323: (3, [tile]), 324: (4, offsets), 325: (4, list(map(len, pieces)))} if tile else {
        273: (4, offsets), 278: (3, [5]), 279: (4, list(map(len, pieces)))}
    entries = {
        256: (4, [10]), 257: (4, [10]), 258: (3, [32]), 259: (3, [8 if packed else 1]), 262: (3, [1]), 277: (3, [1]),
        339: (3, [3]), 33550: (12, [cell, cell, 0.0]), 33922: (12, [0.0, 0.0, 0.0, west, north, 0.0]),
        34735: (3, [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326]), 42113: (2, b"-99999\0"),
        **layout, **(tags or {})}
    body = b"".join(pieces)
    folder, extra = b"", b""
    behind = 8 + len(body) + 2 + 12 * len(entries) + 4
    for tag, (kind, values) in sorted(entries.items()):
        form = {2: "s", 3: "H", 4: "I", 12: "d"}[kind]
        data = bytes(values) if kind == 2 else struct.pack(f"<{len(values)}{form}", *values)
        if len(data) > 4:
            place = struct.pack("<I", behind + len(extra))
            extra += data
        else:
            place = data.ljust(4, b"\0")
        folder += struct.pack("<HHI", tag, kind, len(values)) + place
    head = b"II*\0" + struct.pack("<I", 8 + len(body))
    return head + body + struct.pack("<H", len(entries)) + folder + b"\0\0\0\0" + extra


def shapefile(folder, stem):
    """Polygons with id and coa, in five files."""
    records, places, at, rows = b"", b"", 50, b""
    for number, (name, (west, south, east, north)) in enumerate(SQUARES.items(), 1):
        points = [(west, south), (west, north), (east, north), (east, south), (west, south)]
        content = struct.pack("<i4d3i", 5, west, south, east, north, 1, 5, 0)
        content += b"".join(struct.pack("<2d", *point) for point in points)
        records += struct.pack(">2i", number, len(content) // 2) + content
        places += struct.pack(">2i", at, len(content) // 2)
        at += 4 + len(content) // 2
        rows += b" " + name.encode().ljust(10) + name[:1].encode().ljust(4)
    def head(length):
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, length) + struct.pack("<2i8d", 1000, 5, 20, 49.9, 20.1, 50, 0, 0, 0, 0)
    def column(name, width):
        return name.encode().ljust(11, b"\0") + b"C" + bytes(4) + bytes([width, 0]) + bytes(14)
    (folder / f"{stem}.shp").write_bytes(head(50 + len(records) // 2) + records)
    (folder / f"{stem}.shx").write_bytes(head(50 + len(places) // 2) + places)
    table = struct.pack("<B3BIHH20x", 3, 126, 11, 22, len(SQUARES), 32 + 64 + 1, 15)
    (folder / f"{stem}.dbf").write_bytes(table + column("id", 10) + column("coa", 4) + b"\r" + rows + b"\x1a")
    (folder / f"{stem}.prj").write_text(WGS84)
    (folder / f"{stem}.cpg").write_text("UTF-8")


def varint(number):
    made = bytearray()
    number &= (1 << 64) - 1
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    return bytes(made) + bytes([number])


def field(number, value):
    """A field of a protocol buffer: a number, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def deltas(numbers):
    steps = [after - before for before, after in zip([0, *numbers], numbers)]
    return b"".join(varint(step << 1 ^ step >> 63) for step in steps)


def pbf_block(kind, content, declared=None, packed=None):
    """A block as a file holds it; `declared` lies about its size, `packed` about its bytes."""
    blob = field(2, len(content) if declared is None else declared) + field(3, packed or zlib.compress(content))
    head = field(1, kind) + field(3, len(blob))
    return struct.pack(">I", len(head)) + head + blob


def pbf_content():
    """Sites as dense nodes, and a school as a closed way."""
    texts = ["", "amenity", "name"] + [text for site in SITES for text in (site[2], site[1])]
    table = b"".join(field(1, text.encode()) for text in texts)
    corners = ring((20.061, 49.921, 20.063, 49.923))[:4]
    places = [(x, y) for *_, x, y in SITES] + [tuple(corner) for corner in corners]
    tags = b"".join(bytes([1, 3 + 2 * n, 2, 4 + 2 * n, 0]) for n in range(len(SITES))) + bytes(len(corners))
    dense = (field(1, deltas(range(1, len(places) + 1))) + field(8, deltas([round(y * 1e7) for _, y in places]))
             + field(9, deltas([round(x * 1e7) for x, _ in places])) + field(10, tags))
    way = field(1, 100) + field(2, bytes([1])) + field(3, bytes([5])) + field(8, deltas([5, 6, 7, 8, 5]))
    return field(1, table) + field(2, field(2, dense)) + field(2, field(3, way))


def pbf(content=None, **lies):
    header = b"".join(field(4, name) for name in (b"OsmSchema-V0.6", b"DenseNodes"))
    return pbf_block(b"OSMHeader", header) + pbf_block(b"OSMData", pbf_content() if content is None else content, **lies)


def table(separator):
    rows = [("id", "name", "kind", "lon", "lat", "beds", "observed_on")]
    rows += [(*site, 40, "2025-05-01") for site in SITES]
    return "".join(separator.join(map(str, row)) + "\n" for row in rows)


def plan(areas="areas.geojson", population="pop.tif", sites="sites.csv", more=""):
    kind = 'classify = "osm"' if ".osm" in sites else 'class_field = "kind"' if "sites." in sites else 'class = "school"'
    return PLAN.format(areas=areas, population=population, sites=sites, **{"class": kind}) + more


def by_hand(folder):
    """Writes what needs no program."""
    points = [{"type": "Feature", "properties": {"id": key, "name": name, "kind": kind},
               "geometry": {"type": "Point", "coordinates": [x, y]}} for key, name, kind, x, y in SITES]
    shapefile(folder, "areas")
    texts = {
        "areas.geojson": collection(features()), "areas.geojsonl": "\n".join(map(json.dumps, features())) + "\n",
        "areas.kml": kml(), "areas.vrt": vrt_of_layer(), "sites.geojson": collection(points),
        "sites.csv": table(","), "sites.tsv": table("\t"), "sites.osm": osm_xml(),
        "pop.asc": grid_text(), "pop.vrt": vrt_of_raster(), "plan.toml": plan(),
        "plan.json": json.dumps({"scenario": {"name": "Exercise", "date": "2026-11-22"}, "areas": {"path": "areas.geojson"},
                                 "population": [{"path": "pop.tif", "nodata_means": "zero", "name": "grid"}],
                                 "sites": [{"path": "sites.csv", "class_field": "kind"}]}),
        "scheme.toml": 'name = "strict"\n\n[floors]\nt1 = 70\n\n[aggregation]\nlambda = 0.6\n\n[goalposts]\npeople = 500_000\n',
        "rules.toml": 'rules = [\n  { class = "school", tags = { amenity = ["school", "hospital"] } },\n'
                      '  { class = "water_point", tier = 2, tags = { name = ["*"], length = [">= 15"] } },\n]\n',
        "answers.csv": "site_id,answer,value,confidence,observed_on,class,lon,lat,use_restriction\n"
                       "s1,occupancy,120,0.9,2026-10-01,,,,\ns2,closed,,0.8,2026-10-01,,,,\n"
                       ",exists,,0.9,2026-10-01,school,20.03,49.94,\ns4,exists,,0.7,2026-10-02,,,,do not tell\n",
        "links.csv": "from,to,theta\ns3,s1,0.8\ns3,s2,0.5\ns1,s4,0.3\n",
        "mine.txt": "notes of the user\n", "secret.geojson": collection(features()[:1]),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "pop.prj").write_text(WGS84)
    (folder / "pop.tif").write_bytes(tiff(packed=True))
    (folder / "tiled.tif").write_bytes(tiff(tile=16))
    (folder / "sites.osm.pbf").write_bytes(pbf())
    with zipfile.ZipFile(folder / "areas.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", kml())
    with zipfile.ZipFile(folder / "areas.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for ending in ("shp", "shx", "dbf", "prj", "cpg"):
            archive.write(folder / f"areas.{ending}", f"areas.{ending}")


def by_program(folder, program, environment):
    """Writes what civex writes itself; the order matters where one reads what another made."""
    (folder / "results").mkdir()
    for line in (
        "assess plan.toml -o areas.gpkg --no-cache",
        "assess plan.toml -o areas.fgb --no-cache",
        "assess plan.toml -o result.geojson --no-cache",
        "assess plan.toml -o result.gpkg --with sites,gaps,options --no-cache",
        "index pop.tif --cache-dir cache",
        "index tiled.tif --beside",
        "batch plan.toml --out-dir results --no-cache",
    ):
        ran = subprocess.run([program, *line.split()], cwd=folder, env=environment, capture_output=True, text=True)
        if ran.returncode != 0:
            raise SystemExit(f"{program} {line}: status {ran.returncode}\n{ran.stderr}")
    # Files of the user's among the results of a batch.
    (folder / "results" / "plan.gaps.csv").write_text("filled in by hand\n")
    (folder / "results" / "plan.sites.geojson").write_text((folder / "sites.geojson").read_text())


def make(folder, program, environment):
    """Writes all inputs into a folder that is there and empty."""
    by_hand(Path(folder))
    by_program(Path(folder), program, environment)
