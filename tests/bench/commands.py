"""Whole commands as processes of their own: starts, storing, memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.measuring import Line, median_of

COMMAND = """
import sys
from sim.cli import main
from tests.bench.commands import peak_memory
status = main()
print(peak_memory())
sys.exit(status)
"""
"""A command that ends by printing its own peak memory."""


def peak_memory() -> float:
    """Return the most memory that this process held, in MB; what the system counts for a child includes its parent."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))
    assert found is not None
    return int(found[1]) / 1024


def command(*overrides: str, cache: str | None = None) -> tuple[float, float]:
    """Run `steppe run` as a process; return its CPU seconds and its peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, **({"STEPPE_CACHE_DIR": cache} if cache else {})}
        arguments = [sys.executable, "-c", COMMAND, "run", f"results_dir={folder}", *overrides]
        process = subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(arguments[3:])} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, float(printed.split()[-1])


def command_lines() -> list[Line]:
    """Warm and cold starts, storing, and memory, of whole commands."""
    single = ["scenario=baseline", "runs=1"]
    warm = median_of(lambda: command(*single, "report=false")[0], 3)
    reported = median_of(lambda: command(*single)[0], 3)
    with tempfile.TemporaryDirectory() as cache:
        cold = command(*single, "report=false", cache=cache)[0]
    scalars = ["scenario=baseline", "report=false", "trajectories=[]"]
    lines = [
        Line("warm start, one run, no report", warm, "CPU s", "< 3"),
        Line("warm start, one run, with report", reported, "CPU s", "< 8"),
        Line("cold start, one run, no report", cold, "CPU s", "< 45"),
    ]
    for runs in (100, 1000, 10000):
        cpu, memory = command(*scalars, f"runs={runs}")
        lines.append(Line(f"peak memory, {runs} runs of scalars", memory, "MB", "< 500"))
    lines.append(Line("10000 runs, whole command", 10000 / cpu, "runs per CPU-second", ""))
    return lines
