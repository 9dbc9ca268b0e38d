"""Keeps results as JSON lines, and shows them as the tables of benches/README.md."""

import datetime
import json
import os
import platform
import subprocess
from pathlib import Path

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


def keep(path, found):
    """One line a workload; of several the last one counts."""
    with open(path, "a", encoding="utf-8") as out:
        out.write(json.dumps(found, ensure_ascii=False) + "\n")


def last(path, order):
    """What was found last of each workload, in the order of the names."""
    found = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            found[one["workload"]] = one
    return [found[name] for name in order if name in found]


def render(results):
    """All tables. What most of them share of machine and commit stands once, above."""
    shared = results[-1]["machine"]
    blocks = [f"Machine: {shared}."]
    for one in results:
        own = "" if one["machine"] == shared else f" Machine: {one['machine']}."
        head = [f"### {one['title']}", "", "```sh", one["command"], "```", ""]
        about = [*one["about"], f"Measured on {one['date']}, commit {one['commit']}.{own}", ""]
        blocks.append("\n".join([*head, *about, *table(one["rows"]), "", *[f"- {note}" for note in one["notes"]]]).rstrip())
    return "\n\n".join(blocks)


COLUMNS = [
    # Heading, field, how it is shown
    ("time (s)", "min_s", lambda value: f"{value:.3g}" if value < 10 else f"{value:,.1f}"),
    ("median (s)", "median_s", lambda value: f"{value:.3g}" if value < 10 else f"{value:,.1f}"),
    ("of runs", "runs", str),
    ("speed, best peer = 1", "speed", lambda value: f"{value:.1f}" if value < 100 else f"{value:.0f}"),
    ("an area (µs)", "area_us", lambda value: f"{value:,.0f}"),
    ("processor time (s)", "cpu_s", lambda value: f"{value:.3g}" if value < 10 else f"{value:,.1f}"),
    ("peak memory (MB)", "peak_bytes", lambda value: f"{value / 1e6:,.0f}"),
]


def table(rows):
    """Columns that no row fills are left out."""
    sized = any(row["size"] for row in rows)
    columns = [column for column in COLUMNS if any(column[1] in row for row in rows)]
    heads = (["size"] if sized else []) + ["program"] + [head for head, _, _ in columns]
    lines = [line(heads), line((["---"] if sized else []) + ["---"] + ["---:"] * len(columns))]
    for row in rows:
        cells = [show(row[name]) if name in row else "–" for _, name, show in columns]
        program = f"{row['program']} ({row['fault']})" if row["fault"] else row["program"]
        lines.append(line(([row["size"]] if sized else []) + [program, *cells]))
    return lines


def line(cells):
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def write(readme, text):
    """Puts the tables between the two marks; all else stays as it is."""
    whole = readme.read_text(encoding="utf-8")
    before, rest = whole.split(BEGIN)
    _, after = rest.split(END)
    readme.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def machine():
    """Cores, processor, memory, system and GDAL; nothing that names this one machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    parts = [f"{os.cpu_count()} cores", processor(), f"{memory / 2**30:.0f} GiB", system(), f"GDAL {gdal()}"]
    return ", ".join(part for part in parts if part)


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return first_line(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.machine()


def system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def gdal():
    return first_line(["gdal-config", "--version"]) or first_line(["pkg-config", "--modversion", "gdal"]) or "unknown"


def commit(root):
    short = first_line(["git", "-C", str(root), "rev-parse", "--short", "HEAD"]) or "unknown"
    changed = first_line(["git", "-C", str(root), "status", "--porcelain", "--", "src", "Cargo.toml", "Cargo.lock"])
    return f"{short} and changes" if changed else short


def today():
    return datetime.date.today().isoformat()


def first_line(command):
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.splitlines()[0].strip() if said.strip() else ""
