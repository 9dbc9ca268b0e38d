#!/usr/bin/env python3
"""civex beside its peers, on the same files, each as a whole process.

    python3 benches/peers.py                        # all workloads; tables on standard output
    python3 benches/peers.py --write                # the same, and into benches/README.md
    python3 benches/peers.py --only detailed100,sites --repeat 3
    python3 benches/peers.py --quick                # small sizes, one run: do all of them work and agree?
    python3 benches/peers.py --render --write       # measures nothing: the tables of what is kept

Makes a virtual environment and its data below target/peers and keeps them. All programs of a table read
the same files and write GeoJSON. Time is of the whole process, from start to end; memory is the largest
resident size the system reports for it. Programs run in turns, `--repeat` times where nothing else is
said; the best time counts. Processor time is less moved by what else the machine does. Answers are
compared area by area. What is found is kept in target/peers/results.jsonl; the last of each workload
counts. Ends with 1 if a program failed or answers differ.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

# Nothing is left beside the sources.
sys.dont_write_bytecode = True

from beside import measure, report
from beside.measure import Program
from beside.workloads import FULL, QUICK, WORKLOADS, Source

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "target" / "peers"
BESIDE = ROOT / "benches" / "beside"
PACKAGES = [
    "exactextract==0.3.0", "rasterstats==0.21.0", "geopandas==1.2.0", "pyogrio==0.13.0", "rasterio==1.4.4",
    "shapely==2.2.0", "numpy==2.4.6",
]


def main():
    options = arguments()
    chosen = choose(options.only)
    place = PLACE / "quick" if options.quick else PLACE
    kept = place / "results.jsonl"
    faults = [] if options.render else measure_all(chosen, place, kept, options)
    order = dict.fromkeys(function.__name__ for function, _ in WORKLOADS.values())
    asked = dict.fromkeys(function.__name__ for function in chosen)
    found = report.last(kept, order if options.render else asked)
    if found:
        say("\n" + report.render(found))
    if options.write:
        report.write(ROOT / "benches" / "README.md", report.render(report.last(kept, order)))
    for fault in faults:
        say(f"fault: {fault}")
    sys.exit(1 if faults else 0)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", help=f"some of: {', '.join(WORKLOADS)};\nwhat comes before a `_` is all of them (`curves`)")
    parser.add_argument("--repeat", type=int, help="runs of each program (5, and 1 with --quick)")
    parser.add_argument("--quick", action="store_true", help="small sizes: a test of these scripts, not of speed")
    parser.add_argument("--civex", type=Path, help="the program; without it the release build is made")
    parser.add_argument("--write", action="store_true", help="put the tables into benches/README.md")
    parser.add_argument("--render", action="store_true", help="measure nothing, show what is kept")
    options = parser.parse_args()
    if options.quick and options.write:
        parser.error("--quick sizes tell nothing of speed: they are not written into benches/README.md")
    options.repeat = options.repeat or (1 if options.quick else 5)
    return options


def choose(only):
    """The functions to call, each with its parts, in the order of the tables."""
    names = list(WORKLOADS) if only is None else [name for name in only.split(",") if name]
    for name in names:
        if not any(is_meant(name, known) for known in WORKLOADS):
            sys.exit(f"--only: there is no workload {name}, there are {', '.join(WORKLOADS)}")
    chosen = {}
    for known, (function, part) in WORKLOADS.items():
        if any(is_meant(name, known) for name in names):
            chosen.setdefault(function, []).append(part)
    return chosen


def is_meant(name, known):
    return known == name or known.startswith(f"{name}_")


def measure_all(chosen, place, kept, options):
    place.mkdir(parents=True, exist_ok=True)
    bench = Bench(place, options)
    for function, parts in chosen.items():
        say(f"{function.__name__}")
        before = len(bench.faults)
        found = function(bench, parts)
        report.keep(kept, found | {"workload": function.__name__, "command": command(function, parts, options)})
        # Outputs of a million areas are large; they are kept where something is wrong with them.
        if len(bench.faults) == before:
            shutil.rmtree(bench.place / "out")
    return bench.faults


def command(function, parts, options):
    """What measures this one table again."""
    every = [part for one, part in WORKLOADS.values() if one is function]
    name = function.__name__ if parts == every else ",".join(f"{function.__name__}_{part}" for part in parts)
    quick = " --quick" if options.quick else ""
    return f"python3 benches/peers.py{quick} --only {name} --repeat {options.repeat}"


class Bench:
    """What workloads are made of: data, programs, and ways to compare what these wrote."""

    def __init__(self, place, options):
        self.place, self.repeat = place, options.repeat
        self.sizes = QUICK if options.quick else FULL
        self.python = environment()
        self.civex = options.civex.resolve() if options.civex else build()
        self.keeps_sidecars = "--cache-dir" in said([self.civex, "assess", "--help"])
        self.knows_index = self.keeps_sidecars and bool(said([self.civex, "index", "--help"]))
        self.faults = []
        # A sidecar of another build would tell nothing of this one.
        shutil.rmtree(place / "cache", ignore_errors=True)
        if not self.keeps_sidecars:
            say("this civex keeps no sidecars (`--cache-dir`): it is measured without")

    # Data

    def grid(self):
        return self.raster(self.sizes.grid)

    def raster(self, grid, what="raster", *more):
        return self.made(what, f"{what}-{named(grid, *more)}.tif", *size(grid), *more)

    def areas(self, count, vertices=64, grid=None, *more):
        grid = grid or self.sizes.grid
        name = f"areas-{count}x{vertices}-{named(grid, *more)}.geojson"
        return self.made("areas", name, *size(grid), "--count", count, "--vertices", vertices, *more)

    def small(self, count):
        return self.made("small", f"small-{count}-{named(self.sizes.grid)}.geojson", *size(self.sizes.grid), "--count", count)

    def points(self, count, grid):
        return self.made("points", f"sites-{count}-{named(grid)}.gpkg", *size(grid), "--count", count)

    def made(self, what, name, *more):
        """A file of the generator, made once."""
        path = self.place / name
        if not path.exists():
            say(f"  making {name}")
            half = path.with_name(f"half-{name}")
            half.unlink(missing_ok=True)
            generate = [self.python, ROOT / "benches" / "generate.py", what, half, *more]
            subprocess.run([str(part) for part in generate], check=True)
            half.rename(path)
        return path

    def out(self, label):
        folder = self.place / "out"
        folder.mkdir(exist_ok=True)
        return folder / f"{label}.geojson"

    # Programs

    def modes(self, *wanted):
        """Of with and without a sidecar, what this civex knows."""
        return wanted if self.keeps_sidecars else ("off",)

    def label(self, mode):
        if not self.keeps_sidecars:
            return "civex"
        return {"cold": "civex, no sidecar yet", "warm": "civex, sidecar present", "off": "civex `--no-cache`"}[mode]

    def assess(self, mode, areas, sources, label, *, name=None, per_area=0, size="", sites=None, threads=None):
        """civex; where a sidecar is to be present, it is made here."""
        sources = [source if isinstance(source, Source) else Source(source) for source in sources]
        out = self.out(label)
        command = [self.civex, "assess", "--quiet", *self.inputs(areas, sources, label), "-o", out]
        command += ["--sites", f"{sites},class_field=kind"] if sites else []
        command += ["--threads", threads] if threads else []
        program = Program(name or self.label(mode), command, out, size=size, areas=per_area)
        if self.keeps_sidecars:
            self.add_cache(program, mode, sources)
        return program

    def inputs(self, areas, sources, label):
        if len(sources) == 1:
            return ["--areas", f"{areas},id=key", "--population", sources[0].typed()]
        scenario = self.place / f"{label}.toml"
        head = f'[scenario]\nname = "{label}"\n\n[areas]\npath = "{areas}"\nid = "key"\n'
        scenario.write_text("\n".join([head, *(source.table() for source in sources)]), encoding="utf-8")
        return [scenario]

    def add_cache(self, program, mode, sources):
        if mode == "off":
            program.command += ["--no-cache"]
            return
        cache = self.place / "cache" / mode / sources[0].raster.stem
        program.command += ["--cache-dir", cache]
        if mode == "cold":
            program.before = lambda: shutil.rmtree(cache, ignore_errors=True)
            return
        for source in sources if self.knows_index else []:
            if not succeeds([self.civex, "index", source.typed(), "--cache-dir", cache]):
                self.fault(f"`civex index {source.typed()}` failed")
        # A run as well: it may want more than `index` makes.
        succeeds(program.command)
        if not cache.is_dir() or not any(cache.rglob("*")):
            self.fault(f"{program.name}: no sidecar was made for {cache.name}")

    def index(self, raster):
        """Making a sidecar and nothing else."""
        cache = self.place / "cache" / "index"
        command = [self.civex, "index", Source(raster).typed(), "--cache-dir", cache]
        return Program("`civex index`", command, before=lambda: shutil.rmtree(cache, ignore_errors=True))

    def script(self, name, *more):
        return [self.python, BESIDE / name, *more]

    def merely(self):
        """The program of merely.rs; None where it cannot be built."""
        try:
            lines = said([
                "cargo", "bench", "--locked", "--bench", "merely", "--no-run", "--message-format=json", "--quiet",
            ]).splitlines()
        except OSError:
            lines = []
        built = [json.loads(line) for line in lines if line.startswith("{")]
        paths = [one["executable"] for one in built if one.get("executable") and one["target"]["name"] == "merely"]
        if not paths:
            say("  merely.rs could not be built; the other ways are timed")
        return paths[-1] if paths else None

    def run(self, programs, repeat=None, most=None):
        rows = measure.in_turns(programs, min(repeat or self.repeat, most or repeat or self.repeat), say)
        for row in rows:
            if row["fault"]:
                row["fault"] = below_root(row["fault"])
                self.fault(f"{row['size']} {row['program']}: {row['fault']}".strip())
        return rows

    # Answers

    def beside(self, our, peer, *columns, equal=True, unit="people"):
        """A sentence on how far two programs' answers are apart; where they must be equal, a fault if they are not."""
        about = f"{our.name} and {peer.name}"
        if not (our.out.exists() and peer.out.exists()):
            return f"{about}: no answers to compare."
        found = json.loads(said([self.python, BESIDE / "answers.py", our.out, peer.out, *columns]) or "{}")
        fault = below_root(found.get("fault", "")) if found else "the answers cannot be read"
        if fault:
            self.fault(f"{about}: {fault}")
            return f"{about}: {fault}."
        if equal and found["over"]:
            self.fault(f"{our.size} {about}: {found['over']} of {found['numbers']} numbers differ".strip())
        digits = ",.3f" if unit == "people" else ",.0f"
        agree = f"{found['numbers'] - found['over']:,} of {found['numbers']:,} numbers agree within 0.001 or 1e-6"
        apart = f", the farthest apart by {found['worst']:.2g} ({found['worst_key']})" if found["worst"] else ""
        return f"{about}: {found['ours']:{digits}} and {found['theirs']:{digits}} {unit} in all; {agree}{apart}."

    def same_bytes(self, programs, any_size=False):
        """Whether all that civex wrote of the same files is the same to the byte."""
        seen = {}
        for program in programs:
            if program.out.exists():
                seen.setdefault("" if any_size else program.size, []).append(digest(program.out))
        if all(len(digests) < 2 for digests in seen.values()):
            return []
        if all(len(set(digests)) == 1 for digests in seen.values()):
            return ["All that civex wrote for the same files is the same to the byte."]
        self.fault("civex wrote other bytes for the same files")
        return ["civex wrote other bytes for the same files."]

    def fault(self, text):
        self.faults.append(text)

    def result(self, title, about, rows, notes):
        return {
            "title": title, "about": about, "rows": rows, "notes": notes, "machine": report.machine(),
            "date": report.today(), "commit": report.commit(ROOT),
        }


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


def said(command):
    """What a command says; nothing if it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout if done.returncode == 0 else ""


def succeeds(command):
    command = [str(part) for part in command]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def below_root(text):
    """Without the paths of this machine."""
    return text.replace(f"{ROOT}{os.sep}", "")


def named(grid, *more):
    """A part of a file's name that tells its size and its options."""
    return "-".join([f"{grid[0]}x{grid[1]}", *(str(part).strip("-") for part in more)])


def size(grid):
    return ["--cols", grid[0], "--rows", grid[1]]


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    main()
