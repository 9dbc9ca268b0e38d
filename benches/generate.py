"""Makes data for benches and recorded tests: a population grid, and wiggly areas on it. Seeded.

    generate.py raster grid.tif --cols 12000 --rows 8000
    generate.py areas areas.geojson --cols 12000 --rows 8000 --count 10000 --vertices 64
    generate.py areas areas.geojson --cols 200 --rows 150 --count 60 --holes --parts

Cells are of 3 seconds of arc. Some 7 % of them (`--populated`) are populated, in clusters; the
others hold the nodata value. Areas are closed curves about a center, 0.3 to 20 km across; with `--holes` and
`--parts` they are of several parts with holes, warped, and some reach beyond the grid.
"""

import argparse
import json
import math

import numpy as np

CELL = 1 / 1200
WEST, NORTH = 20.0, 50.0
NODATA = -99999.0
KM = 111.2


def main():
    options = argparse.ArgumentParser()
    options.add_argument("what", choices=["raster", "areas"])
    options.add_argument("path")
    options.add_argument("--cols", type=int, default=12000)
    options.add_argument("--rows", type=int, default=8000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=10000)
    options.add_argument("--vertices", type=int, default=64)
    options.add_argument("--smallest-km", type=float, default=0.3)
    options.add_argument("--largest-km", type=float, default=20.0)
    options.add_argument("--populated", type=float, default=0.07)
    options.add_argument("--decimals", type=int, default=9)
    options.add_argument("--holes", action="store_true")
    options.add_argument("--parts", action="store_true")
    options.add_argument("--tile", type=int, default=256)
    options = options.parse_args()
    {"raster": write_raster, "areas": write_areas}[options.what](options)


def write_raster(options):
    import rasterio
    from rasterio.transform import Affine

    people = settlements(options.cols, options.rows, options.populated, np.random.default_rng(options.seed))
    with rasterio.open(
        options.path, "w", driver="GTiff", width=options.cols, height=options.rows, count=1,
        dtype="float32", crs="EPSG:4326", nodata=NODATA, compress="deflate", tiled=True,
        blockxsize=options.tile, blockysize=options.tile,
        transform=Affine(CELL, 0, WEST, 0, -CELL, NORTH),
    ) as out:
        out.write(people, 1)


def settlements(cols, rows, populated, random):
    """People in each cell: towns where smooth noise of two scales is high, ragged at their edges."""
    step = 8
    coarse = (rows // step + 2, cols // step + 2)
    field = smooth(random, coarse, 25) + 0.7 * smooth(random, coarse, 4)
    sample = field.ravel()[:: max(1, field.size // 100_000)]
    # Per-cell noise makes the edges ragged; the threshold is that of both together.
    noise = 0.5
    level = np.quantile(sample + noise * random.standard_normal(sample.size), 1 - populated)
    people = np.empty((rows, cols), np.float32)
    for top in range(0, rows, 512):
        height = min(512, rows - top)
        near = np.ix_((np.arange(top, top + height)) // step, np.arange(cols) // step)
        strip = field[near] + noise * random.standard_normal((height, cols))
        crowd = np.exp(random.normal(0.5, 1.0, (height, cols)))
        people[top : top + height] = np.where(strip > level, crowd, NODATA)
    return people


def smooth(random, shape, scale):
    """Noise of unit spread without detail smaller than so many cells."""
    spectrum = np.fft.rfft2(random.standard_normal(shape))
    fy, fx = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :]
    spectrum *= np.exp(-0.5 * (2 * math.pi * scale) ** 2 * (fx**2 + fy**2))
    field = np.fft.irfft2(spectrum, shape)
    return field / field.std()


def write_areas(options):
    random = np.random.default_rng(options.seed + 1000)
    features = []
    while len(features) < options.count:
        geometry = area(random, options)
        if geometry is not None:
            place = len(features) + 1
            # One feature a line.
            features.append(json.dumps({"type": "Feature", "properties": {"key": f"A-{place}"}, "geometry": geometry}))
    with open(options.path, "w", encoding="utf-8") as out:
        out.write('{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n")


def area(random, options):
    """One area; None if its rings cross, which warping may do."""
    low, high = math.log(options.smallest_km), math.log(options.largest_km)
    radius = math.exp(random.uniform(low, high)) / 2 / KM
    center = np.array([
        WEST + random.uniform(0, options.cols) * CELL,
        NORTH - random.uniform(0, options.rows) * CELL,
    ])
    if not options.holes and not options.parts:
        margin = 1.6 * radius
        east, south = WEST + options.cols * CELL, NORTH - options.rows * CELL
        center = np.clip(center, [WEST + margin, south + margin], [east - margin, NORTH - margin])
    count = int(random.integers(1, 4)) if options.parts else 1
    parts = [part(random, center + np.array([3.2 * radius * place, 0]), radius, options) for place in range(count)]
    if options.holes or options.parts:
        turn, bend = random.uniform(0, math.tau), random.uniform(0, 0.6)
        parts = [[warp(ring, center, radius, turn, bend) for ring in rings] for rings in parts]
        if not valid(parts):
            return None
    # The usual 9 decimals of a degree are 0.1 mm.
    rounded = [[ring.round(options.decimals).tolist() for ring in rings] for rings in parts]
    if len(rounded) == 1:
        return {"type": "Polygon", "coordinates": rounded[0]}
    return {"type": "MultiPolygon", "coordinates": rounded}


def part(random, center, radius, options):
    """A shell, and up to four holes side by side in the circle that it leaves free."""
    rings = [wiggle(random, center, radius, options.vertices, 0.25)]
    if options.holes:
        for place in range(int(random.integers(0, 5))):
            angle = place * math.tau / 4
            at = center + 0.3 * radius * np.array([math.cos(angle), math.sin(angle)])
            rings.append(wiggle(random, at, 0.13 * radius, max(8, options.vertices // 4), 0.25)[::-1])
    return rings


def wiggle(random, center, radius, vertices, depth):
    """A closed ring about a center, between 1 - 2·depth and 1 + 2·depth of the radius."""
    angle = np.linspace(0, math.tau, vertices, endpoint=False)
    waves = np.zeros(vertices)
    for order in range(1, 9):
        waves += random.normal() / order * np.cos(order * angle + random.uniform(0, math.tau))
    reach = radius * (1 + 2 * depth * np.tanh(waves / 2))
    ring = center + np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)
    return np.concatenate([ring, ring[:1]])


def warp(ring, center, radius, turn, bend):
    """Turns and bends the plane about a center, so that rings are not all round."""
    x, y = ((ring - center) / radius).T
    x, y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
    x, y = x + bend * np.sin(2.5 * y), y
    x, y = x, y + bend * np.sin(2.5 * x)
    return center + radius * np.stack([x, y], axis=1)


def valid(parts):
    from shapely.geometry import MultiPolygon

    return MultiPolygon([(rings[0], rings[1:]) for rings in parts]).is_valid


if __name__ == "__main__":
    main()
