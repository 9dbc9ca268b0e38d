"""Looks at a folder of files of others: runs `civex inspect` and `check` on every file of a folder, and compares with GDAL.

    python tests/hostile/corpus.py CIVEX FOLDER -o report.jsonl

Writes a line of JSON for each file, and a summary by kind of finding: crashes (a panic, a signal, a
status above 2), runs of more than 20 s, counts of features, geometry types, systems and sizes of
rasters that ogrinfo and gdalinfo tell otherwise. Differences are for a person to judge.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

COMPANIONS = {".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".xml", ".dat", ".map", ".id", ".ind", ".mid", ".xsd", ".gfs", ".hdr", ".aux", ".ovr",
              ".png", ".txt", ".qml", ".sld", ".py", ".md", ".html", ".tfw", ".wld", ".log", ".gdbtable", ".gdbtablx", ".gdbindexes", ".freelist", ".atx", ".spx"}
RASTERS = {".tif", ".tiff", ".vrt", ".asc", ".nc", ".img", ".bil", ".flt", ".grd", ".xyz", ".sdat", ".rst"}
LIMIT = 20


def run(command, limit=LIMIT):
    try:
        ran = subprocess.run(command, capture_output=True, timeout=limit, stdin=subprocess.DEVNULL, env={**os.environ, "RUST_BACKTRACE": "0"})
        return ran.returncode, ran.stdout.decode("utf-8", "replace"), ran.stderr.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        return None, "", ""


def vector_truth(path):
    code, out, _ = run(["ogrinfo", "-ro", "-so", "-al", str(path)])
    layers = []
    for block in re.split(r"\nLayer name: ", out)[1:]:
        find = lambda pattern: (re.search(pattern, block) or [None, None])[1]
        layers.append({"name": block.splitlines()[0], "features": find(r"Feature Count: (\d+)"), "geometry": find(r"\nGeometry: (.*)"),
                       "extent": find(r"\nExtent: (.*)"), "epsg": (re.findall(r'ID\["EPSG",(\d+)\]\]\n', block) or [None])[-1]})
    return layers if code == 0 else None


def raster_truth(path):
    code, out, _ = run(["gdalinfo", "-json", str(path)])
    if code != 0:
        return None
    try:
        found = json.loads(out)
    except ValueError:
        return None
    return {"size": found.get("size"), "bands": len(found.get("bands", [])), "type": [band.get("type") for band in found.get("bands", [])][:1], "nodata": [str(band.get("noDataValue")) for band in found.get("bands", [])][:1], "driver": found.get("driverShortName")}


def crashed(code, err):
    if code is None:
        return "slow"
    return "crash" if code < 0 or code > 2 or "panicked at" in err else None


def number(text):
    return float(text.replace(",", ""))


def against_layer(said, layer):
    """What inspect says of a layer otherwise than ogrinfo."""
    line = lambda head: (re.search(rf"^  {head} +(.*)$", said, re.M) or [None, ""])[1]
    findings = []
    count = re.match(r"[\d,]+", line("features"))
    if layer["features"] and (not count or number(count[0]) != int(layer["features"])):
        findings.append(f"features {line('features')!r}, ogrinfo {layer['features']}")
    system = re.search(r"EPSG:(\d+)", line("reference system"))
    if layer["epsg"] and (not system or system[1] != layer["epsg"]):
        findings.append(f"system {line('reference system')!r}, ogrinfo EPSG:{layer['epsg']}")
    extent = re.match(r"(\S+) … (\S+) E, (\S+) … (\S+) N", line("extent"))
    true = [float(x) for x in re.findall(r"-?[\d.]+(?:e[-+]?\d+)?", layer["extent"] or "")]
    if extent and len(true) == 4 and layer["epsg"] == "4326":
        found = [number(x) for x in extent.groups()]
        if any(abs(a - b) > 2e-3 for a, b in zip(found, (true[0], true[2], true[1], true[3]))):
            findings.append(f"extent {line('extent')!r}, ogrinfo {layer['extent']}")
    return findings


def against_raster(said, raster):
    line = lambda head: (re.search(rf"^  {head} +(.*)$", said, re.M) or [None, ""])[1]
    findings = []
    columns, rows = raster["size"]
    if not line("size").startswith(f"{columns:,} columns × {rows:,} rows"):
        findings.append(f"size {line('size')!r}, gdalinfo {columns} x {rows}")
    if raster["type"] and raster["type"][0] not in line("samples"):
        findings.append(f"samples {line('samples')!r}, gdalinfo {raster['type'][0]}")
    return findings


def look(civex, path, areas, population):
    is_raster = path.suffix.lower() in RASTERS
    entry = {"file": str(path), "findings": [], "runs": {}}
    layers = None if is_raster else vector_truth(path)
    raster = raster_truth(path) if is_raster else None
    entry["ogrinfo"], entry["gdalinfo"] = layers, raster
    names = [layer["name"] for layer in layers or []]
    options = [""] if len(names) < 2 else [f",layer={name}" for name in names[:3]]
    commands = {f"inspect{option}": [civex, "inspect", f"{path}{option}"] for option in options}
    if is_raster:
        commands["population"] = [civex, "check", "--areas", areas, "--population", str(path)]
    else:
        commands["areas"] = [civex, "check", "--areas", f"{path}{options[0]}", "--population", population]
        commands["sites"] = [civex, "check", "--areas", areas, "--population", population, "--sites", f"{path}{options[0]},classify=osm"]
    for name, command in commands.items():
        code, out, err = run(command)
        entry["runs"][name] = {"code": code, "out": out, "err": err}
        if crashed(code, err):
            entry["findings"].append(f"{crashed(code, err)} in {name.split(',')[0]}")
    opened = bool(layers) or bool(raster)
    for option in options:
        found = entry["runs"][f"inspect{option}"]
        if found["code"] is None:
            continue
        if opened and found["code"] == 2:
            entry["findings"].append("GDAL opens it, inspect does not: " + found["err"].strip().splitlines()[0].replace(str(path), "FILE")[:200] if found["err"].strip() else "GDAL opens it, inspect fails silently")
        elif not opened and found["code"] == 0:
            entry["findings"].append("inspect opens it, GDAL does not")
        elif raster:
            entry["findings"] += against_raster(found["out"], raster)
        elif layers:
            layer = next((layer for layer in layers if option == f",layer={layer['name']}"), layers[0])
            entry["findings"] += against_layer(found["out"], layer)
    return entry


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("civex")
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="civex-corpus-"))
    areas, population = str(home / "areas.geojson"), str(home / "pop.tif")
    Path(areas).write_text(json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "A"}, "geometry": {"type": "Polygon", "coordinates": [[[20, 49], [21, 49], [21, 50], [20, 50], [20, 49]]]}}]}))
    subprocess.run(["gdal_create", "-q", "-of", "GTiff", "-outsize", "360", "180", "-bands", "1", "-burn", "10", "-a_srs", "EPSG:4326", "-a_ullr", "-180", "90", "180", "-90", "-ot", "Float32", population], check=True)
    files = sorted(p for p in args.folder.rglob("*") if p.is_dir() and p.suffix.lower() == ".gdb" or p.is_file() and p.suffix.lower() not in COMPANIONS and not any(q.suffix.lower() == ".gdb" for q in p.parents))
    # In any order, so that a run that is broken off has seen some of everything.
    random.Random(1).shuffle(files)
    kinds = collections.Counter()
    with args.output.open("w", encoding="utf-8") as out, concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for entry in pool.map(lambda path: look(args.civex, path, areas, population), files):
            out.write(json.dumps(entry, ensure_ascii=False) + "\n")
            out.flush()
            kinds.update(re.sub(r"'.*'|\".*?\"|[\d,]+", "…", finding) for finding in entry["findings"])
    print(f"{len(files)} files")
    for kind, count in kinds.most_common():
        print(f"{count:6} {kind}")
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
