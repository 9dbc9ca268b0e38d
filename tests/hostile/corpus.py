"""Runs `civex inspect` and `check` on every file of a folder, and compares with GDAL.

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


def look(civex, path, areas, population):
    entry = {"file": str(path), "findings": []}
    runs = {"inspect": [civex, "inspect", str(path)]}
    if path.suffix.lower() in RASTERS:
        runs["population"] = [civex, "check", "--areas", areas, "--population", str(path)]
    else:
        runs["areas"] = [civex, "check", "--areas", str(path), "--population", population]
        runs["sites"] = [civex, "check", "--areas", areas, "--population", population, "--sites", f"{path},classify=osm"]
    for name, command in runs.items():
        code, out, err = run(command)
        entry[name] = {"code": code, "out": out, "err": err}
        if crashed(code, err):
            entry["findings"].append(f"{crashed(code, err)} in {name}")
    said = entry["inspect"]["out"]
    layers, raster = vector_truth(path), raster_truth(path) if path.suffix.lower() in RASTERS else None
    entry["ogrinfo"], entry["gdalinfo"] = layers, raster
    opened = bool(layers) or bool(raster)
    if opened and entry["inspect"]["code"] == 2:
        entry["findings"].append("GDAL opens it, inspect does not")
    if not opened and entry["inspect"]["code"] == 0:
        entry["findings"].append("inspect opens it, GDAL does not")
    if layers and entry["inspect"]["code"] != 2 and not raster:
        for layer in layers:
            count = layer["features"]
            if count and not re.search(rf"(?<!\d){int(count):,}(?!\d)", said):
                entry["findings"].append(f"no word of {int(count):,} features of layer {layer['name']!r}")
    if raster and entry["inspect"]["code"] == 0:
        columns, rows = raster["size"]
        if not re.search(rf"{columns:,} ?[×x] ?{rows:,}", said):
            entry["findings"].append(f"no word of {columns:,} x {rows:,} cells")
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
    kinds = collections.Counter()
    with args.output.open("w", encoding="utf-8") as out, concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for entry in pool.map(lambda path: look(args.civex, path, areas, population), files):
            out.write(json.dumps(entry, ensure_ascii=False) + "\n")
            out.flush()
            kinds.update(re.sub(r"[\d,]+|'.*'", "…", finding) for finding in entry["findings"])
    print(f"{len(files)} files")
    for kind, count in kinds.most_common():
        print(f"{count:6} {kind}")
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
