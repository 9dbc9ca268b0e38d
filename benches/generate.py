"""Makes data for benches and recorded tests: population grids, areas and sites on them. Seeded.

    generate.py raster grid.tif --cols 12000 --rows 8000
    generate.py raster vast.tif --cols 40000 --rows 25000                        10⁹ cells, strip by strip
    generate.py bands bands.tif --cols 12000 --rows 8000                         36 samples, by sex and age
    generate.py areas areas.geojson --cols 12000 --rows 8000 --count 10000 --vertices 64
    generate.py areas areas.geojson --cols 200 --rows 150 --count 60 --holes --parts
    generate.py areas detailed.geojson --count 100 --vertices 20000 --smallest-km 50 --largest-km 100 --rough --decimals 7
    generate.py small areas.geojson --count 1000000                              8 to 16 vertices, streamed
    generate.py points sites.gpkg --count 1000000

Cells are of 3 seconds of arc (`--seconds`). Some 7 % of them (`--populated`) are populated, in clusters;
the others hold the nodata value. Areas are closed curves about a center, 0.3 to 20 km across; `--rough`
makes coastlines of them; with `--holes` and `--parts` they are of several parts with holes, warped, and
some reach beyond the grid. Small areas are 0.2 to 2 km across; fewer of them are the first of more.
Sites have the columns id, name and kind; half of them lie in towns.
"""

import argparse
import json
import math

import numpy as np

WEST, NORTH = 20.0, 50.0
NODATA = -99999.0
KM = 111.2
BANDS = 36
# Rows that are made at once.
STRIP = 512
# Small areas that are made at once.
BATCH = 5000
# As the taxonomy of civex names them, with their share.
KINDS = {
    "school": 0.3, "place_of_worship": 0.2, "water_point": 0.15, "health_centre": 0.1, "power_supply": 0.1,
    "hospital": 0.05, "early_childhood": 0.05, "care_institution": 0.03, "museum_library_archive": 0.02,
}


def main():
    makers = {
        "raster": write_raster, "bands": write_bands, "areas": write_areas, "small": write_small,
        "points": write_points,
    }
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("what", choices=makers)
    options.add_argument("path")
    options.add_argument("--cols", type=int, default=12000)
    options.add_argument("--rows", type=int, default=8000)
    options.add_argument("--seconds", type=float, default=3.0, help="size of a cell in seconds of arc")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=10000)
    options.add_argument("--vertices", type=int, default=64)
    options.add_argument("--smallest-km", type=float, default=0.3)
    options.add_argument("--largest-km", type=float, default=20.0)
    options.add_argument("--populated", type=float, default=0.07)
    options.add_argument("--decimals", type=int, default=9)
    options.add_argument("--holes", action="store_true")
    options.add_argument("--parts", action="store_true")
    options.add_argument("--rough", action="store_true", help="edges as ragged as their vertices allow")
    options.add_argument("--tile", type=int, default=256)
    options = options.parse_args()
    options.cell = options.seconds / 3600
    makers[options.what](options)


def write_raster(options):
    with raster(options, 1) as out:
        for top, people in settlements(options):
            out.write(people, 1, window=strip_window(options, top, people))


def write_bands(options):
    """The people of one raster shared out to sexes and ages, each band with the same populated cells."""
    band = np.arange(BANDS)
    weight = np.exp(-0.08 * (band % (BANDS // 2)))[:, None]
    with raster(options, BANDS) as out:
        for top, people in settlements(options):
            row, col = np.nonzero(people != NODATA)
            # Which ages live where changes over some 100 km.
            phase = band[:, None] / BANDS + (row + top) / 3000 + col / 4000
            share = weight * (1 + 0.3 * np.sin(math.tau * phase))
            share *= people[row, col] / share.sum(axis=0)
            for place in range(BANDS):
                held = np.full(people.shape, NODATA, np.float32)
                held[row, col] = share[place]
                out.write(held, place + 1, window=strip_window(options, top, held))


def raster(options, bands):
    import rasterio
    from rasterio.transform import Affine

    # Tiles leave for the file as strips are done, so that memory does not grow with the raster.
    rasterio.env.Env(GDAL_CACHEMAX=256).__enter__()
    # Not for the rest: the recorded tests' raster is made again byte for byte.
    vast = options.cols * options.rows * bands > 10**8
    more = {"bigtiff": "if_safer", "num_threads": "all_cpus"} if vast else {}
    more |= {"interleave": "band"} if bands > 1 else {}
    return rasterio.open(
        options.path, "w", driver="GTiff", width=options.cols, height=options.rows, count=bands,
        dtype="float32", crs="EPSG:4326", nodata=NODATA, compress="deflate", tiled=True,
        blockxsize=options.tile, blockysize=options.tile,
        transform=Affine(options.cell, 0, WEST, 0, -options.cell, NORTH), **more,
    )


def strip_window(options, top, strip):
    from rasterio.windows import Window

    return Window(0, top, options.cols, strip.shape[0])


def settlements(options):
    """People in each cell, in strips: towns where smooth noise of two scales is high, ragged at their edges."""
    cols, rows, random = options.cols, options.rows, np.random.default_rng(options.seed)
    step = 8
    coarse = (rows // step + 2, cols // step + 2)
    field = smooth(random, coarse, 25) + 0.7 * smooth(random, coarse, 4)
    sample = field.ravel()[:: max(1, field.size // 100_000)]
    # Per-cell noise makes the edges ragged; the threshold is that of both together.
    noise = 0.5
    level = np.quantile(sample + noise * random.standard_normal(sample.size), 1 - options.populated)
    for top in range(0, rows, STRIP):
        height = min(STRIP, rows - top)
        near = np.ix_((np.arange(top, top + height)) // step, np.arange(cols) // step)
        strip = field[near] + noise * random.standard_normal((height, cols))
        crowd = np.exp(random.normal(0.5, 1.0, (height, cols)))
        yield top, np.where(strip > level, crowd, NODATA).astype(np.float32)


def smooth(random, shape, scale):
    """Noise of unit spread without detail smaller than so many cells."""
    spectrum = np.fft.rfft2(random.standard_normal(shape))
    fy, fx = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :]
    spectrum *= np.exp(-0.5 * (2 * math.pi * scale) ** 2 * (fx**2 + fy**2))
    field = np.fft.irfft2(spectrum, shape)
    return field / field.std()


def write_areas(options):
    random = np.random.default_rng(options.seed + 1000)

    def features():
        place = 0
        while place < options.count:
            geometry = area(random, options)
            if geometry is not None:
                place += 1
                yield json.dumps({"type": "Feature", "properties": {"key": f"A-{place}"}, "geometry": geometry})

    write_features(options.path, features())


def write_features(path, features):
    """One feature a line, each written as it comes."""
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"type":"FeatureCollection","features":[')
        between = "\n"
        for feature in features:
            out.write(between + feature)
            between = ",\n"
        out.write("\n]}\n")


def write_small(options):
    """Areas of 8 to 16 vertices, a batch at a time."""

    def features():
        for first in range(0, options.count, BATCH):
            for place, ring in enumerate(small(options, first)[: options.count - first], first + 1):
                corners = ", ".join(f"[{x:.7f}, {y:.7f}]" for x, y in ring)
                yield (
                    f'{{"type": "Feature", "properties": {{"key": "A-{place}"}}, '
                    f'"geometry": {{"type": "Polygon", "coordinates": [[{corners}]]}}}}'
                )

    write_features(options.path, features())


def small(options, first):
    """The closed rings of one batch."""
    random = np.random.default_rng([options.seed, 2000, first // BATCH])
    radius = np.exp(random.uniform(math.log(0.2), math.log(2.0), BATCH)) / 2 / KM
    center, towards = middle(random, options, BATCH), random.uniform(0, math.tau, BATCH)
    # Rings stay within the grid.
    low = np.array([WEST, NORTH - options.rows * options.cell])
    high = np.array([WEST + options.cols * options.cell, NORTH])
    margin = 1.6 * radius[:, None]
    center = np.clip(center, low + margin, high - margin)
    vertices = random.integers(8, 17, BATCH)
    angle = np.arange(17) % vertices[:, None] * (math.tau / vertices[:, None])
    waves = sum(
        random.normal(size=(BATCH, 1)) / order * np.cos(order * angle + order * towards[:, None]) for order in (1, 2, 3)
    )
    reach = radius[:, None] * (1 + 0.5 * np.tanh(waves / 2))
    x, y = center[:, :1] + reach * np.cos(angle), center[:, 1:] + reach * np.sin(angle)
    rings = np.stack([x, y], axis=2).tolist()
    return [ring[: count + 1] for ring, count in zip(rings, vertices.tolist())]


def middle(random, options, count):
    """Places spread evenly over the grid."""
    return np.stack([
        WEST + random.uniform(0, options.cols * options.cell, count),
        NORTH - random.uniform(0, options.rows * options.cell, count),
    ], axis=1)


def write_points(options):
    """Sites: half anywhere, half within a few kilometers of one of 2,000 towns."""
    import geopandas
    import shapely

    random = np.random.default_rng(options.seed + 3000)
    anywhere = middle(random, options, options.count)
    towns = middle(random, options, 2000)[random.integers(0, 2000, options.count)]
    towns += 0.02 * random.standard_normal((options.count, 2))
    low = [WEST, NORTH - options.rows * options.cell]
    high = [WEST + options.cols * options.cell, NORTH]
    at = np.where(random.random((options.count, 1)) < 0.5, anywhere, np.clip(towns, low, high))
    names, shares = list(KINDS), np.array(list(KINDS.values()))
    kind = random.choice(names, options.count, p=shares / shares.sum())
    place = np.arange(1, options.count + 1)
    columns = {"id": np.char.add("S-", place.astype(str)), "name": np.char.add("Site ", place.astype(str)), "kind": kind}
    sites = geopandas.GeoDataFrame(columns, geometry=shapely.points(at.round(7)), crs="EPSG:4326")
    sites.to_file(options.path, layer="sites")


def area(random, options):
    """One area; None if its rings cross, which warping may do."""
    low, high = math.log(options.smallest_km), math.log(options.largest_km)
    radius = math.exp(random.uniform(low, high)) / 2 / KM
    center = np.array([
        WEST + random.uniform(0, options.cols) * options.cell,
        NORTH - random.uniform(0, options.rows) * options.cell,
    ])
    if not options.holes and not options.parts:
        margin = 1.6 * radius
        east, south = WEST + options.cols * options.cell, NORTH - options.rows * options.cell
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
    rings = [wiggle(random, center, radius, options.vertices, 0.25, options.rough)]
    if options.holes:
        for place in range(int(random.integers(0, 5))):
            angle = place * math.tau / 4
            at = center + 0.3 * radius * np.array([math.cos(angle), math.sin(angle)])
            rings.append(wiggle(random, at, 0.13 * radius, max(8, options.vertices // 4), 0.25)[::-1])
    return rings


def wiggle(random, center, radius, vertices, depth, rough=False):
    """A closed ring about a center, between 1 - 2·depth and 1 + 2·depth of the radius."""
    angle = np.linspace(0, math.tau, vertices, endpoint=False)
    waves = np.zeros(vertices)
    for order in range(1, 9):
        waves += random.normal() / order * np.cos(order * angle + random.uniform(0, math.tau))
    if rough:
        # Finer waves, the lower the finer, down to four vertices each, all at once.
        order = np.arange(9, vertices // 4)
        spectrum = np.zeros(vertices // 2 + 1, complex)
        spectrum[order] = random.normal(size=order.size) * np.exp(1j * random.uniform(0, math.tau, order.size))
        spectrum[order] *= vertices / 2 / order**1.5
        waves += np.fft.irfft(spectrum, vertices)
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
