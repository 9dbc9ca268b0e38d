//! Every key of a scenario with an example and one line that explains it.

/// A key, a value it may have as TOML, and what it does; with what counts if it is not given.
pub(super) type Key = (&'static str, &'static str, &'static str);

/// `[scenario]`.
pub(super) const SCENARIO: [Key; 3] = [
    (
        "name",
        "\"Evacuation exercise\"",
        "what results call it; if not given, the name of this file",
    ),
    ("date", "2026-11-22", "the day that ages of data refer to; never today's by itself"),
    ("timezone", "\"Europe/Kyiv\"", "of local times in the areas; an IANA name"),
];

/// `[areas]`.
pub(super) const AREAS: [Key; 15] = [
    ("path", "\"areas.geojson\"", "GeoJSON, GeoPackage, KML, Shapefile, FlatGeobuf …"),
    ("layer", "\"areas\"", "the layer in it; only needed if it has several"),
    (
        "crs",
        "\"EPSG:32636\"",
        "the reference system of its coordinates; only needed if the file declares none",
    ),
    (
        "id",
        "\"id\"",
        "the column that tells areas apart; if not given `id`, else the feature's own, else 1, 2, 3",
    ),
    ("name", "\"name\"", "the column of names; if not given `name`"),
    ("coa", "\"coa\"", "the column of the course of action; if not given `coa`"),
    ("phase", "\"phase\"", "the column of the phase; if not given `phase`"),
    ("start", "\"start\"", "the column of when it starts; if not given `start`"),
    ("end", "\"end\"", "the column of when it ends; if not given `end`"),
    ("buffer_m", "0", "widen every area by so many meters first; if not given 0"),
    (
        "buffer_lines_m",
        "500",
        "the same for points and lines alone, polygons stay as drawn; if not given `buffer_m`",
    ),
    (
        "rings_m",
        "[500, 1000]",
        "also count people and sites so many meters around; if not given none",
    ),
    ("overlap", "\"once\"", "in totals: each person once (if not given), or \"per-area\""),
    ("licence", "\"CC BY 4.0\"", "goes into every result; if not given, unknown"),
    ("attribution", "\"…\"", "whom to name; if not given, nobody"),
];

/// `[[population]]`.
pub(super) const POPULATION: [Key; 15] = [
    ("path", "\"population.tif\"", "a raster of people: GeoTIFF, VRT, or any that GDAL reads"),
    ("name", "\"population\"", "what results call it; if not given, the name of its file"),
    ("layer", "\"pop\"", "the raster in it; only needed if it has several"),
    (
        "samples",
        "[1]",
        "the samples (raster bands) that hold people, added up; only needed if several",
    ),
    (
        "measure",
        "\"count\"",
        "\"count\": people in each cell (if not given); \"density\": people per km²",
    ),
    (
        "nodata",
        "-99999",
        "values of cells without data, one or a list, beside what the file declares",
    ),
    (
        "nodata_means",
        "\"zero\"",
        "\"zero\": nobody lives there; \"unknown\": nobody counted (if not given)",
    ),
    ("clamp_below", "0.001", "values nearer to zero than this are zero; if not given, none"),
    (
        "primary",
        "true",
        "of several layers, the one that gives best estimates; if not given, the first",
    ),
    ("time", "\"any\"", "\"any\" (if not given), \"day\" or \"night\""),
    ("year", "2020", "the year it speaks of; if not given, unknown"),
    ("share", "\"internal\"", "with whom, for later: nothing is withheld by it yet"),
    ("licence", "\"CC BY 4.0\"", "goes into every result; if not given, unknown"),
    ("attribution", "\"…\"", "whom to name; if not given, nobody"),
    (
        "groups",
        "{ children = { share = 0.24, source = \"…\" } }",
        "groups of people within it; if not given, none",
    ),
];

/// `[[sites]]`.
pub(super) const SITES: [Key; 19] = [
    ("path", "\"facilities.gpkg\"", "hospitals, schools, water works …: any vector file, or CSV"),
    ("name", "\"facilities\"", "what results call it; if not given, the name of its file"),
    ("layer", "\"facilities\"", "the layer in it; only needed if it has several"),
    (
        "crs",
        "\"EPSG:32636\"",
        "the reference system of its coordinates; only needed if the file declares none",
    ),
    ("classify", "\"osm\"", "classes come from OpenStreetMap tags; or one of the next two"),
    (
        "rules",
        "\"own.toml\"",
        "your own rules for tags; `civex taxonomy --osm` shows how they are written",
    ),
    ("class", "\"hospital\"", "one class for all of it; `civex taxonomy` lists them"),
    ("class_field", "\"class\"", "the column that tells the class; if not given `class`"),
    (
        "classes",
        "{ clinic = \"health_centre\" }",
        "what values of that column mean that are no class",
    ),
    ("confidence", "0.9", "how probable it is that a site is there; if not given 0.9"),
    ("observed_on", "2026-01-31", "the day it was seen; if not given, unknown"),
    ("expires_on", "2027-01-31", "the day from which it no longer counts; if not given, never"),
    ("occupancy", "100", "people in each site without its own number; if not given, by class"),
    ("capacity", "100", "capacity of each site without its own; if not given, unknown"),
    (
        "in_raster",
        "\"unknown\"",
        "whether the raster counts them: \"yes\", \"no\", \"unknown\" (if not given)",
    ),
    (
        "covers",
        "\"ground.geojson\"",
        "where it lists all sites: polygons, \"bounds\" or \"all\"; if not given, around its sites",
    ),
    ("share", "\"internal\"", "with whom, for later: nothing is withheld by it yet"),
    ("licence", "\"ODbL 1.0\"", "goes into every result; if not given, unknown"),
    ("attribution", "\"…\"", "whom to name; if not given, nobody"),
];

/// `[[answers]]`.
pub(super) const ANSWERS: [Key; 7] = [
    ("path", "\"answers.csv\"", "what partners say of sites: `answer`, `site_id`, `value` …"),
    ("name", "\"answers\"", "what results call it; if not given, the name of its file"),
    ("layer", "\"answers\"", "the layer in it; only needed if it has several"),
    ("confidence", "0.9", "how sure an answer is that does not say so; if not given 0.9"),
    ("share", "\"internal\"", "with whom, for later: nothing is withheld by it yet"),
    ("licence", "\"CC BY 4.0\"", "goes into every result; if not given, unknown"),
    ("attribution", "\"…\"", "whom to name; if not given, nobody"),
];

/// `[[links]]`.
pub(super) const LINKS: [Key; 5] = [
    ("path", "\"links.csv\"", "which site feeds which: `from`, `to` (ids), `theta` (0 to 1)"),
    ("layer", "\"links\"", "the layer in it; only needed if it has several"),
    ("share", "\"internal\"", "with whom, for later: nothing is withheld by it yet"),
    ("licence", "\"CC BY 4.0\"", "goes into every result; if not given, unknown"),
    ("attribution", "\"…\"", "whom to name; if not given, nobody"),
];

/// `[scheme]`.
pub(super) const SCHEME: [Key; 1] = [(
    "path",
    "\"scheme.toml\"",
    "what differs from the built-in value judgements; `civex scheme`",
)];
