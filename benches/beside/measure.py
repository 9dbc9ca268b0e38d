"""Times whole processes, in turns.

Time is from start to end, memory the largest resident size the system reports. That size begins with
what the caller holds when the process is started, so whoever calls this must stay small: no answers
are read here, and nothing but the standard library is imported.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

# A process that takes longer is ended.
LIMIT_S = 3600


@dataclass
class Program:
    """A command to time: what the tables call it, and what it writes."""

    name: str
    command: list
    out: Path | None = None
    # The fastest peer is what `speed` is reckoned by.
    peer: bool = False
    # It runs no more often than this.
    most: int = 10**6
    size: str = ""
    # Areas, to tell the time an area takes.
    areas: int = 0
    env: dict = field(default_factory=dict)
    # Done before each run, not timed.
    before: Callable | None = None


def in_turns(programs, repeat, say):
    """A row of results for each program. A busy moment of the machine meets all of them."""
    runs = {id(program): [] for program in programs}
    faults = {}
    for turn in range(repeat):
        for program in programs:
            if turn < program.most and id(program) not in faults:
                try:
                    runs[id(program)].append(once(program))
                except Failed as fault:
                    faults[id(program)] = str(fault)
                    say(f"  {program.size} {program.name}: {fault}")
    rows = [row(program, runs[id(program)], faults.get(id(program))) for program in programs]
    reckon_speed(programs, rows)
    return rows


def row(program, runs, fault):
    found = {"program": program.name, "size": program.size, "fault": fault}
    if runs and not fault:
        seconds, busy, peak = zip(*runs)
        found |= {
            "runs": len(runs), "min_s": min(seconds), "median_s": statistics.median(seconds),
            "cpu_s": min(busy), "peak_bytes": max(peak), "seconds": [round(each, 4) for each in seconds],
        }
        if program.areas:
            found["area_us"] = min(seconds) / program.areas * 1e6
    return found


def reckon_speed(programs, rows):
    """How many times as fast as the fastest peer of the same size each program is."""
    for size in {program.size for program in programs}:
        same = [(program, row) for program, row in zip(programs, rows) if program.size == size and not row["fault"]]
        peers = [row["min_s"] for program, row in same if program.peer]
        for _, found in same if peers else []:
            found["speed"] = min(peers) / found["min_s"]


class Failed(Exception):
    """A process did not end well."""


def once(program):
    """Seconds, seconds of all its processors, and peak memory in bytes of a whole process."""
    if program.out:
        program.out.unlink(missing_ok=True)
    if program.before:
        program.before()
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in program.command], stdout=subprocess.DEVNULL, stderr=said,
            env=os.environ | {name: str(value) for name, value in program.env.items()},
        )
        watch = threading.Timer(LIMIT_S, process.kill)
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-2:]
            why = f"ended after {LIMIT_S} s" if seconds >= LIMIT_S else f"ended with {process.returncode}"
            raise Failed(": ".join([why, *last]))
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
