"""Makes the rasters and areas of this folder, and records what exactextract says of them.

    pip install exactextract==0.3.0 rasterio==1.4.4 geopandas==1.2.0 shapely==2.2.0 pyproj==3.7.2 numpy==2.4.6
    python tests/data/exactextract/make.py

exactextract does not carry areas to the system of a raster. Where the systems differ, the edges are
cut into pieces first, each the same share of its edge, and the corners carried by PROJ.
"""

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyproj
import rasterio
from exactextract import exact_extract
from rasterio.transform import Affine

HERE = Path(__file__).resolve().parent
GENERATE = HERE.parents[2] / "benches" / "generate.py"
SIZE = ["--cols", "200", "--rows", "150", "--seed", "20"]
# Pieces of an edge that is carried: chords are then within 1e-6 of a cell.
PIECES = 1024


def main():
    generate("raster", HERE / "degrees.tif", "--tile", "64", "--populated", "0.5")
    generate("areas", HERE / "areas.geojson", "--count", "60", "--vertices", "32", "--decimals", "7", "--holes", "--parts",
             "--smallest-km", "0.1", "--largest-km", "8")
    degrees = json.loads((HERE / "areas.geojson").read_text())
    sums = {"exactextract": importlib.metadata.version("exactextract"), "proj": pyproj.__proj_version__}
    sums["areas.geojson on degrees.tif"] = extract("degrees.tif", degrees)

    meters_grid(HERE / "meters.tif", degrees)
    carried = carry(degrees, "EPSG:4326", "EPSG:3035")
    sums["areas.geojson on meters.tif"] = extract("meters.tif", carried)

    # Wide areas of few corners, edges straight in web Mercator: those bend on both rasters.
    wide = HERE / "wide.geojson"
    generate("areas", wide, "--count", "24", "--vertices", "5", "--smallest-km", "6", "--largest-km", "24")
    mercator = carry(json.loads(wide.read_text()), "EPSG:4326", "EPSG:3857", pieces=1)
    mercator = json.loads(json.dumps(mercator), parse_float=lambda text: round(float(text), 3))
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    features = ",\n".join(json.dumps(feature) for feature in mercator["features"])
    head = json.dumps({"type": "FeatureCollection", "crs": crs})[:-1]
    wide.write_text(f'{head}, "features":[\n{features}\n]}}\n')
    for raster, system in [("degrees.tif", "EPSG:4326"), ("meters.tif", "EPSG:3035")]:
        sums[f"wide.geojson on {raster}"] = extract(raster, carry(mercator, "EPSG:3857", system))
    (HERE / "sums.json").write_text(json.dumps(sums, indent=1) + "\n")


def generate(what, path, *options):
    subprocess.run([sys.executable, GENERATE, what, path, *SIZE, *options], check=True)


def meters_grid(path, areas):
    """A grid of 100 m in EPSG:3035 that the areas lie on, some of them partly."""
    corners = np.array([[20.0, 50.0], [20 + 200 / 1200, 50 - 150 / 1200]])
    x, y = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3035", always_xy=True).transform(*corners.T)
    west, north = np.floor(min(x) / 100) * 100 - 300, np.ceil(max(y) / 100) * 100 + 300
    random = np.random.default_rng(3035)
    # Whole hundredths, so that the file stays small.
    people = np.where(random.random((150, 130)) < 0.6, 0, np.exp(random.normal(1, 1.5, (150, 130))).round(2))
    people[random.random(people.shape) < 0.1] = -1
    with rasterio.open(
        path, "w", driver="GTiff", width=people.shape[1], height=people.shape[0], count=1, dtype="float32",
        crs="EPSG:3035", nodata=-1, compress="deflate", transform=Affine(100, 0, west, 0, -100, north),
    ) as out:
        out.write(people.astype("float32"), 1)


def carry(areas, source, into, pieces=PIECES):
    way = pyproj.Transformer.from_crs(source, into, always_xy=True)

    def ring(points):
        points = np.array(points)
        share = np.arange(pieces)[None, :, None] / pieces
        cut = (points[:-1, None] * (1 - share) + points[1:, None] * share).reshape(-1, 2)
        cut = np.concatenate([cut, cut[:1]])
        return np.stack(way.transform(*cut.T), axis=1).tolist()

    def carried(geometry):
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        return {"type": "MultiPolygon", "coordinates": [[ring(points) for points in rings] for rings in parts]}

    features = [feature | {"geometry": carried(feature["geometry"])} for feature in areas["features"]]
    return {"type": "FeatureCollection", "features": features}


def extract(raster, areas):
    """Sums in the order of the areas; where no cell has a value there is none to add, which is 0."""
    found = exact_extract(str(HERE / raster), areas["features"], ["sum"], include_cols=["key"])
    sums = [feature["properties"]["sum"] for feature in found]
    return [0.0 if value is None or np.isnan(value) else float(value) for value in sums]


if __name__ == "__main__":
    main()
