"""Runs civex on mutated inputs of every kind, and reports each run that does what no run may.

    python3 tests/hostile/mutate.py target/release/civex --runs 10000
    python3 tests/hostile/mutate.py target/release/civex --only 4711      one run again: its folder is kept

Every run has its own generator, seeded by --seed and its number, and its own folder, in which it finds
all sound inputs (inputs.py), one of them mutated (dictionaries.py). README.md says what is a finding.
"""

import argparse
import contextlib
import functools
import hashlib
import io
import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
import zlib
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

sys.dont_write_bytecode = True

import inputs
from dictionaries import DOCUMENTS, ELEMENTS, NUMBERS, OPENINGS, PATHS, STATEMENTS, TEXTS


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
BOMB = 700 << 20
LARGEST = 8 << 20
# Extreme numbers, as files hold them.
WORDS = [struct.pack(order + form, value) for order in "<>" for form, bits in (("B", 8), ("H", 16), ("I", 32), ("Q", 64))
         for value in (0, 1, 2 ** bits - 1, 2 ** (bits - 1), 2 ** (bits - 1) - 1)]
WORDS += [struct.pack(order + "d", value) for order in "<>" for value in (float("nan"), float("inf"), 1e300, 1e-300, -0.0, -1.0)]


@functools.cache
def bomb(head, tail):
    """Many spaces between two texts, deflated, with their checksum: some 700 kB."""
    packer, sum_of, spaces = zlib.compressobj(1, zlib.DEFLATED, -15), zlib.crc32(head), b" " * (1 << 20)
    made = packer.compress(head)
    for _ in range(BOMB >> 20):
        made, sum_of = made + packer.compress(spaces), zlib.crc32(spaces, sum_of)
    return made + packer.compress(tail) + packer.flush(), zlib.crc32(tail, sum_of), len(head) + BOMB + len(tail)


def zip_of(members, bombs=()):
    """An archive of members; of `bombs` the packed bytes, checksum and size are given."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in dict(members).items():
            archive.writestr(name.replace("\0", "") or "a", content)
    made, count = target.getvalue(), len(members)
    folder = made.rindex(b"PK\5\6")
    body, entries = made[:struct.unpack("<I", made[folder + 16:folder + 20])[0]], made[struct.unpack("<I", made[folder + 16:folder + 20])[0]:folder]
    for name, (packed, checksum, size) in bombs:
        told = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, checksum, len(packed), size, len(name), 0)
        entries += b"PK\1\2\x14\0" + told + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body, count = body + b"PK\3\4" + told + name.encode() + packed, count + 1
    return body + entries + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(entries), len(body), 0)


class Mutator:
    """Mutations of one run."""

    def __init__(self, rng, port, folder):
        self.rng, self.port, self.folder = rng, port, folder

    def of(self, texts):
        """One of some texts, as bytes."""
        return self.rng.choice(texts).replace("@PORT", f"{self.port:05}").encode("utf-8", "surrogatepass")

    def value(self):
        return self.of(self.rng.choice([NUMBERS, PATHS, PATHS, TEXTS]))

    def at(self, data):
        """A place in some bytes; the first ones, which tell what follows, are the likelier."""
        return self.rng.randrange(min(len(data), self.rng.choice([64, 256, len(data) + 1])) + 1)

    def stretch(self, data):
        start = self.at(data)
        return start, min(len(data), start + self.rng.choice([1, 2, 4, 16, 100, 5000]))

    def bytes_once(self, data):
        """A mutation of bytes, whatever they mean."""
        rng, (start, end) = self.rng, self.stretch(data)
        word = rng.choice(WORDS)
        flipped = bytearray(data)
        for _ in range(rng.choice([1, 1, 2, 8])):
            if flipped:
                flipped[min(self.at(data), len(data) - 1)] ^= 1 << rng.randrange(8)
        return rng.choice([
            lambda: bytes(flipped), lambda: bytes(flipped), lambda: data[:start], lambda: data[:start] + data[end:],
            lambda: data[:start] + rng.randbytes(end - start) + data[end:], lambda: data[:start] + bytes([rng.choice([0, 255, 127])]) * (end - start) + data[end:],
            lambda: data[:start] + word + data[start + len(word):], lambda: data[:start] + word + data[start + len(word):], lambda: data[:start] + word + data[start:],
            lambda: data[:start] + data[start:end] * rng.choice([2, 3, 300]) + data[end:], lambda: data[:start] + self.another()[self.at(data):], lambda: data[:start] + self.value() + data[start:],
        ])()

    def another(self):
        """The content of another input."""
        return self.rng.choice(sorted(path for path in self.folder.iterdir() if path.is_file())).read_bytes()

    def text_once(self, data, language):
        """A mutation of text: a number, a value, an element, a line, nesting."""
        rng, replaced = self.rng, {"json": rb'"([^"]*)"', "xml": rb'[>"]([^<>"]+)[<"]', "toml": rb'"([^"]*)"|= ([^"\n]+)', "csv": rb"[^,\t\n]+", "grid": rb"\S+", "wkt": rb'"([^"]*)"'}[language]
        choice = rng.choice(["number", "number", "value", "value", "element", "element", "line", "nest", "repeat", "bytes"])
        spans = [match.span(match.lastindex or 0) for match in re.finditer(rb"-?\d[\d.eE+-]*" if choice == "number" else replaced, data)]
        if choice in ("number", "value") and spans:
            (start, end), new = rng.choice(spans), self.of(NUMBERS) if choice == "number" else self.value()
            return data[:start] + (json.dumps(new.decode("utf-8", "replace"))[1:-1].encode() if language in ("json", "toml") and choice == "value" and rng.random() < 0.7 else new) + data[end:]
        borders = [match.end() for match in re.finditer({"json": rb"[\[,{:]", "xml": rb">", "toml": rb"\n", "csv": rb"[,\t\n]"}.get(language, rb"\s"), data)] or [0]
        start, end = rng.choice(borders), rng.choice(borders)
        if choice == "element":
            return data[:start] + self.of(ELEMENTS[language]) + data[start:]
        if choice == "line":
            line = data[min(start, end):max(start, end)]
            return data[:start] + line * min(rng.choice([0, 2, 50]), 1 + LARGEST // (len(line) + 1)) + data[end:]
        if choice == "nest":
            return data[:start] + self.of(OPENINGS[language]) * rng.choice([50, 200, 20_000]) + data[start:]
        if choice == "repeat":
            return data[:start] + self.of(ELEMENTS[language] + TEXTS) * rng.choice([10, 1000]) + data[start:]
        return self.bytes_once(data)

    def zip_once(self, data):
        """Another archive: members mutated, renamed, or much larger than they look."""
        rng = self.rng
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if sum(member.file_size for member in archive.infolist()) > LARGEST:
                    return self.bytes_once(data)
                members = [(name, archive.read(name)) for name in archive.namelist()]
        except (zipfile.BadZipFile, ValueError, zlib.error, NotImplementedError, OSError, EOFError, RuntimeError):
            return self.bytes_once(data)
        number = rng.randrange(len(members)) if members else 0
        name, content = members[number] if members else ("doc.kml", b"")
        choice = rng.choice(["content", "content", "document", "name", "more", "many", "bomb", "bytes"])
        if choice == "content":
            members[number:number + 1] = [(name, self.text_once(content, "xml") if name.endswith("kml") else self.bytes_once(content))]
        elif choice == "document":
            members[number:number + 1] = [(name, self.of(DOCUMENTS))]
        elif choice == "name":
            members[number:number + 1] = [(rng.choice(["../stray.kml", "/etc/x.kml", "a" * 3000 + ".kml", "doc.vrt", "areas.vrt", name.upper(), "\u202edoc.kml"]), content)]
        elif choice == "more":
            members.insert(0, (rng.choice(["doc.kml", "a.vrt", "areas.qix", "areas.cpg", "areas.prj", "x/"]), self.value()))
        elif choice == "many":
            members += [(f"a{count}.kml", b"<kml/>") for count in range(rng.choice([100, 3000]))]
        elif choice == "bomb":
            return zip_of([] if name.endswith("kml") else members[:-1], [(name, bomb(b"<kml><Document><name>", b"</name></Document></kml>"))])
        return self.bytes_once(data) if choice == "bytes" else zip_of(members)

    def pbf_once(self, data):
        """Another extract: content mutated below its compression, or sizes that lie."""
        rng, content = self.rng, inputs.pbf_content()
        huge = 31 << 20
        return rng.choice([
            lambda: inputs.pbf(self.bytes_once(content)), lambda: inputs.pbf(self.bytes_once(self.bytes_once(content))), lambda: inputs.pbf(self.bytes_once(content)), lambda: self.bytes_once(data),
            lambda: inputs.pbf(content, declared=rng.choice([0, 1, 1 << 25, 1 << 31, 1 << 62, (1 << 64) - 1])), lambda: inputs.pbf(content, declared=rng.choice([100, 1 << 24]), packed=zlib.compress(bytes(huge), 1)),
            lambda: data + inputs.pbf_block(b"OSMData", inputs.field(1, b"\x0a\0" * (huge // 2))) * rng.choice([1, 4, 60]),
            lambda: data + inputs.pbf_block(b"OSMData", inputs.field(1, inputs.field(1, b"")) + inputs.field(2, inputs.field(3, inputs.field(1, 1) + inputs.field(8, b"\2" * (huge - 99))))) * rng.choice([1, 4, 60]),
            lambda: data + inputs.pbf_block(b"OSMData", inputs.field(1, b"") + inputs.field(2, inputs.field(2, inputs.field(1, b"\2" * (huge // 3)) + inputs.field(8, b"\0" * (huge // 3)) + inputs.field(9, b"\0" * (huge // 3))))),
        ])()

    def tiff_once(self, data):
        """Another raster: extreme places, cells, tags; or its bytes."""
        rng = self.rng
        number = lambda: rng.choice([0.0, -1.0, 1e300, 1e-300, float("nan"), float("inf"), 360.0, -0.01, 1e-9, 90.0, 1e18])
        cells = [10.0] * 100
        cells[rng.randrange(100)] = rng.choice([3e38, -1.0, -1e-30, 1e-40, float("nan"), float("inf"), -99999.0])
        size = lambda: (4, [rng.choice([0, 1, 11, 5000, 2_000_000, 2 ** 31 - 1, 2 ** 32 - 1])])
        short = lambda: (3, [rng.choice([0, 1, 2, 3, 5, 7, 8, 16, 64, 65535])])
        told = lambda: (2, rng.choice([b"nan\0", b"-1\0", b"1e300\0", b"10\0", self.value() + b"\0"]))
        tags = {256: size, 257: size, 258: short, 259: short, 262: short, 277: short, 278: size, 322: size, 323: size, 339: short, 42113: told, 273: size, 279: size, 34735: lambda: (3, [rng.randrange(5000) for _ in range(16)]),
                34264: lambda: (12, [number() for _ in range(16)]), 33922: lambda: (12, [number() for _ in range(6)]), 42112: lambda: (2, b'<GDALMetadata><Item name="SCALE" sample="0" role="scale">' + self.of(NUMBERS) + b"</Item></GDALMetadata>\0")}
        lies = {tag: tags[tag]() for tag in rng.sample(sorted(tags), rng.choice([0, 1, 1, 2, 3]))}
        return rng.choice([
            lambda: self.bytes_once(data), lambda: inputs.tiff(tile=rng.choice([0, 16]), packed=rng.random() < 0.5, tags=lies), lambda: inputs.tiff(packed=True, tags=lies),
            lambda: inputs.tiff(cell=number()), lambda: inputs.tiff(west=number(), north=number()), lambda: inputs.tiff(cells=cells), lambda: self.bytes_once(inputs.tiff(tile=16)),
        ])()

    def sql_once(self, data):
        """A GeoPackage on which statements were run."""
        if self.rng.random() < 0.4:
            return self.bytes_once(data)
        path = self.folder.parent / "changed.gpkg"
        path.write_bytes(data)
        base = sqlite3.connect(path)
        with contextlib.suppress(sqlite3.Error):  # what is done of it stays
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                base.execute(f'DROP TRIGGER "{name}"')  # they call functions of GDAL
            base.executescript(self.of(STATEMENTS).decode())
        base.close()
        data = path.read_bytes()
        path.unlink()
        return data

    def mutate(self, data, language):
        rng = self.rng
        if rng.random() < (0.25 if language == "xml" else 0.06):
            return self.of(DOCUMENTS)
        if rng.random() < 0.05:
            data, language = self.another(), ""
        special = {"zip": self.zip_once, "pbf": self.pbf_once, "tiff": self.tiff_once, "sql": self.sql_once}.get(language)
        for _ in range(rng.choice([0, 1, 1, 1, 1, 2, 3, 6])):
            data = (special(data) if special else self.text_once(data, language) if language else self.bytes_once(data))[:LARGEST]
        return data


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
