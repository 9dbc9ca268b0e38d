"""The workloads: what each runs, on which data, and whose answers are compared.

Each function gets the bench and the parts of it that were asked for, and returns what is kept of it:
a title, sentences about the data, rows, and notes. All programs of a table read the same files.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from beside.measure import Program

DETAILED = ["--rough", "--decimals", "7"]


@dataclass
class Sizes:
    """How large everything is."""

    grid: tuple  # columns and rows
    areas: int
    subset: int
    detailed: tuple  # areas, vertices, smallest and largest km
    calls: int
    bands_grid: tuple
    bands_areas: int
    million: tuple
    sites: tuple
    givers: int
    sites_areas: tuple
    curve_areas: tuple
    curve_grids: tuple
    curve_grid_areas: int


FULL = Sizes(
    grid=(12000, 8000), areas=10_000, subset=1000, detailed=(100, 20_000, 50, 100), calls=20,
    bands_grid=(12000, 8000), bands_areas=10_000, million=(100_000, 1_000_000),
    sites=(100_000, 1_000_000), givers=50_000, sites_areas=(1000, 10_000),
    curve_areas=(100, 1000, 10_000, 100_000, 1_000_000),
    curve_grids=((1250, 800), (4000, 2500), (12_500, 8000), (40_000, 25_000)), curve_grid_areas=1000,
)
QUICK = Sizes(
    grid=(2400, 1600), areas=300, subset=50, detailed=(5, 2000, 20, 40), calls=3,
    bands_grid=(1200, 800), bands_areas=100, million=(1000, 5000),
    sites=(1000, 10_000), givers=1000, sites_areas=(50, 200),
    curve_areas=(100, 1000), curve_grids=((1250, 800), (2500, 1600)), curve_grid_areas=100,
)


@dataclass
class Source:
    """Samples of a raster that are people, all if none are named."""

    raster: Path
    name: str = ""
    samples: tuple = ()

    def typed(self):
        """As on the command line."""
        samples = f",samples=[{','.join(map(str, self.samples))}]" if self.samples else ""
        return f"{self.raster},nodata_means=zero{samples}"

    def table(self):
        """As in a scenario."""
        lines = ["[[population]]", f'name = "{self.name}"', f'path = "{self.raster}"', 'nodata_means = "zero"']
        return "\n".join([*lines, f"samples = {list(self.samples)}\n"])


# The table of 10,000 areas


def areas10k(bench, modes):
    raster, areas = bench.grid(), bench.areas(bench.sizes.areas)
    modes = modes if bench.keeps_sidecars else ["off"]
    ours = [bench.assess(mode, areas, [raster], f"areas10k-{mode}") for mode in modes]
    index = [bench.index(raster)] if bench.knows_index and "cold" in modes else []
    theirs = peers(bench, raster, areas, "areas10k")
    rows = bench.run([*index, *ours, *theirs])
    notes = [bench.beside(ours[0], peer, "pop_best=sum") for peer in theirs] + bench.same_bytes(ours)
    about = [
        f"{bench.sizes.areas:,} areas of 0.3 to 20 km with 64 vertices ({megabytes(areas)} of GeoJSON) on {cells(bench.sizes.grid)} ({megabytes(raster)}).",
        "civex also reports bounds, missing surface, surface on the ellipsoid, a score, and SHA-256 of all inputs; the peer is asked for the sum alone.",
    ]
    return bench.result("Ten thousand areas", about, rows, notes)


def peers(bench, raster, areas, label, most=0, size="", count=0):
    """exactextract by both of its strategies."""
    programs = []
    for short in ("feature", "raster"):
        strategy = f"{short}-sequential"
        usual = " (its default)" if short == "feature" else ""
        out = bench.out(f"{label}-exactextract-{short}")
        command = bench.script("with_exactextract.py", raster, areas, out, strategy)
        name = f"exactextract 0.3.0, `{strategy}`{usual}"
        programs.append(Program(name, command, out, peer=True, most=most or 10**6, size=size, areas=count))
    return programs


def rasterstats(bench, _):
    """On fewer areas: it is slow. Its time is told for them, and scaled to nothing."""
    count = bench.sizes.subset
    raster, areas = bench.grid(), bench.areas(count)
    ours = [bench.assess(mode, areas, [raster], f"rasterstats-{mode}") for mode in bench.modes("warm", "off")]
    out = bench.out("rasterstats-peer")
    peer = Program("rasterstats 0.21.0", bench.script("with_rasterstats.py", raster, areas, out), out, peer=True, most=1)
    rows = bench.run([*ours, peer])
    about = [
        f"{count:,} areas of the same kind, on the same raster; rasterstats runs once.",
        "It counts a cell whole where its center is inside, so its answers are others.",
    ]
    return bench.result("Beside rasterstats", about, rows, [bench.beside(ours[0], peer, "pop_best=sum", equal=False)])


# Areas of many vertices


def detailed100(bench, _):
    count, vertices, smallest, largest = bench.sizes.detailed
    raster = bench.grid()
    more = ["--smallest-km", smallest, "--largest-km", largest, *DETAILED]
    areas = bench.areas(count, vertices, bench.sizes.grid, *more)
    ours = [bench.assess(mode, areas, [raster], f"detailed-{mode}") for mode in bench.modes("warm", "off")]
    theirs = peers(bench, raster, areas, "detailed", 3)
    merely = merely_programs(bench, areas)
    rows = bench.run([*ours, *theirs, *merely])
    notes = [bench.beside(ours[0], peer, "pop_best=sum") for peer in theirs]
    notes += bench.same_bytes(ours)
    times = {row["program"]: row["min_s"] for row in rows if not row["fault"]}
    least = min((times[one.name], one.name) for one in merely if one.name in times)
    if ours[0].name in times:
        notes.append(f"{ours[0].name} takes {times[ours[0].name] / least[0]:.1f} times as long as {least[1]}.")
    about = [
        f"{count:,} ragged areas of {smallest} to {largest} km with {vertices:,} vertices each ({megabytes(areas)}), on {cells(bench.sizes.grid)}.",
    ]
    return bench.result("Areas of many vertices", about, rows, notes)


def merely_programs(bench, areas):
    """Ways of merely parsing a file and writing it again."""
    programs = []
    out = bench.out("merely-json")
    programs.append(Program("merely parsing and writing, by Python's `json`", bench.script("with_json.py", areas, out), out))
    if shutil.which("ogr2ogr"):
        out = bench.out("merely-ogr2ogr")
        command = ["ogr2ogr", "-f", "GeoJSON", out, areas]
        programs.append(Program("merely parsing and writing, by `ogr2ogr`", command, out))
    merely = bench.merely()
    if merely:
        out = bench.out("merely-rust")
        env = {"MERELY_READ": areas, "MERELY_WRITE": out}
        programs.append(Program("merely parsing and writing, by the crate `geojson` (`merely.rs`)", [merely], out, env=env))
    return programs


# What a call costs


def one_area(bench, _):
    raster = bench.grid()
    # Its index is of the whole raster, whatever the area.
    many, areas = bench.areas(bench.sizes.areas), bench.areas(1)
    version = Program("`civex --version`", [bench.civex, "--version"])
    ours = []
    for mode in bench.modes("warm", "off"):
        if mode == "warm":
            bench.assess(mode, many, [raster], "one-warm-up")
        ours.append(bench.assess(mode, areas, [raster], f"one-{mode}"))
    rows = bench.run([version, *ours], repeat=bench.sizes.calls)
    notes = [
        f"{row['program']}: {(row['median_s'] - rows[0]['median_s']) * 1000:.1f} ms more than `civex --version`, by medians."
        for row in rows[1:] if not row["fault"]
    ]
    notes += bench.same_bytes(ours)
    return bench.result("One area", [f"One area of 64 vertices, on {cells(bench.sizes.grid)}."], rows, notes)


# Bands


def bands36(bench, _):
    sizes = bench.sizes
    raster = bench.raster(sizes.bands_grid, "bands")
    areas = bench.areas(sizes.bands_areas, 64, sizes.bands_grid)
    each = [Source(raster, f"b{band:02}", (band,)) for band in range(1, 37)]
    every = Source(raster, "all", tuple(range(1, 37)))
    ours, sums = [], []
    for mode in bench.modes("warm", "off"):
        label = bench.label(mode)
        one = bench.assess(mode, areas, each[:1], f"bands1-{mode}", name=f"{label}, 1 source")
        all36 = bench.assess(mode, areas, each, f"bands36-{mode}", name=f"{label}, 36 sources")
        added = bench.assess(mode, areas, [every], f"bands-added-{mode}", name=f"{label}, 1 source of 36 samples")
        ours += [one, all36, added]
    theirs = peers(bench, raster, areas, "bands", 1)
    rows = bench.run([*ours, *theirs])
    # The columns of civex are of the first source; all bands are in the sum.
    bands = "+".join(f"band_{band}_sum" for band in range(1, 37))
    notes = [bench.beside(ours[1], peer, "pop_best=band_1_sum") for peer in theirs]
    notes += [bench.beside(ours[2], peer, f"pop_best={bands}") for peer in theirs]
    times = [row.get("min_s") for row in rows]
    for place in range(0, len(ours), 3):
        if times[place] and times[place + 1]:
            notes.append(f"{ours[place + 1].name}: {times[place + 1] / times[place]:.1f} times the time of 1.")
    about = [f"{sizes.bands_areas:,} areas of 64 vertices, on {cells(sizes.bands_grid)} in 36 samples, by sex and age ({megabytes(raster)})."]
    return bench.result("Thirty-six bands", about, rows, notes)


# Many areas


def million(bench, _):
    raster, programs, pairs = bench.grid(), [], []
    for count in bench.sizes.million:
        areas, size = bench.small(count), f"{count:,} areas"
        ours = [
            bench.assess(mode, areas, [raster], f"million-{count}-{mode}", size=size, per_area=count)
            for mode in bench.modes("warm", "off")
        ]
        theirs = peers(bench, raster, areas, f"million-{count}", 1, size, count)
        programs += [*ours, *theirs]
        pairs += [(ours[0], peer) for peer in theirs]
    rows = bench.run(programs)
    notes = [f"{our.size}: {bench.beside(our, peer, 'pop_best=sum')}" for our, peer in pairs]
    notes += growth(rows)
    about = [f"Areas of 0.2 to 2 km with 8 to 16 vertices, on {cells(bench.sizes.grid)}; exactextract runs once."]
    return bench.result("A million areas", about, rows, notes)


def growth(rows):
    """How time and memory of each program grow from the first size to the others."""
    seen = {}
    for row in rows:
        if not row["fault"]:
            seen.setdefault(row["program"], []).append(row)
    notes = []
    for program, (first, *others) in seen.items():
        grown = [
            f"{row['size']}: {row['min_s'] / first['min_s']:.1f} and {row['peak_bytes'] / first['peak_bytes']:.1f}"
            for row in others
        ]
        if grown:
            notes.append(f"{program}, times the time and the memory of {first['size']}: {'; '.join(grown)}.")
    return notes


# Sites


def sites(bench, _):
    sizes, programs, pairs = bench.sizes, [], []
    raster = bench.raster((1200, 800), "raster", "--seconds", 30)
    # As wide as the coarse raster.
    wide = (12000, 8000)
    for points_count in sizes.sites:
        points = bench.points(points_count, wide)
        for areas_count in sizes.sites_areas:
            areas, size = bench.areas(areas_count, 64, wide), f"{points_count:,} sites, {areas_count:,} areas"
            label = f"sites-{points_count}-{areas_count}"
            our = bench.assess("off", areas, [raster], label, size=size, sites=points, name="civex")
            out = bench.out(f"{label}-geopandas")
            command = bench.script("with_geopandas.py", points, areas, out)
            peer = Program("geopandas 1.2.0, `sjoin`", command, out, peer=True, most=3, size=size)
            programs += [our, peer]
            pairs.append((our, peer))
    rows = bench.run(programs)
    columns = [f"sites_{kind}={kind}" for kind in ("hospital", "school", "place_of_worship", "water_point", "health_centre")]
    notes = [f"{our.size}: {bench.beside(our, peer, *columns, unit='sites')}" for our, peer in pairs]
    notes += growth(rows)
    about = [
        f"Points in a GeoPackage (the largest {megabytes(points)}), areas of 0.3 to 20 km with 64 vertices over 10 by 7 degrees.",
        "civex also counts people, on 1,200 × 800 cells of 30″. Hospitals, schools, places of worship, water points and health centers of each area are compared.",
    ]
    return bench.result("Sites", about, rows, notes)


# Who depends on what


def services(bench, _):
    raster, areas = bench.grid(), bench.areas(10)
    points = bench.points(bench.sizes.givers, bench.sizes.grid)
    modes = bench.modes("cold", "warm")
    ours = [bench.assess(mode, areas, [raster], f"services-{mode}", sites=points) for mode in modes]
    rows = bench.run(ours)
    about = [
        f"{bench.sizes.givers:,} sites, most of which give a service, and ten areas on {cells(bench.sizes.grid)} ({megabytes(raster)}).",
        "Everybody is allotted to the nearest site of each service; *sidecar present* reads both the people and what was found out from what is kept.",
    ]
    return bench.result("Who depends on what", about, rows, bench.same_bytes(ours))


# Curves


def curves_areas(bench, _):
    raster, programs = bench.grid(), []
    for count in bench.sizes.curve_areas:
        areas = bench.small(count)
        programs += [
            bench.assess(mode, areas, [raster], f"curve-{count}-{mode}", size=f"{count:,} areas", per_area=count)
            for mode in bench.modes("warm", "off")
        ]
    about = [f"Areas of 0.2 to 2 km with 8 to 16 vertices, on {cells(bench.sizes.grid)}."]
    rows = bench.run(programs)
    return bench.result("Time against areas", about, rows, bench.same_bytes(programs) + growth(rows))


def curves_cells(bench, _):
    programs, count = [], bench.sizes.curve_grid_areas
    for grid in bench.sizes.curve_grids:
        raster, areas = bench.raster(grid), bench.areas(count, 64, grid)
        size = f"{grid[0] * grid[1]:,} cells ({megabytes(raster)})"
        programs += [
            bench.assess(mode, areas, [raster], f"cells-{grid[0]}-{mode}", size=size) for mode in bench.modes("warm", "cold", "off")
        ]
    about = [f"{count:,} areas of 0.3 to 20 km with 64 vertices, spread over each grid."]
    rows = bench.run(programs, most=3)
    return bench.result("Time against cells", about, rows, bench.same_bytes(programs) + growth(rows))


def curves_threads(bench, _):
    raster, areas = bench.grid(), bench.areas(bench.sizes.areas)
    cores, programs = os.cpu_count(), []
    steps = sorted({1, cores, *(2**power for power in range(1, 10) if 2**power < cores)})
    for threads in steps:
        size = f"{threads} thread{'s' if threads > 1 else ''}"
        programs += [
            bench.assess(mode, areas, [raster], f"threads-{threads}-{mode}", size=size, threads=threads)
            for mode in bench.modes("warm", "off")
        ]
    about = [f"{bench.sizes.areas:,} areas of 0.3 to 20 km with 64 vertices, on {cells(bench.sizes.grid)}."]
    return bench.result("Time against threads", about, bench.run(programs), bench.same_bytes(programs, any_size=True))


# In the order of the tables: the workload, its function, the part of it.
WORKLOADS = {
    "areas10k_cold": (areas10k, "cold"),
    "areas10k_warm": (areas10k, "warm"),
    "areas10k_off": (areas10k, "off"),
    "rasterstats": (rasterstats, None),
    "detailed100": (detailed100, None),
    "one_area": (one_area, None),
    "bands36": (bands36, None),
    "million": (million, None),
    "sites": (sites, None),
    "services": (services, None),
    "curves_areas": (curves_areas, None),
    "curves_cells": (curves_cells, None),
    "curves_threads": (curves_threads, None),
}


def megabytes(path):
    size = Path(path).stat().st_size / 1e6
    return f"{size:,.0f} MB" if size >= 10 else f"{size:.1f} MB"


def cells(grid):
    return f"{grid[0]:,} × {grid[1]:,} cells of 3″"
