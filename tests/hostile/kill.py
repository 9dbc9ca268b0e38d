#!/usr/bin/env python3
"""Kills civex at random moments, and fails if a part or a half file is left.

    tests/hostile/kill.py PROGRAM DATA [COUNT [SEED]]

DATA is a folder with a scenario.toml (data/iceland). Signals are SIGINT, SIGTERM and SIGKILL in turn; now and then a
second one follows at once. After each kill every file in the folder of results must be whole: GeoJSON and other texts
are parsed, a GeoPackage passes SQLite's own check, and no temporary file is there. At the end every command must run
through on what the kills left. Exit status: 0 sound, 1 something was left.
"""

import collections
import csv
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
WITH = ["--with", "sites,gaps,options", "--quiet"]


def commands(program, data, folder):
    """What is killed: a name, its arguments, and whether it writes into a cache of its own."""
    scenario = os.path.join(data, "scenario.toml")
    cache = ["--cache-dir", os.path.join(folder, "cache")]
    raster = next(name for name in sorted(os.listdir(data)) if name.endswith(".tif"))
    sites = [name for name in sorted(os.listdir(data)) if name.endswith((".osm.pbf", ".gpkg"))]
    plans = os.path.join(folder, "plans.txt")
    with open(plans, "w", encoding="utf-8") as out:
        out.write(scenario + "\n")
    out = lambda name: os.path.join(folder, name)
    assess = [program, "assess", scenario] + WITH + cache
    made = [
        ("assess geojson", assess + ["-o", out("one.geojson"), "--style"]),
        ("assess gpkg", assess + ["-o", out("two.gpkg")]),
        ("assess csv", assess + ["-o", out("three.csv"), "-o", out("three.kml")]),
        ("index", [program, "index", os.path.join(data, raster)] + cache),
        ("batch", [program, "batch", "@" + plans, "--out-dir", out("batch"), "--resume"] + WITH + cache),
    ]
    if sites:
        source = os.path.join(data, sites[0]) + ",classify=osm"
        made.append(("sites", [program, "sites", source, "-o", out("sites.geojson"), "--quiet"]))
    return made


def is_whole(path):
    """Whether a file is what its ending says, to its end."""
    name = os.path.basename(path)
    ending = name.rsplit(".", 1)[-1]
    try:
        if ending in ("geojson", "json"):
            with open(path, encoding="utf-8") as file:
                json.load(file)
        elif ending == "jsonl":
            with open(path, encoding="utf-8") as file:
                lines = file.read().split("\n")
            # The last line of a manifest may be cut: the next run mends that.
            for line in lines[:-1]:
                json.loads(line)
        elif ending == "gpkg":
            file = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
            sound = file.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            rows = file.execute("SELECT count(*) FROM areas").fetchone()[0]
            file.close()
            return sound and rows > 0
        elif ending in ("kml", "qml", "sld"):
            xml.parse(path)
        elif ending == "csv":
            with open(path, encoding="utf-8", newline="") as file:
                rows = list(csv.reader(file))
            return len(rows) > 0 and all(len(row) == len(rows[0]) for row in rows)
        elif ending in ("civexpop", "civexdep"):
            with open(path, "rb") as file:
                head = file.read(24)
            size = int.from_bytes(head[16:24], "little")
            return head[:6] == b"civexp" and size == os.path.getsize(path) or head[:6] == b"civexd"
        elif name not in ("plans.txt", "runs.lock"):
            return False
    except (ValueError, OSError, sqlite3.Error, xml.ParseError):
        return False
    return True


def left(folder):
    """What must not be there."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if name.startswith(".") or ".part" in name or "-journal" in name or "-wal" in name:
                found.append(("part", path))
            elif not is_whole(path):
                found.append(("half", path))
    return found


def main():
    program, data = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    chance = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    folder = tempfile.mkdtemp(prefix="kill-")
    scratch = os.path.join(folder, "tmp")
    results = os.path.join(folder, "results")
    os.mkdir(scratch)
    os.mkdir(results)
    env = dict(os.environ, TMPDIR=scratch, XDG_CACHE_HOME=os.path.join(folder, "home"))
    all_commands = commands(program, data, results)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "env": env}
    took = {}
    for name, args in all_commands:
        begun = time.monotonic()
        ran = subprocess.run(args, check=False, **quiet)
        took[name] = time.monotonic() - begun
        if ran.returncode not in (0, 1):
            sys.exit(f"{name} does not run: {ran.stderr.decode()}")
    faults, ended, killed = [], collections.Counter(), collections.Counter()
    for turn in range(count):
        name, args = all_commands[turn % len(all_commands)]
        if chance.random() < 0.5:
            shutil.rmtree(os.path.join(results, "cache"), ignore_errors=True)
        if chance.random() < 0.5:
            for entry in os.listdir(results):
                if entry not in ("plans.txt", "cache"):
                    path = os.path.join(results, entry)
                    shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        sent = SIGNALS[(turn // len(all_commands)) % 3]
        child = subprocess.Popen(args, **quiet)
        time.sleep(chance.uniform(0, 1.1 * took[name]))
        child.send_signal(sent)
        if sent != signal.SIGKILL and chance.random() < 0.3:
            child.send_signal(chance.choice(SIGNALS[:2]))
        try:
            error = child.communicate(timeout=20)[1].decode()
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            faults.append((name, sent.name, "does not end", ""))
            continue
        code = child.returncode
        ended[code] += 1
        killed[sent.name] += code not in (0, 1)
        # Before the program listens, a signal ends it by itself.
        if code not in (0, 1, 2, 130, 143) and -code not in SIGNALS:
            faults.append((name, sent.name, "status", str(code)))
        if code == 2 and "interrupted" not in error:
            faults.append((name, sent.name, "refused", error.strip()))
        faults.extend((name, sent.name, kind, os.path.relpath(path, folder)) for kind, path in left(results))
        for entry in os.listdir(scratch):
            # A library was at work there: no signal leaves that, but SIGKILL may.
            if sent != signal.SIGKILL:
                faults.append((name, sent.name, "temporary", entry))
            shutil.rmtree(os.path.join(scratch, entry), ignore_errors=True)
    for name, args in all_commands:
        ran = subprocess.run(args, check=False, **quiet)
        if ran.returncode not in (0, 1) or left(results):
            faults.append((name, "", "at the end", ran.stderr.decode().strip()))
    shutil.rmtree(folder, ignore_errors=True)
    for fault in faults:
        print("fault:", *fault)
    signals = ", ".join(f"{number} by {name}" for name, number in sorted(killed.items()))
    print(f"{count} runs, ended by a signal: {signals}; statuses {dict(sorted(ended.items()))}; {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
