#!/usr/bin/env python3
"""civex beside exactextract, on the same files, each as a whole process.

    python3 benches/peers.py                 # what the table of benches/README.md shows
    python3 benches/peers.py --areas 1000    # fewer areas
    python3 benches/peers.py --check-only    # answers only, no times

Makes a virtual environment and its data below target/peers and keeps them. Both programs read the
same raster and the same areas and write GeoJSON. Time is of the whole process, from start to end;
memory is the largest resident size the system reports for it. Each program runs `--repeat` times,
the best time counts. Processor time is less moved by what else the machine does. Answers are compared area by area.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "target" / "peers"
PACKAGES = ["exactextract==0.3.0", "rasterio==1.4.4", "geopandas==1.2.0", "shapely==2.2.0", "numpy==2.4.6"]

# The peer as its documentation calls it; `strategy` is the one thing that matters for its speed.
EXACTEXTRACT = """
import sys
import geopandas
from exactextract import exact_extract
raster, areas, out, strategy = sys.argv[1:5]
areas = geopandas.read_file(areas)
found = exact_extract(
    raster, areas, ["sum"], include_cols=["key"], include_geom=True, output="pandas", strategy=strategy
)
found.to_file(out, driver="GeoJSON")
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--cols", type=int, default=12000)
    options.add_argument("--rows", type=int, default=8000)
    options.add_argument("--areas", type=int, default=10000)
    options.add_argument("--vertices", type=int, default=64)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--civex", help="the program; without it the release build is made")
    options.add_argument("--check-only", action="store_true", help="compare answers, print no times")
    options = options.parse_args()
    python = environment()
    raster, areas = data(python, options)
    civex = Path(options.civex) if options.civex else build()
    run(civex, python, raster, areas, options)


def environment():
    """The interpreter of our own virtual environment."""
    home = PLACE / "venv"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = home / "packages.txt"
    if not mark.exists() or mark.read_text() != "\n".join(PACKAGES):
        say(f"making {home.relative_to(ROOT)}: {', '.join(PACKAGES)}")
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        mark.write_text("\n".join(PACKAGES))
    return python


def build():
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    return ROOT / "target" / "release" / "civex"


def data(python, options):
    """The raster and the areas of these options, made once."""
    raster = PLACE / f"grid-{options.cols}x{options.rows}-{options.seed}.tif"
    areas = PLACE / f"areas-{options.areas}x{options.vertices}-{options.cols}x{options.rows}-{options.seed}.geojson"
    make = ROOT / "benches" / "generate.py"
    size = ["--cols", str(options.cols), "--rows", str(options.rows), "--seed", str(options.seed)]
    if not raster.exists():
        say(f"making {raster.name}")
        subprocess.run([python, make, "raster", raster, *size], check=True)
    if not areas.exists():
        say(f"making {areas.name}")
        count = ["--count", str(options.areas), "--vertices", str(options.vertices)]
        subprocess.run([python, make, "areas", areas, *size, *count], check=True)
    return raster, areas


def run(civex, python, raster, areas, options):
    outputs = {name: PLACE / f"{name}.geojson" for name in ("civex", "features", "raster")}
    population = f"{raster},nodata_means=zero"
    programs = {
        "civex": [civex, "assess", "--quiet", "--areas", f"{areas},id=key", "--population", population, "-o", outputs["civex"]],
        "features": [python, "-c", EXACTEXTRACT, raster, areas, outputs["features"], "feature-sequential"],
        "raster": [python, "-c", EXACTEXTRACT, raster, areas, outputs["raster"], "raster-sequential"],
    }
    names = {
        "civex": "civex",
        "features": "exactextract 0.3.0, feature-sequential (its default)",
        "raster": "exactextract 0.3.0, raster-sequential",
    }
    measured = {}
    # In turns, so that a busy moment of the machine meets all of them.
    for _ in range(1 if options.check_only else options.repeat):
        for name, command in programs.items():
            outputs[name].unlink(missing_ok=True)
            measured.setdefault(name, []).append(timed(command))
    say("")
    say(f"{options.areas:,} areas of {options.vertices} vertices, {options.cols:,} × {options.rows:,} cells,")
    say(f"raster {raster.stat().st_size / 1e6:.0f} MB, areas {areas.stat().st_size / 1e6:.0f} MB, {os.cpu_count()} cores")
    if not options.check_only:
        say("")
        say("| program | time (s) | ÷ civex's | processor time (s) | peak memory (MB) |")
        say("| --- | ---: | ---: | ---: | ---: |")
        least = min(seconds for seconds, _, _ in measured["civex"])
        for name, runs in measured.items():
            seconds, busy, peak = (best(part) for best, part in zip((min, min, max), zip(*runs)))
            say(f"| {names[name]} | {seconds:.2f} | {seconds / least:.1f} | {busy:.2f} | {peak / 1e6:.0f} |")
    compare(outputs)


def timed(command):
    """Seconds, seconds of all its processors, and peak memory in bytes of a whole process."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command])
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def compare(outputs):
    """The answers side by side: civex writes three decimals."""
    ours = answers(outputs["civex"], "pop_best")
    for name in ("features", "raster"):
        theirs = answers(outputs[name], "sum")
        if ours.keys() != theirs.keys():
            sys.exit("the programs answered for different areas")
        # Where nobody lives, exactextract knows no sum.
        pairs = {key: (ours[key], theirs[key] or 0.0) for key in ours}
        apart = {key: abs(a - b) for key, (a, b) in pairs.items()}
        worst = max(apart, key=apart.get)
        over = [key for key, (a, b) in pairs.items() if apart[key] > max(1e-3, 1e-6 * b)]
        relative = max((apart[key] / b for key, (_, b) in pairs.items() if b > 1000), default=0.0)
        totals = [sum(pair[side] for pair in pairs.values()) for side in (0, 1)]
        say("")
        say(f"answers beside {name}-sequential: civex {totals[0]:,.3f}, exactextract {totals[1]:,.3f} people in all;")
        say(f"the farthest apart: area {worst}, {pairs[worst][0]:.3f} and {pairs[worst][1]:.6f};")
        say(f"at most {relative:.1e} relative where over 1,000 people live; {len(over)} of {len(pairs)} areas beyond")
        say("1e-6 relative and 0.001 people")


def answers(path, column):
    features = json.loads(path.read_text())["features"]
    return {f["properties"]["key"]: f["properties"][column] for f in features}


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    main()
