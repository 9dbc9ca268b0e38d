"""What hostile files say: numbers, paths, texts, elements and whole documents, by the language of the file.

`@PORT` becomes the port of a listener on this machine, of five digits like itself.
"""

NUMBERS = ["0", "-1", "-0", "1", "1e300", "-1e300", "1e-300", "1e999", "NaN", "Infinity", "0.0000001", "90.0000001", "180", "-180.0000001",
           "360", "65536", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775808", "18446744073709551616"]
WEB = "http://127.0.0.1:@PORT/x"
PATHS = [
    f"/vsicurl/{WEB}", f"/vsicurl_streaming/{WEB}", f"/vsizip//vsicurl/{WEB}.zip/a.shp", f"/vsizip/{{/vsicurl/{WEB}.zip}}/a.shp",
    f"/vsicurl?url={WEB}", f"/vsigzip//vsicurl/{WEB}", f"/vsisubfile/0_100,/vsicurl/{WEB}", f"/vsicached?file=/vsicurl/{WEB}", WEB,
    f'NETCDF:"{WEB}"', f"HDF5:\"/vsicurl/{WEB}\"://a", f"WFS:{WEB}", f"WMS:{WEB}", f"WCS:{WEB}", f"OAPIF:{WEB}", f"CSW:{WEB}", f"DODS:{WEB}",
    f'ZARR:"/vsicurl/{WEB}"', f"vrt:///vsicurl/{WEB}?bands=1", f"GPKG:/vsicurl/{WEB}:t", f"GTIFF_DIR:1:/vsicurl/{WEB}", "vrt://pop.tif?bands=1,1",
    "PG:host=127.0.0.1 port=@PORT dbname=a", "MYSQL:a,host=127.0.0.1,port=@PORT", "MongoDBv3:mongodb://127.0.0.1:@PORT/a", f"ES:{WEB}",
    "/dev/zero", "/dev/stdin", "/vsistdin/", "/vsisparse/areas.vrt", "/vsigzip//dev/zero", "/proc/self/environ", "/etc/passwd", "/proc/self/mem",
    "pipe", "../secret.geojson", "mine.txt", "areas.vrt", "pop.vrt", ".", "..", "", "/", "areas.geojson/", "a\0b", "x" * 5000,
    "/vsizip/areas.zip/areas.shp", "/vsimem/a", "SQLITE:areas.gpkg", "sites.csv", "areas.gpkg", "pop.tif", "result.geojson", "results",
]
TEXTS = ["\u202eevil\u2066", "\x1b[2J\x1b[31mred", "\x07\x08\x7f\x9b31m", '=HYPERLINK("http://x?"&A1)', "+cmd|' /C calc'!A0", "@SUM(1)", "-1+1", "\t=1+1",
         "\ufeff", "\ud7ff", "\U0010ffff", "Zalgo" + "\u0301" * 300, "null", "true", "A-1", "A" * 70_000, "2026-13-45", "9999-12-31T24:00:00Z", "<b>", "'; DROP TABLE areas; --",
         "EPSG:99999", "EPSG:4979", "urn:ogc:def:crs:OGC:1.3:CRS84", "+proj=utm +zone=99", f"+proj=longlat +nadgrids={WEB}", f"+init={WEB}", "+proj=pipeline +step +proj=merc",
         "hospital", "day", "a=b,c=d", "{a|b}{c|d}{e|f}{g|h}.tif", "*", ">= 1e308", ">= -1"]
SQL = ["SELECT * FROM areas", "VACUUM INTO 'stray.db'", "ATTACH DATABASE 'stray.db' AS s", "SELECT load_extension('./mine.txt')", "SELECT writefile('stray', 'x')",
       "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c", "SELECT zeroblob(2000000000)", "DROP TABLE areas", "CREATE TABLE s AS SELECT 1"]
SOURCE = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"A-1"},"geometry":{"type":"Point","coordinates":[20.03,49.93]}}]}'

ELEMENTS = {
    "json": ["null", "[]", "{}", "-0", '"\\u0000"', '"\\ud800"', '{"type":"GeometryCollection","geometries":[]}', '"crs":{"type":"name","properties":{"name":"EPSG:99999"}},',
             f'"crs":{{"type":"link","properties":{{"href":"{WEB}","type":"proj4"}}}},', '"id":{"a":[1]},', '"coordinates":[[[]]],', '"geometry":null,', "\x1e", "//x\n", ","],
    "xml": [f'<NetworkLink><Link><href>{WEB}</href></Link></NetworkLink>', f"<GroundOverlay><Icon><href>{WEB}.png</href></Icon></GroundOverlay>",
            f'<styleUrl>{WEB}#a</styleUrl>', "&x;", "&#0;", "<![CDATA[", "<!--", "<coordinates>nan,inf,0</coordinates>", "<MultiGeometry>", "</Folder>",
            *(f'<SrcSQL dialect="{dialect}">{sql}</SrcSQL>' for dialect in ("SQLITE", "OGRSQL") for sql in SQL),
            *(f"<SrcDataSource>{path}</SrcDataSource>" for path in (WEB, f"/vsicurl/{WEB}", "/dev/zero", "pipe", "areas.vrt", "../secret.geojson")), f"<SrcDataSource>{SOURCE.replace('<', '')}</SrcDataSource>",
            '<OpenOptions><OOI key="PRELUDE_STATEMENTS">VACUUM INTO \'stray.db\'</OOI></OpenOptions>', '<GeometryField encoding="WKT" field="id"/>',
            *(f'<SimpleSource><SourceFilename relativeToVRT="0">{path}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>' for path in (f"/vsicurl/{WEB}", WEB, f'NETCDF:"{WEB}"', "/dev/zero", "pipe", "pop.vrt", "vrt://pop.tif")),
            "<PixelFunctionType>x</PixelFunctionType><PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionCode><![CDATA[open('stray','w')]]></PixelFunctionCode>",
            "<MaskBand><VRTRasterBand dataType=\"Byte\"/></MaskBand>", "<Overview><SourceFilename>pop.vrt</SourceFilename></Overview>", "<GCPList/>", "<Metadata domain=\"xml:VRT\"/>"],
    "csv": ["\n", '"', ",", "\t", ";", "\r", "\0", '"""', ",,,,,,,,", "\n\n", "POINT (20 49)", "POLYGON EMPTY", "sep=;\n"],
    "toml": ["\n[areas]\n", "\n[[sites]]\n", "\n[[population]]\n", 'path = "pipe"\n', 'path = "/dev/zero"\n', '\n[scheme]\npath = "/dev/zero"\n', "buffer_m = 1e300\n", "rings_m = [1e-300]\n",
             "samples = [0, 4294967295]\n", "clamp_below = nan\n", 'rules = "pipe"\n', "a = [" * 50, '"""', "= 1\n", "[[[[", "x.y.z.a.b = 1\n", "nodata = inf\n", 'groups = { children = { pattern = "{a|b}*{c|d}" } }\n'],
    "grid": ["ncols 2147483647\n", "nrows 2147483647\n", "cellsize 1e-300\n", "dx 0\n", "nan ", "1e39 ", "\n"],
    "wkt": ['GEOGCS["x"]', "PROJCS[", 'EXTENSION["PROJ4","+proj=longlat"]', "]", '"', ",,"],
}
OPENINGS = {"json": ["[", '{"a":', '{"type":"GeometryCollection","geometries":['], "xml": ["<a>", "<Folder>", "<MultiGeometry>", "<VRTRasterBand>"],
            "toml": ["[", "{a=", "a."], "csv": ['"', "((", "MULTIPOLYGON((("], "wkt": ["GEOGCS[", "("], "grid": ["1 "]}

LAUGHS = "".join(f'<!ENTITY {name} "{"&" + before + ";" if before else "lol"}{("&" + before + ";") * 20 if before else ""}">' for before, name in zip(["", *"abcdefg"], "abcdefgh"))


def layer_vrt(inside):
    return f'<OGRVRTDataSource><OGRVRTLayer name="areas">{inside}</OGRVRTLayer></OGRVRTDataSource>'


def raster_vrt(inside, size=10, kind=""):
    return (f'<VRTDataset rasterXSize="{size}" rasterYSize="{size}"><SRS>EPSG:4326</SRS><GeoTransform>20, 0.01, 0, 50, 0, -0.01</GeoTransform>'
            f'<VRTRasterBand dataType="Float32" band="1"{kind}>{inside}</VRTRasterBand></VRTDataset>')


DOCUMENTS = [
    *(layer_vrt(f'<SrcDataSource relativeToVRT="1">areas.shp</SrcDataSource><SrcSQL dialect="{dialect}">{sql}</SrcSQL>') for dialect in ("SQLITE", "OGRSQL") for sql in SQL),
    *(layer_vrt(f"<SrcDataSource>{SOURCE}</SrcDataSource><SrcSQL dialect=\"SQLITE\">{sql}</SrcSQL>") for sql in SQL[1:5]),
    *(layer_vrt(f"<SrcDataSource>{path}</SrcDataSource><SrcLayer>areas</SrcLayer>") for path in PATHS[:36]),
    *(raster_vrt(f'<SimpleSource><SourceFilename relativeToVRT="0">{path}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>') for path in PATHS[:36]),
    raster_vrt('<SimpleSource><SourceFilename relativeToVRT="1">pop.vrt</SourceFilename><SourceBand>1</SourceBand></SimpleSource>'),
    raster_vrt("<PixelFunctionType>x</PixelFunctionType><PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionCode>open('stray','w')</PixelFunctionCode>", kind=' subClass="VRTDerivedRasterBand"'),
    raster_vrt("<SourceFilename>/dev/zero</SourceFilename><ImageOffset>0</ImageOffset>", kind=' subClass="VRTRawRasterBand"'), raster_vrt("", size=2_000_000), raster_vrt("", size=2_147_483_647),
    f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "{WEB}">]><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>&x;</name></Document></kml>',
    f'<?xml version="1.0"?><!DOCTYPE a [{LAUGHS}]><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>&h;</name></Document></kml>',
    f"<OGRWFSDataSource><URL>{WEB}</URL></OGRWFSDataSource>", f"<OGRCSWDataSource><URL>{WEB}</URL></OGRCSWDataSource>", f'<OGROAPIFDataSource><URL>{WEB}</URL></OGROAPIFDataSource>',
    f'<GDAL_WMS><Service name="TMS"><ServerUrl>{WEB}/${{z}}/${{x}}/${{y}}</ServerUrl></Service><DataWindow><UpperLeftX>20</UpperLeftX><UpperLeftY>50</UpperLeftY><LowerRightX>20.1</LowerRightX><LowerRightY>49.9</LowerRightY>'
    "<SizeX>10</SizeX><SizeY>10</SizeY></DataWindow><Projection>EPSG:4326</Projection><BandsCount>1</BandsCount></GDAL_WMS>", f"<WCS_GDAL><ServiceURL>{WEB}</ServiceURL><CoverageName>a</CoverageName></WCS_GDAL>",
    f'<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x {WEB}.xsd"><gml:featureMember><x><id>1</id></x></gml:featureMember></gml:FeatureCollection>',
    '{"type":"gdal_streamed_alg","command_line":"gdal vector convert areas.geojson stray.geojson"}', f'{{"type":"Feature","stac_version":"1.0.0","assets":{{"a":{{"href":"{WEB}","type":"image/tiff"}}}}}}',
    f'{{"tilejson":"2.0.0","tiles":["{WEB}"]}}', f'{{"serviceDescription":"x","objectIdFieldName":"id","geometryType":"esriGeometryPoint","features":[],"next":"{WEB}","exceededTransferLimit":true}}',
    f'{{"type":"FeatureCollection","features":[],"links":[{{"rel":"next","href":"{WEB}"}}]}}', "\x00" * 100, "", " ", "\n" * 1000, "SQLite format 3\x00" + "\x00" * 100,
]

# Statements for a GeoPackage whose layer is `areas`.
LAYER = "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('{0}', 'features', '{0}', 4326); INSERT INTO gpkg_geometry_columns VALUES ('{0}', 'geom', 'GEOMETRY', 4326, 0, 0);"
RENAMED = "ALTER TABLE areas RENAME TO hidden; CREATE VIEW areas AS {};"
STATEMENTS = [
    "PRAGMA journal_mode = WAL", "PRAGMA user_version = 99999", "PRAGMA application_id = 0", "UPDATE gpkg_contents SET table_name = '../x' WHERE table_name = 'areas'", "DELETE FROM gpkg_contents", "DELETE FROM gpkg_spatial_ref_sys",
    "UPDATE gpkg_contents SET min_x = 'x', max_x = 1e300", "UPDATE gpkg_geometry_columns SET srs_id = 99999", "UPDATE gpkg_geometry_columns SET column_name = 'id'", "UPDATE gpkg_geometry_columns SET geometry_type_name = 'POINT', z = 2",
    "UPDATE areas SET geom = randomblob(200)", "UPDATE areas SET geom = zeroblob(20000000)", "UPDATE areas SET geom = substr(geom, 1, 60)", "UPDATE areas SET geom = NULL", "UPDATE areas SET geom = 'text'",
    "UPDATE areas SET area_id = char(0x202e) || char(27) || 'x'", "UPDATE areas SET area_id = randomblob(99)", "UPDATE areas SET area_id = '=1+1'", "UPDATE areas SET fid = fid + 9223372036854775000",
    *(f"UPDATE gpkg_spatial_ref_sys SET definition = '{text}'" for text in ("", "GEOGCS[", f"+proj=longlat +nadgrids={WEB}", WEB)), "UPDATE layer_styles SET styleQML = randomblob(3000000)",
    "CREATE TRIGGER t AFTER INSERT ON areas BEGIN DELETE FROM areas; END", "CREATE VIRTUAL TABLE v USING fts5(a); " + LAYER.format("v"), "CREATE TABLE a (y, x GENERATED ALWAYS AS (zeroblob(999999999)))",
    RENAMED.format("SELECT * FROM hidden"), RENAMED.format("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT c.x AS fid, h.geom AS geom, c.x AS id FROM c, hidden h"),
    RENAMED.format("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 40) SELECT x AS fid, zeroblob(200000000) AS geom, x AS id FROM c"),
    RENAMED.format("SELECT fid, geom, load_extension('./mine.txt') AS id FROM hidden"), RENAMED.format("SELECT a.* FROM hidden a, hidden b, hidden c, hidden d, hidden e, hidden f, hidden g, hidden h, hidden i, hidden j, hidden k, hidden l, hidden m, hidden n, hidden o"),
    "INSERT INTO areas (geom, area_id) SELECT geom, area_id FROM areas", "INSERT INTO gpkg_extensions VALUES ('areas', 'geom', 'gpkg_rtree_index', 'x', 'write-only')",
    "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = 'CREATE TABLE areas (x)' WHERE name = 'areas'", "PRAGMA writable_schema = 1; UPDATE sqlite_master SET rootpage = 1 WHERE name = 'areas'",
]
