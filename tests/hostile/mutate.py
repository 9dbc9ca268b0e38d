"""Runs civex on mutated inputs of every kind, and reports each run that does what no run may.

    python3 tests/hostile/mutate.py target/release/civex --runs 10000
    python3 tests/hostile/mutate.py target/release/civex --only 4711      one run again: its folder is kept

Every run has its own generator, seeded by --seed and its number, and its own folder, in which it finds
all sound inputs (inputs.py), one of them mutated (mutations.py). README.md says what is a finding.
"""

import argparse
import hashlib
import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

sys.dont_write_bytecode = True

import inputs
from mutations import Mutator


class Kind(NamedTuple):
    """A kind of input: what it is to civex, the files of which one is mutated, the one that is named, its options."""
    name: str
    role: str
    files: str
    path: str
    options: dict
    language: str = ""


KINDS = [
    Kind("GeoJSON", "areas", "areas.geojson", "areas.geojson", {}, "json"),
    Kind("GeoJSONL", "areas", "areas.geojsonl", "areas.geojsonl", {}, "json"),
    Kind("KML", "areas", "areas.kml", "areas.kml", {}, "xml"),
    Kind("KMZ", "areas", "areas.kmz", "areas.kmz", {}, "zip"),
    Kind("zip", "areas", "areas.zip", "/vsizip/areas.zip/areas.shp", {}, "zip"),
    Kind("Shapefile", "areas", "areas.shp areas.shx areas.dbf areas.prj areas.cpg", "areas.shp", {}),
    Kind("GeoPackage", "areas", "areas.gpkg", "areas.gpkg", {"layer": "areas"}, "sql"),
    Kind("FlatGeobuf", "areas", "areas.fgb", "areas.fgb", {}),
    Kind("OGR VRT", "areas", "areas.vrt", "areas.vrt", {}, "xml"),
    Kind("GeoTIFF", "population", "pop.tif tiled.tif", "", {}, "tiff"),
    Kind("ASCII grid", "population", "pop.asc pop.prj", "pop.asc", {}, "grid"),
    Kind("raster VRT", "population", "pop.vrt", "pop.vrt", {}, "xml"),
    Kind("CSV", "sites", "sites.csv", "sites.csv", {"class_field": "kind"}, "csv"),
    Kind("TSV", "sites", "sites.tsv", "sites.tsv", {"class_field": "kind"}, "csv"),
    Kind("sites GeoJSON", "sites", "sites.geojson", "sites.geojson", {"class_field": "kind"}, "json"),
    Kind("OSM PBF", "sites", "sites.osm.pbf", "sites.osm.pbf", {"classify": "osm"}, "pbf"),
    Kind("OSM XML", "sites", "sites.osm", "sites.osm", {"layer": "points", "classify": "osm"}, "xml"),
    Kind("rules", "sites", "rules.toml", "sites.osm.pbf", {"rules": "rules.toml"}, "toml"),
    Kind("answers", "answers", "answers.csv", "answers.csv", {}, "csv"),
    Kind("links", "links", "links.csv", "links.csv", {}, "csv"),
    Kind("scenario", "scenario", "plan.toml", "plan.toml", {}, "toml"),
    Kind("JSON scenario", "scenario", "plan.json", "plan.json", {}, "json"),
    Kind("scheme", "scheme", "scheme.toml", "scheme.toml", {}, "toml"),
    Kind("assessment", "assessment", "result.geojson", "result.geojson", {}, "json"),
    Kind("GeoPackage assessment", "assessment", "result.gpkg", "result.gpkg", {}, "sql"),
    Kind("index beside", "index", "tiled.tif.civexpop", "tiled.tif", {}),
    Kind("index in the cache", "index", "cache/*", "pop.tif", {}),
    Kind("manifest", "manifest", "results/runs.jsonl", "plan.toml", {}, "json"),
]

# What is run by role: {x} is the input with its options, {path} without, {people}, {sites} and {out} what goes with it.
NAMED = ["assess named.toml {out}", "check named.toml", "compare named.toml --draws 50 {table}", "batch named.toml --out-dir made {with}"]
COMMANDS = {
    "areas": ["assess --areas {x} {people} {sites} {out}", "assess --areas {x},buffer_m=200,rings_m=[500] {people} {out}", "check --areas {x} {people}", "inspect {x}", "inspect {path} --json",
              "sites {x},class=school {register}", "new made --areas {x} --population pop.tif", "compare --areas {x} {people} --draws 50 {table}", *NAMED],
    "population": ["assess --areas areas.geojson --population {x},nodata_means=zero {out}", "check --areas areas.geojson --population {x}", "inspect {x}", "inspect {x},measure=density --json", "index {x}",
                   "index {x} --beside", "index {x} --verify", "new made --areas areas.geojson --population {x}", "index named.toml", *NAMED],
    "sites": ["assess --areas areas.geojson {people} --sites {x} {out}", "check --areas areas.geojson {people} --sites {x}", "inspect {path}", "sites {x} {register}", "sites {x} --answers answers.csv --register",
              "new made --areas areas.geojson --population pop.tif --sites {path}", "sites named.toml {register}", *NAMED],
    "answers": ["sites sites.csv,class_field=kind --answers {x} {register}", "assess plan.toml --answers {x} {out}", "check plan.toml --answers {x}", "inspect {path}", *NAMED],
    "links": ["assess plan.toml --links {x} {out}", "check plan.toml --links {x}", "inspect {path}", *NAMED],
    "scenario": ["assess {path} {out}", "check {path}", "inspect {path}", "compare {path} --draws 50 {table}", "sites {path} {register}", "index {path}", "batch {path} --out-dir made {with}"],
    "scheme": ["scheme {path}", "scheme {path} --diff", "assess plan.toml --scheme {path} {out}", "check plan.toml --scheme {path}", *NAMED],
    "assessment": ["explain {path} A-1", "explain {path} A/1-move/A-1 --blocks", "report {path} -o made.html", "compare {path} --draws 50 {table}", "compare {path} result.geojson {table}",
                   "compare result.geojson {path} {table}", "report {path} -o made.html --inputs results", "assess --areas {path} {people} {out}", "inspect {path}", "sites {path},class=school {register}"],
    "index": ["index --list --cache-dir cache", "index --verify --cache-dir cache", "index {path} --list --cache-dir cache", "index {path} --verify --cache-dir cache", "index {path} --remove --cache-dir cache",
              "index {path} --cache-dir cache", "assess --areas areas.geojson --population {path},nodata_means=zero {out} --cache-dir cache", "compare plan.toml --population {path},nodata_means=zero --draws 50 --cache-dir cache"],
    "manifest": ["batch plan.toml --out-dir results --resume {with}", "batch plan.toml --out-dir results", "batch plan.toml named.toml --out-dir results --resume"],
}
FILLED = {
    "people": ["--population pop.tif,nodata_means=zero"], "sites": ["", "--sites sites.csv,class_field=kind"],
    "with": ["", "--with sites,gaps,options", "--format gpkg", "--format csv"], "table": ["", "", "-o made.md", "-o made.json -o made.csv", "--format json"], "register": ["", "--register", "-o made.geojson"],
    "out": ["", "-o -", "-o made.geojson --with sites,gaps,options --style", "-o made.geojsonl", "-o made.gpkg --with sites,gaps", "-o made.fgb", "-o made.csv --with gaps --hxl", "-o made.kml", "--strict -o made.geojson"],
}
LINES = {"areas": "[areas]\n", "population": "[[population]]\nnodata_means = \"zero\"\n", "sites": "[[sites]]\n", "answers": "[[answers]]\n", "links": "[[links]]\n", "scheme": "[scheme]\n"}
USUAL = {"areas": ("areas.geojson", {}), "population": ("pop.tif", {}), "sites": ("sites.csv", {"class_field": "kind"})}

# The files that a run may write, below its folder; and those of the user's beside them, which it may not replace.
OUTPUT = re.compile(r"made\.(geojson|geojsonl|gpkg|fgb|csv|kml|md|txt|json|html|qml|sld|civex\.json|gaps\.csv|(sites|gaps|options)\.(geojson|qml|sld))"
                    r"|made(/scenario\.toml)?|(made|results)/(runs\.(jsonl|lock)|(plan|named)\.(geojson|gpkg|csv|gaps\.csv|civex\.json|(sites|gaps|options)\.geojson))"
                    r"|cache(/[\w-]+\.\w+)?|home/\.cache(/civex(/[\w-]+\.\w+)?)?|home|[\w.]+\.civexpop")
USERS = ["results/plan.gaps.csv", "results/plan.sites.geojson"]
ASK_FIRST = ("assess", "batch", "compare", "sites", "report")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Listener:
    """A port of this machine that nobody may ask."""

    def __enter__(self):
        self.asked = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def serve(self):
        while True:
            connection, _ = self.server.accept()
            with connection:
                connection.settimeout(0.5)
                try:
                    said = connection.recv(200)
                except OSError:
                    said = b""
            if said == b"end":
                return
            self.asked.append(said.decode("latin-1").split("\r")[0])

    def __exit__(self, *_):
        # Whoever asked before is served before this.
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"end")
        self.thread.join()
        self.server.close()


class Ended(NamedTuple):
    """How a run ended."""
    number: int
    kind: str
    command: str
    status: int
    seconds: float
    memory: int
    findings: list


def listing(folder):
    """Everything below a folder, with digests."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        found[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else "folder" if path.is_dir() else "special"
    return found


def named_plan(kind):
    """A scenario that names the input where it belongs, and the usual ones elsewhere."""
    told = {role: (kind.path, kind.options) if role == kind.role else USUAL.get(role) for role in LINES}
    return "\n".join(LINES[role] + "".join(f"{key} = {json.dumps(value)}\n" for key, value in {"path": of[0], **of[1]}.items()) for role, of in told.items() if of)


def prepare(rng, kind, port, work):
    """Mutates one file of a kind in its folder, and gives a command that takes it."""
    file = rng.choice(sorted(path for name in kind.files.split() for path in work.glob(name)))
    name = str(file.relative_to(work))
    language = "wkt" if name.endswith(".prj") else kind.language
    kind = kind._replace(path=kind.path or name)
    file.write_bytes(Mutator(rng, port, work).mutate(file.read_bytes(), language))
    (work / "named.toml").write_text(named_plan(kind))
    filled = {key: rng.choice(choices) for key, choices in FILLED.items()}
    options = "".join(f",{key}={value}" for key, value in kind.options.items())
    line = rng.choice(COMMANDS[kind.role]).format(x=kind.path + options, path=kind.path, **filled)
    users = list(USERS)
    verb = line.split()[0]
    if rng.random() < 0.06 and verb in ASK_FIRST:
        # What the user has there already, which nobody was asked to replace: a file of another program, or an input.
        taken = re.findall(r"-o (made\.\S+)", line) or (["made/named.geojson", "made/plan.geojson"] if " --out-dir made" in line else [])
        if rng.random() < 0.3 and " -o made" in line:
            users += ["areas.geojson", "areas.kml", "sites.csv"]
            line = re.sub(r"-o made\.\S+", "-o " + rng.choice(users[-3:]), line)
        for path in taken:
            (work / path).parent.mkdir(exist_ok=True)
            (work / path).write_text('{"type": "FeatureCollection", "features": []}\n')
        users += taken
    if verb in ("assess", "batch", "compare", "explain", "report", "index") and "--cache-dir" not in line:
        line += rng.choice([" --no-cache", " --cache-dir cache", ""])
    if verb != "scheme":
        line += " --memory {memory}"
    return line + rng.choice(["", "", "", " --quiet", " --verbose", " --log-format json"]), users


def resident(pid):
    """The memory a process has and the most it had, in bytes, where the system tells."""
    try:
        told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return tuple(int(told[key].split()[0]) << 10 for key in ("VmRSS", "VmHWM"))
    except (OSError, KeyError):
        return 0, 0


def watch(process, limits):
    """Waits for a process, ends it where it passes a limit; gives its status, seconds and most memory."""
    begun, wait, most = time.monotonic(), 0.001, 0
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.monotonic() - begun
        if ended:
            break
        now, peak = resident(process.pid)
        most = max(most, peak)
        if seconds > limits.seconds or now > 2 * limits.bytes:
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(wait)
        wait = min(wait * 1.5, 0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    # What this script had when it made the process is counted as the process's own.
    unit = 1 if sys.platform == "darwin" else 1024
    if usage.ru_maxrss > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
        most = usage.ru_maxrss * unit
    return process.returncode, seconds, most


def judge(before, after, users, ended, limits, texts, asked):
    """All that a run did and no run may do."""
    status, seconds, memory = ended
    out, err, line = texts
    found = []
    if seconds > limits.seconds:
        found.append(f"takes over {limits.seconds:g} s")
    elif memory > 2 * limits.bytes:
        found.append("takes over twice --memory")
    elif status not in (0, 1, 2):
        found.append(f"ends with status {status}")
    if re.search(r"panicked|stack backtrace|RUST_BACKTRACE|AddressSanitizer", err):
        found.append("panics")
    if status == 2 and not err.strip():
        found.append("status 2 without a message")
    if CONTROLS.search(err) and "--log-format json" not in line or CONTROLS.search(out) and "-o -" not in line and "json" not in line:
        found.append("control characters reach the terminal")
    if asked:
        found.append(f"asks the network: {asked[0]}")
    for name in sorted(before.keys() | after.keys()):
        then, now = before.get(name), after.get(name)
        inside = name.removeprefix("work/")
        if then == now:
            continue
        if inside not in users and OUTPUT.fullmatch(inside) and (now or ".civexpop" in inside or inside.startswith(("made/", "results/"))):
            continue
        deed = "writes" if not then else "changes" if now else "removes"
        shown = re.sub(r"\.civex-[\w-]+", ".civex-part-", inside)
        found.append(f"{deed} {shown}" + (" of the user's" if inside in users else ""))
    return found


def run(number, limits):
    """One run: prepares its folder, runs the program, looks at what it did; keeps the folder if there is a finding."""
    rng, kind = random.Random(f"{limits.seed}/{number}"), KINDS[number % len(KINDS)]
    scratch = limits.folder / f"run-{number}"
    shutil.rmtree(scratch, ignore_errors=True)
    work = scratch / "work"
    shutil.copytree(limits.pool, work)
    (scratch / "home").mkdir()
    (scratch / "tmp").mkdir()
    os.mkfifo(work / "pipe")
    with Listener() as listener:
        line, users = prepare(rng, kind, listener.port, work)
        line = line.format(memory=limits.memory)
        before = listing(scratch)
        with (scratch / "out.txt").open("wb") as out, (scratch / "err.txt").open("wb") as err:
            process = subprocess.Popen([limits.program, *shlex.split(line)], cwd=work, env=environment(scratch), stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
            status, seconds, memory = watch(process, limits)
    out, err = ((scratch / name).open(encoding="utf-8", errors="replace", newline="").read(4 << 20) for name in ("out.txt", "err.txt"))
    after = {name: of for name, of in listing(scratch).items() if name not in ("out.txt", "err.txt")}
    found = judge(before, after, users, (status, seconds, memory), limits, (out, err, line), listener.asked)
    if found or number in limits.only:
        told = "".join(f"# {one}\n" for one in found)
        (scratch / "command.txt").write_text(f"{told}# run {number}, seed {limits.seed}, {kind.name}; status {status}, {seconds:.1f} s, {memory >> 20} MB\ncivex {line}\n")
    else:
        shutil.rmtree(scratch)
    return Ended(number, kind.name, line.split()[0], status, seconds, memory, found)


def environment(scratch):
    """A user of its own, and nothing that keeps a library from the network but the program itself."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "GDAL_DATA", "PROJ_DATA", "PROJ_LIB", "LANG") if name in os.environ}
    return {**kept, "HOME": str(scratch / "home"), "TMPDIR": str(scratch / "tmp"), "NO_PROXY": "*", "RUST_BACKTRACE": "1"}


def tell(ended, limits):
    """Prints the table and the findings, the same ones together."""
    rows = defaultdict(list)
    for one in ended:
        rows[one.command, one.kind].append(one)
    print(f"{'command':9} {'kind':22} {'runs':>5}  {'slowest':>8} {'memory':>7}  statuses")
    for (command, kind), of in [*sorted(rows.items()), (("all", ""), ended)]:
        counts = " ".join(f"{status}:{count}" for status, count in sorted(Counter(one.status for one in of).items()))
        print(f"{command:9} {kind:22} {len(of):5}  {max(one.seconds for one in of):6.2f} s {max(one.memory for one in of) >> 20:4} MB  {counts}")
    alike = defaultdict(list)
    for one in ended:
        for finding in one.findings:
            alike[finding, one.command, one.kind].append(one.number)
    for (finding, command, kind), numbers in sorted(alike.items()):
        print(f"FOUND {finding}: {command}, {kind}: {len(numbers)} runs, such as {' '.join(map(str, numbers[:3]))}")
    failed = sum(bool(one.findings) for one in ended)
    print(f"{len(ended)} runs, seed {limits.seed}: {failed} with findings" + (f", kept in {limits.folder}" if failed else ""))
    return failed


def size(text):
    number, unit = re.fullmatch(r"(\d+)([KMG]?)", text).groups()
    return int(number) << {"": 0, "K": 10, "M": 20, "G": 30}[unit]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("program", type=lambda path: str(Path(path).resolve()))
    options.add_argument("--runs", type=int, default=10_000)
    options.add_argument("--seed", default="1")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--seconds", type=float, default=20, help="no run may take longer")
    options.add_argument("--memory", default="500M", help="given to civex; no run may take twice as much")
    options.add_argument("--folder", type=Path, default=Path("target/hostile"), help="where runs with findings are kept")
    options.add_argument("--only", type=int, nargs="+", default=[], help="numbers of runs; their folders are kept")
    limits = options.parse_args()
    limits.bytes, limits.folder = size(limits.memory), limits.folder.resolve()
    limits.folder.mkdir(parents=True, exist_ok=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 30, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    with tempfile.TemporaryDirectory() as home:
        limits.pool = Path(home, "pool")
        limits.pool.mkdir()
        Path(home, "tmp").mkdir()
        inputs.make(limits.pool, limits.program, environment(Path(home)))
        with ThreadPoolExecutor(limits.jobs) as pool:
            ended = list(pool.map(lambda number: run(number, limits), limits.only or range(limits.runs)))
    return 1 if tell(ended, limits) else 0


if __name__ == "__main__":
    sys.exit(main())
